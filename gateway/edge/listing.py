"""Listing: who the institutions are and how their endpoints do, for whoever may ask.

Read from memory at the time of the call. It knows nothing of inquiries.
"""

from typing import TYPE_CHECKING, Final

from chakong.gateway.v1 import gateway_pb2
from gateway.directory.model import DEDUCT, FREEZE, INQUIRE
from runtime import requests
from runtime.identity import Identity

if TYPE_CHECKING:
    from gateway.directory.model import Institution
    from gateway.edge.dispatch import Dispatch

INSTITUTIONS_DEFAULT: Final = 1_000
INSTITUTIONS_MAX: Final = 4_096
ENDPOINTS_DEFAULT: Final = 20
ENDPOINTS_MAX: Final = 372
_QUESTION: Final = b"institutions"


class Listing:
    """Handlers of ListInstitutions and ListSlowEndpoints."""

    def __init__(self, dispatch: "Dispatch") -> None:
        self._dispatch = dispatch

    async def institutions(self, _caller: Identity, message: bytes) -> bytes:
        """A page of institutions, by index."""
        request = requests.read(gateway_pb2.ListInstitutionsRequest, message)
        size = requests.page_size(request.page_size, INSTITUTIONS_DEFAULT, INSTITUTIONS_MAX)
        start = requests.page_position(request.page_token, _QUESTION, 0)
        everybody = self._dispatch.directory.institutions
        response = gateway_pb2.ListInstitutionsResponse(
            institutions=[self._institution(one) for one in everybody[start : start + size]]
        )
        if start + size < len(everybody):
            response.next_page_token = requests.page_token(_QUESTION, start + size)
        return response.SerializeToString()

    async def slow_endpoints(self, _caller: Identity, message: bytes) -> bytes:
        """The endpoints in trouble, then those with the longest median reply time."""
        request = requests.read(gateway_pb2.ListSlowEndpointsRequest, message)
        size = requests.page_size(request.page_size, ENDPOINTS_DEFAULT, ENDPOINTS_MAX)
        response = gateway_pb2.ListSlowEndpointsResponse()
        endpoints = self._dispatch.directory.endpoints
        for place in self._dispatch.slowest(size):
            response.endpoints.add(
                key=endpoints[place.endpoint].key,
                institutions=len(endpoints[place.endpoint].institutions),
                replies=place.replies,
                failures=sum(self._dispatch.lines[place.endpoint].counts.failures),
                reply_ms_p50=place.reply_ms_p50,
                reply_ms_p99=place.reply_ms_p99,
                breaker=self._dispatch.breaker_state(place.endpoint).name.lower(),
            )
        return response.SerializeToString()

    def _institution(self, one: "Institution") -> gateway_pb2.InstitutionView:
        return gateway_pb2.InstitutionView(
            index=one.index,
            key=one.key,
            name=one.zh,
            institution_class=one.institution_class,
            province=one.province,
            endpoint=self._dispatch.directory.endpoints[one.endpoint].key,
            items=one.items,
            can_inquire=INQUIRE in one.can,
            can_freeze=FREEZE in one.can,
            can_deduct=DEDUCT in one.can,
            reachable=self._dispatch.is_reachable(one.endpoint),
        )
