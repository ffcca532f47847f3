"""A plan after a campaign: samples are gone, their cost is paid, its outcome is worth knowing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import livesim
from livesim.experiment.runner import Runner
from livesim.experiment.simulating import simulate_block
from livesim.planning.building import build_curves
from livesim.planning.curves import Curves
from livesim.planning.drivers import drivers
from livesim.planning.objectives import MostProfit
from livesim.planning.plan import decide_again
from livesim.planning.saved import load
from livesim.report.labels import label
from livesim.resolve import Resolution, resolve
from livesim.results.answer import write as save
from livesim.scenario.document import parse_document

SHOW = """\
like: drop
title: A quick drop
show: {length: 5min, refresh: 10s, currency: CNY, appeal: 1, turnout_factor: 1}
viewers: 2k
products:
  serum: {price: 100, unit_cost: 30, owned: 80, returns: 10%, forecast: 100,
          variants: {small: {share: 60%}, large: {share: 40%}}}
campaign:
  length: 10d
  word_of_mouth: 0
  tiers:
    koc: {reviewers: 20, sample: {serum: 1}, fee: 5, seen_by: 10%, reaches: {everyone: 50%},
          followers: {lognormal: {median: 2k, sigma: 2}}, starts: 0s,
          posts: 60%, delay: 3d, good: 70%, pull: 3, trust: 3}
"""


@pytest.fixture(scope="module")
def resolution() -> Resolution:
    return resolve(parse_document(SHOW))


@pytest.fixture(scope="module")
def curves(resolution: Resolution) -> Curves:
    return build_curves(resolution.scenario, replications=250, runner=Runner(workers=1))


def test_what_is_owned_is_what_the_samples_leave(curves: Curves) -> None:
    assert [item.owned for item in curves.items] == [36, 24]


def test_profit_is_that_of_the_simulated_show(curves: Curves) -> None:
    block = simulate_block(curves.scenario, curves.seed, 0)
    profit = curves.head(250).profit(curves.owned)
    np.testing.assert_allclose(profit, block.shows["profit"])
    assert (block.shows["campaign_cost"] == 20 * 5 + 20 * 30).all()


def test_a_way_owns_the_samples_too(curves: Curves) -> None:
    plan = decide_again(curves, MostProfit())
    found = livesim.planning.release_plans.release_plans(
        curves, plan.decision, replications=50, runner=Runner(workers=1)
    )
    changed = curves.scenario.with_changes(found[0].changes)
    assert changed.products["serum"].owned == sum(plan.decision.units) + 20


def test_how_the_campaign_went_is_worth_knowing(curves: Curves) -> None:
    found = {driver.path for driver in drivers(curves, MostProfit(), decide_again(curves).decision)}
    assert "campaign.tiers.koc.aware.everyone.good" in found
    assert not {path for path in found if path.endswith((".posted", ".following"))}
    for path in found:
        assert label(path) != path, "everything that may be shown has a name"


def test_a_kept_plan_still_knows_how_it_went(
    curves: Curves, resolution: Resolution, tmp_path: Path
) -> None:
    again, _ = load(save(decide_again(curves, resolution=resolution), tmp_path / "plan"))
    assert set(again.drawn) == set(curves.drawn)
    for path, values in curves.drawn.items():
        np.testing.assert_array_equal(again.drawn[path], values)
