"""The figures: what they draw, that they fit, and that the same result gives the same bytes."""

import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from drawn_texts import texts_of
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

import livesim
from livesim.report.drawing import for_phones
from livesim.report.result_figures import _edges
from livesim.report.views import figures, files
from livesim.results import Result
from livesim.scenario.scenario import Scenario

Made = Callable[[Scenario], Result]
NAMES = ["overview", "stock", "viewers", "orders"]


def of_shows(curves: NDArray[np.generic], shares: list[float]) -> NDArray[np.float64]:
    """Return quantiles over the replications, each a value that one of them had."""
    return np.quantile(curves, shares, axis=0, method="inverted_cdf")


@pytest.fixture(scope="module")
def shown(result: Result) -> Mapping[str, Figure]:
    """The figures, to look at only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "matplotlib.pyplot", None)  # whoever imports it fails
        return figures(result)


@pytest.mark.slow
def test_the_figures(shown: Mapping[str, Figure]) -> None:
    """Drawn without the global figures of pyplot."""
    assert list(shown) == NAMES
    panels = [len(figure.axes) for figure in shown.values()]
    assert panels == [4, 4, 2, 2]  # stock: a panel a product
    assert all(axes.get_ylabel() for figure in shown.values() for axes in figure.axes)
    assert all("minutes" in figure.axes[-1].get_xlabel() for figure in shown.values())


@pytest.mark.slow
def test_the_line_is_the_median_and_the_band_its_quantiles(
    result: Result, shown: Mapping[str, Figure]
) -> None:
    axes = shown["viewers"].axes[0]
    curves = result.outcome.timeline["concurrent"]
    assert np.allclose(axes.lines[0].get_ydata(), of_shows(curves, [0.5])[0])
    assert np.allclose(axes.lines[0].get_xdata(), result.outcome.timeline["times"] / 60)
    (band,) = axes.collections
    drawn = {round(float(y), 6) for y in band.get_paths()[0].vertices[:, 1]}
    expected = of_shows(curves, [0.1, 0.9])
    assert {round(float(y), 6) for y in expected.ravel()} <= drawn


@pytest.mark.slow
def test_orders_per_minute_add_up_to_all_orders(
    result: Result, shown: Mapping[str, Figure]
) -> None:
    axes = shown["orders"].axes[0]
    low, middle, high = of_shows(
        np.diff(result.outcome.timeline["orders"], axis=1)
        / np.diff(result.outcome.timeline["times"])
        * 60,
        [0.1, 0.5, 0.9],
    )
    band, line = axes.patches
    assert np.allclose(line.get_data().values, middle)
    assert np.allclose(band.get_data().values, high)
    assert np.allclose(band.get_data().baseline, low)


@pytest.mark.parametrize(
    ("moment", "count", "width"), [(12.5, 24, 12.5), (5, 540, 60), (10, 360, 60), (30, 360, 300)]
)
def test_bins_of_orders_begin_at_round_times(moment: float, count: int, width: float) -> None:
    """Or a bin would begin before the link that its orders came with."""
    times = moment * np.arange(count + 1)
    edges = times[_edges(times)]
    assert set(np.diff(edges[:-1])) == {width} and edges[-1] == times[-1]


def curves_of(figure: Figure) -> dict[str, Line2D]:
    """Return the curves of all panels by their names."""
    lines = [line for axes in figure.axes for line in axes.lines]
    return {line.get_label(): line for line in lines if line.get_label()[0] != "_"}


@pytest.mark.slow
def test_each_product_has_a_panel_of_its_own(result: Result, shown: Mapping[str, Figure]) -> None:
    figure = shown["stock"]
    curves = curves_of(figure)
    assert len(figure.axes) == len(curves) + 1  # and the rundown
    assert list(curves) == list(result.scenario.products)
    for index, name in enumerate(curves):
        (middle,) = of_shows(result.outcome.timeline["on_hand"][:, :, index], [0.5])
        assert np.allclose(curves[name].get_ydata(), middle)
    assert len({line.get_color() for line in curves.values()}) == len(curves)


@pytest.mark.slow
def test_of_many_products_those_are_shown_that_sell_most(brand_room: Scenario, made: Made) -> None:
    part = brand_room.to_data()["products"]["serum"]
    rundown = brand_room.to_data()["rundown"]
    names = [f"product_{number}" for number in range(20)]
    slot = {**next(iter(rundown.values())), "length": "9min", "start": "0s"}
    slots = {
        name: {**slot, "sells": [name], "start": f"{9 * number}min"}
        for number, name in enumerate(names)
    }
    scenario = brand_room.with_changes({"products": dict.fromkeys(names, part), "rundown": slots})
    result = made(scenario)
    figure = figures(result)["stock"]
    shown = {*curves_of(figure)}
    sales = result.outcome.products["sales"].mean(axis=0)
    assert shown == {names[index] for index in np.argsort(sales)[-6:]}
    assert "the 6 that sell most of 20" in figure.get_suptitle()


@pytest.mark.slow
@pytest.mark.parametrize("slots", [1, 36])
def test_no_two_texts_overlap(brand_room: Scenario, made: Made, slots: int) -> None:
    data = brand_room.to_data()
    one = next(iter(data["rundown"].values()))
    length = round(180 * 60 / slots)
    part = {**one, "length": f"{length}s"}
    rundown = {f"a_slot_with_a_long_name_{n}": part for n in range(slots)}
    every = {**one, "sells": list(data["products"]), "length": f"{length}s"}
    rundown["a_slot_with_a_long_name_0"] = every
    scenario = brand_room.with_changes({"rundown": rundown, "title": "A show " * 28})
    for figure in figures(made(scenario)).values():
        figure.draw_without_rendering()
        boxes = {text: text.get_window_extent() for text in texts_of(figure)}
        for a, b in combinations(boxes, 2):
            assert not boxes[a].overlaps(boxes[b]), (a.get_text(), b.get_text())
        for text, box in boxes.items():
            assert box.x0 >= 0 and box.x1 <= figure.bbox.width, text.get_text()
            assert box.y0 >= 0 and box.y1 <= figure.bbox.height, text.get_text()


@pytest.mark.slow
def test_slots_are_named_where_there_is_room(brand_room: Scenario, made: Made) -> None:
    data = brand_room.to_data()
    one = next(iter(data["rundown"].values()))
    rundown = {
        "talk": {**one, "sells": [], "length": "60min"},
        "all_three": {**one, "sells": list(data["products"]), "length": "115min", "link": "1min"},
        "bye": {**one, "sells": [], "length": "5min"},
    }
    axes = figures(made(brand_room.with_changes({"rundown": rundown})))["overview"].axes
    assert [text.get_text() for text in axes[-1].texts] == ["talk", "all three", "3"]
    _, apart, *key = axes[-1].get_xlabel().splitlines()
    assert (apart, key) == ("", ["3 bye"])
    links = [line.get_xdata()[0] for line in axes[1].lines if len(line.get_xdata()) == 2]
    assert links == [61.0]
    assert [[text.get_text() for text in panel.texts] for panel in axes[:-1]] == [["link"], [], []]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lengths", "named"),
    [
        ((2, 2, 100, 76), {"dotted: links": [0]}),  # two of four named did not say of the others
        ((60, 40, 80), {"link": [0, 60, 100]}),
    ],
)
def test_links_are_all_named_or_told_as_what_they_are_drawn(
    brand_room: Scenario, made: Made, lengths: tuple[int, ...], named: dict[str, list[float]]
) -> None:
    data = brand_room.to_data()
    one = {**next(iter(data["rundown"].values())), "sells": list(data["products"])}
    rundown = {
        f"slot{n}": {**one, "length": f"{length}min", "link": "0s"}
        for n, length in enumerate(lengths)
    }
    panel = figures(made(brand_room.with_changes({"rundown": rundown})))["viewers"].axes[0]
    links = [line.get_xdata()[0] for line in panel.lines[1:]]
    assert links == [0, *np.cumsum(lengths)[:-1]]
    assert [(text.get_text(), text.xy[0]) for text in panel.texts] == [
        (name, at) for name, places in named.items() for at in places
    ]


@pytest.mark.slow
def test_a_product_of_many_units_does_not_hide_the_others(brand_room: Scenario, made: Made) -> None:
    """Their lines lay on zero, below one of 9,000."""
    panel, *_ = figures(made(brand_room.with_changes({"products.mask.owned": 9_000})))[
        "overview"
    ].axes
    assert panel.get_ylabel() == "median units on hand\n[% of their most]"
    tops = [max(line.get_ydata()) for line in panel.lines if len(line.get_xdata()) > 2]
    assert tops == [100, 100, 100]


@pytest.mark.slow
def test_what_comes_in_the_show_has_a_line_from_then_on(brand_room: Scenario) -> None:
    """It was at 0 before, as if it were sold out: mask's link opens after 10 minutes."""
    late = {"products.mask.waves": {"late": {"after": "10min", "share": 1.0}}}
    result = livesim.simulate(brand_room.with_changes(late), replications=50, workers=1)
    panel, *_ = figures(result)["overview"].axes
    begins = [line.get_xdata()[0] for line in panel.lines if len(line.get_xdata()) > 2]
    assert begins == [0, 0, 20]


