"""What only the agent crowd can do: refuse what it cannot follow, and keep bits for any workers.

What it does as the cohort crowd does is in test_crowds.py.
"""

from __future__ import annotations

from typing import Any

import pytest

import livesim
from livesim.engine.crowd import agent
from livesim.engine.streams import Streams
from livesim.errors import UsageError


def test_more_viewers_than_can_be_followed_are_refused_before_any_comes(agents: Any) -> None:
    with pytest.raises(UsageError, match="or the cohort engine"):
        agents.start(reach="2M", turnout="60%")


@pytest.mark.slow
def test_viewers_beyond_the_expected_are_refused_when_they_have_come(
    agents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent, "MOST_VIEWERS", 2_000)
    agents.start().act(0, agents.rates())
    crowd = agents.start(word_of_mouth=10)
    with pytest.raises(UsageError, match="2,000 is the most"):
        crowd.act(0, agents.rates())


def test_every_block_row_and_segment_has_a_stream_of_its_own() -> None:
    streams = [
        Streams(seed, block).viewers(segment, row)
        for seed in (1, 2)
        for block in (0, 1)
        for segment in ("fans", "others")
        for row in (0, 1)
    ]
    assert len({stream.random() for stream in streams}) == 16


@pytest.mark.slow
def test_the_same_bits_for_any_number_of_workers(agents: Any) -> None:
    scenario = agents.scenario.with_changes({"segments.fans.reach": 10, "show.refresh": "10s"})
    one, two = (
        livesim.simulate(scenario, replications=300, engine="agent", workers=workers)
        for workers in (1, 2)
    )
    assert one.engine == "agent"
    assert one.fingerprint == two.fingerprint
    assert one.fingerprint != livesim.simulate(scenario, replications=300, workers=1).fingerprint
