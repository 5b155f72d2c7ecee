"""Reply: what the largest hub says of a batch, read and judged, and its findings written for the courts."""

import pytest

from benchmarks.core import stage
from benchmarks.core._messages import Places, Replies
from benchmarks.core.conftest import Measure
from chakong.institution.v1.institution_pb2 import OUTCOME_FOUND, Reply
from gateway.directory import Directory

ENTRY_COUNT = 4_000
FINDING_COUNT = 1_000
READ_COUNT = 100


def said(directory: Directory, finding_count: int) -> tuple[int, bytes]:
    """(endpoint, reply): everybody behind the largest endpoint looked at all entries; so many were found."""
    endpoint = max(directory.endpoints, key=lambda one: len(one.institutions))
    person = stage.entry().subject
    reply = Reply(batch_id=7)
    reply.answered.add(institutions=endpoint.institutions, entry_count=ENTRY_COUNT)
    for entry in range(finding_count):
        institution = endpoint.institutions[entry % len(endpoint.institutions)]
        finding = reply.findings.add(entry=entry, institution=institution, outcome=OUTCOME_FOUND)
        finding.records.add(
            item=1,
            locator=f"6222020200{entry:09}",
            kind="personal",
            amount_fen=1_234_500 + entry,
            currency="CNY",
            holder_number=person.id_number,
            holder_name=person.name,
        )
    return endpoint.index, reply.SerializeToString()


@pytest.mark.parametrize("finding_count", [0, FINDING_COUNT])
def test_reply_read(measure: Measure, directory: Directory, finding_count: int) -> None:
    count = measure.size(finding_count) if finding_count else 0
    endpoint, message = said(directory, count)
    replies = Replies(Places(directory.snapshot()))
    members = len(directory.endpoints[endpoint].institutions)
    read = measure(lambda made: made.read(endpoint, message, READ_COUNT), lambda: replies, READ_COUNT)
    assert read == {(0, members * ENTRY_COUNT, count)}


def test_findings_written(measure: Measure, directory: Directory) -> None:
    count = measure.size(FINDING_COUNT)
    endpoint, message = said(directory, count)
    replies, body = Replies(Places(directory.snapshot())), stage.entry().SerializeToString()
    replies.read(endpoint, message, 1)
    assert measure(lambda made: made.write(body), lambda: replies, count) == {count}
    sent = {record.locator for one in Reply.FromString(message).findings for record in one.records}
    assert len(sent) == count
    assert all(locator.encode() in replies.out for locator in sent)
