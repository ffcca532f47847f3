"""Rooms and the stock: one stock for all of them, or an allotment for each.

Where rooms share the stock, attempts stand in one line whatever their room, and who is served is a
random subset of them. Where rooms have allotments, every single room sells a part of its own, and
units that one room has left are no use to another that is sold out: that is what splitting costs.
Like rooms are one crowd, whose attempts fall to the single rooms by these rooms' sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.engine.fates import Counts
from livesim.engine.placing import Orders
from livesim.engine.stock import Stock
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs, RoomInputs
from livesim.model.splitting import split
from livesim.scenario.quantities import Floats

#: Serves a variant's orders of a refresh, given its number, start and end [s]. Returns the orders
#: served at the first level, shape (R, rooms).
Serve: TypeAlias = Callable[[Orders, int, float, float], Counts]


def shared(stock: Stock, rng: np.random.Generator) -> Serve:
    """Return what serves all rooms from one stock.

    Parameters
    ----------
    stock
        The stock of the variant.
    rng
        The stream of the rooms of those who are served.
    """
    return partial(_serve_shared, stock, rng)


def in_one_room(stock: Stock) -> Serve:
    """Return what serves the only room from the stock."""
    return partial(_serve_one_room, stock)


def _serve_one_room(stock: Stock, orders: Orders, refresh: int, start: float, end: float) -> Counts:
    fake = orders.fake if isinstance(orders.fake, int) else orders.fake[:, 0]
    served = stock.serve(orders.all[:, 0], orders.price[:, 0], refresh, start, end, fake)
    return served[:, None]


def _serve_shared(
    stock: Stock,
    rng: np.random.Generator,
    orders: Orders,
    refresh: int,
    start: float,
    end: float,
) -> Counts:
    total = orders.all.sum(axis=1)
    fake = orders.fake if isinstance(orders.fake, int) else orders.fake.sum(axis=1)
    served = stock.serve(total, _mean_price(orders), refresh, start, end, fake)
    return _random_subset(rng, orders.all, served)


def _mean_price(orders: Orders) -> Floats:
    """Return the mean price that the orders of all rooms saw, shape (R,)."""
    if (orders.price == orders.price[:, :1]).all():
        return orders.price[:, 0]
    value = (orders.all * orders.price).sum(axis=1)
    return np.asarray(value / np.maximum(orders.all.sum(axis=1), 1))


def _random_subset(rng: np.random.Generator, orders: Counts, served: Counts) -> Counts:
    """Draw the rooms of those served: a random subset of all orders, shape (R, rooms)."""
    by_room = orders.copy()
    others, left = orders.sum(axis=1), served.copy()
    some = np.flatnonzero(served < others)
    for room in range(orders.shape[1]) if len(some) else ():
        others = others - orders[:, room]
        by_room[some, room] = rng.hypergeometric(orders[some, room], others[some], left[some])
        left = left - by_room[:, room]
    return by_room


class Crowding:
    """How the attempts of one crowd fall to the single rooms that it is spread over.

    Parameters
    ----------
    room
        The like rooms.
    streams
        The block's streams.
    what
        Whose attempts, for the stream's address.

    Attributes
    ----------
    weights
        Share of each single room in the crowd [1], shape (R, count): lognormal sizes, drawn once a
        replication (assumption).
    """

    def __init__(self, room: RoomInputs, streams: Streams, *what: str) -> None:
        sizes = streams.room(room.name, "sizes").standard_normal((len(room.spread), room.count))
        log_size = room.spread[:, None] * sizes
        size = np.exp(log_size - log_size.max(axis=1, keepdims=True))
        self.weights = size / size.sum(axis=1, keepdims=True)
        ends = np.cumsum(self.weights, axis=1)
        ends[:, -1] = 1.0
        # One ascending axis for all replications, so that one search finds everybody's room.
        self._ends = (ends + np.arange(len(ends))[:, None]).ravel()
        self._rng = streams.room(room.name, *what, "attempts")

    def share_out(self, attempts: Counts) -> Counts:
        """Return the attempts by single room, shape (R · count,), from those of all, shape (R,)."""
        replications, count = self.weights.shape
        if count == 1 or not attempts.any():
            return np.repeat(attempts, count)
        # By counts where there is more than one a room, else one by one: the same law, and cheaper.
        single = np.zeros((replications, count), dtype=np.int64)
        many = np.flatnonzero(attempts > count)
        single[many] = self._rng.multinomial(attempts[many], self.weights[many])
        few = np.where(attempts > count, 0, attempts)
        rows = np.repeat(np.arange(replications), few)
        places = np.searchsorted(self._ends, rows + self._rng.random(len(rows)), side="right")
        places = np.minimum(places, rows * count + count - 1)  # a sum can round up to the next row
        return single.ravel() + np.bincount(places, minlength=single.size)


class Allotments:
    """The units of one variant, split among rooms: every single room sells its own part alone.

    Its figures are those of all rooms together, as a :class:`~livesim.engine.stock.Stock` has them.
    The variant is empty once every room is.

    Parameters
    ----------
    inputs, streams
        The drawn numbers and streams of the block.
    address
        Names of the product and the variant.
    units
        Units on hand at the start, all rooms together, shape (R, L).
    open_stock
        Opens the stock of a room from its units, shape (R · count, L).
    """

    def __init__(
        self,
        inputs: Inputs,
        streams: Streams,
        address: tuple[str, str],
        units: Counts,
        open_stock: Callable[[RoomInputs, Counts], Stock],
    ) -> None:
        self._rooms = inputs.rooms
        self._shape = units.shape
        self.put_on_sale = units.copy()
        parts = self._split(units)
        self.stocks = [
            open_stock(room, part) for room, part in zip(self._rooms, parts, strict=True)
        ]
        self._crowdings = [Crowding(room, streams, *address) for room in self._rooms]
        self.ran_out = False
        self.closed: NDArray[np.bool_] = np.zeros(units.shape, dtype=bool)

    def _split(self, units: Counts) -> list[Counts]:
        """Split units of all rooms, shape (R, L): an array of shape (R · count, L) a room.

        Allotments by Webster's method and then equal parts, the first of like rooms one unit more
        where they do not come out even. No part shrinks as the units grow.
        """
        shares = [room.allotment or 0.0 for room in self._rooms]
        return [
            _equal_parts(part.reshape(self._shape), room.count)
            for room, part in zip(self._rooms, split(units.ravel(), shares), strict=True)
        ]

    def serve(self, orders: Orders, refresh: int, start: float, end: float) -> Counts:
        """Serve the orders of one refresh, each in its own room, as :data:`Serve` says."""
        self.ran_out = False
        self._close()
        served, fakes = np.zeros_like(orders.all), np.broadcast_to(orders.fake, orders.all.shape)
        for number in np.flatnonzero(orders.all.any(axis=0)).tolist():
            stock, count = self.stocks[number], self._rooms[number].count
            share_out = self._crowdings[number].share_out
            real = share_out(orders.all[:, number] - fakes[:, number])
            fake = share_out(fakes[:, number])  # they fall to rooms as real ones do
            price = np.repeat(orders.price[:, number], count)
            here = stock.serve(real + fake, price, refresh, start, end, fake)
            served[:, number] = here.reshape(-1, count).sum(axis=1)
            self.ran_out |= stock.ran_out
        return served

    def _close(self) -> None:
        """Let attempts count no more where the show has gone on, in every room."""
        if self.closed.any():
            for stock, room in zip(self.stocks, self._rooms, strict=True):
                stock.closed = np.repeat(self.closed, room.count, axis=0)

    def sweep(self, now: float) -> None:
        """Settle every reservation whose sweep has come, in every room."""
        for stock in self.stocks:
            stock.sweep(now)

    def put_on(self, units: Counts) -> None:
        """Put further units on sale, shape (R, L): what all rooms have had is split as one."""
        before, after = self._split(self.put_on_sale), self._split(self.put_on_sale + units)
        self.put_on_sale += units
        for stock, had, has in zip(self.stocks, before, after, strict=True):
            stock.put_on(has - had)

    @property
    def demand(self) -> Counts:
        """Units wanted, shape (R,)."""
        wanted = [stock.demand.reshape(self._shape[0], -1).sum(axis=1) for stock in self.stocks]
        return np.asarray(np.sum(wanted, axis=0))

    @property
    def emptied_at(self) -> Floats:
        """When the last room's last unit went [s], shape (R, L); inf where one never ran out."""
        return np.asarray(
            np.max([self._by_single_room(s.emptied_at).max(axis=1) for s in self.stocks], axis=0)
        )

    @property
    def on_hand(self) -> Counts:
        """Units on hand, shape (R, L)."""
        return self._sum([stock.on_hand for stock in self.stocks])

    @property
    def reserved(self) -> Counts:
        """Units reserved, shape (R, L)."""
        return self._sum([stock.reserved for stock in self.stocks])

    @property
    def paid(self) -> Counts:
        """Units paid for, shape (R, L)."""
        return self._sum([stock.paid for stock in self.stocks])

    @property
    def lapsed(self) -> Counts:
        """Units whose orders were not paid, shape (R, L)."""
        return self._sum([stock.lapsed for stock in self.stocks])

    @property
    def claimed(self) -> Counts:
        """Units taken by attempts, shape (R, L)."""
        return self._sum([stock.claimed for stock in self.stocks])

    @property
    def lost(self) -> Counts:
        """Units turned away, shape (R, L)."""
        return self._sum([stock.lost for stock in self.stocks])

    @property
    def orders(self) -> Counts:
        """Orders that got at least one unit, shape (R, L)."""
        return self._sum([stock.orders for stock in self.stocks])

    @property
    def backordered(self) -> Counts:
        """Units sold beyond the stock, shape (R, L): none, where rooms have allotments."""
        return self._sum([stock.backordered for stock in self.stocks])

    @property
    def waiting(self) -> Counts:
        """Units that orders wait for, shape (R, L): none, where rooms have allotments."""
        return self._sum([stock.waiting for stock in self.stocks])

    @property
    def faked(self) -> Counts:
        """Units of fake orders that are or will be paid, shape (R, L)."""
        return self._sum([stock.faked for stock in self.stocks])

    @property
    def gmv(self) -> Floats:
        """Value ordered [currency], shape (R, L)."""
        return np.asarray(sum(self._by_single_room(s.gmv).sum(axis=1) for s in self.stocks))

    @property
    def paid_value(self) -> Floats:
        """What of the value ordered will be or is paid [currency], shape (R, L)."""
        return np.asarray(sum(self._by_single_room(s.paid_value).sum(axis=1) for s in self.stocks))

    def _sum(self, by_stock: Sequence[Counts]) -> Counts:
        """Add up all single rooms, shape (R, L)."""
        return np.asarray(sum(self._by_single_room(units).sum(axis=1) for units in by_stock))

    def _by_single_room(self, figures: NDArray[Any]) -> NDArray[Any]:
        """Put the single rooms on an axis of their own, shape (R, count, L)."""
        replications, levels = self._shape
        return figures.reshape(replications, -1, levels)


def _equal_parts(units: Counts, count: int) -> Counts:
    """Split units into equal parts, shape (R · count, L), the first of them one more if need be.

    Examples
    --------
    >>> _equal_parts(np.array([[7], [2]]), 3).ravel().tolist()
    [3, 2, 2, 1, 1, 0]
    """
    each, over = np.divmod(units, count)
    first = np.arange(count)[None, :, None] < over[:, None, :]
    return (each[:, None, :] + first).reshape(len(units) * count, -1)
