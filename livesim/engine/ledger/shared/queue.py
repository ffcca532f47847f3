"""Orders for stock that is shared, in the order in which they come.

Orders of several variants stand in one queue, each at the moment that it has for its own account.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.ledger.book import ORDERS, Book, counted, upto
from livesim.engine.ledger.runs import spread
from livesim.engine.ledger.shared.takes import Takes
from livesim.engine.orders.orders import Kinds
from livesim.engine.orders.queue_order import uniforms
from livesim.engine.portions import IN_MEMORY

#: Most orders that are put in a queue at once: each takes some twenty numbers.
_MOST_QUEUED = IN_MEMORY // 20
#: Bits of an order's moment in its interval.
_MOMENT_BITS = 34


class Sums:
    """What batches of orders add up to: by a book's columns, and behind them the orders that pay.

    Parameters
    ----------
    book
        The orders.
    kinds
        What orders can be.
    """

    def __init__(self, book: Book, kinds: Kinds) -> None:
        self.book, table = book, counted(kinds)
        paid = table[:, [ORDERS]] * kinds.pays[:, None]
        self.by_kind = np.hstack([table, paid])
        self.upto = np.hstack([book.upto[:, : book.columns], book.orders.upto(paid)])
        self.dearer = book.dearer[:, :2]
        #: The orders before each batch.
        self.orders = upto(book.orders.count.astype(np.int64))[book.orders.first]


class Window(NamedTuple):
    """A time in which nothing comes on hand, and the orders of Q shows in it.

    Parameters
    ----------
    number
        Which shows have the same orders, shape (Q,).
    first, last
        The batches of each of U variants, up to but not including the last, shape (Q, U).
    until
        The step after which orders count no more, shape (Q,); ``NEVER`` where all do.
    """

    number: Numbers
    first: Numbers
    last: Numbers
    until: Numbers


class Queue(NamedTuple):
    """N orders of some shows as they wait their turn, and what those before each add up to.

    Parameters
    ----------
    start, end
        Where the queue of each show begins and ends, shape (R,).
    row, variant, kind, batch, step
        Of each order, shape (N,); the show is counted from the first.
    moment
        When it comes in its interval [1], shape (N,).
    upto, dearer
        By variant, shapes (N + 1, U, columns) and (N + 1, U, 2).
    lines, paid
        How often lines are taken, and by orders that are paid, shape (N + 1, L).
    """

    start: Numbers
    end: Numbers
    row: Numbers
    variant: Numbers
    kind: Numbers
    batch: Numbers
    step: Numbers
    moment: Floats
    upto: Counts
    dearer: Floats
    lines: Counts
    paid: Counts

    def upto_step(self, row: Numbers, step: Numbers) -> Numbers:
        """Return the place behind the orders of shows up to a step, shape (Q,)."""
        width = int(max(self.step.max(initial=0), step.max())) + 1
        keys = self.row * width + self.step
        return np.asarray(np.searchsorted(keys, row * width + step, side="right"))

    @staticmethod
    def of(takes: Takes, sums: Sums, first: Numbers, last: Numbers) -> Queue:
        """Put the orders of batches in a queue, shape (R, U)."""
        orders, variants = sums.book.orders, takes.variants
        row, batch = spread((last - first).ravel(), first.ravel())
        row, variant = np.divmod(row, variants)
        of, entry = spread(np.diff(orders.first)[batch], orders.first[batch])
        each, _ = spread(orders.count[entry], orders.count[entry])
        of, kind = of[each], orders.kind[entry][each]
        size = np.bincount(of, minlength=len(batch))
        place = np.arange(len(of)) - np.repeat(np.cumsum(size) - size, size)
        moment = uniforms(orders.seed[batch[of]], place) >> np.uint64(64 - _MOMENT_BITS)
        order = np.lexsort((moment, orders.step[batch[of]], row[of]))
        of, kind, moment = of[order], kind[order], moment[order]
        row, variant, batch = row[of], variant[of], batch[of]
        count = np.arange(1, len(of) + 1)
        upto = np.zeros((len(of) + 1, variants, sums.by_kind.shape[1]), dtype=np.int64)
        upto[count, variant] = sums.by_kind[kind]
        dearer = np.zeros((len(of) + 1, variants, 2))
        paid_for = sums.book.valued(sums.by_kind[kind])
        dearer[count, variant] = sums.book.above(batch)[:, None] * paid_for
        upto, dearer = np.cumsum(upto, axis=0), np.cumsum(dearer, axis=0)
        ends = np.searchsorted(row, np.arange(len(first) + 1))
        start, end = ends[:-1], ends[1:]
        return Queue(
            start,
            end,
            row,
            variant,
            kind,
            batch,
            orders.step[batch],
            (moment.astype(float) + 0.5) * 2.0**-_MOMENT_BITS,
            upto,
            dearer,
            takes.lines(upto),
            takes.paid(upto),
        )


def queues(takes: Takes, sums: Sums, window: Window) -> Iterator[tuple[Numbers, Numbers, Queue]]:
    """Yield a few shows of a window, which queue is that of each, and these queues.

    Shows with the same orders have the same queue.
    """
    _, of, place = np.unique(window.number, return_index=True, return_inverse=True)
    size = (sums.orders[window.last[of]] - sums.orders[window.first[of]]).sum(axis=1)
    part = np.cumsum(size) // _MOST_QUEUED
    begin = np.flatnonzero(np.diff(part, prepend=-1))
    for start, end in pairwise([*begin.tolist(), len(of)]):
        few = np.flatnonzero((place >= start) & (place < end))
        some = of[start:end]
        yield few, place[few] - start, Queue.of(takes, sums, window.first[some], window.last[some])
