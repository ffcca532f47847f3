"""What people write in titles is drawn as it is, in whatever fonts there are."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from drawn_texts import texts_of
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from livesim.report import drawing as drawn
from livesim.report.drawing import drawing, image_files, thousands
from livesim.report.language import speaking
from livesim.report.views import figures
from livesim.results.answer import Answer

CHINESE = "\u53e3\u7ea2 \uae40\uce58 \u0e2a\u0e27\u0e22 \U0001f484"


def titled(title: str) -> Figure:
    with drawing():
        figure = Figure()
        figure.subplots().set_xlabel(title)
        figure.suptitle(title)
    return figure


@pytest.mark.slow
@pytest.mark.parametrize("title", ["Bundle $5_$10", "$9_99$", "\\alpha {x", "100 % $", "a^b_c"])
def test_a_title_is_no_markup(title: str) -> None:
    svg = image_files({"one": titled(title)}.items(), "svg")["one.svg"].decode()
    assert title in svg, "matplotlib writes a text that it did not typeset as a comment"


@pytest.mark.filterwarnings("ignore:No font on this machine")
def test_texts_of_an_svg_end_in_a_font_that_everybody_has() -> None:
    figure = titled(CHINESE)
    figure.text(0, 0, "two\nlines")  # whose style says nothing after its font
    svg = image_files({"one": figure}.items(), "svg")["one.svg"].decode()
    styles = [one.get("style", "") for one in ElementTree.fromstring(svg).iter()]
    families = {found[1] for style in styles if (found := re.search("('DejaVu Sans'[^;]*)", style))}
    assert len(families) == 1 and families.pop().endswith(", sans-serif")
    assert CHINESE in svg


@pytest.mark.parametrize(
    ("language", "most", "marks"),
    [
        ("en", 1_500_000, ["0", "0.5 M", "1 M", "1.5 M"]),
        ("zh", 600_000, ["0", "20 \u4e07", "40 \u4e07", "60 \u4e07"]),
        ("zh", 60_000, ["0", "20,000", "40,000", "60,000"]),
    ],
)
def test_numbers_of_an_axis_have_one_unit_that_of_the_language(
    language: str, most: float, marks: list[str]
) -> None:
    with drawing(), speaking(language):
        axes = Figure().subplots()
        axes.set_xlim(0, most)
        thousands(axes.xaxis)
    axes.figure.draw_without_rendering()
    assert [label.get_text() for label in axes.get_xticklabels()] == marks


def light(colour: str | tuple[float, ...]) -> float:
    """Return the relative luminance of a colour, as WCAG 2.2 defines it."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot((0.2126, 0.7152, 0.0722), parts))


def contrast(one: str | tuple[float, ...], other: str | tuple[float, ...]) -> float:
    high, low = sorted((light(one) + 0.05, light(other) + 0.05), reverse=True)
    return high / low


def in_the_dark(colour: str, style: str) -> tuple[float, ...]:
    """Return what the page's style makes of a figure's colour: inverted, its hue turned back."""
    (part,) = re.findall(r"invert\((\.\d+)\) hue-rotate\(180deg\)", style)
    inverted = [c * (1 - float(part)) + (1 - c) * float(part) for c in to_rgb(colour)]
    grey = float(np.dot((0.213, 0.715, 0.072), inverted))
    return tuple(np.clip([2 * grey - c for c in inverted], 0, 1))


@pytest.mark.parametrize("colour", [*drawn.COLOURS, drawn.LINE, drawn.GREY])
def test_what_is_drawn_is_seen_on_white_and_in_the_dark(colour: str) -> None:
    """WCAG 2.2, 1.4.11: three times as light as what is beside it, or three times as dark."""
    style = (Path(drawn.__file__).parent / "page" / "page.css").read_text("utf-8")
    dark = style.partition("prefers-color-scheme: dark")[2]
    paper = re.findall(r"--paper: (#\w+)", dark)[0]
    assert contrast(colour, "white") >= 3
    assert contrast(in_the_dark(colour, dark), paper) >= 3


#: What is seen of linear red, green and blue by those whose eyes lack one kind of cones: Machado,
#: Oliveira and Fernandes (2009), at full severity.
SEEN = {
    "all": np.eye(3),
    "no long": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "no middle": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.01182, 0.04294, 0.968881],
        ]
    ),
    "no short": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.3039],
        ]
    ),
}


