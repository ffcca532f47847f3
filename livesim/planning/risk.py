"""Most expected profit with a cap on its risk: giving up profit for milder worst shows.

The more the worst shows count, the further the best purchase moves from the most expected profit
towards the mildest worst shows. Along this path a cap is met somewhere; the last packs are then
sought one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.planning.curves import Curves, joins_products
from livesim.planning.service_level import ALMOST
from livesim.planning.side_by_side import SideBySide
from livesim.planning.terms import Purchase, Terms
from livesim.results.intervals import estimate

#: Share of shows that :func:`worst_mean` looks at [1].
WORST = 0.1
#: Where hardly any loss is allowed, so many of the worst shows count along the path [1].
_LEAST_SHARE = 0.02
#: How much more than the others the worst shows count along the path; steps to settle at each.
_WEIGHTS = np.geomspace(0.1, 30.0, 8)
_STEPS = 5
#: Purchases between two neighbours on the path.
_BETWEEN = 6
#: By how much sums of money or volume may differ for the order in which they are added.
_ROUNDED = 1e-6


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
    """Return what has the mean of the worst 10 % of shows as its mean, by show, shape as profit's.

    Of each show it takes by how much that is among them (Rockafellar and Uryasev 2000).

    Examples
    --------
    >>> worst_by_show(np.arange(20.0)).tolist()[:3]
    [-9.0, 1.0, 1.0]
    """
    count = _worst_of(profit, WORST)
    edge = np.partition(profit, count - 1, axis=0)[count - 1]
    return np.asarray(edge + np.minimum(profit - edge, 0.0) * len(profit) / count)


@dataclass(frozen=True)
class Cap:
    """How safe the profit of a show must be.

    Parameters
    ----------
    by_show
        Judges each show of a profit, the more on average, the safer: shape (R,) → (R,), and of n
        profits side by side (R, n) → (R, n).
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
    items = SideBySide(curves, terms)
    profit = cache(items.profit)

    def score(units: Purchase) -> tuple[float, float]:
        return cap.score(profit(units))

    best = max(path(items, cap.share, profit), key=score)
    top, near = score(best), _Neighbours(items)
    while True:
        better = near.best(cap, best)
        if (found := score(better)) <= top:
            return best
        best, top = better, found


@dataclass(frozen=True, eq=False)
class _Steps:
    """Other units of an item, and what they earn more than those that it has, (R, n)."""

    units: NDArray[np.int64]
    gains: Floats

    @cached_property
    def means(self) -> Floats:
        """What they earn more on average, shape (n,)."""
        return np.asarray(self.gains.mean(axis=0))


