"""Claims over real gRPC: what is put is shown, page by page, and a plan rests on what was found."""

import asyncio
from pathlib import Path
from typing import Any, cast

import grpc
import pytest

from chakong.gateway.v1 import controls_pb2, gateway_pb2
from chakong.type.v1 import type_pb2
from gateway.edge import claims as module
from runtime.clock import now_ns
from runtime.identity import Identity, Role
from tests.gateway.edge.banking import Office, called_as, open_office
from tests.gateway.edge.study import open_study
from tests.gateway.holds.world import CASE, COURT, bank_indexes, mandate, person
from tests.patience import DEADLINE_S


def claim(number: int, principal_fen: int = 1_000_00, **fields: Any) -> controls_pb2.PutClaimRequest:
    made = controls_pb2.Claim(
        claim_id=f"c{number:04}",
        court_code=COURT,
        case_number=f"case {number}",
        principal_fen=principal_fen,
        **fields,
    )
    made.debtors.add(subject=person(number))
    return controls_pb2.PutClaimRequest(claim=made)


async def put(office: Office, count: int) -> None:
    for number in range(count):
        await office.stub.PutClaim(claim(number), metadata=called_as())


async def listed(office: Office, **asked: Any) -> tuple[list[str], int]:
    """Claim ids in the order of the pages, and how many pages there were."""
    ids: list[str] = []
    request = controls_pb2.ListClaimsRequest(**asked)
    for pages in range(1, 100):
        page = await office.stub.ListClaims(request, metadata=called_as())
        ids += [view.claim.claim_id for view in page.claims]
        if not page.next_page_token:
            return ids, pages
        request.page_token = page.next_page_token
    raise AssertionError("pages do not end")


async def test_what_is_put_is_shown_to_its_court_alone(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        view = await office.stub.PutClaim(claim(1), metadata=called_as())
        assert (view.due_fen, view.gap_fen, view.state) == (
            1_000_00,
            1_000_00,
            controls_pb2.CLAIM_STATE_SHORT,
        )
        again = await office.stub.GetClaim(
            controls_pb2.GetClaimRequest(claim_id="c0001"), metadata=called_as()
        )
        assert again == view
        other = await office.stub.ListClaims(
            controls_pb2.ListClaimsRequest(), metadata=called_as(court="沪0101")
        )
        assert not other.claims


@pytest.mark.parametrize(("scan_max", "page_bytes"), [(500, 2 << 20), (2, 2 << 20), (500, 400)])
async def test_every_claim_is_on_one_page_whatever_bounds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scan_max: int, page_bytes: int
) -> None:
    monkeypatch.setattr(module, "SCAN_MAX", scan_max)
    monkeypatch.setattr(module, "PAGE_BYTES_MAX", page_bytes)
    async with open_office(tmp_path) as office:
        await put(office, 11)
        ids, pages = await listed(office, page_size=4)
        assert ids == [f"c{number:04}" for number in range(11)]
        assert pages >= 3
        assert (await listed(office, case_number="case 7"))[0] == ["c0007"]
        assert (await listed(office, state=controls_pb2.CLAIM_STATE_MET))[0] == []
        assert (await listed(office, exposed=True))[0] == []


async def test_a_call_looks_at_so_many_and_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SCAN_MAX", 2)
    monkeypatch.setattr(module, "SCANS_PER_CALL", 2)
    async with open_office(tmp_path) as office:
        await put(office, 10)
        assert await listed(office, state=controls_pb2.CLAIM_STATE_MET) == ([], 3)
        ids, pages = await listed(office)
        assert (len(ids), pages) == (10, 3)


