"""How much memory a block takes, as a ratio to the orders that are recorded of it.

In a process of its own, as memory that was free there before would not be seen. Before lists of
orders had memory of their own, the recording took 2.0 times its orders, and all of the block 2.2;
where only those of 2 MB had it, 3.3. `getrusage` would tell of none of this below a process that
has had more: its most is passed on to the processes that it starts.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

STATUS = Path("/proc/self/status")

CODE = """
import re
from pathlib import Path
import livesim
from livesim.engine.recorder import record
from livesim.engine.tables import outcome_of
from livesim.experiment.simulating import opened

def most():
    told = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", told)[1]) * 1024

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
@pytest.mark.skipif(not STATUS.exists(), reason="what a process has taken is told by Linux alone")
def test_a_block_takes_little_more_memory_than_its_orders() -> None:
    """Nor do these take many bytes each: a batch has 9 columns, two of them of 8 bytes."""
    run = [sys.executable, "-c", CODE]
    told = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    recorded, whole, size = map(float, told.split())
    assert recorded < 1.5
    assert whole < 1.6
    assert size < 40
