"""The money of shows at random, written down again by hand: in whole numbers and loops.

What is counted of a replication (units ordered, paid, cancelled, sent back, left over) is taken as
it is; what it is worth is told from the file alone, without an array, a template or a function of
the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

import livesim
from livesim.engine import settlement
from livesim.model.money import unit_money
from livesim.planning.recommendation import Plan
from livesim.randomness import generator
from livesim.scenario.writing import write_yaml

#: What a show is simulated in.
REPLICATIONS: Final = 50
#: Five that have between them all that a random show may have; two currencies have no decimals.
SEEDS: Final = (2, 5, 9, 11, 12)
#: Less than a tenth of a cent in a sum of some hundred thousand.
TO_THE_CENT: Final = 1e-3

Row = Mapping[str, Any]


def some_show(seed: int) -> dict[str, Any]:
    """Return a random show, as its file says it, with no number of its money left to a template."""
    rng = generator(seed, "money by hand")

    def pick(*values: Any) -> Any:
        return values[rng.integers(len(values))]

    currency, one = pick(("JPY", 100), ("KRW", 1_000), ("CNY", 1), ("KWD", 0.25))
    terms = {
        "pack": pick(1, 6),
        "minimum_order": pick(0, 40),
        "price_breaks": pick({}, {"50": 7 * one, "120": 5 * one}),
    }
    cup = {
        **{"price": 24 * one, "unit_cost": 8 * one, "owned": pick(0, 25, 150), "forecast": 60},
        **{"returns": pick(0.1, 0.4), "returned_before_shipping": pick(0.0, 0.5)},
        **{"returned_value": pick(0, 3 * one), "goodwill": pick(0, 2 * one), "supply": terms},
        **pick({}, {"left_over_value": 2 * one}),  # without, what is owned keeps its cost
        **pick({}, {"webshop": {"per_day": 900, "price": 20 * one}}),
    }
    pot = {
        **{"price": 60 * one, "unit_cost": 25 * one, "owned": 40, "forecast": 50},
        **{"returns": 0.2, "returned_before_shipping": 0.6, "returned_value": 10 * one},
        **{"left_over_value": 12 * one, "supply": {"pack": 1, "minimum_order": 0}},
        **pick({}, {"presale": {"deposit": 0.2, "balance_paid": 0.7}}),
        **pick({}, {"gift": {"cup": 1}}),
    }
    products: dict[str, dict[str, Any]] = {"cup": cup, "pot": pot}
    if rng.random() < 0.6:
        kit = {"price": 70 * one, "contains": {"cup": 2, "pot": 1}, "forecast": 15}
        products["kit"] = {**kit, "returns": 0.3, "returned_before_shipping": 0.5, "goodwill": one}
    return {
        "like": "brand_room",
        "title": f"Money of show {seed}",
        "show": {
            **{"start": "2026-11-29 20:00", "length": "20min"},
            **{"refresh": "30s", "currency": currency},
        },
        "viewers": 700,
        "people": {"host": {"role": "host"}, "kim": {"role": "guest"}},
        "deal": {
            **{"commission": pick(0.2, 0.0), "platform_fee": 0.05, "slot_fee": 90 * one},
            **{"guest_fee": pick(0, 400 * one), "guaranteed_volume": pick(0, 200)},
            **{"shipping": 2 * one, "return_freight": 3 * one},
        },
        "checkout": {"unpaid": pick(0.0, 0.25)},
        "products": products,
    }


def ledger_of(show: Row, rows: Mapping[str, Row]) -> dict[str, dict[str, float]]:
    """Return each product's money, from its units in one replication."""
    deal, books = show["deal"], {}
    for name, product in show["products"].items():
        units = rows[name]
        kept = units["sales"] - units["cancelled"] - units["returned"]
        shipped = units["orders"] * (units["sales"] - units["cancelled"]) / max(1, units["claimed"])
        deposit = product.get("presale", {}).get("deposit", 0.0)
        unpaid = units["claimed"] - units["sales"]
        books[name] = {
            "nmv": product["price"] * kept,
            "deposits_kept": deposit * product["price"] * unpaid,
            "cost_of_goods": product.get("unit_cost", 0) * units["bought"],
            "commission": deal["commission"] * product["price"] * kept,
            "platform_fee": deal["platform_fee"] * product["price"] * kept,
            "shipping": deal["shipping"] * shipped,
            "return_freight": deal["return_freight"] * units["returned"],
            "goodwill": product.get("goodwill", 0) * units["lost"],
            "webshop_value": product.get("webshop", {}).get("price", 0) * units.get("webshop", 0),
            "left_over_value": 0.0,
        }
    for name, product in show["products"].items():
        if "contains" in product:
            continue
        # Those who took units of it: its own orders, and bundles.
        takers = {name: 1}
        takers |= {
            other: one["contains"][name]
            for other, one in show["products"].items()
            if name in one.get("contains", {})
        }
        cancelled = returned = 0
        worth = 0.0
        for other, times in takers.items():
            cancelled += times * rows[other]["cancelled"]
            returned += times * rows[other]["returned"]
            all_worth = left_over_worth(product, rows[name], cancelled, returned)
            books[other]["left_over_value"] += all_worth - worth
            worth = all_worth
            if other != name:
                cost = product["unit_cost"] * times * rows[other]["sales"]
                books[name]["cost_of_goods"] -= cost
                books[other]["cost_of_goods"] += cost
        for other, one in show["products"].items():
            if name in one.get("gift", {}):
                cost = product["unit_cost"] * rows[other]["gifts"]
                books[name]["cost_of_goods"] -= cost
                books[other]["cost_of_goods"] += cost
    for book in books.values():
        brings = book["nmv"] + book["deposits_kept"] + book["left_over_value"]
        costs = ("cost_of_goods", "commission", "platform_fee", "shipping", "return_freight")
        book["profit"] = brings + book["webshop_value"] - book["goodwill"]
        book["profit"] -= sum(book[cost] for cost in costs)
    return books


