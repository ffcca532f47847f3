"""Who comes first: every order of a batch has a moment of its own in the interval.

Moments are uniform and independent, so the line is in random order. They come from the batch's seed
and the order's place in the list alone (SplitMix64: Steele, Lea and Flood 2014, doi
10.1145/2660193.2660195), so who stands where never depends on the stock, nor on which lines are
looked at. Where a batch is large, its interval is halved first, again and again: each order falls
into the first half with chance 1/2, and only the half in which the units run out is looked at. So
the work grows with the logarithm of the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.orders.binomial import smallest_counts
from livesim.engine.orders.orders import Orders
from livesim.engine.portions import IN_MEMORY

#: A line with more orders than this is halved, until the part that matters has no more.
FEW = 1024
#: A sort key holds which line an order stands in, its moment, and its place in the list.
_PLACE_BITS, _MOMENT_BITS = 10, 34
#: Most orders that are sorted at once: each takes some twenty numbers, with its keys and sums.
_MOST_SORTED = IN_MEMORY // 20
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
#: The place of a half's own seed, behind those of all orders and entries.
_HALVES = 1 << 32

Seeds = NDArray[np.uint64]


@dataclass(frozen=True)
class Fronts:
    """The fronts of Q lines, each up to the order with which the units are gone.

    Parameters
    ----------
    sums
        What the orders of a front add up to, the last one whole, shape (Q, C).
    last
        The kind of the last one, shape (Q,).
    missing
        Units that the last one asks for and does not get, shape (Q,).
    moment
        When the last one came, as a part of the interval [1], shape (Q,).
    """

    sums: Counts
    last: Numbers
    missing: Counts
    moment: Floats


@dataclass(frozen=True)
class Lines:
    """Q whole lines, each from its first order to its last.

    Parameters
    ----------
    kind
        Of each order, shape (orders,).
    moment
        When each came, as a part of the interval [1], shape (orders,).
    first
        Each line's first order, and behind the last line the number of orders, shape (Q + 1,).
    """

    kind: Numbers
    moment: Floats
    first: Numbers

    def fronts(self, upto: Counts, column: int, line: Numbers, units: Counts) -> Fronts:
        """Return who stands in front in some lines, as :func:`fronts` does.

        Parameters
        ----------
        upto
            What all orders before each add up to, shape (orders + 1, C).
        column
            The column of that which holds the units that are taken.
        line, units
            Which lines, and the units that are there for each, shape (Q,).
        """
        start = self.first[line]
        wanted = upto[start, column] + units
        last = np.searchsorted(upto[1:, column], wanted, side="left")
        return Fronts(
            sums=upto[last + 1] - upto[start],
            last=self.kind[last],
            missing=upto[last + 1, column] - wanted,
            moment=self.moment[last],
        )


def lines(orders: Orders, batches: Numbers) -> Lines:
    """Return everybody in some lines, in the order in which :func:`fronts` has them.

    Parameters
    ----------
    orders
        The batches.
    batches
        The batches whose lines are meant, shape (Q,).

    Examples
    --------
    Three orders of one kind and two of another stand in line.

    >>> one, seed = np.zeros(1, dtype=np.intp), np.array([7], dtype=np.uint64)
    >>> kind, count = np.array([0, 1]), np.array([3, 2])
    >>> orders = Orders(one, one, one, np.ones(1), seed, np.array([0, 2]), kind, count)
    >>> line = lines(orders, one)
    >>> line.kind.tolist(), bool((np.diff(line.moment) > 0).all())
    ([0, 0, 1, 1, 0], True)
    """
    sizes = orders.size[batches]
    found = []
    for some in _portions(sizes):
        parts = _cut(_Parts.of(orders, batches[some]))
        kinds, moments, line = _in_order(parts)
        found.append((kinds, parts.start[line] + parts.width[line] * moments))
    kind, moment = (np.concatenate(column) for column in zip(*found, strict=True))
    return Lines(kind, moment, np.concatenate([[0], np.cumsum(sizes)]))


def fronts(orders: Orders, by_kind: Counts, column: int, batches: Numbers, units: Counts) -> Fronts:
    """Return who stands in front in lines, until so many units are gone.

    Parameters
    ----------
    orders
        The batches.
    by_kind
        What an order of each kind counts for, shape (kinds, C).
    column
        The column of ``by_kind`` that holds the units that are taken.
    batches
        The batches whose lines are meant, shape (Q,).
    units
        Units that are there for each: at least 1, and at most what the batch asks for; shape (Q,).

    Examples
    --------
    Five orders for 2 units each stand in line for 7 units: the fourth gets one of its two.

    >>> one = np.zeros(1, dtype=np.intp)
    >>> seed, first = np.array([7], dtype=np.uint64), np.array([0, 1])
    >>> orders = Orders(one, one, one, np.ones(1), seed, first, one, np.array([5]))
    >>> front = fronts(orders, np.array([[2]]), 0, one, np.array([7]))
    >>> int(front.sums[0, 0]), int(front.missing[0]), bool(0 < front.moment[0] < 1)
    (8, 1, True)
    """
    sizes = orders.size[batches]
    alone, more = np.flatnonzero(sizes == 1), np.flatnonzero(sizes > 1)
    found = _alone(orders, by_kind, column, batches[alone], units[alone])
    if not more.size:
        return found
    parts = [(alone, found)]
    for some in _portions(sizes[more]):
        mine = more[some]
        whole = _Parts.of(orders, batches[mine])
        parts.append((mine, _fronts(whole, by_kind, column, units[mine])))
    return _together(len(batches), parts)


def _together(size: int, parts: list[tuple[Numbers, Fronts]]) -> Fronts:
    """Put the fronts of some lines each together."""
    whole = {}
    for field in fields(Fronts):
        of = [(where, getattr(fronts, field.name)) for where, fronts in parts]
        whole[field.name] = np.empty((size, *of[0][1].shape[1:]), dtype=of[0][1].dtype)
        for where, values in of:
            whole[field.name][where] = values
    return Fronts(**whole)


def _alone(orders: Orders, by_kind: Counts, column: int, batches: Numbers, units: Counts) -> Fronts:
    """Return the fronts of lines in which one order stands alone."""
    kind = orders.kind[orders.first[batches]]
    bits = uniforms(orders.seed[batches], np.zeros(len(batches), dtype=np.int64))
    moment = (bits >> np.uint64(64 - _MOMENT_BITS)).astype(float)
    return Fronts(
        sums=by_kind[kind],
        last=kind,
        missing=by_kind[kind, column] - units,
        moment=(moment + 0.5) * 2.0**-_MOMENT_BITS,
    )


def uniforms(seeds: Seeds, places: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return SplitMix64's numbers of some seeds at some places, 64 random bits each."""
    z = seeds + (places.astype(np.uint64) + np.uint64(1)) * _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


