"""One block of replications: from a scenario to what happened in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from livesim.arrays import Counts, Floats
from livesim.engine.ledger.dividing import Wanted
from livesim.engine.ledger.validity import stock_decided
from livesim.engine.noting import record_noting
from livesim.engine.outcome import Outcome
from livesim.engine.parting import ledger_to_the_end
from livesim.engine.reactions import reactions_of
from livesim.engine.recorder import record
from livesim.engine.recording import Recording
from livesim.engine.release_plan import UNLIMITED
from livesim.engine.state import State
from livesim.engine.streams import Streams
from livesim.engine.tables import Totals, outcome_of, totals_of
from livesim.experiment.content import content_digest
from livesim.experiment.custom import NONE, Custom
from livesim.experiment.random_inputs import drawn_block, drawn_kinds
from livesim.experiment.starting import awaited, check_rows, check_start
from livesim.model.inputs import Inputs
from livesim.randomness import BLOCK
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario


def simulate_block(
    scenario: Scenario,
    seed: int,
    block: int,
    *,
    replications: int = BLOCK,
    engine: str = "cohort",
    custom: Custom = NONE,
    timeline_step: float | None = None,
    given: Mapping[str, Floats] | None = None,
    start: State | None = None,
) -> Outcome:
    """Simulate one block of replications.

    Parameters
    ----------
    scenario
        The show.
    seed, block
        The study's seed and which block of it.
    replications
        The number R of replications in it, at most 250. The same three give the same outcome,
        always. A short block has the first of the whole block's quantities, and other streams.
    engine
        How viewers are simulated: ``cohort`` counts them, ``agent`` follows each of them.
    custom
        Code of a user's own; it runs again with unlimited stock for the potential demand.
    timeline_step
        Time between two moments of the timeline [s]; by default about a hundred in the show.
    given
        Path → values, each of shape (R,), instead of those that the block draws
        (:func:`~livesim.experiment.random_inputs.drawn_block`): the same talent by other chance.
    start
        The state from which the shows go on, one row or R of them.

    Returns
    -------
    Outcome
        Of these replications.

    Raises
    ------
    UsageError
        If there is no such engine, the timeline step is not a whole number of refreshes within the
        show, a process is no generator, or a behaviour returns what is no factor.
    ScenarioError
        If drawn conversions of what is offered together add up to more than 1.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> outcome = simulate_block(room, seed=1, block=0)
    >>> outcome.products["demand"].shape
    (250, 3)
    """
    drawn, inputs, streams, start = opened(scenario, seed, block, replications, given, start)

    unlimited = np.full_like(inputs.owned, UNLIMITED)
    if engine == "cohort" and reactions_of(inputs, custom).own_pace:
        recording, notes = record_noting(inputs, streams, inputs.owned, inputs.owned, start)
        wanted = [Wanted(unlimited[:, None], recording.plan)]
        same = ledger_to_the_end(recording, notes, streams, wanted)
        if np.isinf(same.exact_until).all():
            potential = same.figures["demand"][:, :, 0].astype(np.int64)
            return outcome_of(recording, streams, drawn, potential, timeline_step)
    own = replace(custom, scenario=scenario)

    def recorded(levels: Counts) -> Recording:
        return record(inputs, streams, levels, engine=engine, custom=own, start=start)

    recording = recorded(inputs.owned)
    another = stock_decided(recording) and (recording.lived < unlimited).any()
    plenty = recorded(unlimited) if another else recording
    fewer_come = scenario.show.arrivals_when_unavailable is not None
    would_come = plenty.audience.viewers_by_segment.sum(axis=0) if fewer_come else None
    return outcome_of(recording, streams, drawn, plenty.wanted, timeline_step, would_come)


def totals_alike(
    scenarios: Sequence[Scenario],
    seed: int,
    block: int,
    *,
    replications: int,
    custom: Custom = NONE,
) -> Iterator[Totals]:
    """Simulate one block of each of several shows, and record a crowd once that several have.

    They have where they differ only in their stock and their money, and nothing in them reacts to
    the stock. The same bits as :func:`simulate_block` gives of each.

    Parameters
    ----------
    scenarios
        The shows.
    seed, block, replications, custom
        As for :func:`simulate_block`.

    Yields
    ------
    Totals
        Of each show, in their order.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> shows = [room.with_changes({"products.serum.owned": units}) for units in (10, 80)]
    >>> few, many = totals_alike(shows, seed=1, block=0, replications=50)
    >>> bool((few.products["sales"] < many.products["sales"]).any())
    True
    """
    known: Recording | None = None
    crowd: str | None = None
    may_share = custom == NONE and len(scenarios) > 1
    for scenario in scenarios:
        _, inputs, streams, _ = opened(scenario, seed, block, replications)
        before, crowd = crowd, content_digest(inputs.of_crowd) if may_share else None
        if known is not None and known.holds and crowd is not None and crowd == before:
            known = replace(known, inputs=inputs, lived=inputs.owned)
        else:
            own = replace(custom, scenario=scenario)
            known = record(inputs, streams, inputs.owned, custom=own)
        yield totals_of(known, streams)


def opened(
    scenario: Scenario,
    seed: int,
    block: int,
    replications: int,
    given: Mapping[str, Floats] | None = None,
    start: State | None = None,
) -> tuple[dict[str, Floats], Inputs, Streams, State | None]:
    """Return what a block of replications is simulated with.

    Parameters
    ----------
    scenario, seed, block, replications, given, start
        As for :func:`simulate_block`.

    Returns
    -------
    drawn, inputs, streams, start
        What was drawn by path, the show's numbers, its streams, and a row of the state for each
        replication. What the state says was drawn is taken, unless it is given otherwise.
    """
    if start is None:
        drawn = drawn_block(scenario, seed, block, replications, given)
        inputs = inputs_of(scenario, drawn, replications)
        return drawn, inputs, Streams(seed, block, replications), None
    refresh = check_start(scenario, start)
    if len(start) == 1:
        start = start.take(np.zeros(replications, dtype=np.intp))
    kinds = drawn_kinds(scenario)
    known = {path: values for path, values in start.inputs.items() if path in kinds}
    late = awaited(scenario, start)
    drawn = drawn_block(scenario, seed, block, replications, known | dict(given or {}), late)
    inputs = inputs_of(scenario, drawn, replications)
    check_rows(start, inputs)
    return drawn, inputs, Streams(seed, block, replications, refresh), start
