"""The numbers of R replications as arrays: a scenario with its uncertain quantities drawn.

:func:`inputs_of` is the one bridge from what a planner wrote to what the model computes with. An
uncertain quantity is looked up among the drawn values by its path; without a draw its likely value
is used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livesim.errors import Mistake, ScenarioError
from livesim.model.arrivals import (
    arrival_hazards,
    flat,
    front_loaded,
    s_curve,
    through_points,
    with_waiting,
)
from livesim.model.campaign import OPINIONS, aware_path, joint_hazards, joint_trust
from livesim.scenario.planned import announced_entry
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Arrivals, Scenario, Segment
from livesim.scenario.uncertain import Quantity, likely


@dataclass(frozen=True)
class SegmentInputs:
    """One audience segment in R replications, with K phases of stay.

    Parameters
    ----------
    name
        What the segment is called.
    room
        Number of its room.
    room_people
        Who is on stage in its room all the time, shape (people,).
    reach
        People who could come, all like rooms together, whole numbers, shape (R,).
    hazards
        Integrated hazard to come [1] up to each refresh, those who wait first, a campaign before
        the show included, shape (T + 1, R).
    turnout_factor
        Shared forecast error, a factor on the hazard to come [1], shape (R,).
    phase_share
        Share of the viewers in each phase [1], shape (K,).
    mean_stay
        Mean stay by phase [s], shape (R, K).
    fit, log_pull
        Fit of each person and log of their pull [1], shape (R, people).
    lift_fit
        Fit of each person for lift, by product [1], shape (R, people, P).
    log_trust
        Logarithm of their own factor on the odds to order [1], a campaign's included, shape (R,).
    word_of_mouth
        Imitation q [1/s], shape (R,).
    recommendation
        Visitors brought per order [1], shape (R,).
    window
        Refreshes over which orders are counted for that.
    """

    name: str
    room: int
    room_people: NDArray[np.bool_]
    reach: NDArray[np.int64]
    hazards: Floats
    turnout_factor: Floats
    phase_share: Floats
    mean_stay: Floats
    fit: Floats
    lift_fit: Floats
    log_pull: Floats
    log_trust: Floats
    word_of_mouth: Floats
    recommendation: Floats
    window: int

    @property
    def reacts(self) -> bool:
        """Whether watchers or orders bring newcomers."""
        return bool(self.word_of_mouth.any() or self.recommendation.any())


@dataclass(frozen=True)
class RoomInputs:
    """One room, or many alike, in R replications.

    Parameters
    ----------
    name
        What it is called.
    count
        How many such rooms there are.
    spread
        Log-sd of a single room's size [1], shape (R,).
    allotment
        Share of every product's units that they alone sell [1]; None where all sell from one stock.
    """

    name: str
    count: int
    spread: Floats
    allotment: float | None


@dataclass(frozen=True)
class Inputs:
    """A scenario in R replications: P products in V variants, sold to S segments.

    Parameters
    ----------
    refresh, refreshes
        Length [s] and number T of the refreshes.
    segments
        The audience, in the order of the file.
    rooms
        Where they watch, in the order of the file; without rooms, the whole show is one.
    people, products, variants
        Names, in the order of the file; a product without variants is its own only variant.
    product_of
        Product of each variant, shape (V,).
    variant_share
        Share of the product's orders that want the variant [1], shape (V,).
    log_lift, log_keep
        Logarithms of lift and keep [1], shape (R, people).
    late, comes
        How late each person is [s], and whether they come at all, shape (R, people).
    price, reference_price
        Prices [currency/unit], shape (P,).
    log_appeal, conversion, rush, elasticity, herd, log_scarcity, shelf
        The model's quantities by product, shape (R, P).
    scarce_below
        Scarcity works below this many units shown [units], shape (P,).
    unpaid
        Share of orders that are never paid [1], shape (R, P).
    accept
        Share of the turned-away who accept to wait [1], shape (R, P).
    returns, returned_before_shipping
        Shares of paid units that come back, and of these cancelled in time [1], shape (R, P).
    through
        Share of the attempts that go through all steps of the checkout [1], shape (R,).
    fake_share, fake_returned
        Share of the orders that is fake, and of what these pay for that is returned [1], shape
        (R, P).
    """

    refresh: float
    refreshes: int
    segments: tuple[SegmentInputs, ...]
    rooms: tuple[RoomInputs, ...]
    people: tuple[str, ...]
    products: tuple[str, ...]
    variants: tuple[str, ...]
    product_of: NDArray[np.intp]
    variant_share: Floats
    log_lift: Floats
    log_keep: Floats
    late: Floats
    comes: NDArray[np.bool_]
    price: Floats
    reference_price: Floats
    log_appeal: Floats
    conversion: Floats
    rush: Floats
    elasticity: Floats
    herd: Floats
    log_scarcity: Floats
    scarce_below: NDArray[np.int64]
    shelf: Floats
    unpaid: Floats
    accept: Floats
    returns: Floats
    returned_before_shipping: Floats
    through: Floats
    fake_share: Floats
    fake_returned: Floats

    @property
    def replications(self) -> int:
        """The number R of replications."""
        return len(self.unpaid)

    @property
    def attempts_shape(self) -> tuple[int, int]:
        """Shape of the order attempts: a column for each variant in each room, rooms last."""
        return (self.replications, len(self.variants) * len(self.rooms))


@dataclass(frozen=True)
class Drawn:
    """Looks quantities up by path: drawn, or likely where nothing was drawn.

    Parameters
    ----------
    values
        Path → drawn values, each of shape (R,).
    replications
        The number R.
    """

    values: Mapping[str, Floats]
    replications: int

    def __call__(self, path: str, quantity: Quantity) -> Floats:
        """Return a quantity's values, shape (R,)."""
        if path in self.values:
            return self.values[path]
        return np.full(self.replications, likely(quantity))

    def table(self, paths: Mapping[str, Quantity]) -> Floats:
        """Return the quantities of several paths side by side, shape (R, len(paths))."""
        columns = [self(path, quantity) for path, quantity in paths.items()]
        return np.stack(columns, axis=1) if columns else np.zeros((self.replications, 0))


