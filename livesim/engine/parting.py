"""Shows that part: another stock makes a slot go on at another moment, and they go on apart.

Up to that moment they are one show, and the recording tells all of it. Each goes on from the state
that it has then, and nothing in how it was chosen depends on what comes later, so its law is that
of a simulation at its own stock. Those that part at any level and any moment stand side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from livesim.engine.ledger.ledger import Ledger, ledger
from livesim.engine.ledger.parts import Wanted
from livesim.engine.ledger.release import Stocks
from livesim.engine.loop import record_parted, states_parting
from livesim.engine.orders.orders import Numbers
from livesim.engine.recording import Recording
from livesim.engine.state import Begin, State
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs

#: Most replications times refreshes that are simulated at a time, so that memory stays flat.
_AT_ONCE = 8_000_000


@dataclass(frozen=True)
class Parted:
    """Shows that have parted from a recording, all at the same stock.

    Parameters
    ----------
    rows
        From which replications, shape (N,).
    recording, ledger
        What they came to, from the start on, at their only level.
    """

    rows: Numbers
    recording: Recording
    ledger: Ledger


def can_part(inputs: Inputs) -> bool:
    """Say whether shows may part, and can then be simulated from there on.

    Where newcomers are brought by others, or a checkout has a queue, a state is no more than what
    it is at one moment for all.
    """
    apart = not any(segment.reacts for segment in inputs.segments) and np.isinf(inputs.capacity)
    return bool(apart) and any(slot.goes_on for slot in inputs.slots)


def parted(
    recording: Recording, streams: Streams, wanted: Sequence[Wanted], until: Sequence[Numbers]
) -> Iterator[tuple[int, Parted]]:
    """Simulate the rest of shows at other stocks, and yield them with the number of each stock.

    Parameters
    ----------
    recording, streams
        What the crowd did, and the streams that it was drawn from.
    wanted
        The stocks, a level each.
    until
        The step until which the recording holds for each of them, shape (R,).
    """
    row, number = np.nonzero(np.stack(until, axis=1) < recording.clock.steps)
    at = np.stack(until, axis=1)[row, number]
    in_time = np.argsort(at, kind="stable")
    row, number, at = row[in_time], number[in_time], at[in_time]
    stocks = Stocks(
        np.concatenate([one.levels for one in wanted], axis=1),
        [one.plan for one in wanted],
        number,
    )
    parts = -(-len(row) * recording.inputs.refreshes // _AT_ONCE)
    if not parts:
        return
    state, begin = _where_they_part(recording, streams, row, at)
    for part, some in enumerate(np.array_split(np.arange(len(row)), parts)):
        apart = replace(streams, size=len(some), start=int(at[some[0]]), branch=f"parted {part}")
        gone_on = record_parted(
            recording.inputs.of_rows(row[some]),
            apart,
            replace(stocks, level_of=number[some]),
            state.take(some),
            Begin(begin.at[some], begin.look[some]),
        )
        for one in np.unique(number[some]).tolist():
            mine = np.flatnonzero(number[some] == one)
            inputs = gone_on.inputs.of_rows(mine)
            units = stocks.levels[:, one]
            own = gone_on.of_rows(mine, inputs, units, stocks.plans[one])
            yield one, Parted(row[some[mine]], own, ledger(own, units[:, None]))


def _where_they_part(
    recording: Recording, streams: Streams, row: Numbers, at: Numbers
) -> tuple[State, Begin]:
    """Return the states of replications at steps, with all that has been ordered by then."""
    first = np.flatnonzero(np.diff(at, prepend=-1))
    rows = dict(zip(at[first].tolist(), np.split(row, first[1:]), strict=True))
    state, begin = states_parting(recording.inputs, streams, recording.lived, rows)
    orders = recording.orders.of_rows(row)
    by_then = np.flatnonzero(orders.step <= at[orders.row])
    return replace(state, orders=orders.take(by_then)), begin
