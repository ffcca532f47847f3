"""One simulated study: its figures, and where they come from.

The engine gives arrays; people want tables with names. A `Result` is the arrays together with the
scenario, the seed and the versions, and makes tables and the labelled timeline when asked for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from livesim.engine.outcome import Outcome
from livesim.engine.timeline import rows_of
from livesim.errors import UsageError
from livesim.results import columns as tidy
from livesim.results.answer import Answer, InParts, Origin
from livesim.results.campaign import campaign_columns
from livesim.results.document import Document
from livesim.results.folders import FolderKind
from livesim.results.frames import frame
from livesim.results.manifest import Manifest
from livesim.results.parquet import write_tables
from livesim.results.summary import summary
from livesim.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

_UNITS = {"concurrent": "viewers", "arrivals": "viewers", "orders": "orders"}


class ResultManifest(Manifest):
    """What a result's manifest says for it to be read again."""

    engine: str
    scenario: dict[str, Any]


@dataclass(frozen=True, eq=False, repr=False)
class Result(Answer):
    """What happened in every replication of a show.

    Tables are tidy pandas data frames, one row a replication × label. A time that never came is NaN
    in them (inf in the arrays of `outcome`).

    Attributes
    ----------
    scenario : Scenario
        The scenario, with everything explicit.
    seed : int
        The study's seed.
    replications : int
        Number of simulated shows R.
    engine : str
        The engine that simulated them.
    outcome : Outcome
        The arrays.
    versions : mapping of str to str
        Versions and processor, as `livesim.results.provenance.provenance` gives them.
    notes : tuple of str
        What was assumed where the file said nothing.
    requested : int or None
        Replications that were asked for, where the work was interrupted.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
    >>> result = livesim.simulate(room, replications=50)
    >>> result.products.groupby("product").sales.mean().shape
    (3,)
    """

    kind: ClassVar = FolderKind(
        name="result",
        command="livesim run SCENARIO --out FOLDER",
        again="run the scenario again",
        manifest=ResultManifest,
    )

    scenario: Scenario
    seed: int
    replications: int
    engine: str
    outcome: Outcome
    versions: Mapping[str, str]
    notes: tuple[str, ...] = ()
    requested: int | None = None

    @property
    def inputs(self) -> pd.DataFrame:
        """Every drawn input by its path, as it was drawn: one row a replication.

        A row is simulated again by ``livesim.simulate(scenario, inputs=rows)``. Its columns are
        called as a file's keys are, but forecast errors stand here before they are divided by what
        makes a plain number the mean of shows; so they are no changes of a scenario.

        Examples
        --------
        >>> import livesim
        >>> room = livesim.load("scenarios/brand_room.yaml", {"show.length": "20min"})
        >>> result = livesim.simulate(room, replications=50)
        >>> best = result.inputs.iloc[[result.shows.profit.idxmax()] * 50]
        >>> again = livesim.simulate(room, inputs=best)
        >>> bool(again.shows.profit.mean() > result.shows.profit.mean())
        True
        """
        return self._table("inputs")

    @property
    def shows(self) -> pd.DataFrame:
        """Viewers, orders and money [currency] of the whole show: one row a replication."""
        return self._table("shows")

    @property
    def rooms(self) -> pd.DataFrame:
        """Viewers, attempts to order and orders: one row a replication × room of the scenario."""
        if not self.scenario.rooms:
            raise UsageError("the scenario has no rooms: its one audience is in shows")
        return self._table(tidy.ROOMS)

    @property
    def segments(self) -> pd.DataFrame:
        """Viewers by audience segment: one row a replication × segment."""
        return self._table("segments")

    @property
    def campaign(self) -> pd.DataFrame:
        """Shares that have heard before the show [1]: a row a replication × tier × segment."""
        return frame(campaign_columns(self.outcome, self.scenario))

    @property
    def products(self) -> pd.DataFrame:
        """Stock account [units], times [s], money [currency]: one row a replication × product.

        The ``potential_demand`` is what the same show wants with unlimited stock. Where slots go on
        at sell-out, it is the same show up to there, and goes on with other viewers by chance.
        Where viewers or code of your own react to the stock, and of slots that go on beside a
        bundle, a webshop, a queue at the checkout, from a state or in the agent engine, all of its
        viewers are others by chance: take its mean and its quantiles, and not its difference from
        ``demand`` in a single row.
        """
        columns = tidy.columns(self.outcome, self.scenario, "products")
        return frame({**columns, "since_link": tidy.since_link(self.outcome).ravel()})

    @property
    def variants(self) -> pd.DataFrame:
        """Stock account by size or shade: units, times [s], value [currency]; a row a variant."""
        return self._table("variants")

    @property
    def slots(self) -> pd.DataFrame:
        """When each slot started [s]: one row a replication × slot."""
        return frame(tidy.slot_columns(self.outcome, self.scenario))

    @property
    def timeline(self) -> xr.Dataset:
        """Curves over the show: dimensions replication, time [s] and product."""
        import xarray as xr

        curves = self.outcome.timeline
        data = {}
        for name, curve in curves.items():
            if name in ("times", "slot_starts"):
                continue
            dims = ("replication", "time", "product")[: curve.ndim]
            data[name] = (dims, curve, {"units": _UNITS.get(name, "units")})
        coords = {
            "replication": np.arange(self.replications),
            "time": ("time", curves["times"], {"units": "s"}),
            "product": list(self.scenario.products),
        }
        return xr.Dataset(data, coords, {"title": self.scenario.title, "digest": self.digest})

    @property
    def origin(self) -> Origin:
        """What it was made from."""
        return Origin.of(
            self.scenario,
            self.seed,
            self.replications,
            self.versions,
            self.notes,
            self.requested,
        )

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every table by name; the timeline is labelled arrays, and apart."""
        names = [*tidy.tables_of(self.scenario), "slots"]
        return {name: getattr(self, name) for name in names}

    def _arrays(self) -> Iterator[tuple[str, NDArray[Any] | InParts]]:
        for table in (*tidy.tables_of(self.scenario), "timeline"):
            for name in getattr(self.outcome, table):
                yield f"{table}.{name}", self._array(table, name)

    def _array(self, table: str, name: str) -> NDArray[Any] | InParts:
        """Return a column of a table; times, which are the same in all replications, as they are.

        Of the column only a part is there at once.
        """
        first = self._part(slice(0, 1), table)[name]
        if name == "times":
            return first
        rows = tidy.in_parts(self.replications, first.size)
        shape = (self.replications, *first.shape[1:])
        return InParts(first.dtype, shape, (self._part(some, table)[name] for some in rows))

    def _part(self, rows: slice, table: str) -> Mapping[str, NDArray[Any]]:
        """Return the columns of a table over some replications."""
        return rows_of(getattr(self.outcome, table), rows)

    def _body(self) -> Document:
        return {"engine": self.engine, **summary(self.outcome, self.scenario)}

    def _kept(self) -> Document:
        return {"engine": self.engine, "scenario": self.scenario.to_data()}

    def _write(self, place: Path) -> None:
        write_tables(self.outcome, self.scenario, place)

    def _table(self, table: str) -> pd.DataFrame:
        return frame(tidy.columns(self.outcome, self.scenario, table))
