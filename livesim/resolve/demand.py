"""From what a dashboard tells about orders to the model's conversions.

Whatever is told is first turned into the orders expected in this show, then inverted: a conversion
is orders over decisions, the viewers who stay until they have decided while the product is offered.
How uncertain the orders are, the conversion is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Final

import numpy as np

from livesim.model.expectation import Expectation, expect
from livesim.resolve.audience import largest, significant
from livesim.resolve.centring import middle_viewers
from livesim.resolve.derivation import DerivationError, Derived, Path, Reason, follows
from livesim.resolve.inputs import neutral_inputs
from livesim.resolve.words import count, counted, listed, share
from livesim.scenario import quantities as q
from livesim.scenario.checks import Finding, choice_findings, given_away
from livesim.scenario.draft import Draft, DraftProduct
from livesim.scenario.fields import FrozenDict
from livesim.scenario.parts import ProductBase
from livesim.scenario.paths import mapping_at
from livesim.scenario.reading import BARE_RATES
from livesim.scenario.reading_uncertain import read_quantity
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Distribution, Median, Quantity, likely, mapped

#: The ways to say how often a product is ordered; each is the keys that it takes.
WAYS: Final = (
    *(("conversion",), ("orders_per_1000",), ("units_per_1000",), ("gpm",)),
    *(("ctr", "ctor"), ("forecast",)),
)
KEYS: Final = frozenset(key for way in WAYS for key in way)
"""All keys that say how often a product is ordered."""
WHOLE: Final = ("gpm", "orders", "units")
"""Keys that say what all products take together; it is shared out over them."""
_KEYS: Final = tuple(key for way in WAYS for key in way)
#: Who orders from the shelf decides about nothing else in the slot, so that a conversion bears a
#: little on all decisions: each round leaves a hundredth or so of what the last one missed.
_ROUNDS: Final = 20
_MET: Final = 1e-7
_REMEDY: Final = (
    "write one of orders_per_1000 (orders per 1,000 unique viewers of the show), units_per_1000, "
    "gpm (value per 1,000 views), ctr with ctor (clicks per view, orders per click), forecast "
    "(units in this show) or conversion (orders per viewer who stays until decided)"
)
_UNKNOWN: Final = (
    "where nothing is known, what live pitches have: conversion: {p10: 0.3%, likely: 1.2%, p90: 2%}"
)


def conflicts(written: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the products whose orders are not told in exactly one way, from the raw file."""
    whole = tuple(key for key in WHOLE if written.get(key) is not None)
    gifts = given_away(written)
    if len(whole) > 1:
        what = f"{listed(whole)} of the whole show are told together"
        yield Finding((whole[-1],), what, "exactly one of them can hold: take the others away")
    for name, product in mapping_at(written, "products").items():
        part = product if isinstance(product, Mapping) else {}
        told = tuple(key for key in _KEYS if part.get(key) is not None)
        path = ("products", name)
        if whole:
            yield from _told_twice(path, told, whole)
        elif part.get("weight") is not None:
            what = "weight shares out what the whole show takes, and nothing says what that is"
            yield Finding((*path, "weight"), what, "write orders, units or gpm beside products")
        elif not told and name not in gifts and not any(_misspelled(key) for key in part):
            what = f"nothing says how often {name} is ordered"
            yield Finding(path, what, f"{_REMEDY}; {_UNKNOWN}")
        elif told in (("ctr",), ("ctor",)):
            other = "ctor" if told == ("ctr",) else "ctr"
            yield Finding((*path, told[0]), f"{told[0]} needs {other} beside it", _REMEDY)
        elif told and told not in WAYS:
            what = f"{listed(told)} are told together"
            yield Finding((*path, told[-1]), what, f"exactly one of them can hold: {_REMEDY}")


def _told_twice(path: Path, told: tuple[str, ...], whole: tuple[str, ...]) -> Iterator[Finding]:
    if told:
        yield Finding(
            (*path, told[0]),
            f"{listed(told)} is told here, and {listed(whole)} of the whole show",
            "tell it of every product, or of the whole show alone (weight says how it is shared)",
        )


def weight_findings(draft: Draft) -> Iterator[Finding]:
    """Yield the products without a weight where others have one."""
    weighed = [name for name, product in draft.products.items() if product.weight is not None]
    for name in draft.products:
        if weighed and name not in weighed:
            yield Finding(
                ("products", name),
                f"{listed(weighed)} has a weight, and {name} has none",
                "give every product a weight, or none (then each takes the same value)",
            )


