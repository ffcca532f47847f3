"""The page of a plan: its figures are the plan's, and three kinds of not knowing stay apart."""

import io
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import livesim
from livesim.experiment.levels import Reactions
from livesim.planning.curves import Known
from livesim.planning.limits import (
    LevelsEnd,
    LevelsServe,
    NotSignificant,
    ResourceServes,
    TooRisky,
)
from livesim.planning.objectives import FillRate, LossCap, MostProfit, Service
from livesim.planning.observed import Evidence
from livesim.planning.offers import AS_IN_FILE, AT_ONCE, BENCHMARK_RULE, NO_RESERVE, ONLY_DELAY
from livesim.planning.recommendation import ItemPlan, Plan
from livesim.planning.release_plans import ReleaseOutcome
from livesim.planning.terms import Terms
from livesim.planning.without_show import without_show
from livesim.report import plan_tables, views
from livesim.report.labels import label
from livesim.report.naming import naming
from livesim.report.pages import WIDTH, Page, Points, Table, Warnings, plain, styled
from livesim.report.plan_tables import page
from livesim.report.plan_words import WAY_NOTES
from livesim.report.stock_page import _item
from livesim.report.wording import amount, percent, units
from livesim.resolve import Resolution, resolve_file
from livesim.resolve.words import money
from livesim.results.intervals import Chance, Estimate, estimate

Planned = tuple[Plan, Resolution]
MARKED = Warnings, Points


def page_of(planned: Planned, **changes: Any) -> Page:
    plan, resolution = planned
    return page(replace(plan, resolution=resolution, **changes))


def text_of(planned: Planned, **changes: Any) -> str:
    return " ".join(plain(page_of(planned, **changes)).split())


def rows_of(shown: Page, name: str) -> dict[str, tuple[str, ...]]:
    (table,) = (table for table in shown.tables if table.header[0].startswith(name))
    return {row[0]: row[1:] for row in table.rows}


def test_plain_and_styled_show_the_same_cells(planned: Planned) -> None:
    shown = page_of(planned)
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(styled(shown))
    for text in (console.export_text(), plain(shown)):
        for table in shown.tables:
            for _, *cells in table.rows:  # names may go over lines
                assert any(all(cell in line for cell in cells) for line in text.splitlines()), cells
        assert {*" ".join(shown.words).split()} <= set(text.split())


def test_the_title_says_the_show_and_the_objective(planned: Planned) -> None:
    first = page_of(planned).title
    assert first == "A quick drop · 2026-11-29 20:00 · 5 min"
    assert "Aim: most expected profit." in text_of(planned)


def test_the_items(planned: Planned) -> None:
    plan, _ = planned
    first, more = rows_of(page_of(planned), "what to buy"), rows_of(page_of(planned), "stock")
    earned = rows_of(page_of(planned), "purchase")
    assert list(first) == list(more) == list(earned) == ["serum.small", "serum.large", "mask"]
    for item in plan.items:
        own, buy, have, cost, gain, sold_out = first[item.name]
        *same, earns = earned[item.name]
        assert same == [own, buy, have, cost, gain]
        assert (own, have) == (units(item.owned), units(item.recommended))
        assert buy == units(item.recommended - item.owned)
        assert (cost, earns) == (amount(item.cost), amount(item.earns_then.mean))
        assert gain == f"+{amount(item.gain.mean)}"
        chances = (item.sold_out_now.chance, item.sold_out_then.chance)
        assert sold_out == " → ".join(map(percent, chances))
        have, good, unavailable, _, left, _ = more[item.name]
        assert have == units(item.recommended)
        low, high = item.good_range
        assert good == (f"{low:,} – {high:,}" if low < high else f"{low:,}")
        chances = (item.unavailable_now.chance, item.unavailable_then.chance)
        assert unavailable == " → ".join(map(percent, chances))
        assert left == f"{item.left_over.p50:,.0f}"


def test_what_is_gained_is_the_profit_above_buying_none_of_it(planned: Planned) -> None:
    plan, _ = planned
    curves, then = plan.curves, plan.decision.units
    for number, item in enumerate(plan.items):
        alone = [*curves.owned]
        alone[number] = then[number]
        more = curves.profit(alone) - curves.profit(curves.owned)
        assert item.gain.mean == pytest.approx(more.mean())


def test_gains_that_do_not_add_up_are_explained_in_the_answer(planned: Planned) -> None:
    plan, _ = planned
    said = "gain: above not buying it; together"
    assert said not in " ".join(lines_of(page_of(planned)))
    now, then, *others = plan.choices
    less = replace(then, gain=replace(then.gain, mean=0.8 * then.gain.mean))
    lines = lines_of(page_of(planned, choices=(now, less, *others)))
    amounts = amount(less.gain.mean)
    assert f"{said} {amounts}, as stocks act on each other" in lines


def lines_of(shown: Page) -> list[str]:
    """Return the lines of an answer."""
    return [line for line in plain(Page(shown.title, shown.answer)).splitlines() if line]


def test_the_answer_is_a_dozen_lines_and_one_for_each_of_a_few_products(
    planned: Planned, planned_many: Planned
) -> None:
    for one, most in ((planned, 12), (planned_many, 14)):
        shown = page_of(one)
        rows = len(shown.answer[1].rows) if isinstance(shown.answer[1], Table) else 0
        assert len(lines_of(shown)) <= most + rows
        assert rows <= 10
        assert max(map(len, lines_of(shown))) <= 80
        assert shown.parts[: len(shown.answer)] == shown.answer


def test_each_warning_is_a_line_and_the_rest_of_it_stands_in_the_details(planned: Planned) -> None:
    plan, _ = planned
    unsure = [NotSignificant(f"p{n}", 6, Estimate(5.0, 6.0, 0.0, 0.0, 0.0)) for n in range(30)]
    ends = [LevelsEnd(f"p{n}", 900) for n in range(30)]
    missed = tuple(LevelsServe(f"p{n}", 80, 0.5) for n in range(30))
    decision = replace(plan.decision, limits=(*unsure, *ends), missed=missed)
    shown = page_of(planned, decision=decision, objective=Service(0.9))
    marked = [line for line in lines_of(shown) if line[:2] in ("! ", "- ")]
    assert len(marked) == sum(len(part.texts) for part in shown.answer if isinstance(part, MARKED))
    assert len(marked) == 2 and all(" more" in line for line in marked)
    rest = " ".join(plain(Page("", shown.details)).split())
    assert "Not bought, as not significant at 95 %: 6 p0, " in rest
    assert all(f"p{n}: even 80 units" in rest for n in range(30))
    assert all(f"p{n}: the best number may lie above 900" in rest for n in range(30))
    assert "p3: buying 6 would earn" in rest


