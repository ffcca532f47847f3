"""Folders that somebody damaged or edited: an error that names folder and file, whatever it is."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import livesim
from livesim.errors import ResultsError
from livesim.planning import saved as plans
from livesim.results import Result, load
from livesim.results.answer import write
from livesim.results.folders import _described
from livesim.results.manifest import OWN_DIGEST, sealed

OTHERS = (None, [], {}, 5, -1, "text", True, [None], {"a": 1}, 1e400, "")


@pytest.fixture(scope="module")
def kept(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(result, tmp_path_factory.mktemp("kept") / "show", {"figures/stock.png": b"drawn"})


@pytest.fixture(scope="module")
def kept_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    room = livesim.load(
        "scenarios/brand_room.yaml", {"show.length": "20min", "show.refresh": "20s"}
    )
    plan = livesim.plan(room, replications=50, workers=1)
    return write(plan, tmp_path_factory.mktemp("kept") / "plan", {"figures/stock.png": b"drawn"})


Read = Callable[[Path], object]


@pytest.fixture(params=["result", "plan"])
def folder_and_read(request: pytest.FixtureRequest) -> tuple[Path, Read]:
    if request.param == "plan":
        return request.getfixturevalue("kept_plan"), plans.load
    return request.getfixturevalue("kept"), load


def changed(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return data with another value at a path; without it if the value is the path itself."""
    copy = json.loads(json.dumps(data))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    if value is path:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return copy


def paths(data: Any, to: tuple[Any, ...] = (), depth: int = 3) -> Iterator[tuple[Any, ...]]:
    """Yield where there is something, as deep as three keys."""
    if to:
        yield to
    if depth and isinstance(data, dict | list):
        for key in data if isinstance(data, dict) else range(len(data)):
            yield from paths(data[key], (*to, key), depth - 1)


def refused(read: Read, place: Path) -> str:
    """Return the error of reading; nothing if it was read. It names folder and file."""
    try:
        read(place)
    except ResultsError as error:
        assert str(error).startswith((f"{place}/", f"{place}: ")), error
        return str(error)
    return ""


def manifest_of(place: Path) -> tuple[Path, Mapping[str, Any]]:
    path = place / "manifest.json"
    return path, json.loads(path.read_text("utf-8"))


def edits(told: Mapping[str, Any], count: int) -> Iterator[Any]:
    choose, there = random.Random(1), list(paths(told))
    for _ in range(count):
        path = choose.choice(there)
        edited = changed(told, path, choose.choice((path, *OTHERS)))
        if edited != told:
            yield edited


def without_digest(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key != OWN_DIGEST}


@pytest.mark.parametrize("count", [40, pytest.param(1500, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("seal", [False, True], ids=["as edited", "with digests made anew"])
def test_edits_of_a_manifest(folder_and_read: tuple[Path, Read], seal: bool, count: int) -> None:
    """Refused as it is; sealed anew, it is refused or says what cannot be told from the figures."""
    place, read = folder_and_read
    path, told = manifest_of(place)
    text = path.read_bytes()
    try:
        for edited in edits(told, count):
            path.write_text(json.dumps(sealed(without_digest(edited)) if seal else edited))
            error = refused(read, place)
            assert error or seal, edited
    finally:
        path.write_bytes(text)
    assert not refused(read, place)


def test_a_name_that_is_given_twice_is_damage(folder_and_read: tuple[Path, Read]) -> None:
    """Its last value would count, which need not be the one that people read."""
    place, read = folder_and_read
    path, _ = manifest_of(place)
    text = path.read_text("utf-8")
    try:
        for again in ('"seed": 7,', '"versions": {"livesim": "9", "livesim": "9"},'):
            path.write_text(text.replace("{", "{" + again, 1), encoding="utf-8")
            assert "manifest.json: is damaged" in refused(read, place)
    finally:
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("resealed", [False, True], ids=["changed", "with digests made anew"])
def test_every_file_is_looked_at(folder_and_read: tuple[Path, Read], resealed: bool) -> None:
    """A missing, cut, emptied or changed file is refused, even one that nobody reads again."""
    place, read = folder_and_read
    manifest, told = manifest_of(place)
    first = manifest.read_bytes()
    choose = random.Random(2)
    read_again = {f"{name}.parquet" for name in ("products", "inputs", "timeline", "slots")}
    read_again |= {"curves.npz"}
    for name in told["files"]:
        path = place / name
        whole = path.read_bytes()
        flipped = bytearray(whole)
        for _ in range(5):
            flipped[choose.randrange(len(whole))] ^= 1 << choose.randrange(8)
        for content in (b"", whole[: len(whole) // 2], bytes(flipped), whole + b"\0"):
            path.write_bytes(content)
            if resealed:
                files = {**told["files"], name: _described(path)}
                manifest.write_text(json.dumps(sealed({**without_digest(told), "files": files})))
            error = refused(read, place)
            assert name in error or resealed
            if resealed and name in read_again and content in (b"", whole[: len(whole) // 2]):
                assert name in error
        path.write_bytes(whole)
        manifest.write_bytes(first)
        if not resealed:
            path.rename(path.with_name("elsewhere"))
            assert f"{name} is missing" in refused(read, place)
            path.with_name("elsewhere").rename(path)
    assert not refused(read, place)


def test_a_file_outside_the_folder_is_not_read(kept: Path) -> None:
    path, told = manifest_of(kept)
    first = path.read_bytes()
    for name in ("../../x", "/etc/passwd", "a/../../b"):
        files = {**told["files"], name: {"bytes": 1, "blake2b": ""}}
        path.write_text(json.dumps(sealed({**without_digest(told), "files": files})))
        assert "is no file inside the folder" in refused(load, kept)
    path.write_bytes(first)


@pytest.mark.parametrize("text", [b"\xff\xfe", b"[" * 100_000, b'{"kind": "\\ud800"}', b"\0"])
def test_a_manifest_of_no_sense(kept: Path, text: bytes) -> None:
    path, _ = manifest_of(kept)
    first = path.read_bytes()
    path.write_bytes(text)
    assert refused(load, kept)
    path.write_bytes(first)
