"""What the start tells of the journal: which one it is, and whether it was there before."""

import logging
from pathlib import Path

import pytest

from runtime.logs import fields_of
from tests.gateway.edge.court import open_court


async def test_the_start_names_the_journal_and_says_when_it_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway.edge.serve")
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        async with open_court(Path()):
            pass
    told = [(one.getMessage(), fields_of(one).get("path")) for one in caplog.records]
    path = str(tmp_path / "journal")
    assert [line for line in told if line[1]] == [
        ("journal made", path),
        ("recovered", path),
        ("recovered", path),
    ]
