"""The stock as the show goes on: for slots, processes and viewers that react to it.

It is the ledger at the one level that viewers live through, followed refresh by refresh: the same
accounts serve the same orders. Where nothing reacts to the stock, nobody looks at it before the
show is over, and it is not followed at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from livesim.engine.ledger.order_sums import ORDERS, Book, Clock, counted
from livesim.engine.ledger.release import Called, Cells, Deliveries, deliveries
from livesim.engine.ledger.serving import Accounts
from livesim.engine.orders.orders import Counts, Floats, Kinds, Numbers, Orders
from livesim.engine.recording import SWEEP
from livesim.model.inputs import Inputs
from livesim.model.splitting import split


class Stock(Protocol):
    """What a show can ask its stock, and tell it."""

    def serve(self, orders: Orders, step: int) -> None:
        """Serve the orders of a step."""

    def receive(self, step: int, link_at: Floats) -> None:
        """Settle reservations and take in what is due at a step's end; links went up so [s]."""

    def release(self, product: int, part: str, row: int, due: float) -> None:
        """Put a part of a product on sale in one replication at a moment [s]."""


class Unwatched:
    """A stock at which nobody looks before the show is over."""

    def serve(self, orders: Orders, step: int) -> None:
        """Do nothing: the ledger serves these orders."""

    def receive(self, step: int, link_at: Floats) -> None:
        """Do nothing: the ledger settles these reservations."""

    def release(self, product: int, part: str, row: int, due: float) -> None:
        """Do nothing: the ledger puts it on sale."""


