"""The journeys command: CSV on standard output or in a file, never half of one."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from livesim.cli import main

Call = Callable[..., Result]


@pytest.fixture
def call() -> Call:
    return lambda *args: CliRunner().invoke(main, ["journeys", *(str(arg) for arg in args)])


@pytest.fixture
def drop(drop: str) -> str:
    """The show with few viewers, whose number is not uncertain."""
    return drop.replace("viewers: 500", "viewers: 200").replace("CNY}", "CNY, appeal: 1}")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_it_prints_csv(call: Call, show: Path) -> None:
    result = call(show, "-n", 2)
    assert result.exit_code == 0, result.output
    table = rows(result.stdout)
    assert {row["replication"] for row in table} == {"0", "1"}
    assert {"comes", "orders", "leaves"} <= {row["event"] for row in table}
    assert result.stderr == ""


@pytest.mark.slow
def test_seed_and_settings_are_heard(call: Call, show: Path) -> None:
    first = call(show).stdout
    assert call(show).stdout == first
    assert call(show, "--seed", 2).stdout != first
    none_left = rows(call(show, "--set", "products.serum.owned=0").stdout)
    assert "is turned away" in {row["event"] for row in none_left}
    assert "is served" not in {row["event"] for row in none_left}


@pytest.mark.slow
def test_it_writes_a_file_and_overwrites_only_if_told(call: Call, show: Path) -> None:
    file = show.parent / "journeys.csv"
    assert call(show, "--out", file).exit_code == 0
    assert file.read_text() == call(show).stdout
    refused = call(show, "--out", file, "--seed", 2)
    assert refused.exit_code == 2 and "add --force" in refused.stderr
    assert file.read_text() == call(show).stdout
    assert call(show, "--out", file, "--seed", 2, "--force").exit_code == 0
    assert file.read_text() == call(show, "--seed", 2).stdout


def test_a_failure_leaves_the_earlier_file_and_no_half_of_one(
    call: Call, show: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = show.parent / "journeys.csv"
    file.write_text("earlier")

    def fails(path: Path, data: bytes) -> None:
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fails)
    result = call(show, "--out", file, "--force")
    assert result.exit_code == 2 and "No space left on device" in result.stderr
    assert file.read_text() == "earlier"
    assert sorted(path.name for path in show.parent.iterdir()) == ["drop.yaml", "journeys.csv"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-n", "0"], "0 is not in the range x>=1"),
        (["-n", "251"], "take fewer"),
        (["--seed", "-1"], "-1 is not in the range x>=0"),
        (["--set", "segments.everyone.reach=900M"], "or the cohort engine"),
        (["--out", "no_such_folder/journeys.csv"], "cannot be written"),
    ],
)
def test_wrong_usage_is_refused(call: Call, show: Path, arguments: list[str], said: str) -> None:
    result = call(show, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr and "Traceback" not in result.stderr
