"""Registering: a case for each case number, with its debtors, in the order of its steps."""

from benchmarks.demo.registering import SUBJECTS_MAX, registrations
from benchmarks.subjects import load_inquiry

TODAY = 20261122


def test_inquiries_of_one_case_are_one_registration() -> None:
    inquiries = [load_inquiry("X1", f"order-{number}", number) for number in range(SUBJECTS_MAX + 3)]
    for inquiry in inquiries:
        inquiry.mandate.case_number = "案1"
        inquiry.claim_fen = 5
    inquiries[3].claim_fen = 9
    (made,) = registrations("X1", [*inquiries, inquiries[0]], TODAY)
    assert (made.case.case_number, made.case.court_code, made.case.claim_fen) == ("案1", "X1", 9)
    assert list(made.case.subjects) == [one.subject for one in inquiries[:SUBJECTS_MAX]]


def test_days_are_of_the_past_and_in_their_order() -> None:
    inquiries = [load_inquiry("X1", f"order-{number}", number) for number in range(60)]
    for number, inquiry in enumerate(inquiries):
        inquiry.mandate.case_number = f"案{number}"
    made = registrations("X1", inquiries, TODAY)
    assert len(made) == 60
    days = [[event.effective for event in one.events] for one in made]
    assert all(one == sorted(one) and one[-1] <= TODAY for one in days)
    assert len({one[0] for one in days}) > 7