def test_the_profit_is_held_against_buying_nothing_and_no_show(planned: Planned) -> None:
    plan, _ = planned
    rows = rows_of(page_of(planned), "profit of the show")
    then, without = plan.choices[1].profit, plan.without_show.profit
    no_show = f"  above no show, which loses {amount(-without)}"
    assert list(rows) == ["with this purchase", "  above buying nothing", no_show]
    assert rows[no_show][2] == amount(then.p50 - without)
    cost = sum(item.owned * item.curve.item.unit_cost for item in plan.items)
    assert f"{money(cost, 'CNY')} of costs are for stock you own" in text_of(planned)


def test_of_many_items_those_most_bought_have_a_line(planned: Planned) -> None:
    plan, _ = planned
    one = plan.items[2]
    names = [f"p{number}" for number in range(12)]
    many = tuple(
        replace(
            *(one,),
            curve=replace(one.curve, item=replace(one.curve.item, name=name)),
            purchase=number,
            cost=float(number),
        )
        for number, name in enumerate(names)
    )
    shown = page_of(planned, items=many)
    rows = rows_of(shown, "what to buy")
    assert list(rows) == [*names[4:], "and 3 more, in the details", "not bought: 1"]
    assert rows["and 3 more, in the details"][1:4] == ("6", units(3 * one.recommended), "6")
    assert rows["not bought: 1"] == (
        *(units(one.owned), "0", units(one.recommended), "0"),
        *("", ""),
    )
    assert list(rows_of(shown, "purchase")) == names


def test_a_service_by_a_time_shows_the_chance_by_then(planned: Planned) -> None:
    plan, _ = planned
    shown = page_of(planned, objective=Service(0.9, 60.0))
    table = shown.tables[0]
    place = table.header.index("gone in 1 min\nnow → then")
    item = plan.items[0]
    chances = (item.curve.unavailable_chance(n, 60.0) for n in (item.owned, item.recommended))
    assert table.rows[0][place] == " → ".join(map(percent, chances))
    assert "the objective is met" in text_of(planned, objective=Service(0.9, 60.0))


def test_the_short_answer_explains_its_own_headings(planned: Planned) -> None:
    """By themselves, so that no line of its dozen is spent on that: the details have a sentence."""
    said = plain(views.brief(planned[0]))
    assert "now → then" in said and "gain over" in said
    assert "low, P10   median, P50   high, P90" in said
    explained = "P10, P50 and P90: in 1, 5 and 9 shows of 10 it is at most so much."
    assert explained not in said and plain(views.full(planned[0])).count(explained) == 1


def of_one(planned: Planned) -> Planned:
    """Return the same plan, of its last item alone."""
    plan, resolution = planned
    return replace(plan, items=plan.items[2:]), resolution


def test_of_one_product_a_line_says_what_there_is_then(planned: Planned) -> None:
    (item,) = of_one(planned)[0].items
    shown = page_of(of_one(planned))
    now, then = percent(item.unavailable_now.chance), percent(item.unavailable_then.chance)
    had = f"You own {units(item.owned)} and then have {units(item.recommended)}"
    assert f"{had}: unavailable in {then} of shows, now in {now}." in lines_of(shown)
    assert shown.lead.startswith("Buy ") and shown.lead.count(".") == 1
    assert not any(table.header[0] == "what to buy" for table in shown.tables)
    timed = lines_of(page_of(of_one(planned), objective=Service(0.9, 60.0)))
    assert any(line.startswith(f"{had}: gone within 1 min in ") for line in timed)


def test_the_answer_for_one_product_is_a_dozen_lines_of_text(planned: Planned) -> None:
    said = views.brief(of_one(planned)[0])
    assert len([line for line in plain(said).splitlines() if line]) <= 12


def test_a_gain_that_is_not_significant_is_marked_where_profits_stand(planned: Planned) -> None:
    plan, _ = planned
    now, then, *others = plan.choices
    unsure = replace(then, gain=replace(then.gain, half_width=2 * abs(then.gain.mean)))
    shown = page_of(planned, choices=(now, unsure, *others))
    (table,) = (one for one in shown.tables if one.header[0].startswith("profit of the show"))
    assert rows_of(shown, "profit of the show")["  above buying nothing"][0] == "n.s."
    assert "n.s.: not significant at 95 %" in table.note


def test_amounts_below_each_other_are_of_one_unit() -> None:
    """Columns mixed "+709,000" and "+1.41 M", and errors had a unit and digits of their own."""
    first, second = (Estimate(1.41e6, 6e4, 0.0, 0.0, 0.0), Estimate(7.09e5, 5e4, 0.0, 0.0, 0.0))
    write = plan_tables._in_one_unit((first, second))
    assert plan_tables._difference(first, write) == "+1.41 ± 0.06 M"
    assert plan_tables._difference(second, write) == "+0.71 ± 0.05 M"
    small = Estimate(4.1e4, 2e4, 0.0, 0.0, 0.0)
    write = plan_tables._in_one_unit((first, small))
    assert plan_tables._difference(first, write) == "+1,410,000 ± 60,000"


def test_where_one_gains_what_another_loses_its_units_are_said(planned: Planned) -> None:
    plan, _ = planned
    item, other = (one.curve.item for one in plan.items[:2])
    rest = tuple(one.owned for one in plan.items[2:])
    low = (item.owned + round(other.unit_cost), other.owned, *rest)
    high = (item.owned, other.owned + round(item.unit_cost), *rest)
    told = plan_tables._bought_of(plan, low, high, amount)
    assert told[0] != told[1] and all(any(c.isalpha() for c in one) for one in told), told


def test_what_to_buy_in_units_and_money(planned: Planned) -> None:
    plan, _ = planned
    text = text_of(planned)
    for item in plan.items:
        assert item.purchase % 6 == 0 and item.purchase > 0
    cost = sum(item.cost for item in plan.items)
    bought = sum(item.purchase for item in plan.items)
    assert f"Buy {bought} units of 3 items for CNY {cost:,.0f} of the budget of CNY 5,000" in text
    one = text_of(planned, items=plan.items[2:])
    assert f"Buy {plan.items[2].purchase} mask for CNY" in one


