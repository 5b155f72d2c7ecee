"""The mixed benchmark: all of the sample, verdicts and counts as the file says."""

import pytest

from benchmarks.bench import engine_mixed
from benchmarks.bench.engine_mixed import check_verdicts, run_sample, sample_messages
from benchmarks.bench.result import WrongAnswerError
from gateway.directory import Directory


def test_sample_goes_through_and_adds_up() -> None:
    lap = run_sample(Directory.load(), sample_messages())
    assert sum(answers.count for answers in lap.answers) == 9_124
    check_verdicts(Directory.load())


def test_message_that_is_left_out_raises() -> None:
    with pytest.raises(WrongAnswerError, match="inquiries accepted"):
        run_sample(Directory.load(), sample_messages()[1:])


def test_other_wire_count_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_mixed, "WIRE_COUNT_CALM", 22_073_461)
    with pytest.raises(WrongAnswerError, match="queries on the wire"):
        run_sample(Directory.load(), sample_messages())
