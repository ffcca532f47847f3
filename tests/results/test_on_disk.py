"""Figures on disk: the same bits as in memory, in a memory that does not grow with them."""

from __future__ import annotations

import errno
import gc
import os
import pickle
import tracemalloc
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import livesim
from livesim.engine.outcome import Outcome, Outcomes
from livesim.engine.timeline import Timeline
from livesim.errors import ResultsError
from livesim.experiment.simulating import simulate_block
from livesim.experiment.store import Store
from livesim.report.views import files
from livesim.results import Result, columns, curves, load, on_disk
from livesim.results.answer import write
from livesim.results.on_disk import OutcomesOnDisk, Scratch
from livesim.scenario.scenario import Scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def room() -> Scenario:
    """Return a show with what only some shows have: rooms, goodwill, a gift and a webshop."""
    text = (SCENARIOS / "brand_room.yaml").read_text("utf-8")
    changes: dict[str, Any] = {
        "show.length": "20min",
        "show.refresh": "20s",
        "products.serum.goodwill": 5,
        "products.serum.gift": {"mask": 1},
        "products.lip_tint.webshop": {"price": 85, "per_day": 200},
    }
    return livesim.load(text, changes)


@pytest.fixture
def at_once_is_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the disk at once, and let few replications and moments be a part."""
    monkeypatch.setattr(on_disk, "_IN_MEMORY", 1)
    monkeypatch.setattr(columns, "_AT_ONCE", 1)
    monkeypatch.setattr(curves, "_AT_ONCE", 1)


def simulated(room: Scenario, folder: Path | None, replications: int = 300) -> Result:
    study = {"replications": replications, "seed": 5}
    if folder is None:
        return livesim.simulate(room, **study, workers=1)
    with Store(folder, workers=1) as store:
        return livesim.simulate(room, **study, executor=store)


@pytest.mark.slow
@pytest.mark.usefixtures("at_once_is_little")
def test_every_figure_is_as_in_memory(room: Scenario, tmp_path: Path) -> None:
    here, there = simulated(room, None), simulated(room, tmp_path / "store")
    assert there.fingerprint == here.fingerprint
    assert there.document() == here.document()
    assert str(there) == str(here)
    for name, table in here.tables().items():
        pd.testing.assert_frame_equal(table, there.tables()[name], check_exact=True)
    assert there.timeline.identical(here.timeline)
    sent = pickle.loads(pickle.dumps(there))
    assert sent.fingerprint == here.fingerprint
    for shown, drawn in files(here).items():
        assert files(there)[shown] == drawn, shown
    saved = load(write(there, tmp_path / "folder"))
    assert saved.document() == here.document()
    assert load(write(saved, tmp_path / "again")).fingerprint == here.fingerprint


@pytest.mark.usefixtures("at_once_is_little")
def test_blocks_come_back_as_they_were_put_away(room: Scenario) -> None:
    """Those with wider numbers, too, which all the others then have."""
    blocks = [simulate_block(room, 1, number, replications=50) for number in range(3)]
    wide = np.full_like(blocks[1].segments["reach"], 2**40)
    for number, reach in ((0, wide.astype("i4") + 7), (1, wide)):
        segments = {**blocks[number].segments, "reach": reach}
        blocks[number] = replace(blocks[number], segments=segments)
    here, there = Outcomes(150), OutcomesOnDisk(Scratch())
    assert [here.add(one) for one in blocks] == [there.add(one) for one in blocks] == [50] * 3
    for replications in (150, 120):
        assert_same(here.first(replications), there.first(replications))
        assert_same(
            here.first(replications).part(slice(40, 110)),
            there.first(replications).part(slice(40, 110)),
        )
    some = there.first(150).part(slice(40, 110)).part(slice(20, 40))
    assert_same(here.first(150).part(slice(60, 80)), some)


def assert_same(one: Outcome, other: Outcome) -> None:
    for table in fields(Outcome):
        mine, theirs = getattr(one, table.name), getattr(other, table.name)
        assert [*mine] == [*theirs]
        for name, column in mine.items():
            assert column.dtype == theirs[name].dtype, name
            np.testing.assert_array_equal(column, theirs[name])


def in_memory(scratch: Scratch, replications: int) -> Any:
    return Outcomes(replications)


def put_away(scratch: Scratch, replications: int) -> Any:
    return OutcomesOnDisk(scratch)


@pytest.mark.slow
@pytest.mark.parametrize(("kept", "grows"), [(put_away, False), (in_memory, True)])
def test_memory_does_not_grow(
    room: Scenario,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kept: Callable[[Scratch, int], Any],
    grows: bool,
) -> None:
    """All that is said of a result, and its folder, take a small part of the space of its figures.

    Of the figures that quantiles need, one is there at a time, with what is sorted of it.
    """
    monkeypatch.setattr(on_disk, "_IN_MEMORY", 1)
    monkeypatch.setattr(columns, "_AT_ONCE", 20_000)
    block = simulate_block(room, 1, 0)

    def most(blocks: int) -> int:
        """Return the most memory that many blocks, and what is said of them, take [bytes]."""
        scratch = Scratch(tmp_path)
        gc.collect()
        tracemalloc.start()
        outcomes = kept(scratch, 250 * blocks)
        outcome = outcomes.first(sum(outcomes.add(block) for _ in range(blocks)))
        result = Result(room, 1, 250 * blocks, "cohort", outcome, {})
        result.document(), str(result)
        write(result, tmp_path / str(blocks))
        del outcomes, outcome, result
        load(tmp_path / str(blocks))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    most(1)  # what is imported and cached
    few, many = 2, 8
    assert (most(many) - most(few) > 0.15 * (many - few) * size(block)) == grows


def size(block: Outcome) -> int:
    """Return the space of a block's figures, the timeline by what it changes by [bytes]."""
    timeline = Timeline.of(block.timeline)
    tables = [getattr(block, one.name) for one in fields(Outcome) if one.name != "timeline"]
    plain = sum(one.nbytes for table in (*tables, timeline.plain) for one in table.values())
    changes = [one.part(slice(0, len(block))) for one in timeline.changes.values()]
    return plain + sum(one.place.nbytes + one.by.nbytes for one in changes)


