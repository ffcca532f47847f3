"""Values of options in the notation of a scenario's file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

if TYPE_CHECKING:
    from livesim.scenario.quantities import Kind

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
            _refuse_several(several["path"], several["values"])
    assignments = [parse_assignment(text) for text in settings]
    return {".".join(path): value for path, value in assignments}


def _refuse_several(path: str, values: str) -> NoReturn:
    """Raise a mistake: a comma in a number, or several numbers."""
    first, *others = re.split(r",\s?", values)
    what = f"{path}: the comma in {values} could separate thousands or decimals"
    if any(re.fullmatch(r"0\d+", one) for one in others):  # no number by itself
        raise click.UsageError(f"{what}: write 1_000 for a thousand, 1.5 for one and a half")
    listed = ", ".join([first, *others])
    raise click.UsageError(
        f"{what}, or several values: write 1_000 for a thousand; --set gives one value, several "
        f'are tried by livesim sweep SCENARIO --over "{path}={listed}", or compared with a --set '
        "for each"
    )


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
