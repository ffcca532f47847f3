"""A page of text and its figures as HTML: one file that needs no other, and parts for notebooks.

How it looks stands in ``page/``: templates, one style and one script. Everything in a scenario is
text and is escaped. A policy in the page allows that style and that script alone, and nothing from
anywhere else.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from livesim.report.background import Background
from livesim.report.language import in_one_line, say, spoken
from livesim.report.pages import Page, Part, Table, fits
from livesim.report.stock_page import Stock
from livesim.report.wording import columns, glued

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_PLACE = Path(__file__).with_name("page")
#: Of a scenario's text, as paper takes them: of hundreds of products, it alone has a hundred pages.
_PRINTED_LINES = 800

#: Tables of more rows are closed at first.
_MANY = 12
#: So many columns of text fit a narrow screen, and a part of one, as do those of a label above it.
_NARROW = 38
#: So many columns of text fit half of a page of paper.
_HALF_A_PAGE = 58
#: Of a figure of such a height, paper would show texts of 10 points below 7 [1 of its width].
_TALL = 0.84
_ROOM = {"quarter": (8, 11), "third": (13, 15), "half": (18, 23)}
#: A word of so many columns goes over lines at no mark within it; of a longer one numbers do not.
_TIED = 12
_WITH_MARK = re.compile(r"[^\s\u200b]*\w[-–/·]\w[^\s\u200b]*")
_AT_MARK = re.compile(r"\d+[-–]\d+|\w·\w")
_CHINESE = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class Drawn:
    """A figure.

    Parameters
    ----------
    name
        The figure's.
    svg
        The image.
    narrow
        The image on a narrow screen.
    said
        What it shows, for those who do not see it.
    """

    name: str
    svg: bytes
    narrow: bytes
    said: str


def html(
    page: Page,
    figures: Sequence[Drawn],
    background: Background | None = None,
    stock: Stock | None = None,
) -> str:
    """Return a page as one HTML file: the answer, the first figure, and all the rest.

    Parameters
    ----------
    page
        What it says.
    figures
        The figures.
    background
        What it was made from.
    stock
        What other numbers of units come to, where that is known.

    Examples
    --------
    >>> text = html(Page("A show", ("1 < 2",)), ())
    >>> "<bdi>A show</bdi>" in text, ">1 &lt; 2</p>" in text
    (True, True)
    """
    environment, now = _environment(), spoken()
    text: str = environment.get_template("page.html.j2").render(
        page=page,
        figures=figures,
        background=background,
        stock=stock,
        sections=_sections(page, figures, background, stock),
        lang=now.lang,
        language={
            "numbers": [now.group, now.decimal, now.sizes],
            "messages": {one: say(one) for one in script_messages()},
        },
        style=_verbatim("page.css"),
        script=_verbatim("page.js"),
    )
    return text


def html_parts(title: str, parts: Sequence[Part]) -> str:
    """Return a title and parts of a page as a piece of HTML.

    Examples
    --------
    >>> print(html_parts("A show", ("1 < 2",)))
    <p><b>A show</b></p>
    <p>1 &lt; 2</p>
    """
    template = _environment().get_template("screen.html.j2")
    return template.render(title=title, parts=parts).strip()


def _sections(
    page: Page, figures: Sequence[Drawn], background: Background | None, stock: Stock | None
) -> dict[str, str]:
    """Return the headings of the sections that there are, by their names."""
    there = {
        "stock": (stock, "Try other numbers of units"),
        "time": (background and background.over_time, "The show over time"),
        "rest": (page.details or figures[1:], "What is behind it"),
        "assumptions": (background and background.assumptions, "What is assumed"),
        "origin": (background, "What it was made from"),
    }
    return {name: say(heading) for name, (content, heading) in there.items() if content}


def script_messages() -> tuple[str, ...]:
    """Return the messages of the page's script."""
    return tuple(dict.fromkeys(re.findall(r'say\("([^"]*)"', _verbatim("page.js"))))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_PLACE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., object]] = {
        "kind": lambda part: type(part).__name__,
        "glued": glued,
        "digest": _digest,
        "data_url": _data_url,
        "labels": _labels,
        "open": _open,
        "tied": _tied,
        "named": _named,
        "room": _room,
        "too_wide": _too_wide,
        "half_a_page": _half_a_page,
        "tall": _tall,
    }
    environment.filters |= filters
    environment.globals |= {"say": say, "printed": _PRINTED_LINES, "many": _MANY}
    return environment


