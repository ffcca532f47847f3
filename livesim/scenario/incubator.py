"""The incubator: candidates of unknown talent, short trial shows, and who is promoted.

A scenario with an incubator tells of one show of a *candidate*: a guest whose pull, lift and fit
are uncertain, since they differ from candidate to candidate. Everything else that is uncertain in
it is the chance of a show. Here stands what is done with many candidates: how many are tried and in
what trial, who is promoted, and what it costs.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

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
    optional,
    required,
)


class Screening(Part):
    """Looking through profiles, before anybody is tried."""

    profiles: PositiveCount = required("Profiles that there are to look through [1].", 800)
    passing: Share = required("Share of them that look good and can be tried [1].", "10%")
    cost: Money = required("Cost of looking at a profile [currency].", 20)


class Trial(Part):
    """The first minutes of a show of the candidate's own, as a test."""

    length: PositiveDuration = required("Length of a trial show [s].", "20min")
    shows: PositiveCount = required("Trial shows of a candidate [1].", 1)
    cost: Fee = required("Cost of a trial show [currency].", 500)
    cost_per_viewer: Money = required("Paid for each viewer of a trial [currency].", 0.2)


class Training(Part):
    """What is done with who is promoted, before the first show."""

    cost: Fee = required("Cost of training one of the promoted [currency].", "150k")
    lift: Rate = required("Multiplies the lift of who is trained, at least 1 [1].", 1.1)


class Incubator(Part):
    """How candidates are screened, tried, promoted and trained, and what that is to earn."""

    candidate: Name = required(
        "The guest whose pull, lift, keep and fit differ from candidate to candidate.", "kim"
    )
    screening: Screening = required("Looking through profiles.")
    tried: PositiveCount = required("Candidates who get a trial [1].", 20)
    trial: Trial = required("The trial that each of them gets.")
    judged_by: Literal["orders", "orders_per_viewer"] = required(
        "What is compared of all trial shows of a candidate together.", "orders"
    )
    promotes: PositiveCount = required("How many are promoted: the best ones [1].", 1)
    at_least: Rate | None = optional(
        "Only who reaches this in the trial, in what judged_by says [1], is promoted; without, "
        "the best are.",
        200,
    )
    training: Training = required("Training of the promoted.")
    first_shows: PositiveCount = required(
        "Shows of each of the promoted in which the costs are to be earned back [1].", 20
    )
    share_of_profit: Share = required(
        "The incubator's share of the profit, or loss, of these shows [1].", "30%"
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
