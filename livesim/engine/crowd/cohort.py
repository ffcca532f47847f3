"""The cohort crowd: exchangeable viewers are counted, not listed.

Viewers of one segment and phase who are alike in what the model knows of them (not come yet,
watching and undecided, watching and decided) differ in nothing, so their number is enough. One
refresh is a handful of binomial draws over all replications at once, and its cost does not depend
on how many viewers there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from livesim.engine.crowd import few_viewers
from livesim.engine.crowd.few_viewers import Stays
from livesim.engine.orders.orders import Counts, Floats, Numbers, Small, entries
from livesim.engine.state import State
from livesim.engine.streams import Streams
from livesim.model.arrivals import (
    arrival_chance,
    brought_hazard,
    first_come_chances,
    lull_chances,
)
from livesim.model.inputs import Inputs, SegmentInputs
from livesim.model.rates import Chances, Rates
from livesim.model.rates import chances as chances_of

#: What viewers do is drawn ahead for at most so many refreshes, so that memory stays flat.
AHEAD: Final = 64
#: Viewers are drawn one by one where there are at least so many intervals and phases to each.
_FEW = 2
#: Who leaves is put off for so many counts of all segments together, so that memory stays small.
_MOST_PUT_OFF = 2_000_000


@dataclass(frozen=True)
class Attempts:
    """How many try to order what, when and where: an entry for what anybody tries.

    Parameters
    ----------
    step, room, row, variant, count
        In which step and room, in which replication, which variant, and how many, shape (N,).
    """

    step: Numbers
    room: Numbers
    row: Numbers
    variant: Numbers
    count: Counts

    def __len__(self) -> int:
        return len(self.count)

    @staticmethod
    def of(counts: Counts, step: int) -> Attempts:
        """Return the attempts of a step, counted in an array, shape (R, V) or (R, V, rooms).

        Examples
        --------
        >>> tried = Attempts.of(np.array([[0, 2], [1, 0]]), step=5)
        >>> tried.row.tolist(), tried.variant.tolist(), tried.count.tolist()
        ([0, 1], [1, 0], [2, 1])
        """
        by_room = counts.reshape(*counts.shape[:2], -1)
        row, variant, room = by_room.nonzero()
        return Attempts(np.full_like(row, step), room, row, variant, by_room[row, variant, room])

    @staticmethod
    def joined(parts: Sequence[Attempts]) -> Attempts:
        """Return attempts together; of no parts, none."""
        columns = zip(*map(_columns, parts or [_NO_ATTEMPTS]), strict=True)
        return Attempts(*map(np.concatenate, columns))

    def take(self, which: Numbers) -> Attempts:
        """Return some of the attempts."""
        return Attempts(*(column[which] for column in _columns(self)))


def _columns(attempts: Attempts) -> tuple[Numbers, ...]:
    return attempts.step, attempts.room, attempts.row, attempts.variant, attempts.count


_NO_ATTEMPTS = Attempts(*(np.zeros(0, dtype=np.int64) for _ in range(5)))


class Looks(NamedTuple):
    """How many watch when they look at the screen.

    Parameters
    ----------
    at
        Numbers of the refreshes, shape (n,).
    watching, viewers
        Concurrent viewers then, and unique viewers so far, shape (n, R). Viewers of whom a crowd
        puts off who leaves are added once it is asked who watches.
    """

    at: Numbers
    watching: Small
    viewers: Small

    @staticmethod
    def none_yet(refresh: int, until: int, replications: int) -> Looks:
        """Return looks after one refresh and up to another, to which segments add their viewers."""
        watching, viewers = np.zeros((2, until - refresh, replications), dtype=np.int64)
        return Looks(np.arange(refresh + 1, until + 1), watching, viewers)

    @staticmethod
    def of(crowd: Crowd, refresh: int) -> Looks:
        """Return how many of a crowd watch now."""
        viewers = crowd.viewers.sum(axis=0)
        return Looks(np.array([refresh]), crowd.concurrent[None], viewers[None])


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

    def act(self, refresh: int, until: int, rates: Sequence[Rates]) -> tuple[Attempts, Looks]:
        """Let everybody act in the intervals after a refresh: in one, or in as many as go at once.

        Parameters
        ----------
        refresh, until
            Number of the refresh, and of the one up to which they may act.
        rates
            Hazards of each segment, constant in between. The same object as last time means that
            nothing has changed.

        Returns
        -------
        attempts, looks
            The order attempts, and how many look at the end of each interval.
        """

    def come_and_go(self, refresh: int, until: int, rates: Sequence[Rates]) -> Looks:
        """Let viewers come and leave from one refresh to another, while nobody can order.

        Parameters
        ----------
        refresh, until
            Numbers of the refreshes at which viewers look, and look again.
        rates
            Hazards of each segment, constant in between.

        Returns
        -------
        Looks
            How many look then.
        """


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


@dataclass(frozen=True)
class Newcomers:
    """Who comes in the intervals after a refresh: the start, the pull on them, and (n, R, K)."""

    start: int
    pull: Floats
    people: Counts

    @property
    def end(self) -> int:
        """The refresh up to which that is known."""
        return self.start + len(self.people)


@dataclass(frozen=True)
class Ahead:
    """What becomes of the viewers of a segment in n intervals.

    Parameters
    ----------
    newcomers
        Who has come by the end of each, by phase, shape (n, R, K).
    undecided, decided
        Who watches then, shape (n, R, K).
    watching, viewers
        Concurrent viewers then, and unique viewers so far, shape (n, R).
    """

    newcomers: Counts
    undecided: Counts
    decided: Counts
    watching: Counts
    viewers: Counts


class PutOff(NamedTuple):
    """Who decides in some intervals, (n, R, K), the chance to leave in one, and looks to add to."""

    deciding: Counts
    leave: Floats
    watching: Counts


class SegmentCrowd:
    """The viewers of one segment: counts by phase in R replications.

    At any moment reach = not come + undecided + decided + left. Who leaves of those who have
    decided is put off until somebody asks, which moves nothing: it has a stream of its own, and
    they matter to nobody who orders before they are undecided again.

    Parameters
    ----------
    inputs, segment, streams
        The drawn numbers, whose viewers these are, and the block's streams.
    start
        As for :class:`CohortCrowd`.
    """

    def __init__(
        self,
        inputs: Inputs,
        segment: SegmentInputs,
        streams: Streams,
        start: State | None = None,
    ) -> None:
        self.inputs = segment
        self._refresh = inputs.refresh
        self._come = streams.crowd(segment.name, "come")
        self._act = streams.crowd(segment.name, "act")
        self._decide = streams.crowd(segment.name, "decide")
        self._leave = streams.crowd(segment.name, "leave")
        self._order = streams.crowd(segment.name, "order")
        phases = streams.crowd(segment.name, "phase")
        came = 0 if start is None else start.viewers[segment.name]
        self._not_come = phases.multinomial(segment.reach - came, segment.phase_share)
        self._undecided = np.zeros_like(self._not_come)
        self._decided = np.zeros_like(self._not_come)
        self._rates: Rates | None = None
        self._chances: Chances
        self._arriving: Newcomers | None = None
        nothing = self._not_come[None][:0]
        self.ahead = Ahead(nothing, nothing, nothing, nothing[..., 0], nothing[..., 0])
        self._put_off: list[PutOff] = []
        self._counts_put_off, self._most_put_off = 0, _MOST_PUT_OFF // len(inputs.segments)
        self.viewers = np.zeros_like(segment.reach)
        if start is not None:
            self._put_back(start)
            return
        first = arrival_chance(segment.hazards[0], segment.turnout_factor)
        newcomers = self._come.binomial(self._not_come, first[:, None])
        self._not_come -= newcomers
        self._undecided += newcomers
        self.viewers += in_all(newcomers)

    def _put_back(self, start: State) -> None:
        """Let those watch who watch a show that is on the air."""
        name = self.inputs.name
        self.viewers = start.viewers[name].copy()
        self._undecided, self._decided = start.undecided[name].copy(), start.decided[name].copy()

    @property
    def undecided(self) -> Counts:
        """Viewers who may still order in the running slot, by phase, shape (R, K)."""
        return self._undecided

    @property
    def decided(self) -> Counts:
        """Viewers who have decided about the last offer that there was, by phase, shape (R, K)."""
        self._let_leave()
        return self._decided

    def _let_leave(self) -> None:
        """Draw what was put off, and add to looks who had decided by then and still watched."""
        for deciding, leave, watching in self._put_off:
            after = self._decided_after(deciding, leave)
            self._decided = after[-1]
            watching += in_all(after)
        self._put_off.clear()
        self._counts_put_off = 0

    @property
    def watching(self) -> Counts:
        """Concurrent viewers, shape (R,)."""
        return in_all(self._undecided + self.decided)

    def start_slot(self, rows: NDArray[np.bool_]) -> None:
        """Make everyone undecided where a slot starts."""
        if self._decided[rows].any() or any(one.deciding[:, rows].any() for one in self._put_off):
            self._undecided[rows] += self.decided[rows]
            self._decided[rows] = 0

    def act(self, refresh: int, newcomers: Counts, rates: Rates, looks: Looks) -> Attempts:
        """Let everybody act in the intervals after a refresh; return the order attempts.

        Parameters
        ----------
        refresh
            Number of the refresh.
        newcomers
            Who comes in each interval, by phase, shape (n, R, K).
        rates
            The segment's hazards.
        looks
            Those at the end of each interval, to which the segment's viewers are added.
        """
        self._see(rates)
        undecided, acting = self._undecided_after(newcomers)
        deciding = self._decide.binomial(acting, self._chances.decide)
        self._undecided = undecided[-1]
        self._not_come = self._not_come - newcomers.sum(axis=0)
        self._note(newcomers, undecided, looks)
        self._let_leave_later(PutOff(deciding, self._chances.leave, looks.watching))
        return self._attempts(in_all(deciding), refresh + 1)

    def _note(self, newcomers: Counts, undecided: Counts, looks: Looks) -> None:
        """Add to looks who has come by then, and who is undecided, each (n, R, K)."""
        viewers = self.viewers + np.cumsum(in_all(newcomers), axis=0)
        self.viewers = viewers[-1]
        looks.viewers[:] += viewers
        looks.watching[:] += in_all(undecided)

    def _let_leave_later(self, more: PutOff) -> None:
        """Put off who leaves of those who have decided."""
        self._put_off.append(more)
        self._counts_put_off += more.deciding.size
        if self._counts_put_off > self._most_put_off:
            self._let_leave()

    def _see(self, rates: Rates) -> None:
        """Let viewers see what there is from now on."""
        if rates is not self._rates:
            self._rates, self._chances = rates, chances_of(rates, self._refresh)

    def _note_ahead(self, stays: Stays) -> Counts:
        """Note what becomes of the viewers in some intervals; return how many decide, (n, R)."""
        newcomers, undecided, decided, deciding = stays
        come = np.cumsum(newcomers, axis=0)
        watching = in_all(undecided + decided)
        viewers = self.viewers + in_all(come)
        self.ahead = Ahead(come, undecided, decided, watching, viewers)
        return in_all(deciding)

    def _stays(self, newcomers: Counts) -> Stays:
        """Draw what viewers do in some intervals, given who comes in them.

        Each act is drawn from a stream of its own, interval by interval, so how many are drawn at a
        time moves nothing in what comes of it.
        """
        undecided, acting = self._undecided_after(newcomers)
        deciding = self._decide.binomial(acting, self._chances.decide)
        decided = self._decided_after(deciding, self._chances.leave)
        return Stays(newcomers, undecided, decided, deciding)

    def _undecided_after(self, newcomers: Counts) -> tuple[Counts, Counts]:
        """Draw who of the undecided decides or leaves; newcomers are among them from then on.

        Returns
        -------
        undecided, acting
            Who is undecided after each interval, and who decides or leaves in it, shape (n, R, K).
        """
        undecided, acting = np.empty_like(newcomers), np.empty_like(newcomers)
        now = self._undecided
        for coming, acts, after in zip(newcomers, acting, undecided, strict=True):
            acts[:] = self._act.binomial(now, self._chances.act)
            now = np.add(now, coming, out=after)
            now -= acts
        return undecided, acting

    def _decided_after(self, deciding: Counts, leave: Floats) -> Counts:
        """Draw who leaves of those who have decided before; return who stays, (n, R, K)."""
        decided, now = np.zeros_like(deciding), self._decided
        if not (now.any() or deciding.any()):
            return decided
        for joining, after in zip(deciding, decided, strict=True):
            leaving = self._leave.binomial(now, leave)
            now = np.add(now, joining, out=after)
            now -= leaving
        return decided

    def look_ahead(self, at: Numbers, until: Numbers, rates: Rates) -> Attempts:
        """Draw what viewers will do, as :meth:`CohortCrowd.look_ahead` says; return attempts."""
        interval = np.arange(int((until - at).max()))[:, None]
        ours = interval < until - at
        steps = np.minimum(at + 1 + interval, len(self.inputs.hazards) - 1)
        hazards = np.where(ours, np.take_along_axis(self.inputs.hazards, steps, axis=0), 0.0)
        self._see(rates)
        deciding = self._look_ahead(first_come_chances(hazards, rates.pull))
        return self._attempts(np.where(ours, deciding, 0), 1)

    def _look_ahead(self, chances: Floats) -> Counts:
        """Draw what happens by the chance to come in each interval; return who decides, (n, R)."""
        intervals = chances.shape[1] - 1
        expected = self.watching + in_all(self._not_come) * (1.0 - chances[:, -1])
        if _FEW * expected.sum() > intervals * self._not_come.size:
            return self._note_ahead(self._stays(self._coming(chances)))
        streams, watching = (self._act, self._decide, self._leave), (self._undecided, self._decided)
        arrivals = few_viewers.coming(self._come, self._not_come, chances)
        return self._note_ahead(
            few_viewers.stays(streams, self._chances, watching, arrivals, intervals)
        )

    def keep(self, intervals: Numbers) -> None:
        """Let viewers have done what was drawn for some intervals of each show, shape (R,)."""
        rows = np.flatnonzero(intervals)
        if not rows.size:
            return
        last, ahead = intervals[rows] - 1, self.ahead
        self._undecided[rows] = ahead.undecided[last, rows]
        self._decided[rows] = ahead.decided[last, rows]
        self._not_come[rows] -= ahead.newcomers[last, rows]
        self.viewers[rows] = ahead.viewers[last, rows]

    def counts_after(self, intervals: Numbers, rows: Numbers) -> tuple[Counts, ...]:
        """Return unique, undecided and decided viewers after some intervals drawn ahead."""
        ahead, last = self.ahead, intervals - 1
        parts = ahead.viewers[..., None], ahead.undecided, ahead.decided
        return tuple(part[last, rows] for part in parts)

    def audience_after(self, intervals: Numbers, rows: Numbers) -> tuple[Counts, Counts]:
        """Return concurrent and unique viewers after some intervals drawn ahead, shape (N,)."""
        last = intervals - 1
        return self.ahead.watching[last, rows], self.ahead.viewers[last, rows]

    def come_and_go(self, refresh: int, until: int, rates: Rates, looks: Looks) -> None:
        """Let viewers come and leave over many refreshes, by the law of as many single ones.

        Parameters
        ----------
        refresh, until
            Numbers of the refreshes at which viewers look, and look again.
        rates
            The segment's hazards, by which nobody decides.
        looks
            The one at the end, to which the segment's viewers are added.
        """
        hazards = self.inputs.hazards[refresh + 1 : until + 1]
        come, stay = lull_chances(hazards, rates.pull, rates.leave * self._refresh)
        leave = -np.expm1(-rates.leave * self._refresh * (until - refresh))
        newcomers = self._come.binomial(self._not_come, come[:, None])
        self._arriving = None  # what was drawn ahead is over
        self._undecided = self._undecided - self._act.binomial(self._undecided, leave)
        self._undecided += self._act.binomial(newcomers, stay)
        self._not_come = self._not_come - newcomers
        self._note(newcomers[None], self._undecided[None], looks)
        self._let_leave_later(PutOff(np.zeros_like(newcomers)[None], leave, looks.watching))

    def coming(self, refresh: int, until: int, rates: Rates, brought: Floats | None) -> Counts:
        """Return who comes in intervals after a refresh, by phase, shape (n, R, K), n at least 1.

        Parameters
        ----------
        refresh, until
            Number of the refresh, and of the one up to which this is asked.
        rates
            The segment's hazards.
        brought
            Integrated hazard to come that watchers and recommendation bring [1], shape (R,), which
            is only known of the next interval; None if nothing can.
        """
        if brought is not None:
            hazard = self.inputs.hazards[refresh + 1]
            chance = arrival_chance(hazard, rates.pull, brought * rates.shown)
            return self._come.binomial(self._not_come, chance[:, None])[None]
        drawn = self._arriving
        if drawn is None or refresh >= drawn.end or not np.array_equal(rates.pull, drawn.pull):
            drawn = self._arriving = self._draw_newcomers(refresh, rates.pull)
        return drawn.people[refresh - drawn.start : until - drawn.start]

    def _draw_newcomers(self, refresh: int, pull: Floats) -> Newcomers:
        """Draw who comes in the intervals to come, as long as nothing else brings anybody.

        What is drawn for later than a change is not used, so nothing before the change depends on
        when it will come.
        """
        hazards = self.inputs.hazards[refresh + 1 : refresh + 1 + AHEAD]
        return Newcomers(refresh, pull, self._coming(first_come_chances(hazards, pull)))

    def _coming(self, chances: Floats) -> Counts:
        """Draw who comes in some intervals, by the chance in each and in none, (R, n + 1)."""
        drawn = self._come.multinomial(self._not_come, chances[:, None, :])
        return np.ascontiguousarray(drawn[:, :, :-1].transpose(2, 0, 1))

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

    def _attempts(self, deciding: Counts, first: int) -> Attempts:
        """Draw what people order from a first step on, a variant each or nothing; from (n, R)."""
        interval, row, number = entries(deciding)
        drawn = self._order.multinomial(number, self._chances.order.take(row, axis=0))
        who, place, count = entries(drawn[:, 1:])
        row = row.take(who)
        variant = self._chances.offered[row, place]
        room = np.full_like(who, self.inputs.room)
        return Attempts(first + interval.take(who), room, row, variant, count)


def in_all(counts: Counts) -> Counts:
    """Add up the phases, shape (…) from (…, K): three times as fast as a sum over the last axis."""
    return np.asarray(reduce(np.add, counts.T)).T


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
