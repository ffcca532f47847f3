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
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

from livesim.errors import ResultsError, UsageError
from livesim.experiment.runner import Progress
from livesim.experiment.swept import Sweep
from livesim.planning.recommendation import Plan
from livesim.report.background import background
from livesim.report.drawing import for_phones, image_files
from livesim.report.html import Drawn, html, html_parts
from livesim.report.language import known, say, speaking
from livesim.report.naming import naming, product
from livesim.report.pages import Page, Warnings, plain
from livesim.report.paper import Draw, drawn_on, told, whole
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

_DRAWING = "Drawing figures"


def _in_its_words(view: Callable[Concatenate[Answer, P], T]) -> Callable[Concatenate[Answer, P], T]:
    """Return a view in which what has a label is called by it."""

    @wraps(view)
    def seen(answer: Answer, /, *args: P.args, **options: P.kwargs) -> T:
        with naming(answer.origin.scenarios.values(), answer.origin.titles):
            return view(answer, *args, **options)

    return seen


@_in_its_words
def full(answer: Answer) -> Page:
    """Return all that an answer says, as a page of text."""
    said: Page = _module(answer, "tables").page(answer)
    return replace(said, answer=_interrupted(answer) + said.answer).in_words()


@_in_its_words
def first(answer: Answer) -> Page:
    """Return what an answer says first: of many products all the rest takes seconds."""
    tables = _module(answer, "tables")
    said: Page = getattr(tables, "first", tables.page)(answer)
    return Page(said.title, _interrupted(answer) + said.answer).in_words()


def _interrupted(answer: Answer) -> tuple[Warnings, ...]:
    interruption = answer.origin.interruption
    return (Warnings((interruption,)),) if interruption else ()


def brief(answer: Answer, is_kept: bool = False) -> Page:
    """Return what an answer says first, and where the rest is; one that is kept can be mailed."""
    said = first(answer)
    learns = answer.kind.name == "plan" and not _learned(answer)
    after = [say("More: --full.")]
    if not is_kept:
        mail = say("To mail: --out FILE.html."), say("To mail: --out FILE.html or .xlsx.")
        after.append(mail[not learns])  # in one line
    if learns:
        after.append(say("Past shows tell more: history: FILE.csv."))
    elif answer.origin.scenarios:
        after.append(say("Values: livesim resolve --why."))
    return Page(said.title, (*said.with_percentiles_explained().answer, say(" ").join(after)))


def _learned(answer: Answer) -> bool:
    """Say whether the errors of a show are of its past shows already."""
    shows = [scenario.show for scenario in answer.origin.scenarios.values()]
    return any(isinstance(e, Draws) for show in shows for e in (show.turnout_factor, show.appeal))


def text(answer: Answer) -> str:
    """Return what an answer says first, as plain text."""
    return plain(first(answer))


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
    with naming(answer.origin.scenarios.values(), answer.origin.titles):
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
def html_page(answer: Answer, progress: Progress | None = None) -> str:
    """Return an answer, figures included, as one HTML page that needs no other file."""
    drawings, tell = _of_page(answer), progress or _to_nobody
    with _keeping_garbage():
        drawing = _Drawing(tell, 2 * len(drawings))
        shown = _shown(answer, drawing, drawings, image_files(drawing.each(drawings), "svg"))
        return _html(answer, shown, tell)


def html_screen(answer: Answer) -> str:
    """Return what an answer says first, for a notebook."""
    said = first(answer)
    return html_parts(said.title, said.answer)


@_in_its_words
def files(answer: Answer, progress: Progress | None = None) -> dict[str, bytes]:
    """Return the page, the workbook and the figures of an answer by their path in its folder."""
    drawings, of_page, tell = _drawings(answer), _of_page(answer), progress or _to_nobody
    with _keeping_garbage():
        drawing = _Drawing(tell, len(drawings) + len(of_page))
        images = image_files(drawing.each(drawings), "svg", "png")
        page = _html(answer, _shown(answer, drawing, of_page, images), tell)
    tell("Writing the workbook", 0, 1)
    book = workbook(answer, full(answer))
    tell("Writing the tables", 0, 1)
    return {
        "page.html": page.encode(),
        "workbook.xlsx": book,
        **{f"figures/{name}": image for name, image in images.items()},
    }


