"""The language of what people read: English, or one that has a catalogue in ``languages/``.

A message is its English text, with named places for what changes: ``say("Buy {what}.", what=…)``.
A catalogue is a JSON file of messages, with how numbers are written; a language is added by adding
its file. What a catalogue lacks stays English. `speaking` chooses the language; numbers, texts of
figures and cells of tables that are messages as a whole follow it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Final

from livesim.errors import UsageError, did_you_mean

_PLACE: Final = Path(__file__).with_name("languages")
ENGLISH: Final = "en"


@dataclass(frozen=True)
class Language:
    """A language.

    Parameters
    ----------
    code
        What it is chosen by, and its file's name.
    lang
        Its BCP 47 tag, for the page.
    group, decimal
        Marks between thousands, and before decimals.
    sizes
        From which size on [1] a number is shown divided by what [1], and the word behind it.
    messages
        English → the language.
    columns
        Words of the names of tables and of their columns.
    notes
        Shapes of what parts below say in English, and how the language says it.
    """

    code: str
    lang: str
    group: str
    decimal: str
    sizes: tuple[tuple[float, float, str], ...]
    messages: Mapping[str, str]
    columns: Mapping[str, str]
    notes: tuple[tuple[re.Pattern[str], str], ...]

    def number(self, text: str) -> str:
        """Return a number, written as in English, with the language's marks."""
        marks = {",": self.group, ".": self.decimal}
        return "".join(marks.get(character, character) for character in text)


def languages() -> tuple[str, ...]:
    """Return the codes of all languages.

    Examples
    --------
    >>> "en" in languages()
    True
    """
    return tuple(sorted(file.stem for file in _PLACE.glob("*.json")))


@cache
def language(code: str) -> Language:
    """Return a language by its code.

    Raises
    ------
    UsageError
        If there is no such language.
    """
    if code not in languages():
        alike = code.partition("-")[0].partition("_")[0].lower()
        meant = f". Did you mean {alike}?" if alike in languages() else ""
        known = did_you_mean(alike, languages()).partition(". ")[0]
        raise UsageError(f"no language is called {code}; {known}{meant}")
    told = json.loads((_PLACE / f"{code}.json").read_text("utf-8"))
    sizes = tuple((least, divisor, word) for least, divisor, word in told["sizes"])
    marks = told["group"], told["decimal"]
    notes = tuple((_shape(message), text) for message, text in told["notes"].items())
    words = told["messages"], told["messages"] | told["columns"]
    return Language(code, told["lang"], *marks, sizes, *words, notes)


_SPOKEN: Final[ContextVar[str]] = ContextVar("spoken", default=ENGLISH)


@contextmanager
def speaking(code: str | None) -> Iterator[None]:
    """Say what is said inside in a language; None: go on in the one that is spoken.

    Parameters
    ----------
    code
        Of the language: ``en`` or ``zh``.

    Raises
    ------
    UsageError
        If there is no such language.

    Examples
    --------
    >>> with speaking("en"):
    ...     say("{number:,} units", number=3_000)
    '3,000 units'
    """
    token = _SPOKEN.set(_SPOKEN.get() if code is None else language(code).code)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def spoken() -> Language:
    """Return the language that is spoken."""
    return language(_SPOKEN.get())


def say(message: str, /, **places: Any) -> str:
    """Return a message in the language that is spoken, its places filled in.

    Examples
    --------
    >>> say("{done} of {all}", done=3, all=4)
    '3 of 4'
    """
    now = spoken()
    text = now.messages.get(message, message)
    return _filled(now, text, places) if places else text


def known(text: str) -> str:
    """Return a whole text in the language that is spoken, if it is a message; else as it is."""
    bare = text.lstrip(" ")
    return text if isinstance(text, Called) else text[: len(text) - len(bare)] + say(bare)


def retold(text: str) -> str:
    """Return what a part below says in English, such as a note, in the language that is spoken.

    It is a message as a whole, or known by its shape: the first in a catalogue's ``notes`` that it
    fits.
    """
    whole = known(text)
    if isinstance(text, Called) or whole != text:
        return whole
    for shape, message in spoken().notes:
        if found := shape.fullmatch(text):
            parts = {name: _part_retold(part) for name, part in found.groupdict().items()}
            return _filled(spoken(), message, parts)
    return text


