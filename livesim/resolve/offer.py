"""The offer of a scenario as plain numbers: its slots, and how each product comes on sale."""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import NDArray

from livesim.model.inputs import (
    CouponInputs,
    GiftInputs,
    ReceiptInputs,
    ReserveInputs,
    SlotInputs,
    SupplyInputs,
    WaveInputs,
)
from livesim.scenario.scenario import Scenario


def slots_of(scenario: Scenario) -> tuple[SlotInputs, ...]:
    """Return the slots of the rundown.

    Examples
    --------
    >>> import livesim
    >>> slots = slots_of(livesim.load("scenarios/viya_kim_perfume.yaml"))
    >>> [(slot.name, slot.cutoff) for slot in slots if slot.sells]
    [('kim_and_the_perfume', 2700.0)]
    """
    people, names = tuple(scenario.people), tuple(scenario.rundown)
    number = {product: number for number, product in enumerate(scenario.products)}
    cutoff, slots = scenario.show.length, []
    for name, slot in reversed(scenario.rundown.items()):
        slots.append(
            SlotInputs(
                name=name,
                start=slot.start,
                cutoff=cutoff,
                length=slot.length,
                link=slot.link,
                sells=tuple(number[product] for product in slot.sells),
                cast=np.array([person in slot.on_stage for person in people], dtype=bool),
                prices=tuple(
                    (number[p], scenario.paid(p, price)) for p, price in slot.price.items()
                ),
                waits_for=None if slot.waits_for is None else people.index(slot.waits_for),
                goes_on=slot.at_sell_out == "next" and bool(slot.sells),
                longest_wait=inf if slot.longest_wait is None else slot.longest_wait,
                instead=tuple(names.index(other) for other in slot.instead or ()),
            )
        )
        cutoff = cutoff if slot.start is None else slot.start
    return tuple(reversed(slots))


def supplies_of(scenario: Scenario) -> tuple[SupplyInputs, ...]:
    """Return how the units of each product come on sale."""
    return tuple(supply_of(scenario, product) for product in scenario.products)


def supply_of(scenario: Scenario, product: str) -> SupplyInputs:
    """Return how the units of a product come on sale.

    Examples
    --------
    >>> import livesim
    >>> supply_of(livesim.load("scenarios/brand_room.yaml"), "serum")
    SupplyInputs(waves=(), receipts=(), reserves=(), backorder_units=0)
    """
    units = scenario.products[product]
    backorder = units.backorder
    return SupplyInputs(
        waves=tuple(WaveInputs(name, w.share, w.after) for name, w in units.waves.items()),
        receipts=tuple(
            ReceiptInputs(name, part.units, max(0.0, scenario.seconds_until(part.on)))
            for name, part in units.arriving.items()
        ),
        reserves=tuple(
            ReserveInputs(
                part,
                reserve.units,
                reserve.below or 0,
                reserve.lead_time,
                None if reserve.when is None else (reserve.when.at, reserve.when.sold),
                call_cost=reserve.call_cost or 0.0,
                extra_unit_cost=reserve.extra_unit_cost or 0.0,
            )
            for part, reserve in units.all_reserves.items()
        ),
        backorder_units=0 if backorder is None else backorder.units,
    )


def takes_of(scenario: Scenario) -> NDArray[np.int64]:
    """Return the units of each variant that a unit sold of each takes, shape (V, V)."""
    number = _numbers(scenario)
    takes = np.eye(len(number), dtype=np.int64)
    for name, product in scenario.products.items():
        if product.contains:
            bundle = number[name]
            takes[bundle, bundle] = 0
            for goods, units in product.contains.items():
                takes[bundle, number[goods]] += units
    return takes


def gifts_of(scenario: Scenario) -> tuple[GiftInputs, ...]:
    """Return what comes with orders."""
    number = _numbers(scenario)
    return tuple(
        GiftInputs(
            tuple(place for goods, place in number.items() if goods.partition(".")[0] == name),
            number[product.gift.product],
            inf if product.gift.first is None else product.gift.first,
        )
        for name, product in scenario.products.items()
        if product.gift is not None
    )


def coupons_of(scenario: Scenario) -> tuple[CouponInputs, ...]:
    """Return which first orders have money off; where all have it, their price is lower."""
    return tuple(
        CouponInputs(number, product.coupon.off, product.coupon.first)
        for number, product in enumerate(scenario.products.values())
        if product.coupon is not None and product.coupon.first is not None
    )


def _numbers(scenario: Scenario) -> dict[str, int]:
    """Return the number of each variant by its name, as bundles and gifts name it."""
    names = [
        f"{name}.{variant}" if variant else name
        for name, product in scenario.products.items()
        for variant in (product.variants or ("",))
    ]
    return {name: number for number, name in enumerate(names)}
