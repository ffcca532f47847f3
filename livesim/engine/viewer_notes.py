"""Following single viewers through a show: who did what, when, and what they saw.

The agent crowd tells what viewers do, and what the stage shows is noted at every refresh, when
viewers look at it. What becomes of the orders is not known before the show is over: that is in the
recording, from which :mod:`~livesim.engine.journeys` tells the rest.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Numbers
from livesim.engine.crowd.agent import Act, AgentCrowd, Who
from livesim.engine.crowd.crowd import Attempts, Looks
from livesim.engine.lockstep import Lockstep
from livesim.engine.recording import Recording
from livesim.engine.show.stage import Stage
from livesim.engine.streams import Streams
from livesim.errors import UsageError
from livesim.model.inputs import Inputs
from livesim.model.rates import Rates


class Scene(NamedTuple):
    """What a viewer sees: the slot, and who is on stage."""

    slot: str
    on_stage: str


class Deed(NamedTuple):
    """What a viewer did that is no order, when [s], and what they saw."""

    who: Who
    name: str
    moment: float
    scene: Scene


@dataclass(frozen=True)
class Attempt:
    """A viewer's try to order: in which step it was made, when [s], and what they saw."""

    who: Who
    step: int
    moment: float
    scene: Scene


class Notes:
    """What is noted of single viewers while the show goes on.

    Parameters
    ----------
    inputs
        The show's numbers.

    Attributes
    ----------
    deeds
        What viewers did, but for orders.
    attempts
        Tries to order by variant, room and replication, in the order of their steps.
    numbers
        Of each viewer the number, within the replication in the order in which they come.
    """

    def __init__(self, inputs: Inputs) -> None:
        self._inputs, self._stage = inputs, Stage(inputs)
        self.deeds: list[Deed] = []
        self.attempts: dict[tuple[int, int, int], list[Attempt]] = defaultdict(list)
        self.numbers: dict[Who, int] = {}
        self._came = [0] * inputs.replications
        self._refresh = 0
        self._changed_at: list[int] = []
        self._shown: list[tuple[Numbers, NDArray[np.bool_]]] = []

    def watch(self, stage: Stage) -> None:
        """Watch the stage of a show that is about to start."""
        self._stage = stage

    def look(self, refresh: int) -> None:
        """Note what the stage shows from a refresh on."""
        self._refresh = refresh
        now = self._stage.slot, self._stage.on_stage
        if not self._shown or any(map(_differ, now, self._shown[-1])):
            self._changed_at.append(refresh)
            self._shown.append((now[0].copy(), now[1].copy()))

    def note(self, who: Who, act: Act, moment: float) -> None:
        """Note what a viewer does, and when [s]."""
        if who not in self.numbers:
            self.numbers[who] = self._came[who.row]
            self._came[who.row] += 1
        step = self._refresh + 1
        scene = self.scene(step, who)
        if act.variant >= 0:
            room = self._inputs.segments[who.segment].room
            attempt = Attempt(who, step, moment, scene)
            self.attempts[act.variant, room, who.row].append(attempt)
        else:
            self.deeds.append(Deed(who, act.name, moment, scene))

    def scene(self, step: int, who: Who) -> Scene:
        """Return what a viewer's screen shows during a step: what it showed when it began.

        After the show, that is what the stage has come to.
        """
        slots, on_stage = self._shown[bisect_right(self._changed_at, step - 1) - 1]
        slot = int(slots[who.row])
        seen = on_stage[who.row] | self._inputs.segments[who.segment].room_people
        people = [self._inputs.people[number] for number in np.flatnonzero(seen)]
        return Scene(self._inputs.slots[slot].name if slot >= 0 else "", "+".join(people))


class FollowedCrowd(AgentCrowd):
    """An agent crowd that is followed: before its viewers look at the stage, it is noted.

    Parameters
    ----------
    inputs, streams
        As for :class:`~livesim.engine.crowd.agent.AgentCrowd`.
    notes
        Where it is noted.
    """

    def __init__(self, inputs: Inputs, streams: Streams, notes: Notes) -> None:
        super().__init__(inputs, streams, observer=notes.note)
        self._notes, self._refreshes = notes, inputs.refreshes

    def act(self, refresh: int, until: int, rates: Sequence[Rates]) -> tuple[Attempts, Looks]:
        """Let everybody act in the interval after a refresh; return attempts, and the next look."""
        self._notes.look(refresh)
        return super().act(refresh, until, rates)

    def end(self) -> None:
        """End the show for everybody who still watches."""
        self._notes.look(self._refreshes)
        super().end()


def follow(inputs: Inputs, streams: Streams) -> tuple[Recording, Notes]:
    """Let a block of replications live through the show, and follow each viewer.

    Parameters
    ----------
    inputs, streams
        The show's numbers, and the block's streams.

    Returns
    -------
    tuple of Recording and Notes
        What the crowd did, and who in it did what.

    Raises
    ------
    UsageError
        If rooms have allotments, or there are more viewers than can be followed one by one.
    """
    if inputs.allotted:
        raise UsageError(
            "journeys cannot tell in which of many rooms a viewer watches, which decides "
            "who is served where rooms have allotments: take the allotments away"
        )
    notes = Notes(inputs)
    crowd = FollowedCrowd(inputs, streams, notes)
    with closing(Lockstep(inputs, streams, inputs.owned, crowd)) as show:
        notes.watch(show.state.stage)
        recording = show.run()
    crowd.end()
    return recording, notes


def _differ(one: NDArray[np.generic], other: NDArray[np.generic]) -> bool:
    return not np.array_equal(one, other)
