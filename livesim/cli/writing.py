"""Files that commands write, beside their answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from livesim.errors import UnwritableError, visible


@contextmanager
def told_before() -> Iterator[None]:
    """Say before the work that a place cannot be written to: who looks on can mend it meanwhile.

    It is tried again when there is an answer, which is printed in any case.
    """
    try:
        yield
    except UnwritableError as error:
        click.echo(visible(f"{error}; what is found is printed all the same"), err=True)


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
