"""Comparing shows: what they share keeps its random numbers, and a known difference is found."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.errors import Interrupted, UsageError
from livesim.experiment.comparing import compare
from livesim.experiment.comparison import Comparison
from livesim.experiment.pairing import mean_difference
from livesim.scenario.scenario import Scenario

GUEST = {
    "people.star": {
        **{"role": "guest", "pull": 1.5, "lift": 1.3, "keep": 1, "fit": {"everyone": 0.5}},
        **{"pull_by_segment": {}, "fit_by_category": {}, "late": "0s", "no_show": "0%"},
    },
    "rundown.mask.on_stage": ["host", "star"],
}


@pytest.fixture(scope="module")
def room(brand_room: Scenario) -> Scenario:
    """The brand room cut to one slot a product, each sold only there: quick to simulate."""
    show = {"show.length": "15min", "show.refresh": "15s"}
    slots = {
        product: {**slot, "sells": [product]}
        for product, slot in zip(
            brand_room.products, brand_room.to_data()["rundown"].values(), strict=False
        )
    }
    no_shelf = {f"products.{product}.shelf": "0%" for product in brand_room.products}
    return brand_room.with_changes({**show, **no_shelf, "rundown": slots})


@pytest.fixture(scope="module")
def guest(room: Scenario) -> Scenario:
    return room.with_changes(GUEST)


def compared(*scenarios: Scenario, replications: int = 500) -> Comparison:
    names = "abcde"[: len(scenarios)]
    return compare(dict(zip(names, scenarios, strict=True)), replications=replications, workers=1)


def test_the_same_show_is_a_tie_in_everything(room: Scenario) -> None:
    found = compared(room, room, replications=100)
    differences = [row.differences["b"] for row in found.rows]
    assert len(differences) == 4 + 3 * 9
    assert all(one.same and not one.significant and one.value == 0 for one in differences)
    assert found.intervals == 0


def test_figures_are_those_of_a_study(room: Scenario) -> None:
    found = compared(room, room, replications=300)
    alone = livesim.simulate(room, replications=300, workers=1)
    assert np.array_equal(found.measured["b"]["", "profit"], alone.outcome.shows["profit"])
    products = found.products.query("scenario == 'a'").pivot(
        index="replication", columns="product", values="lost"
    )
    assert np.array_equal(products[list(room.products)], alone.outcome.products["lost"])


@pytest.mark.slow
def test_a_fee_is_a_known_difference(room: Scenario) -> None:
    found = compared(room, room.with_changes({"deal.guest_fee": 1000}))
    profit = found.row("profit").differences["b"]
    assert profit.value == pytest.approx(-1000, abs=1e-6)
    assert profit.half_width == 0
    assert profit.significant
    assert found.intervals == 0
    assert all(row.differences["b"].same for row in found.rows if row.measure.name != "profit")


def test_what_comes_before_a_change_is_the_same(room: Scenario) -> None:
    """The price of the last slot's product does nothing to the products before it."""
    first, second, last = room.products
    price = room.products[last].price
    path = f"products.{last}"
    found = compared(room, room.with_changes({f"{path}.price": 0.7 * price}))
    for product in (first, second):
        rows = [row for row in found.rows if row.product == product]
        assert all(row.differences["b"].same for row in rows)
    assert found.row("demand", last).differences["b"].low > 0


def test_two_files_that_tell_of_the_same_orders_at_different_prices_are_noted(
    room: Scenario,
) -> None:
    """Each file's orders are told at its own price; a price that is changed moves demand."""
    dear = {"products.serum.price": 399}
    own = room.with_changes({**dear, "products.serum.reference_price": 399})
    other = room.with_changes({**dear, "products.serum.conversion": "1%"})
    found = compared(room, own, room.with_changes(dear), other, replications=100)
    (note,) = found.notes["b"]
    assert note.startswith("The price of serum is another one and moves no demand")
    assert found.row("demand", "serum").differences["b"].same
    assert not found.notes["a"] and not found.notes["c"] and not found.notes["d"]
    assert not found.row("demand", "serum").differences["c"].same


@pytest.mark.slow
def test_pairing_narrows_what_a_guest_is_worth(room: Scenario, guest: Scenario) -> None:
    """Against the same two shows on seeds of their own."""
    found = compared(room, guest, replications=1000)
    paired = found.row("demand", "mask").differences["b"]
    other = livesim.simulate(guest, replications=1000, seed=2, workers=1)
    separate = mean_difference(
        found.measured["a"]["mask", "demand"],
        other.outcome.products["demand"][:, list(room.products).index("mask")],
    )
    assert paired.low > 0
    assert paired.half_width and separate.half_width
    assert paired.half_width < separate.half_width
    assert paired.narrowing and paired.narrowing > 1


