"""Rooms: many streams of one show, before one stock or with an allotment each."""

from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from livesim.engine.ledger import dividing
from livesim.engine.orders.orders import Kinds
from livesim.engine.orders.single_rooms import LikeRooms, SingleRooms
from livesim.engine.outcome import Outcome
from livesim.engine.release_plan import Cells
from livesim.engine.streams import Streams
from livesim.errors import UsageError
from livesim.experiment.block_at import BlockAt
from livesim.experiment.journeys import journeys
from livesim.experiment.levels import Stocked
from livesim.experiment.simulating import simulate_block
from livesim.model.expectation import expect
from livesim.model.inputs import Inputs, RoomInputs
from livesim.randomness import BLOCK
from livesim.resolve import resolve
from livesim.resolve.inputs import inputs_of
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario
from livesim.scenario.writing import write_yaml

#: A test that could fail by luck does so at most once in so many fresh seeds.
ALARM = 1e-5

SHOW = """
title: Two audiences
show: {start: 2026-11-29 20:00, length: 5min, currency: CNY, refresh: 5s, appeal: 1,
       turnout_factor: 1}
segments:
  fans: {reach: 400, turnout: 50%, waiting: 40%}
  friends: {reach: 300, turnout: 80%}
products:
  serum: {price: 100, unit_cost: 40, left_over_value: 0, conversion: 40%, owned: 60, returns: 10%,
          rush: 30s, quantity: {1: 100%}}
checkout: {unpaid: 0%, payment_timeout: 1min}
rundown:
  talk: {length: 5min, sells: [serum]}
"""
ROOMS = {"big": {"segments": ["fans"]}, "small": {"segments": ["friends"]}}


def show(rooms: dict[str, dict[str, Any]] | None = None, **products: Any) -> Scenario:
    data = dict(parse_document(SHOW).data)
    if rooms:
        data["rooms"] = rooms
    serum = {**data["products"]["serum"], **products}
    return resolve(parse_document(write_yaml({**data, "products": {"serum": serum}}))).scenario


def allotted(big: str, small: str, **of_small: Any) -> dict[str, dict[str, Any]]:
    return {
        "big": {**ROOMS["big"], "allotment": big},
        "small": {**ROOMS["small"], "allotment": small, **of_small},
    }


def simulated(scenario: Scenario) -> Outcome:
    return simulate_block(scenario, seed=3, block=0)


def differing(one: Outcome, other: Outcome) -> list[str]:
    """Return the figures, other than those by room, that are not equal bit for bit."""
    return [
        f"{table.name} {name}"
        for table in fields(Outcome)
        if table.name != "rooms"
        for name, column in getattr(one, table.name).items()
        if not np.array_equal(column, getattr(other, table.name)[name])
    ]


# Rooms that change nothing ------------------------------------------------------------------


def test_rooms_of_neutral_people_that_share_the_stock_change_no_bit() -> None:
    assert differing(simulated(show()), simulated(show(ROOMS))) == []


def test_what_orders_ask_for_is_luck_of_each_room_and_nothing_else_is() -> None:
    """The same viewers try to order; units and payments follow one law: shows 3 % of a mean."""
    luck = {"quantity": {"1": 0.6, "2": 0.4}, "owned": 300}
    unpaid = {"checkout.unpaid": 0.2}
    alone, rooms = (simulated(show(there, **luck).with_changes(unpaid)) for there in (None, ROOMS))
    apart = differing(alone, rooms)
    assert "products demand" in apart
    for table in ("segments", "inputs"):
        assert not any(name.startswith(table) for name in apart)
    for name in ("demand", "sales", "lapsed"):
        pair = [outcome.products[name][:, 0] for outcome in (alone, rooms)]
        error = np.subtract(*pair).std() / np.sqrt(BLOCK)
        assert abs(np.subtract(*pair).mean()) < 4.5 * error, name
        assert error < 0.01 * pair[0].mean() or name == "lapsed"


def test_a_single_room_has_all_of_the_stock() -> None:
    one = {"all": {"segments": ["fans", "friends"], "allotment": "100%"}}
    assert differing(simulated(show()), simulated(show(one))) == []


