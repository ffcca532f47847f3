"""The program ``livesim``, or ``python -m livesim``: what Ctrl-C does before there is any work."""

import os
import signal
import sys
from types import FrameType
from typing import Any

_INTERRUPTED = 130


def main() -> None:
    """Run a command of the command line."""
    signal.signal(signal.SIGINT, _leave)
    sys.unraisablehook = _quietly
    from livesim.cli import main as command

    try:
        command(prog_name="livesim")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends anyway


def _leave(number: int, frame: FrameType | None) -> None:
    """End at once: nothing can be lost yet, and an exception would be a traceback in an import."""
    os.write(2, b"Interrupted; nothing was kept.\n")
    os._exit(_INTERRUPTED)


def _quietly(fault: Any) -> None:
    """Say nothing of a Ctrl-C that came where Python drops exceptions: it was noted."""
    if fault.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(fault)


if __name__ == "__main__":
    main()
