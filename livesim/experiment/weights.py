"""Weights on simulated worlds: those count that fit what has been seen of a show so far.

A world is a value of every uncertain quantity. Worlds are drawn, weighed by how likely they make
what was seen (importance sampling), and drawn anew where that leaves few of them: from a normal law
of the quantities' normal scores that is fitted to what fits, each weight corrected by the mixture
of all laws that were drawn from (adaptive multiple importance sampling: Cornuet, Marin, Mira and
Robert 2012, doi 10.1111/j.1467-9469.2011.00756.x). Two ways to fit it take turns: by how what is
expected changes with the scores, which leads to where no world is yet, and by the weighted worlds,
which sees what is not normal. Many are weighed in long steps; those that are drawn by these weights
are looked at by every refresh, and weighed again by what that changes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Counts, Floats
from livesim.engine.state import State
from livesim.engine.streams import Streams
from livesim.errors import UsageError, refuse
from livesim.experiment.counted import Counted, Series
from livesim.experiment.expected import Expected, expected, of_people
from livesim.experiment.random_inputs import drawn_block
from livesim.experiment.resumed import resumed
from livesim.experiment.seen import (
    as_planned,
    due_at,
    put_on_sale,
    wrong_bundles,
    wrong_called,
    wrong_people,
)
from livesim.experiment.sightings import Moment, moments, unit_names
from livesim.experiment.starting import check_start, refresh_at
from livesim.randomness import BLOCK, generator
from livesim.resolve.inputs import inputs_of
from livesim.scenario.quantities import Scale
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Distribution, Draws

#: Worlds of a round, how many rounds only look where to look, and how many there are at most.
_ROUND: Final = BLOCK
_LOOKING: Final = 1
_MOST_ROUNDS: Final = 10
#: How many independent worlds are enough: of fewer, a band of 80 % holds less.
_ENOUGH: Final = 100
#: So much wider than fitted to what is expected is the law that worlds are drawn from, where
#: something was learned.
_WIDER: Final = 1.4
#: As many independent worlds a law is fitted to at least; of fewer, weights are taken to a power
#: that leaves so many (Koblents and Míguez 2015, doi 10.1007/s11222-013-9440-2). Its variances are
#: then so much larger [1], and at least so large.
_FITTED_TO: Final = 80
_LARGER: Final = 1.2
_LEAST_VARIANCE: Final = 1e-4
#: So long at most are the steps in which worlds are weighed first [s] (assumption); those that are
#: kept are weighed again by every refresh, so it costs a few of them and no truth.
_STEP: Final = 20.0
#: How units are called that somebody has counted.
_LEFT: Final = "left "


@dataclass(frozen=True)
class Weighed:
    """Shows that go on as what was seen lets expect, N of them.

    Parameters
    ----------
    scenario
        The show.
    seen
        What was seen, moment by moment, the last one now.
    state
        The state of each show now, shape (N,).
    worlds
        What each is like: path → values, shape (N,), as `livesim.simulate` takes them.
    effective
        How many independent worlds the weighted ones are worth (Kong's effective sample size).
    tried
        How many worlds were weighed.
    put_on
        Units of each variant that have been put on sale by now, shape (V,).
    """

    scenario: Scenario
    seen: tuple[Moment, ...]
    state: State
    worlds: Mapping[str, Floats]
    effective: float
    tried: int
    put_on: Counts


def weighed(
    scenario: Scenario,
    seen: Any,
    *,
    shows: int = 100,
    seed: int = 1,
    reserved: Mapping[str, int] | None = None,
    called: Mapping[str, float | str] | None = None,
    absent: Sequence[str] | None = None,
) -> Weighed:
    """Return shows that go on from what was seen of one.

    Parameters
    ----------
    scenario
        The show, with what is really owned, and its slots where they really were.
    seen
        As for :func:`~livesim.experiment.sightings.moments`.
    shows
        Their number N, at most a block's.
    seed
        For the draws.
    reserved, called, absent
        As for `livesim.state_seen`; what is reserved is as expected where it is not said.

    Raises
    ------
    UsageError
        With all that cannot be; or if what was seen cannot come about in this show.

    Notes
    -----
    What is uncertain here is what is so in the plan, or what was expected and what is learned would
    not be the same show's. So how long viewers stay is learned where a ``stay_factor`` is uncertain
    in the scenario, and is certain elsewhere, whatever watch times of past shows were: concurrent
    viewers alone do not tell a longer stay from a larger turnout or a later arrival. What a usual
    spread of stays makes of their number is in how far expectations of it are taken to be off, so a
    count of those who watch says less of turnout than one of all who came.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml")
    >>> seen = {"at": "20min", "viewers": 900, "sold": {"serum": 30}}  # usual are about 220
    >>> found = weighed(room, seen, shows=50)
    >>> len(found.state), bool(np.median(found.worlds["show.turnout_factor"]) > 2)
    (50, True)
    """
    now, counted = _checked(scenario, seen, reserved or {}, called or {}, absent)
    refreshes = [refresh_at(scenario, one.at) for one in counted]
    inputs = inputs_of(scenario)
    due = due_at(inputs, called or {})
    planned = replace(as_planned(inputs, refreshes[-1], absent), called=due)
    put_on = put_on_sale(inputs, planned, refreshes[-1])
    told = Counted(scenario, inputs, counted, refreshes, put_on)
    refuse(told.wrong_stock(), "\n\n")
    refuse(told.too_few_orders(), "\n\n")
    series = [*told.series()]
    guess = _Guess(scenario, refreshes, absent, seed)
    rounds, weights = _fitted(guess, series)
    random = generator(seed, "live", "kept")
    worlds, again = _closer(guess, series, rounds, _resampled(weights, shows, random))
    kept = _resampled(again, shows, random)
    state = resumed(worlds, now, put_on, reserved or {}, due).take(kept)
    check_start(scenario, state)
    return Weighed(
        scenario=scenario,
        seen=counted,
        state=state,
        worlds={path: of[kept] for path, of in worlds.drawn.items()},
        effective=_effective(weights) * _effective(again) / shows,
        tried=len(weights),
        put_on=put_on[:, -1],
    )


def _checked(
    scenario: Scenario,
    seen: Any,
    reserved: Mapping[str, int],
    called: Mapping[str, float | str],
    absent: Sequence[str] | None,
) -> tuple[Moment, tuple[Moment, ...]]:
    """Return the last moment and all of them, if everything about them can be."""
    wrong = [*wrong_called(scenario, called), *wrong_bundles(scenario, "reserved", reserved)]
    try:
        counted = moments(scenario, seen)
        wrong += wrong_people(scenario, counted[-1].at, absent or ())
    except UsageError as error:
        wrong.insert(0, str(error))
    known = unit_names(scenario)
    wrong += [f"reserved: nothing is called {name}" for name in reserved if name not in known]
    rooms = scenario.rooms or {}
    if any(room.allotment is not None for room in rooms.values()):
        wrong.append("rooms: units by room cannot be said while each room has a stock of its own")
    refuse(wrong, "\n\n")
    return counted[-1], counted


@dataclass(frozen=True)
class _Guess:
    """What worlds would be like, from the normal scores of their quantities: d of them."""

    scenario: Scenario
    refreshes: Sequence[int]
    absent: Sequence[str] | None
    seed: int

    @cached_property
    def laws(self) -> dict[str, Distribution]:
        """The laws of the quantities, without what everybody sees on the air."""
        laws = self.scenario.uncertain()
        return {path: law for path, law in laws.items() if not of_people(path)}

    @cached_property
    def paths(self) -> list[str]:
        """What the quantities are called."""
        return [*self.laws]

    @cached_property
    def _scales(self) -> dict[str, Scale]:
        """On which scales they are symmetric."""
        kinds = self.scenario.uncertain_kinds()
        return {path: kinds[path].scale for path in self.laws}

    def drawn(self, scores: Floats, round_: int = 0) -> dict[str, Floats]:
        """Return the worlds at scores, shape (R, d), with what a campaign came to in each."""
        values = self._values(scores)
        drawn = drawn_block(self.scenario, self.seed, round_, len(scores), values)
        return {path: of for path, of in drawn.items() if not of_people(path)}

    @cached_property
    def together(self) -> int:
        """How many refreshes are one while many worlds are weighed."""
        common, refresh = math.gcd(*self.refreshes), self.scenario.show.refresh
        few = range(1, max(1, int(_STEP / refresh + 1e-9)) + 1)
        return max(many for many in few if common % many == 0)

    def expected(
        self, drawn: Mapping[str, Floats], size: int, round_: int, together: int
    ) -> Expected:
        """Return what worlds let expect, so many refreshes together."""
        return expected(
            self.scenario,
            drawn,
            size,
            self.refreshes,
            absent=self.absent,
            streams=Streams(self.seed, round_, size),
            together=together,
        )

    def scaled(self, scores: Floats) -> Floats:
        """Return the quantities on the scales on which they add up, shape (R, d).

        On these, as on the logarithm of a factor, what is expected is about linear.
        """
        values = self._values(scores)
        columns = [_on_line(self._scales[path], values[path]) for path in self.paths]
        return np.stack(columns, axis=1) if columns else np.zeros((len(scores), 0))

    def _values(self, scores: Floats) -> dict[str, Floats]:
        """Return the quantities at scores, shape (R,) each.

        Those that are given as draws, which belong together, are taken as jointly normal on their
        scales (assumption).
        """
        from scipy.special import ndtr

        u = np.clip(ndtr(scores), 1e-12, 1.0 - 1e-12)
        joint = [n for n, law in enumerate(self.laws.values()) if isinstance(law, Draws)]
        values = {
            path: law.quantile(u[:, n])
            for n, (path, law) in enumerate(self.laws.items())
            if n not in joint
        }
        if joint:
            mean, root = self._joint
            for n, line in zip(joint, (mean + scores[:, joint] @ root.T).T, strict=True):
                values[self.paths[n]] = self._scales[self.paths[n]].back(line)
        return values

    @cached_property
    def _joint(self) -> tuple[Floats, Floats]:
        """The mean of the quantities that are given as draws, and the root of their covariance."""
        lines = [
            _on_line(self._scales[path], np.asarray(law.values, dtype=float))
            for path, law in self.laws.items()
            if isinstance(law, Draws)
        ]
        spread = np.atleast_2d(np.cov(np.stack(lines)))
        values, vectors = np.linalg.eigh(spread)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return np.mean(lines, axis=1), np.asarray(root)


def _on_line(scale: Scale, values: Floats) -> Floats:
    """Return values of a quantity on the scale on which it is symmetric."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.clip(np.nan_to_num(scale.forward(values)), -50.0, 50.0)


@dataclass(frozen=True)
class _Round:
    """Worlds R of a round: their scores, shape (R, d), the law these are from, and how they fit.

    ``likely`` is the logarithm of the chance of what was seen in each, shape (R,).
    """

    drawn: Mapping[str, Floats]
    scores: Floats
    mean: Floats
    law: Floats
    likely: Floats

    @property
    def fits(self) -> Floats:
        """The logarithm of likelihood times prior, but for a constant, shape (R,)."""
        return np.asarray(self.likely - 0.5 * (self.scores**2).sum(axis=1))

    def log_density(self, scores: Floats) -> Floats:
        """Return the logarithm of how densely this round draws at scores, but for a constant."""
        root = np.linalg.cholesky(self.law)
        apart = np.linalg.solve(root, (scores - self.mean).T)
        volume = float(np.log(np.diag(root)).sum())
        return np.asarray(np.log(len(self.scores)) - 0.5 * (apart**2).sum(axis=0) - volume)


def _fitted(guess: _Guess, series: Sequence[Series]) -> tuple[list[_Round], Floats]:
    """Return worlds, round by round, and all their weights: drawn where what was seen is likely."""
    random = generator(guess.seed, "live", "worlds")
    size = len(guess.paths)
    mean, law, eye = np.zeros(size), np.eye(size), np.eye(size)
    rounds: list[_Round] = []
    for number in range(_MOST_ROUNDS):
        scores = mean + random.standard_normal((_ROUND, size)) @ np.linalg.cholesky(law).T
        drawn = guess.drawn(scores, number)
        worlds = guess.expected(drawn, _ROUND, number, guess.together)
        rounds.append(_Round(drawn, scores, mean, law, _log_likelihood(series, worlds)))
        log_weights = _log_weights(rounds)
        weights = _weights(log_weights)
        if number >= _LOOKING and weights is not None and _effective(weights) >= _ENOUGH:
            break
        if number % 2 and weights is not None:
            mean, law = _of_the_weighted(rounds, log_weights)
        else:
            mean, cov = _posterior(guess, worlds, series, scores, mean)
            law = cov @ (_WIDER**2 * eye - (_WIDER**2 - 1.0) * cov)  # as before, where unknown
    return rounds, _possible(weights, _impossible(guess.scenario, series, worlds))


def _of_the_weighted(rounds: Sequence[_Round], log_weights: Floats) -> tuple[Floats, Floats]:
    """Return mean and covariance of all scores so far by their weights, so that some count."""
    scores = np.concatenate([one.scores for one in rounds])
    weights = _evened(log_weights)
    weights /= weights.sum()
    mean = weights @ scores
    apart = scores - mean
    law = (weights[:, None] * apart).T @ apart
    return mean, _LARGER * law + _LEAST_VARIANCE * np.eye(len(mean))


def _evened(log_weights: Floats) -> Floats:
    """Return weights to the largest power up to 1 that leaves enough independent worlds."""
    logs = log_weights - log_weights.max()
    least, most = 2.0**-30, 1.0  # almost none: each world that can be counts alike
    if _effective(np.exp(logs)) >= _FITTED_TO:
        return np.asarray(np.exp(logs))
    for _ in range(30):
        middle = (least + most) / 2.0
        if _effective(np.exp(middle * logs)) >= _FITTED_TO:
            least = middle
        else:
            most = middle
    return np.asarray(np.exp(least * logs))


def _closer(
    guess: _Guess, series: Sequence[Series], rounds: Sequence[_Round], kept: NDArray[np.intp]
) -> tuple[Expected, Floats]:
    """Return the worlds that are kept by every refresh, and what that makes of their weights."""
    columns = {path: [one.drawn[path] for one in rounds] for path in rounds[0].drawn}
    drawn = {path: np.concatenate(parts)[kept] for path, parts in columns.items()}
    worlds = guess.expected(drawn, len(kept), _MOST_ROUNDS, together=1)
    before = np.concatenate([one.likely for one in rounds])[kept]
    weights = _weights(_log_likelihood(series, worlds) - before)
    return worlds, _possible(weights, _impossible(guess.scenario, series, worlds))


def _log_likelihood(series: Sequence[Series], worlds: Expected) -> Floats:
    return np.asarray(np.sum([one.log_likelihood(worlds) for one in series], axis=0))


def _impossible(scenario: Scenario, series: Sequence[Series], worlds: Expected) -> list[str]:
    """Return what was counted that cannot be in any of these worlds, as its option is called."""
    never = [one for one in series if not np.isfinite(one.log_likelihood(worlds)).any()]
    return [*dict.fromkeys(_counted(scenario, one) for one in never)]


def _counted(scenario: Scenario, one: Series) -> str:
    """Return what was counted, of units with how many are sold by that."""
    if one.of != "units":
        return one.of
    of = [name for name, product in scenario.products.items() for _ in product.variants or ("",)]
    names = dict.fromkeys(of[number] for number in one.variants)
    return f"{_LEFT}{' and '.join(names)}, {one.counts.sum():,.0f} sold"


def _possible(weights: Floats | None, impossible: Sequence[str]) -> Floats:
    """Return weights, if what was seen can be in any world; else say what cannot."""
    if weights is None:
        what = f" ({'; '.join(impossible)})" if impossible else ""
        bought = any(one.startswith(_LEFT) for one in impossible)
        stock = "; what was bought otherwise is --set products.NAME.owned=UNITS" if bought else ""
        raise UsageError(
            f"seen{what}: this cannot come about in this show: more have come than could, or more "
            "was sold than is ever wanted; see whether the plan is this show's, and correct what "
            f"was seen or the scenario{stock}"
        )
    return weights


def _effective(weights: Floats) -> float:
    return float(weights.sum() ** 2 / (weights**2).sum())


def _log_weights(rounds: Sequence[_Round]) -> Floats:
    """Return the logarithms of likelihood times prior over the mixture that was drawn from."""
    scores = np.concatenate([one.scores for one in rounds])
    dense = np.logaddexp.reduce([one.log_density(scores) for one in rounds], axis=0)
    return np.asarray(np.concatenate([one.fits for one in rounds]) - dense)


def _weights(log_weights: Floats) -> Floats | None:
    """Return weights, the largest 1; None if what was seen is impossible in all worlds."""
    best = float(log_weights.max())
    return np.exp(log_weights - best) if np.isfinite(best) else None


def _posterior(
    guess: _Guess, worlds: Expected, series: Sequence[Series], scores: Floats, start: Floats
) -> tuple[Floats, Floats]:
    """Return the normal law of the scores that fits what was seen, as counts of Poisson's law.

    The logarithm of what is expected is taken as linear in the scaled quantities, whatever these
    are as functions of their scores; the mode is found by Fisher's scoring.
    """
    columns, counts, open_ = [], [], []
    for one in series:
        trials, chances, seen = one.chances(worlds)
        part = one.says(seen)  # a count that says a part of what it would is so much smaller
        columns.append(np.log(np.maximum(trials * chances * part[:, None], 1e-6)))
        counts.append(seen * part)
        open_.append(one.at_least)
    logs, counted, censored = (np.concatenate(parts) for parts in (columns, counts, open_))
    scaled = guess.scaled(scores)
    middle = scaled.mean(axis=0)
    base = np.column_stack([np.ones(len(scores)), scaled - middle])
    lines = np.linalg.lstsq(base, logs.T, rcond=1e-6)[0]
    varies = np.ptp(logs, axis=1) > 1e-6

    def at(z: Floats) -> tuple[Floats, Floats, Floats]:
        """Return what is expected, its slope by the scores, and the weight of each count."""
        three = guess.scaled(np.stack([z, z - 1e-3, z + 1e-3]))
        mu = np.exp(np.clip(lines[0] + (three[0] - middle) @ lines[1:], -30.0, 30.0))
        slope = lines[1:].T * ((three[2] - three[1]) / 2e-3)
        return mu, slope, varies & ~(censored & (mu >= counted))

    z, eye = start.copy(), np.eye(len(start))
    for _ in range(100):
        mu, slope, says = at(z)
        # half of a count that is not expected bends, too, or steps would go too far
        weight = np.where(says, np.maximum(mu, counted * 0.5), 0.0)
        pull = np.where(says, counted - mu, 0.0)
        step = np.linalg.solve(eye + slope.T @ (weight[:, None] * slope), slope.T @ pull - z)
        longest = float(np.abs(step).max(initial=0.0))
        z = np.clip(z + step * min(1.0, 0.5 / max(longest, 1e-12)), -6.0, 6.0)
        if longest < 1e-4:
            break
    mu, slope, says = at(z)
    return z, np.asarray(
        np.linalg.inv(eye + slope.T @ (np.where(says, mu, 0.0)[:, None] * slope)), dtype=float
    )


def _resampled(weights: Floats, size: int, random: np.random.Generator) -> NDArray[np.intp]:
    """Return the rows of a systematic resample."""
    ends = np.cumsum(weights) / weights.sum()
    marks = (np.arange(size) + random.random()) / size
    return np.minimum(np.searchsorted(ends, marks), len(weights) - 1)
