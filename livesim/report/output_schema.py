"""The JSON Schema of what ``--json`` prints and folders keep: one document a kind of answer.

A figure has the same shape wherever it stands: an estimate (of a mean), a chance, or a difference.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from livesim.results.folders import FORMAT

Schema: TypeAlias = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer"}
_NUMBER: Final[Schema] = {"type": "number"}
_MAYBE: Final[Schema] = {"type": ["number", "null"]}
_INTERVAL: Final[Schema] = {"type": ["array", "null"], "items": _MAYBE}
_QUANTILES: Final = ("p10", "p50", "p90")
_YES_NO: Final[Schema] = {"type": "boolean"}
_CHANCE: Final[Schema] = {"$ref": "#/$defs/chance"}
_ESTIMATE: Final[Schema] = {"$ref": "#/$defs/estimate"}
_DIFFERENCE: Final[Schema] = {"$ref": "#/$defs/difference"}


def output_schema() -> Schema:
    """Return the JSON Schema of every document.

    Examples
    --------
    >>> list(output_schema()["$defs"])[:3]
    ['estimate', 'chance', 'difference']
    """
    kinds = {
        "result": _result(),
        "comparison": _comparison(),
        "sweep": {**_comparison(), **_sweep()},
        "plan": _plan(),
        "incubation": _incubation(),
        "explanation": _explanation(),
        "calibration": _calibration(),
        "backtest": _backtest(),
        "live": _live(),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Documents of livesim",
        "oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in kinds],
        "$defs": {
            "estimate": _closed(
                {
                    **dict.fromkeys(("mean", *_QUANTILES), _MAYBE),
                    **{f"{name}_interval": _INTERVAL for name in (*_QUANTILES, "mean")},
                },
                "Mean over all replications and quantiles, each with its 95 % interval without "
                "what the figure cannot be; null for never and unknown.",
            ),
            "chance": _closed(
                {"chance": _NUMBER, "low": _NUMBER, "high": _NUMBER},
                "A chance with its 95 % interval.",
            ),
            "difference": _closed(
                {
                    **dict.fromkeys(("difference", "low", "high", "narrowing"), _MAYBE),
                    **dict.fromkeys(("significant", "same"), _YES_NO),
                },
                "A paired difference from the base with its 95 % interval; null for never.",
            ),
            **{kind: _document(kind, figures) for kind, figures in kinds.items()},
        },
    }


def _document(kind: str, figures: Schema) -> Schema:
    """Return the schema of a document: what all say first, and the figures of its kind."""
    described = _closed({"title": _TEXT, "digest": _TEXT, "currency": _TEXT})
    described["properties"]["labels"] = _by_name(_TEXT)
    return _open(
        {
            "format": {"const": FORMAT},
            "kind": {"const": kind},
            "title": _TEXT,
            "scenarios": _by_name(described),
            "digest": _TEXT,
            "seed": _COUNT,
            "replications": _COUNT,
            "requested": _COUNT,
            "interrupted": _YES_NO,
            "versions": _by_name(_TEXT),
            "notes": _list(_TEXT),
            "fingerprint": _TEXT,
            **figures,
        }
    )


def _result() -> Schema:
    product = _by_name({"oneOf": [_ESTIMATE, _CHANCE, _COUNT]})
    return {
        "engine": _TEXT,
        "show": _by_name({"oneOf": [_ESTIMATE, _CHANCE]}),
        "products": _by_name(product),
    }


def _comparison() -> Schema:
    row = _closed(
        {
            "unit": _TEXT,
            "statistic": {"enum": ["mean", "chance", "median"]},
            "values": _by_name({"oneOf": [_ESTIMATE, _CHANCE]}),
            "differences": _by_name(_DIFFERENCE),
        }
    )
    return {
        "base": _TEXT,
        "intervals": _COUNT,
        "show": _by_name(row),
        "products": _by_name(_by_name(row)),
    }


def _sweep() -> Schema:
    crossing = {"at": _NUMBER, "low": _MAYBE, "high": _MAYBE, "rising": _YES_NO}
    return {
        "over": _by_name({"type": "array"}),
        "grid": _YES_NO,
        "points": _list(_closed({"name": _TEXT, "values": {"type": "object"}})),
        "crossings": _list(_closed(crossing)),
    }


def _product_of_plan() -> Schema:
    units = dict.fromkeys(("owned", "recommended", "purchase"), _COUNT)
    ranges = dict.fromkeys(("good_range", "simulation_interval"), _list(_COUNT))
    money = {"cost": _NUMBER, **dict.fromkeys(("earns", "earns_now", "demand"), _ESTIMATE)}
    whole = {**units, **ranges, **money}
    chances = ("unavailable", "unavailable_now", "sold_out", "sold_out_now")
    item = {**whole, "left_over": _ESTIMATE, "gain": _ESTIMATE, **dict.fromkeys(chances, _CHANCE)}
    exact = {"exact": _TEXT}
    return {
        "oneOf": [
            _open({**item, **exact}),
            _open({**whole, **exact, "variants": _by_name(_open(item))}),
        ]
    }


def _default() -> Schema:
    instead = _closed(
        {"value": _NUMBER, "units": _by_name(_COUNT), "cost": _NUMBER, "profit": _NUMBER}
    )
    return {
        **{"paths": _list(_TEXT), "value": _NUMBER, "part_of": {"type": ["string", "null"]}},
        **{"low": instead, "high": instead, "swing": _NUMBER},
    }


def _way_to_sell() -> Schema:
    way = {
        **{
            "product": _TEXT,
            "kind": _TEXT,
            "note": _TEXT,
            "changes": {"type": "object"},
            "recommended": _YES_NO,
        },
        **{"units": _COUNT, "sold_out": _CHANCE, "sold_out_after": _MAYBE},
        **dict.fromkeys(("gain", "on_sale", "lost", "left_over", "bought"), _ESTIMATE),
    }
    waits = dict.fromkeys(("above_called", "above_none"), _ESTIMATE)
    return {**_open(way), "properties": {**way, **waits}}


def _plan() -> Schema:
    choice = {
        "units": _by_name(_COUNT),
        "profit": _ESTIMATE,
        "loss": _CHANCE,
        "worst": _NUMBER,
        "gain": _ESTIMATE,
    }
    deviation = {
        "factor": _NUMBER,
        "units": _by_name(_COUNT),
        "profit": _ESTIMATE,
        "cost": _ESTIMATE,
        "unavailable": _by_name(_CHANCE),
        "as_whole": _YES_NO,
    }
    lot = {
        **{"item": _TEXT, "after": _COUNT, "units": _COUNT, "cost": _NUMBER},
        **{"gain": _ESTIMATE, "bought": _YES_NO},
    }
    driver = {
        "path": _TEXT,
        **{"low": _by_name(_COUNT), "high": _by_name(_COUNT)},
        **{"swing": _NUMBER, "value_of_information": _ESTIMATE},
    }
    evidence = {
        **{"product": _TEXT, "side": _TEXT, "contradicts": _YES_NO},
        **{"demand": _NUMBER, "viewers": _NUMBER, "wanted": _MAYBE, "likely": _NUMBER},
    }
    return {
        "objective": _TEXT,
        "reached": _YES_NO,
        "reaction": _TEXT,
        "simulation_error": _MAYBE,
        "precision": _MAYBE,
        "products": _by_name(_product_of_plan()),
        "fixed_costs": _by_name(_NUMBER),
        "purchase": _closed({"units": _COUNT, "cost": _NUMBER, "rounding_cost": _NUMBER}),
        "choices": _by_name(_open(choice)),
        "lots": _list(_open(lot)),
        "sensitivity": _list(_open(deviation)),
        "drivers": _list(_open(driver)),
        "defaults": _list(_open(_default())),
        "value_of_perfect_information": _ESTIMATE,
        "release_plans": _list(_way_to_sell()),
        "evidence": _list(_open(evidence)),
    }


def _incubation() -> Schema:
    design = {"tried": _COUNT, "length": _NUMBER, "shows": _COUNT}
    figures = ("picked", "promoted", "worth", "missed", "cost", "net", "score", "score_again")
    evaluation = {**design, **dict.fromkeys(figures, _ESTIMATE), "pays_back_after": _MAYBE}
    outlook = _closed({"paid_back": _CHANCE, "net": _ESTIMATE})
    return {
        "later_shows": _COUNT,
        "alike": _NUMBER,
        "top_share": _MAYBE,
        **dict.fromkeys(("asked", "best"), _closed({**evaluation, "outlook": outlook})),
        "as_good": _list(_closed(design)),
        "designs": _list(_closed(evaluation)),
    }


def _explanation() -> Schema:
    part = _closed({"share": _NUMBER, "low": _NUMBER, "high": _NUMBER})
    part_or_none: Schema = {"oneOf": [part, {"type": "null"}]}
    share = {"path": _TEXT, "first": part, "total": part_or_none, "rises": _NUMBER}
    region = {
        "bounds": _list(_closed({"path": _TEXT, "low": _MAYBE, "high": _MAYBE})),
        **dict.fromkeys(("inside", "everywhere", "held"), _CHANCE),
        "size": _NUMBER,
    }
    region_or_none: Schema = {"oneOf": [_closed(region), {"type": "null"}]}
    information = {"name": _TEXT, "paths": _list(_TEXT), "value": _ESTIMATE}
    return {
        **{"of": _TEXT, "unit": _TEXT, "inputs": _list(_closed(share))},
        **{"alone": part, **dict.fromkeys(("together", "chance"), part_or_none)},
        **{"unresolved": _MAYBE, "repeated": _COUNT, "failing": _TEXT, "fails": _CHANCE},
        **dict.fromkeys(("region", "success_region"), region_or_none),
        "information": _list(_closed(information)),
    }


def _calibration() -> Schema:
    sides = _closed(dict.fromkeys(("turnout", "appeal"), _NUMBER))
    numbers = dict.fromkeys(("turnout", "appeal"), _NUMBER)
    show = {"name": _TEXT, **numbers, "counts": sides, "shares": sides}
    return {
        "shows": _list(_closed(show)),
        "factors": _by_name(_closed(dict.fromkeys(("mean", *_QUANTILES), _NUMBER))),
        "sold_in": _by_name(_closed(dict.fromkeys(("shows", "sold_out"), _COUNT))),
    }


def _backtest() -> Schema:
    coverage = _by_name(_by_name(_MAYBE))
    return {
        "shows": _COUNT,
        "forecasts": _COUNT,
        "coverage": coverage,
        "crps": _by_name(_by_name(_MAYBE)),
        "pinball": _by_name(_by_name(_MAYBE)),
        "pit": _by_name(_list(_NUMBER)),
        "money": _closed(
            {**{"forecasts": _COUNT, "unknown": _COUNT}, "most": _NUMBER, "lost": _by_name(_NUMBER)}
        ),
        "by_host": _by_name(_closed({"shows": _COUNT, "coverage": coverage})),
    }


def _live() -> Schema:
    before: Schema = {"oneOf": [_ESTIMATE, {"type": "null"}]}
    figures = ("gone_at", "demand", "to_come", "missing", "left_over")
    product = {
        "product": _TEXT,
        **dict.fromkeys(("on_hand", "sold"), _COUNT),
        "counted": _YES_NO,
        **dict.fromkeys(figures, _ESTIMATE),
        "gone": _CHANCE,
        "before": before,
    }
    option = {
        "what": {"enum": ["reserve", "top-up", "move", "price"]},
        "product": _TEXT,
        "units": _COUNT,
        "at": _NUMBER,
        "price": _MAYBE,
        "slot": {"type": ["string", "null"]},
        **dict.fromkeys(("gain", "sold"), _ESTIMATE),
        "too_late": {"oneOf": [_CHANCE, {"type": "null"}]},
        "cost": _NUMBER,
    }
    gifts = {
        **dict.fromkeys(("gift", "product"), _TEXT),
        **dict.fromkeys(("gone", "sold", "orders", "least"), _COUNT),
    }
    return {
        "at": _NUMBER,
        "effective": _NUMBER,
        "tried": _COUNT,
        **dict.fromkeys(("viewers", "profit"), _ESTIMATE),
        "viewers_before": before,
        "products": _by_name(_closed(product)),
        "too_few_gifts": _list(_closed(gifts)),
        "options": _list(_option_of(option)),
        "best": {"type": ["integer", "null"]},
    }


def _option_of(properties: Schema) -> Schema:
    """Return the schema of what can be done now, which says the reserve where there are several."""
    option = _closed(properties)
    return {**option, "properties": {**properties, "reserve": _TEXT}}


def _open(properties: Schema) -> Schema:
    """Return the schema of an object that has these properties, and may have more."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _closed(properties: Schema, description: str = "") -> Schema:
    """Return the schema of an object that has these properties and no others."""
    said = {"description": description} if description else {}
    return {**said, **_open(properties), "additionalProperties": False}


def _by_name(shape: Schema) -> Schema:
    return {"type": "object", "additionalProperties": shape}


def _list(shape: Schema) -> Schema:
    return {"type": "array", "items": shape}
