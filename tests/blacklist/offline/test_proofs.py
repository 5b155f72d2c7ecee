"""Sets of eight bytes an entry: what they say is what the list says, but for nobody's name."""

import pytest

from benchmarks.services.people import innocent, listed, names_of, numbers_of, rows
from blacklist.offline._proofs import Proofs, proof_of
from blacklist.screening._snapshot import Base, Binding, Snapshot
from tests.blacklist.offline.sets import HASHER, KEY, a_list
from tests.blacklist.screening.model import DERIVED, OF_A_FIRM, PLAIN, RAILWAY, RESTRICTED, TODAY, row

COUNT = 5_000
REST_BITS, TAG_BITS = 40, 16
BINDING = Binding(RAILWAY)


def read_back(made: Proofs) -> Proofs:
    return Proofs.of_body(made.body(), made.bucket_bits, made.entry_count, made.odd_count)


def proofs(*given: tuple[object, ...], binding: Binding = BINDING) -> Proofs:
    return read_back(Proofs.of_snapshot(a_list(*given), binding, KEY.outer, TODAY))


def found(made: Proofs, number: bytes, name: str, days: int = 0) -> tuple[int, int, int]:
    hashed, tag, fault = proof_of(HASHER, KEY.outer, 1, number, name.encode())
    assert fault == 0
    return made.find(hashed, tag, days)


def test_each_of_thousands_is_found_and_nobody_else() -> None:
    base = Base.of_entries(HASHER, rows(COUNT))
    made = read_back(Proofs.of_snapshot(Snapshot(base, HASHER, 1), BINDING, KEY.outer, TODAY))
    assert made.entry_count == COUNT
    for persons, expected in ((listed(COUNT), (1, 1, 1)), (innocent(COUNT), (0, 0, 0))):
        numbers, names = numbers_of(persons), names_of(persons)
        came = {
            found(made, number.tobytes(), name.tobytes().decode())
            for number, name in zip(numbers, names, strict=True)
        }
        assert came == {expected}


def test_entry_takes_eight_bytes() -> None:
    made = Proofs.of_snapshot(a_list(*rows(COUNT)), BINDING, KEY.outer, TODAY)
    assert len(made.body()) == (1 << made.bucket_bits) + 8 * COUNT
    assert made.bucket_bits + REST_BITS >= 58


@pytest.mark.parametrize("entry_count", [1, 100_000, 6_420_000, 10_000_000, 100_000_000])
def test_innocent_people_are_not_expected_to_be_named(entry_count: int) -> None:
    # As _proofs.pyx chooses it: fewer than eight entries a bucket, 18 to 24 bits.
    bucket_bits = next((bits for bits in range(18, 24) if entry_count >> bits < 8), 24)
    named = 1.4e9 * entry_count / 2 ** (bucket_bits + REST_BITS + TAG_BITS)
    assert named <= 0.001


def test_number_with_another_name_is_there_and_nothing_more() -> None:
    made = proofs(row())
    assert found(made, b"11010519491231002X", "李四") == (1, 0, 0)


def test_listings_of_one_person_are_one_entry_and_the_later_end_counts() -> None:
    made = proofs(
        row(listing_id=1, until_day=TODAY + 1),
        row(listing_id=2, until_day=TODAY + 4),
        row(listing_id=3, until_day=TODAY + 2),
    )
    assert made.entry_count == 1
    assert [found(made, b"11010519491231002X", "张三", days)[0] for days in range(7)] == [1, 1, 1, 1, 1, 0, 0]


def test_kinds_and_bounds_of_one_person_come_together() -> None:
    made = proofs(row(listing_id=1), row(listing_id=2, kinds=RESTRICTED, bound=1))
    assert found(made, b"11010519491231002X", "张三") == (1, 3, 0b11)


def test_unit_that_is_not_told_of_derived_subjects_has_none_of_them() -> None:
    derived = row(kinds=DERIVED, bound=OF_A_FIRM)
    assert proofs(derived, binding=Binding(PLAIN)).entry_count == 0
    assert found(proofs(derived), b"11010519491231002X", "张三") == (1, DERIVED, 1 << OF_A_FIRM)


def test_what_has_ended_is_left_out() -> None:
    assert proofs(row(until_day=TODAY - 1)).entry_count == 0


def test_number_with_an_entry_still_to_come_is_told_apart_with_all_its_entries() -> None:
    made = proofs(row(), row(listing_id=2, since_day=TODAY + 2), row(1))
    assert (made.entry_count, made.odd_count) == (1, 1)
    assert found(made, b"11010519491231002X", "张三") == (0, 0, 0)


@pytest.mark.parametrize("bits", [17, 25])
def test_other_sizes_are_refused(bits: int) -> None:
    made = proofs(row())
    with pytest.raises(ValueError, match="bucket bits"):
        Proofs.of_body(made.body(), bits, 1, 0)


def test_body_that_contradicts_itself_is_refused() -> None:
    made = Proofs.of_snapshot(a_list(row(), row(1)), BINDING, KEY.outer, TODAY)
    body, bits = made.body(), made.bucket_bits
    with pytest.raises(ValueError, match="at least"):
        Proofs.of_body(body[: (1 << bits) + 8], bits, 2, 0)
    with pytest.raises(ValueError, match="buckets of 2 entries given, 3"):
        Proofs.of_body(body + bytes(8), bits, 3, 0)
    same = bytearray(body)
    same[: 1 << bits] = bytes(1 << bits)
    same[5] = 2
    same[-8:] = same[-16:-8]
    with pytest.raises(ValueError, match="sorted within their bucket"):
        Proofs.of_body(bytes(same), bits, 2, 0)


def test_key_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="15 bytes given, 16"):
        proof_of(HASHER, b"0" * 15, 1, b"11010519491231002X", b"a")
