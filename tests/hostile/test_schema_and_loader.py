"""The JSON Schema against livesim itself: what either of them thinks of a file.

The schema must accept whatever livesim reads. What it lets pass and livesim refuses is listed here,
so that all else that it misses is a fault of the schema.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator
from mutations import Mutant, mutant

from livesim.errors import ScenarioError
from livesim.resolve import alternatives, json_schema, resolve, starter
from livesim.resolve.templates import TEMPLATES
from livesim.scenario.document import Document, parse_document, read_document
from livesim.scenario.including import with_includes

HERE: Final = Path(__file__).parents[2] / "scenarios"
EXAMPLES: Final = sorted(path.stem for path in HERE.glob("*.yaml"))
#: A scenario of 439 products, of which a change of one says little.
LARGE: Final = "presale_marathon"

#: What a schema cannot see, since it looks at one value at a time, and knows text by its form only.
UNSEEN: Final = re.compile(
    "|".join(
        (
            # what a name refers to
            r"no (product|person|audience segment|slot|room)\b",
            r"(is|are) (never|in no room|in the room|on stage|only seen)",
            r"stands twice in this list",
            r"does not sell it|who is not on stage",
            # what several values come to together
            r"add up to|must rise|do not rise|make up their mind|own .* together",
            r"told (together|twice)|how many viewers|how often .* is ordered|needs .* beside it",
            r"both uncertain|whole number of refreshes|refreshes of|more than the reach",
            r"could leave the range|edge of the range|likely and p50|stands twice|no full audience",
            r"different rushes|arrivals of shape|the neutral stage|some variants say",
            r"are to be (tried|promoted)|was not sold out|it was not|would lower it",
            r"allotment|when the show is over|before .* ends at|the link|this wave would come",
            r"cannot watch|more viewers than|a part of the show|never see|there are \d+ segments",
            r"a date|time zone|the show has none|promised|samples|nobody comes|beyond bounds",
            r"belongs? to|this tier reaches|must be more than|must be below|nobody watches",
            # a number written as text: its range, its size, and 1, which could be 1 % or 100 %
            r"out of range|not a whole number|not a finite number|1 could be 1 %|has no unit",
            r"the point in|has no .*, and|in half of all shows",
            # names of the planner's own that are texts of a kind
            r"is not (a duration|a count|a share|a price|an amount|a factor|a number|a rate|a fit)",
            # a figure that is expected: see livesim.scenario.expecting
            r"expects something of|is more than|no show and no number|not a figure|not compared",
            # what an included file says, and that it is there
            r"null takes away|nothing called|is missing|no file in|has no tier",
        )
    )
)
#: What it cannot see where a file includes others: that all of what they have is taken away.
UNSEEN_WITH_INCLUDES: Final = re.compile(
    r"the show has no (people|segments|rooms|rundown|products)"
)


@cache
def example(name: str) -> Document:
    return read_document(HERE / f"{name}.yaml")


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(json_schema())


def refusal(data: Mapping[str, Any], file: str) -> ScenarioError | None:
    """Return what livesim says against a file, if anything."""
    document = Document(dict(data), file, {})
    try:
        for alternative in alternatives(document) or (None,):
            resolve(with_includes(document, alternative))
    except ScenarioError as error:
        return error
    return None


def resolved(document: Document) -> Iterator[dict[str, Any]]:
    for alternative in alternatives(document) or (None,):
        yield resolve(with_includes(document, alternative)).scenario.to_data()


def mutants(luck: random.Random, count: int) -> Iterator[tuple[Document, Mutant]]:
    """Yield changed examples, as they stand there and as they are resolved."""
    small = [example(name) for name in EXAMPLES if name != LARGE]
    some = luck.sample(small, count // 40)
    small += [Document(data, one.file, {}) for one in some for data in resolved(one)]
    for _ in range(count):
        document = luck.choice(small)
        yield document, mutant(document.data, luck)


def unseen(what: str, data: Mapping[str, Any]) -> bool:
    """Say whether a mistake is one that a schema cannot see in this file."""
    taken_away = "include" in data and UNSEEN_WITH_INCLUDES.fullmatch(what)
    return bool(taken_away or UNSEEN.search(what))


def check(luck: random.Random, count: int) -> None:
    for document, changed in mutants(luck, count):
        refused = refusal(changed.data, document.file)
        seen = [error.message[:200] for error in validator().iter_errors(changed.data)]
        where = f"{document.file}: {changed}"
        if refused is None:
            assert not seen, f"{where}: livesim reads it, the schema does not: {seen}"
        elif not seen:
            missed = [one.what for one in refused.mistakes if not unseen(one.what, changed.data)]
            assert not missed, f"{where}: livesim refuses it, the schema does not: {missed}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_schema_accepts_every_example(name: str) -> None:
    assert list(validator().iter_errors(example(name).data)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_schema_accepts_every_example_resolved(name: str) -> None:
    for data in resolved(example(name)):
        assert list(validator().iter_errors(data)) == []


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_schema_accepts_what_livesim_new_writes(template: str) -> None:
    assert list(validator().iter_errors(parse_document(starter(template)).data)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_schema_and_livesim_agree_about_changed_examples(seed: int) -> None:
    check(random.Random(seed), 200)


ALONE = """\
title: A show
show: {length: 1h, currency: CNY}
viewers: 2_000
products:
  serum: {price: 299, unit_cost: 80, owned: 50, orders_per_1000: 20}
