"""What all items of a show earn side by side, for searches that ask for it hundreds of times.

Where nothing joins the items, the show's profit is a sum over them, and so is what a purchase is
worth where some shows count more than others. What they earn at all levels then lies in one array,
as long as that is small; else it is read from the curves each time.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.planning.buying import Worth, most_worth
from livesim.planning.curves import Curves, joins_products
from livesim.planning.profit import ALIKE, most_profit
from livesim.planning.terms import Purchase, Terms, order_quantities

#: Most numbers that are held in one array: 64 MB.
_HELD = 2**23


class SideBySide:
    """The items of a show, side by side.

    Parameters
    ----------
    curves, terms
        What units come to, and what a purchase must respect.
    """

    def __init__(self, curves: Curves, terms: Terms) -> None:
        self.curves, self.terms = curves, terms
        self._sizes = np.array([len(curve.levels) for curve in curves.curves])
        self._starts = np.cumsum(self._sizes) - self._sizes

    @cached_property
    def adds_up(self) -> bool:
        """Whether the show's profit is a sum over the items, and few enough numbers."""
        few = self.curves.replications * int(self._sizes.sum()) <= _HELD
        return few and not joins_products(self.curves.scenario)

    def profit(self, units: Purchase) -> Floats:
        """Return the profit of the whole show with so many units of each item, shape (R,)."""
        if not self.adds_up:
            return self.curves.profit(units)
        left, part = self._between(np.arange(len(units)), np.array(units))
        earned = self._earned[:, left] * (1.0 - part) + self._earned[:, left + 1] * part
        return np.asarray(earned.sum(axis=1) + self._rest)

    def gains(self, number: int, few: int, many: NDArray[np.int64]) -> Floats:
        """Return what it earns to have each of n numbers of units of an item, not few, (R, n)."""
        if not self.adds_up:
            return self.curves.curves[number].gains(few, many)
        left, part = self._between(np.repeat(number, len(many) + 1), np.append(few, many))
        earned = self._earned[:, left] * (1.0 - part) + self._earned[:, left + 1] * part
        return np.asarray(earned[:, 1:] - earned[:, :1])

    def most_profit(self, weights: Floats | None = None) -> Purchase:
        """Return the units with the most expected profit, where each show counts so much, (R,)."""
        if not self.adds_up:
            return most_profit(self.curves, self.terms, weights)
        weights = np.ones(self.curves.replications) if weights is None else weights
        means = np.einsum("r,rl->l", weights, self._earned) / len(weights)
        most = np.maximum.reduceat(np.abs(means), self._starts)
        means -= ALIKE * np.repeat(most, self._sizes) * self._rising
        (left, part), ends = self._options, np.cumsum([len(units) for units in self._units])[:-1]
        worths = np.split(means[left] * (1.0 - part) + means[left + 1] * part, ends)
        return most_worth(self.terms, list(map(Worth, self._units, worths)))

    @cached_property
    def _earned(self) -> Floats:
        """What the items earn at their levels, all levels side by side, shape (R, L)."""
        names = self.curves.summands("profit")
        every = [
            curve.of_each(lambda figures: np.sum([figures[name] for name in names], axis=0))
            for curve in self.curves.curves
        ]
        return np.concatenate(every, axis=1)

    @cached_property
    def _rest(self) -> Floats:
        """What belongs to no item, shape (R,)."""
        owned = self.curves.owned
        return np.asarray(self.curves.fixed(owned) + self.curves.bundles.get("profit", 0.0))

    @cached_property
    def _units(self) -> list[NDArray[np.int64]]:
        """The units of each item that come into question."""
        pairs = enumerate(self.curves.curves)
        return [order_quantities(self.terms, number, curve) for number, curve in pairs]

    @cached_property
    def _options(self) -> tuple[NDArray[np.intp], Floats]:
        """Where these lie among the levels."""
        counts = [len(units) for units in self._units]
        return self._between(np.repeat(np.arange(len(counts)), counts), np.concatenate(self._units))

    @cached_property
    def _rising(self) -> Floats:
        """From 0 to 1 over the levels of each item."""
        return np.concatenate([np.linspace(0, 1, size) for size in self._sizes.tolist()])

    @cached_property
    def _levels(self) -> NDArray[np.int64]:
        return np.concatenate([curve.levels for curve in self.curves.curves])

    @cached_property
    def _keys(self) -> NDArray[np.int64]:
        """The levels, each item's beyond all of the one before: ascending over all of them."""
        return self._levels + np.repeat(np.arange(len(self._sizes)), self._sizes) * self._apart

    @cached_property
    def _apart(self) -> int:
        tops = [*(int(self._levels.max()), *(int(units.max()) for units in self._units))]
        return 2 * max(tops) + 2

    def _between(
        self, numbers: NDArray[np.intp], units: NDArray[np.int64]
    ) -> tuple[NDArray[np.intp], Floats]:
        """Return below which units of items lie, of all levels, and how far to the next one [1]."""
        below = self._keys.searchsorted(units + numbers * self._apart, side="right") - 1
        first, last = self._starts[numbers], self._starts[numbers] + self._sizes[numbers] - 2
        left = np.minimum(np.maximum(below, first), last)
        levels = self._levels
        return left, (units - levels[left]) / (levels[left + 1] - levels[left])
