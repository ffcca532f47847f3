"""A page of text: what a command prints, in a pipe or on a terminal.

A `Page` is made once and shown in two ways: as plain text in a pipe or a file, and with rich on a
terminal. Both have the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile, zip_longest
from typing import TYPE_CHECKING, Final, TypeAlias

from livesim.report.language import in_one_line, known, retold, say
from livesim.report.wording import columns, glued, justified, wrapped

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
    from rich.table import Table as RichTable
    from rich.text import Text

WIDTH = 80
"""Columns of the plain text."""
_BETWEEN = 2
"""Blanks between two columns at least."""
_LEAD = 300
"""Characters of a sentence that is read at a glance."""
_NO_BREAK = "\N{NO-BREAK SPACE}"
_BREAK = "\N{WORD JOINER} "
"""What marks that a path or a word with a hyphen may go over lines here."""
_PARTS = re.compile("[ \u3001-\u301f\u3400-\u9fff\uff00-\uffef]")
"""Between these parts of a cell a line can end: at a blank, and at any character of Chinese."""
PERCENTILES: Final = "P10, P50 and P90: in 1, 5 and 9 shows of 10 it is at most so much."
"""What these are, where it is said once."""
LOW_TO_HIGH: Final = ("low, P10", "median, P50", "high, P90")
"""Headings of them that say by themselves what they are, for a table that is read at a glance."""
_INDENT = "  "
"""Before the further lines of a row's name."""


