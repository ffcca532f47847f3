"""The figures of a plan: what they draw, and that the same plan gives the same bytes."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_texts import texts_of
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from livesim import report
from livesim.planning.columns import level_columns
from livesim.planning.drivers import Driver
from livesim.planning.recommendation import Plan
from livesim.report.drawing import for_phones, image_files
from livesim.report.html import Drawn, html
from livesim.report.labels import label
from livesim.report.pages import Page
from livesim.report.views import figures, files, html_page
from livesim.report.wording import percent
from livesim.resolve import Resolution
from livesim.results.intervals import Estimate

Planned = tuple[Plan, Resolution]


@pytest.mark.slow
def test_a_figure_an_item_and_the_tornado(planned: Planned) -> None:
    shown = figures(planned[0])
    names = ["stock_serum.small", "stock_serum.large", "stock_mask"]
    assert list(shown) == ["overview", *names, "times", "tornado"]
    assert [len(figure.axes) for figure in shown.values()] == [1, 3, 3, 3, 2, 1]


@pytest.mark.slow
def test_the_overview_has_what_to_have_beside_what_is_wanted(planned: Planned) -> None:
    items = sorted(planned[0].items, key=lambda item: item.recommended)
    axes = figures(planned[0])["overview"].axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [item.name for item in items]
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == [*(item.owned for item in items), *(item.purchase for item in items)]
    ends = [[float(x) for x, _ in line] for line in axes.collections[0].get_segments()]
    assert ends == [[item.demand.p10, item.demand.p90] for item in items]


def test_the_longest_bar_of_the_overview_does_not_touch_the_frame(planned: Planned) -> None:
    plan, _ = planned
    owned = (replace(plan.items[0], owned=900, purchase=0, recommended=900), *plan.items[1:])
    for one in (plan, replace(plan, items=owned)):
        axes = figures(one)["overview"].axes[0]
        ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
        assert axes.get_xlim()[1] > 1.03 * max(ends)


def test_a_tornado_explains_bars_that_are_missing_and_what_is_not_significant(
    planned: Planned,
) -> None:
    plan, _ = planned
    here, (driver, *_) = plan.decision.units, plan.drivers
    moves = tuple(number + 6 for number in here)
    sure = replace(
        driver, low=moves, high=moves, value_of_information=Estimate(5.0, 4.0, 0.0, 0.0, 0.0)
    )
    assert sure.significant

    def told(one: Driver) -> set[str]:
        (legend,) = figures(replace(plan, drivers=(one,)))["tornado"].legends
        return {text.get_text() for text in legend.get_texts()} - {"recommended"}

    assert told(sure) == {"if low", "if high"}
    assert told(replace(sure, low=here)) - told(sure) == {"no bar: as recommended"}
    unsure = replace(sure, value_of_information=Estimate(5.0, 6.0, 0.0, 0.0, 0.0))
    assert told(unsure) - told(sure) == {"not significant: maybe 0"}


def test_the_legend_names_only_what_is_drawn(planned: Planned) -> None:
    plan, _ = planned
    nothing = tuple(replace(item, purchase=0, recommended=item.owned) for item in plan.items)

    def named(one: Plan) -> set[str]:
        (legend,) = figures(one)["overview"].legends
        return {text.get_text() for text in legend.get_texts()}

    assert named(plan) >= {"you own", "buy"}
    assert "buy" not in named(replace(plan, items=nothing))


def test_the_stock_curve_is_the_plans(planned: Planned) -> None:
    plan, _ = planned
    item = plan.items[2]
    profit, chance, times = figures(plan)["stock_mask"].axes
    columns = level_columns(item.curve)
    line = profit.lines[0]
    drawn = len(line.get_xdata())
    assert np.array_equal(line.get_xdata(), columns["units"][:drawn])
    assert np.array_equal(line.get_ydata(), columns["earns"][:drawn])
    (band, *_) = profit.collections
    edges = {round(float(y), 6) for y in band.get_paths()[0].vertices[:, 1]}
    assert {round(float(y), 6) for y in columns["earns_high"][:drawn]} <= edges
    assert np.array_equal(chance.lines[0].get_ydata(), 100 * columns["unavailable"][:drawn])
    for line, name in zip(times.lines, ("p10", "p50", "p90"), strict=False):
        minutes = columns[f"unavailable_after_{name}"][:drawn] / 60
        finite = np.isfinite(minutes)
        assert np.array_equal(np.asarray(line.get_ydata())[finite], minutes[finite])
        assert np.isnan(np.asarray(line.get_ydata())[~finite]).all()


def remarks(figure: Figure) -> dict[str, float]:
    """Return what a stock curve says of its sides, and where it ends [1 of the width]."""
    return {one.get_text(): one.get_position()[0] for one in figure.axes[0].texts}


def test_a_side_of_the_best_is_called_what_it_is(planned: Planned) -> None:
    """Of much more than would be best, all below was called too few, as the least that can be had.

    And of a budget that buys fewer units than would be best, more up to there are not too many.
    """
    item = planned[0].items[2]
    columns = level_columns(item.curve)
    units, last = columns["units"], int(columns["units"][-1])
    best = int(units[np.argmax(columns["earns"])])
    assert 1 < best < 0.7 * last

    def told(**changed: Any) -> dict[str, float]:
        plan = replace(planned[0], items=(replace(item, **changed),))
        return remarks(figures(plan)["stock_mask"])

    few, many = "too few: sales are lost", "too many: left over"
    owned = told(owned=last, recommended=last, good_range=(last, last))
    assert many in owned and owned.get(few, 0.0) <= best / last
    poor = told(owned=0, recommended=1, good_range=(1, 1))
    assert few not in poor and many in poor
    usual = told(owned=0, recommended=best, good_range=(best, best + 1))
    assert usual[few] < usual[many]


def test_a_stock_curve_ends_where_it_is_known(planned: Planned) -> None:
    item = planned[0].items[2]
    last = level_columns(item.curve)["units"][-1]
    known = replace(item, owned=int(last), recommended=int(last), good_range=(1, int(last)))
    axes = figures(replace(planned[0], items=(known,)))["stock_mask"].axes[0]
    assert last < axes.get_xlim()[1] < 1.05 * last


def test_marks_of_a_logarithmic_overview_stand_apart(planned: Planned) -> None:
    """Its lowest two, 0 and 100, lay on each other where 1,000 was usual."""
    plan, item = planned[0], planned[0].items[2]
    usual = [replace(item, demand=replace(item.demand, p90=900.0 + n)) for n in range(5)]
    much = replace(item, demand=replace(item.demand, p90=80_000.0), owned=40_000)
    with for_phones():
        figure = figures(replace(plan, items=(*usual, much)))["overview"]
    figure.draw_without_rendering()
    assert figure.axes[0].get_xscale() == "symlog"
    marks = [
        text.get_window_extent()
        for text in texts_of(figure)
        if text in figure.axes[0].get_xticklabels()
    ]
    assert len(marks) > 2 and not any(one.count_overlaps(marks) > 1 for one in marks)


@pytest.mark.slow
@pytest.mark.parametrize("number", [8, 19, 20, 22, 24, 40])
def test_names_of_many_items_can_be_read_on_paper(planned: Planned, number: int) -> None:
    """A sheet of A4 leaves 19 cm by 27 cm, and the page's style leaves a figure less."""
    plan, item = planned[0], planned[0].items[2]
    many = replace(plan, items=(item,) * number, drivers=())
    figure = figures(many)["overview"]
    style = (Path(report.__file__).parent / "page" / "page.css").read_text("utf-8")
    image = image_files({"one": figure}.items(), "svg")["one.svg"]
    shown = html(Page("one", ()), [Drawn("one", image, image, "one")])
    kind = ".tall" if '<figure class="tall">' in shown else ""
    (most,) = re.findall(rf"figure{kind} img {{ max-height: ([\d.]+)cm", style)
    wide, high = 2.54 * figure.get_size_inches()
    scale = min(19 / wide, float(most) / high, 1.0)
    assert float(most) < 26
    assert min(text.get_fontsize() for text in texts_of(figure)) * scale > 7


