"""What there is to decide about: each product, or each size and shade of it, as one item.

An item has units of its own, so its stock is decided for itself; only the budget and the risk of
the whole show join the items again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.model.inputs import TermsInputs
from livesim.model.money import left_over_value, worth_keeping
from livesim.model.splitting import split
from livesim.resolve.inputs import inputs_of
from livesim.resolve.purchases import PurchaseTerms, prices_said, purchase_terms
from livesim.resolve.terms import terms_of
from livesim.scenario.parts import OrderTerms, Product
from livesim.scenario.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class Item(PurchaseTerms):
    """A product, or one of its variants, of which a number of units is to be decided, by its terms.

    A variant is an item of its own, unless its product has a reserve: that is called by the units
    left of all variants, so they are decided together and split by what orders want.

    Parameters
    ----------
    name
        The product's name, with ``.variant`` behind it for a variant.
    product
        The product's name.
    owned
        Units on hand before the show that are already paid for [units].
    variants
        Numbers of its variants in the model's order.
    shares
        How its units are split over them [1].
    arriving
        Units that are paid for and come before the show ends [units].
    worth_having
        How many units beyond all demand are worth what they cost, as they sell on [units].
    most
        Most units that can be had in time [units].
    volume
        What a unit takes of the storage [l].
    of_variants
        How many variants the show has, with those of bundles, which are no items; 0: as many as all
        items have.
    """

    name: str
    product: str
    owned: int
    variants: tuple[int, ...] = (0,)
    shares: tuple[float, ...] = (1.0,)
    arriving: int = 0
    worth_having: float = 0.0
    most: float = inf
    volume: float = 0.0
    of_variants: int = 0

    def split(self, levels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the units of each of its variants at each level, shape (variants, L)."""
        return split(levels, self.shares)

    def saving(self, levels: NDArray[np.int64]) -> Floats:
        """Return what price breaks save of the unit cost of purchases up to levels [currency]."""
        bought = np.maximum(levels - self.owned, 0)
        if self.on_consignment:
            return np.zeros(len(levels))
        return np.asarray(bought * self.unit_cost - self.cost(bought))


def owned_paths(scenario: Scenario, units: Mapping[Item, int]) -> dict[str, int]:
    """Return what to own for so many units on hand before the show, those withheld included.

    Parameters
    ----------
    scenario
        The show.
    units
        On hand before the show, by item; all items of each product that is among them.

    Returns
    -------
    dict
        Path in the scenario → units.
    """
    by_product: dict[str, dict[int, int]] = {}
    for item, level in units.items():
        parts = item.split(np.array([level]))[:, 0].tolist()
        by_product.setdefault(item.product, {}).update(zip(item.variants, parts, strict=True))
    owned: dict[str, int] = {}
    for product, by_variant in by_product.items():
        on_hand = np.array([by_variant[variant] for variant in sorted(by_variant)])
        withheld = np.array([scenario.withheld(product)])
        gone = split(withheld, on_hand / max(on_hand.sum(), 1))[:, 0]
        all_units, path = (on_hand + gone).tolist(), f"products.{product}"
        owned[f"{path}.owned"] = sum(all_units)
        for name, one in zip(scenario.products[product].variants, all_units, strict=False):
            owned[f"{path}.variants.{name}.owned"] = one
    return owned


def items_of(scenario: Scenario) -> tuple[Item, ...]:
    """Return the items of a scenario, in the order of the file; a bundle is none: it has no units.

    Examples
    --------
    >>> import livesim
    >>> [item.name for item in items_of(livesim.load("scenarios/brand_room.yaml"))]
    ['serum', 'lip_tint', 'mask']
    """
    inputs = inputs_of(scenario)
    items = []
    for number, (name, product) in enumerate(scenario.products.items()):
        if product.contains:
            continue
        variants = np.flatnonzero(inputs.product_of == number)
        together = [variants] if product.all_reserves else np.split(variants, len(variants))
        for group in together:
            whole = len(group) == len(variants)
            wanted = inputs.variant_share[group]
            item = name if whole else f"{name}.{inputs.variants[group[0]]}"
            variant = inputs.variants[group[0]] if product.variants and len(group) == 1 else None
            said = purchase_terms(scenario, name, variant)
            items.append(
                Item(
                    **vars(said),
                    name=item,
                    product=name,
                    owned=int(inputs.owned[group].sum()),
                    variants=tuple(group.tolist()),
                    shares=tuple((wanted / wanted.sum()).tolist()),
                    arriving=_arriving(scenario, product, variants, group, inputs.variant_share),
                    worth_having=_worth_having(
                        scenario, product, wanted, prices_said(product, variant)
                    ),
                    most=inf if said.in_time else 0,
                    volume=product.volume or 0.0,
                    of_variants=len(inputs.variants),
                )
            )
    return tuple(items)


