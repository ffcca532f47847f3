"""The library: found by name, beside the package or within it, and carried by the wheel."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

import livesim
from livesim.errors import ScenarioError
from livesim.scenario.library import LIBRARY, names_in, scenario_file

ROOT = Path(__file__).parents[2]


def test_a_checkout_uses_its_own_scenarios() -> None:
    assert LIBRARY.samefile(ROOT / "scenarios")


def test_a_wheel_carries_the_library(tmp_path: Path) -> None:
    """Where an installed package looks: in ``livesim/scenarios``."""
    builders = pytest.importorskip("hatchling.builders.wheel")
    (wheel,) = builders.WheelBuilder(str(ROOT)).build(directory=str(tmp_path))
    carried = set(zipfile.ZipFile(wheel).namelist())
    files = [path.relative_to(LIBRARY).as_posix() for path in LIBRARY.rglob("*.yaml")]
    assert "platforms/one_app.yaml" in files
    assert {f"livesim/scenarios/{file}" for file in files} <= carried
    assert "livesim/resolve/templates/base.yaml" in carried


def test_a_bare_name_is_looked_up_here_and_then_in_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert scenario_file(Path("viya_alone")) == LIBRARY / "viya_alone.yaml"
    (tmp_path / "viya_alone.yaml").touch()
    assert scenario_file(Path("viya_alone")) == Path("viya_alone.yaml")


def test_what_exists_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a folder of that name, such as a plan that was kept."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "viya_alone").mkdir()
    assert scenario_file(Path("viya_alone")) == Path("viya_alone")


@pytest.mark.parametrize(
    "path", ["viya_alone.yaml", "shows/viya_alone", "./viya_alone.yml", "a" * 300, "", ".."]
)
def test_a_path_is_no_name(path: str) -> None:
    assert scenario_file(Path(path)) == Path(path)


def test_an_unknown_name_is_told_its_likeliest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gala.yaml").touch()
    with pytest.raises(ScenarioError, match=r"Did you mean gala\?") as refused:
        livesim.load("gla")
    (mistake,) = refused.value.mistakes
    assert mistake.file == "gla"
    with pytest.raises(ScenarioError, match=r"Did you mean viya_alone\?"):
        livesim.load("viya_alon")


def test_names_are_sorted_and_told_once(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yaml", "c.txt"):
        (tmp_path / name).touch()
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    assert names_in(tmp_path, tmp_path) == ["a", "b"]
