"""Bundles and gifts in a file: what follows for them, what is refused, and who pays for units."""

from __future__ import annotations

import numpy as np
import pytest

import livesim
from livesim.engine.settlement import _charge_who_took
from livesim.errors import ScenarioError
from livesim.planning.curves import fixed_money
from livesim.resolve import resolve
from livesim.resolve.inputs import inputs_of
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario
from livesim.scenario.writing import write_yaml

BASE = """
like: brand_room
title: Bundles
show: {start: 2026-11-29 20:00, length: 20min, refresh: 20s, currency: USD}
viewers: 900
"""
SHOP = """
products:
  serum: {price: 31, unit_cost: 6, left_over_value: 3, owned: 60, orders_per_1000: 9}
  tint: {price: 14, unit_cost: 2, left_over_value: 1, owned: 50, orders_per_1000: 5,
         variants: {rose: {share: 60%}, nude: {share: 40%}}}
  duo: {price: 45, orders_per_1000: 6, contains: {serum: 1, tint.rose: 2},
        gift: {product: pouch, first: 10}}
  pouch: {price: 5, unit_cost: 1.5, owned: 15}
"""


def resolved(text: str) -> Scenario:
    return resolve(parse_document(BASE + text)).scenario


def test_what_a_bundle_costs_follows_from_its_components() -> None:
    scenario = resolved(SHOP)
    duo = scenario.products["duo"]
    assert (duo.unit_cost, duo.left_over_value, duo.owned) == (10.0, 5.0, 0)
    inputs = inputs_of(scenario)
    assert inputs.variants == ("serum", "rose", "nude", "duo", "pouch")
    assert inputs.takes[3].tolist() == [1, 2, 0, 0, 0]
    (gift,) = inputs.gifts
    assert (gift.to, gift.variant, gift.first) == ((3,), 4, 10)
    assert inputs.sharing == ((0, 1, 2, 3),)


def test_what_is_only_given_away_is_in_no_slot_and_wanted_by_nobody() -> None:
    scenario = resolved(SHOP)
    assert scenario.products["pouch"].conversion == 0
    assert {name for slot in scenario.rundown.values() for name in slot.sells} == {
        "serum",
        "tint",
        "duo",
    }


def test_what_is_only_given_away_needs_no_price_and_is_in_no_note() -> None:
    resolution = resolve(parse_document(BASE + SHOP.replace("price: 5, ", "")))
    assert resolution.scenario.products["pouch"].price == 1.5
    reason = resolution.reasons["products", "pouch", "price"]
    assert (reason.kind, reason.text) == ("derived", "given away, not sold")
    assert not [note for note in resolution.notes if "pouch" in note or "such orders" in note]
    assert any("the 3 products rotate evenly" in note for note in resolution.notes)
    assert [line for line in resolution.checks if "pouch" in line] == [
        "pouch: given away, not sold"
    ]
    dear = resolve(parse_document(BASE + SHOP.replace("price: 5, ", "price: 1, ")))
    assert not [note for note in dear.notes if "pouch" in note]
    free = SHOP.replace("price: 5, unit_cost: 1.5", "unit_cost: 0")
    assert resolved(free).products["pouch"].price == 1


def test_what_is_only_given_away_pays_no_slot_fee() -> None:
    fee = "deal: {slot_fee: 100, guaranteed_volume: 1_000}"
    scenario = resolved(f"{SHOP}\n{fee}")
    assert scenario.only_gifts == {"pouch"}
    result = livesim.simulate(scenario, replications=50, workers=1)
    assert result.outcome.products["slot_fee"][0].tolist() == [100, 100, 100, 0]
    # None is sold: all fees are paid back.
    assert fixed_money(scenario, lambda _: np.zeros(1), np.zeros(1)).tolist() == [0]
    assert fixed_money(scenario, lambda _: np.full(1, 1_000), np.zeros(1)).tolist() == [-300]
    sold = scenario.with_changes({"rundown.serum_1.sells": ["serum", "pouch"]})
    assert not sold.only_gifts


def test_what_is_resolved_can_be_read_again() -> None:
    once = resolved(SHOP)
    again = resolve(parse_document(write_yaml(once.to_data()))).scenario
    assert again == once


def test_left_overs_of_components_that_sell_on_are_worth_what_is_left_in_the_end() -> None:
    selling = SHOP.replace(
        "left_over_value: 3, owned", "left_over: {per_week: 9, price: 20, weeks: 2, then: 4}, owned"
    )
    once = resolved(selling)
    assert once.products["duo"].left_over_value == 4 + 2 * 1
    assert resolve(parse_document(write_yaml(once.to_data()))).scenario == once


def test_a_bundle_takes_no_room_of_its_own_in_the_storage() -> None:
    shop = SHOP + "supply: {storage_price: 30}\n"
    for name in ("serum", "tint", "pouch"):
        shop = shop.replace(f"  {name}: {{", f"  {name}: {{volume: 2 l, ")
    found = livesim.simulate(resolved(shop), replications=50, workers=1)
    paid = found.products.set_index("product")["storage"]
    assert (paid["serum"] > 0).all() and (paid["duo"] == 0).all()


