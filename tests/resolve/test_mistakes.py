"""Mistakes of a file: each where it stands, what it is and how to mend it; all of them at once."""

import contextlib
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import livesim
from livesim.errors import Mistake, ScenarioError
from livesim.resolve import (
    below_cost,
    dearer_left_over,
    remarks_of,
    resolve,
    resolve_file,
    unaffordable,
)
from livesim.scenario.document import parse_document
from livesim.scenario.paths import replaced
from livesim.scenario.scenario import Scenario
from livesim.scenario.writing import write_yaml

GALA = """\
like: guest_show
title: A gala
show: {length: 1h, currency: CNY}
people:
  viya:
    role: host
  kim:
    role: guest
    lift: 1.5
    fit:
        viya_followers: 0.3
        # what she is to those who follow her,

        kim_fans: 0.8
segments:
  kim_fans: {viewers: 15k, comes_for: kim}
  viya_followers: {viewers: 20k}
products:
  perfume: {price: 299, unit_cost: 90, owned: 500, orders_per_1000: 10}
  mask: {price: 99, unit_cost: 30, owned: 100, orders_per_1000: 5}
rundown:
  talk: {length: 20min, sells: [mask]}
  kim_and_the_perfume: {length: 25min, on_stage: [viya, kim], sells: [perfume], link: 5min}
"""


def mistakes(text: str) -> tuple[Mistake, ...]:
    with pytest.raises(ScenarioError) as refused:
        resolve(parse_document(text, "scenarios/gala.yaml"))
    return refused.value.mistakes


def test_a_comma_in_braces_hides_no_other_mistake() -> None:
    """The one within braces stands on the same line as before, and is one of four."""
    text = GALA.replace("perfume: {price: 299", "perfume: {price: 1,299, pirce: 5")
    text = text.replace("length: 1h", "length: 1 hour").replace("lift: 1.5", "lift: 0")
    told = mistakes(text)
    assert [one.path for one in told] == [
        *("show.length", "people.kim.lift"),
        *("products.perfume.price", "products.perfume.pirce"),
    ]
    assert told[2].what == "the comma in '1,299' could separate thousands or decimals"


def test_the_gala_is_sound() -> None:
    resolve(parse_document(GALA))


def test_variants_with_a_reserve_are_bought_together() -> None:
    sizes = "variants: {s: {share: 50%, supply: {pack: 6}}, l: {share: 50%}}"
    reserve = "reserve: {units: 50, below: 20, lead_time: 5min}"
    (mistake,) = mistakes(GALA.replace("owned: 500", f"owned: 500, {sizes}, {reserve}"))
    assert mistake.path == "products.perfume.variants.s.supply"
    assert "bought together" in mistake.what


def test_one_reserve_and_several_are_not_told_together() -> None:
    def told(reserve: str) -> Mistake:
        (mistake,) = mistakes(GALA.replace("owned: 500", f"owned: 500, {reserve}"))
        assert mistake.path.startswith("products.perfume.reserve")
        return mistake

    one = "units: 50, below: 20, lead_time: 5min"
    both = told(f"reserve: {{{one}, van: {{{one}}}}}")
    assert both.what == "units is of one reserve, and van is another"
    assert both.path == "products.perfume.reserve.van" and "van: {…}, courier" in both.remedy
    several = told(f"reserves: {{van: {{{one}}}}}")
    assert several.remedy.startswith("write all of them under reserve")
    late = one.replace("below: 20", "when: {at: 2h, sold: '> 5'}")
    assert told(f"reserve: {{van: {{{late}}}}}").path == "products.perfume.reserve.van.when.at"
    assert "Did you mean units" in told("reserve: {unit: 50, below: 20, lead_time: 5min}").remedy


@pytest.mark.parametrize(
    ("breaks", "path", "what"),
    [
        ("{500: 80, 1_000: 85}", "1000", "costs 85, not less than before (80)"),
        ("{500: 90}", "500", "costs 90, not less than before (90)"),
        ("{0: 80}", "0", ""),
        ("{a few: 80}", "a few", ""),
    ],
)
def test_a_unit_costs_ever_less_from_break_to_break(breaks: str, path: str, what: str) -> None:
    supply = f"supply: {{price_breaks: {breaks}}}"
    (mistake,) = mistakes(GALA.replace("owned: 500", f"owned: 500, {supply}"))
    assert mistake.path == f"products.perfume.supply.price_breaks.{path}"
    assert what in mistake.what
    assert mistake.remedy


def test_shares_and_prices_are_checked_whatever_is_wrong_beside_them() -> None:
    wrong = {
        "viewers: 20k": "viewers: -2, stay: {a: {share: 40%, mean: 20s}}",
        "owned: 500": "owned: x, quantity: {1: 50%, 2: 40%}, supply: {price_breaks: {9: 95}}",
        "owned: 100": "owned: x, variants: {s: {share: 40%}, l: {share: 50%}}",
    }
    text = GALA
    for old, new in wrong.items():
        text = text.replace(old, new)
    assert {mistake.path for mistake in mistakes(text)} == {
        *("segments.viya_followers.viewers", "segments.viya_followers.stay"),
        *("products.perfume.owned", "products.perfume.quantity", "products.mask.owned"),
        *("products.perfume.supply.price_breaks.9", "products.mask.variants"),
    }


