"""The agent crowd alone: who may act when, what changes whom, and what brings newcomers.

The rates are written by hand, so that what happens is certain or has a known law. A |z| of more
than 5 is a false alarm in fewer than 1 of 10⁶ sound crowds; that both engines follow one law in
whole shows is tested in tests/verification.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

import livesim
from livesim.engine import viewers
from livesim.engine.streams import Streams
from livesim.engine.viewers import AgentCrowd
from livesim.errors import UsageError
from livesim.model.inputs import inputs_of
from livesim.model.rates import Rates
from livesim.resolve import resolve
from livesim.scenario.document import parse_document

REPLICATIONS = 20
REACH = 300
SURE = 1e6  # a hazard at which everybody acts within a refresh
ALL_ROWS = np.ones(REPLICATIONS, dtype=bool)

SHOW = f"""
title: A crowd
show: {{length: 1min, currency: CNY, refresh: 1s, appeal: 1, turnout_factor: 1}}
segments:
  fans:
    reach: {REACH}
    turnout: 50%
    waiting: 100%
    stay: {{long: {{share: 25%, mean: 1h}}, longer: {{share: 75%, mean: 2h}}}}
products:
  serum: {{price: 1, unit_cost: 1, conversion: 50%, owned: 1}}
  tint: {{price: 1, unit_cost: 1, conversion: 50%, owned: 1}}
rundown:
  all: {{length: 1min, sells: [serum, tint]}}
