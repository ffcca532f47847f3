"""Data flows one way: imports point down, and each dependency has one door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "livesim"
#: The parts from the top down; a part imports from itself and from those below it.
PARTS = (
    *("__main__", "cli", "report", "planning", "experiment", "results", "engine", "resolve"),
    *("model", "scenario", "randomness", "errors"),
)
#: Who may import a library; what is not named here may be imported anywhere.
DOORS = {
    "random": "randomness",
    "simpy": "engine",
    "ruamel": "scenario/document",
    "matplotlib": "report",
    "loky": "experiment/executors",
    "pydantic": "scenario",
    "pydantic_core": "scenario",
    "click": "cli",
    "pandas": "results",
    "pyarrow": "results",
    "xarray": "results",
}


def imported(source: str) -> Iterator[str]:
    """Yield the modules that a source imports, inside functions, too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def wrong_ways(file: str, source: str) -> list[str]:
    """Say which imports of a file point up, or go past a door."""
    part = file.split("/")[0]
    wrong = []
    for module in imported(source):
        library, *inside = module.split(".")
        if library == "livesim" and inside and PARTS.index(inside[0]) < PARTS.index(part):
            wrong.append(f"{file} imports {module}, which lies above it")
        if library in DOORS and not file.startswith(DOORS[library]):
            wrong.append(f"{file} imports {module}, which only {DOORS[library]} may")
    return wrong


SOURCES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix(): path.read_text("utf-8")
    for path in PACKAGE.rglob("*.py")
    if path != PACKAGE / "__init__.py"  # the front door points everywhere, by name and lazily
}


@pytest.mark.parametrize("file", SOURCES)
def test_imports_point_down_and_go_through_the_doors(file: str) -> None:
    assert wrong_ways(file, SOURCES[file]) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("model/rates", "from livesim.engine.show import Show"),
        ("scenario/checks", "def check():\n    import livesim.model.inputs"),
        ("model/rates", "from simpy import Environment"),
        ("results/result", "import matplotlib.figure"),
    ],
)
def test_a_wrong_way_would_be_seen(file: str, line: str) -> None:
    assert len(wrong_ways(file, line)) == 1
