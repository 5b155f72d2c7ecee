"""Arriving: new cases get what was told of them before, and their first inquiry, once."""

from pathlib import Path
from typing import Any

import grpc
import pytest

from chakong.gateway.v1.gateway_pb2 import WatchResponse
from chakong.tracker.v1.case_pb2 import Authority
from chakong.type.v1.type_pb2 import ID_TYPE_RESIDENT_ID, Subject
from tests.tracker.follow.bench import Bench, bench
from tests.tracker.follow.told import answer
from tests.tracker.world import OTHERS, OURS, case_number
from tracker.follow.arriving import AT_ONCE_S, LOOK_EVERY_S, STARTED, STRAYS_KEEP_NS, Arriving
from tracker.follow.strays import Kind, Stray

AUTHORITY = Authority(officer_id="judge-1", instrument_number="通知1", inquire_at_registration=True)
SUBJECT = Subject(id_type=ID_TYPE_RESIDENT_ID, id_number="110101195001010009", name="王伟")
ASKED: dict[str, Any] = {"authority": AUTHORITY, "subjects": [SUBJECT]}


def arriving(house: Bench) -> Arriving:
    return Arriving(
        house.reader, house.cases, house.strays, house.desk, house.recorder, house.ordering, frozenset()
    )


async def test_strays_are_joined_to_their_case_alone_and_gone_afterwards(tmp_path: Path) -> None:
    async with bench(tmp_path) as house:
        made = arriving(house)
        told = [answer(case_number=case_number(number), inquiry_id=number) for number in (1, 2)]
        await house.recorder.take_answers(OURS, WatchResponse(cursor=1, answers=told))
        assert await made.join_strays() == LOOK_EVERY_S
        # The same number at another court is another case.
        await house.register(1, court=OTHERS)
        await house.register(1)
        assert await made.join_strays() == AT_ONCE_S
        assert "online_inquiry" in house.kinds(case_number(1))
        assert [one.number for one in house.strays.of({(OURS, case_number(n)) for n in (1, 2)})] == [2]
        assert await made.join_strays() == LOOK_EVERY_S


async def test_first_inquiries_are_ordered_once_and_only_where_they_are_wanted(tmp_path: Path) -> None:
    async with bench(tmp_path) as house:
        made = arriving(house)
        await house.register(1, subjects=[SUBJECT])
        number = await house.register(2, **ASKED)
        assert await made.start_inquiries() == AT_ONCE_S
        assert await made.start_inquiries() == LOOK_EVERY_S
        assert [one.mandate.case_number for one in house.gateway.orders.values()] == [number]
        assert house.gateway.submit_count == 1


async def test_after_a_failure_it_goes_on_where_it_was(tmp_path: Path) -> None:
    async with bench(tmp_path) as house:
        made = arriving(house)
        for number in (1, 2):
            await house.register(number, **ASKED)
        house.gateway.fails_at = 2
        with pytest.raises(grpc.aio.AioRpcError):
            await made.start_inquiries()
        assert house.reader.cursor(STARTED) == 1
        await made.start_inquiries()
        assert (house.gateway.submit_count, len(house.gateway.orders)) == (3, 2)


async def test_what_nobody_registers_a_case_for_is_let_go_of(tmp_path: Path) -> None:
    async with bench(tmp_path) as house:
        house.strays.keep([Stray(OURS, "案1", Kind.ANSWER, 1, b"")], 0)
        await arriving(house).forget_strays()
        assert house.strays.of([(OURS, "案1")]) == []
        assert STRAYS_KEEP_NS > 0
