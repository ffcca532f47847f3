"""What is told of a campaign, and that nothing is told where there was none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import livesim
from livesim.report.pages import plain
from livesim.report.result_tables import page
from livesim.report.views import figures
from livesim.results import Result, load
from livesim.results.answer import write as save

TIERS = """\
  tiers:
    koc: {reviewers: 20, sample: {serum: 1}, fee: 5, followers: 300, seen_by: 50%, starts: 0s,
          reaches: {fans: 50%, others: 20%}, posts: 60%, delay: 3d, good: 70%, pull: 2, trust: 2}
    kol: {reviewers: 1, sample: {}, fee: 900, followers: 4k, seen_by: 20%, starts: 0s,
          reaches: {fans: 50%}, posts: 100%, delay: 1d, good: 100%, pull: 2, trust: 1}
"""
SHOW = """\
like: drop
title: A quick drop
show: {start: 2026-11-29 20:00, length: 5min, refresh: 10s, currency: CNY}
segments: {fans: {viewers: 500}, others: {viewers: 100}}
products:
  serum: {price: 100, unit_cost: 30, owned: 50, returns: 10%, forecast: 20}
campaign:
  length: 10d
  word_of_mouth: 0.02
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    file = tmp_path_factory.mktemp("campaign") / "show.yaml"
    file.write_text(SHOW + TIERS)
    return livesim.simulate(file, replications=50, workers=1)


def test_the_table_has_a_row_for_each_tier_and_segment(result: Result) -> None:
    table = result.campaign
    assert list(table.columns) == ["replication", "tier", "segment", "aware", "good"]
    assert list(zip(table["tier"], table["segment"], strict=True))[:3] == [
        ("koc", "fans"),
        ("koc", "others"),
        ("kol", "fans"),
    ]
    assert len(table) == 3 * 50
    fans = table[(table["segment"] == "fans") & (table["tier"] == "koc")]
    inputs = result.inputs
    good = inputs["campaign.tiers.koc.aware.fans.good"].to_numpy()
    bad = inputs["campaign.tiers.koc.aware.fans.bad"].to_numpy()
    np.testing.assert_array_equal(fans["good"].to_numpy(), good)
    np.testing.assert_array_equal(fans["aware"].to_numpy(), good + bad)


def test_the_document_adds_the_tiers_up(result: Result) -> None:
    found = result.document()["campaign"]
    assert found["cost"] == 20 * 5 + 20 * 30 + 900
    assert found["samples"] == {"serum": 20}
    by_segment = result.campaign.groupby(["replication", "segment"])[["aware", "good"]].sum()
    means = by_segment.groupby("segment").mean()
    for segment, shares in found["segments"].items():
        for name in ("aware", "good"):
            assert shares[name]["mean"] == pytest.approx(means.loc[segment, name])
    assert found["tiers"]["kol"]["followers"]["p90"] == 4_000
    assert found["tiers"]["koc"]["posts"]["mean"] == pytest.approx(
        result.inputs["campaign.tiers.koc.posted"].mean()
    )
    assert json.loads(json.dumps(result.document(), allow_nan=False)) == result.document()


def test_the_page_says_who_has_heard_and_what_it_cost(result: Result) -> None:
    text = plain(page(result))
    assert "before the show" in text and "posts by koc" in text and "others who have heard" in text
    assert "fees and samples: CNY 1,600" in text
    assert next(t for t in page(result).tables if t.header[0] == "stock").rows[0][1] == "30"


def test_a_result_with_a_campaign_comes_back_as_it_was(result: Result, tmp_path: Path) -> None:
    again = load(save(result, tmp_path / "kept"))
    assert again.fingerprint == result.fingerprint
    assert again.campaign.equals(result.campaign)


def test_the_figure_draws_the_median_of_each_segment_that_was_reached(result: Result) -> None:
    axes = figures(result)["campaign"].axes[0]
    assert [line.get_label() for line in axes.lines] == ["fans", "others"]
    aware = result.campaign.groupby(["segment", "replication"])["aware"].sum()
    for line in axes.lines:
        days, shares = line.get_xdata(), line.get_ydata()
        assert (days[0], days[-1], shares[0]) == (0, 10, 0)
        middle = aware[line.get_label()].quantile(0.5, interpolation="lower")  # that of a show
        assert shares[-1] == pytest.approx(100 * middle)


def test_without_a_campaign_nothing_is_told_of_one(result: Result) -> None:
    without = result.scenario.with_changes({"campaign": None})
    plainly = livesim.simulate(without, replications=50, workers=1)
    assert plainly.campaign.empty
    assert "campaign" not in plainly.document()
    assert "campaign_cost" not in plainly.shows
    assert "before the show" not in plain(page(plainly))
    assert "campaign" not in figures(plainly)
