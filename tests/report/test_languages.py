"""The second language: every message has a translation, and no English is left on a page."""

from __future__ import annotations

import ast
import html
import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import Any

import openpyxl
import pytest
import yaml
from matplotlib.text import Text

import livesim
from livesim.cli import exits
from livesim.errors import UsageError
from livesim.history import rows
from livesim.planning.recommendation import Plan
from livesim.report import comparison_tables, labels, naming, plan_tables, views
from livesim.report.changes import show_name, value_told
from livesim.report.html import script_messages
from livesim.report.language import (
    ENGLISH,
    Called,
    in_one_line,
    language,
    languages,
    retold,
    say,
    speaking,
)
from livesim.report.pages import Table, plain
from livesim.report.wording import amount, counted, duration, folded, listed
from livesim.resolve import remarks_of, summary_of
from livesim.resolve.keys import all_keys
from livesim.resolve.observed import tuning_warnings
from livesim.results.answer import Answer
from livesim.scenario.parts import Observed

REPORT = Path(livesim.__file__).with_name("report")
CLI = Path(livesim.__file__).with_name("cli")
#: What is about files and keys, or is written in English by design.
NOT_OF_PAGES = {"keys.py", "reference.py", "output_schema.py", "scenario_sheets.py", "language.py"}
NOT_OF_PAGES |= {"drawing.py"}
SOURCES = [file for file in sorted(REPORT.glob("*.py")) if file.name not in NOT_OF_PAGES]
OTHERS = [code for code in languages() if code != ENGLISH]
#: What stays as it is in every language: codes, measures, software.
KEPT = re.compile(
    r"\b(CNY|GMV|NMV|CRPS|EM|JSON|Sobol|livesim|python|numpy|scipy|simpy|processor|pp)\b"
)


