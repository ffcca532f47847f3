"""From the cells of a sheet to values, with every mistake in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import time
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from livesim.errors import FORMULA_STARTS, HistoryError, Mistake
from livesim.history.quantities import (
    MONEY,
    Cell,
    Counted,
    Mark,
    Moment,
    Notation,
    Takes,
    amount_of,
    clock_time,
    currency_called,
    date_order,
    decimal_mark,
    duration,
    is_missing,
    is_rounded,
    moment,
    number,
    share,
    shown_mark,
    sign_of,
)
from livesim.history.readers.formats import (
    CURRENCIES,
    MANY_CLICKS,
    PLAIN,
    TOTALS,
    Field,
    Format,
    Kind,
    Match,
    match,
    meant,
    nearest,
)
from livesim.history.readers.sheets import ABOVE, Sheet, sheets_of
from livesim.scenario.quantities import QuantityError

#: Rows in which a heading is looked for.
_HEADING_ROWS: Final = 30
#: What clicks of something that nobody names are called in a sheet of one's own.
_CLICK_RATES: Final = frozenset(("ctr", "click-through rate", "click through rate", "点击率"))


@dataclass(frozen=True)
class After:
    """A time from the start of a show, as it is written: perhaps as a time of day."""

    cell: Cell
    unit: str


@dataclass(frozen=True)
class Entry:
    """A row of an export, read.

    Parameters
    ----------
    sheet, row
        Where it stands.
    format
        What the sheet is.
    notation
        How it writes what could be read in two ways.
    values
        What it says, by column of the tidy table or step on the way.
    means
        Means and shares, each with the field that says of what.
    columns
        Where each value stands, those that cannot be read, too.
    rounded
        Whether some number is written rounded.
    """

    sheet: Sheet
    row: int
    format: Format
    notation: Notation
    values: Mapping[str, Any]
    means: Sequence[tuple[Field, float]]
    columns: Mapping[str, tuple[int, str]]
    rounded: bool = False

    @property
    def line(self) -> int:
        """The row of the file or the sheet, from 1."""
        return self.sheet.lines[self.row]

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"{self.sheet.title}, row {self.line}"

    def mistake(self, to: str, what: str, remedy: str = "") -> Mistake:
        """Return a mistake in the cell that became a column."""
        column, heading = self.columns.get(to, (None, to))
        return self.sheet.mistake(self.row, column, heading, what, remedy)


@dataclass(frozen=True)
class Note:
    """What is said of what was read: of which file or sheet, and what."""

    of: str
    what: str


@dataclass
class Found:
    """What was read: entries, mistakes, and what is said about both."""

    entries: list[Entry] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Take over what was found elsewhere."""
        self.entries += other.entries
        self.mistakes += other.mistakes
        self.notes += other.notes


def read_files(paths: Sequence[Path], notation: Notation, formats: Sequence[Format]) -> Found:
    """Return what files say, with all mistakes in all of them.

    Parameters
    ----------
    paths
        The files.
    notation
        What was asked for; what is None in it is found out by sheet.
    formats
        The formats that they may have.
    """
    found = Found()
    for path in paths:
        try:
            found.add(_read_file(path, notation, formats))
        except HistoryError as error:
            found.mistakes += error.mistakes
    return found


def _read_file(path: Path, notation: Notation, formats: Sequence[Format]) -> Found:
    sheets = sheets_of(path, lambda sheet: _recognised(sheet, formats))
    found = Found()
    unknown = []
    for sheet in sheets:
        heading = _heading(sheet, formats)
        if heading is None:
            unknown.append(sheet)
        else:
            found.add(_read_sheet(sheet, *heading, notation))
    if len(unknown) == len(sheets):
        raise HistoryError([_not_recognised(path, unknown)])
    found.notes += [
        Note(sheet.title, "not read, no table of shows is recognised in it")
        for sheet in unknown
        if sheet.kind == "workbook" and sheet.rows
    ]
    return found


def _heading(sheet: Sheet, formats: Sequence[Format]) -> tuple[int, Match] | None:
    """Return the row of a sheet that has the headings of a format, and that format."""
    paths = sheet.kind == "json"
    rows = enumerate(sheet.rows[: 1 if paths else _HEADING_ROWS])
    matches = [(row, found) for row, cells in rows if (found := match(cells, formats, paths))]
    return max(matches, key=lambda one: len(one[1].columns), default=None)


