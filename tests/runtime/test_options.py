"""Options: what the help says of a flag, and that `--help` still helps."""

from typing import Annotated

import typer
from typer.testing import CliRunner

from runtime.options import FLAG, Command, Group


def run(is_loud: Annotated[bool, typer.Option("--loud", metavar=FLAG, help="Shout.")] = False) -> None:
    """Run it."""
    typer.echo("RUN" if is_loud else "run")


def test_a_flag_has_no_type_in_the_help_of_a_command_and_of_a_group() -> None:
    group = typer.Typer(cls=Group, add_completion=False)
    group.command(cls=Command)(run)
    group.command("again", cls=Command)(run)
    for arguments in (["--help"], ["run", "--help"]):
        result = CliRunner().invoke(group, arguments)
        assert result.exit_code == 0
        assert "Show this message" in result.output
        assert "<bool>" not in result.output


def test_a_flag_is_still_one() -> None:
    app = typer.Typer()
    app.command(cls=Command)(run)
    assert CliRunner().invoke(app, ["--loud"]).output == "RUN\n"
    assert CliRunner().invoke(app, []).output == "run\n"


def test_a_command_without_help_stays_without() -> None:
    app = typer.Typer()
    app.command(cls=Command, add_help_option=False)(run)
    assert CliRunner().invoke(app, ["--help"]).exit_code == 2
