"""Around which units curves are made where orders take units of several products.

There, what a unit of one item is worth depends on the others: a mask more is worth nothing to a
bundle that has run out of serum. So each item's curve holds while the others have units that go
well together. They are searched on the first block of shows, each choice as a whole: the best
purchase by what every item is worth alone, items one by one, and all components of a bundle at
once, which no item's curve shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from livesim.experiment.levels import BlockAt, Levels, Stocked
from livesim.planning.buying import Terms, Worth, most_worth, order_quantities
from livesim.planning.curves import Curves, StockCurve, Units, between, fixed_money
from livesim.planning.items import Item, by_variant, savings
from livesim.resolve.inputs import inputs_of
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Scenario

#: Parts more or fewer of an item, or of sets, that are tried near a choice.
_PARTS = (-0.15, -0.05, -0.02, 0.02, 0.05, 0.15)
#: The search settles within a few steps; this ends it for certain.
_MOST_STEPS = 12
#: It ends with a step that adds only this part of what all steps have earned.
_ENOUGH = 0.002


def best_together(
    scenario: Scenario,
    items: tuple[Item, ...],
    levels: Sequence[NDArray[np.int64]],
    block: BlockAt,
    start: Units,
) -> tuple[int, ...]:
    """Return the units of each item that earn most together, as far as a search finds.

    Parameters
    ----------
    scenario, items
        The show, and what can be bought for it.
    levels
        Some levels of each item, the units owned among them; as many sets of bundles are tried.
    block
        The shows on which choices are judged.
    start
        Units of each item from which the search starts.
    """
    search = _Search(scenario, items, levels, block)
    best, value, worst = np.array(start, dtype=np.int64), -np.inf, np.inf
    for _ in range(_MOST_STEPS):
        here, worths = search.worths(best)
        if value == -np.inf and search.terms.allow(best.tolist()):
            value = here
        tried = [np.array(most_worth(search.terms, worths)), *search.one_by_one(best, worths)]
        tried += [one for each in search.sets for one in _along(items, best, each, levels)]
        allowed = [one for one in tried if search.terms.allow(one.tolist())]
        if not allowed:
            break
        choices = np.unique(allowed, axis=0)
        values = search.profit(choices.T)
        if values.max() <= value + 1e-9:
            break
        more, best, value = values.max() - value, choices[values.argmax()], float(values.max())
        worst = min(worst, here)
        if more < _ENOUGH * (value - worst):
            break
        search.look_closer(best)
    return tuple(best.tolist())


class _Search:
    """What choices and single items are worth on a block of shows.

    Parameters
    ----------
    scenario, items, levels, block
        As for :func:`best_together`.
    """

    def __init__(
        self,
        scenario: Scenario,
        items: tuple[Item, ...],
        levels: Sequence[NDArray[np.int64]],
        block: BlockAt,
    ) -> None:
        self._scenario, self._items, self._block = scenario, items, block
        self._levels = list(levels)
        self.terms = Terms.of_items(scenario, items)
        self.sets = _sets(scenario, items)
        sharing = products_sharing(scenario)
        self._joined = [n for n, item in enumerate(items) if item.product in sharing]
        self._apart = [n for n in range(len(items)) if n not in self._joined]
        self._by_level: dict[int, Floats] = {}

    def _levels_of(self, choices: NDArray[np.int64]) -> Levels:
        (found,) = self._block.simulated([Stocked(by_variant(self._items, choices))])
        return found

    def profit(self, choices: NDArray[np.int64]) -> Floats:
        """Return the mean profit of choices, shape (L,), from (items, L)."""
        return self._profit(self._levels_of(choices), choices)

    def _profit(self, found: Levels, choices: NDArray[np.int64]) -> Floats:
        def total(name: str) -> Floats:
            return np.asarray(found.figures[name].sum(axis=1))

        whole = total("profit") + fixed_money(self._scenario, total)
        return np.asarray(whole.mean(axis=0) + savings(self._items, choices))

    def worths(self, units: NDArray[np.int64]) -> tuple[float, list[Worth]]:
        """Return the mean profit of units, and what each item is worth while the others have these.

        Items that share stock with no others are looked at side by side, and once.
        """
        choices = [units[:, None]]
        for n in self._joined:
            alone = np.repeat(units[:, None], len(self._levels[n]), axis=1)
            alone[n] = self._levels[n]
            choices.append(alone)
        if self._apart and not self._by_level:
            choices.append(self._side_by_side(units))
        ends = np.cumsum([one.shape[1] for one in choices])[:-1]
        every = np.concatenate(choices, axis=1)
        found = self._levels_of(every)
        here, *profits = np.split(self._profit(found, every), ends)
        if self._apart and not self._by_level:
            self._look_apart(found.figures["profit"][:, :, ends[-1] :].mean(axis=0))
        by_level = {
            **self._by_level,
            **dict(zip(self._joined, profits[: len(self._joined)], strict=True)),
        }
        return float(here[0]), [self._worth(n, by_level[n]) for n in range(len(self._items))]

    def _side_by_side(self, units: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the levels of items that share stock with no others, beside these units."""
        most = max(len(self._levels[n]) for n in self._apart)
        choices = np.repeat(units[:, None], most, axis=1)
        for n in self._apart:
            choices[n] = np.pad(self._levels[n], (0, most - len(self._levels[n])), mode="edge")
        return choices

    def _look_apart(self, profit: Floats) -> None:
        """Note what these are worth at each of their levels, from the profit of variants there."""
        for n in self._apart:
            levels, mine = self._levels[n], list(self._items[n].variants)
            own = profit[mine, : len(levels)].sum(axis=0)
            self._by_level[n] = own + self._items[n].saving(levels)

    def look_closer(self, units: NDArray[np.int64]) -> None:
        """Let the levels of items that share stock lie twice as close around these units."""
        for n in self._joined:
            levels = np.union1d(self._levels[n], units[n])
            at = int(np.searchsorted(levels, units[n]))
            around = levels[max(at - 1, 0) : at + 2]
            self._levels[n] = np.union1d(levels, (around[1:] + around[:-1]) // 2)

    def _worth(self, number: int, by_level: Floats) -> Worth:
        item, levels = self._items[number], self._levels[number]
        units = order_quantities(self.terms, number, StockCurve(item, levels, {}))
        return Worth(units, between(levels, by_level, units))

    def one_by_one(
        self, units: NDArray[np.int64], worths: Sequence[Worth]
    ) -> Iterator[NDArray[np.int64]]:
        """Yield the same units but for one item, of which there are those that are worth most."""
        for n in self._joined:
            one = units.copy()
            one[n] = worths[n].units[worths[n].worth.argmax()]
            yield one


def products_sharing(scenario: Scenario) -> set[str]:
    """Return the products of which a unit's worth depends on the others' stock, or variants'."""
    inputs = inputs_of(scenario)
    return {inputs.products[number] for number in inputs.joint}


def near_together(curves: Curves, units: Units) -> list[tuple[int, ...]]:
    """Return choices near some units, to be judged as a whole where orders take units of several.

    What is not bought with these units is not bought with any of them.

    Parameters
    ----------
    curves
        The show and its items.
    units
        Units of each item.
    """
    items, here = curves.items, np.array(units)
    owned, packs = (np.array([getattr(item, of) for item in items]) for of in ("owned", "pack"))
    directions = [here * one for one in np.eye(len(items), dtype=np.int64)]
    for takes in _sets(curves.scenario, items):
        sets = int(np.min((here // np.maximum(takes, 1))[takes > 0]))
        directions.append(sets * takes)
    there = np.array(curves.around or units)
    near = [here + part * (there - here) for part in (0.5, 1.0)]
    for one in directions:
        steps = np.maximum(one * np.abs(_PARTS)[:, None], np.where(one > 0, packs, 0))
        near += list(here + np.sign(_PARTS)[:, None] * steps)
    bought = here > owned
    more = np.maximum(np.where(bought, np.rint((near - owned) / packs), 0), 0).astype(np.int64)
    return [tuple(one) for one in np.unique(owned + packs * more, axis=0).tolist()]


def _sets(scenario: Scenario, items: tuple[Item, ...]) -> list[NDArray[np.int64]]:
    """Return how many units of each item each bundle takes, of shape (items,)."""
    inputs = inputs_of(scenario)
    bundles = np.flatnonzero(np.diag(inputs.takes) == 0)
    return [
        np.array([inputs.takes[bundle, list(item.variants)].sum() for item in items])
        for bundle in bundles.tolist()
    ]


def _along(
    items: tuple[Item, ...],
    units: NDArray[np.int64],
    takes: NDArray[np.int64],
    levels: Sequence[NDArray[np.int64]],
) -> list[NDArray[np.int64]]:
    """Return units with more or fewer sets of a bundle's components, in whole packs."""
    owned, packs = (np.array([getattr(item, of) for item in items]) for of in ("owned", "pack"))
    part, size = takes > 0, max(len(mine) for mine in levels)
    top = np.array([mine[-1] for mine in levels])
    most = int(((top - units)[part] // takes[part]).max())
    least = int(((owned - units)[part] // takes[part]).min())
    fine = np.arange(-(size // 2), size // 2 + 1)
    coarse = np.rint(np.linspace(least, max(most, 1), size)).astype(int)
    further = units + np.union1d(fine, coarse)[:, None] * takes
    whole = owned + packs * -(-np.maximum(further - owned, 0) // packs)
    return list(np.where(part, whole, units))
