"""Past shows as one object: a table of shows, perhaps one of minutes, and what was said of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from livesim.errors import HistoryError, Mistake
from livesim.history.table import SHOWS, tidy

if TYPE_CHECKING:
    from pandas import DataFrame as DataFrame


@dataclass(frozen=True, eq=False)
class History:
    """Past shows.

    Parameters
    ----------
    shows
        A row a show and product, with the columns of `livesim.history.table.SHOWS`; a row without
        a product is a whole show's.
    minutes
        A row a show and minute, with the columns of `livesim.history.table.MINUTES`; None where
        nothing is known by the minute.
    notes
        What was left out of the tables and why, and what the files do not say.
    """

    shows: DataFrame
    minutes: DataFrame | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def read(cls, paths: str | Path | Sequence[str | Path]) -> History:
        """Read past shows from what `livesim import` wrote.

        Parameters
        ----------
        paths
            A file, or several.

        Raises
        ------
        HistoryError
            If a file cannot be read, with all that is wrong in all of them.
        """
        import pandas as pd

        several = [paths] if isinstance(paths, str | Path) else list(paths)
        absent = [Path(path) for path in several if not Path(path).is_file()]
        if absent:
            raise HistoryError([Mistake("there is no such file", file=str(p)) for p in absent])
        frames = [pd.read_csv(path) for path in several]
        return cls(tidy(pd.concat(frames, ignore_index=True), SHOWS))

    @property
    def whole_shows(self) -> DataFrame:
        """The rows for whole shows: one a show, where an export gives it."""
        return self.shows[self.shows["product"].isna()].reset_index(drop=True)

    @property
    def products(self) -> DataFrame:
        """The rows for products: one a show, product and variant."""
        return self.shows[self.shows["product"].notna()].reset_index(drop=True)
