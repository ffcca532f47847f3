"""When a reserve is called: as soon as fewer units are left than its rule says, or at a moment.

Units left are those on hand, and owned ones that come before the show's end. They are looked at
whenever orders have been served, when the product's link first goes up, and where orders can wait
for units also when some come in: those who wait take them. A rule of a moment looks once, then:
what was sold is what is no longer left of the owned units that come before the show's end.
"""

from __future__ import annotations

import numpy as np

from livesim.engine.ledger.all_levels import keep
from livesim.engine.ledger.order_sums import PAYING, UNITS
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.taken import Taken, upto
from livesim.engine.orders.orders import Counts, Numbers

#: Most looks times stock levels at a time, so that memory stays flat.
_AT_ONCE = 400_000


def called_at(part: Part, below: Counts, moment: Numbers, sold: Counts) -> Numbers:
    """Return the steps at whose end a product's reserve is called, shape (R, J).

    Parameters
    ----------
    part
        The accounts of one product, whose reserve has not come.
    below
        It is called once fewer units than this are left, shape (J,).
    moment, sold
        It is called, too, at the end of a step if more units than so many are sold by then, shape
        (J,); one more than all steps: never.

    Returns
    -------
    ndarray
        One more than all steps where it is not called.
    """
    taken = Taken(part.book, part.levels)
    keep(part, taken.note)
    claimed, paying = taken.column(UNITS), taken.column(PAYING)
    units, lapsing = upto(claimed), upto(claimed - paying)
    step, row = _looks(part, np.unique(moment))
    left = np.concatenate(
        [
            _left(part, units, lapsing, step[some], row[some])
            for some in np.array_split(
                np.arange(len(step)), -(-max(1, len(step) * part.levels) // _AT_ONCE)
            )
        ]
    )
    many = (step[:, None] == moment) & (_all_owned(part)[row] - left > sold)
    called = np.where((left < below) | many, step[:, None], part.recording.clock.steps + 1)
    first = np.full((part.replications, part.levels), part.recording.clock.steps + 1)
    np.minimum.at(first, row, called)
    return first


def _all_owned(part: Part) -> Counts:
    """Return the owned units of a product that come before the show's end, shape (R, J)."""
    comes = part.deliveries[0]
    return np.asarray(comes.at_start.sum(axis=0) + comes.owned[-1])


def _looks(part: Part, moments: Numbers) -> tuple[Numbers, Numbers]:
    """Return the steps and replications at which units left may have fallen, and the moments."""
    recording, orders = part.recording, part.book.orders
    refreshes = recording.inputs.refreshes
    linked = recording.clock.by(part.link_at[:, 0])
    everyone = np.arange(part.replications)
    rows = [orders.row, everyone, *(everyone for _ in moments)]
    steps = [orders.step, linked, *(np.full_like(linked, one) for one in moments)]
    if part.room.any():
        comes = part.deliveries[0].step
        steps.append(comes.ravel())
        rows.append(np.broadcast_to(np.arange(part.replications)[:, None], comes.shape).ravel())
    row, step = np.concatenate(rows), np.concatenate(steps)
    key = np.unique((row * (refreshes + 1) + step)[step <= refreshes])
    row, step = np.divmod(key, refreshes + 1)
    since = step >= linked[row]
    return step[since], row[since]


def _left(part: Part, units: Counts, lapsing: Counts, step: Numbers, row: Numbers) -> Counts:
    """Return the units left of a product at the end of steps, shape (Q, J)."""
    book, comes = part.book, part.deliveries[0]
    come = comes.come_by(step, row)
    left = comes.owned_after(step, row)
    for cell in range(len(part.cells)):
        account = cell * part.replications + row
        start = part.start[account]
        served = book.after(account, step)
        settled = book.settled_after(account, step)
        taken = units[served] - units[start]
        back = lapsing[np.minimum(settled, served)] - lapsing[start]
        left += np.maximum(come[cell] - taken + back, 0)
    return np.asarray(left)
