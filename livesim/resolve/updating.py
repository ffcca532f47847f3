"""Updating by past shows: what past shows say of a scenario's turnout and of its products' appeal.

Each past show is compared with what the model expects of this one, as it was: so many viewers in so
long a show, and of each product so many units for these viewers, at that price, by the moment at
which it was sold out. A past show is taken to have run like this one, stretched to its length.
What the scenario says itself of viewers and orders is the planner's own view: one more observation,
as noisy as the scenario takes forecasts to be, or as the planner's past ones were (`View`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from math import exp

import numpy as np

from livesim.history import History
from livesim.history.factors import (
    APPEAL,
    TURNOUT,
    Factors,
    Together,
    factors,
)
from livesim.resolve.learned import Learned, PastFactors
from livesim.resolve.own_view import Middles, View
from livesim.resolve.past import Past
from livesim.resolve.remarks import remarks
from livesim.scenario.scenario import Scenario


def calibrate(scenario: Scenario, history: History, untold: Collection[str] = ()) -> Learned:
    """Learn a scenario's turnout and appeal from past shows.

    Parameters
    ----------
    scenario
        The show, with the planner's own view of its viewers and orders.
    history
        Past shows, with rows for products that are named as in the scenario.
    untold
        Of what the planner has no view: ``viewers``, and products by name.

    Raises
    ------
    UsageError
        If no past show says how many watched.

    Examples
    --------
    >>> import livesim
    >>> from livesim.history.table import SHOWS, tidy
    >>> room = livesim.load("scenarios/brand_room.yaml")
    >>> rows = [
    ...     {"show": str(n), "length": 10_800, "viewers": 4_000, "product": "serum", "units": 80}
    ...     for n in range(6)
    ... ]
    >>> found = calibrate(room, History(tidy(rows, SHOWS)))
    >>> found.scenario.show.turnout_factor.median > 1.8  # 4,000 viewers came, not 2,000
    True
    """
    past, view = Past.of(scenario, history, untold), View.of(scenario, history, untold)
    before = replace(TURNOUT, level=view.turnout)
    orders_before = replace(APPEAL, level=view.appeal, product=view.products)
    middles = Middles.of(scenario, before, orders_before, untold)
    audience, orders = past.audience(), past.orders()
    turnout = factors(replace(audience, value=audience.value - middles.turnout), before)
    if past.whole:
        together = Together.of(past.shares(), middles.products, np.array(view.products))
        orders = replace(orders, together=together)
    of_each = [*middles.products, orders.together.middle if orders.together else 0.0]
    told = middles.appeal + np.array(of_each)[orders.product]  # the last one is of whole shows
    appeal = factors(replace(orders, value=orders.value - told), orders_before)
    shows = _each_show(past.names, turnout, appeal)
    sold_in = {
        name: (len(rows), sum(row.sold_out for row in rows))
        for name in scenario.products
        for rows in [[row for row in past.rows if row.product == name]]
    }
    found = Learned(
        shows,
        sold_in,
        past.notes,
        history.notes,
        view,
        middles,
        turnout,
        appeal,
        past.effects,
        past.elasticities,
        scenario,
        history,
        frozenset(untold),
    )
    return replace(found, notes=(*past.notes, *remarks(found, past, audience, orders)))


def _each_show(names: Sequence[str], turnout: Factors, appeal: Factors) -> tuple[PastFactors, ...]:
    """Return how far off each past show was, and how much it counts."""
    own, counted_for, shares = (
        zip(getattr(turnout, of), getattr(appeal, of), strict=True)
        for of in ("own", "counted", "shares")
    )
    return tuple(
        PastFactors(name, exp(viewers), exp(orders), counts, moves)
        for name, (viewers, orders), counts, moves in zip(
            names, own, counted_for, shares, strict=True
        )
    )
