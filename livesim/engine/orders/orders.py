"""Orders as they stand in line at the stock: a sparse list, written down once and never changed.

What a viewer tries to order becomes an order with a *kind*: so many units, paid or not, with
patience to wait for units that are not there or without, real or fake, from some room. Kinds are
drawn for every order, served or not, so they do not depend on the stock. Orders for the same cell
(a variant, or a variant in a single room that has an allotment) in the same replication and
interval are a *batch*; within it, first come, first served, as
:mod:`~livesim.engine.orders.queue_order` says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Counts: TypeAlias = NDArray[np.int64]
Numbers: TypeAlias = NDArray[np.intp]
Floats: TypeAlias = NDArray[np.float64]
#: Whole numbers of which there are so many that they are kept in few bytes.
Small: TypeAlias = NDArray[np.signedinteger[Any]]

#: So many batches are picked out or added up at a time, so that memory stays flat.
_AT_ONCE = 250_000
_MOST = np.iinfo(np.int32).max
#: What there is of each batch.
_OF_BATCH = ("cell", "row", "step", "price", "seed")


@dataclass(frozen=True)
class Kinds:
    """Every kind of order that a show can have, each an entry of shape (kinds,).

    Parameters
    ----------
    units
        Units that it asks for.
    pays
        Whether it is paid in time; else its units lapse.
    accepts
        Whether it would wait for units that are not there.
    fake
        Whether nobody wants it.
    room
        The number of the room that it comes from.
    webshop
        Whether it comes from a webshop beside the show, and so is none of the show's orders.
    """

    units: Counts
    pays: NDArray[np.bool_]
    accepts: NDArray[np.bool_]
    fake: NDArray[np.bool_]
    room: Numbers
    webshop: NDArray[np.bool_]

    @staticmethod
    def of(quantities: Collection[int], rooms: int) -> Kinds:
        """Return all kinds with these units, from so many rooms.

        Examples
        --------
        >>> kinds = Kinds.of([1, 2], rooms=1)
        >>> number = kinds.number(2, pays=True, accepts=False, fake=False, room=0)
        >>> int(kinds.units[number]), bool(kinds.pays[number]), bool(kinds.fake[number])
        (2, True, False)
        """
        grid = np.meshgrid(
            np.array(sorted(set(quantities))),
            [False, True],
            [False, True],
            [False, True],
            np.arange(rooms),
            indexing="ij",
        )
        units, pays, accepts, fake, room = (axis.ravel() for axis in grid)
        return Kinds(
            units.astype(np.int64),
            pays.astype(bool),
            accepts.astype(bool),
            fake.astype(bool),
            room.astype(np.intp),
            np.zeros(units.shape, dtype=bool),
        )

    def with_webshop(self) -> Kinds:
        """Return all kinds, and behind them that of a webshop's orders: a unit each, and paid."""
        one = {"units": 1, "pays": True, "webshop": True}
        return Kinds(
            **{
                column.name: np.append(values, values.dtype.type(one.get(column.name, 0)))
                for column in fields(Kinds)
                for values in (getattr(self, column.name),)
            }
        )

    @cached_property
    def webshops(self) -> bool:
        """Whether some come from a webshop."""
        return bool(self.webshop.any())

    def number(self, units: int, *, pays: bool, accepts: bool, fake: bool, room: int) -> int:
        """Return the number of a kind."""
        first = int(np.searchsorted(self._quantities, units)) * 8 * self.rooms
        return first + ((int(pays) * 2 + accepts) * 2 + fake) * self.rooms + room

    @cached_property
    def _quantities(self) -> Counts:
        """The units that an order can ask for, each of which :meth:`of` has a run of kinds of."""
        return np.unique(self.units[~self.webshop])

    @cached_property
    def rooms(self) -> int:
        """The number of rooms."""
        return int(self.room.max()) + 1


