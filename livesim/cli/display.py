"""What a terminal shows while a command works: the phase, the time left, a rough answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil
from time import monotonic

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from livesim.report.language import known, say

#: What is done after the last task of a phase.
_AFTER = "Working out the answer"
#: From when on it is told how long a phase has taken [s].
_WORTH_A_WORD = 5.0


class Display(Progress):
    """Shows what is being done, how long that still takes, and below it a first rough answer.

    Parameters
    ----------
    what
        What is done until the first phase is named.
    clock
        What tells the time [s].
    """

    def __init__(self, what: str, clock: Callable[[], float] = monotonic) -> None:
        self._rough: RenderableType | None = None
        self._clock, self._begun = clock, clock()
        columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), _Time()
        # Slowly, as each time takes time from the work.
        console = Console(stderr=True)
        super().__init__(
            *columns, get_time=clock, console=console, transient=True, refresh_per_second=4
        )
        self._task = self.add_task(known(what), total=None, left="")

    def get_renderables(self) -> Iterator[RenderableType]:
        """Yield what is shown."""
        yield from super().get_renderables()
        if self._rough is not None:
            yield self._rough

    def tell(self, what: str, done: int, tasks: int) -> None:
        """Show how far a phase has come; called when it begins and whenever a task is done.

        One that begins again before it was done goes on: its first tasks are then done soon, and
        the time left stays what it was by then.
        """
        if done == 0 and known(what) == self.tasks[0].description:
            return
        if done == 0:
            self._begun = self._clock()
            self._name(what, tasks)
        elif done == tasks:
            self._name(_AFTER, None)
        else:
            left = time_left(self._clock() - self._begun, done, tasks)
            self.update(self._task, completed=done, left=left)

    def _name(self, what: str, tasks: int | None) -> None:
        """Begin a phase; the bar of a single task moves, as it would stand still to the end."""
        self.remove_task(self._task)
        self._task = self.add_task(known(what), total=None if tasks == 1 else tasks, left="")
        self.refresh()

    def show_rough(self, title: str, answer: RenderableType) -> None:
        """Show a rough answer until the final one takes its place."""
        self._rough = Group(Text(f"\n{title}\n", style="bold yellow"), answer)
        self.refresh()

    def stop(self) -> None:
        """Take all of it away, for what follows to begin where it began.

        What is higher than the terminal would scroll when it is shown for the last time.
        """
        self._rough = None
        super().stop()


class _Time(ProgressColumn):
    """Shows the time left; before that can be told, how long a phase has taken by now."""

    def render(self, task: Task) -> Text:
        """Return what is shown."""
        return Text(task.fields["left"] or time_taken(task.elapsed or 0.0))


def time_taken(elapsed: float) -> str:
    """Return how long something takes by now [s], in words once that is worth a word.

    Examples
    --------
    >>> time_taken(2.5), time_taken(14.9)
    ('', '14 s so far')
    """
    return say("{number} s so far", number=int(elapsed)) if elapsed >= _WORTH_A_WORD else ""


def time_left(elapsed: float, done: int, tasks: int) -> str:
    """Return how long the rest takes, in words.

    Parameters
    ----------
    elapsed
        How long the tasks that are done took [s].
    done, tasks
        How many are done, of how many.

    Examples
    --------
    >>> time_left(2.0, 1, 8), time_left(60.0, 2, 8), time_left(3600.0, 1, 8)
    ('about 15 s left', 'about 3 min left', 'about 7 h left')
    """
    seconds = elapsed * (tasks - done) / done
    if seconds < 90:
        return say("about {number} s left", number=5 * ceil(seconds / 5))
    if seconds < 5400:
        return say("about {number} min left", number=round(seconds / 60))
    return say("about {number} h left", number=round(seconds / 3600))
