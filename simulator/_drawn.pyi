"""Drawn: a batch and all that its subjects own, at all endpoints."""

from typing import final

from simulator._population import Population

@final
class Drawn:
    """Bitmaps are BITMAP_BYTES bytes with a bit for each institution (layout.bitmap)."""

    def __init__(self, population: Population, message: bytes) -> None:
        """Read an encoded chakong.institution.v1.Batch and find what is owned by those it asks about.
        ValueError for bytes that are none, or a subject beyond the contract's limits; it names no
        person."""

    @property
    def batch_id(self) -> int:
        """0: the first message of a stream."""

    @property
    def entry_count(self) -> int: ...
    @property
    def hello(self) -> bytes:
        """Bitmap of the institutions that the batch itself names."""

    @property
    def needs_hello(self) -> bool:
        """Some entry names no institutions: it goes to those of the stream's first message."""

    @property
    def held_bytes(self) -> int: ...
    def reply(self, endpoint: int, hello: bytes, able: bytes, entry_limit: int = 0xFFFFFFFF) -> bytes:
        """An encoded Reply of the institutions behind `endpoint`. `hello`: those of the stream's first
        message; `able`: those that can be inquired, nobody else is named. Only the first `entry_limit`
        entries are answered. ValueError for a bitmap of another size, IndexError for an unknown
        endpoint."""

    def answering(self, endpoint: int, hello: bytes, able: bytes) -> list[int]:
        """The institutions that such a reply names."""

    def asked(self) -> list[int]:
        """Indexes of the entries that want an answer."""

    def chosen(self, salt: int, one_in: int) -> list[int]:
        """Of those, the ones about a subject picked by its hash, one in so many; the same ones for the same
        `salt`."""
