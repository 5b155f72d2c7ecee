"""What the books open, against the truth."""

from hypothesis import given, settings

from simulator import burden
from simulator._owned import owned
from simulator._population import Population
from simulator.truth import Record, Subject, Truth
from tests.simulator.batches import PERSON, people, subjects


def owned_by(
    population: Population, subject: Subject, item: int, institution: int
) -> list[tuple[str, str, int, str, str, str, int]]:
    return owned(population, subject.id_type, subject.id_number, subject.name, item, institution)


def told(record: Record) -> tuple[str, str, int, str, str, str]:
    return (
        record.locator, record.kind, record.amount_fen, record.currency, record.holder_number,
        record.holder_name,
    )  # fmt: skip


@settings(deadline=None)
@given(subject=subjects)
def test_all_that_the_truth_finds_can_be_opened(
    population: Population, truth: Truth, subject: Subject
) -> None:
    for institution, found in truth.found(subject).items():
        for item in {record.item for record in found.records}:
            drawn = owned_by(population, subject, item, institution)
            assert [one[:-1] for one in drawn] == [
                told(record) for record in found.records if record.item == item
            ]


def test_the_burden_says_what_the_record_says(population: Population, truth: Truth) -> None:
    burdened = 0
    for person in people(600):
        for institution, found in truth.found(person, (1,)).items():
            drawn = owned_by(population, person, 1, institution)
            for record, one in zip(found.records, drawn, strict=True):
                held_fen = burden.held_fen(one[-1], record.amount_fen - record.protected_fen)
                assert record.held_fen == held_fen
                burdened += held_fen > 0
    assert burdened > 10


def test_nothing_is_owned_elsewhere_or_of_no_item(population: Population, truth: Truth) -> None:
    institution, found = next(iter(truth.found(PERSON).items()))
    item = found.records[0].item
    assert owned_by(population, PERSON, item, institution)
    assert owned_by(population, PERSON, item, institution + 1) == []
    assert owned_by(population, PERSON, 0, institution) == []
    assert owned_by(population, PERSON, 26, institution) == []
    assert owned(population, 1, "1" * 21, "王芳", item, institution) == []
    assert owned(population, 1, "1", "王" * 30_000, item, institution) == []
