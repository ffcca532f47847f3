"""Bundles, gifts and variants: what follows for a product from others, or from its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from livesim.resolve.demand import KEYS
from livesim.resolve.derivation import GIVEN, Path, Reason
from livesim.resolve.templates import Filled
from livesim.scenario.checks import Finding, given_away
from livesim.scenario.currencies import decimals
from livesim.scenario.paths import mapping_at, parts_at, said_at
from livesim.scenario.quantities import COUNT, MONEY, QuantityError

#: What a key of a product follows from.
_FOLLOWS: Final = {
    "unit_cost": "contains",
    "left_over_value": "contains",
    "conversion": "given away, not sold",
    "price": "given away, not sold",
    "owned": "variants",
}


def conflicts(written: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the bundles of a raw file that say what follows from their components."""
    products = parts_at(written, "products")
    for name, product in products.items():
        for key in ("unit_cost", "left_over_value") if product.get("contains") else ():
            said, follows = _money(product.get(key)), _sum(products, product["contains"], key)
            if said is not None and follows is not None and abs(said - follows) > 1e-9:
                yield Finding(
                    ("products", name, key),
                    f"{key} is {said:g}, and its components have {follows:g} together",
                    "leave it out: a bundle is worth what its components are",
                )


def with_what_follows(fill: Filled) -> Filled:
    """Return a file with the costs of its bundles, and no orders for what is only given away.

    What is only given away needs no price, as nobody pays it: what a unit costs stands in its
    place. Where nobody says how many units of a product are owned, they are those of its variants.
    """
    products, derived = parts_at(fill.data, "products"), dict[Path, Any]()
    for name, product in products.items():
        units = _of_variants(product)
        if units is not None and fill.reasons.get(("products", name, "owned")) != GIVEN:
            derived["products", name, "owned"] = units
    for name, product in products.items():
        if not product.get("contains"):
            continue
        for key in ("unit_cost", "left_over_value"):
            follows = _sum(products, product["contains"], key)
            if follows is not None or key == "unit_cost":
                derived["products", name, key] = follows or 0.0
    for name in given_away(fill.data) & products.keys():
        if not any(key in products[name] for key in KEYS):
            derived["products", name, "conversion"] = 0
            if products[name].get("price") is None:
                cost = _money(products[name].get("unit_cost")) or 0.0
                places = decimals(str(said_at(fill.data, "show", "currency")))
                derived["products", name, "price"] = round(cost, places) or 1
    if not derived:
        return fill
    filled = {name: dict(product) for name, product in products.items()}
    for (_, name, key), value in derived.items():
        filled[name][key] = value
    why = {path: Reason("derived", _FOLLOWS[path[2]]) for path in derived}
    data = {**fill.data, "products": {**fill.data["products"], **filled}}
    return replace(fill, data=data, reasons={**fill.reasons, **why})


def _sum(products: Mapping[str, Mapping[str, Any]], contains: object, key: str) -> float | None:
    """Return what components have together; None where that cannot be read."""
    if not isinstance(contains, Mapping):
        return None
    total = 0.0
    for goods, units in contains.items():
        each = _money(_said(products.get(str(goods).partition(".")[0], {}), key))
        if each is None or not isinstance(units, int):
            return None
        total += each * units
    return total


def _of_variants(product: Mapping[str, Any]) -> int | None:
    """Return what all variants own together; None where not each of them says it."""
    variants = mapping_at(product, "variants")
    if not variants:
        return None
    try:
        return sum(int(COUNT.read(one["owned"])) for one in variants.values())
    except (QuantityError, KeyError, TypeError):
        return None


def _said(product: Mapping[str, Any], key: str) -> object:
    """Return what a product says of its cost or worth, or what left-overs bring in the end."""
    then = said_at(product, "left_over", "then") if key == "left_over_value" else None
    return product.get(key) if then is None else then


def _money(value: object) -> float | None:
    try:
        return None if value is None else MONEY.read(value)
    except QuantityError:
        return None
