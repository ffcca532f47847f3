"""A scenario in a workbook: its sheets come in as the plain data that a YAML file gives.

One sheet, Show, has a row for each key of the show: ``show.length``, ``deal.commission``. Each
section of named parts has a sheet of its own (Products, People, Rundown, …) with a part in each
row and a key in each column. A key within a key is written with a dot, `supply.pack`; a list with
commas; what has no form of its own as in YAML, in braces. Each value remembers its cell, so that
whoever finds a mistake later can point at it. What begins with # is the planner's own: a sheet, a
column, a row.

Nothing that a cell holds is guessed at: a formula without a value, a value that a merged or hidden
cell hides, a time of day where a duration belongs are refused. A number is read as it is seen, with
the unit that only its format shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from functools import lru_cache, reduce
from typing import Any, Final, get_args, get_origin

from livesim.errors import HIDDEN, Mistake, ScenarioError, did_you_mean
from livesim.scenario.core_schema import Unfit, core_scalar
from livesim.scenario.document import (
    MAX_CHARACTERS,
    MAX_MISTAKES,
    MAX_NODES,
    MOST_BYTES,
    DataPath,
    Document,
    Place,
    parse_value,
)
from livesim.scenario.draft import Draft
from livesim.scenario.fields import (
    Lever,
    Name,
    Part,
    Uncertain,
    below,
    fields_at,
    types_within,
    unwrapped,
)
from livesim.scenario.quantities import Kind
from livesim.scenario.reading import unknown_key
from livesim.scenario.shown import as_shown
from livesim.scenario.workbook import Grid, Size, WorkbookError, read_workbook

__all__ = ["KEY", "NAME", "OWN", "SHOW", "TABLES", "VALUE", "answers", "list_of", "parse_sheets"]

#: The sheet of what is said once, and its two columns.
SHOW: Final = "show"
KEY: Final = "key"
VALUE: Final = "value"
#: The column of a table that names the part in each row.
NAME: Final = "name"
#: What begins with it is not read.
OWN: Final = "#"


def _is_table(annotation: Any) -> bool:
    """Say whether a section holds parts under names of the planner's own."""
    annotation = unwrapped(annotation)
    inside = get_args(annotation)[-1] if get_origin(annotation) is dict else None
    return isinstance(inside, type) and issubclass(inside, Part)


#: The sections that have a sheet of their own.
TABLES: Final = tuple(key for key, one in Draft.model_fields.items() if _is_table(one.annotation))

#: A cell takes 25 µs to read, any other element up to 7 µs (measured in 2026).
_MOST: Final = Size(unpacked=8_000_000, cells=50_000, marks=250_000)
_ERRORS: Final = re.compile(
    r"#(?:N/A|GETTING_DATA|(?:REF|VALUE|NUM|SPILL|CALC|FIELD|BLOCKED|CONNECT|BUSY|UNKNOWN|EXTERNAL"
    r"|PYTHON)!|DIV/0!|NAME\?|NULL!)"
)
_NO_VALUE: Final = "#N/A"
#: What is shown where nothing has calculated a formula yet.
_NOT_YET: Final = (_NO_VALUE, "#GETTING_DATA", "#BUSY!", "#CONNECT!")
_TEMPLATE: Final = "`livesim new --sheet my_show.xlsx` writes one to start from"


def parse_sheets(data: bytes, file: str) -> Document:
    """Read a scenario from the bytes of a workbook.

    Parameters
    ----------
    data
        The file's bytes.
    file
        Its name, for messages.

    Raises
    ------
    ScenarioError
        If it is no workbook or holds no scenario, or a whole sheet, row or column cannot be read.
        A cell that cannot be read is among the document's mistakes.
    """
    try:
        if len(data) > MOST_BYTES:
            what = f"the workbook has more than {MOST_BYTES:,} bytes, the limit for a scenario"
            raise WorkbookError(what, "delete the sheets, pictures and charts it does not need")
        grids = read_workbook(data, _MOST)
    except WorkbookError as error:
        raise ScenarioError([Mistake(error.what, remedy=error.remedy, file=file)]) from None
    own = [grid for grid in grids if not grid.name.strip().startswith(OWN)]
    named = {_key(grid.name) for grid in own}
    if SHOW not in named and not named <= {*TABLES}:  # as an answer, which has a sheet products
        what = "there is no scenario in this workbook: it has no sheet Show"
        raise ScenarioError([Mistake(what, remedy=_TEMPLATE, file=file)])
    return _Reading(file).read(own)


