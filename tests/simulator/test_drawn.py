"""Replies for one endpoint: who is named, what is answered, what is left out."""

import pytest

from chakong.institution.v1 import institution_pb2
from simulator._drawn import Drawn
from simulator._population import Population
from simulator.layout import INQUIRE, Layout, bitmap
from simulator.truth import Truth, is_chosen
from tests.simulator.batches import PERSON, batch, entry, hello, people
from tests.simulator.conftest import SEED


def reply_of(drawn: Drawn, endpoint: int, hello_bits: bytes, able: bytes) -> institution_pb2.Reply:
    return institution_pb2.Reply.FromString(drawn.reply(endpoint, hello_bits, able))


def test_every_endpoint_names_all_that_are_addressed_and_able(
    population: Population, layout: Layout, everybody: bytes, able: bytes
) -> None:
    drawn = Drawn(population, batch(9, [entry(PERSON)] * 3))
    for endpoint in layout.endpoints:
        reply = reply_of(drawn, endpoint.index, everybody, able)
        assert reply.batch_id == 9
        assert [answered.entry_count for answered in reply.answered] == [3]
        wanted = [index for index in endpoint.institutions if INQUIRE in layout.institutions[index].can]
        assert list(reply.answered[0].institutions) == wanted


def test_findings_of_a_whole_wave_are_those_of_the_truth(
    population: Population, layout: Layout, truth: Truth, everybody: bytes, able: bytes
) -> None:
    asked = people(400)
    drawn = Drawn(population, batch(2, [entry(person) for person in asked]))
    found = {
        (finding.entry, finding.institution): len(finding.records)
        for endpoint in layout.endpoints
        for finding in reply_of(drawn, endpoint.index, everybody, able).findings
    }
    assert found == {
        (place, institution): len(one.records)
        for place, person in enumerate(asked)
        for institution, one in truth.found(person).items()
        if INQUIRE in layout.institutions[institution].can
    }


def test_one_that_is_not_greeted_is_not_named(
    population: Population, layout: Layout, everybody: bytes
) -> None:
    hub = layout.endpoint_of("union-33")
    assert hub is not None
    members = layout.endpoints[hub].institutions
    drawn = Drawn(population, batch(2, [entry(person) for person in people(500)]))
    reply = reply_of(drawn, hub, bitmap(members[:2]), everybody)
    assert list(reply.answered[0].institutions) == list(members[:2])
    assert {finding.institution for finding in reply.findings} <= set(members[:2])
    assert drawn.answering(hub, bitmap(members[:2]), everybody) == list(members[:2])


def test_listed_institutions_need_no_greeting(
    population: Population, layout: Layout, everybody: bytes
) -> None:
    hub = layout.endpoint_of("union-33")
    assert hub is not None
    members = layout.endpoints[hub].institutions
    drawn = Drawn(population, batch(2, [entry(PERSON, institutions=members[3:5])]))
    assert not drawn.needs_hello
    assert drawn.answering(hub, bitmap(()), everybody) == list(members[3:5])
    assert drawn.answering(hub, everybody, everybody) == list(members[3:5])


def test_nobody_addressed_is_an_empty_reply(population: Population, everybody: bytes) -> None:
    drawn = Drawn(population, batch(5, [entry(PERSON)]))
    assert drawn.reply(0, bitmap(()), everybody) == institution_pb2.Reply(batch_id=5).SerializeToString()


def test_only_the_first_entries_are_answered_when_so_limited(
    population: Population, layout: Layout, everybody: bytes
) -> None:
    drawn = Drawn(population, batch(2, [entry(person) for person in people(100)]))
    cut = [drawn.reply(endpoint.index, everybody, everybody, 40) for endpoint in layout.endpoints]
    replies = [institution_pb2.Reply.FromString(one) for one in cut]
    assert {answered.entry_count for reply in replies for answered in reply.answered} == {40}
    assert max(finding.entry for reply in replies for finding in reply.findings) < 40


def test_the_first_message_of_a_stream_greets(population: Population) -> None:
    drawn = Drawn(population, hello([0, 7, 3915]))
    assert (drawn.batch_id, drawn.entry_count, drawn.hello) == (0, 0, bitmap([0, 7, 3915]))


def test_subjects_are_chosen_by_their_hash(population: Population) -> None:
    asked = people(600)
    drawn = Drawn(population, batch(2, [entry(person) for person in asked]))
    chosen = [place for place, person in enumerate(asked) if is_chosen(SEED, person, 99, 20)]
    assert drawn.chosen(99, 20) == chosen
    assert 10 < len(chosen) < 60


def test_wrong_use_is_refused(population: Population, everybody: bytes) -> None:
    drawn = Drawn(population, batch(2, [entry(PERSON)]))
    with pytest.raises(IndexError, match="endpoint: 372 given"):
        drawn.reply(372, everybody, everybody)
    with pytest.raises(ValueError, match="bitmap: 3 bytes given"):
        drawn.reply(0, b"abc", everybody)
    with pytest.raises(ValueError, match="one_in: 0"):
        drawn.chosen(1, 0)


@pytest.mark.parametrize(("number", "name"), [("1" * 21, "王芳"), ("1", "王" * 86)])
def test_a_subject_beyond_the_contract_is_refused_without_naming_it(
    population: Population, number: str, name: str
) -> None:
    long = entry(PERSON)
    long.subject.id_number, long.subject.name = number, name
    with pytest.raises(ValueError, match="longer than the contract allows") as caught:
        Drawn(population, batch(2, [long]))
    assert name not in str(caught.value)
