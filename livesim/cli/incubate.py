"""The command that says how many candidates to try, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from livesim.cli.exits import show_found
from livesim.cli.given import Output, ShowFile, Work
from livesim.cli.notation import read_option
from livesim.cli.options import command, show_options, study_options

if TYPE_CHECKING:
    from livesim.scenario.quantities import Kind


@command(
    "livesim incubate incubator",
    "livesim incubate incubator --tried 5,20,80 --lengths 5min,20min --shows 1,2,4",
    "livesim incubate incubator --set incubator.promotes=3 --out results/incubator",
    "livesim incubate incubator --json | jq .best",
    short="Recommend how many candidates to try, and how long.",
)
@click.option("--tried", metavar="N,N,...", help="Numbers of candidates to look at.")
@click.option("--lengths", metavar="TIME,...", help="Lengths of a trial show to look at.")
@click.option("--shows", metavar="N,N,...", help="Numbers of trial shows to look at.")
@click.option(
    "-n",
    "--candidates",
    default=1000,
    show_default=True,
    help="Simulated candidates, in whole batches of 50.",
)
@click.option(
    "--later-shows",
    default=20,
    show_default=True,
    help="Shows in which each of them is valued, apart from the trials.",
)
@study_options("the choices, the candidates and figures")
@show_options
def incubate(
    tried: str | None,
    lengths: str | None,
    shows: str | None,
    candidates: int,
    later_shows: int,
    work: Work,
    output: Output,
    show: ShowFile,
) -> None:
    """Say how many candidates to try in SCENARIO, how long, and how often the best is picked."""
    from livesim.planning.incubating import incubate as incubated
    from livesim.planning.incubation import Incubation
    from livesim.results.folders import Study
    from livesim.scenario.quantities import POSITIVE_DURATION

    times = None if lengths is None else _values(POSITIVE_DURATION, "--lengths", lengths)
    numbers, evenings = _counts("--tried", tried), _counts("--shows", shows)
    resolution = show.resolved()
    output.prepare(Incubation.kind, Study(resolution.scenario.digest, work.seed, candidates))
    show_found(
        lambda progress: incubated(
            resolution,
            tried=numbers,
            lengths=times,
            shows=evenings,
            candidates=candidates,
            later_shows=later_shows,
            **work.telling(progress),
        ),
        output,
    )


def _counts(option: str, text: str | None) -> list[int] | None:
    """Read the numbers of an option; None where it was not given."""
    from livesim.scenario.quantities import POSITIVE_COUNT

    return None if text is None else [int(n) for n in _values(POSITIVE_COUNT, option, text)]


def _values(kind: Kind, option: str, text: str) -> list[float]:
    """Read the values of an option, parted by commas."""
    return [read_option(kind, option, value.strip()) for value in text.split(",")]
