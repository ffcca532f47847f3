"""The shows that a file's expectations compare with: its own alternatives, or files beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from livesim.errors import Mistake, ScenarioError, did_you_mean
from livesim.resolve import alternatives, resolve
from livesim.scenario.document import Document
from livesim.scenario.including import with_includes
from livesim.scenario.library import LIBRARY, file_named, names_in
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import opened

#: A file, and which of its alternatives is meant, if it has any.
Meant: TypeAlias = tuple[Document, str | None]


def others(scenario: Scenario, document: Document, whole: Document) -> list[Meant | None]:
    """Return the show that each expectation compares with; None where it names none.

    Parameters
    ----------
    scenario
        The show that expects something.
    document
        Its file.
    whole
        The file with what it includes, which knows the lines.

    Raises
    ------
    ScenarioError
        If there is no show of such a name: one mistake for each line that names one.
    """
    own = alternatives(document)
    found, mistakes = list[Meant | None](), list[Mistake]()
    for number, line in enumerate(scenario.expect or ()):
        meant = line.show and _named(line.show, document, own)
        if line.show and not meant:
            known = [*own, *names_in(Path(document.file).parent, LIBRARY)]
            remedy = did_you_mean(line.show, known)
            what = f"no show is called {line.show}"
            mistakes.append(whole.mistake(("expect", number, line.figure), what, remedy))
        found.append(meant or None)
    if mistakes:
        raise ScenarioError(mistakes)
    return found


def resolved(meant: Meant) -> Scenario:
    """Return the show that is meant.

    Raises
    ------
    ScenarioError
        If its file has mistakes.
    """
    return resolve(with_includes(*meant)).scenario


def _named(show: str, document: Document, own: tuple[str, ...]) -> Meant | None:
    if show in own:
        return document, show
    for folder in (Path(document.file).parent, LIBRARY):
        file = folder / file_named(show)
        if file.is_file():
            return opened(file), None
    return None
