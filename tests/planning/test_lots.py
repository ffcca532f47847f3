"""What each further lot earns, against sums by hand; which purchase pays more for its money."""

from __future__ import annotations

import numpy as np
import pytest

from livesim.planning.deciding import decide
from livesim.planning.lots import lots
from livesim.planning.objectives import MostProfit
from livesim.randomness import generator
from livesim.results.intervals import estimate

#: Each number of units from 1 to 100 is wanted once in a hundred shows.
EVEN = np.arange(1.0, 101.0)
#: The same in many shows, so that what each lot earns is known well.
OFTEN = generator(1, "even").permutation(np.tile(EVEN, 40))


def gain_by_hand(first: int, last: int, short: float, over: float) -> float:
    """Unit u is wanted in 101 - u of 100 shows, and left over in the others."""
    wanted = sum(101 - u for u in range(first, last + 1)) / 100
    return short * wanted - over * (last - first + 1 - wanted)


def test_lots_by_hand(known) -> None:
    """Price 100, cost 40, left over 10: 67 are bought, in lots of 17, 17, 17 and 16."""
    curves = known({"one": OFTEN})
    units = decide(curves, MostProfit()).units
    found = lots(curves, units)
    assert units == (67,)
    assert [(lot.after, lot.units, lot.bought) for lot in found] == [
        *((0, 17, True), (17, 17, True), (34, 17, True), (51, 16, True)),
        (67, 17, False),
    ]
    for lot in found:
        by_hand = gain_by_hand(lot.after + 1, lot.after + lot.units, 60, 30)
        assert lot.gain.mean == pytest.approx(by_hand)
        assert lot.gain_per_money == pytest.approx(by_hand / (40 * lot.units))
    assert all((lot.gain.mean > 0) == lot.bought for lot in found)


def test_what_surely_earns_something_only_together_is_one_lot(known) -> None:
    """Of 100 shows units 35 to 67 surely earn something together, and 52 to 67 not by themselves.

    Their last quarter is expected to earn 117, with a standard error of some 65.
    """
    curves = known({"one": EVEN})
    units = decide(curves, MostProfit()).units
    found = [lot for lot in lots(curves, units) if lot.bought]
    assert units == (67,) and sum(lot.units for lot in found) == 67
    assert not estimate(curves.curves[0].gain(51, 67)).significant
    assert all(lot.gain.above_zero for lot in found)
    assert found[-1].after < 51
    assert found[-1].gain.mean == pytest.approx(gain_by_hand(found[-1].after + 1, 67, 60, 30))


def test_all_items_are_in_one_ranking_and_what_is_bought_adds_up(known) -> None:
    curves = known(
        {"dear": EVEN, "cheap": EVEN},
        products={"dear": {"unit_cost": 60}, "cheap": {"unit_cost": 20}},
        supply={"pack": 5},
    )
    units = decide(curves, MostProfit()).units
    found = lots(curves, units)
    assert {lot.item for lot in found[:2]} == {"cheap"}
    worth = [lot.gain_per_money for lot in found]
    assert worth == sorted(worth, reverse=True)
    bought = [lot for lot in found if lot.bought]
    assert sum(lot.units for lot in bought) == sum(units)
    assert all(lot.units % 5 == 0 for lot in found)
    whole = float((curves.profit(units) - curves.profit((0, 0))).mean())
    assert sum(lot.gain.mean for lot in bought) == pytest.approx(whole)


def test_a_lot_begins_with_the_minimum_order_and_at_each_price_break(known) -> None:
    """From 50 units on each costs 36: the lot that gets there saves on all before it."""
    supply = {"minimum_order": 30, "price_breaks": {"50": 36}}
    curves = known({"one": EVEN}, products={"one": {"supply": supply}})
    units = decide(curves, MostProfit()).units
    found = lots(curves, units)
    assert found[0].after == 0 and found[0].units >= 30
    assert any(lot.after + lot.units == 50 for lot in found)
    upto = [lot for lot in found if lot.after + lot.units <= 50]
    assert sum(lot.cost for lot in upto) == pytest.approx(50 * 36)


def test_what_pays_only_up_to_a_price_break_is_one_lot_with_what_gets_there(known) -> None:
    """From 50 units on each costs 30: units 31 to 50 cost 15 each, and earn more than the first."""
    supply = {"minimum_order": 30, "price_breaks": {"50": 30}}
    curves = known({"one": EVEN}, products={"one": {"supply": supply}})
    first, *others = lots(curves, decide(curves, MostProfit()).units)
    assert (first.after, first.units, first.cost) == (0, 50, 50 * 30)
    assert first.gain.mean == pytest.approx(gain_by_hand(1, 50, 60, 30) + 50 * 10)
    assert all(one.gain_per_money < first.gain_per_money for one in others)


def test_nothing_is_bought_where_no_lot_pays(known) -> None:
    curves = known({"one": EVEN}, products={"one": {"owned": 100}})
    assert [lot.bought for lot in lots(curves, (100,))] == [False]


def test_a_shade_that_does_not_pay_beyond_its_error_is_left_out(known) -> None:
    """Five of it are wanted in 36 of 100 shows: 12 ± 42 is expected of having them."""
    rare = np.where(np.arange(100) % 25 < 9, 5.0, 0.0)
    shades = {"rose": {"share": "90%", "owned": 0}, "nude": {"share": "10%", "owned": 0}}
    curves = known({"tint.rose": EVEN, "tint.nude": rare}, products={"tint": {"variants": shades}})
    decision = decide(curves, MostProfit())
    assert decision.units == (67, 0)
    assert [(one.product, one.units) for one in decision.limits] == [("tint.nude", 5)]
