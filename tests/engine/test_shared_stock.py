"""Orders that take units of several accounts: bundles and gifts, by hand and against a clerk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

import numpy as np
import pytest
from random_recordings import random_recording, recording_of
from sharing_clerk import SharingClerk
from test_ledger import KINDS, LAPSES, PAYS, PLAIN, kind
from test_ledger_and_clerk import MONEY

from livesim.engine.ledger.dividing import Wanted, parts_of
from livesim.engine.ledger.keeping import keep
from livesim.engine.ledger.ledger import Ledger, ledger
from livesim.engine.release_plan import UNLIMITED
from livesim.model.inputs import GiftInputs, Inputs, WaveInputs
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

THREE = """
show: {length: 3min, refresh: 5s}
products:
  serum: {price: 10, owned: 40}
  mask: {price: 10, unit_cost: 5, conversion: 10%, owned: 40, rush: 30s}
  duo: {price: 18, unit_cost: 45, conversion: 10%, rush: 30s}
  pouch: {price: 5, unit_cost: 1, conversion: 10%, owned: 5, rush: 30s}
rundown:
  talk: {length: 1min, on_stage: [host], sells: [serum, mask, duo, pouch]}
  duo: {length: 1min, on_stage: [host], sells: [duo]}
  all: {length: 1min, on_stage: [host], sells: [serum, mask, duo, pouch]}
