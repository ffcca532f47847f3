"""Shows that part from a recording go on by the law of a simulation at their own stock."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from livesim.engine import own_pace
from livesim.engine.crowd.segment import SegmentCrowd
from livesim.engine.ledger import validity
from livesim.engine.ledger.dividing import Wanted
from livesim.engine.ledger.ledger import Ledger, ledger
from livesim.engine.noting import Notes, record_noting
from livesim.engine.parting import Parted, parted
from livesim.engine.reactions import reactions_of
from livesim.engine.recording import Recording
from livesim.engine.streams import Streams
from livesim.experiment.block_at import BlockAt
from livesim.experiment.levels import Levels, Stocked
from livesim.experiment.random_inputs import drawn_block
from livesim.model.inputs import Inputs
from livesim.model.rates import Rates
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

#: Two products in turns, whose slots go on; orders lapse, a lorry comes, and nothing is on offer
#: for a while.
TURNS = """
show: {refresh: 5s, appeal: {lognormal: {median: 1, sigma: 0.3}}}
products:
  serum:
    owned: 30
    variants: {small: {share: 60%}, large: {share: 40%}}
    backorder: {accept: 30%, units: 5}
  cream:
    {price: 50, unit_cost: 20, conversion: 10%, owned: 20, rush: 30s, shelf: 10%,
     reserve: {units: 10, below: 5, lead_time: 2min}}
checkout: {unpaid: 25%, payment_timeout: 1min}
rundown:
  one: {length: 3min, on_stage: [host], sells: [serum], at_sell_out: next}
  two: {length: 3min, on_stage: [host], sells: [cream], link: 1min, at_sell_out: next}
  three: {length: 3min, on_stage: [host], sells: [serum, cream], at_sell_out: next}
  four: {length: 3min, on_stage: [host], sells: [serum]}
