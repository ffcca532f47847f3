"""What is owned and not sold keeps its cost, and no purchase is decided by that."""

from __future__ import annotations

import numpy as np
import pytest

import livesim
from livesim.planning.recommendation import Plan
from livesim.report import views
from livesim.resolve import resolve
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario

SHOW = """
like: brand_room
title: Stock that keeps
show: {start: 2026-11-29 20:00, length: 20min, refresh: 20s, currency: USD}
viewers: 400
products:
  serum: {price: 90, unit_cost: 10, owned: 20, forecast: 40, returned_value: 0}
  cream: {price: 20, unit_cost: 8, owned: 90, forecast: 30, returned_value: 0}
"""
PERISHES = {f"products.{name}.left_over_value": 0 for name in ("serum", "cream")}
ONE_PERISHES = {"products.cream.left_over_value": 0}
NO_BEST = ", where stock that is not sold keeps its cost: more of it costs nothing here."


@pytest.fixture(scope="module")
def keeps() -> Scenario:
    return livesim.load(SHOW)


@pytest.fixture(scope="module")
def plans(keeps: Scenario) -> tuple[Plan, Plan]:
    both = (keeps, keeps.with_changes(PERISHES))
    kept, perished = (livesim.plan(one, replications=100, workers=1) for one in both)
    return kept, perished


def test_what_is_bought_is_the_same(plans: tuple[Plan, Plan]) -> None:
    """Gains differ only where an order lapses late: of more units a bought one stays."""
    kept, perished = plans
    assert kept.decision.units == perished.decision.units
    assert kept.items[0].purchase > 0 and kept.items[1].purchase == 0
    assert kept.items[0].gain.mean == pytest.approx(perished.items[0].gain.mean, rel=0.03)


def test_owned_units_that_are_not_sold_are_no_loss(plans: tuple[Plan, Plan]) -> None:
    """Of each show: those that 20 and 90 owned units exceed what went by, and what is cancelled."""
    kept, perished = plans
    assert kept.without_show.profit == 0
    assert perished.without_show.profit == -20 * 10 - 90 * 8
    more = kept.curves.profit(kept.decision.units) - perished.curves.profit(kept.decision.units)
    by_hand = 0.0
    for curve, have, cost in zip(kept.curves.curves, kept.decision.units, (10, 8), strict=True):
        went = have - curve.at("left_over", have)
        left = np.maximum(curve.item.owned - went, 0)
        of_owned = np.minimum(curve.item.owned / np.maximum(went, 1), 1)
        by_hand = by_hand + cost * (left + of_owned * curve.at("cancelled", have))
    np.testing.assert_allclose(more, by_hand)


def test_it_is_said(keeps: Scenario, plans: tuple[Plan, Plan]) -> None:
    kept, perished = (" ".join(views.plain(views.full(plan)).split()) for plan in plans)
    said = "of costs are for stock you own; what is owned and not sold keeps its cost"
    assert said in kept and said not in perished
    assert "above no show, which" not in kept and "above no show, which loses" in perished
    notes = resolve(parse_document(SHOW)).notes
    assert any("serum and cream" in note and "keeps its unit_cost" in note for note in notes)
    assert keeps.to_data()["products"]["serum"]["left_over_value"] == "kept"


def test_units_that_arrive_after_the_show_are_owned_without_it(keeps: Scenario) -> None:
    late = {"products.cream.arriving.van": {"units": 40, "on": "2026-11-30 09:00"}}
    plan = livesim.plan(keeps.with_changes(PERISHES | late), replications=50, workers=1)
    assert plan.without_show.profit == -20 * 10 - (90 + 40) * 8
    kept = livesim.plan(keeps.with_changes(late), replications=50, workers=1)
    assert kept.without_show.profit == 0


