"""Where stocks act on each other, what is told of items is what was simulated together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import livesim
from livesim.experiment.levels import Reactions
from livesim.experiment.runner import Runner
from livesim.planning import plan, together
from livesim.planning.building import simulated_profits
from livesim.planning.curves import Curves
from livesim.planning.limits import BetterTogether, NotSignificant, UnsureTogether
from livesim.planning.objectives import MOST_PROFIT, LossCap
from livesim.planning.plan import Plan, decide_again
from livesim.planning.together import surely_together
from livesim.report.pages import plain
from livesim.report.plan_tables import page

GOES_ON = """
like: marathon
title: Slots go on
show: {start: 2026-11-29 20:00, length: 20min, currency: CNY, refresh: 2min,
       appeal: 1, turnout_factor: 1}
viewers: 9k
products:
  serum: {price: 299, unit_cost: 80, left_over_value: 60, owned: 24, conversion: 1.2%, appeal: 1}
  mask: {price: 99, unit_cost: 30, left_over_value: 10, owned: 20, conversion: 1%, appeal: 1}
rundown:
  serums: {length: 10min, sells: [serum], at_sell_out: next}
  masks: {length: 10min, sells: [mask], at_sell_out: next}
"""


@pytest.fixture(scope="module")
def goes_on() -> Plan:
    from livesim.resolve import resolve
    from livesim.scenario.document import parse_document

    return livesim.plan(resolve(parse_document(GOES_ON)), replications=100, workers=1)


@pytest.mark.slow
def test_now_is_what_a_run_of_the_show_comes_to(goes_on: Plan) -> None:
    """Where shows part at a sell-out, chance is another one beside other stocks."""
    now, run = goes_on.choices[0], livesim.simulate(goes_on.scenario, replications=100, workers=1)
    told = run.document()["show"]
    assert now.profit.mean == pytest.approx(told["profit"]["mean"])
    assert now.loss.chance == told["loss"]["chance"]


@pytest.mark.slow
def test_other_totals_are_of_all_replications(
    goes_on: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few shows are enough to compare ways to sell."""
    monkeypatch.setattr(plan, "COMPARED", 50)
    found = livesim.plan(goes_on.scenario, replications=100, workers=1)
    chosen = [found.decision.units, *(one.units for one in found.sensitivity)]
    again = simulated_profits(found.curves, chosen, runner=Runner(workers=1))
    best = again[found.decision.units]
    assert len(found.sensitivity) > 2
    for one in found.sensitivity:
        assert one.cost.mean == pytest.approx(float((best - again[one.units]).mean()))
        assert one.profit.mean == pytest.approx(found.choices[1].profit.mean - one.cost.mean)
    assert "Simulated in" not in plain(page(found))
    short = {
        units: whole._replace(profit=whole.profit[:50])
        for units, whole in found.curves.totals.items()
    }
    told = replace(found, curves=replace(found.curves, totals=short))
    assert "Simulated in 50 shows: unavailable is of these alone" in " ".join(
        plain(page(told)).split()
    )


@pytest.mark.slow
def test_what_items_earn_adds_up_to_what_was_simulated_together(goes_on: Plan) -> None:
    """There is no fee and no bundle, so nothing is earned but by the items."""
    now, then, *_ = goes_on.choices
    assert goes_on.curves.reactions.word == "slots"
    for choice, profits in (
        (now, [item.earns_now.mean for item in goes_on.items]),
        (then, [item.earns_then.mean for item in goes_on.items]),
    ):
        assert sum(profits) == pytest.approx(choice.profit.mean)
    assert not goes_on.lots
    assert "for exact ones, plan anew" not in plain(page(goes_on))


@pytest.mark.slow
def test_a_gain_is_what_the_show_earns_less_without_the_purchase(goes_on: Plan) -> None:
    curves, best = goes_on.curves, goes_on.decision.units
    assert [have > item.owned for have, item in zip(best, curves.items, strict=True)] == [True] * 2
    without = [
        tuple(item.owned if n == number else have for n, have in enumerate(best))
        for number, item in enumerate(curves.items)
    ]
    for item, none in zip(goes_on.items, without, strict=True):
        assert item.gain.mean == pytest.approx(
            float(np.mean(curves.simulated[best] - curves.simulated[none]))
        )
        assert item.gain.above_zero
    seen = simulated_profits(curves, list(curves.simulated), runner=Runner(workers=1))
    assert {units: profit.mean() for units, profit in seen.items()} == pytest.approx(
        {units: profit.mean() for units, profit in curves.simulated.items()}
    )
    again = decide_again(curves)
    assert again.decision.units == best
    assert [item.gain for item in again.items] == [item.gain for item in goes_on.items]


