"""Registration: every fault by its field."""

from dataclasses import replace

import pytest

from tests.tracker.rules.build import CASE, law
from tracker import rules
from tracker.model import Authority, Case


def test_sound_case_has_no_faults() -> None:
    asked = replace(
        CASE, subject_count=1, authority=Authority("o", "i", True, True), profile="local-a", level=4
    )
    assert rules.case_faults(law(), CASE) == rules.case_faults(law(), asked) == []


@pytest.mark.parametrize(
    ("field", "case"),
    [
        ("case_id", replace(CASE, case_id="")),
        ("court", replace(CASE, court="x" * 33)),
        ("number", replace(CASE, number="执" * 43)),
        ("profile", replace(CASE, profile="local-z")),
        ("level", replace(CASE, level=5)),
        ("claim_fen", replace(CASE, claim_fen=-1)),
        ("claim_fen", replace(CASE, claim_fen=(1 << 50) + 1)),
        ("subjects", replace(CASE, subject_count=17)),
        ("subjects", replace(CASE, authority=Authority("o", "i", at_registration=True))),
        ("authority", replace(CASE, authority=Authority("", "i"))),
    ],
)
def test_fault_names_its_field(field: str, case: Case) -> None:
    ((name, _),) = rules.case_faults(law(), case)
    assert name == field


def test_all_faults_are_told() -> None:
    assert len(rules.case_faults(law(), replace(CASE, case_id="", court="", level=0))) == 3
