"""What calling reserves and stock-outs cost beside units: named, taken from profit, and said."""

from __future__ import annotations

import numpy as np
import pytest

import livesim
from livesim.report import views
from livesim.results.result import Result
from livesim.scenario.scenario import Scenario

RULE = {"below": 5, "lead_time": "2min"}
COSTS = {
    "products.serum.reserve.courier.call_cost": 25,
    "products.serum.reserve.courier.extra_unit_cost": 1.5,
    "products.serum.ads_per_hour": 360,
}
NAMED = ("reserve_cost", "ads_wasted")


@pytest.fixture(scope="module")
def free() -> Scenario:
    """A room with two reserves, nothing of which costs more than its units."""
    return livesim.load(
        "scenarios/brand_room.yaml",
        {
            "show.length": "20min",
            "show.refresh": "20s",
            "products.serum.owned": 20,
            "products.serum.orders_per_1000": 12,
            "products.serum.reserve": {
                "van": {"units": 8, **RULE},
                "courier": {"units": 4, **RULE},
            },
        },
    )


@pytest.fixture(scope="module")
def results(free: Scenario) -> tuple[Result, Result]:
    costly = free.with_changes(COSTS)
    plain, dear = (livesim.simulate(one, replications=50, workers=1) for one in (free, costly))
    return plain, dear


def test_costs_are_named_and_taken_from_the_profit(results: tuple[Result, Result]) -> None:
    """A call costs 25, and each of its 4 units 1.50; ads cost 0.1 a second."""
    plain, dear = results
    shows, before = dear.shows, plain.shows
    assert set(np.unique(shows["reserve_cost"])) == {0.0, 25 + 4 * 1.5}
    share = dear.outcome.products["unavailable"][:, 0]
    assert ((shows["ads_wasted"] > 0) == (share > 0)).all() and (share > 0).any()
    assert set(np.unique(shows["ads_wasted"] % 2)) == {0.0}  # whole refreshes of 20 s
    taken = shows["reserve_cost"] + shows["ads_wasted"]
    np.testing.assert_allclose(before["profit"] - shows["profit"], taken)
    of_serum = dear.outcome.products["reserve_cost"][:, 0]
    np.testing.assert_array_equal(of_serum, shows["reserve_cost"])


def test_they_are_said_where_they_are_there_and_nowhere_else(
    results: tuple[Result, Result],
) -> None:
    plain, dear = results
    said, words = views.plain(views.full(dear)), ("cost of calling reserves", "ads while there was")
    assert all(one in said for one in words)
    assert all(name in dear.document()["show"] for name in NAMED)
    silent = views.plain(views.full(plain)) + str(plain.document())
    assert not any(one in silent for one in (*words, *NAMED))
    assert not any(name in plain.shows for name in NAMED)


def test_goodwill_is_named_and_taken_from_the_profit(
    free: Scenario, results: tuple[Result, Result]
) -> None:
    plain, kind = results[0], free.with_changes({"products.serum.goodwill": 2})
    result = livesim.simulate(kind, replications=50, workers=1)
    lost, document = result.outcome.products["lost"][:, 0], result.document()["show"]
    assert lost.any() and document["goodwill"]["mean"] == pytest.approx(2 * lost.mean())
    np.testing.assert_allclose(plain.shows["profit"] - result.shows["profit"], 2 * lost)
    said = "goodwill lost with units turned away"
    assert said in views.plain(views.full(result))
    assert said not in views.plain(views.full(plain)) and "goodwill" not in plain.document()["show"]


#: One product, whose two units are gone at once: nobody comes who would come later.
EMPTY = """
like: brand_room
title: An empty room
show: {length: 20min, refresh: 20s, currency: CNY, appeal: 1, turnout_factor: 1,
       arrivals_when_unavailable: 0.001%}
segments: {all: {viewers: 500, arrivals: {shape: flat}, waiting: 0%}}
products: {cup: {price: 9, unit_cost: 1, left_over_value: 0, owned: 2, conversion: 30%, appeal: 1}}
rundown: {cups: {sells: [cup], length: 20min, at_sell_out: stay}}
"""


def test_viewers_who_stay_away_are_counted() -> None:
    """As many are lost as come in shows with units for all less those who came."""
    few = livesim.load(EMPTY)
    some, all_of_them = (
        livesim.simulate(one, replications=50, workers=1)
        for one in (few, few.with_changes({"products.cup.owned": 10_000}))
    )
    lost = some.outcome.shows["viewers_lost"]
    came = [one.outcome.shows["unique_viewers"] for one in (some, all_of_them)]
    assert (lost > 250).all()
    np.testing.assert_array_equal(lost, came[1] - came[0])
    assert not all_of_them.outcome.shows["viewers_lost"].any()


def test_who_comes_while_nothing_is_there_is_said(
    free: Scenario, results: tuple[Result, Result]
) -> None:
    fewer = free.with_changes({"show.arrivals_when_unavailable": "60%"})
    said = views.plain(views.full(livesim.simulate(fewer, replications=50, workers=1)))
    assert "60 % of the usual viewers come" in " ".join(said.split())
    assert "viewers lost to stock-outs" in said
    assert "viewers lost" not in views.plain(views.full(results[0]))


@pytest.mark.slow
def test_a_plan_says_who_stays_away() -> None:
    few = livesim.load(EMPTY).with_changes({"supply.budget": 0.5})
    plan = livesim.plan(few, replications=50, workers=1)
    assert plan.decision.units == plan.curves.owned == (2,)
    result = livesim.simulate(few, replications=50, workers=1)
    lost = float(np.mean(result.outcome.shows["viewers_lost"]))
    said = " ".join(views.plain(views.full(plan)).split())
    assert f"stock-outs cost on average: {lost:.0f} viewers who stay away." in said


@pytest.mark.slow
def test_a_plan_counts_them_at_every_level(free: Scenario, results: tuple[Result, Result]) -> None:
    dear = free.with_changes(COSTS | {"products.serum.goodwill": 2})
    plan = livesim.plan(dear, replications=50, workers=1)
    for name in NAMED:
        at_owned = plan.curves.total(plan.curves.owned, name)
        np.testing.assert_allclose(at_owned, results[1].shows[name])
    said = " ".join(views.plain(views.full(plan)).split())
    assert "Beyond lost sales, stock-outs cost on average: CNY" in said
    assert "of goodwill and CNY" in said and "for ads that run on." in said
    assert "Calling reserves costs CNY" in said
    assert "without courier" in said and "without van" in said and "no reserve" in said
