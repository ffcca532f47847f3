"""Stock curves: where they come from, what lies between their levels, and more of them."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import fields, replace

import numpy as np
import pytest

import livesim
from livesim.engine.recorder import record
from livesim.engine.recording import Recording
from livesim.engine.streams import Streams
from livesim.errors import Interrupted, UsageError
from livesim.experiment import block_at
from livesim.experiment import first_look as first_looks
from livesim.experiment.block_at import BlockAt
from livesim.experiment.blocks import Block
from livesim.experiment.executors import InProcess
from livesim.experiment.first_look import FirstLook, first_look
from livesim.experiment.levels import Stocked
from livesim.experiment.runner import Runner
from livesim.model.inputs import Inputs
from livesim.planning import building, spacing
from livesim.planning.building import build_curves, extended, refined
from livesim.planning.curves import TIMES, Curves, StockCurve
from livesim.planning.deciding import decide
from livesim.planning.items import Item, by_variant, items_of
from livesim.planning.objectives import MostProfit
from livesim.planning.plan import _more_exact, decide_again
from livesim.planning.spacing import levels_for
from livesim.randomness import generator
from livesim.resolve import resolve
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario

SIZES = {"small": {"share": "60%", "owned": 10}, "large": {"share": "40%", "owned": 40}}
REACTING = {
    "slots": {"rundown.slot_1.at_sell_out": "next", "segments.everyone.recommendation": 2},
    "viewers": {
        "screen.claimed": True,
        "products.serum.herd": 0.5,
        "segments.everyone.recommendation": 2,
        "show.refresh": "30s",
    },
}


@pytest.fixture(scope="module")
def room(brand_room: Scenario) -> Scenario:
    """The brand room for a quarter of an hour, its serum in two sizes."""
    rundown = {
        f"slot_{n}": {"length": "3min", "on_stage": ["host"], "sells": [product]}
        for n, product in enumerate(("serum", "serum", "lip_tint", "mask", "lip_tint"))
    }
    return brand_room.with_changes(
        {
            "show.length": "15min",
            "show.refresh": "10s",
            "rundown": {
                name: {"link": 0, "price": {}, "at_sell_out": "stay", **slot}
                for name, slot in rundown.items()
            },
            "products.serum.variants": SIZES,
            "deal.guaranteed_volume": 60,
        }
    )


@pytest.fixture(scope="module")
def curves(room: Scenario) -> Curves:
    return build_curves(room, replications=300, seed=3, runner=Runner(workers=1))


def test_an_only_variant_is_ordered_by_terms_of_its_own(room: Scenario) -> None:
    """They were passed over: the product was bought in single units."""
    only = {"red": {"share": "100%", "owned": 0, "supply": {"pack": 12, "minimum_order": 36}}}
    changes = {"products.serum.owned": 0, "products.serum.variants": only}
    serum = items_of(room.with_changes(changes))[0]
    assert (serum.name, serum.pack, serum.minimum_order) == ("serum", 12, 36)


def test_every_variant_is_an_item_unless_its_product_has_a_reserve(room: Scenario) -> None:
    names = [(item.name, item.owned) for item in items_of(room)]
    assert names == [
        ("serum.small", 10),
        ("serum.large", 40),
        ("lip_tint", 30),
        ("mask", 20),
    ]
    reserve = {"units": 30, "below": 20, "lead_time": "2min"}
    together = items_of(room.with_changes({"products.serum.reserve": reserve}))
    assert [(item.name, item.owned) for item in together[:1]] == [("serum", 50)]
    assert together[0].split(np.array([10, 100])).tolist() == [[6, 60], [4, 40]]


def test_units_that_arrive_in_time_are_counted_apart(room: Scenario) -> None:
    coming = {
        "in_time": {"units": 10, "on": "2026-11-29 20:10"},
        "too_late": {"units": 100, "on": "2026-11-29 21:30"},
    }
    items = items_of(room.with_changes({"products.serum.arriving": coming}))
    assert [(item.owned, item.arriving) for item in items[:2]] == [(10, 6), (40, 4)]


@pytest.mark.slow
def test_at_what_is_owned_the_curve_is_the_run(room: Scenario, curves: Curves) -> None:
    result = livesim.simulate(room, replications=300, seed=3, workers=1)
    profit = result.outcome.shows["profit"]
    assert np.allclose(curves.profit(curves.owned), profit, rtol=0, atol=1e-6)
    assert np.array_equal(curves.viewers, result.outcome.shows["unique_viewers"])
    at_sizes = [curve.at("sales", curve.item.owned) for curve in curves.curves]
    assert np.array_equal(np.stack(at_sizes, axis=1), result.outcome.variants["sales"])
    refund = curves.fixed(curves.owned) + 3 * room.deal.slot_fee
    assert np.allclose(refund, result.outcome.shows["slot_fee_refund"], atol=1e-6)
    assert refund.any()


@pytest.mark.slow
def test_price_breaks_save_what_they_say_at_every_level(room: Scenario) -> None:
    terms = {"products.mask.supply": {"price_breaks": {"45": "25", "400": "20"}}}
    with_breaks, without = (
        build_curves(show, replications=50, seed=3, runner=Runner(workers=1))
        for show in (room.with_changes(terms), room)
    )
    curve, usual = with_breaks.curves[-1], without.curves[-1]
    assert {20 + 44, 20 + 45} <= set(curve.levels.tolist())
    for units in (20, 64, 65, 100, 2_000):
        saved = curve.at("profit", units) - usual.at("profit", units)
        each = 0 if units < 65 else 5 if units < 420 else 10
        assert saved == pytest.approx(each * (units - 20), abs=1e-6)
    (profit,) = building.simulated_profits(
        with_breaks, [(*with_breaks.owned[:-1], 70)], runner=Runner(workers=1)
    ).values()
    assert profit == pytest.approx(with_breaks.profit((*with_breaks.owned[:-1], 70)), rel=1e-6)


@pytest.mark.slow
def test_the_whole_curve_is_that_of_runs(room: Scenario, curves: Curves) -> None:
    for level in curves.curves[2].levels[[0, 3, -1]].tolist():
        changed = room.with_changes({"products.lip_tint.owned": level})
        result = livesim.simulate(changed, replications=300, seed=3, workers=1)
        units = (*curves.owned[:2], level, curves.owned[3])
        assert np.allclose(curves.profit(units), result.outcome.shows["profit"], atol=1e-6)
        sold_out_at = result.outcome.products["sold_out_at"][:, 1]
        assert curves.curves[2].sold_out_chance(level) == np.isfinite(sold_out_at).mean()
        since = sold_out_at - result.outcome.products["link_at"][:, 1]
        soon = curves.curves[2].unavailable_chance(level, within=60.0)
        assert soon == (since < 60).mean()


@pytest.fixture(scope="module", params=REACTING)
def reacting(request: pytest.FixtureRequest, room: Scenario) -> Curves:
    """Curves of a show in which slots or viewers react to the stock, at few levels."""
    scenario = room.with_changes(REACTING[request.param] | {"products.serum.variants": {}})
    with pytest.MonkeyPatch.context() as patch:
        for module in (building, spacing):
            patch.setattr(module, "SIMULATED_LEVELS", 5)
        found = build_curves(scenario, replications=50, seed=3, runner=Runner(workers=1))
    assert found.reactions.word == request.param
    return found


@pytest.mark.slow
def test_where_something_reacts_each_item_is_simulated_by_itself(reacting: Curves) -> None:
    tint = reacting.curves[1]
    level = int(tint.levels[-2])
    changed = reacting.scenario.with_changes({"products.lip_tint.owned": level})
    result = livesim.simulate(changed, replications=50, seed=3, workers=1)
    assert np.array_equal(tint.at("sales", level), result.outcome.products["sales"][:, 1])
    units = (reacting.owned[0], level, reacting.owned[2])
    if reacting.reactions.word == "viewers":
        assert np.allclose(reacting.profit(units), result.outcome.shows["profit"], atol=1e-6)


def few(scenario: Scenario) -> Curves:
    """Return curves at few levels: which of them one show tells is what counts."""
    scenario = scenario.with_changes({"show.refresh": "30s"})
    with pytest.MonkeyPatch.context() as patch:
        for module in (building, spacing):
            patch.setattr(module, "SIMULATED_LEVELS", 3)
        return build_curves(scenario, replications=50, seed=3, runner=Runner(workers=1))


CONSEQUENCES = {
    "everything": {"rundown.slot_1.at_sell_out": "stay"},
    "own figures": {},
    "sell-out": {"products.serum.shelf": "10%"},
    "nothing": {"screen.claimed": True, "products.serum.herd": 0.5},
}


@pytest.mark.slow
@pytest.mark.parametrize("known", CONSEQUENCES)
def test_what_happens_after_the_sell_out_says_what_one_show_tells(
    known: str, room: Scenario
) -> None:
    goes_on = {"rundown.slot_1.at_sell_out": "next", "products.serum.shelf": 0}
    scenario = room.with_changes(goes_on | CONSEQUENCES[known])
    found = few(scenario)
    assert found.known("serum") == known
    assert found.known("mask") == ("nothing" if known == "nothing" else "everything")


@pytest.mark.slow
@pytest.mark.parametrize(
    "later",
    [
        {"rundown.slot_0.at_sell_out": "next"},
        {"checkout.capacity": 2.0},
        {"rundown.slot_4.sells": ["serum"]},
    ],
)
def test_whatever_is_sold_after_the_sell_out_is_simulated(later: dict, room: Scenario) -> None:
    goes_on = {"rundown.slot_1.at_sell_out": "next", "products.serum.shelf": 0}
    assert few(room.with_changes(goes_on | later)).known("serum") == "sell-out"


@pytest.mark.slow
def test_items_that_make_a_slot_go_on_together_do_not_at_each_other_s_levels(
    room: Scenario,
) -> None:
    """One of the two is never sold out: whatever is owned of the other, the show is the same."""
    changes = {
        "rundown.slot_2.sells": ["lip_tint", "mask"],
        "rundown.slot_2.at_sell_out": "next",
        "products.lip_tint.owned": 2000,
        "products.mask.owned": 2000,
    }
    curves = few(room.with_changes(changes))
    assert curves.reactions.word == "slots"
    assert [curves.known(name) for name in ("lip_tint", "mask")] == ["everything"] * 2
    for curve in curves.curves:
        demand = curve.figures["demand"]
        assert np.array_equal(demand, np.repeat(demand[:, -1:], demand.shape[1], axis=1))


def test_of_a_product_so_much_is_known_as_of_the_least_of_its_variants(curves: Curves) -> None:
    small, large, *others = curves.curves
    changed = replace(curves, curves=(small, replace(large, known="sell-out"), *others))
    assert (changed.known("serum"), changed.known("mask")) == ("sell-out", "everything")


@pytest.fixture(scope="module", params=["own figures", "sell-out"])
def going_on(request: pytest.FixtureRequest, room: Scenario) -> Curves:
    """Curves of a show whose second slot goes on when the serum is sold out."""
    scenario = room.with_changes(
        {"products.serum.variants": {}, "products.serum.shelf": 0}
        | {"rundown.slot_1.at_sell_out": "next"}
        | CONSEQUENCES[request.param]
    )
    found = build_curves(scenario, replications=250, seed=3, runner=Runner(workers=1))
    assert found.known("serum") == request.param
    return found


@pytest.mark.slow
def test_where_a_slot_goes_on_curves_have_the_law_of_runs(going_on: Curves) -> None:
    """Shows a mean that is off by a fifth of the demand's, or a chance that is off by 15 %."""
    serum = going_on.curves[0]
    for level in serum.levels[[6, 14, 22]].tolist():
        changed = going_on.scenario.with_changes({"products.serum.owned": level})
        result = livesim.simulate(changed, replications=250, seed=3, workers=1)
        run = {name: result.outcome.products[name][:, 0] for name in ("sales", "lost")}
        run |= {"sold out": np.isfinite(result.outcome.products["sold_out_at"][:, 0])}
        curve = {name: serum.at(name, level) for name in ("sales", "lost")}
        at = int(np.searchsorted(serum.levels, level))
        curve |= {"sold out": np.isfinite(serum.figures["sold_out_at"][:, at])}
        for name, one in curve.items():
            difference = one.astype(float) - run[name]
            error = 4 * difference.std() / np.sqrt(250) + 1e-9
            assert abs(difference.mean()) <= error, name
            assert error < (0.15 if name == "sold out" else 0.2 * serum.demand.mean()), name


