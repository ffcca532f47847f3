"""What a figure is drawn on: a figure of its own, a part of somebody's, or somebody's axes.

Drawing code asks it for panels, and has it write what stands above, below and beside them; so the
same code draws the figures of pages and those in a grid of a notebook.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from livesim.errors import UsageError
from livesim.report.drawing import (
    COLUMN,
    drawing,
    empty,
    fitted,
    name_right,
    on_phone,
    right_of,
    small,
)
from livesim.report.language import in_one_line, say
from livesim.report.wording import balanced, wrapped
from livesim.report.wording import columns as columns_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.text import Text

Draw: TypeAlias = "Callable[[Paper], None]"
"""What draws a figure on any paper."""

#: Most columns of a key below a figure.
_MOST_COLUMNS = 6
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
_HEAD_ROOM = 0.45
#: What a line of a row's name takes, one of a title, and one of a key [inches].
_NAME_LINE, _TITLE_LINE, _KEY_LINE = 0.17, 0.22, 0.2
#: Between given axes and their title, as marks are named there, or not [points].
_PAD, _NO_PAD = 14, 2
#: Between given axes, or what stands below them, and a key [inches].
_KEY_PAD = 0.05
#: How wide a key may be of given axes, which a layout makes narrower than names leave them [1].
_KEY_WIDTH = 1.15
#: Given axes have all texts of a figure from this width and height on [inches].
_WHOLE = 3.4, 1.3
#: On smaller ones: the size of texts, and the least of names [points], how wide these may be of the
#: axes [1], and how high a key of all axes [1].
_SMALL, _LEAST_SIZE, _NAMES, _KEY_SHARE = 8, 5, 0.45, 1 / 3
#: So much of their size a layout leaves to small axes, and to their rows [1].
_LEFT, _HIGH_LEFT = 0.8, 0.5
#: What a layout takes of the height of other axes [inches].
_ABOVE_AND_BELOW = 1.1
#: How wide names may be on the smallest axes [inches].
_NAMES_LEAST = 0.9
#: How wide a column of text is, and how high a line, of its size [1].
_COLUMN_WIDTH, _LINE_HEIGHT = 0.6, 1.3
#: What no line ends within: a character of Chinese, or what has no blank.
_WORDS = re.compile("[\u3400-\u9fff]|[^ \u3400-\u9fff]+")
#: So many columns of its name a cut label has beside its unit.
_LEAST_NAME = 4
#: What a number on the lower axis takes [inches].
_MARK_ROOM = 0.75


def whole(draw: Draw) -> Figure:
    """Return what is drawn as a figure of its own."""
    paper = WholeFigure()
    with drawing():
        draw(paper)
    return paper.figure


def told(figure: Figure) -> str:
    """Return what a figure says, for those who do not see it: its title, axes, rows and key."""
    axes = [label.get_text() for one in figure.axes for label in (one.yaxis.label, one.xaxis.label)]
    rows = [row for one in figure.axes for row in _told_rows(one)]
    keys = [*figure.legends, *filter(None, (one.get_legend() for one in figure.axes))]
    key = [text.get_text() for one in keys for text in one.get_texts()]
    parts = (
        str(figure.get_label()),
        axes and say("axes: {names}", names=_listed(axes)),
        rows and say("rows: {names}", names=_listed(rows)),
        key and say("key: {names}", names=_listed(key)),
    )
    return say(". ").join(part for part in parts if part)


def _listed(names: Sequence[str]) -> str:
    return say("; ").join(dict.fromkeys(in_one_line(name) for name in names if name.strip()))


def _told_rows(axes: Axes) -> list[str]:
    """Return the rows of a panel, each with what is written beside it."""
    from matplotlib.text import Annotation
    from matplotlib.ticker import FixedLocator

    if not isinstance(axes.yaxis.get_major_locator(), FixedLocator):
        return []
    beside = {one.xy[1]: one.get_text() for one in axes.texts if isinstance(one, Annotation)}
    named = {
        place: one.get_text()
        for place, one in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
    }
    return [
        say("{name}: {label}", name=in_one_line(name), label=in_one_line(beside[place]))
        if place in beside
        else name
        for place, name in named.items()
    ]


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
        paper.finish()
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

    def finish(self) -> None:  # noqa: B027 - most paper has had it all written at once
        """Write what depends on all else that was drawn."""

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
        told, height = self.names_of_rows(names, height)
        axes = self.panel(1.8 + height * len(names))
        name_rows(axes, told)
        return axes

    def names_of_rows(self, names: Sequence[str], height: float) -> tuple[list[str], float]:
        """Return the names of rows in lines, and how high a row is for them, or more [inches]."""
        room = 17 if on_phone() or self.width < _NARROW else 30
        told = [balanced(name, fitted(name, room)) for name in names]
        most = max(map(len, told), default=1)
        return ["\n".join(lines) for lines in told], max(height, _NAME_LINE * most + 0.06)


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows of a panel, from 0 on."""
    axes.set_yticks(range(len(names)), names)
    axes.grid(visible=False, axis="y")


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
        self.figure.set_label(say(". ").join(map(in_one_line, texts)))
        self.figure.suptitle(lines, x=0.02, ha="left", fontsize=11, linespacing=1.4)

    def key_below(self, handles: Sequence[Any] | None = None, title: str | None = None) -> None:
        """Write a key below all panels."""
        handles = _labelled(self.figure.axes) if handles is None else handles
        for number in range(min(len(handles), _MOST_COLUMNS), 0, -1):
            key = self.figure.legend(
                handles=handles, title=title, loc="outside lower center", ncols=number
            )
            if key.get_window_extent().width <= self.figure.bbox.width or number == 1:
                self.grow(_KEY_LINE * (_lines_of_key(handles, number) - 1))
                return
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

    def head(self, *texts: str) -> None:
        """Write a title above all panels, and make room for what is longer than usual."""
        super().head(*texts)
        lines = self.figure.get_suptitle().count("\n") + 1
        self.grow(_TITLE_LINE * max(lines - len(texts), 0))

    def grow(self, height: float) -> None:
        """Make the figure higher."""
        self.figure.set_figheight(self.figure.get_figheight() + height)

    def settle(self, **margins: float) -> None:
        """Set margins in place of a layout that finds them."""
        self.figure.set_layout_engine(None)
        margins["top"] -= _HEAD_LINE * len(self.figure.get_suptitle().splitlines())
        self.figure.subplots_adjust(**margins)


