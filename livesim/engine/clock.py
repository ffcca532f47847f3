"""The moments at which a show can be looked at, and at which reservations are swept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from livesim.arrays import Floats, Numbers
from livesim.model.inputs import Inputs

#: Later than all steps.
NEVER: Final = 1 << 30
#: Seconds between two sweeps in which reservations are swept (assumption: platforms sweep often).
SWEEP: Final = 30.0


@dataclass(frozen=True)
class Clock:
    """The moments at which a show can be looked at.

    Parameters
    ----------
    times
        The show's start, and the end of each step [s], shape (steps + 1,): every refresh, and what
        the checkout needs to work off its queue after the show.
    """

    times: Floats

    @staticmethod
    def of(inputs: Inputs) -> Clock:
        """Return the clock of a show that has no checkout to work off: each refresh is a step."""
        return Clock(np.asarray(np.arange(inputs.refreshes + 1) * inputs.refresh, dtype=float))

    @property
    def steps(self) -> int:
        """The number of steps."""
        return len(self.times) - 1

    def by(self, moment: Floats | float) -> Numbers:
        """Return the first step at whose end a moment has come [s]; one more than all if none."""
        return np.asarray(np.searchsorted(self.times, np.asarray(moment) - 1e-6, side="left"))

    def swept(self, timeout: float) -> Numbers:
        """Return the step at whose end the reservations of each step are swept (steps + 1,).

        Parameters
        ----------
        timeout
            Time to pay [s]; inf if reservations are swept only after the show.
        """
        return self.by(self.sweep_at(timeout))

    def swept_by(self, timeouts: Floats) -> tuple[Numbers, Numbers]:
        """Return :meth:`swept` of the timeouts that differ, and which of these each of them is.

        Parameters
        ----------
        timeouts
            Times to pay [s], shape (n,).
        """
        different, which = np.unique(timeouts, return_inverse=True)
        return np.stack([self.swept(float(timeout)) for timeout in different]), which

    def sweep_at(self, timeout: float) -> Floats:
        """Return the sweep that ends the reservations of each step [s], shape (steps + 1,).

        Parameters
        ----------
        timeout
            As for :meth:`swept`. The sweep can be after the last step.

        Examples
        --------
        >>> Clock(np.array([0.0, 10.0, 20.0])).sweep_at(timeout=15.0).tolist()
        [30.0, 30.0, 60.0]
        """
        return np.asarray(np.ceil((self.times + timeout) / SWEEP - 1e-9) * SWEEP)