@pytest.mark.slow
def test_figures_of_one_show_are_known_at_every_level(going_on: Curves) -> None:
    """Simulated ones are on straight lines between a few levels, the same for all figures."""
    serum = going_on.curves[0]
    assert len(serum.levels) > 2 * spacing.SIMULATED_LEVELS

    def corners(figure: str) -> int:
        slopes = np.diff(serum.figures[figure]) / np.diff(serum.levels)
        return int((~np.isclose(slopes[:, 1:], slopes[:, :-1], atol=1e-9)).any(axis=0).sum())

    simulated = spacing.SIMULATED_LEVELS + 1
    assert corners("elsewhere") <= simulated
    assert (corners("sales") > simulated) == (serum.known == "own figures")
    assert all(set(TIMES) <= set(curve.figures) for curve in going_on.curves)


def test_a_product_alone_does_nothing_to_others(room: Scenario) -> None:
    slot = {**room.to_data()["rundown"]["slot_0"], "at_sell_out": "next"}
    serum = room.to_data()["products"]["serum"] | {"variants": {}, "shelf": 0}
    alone = room.with_changes({"products": {"serum": serum}, "rundown": {"slot_0": slot}})
    [curve] = build_curves(alone, replications=50, seed=3, runner=Runner(workers=1)).curves
    assert (curve.figures["elsewhere"] == 0).all()
    assert len(curve.levels) > spacing.SIMULATED_LEVELS


