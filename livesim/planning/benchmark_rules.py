"""The benchmark rule that a plan is compared with: the forecast, and a margin on top."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from livesim.planning.buying import Terms
from livesim.planning.curves import Curves
from livesim.results.intervals import quantile

#: Halvings of the factor where the budget does not allow all of it: exact to a millionth.
_HALVINGS: Final = 20


def forecast_and_margin(curves: Curves, factor: float = 1.3) -> tuple[int, ...]:
    """Return the units that the rule "forecast and a margin" comes to.

    The forecast is the middle (P50) of each item's simulated demand, and not a ``forecast`` in the
    scenario's file, which is meant without guests and before any doubt: so the rule knows what the
    plan knows. What is owned or arrives before the end
    of the show is taken off, and the rest is bought in whole packs and at least the minimum order.
    Where that costs more than the budget, every item is bought for the same smaller multiple of its
    forecast, the largest that can be paid: the rule has the plan's means, not its calculation.

    Parameters
    ----------
    curves
        The stock curves.
    factor
        Units over the forecast [1]; 1.3 is a rule of thumb (assumption).

    Returns
    -------
    tuple of int
        Units on hand before the show, an item each, never fewer than are owned.
    """
    forecasts = [quantile(curve.demand, 0.5) or 0.0 for curve in curves.curves]
    terms = Terms.of(curves)
    wanted = _units(curves, factor, forecasts)
    if terms.cost(wanted) <= terms.budget:
        return wanted
    low, high = 0.0, factor
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        affordable = terms.cost(_units(curves, middle, forecasts)) <= terms.budget
        low, high = (middle, high) if affordable else (low, middle)
    return _units(curves, low, forecasts)


def _units(curves: Curves, factor: float, forecasts: Sequence[float]) -> tuple[int, ...]:
    """Return what is on hand with this multiple of the forecasts, whatever it costs."""
    least = curves.scenario.supply.minimum_order
    units: list[int] = []
    wanted = zip(curves.items, forecasts, strict=True)
    for _, group in groupby(wanted, key=lambda one: one[0].product):
        missing = [
            (item, max(0.0, factor * forecast - item.owned - item.arriving))
            for item, forecast in group
        ]
        total = sum(number for _, number in missing)
        # A minimum order is filled up in proportion to what is missing.
        more = max(1.0, least / total) if total else 1.0
        units += [
            item.owned + item.pack * math.ceil(more * number / item.pack - 1e-9)
            for item, number in missing
        ]
    return tuple(units)
