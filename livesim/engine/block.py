"""A block of replications moved through the show in lockstep.

At refresh k, in this order: settle the acts of the interval that ends; settle payments and take in
what is due; run all processes up to now, and wake those that waited for sold-out or a threshold,
until nothing more happens; make everyone undecided where a slot starts; freeze the screen; let the
crowd act for the next interval, or in a lull for many: until viewers look again, only the account
and the processes go on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from livesim.engine.account import UNLIMITED, Account, owned_units
from livesim.engine.crowd import CohortCrowd, Crowd
from livesim.engine.draws import draw
from livesim.engine.fates import Counts
from livesim.engine.going_on import GoingOn
from livesim.engine.lulls import Lulls
from livesim.engine.outcome import Outcome
from livesim.engine.record import Recorder, outcome_of
from livesim.engine.show import House, Show, ShowProcess, start_processes
from livesim.engine.stage import Stage
from livesim.engine.streams import Streams
from livesim.engine.viewers import AgentCrowd
from livesim.engine.waits import Measure, Waits
from livesim.errors import UsageError
from livesim.model.inputs import Inputs, inputs_of
from livesim.model.rates import Rates, Screen, rates
from livesim.randomness import BLOCK
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Scenario

Behaviour: TypeAlias = Callable[[Screen], Floats | float]
#: Rounds in which processes may wake each other at one moment; more, and they go in circles.
_MOST_ROUNDS = 1_000
#: The engines by name: each makes a crowd; everything else is shared.
ENGINES: dict[str, Callable[[Inputs, Streams], Crowd]] = {
    "cohort": CohortCrowd,
    "agent": AgentCrowd,
}


def simulate_block(
    scenario: Scenario,
    seed: int,
    block: int,
    *,
    replications: int = BLOCK,
    engine: str = "cohort",
    processes: Sequence[ShowProcess] = (),
    behaviour: Behaviour | None = None,
    timeline_step: float | None = None,
    given: Mapping[str, Floats] | None = None,
) -> Outcome:
    """Simulate one block of replications.

    Parameters
    ----------
    scenario
        The show.
    seed, block
        The study's seed and which block of it.
    replications
        The number R of replications in it, at most 250. The same three give the same outcome,
        always. A short block has the first of the whole block's drawn quantities, and other luck.
    engine
        How viewers are simulated: ``cohort`` counts them, ``agent`` follows each of them.
    processes
        Further SimPy processes of the show, each a function of a
        :class:`~livesim.engine.show.Show`. They are started in every replication of the block, and
        again with unlimited stock for the potential demand, so they must keep nothing outside.
    behaviour
        A function of the :class:`~livesim.model.rates.Screen` that returns the logarithm of a
        further factor on the odds to order [1]: one number for all, or one for each replication
        and segment, shape (R, S).
    timeline_step
        Time between two moments of the timeline [s]; by default about a hundred in the show.
    given
        Path → values, each of shape (R,), instead of those that the block draws
        (:func:`~livesim.engine.draws.draw`): the same talent with other luck.

    Returns
    -------
    Outcome
        Of these replications.

    Raises
    ------
    UsageError
        If there is no such engine, the timeline step is not a whole number of refreshes within the
        show, a process is no generator, or a behaviour returns what is no factor.
    ScenarioError
        If drawn conversions of what is offered together add up to more than 1.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> outcome = simulate_block(room, seed=1, block=0)
    >>> outcome.products["demand"].shape
    (250, 3)
    """
    if engine not in ENGINES:
        raise UsageError(f"no engine is called {engine}; known: {', '.join(ENGINES)}")
    drawn = draw(scenario, seed, block, replications, given)
    inputs = inputs_of(scenario, drawn, replications)
    levels = owned_units(scenario, inputs)[:, None]

    def simulated(levels: Counts) -> Lockstep:
        streams = Streams(seed, block, replications)
        lockstep = Lockstep(
            scenario,
            inputs,
            streams,
            levels,
            ENGINES[engine](inputs, streams),
            processes=tuple(processes),
            behaviour=behaviour,
            timeline_step=timeline_step,
        )
        lockstep.run()
        return lockstep

    actual = simulated(levels)
    wanted = actual
    if processes or behaviour is not None or _reacted(scenario, actual):
        wanted = simulated(np.full_like(levels, UNLIMITED))
    return outcome_of(
        scenario,
        inputs,
        drawn,
        Streams(seed, block, replications),
        actual.house,
        actual.crowd,
        actual.recorder,
        potential=[stock.demand for stock in wanted.house.account.stocks],
    )


def reacts_to_stock(scenario: Scenario) -> bool:
    """Say whether what viewers do can depend on the stock.

    It does where a slot goes on at sell-out, or where the screen shows what herding or scarcity
    react to. Where it does not, attempts are the same at every stock, bit for bit.
    """
    return slots_react(scenario) or viewers_react(scenario)


def _reacted(scenario: Scenario, lockstep: Lockstep) -> bool:
    """Say whether unlimited stock could have made another show of a finished one."""
    products = lockstep.house.account.products
    gone = any(np.isfinite(product.sold_out_at).any() for product in products)
    return viewers_react(scenario) or (slots_react(scenario) and gone)


def slots_react(scenario: Scenario) -> bool:
    """Say whether a slot goes on to the next once what it sells is sold out."""
    return any(slot.at_sell_out == "next" and slot.sells for slot in scenario.rundown.values())


def viewers_react(scenario: Scenario) -> bool:
    """Say whether the screen shows what herding or scarcity react to."""
    products = scenario.products.values()
    return (scenario.screen.claimed and any(product.herd != 0 for product in products)) or (
        scenario.screen.units_left and any(product.scarcity is not None for product in products)
    )


def _refuse_what_is_no_event(error: RuntimeError) -> None:
    """Say what a process must yield, if that is what SimPy complains of."""
    _, complaint, value = str(error).partition("Invalid yield value ")
    if complaint:
        raise UsageError(
            f"a process yields {value}, which is nothing that it can wait for: yield one of the "
            "show's waits, such as show.until(600)"
        ) from None


class Lockstep:
    """One pass of a block through the show.

    Parameters
    ----------
    scenario, inputs, streams
        The show, its drawn numbers, and the block's streams.
    levels
        Owned units of each variant at each level, shape (V, L). The crowd sees the first; where a
        slot would have gone on at another one, attempts do not count there from then on.
    crowd
        The audience.
    processes, behaviour, timeline_step
        As in :func:`simulate_block`.
    """

    def __init__(
        self,
        scenario: Scenario,
        inputs: Inputs,
        streams: Streams,
        levels: Counts,
        crowd: Crowd,
        *,
        processes: tuple[ShowProcess, ...] = (),
        behaviour: Behaviour | None = None,
        timeline_step: float | None = None,
    ) -> None:
        self._scenario, self._inputs, self._behaviour = scenario, inputs, behaviour
        self.house = House(
            scenario,
            inputs,
            Stage(inputs, len(scenario.rundown)),
            Account(scenario, inputs, streams, levels),
            Waits(inputs.replications),
        )
        self.crowd = crowd
        self._going_on = GoingOn(scenario, self.house.account.closed)
        self._levels_part = levels.shape[1] > 1 and slots_react(scenario)
        self.recorder = Recorder(inputs, timeline_step)
        self._shows = [Show(self.house, row) for row in range(inputs.replications)]
        for show in self._shows:
            start_processes(show, processes)
        self._next_event = np.array([show.env.peek() for show in self._shows], dtype=float)
        self._tolerance = 1e-6 * inputs.refresh  # sums of binary fractions miss a moment by less
        self._live = behaviour is not None or scenario.screen.claimed or scenario.screen.units_left
        # A user's process may wait for the crowd, which only moves at a look.
        self._lulls = Lulls(inputs, live=self._live or bool(processes))
        self._rates: list[Rates] = []
        self._price = self.house.stage.price

    def run(self) -> None:
        """Run the show from its start to its end, and settle what is open."""
        end, look = self._inputs.refreshes, 0
        attempts = nobody = np.zeros(self._inputs.attempts_shape, dtype=np.int64)
        for refresh in range(end):
            self._go_on(refresh, attempts)
            attempts = nobody
            if refresh == look:
                self.recorder.look(refresh, self.crowd)
                self._freeze(refresh * self._inputs.refresh)
                look = self._lulls.next_look(refresh, self._rates, self._next_change())
                attempts = self._let_act(refresh, look)
        self._go_on(end, attempts)
        self.recorder.look(end, self.crowd)
        self.house.account.finish(self._price)

    def _go_on(self, refresh: int, attempts: Counts) -> None:
        """Go on to a refresh: all that happens whether or not viewers look."""
        now = refresh * self._inputs.refresh
        self._settle(attempts, refresh, now)
        self._wake(now)
        if self._levels_part:
            self._going_on.note(self.house.stage, self.house.account.products)
        self.recorder.note(refresh, self.house.account)

    def _next_change(self) -> int:
        """Return the refresh by which a process is due in any replication."""
        due = (float(self._next_event.min()) - self._tolerance) / self._inputs.refresh
        return self._inputs.refreshes if math.isinf(due) else math.ceil(due)

    def _let_act(self, refresh: int, look: int) -> Counts:
        """Let the crowd act until its next look; return the order attempts."""
        if look == refresh + 1:
            return self.crowd.act(refresh, self._rates)
        self.crowd.come_and_go(refresh, look, self._rates)
        return np.zeros(self._inputs.attempts_shape, dtype=np.int64)

    def _settle(self, attempts: Counts, refresh: int, now: float) -> None:
        """Settle the acts of the interval that ends, then payments and supplies that are due."""
        account = self.house.account
        if refresh:
            account.settle(attempts, self._price, refresh - 1, now - self._inputs.refresh, now)
        account.receive(now + self._tolerance)

    def _wake(self, now: float) -> None:
        """Run the processes that are due, and those that something they wait for has woken."""
        account = self.house.account
        for row in np.flatnonzero(self._next_event <= now + self._tolerance).tolist():
            self._advance(row, now)
        for _ in range(_MOST_ROUNDS):
            account.receive(now + self._tolerance)  # what a process has just put on sale at once
            account.mark_sold_out()
            due = list(self.house.waits.due(self._measured))
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

    def _advance(self, row: int, now: float) -> None:
        """Run one show's events up to now, those at this very moment included."""
        env = self._shows[row].env
        while env.peek() <= now + self._tolerance:
            try:
                env.step()
            except RuntimeError as error:
                _refuse_what_is_no_event(error)
                raise
        self._next_event[row] = env.peek()

    def _freeze(self, now: float) -> None:
        """Freeze the screen, and what it makes of the rates until the next look."""
        house, stage = self.house, self.house.stage
        if stage.new_slot.any():
            self.crowd.start_slot(stage.new_slot)
            stage.new_slot[:] = False
        if not (stage.changed or self._live):
            return
        stage.changed = False
        screen = self._with_stock(stage.screen(now))
        extra = self._extra(screen)
        house.screen, self._price = screen, screen.price
        self._rates = [
            rates(self._inputs, segment, screen, extra[:, number])
            for number, segment in enumerate(self._inputs.segments)
        ]

    def _with_stock(self, screen: Screen) -> Screen:
        """Add what this show's screen tells of the stock."""
        products, shown = self.house.account.products, self._scenario.screen
        if shown.claimed:
            claimed = np.stack([product.claimed_share[:, 0] for product in products], axis=1)
            screen = replace(screen, claimed=claimed)
        if shown.units_left:
            left = np.stack([product.on_hand[:, 0] for product in products], axis=1)
            screen = replace(screen, units_left=left)
        return screen

    def _extra(self, screen: Screen) -> Floats:
        """Return the log-factors of a user's behaviour, shape (R, S)."""
        shape = (self._inputs.replications, len(self._inputs.segments))
        if self._behaviour is None:
            return np.zeros(shape)
        returned = np.asarray(self._behaviour(screen), dtype=float)
        if returned.shape not in ((), shape):
            raise UsageError(
                f"the behaviour returned an array of shape {returned.shape}; it must be a number "
                f"or of shape {shape}, replications by segments"
            )
        extra = np.broadcast_to(returned, shape)
        if not np.isfinite(extra).all():
            raise UsageError(
                f"the behaviour returned a log-factor that is not finite at {screen.time:g} s; "
                "return 0 where it does nothing"
            )
        return extra

    def _measured(self, measure: Measure) -> Floats:
        """Return what processes can wait for, in every replication, shape (R,)."""
        name, product, level = measure
        account = self.house.account
        if name == "sold_out":
            number = self.house.numbers["product"][product]
            return np.asarray(account.products[number].sold_out[:, level], dtype=float)
        if name == "units_left":  # few left: the negative is at least a bound
            number = self.house.numbers["product"][product]
            return np.asarray(-account.products[number].units_left[:, level], dtype=float)
        if name == "orders":
            return account.orders_so_far.astype(float)
        if name == "viewers":
            return np.asarray(self.crowd.viewers.sum(axis=0), dtype=float)
        return self.crowd.concurrent.astype(float)
