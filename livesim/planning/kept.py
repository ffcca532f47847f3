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
from zipfile import ZipFile

import numpy as np
from numpy.lib.format import write_array_header_1_0

from livesim.arrays import Array
from livesim.experiment.levels import Reaction
from livesim.experiment.packing import in_few_bytes, in_least_space
from livesim.planning.columns import Columns, written_csv
from livesim.planning.curves import Curves, Known
from livesim.resolve import Resolution, explained
from livesim.resolve.derivation import ReasonKind
from livesim.results.answer import InParts
from livesim.results.document import Document
from livesim.results.manifest import Manifest
from livesim.scenario.writing import write_yaml

SCENARIO, CURVES, _TABLE = "scenario.yaml", "curves.npz", "stock_curves.csv"


class PlanManifest(Manifest):
    """What a plan's manifest says for its curves to be read again."""

    scenario: dict[str, Any]
    reaction: Reaction
    known: dict[str, Known]
    reasons: dict[str, tuple[ReasonKind, str]]
    checks: tuple[str, ...]
    types: dict[str, str]


def write_curves(curves: Curves, columns: Columns, resolution: Resolution, place: Path) -> None:
    """Write stock curves, also as columns, and their scenario to a folder."""
    data = curves.scenario.to_data()
    text = explained(resolution) if resolution.reasons else write_yaml(data)
    (place / SCENARIO).write_text(text, encoding="utf-8")
    with ZipFile(place / CURVES, "w") as archive:
        for name, array in curves.beside_figures():
            _write(archive, name, InParts(array.dtype, array.shape, [array]))
        for curve in curves.curves:
            for name, _, figure in in_few_bytes(curve.figures):
                _write(archive, f"{curve.item.name}/{name}", figure)
    (place / _TABLE).write_text(written_csv(columns), encoding="utf-8")


def kept(curves: Curves, resolution: Resolution) -> Document:
    """Return what a plan's manifest must say for its curves to be read again."""
    return {
        "reaction": curves.reactions.word,
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
    each = {
        curve.item.name: {name: kind.str for name, kind, _ in in_few_bytes(curve.figures)}
        for curve in curves.curves
    }
    first = each[curves.items[0].name]
    others = {
        f"{item}/{name}": kind
        for item, kinds in each.items()
        for name, kind in kinds.items()
        if kind != first[name]
    }
    return first | others


def _write(archive: ZipFile, name: str, array: InParts) -> None:
    """Write an array as `numpy.savez` does, but not all of it at once."""
    if len(array.shape) == 2:
        array = _narrow(array)
    header = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
    with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
        write_array_header_1_0(file, header)
        for part in array.parts:
            file.write(np.ascontiguousarray(part).reshape(-1).view(np.uint8).data)


def _narrow(figure: InParts) -> InParts:
    """Return a figure in the least space that loses nothing: with one level if all are the same."""
    parts, kind = figure.parts, figure.dtype
    if isinstance(parts, list):
        parts = [in_least_space(part) for part in parts]
        kind = parts[0].dtype
    if all(_alike(part) for part in parts):
        return InParts(kind, (figure.shape[0], 1), (part[:, :1] for part in parts))
    return InParts(kind, figure.shape, parts)


def _alike(figure: Array) -> bool:
    """Say whether a figure is the same at all levels; 0.0 equals -0.0, their bits do not."""
    bits = np.ascontiguousarray(figure).view(f"u{figure.dtype.itemsize}")
    return bool((bits == bits[:, :1]).all())
