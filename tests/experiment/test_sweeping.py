"""A sweep is a comparison of many: a row a point, known differences, and where they cross."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.errors import Interrupted, ScenarioError, UsageError
from livesim.experiment import sweeping
from livesim.experiment.pairing import Difference
from livesim.experiment.sweeping import sweep
from livesim.experiment.swept import Crossing, Sweep, crossings
from livesim.results.intervals import mean_interval
from livesim.scenario.scenario import Scenario

FEE = "deal.guest_fee"


@pytest.fixture(scope="module")
def room(scenarios: Path) -> Scenario:
    short = {"show.length": "20min", "show.refresh": "10s"}
    return livesim.load(scenarios / "brand_room.yaml", short)


def swept(room: Scenario, over: dict[str, list[Any]], **options: Any) -> Sweep:
    return sweep(room, over, replications=100, workers=1, **options)


@pytest.fixture(scope="module")
def fees(room: Scenario) -> Sweep:
    half = room.with_changes({FEE: 500})
    return swept(room, {FEE: [0, 200, 400, 800]}, baseline=half)


@pytest.mark.slow
def test_every_combination_is_a_point(room: Scenario) -> None:
    found = swept(room, {FEE: [0, 10], "products.serum.owned": [5, "1k"]})
    assert [tuple(point.values.values()) for point in found.points] == [
        *((0, 5), (0, "1k"), (10, 5), (10, "1k"))
    ]
    table = found.table()
    assert list(table["products.serum.owned"]) == [5, "1k", 5, "1k"]
    assert table["serum.sold_out"][0] > table["serum.sold_out"][1]
    assert table["profit.difference"][2] == pytest.approx(-10)


@pytest.mark.slow
def test_figures_and_intervals_are_those_of_a_study(room: Scenario, fees: Sweep) -> None:
    shown = room.with_changes({FEE: 400})
    profit = livesim.simulate(shown, replications=100, workers=1).outcome.shows["profit"]
    mean, half_width = mean_interval(profit)
    row = fees.table().iloc[2]
    assert (row["profit"], row["profit.low"]) == pytest.approx((mean, mean - (half_width or 0)))
    assert {"gmv", "serum.demand.low", "mask.sold_out.difference.high"} <= set(fees.table())


def test_a_fee_crosses_a_fee(fees: Sweep) -> None:
    """The profit is the baseline's at the baseline's fee, without any error."""
    (found,) = fees.crossings()
    assert not found.rising
    assert (found.low, found.at, found.high) == pytest.approx((500, 500, 500))
    assert [one.value for one in fees.differences()] == pytest.approx([500, 300, 100, -300])


@pytest.mark.slow
def test_two_sweeps_are_paired_value_by_value(room: Scenario, fees: Sweep) -> None:
    more = swept(room, {FEE: [100, 300, 500, 900]})
    assert [one.value for one in fees.against(more)] == pytest.approx([100] * 4)
    with pytest.raises(UsageError, match="equally many"):
        fees.against(swept(room, {FEE: [0, 1]}))
    with pytest.raises(UsageError, match="one seed"):
        fees.against(swept(room, {FEE: [0, 1, 2, 3]}, seed=2))
    with pytest.raises(UsageError, match="median"):
        fees.against(more, "since_link", "serum")


def difference(value: float, error: float) -> Difference:
    return Difference(value, value - error, value + error, same=False)


def test_a_crossing_has_the_ends_of_the_band() -> None:
    falling = [difference(value, 2.0) for value in (6.0, 3.0, -3.0, -6.0)]
    (found,) = crossings([0, 1, 2, 3], falling)
    # the lower edge 4, 1, -5 is 0 at 1 + 1/6, the upper one 8, 5, -1 at 1 + 5/6
    assert (found.at, found.low, found.high) == pytest.approx((1.5, 1 + 1 / 6, 1 + 5 / 6))
    (open_ended,) = crossings([0, 1], [difference(-1, 2), difference(5, 2)])
    assert (open_ended.low, open_ended.high) == pytest.approx((None, 0.5))
    assert crossings([0, 1], falling[:2]) == ()


def test_a_touch_is_no_crossing_and_a_point_on_0_is_one() -> None:
    touching = [difference(value, 0) for value in (1.0, 0.0, 1.0)]
    assert crossings([0, 1, 2], touching) == ()
    through = [difference(value, 0) for value in (-1.0, 0.0, 1.0)]
    assert [found.at for found in crossings([0, 1, 2], through)] == [1.0]


def test_a_point_on_0_is_where_it_crosses_however_far_its_neighbours_are() -> None:
    """A sweep that holds the baseline's own value: there both are the same show, without error."""
    own = [difference(-6, 2), difference(0, 0), difference(3, 2)]
    assert crossings([0, 1, 2], own) == (Crossing(at=1.0, low=1.0, high=1.0, rising=True),)
    unsure = [difference(-6, 2), difference(0, 0), difference(3, 4)]
    assert crossings([0, 1, 2], unsure) == (Crossing(at=1.0, low=1.0, high=None, rising=True),)


