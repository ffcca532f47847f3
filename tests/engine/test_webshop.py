"""A webshop that sells of the same stock: by hand, against plain orders, and live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from random_recordings import random_recording, recording_of
from test_ledger import KINDS, PAYS, PLAIN, figure
from test_shared_stock import THREE, random_show

import livesim
from livesim.engine.ledger.ledger import Ledger, ledger
from livesim.engine.lockstep import Lockstep
from livesim.engine.orders.orders import Kinds
from livesim.engine.recorder import ENGINES
from livesim.engine.recording import Recording
from livesim.engine.release_plan import UNLIMITED
from livesim.engine.streams import Streams
from livesim.model.inputs import GiftInputs, Inputs
from livesim.resolve.inputs import inputs_of
from livesim.scenario.scenario import Scenario

WITH_WEBSHOP = KINDS.with_webshop()
WEBSHOP = len(WITH_WEBSHOP.units) - 1


@pytest.fixture(scope="module")
def shop(show_of: Callable[..., Scenario]) -> Inputs:
    """One replication of a show with four products."""
    return inputs_of(show_of(THREE), None, 1)


def test_webshop_and_show_stand_in_one_line_for_the_same_units(shop: Inputs) -> None:
    """Everybody pays. The show's price falls from 10 to 8 with step 2.

    | step | show       | webshop       | left of 6 | value ordered |
    |------|------------|---------------|-----------|---------------|
    | 1    | 2 sold     | 1 sold        | 3         | 20            |
    | 2    | 1 sold     | 1 sold        | 1         | 8             |
    | 3    |            | 1 sold 2 lost | 0         |               |
    | 4    | 1 lost     |               | 0         |               |
    """
    batches = [
        (0, 0, 1, 10.0, {PAYS: 2, WEBSHOP: 1}),
        (0, 0, 2, 8.0, {PAYS: 1, WEBSHOP: 1}),
        (0, 0, 3, 8.0, {WEBSHOP: 3}),
        (0, 0, 4, 8.0, {PAYS: 1}),
    ]
    inputs = replace(shop, timeout=np.full(4, 60.0), supplies=(PLAIN,) * 4)
    recording = recording_of(inputs, batches, WITH_WEBSHOP)
    found = ledger(recording, np.array([[6, 100], *[[0, 0]] * 3]))
    expected = {
        **{"demand": [4, 4], "claimed": [3, 4], "sales": [3, 4], "lost": [1, 0], "orders": [3, 4]},
        **{"webshop": [3, 5], "webshop_lost": [2, 0], "on_hand": [0, 91]},
        **{"gmv": [28, 36], "paid_value": [28, 36]},
    }
    assert {name: figure(found, name) for name in expected} == expected
    assert 10 < figure(found, "sold_out_at")[0] < 15


def relabelled(recording: Recording, random: np.random.Generator) -> tuple[Recording, Recording]:
    """Let some entries be a webshop's orders, or plain ones of a unit each."""
    old = recording.kinds
    kinds = Kinds.of({1, *old.units.tolist()}, old.rooms).with_webshop()
    columns = ("units", "pays", "accepts", "fake", "room")
    number = [
        kinds.number(**dict(zip(columns, one, strict=True)))
        for one in zip(*(getattr(old, name).tolist() for name in columns), strict=True)
    ]
    kind = np.array(number)[recording.orders.kind]
    some = random.random(len(kind)) < 0.3
    plain = kinds.number(1, pays=True, accepts=False, fake=False, room=0)
    return tuple(
        replace(
            recording,
            kinds=kinds,
            orders=replace(recording.orders, kind=np.where(some, one, kind)),
        )
        for one in (len(kinds.units) - 1, plain)
    )


@pytest.mark.parametrize("bundles", [False, True])
@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 12))]
)
def test_a_webshop_takes_units_as_orders_of_one_do(seed: int, bundles: bool, shop: Inputs) -> None:
    """Who gets what is the same; only whose units they are, and their value, is not."""
    random = np.random.default_rng(seed)
    while (recording := (random_show if bundles else random_recording)(shop, random)) and (
        recording.inputs.allotted
    ):
        pass
    if bundles:
        recording = replace(recording, inputs=replace(recording.inputs, gifts=()))
    apart, plain = relabelled(recording, random)
    levels = random.integers(0, 200, (4, 6))
    levels[:, 0], levels[:, 1] = 0, UNLIMITED
    levels[2] *= not bundles
    one, other = ledger(apart, levels), ledger(plain, levels)
    for name in ("on_hand", "put_on_sale", "sold_out_at", "backordered", "lapsed"):
        np.testing.assert_array_equal(one.figures[name], other.figures[name], err_msg=name)
    sold, lost = one.figures["webshop"], one.figures["webshop_lost"]
    assert sold.sum() > 0
    for name, beside in {"demand": sold + lost, "sales": sold, "lost": lost}.items():
        np.testing.assert_array_equal(one.figures[name] + beside, other.figures[name], err_msg=name)
    orders, kinds = apart.orders, apart.kinds
    value = orders.price * orders.sums((kinds.units * ~kinds.webshop)[:, None])[:, 0]
    of_variant = np.bincount(orders.cell, value, minlength=4)
    np.testing.assert_allclose(one.figures["gmv"][0, :, 1], of_variant)


