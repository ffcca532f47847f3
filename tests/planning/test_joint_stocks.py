"""Plans of shows whose items' stocks act on each other too much to look at them one by one."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.experiment import block_at
from livesim.experiment.block_at import BlockAt
from livesim.experiment.levels import Levels, Reactions, Stocked
from livesim.experiment.packing import Packed
from livesim.experiment.runner import Runner
from livesim.planning import around, building
from livesim.planning import plan as plans
from livesim.planning.building import simulated_choices, simulated_profits
from livesim.planning.curves import Curves, Together
from livesim.planning.deciding import good_range
from livesim.planning.limits import NotSignificant, ResourceDecides, UnsureTogether
from livesim.planning.objectives import MOST_PROFIT
from livesim.planning.plan import decide_again
from livesim.planning.recommendation import Plan
from livesim.planning.saved import load
from livesim.planning.sensitivity import other_totals, sensitivity
from livesim.planning.significance import without
from livesim.planning.spacing import SIMULATED_LEVELS
from livesim.planning.together import deciding_resources, gains_are_approximate, shows_of_gains
from livesim.report.background import background
from livesim.report.pages import plain
from livesim.report.plan_notices import in_short, told
from livesim.report.plan_tables import exactness, page
from livesim.resolve import resolve
from livesim.results.intervals import estimate, mean_interval
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario

HERE = Runner(workers=1)
#: Cups earn little, and take time from pots, which the show's end cuts off. Alone, both pay.
TAKES_TIME = """
like: marathon
title: The first takes time from the second
show: {start: 2026-11-29 20:00, length: 40min, refresh: 1min, currency: USD}
viewers: 20k
supply: {pack: 25}
products:
  cup: {price: 30, unit_cost: 18, left_over_value: 15, owned: 0, forecast: 150, shelf: 0%}
  pot: {price: 90, unit_cost: 15, owned: 0, forecast: 150, shelf: 0%}
rundown:
  cups: {length: 25min, sells: [cup]}
  pots: {length: 30min, sells: [pot]}
"""
BUNDLE = """
like: marathon
title: A bundle whose components' slots go on
show: {start: 2026-11-29 20:00, length: 40min, refresh: 2min, currency: CNY}
viewers: 20k
products:
  serum: {price: 299, unit_cost: 80, left_over_value: 60, owned: 0, conversion: 1.2%}
  mask: {price: 99, unit_cost: 30, left_over_value: 10, owned: 20, conversion: 1%}
  kit: {price: 350, contains: {serum: 1, mask: 1}, conversion: 0.8%}
rundown:
  both: {length: 15min, sells: [serum, kit]}
  masks: {length: 15min, sells: [mask]}
"""
#: Candles, with a pouch for the first 50, and boxes that take them: more than the budget would pay.
POOR = """
like: brand_room
title: Kitchen table
show: {start: 2026-12-05 19:00, length: 30min, refresh: 1min, currency: USD, appeal: 1}
viewers: 300
products:
  candle: {price: 24, unit_cost: 7, owned: 0, left_over_value: 3, orders_per_1000: 120,
    gift: {pouch: 1, first: 50}}
  pouch: {price: 9, unit_cost: 2, owned: 0, left_over_value: 1, orders_per_1000: 10}
  soap: {price: 8, unit_cost: 2.5, owned: 0, left_over_value: 1, orders_per_1000: 100}
  box: {price: 29, orders_per_1000: 30, contains: {candle: 1, soap: 2}}
supply: {budget: 150}
"""
#: Four products whose slots go on: alone, each seems worth more of it; together, two surely are.
GO_ON = """
like: marathon
title: Four that go on
show: {start: 2026-11-29 20:00, length: 36min, currency: CNY, refresh: 2min}
viewers: 10k
products:
  one: {price: 30, unit_cost: 5, left_over_value: 2, owned: 30, forecast: 90}
  two: {price: 45, unit_cost: 9, left_over_value: 2, owned: 30, forecast: 110}
  three: {price: 60, unit_cost: 14, left_over_value: 2, owned: 30, forecast: 130}
  four: {price: 75, unit_cost: 17, left_over_value: 2, owned: 30, forecast: 150}
rundown:
  ones: {length: 8min, sells: [one], at_sell_out: next}
  twos: {length: 8min, sells: [two], at_sell_out: next}
  threes: {length: 8min, sells: [three], at_sell_out: next}
  fours: {length: 8min, sells: [four], at_sell_out: next}
