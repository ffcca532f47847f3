"""`livesim.figures`: each figure by its name, on axes of somebody's or as one of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator

import livesim
from livesim import figures
from livesim.errors import UsageError
from livesim.planning.recommendation import Plan
from livesim.report import views
from livesim.report.drawing import drawing, for_phones, on_phone
from livesim.report.paper import GivenAxes
from livesim.results import Result
from livesim.results.answer import Answer

Ask = Callable[[str], Answer]
KINDS = (
    *("result", "comparison", "sweep", "plan", "explanation", "incubation", "calibration"),
    *("backtest", "live"),
)


def by_name(answer: Answer, name: str, axes: Any = None) -> Any:
    """Draw a figure as somebody does who reads its name in ``answer.figures()``."""
    if isinstance(answer, Plan) and name.startswith("stock_"):
        return figures.stock(answer, axes, item=name.removeprefix("stock_"))
    if isinstance(answer, livesim.Sweep) and name != "profit":
        if name == "sales":
            return figures.lines(answer, axes, measure=name)
        measure, product = next(
            (m, name.removeprefix(f"{m}_")) for m in ("sold_out", "demand") if name.startswith(m)
        )
        return figures.lines(answer, axes, measure=measure, product=product)
    return getattr(figures, name)(answer, axes)


def drawn(panel: Axes) -> list[Any]:
    """Return what data a panel shows, and what it says of its axes.

    Of the marks of a scale, as many are drawn as have room: only names must be the same.
    """
    named = isinstance(panel.yaxis.get_major_locator(), FixedLocator)
    return [
        [np.nan_to_num(line.get_xydata().astype(float)).tolist() for line in panel.lines],
        [[path.vertices.tolist() for path in one.get_paths()] for one in panel.collections],
        [one.get_path().vertices.tolist() for one in panel.patches],
        [one.get_text().split() for one in (panel.xaxis.label, panel.yaxis.label)],
        [one.get_text().split() for one in panel.get_yticklabels() if named],
        [panel.get_xlim(), panel.get_ylim(), panel.get_xscale(), panel.get_yscale()],
        [one.get_text() for one in panel.texts],
    ]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_figure_is_the_same_on_axes_and_in_a_part_of_a_figure(ask: Ask, kind: str) -> None:
    answer = ask(kind)
    for name, own in answer.figures().items():
        alone = by_name(answer, name)
        assert isinstance(alone, Figure)
        number = len(own.axes)
        grid = Figure(figsize=(9, 3 * number), layout="constrained").subplots(number, squeeze=False)
        assert by_name(answer, name, grid) is grid
        part = Figure(figsize=(18, 9), layout="constrained").subfigures(1, 2)[0]
        assert by_name(answer, name, part) is part
        for place, panel in enumerate(own.axes):
            if panel.get_ylabel() != "rundown":  # whose names are where they have room
                shown = drawn(panel)
                for axes in (alone.axes, part.axes):
                    assert drawn(axes[place]) == shown, name
                if name == "tornado":  # inside, it has room for what stands beside it
                    del shown[5]
                    assert drawn(grid.ravel()[place])[:5] == shown[:5]
                else:
                    assert drawn(grid.ravel()[place]) == shown, name
        words = " ".join(own.get_suptitle().split())
        title = " ".join(grid.ravel()[0].get_title(loc="left").split())
        assert title.startswith(words)
        assert " ".join(part.get_suptitle().split()) == words


@pytest.mark.slow
def test_four_figures_in_a_grid_of_a_notebook(ask: Ask) -> None:
    figure, axes = plt.subplots(2, 2, figsize=(12, 9), layout="constrained")
    figures.viewers(ask("result"), axes[0, 0])  # type: ignore[arg-type]
    figures.overview(ask("plan"), axes[0, 1])  # type: ignore[arg-type]
    figures.tornado(ask("plan"), axes[1, 0])  # type: ignore[arg-type]
    figures.lines(ask("sweep"), axes[1, 1])  # type: ignore[arg-type]
    assert len(figure.axes) == 4 and not figure.legends and not figure.get_suptitle()
    assert all(one.lines and one.get_title(loc="left") for one in axes.ravel())
    assert "minutes" in axes[0, 0].get_xlabel()  # which is below the rundown where it is drawn
    figure.draw_without_rendering()
    boxes = []
    for one in axes.ravel():
        (title,) = (t for t in one.findobj(Text) if t.get_text() == one.get_title(loc="left"))
        boxes.append(title.get_window_extent())
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width for box in boxes)
    assert boxes[0].x1 < boxes[1].x0 and boxes[2].x1 < boxes[3].x0
    plt.close(figure)


def beyond(axes: Axes) -> set[Text]:
    """Return the marks beyond the ends of the axes, which are not drawn."""
    return {
        tick.label1
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }


def inside(figure: Figure) -> bool:
    """Say whether all texts of a figure lie on it."""
    figure.draw_without_rendering()
    texts = {one for one in figure.findobj(Text) if isinstance(one, Text)}
    texts -= {mark for axes in figure.axes for mark in beyond(axes)}
    boxes = [one.get_window_extent() for one in texts if one.get_text() and one.get_visible()]
    width, height = figure.bbox.width, figure.bbox.height
    return all(
        box.x0 >= -1 and box.x1 <= width + 1 and box.y0 >= -1 and box.y1 <= height + 1
        for box in boxes
    )


@pytest.mark.parametrize("width", [4.5, 5.0, 7.0])
def test_a_tornado_keeps_inside_small_axes(planned: tuple[Plan, Any], width: float) -> None:
    figure = Figure(figsize=(width, 4.5), layout="constrained")
    figures.tornado(planned[0], figure.subplots())
    assert planned[0].drivers and inside(figure)
    (axes,) = figure.axes
    bars = [one.get_window_extent() for one in axes.patches if one.get_width()]  # type: ignore[attr-defined]
    texts = [one.get_window_extent() for one in axes.texts]
    assert not any(bar.count_overlaps(texts) for bar in bars)
    key = axes.get_legend()
    assert key is not None
    box = key.get_window_extent()
    assert not box.count_overlaps([*bars, *texts]) and box.x0 < axes.bbox.x0 + 20
    (title,) = (t for t in axes.findobj(Text) if t.get_text() == axes.get_title(loc="left"))
    assert title.get_window_extent().x0 < axes.bbox.x0 - 20  # where the names of rows begin


def within(one: Any, other: Any) -> bool:
    """Say whether a box is inside of another."""
    return bool(
        one.x0 >= other.x0 and one.x1 <= other.x1 and one.y0 >= other.y0 and one.y1 <= other.y1
    )


def apart(figure: Figure) -> bool:
    """Say whether names touch no names, texts and keys those of no other panel, keys no panel.

    But for a key that is inside of its own.
    """
    figure.draw_without_rendering()
    texts, keys = {}, {}
    for axes in figure.axes:
        names = [name.get_window_extent() for name in axes.get_yticklabels() if name.get_text()]
        assert not any(name.count_overlaps(names) > 1 for name in names)
        beside = [*axes.get_yticklabels(), *axes.get_xticklabels(), *axes.texts]
        title = next(t for t in axes.findobj(Text) if t.get_text() == axes.get_title(loc="left"))
        shown = {title, axes.xaxis.label, axes.yaxis.label, *beside} - beyond(axes)
        texts[axes] = [one.get_window_extent() for one in shown if one.get_text()]  # type: ignore[attr-defined]
        keys[axes] = [key.get_window_extent()] if (key := axes.get_legend()) else []
    return not any(
        box.count_overlaps([b for axes in figure.axes if axes is not own for b in others[axes]])
        for own in figure.axes
        for box in texts[own] + keys[own]
        for others in (texts, keys)
    ) and not any(
        key.count_overlaps([a.bbox for a in figure.axes if not (a is own and within(key, a.bbox))])
        for own, of_it in keys.items()
        for key in of_it
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("error:constrained_layout")
@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize(
    ("size", "rows", "columns"), [((7, 4.5), 2, 3), ((12, 9), 2, 3), ((22, 13), 2, 3)]
)
def test_figures_of_any_size_keep_to_their_place(
    ask: Ask, size: tuple[float, float], rows: int, columns: int, code: str
) -> None:
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(rows, columns).ravel()
    with figures.speaking(code):
        figures.tornado(ask("plan"), axes[0])  # type: ignore[arg-type]
        figures.overview(ask("plan"), axes[1])  # type: ignore[arg-type]
        figures.viewers(ask("result"), axes[2])  # type: ignore[arg-type]
        figures.shares(ask("explanation"), axes[3])  # type: ignore[arg-type]
        figures.talent(ask("incubation"), axes[4])  # type: ignore[arg-type]
        figures.times(ask("plan"), axes[5])  # type: ignore[arg-type]
        assert inside(figure) and apart(figure)


@pytest.mark.parametrize("size", [(3.2, 2.4), (4, 3), (4.5, 3), (20, 6)])
@pytest.mark.filterwarnings("error:constrained_layout")
def test_a_tornado_keeps_a_panel_of_its_own(
    planned: tuple[Plan, Any], size: tuple[float, float]
) -> None:
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    with figures.speaking("zh" if size[0] > 5 else "en"):
        figures.tornado(planned[0], axes)
        assert inside(figure) and apart(figure)
    assert axes.bbox.height > 0.3 * figure.bbox.height
    low, high = axes.get_xlim()
    places = zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
    marks = [label.get_window_extent() for place, label in places if low <= place <= high]
    assert not any(one.count_overlaps(marks) > 1 for one in marks)


@pytest.mark.parametrize("name", ["overview", "times", "tornado"])
def test_without_a_layout_a_key_is_below_the_rows(planned: tuple[Plan, Any], name: str) -> None:
    """There was none, and what blue and orange were was not said."""
    figure = Figure(figsize=(5.12, 3.84))
    axes = figure.subplots()
    getattr(figures, name)(planned[0], axes)
    figure.draw_without_rendering()
    key = axes.get_legend().get_window_extent()
    rows = axes.transData.transform([(0, place) for place in axes.get_yticks()])[:, 1]
    assert within(key, axes.bbox) and key.y1 < min(rows)
    assert {one.get_text() for one in axes.get_legend().get_texts()} >= {
        "overview": {"wanted: the middle show"},
        "times": {"on offer", "half of shows"},
        "tornado": {"if low", "if high"},
    }[name]


@pytest.mark.parametrize("code", ["en", "zh"])
def test_without_a_layout_axes_keep_their_units(result: Result, code: str) -> None:
    """There was "orders …" and room for all of it."""
    for draw in (figures.orders, figures.viewers):
        axes = Figure(figsize=(3.75, 2.8)).subplots()
        with figures.speaking(code):
            draw(result, axes)
        assert axes.get_ylabel().endswith("]") and "\n" not in axes.get_ylabel()


def test_names_of_rows_are_folded_once() -> None:
    """Lines of Chinese were folded again, each where the first lines had ended."""
    name = "\u73bb\u5c3f\u9178\u6df1\u5c42\u4fdd\u6e7f\u4fee\u62a4\u7cbe\u534e\u6db2" * 2
    with drawing():
        paper = GivenAxes([Figure(figsize=(5.12, 3.84)).subplots()])
        axes = paper.rows([name, "tee"], 0.3)
        axes.set_ylim(-0.6, 1.4)
        paper.head("A show")
        paper.finish()
    lines = axes.get_yticklabels()[0].get_text().split("\n")
    assert "".join(lines) == name and len({*map(len, lines[:-1])}) == 1
    assert axes.get_yticklabels()[0].get_fontsize() == 7


@pytest.mark.slow
def test_figures_without_a_layout_keep_to_their_place(ask: Ask) -> None:
    figure = Figure(figsize=(8, 6))
    axes = figure.subplots(2, 2).ravel()
    figures.tornado(ask("plan"), axes[0])  # type: ignore[arg-type]
    figures.overview(ask("plan"), axes[1])  # type: ignore[arg-type]
    figures.viewers(ask("result"), axes[2])  # type: ignore[arg-type]
    figures.shares(ask("explanation"), axes[3])  # type: ignore[arg-type]
    assert inside(figure) and apart(figure)


def test_more_rows_than_have_room_have_small_names(planned: tuple[Plan, Any]) -> None:
    plan, item = planned[0], planned[0].items[2]
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    figures.overview(replace(plan, items=(item,) * 30), axes)
    figure.draw_without_rendering()
    names = [one.get_window_extent() for one in axes.get_yticklabels()]
    assert not any(one.count_overlaps(names) > 1 for one in names)


def test_a_stock_curve_of_billions_is_not_cut(planned: tuple[Plan, Any]) -> None:
    plan, item = planned[0], planned[0].items[2]
    curve, many = item.curve, 100_000_000
    figured = {name: many * figure for name, figure in curve.figures.items()}
    figured |= {name: curve.figures[name] for name in curve.figures if "_a" in name}
    more = replace(curve, levels=many * curve.levels, figures=figured)
    whole = replace(
        item,
        curve=more,
        then=more,
        now=more,
        recommended=many * item.recommended,
        good_range=(many * item.good_range[0], many * item.good_range[1]),
    )
    figure = figures.stock(replace(plan, items=(whole,)))
    assert inside(figure)
    assert any(" bn" in text.get_text() for text in figure.axes[0].get_legend().get_texts())


def test_figures_speak_a_language(planned: tuple[Plan, Any]) -> None:
    with figures.speaking("zh"):
        own = figures.tornado(planned[0])
    (axes,) = figure_axes = own.axes
    assert len(figure_axes) == 1 and "信息" in axes.texts[0].get_text()
    assert "what decides it" in figures.tornado(planned[0]).get_suptitle()
    every = planned[0].figures("zh")
    assert every["tornado"].get_suptitle() == own.get_suptitle()
    with pytest.raises(UsageError), figures.speaking("xx"):
        pass


def test_an_explanation_draws_what_makes_a_difference(ask: Ask) -> None:
    found = ask("explanation")
    assert isinstance(found, livesim.Explanation)
    first, *_ = found.shares.inputs
    small = replace(first, first=replace(first.first, value=0.004), total=None)
    many = replace(found.shares, inputs=(first, small, small))
    figure = figures.shares(replace(found, shares=many))
    rows = len(figure.axes[0].get_yticklabels()) - (found.chance is not None)
    assert rows == 1
    assert "2 more inputs: less than 1 % each" in " ".join(figure.get_suptitle().split())


def test_an_incubators_intervals_stand_side_by_side(ask: Ask) -> None:
    found = ask("incubation")
    assert isinstance(found, livesim.Incubation)
    longer = [replace(one, design=replace(one.design, length=3600.0)) for one in found.designs]
    figure = figures.tried(replace(found, designs=(*found.designs, *longer)))
    bars = [one.get_segments() for one in figure.axes[1].collections]
    places = [float(segment[0][0]) for each in bars for segment in each]
    assert len(bars) > 1 and len({*places}) == len(places)
    tried = {one.design.tried for one in found.designs}
    assert {*figure.axes[1].get_xticks()} == tried  # no half candidates


def test_the_key_shows_a_mark_as_upright_as_it_is(ask: Ask) -> None:
    figure = figures.wanted(ask("live"))  # type: ignore[arg-type]
    (key,) = figure.legends
    (mark,) = (one for one in key.get_lines() if one.get_label() == "units put on sale")
    assert mark.get_marker() == "|" and mark.get_linestyle() == "None"


def test_a_key_of_a_phone_is_whole_where_something_is_owned_and_bought(
    planned: tuple[Plan, Any],
) -> None:
    plan = planned[0]
    item = replace(plan.items[2], purchase=600, recommended=900, owned=300)
    with for_phones():
        figure = figures.overview(replace(plan, items=(item,)))
    (key,) = figure.legends
    assert len(key.get_texts()) == 4
    box = key.get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.width


def test_the_overview_of_many_has_what_most_is_spent_for(planned: tuple[Plan, Any]) -> None:
    plan, item = planned[0], planned[0].items[2]
    owned = replace(item, purchase=0, cost=0.0, recommended=900, owned=900)
    bought = replace(item, purchase=6, cost=120.0, recommended=10, owned=4)
    figure = figures.overview(replace(plan, items=(bought, *[owned] * 45)))
    assert "of 6 more items, nothing is bought" in " ".join(figure.get_suptitle().split())
    nothing = figures.overview(replace(plan, items=(owned,) * 46))
    assert "; the 40 of which you have most" in " ".join(nothing.get_suptitle().split())
    every = figures.overview(replace(plan, items=(bought,) * 46))
    assert "for 6 more items, less is spent" in " ".join(every.get_suptitle().split())
    widths = [one.get_width() for one in figure.axes[0].patches]
    assert 6 in widths


@pytest.mark.slow
def test_a_folder_draws_each_figure_once(
    planned: tuple[Plan, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And those of the page once more for phones."""
    drawn_wide, drawn_narrow, draw_whole = [], [], views.whole

    def counted(draw: Callable[[Any], None]) -> Figure:
        (drawn_narrow if on_phone() else drawn_wide).append(draw)
        return draw_whole(draw)

    monkeypatch.setattr(views, "whole", counted)
    kept = views.files(planned[0])
    assert len(drawn_wide) == sum(name.endswith(".png") for name in kept) == 6
    assert len(drawn_narrow) == 3


