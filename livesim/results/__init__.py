"""What happened: a simulated show's figures, with all that is needed to trust and repeat them.

A `Result` joins the outcomes of the engine to the scenario, the seed and the versions that made
them. Like every `Answer` it gives tidy tables to a notebook, a document to a program, figures and
a page to people, and is kept in one folder, which `load` reads. It stands above the
engine and below whatever shows results.
"""

from livesim.results.result import Result
from livesim.results.saved import load

__all__ = ["Result", "load"]
