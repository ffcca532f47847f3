"""A plan on disk: exact, checked, never half, and decided anew without a simulation."""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from livesim.errors import ResultsError, ScenarioError, UsageError
from livesim.experiment.levels import Reactions
from livesim.experiment.runner import Runner
from livesim.planning import kept
from livesim.planning.building import build_curves
from livesim.planning.columns import curve_columns
from livesim.planning.curves import Curves
from livesim.planning.objectives import LossCap, MostProfit, Service
from livesim.planning.plan import decide_again
from livesim.planning.recommendation import Plan
from livesim.planning.saved import load
from livesim.resolve import Resolution, leaves, reason_of, resolve
from livesim.results import Result
from livesim.results import load as load_result
from livesim.results.answer import write as save
from livesim.scenario.document import parse_document

ROOT = Path(__file__).parents[2]
SHOW = """\
like: drop
title: A quick drop
show: {start: 2026-11-29 20:00, length: 5min, refresh: 10s, currency: CNY}
viewers: 500
watch_time: 2min
deal: {slot_fee: 0, commission: 20%, platform_fee: 5%, guest_fee: 0, shipping: 5}
products:
  serum:
    {price: 100, unit_cost: 30, left_over_value: 10, owned: 10, returns: 10%, forecast: 20,
     variants: {small: {share: 60%}, large: {share: 40%}}}
  mask: {price: 80, unit_cost: 20, left_over_value: 5, owned: 4, returns: 10%, gpm: 900}
supply: {pack: 6, minimum_order: 0}
"""


@pytest.fixture(scope="module")
def resolution() -> Resolution:
    return resolve(parse_document(SHOW))


@pytest.fixture(scope="module")
def plan(resolution: Resolution) -> Plan:
    curves = build_curves(resolution.scenario, replications=100, seed=3, runner=Runner(workers=1))
    return decide_again(curves, MostProfit(), resolution)


@pytest.fixture
def folder(plan: Plan, resolution: Resolution, tmp_path: Path) -> Path:
    return save(plan, tmp_path / "drop", {"figures/note.txt": b"drawn"})


def bits(curves: Curves) -> list[tuple[str, bytes]]:
    found = [(path, values.tobytes()) for path, values in curves.drawn.items()]
    found += [("viewers", curves.viewers.tobytes())]
    for curve in curves.curves:
        found += [(f"{curve.item}", curve.levels.tobytes())]
        for name, figure in curve.figures.items():
            found += [(f"{curve.item.name} {name} {figure.dtype} {figure.shape}", figure.tobytes())]
    return found


@pytest.mark.parametrize("most", [127, 128, 32_768])
def test_the_largest_whole_numbers_of_a_type_come_back(
    plan: Plan, resolution: Resolution, tmp_path: Path, most: int
) -> None:
    """128 is too large for the eight bits that hold -128."""
    first, *others = plan.curves.curves
    sales = np.full_like(first.figures["sales"], most)
    changed = replace(first, figures={**first.figures, "sales": sales})
    curves = replace(plan.curves, curves=(changed, *others))
    again, _ = load(save(decide_again(curves, MostProfit(), resolution), tmp_path / "kept", {}))
    assert bits(again) == bits(curves)


def test_the_round_trip_is_exact(plan: Plan, resolution: Resolution, folder: Path) -> None:
    curves, again = load(folder)
    assert bits(curves) == bits(plan.curves)
    assert curves.scenario.digest == plan.scenario.digest
    assert (curves.seed, curves.reactions) == (3, Reactions())
    assert again == resolution


def test_a_changed_bit_would_be_seen(plan: Plan) -> None:
    figures = dict(plan.curves.curves[0].figures)
    figures["profit"] = figures["profit"].copy()
    figures["profit"][7, 1] = np.nextafter(figures["profit"][7, 1], np.inf)
    first = replace(plan.curves.curves[0], figures=figures)
    changed = replace(plan.curves, curves=(first, *plan.curves.curves[1:]))
    assert bits(changed) != bits(plan.curves)


@pytest.mark.parametrize("objective", [MostProfit(), Service(0.9, 120.0)])
def test_a_saved_plan_decides_like_the_one_that_was_saved(
    plan: Plan, folder: Path, objective: MostProfit | Service
) -> None:
    curves, again = load(folder)
    one, other = (
        decide_again(curves, objective, again),
        decide_again(plan.curves, objective, plan.resolution),
    )
    assert json.dumps(one.document()) == json.dumps(other.document())


