"""A few shows side by side, to look at single replications closely and cheaply."""

from __future__ import annotations

from collections.abc import Sequence

from livesim.engine.block import ENGINES, Lockstep
from livesim.engine.show import ShowProcess
from livesim.engine.streams import Streams
from livesim.experiment.drawing import drawn_block
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario


def few_shows(
    engine: str,
    scenario: Scenario,
    seed: int,
    replications: int,
    processes: Sequence[ShowProcess] = (),
) -> Lockstep:
    """Run the first replications of a block's inputs, and return them with all that they hold."""
    drawn = {path: values[:replications] for path, values in drawn_block(scenario, seed, 0).items()}
    inputs, streams = inputs_of(scenario, drawn, replications), Streams(seed, 0)
    lockstep = Lockstep(
        scenario,
        inputs,
        streams,
        inputs.owned[:, None],
        ENGINES[engine](inputs, streams),
        processes=tuple(processes),
        timeline_step=scenario.show.refresh,
    )
    lockstep.run()
    return lockstep
