"""How a ledger is divided: into products and stock levels that are worked off together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from livesim.engine.orders import Counts, Floats, Numbers
from livesim.engine.part import Part
from livesim.engine.recording import Recording
from livesim.engine.release import Cells, Deliveries, ReleasePlan, deliveries
from livesim.engine.reserve import called_at
from livesim.model.splitting import split

#: Most accounts times stock levels, and orders, that are worked off together: memory stays flat.
_AT_ONCE = 100_000


@dataclass(frozen=True)
class Wanted:
    """At which stock levels a ledger is kept, and how the units are put on sale.

    Parameters
    ----------
    levels
        Owned units of each variant at each level, shape (V, J).
    plan
        How the units of each product are put on sale.
    """

    levels: Counts
    plan: ReleasePlan

    def columns(self, some: slice) -> Wanted:
        """Return some of the levels."""
        return Wanted(self.levels[:, some], self.plan)


def parts_of(
    recording: Recording, wanted: Sequence[Wanted], until: Numbers
) -> Iterator[tuple[slice, Part]]:
    """Yield the parts of a ledger, each with the levels that it holds.

    Parameters
    ----------
    recording
        What the crowd did.
    wanted
        The levels, one after the other.
    until
        The step after which orders count no more, shape (R, J).
    """
    inputs = recording.inputs
    width = Cells(inputs).of_variant * inputs.replications
    accounts = np.bincount(inputs.product_of) * width
    for columns in _slices(until.shape[1], max(1, _AT_ONCE // int(accounts.max()))):
        size = columns.stop - columns.start
        for products in _together(accounts * size + _orders_of(recording)):
            yield columns, _part(recording, products, _some(wanted, columns), until[:, columns])


def _orders_of(recording: Recording) -> Counts:
    """Return the number of entries of each product's orders, shape (P,)."""
    orders, inputs = recording.orders, recording.inputs
    product = inputs.product_of[orders.cell // Cells(inputs).of_variant]
    found = np.bincount(product, np.diff(orders.first), minlength=len(inputs.products))
    return found.astype(np.int64)


def _slices(levels: int, most: int) -> Iterator[slice]:
    for start in range(0, levels, most):
        yield slice(start, min(start + most, levels))


def _together(sizes: Counts) -> Iterator[range]:
    """Yield runs of products that are no larger together than is kept at once."""
    start, size = 0, 0
    for product, own in enumerate(sizes.tolist()):
        if product > start and size + own > _AT_ONCE:
            yield range(start, product)
            start, size = product, 0
        size += own
    yield range(start, len(sizes))


def _some(wanted: Sequence[Wanted], columns: slice) -> list[Wanted]:
    """Return some of the levels of all that is wanted."""
    found, start = [], 0
    for one in wanted:
        levels = one.levels.shape[1]
        first, last = max(columns.start - start, 0), min(columns.stop - start, levels)
        if first < last:
            found.append(one.columns(slice(first, last)))
        start += levels
    return found


def _part(recording: Recording, products: range, wanted: Sequence[Wanted], until: Numbers) -> Part:
    comes = [_with_reserve(recording, product, wanted, until) for product in products]
    rooms = [_room(recording, product, wanted) for product in products]
    return Part(recording, products, comes, np.concatenate(rooms), until)


def _with_reserve(
    recording: Recording, product: int, wanted: Sequence[Wanted], until: Numbers
) -> Deliveries:
    """Return what of a product comes on sale, and its reserve when it is called."""
    never = [np.full((len(until), one.levels.shape[1]), np.inf) for one in wanted]
    comes = _deliveries(recording, product, wanted, never)
    supplies = [one.plan[product] for one in wanted]
    if not any(supply.reserve for supply in supplies):
        return comes
    below = np.concatenate(
        [
            np.full(one.levels.shape[1], supply.reserve.below if supply.reserve else 0)
            for one, supply in zip(wanted, supplies, strict=True)
        ]
    )
    room = _room(recording, product, wanted)
    part = Part(recording, range(product, product + 1), [comes], room, until)
    called = np.append(recording.clock.times, np.inf)[called_at(part, below)]
    ends = np.cumsum([one.levels.shape[1] for one in wanted])[:-1]
    reserve_at = [
        times + supply.reserve.lead_time if supply.reserve else times
        for times, supply in zip(np.split(called, ends, axis=1), supplies, strict=True)
    ]
    return _deliveries(recording, product, wanted, reserve_at)


def _deliveries(
    recording: Recording, product: int, wanted: Sequence[Wanted], reserve_at: Sequence[Floats]
) -> Deliveries:
    inputs, clock = recording.inputs, recording.clock
    cells, mine = Cells(inputs), inputs.product_of == product
    parts = [
        deliveries(
            cells,
            product,
            one.plan[product],
            one.levels[mine],
            recording.link_at[:, product],
            comes,
            recording.called,
            clock,
        )
        for one, comes in zip(wanted, reserve_at, strict=True)
    ]
    return Deliveries.side_by_side(parts, clock.steps + 1)


def _room(recording: Recording, product: int, wanted: Sequence[Wanted]) -> Counts:
    """Return the units of each cell that may be sold beyond the stock, shape (cells, J)."""
    inputs = recording.inputs
    share = inputs.variant_share[inputs.product_of == product].tolist()
    units = np.concatenate(
        [np.full(one.levels.shape[1], one.plan[product].backorder_units) for one in wanted]
    )
    rooms = split(units, share) if units.any() else np.zeros((len(share), len(units)), np.int64)
    return np.repeat(rooms, Cells(inputs).of_variant, axis=0)
