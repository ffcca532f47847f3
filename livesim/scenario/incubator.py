"""The incubator: candidates of unknown talent, short trial shows, and who is promoted.

A scenario with an incubator tells of one show of a *candidate*: a guest whose pull, lift and fit
are uncertain, since they differ from candidate to candidate. Everything else that is uncertain in
it is the chance of a show. Here stands what is done with many candidates: how many are tried and in
what trial, who is promoted, and what it costs.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from livesim.scenario.fields import (
    Fee,
    Money,
    Name,
    Part,
    PositiveCount,
    PositiveDuration,
    Rate,
    Share,
    mistake,
)


class Screening(Part):
    """Looking through profiles, before anybody is tried."""

    profiles: PositiveCount = Field(
        description="Profiles that there are to look through [1].", examples=[800]
    )
    passing: Share = Field(
        description="Share of them that look good and can be tried [1].", examples=["10%"]
    )
    cost: Money = Field(description="Cost of looking at a profile [currency].", examples=[20])


class Trial(Part):
    """The first minutes of a show of the candidate's own, as a test."""

    length: PositiveDuration = Field(description="Length of a trial show [s].", examples=["20min"])
    shows: PositiveCount = Field(description="Trial shows of a candidate [1].", examples=[1])
    cost: Fee = Field(description="Cost of a trial show [currency].", examples=[500])
    cost_per_viewer: Money = Field(
        description="Paid for each viewer of a trial [currency].", examples=[0.2]
    )


class Training(Part):
    """What is done with who is promoted, before the first show."""

    cost: Fee = Field(
        description="Cost of training one of the promoted [currency].", examples=["150k"]
    )
    lift: Rate = Field(
        description="Multiplies the lift of who is trained, at least 1 [1].", examples=[1.1]
    )


class Incubator(Part):
    """How candidates are screened, tried, promoted and trained, and what that is to earn."""

    candidate: Name = Field(
        description="The guest whose pull, lift, keep and fit differ from candidate to candidate.",
        examples=["kim"],
    )
    screening: Screening = Field(description="Looking through profiles.")
    tried: PositiveCount = Field(description="Candidates who get a trial [1].", examples=[20])
    trial: Trial = Field(description="The trial that each of them gets.")
    judged_by: Literal["orders", "orders_per_viewer"] = Field(
        description="What is compared of all trial shows of a candidate together.",
        examples=["orders"],
    )
    promotes: PositiveCount = Field(
        description="How many are promoted: the best ones [1].", examples=[1]
    )
    at_least: Rate | None = Field(
        None,
        description="Only who reaches this in the trial, in what judged_by says [1], is promoted; "
        "without, the best are.",
        examples=[200],
    )
    training: Training = Field(description="Training of the promoted.")
    first_shows: PositiveCount = Field(
        description="Shows of each of the promoted in which the costs are to be earned back [1].",
        examples=[20],
    )
    share_of_profit: Share = Field(
        description="The incubator's share of the profit, or loss, of these shows [1].",
        examples=["30%"],
    )

    @property
    def most(self) -> int:
        """Most candidates that screening lets through."""
        return int(self.screening.profiles * self.screening.passing + 1e-9)

    @model_validator(mode="after")
    def _numbers_agree(self) -> Self:
        if self.tried > self.most:
            raise mistake(
                f"{self.tried} are to be tried, but of {self.screening.profiles} profiles only "
                f"{self.most} pass the screening",
                "try fewer, or look through more profiles",
                "tried",
            )
        if self.promotes > self.tried:
            raise mistake(
                f"{self.promotes} are to be promoted of {self.tried} who are tried",
                "promote at most as many as are tried",
                "promotes",
            )
        if self.training.lift < 1:
            raise mistake(
                "training multiplies lift, and this would lower it",
                "write 1 or more",
                "training",
                "lift",
            )
        return self
