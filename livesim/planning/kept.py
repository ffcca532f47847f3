"""What is kept of a plan in its folder: its curves, bit for bit, and where its scenario comes from.

- ``stock_curves.csv``: what every level of every item comes to, with its errors
- ``curves.npz``: the replications behind it, as ``np.load("curves.npz")["serum/profit"]``: shape
  (R, L), or (R, 1) where it is the same at every level; ``serum/levels`` are the L levels, and
  ``drawn/…`` the uncertain quantities, ``simulated_units`` and ``simulated_profits`` joint stocks
  that were simulated as a whole and what the show earned with them
- ``scenario.yaml``: the show with everything explicit, and where each value comes from
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.experiment.levels import Reaction
from livesim.experiment.packing import in_least_space
from livesim.planning.columns import written_csv
from livesim.planning.curves import Curves, Known
from livesim.resolve import Resolution, explained
from livesim.resolve.derivation import ReasonKind
from livesim.results.document import Document
from livesim.results.manifest import Manifest
from livesim.scenario.writing import write_yaml

Numbers = NDArray[Any]

SCENARIO, CURVES, _TABLE = "scenario.yaml", "curves.npz", "stock_curves.csv"


class PlanManifest(Manifest):
    """What a plan's manifest says for its curves to be read again."""

    scenario: dict[str, Any]
    reaction: Reaction
    known: dict[str, Known]
    reasons: dict[str, tuple[ReasonKind, str]]
    checks: tuple[str, ...]
    types: dict[str, str]


def write_curves(curves: Curves, resolution: Resolution, place: Path) -> None:
    """Write stock curves and their scenario to a folder."""
    data = curves.scenario.to_data()
    text = explained(resolution) if resolution.reasons else write_yaml(data)
    (place / SCENARIO).write_text(text, encoding="utf-8")
    arrays = {name: _packed(array) if array.ndim == 2 else array for name, array in curves.arrays()}
    np.savez(place / CURVES, allow_pickle=False, **arrays)
    (place / _TABLE).write_text(written_csv(curves), encoding="utf-8")


def kept(curves: Curves, resolution: Resolution) -> Document:
    """Return what a plan's manifest must say for its curves to be read again."""
    return {
        "reaction": curves.reaction,
        "known": {curve.item.name: curve.known for curve in curves.curves},
        "reasons": {
            ".".join(path): [reason.kind, reason.text]
            for path, reason in resolution.reasons.items()
        },
        "checks": list(resolution.checks),
        "types": _types(curves),
        "scenario": curves.scenario.to_data(),
    }


def _types(curves: Curves) -> dict[str, str]:
    """Return the types of the first item's figures, and of the others' those that differ."""
    first = {name: figure.dtype.str for name, figure in curves.curves[0].figures.items()}
    others = {
        f"{curve.item.name}/{name}": figure.dtype.str
        for curve in curves.curves
        for name, figure in curve.figures.items()
        if figure.dtype.str != first[name]
    }
    return first | others


def _packed(figure: Numbers) -> Numbers:
    """Return a figure in the least space that loses nothing."""
    bits = np.ascontiguousarray(figure).view(np.int64)  # 0.0 equals -0.0, their bits do not
    if (bits == bits[:, :1]).all():
        figure = figure[:, :1]
    return np.asfortranarray(in_least_space(figure))
