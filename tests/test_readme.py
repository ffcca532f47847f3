"""The README shows what the program prints: its outputs and files are produced, never typed.

``python tests/test_readme.py`` writes them anew. An output cut by ``| head -n 12`` in its comment
stands there with its first lines, and ``…`` for the rest. The test compares the words exactly and
each number within a tolerance, since another NumPy or processor draws other bits of the same law.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"<!-- (output|file): (.+?) -->\n```(\w+)\n(.*?)```", re.DOTALL)
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
#: Numbers may differ by this part of their size, or by this much for small ones.
RELATIVE, ABSOLUTE = 0.25, 12.0


def produced(kind: str, what: str) -> str:
    """Return what belongs into a block: a file's text or a command's output."""
    if kind == "file":
        return (ROOT / what).read_text(encoding="utf-8")
    command, _, head = what.partition(" | head -n ")
    from livesim.cli import main

    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        main(shlex.split(command)[1:])
    lines = out.getvalue().splitlines()
    shown = lines[: int(head)] if head else lines
    rest = ["…"] if len(shown) < len(lines) else []
    return "\n".join([*shown, *rest]).rstrip() + "\n"


def blocks() -> Iterator[tuple[str, str, str]]:
    for kind, what, _, text in BLOCK.findall(README.read_text(encoding="utf-8")):
        yield kind, what, text


def words(text: str) -> str:
    return re.sub(r"[\s\-]+", " ", NUMBER.sub("#", text))


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "what", "text"), list(blocks()))
def test_block_is_what_the_program_prints(
    kind: str, what: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    now = produced(kind, what)
    if kind == "file":
        assert text == now
        return
    assert words(text) == words(now), "run python tests/test_readme.py"
    for said, is_now in zip(NUMBER.findall(text), NUMBER.findall(now), strict=True):
        a, b = (float(number.replace(",", "")) for number in (said, is_now))
        assert abs(a - b) <= max(ABSOLUTE, RELATIVE * abs(b)), f"{said} is {is_now} now"


def test_there_are_blocks_of_both_kinds() -> None:
    assert {kind for kind, _, _ in blocks()} == {"output", "file"}


def test_what_is_cut_is_said_to_be() -> None:
    whole = produced("output", "livesim schema").splitlines()
    assert produced("output", "livesim schema | head -n 2").splitlines() == [*whole[:2], "…"]
    assert produced("output", f"livesim schema | head -n {len(whole)}").splitlines() == whole


LINK = re.compile(r"\]\(([^)#:]+)\)")


@pytest.mark.parametrize("page", ["README.md", ".github/CONTRIBUTING.md", "notebooks/README.md"])
def test_every_link_leads_to_a_file(page: str) -> None:
    place = ROOT / page
    links = LINK.findall(place.read_text(encoding="utf-8"))
    assert links and [link for link in links if not (place.parent / link).exists()] == []


def test_every_notebook_is_linked() -> None:
    folder = ROOT / "notebooks"
    links = LINK.findall((folder / "README.md").read_text(encoding="utf-8"))
    assert {path.name for path in folder.glob("*.ipynb")} == {*links}


def refresh() -> None:
    """Write the README's outputs anew, and its picture."""
    text = README.read_text(encoding="utf-8")

    def block(match: re.Match[str]) -> str:
        kind, what, language, _ = match.groups()
        return f"<!-- {kind}: {what} -->\n```{language}\n{produced(kind, what)}```"

    README.write_text(BLOCK.sub(block, text), encoding="utf-8")
    import livesim

    result = livesim.simulate(ROOT / "scenarios/viya_kim_perfume.yaml")
    livesim.figures.overview(result).savefig(ROOT / "scenarios/viya_kim_perfume.png", dpi=100)
    picture(livesim.plan(ROOT / "scenarios/viya_kim_perfume.yaml").page())


def picture(page: str) -> None:
    """Write the picture of a plan's page anew: its slider, as Chromium shows it."""
    from playwright.sync_api import sync_playwright

    browser = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as running:
        flags = ["--no-sandbox", "--disable-gpu"]
        opened = running.chromium.launch(executable_path=browser, args=flags)
        shown = opened.new_page(viewport={"width": 1200, "height": 800}, offline=True)
        shown.set_content(page)
        shown.locator("#stock").screenshot(path=ROOT / "scenarios/viya_kim_page.png")
        opened.close()


if __name__ == "__main__":
    refresh()
