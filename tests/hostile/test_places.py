"""Whatever a scenario says: nothing is written but where `--out` is, and no place hangs.

What a user names may be a link to a file. In a folder, and in what a file names, links that lead
out of the folder are not followed.
"""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from livesim.checking.cases import cases_in
from livesim.cli import main
from livesim.errors import HistoryError, ScenarioError
from livesim.history import History
from livesim.places import try_place
from livesim.scenario.document import read_bytes
from livesim.scenario.writing import write_yaml

ROOT = Path(__file__).parents[2]
AWAY = "../../../away/x /etc/away C:\\away <script>away</script>"
SHOW = {
    "title": AWAY,
    "about": AWAY,
    "sources": [AWAY],
    "show": {"length": "5min", "refresh": "10s", "currency": "CNY"},
    "viewers": 500,
    "people": {"kim": {"role": "host", "label": AWAY}},
    "products": {
        "serum": {
            **{"label": AWAY, "price": 100, "unit_cost": 30, "orders_per_1000": 20},
            "variants": {
                name: {"share": 0.5, "owned": 5, "label": f"{AWAY} {name}"} for name in "ab"
            },
        }
    },
    "rundown": {"all": {"length": "5min", "on_stage": ["kim"], "sells": ["serum"], "label": AWAY}},
    "alternatives": {"now": {}, "later": {"title": f"{AWAY} later"}},
}


@pytest.mark.slow
@pytest.mark.parametrize("command", ["run", "plan", "compare"])
def test_nothing_is_written_but_where_it_is_to_go(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / "a" / "b" / "c" / "d"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    one = {key: value for key, value in SHOW.items() if key != "alternatives"}
    Path("show.yaml").write_text(write_yaml(SHOW if command == "compare" else one), "utf-8")
    before = set(tmp_path.rglob("*"))
    done = CliRunner().invoke(
        main, [command, "show.yaml", "-n", "50", "--workers", "1", "--out", "o"]
    )
    assert done.exit_code == 0, done.output
    new = set(tmp_path.rglob("*")) - before
    assert new
    assert all(path.is_relative_to(deep / "o") for path in new)
    assert all("away" not in path.name for path in new)


@pytest.fixture
def named_pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe.yaml"
    os.mkfifo(path)
    return path


@pytest.fixture
def show(tmp_path: Path) -> Path:
    path = tmp_path / "shows" / "show.yaml"
    path.parent.mkdir()
    text = write_yaml({key: value for key, value in SHOW.items() if key != "alternatives"})
    path.write_text(f"{text}\nexpect:\n  - conservation: holds\n", "utf-8")
    return path


@pytest.fixture
def away(tmp_path: Path, show: Path) -> Path:
    path = tmp_path / "elsewhere" / "away.yaml"
    path.parent.mkdir()
    path.write_bytes(show.read_bytes())
    return path


def said(*arguments: object) -> str:
    """Return what livesim says of a mistake, in a process that would hang by itself."""
    done = subprocess.run(
        [sys.executable, "-m", "livesim", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2 and "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ("check", "PIPE"),
        ("validate", "PIPE"),
        ("run", "PIPE"),
        ("import", "PIPE"),
        ("backtest", "--history", "PIPE"),
        ("live", "SHOW", "--seen", "PIPE"),
        ("sweep", "SHOW", "--points", "PIPE"),
    ],
)
def test_a_named_pipe_is_told_and_not_waited_for(
    command: tuple[str, ...], show: Path, named_pipe: Path
) -> None:
    given = {"SHOW": show, "PIPE": named_pipe}
    assert "this is a named pipe, and no file" in said(*(given.get(word, word) for word in command))


@pytest.mark.slow
def test_a_pipe_that_nobody_reads_is_told_and_not_waited_for(show: Path, named_pipe: Path) -> None:
    told = said("validate", show, "--junit", named_pipe)
    assert "fine" in told and "pipe.yaml: cannot be written: nobody reads this pipe" in told


@pytest.mark.parametrize("kind", ["socket", "device"])
def test_sockets_and_devices_are_no_files(kind: str, tmp_path: Path) -> None:
    place = Path("/dev/zero")
    if kind == "socket":
        place = tmp_path / "s"
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(place))
    with pytest.raises(ScenarioError, match=f"this is a {kind}, and no file"):
        read_bytes(place)
    with pytest.raises(HistoryError, match=f"cannot be read: this is a {kind}, and no file"):
        History.read(place)


def test_what_a_shell_hands_over_is_read() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"title: A room\n")
    os.close(writer)
    assert read_bytes(Path(f"/dev/fd/{reader}")) == b"title: A room\n"
    os.close(reader)


def test_a_link_is_followed_where_it_is_named_and_not_in_a_folder(show: Path, away: Path) -> None:
    link = show.with_name("link.yaml")
    link.symlink_to(away)
    assert [one.show.file for one in cases_in([link])] == [str(link)]
    assert [one.show.file for one in cases_in([show.parent])] == [str(show)]


def test_no_line_compares_with_a_show_elsewhere(show: Path, away: Path) -> None:
    show.with_name("link.yaml").symlink_to(away)
    show.write_text(show.read_text("utf-8") + "  - profit: '> link'\n", "utf-8")
    (case,) = cases_in([show])
    assert "link.yaml is a link that leads out of its folder" in str(case.show.mistakes[0])


def test_no_baseline_is_read_or_written_elsewhere(show: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("nobody's business")
    (show.parent / "baselines").mkdir()
    (show.parent / "baselines" / "show.json").symlink_to(secret)
    told = CliRunner().invoke(main, ["check", str(show), "--update"])
    assert told.exit_code == 2 and "is a link that leads out of its folder" in told.output
    assert secret.read_text() == "nobody's business"
    found = CliRunner().invoke(main, ["check", str(show), "--no-cache", "--workers", "1"])
    assert found.exit_code == 1 and "is a link that leads out of its folder" in found.output


def test_a_folder_without_a_scenario_is_told(tmp_path: Path, named_pipe: Path) -> None:
    told = CliRunner().invoke(main, ["validate", str(tmp_path)])
    assert told.exit_code == 2 and "there is no scenario in" in told.output


@pytest.mark.skipif(os.name == "nt", reason="there a full disk is another error")
def test_a_disk_that_is_nearly_full_is_told_how_much_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device: livesim wants 256 kB free"):
        try_place(tmp_path / "baselines" / "a.json")
    assert not [*tmp_path.iterdir()]