def test_without_bundles_no_units_are_shared() -> None:
    inputs = inputs_of(livesim.load("scenarios/brand_room.yaml"))
    assert inputs.sharing == () and inputs.components(0) == []


MISTAKES = {
    "products.duo.contains.nothing": "no product is called nothing",
    "products.duo.contains.tint": "tint has the variants rose, nude",
    "products.duo.gift.product": "no product is called puch",
    "products.duo.owned": "a bundle has no units of its own",
    "products.duo.supply": "a bundle has no units of its own",
    "products.duo.variants": "a bundle has no units of its own",
    "products.trio.contains.duo": "duo is a bundle itself",
    "products.trio.contains.tint.blue": "no variant of tint is called blue",
    "products.trio.contains.trio": "trio contains itself",
    "products.serum.reserve": "serum has a reserve",
    "products.pouch.reserve": "pouch has a reserve",
    "products.empty.contains": "the bundle is empty",
}
BROKEN = """
products:
  serum: {price: 31, unit_cost: 6, orders_per_1000: 9,
          reserve: {units: 20, below: 5, lead_time: 1min}}
  tint: {price: 14, unit_cost: 2, owned: 50, orders_per_1000: 5,
         variants: {rose: {share: 60%}, nude: {share: 40%}}}
  duo: {price: 45, orders_per_1000: 6, owned: 5, supply: {minimum_order: 50},
        variants: {one: {share: 100%}},
        contains: {serum: 1, tint: 1, nothing: 2, pouch: 1}, gift: {product: puch}}
  trio: {price: 45, orders_per_1000: 6, contains: {duo: 1, tint.blue: 1, trio: 1}}
  empty: {price: 45, orders_per_1000: 6, unit_cost: 1, contains: {}}
  pouch: {price: 5, unit_cost: 1, owned: 15, orders_per_1000: 1,
          reserve: {van: {units: 20, below: 5, lead_time: 1min}}}
"""


@pytest.mark.parametrize(
    ("gift", "what"),
    [
        ("product: puch", "no product is called puch"),
        ("product: towel", "no product is called towel"),
        ("pouch: 2", "an order comes with one unit of one gift"),
        ("pouch: 1, duo: 1", "an order comes with one unit of one gift"),
        ("product: pouch, first: 0", "for the first 0 orders there would be none"),
    ],
)
def test_a_wrong_gift_is_one_mistake(gift: str, what: str) -> None:
    """And not also that what was meant is in no slot, and ordered nobody knows how often."""
    text = SHOP.replace("product: pouch, first: 10", gift)
    with pytest.raises(ScenarioError) as caught:
        resolved(text + "rundown: {all: {length: 20min, sells: [serum, tint, duo]}}")
    (mistake,) = caught.value.mistakes
    assert mistake.what == what and mistake.remedy and mistake.line


def test_all_mistakes_come_at_once_each_with_a_remedy() -> None:
    with pytest.raises(ScenarioError) as caught:
        resolved(BROKEN)
    found = {mistake.path: mistake for mistake in caught.value.mistakes}
    for path, what in MISTAKES.items():
        assert what in found[path].what
        assert found[path].remedy and found[path].line


def test_a_cost_that_contradicts_the_components_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"unit_cost is 12, and its components have 10") as one:
        resolved(SHOP.replace("price: 45,", "price: 45, unit_cost: 12,"))
    assert len(one.value.mistakes) == 1
    same = resolved(SHOP.replace("price: 45,", "price: 45, unit_cost: 10,"))
    assert same == resolved(SHOP)


@pytest.mark.parametrize("where", ["serum", "duo"])
def test_allotments_and_orders_beyond_the_stock_are_refused(where: str) -> None:
    later = "backorder: {units: 5, accept: 50%, ships_after: 3d},"
    with pytest.raises(ScenarioError) as caught:
        resolved(SHOP.replace(f"  {where}: {{", f"  {where}: {{{later} "))
    assert f"products.{where}.backorder" in {one.path for one in caught.value.mistakes}


