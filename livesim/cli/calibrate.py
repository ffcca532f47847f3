"""The command that says what past shows say of the next one."""

from __future__ import annotations

from pathlib import Path

import click

from livesim.cli.options import changes, examples, json_option, show_options
from livesim.cli.terminal import show_page


@click.command(
    short_help="Say what past shows say of SCENARIO.",
    epilog=examples(
        "livesim calibrate my_show.yaml",
        "livesim calibrate my_show.yaml --history shows.csv",
        "livesim calibrate my_show.yaml --history shows.csv --json | jq .factors",
    ),
)
@click.option(
    "--history",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A table of past shows, as livesim import writes it; may be repeated. [default: what "
    "SCENARIO names as its history]",
)
@json_option
@show_options
def calibrate(
    files: tuple[Path, ...],
    as_json: bool,
    settings: tuple[str, ...],
    alternative: str | None,
    scenario: Path,
) -> None:
    """Say what past shows say of SCENARIO: of its viewers, and of orders by product.

    What SCENARIO says itself is the planner's own view, and counts as one more observation. A
    product that was sold out tells a lower bound of demand, or how fast it went where the moment is
    known.
    """
    from livesim.history import History
    from livesim.report import calibration_tables
    from livesim.resolve.resolving import calibrate_file

    past = History.read(files) if files else None
    found = calibrate_file(scenario, past, changes(settings), alternative=alternative)
    if as_json:
        from livesim.results.document import json_text

        click.echo(json_text(calibration_tables.document(found)))
    else:
        show_page(calibration_tables.page(found))
