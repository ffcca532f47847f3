"""The benchmark runs, and measures what it says: never how long anything takes."""

from __future__ import annotations

import math
import runpy
from dataclasses import replace
from functools import partial
from pathlib import Path

import costs
import numpy as np
import pytest
import run
from costs import QUICK
from one_process_a_viewer import units_sold
from tape import Tape, Watched, WatchedStreams, watched_by

from livesim.engine.streams import Streams
from livesim.experiment.simulating import simulate_block

HERE = Path(__file__).parent
SHORT = QUICK.reference


@pytest.fixture(scope="module")
def tape() -> Tape:
    """The draws of a block of the three-minute show."""
    written = Tape()
    with watched_by(written.write):
        simulate_block(SHORT, 1, 0)
    return written


@pytest.mark.thorough
@pytest.mark.benchmark
def test_every_section_gives_sane_figures() -> None:
    effort = replace(QUICK, audiences=(1500.0, 1.5e6), simpy_viewers=500)
    for title, figures in run.sections(effort):
        if title == "the main job: livesim run, two workers":
            continue  # seconds for little: the command line has its own tests
        shown = {figure.what: figure.value for figure in figures}
        assert shown, title
        for what, value in shown.items():
            assert math.isfinite(value) and value > 0, (title, what, value)


@pytest.mark.benchmark
def test_it_runs_as_a_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["run.py", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(HERE / "run.py"), run_name="__main__")
    assert ended.value.code == 0
    assert "--quick" in capsys.readouterr().out


def test_the_replayed_draws_are_those_of_the_engine(tape: Tape) -> None:
    tape.check()
    number, call = next((n, c) for n, c in enumerate(tape.calls) if c.args[0].sum() > 1000)
    one_more = replace(call, args=(call.args[0] + 1, *call.args[1:]))
    tape.calls[number] = one_more
    with pytest.raises(AssertionError, match="not those of the engine"):
        tape.check()
    tape.calls[number] = call


def test_watching_changes_no_result(tape: Tape) -> None:
    with watched_by(Tape().write):
        watched = simulate_block(SHORT, 1, 0)
    plain = simulate_block(SHORT, 1, 0)
    for name, values in plain.products.items():
        assert np.array_equal(values, watched.products[name]), name


def test_every_stream_of_a_block_is_watched() -> None:
    """Draws of a stream that is not would be missing from those the engine is compared with."""
    public = {name for name in vars(Streams) if not name.startswith("_")}
    handed_out = {name for name in public if callable(getattr(Streams, name))}
    assert handed_out
    of_the_agent_engine = {"viewers", "journeys"}
    assert handed_out - of_the_agent_engine <= set(vars(WatchedStreams))


def test_draws_are_counted_without_the_empty_ones() -> None:
    tape = Tape()
    rng = Watched(partial(np.random.default_rng, 1), tape.write)
    rng.binomial(np.array([0, 5, 5]), np.array([0.5, 0.0, 0.5]))
    rng.random(7)
    assert (tape.elements, tape.draws) == (10, 8)


def test_contenders_take_turns_and_only_their_work_is_timed() -> None:
    done: list[str] = []
    takes = {"prepare": 100.0, "a": 1.0, "b": 2.0}

    def contender(name: str) -> costs.Contender:
        def prepare() -> partial[None]:
            done.append("prepare")
            return partial(done.append, name)

        return prepare

    def clock() -> float:
        return sum(takes[what] for what in done)

    times = costs.in_turn(2, contender("a"), contender("b"), clock=clock)
    assert done == ["prepare", "a", "prepare", "b"] * 2
    assert times.tolist() == [[1, 2], [1, 2]]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_peak_memory_is_that_of_the_largest_process() -> None:
    # A child of the program that is started takes 150 MB, and gives them back before it ends.
    child = "import time; b = bytearray(150_000_000); time.sleep(0.3); del b; time.sleep(0.3)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert 140 < costs.peak_memory("-c", parent) < 300
    assert costs.peak_memory("-c", "import time; time.sleep(0.3)") < 100


@pytest.mark.slow
def test_the_simpy_program_sells_what_its_viewers_want() -> None:
    """Its demand, far from any stock, is the share of decisions that come before leaving."""
    viewers, shows = 20_000, 3
    link, end, leave, decide = 1080.0, 2700.0, 1 / 170, 1 / 29
    # Arrivals that watch at the link, and those that come later, in seconds' worth of arrivals.
    watching = (1 - math.exp(-leave * link)) / leave
    before = watching * (1 - math.exp(-(leave + decide) * (end - link)))
    later = (end - link) - (1 - math.exp(-(leave + decide) * (end - link))) / (leave + decide)
    mean = viewers / end * 0.012 * decide / (leave + decide) * (before + later)
    sold = [units_sold(viewers, units=viewers, seed=seed) for seed in range(shows)]
    assert abs(np.mean(sold) - mean) < 4 * math.sqrt(mean / shows)  # Poisson; 1 false alarm in 16k
    assert units_sold(viewers, units=23) == 23
