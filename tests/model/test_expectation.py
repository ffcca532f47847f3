"""The deterministic expectation, against products of small matrices written down here.

A watcher is undecided or has decided. Without an offer either leaves with 1 − e^(−Δ/mean). During
one, an undecided viewer leaves or decides with 1 − e^(−(δ + 1/mean)Δ), shared out as 1/mean : δ, so
that who decides does not leave in the same interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from livesim.model.expectation import concurrent, expect, mean_watch
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

Show = Callable[..., Scenario]
Floats = NDArray[np.float64]

STAY = {
    "bounce": {"share": "45%", "mean": "20s"},
    "browse": {"share": "35%", "mean": "150s"},
    "long": {"share": "20%", "mean": "1h"},
}
PHASES = ((0.45, 20.0), (0.35, 150.0), (0.20, 3600.0))


def newcomers(refreshes: int, waiting: float = 0.1) -> Floats:
    """Return the newcomers at each refresh of a flat profile: 200 in all."""
    coming = np.full(refreshes + 1, 200 * (1 - waiting) / refreshes)
    coming[0] = 200 * waiting
    return coming


def follow(
    coming: Floats, offers: dict[str, tuple[int, int]], starts: set[int], step: float
) -> tuple[Floats, dict[str, float]]:
    """Return who watches at each refresh, and the decisions in each offer, with a rush of 30 s."""
    delta = math.log(2) / 30
    watching, decisions = np.zeros(len(coming)), dict.fromkeys(offers, 0.0)
    for share, mean in PHASES:
        acts = -math.expm1(-(delta + 1 / mean) * step)
        decides = acts * delta / (delta + 1 / mean)
        stays = math.exp(-step / mean)
        quiet = np.array([[stays, 0.0], [0.0, stays]])
        offer = np.array([[1 - acts, decides], [0.0, stays]])
        undecided_again = np.array([[1.0, 0.0], [1.0, 0.0]])
        state = np.zeros(2)
        for k, newcomer in enumerate(coming):
            state[0] += share * newcomer
            watching[k] += state.sum()
            if k in starts:
                state = state @ undecided_again
            running = [name for name, (first, last) in offers.items() if first <= k < last]
            for name in running:
                decisions[name] += state[0] * decides
            state = state @ (offer if running else quiet)
    return watching, decisions


@pytest.mark.parametrize("step", [1, 5])
def test_viewers_and_decisions_are_products_of_matrices(show: Show, step: int) -> None:
    scenario = show(
        {"show.refresh": f"{step}s", "products.tint.shelf": 0}, stay=STAY, waiting="10%"
    )
    found = expect(inputs_of(scenario))
    offers = {"both": (60 // step, 300 // step), "serum": (300 // step, 540 // step)}
    starts = {0, 60 // step, 300 // step}
    watching, decided = follow(newcomers(600 // step), offers, starts, step)
    np.testing.assert_allclose(found.times, np.arange(0, 601, step))
    np.testing.assert_allclose(found.watching[:, 0], watching, rtol=1e-12)
    assert found.viewers == {"fans": pytest.approx(200, rel=1e-12)}
    assert found.peak == pytest.approx(watching.max(), rel=1e-12)
    seconds = step * (watching[1:] + watching[:-1]).sum() / 2
    assert found.watch_time == {"fans": pytest.approx(seconds / 200)}
    serum = decided["both"] + decided["serum"]
    assert found.decisions == {
        "serum": pytest.approx(serum, rel=1e-12),
        "tint": pytest.approx(decided["both"], rel=1e-12),
    }
    assert found.orders == {
        "serum": pytest.approx(0.1 * serum, rel=1e-12),
        "tint": pytest.approx(0.04 * decided["both"], rel=1e-12),
    }


def test_links_and_slots_between_two_refreshes_are_seen_at_the_next(show: Show) -> None:
    """A link 11 s after a slot that starts at 302 s is seen after 315 s."""
    late = {"show.refresh": "5s", "rundown.serum.link": "11s", "rundown.serum.start": "302s"}
    scenario = show({**late, "products.tint.shelf": 0}, stay=STAY)
    offers = {"both": (12, 60), "serum": (63, 109)}
    watching, decided = follow(newcomers(120, waiting=0.0), offers, {0, 12, 61}, 5)
    np.testing.assert_allclose(expect(inputs_of(scenario)).watching[:, 0], watching, rtol=1e-12)
    assert expect(inputs_of(scenario)).decisions["serum"] == pytest.approx(
        sum(decided.values()), rel=1e-12
    )


def test_the_undecided_turn_to_the_shelf_or_decide_about_what_is_shown(show: Show) -> None:
    """From 300 s on, one decision in eleven is about tint, whose link has a tenth of the pace."""
    until_then = {"show.length": "9min"}  # the end of serum's slot
    found = expect(inputs_of(show(until_then, stay=STAY)))
    without = expect(inputs_of(show(until_then | {"products.tint.shelf": 0}, stay=STAY)))
    on_shelf = found.decisions["tint"] - without.decisions["tint"]
    serum_alone = found.decisions["serum"] - without.decisions["tint"]  # both are shown before
    assert on_shelf / (on_shelf + serum_alone) == pytest.approx(1 / 11, rel=1e-3)
    assert found.orders["tint"] == pytest.approx(0.04 * found.decisions["tint"], rel=1e-12)


def test_guests_prices_and_forecast_errors_leave_it_alone(show: Show) -> None:
    """It tells what to expect with the usual host, at reference prices."""
    plain = expect(inputs_of(show()))
    busy = expect(
        inputs_of(
            show(
                {
                    "people.kim.pull": 3,
                    "people.kim.late": "30s",
                    "people.kim.lift": 2,
                    "products.serum.price": 20,
                    "products.serum.reference_price": 100,
                    "products.serum.herd": 1,
                    "show.appeal": {"lognormal": {"median": 1, "sigma": 1}},
                    "screen.claimed": True,
                },
                word_of_mouth=0.01,
            )
        )
    )
    assert plain.orders == busy.orders and plain.viewers == busy.viewers


def test_more_of_everything_is_more_of_it(show: Show) -> None:
    small, large = expect(inputs_of(show())), expect(inputs_of(show(reach=3_000)))
    assert large.viewers["fans"] == pytest.approx(3 * small.viewers["fans"])
    assert large.orders["serum"] == pytest.approx(3 * small.orders["serum"])
    longer = expect(inputs_of(show({"rundown.serum.length": "1min"})))
    assert longer.orders["serum"] < small.orders["serum"]
    nobody = expect(inputs_of(show(reach=0)))
    assert nobody.viewers == {"fans": 0.0} and nobody.watch_time == {"fans": 0.0}


def test_concurrent_viewers_are_a_convolution() -> None:
    random = np.random.default_rng(2)
    coming = random.random(200)
    shares, means = np.array([0.3, 0.7]), np.array([15.0, 400.0])
    survival = (shares * np.exp(-np.arange(200)[:, None] * 2.5 / means)).sum(axis=1)
    found = concurrent(coming, shares, means, refresh=2.5)
    np.testing.assert_allclose(found, np.convolve(coming, survival)[:200], rtol=1e-12)


def test_in_a_long_show_viewers_stay_as_long_as_littles_law_says(show: Show) -> None:
    """Concurrent viewers settle at newcomers per second × mean stay of a mixture, on the grid."""
    scenario = show(
        {"show.length": "10h", "show.refresh": "10s", "products.tint.shelf": 0},
        stay={"short": STAY["bounce"], "long": {"share": "55%", "mean": "10min"}},
    )
    mean = sum(
        share * 10 / -math.expm1(-10 / stay) for share, stay in ((0.45, 20.0), (0.55, 600.0))
    )
    per_second = 200 / 36_000
    assert expect(inputs_of(scenario)).watching[3000, 0] == pytest.approx(
        per_second * mean, rel=1e-6
    )


def test_a_slot_may_start_after_the_last_refresh(show: Callable[..., Scenario]) -> None:
    """At 599.5 s of 600 nobody looks any more; expecting it must not fail."""
    down = {"products.tint.shelf": 0}
    changes = {"rundown.serum.length": "299.5s", "rundown.last": LAST}
    late, plain = expect(inputs_of(show(changes | down))), expect(inputs_of(show(down)))
    assert late.orders["tint"] == pytest.approx(plain.orders["tint"], rel=1e-2)


LAST = {
    "start": "599.5s",
    "length": "1min",
    "on_stage": ["host"],
    "sells": [],
    "link": "0s",
    "price": {},
    "at_sell_out": "stay",
}


@pytest.mark.parametrize("hours", [3, 26, 168])
def test_a_stay_in_a_long_show_never_comes_near_the_smallest_number(hours: int) -> None:
    arrivals = np.ones(hours * 60)
    with np.errstate(all="raise"):
        watched = mean_watch(arrivals, np.ones(1), np.array([60.0]), 60.0)
    full = 60 / -math.expm1(-1)
    assert full - 60 < watched < full
