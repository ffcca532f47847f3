"""The money of a scenario as plain numbers: what units are worth, and who is paid what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from livesim.errors import Mistake, ScenarioError
from livesim.model.inputs import (
    BuyBackInputs,
    DealInputs,
    LeftOverInputs,
    TermsInputs,
    WarehouseInputs,
)
from livesim.resolve.derivation import Derived, Path, Reason
from livesim.scenario.checks import Finding
from livesim.scenario.draft import Draft
from livesim.scenario.parts import Deal, Product, Supply
from livesim.scenario.paths import parts_at, said_at
from livesim.scenario.quantities import COUNT, KEPT, QuantityError
from livesim.scenario.scenario import Scenario


def conflicts(written: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the products of a raw file that say twice what their last left-overs are worth."""
    for name, product in parts_at(written, "products").items():
        value, then = product.get("left_over_value"), said_at(product, "left_over", "then")
        if then is not None and value is not None and then != value:
            yield Finding(
                ("products", name, "left_over", "then"),
                f"left_over.then and left_over_value are {then} and {value}, and both say what is "
                "left in the end is worth",
                "write one of them",
            )


def said_alike(scenario: Scenario, changes: Mapping[Path, Any]) -> dict[Path, Any]:
    """Return what else changes, as two keys say it: what left-overs are worth, and what is owned.

    Raises
    ------
    ScenarioError
        If both are changed, and differ.
    """
    alike: dict[Path, Any] = {}
    for path, other, value in _then_changed(scenario, changes):
        if other in changes and changes[other] != value:
            what = f"{path[-1]} and {other[-1]} are changed to {value} and {changes[other]}"
            raise ScenarioError([Mistake(what, ".".join(path), "change one of them")])
        alike[other] = value
    return alike


def replaced_by(
    written: Mapping[str, Any], scenario: Scenario, changes: Mapping[Path, Any]
) -> Iterator[str]:
    """Yield which changes take the place of another key that a raw file writes, a sentence each."""
    pairs = [(path, other) for path, other, _ in _then_changed(scenario, changes)]
    pairs = [(path, other) for path, other in pairs if other not in changes]
    pairs += [
        (cost, path)
        for path in changes
        if path[-1] == "price_breaks" and (cost := _unit_cost_of(path)) in changes
    ]
    for path, other in pairs:
        if said_at(written, *other) is not None:
            new, old = (".".join(one[2:]) for one in (path, other))
            yield f"{path[1]}: {new} as changed takes the place of {old}."


def _unit_cost_of(breaks: Path) -> Path:
    """Return the path of what a unit costs below price breaks."""
    above = breaks[:-2] if breaks[-2] == "supply" else breaks[:-1]
    return (*above, "unit_cost")


def _then_changed(
    scenario: Scenario, changes: Mapping[Path, Any]
) -> Iterator[tuple[Path, Path, Any]]:
    """Yield the changes of what another key says, too, this key, and its value."""
    yield from _owned_together(scenario, changes)
    for path, value in changes.items():
        product = scenario.products.get(path[1]) if path[0] == "products" and path[2:] else None
        if product is None:
            continue
        worth, sells_on = (*path[:2], "left_over_value"), (*path[:2], "left_over")
        if path == worth and product.left_over and product.left_over.then is not None:
            yield path, (*sells_on, "then"), value
        elif path == (*sells_on, "then") and product.left_over and value is not None:
            yield path, worth, value
        elif path == sells_on and isinstance(value, Mapping) and value.get("then") is not None:
            yield path, worth, value["then"]


def _owned_together(
    scenario: Scenario, changes: Mapping[Path, Any]
) -> Iterator[tuple[Path, Path, int]]:
    """Yield the changes of what is owned of a variant, of whose product so many are owned then."""
    for path, value in changes.items():
        product = scenario.products.get(path[1]) if path[0] == "products" and path[2:] else None
        together = (*path[:2], "owned")
        if product is None or together in changes or value is None:
            continue
        if len(path) != 5 or (path[2], path[4]) != ("variants", "owned"):
            continue
        owned = {name: one.owned for name, one in product.variants.items()}
        told = {key: changes.get((*path[:3], key, "owned"), units) for key, units in owned.items()}
        if path[3] in owned and None not in told.values():
            with suppress(QuantityError):
                yield path, together, sum(int(COUNT.read(units)) for units in told.values())


