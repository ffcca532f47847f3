"""A result's tables as files: one Parquet file a table, for other programs and to read it again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from livesim.engine.outcome import Outcome
from livesim.randomness import BLOCK
from livesim.results import columns as tidy
from livesim.scenario.scenario import Scenario

SCENARIO = "scenario.yaml"


def write_tables(outcome: Outcome, scenario: Scenario, place: Path) -> None:
    """Write the scenario, and the tables of what happened in it, to a folder."""
    from livesim.scenario.writing import write_yaml

    (place / SCENARIO).write_text(write_yaml(scenario.to_data()), encoding="utf-8")
    for table in files_of(scenario):
        _write_table(_parts(outcome, scenario, table), place / f"{table}.parquet")


def files_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the names of the tables that are kept, the timeline and the slots among them."""
    return (*tidy.tables_of(scenario), "timeline", "slots")


def _columns(outcome: Outcome, scenario: Scenario, table: str) -> tidy.Columns:
    if table == "timeline":
        return tidy.timeline_columns(outcome, scenario)
    if table == "slots":
        return tidy.slot_columns(outcome, scenario)
    return tidy.columns(outcome, scenario, table)


def _parts(outcome: Outcome, scenario: Scenario, table: str) -> Iterator[tidy.Columns]:
    """Yield the columns of a table, some replications after the other."""
    one = _columns(outcome.part(slice(0, 1)), scenario, table)
    for rows in tidy.in_parts(len(outcome), sum(column.size for column in one.values())):
        part = _columns(outcome.part(rows), scenario, table)
        yield {**part, "replication": part["replication"] + rows.start}


def _write_table(parts: Iterator[tidy.Columns], path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    first = pa.table(next(parts))
    with parquet.ParquetWriter(path, first.schema, compression="zstd") as writer:
        writer.write_table(first)
        for part in parts:
            writer.write_table(pa.table(part))


class TableFile:
    """A table that was written, of which some replications after the other are read.

    Parameters
    ----------
    path
        Where it is.
    replications
        How many it has [1].

    Raises
    ------
    ValueError
        If it has not as many rows of each.
    """

    def __init__(self, path: Path, replications: int) -> None:
        from pyarrow import parquet

        self._file = parquet.ParquetFile(path)
        self._rows, rest = divmod(self._file.metadata.num_rows, replications)
        if rest:
            self.close()
            raise ValueError(f"it has not as many rows of each of {replications:,} replications")
        #: How many numbers there are of each replication [1].
        self.numbers = self._rows * self._file.metadata.num_columns
        self._batches = self._file.iter_batches(max(1, self._rows) * BLOCK)
        self._read = self._file.schema_arrow.empty_table()

    def next(self, replications: int) -> tidy.Columns:
        """Return the columns over the next replications."""
        import pyarrow as pa

        rows = self._rows * replications
        while len(self._read) < rows:
            batch = pa.Table.from_batches([next(self._batches)])
            self._read = pa.concat_tables([self._read, batch])
        table, self._read = self._read.slice(0, rows), self._read.slice(rows)
        return {name: table.column(name).to_numpy() for name in table.column_names}

    def close(self) -> None:
        """Read no more of it."""
        self._file.close()