def _recognised(sheet: Sheet, formats: Sequence[Format]) -> int:
    heading = _heading(sheet, formats)
    return len(heading[1].columns) if heading else 0


def _not_recognised(path: Path, sheets: Sequence[Sheet]) -> Mistake:
    rows = [cells for sheet in sheets for cells in sheet.rows[:_HEADING_ROWS]]
    texts = [
        [str(cell) for cell in cells if isinstance(cell, str) and cell.strip()] for cells in rows
    ]
    headings = max(texts, key=len, default=[])
    shown = ", ".join(headings[:12])
    asked = ", ".join(f"{name} by {one}" for one, name in meant(headings).items())
    return Mistake(
        f"no export of past shows is recognised in it{': it has ' if shown else ''}{shown}",
        remedy=(f"did you mean {asked}? " if asked else "")
        + "a sheet of your own needs at least the headings date and units (or viewers); "
        "livesim import --list shows what is known",
        file=str(path),
    )


# --- a sheet -----------------------------------------------------------------------------------


def _read_sheet(sheet: Sheet, heading: int, found: Match, asked: Notation) -> Found:
    result = Found(notes=[Note(sheet.title, text) for text in _of_format(sheet, heading, found)])
    result.mistakes += _doubled(sheet, heading, found)
    notation = _notation(sheet, heading, found, asked)
    if notation.both and not notation.decimal:
        what = f"decimals are parted in two ways, {notation.both}: each is read as it shows itself"
        result.notes.append(Note(sheet.title, what))
    plan = _plan(found)
    if unseen := _hidden(sheet, heading, plan):
        what = f"hidden in the sheet, and read like all else: {', '.join(unseen)}"
        result.notes.append(Note(sheet.title, what))
    if errors := _errors(sheet, heading, plan):
        what = f"errors of the spreadsheet, read as not known: {', '.join(errors)}"
        result.notes.append(Note(sheet.title, what))
    result.mistakes += _unclear_currencies(sheet, heading, plan)
    skipped = []
    for row in range(heading + 1, len(sheet.rows)):
        cells = sheet.rows[row]
        if all(cell is None or cell == "" for cell in cells):
            continue
        if _is_no_show(cells, sheet.rows[heading], plan):
            skipped.append(sheet.lines[row])
            continue
        if _too_long(sheet, row, heading):
            result.mistakes.append(sheet.mistake(row, None, "", *_TOO_LONG))
            continue
        entry, mistakes = _entry(sheet, row, heading, plan, found.format, notation)
        if mistakes and sum(cell is not None and cell != "" for cell in cells) == 1 < len(plan):
            skipped.append(sheet.lines[row])  # a remark below the table
            continue
        result.mistakes += mistakes
        if entry.values or entry.means:
            result.entries.append(entry)
        elif not mistakes:
            skipped.append(sheet.lines[row])
    if skipped:
        what = "a total, a remark, the headings once more, or nothing that is read"
        result.notes.append(Note(sheet.title, f"left out {rows_in_words(skipped)}: {what}"))
    return result


def _hidden(sheet: Sheet, heading: int, plan: Plan) -> list[str]:
    """Return which rows and columns that are read are not shown to who looks at the sheet."""
    below = {*range(heading + 1, len(sheet.rows))} & sheet.hidden_rows
    rows = [sheet.lines[row] for row in sorted(below) if any(cell for cell in sheet.rows[row])]
    columns = sorted({column for _, column, _ in plan} & sheet.hidden_columns)
    titles = [f"the column {sheet.rows[heading][column]}" for column in columns]
    return [*([rows_in_words(rows)] if rows else []), *titles]