def test_of_several_points_on_0_the_middle_is_where_it_crosses() -> None:
    level = [difference(value, abs(value) / 2) for value in (2.0, 0.0, 0.0, -5.0)]
    assert crossings([0, 1, 4, 6], level) == (Crossing(at=2.5, low=1.0, high=4.0, rising=False),)


@pytest.mark.slow
def test_the_axis_reads_the_notation_of_a_file(room: Scenario) -> None:
    unpaid = swept(room, {"checkout.unpaid": ["5%", 0.1, "20%"]})
    assert unpaid.axis == (0.05, 0.1, 0.2)
    timeout = swept(room, {"checkout.payment_timeout": ["30s", "2min"]})
    assert timeout.axis == (30, 120)


def test_prices_by_steps_are_those_that_can_be_paid_and_told_without_rounding(
    room: Scenario,
) -> None:
    with pytest.raises(ScenarioError, match="which has 2 decimals"):
        swept(room, {"products.serum.price": np.linspace(100, 300, 7)})
    found = swept(
        room, {"products.serum.price": np.array([99.1 + 0.1 + 0.1, *np.linspace(100, 300, 2)])}
    )
    assert [one.name.partition("=")[2] for one in found.points] == ["99.3", "100", "300"]
    assert "99.3 " in str(found) and "99.29" not in str(found)


def test_a_file_is_derived_anew_at_each_point(scenarios: Path) -> None:
    found = sweep(
        scenarios / "brand_room.yaml",
        {"viewers": [500, 2_000]},
        changes={"show.length": "20min", "show.refresh": "10s"},
        replications=100,
        workers=1,
    )
    viewers = found.table()["unique_viewers"]
    assert viewers[1] == pytest.approx(4 * viewers[0], rel=0.05)
    assert "Forecast error" in " ".join(found.comparison.notes[found.points[0].name])


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({}, "needs a path"),
        ({FEE: []}, "needs a path"),
        ({FEE: [5]}, "is a single value"),
        ({FEE: [5, 5]}, "stands twice"),
        ({"deal.guest_fe": [1, 2]}, "Did you mean guest_fee"),
    ],
)
def test_mistakes_are_told(room: Scenario, over: dict[str, list[Any]], said: str) -> None:
    with pytest.raises((UsageError, ScenarioError), match=said):
        swept(room, over)


@pytest.mark.slow
def test_an_alternative_is_picked_of_a_file_only(room: Scenario, scenarios: Path) -> None:
    over, two = {FEE: [0, 5]}, scenarios / "same_show_two_platforms.yaml"
    with pytest.raises(ScenarioError, match="describes 2 alternatives"):
        sweep(two, over)
    picked = "link_in_bio"
    found = sweep(two, over, alternative=picked, replications=100, workers=1)
    free = livesim.load(two, {FEE: 0}, alternative=picked)
    assert found.comparison.scenarios[found.points[0].name] == free
    with pytest.raises(UsageError, match="picked of a file"):
        swept(room, over, alternative=picked)


@pytest.mark.slow
def test_what_cannot_be_crossed_is_told(room: Scenario) -> None:
    with pytest.raises(UsageError, match="2 paths"):
        _ = swept(room, {FEE: [0, 1], "deal.shipping": [1, 2]}).axis
    with pytest.raises(UsageError, match="no number"):
        _ = swept(room, {"show.currency": ["CNY", "USD"]}).axis
    with pytest.raises(UsageError, match="do not rise"):
        swept(room, {FEE: [5, "5.0"]}).crossings()


@pytest.mark.slow
def test_values_cross_in_any_order(room: Scenario, fees: Sweep) -> None:
    base = room.with_changes({FEE: 500})
    backwards = swept(room, {FEE: [800, 0, 400, 200]}, baseline=base)
    assert backwards.crossings() == fees.crossings()


def test_an_interrupt_keeps_the_points(room: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sweeping.compare_with

    def interrupted(runner: Any, shows: Any, replications: int, *others: Any) -> None:
        raise Interrupted(whole(runner, shows, 100, *others))

    monkeypatch.setattr(sweeping, "compare_with", interrupted)
    with pytest.raises(Interrupted) as stop:
        sweep(room, {FEE: [0, 1]}, replications=1000, workers=1)
    assert np.isfinite(stop.value.answer.table()["profit"]).all()
