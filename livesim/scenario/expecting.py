"""What a scenario's file expects of its own show: one line for each figure.

``livesim check`` tests these lines (:mod:`livesim.checking`); nothing else makes use of them. What
stands here is how they are written. Which figures there are, only a simulation knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from livesim.scenario import quantities as q
from livesim.scenario.fields import mistake

__all__ = ["WORDS", "Expectation", "Expectations"]

SEVERITY: Final = "severity"
#: What stands before the figures of a plan.
PLAN: Final = "plan."
#: So many lines of a file are tested: more cannot be told in the time that reading it may take.
MOST_LINES: Final = 1000
AGREES: Final = "agrees_with"
#: Figures that are no numbers, and the one thing that can be expected of each.
WORDS: Final = {"conservation": "holds", AGREES: "observed"}

_NAME: Final = r"[a-z][a-z0-9_]*"
#: A file without its ending, or an alternative; of a file with alternatives one of these.
_OTHER: Final = r"[A-Za-z_][\w-]*(?:/[\w-]+)*(?::[\w-]+)?"
#: Names joined by dots; the rule of the trade has a name of its own among the choices of a plan.
_FIGURE: Final = re.compile(
    rf"{_NAME}(?:\.(?:{_NAME}|forecast × 1\.3))*"
    rf"(?:\.(?:values|differences)\.{_OTHER}(?:\.{_NAME})?)?(?:@[\w.]+)?"
)
_OF_COMPARISON: Final = re.compile(rf"(.+)\.(values|differences)\.({_OTHER})(?:\.({_NAME}))?")
#: What can have a product's name, where it is no figure of a comparison.
_SECTIONS: Final = ("products", "rooms", "show")
_BOUND: Final = re.compile(r"(>=|<=|>|<)\s*(\S.*)")
#: A show, and how far from its figure. Names may have dashes, so what takes off has a space before.
_SHOW: Final = re.compile(rf"({_OTHER})(?:\s*(\+|(?<=\s)-)\s*(\d.*))?")
_WAYS: Final = 'write {serum.sold_out: ">= 60%"}, {profit: "> 0"} or {peak_concurrent: [300, 2k]}'
_COMPARED: Final = 'compare with a show by "> other_show", or "> other_show + 10k"'
_NO_SPACES: Final = (
    "a show that is compared with has no space in the name of its file: call it my_show.yaml, "
    'and write "> my_show"'
)
_EQUAL: Final = (
    "write within what it is to be: [49%, 51%]; of two shows, two lines: "
    '">= other_show - 5" and "<= other_show + 5"'
)
#: What may stand behind a relation: a time, a share or any other number.
_NUMBERS: Final = (q.DURATION, q.SHARE, q.FIGURE)


@dataclass(frozen=True)
class OfComparison:
    """A figure by its path in what ``livesim compare --json`` prints.

    Parameters
    ----------
    figure
        Its path without shows.
    show
        The show that is meant.
    difference
        Whether it is how far that show is from the first one, and not its own figure.
    taken
        What is taken of it, such as ``mean``; empty where nothing is said.
    """

    figure: str
    show: str
    difference: bool
    taken: str


@dataclass(frozen=True)
class Expectation:
    """What is expected of one figure.

    Parameters
    ----------
    figure
        Its path in what ``livesim run --json`` prints; ``show.`` and ``products.`` may be left out.
        ``.p5`` behind it: a quantile by whole percents. ``@5min`` behind a chance: within so long
        after the first link. ``plan.`` before it: of what ``livesim plan --json`` prints.
        ``.values.SHOW`` and ``.differences.SHOW`` behind it: of what ``livesim compare --json``
        prints of shows of which this file's, or the first of its alternatives, is the base.
    wanted
        A relation and a number or another show, ``>= 60%`` or ``> viya_alone``, or how far from its
        figure, ``> viya_alone + 100k``; or the lowest and the highest value, both allowed; or one
        of the words of :data:`WORDS`.
    severity
        ``warn`` where the run is to go on as if nothing had been expected.

    Examples
    --------
    >>> print(Expectation("profit.p10", "> 0"), "|", Expectation("orders", (300, "2k")))
    profit.p10 > 0 | orders in [300, 2k]
    >>> above = Expectation("profit", "> viya_alone - 100k")
    >>> above.show, above.margin
    ('viya_alone', (-1, '100k'))
    >>> Expectation("show.profit.differences.viya_alone", "> 0").compared
    OfComparison(figure='show.profit', show='viya_alone', difference=True, taken='')
    """

    figure: str
    wanted: str | tuple[q.Written, q.Written]
    severity: Literal["error", "warn"] = "error"

    def __str__(self) -> str:
        """Write it on one line."""
        if isinstance(self.wanted, tuple):
            return f"{self.figure} in [{self.wanted[0]}, {self.wanted[1]}]"
        return f"{self.figure} {self.wanted}"

    @property
    def compared(self) -> OfComparison | None:
        """What it is in a comparison's document; None where it is no figure of one."""
        found = None if self.figure.startswith(PLAN) else _OF_COMPARISON.fullmatch(self.figure)
        if not found or found[1] in _SECTIONS:
            return None
        return OfComparison(found[1], found[3], found[2] == "differences", found[4] or "")

    @property
    def relation(self) -> tuple[str, str]:
        """The relation and what stands behind it; two empty texts where there is none."""
        found = None if isinstance(self.wanted, tuple) else _BOUND.fullmatch(self.wanted)
        return (found[1], found[2]) if found else ("", "")

    @property
    def show(self) -> str | None:
        """The other show that the figure is compared with, if any."""
        found = _SHOW.fullmatch(self.relation[1])
        return found[1] if found else None

    @property
    def margin(self) -> tuple[int, str]:
        """How far from the other show's figure: on which side, 1 or -1, and the number."""
        found = _SHOW.fullmatch(self.relation[1])
        if not (found and found[2]):
            return 1, "0"
        return (-1 if found[2] == "-" else 1), found[3]

    def written(self) -> dict[str, Any]:
        """Return it as a file would have it."""
        wanted = list(self.wanted) if isinstance(self.wanted, tuple) else self.wanted
        severe = {} if self.severity == "error" else {SEVERITY: self.severity}
        return {self.figure: wanted, **severe}


