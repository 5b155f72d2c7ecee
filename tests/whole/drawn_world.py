"""Drawn world: a small directory, people, and the truth about them, all from one seed.

What the seeded days are played in. Pure: it says who could be asked and what they really have; it asks
nobody.
"""

import struct
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from random import Random

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types
from tests.model.world import record

ITEM_SETS = ((1, 2, 3, 4, 5), (1, 2, 3, 4, 5), (1, 2), (3, 4, 5))
UNIT_ITEMS = ((6, 7), (8,), (9, 10))
PROVINCES = (33, 32, 11)
# Of every role one in a world, and the rest at random.
ROLES = ("clean", "slow", "lossy", "flaky", "shut", "dead", "poisoned", "liar")
INQUIRE, CONTROL = 1, 6


@dataclass(frozen=True, slots=True)
class Place:
    """An institution."""

    endpoint: int
    province: int
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """An endpoint. `role`: how it behaves all day."""

    role: str
    behind: tuple[int, ...]
    entries_max: int
    bytes_max: int
    in_flight_max: int


@dataclass(frozen=True, slots=True)
class DrawnWorld:
    institutions: tuple[Place, ...]
    endpoints: tuple[Gate, ...]
    mute: frozenset[int]  # cannot be inquired of when the day begins

    @classmethod
    def of(cls, chance: Random) -> "DrawnWorld":
        places: list[Place] = []
        gates: list[Gate] = []
        roles = ["clean", *chance.sample(ROLES, chance.randint(2, 6))]
        for endpoint, role in enumerate(roles):
            first = len(places)
            if chance.random() < 0.25:
                places.append(Place(endpoint, 0, chance.choice(UNIT_ITEMS)))
            else:
                places += [
                    Place(endpoint, chance.choice(PROVINCES), chance.choice(ITEM_SETS))
                    for _ in range(chance.choice((1, 3, 8)))
                ]
            gates.append(
                Gate(
                    role,
                    tuple(range(first, len(places))),
                    chance.choice((1, 3, 16, 4_096)),
                    chance.choice((400, 4_096, 1 << 20)),
                    chance.randint(1, 4),
                )
            )
        mute = frozenset(index for index in range(len(places)) if chance.random() < 0.08)
        return cls(tuple(places), tuple(gates), mute)

    def snapshot(self, version: int, incapable: Collection[int]) -> bytes:
        """Engine.set_directory's argument."""
        packed = struct.pack("<8sIIQ", b"CKDIR001", len(self.institutions), len(self.endpoints), version)
        for index, place in enumerate(self.institutions):
            can = CONTROL | (INQUIRE if index not in incapable else 0)
            items = sum(1 << (code - 1) for code in place.items)
            packed += struct.pack("<HBBI", place.endpoint, can, place.province, items)
        for gate in self.endpoints:
            packed += struct.pack("<III", gate.entries_max, gate.bytes_max, 0)
        return packed

    def concerned(self, made: gateway.Inquiry) -> frozenset[int]:
        """Who is in its scope and keeps one of its items."""
        return frozenset(
            index
            for index, place in enumerate(self.institutions)
            if self._is_reached(made.scope, index) and self.kept(made.items, index)
        )

    def kept(self, items: Collection[int], index: int) -> tuple[int, ...]:
        """What the institution keeps of what is asked for."""
        return tuple(code for code in self.institutions[index].items if not items or code in items)

    def _is_reached(self, scope: gateway.Scope, index: int) -> bool:
        province = self.institutions[index].province
        return {
            gateway.REACH_ALL: True,
            gateway.REACH_BANKS: province != 0,
            gateway.REACH_UNITS: province == 0,
            gateway.REACH_PROVINCE: scope.province == f"{province:02}",
            gateway.REACH_LIST: index in scope.institutions,
        }[scope.reach]


def truth(subject: types.Subject, kept: Collection[int], index: int) -> institution.Finding | None:
    """What the institution says of the subject, today and always; None: it has nothing."""
    text = f"{subject.id_number} {subject.name} {sorted(kept)} {index}"
    said = institution.Finding(institution=index)
    match zlib.crc32(text.encode()) % 10:
        case 0 | 1:
            said.outcome = institution.OUTCOME_FOUND
            said.records.append(record(subject, item=min(kept), locator=text))
        case 2:
            said.outcome = institution.OUTCOME_FOUND
            said.records.extend(record(subject, item=code, amount_fen=code, held_fen=code) for code in kept)
        case 3:
            said.outcome = institution.OUTCOME_FOUND  # another's number under this name
            said.records.append(record(subject, item=min(kept), holder_number="0"))
        case 4:
            said.outcome = institution.OUTCOME_AMBIGUOUS
        case 5:
            said.outcome = institution.OUTCOME_REFUSED
            said.reason = "declined"
        case _:
            return None
    return said


def must_end(said: institution.Finding | None, subject: types.Subject) -> int:
    """The state that a query comes to by what the institution said."""
    if said is None:
        return types.END_STATE_NONE
    if said.outcome == institution.OUTCOME_REFUSED:
        return types.END_STATE_REFUSED
    fits = all(row.holder_number == subject.id_number for row in said.records)
    is_found = said.outcome == institution.OUTCOME_FOUND and fits
    return types.END_STATE_FOUND if is_found else types.END_STATE_AMBIGUOUS
