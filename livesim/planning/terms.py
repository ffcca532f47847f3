"""What may be bought, and what it costs: packs, minimum orders, price breaks, money and room."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, inf
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.planning.curves import Curves, StockCurve
from livesim.planning.items import Item
from livesim.planning.limits import Resource
from livesim.scenario.scenario import Scenario

Purchase: TypeAlias = tuple[int, ...]
"""Units on hand before the show, those owned included, an item each."""
#: Halvings of what is sought within a budget: exact to a millionth.
_HALVINGS = 20
#: What money is rounded to, and a price instead of none [currency].
LITTLE = 1e-9
#: Parts of the money in the price of a further pack that are tried where volume has one, too.
_PARTS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Terms:
    """What a purchase must respect.

    Parameters
    ----------
    items
        What can be bought, each with what is owned of it, its unit cost, its pack and the minimum
        of its order.
    budget
        Most that a purchase may cost, inf without one [currency].
    storage
        Most volume that it may take, beside what is owned, inf without a limit [l].
    """

    items: tuple[Item, ...]
    budget: float
    storage: float = inf

    @classmethod
    def of(cls, curves: Curves) -> Terms:
        """Return the terms of the show that curves are of."""
        return cls.of_items(curves.scenario, curves.items)

    @classmethod
    def of_items(cls, scenario: Scenario, items: tuple[Item, ...]) -> Terms:
        """Return the terms of a scenario."""
        supply, owned = scenario.supply, [item.owned for item in items]
        taken = _volume(scenario, items, owned)
        return cls(
            items=items,
            budget=supply.spendable,
            storage=inf if supply.storage is None else max(0.0, supply.storage - taken),
        )

    def unrounded(self) -> Terms:
        """Return the same terms for single units instead of packs, without minimum orders."""
        single = (replace(item, pack=1, minimum_order=0) for item in self.items)
        return replace(self, items=tuple(single))

    @cached_property
    def without_minimum(self) -> Terms:
        """The same terms without minimum orders; these themselves where there are none."""
        if not self.least_ordered.any():
            return self
        return replace(self, items=tuple(replace(item, minimum_order=0) for item in self.items))

    def free_of(self, *resources: Resource) -> Terms:
        """Return the same terms for a planner who has any amount of resources."""
        unlimited: dict[str, Any] = dict.fromkeys(resources, inf)
        return replace(self, **unlimited)

    def exceeded(self, units: Sequence[int]) -> Iterator[Resource]:
        """Yield the resources that do not suffice for so many units of each item."""
        if self.budget < inf and self.cost(units) > self.budget + LITTLE:
            yield "budget"
        if self.storage < inf and self.volume(units) > self.storage + LITTLE:
            yield "storage"

    def at_most(self, bought: Mapping[int, int]) -> Terms:
        """Return the same terms where no more units can be had of some items, by their numbers."""
        items = [*self.items]
        for number, most in bought.items():
            items[number] = replace(items[number], most=min(items[number].most, most))
        return replace(self, items=tuple(items))

    @property
    def resources(self) -> list[Resource]:
        """The resources that are limited, and so join the items."""
        limits: dict[Resource, float] = {"budget": self.budget, "storage": self.storage}
        return [resource for resource, limit in limits.items() if limit < inf]

    @property
    def prices(self) -> tuple[tuple[float, float], ...]:
        """Prices of money and of volume, of which one orders further packs best."""
        if self.storage == inf:
            return ((1.0, 0.0),)
        if self.budget == inf:
            return ((0.0, 1.0),)
        money, volume = (1 / max(limit, LITTLE) for limit in (self.budget, self.storage))
        return tuple((part * money, (1 - part) * volume) for part in _PARTS)

    def affords(self, units: Sequence[int]) -> bool:
        """Say whether budget and storage suffice for so many units of each item."""
        return not any(self.exceeded(units))

    def volume(self, units: Sequence[int]) -> float:
        """Return what the units beyond those owned take of the storage [l]."""
        parts = zip(self.items, units, strict=True)
        return sum(item.volume * (have - item.owned) for item, have in parts if have != item.owned)

    def cost(self, units: Sequence[int]) -> float:
        """Return what the units beyond those owned cost [currency]."""
        parts = zip(self._same_price, self.items, units, strict=True)
        return float(
            sum(
                item.cost(have - item.owned) if price is None else price * (have - item.owned)
                for price, item, have in parts
                if have != item.owned
            )
        )

    @cached_property
    def _same_price(self) -> list[float | None]:
        """What each unit of an item costs, None where that depends on how many are bought."""
        return [
            None if item.breaks or item.on_consignment else item.unit_cost for item in self.items
        ]

    def allow(self, units: Sequence[int]) -> bool:
        """Say whether budget and minimum orders allow to have so many units of each item."""
        if not self.affords(units):
            return False
        if any(units[n] - self.items[n].owned > self.items[n].most for n in self.bounded):
            return False
        ordered = self.ordered(units)
        return bool(np.all((ordered == 0) | (ordered >= self.least_ordered)))

    def can_be_had(self, number: int, totals: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say which totals of an item could be had, by themselves or to fill an order with others.

        What others fill an order with counts at their lowest price and their least volume.
        """
        item = self.items[number]
        bought = totals - item.owned
        lacking = np.where(bought > 0, np.maximum(item.minimum_order - bought, 0), 0)
        mine = (self.items[n] for n in self.orders[item.order] if n != number)
        others = [one for one in mine if one.most > 0]
        cost, volume = item.cost(bought), item.volume * bought
        if others:
            cost = cost + lacking * min(one.lowest_price for one in others)
            volume = volume + lacking * min(one.volume for one in others)
        fits = (cost <= self.budget + LITTLE) & (volume <= self.storage + LITTLE)
        filled = (lacking == 0) | bool(others)
        return np.asarray((bought == 0) | (fits & filled & (bought <= item.most)))

    def minimum(self, order: str) -> int:
        """Return the least units of an order, if there is one [units]."""
        return self.items[self.orders[order][0]].minimum_order

    def ordered(self, units: Sequence[int]) -> NDArray[np.int64]:
        """Return how many units each order asks for, shape (orders,)."""
        total = np.zeros(len(self.orders), dtype=np.int64)
        np.add.at(total, self.order_of, np.subtract(units, [item.owned for item in self.items]))
        return total

    @cached_property
    def bounded(self) -> list[int]:
        """The numbers of the items of which only so many can be had, or none in time."""
        return [number for number, item in enumerate(self.items) if item.most < inf]

    @cached_property
    def least_ordered(self) -> NDArray[np.int64]:
        """The least units of each order, if there is one [units], shape (orders,)."""
        return np.array([self.minimum(order) for order in self.orders])

    @cached_property
    def order_of(self) -> NDArray[np.intp]:
        """The number of the order that each item is part of, shape (items,)."""
        numbers = {order: number for number, order in enumerate(self.orders)}
        return np.array([numbers[item.order] for item in self.items], dtype=np.intp)

    @cached_property
    def packs(self) -> NDArray[np.int64]:
        """The units in a pack of each item, shape (items,)."""
        return np.array([item.pack for item in self.items])

    @cached_property
    def steps(self) -> bool:
        """Whether some order begins with many units, for its minimum or a price break."""
        return any(item.minimum_order or item.breaks for item in self.items)

    @cached_property
    def minimum_of_several(self) -> bool:
        """Whether several items count together for a minimum order."""
        return any(len(mine) > 1 and self.minimum(order) for order, mine in self.orders.items())

    @cached_property
    def products(self) -> dict[str, list[int]]:
        """The numbers of each product's items."""
        return _grouped(item.product for item in self.items)

    @cached_property
    def orders(self) -> dict[str, list[int]]:
        """The numbers of the items whose units one minimum order counts."""
        return _grouped(item.order for item in self.items)


