"""A plan in one document for machines: what ``livesim plan --json`` prints.

All numbers are finite; what never happens, or takes more replications to say, is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from livesim.planning.drivers import Driver
from livesim.planning.plan import Choice, ItemPlan, Plan
from livesim.planning.sensitivity import Deviation
from livesim.planning.words import written
from livesim.results.document import Document, finite
from livesim.results.intervals import Estimate, estimate


def summary(plan: Plan) -> Document:
    """Summarise a plan as plain data, ready for JSON.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    dict
        ``products`` by name: totals ``owned`` and ``recommended`` (with units that arrive
        during the show), ``purchase``, ``good_range``, ``simulation_interval`` [units]; ``cost``
        and expected profits, slot fees left out [currency]; chances in [0, 1]. A product with
        ``variants`` has the sums of these, and no chance of its own; ``replayed`` says how much of
        its curves is exact (:data:`~livesim.planning.curves.Known`). ``choices`` are the whole
        show's: now, recommended, and by the benchmark rule; ``sensitivity`` what other numbers of
        units cost; ``drivers`` what decides the recommendation, most important first;
        ``release_plans`` how it can be put on sale, empty for a plan from saved curves.

    Examples
    --------
    >>> import livesim
    >>> from livesim.experiment.runner import Runner
    >>> from livesim.planning.building import build_curves
    >>> scenario = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> curves = build_curves(scenario, replications=50, runner=Runner(workers=1))
    >>> found = livesim.replan(curves)
    >>> summary(found)["products"]["serum"]["owned"]
    50
    """
    curves = plan.curves
    names = [item.name for item in curves.items]
    document: Document = finite(
        {
            "scenario": curves.scenario.title,
            "objective": written(plan.objective),
            "reached": plan.decision.reached,
            "replications": curves.replications,
            "seed": curves.seed,
            "digest": curves.scenario.digest,
            "reaction": curves.reaction,
            "simulation_error": plan.simulation_error,
            "precision": plan.precision,
            "products": {
                name: {
                    **_product([item for item in plan.items if item.curve.item.product == name]),
                    "replayed": curves.known(name),
                }
                for name in curves.scenario.products
            },
            "purchase": {
                "units": sum(item.purchase for item in plan.items),
                "cost": sum(item.cost for item in plan.items),
                "rounding_cost": plan.decision.rounding_cost,
            },
            "choices": {choice.name: _choice(choice, names) for choice in plan.choices},
            "sensitivity": [_deviation(deviation, names) for deviation in plan.sensitivity],
            "drivers": [_driver(driver, names) for driver in plan.drivers],
            "value_of_perfect_information": asdict(plan.value_of_perfect_information),
            "release_plans": [asdict(way) for way in plan.release_plans],
            "remarks": plan.remarks,
            "notes": (*plan.decision.notes, *plan.notes),
        }
    )
    return document


def _product(items: Sequence[ItemPlan]) -> Document:
    if len(items) == 1:
        return _item(items[0])
    variants = {item.curve.item.name.split(".")[1]: _item(item) for item in items}
    curves = [item.curve for item in items]
    now = sum(curve.at("profit", curve.item.owned) for curve in curves)
    then = sum(
        item.curve.at("profit", item.recommended - item.curve.item.arriving) for item in items
    )
    return {
        **{
            key: sum(variant[key] for variant in variants.values())
            for key in ("owned", "recommended", "purchase", "cost")
        },
        **{
            key: [sum(variant[key][end] for variant in variants.values()) for end in (0, 1)]
            for key in ("good_range", "simulation_interval")
        },
        "sold_out_chance": None,
        "sold_out_chance_now": None,
        **_profits(estimate(then), estimate(now)),
        "demand": asdict(estimate(sum(curve.demand for curve in curves))),
        "variants": variants,
    }


def _item(item: ItemPlan) -> Document:
    now, then = item.sold_out_now, item.sold_out_then
    return {
        "owned": item.owned,
        "recommended": item.recommended,
        "purchase": item.purchase,
        "cost": item.cost,
        "good_range": list(item.good_range),
        "simulation_interval": list(item.simulation_interval),
        "sold_out_chance": then.chance,
        "sold_out_interval": [then.low, then.high],
        "sold_out_chance_now": now.chance,
        "sold_out_interval_now": [now.low, now.high],
        **_profits(item.profit_then, item.profit_now),
        "demand": asdict(item.demand),
        "left_over": asdict(item.left_over),
    }


def _profits(then: Estimate, now: Estimate) -> Document:
    return {
        "expected_profit": then.mean,
        "expected_profit_half_width": then.half_width,
        "expected_profit_now": now.mean,
        "expected_profit_now_half_width": now.half_width,
    }


def _choice(choice: Choice, names: Sequence[str]) -> Document:
    told = asdict(choice)
    del told["name"]
    return {**told, "units": dict(zip(names, choice.units, strict=True))}


def _deviation(deviation: Deviation, names: Sequence[str]) -> Document:
    return {
        **asdict(deviation),
        "units": dict(zip(names, deviation.units, strict=True)),
        "sold_out": dict(zip(names, deviation.sold_out, strict=True)),
    }


def _driver(driver: Driver, names: Sequence[str]) -> Document:
    return {
        **asdict(driver),
        "low": dict(zip(names, driver.low, strict=True)),
        "high": dict(zip(names, driver.high, strict=True)),
    }
