"""What the units were worth: value, costs and profit, as pure functions of arrays.

Owned units are charged at their unit cost: whoever asks what the deal earned wants it in, and
whoever compares two stock levels of the same owned units sees it cancel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf

import numpy as np

from livesim.arrays import Floats
from livesim.model.inputs import DealInputs, LeftOverInputs, TermsInputs, WarehouseInputs


def left_over_value(terms: TermsInputs, units: Mapping[str, Floats]) -> Floats:
    """Return what left-over, cancelled and returned units are worth [currency], of their shape.

    Parameters
    ----------
    terms
        What they are worth each, or how they sell on.
    units
        left_over, cancelled and returned; and bought, where some go back [units].

    Examples
    --------
    >>> one = {"left_over": np.array([20.0]), "cancelled": np.ones(1), "returned": np.zeros(1)}
    >>> left_over_value(TermsInputs(40.0, 30.0, 25.0, 2.0, 0.0, 0.0), one).tolist()
    [630.0]
    """
    if terms.owned_value is not None:
        bought = _bought(terms, units)
        unsold, of_these = (one["left_over"] + one["cancelled"] for one in (units, bought))
        of_owned = terms.owned_value * (unsold - of_these)
        return np.asarray(of_owned + left_over_value(replace(terms, owned_value=None), bought))
    if terms.buy_back is not None:
        back = given_back(terms, units)
        kept = {**units, "left_over": units["left_over"] - back}
        own = left_over_value(replace(terms, buy_back=None), kept)
        return np.asarray(terms.buy_back.price * back + own)
    left = units["left_over"] + units["cancelled"]
    if terms.left_over is None:
        each = terms.left_over_value if terms.returned_value is None else terms.returned_value
        return np.asarray(terms.left_over_value * left + each * units["returned"])
    if terms.returned_value is None:
        return sold_on(terms.left_over, left + units["returned"])
    return np.asarray(sold_on(terms.left_over, left) + terms.returned_value * units["returned"])


def _bought(terms: TermsInputs, units: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the units whose left-overs and cancelled ones are those that were bought.

    What was owned goes first, and a cancelled unit is as likely an owned one as any that went.
    """
    gone = np.asarray(units["bought"] - units["left_over"], dtype=float)
    kept = np.clip(terms.owned - gone, 0.0, units["left_over"])
    first = np.minimum(gone, terms.owned)
    owned_share = np.divide(first, gone, out=np.zeros_like(gone), where=gone > 0)
    cancelled = units["cancelled"] * (1.0 - owned_share)
    return {**units, "left_over": units["left_over"] - kept, "cancelled": cancelled}


def given_back(terms: TermsInputs, units: Mapping[str, Floats]) -> Floats:
    """Return how many left-overs go back to the supplier [units]: those that else bring less.

    It takes whole units that were never sold, or were cancelled in time; returned ones stay.

    Parameters
    ----------
    terms
        What they are worth, and what the supplier takes.
    units
        left_over, cancelled, returned and bought [units].

    Examples
    --------
    >>> from livesim.model.inputs import BuyBackInputs
    >>> terms = TermsInputs(6.0, 1.0, 1.0, 0.0, 0.0, 0.0, None, BuyBackInputs(4.0, 0.3))
    >>> one = {"left_over": np.array([20.0, 40.0]), "bought": np.array([101.0, 101.0])}
    >>> given_back(terms, one | dict.fromkeys(("cancelled", "returned"), np.zeros(2))).tolist()
    [20.0, 30.0]
    """
    if terms.owned_value is not None:
        units = _bought(terms, units)
    unsold = np.asarray(units["left_over"] + units["cancelled"], dtype=float)
    if terms.buy_back is None:
        return np.zeros_like(unsold)
    # Shares such as 30 % are not exact in floats.
    most = np.minimum(unsold, np.floor(terms.buy_back.up_to * units["bought"] + 1e-9))
    if terms.left_over is None:
        return most if terms.buy_back.price > terms.left_over_value else np.zeros_like(unsold)
    again = unsold + (units["returned"] if terms.returned_value is None else 0)
    kept = np.minimum(worth_keeping(terms.left_over, terms.buy_back.price), again)
    return np.asarray(np.minimum(most, again - kept))


def sold_on(terms: LeftOverInputs, units: Floats | float) -> Floats:
    """Return what left-overs bring that sell on evenly after the show [currency].

    With x units, of which s = min(x, per_week · weeks) sell in time, it is price · s + then ·
    (x - s) minus holding_cost for each week of each unit: s² / (2 per_week) of those that sell, and
    weeks of each other one (assumption: they sell evenly). Concave in x where then ≤ price.

    Parameters
    ----------
    terms
        How they sell on.
    units
        How many are left over [units], of any shape.

    Examples
    --------
    >>> terms = LeftOverInputs(per_week=60, price=25, weeks=12, holding_cost=0.5, then=3)
    >>> sold_on(terms, np.array([0.0, 60.0, 120.0, 720.0, 820.0])).tolist()
    [0.0, 1485.0, 2940.0, 15840.0, 15540.0]
    """
    left = np.asarray(units, dtype=float)
    sold = np.minimum(left, terms.most)
    rest = left - sold
    unit_weeks = sold**2 / (2 * terms.per_week) + terms.weeks * rest
    return np.asarray(terms.price * sold + terms.then * rest - terms.holding_cost * unit_weeks)


