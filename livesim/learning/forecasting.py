"""Forecasting each past show of a scenario from those before it, product by product.

What sold out was wanted more than it was sold: of a forecast it is compared what it foresees to be
sold with the stock that there was, and money only where it is known how much was wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, isfinite, log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.experiment.runner import Runner
from livesim.history import History
from livesim.history.rolling_origin import (
    EARLIER,
    LEAST_SPREAD,
    LEVELS,
    ON_TOP,
    OURS,
    Case,
    normal_errors,
)
from livesim.resolve.drawn import drawn_at
from livesim.resolve.learned import Learned
from livesim.resolve.past import Past, PastProduct
from livesim.resolve.updating import calibrate
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import likely

METHODS: Final = (OURS, "template", "last five", "forecast x 1.3", "pro rata", "EM")
"""Ways to forecast that are held against each other."""

#: Draws of a forecast.
_DRAWS: Final = 2_000
#: A show is forecast from so many earlier ones at most: more than five hardly help.
_MOST: Final = 25
#: Less than one unit has no logarithm: half of one stands for none.
_NONE: Final = 0.5


@dataclass(frozen=True)
class Stake:
    """What one product's forecast was worth in one show.

    Parameters
    ----------
    show, product
        Which.
    most
        What the best stock in hindsight would have earned [currency].
    lost
        By method: what its stock would have lost against that [currency].
    """

    show: str
    product: str
    most: float
    lost: Mapping[str, float]


@dataclass(frozen=True)
class Foretold:
    """Past shows forecast from those before them.

    Parameters
    ----------
    units, viewers
        The forecasts of products' units and of shows' viewers.
    stakes
        What they were worth, where it is known how much was wanted.
    unknown
        Of how many forecasts that is not known.
    requested
        How many shows were to be forecast, where it was interrupted; None where it was not.
    """

    units: tuple[Case, ...]
    viewers: tuple[Case, ...]
    stakes: tuple[Stake, ...]
    unknown: int
    requested: int | None


def foretold(
    scenario: Scenario, history: History, untold: frozenset[str], runner: Runner
) -> Foretold:
    """Forecast each past show from those before it.

    Parameters
    ----------
    scenario
        The show, as the planner tells it.
    history
        Past shows.
    untold
        Of what the planner has no view: ``viewers``, and products by name.
    runner
        Who does the work.

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted before the first show was forecast.
    """
    past = Past.of(scenario, history)

    def of_show(show: int) -> tuple[Case, list[tuple[Case, Stake | None]]]:
        earlier = past.names[max(0, show - _MOST) : show]
        rows = History(history.shows[history.shows["show"].isin(earlier)], history.minutes)
        one = _Forecast(past, show, calibrate(scenario, rows, untold))
        return one.viewers(), [*_of_products(one)]

    shows = range(EARLIER, len(past.names))
    done = runner.run(of_show, shows, "Forecasting past shows")
    products = [product for _, some in done.found for product in some]
    stakes = [stake for _, stake in products if stake is not None]
    return Foretold(
        units=tuple(case for case, _ in products),
        viewers=tuple(viewers for viewers, _ in done.found),
        stakes=tuple(stakes),
        unknown=len(products) - len(stakes),
        requested=len(shows) if len(done.found) < len(shows) else None,
    )


def _of_products(one: _Forecast) -> Iterator[tuple[Case, Stake | None]]:
    """Yield the forecasts of a show's products, and what each was worth where that is known."""
    past, show = one.past, one.show
    for row in (row for row in past.rows if row.show == show):
        before = [b for b in past.rows if b.product == row.product and b.show < show]
        if len(before) >= EARLIER:
            quantiles, case = one.units(row, before)
            yield case, _stake(past, row, quantiles)


