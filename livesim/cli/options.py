"""Arguments and options that several commands have."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import click

from livesim.cli.executors import opened_cluster, opened_store
from livesim.cli.given import Output, ShowFile, Work
from livesim.cli.writing import told_before

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
    "a run that was interrupted goes on, and more replications cost only new blocks of 250.",
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

    @wraps(command)
    def run(*given: Any, form: str, as_json: bool, **named: Any) -> Any:
        if as_json and form == "github":
            raise click.UsageError("--json is for programs, --format github for GitHub: take one")
        return command(*given, form=form, as_json=as_json, **named)

    return cast(Command, junit(form(json_option(run))))


def _tried(ctx: click.Context, option: click.Parameter, file: Path | None) -> Path | None:
    """Return a file, and say if it cannot be written."""
    from livesim.places import said_as_error, try_place

    if file is not None and not (file.exists() and not file.is_file()):  # nor a pipe
        with told_before(), said_as_error(file):
            try_place(file.absolute())
    return file


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


def command(
    *lines: str, short: str | None = None, name: str | None = None
) -> Callable[[Callable[..., Any]], click.Command]:
    """Return what makes a function a command.

    Parameters
    ----------
    *lines : str
        Its examples: command lines.
    short : str, optional
        What the list of commands says of it; without, its first sentence.
    name : str, optional
        What it is called; without, as the function.
    """
    return click.command(name, short_help=short, epilog=examples(*lines))


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
