"""Answers: what every simulation, comparison, sweep, plan and incubation gives, in the same ways.

An answer has tables for notebooks, a document for programs, figures and a page for people, and is
kept as one folder. What is special to a kind of answer stands with it; how it looks is `report`'s,
which lies above and is imported by name when somebody looks.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from livesim.places import said_as_error, write_whole
from livesim.results.document import Document, finite, json_text
from livesim.results.folders import FORMAT, FolderKind, Study, attach
from livesim.results.frames import csv_text
from livesim.results.single_file import check_free, form_of
from livesim.scenario.labels import labels
from livesim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from pandas import DataFrame

#: Where it is said how answers look: the one part above that is used from below.
_VIEWS = "livesim.report.views"


@dataclass(frozen=True)
class Origin:
    """What an answer was made from.

    Parameters
    ----------
    scenarios
        The shows by name, with everything explicit.
    seed, replications
        Of the study.
    versions
        Versions and processor, as `livesim.results.provenance.provenance` gives them.
    notes
        What was assumed where a file said nothing.
    requested
        Replications that were asked for, where the work was interrupted; None where it was not.
    titles
        What people read for the names of shows, where it is something else.
    called
        What replications are called, such as candidates.
    """

    scenarios: Mapping[str, Scenario]
    seed: int
    replications: int
    versions: Mapping[str, str]
    notes: tuple[str, ...]
    requested: int | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    called: str = "replications"

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        seed: int,
        replications: int,
        versions: Mapping[str, str],
        notes: tuple[str, ...],
        requested: int | None = None,
        called: str = "replications",
    ) -> Origin:
        """Return the origin of an answer about one show."""
        shows = {scenario.title: scenario}
        return cls(shows, seed, replications, versions, notes, requested, called=called)

    @property
    def digest(self) -> str:
        """Fingerprint of the scenario; of several, one of all of theirs in their order."""
        return digest_of(self.scenarios.values())

    @property
    def study(self) -> Study:
        """Of which study it is."""
        return Study(self.digest, self.seed, self.replications)

    @property
    def interruption(self) -> str:
        """What an interrupt has left of it, as a sentence; empty where there was none."""
        if self.requested is None:
            return ""
        if self.requested == self.replications:
            return f"Stopped after all {self.called}: what comes after them is missing."
        return (
            f"Stopped early: this is from the first {self.replications:,} of {self.requested:,} "
            f"{self.called}."
        )

    def as_dict(self) -> Document:
        """Return what documents and folders of every kind say first."""
        return {
            "title": " | ".join(self.scenarios),
            "scenarios": {
                name: {
                    "title": scenario.title,
                    "digest": scenario.digest,
                    "currency": scenario.show.currency,
                    **({"labels": named} if (named := labels(scenario)) else {}),
                }
                for name, scenario in self.scenarios.items()
            },
            "digest": self.digest,
            "seed": self.seed,
            "replications": self.replications,
            "requested": self.requested or self.replications,
            "interrupted": self.requested is not None,
            "versions": dict(self.versions),
            "notes": list(self.notes),
        }


class InParts(NamedTuple):
    """An array that may be too large to be had at once, in parts one behind the other.

    Parameters
    ----------
    dtype, shape
        Of all of it.
    parts
        Its rows.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    parts: Iterable[NDArray[Any]]


