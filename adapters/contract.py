"""Contract: what every wire protocol gives to the line that speaks it.

Pure: bytes in, bytes out, no state between calls, so one adapter serves all endpoints. The canonical bytes
are those of chakong.institution.v1; an adapter that meets bytes it cannot read raises Unreadable and guesses
nothing. It neither connects nor knows an endpoint's address. tests/adapters/contract.py checks all of this
for every adapter.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol


class Unreadable(ValueError):  # noqa: N818 - it is what the bytes are, and the word of the contract
    """Bytes that are not of this protocol. The message never repeats them."""


class Adapter(Protocol):
    """One wire protocol."""

    def hello(self, institutions: Sequence[int]) -> bytes:
        """The first message on a stream, and again when they change: whom an entry without institutions is
        for."""

    def batch(self, message: bytes) -> bytes:
        """What is sent for an encoded Batch. Called once a batch, on the hot path."""

    def replies(self, received: bytes) -> Iterable[bytes]:
        """The encoded Replies in one received message, in their order. A Reply whose content is wrong may be
        passed on as it is: the Engine judges it. Unreadable when it is not even of this protocol."""

    def describe(self) -> bytes:
        """The question what the institutions behind an endpoint can do."""

    def capabilities(self, received: bytes) -> Mapping[int, frozenset[str]]:
        """Its answer: institutions by index, with any of INQUIRE, FREEZE, DEDUCT. Unreadable when it is
        none."""
