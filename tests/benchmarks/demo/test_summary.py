"""The summary: the figures, and the judgement by name."""

import io

from rich.console import Console

from benchmarks.demo.invariants import Violation
from benchmarks.demo.summary import (
    print_blacklist,
    print_holds,
    print_judgement,
    print_summary,
    print_tracker,
)
from benchmarks.verdicts import Mismatch
from tests.benchmarks.demo import made


def console() -> tuple[Console, io.StringIO]:
    written = io.StringIO()
    return Console(file=written, width=200), written


def test_summary_tells_what_was_measured() -> None:
    on, written = console()
    print_summary(on, made.report(), made.figures(), 23_896_870)
    text = written.getvalue()
    assert "23,896,870 queries at 3,916 institutions ended in 12.5 s: 1,911,750 a second" in text
    assert "10,000 sent, 9,124 accepted, 42 repeated, 834 refused" in text
    assert "10,000 compared, 0 mismatched" in text
    assert "median 8.00 s, 99 % 12.00 s, longest 12.40 s" in text
    assert "joint_stock_bank-001 (1,900 ms)" in text
    assert "INCAPABLE" in text
    assert "73,463" in text


def test_what_was_enforced_is_told() -> None:
    on, written = console()
    print_holds(on, made.holds(), made.hold_figures())
    text = written.getvalue()
    assert "1,000 claims enforced at 412 institutions in 12.0 s" in text
    assert "492 met (4 by a thing worth more), 508 short, 0 over" in text
    assert "2,359 FREEZE DONE" in text
    assert "263 approved, 520 renewed, 2 refused as overtaken; 111 holds objected to" in text


def test_no_line_is_broken_in_a_file_of_80_columns() -> None:
    written = io.StringIO()
    on = Console(file=written, width=80)
    print_summary(on, made.report(), made.figures(), 23_896_870)
    print_holds(on, made.holds(), made.hold_figures())
    print_judgement(on, [Violation("a_holds", "x " * 60 + "end")], [])
    lines = written.getvalue().splitlines()
    (claims,) = (line for line in lines if line.startswith("claims "))
    assert claims.endswith("492 met (4 by a thing worth more), 508 short, 0 over")
    assert any(line.startswith("VIOLATED a_holds") and line.endswith("end") for line in lines)
    assert not any(line.startswith("  ") for line in lines)


def test_what_was_tracked_is_told_in_two_lines() -> None:
    on, written = console()
    print_tracker(on, made.report().tracker, 60.0)
    text = written.getvalue()
    assert "8,856 cases registered and filled in with 75,312 events in 60.0 s" in text
    assert "35,182 done, 3,166 due soon, 1,256 overdue" in text


def test_what_was_listed_is_told_in_two_lines() -> None:
    on, written = console()
    print_blacklist(on, made.report().blacklist, 10.0)
    text = written.getvalue()
    assert "800 debtors listed, 9,000 subjects screened, 800 hits, 160 removed in 10.0 s" in text
    assert "units that have carried out every change: 40" in text


def test_missing_answers_are_told() -> None:
    on, written = console()
    print_summary(on, made.report(inquiries=made.report().inquiries), made.nothing(), 0)
    assert "no final answer" not in written.getvalue()


def test_judgement_lists_every_violation_and_the_first_mismatches() -> None:
    on, written = console()
    mismatches = [Mismatch(f"order-{number}", "ok", "bad_length") for number in range(12)]
    print_judgement(on, [Violation("a_holds", "1 came, must be 2"), Violation("b_holds", "x")], mismatches)
    text = written.getvalue()
    assert "VIOLATED a_holds: 1 came, must be 2" in text
    assert "VIOLATED b_holds: x" in text
    assert "verdict on order-9: bad_length came, must be ok" in text
    assert "order-10" not in text
    assert "and 2 more verdicts" in text
    assert "All invariants hold" not in text


def test_right_run_is_told_to_be_right() -> None:
    on, written = console()
    print_judgement(on, [], [])
    assert "All invariants hold." in written.getvalue()
