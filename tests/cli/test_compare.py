"""The compare command: files or variants, what it prints and keeps, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from livesim.cli import main
from livesim.errors import Interrupted
from livesim.experiment import comparing
from livesim.experiment.runner import Runner
from livesim.report.pages import WIDTH

Call = Callable[..., Result]


@pytest.fixture
def call() -> Call:
    return lambda *args: CliRunner().invoke(main, ["compare", *(str(arg) for arg in args)])


@pytest.fixture
def twin(tmp_path: Path, drop: str) -> Path:
    path = tmp_path / "with_fee.yaml"
    path.write_text(drop.replace("guest_fee: 0", "guest_fee: 1_000"))
    return path


def test_files_stand_side_by_side_by_their_names(call: Call, show: Path, twin: Path) -> None:
    result = call(show, twin, "-n", 100, "--workers", 1)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0].endswith(": drop compared with with_fee")  # of one title
    assert "-1,000" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= WIDTH
    assert result.stderr == ""


def test_files_are_called_by_their_titles_and_changes_by_what_they_change(
    call: Call, show: Path, twin: Path, drop: str
) -> None:
    """The name of a file and dotted paths were headings; programs keep them."""
    twin.write_text(twin.read_text().replace("title: ", "title: With a fee, ", 1))
    few = ("-n", 50, "--workers", 1)
    first, *_ = call(show, twin, *few).stdout.splitlines()
    assert first.startswith("“A quick drop” compared with “With a fee, ")
    said = call(show, *few, "--set", "deal.guest_fee=1.5k", "--set", "viewers=400").stdout
    told = " ".join(said.split())
    assert ": as it is, compared with “guest fee: 1,500” and “viewers: 400”" in told
    assert "“guest fee: 1,500” earns CNY 1,500 less than the show as it is." in told
    assert "deal.guest_fee" not in said and said.count("drop") == 1  # the show's title
    document = json.loads(call(show, *few, "--json", "--set", "deal.guest_fee=1.5k").stdout)
    assert list(document["show"]["profit"]["values"]) == ["drop", "deal.guest_fee=1.5k"]


def test_files_of_one_name_are_told_apart_by_their_folders(
    call: Call, tmp_path: Path, drop: str
) -> None:
    files = [tmp_path / "west" / "a" / "show.yaml", tmp_path / "east" / "a" / "show.yaml"]
    for file in files:
        file.parent.mkdir(parents=True)
        file.write_text(drop)
    result = call(*files, "-n", 50, "--json", "--workers", 1)
    assert result.exit_code == 0, result.output
    assert list(json.loads(result.stdout)["scenarios"]) == ["west/a/show", "east/a/show"]
    refused = call(files[0], files[0], "-n", 50)
    assert refused.exit_code == 2 and "two of the shows would be called" in refused.stderr


@pytest.mark.slow
def test_json_is_one_document_of_finite_numbers(call: Call, show: Path, twin: Path) -> None:
    result = call(show, twin, "-n", 100, "--json", "--seed", 0)
    document = json.loads(result.stdout, parse_constant=lambda word: pytest.fail(word))
    assert (document["base"], document["seed"], document["replications"]) == ("drop", 0, 100)
    profit = document["show"]["profit"]["differences"]["with_fee"]
    assert profit["difference"] == pytest.approx(-1000)
    assert profit["significant"]
    assert document["products"]["serum"]["demand"]["differences"]["with_fee"]["same"]


def test_variants_of_one_file_with_several_changes_and_names(call: Call, show: Path) -> None:
    several = "bold: products.serum.owned=40; deal.guest_fee=100"
    quoted = "title='one; two'; viewers={p10: 300, likely: 500, p90: 900}"
    result = call(
        *(show, "-n", 100, "--json", "--workers", 1),
        *("--set", "products.serum.owned=20", "--set", several, "--set", quoted),
    )
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert list(document["scenarios"]) == ["drop", "products.serum.owned=20", "bold", quoted]
    assert document["scenarios"][quoted]["title"] == "one; two"
    sales = document["products"]["serum"]["sales"]["differences"]
    assert sales["bold"]["difference"] > sales["products.serum.owned=20"]["difference"] > 0


@pytest.fixture
def two(tmp_path: Path, drop: str) -> Path:
    """A file that describes two shows."""
    path = tmp_path / "two.yaml"
    parts = "alternatives:\n  free: {}\n  dear:\n    deal: {guest_fee: 1_000}\n"
    path.write_text(drop + parts)
    return path


def test_a_file_with_alternatives_stands_side_by_side_with_itself(call: Call, two: Path) -> None:
    result = call(two, "-n", 100, "--json", "--workers", 1)
    document = json.loads(result.stdout)
    assert (document["base"], list(document["scenarios"])) == ("free", ["free", "dear"])
    difference = document["show"]["profit"]["differences"]["dear"]["difference"]
    assert difference == pytest.approx(-1000)


def test_one_of_several_files_cannot_have_alternatives(call: Call, two: Path, show: Path) -> None:
    for arguments in ((two, show), (two, "--set", "deal.guest_fee=5")):
        refused = call(*arguments, "-n", 100)
        assert refused.exit_code == 2
        assert "describes 2 alternatives: free, dear" in refused.stderr


def test_one_alternative_of_a_file_stands_beside_other_shows(
    call: Call, two: Path, show: Path
) -> None:
    """The remedy that a refusal names is one that the command takes."""
    refused = call(show, two, "-n", 100)
    assert f"livesim compare {two}:free" in " ".join(refused.stderr.split())
    result = call(show, f"{two}:free", f"{two}:dear", "-n", 100, "--json", "--workers", 1)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert list(document["scenarios"]) == ["drop", "two:free", "two:dear"]
    found = document["show"]["profit"]["differences"]
    assert found["two:free"]["same"]
    assert found["two:dear"]["difference"] == pytest.approx(-1000)


def test_a_variant_of_one_alternative(call: Call, two: Path) -> None:
    result = call(f"{two}:dear", "--set", "deal.guest_fee=0", "-n", 100, "--json", "--workers", 1)
    document = json.loads(result.stdout)
    difference = document["show"]["profit"]["differences"]["deal.guest_fee=0"]["difference"]
    assert (document["base"], difference) == ("two:dear", pytest.approx(1000))
    assert "Did you mean dear?" in call(f"{two}:daer", two, "-n", 100).stderr


@pytest.mark.slow
def test_other_commands_ask_for_one_of_them(two: Path, tmp_path: Path) -> None:
    def call(*args: object) -> Result:
        return CliRunner().invoke(main, [str(arg) for arg in args])

    few = ("-n", 100, "--workers", 1)
    for command, options in (
        ("run", few), ("plan", few), ("sweep", (*few, "--over", "deal.slot_fee=0,500")),
        ("journeys", ("--out", tmp_path / "journeys.csv")), ("resolve", ()),
    ):  # fmt: skip
        refused = call(command, two, *options)
        assert refused.exit_code == 2
        assert "--alternative free" in refused.stderr
        picked = call(command, two, *options, "--alternative", "dear")
        assert picked.exit_code == 0, picked.output
    assert "guest_fee: 1000" in picked.output
    assert call("validate", two).output.startswith(f"{two}: fine\n")
    two.write_text(two.read_text().replace("1_000", "dear"))
    assert "two.yaml:" in call("validate", two).output


@pytest.mark.slow
def test_it_keeps_the_comparison(call: Call, show: Path, twin: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    result = call(show, twin, "-n", 100, "--seed", 2, "--out", folder)
    assert result.exit_code == 0, result.output
    assert json.loads((folder / "comparison.json").read_text())["seed"] == 2
    assert len((folder / "shows.csv").read_text().splitlines()) == 201
    assert "guest_fee: 1000" in (folder / "scenario_2.yaml").read_text()
    refused = call(show, twin, "--out", tmp_path)
    assert refused.exit_code == 2
    assert "not a livesim comparison" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing to compare"),
        (["drop.yaml"], "two of the shows would be called drop"),
        (["nothing.yaml"], "nothing.yaml"),
        (["with_fee.yaml", "--set", "deal.guest_fee=5"], "here are several"),
        (["--set", "products.serun.owned=5"], "Did you mean serum?"),
        (["--set", "products.serum.owned=5; nonsense"], "nonsense"),
        (["--set", "nonsense"], "sets nothing"),
        (["--set", "viewers=5", "--set", "viewers=5"], "name the variant as in"),
        (["with_fee.yaml", "-n", "130"], "100 or 150"),
        (["with_fee.yaml", "--seed", "-1"], "-1 is not in the range"),
    ],
)
@pytest.mark.usefixtures("twin")
def test_mistakes_are_told(
    call: Call,
    show: Path,
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(show.parent)
    result = call("drop.yaml", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_an_interrupted_comparison_shows_what_there_is(
    call: Call, show: Path, twin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = comparing.compare_with

    def interrupted(runner: Runner, shows: dict, replications: int, *others: Any) -> None:
        done = whole(runner, shows, 100, *others)
        raise Interrupted(replace(done, requested=replications))

    monkeypatch.setattr(comparing, "compare_with", interrupted)
    result = call(show, twin, "-n", 1000)
    assert result.exit_code == 130
    assert "-1,000" in result.stdout
    assert "from the first 100 of 1,000 replications" in result.stderr


def test_an_interrupt_before_the_first_block(
    call: Call, show: Path, twin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(comparing, "compare_with", interrupted)
    result = call(show, twin)
    assert (result.exit_code, result.stdout) == (130, "")


def test_a_change_in_the_place_of_a_file_is_told_with_its_option(call: Call, show: Path) -> None:
    said = call(show, "products.serum.owned=80").stderr
    assert "is a change, not a file: write --set 'products.serum.owned=80'" in said


def test_several_values_of_a_change_are_a_sweep(call: Call, show: Path) -> None:
    said = call(show, "--set", "products.serum.owned=80,160").stderr
    assert 'livesim sweep SCENARIO --over "products.serum.owned=80, 160"' in said


def test_mistakes_of_all_variants_are_told_once_with_their_option(call: Call, show: Path) -> None:
    """One was told twice, at the first line of the file, and those of other variants not at all."""
    both = "{viewers: 300, watch_time: 2min}"
    two = f"segments: {{new: {both}, old: {both}}}"
    show.write_text(show.read_text().replace("viewers: 500\nwatch_time: 2min", two))
    changes = ("viewers.new=1k", "products.serum.owned=-3", "bold: supply.pak=10")
    said = call(show, *(part for one in changes for part in ("--set", one))).stderr
    heads = [line for line in said.splitlines() if line and not line.startswith(" ")]
    assert heads == [
        f"--set  {path}" for path in ("viewers.new", "products.serum.owned", "supply.pak")
    ]
    assert "each segment has viewers of its own\n  write segments.new.viewers" in said
    swept = ("--over", "viewers.new=1k,2k", "--set", "supply.pak=10")
    other = CliRunner().invoke(main, ["sweep", str(show), *swept]).stderr
    assert other.count("viewers.new") == 1 and other.startswith("--over  viewers.new\n")
