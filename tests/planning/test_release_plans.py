"""Ways to sell the recommended units: what may and may not come of waves, reserves and waiting.

Seeds are fixed; statistical statements fail by luck in less than 1 of 1,000 seeds each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.engine import recorder
from livesim.engine.crowd.crowd import Attempts, Looks
from livesim.engine.streams import Streams
from livesim.errors import UsageError
from livesim.experiment import block_at
from livesim.experiment.blocks import Block
from livesim.experiment.executors import InProcess
from livesim.experiment.first_look import first_look
from livesim.experiment.runner import Runner
from livesim.model.inputs import Inputs
from livesim.model.rates import Rates
from livesim.planning.building import build_curves
from livesim.planning.curves import Curves
from livesim.planning.deciding import Decision, decide
from livesim.planning.objectives import MOST_PROFIT, FillRate, Objective, Service
from livesim.planning.offers import (
    AS_IN_FILE,
    AT_ONCE,
    BACKORDER,
    BENCHMARK_RULE,
    NO_BACKORDER,
    NO_RESERVE,
    ONLY_DELAY,
    PROMISE,
    RESERVE_BELOW,
    offers,
)
from livesim.planning.release_plans import ReleaseOutcome, recommended, release_plans
from livesim.planning.trials import Seen, Trial, tried
from livesim.report.plan_words import way_to_sell
from livesim.resolve import resolve
from livesim.results.intervals import mean_interval
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario

SHOW = """
title: An hour
show: {start: 2026-11-29 20:00, length: 1h, currency: CNY, refresh: 30s,
       appeal: {lognormal: {median: 1, sigma: 0.5}}, turnout_factor: 1}
people: {host: {role: host}}
segments:
  everyone:
    {reach: 5_000, turnout: 50%, waiting: 20%,
     arrivals: {shape: s_curve, middle: 40%, spread: 16%}}
products:
  serum: {price: 100, unit_cost: 40, left_over_value: 10, conversion: 20%, owned: 60, returns: 10%,
          returned_before_shipping: 50%, rush: 3min, quantity: {1: 80%, 2: 20%}}
  cream: {price: 50, unit_cost: 20, left_over_value: 5, conversion: 10%, owned: 30, returns: 0%,
          rush: 3min}
deal: {slot_fee: 100, commission: 10%, shipping: 5, guaranteed_volume: 80}
supply: {pack: 5}
checkout: {unpaid: 0%, payment_timeout: 2min}
rundown:
  cream: {length: 15min, on_stage: [host], sells: [cream]}
  serum: {length: 45min, on_stage: [host], sells: [serum]}
"""
ALL_LATE = {"waves": {"all": {"share": "100%", "after": "40min"}}}
WAVES = {"waves": {"now": {"share": 0.6, "after": 0}, "later": {"share": 0.4, "after": "20min"}}}
LATE = {"waves": {"now": {"share": 0.6, "after": 0}, "late": {"share": 0.4, "after": "42min"}}}
RESERVE = {"units": 40, "below": 10, "lead_time": "5min"}


@pytest.fixture(scope="module")
def show() -> Scenario:
    return resolve(parse_document(SHOW)).scenario


@pytest.fixture(scope="module")
def curves(show: Scenario) -> Curves:
    return curves_of(show)


def curves_of(scenario: Scenario, replications: int = 100) -> Curves:
    return build_curves(scenario, replications=replications, seed=5, runner=Runner(workers=1))


def beside(curves: Curves, changes: dict[str, Any]) -> Curves:
    """Return the same items of another show; its curves are not asked for."""
    changed = curves.scenario.with_changes(changes)
    reactions, *_ = first_look(changed, curves.seed, Block(0, 50))
    return replace(curves, scenario=changed, reactions=reactions, recordings={})


def have(*units: int) -> Decision:
    return Decision(units=units, missed=(), limits=(), rounding_cost=0.0)


def column(*units: int) -> np.ndarray:
    return np.array(units)[:, None]


def see(curves: Curves, *some: Trial, replications: int = 250, after: int = 0) -> list[Seen]:
    """Try some ways, beside the show as it is with 60 serums and 30 creams."""
    first = Trial("serum", "as in the file", column(60, 30))
    here, trials = Runner(workers=1), [first, *some]
    return tried(curves, trials, replications, after=after, runner=here, what="Trying")[1:]


def found_by(
    curves: Curves, objective: Objective = MOST_PROFIT, *units: int
) -> list[ReleaseOutcome]:
    decision = have(*(units or (60, 30)))
    return list(
        release_plans(curves, decision, objective, replications=100, runner=Runner(workers=1))
    )


def test_ways_to_sell_are_told_from_the_recordings_of_the_curves(
    show: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the bit; blocks that the curves do not have are recorded."""
    curves = curves_of(show, 300)
    trials = [
        Trial("serum", "waves", column(60, 30), WAVES),
        Trial("cream", "more", column(60, 60)),
    ]
    assert [*curves.recordings] == [(0, 250), (1, 50)]
    anew = see(replace(curves, recordings={}), *trials, replications=300)

    def again(*args: object, **_: object) -> None:
        raise AssertionError("the crowd is simulated again")

    monkeypatch.setattr(block_at, "record_orders", again)
    for one, other in zip(see(curves, *trials, replications=300), anew, strict=True):
        assert np.array_equal(one.profit, other.profit)
        assert np.array_equal(one.on_sale, other.on_sale)
        assert np.array_equal(one.items_unavailable_after, other.items_unavailable_after)
    with pytest.raises(AssertionError, match="again"):
        see(curves, *trials, replications=50)


