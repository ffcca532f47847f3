"""Which code of a user's own takes part in which show of a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from livesim.engine.custom import NONE as NONE
from livesim.engine.custom import OWN_PARTS
from livesim.engine.custom import Custom as Custom
from livesim.errors import UsageError, did_you_mean, refuse

if TYPE_CHECKING:
    from livesim.engine.custom import Behaviour as Behaviour
    from livesim.engine.custom import ShowProcess as ShowProcess


def by_show(shows: Iterable[str], processes: object, behaviour: object) -> dict[str, Custom]:
    """Return the code that takes part in each show, the same in all or by the show's name.

    Examples
    --------
    >>> by_show(["usual", "flash"], {"flash": [print]}, None)["usual"] == NONE
    True
    """
    names = list(shows)
    unknown = [
        f"{what}: no show is called {name}; {did_you_mean(str(name), names)}"
        for what, given in (("processes", processes), ("behaviour", behaviour))
        for name in (given if isinstance(given, Mapping) else ())
        if name not in names
    ]
    refuse(unknown)

    def own(given: object, name: str, usual: object) -> object:
        return given.get(name, usual) if isinstance(given, Mapping) else given

    return {name: Custom.of(own(processes, name, ()), own(behaviour, name, None)) for name in names}


def refuse_custom(notes: Iterable[str], what: str) -> None:
    """Raise a UsageError if a study has had code of somebody's own, which nobody has kept."""
    for note in notes:
        if note.startswith(OWN_PARTS):
            raise UsageError(f"{note.removesuffix('.')}, which are not in the scenario: {what}")
