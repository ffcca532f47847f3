"""Journeys: what single viewers tell adds up to the account, and hangs together."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import livesim
from livesim.engine.block import Lockstep
from livesim.engine.journal import EVENTS, Journal
from livesim.engine.streams import Streams
from livesim.engine.viewers import AgentCrowd
from livesim.errors import UsageError
from livesim.experiment.drawing import drawn_block
from livesim.resolve import resolve
from livesim.resolve.inputs import inputs_of
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario

REPLICATIONS = 10

#: Lapses, a limit, quantities, variants, backorders, waves, a reserve, a shelf, unequal shows.
SHOW = """
title: Everything that can become of an order
show: {length: 3min, currency: CNY, refresh: 2s, turnout_factor: 1,
       appeal: {lognormal: {median: 1, sigma: 0.5}}}
people: {host: {role: host}, kim: {role: guest, lift: 1.5, fit: {many: 0.5}}}
segments:
  many:
    reach: 400
    turnout: 50%
    stay: {short: {share: 60%, mean: 30s}, long: {share: 40%, mean: 4min}}
  few: {reach: 100, turnout: 80%, recommendation: 0.5}
products:
  serum:
    price: 100
    unit_cost: 40
    conversion: 30%
    owned: 30
    rush: 20s
    shelf: 40%
    limit: 3
    quantity: {1: 40%, 2: 30%, 5: 30%}
    variants: {small: {share: 60%}, large: {share: 40%}}
    backorder: {units: 12, accept: 40%}
    waves: {first: {share: 50%, after: 0s}, second: {share: 50%, after: 40s}}
    reserve: {units: 6, below: 5, lead_time: 20s}
  tint:
    {price: 60, unit_cost: 20, conversion: 20%, owned: 15, rush: 20s, quantity: {1: 50%, 2: 50%}}
checkout: {unpaid: 30%, payment_timeout: 45s, steps: {open_shop: 80%}}
rundown:
  one: {length: 1min, on_stage: [host], sells: [serum]}
  two: {length: 1min, on_stage: [host, kim], sells: [tint]}
