"""How much memory a block takes, as a ratio to the orders that are recorded of it.

In a process of its own, as memory that was free there before would not be seen. Before lists of
orders had memory of their own, the recording took 2.0 times its orders, and all of the block 2.2.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("resource", reason="how much memory a process has taken is not told here")

CODE = """
from resource import RUSAGE_SELF, getrusage
import livesim
from livesim.engine.recorder import record
from livesim.engine.tables import outcome_of
from livesim.experiment.simulating import opened

def most():
    return getrusage(RUSAGE_SELF).ru_maxrss * 1024

show = livesim.load("singles_day")
drawn, inputs, streams, _ = opened(show, 1, 0, 150)
before = most()
recording = record(inputs, streams, inputs.owned)
recorded = most()
outcome_of(recording, streams, drawn, recording.wanted)
size = sum(column.nbytes for column in vars(recording.orders).values())
print((recorded - before) / size, (most() - before) / size, size / len(recording.orders))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "darwin", reason="it counts bytes, and compresses them")
def test_a_block_takes_little_more_memory_than_its_orders() -> None:
    """Nor do these take many bytes each: a batch has 9 columns, two of them of 8 bytes."""
    run = [sys.executable, "-c", CODE]
    told = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    recorded, whole, size = map(float, told.split())
    assert recorded < 1.5
    assert whole < 1.6
    assert size < 40