@dataclass(frozen=True)
class Table:
    """Rows of text under a header; the first column names the row.

    Attributes
    ----------
    header : tuple of str
        Names of the columns, of one line or more; the first is the table's own name.
    rows : tuple of tuple of str
        Each as long as the header.
    note : str
        What a reader must know of it; may be empty.
    words : int
        How many of the last columns are words, aligned left; the others are figures.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    words: int = 0

    @property
    def has_percentiles(self) -> bool:
        """Whether a column is a percentile whose heading does not say what that is."""
        low = LOW_TO_HIGH[0]
        return any("P10" in name and name not in (low, known(low)) for name in self.header)

    def without_empty_columns(self) -> Table:
        """Return it without the columns in which no row has anything."""
        kept = [place for place, cells in enumerate(zip(*self.rows, strict=True)) if any(cells)]
        header, *rows = (tuple(row[place] for place in kept) for row in (self.header, *self.rows))
        words = sum(place >= len(self.header) - self.words for place in kept)
        return Table(header, tuple(rows), self.note, words)

    def in_words(self) -> Table:
        """Return it in the language that is spoken: cells that are messages as a whole."""
        rows = tuple(tuple(map(retold, row)) for row in self.rows)
        return Table(tuple(map(known, self.header)), rows, known(self.note), self.words)


@dataclass(frozen=True)
class Points:
    """Short texts, each behind a mark of its own.

    Attributes
    ----------
    texts : tuple of str
        What is to be known.
    """

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Warnings:
    """Short texts that nobody may miss.

    Attributes
    ----------
    texts : tuple of str
        What is to be known.
    """

    texts: tuple[str, ...]


Part: TypeAlias = Table | Points | Warnings | str
"""A table, a list, or a paragraph."""


@dataclass(frozen=True)
class Page:
    """Everything that a command says, in order.

    Attributes
    ----------
    title : str
        What it is about.
    answer : tuple of Part
        What it says first: the answer, in a dozen lines.
    details : tuple of Part
        All the rest.
    """

    title: str
    answer: tuple[Part, ...]
    details: tuple[Part, ...] = ()

    def in_words(self) -> Page:
        """Return it in the language that is spoken: texts that are messages as a whole."""
        shown = [tuple(map(_in_words, parts)) for parts in (self.answer, self.details)]
        return Page(known(self.title), *shown)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything, the answer first."""
        return self.answer + self.details

    @property
    def lead(self) -> str:
        """The sentence that says most: a short one before any table; empty where there is none."""
        before = takewhile(lambda part: not isinstance(part, Table), self.answer)
        first = next((part for part in before if isinstance(part, str)), "")
        return first if len(first) <= _LEAD else ""

    @property
    def has_percentiles(self) -> bool:
        """Whether a table of the answer has them, so that they want explaining."""
        return any(isinstance(part, Table) and part.has_percentiles for part in self.answer)

    def with_percentiles_explained(self) -> Page:
        """Return it with what percentiles are below the first table of the answer that has any."""
        parts = list(self.answer)
        for place, part in enumerate(parts):
            if isinstance(part, Table) and part.has_percentiles:
                notes = filter(None, (say(PERCENTILES), part.note))
                parts[place] = replace(part, note=say(" ").join(notes))
                break
        return replace(self, answer=tuple(parts))

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of the page."""
        return tuple(part for part in self.parts if isinstance(part, Table))

    @property
    def words(self) -> tuple[str, ...]:
        """The paragraphs of the page."""
        return tuple(part for part in self.parts if isinstance(part, str))


def _in_words(part: Part) -> Part:
    match part:
        case Table():
            return part.in_words()
        case Points(texts):
            return Points(tuple(map(retold, texts)))
        case Warnings(texts):
            return Warnings(tuple(map(retold, texts)))
    return retold(part)


def plain(shown: Page) -> str:
    """Return a page as plain text for a pipe or a file.

    Parameters
    ----------
    shown : Page
        The page.

    Returns
    -------
    str
        Lines of at most `WIDTH` columns, unless a name is longer.

    Examples
    --------
    >>> table = Table(("stock", "demand"), (("serum", "1,230"),))
    >>> print(plain(Page("A show", (table,))))
    A show
    <BLANKLINE>
    stock   demand
    serum    1,230
    """
    blocks = ["\n".join(_justified(shown.title)), *map(_plain_part, shown.parts)]
    return "\n\n".join(block for block in blocks if block)


def styled(shown: Page) -> Group:
    """Return a page for a terminal.

    Parameters
    ----------
    shown : Page
        The page.

    Returns
    -------
    rich.console.Group
        To be printed by a rich console.
    """
    from rich.console import Group

    parts: list[RenderableType] = [_Text(shown.title, style="bold")]
    for part in shown.parts:
        parts += _styled_part(part)
    return Group(*parts)


def _plain_part(part: Part) -> str:
    match part:
        case Table():
            return _plain_table(part)
        case Points(texts):
            lines = [line for text in texts for line in _justified(f"- {text}", "  ")]
        case Warnings(texts):
            lines = [line for text in texts for line in _justified(f"! {text}", "  ")]
        case str():
            lines = _justified(part)
    return "\n".join(lines)


def _styled_part(part: Part) -> list[RenderableType]:
    match part:
        case Table(note=note, rows=rows):
            shown: list[RenderableType] = [_Fitting(part)] if rows else []
            return _below(*shown, *([_Text(note, style="dim")] if note else []))
        case Points(texts):
            return _below(*(_Text(text, mark="- ") for text in texts))
        case Warnings(texts):
            return _below(*(_Text(text, mark="! ", style="bold yellow") for text in texts))
        case str():
            return _below(*([_Text(part)] if part else []))


def _below(*shown: RenderableType) -> list[RenderableType]:
    """Return what is to be shown, if it is anything, below an empty line."""
    return ["", *shown] if shown else []


@dataclass(frozen=True)
class _Text:
    """A text on a terminal, in lines that break where plain ones do."""

    text: str
    mark: str = ""
    style: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        indent = " " * len(self.mark)
        lines = _justified(f"{self.mark}{self.text}", indent, options.max_width)
        yield Text("\n".join(lines), style=self.style)


def _justified(text: str, indent: str = "", width: int = WIDTH) -> list[str]:
    """Return the lines of a paragraph, none broken between a value and its unit."""
    return [line.replace(_NO_BREAK, " ") for line in justified(glued(text), width, indent)]


def _wrapped(text: str, indent: str = "", width: int = WIDTH) -> list[str]:
    """Return the lines of a name or a cell, none broken between a value and its unit."""
    return [line.replace(_NO_BREAK, " ") for line in wrapped(glued(text), width, indent)]


def _plain_table(table: Table) -> str:
    rows = [*_header_lines(table.header), *table.rows]
    between = _between(_widths(rows))
    fitting = (_fitting_widths(table, WIDTH) or _names_folded(table)) if table.words else None
    if fitting:
        rows = [line for row in rows for line in _cells_wrapped(row, fitting)]
    elif not table.words:
        room = _room_for_names(rows, between)
        rows = [line for row in rows for line in _name_wrapped(row, room)]
    widths = _widths(rows)
    figures = range(1, len(table.header) - table.words)
    lines = [
        (" " * between)
        .join(
            _filled(cell, width, to_the_right=place in figures)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        .rstrip()
        for row in rows
    ]
    return "\n".join([*lines, *_justified(table.note)])


def _room_for_names(rows: Sequence[Sequence[str]], between: int) -> int:
    """Return the columns that figures leave to names of rows, enough for the longest word."""
    first, *others = _widths(rows)
    longest = max(columns(word) for name, *_ in rows for word in _breakable(name, 0).split(" "))
    room = WIDTH - sum(others) - between * len(others)
    return min(first, max(room, longest + len(_INDENT)))


def _between(widths: Sequence[int]) -> int:
    """Return the blanks between two columns: fewer where a table would be too wide."""
    return 3 if sum(widths) + 3 * (len(widths) - 1) <= WIDTH else _BETWEEN


def _name_wrapped(row: tuple[str, ...], width: int) -> Iterator[tuple[str, ...]]:
    """Yield a row whose name is too wide as several, the figures in the first."""
    if columns(row[0]) <= width:
        yield row
        return
    own = row[0][: len(row[0]) - len(row[0].lstrip())]
    first, *more = (own + line for line in _over_lines(row[0], width - len(own), _INDENT))
    yield (first, *row[1:])
    yield from ((line, *("" for _ in row[1:])) for line in more)


def _over_lines(name: str, width: int, indent: str = "") -> list[str]:
    """Return the lines of a name or a cell, long keys broken after their own marks."""
    lines = _wrapped(_breakable(name, width - len(indent)), indent, width)
    return [line.replace(_BREAK, "").rstrip(_BREAK[0]) for line in lines]


def _breakable(name: str, width: int) -> str:
    """Return a name that may go over lines after the points of a path, too.

    And after the hyphens and underscores of a word that is wider than a line.
    """
    words = re.sub(r"(?<=[\w*]\.)(?=[a-z_*])", _BREAK, name).split(" ")
    mark = re.compile(r"(?<=[^\W\d]-)(?=[^\W\d])|(?<=[^\W_]_)(?=[^\W_])")
    return " ".join(mark.sub(_BREAK, one) if columns(one) > width else one for one in words)


def _cells_wrapped(row: Sequence[str], widths: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Yield a row as so many lines as its longest cell takes."""
    cells = [
        _over_lines(cell, width) if columns(cell) > width else [cell]
        for cell, width in zip(row, widths, strict=True)
    ]
    yield from zip_longest(*cells, fillvalue="")


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(columns, column)) for column in zip(*rows, strict=True)]


