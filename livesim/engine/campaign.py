"""The campaign before the show, on a clock of days: every reviewer is a SimPy process.

A sample arrives, its reviewer tries it and posts, people take notice, and between posts word of
mouth spreads among them. What comes of it is kept by path like everything else that is drawn once a
replication, so that both engines, a plan, a comparison and the journeys all hold the same show
after the same campaign. A tier has random streams of its own: another tier or more reviewers move
nothing that was there before.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from simpy import Environment, Event

from livesim.arrays import Floats
from livesim.engine.streams import Streams
from livesim.model.campaign import (
    FOLLOWING,
    OPINIONS,
    POSTED,
    CampaignInputs,
    TierInputs,
    aware_path,
    reached,
    told_on,
)
from livesim.randomness import BLOCK

DAY: Final = 86_400.0


class Opinion(NamedTuple):
    """Because of which tier somebody has heard, and whether well."""

    tier: str
    good: bool


class Reviewer(NamedTuple):
    """Somebody who may post.

    Parameters
    ----------
    opinion
        What a post of theirs makes people think.
    sample_comes, tries_for
        When the sample arrives, and how long it is tried before a post [d].
    posts
        Whether they post at all.
    noticed_by
        People who take notice of the post, by segment.
    """

    opinion: Opinion
    sample_comes: float
    tries_for: float
    posts: bool
    noticed_by: Sequence[tuple[str, float]]


@dataclass
class Awareness:
    """Who of one segment has heard of the show, as expected shares by opinion.

    Parameters
    ----------
    people
        Reach of the segment.
    imitation
        Bass's q [1/d].
    """

    people: int
    imitation: float
    shares: dict[Opinion, float] = field(default_factory=dict)
    _told_until: float = 0.0

    def notice(self, opinion: Opinion, views: float, now: float) -> None:
        """Let those who have not heard, and are among the views of a post, take its opinion."""
        self.spread(now)
        if self.people:
            unaware = 1.0 - sum(self.shares.values())
            more = unaware * reached(views, self.people)
            self.shares[opinion] = self.shares.get(opinion, 0.0) + more

    def spread(self, now: float) -> None:
        """Let word of mouth spread up to now [d]; it passes on opinions as they are."""
        time, self._told_until = now - self._told_until, now
        if self.imitation:
            growth = told_on(sum(self.shares.values()), self.imitation * time)
            self.shares = {opinion: growth * share for opinion, share in self.shares.items()}


#: Who may hear of the show in one replication, by segment.
Audience: TypeAlias = Mapping[str, Awareness]


def reviewer(me: Reviewer, env: Environment, audience: Audience) -> Generator[Event, None, None]:
    """Wait for my sample, try it, and post.

    Parameters
    ----------
    me
        Who I am.
    env
        The replication's environment, whose clock counts days.
    audience
        Who may take notice.
    """
    yield env.timeout(me.sample_comes)
    if me.posts:
        yield env.timeout(me.tries_for)
        for segment, views in me.noticed_by:
            audience[segment].notice(me.opinion, views, env.now)


def simulate_campaign(campaign: CampaignInputs, streams: Streams) -> dict[str, Floats]:
    """Simulate the campaign of a block of replications.

    Parameters
    ----------
    campaign
        Its numbers.
    streams
        The block's streams.
    replications
        The number R of replications, the first of the block.

    Returns
    -------
    dict
        By path, each of shape (R,): the share of a segment that has heard by the start of the show,
        by tier and opinion [1] (:func:`~livesim.model.campaign.aware_path`); for each tier the
        number of its posts, and the followers of those who posted.

    Examples
    --------
    >>> import livesim
    >>> from livesim.resolve.campaign import campaign_of
    >>> campaign = campaign_of(livesim.load("scenarios/seeding_koc.yaml"), {}, replications=2)
    >>> heard = simulate_campaign(campaign, Streams(seed=1, block=0))
    >>> list(heard)[:2]
    ['campaign.tiers.koc.posted', 'campaign.tiers.koc.following']
    """
    end = campaign.length / DAY
    teams, audiences = _opened(campaign, streams)
    for row, audience in enumerate(audiences):
        _environment(teams, row, audience).run(until=end)
        for segment in audience.values():
            segment.spread(end)
    return _found(teams, audiences, end)


def heard_by_day(campaign: CampaignInputs, streams: Streams) -> tuple[Floats, dict[str, Floats]]:
    """Simulate a campaign again, and note at the end of each day who has heard.

    Parameters
    ----------
    campaign, streams
        As in :func:`simulate_campaign`, whose replications these are.

    Returns
    -------
    days
        Moments of the campaign, the beginning and the start of the show included [d], shape (N,).
    heard
        Share of each segment that has heard [1], by name, shape (R, N).
    """
    end = campaign.length / DAY
    days = np.append(np.arange(0.0, end), end)
    teams, audiences = _opened(campaign, streams)
    heard = {name: np.zeros((campaign.replications, len(days))) for name in campaign.people}
    for row, audience in enumerate(audiences):
        env = _environment(teams, row, audience)
        for number, day in enumerate(days.tolist()):
            if day > 0:
                env.run(until=day)
            for name, segment in audience.items():
                segment.spread(day)
                heard[name][row, number] = sum(segment.shares.values())
    return days, heard


def _opened(campaign: CampaignInputs, streams: Streams) -> tuple[list[_Team], list[Audience]]:
    """Return who may post, and who may hear, before anything has happened."""
    return [_team(tier, streams) for tier in campaign.tiers], _audiences(campaign)


def _environment(teams: Sequence[_Team], row: int, audience: Audience) -> Environment:
    """Return the environment of one replication, with a process for each reviewer."""
    env = Environment()
    for team in teams:
        for one in team.reviewers(row):
            env.process(reviewer(one, env, audience))
    return env


def _audiences(campaign: CampaignInputs) -> list[Audience]:
    """Return who may hear in each replication, before anybody has."""
    reaches = {name: people.tolist() for name, people in campaign.people.items()}
    return [
        {name: Awareness(people[row], q) for name, people in reaches.items()}
        for row, q in enumerate(campaign.word_of_mouth.tolist())
    ]


@dataclass(frozen=True)
class _Team:
    """All reviewers of a tier in all replications, arrays of shape (reviewers, R)."""

    tier: TierInputs
    posts: NDArray[np.bool_]
    tries_for: Floats
    good: NDArray[np.bool_]
    followers: Floats
    seen_by: Floats

    @property
    def sample_comes(self) -> float:
        """When the samples arrive [d]."""
        return self.tier.starts / DAY

    def reviewers(self, row: int) -> list[Reviewer]:
        """Return the reviewers of one replication."""
        views = (self.followers[:, row] * self.seen_by[row]).tolist()
        columns = (self.tries_for[:, row], self.posts[:, row], self.good[:, row])
        return [
            Reviewer(
                Opinion(self.tier.name, good),
                self.sample_comes,
                tries_for,
                posts,
                [(segment, seen * share) for segment, share in self.tier.reaches.items()],
            )
            for tries_for, posts, good, seen in zip(
                *(column.tolist() for column in columns), views, strict=True
            )
        ]

    def posted(self, end: float) -> NDArray[np.bool_]:
        """Return who has posted by the end of the campaign [d], shape (reviewers, R)."""
        return self.posts & (self.sample_comes + self.tries_for < end)


def _team(tier: TierInputs, streams: Streams) -> _Team:
    """Draw what is known of the reviewers of a tier."""

    def uniform(what: str) -> Floats:
        # Row by row, so that more reviewers leave those who are there as they are.
        # Row by row, so that more reviewers leave those who are there as they are.
        whole = streams.reviewers(tier.name, what).random((tier.reviewers, BLOCK))
        return whole[:, : len(tier.posts)]

    return _Team(
        tier,
        posts=uniform("posts") < tier.posts,
        tries_for=-np.log1p(-uniform("delay")) * tier.delay / DAY,
        good=uniform("good") < tier.good,
        followers=tier.followers(uniform("followers")),
        seen_by=tier.seen_by,
    )


def _found(teams: Sequence[_Team], audiences: Sequence[Audience], end: float) -> dict[str, Floats]:
    """Return what the campaign came to, by path."""
    found: dict[str, Floats] = {}
    for team in teams:
        name, posted = team.tier.name, team.posted(end)
        found[f"campaign.tiers.{name}.{POSTED}"] = posted.sum(axis=0).astype(float)
        found[f"campaign.tiers.{name}.{FOLLOWING}"] = (posted * team.followers).sum(axis=0)
        for segment in team.tier.reaches:
            for opinion in OPINIONS:
                who = Opinion(name, opinion == "good")
                shares = [audience[segment].shares.get(who, 0.0) for audience in audiences]
                found[aware_path(name, segment, opinion)] = np.array(shares)
    return found
