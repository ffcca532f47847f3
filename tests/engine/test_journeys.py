"""Journeys: what single viewers tell adds up to the account, and hangs together."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

import livesim
from livesim.engine.journeys import EVENTS, journal
from livesim.engine.ledger.ledger import ledger
from livesim.engine.ledger.stock_over_time import StockOverTime
from livesim.engine.orders.queue_order import FEW
from livesim.engine.recorder import record
from livesim.engine.recording import Recording
from livesim.engine.streams import Streams
from livesim.engine.viewer_notes import follow
from livesim.errors import UsageError
from livesim.experiment.random_inputs import drawn_block
from livesim.resolve import resolve
from livesim.resolve.inputs import inputs_of
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario
from livesim.scenario.writing import write_yaml

REPLICATIONS = 5

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


class Followed(NamedTuple):
    """The journeys of some shows, the recording, and the account's figures, shape (R, V) each."""

    table: pd.DataFrame
    recording: Recording
    figures: dict[str, np.ndarray]


def followed(scenario: Scenario, replications: int = REPLICATIONS) -> Followed:
    """Follow the viewers of some shows."""
    drawn = drawn_block(scenario, 1, 0, replications)
    recording, notes = follow(inputs_of(scenario, drawn, replications), Streams(1, 0))
    table = pd.DataFrame(journal(recording, notes, Streams(1, 0)))
    return Followed(table, recording, figures_of(recording))


def figures_of(recording: Recording) -> dict[str, np.ndarray]:
    """Return what the account says of the show that viewers have lived through."""
    figures = ledger(recording, recording.lived[:, None]).figures
    return {name: figure[:, :, 0] for name, figure in figures.items()}


@pytest.fixture(scope="module", params=[None, 0.3], ids=["no queue", "a queue"])
def shows(request: pytest.FixtureRequest) -> Followed:
    return followed(scenario_of(checkout__capacity=request.param))


def units(table: pd.DataFrame, event: str, variant: str) -> pd.Series:
    """Return the units of one event and variant in each replication."""
    some = table[(table.event == event) & (table.variant == variant)]
    return some.groupby("replication").units.sum().reindex(range(REPLICATIONS), fill_value=0)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "variant"), [(0, "small"), (1, "large"), (2, "tint")])
def test_units_add_up_to_the_account(shows: Followed, number: int, variant: str) -> None:
    table, account = shows.table, {name: of[:, number] for name, of in shows.figures.items()}
    told = {event: units(table, event, variant) for event in EVENTS}
    at_once, later = told["is served"], told["accepts to wait"]
    for column, figure in (
        (told["orders"], account["demand"]),
        (at_once + later, account["claimed"]),
        (later, account["backordered"]),
        (told["is turned away"], account["lost"]),
        (told["pays"], account["sales"]),
        (told["lapses"], account["lapsed"]),
    ):
        assert figure.any() or (variant == "tint" and column is later)
        np.testing.assert_array_equal(column, figure)
    settled = table[table.event.isin(["pays", "lapses"]) & (table.variant == variant)]
    orders = settled.groupby("replication").size().reindex(range(REPLICATIONS), fill_value=0)
    np.testing.assert_array_equal(orders, account["orders"])


@pytest.mark.slow
def test_people_add_up_to_the_audience(shows: Followed) -> None:
    table, audience = shows.table, shows.recording.audience
    for number, segment in enumerate(["many", "few"]):
        mine = table[table.segment == segment]
        come, leave, stay = (
            mine[mine.event == event].groupby("replication").viewer.nunique()
            for event in ("comes", "leaves", "show ends")
        )
        np.testing.assert_array_equal(come, audience.viewers_by_segment[number])
        np.testing.assert_array_equal(stay, audience.watching_by_segment[number])
        np.testing.assert_array_equal(come - leave, stay)


@pytest.mark.slow
def test_every_journey_hangs_together(shows: Followed) -> None:
    table = shows.table
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
    shows: Followed,
) -> None:
    table, recording = shows.table, shows.recording
    dropped = table[table.event == "drops out"]
    found = dropped.groupby("replication").size().reindex(range(REPLICATIONS), fill_value=0)
    np.testing.assert_array_equal(found, recording.dropped.sum(axis=1))
    tried = table[table.event.isin(["orders", "drops out"])]
    assert not tried.duplicated(["replication", "viewer", "time"]).any()
    everybody = tried.groupby("replication").size()
    np.testing.assert_array_equal(everybody, recording.attempts.sum(axis=1))


@pytest.mark.slow
def test_fake_orders_are_no_viewer_s() -> None:
    fakes = {"share": 0.6, "returned": 1.0}
    table, _, figures = followed(
        scenario_of(products__tint__owned=10_000, products__tint__fake_orders=fakes)
    )
    sales, faked = figures["sales"][:, 2], figures["faked"][:, 2]
    assert faked.any()
    np.testing.assert_array_equal(units(table, "pays", "tint"), sales - faked)
    few, _, _ = followed(scenario_of(products__tint__fake_orders=fakes))
    assert units(few, "is served", "tint").sum() < 15 * REPLICATIONS


@pytest.mark.slow
def test_who_comes_first_is_served_first() -> None:
    """In a show without a queue, nobody is served after somebody else was turned away for good."""
    table, _, _ = followed(scenario_of(products__tint__shelf=0, checkout__unpaid=0))
    tint = table[(table.variant == "tint") & table.event.isin(["is served", "is turned away"])]
    turned_away = 0
    for _, show in tint.groupby("replication"):
        events = show.sort_values(["time", "event"]).event.tolist()  # the last may get a part
        assert ("is turned away", "is served") not in pairwise(events)
        turned_away += events.count("is turned away")
    assert turned_away > 10


