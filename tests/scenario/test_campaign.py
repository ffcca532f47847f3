"""What a planner may write of a campaign, and what is refused with its remedy."""

from __future__ import annotations

import pytest

from livesim.errors import Mistake, ScenarioError
from livesim.resolve import resolve
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Spread

SHOW = """\
like: brand_room
title: After a campaign
show: {length: 1h, currency: CNY}
segments: {fans: {viewers: 2k}, others: {viewers: 1k}}
products:
  serum: {price: 299, unit_cost: 80, owned: 500, orders_per_1000: 20}
campaign:
  length: 14d
  word_of_mouth: 0.05
  tiers:
    koc:
      reviewers: 200
      sample: {serum: 2}
      fee: 0
      followers: {p10: 1k, likely: 3k, p90: 10k}
      seen_by: {p10: 5%, likely: 7%, p90: 9%}
      reaches: {fans: 50%, others: 10%}
      posts: 60%
      starts: 1d
      delay: 4d
      good: 80%
      pull: 1.5
      trust: 1.6
"""


def read(text: str) -> Scenario:
    return resolve(parse_document(text, "scenarios/show.yaml")).scenario


def mistake(old: str, new: str) -> Mistake:
    assert SHOW.count(old) == 1
    with pytest.raises(ScenarioError) as refused:
        read(SHOW.replace(old, new))
    (only,) = refused.value.mistakes
    return only


def test_a_campaign_is_read_in_days_and_followers_differ() -> None:
    scenario = read(SHOW)
    assert scenario.campaign is not None
    koc = scenario.campaign.tiers["koc"]
    assert (scenario.campaign.length, koc.starts, koc.delay) == (14 * 86_400, 86_400, 4 * 86_400)
    assert isinstance(koc.followers, Spread)
    assert scenario.samples("serum") == 400
    assert scenario.campaign.fees == 0


def test_reading_and_writing() -> None:
    scenario = read(SHOW)
    assert Scenario.from_data(scenario.to_data()) == scenario
    same = read(SHOW.replace("{p10: 1k, likely: 3k, p90: 10k}", "3k"))
    assert Scenario.from_data(same.to_data()) == same
    assert same.digest != scenario.digest


def test_parts_can_be_changed_by_their_path_and_taken_away() -> None:
    scenario = read(SHOW)
    more = scenario.with_changes({"campaign.tiers.koc.reviewers": 250})
    assert more.samples("serum") == 500
    assert scenario.with_changes({"campaign": None}).campaign is None
    assert scenario.with_changes({"campaign": None}).samples("serum") == 0


def test_more_samples_than_units_are_refused() -> None:
    found = mistake("owned: 500", "owned: 399")
    assert found.path == "products.serum.owned"
    assert "400 samples" in found.what and "399" in found.what
    assert read(SHOW.replace("owned: 500", "owned: 400")).samples("serum") == 400


@pytest.mark.parametrize(
    ("old", "new", "path", "said", "remedy"),
    [
        ("{fans: 50%,", "{fan: 50%,", "reaches.fan", "no audience segment", "fans"),
        ("{serum: 2}", "{serun: 2}", "sample.serun", "no product", "serum"),
        ("others: 10%", "others: 60%", "reaches", "add up to 1.1", "100%"),
        ("{fans: 50%, others: 10%}", "{}", "reaches", "no audience segment", "fans: 40%"),
        ("starts: 1d", "starts: 14d", "starts", "when the show begins", "send them earlier"),
        ("delay: 4d", "delay: 0s", "delay", "longer than 0 s", "1h30m"),
        ("fee: 0", "fee: {p10: 1, likely: 2, p90: 3}", "fee", "one plain value", "299"),
        ("trust: 1.6", "trust: 0", "trust", "out of range", "1.5"),
    ],
)
def test_mistakes_of_a_tier(old: str, new: str, path: str, said: str, remedy: str) -> None:
    found = mistake(old, new)
    assert found.path == f"campaign.tiers.koc.{path}"
    assert said in found.what and remedy in found.remedy
    assert found.line is not None


def test_a_campaign_without_a_tier_or_with_too_many_reviewers_is_refused() -> None:
    head, _ = SHOW.split("  tiers:\n")
    with pytest.raises(ScenarioError, match="no tier"):
        read(head + "  tiers: {}\n")
    many = SHOW.replace("reviewers: 200", "reviewers: 10_001").replace("owned: 500", "owned: 30k")
    with pytest.raises(ScenarioError, match="let one stand for several"):
        read(many)


def test_every_number_of_a_tier_has_to_be_given() -> None:
    with pytest.raises(ScenarioError) as refused:
        read(SHOW.replace("      good: 80%\n", "").replace("      fee: 0\n", ""))
    assert {one.path for one in refused.value.mistakes} == {
        "campaign.tiers.koc.good",
        "campaign.tiers.koc.fee",
    }


def test_the_notes_say_that_there_was_a_campaign_and_where_the_samples_went() -> None:
    notes = resolve(parse_document(SHOW)).notes
    assert [note for note in notes if note.startswith("A campaign of 14 days")]
    assert [note for note in notes if note.startswith("Samples for reviewers: 400 serum.")]
    head, _ = SHOW.split("campaign:\n")
    assert not [note for note in resolve(parse_document(head)).notes if "campaign" in note]
