"""The agent crowd: every viewer is a SimPy process of their own.

This is the behaviour model as one viewer lives it: come once the urge to come exceeds your
patience; look at the screen once a refresh; until the next look do whichever rings first of
leaving, ordering and losing interest. It is as plain as it can be, and slow; the cohort engine,
which is neither, is held against it. The two share the model's rates, and nothing of how acts are
drawn from them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from simpy import Environment, Event

from livesim.arrays import Counts, Floats
from livesim.engine.crowd.crowd import Attempts, Looks
from livesim.engine.state import State
from livesim.engine.streams import Streams
from livesim.errors import UsageError
from livesim.model.arrivals import brought_hazard
from livesim.model.inputs import Inputs, SegmentInputs
from livesim.model.rates import Rates
from livesim.randomness import Random

#: Most viewers of a block: at about 100 µs each they take a quarter of an hour.
MOST_VIEWERS = 10_000_000


class Act(NamedTuple):
    """What happens to a viewer, and the number of the variant where they order one."""

    name: str
    variant: int = -1


COMES = Act("comes")
LOSES_INTEREST = Act("loses interest")
LEAVES = Act("leaves")
SHOW_ENDS = Act("show ends")


class Clock(NamedTuple):
    """An act that happens at a hazard [1/s]: its clock rings after an exponential time."""

    hazard: float
    act: Act


@dataclass(frozen=True)
class Clocks:
    """What the viewers of one segment and replication may do until the next refresh.

    Parameters
    ----------
    undecided, decided
        The clocks of each phase; of those of one viewer, only the first to ring counts.
    """

    undecided: Sequence[Sequence[Clock]]
    decided: Sequence[Sequence[Clock]]


class Who(NamedTuple):
    """Which viewer of which segment in which replication somebody is, and their phase of stay."""

    row: int
    segment: int
    number: int
    phase: int


#: Is told what happens to whom, and when [s].
Observer: TypeAlias = Callable[[Who, Act, float], None]


def unobserved(who: Who, act: Act, moment: float) -> None:
    """Take no note."""


def viewer(
    me: Who, audience: Audience, came: float, decided_in: int | None = None
) -> Generator[Event, None, None]:
    """Watch the show from my first look at the screen until I leave or it ends.

    Parameters
    ----------
    me
        Who I am.
    audience
        Among whom I watch.
    came
        When I came [s].
    decided_in
        The slot whose offer I have decided about.
    """
    audience.observer(me, COMES, came)
    while audience.on_air:
        clocks, slot = audience.clocks, audience.slot
        mine = clocks.decided if decided_in == slot else clocks.undecided
        act = audience.first_of(mine[me.phase], me)
        if act is LEAVES:
            return
        if act is not None:
            decided_in = slot
        yield audience.env.timeout(1)  # until the next refresh
    audience.observer(me, SHOW_ENDS, audience.now)


class Audience:
    """One segment in one replication: who has not come, who watches, and what they see.

    Parameters
    ----------
    inputs, segment, row
        The drawn numbers, and which segment of which replication this is.
    env
        The replication's environment, whose clock counts refreshes.
    rng
        The stream of all that these viewers do.
    attempts
        Order attempts of their room by variant, shape (V,), to which theirs are added.
    observer
        Is told what happens to each viewer.
    start
        Who is there when a show that is on the air goes on.

    Attributes
    ----------
    clocks
        What viewers may do until the next refresh.
    slot
        How many slots have started.
    on_air
        Whether the show goes on.
    watching, viewers
        Concurrent viewers, and unique viewers so far.
    """

    def __init__(
        self,
        inputs: Inputs,
        segment: int,
        row: int,
        env: Environment,
        rng: Random,
        attempts: Counts,
        observer: Observer,
        start: State | None = None,
    ) -> None:
        self.env = env
        self.clocks = Clocks((), ())
        self.slot = 0
        self.on_air = True
        self.watching = self.viewers = 0
        self.observer = observer
        self._refresh, self._rng, self._attempts = inputs.refresh, rng, attempts
        self._segment, self._row = segment, row
        numbers = inputs.segments[segment]
        self._phase_share = numbers.phase_share.tolist()
        self._not_come = int(numbers.reach[row])
        self._urge = self._least_patience = 0.0
        if start is not None:
            self._put_back(start, numbers.name)
        self._find_least_patient()
        if start is None:
            self.let_in(float(numbers.hazards[0, row] * numbers.turnout_factor[row]))

    def _put_back(self, start: State, segment: str) -> None:
        """Let those watch who watch a show that is on the air."""
        self.viewers = int(start.viewers[segment][self._row])
        self._not_come -= self.viewers
        for decided_in, watching in ((None, start.undecided), (self.slot, start.decided)):
            for phase, count in enumerate(watching[segment][self._row].tolist()):
                for _ in range(count):
                    me = Who(self._row, self._segment, self.watching, phase)
                    self.env.process(viewer(me, self, self.now, decided_in))
                    self.watching += 1

    @property
    def now(self) -> float:
        """Time since the show's start [s]."""
        return float(self.env.now * self._refresh)

    def let_in(self, urge: float) -> None:
        """Let those come whose patience the urge to come exceeds; they look from now on.

        Parameters
        ----------
        urge
            What the interval that ends has added to the urge [1], at a constant pace.
        """
        before, self._urge = self._urge, self._urge + urge
        while self._not_come and self._least_patience < self._urge:
            part = (self._least_patience - before) / urge
            (phase,) = self._rng.choices(range(len(self._phase_share)), self._phase_share)
            me = Who(self._row, self._segment, self.viewers, phase)
            came = max(0.0, self.now - (1.0 - part) * self._refresh)
            self.env.process(viewer(me, self, came))
            self.watching += 1
            self.viewers += 1
            self._not_come -= 1
            self._find_least_patient()

    def _find_least_patient(self) -> None:
        """Draw the patience of the least patient of those who have not come.

        Patience is exponential with mean 1. What the n who have not come have left of it is so,
        too, whatever has passed; and the least of n is exponential with mean 1/n.
        """
        if self._not_come:
            self._least_patience += self._rng.expovariate(self._not_come)

    def first_of(self, clocks: Iterable[Clock], who: Who) -> Act | None:
        """Let clocks run until the next refresh; the act of the first that rings happens."""
        first, act = self._refresh, None
        for clock in clocks:
            rings = self._rng.expovariate(clock.hazard)
            if rings < first:
                first, act = rings, clock.act
        if act is not None:
            self._happens(who, act, self.now + first)
        return act

    def _happens(self, who: Who, act: Act, moment: float) -> None:
        if act is LEAVES:
            self.watching -= 1
        elif act is not LOSES_INTEREST:
            self._attempts[act.variant] += 1
        self.observer(who, act, moment)