"""

#: What people write instead of `viewers: 2_000` and the like, whole lines; and whether it is read.
WRITTEN = {
    "viewers: 1.5k–3k": True,
    "viewers: 6 k - 9 k": True,
    "viewers: 6–9k": False,
    "viewers: {p10: 1k, p50: 2k, p90: 3k}": True,
    "viewers: {p10: 1k, median: 2k, p90: 3k}": False,
    "viewers: {low: 1k, high: 3k}": True,
    "viewers: {low: 1k}": False,
    "viewers: {lognormal: {median: 2k, sigma: 0.5}}": True,
    "viewers: {lognormal: {median: 2k, sd: 0.5}}": False,
    "viewers: {student_t: {median: 2k, scale: 0.3, df: 5}}": True,
    "viewers: {uniform: [1k, 2k]}": True,
    "viewers: {uniform: [1k, 2k, 3k]}": False,
    "viewers: {choice: [1k, 2k]}": True,
    "viewers: {draws: 1k 2k}": True,
    "viewers: {draws: 1k}": False,
    "viewers: {choice: {1k: 50%, 2k: 50%}}": True,
    "viewers: {beta: {a: 2, b: 3}}": False,
    "viewers: 2,000": False,
    'viewers: "2.000"': False,
    "viewers: 2000.5": False,
    "viewers: true": False,
    "viewers: -5": False,
    "viewers: 2k\nwatch_time: 2m30s": True,
    "viewers: 2k\nwatch_time: 90": False,
    "viewers: 2k\nwatch_time: 1.5 min": True,
    "viewers: 2k\nrooms: null": True,
    "viewers: 2k\nsegments: {everyone: null}": True,
    "viewers: 2k\npeople: {kim: null}": False,
    "viewers: 2k\npeople: {}": False,
    "viewers: 2k\nrooms: {hall: {segments: [everyone], count: 1}}": True,
    "viewers: 2k\nrooms: {Hall: {segments: [everyone]}}": False,
    "viewers: 2k\nsupply: {pack: null}": False,
    "viewers: 2k\nsupply: {budget: null}": True,
    "viewers: 2k\ninclude: [brand_room]": True,
    "viewers: 2k\ninclude: platforms/one_app": False,
    "viewers: 2k\ninclude: [../secrets]": False,
    "viewers: 2k\nalternatives: {a: {}, b: {supply: {budget: 5k}}}": True,
    "viewers: 2k\nalternatives: {a: {}, b: {suply: {budget: 5k}}}": False,
    "viewers: 2k\nalternatives: {a: {}}": False,
}


@pytest.mark.parametrize("line", WRITTEN)
def test_what_people_write_is_read_by_both_or_by_neither(line: str) -> None:
    data = parse_document(ALONE.replace("viewers: 2_000", line)).data
    assert (refusal(data, str(HERE / "x.yaml")) is None) == WRITTEN[line]
    assert validator().is_valid(data) == WRITTEN[line]


@pytest.mark.parametrize(
    ("line", "is_read"),
    [
        ({"profit": " >= 1k "}, True),
        ({"profit": "> viya_alone - 100k"}, True),
        ({"serum.sold_out@5min": ">= 60%"}, True),
        ({"profit": [1, "2k"], "severity": "warn"}, True),
        ({"conservation": "holds"}, True),
        ({"conservation": "fails"}, False),
        ({"profit": "about 1"}, False),
        ({"profit": "> "}, False),
        ({"profit": [1]}, False),
        ({"profit": 5}, False),
        ({"Profit": "> 1"}, False),
        ({"profit": "> 1", "severity": "mild"}, False),
    ],
    ids=str,
)
def test_both_see_the_form_of_what_is_expected(line: dict[str, Any], is_read: bool) -> None:
    document = example("brand_room")
    data = {**document.data, "expect": [line]}
    assert (refusal(data, document.file) is None) is is_read
    assert validator().is_valid(data) is is_read
