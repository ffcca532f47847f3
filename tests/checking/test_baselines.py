"""What was kept of a show against what it comes to now: to the bit, and in law.

At an error rate of 5 % anything is called moved in at most 50 of 1,000 studies in which nothing
did, on average; more than 77 have a chance of less than 1 in 10,000.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.checking.baselines import Baseline, _told_apart, against, moved_in_law, seen_from
from livesim.checking.check import Options, check, update
from livesim.checking.summaries import Summary, summarised
from livesim.checking.testing import Array
from livesim.errors import UsageError
from livesim.experiment.blocks import Block
from livesim.results.manifest import OWN_DIGEST, sealed

STUDIES, TAIL, TOO_MANY = 1_000, 0.025, 77
BATCHES, BATCH = 10, 50
SHOW = """\
like: drop
title: A quick drop
show: {start: 2026-11-29 20:00, length: 5min, refresh: 20s, currency: CNY}
viewers: 500
watch_time: 2min
products:
  serum: {price: 100, unit_cost: 30, owned: 10, forecast: 20}
"""


def drawn(luck: np.random.Generator, studies: int = STUDIES) -> list[dict[str, Array]]:
    """Batch means of figures of every kind: money, counts, skewed ones, chances, rare ones."""
    size = (studies, BATCHES, BATCH)
    laws = {
        "show.profit": luck.normal(5, 40, size),
        "show.orders": luck.lognormal(3, 1, size),
        "units": luck.poisson(2, size),
        "heavy": luck.lognormal(0, 2, size),
        "often": luck.random(size) < 0.9,
        "seldom": luck.random(size) < 0.01,
        "never": np.zeros(size),
    }
    means = {name: values.mean(axis=2) for name, values in laws.items()}
    return [{name: values[study] for name, values in means.items()} for study in range(studies)]


def alarms(tail: float, *, same_draws: bool = False) -> int:
    """Count the studies in which anything is said to have moved although nothing did."""
    luck = np.random.default_rng(1)
    then = drawn(luck)
    now = [_few_differ(study, luck) for study in then] if same_draws else drawn(luck)
    return sum(bool(moved_in_law(*both, tail)) for both in zip(then, now, strict=True))


def _few_differ(study: Mapping[str, Array], luck: np.random.Generator) -> dict[str, Array]:
    """Other versions of the same draws: few batches differ, by a lot, in either direction."""
    return {
        name: means * (1 + 0.3 * luck.choice([-1, 0, 0, 0, 0, 1], len(means)))
        for name, means in study.items()
    }


def test_an_upgrade_seldom_cries_wolf() -> None:
    assert alarms(TAIL) <= TOO_MANY
    assert alarms(TAIL, same_draws=True) <= TOO_MANY


def test_not_sharing_the_chance_would_be_seen() -> None:
    assert alarms(TAIL * len(drawn(np.random.default_rng(0), 1)[0])) > TOO_MANY


def test_a_change_of_the_size_that_is_told_is_seen() -> None:
    luck, seen = np.random.default_rng(2), 0
    for then, now in zip(drawn(luck, 200), drawn(luck, 200), strict=True):
        change = seen_from(then, now, TAIL)["show.orders"]
        now["show.orders"] += change * luck.choice([-1, 1])
        seen += "show.orders" in moved_in_law(then, now, TAIL)
    assert seen >= 190  # 99 of 100 are told, and its own size is only estimated


def test_where_draws_are_the_same_a_small_change_is_seen() -> None:
    (then,) = drawn(np.random.default_rng(1), 1)
    less, more = ({n: v * by for n, v in then.items()} for by in (1.0005, 1.005))
    assert moved_in_law(then, less, 1e-3) == []
    assert {"show.orders", "often", "units"} <= {*moved_in_law(then, more, 1e-3)}


# --------------------------------------------------------------------------------------------------
# A show
# --------------------------------------------------------------------------------------------------

SCENARIO = livesim.load(SHOW)


@pytest.fixture(scope="module")
def now() -> Summary:
    found = [summarised((SCENARIO, 1, Block(number, 250))) for number in (0, 1)]
    return Summary.joined([part for part in found if isinstance(part, Summary)])


@pytest.fixture
def kept(now: Summary) -> Baseline:
    return Baseline.of(SCENARIO, 1, now)


def with_versions(kept: Baseline, **versions: str) -> Baseline:
    return replace(kept, versions={**kept.versions, **versions})


def scaled(kept: Baseline, **by: float) -> Baseline:
    figures: Mapping[str, Array] = {
        name: values * by.get(name.split(".")[-1].split("@")[0], 1.0)
        for name, values in kept.figures.items()
    }
    return replace(kept, figures=figures, fingerprint="another")


def test_what_only_a_plan_would_see_is_said_beside_the_same_bits(
    kept: Baseline, now: Summary
) -> None:
    scenario = SCENARIO.with_changes({"supply.minimum_order": 500})
    verdict, said = against(kept, scenario, now, 0.001)
    assert verdict == "holds" and "bit for bit" in said and "of what a plan would buy" in said
    assert "scenario: supply.minimum_order" in said and "500" in said


def test_with_the_same_versions_every_bit_counts(kept: Baseline, now: Summary) -> None:
    assert against(kept, SCENARIO, now, 0.001) == ("holds", "bit for bit, 500 shows")
    assert against(with_versions(kept, python="3.10.0"), SCENARIO, now, 0.001)[0] == "holds"
    bits = replace(kept, fingerprint="another")
    assert against(bits, SCENARIO, now, 0.001)[1].startswith("only the last digits moved")


def test_what_moved_is_said_with_its_size_and_since_when(kept: Baseline, now: Summary) -> None:
    dearer = SCENARIO.with_changes({"products.serum.price": 120})
    verdict, said = against(scaled(kept, orders=0.8), dearer, now, 0.001)
    moved, orders, *_ = said.splitlines()
    assert verdict == "broken" and "figures moved, first at " in moved
    assert orders.startswith("show.orders: ") and orders.endswith("(+25 %)")
    assert "scenario: products.serum.price 100 → 120" in said


def test_what_moved_stands_in_its_unit_and_the_furthest_first(kept: Baseline, now: Summary) -> None:
    there = {name: values.copy() for name, values in kept.figures.items()}
    for name, times in (("show.loss", 0.5), ("show.profit", 0.9), ("products.serum.lost", 0.25)):
        assert there[name].any()
        there[name] *= times
    moved = replace(kept, figures=there, fingerprint="another")
    _, first, second, third, *_ = against(moved, SCENARIO, now, 0.001)[1].splitlines()
    assert first.startswith("products.serum.lost: ") and first.endswith("(+300 %)")
    assert re.fullmatch(r"show\.loss: \S+ % → \S+ % \(\+100 %\)", second)
    assert third.startswith(f"show.profit: {SCENARIO.show.currency} ")


def test_of_what_moved_everything_is_counted(kept: Baseline, now: Summary) -> None:
    moved = {name: values + 1 for name, values in kept.figures.items()}
    gone = {f"show.gone_{number}": np.zeros(BATCHES) for number in range(4)}
    other = replace(kept, figures={**gone, **moved}, fingerprint="another")
    first, *lines = against(other, SCENARIO, now, 0.001)[1].splitlines()
    told = [line for line in lines if ": " in line and not line.startswith("scenario")]
    (more,) = (re.fullmatch(r"… and (\d+) more, (\d+) of .* curves", line) for line in lines[10:11])
    assert more is not None
    assert int(first.split()[0]) == len(told) + int(more[1]) == len(kept.figures) + 4
    assert int(more[2]) == sum("@" in name for name in kept.figures)


def test_no_line_is_without_end(kept: Baseline, now: Summary) -> None:
    drawn = {
        "title": " ".join(map(str, range(2_000))),
        "about": "x" * 5_000,
        "sources": [{"drawn": 1.0}] * 2_000,
    }
    other = with_versions(replace(scaled(kept, orders=0.8), scenario=drawn), numpy="9" * 5_000)
    lines = against(other, SCENARIO, now, 0.001)[1].splitlines()
    assert max(map(len, lines)) <= 301
    before, now_drawn = ({"a": f"{'1 ' * 99}{last}"} for last in (2, 3))
    (line,) = _told_apart(before, {"a": "5"})
    assert line.startswith("a 1 1 1 1 ") and line.endswith(" 1 … (100 in all) → 5")
    assert next(_told_apart(before, now_drawn)).endswith("→ another that begins alike")


def test_another_seed_is_said_and_only_the_law_counts(tmp_path: Path) -> None:
    file = tmp_path / "drop.yaml"
    file.write_text(SHOW, encoding="utf-8")
    update([file], workers=1)
    (same,) = update([file], seed=9, workers=1)
    assert same.said.startswith("in law, 500 shows (seed 1 → 9)")
    file.write_text(SHOW.replace("owned: 10", "owned: 5"), encoding="utf-8")
    (moved,) = update([file], seed=1, workers=1)
    assert "figures moved" in moved.said and "scenario: products.serum.owned" in moved.said
    assert moved.said.endswith("seed 9 → 1")


def test_with_other_versions_the_law_counts(kept: Baseline, now: Summary) -> None:
    other = with_versions(kept, numpy="2.0.0", processor="another")
    verdict, said = against(replace(other, fingerprint="another"), SCENARIO, now, 0.001)
    assert verdict == "holds" and "numpy 2.0.0 → " in said and "another processor" in said
    assert "would be seen: orders ± 0.1 %, profit ± 0.1 %" in said
    assert against(scaled(other, orders=1.2), SCENARIO, now, 0.001)[0] == "broken"
    assert against(scaled(other, orders=1.0001), SCENARIO, now, 0.001)[0] == "holds"


def test_with_other_versions_a_changed_scenario_is_said_though_nothing_surely_moved(
    kept: Baseline, now: Summary
) -> None:
    other = with_versions(kept, numpy="2.0.0")
    dearer = SCENARIO.with_changes({"products.serum.price": 120})
    verdict, said = against(replace(other, fingerprint="another"), dearer, now, 0.001)
    assert verdict == "holds" and "the scenario is not the one that was kept" in said
    assert "scenario: products.serum.price 100 → 120" in said


def test_a_figure_that_is_no_longer_there_is_broken(kept: Baseline, now: Summary) -> None:
    figures = {**kept.figures, "show.gone": np.zeros(BATCHES)}
    other = with_versions(replace(kept, figures=figures), livesim="0.1.0")
    assert "show.gone: is no longer there" in against(other, SCENARIO, now, 0.001)[1]


def test_nothing_in_a_file_moves_the_cursor(kept: Baseline, now: Summary) -> None:
    hostile = with_versions(scaled(kept, orders=2), numpy="\x1b[2J\u202e9")
    assert r"numpy \x1b[2J\u202e9 → " in against(hostile, SCENARIO, now, 0.001)[1]


def test_it_is_read_as_it_was_written(kept: Baseline, tmp_path: Path) -> None:
    kept.write(tmp_path / "a" / "drop.json")
    again = Baseline.read(tmp_path / "a" / "drop.json")
    assert again.figures.keys() == kept.figures.keys()
    assert all(np.array_equal(again.figures[name], kept.figures[name]) for name in kept.figures)
    assert replace(again, figures={}) == replace(kept, figures={})


@pytest.mark.parametrize(
    "damage", ["", "[" * 200_000, "{}", "[1]", '{"figures": 3}', '{"figures": {"a": "b"}}']
)
def test_a_damaged_one_is_said_to_be(damage: str, tmp_path: Path) -> None:
    (tmp_path / "drop.json").write_text(damage)
    with pytest.raises(UsageError, match=r"is damaged: .*--update"):
        Baseline.read(tmp_path / "drop.json")


def _figures(change: Callable[[str, list[float]], list[Any]]) -> Callable[[dict[str, Any]], Any]:
    return lambda data: {
        **data,
        "figures": {name: change(name, means) for name, means in data["figures"].items()},
    }


def _with(**changed: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda data: {**data, **changed}


def _named(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda data: {**data, "figures": {**data["figures"], name: [1.0] * BATCHES}}


DAMAGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    **{
        f"figures of {bad}": _figures(lambda _, means, bad=bad: [bad] * len(means))  # type: ignore[misc]
        for bad in (None, float("nan"), float("inf"), 1e308, "1", True)
    },
    "three missing": _figures(lambda _, means: [*means[:-3], None, None, None]),
    "batches of one": _figures(lambda _, means: means[:1]),
    "batches of none": _figures(lambda *_: []),
    "one figure": lambda data: {**data, "figures": {"show.orders": data["figures"]["show.orders"]}},
    "a terminal's name": _named("a\x1b[2J"),
    "a name of two lines": _named("a\n::error::b"),
    "a moment that is none": _named("a@1e99"),
    "a deep scenario": lambda data: {
        **data,
        "scenario": json.loads('{"a":' * 900 + "1" + "}" * 900),
    },
    **{
        f"{name} {value!r:.9}": _with(**{name: value})
        for name, values in {
            "seed": (-1, "x", 1.5, None, True),
            "replications": ("x", 0, 10**30, 250),
            "versions": ([], {"livesim": [1]}, {}, {"livesim": "0.2.0"}),
            "fingerprint": (None, 3, "", "another"),
            "scenario": ([], None, {}),
        }.items()
        for value in values  # type: ignore[attr-defined]
    },
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_no_show_came_to_is_damage_under_any_versions(
    damage: str, kept: Baseline, tmp_path: Path
) -> None:
    file = tmp_path / "drop.json"
    with_versions(kept, numpy="1.0").write(file)
    edit(file, DAMAGES[damage])
    with pytest.raises(UsageError, match=r"drop\.json: is damaged: .*--update"):
        Baseline.read(file)


def edit(file: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change what stands in a baseline, as one would who knows of its digest."""
    data = json.loads(file.read_text("utf-8"))
    del data[OWN_DIGEST]
    file.write_text(json.dumps(sealed(change(data))), encoding="utf-8")


