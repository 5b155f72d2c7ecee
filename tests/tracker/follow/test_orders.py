"""Orders: made on the authority of the case alone, and citing it."""

import pytest

from chakong.gateway.v1.gateway_pb2 import REACH_ALL, URGENCY_PATROL, Inquiry
from chakong.tracker.v1.case_pb2 import Authority, Case
from chakong.type.v1.type_pb2 import (
    DEBTOR_ROLE_JUDGMENT_DEBTOR,
    ID_TYPE_RESIDENT_ID,
    INSTRUMENT_KIND_INQUIRY_NOTICE,
    Subject,
)
from tracker.follow.orders import Owned, first_inquiries, patrols

COURT = "京0105"
NOBODY: frozenset[str] = frozenset()


def owned(court: str = COURT, profile: str = "", **authority: object) -> Owned:
    case = Case(
        case_number="案1",
        court_code=COURT,
        profile=profile,
        claim_fen=700,
        subjects=[
            Subject(id_type=ID_TYPE_RESIDENT_ID, id_number=str(number), name="x") for number in range(2)
        ],
    )
    if authority:
        given = {"officer_id": "judge-1", "instrument_number": "通知1", **authority}
        case.authority.CopyFrom(Authority(**given))  # type: ignore[arg-type]
    return Owned(court, case)


def test_a_first_inquiry_asks_everybody_about_each_subject_and_cites_the_authority() -> None:
    made = first_inquiries(owned(inquire_at_registration=True), NOBODY)
    assert [one.subject.id_number for one in made] == ["0", "1"]
    for one in made:
        assert (one.scope.reach, list(one.items), one.court_code, one.claim_fen) == (
            REACH_ALL,
            [],
            COURT,
            700,
        )
        mandate = one.mandate
        assert (mandate.officer_id, mandate.instrument_number) == ("judge-1", "通知1")
        assert mandate.instrument_kind == INSTRUMENT_KIND_INQUIRY_NOTICE
        assert (mandate.debtor_role, mandate.case_number) == (DEBTOR_ROLE_JUDGMENT_DEBTOR, "案1")
    assert len({one.order_id for one in made}) == 2
    assert made == first_inquiries(owned(inquire_at_registration=True), NOBODY)


def test_a_patrol_is_in_no_hurry_and_another_one_on_another_day() -> None:
    made = patrols(owned(patrol=True), 20261123)
    assert {one.urgency for one in made} == {URGENCY_PATROL}
    assert not {one.order_id for one in made} & {
        one.order_id for one in patrols(owned(patrol=True), 20270523)
    }


@pytest.mark.parametrize(
    "case",
    [
        owned(),
        owned(inquire_at_registration=True, patrol=True, officer_id=""),
        owned(inquire_at_registration=True, patrol=True, instrument_number=""),
        # Its officer is another court's.
        owned(court="沪0101", inquire_at_registration=True, patrol=True),
    ],
)
def test_without_an_authority_of_the_court_that_has_the_case_nothing_is_asked(case: Owned) -> None:
    made: list[Inquiry] = first_inquiries(case, frozenset({"national"})) + patrols(case, 20261123)
    assert made == []


def test_nothing_is_asked_that_the_authority_does_not_speak_of() -> None:
    assert first_inquiries(owned(patrol=True), NOBODY) == []
    assert patrols(owned(inquire_at_registration=True), 20261123) == []


def test_a_profile_asks_for_a_first_inquiry_where_there_is_an_authority() -> None:
    profiles = frozenset({"local-a"})
    assert len(first_inquiries(owned(profile="local-a", patrol=True), profiles)) == 2
    assert first_inquiries(owned(profile="local-a"), profiles) == []
    assert first_inquiries(owned(patrol=True), profiles) == []
    assert len(first_inquiries(owned(patrol=True), frozenset({"national"}))) == 2
