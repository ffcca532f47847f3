"""What livesim costs, as ratios measured in one run.

The machine is shared and its speed changes by the second, so times alone say little. What is
compared is run in turn, several times, and each round gives one ratio, of which the median is
reported. Within a process the clock is that of the processor, which does not count waiting.
"""

from __future__ import annotations

import cProfile
import pstats
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import simpy
from numpy.typing import NDArray
from one_process_a_viewer import units_sold
from tape import Tape, Watched, watched_by

import livesim
from livesim.engine.ledger.dividing import Wanted
from livesim.engine.ledger.ledger import ledger_of_all
from livesim.engine.recorder import record
from livesim.engine.recording import Recording
from livesim.engine.show.quiet_times import Lulls
from livesim.engine.streams import Streams
from livesim.experiment.random_inputs import drawn_block
from livesim.experiment.simulating import simulate_block
from livesim.randomness import BLOCK
from livesim.resolve.inputs import inputs_of
from livesim.resolve.offer import supplies_of
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import likely

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "scenarios" / "viya_kim_perfume.yaml"
BRAND_ROOM = ROOT / "scenarios" / "brand_room.yaml"
FIVE_PRODUCTS = Path(__file__).parent / "shows" / "five_products.yaml"
#: Unique viewers of the reference scenario, about.
VIEWERS = 12.5e6
#: Changes that make the two shows short, where a look is enough.
THREE_MINUTES = {
    "show.length": "3min",
    "rundown.opening_talk.length": "1min",
    "rundown.kim_and_the_perfume.length": "1min",
    "rundown.kim_and_the_perfume.link": "10s",
    "rundown.closing_talk.length": "1min",
}
#: Twelve hours, of which the minutes after the perfume's link are the only ones to order in.
HALF_A_DAY = {
    "show.length": "12h",
    "show.refresh": "5s",
    "rundown.opening_talk.length": "6h",
    "rundown.closing_talk.length": "5h 30min",
}
COARSE = {"show.refresh": "50s"}


@dataclass(frozen=True)
class Effort:
    """How much to measure."""

    repeats: int
    replications: int
    audiences: tuple[float, ...]
    simpy_viewers: int
    reference_changes: Mapping[str, str] = field(default_factory=dict)
    brand_room_changes: Mapping[str, str] = field(default_factory=dict)

    @property
    def reference(self) -> Scenario:
        """The reference show: millions of viewers and a countdown."""
        return livesim.load(REFERENCE).with_changes(self.reference_changes)

    @property
    def brand_room(self) -> Scenario:
        """A small room: hours, thousands of viewers, an order now and then."""
        return livesim.load(BRAND_ROOM).with_changes(self.brand_room_changes)


THOROUGH = Effort(
    repeats=5,
    replications=1000,
    audiences=tuple(1500.0 * 10**power for power in range(8)),
    simpy_viewers=20_000,
)
QUICK = Effort(
    repeats=1,
    replications=300,
    audiences=(1500.0, 1.5e6, 15e6),
    simpy_viewers=2_000,
    reference_changes=THREE_MINUTES,
    brand_room_changes=COARSE,
)


@dataclass(frozen=True)
class Figure:
    """A measured figure, and what it should be."""

    what: str
    value: float
    unit: str
    target: str = ""


def end_to_end(effort: Effort) -> Iterator[Figure]:
    """Measure the main job as a user starts it, start-up and output included."""
    command = ["run", str(REFERENCE), "-n", str(effort.replications), "--workers=2"]
    peaks: list[float] = []

    def job() -> None:
        peaks.append(peak_memory("-m", "livesim", *command))

    times = in_turn(min(effort.repeats, 3), partial(_idle, job), _nothing, clock=time.perf_counter)
    yield Figure("seconds", float(np.median(times[:, 0])), "s", "< 10 s")
    yield Figure("over `python -c pass`", _ratio(times), "×")
    yield Figure("peak memory of the largest process", max(peaks), "MB", "< 500 MB")


