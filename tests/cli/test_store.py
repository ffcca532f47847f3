"""The store on the command line: it goes on where it was, and says what is in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from livesim.cli import main

STUDY = ("run", "brand_room", "--set", "show.length=20min", "-n", "50", "--workers", "1")


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "store"
    found = call(*STUDY, "--store", folder)
    assert found.exit_code == 0, found.output
    assert "0 blocks were there, 1 were simulated and kept" in found.stderr
    return folder


def test_what_is_there_is_taken(store: Path) -> None:
    again = call(*STUDY, "--store", store, "--json")
    assert "1 blocks were there, 0 were simulated and kept" in again.stderr
    assert again.stdout == call(*STUDY, "--json").stdout


def test_a_store_is_listed_and_verified(store: Path) -> None:
    listed = call("store", "list", store)
    assert "1 blocks" in listed.output and "50 shows" in listed.output
    assert "seed 1  An evening in our brand room" in listed.output
    assert call("store", "verify", store).output == "every file is as it was written\n"
    assert call("store", "prune", store).output.startswith("0 blocks deleted")


def test_a_damaged_file_is_named(store: Path) -> None:
    (file,) = store.glob("*/*.arrow")
    whole = file.read_bytes()
    file.write_bytes(whole[:100])
    verified = call("store", "verify", store)
    assert (verified.exit_code, str(file) in verified.output) == (1, True)
    assert "damaged" in call("store", "list", store).output
    file.write_bytes(whole)


def test_another_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_text("")
    for words in (("store", "list", tmp_path), (*STUDY, "--store", tmp_path)):
        refused = call(*words)
        assert (refused.exit_code, "is no store" in refused.output) == (2, True)
    missing = call("store", "list", tmp_path / "nowhere")
    assert missing.exit_code == 2
