"""The Python interface: what makes no sense is refused in livesim's own words, before any work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.errors import UsageError, checked_count
from livesim.results import load as load_result

INCUBATOR = "scenarios/incubator.yaml"
SHORT = {"show.length": "20min", "show.refresh": "20s"}


@pytest.fixture(scope="module")
def room() -> livesim.Scenario:
    return livesim.load("scenarios/brand_room.yaml", SHORT)


Call = Callable[[livesim.Scenario], Any]

WRONG: dict[str, tuple[Call, str]] = {
    "start": (lambda room: livesim.simulate(room, start="10min"), "a state is needed"),
    "replications": (lambda room: livesim.simulate(room, replications="50"), "whole number"),
    "no replications": (lambda room: livesim.plan(room, replications=None), "whole number"),
    "half a replication": (lambda room: livesim.simulate(room, replications=50.5), "whole number"),
    "far too many": (lambda room: livesim.plan(room, replications=10**9), "at most 25,000,000"),
    "journeys": (lambda room: livesim.journeys(room, replications="5"), "whole number"),
    "precision": (lambda room: livesim.plan(room, precision="2%"), "a share"),
    "workers": (lambda room: livesim.simulate(room, workers="2"), "from 1 on is needed, not '2'"),
    "half a worker": (lambda room: livesim.simulate(room, workers=1.5), "from 1 on is needed"),
    "progress": (lambda room: livesim.simulate(room, progress=5), "a function"),
    "executor": (lambda room: livesim.simulate(room, executor=5), "concurrent.futures"),
    "step": (lambda room: livesim.simulate(room, timeline_step="20s"), "number of seconds"),
    "behaviour": (lambda room: livesim.simulate(room, behaviour=5), "functions are needed"),
    "processes": (lambda room: livesim.simulate(room, processes=5), "list of functions"),
    "a process": (lambda room: livesim.simulate(room, processes=[5]), "functions are needed"),
    "inputs": (lambda room: livesim.simulate(room, inputs="x"), "a table"),
    "scenario": (lambda _: livesim.simulate(5), "a scenario is a file"),
    "load": (lambda _: livesim.load(None), "a scenario is a file"),
    "load a scenario": (lambda room: livesim.load(room), "of the type Scenario"),
    "changes": (lambda _: livesim.load(INCUBATOR, "show.length=2h"), "path → value"),
    "a changed path": (lambda room: room.with_changes({5: 1}), "a path is a text"),
    "results": (lambda _: load_result(5), "a path is needed"),
    "compare": (lambda room: livesim.compare([room, room]), "name → scenario"),
    "compared": (lambda room: livesim.compare({"a": room, "b": 5}), "a scenario is a file"),
    "over": (lambda room: livesim.sweep(room, "deal.guest_fee=0,5k"), "over: path → value"),
    "values": (lambda room: livesim.sweep(room, {"deal.guest_fee": "0,5k"}), "a list of values"),
    "a value": (lambda room: livesim.sweep(room, {"deal.guest_fee": 5}), "a list of values"),
    "at": (lambda room: livesim.state_at(room, None), "seconds since the start"),
    "seen at": (lambda room: livesim.state_seen(room, [5]), "seconds since the start"),
    "on hand": (lambda room: livesim.state_seen(room, 600, on_hand=5), "name → number"),
    "reserved": (lambda room: livesim.state_seen(room, 600, reserved=["a"]), "name → number"),
    "called": (lambda room: livesim.state_seen(room, 600, called=3), "name → number"),
    "called when": (lambda room: livesim.state_seen(room, 600, called={"a": None}), "a moment"),
    "watching": (
        lambda room: livesim.state_seen(room, 600, watching={5: 5}),
        "nothing is called 5",
    ),
    "absent": (lambda room: livesim.state_seen(room, 600, absent="kim"), "a list of names"),
    "one absent": (lambda room: livesim.state_seen(room, 600, absent=[5]), "a list of names"),
    "candidates": (lambda _: livesim.incubate(INCUBATOR, candidates="100"), "whole number"),
    "later shows": (lambda _: livesim.incubate(INCUBATOR, later_shows=2.5), "whole number"),
    "tried": (lambda _: livesim.incubate(INCUBATOR, tried=5), "a list of numbers"),
    "lengths": (lambda _: livesim.incubate(INCUBATOR, lengths=["20min"]), "numbers of seconds"),
    "trial shows": (lambda _: livesim.incubate(INCUBATOR, shows=["1"]), "whole number"),
    "curves": (lambda _: livesim.decide_again(5), "the curves of a plan"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_argument(room: livesim.Scenario, name: str) -> None:
    call, said = WRONG[name]
    with pytest.raises(UsageError) as refused:
        call(room)
    assert said in str(refused.value)


@pytest.mark.parametrize("count", [3, 3.0, np.int64(3), np.float32(3), np.uint8(3)])
def test_a_count_of_any_kind(count: Any) -> None:
    assert checked_count(count, "shows") == 3
    assert type(checked_count(count, "shows")) is int


@pytest.mark.parametrize("count", [True, 2.5, np.nan, np.inf, "3", None, [3], 0])
def test_no_count(count: Any) -> None:
    with pytest.raises(UsageError, match="a whole number from 1 on is needed"):
        checked_count(count, "shows", 1)


RESERVE = {"units": 6, "below": 3, "lead_time": "1min"}


@pytest.fixture(scope="module")
def on_air(room: livesim.Scenario) -> livesim.Scenario:
    """Return a show that has a reserve of one product, and sells another beyond its stock."""
    beyond = {"accept": "50%", "units": 4}
    return room.with_changes(
        {"products.serum.reserve": RESERVE, "products.lip_tint.backorder": beyond}
    )


@pytest.fixture(scope="module")
def state(on_air: livesim.Scenario) -> livesim.State:
    """Of a show in which somebody has ordered."""
    return livesim.state_at(on_air, "10min", replications=50, workers=1)


def dated(room: livesim.Scenario, changes: dict[str, Any]) -> dict[str, Any]:
    """Return changes with a day and time for the minutes after the start."""
    for parts in changes.values():
        for part in parts.values() if isinstance(parts, dict) else ():
            if isinstance(part, dict) and isinstance(part.get("on"), int):
                part["on"] = f"{room.show.start + timedelta(minutes=part['on']):%Y-%m-%d %H:%M}"
    return changes


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"products.serum.owned": 900}, "serum owned .* units when the show began"),
        ({"checkout.payment_timeout": "1min"}, "unpaid units of serum were kept"),
        ({"products.serum.waves": {"all": {"share": "100%", "after": "0s"}}}, "other waves"),
        ({"products.serum.arriving": {"van": {"units": 5, "on": 5}}}, "other waves"),
        ({"products.serum.reserve": {**RESERVE, "units": 9}}, "with other reserves than"),
        ({"products.serum.reserve": {**RESERVE, "below": 9}}, "with other reserves than"),
        ({"products.serum.reserve": {**RESERVE, "lead_time": "9min"}}, "with other reserves than"),
        ({"products.serum.reserve": None}, "keep .* in products.serum.reserve, and write what"),
        ({"products.lip_tint.backorder": None}, "up to 4 units .* and in the scenario 0: keep"),
        ({"products.lip_tint.backorder.units": 40}, "up to 4 .* in the scenario 40: keep"),
    ],
)
def test_a_state_is_not_given_another_past(
    on_air: livesim.Scenario, state: livesim.State, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        livesim.simulate(on_air.with_changes(dated(on_air, changes)), start=state, workers=1)


@pytest.mark.parametrize(
    "changes",
    [
        {"products.serum.arriving": {"van": {"units": 5, "on": 15}}},
        {"products.serum.price": 250},
        {"products.serum.reserve": {**RESERVE, "call_cost": 90, "extra_unit_cost": 2}},
        {"products.lip_tint.backorder.accept": "90%"},
        {"products.mask.reserve": RESERVE},  # its link has not gone up
    ],
)
def test_what_is_to_come_may_change(
    on_air: livesim.Scenario, state: livesim.State, changes: dict[str, Any]
) -> None:
    rest = livesim.simulate(on_air.with_changes(dated(on_air, changes)), start=state, workers=1)
    assert rest.replications == 50


def test_nobody_is_absent_who_has_surely_come() -> None:
    guest = livesim.load("viya_kim_perfume")
    end = guest.show.length - guest.show.refresh
    with pytest.raises(UsageError, match="kim has always come by then"):
        livesim.state_seen(guest, end, absent=["kim"])


def test_answers_are_told_in_a_line(room: livesim.Scenario, state: livesim.State) -> None:
    result = livesim.simulate(room, replications=50, workers=1)
    assert repr(result) == f"<Result of {room.title}: 50 replications, seed 1>"
    assert repr(state) == "<State at 600 s: 50 rows>"
