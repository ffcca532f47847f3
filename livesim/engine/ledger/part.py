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
        Which products, in the order of the show.
    deliveries
        What of each of them comes on sale.
    room
        Units of each cell that may be sold beyond the stock, shape (cells, R, J).
    until
        The step after which orders count no more, shape (R, J).
    """

    recording: Recording
    rows: range
    products: Sequence[int]
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
        return self.recording.link_at[self.rows.start : self.rows.stop, places(self.products)]

    @property
    def per_variant(self) -> int:
        """The number of cells of a variant."""
        return Cells(self.recording.inputs).of_variant

    @cached_property
    def product_of(self) -> Numbers:
        """The place of each cell's product among the products, shape (cells,)."""
        mine = self.recording.inputs.product_of[self.variants]
        return np.repeat(np.searchsorted(self.products, mine), self.per_variant)

    @cached_property
    def variants(self) -> Numbers:
        """The numbers of the products' variants."""
        return np.flatnonzero(np.isin(self.recording.inputs.product_of, self.products))

    @cached_property
    def cells(self) -> Numbers:
        """The numbers of the products' cells."""
        of_first = self.variants[:, None] * self.per_variant
        return (of_first + np.arange(self.per_variant)).ravel()

    @property
    def shares_stock(self) -> bool:
        """Whether orders of some of the products take units of others."""
        return self.products in self.recording.inputs.sharing

    @cached_property
    def book(self) -> Book:
        """The orders of the cells."""
        recording, cells, rows = self.recording, self.cells, self.rows
        begin, end = np.searchsorted(recording.orders.cell, [cells[0], cells[-1] + 1])
        row, cell = recording.orders.row[begin:end], recording.orders.cell[begin:end]
        mine = (row >= rows.start) & (row < rows.stop)
        if len(cells) <= cells[-1] - cells[0]:  # others lie between them
            mine &= np.isin(cell, cells)
        orders = recording.orders.take(begin + np.flatnonzero(mine))
        place = np.searchsorted(cells, orders.cell)
        orders = replace(orders, row=orders.row - rows.start, cell=place)
        product = np.array(self.products)[self.product_of[place]]
        return Book.of(
            orders,
            recording.kinds,
            recording.settled(product, orders.step),
            len(rows),
            range(len(cells)),
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

    def wanted(self, column: int) -> Counts:
        """Return what all orders ask for, in a column of the book, shape (cells, R, J)."""
        upto = self.book.upto[:, column]
        wanted = upto[self.end] - upto[self.start, None]
        return np.asarray(wanted.reshape(len(self.cells), self.replications, self.levels))


def places(products: Sequence[int]) -> slice | list[int]:
    """Return what picks products out of an axis: a slice where they lie side by side."""
    if isinstance(products, range):
        return slice(products.start, products.stop)
    return list(products)
