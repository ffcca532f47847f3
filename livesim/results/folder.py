"""A result as one folder on disk.

The folder holds a manifest, the resolved scenario, and one Parquet file a table, so that other
programs can read it. Reading checks the scenario and every table against the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livesim.results import columns as tidy
from livesim.results.whole import MANIFEST, FolderKind, attach

if TYPE_CHECKING:
    from livesim.results.result import Result
    from livesim.scenario.scenario import Scenario

RESULT = FolderKind(
    name="result",
    format=1,
    entries=frozenset(
        {"scenario", "digest", "files", "seed", "replications", "engine", "versions", "notes"}
    ),
    command="livesim run SCENARIO --out FOLDER",
    again="run the scenario again",
)

_SCENARIO = "scenario.yaml"


def save(
    result: Result, folder: str | Path, attachments: Mapping[str, bytes] | None = None
) -> Path:
    """Write a result as one folder.

    Parameters
    ----------
    result : Result
        What happened.
    folder : str or Path
        Where to. A livesim result that is there is replaced.
    attachments : mapping of str to bytes, optional
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
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> result = livesim.simulate(room, replications=50)
    >>> with tempfile.TemporaryDirectory() as place:
    ...     again = load(save(result, f"{place}/first_show"))
    >>> again.fingerprint == result.fingerprint
    True
    """

    def fill(place: Path) -> dict[str, Any]:
        (place / _SCENARIO).write_text(_scenario_text(result.scenario), encoding="utf-8")
        for table in _tables(result.scenario):
            _write_table(_columns(result, table), place / f"{table}.parquet")
        attach(place, attachments or {})
        return {
            "title": result.scenario.title,
            "digest": result.digest,
            "seed": result.seed,
            "replications": result.replications,
            "engine": result.engine,
            "versions": dict(result.versions),
            "notes": list(result.notes),
            "scenario": result.scenario.to_data(),
        }

    return RESULT.write(folder, fill)


def load(folder: str | Path) -> Result:
    """Read a result that `save` wrote.

    Parameters
    ----------
    folder : str or Path
        The folder.

    Returns
    -------
    Result
        Equal to the saved one, bit for bit.

    Raises
    ------
    ResultsError
        If it is not a livesim result, or its scenario or a table is missing or was changed.
    """
    from livesim.results.result import Result

    place = Path(folder)
    manifest = RESULT.manifest(place)
    RESULT.check_file(place, _SCENARIO, manifest)
    scenario = read_scenario(RESULT, place, manifest)
    for table in _tables(scenario):
        RESULT.check_file(place, f"{table}.parquet", manifest)
    read = {table: _read_table(place / f"{table}.parquet") for table in _tables(scenario)}
    return Result(
        scenario=scenario,
        seed=manifest["seed"],
        replications=manifest["replications"],
        engine=manifest["engine"],
        outcome=tidy.outcome_from(scenario, read, read["timeline"], read["slots"]),
        versions=manifest["versions"],
        notes=tuple(manifest["notes"]),
    )


def check_free(folder: str | Path) -> None:
    """Raise unless a result can be written to a folder without losing anything else.

    Parameters
    ----------
    folder : str or Path
        Where a result is to go. A livesim result that is there may be replaced.

    Raises
    ------
    ResultsError
        If there is a file, a folder of other things, or a result to which something was added.

    Examples
    --------
    >>> check_free("a folder that does not exist")
    """
    RESULT.check_free(folder)


def read_scenario(kind: FolderKind, place: Path, manifest: Mapping[str, Any]) -> Scenario:
    """Read the scenario from a manifest: its YAML is for people, and can be too large to read.

    Raises
    ------
    ResultsError
        If it is not the one that was written.
    """
    from livesim.scenario.scenario import Scenario

    scenario = Scenario.from_data(manifest["scenario"])
    if scenario.digest != manifest["digest"]:
        raise kind.damaged(place / MANIFEST)
    return scenario


def _tables(scenario: Scenario) -> tuple[str, ...]:
    return (*tidy.tables_of(scenario), "timeline", "slots")


def _columns(result: Result, table: str) -> tidy.Columns:
    if table == "timeline":
        return tidy.timeline_columns(result.outcome, result.scenario)
    if table == "slots":
        return tidy.slot_columns(result.outcome, result.scenario)
    return tidy.columns(result.outcome, result.scenario, table)


def _write_table(columns: tidy.Columns, path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table(columns), path, compression="zstd")


def _read_table(path: Path) -> tidy.Columns:
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        table = file.read()
    return {name: table.column(name).to_numpy() for name in table.column_names}


def _scenario_text(scenario: Scenario) -> str:
    from livesim.scenario.writing import write_yaml

    return write_yaml(scenario.to_data())
