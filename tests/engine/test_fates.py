"""What attempts ask for, and who is first in line.

Statistical tests use fixed seeds and fail by luck in 1 of 100,000 seeds each; what difference they
would show is said beside each (at a power of about 99 %).
"""

from collections import Counter
from functools import partial
from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from livesim.engine.fates import Fates, Line
from livesim.randomness import generator, keyed
from livesim.resolve.inputs import capped

ALARM = 1e-5


def fates_of(
    quantity: dict[int, float], unpaid: float | np.ndarray = 0.0, accept: float = 0.0, rows: int = 1
) -> Fates:
    chances = np.broadcast_to(np.asarray(unpaid, dtype=float), (rows,))
    return Fates(quantity, chances, np.full(rows, accept), generator(1, "test of fates"))


def line_of(fates: Fates, counts: list[int], number: int = 0) -> Line:
    return Line(np.array(counts), fates, partial(keyed(2, "test of lines").at, number))


@pytest.fixture(scope="module")
def payers() -> Fates:
    """One unit an order; kind 0 never pays, kind 1 pays."""
    return fates_of({1: 1.0}, unpaid=0.5)


def paid_in_turn(line: Line, places: int) -> tuple[int, ...]:
    """Return who pays, place by place, by asking for one unit more each time."""
    all_kinds = np.ones(2, dtype=bool)
    return tuple(np.diff([0] + [line.take(n, all_kinds).paying for n in range(1, places + 1)]))


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1, {1: 1.0}),
        (2, {1: 0.5, 2: 0.5}),
        (3, {1: 0.5, 2: 0.25, 3: 0.25}),
        (9, {1: 0.5, 2: 0.25, 3: 0.125, 12: 0.125}),
        (20, {1: 0.5, 2: 0.25, 3: 0.125, 12: 0.125}),
    ],
)
def test_a_limit_gathers_all_who_would_ask_for_more(limit: int, expected: dict[int, float]) -> None:
    shares = capped({"12": 0.125, "3": 0.125, "1": 0.5, "2": 0.25}, limit)
    assert shares == {min(units, limit): share for units, share in expected.items()}


def test_a_quantity_that_nobody_asks_for_is_no_kind() -> None:
    assert capped({"1": 1.0, "2": 0.0}, limit=5) == {1: 1.0}


def test_every_attempt_is_of_one_kind() -> None:
    fates = fates_of({1: 0.6, 2: 0.3, 5: 0.1}, unpaid=0.2, accept=0.3, rows=4)
    attempts = np.array([0, 1, 17, 100_000])
    kinds = fates.draw(attempts)
    assert kinds.shape == (4, len(fates.units))
    assert (kinds >= 0).all()
    assert kinds.sum(axis=1).tolist() == attempts.tolist()


def test_kinds_are_independent_combinations() -> None:
    """Shows a share that is off by 0.01 in any of the 12 kinds."""
    quantity, unpaid, accept = {1: 0.6, 2: 0.3, 5: 0.1}, 0.2, 0.3
    fates = fates_of(quantity, unpaid, accept)
    expected = [
        quantity[units] * (1 - unpaid if pays else unpaid) * (accept if accepts else 1 - accept)
        for units, pays, accepts in zip(fates.units, fates.pays, fates.accepts, strict=True)
    ]
    assert sum(expected) == pytest.approx(1)
    kinds = np.sum([fates.draw(np.array([100])) for _ in range(500)], axis=0)[0]
    assert stats.chisquare(kinds, np.array(expected) * kinds.sum()).pvalue > ALARM


def test_kinds_vary_as_single_attempts_do() -> None:
    """Shows a variance between draws that is off by a quarter."""
    fates = fates_of({1: 0.6, 2: 0.4}, unpaid=0.25)
    draws = np.array([fates.draw(np.array([40]))[0] for _ in range(2_000)])
    for kind, units in enumerate(fates.units):
        p = (0.6 if units == 1 else 0.4) * (0.75 if fates.pays[kind] else 0.25)
        spread = draws[:, kind].var(ddof=1) / (40 * p * (1 - p)) * (len(draws) - 1)
        low, high = stats.chi2(len(draws) - 1).ppf([ALARM, 1 - ALARM])
        assert 0.97 * low < spread < 1.03 * high  # a binomial's fourth moment is not a normal's


def test_each_replication_has_its_own_chance_to_pay() -> None:
    fates = fates_of({2: 1.0}, unpaid=np.array([0.0, 1.0, 0.5]), rows=3)
    kinds = fates.draw(np.array([1_000, 1_000, 1_000]))
    paying = kinds[:, fates.pays].sum(axis=1)
    assert paying[:2].tolist() == [1_000, 0]
    assert 400 < paying[2] < 600


