"""The plugin for pytest, in a pytest of its own, as a user's continuous integration runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_PLUGIN = "livesim.checking.pytest_plugin"
_SHOW = """\
like: drop
title: A quick drop
show: {start: 2026-11-29 20:00, length: 5min, refresh: 10s, currency: CNY}
viewers: 500
watch_time: 2min
products:
  serum: {price: 100, unit_cost: 30, owned: 10, forecast: 20}
"""


@pytest.fixture
def shows(tmp_path: Path) -> Path:
    for name, least in {"fine": 10, "wrong": 11}.items():
        expect = f'expect: [{{serum.put_on_sale: ">= {least}"}}]\n'
        (tmp_path / f"{name}.yaml").write_text(_SHOW + expect, encoding="utf-8")
    (tmp_path / "silent.yaml").write_text(_SHOW, encoding="utf-8")
    (tmp_path / "empty.yaml").write_text(_SHOW + "expect: []\n", encoding="utf-8")
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines" / "others.json").write_text("{}")
    (tmp_path / "baselines" / "gone.json").write_text('{"fingerprint": ""}')
    (tmp_path / "test_it.py").write_text(
        "def test_fine(livesim_check):\n    livesim_check('fine.yaml', most_replications=250)\n"
        "def test_bad(livesim_check):\n    livesim_check('fine.yaml', most_replications=300)\n",
        encoding="utf-8",
    )
    return tmp_path


def _pytest(folder: Path, *options: str) -> str:
    command = [sys.executable, "-m", "pytest", "-p", _PLUGIN, "-p", "no:cacheprovider", *options]
    # Loaded by its name, whether the livesim that is installed brings it or not.
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=alone).stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [
        pytest.param((), id="alone", marks=pytest.mark.thorough),
        pytest.param(("-p", "xdist", "-n", "2"), id="xdist"),
    ],
)
def test_each_file_that_expects_anything_is_a_test(more: tuple[str, ...], shows: Path) -> None:
    told = _pytest(shows, "--livesim", "--junitxml=all.xml", *more)
    assert "2 passed" in told and "3 failed" in told and "1 skipped" in told
    assert "gone.json" in told and "of a show that is no longer there" in told
    assert "and 300 is none" in told and "def __post_init__" not in told
    assert "broken     serum.put_on_sale >= 11" in told and "Traceback" not in told
    assert "serum.put_on_sale" in (shows / "all.xml").read_text("utf-8")


@pytest.mark.slow
def test_without_the_option_no_file_is_looked_at(shows: Path) -> None:
    told = _pytest(shows)
    assert "1 passed" in told and "collected 2 items" in told


def test_it_imports_nothing_heavy() -> None:
    program = (
        "import pytest, sys; before = {*sys.modules}\n"
        f"import {_PLUGIN}; print(*({{*sys.modules}} - before))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert sorted(name for name in shown.stdout.split() if not name.startswith("livesim")) == []
    assert "livesim.checking.check" not in shown.stdout


def test_an_installed_livesim_brings_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"livesim": _PLUGIN}
