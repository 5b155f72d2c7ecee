"""The simulator's reading of a control, against the stubs'."""

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from chakong.institution.v1.institution_pb2 import Control, ControlBatch
from chakong.type.v1 import hold_pb2, type_pb2
from simulator import _control
from simulator._control import CONTENT_BYTES, read_control, read_controls
from tests.simulator.books.acts import deduct, freeze, release, renew

BATCH = ControlBatch(
    controls=[freeze(1, 500), renew(2, 1, 3), deduct(3, 1, 100), release(4, 1)]
).SerializeToString()

texts = st.text(max_size=6)
uint32s = st.integers(0, 2**32 - 1)
int64s = st.integers(-(2**63), 2**63 - 1)
uint64s = st.integers(0, 2**64 - 1)
controls = st.builds(
    Control,
    control_id=uint64s,
    kind=st.integers(0, 5),
    hold_id=uint64s,
    mandate=st.none()
    | st.builds(
        type_pb2.Mandate,
        court_code=texts,
        case_number=texts,
        instrument_number=texts,
        instrument_kind=st.integers(-1, 5),
        officer_id=texts,
    ),
    notice_number=texts,
    subject=st.none() | st.builds(type_pb2.Subject, id_type=st.integers(-1, 9), id_number=texts, name=texts),
    property=st.none()
    | st.builds(
        hold_pb2.Property, institution=uint32s, item=uint32s, locator=texts, kind=texts, currency=texts
    ),
    ceiling_fen=int64s,
    whole=st.booleans(),
    amount_fen=int64s,
    months=uint32s,
    payee_account=texts,
)


def fields(control: _control.Control) -> tuple[object, ...]:
    return (
        control.control_id, control.kind, control.hold_id, control.court_code, control.has_case,
        control.instrument_kind, control.has_notice, control.id_type, control.id_number, control.name,
        control.has_property, control.institution, control.item, control.locator, control.ceiling_fen,
        control.whole, control.amount_fen, control.months, control.payee_account,
    )  # fmt: skip


def fields_of_stub(control: Control) -> tuple[object, ...]:
    mandate, subject, place = control.mandate, control.subject, control.property
    return (
        control.control_id, control.kind, control.hold_id, mandate.court_code, bool(mandate.case_number),
        mandate.instrument_kind, bool(control.notice_number), subject.id_type, subject.id_number,
        subject.name, control.HasField("property"), place.institution, place.item, place.locator,
        control.ceiling_fen, control.whole, control.amount_fen, control.months, control.payee_account,
    )  # fmt: skip


def is_readable_by_stubs(message: bytes) -> bool:
    try:
        ControlBatch.FromString(message)
    except DecodeError:
        return False
    return True


def is_readable(message: bytes) -> bool:
    try:
        read_controls(message)
    except ValueError:
        return False
    return True


@given(sent=st.lists(controls, max_size=3))
def test_it_reads_what_the_stubs_read(sent: list[Control]) -> None:
    read = read_controls(ControlBatch(controls=sent).SerializeToString())
    assert [fields(control) for control in read] == [fields_of_stub(control) for control in sent]


@given(parts=st.lists(controls, min_size=2, max_size=3))
def test_parts_of_a_control_are_merged_as_the_stubs_do(parts: list[Control]) -> None:
    message = b"".join(part.SerializeToString() for part in parts)
    assert fields(read_control(message)) == fields_of_stub(Control.FromString(message))


def test_it_reads_what_is_cut_off_only_where_the_stubs_do() -> None:
    for size in range(len(BATCH)):
        assert is_readable(BATCH[:size]) == is_readable_by_stubs(BATCH[:size]), size


@pytest.mark.parametrize("tail", [b"\x07", b"\x0a", b"\x0a\x7f", b"\x0d\x01", b"\xff" * 11, b"\x0f"])
def test_bytes_behind_it_that_are_no_field_are_refused(tail: bytes) -> None:
    assert not is_readable(BATCH + tail)


@pytest.mark.parametrize("tail", [b"\x50\x01", b"\x51" + bytes(8), b"\x55" + bytes(4), b"\x52\x02hi"])
def test_fields_that_it_does_not_know_are_stepped_over(tail: bytes) -> None:
    assert len(read_controls(BATCH + tail)) == 4
    first = freeze(1, 500).SerializeToString()
    assert fields(read_control(first + b"\xfa\x01" + b"\x02hi")) == fields(read_control(first))


def test_a_text_that_is_no_utf_8_is_refused() -> None:
    message = deduct(3, 1, payee="5150").SerializeToString()
    with pytest.raises(ValueError, match="utf-8"):
        read_control(message.replace(b"5150", b"515\xff"))


def test_the_content_is_that_of_the_bytes() -> None:
    first, same, other = (read_control(freeze(1, fen).SerializeToString()) for fen in (500, 500, 501))
    assert len(first.content) == CONTENT_BYTES
    assert first.content == same.content != other.content


@given(sent=controls, ceiling_fen=int64s)
def test_with_another_ceiling_it_is_the_same_control(sent: Control, ceiling_fen: int) -> None:
    control = read_control(sent.SerializeToString())
    other = control.with_ceiling(ceiling_fen)
    sent.ceiling_fen = ceiling_fen
    assert fields(other) == fields_of_stub(sent)
    assert other.content == control.content
