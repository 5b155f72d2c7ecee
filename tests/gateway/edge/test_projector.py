"""The projector: everything once, wherever it is stopped; tables as the migrations make them."""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from chakong.gateway.v1 import gateway_pb2
from gateway.edge import projector as module
from gateway.edge.errors import JournalError
from gateway.edge.journal import Frame, Journal
from gateway.edge.projector import Projector
from gateway.edge.tables import COVERAGE, CURSOR, INQUIRIES, RECORDS
from runtime.database import make_engine
from tests.gateway.edge.frames import AT_NS, COURT, admission, answer, answers, found
from tests.patience import DEADLINE_S


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    made = Journal.open(tmp_path / "journal")
    yield made
    made.close()


def counts(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (INQUIRIES, COVERAGE, RECORDS)
        ]


def run_out(projector: Projector) -> None:
    while projector.advance():
        pass


async def fill(journal: Journal, first: int, count: int) -> None:
    await journal.append(admission(first, count))
    for number in range(first, first + count):
        partial = answer(number, stage=gateway_pb2.STAGE_PARTIAL, findings=[found(1, 5, 2)])
        await journal.append(answers(partial))
    finals = [
        answer(number, revision=2, findings=[found(1, 5), found(2, 7, 2)])
        for number in range(first, first + count)
    ]
    await journal.append(answers(*finals))
    await journal.append(Frame(3, b"", AT_NS, COURT))


async def test_everything_is_carried_over(journal: Journal, database: str) -> None:
    await fill(journal, 1, 4)
    projector = Projector(journal.path, make_engine(database))
    run_out(projector)
    assert counts(projector._engine) == [4, 4, 12]
    assert projector.cursor == 6
    projector.close()


async def test_it_goes_on_where_it_was(journal: Journal, database: str) -> None:
    await fill(journal, 1, 4)
    first = Projector(journal.path, make_engine(database))
    run_out(first)
    first.close()
    await fill(journal, 5, 3)
    second = Projector(journal.path, make_engine(database))
    assert second.cursor == 6
    run_out(second)
    assert counts(second._engine) == [7, 7, 21]
    second.close()


async def test_a_failure_at_any_step_leaves_nothing_half_done(
    journal: Journal, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fail the 1st, 2nd, ... statement of a transaction until none is hit."""
    monkeypatch.setattr(module, "FRAMES_AT_ONCE", 3)
    await fill(journal, 1, 4)
    failures, completed = 0, False
    while not completed:
        projector = Projector(journal.path, make_engine(database))
        left = failures
        run_for_real = module._run

        def failing(connection: Any, statement: str, rows: Any, run: Any = run_for_real) -> None:
            nonlocal left
            run(connection, statement, rows)
            if left == 0:
                left = -1
                raise OSError("injected")
            left -= 1

        with monkeypatch.context() as patch:
            patch.setattr(module, "_run", failing)
            try:
                run_out(projector)
                completed = True
            except OSError:
                failures += 1
        projector.close()
    assert failures > 0
    engine = make_engine(database)
    assert counts(engine) == [4, 4, 12]
    engine.dispose()


async def test_a_projector_left_over_puts_no_older_answers_over_newer_ones(
    journal: Journal, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FRAMES_AT_ONCE", 1)
    await journal.append(admission(1))
    left_over = Projector(journal.path, make_engine(database))
    run_out(left_over)
    following = Projector(journal.path, make_engine(database))
    await journal.append(answers(answer(1, stage=gateway_pb2.STAGE_PARTIAL)))
    await journal.append(answers(answer(1, revision=2)))
    run_out(following)
    with pytest.raises(JournalError, match="another projector"):
        left_over.advance()
    with following._engine.connect() as connection:
        assert connection.execute(select(COVERAGE.c.revision)).scalar_one() == 2
        assert connection.execute(select(CURSOR.c.seq)).scalar_one() == 3
    left_over.close()
    following.close()


async def test_a_database_of_another_journal_is_refused(
    journal: Journal, database: str, tmp_path: Path
) -> None:
    Projector(journal.path, make_engine(database)).close()
    other = Journal.open(tmp_path / "other")
    engine = make_engine(database)
    with pytest.raises(JournalError, match="the database is of another journal"):
        Projector(other.path, engine)
    engine.dispose()
    other.close()


async def test_the_process_answers_each_line_with_its_cursor_and_ends_with_its_input(
    journal: Journal,
    database: str,
) -> None:
    await fill(journal, 1, 2)
    command = [sys.executable, "-m", "gateway.edge.projector", "--journal", str(journal.path)]
    process = subprocess.Popen(  # noqa: ASYNC220 - the test has nothing else to do
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        process.stdin.write(f"{database}\n")
        assert process.stdout.readline() == "0\n"
        process.stdin.write("5\n")
        lines = [process.stdout.readline()]
        while lines[-1] != "5\n":
            lines.append(process.stdout.readline())
            assert lines[-1]
        process.stdin.close()
        assert process.wait(DEADLINE_S) == 0


async def test_a_gateway_that_is_gone_ends_the_process_without_a_traceback(
    journal: Journal, database: str
) -> None:
    command = [sys.executable, "-m", "gateway.edge.projector", "--journal", str(journal.path)]
    process = subprocess.Popen(  # noqa: ASYNC220 - the test has nothing else to do
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        process.stdin.write(f"{database}\n")
        assert process.stdout.readline() == "0\n"
        process.stdout.close()
        process.stdin.write("1\n")
        assert process.wait(DEADLINE_S) == 0
        assert "Traceback" not in process.stderr.read()


async def test_a_wrong_database_ends_the_process_with_a_word(journal: Journal, database: str) -> None:
    command = [
        sys.executable,
        "-m",
        "gateway.edge.projector",
        "--journal",
        str(journal.path),
        "--database",
        "mysql://x/y",
    ]
    done = subprocess.run(  # noqa: ASYNC221 - the test has nothing else to do
        command, capture_output=True, text=True, timeout=DEADLINE_S, input="", check=False
    )
    assert done.returncode == 1
    assert "the projection cannot be kept" in done.stderr
