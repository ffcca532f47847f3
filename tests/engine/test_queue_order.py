"""Who is first in line: every order of coming is equally likely, and the same at every stock level.

Statistical tests use fixed seeds and fail by luck in 1 of 100,000 seeds each; what difference they
would show is said beside each (at a power of about 99 %).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from livesim.arrays import Counts
from livesim.engine.orders import queue_order
from livesim.engine.orders.orders import Orders
from livesim.engine.orders.queue_order import FEW, Fronts, fronts, uniforms

ALARM = 1e-5
#: One unit an order: kind 0 does not pay, kind 1 does. Columns: units, paid units, orders.
PAYERS = np.array([[1, 0, 1], [1, 1, 1]])


def orders_of(counts: Sequence[Sequence[int]], first_seed: int = 0) -> Orders:
    """Return batches, each with so many orders of each kind, and a seed of its own."""
    seeds = np.random.default_rng(first_seed).integers(0, 2**64, len(counts), dtype=np.uint64)
    batch, kinds = np.arange(len(counts)), len(counts[0])
    return Orders(
        batch,
        batch * 0,
        batch * 0 + 1,
        np.ones(len(counts)),
        seeds,
        np.arange(len(counts) + 1) * kinds,
        np.tile(np.arange(kinds), len(counts)).astype(np.int16),
        np.array(counts, dtype=np.int64).ravel(),
    )


def front(orders: Orders, units: int, by_kind: Counts = PAYERS) -> Fronts:
    """Return the fronts of all lines, up to so many units."""
    batches = np.arange(len(orders))
    return fronts(orders, by_kind, 0, batches, np.full(len(orders), units))


def paid_in_turn(orders: Orders, places: int) -> np.ndarray:
    """Return who pays, line by line and place by place, by asking for one unit more each time."""
    paid = [np.zeros(len(orders), dtype=np.int64)]
    paid += [front(orders, place).sums[:, 1] for place in range(1, places + 1)]
    return np.diff(np.stack(paid, axis=1), axis=1)


def test_every_order_of_coming_is_equally_likely() -> None:
    """Six orders of two payers and two others; shows one that is off by 0.04 (of 1/6)."""
    seen = Counter(map(tuple, paid_in_turn(orders_of([[2, 2]] * 2_400), places=4).tolist()))
    ways = set(permutations([0, 0, 1, 1]))
    assert set(seen) == ways
    assert stats.chisquare([seen[way] for way in ways]).pvalue > ALARM


@pytest.mark.parametrize("place", [1, 1023, 1024, 1025, 2048, 2500])
def test_a_long_line_is_as_mixed_at_the_front_as_at_the_back(place: int) -> None:
    """Of 900 payers and 2,100 others, those among the first are hypergeometric: chi-square."""
    orders = orders_of([[2_100, 900]] * 600)
    law = stats.hypergeom(3_000, 900, place)
    assert stats.chisquare(*_binned(front(orders, place).sums[:, 1], law)).pvalue > ALARM
    assert (front(orders, 3_000).sums[:, 1] == 900).all()


def _binned(values: np.ndarray, law: stats.rv_discrete) -> tuple[np.ndarray, np.ndarray]:
    """Count values in up to six bins of about equal chance, beside what is expected."""
    edges = np.unique([law.ppf(q) for q in np.linspace(0, 1, 7)[1:-1]])
    observed = np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)
    expected = np.diff([0.0, *law.cdf(edges), 1.0]) * len(values)
    keep = expected > 0
    assert observed[~keep].sum() == 0
    return observed[keep], expected[keep]


def test_a_halved_line_is_a_shuffled_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders for 1, 2 and 5 units, some paid: who stands before the 30th of 80 units.

    Against a plain shuffle of 20,000 lines, in halves of 4 orders at most and whole: shows a mean
    that is off by 0.05 of its spread.
    """
    by_kind = np.array([[1, 1, 1], [2, 0, 1], [5, 5, 1], [2, 2, 1]])
    counts, size = [10, 10, 6, 10], 20_000
    kinds = np.repeat(np.arange(4), counts)
    random = np.random.default_rng(3)
    lines_ = random.permuted(np.tile(kinds, (size, 1)), axis=1)
    units = by_kind[lines_, 0].cumsum(axis=1)
    last = (units >= 30).argmax(axis=1)
    row = np.arange(size)
    plain = {
        "paid": (by_kind[lines_, 1].cumsum(axis=1))[row, last],
        "orders": last + 1,
        "missing": units[row, last] - 30,
        "last": lines_[row, last],
    }
    for few in (4, FEW):
        monkeypatch.setattr(queue_order, "FEW", few)
        found = front(orders_of([counts] * size, few), 30, by_kind)
        mine = {
            "paid": found.sums[:, 1],
            "orders": found.sums[:, 2],
            "missing": found.missing,
            "last": found.last,
        }
        for name, values in plain.items():
            table = [np.bincount(of, minlength=90) for of in (values, mine[name])]
            likely = np.sum(table, axis=0) > 20
            counted = np.array(table)[:, likely]
            assert stats.chi2_contingency(counted).pvalue > ALARM, (name, few)


