"""Drawn: what a fixture names, found in the population of the simulator.

For any endpoint: persons and organisations are made up until one has what is wanted there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import type_pb2
from runtime import data
from simulator import burden
from simulator._drawn import Drawn
from simulator._owned import owned
from simulator._population import Population
from simulator.books.movement import movement_of
from simulator.layout import INQUIRE, Endpoint, Layout, bitmap

TIME_DEPOSIT, DEMAND_DEPOSIT, WEALTH_PRODUCT = 2, 1, 3
FREE_FEN_LEAST = 100_000
SUBJECTS_PER_BATCH = 512
BATCHES_MAX = 400
WANTED = {
    # name -> item, kind
    "full": (TIME_DEPOSIT, "personal"),
    "empty": (TIME_DEPOSIT, "personal"),
    "exempt": (DEMAND_DEPOSIT, "migrant_wage_special"),
    "pledged": (DEMAND_DEPOSIT, "margin"),
    "closed": (DEMAND_DEPOSIT, "closed"),
    "thing": (WEALTH_PRODUCT, ""),
}
_ID_TYPES = {type_pb2.ID_TYPE_RESIDENT_ID: "resident_id", type_pb2.ID_TYPE_CREDIT_CODE: "credit_code"}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look."""

    layout: Layout
    population: Population
    endpoint: Endpoint


def fixture_of(
    layout: Layout, seed: int, key: str, names: frozenset[str] = frozenset(WANTED)
) -> dict[str, Any]:
    """A fixture of this endpoint as TOML has it, with these accounts; a LookupError says which one could not
    be found. Institutions are those of the accounts and, of a hub, one more."""
    index = layout.endpoint_of(key)
    if index is None:
        raise LookupError(f"{key}: no such endpoint")
    place = Place(layout, Population(seed, layout), layout.endpoints[index])
    accounts: dict[str, dict[str, Any]] = {}
    ambiguous: dict[str, str] = {}
    chosen: set[int] = set()
    for subject, finding in _findings(place):
        if finding.outcome == institution_pb2.OUTCOME_AMBIGUOUS:
            if not ambiguous:
                ambiguous = _subject(subject)
                chosen.add(finding.institution)
            continue
        for record in finding.records:
            name = _name_for(place, subject, finding.institution, record, names - accounts.keys())
            if name:
                accounts[name] = _account(name, subject, finding.institution, record)
        if names == accounts.keys() and ambiguous:
            break
    missing = names - accounts.keys()
    if missing:
        raise LookupError(f"{sorted(missing)}: nobody has one at {key}")
    subjects = {"unknown": _subject(_unknown(place))}
    if ambiguous:
        subjects["ambiguous"] = ambiguous
    return {
        "endpoint": key,
        "institutions": _institutions(place, chosen | {one["institution"] for one in accounts.values()}),
        "test_bench": True,
        "agreed": {"answer_s": 10.0, "in_flight": place.endpoint.in_flight_max},
        "courts": _courts(),
        "subjects": subjects,
        "accounts": {name: accounts[name] for name in WANTED if name in accounts},
    }


def _courts() -> list[dict[str, str]]:
    return [
        {"code": row["code"], "officer": f"{row['code'][1:]}001", "payee_account": row["account"]}
        for row in data.courts()[:2]
    ]


def _institutions(place: Place, chosen: set[int]) -> list[int]:
    able = [one for one in place.endpoint.institutions if INQUIRE in place.layout.institutions[one].can]
    others = [one for one in able if one not in chosen][:1] if len(chosen) == 1 else []
    return sorted([*chosen, *others])


def _findings(place: Place) -> Iterator[tuple[type_pb2.Subject, institution_pb2.Finding]]:
    everybody = bitmap(place.endpoint.institutions)
    for number in range(BATCHES_MAX):
        first = number * SUBJECTS_PER_BATCH
        subjects = [
            subject for at in range(first, first + SUBJECTS_PER_BATCH) for subject in _made_up(place, at)
        ]
        batch = institution_pb2.Batch(id=1)
        for subject in subjects:
            batch.entries.add(subject=subject, kind=institution_pb2.KIND_ASK)
        reply = Drawn(place.population, batch.SerializeToString()).reply(
            place.endpoint.index, everybody, everybody
        )
        for finding in institution_pb2.Reply.FromString(reply).findings:
            yield subjects[finding.entry], finding


def _made_up(place: Place, at: int) -> Iterator[type_pb2.Subject]:
    """One person and one organisation of the endpoint's province."""
    province = place.layout.institutions[place.endpoint.institutions[0]].province or 11
    yield _person(province, at)
    body = f"91{province:02}0105{at:09}"
    yield type_pb2.Subject(
        id_type=type_pb2.ID_TYPE_CREDIT_CODE, id_number=f"{body}X", name=f"测试{at}有限公司"
    )


def _person(province: int, at: int) -> type_pb2.Subject:
    body = f"{province:02}01051980{1 + at // 28_000 % 12:02}{1 + at // 1_000 % 28:02}{at % 1_000:03}"
    check = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]
    return type_pb2.Subject(id_type=type_pb2.ID_TYPE_RESIDENT_ID, id_number=body + check, name=f"测试{at}")


def _unknown(place: Place) -> type_pb2.Subject:
    """Nothing of it anywhere."""
    everybody = bitmap(place.endpoint.institutions)
    province = place.layout.institutions[place.endpoint.institutions[0]].province or 11
    for at in range(1_000):
        subject = _person(province, at)
        batch = institution_pb2.Batch(id=1)
        batch.entries.add(subject=subject, kind=institution_pb2.KIND_ASK)
        reply = Drawn(place.population, batch.SerializeToString()).reply(
            place.endpoint.index, everybody, everybody
        )
        if not institution_pb2.Reply.FromString(reply).findings:
            return subject
    raise LookupError("unknown: everybody has something")


def _name_for(
    place: Place, subject: type_pb2.Subject, institution: int, record: type_pb2.Record, names: frozenset[str]
) -> str:
    """Which of the wanted accounts this is; empty: none."""
    fits = (record.holder_number, record.holder_name) == (subject.id_number, subject.name)
    if not fits or record.currency or not _is_quiet(place, subject, institution, record):
        return ""
    for name in sorted(names):
        item, kind = WANTED[name]
        free_fen = record.available_fen
        has_money = {"full": free_fen >= FREE_FEN_LEAST, "pledged": free_fen >= FREE_FEN_LEAST}
        if name == "empty":
            has_money[name] = free_fen == 0
        if record.item == item and (not kind or record.kind == kind) and has_money.get(name, True):
            return name
    return ""


def _is_quiet(place: Place, subject: type_pb2.Subject, institution: int, record: type_pb2.Record) -> bool:
    """No other court holds any of it, and it does not move by itself."""
    found = owned(
        place.population, subject.id_type, subject.id_number, subject.name, record.item, institution
    )
    luck = next(one[-1] for one in found if one[0] == record.locator)
    return not burden.is_burdened(luck) and movement_of(luck, record.item, record.kind, "") is None


def _account(
    name: str, subject: type_pb2.Subject, institution: int, record: type_pb2.Record
) -> dict[str, Any]:
    least = {"free_fen_least": FREE_FEN_LEAST} if name in ("full", "pledged") else {}
    return {
        "institution": institution,
        "item": record.item,
        "locator": record.locator,
        "kind": record.kind,
        **least,
        "subject": _subject(subject),
    }


def _subject(subject: type_pb2.Subject) -> dict[str, str]:
    id_type = _ID_TYPES[subject.id_type]
    return {"id_type": id_type, "id_number": subject.id_number, "name": subject.name}
