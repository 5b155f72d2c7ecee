"""Engine.admit: questions that are open or fresh are joined, and every mandate reaches the institution."""

import pytest

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types
from tests.model.face import CAUSE_BROKEN
from tests.model.world import (
    BANK,
    CAR_UNIT,
    CARS,
    DAY_NS,
    DIRECT,
    FIRST,
    HOUSE_UNIT,
    HUB,
    MUTE,
    SECOND,
    SECOND_NS,
    SMALL,
    Desk,
    Sent,
    inquiry,
    only,
    person,
    record,
)


def found(sent: Sent, one: int, index: int = 0) -> institution.Reply:
    subject = sent.message.entries[index].subject
    return sent.reply(
        institution.Finding(
            entry=index, institution=one, outcome=institution.OUTCOME_FOUND, records=[record(subject)]
        )
    )


def pairs(taken: list[Sent]) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    """What was asked, and what was noted: (order id, institution)."""
    asked = {(case.removeprefix("case "), one) for sent in taken for case, one in sent.asked()}
    noted = {(case.removeprefix("case "), one) for sent in taken for case, one in sent.noted()}
    return asked, noted


def test_everybody_concerned_is_asked_once(desk: Desk) -> None:
    desk.submit(inquiry("a"))
    taken = desk.take()
    everybody = {BANK, FIRST, SECOND, SMALL, HOUSE_UNIT, CAR_UNIT}
    assert pairs(taken) == ({("a", one) for one in everybody}, set())
    assert sum(len(sent.asked()) for sent in taken) == sum(sent.batch.query_count for sent in taken) == 6
    assert {sent.batch.endpoint for sent in taken} == {0, 1, 2, 3}
    assert desk.take() == []


def test_an_entry_is_the_question_and_its_mandate(desk: Desk) -> None:
    desk.submit(inquiry("a", person(3), scope=only(BANK), items=[2]))
    (entry,) = desk.take_one(DIRECT).message.entries
    assert entry.subject == person(3)
    assert entry.mandate.case_number == "case a"
    assert list(entry.items) == [2]
    assert entry.kind == institution.KIND_ASK


@pytest.mark.parametrize("is_sent", [False, True], ids=["waiting", "in flight"])
def test_an_open_question_is_joined(desk: Desk, is_sent: bool) -> None:
    first, second = inquiry("a", scope=only(BANK)), inquiry("b", scope=only(BANK))
    desk.submit(first)
    taken = desk.take() if is_sent else []
    desk.submit(second)
    taken += desk.take()
    assert pairs(taken) == ({("a", BANK)}, {("b", BANK)})
    for sent in taken:
        desk.settle(sent, found(sent, BANK) if sent.asked() else sent.reply())
    answers = {answer.order_id: answer for answer in desk.answers()}
    assert [answers[order].coverage.found for order in "ab"] == [1, 1]
    assert [answers[order].coverage.joined for order in "ab"] == [0, 1]
    assert answers["a"].findings == answers["b"].findings


def test_a_fresh_answer_is_joined_and_says_how_old_it_is(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK)))
    sent = desk.take_one(DIRECT)
    desk.settle(sent, found(sent, BANK))
    first = desk.final()
    desk.wait(100 * SECOND_NS)
    desk.submit(inquiry("b", scope=only(BANK)))
    second = desk.final()
    assert second.coverage == gateway.Coverage(total=1, found=1, joined=1)
    assert list(second.findings) == list(first.findings)
    assert second.asked_ns == first.admitted_ns == second.admitted_ns - 100 * SECOND_NS
    assert pairs(desk.take()) == (set(), {("b", BANK)})


@pytest.mark.parametrize(("age_s", "is_joined"), [(60, True), (61, False)])
def test_an_answer_is_fresh_up_to_the_age_that_was_chosen(desk: Desk, age_s: int, is_joined: bool) -> None:
    desk.submit(inquiry("a", scope=only(BANK)))
    desk.settle_all()
    desk.wait(age_s * SECOND_NS)
    desk.submit(inquiry("b", scope=only(BANK), freshness_s=60))
    asked, noted = pairs(desk.take())
    assert (len(asked), len(noted)) == ((0, 1) if is_joined else (1, 0))


