"""Reading a plan that was saved, so that it can be decided anew without any simulation.

Another objective, budget or pack is then a matter of a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from numpy.lib.format import read_array_header_1_0, read_magic

from livesim.arrays import Array
from livesim.errors import UsageError
from livesim.experiment.first_look import foreseen
from livesim.experiment.packing import Packed, rows_at_once
from livesim.planning.curves import (
    AROUND,
    BUNDLES,
    DRAWN,
    JOINT_STOCKS,
    PER_LOST,
    SIMULATED_PROFITS,
    SIMULATED_UNITS,
    SLOT_STARTS,
    TOTALS,
    AsWhole,
    Curves,
    StockCurve,
    Together,
    alike,
)
from livesim.planning.items import items_of
from livesim.planning.kept import CURVES, PlanManifest
from livesim.planning.recommendation import Plan
from livesim.resolve import Reason, Resolution
from livesim.results.answer import fingerprint_of
from livesim.results.folders import MANIFEST
from livesim.results.on_disk import Scratch
from livesim.results.saved import read_scenario
from livesim.scenario.paths import split_path
from livesim.scenario.scenario import Scenario

#: All that may change without another simulation: it is about the purchase, not about the show.
_LEVERS = "supply"


def load(folder: str | Path, changes: Mapping[str, Any] | None = None) -> tuple[Curves, Resolution]:
    """Read the curves of a plan that `Plan.save` wrote.

    Parameters
    ----------
    folder
        The folder.
    changes
        Path → value, in the notation of a file, of what a purchase must respect: everything below
        ``supply``, also a product's or variant's. The curves hold for whatever these are.

    Returns
    -------
    curves, resolution
        The stock curves, equal to the saved ones bit for bit, and their scenario with where
        everything in it comes from.

    Raises
    ------
    ResultsError
        If it is not a livesim plan, or a part of it is missing or was changed.
    UsageError
        If something else is to change: that takes another simulation.
    """
    _check_levers(changes or {})
    kind = Plan.kind
    manifest, place = kind.read(folder), Path(folder)
    saved = read_scenario(kind, place, manifest.scenario, manifest.digest)
    with kind.making_sense_of(place / CURVES):
        curves = _curves(place, saved, manifest)
        if fingerprint_of(curves.in_few_bytes()) != manifest.fingerprint:
            raise kind.damaged(place / CURVES, f"it has other figures than {MANIFEST} says")
    given = {split_path(path): Reason("given", "changed") for path in changes or {}}
    reasons = {
        tuple(path.split(".")): Reason(reason, text)
        for path, (reason, text) in manifest.reasons.items()
    }
    if changes:
        scenario = saved.with_changes(changes)
        _check_prices(saved, scenario)
        items = items_of(scenario)
        stocks = [replace(one, item=item) for one, item in zip(curves.curves, items, strict=True)]
        curves = replace(curves, scenario=scenario, curves=tuple(stocks))
    reasons = {**reasons, **given} if reasons else {}
    return curves, Resolution(curves.scenario, reasons, manifest.notes)


def _curves(place: Path, scenario: Scenario, manifest: PlanManifest) -> Curves:
    scratch = Scratch()
    with (
        (place / CURVES).open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
        ZipFile(place / CURVES) as archive,
    ):
        stocks = tuple(
            StockCurve(
                item,
                arrays[f"{item.name}/levels"],
                _figures(
                    archive,
                    item.name,
                    len(arrays[f"{item.name}/levels"]),
                    manifest.types,
                    scratch,
                ),
                manifest.known[item.name],
            )
            for item in items_of(scenario)
        )
        drawn = Packed({})
        for name in arrays.files:
            if name.startswith(DRAWN):
                one = {name.removeprefix(DRAWN): arrays[name]}
                drawn = drawn.having(Packed.joined([one], scratch))
        viewers = arrays["viewers"]
        shape = len(viewers), len(scenario.rundown)
        starts = alike(np.broadcast_to(arrays[SLOT_STARTS].astype(float), shape))
        around = tuple(arrays[AROUND].tolist()) if AROUND in arrays.files else ()
        bundles = {
            name.removeprefix(BUNDLES): arrays[name]
            for name in arrays.files
            if name.startswith(BUNDLES) and "/" not in name
        }
        together = None
        if PER_LOST in arrays.files:
            together = Together(tuple(arrays[PER_LOST].tolist()), int(arrays[JOINT_STOCKS]))
        simulated = _simulated(arrays, len(stocks)) if SIMULATED_UNITS in arrays.files else {}
        totals = _totals(arrays, len(stocks)) if TOTALS[0] in arrays.files else {}
    done = manifest.replications
    return Curves(
        scenario,
        manifest.seed,
        foreseen(scenario).as_saved(manifest.reaction),
        stocks,
        viewers,
        starts,
        drawn,
        manifest.versions,
        manifest.requested if done < manifest.requested else None,
        around=around,
        bundles=bundles,
        together=together,
        simulated=simulated,
        totals=totals,
    )


def _simulated(arrays: Mapping[str, Array], items: int) -> dict[tuple[int, ...], Array]:
    """Return the profit of joint stocks that were simulated, by their units."""
    units, profits = arrays[SIMULATED_UNITS], arrays[SIMULATED_PROFITS].astype(float)
    units = np.broadcast_to(units, (len(units), items))
    whole = np.broadcast_to(profits, (len(profits), len(units)))
    return dict(zip(map(tuple, units.tolist()), whole.T, strict=True))


def _totals(arrays: Mapping[str, Array], items: int) -> dict[tuple[int, ...], AsWhole]:
    """Return what other totals came to, by their units."""
    units, profits, chances = (arrays[name] for name in TOTALS)
    many = max(one.shape[1] for one in (units, profits, chances))
    profits = np.broadcast_to(profits.astype(float), (len(profits), many))
    chances = np.broadcast_to(chances.astype(float), (items, many))
    units = np.broadcast_to(units, (items, many))
    return {
        tuple(one): AsWhole(*whole)
        for one, *whole in zip(units.T.tolist(), profits.T, chances.T, strict=True)
    }


def _check_levers(changes: Mapping[str, Any]) -> None:
    for path in changes:
        if not _about_the_purchase(split_path(path)):
            raise UsageError(
                f"{path} cannot change in a saved plan: its curves were simulated with what it "
                f"was; only {_LEVERS}.… may (pack, minimum_order, budget), also of a product or "
                "variant: for anything else plan the scenario's file again"
            )


def _check_prices(saved: Scenario, scenario: Scenario) -> None:
    """Raise a UsageError if other price breaks are asked for: the curves hold what they save."""
    for before, now in zip(items_of(saved), items_of(scenario), strict=True):
        if (before.breaks, before.incremental) != (now.breaks, now.incremental):
            raise UsageError(
                f"the price breaks of {now.name} cannot change in a saved plan: its curves hold "
                "what they save; plan the scenario's file again"
            )


def _about_the_purchase(path: Sequence[str]) -> bool:
    """Say whether a path lies below the terms of a purchase: of all, a product or a variant."""
    match path:
        case (top, *_) if top == _LEVERS:
            return True
        case ("products", _, key, *_) if key == _LEVERS:
            return True
        case ("products", _, "variants", _, key, *_) if key == _LEVERS:
            return True
    return False


def _figures(
    archive: ZipFile, item: str, levels: int, types: Mapping[str, str], scratch: Scratch
) -> Mapping[str, Array]:
    """Return an item's figures at so many levels, each put away as it is read."""
    figures = Packed({})
    for name in (name for name in types if "/" not in name):
        kind = np.dtype(types.get(f"{item}/{name}", types[name]))
        rows = _rows(archive, f"{item}/{name}", levels)
        parts = ({name: np.asfortranarray(part.astype(kind))} for part in rows)
        figures = figures.having(Packed.made(parts, scratch))
    return figures


def _rows(archive: ZipFile, name: str, levels: int) -> Iterator[Array]:
    """Yield some rows after the other of an array, with so many levels."""
    with archive.open(f"{name}.npy") as file:
        read_magic(file)
        (rows, there), by_levels, kind = read_array_header_1_0(file)
        step = rows if by_levels else rows_at_once(levels)
        for first in range(0, rows, step):
            count = min(step, rows - first)
            part = np.frombuffer(file.read(count * there * kind.itemsize), kind)
            part = part.reshape((count, there), order="F" if by_levels else "C")
            yield np.broadcast_to(part, (count, levels))
