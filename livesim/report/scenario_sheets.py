"""A scenario as a workbook to fill in: what :mod:`livesim.scenario.sheets` reads.

One sheet for the show, one for each section of named parts, and one that explains all keys. Shares
are cells with percent, dates are dates, numbers are numbers; the head of each column says in a note
what it means, and what takes a word offers the words. In a language other than English, names of
keys stand beside the keys, which stay as they are.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, get_origin

from livesim.errors import ScenarioError, UsageError
from livesim.report.language import heading, say
from livesim.resolve.keys import NAME as ANY
from livesim.resolve.keys import Key, all_keys
from livesim.scenario.document import DataPath, Document
from livesim.scenario.draft import Draft
from livesim.scenario.fields import Name, Part, below, unwrapped
from livesim.scenario.including import ALTERNATIVES, with_includes
from livesim.scenario.quantities import MORE_THAN, SHARE, QuantityError
from livesim.scenario.sheets import (
    KEY,
    NAME,
    OWN,
    SHOW,
    TABLES,
    VALUE,
    described,
    kind_at,
    list_of,
    marks_at,
)
from livesim.scenario.shorthand import written_out
from livesim.scenario.writing import write_inline

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

#: What is offered beside what a scenario says: keys of the show, and columns of each table.
_OFFERED: Final[Mapping[str, tuple[str, ...]]] = {
    SHOW: (
        *("like", "title", "show.start", "show.length", "show.currency", "show.known_from"),
        *("show.past_shows", "history", "viewers", "watch_time", "orders", "gpm"),
        *("deal.slot_fee", "deal.commission", "deal.platform_fee", "deal.guest_fee"),
        *("deal.shipping", "deal.return_freight"),
        *("supply.pack", "supply.minimum_order", "supply.budget", "supply.lead_time"),
        *("supply.ordered", "checkout.unpaid", "screen.on_hand", "screen.claimed"),
    ),
    "products": (
        *("label", "price", "unit_cost", "left_over_value", "owned", "returns"),
        *("orders_per_1000", "forecast", "new", "limit", "supply.pack", "supply.minimum_order"),
    ),
    "people": ("label", "role", "pull", "lift", "no_show"),
    "segments": ("viewers", "watch_time", "comes_for"),
    "rundown": ("label", "length", "on_stage", "sells", "link", "waits_for", "at_sell_out"),
}
#: Rows of a table that offer words, and know their numbers' formats.
_ROWS: Final = 500
#: What a cell can hold.
_TEXT: Final = 32_767
_WAYS: Final = (
    "A number may be uncertain: 6–10, or {p10: 6, likely: 8, p90: 12}. Times: 90s, 5min, 1h30m."
)
_DATE: Final = "yyyy-mm-dd hh:mm"


def scenario_workbook(document: Document) -> bytes:
    """Return a workbook that says what a scenario's file says, with room for more.

    Parameters
    ----------
    document
        What the file says; what it includes is written out.

    Raises
    ------
    ScenarioError
        If a part of it could not be read.
    UsageError
        If it describes several shows, or a cell cannot hold what it says.
    """
    if ALTERNATIVES in document.data:
        raise UsageError(
            f"{document.file} describes several shows, and a workbook one: keep it as YAML"
        )
    document = written_out(with_includes(document))
    if document.mistakes:
        raise ScenarioError(document.mistakes)
    from xlsxwriter import Workbook

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(stream, {**options, "strings_to_numbers": False}) as book:
        writing = _Writing(book)
        writing.show({key: one for key, one in document.data.items() if key not in TABLES})
        for section in TABLES:
            if section in _OFFERED or section in document.data:
                writing.table(section, document.data.get(section) or {})
        writing.explanation()
    return stream.getvalue()


class _Writing:
    """The sheets of one workbook."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.keys = {key.path: key for key in all_keys()}
        self.head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1})
        self.quiet = book.add_format({"font_color": "#5F6B76", "text_wrap": True, "valign": "top"})
        self.part = book.add_format({"bold": True})
        self.formats = {
            name: book.add_format({"num_format": name, "valign": "top"})
            for name in ("0.####%", "#,##0", "General", _DATE)
        }

    def show(self, data: Mapping[str, Any]) -> None:
        """Write the sheet with a row for each key."""
        place = self.sheet(SHOW, (KEY, VALUE, f"{OWN} {say('what it means')}"), (26, 34, 90))
        told = say("What your show is."), say(_WAYS), say("Empty: as the template has it.")
        place.write_comment(0, 1, say(" ").join(told))
        said = {path: one for key in data for path, one in _leaves((key,), data[key])}
        offered = [tuple(key.split(".")) for key in _OFFERED[SHOW]]
        order = list(dict.fromkeys([*(path[0] for path in offered), *Draft.model_fields]))
        paths: list[DataPath] = list(dict.fromkeys([*offered, *said]))
        paths.sort(key=lambda path: order.index(str(path[0])))
        row, section = 1, "title"
        for path in paths:
            if path[0] != section and len(path) > 1:
                meaning = _with_name(path[:1], self.meaning(path[:1]))
                place.write_string(row + 1, 0, f"{OWN} {meaning}", self.part)
                row += 2
            section = str(path[0]) if len(path) > 1 else section
            place.write_string(row, 0, ".".join(map(str, path)))
            place.write_string(row, 2, _with_name(path, self.meaning(path)), self.quiet)
            self.write(place, row, 1, path, said.get(path))
            self.offer_words(place, path, row, 1, row)
            row += 1

    def table(self, section: str, parts: Mapping[str, Any]) -> None:
        """Write the sheet of a section, with a row for each part."""
        rows = {name: dict(_leaves((section, name), part)) for name, part in parts.items()}
        said = (path[2:] for leaves in rows.values() for path in leaves)
        offered = (tuple(key.split(".")) for key in _OFFERED.get(section, ()))
        columns = list(dict.fromkeys([*offered, *(one for one in said if one)]))
        heads = [".".join(map(str, path)) for path in columns]
        widths = [min(max(len(head), 11), 26) + 2 for head in heads]
        place = self.sheet(section, (NAME, *heads), (24, *widths))
        called = [heading(head) for head in heads]
        first = 1 if called == heads else 2  # the row of the first part
        if first > 1:
            for column, text in enumerate([f"{OWN} {say('name')}", *called]):
                place.write_string(1, column, text, self.quiet)
        place.freeze_panes(first, 1)
        of_names = say("A name: lower-case letters, digits, _.")
        name_note = _with_name((section,), self.meaning((section,))), of_names, say(_WAYS)
        place.write_comment(0, 0, " ".join(name_note), {"x_scale": 2})
        for column, path in enumerate(columns, start=1):
            whole = (section, ANY, *path)
            place.write_comment(0, column, self.note(whole), {"x_scale": 2.5, "y_scale": 1.5})
            place.set_column(column, column, widths[column - 1], self.format_of(whole))
            self.offer_words(place, whole, 1, column, _ROWS)
        for row, (name, leaves) in enumerate(rows.items(), start=first):
            place.write_string(row, 0, name)
            for column, path in enumerate(columns, start=1):
                whole = (section, name, *path)
                self.write(place, row, column, whole, leaves.get(whole))

    def explanation(self) -> None:
        """Write the sheet that says what all keys mean, which is not read."""
        heads = tuple(map(say, ("sheet", "key", "what it means", "example")))
        place = self.sheet(f"{OWN} {say('all keys')}", heads, (12, 38, 100, 50))
        for row, key in enumerate(self.keys.values(), start=1):
            section, *inside = key.path
            table = section in TABLES and len(inside) > 1
            shown = inside[1:] if table else key.path
            for column, text in enumerate(
                (
                    (section if table else SHOW).capitalize(),
                    ".".join(shown),
                    _with_name(tuple(shown), key.meaning),
                    write_inline(key.example),
                )
            ):
                place.write_string(row, column, text[:_TEXT])

    def sheet(self, name: str, heads: Sequence[str], widths: Iterable[float]) -> Worksheet:
        place = self.book.add_worksheet(name.capitalize() if name in (SHOW, *TABLES) else name)
        for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
            place.write_string(0, column, head, self.head)
            place.set_column(column, column, width)
        place.freeze_panes(1, 0)
        return place

    def key(self, path: DataPath) -> Key | None:
        """Return what is known of a key, whatever the names on the way to it."""
        whole: tuple[str, ...] = ()
        for step in map(str, path):
            known = self.keys.get(whole)
            whole += (ANY,) if known is not None and known.named else (step,)
        return self.keys.get(whole)

    def meaning(self, path: DataPath) -> str:
        key = self.key(path)
        return "" if key is None else key.meaning

    def note(self, path: DataPath) -> str:
        """Return what the head of a column says: what it means, and how to write it."""
        kind, key = kind_at(path), self.key(path)
        listed = list_of(path) is Name
        several = f" {say('Several with commas.')}" if listed else ""
        ways = f" {say('Write {ways}.', ways=kind.ways)}" if kind else several
        example = (
            f" {say('Example: {value}', value=write_inline(key.example))}"
            if key is not None
            else ""
        )
        return f"{_with_name(path[2:], self.meaning(path))}{ways}{example}"[:1000]

    def format_of(self, path: DataPath) -> Any:
        """Return how Excel shows what is typed into a column, which is what livesim reads."""
        kind = kind_at(path)
        if datetime in marks_at(path):
            return self.formats[_DATE]
        if kind is not None and kind.parse is SHARE.parse:
            return self.formats["0.####%"]
        return self.formats["#,##0"] if kind is not None and kind.whole else None

    def offer_words(self, place: Worksheet, path: DataPath, row: int, column: int, to: int) -> None:
        """Offer the words of a key that takes words."""
        annotation = unwrapped(next(iter(described(path)), None))
        words = get_args(annotation) if get_origin(annotation) is Literal else ()
        source = ["TRUE", "FALSE"] if annotation is bool else [str(word) for word in words]
        if source:
            rule = {"validate": "list", "source": source, "error_title": "livesim"}
            place.data_validation(row, column, to, column, {**rule, "error_type": "warning"})

    def write(self, place: Worksheet, row: int, column: int, path: DataPath, value: Any) -> None:
        """Write what a key says into its cell, or leave it empty in its format."""
        shape = self.format_of(path)
        value = _in_a_cell(value, path)
        match value:
            case None:
                place.write_blank(row, column, None, shape or self.formats["General"])
            case bool():
                place.write_boolean(row, column, value)
            case datetime():
                place.write_datetime(row, column, value, self.formats[_DATE])
            case int() | float():
                place.write_number(row, column, value, self.number_format(path, value, shape))
            case str() if len(value) > _TEXT:
                what = f"{'.'.join(map(str, path))}: a cell cannot hold {len(value):,} characters"
                raise UsageError(f"{what}; the limit is {_TEXT:,}")
            case _:
                place.write_string(row, column, value, self.formats["General"])

    def number_format(self, path: DataPath, value: float, shape: Any) -> Any:
        """Return the format of a number: of its column, unless that shows it otherwise."""
        whole = value == int(value)
        if shape is self.formats["0.####%"]:
            return shape if SHARE.read(f"{value * 100:.12g}%") == value else self.formats["General"]
        return self.formats["#,##0"] if whole and abs(value) >= 1_000 else self.formats["General"]


