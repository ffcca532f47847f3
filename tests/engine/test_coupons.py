"""Coupons for first orders: by hand, against the clerk, and what they do to viewers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from clerk import Clerk, Order
from random_recordings import random_recording
from test_ledger import LAPSES, PAYS, SHOW, SIZES, figure, kept, kind

import livesim
from livesim.engine.ledger import validity
from livesim.engine.ledger.ledger import ledger
from livesim.engine.recorder import record_orders
from livesim.engine.recording import Recording
from livesim.engine.release_plan import UNLIMITED
from livesim.experiment import block_at
from livesim.experiment.block_at import BlockAt
from livesim.experiment.levels import Levels, Stocked
from livesim.model.inputs import CouponInputs, Inputs
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario


@pytest.fixture(scope="module")
def one(show_of: Callable[..., Scenario]) -> Inputs:
    """One replication of a show that sells one variant."""
    return inputs_of(show_of(SHOW), None, 1)


@pytest.fixture(scope="module")
def sizes(show_of: Callable[..., Scenario]) -> Inputs:
    """One replication of a show that sells two variants of one product."""
    return inputs_of(show_of(SHOW + SIZES), None, 1)


def test_the_first_three_orders_pay_a_fifth_less(one: Inputs) -> None:
    """The price falls from 10 to 8 with step 3; what is not paid is back after step 18.

    | step | orders           | 100 units: off | 4 units: taken, and off        |
    |------|------------------|----------------|--------------------------------|
    | 1    | 1 of 2           | 20 · 20 % = 4  | 2: 4                           |
    | 2    | 1 of 3, not paid | 30 · 20 % = 6  | 2: 20 · 20 % = 4, then 2 back  |
    | 3    | 2 of 1           | 8 · 20 % = 1.6 | none are left                  |
    | 20   | 1 of 1           | the fourth     | 1: 8 · 20 % = 1.6              |
    """
    orders = {1: {kind(2): 1}, 2: {kind(3, pays=False): 1}, 3: {PAYS: 2}, 20: {PAYS: 1}}
    inputs = replace(one, coupons=(CouponInputs(0, 0.2, 3),))
    found = kept(inputs, orders, [100, 4], prices={3: 8.0, 20: 8.0})
    assert figure(found, "orders") == [5, 3]
    assert figure(found, "coupons") == [3, 3]
    assert figure(found, "gmv") == pytest.approx([74 - 11.6, 48 - 9.6])
    assert figure(found, "paid_value") == pytest.approx([44 - 5.6, 28 - 5.6])
    without = kept(one, orders, [100, 4], prices={3: 8.0, 20: 8.0})
    assert figure(without, "gmv") == [74, 48] and "coupons" not in without.figures


def test_an_order_that_is_not_paid_has_used_its_coupon_up(one: Inputs) -> None:
    inputs = replace(one, coupons=(CouponInputs(0, 0.2, 1),))
    found = kept(inputs, {1: {LAPSES: 1}, 20: {PAYS: 1}}, [9])
    assert figure(found, "gmv") == [18] and figure(found, "paid_value") == [10]


class CouponClerk(Clerk):
    """Gives coupons to orders as they get units, one after the other."""

    def __init__(self, recording: Any, *args: Any) -> None:
        super().__init__(recording, *args)
        self.left = {one.product: one.first for one in self.inputs.coupons}
        self.had: Counter[int] = Counter()
        self.off: dict[int, float] = {}

    def serve(self, step: int, variant: int, single: int, order: Order) -> None:
        shelf = self.shelves[variant][single]
        before = shelf.claimed
        super().serve(step, variant, single, order)
        got, product = shelf.claimed - before, int(self.inputs.product_of[variant])
        for one in self.inputs.coupons:
            if one.product == product and got and self.left[product]:
                self.left[product] -= 1
                self.had[variant] += 1
                self.off[variant] = self.off.get(variant, 0.0) + one.off * order.price * got
                shelf.gmv -= one.off * order.price * got
                shelf.paid_value -= order.pays * one.off * order.price * got


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 20))]
)
def test_the_clerk_agrees(seed: int, sizes: Inputs) -> None:
    """With waves, reserves, rooms that have allotments, fake orders and changing prices."""
    random = np.random.default_rng(seed)
    recording = random_recording(sizes, random)
    plan = tuple(replace(one, backorder_units=0) for one in recording.plan)
    first = int(random.choice([1, 3, 10, 60]))
    inputs = replace(recording.inputs, supplies=plan, coupons=(CouponInputs(0, 0.25, first),))
    recording = replace(recording, inputs=inputs, plan=plan)
    levels = random.integers(0, 120, (2, 5))
    levels[:, 0], levels[:, 1] = 0, UNLIMITED
    found = ledger(recording, levels)
    for level in range(levels.shape[1]):
        clerk = CouponClerk(recording, 0, levels[:, level].tolist(), plan)
        clerk.work()
        for variant in range(2):
            assert found.figures["coupons"][0, variant, level] == clerk.had[variant]
            for name in ("gmv", "paid_value"):
                value = sum(getattr(shelf, name) for shelf in clerk.shelves[variant])
                assert found.figures[name][0, variant, level] == pytest.approx(value, abs=1e-9)


SHORT = "show: {length: 5min, refresh: 5s}\nrundown: {talk: {length: 5min, sells: [serum]}}\n"
PRODUCT = "products: {serum: {owned: 10_000, %s}}"


@pytest.fixture(scope="module")
def products(show_of: Callable[..., Scenario]) -> Callable[[str], Any]:
    """Return what 50 shows of a product come to that says so."""

    def found(says: str) -> Any:
        scenario = show_of(SHORT + PRODUCT % says)
        return livesim.simulate(scenario, replications=50, workers=1).outcome.products

    return found


def test_a_coupon_for_all_is_a_lower_price(products: Callable[[str], Any]) -> None:
    coupon = products("coupon: {off: 10%}, reference_price: 100")
    price = products("price: 90, reference_price: 100")
    assert (coupon["demand"] == price["demand"]).all()
    np.testing.assert_allclose(coupon["profit"], price["profit"])


def test_a_few_coupons_change_no_behaviour_but_by_a_lift_and_while_there_are_some(
    products: Callable[[str], Any],
) -> None:
    plain, few = products("price: 100"), products("coupon: {off: 10%, first: 20}")
    assert (few["demand"] == plain["demand"]).all()
    assert (few["coupons"][:, 0] == np.minimum(few["orders"][:, 0], 20)).all()
    np.testing.assert_allclose(plain["gmv"] - few["gmv"], 10.0 * few["coupons"])
    one, all_ = (
        products(f"coupon: {{off: 10%, first: {first}, lift: 3}}")["demand"].mean()
        for first in (1, 10_000)
    )
    usual = plain["demand"].mean()
    assert one < 1.2 * usual < 1.5 * usual < all_


@pytest.fixture(scope="module")
def drawn_by_coupons(show_of: Callable[..., Scenario]) -> Scenario:
    """A show whose first twenty orders have a coupon that makes more people order."""
    return show_of(SHOW).with_changes(
        {"products.serum.coupon": {"off": "10%", "first": 20, "lift": 1.5}}
    )


#: Of so few units no coupon runs out in any replication; of many they do in some.
UNITS = np.array([[4, 12, 19, 40, 400]])


def told_and_alone(scenario: Scenario) -> tuple[Levels, list[Levels]]:
    (told,) = BlockAt(scenario, 1, 0, 50).simulated([Stocked(UNITS)])
    each = [BlockAt(scenario, 1, 0, 50).simulated([Stocked(one)])[0] for one in UNITS.T[:, None]]
    return told, each


def as_if_simulated(scenario: Scenario) -> None:
    told, each = told_and_alone(scenario)
    assert np.isinf(told.exact_until).all()
    for level, alone in enumerate(each):
        for name, one in alone.figures.items():
            np.testing.assert_array_equal(told.figures[name][:, :, level], one[:, :, 0])
        for name in ("sold_out_at", "unavailable_at", "on_sale", "link_at", "viewers"):
            found, wanted = getattr(told, name), getattr(alone, name)
            np.testing.assert_array_equal(found[..., level], wanted[..., 0])


def test_stocks_with_which_coupons_last_are_told_from_one_show(
    drawn_by_coupons: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the bit as if each were simulated, which those are with which some run out."""
    as_if_simulated(drawn_by_coupons)
    lived = []

    def counted(inputs: Inputs, streams: Any, units: Any, **custom: Any) -> Recording:
        lived.append(units.tolist())
        return record_orders(inputs, streams, units, **custom)

    monkeypatch.setattr(block_at, "record_orders", counted)
    BlockAt(drawn_by_coupons, 1, 0, 50).simulated([Stocked(UNITS)])
    assert lived == [[4], [40], [400]]


def test_coupons_that_run_out_unseen_are_caught(
    drawn_by_coupons: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validity, "run_out_at", lambda part: part.until)
    with pytest.raises(AssertionError):
        as_if_simulated(drawn_by_coupons)
