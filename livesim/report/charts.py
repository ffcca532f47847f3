"""The chart of a workbook: what a page's first figure shows, beside the numbers of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch
from itertools import cycle, groupby
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from livesim.experiment.comparison import SHOW, Comparison
from livesim.experiment.swept import Sweep
from livesim.explaining.explanation import Explanation
from livesim.learning.backtest import Backtest
from livesim.learning.calibration import QUANTILES, Calibration
from livesim.planning.incubation import Incubation
from livesim.planning.live import LivePlan
from livesim.report.backtest_figures import band
from livesim.report.calibration_tables import factor_called
from livesim.report.changes import base_told, show_name
from livesim.report.drawing import COLOURS, LINE
from livesim.report.explanation_figures import drawn_inputs
from livesim.report.incubation_figures import by_trial
from livesim.report.incubation_tables import first_shows
from livesim.report.language import in_one_line, known, say
from livesim.report.naming import product
from livesim.report.sweep_figures import axis, can_be_drawn, lines
from livesim.report.wording import duration
from livesim.results.answer import Answer

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

#: A line, where on the axis, the figure there, and the ends of its interval.
Row = tuple[str, str | float, float, float, float]

#: What the columns of an interval are called, with how far its ends are from the figure.
_OF_A_MEAN = ("from (95 %)", "to (95 %)", "- (95 %)", "+ (95 %)")
_OF_SHOWS = ("P10", "P90", "P50 - P10", "P90 - P50")
#: Of a chart [pixels], for each of its bars, and of rows that it hides.
_WIDE, _HIGH, _BAR, _ROWS = 760, 360, 18, 20


@dataclass(frozen=True)
class Chart:
    """What a chart shows.

    Parameters
    ----------
    drawn
        As bars that lie, with their intervals; as lines between dashed ones; as dots on a line,
        with their intervals; or as columns, and dashed lines between which they are to be.
    x, y
        What stands along the two axes, with units.
    rows
        Line by line.
    is_share
        Whether figures are shares, to be written in per cent.
    ends
        What the columns of the intervals are called.
    """

    drawn: Literal["bars", "band", "dots", "columns"]
    x: str
    y: str
    rows: Sequence[Row]
    is_share: bool = False
    ends: tuple[str, str, str, str] = _OF_A_MEAN

    @property
    def shares(self) -> frozenset[int]:
        """Places of the columns whose numbers are shares."""
        return frozenset(range(2, 7) if self.is_share else ())

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""
        if self.drawn == "columns":
            ends = say("nine of ten: at least"), say("nine of ten: at most")
            return say("line"), self.x, self.y, *ends
        return say("line"), self.x, self.y, *map(known, self.ends)

    @property
    def cells(self) -> list[tuple[Any, ...]]:
        """Rows as they stand on the sheet, with how far ends are from figures, which bars need."""
        if self.drawn == "columns":
            return [*self.rows]
        return [(*row, row[2] - row[3], row[4] - row[2]) for row in self.rows]

    @property
    def span(self) -> dict[str, float]:
        """Least and greatest of the axis on which figures stand, with all of their intervals."""
        least = min(0.0, *(low for *_, low, _ in self.rows))
        most = max(0.0, *(high for *_, high in self.rows))
        if least == most:
            return {}
        step = 10.0 ** floor(log10(most - least)) / 2
        return {"min": step * floor(least / step), "max": step * ceil(most / step)}

    def lines(self) -> Iterator[tuple[str, int, int]]:
        """Yield the name of each line, and its first and last row, from 1 on."""
        start = 1
        for name, rows in groupby(self.rows, key=lambda row: row[0]):
            end = start + len([*rows]) - 1
            yield name, start, end
            start = end + 1


@singledispatch
def chart(answer: Answer) -> Chart | None:
    """Return the chart of an answer; None where it has none, or other ones."""
    return None


@chart.register
def _of_comparison(found: Comparison) -> Chart | None:
    differences = found.row("profit").differences
    currency = found.scenarios[found.base].show.currency
    y = say("profit above that of {base} [{currency}]", base=base_told(found), currency=currency)
    rows = [
        (say("profit"), show_name(name), one.value, one.low, one.high)
        for name, one in differences.items()
    ]
    return Chart("bars", say("show"), y, rows) if rows else None


@chart.register
def _of_sweep(sweep: Sweep) -> Chart | None:
    if not (sweep.is_grid and can_be_drawn(sweep)):
        return None
    rows = [
        (in_one_line(line.name), *point)
        for line in lines(sweep, "", "profit", SHOW)
        for point in zip(line.x, line.middle, line.low, line.high, strict=True)
    ]
    profit = say("profit [{currency}]", currency=sweep.scenario.show.currency)
    return Chart("band", axis(sweep, next(iter(sweep.over))), profit, rows)


@chart.register
def _of_incubation(found: Incubation) -> Chart:
    net = say(
        "net of the {found}\n[{currency}]",
        found=first_shows(found),
        currency=found.scenario.show.currency,
    )
    rows = [
        (
            f"{shows} × {duration(length)}",
            one.design.tried,
            one.net.value,
            *(one.net.interval() or (one.net.value, one.net.value)),
        )
        for (length, shows), ones in by_trial(found).items()
        for one in ones
    ]
    return Chart("dots", say("candidates tried"), in_one_line(net), rows)


@chart.register
def _of_explanation(found: Explanation) -> Chart:
    inputs = drawn_inputs(found)
    by = {say("alone"): [(name, part) for name, part, _ in inputs]}
    if found.shares.together:
        by[say("with others")] = [(name, part) for name, _, part in inputs]
    rows = [
        (line, name, max(part.value, 0.0), max(part.low, 0.0), max(part.high, 0.0))
        for line, parts in by.items()
        for name, part in parts
    ]
    return Chart("bars", say("input"), say("share of the variance"), rows, is_share=True)


@chart.register
def _of_live(found: LivePlan) -> Chart:
    rows: list[Row] = []
    for name in ("before", "demand"):
        line = say("planned") if name == "before" else say("now")
        ranges = [(product(one.product), getattr(one, name)) for one in found.products]
        rows += [
            (line, called, of.p50 or 0.0, of.p10 or 0.0, of.p90 or 0.0)
            for called, of in ranges
            if of is not None
        ]
    for one in found.products:
        there = one.on_hand + one.sold
        rows.append((say("units put on sale"), product(one.product), there, there, there))
    wanted = say("units wanted in the whole show")
    return Chart("bars", say("product"), wanted, rows, ends=_OF_SHOWS)


@chart.register
def _of_calibration(found: Calibration) -> Chart:
    line, rows = say("what past shows say of the next one"), []
    for name, values in found.next_show.items():
        low, middle, high = map(float, np.quantile(values, QUANTILES, method="inverted_cdf"))
        rows.append((line, factor_called(found, name), middle, low, high))
    of_file = say("of what the file says, P50")
    return Chart("bars", say("factor"), of_file, rows, is_share=True, ends=_OF_SHOWS)


@chart.register
def _of_backtest(found: Backtest) -> Chart | None:
    rows = [
        (known(name), f"{10 * tenth} – {10 * tenth + 10} %", count, *band(len(one.pit)))
        for name, one in found.scored.items()
        if len(one.pit)
        for tenth, count in enumerate(one.tenths())
    ]
    chance = say("chance that was given to at most what came")
    return Chart("columns", chance, say("shows"), rows) if rows else None


def draw(book: Workbook, place: Worksheet, told: Chart) -> None:
    """Draw a chart beside its numbers, which stand on the sheet from its second row on."""
    lines = [_Line(told, place.get_name(), *line) for line in told.lines()]
    groups = [[line] for line in lines] if told.drawn == "columns" else [lines]
    for number, group in enumerate(groups):
        drawn = _DRAWN[told.drawn](book, group)
        of_x: dict[str, Any] = {"name": told.x, "num_format": "#,##0.##", "label_position": "low"}
        of_y: dict[str, Any] = {"name": told.y, "num_format": "0 %" if told.is_share else "#,##0"}
        if told.drawn == "bars":  # whose lines stand from the top down, and whose figures go right
            of_y |= told.span  # what draws it sees to bars, not to how far intervals go
            of_x, of_y = of_y, {**of_x, "reverse": True, "crossing": "max"}
        drawn.set_x_axis(of_x)
        drawn.set_y_axis(of_y)
        high = _BAR * len(told.rows) if told.drawn == "bars" else 0
        drawn.set_size({"width": _WIDE, "height": _HIGH + high})
        place.insert_chart(1 + _ROWS * number, len(told.header) + 1, drawn)


@dataclass(frozen=True)
class _Line:
    """A line of a chart, and where its numbers stand."""

    chart: Chart
    sheet: str
    name: str
    start: int
    end: int

    def series(self, column: int, colour: str, **looks: Any) -> dict[str, Any]:
        """Return a series of one of the columns over the second."""
        return {
            "name": self.name,
            "categories": [self.sheet, self.start, 1, self.end, 1],
            "values": [self.sheet, self.start, column, self.end, column],
            "fill": {"color": colour},
            "line": {"color": colour},
            **looks,
        }

    def errors(self, colour: str) -> dict[str, Any]:
        """Return the intervals of the figures, as bars about them."""
        from xlsxwriter.utility import xl_range_formula

        below, above = (
            "=" + xl_range_formula(self.sheet, self.start, column, self.end, column)
            for column in (5, 6)
        )
        return {
            "type": "custom",
            "minus_values": below,
            "plus_values": above,
            "line": {"color": colour},
        }


def _bars(book: Workbook, lines: Sequence[_Line]) -> Any:
    drawn = book.add_chart({"type": "bar"})
    for line, colour in zip(lines, COLOURS, strict=False):
        drawn.add_series(line.series(2, colour, y_error_bars=line.errors(LINE), gap=60))
    _name_lines(drawn, lines)
    return drawn


def _dots(book: Workbook, lines: Sequence[_Line]) -> Any:
    drawn = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    for number, (line, colour) in enumerate(zip(lines, cycle(COLOURS), strict=False)):
        dash = "solid" if number < len(COLOURS) else "dash"
        marker = {"type": "circle", "fill": {"color": colour}, "border": {"color": colour}}
        drawn.add_series(
            line.series(
                2,
                colour,
                y_error_bars=line.errors(colour),
                marker=marker,
                line={"color": colour, "dash_type": dash},
            )
        )
    _name_lines(drawn, lines)
    return drawn


def _band(book: Workbook, lines: Sequence[_Line]) -> Any:
    drawn = book.add_chart({"type": "scatter", "subtype": "straight"})
    for line, colour in zip(lines, cycle(COLOURS), strict=False):
        thin = {"color": colour, "width": 1, "dash_type": "dash"}
        drawn.add_series(line.series(2, colour, marker={"type": "circle"}))
        for column in (3, 4):
            drawn.add_series(line.series(column, colour, line=thin))
    _name_lines(drawn, lines, 3)
    return drawn


def _columns(book: Workbook, lines: Sequence[_Line]) -> Any:
    (one,) = lines
    drawn, between = book.add_chart({"type": "column"}), book.add_chart({"type": "line"})
    drawn.add_series(one.series(2, COLOURS[0], gap=10))
    dashes = {"color": LINE, "width": 1.25, "dash_type": "dash"}
    for column in (3, 4):
        name = one.chart.header[column]
        between.add_series(one.series(column, LINE, name=name, line=dashes))
    drawn.combine(between)
    drawn.set_title({"name": one.name, "name_font": {"size": 11}})
    drawn.set_legend({"position": "bottom"})
    return drawn


def _name_lines(drawn: Any, lines: Sequence[_Line], each: int = 1) -> None:
    """Name the lines below a chart, of whose series so many are of each; one needs no name."""
    others = [number for number in range(each * len(lines)) if number % each]
    if len(lines) == 1:
        drawn.set_title({"none": True})
    drawn.set_legend(
        {"position": "bottom", "delete_series": others} if len(lines) > 1 else {"none": True}
    )


_DRAWN: Final = {"bars": _bars, "band": _band, "dots": _dots, "columns": _columns}
