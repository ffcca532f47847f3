"""Units that come on hand later: waves, units that arrive on a date, a reserve that is called."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from livesim.engine.fates import Counts
from livesim.scenario.quantities import Floats


@dataclass
class Delivery:
    """A part of a product's stock that comes on hand later.

    Parameters
    ----------
    part
        What it is called, as in the scenario's paths: ``waves.first``, ``arriving.truck``,
        ``reserve``.
    units
        Units of each of the product's variants at each level, shape (variants, L).
    due
        When it comes [s], inf until that is known, shape (R, L).
    owned
        Whether the planner owns the units already; a reserve is only bought by calling it.

    Attributes
    ----------
    came
        Where it has come on hand, shape (R, L).
    """

    part: str
    units: Counts
    due: Floats
    owned: bool
    came: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.came = np.zeros(self.due.shape, dtype=bool)

    @property
    def next_due(self) -> float:
        """When it is due next in any replication [s], inf if that is not known."""
        return float(self.due[~self.came].min(initial=np.inf))

    def arrivals(self, now: float) -> NDArray[np.bool_]:
        """Return where it comes now, and note that it has, shape (R, L)."""
        comes = ~self.came & np.isfinite(self.due) & (self.due <= now)
        self.came |= comes
        return comes

    def still_to_come(self, by: float) -> NDArray[np.bool_]:
        """Return where it will come, or may still be called, before a moment [s], shape (R, L)."""
        return ~self.came & ((self.due <= by) | np.isinf(self.due))
