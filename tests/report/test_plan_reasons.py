"""What keeps a plan from more: said in the same line, and of packs in the short answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import livesim
from livesim.report import views
from livesim.report.pages import plain
from livesim.report.plan_reasons import kept_out_by

SHOW = """
like: brand_room
title: What keeps a plan from more
show: {start: 2026-11-29 20:00, length: 20min, refresh: 30s, currency: USD, appeal: 1}
viewers: 400
products:
  serum: {price: 40, unit_cost: 10, left_over_value: 4, owned: 0, forecast: 60}
  mask: {price: 20, unit_cost: 6, left_over_value: 2, owned: 20, forecast: 20}
"""


def planned(changes: dict[str, Any], **how: Any) -> livesim.Plan:
    return livesim.plan(livesim.load(SHOW, changes), replications=100, workers=1, **how)


def short(plan: livesim.Plan) -> str:
    return " ".join(str(plan).split())


def long(plan: livesim.Plan) -> str:
    return " ".join(plain(views.full(plan)).split())


def test_a_pack_that_is_too_large_is_told_at_once() -> None:
    free, (item, *_) = planned({}), planned({"products.serum.supply": {"pack": 5_000}}).items
    assert item.purchase == 0
    low, high = item.good_range
    assert low <= free.items[0].recommended <= high
    said = f"{low} – {high} serum would be best, but the minimum order is 5,000."
    assert said in short(planned({"products.serum.supply": {"pack": 5_000}}))
    assert "would be best" not in short(free)


def test_a_minimum_order_above_the_budget_is_told_by_label() -> None:
    terms = {"products.serum.supply": {"minimum_order": 5_000}, "supply.budget": 10_000}
    assert "Clear serum: the minimum order, 5,000, costs" in short(
        planned({**terms, "products.serum.label": "Clear serum"})
    )


def test_a_minimum_order_of_several_sizes_is_told_as_theirs() -> None:
    sizes = {"small": {"share": "50%", "supply": {"pack": 7}}, "large": {"share": "50%"}}
    terms = {"products.serum.supply": {"minimum_order": 10_000}, "products.serum.variants": sizes}
    plan = planned(terms)
    small, large = (
        " – ".join(f"{one:,}" for one in dict.fromkeys(item.good_range)) for item in plan.items[:2]
    )
    said = "serum: the minimum order is 10,000 of all variants together, and to buy "
    told = long(plan)
    assert f"{said}{small} small and {large} large would be best." in told
    assert told.count(said) == 1


def test_a_pack_too_many_is_told_at_once() -> None:
    plan = planned({"products.serum.supply": {"pack": 100}})
    assert plan.items[0].purchase == 100 > plan.items[0].good_range[1]
    assert "serum: 100 are bought, in packs of 100 and at least 100; " in short(plan)


@pytest.mark.parametrize(("least", "why"), [(24, "packs"), (10_000, "minimum order")])
def test_beyond_the_range_it_is_the_least_order_only_where_no_more_is_bought(
    least: int, why: str
) -> None:
    """Nine packs of 12 beyond a range were laid on a minimum order of two packs."""
    plan = planned({"products.serum.supply": {"pack": 12, "minimum_order": 24}})
    item = plan.items[0]
    assert item.purchase >= 36
    curve = replace(item.curve, item=replace(item.curve.item, minimum_order=least))
    beyond = replace(item, curve=curve, good_range=(1, item.recommended - 1))
    assert kept_out_by(plan, beyond) == why


@pytest.mark.parametrize(
    ("supply", "of_serum", "reasons"),
    [
        ({"budget": 400}, {"pack": 10}, "budget"),
        ({"storage": "60 l"}, {"pack": 10}, "storage"),
        ({"budget": 350, "storage": "50 l"}, {"pack": 10}, "budget and storage"),
        ({"budget": 1_000, "storage": "300 l"}, {"minimum_order": 5_000}, "minimum order"),
    ],
)
def test_what_keeps_a_purchase_out_is_what_the_nearest_in_the_range_takes_too_much_of(
    supply: dict[str, Any], of_serum: dict[str, Any], reasons: str
) -> None:
    """A further pack may still fit where nothing in the range does, and the other way round."""
    changes = {f"supply.{key}": value for key, value in supply.items()}
    volumes = {f"products.{name}.volume": "1 l" for name in ("serum", "mask")}
    plan = planned({**volumes, **changes, "products.serum.supply": of_serum})
    assert plan.items[0].recommended < plan.items[0].good_range[0]
    assert kept_out_by(plan, plan.items[0]) == reasons


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"supply.budget": 5}, "Buy nothing: no purchase that pays is allowed (budget)."),
        ({"supply.storage": "21 l"}, "Buy nothing: no purchase that pays is allowed (storage)."),
        (
            {f"products.{name}.supply": {"minimum_order": 5_000} for name in ("serum", "mask")}
            | {"products.mask.owned": 0},
            "Buy nothing: minimum orders are more than would pay (serum and mask).",
        ),
        (
            {"products.serum.supply": {"minimum_order": 5_000}, "products.mask.owned": 900},
            "serum would be best, but the minimum order is 5,000.",
        ),
        (
            {"products.serum.owned": 900, "products.mask.owned": 900},
            "Buy nothing: no purchase earns more than it costs.",
        ),
    ],
    ids=["budget", "storage", "minimum orders", "minimum order", "nothing pays"],
)
def test_where_nothing_is_bought_what_forbids_it_is_said(
    changes: dict[str, Any], said: str
) -> None:
    """It said that nothing earns more than it costs, though more budget would earn some."""
    volumes = {f"products.{name}.volume": "1 l" for name in ("serum", "mask")}
    packs = {f"products.{name}.supply": {"pack": 10} for name in ("serum", "mask")}
    changes = volumes | packs | changes
    told = short(planned(changes))
    assert said in told
    assert "minimum" not in said or told.count("minimum order") == 1, "it is said twice"


def test_a_loss_without_the_show_is_not_said_to_be_made() -> None:
    """Stock that is paid for is lost without a show, and more is then bought to sell on."""
    sells_on = {"per_week": 10, "price": 11, "weeks": 4}
    changes = {
        "products.serum.left_over": sells_on,
        "products.mask.owned": 900,
        "products.mask.left_over_value": 0,
    }
    plan = planned(changes)
    assert plan.without_show.profit < 0
    assert "above no show, which loses " in short(plan)
    assert "without a show, 40 serum are bought to sell on" in short(plan)


#: A price break from 36 on, of which the budget and the storage keep the purchase.
BREAK = """
like: brand_room
title: A price break out of reach
show: {start: 2026-12-12 20:00, length: 1h, currency: EUR}
viewers: 800
watch_time: 4min
deal: {slot_fee: 20, commission: 10%, platform_fee: 5%, shipping: 3, return_freight: 2}
products:
  a:
    {price: 40, unit_cost: 14, returns: 10%, orders_per_1000: 25, left_over_value: 4, owned: 3,
     volume: 1 l, supply: {pack: 6, minimum_order: 12, price_breaks: {24: 12, 36: 10}}}
  b:
    {price: 22, unit_cost: 8, returns: 5%, orders_per_1000: 35, owned: 2, volume: 0.5 l,
     left_over: {per_week: 4, price: 11, weeks: 5, holding_cost: 2%, then: 1},
     supply: {pack: 4, minimum_order: 8, discount: incremental, price_breaks: {20: 6}}}
  c:
    {price: 30, unit_cost: 9, returns: 5%, orders_per_1000: 20, left_over_value: 3, volume: 2 l,
     supply: {suppliers: {y: {unit_cost: 7, minimum_order: 20}}, pack: 5}}
