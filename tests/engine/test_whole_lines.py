"""Whole lines: everybody in the order in which the front has them, however long the line is."""

from __future__ import annotations

import numpy as np
import pytest

from livesim.engine.orders.orders import Orders
from livesim.engine.orders.queue_order import FEW, fronts, lines, upto_each

#: What an order of each of five kinds counts for: units, and one order.
BY_KIND = np.stack([np.arange(1, 6), np.ones(5, dtype=np.int64)], axis=1)


def orders_of(sizes: list[int]) -> Orders:
    """Return a batch of each size, with entries of one to five kinds."""
    rng = np.random.default_rng(len(sizes))
    counts = [rng.multinomial(size, np.ones(5) / 5) for size in sizes]
    kinds = [np.flatnonzero(count) for count in counts]
    batches = np.arange(len(sizes))
    return Orders(
        cell=batches,
        row=np.zeros_like(batches),
        step=np.ones_like(batches),
        price=np.ones(len(sizes)),
        seed=rng.integers(0, 2**63, len(sizes)).astype(np.uint64),
        first=np.cumsum([0, *(len(kind) for kind in kinds)]),
        kind=np.concatenate(kinds),
        count=np.concatenate(counts)[np.concatenate(counts) > 0],
    )


@pytest.mark.parametrize("size", [1, 2, 40, FEW, FEW + 1, 7 * FEW])
def test_the_front_is_the_whole_line_s_beginning(size: int) -> None:
    orders = orders_of([size, 3])
    line = lines(orders, np.array([0]))
    assert len(line.kind) == line.first[-1] == size
    np.testing.assert_array_equal(np.sort(line.kind), np.repeat(orders.kind, orders.count)[:size])
    assert (np.diff(line.moment) > 0).all() and 0 < line.moment[0] <= line.moment[-1] < 1
    upto = np.cumsum(BY_KIND[line.kind], axis=0)
    for units in {1, int(upto[-1, 0]) // 3, int(upto[-1, 0]) - 1, int(upto[-1, 0])} - {0}:
        last = int(np.searchsorted(upto[:, 0], units))
        front = fronts(orders, BY_KIND, 0, np.array([0]), np.array([units]))
        np.testing.assert_array_equal(front.sums[0], upto[last])
        assert front.last[0] == line.kind[last]
        assert front.moment[0] == line.moment[last]


def test_lines_stand_as_they_do_alone_whoever_else_is_looked_at() -> None:
    orders = orders_of([5 * FEW, 2, 1, 3 * FEW, 30, 2 * FEW])
    batches = np.array([3, 1, 0, 4, 2, 5])
    together = lines(orders, batches)
    for place, batch in enumerate(batches):
        alone = lines(orders, np.array([batch]))
        mine = slice(together.first[place], together.first[place + 1])
        np.testing.assert_array_equal(together.kind[mine], alone.kind)
        np.testing.assert_array_equal(together.moment[mine], alone.moment)


def test_the_front_of_a_long_line_does_not_depend_on_its_company() -> None:
    """A line of one kind only, beside one of all five."""
    orders = orders_of([1, 4 * FEW])
    one_kind = np.array([4 * FEW, *orders.count[1:]])
    orders = Orders(**{**vars(orders), "count": one_kind})
    units = np.array([2 * FEW, FEW])
    both = fronts(orders, BY_KIND, 0, np.array([0, 1]), units)
    alone = fronts(orders, BY_KIND, 0, np.array([0]), units[:1])
    assert both.moment[0] == alone.moment[0]


def test_whole_lines_that_are_put_in_order_once_have_the_same_fronts() -> None:
    orders = orders_of([3, 1, 2 * FEW, 1, 7])
    everybody = lines(orders, np.arange(5))
    upto = upto_each(BY_KIND, everybody.kind)
    asked = np.diff(upto[everybody.first, 0])
    batches = np.repeat(np.arange(5), asked)
    units = np.concatenate([np.arange(1, most + 1) for most in asked])
    once = everybody.fronts(upto, 0, batches, units)
    for name, of in vars(fronts(orders, BY_KIND, 0, batches, units)).items():
        np.testing.assert_array_equal(getattr(once, name), of, name)


def test_no_lines_hold_nobody() -> None:
    line = lines(Orders.none(), np.zeros(0, dtype=np.intp))
    assert line.first.tolist() == [0] and len(line.kind) == len(line.moment) == 0
