"""Several suppliers with prices, minimum orders and lead times of their own, by hand."""

from __future__ import annotations

import itertools
import textwrap

import numpy as np
import pytest

import livesim
from livesim.errors import ScenarioError
from livesim.planning.deciding import decide
from livesim.planning.items import items_of
from livesim.planning.lots import lots
from livesim.planning.objectives import MostProfit, Service
from livesim.report.pages import plain
from livesim.report.views import full
from livesim.resolve import purchases, resolve
from livesim.resolve.words import money
from livesim.scenario.document import parse_document
from livesim.scenario.parts import Whole

#: Each number of units from 1 to 100 is wanted once in a hundred shows, at a price of 100.
EVEN = np.arange(1.0, 101.0)
NEAR = {"unit_cost": 40, "lead_time": "4d"}
FAR = {"unit_cost": 30, "minimum_order": 50, "lead_time": "35d"}
DEAR = {"unit_cost": 55, "lead_time": "1d"}
#: Suppliers, days before the show at which it is ordered → units, who sells them, their cost, by
#: the critical ratio (100 - cost) / (100 - 10): unit u pays as long as 101 - u in 100 want it.
BY_HAND = {
    "one": ({"near": NEAR}, 10, 67, "near", 67 * 40),
    "the cheapest": ({"near": NEAR, "far": FAR}, 40, 78, "far", 78 * 30),
    "that is in time": ({"near": NEAR, "far": FAR}, 10, 67, "near", 67 * 40),
    "or nearly too late": ({"near": NEAR, "far": FAR, "dear": DEAR}, 2, 50, "dear", 50 * 55),
    "not worth its minimum order": (
        {"near": NEAR, "far": FAR | {"minimum_order": 100, "unit_cost": 39}},
        *(40, 67, "near", 67 * 40),
    ),
    "with a price break": (
        {"near": NEAR, "far": FAR | {"unit_cost": 45, "price_breaks": {"70": 30}}},
        *(40, 78, "far", 78 * 30),
    ),
    "too late": ({"near": NEAR, "far": FAR}, 3, 0, None, 0),
}


def supply_of(days: int) -> dict[str, str]:
    return {"ordered": f"{np.datetime64('2026-11-29T20:00') - np.timedelta64(days, 'D')}"}


def curves_of(known, suppliers, days: int):
    products = {"one": {"supply": {"suppliers": suppliers}}}
    return known({"one": EVEN}, products=products, supply=supply_of(days))


@pytest.mark.parametrize("case", BY_HAND)
def test_who_sells_how_many_by_hand(known, case: str) -> None:
    suppliers, days, units, name, cost = BY_HAND[case]
    curves = curves_of(known, suppliers, days)
    item = curves.items[0]
    decision = decide(curves, MostProfit())
    assert decision.units == (units,)
    assert float(item.cost(units)) == pytest.approx(cost)
    source = item.source(units)
    assert (source and source.name) == name
    if name is None:
        assert decide(curves, Service(0.9)).units == (0,)
        assert lots(curves, (0,)) == ()


#: What a purchase of u units comes to, over demands of 1 to 100, each once in a hundred shows: of d
#: wanted min(d, u) are sold at 100, and what is left is worth 10. So many are sold on average:
#: (1 + … + u + (100 - u) u) / 100 = u (201 - u) / 200. Suppliers, days before the show → units,
#: sold, left, cost and profit.
#:
#: | ordered at                    | u  | sold         | left  | cost      | profit             |
#: |-------------------------------|----|--------------|-------|-----------|--------------------|
#: | near, at 40 a unit            | 67 | 67 · 134 / 2 | 22.11 | 67 · 40   | 4,489 + 221.1 less |
#: | far, at 30 from 50 units on   | 78 | 78 · 123 / 2 | 30.03 | 78 · 30   | 4,797 + 300.3 less |
#: | dear, in a day, at 55 a unit  | 50 | 50 · 151 / 2 | 12.25 | 50 · 55   | 3,775 + 122.5 less |
#: | far, at 39 from 100 on: worse | 67 | 50.5 of 100  |       | 100 · 39  | 1,645 < 2,030.1    |
LEDGER = {
    "the cheapest": (78, 47.97, 30.03, 2_340, 2_757.3),
    "that is in time": (67, 44.89, 22.11, 2_680, 2_030.1),
    "or nearly too late": (50, 37.75, 12.25, 2_750, 1_147.5),
    "not worth its minimum order": (67, 44.89, 22.11, 2_680, 2_030.1),
}


