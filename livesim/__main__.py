"""The program ``livesim``, or ``python -m livesim``: what Ctrl-C does before there is any work."""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # without the enum of signal's names
import os
import sys

TYPE_CHECKING = False  # that of typing, which takes time before Ctrl-C is heard
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

_INTERRUPTED = 130


def main() -> None:
    """Run a command of the command line."""
    signal.signal(signal.SIGINT, _leave)
    import atexit
    import gc

    sys.unraisablehook = _quietly
    _open_closed_streams()
    # To look for what else is installed and could watch what is read takes 0.1 s.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    ended: list[object] = []
    atexit.register(_end_soon, ended)  # first, so that it is the last that is called
    gc.set_threshold(200_000)  # hardly anything stands in circles, and to look for them takes time
    from livesim.cli import main as command

    try:
        command(prog_name="livesim")
    except SystemExit as end:
        ended.append(end.code)
        raise
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends anyway


def _open_closed_streams() -> None:
    """Give a stream that the caller has closed somewhere to go: libraries write to it unasked."""
    for number, name in enumerate(("stdout", "stderr"), start=1):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.set_inheritable(number, True)  # for processes that are started: it may be the same
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8"))


def _end_soon(ended: list[object]) -> None:
    """After a Ctrl-C end without tidying up the memory, which takes its time."""
    from contextlib import suppress

    if ended == [_INTERRUPTED]:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            with suppress(OSError):
                stream.flush()
        os._exit(_INTERRUPTED)


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
