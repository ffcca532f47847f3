"""The closed forms of a campaign before the show: who posts, who hears, who comes and orders.

As in :mod:`closed_forms`, all but one mechanism stand still. One reviewer posts for sure, at once,
to half as many followers as there are people; so it is known who has heard.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from breaking import patched
from checks import mutant
from closed_forms import (
    BRIEF,
    COHORT,
    Engine,
    chance,
    check_name,
    closed_form,
    show_of,
    simulated,
    talk,
)
from laws import Chance, Comparison

import livesim.engine.campaign
import livesim.resolve.segments
from livesim.experiment.random_inputs import drawn_block

#: One reviewer who posts for sure and at once; who notices is of the audience, and likes it.
SURE = {
    "reviewers": 1, "sample": {}, "fee": 0, "seen_by": "100%", "reaches": {"everyone": "100%"},
    "posts": "100%", "starts": "0s", "delay": "0.001s", "good": "100%", "pull": 1, "trust": 1,
}  # fmt: skip
HEARD = 1 - math.exp(-0.5)
DAYS, IMITATION = 10, 0.1


def one_post(engine: Engine, imitation: float = 0.0, **tier: Any) -> dict[str, Any]:
    """Return a campaign in which one post is noticed by half as many as there are people."""
    post = SURE | {"followers": engine.people // 2} | tier
    return {"length": f"{DAYS}d", "word_of_mouth": imitation, "tiers": {"koc": post}}


def told_on(share: float) -> float:
    """Return the share that has heard once word of mouth has spread, on Bass's logistic curve."""
    odds = share / (1 - share) * math.exp(DAYS * IMITATION)
    return odds / (1 + odds)


@closed_form(
    "a campaign's posts",
    "of N reviewers N · p (1 − e^(−(T − s) / d)) have posted, and of these a share g well",
    engines=(COHORT,),
)
def posts(engine: Engine, seed: int) -> Iterator[Comparison]:
    """Samples arrive after 2 of 10 days, are tried for 5 on average, and 60 % post at all."""
    some = {"reviewers": 100, "posts": "60%", "starts": "2d", "delay": "5d", "good": "70%"}
    tiny = one_post(engine, followers=1, **some)
    scenario = show_of(everyone={"reach": engine.people}, campaign=tiny)
    drawn = [drawn_block(scenario, seed, block) for block in range(engine.blocks)]
    posted, good, bad = (
        np.concatenate([one[f"campaign.tiers.koc.{name}"] for one in drawn])
        for name in ("posted", "aware.everyone.good", "aware.everyone.bad")
    )
    law = 0.6 * (1 - math.exp(-(DAYS - 2) / 5))
    yield chance("posted by the start", posted.astype(np.int64), 100, law)
    each = 1 / engine.people  # a post of one view, in front of so many that none overlap
    well, all_of_them = round(good.sum() / each), round((good + bad).sum() / each)
    yield Chance("of these well", well, all_of_them, 0.7)


@closed_form(
    "after a campaign: who comes",
    "1 − (1 − x)(1 − θG) − x (1 − θG)^pull have come, x = 1 − e^(−V/M) have heard; with word of "
    "mouth x is the logistic curve; a bad review pulls nobody",
)
def who_comes_after_a_campaign(engine: Engine, seed: int) -> Iterator[Comparison]:
    turnout, waiting, pull = 0.3, 0.2, 3.0
    for what, heard, good, imitation in (
        ("one post", HEARD, "100%", 0.0),
        ("one post and word of mouth", told_on(HEARD), "100%", IMITATION),
        ("one bad post", 0.0, "0%", 0.0),
    ):
        scenario = show_of(
            everyone={"reach": engine.people, "turnout": turnout, "waiting": waiting, "stay": BRIEF}
            | {"arrivals": {"shape": "flat"}},
            campaign=one_post(engine, imitation, pull=pull, good=good),
            rundown=talk("host"),
        )
        came = simulated(engine, scenario, seed).timeline["arrivals"]
        for k in (0, 30, 60, 120):
            still = 1 - turnout * (waiting + (1 - waiting) * k / 120)
            law = 1 - (1 - heard) * still - heard * still**pull
            yield chance(f"{what}: come by {5 * k} s", came[:, k], engine.people, law)


