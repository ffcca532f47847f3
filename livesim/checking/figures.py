"""The figures of a show that expectations name, replication by replication.

Paths are those of :mod:`livesim.results.figures`, what only a comparison tells of each show, and
``conservation``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from livesim.arrays import Array
from livesim.checking.testing import Sample, sample
from livesim.engine.outcome import Outcome
from livesim.errors import UsageError
from livesim.experiment.blocks import Block
from livesim.experiment.comparison import WITHIN
from livesim.experiment.simulating import simulate_block
from livesim.results.campaign import campaign_measures, no_campaign_measures
from livesim.results.document import Document
from livesim.results.figures import flat
from livesim.results.summary import measures, no_measures
from livesim.scenario.scenario import Scenario

CONSERVATION: Final = "conservation"
"""That every order and every unit is accounted for, in every replication."""

CAMPAIGN: Final = "campaign"


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
    known = dict(flat(_figures(outcome, scenario)))
    found: dict[str, Sample | UsageError] = {}
    for path in paths:
        try:
            conserved = path == CONSERVATION
            found[path] = _conserved(outcome, scenario) if conserved else sample(known, path)
        except UsageError as unknown:
            found[path] = unknown
    return found


def no_figures(scenario: Scenario) -> Document:
    """Return the figures that a show will have, before there is any: zeros, shape (1,).

    Examples
    --------
    >>> import livesim
    >>> room = no_figures(livesim.load("scenarios/brand_room.yaml"))
    >>> room["products"]["serum"]["stock"], room["show"]["sales"]
    (array([0.]), array([0.]))
    """
    told, nothing = no_measures(scenario), np.zeros(1)
    soon = dict.fromkeys(WITHIN, np.zeros(1, dtype=bool))
    products = {
        name: {"stock": nothing, **figures, **soon} for name, figures in told["products"].items()
    }
    campaign = {CAMPAIGN: no_campaign_measures(scenario)} if scenario.campaign else {}
    show = {**told["show"], "sales": nothing}
    return {**told, "show": show, "products": products, **campaign}


def _figures(outcome: Outcome, scenario: Scenario) -> Document:
    """Return what a run, and a comparison of several, tell of a show, by replication."""
    told = measures(outcome, scenario)
    products = {
        name: {**figures} | {one: figures["since_link"] <= most for one, most in WITHIN.items()}
        for name, figures in told["products"].items()
    }
    campaign = {CAMPAIGN: campaign_measures(outcome, scenario)} if scenario.campaign else {}
    show = {**told["show"], "sales": outcome.products["sales"].sum(axis=1)}
    whole = {**told, "show": show, "products": products, **campaign}
    return _by_replication(whole, len(show["sales"]))


def _by_replication(told: Mapping[str, Any], size: int) -> Document:
    """Return figures of which some are one number for all replications, such as a stock."""
    return {
        name: _by_replication(found, size)
        if isinstance(found, Mapping)
        else np.broadcast_to(found, size)
        for name, found in told.items()
    }


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
