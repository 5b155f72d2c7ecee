"""The report: a row for every target, whatever came of it."""

import json
from typing import Any

import pytest
from rich.console import Console

from benchmarks.bench import machine
from benchmarks.bench.report import document, growth_lines, kept_lines, machine_line, result_line, table
from benchmarks.bench.result import Result
from benchmarks.bench.runner import Failure, Outcome
from benchmarks.bench.targets import TARGETS
from tests.benchmarks.bench import measuring_right

KEYS = ["name", "unit", "ours", "reference", "reference_name", "ratio", "target", "met", "runs"]
MACHINE = {"model": "some", "cores": 2, "commit": "abc", "load_1m": 0.1}


def outcomes() -> list[Outcome]:
    return [*measuring_right.measure(quick=False), Failure("day.seconds", "answers: 1 came, must be 2")]


def made() -> dict[str, Any]:
    return document(MACHINE, outcomes(), quick=True)


def row(name: str) -> dict[str, Any]:
    (found,) = [one for one in made()["results"] if one["name"] == name]
    return dict(found)


def test_every_target_has_its_row() -> None:
    document_ = made()
    assert [one["name"] for one in document_["results"]] == list(TARGETS)
    assert all(list(one)[: len(KEYS)] == KEYS for one in document_["results"])
    assert document_["machine"] == MACHINE
    assert json.loads(json.dumps(document_)) == document_


def test_figure_without_reference() -> None:
    assert row("memory.bytes_per_open_inquiry") == {
        "name": "memory.bytes_per_open_inquiry",
        "unit": "bytes",
        "ours": 220.0,
        "reference": None,
        "reference_name": None,
        "ratio": None,
        "target": "<= 256 bytes",
        "met": True,
        "runs": {"ours": [200.0, 220.0, 240.0], "reference": None},
        "commit": "abc",
    }


def test_figure_with_reference() -> None:
    assert row("journal.vs_raw") == {
        "name": "journal.vs_raw",
        "unit": "MB/s",
        "ours": 85.0,
        "reference": 100.0,
        "reference_name": "plain append",
        "ratio": 0.8500000000000001,
        "target": ">= 0.8 x",
        "met": True,
        "runs": {"ours": [90.0, 80.0], "reference": [100.0, 100.0]},
        "commit": "abc",
    }


def test_what_was_not_measured_says_so() -> None:
    unmeasured = row("unary.p99_ms")
    assert (unmeasured["note"], unmeasured["met"], unmeasured["ours"]) == ("not measured", None, None)


def test_what_failed_says_why() -> None:
    failed = row("day.seconds")
    assert (failed["note"], failed["met"]) == ("failed: answers: 1 came, must be 2", False)


def test_curves_growth_and_details_have_their_places() -> None:
    document_ = made()
    assert list(document_["curves"]) == ["memory.resident_bytes_over_open_inquiries"]
    assert document_["growth"][0]["met"] is False
    assert document_["growth"][0]["benchmark"] == "memory.bytes_per_open_inquiry"
    assert document_["details"]["memory.bytes_per_open_inquiry"] == {"batches_out": 3}


def test_result_unlike_its_target_is_refused() -> None:
    with pytest.raises(ValueError, match="unlike its target"):
        document(MACHINE, [Result("journal.vs_raw", "MB/s", (1.0,))], quick=True)


def test_figure_without_target_is_told_and_not_judged() -> None:
    alone = Result("engine.dedup_vs_redis", "inquiries/s", (5.0,), note="redis-server is not installed")
    beside = Result("engine.dedup_vs_redis", "inquiries/s", (6.0,), (3.0,), "Redis")
    assert result_line(alone) == "engine.dedup_vs_redis: 5 (5 - 5) inquiries/s; redis-server is not installed"
    assert result_line(beside) == "engine.dedup_vs_redis: 6 (6 - 6) inquiries/s; 2 of Redis"
    for outcome, ratio in ((alone, None), (beside, 2.0)):
        document_ = document(MACHINE, [outcome], quick=True)
        (found,) = [one for one in document_["results"] if one["name"] == outcome.name]
        assert (found["target"], found["met"], found["ratio"]) == (None, None, ratio)
        console = Console(width=200)
        with console.capture() as capture:
            console.print(table(document_))
        line = next(one for one in capture.get().splitlines() if one.startswith(outcome.name))
        assert line.rstrip().endswith("no target")
        assert ("redis-server is not installed" in line) is (ratio is None)


