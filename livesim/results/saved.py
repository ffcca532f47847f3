"""Reading a result that was saved: its scenario and every table are checked by the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livesim.results import columns as tidy
from livesim.results.folders import MANIFEST, FolderKind
from livesim.results.parquet import SCENARIO, files_of, read_table
from livesim.results.result import Result

if TYPE_CHECKING:
    from livesim.scenario.scenario import Scenario


def load(folder: str | Path) -> Result:
    """Read a result that `Result.save` wrote.

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

    Examples
    --------
    >>> import livesim, tempfile
    >>> from livesim.results.answer import write
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> result = livesim.simulate(room, replications=50)
    >>> with tempfile.TemporaryDirectory() as place:
    ...     again = load(write(result, f"{place}/first_show"))
    >>> again.fingerprint == result.fingerprint
    True
    """
    place = Path(folder)
    manifest = Result.kind.manifest(place)
    Result.kind.check_file(place, SCENARIO, manifest)
    scenario = read_scenario(Result.kind, place, manifest)
    for table in files_of(scenario):
        Result.kind.check_file(place, f"{table}.parquet", manifest)
    read = {table: read_table(place / f"{table}.parquet") for table in files_of(scenario)}
    return Result(
        scenario=scenario,
        seed=manifest["seed"],
        replications=manifest["replications"],
        engine=manifest["engine"],
        outcome=tidy.outcome_from(scenario, read, read["timeline"], read["slots"]),
        versions=manifest["versions"],
        notes=tuple(manifest["notes"]),
    )


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
