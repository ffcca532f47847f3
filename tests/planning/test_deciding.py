"""The stock decision: textbooks' answers, exhaustive search, and what is said where none exists."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from livesim.errors import UsageError
from livesim.experiment.levels import Reactions
from livesim.planning.bootstrap import simulation_intervals
from livesim.planning.curves import Curves
from livesim.planning.deciding import decide, good_range, purchase_cost
from livesim.planning.limits import (
    FewReplications,
    LevelsEnd,
    LevelsServe,
    NothingLimits,
    NotSignificant,
    ResourceDecides,
    ResourceServes,
    TooRisky,
)
from livesim.planning.objectives import FillRate, LossCap, MostProfit, Service, WorstCap
from livesim.planning.plan import not_bought
from livesim.planning.service_level import _shared_out
from livesim.planning.spacing import levels_for
from livesim.planning.terms import Terms
from livesim.randomness import generator
from livesim.results.intervals import estimate

#: Where a unit too few costs 60 and one too many 30.
RATIO = 60 / 90


def profits(curves: Curves, most: int) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """Yield every purchase of up to so many packs an item that the terms allow, and its profit."""
    terms = Terms.of(curves)
    choices = [range(i.owned, i.owned + i.pack * most + 1, i.pack) for i in curves.items]
    own = [
        {units: curve.at("profit", units) for units in choice}
        for curve, choice in zip(curves.curves, choices, strict=True)
    ]
    fixed = curves.fixed(curves.owned)
    for units in itertools.product(*choices):
        if terms.allow(units):
            if curves.scenario.deal.guaranteed_volume:
                fixed = curves.fixed(units)
            yield units, sum((item[n] for item, n in zip(own, units, strict=True)), fixed)


def best_score(curves: Curves, most: int, score: Callable[[np.ndarray], Any]) -> Any:
    """Return the best score of all purchases."""
    return max(score(profit) for _, profit in profits(curves, most))


def random_demand(name: str, seed: int, items: str, mean: float) -> Mapping[str, np.ndarray]:
    """Return demands that share a part of their uncertainty, as those of one show do."""
    random = generator(seed, name)
    shared = random.lognormal(0, 0.5, 400)
    return {
        item: np.round(random.uniform(0.5, 1.5) * mean * shared * random.lognormal(0, 0.5, 400))
        for item in items
    }


#: A margin of 60 on a unit that is sold, and a loss of 29 on one that is left over.
_DEAR = {"serum": {"unit_cost": 40, "left_over_value": 11}, "sure": {}}


@pytest.mark.slow
@pytest.mark.parametrize(
    "law",
    [stats.norm(200, 40), stats.lognorm(0.6, scale=150), stats.poisson(80)],
    ids=["normal", "lognormal", "Poisson"],
)
@pytest.mark.parametrize("stratified", [True, False])
def test_most_profit_is_the_newsvendors_quantity(law, stratified, draw, known) -> None:
    curves = known({"one": draw(law, 2000, seed=5, stratified=stratified)})
    decision = decide(curves, MostProfit())
    [(low, high)] = simulation_intervals(curves, MostProfit(), decision)
    assert low <= round(law.ppf(RATIO)) <= high
    assert high - low < 0.1 * law.mean()
    assert (decision.reached, decision.limits, decision.rounding_cost) == (True, (), 0.0)


@pytest.mark.parametrize(
    ("objective", "replications", "least"),
    [(Service(0.99), 50, [400]), (Service(0.99), 400, []), (LossCap(0.02), 150, [200])],
)
def test_an_objective_about_rare_shows_says_how_many_it_takes(
    objective, replications: int, least: list[int], known
) -> None:
    """The P99 of 50 replications has no interval: none may lie above it."""
    curves = known({"serum": generator(0, "rare").uniform(10, 90, replications).round()})
    limits = decide(curves, objective).limits
    assert [one.needed for one in limits if isinstance(one, FewReplications)] == least


def test_a_tight_budget_raises_what_can_be_raised(known) -> None:
    """A unit of the dear item is above the budget, which still serves the other one."""
    demand = generator(0, "tight").uniform(10, 90, 400).round()
    cost = {"dear": {"unit_cost": 900.0, "price": 2_000.0}, "cheap": {}}
    curves = known({"dear": demand, "cheap": demand}, products=cost, supply={"budget": 800})
    decision = decide(curves, Service(0.9))
    assert decision.units == (0, 20)
    assert not decision.reached


def test_a_gain_inside_its_own_error_is_not_recommended(known) -> None:
    """In 33 of 100 shows 50 are wanted, else none: at this cost they earn on average just more."""
    demand = np.where(np.arange(100) < 33, 50.0, 0.0)
    curves = known({"serum": demand, "sure": np.full(100, 50.0)}, products=_DEAR)
    assert MostProfit().choose(curves, Terms.of(curves)) == (50, 50)
    decision = decide(curves, MostProfit())
    assert decision.units == (0, 50)
    (unsure,) = decision.limits
    assert isinstance(unsure, NotSignificant)
    assert (unsure.product, unsure.units) == ("serum", 50)
    assert not unsure.gain.significant


@pytest.mark.parametrize("cost", [40, 12])  # 40: left-overs are worth what they cost
def test_of_a_gain_inside_its_error_what_surely_pays_is_bought(known, cost: int) -> None:
    """In 30 of 100 shows 20 are wanted, in one more 900: that one alone is no reason to buy 900."""
    demand = np.zeros(100)
    demand[:31] = [900, *[20] * 30]
    terms = {"unit_cost": cost, "left_over_value": cost if cost == 40 else cost - 0.2}
    curves = known({"one": demand}, products={"one": terms}, levels=range(0, 901, 10))
    assert MostProfit().choose(curves, Terms.of(curves)) == (900,)
    decision = decide(curves, MostProfit())
    (bought,) = decision.units
    unsure = next(one for one in decision.limits if isinstance(one, NotSignificant))
    assert (unsure.units, unsure.fewer) == (900, bought)
    (curve,) = curves.curves
    assert estimate(curve.gain(0, bought)).significant
    assert not estimate(curve.gain(bought, 900)).significant
    assert bought == 20


def test_a_purchase_whose_second_half_is_not_sure_ends_where_its_lots_do(known) -> None:
    """In 50 of 100 shows 100 are wanted, in one more 300: 300 surely pay, but not the last 200."""
    demand = np.zeros(100)
    demand[:51] = [300, *[100] * 50]
    terms = {"unit_cost": 12, "left_over_value": 12}
    curves = known({"one": demand}, products={"one": terms}, levels=range(0, 901, 10))
    (curve,) = curves.curves
    assert estimate(curve.gain(0, 300)).significant
    decision = decide(curves, MostProfit())
    unsure = next(one for one in decision.limits if isinstance(one, NotSignificant))
    assert (decision.units, unsure.units, unsure.above) == ((100,), 300, 100)
    assert not unsure.gain.significant


@pytest.mark.slow
def test_what_packs_cost_is_seen_even_where_all_levels_are_packs(draw, known) -> None:
    """A parabola through the best pack and its neighbours; exact to 20 % of a small figure."""
    demand = {"serum": draw(stats.norm(526, 60), 4_000, 3)}
    supply = {"pack": 30}
    by_units = decide(known(demand, supply=supply), MostProfit())
    by_packs = decide(known(demand, supply=supply, levels=range(0, 901, 30)), MostProfit())
    assert by_packs.units == by_units.units
    assert by_units.rounding_cost > 20
    assert by_packs.rounding_cost == pytest.approx(by_units.rounding_cost, rel=0.2)


def test_the_best_whole_packs_are_bought_and_rounding_has_its_price(draw, known) -> None:
    products = {"one": {"owned": 30}}
    demand = {"one": draw(stats.norm(200, 40), 2000, seed=5)}
    curves = known(demand, products=products, supply={"pack": 48})
    decision = decide(curves, MostProfit())
    by_packs = {units: profit.mean() for units, profit in profits(curves, 8)}
    by_units = [curves.profit((units,)).mean() for units in range(30, 300)]
    assert decision.units == max(by_packs, key=by_packs.__getitem__) == (222,)
    assert decision.rounding_cost == pytest.approx(max(by_units) - by_packs[decision.units])
    assert decision.rounding_cost > 0


def test_owned_units_are_never_given_back(draw, known) -> None:
    demand = {"one": draw(stats.norm(200, 40), 500, seed=5)}
    curves = known(demand, products={"one": {"owned": 330}})
    decision = decide(curves, MostProfit())
    assert decision.units == (330,)
    assert good_range(curves, MostProfit(), decision, 0) == (330, 330)


@pytest.mark.slow
def test_a_budget_is_shared_as_its_price_says(draw, known) -> None:
    """Lagrange: P(left over) = (price − cost (1 + λ)) / (price − left-over value) for each item."""
    laws = {"a": stats.norm(200, 40), "b": stats.norm(150, 60), "c": stats.norm(300, 30)}
    costs = {"a": 40.0, "b": 60.0, "c": 25.0}
    budget = 20_000.0
    curves = known(
        {name: draw(law, 4000, seed=n) for n, (name, law) in enumerate(laws.items())},
        products={name: {"unit_cost": cost} for name, cost in costs.items()},
        supply={"budget": budget},
    )

    def best(multiplier: float) -> list[float]:
        return [law.ppf((100 - costs[name] * (1 + multiplier)) / 90) for name, law in laws.items()]

    def overspent(multiplier: float) -> float:
        return float(np.dot(best(multiplier), list(costs.values()))) - budget

    multiplier = optimize.brentq(overspent, 0, 0.6)
    decision = decide(curves, MostProfit())
    assert multiplier > 0.05
    assert budget - min(costs.values()) < purchase_cost(curves, decision.units) <= budget
    intervals = simulation_intervals(curves, MostProfit(), decision)
    for units, (low, high), law in zip(best(multiplier), intervals, laws.values(), strict=True):
        assert low - 1 <= units <= high + 1  # the budget is spent in whole units
        assert high - low < 0.1 * law.mean()
    [limit] = decision.limits
    assert isinstance(limit, ResourceDecides)
    assert limit.resource == "budget" and limit.needed > budget and limit.gain.above_zero


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(6, 12))]
)
def test_minimum_orders_and_a_budget_cost_next_to_nothing_over_exhaustive_search(
    seed, known
) -> None:
    random = generator(seed, "terms")
    demand = random_demand("minimum orders", seed, "abc", 50)
    curves = known(
        demand,
        products={n: {"unit_cost": int(random.integers(20, 80))} for n in demand},
        supply={
            "pack": 10,
            "minimum_order": int(random.choice([0, 40, 60])),
            "budget": int(random.integers(2_000, 8_000)),
        },
    )
    units, supply = decide(curves, MostProfit()).units, curves.scenario.supply
    assert all(have % 10 == 0 and (have == 0 or have >= supply.minimum_order) for have in units)
    assert sum(n * i.unit_cost for n, i in zip(units, curves.items, strict=True)) <= supply.budget
    best = best_score(curves, 20, np.mean)
    assert curves.profit(units).mean() >= 0.995 * best


@pytest.mark.parametrize(
    "seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(6, 12))]
)
def test_packs_and_minimum_orders_of_their_own_cost_next_to_nothing_over_exhaustive_search(
    seed, known
) -> None:
    """Two products, one in two shades of which one has a minimum of its own."""
    random = generator(seed, "own terms")
    shades = {"red": {"share": "60%", "supply": {"minimum_order": 30}}, "nude": {"share": "40%"}}
    packs, least = random.choice([5, 10, 15], 2), random.choice([0, 40, 60], 2)
    products: dict[str, Any] = {
        name: {
            "unit_cost": int(random.integers(20, 80)),
            "supply": {"pack": int(pack), "minimum_order": int(minimum)},
        }
        for name, pack, minimum in zip("ab", packs, least, strict=True)
    }
    products["b"]["variants"] = shades
    names = ["a", "b.red", "b.nude"]
    demand = dict(zip(names, random_demand("own", seed, "xyz", 40).values(), strict=True))
    curves = known(demand, products=products, supply={"budget": int(random.integers(2e3, 8e3))})
    terms, units = Terms.of(curves), decide(curves, MostProfit()).units
    assert [item.pack for item in curves.items] == [*packs, packs[1]]
    assert terms.minimum("b.red") == 30
    assert terms.allow(units)
    assert all((n - i.owned) % i.pack == 0 for n, i in zip(units, curves.items, strict=True))
    best = best_score(curves, 15, np.mean)
    assert curves.profit(units).mean() >= 0.995 * best


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, marks=[] if seed in (1, 2, 5, 8, 10, 13) else [pytest.mark.thorough])
        for seed in range(16)  # without a budget and in single units there is much to look at
    ],
)
def test_price_breaks_cost_next_to_nothing_over_exhaustive_search(seed, known) -> None:
    """Two products with breaks of either kind, packs and minimum orders, and a budget or none."""
    random = generator(seed, "breaks")
    products: dict[str, Any] = {}
    for name in "ab":
        cost, first = random.uniform(20, 70), int(random.integers(20, 90))
        breaks = {first: cost * 0.9, first + int(random.integers(10, 60)): cost * 0.8}
        products[name] = {
            "unit_cost": cost,
            "supply": {
                "pack": int(random.choice([1, 6, 10])),
                "minimum_order": int(random.choice([0, 0, 30])),
                "price_breaks": {str(units): price for units, price in breaks.items()},
                "discount": str(random.choice(["all_units", "incremental"])),
            },
        }
    budget = None if seed % 4 == 0 else int(random.integers(2e3, 8e3))
    curves = known(
        random_demand("breaks", seed, "ab", 50), products=products, supply={"budget": budget}
    )
    units = decide(curves, MostProfit()).units
    assert Terms.of(curves).allow(units)
    most = 160 // min(item.pack for item in curves.items)
    assert curves.profit(units).mean() >= 0.995 * best_score(curves, most, np.mean)


def test_a_price_break_can_pay_for_units_that_are_left_over(known) -> None:
    """By hand: 95 at 40 cost 3,800, 100 at 36 cost 3,600; 5 more are left over at 10 each."""
    breaks = {"unit_cost": 40, "supply": {"price_breaks": {"100": 36}}}
    curves = known({"one": np.full(100, 95.0)}, products={"one": breaks})
    decision = decide(curves, MostProfit())
    assert decision.units == (100,)
    assert purchase_cost(curves, decision.units) == 3_600
    assert curves.profit((100,)).mean() - curves.profit((95,)).mean() == pytest.approx(250)
    beyond = {"unit_cost": 40, "supply": {"price_breaks": {"100": 36}, "discount": "incremental"}}
    curves = known({"one": np.full(100, 95.0)}, products={"one": beyond})
    assert decide(curves, MostProfit()).units == (95,)
    assert purchase_cost(curves, (100,)) == 99 * 40 + 36


def test_a_minimum_order_of_one_size_is_that_sizes(known) -> None:
    small = {"share": "50%", "supply": {"minimum_order": 60}}
    sizes = {"variants": {"s": small, "l": {"share": "50%"}}}
    demand = {"one.s": np.full(100, 40.0), "one.l": np.full(100, 20.0)}
    curves = known(demand, products={"one": sizes}, supply={"pack": 10, "minimum_order": 10})
    assert decide(curves, MostProfit()).units == (60, 20)
    assert decide(curves, FillRate(0.5)).units == (60, 10)


@pytest.mark.parametrize(
    ("missing", "pack", "shares", "bought"),
    [
        (20, (10, 10, 10), (1, 1, 1), (1, 1, 0)),
        (60, (10, 10, 10), (3, 2, 1), (3, 2, 1)),
        (50, (10, 25), (1, 1), (3, 1)),
    ],
)
def test_what_a_minimum_order_adds_is_shared_out_in_whole_packs(
    missing, pack, shares, bought, known
) -> None:
    sizes = {
        f"s{n}": {"share": share / sum(shares), "supply": {"pack": packs}}
        for n, (packs, share) in enumerate(zip(pack, shares, strict=True))
    }
    demand = {f"one.s{n}": np.full(100, 90.0 * share) for n, share in enumerate(shares)}
    curves = known(demand, products={"one": {"variants": sizes}})
    assert tuple(_shared_out(curves, range(len(pack)), missing)) == bought


def test_whole_packs_are_exchanged_to_use_a_budget_up(known) -> None:
    """One pack of the first earns most for its money, but two of the second earn more."""
    curves = known(
        {"one": np.full(50, 30.0), "two": np.full(50, 30.0)},
        products={"one": {"unit_cost": 60}, "two": {"unit_cost": 50, "price": 80}},
        supply={"pack": 10, "budget": 1_000},
    )
    assert decide(curves, MostProfit()).units == (0, 20)


def test_a_minimum_order_that_does_not_pay_is_not_bought(known) -> None:
    demand = {"one": np.full(100, 20.0), "two": np.full(100, 90.0)}
    curves = known(demand, supply={"pack": 10, "minimum_order": 70})
    decision = decide(curves, MostProfit())
    assert decision.units == (0, 90)  # 20 sold earn 1,200, but 50 left over lose 1,500
    assert decision.rounding_cost == pytest.approx(1_200)
    enough = known(demand, supply={"pack": 10, "minimum_order": 50})
    assert decide(enough, MostProfit()).units == (50, 90)


def test_a_minimum_order_is_the_products_not_the_sizes(known) -> None:
    sizes = {"variants": {"s": {"share": "50%"}, "l": {"share": "50%"}}}
    demand = {"one.s": np.full(100, 40.0), "one.l": np.full(100, 20.0)}
    curves = known(demand, products={"one": sizes}, supply={"pack": 10, "minimum_order": 60})
    assert decide(curves, MostProfit()).units == (40, 20)
    assert sum(decide(curves, FillRate(0.5)).units) == 60


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_a_refund_that_joins_the_items_is_seen(seed, known) -> None:
    random = generator(seed, "refund")
    curves = known(
        random_demand("refund", seed, "ab", 60),
        supply={"pack": 10},
        deal={"slot_fee": int(random.integers(500, 4_000)), "guaranteed_volume": 120},
    )
    units = decide(curves, MostProfit()).units
    assert curves.profit(units).mean() == pytest.approx(best_score(curves, 30, np.mean))


def test_a_refund_can_make_buying_less_the_best(known) -> None:
    demand = random_demand("refund", 0, "ab", 60)
    terms = {"slot_fee": 2_000, "guaranteed_volume": 120}
    with_refund = decide(known(demand, deal=terms), MostProfit()).units
    without = decide(known(demand, deal={**terms, "guaranteed_volume": 0}), MostProfit()).units
    assert sum(with_refund) < sum(without)


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed", [*range(5), *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(5, 10))]
)
def test_a_cap_on_the_risk_costs_next_to_nothing_over_exhaustive_search(seed, known) -> None:
    curves = known(
        random_demand("cap", seed, "ab", 60),
        products={"a": {"unit_cost": 55}, "b": {"unit_cost": 35}},
        supply={"pack": 10},
        deal={"slot_fee": 500},
    )
    free, nothing = decide(curves, MostProfit()).units, (0, 0)
    mildest = WorstCap(0).cap.safety(curves.profit(nothing))
    wildest = WorstCap(0).cap.safety(curves.profit(free))
    loss = float((curves.profit(free) < 0).mean())
    for objective in (WorstCap((mildest + wildest) / 2), LossCap(0.7 * loss)):
        decision, cap = decide(curves, objective), objective.cap
        safety, profit = cap.score(curves.profit(decision.units))
        best_safety, best_profit = best_score(curves, 30, cap.score)
        assert safety == best_safety
        assert profit >= 0.97 * best_profit
        assert decision.reached == (safety >= cap.least)
        assert decision.units != free


def test_a_cap_on_one_item_is_met_to_the_last_pack(known) -> None:
    curves = known(random_demand("one cap", 3, "a", 100), supply={"pack": 5})
    for objective in (WorstCap(-500), LossCap(0.08)):
        cap = objective.cap
        found = cap.score(curves.profit(decide(curves, objective).units))
        assert found == best_score(curves, 60, cap.score)


def test_a_cap_that_no_purchase_meets_takes_the_safest_and_says_so(known) -> None:
    demand = {"one": np.tile([10.0, 20.0, 30.0, 40.0], 50)}
    curves = known(demand, deal={"slot_fee": 900})
    decision = decide(curves, LossCap(0.2))
    assert not decision.reached
    assert decision.missed == (TooRisky(0.25),)
    assert 16 <= decision.units[0] <= 30
    worst = decide(curves, WorstCap(0))
    assert worst.units == (10,)
    assert worst.missed == (TooRisky(-300.0),)


def test_what_an_item_does_to_the_others_counts(known) -> None:
    """Each unit of one item costs the others 20, as where slots go on at sell-out."""
    curves = known({"one": np.arange(1.0, 101.0)})
    [alone] = curves.curves
    elsewhere = np.broadcast_to(-20.0 * alone.levels, alone.figures["profit"].shape)
    joined = replace(alone, figures={**alone.figures, "elsewhere": elsewhere})
    reacting = replace(curves, reactions=Reactions(slots=("cup",)), curves=(joined,))
    decisions = [decide(one, MostProfit()) for one in (curves, reacting)]
    assert [decision.units for decision in decisions] == [(67,), (45,)]
    good = [good_range(one, MostProfit(), decisions[0], 0) for one in (curves, reacting)]
    assert good[1][1] < good[0][0]


def test_sold_out_means_that_the_last_unit_went(known) -> None:
    demand = np.arange(1.0, 101.0)  # each number of units once: not sold out with 95 units in 94 %
    curves = known({"one": demand})
    assert decide(curves, Service(0.94)).units == (95,)
    assert decide(curves, Service(0.95)).units == (96,)
    assert decide(curves, Service(0.951)).units == (97,)
    assert curves.curves[0].sold_out_chance(96) == pytest.approx(0.05)


def test_service_may_be_wanted_for_a_part_of_the_show(known) -> None:
    curves = known({"one": np.arange(1.0, 101.0)})  # half of the units are gone at half-time
    assert decide(curves, Service(0.96, by=1800)).units == (48,)  # 96 wanted: gone then, not before


def test_a_fill_rate_counts_units(known) -> None:
    curves = known({"one": np.tile([10.0, 20.0, 70.0], 50)})
    assert decide(curves, FillRate(0.8)).units == (50,)  # 10 + 20 + 50 of 100
    assert decide(curves, FillRate(0.79)).units == (49,)


def test_service_is_rounded_up_to_packs_and_minimum_orders(known) -> None:
    products = {"one": {"owned": 7}, "two": {"owned": 120}}
    demand = {"one": np.arange(1.0, 101.0), "two": np.arange(1.0, 101.0)}
    curves = known(demand, products=products, supply={"pack": 24, "minimum_order": 100})
    assert decide(curves, Service(0.95)).units == (7 + 5 * 24, 120)


def test_a_budget_too_small_serves_all_items_equally_and_says_so(known) -> None:
    demand = {"one": np.arange(1.0, 101.0), "two": np.arange(2.0, 202.0, 2.0)}
    curves = known(demand, supply={"budget": 6_000})
    decision = decide(curves, Service(0.95))
    assert decision.units == (51, 99)  # both sell out in half of the shows; 40 buy one more
    assert not decision.reached
    [missed] = decision.missed
    assert isinstance(missed, ResourceServes)
    assert missed.share == pytest.approx(0.49)
    assert (missed.possible, missed.needed) == (0.95, 11_480)


def test_a_service_beyond_the_curve_is_not_promised(known) -> None:
    curves = known({"one": np.arange(1.0, 101.0)}, levels=range(0, 81, 10))
    decision = decide(curves, Service(0.95))
    assert (decision.units, decision.reached) == ((80,), False)
    assert decision.missed == (LevelsServe("one", 80, pytest.approx(0.79)),)


@pytest.mark.parametrize("names", [("few", "more"), ("more", "few")])
def test_what_is_asked_for_is_the_objectives_in_any_order_of_the_products(names, known) -> None:
    demand = {"few": np.arange(1.0, 101.0), "more": np.arange(1.0, 91.0)}
    demand["more"] = np.concatenate([demand["more"], np.full(10, 10.0)])
    demand = {name: demand[name] for name in names}
    curves = known(demand, levels=range(0, 81, 10))
    too_few = {LevelsServe("few", 80, 0.79), LevelsServe("more", 80, 0.89)}
    assert {*decide(curves, Service(0.95)).missed} == too_few
    scenario = curves.scenario.with_changes({"supply.budget": 3_000})
    *others, budget = decide(replace(curves, scenario=scenario), Service(0.95)).missed
    assert {*others} == too_few
    assert isinstance(budget, ResourceServes)
    assert (budget.possible, budget.needed) == (0.79, 6_400)


def test_the_best_number_may_lie_beyond_the_curve(known) -> None:
    curves = known({"one": np.arange(1.0, 101.0)}, levels=range(0, 51, 10))
    decision = decide(curves, MostProfit())
    assert decision.units == (50,)
    assert decision.limits == (LevelsEnd("one", 50),)


def test_where_buying_never_costs_anything_the_highest_demand_is_bought(known) -> None:
    """A left-over is worth its cost, or more: all demand seen is served, and it is said."""
    demand = {name: np.arange(1.0, 101.0) for name in ("even", "gain", "usual")}
    products = {"even": {"left_over_value": 40}, "gain": {"left_over_value": 50}, "usual": {}}
    curves = known(demand, products=products)
    most = int(curves.curves[0].levels[-1])
    for objective in (MostProfit(), LossCap(0.1), WorstCap(0)):
        decision = decide(curves, objective)
        assert 100 <= decision.units[0] <= most
        assert decision.units[1:] == (most, 67)
        assert {type(limit) for limit in decision.limits} == {NothingLimits}
    assert not decide(curves, Service(0.95)).limits
    scenario = curves.scenario.with_changes({"supply.budget": 3_000})
    poor = decide(replace(curves, scenario=scenario), MostProfit())
    assert [type(limit) for limit in poor.limits] == [ResourceDecides]


@pytest.mark.parametrize(
    ("holding_cost", "more"),
    [
        ("10%", 25),  # 50 - 4 · n / 10 is worth a unit's 40 up to n = 25
        ("5%", 40),  # up to n = 50, but only 10 a week for 4 weeks sell
        ("0%", 40),
    ],
)
def test_units_are_bought_that_sell_on_after_the_show(known, holding_cost: str, more: int) -> None:
    """100 are wanted for sure; further ones sell at 50, 10 a week, and keeping them costs."""
    sells_on = {"per_week": 10, "price": 50, "weeks": 4, "holding_cost": holding_cost, "then": 0}
    curves = known(
        {"one": np.full(50, 100.0)},
        products={"one": {"left_over_value": 0, "left_over": sells_on}},
        levels=range(0, 301),
    )
    decision = decide(curves, MostProfit())
    assert decision.units[0] == pytest.approx(100 + more, abs=1)
    assert not decision.limits
    weeks = curves.weeks_left(curves.curves[0], 100 + more)
    assert weeks is not None and weeks.tolist() == [pytest.approx(more / 10)] * 50
    assert np.isinf(curves.weeks_left(curves.curves[0], 150)).all()


def test_the_levels_of_a_curve_go_on_to_where_further_units_do_not_sell_on(known) -> None:
    sells_on = {"per_week": 100, "price": 50, "weeks": 4}
    curves = known({"one": np.full(50, 9.0)}, products={"one": {"left_over": sells_on}})
    item = curves.items[0]
    assert item.worth_having == 400
    assert levels_for(item, np.full(50, 9.0), np.full(50, 9.0), 40)[-1] == 409


def test_a_service_for_longer_than_a_link_is_up_is_refused(known) -> None:
    curves = known({"one": np.arange(1.0, 101.0)})  # its link is up from the start, for 1 h
    assert decide(curves, Service(0.95, by=3599)).reached
    with pytest.raises(UsageError, match=r"never before the show's end.*leave @ out") as caught:
        decide(curves, Service(0.95, by=3600))
    assert "(service=95%)" in str(caught.value)


def test_the_time_of_a_service_counts_from_the_link(known) -> None:
    curves = known({"one": np.arange(1.0, 101.0)})
    first = next(iter(curves.scenario.rundown))
    changed = curves.scenario.with_changes({f"rundown.{first}.link": "3min"})
    late = replace(curves, scenario=changed)
    assert decide(late, Service(0.95, by=57 * 60 - 1)).reached
    with pytest.raises(UsageError, match="57min after the first link"):
        decide(late, Service(0.95, by=57 * 60))


@pytest.mark.slow
@pytest.mark.parametrize("slot_fee", [0, 2_000])
def test_one_percent_of_what_the_item_brings_is_the_good_range(slot_fee, known) -> None:
    """Neither what the show costs besides nor what another item earns moves it."""
    demand = {"one": np.arange(1.0, 101.0), "other": np.full(100, 5_000.0)}
    products = {"one": {}, "other": {"owned": 5_000}}
    deal = {"slot_fee": slot_fee}
    curves = known(demand, products=products, deal=deal, levels=range(5_001))
    decision = decide(curves, MostProfit())
    low, high = good_range(curves, MostProfit(), decision, 0)
    profit = {units: curves.profit((units, 5_000)).mean() for units in range(101)}
    brings = max(profit.values()) - profit[0]
    good = [units for units in profit if profit[units] >= profit[0] + 0.99 * brings]
    assert (low, high) == (good[0], good[-1])
    assert good[0] < decision.units[0] < good[-1]


@pytest.mark.parametrize(
    ("owned", "good"), [(67, (67, 67)), (10, (61, 73)), (60, (60, 60))], ids=["best", "few", "near"]
)
def test_the_good_range_of_what_is_not_bought_holds_what_surely_pays(owned, good, known) -> None:
    """Too few to order: what would pay without the minimum order, of 67 the best.

    A unit more than the best pays for nothing, and of 60 owned nobody knows: a third of the shows
    would earn 420 more with 67, the others 210 less.
    """
    demand, supply = {"one": np.arange(1.0, 101.0)}, {"minimum_order": 900}
    curves = known(demand, products={"one": {"owned": owned}}, supply=supply)
    decision = decide(curves, MostProfit())
    assert decision.units == (owned,)
    assert good_range(curves, MostProfit(), decision, 0) == good


def test_within_a_percentage_point_is_the_good_range_of_a_service(known) -> None:
    curves = known({"one": np.arange(1.0, 101.0)}, products={"one": {"owned": 94}})
    decision = decide(curves, Service(0.9))
    assert good_range(curves, Service(0.95), decision, 0) == (95, 97)
    assert good_range(curves, Service(0.9), decision, 0) == (94, 94)


def test_what_is_bought_after_all_is_not_said_to_be_left_out(known) -> None:
    """What single curves left out may be worth it together with what others have."""
    items, none = known({"one": np.arange(60.0)}).items, estimate(np.zeros(50))
    limits = (NotSignificant("one", 46, none), NotSignificant("other", 46, none))
    assert not_bought(limits, items, (0,)) == limits
    assert not_bought(limits, items, (14,)) == limits[1:]


def range_with_storage(
    known, storage: str, demand, price: float | None, **product
) -> tuple[int, tuple[int, int]]:
    """Return what is had of a product that takes a litre a unit, and its good range."""
    products = {"one": {"volume": "1 l", **product}}
    supply = {"storage": storage, "storage_price": price}
    curves = known({"one": demand}, products=products, supply=supply)
    decision = decide(curves, MostProfit())
    return decision.units[0], good_range(curves, MostProfit(), decision, 0)


#: Of 100 shows so many want 2,000 or 90, the others 40 at most.
EXTREME = np.where(np.arange(100) % 50 == 7, 2_000.0, np.arange(100) % 40 + 1.0)
MANY = np.where(np.arange(100) % 5 == 3, 90.0, np.arange(100) % 40 + 1.0)
LENT = {"supply": {"consignment": True}}


#: A unit too many costs nothing, the storage of it, or a fortieth of what it cost.
CHEAP_LEFT_OVERS = pytest.mark.parametrize(
    ("product", "price"),
    [(LENT, None), (LENT, 15), ({"left_over_value": 39}, None)],
    ids=["lent", "storage", "worth"],
)


@CHEAP_LEFT_OVERS
def test_no_range_goes_beyond_the_most_that_surely_earns_more(known, product, price) -> None:
    """It went on to what two shows want: a unit too many costs little, so that profits are flat."""
    have, (low, high) = range_with_storage(known, "50 l", EXTREME, price, **product)
    assert low <= have <= high == 50
    assert range_with_storage(known, "3000 l", EXTREME, price, **product)[1][1] < 100
    have, (low, high) = range_with_storage(known, "50 l", MANY, price, **product)
    assert have == 50 < low <= high == 90
