"""The orders of some cells as the ledger reads them: in time order, with sums up to each batch.

An *account* is one cell (a variant, or a variant in a single room) in one replication. As orders
do not depend on the stock, what the first so many batches of an account add up to is the same at
every stock level: a ledger looks sums up instead of serving order by order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.orders.orders import Kinds, Orders
from livesim.engine.orders.queue_order import Fronts, Lines, fronts, lines, upto_each

Number = TypeVar("Number", np.int64, np.float64)

#: The columns of what orders add up to; behind them, orders by room where there are several, and
#: last, units of a webshop where there is one, which are no part of the orders nor of their value.
UNITS: Final = 0
PAYING: Final = 1
FAKED: Final = 2
ORDERS: Final = 3
WEBSHOP: Final = -1
#: A book with no more orders a batch than this has its lines put in order once.
_FEW = 2


@dataclass(frozen=True)
class Book:
    """N batches of orders for A accounts, with what they add up to.

    Parameters
    ----------
    orders
        By account and time.
    by_kind
        What an order of each kind counts for, shape (kinds, C): units, units that will be paid,
        those of fake orders, orders, and orders by room where there are several; then, where orders
        beyond the stock are taken, the same of those that accept to wait.
    columns
        The number of columns before those of who accepts to wait.
    account
        Of each batch, shape (N,): (cell − first cell) · R + replication.
    swept
        The step at whose end a batch's reservations are paid or lapse, shape (N,).
    accounts
        How many accounts A there are.
    webshops
        Whether some of the units are a webshop's.
    """

    orders: Orders
    by_kind: Counts
    columns: int
    account: Numbers
    swept: Numbers
    accounts: int
    webshops: bool = False

    @staticmethod
    def of(
        orders: Orders, kinds: Kinds, swept: Numbers, rows: int, cells: range, *, waiting: bool
    ) -> Book:
        """Open the book of some cells.

        Parameters
        ----------
        orders
            Of these cells, by account and time.
        kinds
            What orders can be.
        swept
            The step at whose end each batch is swept, shape (N,).
        rows
            The number R of replications.
        cells
            Which cells.
        waiting
            Whether orders beyond the stock are taken of any of them.
        """
        at_once = counted(kinds)
        table = np.hstack([at_once, at_once * kinds.accepts[:, None]]) if waiting else at_once
        account = (orders.cell.astype(np.intp) - cells.start) * rows + orders.row
        return Book(
            orders, table, at_once.shape[1], account, swept, len(cells) * rows, kinds.webshops
        )

    @cached_property
    def price(self) -> Floats:
        """Return what each account's first order pays for a unit [currency], 0 if none, (A,)."""
        price = np.zeros(self.accounts)
        begins = np.flatnonzero(np.diff(self.account, prepend=-1))
        price[self.account[begins]] = self.orders.price[begins]
        return price

    @cached_property
    def upto(self) -> Counts:
        """What all batches before each add up to, shape (N + 1, C)."""
        return self.orders.upto(self.by_kind)

    @cached_property
    def dearer(self) -> Floats:
        """Value [currency] of all batches before each, shape (N + 1, 2) or (N + 1, 4).

        Above what it would be at the price of the account's first batch, so that the sums are exact
        where the price never changes: of the units, and of those that will be paid; then of those
        who accept to wait.
        """
        above = (self.orders.price - self.price[self.account])[:, None]
        if not above.any():
            return np.zeros((len(above) + 1, 2 * len(self.bases)))
        return upto(above * self._valued(np.diff(self.upto, axis=0)))

    @cached_property
    def one_price(self) -> bool:
        """Whether the price never changes, so that nothing is dearer than at first."""
        return not self.dearer.any()

    def _valued(self, sums: Counts) -> Counts:
        """Return the units that have a value, and those that will be paid, by base."""
        return np.concatenate([self.valued(sums[:, base:]) for base in self.bases], axis=1)

    def valued(self, sums: Counts) -> Counts:
        """Return the show's units of what orders add up to, and those that will be paid, (N, 2)."""
        units = sums[:, [UNITS, PAYING]]
        return units - sums[:, [self.columns + WEBSHOP]] if self.webshops else units

    @property
    def bases(self) -> list[int]:
        """The first column of all orders, and of those that accept to wait."""
        return list(range(0, self.by_kind.shape[1], self.columns))

    @cached_property
    def lapsing(self) -> Counts:
        """Units of all batches before each that will not be paid, shape (N + 1,)."""
        return np.asarray(self.upto[:, UNITS] - self.upto[:, PAYING])

    def after(self, account: Numbers, step: Numbers | int) -> Numbers:
        """Return the number of the first batch of accounts that is served after a step."""
        key = account * self._width + np.minimum(step, self._width - 1)
        return np.asarray(np.searchsorted(self._keys, key, side="right"))

    def swept_after(self, account: Numbers, step: Numbers) -> Numbers:
        """Return the number of the first batch of accounts that is swept after a step."""
        key = account * self._swept_width + np.minimum(step, self._swept_width - 1)
        return np.asarray(np.searchsorted(self._swept_keys, key, side="right"))

    @cached_property
    def _swept_width(self) -> int:
        return int(self.swept.max(initial=0)) + 1

    @cached_property
    def _swept_keys(self) -> Counts:
        return np.asarray(self.account.astype(np.int64) * self._swept_width + self.swept)

    @cached_property
    def _width(self) -> int:
        return int(self.orders.step.max(initial=0)) + 1

    @cached_property
    def _keys(self) -> Counts:
        return np.asarray(self.account.astype(np.int64) * self._width + self.orders.step)

    def reaching(self, units: Counts, column: int = UNITS) -> Numbers:
        """Return the batches with which all before and they themselves reach so many units."""
        return np.asarray(np.searchsorted(self._reached[column], units, side="left")) - 1

    @cached_property
    def _reached(self) -> Counts:
        return np.ascontiguousarray(self.upto.T)

    def above(self, batch: Numbers) -> Floats:
        """Return by how much the price of batches is above their account's first [currency]."""
        return np.asarray(self.orders.price[batch] - self.price[self.account[batch]])

    def value_above(self, batch: Numbers, sums: Counts) -> Floats:
        """Return what orders of batches that add up to so much are dearer, shape (Q, 2 or 4)."""
        return np.asarray(self.above(batch)[:, None] * self._valued(sums))

    def fronts(self, batches: Numbers, units: Counts, column: int = UNITS) -> Fronts:
        """Return the fronts of some batches' lines, as ``queue_order.fronts`` says."""
        if self._in_line is None:
            return fronts(self.orders, self.by_kind, column, batches, units)
        everybody, before = self._in_line
        return everybody.fronts(before, column, batches, units)

    @cached_property
    def _in_line(self) -> tuple[Lines, Counts] | None:
        """All lines, if they are short, and what all orders before each of theirs add up to."""
        if int(self.orders.count.sum()) > _FEW * len(self.orders):
            return None
        everybody = lines(self.orders, np.arange(len(self.orders)))
        return everybody, upto_each(self.by_kind, everybody.kind)

    def shortened(self, front: Fronts, base: int = 0) -> Counts:
        """Return what the orders of fronts get, the last one only what is left, (Q, columns)."""
        got = front.sums[:, base : base + self.columns].copy()
        pays = self.by_kind[front.last, PAYING] > 0
        fake = self.by_kind[front.last, FAKED] > 0
        got[:, UNITS] -= front.missing
        got[:, PAYING] -= front.missing * pays
        got[:, FAKED] -= front.missing * fake
        return got


def counted(kinds: Kinds) -> Counts:
    """Return what an order of each kind counts for, shape (kinds, columns)."""
    units, paid = kinds.units, kinds.units * kinds.pays
    orders = (~kinds.webshop).astype(np.int64)
    columns = [units, paid, paid * kinds.fake, orders]
    if kinds.rooms > 1:
        columns += [orders * (kinds.room == room) for room in range(kinds.rooms)]
    if kinds.webshops:
        columns.append(units * kinds.webshop)
    return np.stack(columns, axis=1)


def upto(values: NDArray[Number]) -> NDArray[Number]:
    """Return the sums of all values before each, and behind the last."""
    sums = np.zeros_like(values, shape=(len(values) + 1, *values.shape[1:]))  # laid out like them
    np.cumsum(values, axis=0, out=sums[1:])
    return sums
