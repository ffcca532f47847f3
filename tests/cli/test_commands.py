"""The commands, called in this process: what they print, what they write, how they end."""

import inspect
import json
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import click
import loky.process_executor
import pytest
from click.testing import CliRunner, Result

from livesim import experiment
from livesim.cli import main
from livesim.cli.files import TEMPLATES
from livesim.errors import Interrupted
from livesim.report.pages import WIDTH
from livesim.results import load
from livesim.scenario.document import parse_document
from livesim.scenario.draft import Draft

Call = Callable[..., Result]


@pytest.fixture
def call() -> Call:
    return lambda *args: CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture
def broken(tmp_path: Path, drop: str) -> Path:
    path = tmp_path / "broken.yaml"
    path.write_text(drop.replace("owned: 10", "owned: 1.5").replace("viewers:", "viewerz:"))
    return path


def test_the_templates_are_those_of_the_draft() -> None:
    assert get_args(get_args(Draft.model_fields["like"].annotation)[0]) == TEMPLATES


@pytest.mark.parametrize(
    "command", ["run", "plan", "compare", "sweep", "check", "calibrate", "incubate", "explain"]
)
def test_whatever_takes_long_can_be_done_by_a_cluster(call: Call, command: str) -> None:
    assert "--cluster ADDRESS" in call(command, "--help").output


# --- new, validate, resolve, schema ---------------------------------------------------------------


@pytest.mark.parametrize("template", TEMPLATES)
def test_new_writes_a_starter_that_is_fine(call: Call, tmp_path: Path, template: str) -> None:
    path = tmp_path / "new.yaml"
    made = call("new", "--like", template, path)
    assert made.exit_code == 0, made.output
    assert made.output.endswith(f"then: livesim plan {path}\n")
    assert call("validate", path).output.startswith(f"{path}: fine\n")


def test_new_names_the_command_that_takes_alternatives(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    made = call("new", "--from", "same_show_two_platforms", path)
    assert f"livesim compare {path}" in made.output


def test_new_does_not_overwrite_unless_told(call: Call, show: Path, drop: str) -> None:
    refused = call("new", show)
    assert refused.exit_code == 2
    assert "exists: choose another name, or add --force" in refused.stderr
    assert show.read_text() == drop
    assert call("new", "--force", show).exit_code == 0
    assert show.read_text() != drop


def test_new_says_when_it_cannot_write(call: Call, tmp_path: Path) -> None:
    result = call("new", tmp_path / "nowhere" / "show.yaml")
    assert result.exit_code == 2
    assert "cannot be written: No such file or directory" in result.stderr


def test_validate_goes_on_after_a_wrong_file(call: Call, show: Path, broken: Path) -> None:
    result = call("validate", broken, show)
    assert result.exit_code == 2
    assert result.stdout.startswith(f"{show}: fine\n")
    assert f"{broken}:4:1  viewerz" in result.stderr
    assert f"{broken}:8:" in result.stderr


def test_a_missing_file_is_a_mistake(call: Call, tmp_path: Path) -> None:
    for command in ("validate", "resolve", "run"):
        result = call(command, tmp_path / "nothing.yaml")
        assert result.exit_code == 2
        assert "nothing.yaml" in result.stderr
        assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("name", "begins", "what"),
    [
        ("plan.html", b"<!DOCTYPE html>\n<html>", "a page to read"),
        ("mailed", b"<!DOCTYPE html>\n<html>", "a page to read"),
        ("plan.png", b"\x89PNG\r\n", "a picture or a print"),
        ("plan.svg", b'<?xml version="1.0"?>', "a picture or a print"),
        ("plan.json", b'{\n  "format": 2,\n  "kind": "plan"', "what livesim has answered"),
    ],
)
def test_an_answer_is_no_scenario(
    call: Call, tmp_path: Path, name: str, begins: bytes, what: str
) -> None:
    (tmp_path / name).write_bytes(begins)
    said = call("plan", str(tmp_path / name)).stderr
    assert said.startswith(f"{tmp_path / name}\n  this is {what}") and "give the file" in said


def test_resolving_what_was_resolved_changes_nothing(
    call: Call, show: Path, tmp_path: Path
) -> None:
    first = call("resolve", show)
    assert first.exit_code == 0
    explicit = tmp_path / "explicit.yaml"
    explicit.write_text(first.stdout)
    assert call("resolve", explicit).stdout == first.stdout


def test_resolve_says_why_beside_the_same_values(call: Call, show: Path) -> None:
    why = call("resolve", "--why", show).stdout
    assert parse_document(why).data == parse_document(call("resolve", show).stdout).data
    assert "conversion" in why.splitlines()[0] or "viewers expected" in why
    assert "# given" in why and "# template" in why


