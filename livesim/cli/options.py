"""Arguments and options that several commands have."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from livesim.errors import UnwritableError, visible

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from livesim.experiment.runner import Progress, Runner
    from livesim.experiment.store import Store
    from livesim.resolve import Resolution
    from livesim.results.folders import FolderKind, Study
    from livesim.scenario.quantities import Kind

#: A command's function, which an option leaves as it is.
Command = TypeVar("Command", bound=Callable[..., Any])


class FilePath(click.Path):
    """A path that the system can have: one that is too long is told with its option."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path."""
        try:
            os.lstat(value)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                name = max(Path(value).parts, key=len)  # most systems take 255 bytes
                what = f"a path of {len(str(value)):,} characters, the longest name {name[:20]}…"
                self.fail(f"{what}, is too long; take a shorter one", param, ctx)
        return super().convert(value, param, ctx)


#: Paths of which each is told on its own what is wrong with it, and takes no other along.
EACH_PATH: Final = click.Path(readable=False, path_type=Path)

scenario_argument = click.argument("scenario", type=FilePath(path_type=Path))

set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one value, as in products.serum.owned=800; may be repeated.",
)

alternative_option = click.option(
    "--alternative",
    metavar="NAME",
    help="Which of the alternatives that SCENARIO describes, where it does.",
)

seed_option = click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
workers_option = click.option(
    "--workers", type=click.IntRange(min=1), help="Processes. [default: as many as processors]"
)
store_option = click.option(
    "--store",
    type=FilePath(path_type=Path),
    metavar="FOLDER",
    help="Keep every block of shows in this folder as it is done, and take from it what is there: "
    "a run that was interrupted goes on.",
)
cluster_option = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Work on this Dask cluster, as in tcp://10.0.0.5:8786 (pip install 'livesim[cluster]').",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document instead of tables."
)
history_option = click.option(
    "--history",
    "files",
    multiple=True,
    type=FilePath(path_type=Path),
    metavar="FILE",
    help="A table of past shows, as livesim import writes it; may be repeated. [default: what "
    "SCENARIO names as its history]",
)
#: How an answer is printed: ``brief``, ``full`` or ``json``; of two, the last that is asked for.
full_option = click.option(
    "--full",
    "form",
    flag_value="full",
    default="brief",
    help="Print all of it, not only the answer.",
)
document_option = click.option(
    "--json", "form", flag_value="json", help="Print it as one JSON document."
)


def language_option(command: Command) -> Command:
    """Return a command with the option of the language in which all that it says is said."""

    @click.option(
        "--language",
        metavar="CODE",
        default="en",
        show_default=True,
        help="Language of what people read, here and in a file: en (English) or zh (Chinese). "
        "Mistakes, and the sources of assumptions, stay English.",
    )
    @wraps(command)
    def run(*given: Any, language: str, **named: Any) -> Any:
        from livesim.report.language import speaking

        with speaking(language):
            return command(*given, **named)

    return cast(Command, run)


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


def replications_option(default: int) -> Callable[[Command], Command]:
    """Return the option of how many shows are simulated.

    Parameters
    ----------
    default : int
        Number of shows if nothing is said.
    """
    return click.option(
        "-n",
        "--replications",
        default=default,
        show_default=True,
        help="Simulated shows, in whole batches of 50.",
    )


def answer_options(kept: str) -> Callable[[Command], Command]:
    """Return the options of every command that gives an answer.

    Parameters
    ----------
    kept : str
        What ``--out`` keeps.
    """
    out_option = click.option(
        "--out",
        "places",
        multiple=True,
        type=FilePath(path_type=Path),
        metavar="FOLDER",
        help=f"Keep {kept} in this folder; or one file: a name that ends with .html is a page to "
        "mail, .xlsx a workbook, .json, .csv, .png and .svg what they say; may be repeated.",
    )
    force_option = click.option(
        "--force", is_flag=True, help="Replace a file, and in FOLDER what is of another study."
    )

    def with_options(command: Command) -> Command:
        @wraps(command)
        def run(*given: Any, places: tuple[Path, ...], force: bool, form: str, **named: Any) -> Any:
            if force and not places:
                raise click.UsageError("--force replaces what is in a folder: give --out FOLDER")
            for out in places:
                if any(_is_file(out, one) for one in named.values()):
                    raise click.UsageError(
                        f"--out {out} is the scenario itself: choose another name"
                    )
            once = tuple({place.absolute(): place for place in places}.values())
            return command(*given, output=Output(once, force, form), **named)

        for option in (document_option, full_option, language_option, force_option, out_option):
            run = option(run)
        return cast(Command, run)

    return with_options


