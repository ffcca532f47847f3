"""Code of a user's own that takes part in a show: processes, and a behaviour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from livesim.errors import must_be

if TYPE_CHECKING:
    from livesim.arrays import Floats
    from livesim.engine.show.show import ShowProcess as ShowProcess
    from livesim.model.rates import Screen
    from livesim.scenario.scenario import Scenario

    Behaviour = Callable[[Screen], Floats | float]

OWN_PARTS: Final = "Simulated with parts of your own: "


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
    scenario
        What a process may look up; nothing else reads it.
    """

    processes: tuple[ShowProcess, ...] = ()
    behaviour: Behaviour | None = None
    scenario: Scenario | None = None

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
        return (f"{OWN_PARTS}{', '.join(names)}.",) if names else ()


#: No code of one's own.
NONE: Final = Custom()