def answers(path: DataPath) -> bool:
    """Say whether a scenario has such a key.

    Examples
    --------
    >>> answers(("products", "serum", "price")), answers(("products", "serum", "colour"))
    (True, False)
    """
    *above, last = path
    around = unwrapped(reduce(below, above, Draft))
    if isinstance(around, type) and issubclass(around, Part):
        return last in around.model_fields
    marks = marks_at(tuple(above)) if above else ()
    return get_origin(around) is dict or any(isinstance(mark, Uncertain) for mark in marks)


def described(path: DataPath) -> tuple[Any, ...]:
    """Return the type of what stands at a path, and what marks its field."""
    *above, last = path
    around = unwrapped(reduce(below, above, Draft))
    if isinstance(around, type) and issubclass(around, Part) and last in around.model_fields:
        field = around.model_fields[str(last)]
        return field.annotation, *field.metadata
    return (get_args(around)[-1],) if get_origin(around) is dict else ()


def kind_at(path: DataPath) -> Kind | None:
    """Return the kind of number that stands at a path, if one does."""
    marks = (mark for mark in marks_at(path) if isinstance(mark, Lever | Uncertain))
    return next((mark.kind for mark in marks), None)


def marks_at(path: DataPath) -> Iterator[Any]:
    """Yield what the type of a path consists of, and what marks it."""
    return types_within(*described(path))


def list_of(path: DataPath) -> Any:
    """Return what a key lists; None if it takes no list of texts.

    Examples
    --------
    >>> list_of(("rundown", "talk", "on_stage")) is Name, list_of(("products", "hat", "price"))
    (True, None)
    """
    base = _base(path)
    return get_args(base)[0] if get_origin(base) is tuple else None


def _has_keys(path: DataPath) -> bool:
    """Say whether what stands at a path is a mapping, and nothing else."""
    base = _base(path)
    return get_origin(base) is dict or (isinstance(base, type) and issubclass(base, Part))


def _base(path: DataPath) -> Any:
    kind = unwrapped(next(iter(described(path)), None))
    return unwrapped(get_args(kind)[0]) if hasattr(kind, "__metadata__") else kind


def _key(heading: object) -> str:
    """Return the key that a heading means: ``Unit cost [CNY]`` is ``unit_cost``."""
    text = re.sub(r"\[[^\]]*\]\s*$", "", str(heading)).strip().lower()
    return re.sub(r"\s*\.\s*", ".", re.sub(r"[ \t\n\xa0]+", "_", text)).replace("_.", ".")


#: How far below the first row of a sheet its headings are looked for [rows].
_ABOVE: Final = 6


