"""Files that coverage leads: bytes are changed where that reaches lines that none has reached yet.

`pip install atheris`, then `python tests/hostile/guided.py -max_total_time=600`; it ends at the
first input that goes wrong, and keeps it. What its options mean: -help=1.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["livesim.scenario", "yaml"]):
    from fuzzing import outcome


def main() -> None:
    """Try inputs until the time is over."""
    atheris.Setup(sys.argv, outcome)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
