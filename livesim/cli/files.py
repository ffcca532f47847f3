"""Commands about scenario files: list those there are, write one, check it, see all of it."""

from __future__ import annotations

from pathlib import Path

import click

from livesim.cli.exits import BROKEN, MISTAKE
from livesim.cli.given import ShowFile
from livesim.cli.notation import changes
from livesim.cli.options import (
    EACH_PATH,
    FilePath,
    command,
    language_option,
    report_options,
    set_option,
    show_options,
)
from livesim.cli.writing import reported, write_file
from livesim.errors import visible

TEMPLATES = ("brand_room", "drop", "guest_show", "marathon")
_WORKBOOK = ".xlsx"


@command(
    "livesim new my_show.yaml",
    "livesim new --like guest_show gala.yaml",
    "livesim new --from viya_kim_perfume my_guest.yaml",
    "livesim new --sheet my_show.xlsx",
    "livesim new --sheet --from my_show.yaml my_show.xlsx",
    short="Write a starter for a scenario: YAML or a workbook.",
)
@click.option(
    "--like",
    "template",
    type=click.Choice(TEMPLATES),
    help=f"The packaged template that the show resembles. [default: {TEMPLATES[0]}]",
)
@click.option(
    "--from",
    "reference",
    metavar="NAME",
    help="Copy this reference scenario instead; livesim list shows them. For a workbook, any "
    "scenario.",
)
@click.option(
    "--sheet", is_flag=True, help="Write a workbook (.xlsx) to fill in with Excel, not YAML."
)
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
@language_option
@click.argument("file", type=FilePath(path_type=Path))
def new(
    template: str | None,
    reference: str | None,
    sheet: bool,
    force: bool,
    file: Path,
) -> None:
    """Write a starter for a scenario to FILE: commented YAML, or a workbook to fill in.

    Every command that takes a scenario takes a workbook, too. What it has no cells for is written
    into one as in YAML, in braces; several alternatives stay in YAML.
    """
    if template is not None and reference is not None:
        raise click.UsageError("--like and --from both say what to start from: keep one of them")
    if sheet and file.suffix.lower() != _WORKBOOK:
        raise click.UsageError(f"--sheet writes a workbook, whose name ends with {_WORKBOOK}")
    if not sheet and file.suffix.lower() == _WORKBOOK:
        raise click.UsageError(f"{file} is to be a workbook by its name: add --sheet")
    from livesim.report.language import say

    start = _workbook_to_start_from if sheet else _text_to_start_from
    write_file(file, start(template, reference), replace=force)
    told = say("Wrote {file}. {step}", file=str(file), step=_next(file))
    click.echo(visible(told))


def _next(file: Path) -> str:
    """Say how to try a new scenario: its alternatives are to be compared."""
    from livesim.report.language import say

    if file.suffix.lower() == _WORKBOOK:
        return say(
            "Open it with Excel, change it to your show and save it, then: {command}",
            command=f"livesim plan {file} --out answer{_WORKBOOK}",
        )
    from livesim.resolve import alternatives

    command = f"livesim {'compare' if alternatives(file) else 'plan'} {file}"
    return say("Change it to your show, then: {command}", command=command)


def _workbook_to_start_from(template: str | None, reference: str | None) -> bytes:
    from livesim.report.scenario_sheets import scenario_workbook
    from livesim.scenario.document import parse_document
    from livesim.scenario.sources import opened

    if reference is not None:
        return scenario_workbook(opened(Path(reference)))
    return scenario_workbook(parse_document(_text_to_start_from(template, None)))


def _text_to_start_from(template: str | None, reference: str | None) -> str:
    if reference is None:
        from livesim.resolve.starter import starter

        return starter(template or TEMPLATES[0])
    from livesim.resolve.reference import reference_text

    return reference_text(reference)


@command(
    "livesim list",
    short="List the reference scenarios that come with livesim.",
    name="list",
)
def list_references() -> None:
    """List the reference scenarios that come with livesim: title, length, products, and what for.

    Their names can be given to every command that takes a scenario, and included in one. What is
    only there to be included is listed apart. Each file names the published work that its figures
    come from, as its sources.
    """
    from livesim.report.reference import listing
    from livesim.resolve.reference import fragments, references

    click.echo(listing(references(), fragments()))


