"""A brand's five products: a price break, a set of two of them, and left-overs by week."""

from __future__ import annotations

import numpy as np
import pytest

import livesim
from livesim.planning.recommendation import Plan
from livesim.resolve import resolve
from livesim.scenario.document import parse_document

pytestmark = pytest.mark.slow
BRAND = """
like: brand_room
title: Five products
show: {start: 2026-11-29 20:00, length: 20min, refresh: 20s, currency: USD}
viewers: 3_000
products:
  serum: {price: 31, unit_cost: 9, owned: 5, orders_per_1000: 5,
          left_over: {per_week: 4, price: 12, weeks: 3, then: 1},
          supply: {price_breaks: {30: 7.50}}}
  mask: {price: 23, unit_cost: 8, left_over_value: 2, owned: 5, orders_per_1000: 3}
  cleanser: {price: 18, unit_cost: 5, left_over_value: 3, owned: 60, orders_per_1000: 2}
  tint: {price: 14, unit_cost: 3, left_over_value: 2, orders_per_1000: 3,
         variants: {rose: {share: 60%, owned: 4}, nude: {share: 40%, owned: 2}}}
  duo: {price: 45, orders_per_1000: 5, contains: {serum: 1, mask: 1}}
supply: {budget: 600}
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return livesim.plan(resolve(parse_document(BRAND)).scenario, replications=50, workers=1)


def test_a_set_is_bought_as_what_it_contains(plan: Plan) -> None:
    items = {item.name: item for item in plan.items}
    assert [*items] == ["serum", "mask", "cleanser", "tint.rose", "tint.nude"]
    assert items["serum"].purchase > 0 and items["mask"].purchase > 0
    assert items["cleanser"].purchase == 0  # enough is owned
    assert sum(item.cost for item in plan.items) <= 600


def test_its_price_break_is_found_and_paid(plan: Plan) -> None:
    serum = plan.items[0]
    assert serum.purchase >= 30
    assert serum.cost == serum.purchase * 7.50


def test_what_is_left_sells_on_by_week(plan: Plan) -> None:
    """Four a week at 12, at most twelve, and 1 for each of the others; a unit costs 7.50."""
    curve, have = plan.curves.curves[0], plan.decision.units[0]
    left = sum(curve.at(name, have) for name in ("left_over", "cancelled", "returned"))
    weeks = plan.curves.weeks_left(curve, have)
    np.testing.assert_allclose(weeks, np.where(left <= 12, left / 4, np.inf))
    top = int(curve.levels[-1])
    assert (curve.at("left_over", top - 1) >= 12).all()
    one_more = curve.at("profit", top) - curve.at("profit", top - 1)
    np.testing.assert_allclose(one_more, 1 - 7.50)
    assert "serum" in str(plan).partition("Shows with more left than sells on in time:")[2]
