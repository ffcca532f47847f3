"""The closed forms: whole shows, on both engines, whose law can be written down.

Each is a small show in which all but one mechanism stand still, and an exact law for what is left,
written from the definition of the model and from textbooks; nothing here calls `livesim.model`. The
laws are exact at the refresh that is simulated, so that no allowance is made for the grid; where a
textbook's curve is a limit (refresh to nothing, reach to infinity), the way to it is stated.

Each engine runs as many people as it can afford: a million where viewers are counted, a few hundred
where each is a process, so the differences that they see differ (``report.py`` prints them).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import pytest
from breaking import patched, scaled, wrong_inputs
from checks import ALARM, Break, check, mutant
from few_shows import few_shows
from laws import Chance, Comparison, Curve, Mean, Same
from numpy.typing import NDArray
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import brentq

import livesim.engine.crowd.agent
import livesim.engine.crowd.segment
import livesim.engine.lockstep
import livesim.engine.orders.webshop
import livesim.engine.tables
import livesim.model.rates
import livesim.resolve.segments
from livesim.engine.crowd.segment import SegmentCrowd
from livesim.engine.ledger.book import Book
from livesim.engine.orders.checkout import Checkout
from livesim.engine.orders.queue_order import Fronts
from livesim.engine.outcome import Outcome
from livesim.engine.show.quiet_times import Lulls
from livesim.experiment.simulating import simulate_block
from livesim.model.inputs import Inputs, SegmentInputs
from livesim.model.rates import Rates, Screen
from livesim.resolve import resolve
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario
from livesim.scenario.writing import write_yaml

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Engine:
    """An engine, and the people and blocks of 250 shows that it can afford here."""

    name: str
    people: int
    blocks: int


COHORT = Engine("cohort", people=1_000_000, blocks=4)
AGENT = Engine("agent", people=200, blocks=1)
AFFORDABLE = (COHORT, AGENT)


Compare: TypeAlias = Callable[[Engine, int], Iterator[Comparison]]


@dataclass(frozen=True)
class ClosedForm:
    """A law, in words, and what compares it with an engine at a seed."""

    law: str
    compare: Compare
    engines: tuple[Engine, ...]


CLOSED_FORMS: dict[str, ClosedForm] = {}


#: At most so many comparisons share a check's alarm.
MOST_COMPARISONS = 100
COMPARISON_ALARM = ALARM / MOST_COMPARISONS


def closed_form(
    name: str, law: str, engines: Sequence[Engine] = AFFORDABLE
) -> Callable[[Compare], Compare]:
    """Register a closed form: a check for each engine, of which the fast one runs every day."""

    def register(compare: Compare) -> Compare:
        CLOSED_FORMS[name] = ClosedForm(law, compare, tuple(engines))
        for engine in engines:
            run = partial(_run, compare, engine)
            check(check_name(name, engine), thorough=engine.name == "agent")(run)
        return compare

    return register


def check_name(form: str, engine: Engine) -> str:
    """Return what the check of a closed form on an engine is called."""
    return f"closed form: {form} ({engine.name})"


def _run(compare: Compare, engine: Engine, seed: int) -> None:
    """Fail at the first comparison that is too unlikely."""
    for number, found in enumerate(compare(engine, seed)):
        assert number < MOST_COMPARISONS, "too many comparisons for the alarm of each"
        assert found.p_value > COMPARISON_ALARM, f"{found.what}: p = {found.p_value:.2g}"


# Shows ----------------------------------------------------------------------------------------

#: Nobody leaves within any show.
FOREVER = {"stay": {"share": "100%", "mean": "1000000000h"}}


#: Viewers are gone at once, where only their coming matters.
BRIEF = {"stay": {"share": "100%", "mean": "1s"}}


def show_of(
    *,
    show: Mapping[str, Any] | None = None,
    everyone: Mapping[str, Any] | None = None,
    serum: Mapping[str, Any] | None = None,
    **sections: Any,
) -> Scenario:
    """Return a show in which all wait at the start, nobody leaves, and there is enough for all."""
    data = {
        "title": "A closed form",
        "show": {"length": "10min", "currency": "CNY", "refresh": "5s"}
        | {"appeal": 1, "turnout_factor": 1}
        | dict(show or {}),
        "people": {"host": {"role": "host"}},
        "segments": {
            "everyone": {"reach": 200, "turnout": "100%", "waiting": "100%", "stay": FOREVER}
            | dict(everyone or {})
        },
        "products": {
            "serum": {"price": 100, "unit_cost": 40, "left_over_value": 10, "returns": "0%"}
            | {"conversion": "20%", "rush": "30s", "owned": 10**12, "quantity": {"1": "100%"}}
            | dict(serum or {})
        },
        "checkout": {"unpaid": "0%"},
        "rundown": {"all": {"length": "10min", "on_stage": ["host"], "sells": ["serum"]}},
    } | sections
    return resolve(parse_document(write_yaml(data))).scenario


def talk(*on_stage: str, length: int = 600) -> dict[str, Any]:
    """Return a rundown of talk; what is sold in its last 5 s moves viewers only after them."""
    talking = {"length": f"{length - 5}s", "on_stage": list(on_stage), "sells": []}
    sale = {"length": "5s", "on_stage": list(on_stage), "sells": ["serum"]}
    return {"talk": talking, "sale": sale}


def simulated(engine: Engine, scenario: Scenario, seed: int, blocks: int = 1) -> Outcome:
    """Run blocks of a show and keep the timeline of every refresh."""
    run = partial(simulate_block, engine=engine.name, timeline_step=scenario.show.refresh)
    return Outcome.joined([run(scenario, seed, block) for block in range(blocks)])


def watched(engine: Engine, scenario: Scenario, seed: int) -> Outcome:
    """Run a block of a show and keep the timeline at moments when viewers look even in a lull.

    In ten minutes at a refresh of 5 s that is every 10 s.
    """
    return simulate_block(scenario, seed, 0, engine=engine.name)


def chance(what: str, counts: NDArray[np.int64], each: int, law: float) -> Chance:
    """Compare a count of every replication, of ``each`` people, with a chance."""
    return Chance(what, int(counts.sum()), each * len(counts), law)


# Who comes ------------------------------------------------------------------------------------

#: Each profile as a planner writes it, its pace at a part of the time (up to a factor), and where
#: the pace jumps.
PROFILES: dict[str, tuple[dict[str, Any], Callable[[float], float], list[float]]] = {
    "flat": ({"shape": "flat"}, lambda x: 1.0, []),
    "front-loaded": (
        {"shape": "front_loaded", "half_by": 0.3},
        # e^(−rx), where the root r of ∫₀^0.3 = ½ ∫₀¹ is found below
        lambda x: math.exp(-_FALL * x),
        [],
    ),
    "S-curve": (
        {"shape": "s_curve", "middle": 0.4, "spread": 0.1},
        lambda x: 1 / math.cosh((x - 0.4) / 0.2) ** 2,  # a logistic curve rises by sech²
        [],
    ),
    "points": (
        {"shape": "points", "points": {"1min": "30%", "4min": "30%", "9min": "100%"}},
        lambda x: 3.0 if x < 0.1 else 1.4 if 0.4 <= x < 0.9 else 0.0,
        [0.1, 0.4, 0.9],
    ),
}
_FALL = brentq(lambda r: math.expm1(-0.3 * r) / math.expm1(-r) - 0.5, 1e-6, 10)


def come_by(name: str, x: float, turnout: float, waiting: float, pull: float) -> float:
    """Return the chance to have come by a part of the time, by integrating the pace."""
    _, pace, jumps = PROFILES[name]

    def integral(end: float) -> float:
        edges = [0.0, *(jump for jump in jumps if jump < end), end]
        return sum(quad(pace, low, high)[0] for low, high in pairwise(edges))

    profile = waiting + (1 - waiting) * integral(x) / integral(1.0)
    stays_away = (1 - turnout * profile) / (1 - turnout * waiting)
    return 1 - (1 - turnout * waiting) * stays_away**pull


@closed_form(
    "who comes",
    "1 − (1 − θw) [(1 − θG) / (1 − θw)]^m have come, G the integral of the profile's pace",
)
def who_comes(engine: Engine, seed: int) -> Iterator[Comparison]:
    """Every profile with a lobby and without, with a pull of 1 and of 3 all along."""
    turnout = 0.3
    for name, (written, _, _) in PROFILES.items():
        for waiting, pull in ((0.0, 3.0), (0.2, 1.0), (0.2, 3.0)):
            scenario = show_of(
                people={"kim": {"role": "guest", "pull": pull, "lift": 1, "keep": 1}},
                everyone={"reach": engine.people, "turnout": turnout, "waiting": waiting}
                | {"arrivals": written, "stay": BRIEF},
                rundown=talk("kim"),
            )
            came = watched(engine, scenario, seed).timeline["arrivals"]
            what = f"{name}, {waiting:.0%} waiting, pull {pull:g}"
            for k in (0, 1, 6, 15, 30, 59, 60):
                law = come_by(name, k / 60, turnout, waiting, pull)
                yield chance(f"{what}: come by {10 * k} s", came[:, k], engine.people, law)
            if name == "points":
                still = (came[:, 6] == came[:, 24]) & (came[:, 54] == came[:, 60])
                yield Same(f"{what}: nobody comes while the pace is 0", bool(still.all()))


@closed_form(
    "who comes for a guest", "the profile counts from the announced entry; before, nobody comes"
)
def who_comes_for_a_guest(engine: Engine, seed: int) -> Iterator[Comparison]:
    scenario = show_of(
        people={"host": {"role": "host"}, "kim": {"role": "guest", "pull": 1, "lift": 1}},
        everyone={"reach": engine.people, "turnout": 0.5, "waiting": 0.2, "comes_for": "kim"}
        | {"arrivals": {"shape": "flat"}, "stay": BRIEF},
        rundown={
            "before": {"length": "4min", "on_stage": ["host"], "sells": []},
            "kim": {"length": "6min", "on_stage": ["kim"], "sells": ["serum"]},
        },
    )
    came = watched(engine, scenario, seed).timeline["arrivals"]
    yield Same("nobody comes before the entry", not came[:, 23].any())
    for k in (24, 25, 42, 60):
        law = 0.5 * (0.2 + 0.8 * (k - 24) / 36)
        yield chance(f"come by {10 * k} s", came[:, k], engine.people, law)


# Who stays ------------------------------------------------------------------------------------


@closed_form(
    "who comes while nothing is there",
    "once all on offer is empty, 1 − (1 − θG₀) [(1 − θG) / (1 − θG₀)]^f have come",
)
def who_comes_while_nothing_is_there(engine: Engine, seed: int) -> Iterator[Comparison]:
    """The link goes up at 5 min, and nothing is there; beside it the mask is, or is not."""
    turnout, share = 0.5, 0.4
    product = {"price": 100, "unit_cost": 40, "conversion": "20%", "rush": "30s"}
    for units in (0, 10**12):
        scenario = show_of(
            show={"arrivals_when_unavailable": share},
            everyone={"reach": engine.people, "turnout": turnout, "waiting": 0}
            | {"arrivals": {"shape": "flat"}, "stay": BRIEF},
            products={
                name: product | {"owned": owned, "left_over_value": 0, "returns": 0}
                for name, owned in (("serum", 0), ("mask", units))
            },
            rundown={"all": {"length": "10min", "sells": ["serum", "mask"], "link": "5min"}},
        )
        came = watched(engine, scenario, seed).timeline["arrivals"]
        for k in (12, 30, 31, 45, 60):
            usual = 1 - turnout * k / 60
            law = 1 - (usual if units or k < 30 else 0.75 * (usual / 0.75) ** share)
            what = f"{units:,} of another: come by {10 * k} s"
            yield chance(what, came[:, k], engine.people, law)


def stays_of(phases: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    return {name: {"share": share, "mean": f"{mean}s"} for name, (share, mean) in phases.items()}


@closed_form(
    "stays", "of those there at the start, Σ φ e^(−t / (mean · keep^fit)) still watch at t"
)
def stays(engine: Engine, seed: int) -> Iterator[Comparison]:
    geometric = {"a": (1.0, 60.0)}
    mixture = {"a": (0.45, 20.0), "b": (0.35, 60.0), "c": (0.20, 300.0)}
    for name, phases, fit in (
        ("geometric", geometric, 0.0),
        ("hyperexponential", mixture, 0.5),
        ("hyperexponential", mixture, -0.5),
    ):
        guest = {"role": "guest", "pull": 1, "lift": 1, "keep": 2, "fit": {"everyone": fit}}
        scenario = show_of(
            people={"kim": guest},
            everyone={"reach": engine.people, "stay": stays_of(phases)},
            rundown=talk("kim"),
        )
        watching = watched(engine, scenario, seed).timeline["concurrent"][:, :60]
        times = 10.0 * np.arange(60)
        law = sum(share * np.exp(-times / (mean * 2**fit)) for share, mean in phases.values())
        people = engine.people * len(watching)
        what = f"{name}, keep^fit {2**fit:.2f}"
        yield Curve.of(f"{what}: all stays", watching.sum(axis=0) / people, law, people)
        for k in (1, 6, 30):
            what_k = f"{what}: watch at {10 * k} s"
            yield chance(what_k, watching[:, k], engine.people, float(law[k]))


@closed_form(
    "Little's law", "concurrent viewers = newcomers a refresh × refreshes that a stay is seen in"
)
def littles_law(engine: Engine, seed: int) -> Iterator[Comparison]:
    """As an identity of the engine's own output, and in expectation once the show has warmed up."""
    people, phases = max(engine.people, 1_000), {"a": (0.7, 5.0), "b": (0.3, 15.0)}
    scenario = show_of(
        show={"length": "500s", "refresh": "5s"},
        everyone={"reach": people, "turnout": 0.6, "waiting": 0}
        | {"arrivals": {"shape": "flat"}, "stay": stays_of(phases)},
        rundown=talk("host", length=500),
    )
    outcome = watched(engine, scenario, seed)  # of so few refreshes each is a look
    watching, rooms = outcome.timeline["concurrent"], outcome.shows
    seconds = rooms["mean_watch_time"] * rooms["unique_viewers"]
    area = 5.0 * (watching[:, 1:] + watching[:, :-1]).sum(axis=1) / 2
    yield Same("viewers × mean stay = area under the viewers", bool(np.allclose(seconds, area)))
    left = outcome.segments["left"][:, 0]
    still = outcome.timeline["arrivals"][:, -1] - left
    yield Same("came − left = watching", bool((still == watching[:, -1]).all()))
    seen = sum(share / -math.expm1(-5.0 / mean) for share, mean in phases.values())
    for k in (50, 75, 99):
        yield chance(f"watch at {5 * k} s", watching[:, k], people, 0.6 / 100 * seen)


