"""What left-overs bring that sell on after the show, against accounts kept by hand."""

from __future__ import annotations

import numpy as np
import pytest

from livesim.errors import ScenarioError
from livesim.model import money
from livesim.model.inputs import LeftOverInputs
from livesim.report.pages import plain
from livesim.report.views import full
from livesim.resolve import resolve
from livesim.resolve.terms import terms_of
from livesim.scenario.document import parse_document

#: 60 a week at 25 for 12 weeks (720 in all), 0.50 a week to keep one, 3 for what is left then.
TERMS = LeftOverInputs(per_week=60, price=25, weeks=12, holding_cost=0.5, then=3)
#: Units left → what they bring: price, then, and what it costs to keep them.
BY_HAND = {
    0: 0.0,
    60: 60 * 25 - 0.5 * 30,  # each is kept for half a week on average
    120: 120 * 25 - 0.5 * 120,  # for one week
    720: 720 * 25 - 0.5 * 720 * 6,  # for six weeks
    820: 720 * 25 + 100 * 3 - 0.5 * (720 * 6 + 100 * 12),  # the last hundred for twelve
}
SHOW = """
like: brand_room
title: Left-overs that sell on
show: {length: 20min, currency: USD}
viewers: 60
products:
  serum:
    {price: 30, unit_cost: 10, owned: 200, forecast: 12, returns: 20%, left_over: {per_week: 60,
    price: 25, weeks: 12, holding_cost: 5%, then: 3.00}}
  cream:
    {price: 30, unit_cost: 10, owned: 200, forecast: 12, left_over: {per_week: 60, price: 25,
    weeks: 2}, left_over_value: 4, variants: {day: {share: 75%}, night: {share: 25%}}}
"""


def worth_by_hand() -> None:
    units = np.array(list(BY_HAND), dtype=float)
    assert money.sold_on(TERMS, units) == pytest.approx(list(BY_HAND.values()))


def test_what_left_overs_bring_by_hand() -> None:
    worth_by_hand()


def test_an_account_that_forgets_what_keeping_costs_is_caught(monkeypatch) -> None:
    right = money.sold_on
    free = lambda terms, units: right(terms, units) + 0.5 * units  # noqa: E731
    monkeypatch.setattr(money, "sold_on", free)
    with pytest.raises(AssertionError):
        worth_by_hand()


def test_the_more_are_left_the_less_a_further_one_brings() -> None:
    worth = money.sold_on(TERMS, np.arange(0.0, 1000.0))
    assert (np.diff(worth, 2) <= 1e-9).all()


@pytest.mark.parametrize("cost", [30, 24, 20, 10, 2, 0.1])
def test_units_are_worth_having_up_to_where_a_further_one_costs_more(cost: float) -> None:
    most = money.worth_keeping(TERMS, cost)
    gain = np.diff(money.sold_on(TERMS, np.arange(0.0, 2001.0))) - cost
    assert int((gain > 0).sum()) == pytest.approx(min(most, 2000), abs=1)


@pytest.fixture(scope="module")
def scenario():
    return resolve(parse_document(SHOW)).scenario


def test_terms_come_from_the_file(scenario) -> None:
    serum, cream = (
        terms_of(product, scenario.deal, scenario.supply) for product in scenario.products.values()
    )
    assert serum.left_over == TERMS
    assert serum.returned_value is None
    assert cream.left_over == LeftOverInputs(60, 25, 2, 0.0, 4)
    assert cream.of_share(0.25).left_over.per_week == 15


@pytest.mark.parametrize("engine", ["cohort", "agent"])
def test_both_engines_sell_left_overs_on(scenario, engine: str) -> None:
    import livesim

    result = livesim.simulate(scenario, replications=50, engine=engine, workers=1)
    serum = result.products[result.products["product"] == "serum"]
    left = serum["left_over"] + serum["cancelled"] + serum["returned"]
    assert serum["left_over_value"].to_numpy() == pytest.approx(
        25 * left - 0.5 * left**2 / 120, abs=1e-6
    )
    night = result.variants[result.variants["variant"] == "night"]
    left = night["left_over"] + night["cancelled"] + night["returned"]
    sold = np.minimum(left, 2 * 15)  # a quarter of the buyers want it
    assert night["left_over_value"].to_numpy() == pytest.approx(25 * sold + 4 * (left - sold))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("then: 3.00", "then: 26", "worth more \\(26\\) than what does \\(25\\)"),
        ("left_over_value: 4", "left_over_value: 40", "worth more \\(40\\)"),
        ("returns: 20%,", "returns: 20%, left_over_value: 2,", "are 3.0 and 2"),
        ("per_week: 60", "per_week: 0", "per_week"),
    ],
)
def test_what_cannot_be_is_refused(old: str, new: str, what: str) -> None:
    with pytest.raises(ScenarioError, match=what):
        resolve(parse_document(SHOW.replace(old, new, 1)))


def test_what_is_resolved_can_be_read_again(scenario) -> None:
    from livesim.scenario.writing import write_yaml

    again = resolve(parse_document(write_yaml(scenario.to_data()))).scenario
    assert again.digest == scenario.digest


def test_a_plan_says_when_left_overs_are_gone(scenario) -> None:
    import livesim

    longer = scenario.with_changes({"products.serum.left_over.weeks": 60})
    plan = livesim.plan(longer, replications=50, workers=1)
    serum = plan.document()["products"]["serum"]
    item = plan.items[0]
    left = sum(
        item.curve.at(name, item.recommended) for name in ("left_over", "cancelled", "returned")
    )
    assert serum["weeks_left"]["p50"] == pytest.approx(np.quantile(left / 60, 0.5), rel=0.05)
    said = " ".join(plain(full(plan)).split())
    assert "serum: left-overs have sold after" in said
    assert "Shows with more left than sells on in time: " in said and "cream.night (100 %)" in said
    usual = scenario.with_changes(
        {f"products.{name}.left_over": None for name in ("serum", "cream")}
    )
    assert "left-overs have" not in plain(full(livesim.plan(usual, replications=50, workers=1)))