def test_variants_have_price_breaks_of_their_own() -> None:
    sizes = "variants: {s: {share: 50%}, l: {share: 50%}}, supply: {price_breaks: {500: 80}}"
    (mistake,) = mistakes(GALA.replace("owned: 500", f"owned: 500, {sizes}"))
    assert mistake.path == "products.perfume.supply.price_breaks"
    assert "bought one by one" in mistake.what


def test_one_date_with_a_time_zone_and_one_without_are_refused() -> None:
    dated = GALA.replace("currency: CNY", "currency: CNY, start: 2026-11-29 20:00")
    lorry = "arriving: {lorry: {units: 5, on: 2026-11-29T20:10:00+08:00}}"
    (mistake,) = mistakes(dated.replace("owned: 500", f"owned: 500, {lorry}"))
    assert mistake.path == "products.perfume.arriving.lorry.on"
    assert "time zone" in mistake.what


@pytest.mark.parametrize(
    ("date", "what"),
    [("2026-11-28 20:00", "before the show"), ("2026-12-12T20:00:00+08:00", "time zone")],
)
def test_orders_beyond_the_stock_are_promised_for_a_date_after_the_show(
    date: str, what: str
) -> None:
    dated = GALA.replace("currency: CNY", "currency: CNY, start: 2026-11-29 20:00")
    promised = "owned: 500, backorder: {accept: 60%, units: 50, promised: 2026-12-12 20:00}"
    kept = resolve(parse_document(dated.replace("owned: 500", promised))).scenario
    assert Scenario.from_data(kept.to_data()) == kept
    (mistake,) = mistakes(dated.replace("owned: 500", promised.replace("2026-12-12 20:00", date)))
    assert mistake.path == "products.perfume.backorder.promised"
    assert what in mistake.what


def test_an_error_reads_like_this() -> None:
    (mistake,) = mistakes(GALA.replace("kim_fans: 0.8", "kim_fan: 0.8"))
    assert str(mistake) == (
        "scenarios/gala.yaml:14:9  people.kim.fit.kim_fan\n"
        "  no audience segment is called kim_fan\n"
        "  known: kim_fans, viya_followers. Did you mean kim_fans?"
    )


