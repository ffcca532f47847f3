"""What past shows teach: factors on a scenario's viewers and orders, and the show that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import exp
from typing import Any, Final

import numpy as np

from livesim.arrays import Floats
from livesim.history import History
from livesim.history.factors import (
    Factors,
)
from livesim.resolve.centring import centre_of_orders, leaving_rates
from livesim.resolve.derivation import Path, Reason
from livesim.resolve.effects import Effect, Side
from livesim.resolve.own_view import MANY, Middles, View
from livesim.resolve.words import counted, multiple, share
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Draws, likely

#: A show that counts less is named.
LITTLE: Final = 0.3
#: Joint draws that a calibrated scenario has, each the middle one of so many like it.
_DRAWS: Final = 500
_LIKE_IT: Final = MANY // _DRAWS
#: What a factor is on, behind a multiple of it and behind "about as many".
_OF_TOLD: Final = " that are told", " as are told"
_OF_MEDIAN: Final = " of the median show", " as in the median show"
_OF_EITHER: Final = (
    " that are told, or of the median show",
    " as are told, or as in the median show",
)


@dataclass(frozen=True)
class PastFactors:
    """How far off a past show was from what is expected of it by now.

    Parameters
    ----------
    name
        The show.
    turnout, appeal
        Its own factor on viewers and on orders per viewer [1], against the level of its time.
    counted
        How much it counted for turnout and for appeal [1]: about 1, near 0 if far off.
    shares
        By which share of a change of it the next show's turnout and appeal move [1].
    """

    name: str
    turnout: float
    appeal: float
    counted: tuple[float, float]
    shares: tuple[float, float]


@dataclass(frozen=True)
class Learned:
    """A scenario as past shows say it is.

    Parameters
    ----------
    shows
        Each past show, in order.
    sold_in
        Of each product: in how many past shows it was sold, and in how many of them sold out.
    notes
        What was left out, what stands out, and what these shows cannot tell.
    read
        What was said when the past shows were read.
    view
        How noisy the planner's own view is.
    middles
        Where its medians are.
    turnout, appeal, effects, elasticities
        What follows for the factors, and what told the past shows apart; of elasticities how
        uncertain they were before.
    told, untold, history
        The scenario as the planner tells it, of what there is no view, and the past shows.
    """

    shows: tuple[PastFactors, ...]
    sold_in: Mapping[str, tuple[int, int]]
    notes: tuple[str, ...]
    read: tuple[str, ...]
    view: View
    middles: Middles
    turnout: Factors = field(repr=False)
    appeal: Factors = field(repr=False)
    effects: tuple[Effect, ...] = field(repr=False)
    elasticities: Mapping[str, float] = field(repr=False)
    told: Scenario = field(repr=False)
    history: History = field(repr=False)
    untold: frozenset[str] = frozenset()

    @cached_property
    def scenario(self) -> Scenario:
        """The show with the medians and the spreads that follow."""
        return self.told.with_changes(_calibrated(self))

    @property
    def asked(self) -> tuple[str, ...]:
        """What was asked when the past shows were read."""
        return tuple(note for note in self.read if note.endswith("?"))

    @property
    def summary(self) -> str:
        """What follows from the past shows, in a sentence."""
        of = self.expected
        few = [show for show in self.shows if min(show.counted) < LITTLE]
        counts = (
            ""
            if not few
            else f", of which {len(few)} {'counts' if len(few) == 1 else 'count'} little"
        )
        beside = _OF_MEDIAN if "viewers" in self.untold else _OF_TOLD
        orders = (
            _times(of["show.appeal"], "orders per viewer", *self._beside_orders)
            if self.appeal.sold.any() or self.appeal.together
            else "orders as they are told, for no row names a product of this show, or says what "
            "a whole show sold"
        )
        return (
            f"From {counted(len(self.shows), 'past show')}{counts}: "
            f"{_times(of['show.turnout_factor'], 'viewers', *beside)}, and "
            f"{orders}, on average. {self._counted}"
        )

    @property
    def expected(self) -> dict[str, float]:
        """What is to be expected of each factor: the mean of its draws [1], by path."""
        return {path: float(values.mean()) for path, values in self.many.items()}

    @property
    def _beside_orders(self) -> tuple[str, str]:
        """What orders per viewer are held against: what the file tells, or else the median show."""
        untold = {name in self.untold for name, (times, _) in self.sold_in.items() if times}
        if untold == {True}:
            return _OF_MEDIAN
        return _OF_EITHER if True in untold else _OF_TOLD

    @property
    def _counted(self) -> str:
        """How much of what is expected one past show is, in a sentence."""
        known = any(times for times, _ in self.sold_in.values()) or bool(self.appeal.together)
        of_shows = [[show.shares[side] for show in self.shows] for side in range(1 + known)]
        parts = [
            f"{_from_to(shares)} of the {what} that are expected"
            for shares, what in zip(of_shows, ("viewers", "orders"), strict=False)
        ]
        return f"One of them counts for {' and '.join(parts)}."

    @property
    def reasons(self) -> dict[Path, Reason]:
        """Why the values that follow are what they are."""
        shows = Reason("history", counted(len(self.shows), "show"))
        found: dict[Path, Reason] = {("show", key): shows for key in ("turnout_factor", "appeal")}
        for name, (times, out) in self.sold_in.items():
            text = f"{counted(times, 'show')}, sold out in {out}" if times else "in no past show"
            found["products", name, "appeal"] = Reason("history", text)
            if name in self.untold:
                found["products", name, "conversion"] = shows
        for name in self.elasticities:
            found["products", name, "elasticity"] = shows
        for name in self.told.segments:
            found["segments", name, "takes_turnout_factor"] = shows
        for effect in self.effects:
            if effect.guest and effect.learned:
                text = f"{counted(int(effect.had.sum()), 'show')} of {len(self.shows)}"
                for key in ("pull", "lift"):
                    found["people", effect.guest, key] = Reason("history", text)
        return found

    def inputs(self, replications: int, seed: int = 1) -> dict[str, Floats]:
        """Return joint draws of what is calibrated, to simulate at.

        Parameters
        ----------
        replications
            How many, R.
        seed
            For the draws.

        Returns
        -------
        dict
            Path → values of shape (R,), as ``simulate(…, inputs=…)`` takes them.
        """
        random = np.random.default_rng(seed)
        turnout, *_ = self.turnout.draw(replications, random)
        appeal, products, slopes = self.appeal.draw(replications, random)
        sold, own = self.appeal.sold, self.middles.products
        together = self.appeal.together.middle if self.appeal.together else 0.0
        common = float(own[sold].mean()) if sold.any() else together  # as the draws have it
        products = products + own - common
        names = [f"products.{name}.appeal" for name in self.told.products]
        return {
            "show.turnout_factor": np.exp(turnout + self.middles.turnout),
            "show.appeal": np.exp(appeal + self.middles.appeal + common),
            **dict(zip(names, np.exp(products).T, strict=True)),
            **{
                f"products.{name}.elasticity": elasticity_at(self.told, name, spread * slope)
                for (name, spread), slope in zip(self.elasticities.items(), slopes.T, strict=True)
            },
        }

    @cached_property
    def many(self) -> dict[str, Floats]:
        """Joint draws of what is calibrated, as many as tell its mean and quantiles."""
        return self.inputs(MANY)

    @cached_property
    def draws(self) -> dict[str, Floats]:
        """Joint draws of what is calibrated, which stand in the scenario, from few to many orders.

        So many more are sorted by the orders of a whole show, and of those alike one is taken.
        """
        many = self.many
        order = np.argsort(many["show.turnout_factor"] * many["show.appeal"])
        chosen = order[_LIKE_IT // 2 :: _LIKE_IT]
        few = {path: values[chosen] for path, values in many.items()}
        for name, sold in zip(self.told.products, self.appeal.sold, strict=True):
            if not sold:  # so wide that the mean of a few is a matter of chance
                path, told = f"products.{name}.appeal", likely(self.told.products[name].conversion)
                leaving = leaving_rates(self.told, name)
                wanted, found = (
                    centre_of_orders(told, leaving, of["show.appeal"] * of[path])
                    for of in (many, few)
                )
                few[path] = few[path] * (wanted / found)
        return few


def _calibrated(found: Learned) -> dict[str, Any]:
    """Return what changes in a scenario: joint draws, around medians that are certain."""
    changes: dict[str, Any] = {
        path: Draws(tuple(float(f"{value:.4g}") for value in values))
        for path, values in found.draws.items()
    }
    for name, product in found.told.products.items():
        changes[f"products.{name}.conversion"] = {"p50": likely(product.conversion)}
    for name, segment in found.told.segments.items():
        changes[f"segments.{name}.turnout"] = {"p50": likely(segment.turnout)}
        changes[f"segments.{name}.reach"] = likely(segment.reach)
        changes[f"segments.{name}.takes_turnout_factor"] = True
    for number, effect in enumerate(found.effects):
        if effect.guest and effect.learned:
            at = f"people.{effect.guest}"
            changes |= _guest(f"{at}.pull", effect, "turnout", found.turnout, number)
            changes |= _guest(f"{at}.lift", effect, "appeal", found.appeal, number)
    return changes


def _guest(path: str, effect: Effect, side: Side, of: Factors, number: int) -> dict[str, Any]:
    """Return a guest's effect as past shows tell it; nothing of what is told for certain."""
    spread = effect.spread[side]
    if not spread:
        return {}
    median = exp(effect.middle[side] + spread * float(of.effect[number]))
    sigma = spread * float(of.effect_sd[number])
    return {path: {"lognormal": {"median": float(f"{median:.4g}"), "sigma": float(f"{sigma:.3g}")}}}


def _times(factor: float, of: str, beside: str, as_many: str) -> str:
    """Return a factor on what is told; nobody says "1 times the orders".

    Examples
    --------
    >>> _times(1.28, "viewers", *_OF_TOLD)
    '1.3 times the viewers that are told'
    >>> _times(1.004, "orders per viewer", *_OF_MEDIAN)
    'about as many orders per viewer as in the median show'
    """
    told = multiple(factor)
    return f"about as many {of}{as_many}" if told == "1" else f"{told} times the {of}{beside}"


def _from_to(shares: Sequence[float]) -> str:
    """Say from which to which share [1]; below 0, a show that pulls the next one away from itself.

    Examples
    --------
    >>> _from_to([0.13, 0.22]), _from_to([-0.04, 0.16]), _from_to([0.61])
    ('13 % to 22 %', 'up to 16 %', '61 %')
    """
    low, high = share(float(min(shares))), share(float(max(shares)))
    if low == high:
        return low
    return f"up to {high}" if min(shares) <= 0 else f"{low} to {high}"


def elasticity_at(told: Scenario, product: str, off: Floats) -> Floats:
    """Return elasticities that are off from what is told [1]: no dearer price sells more."""
    return np.minimum(likely(told.products[product].elasticity) + off, 0.0)
