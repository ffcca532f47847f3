"""What a webshop orders of the same stock while the show runs.

Its orders are a Poisson process, a unit each, and stand in line among the show's: each has its own
moment. Nothing is drawn of them where no product has a webshop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from livesim.arrays import Floats, Numbers
from livesim.engine.orders.orders import Kinds, Orders
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs

#: Returns the prices shown in some steps, by replication and product, shape (n, R).
Prices: TypeAlias = Callable[[Numbers, int], Floats]
_DAY = 86_400.0


class Webshops:
    """The orders of all webshops in R replications, known before the show goes on.

    Parameters
    ----------
    inputs, streams
        The drawn numbers and streams of the block.
    kinds
        What orders can be, a webshop's last.
    """

    def __init__(self, inputs: Inputs, streams: Streams, kinds: Kinds) -> None:
        self._product_of = inputs.product_of
        mine = np.flatnonzero(inputs.webshops[inputs.product_of]).tolist()
        parts = [_orders_of(inputs, streams, variant, len(kinds.units) - 1) for variant in mine]
        orders = Orders.joined(parts)
        self._orders = orders.take(np.argsort(orders.step, kind="stable"))

    def beside(self, orders: Orders, prices: Prices, steps: range) -> Orders:
        """Return the orders of a show in some steps together with these, by variant and time.

        A batch has one price: where both order, the show's. What a webshop's units bring is no part
        of the value ordered in the show.
        """
        first, end = np.searchsorted(self._orders.step, [steps.start, steps.stop])
        mine = self._orders.take(np.arange(first, end))
        price, product = np.zeros(len(mine)), self._product_of[mine.cell]
        for number in np.unique(product).tolist():
            some = np.flatnonzero(product == number)
            shown, place = np.unique(mine.step[some], return_inverse=True)
            price[some] = prices(shown, number)[place, mine.row[some]]
        return in_one_line([orders, replace(mine, price=price)])


def in_one_line(parts: Sequence[Orders]) -> Orders:
    """Return orders by variant and time, those of the same variant and step in one batch."""
    both = Orders.joined(parts)
    both = both.take(np.lexsort((both.step, both.row, both.cell)))
    if not len(both):
        return both
    keys = np.stack([both.cell, both.row, both.step])
    new = np.flatnonzero((np.diff(keys, prepend=-1) != 0).any(axis=0))
    return replace(
        both,
        **{name: getattr(both, name)[new] for name in ("cell", "row", "step", "price", "seed")},
        first=np.append(both.first[new], both.first[-1]),
    )


def _orders_of(inputs: Inputs, streams: Streams, variant: int, kind: int) -> Orders:
    """Draw what a webshop orders of a variant in the steps that are still to come."""
    product = int(inputs.product_of[variant])
    rng = streams.account(inputs.products[product], inputs.variants[variant], "webshop")
    steps = inputs.refreshes - streams.start
    days = steps * inputs.refresh / _DAY
    many = rng.poisson(inputs.webshop[:, product] * inputs.variant_share[variant] * days)
    row = np.repeat(np.arange(inputs.replications), many)
    step = streams.start + 1 + rng.integers(steps, size=len(row))
    batches, count = np.unique(np.stack([row, step]), axis=1, return_counts=True)
    size = len(count)
    return Orders(
        cell=np.full(size, variant, dtype=np.intp),
        row=batches[0],
        step=batches[1],
        price=np.zeros(size),
        seed=rng.bit_generator.random_raw(size),
        first=np.arange(size + 1),
        kind=np.full(size, kind, dtype=np.int16),
        count=count.astype(np.int64),
    )