# One fault each: what is written instead of what, and what is said. The mistake is reported at the
# mark ‸, or else where the last text stands.
FAULTS: dict[str, tuple[str, ...]] = {
    "unknown product": ("sells: [mask]", "sells: [mask, ‸mas]", "no product is called mas"),
    "another product": ("sells: [mask]", "sells: [‸towel]", "no product is called towel"),
    "unknown person": ("[viya, kim]", "[viya, ‸kin, kim]", "no person is called kin"),
    "unknown wait": ("link: 5min", "‸waits_for: kin", "no person is called kin"),
    "unknown star": ("comes_for: kim", "‸comes_for: kin", "no person is called kin"),
    "unknown fit": ("viya_followers: 0.3", "‸everyone: 0.3", "no audience segment"),
    "unknown pull": ("lift: 1.5", "pull_by_segment: {‸fans: 2}", "segment is called fans"),
    "unknown category": (
        "lift: 1.5",
        "fit_by_category: {‸beauty: 0.5}",
        "no product is of the category beauty",
    ),
    "waits in vain": (
        "sells: [mask]",
        "sells: [mask], ‸waits_for: kim",
        "kim, who is not on stage",
    ),
    "listed twice": ("[viya, kim]", "[kim, ‸kim]", "kim stands twice"),
    "priced, not sold": (
        "sells: [mask]",
        "sells: [mask], price: {‸perfume: 9}",
        "does not sell it",
    ),
    "never on stage": ("[viya, kim]", "[viya]", "kim is never on stage", "kim:\n"),
    "never sold": ("sells: [mask]", "sells: []", "no slot sells mask", "mask: {"),
    "zero length": ("length: 1h", "‸length: 0s", "longer than 0 s"),
    "infinite length": ("length: 1h", "‸length: .inf", "not a finite number"),
    "length between": ("length: 1h", "‸length: 3600.5s", "whole number of refreshes"),
    "endless": ("length: 1h", "‸length: 300d", "the show has 25,920,000 refreshes of 1s"),
    "overlap": ("link: 5min", "‸start: 10min", "before talk ends at 20min"),
    "starts too late": ("link: 5min", "start: 60min", "when the show is over", "kim_and_the"),
    "comma in braces": (
        "orders_per_1000: 10",
        "forecast: {‸p10: 1,000, likely: 2000, p90: 3000}",
        "comma",
    ),
    "link after slot": ("link: 5min", "‸link: 25min", "the slot lasts only 25min"),
    "link after show": ("link: 5min", "start: 50min, ‸link: 15min", "when the show is over"),
    "late wave": (
        "owned: 500",
        "waves: {a: {share: 100%, ‸after: 40min}}",
        "this wave would come 40min after the link",
    ),
    "a reserve that is called too late": (
        "owned: 500",
        "reserve: {units: 5, lead_time: 1min, when: {‸at: 99min, sold: '> 5'}}",
        "called at 1h39m, when the show is over",
    ),
    "a link nobody sees": (
        "length: 25min, on_stage: [viya, kim], sells: [perfume], link: 5min",
        "‸length: 25min, on_stage: [viya, kim], sells: [perfume], link: 1499.5s",
        "never see this link",
    ),
    "watches less than the time between two looks": (
        "viewers: 20k",
        "viewers: 20k, ‸watch_time: 0.2s",
        "viewers watch longer than 0.2s on average",
    ),
    "a forecast whose draws more viewers than there are would have to order": (
        "orders_per_1000: 10}",
        "‸forecast: {student_t: {median: 1000, scale: 0.9, df: 1.5}}}",
        "the conversion that follows from forecast cannot be used: draws of this could leave",
    ),
    "watches longer than the show": (
        "viewers: 20k",
        "viewers: 20k, ‸watch_time: 2h",
        "viewers cannot watch",
    ),
    "arrival without a date": (
        "owned: 500",
        "arriving: {a: {units: 5, ‸on: 2026-11-30 10:00}}",
        "the show has none",
    ),
    "points after the end": (
        "viewers: 20k",
        "viewers: 20k, arrivals: {shape: points, points: {‸90min: 100%}}",
        "when the show is over",
    ),
    "unknown template": ("like: guest_show", "‸like: gala", "'gala' is not one of the words"),
    "template by number": ("like: guest_show", "‸like: 7", "7 is not one of the words"),
    "no role": ("    role: guest\n", "", "role is missing", "kim:\n"),
    "unknown key": ("currency: CNY", "currency: CNY, ‸lenght: 2h", "no key called lenght"),
    "name in capitals": (
        "viya_followers: {",
        "‸Viya: {viewers: 1k}\n  viya_followers: {",
        "a name",
    ),
    "p10 above p90": ("lift: 1.5", "‸lift: {p10: 2, likely: 1.5, p90: 1.1}", "must rise"),
    "viewers thrice": (
        "viewers: 20k",
        "‸viewers: 20k, reach: 1M, turnout: 2%",
        "viewers, reach and turnout are told together",
    ),
    "more viewers than reach": ("viewers: 20k", "‸viewers: 20k, reach: 9k", "more than the reach"),
    "uncertain twice": (
        "viewers: 20k",
        "‸viewers: {p10: 9k, likely: 20k, p90: 30k}, turnout: {p10: 0.1, likely: 0.2, p90: 0.3}",
        "viewers and turnout are both uncertain",
    ),
    "hardly anybody": ("viewers: 20k", "viewers: 20k, ‸turnout: 1e-200%", "beyond bounds"),
    "nobody comes": ("viewers: 20k", "viewers: 20k, ‸turnout: 0", "a turnout of 0"),
    "stays twice": (
        "viewers: 20k",
        "viewers: 20k, ‸watch_time: 2min, stay: {a: {share: 100%, mean: 2min}}",
        "watch_time and stay are told together",
    ),
    "arrivals twice": (
        "viewers: 20k",
        "viewers: 20k, ‸peak: 2k, arrivals: {shape: flat}",
        "peak and arrivals are told together",
    ),
    "two peaks": (
        "viewers: 20k",
        "viewers: 20k, peak: 2k, ‸concurrent: {10min: 2k}",
        "concurrent and peak are told together",
    ),
    "a peak of two": ("viewers: 20k", "viewers: 20k, ‸peak: 2k", "one audience segment"),
    "viewers of nobody": (
        "viya_followers: {viewers: 20k}",
        "‸viya_followers: {}",
        "how many viewers",
    ),
    "viewers of all": ("title:", "‸viewers: 3k\ntitle:", "there are 2 segments"),
    "two demands": (
        "orders_per_1000: 10",
        "orders_per_1000: 10, ‸forecast: 200",
        "orders_per_1000 and forecast are told together",
    ),
    "no demand": (", orders_per_1000: 10", "", "how often perfume is ordered", "perfume: {"),
    "half a demand": ("orders_per_1000: 10", "‸ctr: 3%", "ctr needs ctor"),
    "bare conversion": ("orders_per_1000: 10", "‸cvr: 3%, gpm: 90", "no key called cvr"),
    "two numbers in braces": ("price: 299", "price: 299, limit: 1, ‸2", "no key called 2 "),
    "perishes": ("price: 299", "price: 299, ‸perishes: true", "no key called perishes"),
    "salvage": ("price: 299", "price: 299, ‸salvage_value: 3", "no key called salvage_value"),
    "a ladder in the terms": (
        "price: 299",
        "price: 299, supply: {‸unit_cost: {1: 10, 500: 8}}",
        "no key called unit_cost",
    ),
    "two uncertain rates": (
        "orders_per_1000: 10",
        "ctr: {p10: 1%, likely: 2%, p90: 3%}, ‸ctor: {p10: 1%, likely: 2%, p90: 3%}",
        "ctr and ctor are both uncertain",
    ),
    "too many orders": ("orders_per_1000: 10", "‸orders_per_1000: 900", "make up their mind"),
    "too many at p90": (
        "orders_per_1000: 10",
        "‸orders_per_1000: {p10: 5, likely: 10, p90: 900}",
        "at its p90",
    ),
}


def faulty(fault: str) -> tuple[str, tuple[int, int]]:
    """Return the gala with one fault, and the line and column where it is to be reported."""
    right, wrong, _, *at = FAULTS[fault]
    assert right in GALA
    marked = GALA.replace(right, wrong, 1)
    before = marked[: marked.index(at[0] if at else "‸")]
    return marked.replace("‸", ""), (before.count("\n") + 1, len(before.split("\n")[-1]) + 1)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mistake_is_found_where_it_stands(fault: str) -> None:
    text, place = faulty(fault)
    (mistake,) = mistakes(text)
    assert FAULTS[fault][2] in mistake.what
    assert (mistake.line, mistake.column) == place
    assert mistake.remedy


def test_a_number_after_a_comma_in_braces_is_told_of_the_comma() -> None:
    (mistake,) = mistakes(faulty("two numbers in braces")[0])
    assert mistake.remedy.startswith("a comma in braces ends a value: write one number")