"""
SERUM, MASK, DUO, POUCH = range(4)


@pytest.fixture(scope="module")
def shop(show_of: Callable[..., Scenario]) -> Inputs:
    """One replication of a show with four products, of which none takes units of another."""
    return inputs_of(show_of(THREE), None, 1)


def bundled(inputs: Inputs, units: Mapping[int, int], *gifts: GiftInputs) -> Inputs:
    """Let the third product be a bundle of these units, if any, and give these gifts."""
    takes = np.eye(4, dtype=np.int64)
    if units:
        takes[DUO] = [units.get(number, 0) for number in range(4)]
    return replace(inputs, takes=takes, gifts=gifts)


def kept(
    inputs: Inputs,
    orders: Mapping[int, Mapping[int, Mapping[int, int]]],
    levels: Sequence[Sequence[int]],
    waves: Mapping[int, tuple[WaveInputs, ...]] | None = None,
) -> Ledger:
    """Keep the ledger of orders by product and step, at levels of serum, mask, duo and pouch."""
    batches = [
        (cell, 0, step, 10.0, dict(counts))
        for cell, of_cell in orders.items()
        for step, counts in of_cell.items()
    ]
    plan = tuple(replace(PLAIN, waves=(waves or {}).get(number, ())) for number in range(4))
    timed = replace(inputs, timeout=np.full(4, 60.0), supplies=plan)
    return ledger(recording_of(timed, batches, KINDS), np.array(levels).T)


def figure(found: Ledger, name: str, level: int = 0) -> list[float]:
    """Return a figure of serum, mask, duo and pouch."""
    return found.figures[name][0, :, level].tolist()


# By hand ----------------------------------------------------------------------------------------


def test_a_bundle_takes_its_components_and_ends_with_the_first(shop: Inputs) -> None:
    """Two serums and a mask each. A step is 5 s; every order pays.

    | step | orders            | serum         | mask       | duo             |
    |------|-------------------|---------------|------------|-----------------|
    | 1    | 3 duo             | 10 − 6 = 4    | 8 − 3 = 5  | 3 sold          |
    | 2    | 1 serum, 1 mask   | 4 − 1 = 3     | 5 − 1 = 4  |                 |
    | 3    | 2 duo             | 3 − 2 = 1     | 4 − 1 = 3  | 1 sold, 1 lost  |
    | 4    | 1 duo             | 1 is too few  | 3          | 1 lost          |
    | 5    | 2 serum, 1 mask   | 1 sold, 1 lost| 3 − 1 = 2  |                 |
    """
    orders = {
        SERUM: {2: {PAYS: 1}, 5: {PAYS: 2}},
        MASK: {2: {PAYS: 1}, 5: {PAYS: 1}},
        DUO: {1: {PAYS: 3}, 3: {PAYS: 2}, 4: {PAYS: 1}},
    }
    found = kept(bundled(shop, {SERUM: 2, MASK: 1}), orders, [[10, 8, 0, 0]])
    assert figure(found, "demand") == [3, 2, 6, 0]
    assert figure(found, "sales") == [2, 2, 4, 0]
    assert figure(found, "lost") == [1, 0, 2, 0]
    assert figure(found, "given") == [8, 4, 0, 0]
    assert figure(found, "on_hand") == [0, 2, 0, 0]
    assert figure(found, "gmv") == [20, 20, 40, 0]
    serum, mask, duo, _ = figure(found, "sold_out_at")
    assert 20 < serum < 25 and mask == np.inf
    assert 10 < duo < 15  # with the order that leaves one serum
    assert found.sold_out_at[0, DUO, 0] == found.unavailable_at[0, DUO, 0] == duo


def test_units_that_lapse_bring_all_components_back(shop: Inputs) -> None:
    """Ordered at 5 s and unpaid: both components are back at the sweep at 90 s, and sold at 100."""
    orders = {DUO: {1: {LAPSES: 1}, 2: {PAYS: 1}, 20: {PAYS: 1}}}
    found = kept(bundled(shop, {SERUM: 1, MASK: 1}), orders, [[1, 5, 0, 0], [2, 5, 0, 0]])
    assert figure(found, "claimed") == [0, 0, 2, 0]
    assert figure(found, "sales") == [0, 0, 1, 0]
    assert figure(found, "lost") == [0, 0, 1, 0]
    assert figure(found, "on_hand") == [0, 4, 0, 0]
    assert figure(found, "sales", 1) == [0, 0, 2, 0]
    assert figure(found, "on_hand", 1) == [0, 3, 0, 0]


def test_who_asks_for_more_sets_than_there_are_takes_whole_ones(shop: Inputs) -> None:
    orders = {DUO: {1: {kind(3): 1}}}
    found = kept(bundled(shop, {SERUM: 2, MASK: 1}), orders, [[5, 9, 0, 0]])
    assert figure(found, "claimed") == [0, 0, 2, 0]
    assert figure(found, "on_hand") == [1, 7, 0, 0]


def test_a_bundle_waits_for_a_component_that_is_still_to_come(shop: Inputs) -> None:
    """Half of the serums come after a minute: until then it is unavailable, and not sold out."""
    waves = (WaveInputs("first", 0.5, 0.0), WaveInputs("second", 0.5, 60.0))
    orders = {DUO: {1: {PAYS: 3}, 20: {PAYS: 3}}}
    inputs = bundled(shop, {SERUM: 1, MASK: 1})
    found = kept(inputs, orders, [[4, 9, 0, 0], [4, 3, 0, 0]], {SERUM: waves})
    assert figure(found, "sales") == [0, 0, 4, 0]
    assert found.unavailable_at[0, DUO, 0] < 5 and 95 < found.sold_out_at[0, DUO, 0] < 100
    # With three masks, what ends it is there from the start: nothing more is to come of it.
    assert figure(found, "sales", 1) == [0, 0, 3, 0]
    assert 95 < found.sold_out_at[0, DUO, 1] < 100


def test_gifts_come_with_orders_while_there_are_some(shop: Inputs) -> None:
    """An order of three gets one pouch. Five orders, and three pouches or gifts for the first two.

    Levels: 3 pouches, 9 pouches.
    """
    orders = {SERUM: {1: {kind(3): 1}, 2: {PAYS: 3}, 3: {PAYS: 1}}}
    levels = [[40, 0, 0, 3], [40, 0, 0, 9], [2, 0, 0, 9]]
    found = kept(bundled(shop, {}, GiftInputs((SERUM,), POUCH)), orders, levels)
    assert [figure(found, "gifts", level)[SERUM] for level in range(3)] == [3, 5, 1]
    assert [figure(found, "given", level)[POUCH] for level in range(3)] == [3, 5, 1]
    assert [figure(found, "on_hand", level)[POUCH] for level in range(3)] == [0, 4, 8]
    assert [figure(found, "sales", level)[SERUM] for level in range(3)] == [7, 7, 2]
    found = kept(bundled(shop, {}, GiftInputs((SERUM,), POUCH, 2)), orders, levels)
    assert [figure(found, "gifts", level)[SERUM] for level in range(3)] == [2, 2, 1]


def test_orders_that_were_promised_a_gift_and_got_none_are_counted(shop: Inputs) -> None:
    """Two pouches, promised to each order of a serum or of a duo, or to the first five of both.

    | step | orders            | pouches | came with one | came with none |
    |------|-------------------|---------|---------------|----------------|
    | 1    | 1 duo             | 2 → 1   | 1             |                |
    | 2    | 1 duo, not paid   | 1 → 0   | comes back    |                |
    | 3    | 1 serum of 3      | 0       |               | 1              |
    | 4    | 2 duo             | 0       |               | 2              |
    | 20   | 2 duo             | 1 → 0   | 1             | 1              |

    So 2 of 6 paid orders have a pouch and 4 have none; of the first five, 3 have none.
    """
    orders = {
        SERUM: {3: {kind(3): 1}},
        DUO: {1: {PAYS: 1}, 2: {LAPSES: 1}, 4: {PAYS: 2}, 20: {PAYS: 2}},
    }
    for first, missing in ((np.inf, 4), (5, 3), (2, 0)):
        gift = GiftInputs((SERUM, DUO), POUCH, first)
        found = kept(bundled(shop, {SERUM: 1, MASK: 1}, gift), orders, [[40, 40, 0, 2]])
        assert figure(found, "gifts") == [0, 0, 2, 0]
        assert figure(found, "missing_gifts") == [0, 0, 0, missing]
    # Whoever gets no serum was promised nothing.
    found = kept(bundled(shop, {SERUM: 1, MASK: 1}, gift), orders, [[0, 40, 0, 0]])
    assert figure(found, "missing_gifts") == [0, 0, 0, 0]


def test_a_gift_of_an_order_that_is_not_paid_comes_back_and_is_given_again(shop: Inputs) -> None:
    orders = {SERUM: {1: {LAPSES: 1}, 2: {PAYS: 1}, 20: {PAYS: 2}}}
    found = kept(bundled(shop, {}, GiftInputs((SERUM,), POUCH, 1)), orders, [[40, 0, 0, 5]])
    assert figure(found, "gifts") == [1, 0, 0, 0]
    assert figure(found, "on_hand") == [37, 0, 0, 4]


# Against the clerk ------------------------------------------------------------------------------

SEEDS = [
    *range(4),
    *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 12)),
    *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(12, 60)),
]


def random_sharing(inputs: Inputs, random: np.random.Generator) -> Inputs:
    """Draw what bundles take, and which gifts there are."""
    takes = np.eye(4, dtype=np.int64)
    takes[DUO] = [*random.integers(1, 4, 2), 0, random.integers(0, 2)]
    gifts = [
        GiftInputs((int(one),), POUCH, float(random.choice([1, 4, np.inf])))
        for one in random.permutation(4)[: random.integers(3)]
    ]
    return replace(inputs, takes=takes, gifts=tuple(gifts))


def random_show(inputs: Inputs, random: np.random.Generator) -> Any:
    """Draw a recording without what is not modelled where stock is shared."""
    while True:
        recording = random_recording(inputs, random)
        if not recording.inputs.allotted:
            break
    plan = tuple(replace(one, reserves=(), backorder_units=0) for one in recording.plan)
    shared = replace(random_sharing(recording.inputs, random), supplies=plan)
    plan = tuple(PLAIN if n == DUO else one for n, one in enumerate(plan))
    return replace(recording, inputs=replace(shared, supplies=plan), plan=plan)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_clerk_agrees(seed: int, shop: Inputs) -> None:
    """Every figure of every product, at levels at which some of them run out."""
    random = np.random.default_rng(seed)
    recording = random_show(shop, random)
    orders, kinds = recording.orders, recording.kinds
    most = int((kinds.units[orders.kind] * orders.count).sum())
    levels = random.integers(0, max(2, most // random.integers(1, 9)), (4, 6))
    levels[:, 0], levels[:, 1], levels[:, 5], levels[DUO] = 0, UNLIMITED, levels[:, 3], 0
    found = ledger(recording, levels)
    for level in range(levels.shape[1]):
        units = levels[:, level].tolist()
        clerk = SharingClerk(recording, 0, units, recording.plan).work()
        for variant in range(4):
            mine = clerk.figures(variant)
            assert mine.keys() == found.figures.keys()
            for name, value in mine.items():
                theirs = found.figures[name][0, variant, level]
                expected = pytest.approx(value, rel=1e-12) if name in MONEY else value
                assert theirs == expected, (name, variant, units)
            where = (variant, units)
            gone = clerk.product_sold_out_at(variant)
            assert found.sold_out_at[0, variant, level] == gone, where
            lacking = clerk.product_unavailable_at(variant)
            assert found.unavailable_at[0, variant, level] == lacking, where
            share = found.on_sale[0, variant, level]
            assert share == pytest.approx(clerk.on_sale(variant), abs=1e-12), where


@pytest.mark.parametrize("seed", range(3))
def test_without_bundles_and_gifts_accounts_kept_together_are_the_same(
    seed: int, shop: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(seed)
    recording = random_show(shop, random)
    alone = replace(recording.inputs, takes=np.eye(4, dtype=np.int64), gifts=())
    recording = replace(recording, inputs=alone)
    levels = random.integers(0, 60, (4, 6))
    apart = ledger(recording, levels)
    monkeypatch.setattr(Inputs, "sharing", ((0, 2), (1, 3)))
    together = ledger(recording, levels)
    for name, values in apart.figures.items():
        np.testing.assert_allclose(together.figures[name], values, rtol=1e-12, err_msg=name)
    for name in ("sold_out_at", "unavailable_at", "on_sale"):
        np.testing.assert_array_equal(getattr(together, name), getattr(apart, name))


@pytest.mark.parametrize("seed", range(6))
def test_orders_after_the_last_that_counts_are_as_good_as_none(seed: int, shop: Inputs) -> None:
    """As at levels from whose show the recorded one parts when a slot goes on."""
    random = np.random.default_rng(seed)
    recording = random_show(shop, random)
    wanted = [Wanted(random.integers(0, 40, (4, 8)), recording.plan)]
    last = int(random.integers(0, recording.clock.steps))
    counted = recording.orders.take(np.flatnonzero(recording.orders.step <= last))
    found = [
        keep(part)
        for orders, until in ((recording.orders, last), (counted, recording.clock.steps))
        for part, _ in parts_of(replace(recording, orders=orders), wanted, np.full((1, 8), until))
        if part.shares_stock
    ]
    for name in ("followed.taken", "used", "gifts"):
        for cut, short in zip(*np.split(np.array(found), 2), strict=True):
            seen = [kept.of_cells(attrgetter(name)(kept)) for kept in (cut, short)]
            np.testing.assert_array_equal(*seen, name)