@closed_form(
    "a lull",
    "of who comes by refresh j of a lull, Σ φ e^(−μ (k − j) Δ) still watch at k",
)
def a_lull(engine: Engine, seed: int) -> Iterator[Comparison]:
    """Eighty minutes between two sales: a gap, and a talk with a guest who doubles stays.

    Who came, who decided in the sale and who did not are all left to come and go in the lull, with
    looks 5 s to a minute apart.
    """
    phases = {"a": (0.6, 20.0), "b": (0.4, 200.0)}
    kim = {"role": "guest", "pull": 1, "lift": 1, "keep": 2, "fit": {"everyone": 1}}
    scenario = show_of(
        show={"length": "100min", "refresh": "5s"},
        people={"host": {"role": "host"}, "kim": kim},
        everyone={"reach": engine.people, "turnout": 0.6, "waiting": 0.2}
        | {"arrivals": {"shape": "flat"}, "stay": stays_of(phases)},
        rundown={
            "first": {"length": "10min", "on_stage": ["host"], "sells": ["serum"]},
            "kim": {"start": "49min 25s", "length": "40min 35s", "on_stage": ["kim"], "sells": []},
            "last": {"length": "10min", "on_stage": ["host"], "sells": ["serum"]},
        },
    )
    outcome = watched(engine, scenario, seed)
    came, watching = outcome.timeline["arrivals"], outcome.timeline["concurrent"]
    moments = (0, 10, 11, 13, 30, 50, 51, 60, 90, 91, 100)
    law = _watch_at(phases, [int(12 * moment) for moment in moments])
    for moment, share in zip(moments, law, strict=True):
        by_now = 0.6 * (0.2 + 0.8 * moment / 100)
        what = f"at {moment} min"
        yield chance(f"have come {what}", came[:, moment], engine.people, by_now)
        yield chance(f"watch {what}", watching[:, moment], engine.people, share)