supply: {budget: 540, storage: 90 l, storage_price: 100}
"""


@pytest.mark.parametrize(
    ("objective", "of_serum", "reasons"),
    [
        ("worst=0", {"minimum_order": 5_000}, "minimum order and limit on the risk"),
        ("worst=-10k", {"minimum_order": 5_000}, "minimum order"),
        ("worst=0", {}, "limit on the risk"),
    ],
)
def test_a_limit_on_the_risk_hides_no_other_reason(
    objective: str, of_serum: dict[str, Any], reasons: str
) -> None:
    """A range in which nothing could be bought was laid on the limit alone."""
    changes = {"products.serum.supply": of_serum, "show.appeal": {"low": 0.1, "high": 2}}
    plan = planned(changes, objective=objective)
    item = plan.items[0]
    assert item.recommended < item.good_range[0]
    assert kept_out_by(plan, item) == reasons


def test_a_lot_that_is_unsure_names_what_keeps_the_purchase_from_a_price_break() -> None:
    """Six more are not sure to earn; those up to the price break are."""
    plan = livesim.plan(livesim.load(BREAK), replications=200, workers=1)
    one, told = plan.items[0], long(plan)
    assert one.recommended < one.good_range[0] == one.good_range[1] == 39
    assert "39 (price break; budget and storage)" in told
    assert "6 a (not bought: budget and storage) 15 → 21 84 n.s." in told


def test_one_further_pack_may_fit_though_the_budget_keeps_the_range_out() -> None:
    """Of a budget of 440 that is spent but for four units, one more fits, and not what is good."""
    plan = planned({"supply.budget": 440, "products.mask.owned": 500})
    item = plan.items[0]
    assert item.recommended < item.good_range[0]
    fewer = replace(item, recommended=item.recommended - 4, purchase=item.purchase - 4)
    decided = replace(plan.decision, units=(fewer.have, *plan.decision.units[1:]))
    less = replace(plan, items=(fewer, *plan.items[1:]), decision=decided)
    assert kept_out_by(less, fewer) == "budget"


def test_what_a_budget_leaves_is_told_in_its_line() -> None:
    plan = planned({"supply.budget": 200})
    following = [lot for lot in plan.lots if not lot.bought and lot.gain.above_zero]
    assert {lot.item for lot in following} >= {"serum"}
    assert "serum (not bought: budget)" in long(plan)
    better = [one for one in plan.sensitivity if one.cost.significant and one.cost.mean < 0]
    assert better
    assert "a quarter more (budget)" in long(plan)


def test_no_row_has_more_of_what_nothing_limits() -> None:
    """A serum too many earns 2: more would always be better, and no more was looked at."""
    plan = planned({"products.serum.left_over_value": 12})
    most = plan.curves.curves[0].levels[-1]
    assert plan.items[0].have == most
    assert [lot.item for lot in plan.lots if not lot.bought] == ["mask"]
    assert all(one.units[0] <= most for one in plan.sensitivity)
    assert not any(one.cost.significant and one.cost.mean < 0 for one in plan.sensitivity)
    assert "no more of serum, which nothing limits" in long(plan)


@pytest.mark.slow
def test_a_budget_that_is_used_up_keeps_more_out_where_slots_go_on() -> None:
    """Nothing more can be bought, so whether more surely earns more is not the question."""
    slots = {
        name: {"length": "10min", "sells": [name], "at_sell_out": "next"}
        for name in ("serum", "mask")
    }
    plan = planned({"rundown": slots, "products.serum.supply": {"pack": 10}, "supply.budget": 200})
    item = plan.items[0]
    assert plan.curves.reactions.word == "slots"
    assert 200 - item.cost < 100 and item.recommended < item.good_range[0]
    assert kept_out_by(plan, item) == "budget"
