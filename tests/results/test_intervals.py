"""Intervals: worked values, what is refused, and whether 95 % means 95 %.

Coverage is measured over many simulated studies with fixed seeds, so these checks cannot fail at
random; the stated rate is the chance that a sound change of the scheme makes the check fail once.
With 4,000 studies the standard error of a coverage of 95 % is 0.34 points: an interval that covers
less than 93.3 % or more than 96.7 % is told from 95 % with a false-alarm rate of 1e-6.
"""

from math import inf, nan, sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import binomtest, ttest_1samp

from livesim.randomness import BATCH, BLOCK, generator, latin_hypercube
from livesim.results.intervals import (
    Estimate,
    chance_interval,
    estimate,
    mean_interval,
    quantile,
    quantile_interval,
)

STUDIES = 4000
SLACK = 4.9 * sqrt(0.95 * 0.05 / STUDIES)

shares = st.floats(0.001, 0.999)
figures = st.lists(st.floats(-1e9, 1e9) | st.just(inf), min_size=1, max_size=300)


# --- Means ---------------------------------------------------------------------------------------


def test_mean_interval_is_students_t_over_batch_means() -> None:
    """Batch means 1, 2, 6: mean 3, standard error √(7/3), t(2; 0.975) = 4.302653 [tables]."""
    mean, half_width = mean_interval([0, 2, 2, 2, 5, 7], batch=2)
    assert mean == 3
    assert half_width == pytest.approx(4.302653 * sqrt(7 / 3), rel=1e-6)


@pytest.mark.parametrize("size", [1, BATCH])
def test_no_half_width_of_one_batch_or_one_replication(size: int) -> None:
    assert mean_interval(np.arange(size)) == ((size - 1) / 2, None)


@pytest.mark.parametrize("size", [2, BATCH - 1, BATCH + 1, 2 * BATCH - 1, 2 * BATCH + 1])
def test_what_is_no_whole_batches_is_taken_as_independent(size: int) -> None:
    """Rows of inputs that were given: Student's t over them, as in any textbook."""
    values = np.arange(size) ** 2.0
    mean, half_width = mean_interval(values)
    found = ttest_1samp(values, 0).confidence_interval(0.95)
    assert (mean - half_width, mean + half_width) == pytest.approx((found.low, found.high))


def test_two_batches_are_enough() -> None:
    assert mean_interval(np.repeat([1.0, 3.0], BATCH))[1] == pytest.approx(12.7062, rel=1e-5)


def test_constant_figure_has_no_error() -> None:
    assert mean_interval(np.full(BLOCK, 7)) == (7.0, 0.0)


@pytest.mark.parametrize("bad", [nan, inf, -inf])
def test_mean_of_what_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match=r"finite|nan"):
        mean_interval([1.0, bad])


def stratified_figures(study: int) -> np.ndarray:
    """One block of a figure like demand: lognormal in a stratified quantity, with luck on top."""
    appeal = np.exp(0.5 * ndtri(latin_hypercube(study, "appeal", 0)))
    return appeal + 0.1 * generator(study, "luck").standard_normal(BLOCK)


def test_mean_interval_covers_stratified_batches_and_the_naive_one_is_too_wide() -> None:
    """Coverage over 4,000 blocks of 5 batches within [93.3 %, 96.7 %]; the naive one covers all."""
    truth = np.exp(0.5**2 / 2)
    covered = naively = 0
    widths, naive_widths = [], []
    for study in range(STUDIES):
        values = stratified_figures(study)
        mean, half_width = mean_interval(values)
        assert half_width is not None
        naive = 1.96 * values.std(ddof=1) / sqrt(BLOCK)
        covered += abs(mean - truth) <= half_width
        naively += abs(mean - truth) <= naive
        widths.append(half_width)
        naive_widths.append(naive)
    assert abs(covered / STUDIES - 0.95) < SLACK
    assert naively / STUDIES > 0.999
    assert np.mean(naive_widths) > 2 * np.mean(widths)


