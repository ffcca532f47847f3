"""Explaining figures of small shows: what is there, what is used again, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import numpy as np
import pytest
from matplotlib.figure import Figure

import livesim
from livesim.errors import UsageError
from livesim.experiment.runner import Runner
from livesim.experiment.study import simulate
from livesim.explaining.explanation import Explanation, Information
from livesim.explaining.failing import failing
from livesim.explaining.region import Bound, Region
from livesim.explaining.sobol import Part, Share, Shares
from livesim.planning.building import build_curves
from livesim.planning.recommendation import Plan
from livesim.report.output_schema import output_schema
from livesim.report.pages import plain
from livesim.report.views import full
from livesim.results.answer import write
from livesim.results.figures import Named
from livesim.results.intervals import Chance, Estimate
from livesim.results.result import Result

ROOM = {
    "title": "A room",
    "show": {"length": "20min", "currency": "CNY", "refresh": "10s"},
    "viewers": 2_000,
    "deal": {"slot_fee": 500},
    "products": {
        "serum": {
            **{"price": 99, "unit_cost": 40, "left_over_value": 0},
            **{"owned": 40, "orders_per_1000": 25},
        },
    },
}


@pytest.fixture(scope="module")
def result() -> Result:
    return livesim.simulate(livesim.load(ROOM), replications=300, workers=1)


@pytest.fixture(scope="module")
def plan() -> Plan:
    curves = build_curves(livesim.load(ROOM), replications=300, runner=Runner(workers=1))
    return livesim.decide_again(curves)


@pytest.fixture(scope="module")
def found(result: Result) -> Explanation:
    return livesim.explain(result, workers=1)


def test_what_the_curves_of_a_plan_do_not_tell_is_simulated_with_its_units(plan: Plan) -> None:
    found = livesim.explain(plan, "plan.serum.sold_out", workers=1)
    (serum,) = (curve for curve in plan.curves.curves if curve.item.name == "serum")
    have = plan.decision.units[plan.curves.curves.index(serum)]
    assert found.figure.values.mean() == pytest.approx(serum.sold_out_chance(have), abs=0.01)
    assert found.inputs.keys() == plan.curves.drawn.keys()


def test_shares_of_a_show_add_up(found: Explanation) -> None:
    assert found.chance is not None
    assert found.unresolved is not None
    told = found.shares.alone.value + found.chance.value  # of pairs nothing is told
    assert told + found.unresolved == pytest.approx(1.0)
    assert abs(found.unresolved) < 0.25
    assert {share.path for share in found.shares.inputs} <= set(found.inputs)


def test_a_result_is_used_again_and_only_a_fifth_takes_place_twice(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    from livesim.explaining import explaining

    asked: list[int] = []

    def simulated(*args: Any, **options: Any) -> Result:
        again = livesim.simulate(*args, **options)
        asked.append(again.replications)
        return again

    monkeypatch.setattr(explaining, "simulate", simulated)
    assert livesim.explain(result, "orders", workers=1).repeated == 60
    assert asked == [60]


def test_what_is_repeated_has_the_same_inputs_and_other_chance(found: Explanation) -> None:
    """Of a show that chance alone makes vary, all is chance: here nothing is uncertain."""
    ones = dict.fromkeys(("show.appeal", "show.turnout_factor", "products.serum.appeal"), 1.0)
    coming = {"segments.everyone.arrivals": {"shape": "flat"}, "segments.everyone.waiting": 0}
    certain = livesim.load(ROOM, {**ones, **coming})
    alone = livesim.explain(certain, "orders", replications=200, workers=1)
    assert alone.shares.inputs == ()
    assert alone.chance is not None
    assert alone.chance.low <= 1.0 <= alone.chance.high
    assert found.chance is not None
    assert found.chance.high < 0.8


def test_a_folder_is_explained_as_what_is_in_it(result: Result, plan: Plan, tmp_path: Path) -> None:
    for answer, of in ((result, "profit"), (plan, "plan.profit")):
        kept = write(answer, tmp_path / of)
        from_folder = livesim.explain(str(kept), of, workers=1)
        assert from_folder.fingerprint == livesim.explain(answer, of, workers=1).fingerprint


def test_a_plan_says_what_it_would_be_worth_to_know(plan: Plan) -> None:
    told = livesim.explain(plan, "plan.serum.needed", workers=1)
    names = [one.name for one in told.information]
    assert "all" in names
    assert {"show.appeal", "products.serum.appeal"} <= set(names)
    best = {one.name: one.value.mean or 0.0 for one in told.information}
    whole = plan.value_of_perfect_information
    assert best["all"] > 0.7 * max(best.values())
    assert best["all"] <= (whole.mean or 0.0) + (whole.half_width or 0.0)
    owned = plan.items[0].owned
    wanted = np.maximum(plan.curves.curves[0].demand - owned, 0.0)
    assert (told.figure.values == wanted).all()
    assert told.failing == "plan.profit < 0"
    said = " ".join(plain(full(told)).split())
    assert "serum: needed, what would have to be bought to serve all: " in said
    assert "Where it" not in said  # when a plan fails is another question


@pytest.mark.parametrize("of", ["plan.serum.buy", "serum.purchase"])
def test_what_a_plan_recommends_is_told_from_what_would_be_needed(plan: Plan, of: str) -> None:
    with pytest.raises(UsageError, match=r"the same in every show: plan\.serum\.needed is what"):
        livesim.explain(plan, of, workers=1)


def test_a_plans_figure_says_that_it_is_of_what_the_plan_recommends(plan: Plan) -> None:
    found = livesim.explain(plan, workers=1)
    assert found.of == "plan.profit"
    assert " profit, with what the plan recommends: CNY " in " ".join(str(found).split())
    assert found.fingerprint == livesim.explain(plan, "plan.profit", workers=1).fingerprint


def test_it_is_said_where_few_shows_make_the_variance(found: Explanation) -> None:
    """Three of 300 shows differ, two of them make half: 5,000 hold about 30 of such."""
    few = replace(found, figure=replace(found.figure, values=np.repeat([0.0, 9.0], [297, 3])))
    said = "half of the variance comes from 2 of 300 shows"
    assert said in " ".join(str(few).split())
    assert "take 5,000 or more (-n)" in " ".join(str(few).split())
    assert "half of the variance" not in str(found)


def test_its_document_is_as_the_schema_says(found: Explanation, plan: Plan) -> None:
    validator = jsonschema.Draft202012Validator(output_schema())
    for one in (found, livesim.explain(plan, "plan.profit", workers=1)):
        validator.validate(one.document())
        assert one.page().startswith("<!DOCTYPE html>")
        assert set(one.figures()) == {"shares"}
    assert "what makes" in str(found)


def test_it_fails_as_asked(result: Result) -> None:
    told = livesim.explain(result, "orders", fails=">= 60", workers=1)
    assert told.failing == "orders >= 60"
    assert told.region is None or told.region.everywhere.chance < 1.0


@pytest.mark.parametrize(
    ("of", "fails", "said"),
    [
        ("profits", None, "there is no figure profits; nearest: profit"),
        ("lost.serum", None, "there is no figure lost.serum; nearest: serum.lost"),
        ("serum.sold_out_at", None, "never comes in some shows"),
        ("plan.profit", None, "is a figure of a plan"),
        ("serum.put_on_sale", None, "nothing to explain"),
        ("profit", "zero", "write as in '< 0'"),
        ("profit", "< cheap", "profit < cheap"),
        ("serum.unavailable@1s", None, "explain"),
    ],
)
def test_what_cannot_be_explained_is_refused(
    result: Result, of: str, fails: str | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        livesim.explain(result, of, fails=fails, workers=1)


def test_too_few_replications_are_told() -> None:
    serum = {"price": 99, "unit_cost": 40, "owned": 40, "orders_per_1000": 1}
    many = {**ROOM, "products": {f"serum{n}": serum for n in range(16)}}
    with pytest.raises(UsageError, match=r"21 uncertain inputs cannot be told apart .* take 100 "):
        livesim.explain(many, replications=50, workers=1)


def test_where_it_fails_is_told_with_separators_of_thousands() -> None:
    room = livesim.load(ROOM | {"viewers": {"p10": 1_000, "likely": 2_000, "p90": 4_000}})
    found = livesim.explain(livesim.simulate(room, replications=100, workers=1), workers=1)
    chance = Chance(0.5, 0.4, 0.6)
    bounds = (Bound("segments.everyone.reach", -np.inf, 909_123.0),)
    where = replace(found, success_region=Region(bounds, chance, chance, chance, 0.5))
    assert "how many could come (everyone) at most 909,000" in " ".join(str(where).split())


def test_how_often_it_fails_is_told_where_nothing_stands_out() -> None:
    room = livesim.load(ROOM | {"viewers": {"p10": 1_000, "likely": 2_000, "p90": 4_000}})
    found = livesim.explain(livesim.simulate(room, replications=100, workers=1), workers=1)
    share = float((found.figure.values < 0).mean())
    assert found.document()["fails"]["chance"] == share
    for chance, often in ((share, "less"), (0.3, "more")):
        nowhere = replace(found, fails=Chance(chance, 0.0, 1.0), region=None, success_region=None)
        said = f"(profit < 0): in {round(100 * chance)} % of shows, and nothing that is uncertain "
        said += f"makes it surely {often} often so."
        assert said in " ".join(str(nowhere).split())


def test_where_failing_is_the_rule_it_is_said_where_the_show_succeeds() -> None:
    """That most shows fail below some value nearly all of them reach tells a planner little."""
    room = livesim.load(ROOM | {"viewers": {"p10": 1_000, "likely": 2_000, "p90": 4_000}})
    result = livesim.simulate(room, replications=500, workers=1)
    orders = livesim.explain(result, "orders", workers=1).figure.values
    many = int(np.quantile(orders, 0.8))
    found = livesim.explain(result, "orders", fails=f"< {many}", workers=1)
    assert found.mostly_fails and found.region is None and found.success_region is not None
    where = found.success_region
    assert where.everywhere.chance == pytest.approx(1.0 - found.fails.chance)
    assert where.inside.low > where.everywhere.chance
    assert all(bound.low > 0.5 and bound.high == np.inf for bound in where.bounds)
    said = " ".join(str(found).split())
    assert f"Where it succeeds (most shows fail: orders < {many}): with " in said
    assert "Where it fails" not in said
    assert found.document()["success_region"]["bounds"]


def test_an_average_outside_of_eight_shows_in_ten_says_why(found: Explanation) -> None:
    """The profit of a real show was 1.35 million on average, and mostly 1.40 to 1.44."""
    for few, why in ((-1e6, "lower than both"), (1e6, "higher than both"), (1.0, None)):
        values = np.r_[np.full(5, few), np.linspace(0.0, 1.0, 95)]
        shown = str(replace(found, figure=Named(values, "mean", "currency")))
        for word in ("lower than both", "higher than both"):
            assert (f"The average is {word}, since a few" in " ".join(shown.split())) == (
                word == why
            )


def test_only_columns_that_are_there_are_explained(found: Explanation) -> None:
    assert found.shares.together is None
    assert "With others" not in str(full(found))
    both = replace(found, shares=replace(found.shares, together=Part(0.1, 0.0, 0.2)))
    assert "With others: so much is left" in str(full(both))


def test_a_single_bar_lies_beside_its_name() -> None:
    """It lay above it, where the bar with others would leave room for another."""
    room = livesim.load(ROOM | {"viewers": {"p10": 1_000, "likely": 2_000, "p90": 4_000}})
    found = livesim.explain(livesim.simulate(room, replications=100, workers=1), workers=1)
    assert found.shares.together is None
    axes = Figure().subplots()
    livesim.figures.shares(found, axes)
    middles = sorted(bar.get_y() + bar.get_height() / 2 for bar in axes.patches)
    assert middles == pytest.approx(sorted(axes.get_yticks()))


def test_a_tail_of_equal_values_is_not_called_a_tenth() -> None:
    values = np.array([0.0] * 30 + [5.0] * 30 + [9.0] * 40)
    told = failing("orders", Named(values, "mean", ""), None)
    assert (told.said, int(told.rows.sum())) == ("orders among the lowest 30 %", 30)
    assert failing("orders", Named(np.arange(100.0), "mean", ""), None).said.endswith("tenth")


@pytest.fixture(scope="module")
def mixed() -> Plan:
    """A plan of a show with all that takes of a stock beside its own product's orders."""
    show = {**ROOM["show"], "length": "10min", "refresh": "30s"}
    serum, usual = ROOM["products"]["serum"], {"unit_cost": 20, "orders_per_1000": 10}
    products = {
        "serum": {**serum, "gift": {"product": "pouch", "first": 10}, "webshop": {"per_day": 900}},
        "pouch": {"price": 39, "owned": 30, **usual},
        "tint": {
            **{"price": 59, **usual},
            "variants": {"red": {"share": 0.6, "owned": 90}, "pink": {"share": 0.4, "owned": 4}},
        },
        "duo": {"price": 140, "contains": {"serum": 2, "tint.red": 1}, "orders_per_1000": 8},
    }
    scenario = livesim.load({**ROOM, "show": show, "viewers": 1_000, "products": products})
    return livesim.decide_again(build_curves(scenario, replications=100, runner=Runner(workers=1)))


