"""Looking at simulated shows, more of them each time, until all that is expected is decided."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeAlias
from warnings import warn

from livesim.checking.agreement import agreement
from livesim.checking.bounds import wanted
from livesim.checking.cases import Case, Expected
from livesim.checking.deciding import planned
from livesim.checking.figures import samples
from livesim.checking.findings import Finding
from livesim.checking.planned import KNOWING, Planned, no_plan
from livesim.checking.searched import SEARCHED, Look
from livesim.checking.testing import Figure, Judgement, Sample, Wanted, judge
from livesim.errors import Interrupted, Mistake, ScenarioError, UsageError
from livesim.experiment.blocks import Block, blocks
from livesim.experiment.executors import Interrupts
from livesim.experiment.runner import Done, Runner
from livesim.planning.building import build_curves, extended
from livesim.planning.curves import Curves
from livesim.resolve.words import duration
from livesim.results.figures import Unit
from livesim.scenario.expecting import AGREES, PLAN
from livesim.scenario.scenario import Scenario

#: A show, the figures that are wanted of it, and a block of replications.
Task: TypeAlias = tuple[Scenario, Sequence[str], Block]

_SHARE: Final[Unit] = "share"
#: From so long on it is said beforehand [s].
LONG: Final = 60.0
#: The start of workers takes less [s].
_START: Final = 15.0


@dataclass(frozen=True)
class Study:
    """How shows are looked at.

    Parameters
    ----------
    seed
        The study's seed.
    looks
        After how many replications is looked [1].
    tail
        Chance that one interval may miss on one side [1].
    runner
        Who does the work.
    time_budget
        No look is begun that would probably end after it; None for no such limit [s].
    """

    seed: int
    looks: tuple[int, ...]
    tail: float
    runner: Runner
    time_budget: float | None = None


def decided(cases: Sequence[Case], study: Study) -> Done[Case]:
    """Return all cases with a verdict of each expectation, as far as there is one.

    After an interrupt, with the verdicts of the shows that were looked at by then.

    Parameters
    ----------
    cases
        What there is to check.
    study
        How.
    """
    begun, done, known, told = time.monotonic(), 0, _Known(), False
    for look in study.looks:
        started = time.monotonic()
        waiting = [test for case in cases for test in case.tests if test.waits]
        spent, budget = time.monotonic() - begun, study.time_budget
        # The shows that are still open need as long for each replication as they did before.
        if not waiting or (budget is not None and done and spent * look / done > budget):
            break
        known.looked_at.clear()
        stopped = False
        try:
            _simulate(waiting, blocks(look - done, after=done), known, study)
            _build_curves(waiting, look, known, study)
        except KeyboardInterrupt:
            stopped = True
        with Interrupts(raising=stopped) as interrupts:  # all that was simulated is kept
            cases = [_judged(case, known, study.tail) for case in cases]
        if stopped or interrupts.noted:
            return Done(cases, interrupted=True)
        # The first look holds the start of the workers; of the next ones each takes twice as long.
        lasted = time.monotonic() - started
        if not told and (done or lasted > _START):
            told = _foretold(waiting, lasted, look, study)
        done = look
    return Done(cases, interrupted=False)


def _foretold(waiting: Sequence[Expected], spent: float, look: int, study: Study) -> bool:
    """Say how long all further looks take, if that is long, and what makes it so."""
    rest = spent * sum(later for later in study.looks if later > look) / look
    if study.time_budget is not None or rest < LONG:
        return False
    searched = any(_rests_on_curves(one.figure) and one.figure != AGREES for one in waiting)
    cause = "; a plan's units are judged by simulating many purchases" if searched else ""
    minutes = duration(60 * max(1, round(rest / 60)))
    warn(
        f"What is still open after {look:,} shows may take {minutes} more, up to "
        f"{study.looks[-1]:,}{cause}: --time-budget 2min, or fewer --max-replications, ends it "
        "with what is known by then",
        stacklevel=2,
    )
    return True


# --------------------------------------------------------------------------------------------------
# What is simulated
# --------------------------------------------------------------------------------------------------


@dataclass
class _Known:
    """What is known by now, by the digest of the show.

    Parameters
    ----------
    looked_at
        Of which shows this look's replications are there; and whether these are of their curves.
    """

    figures: dict[tuple[str, str], Sample | UsageError] = field(default_factory=dict)
    curves: dict[str, Curves] = field(default_factory=dict)
    plans: dict[str, Planned] = field(default_factory=dict)
    wrong: dict[str, ScenarioError] = field(default_factory=dict)
    looked_at: set[tuple[str, bool]] = field(default_factory=set)

    def add(self, digest: str, block: Mapping[str, Sample | UsageError]) -> None:
        """Put a block's figures behind those of earlier ones."""
        for figure, new in block.items():
            before = self.figures.get((digest, figure))
            both = isinstance(before, Sample) and isinstance(new, Sample)
            self.figures[digest, figure] = before.joined(new) if both else new  # type: ignore[union-attr,arg-type]