"""


def scenario_of(text: str) -> Scenario:
    return resolve(parse_document(text)).scenario


@pytest.fixture
def jointly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at items jointly that are few enough to be looked at one by one."""
    monkeypatch.setattr(building, "_ONE_BY_ONE", 0)


def test_no_block_is_held_at_all_levels(jointly: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What each variant comes to at many levels is let go of before the next look at the show."""
    held: list[weakref.ref[Levels]] = []
    simulated = BlockAt.simulated

    def watched(self: BlockAt, *wanted: Any) -> Sequence[Levels]:
        assert not [one for one in held if one() is not None]
        held.clear()
        found = simulated(self, *wanted)
        held.extend(weakref.ref(one) for one in found if one.units.shape[1] > 1)
        return found

    monkeypatch.setattr(building, "best_simulated", lambda *_: ((150, 150), Together((0, 0), 2)))
    monkeypatch.setattr(BlockAt, "simulated", watched)
    curves = building.build_curves(scenario_of(TAKES_TIME), replications=550, runner=HERE)
    simulated_choices(curves, [(0, 0), (150, 150)], runner=HERE)
    assert curves.replications == 550


@pytest.mark.parametrize(("owned", "recorded"), [(100_000, 1), (0, 2)])
def test_one_recording_tells_of_both_where_no_slot_went_on(
    monkeypatch: pytest.MonkeyPatch, owned: int, recorded: int
) -> None:
    """With stock for all, the show as if nobody reacted is the one that viewers lived through."""
    seen = []

    def counted(*args: Any, **options: Any) -> Any:
        seen.append(args)
        return record_orders(*args, **options)

    record_orders = block_at.record_orders
    monkeypatch.setattr(block_at, "record_orders", counted)
    block = BlockAt(scenario_of(TAKES_TIME), seed=1, block=0, replications=50)
    (lived,) = block.simulated([Stocked(np.full((2, 1), owned))])
    (told,) = block.unmoved().simulated([Stocked(np.array([[0, owned], [0, owned]]))])
    assert len(seen) == recorded
    assert np.array_equal(told.figures["sales"][:, :, 1], lived.figures["sales"][:, :, 0])
    assert np.isinf(told.exact_until).all()


@pytest.mark.slow
def test_who_has_the_curves_simulates_nothing(
    jointly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where others work, one block and one search are theirs, too: memory does not add up."""

    def refuse(self: BlockAt, *wanted: Any) -> Sequence[Levels]:
        raise AssertionError("simulated here")

    monkeypatch.setattr(BlockAt, "simulated", refuse)  # not in the processes that work
    scenario = scenario_of(TAKES_TIME)
    found = livesim.plan(scenario, replications=300, workers=2)
    monkeypatch.undo()
    monkeypatch.setattr(building, "_ONE_BY_ONE", 0)
    alone = livesim.plan(scenario, replications=300, workers=1)
    assert plain(page(found)) == plain(page(alone))


def test_a_curve_takes_few_bytes_a_show(jointly: None) -> None:
    """Of each figure but the two that every decision reads: a quarter of what they are."""
    curves = building.build_curves(scenario_of(TAKES_TIME), replications=100, runner=HERE)
    for curve in curves.curves:
        figures = curve.figures
        assert isinstance(figures, Packed)
        whole = curve.replications * len(curve.levels) * 8
        assert figures.nbytes < (2 + 0.25 * len(figures)) * whole


def test_of_many_items_hardly_a_level_is_looked_at_that_cannot_be_had(
    jointly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fewer units than are owned are no choice; units that can be had come to the same."""
    more = {"products.cup.owned": 300, "products.pot.owned": 75}
    scenario = scenario_of(TAKES_TIME).with_changes(more)
    every = building.build_curves(scenario, replications=50, runner=HERE)
    monkeypatch.setattr(building, "_AS_IF_LEVELS", 2 * SIMULATED_LEVELS - 1)
    monkeypatch.setattr(building, "LEVELS", SIMULATED_LEVELS)
    few = building.build_curves(scenario, replications=50, runner=HERE)
    for curve in few.curves:
        owned = curve.item.owned
        assert (curve.levels < owned).sum() == 3 and (curve.levels > owned).any()
        assert curve.levels[0] == 0 and owned in curve.levels
    whole, short = (of.curves[0].figures["profit"] for of in (every, few))
    at = np.searchsorted(every.curves[0].levels, [0, 300])
    there = np.searchsorted(few.curves[0].levels, [0, 300])
    assert np.array_equal(whole[:, at], short[:, there])


def test_what_is_owned_is_simulated_once(jointly: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the curves, and to the bit as it would be alone."""
    curves = building.build_curves(scenario_of(TAKES_TIME), replications=300, runner=HERE)
    again = simulated_choices(replace(curves, wholes={}), [(0, 0)], runner=HERE)[0, 0]
    monkeypatch.delattr(building.Shows, "looked_at")
    found = simulated_choices(curves, [(0, 0)], runner=HERE)[0, 0]
    assert len(found.profit) == 300 and np.array_equal(found.profit, again.profit)
    for name, figure in again.items.items():
        assert np.array_equal(found.items[name], figure), name
    assert not curves.head(50).wholes


def surely_worse(curves: Curves, units: tuple[int, ...]) -> bool:
    """Say whether the best of all choices on a grid earns surely more, on the same shows."""
    ends = [int(np.quantile(curve.demand, 0.95)) for curve in curves.curves]
    every = list(itertools.product(*(range(0, end, 75) for end in ends)))
    profits = simulated_profits(curves, [units, *every], runner=HERE)
    best = max(every, key=lambda one: float(profits[one].mean()))
    mean, half_width = mean_interval(profits[best] - profits[units])
    return mean > (half_width or 0.0) and mean > 0.005 * float(profits[best].mean())


@pytest.mark.slow
@pytest.mark.usefixtures("jointly")
def test_no_joint_stock_of_all_is_surely_better() -> None:
    curves = building.build_curves(scenario_of(TAKES_TIME), replications=100, runner=HERE)
    assert curves.together is not None and curves.known("cup") == "as if"
    assert curves.together.per_lost[0] > 0  # who finds no cup has more time for pots
    assert not surely_worse(curves, curves.around)


@pytest.mark.slow
@pytest.mark.usefixtures("jointly")
def test_joint_stocks_that_were_not_simulated_are_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The twin: a joint stock is taken to come to what is told as if nobody reacted."""
    simulate = around._Search.simulate

    def as_told(search: Any, choices: Any) -> None:
        search._block = search._told
        simulate(search, choices)

    monkeypatch.setattr(around._Search, "simulate", as_told)
    curves = building.build_curves(scenario_of(TAKES_TIME), replications=100, runner=HERE)
    assert surely_worse(curves, curves.around)


@pytest.fixture(scope="module")
def bundle() -> Plan:
    return livesim.plan(scenario_of(BUNDLE), replications=50, workers=1)


@pytest.fixture(scope="module")
def tiny() -> Plan:
    """A plan of a small show with few refreshes, and few joint stocks."""
    text = BUNDLE.replace("refresh: 2min", "refresh: 10min").replace("20k", "2k")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(around, "_MOST_ROUNDS", 0)
        return livesim.plan(scenario_of(text), replications=50, workers=1)


@pytest.mark.slow
def test_what_items_come_to_is_as_simulated_with_the_units_of_all(tiny: Plan) -> None:
    """Their curves, told as if nobody reacted, say otherwise."""
    scenario = tiny.curves.scenario
    have = {f"products.{one.name}.owned": one.recommended for one in tiny.items}
    then = livesim.simulate(scenario.with_changes(have), replications=50, workers=1)
    now = livesim.simulate(scenario, replications=50, workers=1)
    for n, item in enumerate(tiny.items):
        seen = [
            np.isfinite(one.outcome.products["unavailable_at"][:, n]).mean() for one in (now, then)
        ]
        assert [item.unavailable_now.chance, item.unavailable_then.chance] == pytest.approx(seen)
        left = then.outcome.products["left_over"][:, n].mean()
        assert item.left_over.mean == pytest.approx(left)
    assert "joint stocks were simulated" in str(in_short(told(tiny)))
    over_time = background(tiny).over_time
    assert over_time is not None and "with what you own now" in over_time.note
    as_if = [one.curve.unavailable_chance(one.owned) for one in tiny.items]
    assert as_if != pytest.approx([one.unavailable_now.chance for one in tiny.items])


@pytest.mark.slow
def test_other_totals_are_simulated_and_beside_the_recommended_profit(tiny: Plan) -> None:
    """Their curves, which are approximate, make other costs."""
    curves, best = tiny.curves, tiny.decision.units
    totals = other_totals(curves, best)
    profits = simulated_profits(curves, [best, *totals], runner=HERE)
    assert [row.units for row in tiny.sensitivity] == list(totals)
    for row in tiny.sensitivity:
        cost = (profits[best] - profits[row.units]).mean()
        assert row.as_whole and row.cost.mean == pytest.approx(cost)
        assert row.profit.mean == pytest.approx((tiny.choices[1].profit.mean or 0.0) - cost)
    added_up = sensitivity(replace(curves, totals={}), best)
    seen = [row.units in curves.simulated for row in added_up]
    assert [row.as_whole for row in added_up] == seen and not all(seen)
    assert [row.cost.mean for row in added_up] != pytest.approx(
        [row.cost.mean for row in tiny.sensitivity]
    )


@pytest.mark.slow
@pytest.mark.usefixtures("jointly")
def test_costs_and_gains_of_few_shows_are_told_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """What curves say of all shows makes them surer than the simulated shows alone."""
    monkeypatch.setattr(plans, "COMPARED", 100)
    plan = livesim.plan(scenario_of(GO_ON), replications=500, workers=1)
    curves, best = plan.curves, plan.decision.units
    assert curves.together is not None
    rows = [row for row in plan.sensitivity if row.units not in curves.simulated]
    costs = {row.units: row.cost for row in rows}
    rest = {without(curves.items, best, [number]): number for number in range(len(best))}
    bought = {none: n for none, n in rest.items() if none not in curves.simulated}
    costs |= {none: plan.items[number].gain for none, number in bought.items()}
    every = simulated_profits(curves, [best, *costs], runner=HERE)
    few = {units: one.profit for units, one in curves.totals.items()}
    assert len(rows) > 3 and bought and {len(few[one]) for one in costs} == {100}
    told = {choice.units: choice.profit.mean for choice in plan.choices}[best]
    narrower = []
    for units, cost in costs.items():
        alone = estimate(few[best] - few[units])
        of_all = estimate(every[best] - every[units])
        assert cost.mean == pytest.approx(of_all.mean, abs=cost.half_width)
        assert cost.mean_interval == (cost.mean - cost.half_width, cost.mean + cost.half_width)
        narrower.append(cost.half_width / alone.half_width)
    assert max(narrower) < 1 and np.mean(narrower) < 0.75
    assert all(row.profit.mean == pytest.approx(told - row.cost.mean) for row in rows)
    said = " ".join(plain(page(plan)).split())
    assert "Simulated in 100 shows: unavailable is of these alone" in said
    assert shows_of_gains(curves, best) == 100
    assert "Gains are simulated in 100 shows: of the others curves tell" in said
    of_few = [one.high - one.low for row in rows for one in row.unavailable]
    whole = [one.unavailable_then.high - one.unavailable_then.low for one in plan.items]
    assert min(of_few) > 0.03  # as 100 shows tell them; in 500 shows none is under 0.007
    assert max(whole) < 0.1  # where 100 tell 0.2


@pytest.mark.slow
@pytest.mark.usefixtures("jointly")
def test_each_purchase_surely_earns_what_a_simulation_without_it_says(tmp_path: Path) -> None:
    plan = livesim.plan(scenario_of(GO_ON), replications=150, workers=1)
    curves, best = plan.curves, plan.decision.units
    assert curves.together is not None and curves.reactions.word == "slots"
    bought = [number for number, item in enumerate(plan.items) if item.purchase]
    rest = {number: without(curves.items, best, [number]) for number in bought}
    profits = simulated_profits(curves, [best, *rest.values()], runner=HERE)
    for number, none in rest.items():
        gain, again = plan.items[number].gain, estimate(profits[best] - profits[none])
        assert gain.above_zero
        assert gain.mean == pytest.approx(again.mean, abs=again.half_width)
    assert 0 < len(bought) < 4
    assert {one.product for one in plan.decision.limits if isinstance(one, NotSignificant)}
    assert not gains_are_approximate(curves, best)
    assert "approximate; together" not in str(page(plan))
    plan.save(tmp_path / "plan")
    told_again = decide_again(load(tmp_path / "plan")[0])
    assert told_again.decision.units == best
    assert [item.gain for item in told_again.items] == [item.gain for item in plan.items]


@pytest.mark.slow
def test_approximate_curves_tell_no_lots_and_no_range_without_the_recommendation(
    tiny: Plan,
) -> None:
    assert not tiny.lots
    more = tuple(units + 100 for units in tiny.decision.units)
    for units in (tiny.decision.units, more):
        decision = replace(tiny.decision, units=units)
        for number, have in enumerate(units):
            low, high = good_range(tiny.curves, MOST_PROFIT, decision, number)
            assert low <= have <= high


@pytest.mark.parametrize("sure", [True, False])
def test_joint_stocks_are_recommended_only_if_they_surely_earn_more_than_nothing(
    known: Callable[..., Curves], sure: bool
) -> None:
    owned = known({"cup": np.full(100, 10.0), "pot": np.full(100, 10.0)})
    curves = replace(
        owned, reactions=Reactions(slots=("cup",)), together=Together((0.0, 0.0), 2), around=(4, 4)
    )
    luck = np.tile([-100.0, 100.0], 50)
    nothing = np.zeros(100)
    simulated = {(0, 0): nothing, (4, 4): 10.0 + luck * (not sure)}
    simulated |= {one.units: nothing - 1 for one in decide_again(curves).choices[1:]}
    plan = decide_again(replace(curves, simulated=simulated))
    assert plan.decision.units == ((4, 4) if sure else (0, 0))
    assert [one.units for one in plan.decision.limits if isinstance(one, UnsureTogether)] == (
        [] if sure else [8]
    )
    if not sure:
        text = plain(page(plan))
        assert "no purchase significantly earns more than it costs" in text
        assert "Buying 8 units would earn CNY 10 ± 20 more than buying nothing" in text


@pytest.mark.parametrize("resource", ["budget", "storage"])
@pytest.mark.parametrize("sure", [True, False])
def test_what_is_limited_decides_only_about_joint_stocks_that_surely_earn_more(
    known: Callable[..., Curves], sure: bool, resource: str
) -> None:
    """Of (6, 4), simulated, 4 units are beyond it: 10 more, or 10 ± 20, which is not told of.

    That (4, 2) earns 5 more has another cause.
    """
    limited = {"budget": 240} if resource == "budget" else {"storage": "6 l"}
    demand = {"cup": np.full(100, 10.0), "pot": np.full(100, 10.0)}
    products = {name: {"volume": "1 l"} for name in demand}
    owned = known(demand, products=products, supply=limited)
    simulated = {(3, 3): np.zeros(100), (4, 2): np.full(100, 5.0)}
    simulated[6, 4] = 10.0 + np.tile([-100.0, 100.0], 50) * (not sure)
    curves = replace(owned, reactions=Reactions(slots=("cup",)), simulated=simulated)
    found = [*deciding_resources(curves, MOST_PROFIT, (3, 3))]
    assert [(one.resource, one.needed, one.gain.mean) for one in found] == (
        [(resource, 400 if resource == "budget" else 10, 10)] if sure else []
    )


@pytest.mark.thorough
def test_a_bundle_whose_components_go_on_is_planned_in_a_bounded_number_of_passes(
    bundle: Plan, tmp_path: Path
) -> None:
    together = bundle.curves.together
    assert together is not None
    most = 2 + around._SPREAD + around._MOST_ROUNDS * (1 + 3 * len(around._MOVES))
    assert 2 < together.joint_stocks <= most
    assert not surely_worse(bundle.curves, bundle.decision.units)
    assert "joint stocks were simulated" in exactness(bundle.curves)
    bundle.save(tmp_path / "plan")
    curves, _ = load(tmp_path / "plan")
    assert curves.together == together
    np.testing.assert_array_equal(
        curves.profit(bundle.decision.units), bundle.curves.profit(bundle.decision.units)
    )


@pytest.mark.parametrize("budget", [150, 330])
def test_what_a_budget_keeps_out_earns_what_the_rows_of_the_answer_say(budget: int) -> None:
    """Single curves, which need not add up, said 154 of what the rows knew to be 73."""
    scenario = livesim.load(POOR, {"supply.budget": budget})
    found = livesim.plan(scenario, replications=100, workers=1)
    (limit,) = (one for one in found.decision.limits if isinstance(one, ResourceDecides))
    items = found.curves.items
    costs = {
        sum(float(item.cost(have)) for item, have in zip(items, row.units, strict=True)): row.cost
        for row in found.sensitivity
    }
    beyond = {cost: row for cost, row in costs.items() if cost > budget}
    assert limit.needed in beyond and limit.gain.above_zero
    assert limit.gain.mean == pytest.approx(-min(row.mean or 0.0 for row in beyond.values()))


def test_a_budget_that_keeps_nothing_out_is_not_said_to_decide() -> None:
    found = livesim.plan(livesim.load(POOR, {"supply.budget": 900}), replications=100, workers=1)
    assert not any(isinstance(one, ResourceDecides) for one in found.decision.limits)
