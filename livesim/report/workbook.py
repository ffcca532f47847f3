"""An answer as an Excel workbook: what to order, what is said, every table, and where it is from.

Numbers are numbers and texts are texts, whatever they begin with: nothing in a scenario becomes a
formula.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from livesim.planning.recommendation import Plan
from livesim.report.background import assumed, in_numbers, is_drawn, named, slot_starts
from livesim.report.changes import show_name
from livesim.report.charts import Chart, chart, draw
from livesim.report.headers import IN_PERCENT, columns
from livesim.report.language import heading, in_one_line, known, retold, say
from livesim.report.naming import item as called
from livesim.report.naming import product
from livesim.report.pages import Page, plain
from livesim.report.plan_figures import drawn_items
from livesim.report.rundown import timeline
from livesim.report.wording import columns as width_of
from livesim.report.wording import wrapped
from livesim.results.answer import Answer
from livesim.results.curves import quantiles
from livesim.results.result import Result
from livesim.scenario.writing import write_yaml

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

#: When each workbook was made, so that the same answer has the same bytes.
_NO_DAY: Final = datetime(1980, 1, 1)
#: What a sheet can hold.
_ROWS: Final = 1_048_576
_TEXT: Final = 32_000
#: Widths of columns [characters].
_NARROWEST, _WIDEST = 11, 46
#: Height of a line [points], and a font whose characters are all equally wide.
_LINE: Final = 15
_EVEN: Final = "Courier New"
#: What is less is left of floating-point rounding, of what is 0.
_ROUNDING: Final = 1e-12
#: So many columns go on one page.
_PAGE: Final = 8
#: Of so many products of a run at most the stock has a line.
_CHARTS: Final = 12
#: Of a show so many moments are told, and so many of its viewers.
_MOMENTS: Final = 240
_SHARES: Final = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Sheet:
    """A sheet: columns with a header that stays in sight.

    Parameters
    ----------
    name
        What it is called, in 31 characters.
    header
        Names of the columns.
    rows
        Numbers, texts and None.
    forms
        How Excel is to show the numbers of a column, by its place; of others, as each one is.
    can_be_filtered
        Whether it is a table of many rows.
    """

    name: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    forms: Mapping[int, str] = field(default_factory=dict)
    can_be_filtered: bool = False


def workbook(answer: Answer, page: Page) -> bytes:
    """Return an answer as a workbook.

    Parameters
    ----------
    answer
        The answer.
    page
        All that it says.
    """
    from xlsxwriter import Workbook

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    tables = answer.tables()
    with Workbook(stream, {**options, "strings_to_numbers": False}) as book:
        book.set_properties({"created": _NO_DAY})
        order = [_order_list(answer)] if isinstance(answer, Plan) else []
        told = *order, _said(page), *_tables(answer, tables), *_behind(answer)
        moments = [_over_time(answer)] if isinstance(answer, Result) else []
        drawn = chart(answer)
        charts = [_beside(drawn)] if drawn else []
        sheets = [*told, *moments, *charts, *_shows(answer), _origin(answer)]
        written = {sheet.name: _written(book, sheet) for sheet in sheets}
        if isinstance(answer, Plan):
            _charts(book, written["stock curves"], answer, tables["stock_curves"])
        if drawn is not None:
            draw(book, written["chart"], drawn)
        for sheet in moments:
            _timelines(book, written[sheet.name], sheet)
    return stream.getvalue()


def _order_list(plan: Plan) -> Sheet:
    """Return what to type into a purchase order: one row an item that is bought."""
    currency = plan.currency
    header = (
        *(
            say("item"),
            say("key"),
            say("order [units]"),
            say("number of packs"),
            say("units a pack"),
        ),
        say("a unit [{currency}]", currency=currency),
        say("cost [{currency}]", currency=currency),
        say("then have [units]"),
    )
    rows: list[Sequence[Any]] = []
    for one in plan.items:
        item, bought = one.curve.item, one.purchase
        if bought:
            name, packs = called(item.name), bought // item.pack
            each = one.cost / bought
            rows.append(
                (name, item.name, bought, packs, item.pack, each, one.cost, one.recommended)
            )
    rows.append((say("in all"), *[None] * 5, sum(one.cost for one in plan.items), None))
    return Sheet("order list", header, rows)


def _said(page: Page) -> Sheet:
    title, *lines = plain(page).splitlines()
    return Sheet("answer", (title,), [(line,) for line in lines])


def _tables(answer: Answer, tables: Mapping[str, Any]) -> Iterable[Sheet]:
    for name, table in tables.items():
        if table.columns.empty:
            continue
        told = columns(table.head(_ROWS - 1), answer.origin.scenarios)
        rows = [*zip(*(column.values for column in told), strict=True)]
        forms = {place: column.form for place, column in enumerate(told) if column.form}
        yield Sheet(name.replace("_", " "), tuple(one.name for one in told), rows, forms, True)


def _beside(drawn: Chart) -> Sheet:
    """Return what a chart is drawn from."""
    return Sheet("chart", drawn.header, drawn.cells, dict.fromkeys(drawn.shares, IN_PERCENT))


def _behind(answer: Answer) -> Iterable[Sheet]:
    """Yield when slots start, and what is assumed, where that is known."""
    if (found := slot_starts(answer)) is not None:
        starts = (say("starts {share} [min]", share=share) for share in ("P10", "P50", "P90"))
        rows = [
            (name, *(time and time / 60 for time in times), stage, sells)
            for name, *times, stage, sells in timeline(*found)
        ]
        header = known("slot"), *starts, known("on stage"), known("sells")
        yield Sheet("timeline", header, rows)
    if isinstance(answer, Plan) and (assumptions := assumed(answer)):
        header = known("value"), known("taken"), heading("unit"), "P10", "P90", known("from")
        taken = [(one, *in_numbers(one, answer.currency)) for one in assumptions]
        rows = [
            (named(one), value, unit, low, high, retold(one.why))
            for one, value, unit, low, high in taken
        ]
        yield Sheet("assumptions", header, rows)


def _over_time(result: Result) -> Sheet:
    """Return who watches, and the stock left of what sells most, at moments of the show."""
    outcome, names = result.outcome, [*result.scenario.products]
    times = outcome.timeline["times"]
    step = -(-len(times) // _MOMENTS)
    sales = outcome.products["sales"].mean(axis=0)
    shown = sorted(np.argsort(-sales, kind="stable")[:_CHARTS])
    watching = quantiles(outcome, "concurrent", _SHARES)[:, ::step]
    left = np.array([quantiles(outcome, "on_hand", (0.5,), place)[0, ::step] for place in shown])
    header = (
        say("minutes since the start"),
        *(say("watching, {share}", share=share) for share in ("P10", "P50", "P90")),
        *(say("{name} on hand, P50", name=product(names[place])) for place in shown),
    )
    cells = np.column_stack([times[::step] / 60, *watching, *left])
    return Sheet("over time", header, cells.tolist())


def _shows(answer: Answer) -> Iterable[Sheet]:
    shows = answer.origin.scenarios
    for number, (name, scenario) in enumerate(shows.items(), start=1):
        lines = write_yaml(scenario.to_data()).splitlines()
        title = "scenario" if len(shows) == 1 else f"{heading('scenario')} {number}"
        yield Sheet(title, (show_name(name),), [(line,) for line in lines])


def _origin(answer: Answer) -> Sheet:
    told, called = answer.origin.as_dict(), {"replications": answer.origin.called}
    rows: list[tuple[Any, ...]] = [
        (heading(called.get(key, key)), told[key])
        for key in ("digest", "seed", "replications", "requested", "interrupted")
        if key != "seed" or is_drawn(answer)
    ]
    rows += [
        (say("version of {name}", name=name), version) for name, version in told["versions"].items()
    ]
    rows += [(heading("note"), retold(note)) for note in told["notes"]]
    rows.append((heading("fingerprint"), answer.fingerprint))
    return Sheet("provenance", (heading("what"), heading("value")), rows)


def _written(book: Workbook, sheet: Sheet) -> Worksheet:
    """Write a sheet, and return it."""
    place = book.add_worksheet(_allowed(heading(sheet.name)))
    whole, decimal = (book.add_format({"num_format": form}) for form in ("#,##0", "#,##0.00##"))
    of = {form: book.add_format({"num_format": form}) for form in {*sheet.forms.values()}}
    if len(sheet.header) == 1:  # lines of text, whose columns stand below each other
        bold = book.add_format({"bold": True, "font_name": _EVEN})
        place.set_column(0, 0, 110, book.add_format({"font_name": _EVEN}))
        place.write_string(0, 0, sheet.header[0][:_TEXT], bold)
    else:
        _write_header(place, sheet, book.add_format({"bold": True, "text_wrap": True}))
    for number, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            own = of.get(sheet.forms.get(column, ""))
            _write_cell(place, number, column, value, own or whole, own or decimal)
    _on_paper(place, len(sheet.header))
    place.freeze_panes(1, min(1, len(sheet.header) - 1))
    if sheet.can_be_filtered and len(sheet.rows) > 1:
        place.autofilter(0, 0, len(sheet.rows), len(sheet.header) - 1)
    return place


def _write_header(place: Worksheet, sheet: Sheet, bold: Any) -> None:
    """Write the names of columns, over lines where they are wider than what stands below."""
    lines = 1
    for column, name in enumerate(sheet.header):
        widest = max((_width(row[column]) for row in sheet.rows[:200]), default=0)
        least = max(map(width_of, name.split(" ")))
        width = min(max(widest, least, _NARROWEST), _WIDEST) + 2
        place.set_column(column, column, width)
        place.write_string(0, column, name[:_TEXT], bold)
        lines = max(lines, len(wrapped(name, width - 2)))
    place.set_row(0, _LINE * lines)


def _width(value: Any) -> int:
    return _NARROWEST if isinstance(value, float) else width_of(str(value))


def _on_paper(place: Worksheet, wide: int) -> None:
    """Have it printed so that each of its pages can be read by itself."""
    place.set_landscape()
    place.repeat_rows(0)
    if wide > _PAGE:
        place.repeat_columns(0)
    else:
        place.fit_to_pages(1, 0)


def _to_twelve_digits(number: float) -> float:
    """Return a number without what floating-point rounding has left in it."""
    return 0.0 if abs(number) < _ROUNDING else float(f"{number:.12g}")


def _write_cell(
    place: Worksheet, row: int, column: int, value: Any, whole: Any, decimal: Any
) -> None:
    """Write a cell as what it is; what is not known, or not finite, stays empty or is a text."""
    match value:
        case None:
            return
        case bool():
            place.write_boolean(row, column, value)
        case str():
            place.write_string(row, column, value[:_TEXT])
        case _ if hasattr(value, "__float__"):
            number = _to_twelve_digits(float(value))
            if math.isfinite(number):
                place.write_number(row, column, number, whole if number.is_integer() else decimal)
            elif math.isinf(number):
                place.write_string(row, column, say("never"))
        case _:
            place.write_string(row, column, str(value)[:_TEXT])


def _charts(book: Workbook, place: Worksheet, plan: Plan, table: Any) -> None:
    """Draw what an item earns and the chance to be without stock beside the stock curves."""
    header, drawn = list(table.columns), {item.name for item in drawn_items(plan)}
    units, earns, unavailable = map(header.index, ("units", "earns", "unavailable"))
    start, number = 1, 0
    for item, rows in groupby(table["item"]):
        end = start + len(list(rows)) - 1
        if item not in drawn:
            start = end + 1
            continue
        title = called(str(item))
        chart = book.add_chart({"type": "scatter", "subtype": "straight"})
        for name, column, of_shows in (
            (say("earns"), earns, False),
            (say("unavailable"), unavailable, True),
        ):
            chart.add_series(
                {
                    "name": name,
                    "categories": [place.get_name(), start, units, end, units],
                    "values": [place.get_name(), start, column, end, column],
                    "y2_axis": of_shows,
                }
            )
        chart.set_title({"name": title, "name_font": {"size": 11}})
        chart.set_x_axis({"name": say("units"), "num_format": "#,##0", "label_position": "low"})
        money = say("earns on average, slot fees apart [{currency}]", currency=plan.currency)
        chart.set_y_axis({"name": money, "num_format": "#,##0"})
        gone = say("nothing on hand while on offer [% of shows]")
        chart.set_y2_axis({"name": gone, "num_format": "0 %", "min": 0, "max": 1})
        chart.set_legend({"position": "bottom"})
        place.insert_chart(1 + 16 * (number // 2), len(header) + 1 + 8 * (number % 2), chart)
        start, number = end + 1, number + 1


def _timelines(book: Workbook, place: Worksheet, sheet: Sheet) -> None:
    """Draw the viewers and the stock left beside what there is of them over time."""
    axes = say("watching\n[concurrent viewers]"), say("stock left\n[units on hand]")
    shown = range(1, 1 + len(_SHARES)), range(1 + len(_SHARES), len(sheet.header))
    for number, (name, places) in enumerate(zip(axes, shown, strict=True)):
        chart = book.add_chart({"type": "scatter", "subtype": "straight"})
        for column in places:
            chart.add_series(
                {
                    "name": [place.get_name(), 0, column],
                    "categories": [place.get_name(), 1, 0, len(sheet.rows), 0],
                    "values": [place.get_name(), 1, column, len(sheet.rows), column],
                }
            )
        chart.set_x_axis({"name": sheet.header[0], "num_format": "#,##0", "min": 0})
        chart.set_y_axis({"name": in_one_line(name), "num_format": "#,##0", "min": 0})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 720, "height": 320})
        place.insert_chart(1 + 17 * number, len(sheet.header) + 1, chart)


def _allowed(name: str) -> str:
    """Return a name that a sheet may have."""
    return re.sub(r"[\[\]:*?/\\']", " ", name)[:31]
