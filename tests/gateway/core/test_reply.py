"""Reply: whatever bytes come, it accepts what the protobuf runtime and the rules accept, and nothing else."""

import re

from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types
from gateway.core.testing_queue import Directory, read_reply
from tests.gateway.core.samples import LONG_HEAD, bent, has_group, messages, unhurried
from tests.model.face import (
    FAULT_GARBAGE,
    FAULT_NONE,
    FAULT_REFUSAL,
    FAULT_UNKNOWN_INDEX,
    FAULT_WRONG_INSTITUTION,
)
from tests.model.world import BANK, BEHIND, FIRST, HUB, SECOND, SMALL, person, record, snapshot

HIM = person(18)  # his number ends in X
BODY = institution.Entry(mandate=types.Mandate(case_number="c"), subject=HIM, items=[1]).SerializeToString()
DIRECTORY = Directory(snapshot())
FOUND, AMBIGUOUS = institution.OUTCOME_FOUND, institution.OUTCOME_AMBIGUOUS
REFUSED, UNAVAILABLE = institution.OUTCOME_REFUSED, institution.OUTCOME_UNAVAILABLE
ACCOUNT = record(HIM, protected_fen=30, held_fen=20, available_fen=50)
Read = tuple[int, int, dict[int, int], list[tuple[int, int, int, bytes]]]


def read(reply: institution.Reply | bytes) -> Read:
    return read_reply(reply if isinstance(reply, bytes) else reply.SerializeToString(), DIRECTORY, HUB, BODY)


def sample() -> institution.Reply:
    return institution.Reply(
        batch_id=300,
        answered=[
            institution.Answered(institutions=[FIRST, SECOND], entry_count=200),
            institution.Answered(institutions=[SMALL], entry_count=1),
        ],
        findings=[
            institution.Finding(entry=7, institution=SECOND, outcome=REFUSED, reason="不答复"),
            institution.Finding(entry=0, institution=FIRST, outcome=FOUND, records=[record(HIM), ACCOUNT]),
            institution.Finding(entry=0, institution=SMALL, outcome=AMBIGUOUS),
            institution.Finding(entry=3, institution=SECOND, outcome=UNAVAILABLE, reason="down"),
        ],
    )


def runtime_reads(raw: bytes) -> institution.Reply | None:
    try:
        return institution.Reply.FromString(raw)
    except DecodeError:
        return None


def expected_fault(reply: institution.Reply) -> int:
    """The rules of institution.proto, in plain Python, for what reply_read looks at."""
    if reply.refusal:
        return FAULT_REFUSAL
    named = [one for answered in reply.answered for one in answered.institutions]
    behind = set(BEHIND[HUB])
    known = [one for one in named if one in behind]
    pairs = [(finding.entry, finding.institution) for finding in reply.findings]
    is_garbage = len(set(known)) < len(known) or any(
        finding.outcome not in (FOUND, AMBIGUOUS, REFUSED, UNAVAILABLE)
        or len(finding.records) > 256
        or len(finding.reason.encode()) > 256
        or "\0" in finding.reason
        or (finding.outcome == FOUND and not finding.records)
        for finding in reply.findings
    )
    if is_garbage:
        return FAULT_GARBAGE
    found = [FAULT_UNKNOWN_INDEX for answered in reply.answered if answered.entry_count >= 2**32 - 2]
    found += [FAULT_UNKNOWN_INDEX for entry, _ in pairs if entry >> 31]
    found += [FAULT_WRONG_INSTITUTION for one in [*named, *(one for _, one in pairs)] if one not in behind]
    found += [FAULT_GARBAGE] * (len(set(pairs)) < len(pairs))
    return found[0] if found else FAULT_NONE


def agrees(raw: bytes) -> None:
    """What the runtime cannot read is garbage, and what it can read is judged by the rules."""
    fault, batch_id, counts, findings = read(raw)
    reply = runtime_reads(raw)
    if reply is None:
        # Many needless bytes in a field's head; or within a record, which is read with its finding.
        is_lenient = LONG_HEAD.search(raw) or any(found[2] for found in findings)
        assert fault == FAULT_GARBAGE or is_lenient or fault in (FAULT_REFUSAL, FAULT_WRONG_INSTITUTION)
        return
    if fault == FAULT_GARBAGE and (has_group(reply) or re.search(rb"[\x03\x0b\x13\x1b\x23\x2b]", raw)):
        return  # groups are not taken
    expected = expected_fault(reply)
    # Where several rules are broken, which one is told first is not agreed.
    assert fault == expected or (fault and expected)
    if fault == FAULT_NONE:
        assert batch_id == reply.batch_id
        assert counts == {one: row.entry_count for row in reply.answered for one in row.institutions}
        assert [row[:2] for row in findings] == sorted((row.entry, row.institution) for row in reply.findings)