@dataclass(frozen=True)
class _Parts:
    """Parts of lines: their kinds and counts side by side.

    Parameters
    ----------
    kind, count
        Shape (Q, entries), 0 orders where a line has fewer entries.
    seed
        From which the moments come, shape (Q,).
    start, width
        Where in the interval the part lies [1], shape (Q,).
    """

    kind: Numbers
    count: Counts
    seed: Seeds
    start: Floats
    width: Floats

    @staticmethod
    def of(orders: Orders, batches: Numbers) -> _Parts:
        """Return the whole lines of batches."""
        sizes = orders.first[batches + 1] - orders.first[batches]
        places = np.arange(int(sizes.max(initial=1)))
        entries = np.minimum(orders.first[batches, None] + places, len(orders.kind) - 1)
        there = places < sizes[:, None]
        return _Parts(
            kind=orders.kind[entries].astype(np.intp),
            count=np.where(there, orders.count[entries], 0).astype(np.int64),
            seed=orders.seed[batches],
            start=np.zeros(len(batches)),
            width=np.ones(len(batches)),
        )

    @property
    def large(self) -> NDArray[np.bool_]:
        """Which parts have more orders than are put in order at once."""
        return np.asarray(self.count.sum(axis=1) > FEW)

    def at(self, some: NDArray[Any]) -> _Parts:
        """Return some of the parts."""
        return _Parts(**{field.name: getattr(self, field.name)[some] for field in fields(self)})

    def put(self, some: NDArray[Any], parts: _Parts) -> _Parts:
        """Return the parts with others in the place of some."""
        changed = {}
        for field in fields(self):
            changed[field.name] = getattr(self, field.name).copy()
            changed[field.name][some] = getattr(parts, field.name)
        return _Parts(**changed)

    def in_first_half(self) -> Counts:
        """Return how many of the orders of each entry come in the part's first half."""
        places = np.broadcast_to(np.arange(self.count.shape[1]), self.count.shape)
        bits = uniforms(np.broadcast_to(self.seed[:, None], self.count.shape), places)
        u = ((bits >> np.uint64(11)).astype(float) + 0.5) * 2.0**-53
        first = np.zeros_like(self.count)
        some = self.count > 0
        first[some] = smallest_counts(u[some], self.count[some], np.full(int(some.sum()), 0.5))
        return first

    def half(self, first: Counts, back: NDArray[np.bool_]) -> _Parts:
        """Return the second half of the parts if ``back``, else the first with these orders."""
        width = self.width / 2
        return _Parts(
            kind=self.kind,
            count=np.where(back[:, None], self.count - first, first),
            seed=uniforms(self.seed, _HALVES + back.astype(np.int64)),
            start=self.start + back * width,
            width=width,
        )


