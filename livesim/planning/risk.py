"""Most expected profit with a cap on its risk: giving up profit for milder worst shows.

The more the worst shows count, the further the best purchase moves from the most expected profit
towards the mildest worst shows. Along this path a cap is met somewhere; the last packs are then
sought one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from livesim.planning.buying import Purchase, Terms
from livesim.planning.curves import Curves
from livesim.planning.profit import most_profit
from livesim.planning.service_level import ALMOST
from livesim.results.intervals import estimate
from livesim.scenario.quantities import Floats

#: Share of shows that :func:`worst_mean` looks at [1].
WORST = 0.1
#: Where hardly any loss is allowed, so many of the worst shows count along the path [1].
_LEAST_SHARE = 0.02
#: How much more than the others the worst shows count along the path; steps to settle at each.
_WEIGHTS = np.geomspace(0.1, 30.0, 8)
_STEPS = 5
#: Purchases between two neighbours on the path.
_BETWEEN = 6


def worst_mean(profit: Floats) -> float:
    """Return the mean profit of the worst 10 % of shows, the conditional value at risk [currency].

    Parameters
    ----------
    profit
        By replication, shape (R,).

    Examples
    --------
    >>> worst_mean(np.arange(20.0))
    0.5
    """
    return float(profit[_worst(profit, WORST)].mean())


def worst_by_show(profit: Floats) -> Floats:
    """Return what has the mean of the worst 10 % of shows as its mean, by show, shape (R,).

    Of each show it takes by how much that is among them (Rockafellar and Uryasev 2000).

    Examples
    --------
    >>> worst_by_show(np.arange(20.0)).tolist()[:3]
    [-9.0, 1.0, 1.0]
    """
    worst = _worst(profit, WORST)
    edge = profit[worst].max()
    return np.asarray(edge + np.minimum(profit - edge, 0.0) * len(profit) / len(worst))


def no_loss(profit: Floats) -> float:
    """Return the share of shows without a loss [1].

    Examples
    --------
    >>> no_loss(np.array([-1.0, 0.0, 2.0, 3.0]))
    0.75
    """
    return float(_without_loss(profit).mean())


@dataclass(frozen=True)
class Cap:
    """How safe the profit of a show must be.

    Parameters
    ----------
    by_show
        Judges each show of a profit, shape (R,) → (R,): the more on average, the safer.
    least
        How safe it must be on average.
    share
        Share of shows that count as the worst along the path [1].
    """

    by_show: Callable[[Floats], Floats]
    least: float
    share: float

    @classmethod
    def on_losses(cls, chance: float) -> Cap:
        """Return the cap with at most this chance of a loss [1]."""
        return cls(_without_loss, 1 - chance - ALMOST, max(chance, _LEAST_SHARE))

    def safety(self, profit: Floats) -> float:
        """Return how safe a profit by replication is, shape (R,): more is safer."""
        return float(self.by_show(profit).mean())

    def asks_for(self, profit: Floats, other: Floats) -> bool:
        """Say whether a profit is safe enough, or surely safer, where another is not safe enough.

        Both by replication, on the same random numbers, shape (R,).
        """
        if self.safety(other) >= self.least:
            return False
        safer = estimate(self.by_show(profit) - self.by_show(other))
        return self.safety(profit) >= self.least or safer.above_zero

    def score(self, profit: Floats) -> tuple[float, float]:
        """Return what to maximise: safety as long as it is too low, then the expected profit."""
        return min(self.safety(profit), self.least), float(profit.mean())


def most_profit_within(curves: Curves, terms: Terms, cap: Cap) -> Purchase:
    """Return the units with the most expected profit within a cap, or the safest if none are.

    Parameters
    ----------
    curves, terms, cap
        What units come to, what a purchase must respect, and how safe it must be.
    """

    def score(units: Purchase) -> tuple[float, float]:
        return cap.score(curves.profit(units))

    best = max(path(curves, terms, cap.share), key=score)
    top = score(best)
    while True:
        better = _best_neighbour(curves, terms, cap, best)
        if (found := score(better)) <= top:
            return best
        best, top = better, found


def _best_neighbour(curves: Curves, terms: Terms, cap: Cap, units: Purchase) -> Purchase:
    """Return the best of what differs in one item, by what that item earns more or less."""
    profit = curves.profit(units)

    def score(other: Purchase) -> tuple[float, float]:
        return cap.score(profit + curves.gain(units, other))

    return max(_neighbours(curves, terms, units), key=score, default=units)


def path(curves: Curves, terms: Terms, share: float) -> tuple[Purchase, ...]:
    """Return purchases from the most expected profit to the mildest worst shows, and none at all.

    At each weight the best purchase maximises the mean plus so many times the mean of the worst
    shows (Rockafellar and Uryasev 2000, doi 10.21314/JOR.2000.038). It is found by fictitious play:
    the best purchase for how much each show counted so far, the worst shows of that purchase, and
    so on.

    Parameters
    ----------
    curves, terms
        What units come to, and what a purchase must respect.
    share
        Share of shows that count as the worst [1].
    """
    units = most_profit(curves, terms)
    found = {curves.owned, units}
    counts = np.ones(curves.replications)
    for weight in _WEIGHTS:
        for step in range(1, _STEPS + 1):
            worst = np.zeros(curves.replications)
            worst[_worst(curves.profit(units), share)] = 1 / share
            counts += ((1 + weight * worst) / (1 + weight) - counts) / step
            units = most_profit(curves, terms, counts)
            found.add(units)
    stations = sorted(found, key=lambda units: float(curves.profit(units).mean()))
    between = (
        _between(terms, start, end, part / _BETWEEN)
        for start, end in pairwise(stations)
        for part in range(1, _BETWEEN)
    )
    return tuple(dict.fromkeys([*stations, *filter(terms.allow, between)]))


def _between(terms: Terms, start: Purchase, end: Purchase, part: float) -> Purchase:
    """Return what lies so far on the way from one purchase to another, in whole packs."""
    return tuple(
        one + item.pack * round(part * (other - one) / item.pack)
        for one, other, item in zip(start, end, terms.items, strict=True)
    )


def _neighbours(curves: Curves, terms: Terms, units: Purchase) -> Iterator[Purchase]:
    """Yield what is allowed and differs in one item, by 1, 2, 4, 8 … packs."""
    for number, (item, curve) in enumerate(zip(terms.items, curves.curves, strict=True)):
        top = int(curve.levels[-1])
        step = item.pack
        while step <= top - item.owned:
            for have in (units[number] - step, units[number] + step):
                other = (*units[:number], have, *units[number + 1 :])
                if item.owned <= have <= top and terms.allow(other):
                    yield other
            step *= 2


def _without_loss(profit: Floats) -> Floats:
    return np.asarray(profit >= 0, dtype=float)


def _worst(profit: Floats, share: float) -> NDArray[np.intp]:
    """Return which replications are the worst."""
    count = max(1, round(share * len(profit)))
    return np.argpartition(profit, count - 1)[:count]
