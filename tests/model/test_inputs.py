"""From a scenario and its draws to the model's arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from livesim.errors import ScenarioError
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