def simulated(known: Callable[..., Curves], profits: dict[tuple[int, ...], float]) -> Curves:
    """Return curves of two products whose joint stocks came to so much, each give or take 100."""
    curves = known({"cup": np.full(100, 10.0), "pot": np.full(100, 10.0)})
    luck = np.tile([-100.0, 100.0], 50)
    seen = {units: mean + luck * (units != (0, 0)) for units, mean in profits.items()}
    return replace(curves, reactions=Reactions(slots=("cup",)), simulated=seen)


@pytest.mark.parametrize("objective", [MOST_PROFIT, LossCap(0.9)], ids=str)
def test_what_is_not_sure_beside_the_others_is_left_out(
    objective, known: Callable[..., Curves], monkeypatch: pytest.MonkeyPatch
) -> None:
    """10 cups earn 50, and 10 pots beside them 5 ± 20 more; 4 of these 2 more, which is sure."""
    monkeypatch.setattr(together, "_LOOKED_AT", 2)
    curves = simulated(known, {(0, 0): 0.0, (10, 0): 50.0, (0, 10): 5.0, (10, 10): 55.0})
    luck = np.roll(np.tile([-100.0, 100.0], 50), 1)
    shifted = {**curves.simulated, (10, 10): 55.0 + luck}
    seen = surely_together(curves, objective, shifted, (10, 10), (10, 10))
    assert seen.units == (10, 0)
    assert [(one.product, one.units, one.fewer) for one in seen.unsure] == [("pot", 10, 0)]
    assert seen.unknown and all(cups == 10 and 0 < pots < 10 for cups, pots in seen.unknown)
    some = {units: curves.simulated[10, 0] + units[1] / 2 for units in seen.unknown}
    seen = surely_together(curves, objective, {**shifted, **some}, (10, 10), (10, 10))
    assert seen.units == max(some)
    assert isinstance(seen.unsure[0], NotSignificant) and seen.unsure[0].fewer == max(some)[1]
    assert not seen.unknown or all(one not in some for one in seen.unknown)


def test_of_what_is_not_sure_in_all_as_much_is_bought_as_surely_pays(
    known: Callable[..., Curves],
) -> None:
    """Each of two is worth nothing without the other, and both 10 ± 20; 2 cups are sure of 1."""
    curves = simulated(known, {(0, 0): 0.0, (10, 0): -500.0, (0, 10): -500.0, (10, 10): 10.0})
    seen = surely_together(curves, MOST_PROFIT, curves.simulated, (10, 10), (10, 10))
    assert seen.units == (0, 0)
    unsure = seen.unsure[-1]
    assert isinstance(unsure, UnsureTogether) and (unsure.units, unsure.fewer) == (20, 0)
    first = min(seen.unknown)
    known_too = {**curves.simulated, first: np.full(100, 1.0)}
    seen = surely_together(curves, MOST_PROFIT, known_too, (10, 10), (10, 10))
    assert seen.units == first and seen.unsure[-1].fewer == sum(first)


def test_what_is_better_as_a_whole_is_told_once_however_often_it_is_judged(
    known: Callable[..., Curves],
) -> None:
    """More stocks that are simulated later may be better once more: one sentence stood twice."""
    curves = known({"cup": np.full(100, 10.0), "pot": np.full(100, 10.0)})
    chosen = {one.units: np.zeros(100) for one in decide_again(curves).choices}
    slots = replace(curves, reactions=Reactions(slots=("cup",)))
    found = decide_again(replace(slots, simulated={**chosen, (11, 11): np.full(100, 5.0)}))
    assert found.decision.units == (11, 11)
    seen = {**found.curves.simulated, (11, 12): np.full(100, 9.0)}
    later = replace(found, curves=replace(found.curves, simulated=seen))
    later = plan._as_a_whole(later, Runner(workers=1))
    assert later.decision.units == (11, 12)
    for one in (found, later):
        assert [limit for limit in one.decision.limits if isinstance(limit, BetterTogether)] == [
            BetterTogether()
        ]


@pytest.mark.slow
def test_a_good_range_holds_other_totals_that_are_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the only product: where its curve rose and fell by less than what was simulated."""
    text = "".join(line for line in GOES_ON.splitlines(True) if "mask" not in line)
    show = livesim.load(text + "  talk: {length: 10min}\n")
    found = livesim.plan(show, replications=100, workers=1)
    have = found.items[0].recommended
    monkeypatch.setattr(plan, "good_range", lambda *_: (have, have))
    found = livesim.plan(show, replications=100, workers=1)
    allowed = 0.01 * found.items[0].earns_then.mean
    printed = [*found.sensitivity, *found.choices]
    good = [have, *(one.units[0] for one in printed if one.cost.mean <= allowed)]
    assert found.curves.reactions.word == "slots" and len(good) > 1
    assert found.items[0].good_range == (min(good), max(good))
    again = decide_again(found.curves)
    assert again.items[0].good_range == found.items[0].good_range
