"""The summary in words: the same rows plain and styled, and figures that say what they mean."""

import io
from collections.abc import Callable
from dataclasses import replace
from math import inf

import numpy as np
from rich.console import Console

import livesim
from livesim.checking.wording import number
from livesim.report.pages import WIDTH, Page, Points, Table, Warnings, plain, styled
from livesim.report.result_tables import page
from livesim.report.wording import amount, in_part, percent
from livesim.resolve import words
from livesim.results import Result
from livesim.scenario.scenario import Scenario


def table_of(shown: Page, name: str) -> dict[str, tuple[str, ...]]:
    (table,) = (table for table in shown.tables if table.header[0].startswith(name))
    return {row[0]: row[1:] for row in table.rows}


def with_product_figures(result: Result, **columns: np.ndarray) -> Result:
    products = {**result.outcome.products, **columns}
    return replace(result, outcome=replace(result.outcome, products=products))


def test_a_chance_that_is_not_0_is_not_written_as_0() -> None:
    """One show of 200 is below 1 %; a list counts such products only where there are no others."""
    assert [percent(share) for share in (0.0, 1e-15, 0.0049, 0.005, 0.006)] == [
        *("0 %", "0 %", "<1 %", "<1 %", "1 %"),
    ]
    assert percent(0.0004, decimals=1) == "<0.1 %"
    few = {"mask": 0.004, "serum": 0.2, "lip": 0.0}
    assert in_part(few, str) == "serum (20 %)"
    assert in_part({**few, "serum": 0.0}, str) == "mask (0.4 %)"


def test_a_chance_that_is_not_1_is_not_written_as_100() -> None:
    """One show of 500 without a loss: nobody may read that all of them lose."""
    assert [percent(share) for share in (1.0, 1 - 1e-15, 0.998, 0.995, 0.994)] == [
        *("100 %", "100 %", ">99 %", ">99 %", "99 %"),
    ]
    assert percent(0.9996, decimals=1) == ">99.9 %"
    assert [words.share(share) for share in (1.0, 0.998, 0.994)] == ["100 %", ">99 %", "99 %"]
    assert words.exact_share(0.9998) == number(0.9998, "share") == "99.98 %"
    assert in_part({"mask": 0.998}, str) == "mask (>99 %)"


def test_a_product_with_variants_says_what_its_chance_is_of() -> None:
    short = {"show.length": "20min", "show.refresh": "1min"}
    shades = {"rose": {"share": "60%"}, "nude": {"share": "40%"}}
    for changes in (short, short | {"products.lip_tint.variants": shades}):
        show = livesim.load("scenarios/brand_room.yaml", changes)
        told = plain(page(livesim.simulate(show, replications=50, workers=1)))
        said = "unavailable, of lip_tint: all variants at once" in " ".join(told.split())
        assert said == (changes is not short)


def test_plain_and_styled_show_the_same_cells(result: Result) -> None:
    shown = page(result)
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    with console.file:
        console.print(styled(shown))
    on_terminal, in_pipe = console.export_text(), plain(shown)
    for table in shown.tables:
        for row in (tuple(name.split("\n")[-1] for name in table.header), *table.rows):
            cells = row[1:]  # names of rows may go over lines
            for text in (on_terminal, in_pipe):
                assert any(all(cell in line for cell in cells) for line in text.splitlines()), row
    for text in (on_terminal, in_pipe):
        assert {*shown.title.split(), *" ".join(shown.words).split()} <= set(text.split())


def test_a_terminal_takes_nothing_for_markup_and_indents_what_it_wraps() -> None:
    table = Table(("stock [units]", "[bold]"), (("a [b]", "[/c]"),))
    shown = Page("A [title]", (Points(("[one] " + "word " * 20,)), Warnings(("[two]",)), table))
    console = Console(width=40, record=True, file=io.StringIO())
    console.print(styled(shown))
    lines = [line.rstrip() for line in console.export_text().splitlines()]
    for said in ("A [title]", "! [two]", "stock [units]  [bold]", "a [b]            [/c]"):
        assert said in lines
    first = next(place for place, line in enumerate(lines) if line.startswith("- [one]"))
    assert lines[first + 1].startswith("  word")


