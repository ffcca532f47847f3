"""Orders and stock over the show against what the clerk finds at every moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from clerk import Clerk
from random_recordings import random_recording

from livesim.engine.ledger.ledger import ledger
from livesim.engine.ledger.stock_over_time import StockOverTime
from livesim.engine.timeline import Changes, Timeline, usual_step
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

TWO = """
show: {length: 3min, refresh: 5s}
products:
  serum: {variants: {small: {share: 60%}, large: {share: 40%}}}
  cream: {price: 50, unit_cost: 20, conversion: 10%, owned: 40, rush: 30s}
rundown: {talk: {length: 3min, sells: [serum, cream]}}
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("step", [None, 15.0])
def test_units_and_orders_at_every_moment_are_the_clerks(
    seed: int, step: float | None, show_of: Callable[..., Scenario]
) -> None:
    random = np.random.default_rng(seed)
    recording = random_recording(inputs_of(show_of(TWO), None, 2), random)
    recording = replace(recording, lived=random.integers(0, 150, 3))
    curves = StockOverTime(recording, step)
    found = ledger(recording, recording.lived[:, None], watch=curves.watch)
    every = 1 if step is None else 3
    timeline = curves.timeline()
    for row in range(2):
        clerk = Clerk(recording, row, recording.lived.tolist(), recording.plan).work()
        moments = range(0, recording.inputs.refreshes + 1, every)
        left = [clerk.left_by_product[k] for k in moments]
        assert timeline["on_hand"][row].tolist() == left
        orders = [sum(clerk.orders_by_step[: k + 1]) for k in moments]
        assert timeline["orders"][row].tolist() == orders
        assert curves.orders_by_room[row].tolist() == clerk.orders_by_room
    whole = found.figures["orders"].sum(axis=(1, 2))
    assert (curves.orders_by_room.sum(axis=1) == whole).all()
    reserved, paid = timeline["reserved"], timeline["paid"]
    assert (reserved >= 0).all() and (np.diff(paid, axis=1) >= 0).all()


def test_about_a_hundred_moments_and_the_last_is_the_end() -> None:
    assert [usual_step(number) for number in (1, 90, 101, 720, 8640)] == [1, 1, 2, 8, 90]


def test_counts_are_put_together_from_what_they_change_by() -> None:
    """Of two blocks, one of them in two parts, and one with counts that need eight bytes."""
    rng = np.random.default_rng(5)
    blocks = [
        rng.integers(0, 3, (rows, 6, 4)) * np.int64(most) for rows, most in ((3, 7), (2, 2**40))
    ]
    changes = []
    for counts in blocks:
        by_moment = counts.transpose(1, 2, 0)
        parts = [
            Changes.of(by_moment[:, products][..., rows:], counts.shape, rows, np.array(products))
            for rows, products in ((0, [1, 2]), (0, [0, 3]))
        ]
        changes.append(Changes.together(counts.shape, parts))
    whole = Changes.joined(changes)
    found = Timeline({"times": np.arange(6)}, {"paid": whole})
    assert np.array_equal(found["paid"], np.concatenate(blocks))
    assert np.array_equal(whole.part(slice(0, 4)).counts(), np.concatenate(blocks)[:4])
    assert np.array_equal(whole.part(slice(2, 5)).counts(), np.concatenate(blocks)[2:])
    some = found.part(slice(1, 5)).part(slice(1, 3))
    assert np.array_equal(some["paid"], np.concatenate(blocks)[2:4])
    assert changes[0].by.dtype == np.int32 and changes[1].by.dtype == np.int64
    assert list(found) == ["times", "paid"] and len(found["times"]) == 6
