"""The stock as a show sees it while it goes on, where nothing reacts to it."""

from __future__ import annotations

import math

from livesim.arrays import Floats


class Unwatched:
    """A stock at which nobody looks before the show is over: the ledger does the work."""

    def receive(self, step: int, link_at: Floats) -> None:
        """Do nothing: the ledger sweeps payments and takes in deliveries."""

    def release(self, product: int, part: str, row: int, due: float) -> None:
        """Do nothing: the ledger puts it on sale."""

    def sold_out_at(self, product: int, row: int) -> float:
        """Return inf: nobody knows."""
        return math.inf