def test_a_plan_of_a_show_with_a_bundle_is_explained(mixed: Plan) -> None:
    """A bundle has no stock: nothing is planned of it, and its components' figures hold it."""
    told = livesim.explain(mixed, "plan.serum.needed", workers=1)
    assert told.chance is not None
    assert told.chance.high < 1.0
    with pytest.raises(UsageError, match=r"no figure duo\.needed"):
        livesim.explain(mixed.curves.scenario, "plan.duo.needed", replications=100, workers=1)


def test_units_that_are_bought_keep_no_cost_when_shows_take_place_again() -> None:
    """As in the plan, where only what was owned before does."""
    from livesim.explaining.explaining import _measured, _of_plan

    serum = {"price": 90, "unit_cost": 10, "owned": 20, "forecast": 40}
    duo = {"price": 140, "contains": {"serum": 2}, "forecast": 10}
    show = {**ROOM["show"], "length": "10min", "refresh": "30s"}
    scenario = livesim.load({**ROOM, "show": show, "products": {"serum": serum, "duo": duo}})
    planned = livesim.plan(scenario, replications=100, workers=1)
    assert planned.items[0].purchase > 0
    seen = _of_plan(planned)
    again = _measured(livesim.simulate(seen.scenario, replications=100, workers=1), planned)
    for name in ("show.profit", "show.loss"):
        np.testing.assert_allclose(again[name], seen.known[name], err_msg=name)


