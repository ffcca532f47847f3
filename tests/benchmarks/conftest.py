"""Let the benchmark's files import each other under pytest as they do as a script."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
