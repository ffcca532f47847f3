"""Try candidates, promote the best, train them, and see whether their shows earn it back.

The questions of an incubator: how many to try, how long a trial, in how many shows; how often the
best is picked, and what is lost when it is not. All answers come from one pool of candidates
(`talent`), of which all groups are weighed at once (`selection`), so that two designs to try are
compared on the same candidates and the same random numbers.

The winner's curse is kept out: who is promoted is decided by the trials alone, and what they are
worth is measured in other shows. What the truly best would be worth is cross-fitted: who is best is
told by one half of those shows, and how good by the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from itertools import product as combinations
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Array, Floats
from livesim.errors import Interrupted, UsageError, checked_count, must_be
from livesim.experiment.executors import Interrupts
from livesim.experiment.runner import Progress, Runner
from livesim.experiment.study import explicit
from livesim.planning.incubation import Design, Evaluation, Incubation, Outlook
from livesim.planning.selection import (
    Hurdles,
    Measured,
    apart,
    best_promoted,
    drawn_groups,
    hurdles,
    jackknifed,
    least_candidates,
    promoted,
)
from livesim.planning.talent import FEWEST_LATER, Pool, build_pool
from livesim.randomness import BATCH, checked_seed, generator
from livesim.resolve import Resolution
from livesim.results.intervals import Chance
from livesim.results.provenance import provenance
from livesim.scenario.incubator import Incubator
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import Source, plain

#: Groups that are drawn where a spread is asked for, not a mean.
_GROUPS = 4_000
#: So often candidates and later shows are drawn again from themselves, to see how sure a chance is.
_AGAIN = 200


def incubate(
    scenario: Scenario | Resolution | Source,
    *,
    tried: Sequence[int] | None = None,
    lengths: Sequence[float] | None = None,
    shows: Sequence[int] | None = None,
    candidates: int = 1000,
    later_shows: int = 20,
    seed: int = 1,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Incubation:
    """Say how many candidates to try, how long, and how often the best is picked.

    Parameters
    ----------
    scenario : Scenario, Resolution or Source
        The show of a candidate, with an ``incubator``.
    tried : sequence of int, optional
        Numbers of candidates to look at; a quarter to twice the scenario's if not given.
    lengths : sequence of float, optional
        Lengths of a trial show [s], multiples of the refresh; a quarter to thrice the scenario's.
    shows : sequence of int, optional
        Numbers of trial shows; the scenario's, and twice as many.
    candidates : int
        Simulated candidates C, two or more whole batches of 50, the pool of all groups.
    later_shows : int
        Shows J, two or more, in which each of them is valued.
    seed : int
        0 or greater.
    workers, executor, progress
        As in `livesim.simulate`.

    Returns
    -------
    Incubation
        The same bits for any number of workers.

    Raises
    ------
    ScenarioError
        If the file has mistakes.
    UsageError
        If the scenario has no incubator, or a number is not what it must be.
    Interrupted
        If it was interrupted once two later shows of 250 candidates were simulated: it holds what
        the first candidates come to, in the trials that were compared by then.

    Notes
    -----
    A trial is the first minutes of a show like all others; what it sells is not counted among the
    earnings. Groups are random samples of the candidates; those who pass the screening are what the
    scenario's person describes.
    """
    runner, seed = Runner(workers, executor, progress), checked_seed(seed)
    resolved, notes = explicit(scenario)
    incubator = resolved.incubator
    if incubator is None:
        raise UsageError(
            "the scenario has no incubator: add one, as in livesim new --from incubator FILE"
        )
    designs = _designs(resolved, incubator, tried, lengths, shows)
    candidates = checked_count(candidates, "candidates")
    later_shows = checked_count(later_shows, "later_shows")
    _check(incubator, designs, candidates, later_shows)
    pool, stopped = build_pool(
        resolved,
        incubator,
        lengths=sorted({design.length for design in designs}),
        trials=max(design.shows for design in designs) + 1,  # one more, that no evaluation sees
        candidates=candidates,
        later_shows=later_shows,
        seed=seed,
        runner=runner,
    )
    designs = tuple(one for one in designs if one.tried <= pool.candidates - BATCH)
    if _asked(incubator) not in designs:
        raise KeyboardInterrupt
    with Interrupts(raising=stopped) as interrupts:  # all that was simulated is kept
        evaluations = _evaluated(pool, incubator, designs, seed, runner, interrupts)
        best = max(evaluations, key=lambda evaluation: evaluation.net.value)
        asked = next(one for one in evaluations if one.design == _asked(incubator))
        outlook, best_outlook = (_outlook(pool, incubator, one, seed) for one in (asked, best))
    stopped = stopped or interrupts.noted
    found = Incubation(
        scenario=resolved,
        incubator=incubator,
        notes=notes,
        seed=seed,
        pool=pool,
        designs=evaluations,
        asked=asked,
        best=best,
        as_good=tuple(_as_good(pool, evaluations, best)),
        outlooks=(outlook, best_outlook),
        alike=_alike(pool),
        versions=provenance(),
        requested=candidates if stopped else None,
    )
    if stopped:
        raise Interrupted(found)
    return found


def _asked(incubator: Incubator) -> Design:
    return Design(incubator.tried, incubator.trial.length, incubator.trial.shows)


def _designs(
    scenario: Scenario,
    incubator: Incubator,
    tried: Sequence[int] | None,
    lengths: Sequence[float] | None,
    shows: Sequence[int] | None,
) -> tuple[Design, ...]:
    """Return every design to look at, the scenario's own among them, in order."""
    asked = _asked(incubator)
    if tried is None:
        around = (round(factor * asked.tried) for factor in (0.25, 0.5, 1, 2))
        tried = [n for n in around if incubator.promotes <= n <= incubator.most]
    if lengths is None:
        refresh = scenario.show.refresh
        around_length = (
            refresh * round(factor * asked.length / refresh) for factor in (0.25, 0.5, 1, 3)
        )
        lengths = [each for each in around_length if 0 < each <= scenario.show.length]
    if shows is None:
        shows = [asked.shows, 2 * asked.shows]
    grid = combinations(
        sorted({checked_count(number, "shows") for number in _list(shows, "shows")}),
        sorted({checked_count(number, "tried") for number in _list(tried, "tried")}),
        sorted({_seconds(time) for time in _list(lengths, "lengths")}),
    )
    designs = [Design(n, length, number) for number, n, length in grid]
    return tuple(designs if asked in designs else [*designs, asked])


