"""Clicks that a file tells of are asked about where a dashboard's figure was probably misread."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from livesim.cli import main
from livesim.report.language import retold, speaking
from livesim.resolve import resolve_file
from livesim.scenario.document import parse_value

TEXT = """\
like: drop
title: A drop
show: {{start: 2026-11-29 20:00, length: 5min, refresh: 5s, currency: CNY}}
viewers: 500
watch_time: 2min
products:
  serum: {{price: 100, unit_cost: 30, left_over_value: 10, owned: 10, {0}}}
"""


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("ctr: 4%, ctor: 8%", []),
        ("ctr: 45%, ctor: 8%", ["are 45 % clicks per view? TikTok's CTR"]),
        ("ctr: 20%, ctor: 20%, observed: {sold: 30, sold_out: false, viewers: 1_000}", []),
        (
            "ctr: 20%, ctor: 20%, observed: {sold: 5, sold_out: false, viewers: 1_000}",
            ["units of 1,000 viewers, and the show that was observed sold 5:"],
        ),
        ("ctr: 20%, ctor: 20%, observed: {sold: 5, sold_out: true, viewers: 1_000}", []),
        (
            "ctr: 1%, ctor: 10%, observed: {sold: 50, sold_out: true, viewers: 1_000}",
            ["of 1,000 viewers, and the show that was observed sold 50:"],
        ),
        ("forecast: 20", []),
    ],
)
def test_what_is_asked(told: str, asked: list[str]) -> None:
    resolution = resolve_file(TEXT.format(told))
    assert len(resolution.questions) == len(asked)
    for question, text in zip(resolution.questions, asked, strict=True):
        assert text in question and question.startswith("products.serum.ctr: ")
        assert question in resolution.notes


@pytest.mark.parametrize(
    ("conversion", "asked"),
    [("1.2%", False), ("30%", False), ("{p10: 20%, likely: 45%, p90: 70%}", True), ("100 %", True)],
)
def test_a_conversion_that_nobody_has_is_asked_about(conversion: str, asked: bool) -> None:
    """All other ways to tell orders are refused where more would order than can."""
    resolution = resolve_file(TEXT.format(f"conversion: {conversion}"))
    questions = [one for one in resolution.questions if one.startswith("products.serum.conversion")]
    assert len(questions) == asked
    with speaking("zh"):
        assert all("write" not in retold(question) for question in questions)


def test_validate_asks_below_a_file_that_is_fine(tmp_path) -> None:
    path = tmp_path / "drop.yaml"
    path.write_text(TEXT.format("ctr: 45%, ctor: 8%"), encoding="utf-8")
    result = CliRunner().invoke(main, ["validate", str(path)])
    first, _, second = result.stdout.splitlines()
    assert (result.exit_code, first) == (0, f"{path}: fine")
    assert second.startswith("  products.serum.ctr: are 45 % clicks per view?")


ERRORS = (
    "show.appeal",
    "show.turnout_factor",
    "products.serum.appeal",
    "segments.everyone.waiting",
)


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        (("1.046", "2.001", "0.849", "0.00243"), "Nothing is uncertain, as show.appeal is written"),
        (("1", "1", "1", "0.00243"), ""),  # somebody who knows all, or looks at one case
        (("1.046", "1", "1", "0.00243"), ""),
        (("1.046", "2.001", "0.6–0.9", "0.00243"), ""),
    ],
)
def test_a_rounded_row_of_a_result_is_asked_about(values: tuple[str, ...], asked: str) -> None:
    """It leaves nothing uncertain, so that a plan would look far surer than it is."""
    changes = {path: parse_value(value) for path, value in zip(ERRORS, values, strict=True)}
    pinned = {"segments.everyone.arrivals.middle": 0.6, "segments.everyone.arrivals.spread": 0.13}
    show = TEXT.format("orders_per_1000: 20").replace("like: drop", "like: brand_room")
    found = resolve_file(show, changes={**changes, **pinned})
    questions = [one for one in found.questions if one.startswith("Nothing")]
    assert [one[: len(asked)] for one in questions] == ([asked] if asked else [])
    with speaking("zh"):
        assert all("Nothing" not in retold(question) for question in questions)
