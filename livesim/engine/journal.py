"""The journeys of single viewers: what each of them did, and what became of their orders.

The agent crowd tells what viewers do, and the account what attempts ask for. Attempts for the same
variant in the same interval are alike until they are served, so it is free to say whose was which:
the line is the account's own, and the viewers stand in it in the order of their moments. The
journal serves that line once more, one by one, and its totals are those of the account.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import compress
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.engine.block import Lockstep
from livesim.engine.orders import Counts
from livesim.engine.outcome import Columns
from livesim.engine.stage import Stage
from livesim.engine.stock import SWEEP, Stock
from livesim.engine.streams import Streams
from livesim.engine.viewers import Act, AgentCrowd, Who
from livesim.errors import UsageError
from livesim.model.inputs import Inputs
from livesim.scenario.scenario import Scenario

#: What can happen to a viewer, in the order of what happens at the same moment.
EVENTS = (
    *("comes", "orders", "drops out", "is served", "is turned away", "accepts to wait"),
    *("pays a deposit", "pays", "lapses", "loses interest", "leaves", "show ends"),
)


class Event(NamedTuple):
    """One row of the table of journeys."""

    replication: int
    viewer: int
    segment: str
    phase: str
    time: float
    event: str
    slot: str
    on_stage: str
    product: str
    variant: str
    units: int


class Scene(NamedTuple):
    """What a viewer sees: the slot, and who is on stage."""

    slot: str
    on_stage: str


#: The scene of what happens when nobody looks at the stage.
AWAY = Scene("", "")


#: What happens to so many units, when [s], and what the viewer sees.
_Row: TypeAlias = tuple[str, int, float, Scene]


@dataclass(frozen=True)
class Attempt:
    """A viewer's try to order, when it was made [s], and what they saw."""

    who: Who
    moment: float
    scene: Scene


@dataclass(frozen=True)
class Share:
    """What an attempt asks for, and what of it is had at once, waited for, or lost [units]."""

    asked: int
    at_once: int
    later: int

    @property
    def lost(self) -> int:
        """Units for which the viewer is turned away."""
        return self.asked - self.at_once - self.later


def served(asked: Counts, accepts: NDArray[np.bool_], units: int, room: int) -> Iterator[Share]:
    """Serve a line one by one; who comes too late may wait for units if there is room.

    Parameters
    ----------
    asked, accepts
        Units that each one in line asks for, and whether they would wait, first come first.
    units, room
        Units on hand, and units that may be sold beyond them.

    Examples
    --------
    >>> line = served(np.array([2, 2, 1, 3]), np.array([True, True, False, True]), 3, 2)
    >>> [(share.at_once, share.later, share.lost) for share in line]
    [(2, 0, 0), (1, 0, 1), (0, 0, 1), (0, 2, 1)]
    """
    for wanted, accepting in zip(asked.tolist(), accepts.tolist(), strict=True):
        at_once = min(wanted, units)
        later = min(wanted, room) if accepting and not at_once else 0
        units, room = units - at_once, room - later
        yield Share(wanted, at_once, later)


