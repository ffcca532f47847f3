"""One word for one thing: the glossary in CONTRIBUTING, and names and output that keep to it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import click
import pytest

from livesim.cli import main

ROOT = Path(__file__).parents[1]
#: What people read beside the program's sentences: README, the texts of notebooks, the templates.
PAGES = {
    "README.md": (ROOT / "README.md").read_text("utf-8"),
    **{path.name: path.read_text("utf-8") for path in (ROOT / "livesim").rglob("*.yaml")},
    **{
        path.name: "\n".join(
            "".join(cell["source"])
            for cell in json.loads(path.read_text("utf-8"))["cells"]
            if cell["cell_type"] == "markdown"
        )
        for path in (ROOT / "notebooks").glob("*.ipynb")
    },
}


def rows(header: str) -> list[list[str]]:
    """Return the rows below a header of CONTRIBUTING's tables."""
    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8")
    table = text[text.index(header) :].split("\n\n")[0].strip()
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table.split("\n")[2:]]


def parts(cells: Iterable[str], mark: str) -> list[str]:
    return [part.strip() for cell in cells for part in cell.split(mark)]


WORDS = rows("| word | meaning |")
RETIRED = parts([row[0] for row in rows("| not | but |")], ",")
NAMES_ONLY = [word.strip("`") for word in RETIRED if word.startswith("`")]
ANYWHERE = [word for word in RETIRED if not word.startswith("`")]


def doubles(words: list[str]) -> set[str]:
    return {word for word in words if words.count(word) > 1}


def spoken(word: str, text: str) -> bool:
    return re.search(rf"\b{word}\b", text, re.IGNORECASE) is not None


def named(word: str, name: str) -> bool:
    """Say whether a name has a word, or words joined by underscores, in it."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return f"_{word.replace(' ', '_')}_" in f"_{snake.strip('_')}_"


def names(source: ast.AST) -> Iterator[str]:
    """Yield every name that a source gives to something."""
    for node in ast.walk(source):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def sentences(source: ast.AST) -> Iterator[str]:
    """Yield the texts of a source that have a space in them, but for docstrings."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(source)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(source):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value if " " in node.value else ""


@cache
def sources() -> Mapping[Path, ast.Module]:
    return {
        path.relative_to(ROOT / "livesim"): ast.parse(path.read_text("utf-8"))
        for path in (ROOT / "livesim").rglob("*.py")
    }


@cache
def all_names() -> frozenset[tuple[Path, str]]:
    return frozenset(
        (file, name) for file, source in sources().items() for name in (file.stem, *names(source))
    )


@cache
def all_sentences() -> tuple[tuple[Path, str], ...]:
    return tuple((file, text) for file, source in sources().items() for text in sentences(source))


def helps(command: click.Command) -> Iterator[str]:
    yield command.get_help(click.Context(command, info_name=command.name))
    yield command.get_short_help_str(200)
    if isinstance(command, click.Group):
        for one in command.commands.values():
            yield from helps(one)


def test_no_word_has_two_meanings_and_no_meaning_two_words() -> None:
    known = parts([row[0] for row in WORDS], ",")
    assert len(WORDS) > 30
    assert doubles(known) == set()
    assert doubles(parts([row[1] for row in WORDS], ";")) == set()
    assert not {*known} & {word.strip("`") for word in RETIRED}


def test_a_double_would_be_seen() -> None:
    assert doubles(["show", "room", "show"]) == {"show"}


@pytest.mark.parametrize("word", [*ANYWHERE, *NAMES_ONLY])
def test_no_name_is_a_retired_word(word: str) -> None:
    assert {f"{file}: {name}" for file, name in all_names() if named(word, name)} == set()


@pytest.mark.parametrize("word", ANYWHERE)
def test_no_sentence_has_a_retired_word(word: str) -> None:
    assert [f"{file}: {text}" for file, text in all_sentences() if spoken(word, text)] == []
    assert [page for page, text in PAGES.items() if spoken(word, text)] == []


@pytest.mark.parametrize("word", ANYWHERE)
def test_no_help_has_a_retired_word(word: str) -> None:
    assert [text for text in helps(main) if spoken(word, text)] == []


def test_a_retired_word_would_be_seen() -> None:
    source = ast.parse('class HouseOfCards:\n    units_left = f"on the same luck {1}"')
    assert [name for name in names(source) if named("units_left", name)] == ["units_left"]
    assert [name for name in names(source) if named("house", name)] == ["HouseOfCards"]
    assert any(spoken("luck", text) for text in sentences(source))
    assert not named("tie", "properties") and not spoken("tie", "The ties of a cohort")
