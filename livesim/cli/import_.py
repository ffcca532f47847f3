"""The command that reads what dashboards export into one table of past shows."""

from __future__ import annotations

from pathlib import Path

import click

from livesim.cli.options import FilePath, command


@command(
    "livesim import Creator-Live-Performance_*.xlsx --out shows.csv",
    "livesim import july.json minutes.json --time-zone Asia/Bangkok --out shows.csv",
    "livesim import my_shows.csv --decimal , --dates dmy --out shows.csv",
    "livesim import --list",
    short="Read dashboards' exports of past shows into one table.",
    name="import",
)
@click.option(
    "-o",
    "--out",
    "--output",
    "output",
    type=FilePath(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the table goes, as CSV, such as shows.csv; what is known by the minute then goes "
    "to shows.minutes.csv. [default: print the shows]",
)
@click.option("--force", is_flag=True, help="Overwrite the output and the minutes beside it.")
@click.option(
    "--decimal",
    type=click.Choice([".", ","]),
    help="What separates decimals, where the files do not show it: 1,234 may be two numbers.",
)
@click.option(
    "--dates",
    type=click.Choice(["dmy", "mdy"]),
    help="Whether 01/07 is the first of July or the seventh of January, where they do not show it.",
)
@click.option(
    "--time-zone",
    metavar="NAME",
    help="Where the shows were, as in Asia/Bangkok, for files on the clock of UTC.",
)
@click.option("--format", "form", metavar="NAME", help="Which export the files are; see --list.")
@click.option("--list", "only_list", is_flag=True, help="Say which exports are known, and end.")
@click.argument("exports", nargs=-1, metavar="EXPORT...", type=FilePath(path_type=Path))
def import_(
    output: Path | None,
    force: bool,
    decimal: str | None,
    dates: str | None,
    time_zone: str | None,
    form: str | None,
    only_list: bool,
    exports: tuple[Path, ...],
) -> None:
    """Read EXPORTs of dashboards, or sheets of your own, into one table: a row a show and product.

    A sheet of your own has a row a show, or a row a show and product, below headings such as date,
    length (min), host, viewers, product, price, sold, stock and sold out at (a moment, or no or 0,
    yes or 1). What is not known stays empty. Rows that cannot be right are left out, and it is
    said why.
    """
    from livesim.errors import UnwritableError
    from livesim.history.history import History, csv_text, minutes_beside
    from livesim.history.readers.formats import described
    from livesim.history.table import SHOWS

    if only_list:
        click.echo(described())
        return
    if not exports:
        raise click.UsageError("name the files to read, or say --list")
    if output is not None:
        _check_free(output, exports, force)
    history = History.read(
        exports,
        decimal=decimal,  # type: ignore[arg-type]
        dates=dates,  # type: ignore[arg-type]
        time_zone=time_zone,
        format=form,
    )
    for note in history.notes:
        click.echo(f"- {note}", err=True)
    if output is None:
        if history.minutes is not None:
            click.echo("- what is known by the minute is not printed: say --out", err=True)
        click.echo(csv_text(history.shows, SHOWS), nl=False)
        return
    old = minutes_beside(output)
    gone = history.minutes is None and old.exists()
    try:
        written = ", ".join(str(path) for path in history.save(output))
    except UnwritableError:
        click.echo(csv_text(history.shows, SHOWS), nl=False)
        raise
    click.echo(f"Wrote {written}: {history.about}.")
    if gone:
        click.echo(f"Removed {old}: it was of other shows, and these have no minutes.")


def _check_free(output: Path, exports: tuple[Path, ...], force: bool) -> None:
    """Refuse an output that would overwrite something."""
    from livesim.history.history import minutes_beside

    for path in (output, minutes_beside(output)):
        if path.resolve() in [one.resolve() for one in exports]:
            raise click.UsageError(f"{path} is one of the files to read: choose another name")
        if path.exists() and not force:
            raise click.UsageError(f"{path} exists: choose another name, or add --force")
    if not output.resolve().parent.is_dir():
        raise click.UsageError(f"there is no folder {output.parent} to write to")
