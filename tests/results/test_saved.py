"""A result on disk: exact, checked, and never half."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from livesim.errors import ResultsError
from livesim.experiment.comparison import Comparison
from livesim.experiment.swept import Sweep
from livesim.results import Result, load
from livesim.results.answer import write as save
from livesim.results.folders import FolderKind

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def folder(result: Result, tmp_path: Path) -> Path:
    return save(result, tmp_path / "show")


def test_round_trip_is_exact(result: Result, folder: Path) -> None:
    again = load(folder)
    assert again.fingerprint == result.fingerprint
    assert again.digest == result.digest
    assert (again.seed, again.replications, again.engine) == (7, 100, "cohort")
    assert (again.versions, again.notes) == (result.versions, result.notes)


def test_nothing_is_left_beside_it(folder: Path) -> None:
    assert [path.name for path in folder.parent.iterdir()] == ["show"]


def test_the_folder_is_readable_by_other_programs(result: Result, folder: Path) -> None:
    import pandas as pd

    table = pd.read_parquet(folder / "products.parquet")
    assert (table["demand"] == result.products["demand"]).all()
    wide = pd.read_parquet(folder / "timeline.parquet")
    assert {"replication", "time", "concurrent", "on_hand.serum"} <= set(wide)


def test_a_result_is_replaced_whole(result: Result, folder: Path) -> None:
    save(result, folder, {"figures/old.png": b"old"})
    save(result, folder, {"figures/new.png": b"new"})
    assert [path.name for path in (folder / "figures").iterdir()] == ["new.png"]
    assert load(folder).fingerprint == result.fingerprint


def test_something_else_is_not_overwritten(result: Result, tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"sea")
    with pytest.raises(ResultsError, match=r"not a livesim result.*choose a new folder"):
        save(result, tmp_path)
    with pytest.raises(ResultsError, match="is a file"):
        Result.kind.prepare(tmp_path / "holiday.jpg", replace=True)
    assert (tmp_path / "holiday.jpg").read_bytes() == b"sea"


def test_what_was_added_to_a_result_is_not_lost(result: Result, folder: Path) -> None:
    (folder / "my_notes.txt").write_text("think!")
    with pytest.raises(ResultsError, match=r"my_notes\.txt is not part of the result"):
        save(result, folder)
    assert (folder / "my_notes.txt").exists()


def test_an_empty_folder_is_free(result: Result, tmp_path: Path) -> None:
    assert load(save(result, tmp_path)).fingerprint == result.fingerprint


def test_what_cannot_be_written_is_said(result: Result, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ResultsError, match="cannot be written"):
        save(result, tmp_path / "file" / "show")


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"no such folder.*--out"):
        load(tmp_path / "nowhere")


def test_a_folder_without_a_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    with pytest.raises(ResultsError, match=r"manifest\.json is missing"):
        load(folder)


@pytest.mark.parametrize("text", ["", "[1]", '{"format": 2}', '{"form'])
def test_a_damaged_manifest(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ResultsError, match="is damaged"):
        load(folder)


def test_another_format(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    first = {"format": 1, "versions": {"livesim": "0.1.0"}, "seed": 7}
    (folder / "manifest.json").write_text(json.dumps({**manifest, **first}))
    with pytest.raises(ResultsError, match=r"was written by livesim 0\.1\.0") as refused:
        load(folder)
    command = str(refused.value).splitlines()[-1].strip()
    assert command == f"livesim run {folder / 'scenario.yaml'} --out FOLDER -n 100 --seed 7"


@pytest.mark.parametrize(
    ("kind", "files", "told", "said"),
    [
        (
            Comparison.kind,
            ["scenario_1.yaml", "scenario_2.yaml", "scenario_10.yaml"],
            {"replications": 500},
            "livesim compare {0} {1} {2} --out FOLDER -n 500 --seed 7",
        ),
        (
            Sweep.kind,
            ["scenario.yaml"],
            {"over": {"deal.guest_fee": [0, "5k"], "show.title": ["a b"]}},
            "livesim sweep {0} --over deal.guest_fee=0,5k --over 'show.title=a b' --out FOLDER "
            "--seed 7",
        ),
    ],
)
def test_another_format_of_other_answers(
    kind: FolderKind, files: list[str], told: dict[str, Any], said: str, tmp_path: Path
) -> None:
    first = {"kind": kind.name, "format": 1, "versions": {"livesim": "0.1.0"}, "seed": 7}
    (tmp_path / "manifest.json").write_text(json.dumps({**first, **told}))
    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(ResultsError) as refused:
        kind.read(tmp_path)
    command = str(refused.value).splitlines()[-1].strip()
    assert command == said.format(*(tmp_path / name for name in files))


@pytest.mark.parametrize("name", ["products.parquet", "timeline.parquet", "scenario.yaml"])
def test_a_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ResultsError, match=f"{name} is missing"):
        load(folder)


@pytest.mark.parametrize("name", ["products.parquet", "scenario.yaml"])
def test_a_changed_file(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ResultsError, match=f"{name}: is not as it was written"):
        load(folder)


def test_a_failed_move_leaves_the_earlier_result(
    result: Result, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def fails_for_the_new(path: Path, target: Path) -> Path:
        if path.name.endswith(".unfinished"):
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails_for_the_new)
    with pytest.raises(ResultsError, match="No space left on device"):
        save(result, folder)
    assert load(folder).fingerprint == result.fingerprint
    assert [path.name for path in folder.parent.iterdir()] == ["show"]


KILLED = """
import os, signal, sys
from livesim.results import load
from livesim.results.answer import write as save

