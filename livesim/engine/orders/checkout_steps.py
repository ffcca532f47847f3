"""The checkout's steps: where buying leads out of the app, each loses some who try to order."""

from __future__ import annotations

import numpy as np

from livesim.arrays import Counts
from livesim.engine.streams import Streams
from livesim.model.inputs import Inputs


class CheckoutSteps:
    """What the checkout's steps leave of the attempts to order one variant.

    Parameters
    ----------
    inputs, streams
        The drawn numbers and streams of the block.
    address
        Names of the product and the variant.

    Notes
    -----
    The draws come from streams of their own, in time order. So who asks once more, for the same
    attempts, hears the same.
    """

    def __init__(self, inputs: Inputs, streams: Streams, address: tuple[str, str]) -> None:
        self._through = inputs.through if inputs.steps else None
        rooms = inputs.rooms if inputs.steps else ()
        self._rngs = [streams.account(*address, "steps", room.name) for room in rooms]

    def passed(self, tried: Counts) -> Counts:
        """Return how many attempts go through all steps, shape (n, rooms, R).

        Parameters
        ----------
        tried
            Attempts in the next n intervals in which there are any, shape (n, rooms, R).
        """
        if self._through is None:
            return tried
        parts = [rng.binomial(tried[:, n], self._through) for n, rng in enumerate(self._rngs)]
        return np.stack(parts, axis=1)
