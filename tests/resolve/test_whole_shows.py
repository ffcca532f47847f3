"""Calibrating on shows of which only is known what they sold in all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.errors import UsageError
from livesim.history import History
from livesim.history.factors import Together
from livesim.history.table import MINUTES, SHOWS, tidy
from livesim.resolve.inputs import expectation_of
from livesim.resolve.learned import Learned
from livesim.resolve.past import Past
from livesim.resolve.resolving import calibrate_file
from livesim.resolve.updating import calibrate

#: What `scenarios/brand_room.yaml` tells: viewers, and orders and units of all its products.
VIEWERS, ORDERS, UNITS = 2_000, 80, 92
PAID = 0.9


def learned(shows: int = 8, *products: dict[str, Any], **told: Any) -> Learned:
    """Calibrate the brand room on shows alike, and perhaps on rows of products."""
    rows = [
        {"show": f"{number}", "length": 10_800, "viewers": VIEWERS, **told}
        for number in range(shows)
    ]
    room = livesim.load("scenarios/brand_room.yaml")
    return calibrate(room, History(tidy([*rows, *products], SHOWS)))


def all_orders(found: Learned) -> np.ndarray:
    """Return draws of what all products sell over what is told, given the viewers, shape (R,)."""
    draws = found.inputs(20_000)
    told = {"serum": 20 / 40, "lip_tint": 12 / 40, "mask": 8 / 40}
    each = sum(share * draws[f"products.{name}.appeal"] for name, share in told.items())
    return np.asarray(draws["show.appeal"] * each)


@pytest.mark.parametrize("kind", ["orders", "units"])
@pytest.mark.parametrize("times", [0.5, 1.0, 2.5])
def test_whole_shows_tell_how_much_all_products_sell(kind: str, times: float) -> None:
    paid = {"orders": ORDERS, "units": UNITS}[kind] * PAID
    found = all_orders(learned(**{kind: round(paid * times)}))
    assert np.median(found) == pytest.approx(times, rel=0.12)
    assert np.quantile(found, 0.9) / np.quantile(found, 0.1) < 3.5  # as told: a factor of 12


def test_one_whole_show_moves_less_than_ten() -> None:
    few, many = (np.median(all_orders(learned(n, orders=288))) for n in (1, 10))  # four times
    assert 1.5 < few < 3.3 < many < 5  # of the odds, which four times the orders take


def test_a_whole_show_that_was_sold_out_is_a_lower_bound() -> None:
    told, bound = learned(orders=72), learned(orders=72, sold_out_at=3_000.0)
    assert np.median(all_orders(bound)) > 1.5 * np.median(all_orders(told))


def test_units_of_a_whole_show_are_not_counted_beside_its_products() -> None:
    rows = [
        {"show": f"{n}", "length": 10_800, "viewers": VIEWERS, "product": "serum", "units": 41}
        for n in range(8)
    ]
    alone, beside = learned(0, *rows), learned(8, *rows, units=5_000)
    assert beside.appeal.together is None
    for path, values in alone.inputs(500).items():
        assert np.array_equal(values, beside.inputs(500)[path])


def test_products_not_told_of_stay_as_uncertain_as_new_ones_and_that_is_said() -> None:
    found = learned(orders=72)
    draws = found.inputs(20_000)
    mask = np.log(draws["show.appeal"] * draws["products.mask.appeal"])
    assert mask.std() > 1.0  # 1.2 for a new product
    assert np.log(all_orders(found)).std() < 0.6
    text = " ".join(found.notes)
    assert "8 past shows told in all" in text
    assert "not of which product sells" in text and "below its share of the whole" in text
    assert "orders per viewer" in found.summary
    assert "never sold before" not in text


def test_a_sum_of_lognormal_factors_has_their_mean() -> None:
    random, spreads = np.random.default_rng(3), np.array([0.4, 0.9, 1.2])
    weights, middles = np.array([0.5, 0.3, 0.2]), np.array([0.1, -0.4, 0.0])
    together = Together.of(weights, middles, spreads)
    sums = np.log(np.exp(middles + spreads * random.normal(size=(200_000, 3))) @ weights)
    mean = np.exp(together.middle + together.variance(spreads**2) / 2)
    assert mean == pytest.approx(np.exp(sums).mean(), rel=0.02)
    assert together.middle == pytest.approx(np.median(sums), abs=0.1)
    one = Together.of(np.ones(1), np.zeros(1), np.array([0.7]))
    assert one.variance(np.array([0.49])) == pytest.approx(0.49)


def test_viewers_follow_from_who_came_by_minute_or_from_the_peak() -> None:
    room = livesim.load("scenarios/brand_room.yaml")
    rows = [{"show": f"{n}", "length": 10_800} for n in range(6)]
    minutes = [{"show": f"{n}", "at": 60.0 * m, "came": 400} for n in range(6) for m in range(10)]
    history = History(tidy(rows, SHOWS), tidy(minutes, MINUTES))
    assert Past.of(room, history).viewers == (4_000.0,) * 6
    peak = 2 * expectation_of(room).peak
    told = [{**row, "length": 5_400, "peak": peak} for row in rows]  # as many at once, half as long
    past = Past.of(room, History(tidy(told, SHOWS)))
    assert past.viewers == pytest.approx([VIEWERS] * 6, rel=0.25)  # of all likely arrivals
    assert "follow from their peak" in past.notes[0]
    sure = calibrate(room, History(tidy([{**row, "viewers": VIEWERS} for row in told], SHOWS)))
    guessed = calibrate(room, History(tidy(told, SHOWS)))
    spread = [np.log(one.inputs(20_000)["show.turnout_factor"]).std() for one in (sure, guessed)]
    assert 1.05 * spread[0] < spread[1] < 2 * spread[0]
    with pytest.raises(UsageError, match="viewers or views"):
        Past.of(room, History(tidy(rows, SHOWS)))


def test_products_of_a_sheet_are_known_by_their_names_whatever_the_capitals(tmp_path: Path) -> None:
    file = tmp_path / "show.yaml"
    lip_tint = "lip_tint: {price: 89, unit_cost: 22, owned: 9, orders_per_1000: 9}"
    cream = "a: {label: Night cream, price: 9, unit_cost: 2, owned: 9, orders_per_1000: 9}"
    head = "like: brand_room\ntitle: A room\nhistory: shows.csv\nshow: {length: 2h, currency: CNY}"
    file.write_text(f"{head}\nproducts:\n  {lip_tint}\n  {cream}\n", "utf-8")
    sold = "".join(
        f"2026-07-0{n} 20:00,2h,3000,{product},80\n"
        for n in range(1, 4)
        for product in ("Lip tint", "night cream", "Other")
    )
    table = tmp_path / "shows.csv"
    table.write_text(f"start,length,viewers,product,sold\n{sold}", "utf-8")
    found = calibrate_file(file)
    assert found.sold_in == {"lip_tint": (3, 0), "a": (3, 0)}
    assert any("Lip tint is lip_tint and night cream is a" in note for note in found.read)
    table.write_text(
        "start,length,viewers,product,sold\n2026-07-01 20:00,2h,3000,Soap,80\n", "utf-8"
    )
    assert any("past shows name Soap" in note for note in calibrate_file(file).notes)
