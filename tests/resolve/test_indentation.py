"""One wrong indentation is one mistake: what follows from it is not told, all else is."""

from __future__ import annotations

import textwrap

import pytest

from livesim.errors import Mistake, ScenarioError
from livesim.resolve import resolve
from livesim.scenario.document import parse_document
from livesim.scenario.indentation import put_right

ROOM = """\
like: brand_room
title: A room
show: {length: 1h, currency: EUR}
viewers: 2_000
products:
  serum:
    price: 45
    unit_cost: 20
    owned: 50
    orders_per_1000: 10
  cream:
    price: 25
    unit_cost: 10
    owned: 20
    orders_per_1000: 5
supply:
  pack: 10
rundown:
  talk: {length: 30min, sells: [serum]}
  last: {length: 30min, sells: [cream]}
"""
SERUM = "    price: 45\n    unit_cost: 20\n    owned: 50\n    orders_per_1000: 10\n"
CREAM = "  cream:\n    price: 25\n    unit_cost: 10\n    owned: 20\n    orders_per_1000: 5\n"


def moved(part: str, by: int) -> str:
    """Return the room with a part of it indented by some spaces more, or less."""
    lines = [" " * by + line if by > 0 else line[-by:] for line in part.splitlines()]
    assert part in ROOM
    return ROOM.replace(part, "\n".join(lines) + "\n")


def only_mistake(text: str) -> Mistake:
    with pytest.raises(ScenarioError) as refused:
        resolve(parse_document(text))
    (mistake,) = refused.value.mistakes
    return mistake


def test_the_room_is_sound() -> None:
    resolve(parse_document(ROOM))


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        (
            moved(SERUM, -2),
            7,
            "price, unit_cost, owned and orders_per_1000 belong to serum, but stand beside it",
            "indent them more than serum",
        ),
        (
            moved("  serum:\n" + SERUM + CREAM, -2),
            6,
            "serum and cream belong to products, but stand beside it",
            "indent them more than products",
        ),
        (
            moved(CREAM, 2),
            11,
            "cream belongs to products, but stands inside serum",
            "indent it like serum",
        ),
        (
            moved(CREAM, -2),
            11,
            "cream belongs to products, but stands",
            "indent it more than products",
        ),
        (
            moved("supply:\n  pack: 10\n", 2).replace("    pack: 10", "    budget: 10k"),
            16,
            "supply belongs to the top level of the file, but stands inside products",
            "indent it like products",
        ),
        (
            moved("supply:\n  pack: 10\n", 2),  # a product may have a pack of its own
            16,
            "supply belongs to cream, but stands beside it",
            "indent it more than cream",
        ),
        (
            moved("  pack: 10\n", -2),
            17,
            "pack belongs to supply, but stands beside it",
            "indent it more than supply",
        ),
    ],
)
def test_one_wrong_indentation_is_one_mistake(text: str, line: int, what: str, remedy: str) -> None:
    mistake = only_mistake(text)
    assert mistake.line == line
    assert what in mistake.what
    assert mistake.remedy == remedy


@pytest.mark.parametrize(
    ("inside", "what", "below"),
    [
        (
            "arriving: {units: 3, on: 2026-11-29 20:30}",
            "units and on belong to a part with a name, but stand right below arriving",
            "by_truck: {units: 500, on: 2026-11-29 20:30}",
        ),
        (
            "waves: {share: 100%}",
            "share belongs to a part with a name, but stands right below waves",
            "first: {share: 60%, after: 0s}",
        ),
    ],
)
def test_a_part_without_its_name_is_told_of_one(inside: str, what: str, below: str) -> None:
    """`units` is a key of the top level too, where it means another thing."""
    text = ROOM.replace("    owned: 50\n", f"    owned: 50\n    {inside}\n")
    with pytest.raises(ScenarioError) as refused:
        resolve(parse_document(text))
    (mistake,) = (one for one in refused.value.mistakes if one.what == what)
    assert mistake.line == 10
    assert mistake.remedy.endswith(f"below a name of your choice, as {below}")
    assert not any("top level" in one.what for one in refused.value.mistakes)


BRACES = """
like: drop
title: In braces
show: {length: 1h, currency: EUR}
viewers: 2_000
products: {serum: {price: 45, unit_cost: 9, conversion: 1%}}
"""


@pytest.mark.parametrize(
    ("right", "wrong", "what", "remedy"),
    [
        (
            "1%}}",
            "1%, watch_time: 3min}}",
            "watch_time belongs to the top level of the file, but stands inside serum",
            "write it behind these braces, in a line that is indented like products",
        ),
        (
            "{serum: {price: 45, unit_cost: 9, conversion: 1%}}",
            "{serum: , price: 45, unit_cost: 9, conversion: 1%}",
            "price, unit_cost and conversion belong to serum, but stand beside it",
            "write them in its braces: serum: {…}",
        ),
        (
            "1%}}",
            "1%, units: 5}}",
            "there is no key called units here",
            "write owned: for units that are paid for already, or forecast: for units wanted in "
            "this show",
        ),
        (
            "conversion: 1%",
            "units: 5",
            "there is no key called units here",
            "write owned: for units that are paid for already, or forecast: for units wanted in "
            "this show",
        ),
    ],
)
def test_what_stands_wrongly_in_braces_is_not_told_to_be_indented_there(
    right: str, wrong: str, what: str, remedy: str
) -> None:
    mistake = only_mistake(BRACES.replace(right, wrong))
    assert (mistake.what, mistake.remedy) == (what, remedy)


def test_all_that_stands_below_the_show_is_one_mistake_for_each_key_of_the_top() -> None:
    head, tail = ROOM.split("viewers: 2_000\n")
    text = head.replace("show: {length: 1h, currency: EUR}", "show:\n  length: 1h\n  currency: EUR")
    text += textwrap.indent("viewers: 2_000\n" + tail, "  ")
    mistake = only_mistake(text)
    assert mistake.what == (
        "viewers, products, supply and rundown belong to the top level of the file, but stand "
        "inside show"
    )


def test_a_product_may_have_the_name_of_a_section_or_a_key() -> None:
    resolve(parse_document(ROOM.replace("serum", "supply").replace("cream", "price")))


def test_what_lies_behind_a_wrong_indentation_is_told_with_it() -> None:
    """Also in what is misplaced, at its own line."""
    text = moved("  serum:\n" + SERUM + CREAM, -2).replace("price: 45", "price: dear")
    text = text.replace("  price: 25\n", "").replace("  pack: 10", "  pack: 10\nowned: 3")
    with pytest.raises(ScenarioError) as refused:
        resolve(parse_document(text))
    told = {mistake.path: mistake.line for mistake in refused.value.mistakes}
    assert told == {"serum": 6, "products.serum.price": 7, "products.cream.price": 11, "owned": 17}


def test_what_is_misplaced_replaces_nothing() -> None:
    wrong = parse_document("products: {serum: {price: 44}, price: 45}")
    document, (mistake,) = put_right(wrong)
    assert document.data == {"products": {"serum": {"price": 44}}}
    assert mistake.what == "price belongs to serum, but stands beside it"


@pytest.mark.parametrize("above", ["products: 3", "products:", "products: {serum: 5}"])
def test_what_belongs_where_nothing_can_be_put_is_told_all_the_same(above: str) -> None:
    text = moved("  serum:\n" + SERUM + CREAM, -2).replace("products:", above)
    with pytest.raises(ScenarioError) as refused:
        resolve(parse_document(text))
    assert any("belong to products" in mistake.what for mistake in refused.value.mistakes)