@pytest.mark.slow
def test_the_other_items_are_felt_where_something_reacts(reacting: Curves) -> None:
    assert np.abs(reacting.curves[0].figures["elsewhere"]).max() > 0
    assert (reacting.curves[0].at("elsewhere", reacting.owned[0]) == 0).all()


@pytest.mark.slow
def test_the_viewers_are_those_of_the_units_owned(reacting: Curves) -> None:
    """Orders bring viewers here, and how many order depends on the level."""
    result = livesim.simulate(reacting.scenario, replications=50, seed=3, workers=1)
    assert np.array_equal(reacting.viewers, result.outcome.shows["unique_viewers"])


@pytest.mark.slow
def test_several_items_at_once_are_what_a_run_of_them_comes_to(reacting: Curves) -> None:
    units = tuple(owned + 20 for owned in reacting.owned)
    names = [item.product for item in reacting.items]
    more = {f"products.{name}.owned": n for name, n in zip(names, units, strict=True)}
    changed = reacting.scenario.with_changes(more)
    result = livesim.simulate(changed, replications=50, seed=3, workers=1)
    profit = building.simulated_profits(reacting, [units], runner=Runner(workers=1))[units]
    assert np.allclose(profit, result.outcome.shows["profit"], atol=1e-6)
    assert not np.allclose(profit, reacting.profit(units))  # single effects do not add up exactly