def earned_by_hand(known, case: str) -> None:
    suppliers, days, *_ = BY_HAND[case]
    units, sold, left, cost, profit = LEDGER[case]
    curves = curves_of(known, suppliers, days)
    (curve,), decision = curves.curves, decide(curves, MostProfit())
    assert decision.units == (units,)
    at = int(np.searchsorted(curve.levels, units))
    figures = {name: curve.figures[name][:, at].mean() for name in ("sales", "left_over", "profit")}
    assert figures == pytest.approx({"sales": sold, "left_over": left, "profit": profit})
    assert float(curve.item.cost(units)) == cost
    assert profit == pytest.approx(100 * sold + 10 * left - cost)


@pytest.mark.parametrize("case", LEDGER)
def test_what_suppliers_make_of_a_show_by_hand(known, case: str) -> None:
    earned_by_hand(known, case)


@pytest.mark.parametrize(
    ("case", "broken", "wrong"),
    [
        ("that is in time", "in_time", lambda self, lead_time: True),
        ("the cheapest", "in_time", lambda self, lead_time: lead_time < 30 * 86_400),
    ],
)
def test_a_wrong_supplier_is_caught(known, monkeypatch, case: str, broken: str, wrong) -> None:
    monkeypatch.setattr(Whole, broken, wrong)
    with pytest.raises(AssertionError):
        earned_by_hand(known, case)


def test_a_supplier_without_its_minimum_is_caught(known, monkeypatch) -> None:
    monkeypatch.setattr(purchases, "_cheapest", lambda sources: ((1, 39.0),))
    with pytest.raises(AssertionError):
        earned_by_hand(known, "not worth its minimum order")


def test_a_lead_time_that_all_share_counts_back_from_the_show(known) -> None:
    for days, units in ((15, 67), (14, 67), (13, 0)):
        supply = supply_of(days) | {"lead_time": "14d"}
        assert decide(known({"one": EVEN}, supply=supply), MostProfit()).units == (units,)
    mine = {"one": {"supply": {"lead_time": "2d"}}}  # it wins
    curves = known({"one": EVEN}, products=mine, supply=supply)
    assert decide(curves, MostProfit()).units == (67,)


def test_no_purchase_within_a_budget_is_better(known) -> None:
    """All purchases of two items are tried: 20 ways to draw suppliers and budgets."""
    rng = np.random.default_rng(5)
    demand = {name: np.round(rng.gamma(2.0, 8.0, 100)) for name in ("a", "b")}
    for _ in range(20):
        products = {}
        for name in demand:
            near = {"unit_cost": int(rng.integers(30, 70))}
            far = {
                "unit_cost": int(rng.integers(20, 60)),
                "minimum_order": int(rng.integers(5, 40)),
            }
            products[name] = {"supply": {"suppliers": {"near": near, "far": far}}}
        budget = int(rng.integers(300, 2500))
        curves = known(demand, products=products, supply={"budget": budget})
        units = decide(curves, MostProfit()).units
        worth = [curve.figures["profit"].mean(axis=0) for curve in curves.curves]
        cost = [
            item.cost(curve.levels) for item, curve in zip(curves.items, curves.curves, strict=True)
        ]
        both = np.add.outer(*worth)
        best = both[np.add.outer(*cost) <= budget].max()
        found = both[units]
        assert found >= best - 0.005 * abs(best)


@pytest.mark.parametrize(("part", "units"), [("100%", 10), ("50%", 20), ("10%", 67), ("0%", 67)])
def test_a_budget_is_for_what_is_paid_before_the_show(known, part: str, units: int) -> None:
    """400 pay for ten units of 40, or for half of twenty; 67 are best if there is money."""
    curves = known({"one": EVEN}, supply={"budget": 400, "paid_before": part})
    decision = decide(curves, MostProfit())
    assert decision.units == (units,)
    assert bool(decision.limits) == (units < 67)
    served = decide(curves, Service(0.9))
    assert served.units == (91,) if part in ("10%", "0%") else served.units == (units,)


@pytest.mark.parametrize("part", ["100%", "50%", "20%"])
def test_the_budget_that_is_said_to_be_needed_is_enough(known, part: str) -> None:
    """67 of 40 are best, and take 2,680, or what is paid of that before the show."""

    def of(budget: float):
        return known({"one": EVEN}, supply={"budget": budget, "paid_before": part})

    (limit,) = decide(of(200), MostProfit()).limits
    (missed,) = decide(of(200), Service(0.9)).missed
    assert limit.needed == pytest.approx(2_680 * float(part[:-1]) / 100)
    assert decide(of(limit.needed), MostProfit()).units == (67,)
    assert decide(of(missed.needed), Service(0.9)).reached
    assert not decide(of(missed.needed - 1), Service(0.9)).reached


