"""What is in a file: sheets of cells, whether it is a workbook, a table of text or JSON.

A file is known by its content, not by its name. Cells are as they are shown, a number with the unit
that its format adds; what they mean is for `reading`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from livesim.errors import HistoryError, Mistake, cell_name
from livesim.history.quantities import Cell
from livesim.places import read_file
from livesim.scenario.quantities import COUNT, DURATION, SHARE
from livesim.scenario.shown import unit_shown
from livesim.scenario.workbook import Grid, Size, WorkbookError, read_workbook

Row = Sequence[Cell]

#: What the keys of what encloses a list of JSON start with, in the rows of the list.
ABOVE: Final = "above."
#: In the order in which they are tried: the first of those under which most is recognised.
_ENCODINGS: Final = ("gb2312", "cp1252", "gb18030")
_DELIMITERS: Final = ",;\t|"
_FIRST_LINES: Final = 60
#: An export of a year may be large; beyond this it is none.
_MOST: Final = Size(unpacked=2_000_000_000, cells=10_000_000, marks=100_000_000)


@dataclass(frozen=True)
class Sheet:
    """One table of a file.

    Parameters
    ----------
    file
        The file.
    name
        Of the sheet in a workbook, or of the list in JSON; empty for a table of text.
    rows
        Its cells.
    lines
        Where each row stands in the file or the sheet, from 1.
    kind
        ``workbook``, ``text`` or ``json``.
    merged
        Rows and columns, from 0, of cells that are merged with another one, which holds the value.
    broken
        Cells whose value is not in the file: formulas that nobody has calculated.
    hidden_rows, hidden_columns
        Rows and columns, from 0, that are not shown to who looks at it.
    encoding
        How a table of text is encoded.
    """

    file: str
    name: str
    rows: Sequence[Row]
    lines: Sequence[int]
    kind: str = "text"
    merged: frozenset[tuple[int, int]] = frozenset()
    broken: frozenset[tuple[int, int]] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    encoding: str = "utf-8"

    @property
    def title(self) -> str:
        """The file, with the sheet or the list where it may have several."""
        name = f"sheet {self.name}" if self.kind == "workbook" else self.name
        return f"{self.file}, {name}" if name else self.file

    def mistake(
        self, row: int, column: int | None, heading: str, what: str, remedy: str = ""
    ) -> Mistake:
        """Return a mistake in a cell, or in a whole row, given by row and column from 0."""
        line = self.lines[row]
        if self.kind == "text":
            where = "" if column is None else f"column {column + 1} ({heading})"
            return Mistake(what, where, remedy, self.file, line)
        if self.kind == "json":
            parts = (self.name, f"entry {line}", "" if column is None else heading)
            return Mistake(what, ", ".join(part for part in parts if part), remedy, self.file)
        cell = "" if column is None else cell_name(line, column + 1)
        where = f"cell {cell} ({heading})" if cell else f"row {line}"
        return Mistake(what, f"sheet {self.name}, {where}", remedy, self.file)


def sheets_of(path: Path, recognised: Callable[[Sheet], int]) -> list[Sheet]:
    """Return the sheets of a file.

    Parameters
    ----------
    path
        The file.
    recognised
        How many of its headings are known: what tells encodings and delimiters apart.

    Raises
    ------
    HistoryError
        If there is no such file, or it is nothing of the kind.
    """
    data = _bytes(path)
    if data.startswith(b"PK"):
        return _workbook(path, data)
    for signature, what, remedy in _OTHERS:
        if data[:512].lstrip().lower().startswith(signature):
            raise HistoryError([Mistake(what, remedy=remedy, file=str(path))])
    texts = _texts(data)
    if texts[0][1].lstrip()[:1] in ("{", "["):
        return _json(path, texts[0][1])
    sheets = list(_tables(path, texts, _FIRST_LINES))
    known = [recognised(sheet) for sheet in sheets]
    if not any(known):  # the mistake shows its headings, each alone
        known = [max(map(len, sheet.rows), default=0) for sheet in sheets]
    best = known.index(max(known))
    return list(_tables(path, texts, None, best))


_SAVE: Final = "save it as .xlsx or CSV, without a password"
_OTHERS: Final = (
    (
        b"\xd0\xcf\x11\xe0",
        "this is a workbook of the old kind (.xls), or one with a password",
        _SAVE,
    ),
    (b"<", "this is a page (HTML or XML), not a table", f"open it with Excel and {_SAVE}"),
    (b"%pdf", "this is a PDF, not a table", "export the figures as .xlsx or CSV"),
    (b"\x1f\x8b", "this file is compressed", "unpack it first"),
)


def _bytes(path: Path) -> bytes:
    try:
        data = read_file(path)
    except OSError as error:
        what = "there is no such file" if not path.exists() else f"cannot be read: {error.strerror}"
        raise HistoryError([Mistake(what, file=str(path))]) from None
    if not data.strip():
        raise HistoryError([Mistake("the file is empty", file=str(path))])
    return data


# --- workbooks ---------------------------------------------------------------------------------


def _workbook(path: Path, data: bytes) -> list[Sheet]:
    try:
        return [_sheet(path, grid) for grid in read_workbook(data, _MOST)]
    except WorkbookError as error:
        raise HistoryError([Mistake(error.what, remedy=error.remedy, file=str(path))]) from None


def _sheet(path: Path, grid: Grid) -> Sheet:
    rows, merged = grid.rows, set()
    for top, left, bottom, right in grid.merged:
        for row in range(top, min(bottom + 1, len(rows))):
            for column in range(left, right + 1):
                if (row, column) != (top, left):
                    rows[row][column] = rows[top][left]
                    merged.add((row, column))
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if type(cell) in (int, float) and (row, column) not in merged:
                cells[column] = _with_unit(cell, grid.number_format(row, column))
    return Sheet(
        *(str(path), grid.name, rows, range(1, len(rows) + 1), "workbook", frozenset(merged)),
        broken=grid.uncalculated,
        hidden_rows=grid.hidden_rows,
        hidden_columns=grid.hidden_columns,
    )


def _with_unit(number: float, number_format: str) -> float | str:
    """Return a number with the unit that its format shows behind it: 12 as 12 k, 90 as 90 min."""
    if _shows_a_word(number_format):
        word, scale = unit_shown(number, number_format)
        text = f"{number:.15g} {word}"
        if word and scale == 1 and any(kind.parse(text) is not None for kind in _KINDS):
            return text
    return number


_KINDS: Final = (COUNT, DURATION, SHARE)


@lru_cache(1_000)
def _shows_a_word(number_format: str) -> bool:
    """Say whether a format of numbers has a text in quotes or behind a backslash."""
    return bool(re.search(r'[0#?][^;]*("|\\[^\W\d_])', number_format))


# --- tables of text ----------------------------------------------------------------------------


def _texts(data: bytes) -> list[tuple[str, str]]:
    """Return what bytes may say, with the encoding: one text where it is certain."""
    for start, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(start):
            return [(encoding, data.decode(encoding, "replace"))]
    if data[:200].count(0) * 10 > len(data[:200]):
        low = data[1:200:2].count(0) > data[:200:2].count(0)
        return [("utf-16", data.decode("utf-16-le" if low else "utf-16-be", "replace"))]
    try:
        return [("utf-8", data.decode("utf-8"))]
    except UnicodeDecodeError:
        return list(_decoded(data))


def _decoded(data: bytes) -> Iterator[tuple[str, str]]:
    for encoding in _ENCODINGS:
        try:
            yield encoding, data.decode(encoding)
        except UnicodeDecodeError:
            continue
    yield "latin-1", data.decode("latin-1")


def _tables(
    path: Path, texts: Sequence[tuple[str, str]], most: int | None, only: int | None = None
) -> Iterator[Sheet]:
    """Yield a text, in each encoding and cut at each delimiter, as a sheet; or only one of them."""
    index = 0
    for encoding, text in texts:
        own = text[:5].lower() == "sep=" or text[:4].lower() == "sep="
        marks = text[4] if own and len(text) > 4 else _DELIMITERS
        for mark in marks:
            if only is None or index == only:
                yield _table(path, text, mark, encoding, own, most)
            index += 1


def _table(
    path: Path, text: str, mark: str, encoding: str, skips_first: bool, most: int | None
) -> Sheet:
    rows, lines = [], []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row) and not (skips_first and line == 1):
                rows.append(row)
                lines.append(line)
            line = reader.line_num + 1
            if most is not None and len(rows) >= most:
                break
    except csv.Error as error:
        if most is None:
            what = f"the table cannot be read from here on: {error}"
            raise HistoryError([Mistake(what, file=str(path), line=line)]) from None
    return Sheet(str(path), "", rows, lines, encoding=encoding)


# --- JSON --------------------------------------------------------------------------------------


def _json(path: Path, text: str) -> list[Sheet]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        what = f"this is not JSON: {error.msg}"
        mistake = Mistake(what, file=str(path), line=error.lineno, column=error.colno)
        raise HistoryError([mistake]) from None
    except RecursionError:
        raise HistoryError([Mistake("this JSON is nested too deep", file=str(path))]) from None
    found: dict[str, list[dict[str, Cell]]] = {}
    for name, row in _records(value, "", {}):
        found.setdefault(name, []).append(row)
    return [_table_of(path, name, rows) for name, rows in found.items()]


def _table_of(path: Path, name: str, records: Sequence[Mapping[str, Cell]]) -> Sheet:
    keys = list(dict.fromkeys(key for record in records for key in record))
    rows = [[record.get(key) for key in keys] for record in records]
    return Sheet(str(path), name, [keys, *rows], range(len(rows) + 1), "json")


def _records(
    value: Any, name: str, above: Mapping[str, Cell]
) -> Iterator[tuple[str, dict[str, Cell]]]:
    """Yield every object of a document as a row, by the list in which it is."""
    if isinstance(value, list):
        for one in value:
            yield from _records(one, name, above)
        return
    if not isinstance(value, dict):
        return
    own = dict(_flat(value))
    lists = dict(_nested(value))
    series = {key: points for key, points in lists.items() if _is_series(points)}
    if own:
        yield name, {**above, **own}
    if series:
        enclosing = {**above, **_enclosing(own, next(iter(series)))}
        for row in _side_by_side(series, enclosing):
            yield f"{name}.series".strip("."), row
    for key, part in lists.items():
        if key not in series:
            enclosing = {**above, **_enclosing(own, key)}
            yield from _records(part, f"{name}.{key}".strip("."), enclosing)


def _enclosing(own: Mapping[str, Cell], path: str) -> dict[str, Cell]:
    """Return what the objects say that enclose a list, by last name."""
    found = {}
    for key, cell in own.items():
        within, _, last = key.rpartition(".")
        if not within or path.startswith(f"{within}."):
            found[ABOVE + last] = cell
    return found


def _flat(value: Mapping[str, Any], start: str = "") -> Iterator[tuple[str, Cell]]:
    """Yield what an object holds beside lists, under names with dots."""
    for key, part in value.items():
        if isinstance(part, dict):
            yield from _flat(part, f"{start}{key}.")
        elif not isinstance(part, list):
            yield f"{start}{key}", part


def _nested(value: Mapping[str, Any], start: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the lists of an object, and those of the objects in it."""
    for key, part in value.items():
        if isinstance(part, dict):
            yield from _nested(part, f"{start}{key}.")
        elif isinstance(part, list):
            yield f"{start}{key}", part


def _is_series(value: Any) -> bool:
    """Say whether a value is a series of points: ``[{"x": …, "y": …}, …]``."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(point, dict) and {"x", "y"} <= point.keys() for point in value)
    )


def _side_by_side(
    series: Mapping[str, Sequence[Mapping[str, Cell]]], above: Mapping[str, Cell]
) -> Iterable[dict[str, Cell]]:
    """Return series of points as the rows of one table, in the order of their x."""
    rows: dict[Cell, dict[str, Cell]] = {}
    for name, points in series.items():
        for point in points:
            rows.setdefault(point["x"], {**above, "x": point["x"]})[name] = point["y"]
    return rows.values()
