"""Decisions about simulated shows, held against a known law and against luck not yet seen."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
import pytest
from scipy import stats

import livesim
from livesim.experiment.block_at import BlockAt
from livesim.experiment.blocks import Block
from livesim.experiment.levels import Levels, Stocked
from livesim.experiment.runner import Runner
from livesim.model.expectation import expect
from livesim.planning.bootstrap import simulation_intervals
from livesim.planning.building import build_curves
from livesim.planning.curves import Curves
from livesim.planning.deciding import decide
from livesim.planning.items import Item, by_variant
from livesim.planning.limits import ResourceServes
from livesim.planning.objectives import MostProfit, Service
from livesim.planning.spacing import levels_for
from livesim.planning.terms import Terms
from livesim.resolve import alternatives, resolve
from livesim.resolve.inputs import inputs_of
from livesim.scenario.document import parse_document
from livesim.scenario.library import LIBRARY, names_in
from livesim.scenario.scenario import Scenario

#: Every reference show is judged on the service that is promised for it; some need a change first.
CHANGED_TO_SERVE: dict[str, dict[str, None]] = {
    # Its budget buys no service of 95 %, as the test below has the program say.
    "twenty_thousand_pairs": {"supply.budget": None},
}
#: Every reference show, those that a file describes as alternatives each by itself.
SHOWS = [
    (name, alternative)
    for name in names_in(LIBRARY)
    for alternative in alternatives(LIBRARY / f"{name}.yaml") or (None,)
]
#: Where every purchase can be tried: few products, and a purchase that pays.
EXHAUSTED = ("brand_room", "viya_kim_perfume")
#: The seed of the luck on which decisions are judged; they are made at seed 1.
FRESH = 2

_KNOWN = """
like: brand_room
title: Nothing is uncertain but who orders
show: {length: 5min, currency: CNY, appeal: 1, turnout_factor: 1}
segments:
  everyone:
    {reach: 2_000, turnout: 50%, waiting: 20%,
     arrivals: {shape: s_curve, middle: 40%, spread: 16%}}
products:
  serum: {price: 100, unit_cost: 40, left_over_value: 10, returns: 0%, conversion: 20%,
          quantity: {1: 100%}}
checkout: {unpaid: 0%}
"""


def units_of(curves: Curves, units: tuple[int, ...]) -> np.ndarray:
    return by_variant(curves.items, np.array(units)[:, None])


def simulated(scenario: Scenario, levels: np.ndarray, replications: int, seed: int) -> Levels:
    """Simulate a show at many levels of its variants, shape (V, L)."""
    work = partial(_at_levels, scenario, levels, seed)
    done = Runner().replicate(work, lambda _: [None], replications)
    return Levels.joined([found for (found,) in done.whole()])


def _at_levels(
    scenario: Scenario, levels: np.ndarray, seed: int, task: tuple[None, Block]
) -> Levels:
    _, (block, size) = task
    (found,) = BlockAt(scenario, seed, block, size).simulated([Stocked(levels)])
    return found


def test_a_show_of_known_demand_gets_the_newsvendors_quantity() -> None:
    """One chance for each of 2,000 to order: demand is binomial, by the expectation's sums."""
    scenario = resolve(parse_document(_KNOWN)).scenario
    curves = build_curves(scenario, replications=500, runner=Runner(workers=1))
    [orders] = expect(inputs_of(scenario)).orders.values()
    best = stats.binom(2_000, orders / 2_000).ppf(60 / 90)
    [(low, high)] = simulation_intervals(curves, MostProfit(), decide(curves, MostProfit()))
    assert low <= best <= high
    assert high - low < 0.06 * best


_LATE = """
like: drop
title: Most units come in the last minute
show: {start: 2026-11-29 20:00, length: 20min, currency: CNY, refresh: 5s,
       appeal: 1, turnout_factor: 1}
viewers: 5k
products:
  cup: {price: 100, unit_cost: 30, owned: 10, forecast: 300,
        arriving: {van: {units: 400, on: 2026-11-29 20:19}}}
rundown:
  sale: {length: 20min, sells: [cup], link: 1min}
"""


def test_units_that_come_when_buyers_have_gone_serve_nobody() -> None:
    """With 10 of 300 on hand, all are gone in the first minutes, though 400 come at the end."""
    scenario = resolve(parse_document(_LATE)).scenario
    curves = build_curves(scenario, replications=50, runner=Runner(workers=1))
    (curve,) = curves.curves
    assert curve.sold_out_chance(10) == 0  # more is to come
    assert curve.unavailable_chance(10) == 1
    units = decide(curves, Service(0.9)).units[0]
    assert units >= np.median(curve.demand)


