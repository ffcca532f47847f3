"""A table of what a planner's world has, and for each key the account by hand that holds it.

Each account is short enough to be checked by a person: numbers on paper, a closed form, or another
way to count the same. A key that is added to one of these parts needs one, too.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from livesim.scenario.parts import (
    BuyBack,
    Coupon,
    Gift,
    LeftOver,
    OrderTerms,
    Reserve,
    Supplier,
    Supply,
    Warehouse,
    Webshop,
    When,
)

TESTS = Path(__file__).parent
#: File → test, or check → the keys that it holds.
ACCOUNTS: dict[str, dict[str, tuple[str, ...]]] = {
    "planning/test_deciding.py": {
        "test_the_best_whole_packs_are_bought_and_rounding_has_its_price": ("Supply.pack",),
        "test_packs_and_minimum_orders_of_their_own_cost_next_to_nothing_over_exhaustive_search": (
            "OrderTerms.pack",
        ),
        "test_a_minimum_order_that_does_not_pay_is_not_bought": ("Supply.minimum_order",),
        "test_a_minimum_order_of_one_size_is_that_sizes": ("OrderTerms.minimum_order",),
        "test_a_budget_is_shared_as_its_price_says": ("Supply.budget",),
        "test_where_buying_never_costs_anything_the_highest_demand_is_bought": (
            "Product.left_over_value",
        ),
    },
    "verification/purchases.py": {
        "what_purchases_cost": (
            *("OrderTerms.price_breaks", "OrderTerms.discount"),
            *("Supplier.unit_cost", "Supplier.minimum_order", "Supplier.price_breaks"),
            *("Supplier.lead_time", "Supply.ordered"),
        ),
        "what_stock_outs_cost": ("Product.goodwill", "Product.ads_per_hour"),
    },
    "planning/test_suppliers.py": {
        "test_what_suppliers_make_of_a_show_by_hand": ("OrderTerms.suppliers",),
        "test_a_lead_time_that_all_share_counts_back_from_the_show": (
            *("Supply.lead_time", "OrderTerms.lead_time"),
        ),
        "test_a_budget_is_for_what_is_paid_before_the_show": ("Supply.paid_before",),
    },
    "planning/test_terms_together.py": {
        "test_storage_is_for_what_brings_most_for_its_volume": ("Supply.storage", "Product.volume"),
        "test_the_price_of_storage_makes_fewer_worth_having": ("Supply.storage_price",),
        "test_a_plan_leaves_what_is_set_aside": ("Product.set_aside",),
    },
    "planning/test_left_overs_that_go_back.py": {
        "test_both_engines_settle_what_goes_back": ("OrderTerms.buy_back", "BuyBack.price"),
        "test_a_share_that_goes_back_is_of_what_is_bought": ("BuyBack.up_to",),
        "test_consignment_takes_nothing_of_the_budget": ("OrderTerms.consignment",),
    },
    "model/test_left_overs.py": {
        "test_what_left_overs_bring_by_hand": (
            *("LeftOver.per_week", "LeftOver.price", "LeftOver.weeks", "LeftOver.holding_cost"),
            *("LeftOver.then", "Product.left_over"),
        ),
    },
    "planning/test_kept_value.py": {
        "test_owned_units_that_are_not_sold_are_no_loss": ("Product.owned",),
    },
    "engine/test_shared_stock.py": {
        "test_a_bundle_takes_its_components_and_ends_with_the_first": ("Product.contains",),
        "test_gifts_come_with_orders_while_there_are_some": ("Gift.product", "Product.gift"),
        "test_a_gift_of_an_order_that_is_not_paid_comes_back_and_is_given_again": ("Gift.first",),
    },
    "engine/test_coupons.py": {
        "test_the_first_three_orders_pay_a_fifth_less": (
            *("Coupon.off", "Coupon.first", "Product.coupon"),
        ),
        "test_a_few_coupons_change_no_behaviour_but_by_a_lift_and_while_there_are_some": (
            "Coupon.lift",
        ),
    },
    "engine/test_webshop.py": {
        "test_webshop_and_show_stand_in_one_line_for_the_same_units": (
            *("Webshop.per_day", "Product.webshop"),
        ),
        "test_what_a_webshop_brings_is_profit_and_pays_no_commission": ("Webshop.price",),
    },
    "model/test_late_orders.py": {
        "test_what_late_orders_cost_by_hand": (
            *("Warehouse.per_day", "Warehouse.promised", "Warehouse.cancelled"),
            "Warehouse.penalty",
        ),
    },
    "engine/test_show.py": {
        "test_a_wait_can_have_an_end_and_slots_move_forward": ("Slot.longest_wait",),
        "test_the_reserve_is_called_once_when_few_are_left_and_comes_after_its_lead_time": (
            *("Reserve.units", "Reserve.below", "Reserve.lead_time"),
        ),
        "test_the_reserve_is_called_at_a_moment_if_enough_is_sold": (
            *("Reserve.when", "When.at", "When.sold"),
        ),
    },
    "engine/test_instead_by_hand.py": {"test_what_moves_forward_by_hand": ("Slot.instead",)},
    "results/test_stock_out_costs.py": {
        "test_costs_are_named_and_taken_from_the_profit": (
            *("Reserve.call_cost", "Reserve.extra_unit_cost"),
        ),
        "test_viewers_who_stay_away_are_counted": ("Show.arrivals_when_unavailable",),
    },
    "resolve/test_whole_show.py": {
        "test_shares_by_hand": ("gpm", "orders", "units", "units_per_1000", "weight"),
    },
    "report/test_labels.py": {"test_what_is_said_has_the_labels_and_no_key": ("label",)},
}
PARTS = (
    *(BuyBack, Coupon, Gift, LeftOver, OrderTerms, Reserve, Supplier, Supply, Warehouse, Webshop),
    When,
)
#: The keys that have an account, with its place.
PLACES = {
    key: (file, function)
    for file, functions in ACCOUNTS.items()
    for function, keys in functions.items()
    for key in keys
}


@cache
def functions_in(file: str) -> set[str]:
    body = ast.parse((TESTS / file).read_text(encoding="utf-8")).body
    return {one.name for one in body if isinstance(one, ast.FunctionDef)}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_key_has_an_account(part: type) -> None:
    keys = {f"{part.__name__}.{key}" for key in part.model_fields}  # type: ignore[attr-defined]
    assert keys - PLACES.keys() == set()


def test_every_account_is_there() -> None:
    missing = {place for place in PLACES.values() if place[1] not in functions_in(place[0])}
    assert missing == set()


def test_no_key_has_two_accounts() -> None:
    assert len(PLACES) == sum(len(keys) for one in ACCOUNTS.values() for keys in one.values())
