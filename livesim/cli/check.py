"""The command that tests what scenario files expect of their shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from livesim.cli.exits import BROKEN, MISTAKE, UNDECIDED
from livesim.cli.options import examples, json_option, read_option, seed_option, workers_option
from livesim.cli.terminal import progress_bar

if TYPE_CHECKING:
    from livesim.checking.check import Report


@click.command(
    short_help="Test what scenario files expect of their shows.",
    epilog=examples(
        "livesim check my_show.yaml",
        "livesim check shows/ --junit check.xml",
        "livesim check shows/ --format github --time-budget 5min",
        "livesim check shows/ --json | jq '.shows[].expectations[].verdict'",
    ),
)
@click.option(
    "--error-rate",
    default="1%",
    show_default=True,
    metavar="SHARE",
    help="Chance that any verdict of the run is wrong by chance.",
)
@click.option(
    "--max-replications",
    "most",
    default=4000,
    show_default=True,
    help="Most simulated shows of a kind, in whole blocks of 250; what is open then is undecided.",
)
@click.option(
    "--time-budget",
    metavar="TIME",
    help="Add no replications that would take longer than this in all, as in 5min.",
)
@seed_option
@workers_option
@click.option(
    "--junit", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit's XML, too."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "github"]),
    default="text",
    show_default=True,
    help="For people, or as annotations of GitHub.",
)
@json_option
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.pass_context
def check(
    ctx: click.Context,
    error_rate: str,
    most: int,
    time_budget: str | None,
    seed: int,
    workers: int | None,
    junit: Path | None,
    form: str,
    as_json: bool,
    paths: tuple[Path, ...],
) -> None:
    """Test what scenario files expect of their shows, by simulating until it is decided.

    PATHs are files, and folders in which all files with a line `expect:` are tested; without any,
    this folder is. Each expectation holds, is broken, is missing (there is no such figure), or is
    undecided after the most replications.

    Exit codes: 0 all hold, 1 one is broken or missing, 2 a file has mistakes, 4 one is undecided.
    """
    from livesim.checking import formats
    from livesim.checking.check import check as checked
    from livesim.results.document import json_text
    from livesim.scenario.quantities import POSITIVE_DURATION, SHARE

    seconds = None
    if time_budget is not None:
        seconds = read_option(POSITIVE_DURATION, "--time-budget", time_budget)
    with progress_bar() as progress:
        report = checked(
            paths or (Path(),),
            error_rate=read_option(SHARE, "--error-rate", error_rate),
            most_replications=most,
            time_budget=seconds,
            seed=seed,
            workers=workers,
            progress=progress,
        )
    if as_json:
        click.echo(json_text(formats.document(report)))
    else:
        click.echo(formats.github(report) if form == "github" else formats.text(report))
    if junit is not None:
        junit.write_text(formats.junit(report), encoding="utf-8")
    ctx.exit(_exit_code(report))


def _exit_code(report: Report) -> int:
    """Return what the worst of all findings is for a shell."""
    if any(show.mistakes for show in report.shows):
        return MISTAKE
    if any(finding.fails for finding in report.findings):
        return BROKEN
    return UNDECIDED if any(finding.is_open for finding in report.findings) else 0