class _Reading:
    """One pass over the sheets: builds the data, and notes places and mistakes on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.data: dict[str, Any] = {}
        self.places: dict[DataPath, Place] = {}
        self.mistakes: list[Mistake] = []
        self.is_whole = True
        self.filled: set[Place] = set()
        self.characters = 0
        self.nodes = 0

    def read(self, grids: Sequence[Grid]) -> Document:
        known = {name: name.capitalize() for name in (SHOW, *TABLES)}
        for grid in grids:
            section = _key(grid.name)
            at: DataPath = () if section == SHOW else (section,)
            first = Place(1, 1, sheet=grid.name)
            if section not in known:
                remedy = f"{did_you_mean(grid.name, known.values())}; a sheet of your own is {OWN}…"
                self.lost(f"no sheet of a scenario is called {grid.name}", remedy, first)
            elif at in self.places:
                self.lost(f"there are two sheets {known[section]}", "delete one", first)
            else:
                self.places[at] = first
                self.sheet(grid, section)
        self.places.setdefault((), Place(1, 1, sheet=grids[0].name))
        found = tuple(self.mistakes)
        document = Document(self.data, self.file, self.places, self.characters, found)
        return document if self.is_whole else replace(document, judged=frozenset(self.filled))

    def lost(self, what: str, remedy: str, place: Place) -> None:
        """Note why a sheet, a row or a column is not read: others would be told to lack it."""
        self.is_whole = False
        self.note(what, remedy, place)

    def note(self, what: str, remedy: str, place: Place, path: DataPath = ()) -> None:
        if len(self.mistakes) == MAX_MISTAKES:
            what, remedy, path = "there are more mistakes, which are not shown", "mend these", ()
        dotted = ".".join(map(str, path))
        told = Mistake(what, dotted, remedy, self.file, place.line, place.column, place.sheet)
        self.mistakes.append(told)
        if len(self.mistakes) > MAX_MISTAKES:
            raise ScenarioError(self.mistakes)

    def sheet(self, grid: Grid, section: str) -> None:
        """Read one sheet."""
        for row, column in grid.uncalculated:
            grid.rows[row][column] = _NO_VALUE
        top = next((at for at, row in enumerate(grid.rows) if not _empty(row)), None)
        if top is None:
            return
        top = self.below_others(grid, top, KEY if section == SHOW else NAME)
        headings = self.headings(grid, top)
        for row, column in _hidden(grid, headings, top):
            what = "this is hidden, so who looks at the sheet does not know of it"
            remedy = f"show it (or take a filter away), delete it, or begin it with {OWN}"
            self.note(what, remedy, _place(grid, row, column))
        for row, column in _merged(grid, headings, top):
            what = "several cells are merged into one, whose value is that of the first alone"
            self.lost(what, "unmerge them, and fill in each", _place(grid, row, column))
        if section == SHOW:
            self.values(grid, top, headings)
        else:
            self.table(grid, top, section, headings)

    def below_others(self, grid: Grid, top: int, first: str) -> int:
        """Return the row of the headings, of which this is one; what stands above is told of."""
        rows = enumerate(grid.rows[: top + _ABOVE])
        found = next((at for at, row in rows if first in map(_key, filter(None, row))), top)
        above = (cell for row in grid.rows[top:found] for cell in row if not _blank(cell))
        if any(not str(cell).startswith(OWN) for cell in above):
            what = f"the headings are in row {found + 1}, and above them stands something else"
            self.note(what, f"delete it, or begin it with {OWN}", _place(grid, top, 0))
        return found

    def headings(self, grid: Grid, top: int) -> dict[str, int]:
        """Return the column of each heading."""
        found: dict[str, int] = {}
        for column, cell in enumerate(grid.rows[top]):
            heading = _key(cell) if cell is not None else ""
            if _ERRORS.fullmatch(str(cell)):
                self.lost(*_without_value(str(cell)), _place(grid, top, column))
            elif heading.startswith(OWN):
                continue
            elif heading in found:
                what = f"there are two columns {cell}"
                self.note(what, "delete one, or rename it", _place(grid, top, column))
            elif heading:
                found[heading] = column
            elif any(not _blank(row[column]) for row in grid.rows[top + 1 :]):
                what = "this column has entries and no heading"
                remedy = f"write the key that it is about, or {OWN} if it is your own"
                self.lost(what, remedy, _place(grid, top, column))
        return found

    # A row for each key -----------------------------------------------------------------------

    def values(self, grid: Grid, top: int, headings: Mapping[str, int]) -> None:
        missing = [name for name in (KEY, VALUE) if name not in headings]
        others = {name: column for name, column in headings.items() if name not in (KEY, VALUE)}
        for name in missing:
            self.lost(f"there is no column {name}", _TEMPLATE, _place(grid, top, 0))
        for column in others.values():
            remedy = f"a row has a key and its value; a column of your own begins with {OWN}"
            self.note("nothing is read from this column", remedy, _place(grid, top, column))
        if missing:
            return
        for row in range(top + 1, len(grid.rows)):
            key, value = headings[KEY], headings[VALUE]
            named = self.name(grid, row, key, [value])
            if named is None:
                continue
            path: DataPath = tuple(_key(named).split("."))
            place = _place(grid, row, value)
            if self.checked(path, _place(grid, row, key)):
                self.places.setdefault(path, place)
                self.put(grid, row, value, path)

    # A row for each part ----------------------------------------------------------------------

    def table(self, grid: Grid, top: int, section: str, headings: Mapping[str, int]) -> None:
        if NAME not in headings:
            remedy = f"give each row of {section} a name in a column {NAME}"
            self.lost(f"there is no column {NAME}", remedy, _place(grid, top, 0))
            return
        columns: dict[DataPath, int] = {
            tuple(heading.split(".")): column
            for heading, column in headings.items()
            if heading != NAME
            and self.checked((section, "…", *heading.split(".")), _place(grid, top, column))
        }
        for path, column in tuple(columns.items()):
            if self.holds_numbers_for_keys((section, "…", *path), grid, top, column):
                del columns[path]
        for row in range(top + 1, len(grid.rows)):
            name = self.name(grid, row, headings[NAME], columns.values())
            if name is not None:
                self.part(grid, row, (section, name), headings[NAME], columns)

    def holds_numbers_for_keys(self, path: DataPath, grid: Grid, top: int, column: int) -> bool:
        """Say whether a column of numbers has the heading of what has keys; note that once."""
        cells = [row[column] for row in grid.rows[top + 1 :] if not _blank(row[column])]
        if not (cells and all(type(cell) in (int, float) for cell in cells) and _has_keys(path)):
            return False
        *above, key = path
        around = unwrapped(reduce(below, above, Draft))
        others = [one for one in around.model_fields if not _has_keys((*above, one))]
        nearest = get_close_matches(str(key), others, n=1, cutoff=0.5)
        meant = f"Did you mean {nearest[0]}? " if nearest else ""
        what = f"{key} has keys of its own, and the column holds numbers"
        remedy = f"{meant}Otherwise write {{key: value}}, with the braces, in each of its cells"
        self.note(what, remedy, _place(grid, top, column), (path[0], key))
        return True

    def part(
        self, grid: Grid, row: int, path: DataPath, column: int, columns: Mapping[DataPath, int]
    ) -> None:
        """Read the part in a row."""
        section, name = map(str, path)
        place = _place(grid, row, column)
        if path in self.places:
            what = f"{name} is given twice: here and in row {self.places[path].line}"
            self.note(what, "delete one of them, or rename it", place, path)
            return
        self.places[path] = place
        self.data.setdefault(section, {}).setdefault(name, {})
        for inside, at in columns.items():
            # So that what is missing is looked for where it would stand.
            if len(inside) == 1:
                self.places.setdefault((*path, *inside), _place(grid, row, at))
            self.put(grid, row, at, (*path, *inside))

    # Cells ------------------------------------------------------------------------------------

    def name(self, grid: Grid, row: int, column: int, others: Any) -> str | None:
        """Return what names a row; None for an empty row, and for one of the planner's own."""
        cell = grid.rows[row][column]
        text = "" if cell is None else str(cell).strip()
        place = _place(grid, row, column)
        if _ERRORS.fullmatch(text):
            self.lost(*_without_value(text), place)
        elif not text:
            if any(not _blank(grid.rows[row][other]) for other in others):
                self.lost("this row has entries and no name", "name it, or delete it", place)
        elif not text.startswith(OWN):
            return text
        return None

    def checked(self, path: DataPath, place: Place) -> bool:
        """Say whether there is such a key; note it otherwise."""
        if answers(path):
            return True
        shown = tuple(step for step in path if step != "…")
        what, remedy = unknown_key(Draft, path)
        self.note(what, f"{remedy}; your own notes begin with {OWN}".strip("; "), place, shown)
        beside = fields_at(Draft, tuple(path[:-1]))
        if "…" in path and get_close_matches(str(path[-1]), beside, n=1, cutoff=_MISSPELT):
            self.is_whole = False  # every part would be told to lack what is meant
        return False

    def put(self, grid: Grid, row: int, column: int, path: DataPath) -> None:
        """Put the value of a cell, if there is one, where it belongs."""
        cell, place = grid.rows[row][column], _place(grid, row, column)
        if _ERRORS.fullmatch(str(cell)):
            self.note(*_without_value(str(cell)), place, path)
            return
        if _blank(cell):
            return
        self.count(str(cell), place)
        number_format = "" if isinstance(cell, str | bool) else grid.number_format(row, column)
        try:
            value = _plain(cell, number_format, path)
        except ScenarioError as error:
            for mistake in error.mistakes:
                self.note(mistake.what, mistake.remedy, place, path)
            return
        self.nodes += _nodes(value)
        self.count("", place)
        node: Any = self.data
        for step in path[:-1]:
            node = node.setdefault(step, {}) if isinstance(node, dict) else None
        if not isinstance(node, dict) or path[-1] in node:
            what = "this is given twice: here, and as a part or the whole of it elsewhere"
            self.note(what, "delete one of them", place, path)
            return
        node[path[-1]] = value
        self.places[path] = place
        self.filled.add(place)

    def count(self, text: str, place: Place) -> None:
        self.characters += len(text)
        for number, limit, what in (
            (self.characters, MAX_CHARACTERS, "characters"),
            (self.nodes, MAX_NODES, "names and values"),
        ):
            if number > limit:
                self.note(
                    f"there are more than {limit:,} {what}, the limit for a scenario",
                    "leave out what the show does not need",
                    place,
                )
                raise ScenarioError(self.mistakes)


