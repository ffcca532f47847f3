"""The purchase with the most expected profit, with some shows counting more if wanted.

Items earn side by side, so each has a worth of its own, and :mod:`~livesim.planning.buying` joins
them. Only the refund of a guaranteed volume depends on the sales of all: it is taken as straight
around a purchase, which never claims more than there is, and the best purchase is sought again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livesim.planning.buying import Terms, Worth, most_worth, order_quantities
from livesim.planning.curves import Curves, Units
from livesim.scenario.quantities import Floats

#: The search around the refund settles within two or three steps; this ends it for certain.
_MOST_STEPS = 20


def most_profit(curves: Curves, terms: Terms, weights: Floats | None = None) -> tuple[int, ...]:
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


def at_units(levels: NDArray[np.int64], values: Floats, units: NDArray[np.int64]) -> Floats:
    """Return values between levels on straight lines, beyond the last as before, shape (L',)."""
    left = np.clip(np.searchsorted(levels, units, side="right") - 1, 0, len(levels) - 2)
    part = (units - levels[left]) / (levels[left + 1] - levels[left])
    return np.asarray(values[left] * (1.0 - part) + values[left + 1] * part)


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
        units = order_quantities(terms, number, curve)
        worths.append(Worth(units, at_units(curve.levels, worth, units)))
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
