"""The tidy table: exactly its columns, each with its type, and what is missing stays missing."""

from __future__ import annotations

import pytest

from livesim.history import History
from livesim.history.table import MINUTES, SHOWS, names, tidy


def test_what_is_missing_stays_missing() -> None:
    shows = tidy([{"show": "a", "start": "2026-11-27 20:00"}, {"show": "b", "units": 3}], SHOWS)
    assert list(shows.columns) == names(SHOWS)
    assert shows["units"].isna().tolist() == [True, False]
    assert shows["start"].isna().tolist() == [False, True]
    assert shows["start"].dt.day_name().tolist()[0] == "Friday"


@pytest.mark.parametrize("columns", [SHOWS, MINUTES])
def test_no_rows_have_all_columns(columns: tuple) -> None:
    assert tidy([], columns).dtypes.tolist() == tidy([{"show": "a"}], columns).dtypes.tolist()


def test_another_column_is_refused() -> None:
    with pytest.raises(KeyError, match="unit_sold"):
        tidy([{"show": "a", "unit_sold": 3}], SHOWS)


def test_a_history_prints_what_it_holds_in_a_few_lines() -> None:
    rows = [
        {"show": f"e{n}", "start": f"2026-08-0{n} 20:00", "product": f"item {kind}"}
        for n in (1, 2)
        for kind in range(12)
    ]
    told = str(History(tidy(rows, SHOWS), notes=("nothing says, and so stays missing: host",)))
    assert told.splitlines() == [
        "Past shows: 2 shows from 2026-08-01 to 2026-08-02 in 24 rows",
        "Products: " + ", ".join(f"item {kind}" for kind in range(10)) + " and 2 more",
        "- nothing says, and so stays missing: host",
    ]
