"""States of shows on the air, as they are simulated up to then."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from livesim.engine import recorder
from livesim.engine.state import State
from livesim.errors import UsageError
from livesim.experiment.runner import Progress, Runner
from livesim.experiment.simulating import opened
from livesim.experiment.starting import refresh_at
from livesim.experiment.study import Task, explicit, rows_of, tasks
from livesim.randomness import checked_seed
from livesim.resolve import Resolution
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import Source

if TYPE_CHECKING:
    from livesim.experiment.given import Rows


def state_at(
    scenario: Scenario | Resolution | Source,
    at: float | str,
    *,
    replications: int | None = None,
    seed: int = 1,
    inputs: Rows | None = None,
    start: State | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> State:
    """Simulate a show many times up to a moment, and return what has become of it by then.

    From there `livesim.simulate` goes on by the same law, whatever the engine: a viewer's patience,
    phase of stay and mind are all that the model knows of them, so counts are enough. Where slots
    go on at sell-out, whole shows go at their own pace: these are like them, with other random
    numbers.

    Parameters
    ----------
    scenario : Scenario, Resolution or Source
        The show, or the file that says what it is.
    at : float or str
        The moment, at a refresh before the show's end: seconds since its start, or ``10min``.
    replications, seed, inputs, start, workers, executor, progress
        As for `livesim.simulate`. From a start on, random numbers are others, also at the same
        seed; two moments of the same show are not shown by two calls with one seed.

    Returns
    -------
    State
        A row a show, what was drawn of it included.

    Raises
    ------
    ScenarioError, UsageError
        As for `livesim.simulate`, and if there is no refresh at that moment.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> states = livesim.state_at(room, "10min", replications=50)
    >>> later = livesim.state_at(room, "15min", start=states)
    >>> len(later), later.at
    (50, 900.0)
    """
    runner, seed = Runner(workers, executor, progress), checked_seed(seed)
    resolved, _ = explicit(scenario)
    refresh = refresh_at(resolved, at)
    if start is not None and start.at > refresh * resolved.show.refresh:
        raise UsageError(f"at: the shows go on from {start.at:g} s, and {at} lies before it")
    rows, values = rows_of(resolved, replications, inputs, start)
    work = partial(simulated_up_to, scenario=resolved, seed=seed, refresh=refresh)
    return State.joined(runner.run(work, tasks(rows, values, start)).whole())


def simulated_up_to(task: Task, scenario: Scenario, seed: int, refresh: int) -> State:
    """Simulate one block of replications up to a refresh, and return the state of each."""
    (block, replications), given, start = task
    drawn, inputs, streams, start = opened(scenario, seed, block, replications, given, start)
    return replace(recorder.state_at(inputs, streams, inputs.owned, refresh, start), inputs=drawn)
