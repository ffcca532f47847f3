"""What an objective must be for a show, so that there is something to decide.

It is known before anything is simulated, so a plan asks here first. What an objective must be by
itself is refused where it is read, in :mod:`~livesim.planning.words`.
"""

from __future__ import annotations

from dataclasses import replace

from livesim.errors import LISTED_NAMES, UsageError
from livesim.planning.objectives import FillRate, Objective, Service
from livesim.planning.words import written
from livesim.scenario.planned import planned_slots
from livesim.scenario.quantities import DURATION
from livesim.scenario.scenario import Scenario


def check_objective(objective: Objective, scenario: Scenario) -> None:
    """Refuse an objective that has no best number of units in a show.

    Parameters
    ----------
    objective
        What the units are for.
    scenario
        The show.

    Raises
    ------
    UsageError
        If profit is wanted and a unit left over is worth what it costs or more, with the products
        of which that holds; or if service is wanted for a time that no link is up.
    """
    if not isinstance(objective, Service | FillRate):
        _check_costs(scenario)
    if isinstance(objective, Service) and objective.by is not None:
        _check_time(objective, objective.by, scenario)


def _check_costs(scenario: Scenario) -> None:
    endless = [
        f"  products.{name}: left_over_value {product.left_over_value:g}, "
        f"unit_cost {product.unit_cost:g}"
        for name, product in scenario.products.items()
        if product.left_over_value >= product.unit_cost
    ]
    more = len(endless) - LISTED_NAMES
    if more > 0:
        endless = [*endless[:LISTED_NAMES], f"  and {more} more"]
    if endless:
        raise UsageError(
            "there is no number of units with most profit: a unit that is left over is worth what "
            "it costs or more, so buying more never costs anything\n"
            + "\n".join(endless)
            + "\nlet left_over_value be what a left-over unit brings after storing and selling it "
            "off, below unit_cost, or plan for a service level instead (service=95%)"
        )


def _check_time(objective: Service, by: float, scenario: Scenario) -> None:
    """Refuse a time after the link that is over with the show, whichever link comes first.

    No link goes up before the first one is planned: slots go on early only when they have sold.
    """
    links = [planned.link for planned in planned_slots(scenario) if planned.slot.sells]
    longest = scenario.show.length - min(links, default=0.0)
    if by >= longest:
        whole = written(replace(objective, by=None))
        raise UsageError(
            f"the objective {written(objective)}: {DURATION.write(by)} after a link is never "
            f"before the show's end, which is {DURATION.write(longest)} after the first link; "
            f"leave @ out to plan for the whole show ({whole})"
        )
