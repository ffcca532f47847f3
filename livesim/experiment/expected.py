"""What each of many worlds lets expect of a show up to a moment.

The show is simulated with a crowd so large that nothing is lost by whole numbers, of whom as many
act as is expected, and its counts are taken down to the size of the real one: all that moves
viewers is in it, guests, feedback and prices too.
The stock is without end, for what is expected is what is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, cast

import numpy as np

from livesim.arrays import Counts, Floats, Numbers, Small
from livesim.engine.clock import SWEEP
from livesim.engine.recorder import watched_until
from livesim.engine.recording import Audience
from livesim.engine.release_plan import UNLIMITED, Cells
from livesim.engine.state import State
from livesim.engine.streams import Streams
from livesim.experiment.starting import with_absent
from livesim.model.inputs import Inputs
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

#: So many times the reach at least, and so many viewers: rounding is then far below the chance in
#: what is seen.
_TIMES: Final = 1_000
_REACH: Final = 20_000_000_000


@dataclass(frozen=True)
class _Means:
    """Draws that come out as expected where they divide people or orders; others are drawn."""

    drawn: np.random.Generator

    def __getattr__(self, name: str) -> Any:
        """Return what draws anything else."""
        return getattr(self.drawn, name)

    def binomial(self, trials: Counts, chance: Floats) -> Counts:
        """Return the means of binomials, in whole numbers."""
        return np.rint(trials * chance).astype(np.int64)

    def multinomial(self, trials: Counts, chances: Floats) -> Counts:
        """Return the means of multinomials, in whole numbers that add up."""
        parts = (trials[..., None] * chances).astype(np.int64)
        parts[..., -1] = trials - parts[..., :-1].sum(axis=-1)
        return parts


@dataclass(frozen=True)
class _Expecting(Streams):
    """Streams by which viewers do what is expected of them."""

    def crowd(self, segment: str, act: str) -> np.random.Generator:
        """Return what stands for the stream of one act of one segment's viewers."""
        return cast(np.random.Generator, _Means(super().crowd(segment, act)))

    def account(self, product: str, variant: str, *part: str) -> np.random.Generator:
        """Return what stands for a stream of one variant's orders."""
        return cast(np.random.Generator, _Means(super().account(product, variant, *part)))


