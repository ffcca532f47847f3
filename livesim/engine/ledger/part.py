"""A part of a ledger: the accounts of some products, at some stock levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from livesim.engine.ledger.order_sums import Book
from livesim.engine.ledger.release import Cells, Deliveries
from livesim.engine.orders.orders import Counts, Floats, Numbers
from livesim.engine.recording import Recording


@dataclass(frozen=True)
class Part:
    """Accounts of some products at J stock levels: what a ledger works on at a time.

    Parameters
    ----------
    recording
        The show.
    rows
        Which replications, the part's R.
    products
        Which products, side by side in the order of the show.
    deliveries
        What of each of them comes on sale.
    room
        Units of each cell that may be sold beyond the stock, shape (cells, R, J).
    until
        The step after which orders count no more, shape (R, J).
    """

    recording: Recording
    rows: range
    products: range
    deliveries: Sequence[Deliveries]
    room: Counts
    until: Numbers

    @property
    def replications(self) -> int:
        """The number R of replications."""
        return len(self.rows)

    @property
    def levels(self) -> int:
        """The number J of levels."""
        return int(self.until.shape[1])

    @property
    def link_at(self) -> Floats:
        """When the products' links first went up [s], shape (R, products)."""
        products = slice(self.products.start, self.products.stop)
        return self.recording.link_at[self.rows.start : self.rows.stop, products]

    @property
    def per_variant(self) -> int:
        """The number of cells of a variant."""
        return Cells(self.recording.inputs).of_variant

    @cached_property
    def product_of(self) -> Numbers:
        """The product of each cell, counted from the first, shape (cells,)."""
        of = self.recording.inputs.product_of
        mine = of[(of >= self.products.start) & (of < self.products.stop)]
        return np.repeat(mine - self.products.start, self.per_variant)

    @property
    def variants(self) -> Numbers:
        """The numbers of the products' variants."""
        of = self.recording.inputs.product_of
        return np.flatnonzero((of >= self.products.start) & (of < self.products.stop))

    @cached_property
    def cells(self) -> range:
        """The numbers of the products' cells."""
        before = int((self.recording.inputs.product_of < self.products.start).sum())
        first = before * self.per_variant
        return range(first, first + len(self.product_of))

    @cached_property
    def book(self) -> Book:
        """The orders of the cells."""
        recording, cells, rows = self.recording, self.cells, self.rows
        begin, end = np.searchsorted(recording.orders.cell, [cells.start, cells.stop])
        row = recording.orders.row[begin:end]
        mine = begin + np.flatnonzero((row >= rows.start) & (row < rows.stop))
        orders = recording.orders.take(mine)
        orders = replace(orders, row=orders.row - rows.start)
        product = self.product_of[orders.cell - cells.start] + self.products.start
        return Book.of(
            orders,
            recording.kinds,
            recording.settled(product, orders.step),
            len(rows),
            cells,
            waiting=bool(self.room.any()),
        )

    @cached_property
    def start(self) -> Numbers:
        """The first batch of each account, shape (A,)."""
        return self.book.after(np.arange(len(self.cells) * self.replications), -1)

    @cached_property
    def end(self) -> Numbers:
        """The batch behind the last one that counts, shape (A, J)."""
        accounts = np.arange(len(self.cells) * self.replications)
        until = np.tile(self.until, (len(self.cells), 1))
        return self.book.after(accounts[:, None], until)
