"""What the units were worth: value, costs and profit, as pure functions of arrays.

Owned units are charged at their unit cost: whoever asks what the deal earned wants it in, and
whoever compares two stock levels of the same owned units sees it cancel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Deal, Product, Scenario


def unit_money(
    product: Product, deal: Deal, units: Mapping[str, Floats], paid_value: Floats
) -> dict[str, Floats]:
    """Return value, costs and profit of a product's units [currency], its slot fee left out.

    Arrays may have any shape, the same for all: replications, or replications by stock levels.

    Parameters
    ----------
    product, deal
        Its prices, and who is paid what.
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
    >>> import livesim
    >>> scenario = livesim.load("scenarios/brand_room.yaml")
    >>> names = ("gmv", "sales", "cancelled", "returned", "left_over", "lost", "bought")
    >>> nothing = {name: np.zeros(1) for name in (*names, "shipped_orders")}
    >>> money = unit_money(scenario.products["serum"], scenario.deal, nothing, np.zeros(1))
    >>> float(money["profit"][0])
    0.0
    """
    sales = np.asarray(units["sales"], dtype=float)
    kept = sales - units["cancelled"] - units["returned"]
    nmv = paid_value * np.divide(kept, sales, out=np.zeros_like(sales), where=sales > 0)
    returned_value = (
        product.left_over_value if product.returned_value is None else product.returned_value
    )
    money = {
        "nmv": nmv,
        "cost_of_goods": product.unit_cost * units["bought"],
        "commission": deal.commission * nmv,
        "platform_fee": deal.platform_fee * nmv,
        "shipping": deal.shipping * units["shipped_orders"],
        "return_freight": deal.return_freight * units["returned"],
        "goodwill": product.goodwill * units["lost"],
    }
    costs = sum(value for name, value in money.items() if name != "nmv")
    deposit = product.presale.deposit if product.presale else 0.0
    money["deposits_kept"] = deposit * (units["gmv"] - paid_value)
    money["left_over_value"] = (
        product.left_over_value * (units["left_over"] + units["cancelled"])
        + returned_value * units["returned"]
    )
    money["profit"] = nmv + money["deposits_kept"] + money["left_over_value"] - costs
    return money


def campaign_cost(scenario: Scenario) -> float | None:
    """Return what the campaign before the show costs [currency]: fees, and samples at unit cost.

    None where there is no campaign, so that nobody reads of one.
    """
    if scenario.campaign is None:
        return None
    return scenario.campaign.fees + sum(
        product.unit_cost * scenario.samples(name) for name, product in scenario.products.items()
    )


def costs_beside(scenario: Scenario) -> dict[str, float]:
    """Return what a show costs beside its deal [currency], by name: a campaign, and rooms.

    What there is none of is left out, so that nobody reads of it.
    """
    campaign = campaign_cost(scenario)
    costs = {} if campaign is None else {"campaign_cost": campaign}
    return costs | ({"room_fees": scenario.room_fees} if scenario.room_fees else {})


def show_money(
    deal: Deal,
    products: Sequence[Mapping[str, Floats]],
    sales: Floats,
    beside: Mapping[str, float] | None = None,
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
    beside
        What is paid beside the deal [currency] by name, from :func:`costs_beside`.

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
    costs = beside or {}
    profit = np.sum([money["profit"] for money in products], axis=0) - guest_fee + refund
    return {
        "gmv": np.sum([money["gmv"] for money in products], axis=0),
        "nmv": np.sum([money["nmv"] for money in products], axis=0),
        "deposits_kept": np.sum([money["deposits_kept"] for money in products], axis=0),
        "guest_fee": guest_fee,
        "slot_fee_refund": refund,
        **{name: np.full_like(slot_fees, cost) for name, cost in costs.items()},
        "profit": profit - sum(costs.values()),
    }
