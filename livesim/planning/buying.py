"""Which purchase is worth most, of those that its terms allow.

Further packs of an item are worth ever less. So the packs of all items are bought in the order of
their worth per money, until a further one is worth nothing or the money is spent: the Lagrangian
optimum of one budget over all items, whose multiplier is the last pack's worth per money. Where
storage is limited, too, money and volume each have a price, and their ratio is searched for.
Minimum orders and price breaks alone break that; which orders are placed, and at which price, is
searched for as well.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import inf
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.planning.items import Item
from livesim.planning.terms import LITTLE, Terms, packs

#: Packs that are exchanged at once.
_FEW = 8
#: So many items, and no more, are decided anew in pairs: of few, each pack weighs much.
_IN_PAIRS = 4
#: Ways to place orders of which all pairs are tried; of more, each alone.
_MANY = 40
#: So many ways to place orders are worked out at once.
_WORKED_OUT = 100


class Worth(NamedTuple):
    """What an item is worth, in any measure, at several choices of its units."""

    units: NDArray[np.int64]
    worth: Floats


def most_worth(terms: Terms, worths: Sequence[Worth]) -> tuple[int, ...]:
    """Return the units of each item, those owned included, that are worth most together.

    Parameters
    ----------
    terms
        What the purchase must respect.
    worths
        What each item is worth: at the units owned, at more by whole packs, and at the minimum
        order or above; on straight lines in between.

    Examples
    --------
    >>> item = Item(name="serum", product="serum", order="serum", owned=50, unit_cost=80.0, pack=10)
    >>> worth = Worth(np.array([50, 60, 70, 80]), np.array([0.0, 100.0, 150.0, 140.0]))
    >>> [most_worth(Terms((item,), budget), [worth]) for budget in (inf, 1000.0, 0.0)]
    [(70,), (60,), (50,)]
    """
    steps = cache(lambda number: _steps(number, terms.items[number], worths[number]))
    return _most_worth(terms, worths, steps)


#: The steps of an item's worth, by its number: the same with and without minimum orders.
_StepsOf: TypeAlias = Callable[[int], "list[_Step]"]


def _most_worth(terms: Terms, worths: Sequence[Worth], steps: _StepsOf) -> tuple[int, ...]:
    if not terms.minimum_of_several:
        alone = tuple(map(_best_alone, terms.items, worths))
        if terms.affords(alone):  # nothing joins the items
            return alone
    if terms.resources:
        free = terms.without_minimum
        # With price breaks a search for the best orders would come first; one is enough.
        apart = free is not terms and not free.steps
        if apart and terms.allow(found := _most_worth(free, worths, steps)):
            return found  # no minimum order stands in its way
    best = max((_placed(market) for market in _markets(terms, worths, steps)), key=_worth)
    units = tuple(item.owned + n for item, n in zip(terms.items, best.units, strict=True))
    units = _exchanged(terms, worths, units) if terms.resources else units
    if terms.storage == inf or len(units) > _IN_PAIRS:
        return units
    owned = tuple(item.owned for item in terms.items)
    paired = [_in_pairs(terms, worths, start) for start in (units, owned)]
    return max(paired, key=lambda units: _worth_of(worths, units))


def _best_alone(item: Item, worth: Worth) -> int:
    """Return the units of an item that are worth most, whatever is bought of the others."""
    bought = worth.units - item.owned
    allowed = (bought == 0) | (bought >= item.minimum_order)
    return int(worth.units[np.where(allowed, worth.worth, -inf).argmax()])


class _Step(NamedTuple):
    """The next packs of an item, each of them worth the same, at the same price."""

    number: int
    packs: int
    worth: float
    cost: float
    volume: float


class _Ladder(NamedTuple):
    """A way to place an order: what it takes at least, and further steps, the worthiest first."""

    order: str
    first: tuple[_Step, ...]
    further: tuple[_Step, ...]

    @property
    def most(self) -> float:
        """What it is worth at most, whatever it costs."""
        return sum(step.packs * step.worth for step in (*self.first, *self.further))


#: A way to place each order: the number of a ladder, or that of none.
_Chosen: TypeAlias = tuple[int, ...]
_NONE = -1


@dataclass(frozen=True, eq=False)
class _Market:
    """The ways to place each order, and their further steps, the worthiest for its price first.

    Parameters
    ----------
    terms
        What a purchase must respect.
    ladders
        All ways, those of an order side by side.
    of_order
        The numbers of each order's ways.
    further
        The further steps of all ways, each with the number of its way.
    prices
        Of money and of volume.
    """

    terms: Terms
    ladders: tuple[_Ladder, ...]
    of_order: tuple[range, ...]
    further: tuple[tuple[int, _Step], ...]
    prices: tuple[float, float]

    def bounds(self, chosen: NDArray[np.intp]) -> Floats:
        """Return what ways to place the orders are worth at most, shape (N,), from (N, orders).

        That is the optimum for parts of packs, which are bought one after the other until what
        there is at these prices is spent; inf where that is without limit.
        """
        if not self.further:
            return np.full(len(chosen), inf)
        has = np.zeros((len(chosen), len(self.ladders) + 1), dtype=bool)
        has[np.arange(len(chosen))[:, None], chosen] = True  # none of an order is the last column
        has = has[:, :-1]
        first_worth, first_price, ladder, worth, price = self._figures
        left = self._limit - has @ first_price
        taken = has[:, ladder] * price
        part = np.clip((left[:, None] - np.cumsum(taken, axis=1)) / price + 1, 0.0, 1.0)
        bound = has @ first_worth + (has[:, ladder] * part) @ worth
        return np.where(left < -LITTLE * (1 + abs(self._limit)), -inf, bound)

    @cached_property
    def cheapest(self) -> list[float]:
        """What a pack costs at least from each of the further steps on, by their places."""
        costs = (step.cost for _, step in reversed(self.further))
        return [*itertools.accumulate(costs, min)][::-1]

    @cached_property
    def _limit(self) -> float:
        pairs = zip(self.prices, (self.terms.budget, self.terms.storage), strict=True)
        return sum(price * limit for price, limit in pairs if price)

    @cached_property
    def _figures(self) -> tuple[Floats, Floats, NDArray[np.intp], Floats, Floats]:
        """Worth and price of the first steps of each ladder; ladder, worth and price of others."""
        firsts = [[self._sums(step) for step in ladder.first] for ladder in self.ladders]
        first = np.array([np.sum(sums, axis=0) if sums else (0.0, 0.0) for sums in firsts])
        further = np.array([self._sums(step) for _, step in self.further])
        ladder = np.array([number for number, _ in self.further], dtype=np.intp)
        return first[:, 0], first[:, 1], ladder, further[:, 0], further[:, 1]

    def _sums(self, step: _Step) -> tuple[float, float]:
        return step.packs * step.worth, step.packs * _price(step, self.prices)


def _price(step: _Step, prices: tuple[float, float]) -> float:
    """Return what a pack of a step costs at prices of money and of volume."""
    money, volume = prices
    return max(money * step.cost + volume * step.volume, LITTLE)


def _markets(terms: Terms, worths: Sequence[Worth], steps: _StepsOf) -> Iterator[_Market]:
    """Sort what each item is worth into ladders, at each price of money and of volume."""
    by_order = [tuple(_ladders(terms, order, worths, steps)) for order in sorted(terms.orders)]
    ends = list(itertools.accumulate((len(ladders) for ladders in by_order), initial=0))
    ladders = tuple(itertools.chain.from_iterable(by_order))
    further = [(n, step) for n, ladder in enumerate(ladders) for step in ladder.further]
    for prices in terms.prices:
        worthiest = sorted(further, key=lambda each: -each[1].worth / _price(each[1], prices))
        of_order = tuple(range(*pair) for pair in itertools.pairwise(ends))
        yield _Market(terms, ladders, of_order, tuple(worthiest), prices)


def _placed(market: _Market) -> _Bought:
    """Return the worthiest purchase, with the orders that are worth placing."""
    most = [max(numbers, key=lambda n: market.ladders[n].most) for numbers in market.of_order]
    best = _bought(market, tuple(n if market.ladders[n].most > 0 else _NONE for n in most))
    return _best_orders(market, best) if market.terms.steps and market.terms.resources else best


def _ladders(
    terms: Terms, order: str, worths: Sequence[Worth], steps: _StepsOf
) -> Iterator[_Ladder]:
    """Yield the ways to place an order: one for each price of a single item, one of several."""
    numbers = terms.orders[order]
    if len(numbers) == 1 and terms.steps:
        yield from _at_each_price(order, numbers[0], terms.items[numbers[0]], worths[numbers[0]])
    else:
        yield _together(order, terms, worths, steps)


def _at_each_price(order: str, number: int, item: Item, worth: Worth) -> Iterator[_Ladder]:
    """Yield the ways to order an item alone, from the minimum or a price break on to the next.

    A price that starts beyond what can be had is none of them.
    """
    starts = [0, *(units for units, _ in item.breaks if units <= item.most)]
    for start, end in itertools.pairwise([*starts, inf]):
        least = packs(max(start, item.minimum_order), item)
        if least * item.pack >= end:
            continue
        there = worth.units - item.owned
        within = (there >= least * item.pack) & (there < end)
        now = Worth(worth.units[within], worth.worth[within])
        first: tuple[_Step, ...] = ()
        if least > item.most / item.pack:
            now = Worth(now.units[:0], now.worth[:0])
        elif least:
            gain = float(now.worth[0] - worth.worth[0])
            cost = max(float(item.cost(least * item.pack)), LITTLE)
            first = (_Step(number, least, gain / least, cost / least, item.volume * item.pack),)
        further = tuple(step for step in _steps(number, item, now) if step.worth > 0)
        yield _Ladder(order, first, further)


def _together(order: str, terms: Terms, worths: Sequence[Worth], steps_of: _StepsOf) -> _Ladder:
    """Return how items are ordered together: those of the minimum, then what is worth something."""
    first: list[_Step] = []
    further: list[_Step] = []
    numbers, missing = terms.orders[order], terms.minimum(order)
    steps = [step for n in numbers for step in steps_of(n)]
    for step in sorted(steps, key=lambda step: -step.worth / terms.items[step.number].pack):
        item = terms.items[step.number]
        now = min(step.packs, packs(missing, item))
        missing -= now * item.pack
        if now:
            first.append(step._replace(packs=now))
        if step.worth <= 0 and missing <= 0:
            break
        if step.packs > now:
            further.append(step._replace(packs=step.packs - now))
    sizes = {terms.items[n].pack for n in numbers}
    if len(sizes) > 1 and any(step.worth < 0 for step in first):
        return _Ladder(order, tuple(_mixed(terms, numbers, worths, first)), ())
    return _Ladder(order, tuple(first), tuple(further))


def _mixed(
    terms: Terms, numbers: Sequence[int], worths: Sequence[Worth], near: Sequence[_Step]
) -> list[_Step]:
    """Return packs of several sizes that make up a minimum order and are worth most together.

    The minimum asks for more than is worth something, and packs of other sizes may come nearer to
    it: for each item, so many packs more or fewer than some that make it up are looked at.
    """
    largest = max(terms.items[n].pack for n in numbers)
    counts, gains = list[NDArray[np.int64]](), list[Floats]()
    for n in numbers:
        item, worth = terms.items[n], worths[n]
        have = sum(step.packs for step in near if step.number == n)
        reach = max(_FEW, 2 * largest // item.pack)
        most = int(min(item.most, worth.units[-1] - item.owned) // item.pack)
        counts.append(np.arange(max(0, min(have - reach, most)), min(have + reach, most) + 1))
        gains.append(np.interp(item.owned + item.pack * counts[-1], *worth) - worth.worth[0])
    units = [terms.items[n].pack * of for n, of in zip(numbers, counts, strict=True)]
    chosen = best_of_each(gains, units, terms.minimum(terms.items[numbers[0]].order))
    if chosen is None:
        return list(near)
    steps = []
    for n, place, of, gain in zip(numbers, chosen, counts, gains, strict=True):
        if count := int(of[place]):
            item, each = terms.items[n], float(gain[place]) / count
            cost = max(float(item.cost(count * item.pack)) / count, LITTLE)
            steps.append(_Step(n, count, each, cost, item.volume * item.pack))
    return steps


def best_of_each(
    gains: Sequence[Floats], units: Sequence[NDArray[np.int64]], least: int
) -> list[int] | None:
    """Return which choice of each item gains most in all, of those that make up so many units.

    Item after item, the best is kept of what comes to so many units (dynamic programming).

    Parameters
    ----------
    gains
        Of each item, what its choices gain, shape (choices,).
    units
        Of each item, the units of its choices, the fewest first, shape (choices,).
    least
        So many units are needed in all.

    Returns
    -------
    list of int or None
        The place of the choice of each item; None where no choices come to so many.

    Examples
    --------
    >>> sixes, tens = 6 * np.arange(4), 10 * np.arange(3)
    >>> best_of_each([-1.0 * sixes, -1.1 * tens], [sixes, tens], 20)
    [0, 2]
    >>> best_of_each([-1.0 * sixes, -1.1 * tens], [sixes, tens], 22)
    [2, 1]
    """
    missing = max(0, least - sum(int(of[0]) for of in units))
    best = np.full(missing + 1, -inf)
    best[0] = 0.0
    ways = []
    for gain, of in zip(gains, units, strict=True):
        to = np.minimum(np.arange(missing + 1) + (of - of[0])[:, None], missing).ravel()
        sums = (best + gain[:, None]).ravel()
        rising = sums.argsort(kind="stable")  # what is written last is the best
        best, way = np.full(missing + 1, -inf), np.zeros(missing + 1, dtype=np.intp)
        best[to[rising]], way[to[rising]] = sums[rising], rising
        ways.append(way)
    if best[missing] == -inf:
        return None
    chosen, at = [], missing
    for way in reversed(ways):
        place, at = divmod(int(way[at]), missing + 1)
        chosen.append(place)
    return chosen[::-1]


class _Bought(NamedTuple):
    """Some orders: what they are worth, −inf if they cost too much, and units by item."""

    worth: float
    units: tuple[int, ...]
    chosen: _Chosen


def _bought(market: _Market, chosen: _Chosen) -> _Bought:
    """Return the worthiest purchase with these orders."""
    items, placed = market.terms.items, set(chosen)
    bought, worth = [0] * len(items), 0.0
    money, room = market.terms.budget, market.terms.storage
    for step in (step for n in chosen if n != _NONE for step in market.ladders[n].first):
        bought[step.number] += step.packs
        worth += step.packs * step.worth
        money -= step.packs * step.cost
        room -= step.packs * step.volume
    if min(money, room) < -LITTLE:
        return _Bought(-inf, tuple(bought), chosen)
    for (number, step), cheapest in zip(market.further, market.cheapest, strict=True):
        if money + LITTLE < cheapest:
            break
        if number in placed:
            item, count, each, cost, volume = step
            affordable = (money + LITTLE) / cost
            if volume:
                affordable = min(affordable, (room + LITTLE) / volume)
            more = count if affordable >= count else int(affordable)
            bought[item] += more
            worth += more * each
            money -= more * cost
            room -= more * volume
    units = tuple(n * item.pack for n, item in zip(bought, items, strict=True))
    return _Bought(worth, units, chosen)


def _best_orders(market: _Market, start: _Bought) -> _Bought:
    """Place an order otherwise, or two of them, or none, while that is worth more."""
    best = max(start, _bought(market, (_NONE,) * len(market.of_order)), key=_worth)
    changes = [
        {order: number}
        for order, numbers in enumerate(market.of_order)
        for number in (_NONE, *(n for n in numbers if market.ladders[n].most > 0))
    ]
    if len(changes) <= _MANY:
        changes += [{**one, **other} for one, other in itertools.combinations(changes, 2)]
    kept = _NONE - 1
    change = np.full((len(changes), len(market.of_order)), kept, dtype=np.intp)
    for row, one in zip(change, changes, strict=True):
        row[list(one)] = list(one.values())
    while True:
        better = _best_of(market, np.where(change == kept, best.chosen, change), best)
        if better is best:
            return best
        best = better


def _best_of(market: _Market, tried: NDArray[np.intp], best: _Bought) -> _Bought:
    """Return the worthiest of ways to place the orders, or the best so far if none is worth more.

    Those that may be worth most come first, until none of the others can be worth more; of very
    many, the first of these are enough.
    """
    bounds = market.bounds(tried)
    for number in np.argsort(-bounds, kind="stable")[:_WORKED_OUT].tolist():
        if bounds[number] <= best.worth:
            break
        best = max(best, _bought(market, tuple(tried[number].tolist())), key=_worth)
    return best


def _worth(bought: _Bought) -> float:
    return bought.worth


def _worth_of(worths: Sequence[Worth], units: Sequence[int]) -> float:
    """Return what so many units of each item are worth together."""
    return sum(float(np.interp(have, *worth)) for have, worth in zip(units, worths, strict=True))


def _in_pairs(terms: Terms, worths: Sequence[Worth], units: tuple[int, ...]) -> tuple[int, ...]:
    """Exchange packs, and decide two items anew at a time, while that is worth more.

    Packs of one size for those of another seldom use up a storage.
    """
    while True:
        units = _exchanged(terms, worths, units)
        pairs = itertools.combinations(range(len(units)), 2)
        anew = max(
            (_pair_anew(terms, worths, units, *pair) for pair in pairs),
            key=lambda found: _worth_of(worths, found),
            default=units,
        )
        if _worth_of(worths, anew) <= _worth_of(worths, units) + LITTLE:
            return units
        units = anew


def _pair_anew(
    terms: Terms, worths: Sequence[Worth], units: tuple[int, ...], one: int, other: int
) -> tuple[int, ...]:
    """Return the units with the best of two items, the others being as they are."""
    rest = [*units]
    for number in (one, other):
        rest[number] = terms.items[number].owned
    items = terms.items[one], terms.items[other]
    bought = [worths[n].units - terms.items[n].owned for n in (one, other)]
    cost, volume = (
        np.add.outer(*(of(item, n) for item, n in zip(items, bought, strict=True)))
        for of in (Item.cost, lambda item, n: item.volume * n)
    )
    possible = cost <= terms.budget - terms.cost(rest) + LITTLE
    possible &= volume <= terms.storage - terms.volume(rest) + LITTLE
    ordered = terms.ordered(rest)
    orders = terms.order_of[[one, other]]
    each = [np.add.outer(bought[0], 0 * bought[1]), np.add.outer(0 * bought[0], bought[1])]
    for order in set(orders.tolist()):
        mine = [n for n, of in zip(each, orders, strict=True) if of == order]
        total = ordered[order] + sum(mine)
        possible &= (total == 0) | (total >= terms.least_ordered[order])
    worth = np.where(possible, np.add.outer(worths[one].worth, worths[other].worth), -inf)
    best = np.unravel_index(worth.argmax(), worth.shape)
    rest[one], rest[other] = (
        int(worths[n].units[b]) for n, b in zip((one, other), best, strict=True)
    )
    return tuple(rest) if worth[best] > -inf else units


def _exchanged(terms: Terms, worths: Sequence[Worth], units: tuple[int, ...]) -> tuple[int, ...]:
    """Give packs of one item for packs of another while that is worth more.

    Whole packs seldom use up a budget; the order of worth per money alone would leave it at that.
    """
    while True:
        better = _better(terms, worths, units)
        if better is None:
            return units
        units = better


def _better(
    terms: Terms, worths: Sequence[Worth], units: tuple[int, ...]
) -> tuple[int, ...] | None:
    """Return the best purchase with a few packs fewer of one item and more of another."""
    less, more, given, taken, gains = _exchanges(terms, worths, units)
    fewer, further = given * terms.packs[less], taken * terms.packs[more]
    ordered, least, here, there = (
        terms.ordered(units),
        terms.least_ordered,
        terms.order_of[less],
        terms.order_of[more],
    )
    within = here == there
    left = ordered[here] - fewer + within * further
    enough = (left == 0) | (left >= least[here])
    enough &= within | (ordered[there] + further >= least[there])
    if not enough.any():
        return None
    best = int(np.where(enough, gains, -inf).argmax())
    other = list(units)
    other[less[best]] -= int(fewer[best])
    other[more[best]] += int(further[best])
    return tuple(other)


def _exchanges(
    terms: Terms, worths: Sequence[Worth], units: tuple[int, ...]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], Floats]:
    """Return all exchanges that gain something and that money and storage allow.

    From which item to which, packs given and packs taken for them, and the gain.
    """
    changes = np.arange(-_FEW, _FEW + 1)
    parts = list(zip(terms.items, worths, units, strict=True))
    tried = np.array([np.interp(n + item.pack * changes, *worth) for item, worth, n in parts])
    change = tried - tried[:, [_FEW]]
    bought = [np.maximum(n - item.owned + item.pack * changes, 0) for item, _, n in parts]
    cost = np.array([item.cost(n) for (item, *_), n in zip(parts, bought, strict=True)])
    cost -= cost[:, [_FEW]]
    spare = terms.budget - terms.cost(units) + LITTLE
    volume = np.array([item.volume * item.pack for item in terms.items])[:, None] * changes
    room = terms.storage - terms.volume(units) + LITTLE
    packs = np.array([(n - item.owned) // item.pack for item, _, n in parts])
    figures: tuple[NDArray[Any], ...] = (change, cost, volume)
    given = [figure[:, _FEW::-1] for figure in figures]  # by item, packs given
    taken = [figure[:, _FEW + 1 :] for figure in figures]  # by item, packs taken
    may_give = np.arange(_FEW + 1) <= packs[:, None]
    less, few = np.nonzero(may_give & _may_gain(given, taken, spare))
    gain, paid, filled = (
        one[less, few][:, None, None] + other for one, other in zip(given, taken, strict=True)
    )
    possible = (paid <= spare) & (filled <= room) & (gain > LITTLE)
    possible &= (less[:, None] != np.arange(len(parts)))[:, :, None]
    row, more, place = np.nonzero(possible)
    return less[row], more, few[row], place + 1, gain[row, more, place]


def _may_gain(
    given: Sequence[NDArray[Any]], taken: Sequence[NDArray[Any]], spare: float
) -> NDArray[np.bool_]:
    """Say of which packs that are given the money may buy something worth more.

    Of hundreds of items few are, so that not each needs to be held against all others.
    """
    worth, cost, _ = (figure.ravel() for figure in taken)
    cheapest = np.argsort(cost)
    most = np.maximum.accumulate(np.append(-inf, worth[cheapest]))
    affordable = np.searchsorted(cost[cheapest], spare - given[1] + LITTLE, side="right")
    return np.asarray(given[0] + most[affordable] > LITTLE)


def _steps(number: int, item: Item, worth: Worth) -> list[_Step]:
    """Return an item's steps from corner to corner of the least concave line over its worth."""
    more, volume = worth.units - item.owned, item.volume * item.pack
    packs, worths, paid = (of.tolist() for of in (more // item.pack, worth.worth, item.cost(more)))
    corners, slopes = [0], list[float]()
    for place in range(1, len(packs)):
        while True:
            last = corners[-1]
            slope = (worths[place] - worths[last]) / (packs[place] - packs[last])
            if not slopes or slopes[-1] > slope:
                break
            corners.pop()
            slopes.pop()
        corners.append(place)
        slopes.append(slope)
    return [
        _Step(number, count, slope, max((paid[there] - paid[here]) / count, LITTLE), volume)
        for (here, there), slope in zip(itertools.pairwise(corners), slopes, strict=True)
        for count in [packs[there] - packs[here]]
    ]
