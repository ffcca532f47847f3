"""Orders that leave late, and those cancelled meanwhile, against a queue followed by day."""

from __future__ import annotations

import numpy as np
import pytest

import livesim
from livesim.errors import ScenarioError
from livesim.model import money
from livesim.model.inputs import WarehouseInputs
from livesim.resolve import resolve
from livesim.scenario.document import parse_document


def by_day(warehouse: WarehouseInputs, orders: float) -> tuple[float, float]:
    """Follow the orders that wait from day to day; return those that were late and cancelled."""
    waiting = max(orders - warehouse.per_day * warehouse.promised, 0.0)
    late, cancelled = waiting, 0.0
    while waiting > 0:
        cancelled += warehouse.cancelled * waiting
        waiting = max(waiting * (1 - warehouse.cancelled) - warehouse.per_day, 0.0)
    return late, cancelled


def follows_the_queue() -> None:
    for per_day in (1.0, 40.0, 333.0):
        for cancelled in (0.0, 0.01, 0.1, 0.5, 0.99, 1.0):
            warehouse = WarehouseInputs(per_day, 2, cancelled, 1.0)
            orders = np.array([0, 1, 2, 3, 79, 80, 81, 120, 700, 2_345, 10_000], dtype=float)
            found = np.array(money.late_orders(warehouse, orders))
            wanted = np.array([by_day(warehouse, one) for one in orders.tolist()]).T
            assert found == pytest.approx(wanted, abs=1e-6)


def test_the_closed_form_is_the_queue() -> None:
    follows_the_queue()


@pytest.mark.parametrize("wrong", ["none is cancelled", "each day the same"])
def test_another_law_is_caught(wrong: str, monkeypatch) -> None:
    right = money.late_orders

    def other(warehouse, orders):
        late, _ = right(warehouse, orders)
        return late, 0 * late if wrong == "none is cancelled" else warehouse.cancelled * late

    monkeypatch.setattr(money, "late_orders", other)
    with pytest.raises(AssertionError):
        follows_the_queue()


def test_what_late_orders_cost_by_hand() -> None:
    """Of 400 orders 200 are late, 28 of them are cancelled, and each would have brought 25."""
    warehouse = WarehouseInputs(100, 2, 0.1, penalty=1.5)
    cost = money.late_cost(warehouse, np.array([400.0]), np.array([10_000.0]))
    assert cost.tolist() == [pytest.approx(200 * 1.5 + 28 * 25)]


SHOW = """
like: brand_room
title: A slow warehouse
show: {length: 20min, refresh: 30s, currency: USD}
viewers: 400
deal: {commission: 20%, platform_fee: 5%, shipping: 2, return_freight: 3, warehouse: {per_day: 5,
  promised: 2, cancelled: 20%, penalty: 1.00}}
products:
  serum: {price: 30, unit_cost: 12, owned: 60, left_over_value: 1, forecast: 30, returns: 20%}
  cream: {price: 20, unit_cost: 12, owned: 60, left_over_value: 2, forecast: 30, returns: 0%}
"""


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["cohort", "agent"])
def test_both_engines_pay_for_late_orders(engine: str) -> None:
    scenario = resolve(parse_document(SHOW)).scenario
    result = livesim.simulate(scenario, replications=50, engine=engine, workers=1)
    usual = livesim.simulate(
        scenario.with_changes({"deal.warehouse": None}), replications=50, engine=engine, workers=1
    )
    products = result.products
    worth = np.where(products["product"] == "serum", 1, 2)
    kept = products["nmv"] * 0.75 - products["shipping"] - products["return_freight"]
    value = kept - worth * (products["sales"] - products["cancelled"] - products["returned"])
    assert products["shipped_value"].to_numpy() == pytest.approx(value.to_numpy())
    whole = products.groupby("replication")[["shipped_orders", "shipped_value"]].sum()
    warehouse = WarehouseInputs(5, 2, 0.2, 1.0)
    by_hand = [
        late + gone * row.shipped_value / max(row.shipped_orders, 1e-9)
        for row in whole.itertuples()
        for late, gone in [by_day(warehouse, row.shipped_orders)]
    ]
    assert result.shows["late_cost"].to_numpy() == pytest.approx(by_hand)
    assert (result.shows["late_orders"] > 0).any()
    less = usual.shows["profit"] - result.shows["profit"]
    assert less.to_numpy() == pytest.approx(by_hand)
    assert "late_cost" not in usual.shows and "shipped_value" not in usual.products


@pytest.mark.slow
def test_a_run_and_a_plan_say_what_is_late() -> None:
    scenario = resolve(parse_document(SHOW)).scenario
    result = livesim.simulate(scenario, replications=50, workers=1)
    assert "of them cancelled" in str(result)
    assert result.document()["show"]["late_orders"]["mean"] > 0
    plan = livesim.plan(scenario, replications=50, workers=1)
    assert "orders leave late on average" in " ".join(str(plan).split())
    block = livesim.simulate(scenario, replications=50, workers=1)
    assert plan.choices[0].profit.mean == pytest.approx(block.shows["profit"].mean())


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [("per_day: 5", "per_day: 0", "per_day"), ("promised: 2,", "", "promised is missing")],
)
def test_what_cannot_be_is_refused(old: str, new: str, what: str) -> None:
    with pytest.raises(ScenarioError, match=what):
        resolve(parse_document(SHOW.replace(old, new)))