def _simulate(tests: Iterable[Expected], new: Sequence[Block], known: _Known, study: Study) -> None:
    """Simulate further blocks of each show of which figures are wanted."""
    # Each show's next block in turn: what is done then tells how long the rest of them takes.
    work = [(scenario, paths, block) for block in new for scenario, paths in _tasks(tests)]
    done = study.runner.run(partial(_samples, study.seed), work, "Checking")
    for (scenario, _, block), one in zip(work, done.found, strict=False):
        if block == new[-1]:
            known.looked_at.add((scenario.digest, False))
        if isinstance(one, ScenarioError):
            known.wrong[scenario.digest] = one
        else:
            known.add(scenario.digest, one)
    done.whole()


def _tasks(tests: Iterable[Expected]) -> list[tuple[Scenario, tuple[str, ...]]]:
    """Return each show of which figures are wanted, once, with these."""
    shows: dict[str, Scenario] = {}
    wanted: dict[str, dict[str, None]] = {}
    for test in tests:
        figure = test.figure
        for scenario in () if _rests_on_curves(figure) else test.needs:
            shows.setdefault(scenario.digest, scenario)
            wanted.setdefault(scenario.digest, {})[figure] = None
    return [(scenario, tuple(wanted[digest])) for digest, scenario in shows.items()]


def _samples(seed: int, task: Task) -> dict[str, Sample | UsageError] | ScenarioError:
    """Simulate a block; a show that cannot be simulated takes no other with it."""
    try:
        return samples(seed, task)
    except ScenarioError as error:
        return error


def _build_curves(tests: Sequence[Expected], look: int, known: _Known, study: Study) -> None:
    """Extend the stock curves of each show of which they are wanted."""
    figures = [(test.scenario, test.figure) for test in tests]
    wanted = [(show, figure) for show, figure in figures if _rests_on_curves(figure)]
    for digest, scenario in {scenario.digest: scenario for scenario, _ in wanted}.items():
        before = known.curves.get(digest)
        paths = [figure for show, figure in wanted if show.digest == digest]
        try:
            if before is None or not _tell_all(before, paths):
                known.curves[digest] = _curves_of(scenario, before, look, study.seed, study.runner)
        except ScenarioError as error:
            known.wrong[digest] = error
            continue
        if asked := [*_asked(test for test in tests if test.scenario.digest == digest)]:
            less, how = known.plans.get(digest), Look(look, study.tail, study.runner)
            known.plans[digest] = planned(known.curves[digest], asked, less, look=how)
        known.looked_at.add((digest, True))


