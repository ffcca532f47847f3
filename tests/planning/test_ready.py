"""The show of a plan on the night: what was bought stands where the plan bought it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.errors import ScenarioError, UsageError
from livesim.experiment.rest_of_show import OnAir, Way
from livesim.experiment.weights import weighed
from livesim.planning.items import items_of
from livesim.planning.live import _owned_before, _saved
from livesim.planning.ready import Ready, _ready
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

SHARES: dict[str, Any] = {
    "rose": {"share": "50%"},
    "nude": {"share": "30%"},
    "plum": {"share": "20%"},
}
OWNED = {"rose": 30, "nude": 18, "plum": 12}
EACH = {name: {**one, "owned": OWNED[name]} for name, one in SHARES.items()}
BOUGHT = {"serum": 40, "lip_tint.rose": 72, "lip_tint.nude": 12}


def _show(variants: dict[str, Any], more: dict[str, Any] | None = None) -> Scenario:
    changes = {
        "show.length": "20min",
        "show.refresh": "20s",
        "products.lip_tint.owned": 60,
        "products.lip_tint.variants": variants,
    }
    return livesim.load("scenarios/brand_room.yaml", changes | (more or {}))


def _bought(show: Scenario, changes: dict[str, Any] | None = None) -> Ready:
    items = items_of(show)
    demand = {item.name: np.zeros(1) for item in items}
    purchases = [BOUGHT.get(item.name, 0) for item in items]
    return _ready(show, purchases, np.zeros(1), demand, changes or {})


def _variants(show: Scenario) -> list[int | None]:
    return [one.owned for one in show.products["lip_tint"].variants.values()]


@pytest.mark.parametrize("variants", [SHARES, EACH])
def test_a_variant_has_what_was_bought_of_it(variants: dict[str, Any]) -> None:
    found = _bought(_show(variants))
    assert _variants(found.scenario) == [102, 30, 12]
    assert found.scenario.products["lip_tint"].owned == 144
    assert _owned_before(found).tolist() == inputs_of(_show(variants)).owned.tolist()


@pytest.mark.parametrize("variants", [SHARES, EACH])
def test_as_much_is_on_sale_as_the_plan_recommends(variants: dict[str, Any]) -> None:
    """Also where some of it is kept for others, goes in a bundle or comes as a gift."""
    more = {
        "products.lip_tint.set_aside": 7,
        "products.mask.gift": {"product": "lip_tint.plum", "first": 5},
        "products.set": {
            "price": 300,
            "contains": {"serum": 1, "mask": 1},
            "orders_per_1000": 6,
        },
    }
    show = _show(variants, more)
    on_sale = inputs_of(_bought(show).scenario).owned
    for item in items_of(show):
        want = item.owned + BOUGHT.get(item.name, 0)
        assert on_sale[list(item.variants)].sum() == want, item.name


def test_what_was_really_bought_goes_before_the_plan() -> None:
    of_all = _bought(_show(SHARES), {"products.lip_tint.owned": "150"}).scenario
    assert (of_all.products["lip_tint"].owned, _variants(of_all)) == (150, [None] * 3)
    of_one = {"products.lip_tint.variants.rose.owned": "90", "products.serum.price": 250}
    for variants in (SHARES, EACH):
        found = _bought(_show(variants), of_one)
        assert _variants(found.scenario) == [90, 30, 12]
        assert found.scenario.products["lip_tint"].owned == 132
        assert found.scenario.products["serum"].price == 250


def test_units_that_are_no_count_are_refused_where_they_stand() -> None:
    where = "products.lip_tint.variants.rose.owned"
    with pytest.raises(ScenarioError, match=where):
        _bought(_show(SHARES), {where: "many"})


def test_more_may_be_kept_for_others_than_was_owned_before_the_purchase() -> None:
    found = _bought(_show(SHARES), {"products.lip_tint.set_aside": 70}).scenario
    assert inputs_of(found).owned[1:4].sum() == 74


def test_what_was_bought_and_is_left_over_keeps_no_cost() -> None:
    """Where none was owned before, all left over is worth nothing; of 60 owned, 60 keep theirs."""
    serum, at = "products.serum", {"at": "10min", "left": {"serum": 38}}
    kept = {f"{serum}.left_over_value": "kept"}

    def profit(changes: dict[str, Any], seen: dict[str, Any]) -> tuple[Any, Any]:
        found = _bought(_show(SHARES, changes))
        shows, owned = weighed(found.scenario, seen, shows=20), _owned_before(found)
        return tuple(OnAir(shows, 1, of).rest([Way()])[0].profit for of in (None, owned))

    as_owned, as_bought = profit({f"{serum}.owned": 0, **kept}, at)
    _, worthless = profit({f"{serum}.owned": 0, f"{serum}.left_over_value": 0}, at)
    assert np.array_equal(as_bought, worthless)
    assert (as_bought < as_owned).all()
    as_owned, as_bought = profit(
        {f"{serum}.owned": 60, **kept}, {"at": "10min", "left": {"serum": 98}}
    )
    unit_cost = _show(SHARES).products["serum"].unit_cost
    assert ((as_owned - as_bought) <= 40 * unit_cost + 1e-6).all()
    assert np.allclose((as_owned - as_bought).max(), 40 * unit_cost, rtol=0.05)


def test_what_price_breaks_saved_is_in_the_profit() -> None:
    """40 serums at 40 instead of 80 from 20 units on."""
    breaks = {"products.serum.supply": {"price_breaks": {20: 40}}}
    assert _saved(_bought(_show(SHARES, breaks))) == 40 * 40
    assert _saved(_bought(_show(SHARES))) == 0


@pytest.mark.parametrize(
    ("variants", "where"), [(SHARES, "lip_tint.owned"), (EACH, "lip_tint.variants.rose.owned")]
)
def test_who_counts_more_than_was_bought_is_told_where_it_stands(
    variants: dict[str, Any], where: str
) -> None:
    seen = {"at": "10min", "left": {"lip_tint.rose": 31}}
    with pytest.raises(UsageError, match=re.escape(f"--set products.{where}=…")):
        weighed(_show(variants), seen, shows=20)
