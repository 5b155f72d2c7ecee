"""Native: chakong.institution.v1 over gRPC, whose bytes are the canonical bytes.

Batches and replies pass untouched and unread. It does not judge replies; the Engine does.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from google.protobuf.message import DecodeError

from adapters.contract import Unreadable
from chakong.institution.v1 import institution_pb2

# 128 institutions take 2 KiB. An endpoint that sends 64 MiB of them would stop everybody while it is read.
CAPABILITIES_BYTES_MAX: Final = 65_536


class Native:
    """The identity, but for hello and capabilities."""

    def hello(self, institutions: Sequence[int]) -> bytes:
        """A Batch with id 0 and no entries."""
        return institution_pb2.Batch(institutions=institutions).SerializeToString()

    def batch(self, message: bytes) -> bytes:
        """The same object: all endpoints with the same cut share it."""
        return message

    def replies(self, received: bytes) -> Iterable[bytes]:
        """Itself."""
        return (received,)

    def describe(self) -> bytes:
        """A DescribeRequest."""
        return institution_pb2.DescribeRequest().SerializeToString()

    def capabilities(self, received: bytes) -> Mapping[int, frozenset[str]]:
        """Those of a DescribeResponse; of an institution named twice the last word counts."""
        if len(received) > CAPABILITIES_BYTES_MAX:
            raise Unreadable(f"capabilities: {len(received)} bytes given, at most {CAPABILITIES_BYTES_MAX}")
        try:
            described = institution_pb2.DescribeResponse.FromString(received)
        except DecodeError:
            raise Unreadable(
                f"capabilities: {len(received)} bytes given, a DescribeResponse expected"
            ) from None
        return {
            one.institution: frozenset(
                name
                for name, can in (
                    ("INQUIRE", one.can_inquire),
                    ("FREEZE", one.can_freeze),
                    ("DEDUCT", one.can_deduct),
                )
                if can
            )
            for one in described.capabilities
        }
