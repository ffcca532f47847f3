"""A comparison for other programs: as one document, and as one folder on disk.

The folder holds ``comparison.json`` (what ``livesim compare --json`` prints), ``differences.csv``
(the same as a table), ``shows.csv`` and ``products.csv`` (every replication of every show, to pair
them in another way), and each show with everything explicit as ``scenario_1.yaml``, ….
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livesim.experiment.comparing import Comparison, Row
from livesim.experiment.pairing import Difference
from livesim.results.document import Document, finite, json_text
from livesim.results.whole import FolderKind
from livesim.scenario.writing import write_yaml

COMPARISON = FolderKind(
    name="comparison",
    format=1,
    entries=frozenset({"scenarios", "files", "seed", "replications", "versions", "notes"}),
    command="livesim compare SCENARIO SCENARIO --out FOLDER",
    again="compare the scenarios again",
)


def summary(comparison: Comparison) -> Document:
    """Summarise a comparison as plain data, ready for JSON.

    Parameters
    ----------
    comparison
        The comparison.

    Returns
    -------
    dict
        ``base``, ``seed``, ``replications``, ``intervals`` (how many can miss), ``scenarios`` by
        name, and by measure ``show`` and each of ``products``: its ``unit``, the ``values`` and the
        ``differences`` by name of the show. All numbers are finite; a time that never comes, and
        the end that an interval does not have, is None.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> fee = room.with_changes({"deal.guest_fee": 1000})
    >>> found = livesim.compare({"as it is": room, "with a fee": fee}, replications=100, workers=1)
    >>> summary(found)["products"]["serum"]["demand"]["differences"]["with a fee"]["significant"]
    True
    """
    products: dict[str, Document] = {}
    for row in comparison.rows:
        if row.product:
            products.setdefault(row.product, {})[row.measure.name] = _row(row)
    return {
        "base": comparison.base,
        "seed": comparison.seed,
        "replications": comparison.replications,
        "intervals": comparison.intervals,
        "scenarios": {
            name: {
                "title": scenario.title,
                "digest": scenario.digest,
                "currency": scenario.show.currency,
            }
            for name, scenario in comparison.scenarios.items()
        },
        "show": {row.measure.name: _row(row) for row in comparison.rows if not row.product},
        "products": products,
    }


def save(comparison: Comparison, folder: str | Path) -> Path:
    """Write a comparison as one folder.

    Parameters
    ----------
    comparison
        The comparison.
    folder
        Where to. A livesim comparison that is there is replaced.

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
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> found = livesim.compare({"one": room, "again": room}, replications=100, workers=1)
    >>> with tempfile.TemporaryDirectory() as place:
    ...     sorted(path.name for path in save(found, f"{place}/twice").glob("*.csv"))
    ['differences.csv', 'products.csv', 'shows.csv']
    """

    def fill(place: Path) -> Mapping[str, Any]:
        document = json_text(summary(comparison))
        (place / "comparison.json").write_text(document + "\n", encoding="utf-8")
        for name in ("differences", "shows", "products"):
            getattr(comparison, name).to_csv(place / f"{name}.csv", index=False)
        files = {}
        for number, (name, scenario) in enumerate(comparison.scenarios.items(), start=1):
            files[name] = f"scenario_{number}.yaml"
            (place / files[name]).write_text(write_yaml(scenario.to_data()), encoding="utf-8")
        return {
            "title": " | ".join(comparison.names),
            "scenarios": files,
            "seed": comparison.seed,
            "replications": comparison.replications,
            "versions": dict(comparison.versions),
            "notes": {name: list(notes) for name, notes in comparison.notes.items()},
        }

    return COMPARISON.write(folder, fill)


def _row(row: Row) -> Document:
    return {
        "unit": row.measure.unit,
        "statistic": row.measure.statistic,
        "values": {name: finite(value) for name, value in row.values.items()},
        "differences": {name: _difference(found) for name, found in row.differences.items()},
    }


def _difference(found: Difference) -> Document:
    return {
        "difference": finite(found.value),
        "low": finite(found.low),
        "high": finite(found.high),
        "significant": found.significant,
        "same": found.same,
        "narrowing": found.narrowing,
    }