def test_mean_interval_covers_independent_values() -> None:
    """Coverage over 4,000 studies within [93.3 %, 96.7 %]; 1.96 for t(4) would cover 87.8 %."""
    studies = generator(0, "independent").standard_normal((STUDIES, BLOCK))
    intervals = [mean_interval(values) for values in studies]
    covered = sum(abs(mean) <= half_width for mean, half_width in intervals if half_width)
    assert abs(covered / STUDIES - 0.95) < SLACK


# --- Chances -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hits,trials", [(0, 1), (1, 1), (0, 250), (3, 250), (125, 250), (250, 250)]
)
def test_chance_interval_is_wilsons(hits: int, trials: int) -> None:
    """Against SciPy's; its normal quantile and ours agree to the last digits."""
    expected = binomtest(hits, trials).proportion_ci(0.95, method="wilson")
    chance, low, high = chance_interval(hits, trials)
    assert chance == hits / trials
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(st.integers(1, 10**7), st.data())
def test_chance_interval_holds_the_chance_and_is_never_a_point(
    trials: int, data: st.DataObject
) -> None:
    hits = data.draw(st.integers(0, trials))
    chance, low, high = chance_interval(hits, trials)
    assert 0 <= low <= chance <= high <= 1
    assert low < high
    mirrored = chance_interval(trials - hits, trials)
    assert mirrored[1:] == pytest.approx((1 - high, 1 - low), abs=1e-12)


