"""What a figure is drawn on: a figure of its own, a part of somebody's, or somebody's axes.

Drawing code asks it for panels, and has it write what stands above, below and beside them; so the
same code draws the figures of pages and those in a grid of a notebook.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from livesim.errors import UsageError
from livesim.report.drawing import drawing, empty, name_right, on_phone, right_of, small
from livesim.report.wording import columns as columns_of
from livesim.report.wording import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.text import Text

Draw: TypeAlias = "Callable[[Paper], None]"
"""What draws a figure on any paper."""

#: Most columns of a key below a figure.
_MOST_COLUMNS = 6
#: What a column of text takes [points].
_COLUMN = 5.6
#: What a line above a figure of set margins takes of its height.
_HEAD_LINE = 0.027
#: Columns of text to an inch, and the fewest of a line.
_TO_INCH, _LEAST = 10, 12
#: By how much the title of given axes is smaller than that of a figure.
_SMALLER = 1.2
#: What texts inside given axes leave free beside them [inches], and of the width for all else [1].
_MARGIN, _LEAST_FREE = 0.15, 0.4
#: Where less is free, names of rows are folded as on a phone [inches].
_NARROW = 4.0
#: What stands above the rows inside given axes takes so much [inches].
_HEAD_ROOM = 0.9
#: Between given axes and their title, as marks are named there [points].
_PAD = 14


def whole(draw: Draw) -> Figure:
    """Return what is drawn as a figure of its own."""
    paper = WholeFigure()
    with drawing():
        draw(paper)
    return paper.figure


def drawn_on(given: Any, draw: Draw) -> Any:
    """Draw on what somebody gives, and return that; on None a figure of its own.

    Parameters
    ----------
    given
        Axes, or several of them in any shape; or a SubFigure, or a whole Figure.
    draw
        What draws.

    Raises
    ------
    UsageError
        If it is something else, or there are more or fewer axes than panels.
    """
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    if given is None:
        return whole(draw)
    if isinstance(given, Figure | SubFigure):
        paper: Paper = PartOfFigure(given)
    else:
        axes = list(np.ravel(np.asarray(given, dtype=object)))
        if not axes or not all(isinstance(one, Axes) for one in axes):
            raise UsageError(
                f"axes: Matplotlib's Axes are needed, one for each panel, not {given!r}: "
                "plt.subplots() makes them; or give a SubFigure, or none"
            )
        paper = GivenAxes(axes)
    with drawing():
        draw(paper)
    return given


class Paper(ABC):
    """What a figure is drawn on: all that a figure and somebody's axes do in ways of their own."""

    @property
    @abstractmethod
    def width(self) -> float:
        """How wide texts may be [inches]."""

    @abstractmethod
    def panels(
        self, height: float, rows: int = 1, columns: int = 1, least: int = 0, **layout: Any
    ) -> list[Axes]:
        """Return the panels to draw on.

        Parameters
        ----------
        height
            Of a figure that is made for them [inches].
        rows, columns
            How many panels there are.
        least
            So many are enough for somebody who leaves out the rundown; 0: all are needed.
        **layout
            As for `matplotlib.figure.Figure.subplots`.

        Raises
        ------
        UsageError
            If somebody gave more or fewer.
        """

    @abstractmethod
    def head(self, *texts: str) -> None:
        """Put texts above what was drawn, each in lines that fit."""

    @abstractmethod
    def key_below(self, handles: Sequence[Any] | None = None, title: str | None = None) -> None:
        """Write a key below what was drawn, in as many columns as have room.

        Parameters
        ----------
        handles
            What is explained, each with a label; None: what has one in a panel.
        title
            What stands above the key.
        """

    @abstractmethod
    def key_beside(
        self, axes: Axes, handles: Sequence[Any] | None = None, title: str | None = None
    ) -> None:
        """Write the key of a panel beside it, or on a phone below the figure.

        Parameters
        ----------
        axes
            The panel.
        handles, title
            As for :meth:`key_below`.
        """

    @abstractmethod
    def beside(self, axes: Axes, name: str, rows: Mapping[float, str]) -> None:
        """Write texts right of the rows of a panel, once its limits are known.

        Parameters
        ----------
        axes
            The panel.
        name
            What stands above them.
        rows
            The texts, in two lines each, by the place of their row.
        """

    def grow(self, height: float) -> None:  # noqa: B027 - somebody's paper stays as it is
        """Make room for more below [inches]."""

    def settle(self, **margins: float) -> None:  # noqa: B027 - somebody's paper stays as it is
        """Set margins, which is quicker than to have them found; a head takes of the top."""

    def panel(self, height: float) -> Axes:
        """Return the only panel of a figure of a height [inches]."""
        return self.panels(height)[0]

    def row(self, number: int, height: float, **layout: Any) -> list[Axes]:
        """Return panels side by side of a height [inches], or on a phone one below the other."""
        if on_phone():
            return self.panels(1.0 + 2.6 * number, number, 1, **layout)
        return self.panels(height, 1, number, **layout)

    def rows(self, names: Sequence[str], height: float) -> Axes:
        """Return a panel with a named row of a height [inches] each, from 0 on."""
        room = 17 if on_phone() or self.width < _NARROW else 30
        told = [wrapped(name, room) for name in names]
        most = max(map(len, told), default=1)
        axes = self.panel(1.8 + max(height, 0.17 * most + 0.06) * len(names))
        axes.set_yticks(range(len(told)), ["\n".join(lines) for lines in told])
        axes.grid(visible=False, axis="y")
        return axes


