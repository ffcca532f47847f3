"""What an answer was made from, for the page: assumptions, the shows, and provenance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from livesim.arrays import Floats
from livesim.learning.backtest import Backtest
from livesim.planning.recommendation import Plan
from livesim.report.changes import shows_by_name
from livesim.report.labels import key_unit
from livesim.report.language import known, say
from livesim.report.pages import Table
from livesim.report.rundown import rundown
from livesim.resolve import explained
from livesim.resolve.derivation import leaves, reason_of
from livesim.results.answer import Answer
from livesim.results.result import Result
from livesim.scenario.paths import said_at
from livesim.scenario.quantities import SHARE
from livesim.scenario.reading_uncertain import read_quantity
from livesim.scenario.scenario import Scenario
from livesim.scenario.sheets import kind_at
from livesim.scenario.uncertain import Distribution, likely
from livesim.scenario.writing import write_inline, write_yaml


@dataclass(frozen=True)
class Background:
    """What an answer was made from.

    Parameters
    ----------
    over_time
        The rundown with when slots start; None where an answer is about several shows.
    assumptions
        Values that nobody wrote, each with its source or the word assumption; None where that is
        not known.
    scenarios
        The shows by name, with everything explicit.
    origin
        Seed, replications, versions and fingerprints, each in words.
    differing
        Of each show after the first what it has otherwise: enough for paper, where each point of a
        sweep would take pages.
    """

    over_time: Table | None
    assumptions: Table | None
    scenarios: Mapping[str, str]
    origin: Mapping[str, str]
    differing: Mapping[str, Sequence[str]] = field(default_factory=dict)


def background(answer: Answer) -> Background:
    """Return what an answer was made from."""
    if isinstance(answer, Plan) and answer.resolution.reasons:
        shows = {answer.resolution.scenario.title: explained(answer.resolution)}
    else:
        told = shows_by_name(answer.origin.scenarios)
        shows = {told[n]: write_yaml(one.to_data()) for n, one in answer.origin.scenarios.items()}
    found = assumed(answer) if isinstance(answer, Plan) else ()
    parts = _over_time(answer), _assumptions(found)
    over_time, taken = (one and one.in_words() for one in parts)
    return Background(over_time, taken, shows, dict(_origin(answer)), _differing(answer))


def _differing(answer: Answer) -> dict[str, list[str]]:
    """Return of each show after the first what it has otherwise, each as PATH: VALUE."""
    told = shows_by_name(answer.origin.scenarios)
    shows = {told[name]: _values(show) for name, show in answer.origin.scenarios.items()}
    usual = next(iter(shows.values()), {})
    return {
        name: [
            f"{path}: {values.get(path, '–')}"
            for path in {**usual, **values}
            if values.get(path) != usual.get(path)
        ]
        for name, values in [*shows.items()][1:]
    }


def _values(show: Scenario) -> dict[str, str]:
    """Return each value of a show by its path, as a file would have it."""
    found: dict[str, str] = {}

    def note(data: object, path: str) -> None:
        if isinstance(data, Mapping) and data:
            for key, value in data.items():
                note(value, f"{path}.{key}" if path else str(key))
        else:
            found[path] = write_inline(data)

    note(show.to_data(), "")
    return found


def slot_starts(answer: Answer) -> tuple[Scenario, Floats] | None:
    """Return an answer's show with when its slots start [s], shape (R, slots); None of several."""
    match answer:
        case Plan():
            return answer.curves.scenario, answer.curves.slot_starts
        case Result():
            return answer.scenario, answer.outcome.timeline["slot_starts"]
    return None


def _over_time(answer: Answer) -> Table | None:
    found = slot_starts(answer)
    if found is None:
        return None
    told, slots = rundown(*found), found[0].rundown.values()
    if isinstance(answer, Result) or all(slot.at_sell_out != "next" for slot in slots):
        return told
    now = say("Slots go on at sell-out: they start so with what you own now")
    return replace(told, note=f"{now}; {told.note}")


