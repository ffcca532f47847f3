"""What cannot be read, or is no longer there, is told, and takes nothing else along."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree
from typing import ClassVar

import pytest
from click.testing import CliRunner

from livesim.checking.check import Options, check, update
from livesim.checking.findings import Report
from livesim.cli import main

pytestmark = pytest.mark.skipif(os.name == "nt", reason="what has no rights there has them here")

SHOW = """\
like: drop
title: A quick drop
show: {start: 2026-11-29 20:00, length: 5min, refresh: 20s, currency: CNY}
viewers: 500
watch_time: 2min
products:
  serum: {price: 100, unit_cost: 30, owned: 10, forecast: 20}
"""
EXPECT = 'expect: [{serum.put_on_sale: ">= 10"}]\n'
ONE = Options(workers=1, most_replications=250)
SINCE = Options(workers=1, most_replications=250, changed_since="HEAD")


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


def write(file: Path, more: str = EXPECT) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(SHOW + more, encoding="utf-8")
    return file


def told(report: Report) -> dict[str, str]:
    """Return the worst of each show, by the name of its file."""
    return {
        Path(show.file).name: show.mistakes[0].what
        if show.mistakes
        else next((one.verdict for one in show.findings if one.verdict != "holds"), "holds")
        for show in report.shows
    }


@pytest.fixture
def shows() -> Iterator[Path]:
    """A folder of two shows."""
    folder = Path(tempfile.mkdtemp())
    (folder / ".cache").mkdir()
    write(folder / "fine.yaml")
    write(folder / "far" / "hidden.yaml")
    yield folder
    rmtree(folder)


class _Capabilities(ctypes.Structure):
    """What `capget` and `capset` of Linux read and write: two words of each kind."""

    _fields_: ClassVar = [
        (f"{name}{word}", ctypes.c_uint32)
        for word in range(2)
        for name in ("effective", "permitted", "inheritable")
    ]


#: `CAP_DAC_OVERRIDE` and `CAP_DAC_READ_SEARCH`: to these alone nothing is unreadable.
_READS_ALL = 1 << 1 | 1 << 2


@pytest.fixture
def without_rights() -> Iterator[Callable[[], None]]:
    """Give up what an administrator may read; what all may read, such as packages, stays so."""
    if os.geteuid():
        yield lambda: None
        return
    library, header = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(0x20080522, 0)
    before, after = _Capabilities(), _Capabilities()
    for one in (before, after):
        assert library.capget(header, ctypes.byref(one)) == 0
    after.effective0 &= ~_READS_ALL
    yield lambda: library.capset(header, ctypes.byref(after))
    assert library.capset(header, ctypes.byref(before)) == 0


def unreadable_folder(shows: Path) -> Path:
    (shows / "far").chmod(0)
    return shows


def unreadable_file(shows: Path) -> Path:
    (shows / "far" / "hidden.yaml").chmod(0)
    return shows / "far" / "hidden.yaml"


def file_in_an_unreadable_folder(shows: Path) -> Path:
    return unreadable_folder(shows) / "far" / "hidden.yaml"


def missing(shows: Path) -> Path:
    return shows / "none.yaml"


def too_long(shows: Path) -> Path:
    return shows / ("x" * 300)


def leading_nowhere(shows: Path) -> Path:
    (shows / "far" / "link.yaml").symlink_to("none")
    return shows


def in_a_circle(shows: Path) -> Path:
    (shows / "far" / "link.yaml").symlink_to("link.yaml")
    return shows


def including_what_has_no_rights(shows: Path) -> Path:
    file = write(shows / "including.yaml", f"include: [far/hidden]\n{EXPECT}")
    (shows / "far").chmod(0)
    return file


@pytest.mark.parametrize("command", ["check", "validate"])
@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (unreadable_folder, "far\n  the folder cannot be read: Permission denied"),
        (unreadable_file, "hidden.yaml\n  the file cannot be read: Permission denied"),
        (file_in_an_unreadable_folder, "hidden.yaml\n  the file cannot be read: Permission denied"),
        (missing, "none.yaml\n  there is no such file"),
        (too_long, "xxx\n  the file cannot be read: File name too long"),
        (leading_nowhere, "link.yaml\n  this link leads to no file"),
        (including_what_has_no_rights, "hidden.yaml: Permission denied"),
        (in_a_circle, "link.yaml\n  the file cannot be read: Too many levels of symbolic links"),
    ],
)
def test_what_cannot_be_read_takes_no_other_along(
    command: str,
    broken: Callable[[Path], Path],
    said: str,
    shows: Path,
    without_rights: Callable[[], None],
) -> None:
    words = ["fine.yaml", str(broken(shows))]
    without_rights()
    for form, shown in {
        "--format=text": said,
        "--format=github": f"::error file={shows}",
        "--json": said.split("\n  ")[-1],
    }.items():
        options = ["--workers=1", "--no-cache"] if command == "check" else []
        with pytest.MonkeyPatch.context() as here:
            here.chdir(shows)
            done = CliRunner().invoke(main, [command, form, *options, *words])
        whole = done.output.replace("\n    ", "\n  ")
        assert done.exit_code == 2 and shown in whole, done.output
        assert "fine.yaml" in done.output or form == "--format=github", done.output


def test_what_cannot_be_read_is_told_to_continuous_integration(shows: Path) -> None:
    junit = shows / "check.xml"
    words = ["check", "--workers=1", "--no-cache", f"--junit={junit}", str(shows)]
    done = CliRunner().invoke(main, [*words, str(missing(shows))])
    assert done.exit_code == 2
    text = junit.read_text("utf-8")
    assert text.count("<testsuite ") == 3 and 'errors="1"' in text and "no such file" in text


# --------------------------------------------------------------------------------------------------
# Baselines
# --------------------------------------------------------------------------------------------------


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def link(file: Path) -> None:
    file.unlink()
    file.symlink_to("none")


def bound(file: Path) -> None:
    file.unlink()
    with pytest.MonkeyPatch.context() as here, socket.socket(socket.AF_UNIX) as one:
        here.chdir(file.parent)
        one.bind(file.name)


def no_text(file: Path) -> None:
    file.write_bytes(b"caf\xe9")


def all_of_them(file: Path) -> None:
    rmtree(file.parent)
    file.parent.symlink_to("none")


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (pipe, "is no file: take it away"),
        (bound, "is no file: take it away"),
        (folder, "is no file: take it away"),
        (link, "cannot be read: No such file"),
        (no_text, "is damaged"),
        (lambda file: file.chmod(0), "cannot be read: Permission denied"),
        (lambda file: file.parent.chmod(0), "cannot be read: Permission denied"),
        (all_of_them, "cannot be read: No such file"),
    ],
)
def test_a_baseline_that_cannot_be_read_is_told_with_its_show_alone(
    broken: Callable[[Path], None],
    said: str,
    shows: Path,
    without_rights: Callable[[], None],
) -> None:
    kept = update([shows / "far"], workers=1)
    broken(Path(kept[0].file))
    files = [shows / "fine.yaml", shows / "far" / "hidden.yaml"]
    without_rights()
    how = Options(workers=1, most_replications=250, cache=shows / ".cache")
    report = check(files, how)
    assert told(report) == {"fine.yaml": "holds", "hidden.yaml": "missing"}
    (bad,) = (one for one in report.findings if one.verdict == "missing")
    assert said in bad.said and bad.fails


def test_a_cache_without_rights_takes_no_verdict_along(
    shows: Path, without_rights: Callable[[], None]
) -> None:
    (shows / "cache" / "verdicts").mkdir(parents=True)
    (shows / "cache").chmod(0)
    without_rights()
    how = Options(workers=1, most_replications=250, cache=shows / "cache" / "verdicts")
    with pytest.warns(UserWarning, match="verdicts cannot be kept there: Permission denied"):
        assert told(check([shows / "fine.yaml"], how)) == {"fine.yaml": "holds"}


def test_a_baseline_of_no_show_is_told_and_what_is_no_baseline_is_not(shows: Path) -> None:
    for name in ("gone", "kept"):
        write(shows / f"{name}.yaml", "")
    write(shows / "some.yaml", "alternatives: {one: {}, two: {}}\n")
    update([shows / "gone.yaml", shows / "kept.yaml", shows / "some.yaml"], workers=1)
    (shows / "gone.yaml").rename(shows / "later.yaml")
    write(shows / "some.yaml", "alternatives: {one: {}, three: {}}\n" + EXPECT)
    (shows / "far" / "baselines").mkdir()
    (shows / "far" / "baselines" / "of_others.json").write_text("{}")
    lost = "this was kept of a show that is no longer there"
    with pytest.warns(UserWarning, match=r"baselines: nothing is kept of fine\.yaml, later\.yaml"):
        found = told(check([shows], ONE))
    assert {name: what for name, what in found.items() if what != "holds"} == {
        "gone.json": lost,
        "some.two.json": lost,
    }
    found = told(check([shows / "fine.yaml", shows / "some.yaml"], ONE))
    assert "some.two.json" in found and "gone.json" not in found


def test_a_part_named_like_an_alternative_is_no_show(shows: Path) -> None:
    """What is kept of the alternative lies where the part's figures would, were it a show."""
    some = write(shows / "some.yaml", "alternatives: {big: {include: [some.big]}, small: {}}\n")
    (shows / "some.big.yaml").write_text("viewers: 600\n")
    update([some], workers=1)
    for words in (["init"], ["add", "-A"], ["commit", "-m", "shows"]):
        git(shows, *words)
    with pytest.warns(UserWarning, match=r"nothing is kept of fine\.yaml,"):
        found = told(check([shows], ONE))
    assert set(found) == {"fine.yaml", "hidden.yaml", "some.yaml"}
    (shows / "baselines" / "some.big.json").unlink()
    with pytest.warns(UserWarning, match=r"nothing is kept of fine\.yaml,"):
        assert told(check([shows], SINCE)) == {"some.yaml": "missing"}
    update([some], workers=1)
    some.write_text(f"{SHOW}alternatives: {{other: {{}}, small: {{}}}}\n")
    with pytest.warns(UserWarning, match=r"nothing is kept of fine\.yaml,"):
        found = told(check([shows], ONE))
    assert found["some.big.json"] == "this was kept of a show that is no longer there"


