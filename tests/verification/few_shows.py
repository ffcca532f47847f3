"""A few shows side by side, to look at single replications closely and cheaply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livesim.engine.custom import Custom
from livesim.engine.outcome import Outcome
from livesim.engine.recorder import record
from livesim.engine.recording import Recording
from livesim.engine.show.show import ShowProcess
from livesim.engine.streams import Streams
from livesim.engine.tables import outcome_of
from livesim.experiment.random_inputs import drawn_block
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario


@dataclass(frozen=True)
class FewShows:
    """What a few replications did, and what came of it at every refresh."""

    recording: Recording
    outcome: Outcome


def few_shows(
    engine: str,
    scenario: Scenario,
    seed: int,
    replications: int,
    processes: Sequence[ShowProcess] = (),
) -> FewShows:
    """Run the first replications of a block's inputs, and return them with all that they hold."""
    drawn = {path: values[:replications] for path, values in drawn_block(scenario, seed, 0).items()}
    inputs, streams = inputs_of(scenario, drawn, replications), Streams(seed, 0)
    custom = Custom(tuple(processes), scenario=scenario)
    recording = record(inputs, streams, inputs.owned, engine=engine, custom=custom)
    potential = np.zeros((replications, len(inputs.variants)))  # is not looked at
    outcome = outcome_of(recording, streams, drawn, potential, scenario.show.refresh)
    return FewShows(recording, outcome)
