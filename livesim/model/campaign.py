"""What a campaign before the show does to people: who hears of it, and who then comes and orders.

People are exchangeable, so a segment is described by the share of it that has heard, from which
tier, and whether well or badly. Who has heard keeps that first opinion, and passes it on. These are
expected shares: as each person has heard with that chance, independently of the others, the number
who come to the show is exactly as random as if people had been followed one by one.

At the start of the show a segment is a mixture: groups with a factor of their own on the hazard to
come and on the odds to order. The show sees it as one crowd. Its joint hazards are such that as
many as expected have come at every moment of a neutral stage; its joint factor on the odds, that of
those who come, gives the expected orders while few have ordered and groups come alike in time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats

#: A good review and a bad one: what people who have heard may think.
OPINIONS = ("good", "bad")
#: What a campaign came to, by path below its tier: how many have posted, and their followers.
POSTED, FOLLOWING = "posted", "following"
_ROUNDING = float(np.finfo(float).eps)


@dataclass(frozen=True)
class TierInputs:
    """One kind of reviewer, in R replications.

    Parameters
    ----------
    name
        What it is called.
    reviewers
        How many are asked to post.
    starts
        When the samples arrive, since the campaign began [s].
    reaches
        Share of those who take notice that belongs to a segment [1], by its name.
    posts, good, seen_by
        Chances that a reviewer posts and that a review is good, and share of the followers who take
        notice [1], shape (R,).
    delay
        Mean time from the sample to the post [s], shape (R,).
    followers
        Function from uniform numbers [1] to followers of reviewers [1], of the same shape.
    """

    name: str
    reviewers: int
    starts: float
    reaches: Mapping[str, float]
    posts: Floats
    good: Floats
    seen_by: Floats
    delay: Floats
    followers: Callable[[Floats], Floats]


@dataclass(frozen=True)
class CampaignInputs:
    """The campaign before a show, in R replications.

    Parameters
    ----------
    length
        How long before the show it begins [s].
    word_of_mouth
        Bass's imitation q [1/d], shape (R,).
    people
        Reach of each segment by its name, shape (R,).
    tiers
        The kinds of reviewers.
    """

    length: float
    word_of_mouth: Floats
    people: Mapping[str, NDArray[np.int64]]
    tiers: tuple[TierInputs, ...]

    @property
    def replications(self) -> int:
        """The number R of replications."""
        return len(self.word_of_mouth)


def aware_path(tier: str, segment: str, opinion: str) -> str:
    """Return the path of the share of a segment that thinks so because of a tier [1].

    Examples
    --------
    >>> aware_path("koc", "fans", "good")
    'campaign.tiers.koc.aware.fans.good'
    """
    return f"campaign.tiers.{tier}.aware.{segment}.{opinion}"


def reached(views: float, people: float) -> float:
    """Return the chance [1] that one of so many people is among the views of a post.

    Notes
    -----
    1 − e^(−V/M): views fall on people independently of one another and of earlier posts, so posts
    overlap the more, the more have been there (assumption: followers are a random part of the
    segment; the chance of a person to be missed by V draws out of M, for large M).

    Examples
    --------
    >>> round(reached(1_000, 1_000), 4)
    0.6321
    """
    return -math.expm1(-views / people)


def told_on(aware: float, spread: float) -> float:
    """Return the factor by which word of mouth multiplies the share that has heard [1].

    Parameters
    ----------
    aware
        Share that has heard [1].
    spread
        Bass's imitation times the time that passes, q · t [1].

    Notes
    -----
    Bass (1969) without innovation: a' = q a (1 − a), so a grows to a e^(qt) / (1 − a + a e^(qt)).

    Examples
    --------
    >>> round(0.2 * told_on(0.2, 1.0), 6), told_on(1.0, 5.0)
    (0.40461, 1.0)
    """
    return 1.0 / (aware + (1.0 - aware) * math.exp(-spread))


def joint_hazards(shares: Floats, pulls: Floats, hazards: Floats, factor: Floats) -> Floats:
    """Return the hazards to come of a whole segment that give the mixture's turnout [1].

    Parameters
    ----------
    shares
        Share of the segment in each group that has heard [1], shape (R, groups); who has not heard
        comes at the hazards themselves.
    pulls
        Factor of each group on them [1], shape (R, groups).
    hazards
        Integrated hazard to come over each interval [1], shape (T + 1, R), without ``factor``.
    factor
        The shared forecast error of turnout, a factor on all of them [1], shape (R,).

    Returns
    -------
    ndarray
        By any moment, e^(−factor · Σ hazards) of the segment has not come: the mixture Σ share ·
        e^(−pull · …) over all groups, who has not heard included. Shape (T + 1, R); where nobody is
        pulled, the hazards to the last bit.

    Examples
    --------
    >>> half, twice, hazards = np.array([[0.5]]), np.array([[2.0]]), np.array([[0.1], [0.3]])
    >>> joint = joint_hazards(half, twice, hazards, np.ones(1))
    >>> bool(np.isclose(np.exp(-joint.sum()), (np.exp(-0.4) + np.exp(-0.8)) / 2))
    True
    """
    so_far = _finite(factor * np.cumsum(hazards, axis=0))
    change = np.zeros_like(so_far)  # of those who have not come, as a share
    for share, pull in zip(shares.T, pulls.T, strict=True):
        change += share * np.expm1(-(pull - 1.0) * so_far)
    # That it could be all of them, or an interval bring somebody back, is rounding.
    more = -np.log1p(np.maximum(change, -1.0 + _ROUNDING)) / factor
    return np.asarray(np.maximum(hazards + np.diff(more, axis=0, prepend=0.0), 0.0))


def joint_trust(shares: Floats, pulls: Floats, trusts: Floats, hazard: Floats) -> Floats:
    """Return the mean factor on the odds to order over those of a segment who come [1].

    Parameters
    ----------
    shares, pulls
        As in :func:`joint_hazards`.
    trusts
        Factor of each group on the odds to order [1], shape (R, groups); 1 for who has not heard.
    hazard
        Integrated hazard to come over the whole show, before anybody is pulled [1], shape (R,).

    Returns
    -------
    ndarray
        Weighted by how many of each group come, shape (R,); exactly 1 where every factor is.

    Examples
    --------
    >>> half, double = np.array([[0.5]]), np.array([[2.0]])
    >>> joint_trust(half, np.ones((1, 1)), double, np.array([0.1])).round(6).tolist()
    [1.5]
    """
    hazard = _finite(hazard)
    coming = shares * -np.expm1(-pulls * hazard[:, None])
    unaware = np.maximum(1.0 - shares.sum(axis=1), 0.0) * -np.expm1(-hazard)
    everybody = unaware + coming.sum(axis=1)
    return np.asarray(1.0 + (coming * (trusts - 1.0)).sum(axis=1) / everybody)


def _finite(hazard: Floats) -> Floats:
    """Return a hazard that is neither 0 nor infinite: where nobody comes or all do, the limit."""
    return np.clip(hazard, 1e-12, 500.0)
