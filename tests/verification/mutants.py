"""Break the program in every registered way: ``python tests/verification/mutants.py``.

Prints which check caught each mutant, and by what; fails if one survived. ``--only TEXT`` takes
those whose name or check holds a text, ``--seed`` another seed.
"""

from __future__ import annotations

import argparse
import sys

import pytest
import suite
from checks import SEED, Mutant


def caught(mutant: Mutant, seed: int) -> str | None:
    """Break the program, run the check that must catch it, and return what it says."""
    with pytest.MonkeyPatch.context() as patch:
        mutant.breaks(patch)
        try:
            suite.CHECKS[mutant.caught_by].run(seed)
        except AssertionError as found:
            return (str(found).strip() or "an assertion").splitlines()[0]
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description="Break the program; print which check sees it.")
    parser.add_argument("--only", default="", help="mutants whose name or check holds this text")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    survivors = 0
    for mutant in suite.MUTANTS.values():
        if asked.only in mutant.name or asked.only in mutant.caught_by:
            found = caught(mutant, asked.seed)
            survivors += found is None
            print(f"{mutant.name}\n    {mutant.caught_by}\n    {found or 'SURVIVED'}", flush=True)
    print(f"{survivors} survived" if survivors else "All were caught.")
    sys.exit(survivors > 0)


if __name__ == "__main__":
    main()
