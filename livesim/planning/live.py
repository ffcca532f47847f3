"""A show on the air, planned anew from what has been seen of it.

What was seen says which worlds this one can be; in these the rest of the show is simulated from
where it is, as planned and with what can still be done: calling a reserve, a top-up, moving a
product forward, another price. All ways live through the same worlds on the same random numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.errors import Interrupted, UsageError, checked_count, did_you_mean, refuse
from livesim.experiment.rest_of_show import Delivery, OnAir, Rest, Way
from livesim.experiment.resumed import variants_called
from livesim.experiment.runner import HERE
from livesim.experiment.weights import Weighed, weighed
from livesim.model.inputs import Inputs
from livesim.planning.items import items_of, savings
from livesim.planning.ready import Ready, ready
from livesim.planning.recommendation import Plan
from livesim.randomness import BLOCK, checked_seed
from livesim.resolve import resolve_file
from livesim.resolve.inputs import inputs_of
from livesim.results.answer import Answer, Origin
from livesim.results.document import Document, as_document, finite
from livesim.results.folders import FolderKind
from livesim.results.frames import frame, frame_of
from livesim.results.intervals import Chance, Estimate, estimate
from livesim.results.manifest import Manifest
from livesim.results.provenance import provenance
from livesim.scenario.currencies import decimals
from livesim.scenario.parts import Product
from livesim.scenario.planned import planned_slots
from livesim.scenario.quantities import DURATION, QuantityError, seconds_of
from livesim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from livesim.results.frames import DataFrame

#: Shows that are simulated to their end; more make the answer finer, and slower.
SHOWS: Final = 100
#: By how much a price is tried to change [1] (assumption: less is hardly noticed).
_STEP: Final = 0.1

What = Literal["reserve", "top-up", "move", "price"]


@dataclass(frozen=True)
class Option:
    """Something that can be done now.

    Parameters
    ----------
    what
        What kind of thing it is.
    product
        With which product.
    units
        How many units are ordered by it [units]; 0 where none are.
    at
        When they are there [s]; now, where nothing is delivered.
    price
        The price from now on [currency/unit], where it changes.
    slot
        The slot that comes next, where it is moved forward.
    way
        How it is simulated.
    reserve
        Which reserve is called, where the product has several.
    """

    what: What
    product: str
    units: int
    at: float
    price: float | None
    slot: str | None
    way: Way
    reserve: str | None = None


@dataclass(frozen=True)
class Tried:
    """What an option comes to, beside going on as planned.

    Parameters
    ----------
    option
        The option.
    gain
        Profit above going on as planned, the same worlds side by side [currency].
    sold
        By how much more units of its product are paid for [units].
    too_late
        Chance that the product has gone before the units are there; None where nothing comes.
    cost
        Of the units that it orders, and of calling them [currency].
    """

    option: Option
    gain: Estimate
    sold: Estimate
    too_late: Chance | None
    cost: float


@dataclass(frozen=True)
class ProductNow:
    """A product on the air.

    Parameters
    ----------
    product
        Its name.
    on_hand, sold
        Units on hand now, and in orders so far, those in bundles and gifts too; the middle, where
        nobody has counted them.
    counted
        Whether somebody has counted them, of each variant.
    gone_at
        When nothing is on hand of it [s], None for never.
    demand
        Units wanted in the whole show, as far as they are not turned away before now.
    to_come
        Units still wanted from now on.
    missing
        Units that are wanted from now on and not there: how many more could be sold.
    left_over
        Units left over in the end.
    gone
        Chance that nothing is on hand of it before the show ends.
    before
        Units wanted in the whole show as the plan expected it.
    """

    product: str
    on_hand: int
    sold: int
    counted: bool
    gone_at: Estimate
    demand: Estimate
    to_come: Estimate
    missing: Estimate
    left_over: Estimate
    gone: Chance
    before: Estimate | None


@dataclass(frozen=True)
class TooFewGifts:
    """Fewer gifts gone than orders came with: a count is wrong, or orders went without.

    Parameters
    ----------
    gift, product
        What is given, and with whose orders.
    gone
        Gifts that are gone [units].
    sold, orders
        Units of the product that are sold, and the fewest orders that can have taken them.
    least
        With how many of these orders a gift comes.
    """

    gift: str
    product: str
    gone: int
    sold: int
    orders: int
    least: int


@dataclass(frozen=True, eq=False, repr=False)
class LivePlan(Answer):
    """A show on the air: what is to be expected of it, and what to do now.

    Parameters
    ----------
    learned
        The shows that fit what was seen.
    rest
        What they come to as planned.
    viewers
        Unique viewers of the whole show.
    viewers_before
        The same as the plan expected it; None where there was none.
    profit
        Of the whole show as planned [currency].
    products
        Each product.
    tried
        What can be done now, the best first.
    seed
        For the draws.
    versions
        What it was simulated with.
    late
        Reserves that could be called, and would come when the show is over.
    requested
        How many shows go on, where not all that can be done was tried; None where it was.
    """

    kind: ClassVar = FolderKind(
        name="live",
        command="livesim live PLAN --seen FILE --out FOLDER",
        again="ask again",
        manifest=Manifest,
    )

    learned: Weighed
    rest: Rest
    viewers: Estimate
    viewers_before: Estimate | None
    profit: Estimate
    products: tuple[ProductNow, ...]
    tried: tuple[Tried, ...]
    seed: int
    versions: Mapping[str, str] = field(repr=False)
    late: tuple[Option, ...] = ()
    requested: int | None = None

    @property
    def best(self) -> Tried | None:
        """The option that surely earns most; None if going on as planned is as good."""
        return next((one for one in self.tried if one.gain.above_zero), None)

    @property
    def too_few_gifts(self) -> tuple[TooFewGifts, ...]:
        """Of which gifts fewer are gone than orders came with, by the counts and the limits."""
        return tuple(_too_few_gifts(self.learned.scenario, self.products))

    @property
    def at(self) -> float:
        """The moment of the answer, since the show's start [s]."""
        return self.learned.seen[-1].at

    @property
    def origin(self) -> Origin:
        """What it was made from; the replications are the shows that go on from now."""
        scenario, shows = self.learned.scenario, len(self.rest.profit)
        return Origin.of(scenario, self.seed, shows, self.versions, (), self.requested, "shows")

    def tables(self) -> dict[str, DataFrame]:
        """Return ``products``, ``options``, and ``shows``: the worlds with what they come to."""
        names = [one.product for one in self.products]
        ends = {
            f"{name}.{what}": figures[:, number]
            for what, figures in self.rest.products.items()
            for number, name in enumerate(names)
        }
        shows = {"viewers": self.rest.viewers, "profit": self.rest.profit}
        return {
            "products": frame_of([_product(one) for one in self.products]),
            "options": frame_of([_option(one) for one in self.tried]),
            "shows": frame({**self.learned.worlds, **shows, **ends}),
        }

    def _arrays(self) -> Iterator[tuple[str, NDArray[Any]]]:
        yield from self.learned.worlds.items()
        yield from (("viewers", self.rest.viewers), ("profit", self.rest.profit))
        yield from self.rest.products.items()

    def _body(self) -> Document:
        """Return the figures of its document.

        ``at`` [s]; ``effective`` of ``tried`` worlds; ``viewers`` and ``profit`` of the whole show;
        ``products`` by name; ``too_few_gifts``: of which fewer are gone than orders came with;
        ``options``, the best first; ``best``: its place among them, or None.
        """
        before = self.viewers_before
        return {
            "at": self.at,
            "effective": self.learned.effective,
            "tried": self.learned.tried,
            "viewers": self.viewers.as_dict(),
            "viewers_before": None if before is None else before.as_dict(),
            "profit": self.profit.as_dict(),
            "products": {one.product: _product(one) for one in self.products},
            "too_few_gifts": [asdict(one) for one in self.too_few_gifts],
            "options": [_option(one) for one in self.tried],
            "best": None if self.best is None else self.tried.index(self.best),
        }


