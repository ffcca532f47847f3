"""Until when a recording holds at another stock level.

Viewers live through one show, that of one stock. As long as no slot goes on because of the stock,
it is the show of every other level, too. Where a slot goes on at sell-out, the shows of two levels
part at the first refresh at which it goes on in one of them and not in the other. Where viewers or
processes have reacted to the stock, nothing is known of another one from the start.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from livesim.engine.keeping import Kept, keep
from livesim.engine.orders import Numbers
from livesim.engine.parts import Wanted, parts_of
from livesim.engine.recording import Recording


def parted_at(recording: Recording, wanted: Sequence[Wanted]) -> Numbers:
    """Return the step after which a recording says nothing of a level, shape (R, J).

    Parameters
    ----------
    recording
        What the crowd did.
    wanted
        The levels.
    """
    steps = recording.clock.steps
    levels = sum(one.levels.shape[1] for one in wanted)
    holds = np.full((recording.replications, levels), steps)
    if recording.reacts:
        holds[:, ~_as_lived(recording, wanted)] = 0
        return holds
    going_on = [slot for slot in recording.inputs.slots if slot.goes_on]
    if not going_on:
        return holds
    lived = Wanted(recording.lived[:, None], recording.plan)
    goes_on = _goes_on_at(recording, [*wanted, lived])
    here, there = goes_on[:, :, :-1], goes_on[:, :, -1:]
    parts = np.where(here != there, np.minimum(here, there), steps)
    return np.asarray(np.minimum(parts.min(axis=0), steps))


def _as_lived(recording: Recording, wanted: Sequence[Wanted]) -> Numbers:
    """Say which levels are those of the show that viewers have lived through, shape (J,)."""
    return np.concatenate(
        [
            (one.levels == recording.lived[:, None]).all(axis=0)
            & (tuple(one.plan) == tuple(recording.plan))
            for one in wanted
        ]
    )


def _goes_on_at(recording: Recording, wanted: Sequence[Wanted]) -> Numbers:
    """Return the step at which each slot goes on at each level, (slots, R, J); never: steps + 1.

    A slot waits for each of its products once, from the moment at which its links are up.
    """
    clock, slots = recording.clock, recording.slots
    levels = sum(one.levels.shape[1] for one in wanted)
    never = clock.steps + 1
    linked, planned = clock.by(slots.linked_at), _planned_ends(recording)
    until = np.full((recording.replications, levels), clock.steps)
    waits = np.array(
        [
            [slot.goes_on and product in slot.sells for slot in recording.inputs.slots]
            for product in range(len(recording.inputs.products))
        ]
    )
    goes_on = np.zeros((len(recording.inputs.slots), *until.shape), dtype=np.intp)
    for columns, part in parts_of(recording, wanted, until):
        if waits[part.products].any():
            gone = _gone_at(keep(part), waits[part.products], linked, never, part.until.shape)
            goes_on[:, :, columns] = np.maximum(goes_on[:, :, columns], gone)
    waiting = waits.any(axis=0)[:, None, None]
    in_time = goes_on < planned.T[:, :, None]
    return np.asarray(np.where(waiting & in_time, goes_on, never))


def _planned_ends(recording: Recording) -> Numbers:
    """Return the step at which each slot ends if it does not go on before, shape (R, slots)."""
    started = recording.slots.started_at
    length = np.array([slot.length for slot in recording.inputs.slots])
    cutoff = np.array([slot.cutoff for slot in recording.inputs.slots])
    return recording.clock.by(np.minimum(started + length, cutoff))


def _gone_at(
    kept: Kept, waits: Numbers, linked: Numbers, never: int, shape: tuple[int, int]
) -> Numbers:
    """Return when all products that a slot waits for have been sold out, (slots, R, J)."""
    groups, begun, ended = kept.products.spells(never)
    product, rest = np.divmod(groups, shape[0] * shape[1])
    row, level = np.divmod(rest, shape[1])
    gone = np.zeros((waits.shape[1], *shape), dtype=np.intp)
    for slot in np.flatnonzero(waits.any(axis=0)).tolist():
        for number in np.flatnonzero(waits[:, slot]).tolist():
            mine = product == number
            since = np.maximum(begun[mine], linked[row[mine], slot])
            there = ended[mine] > since
            first = np.full(shape, never)
            at = row[mine][there], level[mine][there]
            np.minimum.at(first, at, since[there])
            gone[slot] = np.maximum(gone[slot], first)
    return gone