def test_the_order_only_flips_signs(room: Scenario, guest: Scenario) -> None:
    one, back = compared(room, guest, replications=100), compared(guest, room, replications=100)
    for row in one.rows:
        there, here = row.differences["b"], back.row(row.measure.name, row.product).differences["b"]
        assert there.value == pytest.approx(-here.value)
        assert (there.low, there.high) == pytest.approx((-here.high, -here.low))


def test_money_is_not_subtracted_between_currencies(room: Scenario) -> None:
    found = compared(room, room.with_changes({"show.currency": "USD"}), replications=100)
    assert set(found.row("profit").values) == {"a", "b"}
    assert not found.row("profit").differences and not found.row("gmv").differences
    assert found.row("sales").differences["b"].same


def test_products_are_compared_where_both_have_them(room: Scenario) -> None:
    data = room.to_data()
    data["products"]["cream"] = data["products"].pop("mask")
    data["rundown"]["mask"]["sells"] = ["cream"]
    found = compared(room, Scenario.from_data(data), replications=100)
    assert set(found.row("demand", "mask").values) == {"a"}
    assert set(found.row("demand", "cream").values) == {"b"}
    assert not found.row("demand", "mask").differences
    assert not found.row("demand", "cream").differences
    assert set(found.row("demand", "serum").differences) == {"b"}


def test_the_tables_have_every_figure(room: Scenario, guest: Scenario) -> None:
    found = compared(room, guest, room, replications=100)
    table = found.differences
    assert len(table) == 3 * len(found.rows)
    row = table.query("scenario == 'b' and measure == 'demand' and product == 'mask'").iloc[0]
    assert row.difference == found.row("demand", "mask").differences["b"].value
    assert table.query("scenario == 'a'").difference.isna().all()
    assert len(found.shows) == 300 and len(found.products) == 900


@pytest.mark.parametrize(
    ("count", "replications", "said"),
    [(1, 100, "two shows or more"), (2, 130, "100 or 150")],
)
def test_wrong_usage(room: Scenario, count: int, replications: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        compared(*[room] * count, replications=replications)


def test_an_unknown_row_is_refused(room: Scenario) -> None:
    found = compared(room, room, replications=100)
    with pytest.raises(UsageError, match="known: demand, sales"):
        found.row("profits", "serum")
    with pytest.raises(UsageError, match="no such product"):
        found.row("demand", "serun")


@pytest.mark.slow
def test_an_interrupt_keeps_what_all_shows_have(
    room: Scenario, guest: Scenario, stops_after: Callable[[int], Executor]
) -> None:
    shows = {"a": room, "b": guest}
    with pytest.raises(Interrupted) as stopped:
        compare(shows, replications=1000, executor=stops_after(3))
    assert stopped.value.answer.replications == 250
    whole = compare(shows, replications=250, workers=1)
    assert stopped.value.answer.rows == whole.rows
    with pytest.raises(KeyboardInterrupt):
        compare(shows, replications=1000, executor=stops_after(1))


@pytest.mark.slow
def test_progress_and_workers(room: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int, int]] = []
    shows = {"a": room, "b": room.with_changes({"show.appeal": 2})}
    one = compare(
        shows,
        replications=300,
        workers=1,
        progress=lambda *done: told.append(done),
    )
    assert told == [("Simulating", done, 4) for done in range(5)]
    assert compare(shows, replications=300, workers=2).rows == one.rows


def flash(show: Any) -> Any:
    yield show.until(60)
    show.set_price("serum", 99)


def test_own_code_takes_part_in_the_shows_that_it_is_for(room: Scenario) -> None:
    study = {"replications": 50, "workers": 1}
    both = livesim.compare({"usual": room, "flash": room}, processes={"flash": [flash]}, **study)
    assert both.row("demand", "serum").differences["flash"].value > 0
    assert any("parts of your own: flash" in note for note in both.notes["flash"])
    assert not any("parts of your own" in note for note in both.notes["usual"])
    with pytest.raises(UsageError, match="no show is called flesh"):
        livesim.compare({"usual": room, "flash": room}, behaviour={"flesh": float}, **study)
