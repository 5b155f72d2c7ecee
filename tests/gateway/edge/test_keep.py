"""Keep: connecting, connecting again, and following what institutions say they can do."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from chakong.institution.v1 import institution_pb2
from gateway._core import CAUSE_BROKEN
from gateway.edge.stream import Stream
from gateway.policy.breaker import State
from runtime.logs import fields_of
from tests.gateway.edge.house import SETTINGS, House, directory_of, inquiry, living, talking
from tests.gateway.edge.institution import Institution, answering, serving, silent


def capability(institution: int, *, can_inquire: bool) -> institution_pb2.Capability:
    return institution_pb2.Capability(institution=institution, can_inquire=can_inquire)


async def test_an_endpoint_that_is_gone_is_asked_when_it_is_back(tmp_path: Path) -> None:
    institution = Institution(answering)
    directory = directory_of([1])
    async with serving(institution) as address:
        pass  # from here on nobody listens there
    async with living(tmp_path, directory, {"unit-0": address}) as house:
        inquiry_id = await house.submit(inquiry(1))
        await house.until(lambda: house.dispatch.breaker_state(0) is State.OPEN)
        assert not house.dispatch.is_reachable(0)
        async with serving(institution, address):
            answer = await house.final(inquiry_id)
            assert house.dispatch.is_reachable(0)
            assert house.dispatch.breaker_state(0) is State.CLOSED
    assert answer.coverage.none == 1
    assert house.line().counts.connects_failed >= SETTINGS.breaker_failures


async def test_an_endpoint_that_restarts_is_connected_again(tmp_path: Path) -> None:
    institution = Institution(answering)
    async with AsyncExitStack() as first_life:
        address = await first_life.enter_async_context(serving(institution))
        async with living(tmp_path, directory_of([1]), {"unit-0": address}) as house:
            await house.final(await house.submit(inquiry(1)))
            await first_life.aclose()
            await house.until(lambda: not house.dispatch.is_reachable(0))
            async with serving(institution, address):
                await house.final(await house.submit(inquiry(2)))
                assert house.line().counts.streams_opened == 2
                assert house.line().counts.streams_ended == 1


async def test_a_capability_lost_ends_its_queries_and_is_told_to_the_endpoint(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"describe_every_s": 0.02, "reply_timeout_s": 60.0})
    async with talking(tmp_path, [silent], [3], settings) as (house, (hub,)):
        inquiry_id = await house.submit(inquiry(1))
        await house.until(lambda: len(hub.batches) == 1)
        hub.capabilities = [capability(1, can_inquire=False), capability(0, can_inquire=True)]
        await house.until(lambda: len(hub.hellos) == 2)
        assert hub.hellos == [[0, 1, 2], [0, 2]]
        assert not house.dispatch.directory.institutions[1].can
        assert house.dispatch.directory.version == 2
        hub.script = answering
        second = await house.final(await house.submit(inquiry(2)))
        assert (second.coverage.none, second.coverage.incapable) == (2, 1)
        assert house.engine.open_inquiries() == 1
        assert inquiry_id not in {one for one, answers in house.answers.items() if answers[-1].stage == 2}


async def test_an_endpoint_has_no_word_on_the_institutions_of_another(tmp_path: Path) -> None:
    async with talking(tmp_path, [answering, answering]) as (house, (first, _second)):
        first.capabilities = [capability(1, can_inquire=False), capability(4_000, can_inquire=False)]
        answer = await house.final(await house.submit(inquiry(1)))
        assert answer.coverage.none == 2
        assert house.dispatch.directory.version == 1


async def test_an_endpoint_that_cannot_describe_itself_is_asked_all_the_same(tmp_path: Path) -> None:
    async with talking(tmp_path, [answering]) as (house, (institution,)):
        institution.is_describing = False
        answer = await house.final(await house.submit(inquiry(1)))
        assert answer.coverage.none == 1
        assert house.line().counts.describes_failed <= 1


async def test_only_so_many_connections_are_opened_at_a_time(tmp_path: Path) -> None:
    directory = directory_of([1] * 8)
    listener = socket.create_server(("127.0.0.1", 0), backlog=16)
    host, port = listener.getsockname()
    settings = SETTINGS.model_copy(update={"open_at_once": 3, "connect_timeout_s": 60.0})
    addresses = {endpoint.key: f"{host}:{port}" for endpoint in directory.endpoints}
    with listener:
        async with living(tmp_path, directory, addresses, settings) as house:
            # Nobody accepts them, so the first three hold their places.
            await house.until(lambda: len(house.dials) == 3)
            for _ in range(100):
                await asyncio.sleep(0)
            assert len(house.dials) == 3


async def test_who_can_be_asked_is_followed_on_though_a_stream_ended_under_the_question(
    tmp_path: Path,
) -> None:
    class Hesitant(Institution):
        async def describe(self, question: bytes, context: Any) -> bytes:
            described = await super().describe(question, context)
            if self.describes == 2:
                await asyncio.Event().wait()
            return described

    hub = Hesitant(answering)
    directory = directory_of([2])
    settings = SETTINGS.model_copy(update={"describe_every_s": 0.02, "connect_timeout_s": 60.0})
    async with (
        serving(hub) as address,
        living(tmp_path, directory, {directory.endpoints[0].key: address}, settings) as house,
    ):
        await house.until(lambda: hub.describes == 2)
        house.line().streams[0].end(CAUSE_BROKEN)
        await house.until(lambda: house.line().counts.streams_opened == 2)
        hub.capabilities = [capability(1, can_inquire=False)]
        await house.until(lambda: house.dispatch.directory.version == 2)


@pytest.mark.parametrize("said", [b"", b"\xff\xff"])
async def test_an_endpoint_that_hangs_up_at_once_is_called_ever_less_often(
    tmp_path: Path, said: bytes
) -> None:
    class Curt(Institution):
        async def inquire(self, _batches: object, _context: object) -> AsyncIterator[bytes]:
            self.streams_open += 1
            if said:
                yield said
                await asyncio.Event().wait()

    curt = Curt(answering)
    directory = directory_of([1])
    settings = SETTINGS.model_copy(update={"breaker_cool_down_ms": 3_600_000})
    async with serving(curt) as address, living(tmp_path, directory, {"unit-0": address}, settings) as house:
        await house.until(lambda: house.dispatch.breaker_state(0) is State.OPEN)
        counts = house.line().counts
        assert counts.streams_ended + counts.connects_failed == SETTINGS.breaker_failures
        assert not house.dispatch.is_reachable(0)


async def test_a_stream_that_was_opened_meanwhile_learns_whom_it_is_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    houses: list[House] = []
    open_stream = Stream.open

    async def open_slowly(stream: Stream, hello: bytes, timeout_s: float) -> None:
        await open_stream(stream, hello, timeout_s)
        houses[0].line().set_institutions((0,))

    monkeypatch.setattr(Stream, "open", open_slowly)
    async with talking(tmp_path, [answering], [2]) as (house, (hub,)):
        houses.append(house)
        await house.until(lambda: hub.hellos == [[0, 1], [0]])


async def test_why_an_endpoint_cannot_be_reached_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway.edge.trouble")
    async with serving(Institution(answering)) as address:
        pass  # from here on nobody listens there
    async with living(tmp_path, directory_of([1]), {"unit-0": address}) as house:
        await house.until(lambda: house.dispatch.breaker_state(0) is State.OPEN)
        failed = house.line().counts.connects_failed
        await house.until(lambda: house.line().counts.connects_failed > failed + 1)
    (told,) = (fields_of(one) for one in caplog.records)
    assert (told["endpoint"], told["cause"], told["status"]) == ("unit-0", "not_connected", "UNAVAILABLE")
    assert "refused" in str(told["detail"])