def test_what_takes_place_again_is_measured_as_the_plan_tells_it(mixed: Plan) -> None:
    """In the very same shows each figure is the same, or the difference would pass for chance."""
    from livesim.explaining.explaining import _measured, _of_plan

    seen = _of_plan(mixed)
    again = _measured(livesim.simulate(seen.scenario, replications=100, workers=1), mixed)
    for path, figure in seen.known.items():
        np.testing.assert_allclose(again[path], figure, err_msg=path)


@pytest.mark.parametrize(("chance", "left", "note"), [(0.1, "30 %", ""), (0.6, "0 %", "120 %")])
def test_rows_of_shares_add_up_or_say_so(chance: float, left: str, note: str) -> None:
    """What lies below 0 by chance is told as 0, and must not be taken off elsewhere."""
    from livesim.report.explanation_tables import _shares

    def part(value: float) -> Part:
        return Part(value, value, value)

    firsts = {"show.appeal": 0.6, "show.turnout_factor": -0.03}
    shares = tuple(Share(path, part(one), part(one), 0.0) for path, one in firsts.items())
    found: Any = SimpleNamespace(
        of="profit",
        figure=SimpleNamespace(values=np.arange(300.0)),
        shares=Shares(shares, part(0.57), part(-0.02)),
        chance=part(chance),
    )
    for shown in (1, 2):
        table = _shares(found, shown)
        told = [float(row[1].split(" %")[0]) for row in table.rows]
        assert table.rows[-1][1] == left
        assert sum(told) == (120 if note else 100)
        assert note in table.note
        assert bool(table.note) == bool(note)


