"""The planner's own view of viewers and orders: how noisy it is, and where its medians are.

What a scenario says itself is one more observation beside past shows, as noisy as the scenario
takes forecasts to be, or as the planner's past ones were.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log
from typing import Final

import numpy as np

from livesim.arrays import Floats
from livesim.history import History
from livesim.history.factors import (
    Seen,
    Spreads,
    factors,
)
from livesim.resolve.centring import centre_of_orders, centre_of_viewers, expected, leaving_rates
from livesim.resolve.effects import spread_of
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import likely

#: So many draws of a factor tell where its centre is.
MANY: Final = 20_000
#: What a scenario does not tell itself is not known to within a factor of 12: an assumption.
_UNTOLD: Final = 2.5
#: A product of which nothing is told, or that was never sold: 1.2, as `APPEAL` says.
_NEW_PRODUCT: Final = 1.2
#: How noisy a view is by default counts as so many forecasts whose outcome is known: an assumption.
_DEFAULT: Final = 3
#: Nobody knows a show's level to within 5 %: an assumption, that a plain number be no certainty.
_LEAST: Final = 0.05


@dataclass(frozen=True)
class View:
    """How noisy the planner's own view is: standard deviations, as logarithms.

    Parameters
    ----------
    turnout, appeal, products
        Of viewers, of orders per viewer, and of each product's factor on these.
    forecasts
        Of how many past forecasts the record is known.
    """

    turnout: float
    appeal: float
    products: tuple[float, ...]
    forecasts: int = 0

    @classmethod
    def of(cls, scenario: Scenario, history: History, untold: Collection[str] = ()) -> View:
        """Return it: as a scenario takes its forecasts, and as past ones were, to be wrong.

        Parameters
        ----------
        scenario
            The show.
        history
            Past shows; a column ``forecast`` is the planner's own record.
        untold
            What the planner does not tell: ``viewers``, and products by name.
        """
        show = scenario.show
        biggest = scenario.segments[_biggest(scenario)]
        shared = [show.turnout_factor] if biggest.takes_turnout_factor else []
        turnout = spread_of(*shared, biggest.turnout, biggest.reach)
        appeal = spread_of(show.appeal)
        missed, sold = _record(history), {*history.shows["product"]}
        usual = turnout**2 + appeal**2
        if len(missed) and usual:
            known = (_DEFAULT * usual + float(missed @ missed)) / (_DEFAULT + len(missed))
            turnout, appeal = (part * (known / usual) ** 0.5 for part in (turnout, appeal))
        return cls(
            max(turnout, _LEAST) if "viewers" not in untold else _UNTOLD,
            max(appeal, _LEAST),
            tuple(
                _NEW_PRODUCT
                if name in untold or name not in sold
                else max(spread_of(product.appeal, product.conversion), _LEAST)
                for name, product in scenario.products.items()
            ),
            len(missed),
        )


def _record(history: History) -> Floats:
    """Return how far the planner's forecasts were off: logarithms of units over forecast, by show.

    A show that was sold out below its forecast says nothing of it.
    """
    rows = history.shows
    rows = rows[(rows["forecast"] > 0) & (rows["units"] > 0)]
    out = (rows["sold_out_at"].notna() | (rows["units"] >= rows["stock"])).groupby(rows["show"])
    sums = rows.groupby("show")[["units", "forecast"]].sum()
    missed = np.log((sums["units"] / sums["forecast"]).to_numpy(dtype=float))
    return np.asarray(missed[(~out.any().to_numpy(dtype=bool)) | (missed > 0)])


@dataclass(frozen=True)
class Middles:
    """Where the planner's own view has its median, as logarithms: below a plain number.

    A plain number is what to expect, and errors are skewed: their median is less than their mean.

    Parameters
    ----------
    turnout, appeal
        Of viewers, and of orders per viewer.
    products
        Of each product's factor on these, shape (P,).
    """

    turnout: float
    appeal: float
    products: Floats

    @classmethod
    def of(
        cls, scenario: Scenario, turnout: Spreads, appeal: Spreads, untold: Collection[str]
    ) -> Middles:
        """Return them, so that what is expected before any past show is what is written.

        Parameters
        ----------
        scenario
            The show.
        turnout, appeal
            What is known of the factors before any past show.
        untold
            Of what there is no view: there 1 is the median past show.
        """
        biggest = scenario.segments[_biggest(scenario)]
        viewers = 0.0
        if "viewers" not in untold and expected(biggest.reach) and expected(biggest.turnout):
            viewers = -log(centre_of_viewers(likely(biggest.turnout), _before(turnout)))
        orders = {
            name: -log(
                _centre(of_product, likely(product.conversion), leaving_rates(scenario, name))
            )
            for (name, product), of_product in zip(
                scenario.products.items(), _each(appeal), strict=True
            )
            if name not in untold and expected(product.conversion)
        }
        common = (
            -log(float(np.mean(_before(replace(appeal, product=0.0, in_show=((0.0, 1),))))))
            if orders
            else 0.0
        )
        of_products = [orders.get(name, 0.0) - common for name in scenario.products]
        return cls(viewers, common, np.array(of_products))


def _each(spreads: Spreads) -> Iterator[Spreads]:
    """Yield what is known of each product."""
    assert isinstance(spreads.product, tuple)
    for product in spreads.product:
        yield replace(spreads, product=product)


@lru_cache(maxsize=1024)  # a back-test asks for the same ones again and again
def _centre(spreads: Spreads, conversion: float, leaving: tuple[tuple[float, float], ...]) -> float:
    """Return what to divide a product's factor by [1]."""
    return centre_of_orders(conversion, leaving, _before(spreads))


@lru_cache(maxsize=16)
def _before(spreads: Spreads) -> Floats:
    """Return draws of a product's factor, the show's in it, before any show was seen."""
    none = np.zeros(0, dtype=np.intp)
    seen = Seen(none, none, np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool), 0, 1)
    show, own, _ = factors(seen, spreads).draw(MANY, np.random.default_rng(1))
    return np.asarray(np.exp(show + own[:, 0]))


def _biggest(scenario: Scenario) -> str:
    """Return the segment of which most are expected."""
    viewers = {
        name: likely(segment.reach) * likely(segment.turnout)
        for name, segment in scenario.segments.items()
    }
    return max(viewers, key=viewers.__getitem__)