"""


def scenario_of(**changes: object) -> Scenario:
    return resolve(parse_document(SHOW)).scenario.with_changes(
        {path.replace("__", "."): value for path, value in changes.items()}
    )


def followed(scenario: Scenario, replications: int = REPLICATIONS) -> tuple[pd.DataFrame, Lockstep]:
    """Return the journeys of some shows, and the shows themselves."""
    drawn = {path: values[:replications] for path, values in drawn_block(scenario, 1, 0).items()}
    inputs, streams = inputs_of(scenario, drawn, replications), Streams(1, 0)
    journal = Journal(inputs, streams)
    crowd = AgentCrowd(inputs, streams, journal.note)
    lockstep = Lockstep(scenario, inputs, streams, inputs.owned[:, None], crowd)
    journal.follow(lockstep)
    lockstep.run()
    crowd.end()
    return pd.DataFrame(journal.table), lockstep


@pytest.fixture(scope="module", params=[None, 0.3], ids=["no queue", "a queue"])
def shows(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, Lockstep]:
    return followed(scenario_of(checkout__capacity=request.param))


def units(table: pd.DataFrame, event: str, variant: str) -> pd.Series:
    """Return the units of one event and variant in each replication."""
    some = table[(table.event == event) & (table.variant == variant)]
    return some.groupby("replication").units.sum().reindex(range(REPLICATIONS), fill_value=0)


@pytest.mark.parametrize(("number", "variant"), [(0, "small"), (1, "large"), (2, "tint")])
def test_units_add_up_to_the_account(
    shows: tuple[pd.DataFrame, Lockstep], number: int, variant: str
) -> None:
    table, lockstep = shows
    stock = lockstep.house.account.stocks[number]
    told = {event: units(table, event, variant) for event in EVENTS}
    at_once, later = told["is served"], told["accepts to wait"]
    for column, figure in (
        (told["orders"], stock.demand),
        (at_once + later, stock.claimed[:, 0]),
        (later, stock.backordered[:, 0]),
        (told["is turned away"], stock.lost[:, 0]),
        (told["pays"], stock.paid[:, 0]),
        (told["lapses"], stock.lapsed[:, 0]),
    ):
        assert figure.any() or (variant == "tint" and column is later)
        np.testing.assert_array_equal(column, figure)
    settled = table[table.event.isin(["pays", "lapses"]) & (table.variant == variant)]
    orders = settled.groupby("replication").size().reindex(range(REPLICATIONS), fill_value=0)
    np.testing.assert_array_equal(orders, stock.orders[:, 0])


def test_people_add_up_to_the_audience(shows: tuple[pd.DataFrame, Lockstep]) -> None:
    table, lockstep = shows
    for number, segment in enumerate(["many", "few"]):
        mine = table[table.segment == segment]
        come, leave, stay = (
            mine[mine.event == event].groupby("replication").viewer.nunique()
            for event in ("comes", "leaves", "show ends")
        )
        np.testing.assert_array_equal(come, lockstep.crowd.viewers[number])
        np.testing.assert_array_equal(stay, lockstep.crowd.watching[number])
        np.testing.assert_array_equal(come - leave, stay)


def test_every_journey_hangs_together(shows: tuple[pd.DataFrame, Lockstep]) -> None:
    table, _ = shows
    assert set(table.event) == set(EVENTS) - {"pays a deposit"}
    viewer = ["replication", "viewer"]
    one_another = table[viewer].ne(table[viewer].shift()).any(axis=1)
    assert (one_another | (table.time >= table.time.shift())).all()
    assert not table.groupby(viewer)[["segment", "phase"]].nunique().gt(1).any(axis=None)
    orders = table[table.event == "orders"]
    assert not orders.duplicated([*viewer, "time"]).any(), "an order is settled twice"
    here = table[~table.event.isin(["is served", "is turned away", "accepts to wait"])]
    here = here[~here.event.isin(["pays", "lapses"])]
    first, last = (here.drop_duplicates(viewer, keep=keep) for keep in ("first", "last"))
    assert (first.event == "comes").all()
    assert last.event.isin(["leaves", "show ends"]).all()
    assert here.event.isin(["comes", "leaves", "show ends"]).sum() == len(first) + len(last)


def test_who_drops_out_of_the_steps_has_tried_and_gets_nothing(
    shows: tuple[pd.DataFrame, Lockstep],
) -> None:
    table, lockstep = shows
    dropped = table[table.event == "drops out"]
    found = dropped.groupby("replication").size().reindex(range(REPLICATIONS), fill_value=0)
    np.testing.assert_array_equal(found, lockstep.house.account.placing.dropped.sum(axis=1))
    tried = table[table.event.isin(["orders", "drops out"])]
    assert not tried.duplicated(["replication", "viewer", "time"]).any()


def test_fake_orders_are_no_viewer_s() -> None:
    fakes = {"share": 0.6, "returned": 1}
    table, lockstep = followed(
        scenario_of(products__tint__owned=10_000, products__tint__fake_orders=fakes)
    )
    stock = lockstep.house.account.stocks[2]
    assert stock.faked.any()
    np.testing.assert_array_equal(units(table, "pays", "tint"), (stock.paid - stock.faked)[:, 0])
    few, _ = followed(scenario_of(products__tint__fake_orders=fakes))
    assert units(few, "is served", "tint").sum() < 15 * REPLICATIONS


def test_who_comes_first_is_served_first() -> None:
    """In a show without a queue, nobody is served after somebody else was turned away for good."""
    table, _ = followed(scenario_of(products__tint__shelf=0, checkout__unpaid=0))
    tint = table[(table.variant == "tint") & table.event.isin(["is served", "is turned away"])]
    turned_away = 0
    for _, show in tint.groupby("replication"):
        events = show.sort_values(["time", "event"]).event.tolist()  # the last may get a part
        assert ("is turned away", "is served") not in pairwise(events)
        turned_away += events.count("is turned away")
    assert turned_away > 20


def test_a_wait_at_the_checkout_shows(shows: tuple[pd.DataFrame, Lockstep]) -> None:
    table, lockstep = shows
    orders = table[table.event == "orders"].time.to_numpy()
    settled = table[table.event.isin(["is served", "accepts to wait", "is turned away"])]
    waits = lockstep.house.scenario.checkout.capacity is not None
    assert (settled.time.max() > 180) == waits, "the queue is worked off after the show"
    assert orders.max() < 180


def test_the_scene_is_what_the_viewer_saw(shows: tuple[pd.DataFrame, Lockstep]) -> None:
    table, _ = shows
    decided = table[table.event == "loses interest"]
    assert (decided[decided.slot == "one"].on_stage == "host").all()
    assert (decided[decided.slot == "two"].on_stage == "host+kim").all()
    assert (decided.slot == np.where(decided.time < 60, "one", "two")).all()
    tint = table[(table.event == "orders") & (table.variant == "tint")]
    assert (tint.slot.iloc[:5] != "one").all() and (tint["product"] == "tint").all()
    paid = table[table.event == "pays"]
    assert (paid.slot == "").all() and (paid.time % 30 == 0).all()
    assert (table[table.event == "comes"].units == 0).all()


def test_being_watched_changes_nothing() -> None:
    scenario = scenario_of(checkout__capacity=0.3)
    table, watched = followed(scenario, replications=3)
    inputs, streams = watched._inputs, Streams(1, 0)
    crowd = AgentCrowd(inputs, streams)
    alone = Lockstep(scenario, inputs, streams, inputs.owned[:, None], crowd)
    alone.run()
    for one, other in zip(watched.house.account.stocks, alone.house.account.stocks, strict=True):
        np.testing.assert_array_equal(one.paid, other.paid)
        np.testing.assert_array_equal(one.emptied_at, other.emptied_at)
    again, _ = followed(scenario, replications=3)
    pd.testing.assert_frame_equal(table, again)


# --- The public function --------------------------------------------------------------------------


def test_journeys_of_a_scenario() -> None:
    scenario = scenario_of()
    table = livesim.journeys(scenario, replications=2, seed=3)
    assert table.replication.unique().tolist() == [0, 1]
    pd.testing.assert_frame_equal(table, livesim.journeys(scenario, replications=2, seed=3))
    assert not table.equals(livesim.journeys(scenario, replications=2, seed=4))


def test_a_show_that_nobody_watches_has_no_journeys() -> None:
    table = livesim.journeys(scenario_of(segments__many__reach=0, segments__few__reach=0))
    assert table.empty and "event" in table.columns


@pytest.mark.parametrize("replications", [0, 251])
def test_journeys_of_too_many_shows_are_refused(replications: int) -> None:
    with pytest.raises(UsageError, match="take fewer"):
        livesim.journeys(scenario_of(), replications=replications)


def test_a_presale_shows_the_deposit_and_leaves_the_balance_to_later_days() -> None:
    presale = {"deposit": 0.2, "balance_paid": 0.5}
    table, _ = followed(scenario_of(products__serum__presale=presale))
    told = table[table["product"] == "serum"].groupby("event").units.sum()
    assert told["pays a deposit"] == told["is served"] + told["accepts to wait"] > 0
    assert not {"pays", "lapses"} & set(told.index)
