"""How figures look and become files: the same bytes for the same figure, and no global state.

The other modules of `report` that draw start from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from livesim.report.wording import units

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
}


@contextmanager
def drawing() -> Iterator[None]:
    """Give the figures made inside the looks of livesim."""
    from matplotlib import rc_context

    with rc_context(_STYLE):
        yield


def image_files(figures: Mapping[str, Figure], kind: Literal["png", "svg"]) -> dict[str, bytes]:
    """Return figures as image files by name.

    Parameters
    ----------
    figures : mapping of str to matplotlib.figure.Figure
        By name.
    kind : str
        Which files.
    """
    return {name: _image(figure, kind) for name, figure in figures.items()}


def thousands(axis: Axis) -> None:
    """Write the numbers of an axis as people read them, at most a handful."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    def shown(value: float, _: int) -> str:
        return units(int(value)) if value == int(value) else f"{value:g}"

    axis.set_major_formatter(FuncFormatter(shown))
    axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))


def _image(figure: Figure, kind: str) -> bytes:
    metadata = dict.fromkeys(_TELLTALE[kind])
    stream = BytesIO()
    with drawing():
        figure.savefig(stream, format=kind, dpi=150, metadata=metadata)
    return stream.getvalue()
