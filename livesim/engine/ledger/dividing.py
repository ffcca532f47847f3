"""How a ledger is divided: into replications and products that are worked off together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from livesim.engine.ledger.part import Part, places
from livesim.engine.ledger.release import Cells, Deliveries, ReleasePlan, deliveries
from livesim.engine.ledger.reserve import called_at
from livesim.engine.orders.orders import Counts, Floats, Numbers
from livesim.engine.recording import Recording
from livesim.model.inputs import SupplyInputs
from livesim.model.splitting import split

#: About how many numbers are kept of an account at a level, of an order, and of one that a reserve
#: looks at, at a level.
_OF_ACCOUNT, _OF_ORDER, _OF_LOOK = 20, 40, 5
#: Most numbers that are kept at a time, so that memory stays flat.
_AT_ONCE = 15_000_000


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

    @property
    def size(self) -> int:
        """The number J of levels."""
        return int(self.levels.shape[1])


def parts_of(
    recording: Recording,
    wanted: Sequence[Wanted],
    until: Numbers,
    level_of: Numbers | None = None,
) -> Iterator[Part]:
    """Yield the parts of a ledger.

    Parameters
    ----------
    recording
        What the crowd did.
    wanted
        The levels, one after the other.
    until
        The step after which orders count no more, shape (R, J).
    level_of
        The only level that counts for each replication, shape (R,); by default all do.
    """
    sizes = _sizes(recording, wanted)
    for products in _together(sizes, recording.inputs.sharing):
        slices = -(-int(sizes[places(products)].sum()) // _AT_ONCE)
        for some in np.array_split(np.arange(recording.replications), max(1, slices)):
            if some.size:
                rows = range(int(some[0]), int(some[-1]) + 1)
                part = _part(recording, rows, products, wanted, until[rows.start : rows.stop])
                yield part if level_of is None else _at(part, level_of[rows.start : rows.stop])


def _at(part: Part, level: Numbers) -> Part:
    """Return a part at one level only, that of each replication."""
    rows = np.arange(len(level))
    return replace(
        part,
        deliveries=[comes.at(level) for comes in part.deliveries],
        room=part.room[:, rows, level][..., None],
        until=part.until[rows, level][:, None],
    )


def _sizes(recording: Recording, wanted: Sequence[Wanted]) -> Counts:
    """Return about how many numbers are kept of each product, shape (P,)."""
    orders, inputs = recording.orders, recording.inputs
    levels, cells = sum(one.size for one in wanted), Cells(inputs).of_variant
    product = inputs.product_of[orders.cell // cells]
    found = np.bincount(product, np.diff(orders.first), minlength=len(inputs.products))
    called = [any(one.plan[number].reserve for one in wanted) for number in range(len(found))]
    # What a reserve looks at is noted of every order at every level.
    of_order = np.where(called, _OF_ORDER + _OF_LOOK * levels, _OF_ORDER)
    accounts = np.bincount(inputs.product_of) * cells * recording.replications
    return np.asarray(accounts * levels * _OF_ACCOUNT + found * of_order, dtype=np.int64)


def _together(sizes: Counts, sharing: Sequence[Sequence[int]]) -> Iterator[Sequence[int]]:
    """Yield products that share stock, and runs of others that are not too large together."""
    yield from sharing
    shares = {product for group in sharing for product in group}
    start, size = 0, 0
    for product, own in enumerate(sizes.tolist()):
        if product in shares or (product > start and size + own > _AT_ONCE):
            if product > start:
                yield range(start, product)
            start, size = product + (product in shares), 0
        size += own * (product not in shares)
    if start < len(sizes):
        yield range(start, len(sizes))


def _part(
    recording: Recording,
    rows: range,
    products: Sequence[int],
    wanted: Sequence[Wanted],
    until: Numbers,
) -> Part:
    comes = [_with_reserve(recording, rows, product, wanted, until) for product in products]
    rooms = [_room(recording, rows, product, wanted) for product in products]
    return Part(recording, rows, products, comes, np.concatenate(rooms), until)


def _with_reserve(
    recording: Recording, rows: range, product: int, wanted: Sequence[Wanted], until: Numbers
) -> Deliveries:
    """Return what of a product comes on sale, and its reserve when it is called."""
    never = [np.full((len(rows), one.size), np.inf) for one in wanted]
    comes = _deliveries(recording, rows, product, wanted, never)
    supplies = [one.plan[product] for one in wanted]
    if not any(supply.reserve for supply in supplies):
        return comes
    below = np.concatenate(
        [
            np.full(one.size, supply.reserve.below if supply.reserve else 0)
            for one, supply in zip(wanted, supplies, strict=True)
        ]
    )
    moment, sold = (
        np.concatenate(
            [np.full(one.size, of[which]) for one, of in zip(wanted, moments, strict=True)]
        )
        for moments in [[_moment(recording, supply) for supply in supplies]]
        for which in (0, 1)
    )
    room = _room(recording, rows, product, wanted)
    part = Part(recording, rows, range(product, product + 1), [comes], room, until)
    called = np.append(recording.clock.times, np.inf)[called_at(part, below, moment, sold)]
    ends = np.cumsum([one.size for one in wanted])[:-1]
    reserve_at = [
        times + supply.reserve.lead_time if supply.reserve else times
        for times, supply in zip(np.split(called, ends, axis=1), supplies, strict=True)
    ]
    return _deliveries(recording, rows, product, wanted, reserve_at)


def _moment(recording: Recording, supply: SupplyInputs) -> tuple[int, int]:
    """Return at which step's end a reserve looks at the sales, and how many it wants to be more."""
    when = supply.reserve.when if supply.reserve else None
    never = recording.clock.steps + 1
    return (never, 0) if when is None else (int(recording.clock.by(when[0])), when[1])


def _deliveries(
    recording: Recording,
    rows: range,
    product: int,
    wanted: Sequence[Wanted],
    reserve_at: Sequence[Floats],
) -> Deliveries:
    inputs, clock, some = recording.inputs, recording.clock, slice(rows.start, rows.stop)
    called = {part: when[some] for part, when in recording.called.items()}
    cells, mine = Cells(inputs), inputs.product_of == product
    parts = [
        deliveries(
            cells,
            product,
            one.plan[product],
            one.levels[mine],
            recording.link_at[some, product],
            comes,
            called,
            clock,
        )
        for one, comes in zip(wanted, reserve_at, strict=True)
    ]
    return Deliveries.joined(parts, clock.steps + 1, axis=-1)


def _room(recording: Recording, rows: range, product: int, wanted: Sequence[Wanted]) -> Counts:
    """Return the units of each cell that may be sold beyond the stock, shape (cells, R, J)."""
    inputs = recording.inputs
    share = inputs.variant_share[inputs.product_of == product].tolist()
    units = np.concatenate([np.full(one.size, one.plan[product].backorder_units) for one in wanted])
    rooms = split(units, share) if units.any() else np.zeros((len(share), len(units)), np.int64)
    of_cells = np.repeat(rooms, Cells(inputs).of_variant, axis=0)[:, None, :]
    return np.broadcast_to(of_cells, (len(of_cells), len(rows), len(units)))
