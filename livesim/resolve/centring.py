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
from collections.abc import Callable, Sequence
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


def orders_centres(scenario: Scenario) -> dict[str, float]:
    """Return what to divide products' errors of orders by [1]: the shared and their own together.

    Examples
    --------
    >>> import livesim
    >>> orders_centres(livesim.load("scenarios/brand_room.yaml", {"show.appeal": 1}))["serum"]
    1.0
    """
    phases, shared = _phases(scenario), scenario.show.appeal
    return {
        name: _centre_of_orders(product, shared, phases)
        for name, product in scenario.products.items()
    }


def mean_orders(scenario: Scenario) -> dict[str, float]:
    """Return products' orders in the mean show [1], in units of those told.

    A show's error of turnout counts by how many viewers take it.

    Examples
    --------
    >>> import livesim
    >>> mean_orders(livesim.load("scenarios/brand_room.yaml"))["serum"]
    1.0
    """
    viewers, shared = _mean_viewers(scenario), scenario.show.appeal
    return {
        name: viewers
        if _expected(product.conversion)
        else viewers * mean_over_median(shared, product.appeal, product.conversion)
        for name, product in scenario.products.items()
    }


def median_orders(scenario: Scenario) -> dict[str, float]:
    """Return products' orders in the middle show [1], in units of those told.

    Examples
    --------
    >>> import livesim
    >>> certain = {"show.appeal": 1, "show.turnout_factor": 1}
    >>> median_orders(livesim.load("scenarios/brand_room.yaml", certain))["serum"]
    1.0
    """
    viewers = middle_viewers(scenario)
    return {name: viewers / centre for name, centre in orders_centres(scenario).items()}


def _mean_viewers(scenario: Scenario) -> float:
    """Return the expected viewers [1], in units of those told."""
    found = 0.0
    for name, share in _shares_of_viewers(scenario).items():
        segment = scenario.segments[name]
        told = _expected(segment.reach) and _expected(segment.turnout)
        error = scenario.show.turnout_factor if segment.takes_turnout_factor else 1.0
        found += share * (1.0 if told else mean_over_median(error, segment.reach, segment.turnout))
    return found


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
    """Return it for the shares [1] of phases, and their rates to leave by that to decide."""
    if not 0 < conversion < 1:
        return 1.0

    def orders(factor: Floats) -> Floats:
        order = conversion * factor
        deciding = order + 1.0 - conversion
        return np.asarray(sum(share * (order / (deciding + rate)) for share, rate in leaving))

    return _centre(orders, errors)


def _phases(scenario: Scenario) -> list[tuple[float, float]]:
    """Return the share [1] of each phase of each segment, and its mean stay [s]."""
    phases = [
        (likely(segment.reach) * likely(segment.turnout) * phase.share, likely(phase.mean))
        for segment in scenario.segments.values()
        for phase in segment.stay.values()
    ]
    everybody = sum(share for share, _ in phases)
    return [(share / everybody, mean) for share, mean in phases] if everybody else [(1.0, math.inf)]


def _centre_of_orders(
    product: Product, shared: Quantity, phases: Sequence[tuple[float, float]]
) -> float:
    """Return what to divide a product's errors by; who may leave first is less near saturation."""
    if not _expected(product.conversion):
        return 1.0
    seconds = likely(product.rush) / math.log(2.0)
    leaving = tuple((share, seconds / mean) for share, mean in phases)
    return _orders_centre(likely(product.conversion), leaving, (shared, product.appeal))


def _centre(response: Callable[[Floats], Floats], errors: _Errors) -> float:
    """Return the divisor at which the mean response to the errors is that to their middle.

    The response rises with the factor, and at most as fast: so a step by what is missed brings it
    nearer, and one that allows for how much the last step brought comes nearly all the way.
    """
    if all(not isinstance(error, Distribution) for error in errors) or rests_on_truncation(errors):
        return 1.0
    values, weights = _nodes(errors)
    middle = math.prod(map(likely, errors))
    wanted = float(response(np.array([middle]))[0])
    log_centre, step, before = 0.0, 0.0, math.inf
    for _ in range(200):
        mean = float(response(values * math.exp(-log_centre)) @ weights)
        missed = math.log(mean / wanted)
        slope = (before - missed) / step if step else 1.0
        step, before = missed / slope if slope > 0 else missed, missed
        log_centre += step
        if abs(missed) < 1e-10:
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
