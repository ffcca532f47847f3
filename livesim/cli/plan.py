"""The command that says how many units to have."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from livesim.cli import exits
from livesim.cli.given import Output, ShowFile, Work
from livesim.cli.notation import read_option
from livesim.cli.options import command, replications_option, show_options, study_options

if TYPE_CHECKING:
    from livesim.experiment.runner import Progress
    from livesim.planning.recommendation import Plan

_BUDGET = "supply.budget"
#: What asks for a simulation, by parameter: senseless for a plan that is saved.
_SIMULATION = {
    "replications": "--replications",
    "precision": "--precision",
    "most": "--max-replications",
    "seed": "--seed",
    "workers": "--workers",
    "alternative": "--alternative",
}


@command(
    "livesim plan my_show.yaml",
    "livesim plan my_show.yaml --objective service=90%@20min --budget 60k",
    "livesim plan my_show.yaml --precision 2% --out plans/my_show",
    "livesim plan plans/my_show --objective loss=10%",
    "livesim plan plans/my_show --set supply.pack=12",
    "livesim plan my_show.yaml --json | jq .products.serum.recommended",
    short="Recommend how many units to have, and say what being wrong costs.",
)
@click.option(
    "--objective",
    "words",
    default="profit",
    show_default=True,
    metavar="WORDS",
    help="What the plan is for: profit, service=90%@20min (not sold out by then), service=95% "
    "(by the end), fill=95% (of demand), loss=10% (at most), worst=-50k (mean of the worst 10 %).",
)
@click.option("--budget", metavar="AMOUNT", help="Most that the purchase may cost.")
@replications_option(2000)
@click.option(
    "--precision",
    metavar="SHARE",
    help="Add replications until the recommended units are this exact, as in 2%.",
)
@click.option(
    "--max-replications",
    "most",
    default=20_000,
    show_default=True,
    help="Most replications in all, with --precision.",
)
@study_options("the plan, its stock curves and figures")
@show_options
@click.pass_context
def plan(
    ctx: click.Context,
    words: str,
    budget: str | None,
    replications: int,
    precision: str | None,
    most: int,
    work: Work,
    output: Output,
    show: ShowFile,
) -> None:
    """Recommend how many units of each product to have for SCENARIO, with the cost of being wrong.

    SCENARIO is a scenario file, or a FOLDER that --out wrote: then it is decided anew, without any
    simulation, for another objective, budget or pack.

    Where units can be called in the show, reserve: {…, when: {at: 10min, sold: best}} asks whether
    it is worth waiting for the first ten minutes: the plan says from how much sold on calling
    earns, as livesim live would decide then, and what the wait brings.
    """
    changed = _with_budget(show.changes, budget)
    if show.path.is_dir():
        if not (show.path / "manifest.json").is_file():
            raise click.UsageError(
                f"{show.path}: is not a livesim plan: manifest.json is missing: give a folder that "
                "livesim plan --out FOLDER wrote, or the file of a scenario"
            )
        _refuse_simulation(ctx)
        exits.show_found(partial(_decided_anew, show.path, changed, words), output)
        return
    with work.begun(replications):
        from livesim.experiment.study import check_replications
        from livesim.planning.objectives import objective_of
        from livesim.planning.plan import plan as make_plan
        from livesim.planning.plan import rough_answer
        from livesim.planning.recommendation import Plan
        from livesim.resolve import resolve_file
        from livesim.results.folders import Study

        objective = objective_of(words)
        check_replications(replications)
        exactness = _precision(ctx, precision, replications, most)
        resolution = resolve_file(show.path, changed, alternative=show.alternative)
        up_to = replications if exactness is None else most
        output.prepare(Plan.kind, Study(resolution.scenario.digest, work.seed, up_to))
        exits.show_found(
            lambda progress: make_plan(
                resolution,
                objective=objective,
                replications=replications,
                precision=exactness,
                most_replications=most,
                **work.telling(progress),
            ),
            output,
            partial(rough_answer, resolution, replications, objective=objective, seed=work.seed),
        )


def _with_budget(changed: dict[str, Any], budget: str | None) -> dict[str, Any]:
    """Return the changes with the budget among them."""
    if budget is None:
        return changed
    if _BUDGET in changed:
        raise click.UsageError(f"--budget and --set {_BUDGET} say the same: keep one of them")
    from livesim.scenario.quantities import MONEY

    return {**changed, _BUDGET: read_option(MONEY, "--budget", budget)}


def _precision(ctx: click.Context, text: str | None, replications: int, most: int) -> float | None:
    if text is None:
        if _given(ctx, "most"):
            raise click.UsageError(
                "--max-replications limits what --precision adds: give both, or say with -n how "
                "many to simulate"
            )
        return None
    from livesim.planning.plan import check_precision
    from livesim.scenario.quantities import POSITIVE_SHARE

    precision = read_option(POSITIVE_SHARE, "--precision", text)
    check_precision(precision, replications, most)
    return precision


def _refuse_simulation(ctx: click.Context) -> None:
    """Refuse options that a plan from saved curves cannot follow."""
    for parameter, option in _SIMULATION.items():
        if _given(ctx, parameter):
            raise click.UsageError(
                f"{option} asks for a simulation, but a saved plan is decided anew without one: "
                "leave it away, or give the scenario's file"
            )


def _given(ctx: click.Context, parameter: str) -> bool:
    return ctx.get_parameter_source(parameter) is ParameterSource.COMMANDLINE


def _decided_anew(
    folder: Path, changed: Mapping[str, Any], words: str, progress: Progress | None
) -> Plan:
    from livesim.planning.objectives import objective_of
    from livesim.planning.plan import decide_again
    from livesim.planning.saved import load

    objective = objective_of(words)
    curves, resolution = load(folder, changed)
    return decide_again(curves, objective, resolution, progress=progress)