@pytest.mark.slow
def test_more_replications_leave_those_that_are_there(room: Scenario, curves: Curves) -> None:
    """But for the last 50 of 300, which are a block of their own."""
    more = extended(curves, 600, runner=Runner(workers=1))
    at_once = build_curves(room, replications=600, seed=3, runner=Runner(workers=1))
    assert more.replications == 600
    for one, other, few in zip(more.curves, at_once.curves, curves.curves, strict=True):
        for name in one.figures:
            assert np.array_equal(one.figures[name], other.figures[name]), name
            assert np.array_equal(one.figures[name][:250], few.figures[name][:250]), name
        assert not np.array_equal(one.demand[250:300], few.demand[250:])


def test_fewer_replications_extend_nothing(curves: Curves) -> None:
    with pytest.raises(UsageError, match="300 replications already"):
        extended(curves, 300, runner=Runner(workers=1))


def test_an_interrupt_keeps_what_was_there_before_it_was_extended(curves: Curves) -> None:
    def stop(what: str, done: int, tasks: int) -> None:
        if done == 1 and what == "Adding":
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as stopped:
        extended(curves, 1000, runner=Runner(workers=1, progress=stop))
    longer = stopped.value.answer
    assert longer.replications == 500
    assert np.array_equal(longer.curves[0].demand[:250], curves.curves[0].demand[:250])

    class Stops(InProcess):
        def submit(self, *_: object, **__: object) -> Future[object]:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as stopped:
        extended(curves, 1000, runner=Runner(executor=Stops()))
    kept = stopped.value.answer
    assert kept.requested == 1000
    assert all(
        getattr(kept, field.name) is getattr(curves, field.name)
        for field in fields(curves)
        if field.name != "requested"
    )