def no_show_path(person: str) -> str:
    """Return the path at which it is drawn whether a person comes."""
    return f"people.{person}.no_show"


def inputs_of(
    scenario: Scenario, drawn: Mapping[str, Floats] | None = None, replications: int = 1
) -> Inputs:
    """Return a scenario's numbers as arrays of R replications.

    Parameters
    ----------
    scenario
        The show.
    drawn
        Path → drawn values, each of shape (R,). What is missing takes its likely value.
    replications
        The number R.

    Raises
    ------
    ScenarioError
        If drawn conversions of products that are offered together add up to more than 1.

    Examples
    --------
    >>> import livesim
    >>> inputs = inputs_of(livesim.load("scenarios/brand_room.yaml"))
    >>> inputs.replications, inputs.products
    (1, ('serum', 'lip_tint', 'mask'))
    """
    read = Drawn(drawn or {}, replications)
    products = scenario.products
    variants = [
        (number, name, share)
        for number, (product, value) in enumerate(products.items())
        for name, share in _variants(product, scenario).items()
    ]

    def by_product(field: str) -> Floats:
        return read.table({f"products.{p}.{field}": getattr(v, field) for p, v in products.items()})

    def by_person(field: str) -> Floats:
        people = scenario.people.items()
        return read.table({f"people.{p}.{field}": getattr(v, field) for p, v in people})

    appeal = read("show.appeal", scenario.show.appeal)[:, None]
    takes_appeal = np.array([product.takes_appeal for product in products.values()])
    inputs = Inputs(
        refresh=scenario.show.refresh,
        refreshes=scenario.refreshes,
        segments=tuple(
            _segment(scenario, name, segment, read) for name, segment in scenario.segments.items()
        ),
        rooms=_rooms(scenario, read),
        people=tuple(scenario.people),
        products=tuple(products),
        variants=tuple(name for _, name, _ in variants),
        product_of=np.array([number for number, _, _ in variants], dtype=np.intp),
        variant_share=np.array([share for _, _, share in variants]),
        log_lift=np.log(by_person("lift")),
        log_keep=np.log(by_person("keep")),
        late=by_person("late"),
        comes=_comes(scenario, read),
        price=np.array([product.price for product in products.values()]),
        reference_price=np.array([p.reference_price for p in products.values()]),
        log_appeal=np.where(takes_appeal, np.log(appeal), 0.0),
        conversion=by_product("conversion"),
        rush=by_product("rush"),
        elasticity=by_product("elasticity"),
        herd=by_product("herd"),
        log_scarcity=np.log(
            read.table(
                {
                    f"products.{p}.scarcity.multiplier": v.scarcity.multiplier if v.scarcity else 1
                    for p, v in products.items()
                }
            )
        ),
        scarce_below=np.array([v.scarcity.below if v.scarcity else 0 for v in products.values()]),
        shelf=by_product("shelf"),
        unpaid=_unpaid(scenario, read),
        accept=read.table(
            {
                f"products.{p}.backorder.accept": v.backorder.accept if v.backorder else 0
                for p, v in products.items()
            }
        ),
        returns=by_product("returns"),
        returned_before_shipping=by_product("returned_before_shipping"),
        through=read.table(
            {f"checkout.steps.{s}": share for s, share in (scenario.checkout.steps or {}).items()}
        ).prod(axis=1),
        fake_share=_of_fakes(scenario, "share", read),
        fake_returned=_of_fakes(scenario, "returned", read),
    )
    _check_conversions(scenario, inputs)
    return inputs


