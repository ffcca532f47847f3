"""Calibrating a scenario: simulated shows tell the factors that they were simulated with."""

from __future__ import annotations

import json
import pickle
import re
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import livesim
from livesim.cli import main
from livesim.errors import ScenarioError, UsageError
from livesim.experiment.executors import LostWorkers
from livesim.history import History
from livesim.history.table import MINUTES, SHOWS, tidy
from livesim.model.expectation import expect
from livesim.resolve import explained, resolve_file
from livesim.resolve.centring import mean_orders, mean_viewers, middle_viewers
from livesim.resolve.demand import units_per_order
from livesim.resolve.effects import spread_of
from livesim.resolve.inputs import expectation_of, inputs_of
from livesim.resolve.learned import Learned
from livesim.resolve.past import Past
from livesim.resolve.remarks import decides
from livesim.resolve.resolving import calibrate_file
from livesim.resolve.updating import calibrate
from livesim.scenario.writing import write_yaml

QUICK = {"show.length": "30min", "show.refresh": "10s", "viewers": 20_000, "checkout.unpaid": "0%"}


def simulated(owned: dict[str, int], turnout: float, appeal: float) -> History:
    """Return eight simulated shows as a history, of so many times the viewers and the orders."""
    stock = {f"products.{name}.owned": units for name, units in owned.items()}
    room = livesim.load("scenarios/brand_room.yaml", QUICK | stock | {"show.appeal": {"p50": 1}})
    certain = {
        "show.turnout_factor": {"lognormal": {"median": 1, "sigma": 0.2}},
        "show.appeal": {"lognormal": {"median": 1, "sigma": 0.3}},
        **{f"products.{name}.conversion": {"p50": product.conversion}
           for name, product in room.products.items()},
        "segments.everyone.turnout": {"p50": room.segments["everyone"].turnout},
        **{f"products.{name}.appeal": {"lognormal": {"median": 1, "sigma": 0.2}}
           for name in room.products},
    }  # fmt: skip
    rng = np.random.default_rng(4)
    result = livesim.simulate(
        room.with_changes(certain),
        inputs={
            "show.turnout_factor": turnout * np.exp(0.2 * rng.normal(size=8)),
            "show.appeal": appeal * np.exp(0.3 * rng.normal(size=8)),
            **{f"products.{name}.appeal": np.exp(0.2 * rng.normal(size=8)) for name in owned},
        },
        seed=2,
        workers=1,
    )
    viewers = result.shows["unique_viewers"]
    rows = [
        {
            "show": f"show {row.replication}",
            "start": f"2026-10-{row.replication + 1:02} 20:00",
            "length": 1_800,
            "viewers": viewers[row.replication],
            "product": row.product,
            "units": row.sales,
            "stock": row.put_on_sale,
            "sold_out_at": row.sold_out_at,
        }
        for row in result.products.itertuples()
    ]
    return History(tidy(rows, SHOWS))


@pytest.fixture(scope="module")
def past() -> History:
    return simulated({"serum": 500, "lip_tint": 300, "mask": 200}, turnout=1.5, appeal=1.3)


@pytest.fixture(scope="module")
def found(past: History) -> Learned:
    return calibrate(livesim.load("scenarios/brand_room.yaml", QUICK), past)


def middle(found: Learned, *paths: str) -> float:
    draws = found.inputs(4_000)
    return float(np.median(np.prod([draws[path] for path in paths], axis=0)))


def test_simulated_shows_tell_what_they_were_simulated_with(found: Learned) -> None:
    assert sum(out for _, out in found.sold_in.values()) > 10
    assert middle(found, "show.turnout_factor") == pytest.approx(1.5, rel=0.25)
    for name in ("serum", "lip_tint", "mask"):
        wanted = middle(found, "show.appeal", f"products.{name}.appeal")
        assert wanted == pytest.approx(1.3, rel=0.3)


def test_the_stock_is_not_taken_for_the_demand(past: History, found: Learned) -> None:
    unknown = past.shows.assign(stock=np.nan, sold_out_at=np.nan)  # as if all had been sold
    naive = calibrate(livesim.load("scenarios/brand_room.yaml", QUICK), History(unknown))
    paths = ("show.appeal", "products.mask.appeal")
    assert middle(naive, *paths) < 0.85 * middle(found, *paths)


