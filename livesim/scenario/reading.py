"""From plain data to a scenario or a draft, with every mistake at once and in a planner's words.

pydantic finds what is wrong with single fields, :mod:`checks` what is wrong between them; here both
become :class:`~livesim.errors.Mistake`, each with its place in the file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from itertools import chain, islice
from typing import Any, Final, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from livesim.errors import Mistake, ScenarioError, did_you_mean
from livesim.scenario.checks import Finding, Path, name_findings
from livesim.scenario.currencies import CURRENCY
from livesim.scenario.document import MAX_MISTAKES, Document
from livesim.scenario.draft import Draft
from livesim.scenario.fields import Lever, Part, Uncertain, fields_at, unwrapped
from livesim.scenario.parts import OrderTerms
from livesim.scenario.paths import said_at
from livesim.scenario.writing import write_inline

P = TypeVar("P", bound=Part)


def read(
    model: type[P],
    data: Mapping[str, Any],
    document: Document | None,
    findings: Iterable[Finding] = (),
) -> P:
    """Read plain data: a scenario in which everything is explicit, or a filled-in draft.

    Parameters
    ----------
    model
        What it is to be.
    data
        Plain data in a planner's notation.
    document
        The file that it comes from, for the places of mistakes.
    findings
        What is known to be wrong already, to be reported together with the rest.

    Raises
    ------
    ScenarioError
        With every mistake in the data.
    """
    wrong = list(islice(chain(name_findings(data), findings), MAX_MISTAKES + 1))
    try:
        part = model.model_validate(data, context=_currency(data))
    except ValidationError as error:
        details = _without_misspelt(error.errors(include_url=False))[: MAX_MISTAKES + 1]
        found = (
            _in_its_place(_of_its_segments(_finding(model, one), one, data), one, document)
            for one in details
        )
        refuse([*found, *wrong], document)
        raise
    refuse(wrong, document)
    return part


def _currency(data: Mapping[str, Any]) -> str | None:
    """Return the currency in which amounts are paid, if it is told as one."""
    currency = said_at(data, "show", "currency")
    return currency if isinstance(currency, str) and re.fullmatch(CURRENCY, currency) else None


def refuse(findings: Iterable[Finding], document: Document | None) -> None:
    """Raise all findings, if there are any, as mistakes with their places.

    Raises
    ------
    ScenarioError
        With every finding.
    """
    own = document.file if document is not None else None
    mistakes = [_mistake(finding, document) for finding in islice(findings, 2 * MAX_MISTAKES)]
    mistakes.sort(key=partial(_order, own))
    if len(mistakes) > MAX_MISTAKES:
        more = Mistake("there are more mistakes, which are not shown", "", "mend these first", own)
        raise ScenarioError([*mistakes[:MAX_MISTAKES], more]) from None
    if mistakes:
        raise ScenarioError(mistakes) from None


def _order(own: str | None, mistake: Mistake) -> tuple[bool, str, str, int, int]:
    """Put a file's own mistakes before those of the files that it includes."""
    file, sheet = mistake.file or "", mistake.sheet or ""
    return mistake.file != own, file, sheet, mistake.line or 0, mistake.column or 0


def _mistake(finding: Finding, document: Document | None) -> Mistake:
    if document is not None:
        return document.mistake(finding.path, finding.what, finding.remedy)
    path = ".".join(step for step in finding.path if isinstance(step, str))
    return Mistake(finding.what, path=path, remedy=finding.remedy)


#: What people have a value of for each segment, and of so many an example has one.
_OF_SEGMENTS: Final = ("fit", "pull_by_segment")
_SHOWN_SEGMENTS: Final = 3


