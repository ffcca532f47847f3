"""Many worlds on the air: what three minutes tell of the end, and what acting on it earns.

Each world is simulated up to its third minute; what could be seen of it is all that `replan`'s
parts get, and then it goes on in both ways: as planned, and with the reserve called.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import livesim
from livesim.arrays import Floats
from livesim.engine.state import State
from livesim.experiment.rest_of_show import Delivery, OnAir, Way
from livesim.experiment.weights import Weighed, weighed
from livesim.planning.live import SHOWS
from livesim.results.intervals import mean_interval, quantile
from livesim.scenario.scenario import Scenario

AT, BLOCK = 180.0, 250
#: An opening that sells from the first minute; orders and viewers are as uncertain as at a first
#: show. The reserve is called when few are left, and takes ten minutes.
SHOW = {
    "like": "brand_room",
    "title": "A drop with a reserve",
    "show": {
        "length": "30min",
        "refresh": "10s",
        "currency": "CNY",
        "appeal": {"lognormal": {"median": 1, "sigma": 0.8}},
        "turnout_factor": {"lognormal": {"median": 1, "sigma": 0.5}},
    },
    "viewers": 6_000,
    "deal": {"slot_fee": 0, "commission": "20%", "platform_fee": "5%", "shipping": 6},
    "products": {
        "serum": {
            "price": 299,
            "unit_cost": 80,
            "left_over_value": 40,
            "owned": 150,
            "limit": 1,
            "orders_per_1000": 40,
            "appeal": 1,
            "reserve": {"units": 200, "below": 15, "lead_time": "10min"},
        }
    },
}


@dataclass(frozen=True)
class Worlds:
    """What was foretold of worlds, and what came."""

    demand: Floats
    low: Floats
    high: Floats
    gain: Floats
    acted: Floats


def world(scenario: Scenario, state: State, row: int) -> tuple[dict[str, object], Weighed]:
    """Return what can be seen of a world now, and what is learned from it."""
    orders = state.orders
    mine = orders.row == row
    seen = {
        "at": AT,
        "viewers": int(sum(of[row] for of in state.viewers.values())),
        "watching": int(state.watching[row]),
        "sold": {"serum": min(150, int(orders.size[mine].sum()))},
    }
    # each world has luck of its own, as each night has: shared luck would not average out
    return seen, weighed(scenario, seen, shows=SHOWS, seed=row + 1)


def lived(scenario: Scenario, seed: int, worlds: int) -> Worlds:
    state = livesim.state_at(scenario, AT, replications=BLOCK, seed=seed, workers=1)
    call = Way(delivery=Delivery("serum", 200, AT + 600.0, part="reserve"))
    truth = Weighed(scenario, (), state, dict(state.inputs), 0.0, 0, np.zeros(1, dtype=np.int64))
    planned, called = OnAir(truth, seed).rest([Way(), call])
    rows = []
    for row in range(worlds):
        _, found = world(scenario, state, row)
        one, other = OnAir(found, BLOCK + row).rest([Way(), call])
        mean, half = mean_interval(other.profit - one.profit)
        act = half is not None and mean > half
        low, high = (quantile(one.products["demand"][:, 0], share) for share in (0.1, 0.9))
        gain = float(called.profit[row] - planned.profit[row]) if act else 0.0
        rows.append((planned.products["demand"][row, 0], low, high, gain, float(act)))
    return Worlds(*np.array(rows).T)


def told(worlds: int) -> tuple[float, float, float, float | None, float]:
    """Return coverage, relative width, mean gain and its half-width, and the share that acted."""
    scenario = livesim.load(SHOW)
    before = livesim.simulate(scenario, replications=500, seed=3, workers=1)
    usual = float(np.diff(np.quantile(before.products["potential_demand"], [0.1, 0.9]))[0])
    blocks = [
        lived(scenario, 100 + block, min(BLOCK, worlds - block * BLOCK))
        for block in range(-(-worlds // BLOCK))
    ]
    demand, low, high, gain, acted = (
        np.concatenate([getattr(one, name) for one in blocks])
        for name in ("demand", "low", "high", "gain", "acted")
    )
    inside = float(((low <= demand) & (demand <= high)).mean())
    mean, half = mean_interval(gain, batch=1)
    return inside, float(np.median(high - low)) / usual, mean, half, float(acted.mean())


@pytest.mark.slow
def test_a_few_worlds_end_where_three_minutes_say() -> None:
    # 20 worlds: an interval of 80 % holds fewer than 11 once in 400 seeds; one of 38 %, which a
    # certain profile of arrivals left, holds as many in 9 % of them
    inside, width, gain, _, _ = told(20)
    assert inside * 20 >= 11
    assert width <= 0.5
    assert gain > 0


@pytest.mark.thorough
def test_three_minutes_halve_the_interval_and_acting_on_them_earns() -> None:
    # 76 to 84 % of 1,000 worlds: an interval of 80 % fails in 0.2 % of studies, one of 74 % in 93 %
    inside, width, gain, half, acted = told(1_000)
    assert 0.76 <= inside <= 0.84
    assert width <= 0.5
    assert half is not None
    assert gain > half
    assert 0.05 < acted < 0.95