"""


def crowd_of(seed: int = 1, **segment: object) -> AgentCrowd:
    """Return a crowd of one segment, changed as told, in its state at the start."""
    changes = {f"segments.fans.{key}": value for key, value in segment.items()}
    scenario = resolve(parse_document(SHOW)).scenario.with_changes(changes)
    return AgentCrowd(inputs_of(scenario, None, REPLICATIONS), Streams(seed, 0))


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


def z_of(
    counts: NDArray[np.int64], trials: NDArray[np.int64] | int, chance: NDArray[np.float64] | float
) -> float:
    """Return how many standard deviations a sum of binomials is from its mean."""
    n, p = np.broadcast_to(trials, counts.shape), np.broadcast_to(chance, counts.shape)
    return float((counts.sum() - (n * p).sum()) / math.sqrt((n * p * (1 - p)).sum()))


def newcomers(crowd: AgentCrowd, refresh: int, hazards: list[Rates]) -> NDArray[np.int64]:
    before = crowd.viewers[0]
    crowd.act(refresh, hazards)
    return crowd.viewers[0] - before


# --- Coming ---------------------------------------------------------------------------------------


def test_who_waits_is_there_at_the_start_and_counted_once() -> None:
    crowd = crowd_of()
    np.testing.assert_array_equal(crowd.watching, crowd.viewers)
    assert abs(z_of(crowd.viewers[0], REACH, 0.5)) < 5


def test_the_spread_of_those_who_come_is_binomial() -> None:
    counts = np.concatenate([crowd_of(seed).viewers[0] for seed in range(10)])
    variance = REACH / 4
    assert counts.var() == pytest.approx(variance, abs=5 * variance * math.sqrt(2 / counts.size))


def test_everybody_who_could_come_comes_at_turnout_1() -> None:
    assert (crowd_of(turnout="100%").viewers == REACH).all()


def test_the_last_interval_of_a_sure_turnout_brings_the_rest() -> None:
    crowd = crowd_of(turnout="100%", waiting="0%", arrivals={"shape": "flat"})
    for refresh in range(60):
        assert not (crowd.viewers == REACH).all()
        crowd.act(refresh, rates(pull=0.5))
    assert (crowd.viewers == REACH).all()


def test_nobody_comes_from_a_reach_of_0() -> None:
    crowd = crowd_of(reach=0, turnout="100%", word_of_mouth=1, recommendation=1)
    assert not crowd.act(0, rates(order=SURE)).any()
    assert not crowd.viewers.any()


def test_pull_multiplies_the_urge_to_come() -> None:
    """A pull of 3 all along: 1 − (1 − θ)³ of those who did not wait come."""
    crowd = crowd_of(turnout="20%", waiting="0%", reach=2_000)
    for refresh in range(60):
        crowd.act(refresh, rates(leave=0.1, pull=3.0))
    assert abs(z_of(crowd.viewers[0], 2_000, 1 - 0.8**3)) < 5


def test_watchers_bring_newcomers() -> None:
    """1 − exp(−q · watching / M · Δ), by those who watch at the refresh and leave after it."""
    crowd = crowd_of(reach=4_000, turnout="10%", word_of_mouth=0.2)
    for refresh in range(5):
        absent, watching = 4_000 - crowd.viewers[0], crowd.watching[0]
        chance = -np.expm1(-0.2 * watching / 4_000)
        assert abs(z_of(newcomers(crowd, refresh, rates(leave=1.0)), absent, chance)) < 5


def test_orders_bring_newcomers_while_they_are_recent() -> None:
    """1 − exp(−ρ · orders in the last W / (W · M) · Δ), for W after the orders and no longer."""
    crowd = crowd_of(reach=4_000, turnout="10%", recommendation=2, recommendation_window="3s")
    watching = crowd.watching[0]
    assert not newcomers(crowd, 0, rates(order=SURE)).any(), "they order now, not before"
    chance = -np.expm1(-2 * watching / (3 * 4_000))
    for refresh in (1, 2, 3):
        absent = 4_000 - crowd.viewers[0]
        assert abs(z_of(newcomers(crowd, refresh, rates()), absent, chance)) < 5
    assert not newcomers(crowd, 4, rates()).any()


def test_newcomers_act_from_the_next_refresh_on() -> None:
    crowd = crowd_of(waiting="0%", turnout="100%", arrivals={"shape": "flat"})
    assert not crowd.act(0, rates(order=SURE)).any()
    came = crowd.watching[0]
    assert came.any()
    np.testing.assert_array_equal(crowd.act(1, rates(order=SURE)).sum(axis=1), came)


# --- Watching -------------------------------------------------------------------------------------


def test_a_stay_is_geometric_on_the_grid() -> None:
    crowd = crowd_of(turnout="100%")
    for refresh in range(10):
        crowd.act(refresh, rates(leave=0.05))
        assert abs(z_of(crowd.watching[0], REACH, math.exp(-0.05 * (refresh + 1)))) < 5


def test_who_sees_an_offer_longer_orders_more() -> None:
    """c (1 − 2^(−L/rush)) of those who watch for L order."""
    c, rush, crowd = 0.2, 15.0, crowd_of(turnout="100%")
    delta = math.log(2) / rush
    ordered = np.zeros(REPLICATIONS, dtype=np.int64)
    for refresh in range(30):
        attempts = crowd.act(refresh, rates(order=c * delta, lose=(1 - c) * delta))
        ordered += attempts.sum(axis=1)
        if refresh + 1 in (10, 15, 30):
            assert abs(z_of(ordered, REACH, c * (1 - 2 ** (-(refresh + 1) / rush)))) < 5


def test_an_undecided_viewer_does_one_thing_at_most() -> None:
    crowd = crowd_of()
    watching = crowd.watching[0]
    attempts = crowd.act(0, rates(order=SURE, leave=SURE))
    np.testing.assert_array_equal(crowd.watching[0], attempts.sum(axis=1))
    assert abs(z_of(attempts.sum(axis=1), watching, 0.5)) < 5, "shared out by the hazards"
    assert abs(z_of(attempts[:, 0], attempts.sum(axis=1), 0.5)) < 5, "and so are the variants"


@pytest.mark.parametrize("decided_by", ["order", "lose"])
def test_who_has_decided_orders_no_more_until_a_slot_starts(decided_by: str) -> None:
    crowd = crowd_of()
    watching = crowd.watching[0]
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


def test_every_watcher_orders_from_the_shelf_once_a_refresh_and_is_not_changed_by_it() -> None:
    crowd = crowd_of()
    watching = crowd.watching[0]
    for refresh in (0, 1):
        attempts = crowd.act(refresh, rates(shelf=SURE))
        np.testing.assert_array_equal(attempts.sum(axis=1), watching)
    np.testing.assert_array_equal(crowd.act(2, rates(order=SURE)).sum(axis=1), watching)
    decided = crowd.act(3, rates(order=SURE, shelf=SURE))
    np.testing.assert_array_equal(decided.sum(axis=1), watching)
    leaving = crowd.act(4, rates(leave=SURE, shelf=SURE))
    np.testing.assert_array_equal(leaving.sum(axis=1), watching)


def test_a_phase_lasts() -> None:
    """Who leaves sooner leaves sooner for good: what is left is the longer phase."""
    crowd = crowd_of(turnout="100%")
    only_short = [replace(rates()[0], leave=np.tile([SURE, 0.0], (REPLICATIONS, 1)))]
    crowd.act(0, only_short)
    left = crowd.watching[0]
    crowd.act(1, only_short)
    np.testing.assert_array_equal(crowd.watching[0], left)
    assert abs(z_of(left, REACH, 0.75)) < 5


def test_nobody_is_lost_or_made() -> None:
    crowd = crowd_of(waiting="30%", word_of_mouth=0.01, recommendation=0.5)
    before = crowd.viewers
    busy = rates(order=0.02, lose=0.1, leave=0.05, shelf=0.01, pull=3.0)
    for refresh in range(50):
        crowd.act(refresh, busy)
        if refresh % 10 == 0:
            crowd.start_slot(ALL_ROWS)
        assert (crowd.viewers >= before).all(), "a viewer is unmade"
        assert (crowd.watching >= 0).all() and (crowd.watching <= crowd.viewers).all()
        assert (crowd.viewers <= REACH).all()
        before = crowd.viewers
    np.testing.assert_array_equal(crowd.concurrent, crowd.watching[0])


# --- Bounds and bits ------------------------------------------------------------------------------


def test_more_viewers_than_can_be_followed_are_refused_before_any_comes() -> None:
    with pytest.raises(UsageError, match="Take the cohort engine"):
        crowd_of(reach="2M", turnout="60%")


def test_viewers_beyond_the_expected_are_refused_when_they_have_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(viewers, "MOST_VIEWERS", 4_000)
    crowd = crowd_of()
    crowd.act(0, rates())
    crowd = crowd_of(word_of_mouth=10)
    with pytest.raises(UsageError, match="4,000 is the most"):
        crowd.act(0, rates())


def test_the_same_seed_gives_the_same_crowd_and_another_does_not() -> None:
    attempts = [crowd_of(seed).act(0, rates(order=0.1, leave=0.1)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(attempts[0], attempts[1])
    assert (attempts[0] != attempts[2]).any()


def test_every_block_row_and_segment_has_a_stream_of_its_own() -> None:
    streams = [
        Streams(seed, block).viewers(segment, row)
        for seed in (1, 2)
        for block in (0, 1)
        for segment in ("fans", "others")
        for row in (0, 1)
    ]
    assert len({stream.random() for stream in streams}) == 16


@pytest.mark.slow
def test_the_same_bits_for_any_number_of_workers() -> None:
    scenario = resolve(parse_document(SHOW)).scenario.with_changes(
        {"segments.fans.reach": 10, "show.refresh": "10s"}
    )
    one, two = (
        livesim.simulate(scenario, replications=300, engine="agent", workers=workers)
        for workers in (1, 2)
    )
    assert one.engine == "agent"
    assert one.fingerprint == two.fingerprint
    assert one.fingerprint != livesim.simulate(scenario, replications=300, workers=1).fingerprint
