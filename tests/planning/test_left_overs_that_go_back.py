"""Who carries left-overs: the planner, or a supplier who buys some back or is paid by sales."""

from __future__ import annotations

import numpy as np
import pytest

import livesim
from livesim.errors import ScenarioError
from livesim.planning.deciding import decide, purchase_cost
from livesim.planning.limits import NothingLimits
from livesim.planning.objectives import MostProfit
from livesim.planning.without_show import without_show
from livesim.report.pages import plain
from livesim.report.views import full
from livesim.resolve import resolve
from livesim.scenario.document import parse_document

SHOW = """
like: brand_room
title: Some go back
show: {length: 20min, refresh: 30s, currency: USD}
viewers: 400
products:
  serum:
    {price: 30, unit_cost: 12, owned: 60, left_over_value: 1, forecast: 20, supply: {buy_back:
    {price: 8.00, up_to: 30%}}}
  cream:
    {price: 30, unit_cost: 12, owned: 60, left_over_value: 1, forecast: 20, supply: {consignment:
    true}}
"""


@pytest.fixture(scope="module")
def scenario():
    return resolve(parse_document(SHOW)).scenario


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["cohort", "agent"])
def test_both_engines_settle_what_goes_back(scenario, engine: str) -> None:
    result = livesim.simulate(scenario, replications=50, engine=engine, workers=1)
    serum, cream = (
        result.products[result.products["product"] == name] for name in ("serum", "cream")
    )
    unsold = serum["left_over"] + serum["cancelled"]
    back = np.minimum(unsold, 18)  # 30 % of 60
    by_hand = 8 * back + (unsold - back) + serum["returned"]
    assert serum["left_over_value"].to_numpy() == pytest.approx(by_hand)
    by_hand = 12 * (cream["left_over"] + cream["cancelled"]) + cream["returned"]
    assert cream["left_over_value"].to_numpy() == pytest.approx(by_hand)


EVEN = np.arange(1.0, 101.0)
#: Buy-back → units by hand. A unit too few costs 60; too many 30, or what is said below.
DECIDED = {
    "none goes back": ({}, 67),  # 60 / (60 + 30)
    "all at 30": ({"buy_back": {"price": 30}}, 86),  # 60 / (60 + 10)
    "nobody gives back for less": ({"buy_back": {"price": 5}}, 67),
    "on consignment": ({"consignment": True}, 100),
}


@pytest.mark.parametrize("case", DECIDED)
def test_what_goes_back_makes_more_worth_buying(known, case: str) -> None:
    supply, units = DECIDED[case]
    curves = known({"one": EVEN}, products={"one": {"supply": supply}}, supply={"budget": 10_000})
    decision = decide(curves, MostProfit())
    assert decision.units == (units,)
    said = [type(limit) for limit in decision.limits]
    assert said == ([NothingLimits] if units == 100 else [])
    assert all(limit.on_consignment for limit in decision.limits)


