"""What the crowds of both engines must do: who may act when, what changes whom, who brings whom.

The rates are written by hand, so that what happens is certain or has a known law. A |z| of more
than 5 is a false alarm in fewer than 1 of 10⁶ sound crowds; that both engines follow one law in
whole shows is tested in tests/verification. What only one of them can do is in test_crowd.py and
test_viewers.py.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from livesim.engine.crowd.crowd import Crowd
from livesim.model.rates import Rates

SURE = 1e6  # a hazard at which everybody acts within a refresh


@pytest.fixture(params=["cohort", "agent"])
def crowds(request: pytest.FixtureRequest) -> Any:
    """Return the crowds of either engine, at their sizes."""
    return request.getfixturevalue(f"{request.param}s")


def z_of(
    counts: NDArray[np.int64], trials: NDArray[np.int64] | int, chance: NDArray[np.float64] | float
) -> float:
    """Return how many standard deviations a sum of binomials is from its mean."""
    n, p = np.broadcast_to(trials, counts.shape), np.broadcast_to(chance, counts.shape)
    return float((counts.sum() - (n * p).sum()) / math.sqrt((n * p * (1 - p)).sum()))


def newcomers(crowd: Crowd, refresh: int, hazards: list[Rates]) -> NDArray[np.int64]:
    before = crowd.viewers[0]
    crowd.act(refresh, hazards)
    return crowd.viewers[0] - before


# --- Coming ---------------------------------------------------------------------------------------


def test_who_waits_is_there_at_the_start_and_counted_once(crowds: Any) -> None:
    crowd = crowds.start()
    np.testing.assert_array_equal(crowd.watching, crowd.viewers)
    assert abs(z_of(crowd.viewers[0], crowds.reach, 0.5)) < 5


@pytest.mark.slow
def test_the_spread_of_those_who_come_is_binomial(crowds: Any) -> None:
    counts = np.concatenate([crowds.start(seed).viewers[0] for seed in range(10)])
    variance = crowds.reach / 4
    assert counts.var() == pytest.approx(variance, abs=5 * variance * math.sqrt(2 / counts.size))


def test_everybody_who_could_come_comes_at_turnout_1(crowds: Any) -> None:
    assert (crowds.start(turnout="100%").viewers == crowds.reach).all()


@pytest.mark.slow
def test_the_last_interval_of_a_sure_turnout_brings_the_rest(crowds: Any) -> None:
    crowd = crowds.start(turnout="100%", waiting="0%", arrivals={"shape": "flat"})
    for refresh in range(crowds.refreshes):
        assert not (crowd.viewers == crowds.reach).all()
        crowd.act(refresh, crowds.rates(pull=0.5))
    assert (crowd.viewers == crowds.reach).all()


def test_nobody_comes_from_a_reach_of_0(crowds: Any) -> None:
    crowd = crowds.start(reach=0, turnout="100%", word_of_mouth=1, recommendation=1)
    assert not crowd.act(0, crowds.rates(order=SURE)).any()
    assert not crowd.viewers.any()


@pytest.mark.slow
def test_pull_multiplies_the_urge_to_come(crowds: Any) -> None:
    """A pull of 3 all along: 1 − (1 − θ)³ of those who did not wait come."""
    reach = crowds.many // 2
    crowd = crowds.start(turnout="20%", waiting="0%", reach=reach)
    for refresh in range(crowds.refreshes):
        crowd.act(refresh, crowds.rates(leave=0.1, pull=3.0))
    assert abs(z_of(crowd.viewers[0], reach, 1 - 0.8**3)) < 5


def test_watchers_bring_newcomers(crowds: Any) -> None:
    """1 − exp(−q · watching / M · Δ), by those who watch at the refresh and leave after it."""
    crowd = crowds.start(reach=crowds.many, turnout="10%", word_of_mouth=0.2)
    for refresh in range(5):
        absent, watching = crowds.many - crowd.viewers[0], crowd.watching[0]
        chance = -np.expm1(-0.2 * watching / crowds.many)
        assert abs(z_of(newcomers(crowd, refresh, crowds.rates(leave=1.0)), absent, chance)) < 5


@pytest.mark.slow
def test_orders_bring_newcomers_while_they_are_recent(crowds: Any) -> None:
    """1 − exp(−ρ · orders in the last W / (W · M) · Δ), for W after the orders and no longer."""
    recommended = {"recommendation": 2, "recommendation_window": "3s"}
    crowd = crowds.start(reach=crowds.many, turnout="10%", **recommended)
    watching = crowd.watching[0]
    ordering = newcomers(crowd, 0, crowds.rates(order=SURE))
    assert not ordering.any(), "they order now, not before"
    chance = -np.expm1(-2 * watching / (3 * crowds.many))
    for refresh in (1, 2, 3):
        absent = crowds.many - crowd.viewers[0]
        assert abs(z_of(newcomers(crowd, refresh, crowds.rates()), absent, chance)) < 5
    assert not newcomers(crowd, 4, crowds.rates()).any()


def test_newcomers_act_from_the_next_refresh_on(crowds: Any) -> None:
    crowd = crowds.start(waiting="0%", turnout="100%", arrivals={"shape": "flat"})
    assert not crowd.act(0, crowds.rates(order=SURE)).any()
    came = crowd.watching[0]
    assert came.any()
    np.testing.assert_array_equal(crowd.act(1, crowds.rates(order=SURE)).sum(axis=1), came)


# --- Watching -------------------------------------------------------------------------------------


def test_a_stay_is_geometric_on_the_grid(crowds: Any) -> None:
    crowd = crowds.start(turnout="100%")
    for refresh in range(10):
        crowd.act(refresh, crowds.rates(leave=0.05))
        stays = math.exp(-0.05 * (refresh + 1))
        assert abs(z_of(crowd.watching[0], crowds.reach, stays)) < 5


@pytest.mark.slow
def test_who_sees_an_offer_longer_orders_more(crowds: Any) -> None:
    """c (1 − 2^(−L/rush)) of those who watch for L order."""
    c, rush, crowd = 0.2, 15.0, crowds.start(turnout="100%")
    delta = math.log(2) / rush
    ordered = np.zeros(crowds.replications, dtype=np.int64)
    for refresh in range(30):
        ordered += crowd.act(refresh, crowds.rates(order=c * delta, lose=(1 - c) * delta)).sum(
            axis=1
        )
        if refresh + 1 in (10, 15, 30):
            assert abs(z_of(ordered, crowds.reach, c * (1 - 2 ** (-(refresh + 1) / rush)))) < 5


@pytest.mark.slow
def test_an_undecided_viewer_does_one_thing_at_most(crowds: Any) -> None:
    crowd = crowds.start()
    watching = crowd.watching[0]
    attempts = crowd.act(0, crowds.rates(order=SURE, leave=SURE))
    np.testing.assert_array_equal(crowd.watching[0], attempts.sum(axis=1))
    assert abs(z_of(attempts.sum(axis=1), watching, 0.5)) < 5, "shared out by the hazards"
    assert abs(z_of(attempts[:, 0], attempts.sum(axis=1), 0.5)) < 5, "and so are the variants"


@pytest.mark.parametrize("decided_by", ["order", "lose"])
def test_who_has_decided_orders_no_more_until_a_slot_starts(crowds: Any, decided_by: str) -> None:
    crowd = crowds.start()
    watching = crowd.watching[0]
    crowd.act(0, crowds.rates(**{decided_by: SURE}))
    assert not crowd.act(1, crowds.rates(order=SURE)).any()
    np.testing.assert_array_equal(crowd.watching[0], watching)
    some = np.arange(crowds.replications) % 3 == 0
    crowd.start_slot(some)
    attempts = crowd.act(2, crowds.rates(order=SURE)).sum(axis=1)
    np.testing.assert_array_equal(attempts, np.where(some, watching, 0))


def test_who_has_decided_leaves_all_the_same(crowds: Any) -> None:
    crowd = crowds.start()
    crowd.act(0, crowds.rates(order=SURE))
    crowd.act(1, crowds.rates(leave=SURE))
    assert not crowd.watching.any()


def test_a_phase_lasts(crowds: Any) -> None:
    """Who leaves sooner leaves sooner for good: what is left is the longer phase."""
    crowd = crowds.start(turnout="100%")
    leave = np.tile([SURE, 0.0], (crowds.replications, 1))
    only_short = [replace(crowds.rates()[0], leave=leave)]
    crowd.act(0, only_short)
    left = crowd.watching[0]
    crowd.act(1, only_short)
    np.testing.assert_array_equal(crowd.watching[0], left)
    assert abs(z_of(left, crowds.reach, 0.75)) < 5


@pytest.mark.slow
def test_nobody_is_lost_or_made(crowds: Any) -> None:
    crowd = crowds.start(waiting="30%", word_of_mouth=0.01, recommendation=0.5)
    before = crowd.viewers
    busy = crowds.rates(order=0.02, lose=0.1, leave=0.05, pull=3.0)
    for refresh in range(crowds.refreshes):
        crowd.act(refresh, busy)
        if refresh % (crowds.refreshes // 6) == 0:
            crowd.start_slot(np.ones(crowds.replications, dtype=bool))
        assert (crowd.viewers >= before).all(), "a viewer is unmade"
        assert (crowd.watching >= 0).all() and (crowd.watching <= crowd.viewers).all()
        assert (crowd.viewers <= crowds.reach).all()
        before = crowd.viewers
    np.testing.assert_array_equal(crowd.concurrent, crowd.watching[0])


def test_the_same_seed_gives_the_same_crowd_and_another_does_not(crowds: Any) -> None:
    some = crowds.rates(order=0.1, leave=0.1)
    attempts = [crowds.start(seed).act(0, some) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(attempts[0], attempts[1])
    assert (attempts[0] != attempts[2]).any()
