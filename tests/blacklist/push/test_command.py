"""`chakong blacklist follow` and `late`, over gRPC with certificates."""

import asyncio
import json
from pathlib import Path

from typer.testing import CliRunner, Result

from blacklist.command import app
from blacklist.serve import open_database
from chakong.blacklist.v1 import changes_pb2
from runtime.calendar import DAY_NS, date_of
from runtime.clock import now_ns
from runtime.database import make_engine
from tests.blacklist.build import draft
from tests.blacklist.house import COURT, adult
from tests.blacklist.push.secure import Secure, secure
from tests.blacklist.store.world import World


async def run(ours: Secure, name: str, *arguments: str | Path) -> Result:
    """A command of who has this certificate."""
    command, *rest = map(str, arguments)
    whole = [command, *ours.arguments(name), *rest]
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, whole))


async def test_changes_are_printed_and_acknowledged(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours:
        await ours.remove(await ours.list(1))
        found = await run(ours, "railway", "follow", "--once", "--look")
        assert (found.exit_code, found.stderr) == (0, "2 changes, cursor 2\n")
        found = await run(ours, "railway", "follow", "--once")
        assert (found.exit_code, found.stderr) == (0, "2 changes, cursor 2, acknowledged\n")
        first, second = map(json.loads, found.stdout.splitlines())
        assert (first["kind"], second["kind"]) == ("CHANGE_KIND_ADDED", "CHANGE_KIND_REMOVED")
        assert first["subject"]["name"] == adult(1).name
        again = await run(ours, "railway", "follow", "--once")
        assert (again.exit_code, again.stdout) == (0, "")


async def test_changes_are_in_the_file_once(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours:
        out = tmp_path / "changes.jsonl"
        for index in (1, 2):
            await ours.list(index)
            found = await run(ours, "moe", "follow", "--once", "--out", out)
            assert found.exit_code == 0
        assert [json.loads(line)["cursor"] for line in out.read_text().splitlines()] == ["1", "2"]
        out.write_text("something else\n")
        found = await run(ours, "moe", "follow", "--once", "--out", out)
        assert (found.exit_code, "no change" in found.stderr) == (2, True)


async def test_file_has_what_is_acknowledged_also_by_another_program(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours:
        out = tmp_path / "changes.jsonl"
        await ours.remove(await ours.list(1))
        assert (await run(ours, "railway", "follow", "--once")).exit_code == 0
        await ours.list(2)
        found = await run(ours, "railway", "follow", "--once", "--out", out)
        assert (found.exit_code, found.stderr) == (0, "3 changes, cursor 3, acknowledged\n")
        assert [json.loads(line)["cursor"] for line in out.read_text().splitlines()] == ["1", "2", "3"]


async def test_change_that_was_left_out_and_is_not_in_the_file_stays_left_out(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours:
        out = tmp_path / "changes.jsonl"
        await ours.remove(await ours.list(1))
        await ours.list(2)
        left = [
            changes_pb2.FailedChange(cursor=cursor, failure=changes_pb2.FAILURE_SUBJECT_UNCLEAR)
            for cursor in (1, 2)
        ]
        async with ours.changes("railway") as stub:
            await stub.Acknowledge(changes_pb2.AcknowledgeRequest(cursor=3, exceptions=left))
        out.write_text('{"cursor": "1"}\n{"cursor": "3"}\n')
        found = await run(ours, "railway", "follow", "--once", "--out", out)
        assert found.stderr == "0 changes, cursor 3, acknowledged but for 1 not in the file\n"
        assert await exceptions(ours) == [(2, changes_pb2.FAILURE_SUBJECT_UNCLEAR)]
        found = await run(ours, "railway", "follow", "--once", "--out", tmp_path / "new.jsonl")
        assert found.stderr == "3 changes, cursor 3, acknowledged\n"
        assert await exceptions(ours) == []


async def exceptions(ours: Secure) -> list[tuple[int, int]]:
    """What a unit has left out."""
    async with ours.changes("railway") as stub:
        found = await stub.ListAcknowledgements(changes_pb2.ListAcknowledgementsRequest())
    return [(one.cursor, one.failure) for one in found.acknowledgements[0].exceptions]


async def test_file_that_cannot_be_written_acknowledges_nothing(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours:
        await ours.list(1)
        found = await run(ours, "railway", "follow", "--once", "--out", tmp_path / "none" / "x")
        assert found.exit_code == 2
        found = await run(ours, "railway", "late", "--all")
        assert "railway" in found.stdout
        assert (await run(ours, "railway", "follow", "--once")).stdout.count("\n") == 1


async def test_who_is_no_unit_is_told_so(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours:
        found = await run(ours, "saic", "follow", "--once")
        assert found.exit_code == 1
        assert "samr carries on" in found.stderr


async def test_court_shows_who_has_confirmed_a_removal(tmp_path: Path) -> None:
    async with secure(tmp_path) as ours:
        listing = await ours.list(1)
        court = f"court-{COURT}"
        found = await run(ours, court, "proof", str(listing))
        assert (found.exit_code, "taken back 0, confirmed 0 of 0, late 0" in found.stdout) == (0, True)
        await ours.remove(listing)
        assert (await run(ours, "railway", "follow", "--once")).exit_code == 0
        found = await run(ours, court, "proof", str(listing))
        assert found.exit_code == 0
        first, *rest = found.stdout.splitlines()
        assert first == f"remove on {date_of(now_ns())}, change 2"
        (railway,) = [line for line in rest if "railway" in line]
        assert railway.count(str(date_of(now_ns()))) == 2
        assert "taken back 1, confirmed 1 of 40, late 0" in rest[-1]
        assert adult(1).name not in found.stdout
        found = await run(ours, court, "proof", "99")
        assert found.exit_code == 1
        assert (await run(ours, "railway", "proof", str(listing))).exit_code == 1


async def test_late_units_are_shown_to_the_operator(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'journal.blacklist'}", is_source=True)
    open_database(engine)
    world = World(engine, now_ns() - 60 * DAY_NS)
    world.remove(world.enter(draft(since=date_of(world.now_ns))))
    engine.dispose()
    async with secure(tmp_path) as ours:
        found = await run(ours, "operator", "late")
        assert found.exit_code == 1
        assert "units late 40, last change 2" in found.stdout
        await run(ours, "railway", "follow", "--once")
        found = await run(ours, "operator", "late")
        assert "units late 39" in found.stdout
        assert "railway" not in found.stdout
        found = await run(ours, "railway", "late")
        assert (found.exit_code, found.stdout) == (0, "units late 0, last change 2\n")
