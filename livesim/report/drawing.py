"""How figures look and become files: the same bytes for the same figure, and no global state.

The other modules of `report` that draw start from here.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from livesim.report.language import speaking, spoken
from livesim.report.wording import glued, on_axis, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8C6CF0", "#440000")
"""Told apart by colour-blind readers too, on white and in the dark: four of Okabe and Ito (2008).

Lines in their others can hardly be seen on white; as dark as can be, one is like another here.
"""

LINE = "#3B4A5A"
"""Of lines, marks and remarks that are no data of one thing."""

GREY = "#7F8790"
"""Of what others stand before, such as the time that an item is on offer; seen on white, too."""

Kind: TypeAlias = Literal["png", "svg"]

#: Of a PNG, to an inch: sharp on paper.
_DOTS = 150
#: What files would say of themselves and of the day.
_TELLTALE = {"png": ("Software",), "svg": ("Date", "Creator")}
_STYLE: Any = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "legend.frameon": False,
    "svg.hashsalt": "livesim",
    "svg.fonttype": "none",  # texts stay texts: small, quick, in the fonts of who looks at it
    "text.parse_math": False,  # a title with two $ is no formula
}

#: Of a figure [inches]: in a document, and on a phone, where a text of 10 points is then 11 pixels
#: high if the screen has 360.
_WIDTH, _PHONE = 9.0, 4.2
_WIDE: ContextVar[float] = ContextVar("width", default=_WIDTH)

COLUMN = 0.65
"""How wide a column of text may be, of its size."""

_NO_GLYPH = r"Glyph (\d+) "
"""How matplotlib's warning begins."""

_OWN_FONT = "DejaVu Sans"
"""Which matplotlib brings along."""

FALLBACKS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC", "Noto Sans JP"),
    *("Noto Sans KR", "Source Han Sans SC", "WenQuanYi Zen Hei", "PingFang SC", "Microsoft YaHei"),
    *("Hiragino Sans", "Yu Gothic", "Malgun Gothic", "Apple SD Gothic Neo", "Nanum Gothic"),
    *("Noto Sans Thai", "Leelawadee UI", "Thonburi", "Noto Sans Arabic", "Noto Sans Devanagari"),
    *("Arial Unicode MS", "Noto Emoji", "Segoe UI Emoji", "Symbola"),
)
"""Fonts for what matplotlib's own one lacks: used where a machine has them, in this order."""

_FAMILIES = (
    b"'DejaVu Sans', Verdana, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
)
"""Of texts in an SVG, whatever this machine has: who looks at it has some font as wide as here."""

_TOLD: set[str] = set()
"""Characters without a font that were told of already."""


