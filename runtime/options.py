"""Options: commands of the command line whose help says no more of a flag than what it does.

Typer writes the type behind every option, `--help` among them; a flag has none that anybody could give. It
defines no option and no command.
"""

from typing import Any

from typer.core import TyperCommand, TyperGroup

# For `metavar`: nothing is to be given behind it.
FLAG = ""


class Command(TyperCommand):
    """One command."""

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`."""
        return _flag(super().get_help_option(ctx))


class Group(TyperGroup):
    """A command of commands."""

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`."""
        return _flag(super().get_help_option(ctx))


def _flag(option: Any) -> Any:
    if option is not None:
        option.metavar = FLAG
    return option
