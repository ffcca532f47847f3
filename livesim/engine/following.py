"""Accounts whose units run short, followed to the end of the show, all at once and step by step."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from livesim.engine.accounts import Accounts, Observer
from livesim.engine.book import PAYING, UNITS, Book
from livesim.engine.empties import EmptyAccounts
from livesim.engine.orders import Counts, Numbers
from livesim.engine.part import Part


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
    _return_reserved(part.book, short, followers, clock.steps)
    _deliver(part, short, followers, clock.steps)
    at_start = np.flatnonzero(short.step == 0)
    empties.emptied(short.who[at_start], np.zeros(len(at_start)), at_start * 0, 0)
    walk = _Walk(part, short, followers)
    for begun, ended in pairwise([*_marks(part, followers), clock.steps]):
        received, filled = followers.receive(begun)
        empties.received(short.who[received], short.who[filled], begun)
        emptied = walk.step(filled, ended)
        empties.emptied(
            short.who[emptied],
            followers.emptied_at[emptied],
            followers.emptied_in[emptied],
            begun,
        )
    return followers


class _Walk:
    """Where followers stand in their orders.

    Parameters
    ----------
    part, short
        The accounts, and where their units run short.
    followers
        They themselves.
    """

    def __init__(self, part: Part, short: Shortages, followers: Accounts) -> None:
        self._book, self._short, self._followers = part.book, short, followers
        cell = followers.account // part.rows
        self._room = part.room[cell, short.who % part.levels]
        self._end = part.end.ravel()[short.who]
        order = np.argsort(part.book.orders.step, kind="stable")
        self._account_in_time = part.book.account[order]
        self._step_in_time = part.book.orders.step[order]
        self._next = part.start.copy()  # each account's first batch that was not served
        self._served = self._joined = 0
        self._alive = np.zeros(0, dtype=np.intp)

    def step(self, filled: Numbers, ended: int) -> Numbers:
        """Serve all orders up to the end of a step; return those who ran out of units.

        Parameters
        ----------
        filled
            Those who had no units and have now.
        ended
            The number of the step.
        """
        followers, first = self._followers, self._next.copy()
        served = int(np.searchsorted(self._step_in_time, ended, side="right"))
        np.add.at(self._next, self._account_in_time[self._served : served], 1)
        self._served = served
        joined = int(np.searchsorted(self._short.step, ended, side="right"))
        join = np.arange(self._joined, joined)
        self._joined = joined
        followers.position[join] = self._short.have[join]
        followers.room[join] = self._room[join]
        who = np.concatenate([self._alive, filled, join])
        if self._room.any():  # who has no units may be alive all the same
            who = np.unique(who)
        mine = followers.account[who]
        begin = np.maximum(first[mine], self._short.batch[who])
        end = np.minimum(self._next[mine], self._end[who])
        some = begin < end
        emptied = followers.serve(self._book, who[some], begin[some], end[some])
        self._alive = who[(followers.position[who] > 0) | (followers.room[who] > 0)]
        return emptied


def _return_reserved(book: Book, short: Shortages, followers: Accounts, steps: int) -> None:
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


def _deliver(part: Part, short: Shortages, followers: Accounts, steps: int) -> None:
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
