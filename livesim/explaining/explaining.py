"""Explain a figure of a show from its replications, and from some of them that take place twice."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from livesim.arrays import Array, Floats
from livesim.errors import Interrupted, UsageError
from livesim.experiment.custom import NONE, Custom, refuse_custom
from livesim.experiment.executors import Interrupts
from livesim.experiment.levels import of_stock
from livesim.experiment.runner import Progress
from livesim.experiment.study import resolution_of, simulate
from livesim.explaining.explanation import MOST, Explanation, Information
from livesim.explaining.failing import Failing, failing
from livesim.explaining.information import information
from livesim.explaining.region import region
from livesim.explaining.sobol import FOR_EACH_INPUT, chance_share, shares
from livesim.planning.items import counted_as_bought, items_of, owned_paths
from livesim.planning.kept import CURVES
from livesim.planning.plan import decide_again, plan
from livesim.planning.recommendation import Plan
from livesim.planning.saved import load as load_plan
from livesim.randomness import BATCH
from livesim.resolve import Resolution
from livesim.resolve.inputs import inputs_of
from livesim.results.answer import Origin
from livesim.results.figures import Named, flat, named
from livesim.results.intervals import Chance
from livesim.results.result import Result
from livesim.results.saved import load
from livesim.results.summary import measures, no_measures, stock
from livesim.scenario.scenario import Scenario
from livesim.scenario.sources import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livesim.experiment.custom import Behaviour, ShowProcess

#: What stands before the path of a figure of a plan.
PLAN: Final = "plan."
#: What a plan tells of a product, beside its potential demand and what would have to be bought.
_OF_PLAN: Final = ("demand", "sales", "lost", "left_over")
#: What is told of its stock, whoever takes of it: a bundle and a webshop, too.
_OF_STOCK: Final = ("demand", "sales", "lost", "potential_demand")
#: Every so many-th replication takes place once more.
_EVERY: Final = 5
#: A chance came true, and did not, in so many replications at least.
_FEWEST: Final = 20


@dataclass(frozen=True)
class _Seen:
    """Replications of a show: what was drawn and what came of it, by path, shape (R,)."""

    scenario: Scenario
    inputs: Mapping[str, Floats]
    known: Mapping[str, Array]
    origin: Origin
    plan: Plan | None = None


def explain(
    show: Scenario | Resolution | Source | Result | Plan,
    of: str = "profit",
    *,
    fails: str | None = None,
    replications: int = 2000,
    seed: int = 1,
    workers: int | None = None,
    processes: Sequence[ShowProcess] = (),
    behaviour: Behaviour | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Say which uncertainties make a figure vary, and where in them the show fails.

    Where failing is the rule, it is said where the show succeeds.

    Parameters
    ----------
    show
        The show, its file or folder; or a result or a plan, whose replications are used: then only
        a fifth of them takes place, once more, to see how much is chance.
    of
        The path of a figure, as in an expectation: ``profit``, ``serum.sold_out@5min``,
        ``peak_concurrent``. With ``plan.`` before it, of the show with what a plan recommends:
        ``plan.profit``; ``plan.serum.needed`` is what would have to be bought to serve all who
        want some. Then it is also said what knowing more is worth. Of a plan all figures are so.
    fails
        When a show fails by this figure, as in ``< 0`` or ``> 90%``. Otherwise: a chance that came
        true, a loss, or where losses are very rare or the rule, the lowest tenth.
    replications, seed
        Of the study, where there are none yet.
    workers, processes, behaviour, executor, progress
        As for `livesim.simulate`; with code of your own as in the replications that there are.

    Raises
    ------
    ScenarioError
        If the file has mistakes.
    UsageError
        If there is no such figure, it may never come, ``fails`` is no relation, or the
        replications are too few for so many inputs, or have had code that is not given here.
    Interrupted
        If it was interrupted after at least one block.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> found = livesim.explain(room, "orders", replications=100, workers=1)
    >>> found.failing
    'orders among the lowest tenth'
    """
    work: dict[str, Any] = {"workers": workers, "executor": executor, "progress": progress}
    work |= {"processes": processes, "behaviour": behaviour}
    seen = _seen(show, of, fails, {"replications": replications, "seed": seed, **work})
    if Custom.of(processes, behaviour) == NONE:
        refuse_custom(seen.origin.notes, "give processes and behaviour as they were")
    if seen.plan is not None:
        of = f"{PLAN}{of.removeprefix(PLAN)}"  # not of the show with what is owned
    figure = named(seen.known, of.removeprefix(PLAN))
    values = _numbers(figure, of)
    _check_enough(seen.inputs, len(values))
    rows = np.arange(0, len(values), _EVERY)
    again = _again(seen, of, rows, work)
    wrong = _failing(seen, of, figure, fails)
    fail = Chance.of(int(wrong.rows.sum()), len(wrong.rows))
    mostly = fail.chance > MOST
    with Interrupts(raising=False) as interrupts:  # all that was simulated is kept
        found = Explanation(
            made_from=seen.origin,
            of=of,
            figure=figure,
            inputs=seen.inputs,
            shares=shares(seen.inputs, values),
            chance=chance_share(values, values[rows[: len(again)]], again) if len(again) else None,
            repeated=len(again),
            failing=wrong.said,
            fails=fail,
            region=None if mostly else region(seen.inputs, wrong.rows),
            success_region=region(seen.inputs, ~wrong.rows) if mostly else None,
            information=_information(seen),
        )
    if len(again) < len(rows) or seen.origin.requested is not None or interrupts.noted:
        requested = seen.origin.requested or seen.origin.replications
        raise Interrupted(replace(found, made_from=replace(seen.origin, requested=requested)))
    return found


