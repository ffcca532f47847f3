"""Accounts that are kept together, since an order takes units of several of them.

A bundle takes units of its components, and an order can come with a gift. Then an account's units
depend on what others still have, so no account can be looked up alone. Between two moments at which
units come on hand, orders are served whole as long as nothing runs short. Where something does,
they stand in one line, each at the moment that it has for its own account, and the line is gone
through from one order with which something runs short to the next.

A *line* is what is taken together: by a unit sold of a variant, or by an order that a gift comes
with. It has a *condition* for each account that it takes of: that there are as many units as it
needs. A line is open while all of its conditions hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.engine.ledger.order_sums import FAKED, ORDERS, PAYING, UNITS, Book, counted
from livesim.engine.ledger.runs import spread
from livesim.engine.ledger.serving import Observer, Taking
from livesim.engine.ledger.sold_out import Empties, Spells
from livesim.engine.orders.orders import Counts, Floats, Kinds, Numbers
from livesim.engine.orders.queue_order import uniforms
from livesim.model.inputs import Inputs

#: Most orders that are put in line at once, so that memory stays flat.
_AT_ONCE = 400_000
#: Later than all steps.
NEVER = 1 << 30
#: More than any number of sets that units make.
_MANY = 1 << 60
#: Bits of an order's moment in its interval.
_MOMENT_BITS = 34

Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Draws:
    """What orders of U variants take of K accounts: the variants', and of gifts that are counted.

    Parameters
    ----------
    needs
        Units that each line takes of each account, shape (L, K): the lines of the variants first.
    host
        The variant whose orders each line is of, shape (L,).
    counted
        How many there are of what is counted, beside the variants' accounts, shape (K − U,).
    """

    needs: Counts
    host: Numbers
    counted: Counts

    @staticmethod
    def of(inputs: Inputs, variants: Numbers) -> Draws:
        """Return what orders of some variants of a show take, which share stock with no others."""
        place = {number: n for n, number in enumerate(variants.tolist())}
        counted: list[int] = []
        rows, host = list[list[int]](), list(range(len(variants)))
        for gift in (gift for gift in inputs.gifts if gift.variant in place):
            accounts = [place[gift.variant]]
            if gift.first < np.inf:
                accounts.append(len(variants) + len(counted))
                counted.append(int(gift.first))
            rows += [accounts] * len(gift.to)
            host += [place[one] for one in gift.to]
        needs = np.zeros((len(host), len(variants) + len(counted)), dtype=np.int64)
        needs[: len(variants), : len(variants)] = inputs.takes[np.ix_(variants, variants)]
        for line, accounts in enumerate(rows, len(variants)):
            needs[line, accounts] = 1
        return Draws(needs, np.array(host, dtype=np.intp), np.array(counted, dtype=np.int64))

    @property
    def variants(self) -> int:
        """The number U of variants."""
        return int(self.needs.shape[1] - len(self.counted))

    @cached_property
    def conditions(self) -> tuple[Numbers, Numbers, Counts]:
        """Line, account and least units of each condition, shape (C,), by line."""
        line, account = np.nonzero(self.needs)
        return line, account, self.needs[line, account]

    @cached_property
    def _first(self) -> Numbers:
        """The first condition of each line, shape (L,)."""
        return np.flatnonzero(np.diff(self.conditions[0], prepend=-1))

    def lines(self, sums: Counts) -> Counts:
        """Return how often orders that add up to so much take each line, (…, U, C) → (…, L)."""
        units, orders = sums[..., UNITS], sums[..., ORDERS]
        return np.concatenate([units, orders[..., self.host[self.variants :]]], axis=-1)

    def units(self, lines: Counts | Floats) -> Counts:
        """Return the units that lines take of accounts, (…, L) → (…, K).

        As many come back of those that are not paid.
        """
        return self.in_floats(lines).astype(np.int64)

    def in_floats(self, lines: Counts | Floats) -> Floats:
        """Return the same in floats, which are exact, and fast in one table."""
        table = lines.reshape(-1, len(self.needs)).astype(float, copy=False)
        return np.asarray(
            (table @ self.needs.astype(float)).reshape(*lines.shape[:-1], self.needs.shape[1])
        )

    def paid(self, sums: Counts) -> Counts:
        """Return how often orders of these that are paid take each line, shape (…, L)."""
        units, orders = sums[..., PAYING], sums[..., -1]
        return np.concatenate([units, orders[..., self.host[self.variants :]]], axis=-1)

    def open(self, holds: Truths) -> Truths:
        """Return which lines are open, shape (F, L), from which conditions hold, (F, C)."""
        open_ = np.logical_and.reduceat(holds, self._first, axis=1)
        return np.asarray(open_ & open_[:, self.host])


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
        paid = table[:, ORDERS] * kinds.pays
        self.by_kind = np.hstack([table, paid[:, None]])
        self.upto = np.zeros((len(book.orders) + 1, self.by_kind.shape[1]), dtype=np.int64)
        np.cumsum(book.orders.sums(self.by_kind), axis=0, out=self.upto[1:])
        self.dearer = book.dearer[:, :2]


class Window(NamedTuple):
    """A time in which nothing comes on hand, and the orders of Q shows in it.

    Parameters
    ----------
    number
        Which shows have the same orders, shape (Q,).
    first, last
        The batches of each of U variants, up to but not including the last, shape (Q, U).
    until
        The step after which orders count no more, shape (Q,); :data:`NEVER` where all do.
    """

    number: Numbers
    first: Numbers
    last: Numbers
    until: Numbers


class Line(NamedTuple):
    """N orders of some shows as they stand in line, and what those before each add up to.

    Parameters
    ----------
    start, end
        Where the line of each show begins and ends, shape (R,).
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