def _list(values: Any, name: str) -> list[Any]:
    values = plain(values)
    must_be(values, (list, range, tuple), f"{name}: a list of numbers is needed")
    return list(values)


def _seconds(time: Any) -> float:
    must_be(time, Real, "lengths: numbers of seconds are needed")
    return float(time)


def _check(
    incubator: Incubator, designs: Sequence[Design], candidates: int, later_shows: int
) -> None:
    if candidates < 2 * BATCH or candidates % BATCH:
        raise UsageError(
            f"candidates come in two or more batches of {BATCH}, and {candidates} is none: take "
            f"{max(2, candidates // BATCH) * BATCH}"
        )
    if later_shows < FEWEST_LATER:
        raise UsageError(
            f"candidates are valued in two later shows or more, as one does not tell how far shows "
            f"lie apart, not in {later_shows}"
        )
    most = min(incubator.most, candidates - BATCH)
    for design in designs:
        if not incubator.promotes <= design.tried <= most:
            raise UsageError(
                f"{design.tried} cannot be tried: {incubator.promotes} are to be promoted, "
                f"{incubator.most} pass the screening, and groups are taken from "
                f"{candidates - BATCH} simulated candidates; take {incubator.promotes} to {most}"
            )
        if design.shows < 1:
            raise UsageError(f"a trial has one show or more, not {design.shows}")


def _evaluated(
    pool: Pool,
    incubator: Incubator,
    designs: Sequence[Design],
    seed: int,
    runner: Runner,
    interrupts: Interrupts,
) -> tuple[Evaluation, ...]:
    """Return what the designs come to; after an interrupt, those with the first trials.

    Designs with the same trial are worked out together; the scenario's own is in the first.
    """
    ties = generator(seed, "incubator", "ties").random((4, pool.candidates))
    trials: dict[tuple[float, int], list[int]] = {}
    for one in designs:
        trials.setdefault((one.length, one.shows), []).append(one.tried)
    found: dict[tuple[float, int], list[Evaluation]] = {}
    asked = _asked(incubator)
    own_first = sorted(trials, key=lambda trial: trial != (asked.length, asked.shows))
    for trial in runner.each("Comparing trials", own_first):
        if found and interrupts.noted:
            break
        found[trial] = [*_evaluations(pool, incubator, *trial, ties, trials[trial])]
    return tuple(one for trial in trials for one in found.get(trial, ()))


