"""Orders as they stand in line at the stock: a sparse list, written down once and never changed.

What a viewer tries to order becomes an order with a *kind*: so many units, paid or not, with
patience to wait for units that are not there or without, real or fake, from some room. Kinds are
drawn for every order, served or not, so they do not depend on the stock. Orders for the same cell
(a variant, or a variant in a single room that has an allotment) in the same replication and
interval are a *batch*; within it, first come, first served, as
:mod:`~livesim.engine.orders.queue_order` says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats, Numbers, Small
from livesim.engine.orders.memory import room_for
from livesim.engine.portions import IN_CACHE, IN_MEMORY

#: Most batches that are put together at a time: each takes some thirty numbers, in the order that
#: it had and in the one that it gets.
_MOST_TOGETHER = IN_MEMORY // 32
#: Most batches that are worked on at a time in the cache: each takes some five numbers.
_MOST_IN_CACHE = IN_CACHE // 5
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
        nothing = np.zeros(0, dtype=np.int8)
        return Orders(
            nothing,
            nothing,
            nothing,
            np.zeros(0),
            np.zeros(0, dtype=np.uint64),
            np.zeros(1, dtype=np.intp),
            nothing,
            nothing,
        )

    @staticmethod
    def joined(parts: Sequence[Orders]) -> Orders:
        """Put lists of orders one after the other."""
        parts = [part for part in parts if len(part)]
        if len(parts) < 2:
            return parts[0] if parts else Orders.none()
        whole = Orders._room_for(*_sizes(parts), parts)
        batch, entry = 0, 0
        for part in parts:
            batch, entry = whole._write(batch, entry, part)
        return whole

    @staticmethod
    def gathered(parts: list[Orders], rows: int) -> Orders:
        """Put lists of orders together, by cell, replication and time; the list is empty then.

        A few accounts are sorted at a time, so that little more than all of it is there.
        """
        waiting = [part for part in parts if len(part)]
        parts.clear()
        if sum(map(len, waiting)) <= _MOST_TOGETHER:
            return Orders.joined(waiting).by_account(rows)
        whole, runs = Orders._room_for(*_sizes(waiting), waiting), _runs(waiting, rows)
        pieces = [Orders._room_for(*of, waiting) for of in zip(*runs[1:], strict=True)]
        written = [(0, 0)] * len(pieces)
        while waiting:
            part = waiting.pop(0).by_account(rows)
            upto = [0, *np.searchsorted(part._account(rows), runs[0]).tolist()]
            for n, (start, end) in enumerate(pairwise(upto)):
                written[n] = pieces[n]._write(*written[n], part.between(start, end))
        batch, entry = 0, 0
        while pieces:
            batch, entry = whole._write(batch, entry, pieces.pop(0).by_account(rows))
        return whole

    def _account(self, rows: int) -> Counts:
        """Return the account of each batch: cell · R + replication, shape (N,)."""
        return self.cell.astype(np.int64) * rows + self.row

    def begins(self, cells: Numbers) -> Numbers:
        """Return the first batch from each of some cells on, of orders by account, shape (n,)."""
        # In the type of the many, or all of these would be copied.
        return np.asarray(np.searchsorted(self.cell, cells.astype(self.cell.dtype)))

    def few_at_a_time(self) -> Iterator[Orders]:
        """Yield so few batches at a time, in their order, that what is made of them is small."""
        for start in range(0, len(self), _MOST_TOGETHER):
            yield self.between(start, min(start + _MOST_TOGETHER, len(self)))

    def between(self, start: int, end: int) -> Orders:
        """Return the batches from one up to but not including another."""
        entries = slice(int(self.first[start]), int(self.first[end]))
        return Orders(
            **{name: getattr(self, name)[start:end] for name in _OF_BATCH},
            first=self.first[start : end + 1] - self.first[start],
            kind=self.kind[entries],
            count=self.count[entries],
        )

    def _write(self, batch: int, entry: int, some: Orders) -> tuple[int, int]:
        """Write orders from a batch and its first entry on; return where the next ones begin."""
        ends = batch + len(some), entry + len(some.kind)
        for name in _OF_BATCH:
            getattr(self, name)[batch : ends[0]] = getattr(some, name)
        self.first[batch + 1 : ends[0] + 1] = some.first[1:] + entry
        self.kind[entry : ends[1]] = some.kind
        self.count[entry : ends[1]] = some.count
        return ends

    @staticmethod
    def _room_for(batches: int, entries: int, parts: Sequence[Orders]) -> Orders:
        """Return where so many orders can be written that come from some lists."""
        sizes = dict.fromkeys(_OF_BATCH, batches) | {"kind": entries, "count": entries}
        plain = {
            name: room_for(size, np.result_type(*(getattr(part, name).dtype for part in parts)))
            for name, size in sizes.items()
        }
        first = room_for(batches + 1, np.int32 if entries <= _MOST else np.intp)
        first[0] = 0
        return Orders(first=first, **plain)

    def take(self, batches: Numbers) -> Orders:
        """Return some batches, in the order that is given."""
        begins = self.first.take(batches)
        sizes = self.first.take(batches + 1) - begins
        first = np.concatenate([[0], np.cumsum(sizes)])
        kind, count = (np.empty(first[-1], of.dtype) for of in (self.kind, self.count))
        for few in in_cache(len(batches)):
            mine = slice(int(first[few.start]), int(first[few.stop]))
            entries = np.repeat(begins[few] - first[few], sizes[few])
            entries += np.arange(mine.start, mine.stop)
            kind[mine], count[mine] = self.kind.take(entries), self.count.take(entries)
        plain = {name: getattr(self, name).take(batches) for name in _OF_BATCH}
        return Orders(first=first, kind=kind, count=count, **plain)

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
        return np.diff(self.upto(by_kind), axis=0)

    def upto(self, by_kind: Counts) -> Counts:
        """Return what the orders of all batches before each add up to, shape (N + 1, C)."""
        sums = np.zeros((by_kind.shape[1], len(self) + 1), dtype=np.int64)
        for few in in_cache(len(self)):
            first = self.first[few.start : few.stop + 1]
            mine = slice(int(first[0]), int(first[-1]))
            kind, count = self.kind[mine].astype(np.intp), self.count[mine].astype(np.int64)
            last = first[1:] - first[0] - 1
            for column, each in zip(sums, by_kind.T, strict=True):  # much faster than reduceat
                added = np.cumsum(each.take(kind) * count).take(last)
                np.add(added, column[few.start], out=column[few.start + 1 : few.stop + 1])
        return sums.T


def _sizes(parts: Sequence[Orders]) -> tuple[int, int]:
    """Return how many batches and entries lists of orders have together."""
    return sum(map(len, parts)), sum(len(part.kind) for part in parts)


def _runs(parts: Sequence[Orders], rows: int) -> tuple[Counts, Counts, Counts]:
    """Return the ends of runs of accounts of which there are few batches together, the last one.

    With how many batches and entries each run has.
    """
    size = (max(int(part.cell.max()) for part in parts) + 1) * rows
    batches, entries = np.zeros((2, size), dtype=np.int64)
    for part in parts:
        account = part._account(rows)
        batches += np.bincount(account, minlength=size)
        entries += np.bincount(account, np.diff(part.first), minlength=size).astype(np.int64)
    run = np.cumsum(batches) // _MOST_TOGETHER
    first = np.append(0, np.flatnonzero(np.diff(run)) + 1)
    ends = np.append(first[1:], size)
    return ends, np.add.reduceat(batches, first), np.add.reduceat(entries, first)


def in_cache(size: int) -> Iterator[slice]:
    """Yield slices, of so few of all that what is made of them stays in the processor's cache."""
    for start in range(0, size, _MOST_IN_CACHE):
        yield slice(start, min(start + _MOST_IN_CACHE, size))


