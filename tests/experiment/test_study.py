"""Many replications: the same bits however the work is done, and nothing lost by an interrupt."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any

import numpy as np
import pytest

from livesim.engine.outcome import Outcome
from livesim.errors import UsageError
from livesim.experiment import Interrupted, simulate, study
from livesim.randomness import BLOCK
from livesim.resolve import resolve_file
from livesim.scenario.scenario import Scenario


@pytest.fixture(scope="module")
def short(brand_room: Scenario) -> Scenario:
    """The brand room cut to the first products: quick to simulate."""
    show = {"show.length": "30min", "show.refresh": "10s"}
    first = dict(list(brand_room.to_data()["rundown"].items())[:3])
    return brand_room.with_changes({**show, "rundown": first})


class LastFirst(Executor):
    """Does what was submitted last first, when the first result is asked for."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = _Asked(self)
        self.waiting.append((future, partial(fn, *args, **kwargs)))
        return future

    def work(self) -> None:
        while self.waiting:
            future, call = self.waiting.pop()
            future.set_result(call())


class _Asked(Future[Any]):
    def __init__(self, executor: LastFirst) -> None:
        super().__init__()
        self.executor = executor

    def result(self, timeout: float | None = None) -> Any:
        self.executor.work()
        return super().result(timeout)


class OneBehind(LastFirst):
    """Does a piece of work when the next one is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.work()
        return super().submit(fn, *args, **kwargs)


class StopsAt(Executor):
    """Is interrupted when a block is submitted."""

    def __init__(self, block: int) -> None:
        self.block = block

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if args == (self.block,):
            raise KeyboardInterrupt
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def numbered_block(scenario: Scenario, seed: int, block: int, **_: object) -> Outcome:
    """Stand in for the engine: each replication knows its own number."""
    number = np.arange(block * BLOCK, (block + 1) * BLOCK, dtype=float)
    return Outcome({}, {"profit": number}, {}, {}, {}, {}, {"times": np.zeros(1)})


@pytest.fixture
def numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "simulate_block", numbered_block)


@pytest.mark.slow
def test_same_bits_for_any_workers_and_any_order(short: Scenario) -> None:
    alone = simulate(short, replications=500, seed=3, workers=1)
    together = simulate(short, replications=500, seed=3, workers=2)
    backwards = simulate(short, replications=500, seed=3, executor=LastFirst())
    assert alone.fingerprint == together.fingerprint == backwards.fingerprint
    other_seed = simulate(short, replications=500, seed=4, workers=1)
    assert other_seed.fingerprint != alone.fingerprint


@pytest.mark.slow
def test_functions_of_a_notebook_reach_the_workers(short: Scenario) -> None:
    doubled = float(np.log(2))
    plain = simulate(short, replications=500, workers=2)
    keener = simulate(short, replications=500, workers=2, behaviour=lambda screen: doubled)
    demand = [r.outcome.products["demand"].sum() for r in (plain, keener)]
    assert demand[1] > 1.5 * demand[0]


@pytest.mark.usefixtures("numbered")
@pytest.mark.parametrize("replications", [50, 250, 300, 1000])
def test_the_first_rows_of_whole_blocks_in_order(short: Scenario, replications: int) -> None:
    for executor in (None, LastFirst(), OneBehind()):
        result = simulate(short, replications=replications, workers=1, executor=executor)
        assert result.replications == replications
        assert (result.outcome.shows["profit"] == np.arange(replications)).all()


@pytest.mark.usefixtures("numbered")
def test_progress_counts_replications(short: Scenario) -> None:
    calls: list[tuple[int, int]] = []
    simulate(short, replications=600, workers=1, progress=lambda *done: calls.append(done))
    assert calls == [(250, 600), (500, 600), (600, 600)]


@pytest.mark.usefixtures("numbered")
@pytest.mark.parametrize(("stops_at", "kept"), [(1, 250), (3, 750)])
def test_an_interrupt_keeps_what_was_done(short: Scenario, stops_at: int, kept: int) -> None:
    with pytest.raises(Interrupted) as stop:
        simulate(short, replications=1000, executor=StopsAt(stops_at))
    result = stop.value.result
    assert result.replications == kept
    assert (result.outcome.shows["profit"] == np.arange(kept)).all()


@pytest.mark.usefixtures("numbered")
def test_an_interrupt_before_anything_is_done_is_an_interrupt(short: Scenario) -> None:
    with pytest.raises(KeyboardInterrupt):
        simulate(short, replications=1000, executor=StopsAt(0))


@pytest.mark.parametrize(
    ("replications", "remedy"),
    [(130, "take 100 or 150"), (20, "take 50"), (0, "take 50"), (-100, "take 50")],
)
def test_replications_come_in_whole_batches(
    short: Scenario, replications: int, remedy: str
) -> None:
    with pytest.raises(UsageError, match=f"batches of 50.*{remedy}$"):
        simulate(short, replications=replications)


def test_no_worker_and_no_such_engine(short: Scenario) -> None:
    with pytest.raises(UsageError, match="at least one worker, not 0"):
        simulate(short, replications=50, workers=0)
    with pytest.raises(UsageError, match="no engine is called exact"):
        simulate(short, replications=50, engine="exact")


@pytest.mark.usefixtures("numbered")
def test_a_file_brings_its_notes_and_a_scenario_none(scenarios: Any) -> None:
    path = scenarios / "brand_room.yaml"
    resolution = resolve_file(path)
    assert resolution.notes
    for show in (path, str(path), resolution):
        assert simulate(show, replications=50).notes == resolution.notes
    assert simulate(resolution.scenario, replications=50).notes == ()


@pytest.mark.usefixtures("numbered")
def test_parts_of_your_own_are_noted(short: Scenario) -> None:
    def flash_sale(show: Any) -> Any:
        yield show.until(600)

    result = simulate(short, replications=50, workers=1, processes=[flash_sale])
    assert result.notes == ("Simulated with parts of your own: flash_sale.",)


@pytest.mark.usefixtures("numbered")
def test_a_result_says_where_it_comes_from(short: Scenario) -> None:
    result = simulate(short, replications=50, seed=0)
    assert (result.seed, result.engine, result.digest) == (0, "cohort", short.digest)
    assert {"livesim", "python", "numpy", "scipy", "simpy", "processor"} == set(result.versions)
