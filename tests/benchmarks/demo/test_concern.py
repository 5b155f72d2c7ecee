"""Who an inquiry concerns, by the packaged directory."""

import pytest

from benchmarks.demo.concern import Concern, state_word
from chakong.gateway.v1.gateway_pb2 import (
    REACH_ALL,
    REACH_BANKS,
    REACH_LIST,
    REACH_PROVINCE,
    REACH_UNITS,
    Answer,
    Coverage,
    Finding,
    Inquiry,
    Missing,
    Scope,
)
from chakong.type.v1.type_pb2 import END_STATE_FOUND, END_STATE_INCAPABLE, END_STATE_LATE, END_STATE_REFUSED
from runtime.data import InstitutionRow, institutions


@pytest.fixture(scope="module")
def concern() -> Concern:
    return Concern(institutions())


def count(concern: Concern, scope: Scope, items: list[int] | None = None) -> int:
    return int(concern.institutions(Inquiry(scope=scope, items=items or [])).sum())


def test_directory_has_its_published_size(concern: Concern) -> None:
    assert (concern.institution_count, len(concern.endpoints)) == (3_916, 372)


def test_reaches_have_their_published_sizes(concern: Concern) -> None:
    assert count(concern, Scope(reach=REACH_ALL)) == 3_916
    assert count(concern, Scope(reach=REACH_BANKS)) == 3_900
    assert count(concern, Scope(reach=REACH_UNITS)) == 16


def test_items_leave_out_who_keeps_none_of_them(concern: Concern) -> None:
    assert count(concern, Scope(reach=REACH_ALL), [1]) == 3_900
    assert count(concern, Scope(reach=REACH_ALL), [15, 16]) == 1
    assert count(concern, Scope(reach=REACH_ALL), [1, 15, 23]) == 3_902
    assert count(concern, Scope(reach=REACH_BANKS), [15]) == 0


def test_province_is_the_seat_of_banks(concern: Concern) -> None:
    seated = sum(row["province"] == "33" for row in institutions())
    assert count(concern, Scope(reach=REACH_PROVINCE, province="33")) == seated > 0
    assert count(concern, Scope(reach=REACH_PROVINCE, province="33"), [15]) == 0


def test_list_counts_repetitions_once(concern: Concern) -> None:
    assert count(concern, Scope(reach=REACH_LIST, institutions=[1, 5, 5])) == 2


def test_unknown_reach_is_refused(concern: Concern) -> None:
    with pytest.raises(ValueError, match="reach"):
        concern.institutions(Inquiry())


def row(index: int, institution_class: str) -> InstitutionRow:
    return InstitutionRow(
        {
            "index": index,
            "key": f"k-{index}",
            "zh": "",
            "class": institution_class,
            "province": "33",
            "endpoint": "e",
            "items": [1],
            "can": ["INQUIRE"],
        }
    )


def test_coverage_by_class_counts_every_query_once() -> None:
    concern = Concern([row(0, "small"), row(1, "large"), row(2, "large"), row(3, "large"), row(4, "large")])
    final = Coverage(
        total=5, found=1, none=1, refused=1, incapable=1, late=1,
        missing=[
            Missing(state=END_STATE_REFUSED, institutions=[1]),
            Missing(state=END_STATE_INCAPABLE, institutions=[2]),
            Missing(state=END_STATE_LATE, institutions=[3]),
        ],
    )  # fmt: skip
    findings = [
        Finding(institution=0, state=END_STATE_FOUND),
        Finding(institution=1, state=END_STATE_REFUSED),
        Finding(institution=3, state=END_STATE_FOUND, late=True),
    ]
    large, small = concern.by_class(
        [(Inquiry(scope=Scope(reach=REACH_ALL)), final, Answer(findings=findings))]
    )
    assert (large.institution_class, large.query_count) == ("large", 4)
    assert {state: n for state, n in large.state_counts.items() if n} == {
        "NONE": 1, "REFUSED": 1, "INCAPABLE": 1, "LATE": 1,
    }  # fmt: skip
    assert {state: n for state, n in small.state_counts.items() if n} == {"FOUND": 1}


def test_state_is_told_in_one_word() -> None:
    assert state_word(END_STATE_LATE) == "LATE"
