"""Where the show would have gone on to its next slot, had there been fewer units.

Viewers live through one show, that of the first stock level. As long as no slot goes on because of
the stock, it is the show of every other level, too; from the moment at which a slot would have gone
on at a level, what viewers do says nothing of that level any more, and its account is closed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from livesim.engine.account import ProductAccount
from livesim.engine.stage import Stage
from livesim.scenario.scenario import Scenario


class GoingOn:
    """Follows at which levels the running slots would have gone on at sell-out.

    Parameters
    ----------
    scenario
        The show.
    closed
        Where the account is closed, shape (R, L); it is kept up to date in place.
    """

    def __init__(self, scenario: Scenario, closed: NDArray[np.bool_]) -> None:
        self._goes_on = np.array(
            [
                [slot.at_sell_out == "next" and name in slot.sells for name in scenario.products]
                for slot in scenario.rundown.values()
            ]
        )
        self._closed = closed
        self._sold_out = np.zeros((len(scenario.products), *closed.shape), dtype=bool)

    def note(self, stage: Stage, products: Sequence[ProductAccount]) -> None:
        """Close the levels at which all that a slot sells has been sold out since its links.

        Units that come back afterwards do not count: a slot waits for each product once.
        """
        self._sold_out[:, stage.new_slot] = False
        waited_for = self._goes_on[stage.slot] & stage.link_up & (stage.slot >= 0)[:, None]
        over = np.broadcast_to(waited_for.any(axis=1)[:, None], self._closed.shape)
        for number in np.flatnonzero(waited_for.any(axis=0)).tolist():
            here = waited_for[:, number, None]
            self._sold_out[number] |= products[number].sold_out & here
            over = over & (self._sold_out[number] | ~here)
        self._closed |= over
