"""Verdicts that are recalled, and what a change touches."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from livesim.checking import looking
from livesim.checking.changes import changed_since, touch_all
from livesim.checking.changes import touched as files_touched
from livesim.checking.check import Options, check
from livesim.checking.findings import Report
from livesim.cli import main
from livesim.errors import UsageError
from livesim.results.manifest import sealed

SHOW = """\
like: drop
title: A quick drop
show: {start: 2026-11-29 20:00, length: 5min, refresh: 20s, currency: CNY}
viewers: 500
watch_time: 2min
products:
  serum: {price: 100, unit_cost: 30, owned: 10, forecast: 20}
"""
SINCE = Options(changed_since="HEAD", most_replications=250, workers=1)
PAST = """\
start,length_min,viewers,orders
2026-10-01 20:00,60,2100,50
2026-10-08 20:00,60,1900,60
"""
EXPECT = 'expect: [{{serum.put_on_sale: ">= {}"}}]\n'
LEARNING = f"history: past.csv\n{SHOW}{EXPECT.format(10)}"


def checked(file: Path, cache: Path, error_rate: float = 0.01) -> Report:
    how = Options(cache=cache, error_rate=error_rate, most_replications=250, workers=1)
    return check([file], how)


@pytest.fixture
def show(tmp_path: Path) -> Path:
    file = tmp_path / "drop.yaml"
    file.write_text(SHOW + EXPECT.format(11), encoding="utf-8")
    return file


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of all shows that are simulated."""
    titles: list[str] = []
    honest = looking.samples

    def counted(seed: int, task: looking.Task) -> object:
        titles.append(task[0].title)
        return honest(seed, task)

    monkeypatch.setattr(looking, "samples", counted)
    return titles


def test_a_show_that_did_not_change_is_not_simulated_again(
    show: Path, tmp_path: Path, simulated: list[str]
) -> None:
    first, second = (checked(show, tmp_path / "cache") for _ in range(2))
    assert len(simulated) == 1
    assert [one.shows[0].recalled for one in (first, second)] == [False, True]
    assert first.findings == second.findings and first.findings[0].verdict == "broken"


