"""A recomputation that is killed within a transaction: no case is half under one law, and it goes on."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from tests.tracker.store.filled import fill
from tests.tracker.store.test_recomputing import CLOSING, CLUE, HEADER, amended, differences, miscounted
from tests.tracker.world import OURS, Store, event, opened, recorded, registration
from tracker.command_recompute import app
from tracker.store.laws import ALL_CASES
from tracker.store.tables import LAWS
from tracker.store.work import Register

PIECE = 10
END_S = 60.0
# The command, which kills itself when it comes to put in due nodes for the third time: those that were there
# are removed by then.
KILLED = f"""
import os, signal
from tracker.store import recomputing
from tracker.command_recompute import app
recomputing.CASES_AT_ONCE = {PIECE}
insert_rows, calls = recomputing.insert_rows, []
def insert_or_die(*given):
    calls.append(1)
    if len(calls) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    insert_rows(*given)
recomputing.insert_rows = insert_or_die
app()
"""


@pytest.fixture
def filled(url: str) -> Iterator[Store]:
    with opened(url) as store:
        fill(store, with_events=True)
        yield store


def configured(folder: Path, url: str) -> list[str]:
    config, rules = folder / "chakong.toml", folder / "new.toml"
    config.write_text(
        f'[listen]\naddress = "127.0.0.1:0"\nplaintext = true\n[tracker]\nurl = "{url}"\n', encoding="utf-8"
    )
    rules.write_text(HEADER + CLOSING + CLUE, encoding="utf-8")
    return ["recompute", "--config", str(config), "--rules", str(rules)]


def test_what_was_killed_is_gone_on_with(filled: Store, url: str, tmp_path: Path) -> None:
    law = amended()[1]
    command = configured(tmp_path, url)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, *command], capture_output=True, timeout=END_S, check=False
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    with filled.engine.connect() as connection:
        reached = connection.execute(select(func.min(LAWS.c.recomputed_to))).scalar_one()
    assert reached == 2 * PIECE
    left = [found for found in differences(filled, law) if found[0] <= reached]
    assert left == []
    assert miscounted(filled) == []
    # It serves meanwhile, by the new law.
    assert filled.do(Register(OURS, registration(99)))[0].error is None
    assert filled.do(recorded(31, event("enforcement_notice", 20261121)))[0].error is None
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "was in force already" in result.output
    assert differences(filled, law) == []
    assert miscounted(filled) == []
    with filled.engine.connect() as connection:
        assert connection.execute(select(func.min(LAWS.c.recomputed_to))).scalar_one() == ALL_CASES
