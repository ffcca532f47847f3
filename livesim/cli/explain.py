"""The command that says why a figure is what it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from livesim.cli.exits import show_found
from livesim.cli.given import Output, ShowFile, Work
from livesim.cli.options import command, replications_option, show_options, study_options

if TYPE_CHECKING:
    from livesim.resolve import Resolution


@command(
    "livesim explain my_show.yaml",
    "livesim explain my_show.yaml --of serum.sold_out@5min",
    "livesim explain my_show.yaml --of peak_concurrent --fails '>2k'",
    "livesim explain my_show.yaml --of plan.serum.needed",
    "livesim explain plans/my_show --of plan.profit --out why.html",
    "livesim explain my_show.yaml --json | jq '.inputs[0]'",
    short="Say which uncertainties make a figure vary, and where a show fails.",
)
@click.option(
    "--of",
    default="profit",
    show_default=True,
    metavar="FIGURE",
    help="What to explain, by the path that run --json has: profit, serum.sold_out@5min. With "
    "plan. before it: of the show with what livesim plan recommends; plan.serum.needed is what "
    "would have to be bought to serve all.",
)
@click.option(
    "--fails",
    metavar="RELATION",
    help="When a show fails by it, as in '< 0' or '> 90%'. [default: a chance that came true, a "
    "loss, or the lowest tenth]",
)
@replications_option(2000)
@study_options("the shares and their figure")
@show_options
def explain(
    of: str,
    fails: str | None,
    replications: int,
    work: Work,
    output: Output,
    show: ShowFile,
) -> None:
    """Say which uncertainties make a figure of SCENARIO vary, and where in them the show fails.

    SCENARIO is a scenario file, or a FOLDER that run --out or plan --out wrote: then its
    replications are used. A fifth of them takes place twice, to see how much is chance.
    """
    from livesim.experiment.study import check_replications
    from livesim.explaining.explaining import explain as explained
    from livesim.explaining.explanation import Explanation
    from livesim.results.folders import Study

    check_replications(replications)
    if show.path.is_dir() and (show.settings or show.alternative):
        raise click.UsageError(
            "--set and --alternative change a scenario, and a FOLDER is of one that took place: "
            "give the scenario's file"
        )
    source: Path | Resolution = show.path
    study = None
    if not show.path.is_dir():
        source = show.resolved()
        study = Study(source.scenario.digest, work.seed, replications)
    output.prepare(Explanation.kind, study)
    show_found(
        lambda progress: explained(
            source, of, fails=fails, replications=replications, **work.telling(progress)
        ),
        output,
    )