def test_set_changes_one_value(call: Call, show: Path) -> None:
    text = call("resolve", "--set", "products.serum.owned=12", show).stdout
    assert parse_document(text).data["products"]["serum"]["owned"] == 12
    wrong = call("resolve", "--set", "products.serun.owned=12", show)
    assert wrong.exit_code == 2
    assert "Did you mean serum?" in wrong.stderr
    assert call("resolve", "--set", "nonsense", show).exit_code == 2


def test_set_reads_a_number_from_its_text(call: Call, show: Path) -> None:
    for change in ("deal.guest_fee=30.000", "deal.guest_fee=30,000"):
        refused = call("resolve", "--set", change, show)
        assert refused.exit_code == 2
        assert "thousands or decimals" in refused.stderr
        assert "several" not in refused.stderr and "=30, 000" not in refused.stderr


def test_set_null_takes_away(call: Call, show: Path) -> None:
    taken = call("resolve", "--set", "products.serum.reserve=null", show)
    assert taken.exit_code == 0, taken.output
    refused = call("resolve", "--set", "products.serum=null", show)
    assert refused.exit_code == 2
    assert "the show has no products" in refused.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", [("run",), ("plan",), ("compare", "--set", "supply.pack=2")])
def test_a_folder_that_cannot_be_named_so_is_a_mistake(
    call: Call, show: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    for folder in (tmp_path / ("x" * 300), show / "below_a_file"):
        result = call(*command, show, "-n", 50, "--workers", 1, "--out", folder)
        assert result.exit_code == 2, result.output
        assert "not your mistake" not in result.stderr


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_warning_is_one_line(call: Call, show: Path, tmp_path: Path, drop: str) -> None:
    show.write_text(drop.replace("A quick drop", "\u53e3\u7ea2 $5_$10"), encoding="utf-8")
    result = call("run", show, "-n", 50, "--workers", 1, "--out", tmp_path / "kept")
    assert result.exit_code == 0, result.output
    told = [line for line in result.stderr.splitlines() if "No font on this machine" in line]
    assert len(told) <= 1
    assert len(result.stderr.splitlines()) == 1 + len(told)


@pytest.mark.filterwarnings("default")
def test_a_worker_that_is_replaced_is_not_told(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the words of the library that does it, which call it a leak."""
    words = inspect.getsource(loky.process_executor)
    told = [" ".join(re.findall(r'"([^"]*)"', part)[:3]) for part in words.split("warnings.warn(")]
    replaced = [line.replace("  ", " ") for line in told if line.startswith("A worker ")]
    assert len(replaced) == 2

    def warn(*_: object, **__: object) -> None:
        for line in (*replaced, "something else"):
            warnings.warn(line, UserWarning, stacklevel=1)

    monkeypatch.setattr(click.Command, "invoke", warn)
    assert call("schema").stderr == "something else\n"


def test_schema_is_json(call: Call) -> None:
    assert "properties" in json.loads(call("schema").stdout)


# --- run ------------------------------------------------------------------------------------------


def test_run_prints_the_summary(call: Call, show: Path) -> None:
    result = call("run", show, "-n", 100, "--workers", 1, "--full")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("A quick drop · 2026-11-29 20:00 · 5 min\n")
    assert "Forecast uncertainty:" in result.stdout and "Simulation error:" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= WIDTH
    assert result.stderr == ""


def test_run_json_is_one_document(call: Call, show: Path) -> None:
    document = json.loads(call("run", show, "-n", 50, "--json", "--seed", 0).stdout)
    assert (document["seed"], document["replications"], document["engine"]) == (0, 50, "cohort")
    assert document["products"]["serum"]["stock"] == 10


def test_run_takes_changes(call: Call, show: Path) -> None:
    result = call("run", show, "-n", 50, "--json", "--set", "products.serum.owned=1_234")
    assert json.loads(result.stdout)["products"]["serum"]["stock"] == 1234


@pytest.mark.slow
def test_run_keeps_results_and_figures(call: Call, show: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    for seed in (1, 2):  # the second replaces the first
        result = call("run", show, "-n", 50, "--seed", seed, "--out", folder, "--force")
        assert result.exit_code == 0, result.output
    kept = load(folder)
    assert (kept.seed, kept.replications) == (2, 50)
    assert kept.notes
    assert {"overview.png", "overview.svg"} <= {p.name for p in (folder / "figures").iterdir()}


def test_run_refuses_an_occupied_folder_before_it_works(
    call: Call, show: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment.study, "simulate", lambda *_, **__: pytest.fail("worked"))
    result = call("run", show, "--out", show.parent)
    assert result.exit_code == 2
    assert "not a livesim result" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-n", "130"], "take 100 or 150"),
        (["-n", "many"], "'many' is not a valid integer"),
        (["--seed", "-1"], "-1 is not in the range x>=0"),
        (["--workers", "0"], "0 is not in the range x>=1"),
        (["--engine", "exact"], "'exact' is not one of 'cohort', 'agent'"),
        (["--set", "products.serum.owned=many"], "'many' is not a count"),
        (["--sed", "1"], "--seed"),
    ],
)
def test_run_refuses_wrong_usage(call: Call, show: Path, arguments: list[str], said: str) -> None:
    result = call("run", show, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_run_shows_the_mistakes_of_a_file(call: Call, broken: Path) -> None:
    result = call("run", broken)
    assert result.exit_code == 2
    assert f"{broken}:4:1  viewerz" in result.stderr


@pytest.mark.slow
def test_an_interrupted_run_shows_and_keeps_what_there_is(
    call: Call, show: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate = experiment.study.simulate

    def interrupted(scenario: object, *, replications: int, **options: object) -> None:
        raise Interrupted(replace(simulate(scenario, replications=50), requested=replications))

    monkeypatch.setattr(experiment.study, "simulate", interrupted)
    result = call("run", show, "-n", 1000, "--out", tmp_path / "out", "--full")
    assert result.exit_code == 130
    assert "(50 replications, seed 1)" in " ".join(result.stdout.split())
    assert "from the first 50 of 1,000 replications" in result.stderr
    kept = load(tmp_path / "out")
    assert (kept.replications, kept.requested) == (50, 1000)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert (manifest["requested"], manifest["interrupted"]) == (1000, True)
    assert "first 50 of 1,000" in (tmp_path / "out" / "page.html").read_text("utf-8")


def test_an_answer_is_kept_in_each_place_that_is_asked_for(
    call: Call, show: Path, tmp_path: Path
) -> None:
    places = [tmp_path / name for name in ("a.csv", "b.json", "folder", "a.csv")]
    asked = [part for place in places for part in ("--out", place)]
    result = call("run", show, "-n", 50, "--workers", 1, *asked)
    assert result.exit_code == 0, result.output
    assert all(place.exists() for place in places)
    assert result.stderr.count("Kept in") == 3  # the same one once
    again = call("run", show, "-n", 50, "--out", tmp_path / "new.json", "--out", places[1])
    assert again.exit_code == 2 and "b.json: is there already" in again.stderr
    assert not (tmp_path / "new.json").exists()


def test_an_interrupt_without_a_result(
    call: Call, show: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(experiment.study, "simulate", interrupted)
    result = call("run", show)
    assert (result.exit_code, result.stdout) == (130, "")
    assert "Interrupted" in result.stderr


# --- Faults ---------------------------------------------------------------------------------------


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a fault\nof ours")

    monkeypatch.setattr(experiment.study, "simulate", fails)


@pytest.mark.usefixtures("fault")
def test_a_fault_of_ours_is_one_line_and_the_way_to_the_traceback(call: Call, show: Path) -> None:
    result = call("run", show)
    assert result.exit_code == 3
    assert "ZeroDivisionError: a fault of ours" in result.stderr.splitlines()[0]
    assert "LIVESIM_DEBUG=1" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.usefixtures("fault")
def test_the_traceback_can_be_had(call: Call, show: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVESIM_DEBUG", "1")
    result = call("run", show)
    assert result.exit_code == 3
    assert "Traceback" in result.stderr


# --- Help -----------------------------------------------------------------------------------------


#: Every command by its words, those of a group after the group.
COMMANDS = {(name,): command for name, command in main.commands.items()} | {
    (group, name): command
    for group, within in main.commands.items()
    if isinstance(within, click.Group)
    for name, command in within.commands.items()
}


@pytest.mark.parametrize("command", sorted(COMMANDS), ids=" ".join)
def test_every_command_has_help_with_examples_that_it_understands(
    call: Call, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("blocks").mkdir()  # the folder of the examples, which has to be there
    text = call(*command, "--help").output
    examples = [line.split() for line in text.splitlines() if line.startswith("    livesim ")]
    assert examples
    for words in examples:
        assert tuple(words[1 : len(command) + 1]) == command
        end = next((i for i, word in enumerate(words) if word in (">", "|")), None)
        COMMANDS[command].make_context(command[-1], words[len(command) + 1 : end])


#: What they print are keys, files and their text, which are English.
OF_FILES = {"list", "resolve", "keys", "schema", "import", "journeys", "store", "check"}


@pytest.mark.parametrize("command", sorted({*main.commands} - OF_FILES))
def test_what_people_read_can_be_had_in_another_language(call: Call, command: str) -> None:
    assert "--language" in call(command, "--help").output


def test_validate_speaks_another_language(call: Call, show: Path) -> None:
    said = call("validate", str(show), "--language", "zh").output
    assert "没有问题" in said and "500 位观众" in said and "fine" not in said


def test_help_and_version(call: Call) -> None:
    text = call("--help").output
    assert all(command in text for command in main.commands)
    assert "..." not in text.partition("Commands:")[2]  # no command's sentence is cut off
    assert call("--version").output.startswith("livesim ")