def volume_of(curves: Curves, units: Sequence[int]) -> float:
    """Return what units on hand before the show take of the storage, others kept beside it [l]."""
    return _volume(curves.scenario, curves.items, units)


def needed_of(resource: Resource, curves: Curves, units: Sequence[int]) -> float:
    """Return what units on hand before the show take of a resource [currency or l].

    Of a budget, what is bought takes what is paid of it before the show; of a storage, all takes
    its volume.
    """
    if resource == "budget":
        return Terms.of(curves).cost(units) * curves.scenario.supply.paid_part
    return volume_of(curves, units)


def _volume(scenario: Scenario, items: Sequence[Item], units: Sequence[int]) -> float:
    products = scenario.products.values()
    kept = sum((one.volume or 0.0) * (one.set_aside or 0) for one in products)
    on_hand = sum(item.volume * have for item, have in zip(items, units, strict=True))
    return kept + on_hand


def _grouped(names: Iterable[str]) -> dict[str, list[int]]:
    """Return the places of each name."""
    numbers: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        numbers.setdefault(name, []).append(number)
    return numbers


def packs(units: float, item: Item) -> int:
    """Return the fewest packs of an item that are not fewer than so many units, if any can be had.

    Examples
    --------
    >>> item = Item(name="serum", product="serum", order="serum", owned=50, unit_cost=80.0, pack=10)
    >>> packs(25, item)
    3
    """
    return max(0, ceil(units / item.pack)) if item.most > 0 else 0


def most_affordable(terms: Terms, units_at: Callable[[float], Purchase], most: float) -> Purchase:
    """Return the units at the highest level from 0 to the most that budget and storage allow.

    Parameters
    ----------
    terms
        What the purchase must respect.
    units_at
        The units at a level, more of them the higher it is.
    most
        The highest level that is wanted.
    """
    low, high = 0.0, most
    if terms.affords(units_at(high)):
        return units_at(high)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        affordable = terms.affords(units_at(middle))
        low, high = (middle, high) if affordable else (low, middle)
    return units_at(low)


def order_quantities(terms: Terms, number: int, curve: StockCurve) -> NDArray[np.int64]:
    """Return the units of an item that come into question: whole packs above those owned.

    A curve is straight between two levels, so its best whole pack is next to a level; the minimum
    order and the first packs at each price are further choices.
    """
    item = terms.items[number]
    above = (curve.levels[curve.levels >= item.owned] - item.owned) / item.pack
    starts = [units for units, _ in item.breaks]
    least = [0, *(packs(units, item) for units in (item.minimum_order, *starts))]
    steps = np.concatenate([least, np.floor(above), np.ceil(above[:-1])])
    steps = steps[steps * item.pack <= item.most]
    return np.asarray(item.owned + item.pack * np.unique(steps).astype(np.int64))
