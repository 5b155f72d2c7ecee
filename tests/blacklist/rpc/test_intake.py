"""What is wrong with the form of a request is told for all fields at once, and nobody is named."""

from typing import Any

import pytest

from blacklist.model import Capacity, Circumstance, Kind, Subject
from blacklist.rpc import intake
from blacklist.rpc.intake import Intake
from chakong.blacklist.v1 import listings_pb2, public_pb2
from chakong.type.v1 import type_pb2
from runtime.errors import ForbiddenError, InvalidError, RuleError
from runtime.identity import Identity, Role
from tests.blacklist.house import COURT, adult, draft, firm

COURT_CALLER = Identity(Role.COURT, COURT, COURT)
OFFICER = Identity(Role.OFFICER, COURT, "officer-1")
INTAKE = Intake()


def test_draft_is_read_as_it_was_meant() -> None:
    given = draft(
        adult(3),
        kind=listings_pb2.LISTING_KIND_DERIVED,
        principal_id=7,
        capacity=listings_pb2.CAPACITY_ACTUAL_CONTROLLER,
        circumstances=[listings_pb2.CIRCUMSTANCE_ADEQUATE_SECURITY_GIVEN],
        since=20261101,
    )
    found = INTAKE.draft(COURT_CALLER, given)
    assert (found.kind, found.principal_id, found.since) == (Kind.DERIVED, 7, 20261101)
    assert found.capacity is Capacity.ACTUAL_CONTROLLER
    assert found.circumstances == {Circumstance.ADEQUATE_SECURITY_GIVEN}
    assert found.mandate.court == COURT
    assert found.mandate.is_ruling
    assert found.mandate.is_debtor


@pytest.mark.parametrize("case", ["（2026）京0105执1号", "〔2026〕京0105执1号", " (2026) 京0105执１号"])
def test_case_has_one_spelling_wherever_it_is_named(case: str) -> None:
    assert INTAKE.draft(COURT_CALLER, draft(case=case)).mandate.case_number == "(2026)京0105执1号"
    right = listings_pb2.CorrectListingRequest(case_number=case, reason="a digit")
    assert INTAKE.correction(right).case_number == "(2026)京0105执1号"
    assert intake.case_asked_for(case) == "(2026)京0105执1号"
    with pytest.raises(InvalidError, match="case_number"):
        intake.case_asked_for("c" * 129)


def test_number_is_read_without_spaces_and_with_a_large_x() -> None:
    faults: list[Any] = []
    assert INTAKE.person((1, " 11010519491231002x ", " 张三 "), "", faults) == Subject(
        1, "11010519491231002X", "张三"
    )
    assert faults == []


@pytest.mark.parametrize(("id_type", "number"), [(2, "91350100m000100y43"), (3, "e12345678")])
def test_number_is_the_same_in_small_letters(id_type: int, number: str) -> None:
    faults: list[Any] = []
    assert INTAKE.person((id_type, number, "x"), "", faults).id_number == number.upper()
    assert faults == []


def test_letter_that_would_only_become_one_is_none() -> None:
    faults: list[Any] = []
    INTAKE.person((3, "\u017f12345678", "x"), "", faults)
    assert [fault.field for fault in faults] == ["id_number"]


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        (0, "11010519491231002X"),
        (1, "110105194912310021"),
        (1, "11010519491331002X"),
        (1, ""),
        (2, "91350100M000100Y44"),
        (3, "E1"),
        (9, "11010519491231002X"),
    ],
)
def test_number_that_can_be_nobodys_is_refused(id_type: int, number: str) -> None:
    faults: list[Any] = []
    INTAKE.person((id_type, number, "张三"), "subject.", faults)
    assert [fault.field for fault in faults] == ["subject.id_number"]
    assert not number or number not in faults[0].description


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "张" * 86])
def test_name_that_says_nothing_or_too_much_is_refused(name: str) -> None:
    faults: list[Any] = []
    INTAKE.person((1, "11010519491231002X", name), "", faults)
    assert [fault.field for fault in faults] == ["name"]