def _asked(tests: Iterable[Expected]) -> Iterator[tuple[str, Wanted]]:
    """Yield the figures of a show's plan that are asked for, and what is expected of them."""
    for test in tests:
        if test.figure.startswith(PLAN):
            unit = no_plan(test.scenario).figure(test.figure).unit
            with suppress(ScenarioError):  # it is told when the figure is judged
                yield test.figure, wanted(test.finding.expectation, unit)


# --------------------------------------------------------------------------------------------------
# What it says
# --------------------------------------------------------------------------------------------------


def _judged(case: Case, known: _Known, tail: float) -> Case:
    needed = (show.digest for test in case.tests for show in test.needs)
    bad = [known.wrong[digest] for digest in needed if digest in known.wrong]
    if bad:
        return Case(replace(case.show, mistakes=bad[0].mistakes))
    tests: list[Expected] = []
    mistakes: list[Mistake] = []
    for test in case.tests:
        try:
            seen = test.waits and _is_looked_at(test, known)
            finding = _found(test, known, tail) if seen else test.finding
            tests.append(replace(test, finding=finding))
        except ScenarioError as wrong:
            at = test.finding.place
            place = {name: getattr(at, name, None) for name in ("line", "column", "sheet")}
            of_file = partial(replace, file=case.show.file, **place)
            mistakes += map(of_file, wrong.mistakes)
    show = replace(case.show, mistakes=(*case.show.mistakes, *mistakes))
    return replace(case, show=show, tests=tuple(tests))


def _is_looked_at(test: Expected, known: _Known) -> bool:
    curves = _rests_on_curves(test.figure)
    return all((show.digest, curves) in known.looked_at for show in test.needs)


def _found(test: Expected, known: _Known, tail: float) -> Finding:
    """Return what is known of an expectation after a look."""
    try:
        judgement, unit = _judgement(test, known, tail)
    except UsageError as nothing:
        return replace(test.finding, verdict="missing", said=str(nothing), judgement=None)
    return replace(test.finding, verdict=judgement.verdict, judgement=judgement, unit=unit)


def _judgement(test: Expected, known: _Known, tail: float) -> tuple[Judgement, Unit]:
    if test.figure == AGREES:
        return agreement(known.curves[test.scenario.digest], tail), _SHARE
    figure = _figure(test, known)
    return judge(figure, wanted(test.finding.expectation, figure.unit), tail), figure.unit


def _figure(test: Expected, known: _Known) -> Figure:
    """Return the figure of an expectation, or how far it is above that of the other show."""
    path = test.figure
    if _rests_on_curves(path):
        return known.plans[test.scenario.digest].figure(path)
    sample = _there(known.figures[test.scenario.digest, path])
    if test.other is None:
        return sample
    return sample.minus(_there(known.figures[test.other.digest, path]))


def _there(found: Sample | UsageError) -> Sample:
    if isinstance(found, UsageError):
        raise found
    return found


def _rests_on_curves(figure: str) -> bool:
    """Say whether a figure takes a show's stock curves."""
    return figure == AGREES or figure.startswith(PLAN)


def _tell_all(curves: Curves, figures: Iterable[str]) -> bool:
    """Say whether curves from more replications would tell no more of figures that rest on them.

    Where a plan is searched, it is judged on other replications, once it is found.
    """
    of_curves = {AGREES, f"{PLAN}{KNOWING}"}
    return not curves.exact and curves.replications >= SEARCHED and of_curves.isdisjoint(figures)


def _curves_of(
    scenario: Scenario, before: Curves | None, replications: int, seed: int, runner: Runner
) -> Curves:
    """Return the stock curves of a show from so many replications.

    Parameters
    ----------
    scenario
        The show.
    before
        Its curves from fewer replications, if there are any.
    replications, seed, runner
        How many in all, the study's seed, and who does the work.

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted.
    """
    try:
        if before is not None:
            return extended(before, replications, runner=runner)
        return build_curves(scenario, replications=replications, seed=seed, runner=runner)
    except Interrupted:
        raise KeyboardInterrupt from None