def test_more_products_that_no_slot_sells_than_unknown_names_are_told() -> None:
    text = GALA.replace("sells: [mask]", "sells: [towel]").replace("sells: [perfume], ", "")
    assert [mistake.what for mistake in mistakes(text)] == [
        "no slot sells perfume",
        "no slot sells mask",
        "no product is called towel",
    ]


def test_all_mistakes_come_at_once_in_the_order_of_the_file() -> None:
    text = GALA
    for fault in ("unknown key", "p10 above p90", "unknown fit", "no demand", "unknown product"):
        right, wrong, *_ = FAULTS[fault]
        text = text.replace(right, wrong.replace("‸", ""), 1)
    assert [mistake.line for mistake in mistakes(text)] == [3, 9, 11, 19, 22]


def test_one_slot_has_one_rush() -> None:
    text = GALA.replace("sells: [mask]", "sells: [mask, perfume]")
    resolve(parse_document(text))
    (mistake,) = mistakes(text.replace("owned: 500", "rush: 5s"))
    assert "different rushes" in mistake.what
    assert mistake.path == "rundown.talk.sells"


def test_conversions_of_one_slot_leave_room() -> None:
    text = GALA.replace("orders_per_1000: 10", "conversion: 60%")
    text = text.replace("orders_per_1000: 5", "conversion: 50%")
    resolve(parse_document(text))
    (mistake,) = mistakes(text.replace("sells: [mask]", "sells: [mask, perfume]"))
    assert "add up to 1.1, more than 1" in mistake.what
    assert mistake.path == "rundown.talk.sells"


SECTIONS = {part.split(":")[0]: part for part in re.split(r"\n(?=\w)", GALA)}


@pytest.mark.parametrize("section", ["people", "segments", "products", "rundown"])
def test_a_section_without_entries_is_a_mistake(section: str) -> None:
    found = mistakes(GALA.replace(SECTIONS[section], f"{section}: {{}}"))
    assert any(m.path == section and m.what == f"the show has no {section}" for m in found)


@pytest.mark.parametrize("section", ["show", "people", "segments", "products", "rundown"])
@pytest.mark.parametrize("value", ["5", "[a, b]", "text", "true"])
def test_a_section_that_is_no_mapping_is_a_mistake(section: str, value: str) -> None:
    found = mistakes(GALA.replace(SECTIONS[section], f"{section}: {value}"))
    assert any(m.path == section and "where a mapping belongs" in m.what for m in found)


@pytest.mark.parametrize("value", ["5", "[a, b]", "text", "true"])
@pytest.mark.parametrize("part", ["kim", "kim_fans", "mask", "talk"])
def test_a_part_that_is_no_mapping_is_a_mistake(part: str, value: str) -> None:
    text = re.sub(rf"(?m)^  {part}:.*\n(    .*\n|\n)*", f"  {part}: {value}\n", GALA)
    found = mistakes(text)
    assert any(m.path.endswith(part) and "where a mapping belongs" in m.what for m in found)


@pytest.mark.parametrize(("fit", "said"), [("0.4", "0.4"), ("high", "0.5"), ("true", "0.5")])
def test_a_fit_to_nobody_is_written_to_the_segments_of_the_file(fit: str, said: str) -> None:
    """Its remedy named fans and regulars, which the file does not have."""
    text = re.sub(r"fit:\n(?:        .*\n|\n)*", f"fit: {fit}\n", GALA)
    (mistake,) = mistakes(text)
    told = f"kim_fans: {said}, viya_followers: {said}"
    assert mistake.remedy.startswith(f"write {{{told}}}, or ")


def test_a_link_has_no_meaning_in_a_slot_that_sells_nothing() -> None:
    short = GALA.replace(
        "rundown:\n", "rundown:\n  hello: {length: 30s}\n  wave: {length: 45s, link: 2min}\n"
    )
    resolve(parse_document(short.replace("like: guest_show", "like: drop")))


@pytest.mark.parametrize("units", ["\u00b2", "\u0662", "02", "1.0", "+1", "21"])
def test_a_number_of_units_is_written_in_plain_digits(units: str) -> None:
    text = GALA.replace("owned: 500", f"owned: 500, quantity: {{1: 50%, {units}: 50%}}")
    (mistake,) = mistakes(text)
    assert mistake.what == f"{units!r} is not a number of units from 1 to 20"


def test_the_known_keys_begin_with_what_people_look_for() -> None:
    (mistake,) = mistakes(GALA.replace("owned: 500", "owned: 500, colour: 5"))
    first = "known: price, unit_cost, owned, orders_per_1000, forecast, conversion"
    assert mistake.remedy.startswith(first)
    (mistake,) = mistakes(f"{GALA}hat: 5\n")
    assert mistake.remedy.startswith("known: title, like, show, viewers, watch_time, products")


def test_a_misspelled_way_to_say_orders_is_one_mistake() -> None:
    (mistake,) = mistakes(GALA.replace("orders_per_1000: 10", "order_per_1000: 10"))
    assert mistake.remedy.endswith("Did you mean orders_per_1000?")
    assert len(mistakes(GALA.replace("orders_per_1000: 10", "colour: red"))) == 2


