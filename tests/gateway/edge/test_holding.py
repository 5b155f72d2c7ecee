"""Holding over real gRPC: holds of a court in pages, and institutions' books beside the ledger."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest

from chakong.gateway.v1 import controls_pb2
from chakong.institution.v1 import institution_pb2
from gateway.edge import holding as module
from gateway.edge.control_call import CallError
from runtime.identity import Role
from tests.gateway.edge.banking import Office, branch_of, called_as, open_office
from tests.gateway.holds.world import CASE, bank_indexes, directory, person
from tests.patience import DEADLINE_S

OPERATOR = called_as(Role.OPERATOR, "", "me")


async def frozen(office: Office, count: int, branch: int = 0) -> list[int]:
    """So many holds of one fen each, in force."""
    index = bank_indexes()[branch]
    ids = []
    for number in range(count):
        account = office.branches[branch].bank.open(index, f"6222{branch}{number}", 1)
        receipt = await office.freeze(office.order(f"f{branch}-{number}", account, 1, available_fen=1))
        ids.append(receipt.hold_id)
    for hold_id in ids:
        await office.until_effective(hold_id)
    return ids


async def listed(office: Office, **asked: Any) -> tuple[list[int], int]:
    """Hold ids in the order of the pages, and how many pages there were."""
    ids: list[int] = []
    request = controls_pb2.ListHoldsRequest(**asked)
    for pages in range(1, 100):
        page = await office.stub.ListHolds(request, metadata=called_as())
        ids += [view.hold_id for view in page.holds]
        if not page.next_page_token:
            return ids, pages
        request.page_token = page.next_page_token
    raise AssertionError("pages do not end")


async def reconciled(office: Office, *institutions: int) -> list[controls_pb2.ReconcileResponse]:
    call = office.stub.Reconcile(
        controls_pb2.ReconcileRequest(institutions=institutions), metadata=OPERATOR, timeout=DEADLINE_S
    )
    return [response async for response in call]


@pytest.mark.parametrize(("scan_max", "page_bytes"), [(500, 2 << 20), (2, 2 << 20), (500, 700)])
async def test_every_hold_is_on_one_page_whatever_bounds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scan_max: int, page_bytes: int
) -> None:
    monkeypatch.setattr(module, "SCAN_MAX", scan_max)
    monkeypatch.setattr(module, "PAGE_BYTES_MAX", page_bytes)
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        ids = await frozen(office, 11)
        found, pages = await listed(office, page_size=4)
        assert found == ids
        assert pages >= 3
        for asked in (
            {"case_number": CASE},
            {"subject": person()},
            {"institution": bank_indexes()[0]},
            {"ended": True},
        ):
            assert (await listed(office, **asked))[0] == ids
        for asked in (
            {"case_number": "another"},
            {"subject": person(2)},
            {"institution": bank_indexes()[1]},
            {"expiring_within_days": 1},
            {"idle_for_days": 1},
        ):
            assert (await listed(office, **asked))[0] == []


async def test_a_hold_is_found_by_any_order_on_it(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        (hold_id,) = await frozen(office, 1)
        request = controls_pb2.GetHoldRequest(order_id="f0-0")
        assert (await office.stub.GetHold(request, metadata=called_as())).hold_id == hold_id
        for wrong, code in (
            (controls_pb2.GetHoldRequest(), grpc.StatusCode.INVALID_ARGUMENT),
            (controls_pb2.GetHoldRequest(order_id="x" * 65), grpc.StatusCode.INVALID_ARGUMENT),
            (controls_pb2.GetHoldRequest(order_id="unknown"), grpc.StatusCode.NOT_FOUND),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await office.stub.GetHold(wrong, metadata=called_as())
            assert refused.value.code() is code


async def test_a_question_out_of_bounds_is_refused(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        for wrong in ({"expiring_within_days": 4_000}, {"page_size": 1_001}, {"page_token": "x"}):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await listed(office, **wrong)
            assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_equal_books_have_no_difference(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        await frozen(office, 3)
        await frozen(office, 2, branch=1)
        responses = await reconciled(office)
        assert {one.institution: one.hold_count for one in responses} == {
            bank_indexes()[0]: 3,
            bank_indexes()[1]: 2,
        }
        assert not any(one.differences or one.failure for one in responses)


async def test_a_hold_that_the_ledger_does_not_know_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECOND_LOOK_S", 0.0)
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        (hold_id,) = await frozen(office, 1)
        bank = office.branches[0].bank
        held, account = bank.holds[hold_id]
        bank.holds[hold_id + 70] = (held, account)
        (response,) = await reconciled(office, bank_indexes()[0])
        assert [(one.field, one.ours) for one in response.differences] == [("missing_here", "")]


async def test_what_was_only_on_its_way_is_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        (hold_id,) = await frozen(office, 1)
        held, _ = office.branches[0].bank.holds[hold_id]
        held.until += 1
        sleep = asyncio.sleep

        async def arrived(delay_s: float) -> None:
            if delay_s == module.SECOND_LOOK_S:
                held.until -= 1
            await sleep(0)

        monkeypatch.setattr(asyncio, "sleep", arrived)
        (response,) = await reconciled(office)
        assert not response.differences


async def test_books_of_many_pages_are_compared_to_their_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BOOK_PAGE", 3)
    monkeypatch.setattr(module, "DIFFERENCES_PER_RESPONSE", 2)
    monkeypatch.setattr(module, "SECOND_LOOK_S", 0.0)
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        ids = await frozen(office, 11)
        for hold_id in ids[2:]:
            held, _ = office.branches[0].bank.holds[hold_id]
            held.until += 1
        del office.branches[0].bank.holds[ids[10]]
        responses = await reconciled(office)
        assert len(responses) > 2
        assert [one.hold_count for one in responses][-1] == 10
        found = [(one.hold_id, one.field) for response in responses for one in response.differences]
        assert found == [(one, "effective_until") for one in ids[2:10]] + [(ids[10], "missing_there")]


async def test_who_cannot_be_asked_is_named_and_the_others_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    branches = [branch_of(index) for index in bank_indexes()]
    async with open_office(tmp_path, branches) as office:
        await office.claim(1_000_00)
        await frozen(office, 1)
        await frozen(office, 1, branch=1)

        line = office.gateway.controls.lines.line_of(bank_indexes()[0])
        assert line is not None

        async def down(_request: bytes, _timeout_s: float) -> bytes:
            raise CallError("UNAVAILABLE")

        monkeypatch.setattr(line._call, "list_holds", down)
        without = next(
            one.index
            for one in directory().institutions
            if office.gateway.controls.lines.line_of(one.index) is None
        )
        responses = await reconciled(office, *bank_indexes()[:2], without, bank_indexes()[0])
        failures = {one.institution: one.failure for one in responses}
        assert failures == {bank_indexes()[0]: "UNAVAILABLE", bank_indexes()[1]: "", without: "NO_ADDRESS"}


async def test_an_institution_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await reconciled(office, len(directory().institutions))
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_pages_that_go_back_are_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        await frozen(office, 2)
        bank = office.branches[0].bank
        line = office.gateway.controls.lines.line_of(bank_indexes()[0])
        assert line is not None

        async def backwards(_request: bytes, _timeout_s: float) -> bytes:
            holds = [bank.statement(one) for one in sorted(bank.holds, reverse=True)]
            return institution_pb2.ListHoldsResponse(holds=holds).SerializeToString()

        monkeypatch.setattr(line._call, "list_holds", backwards)
        (response,) = await reconciled(office)
        assert response.failure == "NOT_ASCENDING"


async def test_a_call_looks_at_so_many_and_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SCAN_MAX", 2)
    monkeypatch.setattr(module, "SCANS_PER_CALL", 2)
    async with open_office(tmp_path) as office:
        await office.claim(1_000_00)
        ids = await frozen(office, 10)
        found, pages = await listed(office)
        assert (found, pages) == (ids, 3)
        nothing, pages = await listed(office, idle_for_days=1)
        assert (nothing, pages) == ([], 3)


async def test_what_is_not_there_is_said_with_how_long_things_stay(tmp_path: Path) -> None:
    async with open_office(tmp_path, ended_keep_days=7) as office:
        for ask in (
            office.stub.GetHold(controls_pb2.GetHoldRequest(hold_id=5), metadata=called_as()),
            office.stub.GetHold(controls_pb2.GetHoldRequest(order_id="o"), metadata=called_as()),
            office.stub.GetClaim(controls_pb2.GetClaimRequest(claim_id="c"), metadata=called_as()),
        ):
            with pytest.raises(grpc.aio.AioRpcError, match="leaves 7 days after its last change") as refused:
                await ask
            assert refused.value.code() is grpc.StatusCode.NOT_FOUND
