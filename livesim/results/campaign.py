"""What a campaign before the show came to: who has heard, from whom, and whether well.

The figures are drawn once a replication like every other input of the show, so they stand among its
inputs by their paths; here they get names and labels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from livesim.arrays import Array
from livesim.engine.outcome import Outcome
from livesim.model.campaign import FOLLOWING, OPINIONS, POSTED, aware_path
from livesim.resolve.terms import campaign_cost
from livesim.results.columns import Columns
from livesim.scenario.scenario import Scenario


def campaign_columns(outcome: Outcome, scenario: Scenario) -> Columns:
    """Return who had heard of the show at its start, as columns of equal length.

    Parameters
    ----------
    outcome : Outcome
        What happened.
    scenario : Scenario
        The scenario that was simulated.

    Returns
    -------
    dict of str to numpy.ndarray
        One row a replication × tier × segment: ``replication``, ``tier``, ``segment``, and the
        shares of the segment that have heard from the tier, ``aware``, and have heard well,
        ``good`` [1]. Without a campaign there are no rows.
    """
    rows = _reached(scenario)
    good, bad = (
        np.array([outcome.inputs[aware_path(*row, opinion)] for row in rows])
        for opinion in OPINIONS
    )
    replications = good.shape[1] if rows else 0
    names = np.array(rows, dtype=np.str_).reshape(-1, 2)
    return {
        "replication": np.repeat(np.arange(replications), len(rows)),
        "tier": np.tile(names[:, 0], replications),
        "segment": np.tile(names[:, 1], replications),
        "aware": (good + bad).T.ravel(),
        "good": good.T.ravel(),
    }


def campaign_measures(outcome: Outcome, scenario: Scenario) -> dict[str, Any]:
    """Return the figures of a campaign by replication.

    Parameters
    ----------
    outcome : Outcome
        What happened.
    scenario : Scenario
        The scenario that was simulated, which has a campaign.

    Returns
    -------
    dict
        ``cost`` [currency]; ``samples`` by product [units]; ``tiers`` by name with their ``posts``
        and the ``followers`` of those who posted; ``segments`` by name with the shares that are
        ``aware``, and that have heard well, ``good`` [1]. At the end of a path stands an array of
        shape (R,), or one number: ``cost`` and ``samples``.
    """
    pairs = _reached(scenario)

    def share(segment: str, *opinions: str) -> Array:
        heard = [pair for pair in pairs if pair[1] == segment]
        paths = [aware_path(*pair, opinion) for pair in heard for opinion in opinions]
        return np.asarray(np.sum([outcome.inputs[path] for path in paths], axis=0))

    def of_tier(name: str) -> dict[str, Array]:
        paths = {"posts": POSTED, "followers": FOLLOWING}
        return {key: outcome.inputs[f"campaign.tiers.{name}.{path}"] for key, path in paths.items()}

    return {
        **_known(scenario),
        "tiers": {name: of_tier(name) for name in dict.fromkeys(tier for tier, _ in pairs)},
        "segments": {
            name: {"aware": share(name, *OPINIONS), "good": share(name, OPINIONS[0])}
            for name in dict.fromkeys(segment for _, segment in pairs)
        },
    }


def no_campaign_measures(scenario: Scenario) -> dict[str, Any]:
    """Return the figures that :func:`campaign_measures` has, before there is any: zeros, (1,)."""
    pairs, nothing = _reached(scenario), np.zeros(1)
    return {
        "cost": nothing,
        "samples": dict.fromkeys(scenario.products, nothing),
        "tiers": {tier: {"posts": nothing, "followers": nothing} for tier, _ in pairs},
        "segments": {segment: {"aware": nothing, "good": nothing} for _, segment in pairs},
    }


def _known(scenario: Scenario) -> dict[str, Any]:
    """Return what is the same in all replications."""
    samples = {name: scenario.samples(name) for name in scenario.products}
    return {"cost": campaign_cost(scenario), "samples": samples}


def _reached(scenario: Scenario) -> list[tuple[str, str]]:
    """Return each tier with each segment that it reaches."""
    tiers = scenario.campaign.tiers if scenario.campaign is not None else {}
    return [(name, segment) for name, tier in tiers.items() for segment in tier.reaches]
