"""How an answer is looked at: as text, as figures, as an HTML page, and as files in its folder.

What an answer of each kind says stands in ``report/KIND_tables.py`` (`page`) and
``report/KIND_figures.py`` (`drawings`); everything else is the same for all kinds.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial, wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from livesim.errors import ResultsError, UsageError
from livesim.experiment.sweeping import Sweep
from livesim.planning.recommendation import Plan
from livesim.report.background import background
from livesim.report.drawing import for_phones, image_files
from livesim.report.html import Drawn, html, html_parts
from livesim.report.language import in_one_line, known, say, speaking
from livesim.report.naming import naming
from livesim.report.pages import Page, Warnings, plain
from livesim.report.paper import Draw, drawn_on, whole
from livesim.report.plan_figures import draw_stock
from livesim.report.plan_tables import exactness
from livesim.report.stock_page import stock
from livesim.report.sweep_figures import draw_lines
from livesim.report.workbook import workbook
from livesim.results.answer import Answer
from livesim.results.document import json_text
from livesim.results.frames import csv_text
from livesim.scenario.uncertain import Draws

if TYPE_CHECKING:
    from matplotlib.figure import Figure

P = ParamSpec("P")
T = TypeVar("T")

#: What to do next, said in a line after an answer that is cut short.
_NEXT = "More: --full. To mail: --out FILE.html or .xlsx. Values: livesim resolve --why."
_NEXT_AND_PAST = "More: --full. To mail: --out FILE.html. Past shows tell more: history: FILE.csv."


def _in_its_words(view: Callable[Concatenate[Answer, P], T]) -> Callable[Concatenate[Answer, P], T]:
    """Return a view in which what has a label is called by it."""

    @wraps(view)
    def seen(answer: Answer, /, *args: P.args, **options: P.kwargs) -> T:
        with naming(answer.origin.scenarios.values()):
            return view(answer, *args, **options)

    return seen


@_in_its_words
def full(answer: Answer) -> Page:
    """Return all that an answer says, as a page of text."""
    said: Page = _module(answer, "tables").page(answer)
    interruption = answer.origin.interruption
    first = (Warnings((interruption,)),) if interruption else ()
    return replace(said, answer=first + said.answer).in_words()


@_in_its_words
def rough(answer: Answer) -> Page:
    """Return what an answer from few shows says, without what else there is to say."""
    tables = _module(answer, "tables")
    said: Page = getattr(tables, "first", tables.page)(answer)
    return Page(said.title, said.answer).in_words()


def brief(answer: Answer) -> Page:
    """Return what an answer says first, and where the rest is."""
    said = full(answer)
    wants_past = answer.kind.name == "plan" and not _learned(answer)
    after = say(_NEXT_AND_PAST) if wants_past else say(_NEXT)
    return Page(said.title, (*said.answer, after))


def _learned(answer: Answer) -> bool:
    """Say whether the errors of a show are of its past shows already."""
    shows = [scenario.show for scenario in answer.origin.scenarios.values()]
    return any(isinstance(e, Draws) for show in shows for e in (show.turnout_factor, show.appeal))


def text(answer: Answer) -> str:
    """Return what an answer says first, as plain text."""
    said = full(answer)
    return plain(Page(said.title, said.answer))


@_in_its_words
def figures(answer: Answer) -> dict[str, Figure]:
    """Return the figures of an answer by name."""
    return {name: whole(one) for name, one in _drawings(answer).items()}


def draw(answer: Answer, name: str, axes: Any) -> Any:
    """Draw one figure of an answer on axes or a part of a figure; None: as a figure of its own.

    Raises
    ------
    UsageError
        If an answer of its kind has no such figure, or axes are no axes or not as many as panels.
    """
    if not isinstance(answer, Answer):
        raise UsageError(f"{name}: what livesim answered with is needed, not {answer!r}")
    with naming(answer.origin.scenarios.values()):
        known = _drawings(answer)
        if name not in known:
            has = ", ".join(known) or "none"
            raise UsageError(f"{name}: this {answer.kind.name} has no such figure (it has {has})")
        return drawn_on(axes, known[name])


def draw_item(plan: Plan, name: str | None, axes: Any) -> Any:
    """Draw the stock curve of an item of a plan, as `draw`; None: of the only one.

    Raises
    ------
    UsageError
        If there is no such item, or axes do not suit.
    """
    items = {one.name: one for one in plan.items}
    if name is None and len(items) == 1:
        name = next(iter(items))
    if name not in items:
        raise UsageError(f"item: one of {', '.join(items)} is needed, not {name!r}")
    with naming(plan.origin.scenarios.values()):
        return drawn_on(axes, partial(draw_stock, plan, items[name]))


def draw_sweeps(sweeps: Mapping[str, Sweep], measure: str, product: str, axes: Any) -> Any:
    """Draw a measure of sweeps by the names of their lines, as `draw`.

    Raises
    ------
    UsageError
        If there is nothing to draw, or axes do not suit.
    """
    with naming(show for one in sweeps.values() for show in one.origin.scenarios.values()):
        return drawn_on(axes, partial(draw_lines, sweeps, measure, product))


@_in_its_words
def html_page(answer: Answer) -> str:
    """Return an answer, figures included, as one HTML page that needs no other file."""
    with _keeping_garbage():
        drawn = {name: whole(one) for name, one in _of_page(answer).items()}
        return _html(answer, _shown(answer, drawn, image_files(drawn, "svg")))


def html_screen(answer: Answer) -> str:
    """Return what an answer says first, for a notebook."""
    said = full(answer)
    return html_parts(said.title, said.answer)


@_in_its_words
def files(answer: Answer) -> dict[str, bytes]:
    """Return the page, the workbook and the figures of an answer by their path in its folder."""
    with _keeping_garbage():
        drawn = figures(answer)
        images = image_files(drawn, "svg", "png")
        page = _html(answer, _shown(answer, drawn, images))
    return {
        "page.html": page.encode(),
        "workbook.xlsx": workbook(answer, full(answer)),
        **{f"figures/{name}": image for name, image in images.items()},
    }


@_in_its_words
def as_file(answer: Answer, form: str) -> bytes:
    """Return an answer as one file of a form, such as ``.html``."""
    match form:
        case ".html":
            return html_page(answer).encode()
        case ".xlsx":
            return workbook(answer, full(answer))
        case ".json":
            return f"{json_text(answer.document())}\n".encode()
        case ".csv":
            return csv_text(next(iter(answer.tables().values()))).encode()
    first = {name: whole(one) for name, one in list(_drawings(answer).items())[:1]}
    if not first:
        raise ResultsError(
            f"nothing of this can be drawn as {form}: keep it as .html, .xlsx, .csv or a folder"
        )
    images = image_files(first, "png" if form == ".png" else "svg")
    return next(iter(images.values()))


@_in_its_words
def files_without_figures(answer: Answer) -> dict[str, bytes]:
    """Return the page alone, which is there at once."""
    return {"page.html": _html(answer, ()).encode()}


def in_language(language: str | None, view: str, answer: Answer, *args: str) -> Any:
    """Return one of these views of an answer in a language; None: in the one that is spoken."""
    with speaking(language):
        return globals()[view](answer, *args)


@contextmanager
def _keeping_garbage() -> Iterator[None]:
    """Do not look for garbage inside: figures are many objects that refer to each other.

    To look at them again and again takes a tenth of a page's time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _html(answer: Answer, drawn: Sequence[Drawn]) -> str:
    other = stock(answer, exactness(answer.curves)) if isinstance(answer, Plan) else None
    return html(full(answer), drawn, background(answer), other)


