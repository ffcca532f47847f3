"""The suite's options, and results for the tests of what comes after a simulation.

``pytest`` runs the fast part of the verification suite, ``pytest -m verification`` all of it, and
with ``--fresh-seed`` on luck that nobody has seen. ``pytest -m slow`` runs what takes seconds each:
notebooks, the README's commands, the reference scenarios, and whatever else is marked so. CI runs
the first and the last.

The made results are random numbers of the right kinds and shapes: quick to make, and free to hold
what an engine would seldom give (a product that is never sold out, a slot that never starts).
"""

import os
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import livesim
from livesim.engine.outcome import Outcome
from livesim.experiment import runner, store
from livesim.randomness import generator
from livesim.results import Result
from livesim.scenario.scenario import Scenario


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("livesim")
    group.addoption("--seed", type=int, help="seed of the verification suite")
    group.addoption(
        "--fresh-seed",
        action="store_true",
        help="draw a new seed for the verification suite, and print it",
    )


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        config.option.seed = config.workerinput["seed"]
    elif config.option.fresh_seed and config.option.seed is None:
        config.option.seed = secrets.randbelow(2**32)
    worker, workers = hasattr(config, "workerinput"), getattr(config.option, "numprocesses", None)
    cache = getattr(config, "cache", None)
    # Workers share it themselves, once they have loaded the libraries that are compiled already.
    if cache is not None and (worker or not workers):
        _share_bytecode(cache)


def _share_bytecode(cache: pytest.Cache) -> None:
    """Compile livesim and its tests once, for this run and the next, and leave nothing beside them.

    Collecting takes twice as long without, in every process of pytest-xdist.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        kept = str(cache.mkdir("bytecode"))
        os.environ["PYTHONPYCACHEPREFIX"] = kept
        sys.pycache_prefix, sys.dont_write_bytecode = kept, False


@pytest.fixture(scope="session", autouse=True)
def one_worker() -> Iterator[None]:
    """Simulate in this process where a test does not say how many workers there are.

    Starting others takes longer than most of the shows here, and pytest-xdist has the processors
    busy anyway.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module in (runner, store):
            patch.setattr(module, "processors", lambda: 1)
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give a worker of pytest-xdist the seed of all."""
    node.workerinput["seed"] = node.config.option.seed


def pytest_report_header(config: pytest.Config) -> str | None:
    seed = config.option.seed
    return None if seed is None else f"verification: seed {seed}, again with --seed {seed}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [
        item
        for item in items
        if not _all_of_verification(config)
        and (
            item.get_closest_marker("thorough")
            or (item.get_closest_marker("slow") and "slow" not in config.option.markexpr)
        )
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    seed = config.option.seed
    if seed is not None:
        terminalreporter.write_line(f"verification: seed {seed}, again with --seed {seed}")
    if not _all_of_verification(config):
        terminalreporter.write_line("verification: fast part; all of it: pytest -m verification")
    if "slow" not in config.option.markexpr:
        terminalreporter.write_line("notebooks, README, reference shows and more: pytest -m slow")


def _all_of_verification(config: pytest.Config) -> bool:
    """Say whether what is too slow for every day is asked for."""
    return any(name in config.option.markexpr for name in ("verification", "thorough"))


MOMENTS = 25

MONEY_FIGURES = ("gmv", "nmv", "deposits_kept", "guest_fee", "slot_fee_refund", "profit")
AUDIENCE_FIGURES = (
    *("page_views", "unique_viewers", "peak_concurrent", "peak_at", "mean_watch_time"),
    *("orders", "peak_orders_per_second"),
)
SEGMENT_FIGURES = ("reach", "unique_viewers", "watching_at_end", "left")
VARIANT_UNITS = (
    *("put_on_sale", "demand", "claimed", "sales"),
    *("lost", "lapsed", "left_over", "orders"),
)
PRODUCT_UNITS = (*VARIANT_UNITS, "potential_demand", "cancelled", "returned", "backordered")
PRODUCT_MONEY = (
    *("gmv", "nmv", "cost_of_goods", "commission", "platform_fee", "shipping", "return_freight"),
    *("slot_fee", "goodwill", "deposits_kept", "left_over_value", "profit"),
)


@pytest.fixture(scope="session")
def scenarios() -> Path:
    """The folder of the reference scenarios."""
    return Path(__file__).parent.parent / "scenarios"


@pytest.fixture(scope="session")
def brand_room(scenarios: Path) -> Scenario:
    return livesim.load(scenarios / "brand_room.yaml")


@pytest.fixture(scope="session")
def scenario(brand_room: Scenario) -> Scenario:
    """The brand room, its serum in two sizes."""
    sizes = {"small": {"share": "60%"}, "large": {"share": "40%"}}
    return brand_room.with_changes({"products.serum.variants": sizes})


@pytest.fixture(scope="session")
def result(scenario: Scenario) -> Result:
    return made_result(scenario)


@pytest.fixture(scope="session")
def made() -> Callable[[Scenario], Result]:
    """Make the result of any scenario, without an engine."""
    return made_result


def made_result(scenario: Scenario, replications: int = 100) -> Result:
    """Return a result whose figures no engine made."""
    outcome = made_outcome(scenario, replications)
    versions = {"livesim": "0.1.0", "python": "3.13.0"}
    return Result(scenario, 7, replications, "cohort", outcome, versions, ("Something assumed.",))


def made_outcome(scenario: Scenario, replications: int) -> Outcome:
    random = generator(0, "a made outcome")
    products = len(scenario.products)
    variants = sum(len(product.variants) or 1 for product in scenario.products.values())

    def counts(*shape: int) -> np.ndarray:
        return random.integers(0, 1000, (replications, *shape))

    def money(*shape: int) -> np.ndarray:
        return random.normal(1000, 2000, (replications, *shape))

    def times(*shape: int) -> np.ndarray:
        drawn = random.uniform(0, scenario.show.length, (replications, *shape))
        return np.where(random.random(drawn.shape) < 0.3, np.inf, drawn)

    by_moment = np.linspace(0, scenario.show.length, MOMENTS)
    lengths = [slot.length for slot in scenario.rundown.values()]
    starts = np.tile(np.cumsum([0, *lengths[:-1]], dtype=float), (replications, 1))
    starts[0, -1] = np.inf
    left = np.sort(counts(MOMENTS, products), axis=1)[:, ::-1]
    return Outcome(
        inputs={path: random.random(replications) for path in scenario.uncertain()},
        shows={
            **{name: counts() for name in AUDIENCE_FIGURES},
            **{name: money() for name in MONEY_FIGURES},
        },
        segments={name: counts(len(scenario.segments)) for name in SEGMENT_FIGURES},
        products={
            **{name: counts(products) for name in PRODUCT_UNITS},
            **{name: money(products) for name in PRODUCT_MONEY},
            "link_at": np.full((replications, products), 60.0),
            "sold_out_at": 60.0 + times(products),
            "unavailable_at": 60.0 + times(products),
            "unavailable": generator(0, "unavailable").random((replications, products)),
        },
        variants={
            **{name: counts(variants) for name in VARIANT_UNITS},
            "sold_out_at": times(variants),
            "unavailable_at": times(variants),
        },
        timeline={
            "times": by_moment,
            "concurrent": counts(MOMENTS),
            "arrivals": np.cumsum(counts(MOMENTS), axis=1),
            "orders": np.cumsum(counts(MOMENTS), axis=1),
            "on_hand": left,
            "reserved": counts(MOMENTS, products),
            "paid": counts(MOMENTS, products),
            "slot_starts": starts,
        },
    )
