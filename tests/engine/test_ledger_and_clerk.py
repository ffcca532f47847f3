"""The ledger against a slow clerk who serves one order after the other, figure for figure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from clerk import Clerk
from random_recordings import random_plan, random_recording

import livesim.engine.ledger.ledger
from livesim.engine.ledger.dividing import Wanted
from livesim.engine.ledger.ledger import Ledger, ledger_of_all
from livesim.engine.ledger.validity import Parting
from livesim.engine.recording import Recording
from livesim.engine.release_plan import UNLIMITED
from livesim.model.inputs import Inputs
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

TWO = """
show: {length: 3min, refresh: 5s}
products:
  serum: {variants: {small: {share: 60%}, large: {share: 40%}}}
  cream: {price: 50, unit_cost: 20, conversion: 10%, owned: 40, rush: 30s}
rundown:
  talk: {length: 1min, on_stage: [host], sells: [serum, cream]}
  serum: {length: 1min, on_stage: [host], sells: [serum]}
  both: {length: 1min, on_stage: [host], sells: [serum, cream]}
"""
MONEY = ("gmv", "paid_value")


@pytest.fixture(scope="module")
def two(show_of: Callable[..., Scenario]) -> Inputs:
    return inputs_of(show_of(TWO), None, 2)


def assert_the_clerk_agrees(
    recording: Recording, wanted: Wanted, found: Ledger, until: np.ndarray
) -> None:
    """Every figure of every variant and product, in every replication, at every level."""
    for level in range(wanted.levels.shape[1]):
        units = wanted.levels[:, level].tolist()
        for row in range(recording.replications):
            clerk = Clerk(recording, row, units, wanted.plan, until[row, level]).work()
            for variant in range(len(units)):
                mine = clerk.figures(variant)
                assert mine.keys() == found.figures.keys()
                for name, value in mine.items():
                    theirs = found.figures[name][row, variant, level]
                    expected = pytest.approx(value, rel=1e-12) if name in MONEY else value
                    assert theirs == expected, (name, variant, row, units)
            for product in range(len(recording.inputs.products)):
                where = (product, row, units)
                gone = found.sold_out_at[row, product, level]
                assert gone == clerk.product_sold_out_at(product), where
                lacking = found.unavailable_at[row, product, level]
                assert lacking == clerk.product_unavailable_at(product), where
                share = found.on_sale[row, product, level]
                assert share == pytest.approx(clerk.on_sale(product), abs=1e-12), where


#: Random recordings: a few every day, more in CI, and all with the verification suite. In two of
#: those of every day a reserve would be called by orders that come after a show has parted.
DAILY = (0, 1, 23, 31)
SEEDS = [
    *DAILY,
    *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 6)),
    *(pytest.param(n, marks=pytest.mark.thorough) for n in range(6, 40) if n not in DAILY),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_clerk_agrees_at_many_levels_and_in_several_ways(
    seed: int, two: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(seed)
    recording = random_recording(two, random)
    orders, kinds = recording.orders, recording.kinds
    most = int((kinds.units[orders.kind] * orders.count).sum()) // recording.replications + 2
    plans = [recording.plan, *(random_plan(two, random) for _ in range(2))]
    wanted = []
    for plan in plans:
        levels = random.integers(0, max(2, most // random.integers(1, 9)), (3, 5))
        levels[:, 0], levels[:, 1] = 0, UNLIMITED
        wanted.append(Wanted(levels, plan))
    whole = np.full((2, 5), recording.clock.steps)
    each = ledger_of_all(recording, wanted).split([one.size for one in wanted])
    for one, found in zip(wanted, each, strict=True):
        assert np.isinf(found.exact_until).all()
        assert found.final.all()
        assert_the_clerk_agrees(recording, one, found, whole)
    # As far as the recording holds at a level: orders after that count no more.
    until = random.integers(0, recording.clock.steps + 1, (2, 15))
    parted = Parting(until, np.ones((2, 2, 15), dtype=bool))
    monkeypatch.setattr(livesim.engine.ledger.ledger, "parted_at", lambda *args: parted)
    for number, found in enumerate(
        ledger_of_all(recording, wanted).split([one.size for one in wanted])
    ):
        some = until[:, 5 * number : 5 * number + 5]
        assert_the_clerk_agrees(recording, wanted[number], found, some)