def _errors(sheet: Sheet, heading: int, plan: Plan) -> list[str]:
    """Return what errors of a spreadsheet stand where figures are read, with their rows."""
    rows: dict[str, list[int]] = {}
    for column in sorted({column for one, column, _ in plan if one.kind != "text"}):
        for row in range(heading + 1, len(sheet.rows)):
            cell = _at(sheet.rows[row], column)
            if isinstance(cell, str) and cell.startswith("#") and is_missing(cell):
                rows.setdefault(f"{cell} below {sheet.rows[heading][column]}", []).append(
                    sheet.lines[row]
                )
    return [f"{what} ({rows_in_words(lines)})" for what, lines in rows.items()]


_TOO_LONG: Final = (
    "the row has more cells than there are headings: something in it was cut in two",
    'write a text or a number that holds the delimiter in quotes, as in "1,234"',
)


def _too_long(sheet: Sheet, row: int, heading: int) -> bool:
    extra = sheet.rows[row][len(sheet.rows[heading]) :]
    return sheet.kind == "text" and any(str(cell).strip() for cell in extra)


def _of_format(sheet: Sheet, heading: int, found: Match) -> Iterator[str]:
    """Yield what a reader should know of an export: what it lacks, and what its means are of."""
    yield f"read as {found.format.title}"
    yield from found.format.says
    ways: dict[str, list[str]] = {}
    for one, column, _ in _plan(found):
        if one.per:
            ways.setdefault(one.to, []).append(f"{sheet.rows[heading][column]} times {one.per}")
    for to, several in ways.items():
        yield f"{to} is {', else '.join(several)}, unless it is there itself"
    if sheet.encoding not in ("utf-8", "utf-8-sig"):
        yield f"read in the encoding {sheet.encoding}"
    yield from _unread(sheet, heading, found)


def _unread(sheet: Sheet, heading: int, found: Match) -> Iterator[str]:
    """Yield which columns say nothing to livesim; those asked about are named there."""
    asked_about = _CLICK_RATES if found.format is PLAIN else frozenset()
    unread = {
        column: title
        for column, cell in enumerate(sheet.rows[heading])
        for title in [str(cell).strip()]
        if column not in found.columns and cell is not None and title
        if not title.startswith(ABOVE) and title.lower() not in asked_about
    }
    misspelt = {
        column: name
        for column, title in unread.items()
        if sheet.kind != "json"
        and (name := nearest(title, found, _cells_below(sheet, heading, column)))
    }
    others = [title for column, title in unread.items() if column not in misspelt]
    if others:
        yield f"columns that are not read: {', '.join(others)}"
    for column, name in misspelt.items():
        yield f"the column {unread[column]} is not read: did you mean {name}?"
    if found.format is PLAIN:
        yield from _click_rates(sheet, heading, found)


def _cells_below(sheet: Sheet, heading: int, column: int) -> list[str]:
    """Return what is written in a column."""
    rows = sheet.rows[heading + 1 :]
    return [str(cells[column]) for cells in rows if column < len(cells) and cells[column]]


def _click_rates(sheet: Sheet, heading: int, found: Match) -> Iterator[str]:
    """Ask of what a CTR is that somebody wrote: TikTok's is no clicks per view."""
    for column, cell in enumerate(sheet.rows[heading]):
        title = str(cell).strip()
        if column in found.columns or title.lower() not in _CLICK_RATES:
            continue
        shares = []
        for cells in sheet.rows[heading + 1 :]:
            with suppress(IndexError, QuantityError):
                shares.append(share(cells[column], Notation(decimal_mark([str(cells[column])]))))
        if max(shares, default=0.0) > MANY_CLICKS:
            yield (
                f"the column {title} is not read: it is up to {100 * max(shares):.3g} %, which "
                "clicks per view seldom are: is it TikTok's CTR, clicks per product impression?"
            )
        else:
            yield (
                f"the column {title} is not read, for TikTok's CTR is clicks per product "
                "impression: is it clicks per view, and so to be called LIVE CTR?"
            )


def _doubled(sheet: Sheet, heading: int, found: Match) -> Iterator[Mistake]:
    """Yield a mistake for each figure that two columns claim to be."""
    first: dict[Field, int] = {}
    for column, (fields, _) in found.columns.items():
        for one in fields:
            if one in first and _differ(sheet, heading, first[one], column):
                cells = sheet.rows[heading]
                yield sheet.mistake(
                    heading,
                    column,
                    str(cells[column]),
                    f"this and the column {cells[first[one]]} both say {one.to}, and differ",
                    "take one of them away, or rename it",
                )
            first.setdefault(one, column)


