"""Keep: connecting, connecting again, and following what institutions say they can do."""

import asyncio
import socket
from contextlib import AsyncExitStack
from pathlib import Path

from chakong.institution.v1 import institution_pb2
from gateway.policy.breaker import State
from tests.gateway.edge.house import SETTINGS, directory_of, inquiry, living, talking
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
