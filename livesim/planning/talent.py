"""A pool of candidates, each with trial shows and later shows of their own.

A candidate's talent (pull, lift, keep, fit) is drawn once and is the same in all their shows; the
chance of a show is drawn anew for each trial. What a candidate is truly worth is the expected
profit of a show given the talent. It is estimated from several shows that have nothing to do with
the trials, in each of which all candidates meet the same random numbers: what is left between two
candidates is the talent, and only the chance of single viewers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import gcd

import numpy as np

from livesim.arrays import Array, Floats
from livesim.errors import UsageError
from livesim.experiment.blocks import Block, blocks
from livesim.experiment.random_inputs import drawn_block
from livesim.experiment.runner import Runner
from livesim.experiment.simulating import simulate_block
from livesim.randomness import generator
from livesim.resolve.drawn import drawn_at
from livesim.scenario.incubator import Incubator
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Distribution

#: What of a person is talent; how late they are, and whether they come, is chance.
_TALENT = frozenset({"pull", "pull_by_segment", "lift", "keep", "fit", "fit_by_category"})
#: Numbers of blocks between one show of the candidates and the next, and before the first later
#: show: so that more candidates or more trials change nothing that there was.
_APART, _LATER = 1_000_000, 1_000
FEWEST_LATER = 2
"""One later show does not tell how far shows lie apart."""


@dataclass(frozen=True)
class Pool:
    """C candidates in S trial shows, looked at after M lengths, and in J later shows.

    Parameters
    ----------
    talent
        Path → each candidate's draw, shape (C,).
    lengths
        Lengths of a trial [s].
    orders, viewers
        Orders and unique viewers of a trial show after so long, shape (C, S, M).
    profit
        Profit of a later show, after training [currency], shape (C, J).
    gmv
        Value ordered in it [currency], shape (C, J).
    """

    talent: Mapping[str, Floats] = field(repr=False)
    lengths: tuple[float, ...]
    orders: Array = field(repr=False)
    viewers: Array = field(repr=False)
    profit: Floats = field(repr=False)
    gmv: Floats = field(repr=False)

    @property
    def candidates(self) -> int:
        """The number C of candidates."""
        return len(self.profit)

    def score(self, judged_by: str, length: float, shows: int) -> Floats:
        """Return what each candidate's first trial shows came to together, shape (C,)."""
        return self._score(judged_by, length, slice(0, shows))

    def score_again(self, judged_by: str, length: float, shows: int) -> Floats:
        """Return what one further trial show came to, as a score of as many shows, shape (C,).

        The further show is one that no choice has seen, so that it tells what those who were
        promoted on a score can be expected to reach another time.
        """
        once = self._score(judged_by, length, slice(-1, None))
        return np.asarray(once * shows) if judged_by == "orders" else once

    def trial_viewers(self, length: float, shows: int) -> Floats:
        """Return the viewers of each candidate's first trial shows together, shape (C,)."""
        viewers = self.viewers[:, :shows, self.lengths.index(length)].sum(axis=1)
        return np.asarray(viewers, dtype=float)

    def _score(self, judged_by: str, length: float, shows: slice) -> Floats:
        moment = self.lengths.index(length)
        orders = self.orders[:, shows, moment].sum(axis=1).astype(float)
        if judged_by == "orders":
            return np.asarray(orders)
        viewers = self.viewers[:, shows, moment].sum(axis=1)
        shares = np.divide(orders, viewers, out=np.zeros_like(orders), where=viewers > 0)
        return np.asarray(shares)


def talent_of(scenario: Scenario, person: str, seed: int, block: Block) -> dict[str, Floats]:
    """Return the talents of a block of candidates.

    Parameters
    ----------
    scenario
        The candidate's show.
    person
        Who in it is the candidate.
    seed, block
        The study's seed, and which candidates.

    Returns
    -------
    dict
        Path → values, shape (R,): those of the person's uncertain quantities that are talent.

    Examples
    --------
    >>> import livesim
    >>> show = livesim.load("scenarios/incubator.yaml")
    >>> list(talent_of(show, "newcomer", seed=1, block=Block(0, 250)))
    ['people.newcomer.pull', 'people.newcomer.lift', 'people.newcomer.fit.everyone']
    """
    return {
        path: values
        for path, values in drawn_block(scenario, seed, *block).items()
        if path.startswith(f"people.{person}.") and path.split(".")[2] in _TALENT
    }


