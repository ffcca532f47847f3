"""The purchase with the most expected profit, with some shows counting more if wanted.

Items earn side by side, so each has a worth of its own, and :mod:`~livesim.planning.buying` joins
them. Only the refund of a guaranteed volume and the cost of late orders depend on the sales of all:
they are taken as straight around a purchase, and the best purchase is sought again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from math import ceil, floor, inf
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.experiment.levels import SHIPPED
from livesim.model.money import late_cost, marginal_left_over
from livesim.planning.buying import Worth, most_worth
from livesim.planning.curves import Curves, StockCurve, Units, between, joins_products
from livesim.planning.items import Item
from livesim.planning.terms import Purchase, Terms, order_quantities
from livesim.resolve.terms import deal_of, slot_fees
from livesim.results.intervals import estimate

#: The search around the refund settles within two or three steps; this ends it for certain.
_MOST_STEPS = 20
#: Of units that are worth the same but for rounding errors, the fewest are bought [1].
ALIKE = 1e-10
#: A unit too many costs little if left over it is worth at least this of its cost [1] (assumption).
_NEARLY = 0.9
_NOTHING: Mapping[str, Floats] = MappingProxyType({})


def most_profit(curves: Curves, terms: Terms, weights: Floats | None = None) -> Purchase:
    """Return the units of each item with the most expected profit of the whole show.

    Parameters
    ----------
    curves, terms
        What units come to, and what a purchase must respect.
    weights
        How much each replication counts, of mean 1, shape (R,); None: all the same.

    Returns
    -------
    tuple of int
        Units on hand before the show, those owned included.
    """
    weights = np.ones(curves.replications) if weights is None else weights
    if not joins_products(curves.scenario):
        return most_worth(terms, _worths(curves, terms, weights))
    # Few sales earn a refund, many do without: the best may lie on either side.
    tops = tuple(max(int(c.levels[-1]), c.item.owned) for c in curves.curves)
    starts = (curves.owned, tops)
    found = {units for start in starts for units in _sought(curves, terms, weights, start)}
    return max(found, key=lambda units: (float(weights @ curves.profit(units)), units))


def most_profit_of_each(
    curves: Curves, terms: Terms, parts: Sequence[NDArray[np.intp]]
) -> list[Purchase]:
    """Return the units with the most expected profit in each of several parts of the replications.

    Parameters
    ----------
    curves, terms
        As for :func:`most_profit`.
    parts
        The numbers of the replications of each part, ascending, each of shape (N,).
    """
    if joins_products(curves.scenario):
        return [most_profit(curves.rows(rows), terms) for rows in parts]
    worths = [_worth_of_each(curves, terms, number, parts) for number in range(len(curves.curves))]
    return [most_worth(terms, of_part) for of_part in zip(*worths, strict=True)]


def profit_by_level(curves: Curves, units: Units, number: int) -> Floats:
    """Return the show's expected profit at each level of an item, up to a constant, shape (L,)."""
    curve = curves.curves[number]
    profit = curve.mean("profit") + curve.mean("elsewhere")
    if joins_products(curves.scenario):
        others = (units[:number], units[number + 1 :])
        levels = curve.levels.tolist()
        profit += [curves.fixed((*others[0], have, *others[1])).mean() for have in levels]
    return np.asarray(profit)


def left_overs_are_free(curves: Curves, item: Item) -> bool:
    """Say whether a unit too many is worth what it costs."""
    return _worth_left_over(curves, item) >= 1.0


def left_overs_cost_little(curves: Curves, item: Item) -> bool:
    """Say whether a unit too many is worth nearly what it costs."""
    return _worth_left_over(curves, item) >= _NEARLY


def _worth_left_over(curves: Curves, item: Item) -> float:
    """Return which part of what it costs a unit too many is worth [1]."""
    terms = curves.terms(item)
    cost = terms.unit_cost + (terms.storage or 0.0)
    return marginal_left_over(terms) / cost if cost else inf


def most_that_earn(curves: Curves, units: Units, number: int) -> int:
    """Return the most units of an item, from those it has on, that surely earn more than fewer.

    Where a unit too many costs little or nothing, all beyond them are about as good: no fewer are
    the best.

    Parameters
    ----------
    curves, units, number
        What the units of all items come to, those that are had, and of which item.
    """
    levels, most = curves.curves[number].levels.tolist(), units[number]
    for more in levels:
        few, many = ((*units[:number], have, *units[number + 1 :]) for have in (most, more))
        if more > most and estimate(curves.gain(few, many)).above_zero:
            most = more
    return most


def around_best(levels: NDArray[np.int64], values: Floats, least: float) -> tuple[int, int]:
    """Return the units around the best level between which no value is below the least."""
    best = int(values.argmax())
    below = np.flatnonzero(values < least)
    left, right = below[below < best], below[below > best]
    low, high = levels[0], levels[-1]
    if len(left):
        low = ceil(np.interp(least, values[left[-1] :][:2], levels[left[-1] :][:2]))
    if len(right):
        high = floor(np.interp(-least, -values[right[0] - 1 :][:2], levels[right[0] - 1 :][:2]))
    return int(low), int(high)


