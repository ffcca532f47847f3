"""The store on the command line: it goes on where it was, and says what is in it."""

from __future__ import annotations

import json
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from livesim.cli import main
from livesim.cli.executors import _tell_of
from livesim.experiment.store import Store

STUDY = ("run", "brand_room", "--set", "show.length=20min", "-n", "50", "--workers", "1")


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "store"
    found = call(*STUDY, "--store", folder)
    assert found.exit_code == 0, found.output
    assert "0 blocks were there, 1 was simulated and kept" in found.stderr
    return folder


def test_what_is_there_is_taken(store: Path) -> None:
    again = call(*STUDY, "--store", store, "--json")
    assert "1 block was there, 0 were simulated and kept" in again.stderr
    assert again.stdout == call(*STUDY, "--json").stdout


def test_a_store_is_listed_and_verified(store: Path) -> None:
    listed = call("store", "list", store).output.splitlines()
    assert listed[0].split() == ["blocks", "shows", "MB", "seed", "for:", "show"]
    row = [*listed[1].split()[:2], *listed[1].split()[3:]]
    assert " ".join(row) == "1 50 1 run and explain: An evening in our brand room"
    assert listed[2].startswith("1 block, ")
    (one,) = json.loads(call("store", "list", store, "--json").output)
    assert (one["blocks"], one["shows"], one["seed"], one["state"]) == (1, 50, 1, "")
    assert json.loads(call("store", "verify", store, "--json").output) == []
    assert json.loads(call("store", "prune", store, "--json").output) == {"blocks": 0, "bytes": 0}
    assert call("store", "verify", store).output == "every file is as it was written\n"
    assert call("store", "prune", store).output.startswith("0 blocks deleted")


def test_a_damaged_file_is_named(store: Path) -> None:
    (file,) = store.glob("*/*.arrow")
    whole = file.read_bytes()
    file.write_bytes(whole[:100])
    verified = call("store", "verify", store)
    assert (verified.exit_code, str(file) in verified.output) == (1, True)
    listed = call("store", "list", store).output
    assert "  damaged\n" in listed and "livesim store prune FOLDER" in listed
    (damaged,) = json.loads(call("store", "verify", store, "--json").output)
    assert damaged["file"] == str(file)
    file.write_bytes(whole)


def test_another_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_text("")
    refused = call(*STUDY, "--store", tmp_path)
    assert (refused.exit_code, "is no store" in refused.output) == (2, True)
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path, tmp_path / "empty"):
        for words in (("list",), ("verify",), ("prune",)):
            refused = call("store", *words, folder)
            assert (refused.exit_code, "name the folder that --store" in refused.output) == (
                2,
                True,
            )
    assert not [*(tmp_path / "empty").iterdir()]
    missing = call("store", "list", tmp_path / "nowhere")
    assert missing.exit_code == 2


def test_what_was_stopped_says_how_to_go_on(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store(store, executor=Never()) as stopped:
        stopped.done = 1
        stopped.submit(abs, 1)
    _tell_of(stopped)
    assert "; the same command simulates only what is missing\n" in capsys.readouterr().err


class Never(Executor):
    """It never does what it is asked for."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        return Future()
