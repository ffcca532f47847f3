"""What comes back of the units paid for: a binomial number, from one uniform number a show."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from livesim.engine.settlement import binomial_quantile


@pytest.mark.parametrize("most", [3, 50, 3_000, 1_000_000])
def test_a_count_is_the_quantile_of_the_binomial_law(most: int) -> None:
    """Counts are many, few, or far out in a tail; at further levels no more units are sold."""
    rng = np.random.default_rng(3)
    trials = np.sort(rng.integers(0, most + 1, (300, 8)), axis=1)
    trials[:, 5:] = trials[:, [5]]
    u, chance = rng.random(300), rng.random(300) ** 3
    u[:4] = 1e-9, 1 - 1e-9, 0.5, 0.5
    law = stats.binom(trials, chance[:, None])
    expected = np.where(trials > 0, law.ppf(u[:, None]), 0)
    assert np.array_equal(binomial_quantile(u, trials, chance), expected)


def test_nothing_or_all_comes_back_for_certain() -> None:
    counts = binomial_quantile(np.array([0.9, 0.1]), np.array([[5, 7], [5, 7]]), np.array([0, 1]))
    assert counts.tolist() == [[0, 0], [5, 7]]


def test_counts_of_billions_are_those_of_the_normal_law() -> None:
    """There the binomial's cumulative chance must be right, or each is moved on and on."""
    rng = np.random.default_rng(5)
    u, chance = rng.random(100), 0.1 + 0.8 * rng.random(100)
    trials = np.array([[2_000_000_000, 1_000_000_000_000]])
    spread = np.sqrt(trials * (chance * (1 - chance))[:, None])
    expected = trials * chance[:, None] + stats.norm.ppf(u)[:, None] * spread
    counts = binomial_quantile(u, np.repeat(trials, 100, axis=0), chance)
    np.testing.assert_allclose(counts, expected, rtol=0, atol=3)
