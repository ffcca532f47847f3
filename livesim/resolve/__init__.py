"""From what people know to what the model needs.

A planner writes last show's dashboard; the model needs hazards and probabilities. :func:`load`
reads the one and gives the other: templates fill in what is left out, history is inverted into the
model's quantities, and every value can say where it comes from (:func:`resolve_file`,
:func:`explained`). Whatever is resolved is itself a valid file, and resolving that changes nothing.
"""

from livesim.resolve.derivation import Reason, leaves, reason_of
from livesim.resolve.keys import Key, all_keys, keys_at
from livesim.resolve.reference import Reference, reference_text, references
from livesim.resolve.resolving import Resolver, alternatives, load, resolve, resolve_file
from livesim.resolve.schema import json_schema
from livesim.resolve.starter import starter
from livesim.resolve.templates import TEMPLATES
from livesim.resolve.why import (
    Resolution,
    below_cost,
    dearer_left_over,
    explained,
    remarks_of,
    summary_of,
    too_late,
    unaffordable,
    uncalled,
    unplanned,
)

__all__ = [
    "TEMPLATES",
    "Key",
    "Reason",
    "Reference",
    "Resolution",
    "Resolver",
    "all_keys",
    "alternatives",
    "below_cost",
    "dearer_left_over",
    "explained",
    "json_schema",
    "keys_at",
    "leaves",
    "load",
    "reason_of",
    "reference_text",
    "references",
    "remarks_of",
    "resolve",
    "resolve_file",
    "starter",
    "summary_of",
    "too_late",
    "unaffordable",
    "uncalled",
    "unplanned",
]
