"""A show played from tape is the show that was simulated, bit for bit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from livesim.engine.account import Account
from livesim.engine.block import Lockstep
from livesim.engine.tape import Tape

from livesim.engine.crowd import CohortCrowd, Crowd
from livesim.engine.settlement import settled
from livesim.engine.streams import Streams
from livesim.experiment.drawing import drawn_block
from livesim.model.inputs import Inputs
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

ROWS, SEED = 40, 3

#: Two segments, two products, variants, waves, a reserve, lapses, backorders; nothing reacts.
RICH = """
show: {refresh: 5s, appeal: {lognormal: {median: 1, sigma: 0.5}}}
segments:
  fans: {reach: 1_000, turnout: 40%, waiting: 10%, recommendation: 0.2}
products:
  serum:
    owned: 80
    quantity: {1: 60%, 2: 30%, 3: 10%}
    returns: 20%
    variants: {small: {share: 60%}, large: {share: 40%}}
    waves: {w1: {share: 70%, after: 0s}, w2: {share: 30%, after: 2min}}
    reserve: {units: 30, below: 20, lead_time: 2min}
    backorder: {accept: 30%, units: 10}
  cream: {price: 50, unit_cost: 20, conversion: 10%, owned: 40, returns: 10%, rush: 30s, shelf: 10%}
checkout: {unpaid: 25%, payment_timeout: 1min, capacity: 20}
rundown:
  warm_up: {length: 2min, on_stage: [host], sells: [cream]}
  both: {length: 8min, on_stage: [host], sells: [serum, cream]}
"""


@pytest.fixture(scope="module")
def rich(show_of: Callable[..., Scenario]) -> Scenario:
    return show_of(RICH)


def inputs_for(scenario: Scenario) -> Inputs:
    drawn = {path: values[:ROWS] for path, values in drawn_block(scenario, SEED, 0).items()}
    return inputs_of(scenario, drawn, ROWS)


def crowd_of(scenario: Scenario) -> CohortCrowd:
    return CohortCrowd(inputs_for(scenario), Streams(SEED, 0))


def run(scenario: Scenario, crowd: Crowd, units: tuple[int, ...]) -> Lockstep:
    inputs = inputs_for(scenario)
    levels = np.array(units)[:, None]
    lockstep = Lockstep(scenario, inputs, Streams(SEED, 0), levels, crowd)
    lockstep.run()
    return lockstep


def figures(scenario: Scenario, account: Account) -> list[dict[str, np.ndarray]]:
    return settled(inputs_for(scenario), Streams(SEED, 0), account)


def assert_same(scenario: Scenario, one: Lockstep, other: Lockstep) -> None:
    """Every figure of every variant, and the audience at every refresh."""
    pairs = zip(
        figures(scenario, one.house.account), figures(scenario, other.house.account), strict=True
    )
    for mine, yours in pairs:
        for name, values in mine.items():
            assert np.array_equal(values, yours[name]), name
    assert np.array_equal(one.recorder.watching, other.recorder.watching)
    assert np.array_equal(one.recorder.viewers, other.recorder.viewers)
    assert np.array_equal(one.recorder.units, other.recorder.units)
    assert np.array_equal(one.crowd.watching, other.crowd.watching)
    assert np.array_equal(one.crowd.viewers, other.crowd.viewers)


def test_a_recorded_crowd_does_what_it_would_do_unrecorded(rich: Scenario) -> None:
    units = (30, 50, 40)
    recorded = run(rich, Tape(crowd_of(rich)), units)
    assert_same(rich, recorded, run(rich, crowd_of(rich), units))


@pytest.mark.parametrize(
    ("changes", "units"),
    [
        ({}, (30, 50, 40)),
        ({}, (5, 5, 0)),
        ({"products.serum.waves": {}}, (30, 50, 40)),
        ({"products.serum.waves.w2.after": "7min"}, (30, 50, 40)),
        ({"products.serum.reserve": None, "products.serum.backorder.units": 0}, (20, 20, 40)),
    ],
)
def test_a_played_crowd_before_another_stock_equals_a_simulated_one(
    rich: Scenario, changes: dict[str, object], units: tuple[int, ...]
) -> None:
    tape = Tape(crowd_of(rich))
    run(rich, tape, (100, 100, 100))
    other = rich.with_changes(changes)
    simulated = run(other, crowd_of(other), units)
    assert simulated.house.account.stocks[0].lost.any(), "the stock has to matter"
    assert_same(other, run(other, tape.played(), units), simulated)


def test_where_viewers_react_a_tape_is_not_what_they_would_do(rich: Scenario) -> None:
    herd = rich.with_changes({"screen.claimed": True, "products.serum.herd": 1})
    tape = Tape(crowd_of(herd))
    run(herd, tape, (100, 100, 100))
    other = herd.with_changes({"products.serum.waves": {}})
    simulated = run(other, crowd_of(other), (30, 50, 40))
    played = run(other, tape.played(), (30, 50, 40))
    demand = [
        lockstep.house.account.products[0].stocks[0].demand for lockstep in (simulated, played)
    ]
    assert not np.array_equal(*demand)


def test_a_tape_plays_as_often_as_one_likes(rich: Scenario) -> None:
    tape = Tape(crowd_of(rich))
    run(rich, tape, (100, 100, 100))
    once, twice = (run(rich, tape.played(), (30, 50, 40)) for _ in range(2))
    assert_same(rich, once, twice)


def test_a_lull_is_on_the_tape(show_of: Callable[..., Scenario]) -> None:
    text = RICH.replace("{refresh: 5s,", "{length: 15min, refresh: 1s,")
    quiet = show_of(text + "  talk: {length: 5min, on_stage: [host]}\n").with_changes(
        {"segments.fans.recommendation": 0, "products.cream.shelf": 0}
    )
    units = (30, 50, 40)
    tape = Tape(crowd_of(quiet))
    recorded = run(quiet, tape, units)
    assert len(recorded.recorder.looks) < 900
    assert_same(quiet, recorded, run(quiet, crowd_of(quiet), units))
    assert_same(quiet, recorded, run(quiet, tape.played(), units))