def test_an_allotment_of_everything_is_the_whole_stock() -> None:
    """The other room has nothing, and nobody: units and orders are those of one stock."""
    lonely = {"segments.friends.reach": 0}
    whole = simulated(show(allotted("100%", "0%")).with_changes(lonely))
    alone = simulated(show().with_changes(lonely))
    times = ("sold_out_at", "unavailable_at")  # within a refresh, its own luck
    apart = {f"{table} {time}" for table in ("products", "variants") for time in times}
    assert set(differing(whole, alone)) <= apart
    both = np.isfinite(alone.products["sold_out_at"])
    assert both.any()
    assert np.array_equal(both, np.isfinite(whole.products["sold_out_at"]))


def test_the_rooms_add_up_to_the_show() -> None:
    """Also where some wait at a checkout, and only some are served."""
    rooms = show(ROOMS).with_changes({"checkout.capacity": 0.3})
    outcome = simulated(rooms)
    by_room, whole = outcome.rooms, outcome.shows
    assert (by_room["unique_viewers"].sum(axis=1) == whole["unique_viewers"]).all()
    assert (by_room["orders"].sum(axis=1) == whole["orders"]).all()
    assert (by_room["attempts"].sum(axis=1) == outcome.products["demand"][:, 0]).all()
    assert (by_room["orders"] < by_room["attempts"]).any()


# What splitting costs -----------------------------------------------------------------------


def test_splitting_the_stock_never_raises_sales() -> None:
    """On the same attempts: a unit that one room has left is no use to another."""
    alike = {"count": 10, "spread": 1}
    ten = {"big": ROOMS["big"], "small": {**ROOMS["small"], **alike}}
    shared, split = (
        simulated(show(rooms, owned=100).with_changes({"segments.friends.reach": 30}))
        for rooms in (ten, allotted("40%", "60%", **alike))
    )
    demand = shared.products["demand"]
    assert np.array_equal(demand, split.products["demand"])
    assert np.array_equal(split.products["potential_demand"], demand)
    assert np.array_equal(shared.products["sales"], np.minimum(demand, 100))
    assert (split.products["sales"] <= shared.products["sales"]).all()
    assert split.products["sales"].mean() < 0.97 * shared.products["sales"].mean()


def test_a_room_sells_no_more_than_its_allotment() -> None:
    outcome = simulated(show(allotted("25%", "75%")))
    orders, wanted = outcome.rooms["orders"], outcome.rooms["attempts"]
    assert np.array_equal(orders, np.minimum(wanted, [15, 45]))


