"""Worlds: the Engine and its Python twin side by side, over the real directory, with the same institutions.

What an institution says of a subject is a function of the two, so that batches may be cut differently.
"""

from collections.abc import Iterable

from benchmarks.engine.world import COURT, NOW_NS, SEND_BYTES_MAX, World
from benchmarks.peers.python_twin import Twin
from chakong.gateway.v1.gateway_pb2 import REACH_LIST, Answer, Finding, Scope, SubmitBulkResponse
from chakong.institution.v1 import institution_pb2 as institution
from chakong.journal.v1.journal_pb2 import Admission, Answers
from chakong.type.v1.type_pb2 import Record, Subject
from gateway.directory import Directory

DIRECTORY = Directory.load()
Verdicts = dict[int, tuple[int, int, frozenset[tuple[int, str]]]]


def reply(world: World, endpoint: int, message: bytes) -> bytes:
    """All institutions look at all entries; some have something to say."""
    batch = institution.Batch.FromString(message)
    behind = world.answered[endpoint]
    said = institution.Reply(batch_id=batch.id)
    said.answered.add(institutions=behind, entry_count=len(batch.entries))
    for place, entry in enumerate(batch.entries):
        if entry.kind != institution.KIND_ASK:
            continue
        for index in entry.institutions or behind:
            finding = finding_of(entry.subject, index)
            if finding is not None:
                finding.entry = place
                said.findings.append(finding)
    return said.SerializeToString()


def finding_of(subject: Subject, index: int) -> institution.Finding | None:
    """One in 50 has something, one in 50 cannot tell, one in 50 declines."""
    case = (int(subject.id_number[6:17]) + index) % 150
    record = Record(item=1, locator=f"a-{index}", holder_number=subject.id_number, holder_name=subject.name)
    if case in (0, 1, 2):
        return institution.Finding(institution=index, outcome=institution.OUTCOME_FOUND, records=[record])
    if case == 3:
        record.holder_name = "somebody else"
        return institution.Finding(institution=index, outcome=institution.OUTCOME_FOUND, records=[record])
    if case == 4:
        return institution.Finding(institution=index, outcome=institution.OUTCOME_AMBIGUOUS)
    if case == 5:
        return institution.Finding(institution=index, outcome=institution.OUTCOME_REFUSED, reason="closed")
    return None


def verdicts(response: bytes) -> tuple[tuple[int, ...], Verdicts]:
    """Counts, and every verdict, its violations in no order."""
    read = SubmitBulkResponse.FromString(response)
    counts = (read.tag, read.accepted, read.repeated, read.refused, read.first_inquiry_id, read.error.code)
    return counts, {
        one.index: (one.reason, one.inquiry_id, frozenset((it.reason, it.field) for it in one.violations))
        for one in read.verdicts
    }


def frame(encoded: bytes) -> Admission:
    """Without the hashes, which differ."""
    read = Admission.FromString(encoded)
    for row in read.inquiries:
        assert len(row.content_hash) == 16
        row.ClearField("content_hash")
    return read


def engine_answers(world: World, message: bytes) -> dict[int, Answer]:
    """The whole way through the Engine."""
    checked = world.engine.check(message, COURT, NOW_NS)
    if checked.accepted:
        world.engine.admit(checked.frame, 1, NOW_NS)
    while batches := world.engine.take_batches(NOW_NS, SEND_BYTES_MAX):
        for batch in batches:
            said = reply(world, batch.endpoint, batch.message)
            assert world.engine.settle(batch.endpoint, said, NOW_NS).fault == 0
    return _by_id(answers.message for answers in world.engine.take_answers(NOW_NS))


def twin_answers(twin: Twin, world: World, message: bytes) -> dict[int, Answer]:
    """The whole way through the twin."""
    twin.check_and_admit(message)
    while batches := twin.take_batches():
        for batch in batches:
            twin.settle(batch.endpoint, reply(world, batch.endpoint, batch.message))
    return _by_id(answers.message for answers in twin.take_answers(NOW_NS))


def _by_id(messages: Iterable[bytes]) -> dict[int, Answer]:
    found: dict[int, Answer] = {}
    for message in messages:
        for answer in Answers.FromString(message).answers:
            assert answer.inquiry_id not in found
            answer.ClearField("revision")
            answer.findings.sort(key=_institution)
            found[answer.inquiry_id] = answer
    return found


def _institution(finding: Finding) -> int:
    return finding.institution


def listed(*institutions: int) -> Scope:
    return Scope(reach=REACH_LIST, institutions=institutions)
