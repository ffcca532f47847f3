"""What a command shows besides files: progress while it works, and the answer."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from livesim.experiment.runner import Progress
    from livesim.report.pages import Page
    from livesim.results.answer import Answer


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
def at_work() -> Iterator[Progress | None]:
    """Give what shows progress, as ``progress(what, done, total)``; None without a terminal.

    Meanwhile Ctrl-C raises KeyboardInterrupt; afterwards no worker is left.
    """
    from livesim.experiment.executors import end_workers

    with interruptible():
        try:
            with _progress_bar() as progress:
                yield progress
        finally:
            end_workers()


@contextmanager
def _progress_bar() -> Iterator[Progress | None]:
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Simulating", total=None)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total
        )


def echo(answer: Answer, form: str) -> None:
    """Print an answer.

    Parameters
    ----------
    answer : Answer
        The answer.
    form : str
        What to print: what it says ``brief`` or ``full``, or its document as ``json``.
    """
    if form == "json":
        from livesim.results.document import json_text

        click.echo(json_text(answer.document()))
        return
    from livesim.report import views

    show_page(views.full(answer) if form == "full" else views.brief(answer))


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
