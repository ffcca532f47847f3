"""Clicks that a file tells of are asked about where a dashboard's figure was probably misread."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from livesim.cli import main
from livesim.report.language import retold, speaking
from livesim.resolve import resolve_file

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
