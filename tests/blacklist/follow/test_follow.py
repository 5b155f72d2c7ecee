"""A blacklist that follows a tracker, over real gRPC: events propose, officers decide."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from blacklist.follow.counts import Counts
from blacklist.follow.follow import Follow
from blacklist.store.desk import Desk
from blacklist.store.proposer import OUTCOMES
from chakong.blacklist.v1 import listings_pb2, proposals_pb2, screening_pb2
from chakong.tracker.v1 import case_pb2, tracker_pb2
from chakong.type.v1 import type_pb2
from runtime.calendar import date_of
from runtime.clock import now_ns
from runtime.settings_follow import FollowTracker
from tests.blacklist.house import House, adult, draft, house, until
from tests.patience import DEADLINE_S
from tests.tracker import calling
from tests.tracker.world import case_number, event, registration

CASE = case_number(1)
SUBJECT = adult(1)


def following(port: int, **settings: Any) -> FollowTracker:
    """How a blacklist follows the tracker at this port."""
    fast = {"backoff_base_ms": 10, "backoff_max_ms": 50}
    return FollowTracker(**{"address": f"127.0.0.1:{port}", "plaintext": True, **fast, **settings})


async def record(tracker: calling.House, made: case_pb2.Event) -> None:
    """As the court."""
    made.case_number = CASE
    await tracker.call("RecordEvent", tracker_pb2.RecordEventRequest(event=made))


def counts(ours: House) -> Counts:
    """What its follower did."""
    return ours.alone.service.follow.counts


async def proposals(ours: House) -> list[Any]:
    """All to the court."""
    return list((await ours.court.ListProposals(proposals_pb2.ListProposalsRequest())).proposals)


def termless(whom: type_pb2.Subject = SUBJECT) -> listings_pb2.CreateListingRequest:
    """A listing without a term, of the case."""
    return listings_pb2.CreateListingRequest(act_id="a1", draft=draft(whom, CASE, ground="able_but_refuses"))


async def outcome(ours: House) -> int:
    """Of screening the subject."""
    screened = await ours.unit.Screen(screening_pb2.ScreenRequest(subject=SUBJECT))
    return int(screened.finding.outcome)


async def test_performance_is_proposed_and_an_officer_removes(tmp_path: Path) -> None:
    async with (
        calling.open_house(tmp_path) as tracker,
        house(tmp_path, tracker=following(tracker.port)) as ours,
    ):
        await ours.court.CreateListing(termless())
        await ours.screened_at(1)
        await tracker.call("RegisterCase", registration(1))
        await record(tracker, event("claim_satisfied", date_of(now_ns())))
        await until(lambda: counts(ours).outcomes["removal"] == 1)
        # Those that have not come about are told too.
        assert counts(ours).outcomes.keys() == set(OUTCOMES)
        (told,) = await proposals(ours)
        assert (told.event_kind, told.listing_id, told.reason) == ("claim_satisfied", 1, "performed")
        assert await outcome(ours) == screening_pb2.OUTCOME_LISTED
        officer = ours.caller("chakong://officer/%E4%BA%AC0105/officer-7")
        request = proposals_pb2.AcceptProposalRequest(
            act_id="x", proposal_id=told.proposal_id, mandate=type_pb2.Mandate(instrument_number="d1")
        )
        accepted = await officer.AcceptProposal(request)
        assert accepted.proposal.decided_by == "officer-7"
        assert accepted.listing.listing.status == listings_pb2.LISTING_STATUS_REMOVED
        await ours.screened_at(2)
        assert await outcome(ours) == screening_pb2.OUTCOME_CLEAR


async def test_what_happened_while_it_was_away_is_proposed_once(tmp_path: Path) -> None:
    async with calling.open_house(tmp_path) as tracker:
        await tracker.call("RegisterCase", registration(1))
        async with house(tmp_path, tracker=following(tracker.port)) as ours:
            await ours.court.CreateListing(termless())
            await until(lambda: counts(ours).events == 2)
        await record(tracker, event("claim_satisfied", date_of(now_ns())))
        async with house(tmp_path, tracker=following(tracker.port)) as ours:
            await until(lambda: counts(ours).events == 1)
            assert len(await proposals(ours)) == 1
        async with house(tmp_path, tracker=following(tracker.port)) as ours:
            await record(tracker, event("money_received", date_of(now_ns()), thing="p1"))
            await until(lambda: counts(ours).events == 1)
            assert len(await proposals(ours)) == 1


async def test_two_processes_on_one_list_propose_once(tmp_path: Path) -> None:
    async with calling.open_house(tmp_path) as tracker:
        await tracker.call("RegisterCase", registration(1))
        whom = following(tracker.port)
        async with house(tmp_path, tracker=whom) as one, house(tmp_path, tracker=whom) as two:
            await one.court.CreateListing(termless())
            for index in range(10):
                await record(
                    tracker, event("money_received", date_of(now_ns()), f"m{index}", thing=f"p{index}")
                )
            await record(tracker, event("claim_satisfied", date_of(now_ns())))
            await until(lambda: counts(one).events + counts(two).events >= 13)
            assert len(await proposals(two)) == 1
            assert counts(one).outcomes["removal"] + counts(two).outcomes["removal"] == 1
            assert counts(one).events + counts(two).events == 13


async def test_tracker_that_is_away_is_looked_for_and_stops_nothing(tmp_path: Path) -> None:
    async with house(tmp_path, tracker=following(1)) as ours:
        await until(lambda: counts(ours).troubles["events"] >= 2)
        await ours.court.CreateListing(termless())
        await ours.screened_at(1)
        assert await outcome(ours) == screening_pb2.OUTCOME_LISTED


async def test_courts_take_turns_where_there_are_few_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.turns.QUIET_S", 0.005)
    async with calling.open_house(tmp_path) as tracker:
        await tracker.call("RegisterCase", registration(1))
        async with house(tmp_path, tracker=following(tracker.port, courts_at_once=1)) as ours:
            await ours.court.CreateListing(termless())
            await record(tracker, event("claim_satisfied", date_of(now_ns())))
            await until(lambda: counts(ours).outcomes["removal"] == 1)
            assert counts(ours).watching <= 1


async def test_nobody_is_followed_without_an_address() -> None:
    follow = Follow(FollowTracker(), Desk(1, lambda: None), proposer=None)  # type: ignore[arg-type]
    await asyncio.wait_for(follow.run(), DEADLINE_S)
    assert list(follow.figures()) == []