@pytest.mark.slow
def test_a_key_names_the_colours_that_are_there(brand_room: Scenario, made: Made) -> None:
    data = brand_room.to_data()
    one = next(iter(data["rundown"].values()))
    alone = {"one": ["mask"], "two": ["serum", "lip_tint"], "talk": []}
    for slots, named in ((alone, ["mask"]), ({"all": list(data["products"])}, None)):
        rundown = {n: {**one, "sells": sold, "length": "60min"} for n, sold in slots.items()}
        shown = figures(made(brand_room.with_changes({"rundown": rundown})))
        for name in ("orders", "viewers"):
            key = shown[name].axes[0].get_legend()
            assert (key and [text.get_text() for text in key.get_texts()]) == named
        assert len(shown["overview"].axes[0].get_legend().get_texts()) == 3


@pytest.mark.slow
@pytest.mark.parametrize("name", ["overview", "stock"])
def test_long_names_of_products_lie_on_nothing_on_a_phone(
    brand_room: Scenario, made: Made, name: str
) -> None:
    labels = {
        f"products.{one}.label": f"Long-lasting hydrating {one}, gift box of thirty pieces"
        for one in ("serum", "lip_tint", "mask")
    }
    result = made(brand_room.with_changes(labels))
    with for_phones():
        figure = result.figures()[name]
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in texts_of(figure)]
    assert not [(a, b) for a, b in combinations(boxes, 2) if a.overlaps(b)]
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width for box in boxes)
    assert all(axes.bbox.height > 0.6 * figure.dpi for axes in figure.axes[:-1])


