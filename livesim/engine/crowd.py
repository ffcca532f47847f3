"""The cohort crowd: exchangeable viewers are counted, not listed.

Viewers of one segment and phase who are alike in what the model knows of them (not come yet,
watching and undecided, watching and decided) differ in nothing, so their number is enough. One
refresh is a handful of binomial draws over all replications at once, and its cost does not depend
on how many viewers there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.engine.orders import Counts, Floats
from livesim.engine.streams import Streams
from livesim.model.arrivals import arrival_chance, brought_hazard, lull_chances
from livesim.model.inputs import Inputs, SegmentInputs
from livesim.model.rates import Chances, Rates, chances

#: A variant, and how many order it, shape (R,).
Ordering: TypeAlias = tuple[int, Counts]


class Crowd(Protocol):
    """What an engine must do: turn rates into acts. Everything else is shared by the engines."""

    @property
    def watching(self) -> Counts:
        """Concurrent viewers, shape (S, R)."""

    @property
    def concurrent(self) -> Counts:
        """Concurrent viewers of all segments together, shape (R,)."""

    @property
    def viewers(self) -> Counts:
        """Unique viewers so far, shape (S, R)."""

    def start_slot(self, rows: NDArray[np.bool_]) -> None:
        """Make everyone undecided in the replications in which a slot starts, shape (R,)."""

    def act(self, refresh: int, rates: Sequence[Rates]) -> dict[int, Counts]:
        """Let everybody act in the interval after a refresh.

        Parameters
        ----------
        refresh
            Number of the refresh.
        rates
            Hazards of each segment, constant over the interval. The same object as last time means
            that nothing has changed.

        Returns
        -------
        dict
            Order attempts, shape (R,) each, by variant and room: variant · rooms + room. What
            nobody tries to order is left out.
        """

    def come_and_go(self, refresh: int, until: int, rates: Sequence[Rates]) -> None:
        """Let viewers come and leave from one refresh to another, while nobody can order.

        Parameters
        ----------
        refresh, until
            Numbers of the refreshes at which viewers look, and look again.
        rates
            Hazards of each segment, constant in between.
        """


class CohortCrowd:
    """The crowd as counts: every segment's viewers in R replications.

    Parameters
    ----------
    inputs
        The drawn numbers of the R replications.
    streams
        The block's streams.
    """

    def __init__(self, inputs: Inputs, streams: Streams) -> None:
        self._segments = [SegmentCrowd(inputs, segment, streams) for segment in inputs.segments]
        self._rooms = len(inputs.rooms)
        self._recent = {
            (segment.room, segment.window): _Recent(inputs.replications, segment.window)
            for segment in inputs.segments
            if segment.reacts
        }

    @property
    def watching(self) -> Counts:
        """Concurrent viewers, shape (S, R)."""
        return np.stack([segment.watching for segment in self._segments])

    @property
    def concurrent(self) -> Counts:
        """Concurrent viewers of all segments together, shape (R,)."""
        return reduce(np.add, [segment.watching for segment in self._segments])

    @property
    def viewers(self) -> Counts:
        """Unique viewers so far, shape (S, R)."""
        return np.stack([segment.viewers for segment in self._segments])

    def start_slot(self, rows: NDArray[np.bool_]) -> None:
        """Make everyone undecided in the replications in which a slot starts, shape (R,)."""
        for segment in self._segments:
            segment.start_slot(rows)

    def act(self, refresh: int, rates: Sequence[Rates]) -> dict[int, Counts]:
        """Let everybody act in the interval after a refresh; return the order attempts."""
        attempts: dict[int, Counts] = {}
        for segment, hazards in zip(self._segments, rates, strict=True):
            for variant, orders in segment.act(refresh, hazards, self._brought(segment)):
                column = variant * self._rooms + segment.inputs.room
                attempts[column] = attempts[column] + orders if column in attempts else orders
        for (room, _), recent in self._recent.items():
            here = [o for column, o in attempts.items() if column % self._rooms == room]
            recent.add(refresh, sum(here, start=np.zeros_like(recent.orders)))
        return attempts

    def come_and_go(self, refresh: int, until: int, rates: Sequence[Rates]) -> None:
        """Let viewers come and leave from one refresh to another, while nobody can order."""
        for segment, hazards in zip(self._segments, rates, strict=True):
            segment.come_and_go(refresh, until, hazards)

    def _brought(self, segment: SegmentCrowd) -> Floats | float:
        """Return the hazard to come that watchers and the platform's recommendation bring."""
        if not segment.inputs.reacts:
            return 0.0
        recent = self._recent[segment.inputs.room, segment.inputs.window]
        return segment.brought(recent.orders)


