"""How far two shows are apart, and how sure that is, by common random numbers.

Replication k of one show is compared with replication k of the other: what they share cancels, so a
difference is known much better than either figure (common random numbers; Law 2015, Simulation
modeling and analysis, 11.2). All intervals are 95 %, each for itself; as elsewhere they are about
the number of replications alone.

A time may be infinite, as it never came; so may the difference of two medians.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil, inf, isinf, sqrt
from typing import Any

import numpy as np

from livesim.arrays import Array
from livesim.model.roots import root
from livesim.randomness import generator
from livesim.results.intervals import mean_interval, quantile

RESAMPLES = 999
"""Bootstrap samples: their 25th and 975th values are the ends of a 95 % interval."""

_Z = 1.959963984540054
"""The standard normal quantile at 97.5 %."""

_ROUNDING = 1e-12
"""Apart by less than this share of the figures is floating-point rounding, not a difference."""


@dataclass(frozen=True)
class Difference:
    """A figure of one show minus the same figure of the base, and its 95 % interval.

    Parameters
    ----------
    value, low, high
        In the figure's unit; ±inf where a median is a time that never comes.
    same
        Whether the figure is the same in every replication.
    narrowing
        How many times wider the interval of two separate runs would be [1]. None where nothing can
        be narrowed, and for what is no mean.
    """

    value: float
    low: float
    high: float
    same: bool
    narrowing: float | None = None

    @property
    def significant(self) -> bool:
        """Whether the difference is significant at 95 %: its interval does not hold 0."""
        return not self.low <= 0 <= self.high

    def as_dict(self) -> dict[str, Any]:
        """Return the difference under the names that it has in JSON and in tables."""
        return {
            "difference": self.value,
            "low": self.low,
            "high": self.high,
            "significant": self.significant,
            "same": self.same,
            "narrowing": self.narrowing,
        }

    @property
    def half_width(self) -> float | None:
        """The interval's longer side; None if it has no end."""
        if any(map(isinf, (self.value, self.low, self.high))):
            return None
        return max(self.value - self.low, self.high - self.value)


def mean_difference(base: Array, other: Array) -> Difference:
    """Return the difference of two means.

    The interval is that of one mean, :func:`~livesim.results.intervals.mean_interval`: differences
    of a Latin-hypercube batch are stratified, too.

    Parameters
    ----------
    base, other
        The figure by replication, two or more replications, shape (R,).

    Raises
    ------
    ValueError
        If there is only one replication, or a value is not finite.

    Examples
    --------
    >>> chance = np.arange(100.0)
    >>> found = mean_difference(chance, chance + 5)
    >>> found.value, found.half_width, found.significant
    (5.0, 0.0, True)
    """
    apart = _apart(base, other)
    value, half_width = mean_interval(apart)
    if half_width is None:
        raise ValueError("a difference of means needs two replications or more")
    separate = sqrt(sum((mean_interval(figure)[1] or 0.0) ** 2 for figure in (base, other)))
    if half_width <= _ROUNDING * max(np.abs(base).max(), np.abs(other).max()):
        return Difference(value, value, value, same=not apart.any())
    return Difference(
        value=value,
        low=value - half_width,
        high=value + half_width,
        same=not apart.any(),
        narrowing=separate / half_width,
    )


def chance_difference(base: Array, other: Array) -> Difference:
    """Return the difference of two chances.

    Only replications in which it happened in one show and not in the other tell them apart. The
    interval is Tango's score interval for matched pairs (1998, doi
    10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B), which is to a difference what
    Wilson's is to one chance: it has a width even where no replication differs. It takes
    replications as independent; stratified ones make it cautious.

    Parameters
    ----------
    base, other
        Whether it happened, by replication, shape (R,).

    Examples
    --------
    >>> never, once = np.zeros(100, dtype=bool), np.arange(100) == 7
    >>> found = chance_difference(never, once)
    >>> print(f"{found.value:.2f} [{found.low:.3f}, {found.high:.3f}] {found.significant}")
    0.01 [-0.027, 0.054] False
    """
    gained, lost = int((other & ~base).sum()), int((base & ~other).sum())
    value = (gained - lost) / base.size
    outside = partial(_score, gained, lost, base.size)
    return Difference(
        value=value,
        low=_end(outside, value, -1.0),
        high=_end(outside, value, 1.0),
        same=gained == lost == 0,
    )


