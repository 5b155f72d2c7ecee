"""The projector's rows: all of them, or it raises."""

from pathlib import Path

import pytest

from benchmarks.bench.projector import over_waves, project
from benchmarks.bench.result import WrongAnswerError


def test_rows_are_counted(tmp_path: Path) -> None:
    result = over_waves(tmp_path, [30, 20], 2)
    assert (result.name, result.unit, len(result.ours)) == ("projector.rows_per_second", "rows/s", 2)
    assert result.extra["rows"] == {"inquiries": 50, "coverage": 50, "records": 250}


def test_missing_rows_raise(tmp_path: Path) -> None:
    over_waves(tmp_path, [10], 1)
    with pytest.raises(WrongAnswerError, match="rows"):
        project(tmp_path / "journal", tmp_path / "other", {"inquiries": 10, "coverage": 10, "records": 51})
