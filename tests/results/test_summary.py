"""The JSON document: its shape, its figures, and what it says of things that never happened."""

import json
from collections.abc import Mapping
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.experiment.simulating import simulate_block
from livesim.resolve.why import too_late
from livesim.results import Result
from livesim.results.figures import flat
from livesim.results.intervals import mean_interval
from livesim.results.summary import measures, no_measures, stock
from livesim.scenario.scenario import Scenario

QUANTILES = {"p10", "p50", "p90"}
FIGURE = {"mean", "mean_interval", *QUANTILES, *(f"{q}_interval" for q in QUANTILES)}
CHANCE = {"chance", "low", "high"}
PROMISED = {"stock", "demand", "sales", "lost", "sold_out", "sold_out_at", "since_link"}


def with_products(result: Result, **columns: Mapping[str, Any]) -> Result:
    products = {**result.outcome.products, **columns}
    return replace(result, outcome=replace(result.outcome, products=products))


def test_no_interval_of_a_mean_holds_what_the_figure_cannot_be(result: Result) -> None:
    """One show in a hundred loses 30 units: 0.3 ± 0.7 by symmetry, where no loss is below 0."""
    rare, loss = np.zeros_like(result.outcome.products["lost"]), -result.outcome.products["profit"]
    rare[0] = 30
    columns = {"lost": rare, "unavailable": 1 - rare / 30, "profit": loss}
    serum = with_products(result, **columns).document()["products"]["serum"]
    lost, off, profit = (serum[name] for name in ("lost", "unavailable_share", "profit"))
    errors = [mean_interval(columns[name][:, 0])[1] for name in columns]
    assert None not in errors
    of_lost, of_off, of_profit = (error or 0.0 for error in errors)
    assert lost["mean"] < of_lost and lost["mean_interval"] == [0, lost["mean"] + of_lost]
    assert off["mean"] + of_off > 1 and off["mean_interval"][1] == 1
    assert profit["mean_interval"][0] == profit["mean"] - of_profit < 0


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("brand_room", {"show.length": "20min"}),
        pytest.param("gala_rooms", {}, marks=pytest.mark.slow),
        pytest.param("fake_orders", {}, marks=pytest.mark.slow),
        pytest.param("mass_returns", {}, marks=pytest.mark.slow),
    ],
)
def test_what_can_be_asked_for_is_known_beforehand(name: str, changes: Mapping[str, Any]) -> None:
    scenario = livesim.load(name, changes)
    outcome = simulate_block(scenario, 1, 0, replications=2)
    before, after = (
        {path: values.dtype.kind == "b" for path, values in flat(tree)}
        for tree in (no_measures(scenario), measures(outcome, scenario))
    )
    assert before == after


def test_the_document_has_what_was_promised(result: Result) -> None:
    document = result.document()
    assert list(document)[:4] == ["format", "kind", "title", "scenarios"]
    assert document["digest"] == result.scenario.digest
    assert set(document["products"]) == set(result.scenario.products)
    for product in document["products"].values():
        assert {*PROMISED, "left_over", "profit"} <= set(product)
        assert set(product["sold_out"]) == set(product["unavailable"]) == CHANCE
        for name in set(product) - {"stock", "sold_out", "unavailable"}:
            assert set(product[name]) == FIGURE
    show = document["show"]
    assert {"page_views", "unique_viewers", "peak_concurrent", "orders"} <= set(show)
    assert set(show.pop("loss")) == CHANCE
    assert all(set(figure) == FIGURE for figure in show.values())


def test_drop_outs_and_fake_orders_are_told_only_where_there_are_some(result: Result) -> None:
    assert not {"dropped", "fake"} & set(result.document()["products"]["serum"])
    some = np.full_like(result.outcome.products["sales"], 7)
    for name in ("dropped", "fake"):
        product = (with_products(result, **{name: some})).document()["products"]["serum"]
        assert {"dropped", "fake"} & set(product) == {name}
        assert product[name]["mean"] == 7