class PartOfFigure(Paper):
    """A figure that somebody gives, or a part of it; how it is laid out is theirs."""

    figure: Figure | SubFigure

    def __init__(self, figure: Figure | SubFigure) -> None:
        self.figure = figure

    @property
    def width(self) -> float:
        """Of all of it [inches]."""
        root = self.figure.get_figure(root=True)
        assert root is not None
        return float(self.figure.bbox.width / root.dpi)

    def panels(
        self, height: float, rows: int = 1, columns: int = 1, least: int = 0, **layout: Any
    ) -> list[Axes]:
        """Make panels in it, whatever its height is."""
        return list(self.figure.subplots(rows, columns, squeeze=False, **layout).ravel())

    def head(self, *texts: str) -> None:
        """Write a title above all panels."""
        lines = _above(texts, self.width)
        self.figure.suptitle(lines, x=0.02, ha="left", fontsize=11, linespacing=1.4)

    def key_below(self, handles: Sequence[Any] | None = None, title: str | None = None) -> None:
        """Write a key below all panels."""
        handles = _labelled(self.figure.axes) if handles is None else handles
        for number in range(min(len(handles), _MOST_COLUMNS), 0, -1):
            key = self.figure.legend(
                handles=handles, title=title, loc="outside lower center", ncols=number
            )
            if key.get_window_extent().width <= self.figure.bbox.width:
                return
            if number > 1:
                key.remove()

    def key_beside(
        self, axes: Axes, handles: Sequence[Any] | None = None, title: str | None = None
    ) -> None:
        """Write a key right of a panel."""
        handles = _labelled([axes]) if handles is None else handles
        if on_phone():
            self.key_below(handles, title)
        else:
            legend = axes.legend(
                handles=handles, title=title, loc="upper left", bbox_to_anchor=(1.0, 1.0)
            )
            legend.set_alignment("left")

    def beside(self, axes: Axes, name: str, rows: Mapping[float, str]) -> None:
        """Write them outside of the panel."""
        name_right(axes, name)
        for place, text in rows.items():
            right_of(axes, place, text)
        self.grow(0.3)


class WholeFigure(PartOfFigure):
    """A figure of its own, as high as what is drawn."""

    figure: Figure

    def __init__(self) -> None:
        super().__init__(empty())

    def panels(
        self, height: float, rows: int = 1, columns: int = 1, least: int = 0, **layout: Any
    ) -> list[Axes]:
        """Make panels, and the figure as high as they need it."""
        self.figure.set_figheight(height)
        return super().panels(height, rows, columns, **layout)

    def grow(self, height: float) -> None:
        """Make the figure higher."""
        self.figure.set_figheight(self.figure.get_figheight() + height)

    def settle(self, **margins: float) -> None:
        """Set margins in place of a layout that finds them."""
        self.figure.set_layout_engine(None)
        margins["top"] -= _HEAD_LINE * len(self.figure.get_suptitle().splitlines())
        self.figure.subplots_adjust(**margins)


