"""The checkout in front of the stock: so many orders a second, and nobody gives up.

By the time t it has had room for ⌊capacity · t⌋ orders since the start; what it cannot take waits,
and room that nobody used is gone. Among those who wait, who comes next is random. Who waits pays
the price that they saw when they ordered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from livesim.engine.fates import Counts, check_countable
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs
from livesim.scenario.quantities import Floats


@dataclass
class _Waiting:
    """Orders that saw the same prices: both by column, shape (R, C)."""

    price: Floats
    counts: Counts


class Checkout:
    """The queue of attempts that wait to be taken.

    Parameters
    ----------
    capacity
        Most orders that it takes [orders/s]; None for no limit.
    inputs, streams
        The drawn numbers and streams of the block.
    """

    def __init__(self, capacity: float | None, inputs: Inputs, streams: Streams) -> None:
        self._capacity = capacity
        self._queue: list[_Waiting] = []
        self._rng = streams.checkout()

    @property
    def waiting(self) -> bool:
        """Whether anybody waits in any replication."""
        return bool(self._queue)

    @property
    def pace(self) -> float:
        """Time in which it takes one order [s]."""
        return 1.0 / self._capacity if self._capacity else 0.0

    def let_through(
        self, attempts: Counts, price: Floats, start: float, end: float
    ) -> tuple[Counts, Floats]:
        """Add the attempts of an interval to the queue and take as many as the checkout can.

        Parameters
        ----------
        attempts
            By variant, room and whether they are fake, shape (R, C).
        price
            What they saw [currency/unit], shape (R, C).
        start, end
            The interval [s].

        Returns
        -------
        tuple of ndarray
            Attempts taken in the interval, and their mean price [currency/unit], shape (R, C).
        """
        if self._capacity is None:
            return attempts, price
        self._join(attempts, price)
        places = math.floor(self._capacity * end + 1e-9) - math.floor(self._capacity * start + 1e-9)
        taken = self._first(attempts.shape, places)
        self._queue = [group for group in self._queue if group.counts.any()]
        return taken

    def _join(self, attempts: Counts, price: Floats) -> None:
        """Let attempts wait with those who saw the same price; a group nobody is in takes any."""
        left = attempts.copy()
        for group in self._queue:
            np.copyto(group.price, price, where=group.counts == 0)
            same = group.price == price
            group.counts += np.where(same, left, 0)
            left[same] = 0
        if left.any():
            self._queue.append(_Waiting(price.copy(), left))

    def _first(self, shape: tuple[int, ...], places: int) -> tuple[Counts, Floats]:
        """Draw which of those waiting are taken: a random subset of each replication's queue."""
        taken, value = np.zeros(shape, dtype=np.int64), np.zeros(shape)
        others = np.zeros(shape[0], dtype=np.int64)
        for group in self._queue:
            others += group.counts.sum(axis=1)
        check_countable(int(others.max()))
        left = np.minimum(others, places)
        for group in self._queue:
            for variant in np.flatnonzero(group.counts.any(axis=0)).tolist():
                mine = group.counts[:, variant].copy()
                others = others - mine
                chosen = self._rng.hypergeometric(mine, others, left)
                left = left - chosen
                group.counts[:, variant] -= chosen
                taken[:, variant] += chosen
                value[:, variant] += chosen * group.price[:, variant]
        return taken, value / np.maximum(taken, 1)
