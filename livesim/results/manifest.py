"""The manifest of a folder: what it must say, and that nobody has changed it since."""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
)
from pydantic_core import from_json

from livesim.results.document import Document

#: Where a manifest has the digest of all else that it says.
OWN_DIGEST = "blake2b"


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Show(_Part):
    """One of the shows that an answer is about."""

    title: str
    digest: str
    currency: str
    labels: dict[str, str] = {}


class File(_Part):
    """A file as it was written: its size [bytes] and its digest."""

    bytes: NonNegativeInt
    blake2b: str


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\\" in name:
        raise ValueError("is no file inside the folder")
    return name


class Manifest(_Part):
    """What the manifest of every kind of folder says; those that are read again say more.

    Parameters
    ----------
    kind, format
        What is in the folder, and in which layout.
    title, scenarios, digest, seed, replications, requested, interrupted, versions, notes
        As :class:`~livesim.results.answer.Origin` tells it.
    fingerprint
        Of every figure.
    files
        Every other file by its path in the folder.
    blake2b
        Digest of all this.
    """

    kind: str
    format: int
    title: str
    scenarios: dict[str, Show]
    digest: str
    seed: NonNegativeInt
    replications: PositiveInt
    requested: PositiveInt
    interrupted: bool
    versions: dict[str, str]
    notes: tuple[str, ...]
    fingerprint: str
    files: dict[Annotated[str, AfterValidator(_inside)], File]
    blake2b: str


AnyManifest = TypeVar("AnyManifest", bound=Manifest)


def read(text: bytes) -> Any:
    """Return what JSON says, of which nothing is said twice.

    Raises
    ------
    ValueError
        If it is no JSON in UTF-8, or gives a name twice.

    Examples
    --------
    >>> read(b'{"units": 5, "units": 6}')
    Traceback (most recent call last):
    ValueError: units is given twice
    """
    from_json(text)  # it bears no half characters, and nothing that is nested too deeply
    return json.loads(text, object_pairs_hook=_each_once)


def _each_once(pairs: list[tuple[str, Any]]) -> Document:
    told: Document = {}
    for name, value in pairs:
        if name in told:
            raise ValueError(f"{name} is given twice")
        told[name] = value
    return told


def checked(kind: type[AnyManifest], told: Document) -> AnyManifest:
    """Return a manifest in which everything is as its kind wants it.

    Raises
    ------
    ValueError
        With the first entry that is not.
    """
    try:
        return kind.model_validate_json(json.dumps(told))
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def sealed(told: Document) -> Document:
    """Return what a manifest says, with the digest of it."""
    return {**told, OWN_DIGEST: _digest(told)}


def is_as_sealed(told: Document) -> bool:
    """Say whether a manifest says what it said when it was written."""
    rest = {key: value for key, value in told.items() if key != OWN_DIGEST}
    return bool(told.get(OWN_DIGEST) == _digest(rest))


def _digest(told: Any) -> str:
    return blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=16).hexdigest()
