"""Bulk messages: what is told of whom, beside a slow list that is obviously right."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blacklist.screening._snapshot import Base, Binding, MessageError, Snapshot
from chakong.blacklist.v1 import screening_pb2
from chakong.type.v1.type_pb2 import ID_TYPE_RESIDENT_ID, Subject
from tests.blacklist.screening.model import (
    HASHER,
    NAMES,
    PEOPLE,
    PLAIN,
    RAILWAY,
    TODAY,
    Model,
    request,
    response,
    row,
    subject,
)

ENTRIES = st.builds(
    row,
    person=st.integers(0, len(PEOPLE) - 1),
    name=st.sampled_from(NAMES),
    listing_id=st.integers(0, 2**40 - 1),
    kinds=st.sampled_from((1, 2, 3, 4, 6)),
    bound=st.integers(0, 3),
    since_day=st.integers(TODAY - 2, TODAY + 2),
    until_day=st.one_of(st.none(), st.integers(TODAY - 2, TODAY + 2)),
)
SUBJECTS = st.builds(
    subject, person=st.integers(0, len(PEOPLE) - 1), name=st.sampled_from((*NAMES, "張三", "nobody"))
)


def snapshot(*rows: tuple[object, ...]) -> Snapshot:
    return Snapshot(Base.of_entries(HASHER, rows), HASHER, 1)


@settings(deadline=None)
@given(
    rows=st.lists(ENTRIES, max_size=12),
    subjects=st.lists(SUBJECTS, max_size=150),
    measures=st.sampled_from((PLAIN, RAILWAY, ((), (), (), (1, 37, 63)))),
    day=st.integers(TODAY - 3, TODAY + 3),
)
def test_answer_is_that_of_the_model(
    rows: list[tuple[object, ...]],
    subjects: list[Subject],
    measures: tuple[tuple[int, ...], ...],
    day: int,
) -> None:
    answer, named = snapshot(*rows).screen(request(subjects), Binding(measures), day, 7)
    model = Model(rows)
    expected = []
    for index, asked in enumerate(subjects):
        finding = model.finding(asked, measures, day)
        if finding.outcome != screening_pb2.OUTCOME_CLEAR:
            finding.index = index
            expected.append(finding)
    came = response(answer)
    assert came.screened == len(subjects)
    assert [
        (one.index, one.outcome, sorted(one.listing_ids), list(one.measures)) for one in came.findings
    ] == [(one.index, one.outcome, list(one.listing_ids), list(one.measures)) for one in expected]
    assert sorted(named) == sorted((listing, one.outcome) for one in expected for listing in one.listing_ids)


def test_name_alone_finds_nobody() -> None:
    answer, named = snapshot(row(person=0)).screen(request([subject(1)]), Binding(PLAIN), TODAY, 0)
    assert not response(answer).findings
    assert named == []


def test_number_with_another_name_is_checked_by_hand_and_binds_nobody() -> None:
    answer, named = snapshot(row(listing_id=9)).screen(
        request([subject(0, "李四")]), Binding(PLAIN), TODAY, 0
    )
    (finding,) = response(answer).findings
    assert finding.outcome == screening_pb2.OUTCOME_CHECK_BY_HAND
    assert (list(finding.listing_ids), list(finding.measures)) == ([9], [])
    assert named == [(9, screening_pb2.OUTCOME_CHECK_BY_HAND)]


def test_faults_are_told_by_index_and_harm_no_other() -> None:
    asked = [
        Subject(id_type=ID_TYPE_RESIDENT_ID, id_number="110105194912310021", name="张三"),
        subject(0),
        subject(0, ""),
        Subject(),
    ]
    answer, named = snapshot(row()).screen(request(asked), Binding(PLAIN), TODAY, 0)
    came = [(one.index, one.outcome, one.fault) for one in response(answer).findings]
    assert came == [
        (0, screening_pb2.OUTCOME_NOT_SCREENED, screening_pb2.SUBJECT_FAULT_BAD_NUMBER),
        (1, screening_pb2.OUTCOME_LISTED, 0),
        (2, screening_pb2.OUTCOME_NOT_SCREENED, screening_pb2.SUBJECT_FAULT_BAD_NAME),
        (3, screening_pb2.OUTCOME_NOT_SCREENED, screening_pb2.SUBJECT_FAULT_BAD_NUMBER),
    ]
    assert named == [(1, screening_pb2.OUTCOME_LISTED)]


@pytest.mark.parametrize("count", [63, 64, 65, 128, 1_000])
def test_every_subject_of_every_block_is_looked_at(count: int) -> None:
    answer, _ = snapshot(row()).screen(request([subject()] * count), Binding(PLAIN), TODAY, 0)
    assert [one.index for one in response(answer).findings] == list(range(count))


def test_more_subjects_than_a_message_may_have_are_refused() -> None:
    made = snapshot(row())
    answer, _ = made.screen(b"\x0a\x00" * 65_536, Binding(PLAIN), TODAY, 0)
    assert response(answer).screened == 65_536
    with pytest.raises(MessageError, match="more than 65536 given"):
        made.screen(b"\x0a\x00" * 65_537, Binding(PLAIN), TODAY, 0)
