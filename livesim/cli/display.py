"""What a terminal shows while a command works: the phase, the time left, a rough answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from livesim.cli.lines import WORTH_A_WORD, in_words, time_taken
from livesim.cli.pace import Pace
from livesim.experiment import executors
from livesim.report.language import known, say

#: What is done after the last task of a phase.
_AFTER = "Working out the answer"
#: A phase is named once it has lasted so long: nobody can read one that flashes by [s].
_READABLE = 0.3


@dataclass(frozen=True)
class _Phase:
    """What is done, in how many tasks, and since when [s]."""

    what: str
    tasks: int
    begun: float


class Display(Progress):
    """Shows what is being done, how long that still takes, and below it a first rough answer.

    Parameters
    ----------
    what
        What is done until the first phase is named.
    clock
        What tells the time [s].
    at_once
        Tells how many tasks of a phase are done at a time.
    """

    def __init__(
        self,
        what: str,
        clock: Callable[[], float] = monotonic,
        at_once: Callable[[], int] = executors.at_once,
    ) -> None:
        self._rough: RenderableType | None = None
        self._clock, self._pace = clock, Pace(at_once)
        self._phase = self._named = _Phase(what, 1, clock())
        self._done, self._over = 0, clock()
        # Slowly, as each time takes time from the work.
        console = Console(stderr=True)
        columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), _Time(self)
        super().__init__(
            *columns, get_time=clock, console=console, transient=True, refresh_per_second=4
        )
        self.add_task(known(what), total=None)

    def get_renderables(self) -> Iterator[RenderableType]:
        """Yield what is shown."""
        if self.tasks:  # it is asked once before there is any
            self._choose()
        yield from super().get_renderables()
        if self._rough is not None:
            yield self._rough

    def tell(self, what: str, done: int, tasks: int) -> None:
        """Show how far a phase has come; called when it begins and whenever a task is done.

        One that begins again before it was done goes on: its first tasks are then done soon.
        """
        now = self._clock()
        if done:
            self._pace.done(done, now)
            self._done = done
            if done == tasks:
                self._begin(_AFTER, 1, now)
        elif what != self._phase.what:
            self._begin(what, tasks, now)

    def _begin(self, what: str, tasks: int, now: float) -> None:
        self._pace.begin(what, tasks, now)
        if self._phase is self._named:
            self._over = now
        self._phase, self._done = _Phase(what, tasks, now), 0

    def _choose(self) -> None:
        """Name the phase that is on; of several that flash by, that the answer is worked out."""
        now = self._clock()
        if now - self._phase.begun >= _READABLE:
            self._name(self._phase)
        elif self._phase is not self._named and now - self._over >= _READABLE:
            self._name(_Phase(_AFTER, 1, self._over))
        if self._phase is self._named:
            self.tasks[0].completed = self._done

    def _name(self, phase: _Phase) -> None:
        """Name a phase; the bar of a single task moves, as it would stand still to the end."""
        (task,) = self.tasks
        if not phase.what == self._named.what == _AFTER:
            task.description, task.start_time = known(phase.what), phase.begun
            task.total, task.completed = (None if phase.tasks == 1 else phase.tasks), 0
        self._named = phase

    def left(self) -> float | None:
        """Return how long the phase that is named still takes [s]; None if nothing tells that."""
        return self._pace.left(self._clock()) if self._phase is self._named else None

    def show_rough(self, title: str, answer: RenderableType) -> None:
        """Show a rough answer until the final one takes its place.

        How long its shows took tells how long a block of them will take.
        """
        self._pace.done(1, self._clock())
        self._rough = Group(Text(f"\n{title}\n", style="bold yellow"), answer)
        self.refresh()

    def stop(self) -> None:
        """Take all of it away, for what follows to begin where it began.

        What is higher than the terminal would scroll when it is shown for the last time.
        """
        self._rough = None
        super().stop()


class _Time(ProgressColumn):
    """Shows how long a phase has taken, and how long it still takes where that can be told.

    Of one that is over in a moment nothing is said.
    """

    def __init__(self, display: Display) -> None:
        super().__init__()
        self._display = display

    def render(self, task: Task) -> Text:
        """Return what is shown."""
        elapsed, left = task.elapsed or 0.0, self._display.left()
        taken = time_taken(elapsed)
        if left is None or elapsed + left < WORTH_A_WORD:
            return Text(taken)
        left_said = in_words(left)
        return Text(say("{taken}, {left}", taken=taken, left=left_said) if taken else left_said)
