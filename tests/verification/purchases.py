"""What a purchase costs, and what a stock-out costs beyond the lost sale, from scratch.

A purchase is paid unit by unit, as a buyer would who reads the offers one after the other; what
nobody had, and how long a slot ran without anything, is read off the timeline.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np
from breaking import patched, wrong_inputs
from checks import check, mutant

import livesim
import livesim.engine.settlement
import livesim.resolve.purchases
from livesim.model.inputs import TermsInputs
from livesim.planning.items import Item, items_of
from livesim.randomness import generator
from livesim.resolve.purchases import Source

BOUGHT = "what purchases cost: price breaks and suppliers"
OUT = "what stock-outs cost: goodwill and ads"
SHOW: dict[str, Any] = {
    "like": "brand_room",
    "title": "Purchases and stock-outs",
    "show": {
        "start": "2026-11-29 20:00",
        "length": "20min",
        "refresh": "20s",
        "currency": "CNY",
        "appeal": 1,
        "turnout_factor": 1,
    },
    "viewers": 500,
}
START = datetime.datetime(2026, 11, 29, 20)
UNIT_COST, MOST = 50.0, 60


def a_ladder(random: np.random.Generator, cost: float) -> dict[int, float]:
    """Return from how many units on a unit costs what, ever less; perhaps nothing."""
    starts = np.unique(random.integers(2, MOST, random.integers(0, 4)))
    return {int(start): cost * 0.9 ** (n + 1) for n, start in enumerate(starts)}


def an_offer(random: np.random.Generator, cost: float) -> dict[str, Any]:
    """Return what a supplier asks for, as a file says it."""
    return {
        "unit_cost": cost,
        "minimum_order": int(random.integers(0, 30)),
        "lead_time": f"{random.integers(1, 20)}d",
        "price_breaks": {str(start): price for start, price in a_ladder(random, cost).items()},
    }


def asked(ladder: dict[int, float], cost: float, unit: int) -> float:
    """Return what the unit of that number costs on a ladder."""
    return min([cost, *(price for start, price in ladder.items() if start <= unit)])


def by_hand(offer: dict[str, Any], units: int, days: int) -> float:
    """Return what so many units cost at a supplier; inf where it does not sell them in time."""
    if units < offer["minimum_order"] or int(offer["lead_time"][:-1]) > days:
        return inf
    ladder = {int(start): price for start, price in offer["price_breaks"].items()}
    return units * asked(ladder, offer["unit_cost"], units)


def the_item(supply: dict[str, Any]) -> Item:
    product = {"price": 100, "unit_cost": UNIT_COST, "forecast": 20, "supply": supply}
    (item,) = items_of(livesim.load({**SHOW, "products": {"serum": product}}))
    return item


@check(BOUGHT)
def what_purchases_cost(seed: int) -> None:
    """Twenty ladders of both kinds, and as many sets of suppliers: up to 60 units of each."""
    random = generator(seed, "purchases")
    for _ in range(20):
        ladder = a_ladder(random, UNIT_COST)
        for discount in ("all_units", "incremental"):
            written = {str(start): price for start, price in ladder.items()}
            item = the_item({"price_breaks": written, "discount": discount} if ladder else {})
            for units in range(MOST + 1):
                each = [asked(ladder, UNIT_COST, one + 1) for one in range(units)]
                cost = sum(each) if discount == "incremental" else units * min(each, default=0.0)
                assert abs(float(item.cost(units)) - cost) < 1e-6, f"{units} {discount}: {ladder}"
    for _ in range(20):
        days = int(random.integers(1, 20))
        suppliers = {
            f"s{n}": an_offer(random, UNIT_COST * random.uniform(0.7, 1)) for n in range(3)
        }
        ordered = f"{START - datetime.timedelta(days=days)}"
        scenario = livesim.load(
            {
                **SHOW,
                "products": {
                    "serum": {
                        "price": 100,
                        "unit_cost": UNIT_COST,
                        "forecast": 20,
                        "supply": {"suppliers": suppliers},
                    }
                },
                "supply": {"ordered": ordered},
            }
        )
        (item,) = items_of(scenario)
        in_time = [o for o in suppliers.values() if int(o["lead_time"][:-1]) <= days]
        assert (item.most == 0) == (not in_time), "too late is bought"
        least = min((offer["minimum_order"] for offer in in_time), default=0)
        for units in range(max(least, 1), MOST + 1) if in_time else ():
            costs = [by_hand(offer, units, days) for offer in suppliers.values()]
            assert abs(float(item.cost(units)) - min(costs)) < 1e-6, f"{units} of {suppliers}"
            source = item.source(units)
            assert source is not None, "nobody sells it"
            of_source = by_hand(suppliers[source.name], units, days)
            assert abs(of_source - min(costs)) < 1e-6, f"{units} of {source.name}: {suppliers}"


@check(OUT)
def what_stock_outs_cost(seed: int) -> None:
    """Twelve of rose come in two parts, and nude is never there; ads are 0.1 a second."""
    product = {
        **{"price": 20, "unit_cost": 5, "left_over_value": 1, "owned": 12, "orders_per_1000": 60},
        **{"goodwill": 2, "ads_per_hour": 360, "shelf": "0%"},
        "variants": {"rose": {"share": "70%", "owned": 12}, "nude": {"share": "30%", "owned": 0}},
        "waves": {
            "first": {"share": "50%", "after": "0s"},
            "second": {"share": "50%", "after": "6min"},
        },
    }
    rundown = {
        "talk": {"sells": [], "length": "4min"},
        "serums": {"sells": ["serum"], "length": "10min"},
        "goodbye": {"sells": [], "length": "6min"},
    }
    scenario = livesim.load({**SHOW, "products": {"serum": product}, "rundown": rundown})
    free = scenario.with_changes(
        {"products.serum.goodwill": 0, "products.serum.ads_per_hour": None}
    )
    dear, plain = (
        livesim.simulate(one, replications=50, seed=seed, workers=1, timeline_step=20).outcome
        for one in (scenario, free)
    )
    times, on_hand = dear.timeline["times"], dear.timeline["on_hand"][:, :, 0]
    while_on_offer = (times >= 240) & (times < 840)
    empty = 20.0 * (on_hand[:, while_on_offer] == 0).sum(axis=1)
    assert empty.any() and (empty < 600).all()
    ads = 0.1 * (0.7 * empty + 0.3 * 600)
    lost = plain.products["demand"][:, 0] - plain.products["claimed"][:, 0]
    assert lost.any()
    difference = plain.shows["profit"] - dear.shows["profit"]
    assert np.allclose(dear.shows["ads_wasted"], ads), "ads"
    assert np.allclose(difference, 2 * lost + ads), "goodwill and ads"


def one_unit_late(cost: Callable[[Item, Any], Any]) -> Callable[[Item, Any], Any]:
    """Begin each price one unit after the number that is written."""

    def broken(self: Item, bought: Any) -> Any:
        later = tuple((start + 1, price) for start, price in self.breaks)
        return cost(replace(self, breaks=later), bought)

    return broken


def always(incremental: bool) -> Callable[[Callable[[Item, Any], Any]], Callable[[Item, Any], Any]]:
    """Take all price breaks for the same kind."""
    return lambda cost: lambda self, bought: cost(replace(self, incremental=incremental), bought)


def without_minimum(price: Callable[[Source, int], float]) -> Callable[[Source, int], float]:
    return lambda self, units: price(replace(self, minimum_order=0), units)


def all_in_time(source_of: Callable[..., Source]) -> Callable[..., Source]:
    return lambda *args: replace(source_of(*args), in_time=True)


def goodwill_of_sales(unit_money: Callable[..., Any]) -> Callable[..., Any]:
    return lambda terms, deal, units, paid: unit_money(
        terms, deal, {**units, "lost": units["sales"]}, paid
    )


def until_the_end(unit_money: Callable[..., Any]) -> Callable[..., Any]:
    """Pay ads in vain to the end of the show once nothing has been on hand."""
    return lambda terms, deal, units, paid: unit_money(
        terms,
        deal,
        {**units, "time_unavailable": np.where(units["time_unavailable"] > 0, 600.0, 0.0)}
        if "time_unavailable" in units
        else units,
        paid,
    )


def all_of_the_ads(of_share: Callable[..., TermsInputs]) -> Callable[..., TermsInputs]:
    return lambda self, share: replace(of_share(self, share), ads=self.ads)


mutant("a price break begins a unit late", patched(Item, "cost", one_unit_late), caught_by=BOUGHT)
mutant("incremental prices are for all", patched(Item, "cost", always(False)), caught_by=BOUGHT)
mutant("prices for all are incremental", patched(Item, "cost", always(True)), caught_by=BOUGHT)
mutant(
    "suppliers sell less than their minimum",
    patched(Source, "price", without_minimum),
    caught_by=BOUGHT,
)
mutant(
    "the first supplier is taken, whatever it costs",
    patched(Item, "source", lambda _: lambda self, _: self.sources[0]),
    caught_by=BOUGHT,
)
mutant(
    "no supplier is too late",
    patched(livesim.resolve.purchases, "_source", all_in_time),
    caught_by=BOUGHT,
)
mutant(
    "goodwill is lost with what is sold",
    patched(livesim.engine.settlement, "unit_money", goodwill_of_sales),
    caught_by=OUT,
)
mutant(
    "turning units away costs nothing",
    wrong_inputs(terms=lambda i: tuple(replace(one, goodwill=0.0) for one in i.terms)),
    caught_by=OUT,
)
mutant(
    "ads run in vain to the end",
    patched(livesim.engine.settlement, "unit_money", until_the_end),
    caught_by=OUT,
)
mutant(
    "each variant pays for all ads", patched(TermsInputs, "of_share", all_of_the_ads), caught_by=OUT
)
