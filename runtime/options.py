"""Options: commands of the command line whose help says no more of a flag than what it does; days.

Typer writes the type behind every option, `--help` among them; a flag has none that anybody could give. It
also keeps the line ends of a docstring, at whatever width the terminal has. It defines no option and no
command.
"""

from typing import Any, Final

from typer import BadParameter
from typer.core import TyperCommand, TyperGroup

from runtime.calendar import is_date

# The default of an option that is a day.
NO_DAY: Final = 0
DAY_DIGITS: Final = 8

# For `metavar`: nothing is to be given behind it.
FLAG = ""


class Command(TyperCommand):
    """One command."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.help = flowing(self.help)

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`."""
        return _flag(super().get_help_option(ctx))


class Group(TyperGroup):
    """A command of commands."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.help = flowing(self.help)

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`."""
        return _flag(super().get_help_option(ctx))


def flowing(text: str | None) -> str | None:
    """Each paragraph in one line, to be broken where the terminal ends."""
    if text is None:
        return None
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def day(given: str | int) -> int:
    """`parser` of an option that is a day: YYYYMMDD, or NO_DAY. BadParameter."""
    text = str(given)
    if text != str(NO_DAY) and not (len(text) == DAY_DIGITS and text.isdecimal() and is_date(int(text))):
        raise BadParameter(f"must be a date such as 20261122, {text!r} given")
    return int(text)


def _flag(option: Any) -> Any:
    if option is not None:
        option.metavar = FLAG
    return option