@closed_form(
    "after a campaign: who orders",
    "odds are multiplied by Σ share · turnout · trust / Σ share · turnout, over who has heard and "
    "who has not; a bad review divides by trust",
)
def who_orders_after_a_campaign(engine: Engine, seed: int) -> Iterator[Comparison]:
    """All who come wait at the start, so that those who have heard and the others come alike."""
    turnout, conversion, rush, length = 0.3, 0.2, 30.0, 100.0
    slots = {
        "offer": {"length": f"{length:g}s", "on_stage": ["host"], "sells": ["serum"]},
        "talk": {"length": "20s", "on_stage": ["host"], "sells": []},
    }
    for good, pull, trust in (("100%", 3.0, 2.0), ("0%", 1.0, 0.5)):
        scenario = show_of(
            show={"length": "2min"},
            everyone={"reach": engine.people, "turnout": turnout, "waiting": "100%"},
            serum={"conversion": conversion, "rush": f"{rush}s"},
            campaign=one_post(engine, pull=3.0, trust=2.0, good=good),
            rundown=slots,
        )
        ordered = simulated(engine, scenario, seed).shows["orders"]
        others, heard = (1 - HEARD) * turnout, HEARD * (1 - (1 - turnout) ** pull)
        odds = conversion * (others + heard * trust) / (others + heard)
        rate = odds + 1 - conversion
        orders = odds / rate * (1 - 2 ** (-rate * length / rush))
        what = f"orders after a {'good' if good == '100%' else 'bad'} post"
        yield chance(what, ordered, engine.people, (others + heard) * orders)


# Mutants ----------------------------------------------------------------------------------------

POSTS = check_name("a campaign's posts", COHORT)
COME = check_name("after a campaign: who comes", COHORT)
ORDER = check_name("after a campaign: who orders", COHORT)

Function = Callable[..., Any]


def instead(where: object, name: str, function: Function) -> Any:
    return patched(where, name, lambda original: function)


def half_the_delay(team: Function) -> Function:
    def broken(*args: Any) -> Any:
        found = team(*args)
        return replace(found, tries_for=found.tries_for / 2)

    return broken


def mean_urge(shares: Any, pulls: Any, hazards: Any, factor: Any) -> Any:
    """Multiply the hazard by the mean pull, as if those who are pulled never ran out."""
    return hazards * (1 + (shares * (pulls - 1)).sum(axis=1))


def bad_pulls_too(joint: Function) -> Function:
    def broken(shares: Any, pulls: Any, *rest: Any) -> Any:
        return joint(shares, np.repeat(pulls[:, ::2], 2, axis=1), *rest)

    return broken


def mean_trust(shares: Any, pulls: Any, trusts: Any, hazard: Any) -> Any:
    """Weigh by who has heard, not by who comes."""
    return 1 + (shares * (trusts - 1)).sum(axis=1)


def bad_is_trusted(joint: Function) -> Function:
    def broken(shares: Any, pulls: Any, trusts: Any, *rest: Any) -> Any:
        return joint(shares, pulls, np.maximum(trusts, 1 / trusts), *rest)

    return broken


CAMPAIGN, SEGMENTS = livesim.engine.campaign, livesim.resolve.segments
mutant("reviewers post twice as soon", patched(CAMPAIGN, "_team", half_the_delay), caught_by=POSTS)
mutant(
    "views never find the same person twice",
    instead(CAMPAIGN, "reached", lambda views, people: views / people),
    caught_by=COME,
)
mutant(
    "nobody tells anybody before the show",
    instead(CAMPAIGN, "told_on", lambda aware, spread: 1.0),
    caught_by=COME,
)
mutant(
    "a campaign's pull is its mean", instead(SEGMENTS, "joint_hazards", mean_urge), caught_by=COME
)
mutant("a bad review pulls, too", patched(SEGMENTS, "joint_hazards", bad_pulls_too), caught_by=COME)
mutant(
    "a campaign's trust is that of who stays away, too",
    instead(SEGMENTS, "joint_trust", mean_trust),
    caught_by=ORDER,
)
mutant(
    "a bad review is trusted like a good one",
    patched(SEGMENTS, "joint_trust", bad_is_trusted),
    caught_by=ORDER,
)
for form in ("after a campaign: who comes", "after a campaign: who orders"):
    mutant(
        f"{form}: no campaign (agent)",
        instead(SEGMENTS, "aware_path", lambda *names: "nowhere"),
        caught_by=f"closed form: {form} (agent)",
    )
