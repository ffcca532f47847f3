"""What other numbers of units come to, for the page: its rows, and the curves that a slider reads.

A curve's means are exact sums of replications at its levels, and on straight lines in between, as
in :mod:`livesim.planning.curves`. The profit of the whole show is the sum of the items': exactly,
where nothing reacts to the stock and no fee is repaid by what all of them sell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Any, Final

import numpy as np

from livesim.arrays import Floats
from livesim.planning.curves import StockCurve, places
from livesim.planning.recommendation import ItemPlan, Plan
from livesim.planning.terms import volume_of
from livesim.report.language import say
from livesim.report.naming import item as called
from livesim.report.plan_reasons import kept_out_by
from livesim.report.plan_words import cost_decimals, paid
from livesim.report.wording import amount, duration, percent, units
from livesim.resolve.terms import slot_fees
from livesim.scenario.currencies import decimals

#: The columns of the page's table, in the order of its script: key, name, unit (a currency is
#: written in its place).
_COLUMNS: Final = (
    ("bought", "buy", "units"),
    ("cost", "cost", "money"),
    ("unavailable", "unavailable", "of shows"),
    ("after", "when, P50", "after the link"),
    ("sales", "sold", "units"),
    ("lost", "lost sales", "units"),
    ("left_over", "left over", "units"),
    ("profit", "earns", "money"),
)
_MEANS: Final = ("sales", "lost", "left_over")
_SHARES: Final = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
_WHEN: Final = "When: by then it is without stock in half of all shows; -: in fewer than half."
#: So many packs above what is owned, and above the least that can be bought, can be tried.
_ROOM: Final = 20


@dataclass(frozen=True)
class Stock:
    """What the page has of other numbers of units.

    Parameters
    ----------
    columns
        Key, name and unit of each figure.
    rows
        An item each, with the figures as recommended, in words.
    data
        The curves, for the page's script.
    note
        How exact it is.
    """

    columns: tuple[tuple[str, str, str], ...]
    rows: tuple[Mapping[str, Any], ...]
    data: Mapping[str, Any]
    note: str


def stock(plan: Plan, note: str) -> Stock:
    """Return what other numbers of units than the recommended ones come to.

    Parameters
    ----------
    plan
        The plan.
    note
        How exact its curves are.
    """
    currency = plan.currency
    columns = tuple(
        (key, say(name), currency if unit == "money" else say(unit)) for key, name, unit in _COLUMNS
    )
    items = [_item(plan, item) for item in plan.items]
    rows = tuple(_row(plan, item, data) for item, data in zip(plan.items, items, strict=True))
    return Stock(
        columns,
        rows,
        {"show": _show(plan), "items": items},
        say(" ").join((note, _sums(plan), say(_WHEN))),
    )


def _show(plan: Plan) -> dict[str, Any]:
    """Return what belongs to the show as a whole.

    What no item earns, as fees and bundles, is what is missing at the units recommended.
    """
    curves = plan.curves
    volume = curves.scenario.deal.guaranteed_volume
    refundable = sum(slot_fees(curves.scenario).values()) if volume else 0.0
    _, then, *_ = plan.choices
    shown = {
        name: sum(
            float(curve.at(name, have).mean())
            for curve, have in zip(curves.curves, then.units, strict=True)
        )
        for name in ("profit", "elsewhere", "sales")
    }
    refund = refundable * max(0.0, 1.0 - shown["sales"] / volume) if volume else 0.0
    fixed = (then.profit.mean or 0.0) - shown["profit"] - shown["elsewhere"] - refund
    return {
        "currency": curves.scenario.show.currency,
        "decimals": decimals(curves.scenario.show.currency),
        "cost_decimals": cost_decimals(plan),
        "budget": curves.scenario.supply.budget,
        "paid_part": curves.scenario.supply.paid_part,
        "storage": curves.scenario.supply.storage,
        # What is kept beside the items' units, of which those that arrive take nothing.
        "beside": volume_of(curves, [-item.arriving for item in curves.items]),
        "fixed": round(fixed, 6),
        "volume": volume,
        "refundable": refundable,
        "exact": _is_exact(plan),
    }


def _is_exact(plan: Plan) -> bool:
    deal = plan.scenario.deal
    apart = not deal.guaranteed_volume and deal.warehouse is None
    return apart and not plan.curves.reactions.any


def _sums(plan: Plan) -> str:
    if _is_exact(plan):
        return say("The show's mean profit is exactly what the items earn, less the fees.")
    sums = say(
        "The show's profit is approximate here: what items do to each other is added up, and "
        "counted in what each earns."
    )
    if all(item.then is item.curve for item in plan.items):
        return sums
    apart = say(
        "Each row follows its own curve, whatever the others have. Elsewhere on this page the "
        "recommended units of all were simulated together, so that the same figure can differ."
    )
    return say(" ").join((sums, apart))


def _item(plan: Plan, item: ItemPlan) -> dict[str, Any]:
    """Return one item's curve, all levels with the units that arrive during the show."""
    own = item.curve.item
    return {
        "name": called(own.name),
        "owned": item.owned,
        "recommended": item.recommended,
        "pack": own.pack,
        "order": own.order,
        "order_called": called(own.order),
        "minimum": own.minimum_order,
        "volume": own.volume,
        "unit_cost": own.unit_cost,
        "breaks": [list(one) for one in own.breaks],
        "incremental": own.incremental,
        "good": list(item.good_range),
        "outside": kept_out_by(plan, item),
        "levels": (item.curve.levels + own.arriving).tolist(),
        **{name: _short(column) for name, column in _figures(item.curve).items()},
    }


