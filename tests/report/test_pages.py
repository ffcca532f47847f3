"""Text by the width of what is shown: Chinese, Japanese, Korean, emoji, and narrow terminals."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

import livesim
from livesim.experiment.runner import Runner
from livesim.planning.building import build_curves
from livesim.planning.objectives import MostProfit
from livesim.planning.plan import decide_again
from livesim.planning.recommendation import Plan
from livesim.report.background import Background, background
from livesim.report.html import Drawn, html
from livesim.report.pages import WIDTH, Page, Points, Table, Warnings, plain, styled
from livesim.report.stock_page import stock
from livesim.report.views import full, html_page
from livesim.report.wording import amount, folded, glued, wrapped
from livesim.resolve import Resolution, resolve
from livesim.results.answer import Answer
from livesim.scenario.document import parse_document

BUNDLE = """\
like: drop
title: A set
show: {start: 2026-11-29 20:00, length: 5min, refresh: 10s, currency: CNY}
viewers: 500
watch_time: 2min
products:
  serum: {price: 100, unit_cost: 30, left_over_value: 10, owned: 10, forecast: 20}
  tint: {price: 50, unit_cost: 9, left_over_value: 5, owned: 4, forecast: 20}
  duo: {price: 150, forecast: 8, contains: {serum: 2}}
