"""A room of hundreds of products: what is cheap for few must not grow with the square of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType

import numpy as np
import pytest

from livesim.experiment.study import rough_result
from livesim.planning import building, buying
from livesim.planning.buying import Worth
from livesim.planning.curves import Curves
from livesim.planning.deciding import decide
from livesim.planning.items import Item
from livesim.planning.objectives import LossCap, MostProfit, WorstCap
from livesim.planning.plan import Plan, plan, rough_answer
from livesim.planning.profit import most_profit
from livesim.planning.risk import Cap, _Neighbours
from livesim.planning.side_by_side import SideBySide
from livesim.planning.terms import Purchase, Terms
from livesim.randomness import generator
from livesim.resolve import resolve
from livesim.results import Result
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario
from livesim.scenario.writing import write_yaml


def drawn_terms(seed: int) -> tuple[Terms, list[Worth], tuple[int, ...]]:
    """Return terms of seven items, what these are worth, and some purchase."""
    random = generator(seed, "exchanges")
    items, worths = [], []
    for number in range(7):
        pack, cost = int(random.integers(1, 5)), float(random.integers(5, 60))
        name, owned = f"p{number}", int(random.integers(0, 9))
        volume = float(random.integers(0, 3))
        items.append(
            Item(
                **dict.fromkeys(("name", "product", "order"), name),
                **{"owned": owned, "variants": (number,), "unit_cost": cost, "pack": pack},
                volume=volume,
            )
        )
        units = owned + pack * np.arange(14)
        worth = np.cumsum(np.append(0.0, np.sort(random.normal(5.0, 40.0, 13))[::-1]))
        worths.append(Worth(units, worth))
    units = tuple(
        i.owned + i.pack * int(n) for i, n in zip(items, random.integers(0, 9, 7), strict=True)
    )
    free = Terms(tuple(items), np.inf)
    budget = free.cost(units) + float(random.choice([0.0, 20.0, 200.0]))
    return Terms(tuple(items), budget, free.volume(units) + random.integers(0, 5)), worths, units


@pytest.mark.parametrize("seed", range(8))
def test_exchanges_are_all_that_there_are(seed: int) -> None:
    """Each pair of items, and each number of packs of both, tried one by one."""
    terms, worths, units = drawn_terms(seed)
    known = set()
    for less, more in product(range(len(units)), repeat=2):
        for given, taken in product(range(9), range(1, 9)):
            other = [*units]
            other[less] -= given * terms.items[less].pack
            other[more] += taken * terms.items[more].pack
            gain = sum(
                np.interp(have, *worth) - np.interp(had, *worth)
                for had, have, worth in zip(units, other, worths, strict=True)
            )
            owned = terms.items[less].owned
            if less != more and other[less] >= owned and terms.affords(other) and gain > 1e-9:
                known.add((less, more, given, taken, round(float(gain), 6)))
    *which, gains = buying._exchanges(terms, worths, units)
    found = zip(*(one.tolist() for one in which), gains.round(6).tolist(), strict=True)
    assert set(found) == known
    assert known or seed % 2


@pytest.mark.parametrize("seed", range(5))
def test_a_budget_that_is_just_enough_buys_what_any_budget_does(seed: int) -> None:
    terms, worths, _ = drawn_terms(seed)
    free = Terms(terms.items, np.inf)
    best = buying.most_worth(free, worths)
    assert best == tuple(int(units[worth.argmax()]) for units, worth in worths)
    assert buying.most_worth(Terms(terms.items, free.cost(best)), worths) == best
    assert buying.most_worth(Terms(terms.items, free.cost(best) - 1.0), worths) != best


def test_what_is_left_of_a_budget_that_is_enough_is_not_shared_out_again(
    known, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 30 products 29 are not surely worth buying, which leaves nothing that others lacked."""
    rare = np.zeros(100)
    rare[0] = 200
    demand = {"sure": np.full(100, 40.0), **{f"p{n}": rare for n in range(29)}}
    cheap = {"unit_cost": 12, "left_over_value": 11.8}
    products = {name: cheap if name != "sure" else {} for name in demand}
    levels = range(0, 301, 10)
    asked, choose = [], MostProfit.choose

    def counted(objective: MostProfit, curves: Curves, terms: Terms) -> tuple[int, ...]:
        asked.append(terms)
        return choose(objective, curves, terms)

    monkeypatch.setattr(MostProfit, "choose", counted)
    many = decide(
        known(demand, products=products, supply={"budget": 1e6}, levels=levels), MostProfit()
    )
    assert len(asked) < 10
    assert many.units == decide(known(demand, products=products, levels=levels), MostProfit()).units
    assert len(many.limits) >= 29