@dataclass(frozen=True)
class Expected:
    """R worlds up to a moment, M moments looked at on the way.

    Parameters
    ----------
    drawn
        What was drawn of each world, by path, shape (R,).
    inputs
        The show's numbers in each.
    state
        What has become of each by then, its viewers and orders ``times`` as many.
    audience
        Who watched on the way, as many times.
    times
        By how much the crowd was enlarged.
    refreshes
        Numbers of the refreshes at the moments, shape (M,).
    """

    drawn: Mapping[str, Floats]
    inputs: Inputs
    state: State
    audience: Audience
    times: int
    refreshes: Numbers

    @cached_property
    def reach(self) -> Floats:
        """People who could come, shape (R,)."""
        return np.asarray(np.sum([s.reach for s in self.inputs.segments], axis=0) / self.times)

    @cached_property
    def viewers(self) -> Floats:
        """Unique viewers so far, shape (M, R)."""
        return self._looked(self.audience.viewers)

    @cached_property
    def watching(self) -> Floats:
        """Concurrent viewers, shape (M, R)."""
        return self._looked(self.audience.watching)

    @cached_property
    def taken(self) -> Floats:
        """Units in orders so far that are paid or may be, by what was ordered, shape (M, V, R)."""
        orders = self.state.orders
        back = self._swept[orders.cell, orders.step]
        unpaid = self.inputs.unpaid[orders.row, self._product]
        lapsed = self._so_far(self._units * unpaid, back)
        return self._so_far(self._units, orders.step) - lapsed

    @cached_property
    def used(self) -> Floats:
        """Units of each variant's stock that these orders take, gifts among them, (M, V, R).

        A bundle's units are those of its components; of the bundle itself there are none.
        """
        found = np.einsum("vu,mvr->mur", self.inputs.takes, self.taken)
        for gift in self.inputs.gifts:
            given = self.orders[:, list(gift.to)].sum(axis=1)
            found[:, gift.variant] += np.minimum(given, gift.first)
        return np.asarray(found)

    @cached_property
    def orders(self) -> Floats:
        """Orders so far, shape (M, V, R)."""
        return self._so_far(self.state.orders.size, self.state.orders.step)

    @cached_property
    def orders_per_unit(self) -> Floats:
        """Orders of each variant for a unit that they take [1], shape (V, R)."""
        orders, units = self.orders[-1], self.taken[-1]
        return np.asarray(np.divide(orders, units, out=np.ones_like(units), where=units > 0))

    def served(self, stock: Counts) -> Floats:
        """Return the share of the orders that find units [1], shape (M, V, R).

        Parameters
        ----------
        stock
            Units of each variant, shape (V,). A bundle finds as many as its scarcest component.
        """
        used, takes = self.used, self.inputs.takes
        there = np.minimum(used, stock[:, None])
        share = np.divide(there, used, out=np.ones_like(used), where=used > 0)
        for bundle in np.flatnonzero(takes.diagonal() == 0):
            share[:, bundle] = share[:, np.flatnonzero(takes[bundle])].min(axis=1)
        return share

    @cached_property
    def open(self) -> Floats:
        """Share of the units taken that may still lapse at the last moment [1], shape (V, R)."""
        orders = self.state.orders
        waiting = self._swept[orders.cell, orders.step] > self.refreshes[-1]
        still = self._so_far(self._units * waiting, orders.step)[-1]
        share = np.divide(still, self.taken[-1], out=np.zeros_like(still), where=still > 0)
        return np.asarray(np.minimum(share, 1.0))

    @cached_property
    def units_per_order(self) -> tuple[float, float]:
        """Units of an order, and of the order of a unit: the mean and the size-biased mean [1]."""
        placed = self.orders[-1].sum(axis=-1)
        if not placed.any():
            return 1.0, 1.0
        mean, square = (self._moment(power)[self.inputs.product_of] for power in (1, 2))
        units = float(placed @ mean)
        return units / float(placed.sum()), float(placed @ square) / units

    @cached_property
    def _product(self) -> Numbers:
        """The product of each batch of orders."""
        return self.inputs.product_of[self.state.orders.cell // Cells(self.inputs).of_variant]

    @cached_property
    def _units(self) -> Floats:
        """Units of each batch of orders."""
        return np.asarray(self.state.orders.size * self._moment(1)[self._product])

    def _moment(self, power: int) -> Floats:
        """Return the mean of the units of an order to some power, by product [1]."""
        quantity = self.inputs.quantity
        return np.array([sum(n**power * share for n, share in of.items()) for of in quantity])

    @cached_property
    def _swept(self) -> Numbers:
        """The step at whose end the orders of each step are swept, by cell, (cells, steps)."""
        inputs = self.inputs
        ends = np.arange(inputs.refreshes + 1) * inputs.refresh
        sweep_at = np.ceil((ends + inputs.timeout[:, None]) / SWEEP - 1e-9) * SWEEP
        swept = np.where(np.isfinite(sweep_at), sweep_at / inputs.refresh, 2.0**40)
        by_variant = np.ceil(swept - 1e-6).astype(np.intp)[inputs.product_of]
        return np.repeat(by_variant, Cells(inputs).of_variant, axis=0)

    def _looked(self, counts: Small) -> Floats:
        """Return what was counted at the looks, at the moments and in the real size, (M, R)."""
        ends = self.refreshes * self.inputs.refresh
        looks = self.audience.looks
        after = np.clip(np.searchsorted(looks, ends - 1e-6), 1, len(looks) - 1)
        part = np.clip((ends - looks[after - 1]) / (looks[after] - looks[after - 1]), 0.0, 1.0)
        before = counts[after - 1] * (1.0 - part[:, None])
        return np.asarray((before + counts[after] * part[:, None]) / self.times)

    def _so_far(self, counts: Counts | Floats, step: Numbers) -> Floats:
        """Add up what stands in batches of orders by moment, variant and world, (M, V, R)."""
        inputs, orders = self.inputs, self.state.orders
        shape = len(self.refreshes) + 1, len(inputs.variants), inputs.replications
        moment = np.searchsorted(self.refreshes, step)  # a step counts from its end on
        variant = orders.cell // Cells(inputs).of_variant
        place = np.ravel_multi_index((moment, variant, orders.row), shape)
        found = np.bincount(place, counts, minlength=int(np.prod(shape))).reshape(shape)
        return np.asarray(np.cumsum(found[:-1], axis=0) / self.times)


def of_people(path: str) -> bool:
    """Say whether a path tells if and when somebody comes, which everybody sees on the air."""
    return path.startswith("people.") and path.endswith((".late", ".no_show"))


def expected(
    scenario: Scenario,
    drawn: Mapping[str, Floats],
    worlds: int,
    refreshes: Sequence[int],
    *,
    absent: Sequence[str] | None,
    streams: Streams,
    together: int = 1,
) -> Expected:
    """Return what worlds let expect.

    Parameters
    ----------
    scenario
        The show.
    drawn
        What was drawn of each world, by path, shape (R,).
    worlds
        Their number R.
    refreshes
        Numbers of the refreshes of interest, the last one at the moment up to which it goes.
    absent
        Who should have come and has not; all others that are announced by then are there. None: as
        planned.
    streams
        Streams of the worlds.
    together
        How many refreshes are one: that is faster, and what happens on stage happens up to so much
        later. It divides all of `refreshes`.
    """
    rarely = scenario.show.model_copy(update={"refresh": scenario.show.refresh * together})
    inputs = inputs_of(scenario.model_copy(update={"show": rarely}), drawn, worlds)
    looks = np.array(refreshes, dtype=np.intp) // together
    inputs = with_absent(inputs, absent, looks[-1] * inputs.refresh)
    reach = max(1.0, float(np.median(np.sum([s.reach for s in inputs.segments], axis=0))))
    times = max(_TIMES, int(_REACH / reach))
    crowds = tuple(replace(one, reach=one.reach * times) for one in inputs.segments)
    coupons = tuple(replace(one, first=one.first * times) for one in inputs.coupons)
    inputs = replace(inputs, segments=crowds, capacity=inputs.capacity * times, coupons=coupons)
    everything = np.full_like(inputs.owned, UNLIMITED)
    expecting = _Expecting(**vars(streams))
    state, audience = watched_until(_alike(inputs), expecting, everything, int(looks[-1]))
    return Expected(drawn, inputs, state, audience, times, looks)


def _alike(inputs: Inputs) -> Inputs:
    """Return a show whose orders ask for a unit each and are paid: what they do is reckoned."""
    nothing = np.zeros_like
    return replace(
        inputs,
        quantity=tuple({1: 1.0} for _ in inputs.products),
        unpaid=nothing(inputs.unpaid),
        accept=nothing(inputs.accept),
    )
