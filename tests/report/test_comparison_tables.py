"""The page of a comparison: side by side at 92 columns, and only what the pairing can tell."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from livesim.experiment.comparing import compare
from livesim.experiment.comparison import Comparison
from livesim.experiment.pairing import Difference
from livesim.report.comparison_tables import notes_told, page
from livesim.report.language import speaking
from livesim.report.pages import WIDTH, Table, plain
from livesim.scenario.scenario import Scenario


@pytest.fixture(scope="module")
def room(brand_room: Scenario) -> Scenario:
    show = {"show.length": "15min", "show.refresh": "15s"}
    first = dict(list(brand_room.to_data()["rundown"].items())[:3])
    return brand_room.with_changes({**show, "rundown": first})


def compared(**scenarios: Scenario) -> Comparison:
    return compare(scenarios, replications=250, workers=1)


@pytest.fixture(scope="module")
def fees(room: Scenario) -> Comparison:
    fee = room.with_changes({"deal.guest_fee": 1000})
    more = room.with_changes({"products.serum.owned": 200, "deal.guest_fee": 300})
    return compared(as_it_is=room, fee=fee, more_serum=more)


def cells(table: Table, row: str) -> list[tuple[str, ...]]:
    """Return a row and the two below it."""
    at = [line[0] for line in table.rows].index(row)
    return [line[1:] for line in table.rows[at : at + 3]]


def test_a_known_difference_stands_below_the_figure(fees: Comparison) -> None:
    table = page(fees).tables[1]
    assert table.header == ("the show", "as_it_is", "fee", "more_serum")
    _, difference, half_width = cells(table, "profit, CNY")
    assert difference[:2] == ("", "-1,000")
    assert half_width[:2] == ("", "0")
    assert cells(table, "unique viewers")[1] == ("", "same", "same")


def test_the_answer_says_who_earns_more_and_what_moves(fees: Comparison) -> None:
    said, table = page(fees).answer
    assert isinstance(table, Table)
    assert "fee earns CNY 1,000 less than as_it_is." in said
    rows = {row[0]: row[1:] for row in table.rows}
    assert "(-1,000)" in rows["profit, CNY"][1]
    assert "unique viewers" not in rows  # they are the same
    assert re.search(r" % \(-\d+\.\d to -\d+\.\d pp\)$", rows["serum: unavailable"][2])


def test_products_that_nothing_tells_apart_have_no_table(fees: Comparison) -> None:
    shown = page(fees)
    assert [table.header[0] for table in shown.tables[2:]] == ["serum"]
    assert "The same in every replication: lip_tint and mask." in shown.words


def test_no_significant_difference_is_said(room: Scenario) -> None:
    """Of a price up by a few cents, with a demand that reacts, nothing can be seen in demand."""
    price = round(1.0003 * room.products["serum"].price, 2)
    found = compared(a=room, b=room.with_changes({"products.serum.price": price}))
    words = " ".join(page(found).words)
    assert not found.row("demand", "serum").differences["b"].significant
    assert "n.s.: not significant at 95 % with 250 replications." in words
    assert f"Each of the {found.intervals} intervals is a 95 % interval of its own" in words


def test_the_number_that_will_miss_is_told_where_it_is_one_or_more(fees: Comparison) -> None:
    few, *_ = (words for words in page(fees).words if "1 in 20" in words)
    assert fees.intervals <= 10
    assert few.endswith("expect about 1 in 20 to miss.")
    many = replace(fees, rows=fees.rows * 9)
    assert f"here {round(many.intervals / 20)} or so" in " ".join(page(many).words)


def test_equal_shows_have_no_error(room: Scenario) -> None:
    shown = page(compared(a=room, b=room))
    assert len(shown.tables) == 2
    assert "No difference has any error." in shown.words[-2]
    assert "n.s.:" not in " ".join(shown.words)


@pytest.mark.slow
@pytest.mark.parametrize("others", [1, 2, 3, 4, 7])
def test_it_fits_the_width_for_any_number_of_shows(room: Scenario, others: int) -> None:
    """Money and units of ten digits, durations, and names that must be folded."""
    owned = {f"products.serum.owned={80 * n}": 80 * n for n in range(1, others + 1)}
    shows = {
        name: room.with_changes(
            {"products.serum.owned": units, "deal.guest_fee": 1.234e9, "show.currency": "CNY"}
        )
        for name, units in owned.items()
    }
    shown = page(compared(**{"an_evening_in_our_brand_room": room}, **shows))
    assert max(map(len, plain(shown).splitlines())) <= WIDTH
    tables = [table for table in shown.details if isinstance(table, Table)]
    assert all(len(table.header) <= 6 for table in tables)
    names = {"".join(name.split()) for table in tables for name in table.header[1:]}
    assert names == {"an_evening_in_our_brand_room", *(f"serumowned:{n}" for n in owned.values())}


def test_currencies_stand_apart(room: Scenario) -> None:
    shown = page(compared(west=room.with_changes({"show.currency": "USD"}), east=room))
    table = shown.tables[1]
    assert table.header[0] == "the show"
    assert [line[0] for line in table.rows[:2]] == ["profit", "units sold"]
    assert "(USD: west; CNY: east)" in " ".join(shown.words)


def test_products_of_one_show_alone_are_shown_without_difference(room: Scenario) -> None:
    data = room.to_data()
    data["products"]["cream"] = data["products"].pop("mask")
    for slot in data["rundown"].values():
        slot["sells"] = ["cream" if name == "mask" else name for name in slot["sells"]]
    shown = page(compared(a=room, b=Scenario.from_data(data)))
    cream = next(table for table in shown.tables if table.header[0] == "cream")
    assert all(line[1] == "" for line in cream.rows)
    assert not any("difference" in line[0] for line in cream.rows)


def test_never_is_a_word(room: Scenario) -> None:
    plenty = room.with_changes({"products.serum.owned": 1_000_000})
    scarce = room.with_changes({"products.serum.owned": 1})
    table = page(compared(scarce=scarce, plenty=plenty, more=plenty)).tables[2]
    values, difference, half_width = cells(table, "sold out after, P50")
    assert values[1:] == ("never", "never")
    assert difference == ("", "later", "later")
    assert half_width == ("", "no bound", "no bound")


def test_a_skewed_interval_stands_with_both_its_ends(room: Scenario) -> None:
    """Where a median is 515 s less, 95 % within 1143 and 421 less, ± 628 would look like chance."""
    few, more = (room.with_changes({"products.serum.owned": units}) for units in (1, 3))
    found = compared(a=few, b=more)
    skewed = Difference(-515.0, -1143.0, -421.0, same=False)
    rows = tuple(
        replace(row, differences={"b": skewed}) if row.measure.name == "since_link" else row
        for row in found.rows
    )
    shown = page(replace(found, rows=rows))
    short = next(row for row in shown.tables[0].rows if "gone after" in row[0])
    assert "(-19 min 3 s to -7 min 1 s)" in short[2] and "±" not in short[2]
    (table,) = (table for table in shown.tables[2:] if table.header[0] == "serum")
    at = [row[0] for row in table.rows].index("sold out after, P50")
    assert [row[::2] for row in table.rows[at + 1 : at + 4]] == [
        ("  difference", "-8 min 35 s"),
        ("  95 % from", "-19 min 3 s"),
        ("  95 % to", "-7 min 1 s"),
    ]


def test_whose_a_note_is_stands_before_it_in_the_language_that_is_spoken(fees: Comparison) -> None:
    note = "No rundown: the 5 products rotate evenly, 4 min 45 s each, 5 times."
    of_one = replace(fees, notes={name: (note,) * (name == "fee") for name in fees.names})
    assert notes_told(of_one) == (f"fee: {note}",)
    with speaking("zh"):
        (told,) = notes_told(of_one)
    assert told.startswith("fee\uff1a") and "No rundown" not in told


def test_only_what_a_table_shows_is_explained_below_it(fees: Comparison, room: Scenario) -> None:
    fee = compared(as_it_is=room, fee=room.with_changes({"deal.guest_fee": 1000}))
    short = page(fee).answer
    notes = [part.note for part in short if isinstance(part, Table)]
    assert notes == ["in brackets: the difference from as_it_is (95 %)"]
    (table,) = (part for part in page(fees).answer if isinstance(part, Table))
    cells = " ".join(cell for row in table.rows for cell in row)
    assert ("pp:" in table.note) == (" pp" in cells)
    assert ("n.s.:" in table.note) == ("n.s." in cells)


def test_common_random_numbers_are_claimed_where_there_are_some(
    fees: Comparison, room: Scenario
) -> None:
    """Where slots go on at sell-out, shows take turns with the random streams."""
    first = next(iter(room.rundown))
    goes_on = room.with_changes({f"rundown.{first}.at_sell_out": "next"})
    assert "with common random numbers" in plain(page(fees))
    told = " ".join(plain(page(replace(fees, scenarios=fees.scenarios | {"fee": goes_on}))).split())
    assert "with the same draws of what is uncertain; where units or viewers differ" in told
    assert "common random numbers" not in told
