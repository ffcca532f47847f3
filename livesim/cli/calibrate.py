"""The command that says what past shows say of the next one."""

from __future__ import annotations

from pathlib import Path

from livesim.cli import exits
from livesim.cli.executors import opened_cluster
from livesim.cli.given import Output, ShowFile
from livesim.cli.options import (
    answer_options,
    cluster_option,
    command,
    history_option,
    show_options,
)


@command(
    "livesim calibrate my_show.yaml",
    "livesim calibrate my_show.yaml --history shows.csv",
    "livesim calibrate my_show.yaml --out calibration.html",
    "livesim calibrate my_show.yaml --history shows.csv --json | jq .factors",
    short="Say what past shows say of SCENARIO.",
)
@history_option
@cluster_option
@answer_options("what follows, its tables and figures")
@show_options
def calibrate(files: tuple[Path, ...], cluster: str | None, output: Output, show: ShowFile) -> None:
    """Say what past shows say of SCENARIO: of its viewers, and of orders by product.

    What SCENARIO says itself is the planner's own view, and counts as one more observation. A
    product that was sold out tells a lower bound of demand, or how fast it went where the moment is
    known.
    """
    from livesim.history import History
    from livesim.learning import Calibration
    from livesim.learning import calibrate as calibrated

    output.prepare(Calibration.kind, None)
    past = History.read(files) if files else None
    executor, picked = opened_cluster(cluster, None), show.alternative
    found = calibrated(show.path, past, show.changes, alternative=picked, executor=executor)
    exits.show(found, output)