class AgentCrowd:
    """The crowd as people: S segments' viewers in R replications.

    Parameters
    ----------
    inputs
        The drawn numbers of the R replications.
    streams
        The block's streams.
    observer
        Is told what happens to each viewer.
    start
        Who is there when a show that is on the air goes on.

    Raises
    ------
    UsageError
        If there are more viewers than can be followed one by one, now or when they have come.
    """

    def __init__(
        self,
        inputs: Inputs,
        streams: Streams,
        start: State | None = None,
        observer: Observer = unobserved,
    ) -> None:
        _check_size(sum(map(_expected, inputs.segments)))
        self._inputs = inputs
        self._attempts = np.zeros(inputs.attempts_shape, dtype=np.int64)
        rooms = len(inputs.rooms)
        self._orders = [] if start is None else list(start.recent.transpose(1, 0, 2))
        self._rates: Sequence[Rates] = ()
        self._envs = [Environment(initial_time=streams.start) for _ in range(inputs.replications)]
        self._audiences = [
            [
                Audience(
                    inputs,
                    number,
                    row,
                    env,
                    streams.viewers(segment.name, row),
                    attempts[segment.room :: rooms],
                    observer,
                    start,
                )
                for row, (env, attempts) in enumerate(zip(self._envs, self._attempts, strict=True))
            ]
            for number, segment in enumerate(inputs.segments)
        ]

    @property
    def watching(self) -> Counts:
        """Concurrent viewers, shape (S, R)."""
        return np.array([[a.watching for a in segment] for segment in self._audiences])

    @property
    def concurrent(self) -> Counts:
        """Concurrent viewers of all segments together, shape (R,)."""
        return np.asarray(self.watching.sum(axis=0))

    @property
    def viewers(self) -> Counts:
        """Unique viewers so far, shape (S, R)."""
        return np.array([[a.viewers for a in segment] for segment in self._audiences])

    def start_slot(self, rows: NDArray[np.bool_]) -> None:
        """Make everyone undecided in the replications in which a slot starts, shape (R,)."""
        for segment in self._audiences:
            for row in np.flatnonzero(rows).tolist():
                segment[row].slot += 1

    def act(self, refresh: int, until: int, rates: Sequence[Rates]) -> tuple[Attempts, Looks]:
        """Let everybody act in the interval after a refresh; return attempts, and the next look."""
        urges = self._urges(refresh, rates)
        self._show(rates)
        self._attempts[:] = 0
        for env in self._envs:
            env.run(until=refresh + 1)
        for segment, urge in zip(self._audiences, urges, strict=True):
            for audience, added in zip(segment, urge.tolist(), strict=True):
                audience.let_in(added)
        _check_size(int(self.viewers.sum()))
        by_room = self._attempts.reshape(len(self._attempts), -1, len(self._inputs.rooms))
        self._orders.append(by_room.sum(axis=1))
        return Attempts.of(by_room, refresh + 1), Looks.of(self, refresh + 1)

    def come_and_go(self, refresh: int, until: int, rates: Sequence[Rates]) -> Looks:
        """Let viewers come and leave from one refresh to another, while nobody can order."""
        for number in range(refresh, until):
            self.act(number, number + 1, rates)
        return Looks.of(self, until)

    def end(self) -> None:
        """End the show for everybody who still watches."""
        for segment in self._audiences:
            for audience in segment:
                audience.on_air = False
        for env in self._envs:
            env.run()

    def _urges(self, refresh: int, rates: Sequence[Rates]) -> list[Floats]:
        """Return what an interval adds to the urge to come of each segment [1], each shape (R,)."""
        return [
            segment.hazards[refresh + 1] * hazards.pull
            + hazards.shown * self._brought(segment, watching)
            for segment, hazards, watching in zip(
                self._inputs.segments, rates, self.watching, strict=True
            )
        ]

    def _brought(self, segment: SegmentInputs, watching: Counts) -> Floats:
        """Return what watchers and the orders of the last intervals bring [1], shape (R,)."""
        recent = [orders[:, segment.room] for orders in self._orders[-segment.window :]]
        return brought_hazard(
            segment.word_of_mouth,
            watching,
            segment.recommendation,
            sum(recent, start=np.zeros_like(watching)),
            segment.window * self._inputs.refresh,
            segment.reach,
            self._inputs.refresh,
        )

    def _show(self, rates: Sequence[Rates]) -> None:
        """Set everybody's clocks to the rates, where they have changed."""
        if rates is self._rates:
            return
        self._rates = rates
        for segment, hazards in zip(self._audiences, rates, strict=True):
            for row, audience in enumerate(segment):
                audience.clocks = clocks_of(hazards, row)


