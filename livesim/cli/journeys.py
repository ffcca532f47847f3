"""The command that tells what single viewers go through."""

from __future__ import annotations

from pathlib import Path

import click

from livesim.cli.given import ShowFile
from livesim.cli.options import FilePath, command, seed_option, show_options
from livesim.cli.writing import told_before, write_file
from livesim.errors import visible


@command(
    "livesim journeys my_show.yaml | head",
    "livesim journeys my_show.yaml -n 20 --seed 7 --out journeys.csv",
    "livesim journeys my_show.yaml --set products.serum.owned=1_200",
)
@click.option(
    "-n",
    "--replications",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Simulated shows, at most 250.",
)
@seed_option
@click.option(
    "--out",
    type=FilePath(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to this file instead.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
@show_options
def journeys(replications: int, seed: int, out: Path | None, force: bool, show: ShowFile) -> None:
    """Print what every single viewer of SCENARIO went through, as CSV.

    One row an event: comes, orders, is served, pays, leaves, … The shows are simulated viewer by
    viewer; they follow the law of `livesim run` and are not the same shows.
    """
    from livesim.experiment.journeys import journeys as recorded

    if out is not None:
        _check_free(out, force=force)
    table = recorded(show.resolved(), replications=replications, seed=seed)
    text = table.to_csv(index=False, float_format="%.3f", lineterminator="\n")
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        write_file(out, text, replace=force)
    except click.UsageError:
        click.echo(text, nl=False)
        raise
    click.echo(visible(f"Wrote {out}"), err=True)


def _check_free(file: Path, *, force: bool) -> None:
    """See before the work whether a file can be written."""
    from livesim.places import said_as_error, try_place

    if file.exists() and not force:
        raise click.UsageError(f"{file} exists: choose another name, or add --force")
    if file.is_file() or not file.exists():
        with told_before(), said_as_error(file):
            try_place(file.absolute())