def test_a_percent_sign_stays_with_its_number() -> None:
    for many in range(1, 15):
        text = plain(Page("A show", ("many " * many + "then 95 % of " * 9,)))
        assert not any(line.startswith("%") for line in text.splitlines())
        assert "\N{NO-BREAK SPACE}" not in text


def test_plain_text_is_not_wider_than_it_says(result: Result) -> None:
    lines = plain(page(result)).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert lines == [line.rstrip() for line in lines]


def test_the_page_says_the_show_and_what_was_assumed(result: Result) -> None:
    shown = page(result)
    assert result.scenario.title in shown.title
    assert shown.title.endswith("· 3 h")
    assert "- Something assumed." in plain(shown).splitlines()


def test_the_answer_has_a_line_a_product(result: Result) -> None:
    shown = page(result)
    answer = Page(shown.title, shown.answer)
    assert len([line for line in plain(answer).splitlines() if line]) <= 15
    rows = table_of(answer, "by product")
    assert list(rows) == list(result.scenario.products)
    mean = np.asarray(result.outcome.products["profit"])[:, 0].mean()
    assert rows["serum"][-1] == amount(float(mean))


def test_the_answer_says_what_is_unavailable_and_not_what_is_sold_out(result: Result) -> None:
    """With a wave still to come a product is not sold out, and still sells nothing."""
    at = np.full_like(result.outcome.products["unavailable_at"], 120.0)
    never = np.full_like(at, inf)
    shown = page(with_product_figures(result, unavailable_at=at, sold_out_at=never))
    answer = Page(shown.title, shown.answer)
    assert table_of(answer, "by product")["serum"][4] == "100 %"
    assert "sold out" not in plain(answer)


def test_times_are_given_only_where_it_happened_in_that_share(result: Result) -> None:
    """Sold out in 40 of 100 shows: a P10 but neither P50 nor P90."""
    at = np.full_like(result.outcome.products["unavailable_at"], inf)
    at[:40, 0] = 60.0 + 250.0
    share, never = np.where(np.isfinite(at), 0.5, 0.0), np.full_like(at, inf)
    figures = {"unavailable_at": at, "unavailable": share, "sold_out_at": never}
    shown = page(with_product_figures(result, **figures))
    row = table_of(shown, "unavailable")["serum"]
    assert row == ("40 % (30 – 50 %)", "4 min 10 s", "-", "-", "20 %", "0 %")
    assert "-: not in that share of all shows" in plain(shown)


def test_the_price_of_owned_units_is_told_where_a_purchase_has_another(
    scenario: Scenario, made: Callable
) -> None:
    said = "is counted at unit_cost"
    assert said not in plain(page(made(scenario)))
    breaks = {"price_breaks": {"500": 18}}
    cheaper = scenario.with_changes({"products.lip_tint.supply": breaks})
    (told,) = (text for text in page(made(cheaper)).words if said in text)
    assert told.endswith("plan buys: lip_tint.")
    with_none = cheaper.with_changes({"products.lip_tint.owned": 0})
    assert said not in plain(page(made(with_none)))


def test_potential_demand_is_shown_where_it_differs(result: Result) -> None:
    demand = result.outcome.products["demand"]
    same = page(with_product_figures(result, potential_demand=demand))
    assert "  if nothing sold out" not in table_of(same, "stock")
    more = page(with_product_figures(result, potential_demand=demand + 1000))
    low, middle, high = table_of(more, "stock")["  if nothing sold out"][1:4]
    assert all(cell.startswith("1,") for cell in (low, middle, high))


def test_what_happens_between_a_try_and_an_order_is_told_where_there_is_something(
    result: Result,
) -> None:
    assert not any("checkout's steps" in text or "fake" in text for text in page(result).words)
    sales = result.outcome.products["sales"]
    placed = with_product_figures(
        result,
        dropped=np.full_like(sales, 40),
        fake=0.25 * sales,
        coupons=np.full_like(sales, 20),
        webshop=np.full_like(sales, 30),
        webshop_lost=np.full_like(sales, 2),
    )
    lines = plain(page(placed)).splitlines()
    assert "- serum: 20 orders had a coupon (mean)." in lines
    webshop = "30 units sold in the webshop meanwhile, and 2 more could have been (mean)."
    assert f"- serum: {webshop}" in " ".join(" ".join(lines).split())
    assert "- serum: 40 tries to order are lost on the checkout's steps (mean)." in lines
    assert "- serum: 25 % of the units paid for are for fake orders." in lines


