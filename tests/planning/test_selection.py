"""Ranking and selection against every group written out, limits, and a numerical integral."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr, ndtri, roots_hermitenorm
from scipy.stats import multivariate_normal

from livesim.errors import UsageError
from livesim.planning.selection import (
    Measured,
    apart,
    best_promoted,
    drawn_groups,
    hurdles,
    jackknifed,
    least_candidates,
    promoted,
    share_of_first,
)
from livesim.randomness import BLOCK, latin_hypercube
from livesim.results.intervals import mean_sides

Array = np.ndarray


def picked(scores: Array, worths: Array, group: int, best: int = 1) -> float:
    return best_promoted(hurdles(scores, worths), group, best, np.ones(len(scores), dtype=bool))


def ends(found: Measured) -> tuple[float, float]:
    interval = found.interval()
    assert interval is not None
    return interval


def measured_pick(scores: Array, worths: Array, group: int) -> Measured:
    (found,) = jackknifed(lambda kept: [picked(scores[kept], worths[kept], group)], len(scores))
    return found


@pytest.mark.parametrize(("group", "best"), [(1, 1), (3, 1), (4, 2), (5, 3), (9, 4)])
def test_all_groups_at_once_are_all_groups_one_by_one(group: int, best: int) -> None:
    luck = np.random.default_rng(group)
    scores, worths = luck.normal(size=(2, 9))
    allowed = scores > -0.5
    groups = [list(members) for members in combinations(range(9), group)]
    chances, right = np.zeros(9), 0
    for members in groups:
        first = sorted(members, key=lambda one: -scores[one])[:best]
        chances[first] += 1 / len(groups)
        worthiest = max(members, key=lambda one: worths[one])
        right += worthiest in first and bool(allowed[worthiest])
    assert promoted(scores, group, best) == pytest.approx(chances)
    found = best_promoted(hurdles(scores, worths), group, best, allowed)
    assert found == pytest.approx(right / len(groups))


@pytest.mark.parametrize("group", [2, 5, 40])
def test_without_noise_the_best_is_picked(group: int) -> None:
    worths = np.random.default_rng(3).normal(size=200)
    assert picked(np.exp(worths), worths, group) == pytest.approx(1)


@pytest.mark.parametrize("group", [2, 5])
def test_without_talent_the_best_is_picked_by_luck(group: int) -> None:
    """The score knows nothing of the worth: one in n, two of n with two promoted."""
    scores, worths = np.random.default_rng(4).normal(size=(2, 1000))
    found = measured_pick(scores, worths, group)
    low, high = ends(found)
    assert low < 1 / group < high < low + 0.12
    two = picked(scores, worths, group, best=2)
    assert two == pytest.approx(2 / group, abs=0.03)


def correct_selection(group: int, noise: float) -> float:
    """Return the chance that the best of n normal talents has the highest noisy score.

    The integral over one member's talent and score of the chance that all others lie below in both.
    """
    nodes, weights = roots_hermitenorm(48)
    talent, error = np.meshgrid(nodes, nodes, indexing="ij")
    weight = np.outer(weights, weights) / (2 * np.pi)
    variance = 1 + noise**2
    both = multivariate_normal([0, 0], [[1, 1], [1, variance]])
    below = both.cdf(np.stack([talent, talent + noise * error], axis=-1))
    return float(group * (weight * below ** (group - 1)).sum())


@pytest.mark.slow
@pytest.mark.parametrize(("group", "noise"), [(2, 1.0), (5, 0.5), (10, 1.0), (10, 2.0)])
def test_normal_talents_and_normal_noise(group: int, noise: float) -> None:
    luck = np.random.default_rng(7)
    talent = luck.normal(size=2000)
    found = measured_pick(talent + noise * luck.normal(size=2000), talent, group)
    expected = correct_selection(group, noise)
    low, high = ends(found)
    assert found.value - 2 * (found.value - low) < expected < found.value + 2 * (high - found.value)
    assert high - low < 0.09
    wrong = correct_selection(group, 2 * noise)
    assert wrong < found.value - 2 * (found.value - low), "the check could not fail"


def test_the_integral_knows_a_closed_form() -> None:
    """Of two, the better is picked with 1/2 + arctan(1 / noise) / π (Sheppard 1899)."""
    for noise in (0.5, 1.0, 2.0):
        closed = 0.5 + np.arctan(1 / noise) / np.pi
        assert correct_selection(2, noise) == pytest.approx(closed, abs=2e-3)


def test_the_jackknife_of_a_mean_is_that_of_batches_and_of_no_fewer_than_50_parts() -> None:
    values = np.random.default_rng(1).normal(size=5000)
    for candidates, parts in ((5000, 100), (500, 50), (100, 50)):
        some = values[:candidates]
        (mean,) = jackknifed(lambda kept, some=some: [some[kept].mean()], candidates)
        assert mean.pseudo == pytest.approx(some.reshape(parts, -1).mean(axis=1))
    assert ends(mean.minus(mean)) == (0, 0)
    for wrong in (50, 120):
        with pytest.raises(UsageError, match="take 100"):
            jackknifed(lambda _: [0.0], wrong)


def test_equal_scores_are_parted_by_the_tie() -> None:
    luck = np.random.default_rng(2)
    firsts = [int(np.argmax(apart(np.zeros(4), luck.random(4)))) for _ in range(400)]
    assert np.bincount(firsts, minlength=4).min() > 70
    assert apart(np.array([1.0, 2.0]), np.array([9.0, 0.0])).tolist() == [0, 1]


def test_drawn_groups_agree_with_all_groups() -> None:
    scores = np.random.default_rng(5).normal(size=60)
    groups = drawn_groups(scores, 10, 3, 20_000, np.random.default_rng(6))
    assert (np.diff(scores[groups], axis=1) < 0).all()
    counted = np.bincount(groups.ravel(), minlength=60) / 20_000
    assert counted == pytest.approx(promoted(scores, 10, 3), abs=0.015)


def test_the_share_of_the_first() -> None:
    assert share_of_first(np.ones(10), 0.3) == pytest.approx(0.3)
    assert np.isnan(share_of_first(np.zeros(10), 0.3))


def test_the_chance_of_later_shows_that_all_candidates_share_widens_an_interval() -> None:
    """Candidates that are all alike tell of no error, though their shows were few and unlike."""
    rng = np.random.default_rng(3)
    of_shows = rng.normal(size=20)
    earned = np.tile(of_shows, (1000, 1)) + 1e-6 * rng.normal(size=(1000, 1))

    def mean_of(columns: Array) -> Any:
        return lambda kept: [earned[kept][:, columns].mean()]

    everything = np.arange(20)
    lacking = [mean_of(everything != one) for one in everything]
    (alone,) = jackknifed(mean_of(everything >= 0), 1000)
    (both,) = jackknifed(mean_of(everything >= 0), 1000, lacking)
    wanted = mean_sides(of_shows)
    low, high = ends(alone)
    assert high - low < 1e-5
    low, high = ends(both)
    assert (both.value - low, high - both.value) == pytest.approx(wanted, rel=1e-3)
    assert ends(both.minus(both)) == (0, 0)


def test_a_difference_that_may_be_skewed_either_way_reaches_as_far_to_both_sides() -> None:
    pseudo = np.random.default_rng(4).lognormal(sigma=1.5, size=50)
    skewed = Measured(float(pseudo.mean()), pseudo)
    low, high = ends(skewed)
    assert high - skewed.value > 1.5 * (skewed.value - low)
    low, high_2 = ends(replace(skewed, either_way=True))
    assert (high_2, skewed.value - low) == pytest.approx((high, high - skewed.value))
    assert skewed.above_zero and Measured(1.0).interval() is None and not Measured(1.0).above_zero


#: Log-sds of talents and of the luck of a trial.
TALENT, LUCK = 1.8, 0.7


def worth_of_the_first(group: int) -> float:
    """Return what the best in a trial of n candidates is worth, on average, an integral.

    Of a score that is talent times luck, the talent is known but for a lognormal rest.
    """
    nodes, weights = roots_hermitenorm(120)
    of_score = TALENT**2 + LUCK**2
    told = TALENT**2 / np.sqrt(of_score) * nodes + TALENT**2 * LUCK**2 / of_score / 2
    weight = weights / np.sqrt(2 * np.pi) * group * ndtr(nodes) ** (group - 1)
    return float(weight @ np.exp(told))


def coverage(candidates: int, shows: int, studies: int, group: int = 20) -> float:
    """Return how often an interval holds what the first of n is worth, in later shows of chance."""
    wanted, held = worth_of_the_first(group), 0
    for seed in range(studies):
        rng = np.random.default_rng((seed, candidates, shows))
        drawn = [latin_hypercube(seed, "talent", block) for block in range(-(-candidates // BLOCK))]
        talent = np.exp(TALENT * ndtri(np.concatenate(drawn)[:candidates]))
        scores = talent * rng.lognormal(sigma=LUCK, size=candidates)
        strata = (rng.permutation(shows) + rng.random(shows)) / shows
        luck = np.exp(LUCK * ndtri(strata) - LUCK**2 / 2)

        def figures(
            kept: Array,
            columns: Array,
            scores: Array = scores,
            talent: Array = talent,
            luck: Array = luck,
        ) -> list[float]:
            return [float(promoted(scores[kept], group, 1) @ talent[kept] * luck[columns].mean())]

        every = np.arange(shows)
        without = [partial(figures, columns=every != one) for one in every]
        (found,) = jackknifed(partial(figures, columns=every), candidates, without)
        low, high = ends(found)
        held += low <= wanted <= high
    return held / studies


def test_few_earn_most_of_it_and_an_interval_knows_that() -> None:
    """Of 150 studies at least 93 % hold what the integral says (fixed seeds: never by chance).

    97 % do. With Student's t to both sides 77 % did: small pools seldom have one of the best.
    """
    assert coverage(100, 50, 150) >= 0.93


@pytest.mark.thorough
@pytest.mark.parametrize("candidates", [100, 200, 1000])
@pytest.mark.parametrize("shows", [2, 3, 12, 50])
def test_intervals_of_skewed_earnings_hold_what_is_true(candidates: int, shows: int) -> None:
    """Of 1,000 studies at least 93 % hold what the integral says.

    An interval of 95 % falls below that in 0.2 % of such tests, and these hold 96.8 to 100 %. With
    Student's t to both sides 100 and 200 candidates in 12 and 50 shows held 80 to 90 %.
    """
    assert coverage(candidates, shows, 1000) >= 0.93


def coverage_of_another_trial(candidates: int, studies: int, group: int = 20) -> float:
    """Return how often an interval holds what the first of n reach in another trial."""
    wanted, held = worth_of_the_first(group) * np.exp(LUCK**2 / 2), 0
    for seed in range(studies):
        rng = np.random.default_rng((seed, candidates))
        drawn = [latin_hypercube(seed, "talent", block) for block in range(-(-candidates // BLOCK))]
        talent = np.exp(TALENT * ndtri(np.concatenate(drawn)[:candidates]))
        scores, again = talent * rng.lognormal(sigma=LUCK, size=(2, candidates))

        def figures(kept: Array, scores: Array = scores, again: Array = again) -> list[float]:
            return [float(promoted(scores[kept], group, 1) @ again[kept])]

        low, high = ends(jackknifed(figures, candidates)[0])
        held += low <= wanted <= high
    return held / studies


@pytest.mark.thorough
@pytest.mark.parametrize("candidates", [100, 200, 1000])
def test_intervals_of_another_trial_hold_less_often(candidates: int) -> None:
    """Of 1,000 studies 91.2, 93.5 and 92.2 % hold (fixed seeds: never otherwise by chance)."""
    assert 0.88 <= coverage_of_another_trial(candidates, 1000) <= 0.97


def test_of_too_few_groups_no_interval_would_hold() -> None:
    """Two groups of 50 in 100 candidates: therefore none is given (`least_candidates`)."""
    assert coverage(100, 50, 100, group=50) < 0.93
    assert least_candidates(50) == 250
