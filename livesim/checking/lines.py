"""What a file expects, line by line, as far as it can be read without a simulation.

A line may compare with another show: one of its file's own alternatives, or a file beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from livesim.errors import Mistake, MistakesError, ScenarioError, did_you_mean
from livesim.places import is_within
from livesim.resolve import alternatives, resolve
from livesim.scenario.document import Document, Place
from livesim.scenario.expecting import Expectation
from livesim.scenario.including import with_includes
from livesim.scenario.library import LIBRARY, file_named, names_in
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import opened

#: A file, and which of its alternatives is meant, if it has any.
Meant: TypeAlias = tuple[Document, str | None]
#: Says what is wrong with a line, and the remedy.
Wrong: TypeAlias = Callable[[str, str], Mistake]
_Found = TypeVar("_Found")
_WITHOUT_END: Final = ("nan", "inf", "infinity")


@dataclass(frozen=True)
class Line:
    """An expectation that can be tested.

    Parameters
    ----------
    expectation
        What is expected.
    place
        Where it is written; None if nobody knows.
    figure
        Which figure of a show is measured, by its path in what a run prints.
    show, other
        The show, and the one that it is compared with; None where there is none.
    meant
        The files of those shows that are not the file's own.
    missing
        What there is not of a show, as far as it is known before a simulation.
    """

    expectation: Expectation
    place: Place | None
    figure: str
    show: Scenario
    other: Scenario | None = None
    meant: tuple[Meant, ...] = ()
    missing: Mistake | None = None


class _Once:
    """Does once what many lines ask for: a file is read, a show resolved, its figures named."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Any] = {}

    def __call__(self, work: Callable[..., _Found], *of: Any) -> _Found:
        """Return what work finds of its arguments, or raise what it raised the first time."""
        key = (work, *(one if isinstance(one, str | Path) else id(one) for one in of))
        if key not in self._found:
            try:
                self._found[key] = work(*of), of  # kept, so that no other gets its id
            except MistakesError as error:
                self._found[key] = error, of
        found, _ = self._found[key]
        if isinstance(found, MistakesError):
            raise found
        return found  # type: ignore[no-any-return]


def lines_of(
    scenario: Scenario, document: Document, whole: Document
) -> tuple[tuple[Line, ...], tuple[Mistake, ...]]:
    """Return the lines that can be tested, and what is wrong with the others.

    Parameters
    ----------
    scenario
        The show that expects something.
    document
        Its file.
    whole
        The file with what it includes, which knows the places.
    """
    if not scenario.expect:
        return (), ()
    # Figures take half a second to import, which files that expect nothing need not wait for.
    from livesim.checking.bounds import figures_of, measured, no_such_figure, unit_of, wanted

    lines, mistakes, once = list[Line](), list[Mistake](), _Once()
    figures = partial(once, figures_of)
    for number, expectation in enumerate(scenario.expect):
        wrong = partial(whole.mistake, ("expect", number, expectation.figure))
        place = whole.place(("expect", number))
        try:
            shows = _shows(expectation, scenario, document, wrong, once)
            line = Line(expectation, place, measured(expectation), *shows)
            unit = unit_of(line.figure, figures(line.show))
            if unit == "currency" and line.other:
                _one_currency(line.show.show.currency, line.other.show.currency, wrong)
            if unit is not None:
                with _of_its_line(wrong):
                    wanted(expectation, unit)
        except ScenarioError as error:
            mistakes += error.mistakes
        else:
            nothing = no_such_figure(expectation, line.figure, line.show, line.other, figures)
            what, _, remedy = nothing.partition("; ")
            lines.append(replace(line, missing=wrong(what, remedy) if what else None))
    return tuple(lines), tuple(dict.fromkeys(mistakes))


