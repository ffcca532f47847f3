"""Rows of inputs that a study is simulated at, instead of drawing them.

A row is what a replication is drawn to be: a candidate in a calibration, a point of a design, or a
row of a result's own inputs that is put back. Here rows are read and checked, all that is wrong
with them at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from livesim.arrays import Floats
from livesim.errors import UsageError, did_you_mean, must_be, refuse
from livesim.experiment.random_inputs import drawn_kinds
from livesim.model.campaign import OPINIONS, aware_path
from livesim.resolve.centring import OF_ERRORS, signs_of_errors
from livesim.resolve.drawn import among_draws, drawn_together, no_show_path
from livesim.resolve.words import listed
from livesim.scenario.quantities import Kind
from livesim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from livesim.results.frames import DataFrame

    Array: TypeAlias = NDArray[Any]
    Rows: TypeAlias = DataFrame | Mapping[str, ArrayLike]

#: The column of a result's inputs that numbers them: it says how many rows there are, nothing else.
_NUMBER = "replication"
#: Shares that add up to so much more than 1 are only rounded.
_ROUNDING = 1e-9
#: So many errors are named that are another scenario's.
_NAMED = 3


def given(scenario: Scenario, rows: Rows) -> tuple[int, dict[str, Floats]]:
    """Read rows of inputs.

    Parameters
    ----------
    scenario
        The show.
    rows
        Path → values, one a replication, in the units of a result's inputs; or path → value, a
        single row. A column ``replication`` is passed over.

    Returns
    -------
    replications : int
        The number R of rows.
    values : dict
        Path → values, each of shape (R,), in the order in which they are drawn.

    Raises
    ------
    UsageError
        With everything that is wrong: a path that is not drawn in this show, a value that is no
        finite number or that the quantity cannot have, columns of several lengths, no rows, some of
        what is drawn together with values that no draw has, or draws of another scenario's errors,
        where ``attrs`` of table or columns say whose they are.

    Examples
    --------
    >>> import livesim
    >>> room = livesim.load("scenarios/brand_room.yaml")
    >>> given(room, {"show.appeal": [0.8, 1.2]})
    (2, {'show.appeal': array([0.8, 1.2])})
    >>> given(room, {"show.appeal": [0.8, -1]})
    Traceback (most recent call last):
    livesim.errors.UsageError: show.appeal: -1 in row 1 is out of range for a factor: it must be \
