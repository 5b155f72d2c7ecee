"""Wire against the protobuf runtime."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import hold_pb2
from runtime._wire import message, present

EDGES = (0, 1, 0x7F, 0x80, 0x3FFF, 0x4000, 2**63 - 1)
numbers = st.one_of(st.sampled_from(EDGES), st.integers(0, 2**63 - 1))
texts = st.text(max_size=300)


@given(value=st.one_of(numbers, st.integers(2**63, 2**64 - 1)))
def test_number_is_what_the_runtime_writes(value: int) -> None:
    assert message(1, value) == institution_pb2.Control(control_id=value).SerializeToString()


@given(value=st.integers(-(2**63), -1))
def test_negative_number_is_written_as_64_bits(value: int) -> None:
    assert message(6, value) == hold_pb2.HoldStatement(ceiling_fen=value).SerializeToString()


@given(number=numbers, text=texts, is_whole=st.booleans(), high=numbers)
def test_fields_are_written_as_given_and_what_is_nothing_is_left_out(
    number: int, text: str, is_whole: bool, high: int
) -> None:
    view = controls_pb2.HoldView(hold_id=number, claim_id=text, whole=is_whole, changed_ns=high)
    assert message(1, number, 2, text, 3, None, 11, is_whole, 23, high) == view.SerializeToString()


@given(text=texts)
def test_messages_are_put_into_messages_and_fields_between_fields(text: str) -> None:
    inside = message(1, text)
    view = controls_pb2.HoldView(hold_id=1, objections=[controls_pb2.Objection(text=text)] * 2)
    assert message(1, 1, 0, message(21, inside), 21, inside) == view.SerializeToString()


def test_empty_bytes_are_a_field_and_no_bytes_are_none() -> None:
    control = institution_pb2.Control()
    assert message(4, None, 0, b"") == control.SerializeToString()
    control.mandate.SetInParent()
    assert message(4, b"") == control.SerializeToString()


@given(value=st.one_of(st.just(0), st.integers(-(2**63), 2**63 - 1)))
def test_present_number_is_written_also_when_it_is_0(value: int) -> None:
    assert present(10, value) == controls_pb2.ControlOrder(available_fen=value).SerializeToString()


@pytest.mark.parametrize("parts", [(1,), (1, 2, 3), (1, 2.0), (1, [])])
def test_what_is_no_field_is_refused(parts: tuple[int, ...]) -> None:
    with pytest.raises(TypeError):
        message(*parts)


def test_text_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        message(1, "\ud800")