@pytest.mark.parametrize(("age_s", "is_joined"), [(60, True), (61, False)])
def test_an_open_question_is_joined_up_to_the_age_that_was_chosen(
    desk: Desk, age_s: int, is_joined: bool
) -> None:
    desk.submit(inquiry("a", scope=only(BANK)))
    desk.take()
    desk.wait(age_s * SECOND_NS)
    desk.submit(inquiry("b", scope=only(BANK), freshness_s=60))
    asked, noted = pairs(desk.take())
    assert (len(asked), len(noted)) == ((0, 1) if is_joined else (1, 0))


def test_an_inquiry_that_wants_no_freshness_joins_nothing_but_is_joined(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK)))
    desk.settle_all()
    desk.submit(inquiry("b", scope=only(BANK), freshness_s=0))
    desk.submit(inquiry("c", scope=only(BANK)))
    assert pairs(desk.take()) == ({("b", BANK)}, {("c", BANK)})


def test_the_newest_question_is_the_one_that_is_joined(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK)))
    desk.settle_all()
    desk.wait(10 * SECOND_NS)
    desk.submit(inquiry("b", scope=only(BANK), freshness_s=0))
    sent = desk.take_one(DIRECT)
    desk.settle(sent, found(sent, BANK))
    desk.answers()
    desk.submit(inquiry("c", scope=only(BANK)))
    final = desk.final()
    assert (final.coverage.found, final.asked_ns) == (1, desk.now_ns)


@pytest.mark.parametrize(
    "other",
    [
        person(1),
        person(0, "张"),
        types.Subject(id_type=types.ID_TYPE_PASSPORT, id_number=person(0).id_number, name=person(0).name),
    ],
    ids=["number", "name", "id type"],
)
def test_another_subject_is_another_question(desk: Desk, other: types.Subject) -> None:
    desk.submit(inquiry("a", scope=only(BANK)))
    desk.submit(inquiry("b", other, scope=only(BANK)))
    assert pairs(desk.take()) == ({("a", BANK), ("b", BANK)}, set())


def test_a_small_x_is_the_same_subject(desk: Desk) -> None:
    subject = person(18)
    assert subject.id_number.endswith("X")
    small = types.Subject(id_type=subject.id_type, id_number=subject.id_number.lower(), name=subject.name)
    desk.submit(inquiry("a", subject, scope=only(BANK)))
    desk.submit(inquiry("b", small, scope=only(BANK)))
    assert pairs(desk.take()) == ({("a", BANK)}, {("b", BANK)})


def test_items_count_as_far_as_the_institution_keeps_them(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(FIRST, SMALL), items=[1, 2]))
    desk.submit(inquiry("b", scope=only(FIRST, SMALL), items=[1, 2, 3]))
    asked, noted = pairs(desk.take())
    assert asked == {("a", FIRST), ("a", SMALL), ("b", FIRST)}
    assert noted == {("b", SMALL)}


def test_what_is_not_yet_asked_is_asked_and_the_rest_joined(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(FIRST, CAR_UNIT)))
    desk.submit(inquiry("b"))
    asked, noted = pairs(desk.take())
    assert noted == {("b", FIRST), ("b", CAR_UNIT)}
    assert asked == {
        ("a", FIRST),
        ("a", CAR_UNIT),
        ("b", BANK),
        ("b", SECOND),
        ("b", SMALL),
        ("b", HOUSE_UNIT),
    }
    assert MUTE not in {one for _, one in asked | noted}


def test_a_refusal_is_not_joined(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK)))
    sent = desk.take_one(DIRECT)
    refused = institution.Finding(institution=BANK, outcome=institution.OUTCOME_REFUSED, reason="no")
    desk.settle(sent, sent.reply(refused))
    desk.submit(inquiry("b", scope=only(BANK)))
    assert pairs(desk.take()) == ({("b", BANK)}, set())


def test_a_question_given_up_is_not_joined(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK)))
    for _ in range(4):
        desk.fail(desk.take_one(DIRECT), CAUSE_BROKEN)
    assert desk.final().coverage.unreachable == 1
    desk.submit(inquiry("b", scope=only(BANK)))
    assert pairs(desk.take()) == ({("b", BANK)}, set())


def test_a_namesake_is_joined_as_such(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK)))
    sent = desk.take_one(DIRECT)
    desk.settle(
        sent, sent.reply(institution.Finding(institution=BANK, outcome=institution.OUTCOME_AMBIGUOUS))
    )
    desk.answers()
    desk.submit(inquiry("b", scope=only(BANK)))
    assert desk.final().coverage == gateway.Coverage(total=1, ambiguous=1, joined=1)


