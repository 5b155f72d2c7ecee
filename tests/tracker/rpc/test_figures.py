"""Statistics and their series over gRPC: who sees whose, and what the public form leaves out."""

from pathlib import Path

import grpc

from chakong.tracker.v1 import case_pb2, tracker_pb2
from runtime import requests
from runtime.identity import Role
from tests.tracker.calling import House, called_as, open_house
from tests.tracker.world import OTHERS, OURS, registration

OPERATOR = called_as(Role.OPERATOR, "", "desk")


async def registered(house: House, count: int) -> None:
    request = tracker_pb2.RegisterCasesRequest(registrations=[registration(one) for one in range(count)])
    (got,) = await house.bulk("RegisterCases", [request])
    assert got.registered + got.repeated == count


def asked(**fields: object) -> tracker_pb2.GetStatisticsRequest:
    return tracker_pb2.GetStatisticsRequest(as_of=20261123, **fields)  # type: ignore[arg-type]


async def test_a_court_sees_its_own_figures(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await registered(house, 12)
        theirs = called_as(court=OTHERS)
        await house.call("RegisterCase", registration(99, court=OTHERS), theirs)
        answer = await house.call("GetStatistics", asked())
        by_node = {row.node: row for row in answer.figures}
        assert (by_node[1].done, by_node[1].in_time, by_node[1].days_mean) == (12, 12, 1.0)
        assert (by_node[2].open, by_node[2].overdue, by_node[2].overdue_1_month) == (12, 12, 0)
        assert {row.court_code for row in answer.figures} == {OURS}
        assert by_node[1].level == case_pb2.COURT_LEVEL_BASIC
        error = await house.refused("GetStatistics", asked(court_code=OTHERS))
        assert error.code() is grpc.StatusCode.PERMISSION_DENIED
        whole = await house.call("GetStatistics", asked(), OPERATOR)
        assert {row.court_code for row in whole.figures} == {OURS, OTHERS}


async def test_figures_in_pages_are_those_that_stood_with_the_first(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await registered(house, 3)
        theirs = called_as(court=OTHERS)
        await house.call("RegisterCase", registration(99, court=OTHERS), theirs)
        whole = await house.call("GetStatistics", asked(), OPERATOR)
        assert not whole.next_page_token
        request, found = asked(page_size=5), list[tracker_pb2.NodeFigures]()
        sizes: list[int] = []
        while not sizes or request.page_token:
            page = await house.call("GetStatistics", request, OPERATOR)
            assert (page.as_of, page.law_version) == (whole.as_of, whole.law_version)
            found += page.figures
            sizes.append(len(page.figures))
            request.page_token = page.next_page_token
            # What comes meanwhile is in none of the pages.
            await registered(house, 3 + len(sizes))
        assert found == list(whole.figures)
        assert set(sizes[:-1]) == {5}
        assert len(sizes) > 2


async def test_a_token_that_was_not_given_out_is_refused(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await registered(house, 1)
        token = (await house.call("GetStatistics", asked(page_size=1))).next_page_token
        question = f"{Role.COURT}\n{OURS}\nFalse\n20261123".encode()
        number = requests.page_text(token, question).split()[0]
        for wrong in (
            asked(page_size=20_001),
            asked(page_token="nonsense"),  # noqa: S106
            asked(page_token=requests.text_token(question, "0 1")),
            asked(page_token=requests.text_token(question, f"{number} 100000")),
            asked(page_token=requests.text_token(question, f"{number} -1")),
            asked(page_token=requests.text_token(question, f"{int(number) + 1} 1")),
            tracker_pb2.GetStatisticsRequest(page_token=token),
        ):
            error = await house.refused("GetStatistics", wrong)
            assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
            assert (error.details() or "").startswith("page_")
        error = await house.refused("GetStatistics", asked(page_token=token), called_as(court=OTHERS))
        assert (error.details() or "").startswith("page_token")


async def test_the_public_form_leaves_out_small_counts(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await registered(house, 12)
        theirs = called_as(court=OTHERS)
        await house.call("RegisterCase", registration(99, court=OTHERS), theirs)
        answer = await house.call(
            "GetStatistics", tracker_pb2.GetStatisticsRequest(court_code=OTHERS, public=True)
        )
        of_one = {row.node: row for row in answer.figures}
        assert not of_one[1].HasField("done")
        assert not of_one[1].HasField("days_mean")
        assert not of_one[2].HasField("open")
        answer = await house.call("GetStatistics", tracker_pb2.GetStatisticsRequest(public=True))
        by_node = {row.node: row for row in answer.figures}
        assert (by_node[1].done, by_node[2].overdue) == (12, 12)
        # Of two days one could reckon what was due on the first.
        error = await house.refused("GetStatistics", asked(public=True))
        assert (error.details() or "").startswith("as_of:")


async def test_the_series_goes_page_by_page(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        series = house.alone.service.series
        await house.until(lambda: series.point_count > 0)
        for count in (1, 2, 3):
            await registered(house, count)
            series.take(1_000 * count)
        request = tracker_pb2.ListSeriesRequest(node=2, page_size=2, until_ns=10_000)
        page = await house.call("ListSeries", request)
        assert [(point.at_ns, point.figures.open) for point in page.points] == [(1_000, 1), (2_000, 2)]
        request.page_token = page.next_page_token
        rest = await house.call("ListSeries", request)
        assert [point.at_ns for point in rest.points] == [3_000]
        assert not rest.next_page_token
        beyond = requests.text_token(f"{OURS}\n2\n0\n10000".encode(), f"{2**63} 1")
        for wrong in (
            tracker_pb2.ListSeriesRequest(),
            tracker_pb2.ListSeriesRequest(node=38),
            tracker_pb2.ListSeriesRequest(node=2, until_ns=10_000, page_token=beyond),
        ):
            error = await house.refused("ListSeries", wrong)
            assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        error = await house.refused("ListSeries", request, OPERATOR)
        assert "court_code" in (error.details() or "")