def test_all_faults_are_told_at_once() -> None:
    resident = type_pb2.ID_TYPE_RESIDENT_ID
    given = draft(
        type_pb2.Subject(id_type=resident, id_number="1", name="x"), since=20261301, ground="g" * 65
    )
    given.kind = 9  # type: ignore[assignment]
    given.capacity = 9  # type: ignore[assignment]
    given.circumstances.append(9)  # type: ignore[arg-type]
    given.principal_id = 5
    given.mandate.officer_id = "o" * 33
    with pytest.raises(InvalidError) as raised:
        INTAKE.draft(COURT_CALLER, given)
    assert {fault.field for fault in raised.value.faults} == {
        "draft.subject.id_number",
        "draft.mandate.officer_id",
        "draft.kind",
        "draft.ground",
        "draft.since",
        "draft.capacity",
        "draft.circumstances",
        "draft.principal_id",
    }


def test_court_and_officer_are_the_certificates() -> None:
    given = draft(firm())
    given.mandate.court_code = "沪0101"
    with pytest.raises(ForbiddenError):
        INTAKE.draft(COURT_CALLER, given)
    given.mandate.court_code = COURT
    assert INTAKE.draft(OFFICER, given).mandate.officer == "officer-1"
    given.mandate.officer_id = "another"
    with pytest.raises(ForbiddenError):
        INTAKE.draft(OFFICER, given)


def test_correction_says_what_and_why() -> None:
    given = listings_pb2.CorrectListingRequest(subject=adult(2), reason="a digit")
    assert INTAKE.correction(given).subject == Subject(1, adult(2).id_number, adult(2).name)
    for wrong in (
        listings_pb2.CorrectListingRequest(subject=adult(2)),
        listings_pb2.CorrectListingRequest(reason="a digit"),
        listings_pb2.CorrectListingRequest(subject=adult(2), reason="line\nbreak"),
    ):
        with pytest.raises(InvalidError):
            INTAKE.correction(wrong)


@pytest.mark.parametrize("act_id", ["", "a" * 65, "a\n"])
def test_act_has_an_id(act_id: str) -> None:
    with pytest.raises(InvalidError, match="act_id"):
        intake.by(COURT_CALLER, act_id, listings_pb2.GetListingRequest())


def test_act_is_of_the_callers_court() -> None:
    request = listings_pb2.GetListingRequest(listing_id=1)
    one = intake.by(COURT_CALLER, "a", request)
    other = intake.by(Identity(Role.COURT, "沪0101", "沪0101"), "a", request)
    assert one.act != other.act
    assert one.court == COURT


def test_same_bytes_of_another_kind_are_another_content() -> None:
    asked = (listings_pb2.ProposeRemovalRequest, listings_pb2.RejectRemovalRequest)
    one, other = (intake.by(COURT_CALLER, "a", kind(listing_id=1, reason="performed")) for kind in asked)
    assert one.act is not None
    assert other.act is not None
    assert one.act[0] == other.act[0]
    assert one.act[1] != other.act[1]


def test_hits_are_shown_by_case_and_instrument() -> None:
    mandate = type_pb2.Mandate(case_number="c", instrument_number="i")
    request = public_pb2.HitsOfRequest(subject=adult(), mandate=mandate)
    whom, given = INTAKE.showing(OFFICER, request)
    assert (whom.id_number, given.court, given.case_number) == (adult().id_number, COURT, "c")
    request.mandate.case_number = ""
    with pytest.raises(RuleError, match=r"mandate\.case_number"):
        INTAKE.showing(OFFICER, request)
    request.mandate.court_code = "x"
    with pytest.raises(ForbiddenError, match=r"^mandate\.court_code"):
        INTAKE.showing(OFFICER, request)


def test_who_is_asked_about_has_number_and_name() -> None:
    assert INTAKE.asked((1, adult().id_number, "张三")).name == "张三"
    with pytest.raises(InvalidError, match=r"^name"):
        INTAKE.asked((1, adult().id_number, " "))
    with pytest.raises(InvalidError, match=r"^subject\.id_number"):
        INTAKE.asked((1, "", "张三"), "subject.")


def test_date_and_texts_have_their_limits() -> None:
    intake.check_date("happened", 0)
    with pytest.raises(InvalidError, match="happened"):
        intake.check_date("happened", 20260230)
    with pytest.raises(InvalidError, match="reason"):
        intake.check_texts(listings_pb2.RejectRemovalRequest(reason="r" * 257), reason=256)
