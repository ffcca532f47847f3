"""Where shows fail: boxes that are there are found, and none where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from livesim.explaining.region import region


def test_a_corner_is_found_with_its_bounds() -> None:
    x = np.random.default_rng(1).random((4, 4000))
    found = region({str(n): x[n] for n in range(4)}, (x[0] < 0.4) & (x[2] > 0.5))
    assert found is not None
    bounds = {bound.path: (bound.low, bound.high) for bound in found.bounds}
    assert set(bounds) == {"0", "2"}
    assert bounds["0"][1] == pytest.approx(0.4, abs=0.03)
    assert bounds["2"][0] == pytest.approx(0.5, abs=0.03)
    assert found.inside.chance > 0.9
    assert found.held.chance > 0.9
    assert found.everywhere.chance == pytest.approx(0.2, abs=0.03)


def test_a_guest_who_does_not_come_bounds_it_alone() -> None:
    luck = np.random.default_rng(1)
    away, other = (luck.random(2000) < 0.1).astype(float), luck.random(2000)
    found = region({"other": other, "away": away}, away == 1.0)
    assert found is not None
    assert [(bound.path, bound.low, bound.high) for bound in found.bounds] == [
        ("away", 1.0, np.inf)
    ]


@pytest.mark.parametrize("replications", [200, 400, 1000])
def test_few_values_and_what_does_not_matter_hide_no_tail(replications: int) -> None:
    """A tenth of the shows fails, four of five of them in the lowest tenth of one of nine inputs.

    To cut a value that many shows share takes them all at once, and of few failing shows almost any
    slice is free.
    """
    luck = np.random.default_rng(replications)
    inputs = {str(n): luck.random(replications) for n in range(7)}
    inputs |= {"late": 180.0 * (luck.random(replications) < 0.15)}
    sells = luck.random(replications)
    chance = np.where(sells <= 0.1, 0.8, 0.02)
    found = region({**inputs, "sells": sells}, luck.random(replications) < chance)
    assert found is not None
    assert [(bound.path, bound.low) for bound in found.bounds] == [("sells", -np.inf)]
    assert found.bounds[0].high < 0.2
    assert found.inside.chance > 0.4
    assert found.held.chance > 0.6


def test_how_often_all_shows_fail_is_counted_in_all_of_them() -> None:
    """In the half that the box was not made from fewer fail here, which nobody was told of."""
    x = np.random.default_rng(2).random(301)
    fails = x < np.quantile(x, 0.1)
    found = region({"x": x}, fails)
    assert found is not None
    assert found.everywhere.chance == fails.mean()
    assert fails[np.arange(301) // 50 % 2 == 1].mean() != fails.mean()


@pytest.mark.slow
def test_no_box_where_failing_is_chance() -> None:
    """Each of 100 tries raises a false alarm with at most 2.5 %; over 9 are one run in 1,000."""
    alarms = 0
    for seed in range(100):
        luck = np.random.default_rng(seed)
        x = luck.random((5, 1000))
        found = region({str(n): x[n] for n in range(5)}, luck.random(1000) < 0.2)
        alarms += found is not None
    assert alarms <= 9


@pytest.mark.parametrize("fails", [False, True])
def test_no_box_where_all_or_none_fail(fails: bool) -> None:
    x = np.random.default_rng(1).random(500)
    assert region({"x": x}, np.full(500, fails)) is None