def _too_few_gifts(scenario: Scenario, now: Sequence[ProductNow]) -> Iterator[TooFewGifts]:
    products, stands = scenario.products, {one.product: one for one in now}
    bundled = {part.partition(".")[0] for one in products.values() for part in one.contains or ()}
    for name, one in products.items():
        given = None if one.gift is None else stands.get(one.gift.product)
        if one.gift is None or given is None or one.contains or name in bundled:
            continue
        orders = -(-stands[name].sold // one.limit)
        least = min(orders, one.gift.first or orders)
        if stands[name].counted and given.counted and given.on_hand and given.sold < least:
            yield TooFewGifts(given.product, name, given.sold, stands[name].sold, orders, least)


def _product(one: ProductNow) -> Document:
    return dict(finite(as_document(one)))


def _option(one: Tried) -> Document:
    """Return an option with what it comes to, but not how it is simulated."""
    told = finite(as_document(one))
    option, hidden = told.pop("option"), {"way", *(["reserve"] * (one.option.reserve is None))}
    return {**{name: part for name, part in option.items() if name not in hidden}, **told}


def replan(
    plan: Plan | Scenario | str | Path,
    seen: Any,
    *,
    top_ups: Mapping[str, tuple[int, float | str]] | None = None,
    changes: Mapping[str, Any] | None = None,
    reserved: Mapping[str, int] | None = None,
    called: Mapping[str, float | str] | None = None,
    absent: Sequence[str] | None = None,
    shows: int = SHOWS,
    seed: int = 1,
) -> LivePlan:
    """Plan the rest of a show that is on the air, from what has been seen of it until now.

    Parameters
    ----------
    plan : Plan, Scenario, str or Path
        The plan, or its folder: the units that it recommends are those that there are. Or a show,
        or its file: the units are those that it owns.
    seen : mapping, or sequence of mappings
        Counts from the start of the show on, at a moment or at several, the last one now: ``at``,
        and any of ``viewers`` (unique), ``watching`` (concurrent), ``orders``, and by product or
        variant ``left`` (units on hand) or ``sold`` (units in orders so far); both where a
        webshop sells of it, too: what is neither is the webshop's.
    top_ups : mapping of str to (int, float or str), optional
        Product → units that could be ordered now at its unit cost, and after what time they come.
    changes : mapping of str to any, optional
        Path → value of what is otherwise than planned: what was really bought, when a slot began.
    reserved, called, absent
        As for `livesim.state_seen`; what is reserved is as expected where it is not said.
    shows : int
        How many shows are simulated to their end, at most 250.
    seed : int
        For the draws.

    Returns
    -------
    LivePlan
        When each product is gone, how many more could be sold, and what to do now.

    Raises
    ------
    UsageError
        With all that cannot be in what was seen, each with its place, the rule and the remedy.
    ScenarioError, ResultsError
        If the file or the folder cannot be read.
    Interrupted
        If it was interrupted once the shows were simulated as planned; of what else can be done now
        it holds what was tried by then.

    Notes
    -----
    A price is tried at 10 % less for the product with most left over, or at 10 % more for the one
    with most missing (assumptions); the elasticity of the scenario says what it does.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> seen = {"at": "10min", "viewers": 400, "left": {"serum": 8}}
    >>> now = livesim.replan(room, seen, top_ups={"serum": (20, "3min")}, shows=50)
    >>> [one.option.what for one in now.tried if one.option.product == "serum"][:1]
    ['top-up']
    >>> now.products[0].on_hand, now.products[0].missing.mean > 0
    (8, True)
    """
    many, seed = checked_count(shows, "shows", 2), checked_seed(seed)
    if many > BLOCK:
        raise UsageError(f"shows: {many:,} are too many to answer at once: take at most {BLOCK}")
    planned = _planned(plan, changes or {})
    scenario = planned.scenario
    wanted = _top_ups(scenario, top_ups or {})
    found = weighed(
        scenario, seen, shows=many, seed=seed, reserved=reserved, called=called, absent=absent
    )
    going_on = OnAir(found, seed, _owned_before(planned))
    saved = _saved(planned)

    def rest(ways: Sequence[Way]) -> list[Rest]:
        return [replace(one, profit=one.profit + saved) for one in going_on.rest(ways)]

    _refuse_late(found, wanted)
    base = _Base(found, rest([Way()])[0])
    reserves = [*_reserves(base, called or {})]
    late = tuple(one for one in reserves if _is_late(found.scenario, one.product, one.at))
    options = [one for one in reserves if one not in late] + [*_options(base, wanted)]
    ends = _ends(rest, [one.way for one in options])
    tried = [_tried(base, *pair) for pair in zip(options, ends, strict=False)]
    stopped = len(tried) < len(options)
    now = LivePlan(
        learned=found,
        rest=base.rest,
        viewers=estimate(base.rest.viewers, least=0.0),
        viewers_before=_of(planned.viewers),
        profit=estimate(base.rest.profit),
        products=tuple(_now(base, number, planned) for number in range(len(scenario.products))),
        tried=tuple(sorted(tried, key=lambda one: -(one.gain.mean or 0.0))),
        seed=seed,
        versions=provenance(),
        late=late,
        requested=many if stopped else None,
    )
    if stopped:
        raise Interrupted(now)
    return now


def _ends(rest: Callable[[Sequence[Way]], list[Rest]], ways: Sequence[Way]) -> list[Rest]:
    """Return what shows come to in some ways; after an interrupt, in the first of them.

    What is delivered besides is worked off together.
    """
    delivered = [way for way in ways if not way.changes]
    groups = [delivered] * bool(delivered) + [[way] for way in ways if way.changes]
    try:
        return [end for some in HERE.run(rest, groups).found for end in some]
    except KeyboardInterrupt:
        return []


def _planned(plan: Plan | Scenario | str | Path, changes: Mapping[str, Any]) -> Ready:
    """Return the show of a plan as it is; of a scenario, with nothing expected before."""
    if isinstance(plan, Plan) or (isinstance(plan, str | Path) and Path(plan).is_dir()):
        return ready(plan, changes)
    if isinstance(plan, Scenario):
        show = plan.with_changes(changes) if changes else plan
    else:
        show = resolve_file(plan, changes).scenario
    return Ready(show, items_of(show), np.zeros(0), {})


def _saved(planned: Ready) -> float:
    """Return what price breaks saved of the unit cost of what was bought [currency]."""
    owned = inputs_of(planned.scenario).owned
    units = [[owned[list(item.variants)].sum()] for item in planned.items]
    return float(savings(planned.items, np.array(units))[0])


def _owned_before(planned: Ready) -> NDArray[np.int64]:
    """Return the units of each variant that were owned before the purchase, shape (V,)."""
    owned = inputs_of(planned.scenario).owned.copy()
    for item in planned.items:
        mine = list(item.variants)
        if owned[mine].sum() > item.owned:
            owned[mine] = item.split(np.array([item.owned]))[:, 0]
    return owned


def _of(values: Floats) -> Estimate | None:
    return estimate(values, least=0.0) if len(values) else None


def _top_ups(
    scenario: Scenario, wanted: Mapping[str, tuple[int, float | str]]
) -> dict[str, tuple[int, float]]:
    """Read what could be ordered now: units and after what time [s]."""
    found, wrong = {}, []
    for name, (units, after) in wanted.items():
        if name not in scenario.products:
            wrong.append(
                f"top_ups: no product is called {name}; {did_you_mean(name, scenario.products)}"
            )
        try:
            seconds = seconds_of(after)
            found[name] = checked_count(units, f"top_ups: {name}", 1), seconds
        except (QuantityError, UsageError) as error:
            wrong.append(f"top_ups: {name}: {error}".replace("top_ups: " * 2, "top_ups: "))
    refuse(wrong)
    return found


def _refuse_late(found: Weighed, top_ups: Mapping[str, tuple[int, float]]) -> None:
    """Refuse units that would come when the show is over, but for orders that wait for them."""
    end = found.scenario.show.length
    late = {
        name: found.seen[-1].at + after
        for name, (_, after) in top_ups.items()
        if _is_late(found.scenario, name, found.seen[-1].at + after)
    }
    refuse(
        f"top_ups: {name}: units that come {DURATION.write(at)} into the show, which ends at "
        f"{DURATION.write(end)}, are sold to nobody: leave them out, or have them sooner"
        for name, at in late.items()
    )


def _is_late(scenario: Scenario, product: str, at: float) -> bool:
    """Say whether units that come at a moment [s] are sold to nobody: no order waits for them."""
    return at >= scenario.show.length and scenario.products[product].backorder is None


@dataclass(frozen=True)
class _Base:
    """The shows that go on, and what they come to as planned."""

    learned: Weighed
    rest: Rest

    @property
    def scenario(self) -> Scenario:
        """The show."""
        return self.learned.scenario

    @property
    def at(self) -> float:
        """Now [s]."""
        return self.learned.seen[-1].at

    @cached_property
    def inputs(self) -> Inputs:
        """The show's numbers."""
        return inputs_of(self.scenario)

    @cached_property
    def ordered(self) -> tuple[Floats, Floats, Floats]:
        """Units ordered of each variant so far, those of the show's orders, and these, (V, N)."""
        state = self.learned.state
        units, in_show = state.kinds.units, ~state.kinds.webshop
        each = np.stack([units, units * in_show, in_show], axis=1).astype(np.int64)
        found = np.zeros((len(self.inputs.variants), len(state), 3))
        for one in (state.orders, state.open_orders):
            np.add.at(found, (one.cell, one.row), one.sums(each))
        everything, shown, orders = np.moveaxis(found, 2, 0)
        return everything, shown, orders

    @cached_property
    def given(self) -> Floats:
        """Units of each variant that went as gifts so far, while there were any, shape (V, N)."""
        everything, _, orders = self.ordered
        left = np.maximum(self.learned.put_on[:, None] - self.inputs.takes.T @ everything, 0.0)
        found = np.zeros_like(left)
        for gift in self.inputs.gifts:
            most = np.minimum(left[gift.variant] - found[gift.variant], gift.first)
            found[gift.variant] += np.minimum(orders[list(gift.to)].sum(axis=0), most)
        return found

    def of(self, name: str, product: str) -> Floats:
        """Return a figure of a product, shape (N,)."""
        return self.rest.products[name][:, [*self.scenario.products].index(product)]


def _reserves(base: _Base, called: Mapping[str, Any]) -> Iterator[Option]:
    """Yield the reserves that can be called now."""
    for name, product in base.scenario.products.items():
        for part, reserve in product.all_reserves.items():
            if reserve.units and f"{name}.{part}" not in called:
                found = Delivery(name, reserve.units, base.at + reserve.lead_time, part)
                which = part.partition(".")[2] or None
                yield replace(_delivered("reserve", found), reserve=which)


def _options(base: _Base, top_ups: Mapping[str, tuple[int, float]]) -> Iterator[Option]:
    """Yield what else can be done now."""
    for name, (units, after) in top_ups.items():
        yield _delivered("top-up", Delivery(name, units, base.at + after))
    yield from _moved(base)
    yield from _priced(base)


def _delivered(what: What, one: Delivery) -> Option:
    return Option(what, one.product, one.units, one.at, None, None, Way(delivery=one))


def _moved(base: _Base) -> Iterator[Option]:
    """Yield the move of the product with most left over to the next slot, if it comes later.

    Only slots that follow on one another can change places: others have their own time.
    """
    every = planned_slots(base.scenario)
    running = {name for one in every if one.start <= base.at < one.end for name in one.slot.sells}
    slots = [one for one in every if one.start > base.at]
    fixed = [n for n, one in enumerate(slots) if n and one.slot.start is not None]
    slots = slots[: fixed[0]] if fixed else slots
    worth = _worth_left_over(base)
    later = [one for one in slots if one.slot.sells and not one.slot.waits_for]
    if len(later) < 2 or later[0] is not slots[0]:
        return
    first = later[0]
    near = running | {*first.slot.sells}
    pulled = [one for one in later[1:] if not {*one.slot.sells} & near]
    pulled = [one for one in pulled if one.slot.length == first.slot.length]
    if not pulled:
        return
    best = max(pulled, key=lambda one: sum(worth[name] for name in one.slot.sells))
    gone = all(worth[name] <= 0 for name in best.slot.sells)
    if gone or first.slot.start is not None:
        return
    rundown = base.scenario.to_data()["rundown"]
    names = [*rundown]
    names.remove(best.name)
    names.insert(names.index(first.name), best.name)
    way = Way({"rundown": {name: rundown[name] for name in names}})
    yield Option("move", best.slot.sells[0], 0, base.at, None, best.name, way)


def _worth_left_over(base: _Base) -> dict[str, float]:
    """Return what units left over could bring above being left over [currency], by product."""
    products = base.scenario.products
    return {
        name: float(base.of("left_over", name).mean())
        * max(0.0, products[name].price - products[name].worth_if_owned)
        for name in products
    }


def _priced(base: _Base) -> Iterator[Option]:
    """Yield another price of the product at which it may bring most."""
    products = base.scenario.products
    slots = [one.slot for one in planned_slots(base.scenario) if one.end > base.at]
    offered = {name for slot in slots for name in slot.sells}
    free = [
        name
        for name in products
        if name in offered and not any(name in slot.price for slot in slots)
    ]
    if not free:
        return
    left = _worth_left_over(base)
    missing = {name: float(base.of("lost", name).mean()) * products[name].price for name in free}
    scarce = {
        name: worth for name, worth in missing.items() if np.median(_units_now(base, name)[0]) > 0
    }
    cheaper = max(free, key=lambda name: left[name])
    dearer = max(scarce, key=lambda name: scarce[name], default=cheaper)
    raised = scarce.get(dearer, 0.0) > left[cheaper]
    name, factor = (dearer, 1.0 + _STEP) if raised else (cheaper, 1.0 - _STEP)
    places = decimals(base.scenario.show.currency)
    price = round(float(f"{products[name].price * factor:.3g}"), places)
    if price == round(products[name].price, places):  # of an amount as small as 1 yen
        return
    yield Option("price", name, 0, base.at, price, None, Way({f"products.{name}.price": price}))


def _units_now(base: _Base, goods: str) -> tuple[Floats, Floats, Floats]:
    """Return the units on hand, sold from the stock, and ordered, in each show, shape (N,).

    Of a product or, as ``serum.small``, a variant. Of a bundle as many are on hand as its
    components make; of these what bundles and gifts have taken is sold, but not ordered.
    """
    inputs, mine = base.inputs, variants_called(base.inputs, goods)
    everything, shown, _ = base.ordered
    takes = inputs.takes[:, mine].sum(axis=1)
    given, ordered = base.given[mine].sum(axis=0), shown[mine].sum(axis=0)
    gone, sold = takes @ everything + given, takes @ shown + given
    contains = base.scenario.products[goods.partition(".")[0]].contains or {}
    makes = [_units_now(base, part)[0] // units for part, units in contains.items()]
    if makes:
        return np.min(makes, axis=0), ordered, ordered
    return base.learned.put_on[mine].sum() - gone, sold, ordered


def _tried(base: _Base, option: Option, end: Rest) -> Tried:
    """Return what an option comes to beside going on as planned."""
    number = [*base.scenario.products].index(option.product)
    sold = end.products["sales"][:, number] - base.rest.products["sales"][:, number]
    late = None
    if option.units:
        gone = base.rest.products["gone_at"][:, number] < option.at
        late = Chance.of(int(gone.sum()), len(gone))
    return Tried(
        option,
        estimate(end.profit - base.rest.profit),
        estimate(sold),
        late,
        _cost(base.scenario.products[option.product], option),
    )


def _cost(product: Product, option: Option) -> float:
    """Return what the units of an option cost, and calling them [currency]."""
    called = option.way.delivery and product.all_reserves.get(option.way.delivery.part or "")
    cost = option.units * product.unit_cost
    if not called:
        return cost
    return cost + option.units * (called.extra_unit_cost or 0.0) + (called.call_cost or 0.0)


def _now(base: _Base, number: int, planned: Ready) -> ProductNow:
    """Return how a product stands."""
    name = [*base.scenario.products][number]
    figures = {what: of[:, number] for what, of in base.rest.products.items()}
    on_hand, sold, ordered = _units_now(base, name)
    gone_at = figures["gone_at"]
    counted = {
        one for of in base.learned.seen[-1].units for one in variants_called(base.inputs, of)
    }
    return ProductNow(
        product=name,
        on_hand=round(float(np.median(on_hand))),
        sold=round(float(np.median(sold))),
        counted=counted.issuperset(variants_called(base.inputs, name)),
        gone_at=estimate(np.maximum(gone_at, base.at), least=base.at),
        gone=Chance.of(int(np.isfinite(gone_at).sum()), len(gone_at)),
        demand=estimate(figures["demand"], least=0.0),
        to_come=estimate(figures["demand"] - ordered, least=0.0),
        missing=estimate(figures["lost"], least=0.0),
        left_over=estimate(figures["left_over"], least=0.0),
        before=_of(planned.demand[name]) if name in planned.demand else None,
    )
