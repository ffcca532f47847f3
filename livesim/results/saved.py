"""Reading a result that was saved: its scenario and every file are checked by the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livesim.results import columns as tidy
from livesim.results.folders import MANIFEST, FolderKind
from livesim.results.on_disk import OutcomesOnDisk, Scratch
from livesim.results.parquet import TableFile, files_of
from livesim.results.result import Result

if TYPE_CHECKING:
    from livesim.engine.outcome import Outcome
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
        If it is not a livesim result, or a file of it is missing or was changed.

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
    kind = Result.kind
    manifest, place = kind.read(folder), Path(folder)
    scenario = read_scenario(kind, place, manifest.scenario, manifest.digest)
    outcome = _outcome(kind, place, scenario, manifest.replications)
    with kind.making_sense_of(place / MANIFEST):
        result = Result(
            scenario=scenario,
            seed=manifest.seed,
            replications=manifest.replications,
            engine=manifest.engine,
            outcome=outcome,
            versions=manifest.versions,
            notes=manifest.notes,
            requested=manifest.requested if manifest.interrupted else None,
        )
        if result.fingerprint != manifest.fingerprint:
            raise kind.damaged(place / MANIFEST, "the tables have other figures than it says")
    return result


def _outcome(kind: FolderKind[Any], place: Path, scenario: Scenario, replications: int) -> Outcome:
    """Read the tables, of which only some replications are there at once."""
    outcomes, tables, part = OutcomesOnDisk(Scratch()), {}, {}
    paths = {table: place / f"{table}.parquet" for table in files_of(scenario)}
    with ExitStack() as opened:
        for name, path in paths.items():
            with kind.making_sense_of(path):
                tables[name] = opened.enter_context(closing(TableFile(path, replications)))
        numbers = sum(table.numbers for table in tables.values())
        for rows in tidy.in_parts(replications, numbers):
            for name, path in paths.items():
                with kind.making_sense_of(path):
                    part[name] = tables[name].next(rows.stop - rows.start)
            with kind.making_sense_of(place / MANIFEST):
                outcomes.add(tidy.outcome_from(scenario, part, part["timeline"], part["slots"]))
    return outcomes.first(replications)


def read_scenario(
    kind: FolderKind[Any], place: Path, data: Mapping[str, Any], digest: str
) -> Scenario:
    """Read the scenario from a manifest: its YAML is for people, and can be too large to read.

    Raises
    ------
    ResultsError
        If it is not the one that was written.
    """
    from livesim.scenario.scenario import Scenario

    with kind.making_sense_of(place / MANIFEST):
        scenario = Scenario.from_data(data)
        if scenario.digest != digest:
            raise kind.damaged(place / MANIFEST, "its scenario has another digest")
    return scenario
