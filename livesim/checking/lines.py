"""What a file expects, line by line, as far as it can be read without a simulation.

A line may compare with another show: one of its file's own alternatives, or a file beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from livesim.errors import Mistake, ScenarioError, did_you_mean
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


@dataclass(frozen=True)
class Line:
    """An expectation that can be tested.

    Parameters
    ----------
    expectation
        What is expected.
    place
        Where it is written; None if nobody knows.
    meant, other
        The file that is compared with, and its show; None where there is none.
    missing
        What there is not of a show, as far as it is known before a simulation.
    """

    expectation: Expectation
    place: Place | None
    meant: Meant | None = None
    other: Scenario | None = None
    missing: Mistake | None = None


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
    from livesim.checking.bounds import figures_of, no_such_figure, unit_of, wanted

    figures, lines, mistakes = figures_of(scenario), list[Line](), list[Mistake]()
    for number, expectation in enumerate(scenario.expect):
        wrong = partial(whole.mistake, ("expect", number, expectation.figure))
        try:
            meant = _meant(expectation.show, document, wrong)
            other = _resolved(meant, wrong) if meant else None
            unit = unit_of(expectation, figures)
            if unit == "currency" and other:
                _one_currency(scenario.show.currency, other.show.currency, wrong)
            if unit is not None:
                with _of_its_line(wrong):
                    wanted(expectation, unit)
        except ScenarioError as error:
            mistakes += error.mistakes
        else:
            what, _, remedy = no_such_figure(expectation, scenario, other).partition("; ")
            missing = wrong(what, remedy) if what else None
            lines.append(Line(expectation, whole.place(("expect", number)), meant, other, missing))
    return tuple(lines), tuple(dict.fromkeys(mistakes))


def _meant(show: str | None, document: Document, wrong: Wrong) -> Meant | None:
    """Return the file that is called so, and which of its alternatives."""
    if show is None:
        return None
    own, beside = alternatives(document), Path(document.file).parent
    if show in own:
        return document, show
    for folder in (beside, LIBRARY):
        file = folder / file_named(show)
        if file.is_file():
            return _one_show(file, beside, wrong), None
    remedy = did_you_mean(show, [*own, *names_in(beside, LIBRARY)])
    raise ScenarioError([wrong(f"no show is called {show}", remedy)])


def _one_show(file: Path, beside: Path, wrong: Wrong) -> Document:
    """Open a file that describes one show; of one with alternatives say how to make one of it."""
    with _after_its_line(file, wrong):
        document = opened(file)
        known = alternatives(document)
    if not known:
        return document
    what = f"{file} describes {len(known)} alternatives, and a line compares with one show"
    one = f"{file.stem}_{known[0]}"
    remedy = (
        f"make a file of the one that is meant ({', '.join(known)}) and write its name here: {one} "
        f"after livesim resolve {file} --alternative {known[0]} > {beside / one}.yaml"
    )
    raise ScenarioError([wrong(what, remedy)])


def _resolved(meant: Meant, wrong: Wrong) -> Scenario:
    document, alternative = meant
    with _after_its_line(alternative or document.file, wrong):
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
    except ScenarioError as error:
        line = wrong(f"this compares with {show}, which has mistakes", "mend them first")
        raise ScenarioError([line, *error.mistakes]) from None


def _one_currency(own: str, other: str, wrong: Wrong) -> None:
    if own != other:
        remedy = "compare with a show in the same currency, or what is no money, such as orders"
        raise ScenarioError([wrong(f"{own} and {other} are not compared", remedy)])
