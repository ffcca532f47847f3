"""What happened: a simulated show's figures, with all that is needed to trust and repeat them.

A `Result` joins the outcomes of the engine to the scenario, the seed and the versions that made
them. It gives tidy tables and a labelled timeline to a notebook, a summary to a machine
(`summary`), and is kept in one folder (`save`, `load`). It stands above the engine and below
whatever shows results.
"""

from livesim.results.folder import load, save
from livesim.results.result import Result
from livesim.results.summary import summary

__all__ = ["Result", "load", "save", "summary"]
