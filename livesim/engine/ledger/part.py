"""A part of a ledger: the accounts of some products, at some stock levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats, Numbers, Small
from livesim.engine.clock import NEVER
from livesim.engine.ledger.book import Book, Number
from livesim.engine.ledger.deliveries import Deliveries
from livesim.engine.orders.orders import in_few_bytes
from livesim.engine.recording import Recording
from livesim.engine.release_plan import Cells


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
    backorder_room
        Units of each cell that may be sold beyond the stock, shape (cells, R, J).
    until
        The step after which orders count no more, shape (R, J).
    """

    recording: Recording
    rows: range
    products: Sequence[int]
    deliveries: Sequence[Deliveries]
    backorder_room: Counts
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
        begin, end = recording.orders.begins(np.array([cells[0], cells[-1] + 1]))
        row, cell = recording.orders.row[begin:end], recording.orders.cell[begin:end]
        mine = (row >= rows.start) & (row < rows.stop)
        if len(cells) <= cells[-1] - cells[0]:  # others lie between them
            mine &= np.isin(cell, cells)
        some = begin + np.flatnonzero(mine)
        begin, end = (some[0], some[-1] + 1) if len(some) else (begin, begin)
        apart = len(some) < end - begin
        orders = recording.orders.take(some) if apart else recording.orders.between(begin, end)
        place = np.searchsorted(cells, orders.cell)
        orders = replace(orders, row=orders.row - rows.start, cell=place)
        product = np.array(self.products)[self.product_of[place]]
        return Book.of(
            orders,
            recording.kinds,
            recording.swept(product, orders.step),
            len(rows),
            range(len(cells)),
            waiting=bool(self.backorder_room.any()),
        )

    @cached_property
    def start(self) -> Numbers:
        """The first batch of each account, shape (A,)."""
        return self.book.after(np.arange(len(self.cells) * self.replications), -1)

    @cached_property
    def end(self) -> Numbers:
        """The batch behind the last one that counts, shape (A, J)."""
        accounts, steps = np.arange(len(self.cells) * self.replications), self.recording.clock.steps
        if (self.until >= steps).all():
            last = self.book.after(accounts, steps)
            return np.broadcast_to(last[:, None], (len(accounts), self.levels))
        until = np.tile(self.until, (len(self.cells), 1))
        return self.book.after(accounts[:, None], until)

    @property
    def different_ends(self) -> Numbers:
        """The same at the levels that differ: at one where all batches count, shape (A, 1 or J)."""
        return self.end if self.end.strides[1] else self.end[:, :1]

    @property
    def different_until(self) -> Numbers:
        """``until`` at the levels that differ: at one where all orders count, (R, 1 or J)."""
        last = self.recording.clock.steps
        return self.until[:, :1] if (self.until >= last).all() else self.until

    def whole(self, upto: NDArray[Number], end: Numbers) -> NDArray[Number]:
        """Return what all orders of accounts up to some batches add up to, shape (A, n, …).

        Parameters
        ----------
        upto
            What all batches before each add up to, shape (N + 1, …).
        end
            The batches, shape (A, n).
        """
        return np.asarray(upto[end] - upto[self.start, None])

    def wanted(self, column: int) -> Small:
        """Return what all orders ask for, in a column of the book, shape (cells, R, J)."""
        wanted = in_few_bytes(self.whole(self.book.upto[:, column], self.different_ends))
        return np.broadcast_to(wanted, self.end.shape).reshape(self.shape)

    @property
    def shape(self) -> tuple[int, int, int]:
        """The numbers of cells, of replications and of levels."""
        return len(self.cells), self.replications, self.levels

    def accounts_of(self, product: int) -> slice:
        """Return which accounts are of a product, counted from the part's first."""
        first, last = np.searchsorted(self.product_of, [product, product + 1]) * self.replications
        return slice(int(first), int(last))

    @cached_property
    def delivered_at(self) -> Sequence[Numbers]:
        """The step at whose end each part of each product comes, and ``NEVER`` behind the last.

        Each of shape (parts + 1, R, J).
        """
        steps, never = self.recording.clock.steps, np.full((1, *self.until.shape), NEVER)
        return [
            np.concatenate([np.where(comes.step > steps, NEVER, comes.step), never])
            for comes in self.deliveries
        ]


def places(numbers: Sequence[int] | Numbers) -> slice | list[int]:
    """Return what picks ascending numbers out of an axis: a slice where they lie side by side."""
    first, last = int(numbers[0]), int(numbers[-1])
    side_by_side = last - first + 1 == len(numbers)
    return slice(first, last + 1) if side_by_side else list(numbers)