def left_over_values(draft: Draft) -> dict[Path, Derived]:
    """Return the left_over_value of each product whose left-overs sell on: of what then is left."""
    selling_on = {
        name: product.left_over
        for name, product in draft.products.items()
        if product.left_over is not None
    }
    said = {
        name: Derived(left_over.then, Reason("derived", "left_over.then"))
        for name, left_over in selling_on.items()
        if left_over.then is not None
    }
    unsaid = {
        name: Derived(0, Reason("assumption", "what does not sell in these weeks is worth nothing"))
        for name in selling_on.keys() - said.keys()
        if draft.products[name].left_over_value == KEPT
    }
    return {("products", name, "left_over_value"): one for name, one in (said | unsaid).items()}


def slot_fees(scenario: Scenario) -> dict[str, float]:
    """Return the slot fee of each product: none for what is only given away, as it has no slot."""
    free = scenario.only_gifts
    return {name: 0.0 if name in free else scenario.deal.slot_fee for name in scenario.products}


def terms_of(product: Product, deal: Deal, supply: Supply) -> TermsInputs:
    """Return what the units of a product are worth; nothing of their own, where it is a bundle.

    Examples
    --------
    >>> import livesim
    >>> scenario = livesim.load("scenarios/brand_room.yaml")
    >>> terms_of(scenario.products["serum"], scenario.deal, scenario.supply).deposit
    0.0
    """
    deposit = product.presale.deposit if product.presale else 0.0
    if product.contains:  # its units are those of its components, and are worth what these are
        own = TermsInputs(0.0, 0.0, 0.0, product.goodwill, deposit, deal.slot_fee)
        return replace(own, ads=_ads_of(product))
    returned, left_over = product.returned_value, _left_over_of(product)
    if returned is None and left_over is None:
        returned = product.worth_left_over
    return TermsInputs(
        unit_cost=product.unit_cost,
        left_over_value=product.worth_left_over,
        owned_value=product.worth_if_owned if product.keeps_its_cost else None,
        returned_value=returned,
        goodwill=product.goodwill,
        deposit=deposit,
        slot_fee=deal.slot_fee,
        left_over=left_over,
        buy_back=_buy_back_of(product),
        storage=None
        if supply.storage_price is None
        else supply.storage_price * (product.volume or 0.0) / 1000,
        ads=_ads_of(product),
        webshop=_webshop_price(product),
    )


def _ads_of(product: Product) -> float | None:
    return None if product.ads_per_hour is None else product.ads_per_hour / 3600


def _left_over_of(product: Product) -> LeftOverInputs | None:
    said = product.left_over
    if said is None:
        return None
    return LeftOverInputs(
        per_week=said.per_week,
        price=said.price,
        weeks=said.weeks,
        holding_cost=said.holding_cost * product.unit_cost,
        then=product.worth_left_over if said.then is None else said.then,
    )


def _webshop_price(product: Product) -> float | None:
    if product.webshop is None:
        return None
    return product.price if product.webshop.price is None else product.webshop.price


def _buy_back_of(product: Product) -> BuyBackInputs | None:
    """Return what the supplier takes back: on consignment, all that is left, at what it costs.

    Units on hand before the show are on the same terms as those that are bought.
    """
    if product.on_consignment:
        return BuyBackInputs(product.unit_cost, 1.0)
    said = None if product.supply is None else product.supply.buy_back
    return None if said is None else BuyBackInputs(said.price, said.up_to)


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
        warehouse=None if deal.warehouse is None else WarehouseInputs(**dict(deal.warehouse)),
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


def fixed_costs(scenario: Scenario) -> dict[str, float]:
    """Return what a show costs whatever it sells [currency], by name: what no item's units pay.

    What there is none of is left out. Slot fees are before what a guaranteed volume repays of them.

    Examples
    --------
    >>> import livesim
    >>> scenario = livesim.load("scenarios/brand_room.yaml", {"deal.slot_fee": 900})
    >>> fixed_costs(scenario)
    {'slot_fees': 2700.0}
    """
    fees = {"slot_fees": sum(slot_fees(scenario).values()), "guest_fee": scenario.deal.guest_fee}
    return {name: fee for name, fee in fees.items() if fee} | costs_beside(scenario)