def test_the_marks_are_the_plans(planned: Planned) -> None:
    plan, _ = planned
    item = replace(plan.items[2], owned=7, recommended=22, good_range=(15, 31))
    marked = replace(plan, items=(item,))
    for axes in figures(marked)["stock_mask"].axes:
        upright = [line for line in axes.lines if len(set(line.get_xdata())) == 1]
        assert [float(line.get_xdata()[0]) for line in upright] == [7, 22]
        (span,) = axes.patches
        assert (span.get_x(), span.get_x() + span.get_width()) == (15, 31)
        assert axes.get_xlim()[0] == 0 and axes.get_xlim()[1] > 31


def test_the_tornado_spans_what_would_be_bought(planned: Planned) -> None:
    plan, _ = planned
    axes = figures(plan)["tornado"].axes[0]
    labels = [tick.get_text().replace("\n", " ") for tick in axes.get_yticklabels()]
    assert labels == [label(driver.path) for driver in plan.drivers[::-1]]
    ends = {round(edge, 6) for bar in axes.patches for edge in (bar.get_x() + bar.get_width(),)}
    for driver in plan.drivers:
        for units in (driver.low, driver.high):
            cost = sum(
                (have - item.owned) * item.unit_cost
                for have, item in zip(units, plan.curves.items, strict=True)
            )
            assert round(cost, 6) in ends


