"""What a command shows besides files: progress while it works, and the answer."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, cast

import click

from livesim.errors import visible

if TYPE_CHECKING:
    from livesim.cli.display import Display
    from livesim.cli.given import Output
    from livesim.cli.lines import Lines
    from livesim.experiment.runner import Progress
    from livesim.report.pages import Page
    from livesim.results.answer import Answer


#: What is done until a phase is named.
_FIRST = "Getting ready"
#: What has parts that import each other, and is loaded for every answer.
_ROUND = ("numpy.typing", "scipy.special", "livesim.resolve", "livesim.results")


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, so that something can be kept.

    Before and afterwards it ends the program at once, where that was started as one.
    """
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


@contextmanager
def at_work(rough: Callable[[], Answer | None] | None = None) -> Iterator[Progress]:
    """Give what shows progress, as ``progress(what, done, total)``.

    Meanwhile Ctrl-C raises KeyboardInterrupt; afterwards no worker is left.

    Parameters
    ----------
    rough : callable, optional
        Gives an answer from few shows, which a terminal has at once; None where that is no use.
    """
    from livesim.experiment.executors import end_workers

    with interruptible():
        try:
            with display() as shown:
                if rough is not None and _terminal():
                    _show_rough(cast("Display", shown), rough)
                yield shown.tell
        finally:
            end_workers()


@contextmanager
def loading(*modules: str) -> Iterator[None]:
    """Load modules meanwhile: else who presses Ctrl-C would wait seconds for them.

    What has parts that import each other is loaded before: where two threads come to such parts
    from two sides, Python hands out one of them half made.

    Parameters
    ----------
    *modules : str
        Their names.
    """
    for library in _ROUND:
        import_module(library)

    def load() -> None:
        for module in modules:
            with suppress(Exception):  # who needs it will say what is wrong
                import_module(module)

    thread = Thread(target=load, daemon=True)
    thread.start()
    try:
        yield
    except Exception:
        thread.join()  # no program may end amid what some libraries do when they are loaded
        raise
    thread.join()


@contextmanager
def display(what: str = _FIRST) -> Iterator[Display | Lines]:
    """Give what shows on a terminal that work is done; without one, what says so now and then.

    Parameters
    ----------
    what : str
        What is done until a phase is named.
    """
    if not _terminal():
        from livesim.cli.lines import Lines

        with Lines(what, lambda line: click.echo(visible(line), err=True)) as said:
            yield said
        return
    from livesim.cli.display import Display

    with Display(what) as shown:
        yield shown


def _terminal() -> bool:
    """Say whether somebody looks on."""
    return sys.stderr is not None and sys.stderr.isatty()


def _show_rough(shown: Display, rough: Callable[[], Answer | None]) -> None:
    """Show an answer from few shows; what is to be warned of is said with the final one."""
    import warnings

    from livesim.report import views
    from livesim.report.language import say
    from livesim.report.pages import styled

    shown.tell("A first look", 0, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer = rough()
    if answer is not None:
        title = say(
            "Rough, from {number} shows; the final answer takes its place",
            number=answer.origin.replications,
        )
        shown.show_rough(title, styled(views.first(answer)))
    shown.tell(_FIRST, 0, 1)


def echo(answer: Answer, output: Output) -> None:
    """Print an answer.

    Parameters
    ----------
    answer : Answer
        The answer.
    output : Output
        What to print of it, and where it is kept.
    """
    with display("Working out the answer"):
        said = _said(answer, output)
    if isinstance(said, str):
        click.echo(said)
    else:
        show_page(said)


def _said(answer: Answer, output: Output) -> Page | str:
    """Return what is printed; of hundreds of products that takes seconds."""
    if output.form == "json":
        from livesim.results.document import json_text

        return json_text(answer.document())
    from livesim.report import views

    is_kept = bool(output.places)
    return views.full(answer) if output.form == "full" else views.brief(answer, is_kept)


def show_page(page: Page) -> None:
    """Print a page of text, in colours on a terminal.

    Parameters
    ----------
    page : Page
        The page.
    """
    from livesim.report.pages import plain, styled

    if sys.stdout is not None and sys.stdout.isatty():
        from rich.console import Console

        Console().print(styled(page))
    else:
        click.echo(plain(page))