def _cut(parts: _Parts) -> _Parts:
    """Cut lines into parts that are small enough, one after the other."""
    while (large := parts.large).any():
        of = np.repeat(np.arange(len(large)), 1 + large)
        parts, halved = parts.at(of), np.flatnonzero(large[of])
        back = np.arange(len(halved)) % 2 == 1
        whole = parts.at(halved)
        parts = parts.put(halved, whole.half(whole.in_first_half(), back))
    return parts


def _fronts(parts: _Parts, by_kind: Counts, column: int, units: Counts) -> Fronts:
    """Find where in whole lines the units run out."""
    ahead = np.zeros((len(units), by_kind.shape[1]), dtype=np.int64)
    left = units.copy()
    while (large := np.flatnonzero(parts.large)).size:
        whole = parts.at(large)
        # Lines that are looked at for several numbers of units are halved once.
        _, one, of = np.unique(whole.seed, return_index=True, return_inverse=True)
        first = whole.at(one).in_first_half()[of]
        asked = (first * by_kind[whole.kind, column]).sum(axis=1)
        back = asked < left[large]  # the units outlast the first half
        passed = (first[:, :, None] * by_kind[whole.kind]).sum(axis=1)
        ahead[large] += np.where(back[:, None], passed, 0)
        left[large] -= np.where(back, asked, 0)
        parts = parts.put(large, whole.half(first, back))
    return _run_out(parts, by_kind, column, ahead, left)


def _portions(sizes: Counts) -> Iterator[slice]:
    """Yield slices of lines that are short enough together to be put in order at once."""
    upto = np.cumsum(np.minimum(sizes, FEW))
    most_lines = 1 << (63 - _PLACE_BITS - _MOMENT_BITS)
    if not len(sizes):
        yield slice(0, 0)
    start = 0
    while start < len(sizes):
        before = int(upto[start - 1]) if start else 0
        end = int(np.searchsorted(upto, before + _MOST_SORTED, side="right"))
        end = min(max(end, start + 1), start + most_lines, len(sizes))
        yield slice(start, end)
        start = end


def _run_out(parts: _Parts, by_kind: Counts, column: int, ahead: Counts, units: Counts) -> Fronts:
    """Put parts of lines in order, each but once, and find where their units run out.

    Parameters
    ----------
    parts, by_kind, column
        As for :func:`fronts`.
    ahead
        What the orders ahead of the part add up to, shape (Q, C).
    units
        Units that are there for the part, shape (Q,).
    """
    _, one, of = np.unique(parts.seed, return_index=True, return_inverse=True)
    kinds, moments, line = _in_order(parts.at(one))
    whole = Lines(kinds, moments, np.searchsorted(line, np.arange(len(one))))
    found = whole.fronts(upto_each(by_kind, kinds), column, of, units)
    moment = parts.start + parts.width * found.moment
    return replace(found, sums=ahead + found.sums, moment=moment)


def upto_each(by_kind: Counts, kind: Numbers) -> Counts:
    """Return what all orders before each add up to, shape (orders + 1, C), column by column.

    Parameters
    ----------
    by_kind
        What an order of each kind counts for, shape (kinds, C).
    kind
        Of each order, shape (orders,).
    """
    upto = np.zeros((by_kind.shape[1], len(kind) + 1), dtype=np.int64)
    np.cumsum(by_kind.T.take(kind, axis=1), axis=1, out=upto[:, 1:])
    return upto.T


def _in_order(parts: _Parts) -> tuple[Numbers, Floats, Numbers]:
    """Put parts of lines in order; return the kinds, moments in the parts, and parts of orders."""
    count, size = parts.count.ravel(), parts.count.sum(axis=1)
    starts = np.concatenate([[0], np.cumsum(size)])
    kinds = np.repeat(parts.kind.ravel(), count)
    line = np.repeat(np.arange(len(size)), size)
    place = np.arange(starts[-1]) - starts[line]
    moments = uniforms(parts.seed[line], place) >> np.uint64(64 - _MOMENT_BITS)
    key = (line.astype(np.uint64) << np.uint64(_MOMENT_BITS)) | moments
    key = np.sort((key << np.uint64(_PLACE_BITS)) | place.astype(np.uint64))
    place = (key & np.uint64((1 << _PLACE_BITS) - 1)).astype(np.intp)
    moments = (key >> np.uint64(_PLACE_BITS)) & np.uint64((1 << _MOMENT_BITS) - 1)
    return kinds[starts[line] + place], (moments.astype(float) + 0.5) * 2.0**-_MOMENT_BITS, line
