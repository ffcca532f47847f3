"""The checkout against a queue of single customers, and against Lindley's recursion.

Statistical tests use fixed seeds and fail by luck in 1 of 100,000 seeds each.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from lived_shows import Lived
from scipy import stats

from livesim.engine.orders.checkout import LOOK, Checkout, check_countable
from livesim.engine.orders.placed import Placed
from livesim.engine.streams import Streams
from livesim.errors import UsageError
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

ALARM = 1e-5


@pytest.fixture
def checkout_of(show_of: Callable[..., Scenario]) -> Callable[..., Checkout]:
    scenario = show_of()

    def make(
        capacity: float, rows: int = 1, variants: int = 1, refresh: float = 1.0, seed: int = 1
    ) -> Checkout:
        inputs = replace(
            inputs_of(scenario, None, rows),
            capacity=capacity,
            refresh=refresh,
            variants=tuple(map(str, range(variants))),
        )
        return Checkout(inputs, Streams(seed, 0))

    return make


def let_through(
    checkout: Checkout, attempts: np.ndarray, price: float | np.ndarray = 1.0, first: int = 1
) -> np.ndarray:
    """Send attempts (steps, R, V) through and return who is taken when, in the same shape."""
    return sent_through(checkout, attempts, price, first)[0]


def sent_through(
    checkout: Checkout, attempts: np.ndarray, price: float | np.ndarray = 1.0, first: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return who is taken in each step, and what they pay on average, shape (steps, R, V)."""
    steps, rows, variants = attempts.shape
    placed = []
    for variant in range(variants):
        some = np.flatnonzero(attempts[:, :, variant].any(axis=1))
        real = attempts[some][:, None, :, variant]
        shown = np.broadcast_to(price, (steps, rows))[some]
        if some.size:
            placed.append(Placed(variant, some + first, real, real[:, :0], shown))
    taken, paid = np.zeros_like(attempts), np.zeros(attempts.shape)
    for one in checkout.passed(placed, range(first, first + steps)):
        taken[one.step - first, :, one.variant] += one.real.sum(axis=1)
        paid[one.step - first, :, one.variant] = one.price
    return taken, paid


def attempts_of(*shape: int, mean: float = 3.0) -> np.ndarray:
    return np.random.default_rng(shape).poisson(mean, shape).astype(np.int64)


def test_without_a_capacity_everybody_is_taken_at_once(checkout_of: Callable) -> None:
    checkout, attempts = checkout_of(math.inf, rows=4, variants=2), attempts_of(9, 4, 2)
    assert (let_through(checkout, attempts) == attempts).all()
    assert not checkout.waiting


@pytest.mark.slow
@pytest.mark.parametrize("refresh", [1.0, 5.0, 0.1])
@pytest.mark.parametrize("capacity", [1.0, 2.0, 3.0, 2.5, 0.3, 1 / 3, math.pi])
def test_the_queue_follows_lindleys_recursion(
    checkout_of: Callable, capacity: float, refresh: float
) -> None:
    """W(k+1) = max(0, W(k) + A(k) − places(k)), with ⌊capacity · t⌋ places by the time t."""
    rows, refreshes = 6, 400
    attempts = attempts_of(refreshes, rows, 1, mean=0.95 * capacity * refresh)
    taken = let_through(checkout_of(capacity, rows, refresh=refresh), attempts)
    waiting = np.zeros(rows, dtype=np.int64)
    places_so_far = 0
    for k in range(refreshes):
        places = math.floor(round(capacity * (k + 1) * refresh, 9)) - places_so_far
        places_so_far += places
        in_line = waiting + attempts[k, :, 0]
        waiting = np.maximum(0, in_line - places)
        assert taken[k, :, 0].tolist() == (in_line - waiting).tolist()


@pytest.mark.parametrize("capacity", [1.0, 4.0, 2.5])
def test_a_busy_checkout_takes_what_its_capacity_allows(
    checkout_of: Callable, capacity: float
) -> None:
    taken = let_through(checkout_of(capacity), np.full((100, 1, 1), 1_000))
    by_now = np.cumsum(taken[:, 0, 0])
    assert by_now.tolist() == [math.floor(capacity * t) for t in range(1, 101)]


def test_nobody_is_lost_and_nobody_is_taken_twice(checkout_of: Callable) -> None:
    attempts = attempts_of(50, 5, 3)
    padded = np.concatenate([attempts, np.zeros((400, 5, 3), dtype=np.int64)])
    checkout = checkout_of(2.5, rows=5, variants=3)
    taken = let_through(checkout, padded)
    assert (taken >= 0).all()
    assert (np.cumsum(taken, axis=0) <= np.cumsum(padded, axis=0)).all()
    assert (taken.sum(axis=0) == attempts.sum(axis=0)).all()
    assert not checkout.waiting


def test_the_bookkeeping_is_that_of_several_servers_in_step(checkout_of: Callable) -> None:
    """An M/D/c queue seen at whole service times: c customers leave in each, if there are any.

    Kept as single customers: who has come by the start of a service time is served in it.
    """
    moments = np.sort(np.random.default_rng(5).uniform(0, 200, 500))
    line, served = [], []
    for k in range(300):
        line += [moment for moment in moments if k <= moment < k + 1]
        served.append(len(line[:3]))
        line = line[3:]
    arrivals = np.histogram(moments, bins=np.arange(301))[0][:, None, None]
    assert let_through(checkout_of(3.0), arrivals)[:, 0, 0].tolist() == served


