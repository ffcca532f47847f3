"""How many units a live-stream shopping show should have, and what happens if we are wrong.

    import livesim

    scenario = livesim.load("scenarios/brand_room.yaml")
    result = livesim.simulate(scenario, replications=1000, seed=1)
    result.products

    plan = livesim.plan(scenario)
    plan.items

Importing livesim is light: each name below is imported from its part when it is first used.
"""

from __future__ import annotations

from livesim.version import __version__

TYPE_CHECKING = False  # that of typing, which takes time before Ctrl-C is heard
if TYPE_CHECKING:
    from typing import Any

    from livesim import figures
    from livesim.engine.state import State
    from livesim.errors import (
        HistoryError,
        Interrupted,
        LivesimError,
        ResultsError,
        ScenarioError,
        UsageError,
    )
    from livesim.experiment.comparing import compare
    from livesim.experiment.comparison import Comparison
    from livesim.experiment.journeys import journeys
    from livesim.experiment.seen import state_seen
    from livesim.experiment.states import state_at
    from livesim.experiment.store import Store
    from livesim.experiment.study import simulate
    from livesim.experiment.sweeping import sweep
    from livesim.experiment.swept import Sweep
    from livesim.explaining.explaining import explain
    from livesim.explaining.explanation import Explanation
    from livesim.history import History
    from livesim.learning import Backtest, Calibration, backtest, calibrate
    from livesim.planning.incubating import incubate
    from livesim.planning.incubation import Incubation
    from livesim.planning.live import LivePlan, replan
    from livesim.planning.plan import decide_again, plan
    from livesim.planning.recommendation import Plan
    from livesim.resolve import load
    from livesim.results import Result
    from livesim.scenario.scenario import Scenario

__all__ = [
    "Backtest",
    "Calibration",
    "Comparison",
    "Explanation",
    "History",
    "HistoryError",
    "Incubation",
    "Interrupted",
    "LivePlan",
    "LivesimError",
    "Plan",
    "Result",
    "ResultsError",
    "Scenario",
    "ScenarioError",
    "State",
    "Store",
    "Sweep",
    "UsageError",
    "__version__",
    "backtest",
    "calibrate",
    "compare",
    "decide_again",
    "explain",
    "figures",
    "incubate",
    "journeys",
    "load",
    "plan",
    "replan",
    "simulate",
    "state_at",
    "state_seen",
    "sweep",
]

_HOMES = {
    "Backtest": "livesim.learning",
    "Calibration": "livesim.learning",
    "Comparison": "livesim.experiment.comparison",
    "Explanation": "livesim.explaining.explanation",
    "History": "livesim.history",
    "HistoryError": "livesim.errors",
    "Incubation": "livesim.planning.incubation",
    "Interrupted": "livesim.errors",
    "LivePlan": "livesim.planning.live",
    "LivesimError": "livesim.errors",
    "Plan": "livesim.planning.recommendation",
    "Result": "livesim.results",
    "ResultsError": "livesim.errors",
    "Scenario": "livesim.scenario.scenario",
    "ScenarioError": "livesim.errors",
    "State": "livesim.engine.state",
    "Store": "livesim.experiment.store",
    "Sweep": "livesim.experiment.swept",
    "UsageError": "livesim.errors",
    "backtest": "livesim.learning",
    "calibrate": "livesim.learning",
    "compare": "livesim.experiment.comparing",
    "decide_again": "livesim.planning.plan",
    "explain": "livesim.explaining.explaining",
    "figures": "",  # a part itself
    "incubate": "livesim.planning.incubating",
    "journeys": "livesim.experiment.journeys",
    "load": "livesim.resolve",
    "plan": "livesim.planning.plan",
    "replan": "livesim.planning.live",
    "simulate": "livesim.experiment.study",
    "state_at": "livesim.experiment.states",
    "state_seen": "livesim.experiment.seen",
    "sweep": "livesim.experiment.sweeping",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its part when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'livesim' has no attribute {name!r}")
    from importlib import import_module

    home = _HOMES[name]
    value = getattr(import_module(home), name) if home else import_module(f"livesim.{name}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
