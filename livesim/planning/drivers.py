"""What decides the recommendation, and what it would be worth to know more beforehand.

Each uncertain quantity is looked at alone: what would be recommended if it were known to be low, or
high, and how much more profit the show would make on average if it were known before the units are
bought. All from the curves that are there: to know a quantity is to look only at the replications
in which it was about so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.experiment.packing import rows_at_once
from livesim.experiment.runner import HERE, Runner
from livesim.model.campaign import FOLLOWING, POSTED
from livesim.planning.curves import Curves, Units
from livesim.planning.deciding import Decision, surely_best
from livesim.planning.items import Item
from livesim.planning.objectives import Objective
from livesim.planning.terms import Purchase, Terms, packs
from livesim.randomness import BATCH
from livesim.results.intervals import Estimate, estimate
from livesim.scenario.scenario import Scenario

#: Low and high are the lowest and the highest fifth: around the 10th and the 90th percentile.
FIFTHS: Final = 5
#: To know a quantity is to know in which of ten parts of its range it lies …
_PARTS: Final = 10
#: … or in which of fewer, so that a part has so many replications.
_IN_A_PART: Final = 100
#: A decision needs so many replications to learn from; with fewer, the usual units stay.
_FEWEST: Final = 10
#: Of more quantities that are a product's own, so many are looked at.
_MOST_OWN: Final = 25
#: What could be bought is looked at in so many replications at once that it is so many numbers.
_AT_ONCE: Final = 1 << 20
#: Of so many shows all figures are held at once; a fifth of them decides well enough.
_MOST_HELD: Final = 10_000
#: Less is rounding of floats, not a gain [currency].
_LITTLE: Final = 1e-6

#: Profit [currency], cost [currency] and volume [l] of what could be bought, (R, options) each.
_Options: TypeAlias = tuple[Floats, Floats, Floats]


@dataclass(frozen=True)
class Driver:
    """An uncertain quantity and what it does to the recommendation.

    Parameters
    ----------
    path
        The quantity in the scenario.
    low, high
        The units on hand before the show that would be recommended, by the same rule and as sure of
        it, if it were known to lie in the lowest or in the highest fifth of its range, an item
        each. What it does not move stays as recommended, unless a budget or a storage is shared.
    swing
        What the units between these cost, all items together [currency].
    value_of_information
        Profit gained on average if it were known beforehand (the expected value of partial perfect
        information) [currency], never below 0 (:func:`value_of`).
    """

    path: str
    low: tuple[int, ...]
    high: tuple[int, ...]
    swing: float
    value_of_information: Estimate

    @property
    def significant(self) -> bool:
        """Whether the value of information is above 0, at 95 %."""
        return self.value_of_information.above_zero


def drivers(
    curves: Curves, objective: Objective, decision: Decision, runner: Runner = HERE
) -> tuple[Driver, ...]:
    """Say what decides the recommendation: the uncertain quantities by what they move.

    A cap on the risk of a show holds before anything is known of it, and none could hold once
    demand is known to be low. So under a cap, drivers are those of the most expected profit.

    Parameters
    ----------
    curves
        The stock curves.
    objective
        What the plan is for; it is decided anew with the same rules of supply.
    decision
        The recommendation.
    runner
        Who hears how far it is.

    Returns
    -------
    tuple of Driver
        The one with the largest swing first. What changes no purchase beyond chance is left out; so
        there is none where nothing is uncertain but chance, or where the same is recommended
        whatever is known.

    Notes
    -----
    What moves the purchase is sought by what is best, sure or not; then it is decided as the plan
    is. A fifth has a fifth of the shows, in which few gains are sure, so that of units that are
    decided in these alone both ends would be too few beside a recommendation from all of them. So
    these shows count as often as it takes to be as many as all: gains stay what they are there, and
    are as sure as in a plan of as many shows. What the quantity does not move is decided in all of
    the shows, as in a few of them its units would go up or down by chance.
    """
    sought = objective.once_known()
    same = sought == objective
    usual = decision.units if same else surely_best(curves, sought)
    paths = runner.each("Finding what decides it", _looked_at(curves, usual))
    found = [_driver(curves, sought, usual, path) for path in paths]
    # Of very many shows the first ones, as all of their figures are held at once.
    first = curves.head(min(curves.replications, _MOST_HELD))
    told = _at_both_ends(first, sought, usual, found, _moved(curves, found))
    return tuple(sorted(told, key=lambda driver: driver.swing, reverse=True))


def _at_both_ends(
    curves: Curves,
    objective: Objective,
    usual: Purchase,
    found: Sequence[Driver],
    moved: Mapping[str, set[int]],
) -> Iterator[Driver]:
    """Yield the drivers that change what to buy, with what is bought at either end of each."""
    if not any(moved.values()):
        return
    terms, unmoved = Terms.of(curves), surely_best(curves, objective)
    for driver in found:
        if numbers := moved[driver.path]:
            low, high = (
                _once_known(curves, objective, rows, numbers)
                for rows in _in_end_fifths(curves, driver.path)
            )
            apart = _apart_from(usual, unmoved, low, high)
            # What is short of money, or of room, at an end is not so by chance.
            low, high = (
                sure if terms.allow(sure) else end
                for sure, end in zip(apart, (low, high), strict=True)
            )
            if {low, high} != {tuple(usual)}:
                yield replace(driver, low=low, high=high, swing=_swing(curves, low, high))


def _once_known(
    curves: Curves, objective: Objective, rows: NDArray[np.intp], moved: set[int]
) -> Purchase:
    """Return what is bought if shows are known to be some of the replications.

    That matters only for the items of which the numbers are given.
    """
    known = curves.rows(np.resize(rows, curves.replications))
    mixed = [
        (known if number in moved else curves).curves[number]
        for number in range(len(curves.curves))
    ]
    return surely_best(replace(known, curves=tuple(mixed)), objective)


def _apart_from(
    usual: Purchase, unmoved: Purchase, low: Purchase, high: Purchase
) -> tuple[Purchase, Purchase]:
    """Return what is bought at both ends, where it differs from the usual on its side of it.

    All shows are a mixture of those at one end, at the other, and between: what is best in them
    lies between the ends. Where both lie above it, or below, one does so by chance, and stays as
    usual. So do units that are decided here with nothing moved: a simulation may have found others.

    Examples
    --------
    >>> _apart_from((50, 70, 90), (50, 60, 90), (20, 60, 80), (40, 60, 95))
    ((20, 70, 80), (50, 70, 95))
    """
    ends: list[tuple[int, int]] = []
    for have, same, one, other in zip(usual, unmoved, low, high, strict=True):
        down, up = (have if end == same else end for end in (one, other))
        if down == up:
            ends.append((have, have))
        elif down < up:
            ends.append((min(down, have), max(up, have)))
        else:
            ends.append((max(down, have), min(up, have)))
    return tuple(one for one, _ in ends), tuple(other for _, other in ends)


def _moved(curves: Curves, found: Sequence[Driver]) -> dict[str, set[int]]:
    """Return the numbers of the items whose units a quantity moves beyond chance, by its path.

    Of some replications other units are best than of others, whatever they have in common. So what
    an item's most units earn above its fewest must differ between the low and the high fifth: by
    more than chance explains, of all items and quantities together (Bonferroni) at 95 %. Of a
    quantity with a significant value of information at least the one that differs most is moved;
    the variants of a product are moved together.
    """
    differing = {
        driver.path: [n for n, few in enumerate(driver.low) if few != driver.high[n]]
        for driver in found
    }
    ends = [
        [end for one in found for end in (one.low[n], one.high[n])]
        for n in range(len(curves.items))
    ]
    somewhere = {number for numbers in differing.values() for number in numbers}
    more = {n: curves.curves[n].gain(min(ends[n]), max(ends[n])) for n in somewhere}
    pairs = sum(map(len, differing.values()))
    limit = NormalDist().inv_cdf(1.0 - 0.025 / max(pairs, 1))
    moved = {}
    for driver in found:
        part, numbers = parts(curves.drawn[driver.path], FIFTHS), differing[driver.path]
        apart = {number: _apart(more[number], part) for number in numbers}
        most = max(apart.values(), default=0.0)
        least = min(limit, most) if driver.significant else limit
        products = {curves.items[n].product for n, errors in apart.items() if errors >= least}
        moved[driver.path] = {n for n in numbers if curves.items[n].product in products}
    return moved


def _apart(values: Floats, part: NDArray[np.intp]) -> float:
    """Return how many standard errors the means of the first and the last part lie apart [1]."""
    ends = [values[part == end] for end in (part.min(), part.max())]
    if min(len(end) for end in ends) < 2:
        return 0.0
    error = np.sqrt(sum(end.var(ddof=1) / len(end) for end in ends))
    difference = abs(ends[1].mean() - ends[0].mean())
    return float(difference / error) if error else (math.inf if difference else 0.0)


def _looked_at(curves: Curves, units: Units) -> list[str]:
    """Return the quantities that bear on anything, and of many products' own those that move most.

    What moves only a product's demand decides about its units alone: of hundreds, those matter
    whose profit is most uncertain.
    """
    paths = [path for path in curves.drawn if _used(curves.scenario, path)]
    own = {path: path.split(".")[1] for path in paths if path.startswith("products.")}
    if len(own) <= _MOST_OWN:
        return paths
    spread = dict.fromkeys(own.values(), 0.0)
    for curve, have in zip(curves.curves, units, strict=True):
        if curve.item.product in spread:
            spread[curve.item.product] += float(curve.at("profit", have).std())
    most = sorted(spread, key=lambda name: -spread[name])[:_MOST_OWN]
    return [path for path in paths if own.get(path) in (None, *most)]


def _used(scenario: Scenario, path: str) -> bool:
    """Say whether a quantity bears on anything: a shared error may have nobody who takes it."""
    match path:
        case "show.turnout_factor":
            return any(segment.takes_turnout_factor for segment in scenario.segments.values())
        case _ if path.endswith((f".{POSTED}", f".{FOLLOWING}")):
            return False  # they bear on the show only by how many become aware
    return True


def _driver(curves: Curves, objective: Objective, usual: Units, path: str) -> Driver:
    low, high = objective.choose_each(curves, Terms.of(curves), _in_end_fifths(curves, path))
    return Driver(
        path,
        low,
        high,
        _swing(curves, low, high),
        value_of(gain_of_knowing(curves, objective, usual, curves.drawn[path])),
    )


def _in_end_fifths(curves: Curves, path: str) -> list[NDArray[np.intp]]:
    """Return the replications in which a quantity is in its lowest and in its highest fifth."""
    fifths = parts(curves.drawn[path], FIFTHS)
    return [np.flatnonzero(fifths == end) for end in (fifths.min(), fifths.max())]


def _swing(curves: Curves, low: Units, high: Units) -> float:
    """Return what the units between two purchases cost, all items together [currency]."""
    moved = (
        abs(float(item.cost(up - item.owned) - item.cost(down - item.owned)))
        for item, down, up in zip(curves.items, low, high, strict=True)
    )
    return sum(moved)


def parts(values: Floats, count: int) -> NDArray[np.intp]:
    """Split values by rank into equal parts; equal values are never split.

    Parameters
    ----------
    values
        A quantity by replication, shape (R,).
    count
        Number of parts, if no values are equal.

    Returns
    -------
    ndarray
        The number of the part in which each value lies, shape (R,). A quantity with two values has
        two parts wherever these lie apart, whatever the chances.

    Examples
    --------
    >>> parts(np.array([3.0, 1.0, 2.0, 4.0]), 2).tolist()
    [1, 0, 0, 1]
    >>> parts(np.array([0.0, 0.0, 0.0, 1.0]), 5).tolist()
    [1, 1, 1, 4]
    """
    ordered = np.sort(values)
    middle = (
        np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    ) / 2
    return np.asarray(middle * count / len(values)).astype(np.intp)


def gain_of_knowing(curves: Curves, objective: Objective, usual: Units, values: Floats) -> Floats:
    """Return by how much deciding with a quantity known beats the usual units.

    In each part of its range a decision is made on one half of the batches and judged on the other:
    one judged on what it was made from would seem worth more than it is.

    Parameters
    ----------
    curves, objective
        What is decided, and what for.
    usual
        The units without knowing more.
    values
        The quantity by replication, shape (R,).

    Returns
    -------
    ndarray
        Of each replication [currency], shape (R,).
    """
    terms, without = Terms.of(curves), curves.profit(usual)
    size = len(without)
    part = parts(values, min(max(size // _IN_A_PART, 2), _PARTS))
    odd = np.arange(size) // (BATCH if size >= 2 * BATCH else 1) % 2 == 1
    learnt, judged = [], []
    for number in np.unique(part):
        for half in (odd, ~odd):
            one, other = (np.flatnonzero((part == number) & side) for side in (half, ~half))
            if len(one) >= _FEWEST:
                learnt.append(one)
                judged.append(other)
    gain = np.zeros(size)
    for units, rows in zip(objective.choose_each(curves, terms, learnt), judged, strict=True):
        if units != tuple(usual):  # the usual units gain nothing
            gain[rows] = (curves.profit(units) - without)[rows]
    return gain


def value_of(gained: Floats) -> Estimate:
    """Return what it is worth to know more, from by how much deciding with it beats the usual.

    Who knows more may still buy the usual units, so that it is never worth less than 0. What is
    decided from some of the replications and judged on others falls behind them where there is
    little to know: then they are the better use of it, and the estimate is 0, not the mean of
    :func:`gain_of_knowing`. The interval is without what is below 0 as well, so it holds the mean.

    Parameters
    ----------
    gained
        By replication [currency], shape (R,).

    Examples
    --------
    >>> found = value_of(np.array([-3.0, -1.0, 1.0]))
    >>> found.mean, found.mean_interval[0], found.significant
    (0.0, 0.0, False)
    """
    found = estimate(gained, least=0.0)
    return replace(found, mean=max(found.mean or 0.0, 0.0))


def value_of_perfect_information(curves: Curves, decision: Decision) -> Estimate:
    """Return the mean of :func:`gain_of_knowing_all`: no knowledge is worth more on average."""
    return estimate(gain_of_knowing_all(curves, decision), least=0.0)


def gain_of_knowing_all(curves: Curves, decision: Decision) -> Floats:
    """Return the profit gained if everything were known beforehand, chance included.

    Each replication has the units that are best for it (the expected value of perfect information),
    bought by the same rules: whole packs, minimum orders, the budget; what is owned stays owned.

    Parameters
    ----------
    curves
        The stock curves.
    decision
        The recommendation.

    Returns
    -------
    ndarray
        Of each replication [currency], shape (R,).

    Notes
    -----
    A minimum order is looked at only where it is of a single item, and the refund for a guaranteed
    volume stays as it is recommended. Where the budget binds, its best use is taken as if profit
    rose ever more slowly with the units, and of a budget and a storage the tighter one counts,
    which at worst makes knowing worth a little more.
    """
    own = _best_each(curves, decision)
    gain = own + curves.fixed(decision.units) - curves.profit(decision.units)
    return np.where(gain > _LITTLE, gain, 0.0)  # who knows may still buy the same


def _best_each(curves: Curves, decision: Decision) -> Floats:
    """Return the most profit of all items in each replication, fees left out, shape (R,).

    Some replications after the other are looked at: all that could be bought in all of them would
    be the most that a plan has in memory. Of more of them figures are unpacked at a time, as that
    takes longer than to look at them.
    """
    terms, units = Terms.of(curves), decision.units
    levels = [len(curve.levels) for curve in curves.curves]
    few, more = max(1, _AT_ONCE // (sum(levels) + 2 * len(levels))), rows_at_once(max(levels))
    found = []
    for part in _in_parts(curves, more):
        serving = [_serving(part, terms, number) for number in range(len(units))]
        there = [curve.earned_at(n) for curve, n in zip(part.curves, units, strict=True)]
        for first, some in enumerate(_in_parts(part, few)):
            rows = slice(first * few, (first + 1) * few)
            options = [
                _options(some, terms, number, have, there[number][rows], serving[number][rows])
                for number, have in enumerate(units)
            ]
            found.append(_best_of(options, terms))
    return np.concatenate(found)


def _in_parts(curves: Curves, step: int) -> Iterator[Curves]:
    """Yield the curves over so many replications after the other."""
    for first in range(0, curves.replications, step):
        yield curves.rows(slice(first, first + step))


def _best_of(options: Sequence[_Options], terms: Terms) -> Floats:
    """Return the most profit in each replication within the budget and the storage, shape (R,)."""
    money = _best_within([(profit, cost) for profit, cost, _ in options], terms.budget)
    if np.isinf(terms.storage):
        return money
    room = _best_within([(profit, volume) for profit, _, volume in options], terms.storage)
    return np.minimum(money, room)


def _best_within(options: Sequence[tuple[Floats, Floats]], budget: float) -> Floats:
    """Return the most profit in each replication of options that take of a budget, shape (R,).

    Of two choices, one within the budget and one beyond it, the price on money at which both are
    worth the same shows one between them, until there is none: the Lagrangian optimum.
    """
    most, spent = _chosen(options, np.zeros(len(options[0][0])))
    over = spent > budget
    if not over.any():
        return most
    options = [(profit[over], cost[over]) for profit, cost in options]
    (less, cheap), (more, dear) = _chosen(options, _prohibitive(options)), (most[over], spent[over])
    inside = dear > cheap
    while inside.any():
        price = (more - less) / np.where(dear > cheap, dear - cheap, 1.0)
        profit, cost = _chosen(options, price)
        inside = (cheap < cost) & (cost < dear)
        too_much = cost > budget
        above, below = inside & too_much, inside & ~too_much
        more, dear = np.where(above, profit, more), np.where(above, cost, dear)
        less, cheap = np.where(below, profit, less), np.where(below, cost, cheap)
    part = np.clip((budget - cheap) / np.maximum(dear - cheap, 1e-9), 0.0, 1.0)
    most[over] = less + part * (more - less)
    return most


def _serving(curves: Curves, terms: Terms, number: int) -> Floats:
    """Return the fewest units that serve all who want some, and what they earn, (R, 1, 2).

    Each unit beyond what was wanted is left over, so that profit falls by what it loses in value.
    Where something reacts to the stock that is not so, and there are none: (R, 0, 2).
    """
    curve, each_one = curves.curves[number], np.arange(curves.replications)
    if curves.reactions.any:
        return np.empty((len(each_one), 0, 2))
    item, figures = curve.item, curve.figures
    wanted = curve.demand - item.arriving
    above = np.minimum(np.searchsorted(curve.levels, wanted), len(curve.levels) - 1)
    bought = np.maximum(
        np.ceil((wanted - item.owned) / item.pack), packs(_least(terms, item), item)
    )
    serving = item.owned + item.pack * np.where(wanted > item.owned, bought, 0.0)
    fewer = curve.levels[above] - serving
    left, of = figures["left_over"][each_one, above], figures["bought"][each_one, above]
    terms_of_unit = curves.terms(item)
    each = terms_of_unit.unit_cost + (terms_of_unit.storage or 0.0)
    exact = figures["profit"][each_one, above] + figures["elsewhere"][each_one, above]
    exact = exact + each * fewer
    exact -= curves.left_over_value(item, left, of)
    exact += curves.left_over_value(item, left - fewer, of - fewer)
    exact += item.saving(serving) - item.saving(curve.levels)[above]
    enough = (figures["lost"][each_one, above] == 0) & (serving >= wanted)
    return np.stack([serving, np.where(enough, exact, -np.inf)], axis=-1)[:, None]


def _options(
    curves: Curves, terms: Terms, number: int, units: int, here: Floats, serving: Floats
) -> _Options:
    """Return profit, cost and volume of what could be bought in each replication, (R, options).

    The levels of the curve, the units recommended, and those that serve all who want some.
    """
    curve = curves.curves[number]
    every = curve.figures["profit"] + curve.figures["elsewhere"]
    same = _purchase(terms, curve.item, np.append(curve.levels, units))
    own = _purchase(terms, curve.item, serving[..., 0])
    allowed, cost, volume = (
        np.column_stack([np.broadcast_to(one, (len(here), len(one))), other])
        for one, other in zip(same, own, strict=True)
    )
    profit = np.column_stack([every, here, serving[..., 1]])
    return np.where(allowed, profit, -np.inf), cost, volume


def _purchase(
    terms: Terms, item: Item, totals: NDArray[Any]
) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """Return whether totals of an item could be had, and what they cost and take of the storage."""
    more = totals - item.owned
    cost, volume = item.cost(np.maximum(more, 0)), item.volume * np.maximum(more, 0.0)
    cheapest = min(float(terms.items[n].cost(item.minimum_order)) for n in terms.orders[item.order])
    can_order = (more >= _least(terms, item)) & (cost <= terms.budget) & (cheapest <= terms.budget)
    can_order &= volume <= terms.storage
    allowed = (more == 0) | ((more > 0) & (more % item.pack == 0) & can_order & (item.most > 0))
    return allowed, cost, volume


def _least(terms: Terms, item: Item) -> int:
    """Return the fewest units of an item that can be ordered, where it is ordered alone."""
    return item.minimum_order if len(terms.orders[item.order]) == 1 else 0


def _chosen(options: Iterable[tuple[Floats, Floats]], price: Floats) -> tuple[Floats, Floats]:
    """Return profit and spending in each replication where money has a price on top [1]."""
    profits, spent = np.zeros_like(price), np.zeros_like(price)
    for profit, cost in options:
        rows, best = np.arange(len(price)), np.argmax(profit - price[:, None] * cost, axis=1)
        profits += profit[rows, best]
        spent += cost[rows, best]
    return profits, spent


def _prohibitive(options: Iterable[tuple[Floats, Floats]]) -> Floats:
    """Return a price of money at which nothing is bought in a replication [1], shape (R,)."""
    price = np.ones(1)
    for profit, cost in options:
        least = profit.min(axis=1, initial=np.inf, where=np.isfinite(profit))
        cheapest = cost.min(axis=1, initial=np.inf, where=cost > 0)
        price = np.maximum(price, (profit.max(axis=1) - least) / cheapest + 1.0)
    return price