def test_every_order_of_coming_is_equally_likely(payers: Fates) -> None:
    """Six orders of two payers and two others; shows one that is off by 0.04 (of 1/6)."""
    seen = Counter(
        paid_in_turn(line_of(payers, [2, 2], number), places=4) for number in range(2_400)
    )
    orders = set(permutations([0, 0, 1, 1]))
    assert set(seen) == orders
    assert stats.chisquare([seen[order] for order in orders]).pvalue > ALARM


@pytest.mark.parametrize("place", [1, 1023, 1024, 1025, 2048, 2500])
def test_a_long_line_is_as_mixed_at_the_front_as_at_the_back(place: int, payers: Fates) -> None:
    """Of 900 payers and 2,100 others, those among the first are hypergeometric: chi-square."""
    paying = [
        line_of(payers, [2_100, 900], number).take(place, np.ones(2, dtype=bool)).paying
        for number in range(300)
    ]
    law = stats.hypergeom(3_000, 900, place)
    assert stats.chisquare(*_binned(np.array(paying), law)).pvalue > ALARM
    assert line_of(payers, [2_100, 900]).take(3_000, np.ones(2, dtype=bool)).paying == 900


def _binned(values: np.ndarray, law: stats.rv_discrete) -> tuple[np.ndarray, np.ndarray]:
    """Count values in up to six bins of about equal chance, beside what is expected."""
    edges = np.unique([law.ppf(q) for q in np.linspace(0, 1, 7)[1:-1]])
    observed = np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)
    expected = np.diff([0.0, *law.cdf(edges), 1.0]) * len(values)
    keep = expected > 0
    assert observed[~keep].sum() == 0
    return observed[keep], expected[keep]


def test_a_line_does_not_depend_on_how_much_of_it_is_looked_at(payers: Fates) -> None:
    everyone = np.ones(2, dtype=bool)
    stepwise = line_of(payers, [4_000, 4_000])
    for units in (1, 1_000, 1_500, 4_097, 7_999, 8_000, 3):
        fresh = line_of(payers, [4_000, 4_000])
        told = [line.take(units, everyone) for line in (stepwise, fresh)]
        assert told[0] == told[1]
        assert stepwise.moment(units) == fresh.moment(units)


def test_the_last_one_takes_what_is_left() -> None:
    three = line_of(fates_of({3: 1.0}), [4])
    everyone = np.ones(1, dtype=bool)
    for units, orders in [(1, 1), (2, 1), (3, 1), (4, 2), (11, 4), (12, 4)]:
        taken = three.take(units, everyone)
        assert (taken.units, taken.orders, taken.end) == (units, orders, orders)
        assert taken.paying == units  # the part that the last one takes is paid like the rest
    beyond = three.take(100, everyone)
    assert (beyond.units, beyond.orders, beyond.end) == (12, 4, 4)


def test_who_does_not_take_is_passed_over() -> None:
    fates = fates_of({1: 1.0}, accept=0.5)
    line = line_of(fates, [3, 3])
    assert fates.accepts.tolist() == [True, False]
    first = line.take(2, np.array([True, True]))
    later = line.take(100, fates.accepts, after=first.through)
    accepting_before = 3 - later.units
    assert first.end == 2
    assert 0 <= accepting_before <= 2
    assert later.end == 6
    nobody = line.take(1, fates.accepts, after=later.through)
    assert (nobody.units, nobody.orders, nobody.end) == (0, 0, 6)


@pytest.mark.parametrize(("place", "length"), [(1, 1), (1, 5), (3, 5), (5, 5), (700, 3_000)])
def test_the_sell_out_moment_is_an_order_statistic(place: int, length: int) -> None:
    """The k-th of n uniform moments is beta(k, n + 1 − k); shows a shift of 0.1 of its spread."""
    fates = fates_of({1: 1.0})
    moments = [line_of(fates, [length], number).moment(place) for number in range(3_000)]
    assert stats.kstest(moments, stats.beta(place, length + 1 - place).cdf).pvalue > ALARM


def test_a_later_place_is_a_later_moment() -> None:
    fates = fates_of({1: 1.0})
    for number in range(20):
        line = line_of(fates, [50], number)
        moments = [line.moment(place) for place in range(1, 51)]
        assert (np.diff([0, *moments, 1]) > 0).all()


def test_when_someone_comes_says_nothing_of_who(payers: Fates) -> None:
    """The moment of the second place and who stands there are independent; shows r = 0.1."""
    pairs = []
    for number in range(2_500):
        line = line_of(payers, [3, 3], number)
        pairs.append((line.moment(2), paid_in_turn(line, places=2)[1]))
    assert stats.pearsonr(*np.array(pairs).T).pvalue > ALARM


def test_more_than_numpy_can_draw_from_is_refused_in_words() -> None:
    from livesim.engine.fates import check_countable
    from livesim.errors import UsageError

    check_countable(999_999_999)
    with pytest.raises(UsageError, match="1,000,000,000 orders want to be served"):
        check_countable(10**9)