@contextmanager
def drawing() -> Iterator[None]:
    """Give the figures made inside the looks of livesim; files tell of characters without font."""
    with _looks(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", _NO_GLYPH)
        yield


@contextmanager
def _looks() -> Iterator[None]:
    from matplotlib import rc_context
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    fonts = [_OWN_FONT, *(font for font in FALLBACKS if font in installed)]
    with rc_context({**_STYLE, "font.family": fonts}):
        yield


def _fonts_for(characters: Set[str]) -> str:
    """Return fonts of :data:`FALLBACKS` for the scripts of characters, or for most of them."""
    scripts = {unicodedata.name(one, "").partition(" ")[0].title() for one in characters}
    fonts = [font for font in FALLBACKS if font.removeprefix("Noto Sans ") in scripts]
    return " or ".join(fonts or ("Noto Sans CJK", "Noto Emoji"))


def image_files(figures: Iterable[tuple[str, Figure]], *kinds: Kind) -> dict[str, bytes]:
    """Return figures as image files by the files' names.

    Parameters
    ----------
    figures : iterable of (str, matplotlib.figure.Figure)
        With their names; each is taken when the one before it is done.
    *kinds : str
        Which files, such as ``svg``.

    Warns
    -----
    UserWarning
        Once, of all characters that no font of this machine has.
    """
    from matplotlib import get_cachedir

    with _looks(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        files = {
            f"{name}.{kind}": image
            for name, figure in figures
            for kind, image in zip(kinds, _images(figure, kinds), strict=True)
        }
    missing = set()
    for one in caught:
        if glyph := re.match(_NO_GLYPH, str(one.message)):
            missing.add(chr(int(glyph[1])))
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    if not missing <= _TOLD:
        _TOLD.update(missing)
        warnings.warn(
            f"No font on this machine has {' '.join(sorted(missing))}, which figures show as "
            f"boxes: install one that does, such as {_fonts_for(missing)}, and delete "
            f"{get_cachedir()}, where matplotlib remembers which fonts there are.",
            stacklevel=2,
        )
    return files


@contextmanager
def for_phones() -> Iterator[None]:
    """Have the figures made inside as narrow as a phone, their texts still to be read."""
    token = _WIDE.set(_PHONE)
    try:
        yield
    finally:
        _WIDE.reset(token)


def on_phone() -> bool:
    """Return whether figures are made for phones."""
    return _WIDE.get() < _WIDTH


def small() -> int:
    """Return the size of remarks [points]; on a phone no text is smaller than others."""
    return 10 if on_phone() else 8


def empty() -> Figure:
    """Return an empty figure, as high as it is wide."""
    from matplotlib.figure import Figure

    return Figure(figsize=(_WIDE.get(), _WIDE.get()), layout="constrained")


def name_below(axes: Axes, text: str) -> None:
    """Write below a panel what its axis shows, in lines that fit."""
    axes.set_xlabel("\n".join(fitted(text, 30 if on_phone() else 80)))


def fitted(
    text: str, room: int, size: float = 10, split: Callable[[str, int], list[str]] = wrapped
) -> list[str]:
    """Return the lines of a text, none longer than so many columns of usual letters.

    What a script or this machine draws wider than its columns, such as Thai without a font for
    it, has more lines: a layout would give the room of the panels to it.

    Parameters
    ----------
    text
        What to write.
    room
        Most columns of a line.
    size
        Of the text [points].
    split
        How lines are found for a number of columns.
    """
    most, columns, text = COLUMN * size * room, room, glued(text)
    lines = split(text, room)
    while columns > 1 and (widest := max((_width(one, size) for one in lines), default=0)) > most:
        columns = min(columns - 1, int(columns * most / widest))
        lines = split(text, max(columns, 1))
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def _width(text: str, size: float) -> float:
    """Return how wide a line is drawn here [points]."""
    from matplotlib import rcParams
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    text = text.replace("\N{NO-BREAK SPACE}", " ")
    fonts = _OWN_FONT if text.isascii() else rcParams["font.family"]
    looks = FontProperties(family=fonts, size=size)
    return float(text_to_path.get_text_width_height_descent(text, looks, ismath=False)[0])


def right_of(axes: Axes, place: float, text: str, *, inside: bool = False) -> None:
    """Write a text at the right end of a panel, outside or inside, at the height of a row."""
    axes.annotate(
        text,
        (1.0, place),
        (-2 if inside else 4, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        ha="right" if inside else "left",
        fontsize=small(),
        color=LINE,
    )


def name_right(axes: Axes, text: str) -> None:
    """Write above the right end of a panel what :func:`right_of` tells of its rows."""
    axes.annotate(
        text,
        (1.0, 1.0),
        (4, 2),
        xycoords="axes fraction",
        textcoords="offset points",
        va="bottom",
        fontsize=small(),
        color=LINE,
    )


def thousands(axis: Axis) -> None:
    """Write the numbers of an axis as people read them, at most a handful."""
    from matplotlib.axis import XAxis
    from matplotlib.ticker import MaxNLocator

    plain_numbers(axis)
    most = 3 if on_phone() and isinstance(axis, XAxis) else 5
    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))


def whole_numbers(axis: Axis) -> None:
    """Write the numbers of an axis as :func:`thousands`, where there are no parts of one."""
    thousands(axis)
    axis.get_major_locator().set_params(integer=True)  # type: ignore[call-arg]


def plain_numbers(axis: Axis) -> None:
    """Write the numbers of an axis as people read them, all in one unit where it is linear.

    They are written whenever the axis changes: in the fonts and in the language of now.
    """
    from matplotlib import rcParams
    from matplotlib.ticker import FuncFormatter

    language = spoken().code

    def shown(value: float, _: int) -> str:
        with speaking(language):
            linear = axis.get_scale() == "linear"
            return on_axis(value, max(map(abs, axis.get_view_interval() if linear else [value])))

    axis.set_tick_params(labelfontfamily=rcParams["font.family"])
    axis.set_major_formatter(FuncFormatter(shown))


def _images(figure: Figure, kinds: Sequence[Kind]) -> list[bytes]:
    """Return a figure as files, laid out once for all of them: that takes as long as drawing."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    canvases = {"png": FigureCanvasAgg, "svg": FigureCanvasSVG}
    _in_one_font(figure)
    figure.set_dpi(_DOTS)
    FigureCanvasAgg(figure)  # which knows the sizes of all texts from then on
    if layout := figure.get_layout_engine():
        layout.execute(figure)
    return [_image(canvases[kind](figure), kind) for kind in kinds]


def _in_one_font(figure: Figure) -> None:
    """Have texts looked up in one font where it has them all: each more takes time, each time.

    What the marks of an axis say is found out only when they are drawn.
    """
    from matplotlib.text import Text

    marks = {
        label
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
    }
    for text in figure.findobj(Text):
        if isinstance(text, Text) and text not in marks and text.get_text().isascii():
            text.set_fontfamily(_OWN_FONT)


def _image(canvas: Any, kind: Kind) -> bytes:
    """Return a figure as it is laid out: `savefig` would do that once more."""
    stream, figure = BytesIO(), canvas.figure
    layout, dots = figure.get_layout_engine(), figure.dpi
    figure.set_layout_engine("none")
    getattr(canvas, f"print_{kind}")(stream, metadata=dict.fromkeys(_TELLTALE[kind]))
    figure.set_layout_engine(layout)
    figure.set_dpi(dots)  # an SVG has 72 of its own, and a PNG after it would be half as wide
    image = stream.getvalue()
    return image if kind == "png" else re.sub(rb"'DejaVu Sans'[^;\"]*", _FAMILIES, image)
