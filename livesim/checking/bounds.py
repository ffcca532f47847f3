"""The values that a line of ``expect:`` asks for, read in the unit of its figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from livesim.checking.testing import NOT_OBSERVED, Wanted, sample
from livesim.errors import Mistake, ScenarioError, UsageError
from livesim.results.figures import Array, Unit, flat, named
from livesim.results.summary import no_measures
from livesim.scenario.expecting import AGREES, PLAN, WORDS, Expectation
from livesim.scenario.quantities import DURATION, FIGURE, SHARE, Kind, QuantityError
from livesim.scenario.scenario import Scenario

_KINDS: Final[Mapping[Unit, Kind]] = {
    "s": DURATION,
    "share": SHARE,
    "currency": FIGURE,
    "": FIGURE,
}


def figures_of(scenario: Scenario) -> dict[str, Array]:
    """Return the figures that a show will have, by path; their values are none yet."""
    return dict(flat(no_measures(scenario)))


def unit_of(expectation: Expectation, figures: Mapping[str, Array]) -> Unit | None:
    """Return what an expectation's figure is measured in.

    Parameters
    ----------
    expectation
        The line.
    figures
        Those that its show has, by path.

    Returns
    -------
    Unit or None
        None where only a simulation knows: of plans, and of figures that the show has not.

    Examples
    --------
    >>> import livesim
    >>> room = figures_of(livesim.load("scenarios/brand_room.yaml"))
    >>> [unit_of(Expectation(figure, "> 0"), room) for figure in ("profit", "profits")]
    ['currency', None]
    """
    try:
        return named(figures, expectation.figure).unit
    except UsageError:
        return None


def no_such_figure(expectation: Expectation, show: Scenario, other: Scenario | None) -> str:
    """Say why there will be nothing to test, as far as that is known before a simulation.

    Parameters
    ----------
    expectation, show, other
        The line, its show, and the one that it compares with, if any.

    Returns
    -------
    str
        What there is not, and behind a semicolon the nearest or the rule; empty where there is.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml")
    >>> no_such_figure(Expectation("serum.sold", "> 0"), room, None)
    'there is no figure serum.sold; nearest: serum.sold_out, serum.sales, serum.sold_out_at'
    """
    figure = expectation.figure
    try:
        if figure == AGREES:
            return "" if any(one.observed for one in show.products.values()) else NOT_OBSERVED
        if figure.startswith(PLAN):
            from livesim.checking.planned import no_plan  # it takes half a second to import

            no_plan(show).figure(figure)
        elif figure not in WORDS:
            own = sample(figures_of(show), figure)
            if other is not None:
                own.minus(sample(figures_of(other), figure))
    except UsageError as nothing:
        return str(nothing)
    return ""


def wanted(expectation: Expectation, unit: Unit) -> Wanted:
    """Return the values that are expected of a figure.

    Parameters
    ----------
    expectation
        The line.
    unit
        What the figure is measured in.

    Raises
    ------
    ScenarioError
        If a number is none in this unit.

    Examples
    --------
    >>> wanted(Expectation("serum.sold_out", "> 60%"), "share")
    Wanted(low=0.6, high=inf, strict=True)
    >>> wanted(Expectation("profit", "< viya_alone"), "currency")  # a difference
    Wanted(low=-inf, high=0.0, strict=True)
    >>> wanted(Expectation("profit", ">= viya_alone - 100k"), "currency")
    Wanted(low=-100000.0, high=inf, strict=False)
    """
    if expectation.figure in WORDS:
        return Wanted(low=1.0)
    if isinstance(expectation.wanted, tuple):
        low, high = (_number(expectation, unit, end) for end in expectation.wanted)
        return Wanted(low, high)
    relation, behind = expectation.relation
    sign, number = expectation.margin if expectation.show else (1, behind)
    end = sign * _number(expectation, unit, number)
    strict = relation in (">", "<")
    return Wanted(low=end, strict=strict) if ">" in relation else Wanted(high=end, strict=strict)


def _number(expectation: Expectation, unit: Unit, text: object) -> float:
    try:
        return _KINDS[unit].read(text)
    except QuantityError as error:
        mistake = Mistake(f"{expectation}: {error.what}", "expect", error.remedy)
        raise ScenarioError([mistake]) from None