def test_a_wait_at_the_checkout_shows(shows: Followed) -> None:
    table = shows.table
    orders = table[table.event == "orders"].time.to_numpy()
    settled = table[table.event.isin(["is served", "accepts to wait", "is turned away"])]
    waits = np.isfinite(shows.recording.inputs.capacity)
    assert (settled.time.max() > 180) == waits, "the queue is worked off after the show"
    assert orders.max() < 180
    assert (settled[settled.time > 180].slot == "").all()
    seen = np.select([settled.time < 60, settled.time < 120], ["one", "two"], "")
    assert (settled.slot == seen).all(), "they see what the stage shows while they wait"


def test_the_scene_is_what_the_viewer_saw(shows: Followed) -> None:
    table = shows.table
    decided = table[table.event == "loses interest"]
    assert (decided[decided.slot == "one"].on_stage == "host").all()
    assert (decided[decided.slot == "two"].on_stage == "host+kim").all()
    slots = np.select([decided.time < 60, decided.time < 120], ["one", "two"], "")
    assert (decided.slot == slots).all(), "then they decide about the shelf"
    tint = table[(table.event == "orders") & (table.variant == "tint")]
    assert (tint.slot.iloc[:5] != "one").all() and (tint["product"] == "tint").all()
    paid = table[table.event == "pays"]
    assert (paid.slot == "").all() and (paid.time % 30 == 0).all()
    assert (table[table.event == "comes"].units == 0).all()


@pytest.mark.slow
def test_being_watched_changes_nothing() -> None:
    scenario = scenario_of(checkout__capacity=0.3)
    table, watched, figures = followed(scenario, replications=3)
    alone = record(watched.inputs, Streams(1, 0), watched.inputs.owned, engine="agent")
    for name, figure in figures_of(alone).items():
        np.testing.assert_array_equal(figures[name], figure)
    again, _, _ = followed(scenario, replications=3)
    pd.testing.assert_frame_equal(table, again)


@pytest.mark.slow
def test_orders_fall_to_the_rooms_as_the_account_says() -> None:
    rooms = {"hall": {"segments": ["many"]}, "club": {"segments": ["few"]}}
    data = {**parse_document(SHOW).data, "rooms": rooms}
    table, recording, figures = followed(resolve(parse_document(write_yaml(data))).scenario)
    curves = StockOverTime(recording, None)
    ledger(recording, recording.lived[:, None], watch=curves.watch)
    paid = table[table.event.isin(["pays", "lapses"])]
    told = paid.groupby(["replication", "segment"]).size().unstack(fill_value=0)
    np.testing.assert_array_equal(told[["many", "few"]], curves.orders_by_room)
    assert figures["lost"].any(axis=1).all()
    tried = table[table.event.isin(["orders", "drops out"])]
    told = tried.groupby(["replication", "segment"]).size().unstack(fill_value=0)
    np.testing.assert_array_equal(told[["many", "few"]], recording.attempts)


@pytest.mark.slow
def test_a_show_that_reacts_to_its_stock_adds_up_too() -> None:
    """There, orders are placed refresh by refresh, and so are the checkout's steps drawn."""
    changes = {"screen__claimed": True, "products__tint__herd": 1, "checkout__capacity": 2}
    scenario = scenario_of(**changes, rundown__one__at_sell_out="next")
    table, recording, figures = followed(scenario, replications=5)
    assert recording.reacts
    tried = table[table.event.isin(["orders", "drops out"])].groupby(["replication", "event"])
    told = tried.size().unstack()
    np.testing.assert_array_equal(told["drops out"], recording.dropped.sum(axis=1))
    np.testing.assert_array_equal(told.sum(axis=1), recording.attempts.sum(axis=1))
    paid = table[table.event == "pays"].groupby("replication").units.sum()
    np.testing.assert_array_equal(paid, figures["sales"].sum(axis=1))


@pytest.mark.slow
def test_long_lines_add_up_too() -> None:
    many = {"reach": 11_000, "turnout": 0.99, "waiting": 0.99}
    changes = {f"segments__many__{name}": value for name, value in many.items()}
    scenario = scenario_of(**changes, show__refresh="20s", products__serum__owned=1_000)
    table, recording, figures = followed(scenario, replications=1)
    sizes = np.add.reduceat(recording.orders.count, recording.orders.first[:-1])
    assert sizes.max() > FEW
    for number, variant in enumerate(["small", "large"]):
        told = table[table.variant == variant].groupby("event").units.sum()
        assert told["is turned away"] == figures["lost"][0, number] > 0
        assert told["accepts to wait"] == figures["backordered"][0, number] > 0
        assert told["pays"] == figures["sales"][0, number] > 250


# --- The public function --------------------------------------------------------------------------


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_presale_shows_the_deposit_and_leaves_the_balance_to_later_days() -> None:
    presale = {"deposit": 0.2, "balance_paid": 0.5}
    table, _, _ = followed(scenario_of(products__serum__presale=presale))
    told = table[table["product"] == "serum"].groupby("event").units.sum()
    assert told["pays a deposit"] == told["is served"] + told["accepts to wait"] > 0
    assert not {"pays", "lapses"} & set(told.index)
