"""The one door for YAML: text comes in as plain data with places.

Nothing else in livesim knows which library reads YAML. It is used as a tokeniser only: the data is
built here, by the core schema of YAML 1.2, in which `no` is a word and `20:00` is not 1200. No tag
builds an object, no name is given twice, and every limit is a named constant, so that a hostile
file meets an error within a second instead of filling the memory. Each name remembers the line and
the column where it was written, so that whoever finds a mistake later can point at it.

The library has two tokenisers. The one in C reads a sound file ten times as fast, and is not on
every machine. The one in Python is: it reads what the other finds fault with, so that a mistake has
the same words and the same place everywhere.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO, TypeAlias, TypeVar

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from yaml.reader import ReaderError
from yaml.tokens import ScalarToken

from livesim.errors import Mistake, ScenarioError, did_you_mean
from livesim.places import OF_SHELLS, NoFileError, is_file, is_folder, read_file
from livesim.scenario.complaints import EXPLANATIONS, QUOTE_IT
from livesim.scenario.core_schema import MAX_NAME, SpelledWhole, Unfit, core_scalar

__all__ = [
    "Document",
    "Place",
    "parse_document",
    "parse_value",
    "read_bytes",
    "read_document",
    "read_text",
]

# A character takes up to 1.5 µs to read and a node 20 to 40 µs (measured in 2026, at the worst that
# could be found for each), so each of these bounds any file to less than two seconds. A file of 439
# products as people write them has about 15,000 nodes; once everything in it is explicit it has
# 28,000, and 940,000 characters if it says where everything comes from.
MAX_CHARACTERS = 1_200_000
MAX_NODES = 40_000
"""Names, values, lists and mappings, after every alias is replaced by what it stands for."""
# A character has at most four bytes: what is longer is refused without decoding it.
MOST_BYTES = 4 * MAX_CHARACTERS
MAX_DEPTH = 40
MAX_TAG = 1_000
"""Characters of a tag, which the tokeniser reads in quadratic time."""
MAX_MISTAKES = 50

T = TypeVar("T")

DataPath = tuple[str | int, ...]

#: How a file that is a pipe may be called, and what was read of each by name, with which it was.
_PIPES: dict[str, tuple[TextIO | int, bytes]] = {}


class Place(NamedTuple):
    """A place in a text, or in a sheet, whose rows are the lines; both count from 1.

    ``file`` names the file if it is not the document's own but one that it includes, and ``sheet``
    the sheet if it is a workbook.
    """

    line: int
    column: int
    file: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Document:
    """What a file says, and where it says it.

    Parameters
    ----------
    data
        The content as plain dicts, lists, texts, numbers, booleans and None.
    file
        The file's name, for messages.
    places
        Where each path was written: a mapping's entry at its name, a list's entry at its start.
    characters
        How long the text is.
    mistakes
        What could not be read, where all the rest could: it is told together with what is wrong
        with that.
    judged
        The places of values that can be told to be wrong, where a part of the file is not read, so
        that what is told to be missing may not be; None where all of it is read.
    written
        Where a path of the data has another one in the file, as that is a short spelling: which.
    """

    data: dict[str, Any]
    file: str
    places: Mapping[DataPath, Place]
    characters: int = 0
    mistakes: tuple[Mistake, ...] = ()
    judged: frozenset[Place] | None = None
    written: Mapping[DataPath, DataPath] = field(default_factory=dict)

    def place(self, path: DataPath) -> Place | None:
        r"""Return the place of a path, or of its nearest ancestor that is in the file.

        Examples
        --------
        >>> document = parse_document("show:\n  length: 2h\n")
        >>> document.place(("show", "length"))
        Place(line=2, column=3, file=None, sheet=None)
        >>> document.place(("show", "currency"))
        Place(line=1, column=1, file=None, sheet=None)
        """
        for end in range(len(path), -1, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return None

    def mistake(self, path: DataPath, what: str, remedy: str = "") -> Mistake:
        r"""Return a mistake that points at the place of a path.

        Examples
        --------
        >>> document = parse_document("show:\n  length: 0\n", file="gala.yaml")
        >>> print(document.mistake(("show", "length"), "a show needs time"))
        gala.yaml:2:3  show.length
          a show needs time
        """
        place, written = self.place(path), _dotted(self.written.get(path, path))
        if place is None:
            return Mistake(what, written, remedy, self.file)
        file = place.file or self.file
        return Mistake(what, written, remedy, file, place.line, place.column, place.sheet)


def read_document(path: Path) -> Document:
    """Read a scenario file by itself, without what it includes.

    Parameters
    ----------
    path
        A UTF-8 text file.

    Raises
    ------
    ScenarioError
        If there is no such file, it is not UTF-8 text, or :func:`parse_document` refuses it.
    """
    return parse_document(read_text(path), str(path))


def read_text(path: Path) -> str:
    """Read the text of a scenario file.

    Raises
    ------
    ScenarioError
        If there is no such file, it is far too long, or it is not UTF-8 text.
    """
    return decoded(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """Read the bytes of a scenario file, as far as it can be one.

    Raises
    ------
    ScenarioError
        If there is no such file, or it cannot be read.
    """
    try:
        is_pipe = str(path) == "-" or str(path).startswith(OF_SHELLS)
        return _read_once(path) if is_pipe else read_file(path, MOST_BYTES + 1)
    except FileNotFoundError:
        beside = [*path.parent.glob("*.yaml"), *path.parent.glob("*.xlsx")]
        files = (other.name for other in beside if is_file(other))
        remedy = did_you_mean(path.name, sorted(files))
        what = "this link leads to no file" if path.is_symlink() else "there is no such file"
        raise _file_error(path, what, remedy) from None
    except IsADirectoryError:
        raise _file_error(path, "this is a folder", "name a file in it") from None
    except NoFileError as error:
        remedy = "give a file, or - for what a command prints: … | livesim plan -"
        raise _file_error(path, str(error.strerror), remedy) from None
    except OSError as error:
        kind = "folder" if is_folder(path) else "file"
        what = f"the {kind} cannot be read: {error.strerror}"
        raise _file_error(path, what, "check its name and its permissions") from None


def decoded(raw: bytes, file: str) -> str:
    """Return the text of a scenario's bytes.

    Raises
    ------
    ScenarioError
        If they are far too many, or not UTF-8 text.
    """
    if len(raw) > MOST_BYTES:
        raise _file_error(file, *_TOO_LONG)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        remedy = "save the file as UTF-8 (an option of `Save as` in most editors)"
        raise _file_error(file, f"line {line} is not UTF-8 text", remedy) from None


def _read_once(path: Path) -> bytes:
    """Read the standard input, or a pipe, whose text is asked for twice but comes only once."""
    name, stream = str(path), sys.stdin
    is_input = name in ("-", "/dev/stdin")
    pipe = stream if is_input else path.stat().st_ino
    if name not in _PIPES or _PIPES[name][0] != pipe:
        most = MOST_BYTES + 1
        _PIPES[name] = pipe, stream.buffer.read(most) if is_input else read_file(path, most)
    return _PIPES[name][1]


def parse_document(text: str, file: str = "<text>") -> Document:
    r"""Parse the text of a scenario file.

    Parameters
    ----------
    text
        One YAML 1.2 document whose top is a mapping.
    file
        The file's name, for messages.

    Raises
    ------
    ScenarioError
        If the text breaks YAML's syntax, gives a name twice, uses a tag or a merge key, or exceeds
        a limit of this module.

    Examples
    --------
    >>> parse_document("answer: no\nstart: 20:00\nviewers: 2_000\nprice: 12.5\n").data
    {'answer': 'no', 'start': '20:00', 'viewers': '2_000', 'price': 12.5}
    """
    data, places = _read_all(text, file)
    document = Document(data if isinstance(data, dict) else {}, file, places, len(text))
    if data is None:
        remedy = "`livesim new FILE` writes one to start from"
        raise ScenarioError([Mistake("there is no scenario in this file", "", remedy, file)])
    if not isinstance(data, dict):
        what = f"a scenario is a list of `name: value` lines, and this is {_kind(data)}"
        raise ScenarioError([document.mistake((), what, "begin with `title: ...`")])
    return document


def parse_value(text: str) -> Any:
    """Parse one value, as it would be read after the colon of a scenario file.

    Parameters
    ----------
    text
        A number, a text, or a list or mapping in brackets.

    Raises
    ------
    ScenarioError
        As :func:`parse_document`.

    Examples
    --------
    >>> parse_value("{p10: 1, likely: 2, p90: 3}")
    {'p10': 1, 'likely': 2, 'p90': 3}
    >>> parse_value("10min")
    '10min'
    """
    return _read_all(text, None)[0]


def _file_error(path: Path | str, what: str, remedy: str) -> ScenarioError:
    return ScenarioError([Mistake(what, remedy=remedy, file=str(path))])


def _dotted(path: DataPath) -> str:
    return ".".join(str(part) for part in path)


def _kind(data: object) -> str:
    return "a list" if isinstance(data, list) else f"the single value {_shown(str(data))}"


def _shown(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


# --------------------------------------------------------------------------------------------------
# Reading: text → events → plain data
# --------------------------------------------------------------------------------------------------


class _Stop(Exception):  # noqa: N818 - a message between functions here, never an error outside
    """A mistake after which the rest of the text cannot be understood."""

    def __init__(self, what: str, remedy: str, place: Place | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.place = place


_TOO_LONG = (
    f"the file has more than {MAX_CHARACTERS:,} characters, the limit for a scenario",
    "leave out what the show does not need, or split it into several scenarios",
)
_TOO_MANY = (
    f"there are more than {MAX_NODES:,} names and values, the limit for a scenario "
    "(an alias counts as all that it stands for)",
    _TOO_LONG[1],
)


@dataclass
class _Open:
    """A mapping or a list whose end has not been read yet."""

    path: DataPath
    data: dict[str, Any] | list[Any]
    names: dict[str, Place] = field(default_factory=dict)
    name: str | None = None
    """The name that waits for its value."""
    after_comma: bool = False
    """Whether this name would continue a number, as 000 does in {p10: 1,000}."""


#: What the two tokenisers take for different things: a tab or a mark of the byte order for a
#: space, and what stands behind the sign of a text in lines for a comment.
_TAKEN_OTHERWISE = re.compile("[\t\ufeff]|[|>][-+0-9]*#")


def _read_all(text: str, file: str | None) -> tuple[Any, dict[DataPath, Place]]:
    """Return the data of a text and where each path of it was written."""
    text = text.removeprefix("\ufeff")
    if _COMPILED is not None and not _TAKEN_OTHERWISE.search(text):
        with suppress(ScenarioError):
            return _Reading(file).read(_events(text, _COMPILED))
    return _Reading(file).read(_events(text, _Tokeniser))


class _Reading:
    """One pass over a text: builds the data, and notes places and mistakes on the way."""

    def __init__(self, file: str | None) -> None:
        self.file = file
        self.root: Any = None
        self.places: dict[DataPath, Place] = {}
        # By place, because an alias repeats the mistakes of what it stands for.
        self.mistakes: dict[Place | None, Mistake] = {}
        self.opened: list[_Open] = []
        self.last: ScalarEvent | None = None
        self.number = ""
        """The last value as it is written, with what commas have cut off it."""

    def read(self, events: Iterator[Event]) -> tuple[Any, dict[DataPath, Place]]:
        try:
            for event in _expanded(events):
                self.take(event)
        except _Stop as stop:
            self.note(stop.what, stop.remedy, stop.place)
        if self.mistakes:
            raise ScenarioError(list(self.mistakes.values()))
        return self.root, self.places

    def note(self, what: str, remedy: str, place: Place | None, path: DataPath = ()) -> None:
        line, column = (place.line, place.column) if place else (None, None)
        mistake = Mistake(what, _dotted(path), remedy, self.file, line, column)
        self.mistakes.setdefault(place, mistake)

    def note_value(self, what: str, remedy: str, event: Event) -> None:
        self.note(what, remedy, _start(event), self.next_path())

    def take(self, event: Event) -> None:
        if len(self.mistakes) >= MAX_MISTAKES:
            raise _Stop("there are more mistakes, which are not shown", "mend these first")
        if isinstance(event, ScalarEvent):
            self.take_scalar(event)
        elif isinstance(event, MappingStartEvent):
            self.open(event, {})
        elif isinstance(event, SequenceStartEvent):
            self.open(event, [])
        elif isinstance(event, CollectionEndEvent):
            self.opened.pop()

    def take_scalar(self, event: ScalarEvent) -> None:
        if self.awaits_name():
            self.take_name(event)
        elif self.with_comma(event):
            return
        else:
            self.number = str(event.value)
            self.put(self.scalar(event), event)
        self.last = event

    def awaits_name(self) -> bool:
        return (
            bool(self.opened)
            and isinstance(self.opened[-1].data, dict)
            and self.opened[-1].name is None
        )

    def take_name(self, event: ScalarEvent) -> None:
        mapping, name, place = self.opened[-1], str(event.value), _start(event)
        path = (*mapping.path, name)
        self.core_tag(event, path, "scalar")
        mapping.after_comma = self.continues(event)
        self.refuse_odd(event, path, enumerate(name))
        if len(name) > MAX_NAME:
            what = f"a name of {len(name):,} characters; the limit is {MAX_NAME}"
            raise _Stop(what, "shorten it, or close the quotation mark before it", place)
        if name == "<<" and not event.style:
            remedy = "write the entries out, or give the whole value by `*alias`"
            self.note("merging with `<<` is not part of YAML 1.2", remedy, place, path)
        elif name in mapping.names and not mapping.after_comma:
            what = (
                f"{_shown(name) or 'an empty name'} is given twice: "
                f"on line {mapping.names[name].line} and on line {place.line}"
            )
            self.note(what, "delete one of them, or rename it", place, path)
        mapping.name = name
        mapping.names.setdefault(name, place)
        self.places.setdefault(path, place)

    def open(self, event: CollectionStartEvent, data: dict[str, Any] | list[Any]) -> None:
        if self.awaits_name():
            what = "a list or a mapping stands where a name should be"
            remedy = "write `name: value`; put text in brackets into quotes"
            raise _Stop(what, remedy, _start(event))
        if len(self.opened) == MAX_DEPTH:
            what = f"values are nested more than {MAX_DEPTH} deep, the limit for a scenario"
            raise _Stop(what, "check the brackets and the indentation", _start(event))
        path = self.next_path()
        self.core_tag(event, path, "map" if isinstance(data, dict) else "seq")
        self.put(data, event)
        self.opened.append(_Open(path, data))

    def next_path(self) -> DataPath:
        if not self.opened:
            return ()
        parent = self.opened[-1]
        return (*parent.path, len(parent.data) if parent.name is None else parent.name)

    def put(self, value: Any, event: Event) -> None:
        parent = self.opened[-1] if self.opened else None
        data = parent.data if parent is not None else None
        if parent is not None and isinstance(data, dict):
            data[_given(parent.name)], parent.name = value, None  # whose place is the value's, too
            return
        self.places.setdefault(self.next_path(), _start(event))
        if isinstance(data, list):
            data.append(value)
        else:
            self.root = value

    def continues(self, event: ScalarEvent) -> bool:
        """Say whether this text and the one before would be a number without the comma between."""
        last = self.last
        if last is None or last.style or event.style:
            return False
        before: Any = last.end_mark
        after: Any = event.start_mark
        glued = before.index + 1 == after.index
        return glued and bool(_WITH_COMMA.fullmatch(f"{last.value},{event.value}"))

    def with_comma(self, event: ScalarEvent) -> bool:
        """Put a number together again that a comma within brackets has cut in two, if it has.

        So whatever reads it refuses it, beside all else that is wrong with the file.
        """
        parent = self.opened[-1] if self.opened else None
        if parent is None or not parent.data:
            return False
        if isinstance(parent.data, list):
            if not (_NO_NUMBER.fullmatch(str(event.value)) and self.continues(event)):
                return False
            self.number, self.last = f"{self.number},{event.value}", event
            parent.data[-1] = self.number
        else:
            if not parent.after_comma or event.value or event.style:
                return False
            self.number = f"{self.number},{parent.name}"
            parent.data[next(reversed(parent.data))], parent.name = self.number, None
        return True

    def refuse_odd(
        self, event: ScalarEvent, path: DataPath, characters: Iterable[tuple[int, str]]
    ) -> None:
        """Name a character that cannot be seen, or that only looks like a sign of YAML."""
        if event.style or str(event.value).isascii():  # nearly always
            return
        odd = next(((at, one) for at, one in characters if _is_odd(one)), None)
        if odd is not None:
            place = _start(event)
            self.note(*_odd(odd[1]), Place(place.line, place.column + odd[0]), path)

    def scalar(self, event: ScalarEvent) -> Any:
        text = str(event.value)
        kind = None if event.tag is None else self.core_tag(event, self.next_path(), "scalar")
        if not text.isascii() and _SURROGATE.search(text):
            remedy = "write the character itself"
            self.note_value("half a character (a lone surrogate)", remedy, event)
            return text
        if kind == "str" or (event.style and kind is None):
            return text
        if not text.isascii():
            ends = [(at, text[at]) for at in {0, len(text) - 1} if text[at] not in _WIDE]
            self.refuse_odd(event, self.next_path(), ends)
        value = core_scalar(text)
        if isinstance(value, Unfit):
            self.note_value(value.what, value.remedy, event)
        elif kind == "float" and type(value) in (int, SpelledWhole):
            return float(value)
        elif kind == "int" and isinstance(value, SpelledWhole):
            return int(value)
        elif kind is not None and type(value).__name__ != _PYTHON_TYPES[kind]:
            what = f"{_shown(text)} is not what its tag !!{kind} says"
            self.note_value(what, "delete the tag", event)
        return value

    def core_tag(
        self, event: ScalarEvent | CollectionStartEvent, path: DataPath, node: str
    ) -> str | None:
        """Return the core schema's tag of an event, if it has one; note any other tag."""
        if event.tag is None:
            return None
        kind = str(event.tag).removeprefix(_CORE)
        allowed = _PYTHON_TYPES if node == "scalar" else (node,)
        if event.tag.startswith(_CORE) and kind in allowed:
            return kind
        shown = _shown(event.tag.replace(_CORE, "!!"))
        what = f"the tag {shown} is not allowed: values are plain texts, numbers, lists, mappings"
        self.note(what, "delete it, or put the text in quotes if it is no tag", _start(event), path)
        return None


