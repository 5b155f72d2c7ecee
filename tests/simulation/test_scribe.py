"""Scribe: what frames may not say one after the other is told, and nothing else is."""

import pytest

from chakong.gateway.v1 import controls_pb2, gateway_pb2
from chakong.institution.v1 import institution_pb2
from chakong.journal.v1 import journal_pb2, ledger_pb2
from chakong.type.v1 import hold_pb2, type_pb2
from runtime import calendar
from tests.simulation.scribe import Scribe

TODAY = 20261122
COURT, CASE, DEBTOR = "京0105", "case", "610102200412140001"
VALUED = controls_pb2.CASE_EVENT_KIND_VALUED
EFFECTIVE = hold_pb2.HOLD_LIFE_EFFECTIVE


class Told(list[str]):
    """A scribe, and what it told."""

    def __init__(self) -> None:
        super().__init__()
        self.scribe = Scribe(self.append)
        self.step({"claim_put": claim_put()})

    def step(self, *facts: dict[str, object], day: int = TODAY, answers_seq: int = 0) -> None:
        stepped_ns = calendar.midnight_ns(day) + 1
        made = [ledger_pb2.Fact(**fact) for fact in facts]  # type: ignore[arg-type]
        self.scribe.step(ledger_pb2.Step(stepped_ns=stepped_ns, facts=made, answers_seq=answers_seq))

    def thing(self, hold_id: int, value_fen: int) -> None:
        self.step({"ordered": freeze(hold_id)})
        self.step({"happened": happened(hold_id, hold_id=hold_id)})
        event = controls_pb2.CaseEvent(kind=VALUED, hold_id=hold_id, amount_fen=value_fen)
        self.step({"case_recorded": ledger_pb2.CaseRecorded(claim=1, event=event)})


def claim_put() -> ledger_pb2.ClaimPut:
    claim = controls_pb2.Claim(court_code=COURT, case_number=CASE)
    claim.debtors.add(subject=type_pb2.Subject(id_number=DEBTOR))
    return ledger_pb2.ClaimPut(number=1, claim=claim)


def happened(seq: int, *, hold_id: int = 5, until: int = 20261130, version: int = 1) -> ledger_pb2.Happened:
    hold = hold_pb2.HoldStatement(hold_id=hold_id, version=version, life=EFFECTIVE, effective_until=until)
    return ledger_pb2.Happened(endpoint=3, event=institution_pb2.HoldEvent(seq=seq, hold=hold))


def freeze(hold_id: int, *, thing: bool = True, cause: str = "") -> ledger_pb2.Ordered:
    control = institution_pb2.Control(control_id=hold_id, hold_id=hold_id, kind=hold_pb2.CONTROL_KIND_FREEZE)
    return ledger_pb2.Ordered(control=control, claim=1, thing=thing, cause=cause)


def release(control_id: int, hold_id: int) -> ledger_pb2.Ordered:
    control = institution_pb2.Control(
        control_id=control_id, hold_id=hold_id, kind=hold_pb2.CONTROL_KIND_RELEASE, whole=True
    )
    return ledger_pb2.Ordered(control=control, claim=1, cause="EXCESS")


def answers(inquiry_id: int = 7) -> journal_pb2.Answers:
    record = type_pb2.Record(holder_number=DEBTOR, locator="a")
    finding = gateway_pb2.Finding(institution=2, state=type_pb2.END_STATE_FOUND, records=[record])
    answer = gateway_pb2.Answer(inquiry_id=inquiry_id, case_number=CASE, findings=[finding])
    return journal_pb2.Answers(answers=[answer])


def sighted(inquiry_id: int = 7) -> ledger_pb2.Sighted:
    sighting = ledger_pb2.Sighting(property=hold_pb2.Property(institution=2, locator="a"))
    return ledger_pb2.Sighted(claim=1, institution=2, inquiry_id=inquiry_id, sightings=[sighting])


def test_an_event_that_is_not_the_next_is_told() -> None:
    told = Told()
    told.step({"happened": happened(1)}, {"happened": happened(2, version=2)})
    assert told == []
    told.step({"happened": happened(4, version=3)})
    assert told == ["event 4 of endpoint 3 was taken after 2"]