def left_over_worth(product: Row, units: Row, cancelled: int, returned: int) -> float:
    """Return what is left of a product is worth: what is owned went first, and keeps its cost."""
    unsold, sent_back = units["left_over"], product["returned_value"] * returned
    if "left_over_value" in product:
        return float(product["left_over_value"] * (unsold + cancelled) + sent_back)
    went = units["bought"] - unsold
    unsold_owned = min(max(product["owned"] - went, 0), unsold)
    cancelled_owned = cancelled * min(went, product["owned"]) / went if went else 0.0
    return float(product["unit_cost"] * (unsold_owned + cancelled_owned) + sent_back)


def profit_of(
    show: Row, rows: Mapping[str, Row], books: Mapping[str, Mapping[str, float]]
) -> float:
    """Return the show's profit: its products' without fees, and what belongs to all of it."""
    deal = show["deal"]
    fees = deal["slot_fee"] * len(show["products"])
    volume, sold = deal["guaranteed_volume"], sum(row["sales"] for row in rows.values())
    repaid = fees * max(0.0, 1 - sold / volume) if volume else 0.0
    return sum(book["profit"] for book in books.values()) - fees - deal["guest_fee"] + repaid


def counted(result: livesim.Result) -> list[dict[str, Row]]:
    """Return what was counted, by replication and product: here each has one variant."""
    shows: list[dict[str, Row]] = [{} for _ in range(result.replications)]
    for row in result.variants.to_dict("records"):
        shows[row["replication"]][row["product"]] = row
    return shows


def by_hand(seed: int) -> None:
    show = some_show(seed)
    result = livesim.simulate(write_yaml(show), replications=REPLICATIONS, workers=1)
    told = result.shows["profit"].tolist()
    for number, rows in enumerate(counted(result)):
        books = ledger_of(show, rows)
        for name, book in books.items():
            for term, amount in book.items():
                found = rows[name].get(term, 0.0)
                assert found == pytest.approx(amount, abs=TO_THE_CENT), (number, name, term)
        assert told[number] == pytest.approx(profit_of(show, rows, books), abs=TO_THE_CENT)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_show_earns_what_its_books_by_hand_say(seed: int) -> None:
    by_hand(seed)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(60))
def test_many_random_shows_earn_what_their_books_by_hand_say(seed: int) -> None:
    by_hand(seed)


def price_of(product: Row, bought: int) -> float:
    """Return what so many units cost, all at the price that their number gets."""
    prices = [
        cost
        for start, cost in product["supply"].get("price_breaks", {}).items()
        if int(start) <= bought
    ]
    return bought * min([product["unit_cost"], *prices])


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_earns_what_the_books_say_of_what_it_buys(seed: int) -> None:
    """The same shows with what is bought on hand, paid for as the supplier asks."""
    show = some_show(seed)
    plan = livesim.plan(write_yaml(show), replications=REPLICATIONS, workers=1)
    profits = [profit_with(plan, show, rows) for rows in counted(run_with(plan, show))]
    told = next(one.profit.mean for one in plan.choices if one.name == "recommended")
    assert told == pytest.approx(sum(profits) / len(profits), abs=TO_THE_CENT)


def run_with(plan: Plan, show: Row) -> livesim.Result:
    products = {name: dict(product) for name, product in show["products"].items()}
    for item in plan.items:
        products[item.name]["owned"] = item.recommended
    text = write_yaml({**show, "products": products})
    return livesim.simulate(text, replications=REPLICATIONS, workers=1)


def profit_with(plan: Plan, show: Row, rows: Mapping[str, Row]) -> float:
    saved = 0.0
    for item in plan.items:
        product = show["products"][item.name]
        saved += item.purchase * product["unit_cost"] - price_of(product, item.purchase)
    return profit_of(show, rows, ledger_of(show, rows)) + saved


#: A wrong account → the function of the settlement that it is in, and what it is instead.
WRONG: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    "no unit is charged to who took it": ("_charge_who_took", lambda inputs, figures: None),
    "left-overs of owned units are worth as little as bought ones": (
        "unit_money",
        lambda terms, *units: unit_money(replace(terms, owned_value=None), *units),
    ),
}


def without(term: str) -> Callable[..., Any]:
    """Return an account that leaves a term out."""

    def broken(*of: Any) -> dict[str, Any]:
        told = unit_money(*of)
        if term in told:
            brings = term in ("nmv", "deposits_kept", "left_over_value", "webshop_value")
            told["profit"] = told["profit"] + (-told[term] if brings else told[term])
        return told

    return broken


TERMS: Final = (
    *("nmv", "deposits_kept", "left_over_value", "webshop_value", "cost_of_goods", "commission"),
    *("platform_fee", "shipping", "return_freight", "goodwill"),
)
WRONG |= {f"without {term}": ("unit_money", without(term)) for term in TERMS}


@pytest.mark.slow
@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_books_are_caught(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function, broken = WRONG[wrong]
    monkeypatch.setattr(settlement, function, broken)
    with pytest.raises(AssertionError):
        for seed in SEEDS:
            by_hand(seed)