def test_a_variant_keeps_its_own_units() -> None:
    """60 of rose and 10 of nude are owned, whatever their shares; of 8 that arrive 2 are nude."""
    shades = "variants: {rose: {share: 75%, owned: 60}, nude: {share: 25%, owned: 10}}"
    arriving = "arriving: {van: {units: 8, on: 2026-11-29 20:10}}"
    show = SHOW.replace("owned: 90", f"{shades}, {arriving}")
    result = livesim.simulate(livesim.load(show), replications=50, workers=1)
    cream = result.variants[result.variants["product"] == "cream"]
    for name, owned in (("rose", 66), ("nude", 12)):
        mine = cream[cream["variant"] == name]
        assert (mine["bought"] == owned).all()
        unsold = mine["left_over"] + mine["cancelled"]  # none is bought
        assert mine["left_over_value"].to_numpy() == pytest.approx(8 * unsold.to_numpy())


def test_a_sweep_of_such_stock_says_that_it_costs_nothing(keeps: Scenario) -> None:
    said = []
    for show in (keeps, keeps.with_changes(PERISHES)):
        found = livesim.sweep(show, {"products.cream.owned": [20, 90]}, replications=50, workers=1)
        said.append(" ".join(str(found).split()))
    assert "What is owned of cream and not sold keeps its cost here" in said[0]
    assert NO_BEST in said[0].partition("Most profit")[2].partition("difference:")[0]
    assert "keeps its cost" not in said[1]


def test_a_show_that_earns_more_by_such_stock_says_so_at_once(keeps: Scenario) -> None:
    said = []
    for show in (keeps, keeps.with_changes(PERISHES)):
        more = show.with_changes({"products.serum.owned": 40})
        found = livesim.compare({"few": show, "many": more}, replications=50, workers=1)
        said.append(" ".join(str(found).split()))
    assert "more than few" + NO_BEST in said[0]
    assert "more than few." in said[1]


def test_a_run_says_which_stock_keeps_its_cost(keeps: Scenario) -> None:
    shows = (keeps, keeps.with_changes(ONE_PERISHES), keeps.with_changes(PERISHES))
    all_keep, one, none = (
        " ".join(str(livesim.simulate(show, replications=50, workers=1)).split()) for show in shows
    )
    assert "of shows; what is owned and not sold keeps its cost" in all_keep
    assert "of shows; what of serum is owned and not sold keeps its cost" in one
    assert "keeps its cost" not in none


@pytest.mark.parametrize(
    ("worth", "budget", "said"),
    [
        (0, 10_000, "above no show, which loses 720"),
        (12, 0, "above no show, which makes 360"),
        (12, 80, "above no show, which makes 400"),
    ],
)
def test_a_plan_says_both_where_some_stock_keeps_its_cost(
    keeps: Scenario, worth: int, budget: int, said: str
) -> None:
    mixed = {"products.cream.left_over_value": worth, "supply.budget": budget}
    plan = livesim.plan(keeps.with_changes(mixed), replications=50, workers=1)
    told = " ".join(str(plan).split())
    kept = "what of serum is owned and not sold keeps its cost"
    assert f"own; {kept}, what a plan buys does not" in told
    assert said in told
    assert ("without a show, 10 cream are bought to sell on" in told) == (budget == 80)


def test_a_service_that_is_there_already_is_called_enough(keeps: Scenario) -> None:
    many = keeps.with_changes({f"products.{name}.owned": 900 for name in ("serum", "cream")})
    plan = livesim.plan(many, objective="service=90%", replications=50, workers=1)
    assert "Buy nothing: what you own is enough. Aim:" in str(plan)


def test_what_a_bundle_leaves_over_is_worth_what_its_components_are() -> None:
    """All is owned, so what is left of the set's parts, and what comes back in time, is at cost."""
    duo = "duo: {price: 99, forecast: 20, contains: {serum: 1, cream: 2}}"
    show = SHOW.rstrip() + f"\n  {duo}\n"
    outcome = livesim.simulate(
        livesim.load(show.replace(", returned_value: 0", "")), replications=50, workers=1
    ).outcome
    products = outcome.products
    left, cancelled, worth = (
        products[name].astype(float) for name in ("left_over", "cancelled", "left_over_value")
    )
    assert cancelled[:, 2].any()
    into = cancelled[:, [2]] * np.array([1, 2])
    by_hand = (left[:, :2] + cancelled[:, :2] + into) @ np.array([10.0, 8.0])
    np.testing.assert_allclose(worth.sum(axis=1), by_hand)
