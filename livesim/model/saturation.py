"""Orders that saturate: what to expect at several factors on the odds to order.

Who decides may order only once, and at high odds decides the sooner: orders come earlier, and less
than proportionally many. All else is as `expectation` has it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.model.arrivals import arrival_chance
from livesim.model.expectation import Plan, plan_of, still_there
from livesim.model.inputs import Inputs

#: What has a reciprocal, and is next to none.
_NO_ORDERS: Final = 1e-300


@dataclass(frozen=True)
class Saturation:
    """Orders by the factor on the odds, in R shows.

    Of viewers who stay alike and see an offer for long, the reciprocal of orders is a straight line
    in the reciprocal of the factor; of others nearly so, between two neighbours.

    Parameters
    ----------
    factors
        On the odds to order [1], rising, shape (F,).
    orders
        At each of them, shape (R, F).
    """

    factors: Floats
    orders: Floats

    def at(self, factor: Floats) -> Floats:
        """Return the orders at one factor [1] in each show, shape (R,).

        Examples
        --------
        >>> factors = np.array([0.01, 1.0, 100.0])
        >>> one = Saturation(factors, factors[None] / (1.0 + factors))
        >>> one.at(np.array([3.0])).round(6).tolist()
        [0.75]
        """
        return -1.0 / _between(self._below, self._orders, -1.0 / factor)

    def factor(self, orders: Floats) -> Floats:
        """Return the factor [1] at which there are so many orders in each show, shape (R,).

        No factor is beyond those that were worked out.

        Examples
        --------
        >>> factors = np.array([0.01, 1.0, 100.0])
        >>> one = Saturation(factors, factors[None] / (1.0 + factors))
        >>> one.factor(np.array([0.75])).round(6).tolist()
        [3.0]
        """
        return -1.0 / _between(self._orders, self._below, -1.0 / orders)

    def rows(self, which: NDArray[np.intp]) -> Saturation:
        """Return some of the shows, of which one may be there several times."""
        return Saturation(self.factors, self.orders[which])

    def mean(self) -> Saturation:
        """Return the mean show as the only one."""
        return Saturation(self.factors, self.orders.mean(axis=0, keepdims=True))

    @property
    def _below(self) -> Floats:
        return np.broadcast_to(-1.0 / self.factors, self.orders.shape)

    @property
    def _orders(self) -> Floats:
        return np.asarray(-1.0 / np.maximum(self.orders, _NO_ORDERS))


def _between(known: Floats, values: Floats, at: Floats) -> Floats:
    """Return values on straight lines between known places, row by row: `np.interp` for rows."""
    row = np.arange(len(known))
    right = np.clip((known <= at[:, None]).sum(axis=1), 1, known.shape[1] - 1)
    left, wide = right - 1, known[row, right] - known[row, right - 1]
    part = np.divide(at - known[row, left], wide, out=np.ones_like(wide), where=wide > 0)
    part = np.clip(part, 0.0, 1.0)
    return np.asarray(values[row, left] * (1.0 - part) + values[row, right] * part)


@dataclass(frozen=True)
class OrdersByFactor:
    """Expected orders of a viewer at several factors on the odds, which all products have.

    Parameters
    ----------
    factors
        On the odds to order [1], shape (F,).
    times
        Moments of the refreshes [s], shape (T + 1,).
    undecided
        Seconds for which a viewer is undecided until each of them, shape (F, R, T + 1).
    begins, about
        As of an `Expectation`.
    ordering
        By product: orders placed for each decision at a factor of 1 [1].
    """

    factors: Floats
    times: Floats
    undecided: Floats
    begins: NDArray[np.intp]
    about: Floats
    ordering: dict[str, float]

    def until(self, product: str, moment: float) -> Saturation:
        """Return a viewer's orders of a product that are placed by a moment [s]."""
        column = [*self.ordering].index(product)
        after = min(max(int(np.searchsorted(self.times, moment)), 1), len(self.times) - 1)
        first, last = self.times[after - 1], self.times[after]
        part = min(max((moment - first) / (last - first), 0.0), 1.0)
        now = self.undecided[..., after - 1] * (1.0 - part) + self.undecided[..., after] * part
        began = self.begins[self.begins < after]
        seconds = np.diff(self.undecided[..., began], append=now[..., None])
        decisions = seconds @ self.about[: len(began), column]
        orders = self.ordering[product] * (self.factors[:, None] * decisions).T
        return Saturation(self.factors, orders)


