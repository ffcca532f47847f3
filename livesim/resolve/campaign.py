"""The campaign of a scenario as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from livesim.model.campaign import CampaignInputs, TierInputs
from livesim.resolve.drawn import Drawn
from livesim.resolve.segments import reach_of
from livesim.scenario.campaign import Tier
from livesim.scenario.quantities import Floats
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
