"""Ctrl-C at each stage of a study: what was simulated is kept, and nothing is told of as lost."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

import livesim
from livesim.checking.check import update
from livesim.cli import exits, main, terminal
from livesim.errors import Interrupted
from livesim.experiment import comparing
from livesim.experiment.rest_of_show import OnAir
from livesim.explaining import explaining
from livesim.history.table import SHOWS, tidy
from livesim.planning.incubation import Incubation
from livesim.planning.recommendation import Plan
from livesim.report import views
from livesim.results import load
from livesim.scenario.scenario import Scenario

Progress = Callable[[str, int, int], None]

ROOM = {
    "title": "A room",
    "show": {"length": "20min", "currency": "CNY", "refresh": "20s"},
    "viewers": 2_000,
    "deal": {"slot_fee": 500},
    "products": {
        "serum": {
            "price": 99,
            "unit_cost": 40,
            "left_over_value": 0,
            "orders_per_1000": 25,
            "owned": 9,
        },
        "mask": {"price": 59, "unit_cost": 20, "left_over_value": 0, "orders_per_1000": 15},
    },
}
NEXT = {
    "rundown": {
        "one": {"sells": ["serum"], "length": "10min", "at_sell_out": "next"},
        "two": {"sells": ["mask"], "length": "10min"},
    }
}

FIRST = "Looking at the first shows"


@pytest.fixture(autouse=True)
def _ctrl_c() -> Iterator[None]:
    """Let Ctrl-C be heard also where tests run in a shell's background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def room() -> Scenario:
    return livesim.load(ROOM)


@pytest.fixture(scope="module")
def whole(room: Scenario) -> Plan:
    return livesim.plan(room, replications=100, workers=1)


def ctrl_c_at(stage: str, at: int = 1) -> Progress:
    """Return whose hearing of a stage for the first time, so far done, is Ctrl-C."""
    heard: list[str] = []

    def told(what: str, done: int, tasks: int) -> None:
        if (what, min(at, tasks)) == (stage, done) and not heard:
            heard.append(what)
            signal.raise_signal(signal.SIGINT)

    return told


def room_of_brand() -> Scenario:
    return livesim.load("brand_room", {"show.length": "20min", "show.refresh": "20s"})


def past_shows(number: int) -> livesim.History:
    rows = [
        {"show": f"{n}", "length": 7_200, "viewers": 1_800 + 99 * n, "views": 3_000 + 70 * n}
        | {"product": "serum", "units": 30 + n}
        for n in range(number)
    ]
    return livesim.History(tidy(rows, SHOWS))


def ctrl_c_then(function: Callable[..., Any]) -> Callable[..., Any]:
    def called(*args: Any, **options: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return function(*args, **options)

    return called


@pytest.mark.parametrize(
    "stage",
    [
        FIRST,
        "Simulating",
        "Putting the curves together",
        "Choosing how many to buy",
        "Finding what decides it",
        "Searching ways to sell",
        "Going through the ways to sell",
        "Comparing ways to sell",
    ],
)
def test_a_plan_is_kept_once_its_shows_are_simulated(
    room: Scenario, whole: Plan, stage: str
) -> None:
    with pytest.raises(Interrupted) as stopped:
        livesim.plan(room, replications=100, workers=1, progress=ctrl_c_at(stage))
    plan = stopped.value.answer
    assert (plan.curves.replications, plan.requested) == (100, 100)
    assert plan.decision == whole.decision
    assert [item.gain for item in plan.items] == [item.gain for item in whole.items]
    assert "Stopped after all replications" in plan.origin.interruption


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["Choosing how many to buy", "Finding what decides it"])
def test_a_plan_without_what_decides_it_can_be_shown_and_kept(
    room: Scenario, stage: str, tmp_path: Path
) -> None:
    with pytest.raises(Interrupted) as stopped:
        livesim.plan(room, replications=100, workers=1, progress=ctrl_c_at(stage))
    plan = stopped.value.answer
    assert plan.drivers == () == plan.release_plans
    views.full(plan)
    plan.document()
    for place in ("folder", "plan.html", "plan.xlsx"):
        plan.save(tmp_path / place)


@pytest.mark.slow
@pytest.mark.parametrize("changes", [NEXT, {"products.serum.herd": 0.2, "screen.claimed": True}])
def test_a_plan_of_shows_that_react_is_kept_at_each_stage(changes: dict[str, Any]) -> None:
    show = livesim.load(ROOM, changes)
    stages: dict[str, None] = {}
    study: dict[str, Any] = {"replications": 50, "workers": 1}
    livesim.plan(show, **study, progress=lambda what, *_: stages.setdefault(what))
    first, *after = stages
    assert first == FIRST
    for stage in after:
        with pytest.raises(Interrupted) as stopped:
            livesim.plan(show, **study, progress=ctrl_c_at(stage, at=99))
        assert stopped.value.answer.curves.replications == 50


