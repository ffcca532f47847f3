"""Comparing what was simulated with a law that is known exactly.

Each comparison has a p-value that is right for any sample size, and says how large a difference it
would see in 99 of 100 cases, given the false-alarm rate that it is allowed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

POWER = 0.99


class Comparison(Protocol):
    """One figure beside its law."""

    @property
    def what(self) -> str:
        """What is compared."""

    @property
    def scale(self) -> float:
        """The size of the figure, beside which a difference is small or large."""

    @property
    def p_value(self) -> float:
        """Chance of a figure at least so far from the law, if the program follows it [1]."""

    def detects(self, alarm: float) -> float:
        """Return the difference, in the figure's unit, that is seen with 99 % power."""


@dataclass(frozen=True)
class Chance:
    """How many of so many independent people or shows did it: binomial."""

    what: str
    hits: int
    trials: int
    chance: float

    @property
    def scale(self) -> float:
        """The chance; a small one is beside 1 %, or nothing could be blunter."""
        return max(self.chance, 0.01)

    @property
    def p_value(self) -> float:
        """Twice the smaller tail of the binomial law."""
        law = stats.binom(self.trials, self.chance)
        return float(min(1.0, 2 * min(law.cdf(self.hits), law.sf(self.hits - 1))))

    def detects(self, alarm: float) -> float:
        """Return the error of the chance that is seen."""
        error = math.sqrt(self.chance * (1 - self.chance) / self.trials)
        return _in_errors(alarm) * error


@dataclass(frozen=True)
class Mean:
    """A mean of independent figures beside its law's mean; ``error`` is its standard error."""

    what: str
    mean: float
    expected: float
    error: float

    @property
    def scale(self) -> float:
        """The mean."""
        return abs(self.expected)

    @property
    def p_value(self) -> float:
        """By the central limit theorem."""
        return float(2 * stats.norm.sf(abs(self.mean - self.expected) / self.error))

    def detects(self, alarm: float) -> float:
        """Return the error of the mean that is seen."""
        return _in_errors(alarm) * self.error


@dataclass(frozen=True)
class Curve:
    """A cumulative share of ``size`` independent figures beside its law's, moment by moment.

    The largest gap is judged by the inequality of Dvoretzky, Kiefer, Wolfowitz and Massart, which
    holds for every distribution, steps included.
    """

    what: str
    gap: float
    size: int

    @classmethod
    def of(cls, what: str, found: ArrayLike, law: ArrayLike, size: int) -> Curve:
        """Compare two curves at the same moments."""
        return cls(what, float(np.abs(np.subtract(found, law)).max()), size)

    @property
    def scale(self) -> float:
        """1: the gap is between shares of all."""
        return 1.0

    @property
    def p_value(self) -> float:
        """An upper bound of it."""
        return min(1.0, 2 * math.exp(-2 * self.size * self.gap**2))

    def detects(self, alarm: float) -> float:
        """Return the gap between the laws that is seen."""
        return sum(math.sqrt(math.log(1 / x) / 2 / self.size) for x in (alarm / 2, 1 - POWER))


@dataclass(frozen=True)
class Same:
    """Figures that must be equal, replication by replication: no luck at all."""

    what: str
    holds: bool

    @property
    def scale(self) -> float:
        """1: nothing is measured."""
        return 1.0

    @property
    def p_value(self) -> float:
        """0 where they are not."""
        return float(self.holds)

    def detects(self, alarm: float) -> float:
        """Return 0: any difference is seen."""
        return 0.0


def _in_errors(alarm: float) -> float:
    """Return the difference that is seen, in standard errors of a normal figure."""
    return float(stats.norm.isf(alarm / 2) + stats.norm.isf(1 - POWER))