@pytest.mark.slow
@pytest.mark.parametrize(("error", "said"), [(4.0, "CNY 5 ± 4"), (6.0, "not significant")])
def test_the_tornado_says_what_knowing_is_worth(planned: Planned, error: float, said: str) -> None:
    driver = replace(
        planned[0].drivers[0], value_of_information=Estimate(5.0, error, 0.0, 0.0, 0.0)
    )
    figure = figures(replace(planned[0], drivers=(driver,)))["tornado"]
    figure.draw_without_rendering()
    texts = figure.axes[0].texts
    assert all(text.get_window_extent().x1 <= figure.bbox.width for text in texts)
    assert [" ".join(text.get_text().split()) for text in texts] == ["value of information", said]


def test_nothing_uncertain_has_no_tornado(planned: Planned) -> None:
    assert "tornado" not in figures(replace(planned[0], drivers=()))


def test_the_times_are_those_of_the_curves(planned: Planned) -> None:
    """A band grows with the share of shows that are without stock, to that which is told."""
    plan = planned[0]
    strip, axes = figures(plan)["times"].axes
    (slots,) = strip.collections
    assert len(slots.get_paths()) == len(plan.scenario.rundown)
    bands = [one for one in axes.collections if isinstance(one, PolyCollection)]
    names = [one.get_text() for one in axes.get_yticklabels()]
    assert sorted(names) == sorted(item.name for item in plan.items)
    for item in plan.items:
        row = names.index(item.name)
        level = int(item.curve.levels.searchsorted(item.recommended, side="right")) - 1
        gone = (
            item.curve.figures["link_at"][:, level]
            + (item.curve.figures["unavailable_after"][:, level])
        )
        (path,) = bands[row].get_paths()
        moments, places = path.vertices.T
        assert min(moments) == pytest.approx(min(gone) / 60), "a hair came before, from 0 on"
        for moment in moments:
            thick = 2 * max(abs(places[moments == moment] - row))
            assert thick == pytest.approx(0.8 * np.mean(gone <= 60 * moment))
        last = 2 * max(abs(places[moments == max(moments)] - row))
        assert last == pytest.approx(0.8 * item.unavailable_then.chance)
        assert len({*moments}) <= 42, "a page of 80 products has room for no more"


LONG = {
    "serum": "Hydrating hyaluronic serum, gift box of thirty",
    "mask": "\u0e25\u0e34\u0e1b\u0e17\u0e34\u0e19\u0e17\u0e4c" * 4,  # Thai: no spaces
}


@pytest.fixture(scope="module")
def named_at_length(make_plan: Callable[..., Planned], small_show: str) -> Plan:
    """A plan whose products have long names, in a script that this machine may have no font for."""
    text = small_show
    for name, called in LONG.items():
        text = re.sub(rf"(  {name}:\s*){{", rf'\1{{label: "{called}", ', text)
    return make_plan(text)[0]


