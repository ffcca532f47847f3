"""The command that tests what scenario files expect of their shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from livesim.cli.executors import opened_cluster
from livesim.cli.exits import BROKEN, INTERRUPTED, MISTAKE, UNDECIDED
from livesim.cli.notation import read_option
from livesim.cli.options import (
    EACH_PATH,
    FilePath,
    cluster_option,
    command,
    report_options,
    seed_option,
    workers_option,
)
from livesim.cli.terminal import at_work
from livesim.cli.writing import reported
from livesim.errors import Interrupted

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from livesim.checking.findings import Report


@command(
    "livesim check my_show.yaml",
    "livesim check shows/ --junit check.xml",
    "livesim check shows/ --update                      keep what these shows come to now",
    "livesim check shows/ --changed-since origin/main   only what a branch touches",
    "livesim check shows/ --format github --time-budget 5min",
    "livesim check shows/ --json | jq '.shows[].expectations[].verdict'",
    "pytest --livesim shows/                            as tests of pytest, one a file",
    short="Test what scenario files expect of their shows.",
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
@click.option(
    "--changed-since",
    metavar="REV",
    help="Only shows that rest on a file that changed since this revision of git.",
)
@click.option(
    "--update", "anew", is_flag=True, help="Keep what the shows come to now; test nothing."
)
@click.option(
    "--cache",
    type=FilePath(path_type=Path),
    metavar="FOLDER",
    help="Where verdicts are kept.  [default: livesim's folder of the user's cache]",
)
@click.option("--no-cache", is_flag=True, help="Recall no verdicts of earlier runs, and keep none.")
@seed_option
@workers_option
@cluster_option
@report_options
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=EACH_PATH)
@click.pass_context
def check(
    ctx: click.Context,
    error_rate: str,
    most: int,
    time_budget: str | None,
    changed_since: str | None,
    anew: bool,
    cache: Path | None,
    no_cache: bool,
    seed: int,
    workers: int | None,
    cluster: str | None,
    junit: Path | None,
    form: str,
    as_json: bool,
    paths: tuple[Path, ...],
) -> None:
    """Test what scenario files expect of their shows, by simulating until it is decided.

    PATHs are files, and folders in which all files with a line `expect:` are tested; without any,
    this folder is. Each expectation holds, is broken, is missing (there is no such figure), or is
    undecided after the most replications.

    --update keeps what each show comes to as baselines/NAME.json beside its file. From then on it
    is expected to stay so: to the last bit with the same versions, in law with others.

    Figures of `livesim compare` have their show behind them: `profit.differences.SHOW: "> 0"`, of
    how far SHOW is from this one, or `profit.values.SHOW.p10: "> 0"`.

    What cannot be read, and a baseline whose show is gone, is a mistake; all else is tested.

    A verdict is recalled, not simulated again, where nothing it rests on has changed.

    A link that you name is followed; those in a folder that lead out of it are not.

    Exit codes: 0 all hold, 1 one is broken or missing, 2 a file has mistakes or a report cannot be
    written, 4 one is undecided, 130 interrupted: what was tested by then is told.
    """
    paths = paths or (Path(),)
    if anew:
        _refuse_beside_update(ctx)
        ctx.exit(_update(paths, seed, workers, opened_cluster(cluster, workers)))
    if cache is not None and no_cache:
        raise click.UsageError("--cache says where verdicts are kept, --no-cache that none are")
    from livesim.checking.check import Options
    from livesim.checking.check import check as checked
    from livesim.scenario.quantities import POSITIVE_DURATION, SHARE

    seconds = None
    if time_budget is not None:
        seconds = read_option(POSITIVE_DURATION, "--time-budget", time_budget)
    options = Options(
        error_rate=read_option(SHARE, "--error-rate", error_rate),
        most_replications=most,
        time_budget=seconds,
        changed_since=changed_since,
        cache=None if no_cache else cache or _usual_cache(),
        seed=seed,
        workers=workers,
        executor=opened_cluster(cluster, workers),
    )
    with at_work() as progress:
        try:
            report = checked(paths, replace(options, progress=progress))
        except Interrupted as stop:
            report = stop.answer
    _say(report, form, as_json, junit)
    ctx.exit(INTERRUPTED if report.interrupted else _exit_code(report))


def _refuse_beside_update(ctx: click.Context) -> None:
    """Refuse options of testing where nothing is tested."""
    taken = {"anew", "seed", "workers", "cluster", "paths"}
    given = [
        option.opts[0]
        for option in ctx.command.params
        if option.name not in taken
        and ctx.get_parameter_source(str(option.name)) == ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(
            f"{' and '.join(given)} {'is' if len(given) == 1 else 'are'} for tests, and --update "
            "tests nothing: leave out one or the other"
        )


def _update(
    paths: tuple[Path, ...], seed: int, workers: int | None, executor: Executor | None
) -> int:
    """Keep what shows come to, and say what moved."""
    from livesim.checking.check import update
    from livesim.checking.formats import kept_text

    stopped = False
    with at_work() as progress:
        try:
            kept = update(paths, seed=seed, workers=workers, executor=executor, progress=progress)
        except Interrupted as stop:
            kept, stopped = stop.answer, True
    click.echo("\n".join(map(kept_text, kept)))
    if stopped:
        click.echo("Interrupted: of the other shows nothing new was kept.", err=True)
        return INTERRUPTED
    return MISTAKE if any(one.show.mistakes for one in kept) else 0


def _usual_cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("livesim", appauthor=False) / "verdicts"


def _say(report: Report, form: str, as_json: bool, junit: Path | None) -> None:
    from livesim.checking import formats
    from livesim.results.document import json_text

    with reported(junit, lambda: formats.junit(report)):
        if as_json:
            click.echo(json_text(formats.document(report)))
        else:
            click.echo(formats.github(report) if form == "github" else formats.text(report))


def _exit_code(report: Report) -> int:
    """Return what the worst of all findings is for a shell."""
    if any(show.mistakes for show in report.shows):
        return MISTAKE
    if any(finding.fails for finding in report.findings):
        return BROKEN
    return UNDECIDED if any(finding.is_open for finding in report.findings) else 0