def test_levels_that_fall_together_are_spent_on_the_upper_tail() -> None:
    """Straight lines over a sparse tail would misjudge how many units a high service takes."""
    item = Item(name="mask", product="mask", order="mask", owned=20, unit_cost=30.0, pack=10)
    demand = stats.lognorm(1.0, scale=25).ppf((np.arange(50) + 0.5) / 50)
    levels = levels_for(item, demand, demand, 40)
    assert len(levels) == 40
    upper = levels[levels >= np.quantile(demand, 0.9)]
    assert (np.diff(upper) <= np.maximum(0.15 * upper[:-1], item.pack)).all()


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "alternative"), SHOWS)
def test_a_service_is_what_was_promised_on_luck_not_yet_seen(
    name: str, alternative: str | None
) -> None:
    """The interval's chance to miss, 5 %, is shared among all shows and their items.

    With a single item it reaches about 1.5 percentage points to either side of what was promised;
    below 94 % the test fails whatever it says.
    """
    changes = CHANGED_TO_SERVE.get(name)
    scenario = livesim.load(LIBRARY / f"{name}.yaml", changes, alternative=alternative)
    curves = build_curves(scenario, replications=2_000, seed=1, runner=Runner())
    decision = decide(curves, Service(0.95))
    assert decision.reached
    found = simulated(scenario, units_of(curves, decision.units), 20_000, FRESH)
    sure = 1 - 0.05 / len(SHOWS) / len(curves.curves)
    for curve, units in zip(curves.curves, decision.units, strict=True):
        promised = 1 - curve.sold_out_chance(units)
        interval = stats.binomtest(round(promised * 2_000), 2_000).proportion_ci(sure, "wilson")
        kept = np.isinf(found.figures["sold_out_at"][:, curve.item.variants[0], 0]).mean()
        assert promised >= 0.95, curve.item.name
        assert interval.low <= kept <= interval.high, curve.item.name
        assert kept >= 0.94, curve.item.name


@pytest.mark.slow
def test_a_budget_that_buys_no_such_service_is_told_with_what_it_would_take() -> None:
    scenario = livesim.load(LIBRARY / "twenty_thousand_pairs.yaml")
    decision = decide(
        build_curves(scenario, replications=250, runner=Runner(workers=1)), Service(0.95)
    )
    assert not decision.reached
    [missed] = decision.missed
    assert isinstance(missed, ResourceServes)
    assert missed.share < missed.possible == 0.95
    assert missed.needed > scenario.supply.budget


@pytest.mark.thorough
@pytest.mark.parametrize("name", EXHAUSTED)
def test_the_regret_of_a_decision_is_small(name: str) -> None:
    """Every purchase by pack multiples, judged on 20,000 replications not yet seen."""
    assert regret(livesim.load(LIBRARY / f"{name}.yaml"), decided=2_000, judged=20_000) < 0.005


@pytest.mark.thorough
def test_the_regret_of_a_decision_about_a_short_show_is_small() -> None:
    short = livesim.load(LIBRARY / "brand_room.yaml", {"show.length": "15min"})
    # With half as many replications, what the serum gains is not significant, and not bought.
    assert regret(short, decided=2_000, judged=2_000) < 0.005


def regret(scenario: Scenario, decided: int, judged: int) -> float:
    """Return the share of the most expected profit that a decision at seed 1 gives up [1]."""
    curves = build_curves(scenario, replications=decided, seed=1, runner=Runner())
    terms, decision = Terms.of(curves), decide(curves, MostProfit())
    choices = [
        np.unique([units, *_spread(curve.item.owned, curve.item.pack, int(curve.levels[-1]))])
        for curve, units in zip(curves.curves, decision.units, strict=True)
    ]
    most = max(map(len, choices))
    columns = [np.pad(choice, (0, most - len(choice)), mode="edge") for choice in choices]
    units = np.array([units_of(curves, one)[:, 0] for one in zip(*columns, strict=True)]).T
    profit = simulated(scenario, units, judged, FRESH).figures["profit"].mean(axis=0)
    worth = [
        dict(zip(column.tolist(), profit[list(curve.item.variants)].sum(axis=0), strict=True))
        for curve, column in zip(curves.curves, columns, strict=True)
    ]

    def earned(units: tuple[int, ...]) -> float:
        return sum(one[have] for one, have in zip(worth, units, strict=True))

    best = max(filter(terms.allow, itertools.product(*worth)), key=earned)
    return (earned(best) - earned(decision.units)) / earned(best)


def _spread(owned: int, pack: int, top: int) -> list[int]:
    """Return at most 60 purchases up to the top: every pack, if these are so few."""
    packs = max((top - owned) // pack, 1)
    return (owned + pack * np.unique(np.linspace(0, packs, 60).astype(int))).tolist()
