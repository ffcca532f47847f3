"""The reference scenarios against what is published about them, as intervals.

Consistency checks say that a scenario holds what it was built from; the others could have failed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import livesim
from livesim.results import Result
from livesim.results.intervals import chance_interval

SCENARIOS = Path(__file__).parents[1] / "scenarios"


@pytest.fixture(scope="module")
def viya() -> Result:
    return livesim.simulate(SCENARIOS / "viya_kim_perfume.yaml", replications=1000, seed=11)


def test_gone_within_five_minutes_is_ordinary_and_not_certain(viya: Result) -> None:
    """Could have failed: nothing in the scenario was fitted to the outcome.

    The 95 % interval of the chance, about ±3 points wide, must lie within 50 to 98 %.
    """
    products = viya.products
    gone = products["sold_out_at"] - products["link_at"] <= 300
    _, low, high = chance_interval(int(gone.sum()), len(gone))
    assert 0.50 <= low <= high <= 0.98


def test_demand_is_not_tuned_to_the_stock(viya: Result) -> None:
    """Could have failed: sold-out sales are a lower bound, so most of demand lies well above."""
    p10, p50, p90 = np.quantile(viya.products["demand"], [0.1, 0.5, 0.9])
    assert p50 > 1.5 * 15_000
    assert p90 / p10 > 4  # wide: a first show of its kind


def test_twelve_to_thirteen_million_came(viya: Result) -> None:
    """Consistency: the reach was set for the published viewers."""
    assert 12e6 <= viya.rooms["unique_viewers"].median() <= 13e6


def test_mean_stays_and_peak_are_as_published_for_other_shows(viya: Result) -> None:
    """Mean stay (consistency) at most 4.2 min, peak over viewers (could have failed) 2 to 31 %."""
    assert viya.rooms["mean_watch_time"].median() <= 4.2 * 60
    peaks = viya.rooms["peak_concurrent"] / viya.rooms["unique_viewers"]
    assert 0.02 <= peaks.median() <= 0.31


def test_the_brand_room_takes_the_orders_of_its_history() -> None:
    """Consistency: 20 serum orders per 1,000 viewers, as the file says.

    About 20,000 orders in all, so the ratio's standard error is below 1 %: the 5 % allowed are
    exceeded by chance less than once in a million, and an error of 8 % would be seen.
    """
    room = livesim.load(SCENARIOS / "brand_room.yaml")
    plenty = room.with_changes({"products.serum.owned": 100_000, "show.appeal": 1})
    result = livesim.simulate(plenty, replications=500, seed=3)
    serum = result.products.query("product == 'serum'")["orders"].to_numpy()
    viewers = result.rooms["unique_viewers"].to_numpy()
    assert serum.sum() / viewers.sum() * 1000 == pytest.approx(20, rel=0.05)
