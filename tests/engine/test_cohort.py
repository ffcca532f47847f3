"""What only the cohort crowd can do: counts of people in each phase, and large numbers of them.

What it does as the agent crowd does is in test_crowds.py.
"""

from __future__ import annotations

import math
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest

from livesim.engine.crowd.crowd import Attempts, Crowd, Looks
from livesim.model.rates import Rates

SURE = 1e6  # a hazard at which everybody acts within a refresh


def test_everybody_is_counted_in_one_phase(cohorts: Any) -> None:
    crowd = cohorts.start(waiting="30%", word_of_mouth=0.01, recommendation=0.5)
    busy = cohorts.rates(order=0.02, lose=0.1, leave=0.05, pull=3.0)
    (segment,) = crowd._segments
    for refresh in range(200):
        crowd.act(refresh, busy)
        if refresh % 40 == 0:
            crowd.start_slot(np.ones(cohorts.replications, dtype=bool))
    counted = (segment.undecided + segment.decided).sum(axis=1)
    np.testing.assert_array_equal(counted, crowd.watching[0])
    np.testing.assert_array_equal(segment._not_come.sum(axis=1) + crowd.viewers[0], cohorts.reach)


def test_it_moves_nothing_how_far_ahead_is_drawn(cohorts: Any) -> None:
    """Refresh by refresh, a few at a time, or as many as go at once: who comes, 64 at a time."""
    busy, calm = cohorts.rates(order=0.02, lose=0.1, leave=0.05), cohorts.rates(leave=0.02)
    changes = {0: busy, 70: calm, 150: busy}
    tried, looks, times = acted(cohorts.start(waiting="30%").crowd, 1, changes)
    assert times == list(range(200)) and len(tried) > 1_000
    for most, expected in ((7, 32), (1_000, [0, 64, 70, 128, 150, 192])):
        others, seen, times = acted(cohorts.start(waiting="30%").crowd, most, changes)
        assert expected in (times, len(times))
        np.testing.assert_array_equal(astuple(others), astuple(tried))
        for mine, theirs in zip(seen, looks, strict=True):
            np.testing.assert_array_equal(mine, theirs)


def acted(
    crowd: Crowd, most: int, changes: dict[int, list[Rates]]
) -> tuple[Attempts, Looks, list[int]]:
    """Let a crowd act for 200 refreshes, at most so many at a time, at rates from some on.

    Returns
    -------
    attempts, looks, times
        What they try, how many watch, and when the crowd was asked to act.
    """
    refresh, tried, looks, times = 0, [], [], []
    while refresh < 200:
        since = max(change for change in changes if change <= refresh)
        until = min(change for change in (*changes, 200) if change > refresh)
        attempts, seen = crowd.act(refresh, min(until, refresh + most), changes[since])
        times.append(refresh)
        tried.append(attempts)
        looks.append(seen)
        refresh = int(seen.at[-1])
    assert (crowd.watching >= 0).all()  # who has left by now is added to the looks
    together = Looks(*(np.concatenate(part) for part in zip(*looks, strict=True)))
    return Attempts.joined(tried), together, times


def test_orders_bring_as_many_as_the_recommendation_says_while_the_pool_is_full(
    cohorts: Any,
) -> None:
    recommended = {"recommendation": 3, "recommendation_window": "60s"}
    crowd = cohorts.start(reach="10M", turnout="0.01%", **recommended)
    orders = crowd.act(0, cohorts.rates(order=SURE)).sum()
    before = crowd.viewers.sum()
    for refresh in range(1, 61):
        crowd.act(refresh, cohorts.rates())
    brought = crowd.viewers.sum() - before
    assert abs(brought - 3 * orders) < 5 * math.sqrt(3 * orders)


def test_word_of_mouth_alone_follows_the_curve_of_bass(cohorts: Any) -> None:
    """With nobody leaving, F(t) = (1 − e^(−(p+q)t)) / (1 + q/p · e^(−(p+q)t)), as the reach grows.

    A pace of p is what a front-loaded profile amounts to at a turnout of 1 − e^(−pL). Watchers are
    counted once a refresh, so the curve lags by about one of 600: 1 % of the reach at most.
    """
    p, q, length = 0.001, 0.015, 600.0
    turnout = -math.expm1(-p * length)
    half_by = -math.log1p(-turnout / 2) / (p * length)
    crowd = cohorts.start(
        reach="100M",
        turnout=turnout,
        waiting="0%",
        arrivals={"shape": "front_loaded", "half_by": half_by},
        word_of_mouth=q,
    )
    for refresh in range(600):
        crowd.act(refresh, cohorts.rates())
        t = refresh + 1.0
        curve = -math.expm1(-(p + q) * t) / (1 + q / p * math.exp(-(p + q) * t))
        assert crowd.viewers.mean() / 1e8 == pytest.approx(curve, abs=0.01)
    assert crowd.viewers.mean() / 1e8 > turnout + 0.4, "imitation brought most of them"
