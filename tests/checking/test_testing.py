"""Deciding what is expected of a figure, on samples whose truth is known.

At an error rate of 5 % the true value lies outside an interval at any of the five looks in at most
50 of 1,000 studies, on average. More than 77 have a chance of less than 1 in 10,000; a procedure
that misses in 10 % of studies is seen in 99 of 100 cases.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, log

import numpy as np
import pytest

from livesim.checking.testing import (
    Array,
    Judgement,
    Sample,
    Wanted,
    judge,
    looks,
    sample,
    tail_of,
)
from livesim.errors import UsageError

STUDIES, ERROR_RATE, TOO_MANY = 1_000, 0.05, 77
LOOKS = looks(4000)
TAIL = tail_of(ERROR_RATE, 1, LOOKS)

Drawn = Callable[[np.random.Generator, int], Array]


def _differences(luck: np.random.Generator, size: int) -> Array:
    return luck.choice([-1.0, 0.0, 1.0], p=[0.02, 0.93, 0.05], size=size)


#: What is drawn, what is taken of it, and its true value. The log-normal law has the skewness of
#: profits; an exponential time that may never come has a quantile, and no mean.
LAWS: dict[str, tuple[Drawn, object, float]] = {
    "normal mean": (lambda luck, n: luck.normal(3, 2, n), "mean", 3.0),
    "skewed mean": (lambda luck, n: luck.lognormal(0, 0.8, n), "mean", exp(0.32)),
    "chance": (lambda luck, n: luck.random(n) < 0.3, "chance", 0.3),
    "rare chance": (lambda luck, n: luck.random(n) < 0.004, "chance", 0.004),
    "difference of chances": (_differences, "difference", 0.03),
    "p90": (lambda luck, n: luck.exponential(1, n), 0.9, -log(0.1)),
}


def misses(law: str, tail: float) -> int:
    """Count the studies in which the truth is refused at any look."""
    drawn, statistic, truth = LAWS[law]
    count = 0
    for study in range(STUDIES):
        values = drawn(np.random.default_rng(study), LOOKS[-1])
        count += any(
            judge(Sample(values[:n], statistic), Wanted(truth, truth), tail).verdict == "broken"  # type: ignore[arg-type]
            for n in LOOKS
        )
    return count


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS)
def test_the_truth_is_seldom_refused_however_often_one_looks(law: str) -> None:
    assert misses(law, TAIL) <= TOO_MANY


def test_looking_often_without_paying_for_it_would_be_seen() -> None:
    assert misses("normal mean", ERROR_RATE / 2) > TOO_MANY


@pytest.mark.parametrize(
    ("wanted", "verdict"),
    [
        (Wanted(low=0.5), "holds"),
        (Wanted(0.5, 0.99), "holds"),
        (Wanted(low=0.95), "broken"),
        (Wanted(high=0.5), "broken"),
        (Wanted(0.1, 0.2), "broken"),
        (Wanted(low=0.78), "undecided"),
        (Wanted(0.78, 0.82), "undecided"),
    ],
)
def test_all_of_the_interval_counts(wanted: Wanted, verdict: str) -> None:
    often = Sample(np.arange(500) % 5 > 0, "chance")
    assert judge(often, wanted, 0.001).verdict == verdict


def test_an_end_is_expected_but_by_more_than_and_less_than() -> None:
    units = Sample(np.full(250, 50.0), "mean")
    ends = [Wanted(low=50), Wanted(high=50)]
    beyond = [Wanted(low=50, strict=True), Wanted(high=50, strict=True)]
    assert {judge(units, wanted, 0.01).verdict for wanted in ends} == {"holds"}
    assert {judge(units, wanted, 0.01).verdict for wanted in beyond} == {"broken"}


def test_about_as_many_as_are_said_to_be_needed_decide_it() -> None:
    def after(replications: float) -> Judgement:
        four_in_five = np.arange(50 * round(replications / 50)) % 5 > 0
        return judge(Sample(four_in_five, "chance"), Wanted(low=0.77), 0.001)

    needed = after(250).needed
    assert needed is not None and needed % 250 == 0
    assert (after(0.7 * needed).verdict, after(1.2 * needed).verdict) == ("undecided", "holds")


def test_what_lies_at_the_end_itself_is_never_said_to_be_decided_soon() -> None:
    even = Sample(np.tile([-1.0, 1.0], 125), "mean")
    assert judge(even, Wanted(low=0), 0.01).needed is None


def test_never_is_later_than_any_time() -> None:
    seldom = Sample(np.where(np.arange(250) % 10, inf, 60.0), 0.5, "s")
    assert judge(seldom, Wanted(high=300), 0.01).verdict == "broken"
    assert judge(seldom, Wanted(low=300, strict=True), 0.01).verdict == "holds"
    with pytest.raises(UsageError, match=r"no mean.*p10, p50 or p90"):
        judge(Sample(seldom.values, "mean", "s"), Wanted(high=300), 0.01)


def test_chances_that_never_differed_yet_may_still_differ() -> None:
    same = Sample(np.zeros(250, dtype=bool), "chance")
    assert judge(same.minus(same), Wanted(low=0, strict=True), 0.01).verdict == "undecided"
    highest = 1 - 0.0125 ** (1 / 250)  # Clopper and Pearson's end where nothing was a hit
    assert same.minus(same).interval(0.025)[2] == pytest.approx(highest)


def test_quantiles_of_two_shows_are_apart_by_their_own_intervals() -> None:
    """Whatever the shows share: of 400 pairs with a true difference of 1, none is decided wrongly.

    A pair is decided wrongly with a chance of at most 0.02; if the ends were the quantiles' own at
    twice the tail, or the value alone, tens of them would be.
    """
    random, wrong = np.random.default_rng(3), 0
    for shared in (0.0, 0.9):
        for _ in range(200):
            common = random.normal(size=250) * np.sqrt(shared)
            first, second = (
                Sample(common + random.normal(size=250) * np.sqrt(1 - shared) + more, 0.1)
                for more in (1.0, 0.0)
            )
            value, low, high = first.minus(second).interval(0.01)
            assert low < value < high
            wrong += not low <= 1 <= high
    assert wrong <= 4


def test_quantiles_that_may_be_alike_name_what_would_decide_them() -> None:
    """No number of replications shows that one of two equal quantiles is not the larger."""
    random = np.random.default_rng(4)
    first, alike, other = (Sample(random.normal(size=250) + more, 0.5) for more in (0.0, 0.0, 0.4))
    open_ = judge(first.minus(alike), Wanted(low=0), 0.001)
    assert (open_.verdict, open_.needed) == ("undecided", None)
    assert "quantiles are not paired by show: allow for a distance" in open_.note
    assert judge(other.minus(first), Wanted(low=0), 0.001).needed is not None
    assert judge(other.minus(first), Wanted(low=-1), 0.001).note == ""


def test_no_interval_goes_beyond_what_is_possible() -> None:
    rare = np.where(np.arange(250) % 50, 0.0, 1.0)
    known = {"show.orders": rare, "show.profit": rare, "products.serum.unavailable_share": 1 - rare}
    assert sample(known, "orders").interval(0.001)[1] == 0
    assert sample(known, "profit").interval(0.001)[1] < 0
    assert sample(known, "serum.unavailable_share").interval(0.001)[2] == 1
    worth = sample({"plan.value_of_perfect_information": rare}, "plan.value_of_perfect_information")
    assert worth.interval(0.001)[1] == 0


def test_what_is_never_in_both_shows_is_no_difference() -> None:
    soon, late = (Sample(np.linspace(1, most, 250), 0.5) for most in (60.0, 90.0))
    half, never = (Sample(np.where(np.arange(250) < n, 30.0, np.inf), 0.5) for n in (125, 0))
    seldom = Sample(np.where(np.arange(250) < 3, 30.0, np.inf), 0.5)
    assert never.minus(seldom).interval(0.01) == (0, 0, 0)
    assert judge(never.minus(never), Wanted(0, 0), 0.01).verdict == "holds"
    assert judge(never.minus(late), Wanted(low=1e9), 0.01).verdict == "holds"
    assert judge(late.minus(soon), Wanted(low=0), 0.01).verdict == "holds"
    assert judge(half.minus(soon), Wanted(high=1e9), 0.01).verdict == "undecided"
    assert late.minus(late).interval(1e-9) == (0, 0, 0)  # the same show needs no error


@pytest.mark.parametrize(("most", "instead"), [(0, "250"), (400, "500"), (1100, "1,000")])
def test_looks_are_taken_at_whole_blocks(most: int, instead: str) -> None:
    with pytest.raises(UsageError, match=f"take {instead}$"):
        looks(most)
