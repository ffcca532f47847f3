"""Around which units curves are made where the items' stocks act on each other.

Where orders take units of several products, what a unit of one item is worth depends on the others:
a mask more is worth nothing to a bundle that has run out of serum. So each item's curve holds while
the others have units that go well together. They are searched on the first block of shows, each
choice as a whole: the best purchase by what every item is worth alone, items one by one, and all
components of a bundle at once, which no item's curve shows.

Where slots or viewers react to the stock as well, or do so for many items, a recording tells what
units are worth as if nobody reacted. Some joint stocks are simulated, and what
they come to beyond that is put down to the orders that each item loses. The best joint stock by
this is simulated, too, with some near the best so far, until none of them earns more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.experiment.block_at import BlockAt
from livesim.experiment.first_look import foreseen
from livesim.experiment.levels import Levels, Stocked, of_stock
from livesim.planning.buying import Worth, most_worth
from livesim.planning.curves import Curves, StockCurve, Together, Units, between, whole_profit
from livesim.planning.items import Item, by_variant, savings
from livesim.planning.terms import Terms, order_quantities
from livesim.randomness import generator
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

#: Parts more or fewer of an item, or of sets, that are tried near a choice.
_PARTS = (-0.15, -0.05, -0.02, 0.02, 0.05, 0.15)
#: The search settles within a few steps; this ends it for certain.
_MOST_STEPS = 12
#: Joint stocks that are simulated at first, beside those owned and a middle one.
_SPREAD = 8
#: So many times the best joint stock and some near it are simulated at most.
_MOST_ROUNDS = 4
#: Near are those with so many levels more or fewer [1], of each item or of groups.
_MOVES = (-0.2, -0.05, 0.05, 0.2)
_GROUPS = 5
#: What an order that an item loses is thought to change elsewhere, in its own value [1]: of this
#: item alone, and in common with the others.
_ALONE, _COMMON = 0.5, 1.0
#: How inexact it is that these effects are in proportion to what is lost [1] (assumption).
_INEXACT = 0.3
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
    return _best_by(_Search(scenario, items, levels, block, block), start)


def best_simulated(
    scenario: Scenario,
    items: tuple[Item, ...],
    levels: Sequence[NDArray[np.int64]],
    block: BlockAt,
    start: Units,
) -> tuple[tuple[int, ...], Together]:
    """Return the joint stock that earns most of some that are simulated, and what they tell.

    Parameters
    ----------
    scenario, items, levels, block, start
        As for :func:`best_together`.
    """
    levels = [mine[mine >= item.owned] for item, mine in zip(items, levels, strict=True)]
    search = _Search(scenario, items, levels, block, block.unmoved())
    search.simulate(np.unique(_spread_jointly(items, levels, start), axis=1))
    for _ in range(_MOST_ROUNDS):
        before = search.best
        near = [_best_by(search, before), *_moved(items, levels, before)]
        new = [one for one in dict.fromkeys(near) if search.is_new(one)]
        if new:
            search.simulate(np.array(new).T)
        if search.best == before:
            break
    return search.best, Together(search.per_lost_at(search.best), len(search.simulated))


def _moved(
    items: tuple[Item, ...], levels: Sequence[NDArray[np.int64]], units: Units
) -> Iterator[tuple[int, ...]]:
    """Yield joint stocks with more or fewer of some items: of each, or of halves where many are."""
    everything = list(range(len(items)))
    groups = min(len(items), _GROUPS) if len(items) <= 2 * _GROUPS else 2
    directions = [part.tolist() for part in np.array_split(everything, groups)]
    for some in [everything, *directions] if groups > 1 else directions:
        for part in _MOVES:
            moved = list(units)
            for n in some:
                to_buy = _whole_packs(items[n], levels[n])
                step = round(np.sign(part) * max(1, abs(part) * len(to_buy)))
                at = int(np.searchsorted(to_buy, units[n])) + step
                moved[n] = int(to_buy[np.clip(at, 0, len(to_buy) - 1)])
            yield tuple(moved)


def _whole_packs(item: Item, levels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the levels that whole packs bring what is owned to."""
    return np.asarray(levels[(levels - item.owned) % item.pack == 0])


