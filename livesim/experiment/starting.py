"""Shows that go on from a state: whether they can, and what is known of them by then."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Numbers, Small
from livesim.engine.clock import Clock
from livesim.engine.orders.orders import Orders
from livesim.engine.state import State, Stock, names_of
from livesim.errors import UsageError, did_you_mean, must_be, refuse
from livesim.model.inputs import Inputs, ReserveInputs
from livesim.resolve.inputs import inputs_of
from livesim.scenario.planned import announced_entry
from livesim.scenario.quantities import QuantityError, seconds_of
from livesim.scenario.scenario import Scenario

#: So late is who has not come [s].
NOT_YET: Final = 1e9
#: What must be the same in the state and in the scenario.
_SAME = ("segment", "phase", "room", "person", "product", "variant")


def refresh_at(scenario: Scenario, at: float | str) -> int:
    """Return the number of the refresh at a moment of the show.

    Parameters
    ----------
    scenario
        The show.
    at
        Since its start: a number of seconds, or a text such as ``10min``.

    Raises
    ------
    UsageError
        If there is no refresh then, or the show is over.

    Examples
    --------
    >>> import livesim
    >>> refresh_at(livesim.load("scenarios/brand_room.yaml"), "10min")
    120
    """
    must_be(at, (str, Real), "at: seconds since the start are needed, or a text as '10min'")
    show = scenario.show
    try:
        moment = seconds_of(at)
    except QuantityError as error:
        raise UsageError(f"at: {error}: {error.remedy}") from None
    refresh = round(moment / show.refresh)
    if refresh >= scenario.refreshes:
        raise UsageError(
            f"at: {moment:.12g} s does not lie before the show's end at {show.length:g} s: take an "
            "earlier moment, or correct show.length"
        )
    if not math.isclose(refresh * show.refresh, moment, rel_tol=1e-9, abs_tol=1e-9):
        below = math.floor(moment / show.refresh) * show.refresh
        raise UsageError(
            f"at: viewers look every {show.refresh:g} s, and {moment:.12g} s is no such moment: "
            f"take {below:.12g} s or {below + show.refresh:.12g} s"
        )
    return refresh


def wrong_moment(scenario: Scenario, at: float | str) -> Iterator[str]:
    """Say why there is no refresh at a moment, if there is none."""
    try:
        refresh_at(scenario, at)
    except UsageError as error:
        yield str(error)


def open_steps(inputs: Inputs, state: State, put_on: Counts, variant: int) -> list[int]:
    """Return the steps in which a variant's orders can have come whose time to pay is not over.

    None before all of it came that has been put on sale, nor before its link went up.
    """
    refresh, clock = put_on.shape[1] - 1, Clock.of(inputs)
    product = inputs.product_of[variant]
    linked = int(clock.by(state.link_at[0, product]))
    came = np.flatnonzero(np.diff(put_on[variant, :refresh]))
    first = max(linked, int(came[-1]) + 1 if came.size else 0) + 1
    swept = clock.swept(float(inputs.timeout[product]))
    return [step for step in range(first, refresh + 1) if swept[step] > refresh] or [refresh]


def with_absent(inputs: Inputs, absent: Sequence[str] | None, now: float) -> Inputs:
    """Return a show in which some people have not come by now [s], and all others who should have.

    Without ``absent`` it is as planned.
    """
    if absent is None:
        return inputs
    away, there = np.isin(inputs.people, list(absent)), inputs.entry <= now
    late = np.where(away, NOT_YET, np.where(there, 0.0, inputs.late))
    return replace(inputs, late=late)


def with_nobody_waiting(state: State, attempts: Counts) -> State:
    """Return a state with as many attempts to order, and nobody at the checkout."""
    return replace(
        state,
        queue=state.queue[:, :0],
        queue_price=state.queue_price[:, :0],
        recent=np.zeros_like(state.recent),
        attempts=attempts,
        dropped=np.zeros_like(state.dropped),
        sizes={},
    )


def batches(
    inputs: Inputs, kind: Small, variant: Numbers, row: Numbers, step: Numbers, count: Counts
) -> Orders:
    """Return a batch for each of N like orders, at the product's price."""
    if not len(variant):
        return Orders.none()
    return Orders(
        cell=variant,
        row=row,
        step=step,
        price=inputs.price[inputs.product_of[variant]],
        seed=np.arange(len(variant), dtype=np.uint64),
        first=np.arange(len(variant) + 1),
        kind=kind,
        count=count,
    )


