"""The runner: results as they come, and a failure for every name that got none."""

import pytest

from benchmarks.bench import runner
from benchmarks.bench.result import Result
from benchmarks.bench.runner import MODULES, Failure, Module, Outcome, chosen, is_chosen, run_modules
from benchmarks.bench.targets import TARGETS

HERE = "tests.benchmarks.bench"
MEMORY, JOURNAL = "memory.bytes_per_open_inquiry", "journal.vs_raw"


def outcomes(path: str, *names: str) -> list[Outcome]:
    looks: list[tuple[str, float]] = []
    came = list(
        run_modules([Module(path, names)], True, lambda names, taken_s: looks.append((names, taken_s)))
    )
    assert looks[0] == (", ".join(names), 0.0)
    return came


def test_results_come_through() -> None:
    memory, journal = outcomes(f"{HERE}.measuring_right", MEMORY, JOURNAL)
    assert isinstance(memory, Result)
    assert (memory.name, memory.ours, memory.extra["batches_out"]) == (MEMORY, (200.0, 240.0), 3)
    assert isinstance(journal, Result)
    assert journal.reference == (100.0, 100.0)


def test_wrong_answer_fails_what_is_left() -> None:
    first, second = outcomes(f"{HERE}.measuring_wrong", MEMORY, JOURNAL)
    assert isinstance(first, Result)
    assert isinstance(second, Failure)
    assert second.name == JOURNAL
    assert "final answers: 3999 came, must be 4000" in second.reason


def test_group_of_errors_is_told_one_by_one() -> None:
    (failure,) = outcomes(f"{HERE}.measuring_group", MEMORY)
    assert isinstance(failure, Failure)
    assert "3999 came, must be 4000" in failure.reason
    assert "TimeoutError: too long" in failure.reason


def test_process_that_dies_fails_what_is_left() -> None:
    failures = [
        one for one in outcomes(f"{HERE}.measuring_dead", MEMORY, JOURNAL) if isinstance(one, Failure)
    ]
    assert JOURNAL in [failure.name for failure in failures]
    assert all("ended with code 7" in failure.reason for failure in failures)


def test_module_that_is_not_there_fails() -> None:
    (failure,) = outcomes(f"{HERE}.measuring_nothing", MEMORY)
    assert isinstance(failure, Failure)
    assert "measuring_nothing" in failure.reason


def test_result_of_another_name_is_a_failure() -> None:
    (failure,) = outcomes(f"{HERE}.measuring_right", "day.seconds")
    assert isinstance(failure, Failure)
    assert "was not expected" in failure.reason


def test_module_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "QUICK_S_MAX", 0.0)
    came = list(run_modules([Module(f"{HERE}.measuring_right", (MEMORY,))], True, lambda *_: None))
    assert came == [Failure(MEMORY, f"{HERE}.measuring_right: no result after 0 s")]


def test_every_module_measures_what_has_a_target_and_nothing_twice() -> None:
    names = [name for module in MODULES for name in module.names]
    assert len(set(names)) == len(names)
    assert set(names) <= TARGETS.keys()


@pytest.mark.parametrize(
    ("name", "only", "expected"),
    [
        (JOURNAL, [], True),
        (JOURNAL, ["journal"], True),
        (JOURNAL, [MEMORY, JOURNAL], True),
        (JOURNAL, ["journal.vs"], False),
        (JOURNAL, ["jour"], False),
    ],
)
def test_only_takes_names_and_first_words(name: str, only: list[str], expected: bool) -> None:
    assert is_chosen(name, only) is expected


def test_modules_without_a_chosen_name_are_left_out() -> None:
    modules = [Module("a", (MEMORY,)), Module("b", (JOURNAL, "unary.p99_ms"))]
    assert [module.path for module in chosen(modules, ["unary"])] == ["b"]