def test_an_edit_by_hand_is_seen_under_any_versions(kept: Baseline, tmp_path: Path) -> None:
    file = tmp_path / "drop.json"
    with_versions(kept, numpy="1.0").write(file)
    whole = file.read_text("utf-8")
    for before, after in {
        '"seed": 1': f'"seed": {10**30}',
        '"numpy": "1.0"': '"numpy": "1.1"',
        '"show.orders": [': '"show.orders": [1',
        '"products.serum.demand": [': '"products.serum.demanded": [',
    }.items():
        assert before in whole
        file.write_text(whole.replace(before, after), encoding="utf-8")
        with pytest.raises(UsageError, match=r"drop\.json: is not as it was written: .*--update"):
            Baseline.read(file)
    file.write_text(whole.replace('"seed": 1', '"seed": 1, "seed": 1'), encoding="utf-8")
    with pytest.raises(UsageError, match=r"drop\.json: is damaged"):
        Baseline.read(file)


def test_figures_are_those_of_their_fingerprint(kept: Baseline, now: Summary) -> None:
    fewer = replace(kept, figures={name: kept.figures[name] for name in [*kept.figures][:-1]})
    twice = replace(scaled(kept, orders=2), fingerprint=kept.fingerprint)
    for edited in (twice, fewer):
        verdict, said = against(edited, SCENARIO, now, 0.001)
        assert verdict == "missing" and said.startswith("its figures are not those of its finger")


