"""The command that simulates a show and says what happens to the stock."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

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


@click.command(
    short_help="Simulate SCENARIO: viewers, stock and money.",
    epilog=examples(
        "livesim run my_show.yaml",
        "livesim run my_show.yaml -n 5000 --seed 7 --out results/my_show",
        "livesim run my_show.yaml --set products.serum.owned=1_200",
        "livesim run my_show.yaml --json | jq .products.serum.sold_out",
    ),
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
    seed: int,
    workers: int | None,
    executor: Executor | None,
    output: Output,
    settings: tuple[str, ...],
    alternative: str | None,
    engine: str,
    scenario: Path,
) -> None:
    """Simulate SCENARIO and say what happens to viewers, stock and money."""
    from livesim.experiment.study import check_replications, rough_result, simulate
    from livesim.resolve import resolve_file
    from livesim.results import Result
    from livesim.results.folders import Study

    check_replications(replications)
    resolution = resolve_file(scenario, changes(settings), alternative=alternative)
    output.prepare(Result.kind, Study(resolution.scenario.digest, seed, replications))
    show_found(
        lambda progress: simulate(
            resolution,
            replications=replications,
            seed=seed,
            workers=workers,
            executor=executor,
            engine=engine,
            progress=progress,
        ),
        output,
        partial(rough_result, resolution, replications, seed=seed),
    )
