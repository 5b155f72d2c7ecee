"""The simulator's reader: whole, cut anywhere, with trailing bytes, and never beyond the end."""

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from chakong.institution.v1 import institution_pb2
from simulator._drawn import Drawn
from simulator._population import Population
from tests.simulator.batches import FIRM, PERSON, batch, entry

MESSAGE = batch(300, [entry(PERSON, items=[1, 14], institutions=[3, 900]), entry(FIRM)])


def is_readable_by_stubs(message: bytes) -> bool:
    try:
        institution_pb2.Batch.FromString(message)
    except DecodeError:
        return False
    return True


def is_readable(population: Population, message: bytes) -> bool:
    try:
        Drawn(population, message)
    except ValueError:
        return False
    return True


def test_a_message_cut_anywhere_is_readable_exactly_when_the_stubs_can_read_it(
    population: Population,
) -> None:
    for size in range(len(MESSAGE) + 1):
        assert is_readable(population, MESSAGE[:size]) == is_readable_by_stubs(MESSAGE[:size]), size


@pytest.mark.parametrize(
    "tail", [b"\x98\x06\x01", b"\x99\x06" + b"12345678", b"\x9a\x06\x02ab", b"\x9d\x06abcd"]
)
def test_unknown_fields_of_every_wire_type_are_stepped_over(population: Population, tail: bytes) -> None:
    assert Drawn(population, MESSAGE + tail).entry_count == 2


@pytest.mark.parametrize(
    "tail", [b"\x00\x01", b"\x9b\x06", b"\x08" + b"\xff" * 10, b"\x9a\x06\x05ab", b"\x99\x06a"]
)
def test_what_is_no_field_is_refused(population: Population, tail: bytes) -> None:
    with pytest.raises(ValueError, match="not readable"):
        Drawn(population, MESSAGE + tail)


@given(noise=st.binary(max_size=200))
def test_noise_is_read_or_refused(population: Population, noise: bytes) -> None:
    is_readable(population, noise)
    is_readable(population, b"\x12" + bytes([len(noise) & 0x7F]) + noise)
