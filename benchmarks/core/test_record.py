"""Record: records as institutions send them, written for the courts; and in a form that no runtime writes."""

from collections.abc import Callable

import pytest

from benchmarks.core import stage
from benchmarks.core._messages import Places, Replies
from benchmarks.core.conftest import Measure
from chakong.institution.v1.institution_pb2 import OUTCOME_FOUND, Reply
from chakong.type.v1.type_pb2 import Record
from gateway.directory import Directory

RECORD_COUNT = 1_000
ITEM_SIZE = 2


def as_it_is(raw: bytes) -> bytes:
    return raw


def item_last(raw: bytes) -> bytes:
    return raw[ITEM_SIZE:] + raw[:ITEM_SIZE]


def message_of(institution: int, records: list[bytes]) -> bytes:
    """A reply of one institution that has found a record for each entry. Written by hand: the runtime would
    put the fields of a record into order."""
    reply = Reply(batch_id=7)
    reply.answered.add(institutions=[institution], entry_count=len(records))
    message = reply.SerializeToString()
    for entry, raw in enumerate(records):
        head = Reply()
        head.findings.add(entry=entry, institution=institution, outcome=OUTCOME_FOUND)
        finding = head.findings[0].SerializeToString() + b"\x22" + bytes([len(raw)]) + raw
        message += b"\x1a" + length(len(finding)) + finding
    return message


def length(size: int) -> bytes:
    """Of at most 16,383 bytes, as protobuf writes it."""
    return bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])


@pytest.mark.parametrize("form", [as_it_is, item_last])
def test_records_written(measure: Measure, directory: Directory, form: Callable[[bytes], bytes]) -> None:
    count = measure.size(RECORD_COUNT)
    person = stage.entry().subject
    endpoint = directory.endpoints[0]
    said = [
        Record(
            item=1,
            locator=f"6222020200{entry:09}",
            kind="personal",
            amount_fen=1_234_500 + entry,
            currency="CNY",
            holder_number=person.id_number,
            holder_name=person.name,
        ).SerializeToString()
        for entry in range(count)
    ]
    message = message_of(endpoint.institutions[0], [form(raw) for raw in said])
    replies, body = Replies(Places(directory.snapshot())), stage.entry().SerializeToString()
    fault, _, finding_count = replies.read(endpoint.index, message, 1)
    assert (fault, finding_count) == (0, count)
    assert measure(lambda made: made.write(body), lambda: replies, count) == {count}
    assert all(raw in replies.out for raw in said)
