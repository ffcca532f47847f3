"""The reference of a scenario's keys as text: all of them at a glance, or some in full.

In full it reads like a file: on the left what could be written, on the right what it means.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from livesim.report.pages import WIDTH
from livesim.resolve.keys import NAME, Key
from livesim.scenario.writing import write_inline

#: How values are written, for below the overview.
NOTATION = """\
Durations are written 90s, 5min, 1h30m or 14d; counts 25k, 13M or 15_000;
shares 45%; money as a number alone. A plain number is what to expect, the mean
over shows; {p50: 800} is the middle show. What nobody knows is
{p10: 420, likely: 800, p90: 1540}, or a range in which it lies in 8 shows
of 10, {low: 420, high: 1540} or 420–1540 (of a product, beside the errors of
the whole show, show.appeal and show.turnout_factor), or a distribution:
  {lognormal: {median: 1, sigma: 0.5}},
  {student_t: {median: 1, scale: 0.4, df: 4}},
  {normal: {mean: 5, sd: 0.2}}, {uniform: [1, 2]}, {beta: {a: 2, b: 5}},
  {choice: {0s: 80%, 3min: 20%}}, or {draws: 0.9 1.2 1.1}: values as likely as
  each other, of which the first belongs to the first of another quantity's
  draws, and so on."""
#: Columns of the left side, where a file's own text stands.
LEFT = 36


def overview(keys: Sequence[Key]) -> str:
    """Return the keys at the top of a file with their meaning, and the names of those below.

    Examples
    --------
    >>> from livesim.resolve.keys import keys_at
    >>> print(overview(keys_at("supply")))
    supply: What a purchase must respect.
      pack, minimum_order, budget, paid_before, storage, storage_price, lead_time,
      ordered
    """
    return "\n".join(line for key in keys if len(key.path) == 1 for line in _glance(key, keys))


def _glance(top: Key, keys: Sequence[Key]) -> Iterator[str]:
    yield from textwrap.wrap(f"{_label(top)}: {top.meaning}", WIDTH, subsequent_indent="    ")
    depth = len(top.path) + 1 + top.named
    below = [key.path[-1] for key in keys if key.path[0] == top.path[0] and len(key.path) == depth]
    yield from textwrap.wrap(", ".join(below), WIDTH, initial_indent="  ", subsequent_indent="  ")


def _label(key: Key) -> str:
    return f"{key}.{NAME}" if key.named else str(key)


def reference(keys: Sequence[Key]) -> str:
    """Return keys as they could be written, each with its meaning and what holds without it.

    Examples
    --------
    >>> from livesim.resolve.keys import keys_at
    >>> print(reference(keys_at("supply.pack")))
    supply:
      pack: 12                          Units in a pack; purchases are whole packs
                                        [units]. Default: 1.
    """
    lines: list[str] = []
    above: tuple[str, ...] = ()
    for key in keys:
        missing = _unsaid(above, key.path[:-1])
        lines += [f"{'  ' * depth}{name}:" for depth, name in missing]
        lines += _entry(key, holds=any(one.path[:-1] == _inside(key) for one in keys))
        above = key.path
    return "\n".join(lines)


def _inside(key: Key) -> tuple[str, ...]:
    return (*key.path, NAME) if key.named else key.path


def _unsaid(said: tuple[str, ...], path: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yield the depth and name of what stands above a key and has no line yet."""
    for depth, name in enumerate(path):
        if said[: depth + 1] != path[: depth + 1]:
            yield depth, name


def _entry(key: Key, holds: bool) -> list[str]:
    """Return the lines of a key; what holds keys of its own has these as its example."""
    example = "" if holds else f" {write_inline(key.example)}"
    left = f"{'  ' * (len(key.path) - 1)}{key.path[-1]}:{example}"
    right = textwrap.wrap(f"{key.meaning}{_otherwise(key, holds)}", WIDTH - LEFT)
    if len(left) >= LEFT:
        indent = "  " * (len(key.path) + 1)  # so that it can still be written so in a file
        lefts = textwrap.wrap(left, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
        return [*lefts, *(" " * LEFT + line for line in right)]
    lefts = [left, *[""] * (len(right) - 1)]
    return [f"{one:<{LEFT}}{line}" for one, line in zip(lefts, right, strict=True)]


def _otherwise(key: Key, holds: bool) -> str:
    """Say what holds where a file does not have the key."""
    if key.required:
        return " Required."
    if not key.defaults or (holds and not key.named):
        return ""
    values: dict[str, list[str]] = {}
    for template, value in key.defaults.items():
        values.setdefault(write_inline(value) if value not in ({}, []) else "none", []).append(
            template
        )
    said = [
        value if templates == ["base"] else f"{value} ({', '.join(templates)})"
        for value, templates in values.items()
    ]
    return f" Default: {'; '.join(said)}."