def _read(value: object) -> Expectation:
    """Read one line."""
    if isinstance(value, Expectation):
        return value
    if not isinstance(value, Mapping):
        raise mistake("an expectation is a figure and what is expected of it", _WAYS)
    figures = [name for name in value if name != SEVERITY]
    if len(figures) != 1:
        what = f"one line expects something of one figure, and here are {len(figures)}"
        raise mistake(what, f"{_WAYS}, each with a dash of its own")
    figure, severity = str(figures[0]), value.get(SEVERITY, "error")
    if not _FIGURE.fullmatch(figure):
        what = f"{figure!r} is no path of a figure"
        raise mistake(what, "write names joined by dots: serum.sold_out@5min", figure)
    if severity not in ("error", "warn"):
        raise mistake(f"{severity!r} is no severity", "write warn, or leave it away", SEVERITY)
    return Expectation(figure, _wanted(figure, value[figure]), severity)


def _wanted(figure: str, wanted: object) -> str | tuple[q.Written, q.Written]:
    if figure in WORDS:
        if wanted != WORDS[figure]:
            what = f"{figure} takes one word: {WORDS[figure]}"
            raise mistake(what, f"write {{{figure}: {WORDS[figure]}}}", figure)
        return WORDS[figure]
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return _range(figure, wanted)
    found = _BOUND.fullmatch(wanted.strip()) if isinstance(wanted, str) else None
    if isinstance(wanted, str) and wanted.strip().startswith("="):
        what = f"{wanted!r}: simulation never shows that a figure is exactly something"
        raise mistake(what, _EQUAL, figure)
    if found is None:
        what = f"{wanted!r} does not say what is expected of {figure}"
        raise mistake(what, _instead(figure, wanted), figure)
    other = _SHOW.fullmatch(found[2])
    if other is None and not re.match(r"[\d.+-]", found[2]):
        remedy = _NO_SPACES if re.search(r"\w\s+\w", found[2]) else _COMPARED
        raise mistake(f"{found[2]!r} is no show and no number", remedy, figure)
    if other is not None and figure.startswith(PLAN):
        remedy = "compare those of shows, as profit, or write a number"
        raise mistake("figures of plans are not compared", remedy, figure)
    of_comparison = Expectation(figure, "").compared
    if other is not None and of_comparison and of_comparison.difference:
        remedy = f"write a number, or {of_comparison.figure} before {found[0]}"
        raise mistake("a difference is not compared once more", remedy, figure)
    if other is None or other[3]:
        _number(figure, other[3] if other else found[2])
    return f"{found[1]} {found[2]}"