def test_a_cancel_harms_nobody_who_joined(desk: Desk) -> None:
    (first,) = desk.submit(inquiry("a", scope=only(BANK)))
    desk.submit(inquiry("b", scope=only(BANK)))
    assert desk.engine.cancel(first, desk.now_ns)
    taken = desk.take()
    assert pairs(taken)[0] == {("a", BANK)}
    for sent in taken:
        desk.settle(sent, found(sent, BANK) if sent.asked() else sent.reply())
    answers = {answer.order_id: answer.coverage for answer in desk.answers()}
    assert answers["a"].cancelled == answers["b"].found == 1


def test_a_joiner_keeps_its_own_deadline(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK)))
    desk.submit(inquiry("b", scope=only(BANK), deadline_s=10))
    taken = desk.take()
    desk.wait_until_due(10 * SECOND_NS)
    late = desk.final()
    assert (late.order_id, late.coverage.late) == ("b", 1)
    for sent in taken:
        desk.settle(sent, sent.reply())
    assert desk.final().coverage.none == 1


def test_more_urgent_goes_first(desk: Desk) -> None:
    desk.engine.open_endpoint(DIRECT, 1)
    desk.submit(inquiry("first", person(9), scope=only(BANK)))
    blocking = desk.take_one(DIRECT)
    desk.submit(inquiry("a", person(1), scope=only(BANK), urgency=gateway.URGENCY_PATROL))
    desk.submit(inquiry("b", person(2), scope=only(BANK)))
    desk.submit(inquiry("c", person(3), scope=only(BANK), urgency=gateway.URGENCY_URGENT))
    assert _order(desk, blocking) == ["c", "b", "a"]


def test_patrol_never_waits_behind_what_came_half_a_minute_later(desk: Desk) -> None:
    desk.engine.open_endpoint(DIRECT, 1)
    desk.submit(inquiry("first", person(9), scope=only(BANK)))
    blocking = desk.take_one(DIRECT)
    desk.submit(inquiry("a", person(1), scope=only(BANK), urgency=gateway.URGENCY_PATROL))
    desk.wait(31 * SECOND_NS)
    desk.submit(inquiry("b", person(2), scope=only(BANK), urgency=gateway.URGENCY_URGENT))
    assert _order(desk, blocking) == ["a", "b"]


def test_a_more_urgent_joiner_lifts_a_question_not_yet_cut(desk: Desk) -> None:
    desk.engine.open_endpoint(DIRECT, 1)
    desk.submit(inquiry("first", person(9), scope=only(BANK)))
    blocking = desk.take_one(DIRECT)
    desk.submit(inquiry("a", person(1), scope=only(BANK), urgency=gateway.URGENCY_PATROL))
    desk.submit(inquiry("b", person(2), scope=only(BANK)))
    desk.submit(inquiry("c", person(1), scope=only(BANK), urgency=gateway.URGENCY_URGENT))
    assert _order(desk, blocking) == ["a", "b"]


def _order(desk: Desk, blocking: Sent) -> list[str]:
    """Order ids in the order in which the direct bank is asked."""
    order: list[str] = []
    taken = [blocking]
    for _ in range(10):
        for sent in taken:
            desk.settle(sent, sent.reply())
        taken = desk.take()
        entries = [entry for sent in taken for entry in sent.message.entries]
        order += [
            entry.mandate.case_number.removeprefix("case ")
            for entry in entries
            if entry.kind == institution.KIND_ASK
        ]
    return order


def test_freshness_reaches_back_a_day_and_no_further(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(CAR_UNIT)))
    desk.settle_all()
    desk.wait(DAY_NS)
    desk.submit(inquiry("b", scope=only(CAR_UNIT)))
    assert pairs(desk.take()) == (set(), {("b", CAR_UNIT)})
    desk.wait(1)
    desk.submit(inquiry("c", scope=only(CAR_UNIT)))
    assert pairs([desk.take_one(CARS)]) == ({("c", CAR_UNIT)}, set())


def test_the_hub_gets_one_entry_for_all_its_banks(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=gateway.Scope(reach=gateway.REACH_BANKS)))
    hub = desk.take_one(HUB)
    assert hub.batch.entry_count == len(hub.message.entries)
    assert hub.asked() == {("case a", one) for one in (FIRST, SECOND, SMALL)}
    assert hub.batch.query_count == 3
