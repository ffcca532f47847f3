"""How a command ends: what is said, and the exit code.

A mistake of the user gets its message and no traceback; a fault of livesim gets one line and the
way to the traceback; a reader that closes the pipe (``| head``) and Ctrl-C end the command quietly.
"""

from __future__ import annotations

import errno
import os
import re
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from livesim.cli.given import Output
from livesim.cli.terminal import at_work, display, echo, interruptible, loading
from livesim.errors import (
    AS_CHANGED,
    Interrupted,
    LivesimError,
    LostWarning,
    Mistake,
    MistakesError,
    ResultsError,
    visible,
)

if TYPE_CHECKING:
    from livesim.experiment.runner import Progress
    from livesim.results.answer import Answer

BROKEN = 1
"""Of `livesim check`: an expectation is broken, or there is no such figure."""
MISTAKE = 2
FAULT = 3
UNDECIDED = 4
"""Of `livesim check`: an expectation is neither shown to hold nor to be broken."""
LOST = 5
"""Workers or a cluster were lost: what is shown is of what was done by then."""
INTERRUPTED = 130
"""128 + SIGINT, as shells count."""
PIPE_CLOSED = 141
"""128 + SIGPIPE, as shells count."""

_DEBUG = "LIVESIM_DEBUG"
#: A path with its value, as click tells of arguments that nobody asked for.
_ALONE = re.compile(r"(?<=[( ])\w+(?:\.\w+)*=[^ )]+(?=[ )])")
#: What a pool of processes says of a worker that it replaced: nothing is lost by it.
_OF_WORKERS = "A worker (stopped|was restarted) while some jobs were given"
#: What is loaded to show an answer, and to keep one.
_SHOWN = ("livesim.report.views",)
_KEPT = (
    *("jinja2", "pyarrow.parquet", "pandas"),
    *("matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg"),
)


def show_found(
    work: Callable[[Progress | None], Answer],
    output: Output,
    rough: Callable[[], Answer | None] | None = None,
) -> None:
    """Do a command's work and show what it found; if it is interrupted, what there is by then.

    Parameters
    ----------
    work : callable
        From what shows progress to what is found.
    output : Output
        Where to keep it, and what to print.
    rough : callable, optional
        Gives an answer from few shows, for a terminal to show meanwhile.
    """
    meanwhile = (
        *(_SHOWN if output.form != "json" or output.places else ()),
        *(_KEPT if output.places else ()),
    )
    with (
        at_work(rough if output.form != "json" else None) as progress,
        loading(*meanwhile),
    ):
        try:
            found = work(progress)
        except Interrupted as stop:
            found = stop.answer
    show(found, output)


def show(answer: Answer, output: Output) -> None:
    """Print an answer, then keep it wherever it is asked for: what fails takes nothing else along.

    What was interrupted is kept without figures, as they take longer than who interrupts may want
    to wait.

    Parameters
    ----------
    answer : Answer
        The answer.
    output : Output
        Where to keep it, and what to print.

    Raises
    ------
    ResultsError
        If it cannot be kept; it has been printed then.
    OSError
        If it cannot be printed, as to a reader that is gone; it has been kept then.
    """
    from livesim.report.language import retold, say

    interruption = retold(answer.origin.interruption)
    failed: Exception | None = None
    try:
        with interruptible():
            echo(answer, output)
            if sys.stdout is not None:
                sys.stdout.flush()
    except KeyboardInterrupt:
        if not output.places:
            raise
        interruption = interruption or say("Interrupted: it is kept without figures.")
    except OSError as error:
        failed = error
    for place in output.places:
        try:
            interruption = interruption or _kept_with_figures(answer, place, output.replace)
            if interruption:
                answer.save(place, replace=output.replace, figures=False)
            step = _next_step(answer, place)
            click.echo(visible(say("Kept in {place}{step}", place=str(place), step=step)), err=True)
        except ResultsError as error:
            failed = failed or error
    if failed:
        raise failed
    if interruption:
        click.echo(interruption, err=True)
        ctx = click.get_current_context()
        ctx.exit(LOST if _has_lost(ctx) else INTERRUPTED)


def _next_step(answer: Answer, place: Path) -> str:
    """Say what can be done with an answer's folder, or how to look at its file."""
    from livesim.report.language import say

    step = answer.kind.next_step if place.is_dir() else _OPEN.get(place.suffix.lower(), "")
    return f"{say('; ')}{say(step).format(place)}" if step else ""