class _Neighbours:
    """Purchases that differ from another one in one item, by 1, 2, 4, 8 … packs.

    What other units of an item earn is worked out once for those that it has: from one purchase to
    the next only one item changes.
    """

    def __init__(self, items: SideBySide) -> None:
        self._curves, self._terms, self._items = items.curves, items.terms, items
        self._known: dict[tuple[int, int], _Steps] = {}
        self._joined = joins_products(items.curves.scenario)

    def best(self, cap: Cap, units: Purchase) -> Purchase:
        """Return the best of those that are allowed; the purchase itself where none earns more.

        Where it is safe enough, the one that earns most of those that are, too, is the best: of
        most it need not be known how safe they are.
        """
        profit = self._items.profit(units)
        steps = [self._steps(units, number) for number in range(len(units))]
        means = np.concatenate([one.means for one in steps])
        numbers = np.repeat(np.arange(len(units)), [len(one.units) for one in steps])
        columns = np.concatenate([np.arange(len(one.units)) for one in steps])
        others = np.concatenate([one.units for one in steps])
        if safe := cap.safety(profit) >= cap.least:
            order = np.argsort(-means, kind="stable")
            order = order[means[order] > 0]
        else:
            safety = [cap.by_show(profit[:, None] + one.gains).mean(axis=0) for one in steps]
            order = np.lexsort((-means, -np.minimum(np.concatenate(safety), cap.least)))
        fits = self._affordable(units, numbers, others)
        for place in order[fits[order]].tolist():
            number, gain = int(numbers[place]), steps[numbers[place]].gains[:, columns[place]]
            other = (*units[:number], int(others[place]), *units[number + 1 :])
            if (not safe or cap.safety(profit + gain) >= cap.least) and self._terms.allow(other):
                return other
        return units

    def _steps(self, units: Purchase, number: int) -> _Steps:
        """Return other units of an item: fewer and more by whole packs."""
        have = units[number]
        if known := None if self._joined else self._known.get((number, have)):
            return known
        item, curve = self._terms.items[number], self._curves.curves[number]
        top = int(curve.levels[-1])
        by = [item.pack << n for n in range(max(0, top - item.owned).bit_length())]
        by = [step for step in by if step <= top - item.owned]
        each = [have + sign * step for step in by for sign in (-1, 1)]
        others = np.array([one for one in each if item.owned <= one <= top], dtype=np.int64)
        if self._joined:
            beside = ((*units[:number], one, *units[number + 1 :]) for one in others.tolist())
            gains = [self._curves.gain(units, other) for other in beside]
            found = _Steps(others, np.reshape(gains, (len(others), -1)).T)
        else:
            found = _Steps(others, self._items.gains(number, have, others))
            self._known = {key: one for key, one in self._known.items() if key[0] != number}
            self._known[number, have] = found
        return found

    def _affordable(
        self, units: Purchase, numbers: NDArray[np.intp], others: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Return which others budget and storage suffice for, shape (n,)."""
        terms, fits = self._terms, np.ones(len(others), dtype=bool)
        if not terms.resources:
            return fits
        money, volume = terms.cost(units), terms.volume(units)
        for number, (item, have) in enumerate(zip(terms.items, units, strict=True)):
            mine = numbers == number
            more = item.cost(others[mine] - item.owned) - item.cost(have - item.owned)
            room = item.volume * (others[mine] - have)
            fits[mine] = (money + more <= terms.budget + _ROUNDED) & (
                volume + room <= terms.storage + _ROUNDED
            )
        return fits


def path(
    items: SideBySide, share: float, profit: Callable[[Purchase], Floats]
) -> tuple[Purchase, ...]:
    """Return purchases from the most expected profit to the mildest worst shows, and none at all.

    At each weight the best purchase maximises the mean plus so many times the mean of the worst
    shows (Rockafellar and Uryasev 2000, doi 10.21314/JOR.2000.038). It is found by fictitious play:
    the best purchase for how much each show counted so far, the worst shows of that purchase, and
    so on.

    Parameters
    ----------
    items
        What units come to, and what a purchase must respect.
    share
        Share of shows that count as the worst [1].
    profit
        Returns the profit of the show with so many units, shape (R,).
    """
    units, terms = items.most_profit(), items.terms
    found = {items.curves.owned, units}
    counts = np.ones(items.curves.replications)
    for weight in _WEIGHTS:
        for step in range(1, _STEPS + 1):
            worst = np.zeros(items.curves.replications)
            worst[_worst(profit(units), share)] = 1 / share
            counts += ((1 + weight * worst) / (1 + weight) - counts) / step
            units = items.most_profit(counts)
            found.add(units)
    stations = sorted(found, key=lambda units: float(profit(units).mean()))
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


def _without_loss(profit: Floats) -> Floats:
    return np.asarray(profit >= 0, dtype=float)


def _worst(profit: Floats, share: float) -> NDArray[np.intp]:
    """Return which replications are the worst."""
    count = _worst_of(profit, share)
    return np.argpartition(profit, count - 1)[:count]


def _worst_of(profit: Floats, share: float) -> int:
    """Return how many replications are the worst."""
    return max(1, round(share * len(profit)))
