"""The figures of a show that expectations name, replication by replication.

Paths are those of :mod:`livesim.results.figures`, and ``conservation``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from livesim.checking.testing import Sample, sample
from livesim.engine.outcome import Outcome
from livesim.errors import UsageError
from livesim.experiment.runner import Block
from livesim.experiment.simulating import simulate_block
from livesim.results.figures import Array, flat
from livesim.results.summary import measures
from livesim.scenario.scenario import Scenario

CONSERVATION: Final = "conservation"
"""That every order and every unit is accounted for, in every replication."""


def samples(
    seed: int, task: tuple[Scenario, Sequence[str], Block]
) -> dict[str, Sample | UsageError]:
    """Simulate a block of a show and return the figures that are asked for.

    Parameters
    ----------
    seed
        The study's seed.
    task
        The show, the paths of figures, and the block.

    Returns
    -------
    dict of str to Sample or UsageError
        By path; an error where the show has no such figure.

    Raises
    ------
    ScenarioError
        If drawn conversions add up to more than 1.
    """
    scenario, paths, block = task
    outcome = simulate_block(scenario, seed, block.number, replications=block.replications)
    known = dict(flat(measures(outcome, scenario)))
    found: dict[str, Sample | UsageError] = {}
    for path in paths:
        try:
            conserved = path == CONSERVATION
            found[path] = _conserved(outcome, scenario) if conserved else sample(known, path)
        except UsageError as unknown:
            found[path] = unknown
    return found


def _conserved(outcome: Outcome, scenario: Scenario) -> Sample:
    """Return in which replications orders and units add up, variant by variant.

    A bundle has no units: what it takes is given by its components.
    """
    units: Mapping[str, Array] = outcome.variants
    bundle = [bool(one.contains) for one in scenario.products.values() for _ in one.variants or "1"]
    put_on_sale = units["put_on_sale"] + units["waiting"]
    gone = units["sales"] + sum(units[name] for name in ("given", "webshop") if name in units)
    right = (
        (units["demand"] == units["claimed"] + units["lost"])
        & (units["claimed"] == units["sales"] + units["lapsed"])
        & ((units["on_hand"] + gone == put_on_sale) | bundle)
    )
    return Sample(right.all(axis=1), "always", "share")
