"""Many stock levels in one block: each is what a simulation at that stock gives, bit for bit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from livesim.engine.account import UNLIMITED
from livesim.engine.block import reacts_to_stock, simulate_block
from livesim.engine.going_on import GoingOn
from livesim.engine.levels import FIGURES, Levels, levels_block, replayed_block

from livesim.engine import levels as engine_levels
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


@pytest.mark.slow
@pytest.mark.parametrize("reaction", REACTIONS)
def test_every_level_is_a_simulation_at_that_stock(reaction: str, tight: Scenario) -> None:
    scenario = tight.with_changes(REACTIONS[reaction])
    assert reacts_to_stock(scenario) == (reaction in ("slots", "viewers"))
    found = levels_block(scenario, UNITS, seed=7, block=1)
    assert differences(found, scenario, block=1) == []
    lost = found.figures["lost"].sum(axis=(0, 1))
    assert lost[0] > lost[1] > lost[2]  # the levels do matter here


@pytest.mark.slow
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


ALIKE = {"products.serum.rush": "30s", "products.cream.rush": "30s"}
SLOT = {"length": "3min", "on_stage": ["host"], "link": 0, "price": {}, "at_sell_out": "stay"}
#: The serum's slot goes on at sell-out, in every way in which a stock can be sold out.
GOING_ON = {
    "one slot": {},
    "after a slot that stays": {
        "rundown": {
            "early": {**SLOT, "length": "2min", "sells": ["serum"]},
            "late": {**SLOT, "sells": ["serum"], "at_sell_out": "next", "link": "20s"},
            "cream": {**SLOT, "length": "5min", "sells": ["cream"]},
        },
    },
    "two products": {"rundown.serum.sells": ["serum", "cream"], **ALIKE},
    "a reserve": {
        "products.serum.reserve": {"units": 20, "below": 30, "lead_time": "1min"},
        "rundown.cream.at_sell_out": "next",
    },
}
GOES_ON = {"rundown.serum.at_sell_out": "next", "products.cream.shelf": 0, "show.refresh": "10s"}


def one_by_one(scenario: Scenario, number: int, levels: np.ndarray) -> tuple[Levels, Levels]:
    """Return twenty shows, each simulated by itself, replayed and simulated at each level."""
    seen = np.where([variant == number for variant in range(3)], UNLIMITED, UNITS[:, 1])
    units = np.repeat(UNITS[:, [1]], len(levels), axis=1)
    units[number] = levels
    replayed = [replayed_block(scenario, seen, units, 7, n, replications=1) for n in range(20)]
    simulated = [levels_block(scenario, units, 7, n, replications=1) for n in range(20)]
    return Levels.joined(replayed), Levels.joined(simulated)


def unlike(replayed: Levels, simulated: Levels, number: int) -> list[str]:
    return [
        name
        for name in FIGURES
        if not np.array_equal(replayed.figures[name][:, number], simulated.figures[name][:, number])
    ]


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("case", GOING_ON)
def test_what_is_sold_until_a_slot_goes_on_is_replayed(
    case: str, number: int, tight: Scenario
) -> None:
    """Bit for bit where a show is simulated by itself; units lapse and orders wait in all cases."""
    scenario = tight.with_changes(GOES_ON).with_changes(GOING_ON[case])
    replayed, simulated = one_by_one(scenario, number, np.array([0, 5, 15, 40, 80]))
    assert unlike(replayed, simulated, number) == []
    assert np.array_equal(replayed.sold_out_at[:, 0], simulated.sold_out_at[:, 0])
    assert replayed.figures["left_over"][:, number].any()
    assert replayed.figures["backordered"][:, number].any()


@pytest.mark.slow
def test_a_slot_that_does_not_go_on_would_be_seen(
    tight: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GoingOn, "note", lambda self, stage, products: None)
    replayed, simulated = one_by_one(tight.with_changes(GOES_ON), 0, np.array([0, 5, 15, 40]))
    assert "lost" in unlike(replayed, simulated, 0)


@pytest.mark.slow
def test_what_is_sold_later_is_not_replayed_but_the_sell_out_is(tight: Scenario) -> None:
    again = {"rundown.cream.sells": ["serum", "cream"], "products.serum.backorder": None, **ALIKE}
    scenario = tight.with_changes(GOES_ON | again)
    replayed, simulated = one_by_one(scenario, 0, np.array([0, 5, 15, 40]))
    assert "sales" in unlike(replayed, simulated, 0)
    assert "sold_out_at" not in unlike(replayed, simulated, 0)


@pytest.mark.slow
def test_replayed_levels_have_the_law_of_simulated_ones(tight: Scenario) -> None:
    """Within a block luck differs: 500 shows; shows a mean that is off by a tenth of itself."""
    scenario = tight.with_changes(GOES_ON)
    units = np.repeat(UNITS[:, [1]], 3, axis=1)
    units[0] = 10, 30, 60
    seen = np.array([UNLIMITED, *UNITS[1:, 1]])
    replayed = Levels.joined([replayed_block(scenario, seen, units, 7, n) for n in range(2)])
    simulated = Levels.joined([levels_block(scenario, units, 7, n) for n in range(2)])
    assert unlike(replayed, simulated, 0) != []
    for name in ("sales", "lost", "left_over", "profit"):
        one, other = (found.figures[name][:, 0] for found in (replayed, simulated))
        error = (one - other).std(axis=0) / np.sqrt(len(one))
        assert (np.abs(one.mean(axis=0) - other.mean(axis=0)) <= 4 * error + 1e-9).all(), name
        assert (4 * error < 0.1 * np.abs(other.mean(axis=0)).max()).all(), name


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_short_block_is_a_run_of_as_many_replications(tight: Scenario, goes_on: bool) -> None:
    """Figures, potential demand and replays are of 50 shows, and not of a whole block's first."""
    scenario = tight.with_changes(GOES_ON if goes_on else {})
    run = simulate_block(owning(scenario, *UNITS[:, 1].tolist()), 7, 0, replications=50)
    short = levels_block(scenario, UNITS, seed=7, block=0, replications=50)
    whole = levels_block(scenario, UNITS, seed=7, block=0)
    for table in ("shows", "products", "variants", "timeline"):
        for name, column in getattr(run, table).items():
            assert name == "times" or len(column) == 50
    assert np.array_equal(run.variants["sales"], short.figures["sales"][:, :, 1])
    assert not np.array_equal(short.figures["demand"], whole.figures["demand"][:50])
    replayed = replayed_block(scenario, UNITS[:, 1], UNITS, seed=7, block=0, replications=50)
    assert np.array_equal(replayed.figures["sales"][:, :, 1], short.figures["sales"][:, :, 1])
