"""What being wrong costs: the profit with fewer or more units than recommended.

What is owned is paid for whatever is decided, so no item is looked at with fewer units. The same
shows are looked at with other numbers of units, so that the cost is known far better than the
profits themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from livesim.planning.buying import Terms
from livesim.planning.curves import AsWhole, Curves, Units
from livesim.results.intervals import Chance, Estimate, estimate
from livesim.scenario.quantities import Floats

#: Half as many units in all, a quarter fewer, a tenth fewer; a tenth, a quarter and a half more.
FACTORS: Final = (0.5, 0.75, 0.9, 1.1, 1.25, 1.5)


@dataclass(frozen=True)
class Deviation:
    """What the show comes to with a multiple of the recommended units of every item.

    Parameters
    ----------
    factor
        Units in all over those recommended [1].
    units
        Units on hand before the show, an item each.
    profit
        Expected profit of the show [currency].
    cost
        By how much that is less than with the recommended units, on the same random numbers
        [currency]; below 0 where the objective gives up profit for something else.
    unavailable
        Chance to have nothing on hand while on offer, an item each.
    as_whole
        Whether it was simulated as a whole; otherwise the effects of single items add up.
    """

    factor: float
    units: tuple[int, ...]
    profit: Estimate
    cost: Estimate
    unavailable: tuple[Chance, ...]
    as_whole: bool


def other_totals(curves: Curves, units: Units) -> dict[tuple[int, ...], float]:
    """Return what else could be had instead of some units, with its :data:`FACTORS`.

    No item goes below what is owned, which is paid for already: to have had fewer is no choice.
    What is bought keeps to whole packs and minimum orders, but may cost more than the budget. Of an
    item of which the most is recommended that was looked at, there is no more.

    Parameters
    ----------
    curves
        The stock curves.
    units
        The recommended units on hand before the show, an item each.

    Returns
    -------
    dict
        One for each of the factors that comes to units of its own: none for those that come to
        the recommended units, or to the same as a factor nearer to 1. The factor is of the units
        in all, those that arrive during the show included; these come in any case.
    """
    nearest = {tuple(units): 1.0}
    for factor in sorted(FACTORS, key=lambda one: abs(one - 1.0)):
        nearest.setdefault(_times(curves, factor, units), factor)
    del nearest[tuple(units)]
    return dict(sorted(nearest.items(), key=lambda one: one[1]))


def sensitivity(curves: Curves, units: Units) -> tuple[Deviation, ...]:
    """Say what other numbers of units than the recommended ones cost.

    Parameters
    ----------
    curves
        The stock curves, and what :func:`other_totals` and the recommended units came to as wholes,
        where these were simulated; otherwise it is what curves add up to. Units that are a choice
        of the plan, as those owned, come to what is told of that choice.
    units
        The recommended units on hand before the show, an item each.
    """
    totals = other_totals(curves, units)
    if {tuple(units), *totals} <= curves.totals.keys():
        seen, as_whole = curves.totals, True
    else:
        seen = {one: _added_up(curves, one) for one in (tuple(units), *totals)}
        as_whole = curves.reaction == "nothing" or len(units) == 1
    rows = []
    for instead, factor in totals.items():
        profit, cost = _beside(curves, units, instead, seen)
        shows = len(profit)
        chances = tuple(Chance.of(round(one * shows), shows) for one in seen[instead].unavailable)
        whole = as_whole or {tuple(units), instead} <= curves.simulated.keys()
        rows.append(Deviation(factor, instead, estimate(profit), estimate(cost), chances, whole))
    return tuple(rows)


def _beside(
    curves: Curves, units: Units, instead: Units, seen: Mapping[tuple[int, ...], AsWhole]
) -> tuple[Floats, Floats]:
    """Return the profit of other units, and what it is less than that of the recommended ones.

    Both as they are told elsewhere, or beside it on the same random numbers.
    """
    told = curves.profit_together(units)
    if tuple(instead) in curves.simulated:
        profit = curves.profit_together(instead)
        return profit, told - profit
    recommended, profit = (seen[tuple(one)].profit for one in (units, instead))
    return profit + float(told.mean() - recommended.mean()), recommended - profit


def _added_up(curves: Curves, units: Units) -> AsWhole:
    """Return what the effects of single items add up to."""
    chances = [
        curve.unavailable_chance(number) for curve, number in zip(curves.curves, units, strict=True)
    ]
    return AsWhole(curves.profit(units), np.array(chances))


def _times(curves: Curves, factor: float, units: Units) -> tuple[int, ...]:
    """Return about a multiple of the units in all, as it can be bought on top of what is owned."""
    terms = Terms.of(curves)
    more = np.array(
        [
            max(0.0, factor * (number + item.arriving) - item.arriving - item.owned)
            if item.most > 0
            else 0.0
            for number, item in zip(units, terms.items, strict=True)
        ]
    )
    for number, (curve, have) in enumerate(zip(curves.curves, units, strict=True)):
        if have >= curve.levels[-1]:
            more[number] = min(more[number], have - curve.item.owned)
    pack = np.array([item.pack for item in terms.items])
    for order, numbers in terms.orders.items():
        ordered, minimum = more[numbers].sum(), terms.minimum(order)
        if 0 < ordered < minimum:  # the nearest that can be ordered: the least, or nothing
            times = minimum / ordered if 2 * ordered >= minimum else 0.0
            more[numbers] = pack[numbers] * np.ceil(times * more[numbers] / pack[numbers])
    return tuple(
        item.owned + item.pack * round(number / item.pack)
        for number, item in zip(more.tolist(), terms.items, strict=True)
    )
