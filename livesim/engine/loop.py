"""A block of replications moved through the show in lockstep.

The loop's six steps stand one under the other in :meth:`Loop.go_on`. What comes out is a
:class:`~livesim.engine.recording.Recording`: the stock is counted afterwards, by a ledger, unless
something in the show reacts to it. Shows that need not keep step are moved forward elsewhere, each
at its own pace: :class:`~livesim.engine.shows_apart.ShowsApart`, by the same steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import numpy as np

from livesim.engine.crowd.agent import AgentCrowd
from livesim.engine.crowd.cohort import Attempts, CohortCrowd, Crowd, Looks
from livesim.engine.custom import NONE, Custom
from livesim.engine.ledger.live_stock import Live, Unwatched
from livesim.engine.ledger.order_sums import Clock
from livesim.engine.ledger.release import Stocks
from livesim.engine.orders.orders import Counts, Floats, Numbers, Orders, in_few_bytes
from livesim.engine.orders.placing import Placing
from livesim.engine.recording import Audience, Recording, Slots
from livesim.engine.show.quiet_times import Lulls
from livesim.engine.show.show import BlockState, Show, alike, start_processes
from livesim.engine.show.stage import Stage
from livesim.engine.show.waits import Measure, Waits
from livesim.engine.shows_apart import ShowsApart, at_own_pace, platform_reacts, viewers_react
from livesim.engine.state import State
from livesim.engine.state_reached import state_reached
from livesim.engine.streams import Streams
from livesim.errors import UsageError
from livesim.model.inputs import Inputs
from livesim.model.rates import Rates, Screen, rates, unavailable

#: Rounds in which processes may wake each other at one moment; more, and they go in circles.
_MOST_ROUNDS = 1_000
#: Attempts of at most so many refreshes wait to become orders, so that memory stays flat.
_PLACED_TOGETHER = 256
#: The engines by name: each makes a crowd; everything else is shared.
ENGINES: dict[str, Callable[[Inputs, Streams, State | None], Crowd]] = {
    "cohort": CohortCrowd,
    "agent": AgentCrowd,
}


def record(
    inputs: Inputs,
    streams: Streams,
    levels: Counts,
    *,
    engine: str = "cohort",
    custom: Custom = NONE,
    start: State | None = None,
) -> Recording:
    """Let a block of replications live through the show, and record what the crowd does.

    Parameters
    ----------
    inputs, streams
        The show's numbers, and the block's streams.
    levels
        Owned units of each variant in the show that viewers live through, shape (V,).
    engine
        How viewers are simulated: ``cohort`` counts them, ``agent`` follows each of them.
    custom
        Code of a user's own.
    start
        Where the shows go on that are on the air, a row each; by default they begin.

    Raises
    ------
    UsageError
        If there is no such engine, a process is no generator, or a behaviour returns what is no
        factor.
    """
    if engine not in ENGINES:
        raise UsageError(f"no engine is called {engine}; known: {', '.join(ENGINES)}")
    if engine == "cohort" and _apart(inputs, custom):
        stocks = Stocks.alike(levels, inputs.supplies, inputs.replications)
        with closing(ShowsApart(inputs, streams, stocks, start)) as apart:
            return apart.run()
    crowd = ENGINES[engine](inputs, streams, start)
    with closing(Loop(inputs, streams, levels, crowd, custom=custom, start=start)) as show:
        return show.run()


def record_orders(
    inputs: Inputs, streams: Streams, levels: Counts, *, custom: Custom = NONE
) -> Recording:
    """Record a block of replications where nobody asks who watched when: the same orders.

    Who leaves after the last offer is not drawn then. Shows at a pace of their own are recorded as
    usual.

    Parameters
    ----------
    inputs, streams, levels, custom
        As for :func:`record`.
    """
    if _apart(inputs, custom):
        return record(inputs, streams, levels, custom=custom)
    crowd = ENGINES["cohort"](inputs, streams, None)
    with closing(Loop(inputs, streams, levels, crowd, custom=custom)) as show:
        return show.unwatched()


def _apart(inputs: Inputs, custom: Custom) -> bool:
    """Say whether each show goes on at its own pace."""
    return not custom.processes and custom.behaviour is None and at_own_pace(inputs)


def state_at(
    inputs: Inputs, streams: Streams, levels: Counts, refresh: int, start: State | None = None
) -> State:
    """Let a block of replications live through the show up to a refresh, and return its state.

    Parameters
    ----------
    inputs, streams, levels, start
        As for :func:`record`.
    refresh
        Number of the refresh.
    """
    crowd = CohortCrowd(inputs, streams, start)
    with closing(Loop(inputs, streams, levels, crowd, start=start, until=refresh)) as show:
        return show.reached(crowd)


def watched_until(
    inputs: Inputs, streams: Streams, levels: Counts, refresh: int
) -> tuple[State, Audience]:
    """Let a block of replications live through the show up to a refresh, and note who watched.

    Parameters
    ----------
    inputs, streams, levels, refresh
        As for :func:`state_at`.

    Returns
    -------
    state, audience
        What has become of the shows by then, and the looks at their audience on the way.
    """
    crowd = CohortCrowd(inputs, streams)
    with closing(Loop(inputs, streams, levels, crowd, until=refresh)) as show:
        return show.reached(crowd), show.audience()


class Loop:
    """One pass of a block through the show.

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
        self._inputs, self._behaviour = inputs, custom.behaviour
        self._stocks = Stocks.alike(levels, inputs.supplies, inputs.replications)
        self._block = f"block {streams.block}, seed {streams.seed}"
        self._first, self._until = streams.start, inputs.refreshes if until is None else until
        self._placing = Placing(inputs, streams, start)
        shows_stock = inputs.shows_claimed or inputs.shows_on_hand
        own, behaves = bool(custom.processes), custom.behaviour is not None
        self._reacts = own or viewers_react(inputs) or (shows_stock and behaves)
        watched = self._reacts or any(slot.goes_on for slot in inputs.slots)
        self._live = Live(inputs, self._placing.kinds, self._stocks) if watched else None
        stock = self._live or Unwatched()
        self.crowd, stage, waits = crowd, Stage(inputs, start), Waits(inputs.replications)
        self.state = BlockState(inputs, stage, stock, waits, self._measured, custom.scenario)
        # What happens differs only by who comes when, if nothing else can move a show.
        apart = watched or own
        self._shows = [
            Show(self.state, rows, self._first * inputs.refresh)
            for rows in (
                [[row] for row in range(inputs.replications)] if apart else alike(inputs, start)
            )
        ]
        for show in self._shows:
            start_processes(show, custom.processes)
        self._next_event = np.array([show.env.peek() for show in self._shows], dtype=float)
        self._tolerance = 1e-6 * inputs.refresh  # sums of binary fractions miss a moment by less
        self._platform_reacts = platform_reacts(inputs)
        self._changes = behaves or shows_stock or viewers_react(inputs)
        self._foreseen = self._live is None and not self._changes  # what viewers see, and when
        # A user's process may wait for the crowd, which only moves at a look.
        self._lulls = Lulls(inputs, self._until, live=self._changes or own)
        self._look = self._placed = self._first
        self._rates: list[Rates] = []
        self._tried: list[Attempts] = []
        self._shown: list[tuple[int, Floats]] = []
        self._orders = [self._placing.past]
        if self._live is not None and start is not None:
            self._follow(self._live)
        self._looks: list[Looks] = []
        self._note(Looks.of(crowd, self._first))

    def run(self) -> Recording:
        """Run the show to its end, and return what happened."""
        self.go_on()
        return self._recording(self.audience())

    def unwatched(self) -> Recording:
        """Run the show to its end, and return what happened, but not who watched when."""
        self.go_on()
        return self._recording(Audience.unknown(self.crowd.viewers))

    def close(self) -> None:
        """Let go of what the shows worked with."""
        self.state.end()

    def reached(self, crowd: CohortCrowd) -> State:
        """Run the show, and return its state before viewers look again."""
        self.go_on()
        self._start_slots()
        self._place_until(self._until)
        orders = Orders.joined(self._orders)
        stage, placing = self.state.stage, self._placing
        return state_reached(self._inputs, crowd, stage, placing, self._until, orders)

    def go_on(self) -> None:
        """Move the block on: by one refresh if somebody follows the stock, or else to a look."""
        refresh = self._first
        while True:
            self._settle(refresh)
            self._receive(refresh)
            self._wake(refresh)
            if refresh == self._until:
                return
            if refresh == self._look:
                self._start_slots()
                self._freeze(refresh)
                self._act(refresh)
            refresh = self._look if self._live is None else refresh + 1

    def _follow(self, live: Live) -> None:
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

    def _settle(self, refresh: int) -> None:
        """Serve the orders of the interval that ends, if anybody looks at the stock."""
        if self._live is None:
            if refresh - self._placed >= _PLACED_TOGETHER:
                self._place_until(refresh)
            return
        if self._tried or self._placing.waiting:
            self._place_until(refresh)
            self._live.serve(self._orders[-1], refresh)

    def _receive(self, refresh: int) -> None:
        """Settle reservations, and take in the deliveries that are due."""
        self.state.stock.receive(refresh, self.state.stage.link_at)

    def _wake(self, refresh: int) -> None:
        """Run the processes that are due, and those that something they wait for has woken."""
        now = refresh * self._inputs.refresh
        for number in np.flatnonzero(self._next_event <= now + self._tolerance).tolist():
            self._advance(number, now)
        for _ in range(_MOST_ROUNDS):
            self._receive(refresh)  # what a process has just put on sale at once
            due = list(self.state.waits.due(self._measured))
            if not due:
                return
            for row, event in due:
                env = self._shows[row].env
                if env.now < now:
                    env.run(until=now)  # an idle environment's clock stands still
                event.succeed()
                self._advance(row, now)
        raise UsageError(
            f"at {now:g} s a process waits again and again for something that is so already; "
            "let it wait for a time in between"
        )

    def _start_slots(self) -> None:
        """Make everyone undecided where a slot has started, as soon as they could order in it."""
        if self.state.stage.new_slot.any():
            first = self.state.stage.take_new_offers(self._inputs)
            if first.any():
                self.crowd.start_slot(first)

    def _freeze(self, refresh: int) -> None:
        """Freeze the screen, and what it makes of the rates until the next look."""
        stage = self.state.stage
        if not (stage.changed or self._changes):
            return
        stage.changed = False
        screen = self._with_stock(stage.screen(refresh * self._inputs.refresh))
        extra = self._extra(screen)
        self.state.screen = screen
        if not self._shown or (self._shown[-1][1] != screen.price).any():
            self._shown.append((refresh, screen.price))
        self._rates = [
            rates(self._inputs, segment, screen, extra[:, number])
            for number, segment in enumerate(self._inputs.segments)
        ]

    def _act(self, refresh: int) -> None:
        """Let the crowd act until its next look, and note what it tries to order."""
        change = self._next_change()
        look = self._lulls.next_look(refresh, self._rates, change)
        if look > refresh + 1:
            looks = self.crowd.come_and_go(refresh, look, self._rates)
        else:
            foreseen = self._foreseen and not self._lulls.quiet
            until = min(max(change, look), self._until) if foreseen else look
            attempts, looks = self.crowd.act(refresh, until, self._rates)
            if len(attempts):
                self._tried.append(attempts)
        self._note(looks)
        self._look = int(looks.at[-1])

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

    def _advance(self, number: int, now: float) -> None:
        """Run one show's events up to now, those at this very moment included."""
        env = self._shows[number].env
        while env.peek() <= now + self._tolerance:
            try:
                env.step()
            except RuntimeError as error:
                _refuse_what_is_no_event(error)
                raise
            except Exception as fault:
                row = self._shows[number].row
                fault.add_note(f"in replication {row} of {self._block}, at {float(env.now):g} s")
                raise
        self._next_event[number] = env.peek()

    def _with_stock(self, screen: Screen) -> Screen:
        """Add what this show's screen tells of the stock."""
        inputs, live = self._inputs, self._live
        if live is None:
            return screen
        products = range(len(inputs.products))
        if inputs.shows_claimed:
            claimed = np.stack([live.claimed_share(product) for product in products], axis=1)
            screen = replace(screen, claimed=claimed)
        if inputs.shows_on_hand or self._platform_reacts:
            left = np.stack([live.on_hand(product) for product in products], axis=1)
            if inputs.shows_on_hand:
                screen = replace(screen, on_hand=left)
            if self._platform_reacts:
                screen = replace(screen, unavailable=unavailable(inputs, screen, left))
        if inputs.log_coupon.any():
            coupons = np.zeros(screen.price.shape, dtype=bool)
            for one in inputs.coupons:
                coupons[:, one.product] = live.orders(one.product) < one.first
            screen = replace(screen, coupons=coupons)
        return screen

    def _extra(self, screen: Screen) -> Floats:
        """Return the log-factors of a user's behaviour, shape (R, S)."""
        shape = (self._inputs.replications, len(self._inputs.segments))
        if self._behaviour is None:
            return np.zeros(shape)
        try:
            told = self._behaviour(screen)
        except Exception as fault:
            fault.add_note(f"in all replications of {self._block}, at {screen.time:g} s")
            raise
        returned = _numbers(told, shape)
        if returned.shape not in ((), shape):
            raise UsageError(
                f"the behaviour returned an array of shape {returned.shape}; it must be a number "
                f"or of shape {shape}, replications by segments"
            )
        extra = np.broadcast_to(returned, shape)
        if not np.isfinite(extra).all():
            row = int(np.flatnonzero(~np.isfinite(extra).all(axis=1))[0])
            raise UsageError(
                f"the behaviour returned a log-factor that is not finite at {screen.time:g} s, "
                f"in replication {row} of {self._block}; return 0 where it does nothing"
            )
        return extra

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
        inputs, stage = self._inputs, self.state.stage
        end = inputs.refreshes
        times = (np.arange(end + 1) * inputs.refresh).tolist()
        self._place_until(end)
        self._orders.append(self._placing.work_off(end, times))
        return Recording(
            inputs=inputs,
            clock=Clock(np.array(times)),
            kinds=self._placing.kinds,
            orders=Orders.gathered(self._orders, inputs.replications),
            attempts=self._placing.attempts,
            dropped=self._placing.dropped,
            audience=audience,
            slots=Slots(stage.slot_started_at, stage.slot_linked_at, stage.slot_ended_at),
            link_at=stage.link_at,
            called=stage.called,
            lived=self._stocks.levels[:, 0],
            plan=self._stocks.plans[0],
            reacts=self._reacts,
            begun=self._first,
        )


def _numbers(told: object, shape: tuple[int, int]) -> Floats:
    """Return what a user's behaviour has told as numbers."""
    try:
        found = np.asarray(told)
    except ValueError:  # lists of unlike lengths
        found = np.asarray(None)
    if found.dtype.kind not in "biuf":
        raise UsageError(
            f"the behaviour returned {told!r:.60}, which is no number: it must return a "
            f"log-factor, a number or an array of shape {shape}, replications by segments"
        )
    return found.astype(float)


def _refuse_what_is_no_event(error: RuntimeError) -> None:
    """Say what a process must yield, if that is what SimPy complains of."""
    _, complaint, value = str(error).partition("Invalid yield value ")
    if complaint:
        raise UsageError(
            f"a process yields {value}, which is nothing that it can wait for: yield one of the "
            "show's waits, such as show.until(600)"
        ) from None
