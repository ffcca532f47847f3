"""The page in a real browser: headless, without any network, as somebody opens it from a mail."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from matplotlib.image import imread

from livesim.experiment.comparing import compare
from livesim.planning.recommendation import Plan
from livesim.report.html import html
from livesim.report.language import languages, say, speaking
from livesim.report.pages import Page, Points, Table
from livesim.report.plan_words import paid
from livesim.report.wording import amount, duration, percent, units, volume
from livesim.resolve import Resolution, resolve
from livesim.resolve.words import money
from livesim.results.answer import Answer
from livesim.scenario.document import parse_document

pytestmark = pytest.mark.slow

Planned = tuple[Plan, Resolution]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = "no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
#: What the page's policy and the browser say of a page that is as it should be.
SILENT: list[str] = []


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with playwright.sync_playwright() as running:
        flags = [f"--{flag}" for flag in FLAGS.split()]
        opened = running.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield opened
        opened.close()


class Opened:
    """A page in a browser, and what its console has said."""

    def __init__(self, browser: Any, file: Path, **settings: Any) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        context = browser.new_context(offline=True, **settings)
        self.page = context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri())

    def row(self, name: str) -> Any:
        return self.page.locator(".stock tbody tr").filter(
            has=self.page.get_by_role("spinbutton", name=f"units of {name}, typed", exact=True)
        )

    def slide(self, name: str, to: list[int]) -> list[dict[str, str]]:
        """Move an item's slider, and return its row at each of these places."""
        found = self.row(name).evaluate(
            """(row, to) => to.map((units) => {
              const slider = row.querySelector("input[type=range]");
              slider.value = units;
              slider.dispatchEvent(new Event("input"));
              return [...row.querySelectorAll("td[data-name]")].map((cell) =>
                [cell.dataset.name, cell.textContent.replaceAll("\u00a0", " ")]);
            })""",
            to,
        )
        return list(map(dict, found))


