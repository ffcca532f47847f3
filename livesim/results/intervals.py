"""How far a figure over replications can be trusted.

Every figure that livesim prints comes from a finite number of replications. Here is the error of
that kind alone, as 95 % intervals: for means by Student's t and Hall's transformation of it, for
chances by Clopper and Pearson, for quantiles by order statistics. None of them says anything about
the uncertainty of the forecast itself, which is in the spread of the replications.

Times are among the figures, and a time may be infinite: it never happened in that replication.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, inf, log, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from livesim.randomness import BATCH

_TAIL = 0.025
"""Chance that an interval misses on one side: all intervals are 95 %."""

_FEW_BATCHES = 20
"""With fewer batches than this, their means say too little of how far they lie apart (measured)."""

_MANY_BATCHES = 40
_SKEWED = 0.5
_RARE = 0.01
"""Of a figure whose replications have more skewness than this, the mean of a batch depends on the
one replication in the highest stratum, and batches look alike until an extreme one is among them.
With fewer batches than many, or where an interval may miss more rarely than this on one side, its
single replications say more (measured: at 20 batches one side missed 11 % instead of 2.5, and 2.4 %
instead of 0.1)."""

_ROUNDING = 1e-12
"""A spread of less than this share of the values is floating-point rounding."""

_SYMMETRIC = 1e-6
"""Less skewness than this changes no digit of an interval."""

_QUANTILES = (0.1, 0.5, 0.9)
"""Of a figure that is summarised."""


def mean_interval(
    values: npt.ArrayLike, batch: int = BATCH, *, tail: float = _TAIL
) -> tuple[float, float | None]:
    """Return the mean and the half-width of its interval, 95 % if not said otherwise.

    Replications of a Latin-hypercube batch are stratified, so they are not independent; the means
    of batches are. From 20 batches on, the interval is over the batch means (Owen 2013, Monte Carlo
    theory, methods and examples, 10.3). With fewer, with rows of inputs that were given and are no
    whole batches, and of a skewed figure that is rarely to be missed or has fewer than 40 batches,
    it is over single replications: cautious, as stratification only takes variance away (Owen 2013,
    10.3).

    Its half-width is the longest side of Student's t and of Hall's transformation of it (1992, doi
    10.1111/j.2517-6161.1992.tb01872.x), which knows that the mean of a skewed figure is missed
    further on one side. Equal values have no error that they could show: the half-width is 0.

    Parameters
    ----------
    values : array_like of shape (R,)
        A finite figure by replication, batch after batch.
    batch : int
        Replications in a batch [1].
    tail : float
        Chance to miss on one side [1].

    Returns
    -------
    mean : float
    half_width : float or None
        None for a single replication.

    Raises
    ------
    ValueError
        If there are no values, or one is not finite.

    Examples
    --------
    >>> mean, half_width = mean_interval([1.0, 3.0, 2.0])
    >>> print(f"{mean:.2f} ± {half_width:.2f}")
    2.00 ± 2.48
    >>> mean_interval([7.0])
    (7.0, None)
    """
    figures = _checked(values)
    if np.isinf(figures).any():
        raise ValueError("a mean needs finite values: summarise what may never happen by quantiles")
    mean = float(figures.mean())
    if figures.size == 1:
        return mean, None
    batches, rest = divmod(figures.size, batch)
    if not rest and batches >= _enough_batches(figures, tail):
        figures = figures.reshape(batches, batch).mean(axis=1)
    return mean, max(mean_sides(figures, tail=tail))


def _enough_batches(figures: npt.NDArray[np.float64], tail: float) -> float:
    """Return from how many batches on their means say how far they lie apart."""
    apart = figures - figures.mean()
    if abs((apart**3).mean()) <= _SKEWED * float(apart.std()) ** 3:
        return _FEW_BATCHES
    return _MANY_BATCHES if tail >= _RARE else inf


def mean_sides(values: npt.ArrayLike, *, tail: float = _TAIL) -> tuple[float, float]:
    """Return how far a mean's interval reaches below it and above it, 95 % if not said otherwise.

    Each side is the longer one of Student's t and of Hall's transformation of it (1992, doi
    10.1111/j.2517-6161.1992.tb01872.x), which takes the skewness out of it: few values of a figure
    with a long upper tail seldom hold one of the largest, so that their mean lies far below the
    true one more often than far above.

    Parameters
    ----------
    values : array_like of shape (n,)
        Independent values of a finite figure, two or more.
    tail : float
        Chance to miss on one side [1].

    Returns
    -------
    below, above : float
        In the figure's unit; both 0 of equal values, which have no error that they could show.

    Examples
    --------
    >>> print("%.2f %.2f" % mean_sides([1.0, 3.0, 2.0]))
    2.48 2.48
    >>> print("%.2f %.2f" % mean_sides([1.0] * 18 + [2.0, 4.0]))
    0.33 1.17
    """
    from scipy.special import stdtrit

    independent = _checked(values)
    n, apart = independent.size, independent - independent.mean()
    spread = float(apart.std(ddof=1))
    if spread <= _ROUNDING * float(np.abs(independent).max()):
        return 0.0, 0.0
    t = float(stdtrit(n - 1, 1 - tail)) / sqrt(n)
    third = float(((apart / spread) ** 3).mean()) / 3
    if abs(third) < _SYMMETRIC:
        return spread * t, spread * t
    # Hall's T + third · T² + third² · T³ / 3 + third / (2 n), which is all but symmetric, inverted.
    below, above = (
        abs(np.cbrt(1 + 3 * third * (end - third / (2 * n))) - 1) / abs(third) for end in (t, -t)
    )
    return spread * max(t, float(below)), spread * max(t, float(above))


def chance_interval(
    hits: float, trials: float, *, tail: float = _TAIL
) -> tuple[float, float, float]:
    """Return the share of hits and its interval, 95 % if not said otherwise.

    The interval of Clopper and Pearson (1934, doi 10.1093/biomet/26.4.404) misses in at most so
    many studies whatever the chance, and has a width even where nothing or everything was a hit. It
    takes replications as independent; stratified ones make it cautious.

    Parameters
    ----------
    hits : float
        Replications in which it happened [1].
    trials : float
        All replications, or as many independent ones as would vary so: no whole number then [1].
    tail : float
        Chance to miss on one side [1].

    Returns
    -------
    chance, low, high : float
        In [0, 1].

    Raises
    ------
    ValueError
        If there are no trials, or fewer or more hits than there can be.

    Examples
    --------
    >>> chance, low, high = chance_interval(250, 250)
    >>> print(f"{chance:.3f} [{low:.3f}, {high:.3f}]")
    1.000 [0.985, 1.000]
    """
    from scipy.special import betaincinv

    if not 0 <= hits <= trials or trials == 0:
        raise ValueError(f"a chance needs 0 ≤ hits ≤ trials and a trial, not {hits} of {trials}")
    misses = trials - hits
    low = float(betaincinv(hits, misses + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, misses, 1 - tail)) if misses else 1.0
    return hits / trials, low, high


def quantile(values: npt.ArrayLike, q: float) -> float | None:
    """Return the least value that a share q of the replications does not exceed.

    It is one of the values, never a mixture of two (definition 1 of Hyndman and Fan 1996,
    doi 10.1080/00031305.1996.10473566), so that it keeps its meaning beside infinite values.

    Parameters
    ----------
    values : array_like of shape (R,)
        A figure by replication; inf where it never happened.
    q : float
        Share of all replications, in (0, 1) [1].

    Returns
    -------
    float or None
        None if it never happened in so many replications that the quantile is infinite.

    Raises
    ------
    ValueError
        If there are no values, one is nan or −inf, or q is outside (0, 1).

    Examples
    --------
    >>> sold_out_at = [60.0, float("inf"), 90.0, 75.0]
    >>> quantile(sold_out_at, 0.5), quantile(sold_out_at, 0.9)
    (75.0, None)
    """
    return _at_share(np.sort(_checked(values)), _checked_share(q))


def quantile_interval(
    values: npt.ArrayLike, q: float, *, tail: float = _TAIL
) -> tuple[float, float]:
    """Return an interval of a quantile, whatever the distribution; 95 % if not said otherwise.

    The ends are order statistics: the number of values up to the true quantile is binomial (Hahn
    and Meeker 1991, Statistical intervals, 5.2). It takes replications as independent; stratified
    ones make it cautious.

    Parameters
    ----------
    values : array_like of shape (R,)
        A figure by replication; inf where it never happened.
    q : float
        Share of all replications, in (0, 1) [1].
    tail : float
        Chance to miss on one side [1].

    Returns
    -------
    low, high : float
        High is inf where it may never happen in that share of replications, and where the values
        are too few to bound it; low is −inf where they are too few.

    Raises
    ------
    ValueError
        As in `quantile`.

    Examples
    --------
    >>> quantile_interval(range(1, 101), 0.5)
    (40.0, 61.0)
    >>> quantile_interval([60.0, 75.0, 90.0], 0.5)
    (-inf, inf)
    """
    ordered = np.sort(_checked(values))
    low, high = _ranks(ordered.size, _checked_share(q), tail)
    bounded = np.concatenate([[-inf], ordered, [inf]])  # the value of rank r is bounded[r]
    return float(bounded[low]), float(bounded[high])


def least_replications(q: float) -> int:
    """Return how many replications a quantile needs to have an interval with two ends.

    Parameters
    ----------
    q : float
        Share of all replications, in (0, 1) [1].

    Returns
    -------
    int
        Whole batches of them.

    Raises
    ------
    ValueError
        If q is outside (0, 1).

    Examples
    --------
    >>> [least_replications(q) for q in (0.5, 0.1, 0.95, 0.99)]
    [50, 50, 100, 400]
    """
    extreme = max(_checked_share(q), 1 - q)  # no value may lie beyond the quantile but by chance
    return BATCH * ceil(log(_TAIL) / log(extreme) / BATCH)


@lru_cache(maxsize=256)
def _ranks(size: int, q: float, tail: float = _TAIL) -> tuple[int, int]:
    """Return the ranks between which a quantile lies; 0 and size + 1 where no value bounds it."""
    from scipy.special import bdtr

    at_most = bdtr(np.arange(size), size, q)
    low = int(np.searchsorted(at_most, tail, side="right"))
    high = int(np.searchsorted(at_most, 1 - tail, side="left")) + 1
    return low, high


@dataclass(frozen=True)
class Chance:
    """A chance with its 95 % interval [1]."""

    chance: float
    low: float
    high: float

    @classmethod
    def of(cls, hits: float, trials: float) -> Chance:
        """Return the share of hits among trials, as :func:`chance_interval` has it."""
        return cls(*chance_interval(hits, trials))


@dataclass(frozen=True)
class Estimate:
    """A figure over all replications, as livesim reports it.

    Attributes
    ----------
    mean : float or None
        None for a figure that never happened in some replication: it has no mean.
    half_width : float or None
        Of the mean's 95 % interval; None also for a single replication.
    p10, p50, p90 : float or None
        Quantiles over all replications; None where it never happened in that share of them.
    p10_interval, p50_interval, p90_interval : tuple of float or None
        Their 95 % intervals; None where the replications are too few for one
        (:func:`least_replications`). The end is inf where it may never happen in that share.
    mean_interval : tuple of float or None
        The mean's 95 % interval without what the figure cannot be.
    """

    mean: float | None
    half_width: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    p10_interval: tuple[float, float] | None = None
    p50_interval: tuple[float, float] | None = None
    p90_interval: tuple[float, float] | None = None
    mean_interval: tuple[float, float] | None = None

    @property
    def significant(self) -> bool:
        """Whether the mean differs from 0 by more than its half-width: significant at 95 %.

        Examples
        --------
        >>> Estimate(5.0, 4.0, None, None, None).significant, estimate([-1.0, 1.0]).significant
        (True, False)
        """
        known = self.mean is not None and self.half_width is not None
        return known and abs(self.mean or 0.0) > (self.half_width or 0.0)

    @property
    def above_zero(self) -> bool:
        """Whether the mean is above 0, and that is significant."""
        return self.significant and (self.mean or 0.0) > 0

    def as_dict(self) -> dict[str, Any]:
        """Return the figure under the names that it has in JSON, where never is None.

        How sure the mean is stands there once, as its interval.

        Examples
        --------
        >>> estimate([4, 4]).as_dict()["p50_interval"]
        >>> estimate([4] * 50).as_dict()["p50_interval"]
        [4.0, 4.0]
        """
        return {
            name: [None if end == inf else end for end in value]
            if isinstance(value, tuple)
            else value
            for name, value in vars(self).items()
            if name != "half_width"
        }


def estimate(values: npt.ArrayLike, least: float = -inf, most: float = inf) -> Estimate:
    """Summarise a figure over all replications.

    Parameters
    ----------
    values : array_like of shape (R,)
        A figure by replication, batch after batch; inf where it never happened.
    least, most : float
        Less, and more, it cannot be, in its unit.

    Returns
    -------
    Estimate
        In the figure's own unit.

    Raises
    ------
    ValueError
        If there are no values, or one is nan or −inf.

    Examples
    --------
    >>> sold_out_at = [60.0, float("inf"), 90.0, 75.0]
    >>> found = estimate(sold_out_at)
    >>> found.mean, found.p50, found.p90, found.p50_interval
    (None, 75.0, None, None)
    >>> estimate([0.0, 0.0, 3.0], least=0).mean_interval[0]
    0.0
    """
    figures = _checked(values)
    ordered = np.sort(figures)
    mean, half_width = (None, None) if ordered[-1] == inf else mean_interval(figures)
    p10, p50, p90 = (_at_share(ordered, q) for q in _QUANTILES)
    between = [_between(ordered, *_ranks(ordered.size, q)) for q in _QUANTILES]
    around = None
    if mean is not None and half_width is not None:
        around = possible(mean - half_width, mean + half_width, least, most)
    return Estimate(mean, half_width, p10, p50, p90, between[0], between[1], between[2], around)


def possible(
    low: float, high: float, least: float = -inf, most: float = inf
) -> tuple[float, float]:
    """Return a mean's interval without what the figure cannot be.

    A mean cannot be either what its figure cannot, so that cutting the interval loses no coverage.

    Examples
    --------
    >>> possible(-1.5, 3.5, least=0)
    (0.0, 3.5)
    """
    low, high = np.clip((low, high), least, most)
    return float(low), float(high)


def _between(ordered: npt.NDArray[np.float64], low: int, high: int) -> tuple[float, float] | None:
    """Return the values at two ranks, or None if one of them is not there."""
    if low < 1 or high > ordered.size:
        return None
    return float(ordered[low - 1]), float(ordered[high - 1])


def _at_share(ordered: npt.NDArray[np.float64], q: float) -> float | None:
    # Rounded first: 0.07 × 100 is a little above 7 in floats, and its ceiling would be 8.
    rank = max(1, ceil(round(q * ordered.size, 6)))
    value = float(ordered[rank - 1])
    return None if value == inf else value


def _checked(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    figures = np.asarray(values, dtype=np.float64)
    if figures.ndim != 1 or figures.size == 0:
        raise ValueError(f"a figure has one value a replication, not the shape {figures.shape}")
    if np.isnan(figures).any() or (figures == -inf).any():
        raise ValueError(
            "a figure has a number or inf (never happened) a replication, not nan or -inf"
        )
    return figures


def _checked_share(q: float) -> float:
    if not 0 < q < 1:
        raise ValueError(f"a quantile is for a share in (0, 1), not {q}")
    return q