def test_those_taken_are_a_random_subset(checkout_of: Callable) -> None:
    """5 of 4 + 6 + 2 who wait: multivariate hypergeometric; shows a share off by 0.04."""
    rows = 4_000
    attempts = np.tile(np.array([4, 6, 2]), (1, rows, 1))
    taken = let_through(checkout_of(5.0, rows, variants=3), attempts)[0]
    assert (taken.sum(axis=1) == 5).all()
    law = stats.multivariate_hypergeom([4, 6, 2], 5)
    outcomes = [(a, b, 5 - a - b) for a in range(5) for b in range(6) if 0 <= 5 - a - b <= 2]
    observed = [int((taken == outcome).all(axis=1).sum()) for outcome in outcomes]
    expected = np.array([law.pmf(outcome) for outcome in outcomes]) * rows
    assert sum(observed) == rows
    assert stats.chisquare(observed, expected).pvalue > ALARM


def test_who_has_waited_long_has_no_precedence(checkout_of: Callable) -> None:
    """One early and one late attempt wait for one place: each is first in half of the shows.

    They are told apart by the price that they saw.
    """
    rows = 4_000
    tries = np.array([2, 1, 0])[:, None, None] * np.ones((1, rows, 1), dtype=np.int64)
    price = np.tile([[10.0], [20.0], [30.0]], (1, rows))
    checkout = checkout_of(1.0, rows)
    taken, paid = sent_through(checkout, tries, price)
    assert (taken == 1).all()
    assert not checkout.waiting
    assert (paid.sum(axis=0) == 40.0).all()
    assert stats.binomtest(int((paid[1] == 20.0).sum()), rows, 0.5).pvalue > ALARM


def test_step_by_step_it_lets_the_same_ones_through(checkout_of: Callable) -> None:
    attempts = attempts_of(40, 5, 3)
    whole = sent_through(checkout_of(2.5, 5, 3), attempts)
    followed = checkout_of(2.5, 5, 3)
    parts = [sent_through(followed, attempts[[k]], first=k + 1) for k in range(40)]
    for number in (0, 1):
        assert (np.concatenate([part[number] for part in parts]) == whole[number]).all()


@pytest.mark.parametrize("capacity", [0.01, 0.2, 3.0])
def test_after_the_show_it_takes_what_its_capacity_allows_until_nobody_waits(
    checkout_of: Callable, capacity: float
) -> None:
    """It is looked at every 30 s, or whenever it may have taken another order."""
    checkout = checkout_of(capacity)
    before = let_through(checkout, np.full((4, 1, 1), 50)).sum()
    times = [0.0, 1.0, 2.0, 3.0, 4.0]
    later = list(checkout.work_off(4, times))
    assert not checkout.waiting
    assert np.diff(times[4:]) == pytest.approx(max(LOOK, 1 / capacity))
    so_far = before + np.cumsum([one.real.sum(axis=(1, 2)) for one in later])[-1]
    assert so_far == 200
    by_step = {
        int(k): int(n) for one in later for k, n in zip(one.step, one.real.sum((1, 2)), strict=True)
    }
    total = before
    for step, end in list(enumerate(times))[5:]:
        total += by_step.get(step, 0)
        assert total == min(200, math.floor(round(capacity * end, 6)))


def test_more_than_numpy_can_draw_from_is_refused_in_words() -> None:
    check_countable(999_999_999)
    with pytest.raises(UsageError, match="1,000,000,000 orders want to be served"):
        check_countable(10**9)


def test_the_queue_is_worked_off_after_the_show(
    scripted: Callable[..., Lived], show_of: Callable[..., Scenario]
) -> None:
    slow = show_of("checkout: {capacity: 0.5}\nproducts: {serum: {owned: 10_000}}")
    lived = scripted(slow, attempts=2)
    assert lived.figure("claimed") == lived.figure("sales") == [1_200] * 3
    # By the end of the show it has taken 300 of 1,200; the rest need half an hour more.
    assert lived.recording.clock.times[-1] == pytest.approx(600 + 900 / 0.5, abs=LOOK)


def test_who_waits_at_the_checkout_has_taken_nothing(
    scripted: Callable[..., Lived], show_of: Callable[..., Scenario]
) -> None:
    """Ten try in the first second, and three of them are served in each."""
    scenario = show_of("""
    show: {length: 2s}
    checkout: {capacity: 3}
    rundown: {sale: {length: 1s, on_stage: [host], sells: [serum]}}
    """)
    lived = scripted(scenario, attempts=10, levels=[5, 50], timeline_step=1.0)
    assert lived.outcome.timeline["orders"][0].tolist() == [0, 3, 5]
    assert lived.outcome.timeline["on_hand"][0, :, 0].tolist() == [5, 2, 0]
    assert lived.ledger.figures["lost"][0, 0].tolist() == [5, 0]
    assert lived.outcome.shows["orders"].tolist() == [5] * 3


def test_orders_worked_off_after_the_show_count_in_the_room(
    scripted: Callable[..., Lived], show_of: Callable[..., Scenario]
) -> None:
    lived = scripted(show_of("checkout: {capacity: 0.5}\nproducts: {serum: {owned: 10_000}}"))
    assert lived.figure("orders") == lived.outcome.shows["orders"].tolist() == [600] * 3


def test_who_waits_pays_the_price_that_they_saw(
    scripted: Callable[..., Lived], show_of: Callable[..., Scenario]
) -> None:
    cheap = show_of("""
    checkout: {capacity: 0.5}
    products: {serum: {owned: 10_000}}
    rundown: {sale: {length: 1min, on_stage: [host], sells: [serum], price: {serum: 10}}}
    """)
    lived = scripted(cheap)
    assert lived.figure("claimed") == [60] * 3
    assert lived.figure("gmv") == [600.0] * 3