def terms_of_item(scenario: Scenario, item: Item) -> TermsInputs:
    """Return what the units of an item are worth."""
    product = scenario.products[item.product]
    variant = product.variants.get(item.name.partition(".")[2])
    terms = terms_of(product, scenario.deal, scenario.supply)
    mine = terms if variant is None else terms.of_share(variant.share)
    return mine.of_owned(item.owned + _coming(product, item))


def counted_as_bought(
    scenario: Scenario, item: Item, have: int, units: Mapping[str, Floats]
) -> Floats:
    """Return what changes of left-overs' worth if units are bought that a show was told to own.

    Parameters
    ----------
    scenario, item
        The show and the item before the purchase.
    have
        Units on hand before the show, purchase included [units].
    units
        left_over, cancelled, returned and bought [units], whatever takes of the item, shape (R,).

    Returns
    -------
    ndarray
        Shape (R,) [currency]: 0 where a left-over is worth as much, owned or bought.
    """
    worth, told = (
        left_over_value(terms_of_item(scenario, one), units)
        for one in (item, replace(item, owned=have))
    )
    return worth - told


def _coming(product: Product, item: Item) -> int:
    """Return the units of an item that are paid for and arrive, in the show or afterwards."""
    coming = np.array([part.units for part in product.arriving.values()], dtype=np.int64)
    if not product.variants or item.name == item.product:
        return int(coming.sum())
    by_variant = split(coming, [variant.share for variant in product.variants.values()])
    return int(by_variant[list(product.variants).index(item.name.partition(".")[2])].sum())


def _worth_having(
    scenario: Scenario, product: Product, wanted: Floats, breaks: OrderTerms
) -> float:
    """Return how many units that sell on after the show are worth what they cost at best."""
    terms = terms_of(product, scenario.deal, scenario.supply).of_share(float(wanted.sum()))
    sells_on = terms.left_over
    if sells_on is None:
        return 0.0
    suppliers = (breaks.suppliers or {}).values()
    offers = [breaks.price_breaks, *(one.price_breaks for one in suppliers)]
    further = [price for offer in offers for price in (offer or {}).values()]
    cheapest = min([product.unit_cost, *(one.unit_cost for one in suppliers), *further])
    return min(sells_on.most, worth_keeping(sells_on, cheapest + (terms.storage or 0.0)))


def savings(items: Sequence[Item], units: NDArray[np.int64]) -> Floats:
    """Return what price breaks save in all [currency], shape (L,).

    Parameters
    ----------
    items
        All items of a show.
    units
        Units of each item at each level, shape (items, L).
    """
    each = [item.saving(mine) for item, mine in zip(items, units, strict=True)]
    return np.asarray(np.sum(each, axis=0))


def by_variant(
    items: Sequence[Item], levels: Sequence[NDArray[np.int64]] | NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the units of each variant at each level, shape (V, L), from those of the items.

    Parameters
    ----------
    items
        All items of a show.
    levels
        Units of each item at each level, shape (items, L).
    """
    variants = items[0].of_variants or sum(len(item.variants) for item in items)
    units = np.zeros((variants, len(levels[0])), dtype=np.int64)
    for item, mine in zip(items, levels, strict=True):
        units[list(item.variants)] = item.split(mine)
    return units


def units_of(items: tuple[Item, ...], units: Sequence[int]) -> NDArray[np.int64]:
    """Return the units of all variants with so many of each item, shape (V,)."""
    return by_variant(items, [np.array([one]) for one in units])[:, 0]


def _arriving(
    scenario: Scenario,
    product: Product,
    variants: NDArray[np.intp],
    group: NDArray[np.intp],
    share: NDArray[np.float64],
) -> int:
    """Return the units of a group of variants that arrive before the end of the show."""
    coming = [
        part.units
        for part in product.arriving.values()
        if scenario.seconds_until(part.on) <= scenario.show.length
    ]
    by_variant = split(np.array(coming, dtype=np.int64), share[variants].tolist())
    return int(by_variant[np.isin(variants, group)].sum())