def test_a_price_below_cost_is_told() -> None:
    notes = resolve(parse_document(GALA.replace("price: 299", "price: 45.5"))).notes
    assert "perfume: its price of CNY 45.50 is less than a unit costs (CNY 90)." in notes


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"products.serum.coupon": {"off": "90%"}}, "brings CNY {} after coupon"),
        ({"products.serum.gift": {"product": "mask"}, "products.mask.unit_cost": 250}, "gift"),
        ({"deal.commission": "60%", "deal.platform_fee": "45%"}, "commission and platform fee"),
        ({"deal.shipping": 250}, "shipping"),
        ({"products.serum.webshop": {"per_day": 40, "price": 3}}, "serum: its webshop's price of"),
    ],
    ids=["coupon", "gift", "fees", "shipping", "webshop"],
)
def test_what_an_order_brings_below_cost_is_told(changes: dict[str, Any], told: str) -> None:
    room = livesim.load("scenarios/brand_room.yaml")
    assert not below_cost(room)
    said = below_cost(room.with_changes(changes))["serum"]
    assert told.partition("{}")[0] in said and "less than a unit costs (CNY 80)" in said


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        # 299 less 80 % is 59.80, and 80 is what a unit costs; a mask costs 30.
        ({"coupon": {"off": "80%", "first": 100}}, "of the first 100 orders"),
        ({"coupon": {"off": "70%", "first": 100}}, None),
        ({"coupon": {"off": "70%"}, "gift": {"product": "mask", "first": 50}}, "the first 50"),
        (
            {"coupon": {"off": "80%", "first": 100}, "gift": {"product": "mask", "first": 50}},
            "each of the first 100 orders of one brings CNY 59.80 after coupon, less",
        ),
        ({"coupon": {"off": "80%"}, "gift": {"product": "mask", "first": 50}}, "an order of one"),
    ],
    ids=["coupon", "small coupon", "gift", "coupon beyond the gift", "all"],
)
def test_what_the_first_orders_bring_is_not_said_of_all(
    changes: dict[str, Any], told: str | None
) -> None:
    free = {"deal.commission": 0, "deal.platform_fee": 0, "deal.shipping": 0}
    changes = {f"products.serum.{key}": value for key, value in changes.items()}
    room = livesim.load("scenarios/brand_room.yaml", free | changes)
    said = below_cost(room).get("serum")
    assert said is None if told is None else told in (said or "")


@pytest.mark.parametrize("order", [{"minimum_order": 500}, {"pack": 500}], ids=str)
def test_a_least_order_above_the_budget_is_told(order: dict[str, int]) -> None:
    supply = {"supply.budget": 1_000, "supply.pack": 1, "supply.minimum_order": 0}
    room = livesim.load("scenarios/brand_room.yaml").with_changes(supply)
    told = "serum: the minimum order, 500, costs CNY 40,000: above the budget of CNY 1,000."
    assert told not in [remark.what for remark in remarks_of(room)]
    small = room.with_changes({"products.serum.supply": order})
    assert told in [remark.what for remark in remarks_of(small)]


@pytest.mark.parametrize(
    ("supply", "variants", "told"),
    [
        ({"price_breaks": {"24": 12, "36": 10}}, {}, "the minimum order, 12, costs CNY 168"),
        # 24 at a price break cost less than 12, so they can be bought.
        ({"price_breaks": {"24": 3}}, {}, None),
        # 8 units of the first 11 at 14.
        ({"discount": "incremental", "pack": 4, "minimum_order": 8}, {}, "order, 8, costs CNY 112"),
        (
            {"suppliers": {"x": {"unit_cost": 15, "minimum_order": 10}, "y": {"unit_cost": 99}}},
            {},
            None,  # a pack of 6 of y costs 594, and 12 of x cost 180
        ),
        (
            {"suppliers": {"x": {"unit_cost": 15, "minimum_order": 20}}},
            {},
            "the minimum order, 24, costs CNY 360",
        ),
        (
            {},
            {"red": {"share": 0.5, "supply": {"minimum_order": 30}}, "blue": {"share": 0.5}},
            "serum.red: the minimum order, 30, costs CNY 420",
        ),
        ({"consignment": True}, {}, None),
    ],
    ids=["break", "cheap break", "pack", "two suppliers", "supplier", "variant", "lent"],
)
def test_what_the_least_order_costs_is_that_of_its_number(
    supply: dict[str, Any], variants: dict[str, Any], told: str | None
) -> None:
    """It was the minimum at the cheapest price break, and nothing where a supplier sells it."""
    budget = 185 if "suppliers" in supply else 100
    own = {"pack": 6, "minimum_order": 12} if "suppliers" not in supply else {"pack": 6}
    room = livesim.load("scenarios/brand_room.yaml").with_changes(
        {
            "products.serum.unit_cost": 14,
            "products.serum.supply": own | supply,
            "products.serum.variants": variants,
            "supply.budget": budget,
        }
    )
    said = " ".join(one for one in unaffordable(room) if one.startswith("serum"))
    assert said == "" if told is None else told in said


def test_of_the_least_order_only_what_is_paid_before_the_show_is_held_against_the_budget() -> None:
    supply = {"minimum_order": 24, "pack": 12}
    room = livesim.load("scenarios/brand_room.yaml").with_changes(
        {
            "products.serum.unit_cost": 14,
            "products.serum.supply": supply,
            "supply.budget": 201,
            "supply.paid_before": 0.6,
        }
    )
    told = (
        "serum: the minimum order, 24, costs CNY 336, CNY 201.60 of it before the show: above the "
        "budget of CNY 201."
    )
    assert told in unaffordable(room)
    assert told not in unaffordable(room.with_changes({"supply.budget": 202}))