def expect_by_factor(inputs: Inputs, factors: Floats) -> OrdersByFactor:
    """Return the expected orders of a viewer at several factors on the odds to order.

    Parameters
    ----------
    inputs
        The show in R replications that differ in who comes when alone.
    factors
        On the odds of all products [1], shape (F,).

    Examples
    --------
    >>> import livesim
    >>> from livesim.resolve.inputs import inputs_of
    >>> inputs = inputs_of(livesim.load("scenarios/brand_room.yaml"))
    >>> found = expect_by_factor(inputs, np.array([1.0, 2.0]))
    >>> found.until("serum", 10_800.0).orders.round(4).tolist()
    [[0.02, 0.0384]]
    """
    plan, length = plan_of(inputs), inputs.refreshes
    pace = plan.pace[plan.begins] + np.multiply.outer(factors - 1.0, plan.ordering)
    shape = (len(factors), inputs.replications, length + 1)
    undecided, viewers = np.zeros(shape), np.zeros(inputs.replications)
    with np.errstate(under="ignore"):
        for segment in inputs.segments:
            come = arrival_chance(segment.hazards, np.ones(inputs.replications)).T
            still = np.cumprod(np.insert(1.0 - come, 0, 1.0, axis=1), axis=1)
            viewers += float(segment.reach[0]) * (1.0 - still[:, -1])
            newcomers = float(segment.reach[0]) * (still[:, :-1] * come)[:, :length]
            for share, stay in zip(segment.phase_share, segment.mean_stay[0], strict=True):
                for row, at in zip(undecided, pace, strict=True):
                    row[:, 1:] += _undecided(share * newcomers, float(stay), inputs, plan, at)
    placed = inputs.through[0] / (1.0 - inputs.fake_share[0])
    return OrdersByFactor(
        factors=factors,
        times=np.arange(length + 1, dtype=float) * inputs.refresh,
        undecided=np.cumsum(undecided, axis=-1) / viewers[:, None],
        begins=plan.begins,
        about=plan.about,
        ordering=dict(zip(inputs.products, (placed * inputs.conversion[0]).tolist(), strict=True)),
    )


def _undecided(newcomers: Floats, stay: float, inputs: Inputs, plan: Plan, pace: Floats) -> Floats:
    """Return the seconds for which viewers with like stays are undecided in each refresh, (R, T).

    Of newcomers at each refresh, shape (R, T), who decide in each stretch at a pace [1/s]. What
    `_follow_phase` follows one by one, of many shows.
    """
    staying, seconds_of = math.exp(-inputs.refresh / stay), np.zeros_like(newcomers)
    undecided, decided = np.zeros((2, len(newcomers)))
    cuts = np.union1d(plan.begins, np.flatnonzero(plan.starts_slot[:-1]))
    stretches = np.searchsorted(plan.begins, cuts, side="right") - 1
    for start, end, stretch in zip(cuts, [*cuts[1:], None], stretches, strict=True):
        total = 1.0 / stay + pace[stretch]
        keep = math.exp(-total * inputs.refresh)
        seconds = (1.0 - keep) / total if total > 0 else inputs.refresh
        if plan.starts_slot[start]:
            undecided, decided = undecided + decided, np.zeros_like(decided)
        new = newcomers[:, start:end].copy()
        new[:, 0] += undecided
        there = still_there(new, keep)
        seconds_of[:, start:end] = there * seconds
        undecided = there[:, -1] * keep
        later = np.arange(there.shape[1] - 1, -1, -1)
        decided = decided * staying ** (later[0] + 1)
        decided += (there * staying**later).sum(axis=1) * (pace[stretch] * seconds)
    return seconds_of
