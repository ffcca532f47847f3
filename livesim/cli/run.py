"""The command that simulates a show and says what happens to the stock."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livesim.cli.exits import first_of, show_found
from livesim.cli.options import (
    alternative_option,
    changes,
    examples,
    json_option,
    out_option,
    replications_option,
    scenario_argument,
    seed_option,
    set_option,
    workers_option,
)
from livesim.cli.terminal import show_document, show_page

if TYPE_CHECKING:
    from livesim.results.result import Result


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
@seed_option
@workers_option
@out_option("results and figures")
@json_option
@set_option
@alternative_option
@click.option(
    "--engine",
    type=click.Choice(["cohort", "agent"]),
    default="cohort",
    show_default=True,
    help="Count viewers who are alike, or follow each: the same law, and slow.",
)
@scenario_argument
def run(
    replications: int,
    seed: int,
    workers: int | None,
    out: Path | None,
    as_json: bool,
    settings: tuple[str, ...],
    alternative: str | None,
    engine: str,
    scenario: Path,
) -> None:
    """Simulate SCENARIO and say what happens to viewers, stock and money."""
    from livesim.experiment.study import check_replications, simulate
    from livesim.resolve import resolve_file
    from livesim.results.folder import check_free

    check_replications(replications)
    if out is not None:
        check_free(out)
    resolution = resolve_file(scenario, changes(settings), alternative=alternative)
    show_found(
        lambda progress: simulate(
            resolution,
            replications=replications,
            seed=seed,
            workers=workers,
            engine=engine,
            progress=progress,
        ),
        partial(_show, out=out, as_json=as_json),
        lambda result: first_of(result.replications, replications),
    )


def _keep(result: Result, folder: Path) -> None:
    from livesim.report.figures import rendered
    from livesim.results.folder import save

    figures = {f"figures/{name}": image for name, image in rendered(result).items()}
    save(result, folder, figures)
    click.echo(f"Kept in {folder}", err=True)


def _show(result: Result, out: Path | None, as_json: bool) -> None:
    if out is not None:
        _keep(result, out)
    if as_json:
        from livesim.results.summary import summary

        show_document(summary(result))
        return
    from livesim.report.tables import page

    show_page(page(result))
