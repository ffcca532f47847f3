"""With a store, curves lie on disk: the same bits, in a memory that does not grow with them."""

from __future__ import annotations

import gc
import pickle
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

import livesim
from livesim.experiment import packing
from livesim.experiment.runner import HERE, Runner
from livesim.experiment.store import Store
from livesim.planning import curves as curves_
from livesim.planning import drivers, side_by_side
from livesim.planning.building import build_curves, extended
from livesim.planning.columns import curve_columns
from livesim.planning.curves import Curves
from livesim.planning.objectives import MOST_PROFIT, objective_of
from livesim.planning.plan import decide_again
from livesim.planning.saved import load
from livesim.planning.terms import Terms
from livesim.resolve import Resolution, resolve
from livesim.results import on_disk
from livesim.results.answer import fingerprint_of
from livesim.results.answer import write as save
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import opened


@pytest.fixture(scope="module")
def room() -> Scenario:
    path = Path(__file__).parents[2] / "scenarios/brand_room.yaml"
    return livesim.load(path, {"show.length": "20min", "show.refresh": "20s"})


@pytest.fixture(scope="module")
def resolution() -> Resolution:
    path = Path(__file__).parents[2] / "scenarios/brand_room.yaml"
    return resolve(opened(path), {"show.length": "10min", "show.refresh": "20s"})


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have so little at once that few replications are many."""
    for module in (packing, curves_, drivers):
        monkeypatch.setattr(module, "_AT_ONCE", 1 << 14)
    monkeypatch.setattr(side_by_side, "_HELD", 1 << 11)
    monkeypatch.setattr(drivers, "_MOST_HELD", 500)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the disk at once."""
    monkeypatch.setattr(on_disk, "_IN_MEMORY", 1)


def with_store(room: Scenario, folder: Path, replications: int) -> Curves:
    with Store(folder, workers=1) as store:
        return build_curves(room, replications=replications, runner=Runner(executor=store))


def same(one: Curves, other: Curves) -> bool:
    return fingerprint_of(one.in_few_bytes()) == fingerprint_of(other.in_few_bytes())


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


@pytest.fixture(scope="module")
def few(resolution: Resolution) -> Curves:
    return build_curves(resolution.scenario, replications=250, runner=Runner(workers=1))


def served(curves: Curves) -> object:
    return objective_of("service=90%").choose(curves, Terms.of(curves))


def earned(curves: Curves) -> object:
    return curves.profit(MOST_PROFIT.choose(curves, Terms.of(curves))), curves.curves[0].demand


def at_each_level(curves: Curves) -> object:
    return curve_columns(curves)


def many(few: Curves, times: int) -> Curves:
    """Return so many times as many replications, on disk."""
    return Curves.joined([few] * times, on_disk.Scratch())


@pytest.mark.slow
@pytest.mark.usefixtures("at_once", "small_parts")
def test_a_plan_of_many_replications_takes_less_than_one_figure_of_them(
    few: Curves, resolution: Resolution, tmp_path: Path
) -> None:
    """Whatever is computed, kept or read holds single columns, however many levels there are."""

    def folder(curves: Curves) -> Path:
        return tmp_path / str(curves.replications)

    def decided_and_kept(curves: Curves) -> None:
        save(decide_again(curves, "profit", resolution), folder(curves), replace=True)

    def read(curves: Curves) -> None:
        assert load(folder(curves))[0].replications == curves.replications

    assert grown(few, decided_and_kept) < figure(few)
    assert grown(few, read) < figure(few)


@pytest.mark.parametrize("tell", [served, earned, at_each_level])
@pytest.mark.usefixtures("at_once", "small_parts")
def test_what_curves_tell_takes_single_columns(
    few: Curves, tell: Callable[[Curves], object]
) -> None:
    assert grown(few, tell) < figure(few) / 3


def grown(few: Curves, use: Callable[[Curves], object]) -> float:
    """Return what it takes at most with each further replication [bytes]."""

    def most(times: int) -> int:
        curves = many(few, times)
        gc.collect()
        tracemalloc.start()
        use(curves)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    use(many(few, 1))  # what is loaded and remembered the first time
    return (most(12) - most(4)) / (8 * few.replications)


def figure(curves: Curves) -> int:
    """Return what a figure of the curve with the fewest levels takes of each replication."""
    return 8 * min(len(curve.levels) for curve in curves.curves)
