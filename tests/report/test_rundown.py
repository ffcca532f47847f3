"""The strip of slots: every slot has its name or a number, and every number is in the key."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from livesim.report.drawing import for_phones
from livesim.report.paper import WholeFigure
from livesim.report.rundown import clock_of, draw_rundown, rundown
from livesim.resolve import resolve
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario

LENGTH = 7200.0


@cache
def show(products: int) -> Scenario:
    """Return a show of two hours in which products rotate."""
    one = "{price: 20, unit_cost: 5, owned: 100, orders_per_1000: 0.1}"
    lines = "\n".join(f"  silk_{number}: {one}" for number in range(1, products + 1))
    head = (
        "like: brand_room\ntitle: Many\nshow: {start: 2026-11-12 19:00, length: 2h, currency: USD}"
    )
    text = f"{head}\nviewers: 9_000\nwatch_time: 74s\nproducts:\n{lines}\n"
    return resolve(parse_document(text)).scenario


def strip(scenario: Scenario, width: float) -> Axes:
    paper = WholeFigure()
    paper.figure.set_figwidth(width)
    axes = paper.panel(1.0)
    count = len(scenario.rundown)
    starts = np.arange(count) * (LENGTH / count)
    axes.set_xlim(0, 120)
    draw_rundown(paper, axes, clock_of(scenario), scenario, np.tile(starts, (2, 1)), {})
    return axes


@pytest.mark.parametrize("products", [5, 22, 60])
@pytest.mark.parametrize("width", [4.6, 9.0])
def test_every_slot_has_a_number_and_every_number_is_in_the_key(
    products: int, width: float
) -> None:
    axes = strip(show(products), width)
    figure = axes.figure
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()
    texts = [text for text in axes.texts if text.get_text()]
    boxes = [text.get_window_extent() for text in texts]
    assert not [one for n, one in enumerate(boxes) if one.count_overlaps(boxes[n + 1 :])]
    numbers = [int(text.get_text()) for text in texts if text.get_text().isdecimal()]
    key = axes.get_xlabel().replace("\N{NO-BREAK SPACE}", " ")
    entries = [one.rpartition(" ")[::2] for one in re.split("\n| · ", key)]
    named = {name: list(map(int, of.split(", "))) for of, name in entries}
    assert sorted(number for of in named.values() for number in of) == numbers
    assert len(texts) == len(show(products).rundown)
    assert axes.xaxis.label.get_window_extent().x1 <= figure.bbox.width


def test_a_phone_has_a_number_where_there_is_room_and_no_key_of_many_lines() -> None:
    with for_phones():
        few, many = strip(show(8), 4.6), strip(show(60), 4.6)
    assert "silk_1" in few.get_xlabel().replace("\N{NO-BREAK SPACE}", " ")
    numbers = [text.get_text() for text in many.texts if text.get_text()]
    assert numbers == ["10", "20", "30", "40", "50", "60"]
    assert "in the rundown's order" in " ".join(many.get_xlabel().split())


def test_on_a_phone_each_entry_of_the_key_has_a_line() -> None:
    """Entries ran on, and a number stood at the end of a line apart from its name."""
    with for_phones():
        axes = strip(show(8), 4.6)
    lines = axes.get_xlabel().splitlines()
    assert len(lines) > 1
    assert all(re.fullmatch(r"\d+(, \d+)* \w+", line) for line in lines)


def test_the_rundown_has_the_numbers_of_the_strip() -> None:
    scenario = show(8)
    table = rundown(scenario, np.zeros((2, len(scenario.rundown))))
    assert [row[0].split()[0] for row in table.rows] == [*map(str, range(1, len(table.rows) + 1))]


def test_long_numbers_do_not_run_into_each_other() -> None:
    """Of hundreds only so many have numbers as have room, also with up to a tenth less of it."""
    axes = strip(show(300), 9.0)
    assert isinstance(axes.figure, Figure)
    axes.figure.draw_without_rendering()
    rows: dict[float, list[tuple[float, float]]] = {}
    for text in axes.texts:
        if len(text.get_text()) > 2:
            box = text.get_window_extent()
            rows.setdefault(text.get_position()[1], []).append((box.x0, box.x1))
    assert len(rows) == 1
    pixels = axes.figure.dpi / 72
    for ends in rows.values():
        assert all(left[1] + 7.2 * pixels < right[0] for left, right in pairwise(ends))
