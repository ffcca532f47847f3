"""The campaign: reviewers who try a product and post about it in the days before the show.

A planner sends samples to many small reviewers, pays a few famous ones, or both. A *tier* is a kind
of reviewer, under whatever name the planner uses for it (koc, kol, celebrity). There is no campaign
unless the file has one, and then it says every number of it: none is established enough to be a
default. What a campaign does to the show is worked out in :mod:`livesim.model.campaign`.
"""

from __future__ import annotations

from typing import Final, Self

from pydantic import model_validator

from livesim.scenario.fields import (
    Duration,
    Fee,
    Name,
    Part,
    PositiveCount,
    PositiveDuration,
    Share,
    UncertainFactor,
    UncertainPositiveDuration,
    UncertainRate,
    UncertainShare,
    VariedCount,
    mistake,
    required,
)
from livesim.scenario.quantities import DURATION

#: Each reviewer is a process of every replication: so many take a block about half a minute.
MOST_REVIEWERS: Final = 10_000


class Tier(Part):
    """One kind of reviewer, such as many with few followers, or a celebrity."""

    reviewers: PositiveCount = required("How many are asked to post [1].", 30)
    sample: dict[Name, PositiveCount] = required(
        "Units of each product that every reviewer is sent, out of what is owned [units]; empty: "
        "none.",
        {"serum": 1},
    )
    fee: Fee = required(
        "Paid to every reviewer, whether or not they post [currency/reviewer].", 100
    )
    followers: VariedCount = required(
        "Followers of a reviewer [1]: the same number for each, or how it differs from one to the "
        "next.",
        {"p10": "1k", "likely": "3.2k", "p90": "10k"},
    )
    seen_by: UncertainShare = required(
        "Share of the followers who take notice of a post [1].", "7%"
    )
    reaches: dict[Name, Share] = required(
        "Share of those who take notice that belongs to an audience segment [1]; the rest could "
        "not come to the show.",
        {"regulars": "50%"},
    )
    posts: UncertainShare = required("Share of the reviewers who post at all [1].", "60%")
    starts: Duration = required("When the samples arrive, since the campaign began [s].", "0s")
    delay: UncertainPositiveDuration = required(
        "Mean time from the sample to the post [s]; exponential.", "4d"
    )
    good: UncertainShare = required("Chance that a review is good [1].", "80%")
    pull: UncertainFactor = required(
        "Multiplies the urge to come of those who heard of a good review [1]; a bad one changes "
        "it for nobody.",
        2,
    )
    trust: UncertainFactor = required(
        "Multiplies the odds to order of those who heard of a good review, and divides them for a "
        "bad one [1].",
        1.5,
    )

    @model_validator(mode="after")
    def _reaches_some(self) -> Self:
        total = sum(self.reaches.values())
        if not self.reaches or total > 1 + 1e-9:
            what = f"shares that add up to {total:.6g}" if self.reaches else "no audience segment"
            raise mistake(
                f"this tier reaches {what}",
                "write the share of those who notice a post that belongs to each segment, 100% at "
                "most together: {fans: 40%}",
                "reaches",
            )
        return self


class Campaign(Part):
    """What happens in the days before the show."""

    length: PositiveDuration = required(
        "How long before the show the campaign begins [s], such as 14d.", "14d"
    )
    word_of_mouth: UncertainRate = required(
        "Bass's imitation q: people whom one who has heard tells in a day, while nobody else has "
        "heard [1/day].",
        0.05,
    )
    tiers: dict[Name, Tier] = required(
        "The kinds of reviewers.",
        {
            "koc": {
                "reviewers": 30,
                "sample": {"serum": 1},
                "fee": 0,
                "followers": "3k",
                "seen_by": "7%",
                "reaches": {"regulars": "50%"},
                "posts": "60%",
                "starts": "0s",
                "delay": "4d",
                "good": "80%",
                "pull": 2,
                "trust": 1.5,
            }
        },
    )

    @model_validator(mode="after")
    def _can_take_place(self) -> Self:
        if not self.tiers:
            raise mistake("a campaign has no tier", "write one, or take the campaign away", "tiers")
        count = sum(tier.reviewers for tier in self.tiers.values())
        if count > MOST_REVIEWERS:
            raise mistake(
                f"the campaign has {count:,} reviewers, and each is simulated for itself",
                f"at most {MOST_REVIEWERS:,} can be: let one stand for several, with as many times "
                "the followers, samples and fee",
                "tiers",
            )
        for name, tier in self.tiers.items():
            if tier.starts >= self.length:
                raise mistake(
                    "these samples would arrive when the show begins, or after that",
                    f"the campaign lasts {DURATION.write(self.length)}: send them earlier",
                    *("tiers", name, "starts"),
                )
        return self

    def samples(self, product: str) -> int:
        """Return the units of a product that are sent to reviewers [units]."""
        return sum(tier.reviewers * tier.sample.get(product, 0) for tier in self.tiers.values())

    @property
    def fees(self) -> float:
        """What all reviewers are paid together [currency]."""
        return sum(tier.reviewers * tier.fee for tier in self.tiers.values())
