"""Quantities by their path: as they were drawn, or at their likely value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from livesim.scenario.quantities import Floats
from livesim.scenario.uncertain import Quantity, likely


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
        columns = [self(path, quantity) for path, quantity in paths.items()]
        return np.stack(columns, axis=1) if columns else np.zeros((self.replications, 0))


def no_show_path(person: str) -> str:
    """Return the path at which it is drawn whether a person comes."""
    return f"people.{person}.no_show"
