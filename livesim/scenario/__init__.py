"""The world of one show: what a planner writes, as frozen data.

:mod:`~livesim.scenario.parts` says what a show is, :mod:`~livesim.scenario.scenario` is the full
form of a file and :mod:`~livesim.scenario.draft` the short one.
Numbers are read in the planner's notation (:mod:`~livesim.scenario.quantities`), may be uncertain
(:mod:`~livesim.scenario.uncertain`), come through the one door for YAML
(:mod:`~livesim.scenario.document`) and are checked against each other
(:mod:`~livesim.scenario.checks`). Nothing here knows how viewers behave.
"""