def seen(colour: str | tuple[float, ...], eyes: np.ndarray) -> np.ndarray:
    """Return a colour as some eyes see it, in CIELAB (white D65)."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    to_xyz = [[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]]
    xyz = to_xyz @ np.clip(eyes @ linear, 0, 1) / (0.95047, 1, 1.08883)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", SEEN)
@pytest.mark.parametrize("where", ["on white", "in the dark"])
def test_no_two_colours_are_one_to_any_eyes(where: str, eyes: str) -> None:
    """Two blues were 10 apart, and to some eyes an orange and an ochre 1."""
    style = (Path(drawn.__file__).parent / "page" / "page.css").read_text("utf-8")
    shown = [in_the_dark(one, style) if "dark" in where else one for one in drawn.COLOURS]
    apart = [seen(a, SEEN[eyes]) - seen(b, SEEN[eyes]) for a, b in combinations(shown, 2)]
    assert min(map(np.linalg.norm, apart)) > 11


def test_a_png_is_as_sharp_beside_an_svg() -> None:
    """Which has 72 dots to an inch, and left them to the PNG that came after it."""
    kinds = image_files({"one": titled("plain")}.items(), "svg", "png")
    alone = image_files({"one": titled("plain")}.items(), "png")
    assert kinds["one.png"] == alone["one.png"]
    assert kinds["one.svg"] == image_files({"one": titled("plain")}.items(), "svg")["one.svg"]


@pytest.mark.filterwarnings("ignore:Glyph")
def test_a_line_is_no_wider_drawn_than_its_columns() -> None:
    """Of Thai, marks take no column, but a box each where no font has them."""
    with drawing():
        for text in (
            "\u0e25\u0e34\u0e1b\u0e17\u0e34\u0e19\u0e17\u0e4c" * 5,
            "WWWW@@@@MMMM" * 4,
            "plain",
        ):
            lines = drawn.fitted(text, 17)
            assert "".join(lines) == text
            figure = Figure()
            widths = [figure.text(0, 0, one).get_window_extent().width for one in lines]
            assert max(widths) / figure.dpi * 72 <= 17 * 6.5 + 2


@pytest.mark.filterwarnings("ignore:No font on this machine", "ignore:Glyph")
@pytest.mark.parametrize("filed", [True, False])
def test_marks_of_an_axis_keep_the_fonts_and_the_language_they_were_asked_in(
    monkeypatch: pytest.MonkeyPatch, filed: bool
) -> None:
    monkeypatch.setattr(drawn, "FALLBACKS", ("DejaVu Serif",))  # which matplotlib brings along
    figure = Figure()
    axes = figure.subplots()
    with speaking("zh"), drawing():
        thousands(axes.xaxis)
    axes.set_xlim(0, 4e6)
    if filed:
        image_files({"one": figure}.items(), "png", "svg")
    else:
        figure.draw_without_rendering()
    marks = [mark for mark in axes.get_xticklabels() if not mark.get_text().isascii()]
    assert marks and all("\u4e07" in mark.get_text() for mark in marks)
    assert all("DejaVu Serif" in mark.get_fontfamily() for mark in marks)


def test_what_no_font_has_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn, "FALLBACKS", ())
    monkeypatch.setattr(drawn, "_TOLD", set())
    with pytest.warns(UserWarning) as told:
        files = image_files({"one": titled(CHINESE), "two": titled(f"{CHINESE}!")}.items(), "png")
        image_files({"one": titled(CHINESE)}.items(), "svg")
    (warning,) = told
    said = str(warning.message)
    assert all(character in said for character in CHINESE if not character.isspace())
    assert "Noto" in said
    assert set(files) == {"one.png", "two.png"}


def test_fonts_of_this_machine_help_out() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with drawing():
            from matplotlib import rcParams

            assert rcParams["font.family"][0] == "DejaVu Sans"
        image_files({"one": titled("plain")}.items(), "png")


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    ["plan", "result", "comparison", "sweep", "incubation", "explanation", "live", "calibration"],
)
def test_texts_for_phones_are_eleven_pixels_high_and_apart(
    ask: Callable[[str], Answer], kind: str
) -> None:
    """On a screen of 360 pixels, whose page has a margin of 12.8 on either side."""
    with drawn.for_phones():
        shown = figures(ask(kind))
    for name, figure in shown.items():
        if name.startswith("stock_"):
            continue  # of a plan: its page draws them itself
        figure.draw_without_rendering()
        scale = (360 - 2 * 12.8) / figure.bbox.width * figure.dpi / 72
        texts = texts_of(figure)
        assert min(text.get_fontsize() for text in texts) * scale >= 11
        boxes = [text.get_window_extent() for text in texts]
        assert not [(a, b) for a, b in combinations(boxes, 2) if a.overlaps(b)], name
        assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width for box in boxes), name
