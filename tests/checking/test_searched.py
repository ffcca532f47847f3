"""The purchase that earns most, where it is found by search: judged on shows that it has not seen.

Of 1,000 studies with a true best that is known, it may lie outside its interval at any look of five
in 50 on average, at an error rate of 5 %. The shares of that rate are cautious: none was seen, and
some 3 where chances are 48 times as large. More than 10 would be a fault, as chances that are 200
times as large are (some 100). Of the show that is searched for real, 16 intervals are looked at
twice: at 5 % more than 4 miss in less than 1 of 1,000 such tests (of 100 seeds, none was seen), and
what earned most in a look is seldom the best.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from math import inf

import numpy as np
import pytest

import livesim
from livesim.checking.deciding import planned
from livesim.checking.planned import Planned, no_plan
from livesim.checking.searched import SEARCHED, Asked, Judged, Look, OfTheBest, searched
from livesim.checking.testing import Wanted, judge, looks, tail_of
from livesim.experiment.runner import HERE
from livesim.planning.building import build_curves, extended, simulated_profits
from livesim.planning.curves import Curves
from livesim.planning.terms import Terms
from livesim.scenario.scenario import Scenario

STUDIES, ERROR_RATE, TOO_MANY = 1_000, 0.05, 10
SEEDS, FEW_LOOKS, TOO_MANY_SEEDS = 8, (250, 500), 4
PACK = 10
FIRST = Look(250, 0.001, HERE)

TWO_ITEMS = """\
like: brand_room
title: Stocks that act on each other
show: {start: 2026-11-29 20:00, length: 20min, currency: CNY, refresh: 2min}
viewers: 9k
products:
  serum: {price: 299, unit_cost: 80, left_over_value: 60, owned: 24, conversion: 1.2%}
  mask: {price: 99, unit_cost: 30, left_over_value: 10, owned: 20, conversion: 1%}