def _evaluations(
    pool: Pool, incubator: Incubator, length: float, shows: int, ties: Floats, numbers: list[int]
) -> Iterator[Evaluation]:
    """Yield what a trial comes to for each number of candidates tried."""
    whole, *without = (
        partial(_Trial(pool, incubator, length, shows, ties, lacking).figures, numbers=numbers)
        for lacking in (None, *range(pool.profit.shape[1]))
    )
    figures = jackknifed(whole, pool.candidates, without)
    each = len(figures) // len(numbers)
    for place, number in enumerate(numbers):
        of_design = figures[place * each : (place + 1) * each]
        if pool.candidates < least_candidates(number):
            of_design = [Measured(one.value) for one in of_design]
        yield Evaluation(Design(number, length, shows), *of_design)


class _Trial:
    """One trial of the whole pool, and what any number of candidates in it come to.

    Parameters
    ----------
    pool, incubator
        The candidates, and what is done with them.
    length, shows
        The trial.
    ties
        What decides between equal figures, shape (4, C).
    lacking
        The number of a later show that is left out; None of none.
    """

    def __init__(
        self,
        pool: Pool,
        incubator: Incubator,
        length: float,
        shows: int,
        ties: Floats,
        lacking: int | None,
    ) -> None:
        self.incubator = incubator
        self.shows = shows
        self.score = pool.score(incubator.judged_by, length, shows)
        self.again = pool.score_again(incubator.judged_by, length, shows)
        self.viewers = pool.trial_viewers(length, shows)
        earned = incubator.share_of_profit * pool.profit
        number = np.arange(earned.shape[1])
        kept = number != (-1 if lacking is None else lacking)
        self.worth = earned[:, kept].mean(axis=1)
        halves = [kept & (number % 2 == half) for half in (0, 1)]
        halves = [one if one.any() else kept for one in halves]
        self.halves = tuple(earned[:, one].mean(axis=1) for one in halves)
        self.sizes = tuple(int(one.sum()) for one in halves)
        self.score_places = apart(self.score, ties[0])
        self.worth_places = apart(self.worth, ties[1])
        self.half_places = tuple(
            apart(half, own) for half, own in zip(self.halves, ties[2:], strict=True)
        )
        self.allowed = _allowed(self.score, incubator)

    def figures(self, kept: Array, numbers: Sequence[int]) -> list[float]:
        """Return an evaluation's figures for each number of candidates tried, of those kept."""
        in_the_way = hurdles(self.score_places[kept], self.worth_places[kept])
        return [one for number in numbers for one in self._of_group(kept, number, in_the_way)]

    def _of_group(self, kept: Array, number: int, in_the_way: Hurdles) -> list[float]:
        incubator, allowed = self.incubator, self.allowed[kept]
        best = incubator.promotes
        chances = promoted(self.score_places[kept], number, best) * allowed
        people, worth = float(chances.sum()), float(chances @ self.worth[kept])
        by_other_half = [
            promoted(told[kept], number, best) @ value[kept]
            for told, value in zip(self.half_places, self.halves[::-1], strict=True)
        ]
        cost = _cost(incubator, number, self.shows, self.viewers[kept], people)
        a_person = 1 / people if people > 0 else 0.0
        return [
            best_promoted(in_the_way, number, best, allowed),
            people,
            worth,
            # Each show counts once, as in what they are worth: their chance is then in both alike.
            float(np.average(by_other_half, weights=self.sizes[::-1])) - worth,
            cost,
            incubator.first_shows * worth - cost,
            a_person * float(chances @ self.score[kept]),
            a_person * float(chances @ self.again[kept]),
        ]


def _allowed(score: Floats, incubator: Incubator) -> NDArray[np.bool_]:
    """Return whose scores are enough to be promoted."""
    return score >= (-np.inf if incubator.at_least is None else incubator.at_least)