def test_the_document_is_strict_json(result: Result) -> None:
    document = result.document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_each_figure_is_of_its_own_product_and_column(result: Result) -> None:
    figures = result.outcome.products
    for index, product in enumerate(result.document()["products"].values()):
        assert product["lost"]["mean"] == pytest.approx(figures["lost"][:, index].mean())
        assert product["profit"]["mean"] == pytest.approx(figures["profit"][:, index].mean())


def test_times_count_replications_in_which_it_never_happened(result: Result) -> None:
    """Sold out in 40 of 100 shows: after 101 to 140 s, with the link at 60 s."""
    at = np.full_like(result.outcome.products["sold_out_at"], inf)
    at[:40, 0] = 101.0 + np.arange(40)
    product = (with_products(result, sold_out_at=at)).document()["products"]["serum"]
    assert product["sold_out"]["chance"] == 0.4
    assert product["sold_out"]["low"] < 0.4 < product["sold_out"]["high"]
    without = dict.fromkeys(("mean", "mean_interval", "p50", "p90"))
    never = {**without, "p90_interval": [None] * 2}
    at = {"p10": 110.0, "p10_interval": [105.0, 117.0], "p50_interval": [140.0, None]}
    assert product["sold_out_at"] == {**never, **at}
    since = {"p10": 50.0, "p10_interval": [45.0, 57.0], "p50_interval": [80.0, None]}
    assert product["since_link"] == {**never, **since}


def test_a_loss_is_a_profit_below_nothing(result: Result) -> None:
    profit = np.repeat([-1.0, 0.0, 1.0, 2.0], 25)
    shows = {**result.outcome.shows, "profit": profit}
    document = (replace(result, outcome=replace(result.outcome, shows=shows))).document()
    assert document["show"]["loss"]["chance"] == 0.25


def test_stock_is_what_is_there_before_the_end(brand_room: Scenario) -> None:
    arriving = {
        "in_time": {"units": 30, "on": "2020-02-02 20:30"},
        "too_late": {"units": 500, "on": "2020-02-03 20:00"},
    }
    scenario = brand_room.with_changes(
        {"show.start": "2020-02-02 20:00", "products.serum.arriving": arriving}
    )
    assert stock(brand_room, "serum") == brand_room.products["serum"].owned
    assert stock(scenario, "serum") == brand_room.products["serum"].owned + 30


_LORRY = """
like: drop
title: A lorry at the end
show: {start: 2026-11-29 20:00, length: 30min, currency: CNY, refresh: 5s}
viewers: 20k
products:
  cup: {price: 100, unit_cost: 30, owned: 10, forecast: 1000,
        arriving: {lorry: {units: 500, on: 2026-11-29 20:29:50}}}
rundown:
  sale: {length: 30min, sells: [cup], link: 1min}
"""


@pytest.mark.parametrize(
    ("on", "length", "units"),
    [
        ("20:29:55", "30min", 510),  # on sale for a last refresh
        ("20:29:56", "30min", 10),  # there at the next refresh, which is the end
        ("20:30:00", "30min", 10),
        ("20:30:01", "30min", 10),
        ("20:20:00", "20min", 10),  # the slot is over, and the show is not
        ("20:19:55", "20min", 510),
    ],
)
def test_stock_is_what_can_be_sold_and_the_rest_is_told(on: str, length: str, units: int) -> None:
    changes = {"products.cup.arriving.lorry.on": f"2026-11-29 {on}", "rundown.sale.length": length}
    scenario = livesim.load(_LORRY, changes)
    cup = livesim.simulate(scenario, replications=50, seed=1, workers=1).document()["products"][
        "cup"
    ]
    assert cup["stock"] == stock(scenario, "cup") == units
    assert bool(too_late(scenario)) == (units == 10)
    assert (cup["left_over"]["p10"] == 500) == (units == 10)