supply: {pack: 10}
"""
DUO = {"price": 350, "orders_per_1000": 5, "contains": {"serum": 1, "mask": 1}}
SLOT = {"length": "10min", "at_sell_out": "next"}
SHOWS = {
    "orders": {"products.duo": DUO},
    "slots": {
        "rundown": {"serums": {**SLOT, "sells": ["serum"]}, "masks": {**SLOT, "sells": ["mask"]}}
    },
    "viewers": {"screen.claimed": True, "products.serum.herd": 2},
}
#: What earns most of all that lies within 30 units of it where orders share stock, in 10,000 shows
#: of seed 99: 14 ± 5 above the next.
BEST = {"serum": 94, "mask": 100}


@cache
def show_of(reaction: str) -> Scenario:
    return livesim.load(TWO_ITEMS, SHOWS[reaction])


@cache
def curves_of(reaction: str) -> Curves:
    found = build_curves(show_of(reaction), replications=250, seed=1, runner=HERE)
    assert found.reactions.word == reaction
    return found


@cache
def plan_of(reaction: str) -> Planned:
    asked = [("plan.serum.buy", Wanted(40, 100)), ("plan.profit", Wanted(0))]
    return planned(curves_of(reaction), asked, look=FIRST)


def judged_of(reaction: str) -> Judged:
    search = plan_of(reaction).search
    assert search is not None
    return search.judged


# --------------------------------------------------------------------------------------------------
# How often it is wrong
# --------------------------------------------------------------------------------------------------


def purchases(random: np.random.Generator, size: int) -> OfTheBest:
    """Draw the profits of seven purchases, of which that of 30 units truly earns most."""
    crowd, each = random.lognormal(0, 0.8, size), random.normal(size=(7, size))
    profits = {
        (n * PACK,): crowd * (20 - 0.05 * (n - 3) ** 2) + 2 * each[n] - 0.02 * (n - 3) ** 2
        for n in range(7)
    }
    return OfTheBest(Judged((30,), profits), sum, list(profits), PACK)


def cut(best: OfTheBest, size: int) -> OfTheBest:
    profits = {units: of[:size] for units, of in best.judged.profits.items()}
    return OfTheBest(Judged(best.judged.found, profits), best.measure, best.row, best.step)


def looked_at(drawn: OfTheBest, tail: float) -> Iterator[OfTheBest]:
    """Yield the purchases at each look, without those that were refused at an earlier one."""
    now = cut(drawn, looks(4000)[0])
    for n in looks(4000):
        done = now.judged.replications
        if n > done:
            every = drawn.judged.profits
            more = {one: every[one][done:n] for one in now.judged.open_at(tail)}
            now = replace(now, judged=now.judged.with_more(more))
        yield now


def misses(tail: float, studies: int) -> int:
    """Count the studies in which the best purchase is refused at any look."""
    count = 0
    for study in range(studies):
        drawn = purchases(np.random.default_rng(study), looks(4000)[-1])
        ends = (now.interval(tail)[1:] for now in looked_at(drawn, tail))
        count += not all(low <= 30 <= high for low, high in ends)
    return count


@pytest.mark.slow
def test_the_best_purchase_is_seldom_refused_however_often_one_looks() -> None:
    assert misses(tail_of(ERROR_RATE, 1, looks(4000)), STUDIES) <= TOO_MANY


def test_chances_that_are_too_large_would_be_seen() -> None:
    """Of 100 studies, where 10 of 1,000 are too many."""
    assert misses(200 * tail_of(ERROR_RATE, 1, looks(4000)), 100) > TOO_MANY * 100 / STUDIES


@pytest.mark.slow
def test_what_earns_most_of_a_real_show_is_seldom_refused() -> None:
    """And what earned most is seldom all of it."""
    tail, outside, other = tail_of(ERROR_RATE, 1, FEW_LOOKS), 0, 0
    for seed in range(SEEDS):
        for name, best in BEST.items():
            found = [plan.figure(f"plan.{name}.have").interval(tail) for plan in real_plans(seed)]
            outside += not all(low <= best <= high for _, low, high in found)
            other += any(value != best for value, _, _ in found)
    assert outside <= TOO_MANY_SEEDS < other


@cache
def real_plans(seed: int) -> tuple[Planned, Planned]:
    """Return the plans of a seed at two looks."""
    asked = [(f"plan.{name}.have", Wanted(80, 120)) for name in BEST]
    tail = tail_of(ERROR_RATE, 1, FEW_LOOKS)
    few = build_curves(show_of("orders"), replications=FEW_LOOKS[0], seed=seed, runner=HERE)
    first = planned(few, asked, look=Look(FEW_LOOKS[0], tail, HERE))
    more = extended(few, FEW_LOOKS[1], runner=HERE)
    return first, planned(more, asked, first, look=Look(FEW_LOOKS[1], tail, HERE))


# --------------------------------------------------------------------------------------------------
# What it says
# --------------------------------------------------------------------------------------------------


def of_means(means: dict[int, float], row: list[int], tail: float = 0.01) -> tuple[float, ...]:
    noise = np.random.default_rng(1).normal(size=250)
    profits = {
        (units,): mean + noise + 0.1 * np.random.default_rng(units).normal(size=250)
        for units, mean in means.items()
    }
    return OfTheBest(Judged((0,), profits), sum, [(one,) for one in row], PACK).interval(tail)


def test_the_best_lies_between_those_that_surely_earn_less() -> None:
    means = {0: 1.0, 20: 4.0, 50: 5.0, 80: 4.0}
    assert of_means(means, list(means)) == (50, 30, 70)


def test_what_may_not_be_bought_ends_it_and_what_was_not_looked_at_does_not() -> None:
    means = {0: 1.0, 20: 4.0, 50: 5.0}
    assert of_means(means, [*means, 60]) == (50, 30, 50)
    assert of_means(means, list(means)) == (50, 30, inf)


def test_what_is_about_as_good_stays_open() -> None:
    means = {0: 1.0, 40: 5.0, 50: 5.001, 60: 5.0, 70: 1.0}
    assert of_means(means, list(means))[1:] == (10, 60)


def test_others_that_are_as_good_count_though_they_are_in_no_row() -> None:
    means = {40: 1.0, 50: 5.0, 60: 1.0, 80: 4.999, 90: 1.0}
    assert of_means(means, [40, 50, 60, 90])[1:] == (50, 80)


def test_about_as_many_as_are_said_to_be_needed_decide_it() -> None:
    """Of twelve seeds few are decided by a fifth of that, and nearly all by three times."""
    tail, wanted = tail_of(0.01, 1, looks(4000)), Wanted(20, 40)
    by_then = {0.2: 0, 3.0: 0}
    for seed in range(12):
        drawn = purchases(np.random.default_rng(seed), 20_000)
        needed = cut(drawn, 250).needed(wanted, tail)
        assert needed is not None and needed % 250 == 0
        for times in by_then:
            few = 250 * max(1, round(times * needed / 250))
            by_then[times] += judge(cut(drawn, few), wanted, tail).verdict == "holds"
    assert by_then[0.2] <= 3 and by_then[3.0] >= 10


# --------------------------------------------------------------------------------------------------
# What is looked at
# --------------------------------------------------------------------------------------------------


def test_purchases_are_judged_on_shows_that_their_search_has_not_seen() -> None:
    curves, judged = curves_of("orders"), judged_of("orders")
    both = simulated_profits(extended(curves, 500, runner=HERE), list(judged.profits), runner=HERE)
    for units, profit in judged.profits.items():
        np.testing.assert_allclose(profit, both[units][250:])


def test_figures_are_those_of_a_show_with_the_units_that_were_found() -> None:
    found = plan_of("orders")
    owned = dict(zip(("serum", "mask"), judged_of("orders").found, strict=True))
    show = show_of("orders").with_changes({f"products.{n}.owned": u for n, u in owned.items()})
    result = livesim.simulate(show, replications=500, seed=1, workers=1)
    np.testing.assert_allclose(found.figures["plan.profit"], result.shows["profit"][250:])
    for name in owned:
        mine = result.products[result.products["product"] == name]
        left_over = mine["left_over"].to_numpy()[250:]
        np.testing.assert_allclose(found.figures[f"plan.{name}.left_over"], left_over)


@pytest.mark.parametrize(
    "reaction", ["orders", "slots", pytest.param("viewers", marks=pytest.mark.slow)]
)
def test_there_is_every_figure_that_a_plan_has(reaction: str) -> None:
    found, before = plan_of(reaction), no_plan(show_of(reaction))
    assert found.chosen.keys() == before.chosen.keys()
    assert found.figures.keys() == before.figures.keys()
    for path in (*found.chosen, *found.figures):
        value, low, high = found.figure(path).interval(0.01)
        assert low <= value <= high, path
    assert found.figure("plan.serum.owned").interval(0.01) == (24, 24, 24)
    assert found.figure("plan.choices.recommended.units.serum").interval(0.01)[0] == (
        found.figure("plan.serum.buy").interval(0.01)[0] + 24
    )


def test_once_it_was_searched_on_enough_what_is_open_is_judged_on_more() -> None:
    """Those that surely earned less stay out, and still end the row; no show is simulated twice."""
    few, tail = extended(curves_of("slots"), SEARCHED, runner=HERE), 0.01
    asked = [Asked((0,), (40.0, 100.0))]
    first = searched(few, asked, None, Look(500, tail, HERE))
    later = searched(few, asked, first, Look(750, tail, HERE))
    open_ = first.judged.open_at(tail)
    assert 0 < len(open_) < len(first.judged.profits)
    assert [*later.judged.profits] == open_ and later.rows == first.rows
    assert len(open_) + later.judged.refused == len(first.judged.profits)
    for units, profit in later.judged.profits.items():
        assert len(profit) == 750
        assert profit[:500].tolist() == first.judged.profits[units].tolist()
    ends = [
        OfTheBest(one.judged, lambda u: u[0] - 24, one.rows[0,], PACK) for one in (first, later)
    ]
    (_, low, high), (_, least, most) = (of.interval(tail) for of in ends)
    assert low <= least <= most <= high < inf


def test_where_only_units_are_asked_for_nothing_else_is_simulated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr("livesim.checking.deciding.simulated_choices")
    found = planned(curves_of("orders"), [("plan.serum.buy", Wanted(40, 100))], look=FIRST)
    assert found.figure("plan.serum.buy").interval(0.01) == (
        plan_of("orders").figure("plan.serum.buy").interval(0.01)
    )


def test_units_stand_beside_both_ends_of_what_is_expected() -> None:
    judged = judged_of("orders")
    serum = {units[0] - 24 for units in judged.profits}
    assert {30, 40, 100, 110} <= serum


def test_beside_more_of_what_is_scarce_there_is_less_of_the_rest() -> None:
    """A row under a budget is as good as it can be: none of it can have a pack more of all."""
    show = livesim.load(TWO_ITEMS, SHOWS["orders"] | {"supply.budget": 5000})
    curves = build_curves(show, replications=250, seed=1, runner=HERE)
    search = searched(curves, [Asked((0,)), Asked((0, 1))], None, FIRST)
    judged, rows = search.judged, search.rows
    terms = Terms.of(curves)
    row = [units for units in rows[0,] if units in judged.profits]
    assert len({units[0] for units in row}) > 4
    masks = [units[1] for units in sorted(row)]
    assert masks == sorted(masks, reverse=True) and masks[0] > masks[-1]
    assert any(not terms.allow(units) for units in rows[0,])
    best = OfTheBest(judged, lambda units: units[0] - 24, rows[0,], PACK)
    assert best.interval(0.01)[2] <= 60  # 62 would cost more than there is


def test_where_nothing_is_bought_more_of_all_is_looked_at() -> None:
    plenty = {"products.serum.owned": 900, "products.mask.owned": 900}
    show = livesim.load(TWO_ITEMS, SHOWS["orders"] | plenty)
    curves = build_curves(show, replications=250, seed=1, runner=HERE)
    found = planned(curves, [("plan.buy", Wanted(0, 10))], look=FIRST)
    value, low, high = found.figure("plan.buy").interval(0.001)
    assert (value, low) == (0, 0) and high < inf


def test_an_end_far_beyond_all_demand_is_not_simulated() -> None:
    asked = [("plan.serum.buy", Wanted(0, 1e12)), ("plan.buy", Wanted(0, 1e12))]
    found = planned(curves_of("orders"), asked, look=FIRST)
    assert found.search is not None
    tops = [curve.levels[-1] for curve in curves_of("orders").curves]
    assert all(
        have <= top + PACK
        for units in found.search.judged.profits
        for have, top in zip(units, tops, strict=True)
    )
    assert judge(found.figure("plan.serum.buy"), Wanted(0, 1e12), 0.001).verdict == "holds"
