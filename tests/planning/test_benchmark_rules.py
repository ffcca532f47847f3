"""The benchmark rule: what it buys, and what it can pay for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from livesim.planning.benchmark_rules import forecast_and_margin
from livesim.planning.curves import Curves
from livesim.planning.deciding import purchase_cost

WANTED = {"serum": np.full(100, 1000.0), "mask": np.full(100, 200.0)}


def test_it_is_the_middle_of_demand_and_a_margin(known: Callable[..., Curves]) -> None:
    demand = np.repeat([100.0, 1000.0, 4000.0], [40, 20, 40])
    assert forecast_and_margin(known({"serum": demand})) == (1300,)


def test_it_buys_whole_packs_beyond_what_is_there(known: Callable[..., Curves]) -> None:
    there = {"owned": 250, "arriving": {"later": {"units": 300, "on": "2026-11-29 20:30"}}}
    curves = known(WANTED, products={"serum": there, "mask": there}, supply={"pack": 24})
    # 1,300 − 250 − 300 = 750 are 31.25 packs; of the masks there are more than enough.
    assert forecast_and_margin(curves) == (250 + 32 * 24, 250)


def test_a_small_purchase_is_raised_to_the_minimum_order(known: Callable[..., Curves]) -> None:
    sizes = {"serum.small": np.full(100, 30.0), "serum.large": np.full(100, 10.0)}
    shares = {"small": {"share": "75%"}, "large": {"share": "25%"}}
    supply = {"pack": 10, "minimum_order": 200}
    curves = known(sizes, products={"serum": {"variants": shares}}, supply=supply)
    assert forecast_and_margin(curves) == (150, 50)
    enough = {"variants": shares, "owned": 60}
    assert forecast_and_margin(known(sizes, products={"serum": enough}, supply=supply)) == (45, 15)


def test_it_stays_within_the_budget_with_the_same_multiple(known: Callable[..., Curves]) -> None:
    """At 40 a unit, 1,200 units can be paid instead of 1,560: both forecasts once."""
    curves = known(WANTED, supply={"budget": 48_000})
    assert purchase_cost(curves, forecast_and_margin(curves)) <= 48_000
    assert forecast_and_margin(curves) == (1000, 200)
    assert forecast_and_margin(known(WANTED, supply={"budget": 62_400})) == (1300, 260)


def test_a_minimum_order_that_cannot_be_paid_is_not_ordered(known: Callable[..., Curves]) -> None:
    supply = {"budget": 3_000, "minimum_order": 100}
    assert forecast_and_margin(known(WANTED, supply=supply)) == (0, 0)