"""
WIDE = "\u53cc\u5341\u4e00\u9884\u552e\u4e13\u573a"  # seven characters of two columns each


def all_of(plan: Plan) -> str:
    return " ".join(plain(full(plan)).split())


def on_terminal(page: Page, columns: int) -> list[str]:
    console = Console(width=columns, record=True, file=io.StringIO())
    console.print(styled(page))
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_a_text_is_wrapped_by_its_width() -> None:
    assert wrapped(WIDE * 3, 40) == [(WIDE * 3)[:20], (WIDE * 3)[20:]]
    assert wrapped(f"Show {WIDE} and {WIDE}", 20) == [f"Show {WIDE}", f"and {WIDE}"]
    assert wrapped(f"{WIDE[:4]}\uff08*{WIDE}", 10)[0] == WIDE[:4], "no bracket opens at an end"
    assert wrapped(f"{WIDE[:5]}\uff09{WIDE}", 10)[0] == WIDE[:4], "and none closes at a beginning"
    assert wrapped(glued("vacuum packed, 10 kg"), 17) == ["vacuum packed,", "10\xa0kg"]
    assert wrapped("", 20) == [] and wrapped("a b", 20) == ["a b"]
    assert wrapped("one two three", 7, indent="  ") == ["one two", "  three"]
    assert all(cell_len(line) <= 12 for line in folded(WIDE * 2, 12).splitlines())


def test_columns_are_aligned_by_their_width() -> None:
    table = Table(("show", "profit"), ((WIDE, "1"), ("drop", "1,000"), ("\U0001f380 bow", "20")))
    lines = plain(Page(f"{WIDE} " * 10, (table, Points((WIDE * 9,))))).splitlines()
    assert max(map(cell_len, lines)) <= WIDTH
    rows = [line for line in lines if line.endswith(("1", "1,000", "20"))]
    assert len({cell_len(row) for row in rows}) == 1


def test_a_title_from_right_to_left_leaves_date_and_length_as_they_are(
    make_plan: Callable[..., tuple[Plan, Resolution]], small_show: str
) -> None:
    title = "\u0639\u0631\u0636"  # "a show" in Arabic
    plan, _ = make_plan(small_show.replace("A quick drop", title), replications=50)
    parts = (
        f"<bdi>{title}</bdi>",
        '<bdi><span class="tied">2026-11-29</span> 20:00</bdi>',
        "<bdi>5 min</bdi>",
    )
    heading = f"<h1>{'<span> · </span>'.join(parts)}</h1>"
    assert heading in plan.page().replace("\u00a0", " ")


def test_a_value_and_its_unit_share_a_line_and_what_is_empty_takes_none() -> None:
    """A title ended with "2" and went on with "h"; a list of nothing left three empty lines."""
    text = "Now it earns CNY 4,000 in 2 h, in 95 % of shows, CNY -36 or 6.68 M besides, ± 3 pp"
    table = Table(("of a show", "mean"), (("  above none, which loses CNY 745", "x"),), text)
    shown = Page(text, (text, Points(()), Warnings(()), "", table, Warnings((text,))))
    for width in range(20, 60):
        lines = on_terminal(shown, width)
        assert not [line for line in lines if re.search(r"(CNY|±|(in|or) [\d.]+)$", line)]
        assert not [line for line in lines if re.match(r"\W*(%|h|M|pp)\b", line)]
        assert all(any(pair) for pair in pairwise(lines))
    assert on_terminal(shown, 24)[12:15] == [
        "  above none,",
        "  which loses",
        "  CNY 745              x",
    ]


NAMES = ("hydrating_gel_with_a_long_name", "serum", WIDE)
FIGURES = ("1,234,567", "89,012,345", "67,890", "12,345 - 98,765")


@pytest.mark.parametrize("columns", [20, 30, 40, 50, 60, 80])
def test_a_narrow_terminal_drops_no_name_and_no_digit(columns: int) -> None:
    header = ("units", "demand", "sold\nout", "lost", "95 % interval", "what it means")
    rows = tuple((name, *FIGURES, "a sentence of some length") for name in NAMES)
    lines = on_terminal(Page("A show", (Table(header, rows, words=1),)), columns)
    assert max(map(cell_len, lines)) <= columns
    together = "".join("".join(lines).split())
    for cell in (*NAMES, *FIGURES):
        assert "".join(cell.split()) in together
        assert together.count("".join(cell.split())) >= (1 if cell in NAMES else len(NAMES))
    for figure in FIGURES:
        assert any(figure in line for line in lines), "a figure stays in one line"


def test_names_of_rows_go_over_lines_before_a_table_is_too_wide() -> None:
    figures = tuple("9" * 20 for _ in range(3))
    table = Table(("a", *"bcd"), (("serum: short of 5 %", *figures), ("cream", *figures)))
    head, *rows = plain(Page("A show", (table,))).splitlines()[2:]
    assert [line[:14].strip() for line in rows] == ["serum: short", "of 5 %", "cream"]
    assert max(map(len, (head, *rows))) <= WIDTH
    whole = Table(("a", "b"), (("serum: short of 5 %", "9"),))
    assert "serum: short of 5 %   9" in plain(Page("A show", (whole,)))


def test_a_long_key_goes_over_lines_before_a_table_becomes_a_list() -> None:
    rows = (("travel_pouch_limited_edition_new_year", *["100 % \u2192 100 %"] * 4),)
    shown = Page("A show", (Table(("what to buy", *"abcd"), rows),))
    for lines in (on_terminal(shown, 80), plain(shown).splitlines()):
        names = [line.split()[0] for line in lines if "_" in line]
        assert "".join(names) + "new_year"[: -8 * names[-1].endswith("year")] == rows[0][0]
        assert max(map(len, lines)) <= 80 and "a: 100" not in "".join(lines)


def test_a_table_that_fits_stays_a_table() -> None:
    table = Table(("units", "demand"), (("serum", "1,234"),))
    assert "serum   1,234" in on_terminal(Page("A show", (table,)), 50)


def test_a_table_under_long_words_of_chinese_is_cards_on_a_phone() -> None:
    """Where no line of a header ends within a word: its last column was cut within numbers."""
    rows = ((WIDE, "51.5 %", "-21.0"), ("95 % \u8bef\u5dee \u00b1", "", "6.2"))
    for name, cards in ((f"{WIDE}{WIDE}", True), (WIDE, False)):
        table = Table((name, "\u73b0\u72b6", WIDE), rows)
        shown = html(Page("A show", (table,)), ())
        assert ('class="table stacks' in shown) == cards
        assert "95\u00a0%\u00a0\u8bef\u5dee\u00a0\u00b1" in shown


@pytest.mark.parametrize("deal", ["", "deal: {slot_fee: 300, guaranteed_volume: 90}"])
def test_sliders_left_alone_show_the_profit_of_the_recommendation(deal: str) -> None:
    """Also what no item earns: a bundle, and slot fees that are paid back for missing sales."""
    resolution = resolve(parse_document(f"{BUNDLE}{deal}"))
    curves = build_curves(resolution.scenario, replications=50, seed=3, runner=Runner(workers=1))
    plan = decide_again(curves, MostProfit(), resolution)
    data = stock(plan, "").data
    found = {
        name: sum(np.interp(one["recommended"], one["levels"], one[name]) for one in data["items"])
        for name in ("profit", "sales")
    }
    show = data["show"]
    missing = max(0.0, 1 - found["sales"] / show["volume"]) if show["volume"] else 0.0
    assert not deal or missing > 0
    profit = found["profit"] + show["fixed"] + show["refundable"] * missing
    assert profit == pytest.approx(plan.choices[1].profit.mean, rel=1e-4)


SIZES = BUNDLE.partition("  duo")[0].replace(
    "forecast: 20}",
    "forecast: 20, gift: {product: pouch, first: 8}, "
    "variants: {small: {share: 50%}, large: {share: 50%}}}",
    1,
)
SET = BUNDLE.replace("{serum: 2}}", "{serum: 2}, gift: {product: pouch, first: 8}}")
SET = SET.replace("owned: 10,", "owned: 90,")


@pytest.mark.parametrize(
    ("show", "owned", "told"), [(SIZES, 0, True), (SIZES, 8, False), (SET, 0, True)]
)
def test_an_answer_says_which_gifts_are_promised_and_not_there(
    show: str, owned: int, told: bool
) -> None:
    """Goodwill buys no gift: it is of units that somebody wanted to buy. Both sizes share the 8."""
    pouch = f"pouch: {{unit_cost: 8, left_over_value: 4, owned: {owned}, goodwill: 20}}"
    resolution = resolve(parse_document(f"{show}  {pouch}\n"))
    curves = build_curves(resolution.scenario, replications=50, seed=3, runner=Runner(workers=1))
    plan = decide_again(curves, MostProfit(), resolution)
    assert plan.items[-1].purchase == 0
    said = re.search(r"as a gift, and (.*) orders get none", all_of(plan))
    assert ("- Fewer gifts than are promised: pouch." in str(plan).splitlines()) == told
    assert (said is not None) == told
    if said:
        mean = curves.curves[-1].at("missing_gifts", owned).mean()
        assert said[1] == amount(mean) and 1 < mean < 8


def test_what_is_only_a_gift_is_never_called_unavailable() -> None:
    """It is never on offer. What its neighbours say stands beside the others' recommended stock."""
    pouch = "pouch: {unit_cost: 8, left_over_value: 4, owned: 8}"
    text = BUNDLE.replace("forecast: 20}", "forecast: 20, gift: {product: pouch, first: 8}}", 1)
    resolution = resolve(parse_document(f"{text.partition('  duo')[0]}  {pouch}\n"))
    curves = build_curves(resolution.scenario, replications=50, seed=3, runner=Runner(workers=1))
    plan = decide_again(curves, MostProfit(), resolution)
    stock = next(table for table in full(plan).tables if table.header[0].startswith("stock"))
    chances = {name: chance for name, _, _, chance, *_ in stock.rows}
    assert chances["pouch"] == "-" and chances["serum"].endswith("%")
    assert "while the others have what is recommended" in all_of(plan)


