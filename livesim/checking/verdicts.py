"""Verdicts that are kept, so that a show that did not change is not simulated again.

A file for each show, named by the digest of all that its verdicts rest on: the show and those that
it is compared with, its expectations and baseline, the seed and the looks, versions, and livesim's
own source text. A verdict counts for a run that allows at least the chance of a wrong one with
which it was found. Files are written whole or not at all, so several processes may share a folder;
what no run has used for 30 days is dropped.
"""

from __future__ import annotations

import json
import os
import re
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from livesim.checking.baselines import content
from livesim.checking.cases import Case, Expected
from livesim.checking.findings import Finding
from livesim.checking.looking import Study
from livesim.checking.testing import Judgement, Verdict
from livesim.errors import UsageError
from livesim.places import entries, is_file, read_file, write_whole
from livesim.results.answer import fingerprint
from livesim.results.figures import Unit
from livesim.results.manifest import is_as_sealed, read, sealed
from livesim.results.provenance import provenance

_PACKAGE = Path(__file__).parents[1]
#: What no run has used for so long is dropped [s].
_KEPT_FOR: Final = 30 * 86_400
_NAME: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]+\.json")
#: Hundreds of expectations take a hundredth of it [bytes].
_MOST_BYTES: Final = 1 << 24


class _Found(BaseModel):
    """What is kept of a finding."""

    model_config = ConfigDict(strict=True, extra="forbid")

    verdict: Verdict
    said: str
    judgement: Judgement | None
    unit: Unit


class _Document(BaseModel):
    """What stands in a file of verdicts."""

    model_config = ConfigDict(strict=True, extra="forbid")

    of: str
    tail: float
    findings: list[_Found]
    blake2b: str


@dataclass(frozen=True)
class Verdicts:
    """A folder of verdicts.

    Parameters
    ----------
    folder
        Where; it is made when the first is kept.
    """

    folder: Path

    def recalled(self, case: Case, study: Study) -> Case:
        """Return a case with the verdicts that are kept of it; as it is where there are none.

        What is damaged is ignored, with a warning.
        """
        file = self._file(case, study)
        if file is None or not is_file(file):
            return case
        try:
            told = _read(file)
            tests = [_recalled(*both) for both in zip(case.tests, told.findings, strict=True)]
        except (ValueError, OSError):
            warnings.warn(f"{file}: is damaged and ignored", stacklevel=2)
            return case
        if told.tail > study.tail:
            return case
        with suppress(OSError):  # another user's, perhaps
            os.utime(file)
        return replace(case, show=replace(case.show, recalled=True), tests=tuple(tests))

    def keep(self, case: Case, study: Study) -> None:
        """Keep a case's verdicts, unless time was short; where that cannot be, it warns."""
        findings = [test.finding for test in case.tests]
        if not findings or not all(_is_final(finding, study) for finding in findings):
            return
        file = self._file(case, study)
        if file is None:
            return
        told = {"tail": study.tail, "findings": [_told(finding) for finding in findings]}
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, json.dumps(sealed({"of": _of(file), **told})))
        except OSError as error:
            warnings.warn(
                f"{self.folder}: verdicts cannot be kept there: {error.strerror}", stacklevel=2
            )

    def prune(self) -> None:
        """Drop the verdicts that no run has used for 30 days."""
        oldest = time.time() - _KEPT_FOR
        files = (file for folder in entries(self.folder) for file in entries(folder))
        for file in files:
            with suppress(OSError):  # another run may have been quicker
                if _NAME.fullmatch(file.relative_to(self.folder).as_posix()) and (
                    file.stat().st_mtime < oldest
                ):
                    file.unlink()

    def _file(self, case: Case, study: Study) -> Path | None:
        """Return where a case's verdicts are kept; None if not all that counts can be read."""
        try:
            name = fingerprint(_all_that_counts(case, study))
        except UsageError:
            return None
        return self.folder / name[:2] / f"{name[2:]}.json"


def _all_that_counts(case: Case, study: Study) -> Iterator[bytes]:
    yield json.dumps([_source(), provenance(), study.seed, study.looks]).encode()
    shows = {id(show): show for test in case.tests for show in test.needs}  # of many lines few
    digests = {number: show.digest for number, show in shows.items()}
    for test in case.tests:
        line = test.finding.expectation
        told = [line.figure, line.wanted, *(digests[id(one)] for one in test.needs)]
        yield json.dumps(told).encode()
    if case.is_kept:
        yield content(case.baseline)


@cache
def _source() -> str:
    """Return the digest of livesim's own text, so that work on it needs no new version."""
    files = sorted(file for end in ("py", "yaml") for file in _PACKAGE.rglob(f"*.{end}"))
    return fingerprint(
        part for file in files for part in (str(file.name).encode(), file.read_bytes())
    )


def _is_final(finding: Finding, study: Study) -> bool:
    judgement = finding.judgement
    return finding.verdict != "undecided" or (
        judgement is not None and judgement.replications == study.looks[-1]
    )


def _told(finding: Finding) -> dict[str, Any]:
    judgement = finding.judgement and asdict(finding.judgement)
    return {
        "verdict": finding.verdict,
        "said": finding.said,
        "judgement": judgement,
        "unit": finding.unit,
    }


def _of(file: Path) -> str:
    """Return the digest of all that the verdicts of a file rest on, by which it is named."""
    return file.parent.name + file.stem


def _read(file: Path) -> _Document:
    """Return what stands in a file of verdicts.

    Raises
    ------
    ValueError
        If it is not as it was written, or was written of another show.
    OSError
        If it cannot be read.
    """
    text = read_file(file, _MOST_BYTES)
    told = _Document.model_validate_json(text)
    if not is_as_sealed(read(text)) or told.of != _of(file):
        raise ValueError(file)
    return told


def _recalled(test: Expected, found: _Found) -> Expected:
    known = {name: getattr(found, name) for name in _Found.model_fields}
    return replace(test, finding=replace(test.finding, **known))
