"""Sizes of one minimum order that come in packs of their own, against all purchases there are."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from livesim.planning.buying import Worth, most_worth
from livesim.planning.items import Item
from livesim.planning.terms import Purchase, Terms
from livesim.randomness import generator

SHARED = Item(name="cup.red", product="cup", order="cup", owned=0, unit_cost=5.0)


def order_at_random(seed: int) -> tuple[Terms, list[Worth]]:
    """Return two or three sizes of which fewer are worth something than can be ordered."""
    rng = generator(seed, "packs together")
    count, minimum = int(rng.integers(2, 4)), int(rng.integers(20, 80))
    sizes = rng.choice([1, 4, 6, 10, 12, 25], count, replace=False).tolist()
    items, worths = [], []
    for number, pack in enumerate(sizes):
        owned = int(rng.integers(0, 3))
        items.append(
            replace(
                SHARED,
                **{"name": f"cup.{number}", "variants": (number,), "owned": owned, "pack": pack},
                minimum_order=minimum,
            )
        )
        middle = rng.uniform(0, minimum / count)
        steps = int(rng.integers(1, 4)) * pack  # between levels, worth lies on straight lines
        units = np.arange(0, 2 * minimum + 3 * steps, steps)
        height = rng.uniform(1, 10) * middle
        worths.append(Worth(owned + units, height - height * (units / max(middle, 1) - 1) ** 2))
    return Terms(tuple(items), inf), worths


def worth_of(terms: Terms, worths: list[Worth], units: Purchase) -> float:
    return sum(float(np.interp(n, *worth)) for n, worth in zip(units, worths, strict=True))


def best_of_all(terms: Terms, worths: list[Worth]) -> float:
    """Return what the best of all purchases in whole packs is worth."""
    worth, bought = np.zeros(1), np.zeros(1)
    for item, of in zip(terms.items, worths, strict=True):
        units = np.arange(item.owned, of.units[-1] + 1, item.pack)
        worth = np.add.outer(worth, np.interp(units, *of)).ravel()
        bought = np.add.outer(bought, units - item.owned).ravel()
    allowed = (bought == 0) | (bought >= terms.items[0].minimum_order)
    return float(worth[allowed].max())


@pytest.mark.parametrize("seed", range(60))
def test_packs_of_several_sizes_make_up_a_minimum_order_at_least_cost(seed: int) -> None:
    terms, worths = order_at_random(seed)
    units = most_worth(terms, worths)
    assert terms.allow(units)
    assert worth_of(terms, worths, units) == pytest.approx(best_of_all(terms, worths), abs=1e-9)


def test_two_packs_that_come_to_the_minimum_are_better_than_more_of_the_best() -> None:
    """Of each size 5 are worth 10 each and the rest lose 5: 12 and 8 lose less than 12 and 12."""
    red, blue = (
        replace(SHARED, name=name, variants=(n,), pack=pack, minimum_order=20)
        for n, (name, pack) in enumerate((("cup.red", 12), ("cup.blue", 8)))
    )
    units = np.arange(0, 49)
    worth = np.where(units <= 5, 20.0 * units, 100 - 5.0 * (units - 5))
    worths = [
        Worth(units[:: item.pack], worth[:: item.pack] + n)
        for n, item in zip((1.0, 0.0), (red, blue), strict=True)
    ]
    assert most_worth(Terms((red, blue), inf), worths) == (12, 8)
