"""Dispatch: all lines together, over real streams."""

from pathlib import Path

import pytest

from chakong.gateway.v1 import gateway_pb2
from gateway.directory.directory import Directory
from gateway.edge import dispatch
from gateway.edge.line_counts import LineCounts
from gateway.policy.breaker import State
from gateway.policy.hours import BEIJING_OFFSET_NS, DAY_NS, MINUTE_NS
from runtime.clock import now_ns
from tests.gateway.edge.house import SETTINGS, directory_of, inquiry, living, talking
from tests.gateway.edge.institution import Institution, answering, refusing, serving, silent


def shut_hours() -> str:
    """Hours that begin in two hours and last for one."""
    minute = (now_ns() + BEIJING_OFFSET_NS) % DAY_NS // MINUTE_NS

    def text(later: int) -> str:
        return f"{(minute + later) // 60 % 24:02d}:{(minute + later) % 60:02d}"

    return f"{text(120)}-{text(180)}"


async def test_an_inquiry_is_asked_of_every_institution_and_answered(tmp_path: Path) -> None:
    async with talking(tmp_path, [answering, answering], [1, 3]) as (house, (unit, union)):
        answer = await house.final(await house.submit(inquiry(1)))
    assert answer.coverage.total == answer.coverage.none == 4
    assert answer.stage == gateway_pb2.STAGE_FINAL
    assert (unit.hellos, union.hellos) == ([[0]], [[1, 2, 3]])
    assert (len(unit.batches), len(union.batches)) == (1, 1)


async def test_every_endpoint_of_the_directory_is_connected_and_asked(tmp_path: Path) -> None:
    institution = Institution(answering)
    directory = Directory.load()
    inquirable = sum("INQUIRE" in one.can for one in directory.institutions)
    settings = SETTINGS.model_copy(
        update={"reply_timeout_s": 60.0, "connect_timeout_s": 60.0, "service_hours": False}
    )
    async with serving(institution) as address:
        addresses = {endpoint.key: address for endpoint in directory.endpoints}
        async with living(tmp_path, directory, addresses, settings) as house:
            await house.until(
                lambda: all(house.dispatch.is_reachable(index) for index in range(len(directory.endpoints)))
            )
            await house.until(lambda: institution.streams_open == len(directory.endpoints))
            answer = await house.final(await house.submit(inquiry(1)))
    assert answer.coverage.none == inquirable
    assert answer.coverage.incapable == len(directory.institutions) - inquirable
    assert sorted(institution.keys) == sorted(endpoint.key for endpoint in directory.endpoints)


async def test_batches_wait_in_the_engine_while_too_much_is_unwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "UNWRITTEN_BYTES_MAX", 1)
    async with talking(tmp_path, [answering] * 8) as (house, _):
        ticks: list[int] = []
        send = house.dispatch.send

        def noting(batch: object) -> None:
            assert house.dispatch.unwritten_bytes == 0
            ticks.append(house.pump.counts.ticks)
            send(batch)  # type: ignore[arg-type]

        monkeypatch.setattr(house.dispatch, "send", noting)
        answer = await house.final(await house.submit(inquiry(1)))
        assert answer.coverage.none == 8
        assert len(set(ticks)) == len(ticks) == 8
        assert house.dispatch.room_bytes() == 1


async def test_outside_its_hours_an_endpoint_is_neither_called_nor_waited_for(tmp_path: Path) -> None:
    async with talking(tmp_path, [answering], hours=shut_hours()) as (house, (institution,)):
        answer = await house.final(await house.submit(inquiry(1, deadline_s=1)))
        assert answer.coverage.unreachable == 1
        assert not house.dials
        assert not house.dispatch.is_reachable(0)
    assert not institution.batches


async def test_hours_count_only_where_they_are_to_be_kept(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"service_hours": False})
    async with talking(tmp_path, [answering], settings=settings, hours=shut_hours()) as (house, _):
        answer = await house.final(await house.submit(inquiry(1)))
    assert answer.coverage.none == 1


async def test_batches_are_counted_by_class_of_endpoint(tmp_path: Path) -> None:
    async with talking(tmp_path, [answering, answering], [1, 3]) as (house, _):
        await house.final(await house.submit(inquiry(1), inquiry(2)))
        assert house.dispatch.endpoint_classes == ["provincial_union", "unit"]
        assert house.dispatch.batch_queries == [6, 2]
        assert [counted.count for counted in house.dispatch.batch_entries] == [1, 1]
        assert [counted.count for counted in house.dispatch.reply_us] == [1, 1]
        assert house.dispatch.class_of(0) == 1


async def test_an_endpoint_whose_protocol_nobody_speaks_is_refused_at_the_start(tmp_path: Path) -> None:
    directory = directory_of([1])
    with pytest.raises(KeyError, match="native"):
        dispatch.Dispatch(
            directory,
            pump=None,  # type: ignore[arg-type]
            dials={},
            adapters={},
            settings=SETTINGS,
            chance=None,  # type: ignore[arg-type]
        )


async def test_batches_that_wait_for_their_rate_take_no_room_from_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "UNWRITTEN_BYTES_MAX", 1)
    settings = SETTINGS.model_copy(update={"rate_per_s": 1 / 600, "reply_timeout_s": 60.0})
    async with talking(tmp_path, [silent, answering], settings=settings, in_flight_max=2) as (
        house,
        (_, good),
    ):
        # The bucket of the first lets two batches through; these two are let through in ten minutes.
        for _ in range(2):
            assert house.line(0)._pause_ns() == 0
        await house.submit(inquiry(1))
        await house.until(lambda: house.line(1).counts.replies == 1)
        await house.submit(inquiry(2))
        await house.until(lambda: house.line(1).counts.replies == 2)
        assert len(good.batches) == 2
        await house.until(lambda: house.line(0).in_flight == 2)


async def test_an_endpoint_without_an_address_is_neither_dialled_nor_counted(tmp_path: Path) -> None:
    directory = directory_of([1, 1])
    async with (
        serving(Institution(answering)) as address,
        living(tmp_path, directory, {"unit-1": address}) as house,
    ):
        answer = await house.final(await house.submit(inquiry(1, deadline_s=1)))
        assert (answer.coverage.unreachable, answer.coverage.none) == (1, 1)
        assert set(house.dials) == {"unit-1"}
        line = house.line(0)
        assert (line.has_address, line.is_troubled, line.counts) == (False, False, LineCounts())
        assert house.dispatch.breaker_state(0) is State.CLOSED
        assert not house.dispatch.is_reachable(0)
        assert house.line(1).has_address


async def test_those_in_trouble_are_listed_before_the_slow(tmp_path: Path) -> None:
    async with talking(tmp_path, [answering, refusing, answering]) as (house, _):
        assert not any(house.line(endpoint).is_troubled for endpoint in range(3))
        await house.final(await house.submit(inquiry(1)))
        assert [house.line(endpoint).is_troubled for endpoint in range(3)] == [False, True, False]
        assert house.dispatch.slowest(1)[0].endpoint == 1
