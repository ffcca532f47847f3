"""What being wrong costs: the profit with fewer or more units than recommended.

What is owned is paid for whatever is decided, so no item is looked at with fewer units. The same
shows are looked at with other numbers of units, so that the cost is known far better than the
profits themselves.

Where a choice of units takes long to simulate, few shows are simulated with each. What curves tell
of all shows, though it is approximate, then goes along as a control variate: the mean of all shows
is theirs, corrected by how far they are off in the simulated ones. In a marathon of 14 products
this leaves 5 to 30 % of the variance that so few shows alone have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import hypot
from typing import Final

import numpy as np

from livesim.arrays import Floats
from livesim.planning.curves import AsWhole, Curves, Units
from livesim.planning.terms import Terms
from livesim.results.intervals import Chance, Estimate, estimate, mean_interval

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
        the recommended units, or to the same as a factor nearer to 1, nor where packs and minimum
        orders make more of what is to be less. The factor is of the units
        in all, those that arrive during the show included; these come in any case.
    """
    nearest = dict[tuple[int, ...], float]()
    for factor in sorted(FACTORS, key=lambda one: abs(one - 1.0)):
        instead = _times(curves, factor, units)
        if (sum(instead) - sum(units)) * (factor - 1.0) > 0:
            nearest.setdefault(instead, factor)
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
        as_whole = curves.exact
    rows = []
    for instead, factor in totals.items():
        profit, cost = beside(curves, units, instead, seen)
        whole = as_whole or {tuple(units), instead} <= curves.simulated.keys()
        known = instead in curves.simulated
        shows = curves.replications if known else len(seen[instead].profit)
        chances = tuple(Chance.of(round(one * shows), shows) for one in seen[instead].unavailable)
        rows.append(Deviation(factor, instead, profit, cost, chances, whole))
    return tuple(rows)


def beside(
    curves: Curves, units: Units, instead: Units, seen: Mapping[tuple[int, ...], AsWhole]
) -> tuple[Estimate, Estimate]:
    """Return the profit of other units, and what it is less than that of the recommended ones.

    Both as they are told elsewhere, or beside it on the same random numbers.

    Parameters
    ----------
    curves
        The stock curves, and what was simulated.
    units, instead
        The recommended units, and the other ones.
    seen
        What both came to, in all shows or in the first ones.
    """
    told = curves.profit_together(units)
    if tuple(instead) in curves.simulated:
        profit = curves.profit_together(instead)
        return estimate(profit), estimate(told - profit)
    recommended, profit = (seen[tuple(one)].profit for one in (units, instead))
    few, cost = profit + float(told.mean() - recommended.mean()), recommended - profit
    if len(cost) == len(told):
        return estimate(few), estimate(cost)
    rough, off = _rough(curves, units, instead, cost)
    return _of_all(few, told - rough, -off), _of_all(cost, rough, off)


def gain_above(curves: Curves, units: Units, others: Units) -> Estimate:
    """Return what units earn above others, both among the curves' ``totals`` [currency].

    Of all shows, also where few were simulated.
    """
    profit, other = (curves.totals[tuple(one)].profit for one in (units, others))
    gain = profit - other
    if len(gain) == curves.replications:
        return estimate(gain)
    return _of_all(gain, *_rough(curves, units, others, gain))


def _rough(curves: Curves, units: Units, others: Units, gain: Floats) -> tuple[Floats, Floats]:
    """Return what curves tell that units earn above others, and what they are off by at first.

    In proportion to what was simulated in the first shows [currency], shapes (R,) and (n,).
    """
    rough = _in_proportion(curves.gain(others, units), gain)
    return rough, gain - rough[: len(gain)]


def _in_proportion(rough: Floats, cost: Floats) -> Floats:
    """Return what curves tell of all shows in proportion to what the first ones come to.

    The factor is that of least squares, with which the least is left to be off.
    """
    apart = rough[: len(cost)] - rough[: len(cost)].mean()
    square = float(apart @ apart)
    return rough * (float(apart @ cost) / square if square else 0.0)


def _of_all(few: Floats, rough: Floats, off: Floats) -> Estimate:
    """Summarise a figure whose mean is that of all shows, corrected by the few simulated ones.

    What the figures are off by is in no proportion to them, so that the errors of the two means are
    independent: the regression estimator of double sampling (Cochran 1977, Sampling techniques, ch.
    12). Quantiles are of the few.

    Parameters
    ----------
    few
        The figure in the simulated shows [currency], shape (n,).
    rough
        What it is told to be in all [currency], shape (R,).
    off
        By how much that is too little in the simulated ones [currency], shape (n,).
    """
    (told, of_all), (more, of_few) = (mean_interval(one) for one in (rough, off))
    mean, half_width = told + more, hypot(of_all or 0.0, of_few or 0.0)
    between = (mean - half_width, mean + half_width)
    return replace(estimate(few), mean=mean, half_width=half_width, mean_interval=between)


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
