"""Until when a recording holds at another stock level.

Viewers live through one show, that of one stock. As long as no slot goes on because of the stock,
it is the show of every other level, too. Where a slot goes on at sell-out, the shows of two levels
part at the first refresh at which it goes on in one of them and not in the other. A show whose
coupons never run out is that of every level until they do. Where viewers or processes have reacted
to the stock otherwise, nothing is known of another one from the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Numbers
from livesim.engine.ledger.book import UNITS
from livesim.engine.ledger.coupons import run_out_at
from livesim.engine.ledger.dividing import Wanted, parts_of
from livesim.engine.ledger.keeping import Kept, keep
from livesim.engine.ledger.part import Part, places
from livesim.engine.recording import Recording


@dataclass(frozen=True)
class Parting:
    """How far a recording holds in R replications at J stock levels.

    Parameters
    ----------
    until
        The step after which it says nothing of a level, shape (R, J).
    final
        Whether what a product came to by then is all that it comes to, shape (R, P, J): nothing
        parts, or the product is not sold after the slot with which the shows part.
    """

    until: Numbers
    final: NDArray[np.bool_]


def stock_decided(recording: Recording) -> bool:
    """Say whether the stock may have decided how shows went: else unlimited stock makes the same.

    Viewers or processes have reacted to it, or a slot has ended before its time, at sell-out or by
    a process.
    """
    ended = recording.clock.by(recording.slots.ended_at)
    return recording.reacts or bool((ended < _planned_ends(recording)).any())


def parted_at(recording: Recording, wanted: Sequence[Wanted]) -> Parting:
    """Say how far a recording holds at stock levels.

    Parameters
    ----------
    recording
        What the crowd did.
    wanted
        The levels.
    """
    steps, products = recording.clock.steps, len(recording.inputs.products)
    levels = sum(one.size for one in wanted)
    until = np.full((recording.replications, levels), steps)
    final = np.ones((recording.replications, products, levels), dtype=bool)
    if recording.while_coupons_last:
        for part, level in parts_of(recording, wanted, until):
            rows = slice(part.rows.start, part.rows.stop)
            until[rows] = np.minimum(until[rows], run_out_at(part)[:, level])
        final[:] = (until == steps)[:, None]
    elif recording.reacts:
        other = np.asarray(~_as_lived(recording, wanted))
        until[:, other], final[:, :, other] = 0, False
    elif not (recording.holds or _as_lived(recording, wanted).all()):
        lived = Wanted(recording.lived[:, None], recording.plan)
        goes_on = _goes_on_at(recording, [*wanted, lived])
        here, there = goes_on[:, :, :-1], goes_on[:, :, -1:]
        parts = np.where(here != there, np.minimum(here, there), steps)
        slot = parts.argmin(axis=0)
        until = np.minimum(parts.min(axis=0), steps)
        over = np.asarray(_over_after(recording))[:, slot].transpose(1, 0, 2)
        final = over | (until == steps)[:, None]
    return Parting(until, final)


def _over_after(recording: Recording) -> NDArray[np.bool_]:
    """Say whether a product is not sold any more once a slot is over, shape (P, slots)."""
    inputs = recording.inputs
    last = np.full(len(inputs.products), -1)
    for number, slot in enumerate(inputs.slots):
        last[list(slot.sells)] = number
    for group in map(list, inputs.sharing):
        last[group] = last[group].max()
    over = np.asarray(np.arange(len(inputs.slots)) >= last[:, None])
    moves = any(slot.instead for slot in inputs.slots)
    if moves or np.isfinite(inputs.capacity):  # who waits at the checkout is served later
        return np.zeros_like(over)
    shelved = np.asarray(inputs.shelf.any(axis=0)) | inputs.webshops
    for group in map(list, inputs.sharing):
        shelved[group] = shelved[group].any()
    return np.asarray(over & ~shelved[:, None])


def _as_lived(recording: Recording, wanted: Sequence[Wanted]) -> NDArray[np.bool_]:
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
    levels = sum(one.size for one in wanted)
    never = clock.steps + 1
    linked, planned = clock.by(slots.linked_at), _planned_ends(recording)
    until = np.full((recording.replications, levels), clock.steps)
    waits = np.zeros((len(recording.inputs.products), len(slots.started_at[0])), dtype=bool)
    for number, slot in enumerate(recording.inputs.slots):
        waits[list(slot.sells), number] = slot.goes_on
    goes_on = np.zeros((len(recording.inputs.slots), *until.shape), dtype=np.intp)
    for part, level in parts_of(recording, wanted, until):
        mine = waits[places(part.products)]
        rows = slice(part.rows.start, part.rows.stop)
        if not _can_run_out(part):
            goes_on[mine.any(axis=0), rows] = never
        elif mine.any():
            gone = _gone_at(keep(part), mine, linked[rows], never, part.until.shape)
            goes_on[:, rows] = np.maximum(goes_on[:, rows], gone[..., level])
    waiting = np.asarray(waits.any(axis=0))[:, None, None]
    in_time = goes_on < planned.T[:, :, None]
    return np.asarray(np.where(waiting & in_time, goes_on, never))


def _can_run_out(part: Part) -> bool:
    """Say whether orders want as many units of any account as there are from the start."""
    if part.shares_stock:
        return True
    at_start = np.concatenate([comes.at_start for comes in part.deliveries])
    wanted = part.book.upto[part.end, UNITS] - part.book.upto[part.start, None, UNITS]
    return bool((wanted >= at_start.reshape(wanted.shape)).any())


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
