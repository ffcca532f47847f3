"""The show's logic, as SimPy processes: who enters when, what is sold when, what comes on sale.

Each replication has a SimPy environment of its own in which its show happens. A process is a
generator that waits (``yield show.until(600)``, ``yield show.sold_out("perfume")``) and gives
commands (``show.enter("kim")``, ``show.set_price("perfume", 199)``). It runs at its own moment;
what it commands is seen by viewers at their next look at the screen. The processes at the end of
this file are the whole logic of a show; a user's own process stands beside them:

>>> import livesim
>>> def flash_sale(show):
...     yield show.until(30 * 60)
...     show.set_price("serum", 99)
>>> shorter = {"show.length": "1h", "show.refresh": "30s"}
>>> scenario = livesim.load("scenarios/brand_room.yaml", shorter)
>>> usual = livesim.simulate(scenario, replications=100, workers=1)
>>> flash = livesim.simulate(scenario, replications=100, workers=1, processes=[flash_sale])
>>> bool(flash.products.demand.sum() > usual.products.demand.sum())
True
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from simpy import Environment, Event, Interrupt

from livesim.engine.release_plan import MOST_UNITS
from livesim.engine.show.stage import Stage
from livesim.engine.show.waits import Measure, Waits
from livesim.engine.state import State
from livesim.engine.unwatched import Unwatched
from livesim.errors import UsageError, did_you_mean
from livesim.model.inputs import Inputs, SlotInputs
from livesim.model.rates import Screen

if TYPE_CHECKING:
    from livesim.scenario.scenario import Scenario

Process: TypeAlias = Generator[Event, Any, Any]
ShowProcess: TypeAlias = "Callable[[Show], Process]"


@dataclass
class BlockState:
    """What the R shows of a block share: their state as arrays with a row for each show.

    Parameters
    ----------
    inputs
        The show's numbers.
    stage, stock, waits
        The state that processes change, the stock, and what processes wait for.
    measured
        Returns what can be measured of the crowd and the stock in every show, shape (R,).
    scenario
        The show as it was written, for users' own processes; the engine reads the inputs.
    screen
        What viewers saw at their last look.
    """

    inputs: Inputs
    stage: Stage
    stock: Unwatched
    waits: Waits
    measured: Callable[[Measure], NDArray[Any]]
    scenario: Scenario | None = None
    screen: Screen | None = None

    @cached_property
    def numbers(self) -> dict[str, dict[str, int]]:
        """The numbers of people, products and slots by their names."""
        names = {
            "person": self.inputs.people,
            "product": self.inputs.products,
            "slot": tuple(slot.name for slot in self.inputs.slots),
        }
        return {what: {name: n for n, name in enumerate(known)} for what, known in names.items()}

    def end(self) -> None:
        """Let go of everything, once the shows are over and what happened is put together.

        Processes, events and what they work with refer to one another in circles, which only the
        garbage collector frees, after many a block.
        """
        vars(self).clear()


class Show:
    """One show: the clock, the commands and the waits of its processes.

    Parameters
    ----------
    state
        The block that the show belongs to.
    rows
        Which replication of the block it is; or all those in which the same happens.
    now
        Moment at which its processes start [s]: what the stage says has happened by then.
    """

    def __init__(self, state: BlockState, rows: Sequence[int], now: float = 0.0) -> None:
        self._state = state
        self._row = rows[0]
        self._rows = self._row if len(rows) == 1 else np.array(rows)
        self.env = Environment(initial_time=now)
        self._arrivals = {name: self.env.event() for name in state.inputs.people}
        self._links = {name: self.env.event() for name in state.inputs.products}
        self._rundown = self.env.process(run_of_show(self))
        self._moves_on = False

    @property
    def scenario(self) -> Scenario:
        """The scenario of the show, as it was written."""
        if self._state.scenario is None:
            raise UsageError("this show was made from inputs: there is no scenario to look up")
        return self._state.scenario

    @property
    def now(self) -> float:
        """Time since the show's start [s]."""
        return float(self.env.now)

    @property
    def inputs(self) -> Inputs:
        """The show's numbers, in all of the block's replications; this one is ``row``."""
        return self._state.inputs

    @property
    def slots_to_come(self) -> tuple[SlotInputs, ...]:
        """The slots of the rundown that are not over, the running one first."""
        stage, slots = self._state.stage, self.inputs.slots
        begun = np.isfinite(stage.slot_started_at[self._row])
        last = int(np.flatnonzero(begun)[-1]) if begun.any() else -1
        running = [slots[stage.slot[self._row]]] if self.runs else []
        # Before the last that has begun are those that were skipped, and who waits while it moved.
        to_come = [
            slot
            for number, slot in enumerate(slots)
            if not begun[number] and (number > last or (slot.instead and self.now < slot.cutoff))
        ]
        return (*running, *to_come)

    def could_start(self, slot: SlotInputs) -> float:
        """Return since when a slot that waits for somebody could have started [s]."""
        before = self._state.numbers["slot"][slot.name]
        ended = self._state.stage.slot_ended_at[self._row, :before]
        return float(np.max(ended[np.isfinite(ended)], initial=slot.start or 0.0))

    def has_begun(self, slot: SlotInputs) -> bool:
        """Say whether a slot runs or is over."""
        number = self._state.numbers["slot"][slot.name]
        return math.isfinite(self._state.stage.slot_started_at[self._row, number])

    def is_awaited(self, person: str) -> bool:
        """Say whether a person will come and has not come yet."""
        column = self._column(person, "person")
        comes = bool(self._state.inputs.comes[self._row, column])
        return comes and not self.is_present(person)

    @property
    def runs(self) -> bool:
        """Whether a slot runs."""
        return bool(self._state.stage.slot[self._row] >= 0)

    @property
    def slot_started_at(self) -> float:
        """When the running slot started [s]."""
        return self._of_slot(self._state.stage.slot_started_at)

    @property
    def is_linked(self) -> bool:
        """Whether the running slot has put its links up."""
        return math.isfinite(self._of_slot(self._state.stage.slot_linked_at))

    def _of_slot(self, moments: NDArray[np.float64]) -> float:
        return float(moments[self._row, self._state.stage.slot[self._row]])

    def is_present(self, person: str) -> bool:
        """Say whether a person has come to the studio."""
        return bool(self._state.stage.present[self._row, self._column(person, "person")])

    # Waits: what a process can yield.

    def until(self, time: float) -> Event:
        """Wait until a moment since the show's start [s]; at once if it has passed."""
        if math.isnan(time):
            raise UsageError("a process waits until nan: a moment must be a number of seconds")
        return self.env.timeout(max(0.0, time - self.now))

    def at_the_latest(self, time: float, event: Event) -> Event:
        """Let an event happen at a moment since the show's start [s], if it has not by then."""

        def happen(_: Event) -> None:
            if not event.triggered:
                event.succeed()

        # SimPy's own `over | event` makes a slot cost a quarter more.
        self.until(time).callbacks = [happen]
        return event

    def arrival(self, person: str) -> Event:
        """Wait until a person has come; at once for someone who does not come at all."""
        column = self._column(person, "person")
        arrives = self._state.inputs.comes[self._row, column]
        if self._state.stage.present[self._row, column] or not arrives:
            return self.until(self.now)
        return self._arrivals[person]

    def link(self, product: str) -> Event:
        """Wait until a product's link goes up for the first time."""
        column = self._column(product, "product")
        if math.isfinite(self._state.stage.link_at[self._row, column]):
            return self.until(self.now)
        return self._links[product]

    def sold_out(self, *products: str) -> Event:
        """Wait until all these products are sold out: empty, and nothing still to come."""
        waits = [self._sold_out(product) for product in products]
        return waits[0] if len(waits) == 1 else self.env.all_of(waits)

    def _sold_out(self, product: str) -> Event:
        column = self._column(product, "product")
        if self._state.stage.sold_out[self._row, column]:
            return self.until(self.now)
        if isinstance(self._rows, int):  # where there are several, not all may be
            seen_at = self._state.stock.sold_out_at(column, self._row)
            if math.isfinite(seen_at):
                return self.until(seen_at)
        return self._wait(("sold_out", product), 1)

    def below(self, product: str, units: int) -> Event:
        """Wait until fewer than ``units`` of a product are left, waves still to come included."""
        return self._wait(("available", product), -(units - 1))

    def reaches(self, counter: str, count: int) -> Event:
        """Wait until a counter is reached: ``watching``, ``viewers`` (unique) or ``orders``."""
        if counter not in ("watching", "viewers", "orders"):
            raise UsageError(
                f"there is no counter called {counter}; "
                f"{did_you_mean(counter, ('watching', 'viewers', 'orders'))}"
            )
        return self._wait((counter, ""), count)

    def give_up(self, event: Event) -> None:
        """Wait no longer for what :meth:`sold_out`, :meth:`below` or :meth:`reaches` gave."""
        self._state.waits.give_up(self._row, event)

    # Commands: what a process can do. Viewers see it at their next look.

    def enter(self, person: str) -> None:
        """Bring a person on stage.

        Raises
        ------
        UsageError
            If they have not come; who never comes is :meth:`late` for ever.
        """
        column = self._column(person, "person")
        if not self._state.stage.present[self._row, column]:
            raise UsageError(
                f"{person} has not come: wait for show.arrival({person!r}), and do nothing where "
                f"show.late({person!r}) is infinite"
            )
        self._set_on_stage(person, on_stage=True)

    def leave(self, person: str) -> None:
        """Take a person off stage."""
        self._set_on_stage(person, on_stage=False)

    def set_price(self, product: str, price: float) -> None:
        """Change the price shown [currency/unit]."""
        if not (isinstance(price, Real) and 0 < price < math.inf):
            raise UsageError(f"a price must be a number above 0, not {price!r}")
        self._show_price(self._column(product, "product"), price)

    def open_link(self, product: str) -> None:
        """Put a product's link up: it can be ordered."""
        stage = self._state.stage
        column = self._column(product, "product")
        stage.link_up[self._rows, column] = True
        stage.changed = True
        self._check_offer()
        if math.isinf(stage.link_at[self._row, column]):
            stage.link_at[self._rows, column] = self.now
            self._links[product].succeed()

    def open_links(self, products: Sequence[str]) -> None:
        """Put the links of the running slot up."""
        stage = self._state.stage
        stage.slot_linked_at[self._rows, stage.slot[self._row]] = self.now
        for product in products:
            self.open_link(product)

    def _check_offer(self) -> None:
        """Refuse links of products that cannot be decided about together."""
        inputs, up = self._state.inputs, self._state.stage.link_up[self._row]
        if np.count_nonzero(up) < 2:
            return
        conversion, rush = (of[self._rows][..., up] for of in (inputs.conversion, inputs.rush))
        together = (conversion.sum(axis=-1) <= 1 + 1e-9).all()
        if not together or np.ptp(rush, axis=-1).any():
            names = ", ".join(np.array(inputs.products)[up])
            raise UsageError(
                f"the links of {names} are up at once, but their conversions add up to more than 1 "
                "or their rushes differ: viewers decide about all that is offered together"
            )

    def close_links(self) -> None:
        """Take all links down."""
        self._state.stage.link_up[self._rows] = False
        self._state.stage.changed = True

    def release(self, product: str, part: str, after: float = 0.0) -> None:
        """Put a part of a product's stock on sale after a time [s]: ``waves.first``, ``reserve``.

        A part that is released twice comes at the earlier time.
        """
        number = self._column(product, "product")
        known = self._state.inputs.supplies[number].parts
        if part not in known:
            hint = did_you_mean(part, known) if known else "it has no waves and no reserve"
            raise UsageError(f"{product} has no part called {part}; {hint}")
        due = self.now + after
        self._state.stage.release(number, part, self._row, due)
        self._state.stock.release(number, part, self._row, due)

    def start_slot(self, name: str) -> None:
        """Start a slot: its cast enters, its prices hold, and everyone is undecided again.

        The rundown does this; a process that wants to move on calls :meth:`next_slot`.
        """
        state, stage = self._state, self._state.stage
        number = self._column(name, "slot")
        self._moves_on = False
        stage.slot[self._rows] = number
        stage.slot_started_at[self._rows, number] = self.now
        stage.new_slot[self._rows] = True
        stage.sold_out[self._rows] = False
        stage.on_stage[self._rows] = state.inputs.slots[number].cast & stage.present[self._row]
        stage.changed = True
        for product, price in state.inputs.slots[number].prices:
            self._show_price(product, price)

    def next_slot(self) -> None:
        """End the running slot now; the rundown goes on."""
        if self.runs and not self._moves_on:
            self._moves_on = True
            self._rundown.interrupt()

    def end_slot(self) -> None:
        """End the slot: the stage is empty, links are down, and its own prices hold no longer."""
        inputs, stage = self._state.inputs, self._state.stage
        for product, _ in inputs.slots[stage.slot[self._row]].prices:
            self._show_price(product, float(inputs.price[product]))
        stage.slot_ended_at[self._rows, stage.slot[self._row]] = self.now
        stage.slot[self._rows] = -1
        stage.on_stage[self._rows] = False
        self.close_links()

    def arrive(self, person: str) -> None:
        """Let a person come to the studio, and on stage if the running slot has them."""
        stage = self._state.stage
        column = self._column(person, "person")
        if stage.present[self._row, column]:
            return
        stage.present[self._rows, column] = True
        self._arrivals[person].succeed()
        number = stage.slot[self._row]
        if number >= 0 and self._state.inputs.slots[number].cast[column]:
            self.enter(person)

    def entry(self, person: str) -> float:
        """Return when a person is announced to be on stage first [s]; inf if they are not."""
        return float(self._state.inputs.entry[self._column(person, "person")])

    def late(self, person: str) -> float:
        """Return how late a person is in this show [s]; inf for someone who does not come."""
        column = self._column(person, "person")
        comes = self._state.inputs.comes[self._row, column]
        return float(self._state.inputs.late[self._row, column]) if comes else math.inf

    @property
    def viewers(self) -> int:
        """Unique viewers so far [1], as of the last refresh, whatever the screen shows."""
        return self._measured("viewers")

    @property
    def watching(self) -> int:
        """Concurrent viewers [1], as of the last refresh."""
        return self._measured("watching")

    @property
    def orders(self) -> int:
        """Orders served so far [1], as of the last refresh."""
        return self._measured("orders")

    def on_hand(self, product: str) -> float:
        """Return the units of a product on hand [units], whatever the screen shows.

        It is inf where stock is unlimited: a show is simulated once more so, for what is wanted.
        """
        self._column(product, "product")
        units = self._measured("on_hand", product)
        return math.inf if units > MOST_UNITS else units

    @property
    def screen(self) -> Screen | None:
        """What viewers saw last, in all of the block's shows; this one is ``row``."""
        return self._state.screen

    @property
    def row(self) -> int:
        """Which replication of the block this show is: its row in the screen's arrays."""
        return self._row

    def _measured(self, name: str, product: str = "") -> int:
        return int(self._state.measured((name, product))[self._row])

    def _show_price(self, product: int, price: float) -> None:
        self._state.stage.price[self._rows, product] = price
        self._state.stage.changed = True

    def _set_on_stage(self, person: str, on_stage: bool) -> None:
        column = self._column(person, "person")
        self._state.stage.on_stage[self._rows, column] = on_stage
        self._state.stage.changed = True

    def _wait(self, measure: Measure, bound: float) -> Event:
        if measure[1]:
            self._column(measure[1], "product")
        event = self.env.event()
        self._state.waits.add(measure, self._row, bound, event)
        return event

    def _column(self, name: str, what: str) -> int:
        numbers = self._state.numbers[what]
        if name not in numbers:
            raise UsageError(f"no {what} is called {name}; {did_you_mean(name, numbers)}")
        return numbers[name]