@_in_its_words
def as_file(answer: Answer, form: str, progress: Progress | None = None) -> bytes:
    """Return an answer as one file of a form, such as ``.html``."""
    match form:
        case ".html":
            return html_page(answer, progress).encode()
        case ".xlsx":
            (progress or _to_nobody)("Writing the workbook", 0, 1)
            return workbook(answer, full(answer))
        case ".json":
            return f"{json_text(answer.document())}\n".encode()
        case ".csv":
            return csv_text(next(iter(answer.tables().values()))).encode()
    drawn = [(name, whole(one)) for name, one in list(_drawings(answer).items())[:1]]
    if not drawn:
        raise ResultsError(
            f"nothing of this can be drawn as {form}: keep it as .html, .xlsx, .csv or a folder"
        )
    images = image_files(drawn, "png" if form == ".png" else "svg")
    return next(iter(images.values()))


@_in_its_words
def files_without_figures(answer: Answer, progress: Progress | None = None) -> dict[str, bytes]:
    """Return the page alone, which is there at once."""
    return {"page.html": _html(answer, (), progress or _to_nobody).encode()}


def in_language(language: str | None, view: str, answer: Answer, *args: Any) -> Any:
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


class _Drawing:
    """Draws figures one after the other, tells of each, and knows what those drawn say.

    Parameters
    ----------
    tell
        What is told how many are drawn.
    number
        How many will be.
    """

    def __init__(self, tell: Progress, number: int) -> None:
        self._tell, self._number, self._drawn = tell, number, 0
        self.said: dict[str, str] = {}

    def each(self, drawings: Mapping[str, Draw]) -> Iterator[tuple[str, Figure]]:
        """Yield figures with their names; one is drawn when the next is asked for."""
        self._tell(_DRAWING, self._drawn, self._number)
        for name, one in drawings.items():
            figure = whole(one)
            self.said.setdefault(name, told(figure))
            yield name, figure
            self._drawn += 1
            self._tell(_DRAWING, self._drawn, self._number)


def _to_nobody(what: str, done: int, tasks: int) -> None:
    """Show nobody how far the work is."""


def _html(answer: Answer, drawn: Sequence[Drawn], tell: Progress) -> str:
    tell("Writing the page", 0, 1)
    other = stock(answer, exactness(answer.curves)) if isinstance(answer, Plan) else None
    return html(full(answer), drawn, background(answer), other)


def _shown(
    answer: Answer, drawing: _Drawing, drawings: Mapping[str, Draw], images: Mapping[str, bytes]
) -> list[Drawn]:
    """Return the figures of a page; what is said of one is its name and what stands above it.

    Parameters
    ----------
    answer
        Whose page.
    drawing
        Has drawn at least them.
    drawings
        Theirs.
    images
        The files of at least them.
    """
    with for_phones():
        narrow = image_files(drawing.each(drawings), "svg")
    return [
        Drawn(
            name,
            images[f"{name}.svg"],
            narrow[f"{name}.svg"],
            f"{_called(answer, name)}: {drawing.said[name]}",
        )
        for name in drawings
    ]


#: What figures are called whose names are abbreviations.
_IN_WORDS: Final = {"pit": "calibration"}


def _called(answer: Answer, name: str) -> str:
    """Return what a figure is called: what it shows, and where its name ends with one, of what."""
    for one in (key for show in answer.origin.scenarios.values() for key in show.products):
        if name.endswith(f"_{one}"):
            return f"{known(name.removesuffix(f'_{one}').replace('_', ' '))} {product(one)}"
    return known(_IN_WORDS.get(name, name.replace("_", " ")))


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
