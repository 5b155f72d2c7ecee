"""A unit and a service: the set is fetched, kept up to date, and a hit confirmed."""

import asyncio
from pathlib import Path

import pytest

from blacklist.offline.client import OfflineOutcome, OfflineSet
from blacklist.offline.errors import TamperedError
from blacklist.offline.fetch import Fetcher
from blacklist.offline.folder import Folder, Trust
from chakong.blacklist.v1 import listings_pb2, screening_pb2
from runtime.clock import now_ns
from tests.blacklist.house import adult, house
from tests.blacklist.offline.sets import PUBLIC_KEY
from tests.blacklist.rpc.test_offline import signing_key

TRUST = Trust(PUBLIC_KEY, "railway")


def outcome(offline: OfflineSet, index: int) -> OfflineOutcome:
    person = adult(index)
    return offline.check(person.id_type, person.id_number, person.name, now_ns()).outcome


async def test_listed_person_is_found_confirmed_and_gone_after_removal(tmp_path: Path) -> None:
    kept = tmp_path / "unit"
    kept.mkdir()
    async with house(tmp_path, signing_key=signing_key(tmp_path)) as ours:
        view = await ours.list(adult(1))
        await ours.screened_at(1)
        fetcher = Fetcher(ours.channel, ours.unit.metadata)
        sealed = await fetcher.snapshot()
        key = await fetcher.key(sealed, PUBLIC_KEY)
        folder = Folder(kept, TRUST)
        offline = await asyncio.to_thread(folder.put_snapshot, sealed, key, now_ns())
        assert outcome(offline, 1) is OfflineOutcome.CONFIRM_LISTED
        assert outcome(offline, 2) is OfflineOutcome.CLEAR
        confirmed = await fetcher.confirm(adult(1))
        assert confirmed.finding.outcome == screening_pb2.OUTCOME_LISTED

        removal = listings_pb2.RemoveListingRequest(
            act_id="r1", listing_id=view.listing.listing_id, reason="performed", instrument_number="x"
        )
        await ours.court.RemoveListing(removal)
        await ours.list(adult(2), act_id="a2", case="(2026)京0105执2号")
        await ours.screened_at(3)
        delta = await fetcher.delta(offline)
        offline = await asyncio.to_thread(folder.put_delta, offline, delta, now_ns())
        assert (outcome(offline, 1), outcome(offline, 2)) == (
            OfflineOutcome.CLEAR,
            OfflineOutcome.CONFIRM_LISTED,
        )
        assert offline.freshness.version == 3
        reopened = await asyncio.to_thread(folder.open, key)
        assert outcome(reopened, 2) is OfflineOutcome.CONFIRM_LISTED


async def test_no_key_is_asked_for_to_what_the_service_did_not_sign(tmp_path: Path) -> None:
    async with house(tmp_path, signing_key=signing_key(tmp_path)) as ours:
        fetcher = Fetcher(ours.channel, ours.unit.metadata)
        sealed = await fetcher.snapshot()
        with pytest.raises(TamperedError):
            await fetcher.key(sealed[:-1] + b"x", PUBLIC_KEY)
