"""Checking files: what they expect, simulated together, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from livesim.checking.agreeing import AGREES, agreement, looked_at
from livesim.checking.figures import samples
from livesim.checking.testing import (
    ERROR_RATE,
    MOST,
    Judgement,
    Sample,
    Unit,
    Verdict,
    Wanted,
    judge,
    looks,
    tail_of,
)
from livesim.errors import Mistake, ScenarioError, UsageError, did_you_mean
from livesim.experiment.runner import Block, Progress, Runner, blocks
from livesim.planning.curves import Curves
from livesim.randomness import checked_seed
from livesim.resolve import alternatives, resolve
from livesim.results.provenance import provenance
from livesim.scenario.document import Document, Place, read_text
from livesim.scenario.expecting import WORDS, Expectation
from livesim.scenario.including import with_includes
from livesim.scenario.library import LIBRARY, file_named, names_in
from livesim.scenario.quantities import DURATION, FIGURE, SHARE, Kind, QuantityError
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import opened

_SHARE: Final[Unit] = "share"
_KINDS: Final[Mapping[Unit, Kind]] = {
    "s": DURATION,
    "share": SHARE,
    "currency": FIGURE,
    "": FIGURE,
}


@dataclass(frozen=True)
class Finding:
    """What came of one expectation.

    Parameters
    ----------
    expectation
        The line.
    place
        Where it is written; None if nobody knows.
    verdict
        ``holds``; ``broken``; ``undecided``, as the replications were too few; ``missing``, as
        there is nothing to test, which fails like a broken one.
    said
        Why, where there is no figure.
    judgement
        The figure with its interval; None if there is none.
    unit
        What the figure is measured in, as far as that matters for writing it.
    """

    expectation: Expectation
    place: Place | None
    verdict: Verdict = "undecided"
    said: str = "there was no time to simulate it"
    judgement: Judgement | None = None
    unit: Unit = ""

    @property
    def fails(self) -> bool:
        """Whether it is broken or missing, and not only a warning."""
        return self.verdict in ("broken", "missing") and self.expectation.severity == "error"

    @property
    def is_open(self) -> bool:
        """Whether it is undecided, and not only a warning."""
        return self.verdict == "undecided" and self.expectation.severity == "error"


@dataclass(frozen=True)
class Checked:
    """A show and what came of all that its file expects of it.

    Parameters
    ----------
    name, file
        What it is called here, the alternative included; and its file.
    title, digest
        Of the show; empty if its file has mistakes.
    findings
        One for each expectation, in the file's order.
    mistakes
        What is wrong with the file.
    """

    name: str
    file: str
    title: str = ""
    digest: str = ""
    findings: tuple[Finding, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True)
class Report:
    """What came of a run.

    Parameters
    ----------
    shows
        One for each show that expects anything, and for each file with mistakes.
    error_rate
        Chance that any verdict of the run is wrong by the luck of simulation [1].
    looks
        After how many replications was looked [1].
    seed, versions
        Of the simulation.
    """

    shows: tuple[Checked, ...]
    error_rate: float
    looks: tuple[int, ...]
    seed: int
    versions: Mapping[str, str]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings."""
        return tuple(finding for show in self.shows for finding in show.findings)


