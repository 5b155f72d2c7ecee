"""Who may call what, over real gRPC."""

from pathlib import Path

import grpc
import pytest

from chakong.gateway.v1 import gateway_pb2
from runtime.identity import CONTROLS, GATEWAY, MAY_CALL, PLAINTEXT_METADATA_KEY, Role
from tests.gateway.edge.court import called_as, open_court
from tests.patience import DEADLINE_S

UNARY = {
    GATEWAY: (
        "Submit",
        "GetInquiry",
        "ListInquiries",
        "CancelInquiry",
        "ListInstitutions",
        "ListSlowEndpoints",
    ),
    CONTROLS: (
        "PutClaim",
        "GetClaim",
        "ListClaims",
        "RecordCaseEvent",
        "PlanFreeze",
        "Order",
        "Preview",
        "Approve",
        "GetHold",
        "ListHolds",
    ),
}
METHODS = frozenset(service + name for service, names in UNARY.items() for name in names)
# What a call that is let in makes of no message at all depends on the call.
REFUSED = (grpc.StatusCode.PERMISSION_DENIED, "may not call")


@pytest.mark.parametrize(
    "metadata", [(), ((PLAINTEXT_METADATA_KEY, "somebody"),), ((PLAINTEXT_METADATA_KEY, "chakong://court/"),)]
)
async def test_a_caller_without_a_name_is_unauthenticated(
    tmp_path: Path, metadata: tuple[tuple[str, str], ...]
) -> None:
    async with open_court(tmp_path) as court:
        for method in METHODS:
            call = court.channel.unary_unary(method)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call(b"", metadata=metadata, timeout=DEADLINE_S)
            assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_each_role_may_call_what_the_table_says(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        for role in Role:
            caller = called_as(role, "京0105" if role in (Role.COURT, Role.OFFICER) else "", "name")
            allowed = set()
            for method in METHODS:
                try:
                    await court.channel.unary_unary(method)(b"", metadata=caller, timeout=DEADLINE_S)
                    allowed.add(method)
                except grpc.aio.AioRpcError as error:
                    if error.code() is not REFUSED[0] or REFUSED[1] not in (error.details() or ""):
                        allowed.add(method)
            assert allowed == MAY_CALL[role] & METHODS


async def test_streams_are_guarded_too(tmp_path: Path) -> None:
    async with open_court(tmp_path) as court:
        operator = called_as(Role.OPERATOR, "", "desk")
        unit = called_as(Role.UNIT, "", "desk")
        watching = court.channel.unary_stream(GATEWAY + "Watch")
        bulk = court.channel.stream_stream(GATEWAY + "SubmitBulk")
        for call in (
            watching(b"", metadata=operator, timeout=DEADLINE_S),
            bulk(iter([b""]), metadata=operator, timeout=DEADLINE_S),
            court.channel.unary_stream(CONTROLS + "WatchHolds")(b"", metadata=operator, timeout=DEADLINE_S),
            court.channel.unary_stream(CONTROLS + "Reconcile")(b"", metadata=unit, timeout=DEADLINE_S),
            court.channel.stream_stream(CONTROLS + "OrderBulk")(iter([b""]), metadata=operator),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call.read()
            assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
        assert court.gateway.server.guard.counts.refused[("Watch", "PERMISSION_DENIED")] == 1


async def test_an_error_of_our_own_tells_the_caller_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_court(tmp_path) as court:

        def fail(*_: object) -> None:
            raise LookupError("秘密")

        monkeypatch.setattr(court.gateway.dispatch.league, "slowest", fail)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await court.stub.ListSlowEndpoints(
                gateway_pb2.ListSlowEndpointsRequest(), metadata=called_as(), timeout=DEADLINE_S
            )
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert caught.value.details() == "the service failed at this call"
