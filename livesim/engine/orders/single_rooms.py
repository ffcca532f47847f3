"""How the orders of like rooms fall to the single rooms, each of which has an allotment."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.orders.orders import Kinds
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs, RoomInputs


class SingleRooms:
    """The single rooms in which a variant is sold, all rooms' side by side.

    Parameters
    ----------
    inputs, streams
        The drawn numbers and streams of the block.
    kinds
        What orders can be.
    address
        Names of the product and the variant.
    sizes
        By room, the shares of its single rooms, where a show goes on that is on the air.

    Attributes
    ----------
    count
        The number of single rooms.
    """

    def __init__(
        self,
        inputs: Inputs,
        streams: Streams,
        kinds: Kinds,
        address: tuple[str, str],
        sizes: Mapping[str, Floats] | None = None,
    ) -> None:
        self._rooms = [
            LikeRooms(room, streams, *address, weights=(sizes or {}).get(room.name))
            for room in inputs.rooms
        ]
        counts = [room.count for room in inputs.rooms]
        self._first = np.cumsum([0, *counts])
        self._kinds = kinds
        self.count = sum(counts)

    @property
    def sizes(self) -> list[Floats]:
        """Of each room the shares of its single rooms [1], shape (R, count)."""
        return [room.weights for room in self._rooms]

    def share_out(
        self, batch: Numbers, row: Numbers, kind: Numbers, count: Counts
    ) -> tuple[Numbers, Numbers, Numbers, Numbers, Counts]:
        """Share the entries of batches out to single rooms, where each makes a batch of its own.

        Parameters
        ----------
        batch, row, kind, count
            The batch, replication, kind and number of orders of each entry, shape (E,).

        Returns
        -------
        tuple of ndarray
            Of the new batches the old one and the single room; and of the new entries the new
            batch, the kind and the number of orders, by new batch.
        """
        parts = []
        room_of = self._kinds.room[kind]
        for number, room in enumerate(self._rooms):
            mine = np.flatnonzero(room_of == number)
            entry, single, orders = room.share_out(row[mine], count[mine])
            parts.append((mine[entry], single + self._first[number], orders))
        entry, single, orders = (np.concatenate(column) for column in zip(*parts, strict=True))
        key = batch[entry] * self.count + single
        order = np.lexsort((entry, key))
        entry, single, orders, key = entry[order], single[order], orders[order], key[order]
        new, first, of = np.unique(key, return_index=True, return_inverse=True)
        return new // self.count, single[first], of, kind[entry], orders


class LikeRooms:
    """How the orders of one crowd fall to the single rooms that it is spread over.

    Parameters
    ----------
    room
        The like rooms.
    streams
        The block's streams.
    *what
        Whose orders, for the stream's address.
    weights
        Known already, where a show goes on that is on the air.

    Attributes
    ----------
    weights
        Share of each single room in the crowd [1], shape (R, count): lognormal sizes, drawn once a
        replication (assumption).
    """

    def __init__(
        self, room: RoomInputs, streams: Streams, *what: str, weights: Floats | None = None
    ) -> None:
        if weights is None:
            sizes = streams.room(room.name, "sizes").standard_normal((len(room.spread), room.count))
            log_size = room.spread[:, None] * sizes
            size = np.exp(log_size - log_size.max(axis=1, keepdims=True))
            weights = size / size.sum(axis=1, keepdims=True)
        self.weights = weights
        ends = np.cumsum(self.weights, axis=1)
        ends[:, -1] = 1.0
        # One ascending axis for all replications, so that one search finds everybody's room.
        self._ends = (ends + np.arange(len(ends))[:, None]).ravel()
        self._one_by_one = streams.room(room.name, *what, "attempts")
        self._by_count = streams.room(room.name, *what, "many attempts")

    def share_out(self, row: Numbers, count: Counts) -> tuple[Numbers, Numbers, Counts]:
        """Share orders out; return the entry, the single room and the number of orders of each.

        Parameters
        ----------
        row, count
            The replication and number of orders of each entry, shape (E,).
        """
        singles = self.weights.shape[1]
        if singles == 1:
            return np.arange(len(count)), np.zeros(len(count), dtype=np.intp), count
        # By counts where there is more than one a room, else one by one: the same law, and cheaper.
        many = np.flatnonzero(count > singles)
        drawn = self._by_count.multinomial(count[many], self.weights[row[many]])
        large, there = np.nonzero(drawn)
        few = np.repeat(np.arange(len(count)), np.where(count > singles, 0, count))
        at = row[few]
        place = np.searchsorted(self._ends, at + self._one_by_one.random(len(few)), side="right")
        single = np.minimum(place, at * singles + singles - 1) - at * singles
        key, orders = np.unique(few * singles + single, return_counts=True)
        return (
            np.concatenate([many[large], key // singles]),
            np.concatenate([there, key % singles]),
            np.concatenate([drawn[large, there], orders]),
        )
