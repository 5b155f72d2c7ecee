"""The list of due nodes over gRPC: pages, filters, and what a wrong question is told."""

from pathlib import Path

import grpc
import pytest

from chakong.tracker.v1 import case_pb2, tracker_pb2
from runtime import requests
from runtime.calendar import date_of
from runtime.clock import now_ns
from tests.tracker.calling import called_as, open_house
from tests.tracker.world import OTHERS, OURS, registration


def request(**fields: object) -> tracker_pb2.ListNodesRequest:
    return tracker_pb2.ListNodesRequest(**fields)  # type: ignore[arg-type]


def forged(position: str) -> str:
    """A token that nobody was given, of the right question."""
    asked = request(as_of=date_of(now_ns())).SerializeToString(deterministic=True)
    return requests.text_token(OURS.encode() + asked, position)


async def test_pages_follow_each_other(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        for number in range(4):
            await house.call("RegisterCase", registration(number))
        whole = await house.call("ListNodes", request())
        assert len(whole.nodes) == 12
        assert not whole.next_page_token
        found, token = [], ""
        for _ in range(20):
            page = await house.call("ListNodes", request(page_size=5, page_token=token))
            found += page.nodes
            token = page.next_page_token
            if not token:
                break
        assert found == list(whole.nodes)
        node = found[0]
        assert (node.state, node.handler, node.key) == (case_pb2.NODE_STATE_OPEN, "judge-1", "distribution")
        assert node.article
        assert node.rule_version
        assert not (await house.call("ListNodes", request(), called_as(court=OTHERS))).nodes


async def test_urgency_is_that_of_the_day_that_is_asked_for(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.call("RegisterCase", registration(1))
        # Filed on the 3rd: distribution is due on the 10th, amber from the 8th.
        for day, urgency in (
            (20261107, case_pb2.URGENCY_NORMAL),
            (20261108, case_pb2.URGENCY_AMBER),
            (20261110, case_pb2.URGENCY_RED),
            (20261111, case_pb2.URGENCY_OVERDUE),
        ):
            page = await house.call("ListNodes", request(urgency=urgency, node=2, as_of=day))
            assert [(node.due, node.urgency) for node in page.nodes] == [(20261110, urgency)], day
            every = await house.call("ListNodes", request(node=2, as_of=day))
            assert [node.urgency for node in every.nodes] == [urgency]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"urgency": 9}, "urgency"),
        ({"node": 38}, "node"),
        ({"page_size": 1_001}, "page_size"),
        ({"page_size": -1}, "page_size"),
        ({"page_token": "nonsense"}, "page_token"),
        ({"page_token": forged("{}")}, "page_token"),
        ({"page_token": forged("[1, 2, 3]")}, "page_token"),
        ({"page_token": forged('[1e400, 2, 3, ""]')}, "page_token"),
        ({"page_token": forged(f'[20261201, 2, {2**63}, ""]')}, "page_token"),
        ({"page_token": forged("[" * 100_000)}, "page_token"),
        ({"handler": "judge-1\0"}, "handler"),
        ({"due_from": 20261301}, "due_from"),
        ({"as_of": 20260230}, "as_of"),
        ({"handler": "x" * 33}, "handler"),
    ],
)
async def test_a_wrong_question_is_told_its_field(
    tmp_path: Path, wrong: dict[str, object], field: str
) -> None:
    async with open_house(tmp_path) as house:
        error = await house.refused("ListNodes", request(**wrong))
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert (error.details() or "").startswith(f"{field}:")


async def test_a_token_of_another_question_is_refused(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await house.call("RegisterCase", registration(1))
        token = (await house.call("ListNodes", request(page_size=1))).next_page_token
        error = await house.refused("ListNodes", request(page_size=1, node=3, page_token=token))
        assert "same question" in (error.details() or "")