def test_what_cannot_be_read_is_told_with_its_place(
    room: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_disk, "_IN_MEMORY", 1)
    scratch = Scratch(tmp_path)
    outcomes = OutcomesOnDisk(scratch)
    outcome = outcomes.first(outcomes.add(simulate_block(room, 1, 0, replications=50)))
    scratch._file.truncate(1_000)
    with pytest.raises(ResultsError, match=r"cannot be read: it ends .* too early") as fault:
        outcome.products["profit"]
    assert str(fault.value).startswith(f"{tmp_path}: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full")
def test_a_full_disk_is_told_with_its_place(
    room: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = Scratch(tmp_path / "store")
    monkeypatch.setattr(Store, "scratch", lambda _: scratch)
    with (
        Path("/dev/full").open("r+b", buffering=0) as scratch._file,
        pytest.raises(ResultsError, match=os.strerror(errno.ENOSPC)) as fault,
    ):
        simulated(room, tmp_path / "store", 50)
    assert str(fault.value).startswith(f"{tmp_path / 'store'}: ")


def test_nothing_is_left_in_the_store(
    room: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_disk, "_IN_MEMORY", 1)
    result = simulated(room, tmp_path / "store", 50)
    there = [path.name for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert sorted(name.partition(".")[2] for name in there) == ["arrow", "txt"]
    assert len(result.shows) == 50


@pytest.mark.skipif(os.name != "posix", reason="rights as on Unix")
def test_a_store_that_may_only_be_read_serves(
    room: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = simulated(room, tmp_path / "store", 50)
    monkeypatch.setattr(on_disk, "_IN_MEMORY", 1)
    monkeypatch.setattr(os, "access", lambda *_: False)  # who is root may write everywhere
    monkeypatch.setattr(
        on_disk, "SpooledTemporaryFile", refusing(tmp_path, on_disk.SpooledTemporaryFile)
    )
    assert simulated(room, tmp_path / "store", 50).fingerprint == first.fingerprint


def refusing(place: Path, usual: Any) -> Any:
    def opened(size: int, dir: str | None) -> Any:
        assert dir is None or not Path(dir).is_relative_to(place)
        return usual(size, dir=dir)

    return opened