def test_what_changed_is_simulated_again(
    show: Path, tmp_path: Path, simulated: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(show, tmp_path / "cache", error_rate=0.1)
    checked(show, tmp_path / "cache", error_rate=0.01)  # a wrong verdict must be less likely
    show.write_text(SHOW + EXPECT.format(10), encoding="utf-8")
    assert checked(show, tmp_path / "cache").findings[0].verdict == "holds"
    monkeypatch.setattr("livesim.checking.verdicts._source", lambda: "another livesim")
    checked(show, tmp_path / "cache")
    assert len(simulated) == 4
    checked(show, tmp_path / "cache", error_rate=0.1)  # it may be likelier now
    assert len(simulated) == 4


def test_a_verdict_rests_on_past_shows(tmp_path: Path, simulated: list[str]) -> None:
    (tmp_path / "drop.yaml").write_text(LEARNING, encoding="utf-8")
    for past in (PAST, PAST, PAST.replace("2100", "2300")):
        (tmp_path / "past.csv").write_text(past, encoding="utf-8")
        checked(tmp_path / "drop.yaml", tmp_path / "cache")
    assert len(simulated) == 2


def _edited(**changed: object) -> Callable[[str], str]:
    """Return what edits the one finding, and seals it anew."""

    def edit(text: str) -> str:
        told = json.loads(text)
        told["findings"][0] |= changed
        return json.dumps(sealed(told))

    return edit


DAMAGES = {
    "nothing": lambda _: "",
    "a list": lambda _: "[]",
    "no findings": lambda text: json.dumps(sealed({**json.loads(text), "findings": []})),
    "no finding": lambda text: json.dumps(sealed({**json.loads(text), "findings": [{}]})),
    "an edit": lambda text: text.replace('"broken"', '"holds"'),
    "no verdict": _edited(verdict="hodls"),
    "no judgement": _edited(judgement={"value": 9}),
    "no number": lambda text: re.sub(r'"value": [\d.]+', '"value": "abc"', text),
    "another's": lambda text: json.dumps(sealed({**json.loads(text), "of": "0" * 32})),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_verdict_is_ignored_with_a_word(
    damage: str, show: Path, tmp_path: Path, simulated: list[str]
) -> None:
    checked(show, tmp_path / "cache")
    (file,) = (tmp_path / "cache").rglob("*.json")
    file.write_text(DAMAGES[damage](file.read_text("utf-8")))
    with pytest.warns(UserWarning, match="is damaged and ignored"):
        report = checked(show, tmp_path / "cache")
    assert not report.shows[0].recalled and report.findings[0].verdict == "broken"
    assert checked(show, tmp_path / "cache").shows[0].recalled
    assert len(simulated) == 2


def test_where_none_can_be_kept_the_verdict_is_said_all_the_same(
    show: Path, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.warns(UserWarning, match="cannot be kept there"):
        assert checked(show, tmp_path / "cache").findings[0].verdict == "broken"


def test_what_time_was_too_short_for_is_not_kept(tmp_path: Path, simulated: list[str]) -> None:
    file = tmp_path / "drop.yaml"
    file.write_text(SHOW + "expect: [{serum.demand: [19.99, 20.01]}]\n", encoding="utf-8")
    for _ in range(2):
        check([file], Options(cache=tmp_path / "cache", time_budget=1e-6, workers=1))
    assert len(simulated) == 2


# --------------------------------------------------------------------------------------------------
# What a change touches
# --------------------------------------------------------------------------------------------------


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    (folder / "shows").mkdir()
    (folder / "shows" / "part.yaml").write_text("viewers: 500\n", encoding="utf-8")
    own = SHOW + EXPECT.format(10)
    for name, text in {
        "alone": own,
        "including": "include: [part]\n" + own.replace("viewers: 500\n", ""),
        "comparing": SHOW + 'expect: [{serum.put_on_sale: ">= including"}]\n',
    }.items():
        (folder / "shows" / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "shows" / "learning.yaml").write_text(LEARNING, encoding="utf-8")
    (folder / "shows" / "past.csv").write_text(PAST, encoding="utf-8")
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "shows")
    return folder


def touched(folder: Path, file: str, text: str) -> list[str]:
    """Return which shows are checked once a file has changed."""
    before = (folder / file).read_text("utf-8") if (folder / file).exists() else None
    (folder / file).write_text(text, encoding="utf-8")
    try:
        report = check([folder / "shows"], SINCE)
    finally:
        if before is None:
            (folder / file).unlink()
        else:
            (folder / file).write_text(before, encoding="utf-8")
    return [Path(show.file).stem for show in report.shows]


def test_what_no_run_has_used_for_long_is_dropped(show: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    checked(show, cache)
    (mine,) = cache.glob("*/*.json")
    others = [mine.with_name("abc.json"), cache / "my" / "notes.json"]
    for file in others:
        file.parent.mkdir(exist_ok=True)
        file.write_text("{}")
    for file in (mine, *others):
        os.utime(file, (0, 0))
    assert checked(show, cache).shows[0].recalled
    assert {*cache.glob("*/*.json")} == {mine, others[1]}


@pytest.mark.parametrize(
    ("file", "text", "shows"),
    [
        ("shows/alone.yaml", SHOW + EXPECT.format(9), ["alone"]),
        ("shows/part.yaml", "viewers: 400\n", ["comparing", "including"]),
        ("shows/baselines.txt", "of nothing", []),
        ("shows/past.csv", PAST.replace("2100", "2300"), ["learning"]),
        ("pyproject.toml", "[project]\n", ["alone", "comparing", "including", "learning"]),
        ("shows/new.yaml", SHOW + EXPECT.format(10), ["new"]),
    ],
)
def test_only_what_a_change_touches_is_checked(
    repository: Path, file: str, text: str, shows: list[str]
) -> None:
    assert touched(repository, file, text) == shows


@pytest.mark.parametrize(
    ("file", "all_shows"),
    [
        *(
            (file, True)
            for file in (
                "constraints.txt",
                ".github/constraints.txt",
                "requirements/ci.txt",
                "requirements-ci.txt",
                "dev-requirements.in",
                "environment.yml",
                "conda-lock.yml",
                "uv.lock",
                "poetry.lock",
                "pylock.toml",
            )
        ),
        ("notes.txt", False),
        ("environments.md", False),
    ],
)
def test_a_file_that_says_versions_touches_every_show(
    repository: Path, file: str, all_shows: bool
) -> None:
    new = repository / file
    new.parent.mkdir(exist_ok=True)
    new.write_text("numpy==2.0\n")
    found = changed_since("HEAD", repository)
    new.unlink()
    assert touch_all(found) == all_shows


@pytest.mark.parametrize(("links", "far"), [("shows", "a.yaml"), ("linked", "shows/a.yaml")])
def test_a_link_that_leads_elsewhere_now_is_a_change(tmp_path: Path, links: str, far: str) -> None:
    """Of a file, and of a folder on the way to it."""
    for name, least in (("a", 9), ("b", 8)):
        (tmp_path / name / "shows").mkdir(parents=True)
        for file in ("a.yaml", "shows/a.yaml"):
            (tmp_path / name / file).write_text(SHOW + EXPECT.format(least), encoding="utf-8")
    link = tmp_path / "linked"
    link.symlink_to(f"a/{far}" if links == "shows" else "a")
    for words in (["init"], ["add", "-A"], ["commit", "-m", "shows"]):
        git(tmp_path, *words)
    show = link if links == "shows" else tmp_path / far.replace("shows", "linked/shows")
    assert not check([show], SINCE).shows
    link.unlink()
    link.symlink_to(f"b/{far}" if links == "shows" else "b")
    assert len(check([show], SINCE).shows) == 1


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("a/b")
    assert not files_touched([tmp_path / "a" / "b"], frozenset([tmp_path / "c"]))


def test_a_revision_must_be_there(repository: Path, tmp_path: Path) -> None:
    for revision in ("v99", "--all", "HEAD^{tree}"):
        with pytest.raises(UsageError, match="there is no revision"):
            check([repository / "shows"], Options(changed_since=revision))
    (tmp_path / "drop.yaml").write_text(SHOW + EXPECT.format(10), encoding="utf-8")
    with pytest.raises(UsageError, match=r"--changed-since: .*not a git repository"):
        check([tmp_path], SINCE)


def test_before_the_first_commit_all_is_new(tmp_path: Path) -> None:
    (tmp_path / "drop.yaml").write_text(SHOW + EXPECT.format(10), encoding="utf-8")
    git(tmp_path, "init")
    for staged in (False, True):
        assert len(check([tmp_path], SINCE).shows) == 1, staged
        git(tmp_path, "add", ".")
    with pytest.raises(UsageError, match="there is no revision v99"):
        check([tmp_path], Options(changed_since="v99"))


@pytest.mark.filterwarnings("default")
def test_a_hook_passes_where_nothing_is_expected_yet(repository: Path) -> None:
    (repository / "empty").mkdir()
    with pytest.warns(UserWarning, match="nothing is expected in empty: write `expect:`"):
        assert not check([repository / "empty"], SINCE).shows
    with pytest.raises(UsageError, match="nothing is expected in empty"):
        check([repository / "empty"])
    command = ["check", "--workers=1", "--no-cache", "--changed-since=HEAD"]
    done = CliRunner().invoke(main, [*command, str(repository / "empty")])
    assert done.exit_code == 0 and "nothing is expected in empty" in done.output, done.output