@pytest.mark.parametrize("deal", [{}, {"slot_fee": 3_000, "guaranteed_volume": 90}], ids=str)
def test_what_more_units_earn_is_the_difference_of_the_profits(deal, known) -> None:
    demand = {name: np.arange(50.0) + n for n, name in enumerate(("one", "two", "three"))}
    curves = known(demand, deal=deal)
    few, many = (10, 20, 0), (40, 20, 30)
    gain = curves.gain(few, many)
    assert gain == pytest.approx(curves.profit(many) - curves.profit(few))
    assert curves.gain(few, few).tolist() == [0.0] * 50


def room(products: int, rundown: Mapping[str, object] = MappingProxyType({})) -> Scenario:
    """Return a room of some products, all wanted and paid well."""
    data = {
        **{"like": "brand_room", "title": "A room", "viewers": 30_000},
        "show": {"start": "2026-11-29 20:00", "length": "2h", "currency": "CNY", "refresh": "5s"},
        "products": {
            f"p{n:03}": {"price": 90, "unit_cost": 30, "orders_per_1000": 0.5}
            for n in range(products)
        },
        **({"rundown": dict(rundown)} if rundown else {}),
    }
    return resolve(parse_document(write_yaml(data))).scenario


def roughly(scenario: Scenario) -> Plan:
    found = rough_answer(scenario, 2_000, objective="profit", seed=1)
    assert isinstance(found, Plan)
    return found


def test_a_rough_answer_of_hundreds_of_products_is_from_few_shows_in_larger_steps() -> None:
    found = roughly(room(240))
    assert found.origin.replications == 33
    assert found.curves.scenario.show.refresh == 20
    assert sum(item.purchase > 0 for item in found.items) > 200  # though few are sure in 33 shows


def test_a_rough_answer_of_few_products_is_from_a_batch_in_its_own_steps() -> None:
    found = roughly(room(3))
    assert found.origin.replications == 50
    assert found.curves.scenario.show.refresh == 5


@pytest.mark.parametrize(("products", "shows", "seen"), [(3, 250, False), (240, 50, True)])
def test_a_rough_answer_is_there_where_the_final_one_takes_its_time(
    products: int, shows: int, seen: bool
) -> None:
    """Few shows of hundreds of products took 49 s without a word of what comes."""
    found = rough_answer(room(products), shows, objective="profit", seed=1)
    assert (found is not None) == seen


def test_a_rough_result_of_hundreds_of_products_is_in_larger_steps() -> None:
    found = rough_result(room(240), 50, seed=1)
    assert found is not None
    assert found.scenario.show.refresh == 20
    assert rough_result(room(3), 250, seed=1) is None
    assert rough_result(room(60), 50, seed=1) is None  # or it would be the answer itself, twice


def test_a_show_with_a_short_slot_keeps_its_steps() -> None:
    """Who looks once in 20 s would never see a slot of 10 s."""
    sells = {"on_stage": ["host"], "sells": [f"p{n:03}" for n in range(170)]}
    rundown = {
        "a": {**sells, "length": "65s"},
        "short": {**sells, "length": "10s"},
        "b": {**sells, "length": "7125s"},
    }
    found = roughly(room(170, rundown))
    assert found.origin.replications == 47
    assert found.curves.scenario.show.refresh == 5


