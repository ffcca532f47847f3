"""Each past show had an arrival profile of its own, of which only what is likely is known."""

from __future__ import annotations

import numpy as np
import pytest

import livesim
from livesim.history import History
from livesim.history.table import SHOWS, tidy
from livesim.resolve.past import Past
from livesim.scenario.scenario import Scenario

PLAIN = {"shape": "s_curve", "middle": "40%", "spread": "16%"}
SERUM = {"price": 299, "unit_cost": 80, "orders_per_1000": 60}
CERTAIN = {"segments.everyone.arrivals": PLAIN, "segments.everyone.waiting": "3%"}


def room(**changes: object) -> Scenario:
    quick = {"show.length": "30min", "show.refresh": "30s", "viewers": 20_000}
    return livesim.load("scenarios/brand_room.yaml", quick | changes)


def past(scenario: Scenario, **serum: object) -> Past:
    """Return one past show in which serum was sold, as long as the next."""
    head = {"show": "a", "start": "2026-10-01 20:00", "length": 1_800, "viewers": 20_000}
    row = head | {"product": "serum", "units": 40} | serum
    return Past.of(scenario, History(tidy([row], SHOWS)))


def test_profiles_that_are_certain_are_one_and_add_no_noise() -> None:
    certain, unsure = past(room(**CERTAIN)), past(room())
    assert len(certain.profiles) == 1 < len(unsure.profiles)
    orders, told = (
        np.log([profile.orders["serum"] for profile in one.profiles]) for one in (unsure, certain)
    )
    assert unsure.orders().noise[0] - certain.orders().noise[0] == pytest.approx(
        orders.var(), rel=0.1
    )
    assert unsure.orders().value[0] - certain.orders().value[0] == pytest.approx(
        told[0] - orders.mean(), abs=0.01
    )


@pytest.mark.parametrize("minute", [3, 6])
def test_a_profile_is_as_likely_as_the_moment_of_the_sell_out_is_with_it(minute: int) -> None:
    """Bayes' rule by drawing: what is known of orders before, and each profile equally often."""
    one = past(room(**{"products.serum.orders_per_1000": 60}), sold_out_at=60 * minute, units=600)
    known = np.exp(1.56 * np.random.default_rng(2).normal(size=40_000))  # 1.0 and 1.2 together
    logs: list[np.ndarray] = []
    sold = [one.by_factor.until("serum", 60 * minute + late) for late in (-18, 0, 18, 1_800)]
    for profile in range(len(one.profiles)):
        each = np.full(len(known), profile)
        before, then, after, at_end = (20_000 * 1.15 * by.rows(each).at(known) for by in sold)
        near = (before < 600) & (after > 600)
        logs.append(np.log(then / at_end)[near])
    drawn = np.exp(np.concatenate(logs).mean())
    assert one.share_until(one.rows[0]) == pytest.approx(drawn, rel=0.01)
    alike = np.exp(np.mean([one.mean() for one in logs if len(one)]))
    assert alike != pytest.approx(drawn, rel=0.015)


@pytest.mark.parametrize("factor", [0.2, 5.0])
def test_orders_of_which_nearly_all_can_have_one_tell_the_factor_on_the_odds(factor: float) -> None:
    """Against shows simulated at it; where nobody leaves before deciding it would be 0.66 off."""
    told = room(**CERTAIN, **{"products.serum.orders_per_1000": 60, "checkout.unpaid": "0%"})
    errors = ["show.turnout_factor", *(f"products.{name}.appeal" for name in told.products)]
    values = []
    for appeal in (1.0, factor):
        inputs = {path: np.ones(50) for path in errors} | {"show.appeal": np.full(50, appeal)}
        result = livesim.simulate(told, inputs=inputs, seed=1, workers=1)
        viewers = result.shows["unique_viewers"].mean()
        wanted = result.products.query("product == 'serum'")["demand"].mean()
        values.append(past(told, units=wanted, viewers=viewers).orders().value[0])
    assert values[1] - values[0] == pytest.approx(np.log(factor), abs=0.12)


def test_who_is_likely_to_order_does_so_early_and_the_moment_of_a_sell_out_says_it() -> None:
    """Against shows simulated at two factors; with one curve for both it would be 0.3 off."""
    told = room(**CERTAIN, **{"products.serum.orders_per_1000": 60, "checkout.unpaid": "0%"})
    errors = ["show.turnout_factor", *(f"products.{name}.appeal" for name in told.products)]
    values = []
    for appeal, owned in ((0.2, 150), (5.0, 2_000)):
        inputs = {path: np.ones(50) for path in errors} | {"show.appeal": np.full(50, appeal)}
        show = told.with_changes({"products.serum.owned": owned})
        result = livesim.simulate(show, inputs=inputs, seed=1, workers=1)
        serum = result.products.query("product == 'serum'")
        assert (serum["sales"] == owned).all()
        seen = {"units": owned, "stock": owned, "sold_out_at": serum["sold_out_at"].mean()}
        seen["viewers"] = result.shows["unique_viewers"].mean()
        values.append(past(show, **seen).orders().value[0])
    assert values[1] - values[0] == pytest.approx(np.log(5.0 / 0.2), abs=0.06)


@pytest.mark.parametrize("units", [0, 40, 1_500])
def test_with_one_product_a_whole_show_says_what_its_product_says(
    units: int,
) -> None:
    rooms = {"title": "One product", "viewers": 20_000, "products": {"serum": SERUM}}
    show = {"start": "2026-11-29 20:00", "length": "30min", "refresh": "30s", "currency": "CNY"}
    one = livesim.load({**rooms, "show": {**show, "known_from": "history"}})
    whole, row = past(one, product=None, units=units), past(one, units=units)
    assert len(row.profiles) > 1
    for of in ("value", "noise"):
        assert getattr(whole.orders(), of) == pytest.approx(getattr(row.orders(), of))


@pytest.mark.parametrize(("sold", "counts"), [(100, 100), (88, 100), (70, 100), (50, 62.5)])
def test_a_stock_counts_as_ordered_only_as_far_as_lapses_and_returns_explain(
    sold: int, counts: float
) -> None:
    """A fifth lapses and a tenth comes back: 72 of 100 on average, and 50 are far too few."""
    scenario = room(**{"checkout.unpaid": "20%", "products.serum.returns": "10%"})
    one = past(scenario, units=sold, stock=100, sold_out_at=900)
    assert one.rows[0].units == pytest.approx(counts)
    assert one.rows[0].missing == pytest.approx(100 - counts)
    told = past(scenario, units=counts, stock=counts, sold_out_at=900)
    assert one.orders().value[0] == pytest.approx(told.orders().value[0])


def test_what_is_not_taken_for_ordered_is_asked_about() -> None:
    scenario = room(**{"checkout.unpaid": "20%"})
    rows = [
        {"show": f"e{n}", "start": f"2026-10-0{n} 20:00", "length": 1_800, "viewers": 20_000}
        | {"product": "serum", "units": 50, "stock": 100, "sold_out_at": 900}
        for n in range(1, 8)
    ]
    (note,) = (
        note
        for note in livesim.calibrate(scenario, History(tidy(rows, SHOWS))).learned.notes
        if "on offer" in note
    )
    assert "serum: sold out in e1, e2, e3, e4, e5 and 2 more with fewer" in note
    assert "(e1: 50 of 100)" in note
    assert note.endswith("?")