def _seen(
    show: Scenario | Resolution | Source | Result | Plan,
    of: str,
    fails: str | None,
    study: Mapping[str, Any],
) -> _Seen:
    """Return the replications to look at, which are simulated if there are none."""
    of_plan = of.startswith(PLAN)
    if isinstance(show, str | Path) and Path(show).is_dir():
        show = _kept(Path(show))
    if isinstance(show, Plan):
        return _seen_of_plan(show, of, study)
    if isinstance(show, Result):
        if of_plan:
            raise UsageError(f"{of} is a figure of a plan: give the scenario, or a plan's folder")
        return _of_result(show)
    resolution = resolution_of(show)
    _check_asked(resolution.scenario, of, fails)
    try:
        if not of_plan:
            return _of_result(simulate(resolution, **study))
        planned = plan(resolution, **study)
    except Interrupted as stop:
        if not of_plan:
            return _of_result(stop.answer)
        planned = stop.answer
    return _seen_of_plan(planned, of, study)


def _check_asked(scenario: Scenario, of: str, fails: str | None) -> None:
    """Raise a UsageError for a figure that there will not be, before anything is simulated."""
    known: dict[str, Array] = dict(flat(no_measures(scenario)))
    if of.startswith(PLAN):
        _refuse_purchase(scenario, of)
        known |= {f"products.{product}.needed": np.zeros(1) for product in _planned(scenario)}
    figure = named(known, of.removeprefix(PLAN))
    if fails is not None:
        failing(of, figure, fails)


def _refuse_purchase(scenario: Scenario, of: str) -> None:
    """Raise a UsageError for what a plan recommends to buy, which is the same in all shows."""
    *path, last = of.removeprefix(PLAN).removeprefix("products.").split(".")
    if last in ("buy", "purchase") and path and path[0] in _planned(scenario):
        raise UsageError(
            f"{of} is what the plan recommends, the same in every show: {PLAN}{path[0]}.needed is "
            "what would have to be bought to serve all who want some"
        )


def _kept(folder: Path) -> Result | Plan:
    """Return the result or the plan that is kept in a folder."""
    if not (folder / CURVES).exists():
        return load(folder)
    curves, resolution = load_plan(folder)
    return decide_again(curves, resolution=resolution)


def _of_result(result: Result) -> _Seen:
    known = _measured(result, None)
    return _Seen(result.scenario, dict(result.outcome.inputs), known, result.origin)


def _seen_of_plan(planned: Plan, of: str, study: Mapping[str, Any]) -> _Seen:
    """Return what is known of the show with what the plan recommends.

    What its curves do not tell, such as when it is sold out, is simulated with these units.
    """
    _refuse_purchase(planned.scenario, of)
    seen = _of_plan(planned)
    try:
        named(seen.known, of.removeprefix(PLAN))
    except UsageError:
        same = {"replications": planned.curves.replications, "seed": planned.curves.seed}
        try:
            result, origin = simulate(seen.scenario, **{**study, **same}), seen.origin
        except Interrupted as stop:
            result, origin = stop.answer, stop.answer.origin
        inputs, known = dict(result.outcome.inputs), _measured(result, planned)
        return replace(seen, inputs=inputs, known=known, origin=origin)
    return seen


def _of_plan(planned: Plan) -> _Seen:
    """Return what the curves tell of the show with what the plan recommends."""
    curves, units = planned.curves, planned.decision.units
    known: dict[str, Array] = {"show.profit": curves.profit_together(units)}
    known["show.loss"] = known["show.profit"] < 0
    for curve, level in zip(curves.curves, units, strict=True):
        product = f"products.{curve.item.product}"
        for name in _OF_PLAN:
            so_far = known.get(f"{product}.{name}", 0.0)
            known[f"{product}.{name}"] = so_far + curve.at(name, level)
        potential = f"{product}.potential_demand"
        known[potential] = known.get(potential, 0.0) + curve.demand
    recommended = owned_paths(curves.scenario, dict(zip(curves.items, units, strict=True)))
    scenario = curves.scenario.with_changes(recommended)
    return _Seen(
        scenario, curves.drawn, _with_purchases(known, curves.scenario), planned.origin, planned
    )


