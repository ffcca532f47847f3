"""With a store, curves lie on disk: the same bits, in a memory that does not grow with them."""

from __future__ import annotations

import gc
import pickle
import tracemalloc
from pathlib import Path

import pytest

import livesim
from livesim.experiment.runner import HERE, Runner
from livesim.experiment.store import Store
from livesim.planning.building import build_curves, extended
from livesim.planning.curves import Curves
from livesim.results import on_disk
from livesim.scenario.scenario import Scenario


@pytest.fixture(scope="module")
def room() -> Scenario:
    path = Path(__file__).parents[2] / "scenarios/brand_room.yaml"
    return livesim.load(path, {"show.length": "20min", "show.refresh": "20s"})


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the disk at once."""
    monkeypatch.setattr(on_disk, "_IN_MEMORY", 1)


def with_store(room: Scenario, folder: Path, replications: int) -> Curves:
    with Store(folder, workers=1) as store:
        return build_curves(room, replications=replications, runner=Runner(executor=store))


def same(one: Curves, other: Curves) -> bool:
    pairs = zip(one.arrays(), other.arrays(), strict=True)
    return all(
        (name, array.dtype, array.tobytes()) == (again, back.dtype, back.tobytes())
        for (name, array), (again, back) in pairs
    )


@pytest.mark.usefixtures("at_once")
def test_every_figure_is_as_in_memory(room: Scenario, tmp_path: Path) -> None:
    here = build_curves(room, replications=300, runner=HERE)
    there = with_store(room, tmp_path, 300)
    assert same(here, there)
    assert same(here, pickle.loads(pickle.dumps(there)))
    with Store(tmp_path, workers=1) as store:
        longer = extended(there, 350, runner=Runner(executor=store))
    assert same(longer, extended(here, 350, runner=HERE))


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_memory_hardly_grows_with_the_replications(room: Scenario, tmp_path: Path) -> None:
    """Of what three curves of 40 levels are in little space, less than a fifth stays."""

    def taken(replications: int) -> int:
        with_store(room, tmp_path, replications)  # what is found again is not simulated
        gc.collect()
        tracemalloc.start()
        curves = with_store(room, tmp_path, replications)
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert curves.replications == replications
        return size

    few, many = taken(500), taken(1_500)
    figures = build_curves(room, replications=500, runner=HERE).curves
    assert (many - few) / 1_000 < 0.2 * sum(_size(one.figures) for one in figures) / 500


def _size(figures: object) -> int:
    return int(figures.nbytes)  # type: ignore[attr-defined]