def start_up(effort: Effort) -> Iterator[Figure]:
    """Measure what every command waits for."""
    contenders = [_python("-m", "livesim", "--help"), _python("-c", "import livesim"), _nothing]
    times = in_turn(2 * effort.repeats, *contenders, clock=time.perf_counter)
    yield Figure("`livesim --help` over `python -c pass`", _ratio(times, 0), "×", "≤ 8 ×")
    yield Figure("`import livesim` over `python -c pass`", _ratio(times, 1), "×")


def audience(effort: Effort, *, grown: str) -> Iterator[Figure]:
    """Measure a replication with more and more viewers, over one of the reference show.

    The cheapest is no fair measure: few viewers take a third of the draws' time, as binomials of
    nobody cost a look and NumPy's are slowest near 25 expected, so whatever else becomes cheaper is
    the largest share there, and would look like a loss elsewhere. What all sizes lose alike is seen
    over bare draws.

    Parameters
    ----------
    effort
        How much to measure.
    grown
        The fields that grow with the viewers: ``reach``, or ``reach and stock``.
    """
    scenario = effort.reference
    sizes = [_sized(scenario, viewers / VIEWERS, grown) for viewers in effort.audiences]
    shows = [*map(scenario.with_changes, sizes), scenario]
    blocks = [partial(_idle, partial(simulate_block, show, 1, 0)) for show in shows]
    times = in_turn(min(effort.repeats, 3), *blocks)
    for number, viewers in enumerate(effort.audiences):
        label = f"{viewers:,.0f} viewers, over the show's own"
        yield Figure(label, _ratio(times, number), "×", "≤ 1.3 ×")


def bare_draws(effort: Effort, scenario: Scenario, most: float) -> Iterator[Figure]:
    """Measure the engine over the draws that it needs, made again and nothing else done.

    Parameters
    ----------
    effort, scenario
        How much to measure, and of which show.
    most
        How much of it there should be at most [1].
    """
    tape = Tape()
    with watched_by(tape.write):
        simulate_block(scenario, 1, 0)
    tape.check()
    engine = partial(_idle, partial(simulate_block, scenario, 1, 0))
    times = in_turn(effort.repeats, engine, tape.again)
    yield Figure("engine over bare draws", _ratio(times), "×", f"≤ {most} ×")
    yield Figure("engine per replication", _milliseconds(times[:, 0]), "ms")
    yield Figure("bare draws per replication", _milliseconds(times[:, 1]), "ms")
    yield Figure("draws per replication", tape.draws / BLOCK, "")
    yield Figure("values asked for per replication", tape.elements / BLOCK, "")
    yield Figure("calls of a generator per block", len(tape.calls), "")


def lulls(effort: Effort) -> Iterator[Figure]:
    """Measure what it saves that viewers need not look while nobody can order."""
    half_a_day = effort.reference.with_changes(HALF_A_DAY)
    for what, scenario in (("the reference show", effort.reference), ("half a day", half_a_day)):
        usual = partial(simulate_block, scenario, 1, 0)
        always = partial(_always_looking, usual)
        times = in_turn(effort.repeats, partial(_idle, always), partial(_idle, usual))
        yield Figure(f"{what}: looking always over usual", _ratio(times), "×", "≥ 1")
        yield Figure(f"{what}: per replication", _milliseconds(times[:, 1]), "ms")


def _always_looking(work: Callable[[], object]) -> None:
    with patch.object(Lulls, "next_look", lambda self, refresh, *args: refresh + 1):
        work()


