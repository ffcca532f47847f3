"""Scenarios with something wrong in them: each a change of one place of a sound one."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

#: What may stand where something else belongs.
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 5, 0.5, 1e300, -0.0, 10**30, "", " ", "no", "text", "5 apples"),
    *("50%", "150%", "-5%", "1,299", "1.299", "12k", "5min", "-5min", "5–10", "10–5", "5–10k"),
    *("1e999", "2026-11-29 20:00", "2026-02-30 20:00", "20:00", "nan", "CNY", "a.b", "Kim"),
    *([], {}, [1], ["text"], [[]], {"a": 1}, {"p10": 1, "likely": 2, "p90": 3}, {"p50": 1}),
    *({"p10": 3, "likely": 2, "p90": 1}, {"lognormal": {"median": 1, "sigma": 0.5}}),
    *({"uniform": [1, 2]}, {"choice": {"1": "50%", "2": "50%"}}, {"choice": {}}, {"low": 1}),
)


@dataclass(frozen=True)
class Mutant:
    """A scenario's data with one change, and what that was."""

    what: str
    path: Path
    data: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))}: {self.what}"


def paths(data: Any, above: Path = ()) -> Iterator[Path]:
    """Yield the path of everything below the top."""
    items = data.items() if isinstance(data, Mapping) else enumerate(data)
    for key, value in items if isinstance(data, Mapping | list) else ():
        yield (*above, key)
        if isinstance(value, Mapping | list):
            yield from paths(value, (*above, key))


def _deleted(holder: Any, key: Any, luck: random.Random) -> str:
    del holder[key]
    return "deleted"


def _misspelt(holder: Any, key: Any, luck: random.Random) -> str:
    if not isinstance(holder, dict):
        return _deleted(holder, key, luck)
    at = luck.randrange(len(key) + 1)
    wrong = luck.choice([key[:at] + "q" + key[at:], key[:-1] or "q", key.upper(), key + " ", ""])
    renamed = {wrong if name == key else name: value for name, value in holder.items()}
    holder.clear()
    holder.update(renamed)
    return f"called {wrong!r}"


def _replaced(holder: Any, key: Any, luck: random.Random) -> str:
    holder[key] = copy.deepcopy(luck.choice(ODD))
    return f"set to {holder[key]!r}"


def _added(holder: Any, key: Any, luck: random.Random) -> str:
    if not isinstance(holder, dict):
        holder.append(copy.deepcopy(holder[key]))
        return "repeated"
    other = luck.choice(
        ["extra", "price", "length", "viewers", "owned", "share", "p10", "severity"]
    )
    holder.setdefault(other, copy.deepcopy(luck.choice(ODD)))
    return f"{other} beside it"


KINDS: tuple[Callable[[Any, Any, random.Random], str], ...] = (
    _deleted,
    _misspelt,
    _replaced,
    _replaced,
    _added,
)


def mutant(data: Mapping[str, Any], luck: random.Random) -> Mutant:
    """Return the data with one change at random."""
    changed = copy.deepcopy(dict(data))
    path = luck.choice(list(paths(changed)))
    holder: Any = changed
    for step in path[:-1]:
        holder = holder[step]
    what = luck.choice(KINDS)(holder, path[-1], luck)
    return Mutant(what, path, changed)
