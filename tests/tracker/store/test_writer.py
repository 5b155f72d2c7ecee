"""Transactions of the writer: what is registered and recorded, repeated and refused, on both stores."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from chakong.tracker.v1 import case_pb2
from runtime.errors import ForbiddenError, RuleError
from tests.tracker.world import (
    NOW_NS,
    OTHERS,
    OURS,
    SECOND_NS,
    Store,
    case_number,
    event,
    recorded,
    registration,
    theirs,
)
from tracker.errors import ReusedError, UnknownCaseError
from tracker.store.judge import FOLLOWER
from tracker.store.reader import Reader
from tracker.store.tables import CASES, COUNTERS, DUE_NODES, EVENTS, TALLIES
from tracker.store.work import Batch, Record, Register
from tracker.store.writer import Writer


def rows(store: Store, table: object) -> list[tuple[object, ...]]:
    with store.engine.connect() as connection:
        return sorted(tuple(row) for row in connection.execute(select(table)))  # type: ignore[call-overload]


def tally(store: Store, node: int) -> tuple[int, ...]:
    """open, done, in time, late, days of a node of our court."""
    with store.engine.connect() as connection:
        row = connection.execute(select(TALLIES).where(TALLIES.c.node == node)).one()
    return tuple(row[3:])


def test_cases_are_registered_and_repeated(store: Store) -> None:
    first = store.register(1, 2)
    assert [(one.case_no, one.is_repeated) for one in first] == [(1, False), (2, False)]
    again = store.register(2, 3)
    assert [(one.case_no, one.is_repeated) for one in again] == [(2, True), (3, False)]
    assert len(rows(store, CASES)) == 3
    assert len(rows(store, EVENTS)) == 6
    assert tally(store, 1) == (0, 3, 3, 0, 3)
    assert tally(store, 3)[0] == 3


def test_another_content_under_a_known_number_is_refused(store: Store) -> None:
    store.register(1)
    (outcome,) = store.do(Register(OURS, registration(1, claim_fen=5)))
    assert isinstance(outcome.error, ReusedError)
    # Another court's case may have the same number.
    assert store.do(Register(OTHERS, registration(1, court=OURS)))[0].error is None


def test_within_one_transaction_the_second_of_the_same_is_repeated(store: Store) -> None:
    outcomes = store.register(1, 1)
    assert [one.is_repeated for one in outcomes] == [False, True]
    assert len(rows(store, CASES)) == 1


def test_a_registration_that_a_rule_refuses_stores_nothing(store: Store) -> None:
    wrong = registration(1, event("application_received", 20261102), event("no_such_thing", 20261103))
    bad, good = store.do(Register(OURS, wrong), Register(OURS, registration(2)))
    assert isinstance(bad.error, RuleError)
    assert bad.error.rule == "UNKNOWN_KIND"
    assert good.error is None
    assert [row[2] for row in rows(store, CASES)] == [case_number(2)]


def test_a_case_of_fewer_debtors_is_not_taken_for_one_that_stood_alike(store: Store) -> None:
    asked = event("online_inquiry", 20261105, detail=case_pb2.Detail(subject=2))
    requests = [registration(number, event("filing", 20261103), asked) for number in (1, 2, 3)]
    for request, count in zip(requests, (2, 1, 2), strict=True):
        for _ in range(count):
            request.case.subjects.add(id_type=1, id_number="1", name="x")
    good, bad, again = store.do(*(Register(OURS, request) for request in requests))
    assert (good.error, again.error) == (None, None)
    assert isinstance(bad.error, RuleError)
    assert bad.error.rule == "DETAIL_WRONG"


def test_events_of_one_day_count_by_their_ids_whatever_was_registered_before(store: Store) -> None:
    kinds = ("deposit", "immovable")

    def request(number: int, *event_ids: str) -> Register:
        made = [
            event("measure_effective", 20261105, event_id, thing="1", detail=case_pb2.Detail(property=kind))
            for event_id, kind in zip(event_ids, kinds, strict=True)
        ]
        return Register(OURS, registration(number, event("filing", 20261103), *made))

    first, other = store.do(request(1, "freeze-1", "freeze-2"), request(2, "freeze-2", "freeze-1"))
    assert (first.error, other.error) == (None, None)
    terms = {(row[3], row[1]) for row in rows(store, DUE_NODES) if row[4] == "1"}
    assert {node for case_no, node in terms if case_no == 1} >= {15}
    assert 15 not in {node for case_no, node in terms if case_no == 2}


def test_an_event_moves_nodes_from_due_to_done(store: Store) -> None:
    store.register(1, 2)
    (outcome,) = store.do(recorded(1, event("distribution", 20261105)))
    assert outcome.error is None
    assert tally(store, 2) == (1, 1, 1, 0, 2)
    with store.engine.connect() as connection:
        listed = connection.execute(select(DUE_NODES.c.case_no, DUE_NODES.c.node)).all()
    assert {(1, 4), (2, 2)} <= {tuple(row) for row in listed}
    assert (1, 2) not in {tuple(row) for row in listed}


def test_what_is_done_late_counts_as_late(store: Store) -> None:
    store.register(1)
    store.do(recorded(1, event("distribution", 20261120)))
    assert tally(store, 2) == (0, 1, 0, 1, 17)


def test_a_corrected_event_takes_back_what_followed(store: Store) -> None:
    store.register(1)
    before = (rows(store, DUE_NODES), rows(store, TALLIES))
    store.do(recorded(1, event("distribution", 20261105)))
    correction = case_pb2.Correction(event_id="distribution", is_void=True)
    wrong = event("corrected", 20261123, "c1", correction=correction, basis="typing error")
    assert store.do(recorded(1, wrong))[0].error is None
    after = (rows(store, DUE_NODES), [row for row in rows(store, TALLIES) if any(row[3:])])
    assert after == before


def test_the_same_event_again_is_repeated_and_another_under_its_id_refused(store: Store) -> None:
    store.register(1)
    first, again = store.do(*[recorded(1, event("distribution", 20261105))] * 2)
    assert (first.is_repeated, again.is_repeated) == (False, True)
    assert store.do(recorded(1, event("distribution", 20261105)))[0].is_repeated
    (other,) = store.do(recorded(1, event("distribution", 20261106)))
    assert isinstance(other.error, ReusedError)
    assert len(rows(store, EVENTS)) == 3


def test_events_reach_only_cases_of_their_court(store: Store) -> None:
    store.register(1)
    theirs = recorded(1, event("distribution", 20261105))
    foreign, missing = store.do(
        type(theirs)(OTHERS, theirs.event), recorded(9, event("distribution", 20261105))
    )
    assert isinstance(foreign.error, ForbiddenError)
    assert isinstance(missing.error, UnknownCaseError)


def test_a_transferred_case_is_listed_and_counted_at_its_new_court(store: Store) -> None:
    store.register(1)
    moved = event("case_transferred", 20261110, detail=case_pb2.Detail(court=OTHERS), basis="ruling")
    after = event("distribution", 20261105)
    outcomes = store.do(recorded(1, moved), recorded(1, after))
    assert outcomes[0].error is None
    assert isinstance(outcomes[1].error, ForbiddenError)
    with store.engine.connect() as connection:
        courts = set(connection.execute(select(DUE_NODES.c.court_id)).scalars())
        counted = connection.execute(select(TALLIES.c.court_id, TALLIES.c.open)).all()
    assert len(courts) == 1
    assert {court_id for court_id, count in counted if count} == courts
    assert Reader(store.engine).case(OTHERS, case_number(1)).case_no == 1
    # What the gateway saw for the court that had it before still finds it.
    late = event("online_inquiry", 20261112)
    late.ClearField("officer")
    assert store.do(recorded(1, late, source=FOLLOWER))[0].error is None


def test_the_last_distribution_names_the_handler_in_whatever_order_they_come(store: Store) -> None:
    store.register(1)
    second = event("distribution", 20261110, "d2", detail=case_pb2.Detail(handler="judge-3"))
    first = event("distribution", 20261105, "d1", detail=case_pb2.Detail(handler="judge-2"))
    for made in (second, first):
        assert store.do(recorded(1, made))[0].error is None
        assert Reader(store.engine).case(OURS, case_number(1)).handler == "judge-3"
    void = case_pb2.Correction(event_id="d2", is_void=True)
    store.do(recorded(1, event("corrected", 20261123, "c1", correction=void, basis="typing error")))
    assert Reader(store.engine).case(OURS, case_number(1)).handler == "judge-2"


def test_a_distribution_at_registration_names_the_handler(store: Store) -> None:
    named = event("distribution", 20261105, detail=case_pb2.Detail(handler="judge-4"))
    begun = (event("application_received", 20261102), event("filing", 20261103))
    assert store.do(Register(OURS, registration(1, *begun, named)))[0].error is None
    assert Reader(store.engine).case(OURS, case_number(1)).handler == "judge-4"


def test_a_handler_comes_with_the_distribution(store: Store) -> None:
    store.register(1)
    store.do(recorded(1, event("distribution", 20261105, detail=case_pb2.Detail(handler="judge-2"))))
    assert Reader(store.engine).case(OURS, case_number(1)).handler == "judge-2"
    misplaced = event("online_inquiry", 20261106, detail=case_pb2.Detail(handler="judge-2"))
    (outcome,) = store.do(recorded(1, misplaced))
    assert isinstance(outcome.error, RuleError)


def test_cursors_are_kept_with_what_they_stand_for(store: Store) -> None:
    batch = Batch((Register(OURS, registration(1)),), {"gateway": 77})
    store.writer.write([batch], NOW_NS)
    assert Reader(store.engine).cursor("gateway") == 77
    assert Reader(store.engine).cursor("nobody") == 0


@pytest.mark.parametrize("failing", range(6))
def test_a_transaction_that_fails_anywhere_leaves_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """At the first, second, ... statement that writes; and the writer goes on afterwards."""
    store.register(1)
    before = [rows(store, table) for table in (CASES, EVENTS, DUE_NODES, TALLIES, COUNTERS)]
    count = 0

    from tracker.store import draft as module  # noqa: PLC0415

    def counting(kept: object) -> object:
        def call(*arguments: object) -> object:
            nonlocal count
            count += 1
            if count > failing:
                raise SQLAlchemyError("gone")
            return kept(*arguments)  # type: ignore[operator]

        return call

    with monkeypatch.context() as patch:
        for name in ("insert_rows", "add_rows"):
            patch.setattr(module, name, counting(getattr(module, name)))
        new = registration(2, event("application_received", 20261101))
        works = (Register(OURS, new), recorded(1, event("distribution", 20261105)))
        if failing < 5:
            with pytest.raises(SQLAlchemyError):
                store.do(*works)
            assert [rows(store, table) for table in (CASES, EVENTS, DUE_NODES, TALLIES, COUNTERS)] == before
    assert all(outcome.error is None for outcome in store.do(*works))


def test_another_writer_goes_on_where_the_first_stopped(store: Store) -> None:
    store.register(1)
    with store.engine.connect():
        pass
    other = Writer(store.engine, store.writer._judge_of)
    written = other.write([Batch((Register(OURS, registration(2)),))], NOW_NS)
    assert written.outcomes[0][0].case_no == 2
    assert store.register(3)[0].case_no == 3
    assert written.courts == {OURS}


def transfer(number: int, court: str, event_id: str = "gone", by: str = OURS) -> Record:
    made = event("case_transferred", 20261110, event_id, detail=case_pb2.Detail(court=court), basis="ruling")
    return recorded(number, made, by)


def test_a_case_does_not_go_to_a_court_that_has_another_of_its_number(store: Store) -> None:
    store.register(1, 2)
    assert store.do(theirs(1))[0].case_no == 3
    refused, good = store.do(transfer(1, OTHERS), recorded(2, event("distribution", 20261105)))
    assert isinstance(refused.error, RuleError)
    assert refused.error.rule == "NUMBER_TAKEN"
    assert good.error is None
    for court in (OURS, OTHERS):
        assert len(Reader(store.engine).case(court, case_number(1)).events) == 2


def test_a_correction_does_not_bring_a_case_back_to_where_its_number_was_given_again(store: Store) -> None:
    store.register(1)
    assert store.do(transfer(1, OTHERS))[0].error is None
    assert store.do(Register(OURS, registration(1, claim_fen=7)))[0].error is None
    void = case_pb2.Correction(event_id="gone", is_void=True)
    made = recorded(1, event("corrected", 20261123, "c1", correction=void, basis="typing error"))
    (refused,) = store.do(Record(OTHERS, made.event))
    assert isinstance(refused.error, RuleError)
    assert refused.error.rule == "NUMBER_TAKEN"


def test_what_follows_a_correction_in_its_round_is_the_court_s_that_has_the_case_then(store: Store) -> None:
    store.register(1)
    assert store.do(transfer(1, OTHERS))[0].error is None
    void = case_pb2.Correction(event_id="gone", is_void=True)
    corrected = recorded(1, event("corrected", 20261123, "c1", correction=void, basis="typing error"))
    later = recorded(1, event("distribution", 20261105))
    back, foreign = store.do(Record(OTHERS, corrected.event), Record(OTHERS, later.event))
    assert back.error is None
    assert isinstance(foreign.error, ForbiddenError)
    assert store.do(later)[0].error is None


def test_a_case_that_went_away_is_not_registered_a_second_time(store: Store) -> None:
    (first,) = store.register(1)
    assert store.do(transfer(1, OTHERS))[0].error is None
    (again,) = store.register(1)
    assert (again.case_no, again.is_repeated) == (first.case_no, True)
    assert len(rows(store, CASES)) == 1


def test_the_follower_finds_no_case_of_a_court_that_never_had_it(store: Store) -> None:
    store.register(1)
    store.register(2, court=OTHERS)
    made = event("online_inquiry", 20261112)
    made.ClearField("officer")
    strange = recorded(1, made, source=FOLLOWER)
    (outcome,) = store.do(Record(OTHERS, strange.event, FOLLOWER))
    assert isinstance(outcome.error, ForbiddenError)


def test_what_an_event_rests_on_is_asked_of_each_registration(store: Store) -> None:
    begun = (event("application_received", 20261102), event("filing", 20261103))
    closed = (*begun, event("closing", 20261110, basis="ruling"))
    bare = (*begun, event("closing", 20261110))
    good, refused = store.do(Register(OURS, registration(1, *closed)), Register(OURS, registration(2, *bare)))
    assert good.error is None
    assert isinstance(refused.error, RuleError)
    assert refused.error.rule == "NO_BASIS"


def test_a_corrected_distribution_names_the_right_handler(store: Store) -> None:
    store.register(1)
    named = case_pb2.Detail(handler="judge-2")
    store.do(recorded(1, event("distribution", 20261105, detail=named)))
    for number, handler in enumerate(("judge-3", "judge-4")):
        right = case_pb2.Correction(
            event_id="distribution", effective=20261105, detail=case_pb2.Detail(handler=handler)
        )
        made = event("corrected", 20261123, f"c{1 - number}", correction=right, basis="typing error")
        assert store.do(recorded(1, made))[0].error is None
        assert Reader(store.engine).case(OURS, case_number(1)).handler == handler
    wrong = case_pb2.Correction(event_id="filing", effective=20261103, detail=named)
    made = event("corrected", 20261123, "c3", correction=wrong, basis="typing error")
    (outcome,) = store.do(recorded(1, made))
    assert isinstance(outcome.error, RuleError)


def test_a_clock_that_was_set_back_makes_nothing_forgotten(store: Store) -> None:
    store.register(1)
    earlier_ns = NOW_NS - 60 * SECOND_NS
    assert store.do(recorded(1, event("distribution", 20261105)), now_ns=earlier_ns)[0].error is None
    assert tally(store, 2) == (0, 1, 1, 0, 2)
    told = Reader(store.engine).case(OURS, case_number(1)).events
    assert [one.recorded_ns for one in told] == [NOW_NS] * 3


def test_a_case_has_room_for_so_many_events(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from tracker.store import recording as module  # noqa: PLC0415

    monkeypatch.setattr(module, "EVENTS_MAX", 3)
    store.register(1, 2)
    first, second = store.do(
        *(recorded(1, event(kind, 20261105)) for kind in ("distribution", "notice_served"))
    )
    assert first.error is None
    assert isinstance(second.error, RuleError)
    assert second.error.rule == "TOO_MANY_EVENTS"
    assert store.do(recorded(1, event("distribution", 20261105)))[0].is_repeated
    assert store.do(recorded(2, event("distribution", 20261105)))[0].error is None