@pytest.mark.slow
def test_workers_change_nothing(room: Scenario, curves: Curves) -> None:
    two = build_curves(room, replications=300, seed=3, runner=Runner(workers=2))
    for one, other in zip(curves.curves, two.curves, strict=True):
        assert np.array_equal(one.figures["profit"], other.figures["profit"])


def test_an_interrupt_keeps_the_blocks_that_are_done(room: Scenario) -> None:
    def stop(what: str, done: int, tasks: int) -> None:
        if (what, done) == ("Simulating", 2):
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as stopped:
        build_curves(room, replications=1000, seed=3, runner=Runner(workers=1, progress=stop))
    assert stopped.value.answer.replications == 500


@pytest.mark.parametrize(("at_sell_out", "looks"), [("stay", [0, 1]), ("next", [0])])
def test_first_looks_are_not_simulated_again_unless_something_reacts(
    room: Scenario, monkeypatch: pytest.MonkeyPatch, at_sell_out: str, looks: list[int]
) -> None:
    recorded, looked_at = [], []

    def noted(inputs: Inputs, streams: Streams, *args: object, **options: object) -> Recording:
        recorded.append(streams.block)
        return record(inputs, streams, *args, **options)

    def noted_look(scenario: Scenario, seed: int, block: Block, **options: object) -> FirstLook:
        looked_at.append(block.number)
        return first_look(scenario, seed, block, **options)

    for where in (block_at, first_looks):
        monkeypatch.setattr(where, "record_orders", noted)
    monkeypatch.setattr(building, "first_look", noted_look)
    slots = {f"rundown.{name}.at_sell_out": at_sell_out for name in room.rundown}
    show = room.with_changes(slots)
    build_curves(show, replications=300, seed=3, runner=Runner(workers=1))
    assert looked_at == looks
    if at_sell_out == "stay":
        assert recorded == [0, 1]


def test_between_levels_replications_are_on_a_straight_line(curves: Curves) -> None:
    curve = curves.curves[3]
    low, high = (curve.at("profit", level) for level in curve.levels[2:4])
    quarter = curve.levels[2] + 0.25 * (curve.levels[3] - curve.levels[2])
    assert np.allclose(curve.at("profit", quarter), 0.75 * low + 0.25 * high)
    left_over = curve.figures["left_over"]
    slope = (left_over[:, -1] - left_over[:, -2]) / (curve.levels[-1] - curve.levels[-2])
    beyond = curve.at("left_over", curve.levels[-1] + 100)
    assert np.allclose(beyond, left_over[:, -1] + 100 * slope)
    assert np.median(slope) == 1
    many = np.array([0, 7, 13])
    assert np.allclose(
        curve.mean_at("profit", many), [curve.at("profit", units).mean() for units in many]
    )


def test_a_chance_between_levels_is_rounded_to_no_whole_show(curves: Curves) -> None:
    """Else a plan of 50 shows has 79.2 % always served, and 20 % that are not."""
    curve = curves.curves[0]
    unavailable = np.isfinite(curve.figures["unavailable_after"]).mean(axis=0)
    at = int(np.argmax(-np.diff(unavailable)))
    units = curve.levels[at] * 0.863 + curve.levels[at + 1] * 0.137
    told = curve.unavailable(units)
    assert told.chance == pytest.approx(unavailable[at] * 0.863 + unavailable[at + 1] * 0.137)
    assert 0.01 < told.chance * curve.replications % 1 < 0.99, "the check could not fail"
    assert told.low <= told.chance <= told.high


