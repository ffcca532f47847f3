"""Uncertain quantities by their path: drawn at uniform numbers, or at their likely value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from livesim.scenario.quantities import COUNT, Floats
from livesim.scenario.scenario import Scenario
from livesim.scenario.uncertain import Draws, Quantity, likely

#: Whose uniforms all quantities have that are given as draws, which belong together.
_TOGETHER: Final = "draws"


@dataclass(frozen=True)
class Drawn:
    """Looks quantities up by path: drawn, or likely where nothing was drawn.

    Parameters
    ----------
    values
        Path → drawn values, each of shape (R,).
    replications
        The number R.
    """

    values: Mapping[str, Floats]
    replications: int

    def __call__(self, path: str, quantity: Quantity) -> Floats:
        """Return a quantity's values, shape (R,)."""
        if path in self.values:
            return self.values[path]
        return np.full(self.replications, likely(quantity))

    def table(self, paths: Mapping[str, Quantity]) -> Floats:
        """Return the quantities of several paths side by side, shape (R, len(paths))."""
        found = np.empty((self.replications, len(paths)))
        found[:] = [likely(quantity) for quantity in paths.values()]
        for column, path in enumerate(paths) if self.values else ():
            if path in self.values:
                found[:, column] = self.values[path]
        return found


def no_show_path(person: str) -> str:
    """Return the path at which it is drawn whether a person comes."""
    return f"people.{person}.no_show"


#: Whether somebody stays away: 1 where they do.
AWAY = replace(COUNT, name="0 or 1", high=1)


def drawn_at(scenario: Scenario, uniforms: Callable[[str], Floats]) -> dict[str, Floats]:
    """Return every uncertain quantity at given uniforms.

    Parameters
    ----------
    scenario
        The show.
    uniforms
        Uniforms [1] of a path, each of shape (R,).

    Returns
    -------
    dict
        Path → values of shape (R,). Whether a person comes is among them: 1 where they do not.

    Examples
    --------
    >>> import livesim
    >>> middle = drawn_at(livesim.load("scenarios/brand_room.yaml"), lambda _: np.array([0.5]))
    >>> float(middle["show.appeal"][0])
    1.0
    """
    uncertain = scenario.uncertain()
    together = {path: draws for path, draws in uncertain.items() if isinstance(draws, Draws)}
    which = uniforms(_TOGETHER) if together else np.zeros(0)
    drawn = {
        path: together[path].at(which) if path in together else law.quantile(uniforms(path))
        for path, law in uncertain.items()
    }
    for name, person in scenario.people.items():
        if person.no_show > 0:
            path = no_show_path(name)
            drawn[path] = np.where(uniforms(path) < person.no_show, 1.0, 0.0)
    return drawn
