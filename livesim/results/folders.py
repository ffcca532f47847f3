"""Folders that are written whole or not at all, whatever is in them.

The manifest of a folder says of what kind it is and lists every file with its digest, and has one
of its own, so that reading sees what is missing or was changed.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Generic

from livesim.errors import ResultsError, must_be
from livesim.places import (
    REPLACE,
    alone,
    earlier_of,
    files_in,
    move_in,
    put_back,
    said_as_error,
    sync,
    try_place,
    unfinished_folder,
)
from livesim.results import manifest as manifests
from livesim.results.document import Document
from livesim.results.manifest import AnyManifest
from livesim.version import __version__

MANIFEST = "manifest.json"
#: The layout of folders and documents; folders of another one are refused.
FORMAT = 2
#: A manifest of format 1 that does not say its kind is a result's.
_FIRST_KIND = "result"


@dataclass(frozen=True)
class Study:
    """Which study an answer is of; one of the same study may take its place.

    Parameters
    ----------
    digest
        Of the scenario, or of all scenarios together.
    seed, replications
        Random numbers, and how many shows were simulated [1].
    """

    digest: str
    seed: int
    replications: int


@dataclass(frozen=True)
class FolderKind(Generic[AnyManifest]):
    """A kind of folder that livesim writes.

    Parameters
    ----------
    name
        What it is called: ``result`` for "a livesim result".
    command
        What writes one, for messages.
    again
        What to do about a damaged one.
    manifest
        What its manifest says.
    next_step
        What can be done with one that was written, with ``{}`` for the folder.
    """

    name: str
    command: str
    again: str
    manifest: type[AnyManifest]
    next_step: str = ""

    def prepare(self, folder: str | Path, study: Study | None = None, *, replace: bool) -> None:
        """Raise unless one can be written to a folder without losing anything else.

        Parameters
        ----------
        folder
            Where it is to go. One of the same study that is there may be replaced.
        study
            Of which study it will be; not looked at if None.
        replace
            Whether one of another study may be replaced, too.

        Raises
        ------
        ResultsError
            If there is a file, a folder of other things, one to which something was added, or an
            answer of another study, or nothing can be written there.
        """
        place = Path(folder).resolve()
        with said_as_error(folder):
            put_back(place)
            self._check_free(place, study, replace=replace)
            try_place(place)

    def write(
        self,
        folder: str | Path,
        study: Study,
        fill: Callable[[Path], Document],
        *,
        replace: bool = False,
    ) -> Path:
        """Write a folder, in place of one of the same study that is there.

        Parameters
        ----------
        folder, study, replace
            As for :meth:`prepare`.
        fill
            Writes the files into an empty folder and returns what the manifest says beside them.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        ResultsError
            As :meth:`prepare`.
        """
        place = Path(folder).resolve()
        with said_as_error(folder):
            put_back(place)
            self._check_free(place, study, replace=replace)
            place.parent.mkdir(parents=True, exist_ok=True)
            with unfinished_folder(place) as unfinished:
                self._finish(unfinished, fill(unfinished))
                with alone(place.parent):  # somebody else may have been faster
                    self._check_free(place, study, replace=replace)
                    move_in(unfinished, place)
        return place

    def read(self, folder: str | Path) -> AnyManifest:
        """Return the manifest of a folder in which every file is as it was written.

        Raises
        ------
        ResultsError
            With folder and file, if something is missing, was changed or makes no sense, or if the
            folder is of another kind or in another format.
        """
        must_be(folder, (str, PathLike), "folder: a path is needed")
        place = Path(folder)
        with self.making_sense_of(place / MANIFEST):
            told = self._told(place)
            if told.get("kind", _FIRST_KIND) != self.name:
                raise ResultsError(
                    f"{place}: is a livesim {told.get('kind')}, not a livesim {self.name}: "
                    f"{self.command} writes a {self.name}"
                )
            if told["format"] != FORMAT:
                raise ResultsError(self._of_another_version(place, told))
            manifest = self._validated(place, told)
        for name, file in manifest.files.items():
            self._check_file(place, name, file.model_dump())
        return manifest

    @contextmanager
    def making_sense_of(self, path: Path) -> Iterator[None]:
        """Read a file: whatever its readers stumble over, it is damaged.

        Raises
        ------
        ResultsError
            With the file, instead of any other exception.
        """
        try:
            yield
        except ResultsError:
            raise
        except OSError as error:
            why = error.strerror or error
            raise ResultsError(f"{path}: cannot be read: {why}: {self.again}") from error
        except Exception as error:  # a library's own, of which there are many
            raise self.damaged(path) from error

    def damaged(self, path: Path, why: str = "") -> ResultsError:
        """Return the error of a file that cannot be understood."""
        told = f" ({why})" if why else ""
        return ResultsError(f"{path}: is damaged{told}: restore it, or {self.again}")

    def _told(self, place: Path) -> Document:
        """Return what a manifest says, whatever that is."""
        path = place / MANIFEST
        if not path.is_file():
            raise ResultsError(f"{place}: {self._missing(place)}")
        told = manifests.read(path.read_bytes())
        if not isinstance(told, dict):
            raise self.damaged(path, "it is no object")
        return told

    def _validated(self, place: Path, told: Document) -> AnyManifest:
        try:
            manifest = manifests.checked(self.manifest, told)
        except ValueError as error:
            raise self.damaged(place / MANIFEST, str(error)) from error
        if not manifests.is_as_sealed(told):
            raise ResultsError(
                f"{place / MANIFEST}: is not as it was written: restore it, or {self.again}"
            )
        return manifest

    def _check_file(self, place: Path, name: str, written: Document) -> None:
        path = place / name
        with self.making_sense_of(path):
            if not path.is_file():
                raise ResultsError(f"{place}: {name} is missing: restore it, or {self.again}")
            if _described(path) != written:
                raise ResultsError(f"{path}: is not as it was written: restore it, or {self.again}")

    def _check_free(self, place: Path, study: Study | None, *, replace: bool) -> None:
        if not place.exists():
            return
        remedy = "choose a new folder, or move away what is there"
        if not place.is_dir():
            raise ResultsError(f"{place}: is a file, not a folder: {remedy}")
        if next(files_in(place), None) is None:
            return
        if not (place / MANIFEST).is_file():
            raise ResultsError(
                f"{place}: has files in it but is not a livesim {self.name}: {remedy}"
            )
        try:
            told = self._told(place)
            own = {MANIFEST, *told["files"]}
        except (ValueError, KeyError, TypeError, ResultsError) as error:
            raise ResultsError(
                f"{place}: its {MANIFEST} is damaged, so what is in it could be lost: {remedy}"
            ) from error
        for path in files_in(place):
            if (name := path.relative_to(place).as_posix()) not in own:
                raise ResultsError(
                    f"{place}: {name} is not part of the {told.get('kind', _FIRST_KIND)} that is "
                    f"there and would be lost: {remedy}"
                )
        if not replace and (other := self._other_study(told, study)):
            raise ResultsError(f"{place}: {other}: choose a new folder, or {REPLACE}")

    def _other_study(self, told: Document, study: Study | None) -> str:
        """Say in what an answer that is there is not of this study; empty if it is."""
        kind = told.get("kind", _FIRST_KIND)
        if kind != self.name:
            return f"is a livesim {kind}, not a livesim {self.name}"
        if study is None:
            return ""
        if told.get("digest") != study.digest:
            return f"has the {kind} of another scenario, or of this one before it was changed"
        if told.get("seed") != study.seed:
            return f"has the {kind} of seed {told.get('seed')}, and this one has {study.seed}"
        there = told.get("replications")
        if isinstance(there, int) and there > study.replications:
            return (
                f"has a {kind} of {there:,} replications, and this one has {study.replications:,}"
            )
        return ""

    def _of_another_version(self, place: Path, told: Document) -> str:
        """Say which version wrote a folder, and the command that runs its scenario again."""
        versions = told.get("versions")
        version = versions.get("livesim") if isinstance(versions, Mapping) else None
        return (
            f"{place}: was written by livesim {version or 'of another format'}, and livesim "
            f"{__version__} does not read it: run its scenario again (a key that has changed since "
            f"is named then):\n  {self._run_again(place, told)}"
        )

    def _run_again(self, place: Path, told: Document) -> str:
        """Return the command that makes anew what is in a folder, in whatever format."""
        files = sorted(place.glob("scenario*.yaml"), key=lambda path: (len(path.name), path.name))
        command = re.sub(
            "SCENARIO( SCENARIO)?", lambda _: shlex.join(map(str, files)), self.command
        )
        over = told.get("over")
        if isinstance(over, Mapping):
            swept = (f"{path}={','.join(map(str, values))}" for path, values in over.items())
            grid = " ".join(f"--over {shlex.quote(one)}" for one in swept)
            listed = told.get("grid") is False
            command = command.replace(
                "--over PATH=VALUE,VALUE", "--points FILE" if listed else grid
            )
        options = {"-n": told.get("replications"), "--seed": told.get("seed")}
        known = (f" {name} {value}" for name, value in options.items() if isinstance(value, int))
        return command + "".join(known)

    def _missing(self, place: Path) -> str:
        whole = place.absolute()
        if not place.exists() and earlier_of(whole).exists():
            return (
                f"there is no such folder, but an earlier {self.name}, whole: rename "
                f"{earlier_of(whole)}"
            )
        if not place.exists():
            return f"there is no such folder: {self.command} writes one"
        return f"is not a livesim {self.name}: {MANIFEST} is missing"

    def _finish(self, place: Path, told: Document) -> None:
        files = sorted(files_in(place))
        described = {path.relative_to(place).as_posix(): _described(path) for path in files}
        head = {"kind": self.name, "format": FORMAT}
        manifest = manifests.sealed({**head, **told, "files": described})
        text = json.dumps(manifest, indent=2, ensure_ascii=False)
        (place / MANIFEST).write_text(text + "\n", encoding="utf-8")
        for path in (*files, place / MANIFEST, place):
            sync(path)


def attach(place: Path, attachments: Mapping[str, bytes]) -> None:
    """Write further files by their path in a folder."""
    for name, content in attachments.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)


def _described(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
    return {"bytes": path.stat().st_size, "blake2b": digest.hexdigest()}