def _watch_at(phases: Mapping[str, tuple[float, float]], refreshes: Sequence[int]) -> list[float]:
    """Return the chance to watch at some refreshes of the show with a lull, refresh by refresh."""
    share, mean = np.array(list(phases.values())).T
    undecided, decided, law = 0.6 * 0.2 * share, 0.0 * share, []
    for k in range(1201):
        if k in refreshes:
            law.append(float((undecided + decided).sum()))
        leave = 1 / (mean * (2.0 if 593 <= k < 1080 else 1.0))
        decide = 0.0 if 120 <= k < 1080 else math.log(2) / 30
        if k == 1080:  # a slot starts: everyone makes up their mind anew
            undecided, decided = undecided + decided, 0.0 * share
        acts = undecided * -np.expm1(-5.0 * (leave + decide))
        decided = decided * np.exp(-5.0 * leave) + acts * decide / (leave + decide)
        undecided = undecided - acts + 0.6 * 0.8 / 1200 * share
    return law


# Who orders -----------------------------------------------------------------------------------


@closed_form("who sees L seconds", "orders with the chance c (1 − 2^(−L / rush)), at any refresh")
def who_sees_an_offer(engine: Engine, seed: int) -> Iterator[Comparison]:
    """The link opens at 30 s of a slot of 100 s: seen from the next refresh on, to the next."""
    slots = {
        "offer": {"length": "100s", "on_stage": ["host"], "sells": ["serum"], "link": "30s"},
        "talk": {"length": "20s", "on_stage": ["host"], "sells": []},
    }
    for refresh in (2.0, 5.0, 8.0):
        scenario = show_of(
            show={"length": "2min", "refresh": f"{refresh}s"},
            everyone={"reach": engine.people},
            serum={"conversion": 0.4, "rush": "30s"},
            rundown=slots,
        )
        ordered = simulated(engine, scenario, seed).timeline["orders"]
        opens, closes = (refresh * math.ceil(t / refresh) for t in (30, 100))
        seen = np.clip(refresh * np.arange(ordered.shape[1]) - opens, 0.0, closes - opens)
        law, people = 0.4 * (1 - 2 ** (-seen / 30)), engine.people * len(ordered)
        what = f"refresh {refresh:g} s"
        yield Curve.of(f"{what}: all orders", ordered.sum(axis=0) / people, law, people)
        for k in (round(opens / refresh) + 1, -1):
            yield chance(
                f"{what}: orders by {seen[k]:g} s", ordered[:, k], engine.people, float(law[k])
            )


