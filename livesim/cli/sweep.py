"""The command that says what a show comes to at each of many values."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livesim.cli.exits import show_found, with_option
from livesim.cli.given import Output, ShowFile, Work
from livesim.cli.options import FilePath, command, replications_option, show_options, study_options
from livesim.errors import Mistake, ScenarioError

if TYPE_CHECKING:
    from livesim.experiment.sweeping import Over
    from livesim.resolve import Resolution


#: Two numbers that look like one with a comma for its thousands.
_ONE_OR_TWO = re.compile(r"([1-9]\d{0,2}),(\d{3})")


@command(
    "livesim sweep my_show.yaml --over products.serum.owned=50,100,200",
    "livesim sweep viya_famous_misfit --over deal.guest_fee=1M,2M --against viya_small_fit",
    "livesim sweep my_show.yaml --over deal.guest_fee=0,5k --over viewers=1k,2k --json",
    "livesim sweep my_show.yaml --over viewers=1k,5k --over deal.guest_fee=0,9k --design 64",
    "livesim sweep my_show.yaml --points points.csv --out sweeps/my_show",
    short="Simulate SCENARIO at each of many values.",
)
@click.option(
    "--over",
    "paths",
    multiple=True,
    metavar="PATH=V1,V2,...",
    help='Values to try; two as in "PATH=60, 120", where 60,120 could be one. Of several --over '
    "every combination.",
)
@click.option(
    "--design",
    type=click.IntRange(min=2),
    metavar="N",
    help="Spread N points evenly over --over PATH=LOWEST,HIGHEST instead; best are powers of 2.",
)
@click.option(
    "--points",
    type=FilePath(path_type=Path),
    metavar="FILE",
    help="Simulate the rows of this table (CSV), with a column a path, instead.",
)
@click.option(
    "--against",
    type=FilePath(path_type=Path),
    metavar="SCENARIO",
    help="Compare all points with this show, changed by --set, too, and of the same alternative "
    "where it describes some. [default: the first point; of a --design the show as it is written]",
)
@replications_option(1000)
@study_options("every point's figures and drawings")
@show_options
def sweep(
    paths: tuple[str, ...],
    design: int | None,
    points: Path | None,
    against: Path | None,
    replications: int,
    work: Work,
    output: Output,
    show: ShowFile,
) -> None:
    """Simulate SCENARIO at each of many values, using common random numbers.

    The values are every combination of --over, a design that fills the space between lowest and
    highest values, or the rows of a table.
    """
    from livesim.experiment.sweeping import Grid, PointsError
    from livesim.experiment.swept import Sweep
    from livesim.results.answer import digest_of
    from livesim.results.folders import Study

    over, changed = _tried(paths, design, points, work.seed), show.changes
    swept = over if isinstance(over, Mapping) else over[0]
    twice = next((path for path in swept if path in changed), None)
    if twice is not None and against is None:
        raise click.UsageError(f"--over and --set both change {twice}: keep one of them")
    other = against or (show.path if design else None)  # no point of a design is like a first one
    baseline = None if other is None else _baseline(other, changed, show.alternative)
    try:
        grid = Grid.of(show.path, over, baseline, changed, show.alternative, work.workers)
    except PointsError as error:
        option = f"--points {points.name}" if points else "--over"
        told = [_with_option(m, option, swept) for m in error.mistakes]
        if points is not None:
            lines = [*_rows(points)]
            told = [
                replace(m, line=lines[n]) if m.file == option else m
                for m, n in zip(told, error.points, strict=True)
            ]
        raise ScenarioError(told) from None
    if any(place.suffix.lower() in (".png", ".svg") for place in output.places):
        from livesim.report.sweep_figures import refuse_undrawn

        refuse_undrawn(grid.over, len(grid.points))
    digest = digest_of(one.scenario for one in grid.shows.values())
    output.prepare(Sweep.kind, Study(digest, work.seed, replications))
    show_found(
        lambda progress: grid.swept(work.runner(progress), replications, work.seed),
        output,
    )


def _with_option(mistake: Mistake, option: str, swept: Collection[str]) -> Mistake:
    """Return a mistake, of a value that is tried with the option that says so."""
    is_tried = any(f"{mistake.path}.".startswith(f"{path}.") for path in swept)
    return with_option(mistake, option) if is_tried else mistake


def _tried(paths: Sequence[str], design: int | None, table: Path | None, seed: int) -> Over:
    """Return the values of which every combination is tried, or the points."""
    if not paths and table is None:
        raise click.UsageError(
            "say what to try: --over PATH=V1,V2,... (--set gives one value to all points), or "
            "--points FILE"
        )
    if paths and table is not None:
        raise click.UsageError("--over and --points both say what to try: keep one of them")
    if design and table is not None:
        raise click.UsageError("--design spreads points over what --over says: leave --points away")
    if table is not None:
        return [*_rows(table).values()]
    if design is None:
        return _over(paths)
    from livesim.experiment.designs import design as spread

    return spread(_over(paths), design, seed=seed)


def _rows(table: Path) -> dict[int, dict[str, Any]]:
    """Return the rows of a table by their line, path → value in the notation of a file."""
    import csv
    from collections import Counter

    from livesim.places import read_file
    from livesim.scenario.paths import parse_assignment

    try:
        text = read_file(table).decode("utf-8-sig")
        mark = max(",;\t", key=text.partition("\n")[0].count)
        reader = csv.reader(text.splitlines(), delimiter=mark, strict=True)
        rows = [
            (reader.line_num, [*map(str.strip, row)]) for row in reader if any(map(str.strip, row))
        ]
    except OSError as error:
        raise click.UsageError(f"{table} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise click.UsageError(f"{table} cannot be read as a table: {error}") from None
    if len(rows) < 2:
        raise click.UsageError(f"{table} has no points: a row of paths, then a row a point")
    (_, paths), *points = rows
    wrong = [
        f"{table}: row {line} needs {len(paths)} values, one a path"
        for line, row in rows
        if len(row) != len(paths) or not all(row)
    ]
    wrong += [
        f"{table}: {path} has {times} columns: keep one of them"
        for path, times in Counter(paths).items()
        if times > 1
    ]
    if wrong:
        raise click.UsageError("\n".join(wrong))
    return {
        line: {
            path: parse_assignment(f"{path}={value}")[1]
            for path, value in zip(paths, row, strict=True)
        }
        for line, row in points
    }


def _baseline(file: Path, changed: Mapping[str, Any], alternative: str | None) -> Resolution:
    """Return the show to compare with, of the alternative that is asked for where it has some."""
    from livesim.resolve import alternatives, resolve_file

    return resolve_file(file, changed, alternative=alternative if alternatives(file) else None)


def _over(texts: Sequence[str]) -> dict[str, list[Any]]:
    """Return the values to try by path.

    Examples
    --------
    >>> _over(["show.length=1h, 2h", "viewers={p10: 1, likely: 2, p90: 3},5k"])
    {'show.length': ['1h', '2h'], 'viewers': [{'p10': 1, 'likely': 2, 'p90': 3}, '5k']}
    """
    from livesim.scenario.paths import parse_assignment

    over: dict[str, list[Any]] = {}
    for text in texts:
        path, equals, values = text.partition("=")
        if not values.strip():
            raise click.UsageError(
                f"--over {text} has no values: write PATH=V1,V2,..., such as "
                "products.serum.owned=50,100,200"
            )
        if path.strip() in over:
            raise click.UsageError(f"{path.strip()} is swept twice: write all values in one --over")
        if ".." in values and "," not in values:
            raise click.UsageError(
                f"--over {text} is a range, and no values to try: write {path.strip()}=V1,V2,..., "
                "or with --design POINTS the lowest and the highest: "
                f"{path.strip()}={','.join(re.split(r'[.]{2,}', values.strip(), maxsplit=1))}"
            )
        _refuse_comma(text, path.strip(), values)
        # In brackets the values are a list in a file's notation, commas within braces included.
        names, parsed = parse_assignment(f"{path}{equals}[{values}]")
        over[".".join(names)] = parsed
    return over


def _refuse_comma(text: str, path: str, values: str) -> None:
    """Ask whether 1,500 is a single value or two."""
    if found := _ONE_OR_TWO.fullmatch(values.strip()):
        first, second = found.groups()
        two = f'--over "{path}={first}, {second}" for two values, or '
        raise click.UsageError(
            f"--over {text} could be {first} and {second}, or {first}{second}: write "
            f"{'' if second.startswith('0') else two}{first}_{second} for one"
        )