def test_a_whole_reply_is_read() -> None:
    fault, batch_id, counts, findings = read(sample())
    assert (fault, batch_id, counts) == (FAULT_NONE, 300, {FIRST: 200, SECOND: 200, SMALL: 1})
    assert [row[:3] for row in findings] == [
        (0, FIRST, FAULT_NONE),
        (0, SMALL, FAULT_NONE),
        (3, SECOND, FAULT_NONE),
        (7, SECOND, FAULT_NONE),
    ]
    assert [gateway.Finding.FromString(row[3]) for row in findings] == [
        gateway.Finding(institution=FIRST, state=types.END_STATE_FOUND, records=[record(HIM), ACCOUNT]),
        gateway.Finding(institution=SMALL, state=types.END_STATE_AMBIGUOUS),
        gateway.Finding(),
        gateway.Finding(institution=SECOND, state=types.END_STATE_REFUSED, reason="不答复"),
    ]


def test_a_reply_cut_at_any_byte_is_judged_as_the_runtime_reads_it() -> None:
    whole = sample().SerializeToString()
    for size in range(len(whole)):
        agrees(whole[:size])


@unhurried
@given(raw=bent(sample().SerializeToString()))
def test_a_bent_reply_is_judged_as_the_runtime_reads_it(raw: bytes) -> None:
    agrees(raw)


@unhurried
@given(raw=messages | st.binary(max_size=60))
def test_any_bytes_are_judged_as_the_runtime_reads_them(raw: bytes) -> None:
    agrees(raw)


outcomes = st.sampled_from([FOUND, AMBIGUOUS, REFUSED, UNAVAILABLE])
hub = st.sampled_from([FIRST, SECOND, SMALL])
replies = st.builds(
    institution.Reply,
    batch_id=st.integers(0, 2**64 - 1),
    answered=st.lists(
        st.builds(
            institution.Answered,
            institutions=st.lists(hub | st.sampled_from([BANK, 9999]), max_size=3),
            entry_count=st.integers(0, 9) | st.sampled_from([2**32 - 3, 2**32 - 2, 2**32 - 1]),
        ),
        max_size=3,
    ),
    findings=st.lists(
        st.builds(
            institution.Finding,
            entry=st.integers(0, 9) | st.sampled_from([2**31 - 1, 2**31, 2**32 - 1]),
            institution=hub | st.sampled_from([BANK, 2**32 - 1]),
            outcome=outcomes | st.sampled_from([0, 5, -1]),
            records=st.lists(st.sampled_from([record(HIM), ACCOUNT]), max_size=2),
            reason=st.sampled_from(["", "no", "x" * 256, "x" * 257]),
        ),
        max_size=5,
    ),
)


@unhurried
@given(reply=replies)
def test_every_reply_is_judged_by_the_rules(reply: institution.Reply) -> None:
    agrees(reply.SerializeToString())


def test_institutions_may_come_packed_or_not() -> None:
    packed = institution.Answered(institutions=[FIRST, SECOND], entry_count=2).SerializeToString()
    loose = bytes([8, FIRST, 16, 2, 8, SECOND])
    assert institution.Answered.FromString(loose) == institution.Answered.FromString(packed)
    for body in (packed, loose):
        assert read(b"\x12" + bytes([len(body)]) + body)[2] == {FIRST: 2, SECOND: 2}


def test_a_million_empty_parts_are_read_in_no_time() -> None:
    """Without a bound on what each costs, four megabytes of these would hold everybody else up."""
    assert read(b"\x12\x00" * 2_000_000)[:2] == (FAULT_NONE, 0)
    assert read(b"\x1a\x00" * 1_000_000)[0] == FAULT_GARBAGE


def test_more_findings_than_a_batch_can_have_are_garbage() -> None:
    one = institution.Finding(entry=1, institution=FIRST, outcome=AMBIGUOUS).SerializeToString()
    part = b"\x1a" + bytes([len(one)]) + one
    assert read(part * 65_537)[0] == FAULT_GARBAGE
