"""The reference of keys: every key has a meaning, and an example that is true."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from livesim.errors import ScenarioError, UsageError
from livesim.resolve import Key, alternatives, keys_at, load
from livesim.resolve.demand import WAYS
from livesim.resolve.keys import NAME, all_keys
from livesim.resolve.templates import template
from livesim.scenario.writing import write_yaml

KEYS = all_keys()
#: A show that has who and what the examples speak of.
SHOW: dict[str, Any] = {
    key.path[0]: key.example
    for key in KEYS
    if str(key) in ("like", "title", "people", "segments", "products", "rundown")
} | {"show": {"start": "2026-11-29 20:00", "length": "1h", "refresh": "30s", "currency": "CNY"}}
_NO_NAMES: dict[str, Any] = {"segments": None, "people": None, "rundown": None}
_ONE_AUDIENCE: dict[str, Any] = {**_NO_NAMES, "viewers": 500}
_OTHER_WAYS = {f"products.NAME.{key}": None for way in WAYS for key in way}
#: Key → what else a file must say beside it, or must not (None).
BESIDE: dict[str, dict[str, Any]] = {
    "viewers": _NO_NAMES,
    "concurrent": _NO_NAMES,
    "watch_time": _ONE_AUDIENCE,
    "peak": _ONE_AUDIENCE,
    "people.NAME.fit_by_category": {"products.NAME.category": "beauty"},
    "segments.NAME.peak": {"people": None, "rundown": None, "segments.regulars": None},
    "segments.NAME.arrivals.half_by": {"segments.NAME.arrivals.shape": "front_loaded"},
    "segments.NAME.arrivals.middle": {
        "segments.NAME.arrivals": {"shape": "s_curve", "spread": "10%"}
    },
    "segments.NAME.arrivals.spread": {
        "segments.NAME.arrivals": {"shape": "s_curve", "middle": "40%"}
    },
    "segments.NAME.arrivals.points": {"segments.NAME.arrivals.shape": "points"},
    "rooms.NAME.people": {"rundown": None},
    "rooms.NAME.allotment": {"rooms.attendees.allotment": "70%"},
    **{f"products.NAME.{key}": _OTHER_WAYS for key in ("conversion", "gpm", "units_per_1000")},
    **dict.fromkeys(("gpm", "orders", "units"), _OTHER_WAYS),
    "products.NAME.weight": {**_OTHER_WAYS, "orders": 400},
    "rundown.NAME.longest_wait": {"rundown.NAME.waits_for": "kim"},
    "rundown.NAME.instead": {
        "rundown.NAME.waits_for": "kim",
        **{f"rundown.{slot}": {"length": "5min"} for slot in ("lip_tint", "questions")},
    },
    "products.NAME.forecast": {**_OTHER_WAYS, "segments.regulars.viewers": "20k"},
    "products.NAME.ctr": {**_OTHER_WAYS, "products.NAME.ctor": "8%"},
    "products.NAME.ctor": {**_OTHER_WAYS, "products.NAME.ctr": "4%"},
}
_SERUM = SHOW["products"]["serum"]
_TINT = {**_SERUM, "variants": {"rose": {"share": "70%"}, "plum": {"share": "30%"}}}
_SET = {"price": 399, "conversion": "0.5%"}
_POUCH = {"price": 9, "unit_cost": 2, "owned": 300}
#: A bundle and what it contains, a gift, and what the storage holds.
BESIDE |= {
    "products.NAME.contains": {
        "products": {"evening_set": _SET, "serum": _SERUM, "lip_tint": _TINT},
        "rundown.kim_and_the_serum.sells": ["evening_set", "serum", "lip_tint"],
    },
    **{
        f"products.NAME.gift{key}": {"products.pouch": _POUCH} for key in ("", ".product", ".first")
    },
    **{f"supply.{key}": {"products.serum.volume": "0.3 l"} for key in ("storage", "storage_price")},
}
#: Each supplier has a minimum order of its own.
BESIDE |= {
    str(key): {".".join((*key.path[: key.path.index("suppliers")], "minimum_order")): None}
    for key in KEYS
    if "suppliers" in key.path
}


def put(data: Any, path: tuple[str, ...], value: Any) -> Any:
    """Return plain data with a value at a path, or without the path if that is None."""
    if not path:
        return value
    held = dict(data or {})
    name = next(iter(held)) if path[0] == NAME else path[0]
    held[name] = put(held.get(name), path[1:], value)  # in its place: the first name stays first
    return {one: inner for one, inner in held.items() if inner is not None}


def with_example(key: Key) -> dict[str, Any]:
    """Return the show with a key's example in its place."""
    data = SHOW
    for above in KEYS:
        if above.path == key.path[: len(above.path)] and not _there(data, above.path):
            data = put(data, above.path, above.example)
    for path, value in BESIDE.get(str(key), {}).items():
        data = put(data, tuple(path.split(".")), value)
    return put(data, key.path, key.example)


