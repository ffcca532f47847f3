"""Checking files: what they expect, simulated together, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from warnings import warn

from livesim.checking.cases import Case, cases_in, orphans
from livesim.checking.changes import changed_since as files_changed_since
from livesim.checking.changes import touched
from livesim.checking.findings import Report
from livesim.checking.keeping import Kept, held, kept
from livesim.checking.looking import Study, decided
from livesim.checking.testing import ERROR_RATE, MOST, looks, tail_of
from livesim.checking.verdicts import Verdicts
from livesim.errors import UsageError
from livesim.experiment.runner import Progress, Runner
from livesim.randomness import checked_seed
from livesim.results.provenance import provenance


def check(
    paths: Iterable[str | Path],
    *,
    error_rate: float = ERROR_RATE,
    most_replications: int = MOST,
    time_budget: float | None = None,
    changed_since: str | None = None,
    cache: Path | None = None,
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
        are not hidden, every YAML file that has a line with ``expect:``, or a baseline.
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

    Returns
    -------
    Report
        The same for any number of workers, but for what a time budget leaves undecided.

    Raises
    ------
    UsageError
        If nothing is expected anywhere, the error rate is none, the replications are no whole
        blocks, or git does not know the revision.

    Examples
    --------
    >>> from livesim.scenario.library import LIBRARY
    >>> check([LIBRARY / "platforms"])
    Traceback (most recent call last):
    livesim.errors.UsageError: nothing is expected in platforms: write `expect:` into a file \
(livesim keys expect), or keep what its show comes to with livesim check --update
    """
    if not 0 < error_rate < 1:
        raise UsageError(f"the error rate is a chance above 0 and below 1, not {error_rate:g}")
    taken, asked = looks(most_replications), [Path(path) for path in paths]
    cases = cases_in(asked)
    for file in orphans(asked, cases):
        warn(f"{file}: figures are kept of a show that is no longer there: delete it", stacklevel=2)
    cases = [case for case in cases if case.tests or case.show.mistakes]
    if not cases:
        raise UsageError(
            f"nothing is expected in {', '.join(path.name or str(path) for path in asked)}: write "
            "`expect:` into a file (livesim keys expect), or keep what its show comes to with "
            "livesim check --update"
        )
    if changed_since is not None:
        cases = _touched(cases, changed_since)
    runner, lines = Runner(workers, executor, progress), sum(len(case.tests) for case in cases)
    tail = tail_of(error_rate, lines, taken)
    study = Study(checked_seed(seed), taken, tail, runner, time_budget)
    cases = _decided(cases, study, None if cache is None else Verdicts(cache))
    shows = tuple(
        replace(case.show, findings=tuple(test.finding for test in case.tests)) for case in cases
    )
    return Report(shows, error_rate, taken, study.seed, provenance())


def update(
    paths: Iterable[str | Path],
    *,
    seed: int = 1,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> list[Kept]:
    """Keep what shows come to now, as ``baselines/NAME.json`` beside their files.

    Parameters
    ----------
    paths
        As for :func:`check`; a file that is named itself needs no ``expect:``.
    seed, workers, executor, progress
        As for :func:`check`.
    """
    runner = Runner(workers, executor, progress)
    return kept(cases_in(map(Path, paths)), checked_seed(seed), runner)


def _touched(cases: list[Case], revision: str) -> list[Case]:
    """Return the shows that rest on a file that has changed, and files with mistakes."""
    changed: dict[Path, frozenset[Path] | None] = {}
    found = []
    for case in cases:
        folder = Path(case.show.file).resolve().parent
        if folder not in changed:
            changed[folder] = files_changed_since(revision, folder)
        here = changed[folder]
        if here is None or case.show.mistakes or touched(case.files, here):
            found.append(case)
    return found


def _decided(cases: list[Case], study: Study, verdicts: Verdicts | None) -> list[Case]:
    """Return the cases with their verdicts, as far as they are known from an earlier run."""
    if verdicts is None:
        return decided(held(cases, study.tail, study.runner), study)
    known = [verdicts.recalled(case, study) for case in cases]
    open_ = [case for case in known if not case.show.recalled]
    found = decided(held(open_, study.tail, study.runner), study)
    for case in found:
        verdicts.keep(case, study)
    verdicts.prune()
    now = iter(found)
    return [case if case.show.recalled else next(now) for case in known]
