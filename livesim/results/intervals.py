"""How far a figure over replications can be trusted.

Every figure that livesim prints comes from a finite number of replications. Here is the error of
that kind alone, as 95 % intervals: for means by Student's t over batches, for chances by Wilson's
score, for quantiles by order statistics. None of them says anything about the uncertainty of the
forecast itself, which is in the spread of the replications.

Times are among the figures, and a time may be infinite: it never happened in that replication.
"""

from dataclasses import asdict, dataclass
from math import ceil, inf, sqrt

import numpy as np
import numpy.typing as npt

from livesim.randomness import BATCH

_TAIL = 0.025
"""Chance that an interval misses on one side: all intervals are 95 %."""

_Z = 1.959963984540054
"""The standard normal quantile at 1 − _TAIL."""


def mean_interval(values: npt.ArrayLike, batch: int = BATCH) -> tuple[float, float | None]:
    """Return the mean and the half-width of its 95 % interval.

    Replications of a Latin-hypercube batch are stratified, so they are not independent; the means
    of batches are. The interval is Student's t over the batch means (Owen 2013, Monte Carlo theory,
    methods and examples, 10.3); one over single replications would be several times too wide.

    Replications that are no whole batches were not drawn as such: they are rows of inputs that were
    given. These are taken as independent, and the interval is over single replications.

    Parameters
    ----------
    values : array_like of shape (R,)
        A finite figure by replication, batch after batch.
    batch : int
        Replications in a batch [1].

    Returns
    -------
    mean : float
    half_width : float or None
        None for a single batch, or a single replication.

    Raises
    ------
    ValueError
        If there are no values, or one is not finite.

    Examples
    --------
    >>> mean, half_width = mean_interval([1.0, 3.0, 2.0, 2.0, 1.0, 5.0], batch=2)
    >>> print(f"{mean:.2f} ± {half_width:.2f}")
    2.33 ± 1.43
    >>> mean, half_width = mean_interval([1.0, 3.0, 2.0], batch=50)
    >>> print(f"{mean:.2f} ± {half_width:.2f}")
    2.00 ± 2.48
    """
    figures = _checked(values)
    if np.isinf(figures).any():
        raise ValueError("a mean needs finite values: summarise what may never happen by quantiles")
    mean = float(figures.mean())
    batches, rest = divmod(figures.size, batch)
    means = figures if rest else figures.reshape(batches, batch).mean(axis=1)
    if means.size < 2:
        return mean, None
    from scipy.special import stdtrit

    error = means.std(ddof=1) / sqrt(means.size)
    return mean, float(stdtrit(means.size - 1, 1 - _TAIL) * error)


def chance_interval(hits: int, trials: int) -> tuple[float, float, float]:
    """Return the share of hits and its 95 % interval.

    Wilson's score interval (1927, doi 10.1080/01621459.1927.10502953) has a width even where
    nothing or everything was a hit. It takes replications as independent; stratified ones make it
    cautious.

    Parameters
    ----------
    hits : int
        Replications in which it happened [1].
    trials : int
        All replications [1].

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
    if not 0 <= hits <= trials or trials == 0:
        raise ValueError(f"a chance needs 0 ≤ hits ≤ trials and a trial, not {hits} of {trials}")
    misses = trials - hits
    spread = _Z * sqrt(hits * misses / trials + _Z**2 / 4)
    # The smaller root of Wilson's equation in the form without a difference: 0 hits give exactly 0.
    low = hits**2 / trials / (hits + _Z**2 / 2 + spread)
    high = 1 - misses**2 / trials / (misses + _Z**2 / 2 + spread)
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


def quantile_interval(values: npt.ArrayLike, q: float) -> tuple[float, float]:
    """Return a 95 % interval of a quantile, whatever the distribution.

    The ends are order statistics: the number of values up to the true quantile is binomial (Hahn
    and Meeker 1991, Statistical intervals, 5.2). It takes replications as independent; stratified
    ones make it cautious.

    Parameters
    ----------
    values : array_like of shape (R,)
        A figure by replication; inf where it never happened.
    q : float
        Share of all replications, in (0, 1) [1].

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
    from scipy.special import bdtr

    ordered = np.sort(_checked(values))
    at_most = bdtr(np.arange(ordered.size), ordered.size, _checked_share(q))
    bounded = np.concatenate([[-inf], ordered, [inf]])  # the value of rank r is bounded[r]
    low = int(np.searchsorted(at_most, _TAIL, side="right"))
    high = int(np.searchsorted(at_most, 1 - _TAIL, side="left")) + 1
    return float(bounded[low]), float(bounded[high])


@dataclass(frozen=True)
class Estimate:
    """A figure over all replications, as livesim reports it.

    Attributes
    ----------
    mean : float or None
        None for a figure that never happened in some replication: it has no mean.
    half_width : float or None
        Of the mean's 95 % interval; None also for a single batch, or a single replication.
    p10, p50, p90 : float or None
        Quantiles over all replications; None where it never happened in that share of them.
    """

    mean: float | None
    half_width: float | None
    p10: float | None
    p50: float | None
    p90: float | None

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

    def as_dict(self) -> dict[str, float | None]:
        """Return the figure under the names that it has in JSON.

        Examples
        --------
        >>> estimate([4, 4]).as_dict()
        {'mean': 4.0, 'half_width': 0.0, 'p10': 4.0, 'p50': 4.0, 'p90': 4.0}
        """
        return asdict(self)


def estimate(values: npt.ArrayLike) -> Estimate:
    """Summarise a figure over all replications.

    Parameters
    ----------
    values : array_like of shape (R,)
        A figure by replication, batch after batch; inf where it never happened.

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
    >>> estimate(sold_out_at)
    Estimate(mean=None, half_width=None, p10=60.0, p50=75.0, p90=None)
    """
    figures = _checked(values)
    ordered = np.sort(figures)
    mean, half_width = (None, None) if ordered[-1] == inf else mean_interval(figures)
    p10, p50, p90 = (_at_share(ordered, q) for q in (0.1, 0.5, 0.9))
    return Estimate(mean, half_width, p10, p50, p90)


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
