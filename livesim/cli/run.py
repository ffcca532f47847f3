"""The command that simulates a show and says what happens to the stock."""

from __future__ import annotations

from functools import partial

import click

from livesim.cli.exits import show_found
from livesim.cli.given import Output, ShowFile, Work
from livesim.cli.options import command, replications_option, show_options, study_options


@command(
    "livesim run my_show.yaml",
    "livesim run my_show.yaml -n 5000 --seed 7 --out results/my_show",
    "livesim run my_show.yaml --set products.serum.owned=1_200",
    "livesim run my_show.yaml --json | jq .products.serum.sold_out",
    short="Simulate SCENARIO: viewers, stock and money.",
)
@replications_option(1000)
@study_options("results and figures")
@click.option(
    "--engine",
    type=click.Choice(["cohort", "agent"]),
    default="cohort",
    show_default=True,
    help="Count viewers who are alike, or follow each: the same law, and slow.",
)
@show_options
def run(
    replications: int,
    work: Work,
    output: Output,
    show: ShowFile,
    engine: str,
) -> None:
    """Simulate SCENARIO and say what happens to viewers, stock and money."""
    from livesim.experiment.study import check_replications, rough_result, simulate
    from livesim.results import Result
    from livesim.results.folders import Study

    check_replications(replications)
    resolution = show.resolved()
    output.prepare(Result.kind, Study(resolution.scenario.digest, work.seed, replications))
    show_found(
        lambda progress: simulate(
            resolution, replications=replications, engine=engine, **work.telling(progress)
        ),
        output,
        partial(rough_result, resolution, replications, seed=work.seed),
    )
