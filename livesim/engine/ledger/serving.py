"""Accounts that are followed step by step: units on hand, reserved, and sold beyond the stock.

Here is the one place where orders get units. A *follower* is one account at one stock level. It
goes on in steps: what has lapsed or come in is on hand at a step's start, and then its orders of
the step are served, first come, first served. The show that viewers live through is followed
refresh by refresh; other stock levels only from where their units run out.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.engine.ledger.order_sums import PAYING, UNITS, Book
from livesim.engine.orders.orders import Counts, Floats, Numbers


@dataclass(frozen=True)
class Taking:
    """What some followers' orders took: whole batches, and a part of one more.

    Parameters
    ----------
    who
        Which followers, shape (Q,).
    first, last
        The batches from ``first`` up to but not including ``last`` took all that they ask for.
    partly
        The batch with which the units ran out; −1 if they did not.
    taken_partly
        What the orders of that batch took, shape (Q, columns).
    waiting
        Whether only orders that accept to wait took units.
    """

    who: Numbers
    first: Numbers
    last: Numbers
    partly: Numbers
    taken_partly: Counts
    waiting: bool

    @staticmethod
    def whole(who: Numbers, first: Numbers, last: Numbers, columns: int) -> Taking:
        """Return what is taken where units do not run out."""
        nothing = np.zeros((len(who), columns), dtype=np.int64)
        return Taking(who, first, last, np.full(len(who), -1), nothing, waiting=False)

    def of(self, who: Numbers) -> Taking:
        """Return the same of others."""
        return replace(self, who=who)


#: Is told what followers' orders took.
Observer: TypeAlias = Callable[[Taking], None]


@dataclass(frozen=True)
class Turn:
    """Whose turn it is in Q lines of batches.

    Parameters
    ----------
    batch
        The batch whose turn it is, shape (Q,).
    sums, dearer
        What all orders before add up to, and their value, as :class:`Book` has them up to a batch.
    """

    batch: Numbers
    sums: Counts
    dearer: Floats

    @staticmethod
    def of_batch(book: Book, batch: Numbers) -> Turn:
        """Return the turn of batches from their first order on."""
        return Turn(batch.copy(), book.upto[batch], book.dearer[batch])

    @staticmethod
    def behind(book: Book, batch: Numbers, sums: Counts) -> Turn:
        """Return the turn behind the first orders of batches, which add up to so much."""
        return Turn(
            batch, book.upto[batch] + sums, book.dearer[batch] + book.value_above(batch, sums)
        )

    def at(self, some: NDArray[Any]) -> Turn:
        """Return the turns of some lines."""
        return Turn(self.batch[some], self.sums[some], self.dearer[some])

    def put(self, some: NDArray[Any], turn: Turn) -> None:
        """Replace the turns of some lines."""
        self.batch[some], self.sums[some], self.dearer[some] = turn.batch, turn.sums, turn.dearer


class Accounts:
    """F followers of accounts, each at a stock level of its own.

    Parameters
    ----------
    account
        Which account each one follows, shape (F,).
    position
        Units on hand, shape (F,).
    room
        Units that may be sold beyond the stock, shape (F,).
    columns
        The number of columns of what orders add up to.
    times
        The end of each step [s].
    observer
        Is told what orders took.

    Attributes
    ----------
    position
        Units on hand; below 0, as many units as orders wait for.
    taken
        What its orders got so far, by the book's columns, shape (F, columns).
    dearer
        Value of the units taken, and of those that will be paid, above what they would be at the
        account's first price [currency], shape (F, 2).
    beyond
        Units sold beyond the stock, shape (F,).
    emptied_at, emptied_in
        When the last unit went, the last time that happened [s], and in which step; inf and −1 if
        never.
    """

    def __init__(
        self,
        account: Numbers,
        position: Counts,
        room: Counts,
        columns: int,
        times: Floats,
        observer: Observer | None = None,
    ) -> None:
        self.account, self.position, self.room = account, position, room
        self._times, self.observer = times, observer
        self.taken = np.zeros((len(account), columns), dtype=np.int64)
        self.dearer = np.zeros((len(account), 2))
        self.beyond = np.zeros(len(account), dtype=np.int64)
        self.emptied_at = np.full(len(account), math.inf)
        self.emptied_in = np.full(len(account), -1)
        self._place = np.zeros(len(account), dtype=np.intp)
        self._due: dict[int, list[tuple[Numbers, Counts]]] = defaultdict(list)

    def put_on(self, step: int, who: Numbers, units: Counts) -> None:
        """Put units on hand at the end of a step."""
        self._due[step].append((who, units))

    @property
    def due(self) -> Collection[int]:
        """The steps at whose end something comes on hand."""
        return self._due.keys()

    def receive(self, step: int) -> Numbers:
        """Take in what comes on hand at the end of a step.

        Units that come go to orders that wait first: the position counts them as missing.

        Returns
        -------
        ndarray
            Who had no units and has now.
        """
        parts = self._due.pop(step, [])
        if not parts:
            return np.zeros(0, dtype=np.intp)
        who = np.concatenate([who for who, _ in parts])
        units = np.concatenate([units for _, units in parts])
        without = self.position[who] <= 0
        np.add.at(self.position, who, units)
        filled = who[without & (self.position[who] > 0)]
        places = np.arange(len(filled))
        self._place[filled] = places  # of who is there twice, the last place
        return np.asarray(filled[self._place[filled] == places])

    def put_on_later(self, who: Numbers, units: Counts, step: Numbers) -> None:
        """Put units on hand at the ends of the steps in which they come, if they do.

        Parameters
        ----------
        who, units, step
            Who gets how many units, and when, shape (Q,).
        """
        some = np.flatnonzero((units > 0) & (step < len(self._times)))
        some = some[np.argsort(step[some], kind="stable")]
        for mine in np.split(some, np.flatnonzero(np.diff(step[some])) + 1):
            if mine.size:
                self.put_on(int(step[mine[0]]), who[mine], units[mine])

    def serve(self, book: Book, who: Numbers, first: Numbers, last: Numbers) -> Numbers:
        """Serve batches of followers; return those whose units ran out.

        Parameters
        ----------
        book
            The orders.
        who
            Which followers, each at most once, shape (Q,).
        first, last
            Their batches, up to but not including the last. All of a follower's are settled in the
            same step.
        """
        have = np.maximum(self.position[who], 0)
        wanted = book.upto[last, UNITS] - book.upto[first, UNITS]
        whole = np.flatnonzero((wanted < have) & (wanted > 0))
        if whole.size:
            taken = self.take_whole(book, who[whole], first[whole], last[whole])
            self._let_lapse(book, who[whole], taken, last[whole] - 1)
        short = np.flatnonzero((wanted >= have) & (have > 0))
        if short.size:
            reached = self._take_first(book, who[short], first[short], have[short])
        if len(book.bases) > 1:
            turn = Turn.of_batch(book, first)
            if short.size:
                turn.put(short, reached)
            late = np.flatnonzero((wanted >= have) & (self.room[who] > 0))
            self._let_wait(book, who[late], turn.at(late), last[late])
        return who[short]

    def take_whole(self, book: Book, who: Numbers, first: Numbers, last: Numbers) -> Counts:
        """Give batches all that they ask for; return what that is, shape (Q, columns)."""
        taken = book.upto[last, : book.columns] - book.upto[first, : book.columns]
        self._note(who, taken, book.dearer[last, :2] - book.dearer[first, :2])
        if self.observer is not None:
            self.observer(Taking.whole(who, first, last, book.columns))
        return np.asarray(taken)

    def _take_first(self, book: Book, who: Numbers, first: Numbers, have: Counts) -> Turn:
        """Give all units to the first in line; return whose turn it is then."""
        batch = book.reaching(book.upto[first, UNITS] + have)
        front = book.fronts(batch, book.upto[first, UNITS] + have - book.upto[batch, UNITS])
        partly = book.shortened(front)
        taken = book.upto[batch, : book.columns] - book.upto[first, : book.columns] + partly
        dearer = book.dearer[batch, :2] - book.dearer[first, :2]
        dearer += book.above(batch)[:, None] * partly[:, [UNITS, PAYING]]
        self._note(who, taken, dearer)
        self._let_lapse(book, who, taken, batch)
        self._tell(who, first, batch, batch, partly, waiting=False)
        step = book.orders.step[batch]
        start, end = self._times[step - 1], self._times[step]
        self.emptied_at[who] = start + front.moment * (end - start)
        self.emptied_in[who] = step
        return Turn.behind(book, batch, front.sums)

    def _let_wait(self, book: Book, who: Numbers, turn: Turn, last: Numbers) -> None:
        """Sell units beyond the stock to those who accept to wait, as far as there is room."""
        base, room = book.columns, self.room[who]
        start = turn.sums[:, base:]
        fits = book.upto[last, base + UNITS] - start[:, UNITS] <= room
        end, dearer = book.upto[last, base:], book.dearer[last, 2:]
        batch, partly = last.copy(), np.zeros_like(start)
        if not fits.all():
            full = ~fits
            goal = start[full, UNITS] + room[full]
            batch[full] = book.reaching(goal, base + UNITS)
            front = book.fronts(
                batch[full], goal - book.upto[batch[full], base + UNITS], base + UNITS
            )
            partly[full] = book.shortened(front, base)
            end[full] = book.upto[batch[full], base:] + partly[full]
            dearer[full] = book.dearer[batch[full], 2:] + (
                book.above(batch[full])[:, None] * partly[full][:, [UNITS, PAYING]]
            )
        taken = end - start
        some = np.flatnonzero(taken[:, UNITS])
        if not some.size:
            return
        who, turn, batch = who[some], turn.at(some), batch[some]
        taken, partly, full = taken[some], partly[some], ~fits[some]
        self._note(who, taken, dearer[some] - turn.dearer[:, 2:])
        self._let_lapse(book, who, taken, turn.batch)
        self.beyond[who] += taken[:, UNITS]
        self.room[who] -= taken[:, UNITS]
        if self.observer is not None:
            self._tell_waiting(book, who, turn, batch, full, taken, partly)

    def _tell_waiting(
        self,
        book: Book,
        who: Numbers,
        turn: Turn,
        batch: Numbers,
        full: NDArray[np.bool_],
        taken: Counts,
        partly: Counts,
    ) -> None:
        """Tell of what those who wait took: of the batch whose turn it is, and of those behind."""
        ends_here = full & (batch == turn.batch)
        after = np.minimum(turn.batch + 1, len(book.orders))
        rest = book.upto[after, book.columns :] - turn.sums[:, book.columns :]
        rest = np.where(ends_here[:, None], taken, rest)
        self._tell(who, after, after, turn.batch, rest, waiting=True)
        more = np.flatnonzero(~ends_here & (batch >= after))
        self._tell(
            who[more],
            after[more],
            batch[more],
            np.where(full, batch, -1)[more],
            partly[more],
            waiting=True,
        )

    def _note(self, who: Numbers, taken: Counts, dearer: Floats) -> None:
        """Note what followers' orders took."""
        self.position[who] -= taken[:, UNITS]
        self.taken[who] += taken
        self.dearer[who] += dearer

    def _let_lapse(self, book: Book, who: Numbers, taken: Counts, batch: Numbers) -> None:
        """Let what will not be paid come back when it is settled."""
        self.put_on_later(who, taken[:, UNITS] - taken[:, PAYING], book.settled[batch])

    def _tell(
        self,
        who: Numbers,
        first: Numbers,
        last: Numbers,
        partly: Numbers,
        taken_partly: Counts,
        *,
        waiting: bool,
    ) -> None:
        if self.observer is not None:
            self.observer(Taking(who, first, last, partly, taken_partly, waiting))
