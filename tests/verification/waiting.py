"""A reserve that is called by what is sold by a moment, ``sold: best``: what waiting is worth.

Until a plan has said from how many units on, best means never. Then the rule is searched; whatever
number it finds, each show is either the one in which the reserve is called or the one without it,
so what the best number earns follows from these two, on the same random numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from breaking import patched, wrong_inputs
from checks import check, mutant

import livesim
from livesim.engine.outcome import Outcome
from livesim.experiment.runner import Runner
from livesim.model.inputs import Inputs, ReserveInputs
from livesim.planning.building import build_curves
from livesim.planning.deciding import decide
from livesim.planning.objectives import MOST_PROFIT
from livesim.planning.offers import Offer, offers
from livesim.scenario.quantities import BEST

CHECK = "a reserve called by what is sold: the best number"
SHOWS = 500
AT = 240.0
RULE = {"at": "4min", "sold": "best"}
#: What is sold in four minutes tells nearly all of a show of ten in which only the appeal is open.
SHOW = {
    "like": "brand_room",
    "title": "A reserve that waits",
    "show": {
        "length": "10min",
        "refresh": "30s",
        "currency": "CNY",
        "appeal": {"lognormal": {"median": 1, "sigma": 0.8}},
        "turnout_factor": 1,
    },
    "viewers": 1_000,
    "segments": {"everyone": {"waiting": "50%"}},
    "products": {
        "serum": {
            "price": 200,
            "unit_cost": 50,
            "left_over_value": 0,
            "owned": 30,
            "appeal": 1,
            "orders_per_1000": 40,
            "reserve": {"units": 40, "when": RULE, "lead_time": "30s"},
        }
    },
}


@check(CHECK)
def the_best_number(seed: int) -> None:
    """Best is never called by itself; what is searched then holds a number nearly as good as any.

    The best of five numbers earns 0.75 of what the best of all does, with a standard deviation of
    0.055 over 20 seeds; less than half is 4.5 of these.
    """
    scenario = livesim.load(SHOW)

    def shows(reserve: dict[str, Any] | None) -> Outcome:
        told = scenario.with_changes({"products.serum.reserve": reserve})
        return livesim.simulate(told, replications=SHOWS, seed=seed, workers=1).outcome

    rule = {"units": 40, "lead_time": "30s"}
    waits, without, called = (
        shows(one)
        for one in (rule | {"when": RULE}, None, rule | {"when": {**RULE, "sold": "> 0"}})
    )
    profits = [one.products["profit"][:, 0] for one in (without, called)]
    assert np.array_equal(waits.products["profit"][:, 0], profits[0]), "best was called by itself"
    now = np.searchsorted(without.timeline["times"], AT)
    sold = sum(without.timeline[name][:, now, 0] for name in ("paid", "reserved"))

    def earned(numbers: Iterable[int]) -> float:
        """Return what the best of some numbers earns above both, the shows side by side."""
        waited = [float(np.where(sold > one, *profits[::-1]).mean()) for one in numbers]
        return max(waited) - max(float(one.mean()) for one in profits)

    curves = build_curves(scenario, replications=SHOWS, seed=seed, runner=Runner(workers=1))
    (offer,) = offers(curves, decide(curves, MOST_PROFIT).units, MOST_PROFIT)
    path = "reserve.when.sold"
    tried = {
        int(trial.levers[path])
        for search in offer.searches()
        for trial in search.trials
        if path in trial.levers
    }
    any_number = earned(range(int(sold.max()) + 1))
    assert any_number > 0, "in this show it is not worth waiting"
    assert earned(tried) > 0.5 * any_number, "no number that is tried is nearly as good"


def any_number_of(inputs: Inputs) -> object:
    """Read best as more than none."""

    def read(reserve: ReserveInputs) -> ReserveInputs:
        if reserve.when is None or reserve.when[1] != BEST:
            return reserve
        return replace(reserve, when=(reserve.when[0], 0))

    return tuple(replace(one, reserves=tuple(map(read, one.reserves))) for one in inputs.supplies)


mutant("best is any number", wrong_inputs(supplies=any_number_of), caught_by=CHECK)
mutant(
    "the best number is searched as if nothing could be learned",
    patched(Offer, "_thresholds", lambda _: lambda *_: [0]),
    caught_by=CHECK,
)