class Answer(ABC):
    """What livesim answers with; every kind of answer can be looked at in the same ways."""

    kind: ClassVar[FolderKind[Any]]

    @property
    @abstractmethod
    def origin(self) -> Origin:
        """What it was made from."""

    @abstractmethod
    def tables(self) -> dict[str, DataFrame]:
        """Return tidy tables by name."""

    @abstractmethod
    def _arrays(self) -> Iterator[tuple[str, NDArray[Any] | InParts]]:
        """Yield every array of figures that it rests on, by name."""

    @abstractmethod
    def _body(self) -> Document:
        """Return its part of the document: the figures."""

    def _kept(self) -> Document:
        """Return what its folder's manifest must say for it to be read again."""
        return {}

    def _write(self, place: Path) -> None:
        """Write its tables, and the shows with everything explicit."""
        from livesim.scenario.writing import write_yaml

        for name, table in self.tables().items():
            (place / f"{name}.csv").write_text(csv_text(table), encoding="utf-8", newline="")
        shows = self.origin.scenarios.values()
        for number, scenario in enumerate(shows, start=1):
            name = f"scenario_{number}.yaml" if len(shows) > 1 else "scenario.yaml"
            (place / name).write_text(write_yaml(scenario.to_data()), encoding="utf-8")

    @property
    def digest(self) -> str:
        """Fingerprint of the scenario, or of all scenarios together."""
        return self.origin.digest

    @cached_property
    def fingerprint(self) -> str:
        """Fingerprint of every figure: equal only where two answers agree in every bit."""
        return fingerprint_of(self._arrays())

    def __repr__(self) -> str:
        """Say in a line what it is."""
        shown = self.origin
        return (
            f"<{type(self).__name__} of {' | '.join(shown.scenarios)}: "
            f"{shown.replications:,} replications, seed {shown.seed}>"
        )

    def document(self) -> Document:
        """Return it as plain data for programs, as ``--json`` prints it.

        Returns
        -------
        dict
            ``format``, ``kind``, ``title``, ``scenarios`` by name, ``digest``, ``seed``,
            ``replications``, how many were ``requested``, whether it was ``interrupted``,
            ``versions``, ``notes``, ``fingerprint``, and the figures. Every number is finite; None
            stands for never and unknown. ``livesim schema --output`` describes it. What has a
            label stands under its key; the labels stand with each scenario, by their paths.
        """
        head = {"format": FORMAT, "kind": self.kind.name, **self.origin.as_dict()}
        return dict(finite({**head, "fingerprint": self.fingerprint, **self._body()}))

    def figures(self, language: str | None = None) -> dict[str, Any]:
        """Return its figures (matplotlib) by name; `livesim.figures` draws one, on any axes.

        Parameters
        ----------
        language
            As for :meth:`page`.
        """
        return dict(_views().in_language(language, "figures", self))

    def page(self, language: str | None = None) -> str:
        """Return all of it, figures included, as one HTML page that needs no other file.

        Parameters
        ----------
        language
            Of what people read: ``en``, which is also what None stands for, or ``zh``.
        """
        return str(_views().in_language(language, "html_page", self))

    def save(
        self,
        folder: str | Path,
        *,
        replace: bool = False,
        figures: bool = True,
        language: str | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Path:
        """Write all of it as one folder: document, tables, scenario, page and figures.

        Parameters
        ----------
        folder
            Where to. An answer that is there is replaced if it is of the same study: its kind,
            scenario and seed, and no more replications. With a name that ends with one of
            `livesim.results.single_file.FORMS`, such as ``plan.html``, one file is written.
        replace
            Whether an answer of another study is replaced, too.
        figures
            Whether figures are drawn; they take some seconds.
        language
            As for :meth:`page`.
        progress
            Called as ``progress(what, done, tasks)`` as figures are drawn and files written.

        Returns
        -------
        Path
            The folder, or the file.

        Raises
        ------
        ResultsError
            If there is something else at that place, or it cannot be written.
        """
        if form := form_of(folder):
            check_free(folder, replace=replace)
            content = _views().in_language(language, "as_file", self, form, progress)
            with said_as_error(folder):
                write_whole(Path(folder), content)
            return Path(folder)
        self.kind.prepare(folder, self.origin.study, replace=replace)
        view = "files" if figures else "files_without_figures"
        files = _views().in_language(language, view, self, progress)
        return write(self, folder, files, replace=replace)

    def __str__(self) -> str:
        """Return what it says first, as commands print it."""
        return str(_views().text(self))

    def _repr_html_(self) -> str:
        """Return what it says first, for a notebook."""
        return str(_views().html_screen(self))


def write(
    answer: Answer,
    folder: str | Path,
    attachments: Mapping[str, bytes] | None = None,
    *,
    replace: bool = False,
) -> Path:
    """Write an answer as one folder, with other files beside what is its own.

    Parameters
    ----------
    answer
        The answer.
    folder, replace
        As for :meth:`Answer.save`.
    attachments
        Further files by their path in the folder.

    Raises
    ------
    ResultsError
        If there is something else at that place, or it cannot be written.
    """

    def fill(place: Path) -> Document:
        document = json_text(answer.document())
        (place / f"{answer.kind.name}.json").write_text(document + "\n", encoding="utf-8")
        answer._write(place)
        attach(place, attachments or {})
        return {
            **answer.origin.as_dict(),
            "fingerprint": answer.fingerprint,
            **answer._kept(),
        }

    return answer.kind.write(folder, answer.origin.study, fill, replace=replace)


def digest_of(scenarios: Iterable[Scenario]) -> str:
    """Return the fingerprint of a scenario; of several, one of all of theirs in their order."""
    digests = [scenario.digest for scenario in scenarios]
    return digests[0] if len(digests) == 1 else fingerprint([" ".join(digests).encode()])


def fingerprint_of(arrays: Iterable[tuple[str, NDArray[Any] | InParts]]) -> str:
    """Return the digest of arrays by name: equal only where they agree in every bit."""
    return fingerprint(part for name, array in arrays for part in _told(name, array))


def _told(name: str, array: NDArray[Any] | InParts) -> Iterator[bytes | memoryview]:
    yield f"{name} {array.dtype} {array.shape}".encode()
    for part in array.parts if isinstance(array, InParts) else [array]:
        yield np.ascontiguousarray(part).reshape(-1).view(np.uint8).data


def fingerprint(parts: Iterable[bytes | memoryview]) -> str:
    """Return the digest of bytes in their order."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _views() -> Any:
    return import_module(_VIEWS)
