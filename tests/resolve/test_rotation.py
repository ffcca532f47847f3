"""The even rotation: every refresh of the show is planned, and equally long for all."""

from hypothesis import given, settings
from hypothesis import strategies as st

from livesim.resolve import resolve
from livesim.scenario.document import parse_document
from livesim.scenario.scenario import Scenario


def room(products: int, minutes: int, rotation: str) -> Scenario:
    lines = "\n".join(
        f"  p{i}: {{price: 9, unit_cost: 5, conversion: 1%}}" for i in range(products)
    )
    show = f"{{length: {minutes}min, currency: CNY, rotation: {rotation}, refresh: 7.5s}}"
    text = f"title: A room\nviewers: 2k\nshow: {show}\nproducts:\n{lines}\n"
    return resolve(parse_document(text)).scenario


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.integers(10, 200), st.integers(1, 30))
def test_slots_fill_the_show_and_share_it_evenly(products: int, minutes: int, turn: int) -> None:
    show = room(products, minutes, f"{turn}min")
    lengths = [slot.length for slot in show.rundown.values()]
    assert sum(lengths) == show.show.length
    assert len(set(lengths[:-1])) <= 1
    assert lengths[-1] >= lengths[0]
    assert all(length % 7.5 == 0 for length in lengths)
    rounds = max(1, round(minutes / (turn * products)))
    assert len(lengths) == (products * rounds if products > 1 else 1)  # alone, it is always on


def test_products_take_turns_in_the_order_of_the_file() -> None:
    show = room(2, 60, "15min")
    assert list(show.rundown) == ["p0_1", "p1_1", "p0_2", "p1_2"]
    assert [slot.sells for slot in show.rundown.values()] == [("p0",), ("p1",)] * 2
    assert {slot.on_stage for slot in show.rundown.values()} == {("host",)}


def test_without_a_rotation_each_is_shown_once() -> None:
    assert list(room(3, 60, "null").rundown) == ["p0_1", "p1_1", "p2_1"]


def drop(products: int, minutes: int, rundown: str = "") -> Scenario:
    lines = "".join(
        f"  p{i}: {{price: 9, unit_cost: 5, conversion: 1%}}\n" for i in range(products)
    )
    show = f"{{length: {minutes}min, currency: CNY, refresh: 7.5s}}"
    text = f"like: drop\ntitle: A drop\nviewers: 2k\nshow: {show}\nproducts:\n{lines}{rundown}"
    return resolve(parse_document(text)).scenario


def test_a_template_talks_for_a_third_of_a_short_slot_at_most() -> None:
    """In a rundown of its own or a file's; it was refused, or took most of the slot."""
    assert {slot.link for slot in drop(2, 60).rundown.values()} == {60}
    assert {slot.link for slot in drop(60, 60).rundown.values()} == {15}  # of 60 s, in refreshes
    written = "rundown: {a: {length: 1min, sells: [p0]}, b: {length: 3min, sells: [p1]}}\n"
    assert [slot.link for slot in drop(2, 4, written).rundown.values()] == [15, 60]


def test_a_link_that_a_file_gives_stays() -> None:
    written = "rundown: {a: {length: 1min, sells: [p0], link: 45s}}\n"
    assert drop(1, 1, written).rundown["a"].link == 45
