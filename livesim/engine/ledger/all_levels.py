"""How accounts are kept: at all stock levels at once, and followed only where units run short.

Until an account runs out of units, what its orders get, pay and let lapse is the same at every
stock level, so it is looked up; where it first runs short is found by searching the running maximum
of the net units taken. From there on the account is followed: lapsed units and deliveries come on
hand step by step, and all followers take a step at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livesim.engine.ledger.order_sums import UNITS, Book
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.serving import Observer, Taking
from livesim.engine.ledger.short_accounts import Shortages, follow
from livesim.engine.ledger.sold_out import Empties, EmptyAccounts
from livesim.engine.orders.orders import Counts, Floats, Numbers


@dataclass(frozen=True)
class Kept:
    """What the accounts of a part came to.

    Parameters
    ----------
    book
        Their orders.
    taken
        What orders got, by the book's columns, shape (cells, R, J, columns).
    dearer
        Value taken, and paid, above what it is at the account's first price (cells, R, J, 2).
    wanted
        Units wanted, shape (cells, R, J).
    beyond
        Units sold beyond the stock, shape (cells, R, J).
    variants, products
        When variants and products were empty; group = (number · R + replication) · J + level.
    """

    book: Book
    taken: Counts
    dearer: Floats
    wanted: Counts
    beyond: Counts
    variants: Empties
    products: Empties


def keep(part: Part, observer: Observer | None = None) -> Kept:
    """Keep the accounts of a part.

    Parameters
    ----------
    part
        Which accounts, at which levels.
    observer
        Is told what orders took; who took it is account · J + level.
    """
    book, shape = part.book, (len(part.cells), part.replications, part.levels)
    short = _shortages(part)
    shared_end = part.end.copy()
    shared_end.ravel()[short.who] = short.batch
    taken = book.upto[shared_end, : book.columns] - book.upto[part.start, None, : book.columns]
    dearer = book.dearer[shared_end, :2] - book.dearer[part.start, None, :2]
    beyond = np.zeros(shared_end.shape, dtype=np.int64)
    if observer is not None:
        everyone = np.arange(shared_end.size)
        begin = np.repeat(part.start, part.levels)
        observer(Taking.whole(everyone, begin, shared_end.ravel(), book.columns))
    empties = EmptyAccounts(part, short.who)
    followed = follow(part, short, empties, observer)
    taken.reshape(-1, book.columns)[short.who] += followed.taken
    dearer.reshape(-1, 2)[short.who] += followed.dearer
    beyond.ravel()[short.who] = followed.beyond
    wanted = book.upto[part.end, UNITS] - book.upto[part.start, None, UNITS]
    return Kept(
        book,
        taken.reshape(*shape, -1),
        dearer.reshape(*shape, 2),
        wanted.reshape(shape),
        beyond.reshape(shape),
        empties.variants,
        empties.products,
    )


def _shortages(part: Part) -> Shortages:
    """Find the accounts and levels whose units run short, and where."""
    book, start = part.book, part.start
    first_net = book.upto[start, UNITS] - book.lapsing[start]
    net = book.net - first_net[book.account]
    beyond_all = int(net.max(initial=0)) + 2
    account = np.arange(len(start))
    peaks = np.maximum.accumulate(book.account * beyond_all + net)
    batch, have = part.end.copy(), np.zeros(part.end.shape, dtype=np.int64)
    found = np.zeros(part.end.shape, dtype=bool)
    found_step = np.zeros(part.end.shape, dtype=np.intp)
    steps = np.append(book.orders.step, 0)
    for units, upto in _segments(part):
        none_yet = (units == 0) & ~found & (upto > 0)  # no units from the start
        found |= none_yet
        batch[none_yet] = np.broadcast_to(start[:, None], batch.shape)[none_yet]
        wanted = np.minimum(units, beyond_all - 1) + account[:, None] * beyond_all
        first = np.searchsorted(peaks, wanted)
        here = ~found & (first < part.end) & (steps[first] <= upto)
        found |= here
        batch[here], have[here], found_step[here] = first[here], units[here], steps[first[here]]
    who = np.flatnonzero(found)
    who = who[np.argsort(found_step.ravel()[who], kind="stable")]
    mine, of = batch.ravel()[who], who // part.levels
    at_start = found_step.ravel()[who] == 0
    settled = mine.copy()
    if len(book.orders):
        inside = np.minimum(mine, len(book.orders) - 1)
        before = book.settled_after(book.account[inside], book.orders.step[inside] - 1)
        settled = np.where(at_start, mine, before)
    taken = book.upto[mine, UNITS] - book.upto[start[of], UNITS]
    taken -= book.lapsing[settled] - book.lapsing[start[of]]
    left = np.where(at_start, 0, have.ravel()[who] - taken)
    return Shortages(who, mine, left, found_step.ravel()[who], settled)


def _segments(part: Part) -> list[tuple[Counts, Numbers]]:
    """Return how many units have come on sale, and until which step that holds, (A, J) each.

    One pair for the start, and one for each delivery that a product has; a product with fewer
    deliveries repeats its last.
    """
    most = max(len(d.step) for d in part.deliveries)
    never = np.iinfo(np.int64).max
    segments = []
    for number in range(most + 1):
        units, upto = [], []
        for product, comes in enumerate(part.deliveries):
            cells = int((part.product_of == product).sum())
            place = min(number, len(comes.step))
            units.append(comes.at_start + comes.together[place])
            ends = comes.step[place] if place < len(comes.step) else np.full_like(part.until, never)
            upto.append(np.broadcast_to(ends, (cells, *ends.shape)))
        flat = (len(part.cells) * part.replications, part.levels)
        segments.append((np.concatenate(units).reshape(flat), np.concatenate(upto).reshape(flat)))
    return segments
