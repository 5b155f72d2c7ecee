"""Scratch folders lie below out and are gone afterwards."""

from pathlib import Path

import pytest

from benchmarks.bench import scratch


def fail_inside(out: Path) -> None:
    with scratch.scratch_folder() as folder:
        assert folder.parent == out
        (folder / "file").write_bytes(b"x")
        raise LookupError


def test_folder_is_gone_also_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "OUT", tmp_path / "out")
    with pytest.raises(LookupError):
        fail_inside(tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
