"""A slow list that is obviously right, and a few people who are on it.

It keeps rows as they are and looks at all of them. Names are folded by the project's own folding, which has
tests of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from blacklist.screening._identity import Hasher
from blacklist.screening.folding import folding
from chakong.blacklist.v1 import screening_pb2
from chakong.type.v1.type_pb2 import ID_TYPE_CREDIT_CODE, ID_TYPE_PASSPORT, ID_TYPE_RESIDENT_ID, Subject

KEY = b"0123456789abcdef"
HASHER = Hasher(KEY, folding())
TODAY = 20_000
LISTED, RESTRICTED, DERIVED = 1, 2, 4
PERSON, ORGANISATION, OF_A_FIRM = 0, 1, 2
# Of a unit that is told of persons and organisations, and one that is told of derived subjects too.
PLAIN: tuple[tuple[int, ...], ...] = ((18, 34), (18,), (), ())
RAILWAY: tuple[tuple[int, ...], ...] = ((28,), (28,), (28,), ())

NUMBERS = {
    ID_TYPE_RESIDENT_ID: ("11010519491231002X", "310101195202170006", "11010119900307002X"),
    ID_TYPE_CREDIT_CODE: ("91110000600037341L", "911101080628135175"),
    ID_TYPE_PASSPORT: ("E12345678",),
}
NAMES = ("张三", "李四", "買買提·吐爾遜", "北京某某（集团）有限公司")
PEOPLE = tuple((id_type, number) for id_type, numbers in NUMBERS.items() for number in numbers)


def row(
    person: int = 0,
    name: str = "张三",
    listing_id: int = 1,
    kinds: int = LISTED,
    bound: int = PERSON,
    since_day: int = TODAY - 10,
    until_day: int | None = None,
) -> tuple[int, bytes, str, int, int, int, int, int | None]:
    """An entry about one of PEOPLE."""
    id_type, number = PEOPLE[person]
    return (id_type, number.encode(), name, listing_id, kinds, bound, since_day, until_day)


def subject(person: int = 0, name: str = "张三") -> Subject:
    """Somebody to be asked about."""
    id_type, number = PEOPLE[person]
    return Subject(id_type=id_type, id_number=number, name=name)


def request(subjects: Iterable[Subject], tag: int = 0) -> bytes:
    return screening_pb2.ScreenBulkRequest(subjects=subjects, tag=tag).SerializeToString()


def response(encoded: bytes) -> screening_pb2.ScreenBulkResponse:
    return screening_pb2.ScreenBulkResponse.FromString(encoded)


@dataclass
class Model:
    rows: list[Any] = field(default_factory=list)

    def change(self, is_added: bool, changed: Any) -> None:
        """As Snapshot.changed: one entry of a listing for a number, kind and bound."""
        self.rows = [one for one in self.rows if _identity(one) != _identity(changed)]
        if is_added:
            self.rows.append(changed)

    def finding(self, asked: Subject, measures: Sequence[Sequence[int]], day: int) -> screening_pb2.Finding:
        """Without its index; CLEAR for whoever is clear."""
        there = [
            one
            for one in self.rows
            if (one[0], one[1].decode()) == (asked.id_type, asked.id_number.upper())
            and one[6] <= day <= (65_535 if one[7] is None else one[7])
            and (one[4] & LISTED or measures[one[5]])
        ]
        fitting = [one for one in there if folded(one[2]) == folded(asked.name)]
        if not there:
            return screening_pb2.Finding(outcome=screening_pb2.OUTCOME_CLEAR)
        if not fitting:
            return screening_pb2.Finding(
                outcome=screening_pb2.OUTCOME_CHECK_BY_HAND, listing_ids=sorted(one[3] for one in there)
            )
        is_listed = any(one[4] & LISTED for one in fitting)
        return screening_pb2.Finding(
            outcome=screening_pb2.OUTCOME_LISTED if is_listed else screening_pb2.OUTCOME_RESTRICTED,
            listing_ids=sorted(one[3] for one in fitting),
            measures=sorted({measure for one in fitting for measure in measures[one[5]]}),
        )


def folded(name: str) -> bytes:
    return folding().folded(name.encode())


def _identity(one: Any) -> Any:
    return one[0], one[1], one[3], one[4], one[5]