#: Signs that a keyboard for Chinese or Japanese writes instead of YAML's own.
_WIDE = dict(zip("：，｛｝［］＃－", ":,{}[]#-", strict=True))  # noqa: RUF001
_IN_UNITS = r"(?:\.\d+)?\s*(?:%|k|K|M|bn|B|万|萬|亿|億)?"
#: A number, or one end of a range: 10,000–15,000 has two commas.
_WITH_COMMA = re.compile(
    rf"[-+]?(?:\d+{_IN_UNITS}\s*[-–—]\s*)?\d+,\d+{_IN_UNITS}(?:\s*[-–—]\s*\d+{_IN_UNITS})?"
)
_NO_NUMBER = re.compile(r"0\d\d")


def _is_odd(character: str) -> bool:
    blank = unicodedata.category(character) in ("Cf", "Zl", "Zp", "Zs") and character != " "
    return blank or character in _WIDE


def _odd(character: str) -> tuple[str, str]:
    named = f"U+{ord(character):04X}, {unicodedata.name(character, 'without a name')},"
    if character in _WIDE:
        return f"{named} only looks like {_WIDE[character]}", f"write {_WIDE[character]} instead"
    return f"{named} cannot be seen here", "delete it, or write an ordinary space instead"


def _given(value: T | None) -> T:
    """Return what the library's types say may be missing, and never is in what it reads."""
    assert value is not None
    return value


