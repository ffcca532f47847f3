"""The cohort crowd: exchangeable viewers are counted, not listed.

Viewers of one segment and phase who are alike in what the model knows of them (not come yet,
watching and undecided, watching and decided) differ in nothing, so their number is enough. One
refresh is a handful of binomial draws over all replications at once, and its cost does not depend
on how many viewers there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.crowd.crowd import Attempts, Looks
from livesim.engine.crowd.segment import SegmentCrowd
from livesim.engine.state import State
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs
from livesim.model.rates import Rates


class CohortCrowd:
    """The crowd as counts: every segment's viewers in R replications.

    Parameters
    ----------
    inputs
        The drawn numbers of the R replications.
    streams
        The block's streams.
    start
        Who is there when a show that is on the air goes on.
    """

    def __init__(
        self,
        inputs: Inputs,
        streams: Streams,
        start: State | None = None,
    ) -> None:
        self._segments = [
            SegmentCrowd(inputs, segment, streams, start) for segment in inputs.segments
        ]
        self._recent = {
            (segment.room, segment.window): _Recent(inputs.replications, segment.window)
            for segment in inputs.segments
            if segment.reacts
        }
        for (room, _), recent in self._recent.items():
            if start is not None:
                recent.put_back(streams.start, start.recent[:, :, room].T)

    @property
    def segments(self) -> Sequence[SegmentCrowd]:
        """The segments' crowds, in the order of the file."""
        return self._segments

    def counts(self, rows: Numbers) -> Counts:
        """Return some rows' viewers: unique, undecided and decided ones, segment by segment.

        Parameters
        ----------
        rows
            Which replications, shape (N,). What is returned has a column a number, shape (N, C).
        """
        parts = [
            part
            for one in self._segments
            for part in (one.viewers[rows, None], one.undecided[rows], one.decided[rows])
        ]
        return np.concatenate(parts, axis=1)

    def recent(self, refresh: int, rooms: int) -> Counts:
        """Return the orders that recommendation counts, up to a refresh, (R, W, rooms)."""
        window = max((window for _, window in self._recent), default=0)
        orders = np.zeros((self._segments[0].viewers.size, window, rooms), dtype=np.int64)
        for (room, window), recent in self._recent.items():
            if window:
                orders[:, -window:, room] = recent.in_order(refresh).T
        return orders

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

    def act(self, refresh: int, until: int, rates: Sequence[Rates]) -> tuple[Attempts, Looks]:
        """Let everybody act in the intervals after a refresh, as far as it is known who comes."""
        segments = list(zip(self._segments, rates, strict=True))
        coming = [
            segment.coming(refresh, until, hazards, self._brought(segment))
            for segment, hazards in segments
        ]
        intervals = min(map(len, coming))
        looks = Looks.none_yet(refresh, refresh + intervals, len(coming[0][0]))
        attempts = Attempts.joined(
            [
                segment.act(refresh, newcomers[:intervals], hazards, looks)
                for (segment, hazards), newcomers in zip(segments, coming, strict=True)
            ]
        )
        for (room, _), recent in self._recent.items():
            recent.add(refresh, attempts.take(np.flatnonzero(attempts.room == room)))
        return attempts, looks

    def come_and_go(self, refresh: int, until: int, rates: Sequence[Rates]) -> Looks:
        """Let viewers come and leave from one refresh to another, while nobody can order."""
        looks = Looks.none_yet(until - 1, until, len(rates[0].pull))
        for segment, hazards in zip(self._segments, rates, strict=True):
            segment.come_and_go(refresh, until, hazards, looks)
        return looks

    def look_ahead(self, at: Numbers, until: Numbers, rates: Sequence[Rates]) -> Attempts:
        """Draw what viewers will do, each show's from a refresh of its own to another.

        Nobody has done it before :meth:`keep` says for how many intervals it holds.

        Parameters
        ----------
        at, until
            The refresh at which the viewers of each show look, and the one by which its rates
            change, shape (R,).
        rates
            Hazards of each segment, constant in between.

        Returns
        -------
        Attempts
            The order attempts; their steps are counted from 1 in each show.
        """
        return Attempts.joined(
            [
                segment.look_ahead(at, until, hazards)
                for segment, hazards in zip(self._segments, rates, strict=True)
            ]
        )

    def keep(self, intervals: Numbers) -> None:
        """Let viewers have done what was drawn for some intervals of each show, shape (R,)."""
        for segment in self._segments:
            segment.keep(intervals)

    def counts_after(self, intervals: Numbers, rows: Numbers) -> Counts:
        """Return :meth:`counts` after some of the intervals that were drawn ahead, shape (N, C)."""
        parts = [part for one in self._segments for part in one.counts_after(intervals, rows)]
        return np.concatenate(parts, axis=1)

    def audience_after(self, intervals: Numbers, rows: Numbers) -> tuple[Counts, Counts]:
        """Return concurrent and unique viewers after some intervals drawn ahead, shape (N,)."""
        parts = [one.audience_after(intervals, rows) for one in self._segments]
        watching, viewers = (reduce(np.add, of) for of in zip(*parts, strict=True))
        return watching, viewers

    def _brought(self, segment: SegmentCrowd) -> Floats | None:
        """Return the hazard to come that watchers and the platform's recommendation bring."""
        if not segment.inputs.reacts:
            return None
        recent = self._recent[segment.inputs.room, segment.inputs.window]
        return segment.brought(recent.orders)


class _Recent:
    """Orders of the last refreshes, kept in a ring."""

    def __init__(self, replications: int, window: int) -> None:
        self._ring = np.zeros((window, replications), dtype=np.int64)
        self.orders = np.zeros(replications, dtype=np.int64)

    def add(self, refresh: int, attempts: Attempts) -> None:
        """Add the orders of a refresh and forget those that are too old."""
        now = np.zeros_like(self.orders)
        np.add.at(now, attempts.row, attempts.count)
        place = refresh % len(self._ring)
        self.orders = self.orders + now - self._ring[place]
        self._ring[place] = now

    def in_order(self, refresh: int) -> Counts:
        """Return the orders of each of the last refreshes, the last one last, (window, R)."""
        return np.roll(self._ring, -(refresh % len(self._ring)), axis=0)

    def put_back(self, refresh: int, orders: Counts) -> None:
        """Start with the orders of the last refreshes, the last one last, shape (W, R)."""
        mine = orders[-len(self._ring) :]
        places = (refresh - len(mine) + np.arange(len(mine))) % len(self._ring)
        self._ring[places] = mine
        self.orders = self._ring.sum(axis=0)
