"""Plots: every picture whose figures are there, and a word about the others."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.bench import machine, plots
from benchmarks.bench.report import document
from benchmarks.bench.result import curve
from tests.benchmarks.bench import measuring_right


def made() -> dict[str, Any]:
    return document(machine.describe(), list(measuring_right.measure(quick=True)), quick=True)


def run(monkeypatch: pytest.MonkeyPatch, folder: Path) -> int:
    arguments = ["plots", "--bench", str(folder / "bench.json"), "--out", str(folder / "pictures")]
    monkeypatch.setattr("sys.argv", arguments)
    return plots.main()


def test_pictures_of_what_was_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document_ = made()
    document_["curves"]["memory.encoded_bytes_over_open_inquiries"] = curve(
        "open inquiries", "bytes", [(1, 2.0)]
    )
    for percentile in ("p50", "p99"):
        document_["curves"][f"{plots.LATENCY}{percentile}"] = curve(
            "arrivals/s", "ms", [(100, 2.0), (500, 9.0)]
        )
    (tmp_path / "bench.json").write_text(json.dumps(document_), encoding="utf-8")
    assert run(monkeypatch, tmp_path) == 0
    drawn = {path.name: path.read_bytes() for path in (tmp_path / "pictures").iterdir()}
    assert sorted(drawn) == [
        "beside_peers.png",
        "latency_over_offered_load.png",
        "memory_over_open_inquiries.png",
    ]
    assert all(image.startswith(b"\x89PNG") for image in drawn.values())
    assert "queries_over_institutions.png: its figures are not in" in capsys.readouterr().err


def test_every_curve_of_a_picture_is_needed() -> None:
    assert plots.pictures(made())["memory_over_open_inquiries.png"] is None


def test_nothing_to_draw_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert run(monkeypatch, tmp_path) == 1