def _without_misspelt(details: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out what is missing only because it is misspelt beside it: that is told once."""
    unknown: dict[Path, list[str]] = {}
    for detail in details:
        if detail["type"] == "extra_forbidden":
            *part, key = detail["loc"]
            unknown.setdefault(tuple(part), []).append(str(key))

    def is_misspelt(*above: str | int) -> bool:
        *part, key = above
        return bool(get_close_matches(str(key), unknown.get(tuple(part), ()), n=1))

    return [one for one in details if one["type"] != "missing" or not is_misspelt(*one["loc"])]


def _finding(model: type[Part], detail: ErrorDetails) -> Finding:
    """Translate one of pydantic's errors."""
    loc = detail["loc"]
    if loc and loc[-1] == "[key]":
        name = str(loc[-2])
        return Finding(loc[:-1], f"{name!r} cannot be a name", _name_meant(model, loc[:-1]))
    if detail["type"] == "livesim":
        carried = detail["ctx"]
        return Finding((*loc, *carried["path"]), carried["what"], carried["remedy"])
    translate = _WORDS.get(detail["type"], _as_it_is)
    what, remedy = translate(model, detail)
    return Finding(loc, what, remedy)


def _of_its_segments(finding: Finding, detail: ErrorDetails, data: Mapping[str, Any]) -> Finding:
    """Return a finding whose remedy names the file's segments where a value of each is wanted."""
    value, segments = detail["input"], data.get("segments") or {"everyone": {}}
    of_each = finding.path[:1] == ("people",) and finding.path[-1] in _OF_SEGMENTS
    if detail["type"] != "dict_type" or not of_each or not isinstance(segments, Mapping):
        return finding
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else 0.5
    told = ", ".join(f"{name}: {number}" for name in islice(map(str, segments), _SHOWN_SEGMENTS))
    return replace(finding, remedy=f"write {{{told}}}, or {_LINES[6:]}")


def _in_its_place(finding: Finding, detail: ErrorDetails, document: Document | None) -> Finding:
    """Return a finding whose remedy can be followed in a cell, which has no lines below it."""
    place = document.place(finding.path) if document is not None else None
    if place is None or place.sheet is None:
        return finding
    if detail["type"] not in ("dict_type", "model_type"):
        return finding
    written = str(detail["input"])
    keys = written if ":" in written else "key: value, key: value"
    return replace(finding, remedy=f"write {{{keys}}}, with the braces")


Words = tuple[str, str]


def _name_meant(model: type[Part], path: Path) -> str:
    """Return how to write what cannot be a name, and where it can stand as it is."""
    written = str(path[-1])
    plain = unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    remedy = f"write {name}" if re.fullmatch("[a-z].{0,59}", name) else _NAMES
    if "label" not in fields_at(model, path) or not written.isprintable():
        return remedy
    return f"{remedy}; what people read in its place, in any script, is its label"


def _as_it_is(model: type[Part], detail: ErrorDetails) -> Words:
    return detail["msg"], ""


def unknown_key(model: type[Part], path: Path) -> Words:
    """Say that there is no such key, and which there are.

    Parameters
    ----------
    model
        What the path leads into.
    path
        The key, and all above it.
    """
    *above, last = path
    key = str(last)
    known = fields_at(model, tuple(above))
    what = f"there is no key called {key} here"
    section = next((one for one in Draft.model_fields if key in fields_at(Draft, (one,))), None)
    if key in ("include", "alternatives"):
        return (
            what,
            f"files are put together before all else: write {key} at the top level of the file",
        )
    if re.fullmatch(r"\d[\d._]*\s*(?:[^\W\d_]*|%)", key):
        return what, "a comma in braces ends a value: write one number, or a range as 10–20"
    for known_by, habits in _MISREAD.items():
        if key in habits and known_by in known:
            return what, habits[key]
    if not above and key in fields_at(Draft, ("products", "…")):
        return what, f"it is said of each product: write it below the product's name, {key}: …"
    if key in ("unit_cost", "cost") and "price_breaks" in known and "unit_cost" not in known:
        return what, "write unit_cost at the product, and here price_breaks: {500: 5.80}"
    if key == "unit_cost" and {"share", "supply"} <= known.keys():
        return what, "write it at the product; here, supply: {price_breaks: {500: 5.80}}"
    if key == "moq" and "minimum_order" in known:
        return what, "write minimum_order: for the least units in a purchase"
    if above == ["supply"] and key in OrderTerms.model_fields:
        return what, f"write supply: {{{key}: …}} below each product that has it"
    if key in fields_at(Draft, tuple(above)):
        return what, "it describes a past show, and is only read when a file is loaded"
    if section is not None and (not above or not get_close_matches(key, known, n=1)):
        return what, f"it belongs under {section}"
    remedy = did_you_mean(key, sorted(known, key=_rank))
    if fields_at(model, path):  # it could be a name, were all beside it names too
        return what, f"{remedy}; or give each a name: {above[-1]}: {{van: {{…}}, courier: {{…}}}}"
    inside = [name for name in known if key in fields_at(model, (*above, name))]
    if len(inside) == 1:
        return what, f"it belongs under {inside[0]}: write {inside[0]}: {{{key}: …}}"
    return what, remedy


def is_habit(key: str, known: Iterable[str]) -> bool:
    """Say whether a key that is not among the known ones is one that planners write by habit."""
    return any(known_by in known and key in habits for known_by, habits in _MISREAD.items())


def _rank(key: str) -> int:
    return _SOUGHT.index(key) if key in _SOUGHT else len(_SOUGHT)


def _missing(model: type[Part], detail: ErrorDetails) -> Words:
    *above, key = detail["loc"]
    field = fields_at(model, tuple(above))[str(key)]
    ways = [f" Write {m.kind.ways}." for m in field.metadata if isinstance(m, Lever | Uncertain)]
    example = f" `{key}: {write_inline(field.examples[0])}`" if field.examples else f" {key}"
    meaning = field.description or ""
    return f"{key} is missing", f"add{example}: {meaning[:1].lower()}{meaning[1:]}{''.join(ways)}"


def _unknown_word(model: type[Part], detail: ErrorDetails) -> Words:
    key, word = detail["loc"][-1], detail["input"]
    field = fields_at(model, detail["loc"][:-1])[str(key)]
    words = [one for one in get_args(unwrapped(field.annotation)) if isinstance(one, str)]
    return f"{_shown(word)} is not one of the words for {key}", did_you_mean(str(word), words)


def _bad_text(model: type[Part], detail: ErrorDetails) -> Words:
    if detail["loc"][-1] == "currency":
        return f"{detail['input']!r} is not a currency", "write its three capital letters: CNY, USD"
    return f"{detail['input']!r} is not a name", _NAMES


def _wrong_type(wanted: str, remedy: str) -> Callable[[type[Part], ErrorDetails], Words]:
    def translate(model: type[Part], detail: ErrorDetails) -> Words:
        return f"{_shown(detail['input'])} stands where {wanted} belongs", remedy

    return translate


def _no_mapping(model: type[Part], detail: ErrorDetails) -> Words:
    """Say that a mapping belongs here, and show one where the field has an example."""
    *above, key = detail["loc"] or ("",)
    field = fields_at(model, tuple(above)).get(str(key))
    example = field.examples[0] if field is not None and field.examples else None
    remedy = f"write {write_inline(example)}, or {_LINES[6:]}" if example else _LINES
    return f"{_shown(detail['input'])} stands where a mapping belongs", remedy


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list | tuple) else repr(value)