def marginal_left_over(terms: TermsInputs) -> float:
    """Return what one more unit is worth where very many are left over [currency]."""
    worth = terms.left_over_value
    if terms.left_over is not None:
        worth = terms.left_over.then - terms.left_over.holding_cost * terms.left_over.weeks
    if terms.buy_back is not None:
        worth += terms.buy_back.up_to * max(0.0, terms.buy_back.price - worth)
    return worth


def worth_keeping(terms: LeftOverInputs, cost: float) -> float:
    """Return up to how many left-overs a further one brings what it costs [units]; maybe inf.

    Examples
    --------
    >>> terms = LeftOverInputs(per_week=60, price=25, weeks=12, holding_cost=0.5, then=3)
    >>> worth_keeping(terms, 24), worth_keeping(terms, 10), worth_keeping(terms, 30)
    (120.0, 720, 0.0)
    """
    if terms.price <= cost:
        return 0.0
    if terms.then - terms.holding_cost * terms.weeks >= cost:
        return inf
    if terms.price - terms.holding_cost * terms.weeks >= cost:
        return terms.most
    return (terms.price - cost) / terms.holding_cost * terms.per_week


def unit_money(
    terms: TermsInputs, deal: DealInputs, units: Mapping[str, Floats], paid_value: Floats
) -> dict[str, Floats]:
    """Return value, costs and profit of a product's units [currency], its slot fee left out.

    Arrays may have any shape, the same for all: replications, or replications by stock levels.

    Parameters
    ----------
    terms, deal
        What its units are worth, and who is paid what.
    units
        Units and orders by name: sales, cancelled, returned, left_over, lost, bought (owned, called
        and made to order), shipped_orders; and the value ordered, gmv [currency]. Where these cost
        anything, what calling reserves cost, reserve_cost [currency], and time_unavailable, on
        offer with nothing on hand [s].
    paid_value
        Value of the units paid for [currency].

    Returns
    -------
    dict
        nmv, cost_of_goods, commission, platform_fee, shipping, return_freight, goodwill,
        storage and ads_wasted (where they have a price), reserve_cost (where it costs anything),
        webshop_value (what a webshop sold meanwhile, where there is one), shipped_value (what
        shipping its orders brings, where a warehouse ships them), deposits_kept, left_over_value
        and profit. Commission and platform fee are shares of the value kept, and none is paid on
        deposits kept (assumption); cancelled units are as good as left over.

    Examples
    --------
    >>> terms = TermsInputs(40.0, 30.0, 25.0, goodwill=2.0, deposit=0.0, slot_fee=0.0)
    >>> deal = DealInputs(0.2, 0.05, 6.0, 8.0, guest_fee=0.0, guaranteed_volume=0.0, beside={})
    >>> names = ("gmv", "sales", "cancelled", "returned", "left_over", "lost", "bought")
    >>> nothing = {name: np.zeros(1) for name in (*names, "shipped_orders")}
    >>> money = unit_money(terms, deal, nothing, np.zeros(1))
    >>> float(money["profit"][0])
    0.0
    """
    sales = np.asarray(units["sales"], dtype=float)
    kept = sales - units["cancelled"] - units["returned"]
    nmv = paid_value * np.divide(kept, sales, out=np.zeros_like(sales), where=sales > 0)
    money = {
        "nmv": nmv,
        "cost_of_goods": terms.unit_cost * units["bought"],
        "commission": deal.commission * nmv,
        "platform_fee": deal.platform_fee * nmv,
        "shipping": deal.shipping * units["shipped_orders"],
        "return_freight": deal.return_freight * units["returned"],
        "goodwill": terms.goodwill * units["lost"],
    }
    if terms.storage is not None:
        money["storage"] = terms.storage * units["bought"]
    if terms.ads is not None:
        money["ads_wasted"] = terms.ads * units["time_unavailable"]
    if "reserve_cost" in units:
        money["reserve_cost"] = units["reserve_cost"]
    costs = sum(value for name, value in money.items() if name != "nmv")
    money["deposits_kept"] = terms.deposit * (units["gmv"] - paid_value)
    money["left_over_value"] = left_over_value(terms, units)
    money["profit"] = nmv + money["deposits_kept"] + money["left_over_value"] - costs
    if deal.warehouse is not None:
        money["shipped_value"] = money["profit"] - _unshipped(terms, units, money)
    if terms.webshop is not None:
        money["webshop_value"] = terms.webshop * np.asarray(units["webshop"], dtype=float)
        money["profit"] = money["profit"] + money["webshop_value"]
    return money


