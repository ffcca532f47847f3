"""The command that tells what single viewers go through."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from secrets import token_hex

import click

from livesim.cli.options import (
    alternative_option,
    changes,
    examples,
    scenario_argument,
    seed_option,
    set_option,
)
from livesim.errors import visible


@click.command(
    epilog=examples(
        "livesim journeys my_show.yaml | head",
        "livesim journeys my_show.yaml -n 20 --seed 7 --out journeys.csv",
        "livesim journeys my_show.yaml --set products.serum.owned=1_200",
    )
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
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to this file instead.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
@set_option
@alternative_option
@scenario_argument
def journeys(
    replications: int,
    seed: int,
    out: Path | None,
    force: bool,
    settings: tuple[str, ...],
    alternative: str | None,
    scenario: Path,
) -> None:
    """Print what every single viewer of SCENARIO went through, as CSV.

    One row an event: comes, orders, is served, pays, leaves, … The shows are simulated viewer by
    viewer; they follow the law of `livesim run` and are not the same shows.
    """
    from livesim.experiment.journeys import journeys as recorded
    from livesim.resolve import resolve_file

    if out is not None and out.exists() and not force:
        raise click.UsageError(f"{out} exists: choose another name, or add --force")
    resolution = resolve_file(scenario, changes(settings), alternative=alternative)
    table = recorded(resolution, replications=replications, seed=seed)
    text = table.to_csv(index=False, float_format="%.3f", lineterminator="\n")
    if out is None:
        click.echo(text, nl=False)
    else:
        _write(text, out)
        click.echo(visible(f"Wrote {out}"), err=True)


def _write(text: str, file: Path) -> None:
    """Write a file beside its place and move it there when it is whole."""
    unfinished = file.with_name(f".{file.name}.{token_hex(4)}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(file)
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):
            unfinished.unlink()
