"""From a scenario and its draws to the model's arrays."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from livesim.errors import ScenarioError
from livesim.model.inputs import ReceiptInputs, ReserveInputs, SupplyInputs, WaveInputs
from livesim.resolve.drawn import no_show_path
from livesim.resolve.inputs import capped, inputs_of
from livesim.scenario.scenario import Scenario

Show = Callable[..., Scenario]


def test_a_plain_scenario_in_every_replication(show: Show) -> None:
    inputs = inputs_of(show(), replications=3)
    assert inputs.replications == 3 and inputs.refreshes == 600 and inputs.refresh == 1.0
    assert inputs.people == ("host", "kim", "lee") and inputs.products == ("serum", "tint")
    assert inputs.variants == ("serum", "pale", "dark")
    assert inputs.product_of.tolist() == [0, 1, 1]
    assert inputs.variant_share.tolist() == [1.0, 0.25, 0.75]
    np.testing.assert_array_equal(inputs.conversion, [[0.1, 0.04]] * 3)
    np.testing.assert_allclose(inputs.log_lift, np.log([[1, 1.5, 1.2]] * 3))
    np.testing.assert_array_equal(inputs.segments[0].fit, [[0, 0.5, -1]] * 3)
    np.testing.assert_array_equal(inputs.segments[0].reach, [1000] * 3)
    assert inputs.comes.all()


def test_what_is_drawn_replaces_the_likely_value_and_nothing_else(show: Show) -> None:
    paths = {
        "products.tint.conversion": [0.01, 0.02],
        "segments.fans.stay.long.mean": [50.0, 60.0],
        "segments.fans.stay_factor": [2.0, 3.0],
        "people.kim.fit.fans": [0.9, -0.9],
        "people.lee.late": [5.0, 0.0],
    }
    drawn = {path: np.array(values) for path, values in paths.items()}
    inputs, plain = inputs_of(show(), drawn, 2), inputs_of(show(), None, 2)
    np.testing.assert_array_equal(inputs.conversion, [[0.1, 0.01], [0.1, 0.02]])
    np.testing.assert_array_equal(inputs.segments[0].mean_stay, [[100], [180]])
    np.testing.assert_array_equal(inputs.segments[0].fit, [[0, 0.9, -1], [0, -0.9, -1]])
    np.testing.assert_array_equal(inputs.late, [[0, 0, 5], [0, 0, 0]])
    np.testing.assert_array_equal(inputs.rush, plain.rush)
    np.testing.assert_array_equal(inputs.segments[0].hazards, plain.segments[0].hazards)


def test_an_uncertain_quantity_that_is_not_drawn_takes_its_likely_value(show: Show) -> None:
    uncertain = show({"products.tint.conversion": {"p10": "1%", "likely": "3%", "p90": "20%"}})
    assert inputs_of(uncertain).conversion[0, 1] == pytest.approx(0.03)


def test_people_are_whole(show: Show) -> None:
    reach = {"segments.fans.reach": np.array([1000.4, 999.6])}
    np.testing.assert_array_equal(inputs_of(show(), reach, 2).segments[0].reach, [1000, 1000])


def test_the_pull_of_a_segment_replaces_the_general_one(show: Show) -> None:
    stars = show({"people.kim.pull": 2, "people.kim.pull_by_segment": {"fans": 5}})
    assert np.exp(inputs_of(stars).segments[0].log_pull).tolist() == [
        [1.0, pytest.approx(5.0), 1.0]
    ]
    drawn = {"people.kim.pull_by_segment.fans": np.array([4.0]), "people.kim.pull": np.array([9.0])}
    assert np.exp(inputs_of(stars, drawn).segments[0].log_pull[0, 1]) == pytest.approx(4)


def test_a_price_is_the_reference_unless_one_is_given(show: Show) -> None:
    assert inputs_of(show()).reference_price.tolist() == [100, 60]
    told = show({"products.serum.reference_price": 80})
    assert inputs_of(told).reference_price.tolist() == [80, 60]


def test_who_does_not_come(show: Show) -> None:
    drawn = {no_show_path("kim"): np.array([0.0, 1.0])}
    np.testing.assert_array_equal(inputs_of(show(), drawn, 2).comes[:, 1], [True, False])


def test_draws_in_which_more_than_everybody_would_order_are_refused(show: Show) -> None:
    drawn = {"products.serum.conversion": np.array([0.95, 0.97, 0.98])}
    with pytest.raises(ScenarioError, match=r"(?s)2 of 3 draws"):
        inputs_of(show(), drawn, 3)


def test_orders_are_counted_over_whole_refreshes(show: Show) -> None:
    for refresh, window, refreshes in (("1s", "60s", 60), ("5s", "1min", 12), ("60s", "20s", 1)):
        scenario = show({"show.refresh": refresh}, recommendation_window=window)
        assert inputs_of(scenario).segments[0].window == refreshes


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1, {1: 1.0}),
        (2, {1: 0.5, 2: 0.5}),
        (3, {1: 0.5, 2: 0.25, 3: 0.25}),
        (9, {1: 0.5, 2: 0.25, 3: 0.125, 12: 0.125}),
        (20, {1: 0.5, 2: 0.25, 3: 0.125, 12: 0.125}),
    ],
)
def test_a_limit_gathers_all_who_would_ask_for_more(limit: int, expected: dict[int, float]) -> None:
    shares = capped({"12": 0.125, "3": 0.125, "1": 0.5, "2": 0.25}, limit)
    assert shares == {min(units, limit): share for units, share in expected.items()}


def test_a_quantity_that_nobody_asks_for_is_no_kind() -> None:
    assert capped({"1": 1.0, "2": 0.0}, limit=5) == {1: 1.0}


def test_a_slot_makes_way_at_the_next_fixed_start_or_at_the_end(show: Show) -> None:
    changes = {
        "rundown.serum.start": "6min",
        "rundown.serum.on_stage": ["host", "kim"],
        "rundown.serum.waits_for": "kim",
        "rundown.serum.at_sell_out": "next",
        "rundown.serum.price": {"serum": 90},
        "rundown.talk.at_sell_out": "next",
    }
    inputs = inputs_of(show(changes))
    talk, both, serum = inputs.slots
    assert [slot.name for slot in inputs.slots] == ["talk", "both", "serum"]
    assert [slot.cutoff for slot in inputs.slots] == [360, 360, 600] and inputs.length == 600
    assert [slot.start for slot in inputs.slots] == [None, None, 360]
    assert (talk.sells, both.sells, serum.sells) == ((), (0, 1), (0,))
    assert both.cast.tolist() == [True] * 3 and serum.cast.tolist() == [True, True, False]
    assert serum.prices == ((0, 90),) and serum.waits_for == 1 and both.waits_for is None
    assert [slot.goes_on for slot in inputs.slots] == [False, False, True], "talk sells nothing"
    assert inputs.entry.tolist() == [0, 60, 60]


def test_how_units_come_on_sale(show: Show) -> None:
    changes = {
        "show.start": "2026-11-29 20:00",
        "products.serum.waves": {
            "first": {"share": "60%", "after": "0s"},
            "second": {"share": "40%", "after": "1min"},
        },
        "products.tint.arriving": {
            "early": {"units": 5, "on": "2026-11-29 19:00"},
            "truck": {"units": 30, "on": "2026-11-29 20:05"},
        },
        "products.tint.reserve": {"units": 20, "below": 10, "lead_time": "2min"},
        "products.tint.backorder": {"accept": "50%", "units": 7},
    }
    serum, tint = inputs_of(show(changes)).supplies
    waves = (WaveInputs("first", 0.6, 0), WaveInputs("second", 0.4, 60))
    assert serum == SupplyInputs(waves, (), (), 0)
    receipts = (ReceiptInputs("early", 5, 0), ReceiptInputs("truck", 30, 300))
    assert tint == SupplyInputs((), receipts, (ReserveInputs("reserve", 20, 10, 120),), 7)


def test_owned_units_are_split_by_what_orders_want(show: Show) -> None:
    assert inputs_of(show()).owned.tolist() == [100, 25, 75]


def test_what_an_order_is_and_when_it_lapses(show: Show) -> None:
    changes = {
        "products.serum.quantity": {"1": "70%", "2": "20%", "5": "10%"},
        "products.serum.limit": 2,
        "products.serum.fake_orders": {"share": "10%", "returned": "100%"},
        "products.tint.presale": {"deposit": "20%", "balance_paid": "90%"},
        "checkout.payment_timeout": "5min",
        "checkout.capacity": 2,
        "checkout.steps": {"open": "50%"},
    }
    inputs, plain = inputs_of(show(changes)), inputs_of(show())
    assert inputs.quantity[0] == pytest.approx({1: 0.7, 2: 0.3})
    assert inputs.timeout.tolist() == [300, math.inf]
    assert inputs.fakes.tolist() == [True, False] and not plain.fakes.any()
    assert (inputs.capacity, plain.capacity) == (2, math.inf)
    assert inputs.steps and not plain.steps


def test_what_the_screen_shows_and_whether_rooms_have_allotments(show: Show) -> None:
    seen = {"screen.claimed": True, "screen.on_hand": False}
    inputs = inputs_of(show(seen))
    assert inputs.shows_claimed and not inputs.shows_on_hand
    assert not inputs.allotted and not inputs.has_rooms


def test_the_terms(show: Show) -> None:
    changes = {
        "products.serum.left_over_value": 30,
        "products.serum.returned_value": None,
        "products.tint.returned_value": 5,
        "products.tint.presale": {"deposit": "20%", "balance_paid": "90%"},
        "deal.slot_fee": 900,
        "deal.guest_fee": 700,
        "deal.guaranteed_volume": 50,
    }
    inputs = inputs_of(show(changes))
    serum, tint = inputs.terms
    assert (serum.unit_cost, serum.returned_value, serum.deposit) == (40, 30, 0)
    assert (tint.unit_cost, tint.returned_value, tint.deposit) == (20, 5, 0.2)
    assert serum.slot_fee == tint.slot_fee == 900
    assert (inputs.deal.guest_fee, inputs.deal.guaranteed_volume) == (700, 50)
    assert inputs.deal.beside == {}
