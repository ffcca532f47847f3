"""Accounts whose units run short, followed to the end of the show, all at once and step by step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livesim.engine.ledger.order_sums import UNITS, Book
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.release import UNLIMITED
from livesim.engine.ledger.serving import Accounts, Observer
from livesim.engine.ledger.sold_out import EmptyAccounts
from livesim.engine.orders.orders import Counts, Numbers


@dataclass(frozen=True)
class Shortages:
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


def follow(
    part: Part, short: Shortages, empties: EmptyAccounts, observer: Observer | None
) -> Accounts:
    """Follow the accounts whose units run short to the end of the show.

    Parameters
    ----------
    part
        The accounts.
    short
        Where their units run short.
    empties
        Is told when accounts are empty, and when not.
    observer
        Is told what orders took; who took it is account · J + level.
    """
    clock, account = part.recording.clock, short.who // part.levels
    nothing = np.zeros(len(short.who), dtype=np.int64)
    followers = Accounts(
        account, nothing.copy(), nothing.copy(), part.book.columns, clock.times, None
    )
    if observer is not None:
        followers.observer = lambda taking: observer(taking.of(short.who[taking.who]))
    everyone = np.arange(len(short.who))
    lapse_later(part.book, followers, everyone, short.unsettled, short.batch)
    _deliver(part, short, followers)
    at_start = np.flatnonzero(short.step == 0)
    empties.emptied(at_start, np.zeros(len(at_start)), at_start * 0)
    marks = [*_marks(part, followers), clock.steps]
    walk = _Walk(part, short, followers, marks)
    for number, begun in enumerate(marks[:-1]):
        filled = followers.receive(begun)
        empties.filled(filled, begun)
        emptied = walk.step(number, filled)
        at, in_step = followers.emptied_at[emptied], followers.emptied_in[emptied]
        empties.emptied(emptied, at, in_step)
    empties.filled(followers.receive(clock.steps), clock.steps)
    return followers


class _Walk:
    """Where followers stand in their orders.

    Whose units outlast a step sleeps until they may run short: the next such batch is found by the
    highest net units taken, which never says too late.

    Parameters
    ----------
    part, short
        The accounts, and where their units run short.
    followers
        They themselves.
    marks
        The steps at whose ends units can come on hand, and the last one.
    """

    def __init__(
        self, part: Part, short: Shortages, followers: Accounts, marks: Sequence[int]
    ) -> None:
        self._book, self._short, self._followers = part.book, short, followers
        self._marks = np.array(marks)
        self._steps = np.append(part.book.orders.step, 0)
        cell, row = np.divmod(followers.account, part.replications)
        self._room = part.room[cell, row, short.who % part.levels]
        self._rooms = bool(self._room.any())
        self._end = part.end.ravel()[short.who]
        order = np.argsort(part.book.orders.step, kind="stable")
        self._account_in_time = part.book.account[order]
        self._step_in_time = part.book.orders.step[order]
        self._next = part.start.copy()  # each account's first batch that was not served
        self._passed = self._joined = 0
        self._slept_from = np.zeros(len(short.who), dtype=np.intp)
        self._wakes: dict[int, list[Numbers]] = defaultdict(list)
        self._waiting = np.zeros(0, dtype=np.intp)

    def step(self, number: int, filled: Numbers) -> Numbers:
        """Serve all orders from a mark to the next; return those who ran out of units.

        Parameters
        ----------
        number
            The number of the mark.
        filled
            Those who had no units and have now.
        """
        followers, first, ended = self._followers, self._next.copy(), int(self._marks[number + 1])
        woken = self._wake(number, first)
        passed = int(np.searchsorted(self._step_in_time, ended, side="right"))
        np.add.at(self._next, self._account_in_time[self._passed : passed], 1)
        self._passed = passed
        who = np.concatenate([self._waiting, woken, filled, self._join(ended)])
        if self._rooms:  # who waits may have been filled, too
            who = np.unique(who)
        mine = followers.account[who]
        begin = np.minimum(np.maximum(first[mine], self._short.batch[who]), self._end[who])
        end = np.minimum(self._next[mine], self._end[who])
        wanted = self._book.upto[end, UNITS] - self._book.upto[begin, UNITS]
        lasts = wanted < followers.position[who]
        self._sleep(number, who[lasts], begin[lasts])
        some = ~lasts & (begin < end)
        emptied = followers.serve(self._book, who[some], begin[some], end[some])
        self._waiting = who[~lasts & (followers.room[who] > 0)]
        return emptied

    def _join(self, ended: int) -> Numbers:
        """Begin to follow those whose units run short by the end of a step."""
        joined = int(np.searchsorted(self._short.step, ended, side="right"))
        join = np.arange(self._joined, joined)
        self._joined = joined
        self._followers.position[join] = self._short.have[join]
        self._followers.room[join] = self._room[join]
        return join

    def _sleep(self, number: int, who: Numbers, begin: Numbers) -> None:
        """Leave followers alone until their units may run short."""
        book, end = self._book, self._end[who]
        goal = self._followers.position[who] + book.upto[begin, UNITS] - book.lapsing[begin]
        reached = book.peaks.reached(begin, goal)
        step = self._steps[np.minimum(reached, end)]
        # Units outlast this step for sure, whatever the bound says.
        mark = np.maximum(np.searchsorted(self._marks, step, side="left") - 1, number + 1)
        never = (reached >= end) | (mark >= len(self._marks) - 1)
        self._followers.take_whole(book, who[never], begin[never], end[never])
        self._followers.position[who[never]] = UNLIMITED  # what comes back fills nothing
        sleeps = np.flatnonzero(~never)
        sleeps = sleeps[np.argsort(mark[sleeps], kind="stable")]
        self._slept_from[who[sleeps]] = begin[sleeps]
        for mine in np.split(sleeps, np.flatnonzero(np.diff(mark[sleeps])) + 1):
            if mine.size:
                self._wakes[int(mark[mine[0]])].append(who[mine])

    def _wake(self, number: int, first: Numbers) -> Numbers:
        """Serve those who slept until a mark all that they were asked for meanwhile."""
        parts = self._wakes.pop(number, [])
        if not parts:
            return np.zeros(0, dtype=np.intp)
        who, book, begun = np.concatenate(parts), self._book, int(self._marks[number])
        account = self._followers.account[who]
        begin, end = self._slept_from[who], np.minimum(first[account], self._end[who])
        self._followers.take_whole(book, who, begin, end)
        settled = np.clip(book.settled_after(account, np.full(len(who), begun)), begin, end)
        self._followers.position[who] += book.lapsing[settled] - book.lapsing[begin]
        lapse_later(book, self._followers, who, settled, end)
        return who


def lapse_later(
    book: Book, followers: Accounts, who: Numbers, first: Numbers, last: Numbers
) -> None:
    """Let units of batches that will not be paid come back when they are settled.

    Parameters
    ----------
    book, followers
        The orders, and who has served them.
    who
        Which followers, shape (Q,).
    first, last
        The batches of each, up to but not including the last, shape (Q,).
    """
    open_ = np.flatnonzero(first < last)
    first_run = book.run_of[first[open_]]
    runs = book.run_of[last[open_] - 1] - first_run + 1
    owner = np.repeat(open_, runs)
    run = np.arange(runs.sum()) + np.repeat(first_run - (np.cumsum(runs) - runs), runs)
    ends = np.append(book.runs[1:], len(book.orders))[run]
    units = book.lapsing[np.minimum(ends, last[owner])]
    units = units - book.lapsing[np.maximum(book.runs[run], first[owner])]
    followers.put_on_later(who[owner], units, book.settled[book.runs[run]])


def _deliver(part: Part, short: Shortages, followers: Accounts) -> None:
    """Let deliveries come on hand that come after the shortage."""
    account, level = np.divmod(short.who, part.levels)
    cell, row = np.divmod(account, part.replications)
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
            followers.put_on_later(mine[later], units[later], step[later])


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
