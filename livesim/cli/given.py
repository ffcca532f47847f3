"""What options of several commands come to: which show, how it is simulated, where answers go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livesim.cli.notation import changes
from livesim.cli.writing import told_before

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from livesim.experiment.runner import Progress, Runner
    from livesim.resolve import Resolution
    from livesim.results.folders import FolderKind, Study


@dataclass(frozen=True)
class ShowFile:
    """Which show a command is about.

    Parameters
    ----------
    path
        Its file, the name of a reference scenario, or the folder of an answer.
    settings
        What ``--set`` asks for.
    alternative
        Which of the shows that the file describes; None for the only one.
    """

    path: Path
    settings: tuple[str, ...]
    alternative: str | None

    @property
    def changes(self) -> dict[str, Any]:
        """The settings, as path → value."""
        return changes(self.settings)

    def resolved(self) -> Resolution:
        """Return the show with all that follows from the file and the settings."""
        from livesim.resolve import resolve_file

        return resolve_file(self.path, self.changes, alternative=self.alternative)


@dataclass(frozen=True)
class Work:
    """How a command simulates.

    Parameters
    ----------
    seed
        For all random numbers.
    workers, executor
        Who does the work; None for as many processes as processors.
    """

    seed: int
    workers: int | None
    executor: Executor | None

    def telling(self, progress: Progress | None) -> dict[str, Any]:
        """Return what any function that simulates takes, with what shows how far it is."""
        return {**vars(self), "progress": progress}

    @contextmanager
    def begun(self, replications: int) -> Iterator[None]:
        """Let the workers of so many replications start, which takes as long as what is done here.

        Afterwards none is left.
        """
        from livesim.experiment.executors import end_workers

        self.runner(None).begin(replications)
        try:
            yield
        finally:
            end_workers()

    def runner(self, progress: Progress | None) -> Runner:
        """Return who does the work."""
        from livesim.experiment.runner import Runner

        return Runner(self.workers, self.executor, progress)


@dataclass(frozen=True)
class Output:
    """How a command gives its answer.

    Parameters
    ----------
    places : tuple of Path
        Where to keep it: folders and files.
    replace : bool
        Whether it may take the place of an answer of another study.
    form : str
        What to print: what it says ``brief`` or ``full``, or its document as ``json``.
    """

    places: tuple[Path, ...]
    replace: bool
    form: str

    def prepare(self, kind: FolderKind[Any], study: Study | None) -> None:
        """See before the work whether the answer can be kept.

        Where the system refuses, it is said, and the work is done: its answer is printed.

        Parameters
        ----------
        kind : FolderKind
            What is to be kept.
        study : Study
            Of which study it will be, if that is known by now.

        Raises
        ------
        ResultsError
            If something is there that is not to be lost, or the place makes no sense.
        """
        from livesim.results.single_file import check_free, form_of

        for place in self.places:
            with told_before():
                if form_of(place):
                    check_free(place, replace=self.replace)
                else:
                    kind.prepare(place, study, replace=self.replace)