def _shown(answer: Answer, drawn: Mapping[str, Figure], images: Mapping[str, bytes]) -> list[Drawn]:
    """Return the figures of a page; what is said of one is its name and what stands above it.

    Parameters
    ----------
    answer
        Whose page.
    drawn, images
        At least its figures, and their files.
    """
    drawings = _of_page(answer)
    with for_phones():
        narrow = image_files({name: whole(one) for name, one in drawings.items()}, "svg")
    return [
        Drawn(
            name,
            images[f"{name}.svg"],
            narrow[f"{name}.svg"],
            f"{known(name.replace('_', ' '))}: {in_one_line(drawn[name].get_suptitle())}",
        )
        for name in drawings
    ]


def _of_page(answer: Answer) -> dict[str, Draw]:
    """Return what draws the figures of a page, by name: some of all."""
    module = _module(answer, "figures")
    found: dict[str, Draw] = getattr(module, "page_drawings", module.drawings)(answer)
    return found


def _drawings(answer: Answer) -> dict[str, Draw]:
    """Return what draws the figures of an answer, by name."""
    found: dict[str, Draw] = _module(answer, "figures").drawings(answer)
    return found


def _module(answer: Answer, what: str) -> Any:
    return import_module(f"livesim.report.{answer.kind.name}_{what}")
