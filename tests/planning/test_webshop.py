"""How many units to have beside a webshop: by hand, where it alone sells."""

from __future__ import annotations

import pytest
from scipy import stats

import livesim
from livesim.report.pages import plain
from livesim.report.views import full
from livesim.resolve import resolve
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario

#: Nobody orders in the show; the webshop sells 3,456 a day, 24 in ten minutes.
ALONE = """
title: A webshop alone
show: {start: 2026-11-29 20:00, length: 10min, refresh: 10s, currency: USD, appeal: 1,
       turnout_factor: 1}
people: {ann: {role: host}}
segments: {everyone: {reach: 10, turnout: 1%, waiting: 0%}}
products:
  serum: {price: 100, unit_cost: 40, left_over_value: 10, conversion: 0.0001%, owned: 20,
          webshop: {per_day: 3_456, price: 70}}
rundown: {talk: {length: 10min, on_stage: [ann], sells: [serum]}}
"""


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return resolve(parse_document(ALONE)).scenario


@pytest.fixture(scope="module")
def plan(scenario: Scenario) -> livesim.Plan:
    return livesim.plan(scenario, replications=250, workers=1)


def test_a_plan_has_units_for_the_webshop(plan: livesim.Plan) -> None:
    """A unit too few costs 70 − 40, one too many 40 − 10: the median of Poisson(24)."""
    (item,) = plan.items
    assert abs(item.curve.demand.mean() - 24) < 4 * (24 / 250) ** 0.5  # 1 in 16,000
    assert abs(item.recommended - stats.poisson(24).median()) <= 2
    said = " ".join(plain(full(plan)).split())
    assert "of the units wanted are the webshop's (mean)." in said


def test_without_a_show_the_webshop_sells_all_the_same(plan: livesim.Plan) -> None:
    alone = plan.without_show  # nobody orders in the show, so it needs none
    assert abs(alone.units[0] - stats.poisson(24).median()) <= 2
    assert plan.curves.profit(alone.units).mean() == pytest.approx(alone.profit)


def test_each_unit_of_a_curve_is_sold_or_left(plan: livesim.Plan) -> None:
    curve = plan.items[0].curve
    figures = curve.figures
    assert (figures["sales"] + figures["left_over"] == curve.levels).all()
    assert (figures["demand"] == figures["claimed"] + figures["lost"]).all()


def test_ways_to_sell_are_compared_where_one_has_no_reserve_that_costs_anything() -> None:
    """With a webshop each way is simulated alone, and one without the call has no cost of it."""
    plan = livesim.plan(
        """
like: drop
title: A courier for the second slot
show: {start: 2026-11-29 20:00, length: 15min, refresh: 1min, currency: CNY}
viewers: 2000
products:
  cup: {price: 30, unit_cost: 10, forecast: 60, owned: 20, webshop: {per_day: 600}}
  pot:
    price: 30
    unit_cost: 10
    forecast: 40
    owned: 20
    webshop: {per_day: 600}
    reserve: {units: 20, below: 5, lead_time: 3min, call_cost: 50}
rundown:
  first: {length: 5min, sells: [cup], at_sell_out: next}
  second: {length: 5min, sells: [pot], at_sell_out: next}
  third: {length: 5min, sells: [cup], at_sell_out: next}
""",
        replications=50,
        workers=1,
    )
    assert {way.product for way in plan.release_plans} == {"cup", "pot"}