def test_names_are_no_formulas_on_given_axes(ask: Ask) -> None:
    axes = Figure().subplots()
    figures.profit(ask("comparison"), axes)  # type: ignore[arg-type]
    assert [one.get_text() for one in axes.get_yticklabels()] == ["$ other"]
    assert not any(one.get_parse_math() for one in (axes.xaxis.label, *axes.get_yticklabels()))


def test_labels_are_on_figures_drawn_one_by_one() -> None:
    show = livesim.load(
        "scenarios/brand_room.yaml",
        {"show.length": "20min", "products.serum.label": "Hydrating serum"},
    )
    figure = figures.stock(livesim.simulate(show, replications=50, workers=1))
    assert figure.axes[0].get_title(loc="left") == "Hydrating serum"


def test_a_stock_of_nothing_has_whole_units_on_its_axis() -> None:
    """Its axis went from 0 to 0.04 units."""
    changed = {f"products.{name}.owned": 0 for name in ("serum", "lip_tint", "mask")}
    show = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min", **changed})
    panel, *_ = figures.stock(livesim.simulate(show, replications=50, workers=1)).axes
    assert panel.get_ylim() == (0, 1)
    assert set(panel.get_yticks()) <= {-1, 0, 1, 2}


def test_what_has_no_units_beside_others_is_named_and_not_drawn() -> None:
    changed = {"show.length": "20min", "products.mask.owned": 0}
    show = livesim.load("scenarios/brand_room.yaml", changed)
    figure = figures.stock(livesim.simulate(show, replications=50, workers=1))
    names = [one.get_title(loc="left") for one in figure.axes]
    assert names == ["serum", "lip_tint", ""]  # and the rundown
    assert "no units: mask" in figure.get_suptitle()
    assert not figure.legends  # each panel has its name
    assert not any(one.get_legend() for one in figure.axes)


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda plan, _: figures.viewers(plan), "viewers: this plan has no such figure"),
        (lambda plan, _: figures.profit(plan), "it has overview, stock_serum.small"),
        (lambda _, __: figures.tornado("plan"), "what livesim answered with is needed"),  # type: ignore[arg-type]
        (lambda plan, _: figures.tornado(replace(plan, drivers=())), "no such figure"),
        (lambda plan, axes: figures.tornado(plan, [axes, axes]), "2 given, and 1 needed"),
        (lambda plan, axes: figures.times(plan, [axes] * 3), "3 given, and 1 or 2 needed"),
        (lambda plan, axes: figures.stock(plan, axes, item="mask"), r"subplots\(3, 1\)"),
        (lambda plan, _: figures.tornado(plan, "here"), "Axes are needed"),
        (lambda plan, _: figures.tornado(plan, []), "Axes are needed"),
        (lambda plan, _: figures.stock(plan), "item: one of serum.small, serum.large, mask"),
        (lambda plan, _: figures.stock(plan, item="soap"), "not 'soap'"),
        (lambda plan, _: figures.lines(plan), "a Sweep is needed"),
        (lambda plan, _: figures.lines({"a": plan}), "a Sweep is needed"),
        (lambda _, __: figures.lines({}), "no sweep"),
    ],
)
def test_what_does_not_suit_is_told(
    planned: tuple[Plan, Any], draw: Callable[[Plan, Axes], Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        draw(planned[0], Figure().subplots())


def test_a_stock_of_a_run_is_not_by_item(ask: Ask) -> None:
    with pytest.raises(UsageError, match="only the stock of a plan"):
        figures.stock(ask("result"), item="serum")  # type: ignore[arg-type]


def test_the_only_item_needs_no_name(planned: tuple[Plan, Any]) -> None:
    plan = planned[0]
    assert len(figures.stock(replace(plan, items=plan.items[2:])).axes) == 3


def test_a_phone_moves_no_panel_of_given_axes(planned: tuple[Plan, Any]) -> None:
    axes = Figure(figsize=(9, 4)).subplots()
    before = axes.get_position().bounds
    with for_phones():
        figures.overview(planned[0], axes)
    assert axes.get_position().bounds == before


def test_every_public_function_says_which_figures_it_draws() -> None:
    for name in {*figures.__all__} - {"speaking"}:
        text = getattr(figures, name).__doc__
        assert all(part in text for part in ("Parameters", "Returns", "Raises", "Examples"))
