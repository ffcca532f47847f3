"""What only the cohort crowd can do: counts of people in each phase, and large numbers of them.

What it does as the agent crowd does is in test_crowds.py.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

SURE = 1e6  # a hazard at which everybody acts within a refresh


def test_everybody_is_counted_in_one_phase(cohorts: Any) -> None:
    crowd = cohorts.start(waiting="30%", word_of_mouth=0.01, recommendation=0.5)
    busy = cohorts.rates(order=0.02, lose=0.1, leave=0.05, pull=3.0)
    (segment,) = crowd._segments
    for refresh in range(200):
        crowd.act(refresh, busy)
        if refresh % 40 == 0:
            crowd.start_slot(np.ones(cohorts.replications, dtype=bool))
    counted = (segment._undecided + segment._decided).sum(axis=1)
    np.testing.assert_array_equal(counted, crowd.watching[0])
    np.testing.assert_array_equal(segment._not_come.sum(axis=1) + crowd.viewers[0], cohorts.reach)


def test_it_moves_nothing_how_far_ahead_is_drawn(cohorts: Any) -> None:
    """Up to the known change, beyond it, or refresh by refresh; what was drawn too far is left."""
    busy, calm = cohorts.rates(order=0.02, lose=0.1, leave=0.05), cohorts.rates(leave=0.02)
    crowds = [cohorts.start(waiting="30%") for _ in range(3)]
    for refresh in range(100):
        hazards = busy if refresh < 70 else calm
        untils = (0, 70 if refresh < 70 else 100, 70 + refresh)
        tried = [
            crowd.act(refresh, hazards, until) for crowd, until in zip(crowds, untils, strict=True)
        ]
        for crowd, attempts in zip(crowds[: 3 if refresh < 70 else 2], tried, strict=False):
            np.testing.assert_array_equal(attempts, tried[0])
            np.testing.assert_array_equal(crowd.watching, crowds[0].watching)
            np.testing.assert_array_equal(crowd.viewers, crowds[0].viewers)
    assert (crowds[2].watching != crowds[0].watching).any()


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