def test_what_would_be_seen_of_nothing_is_told_in_its_own_unit(
    kept: Baseline, now: Summary
) -> None:
    nothing = with_versions(scaled(kept, orders=0), numpy="1.0")
    few = replace(now, figures={**now.figures, **nothing.figures})
    assert "orders ± 0, profit ± 0.1 %" in against(nothing, SCENARIO, few, 0.001)[1]


def test_a_damaged_one_takes_no_other_show_along(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(SHOW, encoding="utf-8")
    update([tmp_path / "one.yaml", tmp_path / "two.yaml"], workers=1)
    file = tmp_path / "baselines" / "one.json"
    edit(file, _with(seed=-1))
    bad, good = check([tmp_path], Options(workers=1)).findings
    assert (bad.verdict, good.verdict) == ("missing", "holds")
    assert bad.said.startswith(f"{file}: is damaged")


def test_files_are_kept_and_held(tmp_path: Path) -> None:
    file = tmp_path / "drop.yaml"
    file.write_text(SHOW, encoding="utf-8")
    (first,) = update([file], workers=1)
    assert (first.file, first.said) == (str(tmp_path / "baselines" / "drop.json"), "new")
    (finding,) = check([tmp_path], Options(workers=1)).findings
    assert (str(finding.expectation), finding.verdict) == ("baseline holds", "holds")
    edit(Path(first.file), _with(fingerprint="0" * 32))
    (finding,) = check([tmp_path], Options(workers=1)).findings
    assert finding.fails and finding.said.startswith("only the last digits moved")
    whole = Path(first.file).read_text("utf-8")
    Path(first.file).write_text("half")
    assert check([tmp_path], Options(workers=1)).findings[0].verdict == "missing"
    Path(first.file).write_text(whole)
    file.rename(tmp_path / "later.yaml")
    (tmp_path / "later.yaml").write_text(f'{SHOW}expect: [{{serum.demand: "> 0"}}]\n')
    with pytest.warns(UserWarning, match=r"nothing is kept of later\.yaml"):
        later, gone = check([tmp_path], Options(workers=1)).shows
    assert [one.verdict for one in later.findings] == ["holds"]
    assert (gone.file, gone.mistakes[0].what[-28:]) == (first.file, "show that is no longer there")


@pytest.mark.parametrize(
    ("one", "more", "other", "kept"),
    [
        ("room.yaml", "alternatives: {big: {}, small: {}}\n", "room.big.yaml", "room.big"),
        ("a.yml", "", "a.yml.yaml", "a.yml"),
    ],
)
def test_two_shows_have_no_baseline_in_common(
    one: str, more: str, other: str, kept: str, tmp_path: Path
) -> None:
    (tmp_path / one).write_text(SHOW + more, encoding="utf-8")
    before = {Path(found.file).name for found in update([tmp_path / one], workers=1)}
    assert f"{kept}.json" in before
    (tmp_path / other).write_text(SHOW.replace("owned: 10", "owned: 9"), encoding="utf-8")
    whole = (tmp_path / "baselines" / f"{kept}.json").read_text("utf-8")
    for paths in ([tmp_path], [tmp_path / one], [tmp_path / other]):
        refused = [found for found in update(paths, workers=1) if found.show.mistakes]
        named = {found.show.mistakes[0].what for found in refused}
        assert len(named) == len(refused) == (2 if paths == [tmp_path] else 1)
        report = check(paths, Options(workers=1))
        assert {what.what for show in report.shows for what in show.mistakes} == named
    assert all(f"{kept}.json is for the figures of " in what for what in named)
    assert (tmp_path / "baselines" / f"{kept}.json").read_text("utf-8") == whole


def test_beside_a_part_of_a_like_name_an_alternative_is_kept(tmp_path: Path) -> None:
    show = SHOW + "alternatives: {big: {include: [room.big]}, small: {}}\n"
    (tmp_path / "room.yaml").write_text(show, encoding="utf-8")
    (tmp_path / "room.big.yaml").write_text("viewers: 900\n", encoding="utf-8")
    found = update([tmp_path / "room.yaml"], workers=1)
    assert [one.said for one in found] == ["new", "new"]