@pytest.mark.parametrize("hits,trials", [(0, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(hits: int, trials: int) -> None:
    with pytest.raises(ValueError, match="hits"):
        chance_interval(hits, trials)


@pytest.mark.parametrize("chance", [0.02, 0.1, 0.5, 0.83])
def test_chance_interval_covers(chance: float) -> None:
    """Exact coverage at 1,000 trials within [94 %, 96 %], by summing the binomial; no luck in it.

    Wald's interval covers 92.8 % at 0.02.
    """
    from scipy.stats import binom

    hits = np.arange(1001)
    bounds = np.array([chance_interval(int(h), 1000)[1:] for h in hits])
    holds = (bounds[:, 0] <= chance) & (chance <= bounds[:, 1])
    assert 0.94 < binom.pmf(hits, 1000, chance)[holds].sum() < 0.96


# --- Quantiles -----------------------------------------------------------------------------------


@given(figures, shares)
def test_quantile_is_the_least_value_that_enough_do_not_exceed(
    values: list[float], q: float
) -> None:
    assume(abs(q * len(values) - round(q * len(values))) > 1e-5)
    found = quantile(values, q)
    found = inf if found is None else found
    assert found in values
    assert sum(value <= found for value in values) >= q * len(values)
    assert sum(value < found for value in values) < q * len(values)


@pytest.mark.parametrize("percent", range(1, 100))
@pytest.mark.parametrize("times", [1, 10])
def test_quantile_at_a_whole_rank_is_that_rank(percent: int, times: int) -> None:
    """In floats 0.07 × 100 is above 7: without care the next value would be taken."""
    values = range(1, 100 * times + 1)
    assert quantile(values, percent / 100) == percent * times


def test_quantile_just_above_a_rank_is_the_next() -> None:
    assert quantile(range(1, 1001), 0.500001) == 501
    assert quantile(range(1, 1001), 1e-12) == 1


def test_quantile_is_none_only_where_it_never_happened() -> None:
    values = [inf, 10.0, inf, 20.0]
    assert [quantile(values, q) for q in (0.25, 0.5, 0.51, 0.9)] == [10.0, 20.0, None, None]


@pytest.mark.parametrize("summary", [quantile, quantile_interval])
@pytest.mark.parametrize("q", [0.0, 1.0, -0.1, 1.1, nan, 50])
def test_share_outside_its_range_is_refused(summary, q: float) -> None:
    with pytest.raises(ValueError, match="share"):
        summary([1.0, 2.0], q)


@pytest.mark.parametrize("values", [[], [1.0, nan], [1.0, -inf], [[1.0, 2.0]], 3.0])
def test_what_is_not_a_figure_is_refused(values: object) -> None:
    for summary in (
        mean_interval,
        estimate,
        lambda v: quantile(v, 0.5),
        lambda v: quantile_interval(v, 0.5),
    ):
        with pytest.raises(ValueError, match="figure"):
            summary(values)


@given(figures, shares)
def test_quantile_interval_holds_the_quantile(values: list[float], q: float) -> None:
    low, high = quantile_interval(values, q)
    found = quantile(values, q)
    assert low <= (inf if found is None else found) <= high


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("trials", [250, 1000])
def test_quantile_interval_covers(q: float, trials: int) -> None:
    """Exact coverage at least 95 %, and under it by one rank less on either side; no luck in it."""
    from scipy.stats import binom

    low, high = (int(rank) for rank in quantile_interval(np.arange(1, trials + 1), q))

    def coverage(low: int, high: int) -> float:
        """Chance that at least `low` and fewer than `high` values lie up to the true quantile."""
        return float(binom.cdf(high - 1, trials, q) - binom.cdf(low - 1, trials, q))

    assert binom.cdf(low - 1, trials, q) <= 0.025 < binom.cdf(low, trials, q)
    assert binom.sf(high - 1, trials, q) <= 0.025 < binom.sf(high - 2, trials, q)
    assert 0.95 <= coverage(low, high) < 0.98


def test_quantile_interval_covers_simulated_studies() -> None:
    """Coverage over 4,000 studies of times that may never come; at least 93.3 %."""
    times = generator(0, "times").exponential(size=(STUDIES, BLOCK))
    times[times > 1.5] = inf
    truth = -np.log(0.5)
    covered = sum(low <= truth <= high for low, high in (quantile_interval(t, 0.5) for t in times))
    assert 0.95 - SLACK < covered / STUDIES < 0.98


def test_quantile_interval_is_cautious_on_stratified_values() -> None:
    covered = 0
    for study in range(500):
        low, high = quantile_interval(latin_hypercube(study, "x", 0), 0.9)
        covered += low <= 0.9 <= high
    assert covered / 500 >= 0.95


def test_quantile_interval_is_open_where_the_values_say_nothing() -> None:
    assert quantile_interval([5.0], 0.5) == (-inf, inf)
    low, high = quantile_interval(np.arange(BLOCK), 0.001)
    assert low == -inf and high < 5
    assert quantile_interval([1.0] * 160 + [inf] * 90, 0.6) == (1.0, inf)


# --- The summary of a figure ---------------------------------------------------------------------


def test_estimate_says_what_its_parts_say() -> None:
    values = stratified_figures(1)
    mean, half_width = mean_interval(values)
    parts = [quantile(values, q) for q in (0.1, 0.5, 0.9)]
    assert estimate(values) == Estimate(mean, half_width, *parts)
    assert list(estimate(values).as_dict().items()) == [
        ("mean", mean), ("half_width", half_width),
        ("p10", parts[0]), ("p50", parts[1]), ("p90", parts[2]),
    ]  # fmt: skip


def test_figure_that_may_never_happen_has_quantiles_and_no_mean() -> None:
    values = np.repeat([60.0, 90.0, inf], [40, 100, 110])
    assert estimate(values) == Estimate(None, None, p10=60.0, p50=90.0, p90=None)
    assert estimate([inf]) == Estimate(None, None, None, None, None)


@pytest.mark.parametrize("kind", [bool, np.int64, np.float32])
def test_estimate_is_of_plain_floats(kind: type) -> None:
    for value in estimate(np.ones(BLOCK, dtype=kind)).as_dict().values():
        assert type(value) is float