def test_draws_are_of_what_is_uncertain_and_are_simulated(found: Learned) -> None:
    inputs = found.inputs(500, seed=3)
    assert {*inputs} == {path for path in found.scenario.uncertain() if path in inputs}
    parts = [np.log(inputs[path]) for path in ("show.appeal", "products.serum.appeal")]
    alone = sum(part.var() for part in parts) ** 0.5
    assert np.sum(parts, axis=0).std() == pytest.approx(alone, rel=0.15)  # parts hardly correlate
    few = {path: values[:50] for path, values in inputs.items()}
    result = livesim.simulate(found.scenario, inputs=few, seed=1, workers=1)
    assert (result.inputs["show.appeal"] == few["show.appeal"]).all()


def test_a_wrong_row_is_named_and_moves_little(past: History, found: Learned) -> None:
    table = past.shows.copy()
    table.loc[table["show"] == "show 2", "viewers"] *= 10
    spoilt = calibrate(livesim.load("scenarios/brand_room.yaml", QUICK), History(table))
    assert any("show 2: viewers" in note for note in spoilt.notes)
    assert middle(spoilt, "show.turnout_factor") == pytest.approx(
        middle(found, "show.turnout_factor"), rel=0.25
    )


@pytest.mark.parametrize("by", [10, 0.1])
def test_one_product_s_wrong_row_is_named_and_moves_little(
    past: History, found: Learned, by: float
) -> None:
    """Of eight shows one moves a level by an eighth of what it is off, at most."""
    table = past.shows.assign(stock=np.nan, sold_out_at=np.nan)
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    usual = calibrate(room, History(table))
    row = (table["show"] == "show 2") & (table["product"] == "serum")
    table.loc[row, "units"] = (table.loc[row, "units"] * by).round()
    spoilt = calibrate(room, History(table))
    assert [note[:13] for note in spoilt.notes if "in the row" in note] == ["show 2, serum"]
    assert not any("in the row" in note for note in (*usual.notes, *found.notes))
    moved = np.log(
        middle(spoilt, "show.appeal", "products.serum.appeal")
        / middle(usual, "show.appeal", "products.serum.appeal")
    )
    assert abs(moved) <= abs(np.log(by)) / 8


@pytest.mark.parametrize(
    ("column", "by", "named"),
    [
        ("price", 10, True),
        ("stock", 10, True),
        ("sold_out_at", 0.1, False),
        ("forecast", 10, False),
    ],
)
def test_a_zero_too_many_moves_no_more_than_its_weight(
    past: History, column: str, by: float, named: bool
) -> None:
    """Moments are known so badly, for want of each show's arrivals, that none stands out."""
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    serum = past.shows["product"] == "serum"
    prices = past.shows["product"].map({name: one.price for name, one in room.products.items()})
    table = past.shows.assign(price=prices, forecast=past.shows["units"])
    usual = calibrate(room, History(table))
    row = table[serum & table["sold_out_at"].notna()].index[0]
    table.loc[row, column] *= by
    spoilt = calibrate(room, History(table))
    asked = ("in the row", "on offer")
    assert any(what in note for note in spoilt.notes for what in asked) == named
    for name in room.products:
        paths = "show.turnout_factor", "show.appeal", f"products.{name}.appeal"
        moved = np.log(middle(spoilt, *paths) / middle(usual, *paths))
        assert abs(moved) <= np.log(10) / 8


def alike(shows: int) -> Any:
    """Return past shows of three products, alike but for errors of a fifth, as a table."""
    random = np.random.default_rng(3)
    rows = [
        {"show": f"show {n}", "length": 1_800, "viewers": 20_000, "product": product}
        | {"units": round(units * by * np.exp(0.2 * random.normal()))}
        for n, by in enumerate(np.exp(0.2 * random.normal(size=shows)))
        for product, units in (("serum", 400), ("lip_tint", 240), ("mask", 160))
    ]
    return tidy(rows, SHOWS)


#: Orders per 1,000 viewers, by product.
ALL = {"serum": 20, "lip_tint": 12, "mask": 8}