def of_kind(found: Sequence[ReleaseOutcome], kind: str, product: str = "serum") -> ReleaseOutcome:
    return next(way for way in found if way.product == product and way.kind == kind)


# What may come of waves.


def test_waves_change_no_demand_and_raise_no_sales_where_nothing_reacts(curves: Curves) -> None:
    at_once, waves = see(
        curves, Trial("serum", "", column(60, 30)), Trial("serum", "", column(60, 30), LATE)
    )
    assert np.array_equal(waves.figures["demand"], at_once.figures["demand"])
    assert (waves.figures["sales"] <= at_once.figures["sales"]).all()
    assert (waves.figures["sales"] < at_once.figures["sales"]).any(), "some came too late"
    assert (waves.sold_out_after >= at_once.sold_out_after).all()
    assert np.array_equal(waves.figures["bought"], at_once.figures["bought"])


@pytest.mark.slow
def test_units_are_conserved_however_they_are_split(curves: Curves) -> None:
    thirds = {f"w{n}": {"share": 1 / 3, "after": f"{10 * n}min"} for n in range(3)}
    for units in (1, 7, 60):
        trial = Trial("serum", "", column(units, 30), {"waves": thirds})
        figures = see(curves, trial)[0].figures
        assert (figures["sales"] + figures["left_over"] == units).all()


@pytest.mark.parametrize("waves", [{}, WAVES])
def test_a_way_is_the_show_with_its_changes(
    show: Scenario, curves: Curves, waves: dict[str, Any]
) -> None:
    """Replayed, side by side with another product's, it is what `simulate` makes of it."""
    others = Trial("cream", "", column(60, 15), WAVES)
    seen = see(curves, Trial("serum", "", column(40, 30), waves), others)[0]
    changes = {**seen.trial.changes, "products.serum.owned": 40, "products.cream.owned": 30}
    result = livesim.simulate(show.with_changes(changes), replications=250, seed=5, workers=1)
    assert np.allclose(seen.profit[:, 0], result.shows["profit"], rtol=1e-12)
    serum = result.products.query("product == 'serum'")
    assert np.array_equal(seen.figures["sales"][:, 0], serum["sales"])
    after = np.array(serum["sold_out_at"] - serum["link_at"], dtype=float)
    assert np.array_equal(seen.sold_out_after[:, 0], np.where(np.isnan(after), np.inf, after))


