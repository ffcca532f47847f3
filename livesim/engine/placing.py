"""From a try to an order that is placed: what stands between the crowd and the checkout's queue.

Where buying leads out of the app, each step loses some of those who try to order; and between the
orders that are left, the host's helpers may place fake ones. Both are drawn from streams of the
account, one number a variant and refresh, from the attempts alone: the same at every stock level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.engine.fates import Counts
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs
from livesim.scenario.quantities import Floats

#: Is told who drops out of the checkout's steps: by variant, shape (R, V), and since when they have
#: tried to order [s].
Observer: TypeAlias = Callable[[Counts, float], None]


def unobserved(dropped: Counts, start: float) -> None:
    """Take no note."""


@dataclass(frozen=True)
class Orders:
    """Orders for one variant that are through the checkout's queue, each of shape (R, rooms).

    Parameters
    ----------
    all
        Real and fake orders.
    fake
        How many of them are fake; 0 where there can be none.
    price
        Mean price that they saw [currency/unit].
    """

    all: Counts
    fake: Counts | int
    price: Floats


class Placing:
    """Who of those who try to order gets as far as the queue, and who is put among them.

    Parameters
    ----------
    inputs, streams
        The drawn numbers and streams of the block.

    Attributes
    ----------
    dropped
        Attempts that a step of the checkout has lost so far, by variant, shape (R, V).
    variant_of
        The queue holds C columns of orders: the real ones for each variant in each room, then the
        fake ones for each variant that has any. This is the variant of each, shape (C,).
    observer
        Is told who drops out.

    Notes
    -----
    Each order is fake with the same chance φ, whatever the others are, so between two real orders
    stands a geometric number of fake ones: of n real ones, NegBinomial(n, 1 − φ) in all, and the
    orders of a show are 1 / (1 − φ) times the real ones on average.
    """

    def __init__(self, inputs: Inputs, streams: Streams) -> None:
        self._through, self._real_share = inputs.through, 1.0 - inputs.fake_share
        self._product_of = inputs.product_of
        faked = (inputs.fake_share > 0).max(axis=0)[inputs.product_of]
        self._rooms = len(inputs.rooms)
        variants = np.append(np.arange(len(faked)), np.flatnonzero(faked))
        self.variant_of: NDArray[np.intp] = np.repeat(variants, self._rooms)
        self._column_of_fakes = {
            variant: (len(faked) + number) * self._rooms
            for number, variant in enumerate(np.flatnonzero(faked).tolist())
        }
        addresses = [
            (inputs.products[product], variant)
            for product, variant in zip(inputs.product_of, inputs.variants, strict=True)
        ]
        self._steps = [streams.account(*address, "steps") for address in addresses]
        self._fakes = [streams.account(*address, "fakes") for address in addresses]
        self._loses = bool((self._through < 1.0).any())
        self.dropped = np.zeros((inputs.replications, len(faked)), dtype=np.int64)
        self.observer: Observer = unobserved

    def placed(self, attempts: Counts, start: float) -> Counts:
        """Return the orders that join the queue, real and fake, shape (R, C).

        Parameters
        ----------
        attempts
            By variant and room, rooms last, shape (R, V · rooms).
        start
            Since when they have tried [s].
        """
        real = self._through_steps(attempts, start) if self._loses else attempts
        if not self._column_of_fakes:
            return real
        beside = [
            self._beside(real, column)
            for variant in self._column_of_fakes
            for column in range(variant * self._rooms, (variant + 1) * self._rooms)
        ]
        return np.column_stack([real, *beside])

    def of(self, variant: int, passed: Counts, price: Floats) -> Orders:
        """Put together the orders for one variant that have passed the queue.

        Parameters
        ----------
        variant
            Its number.
        passed, price
            Orders that have passed and the mean price that they saw, shape (R, C).
        """
        first = variant * self._rooms
        real = slice(first, first + self._rooms)
        if variant not in self._column_of_fakes:
            return Orders(passed[:, real], 0, price[:, real])
        first = self._column_of_fakes[variant]
        fake = slice(first, first + self._rooms)
        total = passed[:, real] + passed[:, fake]
        value = passed[:, real] * price[:, real] + passed[:, fake] * price[:, fake]
        return Orders(total, passed[:, fake], value / np.maximum(total, 1))

    def _through_steps(self, attempts: Counts, start: float) -> Counts:
        through = attempts.copy()
        for column in np.flatnonzero(attempts.any(axis=0)).tolist():
            steps = self._steps[self.variant_of[column]]
            through[:, column] = steps.binomial(attempts[:, column], self._through)
        dropped = (attempts - through).reshape(len(attempts), -1, self._rooms).sum(axis=2)
        self.dropped += dropped
        self.observer(dropped, start)
        return through

    def _beside(self, real: Counts, column: int) -> Counts:
        """Draw the fake orders that stand between the real ones of a column, shape (R,)."""
        fake, variant = np.zeros(len(real), dtype=np.int64), self.variant_of[column]
        rows = np.flatnonzero(real[:, column])
        share = self._real_share[rows, self._product_of[variant]]
        fake[rows] = self._fakes[variant].negative_binomial(real[rows, column], share)
        return fake
