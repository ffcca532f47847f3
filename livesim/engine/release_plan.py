"""What there is to sell, and how it is put on sale: at once, in waves, or from a reserve.

A *release plan* says it for every product; it is what a file says, or another way that a planner
tries. What comes of it when is the ledger's, in :mod:`~livesim.engine.ledger.deliveries`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from livesim.arrays import Counts, Numbers
from livesim.model.inputs import Inputs, SupplyInputs
from livesim.model.splitting import split

#: More units than anybody can want: the level at which demand is never turned away.
UNLIMITED = 10**15
#: Nobody has more; with unlimited stock there is more, also of the bundles that it makes.
MOST_UNITS = UNLIMITED // 1_000

#: How the units of each product are put on sale, a product each.
ReleasePlan: TypeAlias = Sequence[SupplyInputs]


@dataclass(frozen=True)
class Stocks:
    """What each of R shows has to sell.

    Parameters
    ----------
    levels
        Owned units of each variant at each level, shape (V, J).
    plans
        How the units are put on sale at each level.
    level_of
        The level of each show, shape (R,).
    """

    levels: Counts
    plans: Sequence[ReleasePlan]
    level_of: Numbers

    @staticmethod
    def alike(units: Counts, plan: ReleasePlan, shows: int) -> Stocks:
        """Return the same stock for so many shows: units of each variant, shape (V,)."""
        return Stocks(units[:, None], [plan], np.zeros(shows, dtype=np.intp))


@dataclass(frozen=True)
class Cells:
    """What stock is kept of: variants, or variants in single rooms that have allotments.

    Parameters
    ----------
    inputs
        The show's numbers.
    """

    inputs: Inputs

    @property
    def of_variant(self) -> int:
        """The number of cells of each variant; the cells of a variant lie side by side."""
        rooms = self.inputs.rooms
        return sum(room.count for room in rooms) if self.inputs.allotted else 1

    def split(self, units: Counts) -> Counts:
        """Split units of variants, shape (V, …), among their cells, shape (V · of_variant, …).

        Allotments by Webster's method and then equal parts, the first of like rooms one unit more
        where they do not come out even. No part shrinks as the units grow.
        """
        if not self.inputs.allotted:
            return units
        rooms = self.inputs.rooms
        parts = split(units.ravel(), [room.allotment or 0.0 for room in rooms])
        single = []
        for room, part in zip(rooms, parts, strict=True):
            each, over = np.divmod(part.reshape(units.shape), room.count)
            first = np.arange(room.count).reshape(-1, *[1] * (units.ndim - 1))
            single.append(each[:, None] + (first < over[:, None]))
        cells = np.concatenate(single, axis=1)
        return cells.reshape(-1, *units.shape[1:])
