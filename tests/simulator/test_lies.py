"""Lies: each is false in its own way and in no other."""

import pytest
from google.protobuf.message import DecodeError

from chakong.institution.v1 import institution_pb2
from simulator._drawn import Drawn
from simulator._population import Population
from simulator.layout import Layout, bitmap
from simulator.lies import STRANGER_NAME, Circumstances, decline, refuse, twist
from simulator.scenarios import Fault
from tests.simulator.batches import batch, entry, people


@pytest.fixture(scope="module")
def known(layout: Layout) -> Circumstances:
    endpoint = layout.endpoints[layout.institutions[0].endpoint]
    entries = [entry(person) for person in people(20)]
    entries[0] = entry(people(1)[0], kind=institution_pb2.KIND_NOTE)
    entries[1] = entry(people(1)[0], institutions=[endpoint.institutions[1]])
    return Circumstances(
        message=batch(4, entries),
        hello=frozenset(endpoint.institutions),
        answering=endpoint.institutions,
        stranger=3915,
    )


@pytest.fixture(scope="module")
def honest(population: Population, layout: Layout, known: Circumstances) -> bytes:
    hello = bitmap(known.hello)
    return Drawn(population, known.message).reply(layout.institutions[0].endpoint, hello, hello)


def twisted(honest: bytes, fault: Fault, known: Circumstances) -> institution_pb2.Reply:
    return institution_pb2.Reply.FromString(twist(honest, fault, known))


def test_garbage_cannot_be_read(honest: bytes, known: Circumstances) -> None:
    with pytest.raises(DecodeError):
        twisted(honest, Fault.GARBAGE, known)


def test_a_foreign_batch_is_named(honest: bytes, known: Circumstances) -> None:
    assert twisted(honest, Fault.FOREIGN_BATCH, known).batch_id != 4


def test_an_unknown_index_is_just_beyond_the_batch(honest: bytes, known: Circumstances) -> None:
    assert max(one.entry for one in twisted(honest, Fault.UNKNOWN_INDEX, known).findings) == 20


def test_a_wrong_institution_claims_to_have_answered(honest: bytes, known: Circumstances) -> None:
    named = [
        index
        for one in twisted(honest, Fault.WRONG_INSTITUTION, known).answered
        for index in one.institutions
    ]
    assert 3915 in named


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault.FOREIGN_RECORD, institution_pb2.OUTCOME_FOUND),
        (Fault.UNAVAILABLE, institution_pb2.OUTCOME_UNAVAILABLE),
    ],
)
def test_a_false_finding_stands_where_a_question_was_asked(
    honest: bytes, known: Circumstances, fault: Fault, outcome: int
) -> None:
    before = institution_pb2.Reply.FromString(honest)
    changed = [
        finding for finding in twisted(honest, fault, known).findings if finding not in before.findings
    ]
    assert [(one.entry, one.institution, one.outcome) for one in changed] == [
        (1, known.answering[1], outcome)
    ]
    assert [record.holder_name for record in changed[0].records] == [STRANGER_NAME] * (
        fault is Fault.FOREIGN_RECORD
    )


def test_declined_entries_are_refused_by_those_they_were_addressed_to(
    honest: bytes, known: Circumstances
) -> None:
    reply = institution_pb2.Reply.FromString(decline(honest, {0, 1, 2}, known))
    refused = [
        (one.entry, one.institution)
        for one in reply.findings
        if one.outcome == institution_pb2.OUTCOME_REFUSED
    ]
    assert sorted(refused) == sorted([(1, known.answering[1]), *((2, index) for index in known.answering)])
    assert len({(one.entry, one.institution) for one in reply.findings}) == len(reply.findings)


@pytest.mark.parametrize("fault", [Fault.FOREIGN_RECORD, Fault.UNAVAILABLE])
def test_without_a_question_there_is_nothing_to_lie_about(fault: Fault) -> None:
    honest = institution_pb2.Reply(batch_id=4).SerializeToString()
    nobody = Circumstances(message=batch(4, []), hello=frozenset(), answering=(), stranger=3915)
    assert twist(honest, fault, nobody) == honest


def test_a_refusal_answers_nothing() -> None:
    reply = institution_pb2.Reply.FromString(refuse(7, "no"))
    assert reply == institution_pb2.Reply(batch_id=7, refusal="no")


@pytest.mark.parametrize("fault", [Fault.NONE, Fault.HALF, Fault.RESET, Fault.REFUSAL])
def test_what_is_no_lie_is_refused(honest: bytes, known: Circumstances, fault: Fault) -> None:
    with pytest.raises(LookupError):
        twist(honest, fault, known)
