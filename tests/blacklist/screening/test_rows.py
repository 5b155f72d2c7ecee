"""The names of kinds mean what the compiled side means by them."""

from blacklist.screening import rows
from blacklist.screening._snapshot import Base, Binding, Snapshot
from chakong.blacklist.v1 import screening_pb2
from tests.blacklist.screening.model import HASHER, RAILWAY, TODAY, request, response, row, subject


def test_listed_is_told_as_listed_and_the_others_as_restricted() -> None:
    outcomes = {}
    for kinds in (rows.LISTED, rows.RESTRICTED, rows.DERIVED):
        snapshot = Snapshot(Base.of_entries(HASHER, [row(kinds=kinds)]), HASHER, 1)
        answer, _ = snapshot.screen(request([subject()]), Binding(RAILWAY), TODAY, 0)
        outcomes[kinds] = response(answer).findings[0].outcome
    assert outcomes == {
        rows.LISTED: screening_pb2.OUTCOME_LISTED,
        rows.RESTRICTED: screening_pb2.OUTCOME_RESTRICTED,
        rows.DERIVED: screening_pb2.OUTCOME_RESTRICTED,
    }


def test_a_unit_may_have_as_many_bounds_as_there_are() -> None:
    Binding([(1,)] * rows.BOUND_COUNT)