def _instead(figure: str, wanted: object) -> str:
    """Say how to write what is expected where only a number, or nothing, is written."""
    number = str(wanted).strip()
    if isinstance(wanted, bool) or not re.match(r"-?\d", number):
        return _WAYS
    ways = (f'">= {number}"', f'"<= {number}"', f"[{number}, {number}]")
    return "write {}, {}, or the lowest and the highest, {}".format(
        *(f"{{{figure}: {way}}}" for way in ways)
    )


def _range(figure: str, ends: Sequence[object]) -> tuple[q.Written, q.Written]:
    """Return the two ends as they are written, if the first is the lower one."""
    if len(ends) != 2:
        raise mistake("a range has two ends", "write [lowest, highest]", figure)
    written = _number(figure, ends[0]), _number(figure, ends[1])
    readings = list(_readings(*ends))
    if not readings:
        what = f"{written[0]} and {written[1]} are not measured in the same way"
        raise mistake(what, "write two numbers, two shares or two times", figure)
    if all(low > high for low, high in readings):
        raise mistake(f"{written[0]} is more than {written[1]}", "swap the two ends", figure)
    return written


def _readings(low: Any, high: Any) -> Iterator[tuple[float, float]]:
    """Yield the two ends by each way to read them both."""
    for kind in _NUMBERS:
        with suppress(q.QuantityError):
            yield kind.read(low), kind.read(high)


def _number(figure: str, value: Any) -> q.Written:
    """Return a number as it is written, if it is one."""
    for kind in _NUMBERS:
        try:
            kind.read(value)
        except q.QuantityError as error:
            refused = error
        else:
            return str(value) if isinstance(value, str) else q.FIGURE.write(float(value))
    if str(value).strip().endswith("%"):
        try:
            q.SHARE.read(value)
        except q.QuantityError as error:
            raise mistake(error.what, error.remedy, figure) from None
    remedy = f"{refused.remedy}; 60% or 5min where it is a share or a time"
    raise mistake(refused.what, remedy, figure)


#: What editors are told of a line.
_LINE: Final = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 2,
    "propertyNames": {"pattern": f"^{_FIGURE.pattern}$"},
    "properties": {
        SEVERITY: {"enum": ["error", "warn"]},
        **{figure: {"const": word} for figure, word in WORDS.items()},
    },
    "additionalProperties": {
        "anyOf": [
            {"type": "string", "pattern": rf"^\s*{_BOUND.pattern}"},
            {"type": "array", "minItems": 2, "maxItems": 2},
        ]
    },
}

Expectations: TypeAlias = Annotated[
    tuple[Annotated[Expectation, PlainValidator(_read), WithJsonSchema(_LINE)], ...],
    Field(strict=False, max_length=MOST_LINES),
    PlainSerializer(lambda lines: [line.written() for line in lines], return_type=list[Any]),
]