def test_of_a_file_that_was_not_read_nobody_knows_which_shows_it_has(shows: Path) -> None:
    (shows / "fine.yaml").unlink()
    for name in ("bad", "away"):
        write(shows / f"{name}.yaml", "")
    update([shows / "bad.yaml", shows / "away.yaml"], workers=1)
    (shows / "bad.yaml").write_text("title: 5\n")
    (shows / "away.yaml").unlink()
    (shows / "away.yaml").symlink_to("/etc/hostname")  # it leads out, and is passed over
    report = check([shows], ONE)
    assert [Path(show.file).name for show in report.shows if show.mistakes] == ["bad.yaml"]


@pytest.mark.parametrize("expects", [EXPECT, ""])
def test_a_deleted_baseline_is_told_of_a_branch(expects: str, shows: Path) -> None:
    write(shows / "far" / "hidden.yaml", expects)
    update([shows / "far" / "hidden.yaml"], workers=1)
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    for words in (["init"], ["add", "-A"], [*who, "commit", "-m", "shows"]):
        subprocess.run(["git", "-C", str(shows), *words], check=True, capture_output=True)
    assert not check([shows], SINCE).shows
    (shows / "far" / "baselines" / "hidden.json").unlink()
    report = check([shows], SINCE)
    assert told(report) == {"hidden.yaml": "missing"}
    *_, last = report.findings
    assert "was deleted since HEAD" in last.said and last.fails
    command = ["check", "--workers=1", "--no-cache", "--changed-since=HEAD", "--format=github"]
    done = CliRunner().invoke(main, [*command, str(shows)])
    assert done.exit_code == 1 and "::error file=" in done.output
    assert update([shows / "far" / "hidden.yaml"], workers=1)[0].said == "new"
    assert not check([shows], SINCE).shows


