"""The machine: what it says of itself is there and of the right kind."""

import json
import os
from pathlib import Path

import pytest

from benchmarks.bench import machine


def test_everything_a_reader_needs_is_said() -> None:
    said = machine.describe()
    assert said["cores"] == len(os.sched_getaffinity(0))
    assert int(said["memory_bytes"]) > 1 << 20
    assert {"model", "kernel", "python", "grpcio", "load_1m"} <= said.keys()
    assert json.loads(json.dumps(said)) == said


@pytest.mark.parametrize(
    ("text", "model"), [("flags\nmodel name\t: Some CPU\nmodel name\t: B\n", "Some CPU")]
)
def test_first_model_name_counts(tmp_path: Path, text: str, model: str) -> None:
    (tmp_path / "cpuinfo").write_text(text, encoding="utf-8")
    assert machine._model(tmp_path / "cpuinfo") == model


def test_without_a_model_name_the_architecture_is_said(tmp_path: Path) -> None:
    assert machine._model(tmp_path / "nothing") == os.uname().machine