@cache
def _verbatim(name: str) -> str:
    """Return a file of the page as it is, not to be escaped: it is livesim's own."""
    from markupsafe import Markup

    return Markup((_PLACE / name).read_text("utf-8"))


def _named(table: Table) -> str:
    """Return what a table is called: where its first column has a name of its own, that above."""
    return in_one_line(table.header[0].partition("\n\n")[0])


def _open(text: str) -> Markup:
    r"""Return a text whose paths may go over lines after a point or a sign, if there is no room.

    Examples
    --------
    >>> print(_open("deal.\nguest_fee=0"), _open("1.5 < 2"))
    deal.<wbr>guest_fee=<wbr>0 1.5 &lt; 2
    """
    from markupsafe import Markup

    text = re.sub(r"(?<=[._=])\n", "\u200b", text)
    text = re.sub(r"(?<=[\w*]\.)(?=[a-z_*])|(?<=\w=)(?=\S)", "\u200b", text)
    tied = str(_tied(text)).replace("\u200b\u200b", "\u200b")
    return Markup(tied.replace("\u200b", "<wbr>"))


def _tied(text: str) -> Markup:
    """Return a text none of whose short words, numbers or names goes over lines at a mark in it.

    Examples
    --------
    >>> print(_tied("Kim Ji-woo"), _tied("a well-known-to-everybody < 5"))
    Kim <span class="tied">Ji-woo</span> a well-known-to-everybody &lt; 5
    """
    from markupsafe import Markup, escape

    text = glued(text)
    parts, end = list[Markup](), 0
    for word in _WITH_MARK.finditer(text):
        inside = [word] if columns(word[0]) <= _TIED else _AT_MARK.finditer(text, *word.span())
        for tied in inside:
            before = escape(text[end : tied.start()])
            parts += before, Markup('<span class="tied">{}</span>').format(tied[0])
            end = tied.end()
    return Markup("").join([*parts, escape(text[end:])])


def _labels(table: Table) -> list[str]:
    r"""Return what each cell is called where it stands alone: P50 is of what the P10 before it is.

    Examples
    --------
    >>> _labels(Table(("by product", "demand\nP10", "P50", "unavailable"), ()))
    ['by product', 'demand P10', 'demand P50', 'unavailable']
    """
    labels: list[str] = []
    what = ""
    for label in map(in_one_line, table.header):
        if re.fullmatch(r"P\d+", label):
            labels.append(f"{what}{label}")
        else:
            labels.append(label)
            what = label.removesuffix("P10") if label.endswith("P10") else ""
    return labels


def _too_wide(table: Table) -> bool:
    """Return whether a narrow screen shows each row of a table as a block.

    On a page no line of a header ends within a word of Chinese, so it takes what letters take.
    """
    header = tuple(_CHINESE.sub("xx", name) for name in table.header)
    return not fits(replace(table, header=header), _NARROW)


def _half_a_page(table: Table) -> bool:
    """Return whether a table is so narrow that paper has room for two halves side by side."""
    return fits(replace(table, words=0), _HALF_A_PAGE)  # words in one line


def _room(table: Table) -> list[str]:
    """Return how much of a narrow screen's width each column of a table takes, as a class."""
    widest = [max(map(columns, cells)) for cells in zip(*table.rows, strict=True)]
    labels = map(columns, _labels(table))
    return [
        next(
            (name for name, (cell, above) in _ROOM.items() if one <= cell and label <= above), "all"
        )
        for one, label in zip(widest, labels, strict=True)
    ]


def _tall(svg: bytes) -> bool:
    """Return whether a figure needs more of a page than others, or its texts are too small."""
    size = re.search(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    return size is not None and float(size[2]) > _TALL * float(size[1])


def _digest(text: str) -> str:
    """Return a text's fingerprint as a content security policy wants it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _data_url(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