def test_a_hold_that_is_in_force_after_its_last_day_is_told() -> None:
    told = Told()
    told.step({"happened": happened(1)})
    told.step(day=20261130)
    assert told == []
    told.step(day=20261201)
    assert told == ["hold 5 was in force until 20261130, and is so on 20261201"]


@pytest.mark.parametrize(
    "fact",
    [
        {"lapsed": ledger_pb2.Lapsed(hold_id=5)},
        {"happened": happened(2, until=20271130, version=2)},
    ],
    ids=["lapsed", "renewed"],
)
def test_one_that_lapsed_or_was_renewed_is_not(fact: dict[str, object]) -> None:
    told = Told()
    told.step({"happened": happened(1)})
    told.step(fact, day=20261201)
    told.step(day=20261202)
    assert told == []


def test_one_that_was_over_when_it_was_stated_is_void_without_a_word() -> None:
    told = Told()
    told.step({"happened": happened(1, until=20261101)})
    told.step(day=20261201)
    assert told == []


def test_an_answer_that_was_passed_over_is_told() -> None:
    told = Told()
    told.scribe.answered(10, COURT, answers())
    told.step(answers_seq=9)
    assert told == []
    told.step(answers_seq=10)
    assert told == ["a, found by inquiry 7, was passed over"]


@pytest.mark.parametrize("known", [7, 8], ids=["told", "newer known"])
def test_one_that_was_told_or_is_older_than_what_is_known_is_not(known: int) -> None:
    told = Told()
    told.scribe.answered(10, COURT, answers())
    told.step({"sighted": sighted(known)}, answers_seq=10)
    assert told == []


def test_one_for_a_case_that_went_to_another_court_is_not() -> None:
    told = Told()
    told.scribe.answered(10, COURT, answers())
    event = controls_pb2.CaseEvent(kind=controls_pb2.CASE_EVENT_KIND_TRANSFERRED, court_code="x")
    told.step({"case_recorded": ledger_pb2.CaseRecorded(claim=1, event=event)}, answers_seq=10)
    assert told == []
    told.scribe.answered(11, COURT, answers())
    told.step(answers_seq=11)
    assert told == []
    told.scribe.answered(12, "x", answers(8))
    told.step(answers_seq=12)
    assert told == ["a, found by inquiry 8, was passed over"]


def test_an_older_thing_that_goes_before_a_newer_is_told() -> None:
    told = Told()
    told.thing(1, 50)
    told.thing(2, 50)
    told.step({"claim_put": claim_put()}, {"ordered": release(9, 1)})
    assert told == ["(3) thing 1 goes, and the newer 2, worth no more, does not"]


@pytest.mark.parametrize("worth", [51, 0], ids=["worth more", "worth nothing"])
def test_one_that_could_not_have_been_let_go_of_instead_is_not(worth: int) -> None:
    told = Told()
    told.thing(1, 50)
    told.thing(2, worth)
    told.step({"claim_put": claim_put()}, {"ordered": release(9, 1)})
    assert told == []


def test_one_whose_release_was_refused_is_not_expected_to_go() -> None:
    told = Told()
    told.thing(1, 50)
    told.thing(2, 50)
    told.step({"claim_put": claim_put()}, {"ordered": release(9, 2)})
    refused = institution_pb2.ControlReceipt(control_id=9, outcome=hold_pb2.CONTROL_OUTCOME_REFUSED)
    told.step({"received": ledger_pb2.Received(receipt=refused)}, {"ordered": release(10, 1)})
    assert told == []


def test_a_plan_for_somebody_elses_property_is_told() -> None:
    told = Told()
    told.step({"ordered": freeze(5, thing=False, cause="PLAN")})
    refused = institution_pb2.ControlReceipt(
        control_id=5,
        outcome=hold_pb2.CONTROL_OUTCOME_REFUSED,
        refusal=hold_pb2.CONTROL_REFUSAL_NAME_MISMATCH,
    )
    told.step({"received": ledger_pb2.Received(receipt=refused)})
    assert told == ["control 5 of a plan was for somebody else's property"]