class SharedStock:
    """The accounts of variants that share stock, in F shows.

    As long as a line is open, nothing is added up: it is noted since which batch it takes all that
    is asked for.

    Parameters
    ----------
    draws
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
        draws: Draws,
        kinds: Kinds,
        units: Counts,
        times: Floats,
        observer: Observer | None = None,
        empties: SharedEmpties | None = None,
    ) -> None:
        self.draws, self._times, self._observer = draws, times, observer
        counted_out = np.broadcast_to(draws.counted, (len(units), len(draws.counted)))
        self.position = np.concatenate([units, counted_out], axis=1)
        self._columns = counted(kinds).shape[1]
        shape = len(units), draws.variants
        self.taken = np.zeros((*shape, self._columns + 1), dtype=np.int64)
        self.dearer = np.zeros((*shape, 2))
        self.paid = np.zeros((len(units), len(draws.host)), dtype=np.int64)
        self._since = np.full(self.paid.shape, -1)
        self._line, self._account, self._few = draws.conditions
        self.holds = self._holding(self.position)
        self.open, self._least = draws.open(self.holds), self.least_held(self.holds)
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
        given_back = (self.open[who] @ (self.draws.needs > 0))[:, self._account]
        return np.asarray((given_back & ~self.holds[who]).any(axis=1))

    def _look_again(self, who: Numbers, holds: Truths) -> None:
        """Note which conditions of shows hold now."""
        self.holds[who], self.open[who] = holds, self.draws.open(holds)
        self._least[who] = self.least_held(holds)

    @property
    def sets(self) -> Counts:
        """Units of each variant that could be sold now, shape (F, U): of a bundle, whole ones."""
        needs = self.draws.needs[: self.draws.variants]
        return np.stack([_sets(self.position, one) for one in needs], axis=1)

    @property
    def gifts(self) -> Counts:
        """Gifts that paid orders of each variant came with, shape (F, U)."""
        gifts = np.zeros((len(self.paid), self.draws.variants), dtype=np.int64)
        np.add.at(gifts.T, self.draws.host[self.draws.variants :], self._given.T)
        return gifts

    @property
    def missing_gifts(self) -> Counts:
        """Gifts of each variant that paid orders were promised and did not get, shape (F, U)."""
        gifts, variants = self.draws.needs[self.draws.variants :], self.draws.variants
        without = self.taken[:, self.draws.host[variants:], -1] - self._given
        for counted_out, first in zip(gifts[:, variants:].T > 0, self.draws.counted, strict=True):
            left = first - self._given[:, counted_out].sum(axis=1, keepdims=True)
            before = np.cumsum(without[:, counted_out], axis=1) - without[:, counted_out]
            without[:, counted_out] = np.clip(left - before, 0, without[:, counted_out])
        return np.asarray(without @ gifts[:, :variants])

    @property
    def _given(self) -> Counts:
        """How often each gift came with paid orders, shape (F, gifts)."""
        return self.paid[:, self.draws.variants :]

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
        who, holds = who[some], holds[some]
        if self._empties is not None:
            self._empties.filled(who, self.holds[who], holds, step[some])
        self._look_again(who, holds)

    def take_from(self, who: Numbers, first: Numbers) -> None:
        """Let open lines of shows take all from batches on, unless they do so already, (Q, U)."""
        since = self._since[who]
        new = self.open[who] & (since < 0)
        self._since[who] = np.where(new, first[:, self.draws.host], since)

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
        lines = self.draws.lines(wanted) * open_
        demand = self.draws.units(lines)
        whole = (demand + self._least[who] <= self.position[who]).all(axis=1)
        whole &= window.until == NEVER
        self.position[who] -= demand * whole[:, None]
        lapsing = (lines - self.draws.paid(wanted) * open_) * whole[:, None]
        short = np.flatnonzero(~whole)
        if short.size:
            few = Window(*(of[short] for of in window))
            lapsing[short] = self._serve_in_line(sums, who[short], few)
        return np.asarray(lapsing)

    def _serve_in_line(self, sums: Sums, who: Numbers, window: Window) -> Counts:
        """Serve the orders of shows in which something runs short, one by one."""
        self.settle(sums, who, window.first)
        lapsing = np.zeros((len(who), len(self.draws.host)), dtype=np.int64)
        for few, place, line in self._in_line(sums, window):
            end = np.minimum(line.end[place], line.upto_step(place, window.until[few]))
            lapsing[few] = self._go_through(sums, line, who[few], line.start[place], end)
        goes_on = self.open[who] & (window.until == NEVER)[:, None]
        self._since[who] = np.where(goes_on, window.last[:, self.draws.host], -1)
        return lapsing

    def settle(self, sums: Sums, who: Numbers, upto: Numbers) -> None:
        """Add up what open lines of shows have taken up to batches, shape (Q, U)."""
        variants = self.draws.variants
        for line, host in enumerate(self.draws.host.tolist()):
            mine = np.flatnonzero(self._since[who, line] >= 0)
            few, last = who[mine], upto[mine, host]
            first = self._since[few, line]
            taken = sums.upto[last] - sums.upto[first]
            if line >= variants:
                self.paid[few, line] += taken[:, -1]
                continue
            self.paid[few, line] += taken[:, PAYING]
            self.taken[few, line] += taken
            self.dearer[few, line] += sums.dearer[last] - sums.dearer[first]
            if self._observer is not None:
                by_show = few + line * len(self.position)
                self._observer(Taking.whole(by_show, first, last, self._columns))
        self._since[who] = -1

    def _in_line(self, sums: Sums, window: Window) -> Iterator[tuple[Numbers, Numbers, Line]]:
        """Put the orders of shows in line; yield a few shows, which line is theirs, and all lines.

        Shows with the same orders stand in the same line.
        """
        _, of, place = np.unique(window.number, return_index=True, return_inverse=True)
        orders = sums.book.orders
        entries = np.concatenate([[0], np.cumsum(orders.count)])[orders.first]
        size = (entries[window.last[of]] - entries[window.first[of]]).sum(axis=1)
        part = np.cumsum(size) // _AT_ONCE
        begin = np.flatnonzero(np.diff(part, prepend=-1))
        for start, end in pairwise([*begin.tolist(), len(of)]):
            few = np.flatnonzero((place >= start) & (place < end))
            some = of[start:end]
            line = self._line_of(sums, window.first[some], window.last[some])
            yield few, place[few] - start, line

    def _line_of(self, sums: Sums, first: Numbers, last: Numbers) -> Line:
        """Put the orders of batches in line, shape (R, U)."""
        orders, variants = sums.book.orders, self.draws.variants
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
        return Line(
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
            self.draws.lines(upto),
            self.draws.paid(upto),
        )

    def _go_through(
        self, sums: Sums, line: Line, who: Numbers, at: Numbers, end: Numbers
    ) -> Counts:
        """Go through shows' lines, from one order with which something runs short to the next.

        Parameters
        ----------
        sums, line
            The orders.
        who
            The shows, each once, shape (Q,).
        at, end
            Where in the line each begins and ends, shape (Q,).

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
            short, demand = self._runs_short(line, who[on], at[on], end[on], demands)
            self.position[who[on]] -= demand
            on, at_one = on[short < end[on]], short[short < end[on]]
            before = since[on]
            since[on] = self._serve_one(sums, line, who[on], at_one, before, lapsing, on)
            at[on] = at_one + 1
            on = on[at[on] < end[on]]
        self._take(line, who, since, np.broadcast_to(end[:, None], since.shape), lapsing)
        if self._observer is not None:
            self._tell_whole(sums, line, who, since, end)
        return lapsing

    def _runs_short(
        self,
        line: Line,
        who: Numbers,
        at: Numbers,
        end: Numbers,
        demands: dict[int, Counts],
    ) -> tuple[Numbers, Counts]:
        """Return the first order after which a condition holds no more, and what those before take.

        Parameters
        ----------
        line, who, at, end
            The orders, and where shows stand in it.
        demands
            What all orders before each take, by which lines are open, as far as it is known.
        """
        spare = self.position[who] - self._least[who] + 1
        first, taken = end.copy(), np.zeros_like(spare)
        codes = self.open[who] @ (1 << np.arange(len(self.draws.host)))
        for code in np.unique(codes).tolist():
            mine = np.flatnonzero(codes == code)
            if code not in demands:
                open_ = self.open[who[mine[0]]]
                demands[code] = np.ascontiguousarray(self.draws.units(line.lines * open_).T)
            for account, column in enumerate(demands[code]):
                goal = column[at[mine]] + spare[mine, account]
                first[mine] = np.minimum(first[mine], np.searchsorted(column, goal) - 1)
            taken[mine] = (demands[code][:, first[mine]] - demands[code][:, at[mine]]).T
        return first, taken

    def _serve_one(
        self,
        sums: Sums,
        line: Line,
        who: Numbers,
        at: Numbers,
        since: Numbers,
        lapsing: Counts,
        of: Numbers,
    ) -> Numbers:
        """Serve an order of each show, who may get less than is asked for, and no gift.

        Parameters
        ----------
        sums, line
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
        variant, asked = line.variant[at], sums.by_kind[line.kind[at]]
        there, needs, host = np.arange(len(who)), self.draws.needs, self.draws.host
        position = self.position[who]
        units = np.minimum(asked[:, UNITS], _sets(position, needs[variant]))
        pays, fake = asked[:, PAYING] > 0, asked[:, FAKED] > 0
        got = asked * (units > 0)[:, None]
        got[:, UNITS], got[:, PAYING], got[:, FAKED] = units, units * pays, units * (pays & fake)
        lines = np.zeros(since.shape, dtype=np.int64)
        lines[there, variant] = units
        position -= units[:, None] * needs[variant]
        for gift in range(self.draws.variants, len(needs)):
            mine = (variant == host[gift]) & (got[:, ORDERS] > 0)
            lines[:, gift] = mine & (position >= needs[gift]).all(axis=1)
            position -= lines[:, [gift]] * needs[gift]
        self.position[who] = position
        self.taken[who, variant] += got
        above = sums.book.above(line.batch[at])[:, None]
        self.dearer[who, variant] += above * sums.book.valued(got)
        self.paid[who] += lines * pays[:, None]
        lapsing[of] += lines * ~pays[:, None]
        holds = self._holding(position)
        if self._empties is not None:
            begun, ended = self._times[line.step[at] - 1], self._times[line.step[at]]
            moment = begun + line.moment[at] * (ended - begun)
            self._empties.emptied(who, self.holds[who], holds, moment, line.step[at])
        self._look_again(who, holds)
        open_ = self.open[who]
        ends = (since >= 0) & (~open_ | (host == variant[:, None]))
        self._take(line, who, np.where(ends, since, -1), np.broadcast_to(at[:, None], ends.shape),
                   lapsing, of)  # fmt: skip
        if self._observer is not None:
            self._tell_whole(sums, line, who, np.where(ends, since, -1), at)
            self._tell(who, variant, line.batch[at], got)
        return np.where(open_, np.where(ends, at[:, None] + 1, since), -1)

    def _take(
        self,
        line: Line,
        who: Numbers,
        since: Numbers,
        until: Numbers,
        lapsing: Counts,
        of: Numbers | None = None,
    ) -> None:
        """Add up what lines have taken of all orders from some on, up to others, shape (Q, L)."""
        for number in range(since.shape[1]):
            mine = np.flatnonzero((since[:, number] >= 0) & (since[:, number] < until[:, number]))
            if not mine.size:
                continue
            few, first, last = who[mine], since[mine, number], until[mine, number]
            paid = line.paid[last, number] - line.paid[first, number]
            self.paid[few, number] += paid
            lapse = line.lines[last, number] - line.lines[first, number] - paid
            lapsing[mine if of is None else of[mine], number] += lapse
            if number < self.draws.variants:
                self.taken[few, number] += line.upto[last, number] - line.upto[first, number]
                self.dearer[few, number] += line.dearer[last, number] - line.dearer[first, number]

    def _tell_whole(
        self, sums: Sums, line: Line, who: Numbers, since: Numbers, until: Numbers
    ) -> None:
        """Tell of all orders of lines from some on, up to others, that took all they asked for."""
        for variant in range(self.draws.variants):
            mine = np.flatnonzero((since[:, variant] >= 0) & (since[:, variant] < until))
            first = since[mine, variant]
            of, order = spread(until[mine] - first, first)
            own = line.variant[order] == variant
            of, order = mine[of[own]], order[own]
            got = sums.by_kind[line.kind[order]]
            self._tell(who[of], line.variant[order], line.batch[order], got)

    def _tell(self, who: Numbers, variant: Numbers, batch: Numbers, got: Counts) -> None:
        if self._observer is not None:
            mine = who + variant * len(self.position)
            got = got[:, : self._columns]
            self._observer(Taking(mine, batch, batch, batch, got, waiting=False))


def _sets(position: Counts, needs: Counts) -> Counts:
    """Return how often what takes so many units of each account could be taken, shape (F,)."""
    return np.asarray(np.where(needs > 0, position // np.maximum(needs, 1), _MANY).min(axis=-1))


class SharedEmpties:
    """What happens to variants and products that share stock: when they are empty, and sold out.

    Parameters
    ----------
    draws
        What orders take.
    product_of
        The product of each variant, from 0 on, shape (U,).
    shows
        The number F of shows.
    """

    def __init__(self, draws: Draws, product_of: Numbers, shows: int) -> None:
        line, account, _ = draws.conditions
        hard = line < draws.variants
        self._draws, self._shows = draws, shows
        self._line, self._hard = line[hard], np.flatnonzero(hard)
        self._product_of, self._of = product_of, product_of[account[hard]]
        #: Conditions and variants that hold no more, and those that hold again.
        self._emptied: tuple[list[Emptied], list[Emptied]] = ([], [])
        self._filled: tuple[list[Filled], list[Filled]] = ([], [])

    def begin(self, holds: Truths) -> None:
        """Note what is empty from the start, from which conditions hold, shape (F, C)."""
        who, nothing = np.arange(self._shows), np.zeros(self._shows)
        self.emptied(who, np.ones_like(holds), holds, nothing, nothing.astype(np.intp))

    def emptied(self, who: Numbers, before: Truths, now: Truths, at: Floats, step: Numbers) -> None:
        """Note conditions that hold no more, from a moment [s] and step on, shape (Q,)."""
        changed = self._changed(who, before, now)
        for noted, (group, of) in zip(self._emptied, changed, strict=True):
            noted.append((group, at[of], step[of]))

    def filled(self, who: Numbers, before: Truths, now: Truths, step: Numbers) -> None:
        """Note conditions that hold again at the ends of steps, shape (Q,)."""
        changed = self._changed(who, now, before)
        for noted, (group, of) in zip(self._filled, changed, strict=True):
            noted.append((group, step[of]))

    def _changed(
        self, who: Numbers, more: Truths, less: Truths
    ) -> tuple[tuple[Numbers, Numbers], tuple[Numbers, Numbers]]:
        """Return the conditions and variants that are there by the one and not by the other.

        With the place of the show of each.
        """
        of, number = np.nonzero((more & ~less)[:, self._hard])
        conditions = number * self._shows + who[of], of
        closed = self._draws.open(more) & ~self._draws.open(less)
        of, number = np.nonzero(closed[:, : self._draws.variants])
        return conditions, (number * self._shows + who[of], of)

    def known(
        self, final_step: Numbers, final_at: Floats, like: Numbers
    ) -> tuple[Empties, Empties]:
        """Return when variants and products were empty, and when sold out.

        Parameters
        ----------
        final_step, final_at
            As in :class:`~livesim.engine.ledger.sold_out.Empties`, of n shows by product, shape
            (products, n).
        like
            Which of the F shows is like each of these, shape (n,).
        """
        sizes = len(self._hard), len(self._product_of)
        conditions, variants = (
            Spells.of_events(
                np.ones(size * self._shows, dtype=np.int64),
                _columns(emptied, 3),
                _columns(filled, 2),
            ).of_each(*_each(size, self._shows, like))
            for size, emptied, filled in zip(sizes, self._emptied, self._filled, strict=True)
        )

        def empties(product: Numbers, spells: Spells) -> Empties:
            step, at = final_step[product].ravel(), final_at[product].ravel()
            return Empties(len(step), step, at, spells)

        soft = np.diag(self._draws.needs[: self._draws.variants]) == 0
        bundle, shows = np.where(soft[self._line], self._line, -1), len(like)
        of_conditions = empties(self._of, conditions)
        found = []
        for group, of, whose in (
            (np.arange(len(self._product_of)), self._product_of, bundle),
            (
                self._product_of,
                np.arange(len(final_step)),
                np.where(bundle >= 0, self._product_of[bundle], -1),
            ),
        ):
            variant, show = np.divmod(variants.who, shows)
            members = np.repeat(np.bincount(group, minlength=len(of)), shows)
            own = empties(of, variants.together(group[variant] * shows + show, members))
            theirs = np.where(whose[:, None] >= 0, whose[:, None] * shows + np.arange(shows), -1)
            found.append(
                _WithConditions(
                    own.size, own.final_step, own.final_at, own.empty, of_conditions, theirs.ravel()
                )
            )
        return found[0], found[1]


def _each(size: int, shows: int, like: Numbers) -> tuple[Numbers, Numbers]:
    """Return so many groups of each of n shows, and those of the F shows that these are like."""
    first = np.arange(size)[:, None]
    every = first * len(like) + np.arange(len(like))
    return every.ravel(), (first * shows + like).ravel()


#: Groups, when their last unit went [s], and in which step.
Emptied: TypeAlias = tuple[Numbers, Floats, Numbers]
#: Groups, and at the end of which step they have units again.
Filled: TypeAlias = tuple[Numbers, Numbers]


def _columns(noted: Sequence[tuple[NDArray[Any], ...]], number: int) -> Any:
    """Put what was noted one after the other, column by column."""
    none = (np.zeros(0, dtype=np.intp),) * number
    return tuple(map(np.concatenate, zip(none, *noted, strict=True)))


@dataclass(frozen=True)
class _WithConditions(Empties):
    """Empties of which bundles are sold out as soon as one of their conditions is.

    Parameters
    ----------
    conditions
        When conditions do not hold.
    whose
        The group of each condition's group, −1 where it is no bundle's.
    """

    conditions: Empties
    whose: Numbers

    @cached_property
    def _bundles(self) -> Numbers:
        return np.unique(self.whose[self.whose >= 0])

    @property
    def sold_out_at(self) -> Floats:
        """When a group was first empty with nothing to come [s], inf if never, shape (G,)."""
        first, theirs = super().sold_out_at, self.whose >= 0
        first[self._bundles] = np.inf
        np.minimum.at(first, self.whose[theirs], self.conditions.sold_out_at[theirs])
        return first

    def spells(self, last: int) -> tuple[Numbers, Numbers, Numbers]:
        """Return when groups were sold out, as in Empties; a bundle's spells may overlap."""
        groups, begun, ended = super().spells(last)
        own = ~np.isin(groups, self._bundles)
        number, since, until = self.conditions.spells(last)
        theirs = self.whose[number] >= 0
        return (
            np.concatenate([groups[own], self.whose[number[theirs]]]),
            np.concatenate([begun[own], since[theirs]]),
            np.concatenate([ended[own], until[theirs]]),
        )


def settling(steps: Sequence[Numbers]) -> Numbers:
    """Return at which steps' ends something settled comes on hand, or settling moves on.

    Parameters
    ----------
    steps
        The step at whose end what is ordered in each step is settled, for each time to pay.
    """
    marks = [np.concatenate([one[1:], np.flatnonzero(np.diff(one[1:])) + 1]) for one in steps]
    return np.unique(np.concatenate(marks))
