"""The command line as a program of its own: what it loads, terminals, pipes and signals."""

import json
import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
HEAVY = {"numpy", "scipy", "pandas", "pyarrow", "xarray", "matplotlib"}
HEAVY |= {"simpy", "pydantic", "yaml", "rich", "loky"}
LIVESIM = [sys.executable, "-m", "livesim"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize(
    "code",
    [
        "import livesim",
        "import livesim.cli",
        "from click.testing import CliRunner; from livesim.cli import main; "
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0",
    ],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    code += "; import sys; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(loaded.stdout.split())


def test_the_check_of_what_is_loaded_can_fail() -> None:
    code = "import livesim.randomness, sys; print(*{n.split('.')[0] for n in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert set(loaded.stdout.split()) & HEAVY == {"numpy"}


@pytest.mark.slow
def test_a_closed_pipe_is_quiet() -> None:
    """The schema is longer than a pipe holds, so the writer meets the closed end."""
    writer = subprocess.Popen(
        [*LIVESIM, "schema"], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert writer.stdout is not None and writer.stderr is not None
    with writer.stdout, writer.stderr:
        writer.stdout.close()
        assert writer.stderr.read() == b""
    assert writer.wait() == 141


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs a shell that closes streams")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_loses_nothing_where_there_are_workers(closed: str, tmp_path: Path) -> None:
    """Libraries that start processes flush both streams, which are not there then."""
    words = [*LIVESIM, "run", "brand_room", "-n", "500", "--workers", "2", "--out", "found.json"]
    line = f"{shlex.join(words)} {closed}"
    done = subprocess.run(line, shell=True, cwd=tmp_path, env=ENVIRONMENT, check=False)
    assert done.returncode == 0
    assert (tmp_path / "found.json").is_file()


def test_a_wrong_command_has_no_traceback() -> None:
    ended = subprocess.run(
        [*LIVESIM, "rum"], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "No such command 'rum'" in ended.stderr
    assert "Traceback" not in ended.stderr


def on_terminal(arguments: list[str], environment: dict[str, str], encoding: str = "utf-8") -> str:
    """Run livesim with a terminal for its output and return what appears there."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [*LIVESIM, *arguments], env=environment, stdout=theirs, stderr=theirs, close_fds=True
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 1 << 16):
            shown += part
    except OSError:  # Linux says so when the other end is closed
        pass
    finally:
        os.close(ours)
    assert child.wait() == 0, shown.decode(encoding)
    return shown.decode(encoding)


@pytest.mark.slow
def test_a_terminal_gets_colours_and_progress(show: Path) -> None:
    terminal = {**ENVIRONMENT, "TERM": "xterm-256color", "COLUMNS": "100"}
    terminal.pop("NO_COLOR", None)
    shown = on_terminal(["run", str(show), "-n", "50"], terminal)
    assert "\x1b[1m" in shown and "\x1b[3" in shown
    assert "\N{BOX DRAWINGS HEAVY HORIZONTAL}" in shown  # a bar; so short a phase has no name
    assert "Forecast uncertainty" in shown


@pytest.fixture
def far_east(tmp_path: Path, drop: str) -> Path:
    path = tmp_path / "\u53e3\u7ea2.yaml"
    title = "\u53e3\u7ea2 \u2192 caf\u00e9 \U0001f484"
    path.write_text(drop.replace("A quick drop", title), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    "encoding",
    [
        "cp1252",  # for ascii, click writes UTF-8 by itself
        *(
            pytest.param(one, marks=pytest.mark.thorough)
            for one in ("gbk", "ascii", "cp932", "latin-1")
        ),
    ],
)
def test_pipes_and_files_get_utf_8(far_east: Path, encoding: str) -> None:
    """Whatever the machine's own encoding: what is written can be read again."""
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": encoding}
    written = subprocess.run(
        [*LIVESIM, "resolve", far_east], env=environment, capture_output=True, check=False
    )
    assert written.returncode == 0, written.stderr
    assert "\u53e3\u7ea2 \u2192 caf\u00e9 \U0001f484" in written.stdout.decode("utf-8")
    refused = subprocess.run(
        [*LIVESIM, "validate", far_east.with_name("\u8584.yaml")],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert refused.returncode == 2
    assert "\u53e3\u7ea2.yaml" in refused.stderr.decode("utf-8")


@pytest.mark.slow
def test_a_terminal_that_cannot_show_a_character_or_shall_show_no_colour(far_east: Path) -> None:
    terminal = {**ENVIRONMENT, "PYTHONIOENCODING": "cp1252", "NO_COLOR": "1"}
    terminal |= {"TERM": "xterm-256color", "COLUMNS": "100"}
    shown = on_terminal(["run", str(far_east), "-n", "50"], terminal, "cp1252")
    assert "?? ? caf\u00e9 ?" in shown
    assert "\x1b[3" not in shown


@pytest.mark.thorough
@pytest.mark.slow
def test_the_standard_input_is_a_scenario(show: Path) -> None:
    for name in ("-", "/dev/stdin"):
        for command in ("validate", "resolve"):
            with open(show, "rb") as text:  # noqa: PTH123
                read = subprocess.run(
                    [*LIVESIM, command, name], stdin=text, env=ENVIRONMENT, capture_output=True
                )
            assert read.returncode == 0, read.stderr
    with open(show, "rb") as text:  # noqa: PTH123
        plan = [*LIVESIM, "compare", "-", "--set", "deal.guest_fee=5", "-n", "50", "--json"]
        read = subprocess.run(plan, stdin=text, env=ENVIRONMENT, capture_output=True)
    assert list(json.loads(read.stdout)["scenarios"]) == ["-", "deal.guest_fee=5"]


@pytest.mark.thorough  # tests/cli/test_faults.py presses at any moment
def test_ctrl_c_ends_a_run_at_once(show: Path, interrupted: Callable[..., str]) -> None:
    """Far more replications than can be done."""
    interrupted("run", show, "-n", "1_000_000", "--workers", "2", "--json", seconds=60)
