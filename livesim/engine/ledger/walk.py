"""All accounts of a part, followed through the show at all stock levels at once.

The walk goes from mark to mark: the steps at whose ends units can come on hand, or settling moves
on. Between two marks all orders of an account are served together. Whose units outlast them only
has fewer on hand; it is looked at one by one only where units run out. What orders took is noted
then, too, and at the end: as long as units last, it is a difference of sums.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livesim.engine.ledger.order_sums import UNITS
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.serving import Accounts, Emptied, Observer
from livesim.engine.ledger.sold_out import EmptyAccounts
from livesim.engine.orders.orders import Counts, Numbers


def follow(part: Part, empties: EmptyAccounts, observer: Observer | None) -> Accounts:
    """Follow the accounts to the end of the show, and say what their orders took.

    Parameters
    ----------
    part
        The accounts; who follows one at a level is account · J + level.
    empties
        Is told when accounts are empty, and when not.
    observer
        Is told what orders took.
    """
    walk = _Walk(part, observer)
    at_start = walk.begin()
    empties.emptied(at_start, np.zeros(len(at_start)), at_start * 0)
    for mark in walk.marks.tolist():
        filled = walk.receive(mark)
        empties.filled(filled, np.full(len(filled), mark))
        emptied = walk.serve(mark)
        if emptied is not None:
            empties.emptied(*emptied)
    return walk.ended()


class _Run(NamedTuple):
    """The batches of some accounts between two marks, each of shape (n,)."""

    account: Numbers
    first: Numbers
    last: Numbers
    settled: Numbers


class _Walk:
    """Where the accounts stand in their orders.

    Parameters
    ----------
    part
        The accounts.
    observer
        Is told what orders took.

    Attributes
    ----------
    marks
        The steps at whose ends something comes on hand, or behind which orders are served.
    """

    def __init__(self, part: Part, observer: Observer | None) -> None:
        book, clock, self._levels = part.book, part.recording.clock, part.levels
        at_start = np.concatenate([comes.at_start for comes in part.deliveries])
        self._book, self._units = book, np.ascontiguousarray(book.upto[:, UNITS])
        self._start, self._end = part.start, part.end
        self._counts_all = bool((part.until >= clock.steps).all())
        self._accounts = Accounts(
            at_start.reshape(-1).copy(),
            np.array(np.broadcast_to(part.room, at_start.shape)).reshape(-1),
            book.columns,
            clock.times,
            observer,
        )
        self._position = self._accounts.position.reshape(self._end.shape)
        self._rooms = bool(part.room.any())
        self._since = np.repeat(part.start, part.levels)
        self._next = part.start.copy()  # each account's first batch that was not served
        self._back: dict[int, list[tuple[Numbers, Counts]]] = defaultdict(list)
        _deliver(part, self._accounts)
        stops = _stops(part, self._accounts)
        self._runs = _runs(part, stops)
        due = [settled for run in self._runs.values() for settled in np.unique(run.settled)]
        marks = {*self._runs, *map(int, due), *self._accounts.due, clock.steps}
        self.marks = np.array(sorted(mark for mark in marks if mark <= clock.steps))

    def begin(self) -> Numbers:
        """Take in what comes before all orders; return who has no units then."""
        self._accounts.receive(0)
        return np.flatnonzero(self._accounts.position <= 0)

    def receive(self, mark: int) -> Numbers:
        """Take in what comes on hand at the end of a step; return who had nothing and has now."""
        filled = [self._accounts.receive(mark)]
        for account, units in self._back.pop(mark, []):
            before = self._position[account]
            after = before + units
            self._position[account] = after
            place, level = np.divmod(np.flatnonzero((before <= 0) & (after > 0)), self._levels)
            filled.append(account[place] * self._levels + level)
        who = np.concatenate(filled)
        account, level = np.divmod(who, self._levels)
        self._since[who] = np.minimum(self._next[account], self._end[account, level])
        return who

    def serve(self, mark: int) -> Emptied | None:
        """Serve all orders from a mark to the next; return whose units ran out."""
        run = self._runs.pop(mark, None)
        if run is None:
            return None
        self._next[run.account] = run.last
        first, last = run.first[:, None], run.last[:, None]
        if not self._counts_all:
            end = self._end[run.account]
            first, last = np.minimum(first, end), np.minimum(last, end)
        have, wanted = self._position[run.account], self._units[last] - self._units[first]
        lasts = wanted < have
        self._position[run.account] = have - lasts * wanted
        self._let_lapse(run, lasts, self._book.lapsing[last] - self._book.lapsing[first])
        short = ~lasts & (have > 0)
        if self._rooms:
            room = self._accounts.room.reshape(self._end.shape)[run.account]
            short |= ~lasts & (room > 0) & (wanted > 0)
        some = np.flatnonzero(short)
        if not some.size:
            return None
        place, level = np.divmod(some, self._levels)
        first, last = (np.broadcast_to(one, short.shape)[place, level] for one in (first, last))
        who = run.account[place] * self._levels + level
        return self._accounts.run_out(self._book, who, first, last, self._since[who])

    def _let_lapse(self, run: _Run, lasts: NDArray[np.bool_], units: Counts) -> None:
        """Let units that will not be paid come back, where the batches have had theirs."""
        some = np.flatnonzero(units.any(axis=1))
        for settled in np.unique(run.settled[some]).tolist():
            mine = some[run.settled[some] == settled]
            self._back[settled].append((run.account[mine], lasts[mine] * units[mine]))

    def ended(self) -> Accounts:
        """Note what was taken since units last ran out, and return what all orders took."""
        lasting = np.flatnonzero(self._accounts.position > 0)
        first, last = self._since[lasting], self._end.reshape(-1)[lasting]
        self._accounts.take_whole(self._book, lasting, first, last)
        return self._accounts


def _runs(part: Part, stops: Numbers) -> dict[int, _Run]:
    """Return the batches that are served behind each stop, by account."""
    book = part.book
    number = np.searchsorted(stops, book.orders.step, side="left") - 1
    begins = (np.diff(number, prepend=-1) != 0) | (np.diff(book.account, prepend=-1) != 0)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(number))
    order = np.argsort(number[first], kind="stable")
    first, last = first[order], last[order]
    starts = np.flatnonzero(np.diff(number[first], prepend=-1))
    runs = {}
    for begin, end in pairwise([*starts.tolist(), len(first)]):
        mine = slice(begin, end)
        stop = int(stops[number[first[begin]]])
        account, settled = (of[first[mine]] for of in (book.account, book.settled))
        runs[stop] = _Run(account, first[mine], last[mine], settled)
    return runs


def _deliver(part: Part, accounts: Accounts) -> None:
    """Let deliveries come on hand."""
    shows = part.replications * part.levels
    for product, comes in enumerate(part.deliveries):
        cells = np.flatnonzero(part.product_of == product)
        who = cells[:, None] * shows + np.arange(shows)
        for number in range(len(comes.step)):
            units = comes.together[number + 1] - comes.together[number]
            step = np.broadcast_to(comes.step[number], units.shape)
            accounts.put_on_later(who.ravel(), units.ravel(), step.ravel())


def _stops(part: Part, accounts: Accounts) -> Numbers:
    """Return the steps at whose ends units can come on hand, or settling moves on; 0 first."""
    recording, steps = part.recording, part.recording.clock.steps
    stops = [np.array([0, *accounts.due], dtype=np.intp)]
    for timeout in np.unique(recording.inputs.timeout[list(part.products)]):
        settled = recording.settled_by(float(timeout))
        stops += [settled[1:], np.flatnonzero(np.diff(settled[1:])) + 1]
    every = np.unique(np.concatenate(stops))
    return every[every < steps]