async def test_a_token_of_another_question_is_refused(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await put(office, 3)
        page = await office.stub.ListClaims(controls_pb2.ListClaimsRequest(page_size=1), metadata=called_as())
        request = controls_pb2.ListClaimsRequest(
            page_size=1, page_token=page.next_page_token, state=controls_pb2.CLAIM_STATE_SHORT
        )
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await office.stub.ListClaims(request, metadata=called_as())
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_request_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        request = claim(1)
        request.claim.debtors[0].subject.name = "x" * (5 << 20)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await office.stub.PutClaim(request, metadata=called_as())
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


class Store:
    """Answers of the case, as the projection has them."""

    def __init__(self, answers: list[gateway_pb2.Answer]) -> None:
        self._views = {
            answer.inquiry_id: gateway_pb2.InquiryView(
                inquiry_id=answer.inquiry_id, case_number=CASE, answer=answer
            )
            for answer in answers
        }

    def of_case(self, _court: str, _case: str, _below: int, count: int) -> list[Any]:
        return list(self._views.values())[:count]

    def by_id(self, _court: str, inquiry_id: int) -> Any:
        return self._views.get(inquiry_id)


def answer_of(number: int, locator: str, available_fen: int) -> gateway_pb2.Answer:
    debtor = person()
    record = type_pb2.Record(
        item=1,
        locator=locator,
        kind="personal",
        amount_fen=available_fen,
        available_fen=available_fen,
        holder_name=debtor.name,
        holder_number=debtor.id_number,
    )
    finding = gateway_pb2.Finding(
        institution=bank_indexes()[0], state=type_pb2.END_STATE_FOUND, records=[record]
    )
    return gateway_pb2.Answer(inquiry_id=number, case_number=CASE, findings=[finding])


async def test_a_plan_is_shown_and_carried_out_as_it_was_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        bank = office.branches[0].bank
        for locator, balance_fen in (("6222", 700_00), ("6223", 500_00)):
            bank.open(bank_indexes()[0], locator, balance_fen)
        claims = office.gateway.controls.handlers(
            office.gateway._draining, office.gateway.projection, office.gateway._store
        ).claims
        answers = [answer_of(1, "6222", 700_00), answer_of(2, "6223", 500_00)]
        monkeypatch.setattr(claims, "_store", Store(answers))

        async def reached(_seq: int, _deadline_s: float) -> bool:
            return True

        monkeypatch.setattr(office.gateway.projection, "reached", reached)
        caller = Identity(Role.COURT, COURT, COURT)
        request = controls_pb2.PlanFreezeRequest(
            claim_id="c1", mandate=mandate(), notice_number="(2026)京0105执通1号"
        )
        shown = controls_pb2.PlanView.FromString(await claims.plan(caller, request.SerializeToString()))
        assert [(step.property.locator, step.ceiling_fen) for step in shown.steps] == [
            ("6222", 700_00),
            ("6223", 300_00),
        ]
        assert not bank.effects
        request.carry_out = shown.plan_hash
        done = controls_pb2.PlanView.FromString(await claims.plan(caller, request.SerializeToString()))
        assert len(done.control_ids) == 2
        for hold_id in done.control_ids:
            await office.until_effective(hold_id)
        view = office.gateway.controls.desk.ledger.claim_view(COURT, "c1", now_ns())
        assert view is not None
        assert view.state == controls_pb2.CLAIM_STATE_MET


async def test_a_plan_has_so_many_answers_in_memory_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [answer_of(number, f"6222{number}", 1_00) for number in range(1, 101)]
    held = most = 0
    sight = module._sight

    class Counted(Store):
        def by_id(self, court: str, inquiry_id: int) -> Any:
            nonlocal held, most
            held += 1
            most = max(most, held)
            return super().by_id(court, inquiry_id)

    def told(court: str, answer: gateway_pb2.Answer, ledger: Any) -> None:
        nonlocal held
        held -= 1
        sight(court, answer, ledger)

    monkeypatch.setattr(module, "_sight", told)

    class Reached:
        async def reached(self, _seq: int, _deadline_s: float) -> bool:
            return True

    async with open_study() as study:
        await study.claim(1_000_00)
        claims = module.Claims(
            study.desk, cast("Any", study.journal), cast("Any", Reached()), cast("Any", Counted(answers))
        )
        request = controls_pb2.PlanFreezeRequest(
            claim_id="c1", mandate=mandate(), notice_number="(2026)京0105执通1号"
        )
        caller = Identity(Role.COURT, COURT, COURT)
        async with asyncio.timeout(DEADLINE_S):
            shown = controls_pb2.PlanView.FromString(await claims.plan(caller, request.SerializeToString()))
    assert len(shown.steps) == 100
    assert (held, most) == (0, module.ANSWERS_AT_ONCE)


async def test_a_plan_over_an_inquiry_of_another_case_is_refused(tmp_path: Path) -> None:
    async with open_office(tmp_path, is_projected=True) as office:
        await office.claim(1_000_00)
        request = controls_pb2.PlanFreezeRequest(claim_id="c1", inquiry_ids=[99], mandate=mandate())
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await office.stub.PlanFreeze(request, metadata=called_as(), timeout=DEADLINE_S)
        assert refused.value.code() is grpc.StatusCode.NOT_FOUND
        request = controls_pb2.PlanFreezeRequest(claim_id="nobody's")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await office.stub.PlanFreeze(request, metadata=called_as(), timeout=DEADLINE_S)
        assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_what_happened_to_the_case_is_followed_by_releases(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        account = office.branches[0].bank.open(bank_indexes()[0], "6222", 1_000_00)
        receipt = await office.freeze(office.order("f1", account, 1_000_00))
        await office.until_effective(receipt.hold_id)
        event = controls_pb2.CaseEvent(
            event_id="e1", claim_id="c1", kind=controls_pb2.CASE_EVENT_KIND_CREDITED, amount_fen=600_00
        )
        response = await office.stub.RecordCaseEvent(
            controls_pb2.RecordCaseEventRequest(event=event), metadata=called_as()
        )
        assert (response.claim.due_fen, len(response.control_ids)) == (400_00, 1)
        await office.until(lambda: account.holds[0].controlled == 400_00)
