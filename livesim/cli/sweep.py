"""The command that says what a show comes to at each of many values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livesim.cli.exits import show_found
from livesim.cli.options import (
    Output,
    changes,
    examples,
    replications_option,
    show_options,
    study_options,
)

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from livesim.resolve import Resolution


#: Two numbers that look like one with a comma for its thousands.
_ONE_OR_TWO = re.compile(r"([1-9]\d{0,2}),(\d{3})")


@click.command(
    short_help="Simulate SCENARIO at each of many values.",
    epilog=examples(
        "livesim sweep my_show.yaml --over products.serum.owned=50,100,200",
        "livesim sweep viya_famous_misfit --over deal.guest_fee=1M,2M --against viya_small_fit",
        "livesim sweep my_show.yaml --over deal.guest_fee=0,5k --over viewers=1k,2k --json",
    ),
)
@click.option(
    "--over",
    "paths",
    multiple=True,
    required=True,
    metavar="PATH=V1,V2,...",
    help="Values to try; of several --over every combination.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="SCENARIO",
    help="Compare all points with this show, changed by --set, too, and of the same alternative "
    "where it describes some. [default: the first point]",
)
@replications_option(1000)
@study_options("every point's figures and drawings")
@show_options
def sweep(
    paths: tuple[str, ...],
    against: Path | None,
    replications: int,
    seed: int,
    workers: int | None,
    executor: Executor | None,
    output: Output,
    settings: tuple[str, ...],
    alternative: str | None,
    scenario: Path,
) -> None:
    """Simulate SCENARIO at each of many values, using common random numbers."""
    from livesim.experiment.runner import Runner
    from livesim.experiment.sweeping import Grid, Sweep
    from livesim.results.answer import digest_of
    from livesim.results.folders import Study

    over, changed = _over(paths), changes(settings)
    twice = next((path for path in over if path in changed), None)
    if twice is not None and against is None:
        raise click.UsageError(f"--over and --set both change {twice}: keep one of them")
    baseline = None if against is None else _baseline(against, changed, alternative)
    grid = Grid.of(scenario, over, baseline, changed, alternative)
    digest = digest_of(show.scenario for show in grid.shows.values())
    output.prepare(Sweep.kind, Study(digest, seed, replications))
    show_found(
        lambda progress: grid.swept(Runner(workers, executor, progress), replications, seed),
        output,
    )


def _baseline(file: Path, changed: Mapping[str, Any], alternative: str | None) -> Resolution:
    """Return the show to compare with, of the alternative that is asked for where it has some."""
    from livesim.resolve import alternatives, resolve_file

    return resolve_file(file, changed, alternative=alternative if alternatives(file) else None)


def _over(texts: Sequence[str]) -> dict[str, list[Any]]:
    """Return the values to try by path.

    Examples
    --------
    >>> _over(["show.length=1h, 2h", "viewers={p10: 1, likely: 2, p90: 3},5k"])
    {'show.length': ['1h', '2h'], 'viewers': [{'p10': 1, 'likely': 2, 'p90': 3}, '5k']}
    """
    from livesim.scenario.paths import parse_assignment

    over: dict[str, list[Any]] = {}
    for text in texts:
        path, equals, values = text.partition("=")
        if not values.strip():
            raise click.UsageError(
                f"--over {text} has no values: write PATH=V1,V2,..., such as "
                "products.serum.owned=50,100,200"
            )
        if path.strip() in over:
            raise click.UsageError(f"{path.strip()} is swept twice: write all values in one --over")
        _refuse_comma(text, values)
        # In brackets the values are a list in a file's notation, commas within braces included.
        names, parsed = parse_assignment(f"{path}{equals}[{values}]")
        over[".".join(names)] = parsed
    return over


def _refuse_comma(text: str, values: str) -> None:
    """Ask whether 1,500 is a single value or two."""
    if found := _ONE_OR_TWO.fullmatch(values.strip()):
        first, second = found.groups()
        raise click.UsageError(
            f"--over {text} could be {first} and {second}, or {first}{second}: write "
            f"'{first}, {second}' for two values"
        )