more than 0
    """
    if not hasattr(rows, "items"):
        must_be(rows, Mapping, "inputs: a table, or path → values, is needed")
    kinds = drawn_kinds(scenario)
    columns = [(str(path), _column(values)) for path, values in rows.items()]
    if all(column.ndim == 0 for _, column in columns):  # one row, as result.inputs.iloc[7] is
        columns = [(path, column.reshape(1)) for path, column in columns]
    others = _of_other_errors(scenario, rows)
    if others:
        raise UsageError(others)
    wrong = list(_wrong_shape(columns))
    if kinds and {path for path, _ in columns} == {_NUMBER}:
        wrong.append("inputs: the column replication alone says nothing of what is drawn")
    values: dict[str, Floats] = {}
    for path, column in columns:
        if path in kinds:
            wrong += _wrong_values(path, column, kinds[path])
            values[path] = column.astype(float) if not wrong else np.empty(0)
        elif path != _NUMBER:
            wrong.append(_unknown(path, kinds))
    wrong = wrong or [
        *_wrong_whole(scenario, values),
        *_wrong_together(scenario, values),
        *_wrong_campaign(scenario, values),
    ]
    refuse(wrong)
    return len(columns[0][1]), {path: values[path] for path in kinds if path in values}


def _column(values: ArrayLike) -> Array:
    try:
        return np.asarray(values)
    except ValueError:  # lists of several lengths, which are no numbers
        return np.array(values, dtype=object)


def _wrong_shape(columns: list[tuple[str, Array]]) -> Iterator[str]:
    """Say what is wrong with how many rows there are."""
    for path, times in Counter(path for path, _ in columns).items():
        if times > 1:
            yield f"{path}: there are {times} such columns: leave one"
    flat = [(path, column) for path, column in columns if column.ndim == 1]
    for path, column in columns:
        if column.ndim != 1:
            yield f"{path}: one value a replication is needed, not the shape {column.shape}"
    lengths = {len(column) for _, column in flat}
    if len(lengths) > 1:
        told = ", ".join(f"{path} has {len(column)}" for path, column in flat)
        yield f"all columns need equally many rows, and {told}"
    if not columns or lengths == {0}:
        yield "there are no rows of inputs: give one or more, or leave inputs away"


def _wrong_values(path: str, column: Array, kind: Kind) -> Iterator[str]:
    """Say what is wrong with the values of a quantity."""
    if not _of_numbers(column):
        yield f"{path}: all values must be numbers, in the unit that a result's inputs have"
        return
    numbers = column.astype(float).ravel()
    unknown, outside = ~np.isfinite(numbers), ~_allowed(numbers, kind)
    if unknown.any():
        row = int(unknown.argmax())
        yield f"{path}: {numbers[row]:g} in row {row} is not a finite number"
    elif outside.any():
        row = int(outside.argmax())
        yield (
            f"{path}: {numbers[row]:g} in row {row} is out of range for {kind.name}: it must be "
            f"{kind.range}"
        )


def _of_numbers(column: Array) -> bool:
    if column.dtype == object:  # a text such as "0.5" would pass for a number
        return all(isinstance(value, Real) for value in column.ravel())
    return column.dtype.kind in "biuf"


def _allowed(numbers: Floats, kind: Kind) -> NDArray[np.bool_]:
    low = numbers > kind.low if kind.above else numbers >= kind.low
    return np.asarray(low & (numbers <= kind.high))


def _unknown(path: str, kinds: Mapping[str, Kind]) -> str:
    known = did_you_mean(path, kinds) or "nothing is uncertain here"
    return f"{path}: no such quantity is drawn in this show; {known}"


def _of_other_errors(scenario: Scenario, rows: Rows) -> str:
    """Say of which forecast errors the rows are draws that this scenario does not have, if any."""
    theirs = _errors_of(rows)
    ours = signs_of_errors(scenario) if theirs else {}
    others = [path for path in ours if path in rows and theirs.get(path, ours[path]) != ours[path]]
    if not others:
        return ""
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    return (
        f"inputs: these rows are draws of another scenario's errors "
        f"({', '.join(others[:_NAMED])}{more}), and would mean something else in this one: "
        "simulate the scenario that they are of, as in "
        "livesim.simulate(calibration.scenario, inputs=calibration.inputs(300))"
    )


def _errors_of(rows: Rows) -> dict[str, str]:
    """Return whose errors a table says that it is of; its columns say it, too, in a plain dict."""
    columns = [rows] if hasattr(rows, "attrs") else rows.values()
    signs = [getattr(column, "attrs", {}).get(OF_ERRORS, {}) for column in columns]
    return dict(chain.from_iterable(sign.items() for sign in signs))


def _wrong_whole(scenario: Scenario, values: Mapping[str, Floats]) -> Iterator[str]:
    """Say of whom it is not clear whether they come."""
    for path in map(no_show_path, scenario.people):
        half = np.isin(values.get(path, np.zeros(1)), (0.0, 1.0), invert=True)
        if half.any():
            row = int(half.argmax())
            yield (
                f"{path}: {values[path][row]:g} in row {row} is neither 0 nor 1: it is 1 where "
                "they do not come, and not the chance of it"
            )


def _wrong_together(scenario: Scenario, values: Mapping[str, Floats]) -> Iterator[str]:
    """Say which values are none of the draws that belong to those that are not given."""
    draws = drawn_together(scenario)
    told = {path: values[path] for path in draws if path in values}
    missing = [path for path in draws if path not in told]
    if not told or not missing:
        return
    unknown = ~among_draws(draws, told).any(axis=1)
    if unknown.any():
        row = int(unknown.argmax())
        have = listed([f"{path} ({column[row]:g})" for path, column in told.items()])
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        yield (
            f"{have} in row {row}: no draw of the scenario has that, and it is drawn together with "
            f"{', '.join(missing[:_NAMED])}{more}: give these, too, or values of one draw, as rows "
            "of a result's inputs have them"
        )


def _wrong_campaign(scenario: Scenario, values: Mapping[str, Floats]) -> Iterator[str]:
    """Say of which segment more than all would have heard."""
    tiers = scenario.campaign.tiers if scenario.campaign is not None else {}
    for segment in scenario.segments:
        paths = [aware_path(tier, segment, opinion) for tier in tiers for opinion in OPINIONS]
        heard = sum((values[path] for path in paths if path in values), np.zeros(1))
        if (heard > 1 + _ROUNDING).any():
            row = int((heard > 1 + _ROUNDING).argmax())
            yield (
                f"{segment}: {heard[row]:g} of them have heard of the show in row {row}, all tiers "
                "and opinions together: it must be 1 at most"
            )
