"""The fewest units that serve are the fewest on the shows themselves, with the shows' chances."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.planning.building import refined
from livesim.planning.curves import Curves
from livesim.planning.items import owned_paths
from livesim.planning.recommendation import Plan
from livesim.randomness import generator
from livesim.results import Result
from livesim.scenario.scenario import Scenario
from livesim.scenario.writing import write_yaml

_REPLICATIONS = 500


planning_module = import_module("livesim.planning.plan")


def some_show(seed: int, **more: Any) -> Scenario:
    """Return a show of one to three products, one perhaps in sizes, in packs or not."""
    rng = generator(seed, "fewest units")

    def pick(*values: Any) -> Any:
        return values[rng.integers(len(values))]

    sizes = {"s": {"share": "60%", "owned": 20}, "l": {"share": "40%", "owned": 0}}
    products: dict[str, dict[str, Any]] = {
        name: {
            **{"price": pick(30, 60), "unit_cost": 20, "left_over_value": 5},
            **pick({"owned": 0}, {"owned": 30}, {"variants": sizes}),
            **{"orders_per_1000": pick(4, 15), "limit": pick(1, 2), "returns": "10%"},
        }
        for name in ("cup", "pot", "jug")[: rng.integers(1, 4)]
    }
    data = {
        **{"like": "brand_room", "title": f"Served show {seed}", "viewers": 10_000},
        "show": {"start": "2026-11-29 20:00", "length": "1h", "refresh": "1min", "currency": "EUR"},
        "checkout": {"unpaid": pick("0%", "15%")},
        "supply": {"pack": pick(1, 1, 10)},
        "products": products,
    }
    return livesim.load(write_yaml({**data, **more}))


def simulated(scenario: Scenario, plan: Plan, fewer: int = -1) -> Result:
    """Simulate a show with the recommended units, of one of the items a pack less."""
    packs = [item.curve.item.pack * (number == fewer) for number, item in enumerate(plan.items)]
    owned = {
        item.curve.item: item.recommended - less
        for item, less in zip(plan.items, packs, strict=True)
    }
    there = scenario.with_changes(owned_paths(scenario, owned))
    return livesim.simulate(there, replications=_REPLICATIONS, seed=1, workers=1)


def served(result: Result, item: str, objective: str) -> float:
    """Return how well an item was served, by the rows of its replications."""
    product, _, variant = item.partition(".")
    rows = result.variants if variant else result.products
    rows = rows[rows["product"] == product]
    rows = rows[rows["variant"] == variant] if variant else rows
    if objective.startswith("fill"):
        return float(rows["claimed"].sum() / rows["demand"].sum())
    by = 1200.0 if "@" in objective else np.inf
    links = result.products[result.products["product"] == product]["link_at"].to_numpy()
    after = rows["unavailable_at"].to_numpy() - links
    return float(np.mean(~np.isfinite(after) | (after >= by)))


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["service=80%", "service=85%@20min", "fill=93%"])
@pytest.mark.parametrize("seed", range(4))
def test_the_fewest_units_on_the_shows_themselves(seed: int, objective: str) -> None:
    """No tolerance: a pack fewer serves too few, and what is printed is what a run comes to."""
    scenario = some_show(seed)
    plan = livesim.plan(
        scenario, objective=objective, replications=_REPLICATIONS, seed=1, workers=1
    )
    wanted = float(objective.partition("=")[2].partition("%")[0]) / 100
    there = simulated(scenario, plan)
    for number, item in enumerate(plan.items):
        assert served(there, item.name, objective) >= wanted - 1e-9, item.name
        gone = 1 - served(there, item.name, "service")
        assert item.unavailable_then.chance == pytest.approx(gone, abs=1e-9), item.name
        if item.purchase:
            fewer = simulated(scenario, plan, number)
            assert served(fewer, item.name, objective) < wanted, item.name


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "objective"), [(0, "worst=-1000"), (4, "loss=25%")])
def test_what_is_risked_is_what_a_run_comes_to(seed: int, objective: str) -> None:
    scenario = some_show(seed, deal={"slot_fee": 300})
    plan = livesim.plan(
        scenario, objective=objective, replications=_REPLICATIONS, seed=1, workers=1
    )
    profit = simulated(scenario, plan).shows["profit"].to_numpy()
    (choice,) = (one for one in plan.choices if one.name == "recommended")
    assert any(item.purchase for item in plan.items)
    assert choice.profit.mean == pytest.approx(profit.mean())
    assert choice.loss.chance == pytest.approx((profit < 0).mean())


def test_levels_close_in_on_what_would_do_and_on_what_a_minimum_order_comes_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both far apart, levels were laid over all between them again and again, for ever."""
    show = livesim.load(
        "{like: brand_room, title: Few, viewers: 1_000, show: {start: 2026-11-29 20:00, length: "
        "20min, currency: CNY}, supply: {minimum_order: 200}, products: {serum: {price: 299, "
        "unit_cost: 80, owned: 2, orders_per_1000: 20}}}\n"
    )
    looked: list[object] = []

    def counted(*args: Any, **options: Any) -> Curves:
        looked.append(args)
        assert len(looked) < 6, "levels come no closer"
        return refined(*args, **options)

    monkeypatch.setattr(planning_module, "refined", counted)
    found = livesim.plan(show, objective="service=90%", replications=100, workers=1)
    assert looked and found.items[0].recommended == 202
