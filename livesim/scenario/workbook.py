"""The one door for workbooks: the sheets of an .xlsx file come in as rows of plain cells.

Nothing else in livesim knows which library reads workbooks. What the cells mean is for others:
`sheets` reads a scenario out of them, :mod:`livesim.history` past shows.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from livesim.errors import cell_name

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["Grid", "Size", "WorkbookError", "is_archive", "read_workbook"]

#: How to make a file that can be read of one that cannot.
SAVE_IT: Final = "save it as .xlsx, without a password"
_FEWER: Final = "delete the rows and columns that are not needed, formats included"

_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml")
_CELL: Final = re.compile(rb"<(?:\w+:)?c[ />]")
_AREA: Final = re.compile(rb'mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f(?: [^>]*)?>([^<]*)")
_SHARED: Final = re.compile(rb"""["']shared["']""")


class WorkbookError(ValueError):
    """A file that is no workbook, or one that is too large.

    Parameters
    ----------
    what
        What is wrong with it.
    remedy
        What to do about it.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True)
class Size:
    """The most that a workbook may hold.

    Parameters
    ----------
    unpacked
        Bytes of its parts once they are unpacked.
    cells
        Cells of all its sheets, those that are only formatted included.
    marks
        Elements of its parts, their ends counted, too: what it takes time to read.
    """

    unpacked: int
    cells: int
    marks: int


@dataclass(frozen=True)
class Grid:
    """One sheet of a workbook; rows and columns count from 0.

    Parameters
    ----------
    name
        What the sheet is called.
    rows
        Its cells: texts, numbers, booleans, dates, times, and None where nothing stands; without
        the empty rows at the end.
    merged
        First row, first column, last row and last column of cells that are merged into one, whose
        value stands in the first of them.
    uncalculated
        Cells with a formula whose value the file does not hold.
    hidden_rows, hidden_columns
        What is not shown to who looks at it.
    """

    name: str
    rows: Sequence[list[Any]]
    merged: Sequence[tuple[int, int, int, int]]
    uncalculated: frozenset[tuple[int, int]]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    sheet: Worksheet

    def number_format(self, row: int, column: int) -> str:
        """Return how Excel shows the number in a cell: ``0%``, ``yyyy-mm-dd``."""
        return str(self.sheet.cell(row + 1, column + 1).number_format)


def is_archive(data: bytes) -> bool:
    """Say whether bytes are an archive, as every workbook is."""
    return data.startswith(b"PK\x03\x04")


def read_workbook(data: bytes, most: Size) -> list[Grid]:
    """Return the sheets of a workbook.

    Parameters
    ----------
    data
        The file's bytes.
    most
        The most that it may hold.

    Raises
    ------
    WorkbookError
        If it is no workbook, or holds more.
    """
    try:
        _check_size(data, most)
    except WorkbookError:
        raise
    except Exception as error:  # of whatever is broken in an archive, zipfile raises many things
        raise WorkbookError(f"this is not a workbook that can be read: {error}", SAVE_IT) from None
    values = _opened(data, data_only=True)
    for sheet in values.values():
        if sheet.max_row * sheet.max_column > 10 * most.cells:
            last = cell_name(sheet.max_row, sheet.max_column)
            what = f"the sheet {sheet.title} reaches to {last}, and is nearly empty"
            raise WorkbookError(what, _FEWER)
    formulas = _opened(data, data_only=False) if _has_formulas(data) else {}
    return [_grid(sheet, formulas.get(name)) for name, sheet in values.items()]


def _check_size(data: bytes, most: Size) -> None:
    """Refuse a workbook that is too large, before any of it is read into cells."""
    cells = marks = formulas = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(part.file_size for part in archive.infolist()) > most.unpacked:
            what = f"it unpacks to more than {most.unpacked:,} bytes, the limit"
            raise WorkbookError(what, "delete the sheets, pictures and charts it does not need")
        for part in archive.infolist():
            content = archive.read(part)
            is_xml = part.filename.endswith("l")
            if b"<!DOCTYPE" in content or (is_xml and b"\0" in content[:4]):
                raise WorkbookError("Excel never writes such a workbook", SAVE_IT)
            marks += content.count(b"<") if is_xml else 0
            if _SHEET.fullmatch(part.filename):
                cells += len(_CELL.findall(content)) + _merged(content)
                formulas += _copied(content)
    if cells > most.cells:
        what = f"it has {cells:,} cells, those with only a format included; the limit is "
        raise WorkbookError(f"{what}{most.cells:,}", _FEWER)
    if marks > most.marks or formulas > 8 * most.marks:
        raise WorkbookError("it has too many rows, formats or formulas to be read", _FEWER)


def _merged(sheet: bytes) -> int:
    """Count the cells that are merged, each of which is read as one of its own."""
    areas = [tuple(map(bytes.decode, found)) for found in _AREA.findall(sheet)]
    if len(areas) != sheet.count(b"mergeCell "):
        raise WorkbookError("Excel never writes such a workbook", SAVE_IT)
    return sum(
        (abs(_column(right) - _column(left)) + 1) * (abs(int(last) - int(first)) + 1)
        for left, first, right, last in areas
    )


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _copied(sheet: bytes) -> int:
    """Return about how many characters formulas have that are copied from cell to cell."""
    longest = max(map(len, _FORMULA.findall(sheet)), default=0)
    return longest * len(_SHARED.findall(sheet))


def _opened(data: bytes, data_only: bool) -> dict[str, Worksheet]:
    """Return the worksheets of a workbook by name."""
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions, which hold no figures
        try:
            book = load_workbook(io.BytesIO(data), data_only=data_only)
        except Exception as error:  # of whatever is broken in it, openpyxl raises anything
            what = f"this is not a workbook that can be read: {error}"
            raise WorkbookError(what, SAVE_IT) from None
    return {sheet.title: sheet for sheet in book.worksheets}


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [name for name in archive.namelist() if _SHEET.fullmatch(name)]
        return any(b"<f" in archive.read(name) for name in parts)


def _grid(sheet: Worksheet, formulas: Worksheet | None) -> Grid:
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    uncalculated = frozenset(_uncalculated(rows, formulas)) if formulas else frozenset()
    last = max((row for row, _ in uncalculated), default=-1)
    while len(rows) > last + 1 and all(cell is None for cell in rows[-1]):
        rows.pop()
    merged = [
        (area.min_row - 1, area.min_col - 1, area.max_row - 1, area.max_col - 1)
        for area in sheet.merged_cells.ranges
    ]
    hidden = frozenset(row - 1 for row, shown in sheet.row_dimensions.items() if shown.hidden)
    return Grid(sheet.title, rows, merged, uncalculated, hidden, _hidden_columns(sheet), sheet)


def _hidden_columns(sheet: Worksheet) -> frozenset[int]:
    """Return the columns that are not shown; one entry may stand for a run of them."""
    return frozenset(
        column - 1
        for shown in sheet.column_dimensions.values()
        if shown.hidden and shown.min
        for column in range(shown.min, min(shown.max, sheet.max_column) + 1)
    )


def _uncalculated(rows: Sequence[Sequence[Any]], formulas: Worksheet) -> Iterator[tuple[int, int]]:
    for row, written in enumerate(formulas.iter_rows(values_only=True, max_row=len(rows))):
        for column, cell in enumerate(written):
            if rows[row][column] is None and _is_formula(cell):
                yield row, column


def _is_formula(cell: object) -> bool:
    """Say whether a cell holds a formula; those of several cells are objects of their own."""
    return cell.startswith("=") if isinstance(cell, str) else hasattr(cell, "ref")
