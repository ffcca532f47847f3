"""`livesim plan`: what it prints, keeps and refuses, and how it ends."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import CliRunner, Result

import livesim
from livesim.cli import main
from livesim.errors import Interrupted, UsageError
from livesim.planning import plan as planning
from livesim.planning.saved import load
from livesim.report.pages import WIDTH, plain
from livesim.report.views import brief

Call = Callable[..., Result]
ROOT = Path(__file__).parents[2]
LIVESIM = [sys.executable, "-m", "livesim"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def call() -> Call:
    return lambda *args: CliRunner().invoke(main, ["plan", *map(str, args)])


@pytest.fixture(scope="session")
def drop(drop: str) -> str:
    """The show in fewer refreshes, its serum in packs."""
    return drop.replace("refresh: 5s", "refresh: 10s").replace("pack: 1,", "pack: 6,")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, drop: str) -> Path:
    place = tmp_path_factory.mktemp("plans")
    (place / "drop.yaml").write_text(drop, encoding="utf-8")
    plan = livesim.plan(place / "drop.yaml", replications=100, workers=1)
    return plan.save(place / "kept", figures=False)


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a simulation fail the test: mistakes are found before it."""
    monkeypatch.setattr(planning, "plan", lambda *_, **__: pytest.fail("worked"))


