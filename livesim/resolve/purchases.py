"""What a purchase of a product, or of one of its variants, must respect, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.scenario.parts import OrderTerms, Product, Supplier, Supply
from livesim.scenario.scenario import Scenario


@dataclass(frozen=True)
class Source:
    """From whom units can be had.

    Parameters
    ----------
    name
        What the supplier is called; empty where there is only one, and no name.
    minimum_order
        Least units of a purchase there [units].
    prices
        From how many units on [units] each costs what [currency/unit], ever less; nothing where
        the product says it.
    lead_time
        Time from the order until they can be sold [s].
    in_time
        Whether that is before the show, if ordered when the file says.
    """

    name: str
    minimum_order: int
    prices: tuple[tuple[int, float], ...]
    lead_time: float
    in_time: bool

    def price(self, units: int) -> float:
        """Return what a unit costs of a purchase of so many; inf below the minimum order."""
        if units < self.minimum_order:
            return inf
        return min((price for start, price in self.prices if start <= units), default=0.0)


@dataclass(frozen=True, kw_only=True)
class PurchaseTerms:
    """What a purchase must respect, and what it costs.

    Parameters
    ----------
    order
        The order that it is part of, and whose units a minimum counts: its product's, or one of its
        own, under the product's name with ``.variant`` behind it.
    unit_cost
        What a unit costs below all price breaks [currency/unit].
    pack
        Units in a pack; purchases are whole packs [units].
    minimum_order
        Least units of that order, if there is one [units].
    breaks
        From how many units of a purchase on [units] what a unit costs [currency/unit].
    incremental
        Whether these prices are for the units from there on alone, and not for all.
    sources
        From whom units can be had, and how soon, where the file says so.
    on_consignment
        Whether units are the supplier's until they sell, those owned too.
    """

    order: str
    unit_cost: float
    pack: int = 1
    minimum_order: int = 0
    breaks: tuple[tuple[int, float], ...] = ()
    incremental: bool = False
    sources: tuple[Source, ...] = ()
    on_consignment: bool = False

    @property
    def in_time(self) -> bool:
        """Whether somebody delivers before the show."""
        return not self.sources or any(source.in_time for source in self.sources)

    @property
    def least(self) -> int:
        """The fewest units of a purchase: whole packs from the minimum order up [units]."""
        return self.whole_packs(max(self.minimum_order, 1))

    def whole_packs(self, units: int) -> int:
        """Return the fewest units in whole packs that are not fewer than so many."""
        return ceil(units / self.pack) * self.pack

    def cost(self, bought: NDArray[np.int64] | Floats | float) -> Floats:
        """Return what purchases cost before they sell [currency], of the shape of the units bought.

        Examples
        --------
        >>> breaks = ((100, 5.0), (200, 4.0))
        >>> terms = PurchaseTerms(order="serum", unit_cost=6.0, breaks=breaks)
        >>> terms.cost(np.array([0, 99, 100, 250])).tolist()
        [0.0, 594.0, 500.0, 1000.0]
        >>> terms = PurchaseTerms(order="serum", unit_cost=6.0, breaks=breaks, incremental=True)
        >>> terms.cost(np.array([99, 100, 250])).tolist()
        [594.0, 599.0, 1298.0]
        """
        units = np.asarray(bought, dtype=float)
        if self.on_consignment:
            return np.zeros_like(units)
        if not self.breaks:
            return np.asarray(units * self.unit_cost)
        starts = np.array([0, *(start for start, _ in self.breaks)])
        prices = np.array([self.unit_cost, *(price for _, price in self.breaks)])
        if not self.incremental:
            return np.asarray(units * prices[np.searchsorted(starts, units, side="right") - 1])
        dearer = np.append(0.0, np.diff(prices))  # what a unit from each start on costs more
        return np.asarray(
            units * self.unit_cost
            + np.sum(dearer * np.maximum(units[..., None] - np.maximum(starts - 1, 0), 0), axis=-1)
        )

    @property
    def lowest_price(self) -> float:
        """What a unit costs before it sells where it costs least [currency/unit]."""
        prices = (self.unit_cost, *(price for _, price in self.breaks))
        return 0.0 if self.on_consignment else min(prices)

    def lowest_cost(self) -> float:
        """Return what the cheapest purchase costs [currency]: maybe one from a price break on."""
        starts = (self.whole_packs(start) for start, _ in self.breaks)
        return min(float(self.cost(max(self.least, units))) for units in (self.least, *starts))

    def source(self, bought: int) -> Source | None:
        """Return who sells so many units in time at the least price, if the file says who can."""
        in_time = [source for source in self.sources if source.in_time]
        return min(in_time, key=lambda source: source.price(bought)) if in_time else None

    def purchases(self, most: int) -> NDArray[np.int64]:
        """Return the purchases that whole packs allow, from 0 to ``most`` [units]."""
        return np.arange(0, most + 1, self.pack, dtype=np.int64)


def purchase_terms(scenario: Scenario, name: str, variant: str | None = None) -> PurchaseTerms:
    """Return what a purchase of a product, or of one of its variants, must respect.

    Parameters
    ----------
    scenario, name
        Whose product, and its name.
    variant
        One of its variants; None for the product, whatever variants it has.

    Examples
    --------
    >>> import livesim
    >>> purchase_terms(livesim.load("scenarios/brand_room.yaml"), "serum").unit_cost
    80.0
    """
    product, supply = scenario.products[name], scenario.supply
    own = None if variant is None else product.variants[variant].supply
    prices = prices_said(product, variant)
    sources = _sources(scenario, prices.suppliers, own, product.supply)
    in_time = [source for source in sources if source.in_time]
    several = prices.suppliers is not None
    alone = several or (own is not None and own.minimum_order is not None)
    return PurchaseTerms(
        order=f"{name}.{variant}" if alone and variant is not None else name,
        unit_cost=product.unit_cost,
        pack=_first(own, product.supply, supply, key="pack"),
        minimum_order=min((source.minimum_order for source in in_time), default=0)
        if several
        else _first(own, product.supply, supply, key="minimum_order"),
        breaks=_cheapest(in_time)
        if several
        else tuple((int(n), price) for n, price in (prices.price_breaks or {}).items()),
        incremental=prices.discount == "incremental",
        sources=sources,
        on_consignment=product.on_consignment,
    )


def prices_said(product: Product, variant: str | None) -> OrderTerms:
    """Return the part that says price breaks and suppliers: of a variant, its own."""
    said = product.supply if variant is None else product.variants[variant].supply
    return said or OrderTerms()


def _sources(
    scenario: Scenario, suppliers: Mapping[str, Supplier] | None, *terms: OrderTerms | None
) -> tuple[Source, ...]:
    """Return from whom units can be had, and how soon; nothing where no time and no name is said.

    Terms that stand nearer to the units come first.
    """
    if suppliers is not None:
        return tuple(
            _source(scenario, name, one.lead_time or 0.0, one) for name, one in suppliers.items()
        )
    said = [each.lead_time for each in (*terms, scenario.supply) if each is not None]
    lead_time = next((time for time in said if time is not None), None)
    return () if lead_time is None else (_source(scenario, "", lead_time, None),)


def _source(scenario: Scenario, name: str, lead_time: float, supplier: Supplier | None) -> Source:
    prices: tuple[tuple[int, float], ...] = ()
    if supplier is not None:
        further = (supplier.price_breaks or {}).items()
        prices = ((1, supplier.unit_cost), *((int(units), price) for units, price in further))
    return Source(
        name=name,
        minimum_order=0 if supplier is None else supplier.minimum_order,
        prices=prices,
        lead_time=lead_time,
        in_time=scenario.in_time(lead_time),
    )


def _cheapest(sources: Sequence[Source]) -> tuple[tuple[int, float], ...]:
    """Return from how many units on the cheapest source costs what [currency/unit].

    Examples
    --------
    >>> near = Source("near", 0, ((1, 7.0),), 0.0, True)
    >>> far = Source("far", 500, ((1, 5.4), (400, 5.2), (1000, 5.0)), 0.0, True)
    >>> _cheapest([near, far])
    ((1, 7.0), (500, 5.2), (1000, 5.0))
    """
    starts = {max(start, one.minimum_order) for one in sources for start, _ in one.prices}
    ladder: list[tuple[int, float]] = []
    for start in sorted(starts):
        price = min(source.price(start) for source in sources)
        if not ladder or price < ladder[-1][1]:
            ladder.append((start, price))
    return tuple(ladder)


def _first(*terms: OrderTerms | Supply | None, key: str) -> int:
    """Return what the nearest terms say that say anything of a key."""
    said = (getattr(each, key) for each in terms if each is not None)
    return int(next(value for value in said if value is not None))
