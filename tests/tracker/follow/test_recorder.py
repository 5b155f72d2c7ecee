"""Recorder: everything at least once, nothing twice, the cursor last; and what nobody has registered yet."""

from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
from sqlalchemy.exc import OperationalError

from chakong.gateway.v1.controls_pb2 import WatchHoldsResponse
from chakong.gateway.v1.gateway_pb2 import STAGE_PARTIAL, WatchResponse
from chakong.type.v1.type_pb2 import Subject
from runtime.clock import now_ns
from runtime.errors import UnavailableError
from tests.tracker.follow.bench import bench
from tests.tracker.follow.told import DEBTOR, answer, finding, hold, record
from tests.tracker.world import OTHERS, OURS, case_number, event, theirs
from tracker.follow.recorder import answers_cursor, holds_cursor
from tracker.store.work import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE = case_number(1)
FULL = ["online_inquiry", "online_inquiry", "no_property_found", "without_property"]


def told(*answers_: object, cursor: int = 9) -> WatchResponse:
    return WatchResponse(cursor=cursor, answers=answers_)  # type: ignore[arg-type]


async def test_answers_are_recorded_once_however_often_they_are_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as house:
        await house.register(1, subjects=[DEBTOR])
        for _ in range(3):
            await house.recorder.take_answers(OURS, told(answer(case_number=ONE)))
        assert house.kinds(ONE) == FULL
        assert (house.counts.recorded, house.counts.repeated) == (4, 8)
        assert house.reader.cursor(answers_cursor(OURS)) == 9


async def test_the_cursor_stays_where_it_was_while_something_is_not_recorded(tmp_path: Path) -> None:
    async with bench(tmp_path) as house:
        await house.register(1, subjects=[DEBTOR])
        house.gateway.failures = [grpc.StatusCode.UNAVAILABLE]
        with pytest.raises(grpc.aio.AioRpcError):
            await house.recorder.take_answers(OURS, told(answer(case_number=ONE)))
        assert (house.kinds(ONE), house.reader.cursor(answers_cursor(OURS))) == ([], 0)
        await house.recorder.take_answers(OURS, told(answer(case_number=ONE)))
        assert house.kinds(ONE) == FULL


async def test_while_the_database_is_away_nothing_is_kept_and_afterwards_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as house:
        await house.register(1, subjects=[DEBTOR])
        with monkeypatch.context() as gone:

            def fail(*_: object) -> None:
                raise OperationalError("statement", {}, Exception())

            gone.setattr(house.desk._writer, "write", fail)
            with pytest.raises(UnavailableError):
                await house.recorder.take_answers(OURS, told(answer(case_number=ONE)))
        assert (house.kinds(ONE), house.reader.cursor(answers_cursor(OURS))) == ([], 0)
        await house.recorder.take_answers(OURS, told(answer(case_number=ONE)))
        assert house.kinds(ONE) == FULL


async def test_what_the_gateway_does_not_know_any_more_was_not_full(tmp_path: Path) -> None:
    async with bench(tmp_path) as house:
        await house.register(1)
        house.gateway.failures = [grpc.StatusCode.NOT_FOUND]
        await house.recorder.take_answers(OURS, told(answer(case_number=ONE)))
        assert house.kinds(ONE) == ["online_inquiry", "online_inquiry"]


async def test_with_several_debtors_the_gateway_says_whom_a_courts_own_inquiry_was_about(
    tmp_path: Path,
) -> None:
    other = Subject(id_type=DEBTOR.id_type, id_number="310101198001010018", name="李强")
    async with bench(tmp_path) as house:
        await house.register(1, subjects=[DEBTOR, other])
        house.gateway.subjects = {1: other, 2: DEBTOR, 4: other}
        both = [answer(case_number=ONE, inquiry_id=number) for number in (1, 2)]
        for _ in range(2):
            await house.recorder.take_answers(OURS, told(both[0]))
            assert house.kinds(ONE) == ["online_inquiry", "online_inquiry"]
        await house.recorder.take_answers(OURS, told(*both))
        assert house.kinds(ONE) == ["online_inquiry", "online_inquiry", *FULL]
        # Of one whose subject is not known any more, and of the other one alone: nothing of both.
        more = [answer(case_number=ONE, inquiry_id=number) for number in (3, 4)]
        await house.recorder.take_answers(OURS, told(*more))
        assert house.kinds(ONE)[len(FULL) + 2 :] == ["online_inquiry"] * 4
        found = house.reader.case(OURS, ONE)
        assert [
            one.event.detail.subject for one in found.events if one.event.event_id.endswith("-ended")
        ] == [2, 1, 0, 2]
        for one in found.events:
            body = one.event.SerializeToString()
            assert other.id_number.encode() not in body
            assert other.name.encode() not in body


