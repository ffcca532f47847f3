"""The vocabulary of resolving: what was worked out, where it comes from, and what cannot be.

A reason is kept for a path and holds for everything below it, unless a longer path has one of its
own. The templates, the file and the derivations each say theirs; :mod:`why` shows them beside the
values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from livesim.scenario.checks import Finding
from livesim.scenario.fields import Part
from livesim.scenario.quantities import Kind, QuantityError
from livesim.scenario.reading_uncertain import read_quantity
from livesim.scenario.uncertain import Quantity, write_quantity

Path: TypeAlias = tuple[str, ...]
Reasons: TypeAlias = Mapping[Path, "Reason"]
ReasonKind: TypeAlias = Literal["given", "history", "derived", "template", "assumption"]


@dataclass(frozen=True)
class Reason:
    """Why a value is what it is.

    Parameters
    ----------
    kind
        given (in the file), history (from what a dashboard tells), derived (follows from the rest),
        template (with its source) or assumption (nothing published was found).
    text
        The source, the calculation or the assumption, in words.
    """

    kind: ReasonKind
    text: str = ""

    def __str__(self) -> str:
        """Return it as shown beside a value."""
        return f"{self.kind}: {self.text}" if self.text else self.kind


GIVEN: Final = Reason("given")


@dataclass(frozen=True)
class Derived:
    """A value that was worked out, in a planner's notation, and why.

    Parameters
    ----------
    value
        The value as one would write it in a file.
    reason
        From what it follows.
    """

    value: object
    reason: Reason


def follows(told: Path, value: Quantity, key: str, kind: Kind, reason: Reason) -> Derived:
    """Return a quantity that follows from what is told.

    Parameters
    ----------
    told
        Where that is written.
    value, key, kind
        What follows, what it is called, and of what kind it is.
    reason
        How.

    Raises
    ------
    DerivationError
        If draws of it could leave the range of its kind, at the place of what is told.
    """
    data = write_quantity(value, kind)
    try:
        read_quantity(data, kind)
    except QuantityError as error:
        what = f"the {key} that follows from {told[-1]} cannot be used: {error.what}"
        raise DerivationError.of(told, what, error.remedy) from None
    return Derived(data, reason)


class DerivationError(Exception):
    """History that no show of this kind can have; carries every finding."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__(findings)
        self.findings = findings

    @classmethod
    def of(cls, path: Path, what: str, remedy: str) -> DerivationError:
        """Return the error of one finding."""
        return cls(Finding(path, what, remedy))


def with_reasons(reasons: Reasons, new: Reasons) -> dict[Path, Reason]:
    """Return the reasons with new ones, each for a path and everything below it.

    Examples
    --------
    >>> reasons = {("show",): GIVEN, ("show", "length"): Reason("derived")}
    >>> with_reasons(reasons, {("show",): Reason("history")})
    {('show',): Reason(kind='history', text='')}
    """
    kept = reasons
    for depth in {len(path) for path in new}:
        kept = {path: reason for path, reason in kept.items() if path[:depth] not in new}
    return {**kept, **new}


def reason_of(reasons: Reasons, path: Path) -> Reason:
    """Return the reason kept for a path or for the nearest path above it.

    Raises
    ------
    KeyError
        If there is none.

    Examples
    --------
    >>> str(reason_of({("show",): GIVEN}, ("show", "length")))
    'given'
    """
    for depth in range(len(path), 0, -1):
        if path[:depth] in reasons:
            return reasons[path[:depth]]
    raise KeyError(path)


def leaves(part: object, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value in a scenario, uncertain quantities as one value each."""
    below: Mapping[str, Any] = {}
    if isinstance(part, Part):
        below = {name: getattr(part, name) for name in type(part).model_fields}
    elif isinstance(part, Mapping):
        below = part
    for name, value in below.items():
        if value is not None:
            yield from leaves(value, (*path, name))
    if not below and path:
        yield path
