"""Ranking and selection against every group written out, limits, and a numerical integral."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy.special import roots_hermitenorm
from scipy.stats import multivariate_normal

from livesim.errors import UsageError
from livesim.planning.selection import (
    Measured,
    apart,
    best_promoted,
    drawn_groups,
    hurdles,
    jackknifed,
    promoted,
    share_of_first,
)

Array = np.ndarray


def picked(scores: Array, worths: Array, group: int, best: int = 1) -> float:
    return best_promoted(hurdles(scores, worths), group, best, np.ones(len(scores), dtype=bool))


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
    assert abs(found.value - 1 / group) < 2 * found.half_width
    assert found.half_width < 0.06
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
    assert abs(found.value - expected) < 2 * found.half_width
    assert found.half_width < 0.04
    wrong = correct_selection(group, 2 * noise)
    assert abs(found.value - wrong) > 2 * found.half_width, "the check could not fail"


def test_the_integral_knows_a_closed_form() -> None:
    """Of two, the better is picked with 1/2 + arctan(1 / noise) / π (Sheppard 1899)."""
    for noise in (0.5, 1.0, 2.0):
        closed = 0.5 + np.arctan(1 / noise) / np.pi
        assert correct_selection(2, noise) == pytest.approx(closed, abs=2e-3)


def test_the_jackknife_of_a_mean_is_that_of_batches_and_of_no_fewer_than_20_parts() -> None:
    values = np.random.default_rng(1).normal(size=1000)
    for candidates in (1000, 500, 100):
        some = values[:candidates]
        (mean,) = jackknifed(lambda kept, some=some: [some[kept].mean()], candidates)
        assert mean.pseudo == pytest.approx(some.reshape(20, -1).mean(axis=1))
    assert mean.minus(mean).half_width == 0
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
    wanted = 2.093 * of_shows.std(ddof=1) / np.sqrt(20)  # Student's t of 19 degrees of freedom
    assert alone.half_width < 1e-6 and both.half_width == pytest.approx(wanted, rel=1e-3)
    assert both.minus(both).half_width == 0
