"""What there is to check: shows, with what their files expect and what was kept of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from livesim.checking.findings import Checked, Finding
from livesim.checking.lines import Line, Meant, lines_of
from livesim.checking.shows import shows_in
from livesim.errors import Mistake, MistakesError, ScenarioError
from livesim.places import NoFileError, entries, is_folder, is_there, read_file
from livesim.resolve import alternatives, resolve
from livesim.scenario.document import Document, read_text
from livesim.scenario.expecting import Expectation
from livesim.scenario.including import all_files, with_includes
from livesim.scenario.library import files_below
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import opened

#: What is expected of a show whose figures were kept.
BASELINE: Final = Expectation("baseline", "holds")
#: So much of a file that cannot be understood is looked through for expectations [bytes].
_MOST_LOOKED_AT: Final = 10**6
#: How the names of files end that shows are kept in.
_SHOWS: Final = (".yaml", ".yml", ".xlsx")
#: The folder of baselines, beside the scenarios.
BASELINES: Final = "baselines"


@dataclass(frozen=True)
class Expected:
    """An expectation of a show, and what is known of it by now.

    Parameters
    ----------
    finding
        What is known.
    scenario
        The show.
    other
        The show that it is compared with, if any.
    figure
        Which figure of them, by its path in what a run prints.
    """

    finding: Finding
    scenario: Scenario
    other: Scenario | None = None
    figure: str = ""

    @property
    def needs(self) -> tuple[Scenario, ...]:
        """The shows that must be simulated for it."""
        return (self.scenario,) if self.other is None else (self.scenario, self.other)

    @property
    def waits(self) -> bool:
        """Whether nothing is decided yet."""
        return self.finding.verdict == "undecided"


@dataclass(frozen=True)
class Case:
    """A show of a file, with its tests.

    Parameters
    ----------
    show
        What it is called.
    scenario
        The show; None where its file cannot be read.
    tests
        One for each expectation, and one where figures of it were kept.
    baseline
        Where its figures are kept, or would be.
    documents
        The files that it rests on, each with the alternative that is meant of it.
    """

    show: Checked
    scenario: Scenario | None = None
    tests: tuple[Expected, ...] = ()
    baseline: Path = Path()
    documents: tuple[Meant, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether it is held against figures that were kept."""
        return any(test.finding.expectation == BASELINE for test in self.tests)

    @property
    def files(self) -> frozenset[Path]:
        """All files that it rests on, with what these include or learn from, and its baseline."""
        included = (file for one in self.documents for file in all_files(*one))
        return frozenset([Path(self.show.file), self.baseline, *included])


def cases_in(paths: Iterable[Path]) -> list[Case]:
    """Return the shows of files, and of those files in folders that are to be checked.

    Parameters
    ----------
    paths
        Scenario files, names of reference scenarios, and folders: in these, and in all below that
        are not hidden, the YAML files that expect anything or of which figures were kept.
    """
    found = (file for path in paths for file in _meant(path))
    return [case for file in dict.fromkeys(found) for case in _cases(file)]


def _meant(path: Path) -> Iterator[Path]:
    return filter(is_checked, files_below(path)) if is_folder(path) else iter([path])


def is_checked(file: Path) -> bool:
    """Say whether a file in a folder is one to check, also if it cannot be read any more."""
    if any(is_kept_of(kept, file) for kept in entries(_baselines(file))):
        return True
    try:
        text = read_text(file)
    except ScenarioError:
        try:
            text = read_file(file, _MOST_LOOKED_AT).decode("utf-8", "replace")
        except NoFileError:
            return False
        except OSError:
            return True  # for all that is known: better a mistake than a silence
    return any(line.lstrip().startswith("expect:") for line in text.splitlines())


def _baselines(file: Path) -> Path:
    return file.parent / BASELINES


def is_of(kept: Path, file: Path) -> bool:
    """Say whether a file's name says that figures of a scenario file are kept in it."""
    own = rf"{re.escape(_named(file))}(\.\w+)?\.json"
    return kept.parent == _baselines(file) and bool(re.fullmatch(own, kept.name))


def is_kept_of(kept: Path, file: Path) -> bool:
    """Say whether a baseline is of a scenario file: not of a part that is only named like it.

    ``baselines/room.big.json`` is of the alternative ``big`` of ``room.yaml``, and not of a part
    ``room.big.yaml`` beside that.
    """
    return is_of(kept, file) and (not any(_beside(kept, file)) or file in shows_in(file.parent))


def _beside(kept: Path, file: Path) -> Iterator[Path]:
    """Yield the other files of which a baseline can be by its name."""
    for other in entries(file.parent):
        if other.suffix in _SHOWS and other.name != file.name and is_of(kept, other):
            yield other


def _named(file: Path) -> str:
    return file.stem if file.suffix == ".yaml" else file.name


def with_baseline_of_its_own(case: Case) -> Case:
    """Return a case, with a mistake if its baseline would be that of a show beside it, too."""
    other = next(_others(case), None) if case.scenario else None
    if other is None:
        return case
    wrong = Mistake(
        f"{case.baseline} is for the figures of {other.show.name}, too",
        remedy="give one of the two files another name: what is kept of an alternative has its "
        "name behind that of the file",
        file=case.show.file,
    )
    show = replace(case.show, mistakes=(*case.show.mistakes, wrong))
    tests = tuple(test for test in case.tests if test.finding.expectation != BASELINE)
    return replace(case, show=show, tests=tests)


def _others(case: Case) -> Iterator[Case]:
    """Yield the shows of files beside a show's that would be kept in the same place."""
    for other in _beside(case.baseline, Path(case.show.file)):
        yield from (one for one in _cases(other) if one.scenario and one.baseline == case.baseline)


def _cases(file: Path) -> Iterator[Case]:
    """Yield the shows of a file, or what is wrong with it."""
    try:
        document = opened(file)
        for alternative in alternatives(document) or (None,):
            yield _case(document, alternative)
    except MistakesError as error:  # past shows that it learns from can have some, too
        yield Case(Checked(str(file), str(file), mistakes=error.mistakes))
    except OSError as error:  # a name in it, or its baseline's, that the system does not bear
        wrong = Mistake(f"{error.filename}: {error.strerror}", file=str(file))
        yield Case(Checked(str(file), str(file), mistakes=(wrong,)))


def _case(document: Document, alternative: str | None) -> Case:
    whole, file = with_includes(document, alternative), Path(document.file)
    scenario = resolve(whole).scenario
    name = document.file if alternative is None else f"{document.file}:{alternative}"
    ending = "" if alternative is None else f".{alternative}"
    baseline = _baselines(file) / f"{_named(file)}{ending}.json"
    lines, mistakes = lines_of(scenario, document, whole)
    tests = [Expected(_told(line), line.show, line.other, line.figure) for line in lines]
    if is_there(baseline):
        tests.append(Expected(Finding(BASELINE, whole.place(())), scenario))
    show = Checked(name, document.file, scenario.title, scenario.digest, mistakes=mistakes)
    documents = ((document, alternative), *(one for line in lines for one in line.meant))
    return Case(show, scenario, tuple(tests), baseline, documents)


def _told(line: Line) -> Finding:
    """Return what is known of a line before a simulation: whether there is its figure at all."""
    finding = Finding(line.expectation, line.place, currency=line.show.show.currency)
    if line.missing is None:
        return finding
    said = "; ".join(filter(None, (line.missing.what, line.missing.remedy)))
    return replace(finding, verdict="missing", said=said)
