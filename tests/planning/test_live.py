"""A show on the air: what is expected of it, and what to do now."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import livesim
from livesim.errors import UsageError
from livesim.experiment.weights import weighed
from livesim.planning.live import LivePlan
from livesim.planning.offers import NO_RESERVE, RESERVE_WHEN
from livesim.report import plan_notices
from livesim.report.language import speaking
from livesim.report.live_tables import _too_few_gifts, page
from livesim.report.plan_words import way_to_sell
from livesim.results.answer import fingerprint_of
from livesim.scenario.scenario import Scenario

SEEN = {"at": "8min", "viewers": 260, "left": {"serum": 4}}


@pytest.fixture(scope="module")
def room() -> Scenario:
    changes = {
        "show.length": "30min",
        "show.refresh": "20s",
        "products.serum.reserve": {"units": 60, "below": 1, "lead_time": "2min"},
        "products.serum.owned": 20,
        "products.serum.orders_per_1000": 120,
    }
    return livesim.load("scenarios/brand_room.yaml", changes)


@pytest.fixture(scope="module")
def now(room: Scenario) -> LivePlan:
    return livesim.replan(room, SEEN, top_ups={"mask": (10, "21min")}, shows=50)


def test_what_was_counted_stands_in_the_answer(now: LivePlan) -> None:
    serum = now.products[0]
    assert (serum.on_hand, serum.sold, serum.counted) == (4, 16, True)
    assert not now.products[1].counted


def test_each_thing_to_do_is_compared_with_going_on(now: LivePlan) -> None:
    kinds = [one.option.what for one in now.tried]
    assert {"reserve", "top-up", "price"} <= set(kinds)
    gains = [one.gain.mean or 0.0 for one in now.tried]
    assert gains == sorted(gains, reverse=True)


def test_where_no_slot_can_move_up_it_is_said_why(room: Scenario) -> None:
    said = "No product was tried earlier"
    seen = {"at": "1min", "viewers": 40}
    free = livesim.replan(room, seen, shows=50)
    (moved,) = (one for one in free.tried if one.option.what == "move")
    assert moved.gain.half_width  # beside going on as planned, in the same shows
    assert said not in str(free) and f"{moved.option.product} next:" in str(free)
    slots = {
        f"slot_{number}": {"start": f"{10 * number}min", "length": "10min", "sells": [name]}
        for number, name in enumerate(room.products)
    }
    show = {"show.length": "30min", "show.refresh": "20s", "rundown": slots}
    fixed = livesim.replan(livesim.load("scenarios/brand_room.yaml", show), seen, shows=50)
    assert not [one for one in fixed.tried if one.option.what == "move"]
    assert said in str(fixed)


def test_units_that_come_in_the_last_minute_hardly_sell_and_cost(now: LivePlan) -> None:
    late = next(one for one in now.tried if one.option.what == "top-up")
    assert (late.sold.mean or 0.0) < 1
    assert (late.gain.mean or 0.0) < 0
    assert late.cost == 10 * 30


def test_what_a_webshop_took_is_what_is_neither_left_nor_sold(room: Scenario) -> None:
    """Of 20, 4 are left and the show has sold 9: the webshop has sold 7 in each show."""
    webshop = {"per_day": 480, "price": 200}
    shop = room.with_changes({"products.serum.reserve": None, "products.serum.webshop": webshop})
    seen = {**SEEN, "sold": {"serum": 9}}
    found = livesim.replan(shop, seen, shows=20)
    assert (found.products[0].on_hand, found.products[0].sold) == (4, 9)
    start = weighed(shop, seen, shows=20).state
    rest = livesim.simulate(shop, start=start, replications=20, workers=1).outcome.variants
    assert (rest["webshop"][:, 0] >= 7).all() and (rest["webshop"][:, 0] > 7).any()
    assert ((rest["sales"] + rest["webshop"] + rest["on_hand"])[:, 0] == 20).all()
    for told in ({"left": {"serum": 4}}, {"sold": {"serum": 9}}, {"left": {"mask": 9}}):
        with pytest.raises(UsageError, match="left and those that the show has sold"):
            livesim.replan(shop, {"at": "8min", **told}, shows=20)
    with pytest.raises(UsageError, match="22 are left or sold, but 20 were on sale"):
        livesim.replan(shop, {"at": "8min", "left": {"serum": 9}, "sold": {"serum": 13}}, shows=20)


def test_each_of_several_reserves_that_has_come_is_on_sale(room: Scenario) -> None:
    """Of 20 owned and 30 of the courier 4 are left, whether it came by its rule or before it."""
    rule = {"units": 25, "when": {"at": "7min", "sold": "> 5"}, "lead_time": "40s"}
    both = {"van": rule, "courier": {**rule, "units": 30}}
    several = room.with_changes({"products.serum.reserve": both})
    for part, units in (("van", 25), ("courier", 30)):
        for came in ("5min", "7min 40s"):
            called = {f"serum.reserve.{part}": came}
            state = livesim.state_seen(several, "8min", on_hand={"serum": 4}, called=called)
            assert state.orders.size.sum() == 20 + units - 4
    with pytest.raises(UsageError, match=r"which reserve has come.* serum\.reserve\.courier=TIME"):
        livesim.replan(several, {"at": "8min", "sold": {"serum": 46}}, shows=2)


def test_a_bundle_is_on_hand_as_often_as_its_components_make_it(room: Scenario) -> None:
    kinds = {"one": {"share": "50%"}, "two": {"share": "50%"}}
    each = {"price": 99, "orders_per_1000": 10}
    bundled = livesim.load(
        {
            "like": "brand_room",
            "title": "A set of both",
            "show": {"length": "10min", "refresh": "20s", "currency": "CNY"},
            "viewers": 500,
            "products": {
                "serum": {**each, "unit_cost": 8, "left_over_value": 1, "owned": 21},
                "mask": {
                    **each,
                    "unit_cost": 3,
                    "left_over_value": 1,
                    "owned": 9,
                    "variants": kinds,
                },
                "set": {**each, "contains": {"serum": 2, "mask.two": 1}},
            },
        }
    )
    for left, sets in ((11, 3), (5, 2)):
        units = {"serum": left, "mask.one": 4, "mask.two": 3}
        found = livesim.replan(bundled, {"at": "8min", "left": units}, shows=2)
        assert found.products[-1].on_hand == sets
        assert [(one.on_hand, one.sold) for one in found.products[:2]] == [
            (left, 21 - left),
            (7, 2),
        ]
    for what in ("left", "sold"):
        with pytest.raises(UsageError, match=r"its (own|components.*)\n.*serum, .*mask.two"):
            livesim.replan(bundled, {"at": "8min", what: {"set": 2}}, shows=2)
    with pytest.raises(UsageError, match="reserved: set: a bundle has no stock of its own"):
        livesim.replan(bundled, {"at": "8min", "viewers": 90}, reserved={"set": 2}, shows=2)
    with pytest.raises(UsageError, match="on_hand: set: a bundle has no stock of its own"):
        livesim.state_seen(bundled, "8min", on_hand={"set": 2})


def test_a_product_is_counted_once_all_of_its_variants_are(room: Scenario) -> None:
    """Of the others as many are on hand as expected: such a sum is no count."""
    kinds = {"rose": {"share": "60%"}, "nude": {"share": "40%"}}
    several = room.with_changes({"products.serum.variants": kinds})
    for left, counted in (
        ({"serum.nude": 5}, False),
        ({"serum.nude": 5, "serum.rose": 4}, True),
        ({"serum": 9}, True),
    ):
        found = livesim.replan(several, {"at": "8min", "left": left}, shows=20)
        assert found.products[0].counted is counted, left
        assert ("~ not counted" in str(found)) or all(one.counted for one in found.products)


def test_orders_of_a_bundle_and_gifts_are_counted_in_what_they_take(room: Scenario) -> None:
    """As many sets as single units are wanted, and a mask comes with each order of a serum."""
    each = {"price": 99, "unit_cost": 8, "left_over_value": 1, "limit": 1, "appeal": 1}
    products = {
        "serum": {**each, "owned": 900, "orders_per_1000": 30, "gift": {"product": "mask"}},
        "mask": {**each, "owned": 900, "orders_per_1000": 30},
        "set": {"price": 99, "contains": {"serum": 2}, "orders_per_1000": 30, "appeal": 1},
    }
    changes = {"show.length": "10min", "show.refresh": "20s", "segments.everyone.waiting": "60%"}
    told = {
        "like": "brand_room",
        "title": "A set, and a gift",
        "show": {"currency": "CNY"},
        "viewers": 2_000,
        "checkout": {"unpaid": "0%"},
        "products": products,
    }
    show = livesim.load(told, changes)
    start = livesim.state_at(show, "8min", replications=50, seed=3, workers=1)
    sold = np.bincount(start.orders.cell, start.orders.size * (start.orders.row == 0), minlength=3)
    units = {"serum": int(sold[0] + 2 * sold[2]), "mask": int(sold[1] + sold[0])}
    viewers = int(start.viewers["everyone"][0])
    found = livesim.replan(show, {"at": "8min", "viewers": viewers, "sold": units}, shows=40)
    serum, mask, sets = found.products
    assert (serum.sold, mask.sold) == (units["serum"], units["mask"])
    assert (serum.on_hand, mask.on_hand) == (900 - serum.sold, 900 - mask.sold)
    assert sets.sold == pytest.approx(sold[2], rel=0.5)
    for path in ("show.appeal", "show.turnout_factor"):  # ± 10 %, as expectations are off
        assert np.median(found.learned.worlds[path]) == pytest.approx(
            start.inputs[path][0], rel=0.3
        )


def test_a_gift_comes_with_an_order_and_not_with_a_unit(room: Scenario) -> None:
    """Forty serums in orders of two took twenty masks as gifts; two more masks were bought."""
    gift = {"gift": {"product": "mask", "first": 1_000}, "quantity": {2: 1.0}}
    owned = {"price": 99, "unit_cost": 8, "left_over_value": 1, "owned": 200, "orders_per_1000": 9}
    told = {
        "like": "brand_room",
        "title": "A gift",
        "show": {"length": "10min", "refresh": "20s", "currency": "CNY"},
        "viewers": 3_000,
        "products": {"serum": {**owned, **gift}, "mask": owned},
    }
    seen = {"at": "5min", "viewers": 900, "sold": {"serum": 40}, "left": {"mask": 178}}
    found = livesim.replan(livesim.load(told), seen, shows=2)
    assert [(one.on_hand, one.sold) for one in found.products] == [(160, 40), (178, 22)]


@pytest.fixture(scope="module")
def gifts() -> Scenario:
    """A serum with a pouch for the first 60 orders, at most two serums each, and a duo of it."""
    products = {
        "serum": {"price": 299, "unit_cost": 80, "owned": 100, "orders_per_1000": 18, "limit": 2}
        | {"gift": {"product": "pouch", "first": 60}},
        "pouch": {"price": 19, "unit_cost": 5, "owned": 30, "orders_per_1000": 3},
        "tint": {"price": 89, "unit_cost": 22, "owned": 90, "orders_per_1000": 10, "limit": 2},
        "duo": {"price": 359, "contains": {"tint": 1}, "orders_per_1000": 4, "limit": 1},
    }
    show = {"length": "10min", "refresh": "20s", "currency": "CNY"}
    told = {"like": "brand_room", "title": "Gift", "show": show, "viewers": 3_000}
    return livesim.load({**told, "products": products})


def test_a_gift_ends_with_its_stock_and_orders_go_on(gifts: Scenario) -> None:
    """Of 30 pouches no more than 30 have gone with 60 serums, and what takes of them is told."""
    seen = {"at": "8min", "viewers": 2_600, "left": {"serum": 40}}
    found = livesim.replan(gifts, seen, shows=20)
    serum, pouch = found.products[:2]
    assert (serum.sold, pouch.sold, pouch.on_hand) == (60, 30, 0)
    both = gifts.with_changes({"products.tint.gift": {"product": "pouch"}})
    seen = {"at": "8min", "viewers": 2_600, "sold": {"serum": 40, "tint": 40}}
    assert livesim.replan(both, seen, shows=2).products[1].on_hand == 0
    for language, told in (
        ("en", "others take of it, too: pouch as a gift with serum and tint in duo"),
        ("zh", "pouch 作为 serum 的赠品"),
    ):
        with speaking(language):
            assert told in page(found).tables[0].note


@pytest.mark.parametrize("gone", [20, 28])
def test_orders_of_several_products_take_no_more_gifts_than_are_gone(
    gifts: Scenario, gone: int
) -> None:
    both = gifts.with_changes({"products.tint.gift": {"product": "pouch"}})
    told = {"sold": {"serum": 20, "tint": 20}, "left": {"pouch": 30 - gone}}
    found = livesim.replan(both, {"at": "8min", "viewers": 2_600, **told}, shows=2)
    assert [one.sold for one in found.products[:3]] == [20, gone, 20]
    one_ends = both.with_changes({"products.serum.gift": {"product": "pouch", "first": 8}})
    told["left"] = {"pouch": 18}  # eight with serums, so four with tints
    found = livesim.replan(one_ends, {"at": "8min", "viewers": 2_600, **told}, shows=2)
    assert [one.sold for one in found.products[:3]] == [20, 12, 20]


def test_a_product_that_comes_with_itself_is_sold_as_often_as_it_was_counted(
    gifts: Scenario,
) -> None:
    two_for_one = gifts.with_changes({"products.serum.gift": {"product": "serum"}})
    seen = {"at": "8min", "viewers": 2_600, "sold": {"serum": 20}}
    assert livesim.replan(two_for_one, seen, shows=2).products[0].sold == 20


@pytest.fixture(scope="module")
def each_gives_the_other() -> Scenario:
    """A tint comes with each balm, and a balm with each tint."""
    told = {
        "title": "Two that give each other",
        "show": {"length": "20min", "refresh": "20s", "currency": "CNY"},
        "viewers": 600,
        "watch_time": "4min",
        "products": {
            "balm": {"price": 60, "unit_cost": 20, "orders_per_1000": 40, "owned": 30}
            | {"gift": {"product": "tint"}},
            "tint": {"price": 20, "unit_cost": 5, "orders_per_1000": 20, "owned": 20}
            | {"gift": {"product": "balm"}},
        },
    }
    return livesim.load(told)


@pytest.mark.parametrize("given", ["balm", "tint"])
@pytest.mark.parametrize(
    "left",
    [
        *({"tint": count} for count in (0, 1, 8, 15, 20)),
        *({"tint": tint, "balm": balm} for tint, balm in ((15, 20), (10, 28), (19, 0))),
        {"balm": 25},
    ],
)
def test_what_was_counted_is_on_hand_however_gifts_stand_in_a_circle(
    each_gives_the_other: Scenario, given: str, left: dict[str, int]
) -> None:
    show = each_gives_the_other.with_changes({"products.tint.gift": {"product": given}})
    found = livesim.replan(show, {"at": "10min", "left": left}, shows=4)
    on_hand = {one.product: one.on_hand for one in found.products if one.counted}
    assert on_hand == left


def test_two_balms_in_two_orders_took_both_tints_that_come_with_tints_too(
    each_gives_the_other: Scenario,
) -> None:
    show = each_gives_the_other.with_changes({"products.tint.gift": {"product": "tint"}})
    found = livesim.replan(show, {"at": "10min", "left": {"balm": 28, "tint": 18}}, shows=4)
    assert [one.on_hand for one in found.products] == [28, 18]


def test_orders_that_can_have_taken_no_gift_are_refused(each_gives_the_other: Scenario) -> None:
    """Balms are sold, and not one of the tints that come with them is gone."""
    with pytest.raises(UsageError, match=r"left\.balm\n.*gift") as error:
        livesim.replan(each_gives_the_other, {"at": "10min", "left": {"balm": 20, "tint": 20}})
    assert "--set products.balm.gift=null" in str(error.value)


def test_units_of_a_bundle_are_counted_as_its_components(gifts: Scenario) -> None:
    for what, told in (("left", "has no stock of its own"), ("sold", "counts as its components")):
        for name in ("duo", "duo.x"):
            with pytest.raises(UsageError, match=rf"{what}.{name}\n.*{told}") as error:
                livesim.replan(gifts, {"at": "8min", what: {name: 4}}, shows=2)
            assert f"{what}.tint" in str(error.value)
        with pytest.raises(UsageError, match=r"known: serum, pouch, tint$"):
            livesim.replan(gifts, {"at": "8min", what: {"xyzzy": 4}}, shows=2)


def test_counts_that_contradict_each_other_are_named_with_both_numbers(gifts: Scenario) -> None:
    def told(**seen: object) -> str:
        with pytest.raises(UsageError) as error:
            livesim.replan(gifts, {"at": "8min", "viewers": 2_600, **seen}, shows=2)
        return str(error.value)

    of_one = told(orders=41, left={"serum": 10})
    assert "41 orders cannot have taken 90 units of serum: they take 45 orders at least" in of_one
    of_two = told(orders=41, sold={"serum": 60, "tint": 30})
    assert "60 units of serum, 30 units of tint: they take 45 orders at least" in of_two
    fits = {"at": "8min", "viewers": 2_600, "orders": 45, "sold": {"serum": 60, "tint": 30}}
    livesim.replan(gifts, fits, shows=2)


def test_fewer_gifts_gone_than_orders_came_with_is_a_warning(gifts: Scenario) -> None:
    """Sixty serums, at most two in an order, came with thirty pouches; forty with twenty."""
    for serum, language, told in (
        (40, "en", "20 of pouch are gone, but serum sold 60, in at least 30 orders"),
        (40, "zh", "pouch 只少了 20 件"),
        (60, "en", ""),
    ):
        seen = {"at": "8min", "viewers": 2_600, "left": {"serum": serum, "pouch": 10}}
        found = livesim.replan(gifts, seen, shows=2)
        with speaking(language):
            warned = "".join(map(str, _too_few_gifts(found)))
        assert bool(warned) == bool(told) and told in warned
        assert [one["gone"] for one in found.document()["too_few_gifts"]] == [20] * bool(told)


@pytest.mark.slow
def test_each_of_several_reserves_can_be_called_and_costs_what_it_costs(room: Scenario) -> None:
    """Their rules never call them, so a call costs its 250 in every show."""
    rule = {"units": 20, "when": {"at": "29min", "sold": "> 10_000"}, "lead_time": "2min"}
    gains = []
    for cost in (0, 250):
        both = {"van": rule, "courier": {**rule, "units": 30, "call_cost": cost}}
        several = room.with_changes({"products.serum.reserve": both})
        found = livesim.replan(several, SEEN, shows=50, called={"serum.reserve.van": "10min"})
        (courier,) = [one for one in found.tried if one.option.what == "reserve"]
        assert courier.option.reserve == "courier"
        assert courier.cost == 30 * several.products["serum"].unit_cost + cost
        assert "call courier of serum, 30 units" in " ".join(str(found).split())
        assert {one.get("reserve") for one in found.document()["options"]} == {"courier", None}
        gains.append(courier.gain.mean or 0.0)
    assert gains[0] - gains[1] == pytest.approx(250)


def test_a_reserve_that_comes_after_the_end_is_not_offered(room: Scenario) -> None:
    reserve = {"units": 60, "below": 1, "lead_time": "25min"}
    found = livesim.replan(room.with_changes({"products.serum.reserve": reserve}), SEEN, shows=20)
    assert "reserve" not in {one.option.what for one in found.tried}
    text = " ".join(str(found).split()).replace("\u00a0", " ")
    assert "Too late to call the reserve of serum, 60 units: there at 0:33" in text
    assert "the show ends at 0:30" in text


@pytest.mark.parametrize(("more_than", "told"), [("> 6", True), ("> 10_000", False)])
def test_a_reserve_that_its_rule_calls_now_is_told(
    room: Scenario, more_than: str, told: bool
) -> None:
    rule = {"units": 20, "when": {"at": "8min", "sold": more_than}, "lead_time": "2min"}
    found = livesim.replan(room.with_changes({"products.serum.reserve": rule}), SEEN, shows=50)
    text = " ".join(str(found).split())
    assert "reserve" in text and ("its rule calls it now" in text.replace(" ", " ")) == told


def test_units_that_come_after_the_show_are_refused(room: Scenario) -> None:
    with pytest.raises(UsageError, match="mask: units that come 30min into the show, which ends"):
        livesim.replan(room, SEEN, top_ups={"mask": (10, "22min")}, shows=2)
    waiting = room.with_changes({"products.mask.backorder": {"accept": "50%", "units": 50}})
    livesim.replan(waiting, SEEN, top_ups={"mask": (10, "22min")}, shows=2)


def test_the_same_seed_gives_the_same_worlds(room: Scenario, now: LivePlan) -> None:
    again = weighed(room, SEEN, shows=50)
    assert fingerprint_of(again.worlds.items()) == fingerprint_of(now.learned.worlds.items())


@pytest.mark.slow
def test_a_plan_s_purchase_is_there(tmp_path: Path) -> None:
    changes = {"show.length": "20min", "show.refresh": "20s"}
    plan = livesim.plan(livesim.load("scenarios/brand_room.yaml", changes), replications=100)
    place = plan.save(tmp_path / "plan", figures=False)
    at = {"at": "5min", "viewers": 200}
    one, other = (livesim.replan(which, at, shows=50) for which in (plan, place))
    assert one.fingerprint == other.fingerprint
    assert one.viewers_before is not None
    for item, product in zip(plan.items, one.products, strict=True):
        assert product.on_hand + product.sold == item.recommended


@pytest.mark.slow
def test_it_can_be_shown_and_kept(now: LivePlan, tmp_path: Path) -> None:
    said = str(now)
    assert "serum" in said
    assert len(said.splitlines()) < 34
    now.save(tmp_path / "live.html")
    assert now.document()["kind"] == "live"
    assert set(now.tables()) == {"products", "options", "shows"}


@pytest.mark.parametrize(
    ("currency", "price", "tried"),
    [("EUR", 0.99, 0.89), ("JPY", 99, 89), ("JPY", 4, None), ("KWD", 0.125, 0.113)],
)
def test_another_price_can_be_paid_in_the_currency(
    room: Scenario, currency: str, price: float, tried: float | None
) -> None:
    """A tenth less, rounded; none is tried where that is the same amount again."""
    cheap = {"show.currency": currency, "products.mask.owned": 2_000} | {
        f"products.{name}.{key}": value
        for name in room.products
        for key, value in (("price", price), ("unit_cost", 0.01), ("left_over_value", 0))
    }
    seen = {"at": "8min", "viewers": 260}
    found = livesim.replan(room.with_changes(cheap), seen, shows=2)
    prices = [one.option.price for one in found.tried if one.option.what == "price"]
    assert prices == ([] if tried is None else [tried])


def test_a_dearer_price_sells_less(room: Scenario) -> None:
    from livesim.experiment.rest_of_show import OnAir, Way

    shows = OnAir(weighed(room, SEEN, shows=50), 1)
    as_planned, dearer = shows.rest([Way(), Way({"products.lip_tint.price": 178})])
    number = list(room.products).index("lip_tint")
    demand = [one.products["demand"][:, number].mean() for one in (as_planned, dearer)]
    assert demand[1] < demand[0]
    assert np.array_equal(as_planned.viewers, dearer.viewers)


@pytest.mark.slow
def test_a_plan_with_a_reserve_says_how_to_ask_whether_to_wait(room: Scenario) -> None:
    """The rule was found by nobody who did not look for it."""

    def short(show: Scenario) -> str:
        plan = livesim.plan(show, replications=50, workers=1)
        return " ".join(plan_notices.in_short(plan_notices.told(plan)))

    assert "before a reserve is called (serum)? Write when: {at: 10min, sold: best}" in short(room)
    assert "sold: best" not in short(room.with_changes({"products.serum.reserve": None}))


@pytest.mark.slow
def test_a_plan_says_what_waiting_for_the_first_minutes_is_worth(room: Scenario) -> None:
    when = {"at": "10min", "sold": "best"}
    waits = room.with_changes(
        {"products.serum.reserve": {"units": 60, "when": when, "lead_time": "2min"}}
    )
    plan = livesim.plan(waits, replications=100, workers=1)
    ways = [way for way in plan.release_plans if way.product == "serum"]
    assert any(way.kind == NO_RESERVE for way in ways)
    called = [way_to_sell(way) for way in ways if way.kind == RESERVE_WHEN]
    assert called[0] == "call 60 if over 0 by 10 min"  # without waiting for what is sold
    assert all(told.endswith("by 10 min") for told in called[1:])
    assert len(called) > 1
    told_of = plan_notices.told(plan)
    assert "worth waiting for" in " ".join(plan_notices.in_full(told_of))
    short = " ".join(plan_notices.in_short(told_of))  # who asked is answered on the first page
    assert ("Wait for what sells first" in short) is not ("Not surely worth waiting" in short)
    assert "sold: best" not in short
    told = [one for one in plan.document()["release_plans"] if "above_called" in one]
    assert [(one["product"], one["kind"]) for one in told] == [("serum", RESERVE_WHEN)]
