"""The holds report: met, short, over; what is marked indivisible is not over."""

from benchmarks.demo.holds_report import holds_report
from chakong.gateway.v1.controls_pb2 import ClaimView


def test_claims_are_met_short_or_over() -> None:
    views = [
        ClaimView(due_fen=100, cover_fen=100),
        ClaimView(due_fen=100, cover_fen=99, exposed_fen=7),
        ClaimView(due_fen=100, cover_fen=103),
        ClaimView(due_fen=100, cover_fen=180, indivisible=True),
        ClaimView(),
    ]
    made = holds_report(views, {"ENDED": 1}, 2)
    assert (made.claims, made.met, made.short, made.over, made.worst_over_fen) == (5, 3, 1, 1, 3)
    assert (made.due_fen, made.cover_fen, made.exposed_fen) == (400, 482, 7)
    assert (made.by_state, made.reconcile_differences) == ({"ENDED": 1}, 2)


def test_no_claims_are_nothing() -> None:
    assert holds_report([], {}, 0).worst_over_fen == 0
