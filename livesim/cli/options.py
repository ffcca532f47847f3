"""Arguments and options that several commands have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

scenario_argument = click.argument("scenario", type=click.Path(path_type=Path))

set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one value, as in products.serum.owned=800; may be repeated.",
)


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

    assignments = [parse_assignment(text) for text in settings]
    return {".".join(path): value for path, value in assignments}