def _as_good(
    pool: Pool, evaluations: Iterable[Evaluation], best: Evaluation
) -> Iterator[Evaluation]:
    for evaluation in evaluations:
        if evaluation is not best and not best.more_than(evaluation, pool.candidates).above_zero:
            yield evaluation


def _outlook(pool: Pool, incubator: Incubator, evaluation: Evaluation, seed: int) -> Outlook:
    """Draw groups, and for each of the promoted as many shows as are to earn the cost.

    Groups of the same candidates in the same later shows are not independent. How sure the chance
    is, is told by drawing both again from themselves (the pigeonhole bootstrap: Owen, Annals of
    Applied Statistics 1, 2007, which is cautious; one show fewer, so that few are not taken for
    too alike: Rao and Wu, JASA 83, 1988). Its interval is that of as many independent groups as
    would vary so (Korn and Graubard, Survey Methodology 24, 1998), and of no fewer than the
    candidates are enough for.
    """
    design, everybody = evaluation.design, pool.candidates
    stream = generator(
        seed, "incubator", "groups", design.tried, round(design.length), design.shows
    )
    score = pool.score(incubator.judged_by, design.length, design.shows)
    order = np.argsort(-apart(score, stream.random(everybody)))
    places = drawn_groups(
        -np.arange(float(everybody)), design.tried, incubator.promotes, _GROUPS, stream
    )
    nets = partial(_nets, pool, incubator, design, places)
    later = pool.profit.shape[1]
    net = nets(order, np.arange(later), stream)
    again = [
        nets(
            order[np.sort(stream.integers(everybody, size=everybody))],
            stream.integers(later, size=later - 1),
            stream,
        )
        for _ in range(_AGAIN)
    ]
    chances = np.array([(each >= 0).mean() for each in again])
    paid_back = _chance(float((net >= 0).mean()), chances, everybody / design.tried)
    quantiles = np.quantile(net, (0.1, 0.5, 0.9), method="inverted_cdf")
    return Outlook(paid_back, *map(float, quantiles))


def _nets(
    pool: Pool,
    incubator: Incubator,
    design: Design,
    places: Array,
    order: Array,
    later: Array,
    stream: np.random.Generator,
) -> Floats:
    """Return what the promoted of each group earn in their first shows, less the cost.

    Parameters
    ----------
    places
        Whom each group promotes, as places in the order, shape (groups, k).
    order
        Numbers of candidates, the one with the highest score first, shape (C,).
    later
        Numbers of the later shows to draw from.
    """
    groups = order[places]
    drawn = later[stream.integers(len(later), size=(*groups.shape, incubator.first_shows))]
    earned = incubator.share_of_profit * pool.profit[groups[:, :, None], drawn].sum(axis=2)
    score = pool.score(incubator.judged_by, design.length, design.shows)
    allowed = _allowed(score[groups], incubator)
    viewers = pool.trial_viewers(design.length, design.shows)[order]
    cost = _cost(incubator, design.tried, design.shows, viewers, allowed.sum(axis=1))
    return np.asarray((earned * allowed).sum(axis=1) - cost)


def _cost(incubator: Incubator, tried: int, shows: int, viewers: Floats, promoted: Any) -> Any:
    """Return what screening, trials and the training of the promoted cost [currency]."""
    return (
        tried * incubator.screening.cost / incubator.screening.passing
        + tried * shows * incubator.trial.cost
        + tried * float(viewers.mean()) * incubator.trial.cost_per_viewer
        + promoted * incubator.training.cost
    )


def _chance(chance: float, again: Floats, least: float) -> Chance:
    """Return a chance with its interval, from how it comes out when all is drawn again."""
    variance = float(again.var(ddof=1))
    apart = chance * (1.0 - chance)
    trials = max(least, apart / variance if variance > 0 else 0.0)
    return Chance.of(chance * trials, trials)


def _alike(pool: Pool) -> float:
    """Return how reliably the later shows tell candidates apart (Spearman and Brown 1910)."""
    one, other = pool.profit[:, 0::2].mean(axis=1), pool.profit[:, 1::2].mean(axis=1)
    if one.std() == 0 or other.std() == 0:
        return 0.0
    between = float(np.corrcoef(one, other)[0, 1])
    return 2 * between / (1 + between) if between > 0 else 0.0
