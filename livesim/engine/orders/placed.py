"""Orders on their way to the stock, before it is drawn what they ask for."""

from __future__ import annotations

from dataclasses import dataclass

from livesim.arrays import Counts, Floats, Numbers


@dataclass(frozen=True)
class Placed:
    """Orders for one variant in n steps, from each room, real and fake.

    Parameters
    ----------
    variant
        Which variant.
    step
        In which they are placed, and behind the checkout's queue served, shape (n,).
    real, fake
        Shape (n, rooms, R); without rooms where there can be no fake ones.
    price
        What they pay for a unit on average [currency/unit], shape (n, R).
    """

    variant: int
    step: Numbers
    real: Counts
    fake: Counts
    price: Floats
