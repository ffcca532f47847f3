"""Inputs that mean harm, or come by bad luck, in any number: what livesim makes of each.

`python tests/hostile/fuzzing.py 100000 --seed 7` tries so many; its last line is a summary in JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from corpus import GALA
from mutations import ODD, mutant

from livesim.errors import HIDDEN, ScenarioError
from livesim.resolve import alternatives, resolve, starter
from livesim.resolve.templates import TEMPLATES
from livesim.scenario.document import decoded, parse_document
from livesim.scenario.including import with_includes
from livesim.scenario.library import LIBRARY
from livesim.scenario.writing import write_yaml

#: Most processor time for one input [s], and most memory for all of them [MB].
MOST_SECONDS: Final = 2.0
MOST_MEGABYTES: Final = 500
#: What a character in a text may be replaced by.
SIGNS: Final = (
    "\t:-{}[],&*!|>%@`#'\"\\?~<= \n\r\x00\x1b\x85\u200b\u202e\ufeff\uff1a\uff0cé薇\U0001f600"
)
LARGE: Final = 20_000
#: The share of inputs that begin as parts of a scenario with everything, and what these keep.
SMALL: Final = 0.9
NEEDED: Final = (
    *("title", "show", "segments", "products", "category"),
    *("price", "unit_cost", "owned", "orders_per_1000"),
)
#: The sections that name the same people, and so are kept together.
TOGETHER: Final = ("people", "rooms", "rundown", "incubator", "campaign")


class Fault(AssertionError):  # noqa: N818 - what was looked for, found
    """Something that no input may bring about."""


@cache
def texts() -> tuple[str, ...]:
    """Return the texts to begin with: starters and the reference scenarios that are not large."""
    files = [path.read_text("utf-8") for path in sorted(LIBRARY.rglob("*.yaml"))]
    whole = (*map(starter, TEMPLATES), *files)
    return tuple(text for text in whole if len(text) < LARGE and "presale_439" not in text)


def a_text(luck: random.Random) -> str:
    """Return one of the texts, the more often the shorter it is, as a long one takes longer."""
    return luck.choices(texts(), weights=[1 / len(text) for text in texts()])[0]


@cache
def data_of(text: str) -> Mapping[str, Any]:
    return parse_document(text).data


def small_data(luck: random.Random) -> Mapping[str, Any]:
    """Return some of what a scenario with everything has: it is tried in a third of the time."""
    gala, people = data_of(GALA), luck.random() < 0.3
    whole = {*NEEDED, *(TOGETHER if people else ())}
    kept = {
        key: value
        for key, value in gala.items()
        if key in whole or (key not in TOGETHER and luck.random() < 0.3)
    }
    perfume = gala["products"]["perfume"]
    keys = {*NEEDED, *luck.sample(list(perfume), luck.randrange(8))}
    some = {"perfume": {key: value for key, value in perfume.items() if key in keys}}
    return {
        **kept,
        "show": {**gala["show"], "refresh": "10s"},
        "segments": gala["segments"] if people else {"regulars": gala["segments"]["regulars"]},
        "products": {**gala["products"], **some} if people else some,
    }


def some_data(luck: random.Random) -> Mapping[str, Any]:
    return small_data(luck) if luck.random() < SMALL else data_of(a_text(luck))


def some_text(luck: random.Random) -> str:
    return write_yaml(small_data(luck)) if luck.random() < SMALL else a_text(luck)


def changed_data(luck: random.Random) -> str:
    """Return a scenario of which some values, keys or parts are others."""
    data = some_data(luck)
    for _ in range(luck.choice((1, 1, 2, 4))):
        if data:
            data = mutant(data, luck).data
    return write_yaml(data) if data else ""


def changed_text(luck: random.Random) -> str:
    """Return a scenario's text with lines or characters that are out of place."""
    lines = some_text(luck).split("\n")
    for _ in range(luck.choice((1, 1, 2, 5))):
        at = luck.randrange(len(lines))
        line = lines[at]
        kind = luck.randrange(7)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(luck.randrange(len(lines)), line)
        elif kind == 2:
            lines[at] = luck.choice((" ", "  ", "\t")) + line
        elif kind == 3:
            lines[at] = line[luck.choice((1, 2)) :]
        elif kind == 4:
            place = luck.randrange(len(line) + 1)
            lines[at] = line[:place] + luck.choice(SIGNS) + line[place + luck.randrange(2) :]
        elif kind == 5 and ":" in line:
            lines[at] = f"{line.split(':')[0]}: {json.dumps(luck.choice(ODD))}"
        else:
            lines[at] = line[: luck.randrange(len(line) + 1)]
        lines = lines or [""]
    return "\n".join(lines)


