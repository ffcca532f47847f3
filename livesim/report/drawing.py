"""How figures look and become files: the same bytes for the same figure, and no global state.

The other modules of `report` that draw start from here.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from livesim.report.language import known
from livesim.report.wording import units, wrapped

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Of Okabe and Ito (2008), told apart by colour-blind readers too; black and yellow left out."""

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
    "text.parse_math": False,  # a title with two $ is no formula
}

NARROW = ", narrow"
"""What the name of a figure ends with that is for narrow screens, in the place of another."""

_NO_GLYPH = r"Glyph (\d+) "
"""How matplotlib's warning begins."""

FALLBACKS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC", "Noto Sans JP"),
    *("Noto Sans KR", "Source Han Sans SC", "WenQuanYi Zen Hei", "PingFang SC", "Microsoft YaHei"),
    *("Hiragino Sans", "Yu Gothic", "Malgun Gothic", "Apple SD Gothic Neo", "Nanum Gothic"),
    *("Noto Sans Thai", "Leelawadee UI", "Thonburi", "Noto Sans Arabic", "Noto Sans Devanagari"),
    *("Arial Unicode MS", "Noto Emoji", "Segoe UI Emoji", "Symbola"),
)
"""Fonts for what matplotlib's own one lacks: used where a machine has them, in this order."""

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
    fonts = ["DejaVu Sans", *(font for font in FALLBACKS if font in installed)]
    with rc_context({**_STYLE, "font.family": fonts}):
        yield


def image_files(figures: Mapping[str, Figure], kind: Literal["png", "svg"]) -> dict[str, bytes]:
    """Return figures as image files by name.

    Parameters
    ----------
    figures : mapping of str to matplotlib.figure.Figure
        By name.
    kind : str
        Which files.

    Warns
    -----
    UserWarning
        Once, of all characters that no font of this machine has.
    """
    from matplotlib import get_cachedir

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        files = {name: _image(figure, kind) for name, figure in figures.items()}
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
            "boxes: install one that does, such as Noto Sans CJK or Noto Emoji, and delete "
            f"{get_cachedir()}, where matplotlib remembers which fonts there are.",
            stacklevel=2,
        )
    return files


def in_words(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return figures with their texts in the language that is spoken."""
    from matplotlib.text import Text

    for figure in figures.values():
        for text in figure.findobj(Text):
            assert isinstance(text, Text)
            said = known(text.get_text())
            if said != text.get_text():
                text.set_text(said)
    return dict(figures)


def head(figure: Figure, *texts: str) -> None:
    """Put texts above a figure, each in lines that fit."""
    fit = int(10 * figure.get_figwidth())
    lines = "\n".join(line for text in map(known, texts) for line in wrapped(text, fit))
    figure.suptitle(lines, x=0.02, ha="left", fontsize=11, linespacing=1.4)


def thousands(axis: Axis) -> None:
    """Write the numbers of an axis as people read them, at most a handful."""
    from matplotlib.ticker import MaxNLocator

    plain_numbers(axis)
    axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))


def plain_numbers(axis: Axis) -> None:
    """Write the numbers of an axis as people read them."""
    from matplotlib.ticker import FuncFormatter

    def shown(value: float, _: int) -> str:
        return units(int(value)) if value == int(value) else f"{value:g}"

    axis.set_major_formatter(FuncFormatter(shown))


def _image(figure: Figure, kind: str) -> bytes:
    metadata = dict.fromkeys(_TELLTALE[kind])
    stream = BytesIO()
    with _looks():
        figure.savefig(stream, format=kind, dpi=150, metadata=metadata)
    return stream.getvalue()