def test_table_shows_every_name_and_whether_it_was_met() -> None:
    console = Console(width=160)
    with console.capture() as capture:
        console.print(table(made()))
    lines = capture.get().splitlines()
    assert len(lines) == len(TARGETS) + 1
    shown = {line.split()[0]: line.split()[-1] for line in lines[1:]}
    assert shown["journal.vs_raw"] == "met"
    assert shown["day.seconds"] == "failed"
    assert shown["unary.p99_ms"] == "measured"


def test_lines_of_results_and_growth() -> None:
    assert [result_line(outcome) for outcome in outcomes()] == [
        "memory.bytes_per_open_inquiry: 220 (200 - 240) bytes; target <= 256 bytes, met",
        "journal.vs_raw: 85 (80 - 90) MB/s; 0.85 of plain append; target >= 0.8 x, met",
        "day.seconds: failed: answers: 1 came, must be 2",
    ]
    assert growth_lines(made()) == ["bytes over inquiries, 10 to 20: 2.50 times (at most 2.00), missed"]


def test_line_says_what_machine_it_was() -> None:
    line = machine_line({"machine": {**machine.describe(), "cores": 64, "memory_bytes": 24 << 30}})
    assert line.startswith("64 cores of ")
    assert "24 GiB" in line


def test_what_was_measured_before_stays_where_nothing_was_measured_now() -> None:
    first = document(machine.describe(), outcomes(), quick=True)
    names = {outcome.name for outcome in outcomes()}
    again = document(machine.describe(), [], quick=True, before=json.loads(json.dumps(first)))
    assert [row for row in again["results"] if row["name"] in names] == [
        row for row in first["results"] if row["name"] in names
    ]
    assert again["details"] == json.loads(json.dumps(first["details"]))
    other = document(machine.describe(), [], quick=False, before=first)
    assert all(row["ours"] is None for row in other["results"])


def test_what_was_measured_on_another_machine_is_not_kept() -> None:
    first = document(MACHINE, outcomes(), quick=True)
    busier = document({**MACHINE, "load_1m": 9.0}, [], quick=True, before=first)
    other = document({**MACHINE, "cores": 64}, [], quick=True, before=first)
    assert busier["curves"] == first["curves"]
    assert not other["curves"]
    assert not other["details"]
    assert all(row["ours"] is None for row in other["results"])


def test_rows_of_an_earlier_commit_are_named() -> None:
    first = document(MACHINE, outcomes(), quick=True)
    now = [Result("day.seconds", "s", (11.0,))]
    again = document({**MACHINE, "commit": "def"}, now, quick=True, before=first)
    assert kept_lines(first) == []
    assert kept_lines(again) == ["measured at abc: journal.vs_raw, memory.bytes_per_open_inquiry"]


def test_failure_leaves_nothing_of_the_run_before() -> None:
    name = "memory.bytes_per_open_inquiry"
    first = document(MACHINE, outcomes(), quick=True)
    failed = document(MACHINE, [Failure(name, "broken")], quick=True, before=first)
    assert not failed["curves"]
    assert not failed["growth"]
    assert name not in failed["details"]


def test_what_is_measured_now_takes_the_place_of_what_was() -> None:
    name = "day.seconds"
    first = document(machine.describe(), [Result(name, "s", (10.0,))], quick=True)
    again = document(machine.describe(), [Result(name, "s", (11.0,))], quick=True, before=first)
    assert next(row["ours"] for row in again["results"] if row["name"] == name) == 11.0
