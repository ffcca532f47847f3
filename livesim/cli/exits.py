"""How a command ends: what is said, and the exit code.

A mistake of the user gets its message and no traceback; a fault of livesim gets one line and the
way to the traceback; a reader that closes the pipe (``| head``) and Ctrl-C end the command quietly.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import Any

import click

from livesim.errors import LivesimError

MISTAKE = 2
FAULT = 3
INTERRUPTED = 130
"""128 + SIGINT, as shells count."""
PIPE_CLOSED = 141
"""128 + SIGPIPE, as shells count."""

_DEBUG = "LIVESIM_DEBUG"


class Commands(click.Group):
    """A group of commands that turns exceptions into messages and exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            click.echo("Interrupted; nothing was kept.", err=True)
            ctx.exit(INTERRUPTED)
        except LivesimError as error:
            click.echo(str(error), err=True)
            ctx.exit(MISTAKE)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
                click.echo(f"the output cannot be written: {error.strerror}", err=True)
                ctx.exit(MISTAKE)
            if error.errno != errno.EPIPE:
                _confess(error)
                ctx.exit(FAULT)
            # Python would complain when it flushes the closed pipe on its way out.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(PIPE_CLOSED)
        except Exception as error:
            _confess(error)
            ctx.exit(FAULT)


def _confess(error: Exception) -> None:
    if os.environ.get(_DEBUG):
        import traceback

        traceback.print_exception(error)
        return
    what = " ".join(f"{type(error).__name__}: {error}".split())
    click.echo(f"livesim failed, and it is not your mistake: {what}", err=True)
    click.echo(f"Run it again with {_DEBUG}=1 in the environment to see where.", err=True)