class GivenAxes(Paper):
    """Axes that somebody gives: what stands beside a figure is written above and below them.

    On axes of at least :data:`_WHOLE`, in a figure with a layout engine that makes room, all of it
    is. On others texts are small and cut to what fits: of a title one line or two, of the names of
    rows as many as their rows are high, of remarks those that touch nothing; the key is left out
    where it is higher than a third of the axes, and what a value of information is. Where nothing
    makes room below axes, a key stands inside of them, below their rows, or is left out.
    """

    def __init__(self, axes: Sequence[Axes]) -> None:
        self.axes = list(axes)
        self._texts: tuple[str, ...] = ()
        self._keys: list[tuple[Axes, Sequence[Any], str | None]] = []
        sizes = [_size(one) for one in axes]
        self._laid_out = _root(axes[0]).get_layout_engine() is not None
        self._whole = self._laid_out and all(
            wide >= _WHOLE[0] and high >= _WHOLE[1] for wide, high in sizes
        )

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
        """Have a title above the first."""
        self._texts = texts

    def key_below(self, handles: Sequence[Any] | None = None, title: str | None = None) -> None:
        """Have a key below the last."""
        self.key_beside(self.axes[-1], _labelled(self.axes) if handles is None else handles, title)

    def key_beside(
        self, axes: Axes, handles: Sequence[Any] | None = None, title: str | None = None
    ) -> None:
        """Have a key below a panel, as right of it may be others."""
        self._keys.append((axes, _labelled([axes]) if handles is None else handles, title))

    def finish(self) -> None:
        """Fit texts to the axes, and write the title and the keys, which depend on these."""
        if not self._laid_out:  # of which rows are less high
            for key in self._keys:
                _write_key_inside(*key)
        for axes in self.axes:
            _in_own_fonts(axes)
            if self._whole:
                _fold_labels(axes)
            else:
                _cut_texts(axes, laid_out=self._laid_out)
            _fewer_marks(axes)
        self._write_title()
        if self._laid_out:
            for key in self._keys:
                self._write_key(*key)

    def _write_title(self) -> None:
        first = self.axes[0]
        own = first.get_title(loc="left")
        if self._whole:
            lines = [_above(self._texts, _SMALLER * self.width), own]
        else:
            room = _columns_in((_LEFT if self._laid_out else 1.0) * self.width + _named(first))
            most = 2 if self._laid_out and not own else 1
            lines = [_in_lines(self._texts[0], room, most), own and _cut(own, room)]
            lines = lines if self._laid_out else [lines[1] or lines[0]]
        pad = _PAD if self._laid_out else _NO_PAD
        size = 10 if self._whole else _SMALL
        title = first.set_title(
            "\n".join(filter(None, lines)), loc="left", fontsize=size, pad=pad, parse_math=False
        )
        title.set_fontfamily(_fonts())
        _begin_with_labels(first, title)

    def _write_key(self, axes: Axes, handles: Sequence[Any], title: str | None) -> None:
        """Write a key below a panel, in as many columns as have room."""
        from matplotlib.transforms import ScaledTranslation

        dpi, named = _root(axes).dpi, _named(axes)
        wide = _size(axes)[0]
        marks = axes.xaxis.get_tightbbox()
        below = _KEY_PAD + (0.0 if marks is None else max(axes.bbox.y0 - marks.y0, 0.0) / dpi)
        place = axes.transAxes + ScaledTranslation(-named, -below, _root(axes).dpi_scale_trans)
        for number in range(min(len(handles), _MOST_COLUMNS), 0, -1):
            key = axes.legend(
                handles=handles,
                title=title,
                ncols=number,
                loc="upper left",
                bbox_to_anchor=(0.0, 0.0),
                bbox_transform=place,
                borderaxespad=0.0,
                fontsize=small(),
                title_fontsize=small(),
            )
            key.set_alignment("left")
            box = key.get_window_extent()
            if box.width <= min(wide + named, _KEY_WIDTH * wide) * dpi:
                break
        if not self._whole and box.height > _KEY_SHARE * sum(_size(a)[1] for a in self.axes) * dpi:
            key.remove()

    def beside(self, axes: Axes, name: str, rows: Mapping[float, str]) -> None:
        """Write them inside the panel, which is made longer for them: beside it may be others."""
        if not self._whole:
            return
        low, high = axes.get_xlim()
        taken = _MARGIN + 0.6 * small() / 72 * max(map(_longest, [name, *rows.values()]))
        free = max(1.0 - taken / (self.width - _named(axes)), _LEAST_FREE)
        axes.set_xlim(low, low + (high - low) / free)
        bottom, top = axes.get_ylim()
        high = max(_size(axes)[1], 2 * _HEAD_ROOM)
        above = (top - bottom) * _HEAD_ROOM / (high - _HEAD_ROOM)  # for the name
        axes.set_ylim(bottom, top + above)
        for place, text in {top + above / 2: name, **rows}.items():
            right_of(axes, place, text, inside=True)


