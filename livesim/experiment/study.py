"""Simulate a show many times.

Replications are simulated in whole blocks, each a function of the scenario, the seed and its number
alone; so the figures are the same, bit for bit, for any number of workers and any order of work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from livesim.experiment.simulating import simulate_block
from livesim.engine.outcome import Outcome
from livesim.errors import LivesimError, UsageError
from livesim.experiment.blocks import in_order, opened
from livesim.randomness import BATCH, BLOCK
from livesim.resolve import Resolution, resolve_file
from livesim.results.provenance import provenance
from livesim.results.result import Result
from livesim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from livesim.engine.loop import Behaviour
    from livesim.engine.show import ShowProcess


class Interrupted(LivesimError):  # noqa: N818  (what happened, not a fault)
    """The work was interrupted after some blocks.

    Attributes
    ----------
    result : Result
        The replications that were done, without a gap.
    """

    def __init__(self, result: Result) -> None:
        super().__init__(f"interrupted after {result.replications:,} replications")
        self.result = result


def simulate(
    scenario: Scenario | Resolution | str | Path,
    *,
    replications: int = 1000,
    seed: int = 1,
    workers: int | None = None,
    processes: Sequence[ShowProcess] = (),
    behaviour: Behaviour | None = None,
    engine: str = "cohort",
    timeline_step: float | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Simulate a show many times.

    Parameters
    ----------
    scenario : Scenario, Resolution, str or Path
        The show, or the file that says what it is. The notes of a file's resolution are kept.
    replications : int
        Number of simulated shows R: whole batches of 50.
    seed : int
        The study's seed, 0 or greater.
    workers : int, optional
        Number of processes; as many as processors if not given.
    processes : sequence of callables
        Show processes of your own, see `livesim.engine.show`. They are started in all replications
        of a block, and again with unlimited stock, so they must keep nothing outside the show.
    behaviour : callable, optional
        A behaviour of your own: from the `livesim.model.rates.Screen` to the logarithm of a factor
        on the odds to order [1], one number for all or one for each replication and segment, shape
        (R, S) with the R of a block.
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
        Called as ``progress(done, replications)`` when a block is done.

    Returns
    -------
    Result
        The same bits for any number of workers.

    Raises
    ------
    ScenarioError
        If the scenario's file has mistakes, or drawn conversions add up to more than 1.
    UsageError
        If the replications are not whole batches, the seed is negative, there is no such engine or
        no worker, more viewers than the agent engine can follow, or the timeline step, a process
        or the behaviour is not what it must be.
    Interrupted
        If it was interrupted after at least one block.

    Examples
    --------
    >>> import livesim
    >>> result = livesim.simulate("scenarios/brand_room.yaml", replications=50, seed=7)
    >>> len(result.rooms)
    50

    A behaviour is a function of what viewers see; here they get keener as the show goes on:

    >>> def keener(screen):
    ...     return 0.5 * screen.time / 1200
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> keen = livesim.simulate(room, replications=50, behaviour=keener)
    >>> usual = livesim.simulate(room, replications=50)
    >>> bool(keen.products["demand"].sum() > usual.products["demand"].sum())
    True
    """
    check_replications(replications)
    resolved, notes = explicit(scenario)
    notes += _own_parts(processes, behaviour)
    work = partial(
        simulate_block,
        resolved,
        seed,
        engine=engine,
        processes=processes,
        behaviour=behaviour,
        timeline_step=timeline_step,
    )
    blocks = range(-(-replications // BLOCK))
    done: list[Outcome] = []

    def finished() -> Result:
        rows = min(replications, BLOCK * len(done))
        outcome = Outcome.joined(done).head(rows)
        return Result(resolved, seed, rows, engine, outcome, provenance(), notes)

    try:
        with opened(executor, workers, len(blocks)) as chosen:
            for outcome in in_order(work, blocks, chosen):
                done.append(outcome)
                if progress is not None:
                    progress(min(replications, BLOCK * len(done)), replications)
    except KeyboardInterrupt:
        if done:
            raise Interrupted(finished()) from None
        raise
    return finished()


def check_replications(replications: int) -> None:
    """Raise unless replications come in whole batches.

    Parameters
    ----------
    replications : int
        Number of simulated shows R.

    Raises
    ------
    UsageError
        With the nearest numbers that do.

    Examples
    --------
    >>> check_replications(150)
    >>> check_replications(130)
    Traceback (most recent call last):
    livesim.errors.UsageError: replications come in batches of 50, and 130 is none: take 100 or 150
    """
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


def explicit(scenario: Scenario | Resolution | str | Path) -> tuple[Scenario, tuple[str, ...]]:
    """Return a show with everything explicit, and the notes of what that took.

    Parameters
    ----------
    scenario : Scenario, Resolution, str or Path
        The show, or the file that says what it is.

    Raises
    ------
    ScenarioError
        If the file has mistakes.
    """
    if isinstance(scenario, Scenario):
        return scenario, ()
    resolution = scenario if isinstance(scenario, Resolution) else resolve_file(scenario)
    return resolution.scenario, resolution.notes


def _own_parts(processes: Sequence[ShowProcess], behaviour: Behaviour | None) -> tuple[str, ...]:
    """Note what is not in the scenario, so that nobody repeats the study without it."""
    own = [*processes, *([behaviour] if behaviour else [])]
    names = [getattr(part, "__name__", repr(part)) for part in own]
    return (f"Simulated with parts of your own: {', '.join(names)}.",) if names else ()
