"""Checking files: what they expect, simulated together, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from warnings import warn

from livesim.checking.cases import Case, cases_in, with_baseline_of_its_own
from livesim.checking.changes import Changes
from livesim.checking.findings import Report
from livesim.checking.keeping import KeptShow, held, kept
from livesim.checking.looking import Study, decided
from livesim.checking.missed import orphans, warn_of_deleted, warn_of_lacking, with_deleted
from livesim.checking.testing import ERROR_RATE, MOST, looks, tail_of
from livesim.checking.verdicts import Verdicts
from livesim.errors import Interrupted, UsageError
from livesim.experiment.runner import Done, Progress, Runner
from livesim.randomness import checked_seed
from livesim.results.provenance import provenance


class NothingExpectedError(UsageError):
    """Of no show in some files anything is expected, or was kept."""


@dataclass(frozen=True)
class Options:
    """How files are checked.

    Parameters
    ----------
    error_rate
        Chance that any verdict of the run is wrong by chance, in (0, 1) [1].
    most_replications
        Most replications of a show: whole blocks of 250. What is not decided then, is undecided.
    time_budget
        No look is begun that would probably end after it; the first one always is [s].
    changed_since
        A revision of git: only shows that rest on a file that has changed since.
    cache
        Folder of the verdicts of earlier runs (:mod:`~livesim.checking.verdicts`).
    seed
        The study's seed, 0 or greater.
    workers, executor
        Number of processes, or where to work instead.
    progress
        Called as ``progress(what, done, tasks)`` when work begins and whenever a block is done.

    Raises
    ------
    UsageError
        If the error rate is none, the replications are no whole blocks, or the seed is none.
    """

    error_rate: float = ERROR_RATE
    most_replications: int = MOST
    time_budget: float | None = None
    changed_since: str | None = None
    cache: Path | None = None
    seed: int = 1
    workers: int | None = None
    executor: Executor | None = None
    progress: Progress | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense before any file is read."""
        if not 0 < self.error_rate < 1:
            rate = f"{self.error_rate:g}"
            raise UsageError(f"the error rate is a chance above 0 and below 1, not {rate}")
        looks(self.most_replications)
        checked_seed(self.seed)

    def study(self, lines: int) -> Study:
        """Return how so many lines are looked at together."""
        taken = looks(self.most_replications)
        tail = tail_of(self.error_rate, lines, taken)
        runner = Runner(self.workers, self.executor, self.progress)
        return Study(int(self.seed), taken, tail, runner, self.time_budget)


def check(paths: Iterable[str | Path], options: Options | None = None) -> Report:
    """Simulate shows until it is decided whether they are as their files expect.

    Parameters
    ----------
    paths
        Scenario files, names of reference scenarios, and folders: in these, and in all below that
        are not hidden, every YAML file that has a line with ``expect:``, or a baseline.
    options
        How; :class:`Options` as they are if None.

    Returns
    -------
    Report
        The same for any number of workers, but for what a time budget leaves undecided.

    Raises
    ------
    NothingExpectedError
        If nothing is expected anywhere; with ``changed_since`` that is a warning.
    UsageError
        If git does not know the revision.
    Interrupted
        If it was interrupted: what was not tested by then is undecided in its report.

    Examples
    --------
    >>> from livesim.scenario.library import LIBRARY
    >>> check([LIBRARY / "platforms"])
    Traceback (most recent call last):
    livesim.checking.check.NothingExpectedError: nothing is expected in platforms: write \
`expect:` into a file (livesim keys expect), or keep what its show comes to with livesim check \
--update
    """
    how, asked = options or Options(), [Path(path) for path in paths]
    cases = _expecting(asked, how.changed_since)
    study = how.study(sum(len(case.tests) for case in cases))
    done = _decided(cases, study, None if how.cache is None else Verdicts(how.cache))
    shows = tuple(
        replace(case.show, findings=tuple(test.finding for test in case.tests))
        for case in done.found
    )
    versions = provenance()
    report = Report(shows, how.error_rate, study.looks, study.seed, versions, done.interrupted)
    if report.interrupted:
        raise Interrupted(report)
    return report


def update(
    paths: Iterable[str | Path],
    *,
    seed: int = 1,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> list[KeptShow]:
    """Keep what shows come to now, as ``baselines/NAME.json`` beside their files.

    Parameters
    ----------
    paths
        As for :func:`check`; a file that is named itself needs no ``expect:``.
    seed, workers, executor, progress
        As of :class:`Options`.

    Raises
    ------
    Interrupted
        If it was interrupted; it holds what was kept of the first shows.
    """
    runner = Runner(workers, executor, progress)
    cases = map(with_baseline_of_its_own, cases_in(map(Path, paths)))
    return kept(cases, checked_seed(seed), runner)


def _expecting(asked: Sequence[Path], changed_since: str | None) -> list[Case]:
    """Return the shows that are to be as they are expected, and what cannot be read."""
    changes = None if changed_since is None else Changes(changed_since)
    cases = [with_baseline_of_its_own(case) if case.is_kept else case for case in cases_in(asked)]
    if changes is None:
        warn_of_deleted(asked)
    else:
        cases = with_deleted(cases, asked, changes)
    cases += orphans(asked, cases)
    if not any(map(_is_to_check, cases)):
        nothing = _nothing_in(asked)
        if changes is None:
            raise NothingExpectedError(nothing)
        warn(nothing, stacklevel=2)  # a hook asks at every commit, also before anything is expected
    warn_of_lacking(asked)
    return [
        case
        for case in cases
        if _is_to_check(case) and (changes is None or _is_touched(case, changes))
    ]


def _nothing_in(asked: Sequence[Path]) -> str:
    return (
        f"nothing is expected in {', '.join(path.name or str(path) for path in asked)}: write "
        "`expect:` into a file (livesim keys expect), or keep what its show comes to with "
        "livesim check --update"
    )


def _is_to_check(case: Case) -> bool:
    return bool(case.tests or case.show.mistakes)


def _is_touched(case: Case, changes: Changes) -> bool:
    """Say whether a show rests on a file that has changed; one with mistakes is told anyway."""
    return bool(case.show.mistakes) or changes.touch(Path(case.show.file), case.files)


def _decided(cases: list[Case], study: Study, verdicts: Verdicts | None) -> Done[Case]:
    """Return the cases with their verdicts, as far as they are known from an earlier run."""
    if verdicts is None:
        return _tested(cases, study)
    known = [verdicts.recalled(case, study) for case in cases]
    open_ = [case for case in known if not case.show.recalled]
    done = _tested(open_, study)
    for case in done.found:
        verdicts.keep(case, study)
    verdicts.prune()
    now = iter(done.found)
    found = [case if case.show.recalled else next(now) for case in known]
    return Done(found, done.interrupted)


def _tested(cases: list[Case], study: Study) -> Done[Case]:
    """Return the cases held against what was kept of them, and with their verdicts."""
    done = held(cases, study.tail, study.runner)
    return done if done.interrupted else decided(done.found, study)
