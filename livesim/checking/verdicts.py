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

from livesim.checking.baselines import content
from livesim.checking.cases import Case, Expected
from livesim.checking.findings import Finding
from livesim.checking.looking import Study
from livesim.checking.testing import Judgement
from livesim.errors import UsageError
from livesim.places import entries, is_file, write_whole
from livesim.results.answer import fingerprint
from livesim.results.provenance import provenance

_PACKAGE = Path(__file__).parents[1]
#: What no run has used for so long is dropped [s].
_KEPT_FOR: Final = 30 * 86_400
_NAME: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]+\.json")


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
            told = json.loads(file.read_text(encoding="utf-8"))
            found = [_finding(*both) for both in zip(case.tests, told["findings"], strict=True)]
            strict = told["tail"] <= study.tail
        except (ValueError, KeyError, TypeError, AttributeError, OSError):
            warnings.warn(f"{file}: is damaged and ignored", stacklevel=2)
            return case
        if not strict:
            return case
        with suppress(OSError):  # another user's, perhaps
            os.utime(file)
        tests = (replace(t, finding=f) for t, f in zip(case.tests, found, strict=True))
        return replace(case, show=replace(case.show, recalled=True), tests=tuple(tests))

    def keep(self, case: Case, study: Study) -> None:
        """Keep a case's verdicts, unless time was short; where that cannot be, it warns."""
        findings = [test.finding for test in case.tests]
        if not findings or not all(_is_final(finding, study) for finding in findings):
            return
        told = {"tail": study.tail, "findings": [_told(finding) for finding in findings]}
        file = self._file(case, study)
        if file is None:
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, json.dumps(told))
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


def _finding(test: Expected, told: dict[str, Any]) -> Finding:
    judgement = told["judgement"] and Judgement(**told["judgement"])
    return replace(
        test.finding,
        verdict=told["verdict"],
        said=told["said"],
        judgement=judgement,
        unit=told["unit"],
    )
