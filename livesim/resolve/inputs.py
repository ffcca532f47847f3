"""From a scenario with its uncertain quantities drawn to what the engine computes with.

:func:`inputs_of` is the one bridge from what a planner wrote to the model's arrays. An uncertain
quantity is looked up among the drawn values by its path; without a draw its likely value is used.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.errors import Mistake, ScenarioError
from livesim.model.expectation import Expectation, expect
from livesim.model.inputs import Inputs, RoomInputs, TermsInputs
from livesim.model.splitting import split
from livesim.resolve.centring import orders_centres
from livesim.resolve.drawn import Drawn, no_show_path
from livesim.resolve.offer import coupons_of, gifts_of, slots_of, supplies_of, takes_of
from livesim.resolve.segments import segment_of
from livesim.resolve.terms import deal_of, slot_fees, terms_of
from livesim.scenario.parts import Product
from livesim.scenario.planned import announced_entry
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Quantity


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
    appeal = read("show.appeal", scenario.show.appeal)[:, None]
    centre = np.array([*orders_centres(scenario).values()])
    own = _by_product(scenario, read, "appeal")
    return _inputs(scenario, read, np.log(appeal * own / centre))


def neutral_inputs(
    scenario: Scenario, drawn: Mapping[str, Floats] | None = None, replications: int = 1
) -> Inputs:
    """Return a scenario's numbers as arrays of R replications, without any error of its orders.

    Parameters
    ----------
    scenario, drawn, replications
        As for :func:`inputs_of`.
    """
    none = np.zeros((replications, len(scenario.products)))
    return _inputs(scenario, Drawn(drawn or {}, replications), none)


def expectation_of(scenario: Scenario, drawn: Mapping[str, Floats] | None = None) -> Expectation:
    """Return what to expect of a scenario on a neutral stage, without any error of its orders.

    Parameters
    ----------
    scenario, drawn
        As for :func:`neutral_inputs`.

    Examples
    --------
    >>> import livesim
    >>> scenario = livesim.load("scenarios/brand_room.yaml")
    >>> round(expectation_of(scenario).orders["serum"], 1)
    40.0
    """
    return expect(neutral_inputs(scenario, drawn))


def _inputs(scenario: Scenario, read: Drawn, log_appeal: Floats) -> Inputs:
    products = scenario.products.values()
    number, name, share = zip(*_variants(scenario), strict=True)
    product_of, variant_share = np.array(number, dtype=np.intp), np.array(share)
    by_product = partial(_by_product, scenario, read)
    by_person = partial(_by_person, scenario, read)
    inputs = Inputs(
        refresh=scenario.show.refresh,
        refreshes=scenario.refreshes,
        length=scenario.show.length,
        segments=tuple(segment_of(scenario, segment, read) for segment in scenario.segments),
        rooms=_rooms(scenario, read),
        has_rooms=scenario.rooms is not None,
        people=tuple(scenario.people),
        products=tuple(scenario.products),
        variants=name,
        product_of=product_of,
        variant_share=variant_share,
        log_lift=np.log(by_person("lift")),
        log_keep=np.log(by_person("keep")),
        late=by_person("late"),
        comes=_comes(scenario, read),
        entry=_entry(scenario),
        slots=slots_of(scenario),
        price=np.array([scenario.paid(name, p.price) for name, p in scenario.products.items()]),
        reference_price=np.array([product.reference_price for product in products]),
        log_appeal=log_appeal,
        conversion=by_product("conversion"),
        rush=by_product("rush"),
        elasticity=by_product("elasticity"),
        herd=by_product("herd"),
        log_scarcity=np.log(by_product("scarcity.multiplier", without=1)),
        scarce_below=np.array([p.scarcity.below if p.scarcity else 0 for p in products]),
        shelf=by_product("shelf"),
        shows_on_hand=scenario.screen.on_hand,
        shows_claimed=scenario.screen.claimed,
        owned=_owned(scenario),
        supplies=supplies_of(scenario),
        takes=takes_of(scenario),
        gifts=gifts_of(scenario),
        coupons=coupons_of(scenario),
        log_coupon=np.log(by_product("coupon.lift", without=1)),
        allotted=scenario.split,
        quantity=tuple(capped(product.quantity, product.limit) for product in products),
        unpaid=_unpaid(scenario, read),
        timeout=np.array([_timeout(scenario, product) for product in products]),
        capacity=math.inf if scenario.checkout.capacity is None else scenario.checkout.capacity,
        steps=bool(scenario.checkout.steps),
        accept=by_product("backorder.accept"),
        returns=by_product("returns"),
        returned_before_shipping=by_product("returned_before_shipping"),
        through=_through(scenario, read),
        fakes=np.array([product.fake_orders is not None for product in products]),
        fake_share=by_product("fake_orders.share"),
        fake_returned=by_product("fake_orders.returned"),
        webshop=by_product("webshop.per_day"),
        terms=_terms(scenario),
        deal=deal_of(scenario),
        views_per_viewer=scenario.show.views_per_viewer,
        unavailable_arrivals=_unavailable_arrivals(scenario, read),
    )
    _check_conversions(inputs)
    return inputs


def _terms(scenario: Scenario) -> tuple[TermsInputs, ...]:
    """Return what the units of each product are worth, with its slot fee."""
    deal, fees = scenario.deal, slot_fees(scenario)
    return tuple(
        replace(terms_of(product, deal, scenario.supply), slot_fee=fees[name])
        for name, product in scenario.products.items()
    )


def capped(quantity: Mapping[str, float], limit: int) -> dict[int, float]:
    """Return the share of orders that ask for each number of units, with a limit per order.

    Parameters
    ----------
    quantity
        Units that an order would ask for without a limit → share of orders.
    limit
        Most units in one order.

    Examples
    --------
    >>> capped({"1": 0.7, "2": 0.2, "3": 0.1}, limit=2)
    {1: 0.7, 2: 0.30000000000000004}
    """
    shares: dict[int, float] = {}
    for text, share in sorted(quantity.items(), key=lambda item: int(item[0])):
        units = min(int(text), limit)
        shares[units] = shares.get(units, 0.0) + share
    return {units: share for units, share in shares.items() if share > 0}


def _by_product(scenario: Scenario, read: Drawn, field: str, without: float = 0) -> Floats:
    """Return a field of each product, shape (R, P), or what it is where a product has no such."""
    names = field.split(".")
    return read.table(
        {
            f"products.{name}.{field}": _field(product, names, without)
            for name, product in scenario.products.items()
        }
    )


def _field(part: object, names: Sequence[str], without: float) -> Quantity:
    for name in names:
        part = getattr(part, name)
        if part is None:
            return without
    return cast(Quantity, part)


def _by_person(scenario: Scenario, read: Drawn, field: str) -> Floats:
    people = scenario.people.items()
    return read.table({f"people.{name}.{field}": getattr(person, field) for name, person in people})


def _through(scenario: Scenario, read: Drawn) -> Floats:
    """Return the share of the attempts that go through all steps of the checkout, shape (R,)."""
    steps = scenario.checkout.steps or {}
    shares = read.table({f"checkout.steps.{name}": share for name, share in steps.items()})
    return np.asarray(shares.prod(axis=1))


def _unavailable_arrivals(scenario: Scenario, read: Drawn) -> Floats:
    """Return the share of arrivals that comes while nothing on offer is on hand, shape (R,)."""
    share = scenario.show.arrivals_when_unavailable
    return read.table({"show.arrivals_when_unavailable": 1.0 if share is None else share})[:, 0]


def _timeout(scenario: Scenario, product: Product) -> float:
    return math.inf if product.presale else scenario.checkout.payment_timeout


def _owned(scenario: Scenario) -> NDArray[np.int64]:
    """Return the owned units of each variant that the show can sell, shape (V,).

    Where the file does not say how they are split, they are split by what orders want. Samples that
    go to reviewers, and what is kept for other channels, are taken from the variants in proportion
    to the units of each.
    """
    parts = []
    for name, product in scenario.products.items():
        given = [variant.owned for variant in product.variants.values()]
        withheld = np.array([scenario.withheld(name)])
        if given and all(units is not None for units in given):
            units: NDArray[np.int64] = np.array(given, dtype=np.int64)
            gone = split(withheld, (units / max(product.owned, 1)).tolist())[:, 0]
            parts.append(units - gone)
        else:
            shares = [variant.share for variant in product.variants.values()] or [1.0]
            parts.append(split(product.owned - withheld, shares)[:, 0])
    return np.concatenate(parts)


def _entry(scenario: Scenario) -> Floats:
    """Return when each person is announced to be on stage first [s], shape (people,)."""
    moments = [announced_entry(scenario, person) for person in scenario.people]
    return np.array([math.inf if moment is None else moment for moment in moments])


def _unpaid(scenario: Scenario, read: Drawn) -> Floats:
    """Return the share of orders never paid: in a presale, those whose balance is not."""
    usual = read("checkout.unpaid", scenario.checkout.unpaid)[:, None]
    presale = [product.presale is not None for product in scenario.products.values()]
    paid = _by_product(scenario, read, "presale.balance_paid")
    return np.where(presale, 1.0 - paid, usual)


def _rooms(scenario: Scenario, read: Drawn) -> tuple[RoomInputs, ...]:
    if scenario.rooms is None:
        return (RoomInputs("main", 1, np.zeros(read.replications), None),)
    return tuple(
        RoomInputs(name, room.count, read(f"rooms.{name}.spread", room.spread), room.allotment)
        for name, room in scenario.rooms.items()
    )


def _variants(scenario: Scenario) -> Iterator[tuple[int, str, float]]:
    """Yield each variant's product, name and share; a product without variants is its only one."""
    for number, (name, product) in enumerate(scenario.products.items()):
        if not product.variants:
            yield number, name, 1.0
        for variant, value in product.variants.items():
            yield number, variant, value.share


def _comes(scenario: Scenario, read: Drawn) -> NDArray[np.bool_]:
    columns = [read(no_show_path(name), 0.0) == 0 for name in scenario.people]
    return np.stack(columns, axis=1) if columns else np.ones((read.replications, 0), dtype=bool)


def _check_conversions(inputs: Inputs) -> None:
    """Refuse draws in which more than everybody would order what a slot offers."""
    mistakes = []
    for slot in (slot for slot in inputs.slots if len(slot.sells) > 1):
        together = inputs.conversion[:, list(slot.sells)].sum(axis=1)
        too_many = int((together > 1.0 + 1e-12).sum())
        if too_many:
            mistakes.append(
                Mistake(
                    f"the conversions of what this slot sells add up to more than 100 % in "
                    f"{too_many} of {inputs.replications} draws",
                    path=f"rundown.{slot.name}.sells",
                    remedy="lower the conversions or their p90, or sell fewer products at once",
                )
            )
    if mistakes:
        raise ScenarioError(mistakes)
