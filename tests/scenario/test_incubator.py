"""The incubator block: what it refuses, in a planner's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import livesim
from livesim.errors import ScenarioError
from livesim.scenario.scenario import Scenario


@pytest.fixture(scope="module")
def show(scenarios: Path) -> Scenario:
    return livesim.load(scenarios / "incubator.yaml")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("candidate", "newcommer", "Did you mean newcomer?"),
        ("tried", 81, "only 80 pass the screening"),
        ("promotes", 21, "21 are to be promoted of 20"),
        ("training.lift", 0.9, "would lower it"),
        ("trial.length", "25s", "multiple of 10s"),
        ("trial.length", "2h", "at most 1h"),
        ("judged_by", "order", "Did you mean orders?"),
        ("screening.passing", "0%", "only 0 pass"),
    ],
)
def test_mistakes_are_told(show: Scenario, path: str, value: Any, said: str) -> None:
    with pytest.raises(ScenarioError, match=said.replace("?", r"\?")):
        show.with_changes({f"incubator.{path}": value})


def test_the_usual_host_is_no_candidate(show: Scenario) -> None:
    host = {"role": "host", "pull": 1, "lift": 1, "keep": 1, "fit": {}, "late": "0s"}
    neutral = {**host, "pull_by_segment": {}, "fit_by_category": {}, "no_show": "0%"}
    with pytest.raises(ScenarioError, match="in whom candidates cannot differ"):
        show.with_changes({"people.newcomer": neutral})


def test_the_block_is_kept_when_resolved(show: Scenario) -> None:
    again = Scenario.from_data(show.to_data())
    assert again.incubator == show.incubator
    assert again.digest == show.digest
    assert "incubator" not in livesim.load("brand_room").to_data()
