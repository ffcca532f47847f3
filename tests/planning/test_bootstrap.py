"""The simulation interval of a decision: how often it holds the truth, and what it depends on."""

from __future__ import annotations

from math import hypot

import numpy as np
import pytest
from scipy import stats

from livesim.planning.bootstrap import simulation_intervals
from livesim.planning.curves import Curves
from livesim.planning.deciding import decide
from livesim.planning.objectives import FillRate, LossCap, MostProfit, Objective, Service, WorstCap
from livesim.planning.terms import Terms

#: One shared uncertainty, stratified as livesim's own, and one that is not: what shows are made of.
SHARED, OWN, MEDIAN = 0.4, 0.45, 150.0
LAW = stats.lognorm(hypot(SHARED, OWN), scale=MEDIAN)
LEVELS = [0, 100, *range(140, 260, 2), *range(260, 400, 4)]
REPETITIONS = 200

OBJECTIVES = [MostProfit(), Service(0.9), FillRate(0.9), WorstCap(500), LossCap(0.02)]


def demand(draw, replications: int, seed: int, stratified: bool = True) -> np.ndarray:
    shared = draw(stats.lognorm(SHARED), replications, seed, stratified=stratified)
    own = stats.lognorm(OWN, scale=MEDIAN)
    return shared * draw(own, replications, seed, stratified=False, name="own")


def interval(curves: Curves, objective: Objective) -> tuple[int, int]:
    [found] = simulation_intervals(curves, objective, decide(curves, objective))
    return found


@pytest.mark.slow
@pytest.mark.verification
@pytest.mark.parametrize(
    "stratified", [True, pytest.param(False, marks=pytest.mark.thorough)], ids=["LHS", "iid"]
)
@pytest.mark.parametrize(
    ("objective", "truth"),
    [
        (MostProfit(), LAW.ppf(60 / 90)),
        pytest.param(Service(0.9), LAW.ppf(0.9), marks=pytest.mark.thorough),
    ],
    ids=["profit", "service"],
)
def test_the_interval_holds_the_truth_as_often_as_it_says(
    objective, truth, stratified, draw, known
) -> None:
    """By luck, 95 % would look like less than 90 or more than 99 % once in 300 times."""
    held = 0
    for seed in range(REPETITIONS):
        wanted = demand(draw, 500, seed, stratified)
        low, high = interval(known({"one": wanted}, levels=LEVELS), objective)
        held += low - 0.5 <= truth <= high + 0.5
    assert 0.90 <= held / REPETITIONS <= 0.99


@pytest.mark.slow
@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda objective: type(objective).__name__)
def test_an_interval_holds_the_decision_and_narrows_with_replications(
    objective, draw, known
) -> None:
    few, many = (
        known({"one": demand(draw, replications, 7)}, levels=LEVELS)
        for replications in (500, 8_000)
    )
    units = decide(few, objective).units[0]
    (low, high), (lower, higher) = interval(few, objective), interval(many, objective)
    assert low <= units <= high
    assert 0 < higher - lower < 0.6 * (high - low)
    assert interval(few, objective) == (low, high)


@pytest.mark.slow
def test_an_interval_is_in_whole_packs_from_what_is_owned(draw, known) -> None:
    curves = known(
        {"one": demand(draw, 500, 7)},
        products={"one": {"owned": 13}},
        supply={"pack": 12},
        levels=LEVELS,
    )
    for objective in OBJECTIVES:
        low, high = interval(curves, objective)
        assert low < high
        assert {(low - 13) % 12, (high - 13) % 12} == {0}


def test_coarse_levels_widen_the_interval_half_way_to_the_next(draw, known) -> None:
    wanted = demand(draw, 8_000, 7)
    coarse = known({"one": wanted}, levels=[0, 100, 160, 200, 240, 300, 600])
    assert decide(coarse, MostProfit()).units == (200,)
    assert interval(coarse, MostProfit()) == (180, 220)


@pytest.mark.parametrize("replications", [50, 2_000])
@pytest.mark.parametrize(
    ("supply", "most"),
    [
        ({"minimum_order": 120, "budget": 1_000}, 0),  # which costs 4,800
        ({"minimum_order": 120, "storage": "60 l"}, 0),
        ({"minimum_order": 1_000, "pack": 7}, 1_197),
        ({"budget": 130}, 3),
        ({"pack": 3, "budget": 200}, 3),
    ],
)
def test_an_interval_keeps_to_what_may_be_bought(
    replications: int, supply, most: int, draw, known
) -> None:
    """A purchase that could never be made hung in the balance."""
    curves = known(
        {"one": demand(draw, replications, 7)},
        products={"one": {"volume": "1 l"}},
        supply=supply,
        levels=[0, 10, 100, 200, 400, 1_200],
    )
    low, high = interval(curves, MostProfit())
    assert low <= high <= most
    terms = Terms.of(curves)
    assert all(terms.allow([units]) for units in (low, high))


def test_what_is_lacking_to_a_shared_minimum_order_takes_its_part_of_the_budget(known) -> None:
    """Both sizes come in one order of 100 at 40 each: no part of it fits in less than 4,000."""
    sizes = {"small": {"share": "50%"}, "large": {"share": "50%"}}
    for budget, most in ((3_999, 0), (4_000, 100), (4_400, 110)):
        curves = known(
            {f"one.{size}": np.full(100, 20.0) for size in sizes},
            products={"one": {"variants": sizes}},
            supply={"minimum_order": 100, "budget": budget},
            levels=[0, 100, 200],
        )
        totals = np.arange(201)
        assert totals[Terms.of(curves).can_be_had(0, totals)][-1] == most


@pytest.mark.slow
def test_the_interval_follows_a_budget_and_a_refund(draw, known) -> None:
    wanted = {"one": demand(draw, 500, 7), "two": demand(draw, 500, 8)}
    deal = {"slot_fee": 2_000, "guaranteed_volume": 300}
    for terms in ({"supply": {"budget": 11_000}}, {"deal": deal}):
        curves = known(wanted, levels=LEVELS, **terms)
        decision = decide(curves, MostProfit())
        found = simulation_intervals(curves, MostProfit(), decision)
        for units, (low, high) in zip(decision.units, found, strict=True):
            assert low <= units <= high
            assert 0 < high - low < 100


def test_one_batch_says_nothing(draw, known) -> None:
    curves = known({"one": demand(draw, 50, 7)}, levels=LEVELS)
    assert interval(curves, MostProfit()) == (0, LEVELS[-1])