def _there(data: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        held = data if isinstance(data, Mapping) else {}
        name = next(iter(held), NAME) if name == NAME else name
        if name not in held:
            return False
        data = held[name]
    return True


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS, ids=str)
def test_the_example_is_accepted_in_its_place(key: Key, tmp_path: Path) -> None:
    data = with_example(key)
    file = tmp_path / "show.yaml"
    file.write_text(write_yaml(data), encoding="utf-8")
    past = "show,length,viewers,product,units\none,3h,2000,serum,40\n"
    (tmp_path / "shows.csv").write_text(past, encoding="utf-8")  # what the example of history names
    for alternative in alternatives(file) or (None,):
        load(file, alternative=alternative)


@pytest.mark.parametrize("example", [{"price": "cheap"}, {"price": 299, "prise": 299}])
def test_a_wrong_example_would_be_seen(example: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "show.yaml"
    file.write_text(write_yaml(put(SHOW, ("products", "serum"), example)), encoding="utf-8")
    with pytest.raises(ScenarioError):
        load(file)


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_every_key_has_a_meaning_and_an_example(key: Key) -> None:
    assert key.meaning.endswith(".") and len(key.meaning) > len("Who is.")
    # The parts whose every key has a default need no example: those of their keys are theirs.
    assert key.example not in (None, "", []) and (key.example != {} or len(keys_at(str(key))) > 1)


def test_a_number_has_its_unit_in_brackets() -> None:
    words = (list, bool, dict)
    texts = (
        "title",
        "about",
        "like",
        "start",
        "on",
        "promised",
        "known_from",
        "currency",
        "role",
        "shape",
    )
    texts += ("comes_for", "category", "waits_for", "at_sell_out", "candidate", "judged_by")
    texts += ("discount", "history", "ordered", "product", "label")
    bare = [
        str(key)
        for key in KEYS
        if "[" not in key.meaning
        and not isinstance(key.example, words)
        and key.path[-1] not in texts
    ]
    assert bare == []


def test_defaults_are_those_of_the_templates() -> None:
    rush = keys_at("products.rush")[0]
    assert rush.defaults == {"base": "60s", "drop": "20s", "guest_show": "20s", "marathon": "30s"}
    for key in KEYS:
        if len(key.path) == 3 and key.path[0] in ("segments", "products"):
            each = template("base").data[f"each_{key.path[0][:-1]}"]
            assert key.defaults.get("base") == each.get(key.path[2])


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("products.variants.share", "products.NAME.variants.NAME.share"),
        ("products.serum.variants.small.share", "products.NAME.variants.NAME.share"),
        ("products.NAME.variants.share", "products.NAME.variants.NAME.share"),
        ("show", "show"),
    ],
)
def test_names_of_ones_own_may_be_there_or_not(path: str, found: str) -> None:
    assert str(keys_at(path)[0]) == found


def test_a_key_is_found_by_its_own_name_wherever_it_stands() -> None:
    assert [str(key) for key in keys_at("buy_back")] == [
        f"products.NAME.supply.buy_back{inside}" for inside in ("", ".price", ".up_to")
    ]
    heads = [str(key) for key in keys_at("price_breaks") if key.path[-1] == "price_breaks"]
    assert len(heads) == len(set(heads)) == 4
    assert str(keys_at("supply.consignment")[0]) == "products.NAME.supply.consignment"


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("products.prise", "nearest: products.NAME.price, "),
        ("prise", "nearest: products.NAME.price, "),
        ("products.serum", "nearest: products"),
        ("supply.pack.of_units", "nearest: "),
        ("x", "livesim keys lists all"),
        ("", "livesim keys lists all"),
    ],
)
def test_an_unknown_path_is_answered_with_the_nearest(path: str, near: str) -> None:
    with pytest.raises(UsageError) as wrong:
        keys_at(path)
    assert near in str(wrong.value)