def in_one_line(name: str) -> str:
    r"""Return a name of several lines, such as a column's, in one; a path's lines touch.

    Examples
    --------
    >>> in_one_line("left over\nthen, P10"), in_one_line("serum.\nowned")
    ('left over then, P10', 'serum.owned')
    """
    first, *others = re.sub(r"(?<=[._=])\n", "", name).strip().splitlines() or [""]
    for line in others:
        first = _beside(f"{first} ", line)
    return first


def heading(name: str) -> str:
    """Return what a table, or a column such as ``profit.half_width``, is called.

    Each part is put together of the words that the language has for it; where it lacks one, the
    part stays as programs know it.
    """
    parts = parts_of(name)
    told = [_together(part.replace("_", " ").split()) for part in parts]
    if not any(told):
        return name
    return " · ".join(word or part for word, part in zip(told, parts, strict=True))


def parts_of(name: str) -> list[str]:
    """Return the parts of a column's name, in which a point before a digit is a decimal one.

    Examples
    --------
    >>> parts_of("crps.forecast x 1.3")
    ['crps', 'forecast x 1.3']
    """
    return re.split(r"\.(?!\d)", name)


def _together(words: list[str]) -> str:
    """Return words in the language that is spoken, in as few pieces as it has; else nothing."""
    for end in range(len(words), 0, -1):
        first = spoken().columns.get(" ".join(words[:end]), "")
        rest = _together(words[end:])
        if first and (rest or end == len(words)):
            return first + rest
    return ""


#: Names in a list, each of at most three words: ``serum, lip tint and mask``.
_NAME: Final = r"[^\s,]+(?: [^\s,]+){0,2}?"
_NAMES: Final = re.compile(rf"({_NAME}(?:, {_NAME})*) and ({_NAME})")


def _part_retold(part: str) -> str:
    """Return a part of a note; a list of names is joined as the language joins them."""
    again, names = retold(part), _NAMES.fullmatch(part)
    if names is None or again != part:
        return again
    most, last = names.groups()
    return say("{most} and {last}", most=say(", ").join(most.split(", ")), last=last)


def _shape(message: str) -> re.Pattern[str]:
    """Return what a message looks like, whatever stands in its places."""
    parts = enumerate(re.split(r"{(\w+)}", message))
    return re.compile("".join(f"(?P<{s}>.+?)" if n % 2 else re.escape(s) for n, s in parts))


class Called(str):
    """What somebody has called something: no message, even where it reads like one."""

    __slots__ = ()


#: Of scripts without spaces: Chinese and Japanese characters, and their marks.
_UNSPACED: Final = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
#: Between a Chinese character and a letter, a digit or a percent sign stands a space.
_WRITTEN_APART: Final = re.compile(r"[\u3400-\u9fff][A-Za-z0-9]|[A-Za-z0-9%][\u3400-\u9fff]")
#: Beside these stands none.
_MARK: Final = re.compile(r"[\u3001-\u301f\uff01-\uff0f\uff1a-\uff1f]")


def _filled(language: Language, message: str, places: Mapping[str, Any]) -> str:
    """Return a message with its places filled in, numbers with the marks of a language."""
    filled, together = "", _beside_in_chinese if _UNSPACED.search(message) else _beside
    for words, name, form, _ in Formatter().parse(message):
        filled = together(filled, words)
        if name is not None:
            filled = together(filled, _in_place(language, places[name], form or ""))
    return filled


def _in_place(language: Language, value: Any, form: str) -> str:
    text = format(value, form)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return language.number(text) if is_number and form else text


def _beside(before: str, after: str) -> str:
    """Return two texts as one, without a space where neither side's script has any.

    A catalogue has a space between Chinese and a place, as most places are for a number.
    """
    left, right = before.rstrip(" "), after.lstrip(" ")
    if _UNSPACED.match(left[-1:]) and _UNSPACED.match(right[:1]):
        return left + right
    return before + after


def _beside_in_chinese(before: str, after: str) -> str:
    """Return two texts as one, with a space where Chinese has one beside letters and numbers.

    Examples
    --------
    >>> [_beside_in_chinese(*pair) for pair in (("21N", "的需求"), ("口红 ", "的需求"))]
    ['21N 的需求', '口红的需求']
    >>> _beside_in_chinese("不计坑位费。 ", "KRW")
    '不计坑位费。KRW'
    """
    left, right = before.rstrip(" "), after.lstrip(" ")
    ends = left[-1:] + right[:1]
    if _MARK.search(ends):
        return left + right
    if _WRITTEN_APART.fullmatch(ends):
        return f"{left} {right}"
    return _beside(before, after)