@closed_form(
    "who may leave", "orders with c δ/(δ + μ) (1 − e^(−(δ + μ)L)): leaving and deciding compete"
)
def who_may_leave(engine: Engine, seed: int) -> Iterator[Comparison]:
    scenario = show_of(
        everyone={"reach": engine.people, "stay": stays_of({"a": (1.0, 45.0)})},
        serum={"conversion": 0.4, "rush": "30s"},
    )
    ordered = simulated(engine, scenario, seed).timeline["orders"]
    decide, leave = math.log(2) / 30, 1 / 45
    times = 5.0 * np.arange(121)
    law = 0.4 * decide / (decide + leave) * (1 - np.exp(-(decide + leave) * times))
    people = engine.people * len(ordered)
    yield Curve.of("all orders", ordered.sum(axis=0) / people, law, people)
    yield chance("orders", ordered[:, -1], engine.people, float(law[-1]))


def share_of_orders(refresh: float, length: float, rush: float, conversion: float) -> float:
    """Return the share of viewers who order, of those who come at a constant pace to an offer.

    Who comes in an interval looks first at its end, so the last ones never look.
    """
    looks = np.arange(round(length / refresh)) * refresh
    return float(conversion * (1 - 2 ** (-looks / rush)).mean())


@closed_form(
    "what the refresh does",
    "newcomers look first at the next refresh: c (1 − 2^(−kΔ / rush)), k < L/Δ",
)
def what_the_refresh_does(engine: Engine, seed: int) -> Iterator[Comparison]:
    for refresh in (4.0, 10.0):
        scenario = show_of(
            show={"length": "2min", "refresh": f"{refresh}s"},
            everyone={"reach": engine.people, "waiting": 0, "arrivals": {"shape": "flat"}},
            serum={"rush": "20s"},
            rundown={"all": {"length": "2min", "on_stage": ["host"], "sells": ["serum"]}},
        )
        orders = simulated(engine, scenario, seed).products["demand"][:, 0]
        law = share_of_orders(refresh, 120.0, 20.0, 0.2)
        yield chance(f"orders at a refresh of {refresh:g} s", orders, engine.people, law)


@closed_form("odds", "c m / (Σ c m + 1 − Σ c): lift^fit, price and appeal multiply the odds")
def odds(engine: Engine, seed: int) -> Iterator[Comparison]:
    """Everybody decides at once about two products; only one of them has a price to react to."""
    product = {"unit_cost": 1, "returns": "0%", "rush": "0.1s", "owned": 10**12}
    product |= {"quantity": {"1": "100%"}}
    for lift, fit, price, appeal, coupon in (
        (1.0, 0.0, 100, 1.0, 1.0),
        (2.0, 1.0, 100, 1.0, 1.0),
        (2.0, -0.5, 100, 1.0, 1.0),
        (1.0, 0.0, 80, 1.0, 1.0),
        (1.5, 1.0, 120, 2.0, 1.0),
        (1.0, 0.0, 100, 1.0, 1.4),
    ):
        few = {"off": "10%", "first": 10**9, "lift": coupon}
        scenario = show_of(
            show={"length": "10s", "appeal": appeal},
            people={"kim": {"role": "guest", "pull": 1, "lift": lift, "keep": 1}
                    | {"fit": {"everyone": fit}}},
            everyone={"reach": engine.people},
            products={
                "serum": product | {"price": 100, "conversion": 0.2, "elasticity": -2}
                | ({"coupon": few} if coupon != 1 else {}),
                "mask": product | {"price": 50, "conversion": 0.3, "elasticity": -1},
            },
            rundown={"both": {"length": "10s", "on_stage": ["kim"], "sells": ["serum", "mask"]}
                     | {"price": {"serum": price}}},
        )  # fmt: skip
        demand = simulated(engine, scenario, seed).products["demand"]
        guest = lift**fit * appeal
        serum, mask = 0.2 * guest * coupon * (price / 100) ** -2, 0.3 * guest
        for i, (name, weight) in enumerate({"serum": serum, "mask": mask}.items()):
            law = weight / (serum + mask + 0.5)
            what = f"lift {lift:g}, fit {fit:g}, price {price}, appeal {appeal:g}"
            what += f", coupon {coupon:g}: {name}"
            yield chance(what, demand[:, i], engine.people, law)