def _sought(
    curves: Curves, terms: Terms, weights: Floats, around: tuple[int, ...]
) -> Iterator[tuple[int, ...]]:
    """Yield purchases that are the best with what joins the items straight around those before.

    Late orders cost ever more, so that what they cost is averaged over all purchases so far
    (fictitious play, as for the risk): lines of one alone lead from too many to too few and back.
    """
    late: dict[str, Floats] = {}
    for step in range(1, _MOST_STEPS + 1):
        for name, each in _late(curves, around).items():
            late[name] = late.get(name, each) + (each - late.get(name, each)) / step
        lost = {"sales": _refund(curves) * weights * _below_volume(curves, around)}
        lost |= {name: weights * each for name, each in late.items()}
        units = most_worth(terms, _worths(curves, terms, weights, lost))
        yield units
        if units == around and not late:
            return
        around = units


def _late(curves: Curves, units: Units) -> dict[str, Floats]:
    """Return what a further order costs as others get late, and one worth more, shape (R,)."""
    if (warehouse := deal_of(curves.scenario).warehouse) is None:
        return {}
    orders, value = (curves.total(units, name) for name in SHIPPED)
    now = late_cost(warehouse, orders, value)
    each = np.divide(value, orders, out=np.zeros_like(orders), where=orders > 0)
    one_more = late_cost(warehouse, orders + 1, value + each) - now
    dearer = late_cost(warehouse, orders, value + 1) - now
    return {"shipped_orders": one_more - dearer * each, "shipped_value": dearer}


def _worths(
    curves: Curves, terms: Terms, weights: Floats, lost: Mapping[str, Floats] = _NOTHING
) -> list[Worth]:
    """Return what each item is worth, less so much for each of some of its figures."""
    names = curves.summands("profit")
    return [
        _worth(curve, order_quantities(terms, number, curve), names, weights, lost)
        for number, curve in enumerate(curves.curves)
    ]


def _worth_of_each(
    curves: Curves, terms: Terms, number: int, parts: Sequence[NDArray[np.intp]]
) -> list[Worth]:
    """Return what an item is worth in each of several parts of the replications."""
    if not parts:
        return []
    curve, lengths = curves.curves[number], np.array([[len(rows)] for rows in parts])
    sums = {name: np.zeros((len(parts), len(curve.levels))) for name in curves.summands("profit")}
    for rows, figures in curve.in_parts():
        here = [some[slice(*some.searchsorted([rows.start, rows.stop]))] for some in parts]
        for name, of_each in sums.items():
            figure = figures[name]
            of_each += [_sum(np.ones(len(some)), figure[some - rows.start]) for some in here]
    units = order_quantities(terms, number, curve)
    means = np.sum([of_each / lengths for of_each in sums.values()], axis=0)
    worths = between(curve.levels, fewest_of_alike(means).T, units)
    return [Worth(units, worth) for worth in worths.T]


def _worth(
    curve: StockCurve,
    units: NDArray[np.int64],
    summands: Sequence[str],
    weights: Floats,
    lost: Mapping[str, Floats] = _NOTHING,
) -> Worth:
    """Return what so many units of an item are worth, less so much for each of some figures."""
    worth = np.sum([_mean(weights, curve, name) for name in summands], axis=0)
    for name, each in lost.items():
        worth -= _mean(each, curve, name)
    return Worth(units, between(curve.levels, fewest_of_alike(worth), units))


def fewest_of_alike(worth: Floats) -> Floats:
    """Return what levels are worth, shape (…, L), a little less the more units they are."""
    most = np.abs(worth).max(axis=-1, keepdims=True)
    return np.asarray(worth - ALIKE * most * np.linspace(0, 1, worth.shape[-1]))


def _refund(curves: Curves) -> float:
    """Return by how much each unit sold lowers the refund of slot fees [currency/unit]."""
    deal = curves.scenario.deal
    fees = sum(slot_fees(curves.scenario).values())
    return fees / deal.guaranteed_volume if deal.guaranteed_volume else 0.0


def _below_volume(curves: Curves, units: Units) -> NDArray[np.bool_]:
    parts = zip(curves.curves, units, strict=True)
    sales = np.sum([curve.at("sales", have) for curve, have in parts], axis=0)
    return np.asarray(sales < curves.scenario.deal.guaranteed_volume)


def _mean(weights: Floats, curve: StockCurve, name: str) -> Floats:
    """Return the mean of a figure at each level where replications count so much, shape (L,)."""
    sums = (_sum(weights[rows], figures[name]) for rows, figures in curve.in_parts())
    return np.asarray(reduce(np.add, sums) / len(weights))


def _sum(weights: Floats, figure: Floats) -> Floats:
    return np.asarray(np.einsum("r,rl->l", weights, figure))
