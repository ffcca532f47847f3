"""What livesim raises on purpose.

There is one tree, so that a caller can catch all of it as :class:`LivesimError`. A mistake in a
scenario is data (:class:`Mistake`): where it is, what it is, and what to do about it. All mistakes
of a file travel in one :class:`ScenarioError`, because nobody wants to hear of them one by one.
Any other exception that leaves livesim is a defect of livesim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from numbers import Real
from reprlib import Repr
from typing import Any

__all__ = [
    "HistoryError",
    "Interrupted",
    "LivesimError",
    "Mistake",
    "MistakesError",
    "ResultsError",
    "ScenarioError",
    "UsageError",
    "did_you_mean",
    "visible",
]

#: What moves a terminal's cursor, turns the direction of reading or cannot be seen; what joins the
#: letters and pictures of some languages (U+200C, U+200D) can be seen by what it does.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)

#: What a spreadsheet would take for a formula: such a text is written with a ' before it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "'")

AS_CHANGED = "as changed"
"""The place of a mistake in a change, which has no line of a file."""

LISTED_NAMES = 12
"""Known names that a remedy lists before it says how many more there are."""


class LivesimError(Exception):
    """Anything that livesim raises on purpose."""


class ResultsError(LivesimError):
    """A folder of results that cannot be read or written."""


class UnwritableError(ResultsError):
    """A place to which the system lets nothing be written, such as a full disk."""


class LostWarning(UserWarning):
    """Workers were lost amid the work, and what was done by then is its answer."""


class UsageError(LivesimError):
    """A call or an option that makes no sense."""


class Interrupted(LivesimError):  # noqa: N818  (what happened, not a fault)
    """The work was interrupted, and there is an answer from what was done by then.

    Attributes
    ----------
    answer
        What the work would have returned, such as a result or a plan, of what was done: the first
        replications, candidates or past shows, without a gap.

    Examples
    --------
    >>> try:
    ...     raise Interrupted("the first 250 shows")
    ... except Interrupted as stop:
    ...     print(stop.answer)
    the first 250 shows
    """

    def __init__(self, answer: Any) -> None:
        super().__init__(answer)
        self.answer = answer

    def __str__(self) -> str:
        """Say where to find the answer."""
        return "interrupted; what was done by then is in the answer of this exception"


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong in a scenario.

    Parameters
    ----------
    what
        What is wrong, as a clause of its own.
    path
        Where in the scenario, as names joined by dots.
    remedy
        What to do about it.
    file, line, column
        Where in the file; line and column count from 1.
    sheet
        In which sheet of a workbook, whose rows are the lines.

    Examples
    --------
    >>> print(Mistake("no audience segment is called kim_fan", "people.kim.fit.kim_fan",
    ...               "known: kim_fans", file="gala.yaml", line=14, column=9))
    gala.yaml:14:9  people.kim.fit.kim_fan
      no audience segment is called kim_fan
      known: kim_fans
    >>> print(Mistake("the price is below 0", file="gala.xlsx", line=7, column=4, sheet="Products"))
    gala.xlsx: Products!D7
      the price is below 0
    """

    what: str
    path: str = ""
    remedy: str = ""
    file: str | None = None
    line: int | None = None
    column: int | None = None
    sheet: str | None = None

    @property
    def cell(self) -> str:
        """Where in a workbook: ``Products!D7``; empty where it is of another file."""
        if self.sheet is None or self.line is None or self.column is None:
            return ""
        return f"{self.sheet}!{cell_name(self.line, self.column)}"

    def __str__(self) -> str:
        """Write place, path, what and remedy, each left out where it is unknown."""
        head = "  ".join(part for part in (self._location(), self.path) if part)
        body = [line for part in (self.what, self.remedy) if part for line in part.split("\n")]
        # A file may be called anything, and so may a key in it: line ends included.
        lines = [head.replace("\n", "\\n"), *body] if head else body
        return ("\n  " if head else "\n").join(map(visible, lines))

    def _location(self) -> str:
        if self.cell:
            return f"{self.file}: {self.cell}"
        known = [str(part) for part in (self.file, self.line, self.column) if part is not None]
        return ":".join(known)


def cell_name(row: int, column: int) -> str:
    """Return what Excel calls a cell, whose row and column count from 1.

    Examples
    --------
    >>> cell_name(7, 4), cell_name(1, 28)
    ('D7', 'AB1')
    """
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