def _of_fakes(scenario: Scenario, field: str, read: Drawn) -> Floats:
    return read.table(
        {
            f"products.{p}.fake_orders.{field}": getattr(v.fake_orders, field)
            if v.fake_orders
            else 0
            for p, v in scenario.products.items()
        }
    )


def _unpaid(scenario: Scenario, read: Drawn) -> Floats:
    """Return the share of orders never paid: in a presale, those whose balance is not."""
    usual = read("checkout.unpaid", scenario.checkout.unpaid)
    columns = [
        1.0 - read(f"products.{name}.presale.balance_paid", product.presale.balance_paid)
        if product.presale
        else usual
        for name, product in scenario.products.items()
    ]
    return np.stack(columns, axis=1)


def _rooms(scenario: Scenario, read: Drawn) -> tuple[RoomInputs, ...]:
    if scenario.rooms is None:
        return (RoomInputs("main", 1, np.zeros(read.replications), None),)
    return tuple(
        RoomInputs(name, room.count, read(f"rooms.{name}.spread", room.spread), room.allotment)
        for name, room in scenario.rooms.items()
    )


def _variants(product: str, scenario: Scenario) -> dict[str, float]:
    variants = scenario.products[product].variants
    return {name: v.share for name, v in variants.items()} if variants else {product: 1.0}


def _comes(scenario: Scenario, read: Drawn) -> NDArray[np.bool_]:
    columns = [read(no_show_path(name), 0.0) == 0 for name in scenario.people]
    return np.stack(columns, axis=1) if columns else np.ones((read.replications, 0), dtype=bool)


def _segment(scenario: Scenario, name: str, segment: Segment, read: Drawn) -> SegmentInputs:
    path = f"segments.{name}"
    people = scenario.people.items()
    pulls = {
        f"people.{p}.pull_by_segment.{name}"
        if name in v.pull_by_segment
        else f"people.{p}.pull": v.pull_by_segment.get(name, v.pull)
        for p, v in people
    }
    fit = read.table({f"people.{p}.fit.{name}": v.fit.get(name, 0.0) for p, v in people})
    stays = {f"{path}.stay.{k}.mean": phase.mean for k, phase in segment.stay.items()}
    factor = np.ones(read.replications)
    if segment.takes_turnout_factor:
        factor = read("show.turnout_factor", scenario.show.turnout_factor)
    hazards = arrival_hazards(
        read(f"{path}.turnout", segment.turnout), _profile(scenario, name, read)
    )
    hazards, trust = _after_campaign(scenario, name, hazards, factor, read)
    number, _, own = _room_of(scenario, name)
    return SegmentInputs(
        name=name,
        room=number,
        room_people=np.isin(list(scenario.people), own),
        reach=reach_of(scenario, name, read),
        hazards=hazards,
        turnout_factor=factor,
        phase_share=np.array([phase.share for phase in segment.stay.values()]),
        mean_stay=read.table(stays) * read(f"{path}.stay_factor", segment.stay_factor)[:, None],
        fit=fit,
        lift_fit=_lift_fit(scenario, fit, read),
        log_pull=np.log(read.table(pulls)),
        log_trust=np.log(read(f"{path}.trust", segment.trust)) + np.log(trust),
        word_of_mouth=read(f"{path}.word_of_mouth", segment.word_of_mouth),
        recommendation=read(f"{path}.recommendation", segment.recommendation),
        window=max(1, round(segment.recommendation_window / scenario.show.refresh)),
    )


