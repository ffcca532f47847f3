"""Units of a plan's items by the paths of its document: owned, had, bought, and what they cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Final

import numpy as np

from livesim.checking.searched import Asked
from livesim.checking.testing import Wanted
from livesim.planning.items import Item
from livesim.results.figures import Unit
from livesim.scenario.expecting import PLAN

#: Units of items, and what they cost, by path and by what is measured of a purchase: known by an
#: interval. Of all else there is a number by replication.
_OF_UNITS: Final = {
    "owned": "owned",
    **dict.fromkeys(("recommended", "have"), "have"),
    **dict.fromkeys(("purchase", "buy"), "buy"),
    "cost": "cost",
}
#: What is measured of an item, from its units on hand before the show.
_MEASURED: Final[Mapping[str, Callable[[Item, float], float]]] = {
    "cost": lambda item, units: float(item.cost(units - item.owned)),
    "buy": lambda item, units: units - item.owned,
    "have": lambda item, units: units + item.arriving,
    "owned": lambda item, units: item.owned + item.arriving,
    "owned before": lambda item, units: item.owned,
    "on hand": lambda item, units: units,
}
#: Of these there is no purchase to be sure of.
OWNED: Final = ("owned", "owned before")


@dataclass(frozen=True)
class Measure:
    """How many units some items have or buy, or what these cost, by the units on hand of all.

    Parameters
    ----------
    items, numbers
        All items, and which of them.
    key
        What is measured of them.
    """

    items: tuple[Item, ...]
    numbers: tuple[int, ...]
    key: str

    def __call__(self, units: Sequence[float]) -> float:
        """Return what some units on hand of all items come to [units] or [currency]."""
        return sum(_MEASURED[self.key](self.items[n], units[n]) for n in self.numbers)

    @property
    def unit(self) -> Unit:
        """What it is measured in."""
        return "currency" if self.key == "cost" else ""

    @property
    def least(self) -> float:
        """What it is where nothing is bought."""
        return self([item.owned for item in self.items])

    @property
    def step(self) -> float:
        """The least by which two purchases differ in it."""
        return 0 if self.key == "cost" else gcd(*(self.items[n].pack for n in self.numbers))

    def asked(self, wanted: Wanted) -> Asked:
        """Return which items it asks for, and of how many units what is expected says something."""
        ends = (end - self.least for end in (wanted.low, wanted.high) if np.isfinite(end))
        return Asked(self.numbers, () if self.key == "cost" else tuple(ends))


def measures(items: tuple[Item, ...]) -> dict[str, Measure]:
    """Return what is chosen, by its path: by the names of the document, and those of the table."""
    whole = tuple(range(len(items)))
    found = {
        f"{PLAN}{path}": Measure(items, whole, key)
        for key, document in (("buy", "units"), ("cost", "cost"))
        for path in (key, f"purchase.{document}")
    }
    for name, numbers in named(items).items():
        for path, key in _OF_UNITS.items():
            found[f"{PLAN}{name}.{path}"] = Measure(items, numbers, key)
    for number, item in enumerate(items):
        for which, key in (("now", "owned before"), ("recommended", "on hand")):
            path = f"{PLAN}choices.{which}.units.{item.name}"
            found[path] = Measure(items, (number,), key)
    return found


def named(items: Sequence[Item]) -> dict[str, tuple[int, ...]]:
    """Return the numbers of the items that each name of the document stands for."""
    by_product: dict[str, tuple[int, ...]] = {}
    for number, item in enumerate(items):
        by_product[item.product] = (*by_product.get(item.product, ()), number)
    variants = {
        ".variants.".join(item.name.split(".")): (number,)
        for number, item in enumerate(items)
        if "." in item.name
    }
    return by_product | variants