def test_what_a_purchase_costs_is_exact_so_that_its_column_adds_up(planned: Planned) -> None:
    plan, _ = planned
    with_cents = [
        replace(
            one,
            purchase=30 * n,
            cost=30 * n * price,
            curve=replace(one.curve, item=replace(one.curve.item, unit_cost=price)),
        )
        for n, one, price in zip((41, 1, 7), plan.items, (11.2, 7.75, 9.0), strict=True)
    ]
    shown = page_of(planned, items=tuple(with_cents))
    assert "for CNY 15,898.50 of" in shown.lead
    for name, place in (("what to buy", 3), ("purchase", 3)):
        costs = [row[place] for row in rows_of(shown, name).values()]
        assert costs == ["13,776.00", "232.50", "1,890.00"]


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (77.0, "Whole packs and minimum orders cost CNY 77 of expected profit"),
        (-12.0, "brings CNY 12 of expected profit"),
        (0.3, ""),
    ],
)
def test_what_rounding_costs(planned: Planned, cost: float, said: str) -> None:
    text = text_of(planned, decision=replace(planned[0].decision, rounding_cost=cost))
    assert said in text
    assert ("of expected profit." in text) is bool(said)


def test_nothing_to_buy(planned: Planned) -> None:
    plan, _ = planned
    items = tuple(replace(item, purchase=0, cost=0.0) for item in plan.items)
    assert "Buy nothing: no purchase earns more than it costs" in text_of(planned, items=items)
    too_few = LevelsServe("mask", 80, 0.5)
    for objective, missed, why in (
        (LossCap(0.1), TooRisky(0.2), "no purchase that is allowed comes nearer to the objective"),
        (Service(0.95), too_few, "no purchase that is allowed serves every item better"),
        (FillRate(0.95), too_few, "no purchase that is allowed serves every item better"),
    ):
        decision = replace(plan.decision, missed=(missed,))
        text = text_of(planned, items=items, decision=decision, objective=objective)
        assert f"Buy nothing: {why}." in text


@pytest.mark.parametrize("objective", [MostProfit(), LossCap(0.4)])
def test_a_minimum_order_that_forbids_a_purchase_is_named_under_a_cap_too(
    objective: MostProfit | LossCap,
) -> None:
    show = (
        "{like: brand_room, title: Few, viewers: 1_000, show: {start: 2026-11-29 20:00, length: "
        "20min, currency: CNY}, supply: {minimum_order: 900}, products: {serum: {price: 299, "
        "unit_cost: 80, left_over_value: 10, owned: 2, orders_per_1000: 20}}}\n"
    )
    found = livesim.plan(show, objective=objective, replications=100, workers=1)
    said = " ".join(str(found).split())
    assert " serum would be best, but the minimum order is 900." in said


def test_an_objective_that_is_missed_is_a_warning(planned: Planned) -> None:
    plan, _ = planned
    missed = replace(plan.decision, missed=(ResourceServes("budget", 0.5, 0.9, 7_000),))
    lines = lines_of(page_of(planned, decision=missed, objective=Service(0.9)))
    assert "! The budget of CNY 5,000 serves each item to 50 %; 90 % takes CNY 7,000." in lines


def seen(planned: Planned, *, contradicts: bool) -> dict[str, Any]:
    """Return changes to a plan with something observed of a product."""
    observed = {"sold": 9, "sold_out": False}
    scenario = planned[0].curves.scenario.with_changes({"products.mask.observed": observed})
    found = Evidence("mask", 20.0, 500.0, "few", None, 0.01 if contradicts else 0.3, contradicts)
    return {"curves": replace(planned[0].curves, scenario=scenario), "evidence": (found,)}


def test_evidence_that_contradicts_the_model_is_a_warning(planned: Planned) -> None:
    shown = page_of(planned, **seen(planned, contradicts=True))
    assert "! Does not fit what was observed: mask (demand is too high)." in lines_of(shown)
    assert "! mask: observed: sold 9 units, not sold out;" in plain(Page("", shown.details))
    other = page_of(planned, **seen(planned, contradicts=False))
    assert "- mask: observed" in plain(other)
    assert "mask: observed" not in plain(Page("", other.answer))


def test_the_good_range_says_by_what_it_is_judged(planned: Planned) -> None:
    said = "any total in it gives up at most 1 % of what the product earns, the others as"
    assert said in text_of(planned)
    assert said in text_of(planned, objective=LossCap(0.1))
    assert "is met to one percentage point" in text_of(planned, objective=FillRate(0.9))


def test_an_item_outside_its_good_range_is_explained(planned: Planned) -> None:
    plan, _ = planned
    inside = tuple(replace(item, good_range=(0, 10**6)) for item in plan.items)
    rows = rows_of(page_of(planned, items=inside), "stock [units]")
    assert rows["mask"][1] == "0 – 1,000,000"
    outside = (*inside[:2], replace(inside[2], good_range=(0, 1)))
    rows = rows_of(page_of(planned, items=outside), "stock [units]")
    assert rows["mask"][1] == "0 – 1 (packs)"  # in the same line
    assert "In brackets: what keeps the recommendation out of it (packs)." in text_of(
        planned, items=outside
    )


def test_demand_says_from_which_input_it_follows(planned: Planned) -> None:
    (table,) = (one for one in page_of(planned).tables if one.header[0] == "demand [units]")
    rows = rows_of(page_of(planned), "demand")
    assert (rows["serum.small"][-1], rows["mask"][-1]) == ("forecast", "gpm")
    assert table.note == "how far off: template, assumed"  # what is said of all is said once
    item = planned[0].items[2]
    assert rows["mask"][1] == f"{item.demand.p50:,.0f}"


def test_profit_now_recommended_and_by_the_rule_of_practice(make_plan: Any) -> None:
    rows = rows_of(page_of(make_plan(replications=150)), "profit, ")
    assert list(rows) == ["now", "recommended", "forecast × 1.3"]
    assert rows["now"][-1] == ""
    assert rows["recommended"][-1].startswith("+")


def test_choices_of_the_same_units_are_one_row(planned: Planned) -> None:
    now, then, rule = planned[0].choices
    nothing = page_of(planned, choices=(now, *(replace(c, units=now.units) for c in (then, rule))))
    assert list(rows_of(nothing, "profit, ")) == ["now"]
    text = " ".join(plain(nothing).split())
    assert "recommended: what you have, so nothing changes" in text
    assert "forecast × 1.3 comes to the same units as now" in text
    alike = page_of(planned, choices=(now, then, replace(rule, units=then.units)))
    assert list(rows_of(alike, "profit, ")) == ["now", "recommended"]


