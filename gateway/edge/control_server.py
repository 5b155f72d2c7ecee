"""Control server: the methods of chakong.gateway.v1.Controls, as gRPC is told of them.

What a call does is in claims, ordering, holding and holds_watch.
"""

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import grpc

from chakong.gateway.v1 import controls_pb2
from runtime import requests
from runtime.guard import CallCounts, Context, Guard
from runtime.identity import CONTROLS, Identity

if TYPE_CHECKING:
    from gateway.edge.claims import Claims
    from gateway.edge.holding import Holding
    from gateway.edge.holds_watch import HoldsWatch
    from gateway.edge.ordering import Ordering

SERVICE: Final = "chakong.gateway.v1.Controls"


@dataclass(frozen=True, slots=True)
class ControlHandlers:
    """What the calls do."""

    claims: "Claims"
    ordering: "Ordering"
    holding: "Holding"
    watch: "HoldsWatch"


def control_methods(
    handlers: ControlHandlers, counts: CallCounts, *, plaintext: bool
) -> "grpc.GenericRpcHandler[Any, Any]":
    """The service's handlers, each behind a guard."""
    guard = Guard(CONTROLS, counts, plaintext=plaintext)
    claims, ordering, holding = handlers.claims, handlers.ordering, handlers.holding

    async def watch_holds(caller: Identity, message: bytes, context: Context) -> None:
        request = requests.read(controls_pb2.WatchHoldsRequest, message)
        async with aclosing(handlers.watch.follow(caller.court, request)) as responses:
            async for response in responses:
                await context.write(response)

    async def reconcile(_caller: Identity, message: bytes, context: Context) -> None:
        request = requests.read(controls_pb2.ReconcileRequest, message)
        async with aclosing(holding.reconcile(request)) as responses:
            async for response in responses:
                await context.write(response)

    return grpc.method_handlers_generic_handler(
        SERVICE,
        {
            "PutClaim": guard.unary("PutClaim", claims.put),
            "GetClaim": guard.unary("GetClaim", claims.get),
            "ListClaims": guard.unary("ListClaims", claims.list_claims),
            "RecordCaseEvent": guard.unary("RecordCaseEvent", claims.record),
            "PlanFreeze": guard.unary("PlanFreeze", claims.plan),
            "Order": guard.unary("Order", ordering.one),
            "OrderBulk": guard.streaming("OrderBulk", ordering.bulk),
            "Preview": guard.unary("Preview", ordering.preview),
            "Approve": guard.unary("Approve", ordering.approve),
            "GetHold": guard.unary("GetHold", holding.get),
            "ListHolds": guard.unary("ListHolds", holding.list_holds),
            "WatchHolds": guard.serving("WatchHolds", watch_holds),
            "Reconcile": guard.serving("Reconcile", reconcile),
        },
    )