def _unclear_currencies(sheet: Sheet, heading: int, plan: Plan) -> Iterator[Mistake]:
    """Yield a mistake for each amount whose sign may be of several currencies, beside another."""
    if any(one.to == "currency" for one, _, _ in plan):
        return
    for column in sorted({column for one, column, _ in plan if one.kind == "money"}):
        cells = {
            row: cells[column]
            for row, cells in enumerate(sheet.rows[heading + 1 :], heading + 1)
            if column < len(cells) and isinstance(cells[column], str)
        }
        signs = {row: sign for row, cell in cells.items() if (sign := sign_of(str(cell)))}
        for row, sign in signs.items() if len({*signs.values()}) > 1 else ():
            if not currency_called(sign):
                other = next(one for one in signs if signs[one] != sign)
                yield sheet.mistake(
                    row,
                    column,
                    str(sheet.rows[heading][column]),
                    f"{cells[row]} may be of several currencies, and {cells[other]} is of another",
                    "name the currency, as in USD 25, or add a column currency",
                )


def _differ(sheet: Sheet, heading: int, one: int, other: int) -> bool:
    return any(
        row[one] != row[other] for row in sheet.rows[heading + 1 :] if max(one, other) < len(row)
    )


def _notation(sheet: Sheet, heading: int, found: Match, asked: Notation) -> Notation:
    """Return how a sheet writes numbers and dates: as asked, or as its own cells show it."""
    if any(one.kind == "exact" for one in found.format.fields):
        return Notation(".", None, None)
    kinds = {column: {one.kind for one in fields} for column, (fields, _) in found.columns.items()}
    dates = []
    shown: dict[Mark, str] = {}
    for row, cells in enumerate(sheet.rows[heading + 1 :], heading + 1):
        for column, kind in kinds.items():
            cell = cells[column] if column < len(cells) else None
            if isinstance(cell, str) and kind & {"moment"}:
                dates.append(cell)
            elif isinstance(cell, str) and kind - {"text"} and (mark := shown_mark(cell)):
                title = sheet.rows[heading][column]
                shown.setdefault(mark, f"{cell!r} ({title}, row {sheet.lines[row]})")
    zone = asked.zone or (ZoneInfo(found.format.zone) if found.format.zone else None)
    return replace(
        asked,
        decimal=asked.decimal or (next(iter(shown)) if len(shown) == 1 else None),
        dates=asked.dates or date_order(dates),
        zone=zone,
        both=" and ".join(shown.values()) if len(shown) == 2 else "",
    )


Plan = Sequence[tuple[Field, int, str]]


def _plan(found: Match) -> Plan:
    """Return which field is read from which column, the preferred ones first."""
    where = [(one, column, unit) for column, (fs, unit) in found.columns.items() for one in fs]
    order = {one: place for place, one in enumerate(found.format.fields)}
    return sorted(where, key=lambda item: order[item[0]])


def _is_no_show(cells: Sequence[Cell], headings: Sequence[Cell], plan: Plan) -> bool:
    """Say whether a row is a total, or the headings once more.

    What is called a total among the products of a show may be one: its units tell, or a question.
    """
    there = {one.to: column for one, column, _ in plan if "" != _at(cells, column) is not None}
    named = there.get("product") if there.keys() & {"show", "start", "date"} else None
    told = [cell for column, cell in enumerate(cells) if column != named]
    texts = (cell.strip().lower() for cell in told if isinstance(cell, str) and cell.strip())
    return any(text in TOTALS for text in islice(texts, 3)) or list(cells) == list(headings)


def _at(cells: Sequence[Cell], column: int) -> Cell:
    return cells[column] if column < len(cells) else None


