"""The front door: what livesim exports, and that opening it is cheap."""

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import is_dataclass
from pathlib import Path

import pytest

import livesim

HEAVY = (
    *("numpy", "pydantic", "pandas", "matplotlib", "scipy", "simpy"),
    *("yaml", "xarray", "pyarrow", "loky", "click", "rich", "openpyxl"),
)


def test_the_exported_names() -> None:
    assert set(livesim.__all__) == {
        "Backtest",
        "Calibration",
        "Comparison",
        "Explanation",
        "History",
        "HistoryError",
        "Incubation",
        "Interrupted",
        "LivePlan",
        "LivesimError",
        "Plan",
        "Result",
        "ResultsError",
        "Scenario",
        "ScenarioError",
        "State",
        "Store",
        "Sweep",
        "UsageError",
        "__version__",
        "backtest",
        "calibrate",
        "compare",
        "decide_again",
        "explain",
        "figures",
        "incubate",
        "journeys",
        "load",
        "plan",
        "replan",
        "simulate",
        "state_at",
        "state_seen",
        "sweep",
    }
    assert dir(livesim) == sorted(livesim.__all__)


def test_what_holds_arrays_is_equal_to_itself_alone() -> None:
    # Field by field, arrays have no single truth: == would raise an error, and hash as well.
    found = [value for name in livesim.__all__ if is_dataclass(value := getattr(livesim, name))]
    assert livesim.Result in found
    assert {value.__name__ for value in found if value.__eq__ is not object.__eq__} == set()


@pytest.mark.parametrize("name", livesim.__all__)
def test_every_exported_name_is_there(name: str) -> None:
    assert getattr(livesim, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="lod"):
        livesim.lod  # noqa: B018


def test_the_version_stands_in_one_place() -> None:
    root = Path(__file__).parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    place = project["tool"]["hatch"]["version"]
    found = re.findall(place["pattern"], (root / place["path"]).read_text("utf-8"))
    assert found == [livesim.__version__]


def test_every_python_that_is_allowed_is_classified_and_tested() -> None:
    root = Path(__file__).parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    low, high = map(int, re.findall(r"3\.(\d+)", project["requires-python"]))
    allowed = [f"3.{minor}" for minor in range(low, high)]
    classified = re.findall(r"Python :: (3\.\d+)", " ".join(project["classifiers"]))
    workflow = (root / ".github/workflows/ci.yml").read_text("utf-8")
    assert classified == allowed
    assert f"python: {json.dumps(allowed)}" in workflow


def test_the_newest_changes_are_those_of_this_version() -> None:
    changes = (Path(__file__).parents[1] / ".github" / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"^## (\S+)", changes, re.MULTILINE)[0] == livesim.__version__


def loaded_by(code: str) -> set[str]:
    program = f"{code}\nimport sys; print(*sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(shown.stdout.split()) & set(HEAVY)


def test_importing_livesim_loads_nothing_heavy() -> None:
    assert loaded_by("import livesim") == set()


def test_figures_load_matplotlib_when_they_are_drawn() -> None:
    assert "matplotlib" not in loaded_by("import livesim; livesim.figures.tornado")
    drawn = "import livesim\ntry: livesim.figures.lines({}, 1)\nexcept livesim.UsageError: pass"
    assert "matplotlib" in loaded_by(drawn)


def test_little_is_loaded_before_ctrl_c_is_heard() -> None:
    program = "import livesim.__main__, sys; print(*sys.modules)"
    bare = [sys.executable, "-S", "-c", program]
    shown = subprocess.run(
        bare, capture_output=True, text=True, check=True, cwd=Path(livesim.__file__).parents[1]
    )
    assert {"typing", "contextlib", "re", "enum"}.isdisjoint(shown.stdout.split())


def test_loading_a_scenario_is_what_loads_its_libraries() -> None:
    """The twin of the test above: it shows that what is loaded would be seen."""
    assert {"numpy", "pydantic"} <= loaded_by("import livesim; livesim.Scenario")