async def test_only_complete_answers_of_others_are_asked_about(tmp_path: Path) -> None:
    async with bench(tmp_path) as house:
        await house.register(1, subjects=[DEBTOR])
        partial = answer(case_number=ONE, stage=STAGE_PARTIAL, open=1)
        own = answer(case_number=ONE, inquiry_id=6, order_id="tracker:first:x:0")
        await house.recorder.take_answers(OURS, told(partial, own))
        assert house.gateway.asked_count == 0
        assert house.kinds(ONE) == ["online_inquiry", *FULL]


async def test_what_is_told_of_a_case_that_is_not_registered_waits_for_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as house:
        await house.register(2)
        for stage in (STAGE_PARTIAL, 2):
            found = answer(finding(record()), case_number=ONE, stage=stage)  # type: ignore[arg-type]
            await house.recorder.take_answers(OURS, told(found))
        await house.recorder.take_holds(
            OURS, WatchHoldsResponse(cursor=4, holds=[hold(case_number=ONE, since=20261123, until=20271123)])
        )
        kept = house.strays.of([(OURS, ONE)])
        assert [(one.kind, one.number) for one in kept] == [(1, 5), (2, 9)]
        assert all("王伟".encode() not in one.body for one in kept)
        await house.register(1)
        await house.recorder.take_strays(OURS, kept)
        assert house.kinds(ONE) == [
            *("online_inquiry", "online_inquiry", "property_found", "with_property"),
            *("measure_effective", "other_control"),
        ]
        assert house.reader.cursor(holds_cursor(OURS)) == 4


async def test_a_case_registered_while_it_is_looked_for_is_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as house:
        await house.register(1, subjects=[DEBTOR])
        looks: Iterator[dict[str, object] | None] = iter([{}, None])
        known = house.cases.known

        def late(court: str, numbers: set[str]) -> object:
            first = next(looks)
            return known(court, numbers) if first is None else first

        monkeypatch.setattr(house.cases, "known", late)
        await house.recorder.take_answers(OURS, told(answer(case_number=ONE)))
        assert house.kinds(ONE) == FULL
        assert house.strays.of([(OURS, ONE)]) == []


async def test_what_the_rules_refuse_is_counted_and_stops_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as house:
        await house.register(1)
        ancient = hold(case_number=ONE, since=19901231)
        await house.recorder.take_holds(OURS, WatchHoldsResponse(cursor=4, holds=[ancient]))
        assert dict(+house.counts.refused) == {"TOO_LONG_AGO": 2}
        assert house.reader.cursor(holds_cursor(OURS)) == 4


async def test_officer_and_gateway_make_the_same_case_whoever_comes_first(tmp_path: Path) -> None:
    # Distributed after the inquiry was admitted.
    given = event("distribution", 20261122, case_number=ONE)
    shown = []
    for is_officer_first in (True, False):
        folder = tmp_path / str(is_officer_first)
        folder.mkdir()
        async with bench(folder) as house:
            await house.register(1, event("filing", 20261120))
            if is_officer_first:
                await house.record(given)
            await house.recorder.take_answers(OURS, told(answer(case_number=ONE)))
            if not is_officer_first:
                await house.record(given)
            assert not +house.counts.refused
            found = house.reader.case(OURS, ONE)
            law = house.lawyer.ruling(found.law_id)
            state = law.state(found.case, found.events, 20261123, now_ns())
            assert ("online_inquiry", "before_start") in [(one.kind, one.why) for one in state.pending]
            shown.append((state.nodes, state.pending))
    assert shown[0] == shown[1]


async def test_two_holds_on_one_property_have_two_names_also_when_told_apart(tmp_path: Path) -> None:
    async with bench(tmp_path) as house:
        await house.register(1)
        for number in (9, 10, 9, 10):
            holds = [hold(hold_id=number, case_number=ONE, since=20261110, until=20271110)]
            await house.recorder.take_holds(OURS, WatchHoldsResponse(cursor=4, holds=holds))
        things = {
            one.event.event_id: one.event.thing
            for one in house.reader.case(OURS, ONE).events
            if one.event.kind == "measure_effective"
        }
        assert len(set(things.values())) == 2
        assert things["hold-10-effective"] == f"{things['hold-9-effective']}-h10"
        assert house.counts.recorded == 4
        assert not +house.counts.refused


@pytest.mark.parametrize("others", [(OTHERS,), (OTHERS, "粤0305")])
async def test_what_is_told_of_a_number_that_only_other_courts_have_waits_and_reaches_none_of_them(
    tmp_path: Path, others: tuple[str, ...]
) -> None:
    async with bench(tmp_path) as house:
        for court in others:
            assert (await house.desk.do(Batch((theirs(1, court),))))[0].case_no
        await house.recorder.take_answers(OURS, told(answer(finding(record()), case_number=ONE)))
        held = [hold(case_number=ONE, since=20261123, until=20271123)]
        await house.recorder.take_holds(OURS, WatchHoldsResponse(cursor=4, holds=held))
        assert [house.history(ONE, court) for court in others] == [[]] * len(others)
        assert [one.kind for one in house.strays.of([(OURS, ONE)])] == [1, 2]
        assert house.reader.cursor(answers_cursor(OURS)) == 9
