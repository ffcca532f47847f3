"""A result's tables as files: one Parquet file a table, for other programs and to read it again."""

from __future__ import annotations

from pathlib import Path

from livesim.engine.outcome import Outcome
from livesim.results import columns as tidy
from livesim.scenario.scenario import Scenario

SCENARIO = "scenario.yaml"


def write_tables(outcome: Outcome, scenario: Scenario, place: Path) -> None:
    """Write the scenario, and the tables of what happened in it, to a folder."""
    from livesim.scenario.writing import write_yaml

    (place / SCENARIO).write_text(write_yaml(scenario.to_data()), encoding="utf-8")
    for table in files_of(scenario):
        _write_table(_columns(outcome, scenario, table), place / f"{table}.parquet")


def files_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the names of the tables that are kept, the timeline and the slots among them."""
    return (*tidy.tables_of(scenario), "timeline", "slots")


def _columns(outcome: Outcome, scenario: Scenario, table: str) -> tidy.Columns:
    if table == "timeline":
        return tidy.timeline_columns(outcome, scenario)
    if table == "slots":
        return tidy.slot_columns(outcome, scenario)
    return tidy.columns(outcome, scenario, table)


def _write_table(columns: tidy.Columns, path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table(columns), path, compression="zstd")


def read_table(path: Path) -> tidy.Columns:
    """Return the columns of a table that was written."""
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        table = file.read()
    return {name: table.column(name).to_numpy() for name in table.column_names}