def test_gifts_and_orders_are_the_shows_alone(shop: Inputs) -> None:
    inputs = replace(
        shop, gifts=(GiftInputs((0,), 3),), timeout=np.full(4, 60.0), supplies=(PLAIN,) * 4
    )
    recording = recording_of(inputs, [(0, 0, 1, 10.0, {PAYS: 2, WEBSHOP: 3})], WITH_WEBSHOP)
    found = ledger(recording, np.array([[9, 4], [0, 0], [0, 0], [9, 9]]))
    assert found.figures["given"][0, 3].tolist() == found.figures["gifts"][0, 0].tolist()
    assert found.figures["gifts"][0, 0, 0] == found.figures["orders"][0, 0, 0] == 2
    assert (found.figures["webshop"] + found.figures["sales"])[0, 0].tolist() == [5, 4]


SHOW = """
show: {length: 10min, refresh: 5s}
segments: {everyone: {reach: 400}}
products: {serum: {owned: 45, webshop: {per_day: 4_320, price: 90}}}
checkout: {unpaid: 20%}
rundown:
  talk: {length: 5min, sells: [serum], at_sell_out: next}
  more: {length: 5min, sells: [serum]}
"""


@pytest.fixture(scope="module")
def scenario(show_of: Callable[..., Scenario]) -> Scenario:
    """A show of 40 orders beside a webshop of 30, with 45 units."""
    return show_of(SHOW)


def recorded(scenario: Scenario, engine: str, **changes: Any) -> tuple[Lockstep, Recording]:
    changed = scenario.with_changes(changes) if changes else scenario
    inputs, streams = inputs_of(changed, None, 20), Streams(3, 0, 20)
    loop = Lockstep(inputs, streams, inputs.owned, ENGINES[engine](inputs, streams, None))
    return loop, loop.run()


@pytest.mark.parametrize("engine", ENGINES)
def test_the_stock_that_the_show_lives_with_is_the_ledgers(scenario: Scenario, engine: str) -> None:
    loop, recording = recorded(scenario, engine)
    found: Ledger = ledger(recording, recording.lived[:, None])
    sums = {name: found.figures[name][:, 0, 0] for name in found.figures}
    assert loop._live is not None and sums["webshop_lost"].any()
    assert (loop._live.orders_so_far == sums["orders"]).all()
    assert (sums["sales"] + sums["webshop"] + sums["on_hand"] == 45).all()


def test_a_webshop_moves_nothing_else_and_costs_nothing_where_there_is_none(
    scenario: Scenario,
) -> None:
    plenty = {"products.serum.owned": 10_000}
    _, beside = recorded(scenario, "cohort", **plenty)
    _, alone = recorded(scenario, "cohort", **plenty, **{"products.serum.webshop": None})
    assert not alone.kinds.webshops and "webshop" not in ledger(alone, alone.lived[:, None]).figures
    levels = beside.lived[:, None]
    for name in ("demand", "sales", "lapsed", "orders"):
        one, other = (ledger(of, levels).figures[name] for of in (beside, alone))
        np.testing.assert_array_equal(one, other, err_msg=name)


def test_a_show_goes_on_with_what_its_webshop_has_sold(scenario: Scenario) -> None:
    state = livesim.state_at(scenario, "5min", replications=50, seed=2)
    sold = state.kinds.webshop[state.orders.kind] @ state.orders.count
    rest = livesim.simulate(scenario, start=state, replications=50, workers=1).outcome.variants
    wanted = (rest["webshop"] + rest["webshop_lost"]).sum()
    assert 0 < sold < wanted
    assert abs(wanted - 50 * 30) < 4 * np.sqrt(50 * 30)  # a false alarm in 16,000
    assert (rest["sales"] + rest["webshop"] + rest["on_hand"] == 45).all()


def test_what_a_webshop_brings_is_profit_and_pays_no_commission(scenario: Scenario) -> None:
    changes = {"deal.commission": 0.5, "deal.shipping": 3}
    found = livesim.simulate(scenario.with_changes(changes), replications=50, workers=1)
    units = {name: column[:, 0] for name, column in found.outcome.products.items()}
    assert (units["webshop_value"] == 90 * units["webshop"]).all()
    show = 0.5 * units["nmv"] - units["shipping"] - units["cost_of_goods"]
    expected = show + units["left_over_value"] + 90 * units["webshop"] - units["slot_fee"]
    np.testing.assert_allclose(units["profit"], expected)
    at_end = {name: found.outcome.timeline[name][:, -1, 0] for name in ("reserved", "paid")}
    on_hand = found.outcome.timeline["on_hand"][:, -1, 0]
    assert (on_hand + at_end["reserved"] + at_end["paid"] + units["webshop"] == 45).all()


def test_who_has_taken_what_is_gone_cannot_be_seen_of_a_show_with_a_webshop(
    scenario: Scenario,
) -> None:
    with pytest.raises(livesim.UsageError, match=r"webshop: what the show has sold .* told apart"):
        livesim.state_seen(scenario, "5min", on_hand={"serum": 20})
