"""Shows that keep step: a block of replications, all at the same refresh.

The stock is followed only if something in the show reacts to it; otherwise the crowd goes on from
look to look, and a ledger counts the stock afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from livesim.arrays import Counts, Floats, Numbers
from livesim.engine.behaviour import log_factors
from livesim.engine.crowd.cohort import CohortCrowd
from livesim.engine.crowd.crowd import Attempts, Crowd, Looks
from livesim.engine.custom import NONE, Custom
from livesim.engine.ledger.live_stock import Live
from livesim.engine.loop import Loop, goes_in_circles
from livesim.engine.orders.orders import Orders, in_few_bytes
from livesim.engine.reactions import reactions_of
from livesim.engine.recording import Audience, Recording
from livesim.engine.release_plan import Stocks
from livesim.engine.show.quiet_times import Lulls
from livesim.engine.show.show import BlockState, Show, alike, start_processes
from livesim.engine.show.stage import Stage
from livesim.engine.show.waits import Measure
from livesim.engine.state import State
from livesim.engine.state_reached import state_reached
from livesim.engine.streams import Streams
from livesim.engine.unwatched import Unwatched
from livesim.model.inputs import Inputs
from livesim.model.rates import Screen, rates, unavailable

#: Rounds in which processes may wake each other at one moment; more, and they go in circles.
_MOST_ROUNDS = 1_000
#: Attempts of at most so many refreshes wait to become orders, so that memory stays flat.
_PLACED_TOGETHER = 256


class Lockstep(Loop):
    """One pass of a block through the show, all replications at the same refresh.

    Parameters
    ----------
    inputs, streams
        The show's numbers, and the block's streams.
    levels
        Owned units of each variant in the show that viewers live through, shape (V,).
    crowd
        The audience.
    custom
        Code of a user's own.
    start
        Where the shows go on that are on the air, a row each; by default they begin.
    until
        The refresh after which nobody looks any more; by default the last one.
    """

    def __init__(
        self,
        inputs: Inputs,
        streams: Streams,
        levels: Counts,
        crowd: Crowd,
        *,
        custom: Custom = NONE,
        start: State | None = None,
        until: int | None = None,
    ) -> None:
        stocks = Stocks.alike(levels, inputs.supplies, inputs.replications)
        super().__init__(inputs, streams, stocks, start)
        self._behaviour = custom.behaviour
        self._until = inputs.refreshes if until is None else until
        self._reactions, kinds = reactions_of(inputs, custom), self._placing.kinds
        self._live = None if self._reactions.one_recording else Live(inputs, kinds, stocks)
        stock, self.crowd, stage = self._live or Unwatched(), crowd, Stage(inputs, start)
        self.state = BlockState(inputs, stage, stock, self._waits, self._measured, custom.scenario)
        # What happens differs only by who comes when, if nothing else can move a show.
        each = [[row] for row in range(inputs.replications)]
        self._shows = self._begun(each if self._live else alike(inputs, start), custom)
        self._next_event = np.array([show.env.peek() for show in self._shows], dtype=float)
        # A user's process may wait for the crowd, which only moves at a look.
        looked_at = self._reactions.screen_changes or bool(custom.processes)
        self._lulls = Lulls(inputs, self._until, live=looked_at)
        self._refresh = self._look = self._placed = self._first
        self._tried: list[Attempts] = []
        self._shown: list[tuple[int, Floats]] = []
        if self._live is not None and start is not None:
            self._follow_past(self._live)
        self._looks: list[Looks] = []
        self._note(Looks.of(crowd, self._first))

    def _begun(self, together: Sequence[list[int]], custom: Custom) -> list[Show]:
        """Start the processes of shows that have them in common."""
        now = self._first * self._inputs.refresh
        shows = [Show(self.state, rows, now) for rows in together]
        for show in shows:
            start_processes(show, custom.processes)
        return shows

    def run(self) -> Recording:
        """Run the show to its end, and return what happened."""
        self.go_on()
        return self._recording(self.audience())

    def unwatched(self) -> Recording:
        """Run the show to its end, and return what happened, but not who watched when."""
        self.go_on()
        return self._recording(Audience.unknown(self.crowd.viewers))

    def reached(self, crowd: CohortCrowd) -> State:
        """Run the show, and return its state before viewers look again."""
        self.go_on()
        self._start_slots()
        self._place_until(self._until)
        orders = Orders.joined(self._orders)
        stage, placing = self.state.stage, self._placing
        return state_reached(self._inputs, crowd, stage, placing, self._until, orders)

    def _follow_past(self, live: Live) -> None:
        """Let the stock come to where it is, and note what has been sold out for a slot."""
        stage, past = self.state.stage, self._placing.past
        running = np.maximum(stage.slot, 0)[:, None]
        linked_at = np.take_along_axis(stage.slot_linked_at, running, axis=1)
        linked_at[stage.slot < 0] = np.inf
        for step in live.follow(past, stage.called, stage.link_at, self._first):
            linked = linked_at <= step * self._inputs.refresh + self._tolerance
            if linked.any():
                gone = [live.sold_out(product) for product in range(len(self._inputs.products))]
                stage.sold_out |= linked & np.stack(gone, axis=1)

    def _serve(self) -> None:
        """Serve the orders of the interval that ends, if anybody looks at the stock."""
        if self._live is None:
            if self._refresh - self._placed >= _PLACED_TOGETHER:
                self._place_until(self._refresh)
            return
        if self._tried or self._placing.waiting:
            self._place_until(self._refresh)
            self._live.serve(self._orders[-1], self._refresh)

    def _receive(self) -> None:
        """Sweep payments, and take in the deliveries that are due."""
        self.state.stock.receive(self._refresh, self.state.stage.link_at)

    def _wake(self) -> None:
        """Run the processes that are due, and those that something they wait for has woken."""
        now = self._refresh * self._inputs.refresh
        for number in np.flatnonzero(self._next_event <= now + self._tolerance).tolist():
            self._advance(number, now)
        for _ in range(_MOST_ROUNDS):
            self._receive()  # what a process has just put on sale at once
            due = list(self._waits.due(self._measured))
            if not due:
                return
            for row, event in due:
                self._let_happen(event, self._shows[row], now)
                self._advance(row, now)
        raise goes_in_circles(now)

    def _advance(self, number: int, now: float) -> None:
        """Run one show's events up to now, and note when its next is due."""
        self._next_event[number] = self._run_events(self._shows[number], now)

    @property
    def _over(self) -> bool:
        return self._refresh == self._until

    @property
    def _viewers_look(self) -> bool:
        return self._refresh == self._look

    def _freeze(self) -> None:
        """Freeze the screen, and what it makes of the rates until the next look."""
        stage, inputs = self.state.stage, self._inputs
        if not (stage.changed or self._reactions.screen_changes):
            return
        stage.changed = False
        screen = self._with_stock(stage.screen(self._refresh * inputs.refresh))
        shape = inputs.replications, len(inputs.segments)
        extra = log_factors(self._behaviour, screen, shape, self._block)
        self.state.screen = screen
        if not self._shown or (self._shown[-1][1] != screen.price).any():
            self._shown.append((self._refresh, screen.price))
        self._rates = [
            rates(inputs, segment, screen, extra[:, number])
            for number, segment in enumerate(inputs.segments)
        ]

    def _act(self) -> None:
        """Let the crowd act until its next look, and note what it tries to order."""
        refresh, change = self._refresh, self._next_change()
        look = self._lulls.next_look(refresh, self._rates, change)
        if look > refresh + 1:
            looks = self.crowd.come_and_go(refresh, look, self._rates)
        else:
            changes = self._reactions.screen_changes or self._lulls.quiet
            foreseen = self._live is None and not changes  # what viewers see, and when
            until = min(max(change, look), self._until) if foreseen else look
            attempts, looks = self.crowd.act(refresh, until, self._rates)
            if len(attempts):
                self._tried.append(attempts)
        self._note(looks)
        self._look = int(looks.at[-1])

    def _move_on(self) -> None:
        """Go on by one refresh if somebody follows the stock, or else to the next look."""
        self._refresh = self._look if self._live is None else self._refresh + 1

    def _note(self, looks: Looks) -> None:
        """Note who watched, to which the crowd may still add; there are many looks."""
        self._looks.append(looks._replace(viewers=in_few_bytes(looks.viewers)))

    def _place_until(self, step: int) -> None:
        """Add the orders that come to the stock up to a step."""
        steps = range(self._placed + 1, step + 1)
        tried = Attempts.joined(self._tried)
        self._orders.append(self._placing.place(tried, self._prices, steps))
        self._tried, self._placed = [], step

    def _prices(self, steps: Numbers, product: int) -> Floats:
        """Return the prices of a product shown in some steps, shape (n, R)."""
        since = [refresh for refresh, _ in self._shown]
        seen = np.searchsorted(since, steps - 1, side="right") - 1
        found, where = np.unique(seen, return_inverse=True)
        return np.stack([self._shown[one][1][:, product] for one in found.tolist()])[where]

    def _next_change(self) -> int:
        """Return the refresh by which a process is due in any replication."""
        due = (float(self._next_event.min()) - self._tolerance) / self._inputs.refresh
        return self._inputs.refreshes if math.isinf(due) else math.ceil(due)

    def _with_stock(self, screen: Screen) -> Screen:
        """Add what this show's screen tells of the stock."""
        inputs, live = self._inputs, self._live
        if live is None:
            return screen
        products = range(len(inputs.products))
        if inputs.shows_claimed:
            claimed = np.stack([live.claimed_share(product) for product in products], axis=1)
            screen = replace(screen, claimed=claimed)
        if inputs.shows_on_hand or self._reactions.platform:
            left = np.stack([live.on_hand(product) for product in products], axis=1)
            if inputs.shows_on_hand:
                screen = replace(screen, on_hand=left)
            if self._reactions.platform:
                screen = replace(screen, unavailable=unavailable(inputs, screen, left))
        if self._reactions.coupons:
            coupons = np.zeros(screen.price.shape, dtype=bool)
            for one in inputs.coupons:
                coupons[:, one.product] = live.orders(one.product) < one.first
            screen = replace(screen, coupons=coupons)
        return screen

    def _measured(self, measure: Measure) -> Floats:
        """Return what processes can wait for, in every replication, shape (R,)."""
        name, product = measure
        if name == "viewers":
            return np.asarray(self.crowd.viewers.sum(axis=0), dtype=float)
        if name == "watching":
            return self.crowd.concurrent.astype(float)
        if self._live is None:
            raise RuntimeError(f"a process waits for {name}, but nobody follows the stock")
        if name == "orders":
            return self._live.orders_so_far.astype(float)
        number = self.state.numbers["product"][product]
        if name == "on_hand":
            return self._live.on_hand(number).astype(float)
        if name == "sold_out":
            return self._live.sold_out(number).astype(float)
        return -self._live.available(number).astype(float)  # few left: at least a bound

    def audience(self) -> Audience:
        """Return the looks at the audience so far."""
        watching_by_segment = self.crowd.watching  # which also adds to the looks what was put off
        at, watching, viewers = (np.concatenate(part) for part in zip(*self._looks, strict=True))
        return Audience(
            at * self._inputs.refresh,
            in_few_bytes(watching),
            viewers,
            self.crowd.viewers,
            watching_by_segment,
        )

    def _recording(self, audience: Audience) -> Recording:
        """Work off the checkout's queue, and put together what has happened."""
        end = self._inputs.refreshes
        times = (np.arange(end + 1) * self._inputs.refresh).tolist()
        self._place_until(end)
        self._orders.append(self._placing.work_off(end, times))
        attempts, dropped = self._placing.attempts, self._placing.dropped
        return self._recorded(
            np.array(times), attempts, dropped, audience, reactions=self._reactions
        )
