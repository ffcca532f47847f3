"""What all answers have in common: documents that the schema describes, pages, and one folder."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from matplotlib.figure import Figure

from livesim.planning.recommendation import Plan
from livesim.report.html import html_parts
from livesim.report.output_schema import output_schema
from livesim.report.pages import Table
from livesim.results.answer import Answer

KINDS = (
    *("result", "comparison", "sweep", "plan", "explanation", "incubation", "calibration"),
    *("backtest", "backtest of a scenario"),
)
#: What an answer prints first, of a room with three products: about ten lines, and one of each.
MOST_LINES = {"plan": 11, "result": 13, "comparison": 6, "sweep": 8, "incubation": 17}
VALIDATOR = Draft202012Validator(output_schema())


@pytest.fixture(scope="module", params=KINDS)
def answer(request: pytest.FixtureRequest, ask: Callable[[str], Answer]) -> Answer:
    return ask(request.param)


@pytest.fixture(scope="module")
def figures(answer: Answer) -> dict[str, Figure]:
    return answer.figures()


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(output_schema())


@pytest.mark.slow
def test_a_document_is_what_the_schema_describes(answer: Answer) -> None:
    document = answer.document()
    kind = output_schema()["$defs"][answer.kind.name]
    assert set(document) <= set(kind["properties"]), "describe it in report/output_schema.py"
    validator = VALIDATOR.evolve(schema={**output_schema(), "oneOf": [kind]})
    assert [error.message for error in validator.iter_errors(document)] == []
    assert VALIDATOR.is_valid(document)
    assert json.loads(json.dumps(document, allow_nan=False)) == document


@pytest.mark.slow
@pytest.mark.parametrize("key", ["kind", "digest", "fingerprint", "versions"])
def test_a_document_that_lacks_something_would_be_seen(answer: Answer, key: str) -> None:
    document = answer.document()
    del document[key]
    assert not VALIDATOR.is_valid(document)


@pytest.mark.slow
def test_a_figure_of_another_shape_would_be_seen(answer: Answer) -> None:
    text = json.dumps(answer.document())
    for found, other in (('"mean_interval"', '"error"'), ('"chance": 0', '"share": 0')):
        if found in text:
            assert not VALIDATOR.is_valid(json.loads(text.replace(found, other)))


class Page(HTMLParser):
    """What a page loads from elsewhere, and the names in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.names: list[str] = []
        self.images = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        at = told.get("src") or told.get("href") or ""
        elsewhere = bool(at) and not at.startswith("data:")
        if tag in ("link", "iframe") or (tag in ("script", "img") and elsewhere):
            self.loads.append(tag)
        self.images += tag == "img" or tag == "svg"
        self.names += [str(told["id"])] if "id" in told else []


@pytest.mark.slow
def test_a_page_needs_no_other_file(answer: Answer) -> None:
    page = answer.page()
    found = Page(page)
    assert found.loads == []
    assert len(found.names) == len(set(found.names)), "figures share a name"
    assert set(re.findall(r"url\(#([^)]*)\)", page)) <= set(found.names)
    assert found.images >= 1
    assert "<table" in page


@pytest.mark.slow
def test_a_notebook_shows_a_screenful(answer: Answer) -> None:
    shown = answer._repr_html_()
    assert shown.count("<tr>") < 60
    lines = [line for line in str(answer).splitlines() if line]
    assert len(lines) <= MOST_LINES.get(answer.kind.name, 30)
    assert answer.kind.name not in MOST_LINES or max(map(len, lines)) <= 80
    assert len(shown) < 12_000


@pytest.mark.slow
def test_tables_and_figures_have_names(answer: Answer, figures: dict[str, Figure]) -> None:
    tables = answer.tables()
    assert tables
    assert all(len(table) and len(table.columns) for table in tables.values())
    assert all(isinstance(figure, Figure) for figure in figures.values())


@pytest.mark.slow
def test_a_folder_has_all_of_it(answer: Answer, figures: dict[str, Figure], tmp_path: Path) -> None:
    folder = answer.save(tmp_path / "kept")
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    images = {f"figures/{name}.{kind}" for name in figures for kind in ("svg", "png")}
    assert {
        "manifest.json",
        "page.html",
        "workbook.xlsx",
        f"{answer.kind.name}.json",
        *images,
    } <= names
    kept = json.loads((folder / f"{answer.kind.name}.json").read_text("utf-8"))
    assert kept == answer.document()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert {key: manifest[key] for key in ("format", "kind", "digest", "seed", "versions")} == {
        key: kept[key] for key in ("format", "kind", "digest", "seed", "versions")
    }


@pytest.mark.slow
def test_the_fingerprint_sees_one_changed_bit(ask: Callable[[str], Answer]) -> None:
    answer = ask("plan")
    assert isinstance(answer, Plan)
    viewers = answer.curves.viewers.astype(float)
    viewers[3] = np.nextafter(viewers[3], np.inf)
    other = replace(answer, curves=replace(answer.curves, viewers=viewers))
    assert other.fingerprint != answer.fingerprint


@pytest.mark.slow
def test_what_is_said_of_a_figure_stops_between_title_and_basis(
    answer: Answer, figures: dict[str, Figure]
) -> None:
    """The two ran into each other where a screen reader says them."""
    labels = [figure.get_label() for figure in figures.values()]
    for figure, label in zip(figures.values(), labels, strict=True):
        title, *basis = figure.get_suptitle().splitlines()
        assert label.startswith(f"{title}. " if basis else title)
    said = re.findall(r'alt="[^":]*: ([^"]*)"', answer.page())
    assert said and all(html.unescape(one).startswith(tuple(labels)) for one in said)


def test_a_table_of_many_rows_is_called_by_its_name_alone() -> None:
    """A product's was called "serum guest_fee"."""
    table = Table(("serum\n\nguest fee", "demand"), (("0", "1"), ("9", "2")))
    assert 'aria-label="serum"' in html_parts("", (table,))
