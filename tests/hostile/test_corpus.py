"""Files with one fault each, and the exact words that each of them gets."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from corpus import GALA, Fault, faults, said_to

from livesim.cli import main
from livesim.errors import HIDDEN

FAULTS = list(faults())


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_corpus_is_large_and_begins_with_a_sound_file() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 150
    assert said_to(GALA) == ""


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_gets_its_words(fault: Fault) -> None:
    """If the words changed for the better: `python tests/hostile/corpus.py`."""
    assert said_to(fault.text) == fault.said


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_word_says_where_what_and_how(fault: Fault) -> None:
    assert not HIDDEN.search(fault.said)
    for told in fault.said.split("\n\n"):
        head, what, *remedy = told.split("\n")
        assert head.startswith("gala.yaml:")
        assert what.strip()
        assert remedy


NONE = "there is no scenario in this file\n  `livesim new FILE` writes one to start from"
#: Whole files: what is in them, and what is said below their names.
WHOLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", f"\n  {NONE}"),
    "blank": (b"\n  \n\n", f"\n  {NONE}"),
    "only a comment": (b"# later\n", f"\n  {NONE}"),
    "only a text": (
        b"later",
        ":1:1\n  a scenario is a list of `name: value` lines, and this is the single value later\n"
        "  begin with `title: ...`",
    ),
    "only a list": (
        b"- title: A gala\n",
        ":1:1\n  a scenario is a list of `name: value` lines, and this is a list\n"
        "  begin with `title: ...`",
    ),
    "latin letters": (
        GALA.replace("A gala", "Caf\xe9").encode("latin-1", "replace"),
        "\n  line 3 is not UTF-8 text\n  save the file as UTF-8 (an option of `Save as` in most "
        "editors)",
    ),
    "two bytes a letter": (
        GALA.encode("utf-16"),
        "\n  line 1 is not UTF-8 text\n  save the file as UTF-8 (an option of `Save as` in most "
        "editors)",
    ),
    "a picture": (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        "\n  this is a picture or a print, and no scenario\n"
        "  give the file of the scenario that it was made from; only a folder that "
        "`livesim plan --out FOLDER` wrote can be decided anew",
    ),
    "zeros": (
        b"\x00" * 100,
        ":1:1\n  an invisible control character (U+0000)\n  delete it",
    ),
    "far too large": (
        b"#" * 5_000_000,
        "\n  the file has more than 1,200,000 characters, the limit for a scenario\n  leave out "
        "what the show does not need, or split it into several scenarios",
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_is_none_gets_its_words(name: str, tmp_path: Path) -> None:
    raw, said = WHOLE[name]
    (tmp_path / "show.yaml").write_bytes(raw)
    found = CliRunner().invoke(main, ["validate", "show.yaml"])
    assert (found.exit_code, found.output) == (2, f"show.yaml{said}\n\n")


@pytest.mark.parametrize("text", ["\ufeff" + GALA, GALA.replace("\n", "\r\n")])
def test_a_mark_of_the_byte_order_and_line_ends_of_windows_are_no_fault(
    text: str, tmp_path: Path
) -> None:
    (tmp_path / "show.txt").write_bytes(text.encode())
    assert CliRunner().invoke(main, ["validate", "show.txt"]).exit_code == 0


def test_a_folder_and_a_missing_file_get_their_words(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    found = CliRunner().invoke(main, ["run", "folder.yaml"])
    assert found.output == "folder.yaml\n  this is a folder\n  name a file in it\n"
    (tmp_path / "folder.yaml").rmdir()
    (tmp_path / "gala.yaml").write_text(GALA, encoding="utf-8")
    found = CliRunner().invoke(main, ["validate", "galla.yaml"])
    assert found.output == (
        "galla.yaml\n  there is no such file\n  known: gala.yaml. Did you mean gala.yaml?\n\n"
    )


def test_nothing_is_included_through_a_link_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "shows").mkdir()
    (tmp_path / "secrets.yaml").write_text("title: secret\n")
    (tmp_path / "shows" / "link.yaml").symlink_to(tmp_path / "secrets.yaml")
    (tmp_path / "shows" / "gala.yaml").write_text(f"include: [link]\n{GALA}", encoding="utf-8")
    found = CliRunner().invoke(main, ["validate", "shows/gala.yaml"])
    assert found.output == (
        "shows/gala.yaml:1:11  include.0\n"
        "  shows/link.yaml is a link that leads out of its folder\n"
        "  put the file itself there\n\n"
    )
    assert "secret\n" not in found.output
