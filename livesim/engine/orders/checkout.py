"""The checkout in front of the stock: so many orders a second, and nobody gives up.

By the time t it has had room for ⌊capacity · t⌋ orders since the start; what it cannot take waits,
and room that nobody used is gone. Among those who wait, who comes next is random. Who waits pays
the price that they saw when they ordered.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from livesim.arrays import Counts, Floats
from livesim.engine.orders.placed import Placed
from livesim.engine.state import State
from livesim.engine.streams import Streams
from livesim.errors import UsageError
from livesim.model.inputs import Inputs

#: After the show, the queue is looked at so often [s], or whenever the checkout has taken an order.
LOOK = 30.0


@dataclass
class _Waiting:
    """Orders that saw the same prices: both by column, shape (R, C)."""

    price: Floats
    counts: Counts


class Checkout:
    """The queue of orders that wait to be taken.

    Parameters
    ----------
    inputs, streams
        The drawn numbers and streams of the block.
    start
        Who waits when a show that is on the air goes on.

    Notes
    -----
    It holds columns of orders: real ones of each variant and room, then fake ones.
    """

    def __init__(self, inputs: Inputs, streams: Streams, start: State | None = None) -> None:
        self._capacity, self._refresh = inputs.capacity, inputs.refresh
        self._queue: list[_Waiting] = []
        self._rng = streams.checkout()
        self._shape = (2, len(inputs.variants), len(inputs.rooms))
        self._rows = inputs.replications
        if start is not None:
            groups = zip(start.queue_price.swapaxes(0, 1), start.queue.swapaxes(0, 1), strict=True)
            self._queue = [_Waiting(price.copy(), counts.copy()) for price, counts in groups]

    @property
    def waiting(self) -> bool:
        """Whether anybody waits in any replication."""
        return bool(self._queue)

    @property
    def queue(self) -> tuple[Counts, Floats]:
        """Who waits, and the prices that they saw, by group and column, shape (R, groups, C)."""
        shape = self._rows, 0, math.prod(self._shape)
        if not self._queue:
            return np.zeros(shape, dtype=np.int64), np.zeros(shape)
        counts, price = (
            [getattr(one, name) for one in self._queue] for name in ("counts", "price")
        )
        return np.stack(counts, axis=1), np.stack(price, axis=1)

    def passed(self, placed: Sequence[Placed], steps: range) -> Iterator[Placed]:
        """Yield the orders that it lets through in some steps, a variant at a time.

        Parameters
        ----------
        placed
            The orders that are placed in these steps.
        steps
            Which steps: refresh by refresh.
        """
        if math.isinf(self._capacity):
            yield from placed
            return
        joins: dict[int, list[tuple[Placed, int]]] = defaultdict(list)
        for one in placed:
            for number, step in enumerate(one.step.tolist()):
                joins[step].append((one, number))
        taken = []
        for step in steps:
            if not (self._queue or step in joins):
                continue
            self._join(*self._columns(joins.get(step, [])))
            if not self._queue:  # a step of the checkout has lost all who tried
                continue
            taken.append((step, *self._take((step - 1) * self._refresh, step * self._refresh)))
        yield from self._by_variant(taken)

    def work_off(self, step: int, times: list[float]) -> Iterator[Placed]:
        """Yield what it lets through after the show, until nobody waits.

        Parameters
        ----------
        step
            The show's last step.
        times
            The end of each step [s]; those that it takes are added.
        """
        taken = []
        while self._queue:
            step, start = step + 1, times[-1]
            times.append(start + max(LOOK, 1.0 / self._capacity))
            taken.append((step, *self._take(start, times[-1])))
        yield from self._by_variant(taken)

    def _columns(self, joins: Sequence[tuple[Placed, int]]) -> tuple[Counts, Floats]:
        """Return a step's orders and their prices by column, shape (R, C)."""
        orders = np.zeros((self._rows, *self._shape), dtype=np.int64)
        price = np.zeros((self._rows, *self._shape))
        for one, number in joins:
            orders[:, 0, one.variant] = one.real[number].T
            if one.fake.shape[1]:
                orders[:, 1, one.variant] = one.fake[number].T
            price[:, :, one.variant] = one.price[number][:, None, None]
        return orders.reshape(self._rows, -1), price.reshape(self._rows, -1)

    def _by_variant(self, taken: Sequence[tuple[int, Counts, Floats]]) -> Iterator[Placed]:
        """Yield what was let through, with the mean price of those taken together."""
        if not taken:
            return
        steps = np.array([step for step, _, _ in taken])
        shape = (len(taken), self._rows, *self._shape)
        orders = np.stack([counts for _, counts, _ in taken]).reshape(shape)
        value = np.stack([value for _, _, value in taken]).reshape(shape).sum(axis=(2, 4))
        for variant in np.flatnonzero(orders.any(axis=(0, 1, 2, 4))).tolist():
            mine = orders[:, :, :, variant]
            some = np.flatnonzero(mine.any(axis=(1, 2, 3)))
            real, fake = (mine[some][:, :, which].transpose(0, 2, 1) for which in (0, 1))
            many = np.maximum(mine[some].sum(axis=(2, 3)), 1)
            fake = fake if fake.any() else fake[:, :0]
            yield Placed(variant, steps[some], real, fake, value[some][:, :, variant] / many)

    def _join(self, orders: Counts, price: Floats) -> None:
        """Let orders wait with those who saw the same price; a group nobody is in takes any."""
        left = orders.copy()
        for group in self._queue:
            np.copyto(group.price, price, where=group.counts == 0)
            same = group.price == price
            group.counts += np.where(same, left, 0)
            left[same] = 0
        if left.any():
            self._queue.append(_Waiting(price.copy(), left))

    def _places(self, start: float, end: float) -> int:
        """Return how many orders get through between two moments [s]."""
        if math.isinf(self._capacity):  # a line that the show brought from before it was opened
            return int(np.iinfo(np.int64).max)
        return math.floor(self._capacity * end + 1e-9) - math.floor(self._capacity * start + 1e-9)

    def _take(self, start: float, end: float) -> tuple[Counts, Floats]:
        """Take as many as there is room for; return how many, and their value, shape (R, C)."""
        places = self._places(start, end)
        shape = self._queue[0].counts.shape
        taken, value = np.zeros(shape, dtype=np.int64), np.zeros(shape)
        others = np.zeros(shape[0], dtype=np.int64)
        for group in self._queue:
            others += group.counts.sum(axis=1)
        check_countable(int(others.max()))
        if (others <= places).all():  # all get through: there is nothing to draw
            for group in self._queue:
                taken += group.counts
                value += group.counts * group.price
            self._queue = []
            return taken, value
        left = np.minimum(others, places)
        for group in self._queue:
            for column in np.flatnonzero(group.counts.any(axis=0)).tolist():
                mine = group.counts[:, column].copy()
                others = others - mine
                chosen = self._rng.hypergeometric(mine, others, left)
                left = left - chosen
                group.counts[:, column] -= chosen
                taken[:, column] += chosen
                value[:, column] += chosen * group.price[:, column]
        self._queue = [group for group in self._queue if group.counts.any()]
        return taken, value


def check_countable(orders: int) -> None:
    """Refuse more orders at once than NumPy can draw from without replacement: 10⁹.

    Raises
    ------
    UsageError
        If there are more.
    """
    if orders >= 10**9:
        raise UsageError(
            f"{orders:,} orders want to be served at the same moment, and at most 999,999,999 "
            "can be put in line: check the reach and the conversion, or shorten show.refresh"
        )
