"""Enforcing: plans that change are asked for again, and refusals are read. The whole is test_holding's."""

from typing import TYPE_CHECKING, Any, cast

import grpc
import pytest
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from benchmarks.demo.cases import Case
from benchmarks.demo.courthouse import Callers, Courthouse
from benchmarks.demo.docket import Docket
from benchmarks.demo.enforcing import DETAILS_KEY, PLAN_TRIES_MAX, Deducting, Enforcement, reason_of
from chakong.gateway.v1.controls_pb2 import Claim, HoldView, PlanFreezeRequest, PlanView
from chakong.type.v1.hold_pb2 import Property
from chakong.type.v1.type_pb2 import Mandate

if TYPE_CHECKING:
    from benchmarks.controls import Controls

CASE = Case("X1", Claim(claim_id="c1", case_number="案1"), Mandate(), "n", 1, {}, is_alone=True)
ABLE = Deducting(frozenset({3}), frozenset({"margin"}))


def refusal(reason: str) -> grpc.aio.AioRpcError:
    detail = any_pb2.Any()
    detail.Pack(error_details_pb2.ErrorInfo(reason=reason))
    status = status_pb2.Status(details=[detail])
    metadata = grpc.aio.Metadata((DETAILS_KEY, status.SerializeToString()))
    return grpc.aio.AioRpcError(grpc.StatusCode.FAILED_PRECONDITION, grpc.aio.Metadata(), metadata, "", "")


class Planner:
    """Shows a plan, and refuses to carry it out the first so many times."""

    def __init__(self, refusals: int, reason: str = "PLAN_CHANGED") -> None:
        self.refusals = refusals
        self.reason = reason
        self.shown = 0

    async def plan(self, request: PlanFreezeRequest) -> PlanView:
        if not request.carry_out:
            self.shown += 1
            return PlanView(plan_hash=b"%d" % self.shown)
        assert request.carry_out == b"%d" % self.shown
        if self.refusals:
            self.refusals -= 1
            raise refusal(self.reason)
        return PlanView(control_ids=[5, 6])


def enforcement(planner: Any) -> Enforcement:
    controls = cast("Controls", planner)
    house = Courthouse(Callers({"X1": controls}, {}, controls), Docket(), 1, 1)
    return Enforcement([CASE], house, ABLE)


@pytest.mark.parametrize("refusals", [0, 1, PLAN_TRIES_MAX - 1])
async def test_a_plan_that_changed_is_shown_again_and_carried_out(refusals: int) -> None:
    planner = Planner(refusals)
    made = enforcement(planner)
    await made._carry_out(CASE, PlanFreezeRequest(claim_id="c1"))
    assert (planner.shown, made.house.docket.ordered_count) == (refusals + 1, 2)
    assert +made.house.docket.faults == {}


async def test_a_plan_that_never_stands_still_is_a_fault_and_another_refusal_an_error() -> None:
    made = enforcement(Planner(PLAN_TRIES_MAX))
    await made._carry_out(CASE, PlanFreezeRequest(claim_id="c1"))
    assert made.house.docket.faults["plan_never_stood_still"] == 1
    with pytest.raises(grpc.aio.AioRpcError):
        await enforcement(Planner(1, "BANKRUPTCY"))._carry_out(CASE, PlanFreezeRequest(claim_id="c1"))


def test_the_rule_of_a_refusal_is_read() -> None:
    assert reason_of(refusal("ABOVE_CLAIM")) == "ABOVE_CLAIM"
    none = grpc.aio.AioRpcError(grpc.StatusCode.INTERNAL, grpc.aio.Metadata(), grpc.aio.Metadata(), "", "")
    assert not reason_of(none)


@pytest.mark.parametrize(
    ("institution", "kind", "controlled_fen", "allowed"),
    [(3, "personal", 1, True), (4, "personal", 1, False), (3, "margin", 1, False), (3, "personal", 0, False)],
)
def test_only_what_may_be_is_deducted(
    institution: int, kind: str, controlled_fen: int, allowed: bool
) -> None:
    place = Property(institution=institution, kind=kind)
    assert ABLE.allows(HoldView(property=place, controlled_fen=controlled_fen)) == allowed