def _is_file(out: Path, given: object) -> bool:
    """Say whether an argument is, or has in it, the very file that would be replaced."""
    if isinstance(given, tuple):
        return any(_is_file(out, one) for one in given)
    return isinstance(given, Path) and out.is_file() and given.exists() and out.samefile(given)


def study_options(kept: str) -> Callable[[Command], Command]:
    """Return the options of every command that simulates and gives an answer.

    Parameters
    ----------
    kept : str
        What ``--out`` keeps.
    """

    def with_options(command: Command) -> Command:
        @wraps(command)
        def run(
            *given: Any,
            seed: int,
            workers: int | None,
            store: Path | None,
            cluster: str | None,
            **named: Any,
        ) -> Any:
            executor = opened_cluster(cluster, workers)
            executor = opened_store(store, workers, executor) if store else executor
            return command(*given, work=Work(seed, workers, executor), **named)

        run = answer_options(kept)(run)
        for option in (cluster_option, store_option, workers_option, seed_option):
            run = option(run)
        return cast(Command, run)

    return with_options


def opened_cluster(address: str | None, workers: int | None) -> Executor | None:
    """Return the cluster that a command works on, left when it ends; None without one.

    Parameters
    ----------
    address : str or None
        Of its scheduler.
    workers : int or None
        What was asked for of this machine, beside a cluster senseless.
    """
    if address is None:
        return None
    if workers is not None:
        raise click.UsageError("--workers counts processes here, --cluster has its own: keep one")
    from livesim.experiment.cluster import Cluster

    return click.get_current_context().with_resource(Cluster(address))


def opened_store(folder: Path, workers: int | None, executor: Executor | None) -> Executor:
    """Return the store that a command works with, closed when it ends.

    Parameters
    ----------
    folder : Path
        Where it is.
    workers : int or None
        How many processes simulate what is missing, where there is no executor.
    executor : Executor or None
        Who else does.
    """
    from livesim.experiment.store import Store

    ctx = click.get_current_context()
    store = ctx.with_resource(Store(folder, executor, workers))
    ctx.call_on_close(lambda: _tell_of(store))
    return store


def _tell_of(store: Store) -> None:
    """Say what was there, unless nothing was asked for, as after a mistake."""
    if store.found or store.done:
        more = "; the same command simulates only what is missing" * store.stopped
        click.echo(visible(f"{store.folder}: {store.about}{more}"), err=True)


def report_options(command: Command) -> Command:
    """Return a command with the forms in which it can tell of the files it tests."""
    junit = click.option(
        "--junit",
        type=FilePath(path_type=Path, dir_okay=False),
        metavar="FILE",
        callback=_tried,
        help="Write JUnit's XML, too.",
    )
    form = click.option(
        "--format",
        "form",
        type=click.Choice(["text", "github"]),
        default="text",
        show_default=True,
        help="For people, or as annotations of GitHub.",
    )
    return junit(form(json_option(command)))


@contextmanager
def told_before() -> Iterator[None]:
    """Say before the work that a place cannot be written to: who looks on can mend it meanwhile.

    It is tried again when there is an answer, which is printed in any case.
    """
    try:
        yield
    except UnwritableError as error:
        click.echo(visible(f"{error}; what is found is printed all the same"), err=True)