def test_who_renames_a_show_deletes_no_baseline_unsaid(shows: Path) -> None:
    far = shows / "far"
    update([far / "hidden.yaml"], workers=1)
    for words in (["init"], ["add", "-A"], ["commit", "-m", "shows"]):
        git(shows, *words)
    git(shows, "mv", "far/hidden.yaml", "far/later.yaml")
    git(shows, "mv", "far/baselines/hidden.json", "far/baselines/later.json")
    assert told(check([shows], SINCE)) == {"later.yaml": "holds"}  # and no warning
    (far / "baselines" / "later.json").unlink()
    with pytest.warns(UserWarning, match=r"hidden\.json was deleted with its show since HEAD; of"):
        assert told(check([shows], SINCE)) == {"later.yaml": "holds"}
    assert not check([shows / "fine.yaml"], SINCE).shows  # which has nothing to do with it


def test_a_hook_of_a_linked_worktree_asks_of_the_folder_that_is_checked(
    shows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git tells a hook of its repository, and not where its worktree begins."""
    update([shows / "far" / "hidden.yaml"], workers=1)
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    linked = tmp_path / "linked"
    for words in (["init"], ["add", "-A"], [*who, "commit", "-m", "shows"]):
        subprocess.run(["git", "-C", str(shows), *words], check=True, capture_output=True)
    words = ["git", "-C", str(shows), "worktree", "add", str(linked)]
    subprocess.run(words, check=True, capture_output=True)
    (linked / "far" / "baselines" / "hidden.json").unlink()
    own = shows / ".git" / "worktrees" / "linked"
    monkeypatch.setenv("GIT_DIR", str(own))
    monkeypatch.setenv("GIT_INDEX_FILE", str(own / "index"))
    monkeypatch.setenv("GIT_PREFIX", "")
    assert told(check([linked / "far"], SINCE)) == {"hidden.yaml": "missing"}


def test_who_expects_nothing_any_more_deletes_no_baseline_unsaid(shows: Path) -> None:
    update([shows / "fine.yaml"], workers=1)
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    for words in (["init"], ["add", "-A"], [*who, "commit", "-m", "shows"]):
        subprocess.run(["git", "-C", str(shows), *words], check=True, capture_output=True)
    rmtree(shows / "baselines")
    rmtree(shows / "far")
    write(shows / "fine.yaml", "")
    for path in (shows, shows / "fine.yaml"):
        assert told(check([path], SINCE)) == {"fine.yaml": "missing"}


@pytest.mark.parametrize("staged", [False, True])
def test_a_deleted_folder_of_baselines_is_told_as_long_as_git_knows(
    staged: bool, shows: Path
) -> None:
    """Without a revision to ask of, nobody was told that nothing was held against them."""
    files = [shows / "fine.yaml", shows / "far" / "hidden.yaml"]
    update(files, workers=1)
    for words in (["init"], ["add", "-A"], ["commit", "-m", "shows"]):
        git(shows, *words)
    for file in files:
        rmtree(file.parent / "baselines")
    if staged:
        git(shows, "add", "-A")
    with pytest.warns(
        UserWarning, match=r"fine\.json, .*hidden\.json were deleted since the last c"
    ):
        assert told(check([shows], ONE))["fine.yaml"] == "holds"
    with pytest.warns(
        UserWarning, match=r"^[^,]*fine\.json was deleted since the last commit: not"
    ):
        check([shows / "fine.yaml"], ONE)
    files[0].rename(shows / "other.yaml")  # a show that is gone needs no baseline
    with pytest.warns(
        UserWarning, match=r"^[^,]*hidden\.json was deleted since the last commit: n"
    ):
        check([shows], ONE)
    git(shows, "checkout", "HEAD", ".")
    (shows / "other.yaml").unlink()
    assert told(check([shows], ONE))["hidden.yaml"] == "holds"  # and no warning


def test_a_verdict_is_recalled_with_its_baseline_alone(shows: Path, tmp_path: Path) -> None:
    (kept,) = update([shows / "fine.yaml"], workers=1)
    how = Options(workers=1, most_replications=250, cache=tmp_path / "cache")
    for recalled in (False, True):
        assert check([shows / "fine.yaml"], how).shows[0].recalled == recalled
    data = json.loads(Path(kept.file).read_text("utf-8"))
    Path(kept.file).write_text(json.dumps({**data, "seed": 2}), encoding="utf-8")
    report = check([shows / "fine.yaml"], how)
    assert not report.shows[0].recalled and told(report) == {"fine.yaml": "missing"}
