"""Two samples of the same law? Whole distributions compared, without assumptions that could fail.

Under the same law it is pure luck which of all values pooled belong to which sample, and everything
here is that permutation law. Values may be counts, amounts or times, and a time that never came
(inf) is a value like any other: the largest.

- *Cuts*: how many of a sample's values lie at or below a cut is hypergeometric, exactly, whatever
  the distribution. The cuts are quantiles of the pooled values and, where some are inf, between
  "at some time" and "never". They see the chance of a sell-out as well as a wrong tail.
- *Place and spread*: the sum of a sample's ranks, and of their squared distances from the middle.
  Ranks are bounded, so these sums are close to normal far out; where most values are alike they
  would not be, and the cuts say all there is to say.

Replications that share a Latin-hypercube batch are not independent: a mean over them has at most
n/(n − 1) times the variance of independent ones, with n = 50 (Owen 1997), and where it matters a
smaller one. So there alarms are rarer than stated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import stats

QUANTILES = (0.02, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.98)
#: Where one value has more than this share of all, ranks tell nothing that cuts do not.
MOSTLY_ALIKE = 0.8

Values = NDArray[np.float64] | NDArray[np.int64]


def p_values(name: str, one: Values, other: Values) -> Iterator[tuple[str, float]]:
    """Yield what the cuts, the place and the spread of two samples say."""
    pooled = np.concatenate([one, other]).astype(float)
    values, counts = np.unique(pooled, return_counts=True)
    if len(values) == 1:
        return
    at = cuts(pooled, values)
    for cut, p_value in zip(at.tolist(), _shares_up_to(at, one, other).tolist(), strict=True):
        yield f"{name}: share up to {cut:g}", p_value
    if counts.max() <= MOSTLY_ALIKE * len(pooled):
        ranks = stats.rankdata(pooled)
        scores = {"place": ranks, "spread": (ranks - ranks.mean()) ** 2}
        for what, score in scores.items():
            yield f"{name}: {what}", _scored(score, len(one))


def cuts(pooled: Values, values: Values) -> Values:
    """Return the values at which to cut: at quantiles, and where "never" begins."""
    at = np.quantile(pooled, QUANTILES, method="inverted_cdf")
    if np.isinf(values[-1]):
        at = np.append(at, values[-2])
    return np.unique(at[at < values[-1]])


def _shares_up_to(at: Values, one: Values, other: Values) -> Values:
    """Return the p-values of how many of one sample's values lie at or below each cut."""
    mine, others = ((sample[:, None] <= at).sum(axis=0) for sample in (one, other))
    law = (len(one) + len(other), mine + others, len(one))
    tails = [stats.hypergeom.cdf(mine, *law), stats.hypergeom.sf(mine - 1, *law)]
    return np.minimum(1.0, 2 * np.min(tails, axis=0))


def _scored(scores: Values, size: int) -> float:
    """Return the p-value of the sum of the first scores among all their permutations."""
    total = len(scores)
    if np.ptp(scores) == 0:  # two values, each half of all, are equally far from the middle
        return 1.0
    variance = size * (total - size) / (total - 1) * scores.var()
    z = (scores[:size].sum() - size * scores.mean()) / math.sqrt(variance)
    return float(2 * stats.norm.sf(abs(z)))


def detectable_shift(one: int, other: int, alarm: float, power: float = 0.99) -> float:
    """Return the difference of means that the place shows with a power, in standard deviations.

    Ranks of normal values are as good as the values of π/3 as many (Hodges and Lehmann 1956).
    """
    needed = stats.norm.isf(alarm / 2) + stats.norm.isf(1 - power)
    return float(needed * math.sqrt((1 / one + 1 / other) * math.pi / 3))


def detectable_chance(
    one: int, other: int, alarm: float, chance: float = 0.5, power: float = 0.99
) -> float:
    """Return the difference of a chance that a cut shows with a power."""
    needed = stats.norm.isf(alarm / 2) + stats.norm.isf(1 - power)
    return float(needed * math.sqrt((1 / one + 1 / other) * chance * (1 - chance)))
