"""The values that a line of ``expect:`` asks for, read in the unit of its figure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from livesim.arrays import Array
from livesim.checking.figures import no_figures
from livesim.checking.testing import NOT_OBSERVED, Wanted, sample
from livesim.errors import Mistake, ScenarioError, UsageError
from livesim.experiment.comparison import OF_PRODUCT
from livesim.results.figures import KINDS, Unit, flat, named
from livesim.scenario.expecting import AGREES, PLAN, WORDS, Expectation
from livesim.scenario.quantities import QuantityError
from livesim.scenario.scenario import Scenario

#: Of these the median is compared, and not the mean.
_MEDIANS: Final = [one.name for one in OF_PRODUCT if one.statistic == "median"]
#: What says how sure a figure is, or how sure a difference: with the replications it moves.
_OF_ERROR: Final = re.compile(
    "half_width|low|high|significant|same|narrowing|simulation_error|precision|"
    "(p10|p50|p90|mean|simulation)_interval"
)
#: What stands before no figure, though planners write it as they write ``plan.``.
_COMPARE: Final = "compare."
#: Behind these stand names of products, which may be called like an error bar.
_BY_PRODUCT: Final = ("units", "samples")


def figures_of(scenario: Scenario) -> dict[str, Array]:
    """Return the figures that a show will have, by path; their values are none yet."""
    return dict(flat(no_figures(scenario)))


def measured(expectation: Expectation) -> str:
    """Return the figure of a show that an expectation is about, by its path in what a run prints.

    Examples
    --------
    >>> measured(Expectation("serum.since_link.differences.other", "> 0"))
    'serum.since_link.p50'
    >>> measured(Expectation("show.profit.values.other.p10", "> 0"))
    'show.profit.p10'
    """
    of = expectation.compared
    if of is None:
        return expectation.figure
    if of.taken and not (of.difference and of.taken == "difference"):
        return f"{of.figure}.{of.taken}"
    return f"{of.figure}.p50" if of.figure.rpartition(".")[2] in _MEDIANS else of.figure


def unit_of(figure: str, figures: Mapping[str, Array]) -> Unit | None:
    """Return what a figure is measured in.

    Parameters
    ----------
    figure
        Its path.
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
    >>> [unit_of(figure, room) for figure in ("profit", "profits")]
    ['currency', None]
    """
    try:
        return named(figures, figure).unit
    except UsageError:
        return None


def no_such_figure(
    expectation: Expectation,
    figure: str,
    show: Scenario,
    other: Scenario | None,
    figures: Callable[[Scenario], Mapping[str, Array]] = figures_of,
) -> str:
    """Say why there will be nothing to test, as far as that is known before a simulation.

    Parameters
    ----------
    expectation, figure, show, other
        The line, the figure that is measured, of which show, and the one that it is compared with,
        if any.
    figures
        Names the figures of a show.

    Returns
    -------
    str
        What there is not, and behind a semicolon the nearest or the rule; empty where there is.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml")
    >>> no_such_figure(Expectation("serum.sold", "> 0"), "serum.sold", room, None)
    'there is no figure serum.sold; nearest: serum.sold_out, serum.stock, serum.sales'
    """
    if of_error := _of_error(expectation):
        return of_error
    if figure.startswith(_COMPARE):
        short = figure.removeprefix(_COMPARE)
        return (
            f"there is no figure {figure}; of livesim compare, write {short}.differences.SHOW for "
            f"how far SHOW is from this one, or {short}.values.SHOW for its own"
        )
    try:
        if figure == AGREES:
            return "" if any(one.observed for one in show.products.values()) else NOT_OBSERVED
        if figure.startswith(PLAN):
            # It takes half a second to import.
            from livesim.checking.planned import no_plan, not_of_a_purchase

            if nothing := not_of_a_purchase(show, figure):
                return nothing
            no_plan(show).figure(figure)
        elif figure not in WORDS:
            for one in (show, other):
                if one is not None:
                    sample(figures(one), figure)
    except UsageError as nothing:
        return str(nothing)
    return ""


def _of_error(expectation: Expectation) -> str:
    """Say why what tells how sure a figure is cannot be expected; empty where it is a figure."""
    path, of = expectation.figure, expectation.compared
    above, _, last = path.rpartition(".")
    if last == "good_range":
        return f"{path} is a range, and one number is tested; write {above}.recommended"
    bar = of.taken if of else last
    if not _OF_ERROR.fullmatch(bar) or above.rpartition(".")[2] in _BY_PRODUCT:
        return ""
    name = f"{above}.recommended" if bar == "simulation_interval" else above
    name = f"{PLAN}buy" if above == PLAN.rstrip(".") else name
    return (
        f"{path} says how sure a figure is, which the number of replications decides, and check "
        f"adds these until a line is decided; write {name} and what is expected of it"
    )


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
        return KINDS[unit].read(text)
    except QuantityError as error:
        mistake = Mistake(f"{expectation}: {error.what}", "expect", error.remedy)
        raise ScenarioError([mistake]) from None
