"""The ledger by hand: small lists of orders of which anybody can work out what they come to.

A step is 5 s, a show 3 min; units lapse in sweeps every 30 s. The ledger of long random lists is
held against a slow clerk in test_ledger_and_clerk.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from random_recordings import random_plan, random_recording, recording_of

from livesim.engine.ledger.dividing import Wanted
from livesim.engine.ledger.ledger import Ledger, ledger, ledger_of_all
from livesim.engine.orders.orders import Kinds
from livesim.engine.recording import Slots
from livesim.engine.release_plan import UNLIMITED
from livesim.engine.settlement import settled
from livesim.engine.streams import Streams
from livesim.model.inputs import (
    Inputs,
    ReceiptInputs,
    ReserveInputs,
    RoomInputs,
    SupplyInputs,
    WaveInputs,
)
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

SHOW = "show: {length: 3min, refresh: 5s}\nrundown: {talk: {length: 3min, sells: [serum]}}"
SIZES = "\nproducts: {serum: {variants: {small: {share: 70%}, large: {share: 30%}}}}"
PRICE = 10.0
KINDS = Kinds.of([1, 2, 3], rooms=1)


def kind(units: int = 1, *, pays: bool = True, accepts: bool = False, fake: bool = False) -> int:
    return KINDS.number(units, pays=pays, accepts=accepts, fake=fake, room=0)


PAYS, LAPSES, WAITS = kind(), kind(pays=False), kind(accepts=True)
PLAIN = SupplyInputs((), (), (), 0)
#: Orders by step: how many of each kind.
Orders = Mapping[int, Mapping[int, int]]


@pytest.fixture(scope="module")
def one(show_of: Callable[..., Scenario]) -> Inputs:
    """One replication of a show that sells one variant."""
    return inputs_of(show_of(SHOW), None, 1)


@pytest.fixture(scope="module")
def sizes(show_of: Callable[..., Scenario]) -> Inputs:
    """One replication of a show that sells two variants of one product."""
    return inputs_of(show_of(SHOW + SIZES), None, 1)


def kept(
    inputs: Inputs,
    orders: Orders | Sequence[Orders],
    levels: Sequence[Any],
    *,
    timeout: float = 60.0,
    prices: Mapping[int, float] | None = None,
    link_at: float = 0.0,
    further: tuple[float, ...] = (),
    seed: int = 0,
    slots: Sequence[tuple[float, float]] | None = None,
    **supply: Any,
) -> Ledger:
    """Keep the ledger of orders, those of one cell or of each; a level is a number, or one each.

    Slots are when their links went up and down.
    """
    of_cells = [orders] if isinstance(orders, Mapping) else orders
    batches = [
        (cell, 0, step, (prices or {}).get(step, PRICE), dict(counts))
        for cell, of_cell in enumerate(of_cells)
        for step, counts in of_cell.items()
    ]
    timed = replace(inputs, timeout=np.array([timeout]), supplies=(replace(PLAIN, **supply),))
    happened = None
    if slots is not None:
        timed = replace(timed, slots=timed.slots * len(slots))
        up, down = (np.array([times]) for times in zip(*slots, strict=True))
        happened, link_at = Slots(up, up, down), float(up.min())
    links = np.array([[link_at]])
    recording = recording_of(timed, batches, KINDS, links, further, seed, slots=happened)
    return ledger(recording, np.array(levels).reshape(len(levels), -1).T)


def figure(found: Ledger, name: str, variant: int = 0) -> list[float]:
    """Return a figure at each level."""
    return found.figures[name][0, variant].tolist()


# One unit after the other ---------------------------------------------------------------------


def test_the_last_unit_is_sold_and_not_one_more(one: Inputs) -> None:
    found = kept(one, {3: {PAYS: 5}}, [0, 4, 5, 6])
    assert figure(found, "demand") == [5, 5, 5, 5]
    assert figure(found, "claimed") == [0, 4, 5, 5]
    assert figure(found, "lost") == [5, 1, 0, 0]
    assert figure(found, "orders") == [0, 4, 5, 5]
    assert figure(found, "on_hand") == [0, 0, 0, 1]
    none, at_4, at_5, at_6 = figure(found, "sold_out_at")
    assert none == 0.0 and 10 < at_4 < at_5 < 15 and at_6 == np.inf
    assert found.sold_out_at[0, 0].tolist() == [none, at_4, at_5, at_6]


def test_who_asks_for_two_of_one_takes_one(one: Inputs) -> None:
    found = kept(one, {1: {kind(2): 3}}, [1, 3, 6])
    assert figure(found, "claimed") == [1, 3, 6]
    assert figure(found, "lost") == [5, 3, 0]
    assert figure(found, "orders") == [1, 2, 3]
    assert figure(found, "sales") == figure(found, "claimed")


@pytest.mark.parametrize("pays", [True, False])
@pytest.mark.parametrize("fake", [True, False])
def test_the_last_in_line_takes_its_mark_with_it(one: Inputs, pays: bool, fake: bool) -> None:
    """Units served in part are fake, and paid for, as the order that takes them is."""
    found = kept(one, {1: {kind(3, pays=pays, fake=fake): 2}}, [1, 2, 3, 4, 5])
    units = [1, 2, 3, 4, 5]
    assert figure(found, "claimed") == units
    assert figure(found, "sales") == [pays * number for number in units]
    assert figure(found, "faked") == [pays * fake * number for number in units]
    assert figure(found, "lapsed") == [(not pays) * number for number in units]


def test_nobody_wants_anything(one: Inputs) -> None:
    found = kept(one, {}, [0, 3])
    assert figure(found, "demand") == figure(found, "claimed") == [0, 0]
    assert figure(found, "on_hand") == [0, 3]
    assert figure(found, "sold_out_at") == [0.0, np.inf]
    assert found.on_sale[0, 0].tolist() == [0.0, 1.0]


def test_unlimited_stock_turns_nobody_away(one: Inputs) -> None:
    found = kept(one, {step: {PAYS: 2 * 10**8} for step in range(1, 37)}, [0, UNLIMITED])
    assert figure(found, "claimed") == [0, 72 * 10**8]
    assert figure(found, "lost") == [72 * 10**8, 0]
    assert figure(found, "on_hand") == [0, UNLIMITED - 72 * 10**8]


# On offer with nothing on hand -----------------------------------------------------------------


def unavailable(found: Ledger) -> list[float]:
    """Return when the product was first unavailable at each level, as its only variant was."""
    assert figure(found, "unavailable_at") == found.unavailable_at[0, 0].tolist()
    return figure(found, "unavailable_at")


def test_on_offer_while_its_link_was_up_whenever_that_was(one: Inputs) -> None:
    """A guest was late: the slot ran from 120 to 160 s, and the last unit went at 140–145 s."""
    orders = {step: {PAYS: 1} for step in range(25, 33)}  # from 120 s to 160 s
    at_4, at_5, at_8, at_9 = unavailable(
        found := kept(one, orders, [4, 5, 8, 9], slots=[(120, 160)])
    )
    assert 135 < at_4 < 140 < at_5 < 145 and 155 < at_8 < 160 and at_9 == np.inf
    assert found.on_sale[0, 0] == pytest.approx([4 / 8, 5 / 8, 1, 1])


def test_on_the_shelf_it_is_on_offer_until_the_show_ends(one: Inputs) -> None:
    """Its slot ended at 60 s; the shelf sells its last unit at 95–100 s, and lasts until 180 s."""
    orders = {step: {PAYS: 1} for step in (5, 10, 20, 34)}
    shelf = replace(one, shelf=np.full_like(one.shelf, 0.1))
    found = kept(shelf, orders, [3, 4, 5], slots=[(0, 60)])
    at_3, at_4, at_5 = unavailable(found)
    assert 95 < at_3 < 100 and 165 < at_4 < 170 and at_5 == np.inf
    assert found.on_sale[0, 0] == pytest.approx([20 / 36, 34 / 36, 1])


def test_who_waits_at_the_checkout_is_still_on_offer_to(one: Inputs) -> None:
    """The show is over at 180 s; the queue is worked off until 240 s, in steps of 30 s."""
    orders = {36: {PAYS: 2}, 37: {PAYS: 2}, 38: {PAYS: 2}}
    found = kept(one, orders, [1, 3, 5, 6, 7], further=(210.0, 240.0, 270.0), slots=[(150, 180)])
    at_1, at_3, at_5, at_6, at_7 = unavailable(found)
    assert 175 < at_1 < 180 < at_3 < 210 < at_5 < at_6 < 240 and at_7 == np.inf
    # Units are there until the end of the step in which the last one goes: 180, 210 or 240 s.
    assert found.on_sale[0, 0] == pytest.approx([30 / 90, 60 / 90, 1, 1, 1])


def test_between_two_slots_nothing_is_on_offer(one: Inputs) -> None:
    """All units go at 20–25 s, and are back at 60 s, before the link is up again at 90 s."""
    orders = {5: {LAPSES: 3}, 20: {PAYS: 1}}
    back = kept(one, orders, [3], timeout=30.0, slots=[(0, 25), (90, 120)])
    assert 20 < unavailable(back)[0] < 25  # in the last moment of the first slot
    assert back.on_sale[0, 0, 0] == pytest.approx(1)
    gone = kept(one, {5: {PAYS: 3}, 20: {PAYS: 1}}, [3], slots=[(0, 25), (90, 120)])
    assert gone.on_sale[0, 0, 0] == pytest.approx(25 / 55)


def test_units_that_come_and_go_between_slots_are_nobodys(one: Inputs) -> None:
    """A van brings the first units in the gap: the second slot has them, the first has none."""
    van = (ReceiptInputs("van", 3, 60.0),)
    found = kept(one, {20: {PAYS: 1}}, [0], receipts=van, slots=[(30, 50), (90, 120)])
    assert unavailable(found) == [30.0] and found.on_sale[0, 0, 0] == pytest.approx(30 / 50)
    late = kept(one, {20: {PAYS: 1}}, [0], receipts=van, slots=[(70, 80), (90, 120)])
    assert unavailable(late) == [np.inf] and late.on_sale[0, 0, 0] == 1


# Units that come back -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "timeout", "back_at"),
    [(30, 60, 90), (35, 60, 120), (5, 0, 30), (30, 0, 30), (60, 90, 150), (25, 119, 150)],
)
def test_unpaid_units_come_back_in_the_first_sweep_after_the_timeout(
    one: Inputs, ends: int, timeout: float, back_at: int
) -> None:
    """Who orders until the sweep finds nothing; who orders after it takes both."""
    taken, back = {ends // 5: {LAPSES: 2}}, back_at // 5
    before = kept(one, taken | {step: {PAYS: 2} for step in range(ends // 5 + 1, back + 1)}, [2],
                  timeout=timeout)  # fmt: skip
    assert figure(before, "sales") == [0]
    after = kept(one, taken | {back + 1: {PAYS: 2}}, [2], timeout=timeout)
    assert figure(after, "sales") == figure(after, "lapsed") == [2]
    assert figure(after, "on_hand") == [0]


def test_lapsed_units_are_sold_again_and_claimed_again(one: Inputs) -> None:
    """Sold by 30 s, back at 60 s, sold by 90 s again; by 60 and 120 s there is nothing."""
    found = kept(one, {step: {LAPSES: 5} for step in (6, 12, 18, 24)}, [3], timeout=30.0)
    assert figure(found, "demand") == [20]
    assert figure(found, "claimed") == figure(found, "lapsed") == [6]
    assert figure(found, "gmv") == [6 * PRICE] and figure(found, "paid_value") == [0.0]
    assert 25 < figure(found, "sold_out_at")[0] < 30  # the first such moment
    assert figure(found, "on_hand") == [3]
    # Empty at 30–60 s and 90–120 s: at 12 of 36 refreshes.
    assert found.on_sale[0, 0, 0] == pytest.approx(24 / 36)


def test_units_that_lapse_at_the_next_look_were_sold_out_all_the_same(one: Inputs) -> None:
    found = kept(one, {6: {LAPSES: 3}}, [3], timeout=0.0)
    assert 25 < figure(found, "sold_out_at")[0] < 30
    assert found.on_sale[0, 0, 0] == 1.0


def test_units_of_a_presale_come_back_only_after_the_show(one: Inputs) -> None:
    found = kept(one, {1: {LAPSES: 2, PAYS: 1}, 36: {PAYS: 9}}, [3], timeout=np.inf)
    assert figure(found, "claimed") == [3] and figure(found, "lost") == [9]
    assert figure(found, "sales") == [1]
    assert figure(found, "lapsed") == figure(found, "on_hand") == [2]


def test_who_passes_the_queue_after_the_show_is_served_then(one: Inputs) -> None:
    """To them are sold the units that have lapsed by then, at 180 s."""
    late = {37: {PAYS: 1}, 38: {PAYS: 5}}
    found = kept(one, {30: {LAPSES: 4}} | late, [4], timeout=30.0, further=(210.0, 240.0))
    assert figure(found, "sales") == [4] and figure(found, "lost") == [2]
    assert 145 < figure(found, "sold_out_at")[0] < 150


# Units that come later ------------------------------------------------------------------------

WAVES = (WaveInputs("a", 0.6, 0.0), WaveInputs("b", 0.3, 60.0), WaveInputs("c", 0.1, 120.0))


def test_waves_come_when_they_are_due_and_not_before(one: Inputs) -> None:
    """The link goes up at 33 s: 6 of 10 units at 35 s, 3 at 95 s, and the last at 155 s."""
    for last, claimed in [(7, 0), (8, 6), (19, 6), (20, 9), (31, 9), (32, 10), (36, 10)]:
        everyone = {step: {PAYS: 20} for step in range(1, last + 1)}
        found = kept(one, everyone, [10], waves=WAVES, link_at=33.0)
        assert figure(found, "claimed") == [claimed], last
    assert 155 < figure(found, "sold_out_at")[0] < 160
    assert figure(found, "put_on_sale") == [10]
    assert found.on_sale[0, 0, 0] == pytest.approx(3 / 29)  # 5 s each after 35, 95 and 155 s


def test_waves_of_a_link_that_never_goes_up_never_come(one: Inputs) -> None:
    found = kept(one, {9: {PAYS: 1}}, [10], waves=WAVES, link_at=np.inf)
    assert figure(found, "put_on_sale") == figure(found, "on_hand") == [0]
    assert figure(found, "to_come") == [10]
    assert figure(found, "lost") == [1]
    assert figure(found, "sold_out_at") == [np.inf]


def test_sold_out_when_the_last_wave_brings_nothing(one: Inputs) -> None:
    """Of 3 units the waves bring 2, 1 and 0: sold out before the third, which is due at 120 s."""
    found = kept(one, {13: {PAYS: 9}, 14: {PAYS: 1}}, [3, 0], waves=WAVES)
    assert figure(found, "claimed") == [3, 0]
    assert figure(found, "sold_out_at") == [120.0, 120.0]


def test_receipts_arrive_on_their_date_and_keep_a_show_from_being_sold_out(one: Inputs) -> None:
    receipts = (ReceiptInputs("van", 3, 60.0), ReceiptInputs("ship", 5, 3_600.0))
    found = kept(one, {12: {PAYS: 4}, 13: {PAYS: 4}}, [2], receipts=receipts)
    assert figure(found, "claimed") == [5]  # two, and then three; the ship is too late
    assert 60 < figure(found, "sold_out_at")[0] < 65
    assert figure(found, "put_on_sale") == [10] and figure(found, "on_hand") == [5]


def test_a_reserve_is_called_once_below_its_bound_and_comes_after_its_lead_time(
    one: Inputs,
) -> None:
    """One order a step: 2 of 10 are left at 40 s; the reserve is there at 100 s."""
    reserve = ReserveInputs("reserve", units=5, below=3, lead_time=60.0)
    for last, claimed in [(10, 10), (20, 10), (21, 11), (25, 15), (36, 15)]:
        orders = {step: {PAYS: 1} for step in range(1, last + 1)}
        found = kept(one, orders, [10, 1_000], reserves=(reserve,))
        assert figure(found, "claimed") == [claimed, last], last
    assert 120 < figure(found, "sold_out_at")[0] < 125
    assert figure(found, "put_on_sale") == [15, 1_000]
    assert figure(found, "to_come") == [0, 0]  # what is not called is not owned


@pytest.mark.parametrize(("more_than", "put_on_sale"), [(3, 15), (4, 10)])
def test_a_reserve_is_called_at_a_moment_if_enough_is_sold(
    one: Inputs, more_than: int, put_on_sale: int
) -> None:
    """One order a step of 5 s: 4 are sold at 20 s, whatever comes afterwards."""
    reserve = ReserveInputs("reserve", units=5, below=0, lead_time=60.0, when=(20.0, more_than))
    orders = {step: {PAYS: 1} for step in range(1, 37)}
    found = kept(one, orders, [10], reserves=(reserve,))
    assert figure(found, "put_on_sale") == [put_on_sale]


@pytest.mark.parametrize(
    ("owned", "more_than", "lead_time", "between"),
    [
        (10, 12, 60.0, (60, 60)),  # gone at 50 s, and from 60 s on nothing more is to come
        (14, 12, 60.0, (65, 70)),  # nothing is to come when the last unit goes
        (10, 9, 60.0, (120, 145)),  # called: there at 120 s, and gone 5 orders later
        (10, 12, 150.0, (45, 50)),  # it could not come before the end
        (10, 9, 150.0, (45, 50)),
    ],
)
def test_a_reserve_that_was_not_called_at_its_moment_is_not_to_come(
    one: Inputs, owned: int, more_than: int, lead_time: float, between: tuple[float, float]
) -> None:
    """One order a step of 5 s, and a look at 60 s."""
    reserve = ReserveInputs("reserve", 5, below=0, lead_time=lead_time, when=(60.0, more_than))
    orders = {step: {PAYS: 1} for step in range(1, 37)}
    (at,) = figure(kept(one, orders, [owned], reserves=(reserve,)), "sold_out_at")
    assert between[0] <= at <= between[1]


def test_a_reserve_is_called_by_whatever_comes_first(one: Inputs) -> None:
    reserve = ReserveInputs("reserve", units=5, below=9, lead_time=0.0, when=(60.0, 2))
    orders = {step: {PAYS: 1} for step in range(1, 37)}
    found = kept(one, orders, [10, 1_000], reserves=(reserve,))
    assert figure(found, "put_on_sale") == [15, 1_005]


#: Worked by hand. One order a step of 5 s, 10 units owned, and two reserves. A row is what is on
#: hand at the end of a step, and why.
BY_HAND = {
    6: 4,
    7: 3,  # 35 s: below 4, the van is called, there at 55 s
    8: 2,  # 40 s: below 3, so is the courier, there at 100 s; what is on its way is not on hand
    10: 0,
    11: 5,  # 55 s: one more was turned away, and the van comes
    16: 0,
    19: 0,  # three are turned away
    20: 4,  # 100 s: a fourth, and the courier comes
    24: 0,
    30: 0,
}
VAN = ReserveInputs("reserve.van", units=5, below=4, lead_time=20.0, call_cost=30.0)
COURIER = ReserveInputs(
    "reserve.courier", units=4, below=3, lead_time=60.0, call_cost=50.0, extra_unit_cost=2.0
)


@pytest.mark.parametrize("reserves", [(VAN, COURIER), (COURIER, VAN)])
def test_each_of_two_reserves_is_called_by_its_own_rule(
    one: Inputs, reserves: tuple[ReserveInputs, ...]
) -> None:
    for last, on_hand in BY_HAND.items():
        orders = {step: {PAYS: 1} for step in range(1, last + 1)}
        found = kept(one, orders, [10, 1_000], reserves=reserves)
        came = figure(found, "put_on_sale")[0]
        to_come = 5 * (7 <= last < 11) + 4 * (8 <= last < 20)  # comes after these orders
        assert figure(found, "on_hand") == [on_hand + to_come, 1_000 - last], last
        assert came == 10 + 5 * (last >= 7) + 4 * (last >= 8), last
    assert figure(found, "reserve_cost") == [30.0 + 50.0 + 4 * 2.0, 0.0]


def test_what_a_reserve_brings_at_once_is_there_for_the_rule_of_the_next(one: Inputs) -> None:
    """3 of 10 are left at 35 s: the first brings 5, and only at 60 s are 3 left again."""
    first = ReserveInputs("reserve.a", units=5, below=4, lead_time=0.0)
    then = replace(first, part="reserve.b")
    for last, put_on_sale in [(6, 10), (7, 15), (11, 15), (12, 20)]:
        orders = {step: {PAYS: 1} for step in range(1, last + 1)}
        found = kept(one, orders, [10], reserves=(first, then))
        assert figure(found, "put_on_sale") == [put_on_sale], last
    assert "reserve_cost" not in found.figures


@pytest.mark.parametrize(("more_than", "put_on_sale"), [(11, 19), (12, 15)])
def test_what_came_from_a_reserve_counts_as_sold_once_it_is(
    one: Inputs, more_than: int, put_on_sale: int
) -> None:
    """12 are sold at 60 s: 10 owned ones but 3, and 5 of the first reserve."""
    first = ReserveInputs("reserve.a", units=5, below=4, lead_time=0.0)
    at = ReserveInputs("reserve.b", units=4, below=0, lead_time=0.0, when=(60.0, more_than))
    orders = {step: {PAYS: 1} for step in range(1, 37)}
    assert figure(kept(one, orders, [10], reserves=(first, at)), "put_on_sale") == [put_on_sale]


def test_what_a_call_costs_is_shared_by_the_variants(sizes: Inputs) -> None:
    """10 units cost 1 each, 7 of them small, and the call 100: 70 and 30."""
    called = ReserveInputs("reserve", 10, 50, 0.0, call_cost=100.0, extra_unit_cost=1.0)
    found = kept(sizes, [{1: {PAYS: 1}}, {}], [[14, 6]], reserves=(called,))
    assert found.figures["reserve_cost"][0, :, 0].tolist() == pytest.approx([77.0, 33.0])


def test_ads_are_for_nothing_while_it_is_on_offer_with_nothing_on_hand(one: Inputs) -> None:
    """Five are gone by 25 s, six by 30 s, and more come at 40 s: counted in whole refreshes."""
    terms = (replace(one.terms[0], ads=0.5),)
    orders = {step: {PAYS: 1} for step in range(1, 10)}
    receipts = (ReceiptInputs("van", 5, 40.0),)
    found = kept(replace(one, terms=terms), orders, [5, 6, 100], receipts=receipts)
    assert figure(found, "time_unavailable") == [15.0, 10.0, 0.0]


def test_a_reserve_counts_waves_still_to_come_as_left(one: Inputs) -> None:
    """5 of 10 are gone at 25 s, but 5 are to come at 100 s: below 3 at 115 s, there at 145 s."""
    waves = (WaveInputs("a", 0.5, 0.0), WaveInputs("b", 0.5, 100.0))
    reserve = ReserveInputs("reserve", units=5, below=3, lead_time=30.0)
    orders = {step: {PAYS: 1} for step in range(1, 37)}
    found = kept(one, orders, [10], waves=waves, reserves=(reserve,))
    assert figure(found, "claimed") == [15]
    assert 165 < figure(found, "sold_out_at")[0] < 170  # 25–27: two of the wave; 29 on: the reserve


def test_what_comes_back_as_the_last_unit_goes_counts_as_left(one: Inputs) -> None:
    """Six units lapse at 90 s, at the end of the step in which the other 14 go."""
    for below, put_on_sale in [(6, 20), (7, 25)]:
        reserve = ReserveInputs("reserve", units=5, below=below, lead_time=0.0)
        found = kept(one, {1: {LAPSES: 6}, 18: {PAYS: 30}}, [20, 1_000], reserves=(reserve,))
        assert figure(found, "put_on_sale") == [put_on_sale, 1_000]
        assert figure(found, "on_hand")[0] == put_on_sale - 14


def test_a_reserve_waits_for_the_link(one: Inputs) -> None:
    reserve = ReserveInputs("reserve", units=5, below=3, lead_time=0.0)
    for last, claimed in [(12, 0), (13, 5)]:
        orders = {step: {PAYS: 9} for step in range(1, last + 1)}
        found = kept(one, orders, [0], reserves=(reserve,), link_at=58.0)
        assert figure(found, "claimed") == [claimed], last


def test_a_delivery_that_goes_to_who_waits_calls_the_reserve(one: Inputs) -> None:
    """Two units to come are left until 45 s, when three orders wait; 10 s later there are five."""
    found = kept(
        one,
        {1: {WAITS: 3}, 12: {PAYS: 9}},
        [0],
        receipts=(ReceiptInputs("van", 2, 41.0),),
        reserves=(ReserveInputs("reserve", units=5, below=1, lead_time=10.0),),
        backorder_units=3,
    )
    assert figure(found, "claimed") == [3 + 4]


# Orders beyond the stock ----------------------------------------------------------------------


def test_orders_beyond_the_stock_stop_at_the_limit(one: Inputs) -> None:
    found = kept(one, {1: {WAITS: 9}}, [0, 2, 7], backorder_units=3)
    assert figure(found, "claimed") == [3, 5, 9]
    assert figure(found, "lost") == [6, 4, 0]
    assert figure(found, "backordered") == figure(found, "waiting") == [3, 3, 2]


def test_only_who_accepts_is_sold_what_is_not_there(one: Inputs) -> None:
    found = kept(one, {1: {WAITS: 4, PAYS: 7}}, [0], backorder_units=10)
    assert figure(found, "backordered") == figure(found, "sales") == [4]
    assert figure(found, "lost") == [7]


def test_the_last_order_beyond_the_stock_takes_what_the_limit_leaves(one: Inputs) -> None:
    found = kept(one, {1: {kind(3, accepts=True): 2}}, [0, 1], backorder_units=4)
    assert figure(found, "claimed") == [4, 4]  # of one unit there, its order takes no more
    assert figure(found, "orders") == [2, 2]
    assert figure(found, "backordered") == [4, 3]


def test_who_waits_is_served_first_and_the_limit_is_used_up(one: Inputs) -> None:
    van = (ReceiptInputs("van", 4, 50.0),)
    found = kept(one, {1: {WAITS: 9}, 11: {WAITS: 2}}, [2], receipts=van, backorder_units=3)
    assert figure(found, "backordered") == [3]
    assert figure(found, "claimed") == [2 + 3 + 1]  # one unit of the van is left for them
    assert figure(found, "waiting") == figure(found, "on_hand") == [0]


def test_whoever_waits_and_does_not_pay_gives_the_place_up(one: Inputs) -> None:
    gives_up = kind(accepts=True, pays=False)
    found = kept(one, {1: {gives_up: 5}}, [0], backorder_units=5, timeout=0.0)
    assert figure(found, "lapsed") == figure(found, "backordered") == [5]
    assert figure(found, "waiting") == figure(found, "on_hand") == [0]


def test_sold_out_once_the_last_delivery_has_gone_to_who_waits(one: Inputs) -> None:
    van = (ReceiptInputs("van", 3, 117.0),)
    found = kept(one, {1: {WAITS: 10}}, [2], receipts=van, backorder_units=50)
    assert figure(found, "waiting") == [5]
    assert figure(found, "sold_out_at") == [117.0]  # before, three were still to come


def test_a_reserve_after_the_show_serves_who_waits(one: Inputs) -> None:
    reserve = ReserveInputs("reserve", units=9, below=1, lead_time=7_200.0)
    found = kept(one, {1: {WAITS: 8}}, [3], reserves=(reserve,), backorder_units=4)
    assert figure(found, "claimed") == [7] and figure(found, "lost") == [1]
    assert 0 < figure(found, "sold_out_at")[0] < 5  # nothing comes before the end
    assert figure(found, "waiting") == [0] and figure(found, "on_hand") == [5]
    assert figure(found, "put_on_sale") == [12]


# Money ----------------------------------------------------------------------------------------


def test_everybody_pays_the_price_that_they_saw(one: Inputs) -> None:
    """Also the one with whom the units run out, and whoever waits for them."""
    orders = {1: {PAYS: 2, LAPSES: 1}, 2: {PAYS: 3}, 3: {WAITS: 4}}
    found = kept(
        one, orders, [0, 4, 9], prices={1: 10.0, 2: 6.0, 3: 20.0}, backorder_units=1, timeout=np.inf
    )
    assert figure(found, "gmv") == [20.0, 30.0 + 6.0 + 20.0, 30.0 + 18.0 + 60.0 + 20.0]
    assert figure(found, "paid_value") == [20.0, 20.0 + 6.0 + 20.0, 20.0 + 18.0 + 60.0 + 20.0]


# Variants and rooms ---------------------------------------------------------------------------


def test_variants_sell_out_separately_and_the_product_with_the_last(sizes: Inputs) -> None:
    found = kept(sizes, [{1: {PAYS: 7}, 2: {PAYS: 5}}, {2: {PAYS: 2}, 3: {PAYS: 1}}], [[7, 3]])
    assert figure(found, "lost", 0) == [5] and figure(found, "lost", 1) == [0]
    (small,), (large,) = (figure(found, "sold_out_at", variant) for variant in (0, 1))
    assert 0 < small < 5 and 10 < large < 15
    assert found.sold_out_at[0, 0, 0] == large


def test_a_product_is_sold_out_when_all_its_variants_are_at_once(sizes: Inputs) -> None:
    """The small ones are back at 30 s, before the large ones are gone."""
    small, large = {1: {LAPSES: 7}}, {7: {PAYS: 3}}
    found = kept(sizes, [small, large], [[7, 3]], timeout=0.0)
    assert np.isfinite(found.figures["sold_out_at"]).all()
    assert found.sold_out_at[0, 0, 0] == np.inf
    again = kept(sizes, [small | {9: {PAYS: 7}}, large], [[7, 3]], timeout=0.0)
    assert 40 < again.sold_out_at[0, 0, 0] < 45


def test_receipts_and_the_reserve_come_in_the_variants_shares(sizes: Inputs) -> None:
    found = kept(
        sizes,
        [{}, {}],
        [[0, 0]],
        receipts=(ReceiptInputs("van", 10, 50.0),),
        reserves=(ReserveInputs("reserve", units=20, below=11, lead_time=5.0),),
    )
    assert figure(found, "put_on_sale", 0) == [7 + 14]
    assert figure(found, "put_on_sale", 1) == [3 + 6]


def test_every_room_sells_its_own_allotment_and_all_of_them_sell_out(one: Inputs) -> None:
    """Of 11 units one big room has 4, and of two small ones the first 4 and the second 3."""
    rooms = (RoomInputs("big", 1, np.zeros(1), 0.4), RoomInputs("small", 2, np.zeros(1), 0.6))
    allotted = replace(one, rooms=rooms, allotted=True, has_rooms=True)
    orders = [{1: {PAYS: 9}}, {2: {PAYS: 4}}, {3: {PAYS: 1}}]
    found = kept(allotted, orders, [11])
    assert figure(found, "claimed") == [4 + 4 + 1]
    assert figure(found, "lost") == [5]
    assert figure(found, "on_hand") == [2]
    assert figure(found, "sold_out_at") == [np.inf]
    rest = kept(allotted, [*orders[:2], {3: {PAYS: 1}, 20: {PAYS: 2}}], [11])
    assert 95 < figure(rest, "sold_out_at")[0] < 100


# Many at once ---------------------------------------------------------------------------------

TWO = """
show: {length: 3min, refresh: 5s}
products:
  serum: {variants: {small: {share: 60%}, large: {share: 40%}}}
  cream: {price: 50, unit_cost: 20, conversion: 10%, owned: 40, rush: 30s}
