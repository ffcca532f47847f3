"""What a user's own behaviour adds to the rates of a look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from livesim.arrays import Floats
from livesim.errors import UsageError
from livesim.model.rates import Screen

if TYPE_CHECKING:
    from livesim.engine.custom import Behaviour


def log_factors(
    behaviour: Behaviour | None, screen: Screen, shape: tuple[int, int], block: str
) -> Floats:
    """Return the logarithms of further factors on the odds to order [1], shape (R, S).

    Parameters
    ----------
    behaviour
        A user's function of the screen; None for no further factor.
    screen
        What viewers see.
    shape
        The numbers R of replications and S of segments.
    block
        What the block is called in errors.

    Raises
    ------
    UsageError
        If it returns what is no finite number, or not as many as there are.
    """
    if behaviour is None:
        return np.zeros(shape)
    try:
        told = behaviour(screen)
    except Exception as fault:
        fault.add_note(f"in all replications of {block}, at {screen.time:g} s")
        raise
    returned = _numbers(told, shape)
    if returned.shape not in ((), shape):
        raise UsageError(
            f"the behaviour returned an array of shape {returned.shape}; it must be a number "
            f"or of shape {shape}, replications by segments"
        )
    extra = np.broadcast_to(returned, shape)
    if not np.isfinite(extra).all():
        row = int(np.flatnonzero(~np.isfinite(extra).all(axis=1))[0])
        raise UsageError(
            f"the behaviour returned a log-factor that is not finite at {screen.time:g} s, "
            f"in replication {row} of {block}; return 0 where it does nothing"
        )
    return extra


def _numbers(told: object, shape: tuple[int, int]) -> Floats:
    """Return what a user's behaviour has told as numbers."""
    try:
        found = np.asarray(told)
    except ValueError:  # lists of unlike lengths
        found = np.asarray(None)
    if found.dtype.kind not in "biuf":
        raise UsageError(
            f"the behaviour returned {told!r:.60}, which is no number: it must return a "
            f"log-factor, a number or an array of shape {shape}, replications by segments"
        )
    return found.astype(float)
