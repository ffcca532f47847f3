"""How a ledger is divided: into replications and products that are worked off together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from livesim.arrays import Counts, Numbers
from livesim.engine.ledger.deliveries import Deliveries, deliveries
from livesim.engine.ledger.part import Part, places
from livesim.engine.ledger.reserve import Rules, next_called
from livesim.engine.portions import IN_MEMORY
from livesim.engine.recording import Recording
from livesim.engine.release_plan import Cells, ReleasePlan
from livesim.model.inputs import ReserveInputs
from livesim.model.splitting import split

#: About how many numbers are kept of an account at a level, of a batch of orders, and of one that a
#: reserve or a coupon looks at, at a level.
_OF_ACCOUNT, _OF_BATCH, _OF_LOOK = 20, 80, 5


@dataclass(frozen=True)
class Wanted:
    """At which stock levels a ledger is kept, and how the units are put on sale.

    Parameters
    ----------
    levels
        Owned units of each variant at each level, shape (V, J).
    plan
        How the units of each product are put on sale.
    of
        Variants of which all is asked for; None if all of the show is. The rest is told as far as
        it can be.
    """

    levels: Counts
    plan: ReleasePlan
    of: Sequence[int] | None = None

    @property
    def size(self) -> int:
        """The number J of levels."""
        return int(self.levels.shape[1])


def parts_of(
    recording: Recording,
    wanted: Sequence[Wanted],
    until: Numbers,
    level_of: Numbers | None = None,
) -> Iterator[tuple[Part, Numbers | slice]]:
    """Yield the parts of a ledger, and which of a part's levels each level of the ledger is.

    To some products many levels are the same: those of others alone.

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
        slices = -(-int(sizes[places(products)].sum()) // IN_MEMORY)
        different, first = wanted, np.arange(until.shape[1])
        level: Numbers | slice = slice(None)
        if level_of is None:
            different, first, of = _different(recording, products, wanted, until)
            level = level if len(first) == len(of) else of
        for some in np.array_split(np.arange(recording.replications), max(1, slices)):
            if some.size:
                rows = range(int(some[0]), int(some[-1]) + 1)
                ends = until[rows.start : rows.stop, first]
                part = _part(recording, rows, products, different, ends)
                if level_of is not None:
                    part = _at(part, level_of[rows.start : rows.stop])
                yield part, level


def _different(
    recording: Recording, products: Sequence[int], wanted: Sequence[Wanted], *beside: Numbers
) -> tuple[Sequence[Wanted], Numbers, Numbers]:
    """Return the levels that differ to some products.

    With the first level that is like each of them, and which of them each level is.

    Parameters
    ----------
    recording, products, wanted
        The show, which products, and the levels.
    beside
        In what else levels may differ, each of shape (n, J).
    """
    mine = np.isin(recording.inputs.product_of, list(products))
    plans = [tuple(one.plan[product] for product in products) for one in wanted]
    plan = np.repeat([plans.index(one) for one in plans], [one.size for one in wanted])
    levels = np.concatenate([one.levels for one in wanted], axis=1)
    seen = [plan[None], levels[mine], *(of for of in beside if (of != of[:, :1]).any())]
    _, first, level = np.unique(
        np.concatenate(seen), axis=1, return_index=True, return_inverse=True
    )
    if len(first) == len(plan):
        return wanted, np.arange(len(plan)), np.arange(len(plan))
    each = [
        first[plan[first] == number] for number in np.unique(plan)
    ]  # by plan, as `unique` has it
    different = [Wanted(levels[:, some], wanted[plan[some[0]]].plan) for some in each]
    return different, first, level.ravel()


def _at(part: Part, level: Numbers) -> Part:
    """Return a part at one level only, that of each replication."""
    rows = np.arange(len(level))
    return replace(
        part,
        deliveries=[comes.at(level) for comes in part.deliveries],
        backorder_room=part.backorder_room[:, rows, level][..., None],
        until=part.until[rows, level][:, None],
    )


def _sizes(recording: Recording, wanted: Sequence[Wanted]) -> Counts:
    """Return about how many numbers are kept of each product, shape (P,)."""
    orders, inputs = recording.orders, recording.inputs
    levels, cells = sum(one.size for one in wanted), Cells(inputs).of_variant
    begins = orders.begins(np.arange(len(inputs.product_of) + 1) * cells)
    found = np.bincount(inputs.product_of, np.diff(begins))
    accounts = np.bincount(inputs.product_of) * cells * recording.replications
    # Calls of reserves are found before the accounts are kept, in the same memory.
    looks = [_looks(recording, product, wanted) for product in range(len(found))]
    kept = np.maximum(accounts * levels * _OF_ACCOUNT, found * looks * _OF_LOOK)
    of_batch = np.full(len(found), _OF_BATCH)
    for coupon in inputs.coupons:
        of_batch[coupon.product] += _OF_LOOK * levels
    return np.asarray(kept + found * of_batch, dtype=np.int64)


def _looks(recording: Recording, product: int, wanted: Sequence[Wanted]) -> int:
    """Return at how many levels it is looked at once whether a product's reserves are called."""
    some = [one for one in wanted if one.plan[product].reserves]
    if some and max(len(one.plan[product].reserves) for one in some) == 1:
        before = _before_calls(recording, product, some)
        return len(_different(recording, [product], before)[1])
    return sum(one.size for one in some)


def _together(sizes: Counts, sharing: Sequence[Sequence[int]]) -> Iterator[Sequence[int]]:
    """Yield products that share stock, and runs of others that are not too large together."""
    yield from sharing
    shares = {product for group in sharing for product in group}
    start, size = 0, 0
    for product, own in enumerate(sizes.tolist()):
        if product in shares or (product > start and size + own > IN_MEMORY):
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
    comes = [_with_reserves(recording, rows, product, wanted, until) for product in products]
    backorder_rooms = [_backorder_room(recording, rows, product, wanted) for product in products]
    return Part(recording, rows, products, comes, np.concatenate(backorder_rooms), until)


def _with_reserves(
    recording: Recording, rows: range, product: int, wanted: Sequence[Wanted], until: Numbers
) -> Deliveries:
    """Return what of a product comes on sale, and its reserves as they are called."""
    ways = np.repeat(np.arange(len(wanted)), [one.size for one in wanted])
    rules = Rules.of([one.plan[product] for one in wanted], recording.clock).take(ways)
    called = np.full((len(rules), len(rows), len(ways)), recording.clock.steps + 1)
    have = np.array([bool(one.plan[product].reserves) for one in wanted])
    if some := [one for one, has in zip(wanted, have, strict=True) if has]:
        mine = have[ways]
        called[:, :, mine] = _called(
            recording, rows, product, some, until[:, mine], rules.take(np.flatnonzero(mine))
        )
    return _deliveries(recording, rows, product, wanted, called, rules)


def _called(
    recording: Recording,
    rows: range,
    product: int,
    wanted: Sequence[Wanted],
    until: Numbers,
    rules: Rules,
) -> Numbers:
    """Return the steps at whose end the reserves of a product are called, shape (N, R, J)."""
    called = np.full((len(rules), *until.shape), recording.clock.steps + 1)
    some: Sequence[Wanted] = _before_calls(recording, product, wanted)
    for _ in range(len(rules)):
        so_far = called.reshape(-1, called.shape[2])
        different, first, level = _different(recording, [product], some, until, so_far)
        calls = called[:, :, first]
        comes = _deliveries(recording, rows, product, different, calls, rules.take(first))
        backorder_room = _backorder_room(recording, rows, product, different)
        part = Part(
            recording, rows, range(product, product + 1), [comes], backorder_room, until[:, first]
        )
        found = next_called(part, rules, called, level)
        if np.array_equal(found, called):
            break
        called, some = found, wanted
    return called


def _before_calls(recording: Recording, product: int, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Return ways to sell without what only matters once a product's reserves are called."""
    found = []
    for one in wanted:
        plan = list(one.plan)
        reserves = tuple(
            reserve
            if np.isfinite(reserve.due) or (product, reserve.part) in recording.called
            else ReserveInputs(reserve.part, units=0, below=0, lead_time=0.0)
            for reserve in plan[product].reserves
        )
        plan[product] = replace(plan[product], reserves=reserves)
        found.append(Wanted(one.levels, plan))
    return found


def _deliveries(
    recording: Recording,
    rows: range,
    product: int,
    wanted: Sequence[Wanted],
    called: Numbers,
    rules: Rules,
) -> Deliveries:
    """Return what of a product comes on sale, if reserves are called at the end of some steps."""
    inputs, clock, some = recording.inputs, recording.clock, slice(rows.start, rows.stop)
    by_process = {part: when[some] for part, when in recording.called.items()}
    reserve_at = np.append(clock.times, np.inf)[called] + rules.lead_time[:, None]
    ends = np.cumsum([one.size for one in wanted])[:-1]
    cells, mine = Cells(inputs), inputs.product_of == product
    parts = [
        deliveries(
            cells,
            product,
            one.plan[product],
            one.levels[mine],
            recording.link_at[some, product],
            comes,
            by_process,
            clock,
        )
        for one, comes in zip(wanted, np.split(reserve_at, ends, axis=2), strict=True)
    ]
    return Deliveries.joined(parts, clock.steps + 1, axis=-1)


def _backorder_room(
    recording: Recording, rows: range, product: int, wanted: Sequence[Wanted]
) -> Counts:
    """Return the units of each cell that may be sold beyond the stock, shape (cells, R, J)."""
    inputs = recording.inputs
    share = inputs.variant_share[inputs.product_of == product].tolist()
    units = np.concatenate([np.full(one.size, one.plan[product].backorder_units) for one in wanted])
    rooms = split(units, share) if units.any() else np.zeros((len(share), len(units)), np.int64)
    of_cells = np.repeat(rooms, Cells(inputs).of_variant, axis=0)[:, None, :]
    return np.broadcast_to(of_cells, (len(of_cells), len(rows), len(units)))
