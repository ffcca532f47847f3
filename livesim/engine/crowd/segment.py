"""The viewers of one segment as counts: who comes, decides, orders and leaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.crowd import few_viewers
from livesim.engine.crowd.crowd import Attempts, Looks
from livesim.engine.crowd.few_viewers import Stays
from livesim.engine.orders.orders import entries
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
REFRESHES_AHEAD: Final = 64
#: Viewers are drawn one by one where there are at least so many intervals and phases to each.
_FEW = 2
#: Who leaves is put off for so many counts of all segments together, so that memory stays small.
_MOST_PUT_OFF = 2_000_000


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
        hazards = self.inputs.hazards[refresh + 1 : refresh + 1 + REFRESHES_AHEAD]
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
