"""The fewest units that serve well enough: a chance not to sell out too early, or a fill rate.

Each item is looked at alone, and all of them are to serve equally well: where the money does not
suffice for what is wanted, it buys the same, lower level for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.planning.curves import Curves, between
from livesim.planning.terms import Purchase, Terms, most_affordable, packs

#: Shares are whole numbers of replications, but not in floats [1].
ALMOST = 1e-9


def share(served: Floats, of: float) -> Floats:
    """Return the share that is served of a mean at each level, shape (L,) [1]; 1 of nothing."""
    return np.asarray(served / of) if of > 0 else np.ones(len(served))


def fewest(levels: NDArray[np.int64], shares: Floats, least: float) -> int:
    """Return the fewest units that serve at least so well; the highest level if none does.

    Examples
    --------
    >>> levels, shares = np.array([0, 10, 20]), np.array([0.0, 0.5, 1.0])
    >>> fewest(levels, shares, 0.72), fewest(levels, shares, 0.0)
    (15, 0)
    """
    enough = np.flatnonzero(shares >= least - ALMOST)
    if not len(enough):
        return int(levels[-1])
    above = int(enough[0])
    if above == 0:
        return int(levels[0])
    low, high = shares[above - 1], shares[above]
    part = (least - low) / (high - low)
    step = levels[above] - levels[above - 1]
    return int(levels[above - 1] + np.ceil(min(part * step, step) - ALMOST * step))


def serving(curves: Curves, terms: Terms, shares: Sequence[Floats], level: float) -> Purchase:
    """Return the fewest units of each item that serve well enough, those owned included.

    Parameters
    ----------
    curves, terms
        The items' levels, and what a purchase must respect.
    shares
        What each item's levels serve, shape (L,) [1].
    level
        What every item is to serve at least [1].

    Returns
    -------
    Purchase
        Where the budget does not suffice, what serves every item equally well as far as it does;
        where a curve does not reach so high, its highest level.
    """

    def units_at(level: float) -> Purchase:
        parts = zip(curves.curves, shares, strict=True)
        needed = [fewest(curve.levels, share, level) for curve, share in parts]
        return bought_for(curves, terms, needed)

    return most_affordable(terms, units_at, level)


def raised(
    curves: Curves, terms: Terms, shares: Sequence[Floats], level: float, units: Purchase
) -> Purchase:
    """Return units that serve single items better with the money that is left, the worst first.

    Parameters
    ----------
    curves, terms, shares, level
        As for :func:`serving`.
    units
        What serves every item equally well.
    """
    reached = [
        float(between(curve.levels, share, np.array([have]))[0])
        for curve, share, have in zip(curves.curves, shares, units, strict=True)
    ]
    for number in np.argsort(reached, kind="stable").tolist():
        more = partial(_with_more, curves, terms, shares[number], units, number)
        units = most_affordable(terms, more, level)
    return units


def _with_more(
    curves: Curves, terms: Terms, share: Floats, units: Purchase, number: int, level: float
) -> Purchase:
    """Return units with which one of the items serves so well, if it did not before."""
    needed = [*units]
    needed[number] = max(units[number], fewest(curves.curves[number].levels, share, level))
    return bought_for(curves, terms, needed)


def bought_for(curves: Curves, terms: Terms, needed: Sequence[float]) -> Purchase:
    """Return the units of each item, those owned included, after buying what is needed.

    What a minimum order asks for beyond the need is shared out over the order's items by their
    expected demand, in whole packs.
    """
    bought = [
        packs(need - item.owned, item) for need, item in zip(needed, terms.items, strict=True)
    ]
    for order, numbers in terms.orders.items():
        ordered = sum(bought[number] * terms.items[number].pack for number in numbers)
        missing = terms.minimum(order) - ordered
        if ordered and missing > 0:
            for number, more in zip(numbers, _shared_out(curves, numbers, missing), strict=True):
                bought[number] += more
    return tuple(item.owned + item.pack * n for item, n in zip(terms.items, bought, strict=True))


def _shared_out(curves: Curves, numbers: Sequence[int], units: int) -> list[int]:
    """Return the packs of each item that come to so many units, or just above."""
    can_be_had = [curves.items[number].most > 0 for number in numbers]
    demand = np.array([curves.curves[number].mean_demand for number in numbers]) * can_be_had
    pack = np.array([curves.items[number].pack for number in numbers])
    exact = units * demand / demand.sum() / pack
    packs = np.floor(exact).astype(np.int64)
    for place in np.argsort(packs - exact, kind="stable"):  # the largest remainder first
        if packs @ pack >= units:
            break
        packs[place] += 1
    return [int(number) for number in packs]