class GivenAxes(Paper):
    """Axes that somebody gives: what stands beside a figure is written inside or above them."""

    def __init__(self, axes: Sequence[Axes]) -> None:
        self.axes = list(axes)
        self._key_at: Literal["best", "upper left"] = "best"

    @property
    def width(self) -> float:
        """Of the first [inches]."""
        return _size(self.axes[0])[0]

    def panels(
        self, height: float, rows: int = 1, columns: int = 1, least: int = 0, **layout: Any
    ) -> list[Axes]:
        """Return them, if they are as many as are needed."""
        number, given = rows * columns, len(self.axes)
        enough = {number, least or number}
        if given not in enough:
            needed = " or ".join(map(str, sorted(enough)))
            raise UsageError(
                f"axes: {given} given, and {needed} needed, one for each panel: "
                f"plt.subplots({rows}, {columns}) makes them; or give a SubFigure, or none"
            )
        return self.axes

    def head(self, *texts: str) -> None:
        """Write a title above the first."""
        first = self.axes[0]
        own = first.get_title(loc="left")
        title = "\n".join(filter(None, [_above(texts, _SMALLER * self.width), own]))
        shown = first.set_title(title, loc="left", fontsize=10, pad=_PAD)
        for axes in self.axes:
            _fit(axes)
        _begin_with_labels(first, shown)

    def key_below(self, handles: Sequence[Any] | None = None, title: str | None = None) -> None:
        """Write a key inside the last."""
        handles = _labelled(self.axes) if handles is None else handles
        self.key_beside(self.axes[-1], handles, title)

    def key_beside(
        self, axes: Axes, handles: Sequence[Any] | None = None, title: str | None = None
    ) -> None:
        """Write a key inside a panel."""
        handles = _labelled([axes]) if handles is None else handles
        axes.legend(handles=handles, title=title, loc=self._key_at, fontsize=small(), frameon=True)

    def beside(self, axes: Axes, name: str, rows: Mapping[float, str]) -> None:
        """Write them inside the panel, which is made longer for them: beside it may be others."""
        low, high = axes.get_xlim()
        taken = _MARGIN + 0.6 * small() / 72 * max(map(_longest, [name, *rows.values()]))
        free = max(1.0 - taken / (self.width - _named(axes)), _LEAST_FREE)
        axes.set_xlim(low, low + (high - low) / free)
        bottom, top = axes.get_ylim()
        high = max(_size(axes)[1], 2 * _HEAD_ROOM)
        above = (top - bottom) * _HEAD_ROOM / (high - _HEAD_ROOM)  # for the name, and a key
        axes.set_ylim(bottom, top + above)
        for place, text in {top + above / 2: name, **rows}.items():
            right_of(axes, place, text, inside=True)
        self._key_at = "upper left"  # beside the name


def _longest(text: str) -> int:
    return max(map(columns_of, text.splitlines()))


def _labelled(panels: Sequence[Any]) -> list[Any]:
    """Return what has a label in panels."""
    return [one for axes in panels for one in axes.get_legend_handles_labels()[0]]


def _above(texts: Sequence[str], width: float) -> str:
    """Return texts in lines that fit a width [inches]."""
    return "\n".join(line for text in texts for line in wrapped(text, _fitting(width)))


def _fitting(width: float) -> int:
    """Return how many columns of text fit a width [inches]."""
    return max(int(_TO_INCH * width), _LEAST)


def _size(axes: Axes) -> tuple[float, float]:
    """Return how wide and how high axes are [inches]."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    box = axes.get_window_extent()
    return float(box.width / figure.dpi), float(box.height / figure.dpi)


def _fit(axes: Axes) -> None:
    """Fold the labels of given axes, and have all texts in the fonts of livesim, none a formula."""
    from matplotlib import rcParams
    from matplotlib.text import Text

    wide, high = _size(axes)
    sizes = max(wide - _named(axes), 1.0), high
    for label, size in zip((axes.xaxis.label, axes.yaxis.label), sizes, strict=True):
        lines = label.get_text().splitlines()
        label.set_text(_above(lines, size))
    axes.tick_params(labelfontfamily=rcParams["font.family"])
    for text in axes.findobj(Text):
        assert isinstance(text, Text)
        text.set_parse_math(False)
        if not text.get_text().isascii():
            text.set_fontfamily(rcParams["font.family"])


def _begin_with_labels(axes: Axes, title: Text) -> None:
    """Have a title begin where the names of rows do, where a layout makes room for these.

    The panel gets narrower by them, but not what its title has room for.
    """
    from matplotlib.transforms import ScaledTranslation

    figure = axes.get_figure(root=True)
    assert figure is not None
    if wide := _named(axes):
        aside = ScaledTranslation(-wide, 0, figure.dpi_scale_trans)
        title.set_transform(title.get_transform() + aside)


def _named(axes: Axes) -> float:
    """Return how much narrower a layout makes a panel for the names of its rows [inches]."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    names = [label.get_text() for label in axes.get_yticklabels()]
    longest = max(map(_longest, filter(None, names)), default=0)
    return 0.0 if figure.get_layout_engine() is None else _COLUMN * longest / 72
