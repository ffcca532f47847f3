"""Orders and stock over the show, at the level that viewers have lived through."""

from __future__ import annotations

import numpy as np

from livesim.arrays import Counts, Floats, Small
from livesim.engine.ledger.book import ORDERS, PAYING, UNITS, WEBSHOP
from livesim.engine.ledger.keeping import Kept, keep
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.taken import Taken
from livesim.engine.orders.orders import in_few_bytes
from livesim.engine.recording import Recording
from livesim.engine.timeline import Changes, Timeline, usual_step
from livesim.errors import UsageError
from livesim.model.inputs import Inputs


class StockOverTime:
    """Orders and stock over the show, at the stock that viewers have lived through.

    Parameters
    ----------
    recording
        What happened.
    step
        Time between two moments [s]; None for about a hundred in the show.

    Attributes
    ----------
    orders
        Orders served in each interval, shape (refreshes + 1, R).
    orders_by_room
        Orders served by room, shape (R, rooms).
    """

    def __init__(self, recording: Recording, step: float | None) -> None:
        inputs = recording.inputs
        self._recording, self._every = recording, _refreshes_a_step(inputs, step)
        self._first = -(-recording.begun // self._every)
        self._moments = np.arange(self._first, inputs.refreshes // self._every + 1) * self._every
        rows = recording.replications
        self._shape = rows, len(self._moments), len(inputs.products)
        self.orders = np.zeros((inputs.refreshes + 1, rows), dtype=np.int64)
        self.orders_by_room = np.zeros((rows, len(inputs.rooms)), dtype=np.int64)
        self._units: dict[str, list[Changes]] = {"on_hand": [], "reserved": [], "paid": []}

    def timeline(self) -> Timeline:
        """Return the timeline, replications first."""
        audience = self._recording.audience
        times = np.asarray(self._moments * self._recording.inputs.refresh, dtype=float)
        since_last = np.append(0, self._moments[:-1] + 1)
        upto = self.orders[: self._moments[-1] + 1]
        so_far = np.cumsum(np.add.reduceat(upto, since_last), axis=0)
        watching, viewers = (
            on_straight_lines(times, audience.looks, of)
            for of in (audience.watching, audience.viewers)
        )
        return Timeline(
            {
                "times": times,
                "concurrent": in_few_bytes(watching),
                "arrivals": in_few_bytes(viewers),
                "orders": in_few_bytes(so_far.T),
                "slot_starts": self._recording.slots.started_at,
            },
            {name: Changes.together(self._shape, of) for name, of in self._units.items()},
        )

    def watch(self, part: Part) -> Kept:
        """Keep the accounts of some products, and add what happens to the curves."""
        taken = Taken(part.book, levels=1)
        kept = keep(part, taken.note)
        self._add_orders(part, taken.column(ORDERS)[:, 0])
        rooms = part.recording.kinds.rooms
        by_room = slice(ORDERS + 1, ORDERS + 1 + rooms) if rooms > 1 else [ORDERS]
        served = kept.of_cells(kept.followed.taken[:, by_room]).sum(axis=(0, 2))
        self.orders_by_room[part.rows.start : part.rows.stop] += served
        claimed, paying = taken.column(UNITS)[:, 0], taken.column(PAYING)[:, 0]
        beside = np.zeros_like(claimed)
        if part.book.webshops:
            beside = taken.column(part.book.columns + WEBSHOP)[:, 0]
        self._add_units(part, claimed - beside, paying - beside, beside)
        return kept

    def _add_orders(self, part: Part, orders: Counts) -> None:
        batches = part.book.orders
        shown = batches.step < len(self.orders)
        place = batches.step[shown].astype(np.intp) * self.orders.shape[1]
        place += part.rows.start + batches.row[shown]
        np.add.at(self.orders.reshape(-1), place, orders[shown])  # one index: NumPy is faster then

    def _add_units(self, part: Part, claimed: Counts, paying: Counts, beside: Counts) -> None:
        """Add the units of some products at each moment, by what became of them.

        Those that a webshop has sold beside the show are only no longer on hand.
        """
        orders, shape = part.book.orders, (len(part.cells), part.replications)
        cell = orders.cell
        taken = self._by_moment(orders.step, cell, orders.row, claimed, shape)
        swept = self._by_moment(part.book.swept, cell, orders.row, claimed, shape)
        paid = self._by_moment(part.book.swept, cell, orders.row, paying, shape)
        used = _of_stock(part, taken - swept + paid)
        if beside.any():
            used = used + self._by_moment(orders.step, cell, orders.row, beside, shape)
        on_hand = np.maximum(self._come(part) - used, 0)
        first = np.searchsorted(part.product_of, np.arange(len(part.products)))
        products = np.array(part.products)
        for name, units in (("on_hand", on_hand), ("reserved", taken - swept), ("paid", paid)):
            counts = np.add.reduceat(units, first, axis=1)
            changes = Changes.of(counts, self._shape, part.rows.start, products)
            self._units[name].append(changes)

    def _by_moment(
        self, step: Small, cell: Small, row: Small, units: Counts, shape: tuple[int, int]
    ) -> Counts:
        """Return the units of batches up to each moment, shape (moments, cells, R)."""
        moment = np.maximum(-(-step // self._every) - self._first, 0)
        shown = moment < len(self._moments)
        added = np.zeros((len(self._moments), *shape), dtype=np.int64)
        place = (moment.astype(np.intp) * shape[0] + cell) * shape[1] + row
        np.add.at(added.reshape(-1), place[shown], units[shown])  # one index: NumPy is faster then
        return np.cumsum(added, axis=0, out=added)

    def _come(self, part: Part) -> Counts:
        """Return the units that have come on sale by each moment, shape (moments, cells, R)."""
        rows, moments = part.replications, len(self._moments)
        step, row = np.repeat(self._moments, rows), np.tile(np.arange(rows), moments)
        come = [comes.come_by(step, row)[:, :, 0] for comes in part.deliveries]
        return np.asarray(np.concatenate(come).reshape(-1, moments, rows).transpose(1, 0, 2))


def _of_stock(part: Part, taken: Counts) -> Counts:
    """Return the units that orders have taken of each cell's stock, from those that they are of.

    Gifts are left out, of shape (moments, cells, R).
    """
    if not part.shares_stock:
        return taken
    takes = part.recording.inputs.takes[np.ix_(part.variants, part.variants)]
    return np.asarray(np.einsum("muR,uk->mkR", taken, takes))


def on_straight_lines(times: Floats, looks: Floats, counts: Small) -> Counts:
    """Return counts at some times [s] from those at the looks, shape (R, times).

    Between two looks, which lie apart only where nobody can order, the counts are rounded from a
    straight line.

    Parameters
    ----------
    times, looks
        Rising, and within the looks [s], of which there are two at least.
    counts
        At the looks, shape (looks, R).

    Examples
    --------
    >>> counts = np.array([[0], [10], [12]])
    >>> on_straight_lines(np.array([0.0, 2.5, 4.0]), np.array([0.0, 4.0, 8.0]), counts).tolist()
    [[0, 6, 10]]
    """
    before = np.minimum(np.searchsorted(looks, times, side="right") - 1, len(looks) - 2)
    first, second = (counts.take(look, axis=0).astype(float) for look in (before, before + 1))
    apart, since = looks[before + 1] - looks[before], times - looks[before]
    lines = (second - first) / apart[:, None] * since[:, None] + first
    return np.asarray(np.rint(lines).T, dtype=np.int64)


def _refreshes_a_step(inputs: Inputs, step: float | None) -> int:
    if step is None:
        return usual_step(inputs.refreshes)
    length = inputs.refreshes * inputs.refresh
    if not 0 < step <= length:
        raise UsageError(
            f"a timeline step of {step:g} s does not lie within the show of {length:g} s"
        )
    every = round(step / inputs.refresh)
    if every < 1 or abs(every * inputs.refresh - step) > 1e-9 * step:
        raise UsageError(
            f"a timeline step of {step:g} s is not a whole number of refreshes of "
            f"{inputs.refresh:g} s; choose a multiple of it"
        )
    return every
