"""The command that says how well past shows could have been foretold."""

from __future__ import annotations

from pathlib import Path

import click

from livesim.cli.options import examples, json_option
from livesim.cli.terminal import show_page


@click.command(
    short_help="Forecast each past show from those before it.",
    epilog=examples(
        "livesim backtest --history shows.csv",
        "livesim backtest --history shows.csv --figure pit.svg",
        "livesim backtest --history shows.csv --json | jq .coverage.units",
    ),
)
@click.option(
    "--history",
    "files",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A table of past shows, as livesim import writes it; may be repeated.",
)
@click.option(
    "--figure",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw where the shows lay in their forecasts, as .svg or .png.",
)
@json_option
def backtest(files: tuple[Path, ...], figure: Path | None, as_json: bool) -> None:
    """Forecast each past show from those before it, and score that against what came.

    Rows without a product are a whole show's; without such rows, a show's products are added up.
    A show of less than 30 minutes, or without a length, is left out; one without a unit sold counts
    for its views only. All that is left out is said.
    """
    from livesim.history import History
    from livesim.history.backtest import backtest as tested
    from livesim.report import backtest_tables

    kind = None if figure is None else figure.suffix.lower().removeprefix(".")
    if kind not in (None, "svg", "png"):
        raise click.UsageError(f"--figure {figure} is drawn as .svg or .png: name it so")
    found = tested(History.read(files))
    if as_json:
        from livesim.results.document import json_text

        click.echo(json_text(backtest_tables.document(found)))
    else:
        show_page(backtest_tables.page(found))
    if figure is not None:
        from livesim.report.backtest_figures import figures
        from livesim.report.drawing import image_files

        figure.write_bytes(image_files(figures(found), "svg" if kind == "svg" else "png")["pit"])
