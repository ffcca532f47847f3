"""The money of a scenario as plain numbers: what units are worth, and who is paid what."""

from __future__ import annotations

from livesim.model.inputs import DealInputs, TermsInputs
from livesim.scenario.parts import Deal, Product
from livesim.scenario.scenario import Scenario


def terms_of(product: Product, deal: Deal) -> TermsInputs:
    """Return what the units of a product are worth.

    Examples
    --------
    >>> import livesim
    >>> scenario = livesim.load("scenarios/brand_room.yaml")
    >>> terms_of(scenario.products["serum"], scenario.deal).deposit
    0.0
    """
    returned = product.returned_value
    return TermsInputs(
        unit_cost=product.unit_cost,
        left_over_value=product.left_over_value,
        returned_value=product.left_over_value if returned is None else returned,
        goodwill=product.goodwill,
        deposit=product.presale.deposit if product.presale else 0.0,
        slot_fee=deal.slot_fee,
    )


def deal_of(scenario: Scenario) -> DealInputs:
    """Return who is paid what.

    Examples
    --------
    >>> import livesim
    >>> dict(deal_of(livesim.load("scenarios/brand_room.yaml")).beside)
    {}
    """
    deal = scenario.deal
    return DealInputs(
        commission=deal.commission,
        platform_fee=deal.platform_fee,
        shipping=deal.shipping,
        return_freight=deal.return_freight,
        guest_fee=deal.guest_fee,
        guaranteed_volume=deal.guaranteed_volume,
        beside=costs_beside(scenario),
    )


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