#: A column whose heading is as like a key as this is that key, misspelt.
_MISSPELT: Final = 0.75


def _without_value(shown: str) -> tuple[str, str]:
    """Return what is wrong with a formula of which a cell shows this, and the remedy."""
    if shown in _NOT_YET:
        remedy = "open the file with Excel and save it, or write the value itself"
        return "this formula has no value", remedy
    return f"the cell shows {shown}: its formula has no value", "mend it, or write the value itself"


def _plain(cell: Any, number_format: str, path: DataPath) -> Any:
    """Return what a cell says, as a YAML file would have it.

    Raises
    ------
    ScenarioError
        If it is written as in YAML, and is none.
    """
    lists, is_text = list_of(path), _base(path) is str
    match cell:
        case bool() if (kind := _kind_in_column(path)) is not None:
            what = f"the cell holds {str(cell).upper()}, where {kind.name} belongs"
            raise ScenarioError([Mistake(what, remedy=f"write {kind.ways}")])
        case bool():
            return cell
        case int() | float() if lists or is_text:
            cell = str(int(cell)) if cell == int(cell) else str(cell)
        case int() | float():
            return as_shown(cell, number_format, _kind_in_column(path))
        case date() if (kind := _kind_in_column(path)) is not None:
            what = f"the cell holds a date, {cell:%Y-%m-%d}, where {kind.name} belongs"
            remedy = (
                "Excel makes dates of 6-10 and 1/2: format the cell as text, then write it again"
            )
            raise ScenarioError([Mistake(what, remedy=remedy)])
        case datetime() if "h" in number_format.lower():
            return _to_the_second(cell).isoformat(" ")
        case date():  # of which a datetime is one, too: here no time of day is shown
            return cell.strftime("%Y-%m-%d")
        case time() | timedelta():
            return _clock(cell, number_format)
    text = str(cell).strip()
    if is_text:
        return text
    if text.startswith(("{", "[")):
        return parse_value(text)
    if lists is not None:
        return [one.strip() for one in text.split(",")] if lists is Name else [text]
    value = core_scalar(text)
    if isinstance(value, Unfit):
        raise ScenarioError([Mistake(value.what, remedy=value.remedy)])
    return value