@pytest.mark.parametrize("stage", ["Adding", "Looking closer", "Putting the curves together"])
def test_a_plan_that_is_made_more_exact_is_kept(room: Scenario, stage: str) -> None:
    exact: dict[str, Any] = {"precision": 0.02, "most_replications": 200}
    with pytest.raises(Interrupted) as stopped:
        livesim.plan(room, replications=100, workers=1, progress=ctrl_c_at(stage), **exact)
    assert stopped.value.answer.curves.replications in (100, 200)


def test_of_first_shows_those_are_kept_that_were_looked_at(room: Scenario) -> None:
    with pytest.raises(Interrupted) as stopped:
        livesim.plan(room, replications=300, workers=1, progress=ctrl_c_at(FIRST))
    plan = stopped.value.answer
    assert (plan.curves.replications, plan.requested) == (250, 300)
    assert plan.decision == livesim.plan(room, replications=250, workers=1).decision


def test_first_shows_that_do_not_tell_the_levels_are_not_kept(room: Scenario) -> None:
    with pytest.raises(KeyboardInterrupt):
        livesim.plan(
            livesim.load(ROOM, NEXT), replications=50, workers=1, progress=ctrl_c_at(FIRST)
        )


def test_what_is_looked_at_first_is_not_told_of_as_simulated(room: Scenario) -> None:
    told: list[tuple[str, int]] = []
    livesim.plan(
        room, replications=300, workers=1, progress=lambda what, done, _: told.append((what, done))
    )
    assert [done for what, done in told if what == "Simulating"] == [0, 1, 2]


def test_an_explanation_is_kept_without_its_second_simulation(room: Scenario) -> None:
    shows = livesim.simulate(room, replications=300, workers=1)
    with pytest.raises(Interrupted) as stopped:
        livesim.explain(shows, workers=1, progress=ctrl_c_at("Simulating", at=0))
    found = stopped.value.answer
    assert found.chance is None and found.shares.inputs
    assert "Stopped after all replications" in found.origin.interruption