def _entry(
    sheet: Sheet, row: int, heading: int, plan: Plan, form: Format, notation: Notation
) -> tuple[Entry, list[Mistake]]:
    cells = sheet.rows[row]
    values: dict[str, Any] = {}
    means: list[tuple[Field, float]] = []
    columns: dict[str, tuple[int, str]] = {}
    currencies: list[str] = []
    mistakes = []
    rounded = False
    for one, column, unit in plan:
        cell = _at(cells, column)
        if one.to in values and not one.per:
            continue
        title = str(sheet.rows[heading][column])
        try:
            _check_is_here(sheet, row, column, one)
            _check_is_its_own(sheet, row, column, one, plan)
            if cell == "" or (one.kind not in ("verbatim", "exact") and is_missing(cell)):
                continue
            columns[one.to] = (column, title)
            value = _READ[one.kind](cell, one, unit or one.unit, notation)
        except QuantityError as error:
            mistake = sheet.mistake(row, column, title, error.what, error.remedy)
            if mistake not in mistakes:  # a column may tell of several
                mistakes.append(mistake)
            continue
        rounded = rounded or _may_be_rounded(one, cell)
        if one.kind == "money":
            value, currency = value
            currencies.append(currency)
        if one.per:
            means.append((one, value))
        else:
            values[one.to] = value
    currency = next((one for one in [*currencies, form.currency] if one), "")
    if currency and currencies:
        values.setdefault("currency", currency)
    entry = Entry(sheet, row, form, notation, values, means, columns, rounded)
    return entry, mistakes


def _may_be_rounded(one: Field, cell: Cell) -> bool:
    """Say whether a number is written rounded, or was before livesim wrote it."""
    return one.kind == "exact" or (one.kind in ("count", "money", "number") and is_rounded(cell))


def _check_is_here(sheet: Sheet, row: int, column: int, one: Field) -> None:
    """Refuse a formula that was never calculated, and one number for several rows."""
    if (row, column) in sheet.broken:
        raise QuantityError(
            "the file holds the formula, but not its result", "open it with Excel and save it"
        )
    if (row, column) in sheet.merged and one.to in _OF_PRODUCT:
        raise QuantityError(
            "one number for several rows (merged cells)", "write into each row what is its own"
        )


def _check_is_its_own(sheet: Sheet, row: int, column: int, one: Field, plan: Plan) -> None:
    """Refuse one number for several shows: each has its own, or it is of all of them."""
    if (row, column) not in sheet.merged or one.to not in _OF_SHOW:
        return
    cells, above = sheet.rows[row], sheet.rows[row - 1]
    names = {where for field, where, _ in plan if field.to in ("show", "date", "start")}
    if _at(above, column) == _at(cells, column) and any(
        _at(above, where) != _at(cells, where) for where in names
    ):
        raise QuantityError(
            "one number for several shows (merged cells)", "write into each row what is its own"
        )


_OF_SHOW: Final = frozenset(("viewers", "views", "peak", "concurrent", "watch_time", "length"))
_OF_PRODUCT: Final = frozenset(
    ("units", "orders", "stock", "refunded", "forecast", "revenue", "placed", "clicks")
)


# --- a cell ------------------------------------------------------------------------------------


def _text(cell: Cell, one: Field, unit: str, notation: Notation) -> str:
    digits = str(int(cell)) if isinstance(cell, int | float) else ""
    past_15 = len(digits) > 15 and (isinstance(cell, float) or not digits[15:].strip("0"))
    if past_15 or re.fullmatch(r"\d[.,]\d+E\+1\d", str(cell)):
        raise QuantityError(
            f"{cell} is a number that the spreadsheet has rounded to 15 digits",
            "export it again with this column as text",
        )
    if isinstance(cell, float) and cell == int(cell):
        return digits
    text = " ".join(str(cell).split())
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text


def _verbatim(cell: Cell, one: Field, unit: str, notation: Notation) -> str:
    text = str(cell)
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text


def _exact(cell: Cell, one: Field, unit: str, notation: Notation) -> float:
    try:
        return amount_of(float(cell) if isinstance(cell, str) else cell)
    except ValueError as error:
        if isinstance(error, QuantityError):
            raise
        raise QuantityError(f"{cell!r} is not a number", "write digits and a point") from None


#: What fields count, whose words may stand behind their numbers.
_COUNTS: Final[Mapping[str, Counted]] = {
    **dict.fromkeys(("units", "stock", "refunded", "forecast"), "units"),
    **dict.fromkeys(("refunded_before", "refunded_after"), "units"),
    **dict.fromkeys(("orders", "placed"), "orders"),
    **dict.fromkeys(("viewers", "peak", "concurrent", "came", "left", "watch_time"), "people"),
    **dict.fromkeys(("views", "clicks"), "times"),
}


