"""What a command shows besides files: progress while it works, and the answer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livesim.errors import visible

if TYPE_CHECKING:
    from livesim.experiment.runner import Progress
    from livesim.report.pages import Page
    from livesim.results.answer import Answer


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """Give what shows progress, as ``progress(what, done, total)``; None without a terminal."""
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


def show(answer: Answer, out: Path | None, form: str) -> None:
    """Keep an answer in a folder, if one is given, and print it.

    Parameters
    ----------
    answer : Answer
        The answer.
    out : Path or None
        Where to keep it.
    form : str
        What to print: what it says ``brief`` or ``full``, or its document as ``json``.
    """
    if out is not None:
        answer.save(out)
        next_step = answer.kind.next_step and f"; {answer.kind.next_step.format(out)}"
        click.echo(visible(f"Kept in {out}{next_step}"), err=True)
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
