"""Paired differences: exact where nothing differs, narrower than separate runs, and they cover."""

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import multinomial

from livesim.experiment.pairing import (
    RESAMPLES,
    Difference,
    chance_difference,
    mean_difference,
    median_difference,
    resampled_medians,
)
from livesim.randomness import BLOCK, generator, latin_hypercube
from livesim.results.intervals import quantile

STUDIES = 2000
#: 3.5 standard errors of a coverage of 95 % over so many studies: a false alarm in 2,000.
SLACK = 3.5 * (0.95 * 0.05 / STUDIES) ** 0.5


def medians_apart(base: np.ndarray, other: np.ndarray, seed: int = 1) -> Difference:
    return median_difference(base, other, *resampled_medians(np.stack([base, other]), seed))


def two_shows(study: int) -> tuple[np.ndarray, np.ndarray]:
    """Return demand of two shows that share a stratified uncertainty; apart by 0.2 on average."""
    shared = ndtri(latin_hypercube(study, "appeal", 0))
    luck = generator(study, "luck").standard_normal((2, BLOCK))
    return np.exp(0.5 * shared) + 0.1 * luck[0], np.exp(0.5 * shared) + 0.2 + 0.1 * luck[1]


# --- All kinds ------------------------------------------------------------------------------------

figures = st.lists(st.floats(0, 1e6), min_size=100, max_size=100).map(np.array)
times = st.lists(st.sampled_from([5.0, 10.0, 70.0, inf]), min_size=100, max_size=100).map(np.array)
events = st.lists(st.booleans(), min_size=100, max_size=100).map(np.array)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("apart", "values"),
    [(mean_difference, figures), (chance_difference, events), (medians_apart, times)],
)
def test_swapping_flips_signs_and_what_equals_itself_is_a_tie(apart, values) -> None:
    @settings(deadline=None, max_examples=30)
    @given(values, values)
    def check(base: np.ndarray, other: np.ndarray) -> None:
        one, back = apart(base, other), apart(other, base)
        assert (one.value, one.same, one.significant) == (-back.value, back.same, back.significant)
        assert (one.low, one.high) == pytest.approx((-back.high, -back.low))
        assert one.low <= one.value <= one.high
        equal = apart(base, base)
        assert equal.same and not equal.significant and equal.value == 0

    check()


# --- Means ----------------------------------------------------------------------------------------


def test_what_is_constant_has_no_error() -> None:
    luck = generator(0, "luck").normal(1e4, 3e3, BLOCK)
    found = mean_difference(luck, luck - 1000)
    assert found.value == pytest.approx(-1000, abs=1e-8)
    assert found.half_width == pytest.approx(0, abs=1e-8)
    assert found.significant and not found.same
    assert found.narrowing is None


def test_rounding_is_no_difference() -> None:
    tenths = np.full(100, 0.1)
    found = mean_difference(tenths + 0.2, np.full(100, 0.3))
    assert found.same
    assert not mean_difference(tenths, tenths + 1e-9).same


@pytest.mark.slow
def test_the_interval_of_a_mean_covers() -> None:
    """Coverage over 2,000 blocks of 5 batches; by chance outside once in 2,000 test runs."""
    found = [mean_difference(*two_shows(study)) for study in range(STUDIES)]
    covered = sum(one.low <= 0.2 <= one.high for one in found)
    assert abs(covered / STUDIES - 0.95) < SLACK


def test_narrowing_is_the_ratio_of_standard_errors() -> None:
    """Without strata: sd √(σ² + s²) of each show apart, s of both paired, here a ratio of 5.1."""
    random = generator(0, "two shows")
    shared = 5 * random.standard_normal(50_000)
    base, other = shared + random.standard_normal((2, 50_000))
    narrowing = mean_difference(base, other).narrowing
    assert narrowing == pytest.approx(26**0.5, rel=0.1)  # an sd of 3 % over 1,000 batches


def test_a_mean_needs_two_replications() -> None:
    with pytest.raises(ValueError, match="two replications"):
        mean_difference(np.zeros(1), np.zeros(1))


# --- Chances --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("gained", "lost"), [(0.0, 0.0), (0.02, 0.0), (0.02, 0.02), (0.1, 0.05), (0.3, 0.1)]
)
def test_the_interval_of_a_chance_covers(gained: float, lost: float) -> None:
    """Exact coverage at 100 replications, by summing the multinomial; no luck in it."""
    covered = total = 0.0
    for more in range(101):
        for less in range(101 - more):
            weight = multinomial.pmf(
                [more, less, 100 - more - less], 100, [gained, lost, 1 - gained - lost]
            )
            if weight < 1e-7:
                continue
            base, other = np.zeros((2, 100), dtype=bool)
            other[:more] = base[more : more + less] = True
            found = chance_difference(base, other)
            total += weight
            covered += weight * (found.low <= gained - lost <= found.high)
    assert total > 0.9999
    assert covered > 0.93


def test_a_chance_that_never_differs_still_has_an_error() -> None:
    never = np.zeros(1000, dtype=bool)
    found = chance_difference(never, never)
    assert found.low < 0 < found.high < 0.004


def test_a_difference_of_chances_ends_at_one() -> None:
    assert chance_difference(np.zeros(100, dtype=bool), np.ones(100, dtype=bool)).high == 1


# --- Medians --------------------------------------------------------------------------------------


def test_resampled_medians_are_medians_of_samples_and_paired() -> None:
    random = generator(0, "times")
    first = np.where(random.random(150) < 0.4, inf, random.exponential(60.0, 150))
    medians = resampled_medians(np.stack([first, first + 5]), seed=3)
    stream = generator(3, "comparing", "resampled replications")
    for sample in range(RESAMPLES):
        expected = quantile(first[stream.integers(150, size=150)], 0.5)
        assert medians[0, sample] == (inf if expected is None else expected)
    finite = np.isfinite(medians[0])
    assert np.allclose(medians[1, finite], medians[0, finite] + 5)


@pytest.mark.slow
def test_the_interval_of_a_median_covers_and_is_not_too_wide() -> None:
    """Over 120 studies: 89 % is 3 standard errors below 95 %, and 1.4 is 6 above a fair width."""
    found = []
    for study in range(120):
        random = generator(study, "times")
        shared, own = random.exponential(60.0, 1000), random.exponential(10.0, (2, 1000))
        found.append(medians_apart(shared + own[0], shared + own[1] + 30))
    covered = sum(one.low <= 30 <= one.high for one in found)
    fair = 1.96 * np.std([one.value for one in found])
    assert covered / 120 > 0.89
    assert np.mean([one.high - one.low for one in found]) / 2 < 1.4 * fair


def test_never_is_honest() -> None:
    minute, never = np.full(100, 60.0), np.full(100, inf)
    gone, back = medians_apart(minute, never), medians_apart(never, minute)
    assert (gone.value, gone.significant, gone.half_width) == (inf, True, None)
    assert (back.value, back.significant) == (-inf, True)
    seldom = np.where(np.arange(100) < 30, 60.0, inf)
    both = medians_apart(never, seldom)
    assert (both.value, both.significant, both.same) == (0, False, False)
