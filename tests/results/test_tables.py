"""Tidy tables and the labelled timeline: every figure under its right label."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from livesim.results import Result
from livesim.results import columns as tidy
from livesim.results.frames import csv_text


def test_products_table_has_a_row_for_each_replication_and_product(result: Result) -> None:
    table = result.products
    names = list(result.scenario.products)
    assert table["product"].tolist() == names * result.replications
    assert table["replication"].tolist() == [r for r in range(result.replications) for _ in names]
    one = table[(table["replication"] == 3) & (table["product"] == names[1])]
    assert one["demand"].item() == result.outcome.products["demand"][3, 1]


def test_what_never_happened_is_nan_in_a_table_and_inf_in_the_array(result: Result) -> None:
    never = np.isinf(result.outcome.products["sold_out_at"]).ravel()
    assert 0 < never.sum() < never.size
    assert (result.products["sold_out_at"].isna().to_numpy() == never).all()


def test_since_link_counts_from_the_link(result: Result) -> None:
    table = result.products
    assert (table["since_link"].dropna() == (table["sold_out_at"] - 60).dropna()).all()
    assert table["since_link"].isna().equals(table["sold_out_at"].isna())


def test_without_a_link_there_is_no_time_since_it(result: Result) -> None:
    never = np.full_like(result.outcome.products["link_at"], np.inf)
    products = {**result.outcome.products, "link_at": never}
    assert np.isinf(tidy.since_link(replace(result.outcome, products=products))).all()


def test_a_product_without_variants_has_one_of_its_own_name(result: Result) -> None:
    first = result.variants.query("replication == 0")
    pairs = list(zip(first["product"], first["variant"], strict=True))
    others = [(name, name) for name in list(result.scenario.products)[1:]]
    assert pairs == [("serum", "small"), ("serum", "large"), *others]


def test_inputs_have_a_column_for_each_uncertain_path(result: Result) -> None:
    assert list(result.inputs.columns) == ["replication", *result.scenario.uncertain()]


@pytest.mark.parametrize(("table", "first"), [("shows", "page_views"), ("segments", "segment")])
def test_other_tables_have_their_label(result: Result, table: str, first: str) -> None:
    frame = getattr(result, table)
    assert list(frame.columns[:2]) == ["replication", first]
    assert len(frame) == result.replications


def test_slots_that_never_started_are_nan(result: Result) -> None:
    last = result.slots.query("replication == 0").iloc[-1]
    assert last["slot"] == list(result.scenario.rundown)[-1]
    assert np.isnan(last["start"])


def test_timeline_is_labelled(result: Result) -> None:
    timeline = result.timeline
    name = list(result.scenario.products)[1]
    curve = timeline["on_hand"].sel(replication=5, product=name)
    assert curve.dims == ("time",)
    assert (curve.values == result.outcome.timeline["on_hand"][5, :, 1]).all()
    assert timeline["time"].attrs["units"] == "s"
    assert timeline["concurrent"].dims == ("replication", "time")
    assert all("units" in curve.attrs for curve in timeline.data_vars.values())


def test_columns_and_back_change_no_bit(result: Result) -> None:
    scenario, outcome = result.scenario, result.outcome
    again = tidy.outcome_from(
        scenario,
        {table: tidy.columns(outcome, scenario, table) for table in tidy.TABLES},
        tidy.timeline_columns(outcome, scenario),
        tidy.slot_columns(outcome, scenario),
    )
    assert replace(result, outcome=again).fingerprint == result.fingerprint


@pytest.mark.parametrize("table", [*tidy.TABLES, "timeline"])
def test_the_fingerprint_sees_one_changed_bit(result: Result, table: str) -> None:
    arrays = dict(getattr(result.outcome, table))
    name, array = next(iter(arrays.items()))
    changed = array.copy().astype(float)
    changed.flat[0] = np.nextafter(changed.flat[0], np.inf)
    other = replace(result.outcome, **{table: {**arrays, name: changed}})
    assert replace(result, outcome=other).fingerprint != result.fingerprint


def test_a_csv_file_holds_no_formula() -> None:
    """A scenario's file may be called anything; a category, an empty cell and numbers stay."""
    names = pd.Categorical(["=1+2", "late", "@x"])
    table = pd.DataFrame({"scenario": names, "note": [None, "-2", "so"], "value": [-1.0, 2, 3]})
    assert csv_text(table).splitlines()[1:] == ["'=1+2,,-1.0", "late,'-2,2.0", "'@x,so,3.0"]