def _figures(curve: StockCurve) -> dict[str, Floats]:
    """Return the columns of a curve, each of shape (L,)."""
    return {
        "profit": curve.mean_of(lambda figures: figures["profit"] + figures["elsewhere"]),
        **_quantiles("profit", curve.columns("profit", "elsewhere")),
        **{name: curve.mean(name) for name in _MEANS},
        "unavailable": curve.mean_of(lambda figures: np.isfinite(figures["unavailable_after"])),
        "sold_out": curve.mean_of(lambda figures: np.isfinite(figures["sold_out_at"])),
        **_quantiles("after", curve.columns("unavailable_after")),
    }


def _quantiles(name: str, columns: Iterable[Floats]) -> dict[str, Floats]:
    """Return the quantiles of a figure at each level, as everywhere: values of replications."""
    shares = list(_SHARES.values())
    some = [np.quantile(few, shares, axis=0, method="inverted_cdf") for few in columns]
    rows = zip(_SHARES, np.concatenate(some, axis=1), strict=True)
    return {f"{name}_{share}": row for share, row in rows}


def _short(column: Floats) -> list[float | None]:
    """Return a column; None where it never happens.

    In so many digits that rounding it again for the eye comes to what rounding it once does.
    """
    return [float(f"{value:.12g}") if isfinite(value) else None for value in column.tolist()]


def _row(plan: Plan, item: ItemPlan, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item's row as recommended."""
    curve, have = item.curve, item.have
    demand = item.demand.p90 or 0.0
    pack, least = curve.item.pack, curve.item.minimum_order
    tried = item.owned + least + _ROOM * pack
    end = max(1.5 * item.recommended, 1.2 * item.good_range[1], demand, tried)
    means = {name: float(curve.at(name, have).mean()) for name in _MEANS}
    after = _time(curve, data["after_p50"], have)
    return {
        "name": called(curve.item.name),
        "have": units(item.recommended),
        "units": item.recommended,
        "least": item.owned,
        "most": item.owned + pack * ceil((end - item.owned) / pack),
        "step": pack,
        "figures": {
            "bought": units(item.purchase),
            "cost": paid(plan, item.cost),
            "unavailable": percent(curve.unavailable_chance(have)),
            "after": "-" if after is None else duration(after),
            **{name: amount(mean) for name, mean in means.items()},
            "profit": amount(float(curve.earned_at(have).mean())),
        },
    }


def _time(curve: StockCurve, times: Sequence[float | None], have: int) -> float | None:
    """Return a time between two levels, where it is known at both that it comes."""
    left, part = places(curve.levels, have)
    low, high = times[int(left)], times[int(left) + 1]
    if part == 0 or part >= 1:
        return low if part == 0 else high
    return None if low is None or high is None else low + float(part) * (high - low)
