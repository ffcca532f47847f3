"""The state of a show on the air, from what somebody sees of it.

What nobody sees is taken from the show as it is planned: how viewers are divided among phases of
stay, who of them has decided, and how many have come, as they are on average at that moment; the
rundown, as it is planned.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import TypeAlias, cast

import numpy as np

from livesim.arrays import Counts, Floats
from livesim.engine import recorder
from livesim.engine.clock import Clock
from livesim.engine.ledger.deliveries import deliveries
from livesim.engine.orders.orders import Kinds, Orders
from livesim.engine.release_plan import UNLIMITED, Cells
from livesim.engine.state import State
from livesim.engine.streams import Streams
from livesim.errors import did_you_mean, must_be, refuse
from livesim.experiment.random_inputs import share_come
from livesim.experiment.sightings import NO_STOCK, count_instead, unit_names
from livesim.experiment.starting import (
    batches,
    check_start,
    open_steps,
    refresh_at,
    with_absent,
    with_nobody_waiting,
    wrong_moment,
)
from livesim.experiment.study import explicit
from livesim.model.inputs import Inputs, SegmentInputs
from livesim.model.splitting import split
from livesim.randomness import BATCH
from livesim.resolve import Resolution
from livesim.resolve.inputs import inputs_of
from livesim.scenario.planned import announced_entry
from livesim.scenario.quantities import QuantityError, seconds_of
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import Source

#: Units by product, or by variant as ``serum.small``.
Units: TypeAlias = Mapping[str, int]
#: Viewers of the whole show, or by segment.
Viewers: TypeAlias = int | Mapping[str, int]


def state_seen(
    scenario: Scenario | Resolution | Source,
    at: float | str,
    *,
    watching: Viewers | None = None,
    viewers: Viewers | None = None,
    on_hand: Units | None = None,
    reserved: Units | None = None,
    called: Mapping[str, float | str] | None = None,
    absent: Sequence[str] | None = None,
) -> State:
    """Return the state of a show on the air, from what is seen of it.

    Parameters
    ----------
    scenario : Scenario, Resolution or Source
        The show, or the file that says what it is. Where it runs early or late, give its slots the
        starts that they had.
    at : float or str
        The moment, at a refresh before the show's end: seconds since its start, or ``10min``.
    watching : int or mapping of str to int, optional
        Concurrent viewers, of the whole show or by segment; without them, as on average.
    viewers : int or mapping of str to int, optional
        Unique viewers so far; without them, as many for each concurrent viewer as on average.
    on_hand, reserved : mapping of str to int, optional
        Units on hand, and units in orders whose time to pay is not over, by product or, as
        ``serum.small``, by variant. Without them nothing is reserved, and nothing is sold of what
        is not named in `on_hand`.
    called : mapping of str to float or str, optional
        When parts that were called come on sale or have come, as ``{"serum.reserve": "12min"}``, by
        their rule or by hand before it. A reserve that is not named is called by its rule from now
        on.
    absent : sequence of str, optional
        Who should have come and has not; all others that are announced by now are there. Without
        it, as planned.

    Returns
    -------
    State
        One row, which is every show's.

    Raises
    ------
    ScenarioError
        If the scenario's file has mistakes.
    UsageError
        With everything that cannot be: a moment that is no refresh of the show, an unknown name,
        a negative number, more units on hand and reserved than were put on sale, units sold
        before a link, more who watch than have come. Where rooms have stocks of their own, units
        by room cannot be said.

    Notes
    -----
    What is sold has been so in the last interval, at the product's price, and reserved units one by
    one and evenly over the time in which they can be (assumptions). Whether they are paid is drawn.
    Nobody waits at the checkout, and no order so far brings further viewers.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> state = livesim.state_seen(room, "10min", watching=350, on_hand={"serum": 30})
    >>> rest = livesim.simulate(room, start=state, replications=50)
    >>> int(rest.products[rest.products["product"] == "serum"].claimed.min()) >= 20
    True
    """
    resolved, _ = explicit(scenario)
    must_be(at, (str, Real), "at: seconds since the start are needed, or a text as '10min'")
    absent = None if absent is None else _names(absent)
    for what, units in (("on_hand", on_hand), ("reserved", reserved), ("called", called)):
        must_be(units, (Mapping, type(None)), f"{what}: name → number is needed")
    wrong = [
        *wrong_moment(resolved, at),
        *wrong_people(resolved, at, absent or ()),
        *_wrong_counts("watching", watching, list(resolved.segments)),
        *_wrong_counts("viewers", viewers, list(resolved.segments)),
        *_wrong_counts("on_hand", on_hand, unit_names(resolved)),
        *_wrong_counts("reserved", reserved, unit_names(resolved)),
        *wrong_bundles(resolved, "on_hand", on_hand or {}),
        *wrong_bundles(resolved, "reserved", reserved or {}),
        *wrong_called(resolved, called or {}),
        *_wrong_webshops(resolved),
    ]
    refuse(wrong)
    refresh = refresh_at(resolved, at)
    usual = as_planned(inputs_of(resolved, None, BATCH), refresh, absent)
    inputs = inputs_of(resolved)
    state = replace(_watched(inputs, usual, watching, viewers), called=due_at(inputs, called or {}))
    put_on = put_on_sale(inputs, state, refresh)
    sold, held = _taken(inputs, put_on[:, -1], on_hand or {}, reserved or {})
    refuse(_wrong_stock(inputs, state, put_on, sold, held))
    state = _with_orders(inputs, state, put_on, sold, held)
    check_start(resolved, state)
    return state


def _names(absent: object) -> list[str]:
    rule = "absent: a list of names is needed"
    must_be(absent, (list, tuple, set, frozenset), rule)
    for name in cast("Collection[object]", absent):
        must_be(name, str, rule)
    return list(cast("Collection[str]", absent))


def wrong_people(scenario: Scenario, at: float | str, absent: Sequence[str]) -> Iterator[str]:
    """Say who cannot be absent at a moment."""
    for name in absent:
        if name not in scenario.people:
            yield f"absent: no person is called {name}; {did_you_mean(name, scenario.people)}"
            continue
        entry, surely = announced_entry(scenario, name), scenario.people[name].no_show == 0
        if entry is not None and surely and share_come(scenario, name, _seconds(at) - entry) >= 1:
            yield (
                f"absent: {name} has always come by then: say in people.{name} how late they can "
                "be, or with which chance they do not come (no_show)"
            )


def _wrong_webshops(scenario: Scenario) -> Iterator[str]:
    """Say of which products nobody can tell who has taken the units that are gone."""
    for name, product in scenario.products.items():
        if product.webshop is not None:
            yield (
                f"products.{name}.webshop: what the show has sold by now and what the webshop has "
                "are not told apart here: livesim live and livesim.replan take both, as left and "
                f"sold; or take the webshop away (products.{name}.webshop=null)"
            )


def _wrong_counts(
    what: str, counts: int | Mapping[str, int] | None, known: Sequence[str]
) -> Iterator[str]:
    named = counts if isinstance(counts, Mapping) else {"": counts} if counts is not None else {}
    for name, count in named.items():
        place = f"{what}: {name}" if name else what
        if name and name not in known:
            yield f"{what}: nothing is called {name}; {did_you_mean(str(name), known)}"
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 0:
            yield f"{place}: {count!r} is no count: it must be a whole number from 0 on"


def wrong_bundles(scenario: Scenario, what: str, units: Units) -> Iterator[str]:
    """Say which units are of bundles, which have none."""
    for name in units:
        product = scenario.products.get(str(name).partition(".")[0])
        if product is not None and product.contains:
            yield f"{what}: {name}: {NO_STOCK}: {count_instead(product.contains)}"


def wrong_called(scenario: Scenario, called: Mapping[str, float | str]) -> Iterator[str]:
    """Say which parts of products cannot be called, or not then."""
    supplies = dict(zip(scenario.products, inputs_of(scenario).supplies, strict=True))
    known = [f"{name}.{part}" for name, supply in supplies.items() for part in supply.parts]
    for name, when in called.items():
        if name not in known:
            parts = did_you_mean(str(name), known) or "no product has waves, receipts or a reserve"
            yield f"called: no part of a product is called {name}; {parts}"
        try:
            _seconds(when)
        except QuantityError as error:
            yield f"called: {name}: {error}: {error.remedy}"


def due_at(inputs: Inputs, called: Mapping[str, float | str]) -> dict[tuple[int, str], Floats]:
    """Return when parts that were called come [s], shape (1,), as a state has them."""
    parts = [(*name.partition("."), when) for name, when in called.items()]
    return {
        (inputs.products.index(product), part): np.array([_seconds(when)])
        for product, _, part, when in parts
    }


def _seconds(moment: float | str) -> float:
    must_be(moment, (str, Real), "a moment is seconds since the start, or a text as '10min'")
    return seconds_of(moment)


def as_planned(inputs: Inputs, refresh: int, absent: Sequence[str] | None) -> State:
    """Return the state at a refresh of shows as planned, with stock for all."""
    inputs = with_absent(inputs, absent, refresh * inputs.refresh)
    everything = np.full_like(inputs.owned, UNLIMITED)
    return recorder.state_at(inputs, Streams(0, 0, inputs.replications), everything, refresh)


def _watched(
    inputs: Inputs, usual: State, watching: Viewers | None, viewers: Viewers | None
) -> State:
    """Return one row of a state with as many viewers as are seen, divided as they usually are."""
    segments = {segment.name: segment for segment in inputs.segments}
    parts = {
        name: np.concatenate([usual.undecided[name], usual.decided[name]], axis=1).mean(axis=0)
        for name in segments
    }
    watch = _by_segment(watching, {name: float(part.sum()) for name, part in parts.items()})
    came = {name: float(usual.viewers[name].mean()) for name in segments}
    for_each = {name: came[name] / max(float(parts[name].sum()), 1.0) for name in segments}
    so_far = _by_segment(viewers, {name: watch[name] * for_each[name] for name in segments})
    found = {
        name: _divided(watch[name], parts[name] if parts[name].any() else _new(segment))
        for name, segment in segments.items()
    }
    one = usual.take(np.zeros(1, dtype=np.intp))
    return replace(
        with_nobody_waiting(one, np.zeros_like(one.attempts)),
        viewers={
            name: np.array(
                [so_far[name] if viewers is not None else max(so_far[name], watch[name])]
            )
            for name in segments
        },
        undecided={name: part[None, : part.size // 2] for name, part in found.items()},
        decided={name: part[None, part.size // 2 :] for name, part in found.items()},
        orders=Orders.none(),
        kinds=Kinds.of([1], len(usual.names["room"])),
    )


def _new(segment: SegmentInputs) -> Floats:
    """Return the shares of those who have just come."""
    return np.concatenate([segment.phase_share, np.zeros_like(segment.phase_share)])


def _by_segment(seen: Viewers | None, usual: Mapping[str, float]) -> dict[str, int]:
    """Return the viewers of each segment: as seen, as usual, or divided as usual."""
    if isinstance(seen, Mapping):
        return {name: int(seen.get(name, round(count))) for name, count in usual.items()}
    if seen is None:
        return {name: round(count) for name, count in usual.items()}
    return dict(zip(usual, _divided(seen, np.array(list(usual.values()))).tolist(), strict=True))


def _divided(count: int, parts: Floats) -> Counts:
    """Divide a count in proportion to parts; all alike where there are none."""
    shares = parts if parts.any() else np.ones_like(parts)
    return split(np.array([count]), (shares / shares.sum()).tolist())[:, 0]


def put_on_sale(inputs: Inputs, state: State, refresh: int) -> Counts:
    """Return the units of each variant on sale by the end of each step, shape (V, steps + 1)."""
    steps, clock = np.arange(refresh + 1), Clock.of(inputs)
    parts = []
    for product, supply in enumerate(inputs.supplies):
        comes = deliveries(
            Cells(inputs),
            product,
            supply,
            inputs.owned[inputs.product_of == product][:, None],
            state.link_at[:, product],
            np.full((len(supply.reserves), 1, 1), np.inf),
            state.called,
            clock,
        )
        parts.append(comes.come_by(steps, np.zeros_like(steps))[:, :, 0])
    return np.concatenate(parts)


def _taken(
    inputs: Inputs, put_on: Counts, on_hand: Units, reserved: Units
) -> tuple[Counts, Counts]:
    """Return the units of each variant that are sold, and that are reserved, shape (V,)."""
    sold, held = np.zeros_like(put_on), np.zeros_like(put_on)
    for number, product in enumerate(inputs.products):
        mine = np.flatnonzero(inputs.product_of == number)
        share = inputs.variant_share[mine].tolist()
        if product in reserved:
            held[mine] = split(np.array([reserved[product]]), share)[:, 0]
        for variant in mine.tolist():
            name = f"{product}.{inputs.variants[variant]}"
            held[variant] += reserved.get(name, 0)
            if name in on_hand:
                sold[variant] = put_on[variant] - on_hand[name] - held[variant]
        if product in on_hand:
            left = put_on[mine].sum() - on_hand[product] - held[mine].sum()
            sold[mine] = split(np.array([left]), share)[:, 0] if left > 0 else left
    return sold, held


def _wrong_stock(
    inputs: Inputs, state: State, put_on: Counts, sold: Counts, held: Counts
) -> Iterator[str]:
    """Say which units cannot have been sold."""
    if inputs.allotted and not (sold.any() or held.any()):
        return
    if inputs.allotted:
        yield (
            "on_hand: each room has a stock of its own here, and units by room cannot be said: "
            "leave on_hand and reserved away, or take the state from livesim.state_at"
        )
        return
    for number, product in enumerate(inputs.products):
        mine = inputs.product_of == number
        taken = (sold + held)[mine]
        there, before = put_on[mine, -1], put_on[mine, -2:][:, 0]
        if (sold[mine] < 0).any():
            yield (
                f"on_hand: more of {product} is on hand and reserved than the {there.sum():,} put "
                f"on sale by {state.at:g} s: correct on_hand, or what products.{product} owns"
            )
        elif (taken > before).any():
            yield (
                f"on_hand: more of {product} has been sold than was there in some variant: say "
                f"units by variant, as {product}.NAME, or correct what products.{product} owns"
            )
        elif taken.any() and state.link_at[0, number] >= state.at:
            yield (
                f"on_hand: {product} has been sold, and its link has not gone up before "
                f"{state.at:g} s in the rundown: correct the rundown or on_hand"
            )


def _with_orders(inputs: Inputs, state: State, put_on: Counts, sold: Counts, held: Counts) -> State:
    """Return the state with the orders that have taken the units."""
    refresh = put_on.shape[1] - 1
    open_: list[tuple[int, int, int]] = []
    for variant in np.flatnonzero(held).tolist():
        steps = open_steps(inputs, state, put_on, variant)
        counts = split(held[[variant]], [1 / len(steps)] * len(steps))[:, 0].tolist()
        open_ += [(variant, *one) for one in zip(steps, counts, strict=True) if one[1]]
    over = [(variant, refresh, int(sold[variant])) for variant in np.flatnonzero(sold).tolist()]
    attempts = state.attempts.copy()
    attempts[:, 0] = (sold + held).sum()
    return replace(
        state,
        orders=_of_one_unit(inputs, state.kinds, over),
        open_orders=_of_one_unit(inputs, state.kinds, open_),
        attempts=attempts,
    )


def _of_one_unit(inputs: Inputs, kinds: Kinds, told: Sequence[tuple[int, int, int]]) -> Orders:
    """Return orders of one unit each that are paid: variant, step and number of each batch."""
    variant, step, count = np.array(told, dtype=np.int64).reshape(-1, 3).T.copy()
    number = kinds.number(1, pays=True, accepts=False, fake=False, room=0)
    kind = np.full(len(variant), number, dtype=np.int16)
    return batches(inputs, kind, variant, np.zeros_like(variant), step, count)