def _write_key_inside(axes: Axes, handles: Sequence[Any], title: str | None) -> None:
    """Write a key below the rows of a panel, which is made longer for it; without rows none."""
    if not _names_of_rows(axes):
        return
    for number in range(min(len(handles), _MOST_COLUMNS), 0, -1):
        key = axes.legend(
            handles=handles,
            title=title,
            ncols=number,
            loc="lower left",
            fontsize=_SMALL - 1,
            handlelength=1.5,
            columnspacing=1.0,
            borderaxespad=0.1,
            frameon=True,
            framealpha=1.0,
            edgecolor="none",
        )
        box = key.get_window_extent()
        if box.width <= axes.bbox.width:
            break
    share = 1.1 * box.height / axes.bbox.height
    if share > _KEY_SHARE:
        key.remove()
        return
    bottom, top = axes.get_ylim()
    axes.set_ylim(bottom - (top - bottom) * share / (1 - share), top)


def _longest(text: str) -> int:
    return max(map(columns_of, text.splitlines()))


def _labelled(panels: Sequence[Any]) -> list[Any]:
    """Return what has a label in panels."""
    return [one for axes in panels for one in axes.get_legend_handles_labels()[0]]


def _lines_of_key(handles: Sequence[Any], number: int) -> int:
    """Return how many lines a key has in so many columns, of which the first are the longest."""
    lines = [str(one.get_label()).count("\n") + 1 for one in handles]
    high = -(-len(lines) // number)
    return max(sum(lines[first : first + high]) for first in range(0, len(lines), high))


def _above(texts: Sequence[str], width: float) -> str:
    """Return texts in lines that fit a width [inches]."""
    return "\n".join(line for text in texts for line in fitted(text, _fitting(width), 11))


def _fitting(width: float) -> int:
    """Return how many columns of text fit a width [inches]."""
    return max(int(_TO_INCH * width), _LEAST)


def _size(axes: Axes) -> tuple[float, float]:
    """Return how wide and how high axes are [inches]."""
    box, dpi = axes.get_window_extent(), _root(axes).dpi
    return float(box.width / dpi), float(box.height / dpi)


def _root(axes: Axes) -> Figure:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure


def _fonts() -> list[str]:
    from matplotlib import rcParams

    return list(rcParams["font.family"])


def _in_own_fonts(axes: Axes) -> None:
    """Have all texts of given axes in the fonts of livesim, none a formula."""
    from matplotlib.text import Text

    axes.tick_params(labelfontfamily=_fonts())
    for text in axes.findobj(Text):
        assert isinstance(text, Text)
        text.set_parse_math(False)
        if not text.get_text().isascii():
            text.set_fontfamily(_fonts())


def _fold_labels(axes: Axes) -> None:
    """Fold the labels of given axes; of more rows than have room, names are cut."""
    wide, high = _size(axes)
    names = [label.get_text() for label in axes.get_yticklabels()]
    left = max(_HIGH_LEFT * high, high - _ABOVE_AND_BELOW)
    if left < sum(10 * _LINE_HEIGHT / 72 * (name.count("\n") + 1) for name in names):
        _cut_names(axes, _NAMES * wide, left)
    sizes = max(wide - _named(axes), 1.0), high
    for label, size in zip((axes.xaxis.label, axes.yaxis.label), sizes, strict=True):
        label.set_text(_above(label.get_text().splitlines(), size))


def _cut_texts(axes: Axes, *, laid_out: bool) -> None:
    """Have the texts of small axes small, and no more of them than what fits."""
    wide, high = _size(axes)
    axes.tick_params(labelsize=_SMALL - 1, length=2, pad=1)
    room = max(_NAMES * wide, _NAMES_LEAST) if laid_out else _free_left(axes)
    _cut_names(axes, room, _HIGH_LEFT * high if laid_out else high)
    most, left = (2, _LEFT) if laid_out else (1, 1.0)
    for label, size in zip((axes.xaxis.label, axes.yaxis.label), (wide, high), strict=True):
        label.set_text(_with_unit(label.get_text(), _columns_in(left * size), most))
        label.set_fontsize(_SMALL)
    axes.xaxis.labelpad = axes.yaxis.labelpad = 0
    kept: list[Any] = []
    for text in [*axes.texts]:
        box = text.get_window_extent()
        beyond = box.x0 < axes.bbox.x0 - 1 or box.x0 < axes.bbox.x1 - 1 < box.x1 - 1
        above = not laid_out and box.y0 >= axes.bbox.y1
        if beyond or above or box.count_overlaps(kept):
            text.remove()
        else:
            kept.append(box)


def _names_of_rows(axes: Axes) -> list[str]:
    """Return the names of the rows of a panel, each in one line; nothing where there are none."""
    from matplotlib.ticker import FixedLocator

    if axes.get_yscale() != "linear" or not isinstance(
        axes.yaxis.get_major_locator(), FixedLocator
    ):
        return []
    return [in_one_line(label.get_text()) for label in axes.get_yticklabels()]


def _cut_names(axes: Axes, wide: float, high: float) -> None:
    """Cut the names of rows to a width [inches], and to as many lines as a height has room for.

    They are small enough for the longest word, and for all of the longest name, where it can still
    be read then.
    """
    names = _names_of_rows(axes)
    if not names:
        return
    bottom, top = axes.get_ylim()
    points = 72 * high / abs(top - bottom)  # from one row to the next
    longest = max((columns_of(word) for name in names for word in _WORDS.findall(name)), default=1)
    fitting = max(72 * wide / (COLUMN * longest), _LEAST_SIZE)
    most = min(_SMALL - 1, fitting, points / _LINE_HEIGHT)
    size, cut = most, [""] * len(names)
    for size in np.linspace(most, _LEAST_SIZE, 5) if most >= _LEAST_SIZE else []:
        room, lines = _columns_in(wide, size), max(int(points / _LINE_HEIGHT / size), 1)
        cut = [_in_lines(name, room, lines) for name in names]
        if all(len(wrapped(name, room)) <= lines for name in names):
            cut = [
                "\n".join(balanced(name, one.splitlines()))
                for name, one in zip(names, cut, strict=True)
            ]
            break
    axes.set_yticks(axes.get_yticks(), cut)
    axes.tick_params(axis="y", labelsize=size)


def _in_lines(text: str, room: int, most: int) -> str:
    """Return a text in at most so many lines of so many columns, its own ends of lines kept."""
    lines = [part for line in text.splitlines() for part in wrapped(line, room)]
    if len(lines) <= most:
        return "\n".join(lines)
    return "\n".join([*lines[: most - 1], _cut(f"{lines[most - 1]} …", room)])


def _with_unit(label: str, room: int, most: int) -> str:
    r"""Return what an axis shows in at most so many lines of so many columns, not without its unit.

    Examples
    --------
    >>> _with_unit("orders\n[per minute]", 20, 1), _with_unit("orders of all [per minute]", 20, 1)
    ('orders [per minute]', 'orders… [per minute]')
    """
    whole = in_one_line(label)
    for one in (label, whole):
        if "\N{HORIZONTAL ELLIPSIS}" not in (lines := _in_lines(one, room, most)):
            return lines
    name, _, unit = whole.rpartition(" [")
    left = room - columns_of(f" [{unit}")
    if not name or left < _LEAST_NAME:
        return _in_lines(label, room, most)
    if most == 1:
        return f"{_cut(name, left)} [{unit}"
    return f"{_in_lines(name, room, most - 1)}\n[{unit}"


def _cut(text: str, room: int) -> str:
    """Return a text on a line of so many columns."""
    if columns_of(text) <= room:
        return text
    while text and columns_of(text) >= room:
        text = text[:-1]
    return f"{text.rstrip(' …')}…"


def _columns_in(width: float, size: float = 8) -> int:
    """Return how many columns of a text of a size [points] fit a width [inches]."""
    return max(int(72 * width / (_COLUMN_WIDTH * size)), 3)


def _free_left(axes: Axes) -> float:
    """Return how wide the room left of axes is that no others take [inches]."""
    figure, box = _root(axes), axes.bbox
    ends = [
        other.bbox.x1
        for other in figure.axes
        if other.bbox.x1 <= box.x0 and other.bbox.y0 < box.y1 and other.bbox.y1 > box.y0
    ]
    return float((box.x0 - max(ends, default=0.0)) / figure.dpi) - _MARGIN / 2


def _fewer_marks(axes: Axes) -> None:
    """Have no more numbers on the lower axis than stand apart."""
    from matplotlib.ticker import MaxNLocator

    locator = axes.xaxis.get_major_locator()
    if type(locator) is MaxNLocator:
        free = _size(axes)[0] - _named(axes)
        locator.set_params(nbins=int(np.clip(free / _MARK_ROOM, 1, 5)))


def _begin_with_labels(axes: Axes, title: Text) -> None:
    """Have a title begin where the names of rows do, where a layout makes room for these.

    The panel gets narrower by them, but not what its title has room for.
    """
    from matplotlib.transforms import ScaledTranslation

    if wide := _named(axes):
        aside = ScaledTranslation(-wide, 0, _root(axes).dpi_scale_trans)
        title.set_transform(title.get_transform() + aside)


def _named(axes: Axes) -> float:
    """Return how much narrower a layout makes a panel for what stands left of it [inches]."""
    if _root(axes).get_layout_engine() is None:
        return 0.0
    names = [label for label in axes.get_yticklabels() if label.get_text()]
    widths = (label.get_window_extent().width for label in names)
    return max(widths, default=0.0) / _root(axes).dpi
