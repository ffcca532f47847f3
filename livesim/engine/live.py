"""The stock as the show goes on: for slots, processes and viewers that react to it.

It is the ledger at the one level that viewers live through, followed refresh by refresh: the same
accounts serve the same orders. Where nothing reacts to the stock, nobody looks at it before the
show is over, and it is not followed at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from livesim.engine.accounts import Accounts
from livesim.engine.book import ORDERS, Book, Clock, counted
from livesim.engine.orders import Counts, Floats, Kinds, Orders
from livesim.engine.recording import SWEEP
from livesim.engine.release import UNLIMITED, Cells
from livesim.model.inputs import Inputs
from livesim.model.splitting import split, split_waves


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


@dataclass
class _Coming:
    """A part of a product's stock that comes on sale later.

    Parameters
    ----------
    name
        What it is called, as in the scenario's paths.
    units
        Units of each of the product's variants, shape (variants,).
    due
        When it comes [s], inf until that is known, shape (R,).
    owned
        Whether the planner owns the units already.
    came
        Where it has come, shape (R,).
    """

    name: str
    units: Counts
    due: Floats
    owned: bool
    came: NDArray[np.bool_]

    def still_to_come(self, by: float) -> NDArray[np.bool_]:
        """Return where it will come, or may still be called, before a moment [s], shape (R,)."""
        return np.asarray(~self.came & ((self.due <= by) | np.isinf(self.due)))


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
        self._coming = [
            self._parts(product, levels[inputs.product_of == product])
            for product in range(len(inputs.products))
        ]
        self._called = [np.zeros(rows, dtype=bool) for _ in inputs.products]
        self._put_on_sale = np.repeat(_at_start(inputs, levels)[:, None], rows, axis=1)
        position = self._cells.split(self._put_on_sale)
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
        now = float(self._clock.times[step])
        self._accounts.receive(step)
        for product, parts in enumerate(self._coming):
            if parts:
                self._time_waves(product, link_at[:, product])
                self._take_in(product, now)
                self._call_reserve(product, link_at[:, product] <= now + 1e-6, now)

    def release(self, product: int, part: str, row: int, due: float) -> None:
        """Put a part of a product on sale in one replication at a moment [s]."""
        coming = next(one for one in self._coming[product] if one.name == part)
        coming.due[row] = min(coming.due[row], due)

    def _time_waves(self, product: int, link_at: Floats) -> None:
        waves = self._inputs.supplies[product].waves
        for wave, coming in zip(waves, self._coming[product], strict=False):
            np.minimum(coming.due, link_at + wave.after, out=coming.due)

    def _take_in(self, product: int, now: float) -> None:
        mine, cells = self._inputs.product_of == product, self._product_of == product
        for coming in self._coming[product]:
            comes = ~coming.came & (coming.due <= now + 1e-6)
            if comes.any():
                coming.came |= comes
                had = self._put_on_sale[mine]
                has = had + coming.units[:, None] * comes
                self._put_on_sale[mine] = has
                self._position[cells] += self._cells.split(has) - self._cells.split(had)

    def _call_reserve(self, product: int, linked: NDArray[np.bool_], now: float) -> None:
        reserve = self._inputs.supplies[product].reserve
        if reserve is None or self._called[product].all():
            return
        called = linked & ~self._called[product] & (self.available(product) < reserve.below)
        if called.any():
            self._called[product] |= called
            coming = next(one for one in self._coming[product] if one.name == "reserve")
            coming.due[called] = np.minimum(coming.due[called], now + reserve.lead_time)
            self._take_in(product, now)

    @property
    def _position(self) -> Counts:
        return self._accounts.position.reshape(len(self._product_of), -1)

    def on_hand(self, product: int) -> Counts:
        """Return the units on hand of a product, shape (R,)."""
        return np.asarray(np.maximum(self._position[self._product_of == product], 0).sum(axis=0))

    def available(self, product: int) -> Counts:
        """Return units on hand, and owned ones that come before the show's end, shape (R,)."""
        coming = [
            one.still_to_come(self._inputs.length) * one.units.sum()
            for one in self._coming[product]
            if one.owned
        ]
        return np.asarray(sum(coming, start=self.on_hand(product)))

    def sold_out(self, product: int) -> NDArray[np.bool_]:
        """Return where a product is sold out: empty, and nothing to come before the end, (R,)."""
        gone = (self._position[self._product_of == product] <= 0).all(axis=0)
        for one in self._coming[product]:
            gone &= ~one.still_to_come(self._inputs.length)
        return np.asarray(gone)

    def claimed_share(self, product: int) -> Floats:
        """Return the share of the units put on sale that is reserved or paid [1], shape (R,)."""
        put_on = self._put_on_sale[self._inputs.product_of == product].sum(axis=0)
        taken = put_on - self._position[self._product_of == product].sum(axis=0)
        # Orders beyond the stock can be more than all units; the screen shows them all as claimed.
        return np.asarray(np.clip(taken / np.maximum(put_on, 1), 0.0, 1.0))

    def _parts(self, product: int, levels: Counts) -> list[_Coming]:
        inputs = self._inputs
        supply = inputs.supplies[product]
        share = inputs.variant_share[inputs.product_of == product].tolist()
        waves = split_waves(levels[:, None], [wave.share for wave in supply.waves])
        parts = [
            self._part(f"waves.{wave.name}", units[:, 0], np.inf, owned=True)
            for wave, units in zip(supply.waves, waves, strict=True)
        ]
        for receipt in supply.receipts:
            units = split(np.array([receipt.units]), share)[:, 0]
            parts.append(self._part(f"arriving.{receipt.name}", units, receipt.due, owned=True))
        if supply.reserve is not None:
            units = split(np.array([supply.reserve.units]), share)[:, 0]
            parts.append(self._part("reserve", units, np.inf, owned=False))
        return parts

    def _part(self, name: str, units: Counts, due: float, *, owned: bool) -> _Coming:
        rows = self._inputs.replications
        return _Coming(name, units, np.full(rows, due), owned, np.zeros(rows, dtype=bool))


def _at_start(inputs: Inputs, levels: Counts) -> Counts:
    """Return the units of each variant on hand at the start, shape (V,)."""
    waves = np.array([bool(supply.waves) for supply in inputs.supplies])[inputs.product_of]
    # Unlimited stock is all there from the start, or its screen would show that nothing is left.
    return np.where(waves & (levels < UNLIMITED), 0, levels)