def _unshipped(
    terms: TermsInputs, units: Mapping[str, Floats], money: Mapping[str, Floats]
) -> Floats:
    """Return the profit if no order were shipped, and all their units left over [currency]."""
    came_back = {**units, "returned": 0.0 * units["returned"]}
    came_back["left_over"] = units["left_over"] + units["sales"] - units["cancelled"]
    kept = ("cost_of_goods", "storage", "goodwill", "ads_wasted", "reserve_cost")
    costs = sum(money.get(name, 0.0) for name in kept)
    return np.asarray(money["deposits_kept"] + left_over_value(terms, came_back) - costs)


def late_orders(warehouse: WarehouseInputs, orders: Floats) -> tuple[Floats, Floats]:
    """Return how many orders are late, and how many of these are cancelled [orders].

    So many leave each day. Of those who wait beyond the days promised, a share q is cancelled each
    day, and then c leave: from B, B (1 - q) - c are left the next day, until none is. After n such
    days (B + c / q) (1 - q)^n - c / q are, so that the last day is known, and all who were late and
    did not leave were cancelled (assumption: patience has no memory).

    Parameters
    ----------
    warehouse
        How fast orders leave.
    orders
        Those that are to be shipped [orders], of any shape.

    Examples
    --------
    >>> warehouse = WarehouseInputs(per_day=100, promised=2, cancelled=0.1, penalty=1.0)
    >>> [of.tolist() for of in late_orders(warehouse, np.array([150.0, 200.0, 400.0]))]
    [[0.0, 0.0, 200.0], [0.0, 0.0, 28.0]]
    """
    late = np.maximum(np.asarray(orders, dtype=float) - warehouse.per_day * warehouse.promised, 0.0)
    share, leave = warehouse.cancelled, warehouse.per_day
    if share == 0:
        return late, np.zeros_like(late)
    if share == 1:
        return late, late
    level = leave / share
    days = np.floor(np.log(level / (late + level)) / np.log1p(-share) + 1e-9)  # on which all leave
    left = (late + level) * (1 - share) ** days - level
    cancelled_by_then = late - left - leave * days
    return late, np.maximum(cancelled_by_then + share * np.maximum(left, 0.0), 0.0)


def late_cost(warehouse: WarehouseInputs, orders: Floats, value: Floats) -> Floats:
    """Return what late orders cost [currency]: penalties, and the value of those cancelled.

    Parameters
    ----------
    warehouse
        How fast orders leave.
    orders, value
        Orders to be shipped, and what shipping them all brings [orders, currency], of the same
        shape; a late one brings as much as any (assumption).
    """
    late, cancelled = late_orders(warehouse, orders)
    each = np.divide(value, orders, out=np.zeros_like(late), where=np.asarray(orders) > 0)
    return np.asarray(warehouse.penalty * late + cancelled * each)


def show_money(
    deal: DealInputs, products: Sequence[Mapping[str, Floats]], sales: Floats
) -> dict[str, Floats]:
    """Return what belongs to the show as a whole, and its profit [currency].

    Parameters
    ----------
    deal
        Guest fee and guaranteed volume.
    products
        Money of each product, from :func:`unit_money`, with its ``gmv`` and ``slot_fee``; the fee
        is already taken from its profit. With a warehouse, its ``shipped_orders``, too; where they
        cost anything, ``reserve_cost`` and ``ads_wasted``, which are taken from it, too.
    sales
        Units paid for, all products together, shape (R,).

    Notes
    -----
    Where the host guarantees a volume, slot fees are repaid by the part of it that is missing
    (assumption: practice differs from contract to contract).
    """
    slot_fees = np.sum([money["slot_fee"] for money in products], axis=0)
    missing = np.zeros_like(slot_fees)
    if deal.guaranteed_volume:
        missing = np.maximum(0.0, 1.0 - sales / deal.guaranteed_volume)
    late = {}
    if deal.warehouse is not None:
        orders, value = (
            np.sum([money[name] for money in products], axis=0)
            for name in ("shipped_orders", "shipped_value")
        )
        waited, gone = late_orders(deal.warehouse, orders)
        late = {"late_orders": waited, "cancelled_late": gone}
        late["late_cost"] = late_cost(deal.warehouse, orders, value)
    taken = [name for name in ("reserve_cost", "ads_wasted") if name in products[0]]
    guest_fee = np.full_like(slot_fees, deal.guest_fee)
    refund = slot_fees * missing
    profit = np.sum([money["profit"] for money in products], axis=0) - guest_fee + refund
    return {
        "gmv": np.sum([money["gmv"] for money in products], axis=0),
        "nmv": np.sum([money["nmv"] for money in products], axis=0),
        "deposits_kept": np.sum([money["deposits_kept"] for money in products], axis=0),
        "guest_fee": guest_fee,
        "slot_fee_refund": refund,
        **{name: np.sum([money[name] for money in products], axis=0) for name in taken},
        **{name: np.full_like(slot_fees, cost) for name, cost in deal.beside.items()},
        **late,
        "profit": profit - sum(deal.beside.values()) - late.get("late_cost", 0.0),
    }
