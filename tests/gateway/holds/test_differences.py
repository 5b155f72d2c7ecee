"""Differences: every field that is compared, both ways of missing, and nothing that changes by itself."""

import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.type.v1 import hold_pb2
from gateway.holds.differences import FIELDS, differences

# What changes by itself, or only says where else to look.
NOT_COMPARED = {"hold_id", "institution", "ahead_court_codes", "available_fen", "stated_ns"}


def statement(hold_id: int = 1, **fields: int) -> hold_pb2.HoldStatement:
    made = hold_pb2.HoldStatement(
        hold_id=hold_id, version=3, life=hold_pb2.HOLD_LIFE_EFFECTIVE, ceiling_fen=10, controlled_fen=7
    )
    made.MergeFrom(hold_pb2.HoldStatement(**fields))  # type: ignore[arg-type]
    return made


def test_every_field_of_a_statement_is_compared_or_known_to_change() -> None:
    names = set(hold_pb2.HoldStatement.DESCRIPTOR.fields_by_name)
    assert set(FIELDS) | NOT_COMPARED == names
    assert not set(FIELDS) & NOT_COMPARED


def test_equal_books_have_none() -> None:
    assert differences([statement(1), statement(2)], [statement(2), statement(1)]) == []
    assert differences([statement(available_fen=1)], [statement(available_fen=9)]) == []


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_that_differs_is_told_with_both_values(field: str) -> None:
    mine, other = statement(), statement()
    setattr(other, field, 6)
    (difference,) = differences([mine], [other])
    assert (difference.hold_id, difference.field) == (1, field)
    assert difference.ours != difference.theirs


def test_enums_are_told_by_name() -> None:
    (difference,) = differences([statement()], [statement(life=hold_pb2.HOLD_LIFE_QUEUED)])
    assert (difference.ours, difference.theirs) == ("HOLD_LIFE_EFFECTIVE", "HOLD_LIFE_QUEUED")


def test_a_hold_that_is_only_on_one_side_is_missing_on_the_other() -> None:
    assert differences([statement(1), statement(3)], [statement(2), statement(3)]) == [
        controls_pb2.Difference(hold_id=1, field="missing_there"),
        controls_pb2.Difference(hold_id=2, field="missing_here"),
    ]


def test_what_ended_there_and_was_settled_here_long_ago_is_none() -> None:
    ended = statement(1, life=hold_pb2.HOLD_LIFE_ENDED)
    assert differences([], [ended], lambda hold_id: hold_id == 1) == []
    missing_here = [controls_pb2.Difference(hold_id=1, field="missing_here")]
    assert differences([], [ended], lambda hold_id: hold_id == 2) == missing_here
    # It stands there: whatever is known of it here, that is told.
    assert differences([], [statement(1)], lambda hold_id: hold_id == 1) == missing_here
