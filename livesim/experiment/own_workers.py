"""Whether worker processes of this machine have the same code of one's own as this process.

They import the files. What was changed in memory alone, as in a session, is not there; nor is what
was changed in a file after a worker had imported it, as workers stay for the next study.
"""

from __future__ import annotations

import sys
from importlib.machinery import SourceFileLoader
from types import NoneType
from typing import NamedTuple
from warnings import warn

from livesim.errors import UsageError
from livesim.experiment.executors import end_workers, from_workers
from livesim.experiment.same_code import Known, differing_once, own_code

#: What is known to be the same in the workers that there are.
_same: dict[str, Known] = {}
#: What workers do not have, new ones neither, and in which modules they differ.
_unlike: dict[frozenset[tuple[str, Known]], list[str]] = {}


class Able(NamedTuple):
    """Who does work as this process would.

    Attributes
    ----------
    workers : int
        How many processes; 1 is this one.
    own : tuple of (str, Known)
        The modules of one's own that each of them must have. Only one is asked beforehand, and
        others may import later, so work is sent with `~livesim.experiment.same_code.Alike`.
    """

    workers: int
    own: tuple[tuple[str, Known], ...] = ()


def able(workers: int, *work: object) -> Able:
    """Return how many worker processes do work as this process would: all of them, or 1.

    Where the one that is asked has other code of one's own, new ones are started; where these have,
    too, it is warned that this process does the work alone.

    Parameters
    ----------
    workers
        How many there may be [1].
    *work
        Anything with functions in it.

    Examples
    --------
    >>> able(2, len)
    Able(workers=2, own=())
    """
    if workers == 1:
        return Able(1)
    try:
        own = {name: known for name, known in own_code(work).items() if not _is_rewritten(name)}
    except UsageError as error:
        why = f"whether other processes have the same code of your own cannot be told: {error}"
    else:
        others = _others(own, workers) if own else []
        if not others:
            return Able(workers, tuple(own.items()))
        why = (
            f"other processes import your code in {', '.join(others)} from its file, which has not "
            "what is in memory here: change the file and load it anew (importlib.reload, or start "
            "Python again) to use several"
        )
    warn(f"this process simulates alone (workers=1), as {why}", stacklevel=2)
    return Able(1)


def _is_rewritten(name: str) -> bool:
    """Say whether a module was loaded otherwise than workers do, as pytest does with tests.

    What it has in memory then differs from what workers have, whatever it does.
    """
    loader = getattr(getattr(sys.modules.get(name), "__spec__", None), "loader", None)
    return not isinstance(loader, SourceFileLoader | NoneType)


def _others(own: dict[str, Known], workers: int) -> list[str]:
    """Return the modules that new workers have otherwise than this process; start these."""
    key = frozenset(own.items())
    if key in _unlike:
        return _unlike[key]
    if key <= _same.items():
        return []
    if any(_same.get(name, known) != known for name, known in key):
        renew()  # some have imported what it was before
    for begun_before in (True, False):
        others = from_workers(workers, differing_once, tuple(own.items()))
        if not others:
            _same.update(own)
            return []
        renew()
        if not begun_before:
            _unlike[key] = others
    return others


def renew() -> None:
    """End the workers, of which one has other code than this process: new ones are asked anew."""
    end_workers()
    _same.clear()