@dataclass(frozen=True)
class Assumed:
    """A value that livesim chose, alike at some paths.

    Parameters
    ----------
    paths
        Where, in the scenario.
    value
        As a file would have it.
    why
        Where it comes from.
    """

    paths: tuple[str, ...]
    value: Any
    why: str


def assumed(plan: Plan) -> list[Assumed]:
    """Return the values that livesim chose, those alike of all products and slots as one."""
    resolution = plan.resolution
    if not resolution.reasons:
        return []
    found: dict[tuple[str, str, str], list[str]] = {}
    values: dict[tuple[str, str, str], Any] = {}
    data = resolution.scenario.to_data()
    for path in leaves(resolution.scenario):
        reason = reason_of(resolution.reasons, path)
        if reason.kind in ("template", "assumption"):
            value = said_at(data, *path)
            of = (path[-1], write_inline(value), str(reason))
            found.setdefault(of, []).append(".".join(path))
            values[of] = value
    return [Assumed(tuple(paths), values[of], of[2]) for of, paths in found.items()]


def _assumptions(found: Sequence[Assumed]) -> Table | None:
    rows = tuple((named(one), _shown(one.value), one.why) for one in found)
    return Table(("value", "taken", "from"), rows, words=2) if rows else None


def in_numbers(one: Assumed, currency: str) -> tuple[Any, str, float | None, float | None]:
    """Return a value as a number, its unit, and if it is uncertain its median, unit, P10 and P90.

    Parameters
    ----------
    one
        The value; one that is no number stays as a file has it.
    currency
        What money is in.

    Examples
    --------
    >>> in_numbers(Assumed(("show.length",), "2min", ""), "CNY")
    (120.0, 's', None, None)
    >>> in_numbers(Assumed(("checkout.unpaid",), "10%", ""), "CNY")
    (10.0, '%', None, None)
    """
    path = one.paths[0]
    kind = kind_at(tuple(path.split(".")))
    if (
        kind is None
        or one.value in ({}, [])
        or isinstance(one.value, bool)
        or one.value == kind.word
    ):
        return _shown(one.value), "", None, None
    quantity = read_quantity(one.value, kind)
    unit, scale = known(key_unit(path)).replace("currency", currency), 1.0
    if kind.parse is SHARE.parse:
        unit, scale = "%", 100.0
    low, high = None, None
    if isinstance(quantity, Distribution):
        low, _, high = (scale * each for each in quantity.percentiles)
    return scale * likely(quantity), "" if unit == "1" else unit, low, high


def _shown(value: Any) -> str:
    """Return a value as a file has it, to three digits; nothing in a map or list is none.

    Examples
    --------
    >>> _shown({"p10": "1.16666667%", "p90": "4.5%"}), _shown([])
    ('{p10: 1.17%, p90: 4.5%}', 'none')
    """
    if value in ({}, []):
        return say("none")
    written = write_inline(value).replace('"', "")
    return re.sub(r"\d+\.\d{4,}", lambda number: f"{float(number[0]):.3g}", written)


def named(one: Assumed) -> str:
    """Return the path of a value, and of how many others it is the value, too."""
    first, *others = one.paths
    return (
        say("{paths} and {number} more like it", paths=first, number=len(others))
        if others
        else first
    )


def is_drawn(answer: Answer) -> bool:
    """Say whether random numbers are in an answer; a back-test has none."""
    return not isinstance(answer, Backtest)


def _origin(answer: Answer) -> Iterator[tuple[str, str]]:
    told = answer.origin
    if told.replications:
        if is_drawn(answer):
            yield "seed", str(told.seed)
        yield told.called, f"{told.replications:,}"
    if told.scenarios:
        yield "scenario's digest", told.digest
    yield "fingerprint", answer.fingerprint
    yield from told.versions.items()
