"""Plain data as tidy YAML text: the way out, of which :mod:`document` is the way in."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from livesim.errors import UsageError
from livesim.scenario.core_schema import MAX_NAME, core_scalar
from livesim.scenario.document import DataPath

#: Numbers with blanks between them, as draws are written.
_NUMBERS = re.compile(r"[\d.e+-]+(?: [\d.e+-]+)+")

__all__ = ["write_inline", "write_yaml"]

LINE_WIDTH = 80
FLOW_ENTRIES = 4
"""A mapping of at most so many scalars is written in one line, if it fits."""

_PLAIN = re.compile(r"[-+.$€£¥]?\w(?:[\w \-+./%()*=;!?'’$€£¥×·–—]|:(?=\w))*")  # noqa: RUF001


def write_yaml(
    data: Mapping[str, Any], comments: Mapping[tuple[str, ...], str] | None = None
) -> str:
    """Write plain data so that :func:`parse_document` reads exactly the same data.

    Parameters
    ----------
    data
        Dicts with texts as names, lists, texts, numbers, booleans and None, in any nesting within
        the limits of this module. Their order is kept.
    comments
        Remarks by path, written at the end of the line of the path's name.

    Raises
    ------
    UsageError
        If a value is of another type, or a name is not a text of at most 200 characters.

    Examples
    --------
    >>> print(write_yaml({"show": {"start": "20:00", "length": "2h"}, "viewers": "2000"},
    ...                  {("viewers",): "given"}), end="")
    show: {start: 20:00, length: 2h}
    viewers: "2000"  # given
    """
    if not data:
        return "{}\n"
    return "\n".join(_Writing(comments or {}).block(data, (), "")) + "\n"


class _Writing:
    """The lines of a text; a path with a comment gets a line of its own."""

    def __init__(self, comments: Mapping[tuple[str, ...], str]) -> None:
        self.comments: dict[DataPath, str] = dict(comments.items())
        self.ancestors = {path[:end] for path in comments for end in range(len(path))}

    def block(self, node: Any, path: DataPath, pad: str) -> Iterator[str]:
        """Yield the lines of a mapping or a list that is not empty."""
        if isinstance(node, Mapping):
            for name, value in node.items():
                yield from self.entry(f"{pad}{_name(name)}:", value, (*path, name), pad)
        else:
            for index, value in enumerate(node):
                yield from self.item(value, (*path, index), pad)

    def entry(self, head: str, value: Any, path: DataPath, pad: str) -> Iterator[str]:
        short = self.short(value, path, LINE_WIDTH - len(head) - 1)
        *before, last = [head] if short is None else _folded(head, short, pad)
        yield from before
        yield last + self.comment(path)
        if short is None:
            yield from self.block(value, path, pad + "  ")

    def item(self, value: Any, path: DataPath, pad: str) -> Iterator[str]:
        short = self.short(value, path, LINE_WIDTH - len(pad) - 2)
        if short is not None:
            yield f"{pad}- {short}{self.comment(path)}"
            return
        first, *others = self.block(value, path, pad + "  ")
        yield f"{pad}- {first.lstrip(' ')}"
        yield from others

    def short(self, value: Any, path: DataPath, room: int) -> str | None:
        """Return a value as part of a line, or None if it needs lines of its own."""
        if not isinstance(value, Mapping | list | tuple):
            return _scalar(value)
        inside = value.values() if isinstance(value, Mapping) else value
        if any(isinstance(one, Mapping | list | tuple) for one in inside):
            return None
        text = write_inline(value)
        fits = len(text) <= room and not (isinstance(value, Mapping) and len(value) > FLOW_ENTRIES)
        return text if not value or (fits and path not in self.ancestors) else None

    def comment(self, path: DataPath) -> str:
        remark = " ".join(self.comments.get(path, "").split())
        return f"  # {remark}" if remark else ""


def _folded(head: str, value: str, pad: str) -> list[str]:
    """Return a name with its value, many numbers in several lines."""
    whole = f"{head} {value}"
    if not _NUMBERS.fullmatch(value):
        return [whole]
    return wrap(whole, LINE_WIDTH, subsequent_indent=f"{pad}    ", break_on_hyphens=False)


def write_inline(value: Any) -> str:
    """Write a value as YAML in one line.

    Raises
    ------
    UsageError
        As :func:`write_yaml`.

    Examples
    --------
    >>> write_inline({"serum": {"price": 299, "returns": "10%"}, "on_stage": ["viya"]})
    '{serum: {price: 299, returns: 10%}, on_stage: [viya]}'
    """
    match value:
        case Mapping():
            entries = (f"{_name(name)}: {write_inline(one)}" for name, one in value.items())
            return "{" + ", ".join(entries) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(write_inline, value)) + "]"
    return _scalar(value)


def _name(name: object) -> str:
    if not isinstance(name, str) or len(name) > MAX_NAME:
        raise UsageError(f"a name must be a text of at most {MAX_NAME} characters: {name!r:.60}")
    # Any unquoted name is read as text, whatever it would mean as a value.
    return name if _PLAIN.fullmatch(name) and not name.endswith(" ") else _quoted(name)


def _scalar(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return int.__repr__(value)
        case float():
            return _float(value)
        case str():
            return _text(value)
    raise UsageError(f"YAML has no way to write a {type(value).__name__}: {value!r:.60}")


def _float(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    return float.__repr__(value)


def _text(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and not text.endswith(" ") and core_scalar(text) == text
    return str.__str__(text) if plain else _quoted(text)


def _quoted(text: str) -> str:
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    return {"\n": "\\n", "\t": "\\t"}.get(character, f"\\U{ord(character):08x}")
