"""Every figure that run, plan and compare print can be expected by its path in the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pydantic import TypeAdapter

import livesim
from livesim.checking.bounds import measured, no_such_figure
from livesim.checking.deciding import planned
from livesim.checking.figures import no_figures, samples
from livesim.checking.searched import Look
from livesim.checking.testing import Sample
from livesim.experiment.blocks import Block
from livesim.experiment.runner import Runner
from livesim.planning.building import build_curves
from livesim.planning.plan import decide_again
from livesim.results.figures import flat
from livesim.scenario.expecting import Expectation, Expectations
from livesim.scenario.scenario import Scenario

SHORT = {"show.length": "20min", "show.refresh": "20s", "supply.minimum_order": 0}
ROOM = livesim.load("scenarios/brand_room.yaml", SHORT)
#: What tells how sure a figure is, a range of two numbers, or what the program was told.
_NONE = ("half_width", "low", "high", "significant", "same", "narrowing")
_SECTIONS = ("show", "products", "rooms", "campaign")
_OF_TEXT = ("unit", "statistic", "exact")


def numbers(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what stands at the end of each path of a document."""
    for name, found in tree.items():
        if isinstance(found, Mapping):
            yield from numbers(found, f"{above}{name}.")
        elif name not in _OF_TEXT:
            yield above + name, found


def is_error_bar(path: str) -> bool:
    last = path.rpartition(".")[2]
    return last in _NONE or last.endswith(("_interval", "_range"))


def read(path: str) -> Expectation:
    (line,) = TypeAdapter(Expectations).validate_python([{path: "> 0"}])
    return line


def of_run(show: Scenario, paths: list[str]) -> dict[str, float]:
    """Return figures as check knows them after 50 shows; what never has a mean is None."""
    found = samples(1, (show, paths, Block(0, 50)))
    told = {}
    for path, one in found.items():
        assert isinstance(one, Sample), one
        mean_of_never = one.statistic == "mean" and one.values.max() == float("inf")
        told[path] = None if mean_of_never else one.interval(0.025)[0]
    return told


def as_told(value: Any) -> Any:
    return float("inf") if value is None else pytest.approx(value)


_SEEDED = pytest.param("seeding_koc", marks=pytest.mark.slow)


@pytest.mark.parametrize("name", ["brand_room", _SEEDED, "gala_rooms"])
def test_every_figure_of_a_run_has_its_value(name: str) -> None:
    show = livesim.load(f"scenarios/{name}.yaml", {"show.length": "20min"})
    document = livesim.simulate(show, replications=50, workers=1).document()
    parts = {key: document[key] for key in _SECTIONS if key in document}
    told = {path: value for path, value in numbers(parts) if not is_error_bar(path)}
    found = of_run(show, [read(path).figure for path in told])
    for path, value in told.items():
        if value is None and found[path] is None:
            continue
        assert found[path] == as_told(value), path
        assert not no_such_figure(read(path), path, show, None), path


def test_every_figure_of_a_comparison_has_its_value() -> None:
    other = ROOM.with_changes({"products.serum.owned": 12, "products.serum.price": 199})
    document = livesim.compare(
        {"base": ROOM, "other": other}, replications=50, workers=1
    ).document()
    parts = {key: document[key] for key in ("show", "products")}
    told = {path: value for path, value in numbers(parts) if not is_error_bar(path)}
    assert len(told) > 100
    paths = [measured(read(path)) for path in told]
    first, second = (samples(1, (show, paths, Block(0, 50))) for show in (ROOM, other))
    for path, value in told.items():
        line = read(path)
        assert line.compared, path
        own = {"base": first, "other": second}[line.compared.show][measured(line)]
        assert isinstance(own, Sample)
        base = first[measured(line)]
        assert isinstance(base, Sample)
        if line.compared.difference:
            apart = own.minus(base).interval(0.025)[0]
            assert (abs(apart) if value is None else apart) == as_told(value), path
        elif value is not None or own.statistic != "mean":
            assert own.interval(0.025)[0] == as_told(value), path


def test_every_figure_of_a_plan_has_its_value_or_says_why_not() -> None:
    sizes = {
        "products.serum.variants": {"s": {"share": 0.5}, "m": {"share": 0.5}},
        "products.mask.left_over": {"per_week": 9, "weeks": 6, "price": 90},
    }
    show = ROOM.with_changes(sizes)
    curves = build_curves(show, replications=50, seed=1, runner=Runner(workers=1))
    document = decide_again(curves).document()
    wanted = ("products", "purchase", "choices", "value_of_perfect_information")
    parts = {key: document[key] for key in wanted}
    told = {path: value for path, value in numbers(parts, "plan.") if not is_error_bar(path)}
    assert any(".goes_back" in path or ".weeks_left" in path for path in told)
    found, refused = planned(curves, [], look=Look(50, 0.01, Runner(workers=1))), []
    for path, value in told.items():
        if why := no_such_figure(read(path), path, show, None):
            refused.append(path)
            assert "without an error" in why or "without its error" in why, why
        elif value is not None:
            assert found.figure(path).interval(0.025)[0] == as_told(value), path
    rule = "plan.choices.forecast × 1.3.units"
    assert refused == ["plan.purchase.rounding_cost", *(p for p in told if p.startswith(rule))]


@pytest.mark.parametrize(
    ("path", "instead"),
    [
        ("profit.half_width", "write profit and"),
        ("serum.sold_out.low", "write serum.sold_out and"),
        ("show.profit.p10_interval", "write show.profit and"),
        ("show.profit.differences.other.low", "write show.profit.differences.other and"),
        ("show.profit.values.low.half_width", "write show.profit.values.low and"),
        ("plan.serum.simulation_interval", "write plan.serum.recommended and"),
        ("plan.serum.good_range", "write plan.serum.recommended"),
        ("plan.simulation_error", "write plan.buy and"),
    ],
)
def test_an_error_bar_is_refused_with_the_figure_to_write(path: str, instead: str) -> None:
    assert instead in no_such_figure(read(path), measured(read(path)), ROOM, None)


def test_names_that_look_like_error_bars_are_names() -> None:
    serum = {"price": 299, "unit_cost": 80, "orders_per_1000": 20}
    low = livesim.load("scenarios/brand_room.yaml", {"products.low": serum})
    for path in ("show.profit.differences.low", "low.sold_out", "plan.choices.now.units.low"):
        assert not no_such_figure(read(path), measured(read(path)), low, None), path


@pytest.mark.parametrize("name", ["brand_room", _SEEDED, "gala_rooms", "luo_debut"])
def test_before_there_is_a_show_its_figures_have_the_same_names(name: str) -> None:
    show = livesim.load(f"scenarios/{name}.yaml")
    paths = [path for path, _ in flat(no_figures(show))]
    assert not [
        str(one)
        for one in samples(1, (show, paths, Block(0, 50))).values()
        if not isinstance(one, Sample)
    ]
