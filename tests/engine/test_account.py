"""The stock of all products: what is put on sale when, what is sold out when, and replays."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from livesim.engine.account import UNLIMITED, Account
from livesim.errors import UsageError
from livesim.model.splitting import split, split_waves
from livesim.scenario.scenario import Scenario

TWO_SIZES = """
products:
  serum:
    owned: 10
    variants: {small: {share: 70%}, large: {share: 30%}}
"""
THREE_WAVES = """
products:
  serum:
    owned: 10
    waves:
      first: {share: 60%, after: 0s}
      second: {share: 30%, after: 2min}
      third: {share: 10%, after: 5min}
"""
RESERVE = """
products: {serum: {owned: 10, reserve: {units: 5, below: 3, lead_time: 1min}}}
"""
ARRIVING = """
products:
  serum:
    owned: 2
    arriving: {truck: {units: 3, on: 2026-11-29 20:02}}
"""
STATES = (
    *("put_on_sale", "on_hand", "reserved", "paid", "lapsed", "claimed", "lost"),
    *("backordered", "waiting", "orders", "gmv", "paid_value", "emptied_at"),
)


def settle(account: Account, attempts: Sequence[int], refresh: int, price: float = 100.0) -> None:
    """Settle one second of attempts by variant, the same in every replication, and look at it."""
    rows = len(account.orders)
    wanting = np.tile(np.array(attempts, dtype=np.int64), (rows, 1))
    account.settle(wanting, np.full((rows, 1), price), refresh, float(refresh), refresh + 1.0)
    account.receive(refresh + 1.0)
    account.mark_sold_out()


def on_hand(account: Account) -> list[int]:
    """Units on hand by variant, in the first replication at the first level."""
    return [int(stock.on_hand[0, 0]) for stock in account.stocks]


@pytest.mark.parametrize("shares", [[1.0], [0.5, 0.5], [1 / 3] * 3, [0.1] * 10, [0.7, 0.0, 0.3]])
def test_parts_add_up_to_the_whole_at_every_level(shares: list[float]) -> None:
    levels = np.array([*range(60), 999_999, UNLIMITED])
    parts = split(levels, shares)
    assert (parts.sum(axis=0) == levels).all()
    assert (parts >= 0).all()
    assert (np.abs(parts - np.outer(shares, levels.astype(float))) <= 1.0).all()


def test_waves_add_up_to_what_is_owned_of_each_variant() -> None:
    owned = split(np.arange(200), [0.63, 0.37])
    waves = split_waves(owned, [0.6, 0.3, 0.1])
    assert len(waves) == 3
    assert (np.sum(waves, axis=0) == owned).all()
    assert split_waves(owned, []) == []


def test_without_waves_all_is_on_hand_from_the_start(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    assert on_hand(account_of(show_of())) == [100]
    assert on_hand(account_of(show_of(TWO_SIZES))) == [7, 3]


def test_variants_may_say_what_they_own(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    told = """
    products:
      serum:
        owned: 10
        variants: {small: {share: 70%, owned: 1}, large: {share: 30%, owned: 9}}
    """
    assert on_hand(account_of(show_of(told))) == [1, 9]


def test_waves_come_when_they_are_due_and_not_before(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    account = account_of(show_of(THREE_WAVES), replications=2)
    account.receive(0.0)
    assert account.products[0].units_left[:, 0].tolist() == [10, 10]
    for wave, due in [("waves.first", 60.0), ("waves.second", 180.0)]:
        account.schedule("serum", wave, row=1, due=due)
    expected = {0.0: 0, 59.0: 0, 60.0: 6, 61.0: 6, 179.0: 6, 180.0: 9, 599.0: 9}
    for now, units in expected.items():
        account.receive(now)
        assert account.stocks[0].on_hand.ravel().tolist() == [0, units]
        assert account.stocks[0].put_on_sale.ravel().tolist() == [0, units]
    assert account.products[0].owned_to_come[0, :, 0].tolist() == [10, 1]
    account.finish(np.full((2, 1), 100.0))
    assert account.products[0].owned_to_come[0, :, 0].tolist() == [10, 1]


def test_units_left_counts_waves_still_to_come(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    account = account_of(show_of(THREE_WAVES))
    account.schedule("serum", "waves.first", row=0, due=0.0)
    account.receive(0.0)
    settle(account, [6], refresh=0)
    assert account.products[0].on_hand[:, 0].tolist() == [0]
    assert account.products[0].units_left[:, 0].tolist() == [4]
    assert account.products[0].sold_out[:, 0].tolist() == [0]
    assert account.products[0].sold_out_at.tolist() == [[math.inf]]


def test_a_reserve_counts_for_nothing_until_it_comes(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    account = account_of(show_of(RESERVE))
    account.receive(0.0)
    assert account.products[0].units_left[:, 0].tolist() == [10]
    account.schedule("serum", "reserve", row=0, due=30.0)
    settle(account, [10], refresh=0)
    assert account.products[0].units_left[:, 0].tolist() == [0]
    assert account.products[0].sold_out[:, 0].tolist() == [0]  # it is called, and still to come
    account.receive(30.0)
    assert account.products[0].units_left[:, 0].tolist() == [5]
    assert account.products[0].owned_to_come[0, :, 0].tolist() == [0]


def test_units_arrive_on_their_date(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    account = account_of(show_of(ARRIVING))
    account.receive(0.0)
    assert on_hand(account) == [2]
    settle(account, [2], refresh=0)
    assert account.products[0].sold_out[:, 0].tolist() == [0]
    account.receive(119.0)
    assert on_hand(account) == [0]
    account.receive(120.0)
    assert on_hand(account) == [3]


def test_what_arrived_before_the_show_is_on_hand_and_what_comes_after_it_is_too_late(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    early = account_of(show_of(ARRIVING.replace("20:02", "19:00")))
    early.receive(0.0)
    assert on_hand(early) == [5]
    late = account_of(show_of(ARRIVING.replace("20:02", "23:00")))
    settle(late, [2], refresh=0)
    assert late.products[0].sold_out[:, 0].tolist() == [1]
    assert late.products[0].owned_to_come[0, :, 0].tolist() == [3]


def test_sold_out_is_the_moment_of_the_last_unit(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    account = account_of(show_of(), levels=[0, 5, 6, 7, 8])
    settle(account, [4], refresh=0)
    settle(account, [3], refresh=1)
    settle(account, [3], refresh=2)
    (sold_out_at,) = account.products[0].variant_sold_out_at[0]
    assert sold_out_at[0] == 0.0
    assert (np.diff(sold_out_at[:4]) > 0).all()
    assert sold_out_at[1] > 1
    assert sold_out_at[3] < 2
    assert 2 < sold_out_at[4] < 3
    assert (sold_out_at == account.stocks[0].emptied_at[0]).all()
    assert (account.products[0].sold_out_at == sold_out_at).all()


def test_sold_out_at_is_the_first_such_moment(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    account = account_of(show_of("checkout: {unpaid: 100%, payment_timeout: 0s}"), levels=[3])
    settle(account, [3], refresh=0)
    first = account.products[0].variant_sold_out_at.item()
    account.receive(30.0)
    assert on_hand(account) == [3]
    settle(account, [3], refresh=30)
    assert on_hand(account) == [0]
    assert account.products[0].variant_sold_out_at.item() == first < 1
    assert account.products[0].sold_out_at.item() == first


def test_units_that_lapse_at_the_next_look_were_sold_out_all_the_same(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    account = account_of(show_of("checkout: {unpaid: 100%, payment_timeout: 0s}"), levels=[3])
    settle(account, [3], refresh=29)
    assert on_hand(account) == [3]
    assert 29 < account.products[0].sold_out_at.item() < 30
    assert account.products[0].sold_out.tolist() == [[False]]


def test_variants_sell_out_separately_and_the_product_with_the_last(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    account = account_of(show_of(TWO_SIZES))
    settle(account, [7, 0], refresh=0)
    assert np.isfinite(account.products[0].variant_sold_out_at.ravel()).tolist() == [True, False]
    assert account.products[0].sold_out[:, 0].tolist() == [0]
    settle(account, [5, 2], refresh=1)
    assert account.stocks[0].lost.item() == 5
    assert account.products[0].sold_out[:, 0].tolist() == [0]
    settle(account, [0, 1], refresh=2)
    assert account.products[0].sold_out[:, 0].tolist() == [1]
    small, large = account.products[0].variant_sold_out_at.ravel()
    assert 0 < small < 1
    assert 2 < large < 3
    assert account.products[0].sold_out_at.item() == large


def test_a_product_is_sold_out_when_all_its_variants_are_at_once(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    scenario = show_of(TWO_SIZES + "checkout: {unpaid: 100%, payment_timeout: 0s}")
    account = account_of(scenario)
    settle(account, [7, 0], refresh=0)
    account.receive(30.0)  # the small ones are back
    settle(account, [0, 3], refresh=30)
    assert on_hand(account) == [7, 0]
    assert account.products[0].sold_out[:, 0].tolist() == [0]


def test_sold_out_once_the_last_supply_has_gone_to_those_who_wait(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    patient = ARRIVING.replace("owned: 2", "owned: 2\n    backorder: {accept: 100%, units: 50}")
    account = account_of(show_of(patient))
    settle(account, [10], refresh=0)
    account.receive(120.0)
    account.mark_sold_out()
    assert account.stocks[0].waiting.item() == 5
    assert (
        account.products[0].variant_sold_out_at.item() == 120.0
    )  # before, three units were still to come


def test_a_wave_may_be_called_reserve(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    named = """
    products:
      serum:
        waves: {reserve: {share: 100%, after: 0s}}
        reserve: {units: 7, below: 4, lead_time: 1min}
    """
    account = account_of(show_of(named))
    account.schedule("serum", "waves.reserve", row=0, due=10.0)
    account.receive(10.0)
    assert on_hand(account) == [100]
    account.schedule("serum", "reserve", row=0, due=20.0)
    account.receive(20.0)
    assert on_hand(account) == [107]


def test_the_share_claimed_is_of_what_is_on_sale_now(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    account = account_of(show_of(THREE_WAVES))
    assert account.products[0].claimed_share[:, 0].tolist() == [0.0]
    account.schedule("serum", "waves.first", row=0, due=0.0)
    settle(account, [0], refresh=0)
    settle(account, [3], refresh=1)
    assert account.products[0].claimed_share[:, 0].tolist() == [0.5]
    account.schedule("serum", "waves.second", row=0, due=2.0)
    account.receive(2.0)
    assert account.products[0].claimed_share[:, 0].tolist() == [pytest.approx(3 / 9)]


def test_lapsed_units_are_not_claimed_any_more(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    account = account_of(show_of("checkout: {unpaid: 100%, payment_timeout: 0s}"), levels=[4])
    settle(account, [1], refresh=0)
    assert account.products[0].claimed_share[:, 0].tolist() == [0.25]
    account.receive(30.0)
    assert account.products[0].claimed_share[:, 0].tolist() == [0.0]


def test_everything_is_settled_at_the_end(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    account = account_of(show_of("checkout: {unpaid: 50%, payment_timeout: 1h}"), levels=[500])
    settle(account, [300], refresh=599)
    stock = account.stocks[0]
    assert stock.reserved.item() == 300
    account.finish(np.full((1, 1), 100.0))
    assert stock.reserved.item() == 0
    assert stock.paid.item() + stock.lapsed.item() == 300
    assert stock.on_hand.item() + stock.paid.item() == 500


def test_a_reserve_after_the_show_serves_those_who_wait(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    patient = """
    products:
      serum:
        backorder: {accept: 100%, units: 4}
        reserve: {units: 9, below: 1, lead_time: 2h}
    """
    account = account_of(show_of(patient), levels=[3])
    account.schedule("serum", "reserve", row=0, due=7_200.0)
    settle(account, [8], refresh=0)
    stock = account.stocks[0]
    assert (stock.claimed.item(), stock.waiting.item(), stock.lost.item()) == (7, 4, 1)
    assert 0 < account.products[0].variant_sold_out_at.item() < 1  # nothing comes before the end
    account.finish(np.full((1, 1), 100.0))
    assert (stock.waiting.item(), stock.on_hand.item(), stock.put_on_sale.item()) == (0, 5, 12)


@pytest.mark.parametrize("text", [THREE_WAVES, ARRIVING, TWO_SIZES, "checkout: {capacity: 3}"])
def test_one_account_of_many_levels_is_many_accounts_of_one(
    text: str, show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    luck = "checkout: {unpaid: 30%, payment_timeout: 30s}"
    scenario = show_of(text if "capacity" in text else text + luck)
    levels, rows = [0, 3, 17, 40, 41, 90, UNLIMITED], 8

    def after(levels: list[int]) -> Account:
        account = account_of(scenario, levels, rows)
        for part in scenario.products["serum"].waves:
            for row in range(rows):
                account.schedule("serum", f"waves.{part}", row, due=20.0 + row)
        random = np.random.default_rng(7)
        for refresh in range(120):
            attempts = random.poisson(0.6, (rows, len(account.stocks)))
            account.settle(attempts, np.full((rows, 1), 9.0), refresh, refresh, refresh + 1.0)
            account.receive(refresh + 1.0)
            account.mark_sold_out()
        account.finish(np.full((rows, 1), 9.0))
        return account

    together = after(levels)
    for level, units in enumerate(levels):
        alone = after([units])
        assert (
            together.products[0].variant_sold_out_at[..., level]
            == alone.products[0].variant_sold_out_at[..., 0]
        ).all()
        for mine, theirs in zip(together.stocks, alone.stocks, strict=True):
            assert (mine.demand == theirs.demand).all()
            for name in STATES:
                assert (getattr(mine, name)[:, level] == getattr(theirs, name)[:, 0]).all(), name
    claimed = np.sum([stock.claimed for stock in together.stocks], axis=0)
    assert (np.diff(claimed, axis=1) >= 0).all()
    assert (np.diff(claimed, axis=1) > 0).any()


def test_huge_stock_turns_nobody_away(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    account = account_of(show_of(TWO_SIZES), levels=[0, UNLIMITED])
    for refresh in range(50):
        settle(account, [1_000_000, 2_000_000], refresh)
    for stock, units in zip(account.stocks, [50_000_000, 100_000_000], strict=True):
        assert stock.demand.tolist() == [units]
        assert stock.claimed.tolist() == [[0, units]]
        assert stock.lost.tolist() == [[units, 0]]
    assert np.isinf(account.products[0].variant_sold_out_at[:, 0, 1]).all()
    assert (account.products[0].variant_sold_out_at[:, 0, 0] == 0.0).all()


def test_an_unknown_part_is_told_with_the_known_ones(
    show_of: Callable[..., Scenario], account_of: Callable[..., Account]
) -> None:
    account = account_of(show_of(THREE_WAVES))
    with pytest.raises(UsageError, match=r"no part called waves.frist.*Did you mean waves.first\?"):
        account.schedule("serum", "waves.frist", row=0, due=math.pi)