def messages(text: str) -> Iterator[str]:
    """Yield the messages that a module says."""
    for node in ast.walk(ast.parse(text)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
            continue
        given = [one.value for one in node.args if isinstance(one, ast.Constant)]
        if node.func.id == "say" and given:
            yield str(given[0])
        elif node.func.id == "counted" and given:
            one, *many = map(str, given)
            yield from (f"{{number}} {one}", f"{{number}} {many[0] if many else f'{one}s'}")


def all_messages() -> set[str]:
    pages = (file.read_text("utf-8") for file in (REPORT / "page").glob("*.j2"))
    found = {one for page in pages for one in re.findall(r'say\("([^"]*)"', page)}
    for file in (*SOURCES, *CLI.glob("*.py")):
        found |= set(messages(file.read_text("utf-8")))
    units = {f"{{number}} {unit}" for unit in ("h", "min", "s")}
    return found | units | set(script_messages())


def places(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name}


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_has_a_translation_with_the_same_places(code: str) -> None:
    told = language(code).messages
    with_words = {one for one in all_messages() if re.search(r"[A-Za-z]{2}", one)}
    assert len(with_words) > 300
    assert sorted(with_words - set(told)) == []
    wrong = [one for one, text in told.items() if places(one) != places(text)]
    assert wrong == []
    assert [one for one, text in told.items() if one and one == text and " " in one.strip()] == [
        "60/30/10 %"
    ]


def by_a_key(text: str) -> Iterator[str]:
    """Yield the messages of a module that it says by a key, as in `say(_FEES[name])`."""
    tree = ast.parse(text)
    said = re.findall(r"\b(?:say|known)\((\w+)\[", text)
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id in said:
                values = (one for one in node.value.values if not isinstance(one, ast.Call))
                parts = (part for value in values for part in ast.walk(value))
                texts = (one.value for one in parts if isinstance(one, ast.Constant))
                yield from (one for one in texts if isinstance(one, str) and len(one) > 1)


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_said_by_a_key_has_a_translation(code: str) -> None:
    """The fee of a guest stayed English among the costs of a plan."""
    told = {one for file in SOURCES for one in by_a_key(file.read_text("utf-8"))}
    assert {"guest fee", "slot fees"} < told and len(told) > 30
    assert sorted(told - set(language(code).messages)) == []


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_shown_of_the_work_has_a_translation(code: str) -> None:
    files = [*Path(livesim.__file__).parent.rglob("*.py")]
    told = (
        r'(?:what(?:: str)? ?= ?|[Tt]ell\(|progress\(|_to_nobody\)\(|_DRAWING = )"([A-Z][a-z ]+)"'
    )
    phases = {one for file in files for one in re.findall(told, file.read_text("utf-8"))}
    assert {"Simulating", "Drawing figures", "Writing the tables"} < phases
    assert sorted(phases - set(language(code).messages)) == []


def reasons() -> set[str]:
    """Return what templates say of their values, as a page has it."""
    files = (Path(livesim.__file__).parent / "resolve" / "templates").glob("*.yaml")
    told = [yaml.safe_load(file.read_text("utf-8"))["because"].values() for file in files]
    return {one.removeprefix("assumption: ") for some in told for one in some}


@pytest.mark.parametrize("code", OTHERS)
def test_every_reason_of_a_template_has_a_translation(code: str) -> None:
    assert len(reasons()) > 60
    assert sorted(reasons() - set(language(code).messages)) == []


@pytest.mark.parametrize("code", OTHERS)
def test_every_unit_of_a_key_has_a_translation(code: str) -> None:
    units = {unit for key in all_keys() for unit in re.findall(r"\[([^]]+)\]", key.meaning)[:1]}
    assert len(units) > 15
    assert sorted(units - {"1", "currency"} - set(language(code).messages)) == []


@pytest.mark.parametrize("code", languages())
def test_a_catalogue_is_all_that_a_language_needs(code: str) -> None:
    told = json.loads((REPORT / "languages" / f"{code}.json").read_text("utf-8"))
    kinds = {"name": str, "lang": str, "group": str, "decimal": str, "sizes": list}
    assert {key: type(told[key]) for key in kinds} == kinds
    assert set(told) == {*kinds, "messages", "columns", "notes"}
    words = told["messages"]
    assert [key for key, text in told["columns"].items() if words.get(key) == text] == []
    for message, text in told["notes"].items():
        assert places(message) == places(text)


def said(text: str) -> Iterator[str]:
    """Yield the sentences of a module that are no messages: f-strings with two words or more."""
    tree = ast.parse(text)
    raised = {
        id(one) for node in ast.walk(tree) if isinstance(node, ast.Raise) for one in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and id(node) not in raised:
            words = " ".join(str(one.value) for one in node.values if isinstance(one, ast.Constant))
            if re.search(r"[a-z]{2,} [a-z]{2,}", words):
                yield words


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)
def test_a_sentence_with_figures_is_a_message(file: Path) -> None:
    assert list(said(file.read_text("utf-8"))) == []


def test_a_sentence_that_is_no_message_would_be_seen() -> None:
    assert list(said('def f(n):\n    return f"there are {n} more"')) == ["there are   more"]
    assert "there is {n}" in messages('say("there is {n}", n=3)')


def english(page: str) -> list[str]:
    """Return the English texts that people read on a page, but for what stays as it is."""
    page = re.sub(r'<(pre|style|script).*?</\1>|base64,[^"]*', "", page, flags=re.DOTALL)
    texts = re.findall(r">([^<]+)<", page.replace("<wbr>", ""))
    texts += re.findall(r'(?:aria-label|alt|data-name)="([^"]*)"', page)
    found = dict.fromkeys(html.unescape(text).strip() for text in texts)
    return [text for text in found if re.search(r"[A-Za-z]{3}", KEPT.sub("", text))]


KINDS = ["result", "comparison", "sweep", "plan", "incubation", "backtest", "explanation", "live"]
KINDS += ["plan of a text", "explanation of a plan", "backtest of a scenario", "calibration"]
NAMED = re.compile(
    r"An evening in our brand room|An incubator tries newcomers|A quick drop|serum|lip[_ ]tint|mask"
    r"|host|newcomer|small|large|everyone|\$ other|(?<![a-z])one(?![a-z])"  # a file's names
    r"|[\w*]+([._=][\w*]+)+(=\S+)?|deal\.(?:\s*guest_fee)?|history|followers|nothing"
    r"|rush|conversion|gpm|orders|[0-9a-f]{32}|x86\S*|lognormal|median|sigma"
    r"|\{p10: .*\}$"  # a value as a file has it
    r"|Sobol|CNY|GMV|NMV|CRPS|JSON|livesim|python|numpy|scipy|simpy|true|false|stay|front|loaded|min\b"
)


def drawn(page: str) -> list[str]:
    """Return the texts of the figures of a page."""
    images = map(b64decode, re.findall(r"data:image/svg\+xml;base64,([^\"]+)", page))
    return [
        html.unescape(one)
        for svg in images
        for one in re.findall(r"<text[^>]*>([^<]+)<", svg.decode())
    ]


def left_in_english(texts: Iterable[str]) -> list[str]:
    """Return texts with English in them; a reason in Chinese may name its source."""
    own = [text for text in texts if not text.startswith(("假设", "模板"))]
    bare = {text: NAMED.sub("", KEPT.sub("", text)) for text in own}
    return [text for text, rest in bare.items() if re.search(r"[A-Za-z]{3}", rest)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:No font on this machine")
@pytest.mark.parametrize("kind", KINDS)
def test_no_english_is_left_on_a_chinese_page(ask: Callable[[str], Answer], kind: str) -> None:
    page = ask(kind).page(language="zh")
    assert '<html lang="zh-Hans">' in page
    left = left_in_english(english(page))
    assert not [text for text in english(page) if text.startswith(("More", "Buy"))]
    assert left == []
    assert left_in_english(drawn(page)) == [] and (drawn(page) or kind == "comparison")
    assert len(english(ask(kind).page())) > 20, "what is looked for is found on an English page"
    with speaking("zh"):
        printed = plain(views.brief(ask(kind))).partition("--full")[0].splitlines()
    assert left_in_english(printed) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_english_is_left_in_a_chinese_workbook(
    ask: Callable[[str], Answer], tmp_path: Path, kind: str
) -> None:
    """But for keys of the file, and the file itself, which stay as they are."""
    book = openpyxl.load_workbook(ask(kind).save(tmp_path / "book.xlsx", language="zh"))
    sheets = [sheet for sheet in book.worksheets if not sheet.title.startswith("情景")]
    texts = {
        cell
        for sheet in sheets
        for row in [(sheet.title,), *sheet.iter_rows(values_only=True)]
        for cell in row
        if isinstance(cell, str)
    }
    assert len(sheets) > 2 and left_in_english(sorted(texts)) == []


def test_what_is_said_after_an_answer_has_a_translation(planned: tuple[Plan, Any]) -> None:
    of = replace(planned[0].origin, requested=100, replications=100)
    fewer = replace(of, replications=50)
    said = [*exits._OPEN.values(), Plan.kind.next_step, of.interruption, fewer.interruption]
    said += [replace(of, called=called).interruption for called in ("candidates", "shows")]
    said += [replace(fewer, called=called).interruption for called in ("candidates", "past shows")]
    with speaking("zh"):
        assert len(said) >= 5 and [one for one in said if retold(one) == one] == []


def test_english_stays_as_it_is_around_another_language(planned: tuple[Plan, Any]) -> None:
    before = str(planned[0])
    with speaking("zh"):
        chinese = str(planned[0])
    assert str(planned[0]) == before
    assert "购入" in chinese and "Buy" not in chinese


def test_numbers_and_lists_follow_the_language() -> None:
    with speaking("zh"):
        assert [amount(x) for x in (7, 15_240, 2_500_000, 12_520_000, 1.23e8)] == [
            *("7", "15,200", "250 万", "1,250 万"),
            "1.23 亿",
        ]
        assert counted(3, "unit") == "3 件" and duration(250) == "4 分钟 10 秒"
        assert listed(["a", "b", "c"]) == "a、b 和 c"
    assert amount(2_500_000) == "2.5 M"


def test_chinese_has_no_space_between_its_words() -> None:
    with speaking("zh"):
        assert listed(["serum", counted(6, "more", "more")]) == "serum 和另外 6 个"
        assert say("what is wanted, as seen after {at} on the air", at=duration(600)) == (
            "开播 10 分钟后所见的需求"
        )
        assert say("{most} and {last}", most="mask", last="serum") == "mask 和 serum"
        assert in_one_line("若偏低\n剩余，\nP10\nCNY") == "若偏低剩余， P10 CNY"
    assert say("{most} and {last}", most="面膜", last="精华液") == "面膜 and 精华液"


def test_a_figure_of_a_product_is_called_by_both() -> None:
    """Who does not see it heard "sold out serum" on a Chinese page."""
    room = livesim.load("scenarios/brand_room.yaml", {"show.length": "5min", "show.refresh": "60s"})
    prices = {"products.serum.price": [200, 400]}
    page = livesim.sweep(room, prices, replications=50, workers=1).page(language="zh")
    told = [alt.partition(":")[0] for alt in re.findall(r'alt="([^"]*)"', page)]
    assert "售罄 serum" in told and left_in_english(told) == []


#: Two Chinese characters with a space between them.
APART = re.compile(r"[\u3400-\u9fff] [\u3400-\u9fff]")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore:No font on this machine")
def test_a_chinese_page_has_no_stray_spaces(ask: Callable[[str], Answer], kind: str) -> None:
    page = re.sub(r'<(pre|style|script).*?</\1>|base64,[^"]*', "", ask(kind).page("zh"), flags=re.S)
    assert APART.findall(page) == []


def test_a_language_of_other_marks_writes_numbers_with_them(monkeypatch: Any) -> None:
    from livesim.report import language as module

    marked = replace(language("en"), group=".", decimal=",")
    monkeypatch.setattr(module, "spoken", lambda: marked)
    assert say("{number:,.1f} units", number=1234.5) == "1.234,5 units"


def test_what_somebody_has_called_something_is_no_message() -> None:
    with speaking("zh"):
        assert say("profit") == "利润" and retold("profit") == "利润"
        assert retold(Called("profit")) == "profit"


@pytest.mark.parametrize("name", ["more", "profit", "never", "5 min"])
def test_names_that_read_like_messages_stay_as_they_are(name: str) -> None:
    with speaking("zh"):
        assert retold(folded(Called(name), 20)) == name
        assert retold(naming.variant("serum", name)) == name
        shown = Table((show_name(name),), ((value_told("show.start", name),),)).in_words()
        assert (shown.header, shown.rows) == ((name,), ((name,),))


def test_the_shows_of_a_comparison_keep_their_names() -> None:
    room = livesim.load("scenarios/brand_room.yaml", {"show.length": "5min", "show.refresh": "60s"})
    more = room.with_changes({"products.serum.owned": 500})
    found = livesim.compare({"never": room, "more": more}, replications=50, workers=1)
    with speaking("zh"):
        page = comparison_tables.page(found).in_words()
    names = [table.header[1:] for table in page.tables]
    assert names == [("never", "more")] * len(names)
    with speaking("zh"):
        texts = {one.get_text() for one in views.figures(found)["profit"].findobj(Text)}
    assert {"more", "高于 never 的利润 [CNY]"} <= texts
    assert not [one for one in plain(page).splitlines() if re.search("gone within|: 售", one)]


def test_what_calibration_names_and_tells_apart_is_retold() -> None:
    """Notes stayed English where a row is far off, and where weekends were told apart."""
    with speaking("zh"):
        assert retold(
            "e5, serum: its orders per viewer are 8.2 times what its other shows and this show's "
            "other products let expect; it counts 2.5 % of a usual row: is there a mistake in the "
            "row?"
        ).startswith("e5，serum：其人均订单为")
        assert retold(
            "a weekend, in 8 of 16 past shows: 1.4 times the viewers (1.3–1.5) and 1 times the "
            "orders per viewer (0.9–1.1)"
        ).replace(" ", "") == (
            "周末，16场历史直播中有8场：观众为1.4倍（1.3–1.5），人均订单为1倍（0.9–1.1）"
        )


def test_why_rows_of_past_shows_are_left_out_is_retold() -> None:
    """They stayed English, so that nobody who reads Chinese knew which rows did not count."""
    row, start = {"units": 1.0, "views": 1_900.0}, 1_800.0
    wrong_ones = [
        *({small: 2.0 + slack, large: 1.0} for small, large, slack, _ in rows._NEVER_ABOVE),
        *({"length": hours * 3_600} for hours in (-1.0, 80.0)),
        *({column: -1.0} for column in ("price", "units")),
        {"shows": 2.0},
        {**row, "watch_time": 0.0, "length": start},
        {**row, "watch_time": 60_000.0, "length": start, "peak": 10.0},
    ]
    reasons = {rows.wrong(rows.Row(None, values)) for values in wrong_ones}
    assert len(reasons) == len(wrong_ones) - 1  # two say that an average is above the peak
    with speaking("zh"):
        for reason in reasons:
            for which in ("row 3", "rows 3, 5–7"):
                told = retold(f"past.csv: left out {which}: {reason}; is that a mistake?")
                english = re.sub("past.csv|price|units", "", told)
                assert "第 3" in told and not re.search("[A-Za-z]", english), told
        assert retold("past.csv: columns that are not read: tip") == "past.csv：未读取的列：tip"


@pytest.mark.parametrize(
    "question",
    [
        "9 sold, and sold out at the start: was it sold out?",
        "a show of less than 5 min: is its length in another unit?",
        "0 units sold for 1,500: is there a mistake in the row?",
        "9 sold at 31 for 1.12: is there a mistake in the row?",
        "the show was in 1926: is the year right?",
        "500 units sold to 1,100 viewers, 9.1 times as many as usual: is there a mistake in the "
        "row?",
        "'合计' is taken for a product: is it a total?",
    ],
)
def test_what_a_row_of_past_shows_is_asked_is_retold(question: str) -> None:
    with speaking("zh"):
        told = retold(f"a.csv, row 6: {question}")
        assert not re.search("[A-Za-z]", told.replace("a.csv", "")), told
        assert told.endswith("？")


#: Parts whose notes stand on people's pages. What else is said in English alone is for those who
#: type commands or keep tests: errors, imports, checks, stores, clusters, how long work takes.
NOTES = (
    *("resolve.why", "resolve.remarks", "resolve.past"),
    *("experiment.study", "experiment.comparing", "learning.backtest"),
)
#: What a place of a note holds, by what writes it or by its name.
_WRITTEN = {
    **{"share": "7 %", "money": "CNY 7", "duration": "7 min", "listed": "a and b"},
    **{"slots": "7 slots", "times": "once", "what": "viewers", "whose": "a conversion is"},
    **{"told": "a weekend, in 2 of 7 past shows", "said": "e5, serum: sold out after 7 min"},
    "_range_of": "8 shows in 10 lie between 1 and 2 times what is told, the middle one at 1",
}


def in_place(value: ast.expr, module: Any) -> str:
    """Return what can stand in a place of an f-string."""
    if isinstance(value, ast.IfExp):
        return in_place(value.orelse, module)
    if isinstance(value, ast.Constant | ast.Name):
        name = str(value.value if isinstance(value, ast.Constant) else value.id)
        return str(getattr(module, name, _WRITTEN.get(name, name)))
    called = (
        value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
    )
    if called == "counted" and isinstance(value, ast.Call):
        return f"7 {ast.literal_eval(value.args[1])}s"
    return _WRITTEN.get(called, "7")


def notes_of(name: str) -> Iterator[str]:
    """Yield the notes of a part: sentences that functions of texts or remarks yield or return."""
    module = import_module(f"livesim.{name}")
    for made in ast.walk(ast.parse(Path(str(module.__file__)).read_text("utf-8"))):
        returns = made.returns if isinstance(made, ast.FunctionDef) else None
        if returns is None or ast.unparse(returns) not in ("Iterator[str]", "tuple[str, ...]"):
            continue
        for node in ast.walk(made):
            value = node.value if isinstance(node, ast.Yield | ast.Return) else None
            value = value.body if isinstance(value, ast.IfExp) else value
            for one in value.elts if isinstance(value, ast.Tuple) else [value]:
                if isinstance(one, ast.Constant | ast.JoinedStr):
                    parts = one.values if isinstance(one, ast.JoinedStr) else [one]
                    filled = [
                        in_place(part.value, module) + "%" * (".0%" in ast.unparse(part))
                        if isinstance(part, ast.FormattedValue)
                        else in_place(part, module)
                        for part in parts
                    ]
                    if re.search("[a-z]{2,} [a-z]{2,} [a-z]", "".join(filled)):
                        yield "".join(filled)


@pytest.mark.parametrize("name", NOTES)
def test_every_note_on_a_page_is_known_by_its_shape(name: str) -> None:
    """Notes stayed English that no test had a show for: of prices, peaks, states, samples."""
    with speaking("zh"):
        assert [note for note in notes_of(name) if retold(note) == note] == []
    assert len([*notes_of(name)]) > 0


def test_about_as_many_as_are_told_is_retold() -> None:
    said = (
        "From 6 past shows: about as many viewers as are told, and about as many orders per "
        "viewer as in the median show, on average. One of them counts for up to 20 % of the "
        "viewers that are expected."
    )
    with speaking("zh"):
        assert not re.search("[A-Za-z]", retold(said)), retold(said)


def test_what_calibration_says_is_retold() -> None:
    told = "0.98 times the viewers that are told", "0.98 times the viewers of the median show"
    with speaking("zh"):
        for start in ("6 past shows", "1 past show", "6 past shows, of which 2 count little"):
            for viewers in told:
                said = retold(
                    f"From {start}: {viewers}, and 0.95 times the orders per viewer that "
                    "are told, on average. One of them counts for up to 20 % of the viewers that "
                    "are expected and 10 % to 19 % of the orders that are expected."
                )
                assert not re.search("[A-Za-z]{2}", said) and "0.95" in said
        assert retold("gone within 1 min") == "1 分钟内售罄"
        assert "整场数据" in retold(
            "8 past shows told in all, not by product of this show: their orders are held against "
            "what all products of this show together are expected to sell, and so tell of orders "
            "per viewer, and not of which product sells"
        )
        assert "份额" in retold(
            "so the middle of a single product lies below its share of the whole: most products of "
            "a show sell less than their mean"
        )


def test_a_note_of_a_part_below_is_known_by_its_shape() -> None:
    note = "Views are taken as unique viewers for mask (show.views_per_viewer is 1)."
    with speaking("zh"):
        assert retold(note) == "mask 的浏览量按独立观众计（show.views_per_viewer 为 1）。"
    assert retold(note) == note


@pytest.mark.parametrize("code", OTHERS)
def test_how_exact_curves_are_has_a_translation(code: str) -> None:
    sentences = {*plan_tables._CASES.values(), *plan_tables._EXACT.values()}
    sentences |= {*labels._DEFAULTS.values(), *labels._LABELS.values()}
    assert sentences - set(language(code).messages) == set()


def test_a_warning_of_what_was_sold_out_is_retold() -> None:
    observed = Observed(sold=180, sold_out=True, viewers=49_600)
    same = tuning_warnings(
        "serum", 170, 49_600, observed.model_copy(update={"viewers": None}), "median"
    )
    like = tuning_warnings("serum", 120, 36_000, observed, "median")
    with speaking("zh"):
        told = [retold(warning) for warning in (*same, *like)]
    assert len(told) == 2 and not any(re.search("[A-Za-z]{4}", one[5:]) for one in told)


def test_remarks_are_retold_with_their_remedies() -> None:
    found = livesim.load(
        "scenarios/brand_room.yaml",
        {
            "products.serum.price": 45,
            "products.serum.herd": 0.2,
            "products.mask.scarcity": {"below": 10, "multiplier": 1.2},
            "products.mask.left_over_value": 900,
            "products.mask.reserve": {"units": 50, "lead_time": "4h", "below": 5},
            "products.lip_tint.arriving": {"van": {"units": 20, "on": "2026-11-30 09:00"}},
            "products.lip_tint.observed": {"sold": 24, "sold_out": True},
            "show.length": "4h",
        },
    )
    remarks = remarks_of(found)
    assert len({one.path[-1] for one in remarks}) >= 6
    said = [text for one in remarks for text in (one.what, one.remedy) if text]
    with speaking("zh"):
        assert [text for text in [*said, summary_of(found)] if retold(text) == text] == []


def test_a_minimum_order_above_the_budget_is_retold() -> None:
    told = "serum: the minimum order, 500, costs CNY 40,000: above the budget of CNY 1,000."
    with speaking("zh"):
        assert retold(told) == "serum：起订量 500 件需 CNY 40,000，超出预算 CNY 1,000。"
        part = told.replace("40,000:", "40,000, CNY 9,000 of it before the show:")
        assert (
            retold(part)
            == "serum：起订量 500 件需 CNY 40,000，其中 CNY 9,000 开播前支付，超出预算 CNY 1,000。"
        )


def test_what_stands_in_a_note_is_retold_too() -> None:
    known = "Forecast errors are those of what is known from history (5 shows: show.past_shows)."
    views = "Views are taken as unique viewers for a, b c and d (show.views_per_viewer is 1)."
    guess = (
        "No dashboard shows a conversion, and one is written: if it is a guess, write "
        "show.known_from: followers, and orders err about twice as much. Where there were shows "
        "like this, write instead the orders_per_1000 or units_per_1000 that they had, or history: "
        "shows.csv with all of them."
    )
    selected = (
        "No dashboard shows a conversion, and one is written. Measured shows sold 1.1 times what "
        "a conversion of 1.2 % of every product comes to; published shows sold 2.6 times as much a "
        "viewer as these, since what sells much is published. Where there were shows like this, "
        "write instead the orders_per_1000 or units_per_1000 that they had, or history: shows.csv "
        "with all of them."
    )
    with speaking("zh"):
        assert retold(guess) != guess and retold(selected) != selected
        assert retold(known) == "预测误差按“历史直播（5 场：show.past_shows）”取。"
        assert retold(views) == "a、b c 和 d 的浏览量按独立观众计（show.views_per_viewer 为 1）。"
        assert retold("This and that are no note.") == "This and that are no note."


def test_an_unknown_language_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="no language is called xx"), speaking("xx"):
        pass
    with pytest.raises(UsageError, match=r"known: en, zh\. Did you mean zh\?"), speaking("zh-CN"):
        pass


def test_latin_names_and_numbers_stand_apart_from_chinese_and_not_from_its_marks() -> None:
    """A share, "21N" and what stands in brackets had no space, or one too many."""
    with speaking("zh"):
        assert say("demand for {name} alone", name="粉底 21N") == "粉底 21N 自身的需求"
        assert say("demand for {name} alone", name="粉底") == "粉底自身的需求"
        counts = "One of them counts for {span} of the viewers that are expected."
        assert retold(counts.format(span="0.3 %")) == "其中一场占观众预期的 0.3 %。"
    messages = json.loads((REPORT / "languages" / "zh.json").read_text(encoding="utf-8"))
    assert not re.findall(r"[）。；：，] [{\[]", json.dumps(messages, ensure_ascii=False))


def test_a_variant_without_a_label_is_named_as_its_siblings() -> None:
    half = {"share": "50%"}
    sizes = {"s": {"label": "small", **half}, "l": half}
    room = livesim.load("scenarios/brand_room.yaml", {"products.serum.variants": sizes})
    with naming.naming([room]):
        assert [naming.item(f"serum.{one}") for one in sizes] == ["serum small", "serum l"]
    assert naming.item("serum.l") == "serum.l"