_NAMES: Final = (
    "write lower-case letters, digits and underscores, a letter first, 60 at most: lip_tint"
)
_LINES: Final = "write key: value lines below it, two spaces in"
_LIST: Final = _wrong_type("a list", "write [serum, lip_tint], also for a single one: [serum]")
_ENTRIES: Final = _wrong_type("a list", "begin each of its entries with a hyphen: - key: value")
_TEXT: Final = _wrong_type("a text", 'write a text; a number as text stands in quotes: "2026"')
_FLAG: Final = _wrong_type("true or false", "write true or false")


def _no_list(model: type[Part], detail: ErrorDetails) -> Words:
    return (_ENTRIES if isinstance(detail["input"], Mapping) else _LIST)(model, detail)


def _too_many(model: type[Part], detail: ErrorDetails) -> Words:
    what = f"more than {detail['ctx']['max_length']:,} entries"
    return what, "keep those that matter; another file can include this one and have the rest"


_WORDS: Final[Mapping[str, Callable[[type[Part], ErrorDetails], Words]]] = {
    "extra_forbidden": lambda model, detail: unknown_key(model, detail["loc"]),
    "missing": _missing,
    "literal_error": _unknown_word,
    "string_pattern_mismatch": _bad_text,
    "string_too_long": _bad_text,
    "string_type": _TEXT,
    "bool_type": _FLAG,
    "too_long": _too_many,
    "tuple_type": _no_list,
    "dict_type": _no_mapping,
    "model_type": _no_mapping,
}

