"""The scenario as data: what it refuses in a planner's words, and what changes leave alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import livesim
from livesim import ScenarioError
from livesim.scenario.document import parse_document
from livesim.scenario.draft import Draft
from livesim.scenario.fields import Lever, Part, Uncertain
from livesim.scenario.scenario import Scenario
from livesim.scenario.writing import write_yaml


@pytest.fixture(scope="module")
def show(scenarios: Path) -> Scenario:
    return livesim.load(scenarios / "viya_kim_perfume.yaml")


@pytest.mark.parametrize(
    ("path", "value", "what", "remedy"),
    [
        ("show.length", None, "length is missing", "5min"),
        ("show.length", {"p10": "1h", "likely": "2h", "p90": "3h"}, "chosen by", "5min"),
        ("show.currency", "yuan", "not a currency", "CNY"),
        ("show.start", "tomorrow", "not a date", "2026-11-29 20:00"),
        ("show.lenght", "2h", "no key called lenght", "Did you mean length?"),
        ("show.length", "1s500ms", "not a duration", "5min"),
        ("title", 2026, "2026 stands where a text belongs", "quotes"),
        ("people.kim", [], "a list stands where a mapping belongs", "two spaces"),
        ("people.kim.role", "gust", "not one of the words", "Did you mean guest?"),
        ("people.viya.lift", 2, "the usual host is the neutral stage", "guest"),
        ("people.viya.fit", {"kim_fans": 1}, "the usual host is the neutral stage", "guest"),
        ("people.viya.fit_by_category", {"beauty": 1}, "which has no pull, lift", "guest"),
        ("people.kim.fit", {"Kim Fans": 1}, "cannot be a name", "write kim_fans"),
        ("segments.kim_fans.stay", {"a": {"share": 0.5, "mean": "9s"}}, "add up to 0.5", "100%"),
        ("segments.kim_fans.stay", {"a": {"share": 1.0}}, "mean is missing", "mean stay [s]"),
        ("segments.kim_fans.stay.stay.mean", 20, "no unit", "90s"),
        ("segments.kim_fans.arrivals", {"shape": "s_curve"}, "take middle", "s_curve middle"),
        (
            "segments.kim_fans.arrivals",
            {"shape": "points", "points": {"5min": "60%", "9min": "50%"}},
            "do not rise",
            "100%",
        ),
        ("segments.kim_fans.viewers", 3, "no key called viewers", "when a file is loaded"),
        ("segments.kim_fans.takes_turnout_factor", "no", "'no' stands where true or false", "true"),
        ("products.kkw_perfume.price", 0, "out of range", "299"),
        ("products.kkw_perfume.conversion", "120%", "out of range", "45%"),
        ("products.kkw_perfume.conversion_rate", "1%", "no key", "bare conversion rate"),
        ("products.kkw_perfume.stock", 3, "no key", "owned"),
        ("products.kkw_perfume.orders_per_1000", 3, "no key", "when a file is loaded"),
        ("products.kkw_perfume.quantity", {"1": "80%", "2": "15%"}, "add up to 0.95", "100%"),
        ("products.kkw_perfume.quantity", {"0": 1.0}, "number of units from 1", "{1: 85%"),
        ("products.kkw_perfume.observed", {"sold": 9}, "sold_out is missing", "all there was"),
        (
            "products.kkw_perfume.observed",
            {"sold": 0, "sold_out": True},
            "so it was not sold out",
            "sold_out: false",
        ),
        (
            "products.kkw_perfume.observed",
            {"sold": 9, "sold_out": False, "after": "5min"},
            "after says when it was sold out, and it was not",
            "take after away",
        ),
        ("products.kkw_perfume.variants", {"a": {"share": 0.5}}, "add up to 0.5", "100%"),
        (
            "products.kkw_perfume.variants",
            {"a": {"share": 0.5, "owned": 5}, "b": {"share": 0.5}},
            "some variants say",
            "for none",
        ),
        (
            "products.kkw_perfume.variants",
            {"a": {"share": 0.5, "owned": 5}, "b": {"share": 0.5, "owned": 6}},
            "own 11 together",
            "agree",
        ),
        ("products.kkw_perfume.waves", {"a": {"share": 0.5, "after": "0s"}}, "add up to 0.5", ""),
        (
            "products.kkw_perfume.reserve",
            {"units": 5, "below": 0, "lead_time": "1min"},
            "out of range for a count of at least 1",
            "",
        ),
        ("rundown.opening_talk.sells", "kkw_perfume", "where a list belongs", "[serum]"),
        ("expect", {"profit": "> 0"}, "a mapping stands where a list belongs", "hyphen: - key"),
        ("rundown.opening_talk.at_sell_out", "go", "not one of the words", "known: stay, next"),
        ("rundwon", {}, "no key called rundwon", "Did you mean rundown?"),
        ("length", "2h", "no key called length", "belongs under show"),
        ("products.kkw_perfume.suppliers", {}, "no key called suppliers", "under supply: write"),
        ("supply.pack", 0, "it must be at least 1", ""),
        ("rundown.opening.length", "2h", "nothing called opening", "opening_talk"),
    ],
)
def test_refuses_in_a_planners_words(
    show: Scenario, path: str, value: object, what: str, remedy: str
) -> None:
    with pytest.raises(ScenarioError) as refused:
        show.with_changes({path: value})
    first = refused.value.mistakes[0]
    assert what in first.what
    assert remedy in first.remedy
    names = path.split(".")
    assert first.path.split(".")[: len(names)] == names[: len(first.path.split("."))]


def test_a_change_changes_one_thing(show: Scenario) -> None:
    changed = show.with_changes({"products.kkw_perfume.owned": "40k"})
    assert changed.products["kkw_perfume"].owned == 40_000
    assert changed.with_changes({"products.kkw_perfume.owned": 15_000}) == show
    assert changed.digest != show.digest


def test_a_part_that_a_show_goes_without_is_written_with_the_change(show: Scenario) -> None:
    changed = show.with_changes({"products.kkw_perfume.supply.lead_time": "4d"})
    assert changed.products["kkw_perfume"].supply.lead_time == 4 * 86_400
    with pytest.raises(ScenarioError, match="lead_time is missing"):
        show.with_changes({"products.kkw_perfume.reserve.units": 5})


def test_null_takes_away(show: Scenario) -> None:
    slots = {f"rundown.{name}.on_stage": ["viya"] for name in show.rundown}
    slots |= {f"rundown.{name}.waits_for": None for name in show.rundown}
    alone = show.with_changes({**slots, "people.kim": None, "segments.kim_fans": None})
    assert set(alone.people) == {"viya"} and "kim_fans" not in alone.segments
    assert show.with_changes({"products.kkw_perfume.reserve": None, "campaign": None}) == show


@pytest.mark.parametrize(
    ("path", "what"),
    [("people.kin", "has nothing called kin"), ("show.length", "length is missing")],
)
def test_null_takes_away_only_what_is_there_and_can_go(
    show: Scenario, path: str, what: str
) -> None:
    with pytest.raises(ScenarioError, match=what):
        show.with_changes({path: None})


def test_part_of_an_uncertain_quantity_can_be_changed(show: Scenario) -> None:
    changed = show.with_changes({"products.kkw_perfume.conversion.p90": "4%"})
    assert changed.uncertain()["products.kkw_perfume.conversion"].percentiles[2] == 0.04


def test_the_data_survive_yaml_and_json(show: Scenario) -> None:
    data = show.to_data()
    assert parse_document(write_yaml(data)).data == data
    assert Scenario.from_data(json.loads(json.dumps(data))) == show


def test_uncertain_quantities_are_found_by_path(show: Scenario) -> None:
    assert list(show.uncertain()) == [
        "people.kim.pull",
        "people.kim.lift",
        "people.kim.fit.viya_followers",
        "people.kim.fit.kim_fans",
        "people.kim.late",
        "segments.viya_followers.stay_factor",
        "segments.kim_fans.stay_factor",
        "products.kkw_perfume.rush",
        "products.kkw_perfume.conversion",
    ]


def parts_of(model: type[Part]) -> Iterator[type[Part]]:
    """Yield a model and every model within it, found through its annotations."""
    yield model
    for field in model.model_fields.values():
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, Part):
                yield from parts_of(inner)


@pytest.mark.parametrize("model", [*parts_of(Scenario), *parts_of(Draft)])
def test_every_field_is_described_with_its_unit(model: type[Part]) -> None:
    for name, field in model.model_fields.items():
        assert field.description, f"{name} has no description"
        if any(isinstance(mark, Lever | Uncertain) for mark in field.metadata):
            assert "[" in field.description, f"{name} has no unit"


def test_a_mistake_shows_no_other_exception_above_its_message() -> None:
    with pytest.raises(ScenarioError) as refused:
        livesim.load("scenarios/brand_room.yaml").with_changes({"products.serum.owned": -5})
    assert refused.value.__suppress_context__