#: Units that are foretold may have decimals, and nobody writes three of them.
_THREE_DIGITS: Final = re.compile(r"[.,]\d{3}(?!\d)")


def _number(cell: Cell, one: Field, unit: str, notation: Notation) -> float:
    counted: Counted | Literal[""] = _COUNTS.get(one.to, "")
    takes = Takes(counted, whole=counted == "units" and bool(_THREE_DIGITS.search(str(cell))))
    value = number(cell, notation, takes)[0] if isinstance(cell, str) else amount_of(cell)
    return value * one.scale


def _count(cell: Cell, one: Field, unit: str, notation: Notation) -> float:
    takes = Takes(_COUNTS.get(one.to, ""), whole=True)
    value = number(cell, notation, takes)[0] if isinstance(cell, str) else amount_of(cell)
    if value != int(value):
        raise QuantityError(f"{cell} is not a whole number", "write how many")
    return value


def _money(cell: Cell, one: Field, unit: str, notation: Notation) -> tuple[float, str]:
    value, sign = number(cell, notation, MONEY) if isinstance(cell, str) else (amount_of(cell), "")
    named = {"rmb": "CNY", "元": "CNY"}.get(unit, unit.upper()) if unit in CURRENCIES else ""
    return value, sign or named


def _share(cell: Cell, one: Field, unit: str, notation: Notation) -> float:
    return share(cell, notation)


def _duration(cell: Cell, one: Field, unit: str, notation: Notation) -> float:
    return duration(cell, notation, unit)


def _clock(cell: Cell, one: Field, unit: str, notation: Notation) -> float:
    if isinstance(cell, time):
        return cell.hour * 3600.0 + cell.minute * 60 + cell.second
    if isinstance(cell, float) and 0 <= cell < 1:  # a part of a day, as Excel keeps it
        return round(cell * 86_400.0)
    return clock_time(str(cell))


def _moment(cell: Cell, one: Field, unit: str, notation: Notation) -> Moment | float:
    """Read a moment, or the time of day alone where the date stands in another column."""
    alone = isinstance(cell, time) or _CLOCK_ALONE.fullmatch(str(cell).strip()) is not None
    if alone and one.to in ("start", "end"):
        return _clock(cell, one, unit, notation)
    found = _utc(cell, one, unit, notation) if unit == "utc" else moment(cell, notation)
    # A date of Excel is midnight's moment; below a heading that says date, it is the day alone.
    return Moment(found.at, "no time") if one.to == "date" and found.at.time() == time() else found


_CLOCK_ALONE = re.compile(r"\d{1,2}:\d\d(:\d\d)?(\s*[AaPp]\.?[Mm]\.?)?")


def _utc(cell: Cell, one: Field, unit: str, notation: Notation) -> Moment:
    """Read a moment that a column says to be UTC's."""
    found = moment(cell, notation)
    if found.clock != "place" or isinstance(cell, int | float):
        return found
    return moment(f"{found.at.isoformat(' ')}Z", notation)


def _after(cell: Cell, one: Field, unit: str, notation: Notation) -> After:
    return After(cell, unit)


_READ: Final[Mapping[Kind, Callable[[Cell, Field, str, Notation], Any]]] = {
    "verbatim": _verbatim,
    "exact": _exact,
    "text": _text,
    "count": _count,
    "number": _number,
    "money": _money,
    "share": _share,
    "duration": _duration,
    "moment": _moment,
    "utc": _utc,
    "clock": _clock,
    "after": _after,
}


def rows_in_words(lines: Sequence[int]) -> str:
    """Return numbers of rows, runs of them together.

    Examples
    --------
    >>> rows_in_words([2]), rows_in_words([2, 3, 4, 9])
    ('row 2', 'rows 2–4, 9')
    """
    runs: list[list[int]] = []
    for line in sorted(lines):
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    shown = ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)
    return f"{'row' if len(lines) == 1 else 'rows'} {shown}"