def item(owned: int, pack: int) -> Item:
    return Item(
        name="serum", product="serum", order="serum", owned=owned, unit_cost=80.0, pack=pack
    )


@pytest.mark.parametrize(("owned", "pack"), [(0, 1), (50, 10), (15_000, 12), (7, 100)])
@pytest.mark.parametrize("high", [0, 3, 40, 200_000])
def test_levels_are_owned_units_and_whole_packs(owned: int, pack: int, high: int) -> None:
    demand = np.linspace(0, high, 50)
    levels = levels_for(item(owned, pack), demand, demand, 40)
    assert levels[0] == 0 and owned in levels and (np.diff(levels) > 0).all()
    assert levels[-1] >= max(2 * high, owned)
    assert ((levels[1:] - owned) % pack == 0).all()
    assert len(levels) <= 44


def test_of_stock_that_is_shared_few_levels_are_looked_at_below_what_is_owned() -> None:
    """Each of them is followed by itself, and none can be chosen."""
    show = """
      like: brand_room
      title: A bundle of two
      show: {start: 2026-11-29 20:00, length: 20min, refresh: 20s, currency: USD}
      viewers: 30_000
      products:
        serum: {price: 31, unit_cost: 9, left_over_value: 3, owned: 300, orders_per_1000: 5}
        duo: {price: 40, orders_per_1000: 6, contains: {serum: 1, mask: 2}}
        mask: {price: 23, unit_cost: 8, left_over_value: 2, owned: 5, orders_per_1000: 3}
        cream: {price: 23, unit_cost: 8, left_over_value: 2, owned: 300, orders_per_1000: 3}
    """
    scenario = resolve(parse_document(show)).scenario
    curves = build_curves(scenario, replications=50, runner=Runner(workers=1)).curves
    serum, mask, cream = (one.levels[one.levels < one.item.owned] for one in curves)
    assert len(serum) == 6 < len(cream)
    assert serum[0] == 0 and serum[-1] > 200 and mask.tolist() == [0]
    assert all(len(one.levels[one.levels >= one.item.owned]) >= 15 for one in curves)


def test_far_more_units_than_are_wanted_are_told_to_the_cent() -> None:
    """Of billions, a straight line through two levels a unit apart missed by hundreds."""
    item = Item(name="cup", product="cup", order="cup", owned=2 * 10**9, unit_cost=15.0)
    wanted = generator(1, "billions").lognormal(20, 0.1, 250).round()
    levels = levels_for(item, wanted, wanted, 40)
    profit = 29.8 * np.minimum(wanted[:, None], levels) - 15.0 * levels + 15.0 * levels
    curve = StockCurve(item, levels, {"profit": profit, "elsewhere": 0 * profit})
    assert np.abs(curve.gain(item.owned, 3 * 10**9)).max() < 0.01


def test_levels_lie_where_units_are_needed_although_orders_lapse() -> None:
    """Of a demand of 956 to 1,040 a tenth is never paid: 860 to 936 units are enough."""
    demand = np.linspace(956, 1040, 50)
    levels = levels_for(item(700, 1), demand, 0.9 * demand, 40)
    needed = levels[(levels >= 860) & (levels <= 1040)]
    assert len(needed) > 15
    assert np.diff([860, *needed]).max() < 25


@pytest.fixture(scope="module")
def certain() -> Curves:
    """A thousand units are wanted, but for chance, and many levels do not lie close together."""
    show = {"start": "2026-11-29 20:00", "length": "20min", "currency": "JPY"}
    cup = {"price": 1000, "unit_cost": 300, "left_over_value": 40, "owned": 700, "limit": 1}
    scenario = livesim.load(
        {
            "like": "brand_room",
            "title": "Certain",
            "show": {**show, "refresh": "20s", "appeal": 1, "turnout_factor": 1},
            "viewers": 20_000,
            "products": {"cup": {**cup, "forecast": 1000}},
        }
    )
    return build_curves(scenario, replications=100, seed=3, runner=Runner(workers=1))


