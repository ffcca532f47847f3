"""Uncertain quantities by their path: drawn at uniform numbers, or at their likely value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.scenario.quantities import COUNT
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


def drawn_at(
    scenario: Scenario,
    uniforms: Callable[[str], Floats],
    known: Mapping[str, Floats] | None = None,
) -> dict[str, Floats]:
    """Return every uncertain quantity at given uniforms.

    Parameters
    ----------
    scenario
        The show.
    uniforms
        Uniforms [1] of a path, each of shape (R,).
    known
        Path → values of shape (R,) that are known. What is drawn together with one of them is drawn
        from where the draws have its value, if they do (`among_draws`).

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
    together = drawn_together(scenario)
    which = _which(together, uniforms(_TOGETHER), known or {}) if together else np.zeros(0, int)
    drawn = {
        path: together[path][which] if path in together else law.quantile(uniforms(path))
        for path, law in uncertain.items()
    }
    for name, person in scenario.people.items():
        if person.no_show > 0:
            path = no_show_path(name)
            drawn[path] = np.where(uniforms(path) < person.no_show, 1.0, 0.0)
    return drawn


def drawn_together(scenario: Scenario) -> dict[str, Floats]:
    """Return the draws of all quantities that are drawn together, by path, (n,) each.

    Examples
    --------
    >>> import livesim
    >>> draws = {"show.appeal": {"draws": "0.5 2"}, "show.turnout_factor": {"draws": "3 1"}}
    >>> room = livesim.load("scenarios/brand_room.yaml", draws)
    >>> {path: values.tolist() for path, values in drawn_together(room).items()}
    {'show.appeal': [0.5, 2.0], 'show.turnout_factor': [3.0, 1.0]}
    """
    laws = scenario.uncertain().items()
    return {path: np.asarray(law.values) for path, law in laws if isinstance(law, Draws)}


def among_draws(draws: Mapping[str, Floats], known: Mapping[str, Floats]) -> NDArray[np.bool_]:
    """Return which of the draws have the values that are known, shape (R, n).

    Parameters
    ----------
    draws
        Path → draws that belong together, (n,) each.
    known
        Path → values, (R,) each, of some of these paths.

    Examples
    --------
    >>> draws = {"a": np.array([1.0, 2.0, 1.0]), "b": np.array([7.0, 8.0, 9.0])}
    >>> among_draws(draws, {"a": np.array([1.0, 3.0])}).tolist()
    [[True, False, True], [False, False, False]]
    """
    alike = (values[:, None] == draws[path] for path, values in known.items())
    return np.asarray(np.logical_and.reduce([*alike]))


def _which(draws: Mapping[str, Floats], u: Floats, known: Mapping[str, Floats]) -> NDArray[np.intp]:
    """Return the number of the draw that each row has, shape (R,), at uniforms u.

    Each is equally likely: of all, or of those that have what is known, where some do.
    """
    number = len(next(iter(draws.values())))
    told = {path: values for path, values in known.items() if path in draws}
    if not told or len(told) == len(draws):
        return np.asarray((u * number).astype(np.intp))
    may = among_draws(draws, told)
    may |= ~may.any(axis=1, keepdims=True)
    place = (u * may.sum(axis=1)).astype(np.intp)
    return np.asarray(np.argmax(may.cumsum(axis=1) > place[:, None], axis=1))
