"""A plan as one folder on disk, from which it can be decided anew.

The folder holds the stock curves exactly as they were simulated, so that another objective, budget
or pack is a matter of a second and of no simulation. For other programs:

- ``stock_curves.csv``: what every level of every item comes to, with its errors
- ``curves.npz``: the replications behind it, as ``np.load("curves.npz")["serum/profit"]``: shape
  (R, L), or (R, 1) where it is the same at every level; ``serum/levels`` are the L levels, and
  ``drawn/…`` the uncertain quantities
- ``plan.json``: what ``livesim plan --json`` prints
- ``scenario.yaml``: the show with everything explicit, and where each value comes from
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livesim.errors import UsageError
from livesim.planning.columns import written_csv
from livesim.planning.curves import Curves, StockCurve
from livesim.planning.items import items_of
from livesim.planning.plan import Plan
from livesim.planning.summary import summary
from livesim.resolve import Reason, Resolution, explained
from livesim.results.document import json_text
from livesim.results.folder import read_scenario
from livesim.results.provenance import provenance
from livesim.results.whole import FolderKind, attach
from livesim.scenario.paths import split_path
from livesim.scenario.writing import write_yaml

Numbers = NDArray[Any]

PLAN = FolderKind(
    name="plan",
    format=1,
    entries=frozenset(
        {
            "scenario",
            "digest",
            "files",
            "seed",
            "reaction",
            "known",
            "reasons",
            "checks",
            "notes",
            "types",
        }
    ),
    command="livesim plan SCENARIO --out FOLDER",
    again="plan the scenario again",
)

_DRAWN = "drawn/"
_SCENARIO, _CURVES, _TABLE, _SUMMARY = (
    *("scenario.yaml", "curves.npz"),
    *("stock_curves.csv", "plan.json"),
)
#: All that may change without another simulation: it is about the purchase, not about the show.
_LEVERS = "supply"


def save(
    plan: Plan,
    folder: str | Path,
    resolution: Resolution,
    attachments: Mapping[str, bytes] | None = None,
) -> Path:
    """Write a plan as one folder.

    Parameters
    ----------
    plan
        The plan.
    folder
        Where to. A livesim plan that is there is replaced.
    resolution
        Its scenario, with where everything in it comes from.
    attachments
        Further files by their path in the folder, such as figures.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ResultsError
        If there is something else at that place, or it cannot be written.

    Examples
    --------
    >>> import livesim, tempfile
    >>> from livesim.resolve import resolve_file
    >>> resolution = resolve_file("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> from livesim.experiment.runner import Runner
    >>> from livesim.planning.building import build_curves
    >>> show, here = resolution.scenario, Runner(workers=1)
    >>> found = livesim.replan(build_curves(show, replications=50, runner=here))
    >>> with tempfile.TemporaryDirectory() as place:
    ...     curves, _ = load(save(found, f"{place}/evening", resolution))
    >>> bool((curves.viewers == found.curves.viewers).all())
    True
    """
    curves = plan.curves

    def fill(place: Path) -> dict[str, Any]:
        text = explained(resolution) if resolution.reasons else write_yaml(_data(curves))
        (place / _SCENARIO).write_text(text, encoding="utf-8")
        np.savez(place / _CURVES, allow_pickle=False, **dict(_arrays(curves)))
        (place / _TABLE).write_text(written_csv(curves), encoding="utf-8")
        document = json_text(summary(plan))
        (place / _SUMMARY).write_text(document + "\n", encoding="utf-8")
        attach(place, attachments or {})
        return {
            "title": curves.scenario.title,
            "digest": curves.scenario.digest,
            "seed": curves.seed,
            "replications": curves.replications,
            "reaction": curves.reaction,
            "known": {curve.item.name: curve.known for curve in curves.curves},
            "versions": provenance(),
            "reasons": {
                ".".join(path): [reason.kind, reason.text]
                for path, reason in resolution.reasons.items()
            },
            "checks": list(resolution.checks),
            "notes": list(resolution.notes),
            "types": _types(curves),
            "scenario": _data(curves),
        }

    return PLAN.write(folder, fill)


def load(folder: str | Path, changes: Mapping[str, Any] | None = None) -> tuple[Curves, Resolution]:
    """Read the curves of a plan that :func:`save` wrote.

    Parameters
    ----------
    folder
        The folder.
    changes
        Path → value, in the notation of a file, of what a purchase must respect: everything below
        ``supply``. The curves hold for whatever these are.

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
    place = Path(folder)
    manifest = PLAN.manifest(place)
    for name in (_SCENARIO, _CURVES):
        PLAN.check_file(place, name, manifest)
    saved = read_scenario(PLAN, place, manifest)
    scenario = saved.with_changes(changes) if changes else saved
    try:
        with np.load(place / _CURVES, allow_pickle=False) as arrays:
            curves = tuple(
                StockCurve(
                    item, arrays[f"{item.name}/levels"], dict(figures), manifest["known"][item.name]
                )
                for item in items_of(scenario)
                for figures in [_figures(arrays, item.name, manifest["types"])]
            )
            drawn = {
                name.removeprefix(_DRAWN): arrays[name]
                for name in arrays.files
                if name.startswith(_DRAWN)
            }
            viewers = arrays["viewers"]
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise PLAN.damaged(place / _CURVES) from error
    given = {split_path(path): Reason("given", "changed") for path in changes or {}}
    reasons = {
        tuple(path.split(".")): Reason(kind, text)
        for path, (kind, text) in manifest["reasons"].items()
    }
    resolution = Resolution(
        scenario,
        {**reasons, **given} if reasons else {},
        tuple(manifest["checks"]),
        tuple(manifest["notes"]),
    )
    seed, reaction = manifest["seed"], manifest["reaction"]
    return Curves(scenario, seed, reaction, curves, viewers, drawn), resolution


def _check_levers(changes: Mapping[str, Any]) -> None:
    for path in changes:
        if split_path(path)[0] != _LEVERS:
            raise UsageError(
                f"{path} cannot change in a saved plan: its curves were simulated with what it "
                f"was; only {_LEVERS}.… may (pack, minimum_order, budget): for anything else "
                "plan the scenario's file again"
            )


def _data(curves: Curves) -> dict[str, Any]:
    return curves.scenario.to_data()


def _arrays(curves: Curves) -> Iterator[tuple[str, Numbers]]:
    """Yield all arrays by the name under which they are kept."""
    yield "viewers", curves.viewers
    for path, values in curves.drawn.items():
        yield f"{_DRAWN}{path}", values
    for curve in curves.curves:
        yield f"{curve.item.name}/levels", curve.levels
        for name, figure in curve.figures.items():
            yield f"{curve.item.name}/{name}", _packed(figure)


def _types(curves: Curves) -> dict[str, str]:
    return {name: figure.dtype.str for name, figure in curves.curves[0].figures.items()}


def _packed(figure: Numbers) -> Numbers:
    """Return a figure in the least space that loses nothing."""
    bits = np.ascontiguousarray(figure).view(np.int64)  # 0.0 equals -0.0, their bits do not
    if (bits == bits[:, :1]).all():
        figure = figure[:, :1]
    with np.errstate(invalid="ignore"):  # inf is no whole number
        whole = figure.astype(np.int64)
    back = np.ascontiguousarray(whole.astype(figure.dtype))
    if (back.view(np.int64) == np.ascontiguousarray(figure).view(np.int64)).all():
        figure = whole.astype(np.min_scalar_type(-max(int(np.abs(whole).max()), 1)))
    return np.asfortranarray(figure)


def _figures(
    arrays: Mapping[str, Numbers], item: str, types: Mapping[str, str]
) -> Iterator[tuple[str, Numbers]]:
    levels = len(arrays[f"{item}/levels"])
    for name, written in types.items():
        figure = arrays[f"{item}/{name}"]
        whole = np.broadcast_to(figure, (len(figure), levels))
        yield name, np.asfortranarray(whole.astype(np.dtype(written)))