#: What a product sells its left-overs for afterwards, and its price breaks, both in a file.
SELLS_ON = {
    "products.serum.left_over": {"per_week": 4, "price": 11, "weeks": 5, "then": 1},
    "products.serum.supply.price_breaks": {"24": 60, "36": 50},
}


@pytest.mark.parametrize(
    ("changes", "same", "told"),
    [
        (
            {"left_over_value": 9},
            {"left_over.then": 9.0, "left_over_value": 9.0},
            "left_over_value as changed takes the place of left_over.then.",
        ),
        (
            {"left_over.then": 3},
            {"left_over.then": 3.0, "left_over_value": 3.0},
            "left_over.then as changed takes the place of left_over_value.",
        ),
        ({"left_over_value": 9, "left_over.then": 9}, {"left_over.then": 9.0}, None),
        (
            {"unit_cost": {"1": 70, "48": 9}},
            {"unit_cost": 70.0, "supply.price_breaks": {"48": 9.0}},
            "unit_cost as changed takes the place of supply.price_breaks.",
        ),
        ({"units_per_1000": 20}, {}, "units_per_1000 as changed takes the place of conversion."),
    ],
    ids=["value", "then", "both", "breaks", "orders"],
)
def test_a_change_that_takes_the_place_of_another_key_says_so_and_can_be_written(
    changes: dict[str, Any], same: dict[str, Any], told: str | None
) -> None:
    """It did nothing, and what was written with it was refused as told twice."""
    data = livesim.load("scenarios/brand_room.yaml", SELLS_ON).to_data()
    changes = {f"products.serum.{key}": value for key, value in changes.items()}
    found = resolve(parse_document(write_yaml(data)), changes)
    said = [note for note in found.notes if "takes the place" in note]
    assert len(said) == (told is not None) and all(str(told) in one for one in said)
    again = resolve(parse_document(write_yaml(found.scenario.to_data()))).scenario
    assert again == found.scenario
    for key, value in same.items():
        part: Any = again.products["serum"]
        for name in key.split("."):
            part = getattr(part, name)
        assert part == value


def test_changes_of_how_often_a_product_is_ordered_do_not_depend_on_their_order() -> None:
    """What took the old way to tell it away took the new one away too, if it came last."""
    told = {"products.serum.forecast": 100, "products.serum.orders_per_1000": None}
    room = write_yaml(livesim.load("scenarios/brand_room.yaml").to_data())
    document = parse_document(room)
    first, last = (resolve(document, dict(one)) for one in (told.items(), reversed(told.items())))
    alone = resolve(document, {"products.serum.forecast": 100})
    assert first.scenario == last.scenario == alone.scenario
    twice = {"products.serum.forecast": 100, "products.serum.orders_per_1000": 5}
    for changes in (dict(twice.items()), dict(reversed(twice.items()))):
        with pytest.raises(ScenarioError, match="are told together"):
            resolve(document, changes)


def test_two_changes_that_say_the_same_otherwise_are_refused() -> None:
    both = {"products.serum.left_over_value": 9, "products.serum.left_over.then": 3}
    data = livesim.load("scenarios/brand_room.yaml", SELLS_ON).to_data()
    with pytest.raises(ScenarioError, match="are changed to 9 and 3"):
        resolve(parse_document(write_yaml(data)), both)


def test_what_is_worth_more_left_over_than_it_costs_is_told() -> None:
    def notes(worth: str) -> tuple[str, ...]:
        left = GALA.replace("price: 299", f"price: 299, left_over_value: {worth}")
        return resolve(parse_document(left)).notes

    told = "perfume: a unit left over is worth CNY 900, more than it costs (CNY 90)."
    assert told in notes("900") and told.replace("900", "90") not in notes("90")


@pytest.mark.parametrize(
    ("supply", "variants"),
    [
        ({"price_breaks": {500: 75}}, {}),
        ({"price_breaks": {500: 75}, "discount": "incremental"}, {}),
        (
            {
                "suppliers": {
                    "near": {"unit_cost": 80},
                    "far": {"unit_cost": 79, "price_breaks": {500: 75}},
                }
            },
            {},
        ),
        (
            None,
            {
                "rose": {"share": "60%", "supply": {"price_breaks": {500: 75}}},
                "nude": {"share": "40%"},
            },
        ),
    ],
    ids=["break", "incremental", "supplier", "variant"],
)
def test_what_is_worth_more_than_it_costs_from_a_price_break_on_is_told(
    supply: dict[str, Any] | None, variants: dict[str, Any]
) -> None:
    """From there on each unit more is a gain, as if nothing could be left over."""
    changes = {"supply": supply, "variants": variants, "owned": 0}
    changes = {
        f"products.serum.{key}": value for key, value in changes.items() if value or key == "owned"
    }
    worth = {"products.serum.left_over_value": 76} | changes
    said = dearer_left_over(livesim.load("scenarios/brand_room.yaml", worth))
    assert said == {
        "serum": "serum: a unit left over is worth CNY 76, more than it costs from 500 on (CNY 75)."
    }
    less = worth | {"products.serum.left_over_value": 75}
    assert not dearer_left_over(livesim.load("scenarios/brand_room.yaml", less))


def test_what_brings_more_left_over_than_in_the_show_is_asked_about() -> None:
    def remarks(price: float) -> list[str]:
        left_over = {"per_week": 60, "price": price, "weeks": 12}
        room = livesim.load("scenarios/brand_room.yaml", {"products.serum.left_over": left_over})
        return [remark.what for remark in remarks_of(room)]

    told = "serum: a unit left over sells for CNY 300, more than in the show (CNY 299)."
    assert told in remarks(300) and remarks(299) == []