result = load(sys.argv[1])
call, count = sys.argv[3], int(sys.argv[4])
module = sys.modules["livesim.results.folders"] if call == "sync" else __import__("pathlib").Path
original = getattr(module, call)

def deadly(*args, **kwargs):
    global count
    count -= 1
    if count < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*args, **kwargs)

setattr(module, call, deadly)
save(result, sys.argv[2], {"note.txt": b"second"})
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "count", "left"),
    [
        pytest.param("write_bytes", 0, "first", id="tables written"),
        pytest.param("sync", 4, "first", id="half of it on the disk"),
        pytest.param("rename", 0, "first", id="before the move"),
        pytest.param("rename", 1, "nothing", id="between the two steps of the move"),
        pytest.param("rename", 2, "second", id="not killed"),
    ],
)
def test_a_kill_leaves_a_whole_result_or_none(
    result: Result, tmp_path: Path, call: str, count: int, left: str
) -> None:
    source = save(result, tmp_path / "source")
    place = save(result, tmp_path / "show", {"note.txt": b"first"})
    child = subprocess.run(
        [sys.executable, "-c", KILLED, source, place, call, str(count)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert child.returncode == (0 if left == "second" else -signal.SIGKILL)
    if left == "nothing":
        with pytest.raises(ResultsError, match="an earlier result, whole: rename") as error:
            load(place)
        Path(str(error.value).rsplit(" ", 1)[1]).rename(place)
        left = "first"
    assert (place / "note.txt").read_text() == left
    assert load(place).fingerprint == result.fingerprint


def test_a_changed_scenario_in_the_manifest_is_seen(result: Result, tmp_path: Path) -> None:
    manifest = save(result, tmp_path / "show") / "manifest.json"
    told = json.loads(manifest.read_text("utf-8"))
    told["scenario"]["title"] = "Another show"
    manifest.write_text(json.dumps(told), "utf-8")
    with pytest.raises(ResultsError, match=r"manifest\.json: is not as it was written"):
        load(tmp_path / "show")


def test_the_folder_that_one_stands_in_is_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for here in (".", ""):
        with pytest.raises(ResultsError, match="is not a livesim result"):
            load(here)