def _misspelled(key: object) -> bool:
    """Say whether a key is unknown and like one that says how often a product is ordered.

    Then that it is unknown is the only mistake.
    """
    unknown = key not in DraftProduct.model_fields
    like_one = get_close_matches(str(key), _KEYS, n=1, cutoff=0.75)
    return unknown and (key in (*BARE_RATES, *WHOLE) or bool(like_one))


def own_errors(draft: Draft, written: Mapping[str, Any]) -> dict[Path, Derived]:
    """Return which products have no error of their own beside what the file says.

    A range on a product is that product's own error, and takes the place of the template's; what
    the show shares stays. Where the file gives the shared error, it says how uncertain orders are.
    """
    shared = "appeal" in (written.get("show") or {})
    text = "show.appeal says how uncertain orders are" if shared else "its range is its own error"
    return {
        ("products", name, "appeal"): Derived(1, Reason("derived", text))
        for name, product in draft.products.items()
        if (shared or any(isinstance(getattr(product, key), Distribution) for key in _KEYS))
        and "appeal" not in written["products"][name]
    }


def reference_prices(draft: Draft) -> dict[Path, Derived]:
    """Return the prices at which products are ordered as often as told, where none is written.

    Explicit, they stay when a price is changed later, so that demand follows the price.
    """
    reason = Reason("derived", "the price, at which it is ordered as often as the file says")
    return {
        ("products", name, "reference_price"): Derived(product.price, reason)
        for name, product in draft.products.items()
        if product.reference_price is None
    }


def conversions(draft: Draft, scenario: Scenario) -> dict[Path, Derived]:
    """Return the conversions at which the orders told are to be expected.

    Parameters
    ----------
    draft
        What is told.
    scenario
        The show with its audience and rundown; the conversions of what is told otherwise are 0.

    Raises
    ------
    DerivationError
        If a product cannot have so many orders in this rundown.
    """
    if findings := list(weight_findings(draft)):
        raise DerivationError(*findings)
    inputs, middle = neutral_inputs(scenario), middle_viewers(scenario)
    expected = expect(inputs)
    told = {
        name: _orders(name, product, draft, expected, middle)
        for name, product in draft.products.items()
        if product.conversion is None
    }
    findings = [f for name, orders in told.items() for f in _too_many(name, orders, expected)]
    if findings:
        raise DerivationError(*findings)
    written = {name: likely(product.conversion) for name, product in scenario.products.items()}
    solved = _solved(told, expected)
    for _ in range(_ROUNDS):
        of_all = {**written, **solved}
        if findings := list(choice_findings(scenario.rundown, of_all)):
            raise DerivationError(*findings)
        if not inputs.shelf.any():  # then nobody decides earlier or later for who orders
            break
        conversion = np.array([[*of_all.values()]])
        expected, before = expect(replace(inputs, conversion=conversion)), solved
        solved = _solved(told, expected)
        if all(abs(solved[name] - before[name]) <= _MET * before[name] for name in solved):
            break
    return {
        ("products", name, "conversion"): _derived(name, orders, expected)
        for name, orders in told.items()
    }


def _solved(told: Mapping[str, _Orders], expected: Expectation) -> dict[str, float]:
    """Return the conversions that make the expected orders these: orders are so many a decision."""
    return {
        name: significant(likely(orders.orders) / expected.most_orders(name))
        if likely(orders.orders)
        else 0.0
        for name, orders in told.items()
    }


@dataclass(frozen=True)
class _Orders:
    """Orders of a product in this show, the key they were told by, and how they follow from it."""

    orders: Quantity
    key: str
    text: str
    of_all: bool = False

    def path(self, product: str) -> Path:
        """Return where it is told."""
        return (self.key,) if self.of_all else ("products", product, self.key)


def _shared_out(name: str, draft: Draft, views: float) -> _Orders:
    """Return a product's part of what the whole show takes: by weight, or each the same value."""
    products = draft.products
    units = {other: units_per_order(product) for other, product in products.items()}
    value = {
        other: (product.reference_price or product.price) * units[other]
        for other, product in products.items()
    }
    each = {
        "orders": dict.fromkeys(products, 1.0),
        "units": units,
        "gpm": {other: 1000 * worth / views for other, worth in value.items()} if views else value,
    }
    key = next(key for key in WHOLE if getattr(draft, key) is not None)
    by_price = all(product.weight is None for product in products.values())
    weights = {other: product.weight or 0.0 for other, product in products.items()}
    weights = {other: 1 / value[other] for other in products} if by_price else weights
    part = weights[name] / sum(weights[other] * each[key][other] for other in products)
    told = _times(getattr(draft, key), part if views else 0.0, key)
    how = "each product the same value" if by_price else "by weight"
    text = (
        f"{key} of the whole show, shared out {how}, makes {counted(likely(told.orders), 'order')}"
    )
    return _Orders(told.orders, key, text, of_all=True)


