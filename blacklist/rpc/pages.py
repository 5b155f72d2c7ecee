"""Pages: what a call of a list is asked for and gives: rows by their numbers, and the token of the next page.

Pure. A token is of one question. Who reads asks for one row more than a page has, and so knows whether there
is another page.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol, TypeVar

from runtime import requests

SIZE_DEFAULT: Final = 100
SIZE_MAX: Final = 1_000

T = TypeVar("T")


class Asked(Protocol):
    """A request for a page."""

    page_size: int
    page_token: str


class Page(NamedTuple):
    """Which page. `position`: number of the last row before it; 0: it is the first page."""

    question: bytes
    size: int
    position: int

    @property
    def limit(self) -> int:
        """How many rows to read."""
        return self.size + 1

    def cut(self, found: Sequence[T], number: Callable[[T], int]) -> tuple[Sequence[T], str]:
        """The rows of it, and the token of the next; empty: there is none."""
        shown = found[: self.size]
        is_more = len(found) > self.size
        return shown, requests.page_token(self.question, number(shown[-1])) if is_more else ""


def asked(request: Asked, *question: object) -> Page:
    """The page that a request asks for. `question`: whose, and of what. InvalidError."""
    size = requests.page_size(request.page_size, SIZE_DEFAULT, SIZE_MAX)
    joined = "\0".join(map(str, question)).encode()
    return Page(joined, size, requests.page_position(request.page_token, joined, 0))