def _tried(ctx: click.Context, option: click.Parameter, file: Path | None) -> Path | None:
    """Return a file, and say if it cannot be written."""
    from livesim.places import said_as_error, try_place

    if file is not None and not (file.exists() and not file.is_file()):  # nor a pipe
        with told_before(), said_as_error(file):
            try_place(file.absolute())
    return file


@contextmanager
def reported(file: Path | None, text: Callable[[], str]) -> Iterator[None]:
    """Write a report of CI, with the folder in which it is to be, even if printing it fails."""
    from livesim.places import said_as_error, write_whole

    try:
        yield
    finally:
        if file is not None:
            with said_as_error(file):
                file.parent.mkdir(parents=True, exist_ok=True)
                write_whole(file, text())


def show_options(command: Command) -> Command:
    """Return a command with what says which show is meant."""

    @wraps(command)
    def run(
        *given: Any,
        scenario: Path,
        settings: tuple[str, ...],
        alternative: str | None,
        **named: Any,
    ) -> Any:
        return command(*given, show=ShowFile(scenario, settings, alternative), **named)

    return cast(Command, set_option(alternative_option(scenario_argument(run))))


def examples(*lines: str) -> str:
    r"""Return the examples of a command as click prints them below its options.

    Parameters
    ----------
    *lines : str
        Command lines.

    Returns
    -------
    str
        Lines that click does not wrap.

    Examples
    --------
    >>> examples("livesim schema")
    '\x08\nExamples:\n  livesim schema'
    """
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def read_option(kind: Kind, option: str, text: str) -> float:
    """Read the value of an option in the notation of a scenario's file.

    Parameters
    ----------
    kind : Kind
        What kind of quantity it is.
    option : str
        What the option is called.
    text : str
        What was given.

    Raises
    ------
    UsageError
        If it is no such quantity, with the option, the rule and the remedy.

    Examples
    --------
    >>> from livesim.scenario.quantities import MONEY
    >>> read_option(MONEY, "--budget", "60k")
    60000.0
    """
    from livesim.scenario.quantities import QuantityError

    try:
        return kind.read(text)
    except QuantityError as error:
        raise click.UsageError(f"{option}: {error.what}: {error.remedy}") from None


def write_file(file: Path, content: str | bytes, *, replace: bool) -> None:
    """Write what a command makes to a file, whole or not at all.

    Parameters
    ----------
    file : Path
        The file.
    content : str or bytes
        What is to be in it.
    replace : bool
        Whether it may be there already.

    Raises
    ------
    UsageError
        If it is there, or cannot be written.
    """
    from livesim.places import write_whole

    try:
        if file.exists() and not replace:
            raise click.UsageError(f"{file} exists: choose another name, or add --force")
        write_whole(file, content)
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from None


#: Numbers with commas between them, or from one to another.
_SEVERAL: Final = re.compile(r"(?P<path>[\w.]+)=\s*(?P<values>\d[\d.]*(?:,\s?\d[\d.]*)+)\s*")


def changes(settings: Sequence[str]) -> dict[str, Any]:
    """Return what ``--set`` asks for, as path → value.

    Parameters
    ----------
    settings : sequence of str
        Texts such as ``products.serum.owned=800``.

    Returns
    -------
    dict of str to value

    Raises
    ------
    UsageError
        If a text is no assignment.

    Examples
    --------
    >>> changes(["products.serum.owned=800", "show.length=2h"])
    {'products.serum.owned': 800, 'show.length': '2h'}
    """
    from livesim.scenario.paths import parse_assignment

    for text in settings:
        if several := _SEVERAL.fullmatch(text):
            path, values = several["path"], several["values"]
            raise click.UsageError(
                f"{path}: the comma in {values} could separate thousands or decimals, or several "
                "values: write 1_000 for a thousand; --set gives one value, several are tried by "
                f"livesim sweep SCENARIO --over {path}={values}, or compared with a --set for each"
            )
    assignments = [parse_assignment(text) for text in settings]
    return {".".join(path): value for path, value in assignments}
