"""The benchmark rule that a plan is compared with: the forecast, and a margin on top."""

from __future__ import annotations

from livesim.planning.curves import Curves
from livesim.planning.service_level import bought_for
from livesim.planning.terms import Purchase, Terms, most_affordable
from livesim.results.intervals import quantile

#: Units over the forecast [1]: a rule of thumb (assumption).
_FACTOR = 1.3


def forecast_and_margin(curves: Curves) -> Purchase:
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

    Returns
    -------
    Purchase
        Units on hand before the show, an item each, never fewer than are owned.
    """
    forecasts = [quantile(curve.demand, 0.5) or 0.0 for curve in curves.curves]
    terms = Terms.of(curves)

    def units_at(multiple: float) -> Purchase:
        needed = [
            multiple * forecast - item.arriving
            for item, forecast in zip(curves.items, forecasts, strict=True)
        ]
        return bought_for(curves, terms, needed)

    return most_affordable(terms, units_at, _FACTOR)
