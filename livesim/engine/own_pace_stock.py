"""The stock of shows each of which stands at a moment of its own.

It is the stock as a show goes on, served and delivered by the same accounts. Orders are known some
refreshes ahead; where they would sell a product out is told before they are served, so that a show
can stop there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.ledger.book import Book
from livesim.engine.ledger.live_stock import Live
from livesim.engine.ledger.serving import Accounts
from livesim.engine.orders.orders import Kinds, Orders
from livesim.engine.release_plan import Stocks
from livesim.model.inputs import Inputs

#: The past of shows is followed for so many steps at a time, at most.
_MOST_STEPS = 512


class Lapsing(Accounts):
    """Accounts that stand at a moment of their own each: what lapses waits until they are there."""

    def __init__(
        self, position: Counts, backorder_room: Counts, columns: int, times: Floats
    ) -> None:
        super().__init__(position, backorder_room, columns, times)
        self._width = len(times) + 1
        self._key = np.zeros(0, dtype=np.int64)  # account · width + step, in order
        self._units = np.zeros(0, dtype=np.int64)
        self._upto = np.zeros(1, dtype=np.int64)
        self._new: list[tuple[NDArray[np.int64], Counts]] = []
        self._received = np.full(len(position), -1)

    def put_on_later(self, who: Numbers, units: Counts, step: Numbers) -> None:
        """Put units on hand at the ends of the steps in which they come, if they do."""
        some = np.flatnonzero((units > 0) & (step < self._width - 1))
        self._new.append((who[some] * self._width + step[some], units[some]))

    def sort_in(self) -> None:
        """Put what has lapsed since the last time among the rest, and forget what has come."""
        keys, units = zip(*self._new, strict=True) if self._new else ((), ())
        key, unit = np.concatenate([self._key, *keys]), np.concatenate([self._units, *units])
        self._new = []
        who, step = np.divmod(key, self._width)
        to_come = step > self._received[who]
        key, unit = key[to_come], unit[to_come]
        order = np.argsort(key, kind="stable")
        self._key, self._units = key[order], unit[order]
        self._upto = np.concatenate([[0], np.cumsum(self._units)])

    @property
    def expecting(self) -> Numbers:
        """The accounts to which anything has come back since the last time, or will."""
        who = self._key // self._width
        return np.asarray(who[np.flatnonzero(np.diff(who, prepend=-1))])

    def receive_by(self, who: Numbers, step: Numbers) -> None:
        """Take in what has come on hand by the end of steps, shape (Q,)."""
        if len(self._key):
            first, last = self._found(who, self._received[who]), self._found(who, step)
            self.position[who] += self._upto[last] - self._upto[first]
        self._received[who] = np.maximum(step, self._received[who])

    def next_after(self, who: Numbers, step: Numbers) -> Numbers:
        """Return the next step after some at whose end units come back, shape (Q,)."""
        found = self._found(who, step)
        key = np.append(self._key, np.iinfo(np.int64).max)[found]
        return np.where(key // self._width == who, key % self._width, self._width)

    def back_in(self, who: Numbers, at: Numbers, steps: int) -> Counts:
        """Return the units that come back in each of some steps after another, shape (Q, n)."""
        ends = at[:, None] + np.arange(steps + 1)
        found = self._found(who[:, None], np.minimum(ends, self._width - 1))
        return np.diff(self._upto[found], axis=1)

    def _found(self, who: Numbers, step: Numbers) -> Numbers:
        return np.searchsorted(self._key, who * self._width + step, side="right")


class OwnPaceStock(Live):
    """The stock of every product in R replications, each at a moment of its own.

    Parameters
    ----------
    inputs, kinds, stocks
        As for :class:`~livesim.engine.ledger.live_stock.Live`.
    """

    _accounts: Lapsing

    def __init__(self, inputs: Inputs, kinds: Kinds, stocks: Stocks) -> None:
        super().__init__(inputs, kinds, stocks)
        plain = self._accounts
        self._accounts = Lapsing(
            plain.position, plain.backorder_room, plain.taken.shape[1], self._clock.times
        )
        self._at = np.zeros(inputs.replications, dtype=np.intp)
        self._step = self._at
        self._back = self._swept.min(axis=0) - 1  # until then no order of a step comes back
        last = self._clock.steps
        self._called_by = [(of.below > 0) | (of.moment <= last) for of in self._rules]

    def known_until(self) -> Numbers:
        """Return how far it can be told ahead what will be sold out, shape (R,).

        Not beyond what an order of now brings back, nor where what is left decides what comes.
        """
        soon = self._at + 1
        back = self._back[np.minimum(soon, self._clock.steps)]
        far = np.maximum(np.minimum(back, self._inputs.refreshes), soon)
        if self._waiting:
            backorder_room = self._accounts.backorder_room.reshape(self._position.shape)
            beyond = ((backorder_room > 0) & (self._position <= 0)).any(axis=0)
            far = np.where(beyond, soon, far)
        for called_by, at in zip(self._called_by, self._reserve_at, strict=True):
            if len(at):
                far = np.where((called_by & np.isinf(at)).any(axis=0), soon, far)
        return np.asarray(far)

    def serve_all(self, orders: Orders) -> None:
        """Serve the orders since the step at which each show has been, up to the next."""
        if len(orders):
            self._serve_by_account(orders.by_account(self._inputs.replications))
            self._accounts.sort_in()

    def receive_all(self, until: Numbers, link_at: Floats) -> None:
        """Go to a step of each show, and take in what comes by then.

        Parameters
        ----------
        until
            The new step, shape (R,).
        link_at
            When links went up [s], shape (R, P).
        """
        self._at = self._step = until
        who = self._accounts.expecting
        self._accounts.receive_by(who, until[who % len(until)])
        self.take_in(link_at)

    def take_in(self, link_at: Floats) -> None:
        """Take in what has been delivered by now; links went up so [s], shape (R, P)."""
        for product in self._delivered:
            if not np.array_equal(link_at[:, product], self._link_at[:, product]):
                self._link_at[:, product] = link_at[:, product]
                self._expect(product)
            self._take_in(product)
            self._call_reserves(product)

    def _serve_by_account(self, orders: Orders) -> None:
        """Serve orders, by account and time: at once where units outlast all of an account's."""
        account = orders.cell.astype(np.intp) * self._inputs.replications + orders.row
        first = np.flatnonzero(np.diff(account, prepend=-1))
        kinds, position = self._kinds, self._accounts.position
        units = orders.sums(np.stack([kinds.units, kinds.units * ~kinds.pays], axis=1))
        wanted = np.add.reduceat(units[:, 0], first)
        mine, sizes = account[first], np.diff(np.append(first, len(orders)))
        lasts = wanted < position[mine]
        position[mine[lasts]] -= wanted[lasts]
        swept = self._swept[self._timeout_of[orders.cell], orders.step]
        whole = np.repeat(lasts, sizes)
        self._accounts.put_on_later(account[whole], units[whole, 1], swept[whole])
        if not whole.all():
            rest = np.flatnonzero(~whole)
            self._walk(self._book(orders.take(rest), swept[rest]))

    def _book(self, orders: Orders, swept: Numbers) -> Book:
        cells, rows = range(len(self._product_of)), self._inputs.replications
        return Book.of(orders, self._kinds, swept, rows, cells, waiting=self._waiting)

    def _walk(self, book: Book) -> None:
        """Serve accounts that may run out of units, a batch at a time."""
        accounts = self._accounts
        place = np.flatnonzero(np.diff(book.account, prepend=-1))
        who, last = book.account[place], np.append(place[1:], len(book.account))
        while who.size:
            before = book.orders.step[place] - 1
            self._receive_by(who, before)
            lost = (accounts.position[who] <= 0) & (accounts.backorder_room[who] <= 0)
            some = np.flatnonzero(~lost)
            accounts.serve(book, who[some], place[some], place[some] + 1)
            following = place + 1
            if lost.any():
                refilled = self._next_after(who[lost], before[lost])
                following[lost] = book.after(who[lost], refilled)
            goes_on = following < last
            who, place, last = who[goes_on], following[goes_on], last[goes_on]

    def _receive_by(self, who: Numbers, step: Numbers) -> None:
        """Take in what has come back or been delivered by the end of steps, shape (Q,)."""
        accounts, put_on_sale = self._accounts, self._put_on_sale.ravel()
        accounts.receive_by(who, step)
        for mine, product, cell, row in self._with_deliveries(who):
            come = self._comes[product].come_by(step[mine], row)[cell, np.arange(len(row)), 0]
            accounts.position[who[mine]] += come - put_on_sale[who[mine]]
            put_on_sale[who[mine]] = come

    def _next_after(self, who: Numbers, step: Numbers) -> Numbers:
        """Return the next step after some at whose end anything comes on hand, shape (Q,)."""
        found = self._accounts.next_after(who, step)
        for mine, product, _, row in self._with_deliveries(who):
            due = self._comes[product].step[:, row, 0]
            later = np.where(due > step[mine], due, self._clock.steps + 1)
            found[mine] = np.minimum(found[mine], later.min(axis=0, initial=self._clock.steps + 1))
        return found

    def _with_deliveries(self, who: Numbers) -> Iterator[tuple[Numbers, int, Numbers, Numbers]]:
        """Yield the accounts of each delivered product: places, cells of the product, and rows."""
        cell, row = np.divmod(who, self._inputs.replications)
        for product in self._delivered:
            mine = np.flatnonzero(self._product_of[cell] == product)
            if mine.size:
                first = int(np.searchsorted(self._product_of, product))
                yield mine, product, cell[mine] - first, row[mine]

    def first_sold_out(
        self, orders: Orders, product: int, rows: Numbers, until: Numbers
    ) -> Numbers:
        """Return the step at whose end orders to come will have sold a product out.

        Parameters
        ----------
        orders
            Orders to come.
        product, rows
            Which product, and in which shows, shape (Q,).
        until
            The last step that matters, shape (Q,).

        Returns
        -------
        ndarray
            The first such step, or a later one than the last, shape (Q,). Where some accept to
            wait, it can be too early.
        """
        at, cells = self._at[rows], np.flatnonzero(self._product_of == product)
        interval = np.arange(int((until - at).max(initial=0)))
        step = at[:, None] + 1 + interval
        accounts = (cells[:, None] * self._inputs.replications + rows).ravel()
        asked = self._asked(orders, cells, rows, len(interval))
        comes = self._accounts.back_in(accounts, np.tile(at, len(cells)), len(interval))
        comes = comes.reshape(asked.shape) + self._delivered_in(product, rows, len(interval))
        position = self._accounts.position[accounts].reshape(*asked.shape[:2], 1)
        asked, comes = np.cumsum(asked, axis=2), np.cumsum(comes, axis=2)
        before = np.concatenate([np.zeros_like(position), comes[:, :, :-1]], axis=2)
        # Units are never less than none: what is lost is the most by which orders have exceeded.
        missing = np.maximum.accumulate(asked - before - position, axis=2)
        empty = position + comes - asked + np.maximum(missing, 0) <= 0
        backorder_room = self._accounts.backorder_room[accounts].reshape(position.shape)
        gone = empty.all(axis=0) & (self._comes[product].final_step[rows] <= step)
        gone |= (empty & (backorder_room > 0)).any(axis=0)
        gone &= step <= until[:, None]
        first = np.where(gone, step, until[:, None] + 1)
        return np.asarray(first.min(axis=1, initial=self._clock.steps + 1))

    def _asked(self, orders: Orders, cells: Numbers, rows: Numbers, steps: int) -> Counts:
        """Return the units asked for in steps after now, shape (cells, Q, n)."""
        place = np.full(self._inputs.replications, -1)
        place[rows] = np.arange(len(rows))
        interval = orders.step - self._at[orders.row] - 1
        mine = (orders.cell >= cells[0]) & (orders.cell <= cells[-1]) & (place[orders.row] >= 0)
        some = np.flatnonzero(mine & (interval >= 0) & (interval < steps))
        asked = np.zeros((len(cells), len(rows), steps), dtype=np.int64)
        units = orders.take(some).sums(self._kinds.units[:, None])[:, 0]
        asked[orders.cell[some] - cells[0], place[orders.row[some]], interval[some]] = units
        return asked

    def _delivered_in(self, product: int, rows: Numbers, steps: int) -> Counts:
        """Return the units delivered in steps after now, shape (cells, Q, n)."""
        comes = self._comes[product]
        parts = np.diff(comes.together[:, :, rows, 0], axis=0)
        units = np.zeros((comes.together.shape[1], len(rows), steps), dtype=np.int64)
        for part, step in zip(parts, comes.step[:, rows, 0], strict=True):
            interval = step - self._at[rows] - 1
            some = np.flatnonzero((interval >= 0) & (interval < steps))
            units[:, some, interval[some]] += part[:, some]
        return units

    def go_through(
        self,
        orders: Orders,
        until: Numbers,
        link_at: Floats,
        watched: Sequence[tuple[int, Numbers, Numbers, Numbers]],
    ) -> list[NDArray[np.bool_]]:
        """Go through what started shows have sold, and say which products were sold out meanwhile.

        Parameters
        ----------
        orders
            What they have sold.
        until, link_at
            As for :meth:`receive_all`.
        watched
            Products, each with some shows and the first and last steps that matter, shape (Q,).
        """
        gone = [np.zeros(len(rows), dtype=bool) for _, rows, _, _ in watched]
        while (self._at < until).any():
            ends = np.minimum(np.minimum(self.known_until(), self._at + _MOST_STEPS), until)
            for _, rows, since, _ in watched:
                soon = np.maximum(self._at[rows] + 1, since)
                ends[rows] = np.minimum(ends[rows], soon)
            step = orders.step
            now = (step > self._at[orders.row]) & (step <= ends[orders.row])
            self.serve_all(orders.take(np.flatnonzero(now)))
            self.receive_all(ends, link_at)
            for found, (product, rows, since, last) in zip(gone, watched, strict=True):
                matters = (ends[rows] >= since) & (ends[rows] <= last)
                found |= self.sold_out(product)[rows] & matters
        return gone
