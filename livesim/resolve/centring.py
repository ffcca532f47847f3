"""Centring the forecast errors, so that what a planner writes is what is to be expected.

A dashboard tells means of shows, and so does whoever forecasts: a plain number is an expected
value. The errors of a forecast are skewed: with a median of 1, their mean is more than 1. So each
error is divided by the factor at which the expected viewers, or orders, are those of the middle of
the error: by quadrature over the errors together, with what saturates (more than everybody cannot
come, and who orders does so once). A :class:`~livesim.scenario.uncertain.Median` and a range say
themselves where their middle lies, and their errors stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np

from livesim.scenario.parts import Product
from livesim.scenario.quantities import Floats
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Distribution, Median, Quantity, StudentT, likely

#: A mean that moves by more than this [1] with twice as wide a truncation rests on the truncation.
_STEADY: Final = 0.05
_Errors = tuple[Quantity, ...]


def viewers_centre(scenario: Scenario, segment: str) -> float:
    """Return what to divide a segment's error of turnout by [1].

    Examples
    --------
    >>> import livesim
    >>> show = livesim.load("scenarios/brand_room.yaml", {"show.turnout_factor": 1})
    >>> viewers_centre(show, "everyone")
    1.0
    """
    part = scenario.segments[segment]
    if not (part.takes_turnout_factor and _expected(part.reach) and _expected(part.turnout)):
        return 1.0
    return _viewers_centre(likely(part.turnout), (scenario.show.turnout_factor,))


def orders_centre(scenario: Scenario, product: str) -> float:
    """Return what to divide a product's errors of orders by [1]: the shared and its own together.

    Examples
    --------
    >>> import livesim
    >>> orders_centre(livesim.load("scenarios/brand_room.yaml", {"show.appeal": 1}), "serum")
    1.0
    """
    part = scenario.products[product]
    if not _expected(part.conversion):
        return 1.0
    errors = (scenario.show.appeal, part.appeal)
    return _orders_centre(likely(part.conversion), _leaving(scenario, part), errors)


def mean_and_median(scenario: Scenario, product: str) -> tuple[float, float]:
    """Return a product's orders in the mean and in the middle show [1], in units of those told.

    A show's error of turnout counts by how many viewers take it.

    Examples
    --------
    >>> import livesim
    >>> certain = {"show.appeal": 1, "show.turnout_factor": 1}
    >>> show = livesim.load("scenarios/brand_room.yaml", certain)
    >>> mean_and_median(show, "serum")
    (1.0, 1.0)
    """
    part, show = scenario.products[product], scenario.show
    mean, middle = 1.0, 1.0 / orders_centre(scenario, product)
    if not _expected(part.conversion):
        mean = mean_over_median(show.appeal, part.appeal, part.conversion)
    share_told = 0.0
    for name, share in _shares_of_viewers(scenario).items():
        segment = scenario.segments[name]
        told = _expected(segment.reach) and _expected(segment.turnout)
        error = show.turnout_factor if segment.takes_turnout_factor else 1.0
        share_told += share * (
            1.0 if told else mean_over_median(error, segment.reach, segment.turnout)
        )
    return mean * share_told, middle * middle_viewers(scenario)


def middle_viewers(scenario: Scenario) -> float:
    """Return the viewers of the middle show [1], in units of those told.

    Examples
    --------
    >>> import livesim
    >>> round(middle_viewers(livesim.load("scenarios/brand_room.yaml")), 2)
    0.92
    """
    shares = _shares_of_viewers(scenario).items()
    return sum(share / viewers_centre(scenario, name) for name, share in shares) or 1.0


def _shares_of_viewers(scenario: Scenario) -> dict[str, float]:
    viewers = {
        name: likely(segment.reach) * likely(segment.turnout)
        for name, segment in scenario.segments.items()
    }
    everybody = sum(viewers.values()) or 1.0
    return {name: number / everybody for name, number in viewers.items()}


def mean_over_median(*errors: Quantity) -> float:
    """Return by how much the mean of a product of uncertain quantities exceeds its median [1].

    Examples
    --------
    >>> from livesim.scenario.uncertain import Lognormal
    >>> round(mean_over_median(Lognormal(1, 1.0)), 3), round(math.exp(0.5), 3)
    (1.649, 1.649)
    """
    found = 1.0
    for error in errors:
        if isinstance(error, Distribution):
            values, weights = _nodes((error,))
            found *= float(values @ weights) / error.median
    return found


def rests_on_truncation(errors: _Errors) -> bool:
    """Say whether the mean of a product of errors is made by where their tails are truncated.

    It is, where a truncation twice as wide moves the mean by more than 5 %.

    Examples
    --------
    >>> rests_on_truncation((StudentT(1, scale=0.3, df=4.4), 1.0))
    False
    >>> rests_on_truncation((StudentT(1, scale=0.32, df=1.7), 1.0))
    True
    """
    wider = tuple(
        replace(error, within=2 * error.within) if isinstance(error, StudentT) else error
        for error in errors
    )
    mean, moved = (float(values @ weights) for values, weights in map(_nodes, (errors, wider)))
    return abs(moved / mean - 1.0) > _STEADY


def _expected(quantity: Quantity) -> bool:
    """Say whether a quantity is a plain number, which tells what to expect."""
    return not isinstance(quantity, Distribution | Median)


@lru_cache(maxsize=4096)
def _viewers_centre(turnout: float, errors: _Errors) -> float:
    if not 0 < turnout < 1:
        return 1.0
    return _centre(lambda factor: -np.expm1(factor * math.log1p(-turnout)), errors)


@lru_cache(maxsize=4096)
def _orders_centre(
    conversion: float, leaving: tuple[tuple[float, float], ...], errors: _Errors
) -> float:
    if not 0 < conversion < 1:
        return 1.0
    shares, rates = np.array(leaving).T

    def orders(factor: Floats) -> Floats:
        order = conversion * factor[:, None]
        return np.asarray((order / (order + 1.0 - conversion + rates)) @ shares)

    return _centre(orders, errors)


def _leaving(scenario: Scenario, product: Product) -> tuple[tuple[float, float], ...]:
    """Return the share [1] of each phase of each segment, and its rate to leave by that to decide.

    Who is likely to leave before deciding is further from saturation.
    """
    phases = [
        (likely(segment.reach) * likely(segment.turnout) * phase.share, likely(phase.mean))
        for segment in scenario.segments.values()
        for phase in segment.stay.values()
    ]
    everybody = sum(share for share, _ in phases)
    if everybody == 0:
        return ((1.0, 0.0),)
    seconds = likely(product.rush) / math.log(2.0)
    return tuple((share / everybody, seconds / mean) for share, mean in phases)


def _centre(response: Callable[[Floats], Floats], errors: _Errors) -> float:
    """Return the divisor at which the mean response to the errors is that to their middle.

    The response rises with the factor, and at most as fast: so each step brings it nearer.
    """
    if all(not isinstance(error, Distribution) for error in errors) or rests_on_truncation(errors):
        return 1.0
    values, weights = _nodes(errors)
    middle = math.prod(map(likely, errors))
    wanted = float(response(np.array([middle]))[0])
    log_centre = 0.0
    for _ in range(200):
        mean = float(response(values * math.exp(-log_centre)) @ weights)
        step = math.log(mean / wanted)
        log_centre += step
        if abs(step) < 1e-10:
            break
    return math.exp(log_centre)


@lru_cache(maxsize=256)
def _nodes(errors: _Errors) -> tuple[Floats, Floats]:
    """Return the values and weights of a product of errors."""
    values, weights = np.ones(1), np.ones(1)
    for error in errors:
        of_one = error.nodes() if isinstance(error, Distribution) else (np.array([error]), [1.0])
        values = np.multiply.outer(values, of_one[0]).ravel()
        weights = np.multiply.outer(weights, of_one[1]).ravel()
    return values, weights