def _shows(
    expectation: Expectation, own: Scenario, document: Document, wrong: Wrong, once: _Once
) -> tuple[Scenario, Scenario | None, tuple[Meant, ...]]:
    """Return the show that is measured, that which it is compared with, and their files."""
    of, named = expectation.compared, expectation.show
    base: list[Meant] = []
    if of and of.difference:
        known = alternatives(document)
        base = [(document, known[0])] if of.show in known else []
        if of.show in (known[0] if base else Path(document.file).stem, ""):
            what = f"{of.show} is the show that others are held against"
            raise ScenarioError([wrong(what, f"name another one, or write {of.figure}")])
    names = [name for name in (of and of.show, named) if name]
    meant = [*(_meant(name, document, wrong, once) for name in names), *base]
    shows = [_resolved(one, wrong, once) for one in meant]
    first = shows.pop(0) if of else own
    other = shows[0] if shows else own if of and of.difference else None
    if other and once(_digest, first) == once(_digest, other):
        what = f"{names[-1]} is the show itself, which never differs from itself"
        raise ScenarioError([wrong(what, "compare with another one, or write a number")])
    return first, other, tuple(meant)


def _digest(show: Scenario) -> str:
    return show.digest


def _meant(show: str, document: Document, wrong: Wrong, once: _Once) -> Meant:
    """Return the file that is called so, and which of its alternatives."""
    try:
        return _found(show, document, wrong, once)
    except OSError as error:  # a name that no system bears, a folder that nobody may read
        what = f"{show[:20]}{'…' * (len(show) > 20)} is no file that can be read: {error.strerror}"
        raise ScenarioError([wrong(what, "check the name, and the permissions there")]) from None


def _found(show: str, document: Document, wrong: Wrong, once: _Once) -> Meant:
    own, beside = alternatives(document), Path(document.file).parent
    if show in own:
        return document, show
    name, _, alternative = show.partition(":")
    for folder in (beside, LIBRARY):
        file = folder / file_named(name)
        if file.is_file() and not is_within(file, folder):
            what = f"{file} is a link that leads out of its folder"
            raise ScenarioError([wrong(what, "put the file itself there")])
        if file.is_file():
            return _one_show(file, alternative, wrong, once)
    if show.lower() in _WITHOUT_END:
        what = f"{show} is no number that a figure can be held against, and no show is called so"
        raise ScenarioError([wrong(what, "write a number, as 100k, or take the line away")])
    remedy = did_you_mean(show, [*own, *once(names_in, beside, LIBRARY)])
    raise ScenarioError([wrong(f"no show is called {show}", remedy)])


def _one_show(file: Path, alternative: str, wrong: Wrong, once: _Once) -> Meant:
    """Open a file that describes one show, or the alternative that is meant of one with several."""
    with _after_its_line(file, wrong):
        document = once(opened, file)
        known = alternatives(document)
    if alternative in known or not (known or alternative):
        return document, alternative or None
    if not known:
        what = f"{file} describes one show, with no alternatives"
        raise ScenarioError([wrong(what, f"write {file.stem}")])
    what = f"{file} describes {len(known)} alternatives, and a line compares with one show"
    remedy = f"write one of them: {', '.join(f'{file.stem}:{name}' for name in known)}"
    raise ScenarioError([wrong(what, remedy)])


def _resolved(meant: Meant, wrong: Wrong, once: _Once) -> Scenario:
    document, alternative = meant
    with _after_its_line(alternative or document.file, wrong):
        return once(_scenario, document, alternative)


def _scenario(document: Document, alternative: str | None) -> Scenario:
    return resolve(with_includes(document, alternative)).scenario


@contextmanager
def _of_its_line(wrong: Wrong) -> Iterator[None]:
    """Tell what is wrong at the place of a line."""
    try:
        yield
    except ScenarioError as error:
        raise ScenarioError([wrong(one.what, one.remedy) for one in error.mistakes]) from None


@contextmanager
def _after_its_line(show: object, wrong: Wrong) -> Iterator[None]:
    """Tell what is wrong with a show behind the line that compares with it."""
    try:
        yield
    except MistakesError as error:
        line = wrong(f"this compares with {show}, which has mistakes", "mend them first")
        raise ScenarioError([line, *error.mistakes]) from None


def _one_currency(own: str, other: str, wrong: Wrong) -> None:
    if own != other:
        remedy = "compare with a show in the same currency, or what is no money, such as orders"
        raise ScenarioError([wrong(f"{own} and {other} are not compared", remedy)])