def _filled(cell: str, width: int, *, to_the_right: bool) -> str:
    blanks = " " * (width - columns(cell))
    return blanks + cell if to_the_right else cell + blanks


def _header_lines(header: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the lines of a header, names of fewer lines at the bottom."""
    names = [name.split("\n") for name in header]
    height = max(map(len, names))
    padded = [[""] * (height - len(name)) + name for name in names]
    return list(zip(*padded, strict=True))


@dataclass(frozen=True)
class _Fitting:
    """A table on a terminal, or where that is too narrow for it, each of its rows as a block."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = _fitting_widths(self.table, options.max_width)
        yield from (
            _blocks(self.table, options.max_width)
            if widths is None
            else [_styled_table(self.table, widths)]
        )


def fits(table: Table, most: int) -> bool:
    """Say whether a table fits so many columns of text, names of rows and words over lines."""
    return _fitting_widths(table, most) is not None


def _fitting_widths(table: Table, most: int) -> list[int] | None:
    """Return the widths of a table's columns: all but words in one line; None if it is too wide."""
    count = len(table.header)
    return _wrapped_widths(table, most, range(count - table.words, count) if table.words else [0])


def _names_folded(table: Table) -> list[int] | None:
    """Return the widths of a table's columns whose names of rows go over lines, as words do."""
    count = len(table.header)
    return _wrapped_widths(table, WIDTH, [0, *range(count - table.words, count)])


def _wrapped_widths(table: Table, most: int, wraps: Sequence[int]) -> list[int] | None:
    """Return the widths of columns of which some go over lines; None if they do not fit."""
    rows = [*_header_lines(table.header), *table.rows]
    widths = _widths(rows)
    room = most - _BETWEEN * (len(widths) - 1) - sum(widths) + sum(widths[n] for n in wraps)
    left = room - sum(min(widths[place], room // len(wraps)) for place in wraps)
    for place in wraps:
        cells = [row[place] if place else _breakable(row[place], 0) for row in rows]
        words = [word for cell in cells for word in _PARTS.split(cell)]
        own = min(widths[place], room // len(wraps) + left)  # what the others leave, too
        left -= max(0, own - room // len(wraps))
        widths[place] = own
        if widths[place] < max(map(columns, words)):
            return None
    return widths


def _styled_table(table: Table, widths: Sequence[int]) -> RichTable:
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    figures = range(1, len(table.header) - table.words)
    for place, (name, width) in enumerate(zip(table.header, widths, strict=True)):
        shown.add_column(
            Text(name),  # as it is: a plain text in [brackets] would be taken for markup
            justify="right" if place in figures else "left",
            width=width,
            vertical="bottom",
        )
    for row in table.rows:
        shown.add_row(*map(_cell, row, widths))
    return shown


def _cell(text: str, width: int) -> Text:
    """Return a cell, its further lines as far from the edge as its first."""
    from rich.text import Text

    indent = " " * (len(text) - len(text.lstrip()))
    lines = _over_lines(text, width - len(indent))
    return Text("\n".join(f"{indent}{line}" for line in lines))


def _blocks(table: Table, most: int) -> Iterator[RenderableType]:
    """Yield each row of a table under its name, a line for each of its other cells."""
    from rich.text import Text

    own, *names = map(in_one_line, table.header)
    yield Text("\n".join(_wrapped(own, width=most)), style="bold")
    for first, *cells in table.rows:
        yield Text("\n".join(_wrapped(first, width=most)))
        for name, cell in zip(names, cells, strict=True):
            if not cell:
                continue
            lines = [f"  {name}: {cell}"]
            if columns(lines[0]) > most:
                lines = [f"  {line}" for line in _wrapped(f"{name}:", width=most - 2)]
                lines += [f"    {line}" for line in _wrapped(cell, width=most - 4)]
            yield Text("\n".join(lines))
