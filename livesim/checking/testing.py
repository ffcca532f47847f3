"""Testing what is expected of a figure: replications are added until it is decided.

A fixed sequence of looks is taken, each at twice as many replications as the one before. At each,
the figure has an interval; if all of it is expected, the expectation *holds*, if none of it is, it
is *broken*, else it is *undecided* and looked at again. The chance to decide anything wrongly in a
run is shared out evenly over all expectations and all looks (Bonferroni), so it is kept however
they depend on each other and whenever one stops. That costs little: a thousandth of the chance
makes an interval about twice as wide.

Intervals are those of :mod:`~livesim.results.intervals`: exact for chances and quantiles, by
Student's t and Hall for means, where they are as good as these are (``tests/checking`` measures
it). A figure that is the same in every replication is taken as certain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf, isinf
from typing import Final, Literal, Protocol, TypeAlias

import numpy as np

from livesim.arrays import Array
from livesim.errors import UsageError
from livesim.randomness import BLOCK
from livesim.results.figures import Unit, named
from livesim.results.intervals import chance_interval, mean_interval, quantile, quantile_interval

Verdict: TypeAlias = Literal["holds", "broken", "undecided", "missing"]

#: Chance that anything in a run is decided wrongly.
ERROR_RATE: Final = 0.01
#: Most replications of a show.
MOST: Final = 4000
#: A difference that needs more times as many replications is less than its standard error [1].
_FORESEEN: Final = 8
#: Why there is nothing to agree with.
NOT_OBSERVED: Final = "nothing was observed; write `observed` into a product"


class Figure(Protocol):
    """A figure as far as it is known."""

    @property
    def unit(self) -> Unit:
        """What it is measured in, as far as it matters for reading a number."""

    @property
    def replications(self) -> int:
        """From how many it is known [1]."""

    @property
    def remedy(self) -> str:
        """What would decide it beside more replications, if there is anything."""

    def interval(self, tail: float) -> tuple[float, float, float]:
        """Return the value and the ends of its interval, which misses so often on each side."""

    def needed(self, wanted: Wanted, tail: float) -> int | None:
        """Return how many replications would about decide it, if it stays where it is."""


class Estimated:
    """A figure whose interval gets narrower by the square root of the replications."""

    #: What would decide it beside more replications.
    remedy = ""

    def needed(self: Figure, wanted: Wanted, tail: float) -> int | None:
        """Return at how many replications the interval would end where the expectation does."""
        value, low, high = self.interval(tail)
        times = []
        for end in (wanted.low, wanted.high):
            if low <= end <= high and not isinf(end):
                half, apart = value - low if end < value else high - value, abs(value - end)
                if not apart or isinf(value) or isinf(half):
                    return None
                times.append((half / apart) ** 2)
        return BLOCK * ceil(max(times) * self.replications / BLOCK)


@dataclass(frozen=True)
class Sample(Estimated):
    """A figure by replication, and what is taken of it.

    Parameters
    ----------
    values
        Shape (R,): numbers; for a chance whether it happened; for a difference of chances 1, 0 or
        -1.
    statistic
        ``mean``, ``chance``, ``difference`` of chances, ``always`` for what must be true in every
        replication, or a number q for that quantile.
    unit
        What the values are measured in, as far as it matters for reading a number.
    least, most
        Between what a mean of them must lie.
    """

    values: Array
    statistic: Literal["mean", "chance", "difference", "always"] | float
    unit: Unit = ""
    least: float = -inf
    most: float = inf

    @property
    def replications(self) -> int:
        """From how many it is known [1]."""
        return int(self.values.size)

    def joined(self, later: Sample) -> Sample:
        """Return it with the replications of a later block."""
        return replace(self, values=np.concatenate([self.values, later.values]))

    def minus(self, other: Sample) -> Figure:
        """Return the difference from the same figure of another show, with common random numbers.

        Means and chances are paired replication by replication, quantiles are not.
        """
        if self.statistic not in ("mean", "chance"):
            return Apart(self, other)
        apart = self.values.astype(float) - other.values
        return Sample(apart, "mean" if self.statistic == "mean" else "difference", self.unit)

    def interval(self, tail: float) -> tuple[float, float, float]:
        """Return the value and the ends of its interval.

        Parameters
        ----------
        tail
            Chance to miss on one side [1].

        Raises
        ------
        UsageError
            If it is the mean of what did not happen in some replication.

        Examples
        --------
        >>> never = Sample(np.zeros(250, dtype=bool), "chance")
        >>> print("{:.0f} [{:.0f}, {:.3f}]".format(*never.interval(0.025)))
        0 [0, 0.015]
        """
        match self.statistic:
            case "chance":
                return chance_interval(int(self.values.sum()), self.values.size, tail=tail)
            case "difference":
                return _difference(self.values, tail)
            case "always":
                share = float(self.values.mean())
                return share, share, share
            case "mean":
                if np.isinf(self.values).any():
                    raise UsageError(
                        "there is no mean, as it never came in some shows: ask for p10, p50 or p90"
                    )
                mean, half_width = mean_interval(self.values, tail=tail)
                wide = inf if half_width is None else half_width
                return mean, max(mean - wide, self.least), min(mean + wide, self.most)
            case float(q):
                value = quantile(self.values, q)
                ends = quantile_interval(self.values, q, tail=tail)
                return (inf if value is None else value, *ends)


@dataclass(frozen=True)
class Apart(Estimated):
    """How far a quantile of one show is above that of another.

    Each has its own interval at half the tail, so that both hold together (Bonferroni), whatever
    the shows share: wider than a paired one would be, and never too narrow.

    Parameters
    ----------
    first, second
        The two, each a quantile.
    """

    first: Sample
    second: Sample

    #: Where both are alike, no number of replications shows that one is not the larger.
    remedy = (
        "quantiles are not paired by show: allow for a distance, as in `> other_show - 5`, or "
        "compare the means, which are paired"
    )

    @property
    def unit(self) -> Unit:
        """What it is measured in, as far as it matters for reading a number."""
        return self.first.unit

    @property
    def replications(self) -> int:
        """From how many of each show it is known [1]."""
        return self.first.replications

    def interval(self, tail: float) -> tuple[float, float, float]:
        """Return the difference and the ends of its interval; never and never are no difference.

        Parameters
        ----------
        tail
            Chance to miss on one side [1].

        Examples
        --------
        >>> soon, never = Sample(np.full(250, 60.0), 0.5), Sample(np.full(250, inf), 0.5)
        >>> Apart(never, soon).interval(0.025), Apart(never, never).interval(0.025)
        ((inf, inf, inf), (0.0, 0.0, 0.0))
        """
        if np.array_equal(self.first.values, self.second.values):
            return 0.0, 0.0, 0.0
        (value, low, high), (other, least, most) = (
            one.interval(tail / 2) for one in (self.first, self.second)
        )
        return _less(value, other), _less(low, most), _less(high, least)

    def needed(self, wanted: Wanted, tail: float) -> int | None:
        """Return how many replications would about decide it, where that is known at all.

        What needs many times as many is not known to be apart: it may need any number.
        """
        needed = super().needed(wanted, tail)
        return None if needed is None or needed > _FORESEEN * self.replications else needed


def _less(one: float, other: float) -> float:
    return 0.0 if one == other else one - other


def sample(known: Mapping[str, Array], path: str, others: Sequence[str] = ()) -> Sample:
    """Return the figure at a path, to be tested.

    Parameters
    ----------
    known, path, others
        As for :func:`~livesim.results.figures.named`.

    Raises
    ------
    UsageError
        If there is none, with the nearest; or the statistic is none of it.
    """
    found = named(known, path, others)
    return Sample(found.values, found.statistic, found.unit, *found.possible)


def _difference(apart: Array, tail: float) -> tuple[float, float, float]:
    """Return a difference of chances: that to gain by the other show minus that to lose.

    Each has its exact interval at half the tail, so that both hold together (Bonferroni).
    """
    (more, *gained), (less, *lost) = (
        chance_interval(int((apart == sign).sum()), apart.size, tail=tail / 2) for sign in (1, -1)
    )
    return more - less, gained[0] - lost[1], gained[1] - lost[0]


@dataclass(frozen=True)
class Wanted:
    """The values that are expected: all between two ends.

    Parameters
    ----------
    low, high
        The ends; infinite where there is none.
    strict
        Whether the ends themselves are not expected.
    """

    low: float = -inf
    high: float = inf
    strict: bool = False

    def below(self, value: float) -> bool:
        """Say whether a value is too low."""
        return value < self.low or (self.strict and value == self.low and not isinf(value))

    def above(self, value: float) -> bool:
        """Say whether a value is too high."""
        return value > self.high or (self.strict and value == self.high and not isinf(value))


@dataclass(frozen=True)
class Judgement:
    """What is known of an expectation after a look.

    Parameters
    ----------
    verdict
        ``holds``, ``broken`` or ``undecided``.
    value, low, high
        The figure and its interval; infinite for a time that never comes, and an end that the
        replications are too few for.
    replications
        From how many [1].
    needed
        How many would about decide it, if the figure stays where it is [1]; None where it is
        decided, and where it lies just at what is expected.
    note
        What else there is to say of it, such as what would decide it.
    """

    verdict: Verdict
    value: float
    low: float
    high: float
    replications: int
    needed: int | None = None
    note: str = ""


def judge(figure: Figure, wanted: Wanted, tail: float) -> Judgement:
    """Say what is decided of a figure.

    Parameters
    ----------
    figure
        The figure.
    wanted
        What is expected of it.
    tail
        Chance that its interval misses on one side [1].

    Raises
    ------
    UsageError
        As :meth:`Sample.interval`.

    Examples
    --------
    >>> often = Sample(np.arange(250) % 10 > 0, "chance")
    >>> [judge(often, Wanted(low=low), 0.001).verdict for low in (0.6, 0.9, 0.99)]
    ['holds', 'undecided', 'broken']
    """
    value, low, high = figure.interval(tail)
    size = figure.replications
    if wanted.below(high) or wanted.above(low):
        return Judgement("broken", value, low, high, size)
    if not any(side(end) for side in (wanted.below, wanted.above) for end in (low, high)):
        return Judgement("holds", value, low, high, size)
    needed = figure.needed(wanted, tail)
    return Judgement("undecided", value, low, high, size, needed, figure.remedy)


def looks(most: int) -> tuple[int, ...]:
    """Return after how many replications is looked, the last time after the most.

    Parameters
    ----------
    most
        Most replications of a show: whole blocks of 250.

    Raises
    ------
    UsageError
        If these are no whole blocks.

    Examples
    --------
    >>> looks(4000)
    (250, 500, 1000, 2000, 4000)
    >>> looks(1250)
    (250, 500, 1000, 1250)
    """
    if most < BLOCK or most % BLOCK:
        raise UsageError(
            f"looks are taken at whole blocks of {BLOCK} replications, and {most} is none: take "
            f"{max(1, round(most / BLOCK)) * BLOCK:,}"
        )
    taken = [BLOCK]
    while taken[-1] < most:
        taken.append(min(2 * taken[-1], most))
    return tuple(taken)


def tail_of(error_rate: float, expectations: int, taken: Sequence[int]) -> float:
    """Return the chance that one interval may miss on one side, so that the run keeps its own.

    Expectations count as the next power of two of them, so that one more seldom changes with what
    chance all others are tested, and so whether their verdicts can be recalled.

    Parameters
    ----------
    error_rate
        Chance that anything in the run is decided wrongly [1].
    expectations
        How many are tested in it [1].
    taken
        The looks.

    Examples
    --------
    >>> tail_of(0.016, 10, looks(4000)), tail_of(0.016, 16, looks(4000))
    (0.0001, 0.0001)
    """
    shares = 1 << max(0, expectations - 1).bit_length()
    return error_rate / shares / len(taken) / 2