@pytest.fixture(scope="module")
def file(planned: Planned, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planned[0].save(tmp_path_factory.mktemp("page") / "plan.html")


@pytest.fixture(scope="module")
def file_of_many(planned_many: Planned, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planned_many[0].save(tmp_path_factory.mktemp("page") / "many.html")


def told(plan: Plan, number: int, have: int) -> dict[str, str]:
    """Return an item's row with so many units in all, from its curve as the plan has it."""
    curve = plan.items[number].curve
    item, own = curve.item, plan.items[number].owned
    at = have - item.arriving
    level = int(curve.levels.searchsorted(at))
    on_level = level < len(curve.levels) and curve.levels[level] == at
    after = sorted(curve.figures["unavailable_after"][:, level])[curve.replications // 2 - 1]
    profit = float((curve.at("profit", at) + curve.at("elsewhere", at)).mean())
    return {
        "buy": units(have - own),
        "cost": paid(plan, float(item.cost(have - own))),
        "unavailable": percent(curve.unavailable_chance(at)),
        **({"when, P50": duration(after) if after < 1e9 else "-"} if on_level else {}),
        "sold": amount(float(curve.at("sales", at).mean())),
        "lost sales": amount(float(curve.at("lost", at).mean())),
        "left over": amount(float(curve.at("left_over", at).mean())),
        "earns": amount(profit),
    }


def test_the_sliders_figures_are_the_curves(browser: Any, file: Path, planned: Planned) -> None:
    plan, _ = planned
    opened = Opened(browser, file)
    for number, item in enumerate(plan.items):
        name, pack = item.name, item.curve.item.pack
        have = [item.owned + pack * n for n in range(10)]
        for units_in_all, shown in zip(have, opened.slide(name, have), strict=True):
            assert shown | told(plan, number, units_in_all) == shown, (name, units_in_all)
    assert opened.said == SILENT


def test_the_shows_profit_is_that_of_all_items(browser: Any, file: Path, planned: Planned) -> None:
    plan, _ = planned
    opened = Opened(browser, file)
    have = [item.owned + 2 * item.curve.item.pack for item in plan.items]
    for item, number in zip(plan.items, have, strict=True):
        opened.slide(item.name, [number])
    on_hand = [n - item.curve.item.arriving for n, item in zip(have, plan.items, strict=True)]
    profit = float(plan.curves.profit(on_hand).mean())
    said = opened.page.locator("#joint").inner_text()
    assert f"makes CNY\xa0{amount(profit)} on average" in said
    opened.page.get_by_role("button", name="As recommended").click()
    joint = float(plan.curves.profit(plan.decision.units).mean())
    assert f"makes CNY\xa0{amount(joint)} on average." in opened.page.locator("#joint").inner_text()


def test_units_between_two_levels_are_said_to_be_on_a_straight_line(
    browser: Any, file: Path, planned: Planned
) -> None:
    """On a level all was counted; between two, chances and profit are on the line between them."""
    plan, _ = planned
    opened = Opened(browser, file)
    joint, item = opened.page.locator("#joint"), plan.items[0]
    typed = opened.row(item.name).locator("input[type=number]")
    low, high = (item.curve.levels[-2:] + item.curve.item.arriving).tolist()
    pack, ends = item.curve.item.pack, f"between {units(low)} and {units(high)}"
    assert low + pack < high, "no whole pack lies between these levels"
    for have, line in ((low, ""), (low + pack, ends), (high + pack, f"beyond {units(high)}")):
        typed.fill(str(have))
        typed.blur()
        said = f"{item.name}, {units(have)}: {line} on a straight line."
        for told_there in (joint, opened.page.locator("tr.curve p").first):
            assert (said in told_there.inner_text()) == bool(line), have
        assert ("about CNY" in joint.inner_text()) == bool(line), have


def test_a_purchase_beyond_the_budget_is_said(browser: Any, file: Path, planned: Planned) -> None:
    opened = Opened(browser, file)
    row = opened.row("mask").locator("input[type=number]")
    row.fill("1001")
    row.blur()
    assert row.input_value() == "1000"  # whole packs of 6 above the 4 owned
    cost = sum(
        float(item.curve.item.cost(996 if item.name == "mask" else item.purchase))
        for item in planned[0].items
    )
    over = money(cost - 5000, "CNY").replace(" ", "\xa0")
    assert f"{over} over the budget" in opened.page.locator("#joint").inner_text()


def test_what_cannot_be_had_is_said_when_it_is_typed(browser: Any, file: Path) -> None:
    """The minimum that is owned, whole packs above it; an empty field is no number."""
    opened = Opened(browser, file)
    joint, row = opened.page.locator("#joint"), opened.row("mask").locator("input[type=number]")
    before = joint.inner_text()
    for typed, taken, told in [
        ("2", "4", " mask: you own 4, so there are no fewer."),
        ("13", "16", " mask: units are bought in whole packs of 6."),
        ("22", "22", ""),
        ("", "22", ""),
    ]:
        row.fill(typed)
        row.blur()
        assert row.input_value() == taken
        assert joint.inner_text().endswith(told or "as recommended.")
        assert joint.get_attribute("class") == "scripted"
    opened.page.get_by_role("button", name="As recommended").click()
    assert joint.inner_text() == before


def test_the_slider_begins_with_what_the_answer_says(browser: Any, file_of_many: Path) -> None:
    """To the last digit: 44,235 is no 44,200."""
    page = Opened(browser, file_of_many).page
    shown = (page.locator(one).inner_text() for one in (".lead", "#joint"))
    lead, joint = (text.replace("\N{NO-BREAK SPACE}", " ") for text in shown)
    (cost,) = re.findall(r"for (CNY [\d,.]*\d)", lead)
    assert f"units for {cost}." in joint
    assert len(cost.rstrip("0,")) > len("CNY 44,2"), "it would say the same if it were rounded"


def test_a_purchase_beyond_the_storage_is_said(
    browser: Any, make_plan: Callable[..., Planned], tmp_path: Path, small_show: str
) -> None:
    roomy = small_show.replace("supply: {", "supply: {storage: 900 l, ").replace(
        "mask: {", "mask: {volume: 20 l, "
    )
    plan, _ = make_plan(roomy.replace("serum:\n    {", "serum:\n    {volume: 1 l, "))
    opened = Opened(browser, plan.save(tmp_path / "stored.html"))
    joint = opened.page.locator("#joint")
    assert "storage" not in joint.inner_text()
    row = opened.row("mask").locator("input[type=number]")
    row.fill("64")
    row.blur()
    others = [item for item in plan.items if item.product == "serum"]
    taken = 64 * 20 + sum(item.recommended for item in others)
    assert f"It takes {volume(taken)} of storage, and there is 900 l." in joint.inner_text()
    assert joint.get_attribute("class").split() == ["scripted", "over"]
    opened.page.get_by_role("button", name="As recommended").click()
    assert "storage" not in joint.inner_text()


def test_the_page_writes_shares_as_the_answer_does(browser: Any, file: Path) -> None:
    shares = [0.0, 0.004, 0.5, 0.994, 0.998, 1.0]
    shown = Opened(browser, file).page.evaluate("(shares) => shares.map(percent)", shares)
    assert [one.replace("\N{NO-BREAK SPACE}", " ") for one in shown] == [*map(percent, shares)]


def test_nothing_is_fetched_and_nothing_else_may_run(browser: Any, file: Path) -> None:
    opened = Opened(browser, file)
    assert [url for url in opened.asked if not url.startswith("data:")] == [file.as_uri()]
    opened.page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
        " document.body.append(s);"
        " const i = new Image(); i.src = 'https://example.com/a.png'; document.body.append(i) }"
    )
    assert opened.page.evaluate("window.ran === undefined")
    assert len(opened.said) == 2 and all("Content Security Policy" in text for text in opened.said)


def test_it_works_by_keyboard_alone(browser: Any, file: Path, planned: Planned) -> None:
    opened = Opened(browser, file)
    keys, item = opened.page.keyboard, planned[0].items[0]
    seen = []
    for _ in range(60):
        keys.press("Tab")
        name = opened.page.evaluate("document.activeElement.getAttribute('aria-label')")
        seen.append(name or opened.page.evaluate("document.activeElement.textContent"))
        if name == f"units of {item.name}":
            break
    assert {"Try other numbers of units", "As recommended", "Buy nothing"} <= set(seen)
    keys.press("ArrowRight")
    more = item.recommended + item.curve.item.pack
    assert opened.row(item.name).get_by_text(units(more - item.owned), exact=True).count()
    assert opened.row(item.name).get_attribute("class") == "changed"
    keys.press("Shift+Tab")  # the button that opens the curve
    before = opened.page.locator(".curve").count()
    keys.press("Enter")
    assert opened.page.locator(".curve").count() == 1 - before


@pytest.mark.parametrize("width", [360, 1280])
def test_what_is_reached_by_keyboard_is_not_under_the_line_that_stays(
    browser: Any, file_of_many: Path, width: int
) -> None:
    """Shift+Tab came to fields that it hid."""
    opened = Opened(browser, file_of_many, viewport={"width": width, "height": 800})
    opened.page.locator("input[type=number]:visible").last.focus()
    tops = []
    for _ in range(40):
        opened.page.keyboard.press("Shift+Tab")
        tops += [
            opened.page.evaluate("""() => document.activeElement.closest(".stock") ?
          document.activeElement.getBoundingClientRect().top -
          document.getElementById("joint").getBoundingClientRect().bottom : 1""")
        ]
    assert min(tops) > 0


def test_a_slider_reaches_the_least_that_can_be_bought(
    browser: Any, make_plan: Callable[..., Planned], tmp_path: Path, small_show: str
) -> None:
    plan, _ = make_plan(small_show.replace("minimum_order: 0", "minimum_order: 480"))
    opened = Opened(browser, plan.save(tmp_path / "least.html"))
    for item in plan.items:
        slider = opened.row(item.name).locator("input[type=range]")
        assert int(slider.get_attribute("max")) >= item.owned + 480


@pytest.mark.slow
def test_a_slider_is_in_the_middle_of_its_row(browser: Any, file: Path) -> None:
    """Beside a name of three lines it stood at the top of the row, its figures in the middle."""
    page = browser.new_context(offline=True, viewport={"width": 1280, "height": 800}).new_page()
    page.goto(file.as_uri())
    script = """() => {
      const row = document.querySelector('.have').closest('tr')
      row.querySelector('th button').textContent = 'A name of many words '.repeat(8)
      const middle = one => {
        const box = one.getBoundingClientRect()
        return box.top + box.height / 2
      }
      return [row, ...row.querySelectorAll('.have input')].map(middle)
    }"""
    row, *inputs = page.evaluate(script)
    assert all(abs(one - row) < 3 for one in inputs)


def test_each_cell_of_a_card_says_what_its_percentile_is_of(browser: Any, tmp_path: Path) -> None:
    header = ("a product", "left over\nthen, P10", "P50", "P90", "earns", "P50")
    table = Table(header, (("a name of some length", *("1,234,567",) * 5),))
    (tmp_path / "cards.html").write_text(html(Page("", (), (table,)), ()), encoding="utf-8")
    screen = {"viewport": {"width": 360, "height": 800}}
    cells = Opened(browser, tmp_path / "cards.html", **screen).page.locator("tbody td")
    names = cells.evaluate_all(
        "all => all.map((one) => getComputedStyle(one, '::before').content.slice(1, -1))"
    )
    left = [f"left over then, {share}" for share in ("P10", "P50", "P90")]
    assert [name.replace("\N{NO-BREAK SPACE}", " ") for name in names] == [*left, "earns", "P50"]


@pytest.mark.parametrize(("width", "lines"), [(300, 3), (1280, 1)])
def test_a_path_goes_over_lines_at_its_points_and_only_where_it_must(
    browser: Any, tmp_path: Path, width: int, lines: int
) -> None:
    """A title ended with "owned=6" and went on with "00"; a heading took three lines of many."""
    table = Table(("a", "deal.\nguest_fee=\n0"), (("products.serum.owned", "1"),))
    page = Page("five_skus with products.serum.owned=600", (), (table,))
    (tmp_path / "page.html").write_text(html(page, ()), encoding="utf-8")
    opened = Opened(browser, tmp_path / "page.html", viewport={"width": width, "height": 800}).page
    assert opened.locator("h1 wbr").count() == 3
    parts = opened.locator("h1, thead th").evaluate_all(LINES)
    broken = [text.rstrip() for one in parts for text in one[:-1]]
    assert all(text.endswith(("with", ".", "=")) for text in broken)
    assert max(map(len, parts)) <= lines


def test_chinese_headings_break_between_words_alone(browser: Any, tmp_path: Path) -> None:
    table = Table(("商品", "流失销量", "货品收益"), (("serum", "1", "2"),))
    lead = "购入 4 个商品共 300 件，共 CNY 16,280（预算 CNY 60,000）。"  # noqa: RUF001
    page = Page("标题", (lead,), (table,))
    (tmp_path / "page.html").write_text(html(page, ()), encoding="utf-8")
    opened = Opened(browser, tmp_path / "page.html").page
    broken = set()
    for width in range(160, 400, 8):
        opened.set_viewport_size({"width": width, "height": 800})
        for lines in opened.locator(".lead, thead th").evaluate_all(LINES):
            broken |= {
                a + b for a, b in pairwise(lines) if a[-1] > "\u4e00" < b[0] and a[-1] < "\uff00"
            }
    assert broken == set()


def test_names_ranges_and_dates_go_over_lines_at_no_mark_within(
    browser: Any, tmp_path: Path
) -> None:
    """A heading ended with "Kim Ji-", a row with "(55–", another with "10" of 10 kg."""
    names = "Coat Medium (55–66)", "Rice of autumn, vacuum packed, 10 kg", "嘉宾到场：金·卡戴珊"  # noqa: RUF001
    rows = tuple((name, "1", f"with {name}, 90–130") for name in names)
    page = Page(
        "An evening with Kim Ji-woo · 2026-11-29", (), (Table(("a", "b", "c"), rows, words=1),)
    )
    (tmp_path / "page.html").write_text(html(page, ()), encoding="utf-8")
    opened = Opened(browser, tmp_path / "page.html").page
    ends = set()
    for width in range(200, 700, 8):
        opened.set_viewport_size({"width": width, "height": 800})
        for lines in opened.locator("h1 bdi, tbody th, tbody td.words").evaluate_all(LINES):
            ends |= {(a.rstrip()[-2:], b.lstrip()[:2]) for a, b in pairwise(lines)}
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
    at_marks = {(a, b) for a, b in ends if a[-1] in "-–·" or b[0] in "-–·" or b == "kg"}
    assert ends and at_marks == set()


def test_items_are_found_filtered_and_sorted(
    browser: Any, file_of_many: Path, planned_many: Planned
) -> None:
    opened = Opened(browser, file_of_many)
    names = opened.page.locator(".stock tbody tr:not(.curve):visible th")
    assert names.count() == len(planned_many[0].items)
    opened.page.get_by_label("Find").fill("gel_1")
    assert names.count() == 10
    opened.page.get_by_label("Find").fill("")
    opened.page.locator("#order").select_option("profit")
    items = sorted(planned_many[0].items, key=lambda item: -(item.earns_then.mean or 0.0))
    assert names.all_inner_texts() == [item.name for item in items]
    opened.page.locator("#show").select_option("changed")
    assert names.count() == 0
    assert opened.page.get_by_text("0 of 22 shown").is_visible()
    assert opened.said == SILENT


def test_a_phone_shows_first_what_is_bought_and_the_rest_when_asked(
    browser: Any, file_of_many: Path, planned_many: Planned
) -> None:
    opened = Opened(browser, file_of_many, viewport={"width": 360, "height": 800})
    names = opened.page.locator(".stock tbody tr:not(.curve):visible th")
    items = sorted(planned_many[0].items, key=lambda item: -item.cost)
    assert names.all_inner_texts() == [item.name for item in items[:12]]
    assert opened.page.get_by_text("12 of 22 shown").is_visible()
    opened.page.get_by_label("Find").fill(items[-1].name)
    assert names.all_inner_texts() == [items[-1].name], "those beyond are found, too"
    opened.page.get_by_label("Find").fill("")
    opened.page.emulate_media(media="print")
    assert names.count() == 22, "paper cannot be asked for more"
    opened.page.emulate_media(media="screen")
    more = opened.page.get_by_role("button", name="Show all 22")
    more.focus()
    opened.page.keyboard.press("Enter")
    assert names.count() == 22 and not more.is_visible()
    focused = opened.page.evaluate("document.activeElement.textContent")
    assert focused == items[12].name, "whoever goes by keyboard stays where the new rows begin"
    assert opened.said == SILENT


def test_tables_of_many_rows_are_closed_and_say_how_many(browser: Any, file_of_many: Path) -> None:
    opened = Opened(browser, file_of_many)
    shut = opened.page.locator("#rest details:not([open]) summary")
    assert "demand [units]: 22 rows" in shut.all_inner_texts()
    rows = opened.page.locator("#rest tbody tr:visible")
    before = rows.count()
    shut.filter(has_text="demand").click()
    assert rows.count() == before + 22
    text = opened.page.inner_text("#rest")
    assert "Of 22 items, 12 have figures in a folder and charts in a workbook" in text


@pytest.mark.filterwarnings("ignore:No font on this machine")
def test_a_page_in_another_language_is_as_good(
    browser: Any, planned: Planned, tmp_path: Path
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-core")
    plan, _ = planned
    opened = Opened(browser, plan.save(tmp_path / "zh.html", language="zh"), bypass_csp=True)
    row = opened.page.locator(".stock tbody tr").first
    with speaking("zh"):
        have = plan.items[0].owned + 3 * plan.items[0].curve.item.pack
        row.locator("input[type=number]").fill(str(have))
        row.locator("input[type=number]").blur()
        wanted = [*told(plan, 0, have).values()]
        assert say("Buy nothing") in opened.page.locator(".tools").inner_text()
    shown = [cell.replace("\u00a0", " ") for cell in row.locator("td").all_inner_texts()]
    assert [figure for figure in wanted if figure not in shown] == []
    assert "Buy" not in opened.page.locator("#joint").inner_text()
    found = axe.Axe().run(opened.page)
    assert found.response["violations"] == [], found.generate_report()
    assert opened.said == SILENT


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_nothing(browser: Any, file: Path, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-core")
    size = {"width": width, "height": 800}
    opened = Opened(browser, file, color_scheme=scheme, viewport=size, bypass_csp=True)
    for one in opened.page.locator("summary").all():
        one.click()
    found = axe.Axe().run(opened.page)
    assert found.response["violations"] == [], found.generate_report()


def test_the_page_of_a_comparison_is_as_good(browser: Any, small_show: str, tmp_path: Path) -> None:
    shows = {"as it is": small_show, "dearer": small_show.replace("price: 100", "price: 120")}
    found = compare(
        {name: resolve(parse_document(text)) for name, text in shows.items()},
        replications=50,
        workers=1,
    )
    opened = Opened(browser, found.save(tmp_path / "compared.html"))
    names = opened.page.get_by_role("navigation").get_by_role("link").all_inner_texts()
    assert names == ["What is behind it", "What it was made from"]
    assert opened.page.get_by_text("every value explicit: dearer").count() == 1
    assert opened.page.locator("script").count() == 0
    assert opened.said == SILENT


OTHERS = (
    *("result", "comparison", "sweep", "incubation", "backtest", "explanation", "calibration"),
    "live",
)


@pytest.fixture(scope="module")
def file_of(
    ask: Callable[[str], Answer], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("pages")
    return cache(lambda kind: ask(kind).save(folder / f"{kind}.html"))


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize(("scheme", "width"), [("dark", 1280), ("light", 360)])
def test_axe_finds_nothing_on_other_pages(
    browser: Any, file_of: Callable[[str], Path], kind: str, scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-core")
    size = {"width": width, "height": 800}
    opened = Opened(browser, file_of(kind), color_scheme=scheme, viewport=size, bypass_csp=True)
    for one in opened.page.locator("summary").all():
        one.click()
    found = axe.Axe().run(opened.page)
    assert found.response["violations"] == [], found.generate_report()


@pytest.mark.parametrize("kind", OTHERS)
def test_other_pages_run_and_fetch_nothing_and_work_by_keyboard(
    browser: Any, file_of: Callable[[str], Path], kind: str
) -> None:
    """Whatever has more than is shown, as a wide table or a closed part, is reached by Tab."""
    opened = Opened(browser, file_of(kind), viewport={"width": 360, "height": 800})
    page = opened.page
    assert opened.said == SILENT
    assert [url for url in opened.asked if not url.startswith("data:")] == [file_of(kind).as_uri()]
    assert page.locator("script").count() == 0
    assert "script-src" not in page.locator("meta[http-equiv]").get_attribute("content")
    reached = set()
    for _ in range(page.locator("a, summary, [tabindex]").count() + 1):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.tagName"))
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.parentElement.open")
    there = page.evaluate(
        "[...document.querySelectorAll('a, summary, [tabindex]')].map((one) => one.tagName)"
    )
    assert set(there) <= reached
    for image in page.get_by_role("img").all():
        assert len(image.get_attribute("alt").split()) > 3


@pytest.mark.parametrize("kind", ("plan of a text", *OTHERS))
@pytest.mark.parametrize("code", languages())
@pytest.mark.filterwarnings("ignore:No font on this machine")
def test_a_phone_shows_every_table_and_text_without_scrolling_sideways(
    browser: Any, ask: Callable[[str], Answer], kind: str, code: str, tmp_path: Path
) -> None:
    file = ask(kind).save(tmp_path / "page.html", language=code)
    page = Opened(browser, file, viewport={"width": 360, "height": 800}).page
    for one in page.locator("summary").all():
        one.click()
    shown = page.evaluate(
        """() => [...document.querySelectorAll(".table, pre, dl, p")].map((one) =>
          [one.scrollWidth - one.clientWidth, one.textContent])"""
    )
    assert len(shown) > 3 and [text for beyond, text in shown if beyond > 0] == []


@pytest.mark.parametrize("kind", ("plan", *OTHERS))
def test_a_phone_cuts_nothing_and_no_page_speaks_of_options(
    browser: Any, file_of: Callable[[str], Path], kind: str
) -> None:
    opened = Opened(browser, file_of(kind), viewport={"width": 360, "height": 800})
    assert opened.page.evaluate("document.documentElement.scrollWidth") == 360
    cut = opened.page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter((one) =>
          one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === "hidden")
          .map((one) => one.outerHTML)"""
    )
    assert cut == []
    figures = opened.page.evaluate(
        """() => [...document.querySelectorAll("figure")].map((one) => [one.scrollWidth,
          one.clientWidth, one.querySelector("img").getBoundingClientRect().width])"""
    )
    assert all(shown <= there > image - 1 for shown, there, image in figures)  # they are rounded
    assert all(image > 0.95 * there for _, there, image in figures)
    shown = opened.page.locator("body").inner_text()
    assert re.findall(r"(?<![\w-])--[a-z]+", shown) == []


#: Of each element, the lines of its text.
LINES = """all => all.map((one) => {
  const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT), lines = [];
  for (let node, last; (node = walker.nextNode());) {
    for (let n = 0; n < node.data.length; n++) {
      const range = document.createRange(); range.setStart(node, n); range.setEnd(node, n + 1);
      const [box] = range.getClientRects();
      if (!box || !node.data[n].trim()) continue;
      if (last === undefined || box.top > last + 4) { lines.push(""); last = box.top; }
      lines[lines.length - 1] += node.data[n];
    }
  }
  return lines;
})"""
#: Of each text, where the characters before its first dash, the dash and the first character are.
PLACES = """all => all.map((one) => {
  const text = document.createTreeWalker(one, NodeFilter.SHOW_TEXT).nextNode(), at = (n) => {
    const range = document.createRange(); range.setStart(text, n); range.setEnd(text, n + 1);
    return range.getClientRects()[0];
  };
  const first = text.data.search(/\\S/), dash = text.data.indexOf("–"), lines = [];
  for (let n = first; n < text.data.length; n++) if (/\\S/.test(text.data[n])) {
    const { left, top } = at(n);
    if (!lines.length || top > lines.at(-1)[1] + 4) lines.push([left, top]);
  }
  return [dash < 0 || at(dash - 2).top === at(dash).top, lines.map(([left]) => left)];
})"""


def test_on_a_phone_no_range_breaks_before_its_dash_and_names_hang_from_their_start(
    browser: Any, tmp_path: Path
) -> None:
    """The second line of what stands indented stood further out than its first."""
    ranges = tuple(f"{'x ' * before}77,755 – 97,569 of them" for before in range(45))
    names = "above no show, which loses 1,610", "the recommended purchase of all of them"
    table = Table(("profit",), tuple((f"{start}{name}",) for name in names for start in ("", "  ")))
    page = html(Page("Ranges", (Points(ranges),), (table,)), ())
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    screen = {"viewport": {"width": 220, "height": 800}}
    opened = Opened(browser, tmp_path / "page.html", **screen).page
    held = opened.locator("main li").evaluate_all(PLACES)
    assert len(held) == 45 and all(beside for beside, _ in held)
    starts = [lines for _, lines in opened.locator("tbody th").evaluate_all(PLACES)]
    assert len(starts) == 4 and all(len(lines) > 1 for lines in starts)
    assert all(min(more) > first for first, *more in starts)


def test_on_a_phone_the_words_of_a_curve_break_no_range_before_its_dash(
    browser: Any, file: Path
) -> None:
    said = Opened(browser, file).page.locator(".curve p").first.text_content()
    assert re.search(r"\d\u00a0– \d", said) and not re.search(r"\d – \d", said)
    assert re.search(r"\d\u00a0(min|s)\b", said) and not re.search(r"\d (h|min|s)\b", said)


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_screen(browser: Any, file_of_many: Path, width: int) -> None:
    opened = Opened(browser, file_of_many, viewport={"width": width, "height": 800})
    assert opened.page.evaluate("document.documentElement.scrollWidth") == width


def test_without_scripts_the_answer_and_the_figures_stay(
    browser: Any, file: Path, planned: Planned
) -> None:
    opened = Opened(browser, file, java_script_enabled=False)
    assert opened.page.get_by_role("slider").count() == 0
    rows = opened.page.locator(".stock tbody tr").all_inner_texts()
    for number, (item, row) in enumerate(zip(planned[0].items, rows, strict=True)):
        wanted = told(planned[0], number, item.recommended)
        shown = [item.name, units(item.recommended), *wanted.values()]
        cells = [cell.replace("\u00a0", " ").strip() for cell in re.split(r"\t+|\n+", row)]
        assert [cell for cell in shown if cell not in cells] == []
    for image in opened.page.get_by_role("img").all():
        assert image.get_attribute("alt") and image.bounding_box()["height"] > 50


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_has_no_background_of_its_own(browser: Any, file: Path, theme: str) -> None:
    """In the dark it was a patch of another black."""
    opened = Opened(browser, file, color_scheme=theme, viewport={"width": 1280, "height": 800})
    opened.page.locator("figure img").first.scroll_into_view_if_needed()
    box = opened.page.locator("figure img").first.bounding_box()
    corner = {"x": box["x"] - 3, "y": box["y"] + 30, "width": 6, "height": 1}
    shot = imread(BytesIO(opened.page.screenshot(clip=corner)))
    assert len({tuple(dot) for dot in shot[0]}) == 1


def test_what_is_closed_is_open_in_print(browser: Any, file: Path) -> None:
    opened = Opened(browser, file)
    shut = opened.page.locator("details:not([open])")
    tall = "all => all.map((one) => one.getBoundingClientRect().height)"
    before = shut.evaluate_all(tall)
    opened.page.emulate_media(media="print")
    after = shut.evaluate_all(tall)
    assert len(before) >= 2 and all(b > 3 * a for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("columns", "words", "side_by_side"), [(3, 0, 2), (3, 1, 2), (12, 0, 1), (12, 1, 1)]
)
def test_a_narrow_table_of_many_rows_leaves_no_half_of_the_paper_white(
    browser: Any, tmp_path: Path, columns: int, words: int, side_by_side: int
) -> None:
    table = Table(("item",) * columns, (("1,000 units",) * columns,) * 60, words=words)
    (tmp_path / "many.html").write_text(html(Page("Many", (), (table,)), ()), encoding="utf-8")
    opened = Opened(browser, tmp_path / "many.html")
    opened.page.emulate_media(media="print")
    rows = opened.page.locator("tbody tr").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().x)"
    )
    assert len(rows) == 60 and len({*rows}) == side_by_side


@pytest.mark.thorough
@pytest.mark.benchmark
def test_a_slider_moves_within_a_frame(browser: Any, file_of_many: Path) -> None:
    opened = Opened(browser, file_of_many)
    times = opened.page.evaluate(
        """() => { const it = document.querySelector('input[type=range]'), times = [];
        for (let n = 0; n < 50; n++) { it.value = +it.min + n * it.step;
          const start = performance.now(); it.dispatchEvent(new Event('input'));
          times.push(performance.now() - start) } return times }"""
    )
    print(f"script for a move of a slider: {sorted(times)[25]:.2f} ms (median of 50)")