def test_a_line_does_not_depend_on_how_much_of_it_is_looked_at() -> None:
    """Nor on which lines are looked at beside it; a longer front begins with the shorter one."""
    orders = orders_of([[4_000, 4_000], [3, 5], [0, 900], [40, 2_000]])
    batches = np.array([0, 3, 1, 0, 0, 3, 2, 0])
    units = np.array([1_500, 77, 8, 1, 8_000, 2_040, 900, 1_500])
    together = fronts(orders, PAYERS, 0, batches, units)
    for number, (batch, wanted) in enumerate(zip(batches, units, strict=True)):
        alone = fronts(orders, PAYERS, 0, np.array([batch]), np.array([wanted]))
        assert alone.sums[0].tolist() == together.sums[number].tolist()
        assert alone.last[0] == together.last[number]
        assert alone.moment[0] == together.moment[number]


@pytest.mark.parametrize("counts", [[30, 40], [2_000, 1_500]])
def test_longer_fronts_begin_with_the_shorter_ones(counts: list[int]) -> None:
    """One order more each time: later, and everybody exactly once."""
    orders, length = orders_of([counts]), sum(counts)
    wanted = np.arange(1, length + 1)
    found = fronts(orders, PAYERS, 0, np.zeros(length, dtype=np.intp), wanted)
    assert (found.sums[:, 0] == wanted).all() and not found.missing.any()
    paid = np.diff(found.sums[:, 1], prepend=0)
    assert (paid == found.last).all() and paid.sum() == counts[1]
    assert (np.diff([0, *found.moment, 1]) > 0).all()


def test_the_last_one_takes_what_is_left() -> None:
    three = orders_of([[4]])
    for units, orders, missing in [(1, 1, 2), (2, 1, 1), (3, 1, 0), (4, 2, 2), (12, 4, 0)]:
        found = front(three, units, np.array([[3, 1]]))
        assert found.sums.tolist() == [[3 * orders, orders]]
        assert found.missing.tolist() == [missing]


def test_who_does_not_take_is_passed_over() -> None:
    """Of those who accept, the third takes the last unit; those before who do not still count."""
    by_kind = np.array([[0, 1], [1, 1]])
    found = front(orders_of([[50, 3]] * 200), 3, by_kind)
    assert (found.last == 1).all() and (found.sums[:, 0] == 3).all()
    # The last of three in a random place of 53: beta-binomial, its mean 3/4 of the others.
    assert found.sums[:, 1].mean() - 3 == pytest.approx(0.75 * 50, abs=4)


@pytest.mark.parametrize(("place", "length"), [(1, 1), (1, 5), (3, 5), (5, 5), (700, 3_000)])
def test_the_sell_out_moment_is_an_order_statistic(place: int, length: int) -> None:
    """The k-th of n uniform moments is beta(k, n + 1 − k); shows a shift of 0.1 of its spread."""
    moments = front(orders_of([[length]] * 3_000), place, PAYERS[:1]).moment
    assert stats.kstest(moments, stats.beta(place, length + 1 - place).cdf).pvalue > ALARM


def test_when_someone_comes_says_nothing_of_who() -> None:
    """The moment of the second place and who stands there are independent; shows r = 0.1."""
    found = front(orders_of([[3, 3]] * 2_500), 2)
    assert stats.pearsonr(found.moment, found.last).pvalue > ALARM


def test_every_batch_has_a_line_of_its_own() -> None:
    moments = front(orders_of([[5]] * 1_000), 1, PAYERS[:1]).moment
    assert len(np.unique(moments)) == 1_000


def test_the_bits_are_those_of_splitmix64() -> None:
    """The first numbers of seed 1234567, as published with the algorithm."""
    found = uniforms(np.full(3, 1234567, dtype=np.uint64), np.arange(3))
    assert found.tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_however_many_are_sorted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = orders_of([[20, 30]] * 50)
    whole = front(orders, 17)
    monkeypatch.setattr(queue_order, "_MOST_SORTED", 120)
    parts = front(orders, 17)
    assert (whole.sums == parts.sums).all() and (whole.moment == parts.moment).all()