def test_what_falls_off_the_end_is_told_with_its_share_of_shows(result: Result) -> None:
    link_at = result.outcome.products["link_at"].copy()
    link_at[:25, 0] = inf
    last = list(result.scenario.rundown)[-1].replace("_", " ")
    text = " ".join(plain(page(with_product_figures(result, link_at=link_at))).split())
    assert f"! Slots that some shows do not get to: {last} (1.0 %)." in text
    assert "! Never on offer in some shows: serum (25 %)." in text


def test_money_names_its_currency_and_the_chance_of_a_loss(result: Result) -> None:
    profit = np.repeat([-5e6, 1e6, 2e6, 3e6], 25)
    shows = {**result.outcome.shows, "profit": profit}
    shown = page(replace(result, outcome=replace(result.outcome, shows=shows)))
    money = table_of(shown, "money, CNY")
    assert money["profit of the show"] == (
        *("250,000", "-5,000,000"),
        *("1,000,000", "3,000,000"),
    )
    assert "chance of a loss: 25 % (17 – 35 %)" in plain(shown).splitlines()


def test_two_kinds_of_not_knowing_are_kept_apart(result: Result) -> None:
    """Demand of 80 or 120 by turns: half-width t(99; 0.975) × 20.1 / 10 of 100, as independent."""
    demand = np.tile([[80], [120]], (50, len(result.scenario.products)))
    forecast, error = page(with_product_figures(result, demand=demand)).words
    assert "between 80 and 120, a factor of 1.5" in forecast
    assert "within ±4.0 % (100 replications, seed 7)" in error
    assert "P10 in 80 – 80 and P90 in 120 – 120" in error


def test_simulation_error_is_the_widest_of_the_products(result: Result) -> None:
    demand = np.full((100, len(result.scenario.products)), 100)
    demand[:50, 1] = 60  # 80 ± t(99; 0.975) × 20.1 / 10
    error = page(with_product_figures(result, demand=demand)).words[1]
    assert f"±{1.98422 * 20.1008 / 10 / 80:.1%}".replace("%", " %") in error


def test_an_error_of_more_than_half_is_no_error_to_quote(result: Result) -> None:
    demand = np.full((100, len(result.scenario.products)), 100)
    demand[1:, 1] = 0  # 1 ± more than 2
    error = page(with_product_figures(result, demand=demand)).words[1]
    assert "too large to say" in error
    assert "±" not in error
    assert "P90 in 100 – 100" in error, "a percentile's interval holds however wide the mean's is"


def test_nothing_wanted_at_all(result: Result) -> None:
    nothing = np.zeros_like(result.outcome.products["demand"])
    forecast, error = page(with_product_figures(result, demand=nothing)).words
    assert "between 0 and 0." in forecast
    assert "±0.0 %" in error


def test_deposits_are_told_of_only_in_a_presale(scenario: Scenario, made: Callable) -> None:
    presale = {"products.serum.presale": {"deposit": 0.1, "balance_paid": 0.9}}
    sold = made(scenario.with_changes(presale))
    assert "deposits kept" in table_of(page(sold), "money")
    assert "deposits kept" not in table_of(page(made(scenario)), "money")


def test_a_reserve_that_waits_for_a_number_is_told_in_the_answer() -> None:
    when = {"at": "5min", "sold": "best"}
    reserve = {"units": 50, "lead_time": "2min", "when": when}
    changes = {"show.length": "20min", "products.serum.reserve": reserve}
    show = livesim.load("scenarios/brand_room.yaml", changes)
    shown = page(livesim.simulate(show, replications=50))
    said = "products.serum.reserve.when.sold: best is a number that livesim plan finds"
    for parts, seen in ((shown.answer, 1), (shown.details, 0)):
        assert plain(Page("", parts)).replace("\n  ", " ").count(said) == seen
