"""Sobol indices from replications that are there, held against those that are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from livesim.explaining.sobol import chance_share, fitted, shares


def ishigami(x: Any) -> Any:
    """Ishigami and Homma (1990); indices as in Saltelli et al. (2008), with a = 7 and b = 0.1."""
    return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


def test_the_indices_of_ishigami() -> None:
    """Known: 0.314, 0.442, 0 alone; 0.558, 0.442, 0.244 in all. Cubes miss a part of the pair."""
    luck = np.random.default_rng(1)
    x = luck.uniform(-np.pi, np.pi, (3, 4000))
    found = shares({"a": x[0], "b": x[1], "c": x[2]}, ishigami(x))
    first = {one.path: one.first.value for one in found.inputs}
    total = {one.path: one.total.value for one in found.inputs}
    assert [first[name] for name in "abc"] == pytest.approx([0.314, 0.442, 0.0], abs=0.03)
    assert [total[name] for name in "abc"] == pytest.approx([0.558, 0.442, 0.244], abs=0.05)
    assert [one.path for one in found.inputs] == ["a", "b", "c"]


def test_intervals_hold_the_shares_of_a_product_of_lognormals() -> None:
    """First-order indices in closed form: (e^{s²} − 1) / (e^{2 s²} − 1).

    Of 80 intervals at 95 % at least 69 hold it: fewer happen by chance once in 1,000 runs.
    """
    deviation = 0.4
    one = np.exp(deviation**2) - 1
    truth = one / ((one + 1) ** 2 - 1)
    held = 0
    for seed in range(40):
        x = np.random.default_rng(seed).normal(size=(3, 2000)) * deviation
        found = shares(dict(zip("abc", x, strict=True)), np.exp(x[0] + x[1]))
        held += sum(o.first.low <= truth <= o.first.high for o in found.inputs if o.path in "ab")
    assert held >= 69


def test_pairs_that_cannot_be_told_apart_are_missing_and_not_nothing() -> None:
    """Twenty inputs have 190 pairs, for which 1,000 replications are too few."""
    x = np.random.default_rng(1).normal(size=(20, 1000))
    found = shares({str(n): x[n] for n in range(20)}, x[0] * x[1])
    assert found.together is None
    assert {one.total for one in found.inputs} == {None}


def test_what_decides_nothing_has_no_share_on_average() -> None:
    """Ten inputs of no effect, 40 times: mean within 4.5 standard errors of 0."""
    found = []
    for seed in range(40):
        x = np.random.default_rng(seed).normal(size=(11, 1000))
        told = shares({str(n): x[n] for n in range(10)}, x[10])
        found += [one.first.value for one in told.inputs]
    error = np.std(found) / len(found) ** 0.5
    assert abs(np.mean(found)) < 4.5 * error


def test_a_person_who_may_not_come_is_an_input_of_two_values() -> None:
    luck = np.random.default_rng(2)
    away, other = (luck.random(2000) < 0.2).astype(float), luck.random(2000)
    found = shares({"away": away, "other": other}, 5.0 * away + other)
    truth = 25 * away.var() / (25 * away.var() + 1 / 12)
    assert found.inputs[0].path == "away"
    assert found.inputs[0].first.value == pytest.approx(truth, abs=0.02)
    assert found.inputs[0].rises > 0.6


def test_what_never_varies_has_no_shares() -> None:
    some, none = np.arange(100.0), np.zeros(100)
    assert shares({"some": some}, none).inputs == ()
    assert shares({"none": none}, some).inputs == ()
    assert chance_share(none, none, none).value == 0.0


def test_chance_is_half_the_squared_difference_of_pairs() -> None:
    """By hand: pairs (1, 3) and (2, 2) differ by 2 and 0; half the mean square is 1."""
    figure = np.array([0.0, 2.0, 4.0, 2.0])  # of variance 2
    assert chance_share(figure, np.array([1.0, 2.0]), np.array([3.0, 2.0])).value == 0.5


def test_a_fit_follows_a_product_of_two() -> None:
    x = np.random.default_rng(3).random((2, 2000))
    said = fitted(list(x), (x[0] * x[1])[:, None])[:, 0]
    assert np.abs(said - x[0] * x[1]).max() < 0.02
