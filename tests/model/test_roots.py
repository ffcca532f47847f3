"""Roots of functions of one number."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from scipy.optimize import brentq

from livesim.model.roots import root

FUNCTIONS: dict[str, tuple[Callable[[float], float], float, float]] = {
    "rising": (lambda x: math.exp(x) - 5.0, -13.8, 13.8),
    "falling": (lambda x: 1.0 - x**3, 0.0, 5.0),
    "saturated at both ends": (lambda x: math.tanh(x - 3.0) + 0.5, -13.0, 13.0),
    "a step": (lambda x: -1.0 if x < 0.3 else 1.0, 0.0, 1.0),
    "tiny": (lambda x: 1e-200 * (x - 0.3), 0.0, 1.0),
    "huge": (lambda x: 1e200 * (x - 0.3) ** 3, 0.0, 1.0),
    "at the low end": (lambda x: x, 0.0, 1.0),
    "at the high end": (lambda x: x - 1.0, 0.0, 1.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_root_is_where_scipy_finds_it(name: str) -> None:
    function, low, high = FUNCTIONS[name]
    within = 1e-9
    assert root(function, low, high, within) == pytest.approx(
        brentq(function, low, high, xtol=1e-12), abs=2 * within
    )


def test_a_root_is_found_in_a_few_steps() -> None:
    asked: list[float] = []

    def function(x: float) -> float:
        asked.append(x)
        return math.expm1(x) - 3.0

    root(function, -13.8, 13.8, 1e-10)
    assert len(asked) <= 20


def test_without_a_change_of_sign_there_is_none() -> None:
    with pytest.raises(ValueError, match="the function is 1 at 0 and 2 at 1"):
        root(lambda x: x + 1.0, 0.0, 1.0, 1e-9)