def build_pool(
    scenario: Scenario,
    incubator: Incubator,
    *,
    lengths: Sequence[float],
    trials: int,
    candidates: int,
    later_shows: int,
    seed: int,
    runner: Runner,
) -> tuple[Pool, bool]:
    """Simulate the trials and the later shows of a pool of candidates.

    Parameters
    ----------
    scenario, incubator
        The candidate's show, and its incubator.
    lengths
        Lengths of a trial [s]: whole refreshes, at most the show.
    trials, later_shows
        Shows of each candidate S and J.
    candidates
        Number of candidates C.
    seed
        0 or greater.
    runner
        Who does the work.

    Returns
    -------
    Pool, bool
        The pool, and whether it was interrupted: then it has the first candidates, and the first of
        their later shows where not all were simulated of anybody.

    Raises
    ------
    UsageError
        If a length is none of a part of the show.
    KeyboardInterrupt
        If it was interrupted before two later shows of the first candidates.
    """
    study = _Study(
        scenario,
        incubator,
        seed,
        lengths=tuple(lengths),
        step=_step(scenario, lengths),
        trials=trials,
        trained=_trained(scenario, incubator),
        chance=_by_chance(scenario, incubator, seed, later_shows),
    )
    tasks = [(s, block) for block in blocks(candidates) for s in range(trials + later_shows)]
    done = runner.run(partial(_shown, study), tasks)
    shows = min(trials + later_shows, len(done.found))
    if shows < trials + FEWEST_LATER:
        raise KeyboardInterrupt
    ends = range(shows, len(done.found) + 1, shows)
    parts = [_block(done.found[end - shows : end], trials) for end in ends]
    of_talent = partial(talent_of, scenario, incubator.candidate, seed)
    talents = [*map(of_talent, blocks(candidates)[: len(parts)])]
    pool = Pool(
        {path: np.concatenate([one[path] for one in talents]) for path in talents[0]},
        tuple(lengths),
        *(np.concatenate(part) for part in zip(*parts, strict=True)),
    )
    return pool, done.interrupted


def _block(shown: Sequence[tuple[Array, Array]], trials: int) -> tuple[Array, ...]:
    """Return orders, viewers, profit and GMV of a block of candidates, each with all its shows."""
    tried, later = shown[:trials], shown[trials:]
    return tuple(
        np.stack([one[part] for one in shows], axis=1)
        for shows in (tried, later)
        for part in (0, 1)
    )


@dataclass(frozen=True)
class _Study:
    """What all shows of a pool have in common, and what those after the training have besides."""

    scenario: Scenario
    incubator: Incubator
    seed: int
    lengths: tuple[float, ...]
    step: float
    trials: int
    trained: Scenario
    chance: Mapping[str, Floats]


def _shown(study: _Study, task: tuple[int, Block]) -> tuple[Array, Array]:
    """Simulate one show of a block of candidates: a trial, or one after the training."""
    show, block = task
    talent = talent_of(study.scenario, study.incubator.candidate, study.seed, block)
    if show < study.trials:
        return _trial(study, show, block, talent)
    return _later_show(study, show - study.trials, block, talent)


def _trial(
    study: _Study, show: int, block: Block, talent: Mapping[str, Floats]
) -> tuple[Array, Array]:
    outcome = simulate_block(
        study.scenario,
        study.seed,
        block.number + show * _APART,
        replications=block.replications,
        timeline_step=study.step,
        given=talent,
    )
    moments = [round(length / study.step) for length in study.lengths]
    return outcome.timeline["orders"][:, moments], outcome.timeline["arrivals"][:, moments]


def _later_show(
    study: _Study, show: int, block: Block, talent: Mapping[str, Floats]
) -> tuple[Array, Array]:
    size = block.replications
    given = {path: np.full(size, values[show]) for path, values in study.chance.items()}
    lift = f"people.{study.incubator.candidate}.lift"
    if lift in talent:
        given[lift] = talent[lift] * study.incubator.training.lift
    number = block.number + (_LATER + show) * _APART
    outcome = simulate_block(
        study.trained, study.seed, number, replications=size, given={**talent, **given}
    )
    return outcome.shows["profit"], outcome.shows["gmv"]


def _trained(scenario: Scenario, incubator: Incubator) -> Scenario:
    """Return the show after the training, where the lift is one number for all candidates."""
    lift = scenario.people[incubator.candidate].lift
    if isinstance(lift, Distribution) or incubator.training.lift == 1:
        return scenario
    path = f"people.{incubator.candidate}.lift"
    return scenario.with_changes({path: lift * incubator.training.lift})


def _by_chance(
    scenario: Scenario, incubator: Incubator, seed: int, shows: int
) -> dict[str, Floats]:
    """Return what chance brings the later shows, the same for all candidates: path → shape (J,).

    Each uncertain quantity takes one value from each of J equal strata, in random order.
    """

    def strata(path: str) -> Floats:
        stream = generator(seed, "incubator", "luck", path)
        return np.asarray((stream.permutation(shows) + stream.random(shows)) / shows)

    talent = talent_of(scenario, incubator.candidate, seed, Block(0, 1))
    drawn = drawn_at(scenario, strata)
    return {path: values for path, values in drawn.items() if path not in talent}


def _step(scenario: Scenario, lengths: Sequence[float]) -> float:
    """Return the step of a timeline that has a moment at the end of each trial [s]."""
    refresh = scenario.show.refresh
    for length in lengths:
        if not 0 < length <= scenario.show.length or abs(length / refresh % 1) > 1e-9:
            raise UsageError(
                f"a trial of {length:g} s is not a part of the show in whole refreshes: take "
                f"multiples of {refresh:g} s up to {scenario.show.length:g} s"
            )
    return refresh * gcd(*(round(length / refresh) for length in lengths))
