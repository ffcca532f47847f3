"""What a command shows besides files: progress while it works, and a page or a document."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from livesim.experiment.runner import Progress
    from livesim.report.pages import Page


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


def show_page(page: Page) -> None:
    """Print a page: with colours on a terminal, else as plain text."""
    from livesim.report.pages import plain, styled

    if sys.stdout is not None and sys.stdout.isatty():
        from rich.console import Console

        Console().print(styled(page))
    else:
        click.echo(plain(page))


def show_document(document: dict[str, Any]) -> None:
    """Print one JSON document."""
    from livesim.results.document import json_text

    click.echo(json_text(document))
