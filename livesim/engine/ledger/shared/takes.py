"""What orders take of accounts that share stock, and on which conditions.

A *line* is what is taken together: by a unit sold of a variant, or by an order that a gift comes
with. It has a *condition* for each account that it takes of: that there are as many units as it
needs. A line is open while all of its conditions hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.ledger.book import ORDERS, PAYING, UNITS
from livesim.model.inputs import Inputs

Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Takes:
    """What orders of U variants take of K accounts: the variants', and of gifts that are counted.

    Parameters
    ----------
    needs
        Units that each line takes of each account, shape (L, K): the lines of the variants first.
    host
        The variant whose orders each line is of, shape (L,).
    counted
        How many there are of what is counted, beside the variants' accounts, shape (K − U,).
    """

    needs: Counts
    host: Numbers
    counted: Counts

    @staticmethod
    def of(inputs: Inputs, variants: Numbers) -> Takes:
        """Return what orders of some variants of a show take, which share stock with no others."""
        place = {number: n for n, number in enumerate(variants.tolist())}
        counted: list[int] = []
        rows, host = list[list[int]](), list(range(len(variants)))
        for gift in (gift for gift in inputs.gifts if gift.variant in place):
            accounts = [place[gift.variant]]
            if gift.first < np.inf:
                accounts.append(len(variants) + len(counted))
                counted.append(int(gift.first))
            rows += [accounts] * len(gift.to)
            host += [place[one] for one in gift.to]
        needs = np.zeros((len(host), len(variants) + len(counted)), dtype=np.int64)
        needs[: len(variants), : len(variants)] = inputs.takes[np.ix_(variants, variants)]
        for line, accounts in enumerate(rows, len(variants)):
            needs[line, accounts] = 1
        return Takes(needs, np.array(host, dtype=np.intp), np.array(counted, dtype=np.int64))

    @property
    def variants(self) -> int:
        """The number U of variants."""
        return int(self.needs.shape[1] - len(self.counted))

    @cached_property
    def conditions(self) -> tuple[Numbers, Numbers, Counts]:
        """Line, account and least units of each condition, shape (C,), by line."""
        line, account = np.nonzero(self.needs)
        return line, account, self.needs[line, account]

    @cached_property
    def _first(self) -> Numbers:
        """The first condition of each line, shape (L,)."""
        return np.flatnonzero(np.diff(self.conditions[0], prepend=-1))

    def lines(self, sums: Counts) -> Counts:
        """Return how often orders that add up to so much take each line, (…, U, C) → (…, L)."""
        units, orders = sums[..., UNITS], sums[..., ORDERS]
        return np.concatenate([units, orders[..., self.host[self.variants :]]], axis=-1)

    def units(self, lines: Counts | Floats) -> Counts:
        """Return the units that lines take of accounts, (…, L) → (…, K).

        As many come back of those that are not paid.
        """
        return self.in_floats(lines).astype(np.int64)

    def in_floats(self, lines: Counts | Floats) -> Floats:
        """Return the same in floats, which are exact, and fast in one table."""
        table = lines.reshape(-1, len(self.needs)).astype(float, copy=False)
        return np.asarray((table @ self._needs).reshape(*lines.shape[:-1], self.needs.shape[1]))

    @cached_property
    def _needs(self) -> Floats:
        return self.needs.astype(float)

    def paid(self, sums: Counts) -> Counts:
        """Return how often orders of these that are paid take each line, shape (…, L)."""
        units, orders = sums[..., PAYING], sums[..., -1]
        return np.concatenate([units, orders[..., self.host[self.variants :]]], axis=-1)

    def open(self, holds: Truths) -> Truths:
        """Return which lines are open, shape (F, L), from which conditions hold, (F, C)."""
        open_ = np.logical_and.reduceat(holds, self._first, axis=1)
        return np.asarray(open_ & open_[:, self.host])
