"""Each past show had an arrival profile of its own, of which only what is likely is known."""

from __future__ import annotations

import numpy as np
import pytest

import livesim
from livesim.history import History
from livesim.history.table import SHOWS, tidy
from livesim.resolve.past import Past
from livesim.scenario.scenario import Scenario

PLAIN = {"shape": "s_curve", "middle": "40%", "spread": "16%"}
CERTAIN = {"segments.everyone.arrivals": PLAIN, "segments.everyone.waiting": "3%"}


def room(**changes: object) -> Scenario:
    quick = {"show.length": "30min", "show.refresh": "30s", "viewers": 20_000}
    return livesim.load("scenarios/brand_room.yaml", quick | changes)


def past(scenario: Scenario, **serum: object) -> Past:
    """Return one past show in which serum was sold, as long as the next."""
    head = {"show": "a", "start": "2026-10-01 20:00", "length": 1_800, "viewers": 20_000}
    row = head | {"product": "serum", "units": 40} | serum
    return Past.of(scenario, History(tidy([row], SHOWS)))


def test_profiles_that_are_certain_are_one_and_add_no_noise() -> None:
    certain, unsure = past(room(**CERTAIN)), past(room())
    assert len(certain.profiles) == 1 < len(unsure.profiles)
    orders, told = (
        np.log([profile.orders["serum"] for profile in one.profiles]) for one in (unsure, certain)
    )
    assert unsure.orders().noise[0] - certain.orders().noise[0] == pytest.approx(
        orders.var(), rel=0.05
    )
    assert unsure.orders().value[0] - certain.orders().value[0] == pytest.approx(
        told[0] - orders.mean(), abs=0.01
    )


@pytest.mark.parametrize("minute", [3, 6])
def test_a_profile_is_as_likely_as_the_moment_of_the_sell_out_is_with_it(minute: int) -> None:
    """Bayes' rule by drawing: whatever was wanted, and each profile equally often beforehand."""
    one = past(room(), sold_out_at=60 * minute)
    moments, rng = one.profiles[0].times, np.random.default_rng(2)
    held, logs = [], []
    for profile in one.profiles:
        decided = [profile.decided_by("serum", moment) for moment in moments]
        stock_over_wanted = np.exp(rng.uniform(np.log(1e-4), 0, 40_000))
        gone = np.interp(stock_over_wanted, decided, moments)
        held.append((np.abs(gone - 60 * minute) < 18).sum())
        logs.append(np.log(profile.decided_by("serum", 60 * minute)))
    drawn = np.exp(np.average(logs, weights=held))
    assert one.share_until(one.rows[0]) == pytest.approx(drawn, rel=0.01)
    assert np.exp(np.mean(logs)) != pytest.approx(drawn, rel=0.025)
