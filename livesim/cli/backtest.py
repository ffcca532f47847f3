"""The command that says how well past shows could have been foretold."""

from __future__ import annotations

from pathlib import Path

import click

from livesim.cli.exits import show
from livesim.cli.options import Output, answer_options, examples


@click.command(
    short_help="Forecast each past show from those before it.",
    epilog=examples(
        "livesim backtest --history shows.csv",
        "livesim backtest --history shows.csv --out backtest.html",
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
@answer_options("the forecasts and figures")
def backtest(files: tuple[Path, ...], output: Output) -> None:
    """Forecast each past show from those before it, and score that against what came.

    Rows without a product are a whole show's; without such rows, a show's products are added up.
    A show of less than 30 minutes, or without a length, is left out; one without a unit sold counts
    for its views only. All that is left out is said.
    """
    from livesim.history import History
    from livesim.learning import backtest as tested

    show(tested(History.read(files)), output)
