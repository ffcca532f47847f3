"""`livesim check`: its exit codes, and where it writes to."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
import yaml
from click.testing import CliRunner

from livesim.cli import main
from livesim.cli.writing import reported

_OPTIONS = ("--workers", "1", "--max-replications", "250")


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('serum.put_on_sale: ">= 10"', 0),
        ('{serum.put_on_sale: "> 10", severity: warn}', 0),
        ('serum.put_on_sale: "> 10"', 1),
        ('serum.put_on_shelf: "> 10"', 1),
        ("serum.put_on_sale: 10", 2),
        ("serum.demand: [19.99, 20.01]", 4),
    ],
)
def test_the_exit_code_says_the_worst(line: str, code: int, show: Path) -> None:
    show.write_text(f"{show.read_text()}expect:\n  - {line}\n", encoding="utf-8")
    junit = show.parent / "check.xml"
    done = CliRunner().invoke(main, ["check", *_OPTIONS, "--junit", str(junit), str(show)])
    assert done.exit_code == code, done.output
    assert junit.read_text("utf-8").startswith("<?xml")


def test_the_answer_is_printed_even_where_the_report_cannot_be_written(
    show: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk was not full when it was tried."""
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr("livesim.places.write_whole", Mock(side_effect=full))
    show.write_text(f'{show.read_text()}expect: [{{profit: "> 100k"}}]\n', encoding="utf-8")
    report = str(show.parent / "check.xml")
    words = ["check", *_OPTIONS, "--no-cache", "--junit", report, str(show)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2 and "broken     profit > 100k" in done.output
    assert f"{report}: cannot be written: No space left" in done.output


@pytest.mark.slow
@pytest.mark.parametrize("command", [("validate",), ("check", *_OPTIONS)])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
def test_the_report_is_written_even_where_the_answer_cannot_be_printed(
    command: tuple[str, ...], show: Path
) -> None:
    show.write_text(f'{show.read_text()}expect: [{{orders: ">= 0"}}]\n', encoding="utf-8")
    report = show.parent / "check.xml"
    words = [sys.executable, "-m", "livesim", *command, "--junit", str(report), str(show)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2 and "the output cannot be written" in done.stderr
    assert report.read_text("utf-8").startswith("<?xml")


def test_a_reader_that_is_gone_takes_no_report_along(tmp_path: Path) -> None:
    file = tmp_path / "new" / "check.xml"
    with pytest.raises(BrokenPipeError), reported(file, lambda: "<?xml"):
        raise BrokenPipeError
    assert file.read_text("utf-8") == "<?xml"


def test_a_file_without_expectations_is_a_mistake(show: Path) -> None:
    done = CliRunner().invoke(main, ["check", str(show)])
    assert done.exit_code == 2 and "nothing is expected in drop.yaml" in done.output


def test_what_was_kept_is_held_and_recalled(show: Path) -> None:
    def said(*options: str) -> str:
        done = CliRunner().invoke(main, ["check", "--workers", "1", *options, str(show)])
        assert done.exit_code == 0, done.output
        return done.output

    assert said("--update") == f"kept {show.parent / 'baselines' / 'drop.json'}: new\n"
    assert "holds      baseline holds  bit for bit" in said("--no-cache")
    folder = show.parent / "verdicts"
    assert "recalled" not in said("--cache", str(folder)) and [*folder.rglob("*.json")]
    assert "recalled: 1 show" in said("--cache", str(folder))
    assert "bit for bit" in said("--update")


def test_a_file_with_mistakes_is_not_kept(show: Path) -> None:
    show.write_text("title: 5\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["check", "--update", str(show)])
    assert done.exit_code == 2 and "drop.yaml:1" in done.output
    assert not (show.parent / "baselines").exists()


def test_one_says_where_verdicts_are_kept_or_that_none_are(show: Path) -> None:
    done = CliRunner().invoke(main, ["check", "--no-cache", "--cache", "here", str(show)])
    assert done.exit_code == 2 and "--no-cache" in done.output


@pytest.mark.parametrize("command", ["check", "validate"])
def test_an_answer_has_one_form(command: str, show: Path) -> None:
    done = CliRunner().invoke(main, [command, "--json", "--format", "github", str(show)])
    assert done.exit_code == 2 and "take one" in done.output


def test_what_is_about_testing_is_refused_beside_update(show: Path) -> None:
    done = CliRunner().invoke(main, ["check", "--update", "--json", str(show)])
    assert done.exit_code == 2 and "--json is for tests, and --update tests nothing" in done.output


def test_the_hooks_to_copy_are_commands() -> None:
    text = (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text("utf-8")
    for hook in yaml.safe_load(text):
        program, command, *options = hook["entry"].split()
        known = {name for option in main.commands[command].params for name in option.opts}
        assert program == "livesim" and {word for word in options if "--" in word} <= known
        # A file alone may be a part of others, which is no show and breaks them where it is wrong.
        assert hook["pass_filenames"] is False and hook["args"] == ["scenarios/"]