def test_what_a_scenario_says_stays_text_in_the_page(planned: tuple[Plan, Resolution]) -> None:
    bad = "</script><script>alert(1)</script>\"onload='x' & {{ 1 + 1 }}"
    plan = planned[0]
    item = replace(plan.items[0].curve.item, name=bad)
    items = (replace(plan.items[0], curve=replace(plan.items[0].curve, item=item)),)
    page = Page(bad, (bad, Table((bad,), ((bad,),), bad)), (Points((bad,)),))
    figures = [Drawn("one", b"<svg/>", b"<svg/>", bad)]
    text = html(page, figures, stock=stock(replace(plan, items=items), bad))
    assert "alert(1)" in text and "{{ 1 + 1 }}" in text
    assert "<script>alert" not in text and text.count("</script>") == 3
    assert '"onload' not in text.replace('\\"onload', "")  # which is in the curves' JSON


def test_the_page_leads_with_the_sentence_that_says_most() -> None:
    warned = Page("A show", (Warnings(("Expect a loss.",)), "Buy nothing.", Points(("late",))))
    text = html(warned, ())
    assert text.index('<p class="lead">Buy nothing.</p>') < text.index("Expect a loss.")
    assert text.count("Buy nothing.") == 1
    assert Page("A show", (Table(("one",), (("two",),)), "Afterwards.")).lead == ""
    assert Page("A show", ("word " * 99,)).lead == ""
    assert Page("A show", ("word " * 45,)).lead, "two sentences are read at a glance"


