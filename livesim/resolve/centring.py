"""Centring the forecast errors, so that what a planner writes is what is to be expected.

A dashboard tells means of shows, and so does whoever forecasts: a plain number is an expected
value. The errors of a forecast are skewed: with a median of 1, their mean is more than 1. So each
error is divided by the factor at which the expected viewers, or orders, are those of the middle of
the error: by quadrature over the errors together, with what saturates (more than everybody cannot
come, and who orders does so once). A :class:`~livesim.scenario.uncertain.Median` and a range say
themselves where their middle lies, and their errors stay as they are.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Final

import numpy as np

from livesim.arrays import Floats
from livesim.scenario.parts import Product
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import (
    Choice,
    Distribution,
    Draws,
    Median,
    Quantity,
    StudentT,
    likely,
)

#: A mean that moves by more than this [1] with twice as wide a truncation rests on the truncation.
_STEADY: Final = 0.05
OF_ERRORS: Final = "errors"
"""Under which a table of draws names, in its ``attrs``, the errors of the scenario they are of."""
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
    if not (part.takes_turnout_factor and expected(part.reach) and expected(part.turnout)):
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
    viewers, shared, phases = mean_viewers(scenario), scenario.show.appeal, _phases(scenario)
    return {
        name: viewers
        if expected(product.conversion) and not rests_on_truncation((shared, product.appeal))
        else viewers * _mean_over_middle(product, shared, phases)
        for name, product in scenario.products.items()
    }


def centre_of_orders(
    conversion: float, leaving: tuple[tuple[float, float], ...], factors: Floats
) -> float:
    """Return what to divide equally likely factors on a product's odds by [1], as for its errors.

    Examples
    --------
    >>> centre_of_orders(0.02, ((1.0, 0.1),), np.ones(3))
    1.0
    """
    return _even_centre(conversion, partial(orders_at, conversion, leaving), factors)


def centre_of_viewers(turnout: float, factors: Floats) -> float:
    """Return what to divide equally likely factors on turnout by [1], as for its errors.

    Examples
    --------
    >>> centre_of_viewers(0.1, np.ones(3))
    1.0
    """
    return _even_centre(turnout, partial(_turned_out, turnout), factors)


def signs_of_errors(scenario: Scenario) -> dict[str, str]:
    """Return a sign of each forecast error by its path: alike where the error is.

    A draw of an error is divided as the whole error is, so that it means something else in a
    scenario with another error.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml")
    >>> dearer, sure = (
    ...     room.with_changes(change)
    ...     for change in ({"products.serum.price": 400}, {"show.appeal": 1})
    ... )
    >>> path = "show.appeal"
    >>> signs_of_errors(dearer)[path] == signs_of_errors(room)[path]
    True
    >>> signs_of_errors(sure)[path] == signs_of_errors(room)[path]
    False
    """
    errors = {
        "show.turnout_factor": scenario.show.turnout_factor,
        "show.appeal": scenario.show.appeal,
        **{f"products.{name}.appeal": one.appeal for name, one in scenario.products.items()},
    }
    return {path: hashlib.sha256(repr(one).encode()).hexdigest() for path, one in errors.items()}


def leaving_rates(scenario: Scenario, product: str) -> tuple[tuple[float, float], ...]:
    """Return the share [1] of each phase, and its rate to leave by that to decide on a product.

    Examples
    --------
    >>> import livesim
    >>> shares = leaving_rates(livesim.load("scenarios/brand_room.yaml"), "serum")
    >>> round(sum(share for share, _ in shares), 9)
    1.0
    """
    return _leaving(scenario.products[product], _phases(scenario))


def median_orders(scenario: Scenario) -> dict[str, float]:
    """Return products' orders in the middle show [1], in units of those told.

    Examples
    --------
    >>> import livesim
    >>> certain = {"show.appeal": 1, "show.turnout_factor": 1}
    >>> median_orders(livesim.load("scenarios/brand_room.yaml", certain))["serum"]
    1.0
    """
    viewers, show = middle_viewers(scenario), scenario.show
    return {
        name: viewers * _middle(show.appeal, scenario.products[name].appeal) / centre
        for name, centre in orders_centres(scenario).items()
    }


def _middle(*errors: Quantity) -> float:
    """Return the median of draws that belong together [1]; other errors are around what is told."""
    rows = [error.values for error in errors if isinstance(error, Draws)]
    return float(np.median(np.prod(rows, axis=0))) if rows else 1.0


def mean_viewers(scenario: Scenario) -> float:
    """Return the expected viewers [1], in units of those told.

    Examples
    --------
    >>> import livesim
    >>> mean_viewers(livesim.load("scenarios/brand_room.yaml"))
    1.0
    """
    shares = _shares_of_viewers(scenario).items()
    return sum((share * mean_viewers_of(scenario, name) for name, share in shares), 0.0)


def mean_viewers_of(scenario: Scenario, segment: str) -> float:
    """Return a segment's expected viewers [1], in units of those told.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml")
    >>> middle = room.with_changes({"segments.everyone.reach": {"p50": 5000}})
    >>> [round(mean_viewers_of(one, "everyone"), 2) for one in (room, middle)]
    [1.0, 1.09]
    """
    part = scenario.segments[segment]
    error = scenario.show.turnout_factor if part.takes_turnout_factor else 1.0
    told = expected(part.reach) and expected(part.turnout)
    if told and not rests_on_truncation((error,)):  # else the middle show is told
        return 1.0
    mean = mean_over_median(part.reach, part.turnout)
    values, weights = _nodes((error,))
    return mean * float(_come(likely(part.turnout), values, error) @ weights)


def _come(turnout: float, factor: Floats, error: Quantity) -> Floats:
    """Return how many come at factors [1], in units of those told: at 1, or an error's middle."""
    told = 1.0 if isinstance(error, Draws) else likely(error)
    if not 0 < turnout < 1:
        return factor / told
    return np.asarray(_turned_out(turnout, factor) / _turned_out(turnout, np.array(told)))


