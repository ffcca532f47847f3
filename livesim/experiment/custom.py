"""Code of a user's own that takes part in a show: processes, and a behaviour."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from livesim.errors import UsageError, did_you_mean, must_be

if TYPE_CHECKING:
    from livesim.engine.loop import Behaviour as Behaviour
    from livesim.engine.show.show import ShowProcess as ShowProcess

_NOTE: Final = "Simulated with parts of your own: "


@dataclass(frozen=True)
class Custom:
    """Code of a user's own that takes part in a show.

    Parameters
    ----------
    processes
        SimPy processes of the show, each a function of a
        :class:`~livesim.engine.show.show.Show`. They are started in every replication of a block,
        and again at other stocks, so they must keep nothing outside.
    behaviour
        A function of the :class:`~livesim.model.rates.Screen` that returns the logarithm of a
        further factor on the odds to order [1]: one number for all, or one for each replication
        and segment, shape (R, S).
    """

    processes: tuple[ShowProcess, ...] = ()
    behaviour: Behaviour | None = None

    @classmethod
    def of(cls, processes: object, behaviour: object) -> Custom:
        """Return what was given, or raise a UsageError where it is no code."""
        must_be(processes, (list, tuple), "processes: a list of functions of the show is needed")
        several = tuple(cast("Sequence[ShowProcess]", processes))
        for one in (*several, behaviour):
            must_be(one, (Callable, type(None)), "processes and behaviour: functions are needed")  # type: ignore[arg-type]
        return cls(several, cast("Behaviour | None", behaviour))

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not in the scenario, so that nobody repeats the study without it."""
        own = [*self.processes, *([self.behaviour] if self.behaviour else [])]
        names = [getattr(part, "__name__", repr(part)) for part in own]
        return (f"{_NOTE}{', '.join(names)}.",) if names else ()


#: No code of one's own.
NONE = Custom()


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
    if unknown:
        raise UsageError("\n".join(unknown))

    def own(given: object, name: str, usual: object) -> object:
        return given.get(name, usual) if isinstance(given, Mapping) else given

    return {name: Custom.of(own(processes, name, ()), own(behaviour, name, None)) for name in names}


def refuse_custom(notes: Iterable[str], what: str) -> None:
    """Raise a UsageError if a study has had code of somebody's own, which nobody has kept."""
    for note in notes:
        if note.startswith(_NOTE):
            raise UsageError(f"{note.removesuffix('.')}, which are not in the scenario: {what}")
