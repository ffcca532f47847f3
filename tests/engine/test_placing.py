"""From tries to orders: what the steps lose, what helpers add, and that the stock changes neither.

How many there are is held against closed forms in ``verification/placed_orders.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from livesim.engine.account import Account
from livesim.engine.block import Lockstep, simulate_block
from livesim.engine.fates import Fates, Line
from livesim.engine.levels import levels_block
from livesim.randomness import generator
from livesim.scenario.scenario import Scenario

STEPS = "checkout: {steps: {open_shop: 60%, pay_page: 50%}}"
FAKES = """
products:
  serum: {fake_orders: {share: 40%, returned: 100%}}
  mask: {price: 40, unit_cost: 10, conversion: 10%, owned: 50, rush: 30s, quantity: {1: 100%}}
rundown:
  talk: {length: 10min, on_stage: [host], sells: [serum, mask]}
"""

Show = Callable[..., Scenario]
Run = Callable[..., Lockstep]


def test_who_tries_is_through_or_has_dropped_out(show_of: Show, scripted: Run) -> None:
    account = scripted(show_of(STEPS), attempts=4, replications=20).house.account
    through = account.stocks[0].demand  # an order asks for one unit here
    assert (through + account.placing.dropped[:, 0] == 4 * 600).all()
    assert len(np.unique(through)) > 5, "each try has its own luck"
    assert through.mean() == pytest.approx(0.3 * 2400, rel=0.02)


def test_without_steps_or_fakes_nothing_is_drawn(show_of: Show, account_of: object) -> None:
    account: Account = account_of(show_of(), replications=2)  # type: ignore[operator]
    attempts = np.array([[3], [5]])
    assert account.placing.placed(attempts, 0.0) is attempts
    assert not account.placing.dropped.any()


def test_only_the_product_that_has_them_gets_fake_orders(show_of: Show, scripted: Run) -> None:
    account = scripted(show_of(FAKES), attempts=5, replications=20).house.account
    serum, mask = account.stocks
    assert (mask.demand == 5 * 600).all()
    assert not mask.faked.any()
    assert serum.demand.mean() == pytest.approx(3000 / 0.6, rel=0.02)


def test_steps_of_certain_success_change_no_bit_of_an_outcome(show_of: Show) -> None:
    plain = simulate_block(show_of(), 1, 0)
    certain = simulate_block(show_of("checkout: {steps: {open_shop: 100%}}"), 1, 0)
    for table in ("shows", "rooms", "segments", "products", "variants", "timeline"):
        for name, column in getattr(plain, table).items():
            np.testing.assert_array_equal(column, getattr(certain, table)[name])
    assert not certain.products["dropped"].any()
    assert "dropped" not in plain.products and "fake" not in plain.products


@pytest.mark.slow
def test_a_replay_at_many_levels_is_exact(show_of: Show) -> None:
    """Each level of the replay, bit for bit, is the show simulated with that stock."""
    scenario = show_of(FAKES + STEPS + "\n").with_changes(
        {"checkout.capacity": 2.0, "checkout.unpaid": "20%"}
    )
    owned = np.array([[20, 80, 400], [10, 50, 300]])
    replay = levels_block(scenario, owned, 3, 0)
    for level, (serum, mask) in enumerate(owned.T.tolist()):
        changed = {"products.serum.owned": serum, "products.mask.owned": mask}
        alone = simulate_block(scenario.with_changes(changed), 3, 0).variants
        for name in ("demand", "sales", "lost", "returned", "profit", "sold_out_at"):
            np.testing.assert_array_equal(replay.figures[name][:, :, level], alone[name])


def test_fake_orders_come_back_and_real_ones_as_they_did(show_of: Show) -> None:
    text = FAKES.replace("serum: {", "serum: {owned: 5_000, returns: 0%, ")
    products = simulate_block(show_of(text), 1, 0).products
    assert (products["returned"][:, 0] == products["fake"][:, 0]).all()
    assert (products["fake"][:, 0] < products["sales"][:, 0]).all()
    kept = simulate_block(show_of(text.replace("returned: 100%", "returned: 0%")), 1, 0).products
    assert not kept["returned"][:, 0].any()


def test_the_last_in_line_takes_its_mark_with_it() -> None:
    """Units served in part are fake, and paid for, as the order that takes them is."""
    certain = np.zeros(1)
    fates = Fates({3: 1.0}, certain, certain, generator(1, "marks"), fakes=True)
    kinds = fates.draw(np.array([4]), np.array([4]))
    assert kinds.tolist() == [[0, 4]]
    line = Line(kinds[0], fates, lambda part: generator(1, "line", part))
    for units in range(1, 12):
        taken = line.take(units, np.ones(2, dtype=bool))
        assert (taken.units, taken.paying, taken.faked) == (units, units, units)