@closed_form("pull without fit", "a pull of m and a fit of 0 draw 1 − (1 − θ)^m, who order with c")
def pull_without_fit(engine: Engine, seed: int) -> Iterator[Comparison]:
    """All have come by 8 min of 10, and decide as soon as they have come."""
    guest = {"role": "guest", "pull": 3, "lift": 3, "keep": 1, "fit": {"everyone": 0}}
    scenario = show_of(
        people={"kim": guest},
        everyone={"reach": engine.people // 2, "turnout": 0.5, "waiting": 0}
        | {"arrivals": {"shape": "points", "points": {"8min": "100%"}}},
        serum={"rush": "1s"},
        rundown={"all": {"length": "10min", "on_stage": ["kim"], "sells": ["serum"]}},
    )
    outcome = simulated(engine, scenario, seed)
    came, orders = outcome.shows["unique_viewers"], outcome.products["demand"]
    yield chance("come", came, engine.people // 2, 1 - 0.5**3)
    yield Chance("of these order", int(orders.sum()), int(came.sum()), 0.2)


@closed_form("twice the reach", "mean demand is proportional to reach where nothing feeds back")
def twice_the_reach(engine: Engine, seed: int) -> Iterator[Comparison]:
    """Two luckless twins: the seeds differ, so that nothing but the law is shared."""
    demand = {}
    for luck, people in enumerate((engine.people, 2 * engine.people)):
        scenario = show_of(
            show={"length": "2min"},
            everyone={"reach": people, "turnout": 0.5, "waiting": 0.3}
            | {"stay": stays_of({"a": (0.6, 20.0), "b": (0.4, 90.0)})},
            rundown={"all": {"length": "2min", "on_stage": ["host"], "sells": ["serum"]}},
        )
        demand[people] = simulated(engine, scenario, 2 * seed + luck).products["demand"][:, 0]
    once, twice = demand.values()
    error = math.sqrt((4 * once.var() + twice.var()) / len(once))
    yield Mean("demand of twice the reach", float(twice.mean()), 2 * float(once.mean()), error)


# Word of mouth --------------------------------------------------------------------------------


@closed_form(
    "Bass, few people", "imitation is a chain: n watchers, Binomial(M − n, 1 − e^(−(p + q n/M)Δ))"
)
def bass_of_a_few(engine: Engine, seed: int) -> Iterator[Comparison]:
    """The whole law of a small reach, by its transition matrix; nobody leaves."""
    people, p, q = 40, 0.002, 0.02
    came = simulated(engine, _imitators(people, p, q), seed, engine.blocks).timeline["arrivals"]
    counts = np.arange(people + 1)
    come = -np.expm1(-(p + q * counts / people) * 5.0)
    step = stats.binom.pmf(
        counts[None, :] - counts[:, None], people - counts[:, None], come[:, None]
    )
    law = np.eye(people + 1)[0]
    for k in range(1, 121):
        law = law @ step
        if k in (6, 24, 48, 72):
            found = (came[:, k, None] <= counts).mean(axis=0)
            yield Curve.of(f"come by {5 * k} s", found, np.cumsum(law), len(came))
            mean = float(law @ counts)
            error = math.sqrt(float(law @ (counts - mean) ** 2) / len(came))
            yield Mean(f"mean come by {5 * k} s", float(came[:, k].mean()), mean, error)


@closed_form("Bass, many people", "F = (1 − e^(−(p+q)t)) / (1 + q/p e^(−(p+q)t)), as reach grows")
def bass_of_many(engine: Engine, seed: int) -> Iterator[Comparison]:
    """One show of many people beside the curve on the grid, which is Bass's, a refresh late.

    By how much luck moves such a show follows from the curve: a deviation is passed on from refresh
    to refresh by the recursion's slope, and each refresh adds a binomial variance.
    """
    people, p, q = engine.people * 100, 0.002, 0.01
    show = few_shows(engine.name, _imitators(people, p, q), seed, 1)
    came = show.outcome.timeline["arrivals"][0] / people
    share, variance = np.zeros(121), np.zeros(121)
    for k, x in enumerate(share[:-1]):
        come = -math.expm1(-(p + q * x) * 5.0)
        slope = (1 - come) * (1 + (1 - x) * q * 5.0)
        share[k + 1] = x + (1 - x) * come
        variance[k + 1] = slope**2 * variance[k] + (1 - x) * come * (1 - come) / people
    times = 5.0 * np.arange(121)
    bass = -np.expm1(-(p + q) * times) / (1 + q / p * np.exp(-(p + q) * times))
    yield Same("the grid's curve is Bass's within 2 %", bool(np.abs(share - bass).max() < 0.02))
    for k in (1, 24, 48, 72, 96):
        error = math.sqrt(variance[k])
        yield Mean(f"share come by {5 * k} s", float(came[k]), float(share[k]), error)


def _imitators(people: int, p: float, q: float) -> Scenario:
    """Return a show of people who come at a constant pace p, and imitate with q.

    A constant pace is what a front-loaded profile amounts to at a turnout of 1 − e^(−pL): then the
    share that has not come falls as e^(−pt).
    """
    turnout = -math.expm1(-p * 600)
    half_by = -math.log1p(-turnout / 2) / (p * 600)
    return show_of(
        everyone={"reach": people, "turnout": turnout, "waiting": 0, "word_of_mouth": q}
        | {"arrivals": {"shape": "front_loaded", "half_by": half_by}},
        rundown=talk("host"),
    )


# The stock ------------------------------------------------------------------------------------


@closed_form("the moment of sell-out", "the s-th of n exponential order times: an order statistic")
def moment_of_sell_out(engine: Engine, seed: int) -> Iterator[Comparison]:
    """The law of one order time: c (1 − 2^(−t/rush)) at the refreshes, straight in between.

    An order comes at a uniform moment of its interval, so n viewers are n draws from that law, and
    s of them have ordered by t with the chance P(Binomial(n, F(t)) ≥ s).
    """
    people = 80
    grid = 20.0 * np.arange(31)
    order_times = 0.6 * (1 - 2 ** (-grid / 60))
    times = np.linspace(0.0, 600.0, 6001)
    for units in (1, 44, 49):
        scenario = show_of(
            show={"refresh": "20s"},
            everyone={"reach": people},
            serum={"conversion": 0.6, "rush": "60s", "owned": units},
        )
        outcome = simulated(engine, scenario, seed, engine.blocks)
        sold_out = outcome.products["sold_out_at"][:, 0]
        law = stats.binom.sf(units - 1, people, np.interp(times, grid, order_times))
        found = np.searchsorted(np.sort(sold_out), times, side="right") / len(sold_out)
        yield Curve.of(f"{units} units: when", found, law, len(sold_out))
        hits = int(np.isfinite(sold_out).sum())
        yield Chance(f"{units} units: whether", hits, len(sold_out), float(law[-1]))
        # The law's own share at each sell-out is uniform, of mean ½ of what sells out at all.
        share = np.interp(sold_out[np.isfinite(sold_out)], times, law) / law[-1]
        error = math.sqrt(1 / 12 / len(share))
        yield Mean(f"{units} units: when, on average", float(share.mean()), 0.5, error)


@closed_form("a webshop beside the show", "Binomial(n, F(t)) + Poisson(λ t): when they reach s")
def webshop_beside(engine: Engine, seed: int) -> Iterator[Comparison]:
    """Of one stock, n viewers order as above and a webshop sells λ a second, one by one."""
    people, units, per_second = 80, 44, 0.04
    grid, times = 20.0 * np.arange(31), np.linspace(0.0, 600.0, 601)
    scenario = show_of(
        show={"refresh": "20s"},
        everyone={"reach": people},
        serum={"conversion": 0.6, "rush": "60s", "owned": units}
        | {"webshop": {"per_day": per_second * 86_400, "price": 70}},
    )
    products = simulated(engine, scenario, seed, engine.blocks).products
    sold_out, mine = products["sold_out_at"][:, 0], products["webshop"][:, 0]
    shares = np.interp(times, grid, 0.6 * (1 - 2 ** (-grid / 60)))
    orders = np.arange(units)[:, None]
    both = stats.binom.pmf(orders, people, shares) * stats.poisson.sf(
        units - 1 - orders, per_second * times
    )
    law = both.sum(axis=0) + stats.binom.sf(units - 1, people, shares)
    found = np.searchsorted(np.sort(sold_out), times, side="right") / len(sold_out)
    yield Curve.of("sold out: when", found, law, len(sold_out))
    wanted = mine + products["webshop_lost"][:, 0]
    values = np.unique(wanted)
    share = (wanted[:, None] <= values).mean(axis=0)
    yield Curve.of("wanted", share, stats.poisson(per_second * 600).cdf(values), len(wanted))
    error = math.sqrt(per_second * 600 / len(wanted))
    yield Mean("wanted, on average", float(wanted.mean()), per_second * 600, error)
    left = products["left_over"][:, 0]
    profit = 100 * products["sales"][:, 0] + 70 * mine + 10 * left - 40 * units
    yield Same("profit", bool(np.allclose(products["profit"][:, 0], profit)))


@closed_form(
    "the checkout's queue", "W = max(0, W + A − places): Lindley's recursion, show by show"
)
def checkout_queue(engine: Engine, seed: int) -> Iterator[Comparison]:
    """Attempts do not depend on the checkout, so a show without one tells A."""
    people = min(engine.people // 2, 100)
    for capacity, refresh in ((0.3, 5.0), (0.11, 4.0)):
        free = show_of(
            show={"refresh": f"{refresh}s"},
            everyone={"reach": people, "waiting": 0.3, "stay": stays_of({"a": (1.0, 90.0)})},
            serum={"conversion": min(1.0, 600 * capacity / people)},
        )
        slow = free.with_changes({"checkout.capacity": capacity})
        attempts = np.diff(simulated(engine, free, seed).timeline["orders"], axis=1)
        taken = np.diff(simulated(engine, slow, seed).timeline["orders"], axis=1)
        waiting, law = np.zeros(len(attempts), dtype=np.int64), np.zeros_like(attempts)
        for k, coming in enumerate(attempts.T):
            places = math.floor(capacity * refresh * (k + 1) + 1e-9) - math.floor(
                capacity * refresh * k + 1e-9
            )
            in_line = waiting + coming
            waiting = np.maximum(0, in_line - places)
            law[:, k] = in_line - waiting
        yield Same(f"{capacity:g} orders/s: who is taken when", bool((taken == law).all()))
        yield Same(f"{capacity:g} orders/s: there was a queue", bool((attempts > law).any()))


def _queue_of_poisson(pace: float, places: int, steps: int) -> Floats:
    """Return the law of an M/D/c queue that starts empty, after so many service times."""
    most = 400
    arrivals = stats.poisson.pmf(np.arange(most), pace)
    law = np.eye(most)[0]
    for _ in range(steps):
        in_line = np.convolve(law, arrivals)[: most + places]
        law = np.append([in_line[: places + 1].sum()], in_line[places + 1 :])[:most]
    return law


@closed_form("M/D/c", "Poisson orders, 9 for 10 places: the law of Lindley's queue", [COHORT])
def many_at_the_checkout(engine: Engine, seed: int) -> Iterator[Comparison]:
    """Ten million viewers who order once in a lifetime: Poisson, to one in ten million."""
    for places in (1, 3):
        pace, people = 0.9 * places, 10_000_000
        scenario = show_of(
            show={"refresh": "1s"},
            everyone={"reach": people},
            serum={"conversion": 1.0, "rush": f"{math.log(2) * people / pace}s"},
            checkout={"unpaid": "0%", "capacity": places},
        )
        outcome = simulated(engine, scenario, seed, engine.blocks)
        waiting = outcome.shows["orders"] - outcome.timeline["orders"][:, -1]
        law = _queue_of_poisson(pace, places, steps=600)
        found = (waiting[:, None] <= np.arange(len(law))).mean(axis=0)
        yield Curve.of(f"M/D/{places}: who waits", found, np.cumsum(law), len(waiting))
        mean = float(law @ np.arange(len(law)))
        error = math.sqrt(float(law @ (np.arange(len(law)) - mean) ** 2) / len(waiting))
        yield Mean(f"M/D/{places}: mean queue", float(waiting.mean()), mean, error)


# Stock and demand -----------------------------------------------------------------------------

#: What a unit too few and a unit too many cost in these shows, and their critical ratio.
UNDERAGE, OVERAGE = 60.0, 30.0
CRITICAL = UNDERAGE / (UNDERAGE + OVERAGE)


@dataclass(frozen=True)
class Demand:
    """A show whose demand has a known law."""

    name: str
    scenario: Scenario
    law: Any


def _sure_buyers(people: object, conversion: float) -> Scenario:
    """Return a show in which everybody decides within the first refresh."""
    return show_of(
        show={"length": "10s"}, everyone={"reach": people},
        serum={"conversion": conversion, "rush": "0.1s"},
        rundown={"all": {"length": "10s", "on_stage": ["host"], "sells": ["serum"]}},
    )  # fmt: skip


def demands(engine: Engine) -> Iterator[Demand]:
    yield Demand("binomial", _sure_buyers(100, 0.3), stats.binom(100, 0.3))
    if engine.name == "agent":
        return
    yield Demand("Poisson", _sure_buyers(10_000_000, 1e-5), stats.poisson(100))
    spread = math.sqrt(1e7 * 0.01 * 0.99)
    yield Demand("normal", _sure_buyers(10_000_000, 0.01), stats.norm(1e5, spread))
    reach = {"lognormal": {"median": 10_000_000, "sigma": 0.6}}
    yield Demand("lognormal", _sure_buyers(reach, 0.01), stats.lognorm(0.6, scale=1e5))


def sold_of(law: Any, units: int) -> float:
    """Return E min(D, units) = ∫₀^units P(D > x) dx, by its values at the middle of each unit."""
    return float(law.sf(np.arange(units) + 0.5).sum())


@closed_form(
    "the newsvendor", "sold E min(D, Q); the critical ratio's quantile earns more than others"
)
def newsvendor(engine: Engine, seed: int) -> Iterator[Comparison]:
    for demand in demands(engine):
        best, few, many = (int(demand.law.ppf(CRITICAL + off)) for off in (0.0, -0.3, 0.3))
        earned = {}
        for units in (best, few, many):
            owned = demand.scenario.with_changes({"products.serum.owned": units})
            products = simulated(engine, owned, seed, engine.blocks).products
            earned[units] = products["profit"][:, 0]
            what = f"{demand.name}, {units} units"
            if units == best:
                yield from _demand_follows(demand, products["demand"][:, 0])
            profit = (UNDERAGE + OVERAGE) * sold_of(demand.law, units) - OVERAGE * units
            error = earned[units].std() / math.sqrt(len(earned[units]))
            yield Mean(f"{what}: profit", float(earned[units].mean()), profit, error)
        for units in (few, many):
            gained = earned[best] - earned[units]
            surely = gained.mean() > 3 * gained.std() / math.sqrt(len(gained))
            yield Same(f"{demand.name}: {best} units earn more than {units}", bool(surely))


def _demand_follows(demand: Demand, found: NDArray[np.int64]) -> Iterator[Comparison]:
    values = np.unique(found)
    share = (found[:, None] <= values).mean(axis=0)
    # A continuous law of whole units: up to the middle between two of them.
    law = demand.law.cdf(values + (0.0 if hasattr(demand.law.dist, "pmf") else 0.5))
    yield Curve.of(f"{demand.name}: demand", share, law, len(found))


# Broken twins ---------------------------------------------------------------------------------


def broken_twin(form: str, what: str, **breaks: Break) -> None:
    """Register, for each engine named, a broken program that the closed form must catch."""
    for engine in AFFORDABLE:
        if engine.name in breaks:
            name = f"{what} ({engine.name})"
            mutant(name, breaks[engine.name], caught_by=check_name(form, engine))


def _pace_at_each_refresh(hazards: Callable[..., Floats]) -> Callable[..., Floats]:
    """θ ΔG in place of the profile integrated over the interval."""

    def broken(turnout: Floats, profile: Floats) -> Floats:
        return np.asarray(turnout * np.diff(profile, axis=0, prepend=0.0))

    return broken


def _one_is_empty(inputs: Inputs, screen: Screen, on_hand: NDArray[np.int64]) -> object:
    return (screen.offered & (on_hand == 0)).any(axis=1)


def _all_stay_the_mean(found: Inputs) -> tuple[SegmentInputs, ...]:
    """One phase of the mixture's mean for everybody."""
    return tuple(
        replace(s, mean_stay=0 * s.mean_stay + (s.mean_stay @ s.phase_share)[:, None])
        for s in found.segments
    )


def _lift_of_the_chance(rates: Callable[..., Rates]) -> Callable[..., Rates]:
    """Multiply the chance to order, not the odds: who does not order loses interest."""

    def broken(inputs: Inputs, *args: object) -> Rates:
        found, plain = (
            rates(inputs, *args),
            rates(replace(inputs, log_lift=0 * inputs.log_lift), *args),
        )
        decide = plain.order.sum(axis=1) + plain.lose_interest
        return replace(found, lose_interest=np.maximum(decide - found.order.sum(axis=1), 0.0))

    return broken


def _imitation(factor: float) -> Break:
    """Word of mouth that is off by a factor, for both engines."""

    def breaks(monkeypatch: pytest.MonkeyPatch) -> None:
        for module in (livesim.engine.crowd.segment, livesim.engine.crowd.agent):
            off = patched(module, "brought_hazard", lambda f: lambda *args: factor * f(*args))
            off(monkeypatch)

    return breaks


def _lift_without_fit(on_stage: Floats, fit: Floats, log_lift: Floats) -> Floats:
    return np.asarray((on_stage * log_lift).sum(axis=1, keepdims=True))


def _crowded(engine: Engine) -> Break:
    """A conversion that falls as the reach grows."""

    def conversion(found: Inputs) -> Floats:
        crowd = found.segments[0].reach[:, None] > engine.people
        return np.where(crowd, 0.8, 1.0) * found.conversion

    return wrong_inputs(conversion=conversion)


def _watch_time_off(show: Callable[..., dict[str, Floats]]) -> Callable[..., dict[str, Floats]]:
    def broken(*args: object) -> dict[str, Floats]:
        found = show(*args)
        return found | {"mean_watch_time": 1.001 * found["mean_watch_time"]}

    return broken


def _newcomers_stay(lull_chances: Callable[..., tuple[Floats, Floats]]) -> Callable[..., object]:
    def broken(*args: Floats) -> tuple[Floats, Floats]:
        come, stay = lull_chances(*args)
        return come, np.ones_like(stay)

    return broken


def _decided_stay(come_and_go: Callable[..., None]) -> Callable[..., None]:
    def broken(self: SegmentCrowd, *args: object) -> None:
        come_and_go(self, *args)
        last = self._put_off.pop()
        self._put_off.append(last._replace(leave=np.zeros_like(last.leave)))

    return broken


def _whatever_happens(next_look: Callable[..., int]) -> Callable[..., int]:
    def broken(self: Lulls, refresh: int, rates: Sequence[Rates], next_change: int) -> int:
        return next_look(self, refresh, rates, 10**9)

    return broken


def at_the_end(fronts: Callable[..., Fronts]) -> Callable[..., Fronts]:
    """Let everybody order at the end of the interval."""

    def broken(*args: object) -> Fronts:
        found = fronts(*args)
        return replace(found, moment=np.ones_like(found.moment))

    return broken


def one_place_more(take: Callable[..., object]) -> Callable[..., object]:
    """Let one more through the checkout in each step."""

    def broken(self: Checkout, start: float, end: float) -> object:
        return take(self, start, end + 1 / self._capacity)

    return broken


def _at_the_shows_end(orders_of: Callable[..., Any]) -> Callable[..., Any]:
    def broken(inputs: Inputs, *args: object) -> Any:
        found = orders_of(inputs, *args)
        return replace(found, step=np.full_like(found.step, inputs.refreshes))

    return broken


def _both(twin: Break) -> dict[str, Break]:
    return {"cohort": twin, "agent": twin}


broken_twin(
    "who comes",
    "people come at the pace of each refresh",
    **_both(patched(livesim.resolve.segments, "arrival_hazards", _pace_at_each_refresh)),
)
broken_twin(
    "who comes", "a pull too strong", cohort=scaled("pull", 1.01), agent=scaled("pull", 1.2)
)
broken_twin(
    "who comes for a guest",
    "who comes for a guest comes from the start",
    **_both(patched(livesim.resolve.segments, "announced_entry", lambda f: lambda *args: 0.0)),
)
broken_twin(
    "who comes while nothing is there",
    "the platform does not look at the stock",
    **_both(patched(livesim.engine.lockstep, "unavailable", lambda f: lambda *of: f(*of) & False)),
)
broken_twin(
    "who comes while nothing is there",
    "one empty product is enough",
    **_both(patched(livesim.engine.lockstep, "unavailable", lambda f: _one_is_empty)),
)
broken_twin("stays", "all stay the mean", **_both(wrong_inputs(segments=_all_stay_the_mean)))
broken_twin(
    "stays", "keep is forgotten, alone", **_both(wrong_inputs(log_keep=lambda i: 0 * i.log_keep))
)
broken_twin(
    "Little's law", "leaving too fast", cohort=scaled("leave", 1.02), agent=scaled("leave", 1.5)
)
broken_twin(
    "Little's law",
    "the mean stay is off by one in a thousand",
    **_both(patched(livesim.engine.tables, "_audience", _watch_time_off)),
)
broken_twin(
    "a lull",
    "who comes in a lull cannot leave in it",
    cohort=patched(livesim.engine.crowd.segment, "lull_chances", _newcomers_stay),
)
broken_twin(
    "a lull",
    "who has decided stays over a lull",
    cohort=patched(SegmentCrowd, "come_and_go", _decided_stay),
)
broken_twin("a lull", "leaving too fast, the show through", agent=scaled("leave", 1.5))
broken_twin(
    "a lull",
    "a lull goes on when a guest comes",
    cohort=patched(Lulls, "next_look", _whatever_happens),
)
broken_twin(
    "who sees L seconds",
    "a rush too short",
    cohort=wrong_inputs(rush=lambda i: 0.99 * i.rush),
    agent=wrong_inputs(rush=lambda i: 0.8 * i.rush),
)
broken_twin(
    "what the refresh does",
    "orders too rare in a coarse show",
    cohort=scaled("order", 0.98),
    agent=scaled("order", 0.8),
)
broken_twin(
    "who may leave", "orders too rare", cohort=scaled("order", 0.98), agent=scaled("order", 0.8)
)
broken_twin(
    "odds",
    "lift multiplies the chance",
    **_both(patched(livesim.engine.lockstep, "rates", _lift_of_the_chance)),
)
broken_twin(
    "pull without fit",
    "lift works whatever the fit",
    **_both(patched(livesim.model.rates, "lift_effect", lambda f: _lift_without_fit)),
)
broken_twin("twice the reach", "a crowd buys less", cohort=_crowded(COHORT), agent=_crowded(AGENT))
broken_twin("Bass, few people", "imitation too strong", cohort=_imitation(1.3), agent=_imitation(2))
broken_twin(
    "Bass, many people", "imitation off in a crowd", cohort=_imitation(1.02), agent=_imitation(1.2)
)
broken_twin(
    "the moment of sell-out",
    "units go at the end of a refresh",
    **_both(patched(Book, "fronts", at_the_end)),
)
broken_twin(
    "a webshop beside the show",
    "a webshop sells 15 % more",
    **_both(wrong_inputs(webshop=lambda i: 1.15 * i.webshop)),
)
broken_twin(
    "a webshop beside the show",
    "a webshop sells at the end of the show",
    **_both(patched(livesim.engine.orders.webshop, "_orders_of", _at_the_shows_end)),
)
broken_twin(
    "odds",
    "nobody sees coupons",
    cohort=wrong_inputs(log_coupon=lambda i: 0 * i.log_coupon),
)
broken_twin(
    "the checkout's queue",
    "one place too many at the checkout",
    **_both(patched(Checkout, "_take", one_place_more)),
)
broken_twin(
    "M/D/c", "a checkout 5 % too fast", cohort=wrong_inputs(capacity=lambda i: 1.05 * i.capacity)
)
broken_twin(
    "the newsvendor",
    "demand too low for the critical ratio",
    cohort=scaled("order", 0.95),
    agent=scaled("order", 0.8),
)
