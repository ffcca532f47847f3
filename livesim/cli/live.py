"""The command that plans the rest of a show while it is on the air."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from livesim.cli.exits import INTERRUPTED, show_found
from livesim.cli.given import Output
from livesim.cli.notation import changes
from livesim.cli.options import (
    FilePath,
    command,
    document_option,
    full_option,
    language_option,
    seed_option,
    set_option,
)
from livesim.cli.terminal import interruptible

#: Seconds between two looks at a file that grows.
_LOOK = 1.0


@command(
    "livesim live plans/my_show --at 10min --viewers 21_000 --orders 640 --left serum=70",
    "livesim live plans/my_show --seen minutes.csv --follow",
    "livesim live plans/my_show --seen minutes.csv --top-up serum=200@20min",
    "livesim live my_show.yaml --at 10min --left serum=70 --set products.serum.owned=120",
    "livesim live plans/my_show --seen minutes.csv --json | jq .options",
    short="Say what to do now with a show that is on the air.",
)
@click.option(
    "--seen",
    "file",
    type=FilePath(path_type=Path),
    metavar="FILE",
    help="CSV of what was counted, a row a moment, each from the start of the show on: at (or "
    "minute), viewers, watching, orders, left NAME, sold NAME. What was not counted stays empty.",
)
@click.option(
    "--at",
    metavar="TIME",
    help="How long the show is on the air, as in 10min: what --viewers to --sold are counts of.",
)
@click.option("--viewers", metavar="COUNT", help="Unique viewers so far.")
@click.option("--watching", metavar="COUNT", help="Concurrent viewers now.")
@click.option("--orders", metavar="COUNT", help="Orders so far, of all products.")
@click.option(
    "--left", multiple=True, metavar="NAME=UNITS", help="Units on hand now; may be repeated."
)
@click.option(
    "--sold",
    multiple=True,
    metavar="NAME=UNITS",
    help="Units in the show's orders so far, where that is what is known, or beside --left where a "
    "webshop sells of them, too; may be repeated.",
)
@click.option(
    "--top-up",
    "top_ups",
    multiple=True,
    metavar="NAME=UNITS@TIME",
    help="Units that could be ordered now, and after what time they come; may be repeated.",
)
@click.option(
    "--called",
    multiple=True,
    metavar="NAME=TIME",
    help="When a reserve that was called, by its rule or by hand before it, comes or has come, as "
    "in serum.reserve=12min; may be repeated.",
)
@click.option("--absent", multiple=True, metavar="PERSON", help="Who should be there and is not.")
@click.option("--follow", is_flag=True, help="Answer anew when FILE grows, until Ctrl-C.")
@click.option(
    "--shows",
    default=100,
    show_default=True,
    type=click.IntRange(2, 250),
    help="Shows that are simulated to their end: fewer are faster.",
)
@seed_option
@click.option(
    "--out",
    "places",
    multiple=True,
    type=FilePath(path_type=Path),
    metavar="FOLDER",
    help="Keep the answer as a folder, or as a file ending in .html, .xlsx, .json, .csv or .png; "
    "may be repeated.",
)
@language_option
@full_option
@document_option
@set_option
@click.argument("plan", type=FilePath(path_type=Path))
@click.pass_context
def live(
    ctx: click.Context,
    /,
    plan: Path,
    file: Path | None,
    top_ups: tuple[str, ...],
    called: tuple[str, ...],
    absent: tuple[str, ...],
    follow: bool,
    shows: int,
    seed: int,
    places: tuple[Path, ...],
    form: str,
    settings: tuple[str, ...],
    **counted: Any,
) -> None:
    """Say when each product will be gone, how many more could be sold, and what to do now.

    PLAN is a FOLDER that livesim plan --out wrote, whose purchase has been made, or a scenario file
    with what is owned. What was counted comes from --seen, from options, or from both: then the
    options are the last moment. Counts need --at, also beside --seen.
    """
    from livesim.planning.live import replan

    now = _now(counted)
    if file is None and now is None:
        raise click.UsageError("what has been seen of the show? Give --at and counts, or --seen")
    if follow and (file is None or now is not None):
        raise click.UsageError("--follow reads a file that grows: give --seen, and no counts")
    options: dict[str, Any] = {
        "top_ups": _pairs("--top-up", top_ups, _top_up),
        "changes": changes(settings),
        "called": _pairs("--called", called, str),
        "absent": list(absent) or None,
        "shows": shows,
        "seed": seed,
    }
    output = Output(places, True, form)

    def answer(moments: list[dict[str, Any]]) -> None:
        show_found(lambda _: replan(plan, moments, **options), output)

    if follow:
        assert file is not None
        _follow(ctx, file, answer)
        return
    moments = [] if file is None else _read(file)
    answer([*moments, *([] if now is None else [now])])


def _read(file: Path, *, growing: bool = False) -> list[dict[str, Any]]:
    from livesim.history.on_air import read_moments

    return read_moments(file, growing=growing)


def _follow(ctx: click.Context, file: Path, answer: Callable[[list[dict[str, Any]]], None]) -> None:
    """Answer anew whenever a file has grown by a line, until Ctrl-C."""
    from livesim.errors import LivesimError, visible
    from livesim.report.language import say

    answered: list[dict[str, Any]] = []
    told = ""
    try:
        with interruptible():
            while True:
                try:
                    moments = _read(file, growing=True)
                    if moments and moments != answered:
                        answered, told = moments, ""
                        answer(moments)
                except LivesimError as error:  # somebody corrects the file while it is followed
                    if str(error) != told:
                        click.echo(visible(str(error)), err=True)
                    told = str(error)
                time.sleep(_LOOK)
    except KeyboardInterrupt:
        click.echo(say("Followed until here."), err=True)
        ctx.exit(INTERRUPTED)


def _now(counted: dict[str, Any]) -> dict[str, Any] | None:
    """Return the moment that options tell of, if they do."""
    whole = ("at", "viewers", "watching", "orders")
    said = {name: counted[name] for name in whole if counted[name] is not None}
    units = {what: _pairs(f"--{what}", counted[what], str) for what in ("left", "sold")}
    if not said and not any(units.values()):
        return None
    if "at" not in said:
        raise click.UsageError(
            "counts are of a moment, also beside --seen: give --at, as in --at 10min"
        )
    return {**said, **units}


def _pairs(option: str, texts: tuple[str, ...], read: Callable[[str], Any]) -> dict[str, Any]:
    """Read NAME=VALUE of an option that may be repeated."""
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise click.UsageError(f"{option} {text}: write NAME=VALUE, as in serum=70")
        if name.strip() in found:
            raise click.UsageError(f"{option} {name.strip()} is given twice: keep one of them")
        found[name.strip()] = read(value.strip())
    return found


def _top_up(text: str) -> tuple[int, str]:
    from livesim.cli.notation import read_option
    from livesim.scenario.quantities import POSITIVE_COUNT

    units, at, after = text.partition("@")
    if not at:
        raise click.UsageError(f"--top-up {text}: say when they come, as in serum=200@20min")
    return int(read_option(POSITIVE_COUNT, "--top-up", units)), after
