"""Accounts that are followed step by step: units on hand, reserved, and sold beyond the stock.

Here is the one place where orders get units. A *follower* is one account at one stock level. It
goes on in steps: what has lapsed or come in is on hand at a step's start, and then its orders of
the step are served, first come, first served.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.ledger.book import PAYING, UNITS, Book


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


#: Is told what followers' orders took.
Observer: TypeAlias = Callable[[Taking], None]


class Emptied(NamedTuple):
    """Followers whose units have run out, when the last one went [s], and in which step, (Q,)."""

    who: Numbers
    at: Floats
    in_step: Numbers


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
    position
        Units on hand, shape (F,).
    backorder_room
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
    """

    def __init__(
        self,
        position: Counts,
        backorder_room: Counts,
        columns: int,
        times: Floats,
        observer: Observer | None = None,
    ) -> None:
        self.position, self.backorder_room = position, backorder_room
        self._times, self._observer = times, observer
        self.taken = np.zeros((len(position), columns), dtype=np.int64)
        self.dearer = np.zeros((len(position), 2))
        self.beyond = np.zeros(len(position), dtype=np.int64)
        self._due: dict[int, list[tuple[Numbers, Counts]]] = defaultdict(list)

    def receive(self, step: int) -> None:
        """Take in what comes on hand at the end of a step.

        Units that come go to orders that wait first: the position counts them as missing.
        """
        for who, units in self._due.pop(step, []):
            np.add.at(self.position, who, units)

    def put_on_later(self, who: Numbers, units: Counts, step: Numbers) -> None:
        """Put units on hand at the ends of the steps in which they come, if they do.

        Parameters
        ----------
        who, units, step
            Who gets how many units, and when, shape (Q,).
        """
        some = np.flatnonzero((units > 0) & (step < len(self._times)))
        if not some.size:
            return
        # Small numbers are sorted much faster.
        small = step[some].astype(np.min_scalar_type(len(self._times)))
        some = some[np.argsort(small, kind="stable")]
        for mine in np.split(some, np.flatnonzero(np.diff(step[some])) + 1):
            self._due[int(step[mine[0]])].append((who[mine], units[mine]))

    def serve(self, book: Book, who: Numbers, first: Numbers, last: Numbers) -> None:
        """Serve batches of followers.

        Parameters
        ----------
        book
            The orders.
        who
            Which followers, each at most once, shape (Q,).
        first, last
            Their batches, up to but not including the last. All of a follower's are swept in the
            same step.
        """
        lasts = book.upto[last, UNITS] - book.upto[first, UNITS] < self.position[who]
        whole, rest = np.flatnonzero(lasts), np.flatnonzero(~lasts)
        units = self.take_whole(book, who[whole], first[whole], last[whole])
        self.position[who[whole]] -= units
        lapsing = book.lapsing[last[whole]] - book.lapsing[first[whole]]
        self._let_lapse(book, who[whole], lapsing, last[whole] - 1)
        self.run_out(book, who[rest], first[rest], last[rest], first[rest])

    def take_whole(self, book: Book, who: Numbers, first: Numbers, last: Numbers) -> Counts:
        """Give batches all that they ask for, and return how many units, shape (Q,).

        That these are no longer on hand, and that some lapse, is left to who calls.
        """
        taken = book.upto[last, : book.columns] - book.upto[first, : book.columns]
        self._note(book, who, taken, first, last)
        if self._observer is not None:
            self._observer(Taking.whole(who, first, last, book.columns))
        return np.asarray(taken[:, UNITS])

    def run_out(
        self, book: Book, who: Numbers, first: Numbers, last: Numbers, since: Numbers
    ) -> Emptied:
        """Serve batches of followers whose units they outlast; return those who had some.

        Parameters
        ----------
        book, who, first, last
            As for :meth:`serve`.
        since
            The first batch of each of which it is not noted yet that all before the first have
            taken what they ask for, shape (Q,).
        """
        short = np.flatnonzero(self.position[who] > 0)
        reached, emptied = self._take_first(book, who[short], first[short], since[short])
        if reached is not None:
            turn = Turn.of_batch(book, first)
            turn.put(short, reached)
            late = np.flatnonzero(self.backorder_room[who] > 0)
            self._let_wait(book, who[late], turn.at(late), last[late])
        return emptied

    def _take_first(
        self, book: Book, who: Numbers, first: Numbers, since: Numbers
    ) -> tuple[Turn | None, Emptied]:
        """Give all units to the first in line; return whose turn it is then, if any can wait."""
        goal = book.upto[first, UNITS] + self.position[who]
        # At many levels the same order takes the last unit: it is looked at once.
        goal, of = np.unique(goal, return_inverse=True)
        batch = book.reaching(goal)
        front = book.fronts(batch, goal - book.upto[batch, UNITS])
        partly, taken_by = book.shortened(front), batch[of]
        taken = (book.upto[batch, : book.columns] + partly)[of] - book.upto[since, : book.columns]
        self._note(book, who, taken, since, taken_by)
        if not book.one_price:
            self.dearer[who] += (book.above(batch)[:, None] * book.valued(partly))[of]
        self.position[who] = 0
        lapsing = book.lapsing[batch] + partly[:, UNITS] - partly[:, PAYING]
        self._let_lapse(book, who, lapsing[of] - book.lapsing[first], taken_by)
        if self._observer is not None:
            self._observer(Taking(who, since, taken_by, taken_by, partly[of], waiting=False))
        step = book.orders.step[batch]
        start, end = self._times[step - 1], self._times[step]
        emptied = Emptied(who, (start + front.moment * (end - start))[of], step[of])
        turn = Turn.behind(book, batch, front.sums).at(of) if len(book.bases) > 1 else None
        return turn, emptied

    def _let_wait(self, book: Book, who: Numbers, turn: Turn, last: Numbers) -> None:
        """Sell units beyond the stock to those who accept to wait, as far as there is room."""
        base, backorder_room = book.columns, self.backorder_room[who]
        start = turn.sums[:, base:]
        fits = book.upto[last, base + UNITS] - start[:, UNITS] <= backorder_room
        end, dearer = book.upto[last, base:], book.dearer[last, 2:]
        batch, partly = last.copy(), np.zeros_like(start)
        if not fits.all():
            full = ~fits
            goal = start[full, UNITS] + backorder_room[full]
            batch[full] = book.reaching(goal, base + UNITS)
            front = book.fronts(
                batch[full], goal - book.upto[batch[full], base + UNITS], base + UNITS
            )
            partly[full] = book.shortened(front, base)
            end[full] = book.upto[batch[full], base:] + partly[full]
            dearer[full] = book.dearer[batch[full], 2:] + (
                book.above(batch[full])[:, None] * book.valued(partly[full])
            )
        taken = end - start
        some = np.flatnonzero(taken[:, UNITS])
        if not some.size:
            return
        who, turn, batch = who[some], turn.at(some), batch[some]
        taken, partly, full = taken[some], partly[some], ~fits[some]
        self.taken[who] += taken
        self.dearer[who] += dearer[some] - turn.dearer[:, 2:]
        self.position[who] -= taken[:, UNITS]
        self._let_lapse(book, who, taken[:, UNITS] - taken[:, PAYING], turn.batch)
        self.beyond[who] += taken[:, UNITS]
        self.backorder_room[who] -= taken[:, UNITS]
        if self._observer is not None:
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

    def _note(self, book: Book, who: Numbers, taken: Counts, first: Numbers, last: Numbers) -> None:
        """Note what followers' orders took, and how much dearer whole batches were."""
        self.taken[who] += taken
        if not book.one_price:
            self.dearer[who] += book.dearer[last, :2] - book.dearer[first, :2]

    def _let_lapse(self, book: Book, who: Numbers, units: Counts, batch: Numbers) -> None:
        """Let units that will not be paid come back when their batches are swept."""
        self.put_on_later(who, units, book.swept[batch])

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
        if self._observer is not None:
            self._observer(Taking(who, first, last, partly, taken_partly, waiting))