def test_beside_a_bundle_ways_of_products_that_share_nothing_come_side_by_side(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each is what it is alone, to the bit; those of components come one after the other."""
    more = """
  kit: {price: 120, contains: {serum: 1, cream: 1}, conversion: 5%, rush: 3min}
  oil: {price: 50, unit_cost: 20, left_over_value: 5, conversion: 10%, owned: 20, rush: 3min}
"""
    text = SHOW.replace("\ndeal:", more + "deal:").replace("[cream]", "[cream, kit, oil]")
    curves = curves_of(resolve(parse_document(text)).scenario, 50)
    assert curves.reactions.word == "orders"
    trials = [
        Trial("serum", "", column(60, 30, 20), WAVES),
        Trial("cream", "", column(60, 30, 20), LATE),
        Trial("oil", "", column(60, 30, 10)),
    ]
    first = Trial("serum", "as in the file", column(60, 30, 20))
    passes = []

    def counted(block: block_at.BlockAt, wanted: Sequence[block_at.Stocked], *lived: Any) -> Any:
        passes.append(len(wanted))
        return simulated(block, wanted, *lived)

    simulated = block_at.BlockAt.simulated
    monkeypatch.setattr(block_at.BlockAt, "simulated", counted)

    def profits(*some: Trial) -> list[np.ndarray]:
        here = Runner(workers=1)
        seen = tried(curves, [first, *some], 50, runner=here, what="Trying")[1:]
        return [one.profit for one in seen]

    together, alone = profits(*trials), [profits(one)[0] for one in trials]
    assert passes == [3, 2, 2, 2]
    assert all(map(np.array_equal, together, alone))
    assert not np.array_equal(together[0], together[1])


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [1, 2, 3])
def test_a_link_of_a_second_has_ways_to_sell(show: Scenario, seconds: int) -> None:
    """Times that are rounded to the same second are still waves of their own."""
    brief = {"rundown.serum": {**show.to_data()["rundown"]["serum"], "length": f"{seconds}s"}}
    curves = curves_of(show.with_changes({"show.refresh": "1s", "show.length": "16min"} | brief))
    found = found_by(curves)
    practice = of_kind(found, BENCHMARK_RULE).changes["products.serum.waves"]
    assert [wave["share"] for wave in practice.values()] == [0.6, 0.3, 0.1]


@pytest.mark.slow
def test_changes_of_a_way_can_be_laid_over_the_file(show: Scenario) -> None:
    sizes = {"small": {"share": "60%"}, "large": {"share": "40%"}}
    curves = curves_of(show.with_changes({"products.serum.variants": sizes}))
    found = found_by(curves, MOST_PROFIT, 50, 30, 30)
    way, at_once = (of_kind(found, kind) for kind in (BENCHMARK_RULE, AT_ONCE))
    changed = show.with_changes({"products.serum.variants": sizes}).with_changes(way.changes)
    serum = changed.products["serum"]
    assert (serum.owned, [size.owned for size in serum.variants.values()]) == (80, [50, 30])
    assert [wave.share for wave in serum.waves.values()] == [0.6, 0.3, 0.1]
    assert [wave.after for wave in serum.waves.values()] == [0, 15 * 60, 30 * 60]
    profit, usual = (
        livesim.simulate(
            one.with_changes({"products.cream.owned": 30}), replications=100, seed=5, workers=1
        ).shows["profit"]
        for one in (changed, curves.scenario.with_changes(at_once.changes))
    )
    assert np.isclose(way.gain.mean, (profit - usual).mean(), rtol=1e-9)


@pytest.mark.slow
def test_where_viewers_herd_waves_raise_demand(curves: Curves) -> None:
    """Of fewer units put on sale a larger share is claimed, and viewers see that."""
    herding = beside(curves, {"screen.claimed": True, "products.serum.herd": 2})
    assert herding.reactions.word == "viewers"
    at_once, waves = see(
        herding, Trial("serum", "", column(300, 30)), Trial("serum", "", column(300, 30), WAVES)
    )
    mean, half_width = mean_interval(
        (waves.figures["demand"] - at_once.figures["demand"])[:, 0].astype(float)
    )
    assert half_width is not None
    assert mean > half_width


@pytest.mark.slow
def test_where_something_reacts_every_level_is_a_show_of_its_own(curves: Curves) -> None:
    """Viewers who herd see their own level, and a slot goes on at the level that runs out."""
    for changes in (
        {"screen.claimed": True, "products.serum.herd": 2},
        {"rundown.serum.at_sell_out": "next"},
    ):
        reacting, units = beside(curves, changes), (20, 300)
        two = Trial("serum", "", np.concatenate([column(n, 30) for n in units], axis=1))
        ones = (Trial("serum", "", column(n, 30)) for n in units)
        together, *alone = see(reacting, two, *ones, replications=50)
        for level, one in enumerate(alone):
            assert np.array_equal(together.profit[:, level], one.profit[:, 0]), changes
            assert np.array_equal(together.sold_out_after[:, level], one.sold_out_after[:, 0])


@pytest.mark.slow
def test_where_viewers_shun_the_crowd_the_sign_turns(curves: Curves) -> None:
    """The same show with scarcity that puts people off: fewer on hand means fewer orders."""
    scarce = {
        "screen.on_hand": True,
        "products.serum.scarcity": {"below": 150, "multiplier": 0.5},
    }
    put_off = beside(curves, scarce)
    at_once, waves = see(
        put_off,
        Trial("serum", "", column(300, 30)),
        Trial("serum", "", column(300, 30), WAVES),
        replications=100,
    )
    assert waves.figures["demand"].mean() < at_once.figures["demand"].mean()


@pytest.mark.parametrize("replications", [50, 300])
def test_a_trial_is_a_run_of_as_many_shows(curves: Curves, replications: int) -> None:
    [at_once] = see(curves, Trial("serum", "", column(60, 30)), replications=replications)
    owned = {"products.serum.owned": 60, "products.cream.owned": 30}
    scenario = curves.scenario.with_changes(owned)
    run = livesim.simulate(scenario, replications=replications, seed=curves.seed, workers=1)
    assert np.allclose(at_once.profit[:, 0], run.outcome.shows["profit"], atol=1e-6)
    assert np.array_equal(at_once.figures["sales"][:, 0], run.outcome.products["sales"][:, 0])


@pytest.mark.slow
def test_the_same_random_numbers_narrow_the_difference(curves: Curves) -> None:
    at_once, waves = see(
        curves,
        Trial("serum", "", column(60, 30)),
        Trial("serum", "", column(60, 30), WAVES),
        replications=250,
    )
    other = see(curves, Trial("serum", "", column(60, 30)), replications=250, after=250)[0]
    _, paired = mean_interval((waves.profit - at_once.profit)[:, 0])
    _, unpaired = mean_interval((waves.profit - other.profit)[:, 0])
    assert paired is not None
    assert unpaired is not None
    assert paired < 0.8 * unpaired


# A show by hand: every refresh one attempt for what is offered.


class OneByOne:
    """A crowd of which one tries to order each variant that can be ordered, every refresh."""

    def __init__(self, inputs: Inputs, streams: Streams, start: object) -> None:
        shape = (len(inputs.segments), inputs.replications)
        self.size = (inputs.replications, len(inputs.variants))
        self.watching = self.viewers = np.full(shape, 1000)
        self.concurrent = self.watching.sum(axis=0)

    def start_slot(self, rows: np.ndarray) -> None:
        """Nothing changes."""

    def act(self, refresh: int, until: int, rates: Sequence[Rates]) -> tuple[Attempts, Looks]:
        counts = np.zeros(self.size, dtype=np.int64)
        counts[:, :] = rates[0].order > 0
        return Attempts.of(counts, refresh + 1), Looks.of(self, refresh + 1)

    def come_and_go(self, refresh: int, until: int, rates: Sequence[Rates]) -> Looks:
        """Nobody comes and nobody leaves."""
        return Looks.of(self, until)


@pytest.fixture
def by_hand(curves: Curves, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Seen]]:
    """Try ways where one serum is wanted every 10 s of its 45 min: 270 in all."""
    plain = {
        "show.appeal": 1,
        "show.refresh": "10s",
        "products.serum.quantity": {"1": 1.0},
        "products.serum.returns": 0,
        "deal.guaranteed_volume": 0,
    }

    def tried_by_hand(some: Sequence[Trial], **changes: Any) -> list[Seen]:
        monkeypatch.setitem(recorder.ENGINES, "cohort", OneByOne)
        return see(beside(curves, {**plain, **changes}), *some)

    return tried_by_hand


class EveryOtherShow(OneByOne):
    """A crowd of which every other show has only every third come to order."""

    def act(self, refresh: int, until: int, rates: Sequence[Rates]) -> tuple[Attempts, Looks]:
        counts = np.zeros(self.size, dtype=np.int64)
        counts[:, :] = rates[0].order > 0
        counts[1::2] *= refresh % 3 == 0
        return Attempts.of(counts, refresh + 1), Looks.of(self, refresh + 1)


def test_what_it_is_worth_to_wait_for_what_is_sold(
    show: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The value of sample information where demand is 90 or 30, as likely, and 40 are owned.

    When 10 min of 45 have gone by, 20 or 6 are sold. Called, 20 units more bring 45 each above
    their cost where 90 are wanted, and lose 30 each where 30 are.
    """
    monkeypatch.setitem(recorder.ENGINES, "cohort", EveryOtherShow)
    reserve = {"units": 20, "when": {"at": "25min", "sold": "best"}, "lead_time": "5min"}
    changes = {
        **{"show.appeal": 1, "deal.guaranteed_volume": 0},
        **{"products.serum.quantity": {"1": 1.0}, "products.serum.returns": 0},
        **{"products.serum.owned": 40, "supply.budget": 0, "products.serum.reserve": reserve},
    }
    found = found_by(curves_of(show.with_changes(changes)), MOST_PROFIT, 40, 30)
    (rule,) = (way for way in found if way.above_none is not None)
    assert rule.above_none is not None and rule.above_called is not None
    assert way_to_sell(rule).startswith("call 20 if over ")
    assert 6 <= rule.changes["products.serum.reserve.when.sold"] < 20
    assert rule.above_none.mean == pytest.approx(0.5 * 20 * 45)
    assert rule.above_called.mean == pytest.approx(0.5 * 20 * 30)
    assert rule.bought.mean == 40 + 0.5 * 20
    assert rule.recommended


@pytest.mark.parametrize(("written", "known"), [("best", [0]), ("> 90", [0, 90])])
def test_a_rule_that_is_written_stands_beside_calling_whatever_is_sold(
    curves: Curves, written: str, known: list[int]
) -> None:
    reserve = {"units": 40, "when": {"at": "25min", "sold": written}, "lead_time": "5min"}
    serum, _ = offers(beside(curves, {"products.serum.reserve": reserve}), (60, 30), MOST_PROFIT)
    path = "reserve.when.sold"
    assert [way.levers[path] for way in serum.rules() if path in way.levers] == known
    (searched,) = (
        {way.levers[path] for way in search.trials}
        for search in serum.searches()
        if len({way.levers.get(path, 0) for way in search.trials}) > 1
    )
    assert 3 <= len(searched) <= 5
    assert (90 in searched) == (90 in known) and min(searched) > 0


def test_no_way_that_is_printed_surely_beats_the_recommended_one(
    by_hand: Callable[..., list[Seen]],
) -> None:
    """Units that come too late lose 70 sales; waves that are in time lose none."""
    at_once, as_in_file, late, fewer = by_hand(
        [
            Trial("serum", AT_ONCE, column(100, 30)),
            Trial("serum", AS_IN_FILE, column(100, 30), WAVES),
            Trial("serum", AS_IN_FILE, column(100, 30), ALL_LATE),
            Trial("serum", "other units", column(90, 30)),
        ]
    )
    assert recommended(MOST_PROFIT, [at_once, as_in_file]) == {1}  # the file's, as nothing is lost
    assert recommended(MOST_PROFIT, [at_once, late]) == {0}
    assert recommended(MOST_PROFIT, [at_once, fewer]) == {0}
    assert recommended(MOST_PROFIT, [fewer, at_once, late, as_in_file]) == {3}
    service = Service(0.9, by=900.0)  # at once and the waves are sold out after 1,000 s and later
    assert recommended(service, [at_once, late]) == {0}


def test_a_show_by_hand(by_hand: Callable[..., list[Seen]]) -> None:
    at_once, waves, late = by_hand(
        [
            Trial("serum", "", column(100, 30)),
            Trial("serum", "", column(100, 30), WAVES),
            Trial("serum", "", column(100, 30), ALL_LATE),
        ]
    )
    # 100 units last 1,000 s of the slot's 2,700. In waves, 60 last 600 s; 40 more come at 1,200 s.
    assert (at_once.figures["sales"] == 100).all()
    assert ((at_once.sold_out_after > 990) & (at_once.sold_out_after < 1000)).all()
    assert ((waves.sold_out_after > 1590) & (waves.sold_out_after < 1600)).all()
    assert (waves.figures["lost"] == 170).all()
    assert np.allclose(at_once.on_sale, 1000 / 2700, atol=0.03)
    assert np.allclose(waves.on_sale, 1000 / 2700, atol=0.03)
    # All of it at 40 min: 300 s remain, for 30 units.
    assert (late.figures["sales"] == 30).all()
    assert (late.figures["left_over"] == 70).all()
    assert np.isinf(late.sold_out_after).all()
    # 70 units sold fewer: price less commission and shipping, less what they are worth left over.
    assert np.allclose(at_once.profit - late.profit, 70 * (100 * 0.9 - 5 - 10))


@pytest.mark.slow
def test_a_reserve_that_nobody_calls_costs_nothing(by_hand: Callable[..., list[Seen]]) -> None:
    never, called, none = by_hand(
        [
            Trial("serum", "", column(300, 30), {"reserve.below": 5}),
            Trial("serum", "", column(300, 30), {"reserve.below": 40}),
            Trial("serum", "", column(300, 30), {"reserve": None}),
        ],
        **{"products.serum.reserve": RESERVE},
    )
    # 270 of 300 units are wanted: the reserve is called below 40 left, and never below 5.
    assert np.array_equal(never.profit, none.profit)
    assert (never.figures["bought"] == 300).all()
    assert (called.figures["bought"] == 340).all()
    assert np.allclose(never.profit - called.profit, 40 * (40 - 10))


def test_orders_beyond_the_stock_are_made_to_order(by_hand: Callable[..., list[Seen]]) -> None:
    beyond, without = by_hand(
        [
            Trial("serum", "", column(100, 30)),
            Trial("serum", "", column(100, 30), {"backorder.units": 0}),
        ],
        **{"products.serum.backorder": {"accept": 1.0, "units": 50}},
    )
    assert (beyond.figures["sales"] == 150).all()
    assert (beyond.figures["bought"] == 150).all()
    assert (without.figures["sales"] == 100).all()
    assert np.allclose(beyond.profit - without.profit, 50 * (100 * 0.9 - 5 - 40))


# What is tried, and what is said of it.


def test_each_product_has_its_ways_compared_with_all_at_once(curves: Curves) -> None:
    found = found_by(curves)
    assert [way.kind for way in found][:2] == [AT_ONCE, BENCHMARK_RULE]
    assert {way.product for way in found} == {"serum", "cream"}
    at_once = of_kind(found, AT_ONCE)
    assert (at_once.units, at_once.gain.mean, at_once.gain.significant) == (60, 0, False)
    practice = of_kind(found, BENCHMARK_RULE)
    earned = curves.profit((60, 30)).mean()
    assert abs(practice.gain.mean) < 0.01 * earned, "they only put off the sell-out"
    assert practice.sold_out_after > at_once.sold_out_after


def test_where_waves_only_delay_the_plan_says_so(curves: Curves) -> None:
    (serum, _) = offers(curves, (60, 30), MOST_PROFIT)
    assert serum.at_once.note == ONLY_DELAY


@pytest.mark.parametrize(
    "changes",
    [
        {"products.serum.reserve": RESERVE},
        {"rundown.cream.at_sell_out": "next"},
        {"screen.claimed": True, "products.serum.herd": 0.5},
        {"rundown.cream.sells": ["cream", "serum"], "rundown.cream.price": {"serum": 80}},
        {"rundown.serum.price": {"serum": 80}, "products.serum.shelf": 0.1},
    ],
)
def test_where_waves_may_do_more_it_does_not(curves: Curves, changes: dict[str, Any]) -> None:
    (serum, _) = offers(beside(curves, changes), (60, 30), MOST_PROFIT)
    assert serum.at_once.note == ""


def test_a_price_that_rises_makes_waves_worth_while(curves: Curves) -> None:
    early = {"rundown.cream.sells": ["cream", "serum"], "rundown.cream.price": {"serum": 50}}
    found = found_by(beside(curves, early), MOST_PROFIT, 30, 30)
    best = found[2]
    assert way_to_sell(best).startswith("50 %, the rest after")
    assert best.gain.mean > best.gain.half_width


@pytest.mark.slow
def test_the_file_s_own_waves_are_shown(show: Scenario) -> None:
    own = curves_of(show.with_changes({"products.serum.waves": LATE["waves"]}))
    found = found_by(own)
    in_file, at_once = of_kind(found, AS_IN_FILE), of_kind(found, AT_ONCE)
    assert at_once.changes["products.serum.waves"] == {}
    assert in_file.gain.mean < 0


def test_a_service_at_a_moment_can_be_promised_by_a_wave(curves: Curves) -> None:
    service = Service(0.9, by=30 * 60)
    recommended = decide(curves, service)
    found = release_plans(curves, recommended, service, replications=100, runner=Runner(workers=1))
    promise = next(way for way in found if way.note == PROMISE)
    fewer = decide(curves, MOST_PROFIT).units[0]
    assert promise.units == fewer < recommended.units[0]
    assert way_to_sell(promise).endswith("the rest after 30 min")
    assert promise.gain.mean > 0


@pytest.mark.slow
def test_a_reserve_is_searched_and_buys_only_what_is_called(curves: Curves) -> None:
    found = found_by(beside(curves, {"products.serum.reserve": RESERVE}))
    best = of_kind(found, RESERVE_BELOW)
    assert best.gain.mean > 0
    assert of_kind(found, NO_RESERVE).bought.mean == 60
    assert best.units < best.bought.mean <= best.units + 40
    assert [way.units for way in found if way.kind == NO_RESERVE][1] != 60


@pytest.mark.verification
@pytest.mark.thorough
def test_orders_beyond_the_stock_are_searched(curves: Curves) -> None:
    waiting = beside(curves, {"products.serum.backorder": {"accept": "80%", "units": 20}})
    found = found_by(waiting)
    assert of_kind(found, NO_BACKORDER).gain.mean < 0
    best = of_kind(found, BACKORDER)
    assert best.gain.mean > 0
    sparing = of_kind(found_by(waiting, FillRate(0.5)), BACKORDER)
    assert sparing.bought.mean < best.bought.mean


@pytest.mark.slow
def test_purchases_keep_the_terms(curves: Curves) -> None:
    terms = {
        "supply.budget": 1000,
        "supply.minimum_order": 20,
        "products.serum.reserve": RESERVE,
    }
    found = found_by(beside(curves, terms))
    other = [way.units for way in found if way.kind in (RESERVE_BELOW, NO_RESERVE)]
    assert other
    assert all(units == 60 or 80 <= units <= 85 for units in other)


@pytest.mark.slow
def test_any_number_of_workers_finds_the_same(curves: Curves) -> None:
    alone, told = found_by(curves), []
    two = release_plans(
        curves,
        have(60, 30),
        replications=100,
        runner=Runner(workers=2, progress=lambda *done: told.append(done)),
    )
    assert list(two) == alone
    through = "Going through the ways to sell"
    phases = ("Searching ways to sell", through, "Comparing ways to sell", through)
    assert told == [(phase, done, 1) for phase in phases for done in (0, 1)]


@pytest.mark.slow
def test_what_a_search_has_found_is_judged_on_other_shows(curves: Curves) -> None:
    blocks = []

    class Noting(InProcess):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            blocks.append(args[0][1])
            return super().submit(fn, *args, **kwargs)

    release_plans(curves, have(60, 30), replications=300, runner=Runner(executor=Noting()))
    assert blocks == [(2, 250), (3, 50), (0, 250), (1, 50)]


def test_nothing_to_sell_has_no_ways(curves: Curves) -> None:
    assert release_plans(curves, have(0, 0), runner=Runner()) == ()
    assert {way.product for way in found_by(curves, MOST_PROFIT, 0, 30)} == {"cream"}


def test_replications_come_in_batches(curves: Curves) -> None:
    with pytest.raises(UsageError, match="batches of 50"):
        release_plans(curves, have(60, 30), replications=130, runner=Runner())


def test_the_time_on_offer_goes_from_the_first_link_to_the_end_of_slots_and_shelf(
    curves: Curves,
) -> None:
    def spans(**changes: object) -> list[float]:
        return [one.span for one in offers(beside(curves, changes), (60, 30), MOST_PROFIT)]

    assert spans() == [45 * 60, 15 * 60]
    assert spans(**{"products.cream.shelf": 0.1}) == [45 * 60, 60 * 60]