def alike(inputs: Inputs, start: State | None, *further: NDArray[Any]) -> list[list[int]]:
    """Return the replications in which the same has happened and people come alike, together.

    Parameters
    ----------
    inputs, start
        The show's numbers, and what has happened where shows go on that are on the air.
    further
        What else must be the same, shape (R, …).
    """
    columns = [np.where(inputs.comes, inputs.late, np.inf), *further]
    if start is not None:
        columns += [start.present, start.link_at]
        columns += [start.slot_started_at, start.slot_linked_at, start.slot_ended_at]
        columns += [due[:, None] for due in start.called.values()]
    rows: dict[bytes, list[int]] = {}
    for row, happens in enumerate(np.concatenate(columns, axis=1, dtype=float)):
        rows.setdefault(happens.tobytes(), []).append(row)
    return list(rows.values())


def start_processes(show: Show, processes: tuple[ShowProcess, ...]) -> None:
    """Start the processes of a show beside its rundown: people, and the user's own."""
    inputs = show.inputs
    for person in inputs.people:
        show.env.process(entrance(show, person))
    for process in processes:
        started = process(show)
        if not isinstance(started, Generator):
            name = getattr(process, "__name__", repr(process))
            raise UsageError(
                f"{name} is not a process: it must be a generator function, with a yield for "
                "everything that it waits for"
            )
        show.env.process(started)


