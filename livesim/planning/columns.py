"""The stock curves as columns: what every level of every item comes to, with its error.

One row an item and level. Figures are drawn from these columns and the table of a saved plan is
written from them, so that they cannot disagree; ``pandas.DataFrame(curve_columns(plan.curves))``
makes a data frame of them.
"""

from __future__ import annotations

import csv
import io
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from livesim.arrays import Floats
from livesim.planning.curves import Curves, StockCurve
from livesim.results.intervals import chance_interval, estimate, mean_interval

Columns: TypeAlias = dict[str, NDArray[Any]]

_MEANS: Final = ("sales", "lost", "left_over")


def level_columns(curve: StockCurve) -> dict[str, Floats]:
    """Return what each level of a stock curve comes to.

    Parameters
    ----------
    curve
        The stock curve.

    Returns
    -------
    dict of str to ndarray of shape (L,)
        ``units``: the total, with the units that arrive during the show. ``earns``: expected
        [currency], of this item and of what its stock does to the others. ``unavailable``: chance
        to have nothing on hand while on offer [1].
        ``unavailable_after_p10``, …: when first, after the link [s], inf where it never happens in
        that share of all shows. ``sold_out``: chance that all is gone, and nothing to come, before
        the show ends [1]. ``sales``, ``lost``, ``left_over``: expected [units]. ``_low`` and
        ``_high``: the 95 % interval of a mean or of ``unavailable``, nan where the replications are
        too few to say.

    Examples
    --------
    >>> import livesim
    >>> from livesim.experiment.runner import Runner
    >>> from livesim.planning.building import build_curves
    >>> scenario = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> curves = build_curves(scenario, replications=50, runner=Runner(workers=1))
    >>> columns = level_columns(curves.curves[0])
    >>> float(columns["units"][0]), float(columns["sold_out"][0]), float(columns["sales"][0])
    (0.0, 1.0, 0.0)
    """
    columns = {"units": (curve.levels + curve.item.arriving).astype(float)}
    for name in ("earns", *_MEANS):
        summands = ("profit", "elsewhere") if name == "earns" else (name,)
        columns_of = (column for some in curve.columns(*summands) for column in some.T)
        found = np.array([*map(mean_interval, columns_of)], dtype=float)
        mean, half_width = found.T  # which is nan for None
        least = -np.inf if name == "earns" else 0.0
        columns[name] = mean
        columns[f"{name}_low"] = np.maximum(mean - half_width, least)
        columns[f"{name}_high"] = mean + half_width
    columns |= _unavailable(curve)
    columns["sold_out"] = curve.mean_of(lambda figures: np.isfinite(figures["sold_out_at"]))
    return columns


def curve_columns(curves: Curves) -> Columns:
    """Return the stock curves of all items: one row an item and level.

    Parameters
    ----------
    curves
        The stock curves; those of a plan are ``plan.curves``.

    Returns
    -------
    dict of str to ndarray
        ``item``, and the columns of :func:`level_columns`.

    Examples
    --------
    >>> import livesim, pandas
    >>> from livesim.experiment.runner import Runner
    >>> from livesim.planning.building import build_curves
    >>> scenario = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> curves = build_curves(scenario, replications=50, runner=Runner(workers=1))
    >>> table = pandas.DataFrame(curve_columns(curves))
    >>> list(table["item"].unique())
    ['serum', 'lip_tint', 'mask']
    """
    found = [level_columns(curve) for curve in curves.curves]
    names = np.repeat([item.name for item in curves.items], [len(one["units"]) for one in found])
    return {"item": names, **{key: np.concatenate([one[key] for one in found]) for key in found[0]}}


def written_csv(columns: Columns) -> str:
    """Return columns as the text of a table for other programs; empty where no number."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*(column.tolist() for column in columns.values()), strict=True):
        writer.writerow([_cell(value) for value in row])
    return stream.getvalue()


def _unavailable(curve: StockCurve) -> dict[str, Floats]:
    columns = [
        (int(np.isfinite(column).sum()), estimate(column))
        for some in curve.columns("unavailable_after")
        for column in some.T
    ]
    chances = [chance_interval(hits, curve.replications) for hits, _ in columns]
    times = [time for _, time in columns]
    return {
        **{
            name: np.array([chance[place] for chance in chances])
            for place, name in enumerate(("unavailable", "unavailable_low", "unavailable_high"))
        },
        **{
            f"unavailable_after_{q}": np.array(
                [np.inf if value is None else value for value in (getattr(t, q) for t in times)]
            )
            for q in ("p10", "p50", "p90")
        },
    }


def _cell(value: str | float) -> str | float:
    if isinstance(value, str) or np.isfinite(value):
        return value
    return ""