@pytest.mark.parametrize("count", [4, 30])
def test_what_is_left_in_equal_rooms_has_its_closed_form(count: int) -> None:
    """An order falls to each of n rooms alike: n E[max(0, s - Bin(M, p/n))] are left over."""
    rooms = {
        "all": {"segments": ["fans"], "count": count, "spread": 0, "allotment": "100%"},
        "none": {"segments": ["friends"], "allotment": "0%"},
    }
    reach = {"segments.friends.reach": 0, "segments.fans.reach": 1_200 // count}
    scenario = show(rooms, owned=0).with_changes(reach)
    orders = expect(inputs_of(scenario)).orders["serum"]
    stock = round(orders / count)
    scenario = scenario.with_changes({"products.serum.owned": stock * count})
    wanted = np.arange(stock + 1)
    law = stats.binom(1_200, orders / 1_200 / count).pmf(wanted)
    expected = count * float((stock - wanted) @ law)
    assert 0.05 * orders < expected < 0.3 * orders  # some rooms sell out and some do not
    left = np.concatenate(
        [simulate_block(scenario, 5, block).products["left_over"][:, 0] for block in range(2)]
    )
    z = (left.mean() - expected) / (left.std(ddof=1) / np.sqrt(len(left)))
    assert 2 * stats.norm.sf(abs(z)) > ALARM


# The parts -----------------------------------------------------------------------------------


def like_rooms(count: int, spread: float, replications: int = 200) -> RoomInputs:
    return RoomInputs("small", count, np.full(replications, spread), 1.0)


def test_sizes_are_lognormal_and_the_same_for_every_product() -> None:
    many = like_rooms(20_000, 0.8, replications=1)
    size = 20_000 * LikeRooms(many, Streams(1, 0), "serum").weights[0]
    assert stats.kstest(np.log(size), stats.norm(-0.32, 0.8).cdf).pvalue > ALARM
    other = LikeRooms(many, Streams(1, 0), "mask").weights[0]
    assert np.array_equal(20_000 * other, size)


def test_rooms_without_spread_are_alike() -> None:
    weights = LikeRooms(like_rooms(8, 0.0), Streams(1, 0), "serum").weights
    assert np.allclose(weights, 1 / 8)


@pytest.mark.parametrize("attempts", [3, 1_000])
def test_attempts_fall_to_rooms_by_their_sizes(attempts: int) -> None:
    """One by one where they are few, by counts where they are many: the same law."""
    rooms = LikeRooms(like_rooms(5, 1.0), Streams(2, 0), "serum")
    rounds = 1_500 // attempts + 1
    total = np.zeros((200, 5), dtype=np.int64)
    for _ in range(rounds):
        entry, single, orders = rooms.share_out(np.arange(200), np.full(200, attempts))
        assert np.array_equal(np.bincount(entry, weights=orders), np.full(200, attempts))
        np.add.at(total, (entry, single), orders)
    expected = rooms.weights * total.sum(axis=1, keepdims=True)
    statistic = ((total - expected) ** 2 / expected).sum()
    assert stats.chi2.sf(statistic, 200 * 4) > ALARM
    assert stats.chi2.cdf(statistic, 200 * 4) > ALARM


def test_every_order_keeps_its_kind_and_its_batch_and_falls_to_a_room_of_its_own() -> None:
    """Two batches of one show and one of another, from a single room and from three like ones."""
    rooms: Any = SimpleNamespace(
        rooms=(RoomInputs("big", 1, np.zeros(2), 0.4), RoomInputs("small", 3, np.zeros(2), 0.6))
    )
    kinds = Kinds.of([1, 2], rooms=2)
    single_rooms = SingleRooms(rooms, Streams(1, 0), kinds, ("serum", "serum"))
    random = np.random.default_rng(5)
    batch = np.sort(random.integers(0, 3, 60))
    row, kind = np.array([0, 1, 0])[batch], random.integers(0, len(kinds.units), 60)
    count = random.integers(1, 9, 60)
    old, single, of, new_kind, new_count = single_rooms.share_out(batch, row, kind, count)
    assert (np.diff(old * 4 + single) > 0).all(), "by batch and single room"
    assert (np.diff(of) >= 0).all() and np.array_equal(np.unique(of), np.arange(len(old)))
    home = np.where(single[of] == 0, 0, 1)
    assert (kinds.room[new_kind] == home).all()
    for table in ((batch, kind, count), (old[of], new_kind, new_count)):
        by_kind = np.zeros((3, len(kinds.units)), dtype=np.int64)
        np.add.at(by_kind, table[:2], table[2])
        if table[0] is batch:
            before = by_kind
    assert np.array_equal(before, by_kind)


@st.composite
def parts_of_stock(draw: st.DrawFn) -> tuple[list[RoomInputs], list[int]]:
    shares = draw(st.lists(st.integers(0, 5), min_size=1, max_size=4).filter(any))
    rooms = [
        RoomInputs(f"r{n}", draw(st.integers(1, 7)), np.zeros(1), share / sum(shares))
        for n, share in enumerate(shares)
    ]
    return rooms, draw(st.lists(st.integers(0, 40), min_size=1, max_size=5))


@given(parts_of_stock())
def test_every_unit_is_in_one_room_and_like_rooms_have_equal_parts(
    given_: tuple[list[RoomInputs], list[int]],
) -> None:
    """However many there are; and no part shrinks as the units grow."""
    rooms, more = given_
    show_: Any = SimpleNamespace(rooms=tuple(rooms), allotted=True)
    before = np.zeros(sum(room.count for room in rooms), dtype=np.int64)
    for units in np.cumsum(more):
        cells = Cells(show_).split(np.array([units]))
        assert cells.sum() == units
        assert (cells >= before).all()
        first = 0
        for room in rooms:
            part = cells[first : first + room.count]
            assert (np.diff(part) <= 0).all() and np.ptp(part) <= 1
            assert abs(part.sum() - (room.allotment or 0) * units) <= len(rooms)
            first += room.count
        before = cells


def test_without_allotments_all_sell_from_one_stock() -> None:
    show_: Any = SimpleNamespace(rooms=(), allotted=False)
    assert Cells(show_).split(np.array([[7], [9]])).tolist() == [[7], [9]]


# Many levels, and single viewers --------------------------------------------------------------


TIGHT = {
    "waves": {
        "first": {"share": "50%", "after": "0s"},
        "second": {"share": "50%", "after": "2min"},
    },
    "arriving": {"van": {"units": 10, "on": "2026-11-29 20:03"}},
    "reserve": {"units": 12, "below": 10, "lead_time": "30s"},
    "quantity": {"1": 0.7, "2": 0.3},
}


@pytest.mark.slow
def test_every_level_is_a_simulation_at_that_stock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where so many stocks do not fit into one pass."""
    scenario = show(allotted("40%", "60%", count=3, spread=0.7), **TIGHT).with_changes(
        {"checkout.unpaid": "20%", "segments.friends.reach": 100}
    )
    monkeypatch.setattr(dividing, "IN_MEMORY", 100_000)  # some ten parts
    units = np.array([[0, 31, 60, 200, 10_000]])
    (found,) = BlockAt(scenario, seed=3, block=0).simulated([Stocked(units)])
    for level, owned in enumerate(units[0].tolist()):
        outcome = simulated(scenario.with_changes({"products.serum.owned": owned}))
        for name in ("sales", "lost", "left_over", "demand", "gmv", "profit"):
            figure = found.figures[name][:, 0, level]
            assert np.array_equal(figure, outcome.variants[name][:, 0]), (name, owned)
        assert np.array_equal(found.sold_out_at[:, 0, level], outcome.products["sold_out_at"][:, 0])
    sales = found.figures["claimed"][:, 0].mean(axis=0)
    assert (np.diff(sales) > 0).all()


def test_a_product_is_sold_out_when_every_room_is() -> None:
    outcome = simulated(show(allotted("90%", "10%")))
    sold_out = np.isfinite(outcome.products["sold_out_at"][:, 0])
    full = (outcome.rooms["attempts"] >= [54, 6]).all(axis=1)
    assert np.array_equal(sold_out, full)
    assert 0 < sold_out.mean() < 1


def test_journeys_show_a_room_s_own_people_and_refuse_allotments() -> None:
    people = {"people": {"host": {"role": "host"}, "koc": {"role": "guest", "fit": {}}}}
    rooms = {"big": ROOMS["big"], "small": {**ROOMS["small"], "people": ["koc"]}}
    data = {**parse_document(SHOW).data, **people, "rooms": rooms}
    scenario = resolve(parse_document(write_yaml(data))).scenario
    events = journeys(scenario, seed=1, replications=1)
    seen = {
        segment: set(
            events["on_stage"][(events["segment"] == segment) & (events["slot"] == "talk")]
        )
        for segment in ("fans", "friends")
    }
    assert seen == {"fans": {"host"}, "friends": {"host+koc"}}
    with pytest.raises(UsageError, match="take the allotments away"):
        journeys(show(allotted("40%", "60%")), seed=1, replications=1)


def test_reach_is_that_of_one_room() -> None:
    inputs: Inputs = inputs_of(show({"big": ROOMS["big"], "small": {**ROOMS["small"], "count": 7}}))
    assert [segment.reach.item() for segment in inputs.segments] == [400, 2_100]
    assert [segment.room for segment in inputs.segments] == [0, 1]


@pytest.mark.parametrize("rooms", [ROOMS, allotted("40%", "60%", count=3)])
def test_steps_and_fake_orders_keep_their_room(rooms: dict[str, dict[str, Any]]) -> None:
    """Nobody is lost between the crowd and the stock, and every unit stays accounted for."""
    scenario = show(rooms, fake_orders={"share": "40%", "returned": "90%"}).with_changes(
        {"checkout.steps": {"open_shop": "50%"}, "segments.friends.reach": 100}
    )
    outcome = simulated(scenario)
    product, by_room = outcome.products, outcome.rooms
    real = by_room["attempts"].sum(axis=1) - product["dropped"][:, 0]
    fake = product["demand"][:, 0] - real
    ratio = fake.sum() / product["demand"].sum()
    error = np.sqrt(0.4 * 0.6 / product["demand"].sum())
    assert abs(ratio - 0.4) < 6 * error
    assert (by_room["orders"].sum(axis=1) == product["orders"][:, 0]).all()
    assert (product["claimed"] + product["left_over"] == 60).all()
    assert 0 < product["fake"].sum() < product["sales"].sum()