#: What one item does to another is simulated, and what none does anything to is told by one show.
SHARING = """\
like: drop
title: A set or a gift
show: {start: 2026-11-29 20:00, length: 5min, refresh: 10s, currency: CNY}
viewers: 500
watch_time: 2min
products:
  serum: {price: 100, unit_cost: 30, left_over_value: 10, owned: 10, forecast: 20 MORE}
  pouch: {price: 9, unit_cost: 8, left_over_value: 4, owned: 6, forecast: 5}
  tint: {price: 50, unit_cost: 9, left_over_value: 5, owned: 4, forecast: 20}
supply: {pack: 6, minimum_order: 0}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [
        ", gift: {product: pouch, first: 8}",
        "}\n  duo: {price: 150, forecast: 8, contains: {serum: 2}",
    ],
    ids=["gift", "bundle"],
)
def test_what_shares_stock_is_kept_bit_for_bit_too(more: str, tmp_path: Path) -> None:
    sharing = resolve(parse_document(SHARING.replace(" MORE", more)))
    curves = build_curves(sharing.scenario, replications=50, seed=3, runner=Runner(workers=1))
    plan = decide_again(curves, LossCap(0.1), sharing)
    read, again = load(save(plan, tmp_path / "plan"))
    assert bits(read) == bits(curves)
    assert read.around == curves.around != ()
    decided = decide_again(read, LossCap(0.1), again)
    assert json.dumps(decided.document()) == json.dumps(plan.document())


def test_whole_numbers_and_constants_take_little_space(plan: Plan, folder: Path) -> None:
    with np.load(folder / "curves.npz") as arrays:
        assert arrays["mask/elsewhere"].shape == (100, 1)
        assert arrays["mask/sales"].dtype.itemsize <= 2
        assert (arrays["mask/sales"] == plan.curves.curves[2].figures["sales"]).all()
        assert arrays["mask/profit"].dtype == np.float64


def test_no_bit_is_lost_to_a_smaller_type(
    plan: Plan, resolution: Resolution, tmp_path: Path
) -> None:
    figures = dict(plan.curves.curves[0].figures)
    figures["lost"] = figures["lost"] + np.array([[2**40 + 1]])
    figures["gmv"] = np.full_like(figures["gmv"], 0.1)
    figures["nmv"] = np.zeros_like(figures["nmv"])
    figures["nmv"][3, 2] = -0.0
    first = replace(plan.curves.curves[0], figures=figures)
    large = replace(plan.curves, curves=(first, *plan.curves.curves[1:]))
    folder = save(replace(plan, curves=large), tmp_path / "large")
    assert bits(load(folder)[0]) == bits(large)


def test_what_else_is_in_the_folder(plan: Plan, folder: Path) -> None:
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {
        *("manifest.json", "scenario.yaml", "curves.npz", "stock_curves.csv", "plan.json"),
        "figures/note.txt",
    }
    assert json.loads((folder / "plan.json").read_text("utf-8")) == plan.document()
    text = (folder / "scenario.yaml").read_text("utf-8")
    assert "# history: forecast makes" in text
    assert resolve(parse_document(text)).scenario.digest == plan.scenario.digest


def test_the_table_has_a_row_a_level_and_says_never_by_saying_nothing(
    plan: Plan, folder: Path
) -> None:
    with (folder / "stock_curves.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == sum(len(curve.levels) for curve in plan.curves.curves)
    assert {row["item"] for row in rows} == {"serum.small", "serum.large", "mask"}
    last = rows[-1]
    assert float(last["sold_out"]) < 0.1
    assert last["unavailable_after_p50"] == ""
    profit = plan.curves.curves[2].figures["profit"][:, -1]
    assert float(last["earns"]) == pytest.approx(profit.mean())


def test_a_notebook_gets_the_same_table(plan: Plan) -> None:
    table = pd.DataFrame(curve_columns(plan.curves))
    mask = table[table["item"] == "mask"]
    assert mask["units"].tolist() == plan.curves.curves[2].levels.tolist()
    assert np.isinf(mask["unavailable_after_p50"].iloc[-1])


# --- Levers ---------------------------------------------------------------------------------------


def test_the_purchase_may_respect_something_else(folder: Path) -> None:
    curves, resolution = load(folder, {"supply.pack": 10, "supply.budget": "50"})
    assert {item.pack for item in curves.items} == {10}
    assert curves.scenario.supply.budget == 50
    assert resolution.scenario == curves.scenario
    assert str(reason_of(resolution.reasons, ("supply", "budget"))) == "given: changed"
    assert all(reason_of(resolution.reasons, path) for path in leaves(curves.scenario))
    assert sum(item.cost for item in decide_again(curves, MostProfit()).items) <= 50


def test_the_terms_of_one_product_may_change(folder: Path) -> None:
    curves, _ = load(folder, {"products.serum.supply": {"pack": 7, "minimum_order": 14}})
    terms = {item.product: (item.pack, item.minimum_order) for item in curves.items}
    assert terms.pop("serum") == (7, 14)
    assert (7, 14) not in terms.values()


def test_price_breaks_take_a_simulation(folder: Path) -> None:
    with pytest.raises(UsageError, match="price breaks of mask cannot change"):
        load(folder, {"products.mask.supply": {"price_breaks": {"100": 0.01}}})


def test_a_plan_can_be_saved_after_a_change(folder: Path, tmp_path: Path) -> None:
    curves, resolution = load(folder, {"supply.budget": 50})
    saved = save(decide_again(curves, MostProfit(), resolution), tmp_path / "again")
    again, _ = load(saved)
    assert again.scenario.supply.budget == 50
    assert bits(again) == bits(curves)


@pytest.mark.parametrize(
    "path", ["products.serum.price", "show.appeal", "deal.commission", "products.supply.owned"]
)
def test_whatever_takes_a_simulation_is_refused(folder: Path, path: str) -> None:
    with pytest.raises(UsageError, match=rf"{path} cannot change in a saved plan.*supply"):
        load(folder, {path: 1})


def test_a_lever_that_does_not_exist_is_a_mistake(folder: Path) -> None:
    with pytest.raises(ScenarioError, match="budgt"):
        load(folder, {"supply.budgt": 1})


# --- Wrong and damaged folders --------------------------------------------------------------------


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"no such folder: livesim plan SCENARIO --out FOLDER"):
        load(tmp_path / "nowhere")


def test_a_result_is_not_a_plan_nor_a_plan_a_result(
    result: Result, plan: Plan, resolution: Resolution, folder: Path, tmp_path: Path
) -> None:
    other = save(result, tmp_path / "result")
    with pytest.raises(ResultsError, match="is a livesim result, not a livesim plan"):
        load(other)
    with pytest.raises(ResultsError, match="is a livesim result, not a livesim plan"):
        save(plan, other)
    with pytest.raises(ResultsError, match="is a livesim plan, not a livesim result"):
        load_result(folder)
    with pytest.raises(ResultsError, match="is a livesim plan, not a livesim result"):
        save(result, folder)
    assert load(folder)


@pytest.mark.parametrize("text", ["", "[1]", '{"kind": "plan", "format": 2}', '{"form'])
def test_a_damaged_manifest(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ResultsError, match=r"is damaged.*: restore it, or plan the scenario again"):
        load(folder)


def test_another_format(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": 1}))
    with pytest.raises(
        ResultsError, match=r"does not read it: run its scenario again .*:\n  livesim plan"
    ):
        load(folder)


@pytest.mark.parametrize("name", ["curves.npz", "scenario.yaml"])
def test_a_missing_or_changed_file(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ResultsError, match=f"{name}: is not as it was written"):
        load(folder)
    (folder / name).unlink()
    with pytest.raises(ResultsError, match=f"{name} is missing: restore it, or plan"):
        load(folder)


def test_a_plan_is_replaced_whole_and_nothing_is_left_beside_it(
    plan: Plan, resolution: Resolution, folder: Path
) -> None:
    save(plan, folder, {"figures/new.txt": b"new"})
    assert [path.name for path in (folder / "figures").iterdir()] == ["new.txt"]
    assert [path.name for path in folder.parent.iterdir()] == ["drop"]


def test_an_interrupt_while_writing_leaves_the_earlier_plan(
    plan: Plan, resolution: Resolution, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(kept, "ZipFile", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(plan, folder)
    assert bits(load(folder)[0]) == bits(plan.curves)
    assert [path.name for path in folder.parent.iterdir()] == ["drop"]


@pytest.mark.slow
def test_deciding_anew_loads_nothing_heavy(folder: Path) -> None:
    program = (
        "import sys; from livesim.cli import main; "
        "main(['plan', sys.argv[1], '--objective', 'fill=90%', '--json'], standalone_mode=False); "
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stderr.split())
    assert "numpy" in loaded
    assert not loaded & {"pandas", "matplotlib", "pyarrow", "xarray", "loky", "rich"}
    assert json.loads(done.stdout)["objective"] == "fill=90%"
