"""Wire: varints, the fields of inquiries, and names, as protobuf has them."""

import numpy as np

from benchmarks.core._tools import count_utf8, read_varints, walk_fields, write_varints
from benchmarks.core.conftest import Measure
from benchmarks.core.drawn import numbers
from benchmarks.core.stage import broadcast
from chakong.gateway.v1.gateway_pb2 import SubmitBulkRequest

VARINT_COUNT = 100_000
INQUIRY_COUNT = 4_000
NAME_BYTES = 9


def varints(count: int) -> tuple[bytes, int]:
    """Numbers of 1 to 63 bits, all lengths alike, and their sum modulo 2**64."""
    made = numbers(count, 1) >> (numbers(count, 2) % 63 + 1)
    return made.tobytes(), int(made.sum(dtype=np.uint64))


def test_varints_written(measure: Measure) -> None:
    count = measure.size(VARINT_COUNT)
    given, expected = varints(count)
    (text,) = measure(write_varints, lambda: given, count)
    assert read_varints(text) == (count, expected)


def test_varints_read(measure: Measure) -> None:
    count = measure.size(VARINT_COUNT)
    given, expected = varints(count)
    text = write_varints(given)
    assert measure(read_varints, lambda: text, count) == {(count, expected)}


def test_fields_of_inquiries_walked(measure: Measure) -> None:
    message = broadcast(measure.size(INQUIRY_COUNT))
    inquiries = SubmitBulkRequest.FromString(message).inquiries
    field_count = sum(len(inquiry.ListFields()) for inquiry in inquiries)
    ((counted, size),) = measure(walk_fields, lambda: message, field_count)
    assert counted == field_count
    parts = ("mandate", "subject", "scope")
    assert size == sum(
        len(inquiry.order_id)
        + len(inquiry.court_code.encode())
        + sum(getattr(inquiry, part).ByteSize() for part in parts)
        for inquiry in inquiries
    )


def test_names_read_as_utf8(measure: Measure) -> None:
    count = measure.size(INQUIRY_COUNT)
    # Every fourth name is cut in the middle of a character.
    names = ["王小明".encode() if number % 4 else "王小明x".encode()[1:] for number in range(count)]
    text = b"".join(names)
    assert {len(name) for name in names} == {NAME_BYTES}
    expected = sum(1 for number in range(count) if number % 4)
    assert measure(lambda given: count_utf8(given, NAME_BYTES), lambda: text, count) == {expected}