def ledger(effort: Effort) -> Iterator[Figure]:
    """Measure stock levels and ways to release the stock, over making the recording they are of."""
    scenario = livesim.load(FIVE_PRODUCTS)
    inputs = inputs_of(scenario, drawn_block(scenario, 1, 0, BLOCK), BLOCK)

    def recorded() -> Recording:
        return record(inputs, Streams(1, 0, BLOCK), inputs.owned)

    recording = recorded()
    most = np.quantile(recording.wanted, 0.98, axis=0)
    levels = np.rint(np.linspace(0, 1, 64) * most[:, None]).astype(np.int64)
    for kind, way in (("waves", _in_waves), ("reserves", _with_reserve)):
        plans = [_all_sold(scenario, way(number)) for number in range(10)]
        wanted = [Wanted(levels, supplies_of(plan)) for plan in plans]
        work = partial(_idle, partial(ledger_of_all, recording, wanted))
        times = in_turn(2 * effort.repeats, work, partial(_idle, recorded))
        label = f"64 levels × 10 plans of {kind}, over the recording"
        yield Figure(label, _ratio(times), "×", "≤ 1 ×")


def _in_waves(number: int) -> dict[str, object]:
    """Return changes of a product that make its stock come in two waves."""
    first = 30 + 6 * number
    return {
        "waves": {
            "first": {"share": f"{first}%", "after": "0s"},
            "second": {"share": f"{100 - first}%", "after": f"{2 + number}min"},
        }
    }


def _with_reserve(number: int) -> dict[str, object]:
    """Return changes of a product that give it a reserve."""
    units = {"units": 20 + 20 * number, "below": 10 + 10 * number}
    return {"reserve": units | {"lead_time": f"{number}min"}}


def _all_sold(scenario: Scenario, changes: Mapping[str, object]) -> Scenario:
    """Return a show in which every product has the same changes."""
    return scenario.with_changes(
        {
            f"products.{product}.{name}": value
            for product in scenario.products
            for name, value in changes.items()
        }
    )


