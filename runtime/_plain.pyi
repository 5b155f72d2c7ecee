"""Plain: whether bytes are what protobuf itself would write of them.

Of such bytes a message need not be made to know what it says, nor written again to be the same for all. No
field is unknown, out of place, there twice, or there though it says nothing; numbers have no more bytes than
they need, and texts are UTF-8. Nearly all that comes is so. What is not is no error: the runtime reads it.
"""

from google.protobuf.descriptor import Descriptor

class Shape:
    """Messages of one kind, and those in them: with numbers, texts, bytes and messages; no maps, no floats,
    no choices between fields, no lists of numbers."""

    def __init__(self, kind: Descriptor) -> None:
        """TypeError for a kind that has others."""

    def is_plain(self, message: bytes) -> bool:
        """Whether it is a message of this kind, and these are the bytes that protobuf would write of it."""

    def contents(self, message: bytes, number: int) -> list[bytes] | None:
        """The contents of its fields `number`, texts or messages; None: it is not plain."""

def figure(message: bytes, number: int) -> int:
    """The number in field `number` of a plain message, below 2**64; 0: it is not there."""
