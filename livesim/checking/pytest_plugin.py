"""A plugin for pytest: ``pytest --livesim shows/`` tests what scenario files expect.

Each file with a line ``expect:`` is a test, which passes if all that it expects holds. It is a run
of its own, with its own chance of a wrong verdict. A baseline of a file that is gone is one, too,
which fails. Without the option no file is looked at, and
nothing of livesim's is imported but this module.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_OPTION = "--livesim"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that has scenario files collected."""
    what = "Test what livesim's scenario files expect of their shows."
    parser.getgroup("livesim").addoption(_OPTION, action="store_true", help=what)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Collect a scenario file that expects anything, or a lost baseline, if the option is given."""
    if not parent.config.getoption(_OPTION):
        return None
    if file_path.suffix == ".json":
        return _lost(file_path, parent)
    return _scenario(file_path, parent) if file_path.suffix in (".yaml", ".yml") else None


def _lost(file_path: Path, parent: pytest.Collector) -> LostBaseline | None:
    from livesim.checking.missed import without_file

    return LostBaseline.from_parent(parent, path=file_path) if without_file(file_path) else None


def _scenario(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    from livesim.checking.cases import is_checked
    from livesim.places import is_within

    named = parent.session.isinitpath(file_path)  # else a link out of the folder is passed over
    if not (named or is_within(file_path, parent.path)) or not is_checked(file_path):
        return None
    return ScenarioFile.from_parent(parent, path=file_path)


@pytest.fixture
def livesim_check() -> Callable[..., None]:
    """Return a function that fails unless all that files expect holds.

    It takes paths, and what :class:`livesim.checking.check.Options` has.
    """
    return _assert_that_all_holds


class NotAsExpected(Exception):  # noqa: N818  (what came of a show, no fault)
    """Something is not as a file expects; the text says all that came of it."""


class ScenarioFile(pytest.File):
    """A scenario file with a test of its own."""

    def collect(self) -> Iterator[ScenarioTest]:
        """Yield the test."""
        yield ScenarioTest.from_parent(self, name="expect")


class LostBaseline(pytest.File):
    """What was kept of a show whose file is no longer there, with a test that fails."""

    def collect(self) -> Iterator[LostTest]:
        """Yield the test."""
        yield LostTest.from_parent(self, name="baseline")


class _Test(pytest.Item):
    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Say what came of it, without a traceback."""
        from livesim.errors import LivesimError

        if isinstance(excinfo.value, NotAsExpected | LivesimError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the file."""
        return self.path, None, f"{self.path.name}: {self.name}"


class ScenarioTest(_Test):
    """The test that all that a file expects holds."""

    def runtest(self) -> None:
        """Simulate the shows of the file; one that expects nothing after all is skipped."""
        from livesim.checking.check import NothingExpectedError

        try:
            _assert_that_all_holds(self.path)
        except NothingExpectedError as nothing:
            pytest.skip(str(nothing))


class LostTest(_Test):
    """The test that the show of a baseline is there."""

    def runtest(self) -> None:
        """Fail, unless it has come back."""
        from livesim.checking.missed import without_file

        if lost := without_file(self.path):
            raise NotAsExpected(str(lost))


def _assert_that_all_holds(*paths: str | Path, **options: Any) -> None:
    from livesim.checking.check import Options, check
    from livesim.checking.formats import text
    from livesim.errors import Interrupted, LivesimError

    __tracebackhide__ = True  # what is not as expected is read in the report, not here
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "What is still open after", UserWarning)
            report = check(paths, Options(**{"workers": 1, **options}))
    except Interrupted:
        raise KeyboardInterrupt from None
    except LivesimError as wrong:  # of who wrote the test: livesim's own source helps nobody
        raise wrong.with_traceback(None) from None
    if any(show.mistakes for show in report.shows) or any(
        finding.fails or finding.is_open for finding in report.findings
    ):
        raise NotAsExpected(text(report))
