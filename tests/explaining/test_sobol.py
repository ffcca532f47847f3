"""Sobol indices from replications that are there, held against those that are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

from livesim.arrays import Floats
from livesim.explaining.sobol import chance_share, fitted, making_half, shares


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


#: What three normal inputs do to the logarithm of what is wanted, and what is there of it.
_EFFECTS, _THERE = np.array([1.0, 0.6, 0.4]), 3.0


def _short(mean: Any, deviation: float) -> Any:
    """Return the mean of what is short, max(0, exp(mean + deviation z) - there), z normal."""
    reach = (mean - np.log(_THERE)) / deviation
    wanted = np.exp(mean + deviation**2 / 2) * ndtr(reach + deviation)
    return wanted - _THERE * ndtr(reach)


def _shares_of_short() -> Floats:
    """Return its first-order indices by quadrature."""
    z, step = np.linspace(-12, 12, 200_001, retstep=True)
    weight = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * step
    all_of_it = np.sqrt((_EFFECTS**2).sum())
    mean = _short(0.0, all_of_it)
    square = (np.maximum(np.exp(all_of_it * z) - _THERE, 0.0) ** 2 * weight).sum()
    known = [_short(e * z, np.sqrt(all_of_it**2 - e**2)) - mean for e in _EFFECTS]
    return np.array([(one**2 * weight).sum() for one in known]) / (square - mean**2)


def _found_of_short(seeds: int) -> Floats:
    """Return value, low and high of each input's first share, shape (seeds, 3, 3)."""
    found = []
    for seed in range(seeds):
        x = np.random.default_rng(seed).normal(size=(3, 2000))
        told = shares(dict(zip("abc", x, strict=True)), np.maximum(np.exp(_EFFECTS @ x) - 3.0, 0))
        first = {one.path: one.first for one in told.inputs}
        found.append([[first[n].value, first[n].low, first[n].high] for n in "abc"])
    return np.array(found)


def test_the_share_of_what_makes_a_long_tail_is_not_too_low() -> None:
    """Of a figure that is 0 in four shows of five: 0.41 in truth; powers of ranks alone say 0.34.

    The mean of 60 lies 0.01 too high (a ratio's bias) with a standard error of 0.010: it is further
    off than 0.04 by chance once in 700 draws of seeds.
    """
    assert _found_of_short(60)[:, 0, 0].mean() == pytest.approx(_shares_of_short()[0], abs=0.04)


@pytest.mark.slow
def test_intervals_hold_the_shares_of_what_makes_a_long_tail() -> None:
    """Of 300 intervals of each input at least 270 hold the truth: less than 90 % would be too few.

    Of intervals that hold it in 95 of 100, fewer than 270 do by chance in 1 of 5,000, of 94 in 1 of
    400. The largest's mean lies 0.01 too high with a standard error of 0.004: it is further off
    than 0.025 by chance once in 2,000 draws of seeds.
    """
    truth, found = _shares_of_short(), _found_of_short(300)
    held = (found[:, :, 1] <= truth) & (truth <= found[:, :, 2])
    assert (held.sum(axis=0) >= 270).all()
    assert found[:, 0, 0].mean() == pytest.approx(truth[0], abs=0.025)
    assert np.abs(found[:, 1:, 0].mean(axis=0) - truth[1:]).max() < 0.015


def test_few_shows_make_half_of_a_long_tail_and_many_of_a_normal_figure() -> None:
    x = np.random.default_rng(1).normal(size=2000)
    assert making_half(x) > 200
    assert making_half(np.maximum(np.exp(1.3 * x) - 3.0, 0.0)) < 30


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
