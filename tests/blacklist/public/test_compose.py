"""The person's side beside the rest: over HTTP from list to answer, hits written, old ones deleted."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from blacklist.serve import Blacklist, open_database
from blacklist.store.hits import Hit, Hits
from chakong.blacklist.v1 import listings_pb2, screening_pb2
from runtime.calendar import DAY_NS
from runtime.clock import now_ns
from runtime.database import make_engine
from runtime.errors import StartError
from runtime.settings_public import Public
from tests.blacklist.house import House, adult, config, house, until
from tests.blacklist.public.test_port import request
from tests.patience import DEADLINE_S


async def look_up(ours: House, **changes: Any) -> tuple[int, Any]:
    """Over HTTP, about person 1."""
    port = ours.alone.service.person.port
    assert port is not None
    question = {"id_type": "resident_id", "id_number": adult(1).id_number, "name": "张三1"} | changes
    async with asyncio.timeout(DEADLINE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
        writer.write(request(json.dumps(question).encode()))
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
    return int(head.split()[1]), json.loads(body)


def public(**changes: Any) -> Public:
    return Public.model_validate(
        {"address": "127.0.0.1:0", "plaintext": True, "answer_every_ms": 1} | changes
    )


async def test_person_finds_the_listing_and_loses_it_with_its_removal(tmp_path: Path, url: str) -> None:
    async with house(tmp_path, url, public()) as ours:
        view = await ours.list(adult(1))
        await ours.screened_at(1)
        status, found = await look_up(ours)
        assert (status, found["listings"][0]["case_number"]) == (200, "(2026)京0105执1号")
        assert adult(1).id_number not in json.dumps(found)
        assert (await look_up(ours, name="李四"))[1]["listings"] == []
        removal = listings_pb2.RemoveListingRequest(
            act_id="r1", listing_id=view.listing.listing_id, reason="listed_in_error"
        )
        await ours.court.RemoveListing(removal)
        assert (await look_up(ours))[1]["listings"] == []
        figures = {(one.name, one.labels): one.value for one in ours.alone.service.figures()}
        assert figures["chakong_blacklist_look_ups_total", (("state", "found"),)] == 1


async def test_rates_hold_over_http(tmp_path: Path) -> None:
    async with house(tmp_path, "", public(address_per_hour=2)) as ours:
        assert [(await look_up(ours))[0] for _ in range(3)] == [200, 200, 429]
        figures = {(one.name, one.labels): one.value for one in ours.alone.service.figures()}
        assert figures["chakong_blacklist_look_ups_refused_total", (("cause", "address"),)] == 1


async def test_hits_are_written_behind_and_at_the_end(tmp_path: Path) -> None:
    async with house(tmp_path, "", hits_every_s=0.02) as ours:
        await ours.list(adult(1))
        await ours.screened_at(1)
        recording = ours.alone.service.person.recording
        asked = screening_pb2.ScreenRequest(subject=adult(1))
        await ours.unit.Screen(asked)
        await until(lambda: recording.written_count == 1)
    async with house(tmp_path, "", hits_every_s=600) as ours:
        await ours.unit.Screen(asked)
        assert ours.alone.service.person.recording.waiting_count == 1
    recording = ours.alone.service.person.recording
    assert (recording.waiting_count, recording.written_count) == (0, 1)


def contents(folder: Path) -> list[bytes]:
    """Of all files in it."""
    return [path.read_bytes() for path in folder.iterdir() if path.is_file()]


async def test_who_did_not_hit_leaves_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await ours.unit.Screen(screening_pb2.ScreenRequest(subject=adult(5)))
        assert ours.alone.service.person.recording.waiting_count == 0
    assert all(adult(5).id_number.encode() not in content for content in contents(tmp_path))


async def test_old_hits_are_deleted_by_the_service(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'journal.blacklist'}", is_source=True)
    open_database(engine)
    hits = Hits(engine)
    old_ns = now_ns() - 31 * DAY_NS
    hits.write([Hit(1, "railway", 1, 2, at_ns) for at_ns in (old_ns, now_ns())])
    async with house(tmp_path, "", hits_keep_days=30) as ours:
        await until(lambda: ours.alone.service.person.pruned_count == 1)
    assert hits.prune(now_ns()) == 1
    engine.dispose()


async def test_port_that_cannot_be_had_is_a_fault_of_the_start(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(StartError, match=r"public\.address"):
        Blacklist(config(tmp_path, "", public(address=f"127.0.0.1:{port}")), asyncio.Event())
    server.close()


async def test_without_an_address_there_is_no_port(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        assert ours.alone.service.person.port is None
