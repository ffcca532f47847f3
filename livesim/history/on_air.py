"""Counts of a show that is on the air, from the table that somebody keeps of it.

A row a moment, each count from the start of the show on: ``at``, as 10min (or ``minute``),
``viewers``, ``watching``, ``orders``, and ``left NAME`` or ``sold NAME`` for a product or variant.
An empty cell was not counted. The table of minutes that `livesim import` writes is read, too.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from livesim.errors import HistoryError, Mistake, did_you_mean
from livesim.history.quantities import Counted, Notation, Takes, duration, number
from livesim.history.readers.formats import plain, with_unit
from livesim.history.table import MINUTES
from livesim.places import read_file
from livesim.scenario.quantities import QuantityError

#: What a column can be called → what it holds.
_COLUMNS: Final = {
    **dict.fromkeys(("at", "time", "moment", "minute"), "at"),
    **dict.fromkeys(("viewers", "unique viewers", "came"), "viewers"),
    **dict.fromkeys(("watching", "concurrent", "online"), "watching"),
    "orders": "orders",
}
#: What each column counts.
_COUNTS: Final[Mapping[str, Counted]] = {
    **dict.fromkeys(("viewers", "watching", "came", "concurrent"), "people"),
    "orders": "orders",
    **dict.fromkeys(("left", "sold", "units"), "units"),
}
_UNITS: Final = re.compile(r"(left|sold)[ ._:](.+)", re.IGNORECASE)
_AS_SAID: Final = Notation(None, None, None)


def read_moments(path: str | Path, *, growing: bool = False) -> list[dict[str, Any]]:
    r"""Read the counts of a show from a CSV file, a mapping a moment.

    Parameters
    ----------
    path
        The file.
    growing
        Whether somebody still writes it: a last line without an end is waited for.

    Raises
    ------
    HistoryError
        With all that cannot be read, each with its file and line.

    Examples
    --------
    >>> import tempfile
    >>> text = "minute,viewers,left serum\n5,900,70\n10,2_100,\n15,3_0"
    >>> with tempfile.TemporaryDirectory() as place:
    ...     path = Path(place) / "minutes.csv"
    ...     _ = path.write_text(text)
    ...     for moment in read_moments(path, growing=True):
    ...         print(moment["at"], moment["viewers"], moment["left"])
    300.0 900 {'serum': 70}
    600.0 2100 {}
    """
    place = Path(path)
    try:
        text = read_file(place).decode("utf-8-sig")
    except OSError as error:
        remedy = "name the file that holds what was counted"
        raise HistoryError(
            [Mistake(f"cannot be read: {error.strerror}", "", remedy, str(place))]
        ) from None
    except UnicodeDecodeError:
        raise HistoryError(
            [Mistake("is no text in UTF-8", "", "save it as CSV in UTF-8", str(place))]
        ) from None
    if growing and not text.endswith("\n"):
        text = text[: text.rfind("\n") + 1]
    lines = text.splitlines()
    mark = max(",;\t", key=lines[0].count) if lines else ","
    rows = _rows(lines, mark, str(place))
    if not rows:
        if growing:
            return []
        raise HistoryError([Mistake("is empty", "", "give a row a moment", str(place))])
    header = [cell.strip() for cell in rows[0]]
    table = _table(header, rows, str(place))
    if header == [column.name for column in MINUTES]:
        return [*_of_minutes(table, str(place))]
    return _as_counted(header, table, str(place))


def _rows(lines: Sequence[str], mark: str, file: str) -> list[list[str]]:
    reader = csv.reader(lines, delimiter=mark, strict=True)
    try:
        return [*reader]
    except csv.Error as error:
        what = f"the table cannot be read from here on: {error}"
        remedy = "close every quotation mark in its row, or leave them all out"
        raise HistoryError([Mistake(what, "", remedy, file, reader.line_num)]) from None


def _table(
    header: Sequence[str], rows: Sequence[Sequence[str]], file: str
) -> list[tuple[int, dict[str, str]]]:
    """Return each row's cells by column with its line; a row that ends early has empty cells."""
    found, wrong = [], []
    for line, row in enumerate(rows[1:], start=2):
        cells = [cell.strip() for cell in row]
        if any(cells[len(header) :]):
            what = f"{len(cells)} cells stand below {len(header)} columns"
            remedy = "write 1500 or 1_500: a comma within a number ends its cell"
            wrong.append(Mistake(what, "", remedy, file, line))
        elif any(cells):
            missing = [""] * (len(header) - len(cells))
            found.append((line, dict(zip(header, [*cells, *missing], strict=False))))
    if wrong:
        raise HistoryError(wrong)
    return found