@command(
    "livesim validate my_show.yaml",
    "livesim validate shows/ --strict --junit validate.xml",
    "livesim validate shows/ --format github",
    "livesim validate --set products.serum.owned=800 my_show.yaml",
    "livesim validate shows/ --json | jq '.files[].mistakes[].what'",
    short="Check scenario files and say every mistake in them.",
)
@click.option("--strict", is_flag=True, help="Remarks are failures, too.")
@set_option
@language_option
@report_options
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=EACH_PATH)
@click.pass_context
def validate(
    ctx: click.Context,
    strict: bool,
    settings: tuple[str, ...],
    junit: Path | None,
    form: str,
    as_json: bool,
    paths: tuple[Path, ...],
) -> None:
    """Check scenario files, with all their alternatives, and say every mistake in them.

    PATHs are files, and folders in which all files with a line `title:`, `include:` or
    `alternatives:` are checked; others are parts to be included. Below a file that is fine stand
    remarks: what it should be asked about, what does nothing, loses money or contradicts itself.

    A link that you name is followed; those in a folder that lead out of it are not.

    Exit codes: 0 all can be read, 1 there are remarks and --strict, 2 a file has mistakes or a
    report cannot be written.
    """
    from livesim.checking import validating
    from livesim.report.language import retold

    found = validating.validate(paths, changes(settings))
    with reported(junit, lambda: validating.junit(found, strict)):
        if as_json:
            from livesim.results.document import json_text

            click.echo(json_text(validating.document(found)))
        elif form == "github":
            click.echo(validating.github(found, strict))
        else:
            for one in found:
                bad = bool(one.mistakes)
                click.echo(validating.text(one, retold), err=bad)
    if any(one.mistakes for one in found):
        ctx.exit(MISTAKE)
    if strict and any(one.remarks for one in found):
        ctx.exit(BROKEN)


@command(
    "livesim resolve my_show.yaml > explicit.yaml",
    "livesim resolve --why my_show.yaml",
    "livesim resolve --set products.serum.owned=1_200 my_show.yaml",
)
@click.option("--why", is_flag=True, help="Say beside each value where it comes from.")
@show_options
def resolve(why: bool, show: ShowFile) -> None:
    """Print SCENARIO with every quantity of the model explicit.

    What is printed is itself a scenario, and resolving it changes nothing.
    """
    from livesim.resolve import explained
    from livesim.scenario.writing import write_yaml

    resolution = show.resolved()
    if not why:
        click.echo(write_yaml(resolution.scenario.to_data()), nl=False)
        return
    for line in (*resolution.checks, *resolution.notes):
        click.echo(f"# {line}")
    click.echo(explained(resolution), nl=False)


@command(
    "livesim schema > scenario.schema.json",
    "livesim schema --output > documents.schema.json",
)
@click.option("--output", is_flag=True, help="Of the documents that --json prints, instead.")
def schema(output: bool) -> None:
    """Print the JSON Schema of scenario files, for editors.

    An editor that knows it completes and checks a file whose first line names it:
    `# yaml-language-server: $schema=scenario.schema.json`.
    """
    from livesim.results.document import json_text

    if output:
        from livesim.report.output_schema import output_schema

        click.echo(json_text(output_schema()))
        return
    from livesim.resolve import json_schema

    click.echo(json_text(json_schema()))


@command(
    "livesim keys",
    "livesim keys products.variants",
    "livesim keys price_breaks",
    "livesim keys --all | less",
    short="Say what the keys of a scenario mean, with examples.",
)
@click.option("--all", "everything", is_flag=True, help="All keys in full.")
@click.argument("path", required=False)
def keys(path: str | None, everything: bool) -> None:
    """Say what the keys of a scenario mean: those at PATH in full, or all at a glance.

    A name alone is enough for PATH: all keys of that name are said.

    In full, each has its meaning, its unit in brackets, what holds where a file does not have it,
    and an example. NAME stands for names that you choose.
    """
    from livesim.report.keys import NOTATION, overview, reference
    from livesim.resolve import all_keys, keys_at

    if path is not None and everything:
        raise click.UsageError("PATH and --all both say which keys: keep one of them")
    if path is not None:
        click.echo(reference(keys_at(path)))
    elif everything:
        click.echo(reference(all_keys()))
    else:
        click.echo(overview(all_keys()))
        click.echo(
            f"\n{NOTATION}\n\nIn full: livesim keys PATH, such as livesim keys products.variants."
        )