def entries(table: Counts) -> tuple[Numbers, Numbers, Counts]:
    """Return the row, the column and the number of all that there is of, row by row, (E,) each.

    Several times as fast as NumPy's ``nonzero`` of two axes.

    Parameters
    ----------
    table
        Shape (n, m).

    Examples
    --------
    >>> row, column, number = entries(np.array([[0, 7], [0, 0], [5, 3]]))
    >>> row.tolist(), column.tolist(), number.tolist()
    ([0, 2, 2], [1, 0, 1], [7, 5, 3])
    """
    counts, columns = table.reshape(-1), table.shape[1]
    place = np.flatnonzero(counts > 0)
    row = place // columns
    return row, place - row * columns, counts.take(place)


def in_few_bytes(counts: NDArray[np.signedinteger[Any]]) -> Small:
    """Return counts in 4 bytes each where all of them fit, as nearly always."""
    fits = -counts.min(initial=0) <= _MOST >= counts.max(initial=0)
    return np.ascontiguousarray(counts, dtype=np.int32 if fits else np.int64)


def small(most: int) -> np.dtype[np.signedinteger[Any]]:
    """Return the type of fewest bytes in which there are whole numbers from -1 up to one.

    Examples
    --------
    >>> small(100), small(250)
    (dtype('int8'), dtype('int16'))
    """
    return np.min_scalar_type(-1 - most)


def _place(cell: Small, row: Small, step: Small, rows: int) -> Counts:
    """Return numbers that put batches by cell, replication and time, shape (N,)."""
    place = (cell.astype(np.int64) * rows + row) * (int(step.max(initial=0)) + 1)
    place += step
    return place
