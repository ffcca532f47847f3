"""One block of replications: from a scenario to what happened in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from livesim.engine.ledger import ledger
from livesim.engine.loop import record
from livesim.engine.orders import Counts, Floats
from livesim.engine.outcome import Outcome
from livesim.engine.recording import Recording
from livesim.engine.release import UNLIMITED
from livesim.engine.streams import Streams
from livesim.engine.tables import outcome_of
from livesim.experiment.drawing import drawn_block
from livesim.randomness import BLOCK
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from livesim.engine.loop import Behaviour
    from livesim.engine.show import ShowProcess


def simulate_block(
    scenario: Scenario,
    seed: int,
    block: int,
    *,
    replications: int = BLOCK,
    engine: str = "cohort",
    processes: Sequence[ShowProcess] = (),
    behaviour: Behaviour | None = None,
    timeline_step: float | None = None,
    given: Mapping[str, Floats] | None = None,
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
        always. A short block has the first of the whole block's drawn quantities, and other luck.
    engine
        How viewers are simulated: ``cohort`` counts them, ``agent`` follows each of them.
    processes
        Further SimPy processes of the show, each a function of a
        :class:`~livesim.engine.show.Show`. They are started in every replication of the block, and
        again with unlimited stock for the potential demand, so they must keep nothing outside.
    behaviour
        A function of the :class:`~livesim.model.rates.Screen` that returns the logarithm of a
        further factor on the odds to order [1]: one number for all, or one for each replication
        and segment, shape (R, S).
    timeline_step
        Time between two moments of the timeline [s]; by default about a hundred in the show.
    given
        Path → values, each of shape (R,), instead of those that the block draws
        (:func:`~livesim.experiment.drawing.drawn_block`): the same talent with other luck.

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
    drawn = drawn_block(scenario, seed, block, replications, given)
    inputs = inputs_of(scenario, drawn, replications)
    streams = Streams(seed, block, replications)

    def recorded(levels: Counts) -> Recording:
        return record(
            inputs,
            streams,
            levels,
            engine=engine,
            processes=processes,
            behaviour=behaviour,
            scenario=scenario,
        )

    recording = recorded(inputs.owned)
    unlimited = np.full_like(inputs.owned, UNLIMITED)
    with_all = ledger(recording, unlimited[:, None])
    if np.isfinite(with_all.exact_until).any():  # another stock makes another show
        with_all = ledger(recorded(unlimited), unlimited[:, None])
    potential = with_all.figures["demand"][:, :, 0]
    return outcome_of(recording, streams, drawn, potential, timeline_step)
