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

import numpy as np
from numpy.typing import NDArray

from livesim.engine.binomial import smallest_counts
from livesim.engine.orders import Counts, Floats, Numbers, Orders

#: A line with more orders than this is halved, until the part that matters has no more.
FEW = 1024
#: A sort key holds which line an order stands in, its moment, and its place in the list.
_PLACE_BITS, _MOMENT_BITS = 10, 34
#: Most orders that are sorted at once, so that memory stays flat.
_AT_ONCE = 400_000
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)

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
        looked_at = _looked_at(orders, by_kind, column, batches[mine], units[mine])
        parts.append((mine, _in_order(looked_at, by_kind, column)))
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
    moment = uniforms(orders.seed[batches], np.zeros(len(batches), dtype=np.int64))
    return Fronts(
        sums=by_kind[kind],
        last=kind,
        missing=by_kind[kind, column] - units,
        moment=_part_of_interval(moment >> np.uint64(64 - _MOMENT_BITS)),
    )


def uniforms(seeds: Seeds, places: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return SplitMix64's numbers of some seeds at some places, 64 random bits each."""
    z = seeds + (places.astype(np.uint64) + np.uint64(1)) * _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


@dataclass(frozen=True)
class _Parts:
    """The parts of Q lines in which the units run out: their kinds and counts side by side.

    Parameters
    ----------
    kind, count
        Shape (Q, entries), 0 orders where a line has fewer entries.
    seed
        From which the moments come, shape (Q,).
    start, width
        Where in the interval the part lies [1], shape (Q,).
    ahead
        What the orders ahead of the part add up to, shape (Q, C).
    units
        Units that are there for the part, shape (Q,).
    """

    kind: Numbers
    count: Counts
    seed: Seeds
    start: Floats
    width: Floats
    ahead: Counts
    units: Counts


def _looked_at(
    orders: Orders, by_kind: Counts, column: int, batches: Numbers, units: Counts
) -> _Parts:
    """Return the parts of lines that have to be put in order."""
    sizes = orders.first[batches + 1] - orders.first[batches]
    places = np.arange(int(sizes.max(initial=1)))
    entries = np.minimum(orders.first[batches, None] + places, len(orders.kind) - 1)
    there = places < sizes[:, None]
    whole = _Parts(
        kind=orders.kind[entries].astype(np.intp),
        count=np.where(there, orders.count[entries], 0),
        seed=orders.seed[batches],
        start=np.zeros(len(batches)),
        width=np.ones(len(batches)),
        ahead=np.zeros((len(batches), by_kind.shape[1]), dtype=np.int64),
        units=units,
    )
    return _halved(whole, by_kind, column)


def _halved(parts: _Parts, by_kind: Counts, column: int) -> _Parts:
    """Halve the parts that are too large until none is."""
    while (large := np.flatnonzero(parts.count.sum(axis=1) > FEW)).size:
        kind, count, seed = parts.kind[large], parts.count[large], parts.seed[large]
        first = _first_half(count, seed)
        asked = (first * by_kind[kind, column]).sum(axis=1)
        back = asked < parts.units[large]  # the units outlast the first half
        passed = np.where(back[:, None], (first[:, :, None] * by_kind[kind]).sum(axis=1), 0)
        half = parts.width[large] / 2
        new = {
            "count": np.where(back[:, None], count - first, first),
            "seed": uniforms(seed, np.where(back, 1, 0) + kind.shape[1]),
            "start": parts.start[large] + back * half,
            "width": half,
            "ahead": parts.ahead[large] + passed,
            "units": parts.units[large] - np.where(back, asked, 0),
        }
        changed = {}
        for name, values in new.items():
            changed[name] = getattr(parts, name).copy()
            changed[name][large] = values
        parts = replace(parts, **changed)
    return parts


def _first_half(count: Counts, seed: Seeds) -> Counts:
    """Return how many of the orders of each entry come in the first half of the interval."""
    places = np.broadcast_to(np.arange(count.shape[1]), count.shape)
    bits = uniforms(np.broadcast_to(seed[:, None], count.shape), places)
    u = ((bits >> np.uint64(11)).astype(float) + 0.5) * 2.0**-53
    first = np.zeros_like(count)
    some = count > 0
    first[some] = smallest_counts(u[some], count[some], np.full(int(some.sum()), 0.5))
    return first


def _portions(sizes: Counts) -> Iterator[slice]:
    """Yield slices of lines that are short enough together to be put in order at once."""
    upto = np.cumsum(np.minimum(sizes, FEW))
    most_lines = 1 << (63 - _PLACE_BITS - _MOMENT_BITS)
    start = 0
    while start < len(sizes):
        before = int(upto[start - 1]) if start else 0
        end = int(np.searchsorted(upto, before + _AT_ONCE, side="right"))
        end = min(max(end, start + 1), start + most_lines, len(sizes))
        yield slice(start, end)
        start = end


def _in_order(parts: _Parts, by_kind: Counts, column: int) -> Fronts:
    """Put parts of lines in order, each but once, and find where their units run out."""
    seeds, one, of = np.unique(parts.seed, return_index=True, return_inverse=True)
    count = parts.count[one].ravel()
    size = parts.count[one].sum(axis=1)
    starts = np.concatenate([[0], np.cumsum(size)])
    kinds = np.repeat(parts.kind[one].ravel(), count)
    line = np.repeat(np.arange(len(one)), size)
    place = np.arange(starts[-1]) - starts[line]
    moments = uniforms(seeds[line], place) >> np.uint64(64 - _MOMENT_BITS)
    key = (line.astype(np.uint64) << np.uint64(_MOMENT_BITS)) | moments
    key = np.sort((key << np.uint64(_PLACE_BITS)) | place.astype(np.uint64))
    place = (key & np.uint64((1 << _PLACE_BITS) - 1)).astype(np.intp)
    kinds = kinds[starts[line] + place]
    upto = np.zeros((len(kinds) + 1, by_kind.shape[1]), dtype=np.int64)
    np.cumsum(by_kind[kinds], axis=0, out=upto[1:])
    start = starts[of]
    wanted = upto[start, column] + parts.units
    last = np.searchsorted(upto[1:, column], wanted, side="left")
    moment = (key[last] >> np.uint64(_PLACE_BITS)) & np.uint64((1 << _MOMENT_BITS) - 1)
    return Fronts(
        sums=parts.ahead + upto[last + 1] - upto[start],
        last=kinds[last],
        missing=upto[last + 1, column] - wanted,
        moment=parts.start + parts.width * _part_of_interval(moment),
    )


def _part_of_interval(moment: Seeds) -> Floats:
    """Return moments as parts of the interval [1]."""
    return np.asarray((moment.astype(float) + 0.5) * 2.0**-_MOMENT_BITS)
