"""A page of text and its figures as HTML: self-contained, and parts of it for notebooks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from livesim.report.pages import Page, Part, Points, Table, Warnings

_STYLE = """\
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em }
h1 { font-size: 1.4em }
table { border-collapse: collapse; margin: 1.5em 0 .3em; display: block; overflow-x: auto }
td { white-space: nowrap }
th, td { padding: .15em .8em; text-align: right; vertical-align: bottom }
th:first-child, td:first-child, .words { text-align: left }
th { border-bottom: 1px solid #999; white-space: pre-line }
.note { color: #555 } .warning { font-weight: bold }
svg { height: auto; max-width: 100% }
"""


def html(page: Page, figures: Mapping[str, bytes]) -> str:
    """Return a page as one HTML file, in which the figures stand, too.

    Parameters
    ----------
    page
        What it says.
    figures
        SVG files by name.

    Examples
    --------
    >>> html(Page("A show", ("1 < 2",)), {}).splitlines()[-3:]
    ['<h1>A show</h1>', '<p>1 &lt; 2</p>', '</html>']
    """
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="en"><meta charset="utf-8"><title>{escape(page.title)}</title>',
        f"<style>\n{_STYLE}</style>",
        f"<h1>{escape(page.title)}</h1>",
        *(line for part in page.parts for line in _part(part)),
        *(_figure(name, image.decode()) for name, image in figures.items()),
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def html_parts(title: str, parts: Sequence[Part]) -> str:
    r"""Return a title and parts of a page as a piece of HTML.

    Examples
    --------
    >>> html_parts("A show", ("1 < 2",))
    '<p><b>A show</b></p>\\n<p>1 &lt; 2</p>'
    """
    lines = [line for part in parts for line in _part(part)]
    return "\n".join([f"<p><b>{escape(title)}</b></p>", *lines])


def _part(part: Part) -> Iterator[str]:
    match part:
        case Table():
            yield from _table(part)
        case Points(texts) if texts:
            yield f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"
        case Warnings(texts):
            yield from (f'<p class="warning">{escape(text)}</p>' for text in texts)
        case str():
            yield f"<p>{escape(part)}</p>"


def _table(table: Table) -> Iterator[str]:
    yield "<table>"
    yield _row(table, table.header, "th")
    yield from (_row(table, row, "td") for row in table.rows)
    yield "</table>"
    if table.note:
        yield f'<p class="note">{escape(table.note)}</p>'


def _row(table: Table, cells: tuple[str, ...], tag: str) -> str:
    words = len(cells) - table.words
    shown = (
        f"<{tag}{' class=words' if place >= words else ''}>{escape(cell)}</{tag}>"
        for place, cell in enumerate(cells)
    )
    return f"<tr>{''.join(shown)}</tr>"


def _figure(name: str, svg: str) -> str:
    """Return a figure whose own names cannot be taken for those of another one."""
    drawn = svg[svg.index("<svg") :]
    drawn = re.sub(r'((?:id="|href="#|url\(#))', rf"\g<1>{name}_", drawn)
    return f'<figure aria-label="{escape(name)}">{drawn}</figure>'