"""
#: Units of small and large serum and of the cream, at three levels; viewers live through the first.
UNITS = np.array([[60, 20, 8], [40, 20, 8], [60, 25, 10]])
SHOWS = 40


@pytest.fixture(scope="module")
def turns(show_of: Callable[..., Scenario]) -> Scenario:
    return show_of(TURNS)


@pytest.fixture(scope="module")
def streams() -> Streams:
    return Streams(7, 0, SHOWS)


@pytest.fixture(scope="module")
def noted(turns: Scenario, streams: Streams) -> tuple[Recording, Notes]:
    inputs = inputs_of(turns, drawn_block(turns, 7, 0, SHOWS), SHOWS)
    return record_noting(inputs, streams, UNITS[:, 0], UNITS.min(axis=1))


@pytest.fixture(scope="module")
def recording(noted: tuple[Recording, Notes]) -> Recording:
    return noted[0]


@pytest.fixture(scope="module")
def kept(recording: Recording) -> Ledger:
    return ledger(recording, UNITS)


@pytest.fixture(scope="module")
def gone_on(
    noted: tuple[Recording, Notes], kept: Ledger, streams: Streams
) -> list[tuple[int, Parted]]:
    recording, notes = noted
    wanted = [Wanted(UNITS[:, [level]], recording.plan) for level in (1, 2)]
    until = [recording.clock.by(kept.exact_until[:, level]) for level in (1, 2)]
    return list(parted(recording, notes, streams, wanted, until))


def test_notes_take_few_bytes(noted: tuple[Recording, Notes]) -> None:
    notes = noted[1]
    assert {one.dtype.itemsize for one in (notes.counts, notes.attempts, notes.dropped)} == {4}


def test_nothing_is_noted_before_as_many_units_are_asked_for_as_there_are(
    turns: Scenario, streams: Streams, recording: Recording
) -> None:
    inputs = recording.inputs
    plenty = np.full(len(UNITS), 10**6)
    _, notes = record_noting(inputs, streams, plenty, plenty)
    assert np.array_equal(notes.at, np.zeros(SHOWS)) and np.array_equal(notes.row, np.arange(SHOWS))
    few = UNITS.min(axis=1)
    lived, notes = record_noting(inputs, streams, plenty, few)
    orders, product = lived.orders, inputs.product_of[lived.orders.cell]
    units = orders.sums(lived.kinds.units[:, None])[:, 0]
    for row in range(SHOWS):
        mine = orders.row == row
        reached = [
            orders.step[mine & (product == one)][
                np.cumsum(units[mine & (product == one)]) >= few[inputs.product_of == one].sum()
            ][:1]
            for one in range(len(inputs.products))
        ]
        for step in np.concatenate(reached):
            assert step in notes.at[notes.row == row]


def test_the_show_that_viewers_live_through_alone_is_not_noted(
    turns: Scenario, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("livesim.experiment.block_at.record_noting")
    (alone,) = BlockAt(turns, 7, 0, SHOWS).simulated([Stocked(UNITS[:, [0]])])
    expected = ledger(recording, UNITS[:, [0]]).figures["sales"]
    assert np.array_equal(alone.figures["sales"], expected)


@pytest.mark.slow
def test_all_shows_that_part_go_on_and_no_others(
    kept: Ledger, gone_on: list[tuple[int, Parted]]
) -> None:
    for number, level in enumerate((1, 2)):
        rows = np.concatenate([one.rows for at, one in gone_on if at == number])
        assert sorted(rows) == np.flatnonzero(np.isfinite(kept.exact_until[:, level])).tolist()
    assert SHOWS < sum(len(one.rows) for _, one in gone_on) <= 2 * SHOWS


def test_until_they_part_they_are_the_show_that_was_recorded(
    recording: Recording, kept: Ledger, gone_on: list[tuple[int, Parted]]
) -> None:
    """To the bit; and that is the moment at which a slot goes on in one of them alone."""
    for number, one in gone_on:
        for place, row in enumerate(one.rows.tolist()):
            until = float(kept.exact_until[row, number + 1])
            assert orders_of(one.recording, place, until) == orders_of(recording, row, until)
            own, seen = one.recording.slots, recording.slots
            for mine, theirs in (
                (own.started_at, seen.started_at),
                (own.linked_at, seen.linked_at),
            ):
                some = np.minimum(mine[place], theirs[row]) < until
                assert np.array_equal(mine[place][some], theirs[row][some])
            ends = np.stack([own.ended_at[place], seen.ended_at[row]])
            assert np.where(ends[0] != ends[1], ends.min(axis=0), np.inf).min() == until


def orders_of(recording: Recording, row: int, until: float) -> list[tuple[object, ...]]:
    orders = recording.orders
    mine = np.flatnonzero((orders.row == row) & (recording.clock.times[orders.step] <= until))
    some = orders.take(mine)
    columns = (some.cell, some.step, some.price, some.seed, some.size)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_their_slots_go_on_when_their_own_stock_is_sold_out(
    gone_on: list[tuple[int, Parted]],
) -> None:
    """What processes see of the stock as it goes is what the ledger says afterwards."""
    for _, one in gone_on:
        own = one.recording
        gone = validity._goes_on_at(own, [Wanted(own.lived[:, None], own.plan)])[:, :, 0].T
        ended = own.clock.by(own.slots.ended_at)
        goes_on = gone <= own.clock.steps
        assert goes_on.any() and np.array_equal(gone[goes_on], ended[goes_on])
        alone = ledger(own, own.lived[:, None])
        assert np.isinf(one.ledger.exact_until).all() and np.isinf(alone.exact_until).all()
        for name, figure in alone.figures.items():
            assert np.array_equal(one.ledger.figures[name], figure), name
        for name in ("sold_out_at", "unavailable_at", "on_sale", "final"):
            assert np.array_equal(getattr(one.ledger, name), getattr(alone, name)), name


@pytest.mark.slow
def test_shows_with_processes_in_common_are_those_with_their_own(
    turns: Scenario, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the bit: nobody is late here, so all begin together, and each sells out by itself.

    They look one refresh ahead: the timer of a slot that went on early stops only a show that has
    had its processes all along, and who looks further draws other numbers after a stop.
    """

    def each(inputs: Inputs, *_: object) -> list[list[int]]:
        return [[row] for row in range(inputs.replications)]

    inputs = inputs_of(turns, drawn_block(turns, 7, 0, SHOWS), SHOWS)
    monkeypatch.setattr(own_pace, "REFRESHES_AHEAD", 1)
    together, _ = record_noting(inputs, streams, UNITS[:, 1], UNITS.min(axis=1))
    monkeypatch.setattr(own_pace, "alike", each)
    alone, _ = record_noting(inputs, streams, UNITS[:, 1], UNITS.min(axis=1))
    for name in ("started_at", "linked_at", "ended_at"):
        assert np.array_equal(getattr(together.slots, name), getattr(alone.slots, name)), name
    for name in ("cell", "row", "step", "count"):
        assert np.array_equal(getattr(together.orders, name), getattr(alone.orders, name)), name
    assert 5 < len(np.unique(alone.slots.ended_at, axis=0)) < SHOWS


