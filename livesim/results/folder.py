"""A result as one folder on disk.

The folder holds a manifest, the resolved scenario, and one Parquet file a table, so that other
programs can read it. It is written beside its place and moved there when it is whole and on the
disk: a crash leaves the earlier result or the new one, never a half that looks whole. Reading
checks the scenario and every table against the manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from livesim.errors import ResultsError
from livesim.results import columns as tidy

if TYPE_CHECKING:
    from livesim.results.result import Result
    from livesim.scenario.scenario import Scenario

FORMAT = 1
"""Number of the folder's layout; another number is refused."""

_MANIFEST = "manifest.json"
_SCENARIO = "scenario.yaml"
_ENTRIES = frozenset(
    {"scenario", "digest", "files", "seed", "replications", "engine", "versions", "notes"}
)
_TABLES = (*tidy.TABLES, "timeline", "slots")


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
    >>> result = livesim.simulate("scenarios/brand_room.yaml", replications=50)
    >>> with tempfile.TemporaryDirectory() as place:
    ...     again = load(save(result, f"{place}/first_show"))
    >>> again.fingerprint == result.fingerprint
    True
    """
    place = Path(folder).resolve()
    try:
        check_free(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_name(f".{place.name}.{token_hex(4)}.unfinished")
        try:
            _write(result, attachments or {}, unfinished)
            _move_in(unfinished, place)
        finally:
            rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise ResultsError(f"{folder}: cannot be written: {error.strerror or error}") from error
    return place


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
    manifest = _read_manifest(place)
    for name in (_SCENARIO, *(f"{table}.parquet" for table in _TABLES)):
        _check_file(place, name, manifest["files"])
    scenario = _read_scenario(place, manifest)
    read = {table: _read_table(place / f"{table}.parquet") for table in _TABLES}
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
    place = Path(folder).resolve()
    if not place.exists():
        return
    remedy = "choose a new folder, or move away what is there"
    if not place.is_dir():
        raise ResultsError(f"{place}: is a file, not a folder: {remedy}")
    present = {str(path.relative_to(place)) for path in _files(place)}
    if not present:
        return
    if _MANIFEST not in present:
        raise ResultsError(f"{place}: has files in it but is not a livesim result: {remedy}")
    foreign = sorted(present - {_MANIFEST, *_read_manifest(place)["files"]})
    if foreign:
        raise ResultsError(
            f"{place}: {foreign[0]} is not part of the result that is there and would be lost: "
            f"{remedy}"
        )


def _write(result: Result, attachments: Mapping[str, bytes], place: Path) -> None:
    place.mkdir()
    (place / _SCENARIO).write_text(_scenario_text(result.scenario), encoding="utf-8")
    for table in _TABLES:
        _write_table(_columns(result, table), place / f"{table}.parquet")
    for name, content in attachments.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    files = {str(path.relative_to(place)): _described(path) for path in _files(place)}
    manifest = {
        "format": FORMAT,
        "title": result.scenario.title,
        "digest": result.digest,
        "seed": result.seed,
        "replications": result.replications,
        "engine": result.engine,
        "versions": dict(result.versions),
        "notes": list(result.notes),
        "files": files,
        "scenario": result.scenario.to_data(),
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (place / _MANIFEST).write_text(text + "\n", encoding="utf-8")
    for path in (*_files(place), place):
        _sync(path)


def _move_in(unfinished: Path, place: Path) -> None:
    earlier = place.with_name(f".{place.name}.replaced")
    if place.exists():
        rmtree(earlier, ignore_errors=True)
        place.rename(earlier)
    try:
        unfinished.rename(place)
    except OSError:
        if earlier.exists():
            earlier.rename(place)
        raise
    _sync(place.parent)
    rmtree(earlier, ignore_errors=True)


def _read_manifest(place: Path) -> dict[str, Any]:
    path = place / _MANIFEST
    if not path.is_file():
        raise ResultsError(f"{place}: {_missing(place)}")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        written = manifest["format"]
        complete = set(manifest) >= _ENTRIES
    except (ValueError, KeyError, TypeError) as error:
        raise ResultsError(f"{path}: is damaged: run the scenario again") from error
    if written != FORMAT:
        raise ResultsError(
            f"{path}: was written in format {written}, and this livesim reads format {FORMAT}: "
            "read it with the version that wrote it, or run the scenario again"
        )
    if not complete:
        raise ResultsError(f"{path}: is damaged: run the scenario again")
    return dict(manifest)


def _missing(place: Path) -> str:
    earlier = place.with_name(f".{place.name}.replaced")
    if not place.exists() and earlier.exists():
        return f"there is no such folder, but an earlier result, whole: rename {earlier}"
    if not place.exists():
        return "there is no such folder: livesim run SCENARIO --out FOLDER writes one"
    return f"is not a livesim result: {_MANIFEST} is missing"


def _check_file(place: Path, name: str, listed: Mapping[str, Mapping[str, Any]]) -> None:
    path = place / name
    if name not in listed or not path.is_file():
        raise ResultsError(f"{place}: {name} is missing: run the scenario again")
    if _described(path) != listed[name]:
        raise ResultsError(
            f"{path}: is not as it was written: restore it, or run the scenario again"
        )


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


def _read_scenario(place: Path, manifest: Mapping[str, Any]) -> Scenario:
    """Read the scenario from the manifest: its YAML is for people, and can be too large to read."""
    from livesim.scenario.scenario import Scenario

    scenario = Scenario.from_data(manifest["scenario"])
    if scenario.digest != manifest["digest"]:
        raise ResultsError(f"{place / _MANIFEST}: is damaged: run the scenario again")
    return scenario


def _described(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
    return {"bytes": path.stat().st_size, "blake2b": digest.hexdigest()}


def _files(place: Path) -> Iterator[Path]:
    return (path for path in sorted(place.rglob("*")) if not path.is_dir())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
