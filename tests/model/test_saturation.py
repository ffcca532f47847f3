"""Orders at several factors on the odds: who decides may order only once, and decides sooner."""

from __future__ import annotations

import numpy as np
import pytest

import livesim
from livesim.model.expectation import expect
from livesim.model.saturation import expect_by_factor
from livesim.resolve.inputs import neutral_inputs
from livesim.resolve.past import FACTORS

ROOM = "scenarios/brand_room.yaml"
SINGLE = {
    "title": "A product",
    "show": {"start": "2026-11-29 20:00", "length": "30min", "refresh": "15s", "currency": "CNY"},
    "viewers": 20_000,
    "products": {"serum": {"price": 30, "unit_cost": 10, "orders_per_1000": 60}},
}


@pytest.mark.parametrize("show", ["brand_room", "viya_kim_perfume", "singles_day", "gala_rooms"])
def test_a_factor_of_one_changes_nothing(show: str) -> None:
    inputs = neutral_inputs(livesim.load(f"scenarios/{show}.yaml"))
    one, usual = expect_by_factor(inputs, np.ones(1)), expect(inputs)
    viewers = sum(usual.viewers.values())
    for name in inputs.products:
        for part in (0.1, 0.37, 1.0):
            moment = part * inputs.length
            wanted = usual.orders[name] * usual.decided_by(name, moment) / viewers
            assert one.until(name, moment).orders[0, 0] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("factor", [0.1, 3.0, 40.0])
def test_a_factor_is_another_conversion_and_another_rush(factor: float) -> None:
    """With one product: who orders at such odds is known, and decides so much the sooner."""
    room = livesim.load(SINGLE)
    serum = room.products["serum"]
    found = expect_by_factor(neutral_inputs(room), np.array([factor]))
    deciding = 1.0 - serum.conversion + factor * serum.conversion
    changes = {
        "conversion": factor * serum.conversion / deciding,
        "rush": f"{serum.rush / deciding}s",
    }
    other = room.with_changes({f"products.serum.{key}": to for key, to in changes.items()})
    wanted = expect(neutral_inputs(other))
    viewers = sum(wanted.viewers.values())
    for part in (0.1, 0.37, 1.0):
        moment = part * room.show.length
        orders = wanted.orders["serum"] * wanted.decided_by("serum", moment) / viewers
        assert found.until("serum", moment).orders[0, 0] == pytest.approx(orders, rel=1e-9)


def test_between_factors_that_were_worked_out_orders_are_right_to_within_a_percent() -> None:
    inputs = neutral_inputs(livesim.load(ROOM, {"products.serum.orders_per_1000": 60}))
    between = np.sqrt(FACTORS[1:] * FACTORS[:-1])
    few, told = (expect_by_factor(inputs, factors) for factors in (FACTORS, between))
    for moment in (600.0, 10_800.0):
        exact = told.until("serum", moment).orders[0]
        same = few.until("serum", moment).rows(np.zeros(len(between), dtype=np.intp))
        assert same.at(between) == pytest.approx(exact, rel=0.01)
        assert same.factor(same.at(between)) == pytest.approx(between, rel=1e-9)
