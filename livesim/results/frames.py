"""Columns and rows as data frames, in which a time that never came is NaN, and these as CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from livesim.errors import FORMULA_STARTS
from livesim.results.columns import Columns

if TYPE_CHECKING:
    from pandas import DataFrame as DataFrame


def frame(columns: Columns) -> DataFrame:
    """Return columns of equal length as a data frame."""
    import pandas as pd

    return pd.DataFrame(columns).replace([np.inf], np.nan)


def frame_of(rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    """Return the rows of a document as a data frame, what is nested under names with dots.

    Examples
    --------
    >>> frame_of([{"name": "serum", "profit": {"mean": 3.0}}]).columns.to_list()
    ['name', 'profit.mean']
    """
    import pandas as pd

    return pd.json_normalize([dict(row) for row in rows]).replace([np.inf], np.nan)


def csv_text(table: DataFrame) -> str:
    """Return a data frame as CSV in which no text, as a file's name, is a spreadsheet's formula.

    Examples
    --------
    >>> csv_text(frame({"scenario": np.array(["=1+2", "late"])})).split()
    ['scenario', "'=1+2", 'late']
    """
    texts = table.select_dtypes(["object", "string", "category"]).map(_harmless)
    return table.assign(**{str(name): texts[name] for name in texts}).to_csv(index=False)


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
