"""What a show came to in short: means of batches of every figure, and of curves at some moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from livesim.arrays import Array
from livesim.engine.outcome import Outcome
from livesim.errors import ScenarioError
from livesim.experiment.blocks import Block
from livesim.experiment.simulating import simulate_block
from livesim.planning.resampling import batch_means
from livesim.results.answer import fingerprint
from livesim.results.figures import flat
from livesim.results.summary import measures
from livesim.scenario.quantities import DURATION
from livesim.scenario.scenario import Scenario

#: Moments of a show at which its curves are kept.
_MOMENTS: Final = 25
_CURVES: Final = ("concurrent", "orders")
_DIGITS: Final = 6


@dataclass(frozen=True)
class Summary:
    """What some replications of a show came to.

    Parameters
    ----------
    fingerprint
        Of every array: equal only where all agree in every bit.
    figures
        Means of batches by path, to six digits, shape (B,). A time that never came counts as the
        show's length.
    slots
        When each slot starts on average, where it always does [s].
    """

    fingerprint: str
    figures: Mapping[str, Array]
    slots: Mapping[str, float]

    @staticmethod
    def joined(parts: Sequence[Summary]) -> Summary:
        """Return the summary of blocks that follow each other."""
        first = parts[0]
        return Summary(
            fingerprint(part.fingerprint.encode() for part in parts),
            {name: np.concatenate([p.figures[name] for p in parts]) for name in first.figures},
            {name: float(np.mean([p.slots[name] for p in parts])) for name in first.slots},
        )


def summarised(task: tuple[Scenario, int, Block]) -> Summary | ScenarioError:
    """Simulate a block of a show and return what it came to.

    Parameters
    ----------
    task
        The show, the study's seed, and the block.

    Returns
    -------
    Summary or ScenarioError
        The error if drawn conversions add up to more than 1: a show that cannot be simulated takes
        no other with it.
    """
    scenario, seed, block = task
    try:
        outcome = simulate_block(scenario, seed, block.number, replications=block.replications)
    except ScenarioError as error:
        return error
    starts = outcome.timeline["slot_starts"].mean(axis=0)
    return Summary(
        fingerprint(_bytes(outcome)),
        {name: _rounded(batch_means(values)) for name, values in _figures(outcome, scenario)},
        dict(zip(scenario.rundown, starts.tolist(), strict=True)),
    )


def moment(figure: str) -> float | None:
    """Return of what moment a figure is [s]; None where it is of the whole show.

    Examples
    --------
    >>> moment("timeline.orders@5min"), moment("show.orders")
    (300.0, None)
    """
    _, _, time = figure.partition("@")
    return DURATION.read(time) if time else None


def _figures(outcome: Outcome, scenario: Scenario) -> Iterator[tuple[str, Array]]:
    for name, values in flat(measures(outcome, scenario)):
        yield name, np.where(np.isfinite(values), values, scenario.show.length)
    times = outcome.timeline["times"]
    chosen = np.unique(np.linspace(0, len(times) - 1, _MOMENTS).round().astype(int))
    for curve in _CURVES:
        for number in chosen:
            time = DURATION.write(float(times[number]))
            yield f"timeline.{curve}@{time}", outcome.timeline[curve][:, number]


def _rounded(means: Array) -> Array:
    return np.array([float(f"{mean:.{_DIGITS}g}") for mean in means])


def _bytes(outcome: Outcome) -> Iterator[bytes]:
    for table in fields(Outcome):
        for name, array in getattr(outcome, table.name).items():
            yield f"{table.name}.{name} {array.dtype} {array.shape}".encode()
            yield np.ascontiguousarray(array).tobytes()