def test_a_part_that_shows_more_than_all_of_it_is_said_to_err() -> None:
    from livesim.report.explanation_tables import _information
    from livesim.report.pages import Table

    def worth(mean: float) -> Estimate:
        return Estimate(mean, 10.0, mean, mean, mean)

    for part, says in ((90.0, False), (110.0, True)):
        told = (Information("products", (), worth(part)), Information("all", (), worth(100.0)))
        found: Any = SimpleNamespace(information=told, currency="CNY")
        (table,) = _information(found, 5)
        assert isinstance(table, Table)
        assert ("no more than all of it" in table.note) == says
        assert table.rows[-1][0] == "all that is uncertain but chance"


def test_whether_a_guest_comes_is_told_with_what_high_means() -> None:
    """High is that she does not come, and "if it is high: less" read as if her coming cost."""
    from livesim.report.explanation_tables import _input

    part = Part(0.1, 0.1, 0.1)
    what, *_, way = _input(Share("people.mei.no_show", part, part, -0.5))
    assert (what, way) == ("whether mei comes", "more if so")


@pytest.mark.slow
def test_shares_are_those_of_shows_that_take_place_with_one_input_changed() -> None:
    """Of two samples, one that has a single input of the other (Saltelli et al., 2010).

    Errors are 0.02 at most here, and 0.03 what three inputs do together: 0.09 apart is seen, as
    where the simulation's own noise (0.09) counts for an input.
    """
    room = livesim.load(
        "scenarios/brand_room.yaml", {"show.length": "20min", "show.refresh": "20s"}
    )

    def profits(seed: int, inputs: Any) -> Any:
        result = simulate(room, inputs=inputs, replications=None, seed=seed, workers=1)
        return result.outcome.shows["profit"]

    one, other = (
        livesim.simulate(room, replications=4_000, seed=seed, workers=1) for seed in (11, 12)
    )
    drawn, there = (dict(result.outcome.inputs) for result in (one, other))
    first, second = (result.outcome.shows["profit"] for result in (one, other))
    variance = np.var([*first, *second])
    chance = np.mean((first - profits(13, drawn)) ** 2) / 2 / variance
    found = livesim.explain(one, workers=1)
    assert found.chance is not None
    assert found.chance.value == pytest.approx(chance, abs=0.02)
    for share in found.shares.inputs[:3]:
        assert share.total is not None
        mixed = profits(14, {**drawn, share.path: there[share.path]})
        alone = np.mean((second - second.mean()) * (mixed - mixed.mean())) / variance
        total = np.mean((first - mixed) ** 2) / 2 / variance - chance
        assert share.first.value == pytest.approx(alone, abs=0.07)
        assert share.total.value == pytest.approx(total, abs=0.07)
