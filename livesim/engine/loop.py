"""The loop in which a block of shows is moved on: six steps a refresh, in :meth:`Loop.go_on`.

Two loops go through these steps. In :class:`~livesim.engine.lockstep.Lockstep` all shows stand at
the same refresh; in :class:`~livesim.engine.own_pace.OwnPace` each stands at one of its own.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

from simpy import Event

from livesim.arrays import Counts, Floats
from livesim.engine.clock import Clock
from livesim.engine.crowd.crowd import Crowd
from livesim.engine.orders.orders import Orders
from livesim.engine.orders.placing import Placing
from livesim.engine.reactions import Reactions
from livesim.engine.recording import Audience, Recording, Slots
from livesim.engine.release_plan import Stocks
from livesim.engine.show.show import BlockState, Show, refuse_what_is_no_event
from livesim.engine.show.waits import Waits
from livesim.engine.state import State
from livesim.engine.streams import Streams
from livesim.errors import UsageError
from livesim.model.inputs import Inputs
from livesim.model.rates import Rates

#: Events that may follow each other at one moment of a show; more, and processes go in circles.
_MOST_AT_ONCE = 100_000


class Loop(ABC):
    """One pass of a block through the show.

    Parameters
    ----------
    inputs, streams
        The show's numbers, and the block's streams.
    stocks
        What each show has to sell.
    start
        Where the shows go on that are on the air, a row each; by default they begin.

    Attributes
    ----------
    crowd, state
        The audience, and the stage with what its processes share.
    """

    crowd: Crowd
    state: BlockState

    def __init__(
        self, inputs: Inputs, streams: Streams, stocks: Stocks, start: State | None
    ) -> None:
        self._inputs, self._stocks, self._first = inputs, stocks, streams.start
        self._block = f"block {streams.block}, seed {streams.seed}"
        self._placing = Placing(inputs, streams, start)
        self._orders = [self._placing.past]
        self._waits = Waits(inputs.replications)
        self._rates: list[Rates] = []
        self._tolerance = 1e-6 * inputs.refresh  # sums of binary fractions miss a moment by less

    def go_on(self) -> None:
        """Move the shows on until they are over."""
        while True:
            self._serve()
            self._receive()
            self._wake()
            if self._over:
                return
            if self._viewers_look:
                self._start_slots()
                self._freeze()
                self._act()
            self._move_on()

    @abstractmethod
    def _serve(self) -> None:
        """Serve the orders of the intervals that have ended."""

    @abstractmethod
    def _receive(self) -> None:
        """Sweep payments, and take in the deliveries that are due."""

    @abstractmethod
    def _wake(self) -> None:
        """Run the processes that are due, and those that something they wait for has woken."""

    def _start_slots(self) -> None:
        """Make everyone undecided where a slot has started, as soon as they could order in it."""
        if self.state.stage.new_slot.any():
            first = self.state.stage.take_new_offers(self._inputs)
            if first.any():
                self.crowd.start_slot(first)

    @abstractmethod
    def _freeze(self) -> None:
        """Freeze the screen, and what it makes of the rates until the next look."""

    @abstractmethod
    def _act(self) -> None:
        """Let the crowd act until its next look."""

    @abstractmethod
    def _move_on(self) -> None:
        """Go to the refresh that is next."""

    @property
    @abstractmethod
    def _over(self) -> bool:
        """Whether all shows are over."""

    @property
    def _viewers_look(self) -> bool:
        """Whether anybody looks at the screen at this refresh."""
        return True

    @abstractmethod
    def run(self) -> Recording:
        """Run the shows to their end, and return what happened."""

    def close(self) -> None:
        """Let go of what the shows worked with."""
        self.state.end()

    def _run_events(self, show: Show, moment: float) -> float:
        """Run a show's events up to a moment, those at it included; return when the next is [s]."""
        env, last, at_once = show.env, -math.inf, 0
        while (due := env.peek()) <= moment + self._tolerance:
            last, at_once = due, at_once + 1 if due == last else 0
            if at_once > _MOST_AT_ONCE:
                raise goes_in_circles(due)
            try:
                env.step()
            except RuntimeError as error:
                refuse_what_is_no_event(error)
                raise
            except Exception as fault:
                fault.add_note(
                    f"in replication {show.row} of {self._block}, at {float(env.now):g} s"
                )
                raise
        return float(env.peek())

    @staticmethod
    def _let_happen(event: Event, show: Show, moment: float) -> None:
        """Let what a process of a show waits for happen at a moment [s]."""
        if show.env.now < moment:
            show.env.run(until=moment)  # an idle environment's clock stands still
        event.succeed()

    def _recorded(
        self,
        times: Floats,
        attempts: Counts,
        dropped: Counts,
        audience: Audience,
        *,
        reactions: Reactions,
    ) -> Recording:
        """Put together what has happened, by the ends of all steps [s]."""
        stage = self.state.stage
        return Recording(
            inputs=self._inputs,
            clock=Clock(times),
            kinds=self._placing.kinds,
            orders=Orders.gathered(self._orders, self._inputs.replications),
            attempts=attempts,
            dropped=dropped,
            audience=audience,
            slots=Slots(stage.slot_started_at, stage.slot_linked_at, stage.slot_ended_at),
            link_at=stage.link_at,
            called=stage.called,
            lived=self._stocks.levels[:, 0],
            plan=self._stocks.plans[0],
            reactions=reactions,
            begun=self._first,
        )


def goes_in_circles(moment: float) -> UsageError:
    """Return what is said where a process never lets time go on from a moment [s]."""
    return UsageError(
        f"at {moment:g} s a process waits again and again for something that is so already; "
        "let it wait for a time in between"
    )