_RATE_REMEDY: Final = (
    "a bare conversion rate does not say of what: write orders_per_1000 (orders per 1,000 unique "
    "viewers of the show), units_per_1000, gpm (value per 1,000 views), ctr with ctor (clicks per "
    "view, orders per click), forecast (units in this show) or conversion (orders per viewer "
    "who stays until decided)"
)
#: What planners call a conversion rate by habit.
BARE_RATES: Final = ("conversion_rate", "cvr", "cr", "conv", "conv_rate", "rate")
_OWNED: Final = "write owned: for units that are paid for already"
_COST: Final = "write unit_cost: for what a unit costs you"
_PERISHES: Final = "write left_over_value: 0, as what is left over is worth nothing"
_LEFT: Final = "write left_over_value: for what a unit left over is worth"
_BUNDLE: Final = "write contains: {serum: 1, mask: 1} for what a unit is made of"
_VARIANTS: Final = "write variants: {small: {share: 40%}, large: {share: 60%}}"
_MINIMUM: Final = "write supply: {minimum_order: 60}"
_ROLES: Final = "write people: {kim: {role: guest}}, and on_stage: [kim] at a slot of the rundown"
#: What planners write by habit, and what to write instead, by a key that is known there.
_MISREAD: Final[Mapping[str, Mapping[str, str]]] = {
    "conversion": {
        **dict.fromkeys(BARE_RATES, _RATE_REMEDY),
        **dict.fromkeys(("stock", "inventory", "qty", "on_hand", "available"), _OWNED),
        "units": f"{_OWNED}, or forecast: for units wanted in this show",
        "orders": "write orders_per_1000: for orders per 1,000 viewers of the show",
        **dict.fromkeys(("cost", "cost_price", "cogs"), _COST),
        **dict.fromkeys(("perishes", "perishable"), _PERISHES),
        **dict.fromkeys(("salvage", "salvage_value", "residual_value"), _LEFT),
        **dict.fromkeys(("bundle", "components"), _BUNDLE),
        **dict.fromkeys(("sizes", "colors", "colours", "shades"), _VARIANTS),
        **dict.fromkeys(("moq", "min_order"), _MINIMUM),
        **dict.fromkeys(("return_rate", "refund_rate"), "write returns: for their share, 10%"),
        **dict.fromkeys(("demand", "expected"), "write forecast: for the units wanted in it"),
        **dict.fromkeys(("sale_price", "live_price"), "write price: for the price in the show"),
        **dict.fromkeys(
            ("list_price", "original_price"),
            "write price: for the price in the show, and reference_price: for the one at which it "
            "is ordered as often as told",
        ),
        "reserves": "write all of them under reserve, by name: reserve: {van: {…}, courier: {…}}",
        "gifts": "write gift: {pouch: 1} for what comes with each order",
        "pack_size": "write supply: {pack: 12}",
        "max_per_order": "write limit: for the most units in one order",
        "name": "write label: for what people read in place of the product's key",
        "commission": "write it at the top level: deal: {commission: 20%}",
        "discount": "write the price in the show as price:, or coupon: {off: 10%}; less for many "
        "units from the supplier is supply: {price_breaks: {500: 5.80}}",
    },
    "products": {
        **dict.fromkeys(("items", "skus", "goods"), "write products: {serum: {…}, mask: {…}}"),
        **dict.fromkeys(("schedule", "agenda", "slots"), "write rundown: {talk: {length: 20min}}"),
        **dict.fromkeys(("host", "hosts", "guest", "guests"), _ROLES),
        **dict.fromkeys(("costs", "fees"), "write deal: {slot_fee: 1_500, commission: 20%}"),
        "audience": "write viewers: for the unique viewers of the whole show",
        "views": "write viewers: for unique viewers, and show: {views_per_viewer: 1.4} for how "
        "many page views each of them makes",
        "followers": "write segments: {fans: {reach: 1M}} for people who could come",
        "date": "write show: {start: 2026-11-29 20:00}",
        "duration": "write show: {length: 3h}",
        "stock": "write owned: below each product for units that are paid for already",
        "moq": _MINIMUM,
    },
    "guest_fee": {
        "appearance_fee": "write guest_fee: for what guests are paid for the show",
        "revenue_share": "write commission: for the host's share of the value kept",
    },
}

#: What people look for first among the keys of a part; the others follow in their own order.
_SOUGHT: Final = (
    *("title", "like", "show", "viewers", "watch_time", "products", "rundown", "people", "deal"),
    *("price", "unit_cost", "owned", "orders_per_1000", "forecast", "conversion", "gpm"),
    *("returns", "limit", "variants", "waves", "reserve", "start", "length", "supply", "segments"),
)