def _as_counted(
    header: Sequence[str], table: Sequence[tuple[int, Mapping[str, str]]], file: str
) -> list[dict[str, Any]]:
    wrong: list[Mistake] = []
    columns: dict[str, tuple[str, str]] = {}
    for name in header:
        units, known = _UNITS.fullmatch(name), _COLUMNS.get(with_unit(plain(name))[0])
        if units:
            columns[name] = units[1].lower(), units[2].strip()
        elif known:
            columns[name] = known, ""
        else:
            remedy = f"{did_you_mean(name, _COLUMNS)}; and left NAME, sold NAME for each product"
            wrong.append(Mistake("no such column is known", name, remedy, file, 1))
    meant = [columns[name] for name in header if name in columns]
    for number_of, name in enumerate(name for name in header if name in columns):
        if meant[number_of] in meant[:number_of]:
            what = f"two columns hold {' '.join(filter(None, meant[number_of]))}"
            wrong.append(Mistake(what, name, "keep one of them", file, 1))
    if "at" not in {what for what, _ in columns.values()}:
        remedy = "give a column at, as 10min, or minute, as 10"
        wrong.append(Mistake("no column says when it was counted", "", remedy, file, 1))
    found = []
    for line, row in table:
        moment: dict[str, Any] = {"left": {}, "sold": {}, "file": file, "line": line}
        for name, (what, product) in columns.items():
            cell = (row.get(name) or "").strip()
            if not cell:
                continue
            try:
                value = _time(name, cell) if what == "at" else _count(cell, what)
            except QuantityError as error:
                wrong.append(Mistake(error.what, name, error.remedy, file, line))
                continue
            if product:
                moment[what][product] = value
            else:
                moment[what] = value
        found.append(moment)
    wrong += _falling(found, columns, file)
    if wrong:
        raise HistoryError(wrong)
    return found


def _falling(
    moments: Sequence[Mapping[str, Any]], columns: Mapping[str, tuple[str, str]], file: str
) -> Iterator[Mistake]:
    """Yield where a count from the start of the show on is less than it has been."""
    in_time = sorted((one for one in moments if "at" in one), key=lambda one: float(one["at"]))
    for name, (what, product) in columns.items():
        if what not in ("viewers", "orders", "sold"):
            continue
        most = 0
        for moment in in_time:
            count = moment[what].get(product) if product else moment.get(what)
            if count is not None and count < most:
                said = f"{count:,} are less than the {most:,} of an earlier moment"
                remedy = "write how many there were from the start of the show to this moment"
                yield Mistake(said, name, remedy, file, moment["line"])
            most = max(most, count or 0)


def _time(column: str, cell: str) -> float:
    name, unit = with_unit(plain(column))
    return duration(cell, _AS_SAID, unit or ("min" if name == "minute" else ""))


def _count(cell: str, what: str) -> int:
    value, _ = number(cell, _AS_SAID, Takes(_COUNTS[what], whole=True))
    if value < 0 or value != int(value):
        raise QuantityError(f"{cell!r} is no count", "write how many, in digits")
    return int(value)


def _of_minutes(
    table: Sequence[tuple[int, Mapping[str, str]]], file: str
) -> Iterator[dict[str, Any]]:
    """Yield the counts by the end of each minute of a table of minutes, added up."""
    so_far: dict[str, int] = {}
    sold: dict[str, int] = {}
    for at, rows in sorted(_by_minute(table, file).items()):
        moment: dict[str, Any] = {"at": at, "file": file, "line": rows[-1][0]}
        whole = [counts for _, product, counts in rows if not product]
        of_products = [(product, counts) for _, product, counts in rows if product]
        for column, what in (("came", "viewers"), ("orders", "orders")):
            told = [counts[column] for counts in whole if column in counts]
            if not told and what == "orders":  # nobody has added the products' up
                told = [counts[column] for _, counts in of_products if column in counts]
            if told:
                so_far[what] = so_far.get(what, 0) + sum(told)
        for _, _, counts in rows:
            if "concurrent" in counts:
                moment["watching"] = counts["concurrent"]
        for product, counts in of_products:
            if "units" in counts:
                sold[product] = sold.get(product, 0) + counts["units"]
        yield {**moment, **so_far, "sold": dict(sold)}


def _by_minute(
    table: Sequence[tuple[int, Mapping[str, str]]], file: str
) -> dict[float, list[tuple[int, str, dict[str, int]]]]:
    """Return the rows by the end of their minute [s]: line, product, and what was counted."""
    wrong: list[Mistake] = []
    found: dict[float, list[tuple[int, str, dict[str, int]]]] = {}
    first = table[0][1]["show"] if table else ""
    for line, row in table:
        if row["show"] != first:
            what = f"this is of {row['show']}, and rows before are of {first}"
            wrong.append(Mistake(what, "show", "keep the rows of one show", file, line))
        counts = {}
        for column in ("came", "concurrent", "units", "orders"):
            try:
                if row[column]:
                    counts[column] = _count(row[column], column)
            except QuantityError as error:
                wrong.append(Mistake(error.what, column, error.remedy, file, line))
        try:
            end = _time("at (s)", row["at"]) + 60.0
            found.setdefault(end, []).append((line, row["product"], counts))
        except QuantityError as error:
            wrong.append(Mistake(error.what, "at", error.remedy, file, line))
    if wrong:
        raise HistoryError(wrong)
    return found