def shares(scenario: Scenario) -> Iterator[Figure]:
    """Measure which parts the engine's time goes to, under a profiler that slows small calls."""
    profile = cProfile.Profile()
    with watched_by(draw):
        profile.runcall(simulate_block, scenario, 1, 0)
    spent: Counter[str] = Counter()
    for (file, _, function), (_, _, seconds, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        spent[_part(file, function)] += seconds
    yield Figure("of it SimPy and the show's processes", 100 * _simpy_share(scenario), "%")
    for part, seconds in spent.most_common(9):
        yield Figure(f"profiled: {part}", 100 * seconds / spent.total(), "%")


def one_process_a_viewer(effort: Effort) -> Iterator[Figure]:
    """Measure the simplest SimPy program, extrapolated to the reference show's viewers."""
    viewers = effort.simpy_viewers
    listing = partial(_idle, partial(units_sold, viewers, units=viewers))
    counting = partial(_idle, partial(simulate_block, effort.reference, 1, 0))
    times = in_turn(effort.repeats, listing, counting)
    yield Figure("a viewer", 1e6 * float(np.median(times[:, 0])) / viewers, "µs")
    shows = times * [VIEWERS / viewers, 1 / BLOCK]
    yield Figure(f"{VIEWERS:,.0f} viewers", float(np.median(shows[:, 0])), "s")
    yield Figure("over livesim, a replication", _ratio(shows), "×")


def workers(effort: Effort) -> Iterator[Figure]:
    """Measure what a second process is worth."""
    scenario = effort.reference
    contenders = [
        partial(
            _idle,
            partial(livesim.simulate, scenario, replications=effort.replications, workers=number),
        )
        for number in (1, 2)
    ]
    contenders[1]()()  # starts the processes, which stay
    times = in_turn(min(effort.repeats, 3), *contenders, clock=time.perf_counter)
    yield Figure("1 worker over 2 workers", _ratio(times), "×")
    yield Figure("the machine's own: two busy loops", _ratio(_busy(effort.repeats)), "×")


Contender = Callable[[], Callable[[], object]]


def in_turn(
    repeats: int, *contenders: Contender, clock: Callable[[], float] = time.process_time
) -> NDArray[np.float64]:
    """Time contenders in turn, so that all have the same random numbers with the machine.

    Parameters
    ----------
    repeats
        How many rounds.
    *contenders
        Each prepares itself and returns the work to be timed.
    clock
        The processor's own time, or that on the wall where other processes do the work.

    Returns
    -------
    ndarray
        Seconds, shape (repeats, contenders).
    """
    times = np.empty((repeats, len(contenders)))
    for row in times:
        for number, prepare in enumerate(contenders):
            work = prepare()
            start = clock()
            work()
            row[number] = clock() - start
    return times


def peak_memory(*arguments: str) -> float:
    """Run Python and return the peak memory of the largest of its processes [MB].

    Its processes are those of its session, looked up while they run; nan where the system has no
    ``/proc``.
    """
    peaks: dict[int, float] = {}
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        while process.poll() is None:
            peaks |= _peaks(process.pid)
            time.sleep(0.02)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return max(peaks.values(), default=float("nan"))


def draw(source: Watched, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Make a draw where a profiler sees it: calls of NumPy's generators leave it no trace."""
    return getattr(source.generator, method)(*args, **kwargs)


def _idle(work: Callable[[], object]) -> Callable[[], object]:
    """Prepare nothing: the work is ready."""
    return work


def _python(*arguments: str) -> Contender:
    run = partial(subprocess.run, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return partial(_idle, partial(run, [sys.executable, *arguments]))


_nothing = _python("-c", "pass")


def _ratio(times: NDArray[np.float64], column: int = 0) -> float:
    """Return the median ratio of a column to the last one."""
    return float(np.median(times[:, column] / times[:, -1]))


def _milliseconds(times: NDArray[np.float64]) -> float:
    return 1e3 * float(np.median(times)) / BLOCK


def _sized(scenario: Scenario, factor: float, grown: str) -> dict[str, int]:
    """Return the changes that make a show larger; reaches are at their likely value."""
    changes = {
        f"segments.{name}.reach": round(likely(segment.reach) * factor)
        for name, segment in scenario.segments.items()
    }
    if "stock" in grown:
        for name, product in scenario.products.items():
            changes[f"products.{name}.owned"] = max(1, round(product.owned * factor))
    return changes


def _busy(repeats: int) -> NDArray[np.float64]:
    """Time two loops one after the other, and two at the same time."""
    loop = [sys.executable, "-c", "sum(range(10**7))"]

    def together() -> None:
        for process in [subprocess.Popen(loop), subprocess.Popen(loop)]:
            process.wait()

    def one_by_one() -> None:
        for _ in range(2):
            subprocess.run(loop, check=True)

    contenders = [partial(_idle, one_by_one), partial(_idle, together)]
    return in_turn(repeats, *contenders, clock=time.perf_counter)


def _simpy_share(scenario: Scenario) -> float:
    """Return the share of a block's time [1] spent in SimPy's events."""
    spent = 0.0
    step = simpy.Environment.step

    def timed(env: simpy.Environment) -> None:
        nonlocal spent
        start = time.perf_counter()
        step(env)
        spent += time.perf_counter() - start

    with patch.object(simpy.Environment, "step", timed):
        start = time.perf_counter()
        simulate_block(scenario, 1, 0)
        return spent / (time.perf_counter() - start)


def _part(file: str, function: str) -> str:
    if (file, function) == (__file__, "draw"):
        return "draws"
    if file == "~":
        return "built-in functions, NumPy's sums among them"
    parts = Path(file).with_suffix("").parts
    for package in ("livesim", "simpy", "numpy"):
        if package in parts:
            inside = parts[len(parts) - parts[::-1].index(package) - 1 :]
            return ".".join(inside) if package == "livesim" else package
    return "the rest of Python"


def _peaks(session: int) -> dict[int, float]:
    """Return the peak memory so far [MB] of each process of a session."""
    peaks = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # After the name, which may hold anything but ends with the last parenthesis.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            status = (folder / "status").read_text()
        except OSError:  # it has just ended
            continue
        peak = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
        if peak and int(fields[3]) == session:  # one that has ended, but is not buried, has none
            peaks[int(folder.name)] = float(peak[0]) / 1024
    return peaks
