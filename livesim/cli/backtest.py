"""The command that says how well past shows could have been foretold."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from livesim.cli.exits import show, show_found
from livesim.cli.given import Output
from livesim.cli.notation import changes
from livesim.cli.options import (
    FilePath,
    alternative_option,
    answer_options,
    command,
    history_option,
    set_option,
)


@command(
    "livesim backtest my_show.yaml",
    "livesim backtest --history shows.csv",
    "livesim backtest --history shows.csv --out backtest.html",
    "livesim backtest --history shows.csv --json | jq .coverage.units",
    short="Forecast each past show from those before it.",
)
@history_option
@answer_options("the forecasts and figures")
@set_option
@alternative_option
@click.argument("scenario", type=FilePath(path_type=Path), required=False)
def backtest(
    files: tuple[Path, ...],
    output: Output,
    settings: tuple[str, ...],
    alternative: str | None,
    scenario: Path | None,
) -> None:
    """Forecast each past show from those before it, and score that against what came.

    With SCENARIO, its products are forecast, as livesim calibrate would have known them by then.
    Without, whole shows are, of any host: rows without a product are a whole show's; without such
    rows, a show's products are added up. A show of less than 30 minutes, or without a length, is
    left out; one without a unit sold counts for its views only. All that is left out is said.
    """
    from livesim.history import History
    from livesim.learning import Backtest
    from livesim.learning import backtest as tested

    output.prepare(Backtest.kind, None)
    past = History.read(files) if files else None
    if scenario is not None:
        told = partial(tested, scenario, past, changes(settings), alternative=alternative)
        show_found(lambda progress: told(progress=progress), output)
    elif past is None or settings or alternative:
        raise click.UsageError("give SCENARIO, or past shows alone with --history FILE")
    else:
        show(tested(past), output)