def _at(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _start(event: Event) -> Place:
    return _at(event.start_mark)


_BREAK: Final = "\\0 \t\r\n\x85\u2028\u2029"
#: Text without quotes up to what may end it: outside of brackets, and within them.
_PLAIN: Final = (
    re.compile(rf"(?:[^:{_BREAK}]|:(?![{_BREAK}]))*"),
    re.compile(rf"(?:[^:{_BREAK},\[\]{{}}]|:(?![{_BREAK},\[\]{{}}]))*"),
)


class _Tokeniser(yaml.SafeLoader):
    """The library's tokeniser in Python, where it is too slow or no YAML 1.2.

    Every open bracket may turn out to be the start of a mapping's key, until its line ends or 1,024
    characters have passed. These candidates are kept from the outermost, which is the oldest, to
    the innermost. The library looks through all of them at every token; the oldest says it all.
    """

    def next_possible_simple_key(self) -> int | None:
        return next((key.token_number for key in self.possible_simple_keys.values()), None)

    def stale_possible_simple_keys(self) -> None:
        oldest = next(iter(self.possible_simple_keys.values()), None)
        if oldest is None:
            return
        if oldest.line != self.line or self.index - oldest.index > 1024:
            super().stale_possible_simple_keys()

    def scan_plain(self) -> ScalarToken:
        """Read text without quotes, which may hold a `?` within brackets since YAML 1.2."""
        runs: list[str] = []
        start = end = self.get_mark()
        spaces: list[str] | None = []
        while self.peek() != "#":
            run = _given(_PLAIN[self.flow_level > 0].match(self.buffer, self.pointer))[0]
            if not run:
                break
            self.allow_simple_key = False
            runs += [*(spaces or ()), run]
            self.forward(len(run))
            end = self.get_mark()
            spaces = self.scan_plain_spaces(self.indent + 1, start)
            if not spaces or (not self.flow_level and self.column <= self.indent):
                break
        return ScalarToken("".join(runs), True, start, end)


_Loader: TypeAlias = type[yaml.SafeLoader] | type[yaml.CSafeLoader]
#: The library's tokeniser in C, on machines that have it.
_COMPILED: _Loader | None = getattr(yaml, "CSafeLoader", None)


def _events(text: str, loader: _Loader) -> Iterator[Event]:
    """Tokenise a text, with the library's complaints in a planner's words."""
    if len(text) > MAX_CHARACTERS:
        raise _Stop(*_TOO_LONG)
    if any("!" in run for run in _TAG_RUN.findall(text)):
        raise _Stop(f"a tag has more than {MAX_TAG:,} characters", "delete it")
    if (line_end := re.search("[\x85\u2028\u2029]", text)) is not None:
        what = f"an invisible line end (U+{ord(line_end[0]):04X})"
        raise _Stop(what, "delete it", _place(text, line_end.start()))
    try:
        yield from yaml.parse(text, loader)
    except yaml.MarkedYAMLError as error:
        raise _odd_near(text, error) or _syntax(error) from None
    except ReaderError as error:
        what = f"an invisible control character (U+{error.character:04X})"
        raise _Stop(what, "delete it", _place(text, error.position)) from None
    except (ValueError, OverflowError, IndexError) as error:
        # The library's own stumbles, over character codes and version numbers out of range.
        what = f"this is not YAML: {error}"
        raise _Stop(what, "look for a \\U escape or a %YAML line, and delete it") from None


def _place(text: str, index: int) -> Place:
    before = text[:index]
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _expanded(events: Iterable[Event]) -> Iterator[Event]:
    """Replay the events of an anchored node wherever an alias names it, within the limits."""
    seen: list[Event] = []
    nodes = characters = documents = 0
    opened: list[tuple[str | None, int]] = []
    spans: dict[str, slice | None] = {}
    for event in events:
        begin = len(seen)
        if isinstance(event, DocumentStartEvent):
            documents += 1
            _check_document(event, documents)
        for one in seen[_span(event, spans)] if isinstance(event, AliasEvent) else (event,):
            if isinstance(one, ScalarEvent):
                nodes += 1
                characters += len(one.value)
            elif isinstance(one, CollectionStartEvent):
                nodes += 1
            if nodes > MAX_NODES or characters > MAX_CHARACTERS:
                raise _Stop(*_TOO_MANY, _start(event))
            if spans or getattr(one, "anchor", None) is not None:
                seen.append(one)
            yield one
        if isinstance(event, ScalarEvent):
            if event.anchor is not None:
                spans[_new_anchor(event, spans)] = slice(begin, len(seen))
        elif isinstance(event, CollectionStartEvent):
            opened.append((event.anchor and _new_anchor(event, spans), begin))
        elif isinstance(event, CollectionEndEvent):
            anchor, begin = opened.pop()
            if anchor is not None:
                spans[anchor] = slice(begin, len(seen))


def _new_anchor(event: ScalarEvent | CollectionStartEvent, spans: dict[str, slice | None]) -> str:
    """Register the anchor of a node; what it spans is known at the node's end."""
    anchor = _given(event.anchor)
    if anchor in spans:
        what = f"the anchor &{_shown(anchor)} is given twice"
        raise _Stop(what, "rename one of them", _start(event))
    spans[anchor] = None
    return anchor


def _span(event: AliasEvent, spans: dict[str, slice | None]) -> slice:
    alias = _given(event.anchor)
    if alias not in spans:
        what = f"there is no anchor &{_shown(alias)} before this alias"
        remedy = did_you_mean(alias, spans) or f'put text that starts with * in quotes: "*{alias}"'
        raise _Stop(what, remedy, _start(event))
    span = spans[alias]
    if span is None:
        what = f"*{_shown(alias)} stands inside the value that it stands for"
        raise _Stop(what, "write that value out", _start(event))
    return span


def _check_document(event: DocumentStartEvent, count: int) -> None:
    if count > 1:
        what = "a second document starts here"
        raise _Stop(what, "delete the `---` line, or make two files of it", _start(event))
    if event.version is not None and tuple(event.version) != (1, 2):
        what = "the file says that it is another YAML than 1.2"
        raise _Stop(what, "delete its %YAML line; livesim reads YAML 1.2", _start(event))


_CORE = "tag:yaml.org,2002:"
_PYTHON_TYPES = {"str": "str", "int": "int", "float": "float", "bool": "bool", "null": "NoneType"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_IN_TAGS = r"[\w\-;/?:@&=+$,.!~*'()\[\]%#]"
_TAG_RUN = re.compile(rf"(?<!{_IN_TAGS}){_IN_TAGS}{{{MAX_TAG},}}", re.ASCII)


def _odd_near(text: str, error: yaml.MarkedYAMLError) -> _Stop | None:
    """Return the odd character that may be why the text cannot be read, if there is one."""
    lines = re.split("\r\n|\r|\n", text)
    marks: Iterable[Any] = (error.problem_mark, error.context_mark)
    for mark in marks:
        line = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
        at = next((at for at, character in enumerate(line) if _is_odd(character)), None)
        if at is not None:
            return _Stop(*_odd(line[at]), Place(mark.line + 1, at + 1))
    return None


def _syntax(error: yaml.MarkedYAMLError) -> _Stop:
    complaint = f"{error.context}: {error.problem}"
    end = _at(error.problem_mark)
    for one in EXPLANATIONS:
        if one.fragment in complaint:
            began = one.points_at == "start" and error.context_mark is not None
            return _Stop(one.what, one.remedy, _at(error.context_mark) if began else end)
    return _Stop(f"this is not YAML: {error.problem}", QUOTE_IT, end)
