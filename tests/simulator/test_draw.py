"""The compiled draw against the truth, over subjects of every kind."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import type_pb2
from simulator._drawn import Drawn
from simulator._population import Population
from simulator.layout import Layout
from simulator.truth import Found, Record, Subject, Truth
from tests.simulator.batches import batch, entry, item_lists, people, subjects

ACCOUNT_ITEMS = (1, 2, 7, 8, 9, 12)
STATES = {
    institution_pb2.OUTCOME_FOUND: type_pb2.END_STATE_FOUND,
    institution_pb2.OUTCOME_AMBIGUOUS: type_pb2.END_STATE_AMBIGUOUS,
}


def record_of(record: type_pb2.Record) -> Record:
    return Record(**{name: getattr(record, name) for name in Record.__slots__})


def compiled(population: Population, layout: Layout, message: bytes, everybody: bytes) -> dict[int, Found]:
    """What all institutions say, capable or not, in the truth's words."""
    drawn = Drawn(population, message)
    found = {}
    for endpoint in layout.endpoints:
        reply = institution_pb2.Reply.FromString(drawn.reply(endpoint.index, everybody, everybody))
        for finding in reply.findings:
            records = tuple(map(record_of, finding.records))
            found[finding.institution] = Found(STATES[finding.outcome], records)
    return found


def as_gateway_sees(subject: Subject, found: Found) -> Found:
    """A record that fits only one of number and name makes a query AMBIGUOUS."""
    number = subject.id_number
    if subject.id_type == type_pb2.ID_TYPE_RESIDENT_ID and number.endswith("x"):
        number = number[:-1] + "X"
    fits = all(
        (record.holder_number, record.holder_name) == (number, subject.name) for record in found.records
    )
    return found if fits else Found(type_pb2.END_STATE_AMBIGUOUS, found.records)


def shares(found: Found) -> list[tuple[int, int, int]]:
    """What is protected, held and available of each record; equality leaves it out."""
    return [(one.protected_fen, one.held_fen, one.available_fen) for one in found.records]


@cache
def population_of(seed: int) -> Population:
    return Population(seed, Layout.load())


@settings(max_examples=300, deadline=None)
@given(subject=subjects, items=item_lists, seed=st.sampled_from((0, 7, 2**63 + 1, 2**64 - 1)))
def test_compiled_and_plain_say_the_same(
    layout: Layout, everybody: bytes, subject: Subject, items: list[int], seed: int
) -> None:
    message = batch(1, [entry(subject, items=items)])
    found = compiled(population_of(seed), layout, message, everybody)
    found = {institution: as_gateway_sees(subject, one) for institution, one in found.items()}
    expected = Truth(seed, layout).found(subject, items)
    assert found == expected
    assert {key: shares(one) for key, one in found.items()} == {
        key: shares(one) for key, one in expected.items()
    }


def test_what_is_in_an_account_is_protected_held_or_available(truth: Truth) -> None:
    seen = dict.fromkeys(("protected_fen", "held_fen", "available_fen"), 0)
    for person in people(400):
        for found in truth.found(person).values():
            for record in found.records:
                told_fen = record.protected_fen + record.held_fen + record.available_fen
                assert told_fen == (record.amount_fen if record.item in ACCOUNT_ITEMS else 0)
                for name in seen:
                    seen[name] += getattr(record, name) > 0
    assert min(seen.values()) > 20


def test_odd_identities_are_told_apart_by_the_truth(layout: Layout, population: Population, truth: Truth,
                                                    everybody: bytes) -> None:  # fmt: skip
    numbers = (f"1101051980{place:07}0" for place in range(4_000))
    odd = 0
    for number in numbers:
        subject = Subject(type_pb2.ID_TYPE_RESIDENT_ID, number, "王秀英")
        expected = truth.found(subject)
        if all(one.state == type_pb2.END_STATE_FOUND for one in expected.values()):
            continue
        odd += 1
        found = compiled(population, layout, batch(1, [entry(subject)]), everybody)
        assert {key: as_gateway_sees(subject, one) for key, one in found.items()} == expected
    assert 10 < odd < 60