class SegmentCrowd:
    """The viewers of one segment: counts by phase in R replications.

    At any moment reach = not come + undecided + decided + left.

    Parameters
    ----------
    inputs, segment, streams
        The drawn numbers, whose viewers these are, and the block's streams.
    """

    def __init__(self, inputs: Inputs, segment: SegmentInputs, streams: Streams) -> None:
        self.inputs = segment
        self._refresh = inputs.refresh
        self._come = streams.crowd(segment.name, "come")
        self._act = streams.crowd(segment.name, "act")
        self._decide = streams.crowd(segment.name, "decide")
        self._leave = streams.crowd(segment.name, "leave")
        self._order = streams.crowd(segment.name, "order")
        self._shelf = streams.crowd(segment.name, "shelf")
        phases = streams.crowd(segment.name, "phase")
        self._not_come = phases.multinomial(segment.reach, segment.phase_share)
        self._undecided = np.zeros_like(self._not_come)
        self._decided = np.zeros_like(self._not_come)
        self._nobody = np.zeros_like(self._not_come)
        self._any_decided = False
        self._rates: Rates | None = None
        self._chances: Chances
        self.watching = np.zeros_like(segment.reach)
        self.viewers = np.zeros_like(segment.reach)
        self._welcome(self._newcomers(segment.hazards[0], segment.turnout_factor, 0.0))

    def start_slot(self, rows: NDArray[np.bool_]) -> None:
        """Make everyone undecided where a slot starts."""
        self._undecided[rows] += self._decided[rows]
        self._decided[rows] = 0
        self._any_decided = bool(self._decided.any())

    def act(self, refresh: int, rates: Rates, brought: Floats | float) -> list[Ordering]:
        """Let everybody act for one refresh; return the orders of variants, shape (R,) each.

        Parameters
        ----------
        refresh
            Number of the refresh.
        rates
            The segment's hazards.
        brought
            Integrated hazard to come that watchers and recommendation bring [1].
        """
        if rates is not self._rates:
            self._rates, self._chances = rates, chances(rates, self._refresh)
        orders = self._pick_from_shelf()
        newcomers = self._newcomers(self.inputs.hazards[refresh + 1], rates.pull, brought)
        acting = self._act.binomial(self._undecided, self._chances.act)
        deciding = self._deciding(acting, orders)
        leaving = self._leaving_decided(self._chances.leave)
        self._undecided -= acting
        self._decided += deciding - leaving
        self.watching -= _people(acting - deciding + leaving)
        self._welcome(newcomers)
        return orders

    def come_and_go(self, refresh: int, until: int, rates: Rates) -> None:
        """Let viewers come and leave over many refreshes, by the law of as many single ones.

        Parameters
        ----------
        refresh, until
            Numbers of the refreshes at which viewers look, and look again.
        rates
            The segment's hazards, by which nobody decides.
        """
        hazards = self.inputs.hazards[refresh + 1 : until + 1]
        come, stay = lull_chances(hazards, rates.pull, rates.leave * self._refresh)
        leave = -np.expm1(-rates.leave * self._refresh * (until - refresh))
        newcomers = self._come.binomial(self._not_come, come[:, None])
        self._undecided -= self._leave.binomial(self._undecided, leave)
        self._decided -= self._leaving_decided(leave)
        self._undecided += self._leave.binomial(newcomers, stay)
        self._not_come -= newcomers
        self.viewers += _people(newcomers)
        self.watching = _people(self._undecided) + _people(self._decided)

    def _newcomers(self, hazard: Floats, pull: Floats, brought: Floats | float) -> Counts:
        chance = arrival_chance(hazard, pull, brought)
        return self._come.binomial(self._not_come, chance[:, None])

    def _welcome(self, newcomers: Counts) -> None:
        """Let newcomers in, undecided; they act from the next refresh on."""
        self._not_come -= newcomers
        self._undecided += newcomers
        count = _people(newcomers)
        self.watching += count
        self.viewers += count

    def brought(self, recent_orders: Counts) -> Floats:
        """Return the integrated hazard to come [1] that watchers and the platform bring.

        Parameters
        ----------
        recent_orders
            Orders of the whole room that the platform's recommendation counts, shape (R,).
        """
        segment = self.inputs
        return brought_hazard(
            segment.word_of_mouth,
            self.watching,
            segment.recommendation,
            recent_orders,
            segment.window * self._refresh,
            segment.reach,
            self._refresh,
        )

    def _deciding(self, acting: Counts, orders: list[Ordering]) -> Counts:
        """Draw who of those who act decides, and add the orders among the decisions."""
        chances = self._chances
        if not chances.anybody_decides:
            return self._nobody
        self._any_decided = True
        deciding = self._decide.binomial(acting, chances.decide)
        people = _people(deciding)
        orders += _share_out(self._order, people, chances.order, chances.offered)
        return deciding

    def _leaving_decided(self, leave: Floats) -> Counts:
        """Draw who leaves of those who have decided, by their chance [1], shape (R, K)."""
        if not self._any_decided:
            return self._nobody
        return self._leave.binomial(self._decided, leave)

    def _pick_from_shelf(self) -> list[Ordering]:
        """Draw the orders for products of earlier slots, which change nothing else."""
        chances = self._chances
        if not chances.on_shelf:
            return []
        picking = self._shelf.binomial(self.watching, chances.shelf)
        return _share_out(self._shelf, picking, chances.shelf_order, chances.on_shelf)


def _people(by_phase: Counts) -> Counts:
    """Add up the phases; a product with ones is faster than a sum over so short an axis."""
    return by_phase @ np.ones(by_phase.shape[1], dtype=np.int64)


def _share_out(
    rng: np.random.Generator, people: Counts, shares: Floats, variants: Sequence[int]
) -> list[Ordering]:
    """Return how many of the people order each variant, drawn one variant after the other."""
    orders = []
    for variant in variants:
        if not people.any():
            break
        ordering = rng.binomial(people, shares[:, variant])
        if ordering.any():
            orders.append((variant, ordering))
            people = people - ordering
    return orders


class _Recent:
    """Orders of the last refreshes, kept in a ring."""

    def __init__(self, replications: int, window: int) -> None:
        self._ring = np.zeros((window, replications), dtype=np.int64)
        self.orders = np.zeros(replications, dtype=np.int64)

    def add(self, refresh: int, orders: Counts) -> None:
        """Add the orders of a refresh and forget those that are too old."""
        place = refresh % len(self._ring)
        self.orders = self.orders + orders - self._ring[place]
        self._ring[place] = orders