def both_ways(turns: Scenario, blocks: int = 4) -> tuple[Levels, list[Levels]]:
    """Return shows at all levels at once, and each level simulated by itself."""
    together = [BlockAt(turns, 5, n).simulated([Stocked(UNITS)])[0] for n in range(blocks)]
    alone = [
        Levels.joined(
            [BlockAt(turns, 5, n).simulated([Stocked(UNITS[:, [level]])])[0] for n in range(blocks)]
        )
        for level in range(UNITS.shape[1])
    ]
    return Levels.joined(together), alone


def apart(found: Levels, alone: list[Levels]) -> list[str]:
    """Return the figures whose means differ by more than five errors of their difference."""
    wrong = []
    for level, one in enumerate(alone):
        pairs = {
            f"{name} of {variant}": (
                found.figures[name][:, variant, level],
                one.figures[name][:, variant, 0],
            )
            for name in ("demand", "sales", "lost", "backordered", "profit")
            for variant in range(3)
        }
        pairs["viewers"] = found.viewers[:, level], one.viewers[:, 0]
        for name, (mine, theirs) in pairs.items():
            difference = mine.astype(float) - theirs
            error = difference.std() / np.sqrt(len(difference))
            if abs(difference.mean()) > 5 * error + 1e-9:
                wrong.append(f"{name} at level {level}")
    return wrong


@pytest.mark.thorough
def test_shows_that_part_have_the_law_of_shows_alone(turns: Scenario) -> None:
    """1,000 shows, 48 means: one of them is off by five errors in 40,000 suites of such tests."""
    found, alone = both_ways(turns)
    assert np.isinf(found.exact_until).all() and found.final.all()
    assert apart(found, alone) == []


@pytest.mark.thorough
def test_viewers_who_come_before_their_show_goes_on_would_be_seen(
    turns: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_ahead = SegmentCrowd.look_ahead

    def too_early(self: SegmentCrowd, at: np.ndarray, until: np.ndarray, hazards: Rates) -> object:
        early = at - at.min()
        return look_ahead(self, at - early, until - early, hazards)

    monkeypatch.setattr(SegmentCrowd, "look_ahead", too_early)
    assert any(name.startswith("viewers") for name in apart(*both_ways(turns, blocks=1)))


def test_shows_in_which_orders_bring_viewers_do_not_part(turns: Scenario) -> None:
    assert reactions_of(inputs_of(turns)).own_pace
    for change in ({"segments.everyone.recommendation": 2}, {"checkout.capacity": 1}):
        assert not reactions_of(inputs_of(turns.with_changes(change))).own_pace
