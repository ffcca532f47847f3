"""Many replications: the same bits however the work is done, and nothing lost by an interrupt."""

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import numpy as np
import pytest

from livesim.engine.outcome import Outcome
from livesim.errors import Interrupted, UsageError
from livesim.experiment import study
from livesim.experiment.study import simulate
from livesim.randomness import BLOCK
from livesim.resolve import resolve_file
from livesim.scenario.scenario import Scenario


@pytest.fixture(scope="module")
def short(brand_room: Scenario) -> Scenario:
    """The brand room cut to the first products: quick to simulate."""
    show = {"show.length": "30min", "show.refresh": "10s"}
    first = dict(list(brand_room.to_data()["rundown"].items())[:3])
    return brand_room.with_changes({**show, "rundown": first})


def numbered_block(
    scenario: Scenario, seed: int, block: int, *, replications: int, **_: object
) -> Outcome:
    """Stand in for the engine: each replication knows its own number."""
    number = block * BLOCK + np.arange(replications, dtype=float)
    return Outcome({}, {"profit": number}, {}, {}, {}, {}, {"times": np.zeros(1)})


@pytest.fixture
def numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "simulate_block", numbered_block)


@pytest.mark.slow
def test_same_bits_for_any_workers_and_any_order(short: Scenario, out_of_order: Executor) -> None:
    alone = simulate(short, replications=300, seed=3, workers=1)
    together = simulate(short, replications=300, seed=3, workers=2)
    backwards = simulate(short, replications=300, seed=3, executor=out_of_order)
    assert alone.fingerprint == together.fingerprint == backwards.fingerprint
    other_seed = simulate(short, replications=300, seed=4, workers=1)
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
def test_so_many_as_are_asked_for_in_order(
    short: Scenario, out_of_order: Executor, replications: int
) -> None:
    for executor in (None, out_of_order):
        result = simulate(short, replications=replications, workers=1, executor=executor)
        assert result.replications == replications
        assert (result.outcome.shows["profit"] == np.arange(replications)).all()


@pytest.mark.usefixtures("numbered")
def test_progress_counts_blocks(short: Scenario) -> None:
    calls: list[tuple[str, int, int]] = []
    simulate(short, replications=600, workers=1, progress=lambda *done: calls.append(done))
    assert calls == [("Simulating", done, 3) for done in range(4)]


@pytest.mark.usefixtures("numbered")
@pytest.mark.parametrize(("stops_at", "kept"), [(1, 250), (3, 750)])
def test_an_interrupt_keeps_what_was_done(
    short: Scenario, stops_after: Callable[[int], Executor], stops_at: int, kept: int
) -> None:
    with pytest.raises(Interrupted) as stop:
        simulate(short, replications=1000, executor=stops_after(stops_at))
    result = stop.value.answer
    assert result.replications == kept
    assert (result.outcome.shows["profit"] == np.arange(kept)).all()


@pytest.mark.usefixtures("numbered")
def test_an_interrupt_before_anything_is_done_is_an_interrupt(
    short: Scenario, stops_after: Callable[[int], Executor]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        simulate(short, replications=1000, executor=stops_after(0))


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
    with pytest.raises(UsageError, match="workers: a whole number from 1 on is needed, not 0"):
        simulate(short, replications=50, workers=0)
    with pytest.raises(UsageError, match="no engine is called exact"):
        simulate(short, replications=50, engine="exact")


@pytest.mark.slow
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


@pytest.mark.slow
def test_whole_blocks_do_not_depend_on_what_comes_after(short: Scenario) -> None:
    """A short block is another one: its drawn quantities are the whole one's, its luck is not."""
    whole, part = (simulate(short, replications=n, seed=3, workers=1) for n in (500, 300))
    for name in ("profit", "gmv"):
        one, other = whole.outcome.shows[name], part.outcome.shows[name]
        assert np.array_equal(one[:250], other[:250])
        assert not np.array_equal(one[250:300], other[250:])
    for path, values in part.outcome.inputs.items():
        assert np.array_equal(whole.outcome.inputs[path][:300], values)