def _end(outside: Callable[[float], float], value: float, limit: float) -> float:
    """Return where an interval ends, between the value in it and the limit of what can be."""
    if value == limit:
        return limit
    # Just off the value, as without any difference between replications it is a root itself.
    low, high = sorted((value + 1e-9 * (limit - value), limit))
    return root(outside, low, high, within=1e-12)


def _score(gained: int, lost: int, replications: int, difference: float) -> float:
    """Return by how much a difference of chances is rejected; below 0 it is in the interval.

    The variance is the one that is likeliest if the chances differ by just so much.
    """
    n, d = replications, difference
    linear = (2 * n - gained + lost) * d - gained - lost
    root = sqrt(max(0.0, linear**2 + 8 * n * lost * d * (1 - d)))
    lost_share = (root - linear) / (4 * n)
    variance = n * max(0.0, 2 * lost_share + d * (1 - d))
    return float((gained - lost - n * d) ** 2 - _Z**2 * variance)


def resampled_medians(figures: Array, seed: int) -> Array:
    """Return the medians of figures in samples of the replications, drawn with replacement.

    All figures are resampled alike, so that the medians stay paired.

    Parameters
    ----------
    figures
        Shape (F, R); inf where it never happened.
    seed
        The study's seed.

    Returns
    -------
    numpy.ndarray of shape (F, 999)

    Examples
    --------
    >>> resampled_medians(np.full((1, 50), 7.0), seed=1)[0, :3]
    array([7., 7., 7.])
    """
    replications = figures.shape[1]
    stream = generator(seed, "comparing", "resampled replications")
    drawn = [stream.integers(replications, size=replications) for _ in range(RESAMPLES)]
    times = np.stack([np.bincount(chosen, minlength=replications) for chosen in drawn], axis=1)
    # A median of a sample has about the rank R / 2, with an sd of √R / 2: eight of them are plenty.
    middle, far = ceil(replications / 2), 4 * ceil(sqrt(replications))
    low, high = max(0, middle - far), min(replications, middle + far)
    medians = np.empty((len(figures), RESAMPLES))
    for figure, row in zip(figures, medians, strict=True):
        order = np.argsort(figure, kind="stable")
        up_to = times[order[:low]].sum(axis=0) + times[order[low:high]].cumsum(axis=0)
        row[:] = figure[order][low + (up_to < middle).sum(axis=0)]
    return medians


def median_difference(
    base: Array, other: Array, base_medians: Array, other_medians: Array
) -> Difference:
    """Return the difference of two medians, of which either may be never.

    The interval holds the middle 95 % of the differences between resampled medians (the percentile
    bootstrap, Efron and Tibshirani 1993, 13.3). It takes replications as independent; stratified
    ones make it cautious, and so do few. Never and never are no difference.

    Parameters
    ----------
    base, other
        The time by replication [s], inf where it never came, shape (R,).
    base_medians, other_medians
        Theirs, from :func:`resampled_medians`.

    Examples
    --------
    >>> times = np.array([[60.0] * 50, [np.inf] * 50])
    >>> median_difference(*times, *resampled_medians(times, seed=1)).value
    inf
    """
    medians = [np.array(median(times)) for times in (base, other)]
    apart = np.sort(_apart(base_medians, other_medians))
    tail = (RESAMPLES + 1) // 40  # 2.5 %
    return Difference(
        value=float(_apart(*medians)),
        low=float(apart[tail - 1]),
        high=float(apart[-tail]),
        same=not _apart(base, other).any(),
    )


def median(times: Array) -> float:
    """Return the median of times [s], inf where it is never."""
    found = quantile(times, 0.5)
    return inf if found is None else found


def _apart(base: Array, other: Array) -> Array:
    """Return other − base, with 0 for never and never, and for what is only rounding."""
    with np.errstate(invalid="ignore"):
        apart = np.asarray(other, dtype=float) - base
        equal = (base == other) | (
            np.abs(apart) <= _ROUNDING * np.maximum(np.abs(base), np.abs(other))
        )
    return np.where(equal & ~(np.isinf(base) ^ np.isinf(other)), 0.0, apart)