def middle_viewers(scenario: Scenario) -> float:
    """Return the viewers of the middle show [1], in units of those told.

    Examples
    --------
    >>> import livesim
    >>> round(middle_viewers(livesim.load("scenarios/brand_room.yaml")), 2)
    0.92
    """
    shares = _shares_of_viewers(scenario).items()
    return sum(share * _middle_viewers_of(scenario, name) for name, share in shares) or 1.0


def _middle_viewers_of(scenario: Scenario, segment: str) -> float:
    """Return a segment's viewers of the middle show [1]; draws of an error say themselves."""
    part, error = scenario.segments[segment], scenario.show.turnout_factor
    if part.takes_turnout_factor and isinstance(error, Draws):
        return float(_come(likely(part.turnout), np.array([likely(error)]), error)[0])
    return 1.0 / viewers_centre(scenario, segment)


def has_middle(scenario: Scenario, product: str | None = None) -> bool:
    """Say whether likely values together make the middle show: of viewers, or a product's orders.

    They do not where one of several values is drawn: half of all shows may lie between the values.

    Examples
    --------
    >>> import livesim
    >>> fair = {"show.turnout_factor": {"choice": {0.1: 0.4, 1: 0.6}}}
    >>> has_middle(livesim.load("scenarios/brand_room.yaml", fair))
    False
    """
    show, segments = scenario.show, scenario.segments.values()
    drawn = [part for one in segments for part in (one.reach, one.turnout)]
    if any(one.takes_turnout_factor for one in segments):
        drawn.append(show.turnout_factor)
    if product is not None:
        own = scenario.products[product]
        drawn += [show.appeal, own.appeal, own.conversion]
    return not any(isinstance(one, Choice) for one in drawn)


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


@lru_cache(maxsize=256)
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
    if wider == errors:
        return False
    mean, moved = (float(values @ weights) for values, weights in map(_nodes, (errors, wider)))
    return abs(moved / mean - 1.0) > _STEADY


def expected(quantity: Quantity) -> bool:
    """Say whether a quantity is a plain number, which tells what to expect.

    Examples
    --------
    >>> expected(12.0), expected(Median(12.0))
    (True, False)
    """
    return not isinstance(quantity, Distribution | Median)


