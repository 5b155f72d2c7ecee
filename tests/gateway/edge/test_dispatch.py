"""Dispatch: batches reach their endpoints and replies come back, over real streams."""

from pathlib import Path

from chakong.gateway.v1 import gateway_pb2
from tests.gateway.edge.house import directory_of, inquiry, living
from tests.gateway.edge.institution import Institution, answering, serving


async def test_an_inquiry_is_asked_of_every_institution_and_answered(tmp_path: Path) -> None:
    institution = Institution(answering)
    directory = directory_of([1, 3])
    async with serving(institution) as address:
        addresses = {endpoint.key: address for endpoint in directory.endpoints}
        async with living(tmp_path, directory, addresses) as house:
            institution.script = answering
            answer = await house.final(await house.submit(inquiry(1)))
    assert answer.coverage.total == answer.coverage.none == 4
    assert answer.stage == gateway_pb2.STAGE_FINAL
