"""What a terminal shows while a command works: the phase, the time left, a rough answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from livesim.cli.lines import in_words, time_taken
from livesim.cli.pace import Pace
from livesim.report.language import known, say

#: What is done after the last task of a phase.
_AFTER = "Working out the answer"


class Display(Progress):
    """Shows what is being done, how long that still takes, and below it a first rough answer.

    Parameters
    ----------
    what
        What is done until the first phase is named.
    clock
        What tells the time [s].
    at_once
        How many tasks of a phase are done at a time.
    """

    def __init__(self, what: str, clock: Callable[[], float] = monotonic, at_once: int = 1) -> None:
        self._rough: RenderableType | None = None
        self._clock, self._pace = clock, Pace(at_once)
        times = _Time(self._pace, clock)
        columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), times
        # Slowly, as each time takes time from the work.
        console = Console(stderr=True)
        super().__init__(
            *columns, get_time=clock, console=console, transient=True, refresh_per_second=4
        )
        self._task = self.add_task(known(what), total=None)

    def get_renderables(self) -> Iterator[RenderableType]:
        """Yield what is shown."""
        yield from super().get_renderables()
        if self._rough is not None:
            yield self._rough

    def tell(self, what: str, done: int, tasks: int) -> None:
        """Show how far a phase has come; called when it begins and whenever a task is done.

        One that begins again before it was done goes on: its first tasks are then done soon.
        """
        if done == 0 and known(what) == self.tasks[0].description:
            return
        now = self._clock()
        if done == 0:
            self._pace.begin(what, tasks, now)
            self._name(what, tasks)
            return
        self._pace.done(done, now)
        if done < tasks:
            self.update(self._task, completed=done)
        else:
            self._pace.begin(_AFTER, 1, now)
            self._name(_AFTER, None)

    def _name(self, what: str, tasks: int | None) -> None:
        """Begin a phase; the bar of a single task moves, as it would stand still to the end."""
        self.remove_task(self._task)
        self._task = self.add_task(known(what), total=None if tasks == 1 else tasks)
        self.refresh()

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
    """Shows how long a phase has taken, and how long it still takes where that can be told."""

    def __init__(self, pace: Pace, clock: Callable[[], float]) -> None:
        super().__init__()
        self._pace, self._clock = pace, clock

    def render(self, task: Task) -> Text:
        """Return what is shown."""
        taken, left = time_taken(task.elapsed or 0.0), self._pace.left(self._clock())
        if left is None:
            return Text(taken)
        left_said = in_words(left)
        return Text(say("{taken}, {left}", taken=taken, left=left_said) if taken else left_said)
