"""Shows whose slots go on at sell-out: each goes on at its own pace.

Their rundowns differ as soon as one of them sells out before another, and something happens in
nearly every refresh in one of many. So they do not move in lockstep: each looks ahead to the next
moment at which its own stage changes, or a product that its slot waits for is sold out, and stops
there. What was drawn for later is drawn anew, and nothing before depends on it. The six steps stand
one under the other in :meth:`ShowsApart.go_on`. Shows in which the same happens at the same moments
have their processes in common, until something else happens in one of them.

As shows take turns with the random streams, a change in one of them moves the luck of all others
from its turn on, also before the refresh at which it shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.engine.crowd.cohort import AHEAD, Attempts, CohortCrowd
from livesim.engine.ledger.order_sums import Clock
from livesim.engine.ledger.release import Stocks
from livesim.engine.orders.orders import (
    Counts,
    Floats,
    Numbers,
    Orders,
    Small,
    in_few_bytes,
    small,
)
from livesim.engine.orders.placing import Placing
from livesim.engine.recording import Audience, Recording, Slots
from livesim.engine.show.show import BlockState, Show, alike, start_processes
from livesim.engine.show.stage import Stage
from livesim.engine.show.waits import Measure, Waits
from livesim.engine.state import State
from livesim.engine.state_reached import state_reached
from livesim.engine.stocks_apart import StocksApart
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs
from livesim.model.rates import Rates, rates


def at_own_pace(inputs: Inputs) -> bool:
    """Say whether slots go on at sell-out, and viewers can look ahead.

    They cannot where they react to what is left, where others bring newcomers, or where a checkout
    has a queue: then what happens in an interval depends on the one before it. Nor where orders
    take units of several products, or a webshop does: when they are sold out is not told ahead.
    """
    tied = (
        bool(inputs.sharing)
        or bool(inputs.webshops.any())
        or viewers_react(inputs)
        or any(segment.reacts for segment in inputs.segments)
    )
    return not tied and bool(np.isinf(inputs.capacity)) and any(s.goes_on for s in inputs.slots)


def viewers_react(inputs: Inputs) -> bool:
    """Say whether the screen shows what they react to, or the platform reacts.

    They react to the share claimed, to few units left, and to coupons while there are some.
    """
    return bool(inputs.log_coupon.any()) or _stock_is_seen(inputs)


def coupons_alone_move(inputs: Inputs) -> bool:
    """Say whether coupons are all that viewers react to, and no slot goes on at sell-out."""
    seen = _stock_is_seen(inputs) or any(slot.goes_on for slot in inputs.slots)
    return bool(inputs.log_coupon.any()) and not seen


def _stock_is_seen(inputs: Inputs) -> bool:
    """Say whether viewers react to the share claimed or to few units left, or the platform does."""
    herds = inputs.shows_claimed and bool(inputs.herd.any())
    scarce = inputs.shows_on_hand and bool((inputs.scarce_below > 0).any())
    return herds or scarce or platform_reacts(inputs)


def platform_reacts(inputs: Inputs) -> bool:
    """Say whether a room with nothing on hand is shown to fewer."""
    return bool((inputs.unavailable_arrivals != 1).any())


@dataclass(frozen=True)
class Notes:
    """How shows stood whenever something could make one go on apart from another: M moments.

    Parameters
    ----------
    end
        What has become of the shows in the end.
    at, row
        The refresh and the replication of each moment, shape (M,); by refresh, and then by
        replication.
    counts
        The viewers, as :meth:`~livesim.engine.crowd.cohort.CohortCrowd.counts` says, shape (M, C).
    attempts, dropped
        As in a state, shapes (M, rooms) and (M, V); without columns where no attempt is dropped.
    """

    end: State
    at: Numbers
    row: Numbers
    counts: Small
    attempts: Small
    dropped: Small


def record_noting(
    inputs: Inputs, streams: Streams, levels: Counts, fewest: Counts
) -> tuple[Recording, Notes]:
    """Record a block, and note how its shows stood before slots could go on.

    Parameters
    ----------
    inputs, streams, levels
        As for :func:`~livesim.engine.loop.record`.
    fewest
        The fewest owned units of each variant with which shows may go on apart, shape (V,): nothing
        is noted before as many are asked for of a product.
    """
    stocks = Stocks.alike(levels, inputs.supplies, inputs.replications)
    with closing(ShowsApart(inputs, streams, stocks)) as shows:
        return shows.run_noting(np.minimum(fewest, levels))


def record_parted(
    inputs: Inputs, streams: Streams, stocks: Stocks, start: State, at: Numbers
) -> Recording:
    """Let shows that have parted from others go on, each with what it has to sell.

    Parameters
    ----------
    inputs, streams
        The shows' numbers, and streams of their own.
    stocks
        What each has to sell.
    start, at
        Where each goes on, and from which refresh on its processes run; what was due by the one
        before is done.
    """
    with closing(ShowsApart(inputs, streams, stocks, start, at)) as shows:
        return shows.run()


class ShowsApart:
    """One pass of a block through the show, each replication at its own pace.

    Parameters
    ----------
    inputs, streams
        The show's numbers, and the block's streams.
    stocks
        What each show has to sell.
    start
        Where the shows go on that are on the air, a row each; by default they begin.
    at
        As for :func:`record_parted`; by default all go on at the streams' start.

    Attributes
    ----------
    crowd, state
        The audience, and the stage with what its processes share.
    """

    def __init__(
        self,
        inputs: Inputs,
        streams: Streams,
        stocks: Stocks,
        start: State | None = None,
        at: Numbers | None = None,
    ) -> None:
        self._inputs, self._stocks, self._first = inputs, stocks, streams.start
        begun = np.full(inputs.replications, streams.start)
        done = begun if at is None else np.maximum(at - 1, 0)
        self._at = self._since = self._until = begun if at is None else at
        self._intervals = np.zeros_like(begun)
        self._placing = Placing(inputs, streams, start)
        self._stock = StocksApart(inputs, self._placing.kinds, stocks)
        self._waits = Waits(inputs.replications)
        self.crowd, stage = CohortCrowd(inputs, streams, start), Stage(inputs, start)
        self.state = BlockState(inputs, stage, self._stock, self._waits, self._measured)
        self._tolerance = 1e-6 * inputs.refresh
        self._follow_past(done)
        self._shows: dict[int, Show] = {}  # by the first of their rows
        self._first_row = np.arange(inputs.replications)  # of the show that each row belongs to
        self._next_event = np.zeros(inputs.replications)
        for rows in alike(inputs, start, self._at[:, None], stage.sold_out):
            self._begin(rows, float(done[rows[0]]) * inputs.refresh)
        self._rates: list[Rates] = []
        self._tried = Attempts.joined([])
        self._orders, self._kept = [self._placing.past], Orders.none()
        self._attempts, self._dropped = self._placing.attempts[None], self._placing.dropped[None]
        looks = 0 if at is not None else inputs.refreshes + 1  # nobody asks who watched apart
        most = small(sum(int(segment.reach.max()) for segment in inputs.segments))
        self._watching: Small = np.zeros((looks, inputs.replications), dtype=most)
        self._viewers = np.zeros_like(self._watching)
        if looks:
            self._watching[self._first] = self.crowd.concurrent
            self._viewers[self._first] = self.crowd.viewers.sum(axis=0)

    def _follow_past(self, done: Numbers) -> None:
        """Let the stock come to where it is, and note what has been sold out for a slot."""
        stage, stock = self.state.stage, self._stock
        for (product, part), due in stage.called.items():
            for row in np.flatnonzero(np.isfinite(due)).tolist():
                stock.release(product, part, row, float(due[row]))
        watched = []
        for number, slot in enumerate(self._inputs.slots):
            # Where a slot sells only one, that has not been sold out, or the slot had gone on.
            runs = np.flatnonzero((stage.slot == number) & slot.goes_on & (len(slot.sells) > 1))
            since = self._step_of(stage.slot_linked_at[runs, number])
            some = since <= done[runs]
            if some.any():
                rows = runs[some]
                watched += [(product, rows, since[some], done[rows]) for product in slot.sells]
        gone = stock.go_through(self._placing.past, self._at, stage.link_at, watched)
        for (product, rows, _, _), found in zip(watched, gone, strict=True):
            stage.sold_out[rows[found], product] = True

    def _step_of(self, moments: Floats) -> Numbers:
        """Return the first refresh by which moments [s] have come; behind the last for never."""
        steps = np.ceil((moments - self._tolerance) / self._inputs.refresh)
        return np.minimum(steps, self._inputs.refreshes + 1).astype(np.intp)

    def run(self) -> Recording:
        """Run the shows to their end, and return what happened."""
        for _ in self.go_on():
            pass
        return self._recording()

    def close(self) -> None:
        """Let go of what the shows worked with."""
        self.state.end()

    def run_noting(self, fewest: Counts) -> tuple[Recording, Notes]:
        """Run the shows to their end, and note how each stood before its slots could go on.

        They cannot before a product is asked for the fewest units that there are of it.
        """
        inputs = self._inputs
        least = np.zeros(len(inputs.products), dtype=np.int64)
        if not inputs.sharing:  # else orders of others take units, too
            np.add.at(least, inputs.product_of, fewest)
        asked = self._asked_for(self._placing.past)
        rows = np.arange(self._inputs.replications)
        zero = np.zeros_like(rows)
        noted = [self._noted(self._at, rows, self.crowd.counts(rows), zero)]
        for _ in self.go_on():
            orders = self._kept
            asked += self._asked_for(orders)
            intervals = np.zeros((AHEAD + 1, len(rows)), dtype=bool)
            intervals[orders.step - self._since[orders.row], orders.row] = True
            intervals[self._at - self._since, rows] = True
            intervals[0] = False
            intervals &= (asked >= least).any(axis=1)
            after, row = np.nonzero(intervals)
            at, counts = self._since[row] + after, self.crowd.counts_after(after, row)
            noted.append(self._noted(at, row, counts, after))
        columns = [np.concatenate(column) for column in zip(*noted, strict=True)]
        noted.clear()
        at, row, *_ = columns
        order = np.lexsort((row, at))
        end = state_reached(
            self._inputs,
            self.crowd,
            self.state.stage,
            self._placing,
            self._inputs.refreshes,
            Orders.none(),
        )
        return self._recording(), Notes(end, *(column[order] for column in columns))

    def _asked_for(self, orders: Orders) -> Counts:
        """Return how many units orders ask for of each product, shape (R, P)."""
        inputs = self._inputs
        asked = np.zeros((inputs.replications, len(inputs.products)), dtype=np.int64)
        product = inputs.product_of[orders.cell // self._stock.cells_of_variant]
        units = orders.sums(self._placing.kinds.units[:, None])[:, 0]
        np.add.at(asked, (orders.row, product), units)
        return asked

    def _noted(
        self, at: Numbers, row: Numbers, counts: Counts, intervals: Numbers
    ) -> tuple[NDArray[Any], ...]:
        """Return what is noted of some rows after some intervals."""
        attempts, dropped = self._tries_after(intervals, row)
        return at, row, in_few_bytes(counts), in_few_bytes(attempts), in_few_bytes(dropped)

    def _tries_after(self, intervals: Numbers, rows: Numbers) -> tuple[Counts, Counts]:
        """Return who had tried to order after some intervals, and whom the checkout had lost."""
        attempts = self._attempts[intervals, rows]
        if self._inputs.steps:
            return attempts, self._dropped[intervals, rows]
        return attempts, np.zeros((len(rows), 0), dtype=np.int64)

    def go_on(self) -> Iterator[None]:
        """Move each show on to its next moment, until all are over; yield before they notice it."""
        while True:
            self._settle()
            self._receive()
            yield
            self._wake()
            if (self._at == self._inputs.refreshes).all():
                return
            self._start_slots()
            self._freeze()
            self._act()

    def _settle(self) -> None:
        """Place the orders of the intervals that end, up to where each show has to stop."""
        orders = self._placing.place(self._tried, self._prices, range(0))
        step = orders.step + self._at[orders.row]
        orders = replace(orders, step=step.astype(orders.step.dtype))
        orders = orders.by_account(len(self._at))
        self._since, self._at = self._at, self._stop(orders)
        in_time = orders.step <= self._at[orders.row]
        self._kept = orders if in_time.all() else orders.take(np.flatnonzero(in_time))
        self._orders.append(self._kept)
        self._count(orders)
        self._intervals = self._at - self._since
        self._note()
        self.crowd.keep(self._intervals)

    def _stop(self, orders: Orders) -> Numbers:
        """Return where each show stops: it has looked ahead so far, or has something to notice."""
        stop = self._until.copy()
        for product, rows in self._waited_for():
            rows = rows[stop[rows] > self._at[rows]]
            if rows.size:
                first = self._stock.first_sold_out(orders, product, rows, stop[rows])
                stop[rows] = np.minimum(stop[rows], first)
        return stop

    def _waited_for(self) -> Iterator[tuple[int, Numbers]]:
        """Yield the products at whose sell-out slots go on, with the replications of these."""
        for (_, product), first_rows in self._waits.waiting():
            waits = np.zeros(self._inputs.replications, dtype=bool)
            waits[first_rows] = True
            yield self.state.numbers["product"][product], np.flatnonzero(waits[self._first_row])

    def _count(self, orders: Orders) -> None:
        """Add up, interval by interval, who tries to order, and whom the checkout's steps lose."""
        before = self._intervals, np.arange(self._inputs.replications)
        attempts, dropped = self._attempts[before], self._dropped[before]
        tried, intervals = self._tried, int((self._until - self._since).max()) + 1
        tries = np.zeros((intervals, *attempts.shape), np.int64)
        np.add.at(tries, (tried.step, tried.row, tried.room), tried.count)
        tries[0] = attempts
        self._attempts = np.cumsum(tries, axis=0)
        if not self._inputs.steps:
            self._dropped = np.broadcast_to(dropped, (intervals, *dropped.shape))
            return
        lost = np.zeros((intervals, *dropped.shape), np.int64)
        np.add.at(lost, (tried.step, tried.row, tried.variant), tried.count)
        lost[0] = dropped
        entries = np.repeat(np.arange(len(orders)), np.diff(orders.first))
        real = ~self._placing.kinds.fake[orders.kind]
        batch = entries[real]
        place = orders.step[batch] - self._since[orders.row[batch]], orders.row[batch]
        variant = orders.cell[batch] // self._stock.cells_of_variant
        np.subtract.at(lost, (*place, variant), orders.count[real])
        self._dropped = np.cumsum(lost, axis=0)

    def _note(self) -> None:
        """Note the audience at the refreshes up to where each show stops."""
        if not len(self._watching):
            return
        after = np.arange(1, int(self._intervals.max(initial=0)) + 1)[:, None]
        after, row = np.nonzero(after <= self._intervals)
        if row.size:
            place = self._since[row] + 1 + after, row
            self._watching[place], self._viewers[place] = self.crowd.audience_after(after + 1, row)

    def _receive(self) -> None:
        """Serve these orders, settle reservations, and take in the deliveries that are due."""
        self._stock.go_on(self._kept, self._at, self.state.stage.link_at)

    def _wake(self) -> None:
        """Run the processes that are due, and those that something they wait for has woken."""
        since, now = (np.asarray(at * self._inputs.refresh) for at in (self._since, self._at))
        self._part(since)
        due_now = np.flatnonzero(self._next_event <= now + self._tolerance)
        for row in np.unique(self._first_row[due_now]).tolist():
            self._advance(row, float(now[row]))
        while True:
            self._stock.take_in(self.state.stage.link_at)  # what a link has just put on sale
            self._note_sold_out()
            for row in self._part(now):
                self._advance(row, float(now[row]))
            due = list(self._waits.due(self._measured))
            if not due:
                return
            for row, event in due:
                env, moment = self._shows[row].env, float(now[row])
                if env.now < moment:
                    env.run(until=moment)  # an idle environment's clock stands still
                event.succeed()
                self._advance(row, moment)

    def _advance(self, row: int, now: float) -> None:
        """Run one show's events up to now, those at this very moment included."""
        env = self._shows[row].env
        while env.peek() <= now + self._tolerance:
            env.step()
        self._next_event[self._first_row == row] = env.peek()

    def _begin(self, rows: list[int], now: float) -> None:
        """Start the processes of shows in which the same has happened, at a moment [s]."""
        show = self._shows[rows[0]] = Show(self.state, rows, now)
        start_processes(show, ())
        self._first_row[rows], self._next_event[rows] = rows[0], show.env.peek()

    def _note_sold_out(self) -> None:
        """Note which of the products that slots wait for are sold out now."""
        for product, rows in self._waited_for():
            gone = rows[self._stock.sold_out(product)[rows]]
            self.state.stage.sold_out[gone, product] = True

    def _part(self, since: Floats) -> list[int]:
        """Let shows go on by themselves in which something else happens than in others.

        Parameters
        ----------
        since
            The moments up to which their processes have run [s], shape (R,).

        Returns
        -------
        list of int
            The first rows of what they are divided into.
        """
        sold_out, first_row, begun = self.state.stage.sold_out, self._first_row, []
        apart = (self._at != self._at[first_row]) | (sold_out != sold_out[first_row]).any(axis=1)
        for row in np.unique(first_row[apart]).tolist():
            self._waits.forget(row)
            del self._shows[row]
            parts: dict[tuple[int, bytes], list[int]] = {}
            for one in np.flatnonzero(first_row == row).tolist():
                happens = int(self._at[one]), sold_out[one].tobytes()
                parts.setdefault(happens, []).append(one)
            for rows in parts.values():
                self._begin(rows, float(since[rows[0]]))
                begun.append(rows[0])
        return begun

    def _measured(self, measure: Measure) -> Floats:
        """Return in which shows a product is sold out, shape (R,): slots wait for nothing else."""
        return self._stock.sold_out(self.state.numbers["product"][measure[1]]).astype(float)

    def _start_slots(self) -> None:
        """Make everyone undecided where a slot has started, as soon as they could order in it."""
        if self.state.stage.new_slot.any():
            first = self.state.stage.take_new_offers(self._inputs)
            if first.any():
                self.crowd.start_slot(first)

    def _freeze(self) -> None:
        """Freeze the screens, and what they make of the rates until each show stops."""
        inputs, stage = self._inputs, self.state.stage
        if stage.changed:
            screen = stage.screen(inputs.length)  # whoever has a link by now has had it before
            self._rates = [rates(inputs, segment, screen) for segment in inputs.segments]
            stage.changed = False

    def _act(self) -> None:
        """Let the crowd look ahead until the next moment of each show."""
        end = self._inputs.refreshes
        far = np.minimum(self._stock.known_until(), self._at + AHEAD)
        due = np.maximum(self._step_of(self._next_event), self._at + 1)
        self._until = np.minimum(np.minimum(far, due), end)
        self._tried = self.crowd.look_ahead(self._at, self._until, self._rates)

    def _prices(self, steps: Numbers, product: int) -> Floats:
        """Return the prices of a product, which do not change while anybody looks ahead."""
        price = self.state.stage.price[:, product]
        return np.broadcast_to(price, (len(steps), len(price)))

    def _recording(self) -> Recording:
        """Put together what has happened."""
        inputs, stage, rows = self._inputs, self.state.stage, np.arange(self._inputs.replications)
        times = np.asarray(np.arange(inputs.refreshes + 1) * inputs.refresh, dtype=float)
        watched = slice(self._first, None)
        return Recording(
            inputs=inputs,
            clock=Clock(times),
            kinds=self._placing.kinds,
            orders=Orders.gathered(self._orders, inputs.replications),
            attempts=self._attempts[self._intervals, rows],
            dropped=self._dropped[self._intervals, rows],
            audience=Audience(
                times[watched] if len(self._watching) else times[:0],
                self._watching[watched],
                self._viewers[watched],
                self.crowd.viewers,
                self.crowd.watching,
            ),
            slots=Slots(stage.slot_started_at, stage.slot_linked_at, stage.slot_ended_at),
            link_at=stage.link_at,
            called=stage.called,
            lived=self._stocks.levels[:, 0],
            plan=self._stocks.plans[0],
            reacts=False,
            begun=self._first,
        )
