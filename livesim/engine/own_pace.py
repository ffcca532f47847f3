"""Shows whose slots go on at sell-out: each goes on at its own pace.

Their rundowns differ as soon as one of them sells out before another, and something happens in
nearly every refresh in one of many. So they do not move in lockstep: each looks ahead to the next
moment at which its own stage changes, or a product that its slot waits for is sold out, and stops
there. What was drawn for later is drawn anew, and nothing before depends on it. Shows in which the
same happens at the same moments have their processes in common, until something else happens in one
of them.

As shows take turns with the random streams, a change in one of them gives all others other random
numbers from its turn on, also before the refresh at which it shows. So shows at another stock are
of other viewers by chance, but for those that part from a recording (`parting`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from livesim.arrays import Floats, Numbers, Small
from livesim.engine.clock import Clock
from livesim.engine.crowd.cohort import CohortCrowd
from livesim.engine.crowd.crowd import Attempts
from livesim.engine.crowd.segment import REFRESHES_AHEAD
from livesim.engine.loop import Loop
from livesim.engine.orders.orders import Orders, small
from livesim.engine.own_pace_stock import OwnPaceStock
from livesim.engine.reactions import reactions_of
from livesim.engine.recording import Audience, Recording
from livesim.engine.release_plan import Stocks
from livesim.engine.show.show import BlockState, Show, alike, start_processes
from livesim.engine.show.stage import Stage
from livesim.engine.show.waits import Measure
from livesim.engine.state import State
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs
from livesim.model.rates import rates


class OwnPace(Loop):
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
        From which refresh on each show's processes run, shape (R,); what was due by the one before
        is done. By default all go on at the streams' start.
    """

    crowd: CohortCrowd

    def __init__(
        self,
        inputs: Inputs,
        streams: Streams,
        stocks: Stocks,
        start: State | None = None,
        at: Numbers | None = None,
    ) -> None:
        super().__init__(inputs, streams, stocks, start)
        begun = np.full(inputs.replications, streams.start)
        done = begun if at is None else np.maximum(at - 1, 0)
        self._at = self._since = self._until = begun if at is None else at
        self._intervals = np.zeros_like(begun)
        self._stock = OwnPaceStock(inputs, self._placing.kinds, stocks)
        self.crowd, stage = CohortCrowd(inputs, streams, start), Stage(inputs, start)
        self.state = BlockState(inputs, stage, self._stock, self._waits, self._measured)
        self._follow_past(done)
        self._shows: dict[int, Show] = {}  # by the first of their rows
        self._first_row = np.arange(inputs.replications)  # of the show that each row belongs to
        self._next_event = np.zeros(inputs.replications)
        for rows in alike(inputs, start, self._at[:, None], stage.sold_out):
            self._begin(rows, float(done[rows[0]]) * inputs.refresh)
        self._tried = Attempts.joined([])
        self._kept = Orders.none()
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
        self.go_on()
        last = self._intervals, np.arange(self._inputs.replications)
        times = Clock.of(self._inputs).times
        seen = slice(self._first, None)
        audience = Audience(
            times[seen] if len(self._watching) else times[:0],
            self._watching[seen],
            self._viewers[seen],
            self.crowd.viewers,
            self.crowd.watching,
        )
        attempts, dropped = self._attempts[last], self._dropped[last]
        reactions = reactions_of(self._inputs)
        return self._recorded(times, attempts, dropped, audience, reactions=reactions)

    def _serve(self) -> None:
        """Serve the orders of the intervals that have ended."""
        self._stock.serve_all(self._kept)

    def _receive(self) -> None:
        """Sweep payments, and take in the deliveries that are due."""
        self._stock.receive_all(self._at, self.state.stage.link_at)

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
                self._let_happen(event, self._shows[row], float(now[row]))
                self._advance(row, float(now[row]))

    def _advance(self, row: int, now: float) -> None:
        """Run one show's events up to now, and note when its next is due."""
        self._next_event[self._first_row == row] = self._run_events(self._shows[row], now)

    @property
    def _over(self) -> bool:
        return bool((self._at == self._inputs.refreshes).all())

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
        far = np.minimum(self._stock.known_until(), self._at + REFRESHES_AHEAD)
        due = np.maximum(self._step_of(self._next_event), self._at + 1)
        self._until = np.minimum(np.minimum(far, due), end)
        self._tried = self.crowd.look_ahead(self._at, self._until, self._rates)

    def _move_on(self) -> None:
        """Go to where each show has to stop, and place the orders up to there."""
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

    def _prices(self, steps: Numbers, product: int) -> Floats:
        """Return the prices of a product, which do not change while anybody looks ahead."""
        price = self.state.stage.price[:, product]
        return np.broadcast_to(price, (len(steps), len(price)))