def refuse_what_is_no_event(error: RuntimeError) -> None:
    """Say what a process must yield, if that is what SimPy complains of."""
    _, complaint, value = str(error).partition("Invalid yield value ")
    if complaint:
        raise UsageError(
            f"a process yields {value}, which is nothing that it can wait for: yield one of the "
            "show's waits, such as show.until(600)"
        ) from None


def run_of_show(show: Show) -> Process:
    """Go through the rundown, slot by slot.

    A slot starts at its fixed time or follows on, even if a guest is late, unless it waits for
    them, and slots that stand behind it may move forward meanwhile. It ends after its length, at
    the next fixed start, or where it goes on at sell-out.
    """
    if show.runs:  # a show that is on the air
        yield from played(show, show.slots_to_come[0])
    for slot in show.slots_to_come:
        if show.has_begun(slot):
            continue  # it has moved forward
        if slot.start is not None:
            yield show.until(slot.start)
        if slot.waits_for is not None:
            yield from waiting(show, slot, show.inputs.people[slot.waits_for])
        yield from played(show, slot)


def played(show: Show, slot: SlotInputs) -> Process:
    """Go through a slot, if there is time left for it."""
    if not show.runs:
        if show.now >= slot.cutoff:
            return
        show.start_slot(slot.name)
    yield from selling(show, slot)
    show.end_slot()


