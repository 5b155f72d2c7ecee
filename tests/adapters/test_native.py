"""Native: the identity, at no cost per entry."""

import pytest

from adapters.contract import Unreadable
from adapters.native import CAPABILITIES_BYTES_MAX, Native
from chakong.institution.v1 import institution_pb2
from tests.adapters.contract import sample_batch


def test_a_batch_is_passed_on_as_the_same_object() -> None:
    message = sample_batch().SerializeToString()
    assert Native().batch(message) is message


@pytest.mark.parametrize(
    "received", [b"", b"\xff\xff", institution_pb2.Reply(batch_id=1).SerializeToString()]
)
def test_a_reply_is_passed_on_as_the_same_object_unread(received: bytes) -> None:
    (reply,) = Native().replies(received)
    assert reply is received


def test_the_last_word_on_an_institution_counts() -> None:
    described = institution_pb2.DescribeResponse(
        capabilities=[
            institution_pb2.Capability(institution=7, can_inquire=True),
            institution_pb2.Capability(institution=7, can_freeze=True),
        ]
    )
    assert Native().capabilities(described.SerializeToString()) == {7: {"FREEZE"}}


def test_capabilities_that_cannot_be_read_are_refused_without_repeating_them() -> None:
    with pytest.raises(Unreadable, match=r"^capabilities: 3 bytes given, a DescribeResponse expected$"):
        Native().capabilities(b"\xff\xff\xff")


def test_capabilities_too_long_to_be_of_one_endpoint_are_not_read() -> None:
    one = institution_pb2.DescribeResponse(capabilities=[institution_pb2.Capability(institution=7)])
    received = one.SerializeToString() * CAPABILITIES_BYTES_MAX
    with pytest.raises(Unreadable, match="at most 65536"):
        Native().capabilities(received)