def document(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    read: dict[str, Any] = json.loads(result.stdout)
    return read


# --- A plan from a file ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:No font on this machine")
def test_it_speaks_another_language(call: Call, show: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.html"
    result = call(show, "-n", 100, "--workers", 1, "--language", "zh", "--out", file)
    assert result.exit_code == 0, result.output
    assert "\u5229\u6da6" in result.stdout and "profit" not in result.stdout
    assert '<html lang="zh-Hans">' in file.read_text("utf-8")
    wrong = call(show, "--language", "zz")
    assert wrong.exit_code == 2 and "no language is called zz" in wrong.stderr


@pytest.mark.slow
def test_it_prints_the_answer_and_in_full_the_page(call: Call, show: Path) -> None:
    result = call(show, "-n", 100, "--workers", 1)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "A quick drop · 2026-11-29 20:00 · 5 min"
    assert lines[-1].startswith("More: --full.") and "history:" in lines[-1]
    assert len([line for line in lines if line]) <= 12 + 2, "ten lines, a line each of two products"
    first = result.stdout.partition("\n\nMore: ")[0]
    result = call(show, "-n", 100, "--workers", 1, "--full")
    assert result.stdout.startswith(first.partition("\nP10, P50 and P90")[0])
    assert "Assumed by livesim, not known" in result.stdout
    assert "ways to sell" in result.stdout
    assert result.stderr == ""
    lines = [line for line in result.stdout.splitlines() if str(show) not in line]
    assert max(map(len, lines)) <= WIDTH


@pytest.mark.parametrize("known", [False, True])
def test_past_shows_are_asked_for_where_none_are_known(drop: str, known: bool) -> None:
    learned = {"show.turnout_factor": {"draws": "0.9 1.2 1.1"}}  # as past shows let expect
    plan = livesim.plan(livesim.load(drop, learned if known else {}), replications=50, workers=1)
    assert ("history: FILE.csv" in plain(brief(plan))) != known


def test_json_is_one_document(call: Call, show: Path) -> None:
    told = document(call(show, "-n", 100, "--seed", 0, "--workers", 1, "--json"))
    assert (told["objective"], told["replications"], told["seed"]) == ("profit", 100, 0)
    serum = told["products"]["serum"]
    assert serum["owned"] == 10
    assert serum["recommended"] == 10 + serum["purchase"]
    assert serum["purchase"] % 6 == 0
    low, high = serum["good_range"]
    assert low <= high
    assert len(serum["simulation_interval"]) == 2
    assert 0 <= serum["sold_out"]["chance"] <= serum["sold_out_now"]["chance"] <= 1
    assert serum["earns"]["mean"] >= serum["earns_now"]["mean"]
    assert {way["kind"] for way in told["release_plans"]} >= {"at_once", "benchmark_rule"}


def test_what_items_earn_less_the_fixed_costs_is_the_profit_that_run_tells(
    call: Call, show: Path
) -> None:
    fees = ("--set", "deal.slot_fee=900", "--set", "deal.guest_fee=8000")
    options = (show, "-n", 50, "--workers", 1, *fees)
    simulated = CliRunner().invoke(main, [*map(str, ("run", *options))])
    assert "fixed costs: CNY 8,900" in " ".join(simulated.stdout.split())
    simulated = CliRunner().invoke(main, [*map(str, ("run", *options, "--json"))])
    planned, ran = document(call(*options, "--json")), json.loads(simulated.stdout)
    serum, costs = planned["products"]["serum"], planned["fixed_costs"]
    assert costs == {"slot_fees": 900.0, "guest_fee": 8000.0} and "profit" not in serum
    told = {name: ran["products"][name]["profit"]["mean"] for name in ran["products"]}
    assert told["serum"] == pytest.approx(serum["earns_now"]["mean"] - 900)
    then = planned["choices"]["recommended"]["profit"]["mean"]
    assert then == pytest.approx(serum["earns"]["mean"] - sum(costs.values()))
    words = " ".join(call(*options).stdout.split())
    assert "CNY 8,900 fixed (slot fees 900 and guest fee 8,000)" in words


def test_the_expected_profit_now_is_that_of_run(call: Call, show: Path) -> None:
    planned = document(call(show, "-n", 100, "--workers", 1, "--json"))
    arguments = ["run", str(show), "-n", "100", "--workers", "1", "--json"]
    simulated = json.loads(CliRunner().invoke(main, arguments).stdout)
    now = planned["choices"]["now"]["profit"]["mean"]
    assert now == pytest.approx(simulated["show"]["profit"]["mean"], rel=1e-12)


def test_changes_and_the_budget(call: Call, show: Path) -> None:
    changes = ("--set", "products.serum.owned=0", "--budget", "0.5k")
    told = document(call(show, "-n", 100, "--workers", 1, "--json", *changes))
    assert told["products"]["serum"]["owned"] == 0
    assert 0 < told["purchase"]["cost"] <= 500


def test_precision_adds_replications(call: Call, show: Path) -> None:
    options = ("--precision", "0.1%", "--max-replications", 200, "--workers", 1, "--json")
    none_owned = ("--set", "products.serum.owned=0", "--set", "supply.pack=1")
    told = document(call(show, "-n", 100, "--seed", 3, *options, *none_owned))
    assert (told["replications"], told["precision"]) == (200, 0.001)


def test_variants_have_their_own_numbers(call: Call, show: Path) -> None:
    sizes = "products.serum.variants={small: {share: 60%}, large: {share: 40%}}"
    told = document(call(show, "-n", 100, "--workers", 1, "--json", "--set", sizes))
    serum = told["products"]["serum"]
    assert list(serum["variants"]) == ["small", "large"]
    for key in ("owned", "recommended", "purchase", "cost"):
        assert serum[key] == sum(variant[key] for variant in serum["variants"].values())
    profits = [variant["earns"]["mean"] for variant in serum["variants"].values()]
    assert serum["earns"]["mean"] == pytest.approx(sum(profits))
    assert "sold_out" not in serum


def test_a_show_in_which_nothing_is_wanted(call: Call, show: Path, drop: str) -> None:
    show.write_text(drop.replace("forecast: 20", "forecast: 0"), encoding="utf-8")
    told = document(call(show, "-n", 100, "--workers", 1, "--json"))
    assert told["products"]["serum"]["purchase"] == 0
    assert "Buy nothing" in call(show, "-n", 100, "--workers", 1).stdout


# --- Kept, and decided anew -----------------------------------------------------------------------


def test_a_saved_plan_is_decided_anew_without_a_simulation(
    call: Call, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "build_curves", lambda *_, **__: pytest.fail("simulated"))
    told = document(call(saved, "--objective", "service=90%@1min", "--json"))
    assert (told["objective"], told["replications"]) == ("service=90%@1min", 100)
    page = call(saved, "--objective", "fill=80%")
    assert "80 % of demand served, all shows added up" in page.stdout


def test_the_same_objective_decides_the_same(call: Call, saved: Path) -> None:
    first = json.loads((saved / "plan.json").read_text("utf-8"))
    again = document(call(saved, "--json"))
    assert {**first, "release_plans": []} == again


def test_a_saved_plan_says_where_the_ways_to_sell_are_that_it_compared(
    call: Call, saved: Path
) -> None:
    told = " ".join(call(saved, "--objective", "service=95%", "--full").stdout.split())
    assert "page.html in its folder has those that were compared" in told
    assert "were not compared" not in told, "they were, when it was made"
    assert "ways to sell" in (saved / "page.html").read_text("utf-8")


def test_the_supply_may_change(call: Call, saved: Path) -> None:
    enough = ("--objective", "service=95%", "--json")
    free = document(call(saved, *enough))["purchase"]
    tight = document(call(saved, "--budget", 200, *enough))["purchase"]
    assert free["cost"] > 200 >= tight["cost"]
    packs = document(call(saved, "--set", "supply.pack=10", "--json"))
    assert packs["products"]["serum"]["purchase"] % 10 == 0


@pytest.mark.slow
def test_a_new_decision_can_be_kept_in_the_same_folder(
    call: Call, saved: Path, tmp_path: Path
) -> None:
    kept = copytree(saved, tmp_path / "kept")
    again = call(kept, "--objective", "fill=80%", "--out", kept)
    assert again.exit_code == 0, again.output
    assert json.loads((kept / "plan.json").read_text("utf-8"))["objective"] == "fill=80%"
    assert call(kept).exit_code == 0
    assert {path.name for path in kept.iterdir()} == {
        *("manifest.json", "scenario.yaml", "curves.npz", "stock_curves.csv", "plan.json"),
        *("page.html", "workbook.xlsx", "figures"),
    }
    figures = {path.name for path in (kept / "figures").iterdir()}
    assert {"stock_serum.png", "stock_serum.svg", "tornado.png"} <= figures


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-n", "100"], "--replications asks for a simulation"),
        (["--seed", "2"], "--seed asks for a simulation"),
        (["--precision", "2%"], "--precision asks for a simulation"),
        (["--set", "products.serum.price=90"], "cannot change in a saved plan"),
        (["--set", "viewers=900"], "cannot change in a saved plan"),
        (["--objective", "service"], "service needs a value"),
        (["--objective", "service=90%@5h"], "leave @ out"),
    ],
)
def test_what_a_saved_plan_cannot_do(
    call: Call, saved: Path, options: list[str], said: str
) -> None:
    result = call(saved, *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_a_folder_that_is_no_plan(call: Call, tmp_path: Path) -> None:
    for options in ((), ("-n", "100")):
        result = call(tmp_path, *options)
        assert result.exit_code == 2
        assert "is not a livesim plan: manifest.json is missing" in result.stderr


@pytest.mark.parametrize("precision", [-1.0, 0.0, 2.0, float("nan")])
def test_a_precision_that_is_no_share_is_refused(show: Path, precision: float) -> None:
    with pytest.raises(UsageError, match="a share of the recommended units, above 0"):
        planning.plan(show, precision=precision, replications=50, workers=1)


# --- Mistakes -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--objective", "profits"], "there is no such objective"),
        (["--objective", "profit=1"], "profit takes no value"),
        (["--objective", "service=90"], "90 is out of range for a share"),
        (["--objective", "service=100%"], "below 100%"),
        (["--objective", "service=90%@20"], "'20' is not a duration longer than 0 s"),
        (["--objective", "fill=0"], "never reached"),
        (["--objective", "loss=100%"], "caps nothing"),
        (["--objective", "worst=1,000"], "comma"),
        (["--budget", "1,000"], "--budget: the comma"),
        (["--budget", "-5"], "--budget: -5 is out of range"),
        (["--budget", "5", "--set", "supply.budget=6"], "say the same"),
        (["--precision", "0"], "--precision: 0 is out of range"),
        (["--precision", "2%", "--max-replications", "130"], "take 100 or 150"),
        (["--max-replications", "200"], "limits what --precision adds"),
        (["--precision", "2%", "-n", "200", "--max-replications", "100"], "at most 100 replic"),
        (["-n", "130"], "take 100 or 150"),
        (["--seed", "-1"], "-1 is not in the range"),
        (["--set", "products.serun.owned=1"], "Did you mean serum?"),
    ],
)
def test_mistakes_are_found_before_any_work(
    call: Call, show: Path, options: list[str], said: str
) -> None:
    result = call(show, *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.usefixtures("no_work")
def test_a_wrong_objective_shows_how_to_write_one(call: Call, show: Path) -> None:
    said = call(show, "--objective", "servise=90%").stderr
    assert "service=90%@20min" in said and "worst=-50k" in said


@pytest.mark.usefixtures("no_work")
def test_an_occupied_folder_is_refused_before_any_work(call: Call, show: Path, drop: str) -> None:
    result = call(show, "--out", show.parent)
    assert result.exit_code == 2
    assert "not a livesim plan" in result.stderr
    assert show.read_text(encoding="utf-8") == drop


def test_a_file_that_does_not_exist(call: Call, tmp_path: Path) -> None:
    result = call(tmp_path / "nothing.yaml")
    assert result.exit_code == 2
    assert "nothing.yaml" in result.stderr


def test_an_objective_that_cannot_be_is_refused_before_any_work(
    call: Call, show: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "build_curves", lambda *_, **__: pytest.fail("simulated"))
    result = call(show, "--objective", "service=90%@5min")
    assert result.exit_code == 2
    assert "leave @ out" in result.stderr


# --- Interrupts -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_interrupt_shows_and_keeps_a_plan_from_what_was_done(
    call: Call, show: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planning.plan

    def interrupted(scenario: Any, *, replications: int, **_: object) -> None:
        done = plan(scenario, replications=50, workers=1)
        raise Interrupted(replace(done, requested=replications))

    monkeypatch.setattr(planning, "plan", interrupted)
    result = call(show, "--out", tmp_path / "out", "--full")
    assert result.exit_code == 130
    assert "(50 replications, seed 1)" in " ".join(result.stdout.split())
    assert "Stopped early: this is from the first 50 of 2,000 replications." in result.stderr
    curves, _ = load(tmp_path / "out")
    assert (curves.replications, curves.requested) == (50, 2000)
    assert "first 50 of 2,000" in (tmp_path / "out" / "page.html").read_text("utf-8")


def test_an_interrupt_while_ways_are_compared_keeps_the_plan(
    call: Call, show: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(planning, "release_plans", interrupted)
    result = call(show, "-n", 100, "--workers", 1)
    assert result.exit_code == 130
    assert "profit of the show" in result.stdout
    assert "Stopped after all replications" in result.stderr


@pytest.mark.slow
def test_an_interrupt_while_choices_are_simulated_keeps_the_plan(
    call: Call, show: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where viewers react to the stock, what to have is decided before its profit is simulated."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(planning, "simulated_choices", interrupted)
    reacting = ("--set", "products.serum.herd=0.2", "--set", "screen.claimed=true")
    result = call(show, "-n", 50, "--workers", 1, *reacting, "--out", tmp_path / "out")
    assert result.exit_code == 130
    assert "profit of the show" in result.stdout
    assert "Stopped after all replications" in result.stderr
    assert load(tmp_path / "out")[0].reactions.word == "viewers"


def test_an_interrupt_without_a_plan(
    call: Call, show: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(planning, "plan", interrupted)
    result = call(show, "--out", tmp_path / "out")
    assert (result.exit_code, result.stdout) == (130, "")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_ctrl_c_ends_a_plan_at_once(
    show: Path, tmp_path: Path, interrupted: Callable[..., str]
) -> None:
    """Far more replications than can be done."""
    out = tmp_path / "out"
    arguments = ("plan", show, "-n", "1_000_000", "--workers", "2", "--json", "--out", out)
    printed = interrupted(*arguments, seconds=120)
    assert bool(printed) == out.exists()
    assert [path for path in tmp_path.iterdir() if path not in (show, out)] == []


@pytest.mark.slow
def test_a_closed_pipe_is_quiet(saved: Path) -> None:
    """The reader is gone before anything is printed."""
    writer = subprocess.Popen(
        [*LIVESIM, "plan", str(saved), "--json"],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert writer.stdout is not None and writer.stderr is not None
    with writer.stdout, writer.stderr:
        writer.stdout.close()
        assert writer.stderr.read() == b""
    assert writer.wait() == 141
