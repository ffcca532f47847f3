"""Memory that goes back to the system as soon as it is let go of.

What is freed in between smaller things stays with a process, in holes that larger things do not fit
into. Where much is put together of parts that are let go of meanwhile, that would take it twice.
"""

from __future__ import annotations

from mmap import mmap
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

#: Less than so much is not worth a place of its own, which the system fills with zeros [bytes].
#: With eight times as much, a block of a long show with many orders would take twice the memory.
_WORTH_IT = 1 << 18


def room_for(size: int, kind: DTypeLike) -> NDArray[Any]:
    """Return an array of so many numbers, not yet written, in memory of its own.

    Parameters
    ----------
    size
        How many [1].
    kind
        Of which type.

    Examples
    --------
    >>> room_for(3, np.int16).shape, room_for(1_000_000, np.int16).shape
    ((3,), (1000000,))
    """
    taken = size * np.dtype(kind).itemsize
    return np.frombuffer(mmap(-1, taken), kind) if taken >= _WORTH_IT else np.empty(size, kind)
