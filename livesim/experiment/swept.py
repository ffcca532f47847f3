"""A sweep as a document for programs, and as a folder on disk.

The folder holds ``sweep.json`` (what ``livesim sweep --json`` prints), ``points.csv`` (one row a
point, every figure with its intervals), the show with everything explicit as it is at the first
point, and figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from livesim.errors import UsageError
from livesim.experiment.comparing import SHOW
from livesim.experiment.sweeping import Sweep
from livesim.results.document import Document, finite, json_text
from livesim.results.whole import FolderKind, attach
from livesim.scenario.writing import write_yaml

SWEEP = FolderKind(
    name="sweep",
    format=1,
    entries=frozenset({"over", "base", "seed", "replications", "versions", "notes"}),
    command="livesim sweep SCENARIO --over PATH=VALUE,VALUE --out FOLDER",
    again="sweep the scenario again",
)


def summary(sweep: Sweep) -> Document:
    """Summarise a sweep as plain data, ready for JSON.

    Parameters
    ----------
    sweep
        The sweep.

    Returns
    -------
    dict
        ``over``, ``base``, ``seed``, ``replications``, ``points`` (each with its ``values`` and
        ``figures``, named as in `Sweep.table`), and ``crossings`` of the profit with the base's,
        empty where several paths are swept. All numbers are finite; what never comes, and the end
        that an interval does not have, is None.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> found = livesim.sweep(room, {"deal.guest_fee": [0, 900]}, replications=100, workers=1)
    >>> round(summary(found)["points"][1]["figures"]["profit.difference"], 6)
    -900.0
    """
    table = sweep.table().drop(columns=list(sweep.over)).to_dict("records")
    return {
        "over": {path: list(values) for path, values in sweep.over.items()},
        "base": sweep.comparison.base,
        "seed": sweep.comparison.seed,
        "replications": sweep.comparison.replications,
        "points": [
            {
                "values": dict(point.values),
                "figures": {str(name): finite(value) for name, value in figures.items()},
            }
            for point, figures in zip(sweep.points, table, strict=True)
        ],
        "crossings": [asdict(crossing) for crossing in _crossings(sweep)],
    }


def save(sweep: Sweep, folder: str | Path, figures: Mapping[str, bytes]) -> Path:
    """Write a sweep as one folder.

    Parameters
    ----------
    sweep
        The sweep.
    folder
        Where to. A livesim sweep that is there is replaced.
    figures
        Further files by their path in the folder.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ResultsError
        If there is something else at that place, or it cannot be written.
    """

    def fill(place: Path) -> Mapping[str, Any]:
        document = json_text(summary(sweep))
        (place / "sweep.json").write_text(document + "\n", encoding="utf-8")
        sweep.table().to_csv(place / "points.csv", index=False)
        comparison = sweep.comparison
        first = comparison.scenarios[sweep.points[0].name]
        (place / "scenario.yaml").write_text(write_yaml(first.to_data()), encoding="utf-8")
        attach(place, figures)
        return {
            "title": first.title,
            "over": {path: list(values) for path, values in sweep.over.items()},
            "base": comparison.base,
            "seed": comparison.seed,
            "replications": comparison.replications,
            "versions": dict(comparison.versions),
            "notes": list(comparison.notes[sweep.points[0].name]),
        }

    return SWEEP.write(folder, fill)


def _crossings(sweep: Sweep) -> tuple[Any, ...]:
    """Return where the profit crosses the base's; nothing where that has no meaning."""
    try:
        return sweep.crossings("profit", SHOW)
    except UsageError:
        return ()