@pytest.mark.slow
def test_a_long_key_parts_no_panels(brand_room: Scenario, made: Made) -> None:
    """Its 18 lines beside the first panel left a hole of two panels below that."""
    part = brand_room.to_data()["products"]["serum"]
    words = "Hydrating essence for dry skin, gift box of thirty pieces"
    named = {f"essence_{one}": {**part, "label": f"{words}, {one}"} for one in range(6)}
    slot = {**next(iter(brand_room.to_data()["rundown"].values())), "sells": [*named]}
    result = made(brand_room.with_changes({"products": named, "rundown": {"all": slot}}))
    for width in (nullcontext(), for_phones()):
        with width:
            figure = figures(result)["overview"]
        figure.draw_without_rendering()
        stock, viewers, orders = (axes.get_position() for axes in figure.axes[:3])
        assert np.isclose(stock.y0 - viewers.y1, viewers.y0 - orders.y1, atol=0.01)
        assert stock.height * figure.get_figheight() > 1


@pytest.mark.slow
def test_a_long_name_leaves_room_for_the_curves(brand_room: Scenario, made: Made) -> None:
    data = brand_room.to_data()
    name = "an_overnight_repair_serum_with_many_more_words_in_its_name"
    rundown = {"all": {**next(iter(data["rundown"].values())), "sells": [name]}}
    products = {name: data["products"]["serum"]}
    changed = brand_room.with_changes({"products": products, "rundown": rundown})
    figure = figures(made(changed))["stock"]
    figure.draw_without_rendering()
    assert figure.axes[0].get_position().width > 0.5


@pytest.mark.slow
def test_a_slot_that_most_shows_never_came_to_is_left_out(
    result: Result, shown: Mapping[str, Figure]
) -> None:
    starts = result.outcome.timeline["slot_starts"].copy()
    starts[:60, -1] = np.inf
    timeline = {**result.outcome.timeline, "slot_starts": starts}
    rare = replace(result, outcome=replace(result.outcome, timeline=timeline))
    slots, fewer = (
        sum(len(shapes.get_paths()) for shapes in f["stock"].axes[-1].collections)
        for f in (shown, figures(rare))
    )
    assert fewer == slots - 1


def figure_files() -> list[str]:
    return [f"figures/{name}.{kind}" for name in NAMES for kind in ("png", "svg")]


@pytest.mark.thorough
def test_the_same_result_gives_the_same_bytes(result: Result, made: Made) -> None:
    first = files(result)
    assert sorted(first) == sorted(["page.html", "workbook.xlsx", *figure_files()])
    assert first == files(made(result.scenario))
