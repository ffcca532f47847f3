"""The cohort crowd alone: who may act when, what changes whom, and what watchers and orders bring.

The rates are written by hand, so that what happens is certain or has a known law.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from livesim.engine.crowd import CohortCrowd
from livesim.engine.streams import Streams
from livesim.model.inputs import inputs_of
from livesim.model.rates import Rates
from livesim.resolve import resolve
from livesim.scenario.document import parse_document

REPLICATIONS = 50
SURE = 1e6  # a hazard at which everybody acts within a refresh

SHOW = """
title: A crowd
show: {length: 10min, currency: CNY, refresh: 1s, appeal: 1, turnout_factor: 1}
segments:
  fans:
    reach: 1_000
    turnout: 50%
    waiting: 100%
    stay: {long: {share: 25%, mean: 1h}, longer: {share: 75%, mean: 2h}}
products:
  serum: {price: 1, unit_cost: 1, conversion: 50%, owned: 1}
  tint: {price: 1, unit_cost: 1, conversion: 50%, owned: 1}
rundown:
  all: {length: 10min, sells: [serum, tint]}
"""


def crowd_of(**segment: object) -> CohortCrowd:
    """Return a crowd of one segment, changed as told, in its state at the start."""
    return _crowd({f"segments.fans.{key}": value for key, value in segment.items()})


def _crowd(changes: dict[str, object], seed: int = 1) -> CohortCrowd:
    scenario = resolve(parse_document(SHOW)).scenario.with_changes(changes)
    return CohortCrowd(inputs_of(scenario, None, REPLICATIONS), Streams(seed, 0))


def rates(
    order: float = 0.0, lose: float = 0.0, leave: float = 0.0, shelf: float = 0.0, pull: float = 1.0
) -> list[Rates]:
    """Return hazards [1/s] that are the same for everybody; both products share the orders."""
    one = np.ones((REPLICATIONS, 2))
    return [
        Rates(
            pull=pull * one[:, 0],
            leave=leave * one,
            order=order / 2 * one,
            lose_interest=lose * one[:, 0],
            shelf=shelf / 2 * one,
        )
    ]


ALL_ROWS = np.ones(REPLICATIONS, dtype=bool)


def test_who_waits_is_there_at_the_start_and_counted_once() -> None:
    crowd = crowd_of()
    np.testing.assert_array_equal(crowd.watching, crowd.viewers)
    assert crowd.watching.mean() == pytest.approx(500, abs=5 * math.sqrt(250 / REPLICATIONS))


def test_everybody_who_could_come_comes_at_turnout_1() -> None:
    crowd = crowd_of(turnout="100%")
    assert (crowd.viewers == 1000).all()


def test_nobody_comes_from_a_reach_of_0() -> None:
    crowd = crowd_of(reach=0, turnout="100%", word_of_mouth=1, recommendation=1)
    assert not crowd.act(0, rates(order=SURE)).any()
    assert not crowd.viewers.any()


def test_nobody_is_lost_or_made() -> None:
    crowd = crowd_of(waiting="30%", word_of_mouth=0.01, recommendation=0.5)
    before = crowd.viewers.copy()
    busy = rates(order=0.02, lose=0.1, leave=0.05, shelf=0.01, pull=3.0)
    for refresh in range(200):
        crowd.act(refresh, busy)
        if refresh % 40 == 0:
            crowd.start_slot(ALL_ROWS)
        assert (crowd.viewers >= before).all(), "a viewer is unmade"
        assert (crowd.watching >= 0).all() and (crowd.watching <= crowd.viewers).all()
        assert (crowd.viewers <= 1000).all()
        before = crowd.viewers.copy()
    segment = crowd._segments[0]
    counted = (segment._undecided + segment._decided).sum(axis=1)
    np.testing.assert_array_equal(counted, crowd.watching[0])
    np.testing.assert_array_equal(segment._not_come.sum(axis=1) + crowd.viewers[0], 1000)


def test_newcomers_act_from_the_next_refresh_on() -> None:
    crowd = crowd_of(waiting="0%", turnout="100%", arrivals={"shape": "flat"})
    assert not crowd.act(0, rates(order=SURE)).any()
    came = crowd.watching[0].copy()
    assert came.any()
    np.testing.assert_array_equal(crowd.act(1, rates(order=SURE)).sum(axis=1), came)


def test_an_undecided_viewer_does_one_thing_at_most() -> None:
    crowd = crowd_of()
    watching = crowd.watching[0].copy()
    attempts = crowd.act(0, rates(order=SURE, leave=SURE)).sum(axis=1)
    np.testing.assert_array_equal(crowd.watching[0], attempts)
    z = (attempts.sum() - watching.sum() / 2) / math.sqrt(watching.sum() / 4)
    assert abs(z) < 5, "orders and leaving share the acts by their hazards"


@pytest.mark.parametrize("decided_by", ["order", "lose"])
def test_who_has_decided_orders_no_more_until_a_slot_starts(decided_by: str) -> None:
    crowd = crowd_of()
    watching = crowd.watching[0].copy()
    crowd.act(0, rates(**{decided_by: SURE}))
    assert not crowd.act(1, rates(order=SURE)).any()
    np.testing.assert_array_equal(crowd.watching[0], watching)
    some = np.arange(REPLICATIONS) % 3 == 0
    crowd.start_slot(some)
    attempts = crowd.act(2, rates(order=SURE)).sum(axis=1)
    np.testing.assert_array_equal(attempts, np.where(some, watching, 0))


def test_who_has_decided_leaves_all_the_same() -> None:
    crowd = crowd_of()
    crowd.act(0, rates(order=SURE))
    crowd.act(1, rates(leave=SURE))
    assert not crowd.watching.any()


def test_the_shelf_changes_nobody() -> None:
    closed, open_ = crowd_of(), crowd_of()
    for refresh in range(20):
        ordered = closed.act(refresh, rates(order=0.01, lose=0.05, leave=0.02))
        with_shelf = open_.act(refresh, rates(order=0.01, lose=0.05, leave=0.02, shelf=SURE))
        shelf_orders = (with_shelf - ordered).sum(axis=1)
        assert shelf_orders.any()
        np.testing.assert_array_equal(closed.watching, open_.watching)


def test_every_watcher_orders_from_the_shelf_decided_or_not() -> None:
    crowd = crowd_of()
    crowd.act(0, rates(lose=SURE))
    for refresh in (1, 2):
        attempts = crowd.act(refresh, rates(shelf=SURE))
        np.testing.assert_array_equal(attempts.sum(axis=1), crowd.watching[0])


def test_a_longer_stay_stays_in_its_phase() -> None:
    """Who leaves sooner leaves sooner for good: what is left is the longer phase."""
    crowd = crowd_of(turnout="100%")
    only_short = replace(rates()[0], leave=np.tile([SURE, 0.0], (REPLICATIONS, 1)))
    crowd.act(0, [only_short])
    left = crowd.watching[0].copy()
    crowd.act(1, [only_short])
    np.testing.assert_array_equal(crowd.watching[0], left)
    z = (left.sum() - 750 * REPLICATIONS) / math.sqrt(REPLICATIONS * 1000 * 0.25 * 0.75)
    assert abs(z) < 5


def newcomers(crowd: CohortCrowd, refresh: int, hazards: list[Rates]) -> NDArray[np.int64]:
    before = crowd.viewers[0].copy()
    crowd.act(refresh, hazards)
    return crowd.viewers[0] - before


def z_of(
    counts: NDArray[np.int64], trials: NDArray[np.int64], chance: NDArray[np.float64]
) -> float:
    """Return how many standard deviations a sum of binomials is from its mean."""
    mean, variance = (trials * chance).sum(), (trials * chance * (1 - chance)).sum()
    return float((counts.sum() - mean) / math.sqrt(variance))


def test_watchers_bring_newcomers() -> None:
    """1 − exp(−q · watching / M · Δ) for each of those who have not come."""
    crowd = crowd_of(reach=100_000, word_of_mouth=0.02)
    for refresh in range(30):
        absent, watching = 100_000 - crowd.viewers[0], crowd.watching[0].copy()
        chance = -np.expm1(-0.02 * watching / 100_000)
        assert abs(z_of(newcomers(crowd, refresh, rates(leave=0.1)), absent, chance)) < 5


def test_orders_bring_newcomers_while_they_are_recent() -> None:
    """1 − exp(−ρ · orders in the last W / (W · M) · Δ), for W after the orders and no longer."""
    crowd = crowd_of(reach=100_000, recommendation=2, recommendation_window="3s")
    watching = crowd.watching[0].copy()
    assert not newcomers(crowd, 0, rates(order=SURE)).any(), "they order now, not before"
    chance = -np.expm1(-2 * watching / (3 * 100_000))
    for refresh in (1, 2, 3):
        absent = 100_000 - crowd.viewers[0]
        assert abs(z_of(newcomers(crowd, refresh, rates()), absent, chance)) < 5
    assert not newcomers(crowd, 4, rates()).any()


def test_orders_bring_as_many_as_the_recommendation_says_while_the_pool_is_full() -> None:
    crowd = _crowd(
        {
            "segments.fans.reach": "10M",
            "segments.fans.turnout": "0.01%",
            "segments.fans.recommendation": 3,
            "segments.fans.recommendation_window": "60s",
        }
    )
    orders = crowd.act(0, rates(order=SURE)).sum()
    brought = sum(newcomers(crowd, refresh, rates()).sum() for refresh in range(1, 61))
    assert abs(brought - 3 * orders) < 5 * math.sqrt(3 * orders)


def test_word_of_mouth_alone_follows_the_curve_of_bass() -> None:
    """With nobody leaving, F(t) = (1 − e^(−(p+q)t)) / (1 + q/p · e^(−(p+q)t)), as the reach grows.

    A pace of p is what a front-loaded profile amounts to at a turnout of 1 − e^(−pL). Watchers are
    counted once a refresh, so the curve lags by about one of 600: 1 % of the reach at most.
    """
    p, q, length = 0.001, 0.015, 600.0
    turnout = -math.expm1(-p * length)
    half_by = -math.log1p(-turnout / 2) / (p * length)
    crowd = crowd_of(
        reach="100M",
        turnout=turnout,
        waiting="0%",
        arrivals={"shape": "front_loaded", "half_by": half_by},
        word_of_mouth=q,
    )
    for refresh in range(600):
        crowd.act(refresh, rates())
        t = refresh + 1.0
        curve = -math.expm1(-(p + q) * t) / (1 + q / p * math.exp(-(p + q) * t))
        assert crowd.viewers.mean() / 1e8 == pytest.approx(curve, abs=0.01)
    assert crowd.viewers.mean() / 1e8 > turnout + 0.4, "imitation brought most of them"


def test_pull_multiplies_the_urge_to_come() -> None:
    """A pull of 3 all along: 1 − (1 − θ)³ of those who did not wait come."""
    crowd = crowd_of(turnout="20%", waiting="0%", reach="1M")
    for refresh in range(600):
        crowd.act(refresh, rates(pull=3.0))
    trials = np.full(REPLICATIONS, 10**6)
    assert abs(z_of(crowd.viewers[0], trials, np.full(REPLICATIONS, 1 - 0.8**3))) < 5


def test_the_same_seed_gives_the_same_crowd_and_another_does_not() -> None:
    crowds = [_crowd({}, seed) for seed in (1, 1, 2)]
    attempts = [crowd.act(0, rates(order=0.1, leave=0.1)) for crowd in crowds]
    np.testing.assert_array_equal(attempts[0], attempts[1])
    assert (attempts[0] != attempts[2]).any()
