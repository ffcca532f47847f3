"""The chart of a workbook: what a page's first figure shows, as a chart of Excel."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import livesim
from livesim.explaining.explanation import Explanation
from livesim.planning.incubation import Incubation
from livesim.report.charts import chart
from livesim.results.answer import Answer

Ask = Callable[[str], Answer]

#: Series of the first chart of each kind, by what they are drawn as.
DRAWN = {
    "comparison": {"barChart": 1},
    "sweep": {"scatterChart": 3},
    "incubation": {"scatterChart": 1},
    "explanation": {"barChart": 1},
    "backtest": {"barChart": 1, "lineChart": 2},
    "live": {"barChart": 2},
    "calibration": {"barChart": 1},
}


@pytest.mark.parametrize("kind", DRAWN)
def test_a_workbook_has_a_chart_of_its_page(ask: Ask, kind: str, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(ask(kind).save(tmp_path / "book.xlsx"))["chart"]
    drawn = {part.tagname: part.ser for one in sheet._charts[:1] for part in one._charts}
    assert {name: len(series) for name, series in drawn.items()} == DRAWN[kind]
    last = sheet.max_row if kind != "backtest" else 11
    for series in (one for ones in drawn.values() for one in ones):
        values: str = (series.val or series.yVal).numRef.f
        found = re.fullmatch(r"(\w+)!\$\w\$(\d+)(?::\$\w\$(\d+))?", values)
        assert found, values
        place, first, end = found.groups()
        assert place == "chart" and 2 <= int(first) <= int(end or first) <= last
    assert all(isinstance(row[2], int | float) for row in rows_of(sheet))


def rows_of(sheet: Any) -> list[tuple[Any, ...]]:
    return [*sheet.iter_rows(min_row=2, values_only=True)]


def test_a_charts_intervals_are_what_the_answer_says(ask: Ask, tmp_path: Path) -> None:
    found = ask("comparison")
    assert isinstance(found, livesim.Comparison)
    sheet = openpyxl.load_workbook(found.save(tmp_path / "book.xlsx"))["chart"]
    (row,) = rows_of(sheet)
    one = found.row("profit").differences["$ other"]
    assert row[1:5] == pytest.approx(("$ other", one.value, one.low, one.high))
    assert row[5:] == pytest.approx((one.value - one.low, one.high - one.value))
    bars = sheet._charts[0].ser[0].errBars
    assert (bars.minus.numRef.f, bars.plus.numRef.f) == ("chart!$F$2", "chart!$G$2")


def test_a_chart_of_an_incubator_has_a_line_for_each_trial(ask: Ask) -> None:
    found = ask("incubation")
    assert isinstance(found, Incubation)
    told = chart(found)
    assert told is not None
    nets = {one.net.value for one in found.designs}
    assert {row[2] for row in told.rows} == nets
    assert told.y.startswith("net of the first")


def test_a_chart_of_shares_has_no_less_than_nothing(ask: Ask) -> None:
    found = ask("explanation")
    assert isinstance(found, Explanation)
    told = chart(found)
    assert told is not None and told.is_share
    assert all(0 <= number <= 1.5 for row in told.rows for number in row[2:])


def test_a_sweep_over_words_has_no_chart() -> None:
    room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    found = livesim.sweep(
        room, {"rundown.serum_1.at_sell_out": ["stay", "next"]}, replications=50, workers=1
    )
    assert chart(found) is None


def test_a_chart_of_a_show_on_the_air_has_what_is_wanted_and_what_is_there(ask: Ask) -> None:
    found = ask("live")
    assert isinstance(found, livesim.LivePlan)
    told = chart(found)
    assert told is not None and told.header[3:] == ("P10", "P90", "P50 - P10", "P90 - P50")
    first = found.products[0]
    wanted, there = (
        {row[0]: row for row in told.rows if row[1] == first.product}[line]
        for line in ("now", "units put on sale")
    )
    assert wanted[2:] == (first.demand.p50, first.demand.p10, first.demand.p90)
    assert there[2:] == (first.on_hand + first.sold,) * 3


@pytest.mark.parametrize("kind", ["live", "calibration", "comparison", "explanation"])
def test_an_axis_of_bars_is_as_long_as_their_intervals(ask: Ask, kind: str, tmp_path: Path) -> None:
    """Left to itself it is as long as the bars, and what may come beyond them is cut off."""
    sheet = openpyxl.load_workbook(ask(kind).save(tmp_path / "book.xlsx"))["chart"]
    scale = sheet._charts[0].y_axis.scaling
    ends = [row[column] for row in rows_of(sheet) for column in (3, 4)]
    assert scale.min <= min(ends) and max(ends) <= scale.max <= 2 * max(*ends, -min(ends))
