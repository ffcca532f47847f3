"""Many stock levels in one block: each is what a simulation at that stock gives, bit for bit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from livesim.engine import levels as engine_levels
from livesim.engine.block import reacts_to_stock, simulate_block
from livesim.engine.levels import FIGURES, Levels, levels_block
from livesim.scenario.scenario import Scenario

#: Everything that a stock account knows, and nothing that reacts to it.
TIGHT = """
show: {refresh: 5s, appeal: {lognormal: {median: 1, sigma: 0.5}}}
products:
  serum:
    owned: 150
    quantity: {1: 60%, 2: 30%, 3: 10%}
    limit: 3
    returns: 20%
    variants: {small: {share: 60%}, large: {share: 40%}}
    waves: {w1: {share: 70%, after: 0s}, w2: {share: 30%, after: 2min}}
    backorder: {accept: 30%, units: 10}
  cream:
    {price: 50, unit_cost: 20, conversion: 10%, owned: 40, returns: 10%, rush: 30s, shelf: 10%,
     reserve: {units: 30, below: 20, lead_time: 2min}}
checkout: {unpaid: 25%, payment_timeout: 1min}
rundown:
  serum: {length: 5min, on_stage: [host], sells: [serum]}
  cream: {length: 5min, on_stage: [host], sells: [cream]}
"""
#: Owned units of small and large serum and of the cream, at three levels.
UNITS = np.array([[60, 90, 300], [20, 60, 200], [10, 40, 90]])

REACTIONS = {
    "nothing": {},
    "a queue": {"checkout.capacity": 1.0},
    "slots": {"rundown.serum.at_sell_out": "next"},
    "viewers": {"screen.claimed": True, "products.serum.herd": 0.5},
}


@pytest.fixture(scope="module")
def tight(show_of: Callable[..., Scenario]) -> Scenario:
    return show_of(TIGHT)


def owning(scenario: Scenario, small: int, large: int, cream: int) -> Scenario:
    changes = {
        "products.serum.owned": small + large,
        "products.serum.variants": {
            "small": {"share": "60%", "owned": small},
            "large": {"share": "40%", "owned": large},
        },
        "products.cream.owned": cream,
    }
    return scenario.with_changes(changes)


def differences(found: Levels, scenario: Scenario, block: int) -> list[str]:
    """Name the figures that a simulation at some level gives in other bits."""
    different = []
    for level, units in enumerate(UNITS.T.tolist()):
        outcome = simulate_block(owning(scenario, *units), 7, block)
        figures = {name: outcome.variants[name] for name in FIGURES}
        different += [
            f"{name} at {units}"
            for name, figure in figures.items()
            if not np.array_equal(found.figures[name][:, :, level], figure)
        ]
        if not np.array_equal(found.sold_out_at[:, :, level], outcome.products["sold_out_at"]):
            different.append(f"products sold out at {units}")
        if not np.array_equal(found.viewers[:, level], outcome.rooms["unique_viewers"]):
            different.append(f"viewers at {units}")
    return different


@pytest.mark.parametrize("reaction", REACTIONS)
def test_every_level_is_a_simulation_at_that_stock(reaction: str, tight: Scenario) -> None:
    scenario = tight.with_changes(REACTIONS[reaction])
    assert reacts_to_stock(scenario) == (reaction in ("slots", "viewers"))
    found = levels_block(scenario, UNITS, seed=7, block=1)
    assert differences(found, scenario, block=1) == []
    lost = found.figures["lost"].sum(axis=(0, 1))
    assert lost[0] > lost[1] > lost[2]  # the levels do matter here


def test_one_pass_for_viewers_who_react_would_be_seen(
    tight: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_levels, "reacts_to_stock", lambda scenario: False)
    scenario = tight.with_changes(REACTIONS["viewers"])
    found = levels_block(scenario, UNITS, seed=7, block=1)
    assert differences(found, scenario, block=1) != []


def test_parts_and_blocks_are_joined_in_order(tight: Scenario) -> None:
    whole = levels_block(tight, UNITS, seed=7, block=0)
    parts = [levels_block(tight, UNITS[:, [n]], seed=7, block=0) for n in range(3)]
    together = Levels.side_by_side(parts)
    twice = Levels.joined([whole, levels_block(tight, UNITS, seed=7, block=1)])
    for name in FIGURES:
        assert np.array_equal(together.figures[name], whole.figures[name])
        assert np.array_equal(twice.head(250).figures[name], whole.figures[name])
    assert len(twice.viewers) == len(twice.drawn["show.appeal"]) == 500
    assert np.array_equal(together.units, UNITS)
