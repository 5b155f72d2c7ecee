"""Options: what the help says of a flag, and that `--help` still helps."""

from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from runtime.options import FLAG, NO_DAY, Command, Group, day, flowing


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


def told() -> None:
    """The first paragraph is longer than
    a line.

    The second one is longer than a line of
    the source as well.
    """


def test_help_breaks_where_the_terminal_ends_not_where_the_source_does() -> None:
    app = typer.Typer(cls=Group, add_completion=False)
    app.command(cls=Command)(told)
    app.command("run", cls=Command)(run)
    wide = CliRunner(env={"COLUMNS": "120", "TERMINAL_WIDTH": "120"})
    said = wide.invoke(app, ["told", "--help"]).output
    assert "The first paragraph is longer than a line." in said
    assert "The second one is longer than a line of the source as well." in said
    assert "The first paragraph is longer than a line." in wide.invoke(app, ["--help"]).output


def test_paragraphs_stay_apart_and_no_help_stays_none() -> None:
    assert flowing("a\n  b\n\nc\nd\n") == "a b\n\nc d"
    assert flowing(None) is None


def test_a_flag_is_still_one() -> None:
    app = typer.Typer()
    app.command(cls=Command)(run)
    assert CliRunner().invoke(app, ["--loud"]).output == "RUN\n"
    assert CliRunner().invoke(app, []).output == "run\n"


def test_a_command_without_help_stays_without() -> None:
    app = typer.Typer()
    app.command(cls=Command, add_help_option=False)(run)
    assert CliRunner().invoke(app, ["--help"]).exit_code == 2


@pytest.mark.parametrize(("given", "read"), [("20260906", 20260906), (NO_DAY, NO_DAY), ("0", NO_DAY)])
def test_a_day_is_a_number_of_eight_digits(given: str | int, read: int) -> None:
    assert day(given) == read


@pytest.mark.parametrize("given", ["2026-09-06", "20260231", "", "-1", "today", "²", "10101", "9" * 14])
def test_what_is_no_day_is_told_with_one_that_is(given: str) -> None:
    with pytest.raises(typer.BadParameter, match="must be a date such as 20261122"):
        day(given)