class Live:
    """The stock of every product in R replications, as it is now.

    Parameters
    ----------
    inputs
        The show's numbers.
    kinds
        What orders can be.
    levels
        Owned units of each variant, shape (V,).

    Attributes
    ----------
    orders_so_far
        Orders served since the start, shape (R,).
    """

    def __init__(self, inputs: Inputs, kinds: Kinds, levels: Counts) -> None:
        self._inputs, self._kinds = inputs, kinds
        self._cells = Cells(inputs)
        self._clock = Clock(
            np.asarray(np.arange(inputs.refreshes + 1) * inputs.refresh, dtype=float)
        )
        timeouts, which = np.unique(inputs.timeout, return_inverse=True)
        steps = [self._clock.settled(float(timeout), SWEEP) for timeout in timeouts]
        self._settled = np.stack(steps)[which]
        per_variant, rows = self._cells.of_variant, inputs.replications
        self._product_of = np.repeat(inputs.product_of, per_variant)
        self._levels, self._step = levels, 0
        self._called: dict[tuple[int, str], Floats] = {}
        self._reserve_at = np.full((len(inputs.products), rows), np.inf)
        self._link_at = np.full((rows, len(inputs.products)), np.inf)
        self._changed: set[int] = set()
        self._comes = [self._deliveries(product) for product in range(len(inputs.products))]
        self._due = [set(np.unique(comes.step).tolist()) for comes in self._comes]
        at_start = np.concatenate([comes.at_start for comes in self._comes])
        self._put_on_sale = np.repeat(at_start, rows, axis=1)
        position = self._put_on_sale
        room = np.zeros(len(inputs.variants), dtype=np.int64)
        for product, supply in enumerate(inputs.supplies):
            mine = inputs.product_of == product
            share = inputs.variant_share[mine].tolist()
            room[mine] = split(np.array([supply.backorder_units]), share)[:, 0]
        self._waiting = bool(room.any())
        self._accounts = Accounts(
            np.arange(position.size),
            position.ravel().copy(),
            np.repeat(np.repeat(room, per_variant), rows),
            counted(kinds).shape[1],
            self._clock.times,
        )
        self.orders_so_far = np.zeros(rows, dtype=np.int64)

    def serve(self, orders: Orders, step: int) -> None:
        """Serve the orders of a step."""
        if not len(orders):
            return
        rows, by_account = self._inputs.replications, orders.by_account(self._inputs.replications)
        settled = self._settled[self._product_of[by_account.cell], step]
        book = Book.of(
            by_account,
            self._kinds,
            settled,
            rows,
            range(len(self._product_of)),
            waiting=self._waiting,
        )
        before = self._accounts.taken[book.account, ORDERS]
        batch = np.arange(len(by_account))
        self._accounts.serve(book, book.account, batch, batch + 1)
        served = self._accounts.taken[book.account, ORDERS] - before
        np.add.at(self.orders_so_far, by_account.row, served)

    def receive(self, step: int, link_at: Floats) -> None:
        """Settle reservations and take in what is due at a step's end; links went up so [s]."""
        self._step = step
        self._accounts.receive(step)
        for product, supply in enumerate(self._inputs.supplies):
            if supply.waves or supply.receipts or supply.reserve:
                if not np.array_equal(link_at[:, product], self._link_at[:, product]):
                    self._link_at[:, product] = link_at[:, product]
                    self._expect(product)
                if step in self._due[product] or product in self._changed:
                    self._take_in(product)
                self._call_reserve(product)

    def follow(self, orders: Orders, called: Called, link_at: Floats, until: int) -> Iterator[int]:
        """Go through what a started show has sold; yield each step when it is done.

        Parameters
        ----------
        orders
            The orders of the steps.
        called
            What was put on sale otherwise than by rule.
        link_at
            When links went up [s], shape (R, P).
        until
            The last step.
        """
        for (product, part), due in called.items():
            for row in np.flatnonzero(np.isfinite(due)).tolist():
                self.release(product, part, row, float(due[row]))
        in_time = np.argsort(orders.step, kind="stable")
        ends = np.searchsorted(orders.step[in_time], np.arange(until + 1), side="right")
        for step, (first, end) in enumerate(pairwise([0, *ends.tolist()])):
            self.serve(orders.take(in_time[first:end]), step)
            self.receive(step, link_at)
            yield step

    def release(self, product: int, part: str, row: int, due: float) -> None:
        """Put a part of a product on sale in one replication at a moment [s]."""
        never = np.full(self._inputs.replications, np.inf)
        when = self._called.setdefault((product, part), never)
        when[row] = min(when[row], due)
        self._expect(product)

    def _expect(self, product: int) -> None:
        """Note anew what of a product comes on sale, and when; some of it may be there now."""
        self._comes[product] = self._deliveries(product)
        self._due[product] = set(np.unique(self._comes[product].step).tolist())
        self._changed.add(product)

    def _deliveries(self, product: int) -> Deliveries:
        """Return what of a product comes on sale, as far as that is known now."""
        inputs = self._inputs
        return deliveries(
            self._cells,
            product,
            inputs.supplies[product],
            self._levels[inputs.product_of == product, None],
            self._link_at[:, product],
            self._reserve_at[product][:, None],
            self._called,
            self._clock,
        )

    def _take_in(self, product: int) -> None:
        """Put on hand what has come by now."""
        cells, (step, rows) = self._product_of == product, self._now
        come = self._comes[product].come_by(step, rows)[:, :, 0]
        self._position[cells] += come - self._put_on_sale[cells]
        self._put_on_sale[cells] = come
        self._changed.discard(product)

    def _call_reserve(self, product: int) -> None:
        reserve, at = self._inputs.supplies[product].reserve, self._reserve_at[product]
        now = float(self._clock.times[self._step])
        linked = self._link_at[:, product] <= now + 1e-6
        if reserve is None or not (linked & np.isinf(at)).any():
            return
        called = linked & np.isinf(at) & (self.available(product) < reserve.below)
        if called.any():
            at[called] = now + reserve.lead_time
            self._expect(product)
            self._take_in(product)

    @property
    def _now(self) -> tuple[Numbers, Numbers]:
        """The step that has ended, for each replication, and their numbers, both of shape (R,)."""
        rows = np.arange(self._inputs.replications)
        return np.full(len(rows), self._step), rows

    @property
    def _position(self) -> Counts:
        return self._accounts.position.reshape(len(self._product_of), -1)

    def on_hand(self, product: int) -> Counts:
        """Return the units on hand of a product, shape (R,)."""
        return np.asarray(np.maximum(self._position[self._product_of == product], 0).sum(axis=0))

    def available(self, product: int) -> Counts:
        """Return units on hand, and owned ones that come before the show's end, shape (R,)."""
        return self.on_hand(product) + self._comes[product].owned_after(*self._now)[:, 0]

    def sold_out(self, product: int) -> NDArray[np.bool_]:
        """Return where a product is sold out: empty, and nothing to come before the end, (R,)."""
        gone = (self._position[self._product_of == product] <= 0).all(axis=0)
        return np.asarray(gone & (self._comes[product].final_step[:, 0] <= self._step))

    def claimed_share(self, product: int) -> Floats:
        """Return the share of the units put on sale that is reserved or paid [1], shape (R,)."""
        mine = self._product_of == product
        put_on = self._put_on_sale[mine].sum(axis=0)
        taken = put_on - self._position[mine].sum(axis=0)
        # Orders beyond the stock can be more than all units; the screen shows them all as claimed.
        return np.asarray(np.clip(taken / np.maximum(put_on, 1), 0.0, 1.0))
