"""Units on hand of accounts that share stock, and what orders get of them.

Between two moments at which units come on hand, orders are served whole as long as nothing runs
short. Where something does, their queue is gone through from one order with which something runs
short to the next.
"""

from __future__ import annotations

import numpy as np

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.clock import NEVER
from livesim.engine.ledger.book import FAKED, ORDERS, PAYING, UNITS, counted
from livesim.engine.ledger.runs import spread
from livesim.engine.ledger.serving import Observer, Taking
from livesim.engine.ledger.shared.empties import SharedEmpties
from livesim.engine.ledger.shared.queue import Queue, Sums, Window, queues
from livesim.engine.ledger.shared.takes import Takes, Truths
from livesim.engine.orders.orders import Kinds

#: More than any number of sets that units make.
_MANY = 1 << 60


class SharedStock:
    """The accounts of variants that share stock, in F shows.

    As long as a line is open, nothing is added up: it is noted since which batch it takes all that
    is asked for.

    Parameters
    ----------
    takes
        What orders take.
    kinds
        What orders can be.
    units
        Units on hand of each variant at the start, shape (F, U).
    times
        The end of each step [s].
    observer
        Is told what orders took; who took it is variant · F + show.
    empties
        Notes when conditions hold no more, and hold again.

    Attributes
    ----------
    position
        Units on hand by account, shape (F, K).
    holds, open
        Which conditions hold, and which lines are open, shapes (F, C) and (F, L).
    least
        What must be left of each account so that all that hold go on, shape (F, K).
    taken
        What orders got, by a book's columns, shape (F, U, columns).
    dearer
        Value of what was taken, and of what will be paid, above what it would be at the account's
        first price [currency], shape (F, U, 2).
    paid
        How often lines were taken by orders that are paid, shape (F, L).
    """

    def __init__(
        self,
        takes: Takes,
        kinds: Kinds,
        units: Counts,
        times: Floats,
        observer: Observer | None = None,
        empties: SharedEmpties | None = None,
    ) -> None:
        self.takes, self._times, self._observer = takes, times, observer
        counted_out = np.broadcast_to(takes.counted, (len(units), len(takes.counted)))
        self.position = np.concatenate([units, counted_out], axis=1)
        self._columns = counted(kinds).shape[1]
        shape = len(units), takes.variants
        self.taken = np.zeros((*shape, self._columns + 1), dtype=np.int64)
        self.dearer = np.zeros((*shape, 2))
        self.paid = np.zeros((len(units), len(takes.host)), dtype=np.int64)
        self._since = np.full(self.paid.shape, -1)
        self._line, self._account, self._few = takes.conditions
        self.holds = self._holding(self.position)
        self.open, self.least = takes.open(self.holds), self.least_held(self.holds)
        self._empties = empties
        if empties is not None:
            empties.begin(self.holds)

    def _holding(self, position: Counts) -> Truths:
        return np.asarray(position[:, self._account] >= self._few)

    def least_held(self, holds: Truths) -> Counts:
        """Return what must be left of each account so that all conditions go on, shape (F, K)."""
        least = np.zeros((len(holds), self.position.shape[1]), dtype=np.int64)
        for number, account in enumerate(self._account.tolist()):
            column = least[:, account]
            np.maximum(column, holds[:, number] * self._few[number], out=column)
        return least

    def opens(self, who: Numbers, position: Counts | Floats) -> Truths:
        """Say whether a condition of shows holds again with other units on hand, (Q, n, K)."""
        again, lacks = np.zeros(position.shape[:2], dtype=bool), ~self.holds[who]
        for number in np.flatnonzero(lacks.any(axis=0)).tolist():
            holds = position[..., self._account[number]] >= self._few[number]
            again |= holds & lacks[:, number, None]
        return again

    def may_open(self, who: Numbers) -> Truths:
        """Say whether open lines of shows can give back what a condition lacks, shape (Q,)."""
        given_back = (self.open[who] @ (self.takes.needs > 0))[:, self._account]
        return np.asarray((given_back & ~self.holds[who]).any(axis=1))

    def _look_again(self, who: Numbers, holds: Truths) -> None:
        """Note which conditions of shows hold now."""
        self.holds[who], self.open[who] = holds, self.takes.open(holds)
        self.least[who] = self.least_held(holds)

    @property
    def sets(self) -> Counts:
        """Units of each variant that could be sold now, shape (F, U): of a bundle, whole ones."""
        needs = self.takes.needs[: self.takes.variants]
        return np.stack([_sets(self.position, one) for one in needs], axis=1)

    @property
    def gifts(self) -> Counts:
        """Gifts that paid orders of each variant came with, shape (F, U)."""
        gifts = np.zeros((len(self.paid), self.takes.variants), dtype=np.int64)
        np.add.at(gifts.T, self.takes.host[self.takes.variants :], self._given.T)
        return gifts

    @property
    def missing_gifts(self) -> Counts:
        """Gifts of each variant that paid orders were promised and did not get, shape (F, U)."""
        gifts, variants = self.takes.needs[self.takes.variants :], self.takes.variants
        without = self.taken[:, self.takes.host[variants:], -1] - self._given
        for counted_out, first in zip(gifts[:, variants:].T > 0, self.takes.counted, strict=True):
            left = first - self._given[:, counted_out].sum(axis=1, keepdims=True)
            before = np.cumsum(without[:, counted_out], axis=1) - without[:, counted_out]
            without[:, counted_out] = np.clip(left - before, 0, without[:, counted_out])
        return np.asarray(without @ gifts[:, :variants])

    @property
    def _given(self) -> Counts:
        """How often each gift came with paid orders, shape (F, gifts)."""
        return self.paid[:, self.takes.variants :]

    def set_position(self, accounts: Numbers, units: Counts) -> None:
        """Say how many units of accounts are on hand now, shape (F, accounts)."""
        self.position[:, accounts] = units
        self._look_again(np.arange(len(units)), self._holding(self.position))

    def receive(self, who: Numbers, units: Counts, step: Numbers) -> None:
        """Put units of each account on hand at the ends of steps.

        Parameters
        ----------
        who, units, step
            The shows, each once, how many units, and when, shapes (Q,), (Q, K) and (Q,).
        """
        some = np.flatnonzero(units.any(axis=1))
        who, step = who[some], step[some]
        self.position[who] += units[some]
        holds = self._holding(self.position[who])
        some = np.flatnonzero((holds != self.holds[who]).any(axis=1))
        if not some.size:
            return
        who, holds = who[some], holds[some]
        if self._empties is not None:
            self._empties.filled(who, self.holds[who], holds, step[some])
        self._look_again(who, holds)

    def opened(self, who: Numbers) -> Truths:
        """Say of which shows a line is open that does not take all yet, shape (Q,)."""
        return np.asarray((self.open[who] & (self._since[who] < 0)).any(axis=1))

    def take_from(self, who: Numbers, first: Numbers) -> None:
        """Let open lines of shows take all from batches on, unless they do so already, (Q, U)."""
        since = self._since[who]
        new = self.open[who] & (since < 0)
        self._since[who] = np.where(new, first[:, self.takes.host], since)

    def serve(self, sums: Sums, who: Numbers, window: Window) -> Counts:
        """Serve the orders of shows in a window, first come, first served.

        Parameters
        ----------
        sums
            The orders.
        who
            The shows, each once, shape (Q,).
        window
            Their orders.

        Returns
        -------
        ndarray
            How often each line was taken by orders that are not paid, shape (Q, L).
        """
        self.take_from(who, window.first)
        wanted, open_ = sums.upto[window.last] - sums.upto[window.first], self.open[who]
        lines = self.takes.lines(wanted) * open_
        demand = self.takes.units(lines)
        whole = (demand + self.least[who] <= self.position[who]).all(axis=1)
        whole &= window.until == NEVER
        self.position[who] -= demand * whole[:, None]
        lapsing = (lines - self.takes.paid(wanted) * open_) * whole[:, None]
        short = np.flatnonzero(~whole)
        if short.size:
            few = Window(*(of[short] for of in window))
            lapsing[short] = self._serve_one_by_one(sums, who[short], few)
        return np.asarray(lapsing)

    def _serve_one_by_one(self, sums: Sums, who: Numbers, window: Window) -> Counts:
        """Serve the orders of shows in which something runs short, one by one."""
        self.tally(sums, who, window.first)
        lapsing = np.zeros((len(who), len(self.takes.host)), dtype=np.int64)
        for few, place, queue in queues(self.takes, sums, window):
            end = np.minimum(queue.end[place], queue.upto_step(place, window.until[few]))
            lapsing[few] = self._go_through(sums, queue, who[few], queue.start[place], end)
        goes_on = self.open[who] & (window.until == NEVER)[:, None]
        self._since[who] = np.where(goes_on, window.last[:, self.takes.host], -1)
        return lapsing

    def tally(self, sums: Sums, who: Numbers, upto: Numbers) -> None:
        """Tally what open lines of shows have taken up to batches, shape (Q, U)."""
        line, mine = np.nonzero((self._since[who] >= 0).T)
        few, last = who[mine], upto[mine, self.takes.host[line]]
        first = self._since[few, line]
        taken = sums.upto[last] - sums.upto[first]
        own = int(np.searchsorted(line, self.takes.variants))  # the others are of gifts
        self.paid[few, line] += np.append(taken[:own, PAYING], taken[own:, -1])
        line, few, first, last = line[:own], few[:own], first[:own], last[:own]
        self.taken[few, line] += taken[:own]
        self.dearer[few, line] += sums.dearer[last] - sums.dearer[first]
        self._since[who] = -1
        if self._observer is not None:
            by_show = few + line * len(self.position)
            self._observer(Taking.whole(by_show, first, last, self._columns))

    def _go_through(
        self, sums: Sums, queue: Queue, who: Numbers, at: Numbers, end: Numbers
    ) -> Counts:
        """Go through shows' queues, from one order with which something runs short to the next.

        Parameters
        ----------
        sums, queue
            The orders.
        who
            The shows, each once, shape (Q,).
        at, end
            Where in the queue each begins and ends, shape (Q,).

        Returns
        -------
        ndarray
            How often each line was taken by orders that are not paid, shape (Q, L).
        """
        since = np.where(self.open[who], at[:, None], -1)
        lapsing = np.zeros(since.shape, dtype=np.int64)
        demands: dict[int, Counts] = {}
        on = np.flatnonzero(at < end)
        while on.size:
            short, demand = self._runs_short(queue, who[on], at[on], end[on], demands)
            self.position[who[on]] -= demand
            on, at_one = on[short < end[on]], short[short < end[on]]
            if not on.size:
                break
            before = since[on]
            since[on] = self._serve_one(sums, queue, who[on], at_one, before, lapsing, on)
            at[on] = at_one + 1
            on = on[at[on] < end[on]]
        self._take(sums, queue, who, since, end, lapsing, np.arange(len(who)))
        return lapsing

    def _runs_short(
        self,
        queue: Queue,
        who: Numbers,
        at: Numbers,
        end: Numbers,
        demands: dict[int, Counts],
    ) -> tuple[Numbers, Counts]:
        """Return the first order after which a condition holds no more, and what those before take.

        Parameters
        ----------
        queue, who, at, end
            The orders, and where shows stand in it.
        demands
            What all orders before each take, by which lines are open, as far as it is known.
        """
        spare = self.position[who] - self.least[who] + 1
        first, taken = end.copy(), np.zeros_like(spare)
        codes = self.open[who] @ (1 << np.arange(len(self.takes.host)))
        for code in set(codes.tolist()):
            mine = np.flatnonzero(codes == code)
            if code not in demands:
                open_ = self.open[who[mine[0]]]
                demands[code] = np.ascontiguousarray(self.takes.units(queue.lines * open_).T)
            for account, column in enumerate(demands[code]):
                goal = column[at[mine]] + spare[mine, account]
                first[mine] = np.minimum(first[mine], np.searchsorted(column, goal) - 1)
            taken[mine] = (demands[code][:, first[mine]] - demands[code][:, at[mine]]).T
        return first, taken

    def _serve_one(
        self,
        sums: Sums,
        queue: Queue,
        who: Numbers,
        at: Numbers,
        since: Numbers,
        lapsing: Counts,
        of: Numbers,
    ) -> Numbers:
        """Serve an order of each show, who may get less than is asked for, and no gift.

        Parameters
        ----------
        sums, queue
            The orders.
        who, at
            The shows, and their orders, shape (Q,).
        since
            Since which order lines take all that is asked for, shape (Q, L).
        lapsing
            How often lines are taken by orders that are not paid, added to at the places of ``of``.

        Returns
        -------
        ndarray
            Since which order they do after it.
        """
        variant, asked = queue.variant[at], sums.by_kind[queue.kind[at]]
        there, needs, host = np.arange(len(who)), self.takes.needs, self.takes.host
        position = self.position[who]
        units = np.minimum(asked[:, UNITS], _sets(position, needs[variant]))
        pays, fake = asked[:, PAYING] > 0, asked[:, FAKED] > 0
        got = asked * (units > 0)[:, None]
        got[:, UNITS], got[:, PAYING], got[:, FAKED] = units, units * pays, units * (pays & fake)
        lines = np.zeros(since.shape, dtype=np.int64)
        lines[there, variant] = units
        position -= units[:, None] * needs[variant]
        for gift in range(self.takes.variants, len(needs)):
            mine = (variant == host[gift]) & (got[:, ORDERS] > 0)
            lines[:, gift] = mine & (position >= needs[gift]).all(axis=1)
            position -= lines[:, [gift]] * needs[gift]
        self.position[who] = position
        self.taken[who, variant] += got
        above = sums.book.above(queue.batch[at])[:, None]
        self.dearer[who, variant] += above * sums.book.valued(got)
        self.paid[who] += lines * pays[:, None]
        lapsing[of] += lines * ~pays[:, None]
        holds = self._holding(position)
        if self._empties is not None:
            begun, ended = self._times[queue.step[at] - 1], self._times[queue.step[at]]
            moment = begun + queue.moment[at] * (ended - begun)
            self._empties.emptied(who, self.holds[who], holds, moment, queue.step[at])
        self._look_again(who, holds)
        open_ = self.open[who]
        ends = (since >= 0) & (~open_ | (host == variant[:, None]))
        self._take(sums, queue, who, np.where(ends, since, -1), at, lapsing, of)
        self._tell(who, variant, queue.batch[at], got)
        return np.where(open_, np.where(ends, at[:, None] + 1, since), -1)

    def _take(
        self,
        sums: Sums,
        queue: Queue,
        who: Numbers,
        since: Numbers,
        until: Numbers,
        lapsing: Counts,
        of: Numbers,
    ) -> None:
        """Add up what lines have taken of all orders from some on, (Q, L), up to others, (Q,)."""
        line, mine = np.nonzero(((since >= 0) & (since < until[:, None])).T)
        few, first, last = who[mine], since[mine, line], until[mine]
        paid = queue.paid[last, line] - queue.paid[first, line]
        self.paid[few, line] += paid
        lapsing[of[mine], line] += queue.lines[last, line] - queue.lines[first, line] - paid
        own = int(np.searchsorted(line, self.takes.variants))  # the others are of gifts
        line, few, first, last = line[:own], few[:own], first[:own], last[:own]
        self.taken[few, line] += queue.upto[last, line] - queue.upto[first, line]
        self.dearer[few, line] += queue.dearer[last, line] - queue.dearer[first, line]
        self._tell_whole(sums, queue, few, line, first, last)

    def _tell_whole(
        self,
        sums: Sums,
        queue: Queue,
        who: Numbers,
        variant: Numbers,
        first: Numbers,
        last: Numbers,
    ) -> None:
        """Tell of all orders of variants from some on, up to others: they took all they asked."""
        if self._observer is not None:
            of, order = spread(last - first, first)
            own = queue.variant[order] == variant[of]
            of, order = of[own], order[own]
            got = sums.by_kind[queue.kind[order]]
            self._tell(who[of], variant[of], queue.batch[order], got)

    def _tell(self, who: Numbers, variant: Numbers, batch: Numbers, got: Counts) -> None:
        if self._observer is not None:
            mine = who + variant * len(self.position)
            got = got[:, : self._columns]
            self._observer(Taking(mine, batch, batch, batch, got, waiting=False))


def _sets(position: Counts, needs: Counts) -> Counts:
    """Return how often what takes so many units of each account could be taken, shape (F,)."""
    return np.asarray(np.where(needs > 0, position // np.maximum(needs, 1), _MANY).min(axis=-1))
