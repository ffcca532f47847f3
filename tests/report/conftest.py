"""Plans of small shows: quick to make, and each with something that a page must cope with."""

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import livesim
from livesim.experiment.runner import Runner
from livesim.history.table import SHOWS, tidy
from livesim.planning.building import build_curves
from livesim.planning.objectives import MostProfit, Objective
from livesim.planning.plan import decide_again
from livesim.planning.recommendation import Plan
from livesim.resolve import Resolution, resolve
from livesim.results.answer import Answer
from livesim.scenario.document import parse_document

HERE = Path(__file__).parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))  # so that the tests here find `drawn_texts`

MakePlan = Callable[..., tuple[Plan, Resolution]]

SHOW = """\
like: drop
title: A quick drop
show: {start: 2026-11-29 20:00, length: 5min, refresh: 10s, currency: CNY}
viewers: 500
watch_time: 2min
deal: {slot_fee: 0, commission: 20%, platform_fee: 5%, guest_fee: 0, shipping: 5}
supply: {pack: 6, minimum_order: 0, budget: 5k}
products:
  serum:
    {price: 100, unit_cost: 30, left_over_value: 10, owned: 10, returns: 10%, forecast: 90,
     variants: {small: {share: 60%}, large: {share: 40%}}}
  mask: {price: 80, unit_cost: 20, left_over_value: 5, owned: 4, returns: 10%, gpm: 9000}
"""


def a_plan(
    text: str = SHOW, objective: Objective | None = None, replications: int = 100
) -> tuple[Plan, Resolution]:
    resolution = resolve(parse_document(text))
    curves = build_curves(resolution.scenario, replications=replications, runner=Runner(workers=1))
    return decide_again(curves, objective or MostProfit(), resolution), resolution


@pytest.fixture(scope="session")
def make_plan() -> MakePlan:
    return a_plan


@pytest.fixture(scope="session")
def planned() -> tuple[Plan, Resolution]:
    return a_plan()


@pytest.fixture(scope="session")
def planned_many() -> tuple[Plan, Resolution]:
    """Twenty-two products with names as long as people write them."""
    head, _ = SHOW.split("products:\n")
    product = "{price: 100, unit_cost: 30, left_over_value: 10, owned: 10, returns: 10%, "
    lines = [
        f"  hydrating_gel_{number:02}: {product}orders_per_1000: {number / 4 + 0.5}}}"
        for number in range(1, 23)
    ]
    text = (
        head.replace("5min, refresh: 10s", "44min, refresh: 60s")
        .replace("5k", "50k")
        .replace("viewers: 500", "viewers: 20k")
        + "products:\n"
        + "\n".join(lines)
        + "\n"
    )
    return a_plan(text)


@pytest.fixture(scope="session")
def small_show() -> str:
    return SHOW


SHORT = {"show.length": "20min", "show.refresh": "20s"}


def room(**changes: Any) -> livesim.Scenario:
    return livesim.load("scenarios/brand_room.yaml", {**SHORT, **changes})


ASKED: dict[str, Callable[[], Answer]] = {
    "result": lambda: livesim.simulate(room(), replications=50, workers=1),
    "comparison": lambda: livesim.compare(
        {"one": room(), "$ other": room(**{"deal.guest_fee": 900})}, replications=100, workers=1
    ),
    "sweep": lambda: livesim.sweep(
        room(), {"deal.guest_fee": [0, 900]}, replications=100, workers=1
    ),
    "plan": lambda: livesim.plan(room(), replications=100, workers=1),
    "explanation": lambda: livesim.explain(room(), replications=100, workers=1),
    "incubation": lambda: livesim.incubate(
        livesim.load("incubator", {"show.refresh": "60s"}),
        **{"tried": [5], "lengths": [1200], "shows": [1]},
        **{"candidates": 150, "later_shows": 4, "workers": 1},
    ),
}


def past_shows() -> livesim.History:
    """Return eight shows of a serum."""
    rows = [
        {"show": f"{n}", "length": 7_200, "viewers": 1_800 + 99 * n, "views": 3_000 + 70 * n}
        | {"product": "serum", "units": 30 + n, "stock": 35}
        for n in range(8)
    ]
    return livesim.History(tidy(rows, SHOWS))


ASKED["live"] = lambda: livesim.replan(
    room(), {"at": "10min", "viewers": 400, "sold": {"serum": 8}}, shows=50
)
ASKED["plan of a text"] = lambda: a_plan()[0]
ASKED["explanation of a plan"] = lambda: livesim.explain(
    livesim.plan(
        room(**{"products.serum.observed": {"sold": 20, "sold_out": False}}),
        replications=100,
        workers=1,
    )
)
ASKED["calibration"] = lambda: livesim.calibrate(room(), past_shows())
ASKED["backtest"] = lambda: livesim.backtest(past_shows())
ASKED["backtest of a scenario"] = lambda: livesim.backtest(room(), past_shows())


@pytest.fixture(scope="session")
def ask() -> Callable[[str], Answer]:
    """Return what gives an answer of each kind, simulated once."""
    return cache(lambda kind: ASKED[kind]())