def test_what_is_printed_is_light_wherever_it_is_printed_from() -> None:
    style = re.search(r"<style>(.*?)</style>", html(Page("A show", ("one",)), ()), re.DOTALL)
    assert style
    dark = re.findall(r"@media ([^{]*prefers-color-scheme: dark[^{]*)", style[1])
    assert dark and all(one.startswith("screen ") for one in dark)


@pytest.mark.parametrize(("lines", "cut"), [(30, False), (5_000, True)])
def test_paper_has_the_start_of_a_long_scenario_and_says_so(lines: int, cut: bool) -> None:
    scenario = "\n".join(f"line {number}" for number in range(lines))
    text = html(Page("A show", ("one",)), (), Background(None, None, {"A show": scenario}, {}))
    (shown,) = re.findall(r"<pre[^>]*>(.*?)</pre>", text, re.DOTALL)
    assert re.sub(r"<[^>]*>", "", shown) == scenario  # all of it on a screen
    printed, _, beyond = shown.partition('<span class="unprinted">')
    assert (f"first {len(printed.splitlines())} of 5,000 lines" in text) is bool(beyond) is cut


def test_paper_has_one_scenario_and_of_others_what_differs(scenarios: Path) -> None:
    """Each point of a sweep had its whole scenario on paper: four took five pages, not three."""
    short = {"show.length": "20min", "show.refresh": "30s"}
    room = livesim.load(scenarios / "brand_room.yaml", short)
    found = livesim.sweep(
        room, {"deal.guest_fee": [0, 200, 400]}, replications=50, workers=1, baseline=room
    )
    told = background(found)
    assert len(told.scenarios) == len(told.differing) + 1
    assert [*told.differing.values()][-2:] == [
        ["deal.guest_fee: 200"],
        ["deal.guest_fee: 400"],
    ]
    text = html(Page("A sweep", ("one",)), (), told)
    shown = re.findall(r'<pre class="printed">(.*?)</pre>', text, re.DOTALL)
    assert shown == ["\n".join(lines) for lines in told.differing.values()]
    assert text.count('<pre class="unprinted"') == len(told.differing)


def test_where_a_table_is_too_wide_a_path_in_its_head_stays_whole() -> None:
    """It read "products. serum.owned= 80", which nobody can type."""
    header = ("the show", folded("products.serum.owned=80", 10), "demand\nP10", "what there is")
    console = Console(width=36, record=True, file=io.StringIO())
    console.print(styled(Page("", (Table(header, (("profit", "1,000,000", "7", "8"),)),))))
    shown = console.export_text()
    assert "products.serum.owned=80:" in shown and "  demand P10: 7" in shown


def test_a_row_that_is_a_block_has_no_line_for_an_empty_cell() -> None:
    """The first point of a sweep had "difference:" and nothing behind it."""
    table = Table(
        ("price", "units sold", "difference"), (("250", "1,200", ""), ("299", "900", "-8"))
    )
    console = Console(width=20, record=True, file=io.StringIO())
    console.print(styled(Page("Sweep", (table,))))
    lines = [line.strip() for line in console.export_text().splitlines()]
    assert "difference: -8" in lines and "difference:" not in lines


def test_a_column_of_nothing_is_left_out() -> None:
    """A price that can be tried now has no cost and comes with no delivery."""
    table = Table(("now", "cost", "gain", "so"), (("a", "", "1", "x"), ("b", "", "2", "")), words=1)
    rows = ("a", "1", "x"), ("b", "2", "")
    assert table.without_empty_columns() == Table(("now", "gain", "so"), rows, words=1)
    assert replace(table, words=3).without_empty_columns().words == 2


@pytest.mark.slow
def test_the_stock_over_time_stands_where_the_show_over_time_does(
    ask: Callable[[str], Answer],
) -> None:
    """Under that heading of a run was a closed list alone."""
    text = html_page(ask("result"))
    section = text[text.index('<section id="time">') :].partition("</section>")[0]
    assert len(re.findall("<figure", section)) == 1
    assert len(re.findall("<figure", text)) == 2


def test_long_names_of_rows_beside_words_go_over_lines_in_a_file_too() -> None:
    """Rows were 150 columns wide, as long names left the words no room."""
    name = "Centella and propolis calming ampoule, double set of 50 ml x"
    words = "history; its error: history, given, template, assumption"
    header = ("demand [units]", "P10", "P50", "P90", "from")
    table = Table(header, ((name, "70", "131", "249", words),), "", 1)
    told = plain(Page(title="Plan", answer=(table,)))
    assert max(map(len, told.splitlines())) <= 80
