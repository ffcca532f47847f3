"""Blocks of replications that live through the show, by the loop that suits it, and are recorded.

The stock is counted afterwards, by a ledger of the :class:`~livesim.engine.recording.Recording`,
unless something in the show reacts to it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from livesim.arrays import Counts
from livesim.engine.crowd.agent import AgentCrowd
from livesim.engine.crowd.cohort import CohortCrowd
from livesim.engine.crowd.crowd import Crowd
from livesim.engine.custom import NONE, Custom
from livesim.engine.lockstep import Lockstep
from livesim.engine.own_pace import OwnPace
from livesim.engine.reactions import reactions_of
from livesim.engine.recording import Audience, Recording
from livesim.engine.release_plan import Stocks
from livesim.engine.state import State
from livesim.engine.streams import Streams
from livesim.errors import UsageError
from livesim.model.inputs import Inputs

#: The engines by name: each makes a crowd; everything else is shared.
ENGINES: dict[str, Callable[[Inputs, Streams, State | None], Crowd]] = {
    "cohort": CohortCrowd,
    "agent": AgentCrowd,
}


def record(
    inputs: Inputs,
    streams: Streams,
    levels: Counts,
    *,
    engine: str = "cohort",
    custom: Custom = NONE,
    start: State | None = None,
) -> Recording:
    """Let a block of replications live through the show, and record what the crowd does.

    Parameters
    ----------
    inputs, streams
        The show's numbers, and the block's streams.
    levels
        Owned units of each variant in the show that viewers live through, shape (V,).
    engine
        How viewers are simulated: ``cohort`` counts them, ``agent`` follows each of them.
    custom
        Code of a user's own.
    start
        Where the shows go on that are on the air, a row each; by default they begin.

    Raises
    ------
    UsageError
        If there is no such engine, a process is no generator, or a behaviour returns what is no
        factor.
    """
    if engine not in ENGINES:
        raise UsageError(f"no engine is called {engine}; known: {', '.join(ENGINES)}")
    if engine == "cohort" and reactions_of(inputs, custom).own_pace:
        stocks = Stocks.alike(levels, inputs.supplies, inputs.replications)
        with closing(OwnPace(inputs, streams, stocks, start)) as shows:
            return shows.run()
    crowd = ENGINES[engine](inputs, streams, start)
    with closing(Lockstep(inputs, streams, levels, crowd, custom=custom, start=start)) as show:
        return show.run()


def record_orders(
    inputs: Inputs, streams: Streams, levels: Counts, *, custom: Custom = NONE
) -> Recording:
    """Record a block of replications where nobody asks who watched when: the same orders.

    Who leaves after the last offer is not drawn then. Shows at a pace of their own are recorded as
    usual.

    Parameters
    ----------
    inputs, streams, levels, custom
        As for :func:`record`.
    """
    if reactions_of(inputs, custom).own_pace:
        return record(inputs, streams, levels, custom=custom)
    crowd = ENGINES["cohort"](inputs, streams, None)
    with closing(Lockstep(inputs, streams, levels, crowd, custom=custom)) as show:
        return show.unwatched()


def state_at(
    inputs: Inputs, streams: Streams, levels: Counts, refresh: int, start: State | None = None
) -> State:
    """Let a block of replications live through the show up to a refresh, and return its state.

    Parameters
    ----------
    inputs, streams, levels, start
        As for :func:`record`.
    refresh
        Number of the refresh.
    """
    crowd = CohortCrowd(inputs, streams, start)
    with closing(Lockstep(inputs, streams, levels, crowd, start=start, until=refresh)) as show:
        return show.reached(crowd)


def watched_until(
    inputs: Inputs, streams: Streams, levels: Counts, refresh: int
) -> tuple[State, Audience]:
    """Let a block of replications live through the show up to a refresh, and note who watched.

    Parameters
    ----------
    inputs, streams, levels, refresh
        As for :func:`state_at`.

    Returns
    -------
    state, audience
        What has become of the shows by then, and the looks at their audience on the way.
    """
    crowd = CohortCrowd(inputs, streams)
    with closing(Lockstep(inputs, streams, levels, crowd, until=refresh)) as show:
        return show.reached(crowd), show.audience()
