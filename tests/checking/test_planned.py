"""Figures of a plan, as expectations name them, are those of its document."""

from __future__ import annotations

import pytest

import livesim
from livesim.checking.deciding import planned
from livesim.checking.planned import Chosen, Planned, no_plan
from livesim.checking.searched import Look
from livesim.checking.testing import Wanted, judge
from livesim.errors import UsageError
from livesim.experiment.runner import Runner
from livesim.planning.building import build_curves
from livesim.planning.curves import Curves
from livesim.planning.plan import decide_again
from livesim.results.document import Document

SHORT = {"show.length": "20min", "show.refresh": "20s", "supply.minimum_order": 0}
ROOM = livesim.load("scenarios/brand_room.yaml", SHORT)
LOOK = Look(250, 0.01, Runner(workers=1))


@pytest.fixture(scope="module")
def curves() -> Curves:
    return build_curves(ROOM, replications=250, seed=1, runner=Runner(workers=1))


@pytest.fixture(scope="module")
def document(curves: Curves) -> Document:
    return decide_again(curves).document()


@pytest.fixture(scope="module")
def found(curves: Curves) -> Planned:
    return planned(curves, [], look=LOOK)


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("plan.serum.purchase", ("products", "serum", "purchase")),
        ("plan.products.serum.recommended", ("products", "serum", "recommended")),
        ("plan.serum.buy", ("products", "serum", "purchase")),
        ("plan.serum.have", ("products", "serum", "recommended")),
        ("plan.mask.cost", ("products", "mask", "cost")),
        ("plan.mask.owned", ("products", "mask", "owned")),
        ("plan.purchase.units", ("purchase", "units")),
        ("plan.purchase.cost", ("purchase", "cost")),
        ("plan.serum.earns", ("products", "serum", "earns", "mean")),
        ("plan.serum.demand.p90", ("products", "serum", "demand", "p90")),
        ("plan.serum.left_over.mean", ("products", "serum", "left_over", "mean")),
        ("plan.serum.unavailable_now", ("products", "serum", "unavailable_now", "chance")),
        ("plan.serum.sold_out_now.chance", ("products", "serum", "sold_out_now", "chance")),
        ("plan.choices.now.loss", ("choices", "now", "loss", "chance")),
        ("plan.choices.recommended.gain", ("choices", "recommended", "gain", "mean")),
        ("plan.profit", ("choices", "recommended", "profit", "mean")),
        ("plan.profit.p10", ("choices", "recommended", "profit", "p10")),
        ("plan.loss", ("choices", "recommended", "loss", "chance")),
        ("plan.gain", ("choices", "recommended", "gain", "mean")),
        ("plan.cost", ("purchase", "cost")),
        ("plan.buy", ("purchase", "units")),
    ],
)
def test_they_are_those_of_the_document(
    path: str, keys: tuple[str, ...], found: Planned, document: Document
) -> None:
    told = document
    for key in keys:
        told = told[key]
    value, low, high = found.figure(path).interval(0.025)
    assert value == pytest.approx(told) and low <= value <= high


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("plan.serum.purchases", "plan.serum.purchase"),
        ("plan.profits", "plan.profit$"),
        ("plan.costs", "plan.cost,"),
        ("plan.buys", "plan.buy"),
    ],
)
def test_what_there_is_not_is_said_with_the_nearest(
    path: str, nearest: str, found: Planned
) -> None:
    with pytest.raises(UsageError, match=rf"no figure {path}; nearest: {nearest}"):
        found.figure(path)


@pytest.mark.parametrize("sizes", [None, {"s": {"share": 0.5}, "m": {"share": 0.5}}])
def test_before_there_is_a_plan_its_figures_have_the_same_names(sizes: object) -> None:
    show = ROOM.with_changes({"products.serum.variants": sizes}) if sizes else ROOM
    runner = Runner(workers=1)
    found = planned(build_curves(show, replications=250, seed=1, runner=runner), [], look=LOOK)
    before = no_plan(show)
    assert set(before.chosen) == set(found.chosen)
    assert set(before.figures) == set(found.figures)
    chances = [name for name, values in found.figures.items() if name.endswith("loss")]
    assert all(before.figures[name].dtype == found.figures[name].dtype for name in chances)


def test_an_interval_widens_as_the_chance_to_miss_shrinks() -> None:
    units = Chosen(60, 50, 80, 1000)
    assert units.interval(0.025) == (60, 50, 80)
    _, low, high = units.interval(1e-5)
    assert 60 - 3 * 10 < low < 60 - 2 * 10 and 60 + 2 * 20 < high < 60 + 3 * 20
    assert judge(units, Wanted(20, 150), 1e-5).verdict == "holds"
    assert judge(units, Wanted(low=55), 1e-5).verdict == "undecided"
    assert judge(units, Wanted(low=500), 1e-5).verdict == "broken"


def test_the_ends_of_what_is_bought_can_be_bought(found: Planned) -> None:
    units = Chosen(75, 40, 90, 1000, least=0, step=5)
    assert units.interval(1e-5)[1] == 0 and units.interval(0.01)[2] % 5 == 0
    pack = ROOM.supply.pack
    for path in ("plan.serum.buy", "plan.lip_tint.buy", "plan.mask.buy", "plan.cost", "plan.buy"):
        for tail in (0.025, 1e-3, 1e-9):
            value, low, high = found.figure(path).interval(tail)
            assert 0 <= low <= value <= high
            assert path == "plan.cost" or low % pack == high % pack == 0


def test_even_where_all_agree_half_a_pack_is_open(found: Planned) -> None:
    for path in ("plan.serum.buy", "plan.lip_tint.buy", "plan.mask.buy"):
        value, low, high = found.figure(path).interval(0.025)
        assert high - value >= ROOM.supply.pack / 2 and (low < value or value == 0)


def test_what_units_cost_follows_the_price_breaks() -> None:
    show = ROOM.with_changes({"products.serum.supply.price_breaks": {"20": 40}})
    runner = Runner(workers=1)
    curves = build_curves(show, replications=250, seed=1, runner=runner)
    told = decide_again(curves).document()["products"]["serum"]
    found = planned(curves, [], look=LOOK)
    assert told["purchase"] >= 20 and told["cost"] == 40 * told["purchase"]
    assert found.figure("plan.serum.cost").interval(0.025)[0] == told["cost"]
