"""The command line.

One file a group of commands; each command imports what it needs when it runs, so that ``livesim
--help`` answers at once. Commands read options, call the package and print: whatever can be
computed is computed elsewhere. How mistakes and faults become messages and exit codes is in
`exits`.
"""

import click

from livesim.cli.backtest import backtest
from livesim.cli.calibrate import calibrate
from livesim.cli.check import check
from livesim.cli.compare import compare
from livesim.cli.exits import Commands
from livesim.cli.explain import explain
from livesim.cli.files import keys, list_references, new, resolve, schema, validate
from livesim.cli.import_ import import_
from livesim.cli.incubate import incubate
from livesim.cli.journeys import journeys
from livesim.cli.live import live
from livesim.cli.options import examples
from livesim.cli.plan import plan
from livesim.cli.run import run
from livesim.cli.store import store
from livesim.cli.sweep import sweep
from livesim.version import __version__


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "livesim new my_show.yaml       write a commented starter",
        "livesim keys                   see all that it can say",
        "livesim validate my_show.yaml  check it",
        "livesim plan my_show.yaml      say how many units to have, and what if that is wrong",
        "livesim run my_show.yaml       simulate it and read what happens to the stock",
    ),
)
@click.version_option(__version__, message="livesim %(version)s")
def main() -> None:
    """How many units a live-stream shopping show should have, and what happens if we are wrong.

    A SCENARIO is a file (YAML, or a workbook as livesim new --sheet writes it), the name of a
    reference scenario (livesim list), or - for the standard input. A link to a file is read as the
    file; named pipes, sockets and devices are not read.

    Ctrl-C ends a command and keeps what is done by then. In its first 30 ms, longer on a busy
    machine, Python itself starts and may answer with a traceback of its own.

    Exit codes: 0 fine, 2 wrong usage or scenario, 3 a fault of livesim, 5 workers or a cluster
    were lost and the answer is of what was done by then, 130 interrupted; 1 and 4 say what livesim
    check found.
    """


for command in (
    new,
    list_references,
    validate,
    resolve,
    keys,
    schema,
    run,
    check,
    compare,
    sweep,
    plan,
    live,
    explain,
    incubate,
    import_,
    journeys,
    calibrate,
    backtest,
    store,
):
    main.add_command(command)
