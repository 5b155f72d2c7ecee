"""Units follow the list by cursor, see what concerns them, and acknowledge."""

from pathlib import Path

import grpc

from chakong.blacklist.v1 import changes_pb2 as pb
from chakong.blacklist.v1 import listings_pb2
from tests.blacklist.house import House, adult, draft, firm, house
from tests.blacklist.rpc.test_listings import status_of


async def filled(ours: House) -> None:
    """A firm with its representative, of whom the firm is listed, and a person who was removed."""
    principal = (await ours.list(firm(), "firm", ground="evasion")).listing.listing_id
    given = draft(
        adult(1),
        kind=listings_pb2.LISTING_KIND_DERIVED,
        principal_id=principal,
        capacity=listings_pb2.CAPACITY_LEGAL_REPRESENTATIVE,
    )
    await ours.court.CreateListing(listings_pb2.CreateListingRequest(act_id="derived", draft=given))
    one = (await ours.list(adult(2), "person")).listing.listing_id
    removal = listings_pb2.RemoveListingRequest(act_id="r", listing_id=one, reason="listed_in_error")
    await ours.court.RemoveListing(removal)


async def test_unit_sees_listings_and_those_restrictions_that_bind_it(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await filled(ours)
        seen = await ours.unit.ListChanges(pb.ListChangesRequest())
        assert [(one.cursor, one.kind, one.listing_kind) for one in seen.changes] == [
            (1, pb.CHANGE_KIND_ADDED, listings_pb2.LISTING_KIND_LISTED),
            (2, pb.CHANGE_KIND_ADDED, listings_pb2.LISTING_KIND_DERIVED),
            (3, pb.CHANGE_KIND_ADDED, listings_pb2.LISTING_KIND_LISTED),
            (4, pb.CHANGE_KIND_REMOVED, listings_pb2.LISTING_KIND_LISTED),
        ]
        assert [list(one.measures) for one in seen.changes] == [[28, 37], [28], [28, 37], [28, 37]]
        assert seen.changes[3].deed == listings_pb2.DEED_REMOVE
        assert seen.changes[3].subject == adult(2)
        prosecutors = ours.caller("chakong://unit/spp")
        seen = await prosecutors.ListChanges(pb.ListChangesRequest())
        assert [one.cursor for one in seen.changes] == [1, 3, 4]
        assert (seen.cursor, seen.complete) == (4, True)


async def test_pages_go_on_after_the_cursor(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await filled(ours)
        prosecutors = ours.caller("chakong://unit/spp")
        first = await prosecutors.ListChanges(pb.ListChangesRequest(page_size=2))
        assert ([one.cursor for one in first.changes], first.cursor, first.complete) == ([1], 2, False)
        second = await prosecutors.ListChanges(pb.ListChangesRequest(after_cursor=2, page_size=3))
        assert ([one.cursor for one in second.changes], second.cursor, second.complete) == ([3, 4], 4, True)
        last = await prosecutors.ListChanges(pb.ListChangesRequest(after_cursor=4))
        assert (list(last.changes), last.cursor, last.complete) == ([], 4, True)


async def test_acknowledgement_is_kept_and_shown(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await filled(ours)
        done = await ours.unit.Acknowledge(
            pb.AcknowledgeRequest(
                cursor=4, exceptions=[pb.FailedChange(cursor=4, failure=pb.FAILURE_OWN_SYSTEM)]
            )
        )
        assert (done.acknowledgement.cursor, done.acknowledgement.open_removals) == (4, 1)
        done = await ours.unit.Acknowledge(pb.AcknowledgeRequest(cursor=4))
        assert done.acknowledgement.open_removals == 0
        whole = await ours.operator.ListAcknowledgements(pb.ListAcknowledgementsRequest())
        open_removals = {one.unit: one.open_removals for one in whole.acknowledgements}
        assert len(open_removals) == 40
        assert open_removals["railway"] == 0
        assert set(open_removals.values()) == {0, 1}
        own = await ours.unit.ListAcknowledgements(pb.ListAcknowledgementsRequest())
        assert [one.unit for one in own.acknowledgements] == ["railway"]
        late = await ours.operator.ListAcknowledgements(pb.ListAcknowledgementsRequest(overdue=True))
        assert list(late.acknowledgements) == []


async def test_cursor_beyond_the_last_change_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await filled(ours)
        ahead = ours.unit.ListChanges(pb.ListChangesRequest(after_cursor=5))
        assert (await status_of(ahead))[0] is grpc.StatusCode.OUT_OF_RANGE


async def test_what_cannot_be_is_not_acknowledged(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        ahead = ours.unit.Acknowledge(pb.AcknowledgeRequest(cursor=1))
        assert (await status_of(ahead))[0] is grpc.StatusCode.OUT_OF_RANGE
        beyond = ours.unit.Acknowledge(
            pb.AcknowledgeRequest(cursor=0, exceptions=[pb.FailedChange(cursor=1, failure=pb.FAILURE_OTHER)])
        )
        assert (await status_of(beyond))[0] is grpc.StatusCode.INVALID_ARGUMENT


async def test_who_is_no_unit_any_more_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        former = ours.caller("chakong://unit/saic")
        code, _ = await status_of(former.ListChanges(pb.ListChangesRequest()))
        assert code is grpc.StatusCode.PERMISSION_DENIED
