"""Wire: protobuf's encoding, for messages that are written too often to be made as objects first."""

# A number, or whether; a text; bytes or an encoded message; None: not there.
Value = int | str | bytes | None

def message(*parts: Value) -> bytes:
    """A message of fields: number, value, number, value, ... as given.

    As proto3 has it nothing is written for 0 and for an empty text. Bytes are written also when empty; under
    number 0 they are fields already. TypeError for anything else. A text that is no UTF-8 (a lone surrogate)
    is a UnicodeEncodeError.
    """

def present(number: int, value: int) -> bytes:
    """An optional number that is there, as a field: written also for 0."""
