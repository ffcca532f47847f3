"""Let these tests import what they share."""

import sys
from pathlib import Path

if str(Path(__file__).parent) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parent))

# Looked through for doctests, it would need a library that is not on every machine.
collect_ignore = ["guided.py"]
