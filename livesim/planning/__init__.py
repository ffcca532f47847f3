"""The planner's question: how many units, and what being wrong costs.

A stock curve says what every number of units would have come to (`curves`, built by `building`); a
decision chooses from curves by an objective (`deciding`). This package stands above `experiment`
and below whatever shows a plan.
"""