def test_a_rough_answer_looks_at_a_show_once_where_something_reacts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A look that only said so took a quarter of the time, which is 3 s at most."""
    monkeypatch.setattr(building, "first_look", None)
    slot = {"on_stage": ["host"], "sells": ["p000"], "length": "1h", "at_sell_out": "next"}
    show = room(3, {"a": slot, "b": {**slot, "sells": ["p001", "p002"]}})
    found = rough_answer(show, 2_000, objective="profit", seed=1)
    assert isinstance(found, Result) and found.replications == 50


def test_steps_that_take_long_of_many_products_tell_how_far_they_are() -> None:
    told: list[tuple[str, int, int]] = []
    short = room(3).with_changes({"show.refresh": "60s"})
    plan(short, replications=100, workers=1, progress=lambda *done: told.append(done))
    assert ("Putting the curves together", 3, 3) in told
    assert ("Choosing how many to buy", 1, 2) in told
    assert ("Going through the ways to sell", 1, 1) in told


def test_a_cap_is_sought_by_what_differs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The profit of 80 products was worked out for each of hundreds of purchases: 12 s."""
    short = room(12).with_changes({"show.refresh": "60s"})
    curves = plan(short, replications=100, workers=1).curves
    sums: list[object] = []
    profit = type(curves).profit
    monkeypatch.setattr(
        type(curves), "profit", lambda self, units: sums.append(units) or profit(self, units)
    )
    decide(curves, LossCap(0.02))
    assert 0 < len(sums) < 1_000


@pytest.mark.parametrize("cap", [LossCap(0.1).cap, LossCap(0.6).cap, WorstCap(-200).cap])
def test_the_best_neighbour_is_that_of_all(cap: Cap) -> None:
    """Of those with other units of one item, by how safe they are and then by what they earn."""
    short = room(4).with_changes(
        {"show.refresh": "60s", "supply.pack": 2, "supply.minimum_order": 4, "supply.budget": 900}
    )
    curves = plan(short, replications=100, workers=1).curves
    terms = Terms.of(curves)
    near = _Neighbours(SideBySide(curves, terms))
    others = [item.owned + item.pack * k for item in terms.items for k in (0, 2, 3)]
    for units in product(others[:3], others[3:6], others[6:9], others[9:]):
        if not terms.allow(units):
            continue
        beside = [*_all_beside(curves, terms, units)]
        scores = [cap.score(curves.profit(units) + curves.gain(units, one)) for one in beside]
        found = near.best(cap, units)
        own = cap.score(curves.profit(units))
        best = max([own, *scores])
        score = cap.score(curves.profit(units) + curves.gain(units, found))
        assert score == pytest.approx(best, abs=1e-9) or max(score, best) <= own


def _all_beside(curves: Curves, terms: Terms, units: Purchase) -> Iterator[Purchase]:
    for number, (item, curve) in enumerate(zip(terms.items, curves.curves, strict=True)):
        for k in range(12):
            for have in (units[number] - item.pack * 2**k, units[number] + item.pack * 2**k):
                other = (*units[:number], have, *units[number + 1 :])
                if item.owned <= have <= curve.levels[-1] and terms.allow(other):
                    yield other


@pytest.mark.parametrize("held", [2**23, 0], ids=["held", "read each time"])
def test_side_by_side_is_what_items_earn_one_by_one(
    held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = room(4).with_changes(
        {"show.refresh": "60s", "supply.pack": 7, "supply.budget": 900, "deal.guest_fee": 700}
    )
    curves = plan(short, replications=100, workers=1).curves
    terms = Terms.of(curves)
    between = [int(curve.levels[-2]) + 1 for curve in curves.curves]
    for units, curve in zip(between, curves.curves, strict=True):
        assert units not in curve.levels
    monkeypatch.setattr("livesim.planning.side_by_side._HELD", held)
    items, random = SideBySide(curves, terms), generator(1, "weights")
    assert items.adds_up == bool(held)
    tops = [int(curve.levels[-1]) for curve in curves.curves]
    past = [top + 7 for top in tops]
    for units in (curves.owned, (3, 8, 5, 1), tuple(between), tuple(tops), tuple(past)):
        assert items.profit(units) == pytest.approx(curves.profit(units))
    many = np.array([0, 3, 8, between[1], tops[1], past[1]])
    assert items.gains(1, 5, many) == pytest.approx(curves.curves[1].gains(5, many))
    bought = set()
    for _ in range(20):
        weights = random.lognormal(0, 2, 100)
        bought.add(items.most_profit(weights))
        assert items.most_profit(weights) == most_profit(curves, terms, weights)
    assert items.most_profit() == most_profit(curves, terms)
    assert len(bought) > 5
