"""What a plan's data is called in sentences."""

from __future__ import annotations

import re

import pytest

import livesim
from livesim.planning.limits import (
    BetterTogether,
    FewReplications,
    LevelsEnd,
    LevelsServe,
    Limit,
    Missed,
    NothingLimits,
    NotSignificant,
    ResourceDecides,
    ResourceServes,
    TooRisky,
    UnsureTogether,
)
from livesim.planning.objectives import EXAMPLES, FillRate, Objective, objective_of
from livesim.report.language import speaking
from livesim.report.plan_words import aim, limit, missed
from livesim.results.intervals import Estimate

ROOM = livesim.load("scenarios/brand_room.yaml")


@pytest.mark.parametrize(
    ("objective", "one", "said"),
    [
        (
            "loss=20%",
            TooRisky(0.25),
            "at best, a loss in 25 % of shows, not in 20 %.",
        ),
        ("worst=0", TooRisky(-300.0), "at best, the worst 10 % make CNY -300, not CNY 0."),
        ("service=95%", LevelsServe("mask", 80, 0.79), "mask: even 80 units, the most that were"),
        (
            "fill=95%",
            ResourceServes("budget", 0.49, 0.95, 70e3),
            "serves each item to 49 %; 95 % takes CNY 70,000.",
        ),
    ],
)
def test_what_is_missed(objective: str, one: Missed, said: str) -> None:
    assert said in missed(one, objective_of(objective), ROOM)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (
            NotSignificant("mask", 50, Estimate(100.0, 120.0, None, None, None)),
            "mask: buying 50 would earn CNY 100 ± 120 more than buying none: not significant",
        ),
        (
            NotSignificant("mask", 50, Estimate(100.0, 120.0, None, None, None), fewer=20),
            "mask: buying 50 would earn CNY 100 ± 120 more than buying none: not significant at "
            "95 %, so 20 are recommended, the most",
        ),
        (
            NotSignificant("mask", 50, Estimate(100.0, 120.0, None, None, None), 20, 20),
            "mask: buying 50 would earn CNY 100 ± 120 more than the 20 that are recommended: not",
        ),
        (
            UnsureTogether(50, Estimate(100.0, 120.0, None, None, None), fewer=20),
            "Buying 50 units would earn CNY 100 ± 120 more than buying nothing: not significant at "
            "95 %, so 20 are recommended, which are sure to earn something.",
        ),
        (
            FewReplications(0.01, 50, 400),
            "50 replications are too few for fill=90%: take at least 400.",
        ),
        (NothingLimits(("mask", "serum")), "mask and serum: left-overs are worth what they cost"),
        (
            NothingLimits(("mask",), on_consignment=True),
            "mask: left-overs go back for what they cost, so nothing limits the purchase but the "
            "most that was looked at, enough for the highest demand simulated. Ask how many",
        ),
        (LevelsEnd("mask", 50), "mask: the best number may lie above 50 units, the most that"),
        (
            ResourceDecides("budget", 70e3, Estimate(500.0, 120.0, None, None, None)),
            "The budget of CNY 60,000 decides: CNY 70,000 would earn CNY 500 ± 120 more.",
        ),
        (BetterTogether(), "Simulated as a whole, these units earn more"),
    ],
)
def test_what_limits(one: Limit, said: str) -> None:
    assert limit(one, FillRate(0.9), ROOM).startswith(said)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_simulated_money_has_three_digits(language: str) -> None:
    """A gain of 188,588 ± 186,208 told digits that nobody knows."""
    gain = Estimate(188_588.0, 186_208.0, None, None, None)
    of_gain: tuple[Limit, ...] = (
        *(NotSignificant("mask", 50, gain, *more) for more in ((), (20,), (20, 20))),
        *(UnsureTogether(50, gain, fewer=fewer) for fewer in (0, 20)),
        *(ResourceDecides(what, 70e3, gain) for what in ("budget", "storage")),
    )
    for one in of_gain:
        with speaking(language):
            said = limit(one, FillRate(0.9), ROOM)
        assert re.search(r"189,000|18\.9", said) and re.search(r"186,000|18\.6", said), said
        assert "188,588" not in said


def test_left_overs_that_cost_nothing_are_said_to() -> None:
    free = ROOM.with_changes({"products.mask.left_over_value": ROOM.products["mask"].unit_cost})
    one = NotSignificant("mask", 50, Estimate(100.0, 120.0, None, None, None), 20, 20)
    said = "Left-overs cost nothing"
    assert said in limit(one, FillRate(0.9), free) and said not in limit(one, FillRate(0.9), ROOM)


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_objective_can_be_said(text: str) -> None:
    objective: Objective = objective_of(text)
    assert aim(objective, "CNY") not in ("", text)
