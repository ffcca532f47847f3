"""What of a product comes on sale, and when: the release plan of a product at its stock levels.

Waves and receipts come whatever happens; a reserve is called by the units that are left, so when it
comes depends on the stock level. A process of a user may put a part on sale at its own time, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.clock import Clock
from livesim.engine.ledger.book import upto
from livesim.engine.release_plan import UNLIMITED, Cells
from livesim.model.inputs import ReserveInputs, SupplyInputs
from livesim.model.splitting import split, split_waves

#: When a process puts a part of a product on sale in each replication [s], shape (R,), inf if not.
Called: TypeAlias = Mapping[tuple[int, str], Floats]


@dataclass(frozen=True)
class Deliveries:
    """What of one product comes on sale, in R replications at J stock levels.

    Parameters
    ----------
    at_start
        Units on hand at the start, by cell, shape (cells, R, J).
    due
        When each part comes [s], inf if never, the earliest first, shape (parts, R, J).
    step
        The step at whose end it comes; one more than all steps if not before, shape (parts, R, J).
    together
        Units of this part and all before, by cell, nothing first, shape (parts + 1, cells, R, J).
    owned
        Of ``together``, the product's owned units that come before the show's end, or may, shape
        (parts + 1, R, J).
    owned_never
        Units that are owned and never come, by variant, shape (variants, R, J).
    reserve_cost
        What calling reserves has cost, by variant [currency], shape (variants, R, J).
    final_step, final_at
        From which step on nothing more comes before the show's end, one more than all steps if
        something might, and when its last part came [s], shape (R, J).
    """

    at_start: Counts
    due: Floats
    step: Numbers
    together: Counts
    owned: Counts
    owned_never: Counts
    reserve_cost: Floats
    final_step: Numbers
    final_at: Floats

    @property
    def put_on_sale(self) -> Counts:
        """All units that come on sale, by cell, shape (cells, R, J)."""
        come = self.together[0]
        for due, units in zip(self.due, self.together[1:], strict=True):
            come = np.where(np.isfinite(due), units, come)  # parts that never come stand last
        return np.asarray(self.at_start + come)

    def come_by(self, step: Numbers, rows: Numbers, cells: slice = slice(None)) -> Counts:
        """Return the units that have come on sale by the end of steps, (cells, Q, J).

        Parameters
        ----------
        step, rows
            The step and the replication of each, shape (Q,).
        cells
            Of which cells; by default of all.
        """
        come = self._come_of(self.together[:, cells], step, rows)
        return np.asarray(self.at_start[cells, rows] + come)

    def owned_after(self, step: Numbers, rows: Numbers) -> Counts:
        """Return the owned units that come, or may, after steps and in the show, shape (Q, J)."""
        return np.asarray(self.owned[-1, rows] - self._come_of(self.owned, step, rows))

    def _come_of(self, together: Counts, step: Numbers, rows: Numbers) -> Counts:
        """Return the units that have come by the end of steps, (…, Q, J), of parts added up."""
        shape = *together.shape[1:-2], len(rows), together.shape[-1]
        come = np.broadcast_to(np.int64(0), shape)  # often nothing has, which needs no memory
        for units, at in zip(np.diff(together, axis=0), self.step, strict=True):
            if (at <= step.max(initial=0)).any():
                come = come + units[..., rows, :] * (at[rows] <= step[:, None])
        return np.asarray(come)

    def of_rows(self, rows: Numbers) -> Deliveries:
        """Return the same in some replications, in the order that is given."""
        return Deliveries(*(getattr(self, one.name).take(rows, axis=-2) for one in fields(self)))

    def at(self, level: Numbers) -> Deliveries:
        """Return the same at one level only, that of each replication, shape (R,)."""
        place = ..., np.arange(len(level)), level
        return Deliveries(*(getattr(self, one.name)[place][..., None] for one in fields(self)))

    @staticmethod
    def joined(parts: Sequence[Deliveries], never: int, axis: int) -> Deliveries:
        """Join what comes of the same product at further levels, or in further replications.

        Parameters
        ----------
        parts
            The same replications at some levels each, or others at as many levels.
        never
            The step that stands for never.
        axis
            -1 for levels, -2 for replications.
        """
        if len(parts) == 1:
            return parts[0]
        behind = {"due": np.inf, "step": never, "together": None, "owned": None}

        def whole(name: str) -> NDArray[Any]:
            each = [getattr(part, name) for part in parts]
            shows = each[0].shape[-2]
            once = axis == -1 and all(of.strides[-2] == 0 for of in each)
            if once:  # the same in all shows, which is kept once
                each = [of[..., :1, :] for of in each]
            if name in behind:
                most = max(map(len, each))
                each = [_filled(of, most, behind[name]) for of in each]
            found = np.concatenate(each, axis)
            return (
                np.broadcast_to(found, (*found.shape[:-2], shows, found.shape[-1]))
                if once
                else found
            )

        return Deliveries(**{one.name: whole(one.name) for one in fields(Deliveries)})


def _filled(values: NDArray[Any], most: int, value: float | None) -> NDArray[Any]:
    """Return values of so many parts, behind the last one a value, or by default the last again."""
    more = (most - len(values), *values.shape[1:])
    behind = np.broadcast_to(values[-1:] if value is None else np.asarray(value), more)
    return np.concatenate([values, behind.astype(values.dtype)]) if more[0] else values


class _Part(NamedTuple):
    """A part of a product: its units by variant and level, when it comes, and until when it may.

    ``until`` is the moment [s] from which it is no more to come where it has not been called.
    """

    units: Counts
    due: Floats
    ours: bool
    until: float


def deliveries(
    cells: Cells,
    product: int,
    supply: SupplyInputs,
    levels: Counts,
    link_at: Floats,
    reserve_at: Floats,
    called: Called,
    clock: Clock,
) -> Deliveries:
    """Return what of a product comes on sale and when.

    Parameters
    ----------
    cells
        What stock is kept of.
    product
        Which product.
    supply
        How its units are put on sale.
    levels
        Owned units of its variants at each level, shape (variants, J).
    link_at
        When its link first went up [s], shape (R,).
    reserve_at
        When each of its reserves comes [s], inf where it is not called, shape (N, R, J) of at least
        as many.
    called
        What processes have put on sale.
    clock
        The steps of the show.
    """
    inputs = cells.inputs
    share = inputs.variant_share[inputs.product_of == product].tolist()
    shape = (len(link_at), levels.shape[1])
    waves = split_waves(levels, [wave.share for wave in supply.waves])
    # Unlimited stock is all there from the start, or its screen would show that nothing is left.
    start = np.where(levels >= UNLIMITED, levels, 0) if waves else levels
    parts: list[_Part] = []
    cost = np.broadcast_to(0.0, (len(share), *shape))

    def add(name: str, units: Counts, comes: Floats, *, ours: bool, until: float = np.inf) -> None:
        by_process = called.get((product, name))
        if by_process is not None:
            comes = np.minimum(comes, by_process[:, None])
        parts.append(_Part(units, comes, ours, until))

    def split_evenly(number: int) -> Counts:
        return np.broadcast_to(split(np.array([number]), share), levels.shape)

    for wave, part in zip(supply.waves, waves, strict=True):
        add(f"waves.{wave.name}", part, (link_at + wave.after)[:, None], ours=True)
    for receipt in supply.receipts:
        comes = np.full((len(link_at), 1), receipt.due)
        add(f"arriving.{receipt.name}", split_evenly(receipt.units), comes, ours=True)
    for reserve, comes in zip(supply.reserves, reserve_at, strict=False):
        until, due = _callable_until(reserve, inputs.length, clock), np.minimum(comes, reserve.due)
        add(reserve.part, split_evenly(reserve.units), due, ours=False, until=until)
        if reserve.costs:
            of_units = reserve.extra_unit_cost * parts[-1].units + reserve.call_cost * np.c_[share]
            cost = cost + of_units[:, None] * np.isfinite(parts[-1].due)
    return _in_order(cells, clock, start, parts, cost)


def _callable_until(reserve: ReserveInputs, length: float, clock: Clock) -> float:
    """Return until when a reserve is to come, if it is never called [s]; inf: to the end.

    A rule of a moment looks once. Nothing is to come of one that would come after the show.
    """
    if reserve.below > 0 or reserve.when is None:
        return np.inf
    looks = int(clock.by(reserve.when[0]))
    if looks > clock.steps or clock.times[looks] + reserve.lead_time > length:
        return 0.0
    return float(clock.times[looks])


def _in_order(
    cells: Cells,
    clock: Clock,
    start: Counts,
    parts: Sequence[_Part],
    cost: Floats,
) -> Deliveries:
    """Put parts in the order in which they come, and add them up."""
    shape = cost.shape[1:]
    # Waves and receipts come at one time at all levels.
    shows = np.broadcast_shapes((shape[0], 1), *(part.due.shape for part in parts))
    times = np.array([np.broadcast_to(part.due, shows) for part in parts]).reshape(-1, *shows)
    order = np.arange(len(parts))[:, None, None]
    if (times[1:] < times[:-1]).any():
        order = np.argsort(times, axis=0, kind="stable")
        times, order = np.take_along_axis(times, order, axis=0), _once(order)
    unknown, length = np.isinf(times), cells.inputs.length
    units = np.array([of.units for of in parts], dtype=np.int64).reshape(-1, *start.shape)
    units = np.take_along_axis(units[:, :, None], order[:, None], axis=0)
    ours = np.array([of.ours for of in parts], dtype=bool)[order]
    owned = upto(units.sum(axis=1) * _once(ours & (unknown | (times <= length))))
    never = (units * _once(ours & unknown)[:, None]).sum(axis=0)
    together = np.broadcast_to(upto(units), (len(parts) + 1, len(start), *shape))
    step = clock.by(times)
    until = np.array([of.until for of in parts])[order]
    final = np.where(unknown, until, times)
    # What comes later than the end does not keep a product from being sold out.
    counts = (final <= length) | np.isinf(final)
    final_at = np.where(counts, final, 0.0).max(axis=0, initial=0.0)
    final_step = np.where(counts, np.where(unknown, clock.by(until), step), 0)
    at_start = cells.split(start)
    return Deliveries(
        np.broadcast_to(at_start[:, None, :], (len(at_start), *shape)),
        np.broadcast_to(times, (len(parts), *shape)),
        np.broadcast_to(step, (len(parts), *shape)),
        _split_together(cells, start, together) if cells.inputs.allotted else together,
        np.broadcast_to(owned, (len(parts) + 1, *shape)),
        np.broadcast_to(never, (len(start), *shape)),
        cost,
        np.broadcast_to(final_step.max(axis=0, initial=0), shape),
        np.broadcast_to(final_at, shape),
    )


def _once(values: NDArray[Any]) -> NDArray[Any]:
    """Return what is known of parts in shows, (parts, R, …), once if it is the same in all."""
    return values[:, :1] if (values == values[:, :1]).all() else values


def _split_together(cells: Cells, start: Counts, together: Counts) -> Counts:
    """Split units among rooms: what all rooms have had is split as one."""
    before = cells.split(np.broadcast_to(start[:, None, :], together.shape[1:]))
    return np.stack([cells.split(start[:, None, :] + units) - before for units in together])