def _planned(scenario: Scenario) -> dict[str, list[int]]:
    """Return the products that a plan decides about, each with its variants' numbers.

    A bundle is none of them: it has no stock.
    """
    found: dict[str, list[int]] = {}
    for item in items_of(scenario):
        found.setdefault(item.product, []).extend(item.variants)
    return found


def _with_purchases(known: Mapping[str, Array], scenario: Scenario) -> dict[str, Array]:
    """Return the figures with what would have to be bought of each product to serve all."""
    return {
        **known,
        **{
            f"products.{name}.needed": np.maximum(
                known[f"products.{name}.potential_demand"] - stock(scenario, name), 0.0
            )
            for name in _planned(scenario)
        },
    }


def _measured(result: Result, planned: Plan | None) -> Mapping[str, Array]:
    """Return the figures of a result; those of a plan's products as the plan tells them."""
    known: dict[str, Array] = dict(flat(measures(result.outcome, result.scenario)))
    if planned is None:
        return known
    takes = inputs_of(result.scenario).takes
    for name in _OF_STOCK:
        taken = of_stock(result.outcome.variants, name) @ takes
        for product, variants in _planned(result.scenario).items():
            known[f"products.{product}.{name}"] = taken[:, variants].sum(axis=1)
    items = planned.curves.items
    for item, have in zip(items, planned.decision.units, strict=True):
        names = ("left_over", "cancelled", "returned", "bought")
        units = {name: result.outcome.variants[name].astype(float) for name in names}
        units |= {name: units[name] @ takes for name in ("cancelled", "returned")}
        mine = {name: of[:, list(item.variants)].sum(axis=1) for name, of in units.items()}
        known["show.profit"] = known["show.profit"] + counted_as_bought(
            planned.scenario, item, have, mine
        )
    known["show.loss"] = known["show.profit"] < 0
    return _with_purchases(known, planned.scenario)


def _numbers(figure: Named, of: str) -> Floats:
    """Return a figure as numbers, 1 for what happened."""
    values = figure.values.astype(float)
    if not np.isfinite(values).all():
        raise UsageError(
            f"{of} never comes in some shows, so it has no variance: ask for a chance, as in "
            "serum.sold_out@5min"
        )
    if not np.ptp(values) > 0:
        raise UsageError(f"{of} is {values[0]:g} in every show: there is nothing to explain")
    rarer = min(values.sum(), len(values) - values.sum())
    if figure.values.dtype == bool and rarer < _FEWEST:
        raise UsageError(
            f"{of} is the same in all but {rarer:.0f} of {len(values):,} shows, too few to explain "
            "it: take more replications (-n), or for a chance within a time another time"
        )
    return values


def _failing(seen: _Seen, of: str, figure: Named, fails: str | None) -> Failing:
    """Return where the show fails; a plan fails by its profit, unless it is asked otherwise."""
    if seen.plan is None or fails is not None:
        return failing(of, figure, fails)
    return failing(f"{PLAN}profit", named(seen.known, "profit"), None)


def _check_enough(inputs: Mapping[str, Floats], replications: int) -> None:
    varying = sum(bool(np.ptp(values) > 0) for values in inputs.values())
    least = FOR_EACH_INPUT * varying
    if replications < least:
        raise UsageError(
            f"{varying} uncertain inputs cannot be told apart from {replications:,} replications: "
            f"take {-(-least // 50) * 50:,} or more (-n)"
        )


def _again(seen: _Seen, of: str, rows: Array, work: Mapping[str, Any]) -> Floats:
    """Return the figure of some replications that take place once more with the same inputs."""
    if seen.origin.requested is not None:
        return np.empty(0)  # who interrupts does not want to wait
    inputs = {path: values[rows] for path, values in seen.inputs.items()}
    try:
        result = simulate(
            seen.scenario,
            inputs=inputs or None,
            replications=None if inputs else -(-len(rows) // BATCH) * BATCH,
            seed=seen.origin.seed + 1,
            **work,
        )
    except Interrupted as stop:
        result = stop.answer
    except KeyboardInterrupt:
        return np.empty(0)
    known = _measured(result, seen.plan)
    return named(known, of.removeprefix(PLAN)).values.astype(float)[: len(rows)]


def _information(seen: _Seen) -> tuple[Information, ...]:
    if seen.plan is None or seen.origin.requested is not None:
        return ()
    return information(seen.plan.curves, seen.plan.objective)
