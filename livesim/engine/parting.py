"""Shows that part: another stock makes a slot go on at another moment, and they go on apart.

Up to that moment they are one show, and the recording tells all of it. Each goes on from the state
that it has then, and nothing in how it was chosen depends on what comes later, so its law is that
of a simulation at its own stock. Those that part at any level and any moment stand side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.ledger.dividing import Wanted
from livesim.engine.ledger.ledger import Ledger, ledger_of_all, ledger_of_each
from livesim.engine.noting import Notes
from livesim.engine.own_pace import OwnPace
from livesim.engine.portions import IN_MEMORY
from livesim.engine.recording import Recording
from livesim.engine.release_plan import Stocks
from livesim.engine.state import State
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs


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


def parted(
    recording: Recording,
    notes: Notes,
    streams: Streams,
    wanted: Sequence[Wanted],
    until: Sequence[Numbers],
) -> Iterator[tuple[int, Parted]]:
    """Simulate the rest of shows at other stocks, and yield them with the number of each stock.

    Of those that part where nothing was noted, nothing is told.

    Parameters
    ----------
    recording, notes, streams
        What the crowd did, how it stood, and the streams that it was drawn from.
    wanted
        The stocks, a level each.
    until
        The step until which the recording holds for each of them, shape (R,).
    """
    row, number = np.nonzero(np.stack(until, axis=1) < recording.clock.steps)
    at = np.stack(until, axis=1)[row, number]
    moment = _noted(notes, recording.replications, row, at)
    known = np.flatnonzero(moment >= 0)
    known = known[np.argsort(at[known], kind="stable")]
    row, number, at, moment = row[known], number[known], at[known], moment[known]
    stocks = Stocks(
        np.concatenate([one.levels for one in wanted], axis=1),
        [one.plan for one in wanted],
        number,
    )
    parts = -(-len(row) * recording.inputs.refreshes // IN_MEMORY)
    if not parts:
        return
    state = _state_at(recording, notes, moment)
    for part, some in enumerate(np.array_split(np.arange(len(row)), parts)):
        apart = replace(streams, size=len(some), start=int(at[some[0]]), branch=f"parted {part}")
        going_on = OwnPace(
            recording.inputs.of_rows(row[some]),
            apart,
            replace(stocks, level_of=number[some]),
            state.take(some),
            at[some],
        )
        with closing(going_on):
            gone_on = going_on.run()
        kept = ledger_of_each(gone_on, wanted, number[some])
        for one in np.unique(number[some]).tolist():
            mine = np.flatnonzero(number[some] == one)
            own = gone_on.of_rows(mine, stocks.levels[:, one], stocks.plans[one])
            yield one, Parted(row[some[mine]], own, kept.of_rows(mine))


def ledger_to_the_end(
    recording: Recording, notes: Notes | None, streams: Streams, wanted: Sequence[Wanted]
) -> Ledger:
    """Return what shows come to at stocks: those of a recording, and those that part from it.

    Parameters
    ----------
    recording, streams
        As for :func:`parted`.
    notes
        How the shows stood where they can part; None where they cannot, so that what the recording
        does not tell stays unknown.
    wanted
        The stocks, one after the other.
    """
    found = ledger_of_all(recording, wanted).with_room()
    unknown = unknown_at(recording, found, wanted)
    if notes is None or not unknown.size:
        return found
    each = [Wanted(one.levels[:, [level]], one.plan) for one in wanted for level in range(one.size)]
    until = [recording.clock.by(found.exact_until[:, level]) for level in unknown]
    some = [each[level] for level in unknown]
    for number, one in parted(recording, notes, streams, some, until):
        found.put(one.rows, int(unknown[number]), one.ledger)
    return found


def unknown_at(recording: Recording, kept: Ledger, wanted: Sequence[Wanted]) -> Numbers:
    """Return at which stocks a ledger does not tell all that is asked for.

    Parameters
    ----------
    recording, wanted
        What the ledger is of, and the stocks.
    kept
        The ledger.
    """
    known, first = np.asarray(np.isinf(kept.exact_until).all(axis=0)), 0
    for one in wanted:
        if one.of is not None:
            mine, levels = recording.inputs.product_of[list(one.of)], slice(first, first + one.size)
            known[levels] = kept.final[:, mine, levels].all(axis=(0, 1))
        first += one.size
    return np.flatnonzero(~known)


def _noted(notes: Notes, replications: int, row: Numbers, at: Numbers) -> Numbers:
    """Return the moments that were noted of rows at refreshes, −1 where none was."""
    keys, wanted = notes.at * replications + notes.row, at * replications + row
    place = np.searchsorted(keys, wanted)
    return np.where(np.append(keys, -1)[place] == wanted, place, -1)


def _state_at(recording: Recording, notes: Notes, moment: Numbers) -> State:
    """Return the states of shows at moments, before their processes ran."""
    inputs, row, at = recording.inputs, notes.row[moment], notes.at[moment]
    last_run = ((at - 1) * inputs.refresh)[:, None] + 1e-6 * inputs.refresh

    def so_far(times: Floats) -> Floats:
        return np.where(times[row] <= last_run, times[row], np.inf)

    came = inputs.comes[row] & (inputs.entry + inputs.late[row] <= last_run)
    orders = recording.orders.of_rows(row)
    slots, end = recording.slots, notes.end.take(row)
    viewers, undecided, decided = _viewers(inputs, notes.counts[moment].astype(np.int64))
    return replace(
        end,
        viewers=viewers,
        undecided=undecided,
        decided=decided,
        present=came | notes.present[row],
        link_at=so_far(recording.link_at),
        slot_started_at=so_far(slots.started_at),
        slot_linked_at=so_far(slots.linked_at),
        slot_ended_at=so_far(slots.ended_at),
        orders=orders.take(np.flatnonzero(orders.step <= at[orders.row])),
        attempts=notes.attempts[moment].astype(np.int64),
        dropped=notes.dropped[moment].astype(np.int64)
        if notes.dropped.shape[1]
        else 0 * end.dropped,
    )


def _viewers(inputs: Inputs, counts: Counts) -> tuple[dict[str, Counts], ...]:
    """Return viewers by segment as a state has them, from counts side by side."""
    viewers, undecided, decided = {}, {}, {}
    place = 0
    for segment in inputs.segments:
        phases, name = len(segment.phases), segment.name
        viewers[name] = counts[:, place]
        undecided[name] = counts[:, place + 1 : place + 1 + phases]
        decided[name] = counts[:, place + 1 + phases : place + 1 + 2 * phases]
        place += 1 + 2 * phases
    return viewers, undecided, decided