@dataclass(frozen=True)
class Orders:
    """N batches of orders with E entries: so many orders of one kind in one batch.

    Parameters
    ----------
    cell, row, step
        Which cell of the stock, which replication, and in which interval they are served, each of
        shape (N,): interval k ends at the show's k-th refresh.
    price
        What they pay for a unit [currency/unit], shape (N,): the mean where the queue mixes orders
        that saw different prices.
    seed
        From which the moments of the batch's orders come, shape (N,).
    first
        The batch's first entry, and behind the last batch the number of entries, shape (N + 1,).
    kind, count
        Of each entry the kind and how many orders, shape (E,).
    """

    cell: Small
    row: Small
    step: Small
    price: Floats
    seed: NDArray[np.uint64]
    first: Numbers
    kind: Small
    count: Small

    def __len__(self) -> int:
        return len(self.cell)

    @cached_property
    def size(self) -> Counts:
        """The number of orders of each batch, shape (N,)."""
        if not len(self):
            return np.zeros(0, dtype=np.int64)
        return np.asarray(np.add.reduceat(self.count, self.first[:-1]))

    @staticmethod
    def none() -> Orders:
        """Return no orders at all."""
        nothing = np.zeros(0, dtype=np.int32)
        return Orders(
            nothing,
            nothing,
            nothing,
            np.zeros(0),
            np.zeros(0, dtype=np.uint64),
            np.zeros(1, dtype=np.intp),
            np.zeros(0, dtype=np.int16),
            nothing,
        )

    @staticmethod
    def joined(parts: Sequence[Orders]) -> Orders:
        """Put lists of orders one after the other."""
        parts = [part for part in parts if len(part)]
        if len(parts) < 2:
            return parts[0] if parts else Orders.none()
        sizes = np.cumsum([0, *(len(part.kind) for part in parts)])
        first = [part.first[:-1] + start for part, start in zip(parts, sizes, strict=False)]
        plain = {
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Orders)
            if field.name != "first"
        }
        return Orders(first=np.concatenate([*first, sizes[-1:]]), **plain)

    @staticmethod
    def gathered(parts: list[Orders], rows: int) -> Orders:
        """Put lists of orders together, by cell, replication and time; the list is empty then.

        A few accounts are sorted at a time, so that little more than all of it is there.
        """
        waiting = [part for part in parts if len(part)]
        parts.clear()
        if sum(map(len, waiting)) <= _AT_ONCE:
            return Orders.joined(waiting).by_account(rows)
        whole, ends = Orders._for_all(waiting), _ends(waiting, rows)
        pieces: list[list[Orders]] = [[] for _ in ends]
        while waiting:
            part = waiting.pop(0).by_account(rows)
            upto = [0, *np.searchsorted(part._account(rows), ends).tolist()]
            for run, (start, end) in zip(pieces, pairwise(upto), strict=True):
                if start < end:
                    run.append(part._span(start, end))
        batch, entry = 0, 0
        while pieces:
            some = Orders.joined(pieces.pop(0)).by_account(rows)
            whole._write(batch, entry, some)
            batch, entry = batch + len(some), entry + len(some.kind)
        return whole

    def _account(self, rows: int) -> Counts:
        """Return the account of each batch: cell · R + replication, shape (N,)."""
        return self.cell.astype(np.int64) * rows + self.row

    def _span(self, start: int, end: int) -> Orders:
        """Return the batches from one up to but not including another, in memory of their own."""
        entries = slice(int(self.first[start]), int(self.first[end]))
        return Orders(
            **{name: getattr(self, name)[start:end].copy() for name in _OF_BATCH},
            first=self.first[start : end + 1] - self.first[start],
            kind=self.kind[entries].copy(),
            count=self.count[entries].copy(),
        )

    def _write(self, batch: int, entry: int, some: Orders) -> None:
        """Write orders from a batch and its first entry on."""
        for name in _OF_BATCH:
            getattr(self, name)[batch : batch + len(some)] = getattr(some, name)
        self.first[batch + 1 : batch + 1 + len(some)] = some.first[1:] + entry
        self.kind[entry : entry + len(some.kind)] = some.kind
        self.count[entry : entry + len(some.kind)] = some.count

    @staticmethod
    def _for_all(parts: Sequence[Orders]) -> Orders:
        """Return where lists of orders can be written one after the other."""
        batches, entries = (sum(map(len, of)) for of in (parts, [part.kind for part in parts]))
        sizes = dict.fromkeys(_OF_BATCH, batches) | {"kind": entries, "count": entries}
        plain = {
            name: np.empty(size, np.result_type(*(getattr(part, name).dtype for part in parts)))
            for name, size in sizes.items()
        }
        return Orders(first=np.zeros(batches + 1, dtype=np.intp), **plain)

    def take(self, batches: Numbers) -> Orders:
        """Return some batches, in the order that is given."""
        sizes = self.first[batches + 1] - self.first[batches]
        first = np.concatenate([[0], np.cumsum(sizes)])
        kind, count = (np.empty(first[-1], of.dtype) for of in (self.kind, self.count))
        for start in range(0, len(batches), _AT_ONCE):
            some, end = slice(start, start + _AT_ONCE), min(start + _AT_ONCE, len(batches))
            mine = slice(int(first[start]), int(first[end]))
            entries = np.repeat(self.first[batches[some]] - first[start:end], sizes[some])
            entries += np.arange(mine.start, mine.stop)
            kind[mine], count[mine] = self.kind[entries], self.count[entries]
        return Orders(
            self.cell[batches],
            self.row[batches],
            self.step[batches],
            self.price[batches],
            self.seed[batches],
            first,
            kind,
            count,
        )

    def of_rows(self, rows: Numbers) -> Orders:
        """Return the orders of some replications, which are numbered anew, shape (N,)."""
        by_row = np.argsort(self.row, kind="stable")
        first, end = (np.searchsorted(self.row[by_row], rows, side) for side in ("left", "right"))
        sizes = end - first
        places = np.arange(sizes.sum()) + np.repeat(first - (np.cumsum(sizes) - sizes), sizes)
        return replace(self.take(by_row[places]), row=np.repeat(np.arange(len(rows)), sizes))

    def by_account(self, rows: int) -> Orders:
        """Return the same batches by cell, replication and time."""
        key = _place(self.cell, self.row, self.step, rows)
        if (np.diff(key) > 0).all():
            return self
        return self.take(np.argsort(key, kind="stable"))

    def sums(self, by_kind: Counts) -> Counts:
        """Return what the orders of each batch add up to, shape (N, C), from (kinds, C)."""
        sums = np.zeros((len(self), by_kind.shape[1]), dtype=np.int64)
        for start in range(0, len(self), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            first = self.first[start : start + _AT_ONCE + 1]
            mine = slice(int(first[0]), int(first[-1]))
            of_entries = by_kind[self.kind[mine]] * self.count[mine, None]
            np.add.reduceat(of_entries, first[:-1] - first[0], axis=0, out=sums[some])
        return sums


def _ends(parts: Sequence[Orders], rows: int) -> Counts:
    """Return the ends of runs of accounts of which there are few batches together, the last one."""
    size = (max(int(part.cell.max()) for part in parts) + 1) * rows
    found = np.zeros(size, dtype=np.int64)
    for part in parts:
        found += np.bincount(part._account(rows), minlength=size)
    run = np.cumsum(found) // _AT_ONCE
    return np.append(np.flatnonzero(np.diff(run)) + 1, size)


def in_few_bytes(counts: NDArray[np.signedinteger[Any]]) -> Small:
    """Return counts in 4 bytes each where all of them fit, as nearly always."""
    fits = -counts.min(initial=0) <= _MOST >= counts.max(initial=0)
    return np.ascontiguousarray(counts, dtype=np.int32 if fits else np.int64)


def _place(cell: Small, row: Small, step: Small, rows: int) -> Counts:
    """Return numbers that put batches by cell, replication and time, shape (N,)."""
    place = (cell.astype(np.int64) * rows + row) * (int(step.max(initial=0)) + 1)
    place += step
    return place
