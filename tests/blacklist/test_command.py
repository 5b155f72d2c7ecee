"""Import, export and stats from the command line, and a process that is killed in the middle."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from blacklist.command import app
from blacklist.serve import open_database
from runtime.clock import now_ns
from runtime.database import make_engine
from tests.blacklist.build import draft, person
from tests.blacklist.house import resident_number
from tests.blacklist.store.world import World
from tests.blacklist.test_importing import GOOD
from tests.patience import DEADLINE_S

LINE_COUNT = 1_500
BATCH_LINES = 50
ENTRY = "from runtime.cli import main; main()"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "chakong.toml"
    path.write_text('[listen]\naddress = "127.0.0.1:0"\nplaintext = true\n')
    return path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Of the database that the configuration means."""
    engine = make_engine(f"sqlite:///{tmp_path / 'chakong.journal.blacklist'}", is_source=True)
    open_database(engine)
    yield World(engine, now_ns())
    engine.dispose()


def lines(count: int) -> list[str]:
    """JSON lines of as many people, each in a case of its own."""
    return [
        json.dumps(
            GOOD
            | {
                "id_number": resident_number(index % 1000, 19800101 + index // 1000),
                "case_number": str(index),
            }
        )
        for index in range(count)
    ]


def run(*arguments: str | Path) -> tuple[int, str]:
    found = CliRunner().invoke(app, [str(one) for one in arguments])
    return found.exit_code, found.output


def test_bad_line_is_in_the_report_and_the_rest_is_imported(
    tmp_path: Path, config: Path, world: World
) -> None:
    file, report = tmp_path / "list.jsonl", tmp_path / "refused.jsonl"
    bad = json.dumps(GOOD | {"id_number": "110105198001010011"})
    minor = json.dumps(GOOD | {"id_number": person(1, 20200101).id_number})
    nowhere = json.dumps(GOOD | {"court": "京0199"})
    file.write_text("\n".join([*lines(3), bad, minor, *lines(5)[3:], nowhere]))
    code, output = run("import", file, "--config", config, "--report", report)
    assert (code, output.splitlines()[-1]) == (1, "listed 5, known before 0, refused 3")
    refused = [json.loads(line) for line in report.read_text().splitlines()]
    assert [(one["line"], one["reason"]) for one in refused] == [
        (4, "id_number"),
        (8, "court"),
        (5, "minor"),
    ]
    assert "110105198001010011" not in report.read_text()
    assert world.rows()[0] == 5
    code, output = run("import", file, "--config", config)
    assert output.splitlines()[-1] == "listed 0, known before 5, refused 3"
    assert "line 4: id_number" in output
    assert world.rows()[0] == 5


def test_export_of_a_list_is_an_import_of_it(tmp_path: Path, config: Path, world: World) -> None:
    file = tmp_path / "list.jsonl"
    file.write_text("\n".join(lines(3)))
    assert run("import", file, "--config", config)[0] == 0
    assert run("export", tmp_path / "out.csv", "--config", config) == (0, "written 3\n")
    world.engine.dispose()
    (tmp_path / "chakong.journal.blacklist").unlink()
    code, output = run("import", tmp_path / "out.csv", "--config", config)
    assert (code, output.splitlines()[-1]) == (0, "listed 3, known before 0, refused 0")


def test_stats_tell_what_is_overdue(config: Path, world: World) -> None:
    code, output = run("stats", "--config", config)
    assert (code, "units late 0 of" in output) == (0, True)
    # So long ago that every unit is past its deadline.
    world.now_ns -= 90 * 86_400 * 10**9
    world.remove(world.enter(draft(since=20260101)))
    code, output = run("stats", "--config", config)
    assert code == 1
    assert "units late 40 of 40" in output
    assert "railway" in output


def test_stats_count_days_as_the_service_does(config: Path, world: World) -> None:
    with config.open("a") as more:
        more.write("[blacklist]\nacknowledge_working_days = 60\n")
    world.now_ns -= 40 * 86_400 * 10**9
    world.remove(world.enter(draft(since=20260101)))
    code, output = run("stats", "--config", config)
    assert (code, "units late 0 of 40" in output) == (0, True)
    code, output = run("stats", "--config", config, "--working-days", "3")
    assert (code, "units late 40 of 40" in output) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [("import", "none.csv"), ("import", "list.xml"), ("export", "no/such/folder.csv")],
)
def test_what_cannot_be_opened_is_told(config: Path, world: World, arguments: tuple[str, ...]) -> None:
    code, output = run(*arguments, "--config", config)
    assert code == 2
    assert "Traceback" not in output
    assert world.rows()[0] == 0


def test_file_without_a_heading_imports_nothing(tmp_path: Path, config: Path, world: World) -> None:
    file = tmp_path / "list.csv"
    file.write_text("a,b,c\n1,2,3\n")
    code, output = run("import", file, "--config", config)
    assert (code, "line 1" in output) == (2, True)
    assert world.rows()[0] == 0


def test_line_that_never_ends_is_one_refused_line(tmp_path: Path, config: Path, world: World) -> None:
    file = tmp_path / "list.jsonl"
    file.write_text("\n".join([lines(1)[0], "x" * 300_000, lines(2)[1]]))
    code, output = run("import", file, "--config", config)
    assert (code, output.splitlines()[-1]) == (1, "listed 2, known before 0, refused 1")
    assert world.rows()[0] == 2


def test_import_that_is_killed_is_finished_by_the_next(tmp_path: Path, config: Path, engine: Engine) -> None:
    """Whole batches stand, and no half of one, in each kind of database."""
    world = World(engine)
    url = engine.url.render_as_string(hide_password=False)
    config.write_text(f'{config.read_text()}[blacklist]\nurl = "{url}"\n')
    file = tmp_path / "list.jsonl"
    file.write_text("\n".join(lines(LINE_COUNT)) + "\n")
    arguments = ["import", str(file), "--config", str(config), "--batch-lines", str(BATCH_LINES)]
    command = [sys.executable, "-c", ENTRY, "blacklist", *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline_ns = now_ns() + int(DEADLINE_S * 1e9)
        while world.entries.version() == 0 and process.poll() is None:
            assert now_ns() < deadline_ns
        process.send_signal(signal.SIGKILL)
    version, rows = world.rows()
    assert 0 < version < LINE_COUNT
    assert version % BATCH_LINES == 0
    assert len(rows) == version
    code, output = run(*arguments)
    told = f"listed {LINE_COUNT - version}, known before {version}, refused 0"
    assert (code, output.splitlines()[-1]) == (0, told)