def clocks_of(rates: Rates, row: int) -> Clocks:
    """Return the clocks of a segment's viewers in one replication."""
    leave = [_running([Clock(hazard, LEAVES)]) for hazard in rates.leave[row].tolist()]
    lose_interest = Clock(float(rates.lose_interest[row]), LOSES_INTEREST)
    decide = _running([*_orders(rates.order[row]), lose_interest])
    return Clocks([[*decide, *clocks] for clocks in leave], leave)


def _orders(hazards: Floats) -> list[Clock]:
    return [Clock(hazard, Act("orders", v)) for v, hazard in enumerate(hazards.tolist())]


def _running(clocks: Sequence[Clock]) -> list[Clock]:
    """Return the clocks that ever ring."""
    return [clock for clock in clocks if clock.hazard > 0]


def _expected(segment: SegmentInputs) -> float:
    """Return the viewers of all replications together that nothing but the profile brings."""
    urge = segment.hazards.sum(axis=0) * segment.turnout_factor
    return float(segment.reach @ -np.expm1(-urge))


def _check_size(viewers: float) -> None:
    if viewers > MOST_VIEWERS:
        raise UsageError(
            f"about {viewers:,.0f} viewers would be followed one by one, and {MOST_VIEWERS:,} is "
            "the most: take a smaller reach or fewer shows at a time, or the cohort engine, whose "
            "cost does not depend on how many they are"
        )
