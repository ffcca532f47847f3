"""Keeping what shows come to now, and holding shows against what was kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from livesim.checking.baselines import SHOWS, Baseline, against, stay
from livesim.checking.cases import BASELINE, Case, Expected
from livesim.checking.findings import Checked, Finding
from livesim.checking.summaries import Summary, summarised
from livesim.errors import Interrupted, ScenarioError, UsageError
from livesim.experiment.blocks import blocks
from livesim.experiment.executors import Interrupts
from livesim.experiment.runner import Done, Runner
from livesim.places import is_there, said_as_error, try_place
from livesim.scenario.scenario import Scenario

_Summary: TypeAlias = Summary | ScenarioError


@dataclass(frozen=True)
class KeptShow:
    """What was kept of a show.

    Parameters
    ----------
    show
        Which, or what is wrong with its file.
    file
        Where.
    said
        What moved since it was kept before.
    """

    show: Checked
    file: str = ""
    said: str = ""


def kept(cases: Iterable[Case], seed: int, runner: Runner) -> list[KeptShow]:
    """Keep what each show comes to now as its baseline, in place of an earlier one.

    Parameters
    ----------
    cases
        The shows.
    seed, runner
        The study's seed, and who does the work.

    Raises
    ------
    UsageError
        If a show is of the standard input, or a baseline is a link that leads elsewhere.
    ResultsError
        If a baseline cannot be written.
    Interrupted
        If it was interrupted; it holds what was kept of the first shows.
    """
    cases = [Case(case.show) if case.show.mistakes else case for case in cases]
    for case in cases:
        if case.scenario and not Path(case.show.file).is_file():
            raise UsageError(f"{case.show.file}: only beside a file can its figures be kept")
        if case.scenario:
            stay(case.baseline)
    for folder in {case.baseline.parent for case in cases if case.scenario}:
        with said_as_error(folder):
            try_place(folder / BASELINE.figure)
    shows = [case.scenario for case in cases if case.scenario]
    done = _summaries([(show, seed) for show in shows], runner)
    with Interrupts(raising=done.interrupted) as interrupts:  # all that was simulated is kept
        found = [*_all_kept(cases, seed, done.found)]
    if done.interrupted or interrupts.noted:
        raise Interrupted(found)
    return found


def _all_kept(cases: Iterable[Case], seed: int, now: Iterable[_Summary]) -> Iterator[KeptShow]:
    """Keep the shows that were simulated, the first ones; files with mistakes are told of, too."""
    found = iter(now)
    for case in cases:
        if case.scenario is None:
            yield KeptShow(case.show)
        elif (one := next(found, None)) is not None:
            yield _kept(case, case.scenario, seed, one)


def _kept(case: Case, scenario: Scenario, seed: int, now: Summary | ScenarioError) -> KeptShow:
    if isinstance(now, ScenarioError):
        return KeptShow(replace(case.show, mistakes=now.mistakes))
    said = "new"
    if is_there(case.baseline):
        try:
            said = against(Baseline.read(case.baseline), scenario, now, 0.005, seed)[1]
        except UsageError:
            said = "in place of a damaged one"
    with said_as_error(case.baseline):
        Baseline.of(scenario, seed, now).write(case.baseline)
    return KeptShow(case.show, str(case.baseline), said)


def held(cases: Sequence[Case], tail: float, runner: Runner) -> Done[Case]:
    """Return all cases, each held against what was kept of its show.

    After an interrupt, only the first ones are.

    Parameters
    ----------
    cases
        What there is to check.
    tail
        Chance to call one broken although only chance moved, on each side [1].
    runner
        Who does the work.
    """
    before = {
        case.baseline: _read(case)
        for case in cases
        if any(test.finding.expectation == BASELINE and test.waits for test in case.tests)
    }
    whole = [
        (case.baseline, case.scenario, baseline)
        for case in cases
        if isinstance(baseline := before.get(case.baseline), Baseline) and case.scenario
    ]
    done = _summaries([(show, baseline.seed) for _, show, baseline in whole], runner)
    now = {file: one for (file, _, _), one in zip(whole, done.found, strict=False)}
    for file, _, _ in whole[len(done.found) :]:
        before.pop(file, None)
    found = [_held(case, before.get(case.baseline), now.get(case.baseline), tail) for case in cases]
    return Done(found, done.interrupted)


def _read(case: Case) -> Baseline | UsageError:
    try:
        return Baseline.read(case.baseline)
    except UsageError as damaged:
        return damaged


def _held(
    case: Case,
    before: Baseline | UsageError | None,
    now: Summary | ScenarioError | None,
    tail: float,
) -> Case:
    if isinstance(now, ScenarioError):
        return Case(replace(case.show, mistakes=now.mistakes))
    if before is None:
        return case
    tests = (
        replace(test, finding=_found(test, before, now, tail))
        if test.finding.expectation == BASELINE
        else test
        for test in case.tests
    )
    return replace(case, tests=tuple(tests))


def _found(
    test: Expected, before: Baseline | UsageError, now: Summary | None, tail: float
) -> Finding:
    if isinstance(before, UsageError) or now is None:
        return replace(test.finding, verdict="missing", said=str(before))
    verdict, said = against(before, test.scenario, now, tail)
    return replace(test.finding, verdict=verdict, said=said)


def _summaries(shows: Sequence[tuple[Scenario, int]], runner: Runner) -> Done[_Summary]:
    """Simulate shows, each with its seed, and return what they come to."""
    parts = blocks(SHOWS)
    work = [(scenario, seed, block) for scenario, seed in shows for block in parts]
    try:
        done = runner.run(summarised, work, "Against baselines")
    except KeyboardInterrupt:
        return Done((), interrupted=True)
    ends = range(len(parts), len(done.found) + 1, len(parts))
    return Done([_joined(done.found[end - len(parts) : end]) for end in ends], done.interrupted)


def _joined(parts: Sequence[Summary | ScenarioError]) -> Summary | ScenarioError:
    good = [part for part in parts if isinstance(part, Summary)]
    bad = [part for part in parts if isinstance(part, ScenarioError)]
    return bad[0] if bad else Summary.joined(good)