def reach_of(scenario: Scenario, segment: str, read: Drawn) -> NDArray[np.int64]:
    """Return how many of a segment could come, all like rooms together, shape (R,)."""
    _, count, _ = _room_of(scenario, segment)
    reach = read(f"segments.{segment}.reach", scenario.segments[segment].reach)
    return np.rint(reach * count).astype(np.int64)


def _room_of(scenario: Scenario, segment: str) -> tuple[int, int, tuple[str, ...]]:
    """Return the number of a segment's room, how many are like it, and who is on stage there."""
    for number, room in enumerate((scenario.rooms or {}).values()):
        if segment in room.segments:
            return number, room.count, room.people
    return 0, 1, ()


def _after_campaign(
    scenario: Scenario, segment: str, hazards: Floats, factor: Floats, read: Drawn
) -> tuple[Floats, Floats]:
    """Return a segment's hazards to come and its factor on the odds to order after a campaign."""
    groups: list[tuple[Floats, Floats, Floats]] = []
    for name, tier in scenario.campaign.tiers.items() if scenario.campaign else ():
        if segment in tier.reaches:
            good, bad = (read(aware_path(name, segment, opinion), 0.0) for opinion in OPINIONS)
            pull = read(f"campaign.tiers.{name}.pull", tier.pull)
            trust = read(f"campaign.tiers.{name}.trust", tier.trust)
            groups += [(good, pull, trust), (bad, np.ones_like(pull), 1.0 / trust)]
    if not groups:
        return hazards, np.ones(read.replications)
    shares, pulls, trusts = (np.stack(column, axis=1) for column in zip(*groups, strict=True))
    in_all = hazards.sum(axis=0) * factor
    return (
        joint_hazards(shares, pulls, hazards, factor),
        joint_trust(shares, pulls, trusts, in_all),
    )


def _lift_fit(scenario: Scenario, fit: Floats, read: Drawn) -> Floats:
    """Return the fit for lift by product: the mean of segment's and category's (assumption)."""
    by_product = np.repeat(fit[:, :, None], len(scenario.products), axis=2)
    for column, (name, person) in enumerate(scenario.people.items()):
        for number, product in enumerate(scenario.products.values()):
            if product.category in person.fit_by_category:
                path = f"people.{name}.fit_by_category.{product.category}"
                category = read(path, person.fit_by_category[product.category])
                by_product[:, column, number] = (fit[:, column] + category) / 2.0
    return by_product


def _profile(scenario: Scenario, name: str, read: Drawn) -> Floats:
    """Return a segment's arrival profile G at every refresh, shape (T + 1, R)."""
    segment = scenario.segments[name]
    times = np.arange(scenario.refreshes + 1)[:, None] * scenario.show.refresh
    entry = 0.0
    if segment.comes_for is not None:
        announced = announced_entry(scenario, segment.comes_for)
        entry = math.inf if announced is None else announced
    since = np.maximum(times - entry, 0.0)
    length = max(scenario.show.length - entry, scenario.show.refresh)
    waiting = read(f"segments.{name}.waiting", segment.waiting)
    share = _curve(segment.arrivals, f"segments.{name}.arrivals", since, length, read)
    return with_waiting(share, waiting, started=times >= entry)


def _curve(arrivals: Arrivals, path: str, since: Floats, length: float, read: Drawn) -> Floats:
    x = np.minimum(since / length, 1.0)

    def shape(field: str) -> Floats:
        return read(f"{path}.{field}", getattr(arrivals, field))

    if arrivals.shape == "front_loaded":
        return front_loaded(x, shape("half_by"))
    if arrivals.shape == "s_curve":
        return s_curve(x, shape("middle"), shape("spread"))
    if arrivals.points is not None:
        return through_points(since, arrivals.points)
    return flat(x)


def _check_conversions(scenario: Scenario, inputs: Inputs) -> None:
    """Refuse draws in which more than everybody would order what a slot offers."""
    number = {name: i for i, name in enumerate(inputs.products)}
    mistakes = []
    for name, slot in scenario.rundown.items():
        offered = [number[product] for product in slot.sells]
        too_many = int((inputs.conversion[:, offered].sum(axis=1) > 1.0 + 1e-12).sum())
        if too_many:
            mistakes.append(
                Mistake(
                    f"the conversions of what this slot sells add up to more than 100 % in "
                    f"{too_many} of {inputs.replications} draws",
                    path=f"rundown.{name}.sells",
                    remedy="lower the conversions or their p90, or sell fewer products at once",
                )
            )
    if mistakes:
        raise ScenarioError(mistakes)
