"""Commands about scenario files: write one, check it, see all of it."""

from __future__ import annotations

from pathlib import Path

import click

from livesim.cli.exits import MISTAKE
from livesim.cli.options import changes, examples, scenario_argument, set_option

TEMPLATES = ("brand_room", "drop", "guest_show", "marathon")


@click.command(
    epilog=examples(
        "livesim new my_show.yaml",
        "livesim new --like guest_show gala.yaml",
    )
)
@click.option(
    "--like",
    "template",
    type=click.Choice(TEMPLATES),
    default=TEMPLATES[0],
    show_default=True,
    help="The packaged template that the show resembles.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
@click.argument("file", type=click.Path(path_type=Path))
def new(template: str, force: bool, file: Path) -> None:
    """Write a commented starter for a scenario to FILE."""
    from livesim.resolve.starter import starter

    text = starter(template)
    try:
        with file.open("w" if force else "x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise click.UsageError(f"{file} exists: choose another name, or add --force") from None
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from None
    click.echo(f"Wrote {file}. Change it to your show, then: livesim run {file}")


@click.command(
    epilog=examples(
        "livesim validate my_show.yaml",
        "livesim validate scenarios/*.yaml",
    )
)
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.pass_context
def validate(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Check scenario FILEs and say every mistake in them."""
    from livesim.errors import ScenarioError
    from livesim.resolve import resolve_file

    wrong = False
    for file in files:
        try:
            resolve_file(file)
        except ScenarioError as error:
            wrong = True
            click.echo(f"{error}\n", err=True)
        else:
            click.echo(f"{file}: fine")
    if wrong:
        ctx.exit(MISTAKE)


@click.command(
    epilog=examples(
        "livesim resolve my_show.yaml > explicit.yaml",
        "livesim resolve --why my_show.yaml",
        "livesim resolve --set products.serum.owned=1_200 my_show.yaml",
    )
)
@click.option("--why", is_flag=True, help="Say beside each value where it comes from.")
@set_option
@scenario_argument
def resolve(why: bool, settings: tuple[str, ...], scenario: Path) -> None:
    """Print SCENARIO with every quantity of the model explicit.

    What is printed is itself a scenario, and resolving it changes nothing.
    """
    from livesim.resolve import explained, resolve_file
    from livesim.scenario.writing import write_yaml

    resolution = resolve_file(scenario, changes(settings))
    if not why:
        click.echo(write_yaml(resolution.scenario.to_data()), nl=False)
        return
    for line in (*resolution.checks, *resolution.notes):
        click.echo(f"# {line}")
    click.echo(explained(resolution), nl=False)


@click.command(
    epilog=examples(
        "livesim schema > scenario.schema.json",
    )
)
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    import json

    from livesim.resolve import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