@pytest.mark.parametrize(
    ("path", "value", "what", "remedy"),
    [
        ("deal.warehouse.promised", "2d", "'2d' has a unit", "write 2, for 2 days"),
        ("deal.warehouse.promised", "36h", "this is a number of days", "write 2, for 2 days"),
        ("deal.warehouse.promised", "soon", "'soon' is not a count of at least 1", "write 1, 12"),
        ("deal.warehouse.per_day", 0, "no order would ever leave", "take warehouse away"),
        ("products.serum.left_over.weeks", "12 weeks", "a number of weeks", "write 12, for"),
        ("products.serum.left_over.weeks", "84d", "a number of weeks", "write 12, for 12 weeks"),
        ("products.serum.left_over.weeks", 0, "nothing would sell on", "take left_over away"),
        ("products.serum.left_over.per_week", 0, "nothing would sell on", "take left_over away"),
        ("products.serum.left_over.per_week", -1, "a rate above 0", "a number such as 20 or 0.5"),
        ("supply.ordered", "2026-12-10", "not a date with a time", "too: 2026-12-10 12:00"),
        ("supply.ordered", "10.12.2026 18:00", "not a date with a time", "year, month, day and"),
    ],
)
def test_remedies_fit_what_was_written(path: str, value: object, what: str, remedy: str) -> None:
    whole = {
        "deal.warehouse": {"per_day": 4000, "promised": 2},
        "products.serum.left_over": {"per_week": 60, "price": 90, "weeks": 12},
    }
    room = livesim.load("scenarios/brand_room.yaml", whole)
    with pytest.raises(ScenarioError) as refused:
        room.with_changes({path: value})
    (mistake,) = refused.value.mistakes
    assert mistake.path == path and what in mistake.what and remedy in mistake.remedy


@pytest.mark.parametrize(
    "terms",
    ["price_breaks: {500: 5}", "suppliers: {a: {unit_cost: 5}}", "buy_back: {price: 3}"],
)
def test_terms_of_a_product_have_their_place_told(terms: str) -> None:
    key = terms.partition(":")[0]
    (mistake,) = mistakes(f"{GALA}supply: {{{terms}}}\n")
    assert mistake.path == f"supply.{key}"
    assert mistake.remedy.endswith(f"write supply: {{{key}: …}} below each product that has it")


def test_a_missing_unit_cost_says_what_it_is_for_beside_suppliers() -> None:
    near = "supply: {suppliers: {near: {unit_cost: 14, lead_time: 5d}}}"
    (mistake,) = mistakes(GALA.replace("price: 299, unit_cost: 90,", f"price: 299, {near},"))
    assert mistake.path == "products.perfume.unit_cost"
    assert "what is owned" in mistake.remedy and "supplier says otherwise" in mistake.remedy


@pytest.mark.slow
def test_how_a_range_is_read_is_told() -> None:
    ranges = GALA.replace("orders_per_1000: 10", "forecast: {low: 4, high: 10}").replace(
        "viewers: 15k", "viewers: 10k\u201320k"
    )
    resolution = resolve(parse_document(ranges))
    assert (
        "Read as the 10th to the 90th percentile, so that 8 shows in 10 lie within: "
        "segments.kim_fans.viewers 10k–20k."
    ) in resolution.notes
    assert (
        "Read as the 10th to the 90th percentile, each of its product alone: "
        "products.perfume.forecast 4–10."
    ) in resolution.notes
    assert not any("Read as" in note for note in resolve(parse_document(GALA)).notes)


def test_what_is_no_number_of_units_is_said_before_that_the_shares_are_too_few() -> None:
    text = GALA.replace("orders_per_1000: 10", "orders_per_1000: 10, quantity: {²: 50%}")
    (mistake,) = mistakes(text)
    assert mistake.what == "'²' is not a number of units from 1 to 20"


def test_an_almost_empty_file_hears_what_it_needs() -> None:
    paths = {mistake.path for mistake in mistakes("title: Nothing else")}
    assert paths == {"show.length", "show.currency", "products", "viewers"}


extremes = st.sampled_from(
    [
        "0",
        "1e-300",
        "1e15",
        "100%",
        "0.000001s",
        "99999d",
        "-1",
        "13M",
        "kim",
        "perfume",
        "everyone",
    ]
)
yaml_values = st.recursive(
    extremes | st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=5,
)


@pytest.mark.slow
@settings(deadline=None)
@given(st.data(), yaml_values)
def test_no_value_anywhere_is_more_than_a_mistake(data: st.DataObject, value: object) -> None:
    """Whatever stands at any place of a file, the worst that happens is a ScenarioError."""
    document = parse_document(GALA)
    places = sorted(p for p in document.places if p and all(isinstance(n, str) for n in p))
    path = tuple(str(name) for name in data.draw(st.sampled_from(places)))
    changed = replace(document, data=replaced(document.data, path, value))
    with contextlib.suppress(ScenarioError):
        resolve(changed)


