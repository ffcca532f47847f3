"""Short spellings: they mean what the longer ones mean, wherever they stand, or are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import livesim
from livesim.errors import ScenarioError
from livesim.resolve import json_schema, resolve
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario
from livesim.scenario.shorthand import changes_written_out

SHOP = """title: A shop
viewers: 2_000
show: {length: 1h, currency: USD}
products:
  serum: {price: 20, owned: 10, orders_per_1000: 20, SERUM}
  mask: {price: 12, unit_cost: 3, owned: 40, orders_per_1000: 5}
  pouch: {price: 3, unit_cost: 1, owned: 100, orders_per_1000: 1}
"""

COST = "unit_cost: {1: 6.20, 500: 5.80, 1_000: 5.40}"
LONG_COST = "unit_cost: 6.20, supply: {price_breaks: {500: 5.80, 1_000: 5.40}}"
SIZES = (
    "unit_cost: 6, variants: {s: {share: 40%, supply: {suppliers: {far: {FAR}}}}, l: {share: 60%}}"
)

#: What may stand where a supply belongs and is none.
NO_MAPPING = ("5", "abc", "[7]", "''", "0", "false", "[]")

SAME = [
    (COST, LONG_COST),
    (
        f"{COST}, supply: {{discount: incremental, pack: 12}}",
        "unit_cost: 6.20, supply: {discount: incremental, pack: 12, "
        "price_breaks: {500: 5.80, 1_000: 5.40}}",
    ),
    (
        "unit_cost: 6, supply: {suppliers: {far: {unit_cost: {1: 5, 300: 4}, lead_time: 9d}}}",
        "unit_cost: 6, supply: {suppliers: "
        "{far: {unit_cost: 5, price_breaks: {300: 4}, lead_time: 9d}}}",
    ),
    (
        SIZES.replace("FAR", "unit_cost: {1: 5, 300: 4}"),
        SIZES.replace("FAR", "unit_cost: 5, price_breaks: {300: 4}"),
    ),
    ("unit_cost: 6, gift: {pouch: 1}", "unit_cost: 6, gift: {product: pouch}"),
    (
        "unit_cost: 6, gift: {pouch: 1, first: 200}",
        "unit_cost: 6, gift: {product: pouch, first: 200}",
    ),
]


def shop(serum: str, **changes: Any) -> Scenario:
    """Return a shop of a serum that says this of itself."""
    return livesim.load(SHOP.replace("SERUM", serum), changes=changes.get("changes"))


@pytest.mark.parametrize(("short", "long"), SAME)
def test_a_short_spelling_means_the_long_one(short: str, long: str) -> None:
    assert shop(short) == shop(long)
    reasons = [resolve(parse_document(SHOP.replace("SERUM", one))).reasons for one in (short, long)]
    assert reasons[0] == reasons[1]


def test_editors_know_the_short_spellings() -> None:
    """And what is wrong with them, as far as one value shows it."""
    schema = Draft202012Validator(json_schema())

    def fits(serum: str) -> bool:
        return schema.is_valid(parse_document(SHOP.replace("SERUM", serum)).data)

    assert all(fits(short) and fits(long) for short, long in SAME)
    for wrong in (
        *("{500: 5, 900: 4}", "{1: 6}", "{1: 6, many: 5}", "{1: 6, 50: dear}", "{}"),
        *("6, gift: {pouch: 2}", "6, gift: {pouch: 1, mask: 1}", "6, gift: {first: 9}"),
        *("6, gift: {}", "6, gift: {product: pouch, mask: 1}", "6, gift: {pouch: 1, first: x}"),
    ):
        assert not fits(f"unit_cost: {wrong}"), wrong


@pytest.mark.parametrize(
    ("serum", "place", "path", "what"),
    [
        ("unit_cost: {500: 5}", 54, "unit_cost", "what one unit costs comes first"),
        ("unit_cost: {1: 6}", 54, "unit_cost", "a single cost is no cost by number"),
        ("unit_cost: {1: 6, 50: 5, 9: 5.5}", 54, "unit_cost", "do not ascend"),
        ("unit_cost: {1: 6, 50: 5, 5_0: 4}", 54, "unit_cost", "do not ascend"),
        ("unit_cost: {1: 6, many: 5}", 54, "unit_cost", "'many' is not a count"),
        ("unit_cost: {1: 6, 50: null}", 54, "unit_cost", "a number of units has no cost"),
        ('unit_cost: "1: 6, 50: 5"', 54, "unit_cost", "stand in braces"),
        ("unit_cost: {1: 6–7, 50: 5}", 66, "unit_cost.1", "must be one plain value"),
        ("unit_cost: {1: 6, 50: 5–5.5}", 72, "unit_cost.50", "must be one plain value"),
        ("unit_cost: {1: 6, 50: 7}", 72, "unit_cost.50", "not less than before"),
        ("unit_cost: {p10: 5, likely: 6, p90: 7}", 54, "unit_cost", "must be one plain value"),
        (f"{COST}, supply: {{price_breaks: {{9: 4}}}}", 54, "unit_cost", "so does price_breaks"),
        *((f"{COST}, supply: {wrong}", 100, "supply", "a mapping") for wrong in NO_MAPPING),
        (
            f"{COST}, variants: {{s: {{share: 40%}}, l: {{share: 60%}}}}",
            54,
            "unit_cost",
            "bought one by one",
        ),
        ("unit_cost: 6, gift: {pouch: 2}", 68, "gift", "one unit of one gift"),
        ("unit_cost: 6, gift: {pouch: true}", 68, "gift", "one unit of one gift"),
        ("unit_cost: 6, gift: {pouch: 1, mask: 1}", 68, "gift", "one unit of one gift"),
        ("unit_cost: 6, gift: {puch: 1}", 75, "gift.puch", "no product is called puch"),
    ],
)
def test_what_breaks_its_rule_is_one_mistake_at_the_entry(
    serum: str, place: int, path: str, what: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        shop(serum)
    (mistake,) = caught.value.mistakes
    assert what in mistake.what and mistake.remedy
    assert (mistake.line, mistake.column, mistake.path) == (5, place, f"products.serum.{path}")


def test_a_file_above_replaces_all_that_the_short_spelling_says(tmp_path: Path) -> None:
    (tmp_path / "below.yaml").write_text(SHOP.replace("SERUM", COST), encoding="utf-8")
    above = tmp_path / "above.yaml"
    above.write_text("include: [below]\nproducts: {serum: {unit_cost: 4}}\n", encoding="utf-8")
    assert livesim.load(above).products["serum"] == shop("unit_cost: 4").products["serum"]
    above.write_text(
        "include: [below]\nproducts: {serum: {unit_cost: {1: 4, 9: 3}, supply: {pack: 3}}}\n",
        encoding="utf-8",
    )
    same = shop("unit_cost: 4, supply: {pack: 3, price_breaks: {9: 3}}")
    assert livesim.load(above).products["serum"] == same.products["serum"]


def test_changes_have_short_spellings_too() -> None:
    plain, short = (
        shop("unit_cost: 6"),
        {"products.serum.unit_cost": {1: 6.2, 500: 5.8, 1_000: 5.4}},
    )
    assert plain.with_changes(short) == shop(LONG_COST) == shop("unit_cost: 6", changes=short)
    hat = {"price": 9, "unit_cost": {1: 5, 100: 4}, "orders_per_1000": 3, "gift": {"pouch": 1}}
    added = shop("unit_cost: 6", changes={"products.hat": hat}).products["hat"]
    assert added.supply is not None and added.supply.price_breaks == {"100": 4}
    assert added.gift is not None and added.gift.product == "pouch"


def test_one_cost_changes_and_the_price_breaks_stay_unless_they_cost_more() -> None:
    dearer = shop(COST, changes={"products.serum.unit_cost": 7})
    assert dearer == shop(LONG_COST.replace("6.20", "7"))
    with pytest.raises(ScenarioError, match="not less than before"):
        shop(COST, changes={"products.serum.unit_cost": 5})
    with pytest.raises(ScenarioError, match="which has no 500 inside"):
        shop(COST, changes={"products.serum.unit_cost.500": 5})


def test_price_breaks_are_not_changed_twice() -> None:
    cost = {"products.serum.unit_cost": {"1": 6, "500": 5}}
    with pytest.raises(ScenarioError, match="changed twice"):
        changes_written_out(cost | {"products.serum.supply.price_breaks": {"9": 4}})
    with pytest.raises(ScenarioError, match="changed twice"):
        changes_written_out(cost | {"products.serum.supply": {"price_breaks": {"9": 4}}})
    pack = cost | {"products.serum.supply": {"pack": 12}}
    supply = shop("unit_cost: 4", changes=pack).products["serum"].supply
    assert supply is not None and (supply.pack, supply.price_breaks) == (12, {"500": 5})


def test_data_in_which_all_is_explicit_has_short_spellings_too() -> None:
    data = shop("unit_cost: 6.2").to_data()
    data["products"]["serum"] |= {"unit_cost": {1: 6.2, 500: 5.8, 1_000: 5.4}}
    assert Scenario.from_data(data) == shop(LONG_COST)