def check_start(scenario: Scenario, state: State) -> int:
    """Return the number of the refresh at which a show goes on from a state.

    Raises
    ------
    UsageError
        With everything that keeps it from going on.
    """
    inputs = inputs_of(scenario)
    wrong = [*_other_names(state, names_of(inputs)), *_other_slots(state, inputs)]
    wrong += [*_other_grid(state, inputs), *_wrong_counts(state)]
    wrong = wrong or [*_other_stock(state, inputs)]
    wrong += wrong_moment(scenario, state.at)
    refuse(f"start: {one}" for one in wrong)
    return refresh_at(scenario, state.at)


def _other_names(state: State, names: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for what in _SAME:
        if state.names[what] != names[what]:
            yield (
                f"it has {_named(what, state.names[what])}, and the scenario has "
                f"{_named(what, names[what])}: take the state of this show"
            )


def _named(what: str, names: Sequence[str]) -> str:
    """Return names with what they are the names of."""
    kinds = "people" if what == "person" else f"{what}s"
    return f"the {kinds} {', '.join(names)}" if names else f"no {kinds}"


def _other_grid(state: State, inputs: Inputs) -> Iterator[str]:
    """Say in what the orders so far are counted otherwise."""
    if state.refresh != inputs.refresh:
        yield (
            f"its orders are counted in refreshes of {state.refresh:g} s, and those of the "
            f"scenario last {inputs.refresh:g} s: keep show.refresh"
        )
    rooms = {room.name: room.count for room in inputs.rooms} if inputs.allotted else {}
    if len(state.orders) and rooms != {name: of.shape[1] for name, of in state.sizes.items()}:
        yield "its orders were served from other stocks of the rooms: keep rooms and allotments"


def _other_stock(state: State, inputs: Inputs) -> Iterator[str]:
    """Say in what the orders so far would be served otherwise than they were."""
    now, ordered = Stock.of(inputs), len(state.orders) + len(state.open_orders) > 0
    for number, name in enumerate(inputs.products):
        mine = np.flatnonzero(inputs.product_of == number).tolist()
        old, new = (sum(stock.owned[one] for one in mine) for stock in (state.stock, now))
        if [state.stock.owned[one] for one in mine] != [now.owned[one] for one in mine]:
            yield (
                f"{name} owned {old:,} units when the show began, and the scenario has {new:,}: "
                f"keep products.{name}.owned, and write what comes from now on under arriving"
            )
        linked = float(state.link_at[:, number].min())
        if _come(state.stock, number, linked, state.at) != _come(now, number, linked, state.at):
            yield (
                f"of {name}, other waves or deliveries have come by {state.at:g} s than the "
                "scenario has: keep those, and change what comes later"
            )
        if np.isfinite(linked) and _rules(state.stock, number) != _rules(now, number):
            yield (
                f"{name} has been on sale with other reserves than the scenario has: keep their "
                f"units and when they are called, in products.{name}.reserve, and write what comes "
                "from now on under arriving"
            )
        if not ordered:
            continue
        if state.stock.timeout[number] != now.timeout[number]:
            yield (
                f"unpaid units of {name} were kept for {state.stock.timeout[number]:g} s, and the "
                f"scenario keeps them for {now.timeout[number]:g} s: keep "
                "checkout.payment_timeout and presale"
            )
        beyond = [stock.supplies[number].backorder_units for stock in (state.stock, now)]
        if beyond[0] != beyond[1]:
            yield (
                f"up to {beyond[0]:,} units of {name} could be ordered beyond the stock, and in "
                f"the scenario {beyond[1]:,}: keep products.{name}.backorder; which share of "
                "buyers accepts to wait may change"
            )


def _rules(stock: Stock, product: int) -> list[ReserveInputs]:
    """Return by which rules a product's reserves are called, whatever that costs."""
    reserves = stock.supplies[product].reserves
    return [replace(one, call_cost=0.0, extra_unit_cost=0.0) for one in reserves]


def _come(stock: Stock, product: int, linked: float, at: float) -> list[tuple[float, float]]:
    """Return what has come by a moment besides what was there: when, and shares or units."""
    supply = stock.supplies[product]
    waves = [(linked + wave.after, wave.share) for wave in supply.waves]
    receipts = [(receipt.due, float(receipt.units)) for receipt in supply.receipts]
    return [one for one in (*waves, *receipts) if one[0] <= at]


def _other_slots(state: State, inputs: Inputs) -> Iterator[str]:
    """Say which slots have begun and cannot be where the scenario has them."""
    begun = np.flatnonzero(np.isfinite(state.slot_started_at).any(axis=0))
    old = [state.names["slot"][number] for number in begun.tolist()]
    new = [slot.name for slot in inputs.slots]
    for name in old:
        if name not in new:
            yield f"the slot {name} has begun, and the rundown has none; {did_you_mean(name, new)}"
    there = [name for name in new if name in old]
    if there != [name for name in old if name in new]:
        yield f"the slots {', '.join(old)} have begun in this order: the rundown must keep it"
    last = new.index(there[-1]) if there else 0
    for name in new[:last]:
        if name not in state.names["slot"]:
            yield f"the slot {name} is new and would begin before now: put it behind {there[-1]}"


def _wrong_counts(state: State) -> Iterator[str]:
    for segment, viewers in state.viewers.items():
        parts = state.undecided[segment], state.decided[segment]
        if min(part.min(initial=0) for part in parts) < 0:
            yield f"{segment}: there are fewer viewers than 0"
        watching = sum(part.sum(axis=1) for part in parts)
        for row in np.flatnonzero(watching > viewers)[:1].tolist():
            place = f" in row {row}" if len(state) > 1 else ""
            yield (
                f"{segment}: {watching[row]:,} watch{place}, and {viewers[row]:,} have come: "
                "unique viewers are all who have come so far"
            )


def check_rows(state: State, inputs: Inputs) -> None:
    """Refuse rows of inputs that what has happened contradicts.

    Parameters
    ----------
    state, inputs
        What has happened, and in which world: a row each a replication.

    Raises
    ------
    UsageError
        With the first row of each contradiction.
    """
    wrong = []
    for segment in inputs.segments:
        more = np.flatnonzero(state.viewers[segment.name] > segment.reach)
        if more.size:
            row = int(more[0])
            wrong.append(
                f"start: {segment.name}: {state.viewers[segment.name][row]:,} have come, and the "
                f"reach in row {row} is {segment.reach[row]:,}: leave such rows out, or raise "
                f"segments.{segment.name}.reach"
            )
    came = inputs.comes & (inputs.entry + inputs.late <= state.at + 1e-6 * inputs.refresh)
    for row, person in np.argwhere(came & ~state.present)[:1].tolist():
        name = inputs.people[person]
        wrong.append(
            f"start: {name} has not come by {state.at:g} s, and is {inputs.late[row, person]:g} s "
            f"late in row {row}: leave such rows out, or say in people.{name}.late how late they "
            "can be"
        )
    refuse(wrong)


def awaited(scenario: Scenario, state: State) -> dict[str, tuple[float, NDArray[np.bool_]]]:
    """Return who could have come and has not: how late they are [s], and in which rows, (R,)."""
    found = {}
    for number, name in enumerate(scenario.people):
        entry = announced_entry(scenario, name)
        if entry is not None and entry <= state.at and not state.present[:, number].all():
            found[name] = state.at - entry, ~state.present[:, number]
    return found