@pytest.mark.parametrize(
    ("part", "path", "what"),
    [
        ("checkout: {steps: {pay_page: 0%}}", "checkout.steps.pay_page", "above 0 to 1"),
        ("checkout: {steps: {pay_page: 120%}}", "checkout.steps.pay_page", "above 0 to 1"),
        (
            "fake_orders: {share: 100%, returned: 100%}",
            "products.perfume.fake_orders.share",
            "from 0 to 0.99",
        ),
        ("fake_orders: {share: 30%}", "products.perfume.fake_orders.returned", "is missing"),
    ],
)
def test_nobody_can_order_if_no_real_order_gets_through(part: str, path: str, what: str) -> None:
    if part.startswith("checkout"):
        text = f"{GALA}{part}\n"
    else:
        text = GALA.replace("owned: 500", f"owned: 500, {part}")
    (mistake,) = mistakes(text)
    assert mistake.path == path
    assert what in f"{mistake.what} {mistake.remedy}"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("products.serum.orders_per_1000", {"draws": "0 0 30"}),
        ("products.serum.conversion", {"choice": {"0": "60%", "0.1": "40%"}}),
        ("segments.everyone.turnout", {"choice": {"0": "60%", "10%": "40%"}}),
    ],
)
def test_what_is_0_in_the_middle_show_is_refused(path: str, value: object) -> None:
    with pytest.raises(ScenarioError, match="in half of all shows"):
        resolve_file("scenarios/brand_room.yaml", {path: value})


@pytest.mark.parametrize(
    ("key", "beside", "remedy"),
    [
        ("cvr", "owned: 500", "a bare conversion rate does not say of what: write orders_per_1000"),
        ("inventory", "owned: 500", "write owned: for units that are paid for already"),
        ("max_per_order", "owned: 500", "write limit: for the most units in one order"),
        ("cost_price", "owned: 500", "write unit_cost: for what a unit costs you"),
        ("discount", "owned: 500", "write the price in the show as price:, or coupon: {off: 10%}"),
    ],
)
def test_a_key_by_habit_is_told_the_one_that_it_means(key: str, beside: str, remedy: str) -> None:
    """In one mistake: that nothing else says it is not told."""
    assert beside in GALA
    (mistake,) = mistakes(GALA.replace(beside, f"{beside}, {key}: 5", 1))
    assert mistake.path.endswith(f".{key}") and mistake.remedy.startswith(remedy)


def test_a_bare_rate_alone_is_one_mistake() -> None:
    for key in ("cvr", "conversion_rate", "cr"):
        (mistake,) = mistakes(GALA.replace("orders_per_1000: 10", f"{key}: 2%", 1))
        assert mistake.path == f"products.perfume.{key}"


@pytest.mark.parametrize(
    ("key", "remedy"),
    [
        ("returns", "it is said of each product: write it below the product's name, returns: …"),
        ("views", "write viewers: for unique viewers, and show: {views_per_viewer: 1.4}"),
        ("audience", "write viewers: for the unique viewers of the whole show"),
        ("agenda", "write rundown: {talk: {length: 20min}}"),
        ("duration", "write show: {length: 3h}"),
        ("items", "write products: {serum: {…}, mask: {…}}"),
    ],
)
def test_a_key_of_the_show_by_habit_is_told_where_it_belongs(key: str, remedy: str) -> None:
    (mistake,) = mistakes(f"{GALA}\n{key}: 5\n")
    assert mistake.path == key and mistake.remedy.startswith(remedy)


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("Hydrating Sérum", "write hydrating_serum; what people read in its place, in any script"),
        ("serum-30ml", "write serum_30ml; what people read in its place, in any script"),
        ("精华", "write lower-case letters, digits and underscores, a letter first"),
        ("m" * 61, "write lower-case letters, digits and underscores, a letter first"),
    ],
)
def test_what_cannot_be_a_name_is_told_the_name_and_the_label(written: str, remedy: str) -> None:
    text = GALA.replace("  perfume:", f"  {written}:", 1)
    (told,) = [one.remedy for one in mistakes(text) if one.what == f"{written!r} cannot be a name"]
    assert told.startswith(remedy) and told.endswith("in any script, is its label")


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("2026-11-29 8:00 PM", "write 2026-11-29 20:00"),
        ("2026-11-29 8pm", "write 2026-11-29 20:00"),
        ("2026-02-30 20:00", "write a day and a time that there are, as 2026-11-29 20:00"),
        ("2026-11-29", "write its time of day, too: 2026-11-29 12:00"),
    ],
)
def test_a_moment_that_is_none_is_told_how_to_be_written(written: str, remedy: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        livesim.load("scenarios/brand_room.yaml", {"show.start": written})
    assert [mistake.remedy for mistake in refused.value.mistakes] == [remedy]


def test_what_is_owned_of_a_variant_changes_what_is_owned_of_its_product() -> None:
    """A sweep of a variant's stock was refused: its product's, which nobody wrote, was another."""
    room = livesim.load("scenarios/brand_room.yaml").to_data()
    sizes = {name: {"share": "50%", "owned": units} for name, units in (("s", 4), ("m", 9))}
    room["products"]["serum"] |= {"variants": sizes, "owned": 13}
    written = parse_document(write_yaml(room))
    both = {"products.serum.variants.s.owned": "1k", "products.serum.variants.m.owned": 2}
    serum = resolve(written, both).scenario.products["serum"]
    assert serum.owned == 1002
    assert [one.owned for one in serum.variants.values()] == [1000, 2]
    found = resolve(written, {"products.serum.variants.s.owned": 5})
    assert found.scenario.products["serum"].owned == 14
    assert any("variants.s.owned as changed takes the place of owned" in n for n in found.notes)
    apart = {"products.serum.variants.s.owned": 5, "products.serum.owned": 13}
    with pytest.raises(ScenarioError, match="the variants own 14 together, but owned is 13"):
        resolve(written, apart)
