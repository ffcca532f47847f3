"""What continuous integration reads of any command that tests files: JUnit's XML, annotations."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from livesim.errors import Mistake, visible
from livesim.places import is_file, is_folder

if TYPE_CHECKING:
    from xml.etree import ElementTree

__all__ = ["Case", "Suite", "github", "junit"]

#: A warning is told, and fails nothing; an error is a test that came to no verdict.
Outcome: TypeAlias = Literal["fine", "warning", "failure", "error"]


@dataclass(frozen=True)
class Case:
    """One thing that was tested.

    Parameters
    ----------
    name
        What it is called.
    said
        What came of it.
    outcome
        Whether that is as it should be.
    line, column
        Where it stands in its file, counted from 1; None if nobody knows.
    """

    name: str
    said: str
    outcome: Outcome = "fine"
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True)
class Suite:
    """What was tested of one file, or of one show in it.

    Parameters
    ----------
    name, file
        What it is called, and its file.
    mistakes
        What is wrong with the file; then nothing else could be tested.
    cases
        What was tested.
    """

    name: str
    file: str
    mistakes: tuple[Mistake, ...] = ()
    cases: tuple[Case, ...] = ()


def junit(name: str, suites: Sequence[Suite]) -> str:
    """Return what came of a run as JUnit's XML.

    Parameters
    ----------
    name
        What the run is called.
    suites
        What was tested. A file with mistakes is one case, an error.

    Examples
    --------
    >>> case = Case("profit > 0", "broken: -5", "failure")
    >>> print(junit("livesim check", [Suite("gala", "gala.yaml", cases=(case,))]))
    <?xml version="1.0" encoding="utf-8"?>
    <testsuites name="livesim check">
      <testsuite name="gala" tests="1" failures="1" errors="0">
        <testcase classname="gala" name="profit &gt; 0">
          <failure message="broken: -5">broken: -5</failure>
        </testcase>
      </testsuite>
    </testsuites>
    <BLANKLINE>
    """
    from xml.etree import ElementTree

    root = ElementTree.Element("testsuites", name=name)
    for suite in suites:
        _write(root, suite)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _write(root: ElementTree.Element, suite: Suite) -> None:
    from xml.etree import ElementTree

    outcomes = [case.outcome for case in suite.cases] + ["error"] * bool(suite.mistakes)
    counts = {"tests": len(outcomes), "failures": outcomes.count("failure")}
    numbers = {**counts, "errors": outcomes.count("error")}
    name = visible(suite.name)
    attributes = {"name": name, **{key: str(number) for key, number in numbers.items()}}
    element = ElementTree.SubElement(root, "testsuite", attributes)
    if suite.mistakes:
        case = ElementTree.SubElement(element, "testcase", classname=name, name="the file")
        what = "\n\n".join(map(str, suite.mistakes))
        ElementTree.SubElement(case, "error", message="the file has mistakes").text = what
    for one in suite.cases:
        case = ElementTree.SubElement(element, "testcase", classname=name, name=visible(one.name))
        said = visible(one.said)
        if one.outcome in ("failure", "error"):
            ElementTree.SubElement(case, one.outcome, message=said).text = said
        else:
            ElementTree.SubElement(case, "system-out").text = said


def github(suites: Sequence[Suite]) -> Iterator[str]:
    """Yield what came of a run as annotations of GitHub; what is fine gets none.

    Parameters
    ----------
    suites
        What was tested.

    Examples
    --------
    >>> case = Case("profit > 0", "broken: -5", "failure", line=7, column=5)
    >>> list(github([Suite("gala", "gala.yaml", cases=(case,))]))
    ['::error file=gala.yaml,line=7,col=5::profit > 0 broken: -5']
    """
    for suite in suites:
        for mistake in suite.mistakes:
            told = (mistake.cell, mistake.path, mistake.what, mistake.remedy)
            what = ": ".join(part for part in told if part)
            yield _annotation("error", mistake.file, mistake.line, mistake.column, what)
        for case in suite.cases:
            if case.outcome != "fine":
                severity = "warning" if case.outcome == "warning" else "error"
                what = f"{case.name} {case.said}"
                yield _annotation(severity, suite.file, case.line, case.column, what)


def _annotation(
    severity: str, file: str | None, line: int | None, column: int | None, what: str
) -> str:
    """Return one annotation, with what would end its parts escaped as GitHub wants it."""
    at = {"file": file and _from_root(Path(file)), "line": line, "col": column}
    parts = [f"{key}={_escaped(str(one), ':,')}" for key, one in at.items() if one is not None]
    return f"::{severity} {','.join(parts)}::{_escaped(what)}"


def _from_root(file: Path) -> str:
    """Return a file as GitHub knows it: from the root of its repository, wherever livesim ran."""
    whole = Path(realpath(file.parent), file.name)  # a link is a file of its own for git
    top = next(filter(_is_root, whole.parents), None) if is_file(file) else None
    return str(file) if top is None else whole.relative_to(top).as_posix()


def _is_root(folder: Path) -> bool:
    workspace = os.environ.get("GITHUB_WORKSPACE", "")
    git = folder / ".git"  # a file in a worktree
    named = bool(workspace) and str(folder) == realpath(workspace)
    return named or is_folder(git) or is_file(git)


def _escaped(part: str, marks: str = "") -> str:
    part = visible(part)
    for mark in f"%\r\n{marks}":
        part = part.replace(mark, f"%{ord(mark):02X}")
    return part
