"""What a line that expects nothing yet is told to say."""

import pytest

import livesim
from livesim.errors import ScenarioError

SHOW = """\
like: drop
title: A quick drop
show: {start: 2026-11-29 20:00, length: 5min, currency: CNY}
viewers: 500
watch_time: 2min
products:
  serum: {price: 100, unit_cost: 30, owned: 10, forecast: 20}
expect:
"""


def test_a_number_alone_is_told_how_it_is_expected() -> None:
    with pytest.raises(ScenarioError) as refused:
        livesim.load(f"{SHOW}  - plan.serum.recommended: 0\n")
    (mistake,) = refused.value.mistakes
    assert "{plan.serum.recommended: [0, 0]}" in (mistake.remedy or "")
    livesim.load(f"{SHOW}  - plan.serum.recommended: [0, 0]\n")
