"""Every fault that the twin finds is the Engine's, and the other way round."""

from collections.abc import Callable

import pytest

from benchmarks.engine.world import COURT, NOW_NS, World
from benchmarks.peers.python_twin import Twin
from benchmarks.subjects import load_inquiry
from chakong.gateway.v1.gateway_pb2 import REACH_LIST, REACH_PROVINCE, Inquiry, Scope, SubmitBulkRequest
from chakong.type.v1.type_pb2 import ID_TYPE_CREDIT_CODE, ID_TYPE_PASSPORT, Subject
from tests.benchmarks.peers.worlds import DIRECTORY, verdicts

Change = Callable[[Inquiry], object]

CHANGES: dict[str, Change] = {
    "nothing": lambda _: None,
    "foreign court": lambda one: setattr(one, "court_code", "沪01"),
    "long court": lambda one: setattr(one, "court_code", "京" * 11),
    "mandate of another court": lambda one: setattr(one.mandate, "court_code", "沪01"),
    "mandate of this court": lambda one: setattr(one.mandate, "court_code", COURT),
    "no order id": lambda one: setattr(one, "order_id", ""),
    "order id of 64 bytes": lambda one: setattr(one, "order_id", "号" * 21 + "x"),
    "order id of 66 bytes": lambda one: setattr(one, "order_id", "号" * 22),
    "no case number": lambda one: setattr(one.mandate, "case_number", ""),
    "long instrument number": lambda one: setattr(one.mandate, "instrument_number", "n" * 129),
    "no officer": lambda one: setattr(one.mandate, "officer_id", ""),
    "no instrument kind": lambda one: setattr(one.mandate, "instrument_kind", 0),
    "unknown instrument kind": lambda one: setattr(one.mandate, "instrument_kind", 3),
    "no role": lambda one: setattr(one.mandate, "debtor_role", 0),
    "guarantor": lambda one: setattr(one.mandate, "debtor_role", 3),
    "unknown role": lambda one: setattr(one.mandate, "debtor_role", 4),
    "no mandate": lambda one: one.ClearField("mandate"),
    "blank name": lambda one: setattr(one.subject, "name", "  "),
    "long name": lambda one: setattr(one.subject, "name", "名" * 86),
    "no number": lambda one: setattr(one.subject, "id_number", ""),
    "unknown type": lambda one: setattr(one.subject, "id_type", 4),
    "no subject": lambda one: one.ClearField("subject"),
    "short number": lambda one: setattr(one.subject, "id_number", "110101"),
    "long number": lambda one: setattr(one.subject, "id_number", "1" * 21),
    "other digits": lambda one: setattr(one.subject, "id_number", "١" * 17 + "X"),
    "letter in number": lambda one: setattr(one.subject, "id_number", "11010119500101A018"),
    "wrong check character": lambda one: setattr(one.subject, "id_number", "110101195001010012"),
    "small x": lambda one: setattr(one.subject, "id_number", "11010519491231002x"),
    "no such day": lambda one: setattr(one.subject, "id_number", "110101195002300017"),
    "born in 1899": lambda one: setattr(one.subject, "id_number", "110101189912310017"),
    "born tomorrow": lambda one: setattr(one.subject, "id_number", "110101209901010017"),
    "credit code": lambda one: one.subject.MergeFrom(
        Subject(id_type=ID_TYPE_CREDIT_CODE, id_number="91350100M000100Y43")
    ),
    "wrong credit code": lambda one: one.subject.MergeFrom(
        Subject(id_type=ID_TYPE_CREDIT_CODE, id_number="91350100M000100Y44")
    ),
    "credit code with an I": lambda one: one.subject.MergeFrom(
        Subject(id_type=ID_TYPE_CREDIT_CODE, id_number="91350100I000100Y43")
    ),
    "passport": lambda one: one.subject.MergeFrom(Subject(id_type=ID_TYPE_PASSPORT, id_number="E12345678")),
    "passport with a dash": lambda one: one.subject.MergeFrom(
        Subject(id_type=ID_TYPE_PASSPORT, id_number="E-2345678")
    ),
    "no scope": lambda one: one.ClearField("scope"),
    "unknown reach": lambda one: setattr(one.scope, "reach", 6),
    "unknown province": lambda one: one.scope.MergeFrom(Scope(reach=REACH_PROVINCE, province="00")),
    "half a province": lambda one: one.scope.MergeFrom(Scope(reach=REACH_PROVINCE, province="3")),
    "empty list": lambda one: one.scope.CopyFrom(Scope(reach=REACH_LIST)),
    "unknown institution": lambda one: one.scope.CopyFrom(Scope(reach=REACH_LIST, institutions=[3_916])),
    "long list": lambda one: one.scope.CopyFrom(Scope(reach=REACH_LIST, institutions=[1] * 4_097)),
    "unknown item": lambda one: one.items.extend([1, 26]),
    "only unknown items": lambda one: one.items.extend([0, 26]),
    "all items, some twice": lambda one: one.items.extend([*range(25, 0, -1), 3]),
    "items of a few": lambda one: one.items.extend([9, 2]),
    "unknown urgency": lambda one: setattr(one, "urgency", 4),
    "stale": lambda one: setattr(one, "freshness_s", 604_801),
    "late": lambda one: setattr(one, "deadline_s", 2_592_001),
    "negative claim": lambda one: setattr(one, "claim_fen", -1),
}


def changed(names: list[str]) -> bytes:
    message = SubmitBulkRequest(tag=3)
    for number, name in enumerate(names):
        one = load_inquiry(COURT, f"c-{number}", number)
        CHANGES[name](one)
        message.inquiries.append(one)
    return message.SerializeToString()


@pytest.mark.parametrize("name", CHANGES)
def test_fault_is_found_as_by_the_engine(name: str) -> None:
    message = changed([name])
    ours = World.new().engine.check(message, COURT, NOW_NS)
    theirs = Twin(DIRECTORY).check(message, COURT, NOW_NS)
    assert verdicts(theirs.response) == verdicts(ours.response)


def test_one_bad_inquiry_harms_no_other() -> None:
    message = changed([name for fault in CHANGES for name in (fault, "nothing")])
    ours = World.new().engine.check(message, COURT, NOW_NS)
    theirs = Twin(DIRECTORY).check(message, COURT, NOW_NS)
    assert verdicts(theirs.response) == verdicts(ours.response)
    assert theirs.accepted > len(CHANGES)


def test_nobody_keeps_that_item() -> None:
    one = load_inquiry(COURT, "n", 6)
    kept = DIRECTORY.institutions[3_000].items
    one.scope.institutions[:] = [3_000]
    one.items[:] = [next(code for code in range(1, 26) if code not in kept)]
    message = SubmitBulkRequest(inquiries=[one]).SerializeToString()
    ours = World.new().engine.check(message, COURT, NOW_NS)
    theirs = Twin(DIRECTORY).check(message, COURT, NOW_NS)
    assert ours.refused == 1
    assert verdicts(theirs.response) == verdicts(ours.response)