def test_what_was_simulated_is_kept_while_figures_are_made_of_it(
    room: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    shows = livesim.simulate(room, replications=300, workers=1)
    monkeypatch.setattr(explaining, "shares", ctrl_c_then(explaining.shares))
    with pytest.raises(Interrupted) as stopped:
        livesim.explain(shows, workers=1)
    assert stopped.value.answer.chance is not None

    monkeypatch.setattr(comparing, "_rows", ctrl_c_then(comparing._rows))
    both = {"a": room, "b": room.with_changes({"show.appeal": 2})}
    with pytest.raises(Interrupted) as stopped:
        livesim.compare(both, replications=50, workers=1)
    assert stopped.value.answer.replications == 50
    with pytest.raises(Interrupted) as stopped:
        livesim.sweep(room, {"show.appeal": [1, 2]}, replications=50, workers=1)
    assert len(stopped.value.answer.table()) == 2


def incubated(**options: Any) -> Incubation:
    show = livesim.load("incubator", {"show.refresh": "60s"})
    usual = {"tried": [5, 20], "lengths": [300, 1200], "shows": [1], "later_shows": 4, "workers": 1}
    return livesim.incubate(show, candidates=500, **{**usual, **options})


@pytest.mark.parametrize(
    ("done", "candidates", "later_shows"),
    [(4, 250, 2), (6, 250, 4), (7, 250, 4), (12, 500, 4)],
)
def test_the_candidates_that_were_simulated_are_kept(
    done: int, candidates: int, later_shows: int
) -> None:
    with pytest.raises(Interrupted) as stopped:
        incubated(progress=ctrl_c_at("Simulating", at=done))
    found = stopped.value.answer
    assert found.pool.profit.shape == (candidates, later_shows)
    assert [one.design.tried for one in found.designs].count(20) == 2
    assert (found.origin.replications, found.origin.requested) == (candidates, 500)
    assert found.origin.interruption.endswith(
        "from the first 250 of 500 candidates."
        if candidates == 250
        else "after all candidates: what comes after them is missing."
    )


def test_one_later_show_is_too_few_to_keep_candidates() -> None:
    with pytest.raises(KeyboardInterrupt):
        incubated(progress=ctrl_c_at("Simulating", at=3))


def test_trials_that_were_compared_are_kept_and_the_own_one_is_among_them() -> None:
    whole = incubated()
    with pytest.raises(Interrupted) as stopped:
        incubated(progress=ctrl_c_at("Comparing trials"))
    found = stopped.value.answer
    assert {one.design.length for one in found.designs} == {1200.0}
    assert found.asked.net.value == whole.asked.net.value and found.outlooks[0] == whole.outlooks[0]
    assert "Stopped after all candidates" in str(found)


def test_past_shows_that_were_forecast_are_kept() -> None:
    whole = livesim.backtest(room_of_brand(), past_shows(9))
    with pytest.raises(Interrupted) as stopped:
        told = ctrl_c_at("Forecasting past shows", at=2)
        livesim.backtest(room_of_brand(), past_shows(9), progress=told)
    found = stopped.value.answer
    assert found.scored["viewers"].shows == whole.scored["viewers"].shows[:2]
    assert found.origin.interruption == "Stopped early: this is from the first 2 of 4 past shows."


def test_what_was_tried_on_the_air_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    show, seen = room_of_brand(), {"at": "10min", "viewers": 400, "sold": {"serum": 8}}
    call: dict[str, Any] = {"top_ups": {"serum": (20, "3min")}, "shows": 20}
    whole = livesim.replan(show, seen, **call)
    rest = OnAir.rest
    for before, tried in ((1, 0), (2, 1)):
        left = [rest] * before + [ctrl_c_then(rest)]
        monkeypatch.setattr(OnAir, "rest", lambda *ways, left=left: left.pop(0)(*ways))
        with pytest.raises(Interrupted) as stopped:
            livesim.replan(show, seen, **call)
        found = stopped.value.answer
        assert len(found.tried) == tried < len(whole.tried)
        assert (found.rest.profit == whole.rest.profit).all() and found.requested == 20
        assert "Stopped after all shows" in str(found)
    monkeypatch.setattr(OnAir, "rest", ctrl_c_then(rest))
    with pytest.raises(KeyboardInterrupt):
        livesim.replan(show, seen, **call)


def test_a_second_ctrl_c_ends_at_once(room: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "_rows", ctrl_c_then(comparing._rows))
    both = {"a": room, "b": room.with_changes({"show.appeal": 2})}
    with pytest.raises(KeyboardInterrupt):
        livesim.compare(both, replications=500, workers=1, progress=ctrl_c_at("Simulating", at=2))


def two_files(place: Path, **more: Any) -> list[str]:
    files = [place / "a.yaml", place / "b.yaml"]
    for file in files:
        file.write_text(json.dumps({**ROOM, **more, "title": file.stem}))
    return [*map(str, files)]


@pytest.mark.parametrize(
    ("stage", "at", "known"),
    [
        ("Against baselines", 1, ["undecided"] * 6),
        ("Against baselines", 2, ["undecided", "undecided", "holds", *["undecided"] * 3]),
        ("Checking", 0, ["undecided", "undecided", "holds", "undecided", "undecided", "holds"]),
        ("Checking", 1, ["holds", "undecided", "holds", "undecided", "undecided", "holds"]),
        ("Simulating", 1, ["holds", "undecided", "holds", "holds", "undecided", "holds"]),
    ],
)
def test_what_was_tested_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, at: int, known: list[str]
) -> None:
    expect = {"expect": [{"conservation": "holds"}, {"plan.choices.recommended.profit": "> -1e9"}]}
    files = two_files(tmp_path, **expect)
    update(files, workers=1)
    call = ["check", *files, "--workers", "1", "--no-cache", "--json"]
    shown = SimpleNamespace(tell=ctrl_c_at(stage, at))
    monkeypatch.setattr(terminal, "display", lambda: nullcontext(shown))
    done = CliRunner().invoke(main, call)
    told = json.loads(done.stdout)
    assert (done.exit_code, told["interrupted"]) == (130, True)
    assert [line["verdict"] for show in told["shows"] for line in show["expectations"]] == known


def test_baselines_of_shows_that_were_simulated_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = SimpleNamespace(tell=ctrl_c_at("Against baselines", at=3))
    monkeypatch.setattr(terminal, "display", lambda: nullcontext(shown))
    done = CliRunner().invoke(main, ["check", *two_files(tmp_path), "--update", "--workers", "1"])
    assert done.exit_code == 130 and "nothing new was kept" in done.stderr
    assert [file.name for file in (tmp_path / "baselines").iterdir()] == ["a.json"]


def test_an_answer_is_kept_that_was_not_printed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(exits, "echo", ctrl_c_then(exits.echo))
    study = ["run", "brand_room", "-n", "50", "--set", "show.length=20min"]
    done = CliRunner().invoke(main, [*study, "--out", str(tmp_path / "out")])
    assert done.exit_code == 130
    assert "Interrupted: it is kept without figures." in done.stderr
    assert load(tmp_path / "out").replications == 50
    done = CliRunner().invoke(main, study)
    assert done.exit_code == 130
    assert "nothing was kept" in done.stderr
