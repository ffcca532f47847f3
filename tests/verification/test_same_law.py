"""The engines side by side at a first look, and whether the comparison sees what it says it does.

The second look, at every show, is among the checks.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import same_law
from checks import assert_no_difference
from same_law import (
    COHORT_BLOCKS,
    COMPARISONS,
    FAST,
    LOOKS,
    Blocks,
    compared,
    detectable,
    engines_compared,
    ever_more,
    figures,
    seed_of,
)
from scipy import stats
from shows import MECHANISMS, SHOWS
from two_samples import cuts, detectable_chance, detectable_shift, p_values

from livesim.randomness import BLOCK, generator


@pytest.mark.slow
@pytest.mark.verification
@pytest.mark.parametrize("name", FAST)
def test_the_engines_have_the_same_law_at_a_first_look(name: str, seed: int) -> None:
    assert_no_difference(engines_compared(name, seed), LOOKS[:1])


@pytest.mark.verification
@pytest.mark.thorough
@pytest.mark.parametrize("name", MECHANISMS)
def test_the_comparison_sees_whether_a_mechanism_works(name: str, seed: int) -> None:
    """So every mechanism is active in its show, and strong enough to be compared there."""
    mechanism = MECHANISMS[name]
    show = SHOWS[mechanism.show]
    on = Blocks(show, "cohort", seed_of(seed, name, "on"))
    off = Blocks(mechanism.off(show), "cohort", seed_of(seed, name, "off"))
    with pytest.raises(AssertionError, match="p ="):
        assert_no_difference(ever_more(off, on), LOOKS)


@pytest.mark.verification
def test_every_show_has_a_mechanism() -> None:
    assert {mechanism.show for mechanism in MECHANISMS.values()} == set(SHOWS)


@pytest.mark.verification
@pytest.mark.thorough
def test_no_show_has_more_comparisons_than_stated() -> None:
    for show in SHOWS.values():
        outcome = show.simulated("cohort", 1, 0)
        found = sum(1 for _ in compared(outcome, show.simulated("cohort", 2, 0)))
        assert 500 < found <= COMPARISONS
        names = [name for name, _ in figures(outcome)]
        assert len(set(names)) == len(names)


# The comparison itself --------------------------------------------------------------------------

DRAWS = {
    "counts": lambda rng, size: rng.poisson(3.0, size),
    "a rare thing": lambda rng, size: rng.binomial(1, 0.03, size),
    "skewed amounts": lambda rng, size: rng.lognormal(0, 1.5, size),
    "times, some never": lambda rng, size: np.where(
        rng.random(size) < 0.3, math.inf, rng.exponential(60, size)
    ),
}


@pytest.mark.slow
@pytest.mark.verification
@pytest.mark.parametrize("what", DRAWS)
def test_p_values_are_no_smaller_than_they_should_be(what: str) -> None:
    """At 1 in 1,000, on the sizes of a first look; 1,000 samples, a dozen p-values each."""
    rng = generator(1, "p-values", what)
    found = np.array(
        [
            p
            for _ in range(1_000)
            for _, p in p_values("x", DRAWS[what](rng, BLOCK), DRAWS[what](rng, 4 * BLOCK))
        ]
    )
    small = int((found < 1e-3).sum())
    assert small <= stats.poisson.isf(1e-5, 1e-3 * len(found)), small / len(found)


@pytest.mark.verification
def test_a_rank_sum_is_nearly_normal_far_out() -> None:
    """Against the exact law of the rank sums of smaller samples: if anything, it alarms later."""
    rng = generator(1, "far out")
    one, other = rng.normal(-0.85, 1, 50), rng.normal(0, 1, 200)
    exact = stats.mannwhitneyu(one, other, method="exact").pvalue
    assert exact < 1e-7
    assert exact < dict(p_values("x", one, other))["x: place"] < 20 * exact


@pytest.mark.slow
@pytest.mark.verification
def test_the_comparison_sees_the_difference_that_it_states() -> None:
    one, other, alarm = BLOCK, COHORT_BLOCKS * BLOCK, 1e-6
    shift = detectable_shift(one, other, alarm)
    chance = detectable_chance(one, other, alarm)
    rng = generator(1, "power")
    seen = np.array(
        [
            (
                dict(p_values("x", rng.normal(shift, 1, one), rng.normal(0, 1, other)))["x: place"]
                < alarm,
                min(
                    p
                    for _, p in p_values(
                        "x", rng.random(one) < 0.5 + chance, rng.random(other) < 0.5
                    )
                )
                < alarm,
            )
            for _ in range(400)
        ]
    )
    assert (seen.mean(axis=0) >= 0.97).all(), seen.mean(axis=0)


@pytest.mark.verification
def test_the_suite_sees_what_it_says() -> None:
    """At the second look at a show, with 99 % power, as the module's text says."""
    seen = detectable()
    assert seen == {
        "a mean, in standard deviations": pytest.approx(0.30, abs=0.005),
        "a chance of 50 %": pytest.approx(0.15, abs=0.005),
        "a chance of 5 %": pytest.approx(0.06, abs=0.005),
    }
    assert all(f"{value:.2f}" in str(same_law.__doc__) for value in seen.values())


def test_values_that_are_equally_far_from_the_middle_have_no_spread_to_compare() -> None:
    half = np.repeat([0.0, 1.0], 100)
    found = dict(p_values("x", half, half))
    assert found["x: spread"] == 1.0
    assert found["x: place"] > 0.5


def test_a_cut_lies_where_never_begins() -> None:
    some = np.array([1.0, 2.0, 3.0, math.inf])
    assert cuts(np.repeat(some, [1, 1, 1, 997]), some).tolist() == [3.0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([5.0] * 50, [5.0] * 200),
        ([math.inf] * 50, [math.inf] * 200),
    ],
)
def test_what_is_always_the_same_is_not_compared(one: list[float], other: list[float]) -> None:
    assert list(p_values("x", np.array(one), np.array(other))) == []
