"""Who comes when, against integrals worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import quad

from livesim.errors import ScenarioError
from livesim.model.arrivals import arrival_chance, arrival_hazards, brought_hazard
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

Show = Callable[..., Scenario]

POINTS = {"points": {"4min": "30%", "1min": "30%", "9min": "100%"}}  # in any order

#: Each shape with its pace at a part x of the show, up to a factor.
SHAPES = {
    "flat": ({"shape": "flat"}, lambda x: 1.0),
    # half by a third of the time: y = e^(−r/3) solves 1 − y = (1 − y³) / 2, so y² + y = 1, and
    # 1 / y is the golden ratio
    "front_loaded": (
        {"shape": "front_loaded", "half_by": 1 / 3},
        lambda x: ((1 + math.sqrt(5)) / 2) ** (-3 * x),
    ),
    "s_curve": (
        {"shape": "s_curve", "middle": "30%", "spread": "8%"},
        lambda x: math.exp(-(x - 0.3) / 0.08) / (1 + math.exp(-(x - 0.3) / 0.08)) ** 2,
    ),
    "points": (
        {"shape": "points", **POINTS},
        lambda x: 3.0 if x < 0.1 else 0.0 if x < 0.4 else 1.4 if x < 0.9 else 0.0,
    ),
}


def come_by(scenario: Scenario, pull: float = 1.0, segment: int = 0) -> np.ndarray:
    """Return the chance to have come by each refresh."""
    hazards = inputs_of(scenario).segments[segment].hazards[:, 0]
    return -np.expm1(-np.cumsum(hazards * pull))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("waiting", [0.0, 0.25])
def test_a_profile_is_the_integral_of_its_pace(show: Show, shape: str, waiting: float) -> None:
    arrivals, pace = SHAPES[shape]
    come = come_by(show(arrivals=arrivals, waiting=waiting))
    breaks = [0.1, 0.4, 0.9]
    total = quad(pace, 0, 1, points=breaks)[0]
    for k in (0, 30, 60, 61, 150, 240, 300, 540, 599, 600):
        part = quad(pace, 0, k / 600, points=[b for b in breaks if b < k / 600])[0] / total
        assert come[k] == pytest.approx(0.2 * (waiting + (1 - waiting) * part), abs=1e-9)


@pytest.mark.parametrize("half_by", [0.001, 0.05, 0.2, 0.49, 0.5])
def test_half_of_those_who_do_not_wait_have_come_by_half_by(show: Show, half_by: float) -> None:
    come = come_by(
        show(arrivals={"shape": "front_loaded", "half_by": half_by}, waiting=0.1, turnout=0.2)
    )
    assert come[round(600 * half_by)] == pytest.approx(0.2 * (0.1 + 0.9 * _half(half_by)), rel=1e-6)


def _half(half_by: float) -> float:
    """Return ½, or what has come by the refresh nearest to so early a moment."""
    if half_by * 600 == round(half_by * 600):
        return 0.5
    rate = math.log(2) / half_by  # e^(−1/half_by) is nothing beside 1
    return -math.expm1(-rate * round(600 * half_by) / 600)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("refresh", ["1s", "5s", "60s"])
def test_turnout_keeps_its_meaning_at_any_refresh(show: Show, shape: str, refresh: str) -> None:
    coarse = show({"show.refresh": refresh}, arrivals=SHAPES[shape][0], waiting=0.03)
    step = round(coarse.show.refresh)
    fine = come_by(show(arrivals=SHAPES[shape][0], waiting=0.03))
    assert come_by(coarse)[-1] == pytest.approx(0.2, rel=1e-12)
    np.testing.assert_allclose(come_by(coarse), fine[::step], rtol=1e-12)


@pytest.mark.parametrize("pull", [0.5, 2.0, 10.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_constant_pull_of_m_brings_1_minus_the_mth_power(
    show: Show, shape: str, pull: float
) -> None:
    come = come_by(show(arrivals=SHAPES[shape][0]), pull)
    assert come[-1] == pytest.approx(1 - 0.8**pull, rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_everybody_comes_at_turnout_1_and_nobody_at_0(show: Show, shape: str) -> None:
    everybody = come_by(show(arrivals=SHAPES[shape][0], turnout="100%", waiting=0.3))
    assert everybody[-1] == 1.0 and everybody[0] == pytest.approx(0.3, rel=1e-12)
    assert (come_by(show(arrivals=SHAPES[shape][0], turnout="0%", waiting=0.3)) == 0).all()


def test_all_who_come_can_wait(show: Show) -> None:
    come = come_by(show(waiting="100%"))
    np.testing.assert_allclose(come, 0.2, rtol=1e-12)


def test_the_profile_of_who_comes_for_a_guest_counts_from_the_announced_entry(show: Show) -> None:
    come = come_by(show(comes_for="kim", waiting="10%"))
    assert not come[:60].any(), "nobody comes before the entry"
    assert come[60] == pytest.approx(0.02, rel=1e-12), "who waits is there when it begins"
    assert come[60 + 270] == pytest.approx(0.2 * (0.1 + 0.9 / 2), rel=1e-12)
    assert come[-1] == pytest.approx(0.2, rel=1e-12)


def test_nobody_comes_for_a_person_who_is_in_no_slot(show: Show) -> None:
    """A host needs no slot, unlike a guest; who is not announced is not come for."""
    absent = show({"rundown.talk.on_stage": [], "rundown.serum.on_stage": []})
    absent = absent.with_changes(
        {"rundown.both.on_stage": ["kim", "lee"], "segments.fans.comes_for": "host"}
    )
    assert not come_by(absent).any()


@pytest.mark.slow
def test_no_profile_runs_backwards(show: Show) -> None:
    """Rounding must not make a chance negative, which no binomial draw would take."""
    random = np.random.default_rng(3)
    for _ in range(60):
        early, middle = random.uniform(0.001, 0.5), random.random()
        spread = math.exp(random.uniform(-6, 0))
        for arrivals in (
            {"shape": "front_loaded", "half_by": early},
            {"shape": "s_curve", "middle": middle, "spread": spread},
        ):
            scenario = show(arrivals=arrivals, waiting=random.random() / 2)
            assert (inputs_of(scenario).segments[0].hazards >= 0).all()


def test_hazards_where_nobody_is_left_to_come_are_nothing() -> None:
    profile = np.array([[0.0], [1.0], [1.0]])
    hazards = arrival_hazards(np.array([1.0]), profile)[:, 0]
    np.testing.assert_array_equal(-np.expm1(-hazards), [0.0, 1.0, 0.0])


def test_what_is_brought_adds_to_the_urge_to_come_and_is_not_pulled() -> None:
    chance = arrival_chance(np.array(0.1), np.array(3.0), np.array(0.05))
    assert chance == pytest.approx(1 - math.exp(-0.35), rel=1e-12)


def test_a_halved_refresh_halves_what_is_brought() -> None:
    """(q · watching / M + ρ · orders / (W · M)) Δ, worked out by hand."""

    def brought(refresh: float, reach: int = 1_000) -> float:
        found = brought_hazard(
            np.array([0.01]),
            np.array([200]),
            np.array([4.0]),
            np.array([30]),
            60.0,
            np.array([reach]),
            refresh,
        )
        return float(found[0])

    assert brought(2.0) == pytest.approx(2 * (0.01 * 0.2 + 4 * 30 / 60 / 1_000), rel=1e-12)
    assert brought(1.0) == pytest.approx(brought(2.0) / 2, rel=1e-12)
    assert math.isfinite(brought(1.0, reach=0))


@pytest.mark.parametrize("half_by", ["0%", "70%", {"p10": "30%", "likely": "45%", "p90": "60%"}])
def test_half_by_outside_its_range_is_refused(show: Show, half_by: object) -> None:
    with pytest.raises(ScenarioError):
        show(arrivals={"shape": "front_loaded", "half_by": half_by})


def test_an_s_curve_without_a_width_is_refused(show: Show) -> None:
    with pytest.raises(ScenarioError):
        show(arrivals={"shape": "s_curve", "middle": "50%", "spread": "0%"})
