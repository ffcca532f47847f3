"""Baselines: what shows came to was kept, and is held against what they come to now.

With the versions that a baseline was made with (all but Python's) every array must be the same to
the last bit. With others it is held in law: of each figure the difference now − then has an
interval over the batches, which are paired. Where other versions draw the same random numbers,
almost nothing differs but what they changed; where they draw others, the batches are independent.
Either way the interval keeps its chance to miss, which is shared out over all figures. A figure
moved if all of its interval lies further from 0 than a tolerance of 0.1 % of what it was, so that
the rounding of another processor is no change.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, sqrt
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from livesim.arrays import Array
from livesim.checking.bounds import figures_of, unit_of
from livesim.checking.summaries import Summary, moment
from livesim.checking.testing import Verdict
from livesim.checking.wording import number
from livesim.errors import HIDDEN, UsageError, visible
from livesim.places import is_no_file, is_within, read_file, write_whole
from livesim.randomness import BATCH
from livesim.resolve.words import counted, duration
from livesim.results.figures import Unit
from livesim.results.manifest import is_as_sealed, read, sealed
from livesim.results.provenance import provenance
from livesim.scenario.scenario import Scenario

#: So many shows are kept.
SHOWS: Final = 500
#: What is no change [1]: of a figure that was not 0, this share of it.
TOLERANCE: Final = 0.001
#: Chance to see a change of the size that is told.
_POWER: Final = 0.99
#: So much of what moved, and of the difference of scenarios, is said in lines.
_MOST_LINES: Final = 10
#: So much of a value is said, and of a line [characters].
_MOST_OF_A_VALUE: Final = 40
_MOST_OF_A_LINE: Final = 300
#: What a scenario says of itself, and nothing about its show.
_WORDS: Final = ("title", "about", "sources", "expect")
_AGAIN: Final = "keep it anew with livesim check --update"
#: What the report tells how far it would be seen; there is no baseline without.
_TOLD: Final = ("show.orders", "show.profit")
#: What every baseline was made with.
_VERSIONS: Final = ("livesim", "python", "numpy", "scipy", "simpy", "processor")
#: A baseline of 400 products takes a hundredth of it [bytes].
_MOST_BYTES: Final = 1 << 25
#: No figure comes near to it, and of its square there is still a sum.
_MOST: Final = 1e100
#: So deep a scenario that is written out is nested at most; it is 7 deep in the deepest example.
_DEEPEST: Final = 30


def _readable(name: str) -> str:
    """Return the name of a figure, if it can be shown and its moment be read."""
    moment(name)
    if HIDDEN.search(name) or "\n" in name or "\t" in name:
        raise ValueError
    return name


def _told_figures(figures: dict[str, list[float]]) -> dict[str, list[float]]:
    """Return figures, if those are there of which the report tells."""
    if not {*_TOLD} <= figures.keys():
        raise ValueError
    return figures


def _told_versions(versions: dict[str, str]) -> dict[str, str]:
    """Return versions, if all that were ever told are among them."""
    if not {*_VERSIONS} <= versions.keys():
        raise ValueError
    return versions


_Text = Annotated[str, Field(min_length=1)]
_Number = Annotated[float, Field(ge=-_MOST, le=_MOST, allow_inf_nan=False)]
_Batches = Annotated[list[_Number], Field(min_length=SHOWS // BATCH, max_length=SHOWS // BATCH)]
_Figures = dict[Annotated[str, AfterValidator(_readable)], _Batches]


class _Document(BaseModel):
    """What stands in the file of a baseline."""

    model_config = ConfigDict(strict=True, extra="forbid")

    seed: Annotated[int, Field(ge=0)]
    replications: Annotated[int, Field(ge=SHOWS, le=SHOWS)]
    versions: Annotated[dict[str, _Text], AfterValidator(_told_versions)]
    fingerprint: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    scenario: Annotated[dict[str, JsonValue], Field(min_length=1)]
    figures: Annotated[_Figures, AfterValidator(_told_figures)]
    blake2b: str


@dataclass(frozen=True)
class Baseline:
    """What was kept of a show.

    Parameters
    ----------
    seed, replications
        Of the study.
    versions
        With what it was simulated.
    fingerprint
        Of all arrays.
    scenario
        The show with everything explicit, as plain data.
    figures
        Means of batches by path, shape (B,).
    """

    seed: int
    replications: int
    versions: Mapping[str, str]
    fingerprint: str
    scenario: Mapping[str, Any]
    figures: Mapping[str, Array]

    @classmethod
    def of(cls, scenario: Scenario, seed: int, summary: Summary) -> Baseline:
        """Return what is to be kept of a show."""
        told = {key: value for key, value in scenario.to_data().items() if key not in _WORDS}
        plain = json.loads(json.dumps(told))
        figures = summary.figures
        return cls(seed, SHOWS, provenance(), summary.fingerprint, plain, figures)

    @classmethod
    def read(cls, file: Path) -> Baseline:
        """Read what was kept.

        Raises
        ------
        UsageError
            If it cannot be read or is damaged, or leads away from the scenario's folder.
        """
        try:
            data = read(content(file))
            told = _Document.model_validate(data)
            _leaves(told.scenario)
        except ValueError:
            raise UsageError(f"{file}: is damaged: restore it, or {_AGAIN}") from None
        if not is_as_sealed(data):
            raise UsageError(f"{file}: is not as it was written: restore it, or {_AGAIN}")
        whole = {name: getattr(told, name) for name in cls.__dataclass_fields__}
        figures = {name: np.array(means) for name, means in told.figures.items()}
        return cls(**{**whole, "figures": figures})

    def write(self, file: Path) -> None:
        """Keep it in a file, whole or not at all; links are no way out, as for `read`."""
        stay(file)
        file.parent.mkdir(exist_ok=True)
        data = {name: getattr(self, name) for name in self.__dataclass_fields__}
        lists = {name: values.tolist() for name, values in self.figures.items()}
        write_whole(file, f"{_lined(sealed({**data, 'figures': lists}))}\n")


def content(file: Path) -> bytes:
    """Return what stands in the file of a baseline.

    Raises
    ------
    UsageError
        If it cannot be read, or leads away from the scenario's folder.
    """
    stay(file)
    try:
        return read_file(file, _MOST_BYTES)
    except OSError as error:
        why = error.strerror or error
        raise UsageError(f"{file}: cannot be read: {why}: mend that, or {_AGAIN}") from None


def stay(file: Path) -> None:
    """Refuse a baseline that is a link which leads out of the folder of its scenario, or no file.

    Raises
    ------
    UsageError
        If it does, or is none.
    """
    if not is_within(file, file.parent.parent):
        raise UsageError(
            f"{file}: is a link that leads out of its folder: put the file itself there"
        )
    if is_no_file(file):
        raise UsageError(f"{file}: is no file: take it away, and {_AGAIN}")


def _lined(value: Any, before: str = "") -> str:
    """Return JSON with a line for each entry of a mapping."""
    if not isinstance(value, Mapping) or not value:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    rows = (
        f"{before} {json.dumps(key)}: {_lined(one, before + ' ')}" for key, one in value.items()
    )
    return "{\n" + ",\n".join(rows) + f"\n{before}" + "}"


# --------------------------------------------------------------------------------------------------
# Held against now
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Move:
    """A figure that is not what it was: its mean then and now, in its unit."""

    figure: str
    before: float
    now: float
    unit: Unit = ""
    currency: str = ""

    @property
    def change(self) -> float:
        """By which share it moved [1]."""
        return (self.now - self.before) / abs(self.before) if self.before else inf

    def __str__(self) -> str:
        """Say it on one line."""
        then = number(self.before, self.unit, self.currency)
        said = f"{self.figure}: {then} → {number(self.now, self.unit)}"
        percent = 100 * self.change
        if percent in (inf, 0):
            return said
        return f"{said} ({percent:+,.0f} %)" if abs(percent) >= 10 else f"{said} ({percent:+.2g} %)"


def against(
    kept: Baseline, scenario: Scenario, now: Summary, tail: float, seed: int | None = None
) -> tuple[Verdict, str]:
    """Say whether a show still is what was kept of it, and what moved.

    Parameters
    ----------
    kept
        The baseline.
    scenario, now
        The show, and what as many replications of it come to.
    tail
        Chance that it is called broken although nothing but chance moved, on each side [1].
    seed
        With which the show was simulated now; None if with that of the baseline. Of another one
        only the law is the same, as with other versions.
    """
    fresh = Baseline.of(scenario, kept.seed if seed is None else seed, now)
    other = [*_made_otherwise(kept, fresh)]
    shows = counted(kept.replications, "show")
    if not other:
        if kept.fingerprint == fresh.fingerprint and not _same(kept.figures, now.figures):
            return "missing", f"its figures are not those of its fingerprint: {_AGAIN}"
        if kept.fingerprint == fresh.fingerprint:
            return "holds", _said([f"bit for bit, {shows}", *_differs(kept, fresh, _UNSEEN)])
        moved = [name for name in kept.figures if not np.array_equal(*_both(kept, now, name))]
    else:
        moved = moved_in_law(kept.figures, now.figures, tail)
        if not moved:
            seen = seen_from(kept.figures, now.figures, tail)
            told = ", ".join(_change_seen(name, by, kept) for name, by in seen.items())
            held = f"in law, {shows} ({'; '.join(other)}); would be seen: {told}"
            return "holds", _said([held, *_differs(kept, fresh, _TOO_LITTLE)])
    changes = _differs(kept, fresh) or ["the scenario is the same"]
    return "broken", _said([*_moves(kept, now, moved, scenario), *changes, *other])


def _said(lines: Iterable[str]) -> str:
    """Return lines that can be shown, none of them without end."""
    seen = map(visible, lines)
    most = _MOST_OF_A_LINE
    return "\n".join(f"{line[:most]}…" if len(line) > most else line for line in seen)


def moved_in_law(then: Mapping[str, Array], now: Mapping[str, Array], tail: float) -> list[str]:
    """Return which figures moved by more than chance and tolerance, or are no longer there.

    Differences of figures of one law are symmetric about 0, where Student's test errs on the safe
    side (Efron 1969, Student's t-test under symmetry conditions).

    Parameters
    ----------
    then, now
        Means of batches by path, shape (B,).
    tail
        Chance that any is named although none moved, on each side [1].

    Examples
    --------
    >>> then = {"orders": np.array([10.0, 11.0, 12.0]), "viewers": np.array([5.0, 6.0, 7.0])}
    >>> moved_in_law(then, {"orders": then["orders"] + 1, "viewers": then["viewers"]}, 0.01)
    ['orders']
    """
    both = [name for name in then if name in now and now[name].shape == then[name].shape]
    before, after = (np.array([those[name] for name in both]) for those in (then, now))
    difference, half_width, _ = _differences(before, after, tail / len(then))
    far = np.abs(difference) - half_width > TOLERANCE * np.abs(before.mean(axis=1))
    moved = {name for name, is_far in zip(both, far, strict=True) if is_far}
    return [name for name in then if name in moved or name not in both]


def seen_from(then: Mapping[str, Array], now: Mapping[str, Array], tail: float) -> dict[str, float]:
    """Return how far orders and profit must move to be seen, in 99 of 100 cases.

    Parameters
    ----------
    then, now, tail
        As for :func:`moved_in_law`.
    """
    from scipy.special import stdtrit

    before, after = (np.array([those[name] for name in _TOLD]) for those in (then, now))
    _, half_width, error = _differences(before, after, tail / len(then))
    by = half_width + float(stdtrit(before.shape[1] - 1, _POWER)) * error
    by += TOLERANCE * np.abs(before.mean(axis=1))
    return dict(zip(_TOLD, by.tolist(), strict=True))


def _change_seen(name: str, by: float, kept: Baseline) -> str:
    """Say which change of a figure would be seen, as a share of what it was if it was not 0."""
    was = abs(float(kept.figures[name].mean()))
    return f"{name.split('.')[1]} ± {f'{100 * by / was:.2g} %' if was else number(by, '')}"


def _differences(then: Array, now: Array, tail: float) -> tuple[Array, Array, Array]:
    """Return by how much figures differ, the half-width of that, and its standard error."""
    from scipy.special import stdtrit

    apart, batches = now - then, then.shape[1]
    error = apart.std(axis=1, ddof=1) / sqrt(batches)
    return apart.mean(axis=1), float(stdtrit(batches - 1, 1 - tail)) * error, error


def _made_otherwise(then: Baseline, now: Baseline) -> Iterator[str]:
    """Say whether the seed is another one, and which versions are, of those a bit can depend on."""
    if then.seed != now.seed:
        yield f"seed {then.seed} → {now.seed}"
    for name in sorted({*then.versions, *now.versions} - {"python"}):
        before, after = then.versions.get(name, "none"), now.versions.get(name, "none")
        if before != after:
            yield "another processor" if name == "processor" else f"{name} {before} → {after}"


def _same(then: Mapping[str, Array], now: Mapping[str, Array]) -> bool:
    return then.keys() == now.keys() and all(np.array_equal(then[name], now[name]) for name in then)


def _both(kept: Baseline, now: Summary, name: str) -> tuple[Array, Array]:
    return kept.figures[name], now.figures.get(name, np.array([]))


def _moves(kept: Baseline, now: Summary, moved: Sequence[str], scenario: Scenario) -> Iterator[str]:
    """Say which figures moved, since when, and how far: of those told the furthest first.

    Of many, those of the whole show are told before those of products.
    """
    if not moved:
        yield "only the last digits moved"
        return
    times = [time for name in moved if (time := moment(name)) is not None]
    since = f", first at {_place(min(times), now)}" if times else ""
    yield f"{len(moved)} of {len(kept.figures)} figures moved{since}"
    gone = [f"{name}: is no longer there" for name in moved if name not in now.figures]
    known, currency = figures_of(scenario), scenario.show.currency
    moves = [
        Move(name, before, after, unit_of(name, known) or "", currency)
        for name in moved
        if name in now.figures and moment(name) is None
        for before, after in [[float(means.mean()) for means in _both(kept, now, name)]]
    ]
    moves.sort(key=lambda move: (not move.figure.startswith("show."), -abs(move.change)))
    first = sorted(moves[: max(0, _MOST_LINES - len(gone))], key=lambda move: -abs(move.change))
    told = [*gone[:_MOST_LINES], *map(str, first)]
    yield from told
    if more := len(moved) - len(told):
        by_time = len(moved) - len(gone) - len(moves)
        points = f", {by_time:,} of them points of curves" if by_time else ""
        yield f"… and {more:,} more{points}"


def _place(seconds: float, now: Summary) -> str:
    begun = [name for name, start in now.slots.items() if start <= seconds]
    return f"{duration(seconds)}, in {begun[-1]}" if begun else duration(seconds)


#: What is said where a scenario differs though nothing moved, as what a purchase must respect …
_UNSEEN: Final = "what a run comes to is the same; a baseline says nothing of what a plan would buy"
#: … and though nothing surely moved, under other versions.
_TOO_LITTLE: Final = (
    "the scenario is not the one that was kept, and what that moves is less than is seen"
)


def _differs(kept: Baseline, fresh: Baseline, *before: str) -> list[str]:
    """Return how the scenario differs from the one that was kept, below what is said before."""
    lines = [*_told_apart(_leaves(kept.scenario), _leaves(fresh.scenario))]
    return [*before, *_first([f"scenario: {line}" for line in lines])] if lines else []


def _told_apart(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys([*then, *now]):
        if name not in now or name not in then:
            yield f"{name} {'is new' if name in now else 'is gone'}"
        elif then[name] != now[name]:
            before, after = _brief(then[name]), _brief(now[name])
            yield f"{name} {before} → {after if after != before else 'another that begins alike'}"


def _brief(value: Any) -> str:
    """Return a value as text; of a long one, as what a history has drawn, how it begins."""
    text = str(value)
    if len(text) <= _MOST_OF_A_VALUE:
        return text
    begun, _, _ = text[:_MOST_OF_A_VALUE].rpartition(" ")
    number = len(value) if isinstance(value, list) else len(text.split())
    return f"{begun} … ({number:,} in all)" if begun else f"{text[:_MOST_OF_A_VALUE]}…"


def _leaves(data: Any, above: str = "", depth: int = 0) -> dict[str, Any]:
    """Return all values of plain data by path.

    Raises
    ------
    ValueError
        If it is nested deeper than any scenario.
    """
    if depth > _DEEPEST:
        raise ValueError(f"nested deeper than {_DEEPEST}")
    if not isinstance(data, Mapping) or not data:
        return {above: data}
    return {
        path: leaf
        for name, value in data.items()
        for path, leaf in _leaves(value, f"{above}.{name}" if above else name, depth + 1).items()
    }


def _first(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        yield f"… and {len(lines) - _MOST_LINES} more"