@pytest.mark.slow
def test_the_rule_of_practice_names_its_forecast(make_plan: Any, small_show: str) -> None:
    told = small_show.replace("gpm: 9000", "forecast: 12")
    said = "of the P50 of simulated demand, not the forecast in the file"
    assert said in text_of(make_plan(told, replications=250))
    untold = small_show.replace("forecast: 90", "orders_per_1000: 200")
    assert "forecast in the file" not in text_of(make_plan(untold))
    assert "forecast × 1.3: of the P50 of simulated demand" in text_of(make_plan(untold))


def losing(planned: Planned, mean: float, error: float | None) -> tuple[Any, ...]:
    now, then, rule = planned[0].choices
    return now, replace(then, profit=Estimate(mean, error, 0.0, 0.0, 0.0)), rule


@pytest.mark.parametrize(("mean", "error"), [(100.0, 10.0), (-5.0, 10.0), (0.0, None)])
def test_no_loss_that_can_be_told_is_no_warning(
    planned: Planned, mean: float, error: float | None
) -> None:
    assert "Expect a loss" not in text_of(planned, choices=losing(planned, mean, error))


def test_a_show_that_loses_money_says_so(planned: Planned) -> None:
    choices = losing(planned, -31_500.0, 2_000.0)
    shown = page_of(planned, choices=choices, **seen(planned, contradicts=True))
    first = next(line for line in lines_of(shown) if line.startswith("!"))
    assert first.startswith("! Expect a loss whatever you buy: ")
    lost, often = amount(-choices[1].worst), percent(choices[1].loss.chance)
    text = text_of(planned, choices=choices)
    assert f"whatever you buy: {often} of shows lose" in text
    assert f"the worst 10 % CNY {lost}" in text and "Risk:" not in text
    assert "no purchase that packs, minimum orders and budget allow makes it a gain" in text
    other = text_of(planned, choices=choices, objective=Service(0.9))
    assert f"Expect a loss: {often} of shows lose" in other
    assert "the objective profit shows the most that can be had" in other


def test_a_product_that_falls_off_the_end_is_warned_of(planned: Planned) -> None:
    assert "Never on offer" not in text_of(planned)
    first, *others = planned[0].items
    starts = planned[0].curves.slot_starts.copy()
    starts[:20, -1] = float("inf")
    curves = replace(planned[0].curves, slot_starts=starts)
    text = text_of(planned, curves=curves, items=(never_on_offer(first), *others))
    assert "! Never on offer in some shows: serum (30 %)." in text
    late = f"{[*curves.scenario.rundown][-1].replace('_', ' ')} (20 %)"
    assert f"! Slots that some shows do not get to: {late}." in text


def test_products_that_fall_off_the_end_alike_stand_in_the_order_of_the_rundown(
    planned: Planned,
) -> None:
    """As `run` tells them, which knows the same shows."""
    scenario = planned[0].scenario
    sold = dict.fromkeys(name for slot in scenario.rundown.values() for name in slot.sells)
    first, second, *_ = (name for name in sold if name in {one.product for one in planned[0].items})
    text = text_of(planned, items=tuple(map(never_on_offer, planned[0].items)))
    assert f"Never on offer in some shows: {first} (30 %)" in text
    assert text.index(f"{first} (30 %)") < text.index(f"{second} (30 %)".replace("_", " "))


def never_on_offer(item: ItemPlan) -> ItemPlan:
    """Return an item whose link does not go up in 30 of 100 shows."""
    link_at = item.now.figures["link_at"].copy()
    link_at[:30] = float("inf")
    return replace(item, now=replace(item.now, figures={**item.now.figures, "link_at": link_at}))


def test_a_loss_that_the_stock_has_cost_already_is_told_apart(planned: Planned) -> None:
    """What is owned has lost its value anyway: the show is compared with not doing it."""
    curves = planned[0].curves
    owned = {item.name: 1_000 for item in curves.items}
    dear = [replace(c, item=replace(c.item, owned=owned[c.item.name])) for c in curves.curves]
    costly = replace(curves, curves=tuple(dear))
    text = text_of(planned, choices=losing(planned, -31_500.0, 2_000.0), curves=costly)
    more = f"CNY {amount(-31_500 - without_show(costly).profit)} more than without a show."
    assert f"! Expect less than the stock cost, but {more}" in text
    assert "not doing it" not in text


@pytest.mark.parametrize(
    ("error", "said", "warned"),
    [
        (5.0, "On average the show earns CNY 10 less than not doing it.", True),
        (20.0, "On average the show earns about the same as not doing it.", True),
        (9_999.0, "On average the show earns about the same as not doing it.", False),
    ],
)
def test_a_show_that_does_not_pay_is_said_to_earn_no_more(
    planned: Planned, error: float, said: str, warned: bool
) -> None:
    profit = planned[0].without_show.profit - 10
    text = text_of(planned, choices=losing(planned, profit, error))
    assert text.count(said) == text.count("On average the show") == 1
    assert f". {said} " in text.partition("profit of the show")[0]  # where it says what to buy
    assert ("! Expect a loss" in text) == warned == ("Risk:" not in text)


@pytest.mark.slow
def test_much_that_comes_back_is_told(make_plan: Any, small_show: str) -> None:
    assert "of 100 paid units" not in text_of(make_plan(small_show))
    many = small_show.replace("owned: 4, returns: 10%", "owned: 4, returns: 60%")
    plan, resolution = make_plan(many)
    (curve,) = (c for c in plan.curves.curves if c.item.name == "mask")
    units = plan.decision.units[2]
    back = (curve.at("cancelled", units) + curve.at("returned", units)).sum()
    share = 100 * back / curve.at("sales", units).sum()
    said = f"Cancelled or returned, of 100 paid units: mask {share:.0f}."
    assert 50 < share < 70
    assert said in text_of((plan, resolution))


def with_profit(planned: Planned, gain: float, error: float | None, loss: float) -> str:
    """Return the page where the recommendation gains so much and makes a loss so often."""
    now, then, rule = planned[0].choices
    now = replace(now, loss=Chance(0.2, 0.1, 0.3), worst=-10.0)
    gained = Estimate(gain, error, 0.0, 0.0, 0.0)
    then = replace(then, gain=gained, loss=Chance(loss, 0.0, 1.0), worst=-10.0)
    return text_of(planned, choices=(now, then, rule))