def demand(table: Any, *products: str) -> np.ndarray:
    """Return the next show's demand: its mean, and what a plan would buy of it, as logarithms."""
    draws = calibrate(livesim.load("scenarios/brand_room.yaml", QUICK), History(table)).inputs(
        20_000
    )
    each = sum(ALL[name] * draws[f"products.{name}.appeal"] for name in products)
    wanted = draws["show.turnout_factor"] * draws["show.appeal"] * each
    return np.log([wanted.mean(), np.quantile(wanted, 0.8)])


@pytest.mark.parametrize("shows", [10, 3])
@pytest.mark.parametrize("columns", [["units"], ["units", "stock"], ["viewers"]])
def test_a_zero_too_many_moves_demand_no_more_than_leaving_it_out(
    shows: int, columns: list[str]
) -> None:
    """And 10 %. In one product's row, perhaps of one that was sold out, or in a show's viewers.

    Wrong viewers leave known what products sold beside each other: there demand is of all.
    """
    table = alike(shows)
    wrong = (table["show"] == "show 2") & ((table["product"] == "serum") | ("viewers" in columns))
    if "stock" in columns:
        table.loc[wrong, "stock"] = table.loc[wrong, "units"]
    spoilt = table.copy()
    spoilt.loc[wrong, columns] *= 10
    for products in [(*ALL,)] if "viewers" in columns else [("serum",), ("mask",)]:
        usual, left, found = (demand(one, *products) for one in (table, table[~wrong], spoilt))
        assert (np.abs(found - usual) <= np.abs(left - usual) + np.log(1.1)).all()


@pytest.mark.slow
@pytest.mark.parametrize("by", [10, 0.1])
def test_a_zero_too_many_buys_no_more_than_leaving_the_row_out(by: float) -> None:
    """And 10 %: with normal errors a zero too many bought twice as many."""
    table = alike(10)
    row = (table["show"] == "show 2") & (table["product"] == "serum")
    spoilt = table.copy()
    spoilt.loc[row, "units"] *= by
    bought = []
    for one in (table, table[~row], spoilt):
        room = livesim.load("scenarios/brand_room.yaml", QUICK | {"supply.budget": "10M"})
        found = calibrate(room, History(one))
        plan = livesim.plan(found.scenario, replications=1_000, workers=1)
        item = next(item for item in plan.items if item.product == "serum")
        bought.append(np.log(item.recommended))
    usual, left, wrong = bought
    assert abs(wrong - usual) <= abs(left - usual) + np.log(1.1)


def by_minute(per_minute: dict[str, list[int]]) -> Any:
    """Return the units of a product in each of the minutes of a show, as a table."""
    rows = [
        {"show": show, "at": 60.0 * minute, "product": "serum", "units": units}
        for show, each in per_minute.items()
        for minute, units in enumerate(each)
    ]
    return tidy(rows, MINUTES)


def test_a_moment_that_cannot_be_right_is_named() -> None:
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    table = alike(3)
    serum = table["product"] == "serum"
    table["slot_at"] = np.where(serum & (table["show"] == "show 1"), 900.0, np.nan)
    table["sold_out_at"] = np.where(serum, 600.0, np.nan)
    minutes = by_minute({"show 0": [10] * 10, "show 2": [20] * 20})
    notes = [n for n in calibrate(room, History(table, minutes)).notes if "sold out after" in n]
    assert [note[:6] for note in notes] == ["show 1", "show 2"]
    assert "sold out after 10 min, but first on after 15 min" in notes[0]
    assert re.search(r"by the minutes 180 of \d+ units were sold later", notes[1])


def test_minutes_say_when_a_product_was_sold_out() -> None:
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    table = alike(3)
    serum = table["product"] == "serum"
    table.loc[serum, "stock"] = table.loc[serum, "units"]
    minutes = by_minute({f"show {n}": [0, 0, 30, 30, 0] for n in range(3)})
    told = table.assign(sold_out_at=np.where(serum, 240.0, np.nan))
    found, same, bound = (
        Past.of(room, one).orders()
        for one in (History(table, minutes), History(told), History(table))
    )
    assert not found.at_least.any() and bound.at_least.sum() == 3
    assert (found.value == same.value).all()


