"""What a show is held against: the same stock, and what pays to be bought and sold on without it.

A unit costs 40 and sells on at 70, ten a week for four weeks, 0.40 for each week that it lies; then
it is worth 10, and 1.60 have been paid for its four weeks. Five are owned.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.planning.without_show import without_show
from livesim.report.pages import plain
from livesim.report.views import full

DEMAND = np.tile(np.arange(1.0, 101.0), 2)
SELLS_ON = {"per_week": 10, "price": 70, "weeks": 4, "holding_cost": "1%", "then": 10}
#: Terms → units on hand without a show, and what they make, by hand.
BY_HAND: dict[str, tuple[dict[str, Any], dict[str, Any], int, float]] = {
    # 40 · 70, less 0.40 for 40² / (2 · 10) weeks, less 40 · 40
    "as many as sell on": ({"left_over": SELLS_ON}, {}, 40, 2_800 - 32 - 1_600),
    # 400 buys 10: 15 · 70 - 0.40 · 15² / 20 - 15 · 40
    "a budget": ({"left_over": SELLS_ON}, {"budget": 400}, 15, 1_050 - 4.5 - 600),
    # of 45 five are left, at 10 - 1.60; of 25 none: 1,750 - 12.50 - 1,000 is less
    "packs": ({"left_over": SELLS_ON}, {"pack": 20}, 45, 2_768 + 5 * 8.4 - 1_800),
    "dear enough to wait for the price break": (
        {"left_over": SELLS_ON, "unit_cost": {"1": 69.8, "30": 40}},
        {},
        40,
        2_800 - 0.01 * 69.8 * 80 - 5 * 69.8 - 35 * 40,
    ),
    # 0.1 m3 each, at 30 for one
    "storage has a price": (
        {"left_over": SELLS_ON, "volume": "100 l"},
        {"storage_price": 30},
        *(40, 2_800 - 32 - 1_600 - 40 * 3),
    ),
    # Of 2.6 m3 there is room for 26: 26 · 70 - 0.40 · 26² / 20 - 26 · 40
    "there is little room": (
        {"left_over": SELLS_ON, "volume": "100 l"},
        {"storage": "2.6 m3"},
        *(26, 1_820 - 13.52 - 1_040),
    ),
    "nothing sells on": ({"left_over_value": 10}, {}, 5, 5 * 10 - 5 * 40),
    "what is owned keeps its cost": ({"left_over_value": "kept"}, {}, 5, 0.0),
    "on consignment": ({"supply": {"consignment": True}}, {}, 5, 0.0),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_what_is_made_without_a_show_by_hand(known: Any, case: str) -> None:
    product, supply, units, profit = BY_HAND[case]
    told = {"left_over_value": 0, "owned": 5, **product}
    if "left_over" in product:
        del told["left_over_value"]
    curves = known({"one": DEMAND}, products={"one": told}, supply=supply)
    found = without_show(curves)
    assert found.units == (units,)
    assert found.profit == pytest.approx(profit, abs=1e-6)


def test_a_webshop_sells_without_a_show_too(known: Any) -> None:
    """It wants 8 at 90 while the show would run, and 40 more sell on: 720 + 2,768 - 48 · 40."""
    product = {"left_over": SELLS_ON, "owned": 5, "webshop": {"per_day": 192, "price": 90}}
    curves = known({"one": DEMAND}, products={"one": product})
    (curve,) = curves.curves
    had = np.minimum(8.0, curve.levels) + np.zeros((len(DEMAND), 1))
    figures = {**curve.figures, "webshop": had, "webshop_lost": 8.0 - had}
    found = without_show(replace(curves, curves=(replace(curve, figures=figures),)))
    assert found.units == (48,)
    assert found.profit == pytest.approx(720 + 2_768 - 48 * 40)


SHOW = """
like: brand_room
title: It sells on all the same
show: {start: 2026-11-29 20:00, length: 20min, refresh: 30s, currency: USD}
viewers: 400
products:
  serum: {price: 40, unit_cost: 10, owned: 20, forecast: 30,
          left_over: {per_week: 60, price: 35, weeks: 12, then: 4}}
  mask: {price: 20, unit_cost: 6, left_over_value: 2, owned: 20, forecast: 20}
"""


def test_a_plan_says_what_needs_no_show() -> None:
    """720 sell on, 700 of them bought: 720 · 25; and 20 masks lose 4 each."""
    plan = livesim.plan(livesim.load(SHOW), replications=100, workers=1)
    assert plan.without_show.profit == pytest.approx(720 * 25 - 20 * 4)
    said = " ".join(plain(full(plan)).split())
    assert "above no show, which makes 17,900" in said
    assert "without a show, 700 serum are bought to sell on" in said