class Journal:
    """Notes what happens to each viewer.

    Parameters
    ----------
    inputs, streams
        The show's numbers, and the block's streams.
    """

    def __init__(self, inputs: Inputs, streams: Streams) -> None:
        self._inputs = inputs
        self._rng = streams.journeys()
        self._stage = Stage(inputs)
        self._numbers: dict[Who, int] = {}
        self._came = [0] * inputs.replications
        self._waiting: dict[tuple[int, int], list[Attempt]] = defaultdict(list)
        self._ordered_at: dict[Who, float] = {}
        self._events: list[Event] = []

    def follow(self, lockstep: Lockstep) -> None:
        """Listen to the account of a show that is about to start, and look at its stage."""
        self._stage = lockstep.house.stage
        lockstep.house.account.placing.observer = self._drop
        for variant, stock in enumerate(lockstep.house.account.stocks):
            if not isinstance(stock, Stock):
                raise UsageError(
                    "journeys cannot tell in which of many rooms a viewer watches, which decides "
                    "who is served where rooms have allotments: take the allotments away"
                )
            stock.observer = partial(self._serve, stock, variant)

    def note(self, who: Who, act: Act, moment: float) -> None:
        """Note what a viewer does [s]; an order is noted when it is known what it asks for."""
        if who not in self._numbers:
            self._numbers[who] = self._came[who.row]
            self._came[who.row] += 1
        scene = self._scene(who)
        if act.variant >= 0:
            self._waiting[who.row, act.variant].append(Attempt(who, moment, scene))
            self._ordered_at[who] = moment
        else:
            # The shelf's clock runs beside the others: who has ordered by it has not left before.
            self._add(who, max(moment, self._ordered_at.get(who, moment)), act.name, scene)

    @property
    def table(self) -> Columns:
        """The columns of all events, by replication, viewer and time."""
        events = sorted(
            self._events, key=lambda e: (e.replication, e.viewer, e.time, EVENTS.index(e.event))
        )
        return {
            name: np.array([event[column] for event in events])
            for column, name in enumerate(Event._fields)
        }

    def _serve(
        self, stock: Stock, variant: int, kinds: Counts, refresh: int, start: float, end: float
    ) -> None:
        """Serve a refresh's attempts for a variant one by one, and note what becomes of each."""
        paid_at = stock.sweep_of(end) * SWEEP
        for row in np.flatnonzero(kinds.any(axis=1)).tolist():
            line = np.array(stock.line(kinds[row], refresh, row).in_order())
            asked, accepts = stock.fates.units[line], stock.fates.accepts[line]
            shares = served(asked, accepts, stock.on_hand[row, 0], stock.room_to_wait(row, 0))
            real = ~stock.fates.fake[line]  # a fake order is no viewer's
            turns = self._turns(row, variant, int(real.sum()), start, end)
            own = zip(line[real], compress(shares, real), turns, strict=True)
            for kind, share, (moment, attempt) in own:
                who, scene = attempt.who, self._scene(attempt.who)
                self._add(who, attempt.moment, "orders", attempt.scene, variant, share.asked)
                for event, units, when, seen in (
                    ("is served", share.at_once, moment, scene),
                    ("accepts to wait", share.later, moment, scene),
                    ("is turned away", share.lost, moment, scene),
                    self._payment(stock.fates.pays[kind], share, moment, paid_at),
                ):
                    if units:
                        self._add(who, when, event, seen, variant, units)

    def _drop(self, dropped: Counts, start: float) -> None:
        """Choose who of this interval's attempts drops out of the checkout's steps."""
        for row, variant in np.argwhere(dropped).tolist():
            attempts = self._waiting[row, variant]
            new = [attempt for attempt in attempts if attempt.moment >= start]
            self._rng.shuffle(new)
            gone = new[: dropped[row, variant]]
            self._waiting[row, variant] = [a for a in attempts if a not in gone]
            for attempt in gone:
                self._add(attempt.who, attempt.moment, "drops out", attempt.scene, variant)

    @staticmethod
    def _payment(pays: bool, share: Share, moment: float, paid_at: float) -> _Row:
        """Return how an order is paid; in a presale, all that a journey sees is the deposit."""
        units = share.at_once + share.later
        if math.isinf(paid_at):
            return "pays a deposit", units, moment, AWAY
        return "pays" if pays else "lapses", units, paid_at, AWAY

    def _turns(
        self, row: int, variant: int, places: int, start: float, end: float
    ) -> list[tuple[float, Attempt]]:
        """Return the attempts that the checkout lets through, by the moments of their turns [s].

        It has chosen them at random among those who wait for the variant. An attempt of this
        interval has its own moment, one that had to wait a random one.
        """
        waiting = self._waiting[row, variant]
        self._rng.shuffle(waiting)
        through, self._waiting[row, variant] = waiting[:places], waiting[places:]
        turns = [
            (a.moment if a.moment >= start else self._rng.uniform(start, end), a) for a in through
        ]
        return sorted(turns, key=lambda turn: turn[0])

    def _scene(self, who: Who) -> Scene:
        slot = int(self._stage.slot[who.row])
        seen = self._stage.on_stage[who.row] | self._inputs.segments[who.segment].room_people
        people = [self._inputs.people[p] for p in np.flatnonzero(seen)]
        return Scene(self._inputs.slots[slot].name if slot >= 0 else "", "+".join(people))

    def _add(
        self, who: Who, time: float, event: str, scene: Scene, variant: int = -1, units: int = 0
    ) -> None:
        segment = self._inputs.segments[who.segment]
        self._events.append(
            Event(
                who.row,
                self._numbers[who],
                segment.name,
                segment.phases[who.phase],
                time,
                event,
                *scene,
                self._inputs.products[self._inputs.product_of[variant]] if variant >= 0 else "",
                self._inputs.variants[variant] if variant >= 0 else "",
                units,
            )
        )


def recorded(scenario: Scenario, inputs: Inputs, seed: int) -> Columns:
    """Return the events of some replications as the columns of a table.

    Parameters
    ----------
    scenario, inputs
        The show, and its numbers in R replications of the first block.
    seed
        The study's seed.
    """
    streams = Streams(seed, 0)
    journal = Journal(inputs, streams)
    crowd = AgentCrowd(inputs, streams, journal.note)
    lockstep = Lockstep(scenario, inputs, streams, inputs.owned[:, None], crowd)
    journal.follow(lockstep)
    lockstep.run()
    crowd.end()
    return journal.table
