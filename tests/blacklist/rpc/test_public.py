"""A portal looks up for people; an officer shows a person which units were told, and is recorded."""

from pathlib import Path
from typing import Any

import grpc

from chakong.blacklist.v1 import listings_pb2, screening_pb2
from chakong.blacklist.v1 import public_pb2 as pb
from chakong.type.v1 import type_pb2
from runtime.clock import now_ns
from tests.blacklist.house import House, adult, house
from tests.blacklist.rpc.test_listings import status_of

RESIDENT = type_pb2.ID_TYPE_RESIDENT_ID
CASE = "(2026)京0105执1号"


def mandate(case: str = CASE, **changes: Any) -> type_pb2.Mandate:
    return type_pb2.Mandate(**({"case_number": case, "instrument_number": "申请1"} | changes))


def asked(index: int = 1, address: str = "192.0.2.1", **changes: Any) -> pb.LookUpRequest:
    whom = adult(index)
    whom.MergeFrom(type_pb2.Subject(**changes))
    return pb.LookUpRequest(subject=whom, client_address=address)


async def screened(ours: House, name: str = "") -> None:
    """The railway was told of person 1, and it is written."""
    whom = adult(1)
    whom.name = name or whom.name
    await ours.unit.Screen(screening_pb2.ScreenRequest(subject=whom))
    await ours.alone.service.person.recording.write()


async def test_portal_is_told_of_who_is_listed_and_of_nobody_else(tmp_path: Path, url: str) -> None:
    async with house(tmp_path, url) as ours:
        await ours.list(adult(1), unperformed="付款")
        await ours.screened_at(1)
        found = await ours.portal.LookUp(asked())
        assert [(one.name, one.unperformed) for one in found.listings] == [("张**", "付款")]
        others = [await ours.portal.LookUp(asked(2)), await ours.portal.LookUp(asked(name="李四"))]
        assert [list(one.listings) for one in others] == [[], []]
        assert await ours.alone.service.person.recording.write()
        assert ours.alone.service.person.recording.written_count == 0


async def test_look_up_needs_both_and_an_address(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        for request in (
            asked(address="unknown"),
            asked(address=""),
            asked(id_number="110105194912310021"),
            pb.LookUpRequest(subject=type_pb2.Subject(id_type=RESIDENT, id_number=adult(1).id_number)),
            pb.LookUpRequest(subject=type_pb2.Subject(id_type=RESIDENT, name="张三1"), client_address="::1"),
        ):
            code, _ = await status_of(ours.portal.LookUp(request))
            assert code is grpc.StatusCode.INVALID_ARGUMENT
        code, _ = await status_of(ours.unit.LookUp(asked()))
        assert code is grpc.StatusCode.PERMISSION_DENIED


async def test_officer_shows_hits_and_checks_by_hand_with_unit_version_and_time(
    tmp_path: Path, url: str
) -> None:
    async with house(tmp_path, url) as ours:
        begun_ns = now_ns()
        one = (await ours.list(adult(1))).listing.listing_id
        await ours.screened_at(1)
        await screened(ours)
        await screened(ours, "李四")
        found = await ours.officer.HitsOf(pb.HitsOfRequest(subject=adult(1), mandate=mandate()))
        assert [(hit.listing_id, hit.unit, hit.version, hit.outcome) for hit in found.hits] == [
            (one, "railway", 1, screening_pb2.OUTCOME_CHECK_BY_HAND),
            (one, "railway", 1, screening_pb2.OUTCOME_LISTED),
        ]
        assert all(begun_ns < hit.at_ns <= now_ns() for hit in found.hits)
        assert found.next_page_token == ""


async def test_that_hits_were_shown_stands_in_the_history_once_a_day(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        one = (await ours.list(adult(1))).listing.listing_id
        for _ in range(2):
            await ours.officer.HitsOf(pb.HitsOfRequest(subject=adult(1), mandate=mandate()))
        whole = await ours.court.GetListing(listings_pb2.GetListingRequest(listing_id=one))
        shown = [line for line in whole.history if line.deed == listings_pb2.DEED_SHOW_HITS]
        assert [(line.actor, line.instrument_number) for line in shown] == [("officer-1", "申请1")]


async def test_pages_of_hits_go_on_and_belong_to_one_person(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await ours.list(adult(1))
        await ours.list(adult(2), "a2")
        await ours.screened_at(2)
        for _ in range(3):
            await screened(ours)
        request = pb.HitsOfRequest(subject=adult(1), mandate=mandate(), page_size=2)
        first = await ours.officer.HitsOf(request)
        request.page_token = first.next_page_token
        second = await ours.officer.HitsOf(request)
        assert (len(first.hits), len(second.hits), second.next_page_token) == (2, 1, "")
        times = [hit.at_ns for hit in (*first.hits, *second.hits)]
        assert times == sorted(times, reverse=True)
        request.subject.CopyFrom(adult(2))
        code, _ = await status_of(ours.officer.HitsOf(request))
        assert code is grpc.StatusCode.INVALID_ARGUMENT


async def test_hits_are_shown_by_an_officer_with_a_mandate_in_the_persons_case_alone(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await ours.list(adult(1))
        cases = (
            (ours.court, mandate(), adult(1), grpc.StatusCode.PERMISSION_DENIED, ""),
            (ours.unit, mandate(), adult(1), grpc.StatusCode.PERMISSION_DENIED, ""),
            (ours.officer, mandate(""), adult(1), grpc.StatusCode.FAILED_PRECONDITION, "no_mandate"),
            (
                ours.officer,
                mandate(instrument_number=""),
                adult(1),
                grpc.StatusCode.FAILED_PRECONDITION,
                "no_mandate",
            ),
            (ours.officer, mandate(officer_id="x"), adult(1), grpc.StatusCode.PERMISSION_DENIED, ""),
            (ours.officer, mandate("(2026)京0105执9号"), adult(1), grpc.StatusCode.NOT_FOUND, ""),
            (ours.officer, mandate(), adult(3), grpc.StatusCode.NOT_FOUND, ""),
            (
                ours.caller("chakong://officer/%E6%B2%AA0101/officer-1"),
                mandate(),
                adult(1),
                grpc.StatusCode.NOT_FOUND,
                "",
            ),
        )
        for caller, given, whom, code, rule in cases:
            found = await status_of(caller.HitsOf(pb.HitsOfRequest(subject=whom, mandate=given)))
            assert found == (code, rule)
