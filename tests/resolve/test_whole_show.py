"""What the whole show takes is shared out over its products, against shares worked out by hand."""

from __future__ import annotations

import pytest

from livesim.errors import ScenarioError
from livesim.model.expectation import expect
from livesim.resolve import resolve
from livesim.resolve.evidence import told_by
from livesim.resolve.inputs import inputs_of
from livesim.scenario.document import parse_document

SHOW = """
like: brand_room
title: A show of which the whole is known
show: {length: 1h, currency: USD, views_per_viewer: 2}
viewers: 4_000
WHOLE
products:
  pen: {price: 10, unit_cost: 2, quantity: {1: 100%}A}
  pot: {price: 40, unit_cost: 9, quantity: {2: 100%}B}
"""
#: What is told, of pen, of pot → orders of pen and of pot, by hand. A pot's order has two units.
BY_HAND = {
    # Each product the same value: 10 · 80 = 80 · 10.
    "the same value": ("orders: 90", "", "", (80, 10)),
    "by weight": ("orders: 90", ", weight: 2", ", weight: 1", (60, 30)),
    # 80 pens in 80 orders, 20 pots in 10.
    "units": ("units: 100", "", "", (80, 10)),
    "units by weight": ("units: 100", ", weight: 2", ", weight: 1", (50, 25)),
    # 8,000 views · 0.2 = 1,600 = 80 · 10 + 10 · 80.
    "value": ("gpm: 200", "", "", (80, 10)),
    "value by weight": ("gpm: 200", ", weight: 2", ", weight: 1", (32, 16)),
    # 20 and 5 of 1,000 viewers, 4,000 in all.
    "of each product": ("", ", units_per_1000: 20", ", units_per_1000: 5", (80, 10)),
}


def text_of(whole: str, pen: str = "", pot: str = "") -> str:
    return SHOW.replace("WHOLE", whole).replace("A}", f"{pen}}}").replace("B}", f"{pot}}}")


@pytest.mark.parametrize("case", BY_HAND)
def test_shares_by_hand(case: str) -> None:
    whole, pen, pot, orders = BY_HAND[case]
    resolution = resolve(parse_document(text_of(whole, pen, pot)))
    found = expect(inputs_of(resolution.scenario)).orders
    assert (found["pen"], found["pot"]) == pytest.approx(orders, rel=2e-3)
    assert told_by(resolution, "pot") == (whole.partition(":")[0] or "units_per_1000")


def test_only_what_is_resolved_is_kept() -> None:
    data = resolve(parse_document(text_of("orders: 90"))).scenario.to_data()
    assert "orders" not in data and "weight" not in data["products"]["pen"]


@pytest.mark.parametrize(
    ("whole", "pen", "what"),
    [
        ("orders: 90", ", forecast: 20", "forecast is told here, and orders of the whole show"),
        ("orders: 90\nunits: 100", "", "orders and units of the whole show are told together"),
        ("orders: 90", ", weight: 2", "pen has a weight, and pot has none"),
        ("", ", weight: 2", "nothing says what that is"),
        ("orders: 60-120", "", "an error that all products share"),
        ("orders: 9k", "", "orders would take"),
    ],
)
def test_what_cannot_be_shared_out_is_refused(whole: str, pen: str, what: str) -> None:
    with pytest.raises(ScenarioError, match=what):
        resolve(parse_document(text_of(whole, pen)))