rundown: {talk: {length: 3min, sells: [serum, cream]}}
"""


@pytest.fixture(scope="module")
def two(show_of: Callable[..., Scenario]) -> Inputs:
    return inputs_of(show_of(TWO), None, 4)


def assert_same(one: Ledger, other: Ledger) -> None:
    """Bit for bit."""
    for name, values in one.figures.items():
        np.testing.assert_array_equal(values, other.figures[name], err_msg=name)
    for name in ("sold_out_at", "unavailable_at", "on_sale", "exact_until", "final"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "at_once"),
    [
        *((0, None), (1, 1), (0, 40)),
        *(
            pytest.param(seed, at_once, marks=pytest.mark.thorough)
            for seed in range(2, 8)
            for at_once in (None, 1, 40)
        ),
    ],
)
def test_many_levels_and_plans_at_once_are_one_after_the_other(
    seed: int, at_once: int | None, two: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many are worked off together."""
    random = np.random.default_rng(seed)
    recording = random_recording(two, random)
    levels = np.sort(random.integers(0, 400, (3, 6)), axis=1)
    levels[:, 0], levels[:, -1] = 0, UNLIMITED
    wanted = [Wanted(levels, random_plan(two, random)) for _ in range(2)]
    alone = [ledger(recording, one.levels, one.plan) for one in wanted]
    if at_once is not None:
        monkeypatch.setattr("livesim.engine.ledger.dividing.IN_MEMORY", at_once)
    each = ledger_of_all(recording, wanted).split([one.size for one in wanted])
    for one, other in zip(each, alone, strict=True):
        assert_same(one, other)
    for number, one in enumerate(alone[0].split([1] * levels.shape[1])):
        assert_same(ledger(recording, levels[:, [number]], wanted[0].plan), one)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_lost_on_the_way(seed: int, two: Inputs) -> None:
    random = np.random.default_rng(seed)
    recording = random_recording(two, random)
    found = ledger(recording, random.integers(0, 200, (3, 12))).figures
    assert (found["demand"] == found["claimed"] + found["lost"]).all()
    assert (found["claimed"] == found["sales"] + found["lapsed"]).all()
    on_sale = found["put_on_sale"] + found["waiting"]
    assert (on_sale == found["on_hand"] + found["sales"]).all()
    if not recording.inputs.allotted:  # else one room may wait while another has units
        assert not ((found["on_hand"] > 0) & (found["waiting"] > 0)).any()
    for name, values in found.items():
        assert (values >= 0).all(), name


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_more_stock_never_sells_less(seed: int, two: Inputs) -> None:
    random = np.random.default_rng(seed)
    recording = random_recording(two, random)
    levels, plan = np.tile(np.arange(0, 300, 3), (3, 1)), [PLAIN for _ in recording.plan]
    claimed = ledger(recording, levels, plan).figures["claimed"]
    assert (np.diff(claimed, axis=2) >= 0).all()