def _spread_jointly(
    items: tuple[Item, ...], levels: Sequence[NDArray[np.int64]], start: Units
) -> NDArray[np.int64]:
    """Return joint stocks, (items, n): those owned, a middle one, and some from few to plenty.

    Each item's levels are in an order of their own (a Latin hypercube), so that what one item's
    stock does is told apart from what the others' do, as far as they are few.
    """
    spread = [[item.owned for item in items], list(start)]
    parts = np.linspace(0, 1, _SPREAD)
    orders = [generator(0, "joint stocks", item.name).permutation(_SPREAD) for item in items]
    for n in range(_SPREAD):
        column = []
        for item, mine, order in zip(items, levels, orders, strict=True):
            to_buy = _whole_packs(item, mine)
            column.append(int(to_buy[round(parts[order[n]] * (len(to_buy) - 1))]))
        spread.append(column)
    return np.array(spread, dtype=np.int64).T


def _best_by(search: _Search, start: Units) -> tuple[int, ...]:
    items, levels = search.items, search.levels
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
    told
        The shows from which choices are told without a simulation of each: the same, or as if
        nobody reacted to the stock.
    """

    def __init__(
        self,
        scenario: Scenario,
        items: tuple[Item, ...],
        levels: Sequence[NDArray[np.int64]],
        block: BlockAt,
        told: BlockAt,
    ) -> None:
        self._scenario, self.items, self._block, self._told = scenario, items, block, told
        self.levels, self._levels = levels, list(levels)
        self._plenty = by_variant(items, [mine[-1:] for mine in levels])[:, 0]
        self._price = np.array([scenario.products[item.product].price for item in items])
        self.terms = Terms.of_items(scenario, items)
        self.sets = _sets(scenario, items)
        sharing = foreseen(scenario).orders
        self._joined = [n for n, item in enumerate(items) if item.product in sharing]
        self._apart = [n for n in range(len(items)) if n not in self._joined]
        self._alone: dict[int, tuple[Floats, Floats]] = {}
        self.simulated: dict[tuple[int, ...], Floats] = {}
        self._as_told: list[Floats] = []
        self._lost: list[Floats] = []
        self.per_lost = np.zeros(len(items))

    def simulate(self, choices: NDArray[np.int64]) -> None:
        """Simulate joint stocks, (items, n), and learn from what they come to."""
        told, units = self._levels_of(choices), by_variant(self.items, choices)
        (found,) = self._block.simulated([Stocked(units)], self._plenty)
        profits = self._whole(found, choices)
        self.simulated |= dict(zip(map(tuple, choices.T.tolist()), profits.T, strict=True))
        self._as_told += list(self._whole(told, choices).T)
        lost, made_up = self._lost_of(told)
        self._lost += list((lost * made_up).T)
        more = np.array([*self.simulated.values()]) - np.array(self._as_told)
        self.per_lost = self._price * _told_apart(np.array(self._lost) * self._price, more)

    def per_lost_at(self, units: Units) -> tuple[float, ...]:
        """Return by how much the profit changes with each unit that an item loses, at units."""
        _, made_up = self._lost_of(self._levels_of(np.array(units)[:, None]))
        return tuple((self.per_lost * made_up[:, 0]).tolist())

    def is_new(self, units: tuple[int, ...]) -> bool:
        """Say whether a joint stock may be bought, and has not been simulated."""
        return units not in self.simulated and self.terms.allow(units)

    @property
    def best(self) -> tuple[int, ...]:
        """The joint stock with the most mean profit of those simulated that may be bought."""
        may_be = [one for one in self.simulated if self.terms.allow(one)]
        return max(may_be, key=lambda one: float(self.simulated[one].mean()))

    def _levels_of(self, choices: NDArray[np.int64]) -> Levels:
        """Return what is told of choices without a simulation of each."""
        (found,) = self._told.simulated([Stocked(by_variant(self.items, choices))])
        return found

    def _lost_of(self, found: Levels) -> tuple[Floats, Floats]:
        """Return units of each item that are wanted and not there, and how far others can gain.

        Mean units, and the part of what is wanted of the others, by value, that they have [1]: who
        finds an item sold out can buy nothing else that is sold out, too. Both (items, L).
        """
        wanted, lost = (
            np.einsum("vl,vu->ul", of_stock(found.figures, name).mean(axis=0), found.takes)
            for name in ("demand", "lost")
        )
        wanted, lost = (
            np.stack([one[list(item.variants)].sum(axis=0) for item in self.items])
            for one in (wanted, lost)
        )
        of_all, gone = (one * self._price[:, None] for one in (wanted, lost))
        of_others, gone = of_all.sum(axis=0) - of_all, gone.sum(axis=0) - gone
        return lost, 1.0 - np.divide(gone, of_others, where=of_others > 0, out=0 * gone)

    def profit(self, choices: NDArray[np.int64]) -> Floats:
        """Return the mean profit of choices, shape (L,), from (items, L)."""
        return self._profit(self._levels_of(choices), choices)

    def _profit(self, found: Levels, choices: NDArray[np.int64]) -> Floats:
        whole = self._whole(found, choices).mean(axis=0)
        if not self.simulated:
            return np.asarray(whole)
        lost, made_up = self._lost_of(found)
        return np.asarray(whole + self.per_lost @ (lost * made_up))

    def _whole(self, found: Levels, choices: NDArray[np.int64]) -> Floats:
        """Return the profit of the whole show, (R, L)."""
        return whole_profit(self._scenario, found.figures) + savings(self.items, choices)

    def worths(self, units: NDArray[np.int64]) -> tuple[float, list[Worth]]:
        """Return the mean profit of units, and what each item is worth while the others have these.

        Items that share stock with no others are looked at side by side, and once.
        """
        choices = [units[:, None]]
        for n in self._joined:
            alone = np.repeat(units[:, None], len(self._levels[n]), axis=1)
            alone[n] = self._levels[n]
            choices.append(alone)
        if self._apart and not self._alone:
            choices.append(self._side_by_side(units))
        ends = np.cumsum([one.shape[1] for one in choices])[:-1]
        every = np.concatenate(choices, axis=1)
        found = self._levels_of(every)
        here, *profits = np.split(self._profit(found, every), ends)
        lost, made_up = self._lost_of(found)
        if self._apart and not self._alone:
            profit = found.figures["profit"][:, :, ends[-1] :].mean(axis=0)
            self._look_apart(profit, lost[:, ends[-1] :])
        each = self.per_lost * made_up[:, 0]
        by_level = {n: own + each[n] * lost for n, (own, lost) in self._alone.items()}
        by_level |= dict(zip(self._joined, profits[: len(self._joined)], strict=True))
        return float(here[0]), [self._worth(n, by_level[n]) for n in range(len(self.items))]

    def _side_by_side(self, units: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the levels of items that share stock with no others, beside these units."""
        most = max(len(self._levels[n]) for n in self._apart)
        choices = np.repeat(units[:, None], most, axis=1)
        for n in self._apart:
            choices[n] = np.pad(self._levels[n], (0, most - len(self._levels[n])), mode="edge")
        return choices

    def _look_apart(self, profit: Floats, lost: Floats) -> None:
        """Note what these are worth at each of their levels, from what there is of variants."""
        for n in self._apart:
            levels, mine = self._levels[n], list(self.items[n].variants)
            own = profit[mine, : len(levels)].sum(axis=0)
            self._alone[n] = own + self.items[n].saving(levels), lost[n, : len(levels)]

    def look_closer(self, units: NDArray[np.int64]) -> None:
        """Let the levels of items that share stock lie twice as close around these units."""
        for n in self._joined:
            levels = np.union1d(self._levels[n], units[n])
            at = int(np.searchsorted(levels, units[n]))
            around = levels[max(at - 1, 0) : at + 2]
            self._levels[n] = np.union1d(levels, (around[1:] + around[:-1]) // 2)

    def _worth(self, number: int, by_level: Floats) -> Worth:
        item, levels = self.items[number], self._levels[number]
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


def _told_apart(lost: Floats, more: Floats) -> Floats:
    """Return what an order lost of each item, by its value, changes of the profit [1], (items,).

    A Bayesian linear regression: an order that one item loses is thought to bring or cost about
    its own value elsewhere, most of it whichever item's it is (assumption). So of few items the
    joint stocks tell each one's effect, and of many what they have in common. That effects are in
    proportion is itself inexact, by a part of their usual size.

    Parameters
    ----------
    lost
        Value of what each item loses and others can gain [currency], shape (n, items).
    more
        What joint stocks come to beyond what the recording tells [currency], shape (n, R).
    """
    before = _ALONE**2 * np.eye(lost.shape[1]) + _COMMON**2
    mean = more.mean(axis=1)
    noise = np.diag(more.var(axis=1) / more.shape[1] + _INEXACT**2 * (mean**2).mean())
    spread = lost @ before @ lost.T + noise
    return np.asarray(before @ lost.T @ np.linalg.lstsq(spread, mean, rcond=None)[0])


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