#: How to look at a file, by its ending.
_OPEN = {".xlsx": "open it with Excel", ".html": "open it in a browser, or mail it"}


def _kept_with_figures(answer: Answer, folder: Path, replace: bool) -> str:
    """Keep an answer with its figures; say so if Ctrl-C came before it was there."""
    from livesim.report.language import say

    try:
        what = say("Drawing and writing {place}", place=visible(str(folder)))
        with interruptible(), display(what) as shown:
            answer.save(folder, replace=replace, progress=shown.tell)
    except KeyboardInterrupt:
        return say("Interrupted: it is kept without figures.")
    return ""


#: What the system says of a place where nothing can be written.
#: What only writing can meet; what reading can, too.
_NO_PLACE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_PLACES = (
    *_NO_PLACE,
    *(errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ENOTDIR, errno.ENOENT, errno.EINVAL),
)


def _write_anything(stream: TextIO | None) -> None:
    """Write UTF-8 to files and pipes, and to a terminal what it can show."""
    if isinstance(stream, TextIOWrapper):
        own = stream.encoding if stream.isatty() else "utf-8"
        stream.reconfigure(encoding=own, errors="replace")


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    if isinstance(message, LostWarning):
        click.get_current_context().meta[LostWarning.__name__] = True
    click.echo(visible(str(message)), err=True)


def _has_lost(ctx: click.Context) -> bool:
    return LostWarning.__name__ in ctx.meta


class Commands(click.Group):
    """A group of commands that turns exceptions into messages and exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        for stream in (sys.stdout, sys.stderr):
            _write_anything(stream)
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _warn
                warnings.filterwarnings("ignore", _OF_WORKERS, UserWarning)
                return super().invoke(ctx)
        except click.ClickException as error:
            vars(error)["message"] = visible(error.message + _meant(error))  # click calls it final
            raise
        except (click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            lost = _has_lost(ctx)
            click.echo(f"{'Stopped' if lost else 'Interrupted'}; nothing was kept.", err=True)
            ctx.exit(LOST if lost else INTERRUPTED)
        except LivesimError as error:
            click.echo(visible(_told(error)), err=True)
            ctx.exit(MISTAKE)
        except OSError as error:
            if error.errno in _PLACES:
                what = f"the output cannot be written: {error.strerror}"
                if error.filename and error.errno not in _NO_PLACE:
                    what = f"{error.filename}: {error.strerror}; check its name and permissions"
                click.echo(visible(what), err=True)
                ctx.exit(MISTAKE)
            if error.errno != errno.EPIPE:
                _confess(error)
                ctx.exit(FAULT)
            # Python would complain when it flushes the closed pipe on its way out.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(PIPE_CLOSED)
        except Exception as error:
            _confess(error)
            ctx.exit(FAULT)


def _told(error: LivesimError) -> str:
    """Return what is wrong, of a change with the option that it was given by."""
    if not isinstance(error, MistakesError):
        return str(error)
    return str(type(error)([with_option(one, "--set") for one in error.mistakes]))


def with_option(mistake: Mistake, option: str) -> Mistake:
    """Return a mistake, of a change with the option that it was given by in the place of a file."""
    return replace(mistake, file=option) if mistake.file == AS_CHANGED else mistake


def _meant(error: click.ClickException) -> str:
    """Return how values are given that stand without an option, where a command takes some."""
    command = error.ctx.command if isinstance(error, click.UsageError) and error.ctx else None
    options = {option for one in command.params for option in one.opts} if command else set()
    alone = _ALONE.findall(error.message) if "extra argument" in error.message else []
    for option in ("--over", "--set"):
        if alone and option in options:
            return f": write {' '.join(f'{option} {value}' for value in alone)}"
    if "extra argument" in error.message and not alone:
        return ": it takes one file; a name with blanks stands in quotes, as in 'my show.yaml'"
    return ""


def _confess(error: Exception) -> None:
    if os.environ.get(_DEBUG):
        import traceback

        traceback.print_exception(error)
        return
    what = " ".join(f"{type(error).__name__}: {error}".split())
    click.echo(f"livesim failed, and it is not your mistake: {visible(what)}", err=True)
    click.echo(f"Run it again with {_DEBUG}=1 in the environment to see where.", err=True)