def _orders(
    name: str, product: DraftProduct, draft: Draft, expected: Expectation, middle: float
) -> _Orders:
    """Return a product's orders with the viewers told; a middle forecast is of the middle show."""
    viewers = sum(expected.viewers.values())
    views = viewers * draft.show.views_per_viewer
    if any(getattr(draft, key) is not None for key in WHOLE):
        return _shared_out(name, draft, views)
    if product.units_per_1000 is not None:
        units = units_per_order(product)
        return _times(product.units_per_1000, viewers / 1000 / units, "units_per_1000")
    if product.orders_per_1000 is not None:
        return _times(product.orders_per_1000, viewers / 1000, "orders_per_1000")
    if product.gpm is not None:
        price = product.reference_price or product.price
        return _times(product.gpm, views / 1000 / (price * units_per_order(product)), "gpm")
    if product.forecast is not None:
        of_middle = middle if isinstance(product.forecast, Distribution | Median) else 1.0
        return _times(product.forecast, 1 / units_per_order(product) / of_middle, "forecast")
    ctr, ctor = product.ctr, product.ctor
    assert ctr is not None and ctor is not None  # refused by conflicts()
    if isinstance(ctr, Distribution) and isinstance(ctor, Distribution):
        raise DerivationError.of(
            ("products", name, "ctor"),
            "ctr and ctor are both uncertain, and nothing says how they go together",
            "give one of the two plain and let the other carry the uncertainty of both",
        )
    if isinstance(ctor, Distribution | Median):
        return _times(ctor, views * likely(ctr), "ctor")
    return _times(ctr, views * ctor, "ctr")


def _times(told: Quantity, factor: float, key: str) -> _Orders:
    orders = mapped(told, lambda value: value * factor, q.AMOUNT)
    return _Orders(orders, key, f"{key} makes {counted(likely(orders), 'order')}")


def units_per_order(product: ProductBase) -> float:
    """Return the expected units in an order [1], with the limit per order.

    Examples
    --------
    >>> import livesim
    >>> serum = livesim.load("scenarios/brand_room.yaml").products["serum"]
    >>> round(units_per_order(serum), 2)
    1.15
    """
    return sum(part * min(int(units), product.limit) for units, part in product.quantity.items())


def _too_many(name: str, told: _Orders, expected: Expectation) -> Iterator[Finding]:
    decisions, possible = expected.decisions[name], expected.most_orders(name)
    wanted = largest(told.orders)
    if wanted > 0 and wanted >= possible:
        viewers = sum(expected.viewers.values())
        most = counted(possible / viewers * 1000 if viewers else 0, "order")
        yield Finding(
            told.path(name),
            f"{told.key} would take {counted(wanted, 'order')}"
            f"{' at its p90' if isinstance(told.orders, Distribution) else ''}, but only "
            f"{count(decisions)} viewers make up their mind about {name} in this rundown"
            f"{_placed(name, expected)}",
            f"at most {most} per 1,000 viewers can be had: check the number, or give the "
            "product longer or more slots",
        )


def with_conversions(scenario: Scenario, found: Mapping[Path, Derived]) -> Scenario:
    """Return a scenario with conversions as :func:`conversions` returns them."""
    values = {path[1]: read_quantity(one.value, q.SHARE) for path, one in found.items()}
    return _with(scenario, values)


def _with(scenario: Scenario, conversions: Mapping[str, Quantity]) -> Scenario:
    products = {
        name: product.model_copy(update={"conversion": conversions.get(name, product.conversion)})
        for name, product in scenario.products.items()
    }
    return scenario.model_copy(update={"products": FrozenDict(products)})


def _placed(name: str, expected: Expectation) -> str:
    """Say how many orders are placed for each that is tried, where it is not one."""
    placed = expected.placed[name]
    return "" if placed == 1 else f", {counted(placed, 'order')} placed for each one tried"


def _derived(name: str, told: _Orders, expected: Expectation) -> Derived:
    decisions = expected.decisions[name]
    possible = expected.most_orders(name)
    ratio = 1 / possible if possible else 0.0
    value = mapped(told.orders, lambda orders: significant(orders * ratio), q.SHARE)
    if largest(value) >= 1:
        raise DerivationError.of(
            told.path(name),
            f"{told.key} would need a conversion of {share(largest(value))}",
            f"only {count(decisions)} viewers make up their mind about {name} in this rundown",
        )
    text = f"{told.text} / {counted(decisions, 'viewer')} to decide{_placed(name, expected)}"
    return follows(told.path(name), value, "conversion", q.SHARE, Reason("history", text))
