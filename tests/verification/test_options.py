"""The suite's options, in a suite of their own: which tests run, and with which seed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = """
import pytest
from pathlib import Path

@pytest.mark.parametrize("number", range(8))
def test_quick(number, pytestconfig):
    seed = pytestconfig.getoption("seed")
    Path(__file__).with_name(f"seed {number}").write_text(str(seed))

@pytest.mark.verification
@pytest.mark.thorough
def test_thorough(pytestconfig):
    Path(__file__).with_name("thorough").write_text(str(pytestconfig.getoption("seed")))
"""
SETTINGS = "[pytest]\nmarkers =\n    verification: all of it\n    thorough: the slow part\n"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text((Path(__file__).parents[1] / "conftest.py").read_text())
    (tmp_path / "pytest.ini").write_text(SETTINGS)
    (tmp_path / "test_it.py").write_text(SUITE)
    return tmp_path


def run(suite: Path, *options: str) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=suite, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_a_day_runs_the_fast_part_and_says_so(suite: Path) -> None:
    """A worker has the fresh seed that is told."""
    shown = run(suite, "--fresh-seed", "-n", "1")
    assert "8 passed" in shown
    assert not (suite / "thorough").exists()
    assert "all of it: pytest -m verification" in shown
    seeds = {path.read_text() for path in suite.glob("seed *")}
    assert len(seeds) == 1
    assert seeds == set(re.findall(r"verification: seed (\d+)", shown))


@pytest.mark.slow
def test_all_of_it_runs_if_asked_for_with_any_seed(suite: Path) -> None:
    shown = run(suite, "-m", "verification", "--seed", "0")
    assert "1 passed" in shown
    assert (suite / "thorough").read_text() == "0"
    assert "all of it" not in shown
