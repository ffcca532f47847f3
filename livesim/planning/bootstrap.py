"""How far the decision could differ on other random numbers: its simulation error.

The independent units of a study are its batches, so these are drawn anew, with replacement, and the
decision is made again: a bootstrap. It says how much more replications would help. How little it
matters to miss the best number (`good_range`), and how uncertain the forecast itself is (the spread
of the demand), are other questions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from livesim.planning.buying import Terms, order_quantities
from livesim.planning.curves import Curves
from livesim.planning.deciding import Decision
from livesim.planning.objectives import (
    FillRate,
    LossCap,
    MostProfit,
    Objective,
    Service,
    WorstCap,
)
from livesim.planning.profit import most_profit
from livesim.planning.risk import Cap, Purchase, path
from livesim.planning.service_level import counted, serving, share, wanted
from livesim.randomness import BATCH, generator
from livesim.scenario.quantities import Floats

#: How often batches are drawn anew.
_RESAMPLES = 400
#: How often where each time takes long.
_FEWER = 100


def simulation_intervals(
    curves: Curves, objective: Objective, decision: Decision
) -> tuple[tuple[int, int], ...]:
    """Return a 95 % interval of each item's units, as far as simulation leaves them open.

    Percentiles of a bootstrap over batches, as far out as Student's t is beyond the normal law
    (Hesterberg 2015, doi 10.1080/00031305.2015.1089789), since few batches differ less among
    themselves than batches do. Under a cap on the risk the decision is made again along the path
    from the most profit to the mildest worst shows, for the sake of speed. The most profit between
    two levels of a curve is seen at one of them, so its interval reaches half-way to those beyond.

    Parameters
    ----------
    curves, objective, decision
        What was decided, for what, from what.

    Returns
    -------
    tuple of (int, int)
        Lowest and highest units of each item, those owned included, by whole packs; the decision is
        among them. With fewer than two batches nothing is known: from what is owned to the curve's
        highest level.
    """
    batches = curves.replications // BATCH
    if batches < 2:
        tops = [max(int(c.levels[-1]), c.item.owned) for c in curves.curves]
        return tuple(zip(curves.owned, tops, strict=True))
    found = np.array([*_decided_again(curves, objective, batches), decision.units])
    tail = _tail(batches)
    lows = np.minimum(np.quantile(found, tail, axis=0, method="lower"), decision.units)
    highs = np.maximum(np.quantile(found, 1 - tail, axis=0, method="higher"), decision.units)
    ends = list(zip(lows.tolist(), highs.tolist(), strict=True))
    if not isinstance(objective, MostProfit):  # only its best units are bound to levels
        return tuple(ends)
    terms = Terms.of(curves)
    return tuple(
        _to_halfway(order_quantities(terms, number, curve), curve.item.pack, low, high)
        for number, (curve, (low, high)) in enumerate(zip(curves.curves, ends, strict=True))
    )


def _decided_again(curves: Curves, objective: Objective, batches: int) -> Iterator[Purchase]:
    """Yield the units decided for batches drawn anew."""
    luck = generator(curves.seed, "planning", "simulation interval")
    drawn = luck.integers(batches, size=(_RESAMPLES, batches))
    terms = Terms.of(curves)
    if isinstance(objective, LossCap | WorstCap):
        yield from _along_path(curves, terms, Cap.of(objective), drawn)
    elif isinstance(objective, Service | FillRate):
        counts = [counted(curve, objective) for curve in curves.curves]
        by_batch = [(_batch_means(served), _batch_means(of)) for served, of in counts]
        for some in drawn:
            shares = [share(served[some], of[some]) for served, of in by_batch]
            yield serving(curves, terms, shares, wanted(objective))
    elif curves.scenario.deal.guaranteed_volume:  # the refund of a mean is not the mean refund
        for some in drawn[:_FEWER]:
            yield most_profit(curves, terms, np.repeat(_counts(some), BATCH))
    else:
        means = _mean_profits(curves)
        for some in drawn:
            yield most_profit(means, terms, _counts(some))


def _along_path(
    curves: Curves, terms: Terms, cap: Cap, drawn: NDArray[np.int64]
) -> Iterator[Purchase]:
    purchases = path(curves, terms, cap.share)
    profits = [curves.profit(units) for units in purchases]
    for some in drawn[:_FEWER]:
        rows = _rows(some)
        scores = [cap.score(profit[rows]) for profit in profits]
        yield purchases[scores.index(max(scores))]


def _batch_means(figure: Floats) -> Floats:
    """Return the means of batches, shape (B, …)."""
    return np.asarray(figure.reshape(-1, BATCH, *figure.shape[1:]).mean(axis=1))


def _mean_profits(curves: Curves) -> Curves:
    """Return the curves of profit, each batch one replication."""
    kept = [
        replace(c, figures={n: _batch_means(c.figures[n]) for n in ("profit", "elsewhere")})
        for c in curves.curves
    ]
    return replace(curves, curves=tuple(kept), viewers=_batch_means(curves.viewers))


def _counts(batches: NDArray[np.int64]) -> Floats:
    """Return how often each batch was drawn."""
    return np.bincount(batches, minlength=len(batches)).astype(float)


def _rows(batches: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the replications of some batches."""
    return np.asarray((batches[:, None] * BATCH + np.arange(BATCH)).ravel(), dtype=np.intp)


def _tail(batches: int) -> float:
    """Return how much the interval leaves out on each side [1]."""
    from scipy.special import ndtr, stdtrit

    return float(ndtr(-sqrt(batches / (batches - 1)) * stdtrit(batches - 1, 0.975)))


def _to_halfway(known: NDArray[np.int64], pack: int, low: int, high: int) -> tuple[int, int]:
    """Return the ends of an interval moved outward by whole packs, half-way to the next choice."""
    below, above = known[known < low], known[known > high]
    if low in known and len(below):
        low -= pack * int((low - below[-1]) / 2 / pack)
    if high in known and len(above):
        high += pack * int((above[0] - high) / 2 / pack)
    return low, high
