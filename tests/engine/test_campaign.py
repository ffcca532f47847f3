"""The campaign's processes against what can be worked out, and what it leaves as it is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.engine.campaign import Awareness, Opinion, heard_by_day, simulate_campaign
from livesim.engine.streams import Streams
from livesim.experiment.block_at import BlockAt
from livesim.experiment.journeys import journeys
from livesim.experiment.levels import Stocked
from livesim.experiment.random_inputs import drawn_block
from livesim.experiment.simulating import simulate_block
from livesim.model.campaign import CampaignInputs, aware_path
from livesim.randomness import BLOCK
from livesim.resolve import resolve
from livesim.resolve.campaign import campaign_of
from livesim.resolve.inputs import inputs_of
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario
from livesim.scenario.writing import write_yaml

PEOPLE = 1_000
GOOD, BAD = (aware_path("koc", "fans", opinion) for opinion in ("good", "bad"))
POSTED, FOLLOWING = "campaign.tiers.koc.posted", "campaign.tiers.koc.following"
#: A mean over a block may lie so many standard errors off: a false alarm in 3 million.
ERRORS = 5.0

KOC = {
    "reviewers": 1, "sample": {}, "fee": 0, "followers": 500, "seen_by": "100%",
    "reaches": {"fans": "100%"}, "posts": "100%", "starts": "0s", "delay": "0.001s",
    "good": "100%", "pull": 1, "trust": 1,
}  # fmt: skip
SHOW = {
    "title": "After a campaign",
    "show": {"length": "3min", "currency": "CNY", "refresh": "5s"} | {"appeal": 1},
    "people": {"host": {"role": "host"}},
    "segments": {"fans": {"reach": PEOPLE, "turnout": "20%"}, "others": {"reach": PEOPLE}},
    "products": {
        "serum": {"price": 300, "unit_cost": 80, "owned": 100, "conversion": "10%"},
        "mask": {"price": 90, "unit_cost": 30, "owned": 50, "conversion": "5%"},
    },
    "rundown": {
        "one": {"length": "90s", "on_stage": ["host"], "sells": ["serum"]},
        "two": {"length": "90s", "on_stage": ["host"], "sells": ["mask"]},
    },
}


def scenario(campaign: dict[str, Any] | None = None, **sections: Any) -> Scenario:
    data = SHOW | sections | ({"campaign": campaign} if campaign else {})
    return resolve(parse_document(write_yaml(data))).scenario


def campaign(word_of_mouth: float = 0, length: str = "14d", **koc: Any) -> dict[str, Any]:
    return {"length": length, "word_of_mouth": word_of_mouth, "tiers": {"koc": KOC | koc}}


def inputs_for(show: Scenario) -> CampaignInputs:
    found = campaign_of(show, {}, BLOCK)
    assert found is not None
    return found


def heard(plan: dict[str, Any], seed: int = 3) -> dict[str, np.ndarray]:
    return simulate_campaign(inputs_for(scenario(plan)), Streams(seed, 0))


# What people hear -------------------------------------------------------------------------------


def test_one_post_reaches_who_is_not_missed_by_its_views() -> None:
    found = heard(campaign(seen_by="60%", reaches={"fans": "50%"}))
    np.testing.assert_allclose(found[GOOD], 1 - math.exp(-0.6 * 0.5 * 500 / PEOPLE), rtol=1e-12)
    assert not found[BAD].any()
    assert (found[POSTED] == 1).all() and (found[FOLLOWING] == 500).all()


def test_one_post_and_word_of_mouth_are_the_logistic_curve() -> None:
    found = heard(campaign(word_of_mouth=0.3, starts="2d"))
    first = 1 - math.exp(-0.5)
    odds = first / (1 - first) * math.exp(0.3 * 12)
    np.testing.assert_allclose(found[GOOD], odds / (1 + odds), rtol=1e-6)


def test_what_is_noted_by_day_is_that_curve_and_ends_where_the_campaign_does() -> None:
    show = scenario(campaign(word_of_mouth=0.3, length="60h", starts="24h"))
    days, heard_so_far = heard_by_day(inputs_for(show), Streams(3, 0))
    first = 1 - math.exp(-0.5)
    odds = first / (1 - first) * np.exp(0.3 * (days - 1))
    assert days.tolist() == [0, 1, 2, 2.5]
    np.testing.assert_allclose(
        heard_so_far["fans"][:, 2:], np.tile((odds / (1 + odds))[2:], (BLOCK, 1)), rtol=1e-6
    )
    assert not heard_so_far["fans"][:, :2].any() and not heard_so_far["others"].any()
    posts = scenario(campaign(0.1, reviewers=9, posts="50%", good="50%", delay="4d"))
    _, noted = heard_by_day(inputs_for(posts), Streams(3, 0))
    found = simulate_campaign(inputs_for(posts), Streams(3, 0))
    np.testing.assert_allclose(noted["fans"][:, -1], found[GOOD] + found[BAD], rtol=1e-12)


def test_word_of_mouth_passes_on_good_and_bad_as_they_are() -> None:
    """People who hear by and by think as those do who tell them."""
    segment = Awareness(PEOPLE, 0.2)
    well, badly = Opinion("koc", True), Opinion("kol", False)
    segment.notice(well, 100, 1.0)
    segment.notice(badly, 50, 3.0)
    before = segment.shares[well] / segment.shares[badly]
    segment.spread(10.0)
    assert segment.shares[well] / segment.shares[badly] == pytest.approx(before)
    assert 0.2 < sum(segment.shares.values()) < 1


def test_the_first_opinion_stays() -> None:
    early, late = Opinion("koc", True), Opinion("kol", True)
    segment = Awareness(PEOPLE, 0.0)
    segment.notice(early, 400, 1.0)
    first = segment.shares[early]
    segment.notice(late, 400, 2.0)
    assert segment.shares[early] == first
    assert segment.shares[late] == pytest.approx((1 - first) * first)


@pytest.mark.slow
def test_as_many_have_posted_as_an_exponential_delay_lets() -> None:
    """Binomial: of 200 reviewers 60 % post, each after 2 d and an exponential time of mean 4 d."""
    plan = campaign(reviewers=200, posts="60%", starts="2d", delay="4d", length="7d")
    posted = heard(plan)[POSTED]
    chance = 0.6 * (1 - math.exp(-5 / 4))
    error = math.sqrt(200 * chance * (1 - chance))
    assert abs(posted.mean() - 200 * chance) < ERRORS * error / math.sqrt(BLOCK)
    assert posted.std() == pytest.approx(error, rel=0.25)  # 5.5 standard errors of a spread


def test_followers_differ_as_the_file_says() -> None:
    """A lognormal: its mean is e^(σ²/2) times the median; posts have their own luck."""
    median, sigma = 3_000.0, 0.9
    spread = {"lognormal": {"median": median, "sigma": sigma}}
    following = heard(campaign(reviewers=100, followers=spread))[FOLLOWING]
    mean = 100 * median * math.exp(sigma**2 / 2)
    error = mean * math.sqrt(math.expm1(sigma**2) / 100)
    assert abs(following.mean() - mean) < ERRORS * error / math.sqrt(BLOCK)
    assert following.std() == pytest.approx(error, rel=0.35)  # heavy tails make it less sure


def test_good_reviews_are_as_frequent_as_the_file_says() -> None:
    found = heard(campaign(reviewers=100, followers=1, posts="50%", good="70%"))
    share = found[GOOD] / (found[GOOD] + found[BAD])
    error = math.sqrt(0.7 * 0.3 / 50 / BLOCK)
    assert abs(share.mean() - 0.7) < ERRORS * error


@pytest.mark.parametrize("word_of_mouth", [0, 5])
def test_nobody_hears_twice_and_nobody_gets_lost(word_of_mouth: float) -> None:
    """Far more views than people: the shares add up to 1, and never to more."""
    plan = campaign(word_of_mouth, reviewers=60, followers=5_000, good="50%", delay="3d")
    found = heard(plan)
    everybody = found[GOOD] + found[BAD]
    assert (everybody <= 1 + 1e-12).all() and (everybody > 0.999).all()
    assert (np.minimum(found[GOOD], found[BAD]) >= 0).all()


def test_one_day_means_86400_seconds() -> None:
    """The same campaign in hours: only word of mouth knows of days, by its unit."""
    days = heard(campaign(0.1, "10d", starts="1d", delay="2d", reviewers=5))
    hours = heard(campaign(0.1, "240h", starts="24h", delay="48h", reviewers=5))
    np.testing.assert_array_equal(days[GOOD], hours[GOOD])
    aware = 1 - math.exp(-0.5)
    grown = heard(campaign(0.1, "1d"))[GOOD]
    np.testing.assert_allclose(grown, aware / (aware + (1 - aware) * math.exp(-0.1)), rtol=1e-6)


# Streams ----------------------------------------------------------------------------------------


def test_another_tier_moves_no_luck() -> None:
    spread = {"p10": 1000, "likely": 3000, "p90": 10000}
    one = campaign(reviewers=20, posts="50%", followers=spread, delay="3d")
    two = one | {"tiers": {"kol": KOC | {"reviewers": 7}, **one["tiers"]}}
    alone, beside = heard(one), heard(two)
    for path in (POSTED, FOLLOWING):
        np.testing.assert_array_equal(alone[path], beside[path])
    assert (beside[GOOD] < alone[GOOD]).all(), "what both reach is reached once"


def test_equal_tiers_have_luck_of_their_own() -> None:
    one = campaign(reviewers=50, posts="50%")
    two = one | {"tiers": dict.fromkeys(("koc", "kol"), one["tiers"]["koc"])}
    found = heard(two)
    together = np.corrcoef(found[POSTED], found["campaign.tiers.kol.posted"])[0, 1]
    assert abs(together) < 0.35  # 5.5 standard deviations of what 250 replications show by chance


def test_more_reviewers_leave_those_who_are_there() -> None:
    few, more = (heard(campaign(reviewers=n, posts="50%", delay="3d")) for n in (20, 25))
    assert (more[POSTED] >= few[POSTED]).all() and (more[POSTED] <= few[POSTED] + 5).all()
    assert (more[POSTED] > few[POSTED]).any()


@pytest.mark.slow
def test_blocks_and_seeds_differ_and_repeat() -> None:
    show = scenario(campaign(reviewers=50, posts="50%"))
    paths = [
        drawn_block(show, seed, block)[POSTED] for seed, block in ((1, 0), (1, 1), (2, 0), (1, 0))
    ]
    np.testing.assert_array_equal(paths[0], paths[3])
    assert len({path.tobytes() for path in paths}) == 3


def test_no_other_draw_moves() -> None:
    shows = scenario(), scenario(campaign(reviewers=5))
    before, after = (drawn_block(show, 1, 0) for show in shows)
    assert set(after) > set(before)
    for path, values in before.items():
        np.testing.assert_array_equal(values, after[path])


# What the show makes of it ----------------------------------------------------------------------


def test_pull_and_trust_of_1_change_no_bit() -> None:
    """Everything but what is told of the campaign itself; with a pull it is another show."""
    without = simulate_block(scenario(), 1, 0)
    neutral = simulate_block(scenario(campaign(reviewers=5, posts="60%")), 1, 0)
    pulled = simulate_block(scenario(campaign(reviewers=5, pull=2)), 1, 0)
    for table in ("shows", "segments", "products", "variants", "timeline"):
        old, new = getattr(without, table), getattr(neutral, table)
        assert set(new) - set(old) <= {"campaign_cost"}
        for name, column in old.items():
            np.testing.assert_array_equal(column, new[name], err_msg=f"{table}.{name}")
    assert (neutral.shows["campaign_cost"] == 0).all()
    assert pulled.shows["unique_viewers"].sum() > 1.1 * without.shows["unique_viewers"].sum()


def test_who_is_not_reached_behaves_as_before() -> None:
    without = inputs_of(scenario()).segments
    drawn = {GOOD: np.array([0.4]), BAD: np.array([0.1])}
    fans, others = inputs_of(scenario(campaign(pull=3, trust=2)), drawn).segments
    assert (fans.hazards[1:] > without[0].hazards[1:]).all() and fans.log_trust > 0
    assert (others.hazards == without[1].hazards).all()
    assert others.log_trust == without[1].log_trust


def test_a_bad_review_divides_the_odds_and_pulls_nobody() -> None:
    all_bad = {GOOD: np.zeros(1), BAD: np.ones(1)}
    fans = inputs_of(scenario(campaign(pull=3, trust=2)), all_bad).segments[0]
    assert (fans.hazards == inputs_of(scenario()).segments[0].hazards).all()
    assert fans.log_trust == pytest.approx(-math.log(2))


def test_the_joint_factors_stand_for_segments_of_their_own() -> None:
    """The same people as a segment that has heard and one that has not.

    Expected viewers agree exactly, so only luck is between the two: 5 standard errors. Orders agree
    where groups come alike in time; those who are pulled come a little earlier, so 1.5 % is left.
    """
    share, pull, trust = 0.4, 3.0, 2.0
    draws = {"role": "guest", "pull": 1, "pull_by_segment": {"aware": pull}, "lift": 1}
    shop = {
        "show": SHOW["show"] | {"turnout_factor": 1},
        "people": {"host": draws},
        "products": {"serum": SHOW["products"]["serum"] | {"conversion": "1%"}},
        "rundown": {"one": {"length": "3min", "on_stage": ["host"], "sells": ["serum"]}},
    }
    fans = {"reach": 1_000_000, "turnout": "20%", "waiting": 0}
    unaware, aware = (fans | {"reach": round(n * 1e6)} for n in (1 - share, share))
    nobody = fans | {"reach": 0}
    plan = campaign(followers=round(-math.log(1 - share) * 1e6), pull=pull, trust=trust)
    joint, apart, without = (
        simulate_block(show, 1, 0)
        for show in (
            scenario(plan, segments={"fans": fans, "aware": nobody}, **shop),
            scenario(segments={"fans": unaware, "aware": aware | {"trust": trust}}, **shop),
            scenario(segments={"fans": fans, "aware": nobody}, **shop),
        )
    )
    viewers = [outcome.shows["unique_viewers"] for outcome in (joint, apart)]
    error = math.hypot(*(v.std() for v in viewers)) / math.sqrt(BLOCK)
    assert abs(viewers[0].mean() - viewers[1].mean()) < ERRORS * error < 1e-3 * viewers[0].mean()
    wanted = [outcome.products["demand"].mean() for outcome in (joint, apart, without)]
    assert wanted[0] == pytest.approx(wanted[1], rel=0.015)
    assert wanted[0] > 2 * wanted[2]


# Stock and money --------------------------------------------------------------------------------


def test_samples_come_out_of_stock_and_cost_what_a_unit_does() -> None:
    plan = campaign(reviewers=20, sample={"serum": 2}, fee=50, posts="0%")
    without, sent = (simulate_block(show, 1, 0) for show in (scenario(), scenario(plan)))
    assert (without.products["put_on_sale"][:, 0] == 100).all()
    assert (sent.products["put_on_sale"] == [60, 50]).all()
    assert (sent.shows["campaign_cost"] == 20 * 50 + 40 * 80).all()
    products = sent.products["profit"].sum(axis=1)
    np.testing.assert_allclose(sent.shows["profit"], products - 4_200)


def test_samples_are_taken_from_sizes_in_proportion_to_what_is_owned() -> None:
    sizes = {"small": {"share": "50%", "owned": 90}, "large": {"share": "50%", "owned": 10}}
    serum = SHOW["products"]["serum"] | {"variants": sizes}
    plan = campaign(reviewers=50, sample={"serum": 1})
    for reviewers, left in ((50, [45, 5]), (100, [0, 0])):
        plan["tiers"]["koc"]["reviewers"] = reviewers
        show = scenario(plan, products={"serum": serum, "mask": SHOW["products"]["mask"]})
        assert inputs_of(show).owned.tolist() == [*left, 50]


@pytest.mark.slow
def test_every_way_to_simulate_a_show_has_the_same_campaign() -> None:
    plan = campaign(0.05, reviewers=8, followers=30, delay="4d", good="70%", pull=3, trust=2)
    few = {"fans": SHOW["segments"]["fans"] | {"reach": 60}}
    show, without = scenario(plan, segments=few), scenario(segments=few)
    block = simulate_block(show, 4, 0)
    (levels,) = BlockAt(show, 4, 0).simulated([Stocked(np.array([[100], [50]]))])
    for path in (GOOD, BAD, POSTED):
        np.testing.assert_array_equal(block.inputs[path], levels.drawn[path])
    np.testing.assert_array_equal(block.shows["unique_viewers"], levels.viewers[:, 0])
    agents = simulate_block(show, 4, 0, engine="agent")
    np.testing.assert_array_equal(block.inputs[GOOD], agents.inputs[GOOD])
    viewers = [outcome.shows["unique_viewers"].mean() for outcome in (block, agents)]
    assert viewers[0] == pytest.approx(viewers[1], rel=0.1)
    events = journeys(show, seed=4, replications=50)
    came = np.bincount(events["replication"][events["event"] == "comes"], minlength=50)
    assert came.mean() > 1.2 * simulate_block(without, 4, 0).shows["unique_viewers"].mean()


def test_uncertain_parts_of_a_campaign_are_drawn_like_all_others() -> None:
    unsure = {"p10": "20%", "likely": "50%", "p90": "80%"}
    followers = {"p10": 1000, "likely": 3000, "p90": 10000}
    show = scenario(campaign(reviewers=40, posts=unsure, followers=followers))
    assert "campaign.tiers.koc.posts" in show.uncertain()
    assert "campaign.tiers.koc.followers" not in show.uncertain()
    drawn = drawn_block(show, 1, 0)
    together = np.corrcoef(drawn["campaign.tiers.koc.posts"], drawn[POSTED])[0, 1]
    assert together > 0.8
    assert livesim.Scenario.from_data(show.to_data()) == show