def test_levels_that_are_added_come_of_the_same_shows(certain: Curves) -> None:
    """What is there stays, bit for bit, and a new level is what it was simulated to be."""
    (first,) = certain.curves
    low, high = (int(level) for level in first.levels[[-4, -2]])
    (finer,) = refined(certain, {0: (low, high)}, runner=Runner(workers=1)).curves
    added = np.setdiff1d(finer.levels, first.levels)
    assert len(added) == building.LEVELS and low < added.min() < added.max() < high
    (alone,) = BlockAt(certain.scenario, 3, 0, 100).simulated([Stocked(added[None])])
    assert np.array_equal(
        finer.figures["left_over"][:, np.isin(finer.levels, added)],
        alone.figures["left_over"][:, 0],
    )
    for name, figure in first.figures.items():
        assert np.array_equal(finer.figures[name][:, np.isin(finer.levels, first.levels)], figure)


def test_a_precision_adds_levels_where_these_are_what_limits(certain: Curves) -> None:
    """Levels lie 150 units apart: ±8 %, however many replications there are."""
    (curve,) = certain.curves
    kept = [*np.searchsorted(curve.levels, [0, 700]).tolist(), len(curve.levels) - 2, -1]
    wide = replace(
        curve,
        levels=curve.levels[kept],
        figures={name: figure[:, kept] for name, figure in curve.figures.items()},
    )
    coarse, runner = replace(certain, curves=(wide,)), Runner(workers=1)
    found = _more_exact(coarse, MostProfit(), 0.03, 400, runner)
    assert decide_again(found).simulation_error < 0.03
    assert len(found.curves[0].levels) > 10


@pytest.mark.slow
def test_what_lies_between_two_packs_is_told(room: Scenario) -> None:
    """What rounding costs is known from shows, as if every single unit were a level."""
    changes = {"products.serum.variants": {}, "supply.pack": 50, "deal.guaranteed_volume": 0}
    coarse = room.with_changes(changes)
    curves = build_curves(coarse, replications=250, seed=3, runner=Runner(workers=1))
    every = by_variant(curves.items, [np.arange(300)] * 3)
    (found,) = BlockAt(coarse, seed=3, block=0).simulated([Stocked(every)])
    profit = found.figures["profit"].mean(axis=0)
    lost = 0.0
    for curve, each in zip(curves.curves, profit, strict=True):
        owned = curve.item.owned
        lost += each[owned:].max() - each[owned::50].max()
        assert len(curve.levels) == building.LEVELS
        assert np.isin(np.arange(owned, curve.levels[-1], 50), curve.levels).all()
    assert lost > 20
    assert decide(curves, MostProfit()).rounding_cost == pytest.approx(lost, rel=0.2)


def test_no_worker_and_half_a_batch_are_refused(room: Scenario) -> None:
    with pytest.raises(UsageError, match="workers: a whole number from 1 on"):
        livesim.plan(room, replications=50, workers=0)
    with pytest.raises(UsageError, match="come in batches"):
        build_curves(room, replications=75, runner=Runner())


@pytest.mark.parametrize(
    ("replications", "first"),
    [
        (750, 2),
        (500, 2),
        (250, 1),
    ],
)
def test_from_the_first_block_on_it_is_told_how_far_it_is(replications: int, first: int) -> None:
    """The first two are looked at first, which is no part of what an interrupt keeps."""
    show = {"show.length": "15min", "show.refresh": "1min"}
    seen = []
    build_curves(
        livesim.load("scenarios/brand_room.yaml", show),
        replications=replications,
        runner=Runner(workers=1, progress=lambda *said: seen.append(said)),
    )
    of = -(-replications // 250)
    together = [("Putting the curves together", done, 3) for done in range(4)]
    assert seen == [
        *(("Looking at the first shows", done, first) for done in range(first + 1)),
        *(("Simulating", done, of) for done in range(of + 1)),
        *together,
    ]
