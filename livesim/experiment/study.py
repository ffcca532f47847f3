"""Simulate a show many times.

Replications are simulated in blocks, each a function of the scenario, the seed, its number and its
size alone; so the figures are the same, bit for bit, for any number of workers and any order of
work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import accumulate
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from livesim.arrays import Floats
from livesim.engine.outcome import Outcome, Outcomes
from livesim.engine.state import State
from livesim.errors import Interrupted, ScenarioError, UsageError, checked_count, must_be
from livesim.experiment.blocks import Block, blocks
from livesim.experiment.custom import Custom
from livesim.experiment.executors import Interrupts
from livesim.experiment.given import given
from livesim.experiment.runner import Progress, Runner
from livesim.experiment.simulating import simulate_block
from livesim.randomness import BATCH, BLOCK, checked_seed
from livesim.resolve import Resolution, resolve_file
from livesim.results.on_disk import OutcomesOnDisk
from livesim.results.provenance import provenance
from livesim.results.result import Result
from livesim.scenario.quantities import DURATION
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import Source

if TYPE_CHECKING:
    from livesim.engine.custom import Behaviour
    from livesim.engine.show.show import ShowProcess
    from livesim.experiment.given import Rows

#: A hundred thousand blocks, each of which takes a tenth of a second at least.
MOST_REPLICATIONS: Final = 25_000_000

#: So many shows times products are simulated within seconds.
_SOON: Final = 2_500
#: A rough answer is from so many shows times products, but not from fewer shows than these; where
#: that is less than a batch, viewers look once in so many refreshes.
_ROUGH, _FEWEST_ROUGH, _ROUGH_STEPS = 8_000, 20, 4


def simulate(
    scenario: Scenario | Resolution | Source,
    *,
    replications: int | None = None,
    seed: int = 1,
    inputs: Rows | None = None,
    start: State | None = None,
    workers: int | None = None,
    processes: Sequence[ShowProcess] = (),
    behaviour: Behaviour | None = None,
    engine: str = "cohort",
    timeline_step: float | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Result:
    """Simulate a show many times.

    Parameters
    ----------
    scenario : Scenario, Resolution or Source
        The show, or its file or anything else that `livesim.load` takes; the notes of its
        resolution are kept.
    replications : int
        Number of simulated shows R, whole batches of 50; 1000 if not given, or with ``inputs`` as
        many as there are rows.
    seed : int
        The study's seed, 0 or greater.
    inputs : DataFrame or mapping of str to array_like, optional
        What is known of each show and not drawn: a row a show, any number of rows R, with columns
        named and measured as in `Result.inputs`, so that rows of it can be put back. What stands in
        a row stays together; what has no column is drawn as usual, and where it is drawn together
        with what has one, from the draws that have the row's values.
    start : State, optional
        The state from which the shows go on that are on the air, see `livesim.State`: one row for
        all, or one for each show, R. What it says was drawn is taken, unless ``inputs`` say it
        otherwise. From then on the scenario holds: its prices, its rundown and what arrives may be
        other ones than before. What decides who has been served must be as it was: owned units,
        time to pay, reserves of what has been on sale, units beyond the stock. Units, money and
        unique viewers are counted from the start of the show, as far as the state knows them; the
        peaks, the watch time and the timeline from then on.
    workers : int, optional
        Number of processes; as many as processors if not given.
    processes : sequence of callables
        Show processes of your own, see `livesim.engine.show.show`. They are started in all
        replications of a block, and again with unlimited stock, so they must keep nothing outside
        the show.
    behaviour : callable, optional
        A behaviour of your own: from the `livesim.model.rates.Screen` to the logarithm of a factor
        on the odds to order [1], one number for all or one for each replication and segment, shape
        (R, S) with the R of a block, which is 250 or, for the last one, less.
    engine : str
        ``cohort``: counts of exchangeable viewers. ``agent``: a process for each of them, the
        same law at about 100 µs a viewer, for shows of up to tens of thousands.
    timeline_step : float, optional
        Time between two moments of the timeline [s]; about a hundred moments if not given. Where
        they are closer than viewers look in a lull, the audience between is on straight lines.
    executor : concurrent.futures.Executor, optional
        Where to work, instead of on this machine; it stays open, and what an interrupt leaves in it
        is the caller's to cancel.
    progress : callable, optional
        Called as ``progress(what, done, tasks)`` when work begins and whenever a block is done.

    Returns
    -------
    Result
        The same bits for any number of workers.

    Raises
    ------
    ScenarioError
        If the scenario's file has mistakes, or drawn conversions add up to more than 1.
    UsageError
        If the replications are not whole batches or not as many as rows, a row has what cannot be,
        the show cannot go on from the state, or not with a process of your own, the seed is
        negative, there is no such engine or no worker, more viewers than the agent engine can
        follow, or the timeline step, a process or the behaviour is not what it must be.
    Interrupted
        If it was interrupted after at least one block.

    Examples
    --------
    >>> import livesim
    >>> result = livesim.simulate("scenarios/brand_room.yaml", replications=50, seed=7)
    >>> len(result.shows)
    50

    Of inputs, rows are taken as they are. Here the same show, but for chance, takes place thrice:

    >>> again = livesim.simulate(result.scenario, inputs=result.inputs.iloc[[7, 7, 7]])
    >>> bool((again.inputs["show.appeal"] == result.inputs["show.appeal"][7]).all())
    True
    >>> again.shows["orders"].nunique() > 1
    True

    After ten minutes each of these shows goes on, with other random numbers:

    >>> states = livesim.state_at(result.scenario, "10min", replications=50, seed=7)
    >>> rest = livesim.simulate(result.scenario, start=states, seed=8)
    >>> bool((rest.inputs["show.appeal"] == result.inputs["show.appeal"]).all())
    True

    A behaviour is a function of what viewers see; here they get keener as the show goes on:

    >>> def keener(screen):
    ...     return 0.5 * screen.time / 1200
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> keen = livesim.simulate(room, replications=50, behaviour=keener)
    >>> usual = livesim.simulate(room, replications=50)
    >>> bool(keen.products["demand"].sum() > usual.products["demand"].sum())
    True
    """
    cause = _ONE_BY_ONE if engine == "agent" else ""
    runner, seed = Runner(workers, executor, progress, cause=cause), checked_seed(seed)
    resolved, notes = explicit(scenario)
    must_be(timeline_step, (Real, type(None)), "timeline_step: a number of seconds is needed")
    custom = Custom.of(processes, behaviour)
    _check_processes(processes, start)
    rows, values = rows_of(resolved, replications, inputs, start)
    work = partial(
        _simulated,
        scenario=resolved,
        seed=seed,
        engine=engine,
        custom=custom,
        timeline_step=timeline_step,
    )
    scratch = runner.scratch()
    outcomes = Outcomes(rows) if scratch is None else OutcomesOnDisk(scratch)
    done = runner.gather(work, tasks(rows, values, start), outcomes.add)
    replications = sum(done.found)
    with Interrupts(raising=done.interrupted) as interrupts:  # all that was simulated is kept
        outcome = outcomes.first(replications)
    stopped = done.interrupted or interrupts.noted
    result = Result(
        scenario=resolved,
        seed=seed,
        replications=replications,
        engine=engine,
        outcome=outcome,
        versions=provenance(),
        notes=notes + custom.notes + _own_inputs(values) + _on_air(start),
        requested=rows if stopped else None,
    )
    if stopped:
        raise Interrupted(result)
    return result


def soon_done(scenario: Scenario, replications: int) -> bool:
    """Return whether a study is done within seconds, so that nobody needs a rough answer."""
    return replications <= BLOCK and replications * len(scenario.products) <= _SOON


def roughly(scenario: Scenario) -> tuple[Scenario, int]:
    """Return what is simulated for a rough answer within seconds: a show, and how many times.

    Where products are many these are fewer shows than a batch, in which viewers look less often if
    the slots are long enough for that.
    """
    shows = min(BATCH, max(_FEWEST_ROUGH, _ROUGH // len(scenario.products)))
    if shows == BATCH:
        return scenario, shows
    seconds = _ROUGH_STEPS * scenario.show.refresh
    with suppress(ScenarioError):
        scenario = scenario.with_changes({"show.refresh": DURATION.write(seconds)})
    return scenario, shows


def rough_result(
    scenario: Scenario | Resolution | Source, replications: int, *, seed: int
) -> Result | None:
    """Return what a batch of shows says at once, in larger steps where products are many.

    Parameters
    ----------
    scenario, replications, seed
        The study, as for :func:`simulate`.

    Returns
    -------
    Result or None
        None where the study soon says all, or would do nothing else.
    """
    resolution = resolution_of(scenario)
    show = resolution.scenario
    rough, _ = roughly(show)
    if soon_done(show, replications) or (rough is show and replications <= BATCH):
        return None
    return simulate(replace(resolution, scenario=rough), replications=BATCH, seed=seed, workers=1)


def rows_of(
    scenario: Scenario, replications: int | None, inputs: Rows | None, start: State | None
) -> tuple[int, dict[str, Floats]]:
    """Return how many shows to simulate, and what is given of them by path, shape (R,)."""
    must_be(start, (State, type(None)), "start: a state is needed, as livesim.state_at gives it")
    states = 1 if start is None else len(start)
    if not states:
        raise UsageError("the state has no rows: take one or more, or leave start away")
    if replications is not None:
        replications = checked_count(replications, "replications")
    values: dict[str, Floats] = {}
    if inputs is not None:
        rows, values = given(scenario, inputs)
        what = "rows of inputs"
    else:
        rows, what = states, "rows of the state"
    if states not in (1, rows):
        raise UsageError(
            f"the state has {states:,} rows and the inputs have {rows:,}: take as many, or a state "
            "of one row, which is every show's"
        )
    if inputs is None and states == 1:
        asked = 1000 if replications is None else replications
        check_replications(asked)
        return int(asked), {}
    if replications not in (None, rows):
        raise UsageError(
            f"{replications:,} replications are asked for, and there are {rows:,} {what}, "
            "each of which is simulated once: leave replications away, or take as many rows"
        )
    return rows, values


#: What makes shows of the agent engine long.
_ONE_BY_ONE = 'engine="agent" follows each viewer alone, and engine="cohort" counts them'

#: A block to simulate, its rows of what is given, and its rows of the state.
Task: TypeAlias = tuple[Block, dict[str, Floats], "State | None"]


def tasks(rows: int, values: Mapping[str, Floats], start: State | None = None) -> list[Task]:
    """Return the blocks to simulate, each with its own rows of what is given."""
    ends = accumulate(block.replications for block in blocks(rows))
    parts = [
        (block, slice(end - block.replications, end))
        for block, end in zip(blocks(rows), ends, strict=True)
    ]
    return [
        (
            block,
            {path: column[mine] for path, column in values.items()},
            start if start is None or len(start) == 1 else start.take(mine),
        )
        for block, mine in parts
    ]


def _simulated(task: Task, scenario: Scenario, seed: int, **options: Any) -> Outcome:
    block, values, start = task
    return simulate_block(
        scenario,
        seed,
        block.number,
        replications=block.replications,
        given=values,
        start=start,
        **options,
    )


def check_replications(replications: int) -> None:
    """Raise unless replications come in whole batches.

    Parameters
    ----------
    replications : int
        Number of simulated shows R.

    Raises
    ------
    UsageError
        With the nearest numbers that do, or the most that are simulated.

    Examples
    --------
    >>> check_replications(150)
    >>> check_replications(130)
    Traceback (most recent call last):
    livesim.errors.UsageError: replications come in batches of 50, and 130 is none: take 100 or 150
    """
    replications = checked_count(replications, "replications")
    if replications > MOST_REPLICATIONS:
        raise UsageError(
            f"{replications:,} replications would take days, and more memory than there is: take "
            f"at most {MOST_REPLICATIONS:,}, which tell a mean to 0.02 % of its spread"
        )
    batches, rest = divmod(replications, BATCH)
    if replications <= 0:
        raise UsageError(
            f"replications come in batches of {BATCH}, and {replications} is none: take {BATCH}"
        )
    if rest:
        nearest = [n * BATCH for n in (batches, batches + 1) if n]
        raise UsageError(
            f"replications come in batches of {BATCH}, and {replications} is none: "
            f"take {' or '.join(map(str, nearest))}"
        )


def explicit(scenario: Scenario | Resolution | Source) -> tuple[Scenario, tuple[str, ...]]:
    """Return a show with everything explicit, and the notes of what that took.

    Parameters
    ----------
    scenario : Scenario, Resolution or Source
        The show, or the file that says what it is.

    Raises
    ------
    ScenarioError
        If the file has mistakes.
    """
    resolution = resolution_of(scenario)
    return resolution.scenario, resolution.notes


def resolution_of(scenario: Scenario | Resolution | Source) -> Resolution:
    """Return a show with where everything in it comes from; all else as :func:`explicit`."""
    if isinstance(scenario, Resolution):
        return scenario
    if isinstance(scenario, Scenario):
        return Resolution(scenario, {}, ())
    return resolve_file(scenario)


def _check_processes(processes: Sequence[ShowProcess], start: State | None) -> None:
    if processes and start is not None:
        raise UsageError(
            "a process of your own cannot go on in the middle of a show, since only it knows how "
            "far it has come: leave processes away, and change the scenario of what is to come"
        )


def _on_air(start: State | None) -> tuple[str, ...]:
    """Note from when on a show was simulated."""
    if start is None:
        return ()
    return (
        f"Simulated from a state of the show at {start.at:g} s: the peaks, the watch time and the "
        "timeline are of the time from then on.",
    )


def _own_inputs(values: Mapping[str, Floats]) -> tuple[str, ...]:
    """Note what was not drawn, for the same reason."""
    return (f"Simulated at given rows of {', '.join(values)}.",) if values else ()
