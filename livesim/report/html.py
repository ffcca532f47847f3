"""A page of text and its figures as HTML: self-contained, and parts of it for notebooks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from livesim.report.pages import Page, Part, Points, Table, Warnings

_STYLE = """\
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em }
h1 { font-size: 1.4em } h2 { font-size: 1.15em; margin: 2.5em 0 0 }
.table { margin: 1.5em 0 .3em; overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
td { white-space: pre }
th, td { padding: .15em .8em; text-align: right; vertical-align: bottom }
th:first-child, td:first-child, .words { text-align: left }
th:first-child, td:first-child { padding-left: 0 }
th { border-bottom: 1px solid #999; white-space: pre-line }
figure { margin: 2em 0 } svg { background: #fff; height: auto; max-width: 100% }
.note { margin-top: 0; opacity: .8 } .warning { border-left: 4px solid #D55E00; padding-left: .8em }
@media (max-width: 40em) {
  body { font-size: 14px; margin: 1em auto }
  table { font-size: .93em } th, td { padding: .15em .35em }
  figure { overflow-x: auto } svg { max-width: none; width: 36em }
}
@media print {
  body { font-size: 8.5pt; margin: 0; max-width: none; padding: 0 }
  th, td { padding: .1em .5em } .table { overflow: visible }
  figure, .table, tr, .warning { break-inside: avoid } h2 { break-after: avoid }
}
"""


def html(page: Page, figures: Mapping[str, bytes]) -> str:
    """Return a page as one HTML file: the answer, the first figure, and all the rest.

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
    drawn = [_figure(name, image.decode()) for name, image in figures.items()]
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="en"><meta charset="utf-8"><title>{escape(page.title)}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>\n{_STYLE}</style>",
        f"<h1>{escape(page.title)}</h1>",
        *(line for part in page.answer for line in _part(part)),
        *drawn[:1],
        *(["<h2>More</h2>"] if page.details else []),
        *(line for part in page.details for line in _part(part)),
        *drawn[1:],
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def html_parts(title: str, parts: Sequence[Part]) -> str:
    """Return a title and parts of a page as a piece of HTML.

    Examples
    --------
    >>> print(html_parts("A show", ("1 < 2",)))
    <p><b>A show</b></p>
    <p>1 &lt; 2</p>
    """
    lines = [line for part in parts for line in _part(part)]
    return "\n".join([f"<p><b>{escape(title)}</b></p>", *lines])


def _part(part: Part) -> Iterator[str]:
    match part:
        case Table():
            yield from _table(part)
        case Points(texts) if texts:
            yield f"<ul>{''.join(f'<li>{_text(text)}</li>' for text in texts)}</ul>"
        case Warnings(texts):
            yield from (f'<p class="warning">{_text(text)}</p>' for text in texts)
        case str():
            yield f"<p>{_text(part)}</p>"


def _text(text: str) -> str:
    """Return a text as HTML, a percent sign never on another line than its number."""
    return escape(text).replace(" %", "&nbsp;%")


def _table(table: Table) -> Iterator[str]:
    yield '<div class="table" tabindex="0"><table>'
    yield _row(table, table.header, "th")
    yield from (_row(table, row, "td") for row in table.rows)
    yield "</table></div>"
    if table.note:
        yield f'<p class="note">{_text(table.note)}</p>'


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
    return f'<figure role="img" aria-label="{escape(name.replace("_", " "))}">{drawn}</figure>'