@pytest.mark.parametrize(
    ("gain", "error", "loss", "said"),
    [
        (100.0, 10.0, 0.3, "more profit than now, more risk: a loss in 30 % of shows instead of 2"),
        (100.0, 10.0, 0.202, "more profit than now, more risk: a loss in 20 % of shows as now, "),
        (100.0, 10.0, 0.1, "more profit than now, less risk: a loss in 10 % of shows instead of"),
        (100.0, 10.0, 0.2, "more profit than now, and no more risk"),
        (-100.0, 10.0, 0.1, "less profit than now, less risk"),
        (5.0, 10.0, 0.2, "no significant gain in mean profit"),
        (5.0, None, 0.2, "no significant gain in mean profit"),
    ],
)
def test_more_profit_with_more_risk_is_said(
    planned: Planned, gain: float, error: float | None, loss: float, said: str
) -> None:
    assert f"recommended: {said}" in with_profit(planned, gain, error, loss)


@pytest.mark.parametrize(
    ("loss", "worst", "said"),
    [
        (
            *(0.1, -20.0),
            "less often a loss, but worse worst shows: a loss in 10 % of shows instead of 20 %, "
            "the mean of the worst 10 % -20 instead of -10",
        ),
        (0.3, -5.0, "more often a loss, but better worst shows: a loss in 30 % of shows instead"),
        (0.3, -20.0, "more risk: a loss in 30 % of shows instead of 20 %"),
        (0.198, -20.0, "more risk: a loss in 20 % of shows as now, the mean of the worst 10 % -20"),
    ],
)
def test_which_of_two_measures_of_risk_rose_is_said(
    planned: Planned, loss: float, worst: float, said: str
) -> None:
    now, then, rule = planned[0].choices
    now = replace(now, loss=Chance(0.2, 0.1, 0.3), worst=-10.0)
    gain = Estimate(100.0, 10.0, 0.0, 0.0, 0.0)
    then = replace(then, gain=gain, loss=Chance(loss, 0.0, 1.0), worst=worst)
    page = text_of(planned, choices=(now, then, rule))
    assert f"recommended: more profit than now, {said}" in page


def test_that_no_ways_to_sell_were_compared_is_said(planned: Planned) -> None:
    assert not planned[0].release_plans
    assert "No other ways to sell are compared here: " in text_of(planned)


def test_being_wrong(planned: Planned) -> None:
    plan, _ = planned
    rows = rows_of(page_of(planned), "other totals")
    assert {"half as many", "a quarter less", "half as many again"} <= set(rows)
    assert rows["half as many"][0] == units(sum(plan.sensitivity[0].units))


def test_being_wrong_takes_nothing_away_that_is_owned(planned: Planned) -> None:
    wrong = planned[0].sensitivity
    assert "no fewer than you own: that is paid for" in text_of(planned)
    factors = (0.5, 0.75, 0.9, 1.1, 1.25, 1.5)
    every = [replace(wrong[0], factor=factor) for factor in factors]
    assert "No row where that is the same" not in text_of(planned, sensitivity=every)
    assert "as recommended, or cannot be bought: half as many and a quarter less" in text_of(
        planned, sensitivity=every[2:]
    )
    assert "what you own leave nothing else" in text_of(planned, sensitivity=())


def test_what_decides_it_in_money_or_units(planned: Planned) -> None:
    plan, _ = planned
    rows = rows_of(page_of(planned), "what decides it")
    assert list(rows) == [
        *(f"{rank} {label(driver.path)}" for rank, driver in enumerate(plan.drivers, 1)),
        "all of it, chance included",
    ]
    cost = sum(
        (have - item.owned) * item.unit_cost
        for have, item in zip(plan.drivers[0].high, plan.curves.items, strict=True)
    )
    assert rows[f"1 {label(plan.drivers[0].path)}"][1] == f"{cost:,.0f}"
    few = page_of(planned, drivers=plan.drivers * 4)
    assert len(rows_of(few, "what decides it")) == 6
    assert f"{4 * len(plan.drivers) - 5} more in the JSON document" in " ".join(plain(few).split())


def test_nothing_for_each_unit_of_money_has_no_sign_below_0(planned: Planned) -> None:
    worth = [Estimate(-0.001 * lot.cost, 5.0, 0.0, 0.0, 0.0) for lot in planned[0].lots]
    lots = [replace(lot, gain=gain) for lot, gain in zip(planned[0].lots, worth, strict=True)]
    rows = rows_of(page_of(planned, lots=lots), "lots by what\nthey earn")
    assert {row[-1] for row in rows.values()} == {"+0.00"}


def test_what_decides_it_changes_what_to_buy(planned: Planned) -> None:
    """Values with the same purchase at both ends were called deciding, as they move the profit."""
    (one,), units = planned[0].defaults, planned[0].decision.units
    stays = replace(one, low=replace(one.low, units=units), high=replace(one.high, units=units))
    other = replace(one, paths=("deal.commission",))
    decided = text_of(planned, drivers=(), defaults=(stays, other))
    assert "What decides it, all assumed: commission (10 %)." in decided
    told = text_of(planned, drivers=(), defaults=(stays,))
    assert "Nothing uncertain or assumed surely changes what to buy." in told
    assert "Of what is assumed, profit moves most with orders never paid (10 %)." in told
    assert "What decides it, all assumed" not in told


def test_nothing_uncertain(planned: Planned) -> None:
    certain = replace(planned[0].curves, drawn={})
    text = text_of(planned, drivers=(), curves=certain)
    assert "nothing is uncertain in this show but what single viewers do by chance" in text


@pytest.mark.parametrize(
    ("worth", "said"),
    [
        (
            Estimate(300.0, 20.0, 0.0, 0.0, 0.0),
            "all of it beforehand, chance included (perfect information), is worth CNY 300 ± 20.",
        ),
        (Estimate(15.0, 17.0, 0.0, 0.0, 0.0), "value of perfect information is not significant."),
    ],
)
def test_nothing_that_is_uncertain_decides(
    planned: Planned, worth: Estimate, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Plan, "value_of_perfect_information", worth)
    text = text_of(planned, drivers=())
    assert "nothing that is uncertain in this show surely changes what to buy, in" in text
    assert said in text


