"""Following a real gateway with its simulated institutions: cases fill themselves in, and work is started."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from benchmarks.controls import Controls
from benchmarks.subjects import subject
from chakong.gateway.v1.controls_pb2 import (
    Claim,
    ControlOrder,
    Debtor,
    HoldView,
    OrderRequest,
    PlanFreezeRequest,
)
from chakong.gateway.v1.controls_pb2_grpc import ControlsStub
from chakong.gateway.v1.gateway_pb2 import Answer
from chakong.tracker.v1 import case_pb2, tracker_pb2
from chakong.type.v1 import hold_pb2
from chakong.type.v1.type_pb2 import (
    DEBTOR_ROLE_JUDGMENT_DEBTOR,
    INSTRUMENT_KIND_RULING,
    Mandate,
)
from runtime.calendar import add_days, date_of
from runtime.clock import now_ns
from tests.patience import DEADLINE_S
from tests.tracker.follow.town import COURT, Town, case_when, kinds, nodes, registration, town, when
from tracker.follow.names import first_order, patrol_order
from tracker.rules import patrol

# By the population of seed 1: who owns something, and who owns nothing at all.
OWNER = 0
PAUPER = 1_567
DONE, OPEN = case_pb2.NODE_STATE_DONE, case_pb2.NODE_STATE_OPEN
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with town(tmp_path_factory.mktemp("stack")) as made:
        yield made


def is_over(view: Any) -> bool:
    """The final answer to its inquiry is recorded."""
    return any(event.event_id.endswith("-ended") for event in view.history)


def done(view: Any, number: int) -> bool:
    return any(node.state == DONE for node in nodes(view, number))


def counted(answer: Answer) -> dict[str, int]:
    names = ("found", "none", "ambiguous", "refused", "incapable", "late", "unreachable", "cancelled")
    counts = {name.upper(): getattr(answer.coverage, name) for name in names}
    return {name: count for name, count in counts.items() if count}


async def test_inquiries_fill_their_cases_and_nothing_found_is_said_only_where_it_is_proven(
    here: Town, tmp_path: Path
) -> None:
    async with here.tracker(tmp_path) as house:
        numbers = {f"案{first}": first for first in (OWNER, PAUPER)}
        for number, first in numbers.items():
            await house.call("RegisterCase", registration(number, first=first))
        await house.call("RegisterCase", registration("案narrow", first=PAUPER))
        ids = {number: await here.ask(number, subject(first)) for number, first in numbers.items()}
        ids["案narrow"] = await here.ask("案narrow", subject(PAUPER), items=[1, 2])
        finals = await here.finals(ids.values())
        views = {number: await case_when(house, number, is_over) for number in ids}
        for number, view in views.items():
            (node_4,), (node_37,) = nodes(view, 4), nodes(view, 37)
            assert (node_4.state, node_4.done, node_37.count) == (DONE, date_of(now_ns()), 1)
            ended = next(one for one in view.history if one.event_id.endswith("-ended"))
            told = {one.state: one.count for one in ended.detail.ended}
            assert told == counted(finals[ids[number]])
            assert (done(view, 33), done(view, 34)) == {
                "案0": (True, False),
                f"案{PAUPER}": (False, True),
                # Everybody who keeps deposits was asked, and nobody else.
                "案narrow": (False, False),
            }[number]
        found = sum(
            1
            for finding in finals[ids["案0"]].findings
            for one in finding.records
            if 1 <= one.item <= 21 and one.item not in (6, 18) and one.amount_fen
        )
        assert kinds(views["案0"]).count("property_found") == len(nodes(views["案0"], 11)) == found > 0


async def test_with_several_debtors_the_inquiries_of_the_court_say_whom_they_were_about(
    here: Town, tmp_path: Path
) -> None:
    async with here.tracker(tmp_path) as house:
        debtors = (OWNER, PAUPER)
        request = registration("案both")
        request.case.subjects.append(subject(PAUPER))
        await house.call("RegisterCase", request)
        ids = [await here.ask("案both", subject(number)) for number in debtors]
        await here.finals(ids)
        ended = [f"inquiry-{number}-ended" for number in ids]
        view = await case_when(
            house, "案both", lambda view: {one.event_id for one in view.history} >= set(ended)
        )
        told = {one.event_id: one.detail for one in view.history}
        assert [(told[one].subject, told[one].is_full) for one in ended] == [(1, True), (2, True)]
        assert nodes(view, 37)[0].fresh_until > 0
        assert (done(view, 33), done(view, 34)) == (True, False)


async def test_what_came_before_the_registration_is_joined_to_the_case(here: Town, tmp_path: Path) -> None:
    async with here.tracker(tmp_path) as house:
        await house.call("RegisterCase", registration("案first"))
        inquiry_id = await here.ask("案late", subject(OWNER))
        await here.finals([inquiry_id])
        follow = house.alone.service.follow
        await house.until(lambda: follow.counts.strays > 0)
        await house.call("RegisterCase", registration("案late"))
        view = await case_when(house, "案late", is_over)
        assert done(view, 4)
        assert done(view, 33)


async def test_registration_starts_the_first_inquiry_where_there_is_an_authority(
    here: Town, tmp_path: Path
) -> None:
    authority = case_pb2.Authority(
        officer_id="judge-7", instrument_number="通知7", inquire_at_registration=True
    )
    async with here.tracker(tmp_path, inquire_profiles=("local-a",)) as house:
        silent = case_pb2.Authority(officer_id="judge-7", instrument_number="通知7")
        await house.call("RegisterCase", registration("案without", first=3, profile="local-a"))
        await house.call("RegisterCase", registration("案silent", first=4, authority=silent))
        await house.call(
            "RegisterCase", registration("案profile", first=5, profile="local-a", authority=silent)
        )
        await house.call("RegisterCase", registration("案asked", count=2, first=6, authority=authority))
        view = await case_when(house, "案asked", lambda one: sum(map(is_ended, one.history)) == 2)
        await case_when(house, "案profile", is_over)
        for index in range(2):
            answer = await here.answer(first_order(COURT, "案asked", index))
            assert answer.case_number == "案asked"
            assert answer.coverage.total == 3_916
        started = next(one for one in view.history if one.event_id == f"inquiry-{answer.inquiry_id}")
        assert started.basis == first_order(COURT, "案asked", 1)
        counts = house.alone.service.follow.counts
        assert dict(+counts.orders) == {("first", "ordered"): 3}
        for number in ("案without", "案silent"):
            assert not done(await case_when(house, number, lambda _: True), 4)


def is_ended(event: Any) -> bool:
    return bool(event.event_id.endswith("-ended"))


async def test_property_found_in_a_case_that_was_ended_raises_a_red_warning(
    here: Town, tmp_path: Path
) -> None:
    authority = case_pb2.Authority(officer_id="judge-7", instrument_number="通知7", patrol=True)
    async with here.tracker(tmp_path, address="", cert=None, key=None, ca=None) as house:
        law = house.alone.service.lawyer.latest().law
        today = date_of(now_ns())
        number, ended_on = next(
            (f"案patrol{count}", day)
            for count in range(10_000)
            for day in (add_days(today, -back) for back in range(1, 90))
            if patrol.next_day(law, f"案patrol{count}", day, add_days(today, -1)) == today
        )
        for name, given in ((number, authority), ("案untold", None)):
            made = registration(name, first=OWNER)
            if given is not None:
                made.case.authority.CopyFrom(given)
            await house.call("RegisterCase", made)
            event = case_pb2.Event(
                event_id="end", case_number=name, effective=ended_on, officer="judge-1", basis="裁定1"
            )
            request = tracker_pb2.EndForNowRequest(event=event, override_reason="nothing else to be had")
            await house.call("EndForNow", request)
    async with here.tracker(tmp_path) as house:
        view = await case_when(house, number, is_over)
        answer = await here.answer(patrol_order(COURT, number, today, 0))
        assert answer.case_number == number
        assert "property_found_after_suspension" in kinds(view)
        warnings = [one for one in view.warnings if one.kind == "property_found"]
        assert {one.urgency for one in warnings} == {case_pb2.URGENCY_RED}
        assert [node.state for node in nodes(view, 10)] == [OPEN]
        assert dict(+house.alone.service.follow.counts.orders) == {("patrol", "ordered"): 1}


async def test_holds_fill_terms_and_deductions_and_warn_before_they_end(here: Town, tmp_path: Path) -> None:
    number = "案hold"
    async with here.tracker(tmp_path) as house:
        await house.call("RegisterCase", registration(number, first=OWNER))
        inquiry_id = await here.ask(number, subject(OWNER))
        await here.finals([inquiry_id])
        await case_when(house, number, is_over)
        controls = Controls(here.court.channel)
        (hold,) = await frozen(controls, number)
        view = await case_when(house, number, lambda one: bool(nodes(one, 15)))
        (node_15,) = nodes(view, 15)
        assert (node_15.state, node_15.due) == (OPEN, hold.effective_until)
        controlled = [node for node in nodes(view, 11) if node.state == DONE]
        assert [node.thing for node in controlled] == [node_15.thing]
        assert not [one for one in view.warnings if one.kind == "measure_ends"]
        await order(here, number, hold, "renew", kind=hold_pb2.CONTROL_KIND_RENEW, months=1)
        view = await case_when(house, number, lambda one: nodes(one, 15)[0].due < node_15.due)
        assert [one.node for one in view.warnings if one.kind == "measure_ends"] == [15]
        await order(here, number, hold, "deduct", kind=hold_pb2.CONTROL_KIND_DEDUCT, whole=True)
        view = await case_when(house, number, lambda one: nodes(one, 15)[0].state != OPEN)
        assert done(view, 16)
        assert not +house.alone.service.follow.counts.refused


def mandate_of(number: str) -> Mandate:
    return Mandate(
        case_number=number,
        instrument_number=f"{number}裁定1",
        instrument_kind=INSTRUMENT_KIND_RULING,
        officer_id="judge-1",
        debtor_role=DEBTOR_ROLE_JUDGMENT_DEBTOR,
    )


async def frozen(controls: Controls, number: str) -> list[HoldView]:
    """Holds for a small claim, in force."""
    claim = Claim(
        claim_id=f"claim-{number}",
        court_code=COURT,
        case_number=number,
        debtors=[Debtor(subject=subject(OWNER))],
        principal_fen=10_000,
    )
    await controls.put_claim(claim)
    request = PlanFreezeRequest(
        claim_id=claim.claim_id, mandate=mandate_of(number), notice_number=f"{number}通知1"
    )
    request.carry_out = (await controls.plan(request)).plan_hash
    await controls.plan(request)
    held: list[HoldView] = []

    async def in_force() -> bool:
        held[:] = await controls.holds()
        return bool(held) and all(one.effective_from for one in held)

    await when(in_force, "hold in force")
    return held


async def order(here: Town, number: str, hold: HoldView, name: str, **given: Any) -> None:
    """An order on the hold, taken."""
    made = ControlOrder(
        order_id=f"{name}-{hold.hold_id}",
        court_code=COURT,
        mandate=mandate_of(number),
        notice_number=f"{number}通知1",
        claim_id=f"claim-{number}",
        hold_id=hold.hold_id,
        **given,
    )
    await ControlsStub(here.court.channel).Order(OrderRequest(order=made), timeout=DEADLINE_S)