def check(
    paths: Iterable[str | Path],
    *,
    error_rate: float = ERROR_RATE,
    most_replications: int = MOST,
    time_budget: float | None = None,
    seed: int = 1,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Report:
    """Simulate shows until it is decided whether they are as their files expect.

    Parameters
    ----------
    paths
        Scenario files, names of reference scenarios, and folders: in these, and in all below that
        are not hidden, every YAML file that has a line with ``expect:``.
    error_rate
        Chance that any verdict of the run is wrong by chance, in (0, 1) [1].
    most_replications
        Most replications of a show: whole blocks of 250. What is not decided then, is undecided.
    time_budget
        No look is begun that would probably end after it; the first one always is [s].
    seed
        The study's seed, 0 or greater.
    workers, executor
        Number of processes, or where to work instead.
    progress
        Called as ``progress(what, done, tasks)`` when a block is done.

    Returns
    -------
    Report
        The same for any number of workers, but for what a time budget leaves undecided.

    Raises
    ------
    UsageError
        If nothing is expected anywhere, the error rate is none, or the replications are no whole
        blocks.

    Examples
    --------
    >>> show = LIBRARY / "brand_room.yaml"
    >>> check([show])
    Traceback (most recent call last):
    livesim.errors.UsageError: nothing is expected in brand_room.yaml: write `expect:` into a file
    """
    if not 0 < error_rate < 1:
        raise UsageError(f"the error rate is a chance above 0 and below 1, not {error_rate:g}")
    runner, seed = Runner(workers, executor, progress), checked_seed(seed)
    taken, asked = looks(most_replications), [Path(path) for path in paths]
    cases = [case for file in _files(asked) for case in _cases(file)]
    lines = sum(len(case.tests) for case in cases)
    if not lines and not any(case.show.mistakes for case in cases):
        names = ", ".join(path.name or str(path) for path in asked)
        raise UsageError(f"nothing is expected in {names}: write `expect:` into a file")
    cases = _decided(cases, tail_of(error_rate, lines, taken), taken, runner, seed, time_budget)
    shows = tuple(
        replace(case.show, findings=tuple(test.finding for test in case.tests)) for case in cases
    )
    return Report(shows, error_rate, taken, seed, provenance())


# --------------------------------------------------------------------------------------------------
# What is expected
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Test:
    """An expectation of a show, and what is known of it by now."""

    finding: Finding
    scenario: Scenario
    other: Scenario | None = None

    @property
    def needs(self) -> tuple[Scenario, ...]:
        """The shows that must be simulated for it."""
        return (self.scenario,) if self.other is None else (self.scenario, self.other)


@dataclass(frozen=True)
class _Case:
    """A show of a file, with its tests."""

    show: Checked
    tests: tuple[_Test, ...] = ()


def _files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the files that are given and those in folders that expect anything, each once."""
    found = (file for path in paths for file in (_below(path) if path.is_dir() else [path]))
    return tuple(dict.fromkeys(found))


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder that expect anything; what is hidden is nobody's scenario."""
    for file in sorted(folder.rglob("*.y*ml")):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if not hidden and file.suffix in (".yaml", ".yml") and file.is_file() and expects(file):
            yield file


def expects(file: Path) -> bool:
    """Say whether a file in a folder is one to check; what cannot be read may be anything."""
    try:
        return any(line.lstrip().startswith("expect:") for line in read_text(file).splitlines())
    except ScenarioError:
        return False


def _cases(file: Path) -> Iterator[_Case]:
    """Yield the shows of a file that expect anything, or what is wrong with the file."""
    try:
        document = opened(file)
        for alternative in alternatives(document) or (None,):
            yield from _case(document, alternative)
    except ScenarioError as error:
        yield _Case(Checked(str(file), str(file), mistakes=error.mistakes))


def _case(document: Document, alternative: str | None) -> Iterator[_Case]:
    whole = with_includes(document, alternative)
    scenario = resolve(whole).scenario
    name = document.file if alternative is None else f"{document.file}:{alternative}"
    tests = tuple(
        _Test(
            Finding(line, whole.place(("expect", number))),
            scenario,
            _other(line, number, document, whole),
        )
        for number, line in enumerate(scenario.expect or ())
    )
    if tests:
        yield _Case(Checked(name, document.file, scenario.title, scenario.digest), tests)


def _other(line: Expectation, number: int, document: Document, whole: Document) -> Scenario | None:
    """Return the show that a figure is compared with: an alternative, or a file beside or below."""
    if line.show is None:
        return None
    own = alternatives(document)
    if line.show in own:
        return resolve(with_includes(document, line.show)).scenario
    folder = Path(document.file).parent
    for place in (folder, LIBRARY):
        file = place / file_named(line.show)
        if file.is_file():
            return resolve(with_includes(opened(file))).scenario
    raise ScenarioError(
        [
            whole.mistake(
                ("expect", number, line.figure),
                f"no show is called {line.show}",
                did_you_mean(line.show, [*own, *names_in(folder, LIBRARY)]),
            )
        ]
    )


# --------------------------------------------------------------------------------------------------
# Looking until all is decided
# --------------------------------------------------------------------------------------------------

#: A show by its digest, and the path of a figure.
_Key: TypeAlias = tuple[str, str]
_Samples: TypeAlias = dict[_Key, Sample | UsageError]


def _decided(
    cases: Sequence[_Case],
    tail: float,
    taken: Sequence[int],
    runner: Runner,
    seed: int,
    time_budget: float | None,
) -> list[_Case]:
    """Return the cases with a verdict of each test, as far as there is one."""
    begun, done, known, wrong = time.monotonic(), 0, _Samples(), dict[str, ScenarioError]()
    curves: dict[str, Curves] = {}
    for look in taken:
        waiting = [test for case in cases for test in case.tests if _waits(test)]
        tasks = _tasks(waiting)
        spent = time.monotonic() - begun
        # The shows that are still open need as long for each replication as they did before.
        if not waiting or (time_budget is not None and done and spent * look / done > time_budget):
            break
        work = [(scenario, paths, block) for scenario, paths in tasks for block in _new(done, look)]
        found = runner.run(partial(_simulated, seed), work, "Checking").whole()
        for (scenario, _, _), one in zip(work, found, strict=True):
            if isinstance(one, ScenarioError):
                wrong[scenario.digest] = one
            else:
                _add(known, scenario.digest, one)
        for scenario in _agreeing(waiting):
            before = curves.get(scenario.digest)
            try:
                curves[scenario.digest] = looked_at(scenario, before, look, seed, runner)
            except ScenarioError as error:
                wrong[scenario.digest] = error
        cases, done = [_judged(case, known, curves, wrong, tail) for case in cases], look
    return list(cases)


def _waits(test: _Test) -> bool:
    return test.finding.verdict == "undecided"


def _new(done: int, look: int) -> list[Block]:
    return blocks(look - done, after=done)


def _agreeing(tests: Iterable[_Test]) -> tuple[Scenario, ...]:
    """Return the shows that are held against what was observed, once each."""
    wanted = (test.scenario for test in tests if test.finding.expectation.figure == AGREES)
    return tuple({scenario.digest: scenario for scenario in wanted}.values())


def _tasks(tests: Iterable[_Test]) -> list[tuple[Scenario, tuple[str, ...]]]:
    """Return each show of which figures are wanted, once, with these."""
    shows: dict[str, Scenario] = {}
    wanted: dict[str, dict[str, None]] = {}
    for test in tests:
        figure = test.finding.expectation.figure
        for scenario in test.needs if figure != AGREES else ():
            shows.setdefault(scenario.digest, scenario)
            wanted.setdefault(scenario.digest, {})[figure] = None
    return [(scenario, tuple(wanted[digest])) for digest, scenario in shows.items()]


def _simulated(
    seed: int, task: tuple[Scenario, Sequence[str], Block]
) -> dict[str, Sample | UsageError] | ScenarioError:
    """Simulate a block; a show that cannot be simulated takes no other with it."""
    try:
        return samples(seed, task)
    except ScenarioError as error:
        return error


def _add(known: _Samples, digest: str, block: Mapping[str, Sample | UsageError]) -> None:
    for figure, new in block.items():
        before = known.get((digest, figure))
        if isinstance(before, Sample) and isinstance(new, Sample):
            new = before.joined(new)
        known[digest, figure] = new


def _judged(
    case: _Case,
    known: _Samples,
    curves: Mapping[str, Curves],
    wrong: Mapping[str, ScenarioError],
    tail: float,
) -> _Case:
    bad = [wrong[show.digest] for test in case.tests for show in test.needs if show.digest in wrong]
    if bad:
        return _Case(replace(case.show, mistakes=bad[0].mistakes))
    tests = (
        replace(test, finding=_found(test, known, curves, tail)) if _waits(test) else test
        for test in case.tests
    )
    return replace(case, tests=tuple(tests))


def _found(test: _Test, known: _Samples, curves: Mapping[str, Curves], tail: float) -> Finding:
    """Return what is known of a test after a look."""
    try:
        if test.finding.expectation.figure == AGREES:
            judgement, unit = agreement(curves[test.scenario.digest], tail), _SHARE
        else:
            sample = _paired(test, known)
            unit = sample.unit
            judgement = judge(sample, wanted(test.finding.expectation, unit), tail)
    except UsageError as nothing:
        return replace(test.finding, verdict="missing", said=str(nothing), judgement=None)
    return replace(test.finding, verdict=judgement.verdict, judgement=judgement, unit=unit)


def _paired(test: _Test, known: _Samples) -> Sample:
    """Return the figure of a test, or how far it is above that of the other show."""
    figure = test.finding.expectation.figure
    sample = _sample(known[test.scenario.digest, figure])
    if test.other is None:
        return sample
    _check_currencies(sample, test)
    return sample.minus(_sample(known[test.other.digest, figure]))


def _sample(found: Sample | UsageError) -> Sample:
    if isinstance(found, UsageError):
        raise found
    return found


def _check_currencies(sample: Sample, test: _Test) -> None:
    own, other = (scenario.show.currency for scenario in test.needs)
    if sample.unit == "currency" and own != other:
        raise UsageError(f"{own} and {other} are not compared")


def wanted(expectation: Expectation, unit: Unit) -> Wanted:
    """Return the values that are expected of a figure.

    Parameters
    ----------
    expectation
        The line.
    unit
        What the figure is measured in.

    Raises
    ------
    UsageError
        If a number is none in this unit, or the ends of a range are in the wrong order.

    Examples
    --------
    >>> wanted(Expectation("serum.sold_out", "> 60%"), "share")
    Wanted(low=0.6, high=inf, strict=True)
    >>> wanted(Expectation("profit", "< viya_alone"), "currency")  # a difference
    Wanted(low=-inf, high=0.0, strict=True)
    """
    if expectation.figure in WORDS:
        return Wanted(low=1.0)
    if isinstance(expectation.wanted, tuple):
        low, high = (_number(expectation, unit, end) for end in expectation.wanted)
        if low > high:
            raise UsageError(f"{expectation}: the lowest value stands first")
        return Wanted(low, high)
    relation, behind = expectation.relation
    end = 0.0 if expectation.show else _number(expectation, unit, behind)
    strict = relation in (">", "<")
    return Wanted(low=end, strict=strict) if ">" in relation else Wanted(high=end, strict=strict)


def _number(expectation: Expectation, unit: Unit, text: object) -> float:
    try:
        return _KINDS[unit].read(text)
    except QuantityError as error:
        raise UsageError(f"{expectation}: {error.what}: {error.remedy}") from None
