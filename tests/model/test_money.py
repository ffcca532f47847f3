"""What units were worth, against accounts kept by hand."""

from __future__ import annotations

import numpy as np
import pytest

from livesim.model.inputs import DealInputs, TermsInputs
from livesim.model.money import show_money, unit_money
from livesim.resolve.terms import deal_of, terms_of
from livesim.scenario.scenario import Scenario

Changes = dict[str, object]

DEAL = {
    "slot_fee": 1_000,
    "commission": "20%",
    "platform_fee": "5%",
    "guest_fee": 700,
    "shipping": 6,
    "return_freight": 8,
    "guaranteed_volume": 0,
}
PRODUCT = {
    "price": 100,
    "unit_cost": 40,
    "left_over_value": 30,
    "returned_value": 25,
    "goodwill": 2,
}
#: 60 units sold at 100 and 20 at 90; 10 cancelled in time, 6 returned; 100 owned, 15 turned away.
UNITS = {
    "gmv": 10_000,
    "sales": 80,
    "cancelled": 10,
    "returned": 6,
    "left_over": 20,
    "lost": 15,
    "bought": 100,
    "shipped_orders": 56,
}
PAID_VALUE = 60 * 100.0 + 20 * 90.0


def parts(show, product: Changes | None = None, deal: Changes | None = None):
    changes = {f"deal.{key}": value for key, value in {**DEAL, **(deal or {})}.items()}
    changes |= {f"products.serum.{k}": v for k, v in {**PRODUCT, **(product or {})}.items()}
    scenario: Scenario = show(changes)
    return terms_of(scenario.products["serum"], scenario.deal, scenario.supply), deal_of(scenario)


def money_of(terms: TermsInputs, deal: DealInputs, units: Changes | None = None, **more: object):
    """Return the money of one replication by name."""
    arrays = {name: np.array([value]) for name, value in {**UNITS, **(units or {})}.items()}
    value = np.array([more.get("paid_value", PAID_VALUE)])
    found = unit_money(terms, deal, arrays, value)
    return {name: float(amount[0]) for name, amount in found.items()}


def test_every_cost_by_hand(show) -> None:
    money = money_of(*parts(show))
    by_hand = {
        "nmv": 7_800 * 64 / 80,  # 6,240: of 80 units, 64 stay with their buyers
        "cost_of_goods": 4_000,
        "commission": 1_248,
        "platform_fee": 312,
        "shipping": 336,
        "return_freight": 48,
        "goodwill": 30,
        "deposits_kept": 0,  # no presale
        "left_over_value": 30 * (20 + 10) + 25 * 6,  # 1,050: cancelled in time is as good as new
    }
    by_hand["profit"] = 6_240 + 1_050 - 4_000 - 1_248 - 312 - 336 - 48 - 30  # 1,316
    assert money == {name: pytest.approx(amount) for name, amount in by_hand.items()}
    assert money["profit"] == pytest.approx(1_316)


def test_a_returned_unit_is_worth_a_left_over_one_unless_said(show) -> None:
    money = money_of(*parts(show, {"returned_value": None}))
    assert money["left_over_value"] == pytest.approx(30 * 36)


def test_a_return_costs_its_freight_and_its_loss_of_value_a_cancellation_neither(show) -> None:
    terms, deal = parts(show)
    late = money_of(terms, deal, {"cancelled": 10, "returned": 7})
    early = money_of(terms, deal, {"cancelled": 11, "returned": 6})
    assert late["nmv"] == early["nmv"]
    assert early["profit"] - late["profit"] == pytest.approx(8 + 30 - 25)


def test_nothing_sold_is_worth_what_is_left(show) -> None:
    nothing = dict.fromkeys(UNITS, 0) | {"left_over": 100, "bought": 100}
    money = money_of(*parts(show), nothing, paid_value=0.0)
    assert money["nmv"] == 0
    assert money["profit"] == pytest.approx(100 * 30 - 100 * 40)


def test_replications_are_settled_each_for_itself(show) -> None:
    terms, deal = parts(show)
    units = {name: np.array([value, 0]) for name, value in UNITS.items()}
    both = unit_money(terms, deal, units, np.array([PAID_VALUE, 0.0]))
    assert both["profit"] == pytest.approx([1_316, 0])


def test_the_show_pays_its_guest_and_is_repaid_for_volume_that_was_guaranteed(show) -> None:
    """Of 200 units guaranteed 150 were sold: a quarter of both slot fees comes back."""
    _, deal = parts(show, deal={"guaranteed_volume": 200})
    one = {"gmv": 900.0, "nmv": 800.0, "deposits_kept": 0.0, "slot_fee": 1_000.0, "profit": 300.0}
    products = [{name: np.array([amount, amount]) for name, amount in one.items()}] * 2
    found = show_money(deal, products, np.array([150, 260]))
    assert found["gmv"].tolist() == [1_800, 1_800] and found["nmv"].tolist() == [1_600, 1_600]
    assert found["guest_fee"].tolist() == [700, 700]
    assert found["slot_fee_refund"].tolist() == [pytest.approx(500), 0]
    assert found["profit"].tolist() == [pytest.approx(600 - 700 + 500), pytest.approx(-100)]


def test_nothing_is_repaid_where_nothing_was_guaranteed(show) -> None:
    _, deal = parts(show)
    names = ("gmv", "nmv", "deposits_kept", "slot_fee", "profit")
    products = [{name: np.zeros(1) + 10 for name in names}]
    assert show_money(deal, products, np.zeros(1))["slot_fee_refund"].tolist() == [0]


def test_the_deposits_of_a_presale_stay_and_nobody_is_paid_for_them(show) -> None:
    """10 units at 100 were ordered and never paid for: at 15 %, 150 stay."""
    presale = {"presale": {"deposit": "15%", "balance_paid": "90%"}}
    ordered = {"gmv": PAID_VALUE + 10 * 100.0}
    money = money_of(*parts(show, presale), ordered)
    usual = money_of(*parts(show), ordered)
    assert (money["deposits_kept"], usual["deposits_kept"]) == (pytest.approx(150), 0)
    assert money["profit"] - usual["profit"] == pytest.approx(150)
    assert money["commission"] == usual["commission"]
