"""The whole suite: importing it registers every check and every mutant."""

import closed_forms
import engine_mutants
import few_viewers
import identities
import ledger
import one_viewer
import placed_orders
import presales
import purchases
import refresh
import run_sheet
import same_law
import seeding
import shared_stock
import waiting
from checks import CHECKS, MUTANTS

__all__ = [
    "CHECKS",
    "MUTANTS",
    "closed_forms",
    "engine_mutants",
    "few_viewers",
    "identities",
    "ledger",
    "one_viewer",
    "placed_orders",
    "presales",
    "purchases",
    "refresh",
    "run_sheet",
    "same_law",
    "seeding",
    "shared_stock",
    "waiting",
]