def test_knowing_all_of_it_is_worth_something_however_few_shows_gain_by_it(
    planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No show is worse for it, so one that is better is enough; a part was worth more than all."""
    worth = Estimate(1404.0, 1813.0, 0.0, 0.0, 4170.0, mean_interval=(0.0, 3217.0))
    monkeypatch.setattr(Plan, "value_of_perfect_information", worth)
    assert (
        rows_of(page_of(planned), "what decides it")["all of it, chance included"][-1]
        == "1,400 ± 1,810"
    )


def test_a_worth_that_is_not_significant(planned: Planned) -> None:
    first = replace(planned[0].drivers[0], value_of_information=Estimate(5.0, 4.0, 0.0, 0.0, 0.0))
    told = page_of(planned, drivers=(first,))
    assert rows_of(told, "what decides it")[f"1 {label(first.path)}"][-1] == "5 ± 4"
    untold = page_of(
        planned, drivers=(replace(first, value_of_information=Estimate(5.0, 6.0, 0.0, 0.0, 0.0)),)
    )
    assert rows_of(untold, "what decides it")[f"1 {label(first.path)}"][-1] == "-"
    assert "-: not significant" in " ".join(plain(untold).split())
    assert "-: nothing" not in plain(told)


def a_way(kind: str, gain: float, product: str = "mask", note: str = "") -> ReleaseOutcome:
    some = Estimate(gain, 1.0, 0.0, 0.0, 0.0)
    return ReleaseOutcome(
        product, kind, {}, 20, some, Chance(0.5, 0.4, 0.6), None, some, some, some, some, note
    )


def test_ways_to_sell(planned: Planned) -> None:
    ways = (
        a_way(AT_ONCE, 0.0),
        a_way(BENCHMARK_RULE, 0.5),
        a_way(AS_IN_FILE, 25.0, note=ONLY_DELAY),
    )
    shown = page_of(planned, release_plans=ways)
    rows = rows_of(shown, "ways to sell")
    assert rows["  all at once"][:2] == ("20", "-")
    assert rows["  60/30/10 %"][1] == "n.s."
    assert rows["  waves as in the file"][1:4] == ("+25 ± 1", "50 %", "-")
    assert WAY_NOTES[ONLY_DELAY] in " ".join(plain(shown).split())
    assert not [
        t
        for t in page_of(planned, release_plans=()).tables
        if t.header[0].startswith("ways to sell")
    ]


def test_ways_to_sell_say_of_how_many_shows_they_are(
    planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chance of 14 % in some shows is no contradiction to 12 % in all, if that is said."""
    ways = (a_way(AT_ONCE, 0.0),)
    assert "are compared in the first" not in text_of(planned, release_plans=ways)
    monkeypatch.setattr(plan_tables, "COMPARED", 50)
    assert "these ways are compared in the first 50 shows" in text_of(planned, release_plans=ways)


def test_a_way_that_beats_the_files_is_told_above_all_else(planned: Planned) -> None:
    usual, other = a_way(AT_ONCE, 0.0), a_way(NO_RESERVE, 2_500.0)
    ways = (replace(usual, recommended=True), other)
    assert "Sell mask otherwise" not in text_of(planned, release_plans=ways)
    ways = (usual, replace(other, recommended=True))
    told = text_of(planned, release_plans=ways)
    assert (
        "! Sell mask otherwise than the file says: no reserve, with 20 units, earns "
        "significantly more: CNY 2,500 a show more." in told
    )
    assert "significantly more: mask, CNY 2,500 a show more (no reserve, 20 units)." in told


def test_the_largest_of_other_ways_comes_first_and_a_trivial_one_in_full_only(
    planned: Planned,
) -> None:
    gains = {"mask": 2_500.0, "serum": 9_000.0}
    ways = [
        replace(a_way(kind, gain, product), recommended=bool(gain))
        for product, most in gains.items()
        for kind, gain in ((AT_ONCE, 0.0), (NO_RESERVE, most))
    ]
    told = text_of(planned, release_plans=tuple(ways))
    assert "significantly more: serum, CNY 9,000 a show more" in told
    trivial = tuple(
        replace(way, gain=replace(way.gain, mean=1.0)) if way.recommended else way for way in ways
    )
    told = text_of(planned, release_plans=trivial)
    assert "Another way to sell" not in told and "Sell serum otherwise" in told


def test_a_least_order_above_the_budget_is_told_in_short(planned: Planned) -> None:
    plan, _ = planned
    dear = plan.scenario.with_changes({"supply.budget": 1, "supply.minimum_order": 5})
    told = text_of(planned, curves=replace(plan.curves, scenario=dear))
    assert "mask: the minimum order" in told and "the minimum order" not in text_of(planned)


def test_a_gap_in_the_rundown_is_told_in_short(planned: Planned) -> None:
    plan, _ = planned
    longer = replace(plan.curves, scenario=plan.scenario.with_changes({"show.length": "30min"}))
    assert "no slot is planned" not in text_of(planned)
    assert "to 30 min no slot is planned" in text_of(planned, curves=longer)


def test_a_way_that_beats_the_files_is_shown_of_whatever_little_is_bought(planned: Planned) -> None:
    plan, _ = planned
    for better in {one.product for one in plan.items}:
        ways = tuple(
            replace(a_way(kind, gain, product), recommended=bool(gain) == (product == better))
            for product in dict.fromkeys(one.product for one in plan.items)
            for kind, gain in ((AT_ONCE, 0.0), (NO_RESERVE, 25.0))
        )
        first = next(iter(rows_of(page_of(planned, release_plans=ways), "ways to sell")))
        assert first == better


def test_three_kinds_of_not_knowing_are_kept_apart(planned: Planned) -> None:
    shown = page_of(planned, simulation_error=0.023)
    forecast, error = (text for text in shown.words if "uncertainty" in text)
    assert forecast.startswith("Forecast uncertainty dominates: in 8 shows of 10")
    assert "Only knowing more about the show narrows this." in forecast
    assert error.startswith("Simulation error: ±2.3 % where it is largest (100 replications, seed")
    for item in planned[0].items:
        low, high = item.simulation_interval
        assert f"{item.name} {low:,}" in error and (low == high or f"– {high:,}" in error)
    assert "good range" not in forecast + error
    assert any("negotiate inside it" in table.note for table in shown.tables)


def test_what_hangs_in_the_balance_is_named_and_not_a_percentage(planned: Planned) -> None:
    """One item near zero made an error of thousands of per cent, which told nobody anything."""
    plan, _ = planned
    first, *others = plan.items
    open_ = replace(first, simulation_interval=(0, 3 * first.have + 10))
    told = text_of(planned, items=(open_, *others), simulation_error=21.5)
    assert "Simulation error: ±" not in told and "2,150 %" not in told
    assert f"hangs in the balance for {first.name}; with other random" in " ".join(told.split())
    assert f"may buy none, or twice: {first.name}." in " ".join(told.split())
    assert "in the balance" not in text_of(planned)


def test_what_hangs_in_the_balance_and_is_not_bought_may_be_bought(planned: Planned) -> None:
    """Beside "buy nothing" it said that more replications may buy none."""
    first, *others = planned[0].items
    open_ = replace(first, simulation_interval=(0, 3 * first.have + 10))
    unbought = replace(open_, purchase=0)
    told = " ".join(text_of(planned, items=(unbought, *others), simulation_error=21.5).split())
    assert f"More replications (-n) may buy some: {first.name}." in told
    assert "may buy none" not in told


def test_what_single_viewers_do_is_no_forecast_uncertainty(planned: Planned) -> None:
    """Demand varies as a Poisson variable of its mean does: no knowledge narrows that."""
    plan, _ = planned
    luck = np.random.default_rng(1).poisson(400.0, plan.curves.replications).astype(float)
    items = tuple(
        replace(
            item,
            demand=estimate(luck),
            curve=replace(item.curve, figures={**item.curve.figures, "demand": luck[:, None]}),
        )
        for item in plan.items
    )
    text = text_of(planned, items=items)
    assert "Chance dominates: in 8 shows of 10" in text
    assert "Nothing narrows what viewers do by chance." in text
    assert "Only knowing more about the show narrows this." not in text


def test_a_plan_without_changed_defaults_is_told_where_it_is_another(planned: Planned) -> None:
    plan, _ = planned
    note = "none changed, so decided"
    decided = plan.objective.choose(plan.curves, Terms.of(plan.curves))
    assert note not in text_of(planned, decision=replace(plan.decision, units=decided))
    other = tuple(units + 10 for units in decided)
    assert note in text_of(planned, decision=replace(plan.decision, units=other))


def test_the_simulation_error_is_of_what_is_bought(planned: Planned) -> None:
    first, second, third = planned[0].items
    kept = replace(third, owned=30, simulation_interval=(30, 30))
    text = text_of(planned, items=(first, second, kept))
    assert f"{second.name} {second.simulation_interval[0]}" in text
    assert not re.search("95 % sure, in [^.;]*mask", text)
    perhaps = replace(kept, simulation_interval=(30, 36))
    assert "mask 30 – 36" in text_of(planned, items=(first, second, perhaps))
    assert "with other random numbers nothing would be bought either" in text_of(
        planned, items=(kept,)
    )


def test_a_simulation_error_above_the_forecasts_does_not_hide(planned: Planned) -> None:
    assert "Forecast uncertainty: in" in text_of(planned, simulation_error=50.0)


def test_too_few_replications_to_tell(planned: Planned) -> None:
    assert "it takes at least 100 replications" in text_of(planned, simulation_error=None)


def test_whether_the_precision_is_reached(planned: Planned) -> None:
    reached = text_of(planned, simulation_error=0.01, precision=0.02)
    assert "as small as a precision of 2 % wants it" in reached
    missed = text_of(planned, simulation_error=0.03, precision=0.025)
    assert "A precision of 2.5 % was not reached with all replications allowed" in missed


@pytest.mark.parametrize(
    ("reactions", "said"),
    [
        (Reactions(), "The stock curves are exact"),
        (Reactions(slots=("serum",)), "Slots go on at sell-out"),
        (Reactions(own_code=True), "viewers react to what the screen shows"),
    ],
)
def test_which_case_the_curves_are(planned: Planned, reactions: Reactions, said: str) -> None:
    assert said in text_of(planned, curves=replace(planned[0].curves, reactions=reactions))


def test_where_slots_go_on_it_says_what_is_exact(planned: Planned) -> None:
    curves = planned[0].curves

    def text(known: Known) -> str:
        of_serum = [
            replace(curve, known=known) if curve.item.product == "serum" else curve
            for curve in curves.curves
        ]
        return text_of(
            planned,
            curves=replace(curves, curves=tuple(of_serum), reactions=Reactions(slots=("serum",))),
        )

    exact = "all of mask. Exact at every level: chance and time of the sell-out of serum,"
    assert exact in text("own figures")
    assert "chance and time of the sell-out of serum; simulated at chosen levels" in text(
        "sell-out"
    )


def test_how_much_is_assumed(planned: Planned) -> None:
    plan, resolution = planned
    text = text_of(planned)
    assert "values. Assumptions that the file's comments admit to are not counted" in text
    bare = Resolution(resolution.scenario, {}, ())
    unknown = plain(page(replace(plan, resolution=bare)))
    assert "Assumed by livesim" not in unknown
    assert "how far off: your file" in unknown


@pytest.mark.slow
@pytest.mark.parametrize("objective", [MostProfit(), Service(0.9, 1200.0)])
def test_a_page_of_many_products_is_readable(
    planned_many: Planned, objective: MostProfit | Service
) -> None:
    plan, _ = planned_many
    shown = page_of(planned_many, objective=objective)
    lines = plain(shown).splitlines()
    assert [line for line in lines if len(line) > WIDTH] == []
    assert lines == [line.rstrip() for line in lines]
    assert len(lines) < 225
    assert len(plain(Page(shown.title, shown.answer)).splitlines()) < 35
    assert len(rows_of(shown, "stock")) == 22
    bought = [item for item in plan.items if item.purchase]
    total = sum(item.purchase for item in bought)
    assert f"Buy {total:,} units of {len(bought)} items" in plain(shown)
    assert "; all others bought are closer" in " ".join(plain(shown).split())
    origins = [row[-1] for row in rows_of(shown, "demand").values()]
    assert origins == ["orders_per_1000", *["as above"] * 21]


@pytest.mark.slow
def test_a_page_without_demand_or_uncertainty(make_plan: Any, small_show: str) -> None:
    certain = small_show.replace("show: {", "show: {appeal: 1, turnout_factor: 1, ")
    certain += "segments: {everyone: {arrivals: {shape: flat}, waiting: 0%}}\n"
    none = certain.replace("forecast: 90", "forecast: 0").replace("gpm: 9000", "gpm: 0")
    plan, _ = make_plan(none)
    text = " ".join(plain(page(plan)).split())
    assert "Buy nothing" in text
    assert "forecast, as if it were certain" in text
    assert "between 0 and 0." in text
    assert "nothing is uncertain" in text


def test_where_nothing_is_bought_the_answer_is_about_what_is_owned(planned: Planned) -> None:
    items = tuple(replace(item, purchase=0, cost=0.0) for item in planned[0].items)
    shown = page_of(planned, items=items)
    chances = {item.name: item.unavailable_now.chance for item in items}
    first = max(chances, key=lambda name: chances[name])
    said = f"Unavailable with what you own: {first} ({percent(chances[first])})"
    assert said in " ".join(lines_of(shown))
    assert not any("what to buy" in table.header for table in shown.tables)
    enough = tuple(replace(item, unavailable_now=Chance(0.0, 0.0, 0.1)) for item in items)
    said = "Buy nothing: no purchase earns more than it costs. What you own is always enough."
    assert said in " ".join(lines_of(page_of(planned, items=enough)))


def test_units_that_come_too_late_are_warned_of_at_once() -> None:
    """In a plan and in a run, not only in all that there is to say: what they own is not there."""
    show = (
        "{like: drop, title: Late, viewers: 2_000, show: {start: 2026-11-29 20:00, length: 20min, "
        "refresh: 20s, currency: CNY}, products: {cup: {price: 90, unit_cost: 30, owned: 5, "
        "orders_per_1000: 20, arriving: {lorry: {units: 50, on: 2026-11-29 20:20}}}}}\n"
    )
    said = "cup: 50 units (lorry) will arrive once cup is off offer and be left over."
    for found in (
        livesim.plan(show, replications=50, workers=1),
        livesim.simulate(show, replications=50, workers=1),
    ):
        assert said in " ".join(str(found).split())
        assert " ".join(plain(views.full(found)).split()).count(said) == 1, "once is enough"


def test_prices_below_their_costs_are_warned_of_in_a_line() -> None:
    """A digit too few in a price: the plan buys none, and its short answer says why."""
    cheap = {"show.length": "20min", "products.serum.price": 45}
    told = "serum: its price of CNY 45 is less than a unit costs (CNY 80)."
    both = cheap | {"products.mask.price": 12}
    for changes, said in ((cheap, told), (both, "Cost more than they bring: serum and mask.")):
        found = livesim.plan(resolve_file("brand_room", changes), replications=50, workers=1)
        assert said in " ".join(str(found).split())
        assert " ".join(plain(views.full(found)).split()).count(told) == 1


def test_what_pays_to_be_left_over_is_warned_of_first() -> None:
    """A slip in left_over_value: what is bought then is nonsense, and the short answer says why."""
    slip = {"products.serum.left_over_value": 85, "supply.budget": 50_000}
    told = "serum: a unit left over is worth CNY 85, more than it costs (CNY 80)."
    both = slip | {"products.mask.left_over_value": 31}
    several = "Worth more left over than they cost or bring: serum and mask."
    for changes, said in ((slip, told), (both, several)):
        resolved = resolve_file("brand_room", {"show.length": "20min"} | changes)
        found = livesim.plan(resolved, replications=50, workers=1)
        short = " ".join(str(found).split())
        assert short.partition("! ")[2].startswith(said), "before all else"
        assert " ".join(plain(views.full(found)).split()).count(told) == 1


def test_the_page_says_what_keeps_a_recommendation_out_of_its_good_range() -> None:
    """In the same line, as the table does: here a minimum order that does not pay."""
    show = livesim.load(
        "{like: brand_room, title: Few, viewers: 2_000, show: {start: 2026-11-29 20:00, "
        "length: 20min, refresh: 20s, currency: CNY}, supply: {minimum_order: 5_000}, products: "
        "{serum: {label: Hydrating serum, price: 90, "
        "unit_cost: 30, owned: 5, orders_per_1000: 20}}}\n"
    )
    plan = livesim.plan(show, replications=100, workers=1)
    (item,) = plan.items
    assert item.recommended == 5 < item.good_range[0]
    assert _item(plan, item)["outside"] == "minimum order"
    with naming([plan.scenario]):
        assert _item(plan, item)["order_called"] == "Hydrating serum", (
            "as the slider's note says it"
        )
    roomy = replace(item, good_range=(0, 10))
    assert _item(plan, roomy)["outside"] == ""


def test_what_contradicts_an_observation_is_not_told_a_second_time(planned: Planned) -> None:
    """That more may be wanted than was sold when it was sold out is the same thought."""
    plan, _ = planned
    observed = {"sold": 40, "sold_out": True, "viewers": 500}
    scenario = plan.curves.scenario.with_changes({"products.mask.observed": observed})
    curves = replace(plan.curves, scenario=scenario)
    for contradicts, warnings in ((True, 1), (False, 1)):
        found = Evidence("mask", 40.0, 500.0, "gone", 0.5, 0.01, contradicts)
        shown = page_of(planned, curves=curves, evidence=(found,))
        lines = [line for line in lines_of(shown) if "mask" in line and line.startswith("!")]
        assert len(lines) == warnings, lines
        assert ("Does not fit" in lines[0]) is contradicts


@pytest.mark.parametrize(
    ("now", "then", "said"),
    [
        (-142.0, -204.0, "the worst 10 % lose CNY 204 on average (now CNY 142)."),
        (711.0, -204.0, "the worst 10 % lose CNY 204 on average (now make CNY 711)."),
        (711.0, 940.0, "the worst 10 % make CNY 940 on average (now CNY 711)."),
        (-204.0, -204.2, "the worst 10 % lose CNY 204 on average."),
    ],
)
def test_what_the_worst_shows_make_or_lose_is_said_in_words(
    planned: Planned, now: float, then: float, said: str
) -> None:
    first, second, *others = planned[0].choices
    changed = (replace(first, worst=now), replace(second, worst=then, loss=first.loss), *others)
    assert said in text_of(planned, choices=changed)


def test_what_a_purchase_does_not_change_is_not_said_twice(planned: Planned) -> None:
    """ "A loss in 0 % of shows (now 0 %)" stood where only the worst shows change."""
    now, then, *others = planned[0].choices
    choices = (replace(now, worst=711.0), replace(then, worst=940.0, loss=now.loss), *others)
    said = text_of(planned, choices=choices)
    assert f"a loss in {percent(now.loss.chance)} of shows; the worst 10 %" in said
