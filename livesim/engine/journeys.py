"""The journeys of single viewers: what each of them did, and what became of their orders.

The notes say who did what, and the recording which orders there were. Attempts for the same variant
from the same room in the same interval are alike until they are served, so it is free to say whose
was which. Here it is drawn who of them drops out of the checkout's steps, and who of those who wait
at the checkout is next; those who come to the stock in the same interval stand in line in the order
of their moments. The ledger says what each line got, and the line is served once more, one by one:
so the journal's totals are those of the account.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Numbers
from livesim.engine.crowd.agent import Who
from livesim.engine.ledger.book import UNITS
from livesim.engine.ledger.keeping import Kept, keep
from livesim.engine.ledger.ledger import ledger
from livesim.engine.ledger.part import Part
from livesim.engine.ledger.taken import Taken
from livesim.engine.orders.checkout_steps import CheckoutSteps
from livesim.engine.orders.queue_order import lines
from livesim.engine.outcome import Columns
from livesim.engine.recording import Recording
from livesim.engine.streams import Streams
from livesim.engine.viewer_notes import Attempt, Notes, Scene
from livesim.randomness import Random

#: What can happen to a viewer, in the order of what happens at the same moment.
EVENTS = (
    *("comes", "orders", "drops out", "is served", "is turned away", "accepts to wait"),
    *("pays a deposit", "pays", "lapses", "loses interest", "leaves", "show ends"),
)

#: The scene of what happens when nobody looks at the stage.
AWAY = Scene("", "")


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


def journal(recording: Recording, notes: Notes, streams: Streams) -> Columns:
    """Return what happened to each viewer, by replication, viewer and time.

    Parameters
    ----------
    recording, notes
        What the crowd did, and who in it did what.
    streams
        The block's streams.
    """
    told = _Journal(recording, notes, streams)
    ledger(recording, recording.lived[:, None], watch=told.watch)
    return told.table


@dataclass(frozen=True)
class _Step:
    """A step in which the stock is served: its number, start and end [s]."""

    number: int
    start: float
    end: float


#: When it is whose turn at the stock [s].
_Turn: TypeAlias = tuple[float, Attempt]


class _Queue:
    """Attempts for a variant, from one room in one replication, on their way to the stock.

    Parameters
    ----------
    attempts
        In the order of their steps.
    rng
        Chooses who is next.
    """

    def __init__(self, attempts: Sequence[Attempt], rng: Random) -> None:
        self._to_come, self._rng = deque(attempts), rng
        self._waiting: list[Attempt] = []

    def turns(self, places: int, step: _Step) -> list[_Turn]:
        """Return those who come to the stock in a step, by the moments of their turns.

        An attempt of this step has its own moment, one that had to wait a random one.
        """
        while self._to_come and self._to_come[0].step <= step.number:
            self._waiting.append(self._to_come.popleft())
        turns = [self._turn(self._next(), step) for _ in range(places)]
        return sorted(turns, key=lambda turn: turn[0])

    def _next(self) -> Attempt:
        one = self._rng.randrange(len(self._waiting))
        self._waiting[one], self._waiting[-1] = self._waiting[-1], self._waiting[one]
        return self._waiting.pop()

    def _turn(self, attempt: Attempt, step: _Step) -> _Turn:
        waited = attempt.step < step.number
        return self._rng.uniform(step.start, step.end) if waited else attempt.moment, attempt


class _Journal:
    """The events, as they are told."""

    def __init__(self, recording: Recording, notes: Notes, streams: Streams) -> None:
        self._recording, self._inputs, self._notes = recording, recording.inputs, notes
        self._rng = streams.journeys()
        self._events: list[Event] = []
        for who, name, moment, scene in notes.deeds:
            self._add(who, moment, name, scene)
        self._sweep_at = [
            recording.clock.sweep_at(timeout) for timeout in self._inputs.timeout.tolist()
        ]
        self._queues = {
            (variant, room, row): _Queue(self._through(variant, attempts, gone), self._rng)
            for variant in range(len(self._inputs.variants))
            for room, row, attempts, gone in self._dropping(variant, streams)
        }

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

    def watch(self, part: Part) -> Kept:
        """Keep the accounts of some products, and tell what became of each order."""
        book = part.book
        at_once, later = Taken(book, levels=1), Taken(book, levels=1)
        kept = keep(part, lambda taking: (later if taking.waiting else at_once).note(taking))
        orders, line = book.orders, lines(book.orders, np.arange(len(book.orders)))
        # A variant has a single cell, as there are no allotments.
        units = (taken.column(UNITS)[:, 0] for taken in (at_once, later))
        columns = orders.cell, orders.row, orders.step, *units
        batches = zip(*(column.tolist() for column in columns), strict=True)
        for number, (variant, row, step, units, room) in enumerate(batches):
            kinds = line.kind[line.first[number] : line.first[number + 1]]
            self._serve(variant, part.rows.start + row, step, kinds, units, room)
        return kept

    def _serve(
        self, variant: int, row: int, number: int, line: Numbers, units: int, room: int
    ) -> None:
        """Serve a line with the units that it got at once, and beyond the stock."""
        times, kinds = self._recording.clock.times, self._recording.kinds
        step = _Step(number, float(times[number - 1]), float(times[number]))
        real = ~(kinds.fake | kinds.webshop)[line]  # the others are no viewer's
        turns = self._turns(variant, row, kinds.room[line[real]].tolist(), step)
        paid_at = float(self._sweep_at[self._inputs.product_of[variant]][number])
        shares = served(kinds.units[line], kinds.accepts[line], units, room)
        for share, pays, own in zip(shares, kinds.pays[line].tolist(), real.tolist(), strict=True):
            if own:
                self._tell_of(variant, share, next(turns), step, paid_at, pays=pays)

    def _turns(self, variant: int, row: int, rooms: Sequence[int], step: _Step) -> Iterator[_Turn]:
        """Yield whose turn it is in a line of real orders that come from these rooms."""
        by_room = {
            room: iter(self._queues[variant, room, row].turns(places, step))
            for room, places in sorted(Counter(rooms).items())
        }
        for room in rooms:
            yield next(by_room[room])

    def _tell_of(
        self, variant: int, share: Share, turn: _Turn, step: _Step, paid_at: float, *, pays: bool
    ) -> None:
        """Tell what becomes of an order."""
        moment, attempt = turn
        who, scene = attempt.who, self._notes.scene(step.number, attempt.who)
        self._add(who, attempt.moment, "orders", attempt.scene, variant, share.asked)
        for event, units in (
            ("is served", share.at_once),
            ("accepts to wait", share.later),
            ("is turned away", share.lost),
        ):
            if units:
                self._add(who, moment, event, scene, variant, units)
        taken = share.at_once + share.later
        if not taken:
            return
        if math.isinf(paid_at):  # in a presale, all that a journey sees is the deposit
            self._add(who, moment, "pays a deposit", AWAY, variant, taken)
        else:
            self._add(who, paid_at, "pays" if pays else "lapses", AWAY, variant, taken)

    def _dropping(
        self, variant: int, streams: Streams
    ) -> Iterator[tuple[int, int, Sequence[Attempt], Mapping[int, int]]]:
        """Yield the attempts of each room and replication, and how many drop out, by step.

        That is drawn once more as it was in the show, for the same attempts.
        """
        inputs = self._inputs
        mine = {
            key[1:]: attempts
            for key, attempts in sorted(self._notes.attempts.items())
            if key[0] == variant
        }
        steps = sorted({attempt.step for attempts in mine.values() for attempt in attempts})
        place = {step: number for number, step in enumerate(steps)}
        tried = np.zeros((len(steps), len(inputs.rooms), inputs.replications), dtype=np.int64)
        for (room, row), attempts in mine.items():
            np.add.at(tried[:, room, row], [place[attempt.step] for attempt in attempts], 1)
        address = inputs.products[inputs.product_of[variant]], inputs.variants[variant]
        dropped = tried - CheckoutSteps(inputs, streams, address).passed(tried)
        for (room, row), attempts in mine.items():
            counts = dropped[:, room, row].tolist()
            yield room, row, attempts, dict(zip(steps, counts, strict=True))

    def _through(
        self, variant: int, attempts: Sequence[Attempt], gone: Mapping[int, int]
    ) -> list[Attempt]:
        """Choose who drops out of the checkout's steps, and return the others."""
        through: list[Attempt] = []
        for step, group in groupby(attempts, key=attrgetter("step")):
            tried = list(group)
            self._rng.shuffle(tried)
            for attempt in tried[: gone[step]]:
                self._add(attempt.who, attempt.moment, "drops out", attempt.scene, variant)
            through += tried[gone[step] :]
        return through

    def _add(
        self, who: Who, time: float, event: str, scene: Scene, variant: int = -1, units: int = 0
    ) -> None:
        inputs, segment = self._inputs, self._inputs.segments[who.segment]
        self._events.append(
            Event(
                who.row,
                self._notes.numbers[who],
                segment.name,
                segment.phases[who.phase],
                time,
                event,
                *scene,
                inputs.products[inputs.product_of[variant]] if variant >= 0 else "",
                inputs.variants[variant] if variant >= 0 else "",
                units,
            )
        )
