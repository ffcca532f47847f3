"""What the units were worth: value, costs and profit, as pure functions of arrays.

Owned units are charged at their unit cost: whoever asks what the deal earned wants it in, and
whoever compares two stock levels of the same owned units sees it cancel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from livesim.model.inputs import DealInputs, TermsInputs
from livesim.scenario.quantities import Floats


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
        and made to order), shipped_orders; and the value ordered, gmv [currency].
    paid_value
        Value of the units paid for [currency].

    Returns
    -------
    dict
        nmv, cost_of_goods, commission, platform_fee, shipping, return_freight, goodwill,
        deposits_kept, left_over_value and profit. Commission and platform fee are shares of the
        value kept, and none is paid on deposits kept (assumption); cancelled units are as good as
        left over.

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
    costs = sum(value for name, value in money.items() if name != "nmv")
    money["deposits_kept"] = terms.deposit * (units["gmv"] - paid_value)
    money["left_over_value"] = (
        terms.left_over_value * (units["left_over"] + units["cancelled"])
        + terms.returned_value * units["returned"]
    )
    money["profit"] = nmv + money["deposits_kept"] + money["left_over_value"] - costs
    return money


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
        is already taken from its profit.
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
    guest_fee = np.full_like(slot_fees, deal.guest_fee)
    refund = slot_fees * missing
    profit = np.sum([money["profit"] for money in products], axis=0) - guest_fee + refund
    return {
        "gmv": np.sum([money["gmv"] for money in products], axis=0),
        "nmv": np.sum([money["nmv"] for money in products], axis=0),
        "deposits_kept": np.sum([money["deposits_kept"] for money in products], axis=0),
        "guest_fee": guest_fee,
        "slot_fee_refund": refund,
        **{name: np.full_like(slot_fees, cost) for name, cost in deal.beside.items()},
        "profit": profit - sum(deal.beside.values()),
    }
