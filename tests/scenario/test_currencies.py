"""What is paid has no more decimals than its currency; what a unit costs on average may."""

from __future__ import annotations

from pathlib import Path

import pytest

import livesim
from livesim.errors import ScenarioError
from livesim.scenario.quantities import FEE, MONEY, PRICE, UNIT_PRICE

SHOW = """
like: brand_room
title: In won
show: {{start: 2026-11-29 20:00, length: 1h, currency: {currency}}}
viewers: 2_000
deal: {{slot_fee: {fee}, guest_fee: {fee}, shipping: 6.5625, return_freight: 2.5625}}
products:
  bag:
    price: {price}
    unit_cost: 10.8125
    left_over_value: 3.0625
    owned: 50
    orders_per_1000: 10
    reserve: {{units: 20, below: 5, lead_time: 5min, call_cost: {fee}, extra_unit_cost: 0.0625}}
rundown:
  early: {{length: 10min, sells: [bag]}}
  late: {{length: 10min, sells: [bag], price: {{bag: {price}}}}}
supply: {{budget: {fee}}}
"""
FEES = ("deal.slot_fee", "deal.guest_fee", "supply.budget")
PRICES = ("products.bag.price", "products.bag.reserve.call_cost", "rundown.late.price.bag")


@pytest.mark.parametrize(
    ("currency", "amount", "as_it_is"),
    [("KRW", 45.5, 46), ("CNY", 45.5, 45.5), ("CNY", 45.5625, 45.56), ("KWD", 45.0625, 45.062)],
)
def test_every_amount_that_is_paid_can_be_paid_in_its_currency(
    currency: str, amount: float, as_it_is: float, tmp_path: Path
) -> None:
    file = tmp_path / "show.yaml"
    file.write_text(SHOW.format(currency=currency, price=amount, fee=amount), encoding="utf-8")
    if amount == as_it_is:
        livesim.load(file)
        return
    with pytest.raises(ScenarioError) as error:
        livesim.load(file)
    told = {one.path: one for one in error.value.mistakes}
    assert told.keys() == {*FEES, *PRICES}
    price = told["products.bag.price"]
    assert price.what.startswith(f"{amount:g} cannot be paid in {currency}")
    assert price.remedy.startswith(f"write {as_it_is:g}")
    assert ("or 45500 for thousands" in price.remedy) == (currency == "KRW")


def test_what_cannot_be_paid_is_told_with_all_else(tmp_path: Path) -> None:
    file = tmp_path / "show.yaml"
    text = SHOW.format(currency="KRW", price=45.5, fee=45) + "nonsense: 3\n"
    file.write_text(text.replace("owned: 50", "owned: many"), encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        livesim.load(file)
    told = [one.path for one in error.value.mistakes]
    assert told == [
        "products.bag.price",
        "products.bag.owned",
        "rundown.late.price.bag",
        "nonsense",
    ]


@pytest.mark.parametrize("currency", ["krw", "3", "[KRW]", "null"])
def test_in_a_currency_that_is_none_nothing_is_said_of_decimals(
    currency: str, tmp_path: Path
) -> None:
    file = tmp_path / "show.yaml"
    file.write_text(SHOW.format(currency=currency, price=45.0625, fee=45), encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        livesim.load(file)
    assert [one.path for one in error.value.mistakes] == ["show.currency"]


def test_what_a_product_of_floats_rounds_is_no_mistake() -> None:
    cents = livesim.load("brand_room", {"products.serum.price": 299 * 1.1})
    assert cents.products["serum"].price == 299 * 1.1


def test_there_are_two_kinds_of_each() -> None:
    assert [kind.paid for kind in (FEE, PRICE, MONEY, UNIT_PRICE)] == [True, True, False, False]


@pytest.mark.parametrize(("currency", "price"), [("KRW", 11), ("CNY", 10.81), ("KWD", 10.812)])
def test_what_is_only_given_away_gets_a_price_that_can_be_paid(currency: str, price: float) -> None:
    show = livesim.load(
        f"""
        like: brand_room
        title: With a gift
        show: {{start: 2026-11-29 20:00, length: 1h, currency: {currency}}}
        viewers: 2_000
        products:
          bag: {{price: 45, unit_cost: 9, owned: 50, orders_per_1000: 10, gift: {{pouch: 1}}}}
          pouch: {{unit_cost: 10.8125, owned: 20}}
        """
    )
    assert show.products["pouch"].price == price
