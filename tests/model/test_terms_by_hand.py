"""Every term of a deal or a supplier, each by an account that a person can check.

One account for all: 100 units were had at 10 each, 70 were paid for, in 56 orders, and 7,000 with
them; 5 of these were cancelled in time and 6 came back after shipping, so that 59 stay with their
buyers and bring 5,900. 30 are left over: with the cancelled ones 35 that nobody has used.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from livesim.model import money
from livesim.model.inputs import BuyBackInputs, DealInputs, LeftOverInputs, TermsInputs

UNITS = {
    **{"bought": 100, "sales": 70, "cancelled": 5, "returned": 6, "left_over": 30, "lost": 15},
    **{"gmv": 8_000, "shipped_orders": 50, "time_unavailable": 120, "webshop": 4},
}
PAID = 7_000.0
NOTHING = TermsInputs(
    unit_cost=10, left_over_value=0, returned_value=0, goodwill=0, deposit=0, slot_fee=0
)
FREE = DealInputs(0, 0, 0, 0, guest_fee=0, guaranteed_volume=0, beside={})
SELLS_ON = LeftOverInputs(per_week=10, price=6, weeks=2, holding_cost=0.5, then=1)
#: What none of the terms changes: 5,900 kept less 1,000 for 100 units.
PLAIN = 5_900 - 1_000
#: Each term → what of the product it is, what of the deal, and by how much it changes the profit.
BY_HAND: dict[str, tuple[dict[str, object], dict[str, object], float]] = {
    "none": ({}, {}, 0),
    "a left-over is worth something": ({"left_over_value": 2}, {}, 35 * 2),
    # Of 80 that were owned 70 went: 10 of the 30 left are owned, and all 5 cancelled.
    "owned units keep what they cost": ({"owned_value": 10, "owned": 80}, {}, (10 + 5) * 10),
    "owned units keep it, bought ones are worth something": (
        {"owned_value": 10, "owned": 80, "left_over_value": 2},
        {},
        (10 + 5) * 10 + 20 * 2,
    ),
    # The first half of what went was owned, and so is half of what was cancelled.
    "all that is left was bought": (
        {"owned_value": 10, "owned": 35, "left_over_value": 2},
        {},
        2.5 * 10 + (30 + 2.5) * 2,
    ),
    "more is owned than there was to sell": (
        {"owned_value": 10, "owned": 150, "left_over_value": 2},
        {},
        35 * 10,
    ),
    "owned units do not go back for less": (
        {"owned_value": 10, "owned": 80, "buy_back": BuyBackInputs(4, 1)},
        {},
        (10 + 5) * 10 + 20 * 4,
    ),
    "a returned unit is worth something": ({"returned_value": 3}, {}, 6 * 3),
    "turning a unit away costs goodwill": ({"goodwill": 2}, {}, -15 * 2),
    "a deposit is kept of what is not paid": ({"deposit": 0.1}, {}, 1_000 * 0.1),
    "commission": ({}, {"commission": 0.2}, -5_900 * 0.2),
    "platform fee": ({}, {"platform_fee": 0.05}, -5_900 * 0.05),
    "shipping": ({}, {"shipping": 6}, -50 * 6),
    "return freight": ({}, {"return_freight": 8}, -6 * 8),
    # 20 of the 35 sell in two weeks, half a week's cost each per week; 15 are left at 1 each.
    "left-overs sell on": (
        {"left_over": SELLS_ON},
        {},
        20 * 6 + 15 * 1 - 0.5 * (20 * 1 + 15 * 2),
    ),
    "all left-overs are bought back": ({"buy_back": BuyBackInputs(4, 1)}, {}, 35 * 4),
    "a fifth of the units are bought back": (
        {"buy_back": BuyBackInputs(4, 0.2), "left_over_value": 1},
        {},
        20 * 4 + 15 * 1,
    ),
    "nothing goes back that is worth more": (
        {"buy_back": BuyBackInputs(4, 1), "left_over_value": 5},
        {},
        35 * 5,
    ),
    # A further one brings 6 less a half for each ten before it: 4 from the 41st on, and never more
    # than 20 sell. Those 20 are kept, and 15 go back instead of being worth 1 less a week's cost.
    "left-overs sell on, and what does not goes back": (
        {"left_over": SELLS_ON, "buy_back": BuyBackInputs(4, 1)},
        {},
        20 * 6 - 0.5 * 20 * 1 + 15 * 4,
    ),
    "only ten of these are taken": (
        {"left_over": SELLS_ON, "buy_back": BuyBackInputs(4, 0.1)},
        {},
        20 * 6 + 5 * 1 - 0.5 * (20 * 1 + 5 * 2) + 10 * 4,
    ),
    # At 5.75 back, the first five only bring more: 6 less 0.05 for each before it.
    "what goes back brings more than selling on": (
        {"left_over": SELLS_ON, "buy_back": BuyBackInputs(5.75, 1)},
        {},
        5 * 6 - 0.5 * 5 * 0.25 + 30 * 5.75,
    ),
    "storage has a price": ({"storage": 0.5}, {}, -100 * 0.5),
    "ads run on while there is nothing": ({"ads": 0.1}, {}, -120 * 0.1),
    "a webshop sells four meanwhile": ({"webshop": 8}, {}, 4 * 8),
    "on consignment": ({"buy_back": BuyBackInputs(10, 1)}, {}, 35 * 10),
}


def gain_of(case: str) -> float:
    of_product, of_deal, _ = BY_HAND[case]
    arrays = {name: np.array([float(value)]) for name, value in UNITS.items()}
    terms, deal = replace(NOTHING, **of_product), replace(FREE, **of_deal)
    return float(money.unit_money(terms, deal, arrays, np.array([PAID]))["profit"][0]) - PLAIN


def by_hand(case: str) -> None:
    assert gain_of(case) == pytest.approx(BY_HAND[case][2])


@pytest.mark.parametrize("case", BY_HAND)
def test_every_term_by_hand(case: str) -> None:
    by_hand(case)


#: A wrong account → the case that must see it, what it breaks, and how.
MUTANTS = {
    "bought units go first": (
        "owned units keep what they cost",
        "_bought",
        lambda terms, units: {**units, "left_over": np.maximum(units["left_over"] - 80, 0.0)},
    ),
    "a cancelled unit was bought": (
        "owned units keep what they cost",
        "_bought",
        lambda terms, units: {**units, "left_over": np.array([20.0])},
    ),
    "owned units go back, too": (
        "owned units do not go back for less",
        "_bought",
        lambda terms, units: units,
    ),
    "all goes back, whatever it is worth": (
        "nothing goes back that is worth more",
        "given_back",
        lambda terms, units: np.minimum(
            units["left_over"] + units["cancelled"], terms.buy_back.up_to * units["bought"]
        ),
    ),
    "the share is of what is left": (
        "a fifth of the units are bought back",
        "given_back",
        lambda terms, units: terms.buy_back.up_to * (units["left_over"] + units["cancelled"]),
    ),
    "cancelled units do not go back": (
        "all left-overs are bought back",
        "given_back",
        lambda terms, units: units["left_over"],
    ),
    "what comes back goes back": (
        "on consignment",
        "given_back",
        lambda terms, units: units["left_over"] + units["cancelled"] + units["returned"],
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_wrong_account_is_caught(mutant: str, monkeypatch) -> None:
    case, broken, wrong = MUTANTS[mutant]
    monkeypatch.setattr(money, broken, wrong)
    with pytest.raises(AssertionError):
        by_hand(case)
