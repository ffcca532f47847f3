"""How much is worked on at a time: nothing that comes out depends on it, only time and memory.

A portion is counted in numbers of 8 bytes; where it is used, a factor says how many of them each
thing takes meanwhile (estimates).
"""

from __future__ import annotations

from typing import Final

#: Several steps of NumPy go through these without leaving a core's own cache, which has 0.5 to 2 MB
#: on most processors: 400 kB.
IN_CACHE: Final = 50_000
#: So much is held at a time of what would grow with replications and levels, so that a process
#: stays within some hundred MB: 64 MB.
IN_MEMORY: Final = 8_000_000