def test_bundles_pay_for_their_components_and_have_what_comes_back() -> None:
    """By hand: 10 duos sold, 2 cancelled and 1 returned, 6 with a pouch.

    A duo takes 1 serum at 6 and 2 rose tints at 2; a serum back is worth 3, and a tint 1.

    |           | cost before | cost then       | value of what is left then |
    |-----------|-------------|-----------------|----------------------------|
    | serum     | 60 · 6      | 360 − 10 · 6    | as before                  |
    | rose tint | 30 · 2      | 60 − 20 · 2     | as before                  |
    | duo       | 0           | 100 + 6 · 1.5   | 3 · (3 + 2 · 1)            |
    | pouch     | 15 · 1.5    | 22.5 − 9        | as before                  |
    """
    inputs = inputs_of(resolved(SHOP))
    names = ("left_over", "cancelled", "returned", "bought", "sales", "gifts")
    figures = {name: np.zeros((1, 5, 1), dtype=np.int64) for name in names}
    figures["sales"][0, :, 0] = 7, 3, 2, 10, 0
    figures["cancelled"][0, 3], figures["returned"][0, 3], figures["gifts"][0, 3] = 2, 1, 6
    cost = np.array([360.0, 60.0, 40.0, 0.0, 22.5]).reshape(1, 5, 1)
    figures |= {"cost_of_goods": cost, "left_over_value": np.zeros((1, 5, 1))}
    figures["profit"] = -cost.copy()
    _charge_who_took(inputs, figures)
    assert figures["cost_of_goods"].ravel().tolist() == [300.0, 20.0, 40.0, 109.0, 13.5]
    assert figures["left_over_value"].ravel().tolist() == [0.0, 0.0, 0.0, 15.0, 0.0]
    assert figures["profit"].ravel().tolist() == [-300.0, -20.0, -40.0, 15.0 - 109.0, -13.5]


def test_a_result_says_what_went_into_bundles() -> None:
    result = livesim.simulate(resolved(SHOP), replications=50, workers=1)
    document = result.document()["products"]
    assert {"given", "gifts"} <= document["serum"].keys()
    sold = document["duo"]["sales"]["mean"]
    assert document["serum"]["given"]["mean"] == sold > 0
    assert document["tint"]["given"]["mean"] == 2 * sold
    assert 0 < document["duo"]["gifts"]["mean"] <= min(10, sold)


VARIANTS = """
products:
  serum: {price: 31, unit_cost: 6, left_over_value: 3, orders_per_1000: 9, %s
          variants: {rose: {share: 60%%, owned: 24}, nude: {share: 40%%, owned: 12}}}
"""


def test_where_only_the_variants_say_what_is_owned_the_product_owns_it_all() -> None:
    resolution = resolve(parse_document(BASE + VARIANTS % ""))
    assert resolution.scenario.products["serum"].owned == 36
    assert str(resolution.reasons["products", "serum", "owned"]).startswith("derived")


@pytest.mark.parametrize("owned", [0, 40])
def test_what_is_written_as_owned_must_be_what_the_variants_own(owned: int) -> None:
    with pytest.raises(ScenarioError, match="write owned: 36, or take it away"):
        resolved(VARIANTS % f"owned: {owned},")


ODD = """
products:
  serum: {price: 31, unit_cost: 6, orders_per_1000: 9, backorder: {accept: 30%, units: 9},
          coupon: {off: 10%, first: 20}}
  tint: {price: 31, unit_cost: 6, orders_per_1000: 9, coupon: {off: 100%}}
  mask: {price: 31, unit_cost: 6, orders_per_1000: 9, coupon: {off: 10%, lift: 1.2}}
  duo: {price: 45, orders_per_1000: 6, contains: {serum: 1, mask: 1}, webshop: {per_day: 9}}
"""


def test_coupons_and_webshops_that_say_nothing_are_refused_with_a_remedy() -> None:
    found = {}
    for text in (ODD.replace("100%}", "20%}").replace(", lift: 1.2", ""), ODD):
        with pytest.raises(ScenarioError) as caught:
            resolved(text)
        found |= {mistake.path: mistake for mistake in caught.value.mistakes}
    for path, what in {
        "products.serum.coupon.first": "serum has a backorder",
        "products.tint.coupon.off": "cannot take 100% off the price",
        "products.mask.coupon.lift": "a coupon for all orders is a lower price",
        "products.duo.webshop": "a bundle has no units of its own",
    }.items():
        assert what in found[path].what
        assert found[path].remedy and found[path].line


def test_what_is_sold_and_given_is_of_one_stock() -> None:
    """Of 40 masks each is sold, given with a serum, or left; who gives them pays for them."""
    scenario = resolved("""
products:
  serum: {price: 31, unit_cost: 8, owned: 900, orders_per_1000: 20, gift: {product: mask}}
  mask: {price: 14, unit_cost: 2, owned: 40, orders_per_1000: 15}
""")
    assert not scenario.only_gifts
    found = livesim.simulate(scenario, replications=50, workers=1).outcome.products
    masks = {name: column[:, 1] for name, column in found.items()}
    assert masks["given"].any() and masks["sales"].any()
    assert (masks["sales"] + masks["given"] + masks["left_over"] == 40).all()
    assert (masks["given"] == found["gifts"][:, 0]).all()
    np.testing.assert_allclose(masks["cost_of_goods"], 2.0 * (40 - masks["given"]))


def test_a_coupon_for_the_first_0_orders_is_refused_as_such_a_gift_is() -> None:
    text = "{price: 31, unit_cost: 6, orders_per_1000: 9, coupon: {off: 10%, first: 0}}"
    head = "like: brand_room\ntitle: A\nshow: {start: 2026-11-29 20:00, length: 1h, currency: EUR}"
    with pytest.raises(ScenarioError, match="for the first 0 orders there would be none"):
        livesim.load(f"{head}\nviewers: 900\nproducts:\n  mask: {text}\n")
