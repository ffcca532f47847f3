"""Stock curves of shows whose demand is known: sales are the smaller of demand and units.

Nobody lapses or returns anything and nothing is paid but the units, so that the best number of
units stands in textbooks: with a price of 100, a cost of 40 and 10 for what is left over, a unit
too few costs 60 and a unit too many 30.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import pytest

from livesim.arrays import Floats
from livesim.experiment.levels import Reactions
from livesim.model.money import left_over_value
from livesim.planning.curves import Curves, StockCurve
from livesim.planning.items import Item, items_of, terms_of_item
from livesim.randomness import BLOCK, generator, latin_hypercube
from livesim.resolve import resolve
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario

HERE = Path(__file__).parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))  # so that the tests here find `random_plans`

_PRODUCT = {"price": 100, "unit_cost": 40, "left_over_value": 10, "conversion": "1%"}
_LENGTH = 3600

Changes: TypeAlias = Mapping[str, Any]


class Law(Protocol):
    """A distribution that can be drawn from by its quantiles."""

    def ppf(self, q: Floats) -> Floats: ...


class Known(Protocol):
    """Make the curves of items whose demand is given, by the items' names."""

    def __call__(
        self,
        demand: Mapping[str, Floats],
        *,
        products: Mapping[str, Changes] | None = None,
        supply: Changes | None = None,
        deal: Changes | None = None,
        levels: Sequence[int] | None = None,
    ) -> Curves: ...


Draw: TypeAlias = Callable[..., Floats]


@pytest.fixture(scope="session")
def draw() -> Draw:
    """Draw a demand of R replications by its law, stratified as livesim's own batches or not."""

    def drawn(
        law: Law, replications: int, seed: int, *, stratified: bool = True, name: str = "demand"
    ) -> Floats:
        blocks = range(-(-replications // BLOCK))
        if stratified:
            u = np.concatenate([latin_hypercube(seed, name, block) for block in blocks])
        else:
            u = generator(seed, name).random(len(blocks) * BLOCK)
        return np.asarray(law.ppf(u[:replications]))

    return drawn


@pytest.fixture(scope="session")
def known() -> Known:
    """Curves at every number of units, or at the levels given."""

    def made(
        demand: Mapping[str, Floats],
        *,
        products: Mapping[str, Changes] | None = None,
        supply: Changes | None = None,
        deal: Changes | None = None,
        levels: Sequence[int] | None = None,
    ) -> Curves:
        scenario = _show(products or {name: {} for name in demand}, supply or {}, deal or {})
        curves = tuple(
            _curve(scenario, item, demand[item.name], levels) for item in items_of(scenario)
        )
        replications = curves[0].replications
        return Curves(
            scenario=scenario,
            seed=1,
            reactions=Reactions(),
            curves=curves,
            viewers=np.full(replications, 2000.0),
            slot_starts=np.zeros((replications, len(scenario.rundown))),
            drawn={},
        )

    return made


def _show(products: Mapping[str, Changes], supply: Changes, deal: Changes) -> Scenario:
    text = {
        "like": "brand_room",
        "title": "A show whose demand is known",
        "show": {"start": "2026-11-29 20:00", "length": "1h", "currency": "CNY"},
        "viewers": 2000,
        "products": {name: {**_PRODUCT, **changes} for name, changes in products.items()},
        "supply": supply,
        "deal": deal,
    }
    return _resolved(json.dumps(text))


@cache
def _resolved(text: str) -> Scenario:
    return resolve(parse_document(text)).scenario


def _curve(
    scenario: Scenario, item: Item, demand: Floats, levels: Sequence[int] | None
) -> StockCurve:
    """Return the curve of an item whose buyers come evenly over the show."""
    if levels is None:
        levels = range(int(max(1.2 * demand.max(), item.owned + 2 * item.pack)) + 2)
    product = scenario.products[item.product]
    units, wanted = np.array(levels, dtype=np.int64), demand[:, None]
    sales = np.minimum(wanted, units)
    left, lost = units - sales, wanted - sales
    gmv = product.price * sales
    zero = np.zeros_like(sales)
    back = {"left_over": left, "bought": units + zero, "cancelled": zero, "returned": zero}
    terms = terms_of_item(scenario, item)
    profit = gmv + left_over_value(terms, back)
    profit = profit - (product.unit_cost + (terms.storage or 0.0)) * units
    profit = profit + item.saving(units)
    gone = np.where(wanted >= units, _LENGTH * units / np.maximum(wanted, 1e-9), np.inf)
    figures = {
        **{"demand": wanted + zero, "claimed": sales, "sales": sales, "lost": lost},
        **{"left_over": left, "bought": units + zero, "gmv": gmv, "nmv": gmv},
        **{"cancelled": zero, "returned": zero, "backordered": zero, "elsewhere": zero},
        **{"profit": profit - product.goodwill * lost, "sold_out_at": gone},
        **{"unavailable_after": gone, "link_at": np.zeros_like(gone)},
    }
    if scenario.deal.warehouse is not None:  # each order asks for one unit
        figures |= {"shipped_orders": sales, "shipped_value": gmv - product.left_over_value * sales}
    return StockCurve(item, units, figures)
