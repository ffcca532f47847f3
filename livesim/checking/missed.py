"""Baselines that are missed: of shows that are gone, deleted, or kept of others beside only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from os.path import realpath
from pathlib import Path
from typing import Final
from warnings import warn

from livesim.checking.cases import BASELINE, BASELINES, Case, Expected, cases_in, is_kept_of, is_of
from livesim.checking.changes import Changes, deleted
from livesim.checking.findings import Checked, Finding
from livesim.checking.shows import shows_in
from livesim.errors import Mistake
from livesim.places import entries, is_folder, is_there, read_file
from livesim.scenario.library import files_below

_JSON: Final = ".json"
#: What stands in every baseline, and hardly in what else a folder of this name may hold.
_MARK: Final = b'"fingerprint"'
_MOST_LOOKED_AT: Final = 1 << 16
_MOST_NAMES: Final = 3


def orphans(paths: Iterable[Path], cases: Sequence[Case]) -> list[Case]:
    """Return the baselines that belong to none of the shows that there are, each as a mistake.

    Parameters
    ----------
    paths
        Files, whose own baselines are looked at, and folders.
    cases
        Their shows; of a file that was not read nobody knows which it has.
    """
    known = {_own(case.baseline) for case in cases if case.scenario}
    read = {_own(Path(case.show.file)) for case in cases if case.scenario}
    found = dict.fromkeys(kept for path in paths for kept in _kept_at(path))
    return [_orphan(one) for one in found if _own(one) not in known and not _owners(one) - read]


def _kept_at(path: Path) -> Iterator[Path]:
    """Yield the baselines below a folder, or those of a file."""
    if not is_folder(path):
        beside = path.parent / BASELINES
        yield from (one for one in _jsons(beside) if is_of(one, path))
        return
    for place, below, _ in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith("."))
        if BASELINES in below:
            yield from _jsons(Path(place, BASELINES))


def _jsons(folder: Path) -> list[Path]:
    named = (one for one in entries(folder) if one.suffix == _JSON and one.name[0] != ".")
    return [one for one in named if _is_baseline(one)]


def _is_baseline(file: Path) -> bool:
    """Say whether a file looks like a baseline: other programs have such folders, too."""
    try:
        return _MARK in read_file(file, _MOST_LOOKED_AT)
    except OSError:
        return False  # whose it is, nobody can say; if it is a show's, that is told there


def _owners(kept: Path) -> set[Path]:
    """Return the files of which a baseline can be by its name."""
    folder = kept.parent.parent
    files = (one for one in entries(folder) if is_kept_of(kept, one) and not is_folder(one))
    return {_own(one) for one in files}


def _orphan(kept: Path) -> Case:
    return Case(Checked(str(kept), str(kept), mistakes=(_no_longer_there(kept),)))


def _no_longer_there(kept: Path) -> Mistake:
    return Mistake(
        "this was kept of a show that is no longer there",
        remedy="give it the name of its show, as that was renamed, or delete it",
        file=str(kept),
    )


def without_file(file: Path) -> Mistake | None:
    """Return what is wrong with a baseline that can be of no file beside it; None of all else.

    Parameters
    ----------
    file
        Any file.
    """
    if file.parent.name != BASELINES or file not in _jsons(file.parent) or _owners(file):
        return None
    return _no_longer_there(file)


def with_deleted(cases: Sequence[Case], paths: Iterable[Path], changes: Changes) -> list[Case]:
    """Return cases, those whose baseline was deleted with it as missing, which fails.

    Of baselines that were deleted with their shows there is a warning.

    Parameters
    ----------
    cases
        The shows.
    paths
        Where they are from: a show of which nothing but its baseline was held is added to them.
    changes
        What has changed since a revision.
    """
    folders = [path for path in paths if is_folder(path)]
    within = [path / BASELINES for path in folders]  # also of one in which nothing is expected now
    within += [Path(case.show.file) for case in cases if case.scenario]
    gone = {
        one
        for changed in {changes.beside(file) for file in within}
        for one in changed
        if one.parent.name == BASELINES and one.suffix == _JSON and not is_there(one)
    }
    if not gone:
        return list(cases)
    read = {case.show.file for case in cases}
    below = (file for folder in folders for file in files_below(folder))
    more = [file for file in below if any(is_kept_of(one, _own(file)) for one in gone)]
    added = cases_in(file for file in more if str(file) not in read)
    found = [*cases, *added]
    _warn_of_gone(gone, found, folders, changes)
    return [
        _told_of(case, changes.revision) if _own(case.baseline) in gone else case for case in found
    ]


def _warn_of_gone(
    gone: Iterable[Path], cases: Sequence[Case], folders: Iterable[Path], changes: Changes
) -> None:
    """Warn of baselines that went with their shows, unless others came with shows beside them."""
    tops = [folder.resolve() for folder in folders]
    came = {
        _own(case.baseline).parent
        for case in cases
        if case.is_kept
        and {_own(Path(case.show.file)), _own(case.baseline)} <= changes.beside(case.baseline)
    }
    lost = [
        one
        for one in sorted(gone)
        if any(map(one.is_relative_to, tops)) and one.parent not in came and not _owners(one)
    ]
    if lost:
        were = "was deleted with its show" if len(lost) == 1 else "were deleted with their shows"
        warn(
            f"{_some([str(one) for one in lost])} {were} since {changes.revision}; of one that was "
            "renamed, keep what it comes to with livesim check FILE --update",
            stacklevel=2,
        )


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def warn_of_deleted(paths: Iterable[Path]) -> None:
    """Warn of baselines that the last commit has, and that are gone while their shows are there.

    Parameters
    ----------
    paths
        Files, whose own baselines are looked for, and folders.
    """
    gone = {one for path in paths for one in _gone_from(path) if _owners(one)}
    if lost := [str(one) for one in sorted(gone)]:
        were, them = ("was", "it") if len(lost) == 1 else ("were", "them")
        warn(
            f"{_some(lost)} {were} deleted since the last commit: nothing is held against {them}; "
            f"git checkout HEAD FILE brings {them} back, and livesim check FILE --update keeps "
            "what a show comes to now",
            stacklevel=2,
        )


def _gone_from(path: Path) -> Iterator[Path]:
    """Yield the baselines of a file, or below a folder, that were deleted since the last commit."""
    if is_folder(path):
        yield from deleted(path, f"**/{BASELINES}/*{_JSON}")
    else:
        named = deleted(path.parent, f"{BASELINES}/*{_JSON}")
        yield from (one for one in named if is_of(one, path))


def _told_of(case: Case, revision: str) -> Case:
    if case.scenario is None:
        return case
    said = (
        f"{case.baseline} was deleted since {revision}: restore it, or keep it anew with livesim "
        "check --update; if that is meant, check without --changed-since, which only warns"
    )
    finding = Finding(BASELINE, None, "missing", said)
    return replace(case, tests=(*case.tests, Expected(finding, case.scenario)))


def warn_of_lacking(paths: Iterable[Path]) -> None:
    """Warn of shows of which nothing is kept, where figures of others beside them are.

    Parameters
    ----------
    paths
        Files, which are passed over, and folders.
    """
    for path in filter(is_folder, paths):
        for folder, shows in _lacking(path).items():
            warn(
                f"{folder / BASELINES}: nothing is kept of {_some(shows)}, as it is of others "
                "there; livesim check FILE --update keeps what a show comes to",
                stacklevel=2,
            )


def _lacking(folder: Path) -> dict[Path, list[str]]:
    """Return the names of shows of which nothing is kept, by folders in which anything is."""
    kept, found = [*_kept_at(folder)], dict[Path, list[str]]()
    beside = {one.parent.parent for one in kept}
    for file in shows_in(folder) if kept else ():
        if file.parent in beside and not any(is_of(one, file) for one in kept):
            found.setdefault(file.parent, []).append(file.name)
    return found


def _own(file: Path) -> Path:
    """Return the whole path of a file, of a link its own."""
    return Path(realpath(file.parent), file.name)
