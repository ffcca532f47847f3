"""The campaign of a scenario as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from livesim.arrays import Floats
from livesim.model.campaign import (
    FOLLOWING,
    OPINIONS,
    POSTED,
    CampaignInputs,
    TierInputs,
    aware_path,
)
from livesim.resolve.drawn import Drawn
from livesim.resolve.segments import reach_of
from livesim.scenario.campaign import Tier
from livesim.scenario.quantities import AMOUNT, COUNT, SHARE, Kind
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import EDGE


def campaign_of(
    scenario: Scenario, drawn: Mapping[str, Floats], replications: int
) -> CampaignInputs | None:
    """Return the numbers of a scenario's campaign, or None if it has none.

    Parameters
    ----------
    scenario
        The show.
    drawn
        Path → drawn values, each of shape (R,). What is missing takes its likely value.
    replications
        The number R.

    Examples
    --------
    >>> import livesim
    >>> campaign = campaign_of(livesim.load("scenarios/seeding_koc.yaml"), {}, 2)
    >>> [(tier.name, tier.posts.shape) for tier in campaign.tiers]
    [('koc', (2,))]
    """
    campaign, read = scenario.campaign, Drawn(drawn, replications)
    if campaign is None:
        return None
    return CampaignInputs(
        length=campaign.length,
        word_of_mouth=read("campaign.word_of_mouth", campaign.word_of_mouth),
        people={name: reach_of(scenario, name, read) for name in scenario.segments},
        tiers=tuple(_tier(name, tier, read) for name, tier in campaign.tiers.items()),
    )


def campaign_kinds(scenario: Scenario) -> dict[str, Kind]:
    """Return what is known of a campaign once it has taken place, by path, and its kind.

    Examples
    --------
    >>> import livesim
    >>> kinds = campaign_kinds(livesim.load("scenarios/seeding_koc.yaml"))
    >>> kinds["campaign.tiers.koc.following"].range
    'at least 0'
    """
    tiers = scenario.campaign.tiers if scenario.campaign is not None else {}
    kinds: dict[str, Kind] = {}
    for name, tier in tiers.items():
        kinds[f"campaign.tiers.{name}.{POSTED}"] = replace(COUNT, high=tier.reviewers)
        kinds[f"campaign.tiers.{name}.{FOLLOWING}"] = AMOUNT
        for segment in tier.reaches:
            kinds |= {aware_path(name, segment, opinion): SHARE for opinion in OPINIONS}
    return kinds


def _tier(name: str, tier: Tier, read: Drawn) -> TierInputs:
    path = f"campaign.tiers.{name}"
    return TierInputs(
        name=name,
        reviewers=tier.reviewers,
        starts=tier.starts,
        reaches=tier.reaches,
        posts=read(f"{path}.posts", tier.posts),
        good=read(f"{path}.good", tier.good),
        seen_by=read(f"{path}.seen_by", tier.seen_by),
        delay=read(f"{path}.delay", tier.delay),
        followers=partial(_followers, tier),
    )


def _followers(tier: Tier, uniforms: Floats) -> Floats:
    return tier.followers.quantile(np.maximum(uniforms, EDGE))