SHOW = """
like: brand_room
title: Two suppliers
show: {length: 20min, currency: USD, start: 2026-11-29 20:00}
viewers: 2_000
products:
  serum:
    {price: 90, unit_cost: 20, owned: 0, forecast: 80, supply: {suppliers: {near: {unit_cost: 30,
    lead_time: 4d}, far: {unit_cost: 18, minimum_order: 50, lead_time: 35d}}}}
supply: {ordered: 2026-11-20 12:00}
"""


def scenario_of(text: str = SHOW):
    return resolve(parse_document(text)).scenario


def test_a_plan_says_what_is_paid_before_the_show() -> None:
    text = SHOW.replace("supply: {ordered", "supply: {budget: 5k, paid_before: 25%, ordered")
    plan = livesim.plan(scenario_of(text), replications=50, workers=1)
    spent = plan.items[0].cost
    paid = money(spent / 4, "USD")
    said = f"for {money(spent, 'USD')}, {paid} of it before the show, of the budget of"
    assert said in " ".join(str(plan).split())


def test_a_plan_says_from_whom_and_by_when_and_who_is_too_late() -> None:
    plan = livesim.plan(scenario_of(), replications=50, workers=1)
    said = " ".join(plain(full(plan)).split())
    assert "Order by 2026-11-25 20:00: serum from near." in said
    assert "Comes too late for the show if ordered: serum from far." in said
    assert "serum: what is ordered from far comes by 2026-12-25 12:00: too late" in said
    bought = plan.items[0]
    assert bought.purchase > 0 and bought.cost == 30 * bought.purchase
    later = scenario_of(SHOW.replace("2026-11-20 12:00", "2026-10-20 12:00"))
    assert items_of(later)[0].breaks == ((1, 30.0), (50, 18.0))


def test_by_when_to_order_is_said_where_a_lead_time_is() -> None:
    """Without one it named the show's start; without a date of the order nobody knows if it is."""

    def said(serum: str, supply: str = "") -> str:
        text = f"""
            like: brand_room
            title: By when
            show: {{start: 2026-11-29 20:00, length: 20min, refresh: 30s, currency: USD}}
            viewers: 400
            products:
              serum: {{price: 40, unit_cost: 10, owned: 0, forecast: 60, supply: {serum}}}
            {supply}
        """
        plan = livesim.plan(scenario_of(textwrap.dedent(text)), replications=50, workers=1)
        return " ".join(plain(full(plan)).split())

    untimed = said("{suppliers: {near: {unit_cost: 9}}}")
    assert "Order serum from near." in untimed and "2026-11-29 20:00:" not in untimed
    late = said("{lead_time: 400d}")
    asked = "supply.ordered tells whether that is possible."
    assert f"Order by 2025-10-25 20:00: serum. {asked}" in late
    dated = said("{lead_time: 4d}", "supply: {ordered: 2026-11-01 09:00}")
    assert "Order by 2026-11-25 20:00: serum." in dated and asked not in dated


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("supply: {suppliers", "supply: {lead_time: 1d, suppliers", "a lead_time of its own"),
        (", start: 2026-11-29 20:00", "", "the show has none"),
        ("2026-11-20 12:00", "2026-11-30 12:00", "after the show has started"),
        ("{unit_cost: 30,", "{unit_cost: 30, price_breaks: {9: 31},", "not less than before"),
        ("forecast: 80,", "forecast: 80, variants: {a: {share: 100%}},", "bought one by one"),
    ],
)
def test_what_cannot_be_is_refused(old: str, new: str, what: str) -> None:
    with pytest.raises(ScenarioError, match=what):
        scenario_of(SHOW.replace(old, new))


def test_the_cost_of_every_purchase_is_that_of_the_cheapest_supplier(known) -> None:
    curves = curves_of(known, {"near": NEAR, "far": FAR, "dear": DEAR}, 40)
    item = curves.items[0]
    for units in itertools.chain(range(0, 100, 7), (49, 50, 51)):
        offers = [40 * units, 55 * units, *([30 * units] if units >= 50 else [])]
        assert float(item.cost(units)) == pytest.approx(min(offers))
