"""Institutions and slow endpoints over real gRPC."""

from pathlib import Path

from chakong.gateway.v1 import gateway_pb2
from runtime.identity import Role
from tests.gateway.edge.court import called_as, open_court
from tests.gateway.edge.house import inquiry
from tests.gateway.edge.institution import answering, refusing
from tests.patience import DEADLINE_S


async def test_institutions_are_paged_by_index_with_their_state(tmp_path: Path) -> None:
    async with open_court(tmp_path, [answering, answering, answering], is_projected=True) as court:
        await court.until(lambda: all(court.gateway.dispatch.is_reachable(one) for one in range(3)))
        request = gateway_pb2.ListInstitutionsRequest(page_size=2)
        caller = called_as(Role.OPERATOR, "", "desk")
        first = await court.stub.ListInstitutions(request, metadata=caller, timeout=DEADLINE_S)
        request.page_token = first.next_page_token
        second = await court.stub.ListInstitutions(request, metadata=caller, timeout=DEADLINE_S)
    assert [one.index for one in first.institutions] + [one.index for one in second.institutions] == [0, 1, 2]
    assert second.next_page_token == ""
    one = first.institutions[1]
    assert (one.key, one.endpoint, one.items) == ("institution-1", "unit-1", [1, 2])
    assert (one.can_inquire, one.can_freeze, one.reachable) == (True, False, True)


async def test_endpoints_that_replied_are_in_the_table(tmp_path: Path) -> None:
    async with open_court(tmp_path, [answering, answering], is_projected=True) as court:
        submit = gateway_pb2.SubmitRequest(inquiry=inquiry(1))
        await court.stub.Submit(submit, metadata=called_as(), timeout=DEADLINE_S)
        await court.until(lambda: court.gateway.engine.stats()["inquiries_final"] == 1)
        request = gateway_pb2.ListSlowEndpointsRequest(page_size=5)
        table = await court.stub.ListSlowEndpoints(request, metadata=called_as(), timeout=DEADLINE_S)
    assert {one.key for one in table.endpoints} == {"unit-0", "unit-1"}
    assert [(one.replies, one.failures, one.breaker) for one in table.endpoints] == [(1, 0, "closed")] * 2
    medians = [one.reply_ms_p50 for one in table.endpoints]
    assert medians == sorted(medians, reverse=True)
    assert medians[1] > 0


async def test_an_endpoint_that_is_down_stands_first_though_it_never_replied(tmp_path: Path) -> None:
    async with open_court(tmp_path, [answering, refusing, answering], is_projected=True) as court:
        submit = gateway_pb2.SubmitRequest(inquiry=inquiry(1))
        await court.stub.Submit(submit, metadata=called_as(), timeout=DEADLINE_S)
        await court.until(lambda: court.gateway.engine.stats()["inquiries_final"] == 1)
        request = gateway_pb2.ListSlowEndpointsRequest(page_size=5)
        table = await court.stub.ListSlowEndpoints(request, metadata=called_as(), timeout=DEADLINE_S)
    assert [(one.key, one.replies) for one in table.endpoints[:1]] == [("unit-1", 0)]
    assert {(one.key, one.replies) for one in table.endpoints[1:]} == {("unit-0", 1), ("unit-2", 1)}
    assert table.endpoints[0].failures == 4