@pytest.mark.filterwarnings("ignore:No font on this machine", "ignore:Glyph")
@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("name", ["overview", "times", "tornado"])
def test_long_names_touch_nothing_and_leave_room_to_draw(
    named_at_length: Plan, name: str, phone: bool
) -> None:
    with for_phones() if phone else nullcontext():
        figure = figures(named_at_length)[name]
    figure.draw_without_rendering()
    texts = texts_of(figure)
    boxes = [text.get_window_extent() for text in texts]
    assert any("\n" in text.get_text() for text in texts)
    assert not [(a, b) for a, b in combinations(boxes, 2) if a.overlaps(b)]
    assert all(box.x0 >= -1 and box.x1 <= figure.bbox.width + 1 for box in boxes)
    assert all(axes.bbox.width > 0.35 * figure.bbox.width for axes in figure.axes)


@pytest.mark.slow
def test_who_does_not_see_a_figure_hears_its_axes_its_rows_and_its_key(planned: Planned) -> None:
    """What was said of it was its title alone."""
    overview, times, *_ = re.findall(r'alt="([^"]*)"', html_page(planned[0]))
    assert "axes: units" in overview and "key: wanted: 8 shows of 10; " in overview
    for item in planned[0].items:
        assert item.name in overview
        assert f"{item.name}: {percent(item.unavailable_then.chance)}" in times


def test_slots_that_go_on_are_drawn_as_with_what_is_owned(planned: Planned) -> None:
    plan = planned[0]
    slot = next(iter(plan.scenario.rundown))
    going_on = plan.scenario.with_changes({f"rundown.{slot}.at_sell_out": "next"})
    for scenario, said in ((plan.scenario, False), (going_on, True)):
        shown = replace(plan, curves=replace(plan.curves, scenario=scenario))
        words = [one.get_text() for one in figures(shown)["times"].findobj(Text)]
        assert any("slots as with what you own now" in one for one in words) is said


@pytest.mark.slow
def test_of_many_items_those_are_drawn_that_are_bought_or_earn_most(planned: Planned) -> None:
    plan, _ = planned
    items = tuple(
        replace(
            plan.items[2],
            curve=replace(
                plan.items[2].curve, item=replace(plan.items[2].curve.item, name=f"p{number:02}")
            ),
            earns_then=replace(plan.items[2].earns_then, mean=float(number % 10)),
            purchase=6 * (number in (0, 20)),
        )
        for number in range(22)
    )
    shown = figures(replace(plan, items=items, drivers=()))
    earn_most = {number for number in range(22) if number % 10 > 4}
    drawn = [f"stock_p{number:02}" for number in sorted({0, 20, *earn_most})]
    assert len(drawn) == 12
    assert list(shown) == ["overview", *drawn, "times"]


@pytest.mark.thorough
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_plan_gives_the_same_bytes(planned: Planned, kind: str) -> None:
    few = replace(planned[0], items=planned[0].items[2:])
    first, second = files(few), files(few)
    assert first == second
    name = f"figures/stock_mask.{kind}"
    assert first[name][:4] == (b"\x89PNG" if kind == "png" else b"<?xm")
    low, high = few.items[0].good_range
    other = low if low != few.items[0].recommended else high
    moved = replace(few, items=(replace(few.items[0], recommended=other),))
    assert files(moved)[name] != first[name]


@pytest.mark.slow
def test_a_show_in_which_nothing_is_wanted(planned: Planned) -> None:
    """No demand, no time to a sell-out: everything can still be drawn."""
    plan, _ = planned
    item = plan.items[2]
    zeros = {name: np.zeros_like(figure) for name, figure in item.curve.figures.items()}
    zeros["unavailable_after"] = np.full_like(zeros["unavailable_after"], np.inf)
    nothing = replace(item, curve=replace(item.curve, figures=zeros))
    idle = replace(plan, items=(nothing,), drivers=())
    assert html_page(idle) and image_files(figures(idle).items(), "png")
