"""Objectives: read, written back, said, and refused with examples."""

from typing import Any

import pytest

from livesim.errors import UsageError
from livesim.planning.objectives import (
    EXAMPLES,
    FillRate,
    LossCap,
    MostProfit,
    Objective,
    Service,
    WorstCap,
    objective_of,
)

READ: list[tuple[str, Objective]] = [
    ("profit", MostProfit()),
    ("service=90%@20min", Service(0.9, 1200.0)),
    ("service = 0.95", Service(0.95)),
    ("service=90% @ 1h30m", Service(0.9, 5400.0)),
    ("fill=95%", FillRate(0.95)),
    ("loss=10%", LossCap(0.1)),
    ("loss=0", LossCap(0.0)),
    ("worst=-50k", WorstCap(-50_000.0)),
    ("worst=1.5M", WorstCap(1_500_000.0)),
    ("worst=0", WorstCap(0.0)),
]


@pytest.mark.parametrize(("text", "objective"), READ)
def test_reading_and_writing(text: str, objective: Objective) -> None:
    assert objective_of(text) == objective
    assert objective_of(str(objective)) == objective


def test_the_examples_can_be_read() -> None:
    assert all(objective_of(text) for text in EXAMPLES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no such objective"),
        ("banana", "no such objective"),
        ("profit=5", "profit takes no value"),
        ("service", "service needs a value"),
        ("service=", "service needs a value"),
        ("service=@20min", "'' is not a share"),
        ("service=90%@0s", "longer than 0 s"),
        ("service=90%@20", "is not a duration"),
        ("fill=100%", "never reached, or always"),
        ("loss=100%", "caps nothing"),
        ("worst=--5", "-5 is out of range"),
        ("worst=-1.299", "could separate thousands"),
    ],
)
def test_what_is_refused_says_the_rule_and_the_ways(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        objective_of(text)
    assert "service=90%@20min" in str(refused.value)


def test_what_is_no_text_is_refused_with_the_rule() -> None:
    nothing: Any = None
    with pytest.raises(UsageError, match="neither a text nor an objective; write one such as"):
        objective_of(nothing)