class MistakesError(LivesimError):
    """What cannot be read, with everything that is wrong in it.

    Parameters
    ----------
    mistakes
        At least one mistake.

    Raises
    ------
    ValueError
        If there is no mistake: an error must say what is wrong.

    Examples
    --------
    >>> print(MistakesError([Mistake("the show has no length", "show"),
    ...                      Mistake("the price is below 0", "products.serum.price")]))
    show
      the show has no length
    <BLANKLINE>
    products.serum.price
      the price is below 0
    """

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        if not mistakes:
            raise ValueError(f"a {type(self).__name__} needs at least one mistake")
        self.mistakes: tuple[Mistake, ...] = tuple(mistakes)
        super().__init__(self.mistakes)

    def __str__(self) -> str:
        """Write all mistakes, with a blank line in between."""
        return "\n\n".join(str(mistake) for mistake in self.mistakes)


class ScenarioError(MistakesError):
    """A scenario that cannot be used."""


class HistoryError(MistakesError):
    """An export or a sheet of past shows that cannot be read."""


def visible(text: str) -> str:
    r"""Return a text in which nothing steers a terminal and everything can be seen.

    Every text that is shown and is not livesim's own goes through here.

    Examples
    --------
    >>> print(visible("kim\x1b[2J"))
    kim\x1b[2J
    """
    return HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def must_be(value: Any, kinds: type | tuple[type, ...], rule: str) -> None:
    """Raise unless an argument is of a kind.

    Parameters
    ----------
    value
        What was given.
    kinds
        What it may be.
    rule
        What it must be, as a sentence without its end.

    Raises
    ------
    UsageError
        With the rule, and what was given.

    Examples
    --------
    >>> must_be(5, str, "title: it is a text")
    Traceback (most recent call last):
    livesim.errors.UsageError: title: it is a text, not 5
    """
    if not isinstance(value, kinds):
        raise UsageError(f"{rule}, not {shortened(value)}")


def refuse(wrong: Iterable[object], between: str = "\n") -> None:
    """Raise a UsageError that says all that is wrong, if anything is.

    Examples
    --------
    >>> refuse([])
    >>> refuse(["no such product", "no such moment"], between="; ")
    Traceback (most recent call last):
    livesim.errors.UsageError: no such product; no such moment
    """
    told = between.join(map(str, wrong))
    if told:
        raise UsageError(told)


def checked_count(value: Any, name: str, least: int | None = None) -> int:
    """Return a count as an integer of Python's own.

    Parameters
    ----------
    value
        A whole number, NumPy's included.
    name
        What is counted, for the error.
    least
        The least that it can be.

    Raises
    ------
    UsageError
        If it is no whole number, or less.

    Examples
    --------
    >>> checked_count("50", "workers", 1)
    Traceback (most recent call last):
    livesim.errors.UsageError: workers: a whole number from 1 on is needed, not '50'
    """
    a_number = isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
    if not a_number or value != int(value) or (least is not None and value < least):
        rule = "a whole number" if least is None else f"a whole number from {least} on"
        raise UsageError(f"{name}: {rule} is needed, not {shortened(value)}")
    return int(value)


def shortened(value: object) -> str:
    """Return what somebody gave, in a few words.

    Examples
    --------
    >>> shortened("50"), shortened(Repr())
    ("'50'", 'a value of the type Repr')
    """
    if type(value).__module__ != "builtins":
        return f"a value of the type {type(value).__name__}"
    return Repr().repr(value)


#: Words that are less alike are not asked about: colour is not ctor.
_ALIKE = 0.61


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Write the remedy for an unknown name: the known ones, and the likeliest.

    Parameters
    ----------
    word
        The unknown name.
    known
        The names that would have been right, in the order in which to list them.

    Returns
    -------
    str
        Empty if no name is known.

    Examples
    --------
    >>> did_you_mean("kim_fan", ["kim_fans", "viya_followers"])
    'known: kim_fans, viya_followers. Did you mean kim_fans?'
    >>> did_you_mean("dog", ["kim_fans", "viya_followers"])
    'known: kim_fans, viya_followers'
    """
    names = list(known)
    if not names:
        return ""
    listed = ", ".join(names[:LISTED_NAMES])
    left_out = len(names) - LISTED_NAMES
    if left_out > 0:
        listed += f" and {left_out} more"
    close = get_close_matches(word, names, n=1, cutoff=_ALIKE)
    question = f". Did you mean {close[0]}?" if close else ""
    return f"known: {listed}{question}"
