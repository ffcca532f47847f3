"""What the same planner makes without the show: what a show is held against.

The stock is the same, and so is the yardstick: what is owned is left over and sells on as after a
show, and what pays by selling on, or in a webshop meanwhile, is bought without one as well, on the
same terms. So only what needs the show counts for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.model.money import left_over_value
from livesim.planning.buying import Worth, most_worth
from livesim.planning.curves import Curves, StockCurve
from livesim.planning.profit import fewest_of_alike
from livesim.planning.terms import Purchase, Terms, order_quantities, packs

#: Purchases of an item that are looked at, beside those that a show has.
_LOOKED_AT = 400


@dataclass(frozen=True)
class WithoutShow:
    """What most can be made without the show.

    Parameters
    ----------
    units
        On hand then, those owned included, an item each [units].
    profit
        What they bring less what they cost, those owned included [currency].
    """

    units: Purchase
    profit: float


def without_show(curves: Curves) -> WithoutShow:
    """Return what most can be made of the same stock, and by the same terms, without the show.

    No more is bought than was looked at for the show.

    Parameters
    ----------
    curves
        The show's stock curves.
    """
    terms = Terms.of(curves)
    worths = [_worth(terms, curves, number) for number in range(len(curves.curves))]
    units = most_worth(terms, worths)
    profit = sum(
        float(np.interp(have, one.units, one.worth))
        for have, one in zip(units, worths, strict=True)
    )
    return WithoutShow(units, profit)


def _worth(terms: Terms, curves: Curves, number: int) -> Worth:
    """Return what an item's units bring without a show, less what they cost."""
    curve = curves.curves[number]
    item, inputs = curve.item, curves.terms(curve.item)
    units = _choices(terms, number, curve, inputs.owned)
    paid = np.asarray(inputs.owned + units - item.owned, dtype=float)  # with what is to arrive
    less = (item.unit_cost + (inputs.storage or 0.0)) * paid - item.saving(units)

    def worth(figures: Mapping[str, Floats]) -> Floats:
        sold = np.minimum(paid, figures["webshop"][:, -1:] + figures["webshop_lost"][:, -1:])
        worth = _left_over(curves, curve, paid - sold, paid)
        return np.asarray(worth + (inputs.webshop or 0.0) * sold - less)

    if "webshop" in curve.figures:
        return Worth(units, fewest_of_alike(curve.mean_of(worth)))
    return Worth(units, fewest_of_alike(_left_over(curves, curve, paid, paid) - less))


def _left_over(curves: Curves, curve: StockCurve, left: Floats, paid: Floats) -> Floats:
    counts = {"left_over": left, "bought": paid + 0.0 * left}
    counts |= dict.fromkeys(("cancelled", "returned"), 0.0 * left)
    return left_over_value(curves.terms(curve.item), counts)


def _choices(terms: Terms, number: int, curve: StockCurve, owned: int) -> NDArray[np.int64]:
    """Return units of an item in whole packs, from those owned to the most that was looked at."""
    item, offered = terms.items[number], order_quantities(terms, number, curve)
    most = packs(int(offered[-1]) - item.owned, item)
    steps = np.linspace(0, most, 1 + min(most, _LOOKED_AT)).astype(np.int64)
    enough = min(max(item.worth_having - owned, 0.0), most * item.pack) / item.pack
    steps = np.concatenate([steps, np.array([floor(enough), ceil(enough)])])
    return np.union1d(offered, item.owned + item.pack * steps)