def test_of_many_wrong_rows_those_furthest_off_are_named() -> None:
    rows = []
    for show in range(20):
        for place, product in enumerate(("serum", "lip_tint", "mask")):
            wrong = show < 7 and place == show % 3
            told = {"viewers": 20_000, "product": product, "units": 20 if wrong else 800 + show}
            rows.append({"show": f"{show}", "length": 1_800, **told})
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    found = calibrate(room, History(tidy(rows, SHOWS)))
    assert sum("mistake in the row" in note for note in found.notes) == 5
    assert any(note.startswith("2 more rows of single products") for note in found.notes)


@pytest.mark.parametrize("times", [10, 0.1])
def test_an_odd_show_is_told_by_what_was_seen_of_it(times: float) -> None:
    """What was learned of it is drawn to the others: by hand, 0.1 is no 0.4."""
    rows = [
        {"show": f"{show}", "length": 1_800, "viewers": 20_000, "product": "serum", "units": units}
        for show, units in enumerate((800, 800, 800, 800, 800 * times, 800))
    ]
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    found = calibrate(room, History(tidy(rows, SHOWS)))
    said = f"4: orders per viewer are {times:g} times what the other shows let expect"
    assert [note for note in found.notes if note.startswith(said)], found.notes


def test_products_that_vary_more_than_is_tried_are_said() -> None:
    random, rows = np.random.default_rng(2), []
    for show in range(12):
        for product in ("serum", "lip_tint", "mask"):
            units = round(600 * np.exp(1.4 * random.normal()))
            told = {"viewers": 20_000, "product": product, "units": units}
            rows.append({"show": f"{show}", "length": 1_800, **told})
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    found = calibrate(room, History(tidy(rows, SHOWS)))
    assert any("single products may be too narrow" in note for note in found.notes)


def test_a_new_product_is_as_uncertain_as_new_products_are(past: History) -> None:
    table = past.shows[past.shows["product"] != "mask"]
    found = calibrate(livesim.load("scenarios/brand_room.yaml", QUICK), History(table))
    appeal = {name: product.appeal for name, product in found.scenario.products.items()}
    assert spread_of(appeal["mask"]) == pytest.approx(1.25, abs=0.25)
    assert spread_of(appeal["serum"]) < 0.6
    assert any("mask: never sold before" in note for note in found.notes)


def test_what_is_sold_out_in_every_show_is_said(past: History) -> None:
    table = past.shows.assign(sold_out_at=np.nan)
    table.loc[table["product"] == "mask", "stock"] = table["units"]
    found = calibrate(livesim.load("scenarios/brand_room.yaml", QUICK), History(table))
    assert found.sold_in["mask"] == (8, 8)
    assert any("mask: sold out in every show" in note for note in found.notes)


def test_shows_nobody_counted_are_left_out_and_none_is_refused(past: History) -> None:
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    table = past.shows.copy()
    table.loc[table["show"] == "show 3", "viewers"] = np.nan
    found = calibrate(room, History(table))
    assert len(found.shows) == 7
    assert any("show 3" in note for note in found.notes)
    with pytest.raises(UsageError, match="viewers or views"):
        calibrate(room, History(table.assign(viewers=np.nan)))


