"""The figures of a sweep: lines, bands, and a mark where two cross."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import livesim
from livesim.errors import UsageError
from livesim.experiment.pairing import mean_difference
from livesim.experiment.sweeping import sweep
from livesim.experiment.swept import Sweep, crossings
from livesim.figures import lines
from livesim.report.drawing import for_phones
from livesim.report.pages import Points
from livesim.report.paper import whole
from livesim.report.sweep_figures import page_drawings
from livesim.report.sweep_tables import page
from livesim.report.views import figures, files
from livesim.report.wording import within
from livesim.scenario.scenario import Scenario

FEE, SHIPPING = "deal.guest_fee", "deal.shipping"


@pytest.fixture(scope="module")
def room(scenarios: Path) -> Scenario:
    short = {"show.length": "20min", "show.refresh": "30s", FEE: 300}
    return livesim.load(scenarios / "brand_room.yaml", short)


def swept(room: Scenario, over: dict[str, list[Any]], **options: Any) -> Sweep:
    return sweep(room, over, replications=100, workers=1, **options)


@pytest.fixture(scope="module")
def fees(room: Scenario) -> Sweep:
    return swept(room, {FEE: [0, 200, 400]}, baseline=room)


@pytest.mark.slow
def test_a_line_and_its_baseline_cross_at_a_mark(fees: Sweep) -> None:
    (axes,) = lines({"": fees}).axes
    shown, base, mark = axes.lines
    assert base.get_label() == "baseline" != shown.get_label()
    assert not [one for one in axes.texts if "about" not in one.get_text()]
    assert list(shown.get_xdata()) == [0, 200, 400]
    assert list(shown.get_ydata()) == pytest.approx(list(fees.table()["profit"]))
    assert len(set(base.get_ydata())) == 1
    assert list(mark.get_xdata()) == pytest.approx([300, 300])
    assert axes.get_xlabel() == "guest fee [CNY]"
    assert axes.get_ylabel() == "profit [CNY]"


def test_what_is_swept_is_named_within_a_phones_figure(room: Scenario) -> None:
    """A long name ran off, with its unit."""
    label = {"products.serum.label": "玻尿酸深层保湿修护精华液（双十一限量礼盒装）"}  # noqa: RUF001
    found = swept(room.with_changes(label), {"products.serum.owned": [10, 20]})
    with for_phones():
        figure = lines(found)
    figure.draw_without_rendering()
    name = figure.axes[0].xaxis.label
    assert name.get_text().endswith("[units]")
    assert name.get_window_extent().x1 <= figure.bbox.width


def test_two_sweeps_cross_each_other(room: Scenario, fees: Sweep) -> None:
    dear = swept(room, {SHIPPING: [0, 2, 8]})
    (axes,) = lines({"fee": fees, "shipping": dear}).axes
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["fee", "shipping"]
    (crossing,) = crossings(fees.axis, fees.against(dear))
    assert list(axes.lines[2].get_xdata()) == pytest.approx([crossing.at] * 2)


@pytest.mark.slow
def test_the_second_path_has_a_line_for_each_value(room: Scenario) -> None:
    found = swept(room, {FEE: [0, 9], SHIPPING: [1, 2, 3]})
    (axes,) = lines(found, measure="sold_out", product="serum").axes
    names = [f"shipping: {n}" for n in (1, 2, 3)]
    assert [line.get_label() for line in axes.lines] == ["\n".join(names)]  # the same for all
    assert [line.get_label() for line in lines(found).axes[0].lines] == names
    assert axes.get_ylabel() == "serum: sold out [% of shows]"
    assert axes.get_ylim() == (-2, 102) and list(axes.lines[0].get_ydata()) == pytest.approx(
        [100 * one for one in found.table()["serum.sold_out"][::3]]
    )
    assert len(page(found).tables[0].rows) == 6


@pytest.mark.slow
def test_a_band_is_the_difference_from_the_first_point(room: Scenario) -> None:
    """All points have the same random numbers: what they have in common is in no band."""
    found = swept(room, {SHIPPING: [1, 20]})
    (axes,) = lines({"": found}).axes
    x, y = axes.collections[0].get_paths()[0].vertices.T
    first, last = found.comparison.row("profit", "").values.values()
    apart = found.comparison.row("profit", "").differences[f"{SHIPPING}=20"]
    assert set(y[x == 1]) == {first}
    assert min(y[x == 20]) == pytest.approx(first + apart.low)
    assert max(y[x == 20]) == pytest.approx(first + apart.high)
    assert min(y[x == 20]) < last < max(y[x == 20])


@pytest.mark.slow
def test_a_band_is_the_difference_along_its_own_line(room: Scenario) -> None:
    """From the first point of another line, a band was as wide as all shows."""
    owned = "products.serum.owned"
    found = swept(room, {owned: [5, 50], "show.turnout_factor": [0.5, 2]})
    (axes,) = lines(found, measure="sales").axes
    measured = found.comparison.measured
    for line, band, factor in zip(axes.lines, axes.collections, ("0.5", "2"), strict=True):
        names = [point.name for point in found.points if point.name.endswith(f"={factor}")]
        first, last = (measured[name]["", "sales"] for name in names)
        apart = mean_difference(first, last)
        x, y = band.get_paths()[0].vertices.T
        assert set(y[x == 5]) == {first.mean()} == {line.get_ydata()[0]}
        assert max(y[x == 50]) == pytest.approx(first.mean() + apart.high)
    demand, chance = (
        lines(found, measure=name, product="mask").axes[0] for name in ("demand", "sold_out")
    )
    for panel in (demand, chance):  # the same in every replication, as the mask is no serum
        for line, band in zip(panel.lines, panel.collections, strict=True):
            assert {*band.get_paths()[0].vertices[:, 1]} == {*line.get_ydata()}
            assert len({*line.get_ydata()}) == 1


@pytest.mark.slow
def test_a_page_draws_what_moves_along_the_axis_and_says_what_it_is(room: Scenario) -> None:
    """Level lines of several turnouts were drawn, and all figures had one title."""
    found = swept(room, {"products.serum.owned": [5, 50], "show.turnout_factor": [0.5, 2]})
    drawn = {name: whole(draw).get_suptitle() for name, draw in page_drawings(found).items()}
    assert [*drawn] == ["profit", "sales", "sold_out_serum"]
    assert len({*drawn.values()}) == 3 and "serum: sold out" in drawn["sold_out_serum"]


@pytest.mark.slow
def test_a_crossing_has_the_digits_that_its_interval_justifies(room: Scenario) -> None:
    found = swept(room, {"products.serum.owned": [20, 70, 300]}, baseline=room)
    (crossing, *_) = found.crossings()
    at = within(crossing.at, crossing.low, crossing.high, found.axis, least=1)  # units are whole
    assert f"{crossing.at:.3g}" != at  # of 100 replications nobody believes three digits
    text = " ".join(page(found).words)
    assert f"is about {at}, on a straight line between " in text
    assert found.whole
    assert "95 %:" not in text  # what the line misses is in no interval of the simulation
    (axes,) = lines({"": found}).axes
    assert f"about {at}" in [label.get_text() for label in axes.texts]


@pytest.mark.slow
def test_a_time_has_its_unit_on_the_axis_and_in_words() -> None:
    """Where a conversion is told, who stays longer buys more, so the profit crosses."""
    mask = {"price": 129, "unit_cost": 30, "owned": 1000, "conversion": "5%"}
    show = {
        **{"title": "An evening", "like": "brand_room", "viewers": 2000, "watch_time": "3min"},
        "show": {
            "start": "2026-11-29 20:00",
            "length": "20min",
            "refresh": "30s",
            "currency": "CNY",
        },
        "products": {"mask": mask},
    }
    times = sweep(show, {"watch_time": ["90s", "9min"]}, baseline=show, replications=100, workers=1)
    assert times.axis == (90, 540)
    (axes,) = lines({"": times}).axes
    assert axes.get_xlabel() == "watch time [s]"
    assert " s, on a straight line between 1 min 30 s and 9 min" in " ".join(page(times).words)


@pytest.mark.slow
def test_a_note_says_of_which_points_it_is(room: Scenario, scenarios: Path) -> None:
    over = {"show.length": ["30min", "1h"]}
    found = sweep(scenarios / "brand_room.yaml", over, replications=100, workers=1)
    notes = page(found).details[-1]
    assert isinstance(notes, Points)
    whose = [note.partition(": No rundown: ")[0] for note in notes.texts if "No rundown" in note]
    assert whose == ["“length of the show: 30 min”", "“length of the show: 1 h”"]
    assert any(note.startswith("Forecast error of orders") for note in notes.texts)  # of all


def test_title_and_headings_say_what_is_swept_and_tables_what_moves(room: Scenario) -> None:
    shown = page(swept(room, {FEE: [0, 9], "products.serum.owned": [5, 50]}))
    assert "guest fee × serum owned" in shown.title
    assert shown.tables[0].header[:2] == ("guest fee", "serum owned")
    assert shown.tables[1].header[:2] == ("serum\n\nguest fee", "owned")
    assert len(shown.tables) == 2  # nothing of the other products moves, nor the serum's demand
    assert "demand" not in shown.tables[1].header
    assert re.search(r"The same in all rows: .*lip_tint", " ".join(shown.words))


def test_where_nothing_moves_one_line_says_so(room: Scenario) -> None:
    """Rows that were all alike stood below each other, under the most profit of them."""
    shown = page(swept(room, {"supply.pack": [1, 12]}))
    assert [part for part in shown.answer if not isinstance(part, str)] == []
    assert shown.words[0].startswith("Nothing moves: at each of these values the profit is CNY ")


@pytest.mark.thorough
@pytest.mark.slow
def test_figures_are_the_same_bytes_again(fees: Sweep) -> None:
    assert set(figures(fees)) >= {"profit", "sales", "demand_serum", "sold_out_mask"}
    assert files(fees) == files(fees)


def test_what_cannot_be_drawn_is_left_out_or_told(room: Scenario) -> None:
    words = swept(room, {"show.currency": ["CNY", "USD"]})
    assert figures(words) == {}
    with pytest.raises(UsageError, match="no number"):
        lines({"": words})
    three = swept(room, {FEE: [0, 1], SHIPPING: [1], "deal.slot_fee": [0]})
    assert figures(three) == {}
    with pytest.raises(UsageError, match="3 paths"):
        lines({"": three})
    with pytest.raises(UsageError, match="no sweep"):
        lines({})


@pytest.mark.slow
def test_without_a_baseline_it_says_where_the_show_breaks_even(room: Scenario) -> None:
    """Each unit of fee costs the profit a unit, so it is 0 at a fee of what it is without."""
    cheap = room.with_changes({"deal.slot_fee": 0, "products.serum.owned": 10})
    found = swept(cheap, {FEE: [0, 1], SHIPPING: [1]})
    assert page(found).words[0].startswith("Most profit:")  # of two paths, no crossing
    free = swept(cheap, {FEE: [0, 1]}).comparison.row("profit").values[f"{FEE}=0"]
    assert free > 100
    one = swept(cheap, {FEE: [0, round(2 * free)]})
    (crossing,) = one.break_even()
    assert crossing.at == pytest.approx(free, abs=0.5)
    assert not crossing.rising
    assert page(one).words[0].startswith("The profit is 0 where guest fee is ")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([0, 100, 300], "surely above the baseline's at 0 and 100; the same as the baseline's at "),
        ([400, 500, 600, 700], "surely below the baseline's at 4 values."),
    ],
)
def test_where_no_line_crosses_each_value_is_held_against_the_baseline(
    room: Scenario, values: list[int], told: str
) -> None:
    """A fee of 300 is the baseline's own: at none of these does the profit surely cross it."""
    said = page(swept(room, {FEE: values}, baseline=room)).words[0]
    assert said.startswith(f"With guest fee, the profit is {told}")


def test_the_most_profit_is_told_with_what_it_is_not_told_apart_from(room: Scenario) -> None:
    """One unit more of a hundred is within the error of 100 shows; a thousand more are not."""
    owned = "products.serum.owned"
    close = page(swept(room, {owned: [80, 81, 1000]})).words[0]
    assert re.search(r"serum owned: 8[01], but 8[01] may be as good \(95 %\)\.$", close)
    sure = page(swept(room, {FEE: [0, 9]})).words[0]
    assert sure.endswith("with guest fee: 0.")
    many = page(swept(room, {owned: range(80, 84)}, baseline=room)).words[0]
    assert many.endswith(": 80, but 4 other rows may be as good (95 %).")
