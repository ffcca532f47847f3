"""The purchase with the most expected profit, with some shows counting more if wanted.

Items earn side by side, so each has a worth of its own, and :mod:`~livesim.planning.buying` joins
them. Only the refund of a guaranteed volume depends on the sales of all: it is taken as straight
around a purchase, which never claims more than there is, and the best purchase is sought again.
"""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from livesim.planning.buying import Purchase, Terms, Worth, most_worth, order_quantities
from livesim.planning.curves import Curves, Units, between
from livesim.scenario.quantities import Floats

#: The search around the refund settles within two or three steps; this ends it for certain.
_MOST_STEPS = 20
#: Of units that are worth the same but for rounding errors, the fewest are bought [1].
_ALIKE = 1e-10


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
    if not _refund(curves):
        return most_worth(terms, _worths(curves, terms, weights))
    # Few sales earn a refund, many do without: the best may lie on either side.
    tops = tuple(max(int(c.levels[-1]), c.item.owned) for c in curves.curves)
    found = {_settled(curves, terms, weights, start) for start in (curves.owned, tops)}
    return max(found, key=lambda units: (float(weights @ curves.profit(units)), units))


def profit_by_level(curves: Curves, units: Units, number: int) -> Floats:
    """Return the show's expected profit at each level of an item, up to a constant, shape (L,)."""
    curve = curves.curves[number]
    profit = curve.figures["profit"].mean(axis=0) + curve.figures["elsewhere"].mean(axis=0)
    if curves.scenario.deal.guaranteed_volume:
        others = (units[:number], units[number + 1 :])
        levels = curve.levels.tolist()
        profit += [curves.fixed((*others[0], have, *others[1])).mean() for have in levels]
    return np.asarray(profit)


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


def _settled(
    curves: Curves, terms: Terms, weights: Floats, around: tuple[int, ...]
) -> tuple[int, ...]:
    """Return a purchase that is the best with the refund straight around itself."""
    for _ in range(_MOST_STEPS):
        lost_refund = _refund(curves) * weights * _below_volume(curves, around)
        units = most_worth(terms, _worths(curves, terms, weights, lost_refund))
        if units == around:
            break
        around = units
    return units


def _worths(
    curves: Curves, terms: Terms, weights: Floats, per_sale: Floats | None = None
) -> list[Worth]:
    """Return what each item is worth, less so much for each unit sold."""
    worths = []
    for number, curve in enumerate(curves.curves):
        worth = _mean(weights, curve.figures["profit"])
        if curves.reaction != "nothing":
            worth += _mean(weights, curve.figures["elsewhere"])
        if per_sale is not None:
            worth -= _mean(per_sale, curve.figures["sales"])
        worth -= _ALIKE * np.abs(worth).max() * np.linspace(0, 1, len(worth))
        units = order_quantities(terms, number, curve)
        worths.append(Worth(units, between(curve.levels, worth, units)))
    return worths


def _refund(curves: Curves) -> float:
    """Return by how much each unit sold lowers the refund of slot fees [currency/unit]."""
    deal = curves.scenario.deal
    fees = deal.slot_fee * len(curves.scenario.products)
    return fees / deal.guaranteed_volume if deal.guaranteed_volume else 0.0


def _below_volume(curves: Curves, units: Units) -> NDArray[np.bool_]:
    parts = zip(curves.curves, units, strict=True)
    sales = np.sum([curve.at("sales", have) for curve, have in parts], axis=0)
    return np.asarray(sales < curves.scenario.deal.guaranteed_volume)


def _mean(weights: Floats, figure: Floats) -> Floats:
    return np.asarray(np.einsum("r,rl->l", weights, figure) / len(weights))
