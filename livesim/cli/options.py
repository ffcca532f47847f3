"""Arguments and options that several commands have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from livesim.scenario.quantities import Kind

#: A command's function, which an option leaves as it is.
Command = TypeVar("Command", bound=Callable[..., Any])

scenario_argument = click.argument("scenario", type=click.Path(path_type=Path))

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
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document instead of tables."
)
#: How an answer is printed: ``brief``, ``full`` or ``json``; of two, the last that is asked for.
_full = click.option(
    "--full",
    "form",
    flag_value="full",
    default="brief",
    help="Print all of it, not only the answer.",
)
_json = click.option("--json", "form", flag_value="json", help="Print it as one JSON document.")


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


def study_options(kept: str) -> Callable[[Command], Command]:
    """Return the options of every command that simulates and gives an answer.

    Parameters
    ----------
    kept : str
        What ``--out`` keeps.
    """
    out = click.option(
        "--out",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help=f"Keep {kept} in this folder.",
    )
    return lambda command: seed_option(workers_option(out(_full(_json(command)))))


def report_options(command: Command) -> Command:
    """Return a command with the forms in which it can tell of the files it tests."""
    junit = click.option(
        "--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit's XML, too."
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


def show_options(command: Command) -> Command:
    """Return a command with what says which show is meant."""
    return set_option(alternative_option(scenario_argument(command)))


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