def test_counts_are_in_four_bytes_where_all_of_them_fit(one: Inputs) -> None:
    """And in eight where one does not, or what is on hand of plenty would come out below 0."""
    most = np.iinfo(np.int32).max
    for level, size in [(most, 4), (most + 1, 8)]:
        found = kept(one, {1: {PAYS: 1}}, [5, level])
        assert found.figures["put_on_sale"].dtype.itemsize == size
        assert figure(found, "put_on_sale") == [5, level]
        assert figure(found, "on_hand") == [4, level - 1]


def test_what_is_counted_in_four_bytes_is_multiplied_in_eight(one: Inputs) -> None:
    found = kept(one, {1: {PAYS: 100_000}}, [100_000])
    assert found.figures["orders"].dtype.itemsize == 4
    never = replace(one, returns=np.zeros_like(one.returns))
    came = settled(never, Streams(1, 0, 1), found)
    assert came["shipped_orders"].tolist() == [[[100_000.0]]]  # of 10¹⁰ / 10⁵


def test_nothing_comes_and_nobody_asks(one: Inputs) -> None:
    """No batch is looked up for a unit that is not there."""
    found = kept(one, {}, [0, 0], waves=WAVES)
    assert figure(found, "demand") == figure(found, "on_hand") == [0, 0]
