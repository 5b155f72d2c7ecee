"""Wire against the protobuf runtime."""

from hypothesis import given
from hypothesis import strategies as st

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from runtime import wire

EDGES = (0, 1, 0x7F, 0x80, 0x3FFF, 0x4000, 2**63 - 1)
numbers = st.one_of(st.sampled_from(EDGES), st.integers(0, 2**63 - 1))


@given(value=st.one_of(numbers, st.integers(2**63, 2**64 - 1)))
def test_varint_is_what_the_runtime_writes(value: int) -> None:
    assert wire.field_varint(1, value) == institution_pb2.Control(control_id=value).SerializeToString()


@given(value=st.integers(-(2**63), -1))
def test_negative_number_is_written_as_64_bits(value: int) -> None:
    statement = hold_pb2.HoldStatement(ceiling_fen=value)
    assert wire.field_varint(6, value) == statement.SerializeToString()


@given(text=st.text(max_size=300))
def test_text_is_written_and_an_empty_one_left_out(text: str) -> None:
    assert wire.field_text(4, text) == institution_pb2.ControlReceipt(text=text).SerializeToString()


def test_empty_bytes_are_written() -> None:
    message = institution_pb2.Control()
    message.mandate.SetInParent()
    assert wire.field_bytes(4, b"") == message.SerializeToString()


@given(values=st.lists(numbers, min_size=2, max_size=2))
def test_fields_that_follow_one_another_are_what_the_runtime_writes(values: list[int]) -> None:
    view = controls_pb2.HoldView(requested_ns=values[0], changed_ns=values[1])
    assert wire.fields_varint(22, values) == view.SerializeToString()
