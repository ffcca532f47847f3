"""How accounts are kept: at all stock levels at once, and followed only where units run short.

Until an account runs out of units, what its orders get, pay and let lapse is the same at every
stock level, so it is looked up; where it first runs short is found by searching the running maximum
of the net units taken. From there on the account is followed: lapsed units and deliveries come on
hand step by step, and all followers take a step at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from livesim.engine.accounts import Accounts, Observer, Taking
from livesim.engine.book import PAYING, UNITS, Book
from livesim.engine.empties import Empties
from livesim.engine.orders import Counts, Floats, Numbers
from livesim.engine.part import Part


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
    book, shape = part.book, (len(part.cells), part.rows, part.levels)
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
    empties = _Emptied(part)
    followed = _follow(part, short, empties, observer)
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


@dataclass(frozen=True)
class _Shortages:
    """Where F followers' units run short for the first time.

    Parameters
    ----------
    who
        account · J + level, by the step from which each is followed, shape (F,).
    batch
        The first batch that the units do not outlast, shape (F,).
    have
        Units on hand before it, shape (F,).
    step
        The step of that batch; 0 for an account that has no units from the start.
    unsettled
        The account's first batch that is not settled before that step, shape (F,).
    """

    who: Numbers
    batch: Numbers
    have: Counts
    step: Numbers
    unsettled: Numbers


def _shortages(part: Part) -> _Shortages:
    """Find the accounts and levels whose units run short, and where."""
    book, start = part.book, part.start
    lapsing = book.upto[:, UNITS] - book.upto[:, PAYING]
    unsettled = book.settled_after(book.account, book.orders.step - 1)
    back = lapsing[unsettled] - lapsing[start[book.account]]
    net = book.upto[1:, UNITS] - book.upto[start[book.account], UNITS] - back
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
    inside = np.minimum(mine, max(len(book.orders) - 1, 0))
    at_start = found_step.ravel()[who] == 0
    settled = np.where(at_start, mine, unsettled[inside]) if len(book.orders) else mine
    taken = book.upto[mine, UNITS] - book.upto[start[of], UNITS]
    taken -= lapsing[settled] - lapsing[start[of]]
    left = np.where(at_start, 0, have.ravel()[who] - taken)
    return _Shortages(who, mine, left, found_step.ravel()[who], settled)


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
            units.append(comes.at_start[:, None, :] + comes.together[place])
            ends = comes.step[place] if place < len(comes.step) else np.full_like(part.until, never)
            upto.append(np.broadcast_to(ends, (cells, *ends.shape)))
        flat = (len(part.cells) * part.rows, part.levels)
        segments.append((np.concatenate(units).reshape(flat), np.concatenate(upto).reshape(flat)))
    return segments


class _Emptied:
    """Which variants and products are empty, from what happens to accounts.

    Parameters
    ----------
    part
        The accounts.
    """

    def __init__(self, part: Part) -> None:
        self._part = part
        cells, group = len(part.cells), part.rows * part.levels
        variant_of = np.arange(cells) // part.per_variant
        final_step = np.stack([comes.final_step for comes in part.deliveries])
        final_at = np.stack([comes.final_at for comes in part.deliveries])
        product_of_variant = part.product_of[:: part.per_variant]
        self.variants = Empties(
            np.repeat(np.bincount(variant_of), group),
            final_step[product_of_variant].ravel(),
            final_at[product_of_variant].ravel(),
        )
        members = np.bincount(part.product_of, minlength=len(part.products))
        self.products = Empties(np.repeat(members, group), final_step.ravel(), final_at.ravel())
        self._variant_of, self._product_of = variant_of, part.product_of
        self._group = group

    def emptied(self, who: Numbers, at: Floats, in_step: Numbers) -> None:
        """Note accounts that have run out of units, as :meth:`Empties.emptied` has them."""
        for empties, groups in self._groups(who):
            empties.emptied(groups, at, in_step)

    def filled(self, who: Numbers, step: int) -> None:
        """Note accounts that had no units and have now."""
        for empties, groups in self._groups(who):
            empties.filled(groups, step)

    def _groups(self, who: Numbers) -> list[tuple[Empties, Numbers]]:
        """Return the groups of accounts: their variants, and their products."""
        cell, rest = np.divmod(who, self._group)
        return [
            (empties, of[cell] * self._group + rest)
            for empties, of in (
                (self.variants, self._variant_of),
                (self.products, self._product_of),
            )
        ]


def _follow(
    part: Part, short: _Shortages, empties: _Emptied, observer: Observer | None
) -> Accounts:
    """Follow the accounts whose units run short to the end of the show."""
    book, clock = part.book, part.recording.clock
    account, level = np.divmod(short.who, part.levels)
    nothing = np.zeros(len(short.who), dtype=np.int64)
    followers = Accounts(account, nothing.copy(), nothing.copy(), book.columns, clock.times, None)
    if observer is not None:
        followers.observer = lambda taking: observer(taking.of(short.who[taking.who]))
    _return_reserved(book, short, followers, clock.steps)
    _deliver(part, short, followers, clock.steps)
    until = part.until[account % part.rows, level]
    room = part.room[account // part.rows, level]
    at_start = np.flatnonzero(short.step == 0)
    empties.emptied(short.who[at_start], np.zeros(len(at_start)), at_start * 0)
    marks = _marks(part, followers)
    joined = 0
    for begun, ended in pairwise([*marks, clock.steps]):
        empties.filled(short.who[followers.receive(begun)], begun)
        join = np.arange(joined, np.searchsorted(short.step, ended, side="right"))
        joined += len(join)
        followers.position[join], followers.room[join] = short.have[join], room[join]
        alive = np.flatnonzero((followers.position[:joined] > 0) | (followers.room[:joined] > 0))
        first = np.maximum(book.after(account[alive], begun), short.batch[alive])
        last = book.after(account[alive], np.minimum(until[alive], ended))
        some = first < last
        emptied = followers.serve(book, alive[some], first[some], last[some])
        empties.emptied(
            short.who[emptied],
            followers.emptied_at[emptied],
            followers.emptied_in[emptied],
        )
    empties.filled(short.who[followers.receive(clock.steps)], clock.steps)
    return followers


def _return_reserved(book: Book, short: _Shortages, followers: Accounts, steps: int) -> None:
    """Let units come back that were reserved before the shortage and will not be paid."""
    lapsing = book.upto[:, UNITS] - book.upto[:, PAYING]
    new_run = np.flatnonzero(
        (np.diff(book.settled, prepend=-1) != 0) | (np.diff(book.account, prepend=-1) != 0)
    )
    run_of = np.cumsum(np.bincount(new_run, minlength=len(book.orders) + 1)) - 1
    ends = np.append(new_run[1:], len(book.orders))
    open_ = np.flatnonzero(short.unsettled < short.batch)
    first_run = run_of[short.unsettled[open_]]
    runs = run_of[short.batch[open_] - 1] - first_run + 1
    who = np.repeat(open_, runs)
    run = (
        np.arange(runs.sum()) - np.repeat(np.cumsum(runs) - runs, runs) + np.repeat(first_run, runs)
    )
    first = np.maximum(new_run[run], short.unsettled[who])
    last = np.minimum(ends[run], short.batch[who])
    units = lapsing[last] - lapsing[first]
    step = book.settled[new_run[run]]
    _put_on(followers, who, units, step, steps)


def _deliver(part: Part, short: _Shortages, followers: Accounts, steps: int) -> None:
    """Let deliveries come on hand that come after the shortage."""
    account, level = np.divmod(short.who, part.levels)
    cell, row = np.divmod(account, part.rows)
    for product, comes in enumerate(part.deliveries):
        mine = np.flatnonzero(part.product_of[cell] == product)
        if not len(comes.step) or not mine.size:
            continue
        own_cell = cell[mine] - int(np.searchsorted(part.product_of, product))
        for number in range(len(comes.step)):
            parts = comes.together[number + 1] - comes.together[number]
            units = parts[own_cell, row[mine], level[mine]]
            step = comes.step[number, row[mine], level[mine]]
            later = (step >= np.maximum(short.step[mine], 1)) & (units > 0)
            _put_on(followers, mine[later], units[later], step[later], steps)


def _put_on(followers: Accounts, who: Numbers, units: Counts, step: Numbers, steps: int) -> None:
    """Put units on hand at the end of the steps in which they come."""
    some = np.flatnonzero((units > 0) & (step <= steps))
    if not some.size:
        return
    some = some[np.argsort(step[some], kind="stable")]
    starts = np.flatnonzero(np.diff(step[some], prepend=-1))
    for place, ends in zip(starts, [*starts[1:], len(some)], strict=True):
        batch = some[place:ends]
        followers.put_on(int(step[batch[0]]), who[batch], units[batch])


def _marks(part: Part, followers: Accounts) -> list[int]:
    """Return the steps at whose ends units can come on hand, or settling moves on; 0 first."""
    steps = part.recording.clock.steps
    marks = [np.array([0]), np.array(sorted(followers.due), dtype=np.intp)]
    for timeout in np.unique(part.recording.inputs.timeout[list(part.products)]):
        settled = part.recording.settled_by(float(timeout))
        moves_on = np.flatnonzero(np.diff(settled[1:])) + 1
        marks += [settled[1:], moves_on]
    every = np.unique(np.concatenate(marks))
    return [int(mark) for mark in every if mark < steps]
