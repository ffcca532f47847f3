"""Processes that wait for a number to be reached: few orders left, many viewers, sold out.

Checking every replication's processes at every refresh would cost more than the simulation. Each
measure keeps one array of bounds over the replications instead, and one comparison finds who is
due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from simpy import Event

from livesim.arrays import Floats, Numbers

#: What is measured: its name, and the product or "".
Measure: TypeAlias = tuple[str, str]


class Waits:
    """Events that are due once a measure of their replication reaches a bound.

    Parameters
    ----------
    replications
        The number R of replications.
    """

    def __init__(self, replications: int) -> None:
        self._replications = replications
        self._bounds: dict[Measure, Floats] = {}
        self._waiting: dict[Measure, dict[int, list[tuple[float, Event]]]] = {}
        self._measure: dict[Event, Measure] = {}

    def add(self, measure: Measure, row: int, bound: float, event: Event) -> None:
        """Let an event of replication ``row`` wait until the measure is at least ``bound``."""
        if measure not in self._bounds:
            self._bounds[measure] = np.full(self._replications, np.inf)
            self._waiting[measure] = {}
        self._waiting[measure].setdefault(row, []).append((bound, event))
        self._bounds[measure][row] = min(self._bounds[measure][row], bound)
        self._measure[event] = measure

    def give_up(self, row: int, event: Event) -> None:
        """Let an event wait no longer; one that has happened does not."""
        measure = self._measure.pop(event, None)
        if measure is not None:
            waiting = self._waiting[measure].pop(row)
            self._keep(measure, row, [(b, other) for b, other in waiting if other is not event])
            self._forget(measure)

    def forget(self, row: int) -> None:
        """Let no event of a replication wait any longer."""
        for measure in list(self._bounds):
            for _, event in self._waiting[measure].pop(row, []):
                del self._measure[event]
            self._keep(measure, row, [])
            self._forget(measure)

    def waiting(self) -> list[tuple[Measure, Numbers]]:
        """Return what is waited for, each with the replications in which it is."""
        return [
            (measure, np.flatnonzero(np.isfinite(bounds)))
            for measure, bounds in self._bounds.items()
        ]

    def due(self, measured: Callable[[Measure], Floats]) -> Iterator[tuple[int, Event]]:
        """Yield and forget every replication and event whose bound is reached.

        Parameters
        ----------
        measured
            Returns the values of a measure, shape (R,).
        """
        for measure in list(self._bounds):
            values = measured(measure)
            for row in np.flatnonzero(values >= self._bounds[measure]).tolist():
                yield from self._reached(measure, row, float(values[row]))
            self._forget(measure)

    def _reached(self, measure: Measure, row: int, value: float) -> Iterator[tuple[int, Event]]:
        waiting = self._waiting[measure].pop(row)
        still = [(bound, event) for bound, event in waiting if value < bound]
        self._keep(measure, row, still)
        for bound, event in waiting:
            if value >= bound:
                del self._measure[event]
                if not event.triggered:
                    yield row, event

    def _keep(self, measure: Measure, row: int, waiting: list[tuple[float, Event]]) -> None:
        """Let these events of a replication wait, and no others."""
        self._bounds[measure][row] = min((bound for bound, _ in waiting), default=np.inf)
        if waiting:
            self._waiting[measure][row] = waiting

    def _forget(self, measure: Measure) -> None:
        """Ask for a measure no more if nobody waits for it."""
        if not self._waiting[measure]:
            del self._bounds[measure], self._waiting[measure]