def waiting(show: Show, slot: SlotInputs, person: str) -> Process:
    """Wait for a person, as long as a slot waits for them, and let others move forward."""
    latest = min(slot.cutoff, show.could_start(slot) + slot.longest_wait)
    for number in slot.instead:
        other = show.inputs.slots[number]
        if show.is_awaited(person) and show.now < latest and not show.has_begun(other):
            yield from played(show, other)
    yield show.arrival(person) | show.until(latest)


def selling(show: Show, slot: SlotInputs) -> Process:
    """Put the links up when it is time, and stay until the end or until all is sold out."""
    started_at = show.slot_started_at
    end = min(started_at + slot.length, slot.cutoff)
    sells = [show.inputs.products[number] for number in slot.sells]
    sold_out: list[Event] = []
    try:
        if not show.is_linked:
            if slot.link > 0:
                yield show.until(min(started_at + slot.link, end))
                if show.now >= end:
                    return  # it has to make way before its link goes up
            show.open_links(sells)
        if slot.goes_on and sells:
            sold_out = [show.sold_out(product) for product in sells]
            gone = sold_out[0] if len(sold_out) == 1 else show.env.all_of(sold_out)
            yield show.at_the_latest(end, gone)
        else:
            yield show.until(end)
    except Interrupt:
        pass  # a process moves on to the next slot
    for event in sold_out:
        show.give_up(event)  # or hundreds of slots that are over would be looked at to the end


def entrance(show: Show, person: str) -> Process:
    """Let a late person come; who is not late is there from the start."""
    comes_at = show.entry(person) + show.late(person)
    if not show.is_present(person) and math.isfinite(comes_at):
        yield show.until(comes_at)
        show.arrive(person)