def any_text(luck: random.Random) -> str:
    """Return what only looks like YAML, or not even that."""
    words = ("title: x", "show:", "  length: 1h", "- ", "? ", ": ", "&a ", "*a", "!!str ", "|\n")
    parts = (luck.choice((*words, *SIGNS)) for _ in range(luck.randrange(60)))
    return "".join(parts)


def any_input(luck: random.Random) -> bytes:
    """Return the bytes of a file."""
    make = luck.choices((changed_data, changed_text, any_text), weights=(6, 5, 2))[0]
    raw = make(luck).encode("utf-8", "surrogatepass")
    if luck.random() < 0.03:
        raw = luck.choice((raw.decode("utf-8", "replace").encode("utf-16"), luck.randbytes(200)))
    return raw


def outcome(raw: bytes, file: str = "any.yaml") -> str:
    """Return what livesim makes of an input, in a word.

    Raises
    ------
    Fault
        If it crashes, takes too long, or says what cannot be shown to a planner.
    """
    seconds, word = _timed(raw, file)
    if seconds > MOST_SECONDS:  # once more, as anything can hold a machine up once
        seconds, word = _timed(raw, file)
    if seconds > MOST_SECONDS:
        raise Fault(f"it took {seconds:.1f} s of processor time")
    return word


def _timed(raw: bytes, file: str) -> tuple[float, str]:
    begun = time.thread_time()
    try:
        document = parse_document(decoded(raw, file), file)
        for alternative in alternatives(document) or (None,):
            resolve(with_includes(document, alternative))
        word = "read"
    except ScenarioError as error:
        word = "refused"
        _check(error)
    except Exception as error:
        raise Fault(f"{type(error).__name__}: {error}\n{traceback.format_exc()[-1500:]}") from error
    return time.thread_time() - begun, word


def _check(error: ScenarioError) -> None:
    """Check that every mistake says where, what and how, in what can be shown."""
    told = str(error)
    if HIDDEN.search(told):
        raise Fault(f"a control character reaches the terminal: {told!r}")
    for mistake in error.mistakes:
        if not mistake.what or len(mistake.what) > 1_000 or len(mistake.remedy) > 1_000:
            raise Fault(f"a mistake of no use: {mistake}")
        if not mistake.file:
            raise Fault(f"a mistake without a file: {mistake}")


def memory() -> float:
    """Return the most memory that this program has taken [MB]."""
    status = Path("/proc/self/status")
    if status.exists():  # what the system tells of resources holds what was before it began, too
        found = re.search(r"VmHWM:\s*(\d+)", status.read_text("utf-8"))
        if found is not None:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Try many inputs, and keep those that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the inputs that went wrong")
    options = parser.parse_args()
    found: Counter[str] = Counter()
    for number in range(options.count):
        raw = any_input(random.Random(f"{options.seed}/{number}"))
        try:
            found[outcome(raw)] += 1
        except Fault as fault:
            found["faults"] += 1
            print(f"{options.seed}/{number}: {fault}", flush=True)
            if options.keep is not None:
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / f"{options.seed}_{number}.yaml").write_bytes(raw)
        if number % 1_000 == 999:
            print(f"{number + 1:,}: {dict(found)}, {memory():.0f} MB", file=sys.stderr, flush=True)
    taken = memory()
    print(json.dumps({"inputs": options.count, **found, "megabytes": round(taken)}))
    return 1 if found["faults"] or taken > MOST_MEGABYTES else 0


if __name__ == "__main__":
    sys.exit(main())