def test_a_share_that_goes_back_is_of_what_is_bought(known) -> None:
    """All numbers from 0 to 120 are tried: so many at 30, of a fifth of them, the others at 10."""
    terms = {"buy_back": {"price": 30, "up_to": "20%"}}
    curves = known({"one": EVEN}, products={"one": {"supply": terms}})
    bought = np.arange(121)
    left = np.maximum(bought - EVEN[:, None], 0)
    back = np.minimum(left, bought // 5)
    profit = 100 * (bought - left) - 40 * bought + 30 * back + 10 * (left - back)
    assert decide(curves, MostProfit()).units == (int(profit.mean(axis=0).argmax()),)


def test_consignment_takes_nothing_of_the_budget(known) -> None:
    products = {"paid": {}, "lent": {"supply": {"consignment": True}}}
    curves = known(
        {"paid": EVEN, "lent": EVEN}, products=products, supply={"budget": 800, "pack": 10}
    )
    decision = decide(curves, MostProfit())
    assert decision.units == (20, 100)
    assert purchase_cost(curves, decision.units) == 800


@pytest.mark.parametrize("worth", [10, "kept"])
def test_on_consignment_nobody_pays_for_what_is_not_sold(known, worth: object) -> None:
    """20 are on hand, lent as those that are had besides: each sold brings 100 less 40, no other.

    So many units as are left go back, whatever a left-over would be worth.
    """
    lent = {"supply": {"consignment": True}, "owned": 20, "left_over_value": worth}
    curves = known({"one": EVEN}, products={"one": lent})
    for have in (20, 50):
        sold = np.minimum(EVEN, have)
        assert curves.profit((have,)) == pytest.approx(60 * sold)
        assert curves.given_back(curves.curves[0], have) == pytest.approx(have - sold)
        assert purchase_cost(curves, (have,)) == 0
    assert without_show(curves).profit == 0


def test_as_many_are_lent_as_would_be_bought_if_all_went_back_at_cost(known) -> None:
    """In 30 of 100 shows 20 are wanted, in one more 900: no reason to have 900, lent or not."""
    demand = np.zeros(100)
    demand[:31] = [900, *[20] * 30]
    units = [
        decide(
            known({"one": demand}, products={"one": {"supply": supply}}, levels=range(0, 901, 10)),
            MostProfit(),
        ).units
        for supply in ({"consignment": True}, {"buy_back": {"price": 40}})
    ]
    assert units[0] == units[1] and 20 <= units[0][0] < 900


def test_what_is_lent_is_no_stock_that_is_owned(scenario) -> None:
    """60 serums at 12 are, and 60 creams are not."""
    plan = livesim.plan(scenario, replications=50, workers=1)
    said = " ".join(plain(full(plan)).split())
    assert "USD 720 of costs are for stock you own" in said


def test_a_plan_says_what_goes_back(scenario) -> None:
    poor = scenario.with_changes({f"products.{name}.owned": 0 for name in ("serum", "cream")})
    plan = livesim.plan(poor, replications=50, workers=1)
    said = " ".join(plain(full(plan)).split())
    assert "serum: bought back at USD 8;" in said
    assert "cream: on consignment, paid for as it sells;" in said
    assert "Most of it goes back, so ask if so many are lent: cream." in said
    assert "Not bought, as not significant at 95 %: " in said and "a budget" not in said
    assert "cream: buying" in said and "Left-overs cost nothing: only what is sure" in said
    cream = plan.document()["products"]["cream"]
    assert cream["cost"] == 0 and cream["goes_back"]["mean"] > 0
    assert "goes_back" in plan.document()["products"]["serum"]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("price: 8.00", "price: 13", "13 is paid for what goes back, and a unit costs 12"),
        (
            "{buy_back:",
            "{price_breaks: {100: 7}, buy_back:",
            "8 is paid for what goes back, and a unit costs 7",
        ),
        ("{consignment:", "{price_breaks: {100: 7}, consignment:", "unit_cost each"),
        ("{buy_back:", "{consignment: true, buy_back:", "unit_cost each"),
        (
            "{consignment:\n    true}",
            "{pack: 1}, variants: {a: {share: 100%, supply: {consignment: true}}}",
            "all variants of a product alike",
        ),
        ("up_to: 30%", "up_to: 130%", "up_to"),
    ],
)
def test_what_cannot_be_is_refused(old: str, new: str, what: str) -> None:
    assert old in SHOW
    with pytest.raises(ScenarioError, match=what):
        resolve(parse_document(SHOW.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("pays", "ordered", "what"),
    [
        (10, "2026-11-10 09:00", ""),  # the far one comes three weeks after the show
        (10, "2026-10-10 09:00", "10 is paid for what goes back, and a unit costs 9 from far"),
        (13, "2026-11-10 09:00", "13 is paid for what goes back, and a unit costs 12.5 from near"),
        (8, "2026-10-10 09:00", ""),
    ],
)
def test_what_goes_back_is_held_against_who_delivers_in_time(
    pays: float, ordered: str, what: str
) -> None:
    room = livesim.load("scenarios/brand_room.yaml", {"show.start": "2026-11-29 20:00"})
    suppliers = {
        "near": {"unit_cost": 14, "price_breaks": {"200": 12.5}, "lead_time": "5d"},
        "far": {"unit_cost": 9, "lead_time": "40d"},
    }
    changes = {
        "supply.ordered": ordered,
        "products.serum.supply": {"suppliers": suppliers, "buy_back": {"price": pays}},
    }
    if not what:
        room.with_changes(changes)
        return
    with pytest.raises(ScenarioError, match=what):
        room.with_changes(changes)


def test_what_goes_back_is_held_against_the_breaks_of_variants_too() -> None:
    room = livesim.load("scenarios/brand_room.yaml")
    variants = {
        "small": {"share": "50%", "supply": {"price_breaks": {"100": 70}}},
        "large": {"share": "50%"},
    }
    serum = {"products.serum.variants": variants, "products.serum.supply.buy_back.price": 75}
    with pytest.raises(ScenarioError, match="a unit costs 70"):
        room.with_changes(serum)
