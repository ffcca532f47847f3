"""An incubator's evaluations as a document for programs, and as a folder on disk.

The folder holds ``incubator.json`` (what ``livesim incubate --json`` prints), ``designs.csv`` (one
row a design to try), ``candidates.csv`` (each one's talent, trial orders and worth), the scenario
with everything explicit, and figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from livesim.planning.incubating import Evaluation, Incubation
from livesim.planning.selection import Measured
from livesim.results.document import Document, finite, json_text
from livesim.results.result import frame
from livesim.results.whole import FolderKind, attach
from livesim.scenario.writing import write_yaml

if TYPE_CHECKING:
    from livesim.results.result import DataFrame

INCUBATION = FolderKind(
    name="incubation",
    format=1,
    entries=frozenset({"scenario", "seed", "candidates", "later_shows", "versions", "notes"}),
    command="livesim incubate SCENARIO --out FOLDER",
    again="run the incubator again",
)

FIGURES = (
    *("picked", "promoted", "worth", "missed", "cost", "net"),
    *("score", "score_again"),
)
"""A evaluation's figures, each with the half-width of its 95 % interval."""


def summary(found: Incubation) -> Document:
    """Summarise an incubator's evaluations as plain data, ready for JSON.

    Parameters
    ----------
    found
        The evaluations.

    Returns
    -------
    dict
        ``asked`` (the scenario's own design) and ``best``, each with its ``outlook``; ``as_good``;
        all ``evaluations``; ``alike``; ``top_share`` (of the sales, of the best 5 % of candidates).
        All numbers are finite; a cost that is never paid back is None.

    Examples
    --------
    >>> import livesim
    >>> found = livesim.incubate("scenarios/incubator.yaml", tried=[5], lengths=[1200], shows=[1],
    ...     candidates=100, later_shows=2, workers=1)
    >>> sorted(summary(found))[:4]
    ['alike', 'as_good', 'asked', 'best']
    """
    asked, best = found.outlooks
    return {
        "scenario": {
            "title": found.scenario.title,
            "digest": found.scenario.digest,
            "currency": found.scenario.show.currency,
        },
        "seed": found.seed,
        "candidates": found.pool.candidates,
        "later_shows": found.pool.profit.shape[1],
        "alike": found.alike,
        "top_share": finite(found.share_of_top(0.05)),
        "asked": {**_evaluation(found.asked), "outlook": asdict(asked)},
        "best": {**_evaluation(found.best), "outlook": asdict(best)},
        "as_good": [asdict(evaluation.design) for evaluation in found.as_good],
        "designs": [_evaluation(evaluation) for evaluation in found.designs],
    }


def designs_table(found: Incubation) -> DataFrame:
    """Return one row a design to try: its numbers, its figures, and their half-widths.

    Parameters
    ----------
    found
        The evaluations.

    Returns
    -------
    pandas.DataFrame
        ``tried``, ``length`` [s], ``shows``, each figure with ``FIGURE.half_width``, and
        ``pays_back_after`` [shows].
    """
    rows = [
        {
            **asdict(evaluation.design),
            **{
                column: value
                for name in FIGURES
                for column, value in _columns(name, getattr(evaluation, name))
            },
            "pays_back_after": evaluation.pays_back_after,
        }
        for evaluation in found.designs
    ]
    return frame({name: np.array([row[name] for row in rows]) for name in rows[0]})


def candidates_table(found: Incubation) -> DataFrame:
    """Return one row a candidate: talent, orders in the first trial show, and what they are worth.

    Parameters
    ----------
    found
        The evaluations.

    Returns
    -------
    pandas.DataFrame
        Each uncertain quantity of the person by its path, ``trial_orders`` in a trial of the
        scenario's length, ``profit`` and ``gmv`` of a later show [currency].
    """
    pool = found.pool
    return frame(
        {
            "candidate": np.arange(pool.candidates),
            **pool.talent,
            "trial_orders": pool.score("orders", found.asked.design.length, 1),
            "profit": pool.profit.mean(axis=1),
            "gmv": pool.gmv.mean(axis=1),
        }
    )


def save(found: Incubation, folder: str | Path, figures: Mapping[str, bytes]) -> Path:
    """Write an incubator's evaluations as one folder.

    Parameters
    ----------
    found
        The evaluations.
    folder
        Where to. An incubation that is there is replaced.
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
        document = json_text(summary(found))
        (place / "incubator.json").write_text(document + "\n", encoding="utf-8")
        designs_table(found).to_csv(place / "designs.csv", index=False)
        candidates_table(found).to_csv(place / "candidates.csv", index=False)
        scenario = write_yaml(found.scenario.to_data())
        (place / "scenario.yaml").write_text(scenario, encoding="utf-8")
        attach(place, figures)
        return {
            "title": found.scenario.title,
            "scenario": "scenario.yaml",
            "seed": found.seed,
            "candidates": found.pool.candidates,
            "later_shows": found.pool.profit.shape[1],
            "versions": dict(found.versions),
            "notes": list(found.notes),
        }

    return INCUBATION.write(folder, fill)


def _evaluation(evaluation: Evaluation) -> Document:
    figures = {
        name: {"value": measured.value, "half_width": measured.half_width}
        for name in FIGURES
        for measured in [getattr(evaluation, name)]
    }
    return {
        **asdict(evaluation.design),
        **figures,
        "pays_back_after": finite(evaluation.pays_back_after),
    }


def _columns(name: str, measured: Measured) -> tuple[tuple[str, float], ...]:
    return (name, measured.value), (f"{name}.half_width", measured.half_width)