def _kind_in_column(path: DataPath) -> Kind | None:
    """Return the kind of number at a path, which is the same in each row of a table."""
    is_part = path[0] in TABLES and len(path) > 2
    return _kind_of_key((path[0], "…", *path[2:]) if is_part else path)


_kind_of_key = lru_cache(4096)(kind_at)


def _to_the_second(moment: datetime) -> datetime:
    """Return a date and time without the fractions that a sum of days leaves."""
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)


def _clock(cell: time | timedelta, number_format: str) -> str:
    """Return a time as the cell shows it, with seconds only where these are shown."""
    if isinstance(cell, time):
        cell = datetime.combine(date.min, cell) - datetime.min
    minutes, seconds = divmod(round(cell.total_seconds()), 60)
    shown = f":{seconds:02}" if "s" in number_format.lower() or seconds else ""
    return f"{minutes // 60:02}:{minutes % 60:02}{shown}"


def _nodes(value: Any) -> int:
    """Count the names and values of plain data."""
    if isinstance(value, Mapping):
        return sum(2 + _nodes(inner) for inner in value.values())
    return sum(1 + _nodes(inner) for inner in value) if isinstance(value, list) else 1


def _place(grid: Grid, row: int, column: int) -> Place:
    return Place(row + 1, column + 1, sheet=grid.name)


def _blank(cell: object) -> bool:
    """Say whether nothing is seen in a cell."""
    return cell is None or (isinstance(cell, str) and not HIDDEN.sub("", cell).strip())


def _empty(row: Sequence[object]) -> bool:
    return all(map(_blank, row))


def _hidden(grid: Grid, headings: Mapping[str, int], top: int) -> Iterator[tuple[int, int]]:
    """Yield the first cell of each hidden row, and of each hidden column, that is read."""
    columns = sorted(headings.values())
    for row in sorted(grid.hidden_rows):
        entries = grid.rows[row] if top < row < len(grid.rows) else []
        used = [at for at in columns if at < len(entries) and not _blank(entries[at])]
        if used and not str(entries[used[0]]).startswith(OWN):
            yield row, used[0]
    for column in columns:
        if column in grid.hidden_columns and not _empty([row[column] for row in grid.rows[top:]]):
            yield top, column


def _merged(grid: Grid, headings: Mapping[str, int], top: int) -> Iterator[tuple[int, int]]:
    """Yield the first cell of each run of merged cells that is read."""
    for first, left, last, right in grid.merged:
        read = any(left <= column <= right for column in headings.values())
        cell = grid.rows[first][left] if first < len(grid.rows) else None
        if read and last >= top and not _blank(cell) and not str(cell).startswith(OWN):
            yield first, left
