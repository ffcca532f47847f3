"""Who is turned away has met what is unavailable, however late after the slot's planned end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from livesim.engine.ledger.ledger import ledger
from livesim.engine.recorder import record
from livesim.engine.streams import Streams
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

#: A slot is planned for the first of ten minutes, and some 30 of 300 viewers are sure to order.
SHOW = """
show: {refresh: 5s}
segments: {everyone: {reach: 300}}
products: {serum: {conversion: 60%, rush: 20s}}
rundown:
  sale: {length: 1min, on_stage: [host], sells: [serum]}
"""
AGAIN = "  again: {length: 1min, on_stage: [kim], sells: [serum], waits_for: kim}"
LATE = "people: {kim: {role: guest, late: 3min}}" + SHOW + AGAIN
KINDS = {
    "shelf": (SHOW.replace("rush: 20s", "rush: 20s, shelf: 0.5"), 60.0),
    "late guest": (LATE, 240.0),
    "checkout queue": (SHOW + "checkout: {capacity: 0.1}", 60.0),
}


@pytest.mark.parametrize("engine", ["cohort", "agent"])
@pytest.mark.parametrize("kind", KINDS)
def test_turned_away_after_the_planned_end(
    kind: str, engine: str, show_of: Callable[..., Scenario]
) -> None:
    """With all units but one sold, the last viewer of each show is turned away late."""
    text, after = KINDS[kind]
    inputs = inputs_of(show_of(text), None, 3)
    recording = record(inputs, Streams(1, 0, 3), np.array([10_000]), engine=engine)
    demand = ledger(recording, np.array([[10_000]])).figures["demand"][:, 0, 0]
    found = ledger(recording, demand[None] - 1)
    for row in range(3):
        assert found.figures["lost"][row, 0, row] == 1
        assert after < found.unavailable_at[row, 0, row] < np.inf
        assert found.figures["unavailable_at"][row, 0, row] == found.unavailable_at[row, 0, row]
        assert 0.5 < found.on_sale[row, 0, row] <= 1


def test_a_slot_that_moved_forward_is_on_offer_when_it_runs(show_of: Callable) -> None:
    """It sells first while the other waits until 3 min, as if the rundown had it first."""
    kim = "  sale: {length: 1min, on_stage: [kim], sells: [serum], waits_for: kim"
    short = "  short: {length: 1min, on_stage: [host], sells: [serum]}\n"
    head = (
        "people: {kim: {role: guest, lift: 1, pull: 1, late: LATE}}" + SHOW.partition("  sale")[0]
    )
    found = []
    for late, rundown in (
        ("3min", f"{kim}, instead: [short]}}\n{short}"),
        ("2min", f"{short}{kim}}}\n"),
    ):
        inputs = inputs_of(show_of(head.replace("LATE", late) + rundown), None, 3)
        recording = record(inputs, Streams(1, 0, 3), np.array([10_000]))
        demand = ledger(recording, np.array([[10_000]])).figures["demand"][:, 0, 0]
        found.append(ledger(recording, np.array([[5, 20, 60, demand.min() - 1]])))
    moved, usual = found
    assert (moved.figures["lost"][:, 0, -1] > 0).all()
    for name in ("demand", "lost", "sales"):
        assert (moved.figures[name] == usual.figures[name]).all(), name
    assert moved.unavailable_at.tolist() == usual.unavailable_at.tolist()
    assert moved.on_sale == pytest.approx(usual.on_sale)