@lru_cache(maxsize=4096)
def _viewers_centre(turnout: float, errors: _Errors) -> float:
    return _centre(turnout, partial(_turned_out, turnout), errors)


@lru_cache(maxsize=4096)
def _orders_centre(
    conversion: float, leaving: tuple[tuple[float, float], ...], errors: _Errors
) -> float:
    """Return it for the shares [1] of phases, and their rates to leave by that to decide."""
    return _centre(conversion, partial(orders_at, conversion, leaving), errors)


def orders_at(
    conversion: float, leaving: tuple[tuple[float, float], ...], factor: Floats
) -> Floats:
    """Return orders [1] by the factor on the odds; who may leave first is less near saturation.

    Examples
    --------
    >>> orders_at(0.5, ((1.0, 0.0),), np.array([1.0, 3.0])).tolist()
    [0.5, 0.75]
    """
    order = conversion * factor
    deciding = order + 1.0 - conversion
    return np.asarray(sum(share * (order / (deciding + rate)) for share, rate in leaving))


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
    """Return what to divide a product's errors by."""
    if not expected(product.conversion):
        return 1.0
    leaving = _leaving(product, phases)
    return _orders_centre(likely(product.conversion), leaving, (shared, product.appeal))


def _mean_over_middle(
    product: Product, shared: Quantity, phases: Sequence[tuple[float, float]]
) -> float:
    """Return by how much a product's mean orders exceed those at the middle of its errors [1]."""
    told = mean_over_median(product.conversion)
    conversion, leaving = likely(product.conversion), _leaving(product, phases)
    if not 0 < conversion < 1:
        return told
    errors = (shared, product.appeal)
    values, weights = _nodes(errors)
    middle = orders_at(conversion, leaving, np.ones(1))
    return told * float((orders_at(conversion, leaving, values) @ weights) / middle[0])


def _leaving(
    product: Product, phases: Sequence[tuple[float, float]]
) -> tuple[tuple[float, float], ...]:
    """Return the share [1] of each phase, and its rate to leave by that to decide."""
    seconds = likely(product.rush) / math.log(2.0)
    return tuple((share, seconds / mean) for share, mean in phases)


def _turned_out(turnout: float, factor: Floats) -> Floats:
    """Return which share comes [1] by the factor on turnout."""
    return np.asarray(-np.expm1(factor * math.log1p(-turnout)))


def _even_centre(told: float, response: Callable[[Floats], Floats], factors: Floats) -> float:
    """Return the divisor of equally likely factors on a share that is told [1]."""
    even = np.full(len(factors), 1.0 / len(factors))
    return _centred(response, factors, even, 1.0) if 0 < told < 1 else 1.0


def _centre(told: float, response: Callable[[Floats], Floats], errors: _Errors) -> float:
    """Return the divisor at which the mean response to a share's errors is that to their middle."""
    certain = all(not isinstance(error, Distribution) for error in errors)
    if certain or rests_on_truncation(errors) or not 0 < told < 1:
        return 1.0
    return _centred(response, *_nodes(errors), math.prod(map(likely, errors)))


def _centred(
    response: Callable[[Floats], Floats], values: Floats, weights: Floats, middle: float
) -> float:
    """Return the divisor of weighed values at which the mean response is that to the middle.

    The response rises with the factor, and at most as fast: so a step by what is missed brings it
    nearer, and one that allows for how much the last step brought comes nearly all the way.
    """
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
    """Return the values and weights of a product of errors; draws belong together, row by row."""
    values, weights = np.ones(1), np.ones(1)
    rows = [np.asarray(error.values, dtype=float) for error in errors if isinstance(error, Draws)]
    if rows:
        values = np.prod(rows, axis=0)
        weights = np.full(len(values), 1.0 / len(values))
    for error in errors:
        if isinstance(error, Draws):
            continue
        of_one = error.nodes() if isinstance(error, Distribution) else (np.array([error]), [1.0])
        values = np.multiply.outer(values, of_one[0]).ravel()
        weights = np.multiply.outer(weights, of_one[1]).ravel()
    return values, weights
