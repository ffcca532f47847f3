"""A scenario comes from a file, a text, a stream or plain data, and stays as it was read."""

from __future__ import annotations

import io
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import livesim
from livesim.errors import ScenarioError
from livesim.resolve import alternatives, resolve_file
from livesim.scenario.document import parse_document

ROOM = """\
like: brand_room
title: A room
show: {length: 20min, currency: EUR}
viewers: 2_000
products:
  serum: {price: 45, unit_cost: 20, owned: 50, orders_per_1000: 10, quantity: {1: 90%, 2: 10%}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "room.yaml"
    path.write_text(ROOM)
    return path


def test_a_text_a_stream_and_plain_data_are_scenarios(file: Path) -> None:
    read = livesim.load(file)
    assert livesim.load(ROOM) == read
    assert livesim.load(io.StringIO(ROOM)) == read
    assert livesim.load(io.BytesIO(ROOM.encode())) == read
    with file.open() as stream:
        assert livesim.load(stream) == read
    assert livesim.load(parse_document(ROOM).data) == read
    assert livesim.load(read.to_data()) == read
    assert livesim.load(ROOM, {"products.serum.owned": 60}).products["serum"].owned == 60


def test_whatever_takes_a_file_takes_plain_data() -> None:
    data = parse_document(ROOM).data
    result = livesim.simulate(data, replications=50, workers=1)
    assert livesim.simulate(ROOM, replications=50, workers=1).shows.equals(result.shows)


def test_a_mistake_in_plain_data_has_its_path_and_no_line() -> None:
    with pytest.raises(ScenarioError) as refused:
        livesim.load({**parse_document(ROOM).data, "viewerz": 1})
    (mistake,) = refused.value.mistakes
    assert (mistake.path, mistake.line) == ("viewerz", None)
    with pytest.raises(ScenarioError, match="viewerz"):
        livesim.load(ROOM.replace("viewers", "viewerz"))


def test_a_text_includes_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "base.yaml").write_text(ROOM)
    monkeypatch.chdir(tmp_path)
    both: list[Any] = ["include: [base]\ntitle: Mine\n", {"include": ["base"], "title": "Mine"}]
    assert [livesim.load(one).title for one in both] == ["Mine", "Mine"]


def test_a_text_describes_alternatives() -> None:
    text = f"{ROOM}alternatives:\n  few: {{viewers: 1k}}\n  many: {{viewers: 9k}}\n"
    assert alternatives(text) == ("few", "many")
    many = resolve_file(text, alternative="many").scenario
    assert many == livesim.load(ROOM, {"viewers": "9k"})


@pytest.mark.skipif(not Path("/dev/stdin").exists(), reason="there is no such file here")
def test_the_standard_input_is_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("-", "/dev/stdin"):
        stream = io.TextIOWrapper(io.BytesIO(ROOM.encode()))
        monkeypatch.setattr(sys, "stdin", stream)
        assert alternatives(name) == ()
        assert livesim.load(name) == livesim.load(ROOM), "it can be read twice"


def test_a_pipe_can_be_read_twice() -> None:
    reading, writing = os.pipe()
    os.write(writing, ROOM.encode())
    os.close(writing)
    name = f"/dev/fd/{reading}"
    if not Path(name).exists():
        pytest.skip("there are no such files here")
    assert alternatives(name) == ()
    assert livesim.load(name).title == "A room"
    os.close(reading)


# Values of NumPy and pandas


def test_values_of_numpy_and_pandas_can_be_set() -> None:
    changes: dict[str, Any] = {
        "products.serum.owned": np.int64(60),
        "products.serum.price": np.float32(45.5),
        "products.serum.quantity": {np.int64(1): np.float64(0.5), 2: 0.5},
        "rundown": {"all": {"length": "20min", "sells": np.array(["serum"])}},
        "screen.claimed": np.bool_(True),
        "show.start": pd.Timestamp("2026-11-29 20:00"),
        "viewers": pd.Series([3_000])[0],
    }
    plain: dict[str, Any] = {
        "products.serum.owned": 60,
        "products.serum.price": 45.5,
        "products.serum.quantity": {"1": 0.5, "2": 0.5},
        "rundown": {"all": {"length": "20min", "sells": ["serum"]}},
        "screen.claimed": True,
        "show.start": "2026-11-29 20:00",
        "viewers": 3_000,
    }
    assert livesim.load(ROOM, changes) == livesim.load(ROOM, plain)
    told = {"rundown", "viewers", "show.start"}
    after = {path: value for path, value in changes.items() if path not in told}
    expected = {path: value for path, value in plain.items() if path not in told}
    room = livesim.load(ROOM)
    assert room.with_changes(after) == room.with_changes(expected)


def test_what_is_no_value_is_still_refused() -> None:
    for value in (np.array([1, 2]), np.datetime64("2026-11-29"), object(), {1, 2}, np.nan):
        with pytest.raises(ScenarioError):
            livesim.load(ROOM, {"products.serum.owned": value})


def test_counts_and_seeds_of_numpy() -> None:
    whole = livesim.simulate(ROOM, replications=np.int64(50), seed=np.int64(3), workers=1)
    assert whole.shows.equals(livesim.simulate(ROOM, replications=50, seed=3, workers=1).shows)
    assert type(whole.seed) is int
    for seed in (True, 1.0, -1, "1"):
        with pytest.raises(livesim.UsageError, match="a seed is an integer"):
            livesim.simulate(ROOM, replications=50, seed=seed, workers=1)


def test_a_sweep_over_a_range_of_numpy() -> None:
    over = {"products.serum.owned": np.arange(20, 61, 20)}
    found = livesim.sweep(ROOM, over, replications=np.int64(50), seed=np.uint8(1), workers=1)
    listed = {"products.serum.owned": [20, 40, 60]}
    same = livesim.sweep(ROOM, listed, replications=50, workers=1)
    assert found.over == same.over and found.points == same.points
    assert found.table().equals(same.table())


def test_a_row_of_inputs_can_be_put_back() -> None:
    result = livesim.simulate(ROOM, replications=50, workers=1)
    row = result.inputs.iloc[7]
    for inputs in (row, row.to_dict()):
        again = livesim.simulate(ROOM, inputs=inputs, workers=1)
        assert again.replications == 1
        assert again.inputs["show.appeal"].tolist() == [row["show.appeal"]]


def test_a_row_of_inputs_is_no_change_whether_or_not_it_has_its_number() -> None:
    """What was drawn is centred already: as changes it would make another show, without a word."""
    room = livesim.load(ROOM)
    row = livesim.simulate(room, replications=50, workers=1).inputs.iloc[7]
    drawn = row.drop("replication").to_dict()
    for changes in (
        row,
        row.to_dict(),
        drawn,
        {path: np.float64(one) for path, one in drawn.items()},
        {path: float(f"{one:.4g}") for path, one in drawn.items()},  # as a print shows it
    ):
        with pytest.raises(livesim.UsageError, match=r"simulate\(scenario, inputs=row\)"):
            room.with_changes(changes)
        with pytest.raises(livesim.UsageError, match=r"simulate\(scenario, inputs=row\)"):
            livesim.load(ROOM, changes)


def test_who_knows_all_may_say_so() -> None:
    """Numbers as people write them, and errors at odd values beside others, are like any changes.

    As a text, any number is what somebody wrote.
    """
    room = livesim.load(ROOM)
    known = {path: round(part.median, 3) for path, part in room.uncertain().items()}
    assert not room.with_changes(known).uncertain()
    priced = {**known, "show.appeal": 0.9375, "products.serum.price": 299.95}
    assert not room.with_changes(priced).uncertain()
    written = {path: f"{one + 1e-4:.5g}" for path, one in known.items()}
    assert not room.with_changes(written).uncertain()
    odd = {"show.appeal": 1 / 3, "show.turnout_factor": 2 / 3}
    assert room.with_changes(odd).show.appeal == 1 / 3


# Frozen to the bottom


def test_a_scenario_is_frozen_to_the_bottom() -> None:
    room = livesim.load(ROOM)
    before = room.to_data()
    for change in (
        lambda: room.products.update(hat=room.products["serum"]),
        lambda: room.products.pop("serum"),
        lambda: room.products.__setitem__("serum", None),
        lambda: room.products.__delitem__("serum"),
        lambda: room.products["serum"].quantity.clear(),
        lambda: room.products["serum"].quantity.setdefault("3", 0.1),
        lambda: room.rundown.popitem(),
        lambda: room.segments.__ior__({}),
        lambda: setattr(room, "title", "x"),
        lambda: setattr(room.products["serum"], "price", 1.0),
        lambda: delattr(room.show, "length"),
    ):
        with pytest.raises(TypeError, match="with_changes"):
            change()
    assert room.to_data() == before
    before["products"]["serum"]["quantity"]["1"] = 0
    assert room.to_data() != before, "data that was given away is the caller's"


def test_equal_scenarios_are_equal_and_have_equal_hashes() -> None:
    room = livesim.load(ROOM)
    for same in (
        livesim.load(ROOM),
        livesim.load(room.to_data()),
        pickle.loads(pickle.dumps(room)),
        room.model_copy(deep=True),
    ):
        assert same == room and hash(same) == hash(room) and same.digest == room.digest
    assert len({room, livesim.load(ROOM), livesim.load(ROOM, {"viewers": 3_000})}) == 2


def test_the_order_of_slots_is_part_of_a_scenario() -> None:
    slots = [("a", {"length": "5min", "sells": ["serum"]}), ("b", {"length": "15min"})]
    first = livesim.load(ROOM, {"rundown": dict(slots)})
    second = livesim.load(ROOM, {"rundown": dict(reversed(slots))})
    assert first != second and first.digest != second.digest