@dataclass(frozen=True)
class _Forecast:
    """What was to be expected of one past show."""

    past: Past
    show: int
    learned: Learned

    def viewers(self) -> Case:
        """Return the forecast of how many watch."""
        came = log(self.past.viewers[self.show])
        ours = self._watching(self._ours)
        hourly = np.array(self.past.viewers) / np.array(self.past.hours)
        last = np.log(hourly[self.show - EARLIER : self.show] * self.past.hours[self.show])
        quantiles = {
            OURS: _quantiles(ours),
            "template": _quantiles(self._watching(self._told)),
            "last five": _normal(float(last.mean()), float(last.std(ddof=1)), len(last)),
            "forecast x 1.3": np.full(len(LEVELS), float(last.mean()) + log(ON_TOP)),
        }
        chance = float((np.log(ours) <= came).mean())
        return Case("", self.past.names[self.show], came, (chance, chance), quantiles)

    def units(
        self, row: PastProduct, before: Sequence[PastProduct]
    ) -> tuple[dict[str, Floats], Case]:
        """Return the forecasts of what is wanted, and of what is sold with the stock there was."""
        ours = self._wanted(row, self._ours)
        last, hours = before[-EARLIER:], self.past.hours
        scaled = [hours[row.show] / hours[one.show] for one in last]
        figures = np.log([max(one.units, _NONE) * by for one, by in zip(last, scaled, strict=True)])
        whole = figures + [-log(self._sold_by(one)) for one in last]
        planned = row.forecast if row.forecast > 0 else exp(float(figures.mean()))
        quantiles = {
            OURS: _quantiles(ours),
            "template": _quantiles(self._wanted(row, self._told)),
            "last five": _normal(*_moments(figures)),
            "forecast x 1.3": np.full(len(LEVELS), log(planned * ON_TOP)),
            "pro rata": _normal(*_moments(whole)),
            "EM": _normal(*_unconstrained(figures, np.array([one.sold_out for one in last]))),
        }
        came = log(max(row.units, _NONE))
        at_most = log(max(row.stock, _NONE)) if isfinite(row.stock) else np.inf
        at_most = came if row.sold_out else at_most
        low = float((np.log(np.maximum(ours, _NONE)) < came).mean())
        high = 1.0 if row.sold_out else float((np.log(np.maximum(ours, _NONE)) <= came).mean())
        sold = {by: np.minimum(one, at_most) for by, one in quantiles.items()}
        return quantiles, Case("", self.past.names[row.show], came, (low, high), sold)

    @cached_property
    def _ours(self) -> dict[str, Floats]:
        """Draws of what was learned, the same for all products of the show."""
        return self.learned.inputs(_DRAWS)

    @cached_property
    def _told(self) -> dict[str, Floats]:
        """Draws of what the planner tells, with the errors of the template."""
        random = np.random.default_rng(self.show)
        return drawn_at(self.past.scenario, lambda _: random.random(_DRAWS))

    def _watching(self, drawn: Mapping[str, Floats]) -> Floats:
        factor = drawn.get("show.turnout_factor", np.ones(_DRAWS))
        return self.past.viewers_at(self.show, factor)

    def _wanted(self, row: PastProduct, drawn: Mapping[str, Floats]) -> Floats:
        """Return draws of the units wanted, with the chance of so many buyers."""
        show, each = "show.appeal", f"products.{row.product}.appeal"
        scenario = self.past.scenario
        factor = drawn.get(show, likely(scenario.show.appeal)) * drawn.get(
            each, likely(scenario.products[row.product].appeal)
        )
        elasticity = drawn.get(f"products.{row.product}.elasticity")
        watching, factor = self._watching(drawn), np.ones(_DRAWS) * factor
        mean = self.past.units_at(row, watching, factor, elasticity)
        return np.random.default_rng(self.show).poisson(np.minimum(mean, 1e15)).astype(float)

    def _sold_by(self, row: PastProduct) -> float:
        """Return which part of a show was over when a product was sold out [1]."""
        length = self.past.hours[row.show] * 3_600
        over = row.sold_out_at / length if row.sold_out and row.sold_out_at > 0 else 1.0
        return min(over, 1.0)


def _quantiles(values: Floats) -> Floats:
    return np.asarray(np.quantile(np.log(np.maximum(values, _NONE)), LEVELS))


def _moments(figures: Floats) -> tuple[float, float, int]:
    return float(figures.mean()), float(figures.std(ddof=1)), len(figures)


def _normal(middle: float, spread: float, number: int) -> Floats:
    """Return quantiles of the next figure, of which so many had this mean and spread."""
    wider = max(spread, LEAST_SPREAD) * (1.0 + 1.0 / number) ** 0.5
    return np.asarray(middle + wider * normal_errors())


def _unconstrained(figures: Floats, at_least: NDArray[np.bool_]) -> tuple[float, float, int]:
    """Return mean and spread of normal figures of which some are lower bounds, by EM.

    The usual way of airlines (Salch, Unconstraining passenger demand using the EM algorithm, 1997).
    Where all are bounds there is nothing to go by: they are then taken as they are.

    Examples
    --------
    >>> middle, spread, _ = _unconstrained(np.array([1.0, 2.0, 2.0]), np.array([False, True, True]))
    >>> middle > 1.8
    True
    """
    from scipy.special import log_ndtr

    middle, spread, number = _moments(figures)
    if at_least.all():
        return middle, spread, number
    for _ in range(50):
        spread = max(spread, LEAST_SPREAD)
        standing = (figures - middle) / spread
        hazard = np.exp(-0.5 * standing**2 - 0.5 * log(2 * np.pi) - log_ndtr(-standing))
        mean = np.where(at_least, middle + spread * hazard, figures)
        left = np.where(at_least, spread**2 * (1.0 + standing * hazard - hazard**2), 0.0)
        middle = float(mean.mean())
        spread = float(((mean - middle) ** 2 + left).mean() ** 0.5)
    return middle, spread, number


def _stake(past: Past, row: PastProduct, quantiles: Mapping[str, Floats]) -> Stake | None:
    """Return what each method's best stock would have lost; None where that is not known."""
    wanted = row.units
    if row.sold_out:
        share = past.share_until(row)
        if not 0 < share <= 1:
            return None
        wanted = row.units / share
    product, deal = past.scenario.products[row.product], past.scenario.deal
    returned = likely(product.returns)
    price = row.price if row.price > 0 else product.price
    kept = price * (1.0 - deal.commission - deal.platform_fee) * (1.0 - returned)
    gain = kept + returned * product.worth_left_over - product.unit_cost
    waste = product.unit_cost - product.worth_left_over
    if not (gain > 0 and waste > 0):
        return None
    lost = {}
    for by, values in quantiles.items():
        stock = exp(float(np.interp(gain / (gain + waste), LEVELS, values)))
        lost[by] = gain * max(wanted - stock, 0.0) + waste * max(stock - wanted, 0.0)
    return Stake(past.names[row.show], row.product, gain * wanted, lost)


def money_lost(stakes: Sequence[Stake]) -> Iterator[tuple[str, float]]:
    """Yield what each method lost in all [currency]."""
    for by in METHODS if stakes else ():
        yield by, sum(stake.lost[by] for stake in stakes)
