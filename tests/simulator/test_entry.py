"""What an entry says, read in place."""

import pytest

from chakong.institution.v1 import institution_pb2
from simulator._drawn import Drawn
from simulator._population import Population
from simulator.layout import Layout
from simulator.truth import Truth
from tests.simulator.batches import PERSON, batch, entry, people


def findings(
    population: Population, layout: Layout, able: bytes, message: bytes, hello: bytes
) -> list[bytes]:
    """All findings to a message, encoded, in an order that depends on nothing else."""
    drawn = Drawn(population, message)
    replies = (drawn.reply(endpoint.index, hello, able) for endpoint in layout.endpoints)
    return sorted(
        finding.SerializeToString()
        for reply in replies
        for finding in institution_pb2.Reply.FromString(reply).findings
    )


def test_items_are_the_same_packed_or_one_by_one(
    population: Population, layout: Layout, able: bytes, everybody: bytes
) -> None:
    bare = institution_pb2.Batch(id=1, entries=[entry(PERSON)]).entries[0].SerializeToString()
    packed = bare + b"\x1a\x03\x01\x02\x0e"
    one_by_one = bare + b"\x18\x01\x18\x02\x18\x0e"
    wrapped = [
        b"\x08\x01\x12" + bytes((len(body) & 0x7F | 0x80, len(body) >> 7)) + body
        for body in (packed, one_by_one)
    ]
    first, second = (findings(population, layout, able, message, everybody) for message in wrapped)
    assert first == second != []


def test_items_that_do_not_exist_are_not_all_items(
    population: Population, layout: Layout, everybody: bytes
) -> None:
    message = batch(1, [entry(PERSON, items=[0, 26, 31, 4000])])
    assert findings(population, layout, everybody, message, everybody) == []


@pytest.mark.parametrize("kind", [institution_pb2.KIND_UNSPECIFIED, institution_pb2.KIND_NOTE])
def test_only_a_question_is_answered(
    population: Population, layout: Layout, everybody: bytes, kind: institution_pb2.Kind.ValueType
) -> None:
    message = batch(1, [entry(person, kind=kind) for person in people(50)])
    assert findings(population, layout, everybody, message, everybody) == []
    assert Drawn(population, message).asked() == []


def test_an_entry_that_names_institutions_goes_to_no_others(
    population: Population, layout: Layout, truth: Truth, everybody: bytes
) -> None:
    person = next(one for one in people(50) if len(truth.found(one)) > 2)
    chosen = sorted(truth.found(person))[1]
    message = batch(1, [entry(person, institutions=[chosen, 9_999_999])])
    found = findings(population, layout, everybody, message, everybody)
    assert [institution_pb2.Finding.FromString(one).institution for one in found] == [chosen]