def _with_name(path: DataPath, meaning: str) -> str:
    """Return what a key means, after its name in the language that is spoken."""
    key = ".".join(map(str, path))
    name = heading(key)
    return meaning if name == key else f"{name}: {meaning}"


def _leaves(path: DataPath, value: Any) -> Iterator[tuple[DataPath, Any]]:
    """Yield what stands in cells of its own: the values in parts, and in parts under names."""
    annotation: Any = Draft
    for step in path:
        annotation = unwrapped(below(annotation, step))
    opens = isinstance(annotation, type) and issubclass(annotation, Part)
    named = get_origin(annotation) is dict and get_args(annotation)[0] == Name
    if isinstance(value, Mapping) and (value or len(path) == 2) and (opens or named):
        if not all(re.fullmatch("[a-z][a-z0-9_]*", str(name)) for name in value):
            yield path, value
            return
        for name, inner in value.items():
            yield from _leaves((*path, name), inner)
    else:
        yield path, value


def _in_a_cell(value: Any, path: DataPath) -> Any:
    """Return what a cell holds: a number, a text, a boolean, a date, or None where it is empty."""
    if isinstance(value, list) and list_of(path) is not None:
        joined = ", ".join(map(str, value))
        plain = all(isinstance(one, str) for one in value) and value
        single = list_of(path) is Name or (len(value) == 1 and not joined.startswith(("[", "{")))
        return joined if plain and single else write_inline(value)
    if isinstance(value, Mapping | list):
        return write_inline(value)
    if not isinstance(value, str):
        return value
    kind = kind_at(path)
    if datetime in marks_at(path):
        with suppress(ValueError):
            moment = datetime.fromisoformat(value)
            fits = moment.tzinfo is None and not moment.second and not moment.microsecond
            return moment if fits and moment.year > 1900 else value
    if kind is not None and kind.bare and kind.parse is not MORE_THAN.parse:
        with suppress(QuantityError):
            number = kind.read(value)
            return number if kind.allows(number) else value  # a word, as kept
    return value