def test_the_command_prints_factors_and_a_document(
    past: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(History, "read", lambda _: past)
    sets = [f"--set={path}={value}" for path, value in QUICK.items()]
    command = ["calibrate", str(Path("scenarios/brand_room.yaml")), "--history", "x.csv", *sets]
    page = CliRunner().invoke(main, [*command, "--full"])
    assert page.exit_code == 0
    assert "orders per viewer" in page.stdout and "show 7" in page.stdout
    document = json.loads(CliRunner().invoke(main, [*command, "--json"]).stdout)
    assert document["kind"] == "calibration"
    assert 1.1 < document["factors"]["viewers"]["p50"] < 1.9


class Elsewhere(Executor):
    """Who does work on copies, as another machine does; or is gone."""

    def __init__(self, *, gone: bool = False) -> None:
        self.gone, self.done = gone, 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.gone:
            future.set_exception(LostWorkers("the cluster is gone"))
        else:
            there, given = pickle.loads(pickle.dumps((fn, args)))
            future.set_result(pickle.loads(pickle.dumps(there(*given, **kwargs))))
            self.done += 1
        return future


def test_another_machine_learns_the_same(past: History, found: Learned) -> None:
    there = Elsewhere()
    calibration = livesim.calibrate("scenarios/brand_room.yaml", past, QUICK, executor=there)
    assert there.done == 1
    here = livesim.calibrate("scenarios/brand_room.yaml", past, QUICK)
    assert calibration.fingerprint == here.fingerprint
    with pytest.raises(UsageError, match="the cluster is gone"):
        livesim.calibrate("scenarios/brand_room.yaml", past, executor=Elsewhere(gone=True))


@pytest.fixture
def folder(tmp_path: Path, past: History) -> Path:
    """A folder with a scenario that says nothing of viewers and orders but in its history."""
    past.shows.to_csv(tmp_path / "shows.csv", index=False)
    text = """
like: brand_room
title: A room with a history
history: shows.csv
show: {start: 2026-11-29 20:00, length: 30min, currency: CNY, refresh: 10s}
checkout: {unpaid: 0%}
products:
  serum: {price: 299, unit_cost: 80, owned: 50}
  mask: {price: 129, unit_cost: 30, owned: 20}
"""
    (tmp_path / "room.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_history_is_a_scenarios_first_source(folder: Path) -> None:
    resolution = resolve_file(folder / "room.yaml")
    scenario = resolution.scenario
    assert 20_000 < scenario.segments["everyone"].reach * 0.01 < 45_000
    text = explained(resolution)
    assert "appeal:  # history: 8 shows\n" in text
    assert any("From 8 past shows" in note for note in resolution.notes)
    again = livesim.load(write_yaml(scenario.to_data()))
    assert again == scenario
    certain = livesim.load(folder / "room.yaml", {"products.serum.appeal": 2, "show.appeal": 1})
    assert certain.products["serum"].appeal == 2


def test_the_planners_own_view_hardly_moves_eight_shows(folder: Path) -> None:
    wanted = []
    for told in ({}, {"viewers": 10_000, "products.serum.orders_per_1000": 2}):
        found = calibrate_file(folder / "room.yaml", changes=told)
        expected = expect(inputs_of(found.scenario))
        appeal = middle(found, "show.turnout_factor", "show.appeal", "products.serum.appeal")
        wanted.append(expected.orders["serum"] * appeal)
    assert wanted[0] == pytest.approx(wanted[1], rel=0.2)


def test_a_table_stands_beside_its_scenario(folder: Path) -> None:
    for name, what in (("../shows.csv", "cannot be a table"), ("sales.csv", "no file in")):
        with pytest.raises(ScenarioError, match=what):
            livesim.load(folder / "room.yaml", {"history": name})


def test_the_command_takes_the_scenarios_own_history(folder: Path) -> None:
    page = CliRunner().invoke(main, ["calibrate", str(folder / "room.yaml")])
    assert page.exit_code == 0 and "From 8 past shows" in " ".join(page.stdout.split())
    none = CliRunner().invoke(main, ["calibrate", "scenarios/brand_room.yaml"])
    assert none.exit_code == 2 and "names no past shows" in none.stderr


def shows_of(number: int, **columns: object) -> History:
    """Return past shows in which twice as many came and twice as much was bought as is told."""
    rows = [
        {
            "show": str(n),
            "start": f"2026-10-{n + 1:02} 20:00",
            "length": 1_800,
            "viewers": 40_000,
            "product": "serum",
            "units": 1_000,
            **{name: column(n) if callable(column) else column for name, column in columns.items()},
        }
        for n in range(number)
    ]
    return History(tidy(rows, SHOWS))


def test_one_show_does_not_decide_and_ten_do() -> None:
    """What `calibrate` documents beside what real shows say: see its docstring."""
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    moved, orders = [], []
    for number in (1, 3, 10):
        found = calibrate(room, shows_of(number))
        moved.append(np.log(middle(found, "show.turnout_factor")) / np.log(2))
        assert sum(show.shares[0] for show in found.shows) == pytest.approx(moved[-1], abs=0.1)
        orders.append(sum(show.shares[1] for show in found.shows))
    for one, three, ten in (moved, orders):
        assert 0.49 < one < 0.6 and 0.8 < three < 0.96 and 0.97 <= ten <= 1.01


def test_past_forecasts_say_how_much_the_own_view_counts() -> None:
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    good, bad = (calibrate(room, shows_of(3, forecast=units)) for units in (1_010, 100))
    share = [sum(show.shares[0] for show in found.shows) for found in (good, bad)]
    assert 1 - share[0] > 3 * (1 - share[1]) > 0
    assert any("3 past forecasts" in note for note in bad.notes)


def test_hosts_are_told_apart_where_several_shows_do_it() -> None:
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    viewers, host = (lambda n: 40_000 // (1 + n % 2)), (lambda n: ["mia", "kim"][n % 2])
    found = calibrate(room, shows_of(8, viewers=viewers, host=host))
    assert any("as host instead of" in note and "times the viewers" in note for note in found.notes)
    few = calibrate(room, shows_of(3, viewers=viewers, host=host))
    assert any("too few to tell it" in note for note in few.notes)
    blind = calibrate(room, shows_of(8, viewers=viewers))
    spreads = [spread_of(one.scenario.show.turnout_factor) for one in (found, blind)]
    assert spreads[0] < 0.8 * spreads[1]


def test_each_past_show_is_forecast_from_those_before_it(folder: Path) -> None:
    command = ["backtest", str(folder / "room.yaml")]
    document = json.loads(CliRunner().invoke(main, [*command, "--json"]).stdout)
    assert document["forecasts"] == 3  # of eight, with five before each
    assert [*document["crps"]["units"]] == [
        *("livesim", "template", "last five", "forecast x 1.3", "pro rata", "EM")
    ]
    assert sum(document["pit"]["units"]) == pytest.approx(6)
    money = document["money"]
    assert money["forecasts"] + money["unknown"] == 6
    text = " ".join(CliRunner().invoke(main, command).stdout.split())
    assert "too few to say" in text and "of the most that was possible" in text


@pytest.mark.slow
def test_a_forecast_knows_nothing_of_later_shows(past: History) -> None:
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    table = past.shows.copy()
    table.loc[table["show"] == "show 7", ["units", "viewers"]] *= 3
    before, other = (
        livesim.backtest(room, one).scored["viewers"] for one in (past, History(table))
    )
    assert (before.pit[:-1] == other.pit[:-1]).all()
    assert other.pit[-1] > before.pit[-1]


def on_weekends(times: float, shows: int = 16) -> tuple[str, list[float]]:
    """Return what is said of weekends with so many times the viewers, and the figures in it."""

    saturday = datetime(2026, 8, 1, 20)

    def factor(n: int) -> float:
        return 1.0 if n % 2 else times  # Saturdays and Tuesdays in turns

    past = shows_of(
        shows,
        start=lambda n: f"{saturday + timedelta(days=7 * (n // 2) + 3 * (n % 2)):%Y-%m-%d %H:%M}",
        viewers=lambda n: round(20_000 * factor(n) * (1 + n % 3 / 50)),
        units=lambda n: round(400 * factor(n)),
    )
    room = livesim.load("scenarios/brand_room.yaml", QUICK | {"show.start": "2026-12-05 20:00"})
    (note,) = (note for note in calibrate(room, past).notes if note.startswith("a weekend"))
    viewers = note.partition(": ")[2].partition(" and ")[0]
    return note, [float(one) for one in re.findall(r"[\d.]+", viewers)]


def test_what_shows_plainly_say_of_weekends_lies_in_the_interval() -> None:
    note, (middle, low, high) = on_weekends(1.5)
    assert low < middle < high, note
    assert low <= 1.5 <= high, note


@pytest.mark.parametrize(("times", "shows", "held"), [(8.0, 8, True), (1.2, 16, False)])
def test_an_effect_that_what_is_known_holds_back_is_said_to_be(
    times: float, shows: int, held: bool
) -> None:
    note, _ = on_weekends(times, shows)
    viewers, orders = note.split(" and ")
    assert ("; held back by what is known of others)" in viewers) == held
    assert "held back" not in orders


def sold_at(prices: list[float], elasticity: float) -> History:
    """Return past shows in which orders followed the price alone."""
    units = [round(1_000 * (price / 299) ** elasticity) for price in prices]
    return shows_of(len(prices), price=lambda n: prices[n], units=lambda n: units[n])


def test_an_elasticity_is_learned_where_prices_told_shows_apart() -> None:
    past = sold_at([299, 199, 299, 249, 199, 349, 249, 299], -3.0)
    varied = calibrate_file("scenarios/brand_room.yaml", past, QUICK)
    found = varied.scenario.products["serum"].elasticity
    assert found.median == pytest.approx(-3.0, abs=0.5)  # of the odds, steeper than orders
    assert found.percentiles[0] < -3.0 < found.percentiles[2] < -1.5
    assert any("serum: sold for 199 to 349 in 8 past shows" in note for note in varied.notes)
    assert {*varied.inputs(50)} <= {*varied.scenario.uncertain()}


@pytest.mark.parametrize(
    ("prices", "told", "says"),
    [
        ([299] * 8, False, "too few past shows had another price"),
        ([299] * 6 + [199] * 2, False, "too few past shows had another price"),
        ([299, 199] * 4, True, "stays as it is told"),
    ],
)
def test_where_prices_tell_nothing_the_elasticity_stays(
    prices: list[float], told: bool, says: str
) -> None:
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    untold = set() if told else {"serum.elasticity"}
    found = calibrate(room, sold_at(prices, -3.0), untold)
    assert found.scenario.products["serum"].elasticity == -2
    assert any(note.startswith("serum") and says in note for note in found.notes)


def test_where_nothing_is_told_there_is_no_view_of_the_planner() -> None:
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    past = sold_at([299] * 8, -3.0)
    said = {names: calibrate(room, past, names).summary for names in ((), ("viewers", "serum"))}
    assert "viewers that are told" in said[()]
    assert "that are told" not in said["viewers", "serum"]
    assert "times the viewers of the median show" in said["viewers", "serum"]
    assert "orders per viewer of the median show" in said["viewers", "serum"]
    assert "orders per viewer that are told, on average" in said[()]


def test_orders_that_the_file_tells_of_some_products_only_are_said_so() -> None:
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    serum = sold_at([299] * 8, -3.0)
    mask = History(serum.shows.assign(product="mask"))
    both = History(pd.concat([serum.shows, mask.shows]))
    assert "that are told, or of the median show" in calibrate(room, both, {"mask"}).summary


def of_viewers_alone() -> History:
    """Return past shows as large as the scenario tells, without a word on orders."""
    rows = [{"show": str(n), "length": 1_800, "viewers": 20_000} for n in range(4)]
    return History(tidy(rows, SHOWS))


def test_a_plain_number_of_what_was_never_sold_is_what_to_expect() -> None:
    """The mean of its draws is what is written, and the checks expect what is simulated."""
    room = livesim.load("scenarios/brand_room.yaml", QUICK)
    found = calibrate(room, of_viewers_alone())
    draws, viewers = found.draws, mean_viewers(found.scenario)
    for name, orders in mean_orders(found.scenario).items():
        assert orders / viewers == pytest.approx(1.0, abs=0.05)
        factor = draws["show.appeal"] * draws[f"products.{name}.appeal"]
        assert np.median(factor) < 0.6 < 0.9 < factor.mean()
    assert "orders as they are told" in found.summary
    result = livesim.simulate(found.scenario, replications=400, workers=1)
    wanted = result.products.groupby("product")["demand"].mean().sum()
    expected = expectation_of(found.scenario).orders
    units = {name: units_per_order(room.products[name]) for name in expected}
    of_checks = sum(
        expected[name] * units[name] * mean for name, mean in mean_orders(found.scenario).items()
    )
    assert wanted == pytest.approx(of_checks, rel=0.1)


def test_a_median_of_what_was_never_sold_stays_the_median() -> None:
    changes = {"products.serum.conversion": {"p50": "1%"}}
    room = livesim.load("scenarios/brand_room.yaml", {**QUICK, **changes})
    draws = calibrate(room, of_viewers_alone()).inputs(20_000)
    factor = draws["show.appeal"] * draws["products.serum.appeal"]
    assert np.median(factor) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("table", ["show,date,product,units\na,2026-01-01,serum,abc\n", None])
def test_past_shows_that_cannot_be_read_hide_no_other_mistake(
    folder: Path, table: str | None
) -> None:
    """All come at once, but for what only the past shows could have told."""
    room = (folder / "room.yaml").read_text("utf-8").replace("owned: 50", "owned: -50")
    name = "sales.csv" if table is None else "shows.csv"
    if table is not None:
        (folder / "shows.csv").write_text(table)
    (folder / "room.yaml").write_text(room.replace("history: shows.csv", f"history: {name}"))
    with pytest.raises(ScenarioError) as told:
        livesim.load(folder / "room.yaml")
    assert len(told.value.mistakes) == 2 and "products.serum.owned" in str(told.value)
    assert ("'abc' is not a number" if table else "no file in") in str(told.value)


def test_draws_that_were_learned_stand_in_short_lines(folder: Path) -> None:
    resolution = resolve_file(folder / "room.yaml")
    lines = [line for line in explained(resolution).splitlines() if line.strip()[:1].isdigit()]
    assert len(lines) > 50 and max(map(len, lines)) <= 80


def test_a_mean_above_the_middle_show_is_told_beside_it(folder: Path) -> None:
    """Who read both as one had two totals."""
    resolution = resolve_file(folder / "room.yaml")
    first, *_, last = resolution.checks
    told = float(first.partition(": ")[2].partition(" viewers")[0].replace(",", ""))
    found = re.search(r"viewers \(([\d,]+) in the middle show\), ", last)
    assert found is not None
    middle = told * middle_viewers(resolution.scenario)
    assert float(found[1].replace(",", "")) == pytest.approx(middle, rel=0.001)


def test_the_middle_show_is_told_below_the_mean_with_past_shows(past: History) -> None:
    learned = calibrate(livesim.load("scenarios/brand_room.yaml", QUICK), past)
    found = learned.scenario
    # without what the draws say it was 1, whatever past shows said
    assert middle_viewers(found) < mean_viewers(found)
    middle = np.median(learned.many["show.turnout_factor"])
    assert middle_viewers(found) == pytest.approx(middle, rel=0.15)


def test_past_shows_of_another_host_are_said(past: History) -> None:
    room = livesim.load("scenarios/brand_room.yaml", QUICK | {"people.host.label": "Mei"})
    others = calibrate(room, History(past.shows.assign(host="Ana")))
    note = next(one for one in others.notes if "none with" in one)
    assert decides(note) and "8 past shows told with a host, Ana" in note
    own = calibrate(room, History(past.shows.assign(host="Mei")))
    assert not any("none with" in one for one in own.notes)


def test_one_show_is_told_beside_what_is_expected_after_it() -> None:
    """The mean lies above what one show sold: both figures are said, in one sentence."""

    def said(*sold: float, gone: float = float("nan")) -> list[str]:
        rows = [
            {"show": f"{n}", "length": 1_800, "viewers": 2_000, "product": "serum", "units": units}
            | {"sold_out_at": gone}
            for n, units in enumerate(sold)
        ]
        show = {"length": "30min", "currency": "CNY"}
        untold = {"like": "brand_room", "title": "A show", "show": show} | {
            "products": {"serum": {"price": 299, "unit_cost": 80, "owned": 50}}
        }
        found = calibrate_file(untold, History(tidy(rows, SHOWS)))
        return [note for note in found.notes if "one past show sold" in note]

    (note,) = said(35)
    numbers = re.search(r"sold 35, .* expected to sell (\d+) to .* average, (\d+) in", note)
    assert numbers is not None, note
    mean, middle = map(int, numbers.groups())
    assert mean > 1.2 * 35 and middle < mean / 1.2
    assert not said(35, gone=900.0)  # then more was wanted than it sold
    assert not said(35, 40, 30, 38)
