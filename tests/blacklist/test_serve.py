"""The whole path over gRPC, beside the gateway and alone, and what happens when something is wrong."""

import asyncio
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from blacklist.rpc.service import LISTINGS, SCREENING, SERVICES
from blacklist.serve import Blacklist, open_database
from blacklist.store.entries import Entries
from chakong.blacklist.v1 import changes_pb2, listings_pb2, screening_pb2
from gateway.edge.journal import Journal
from gateway.edge.serve import Gateway
from runtime.alone import Alone
from runtime.calendar import DAY_NS
from runtime.clock import now_ns
from runtime.database import make_engine
from runtime.errors import StartError
from tests.blacklist.build import draft, person
from tests.blacklist.house import LOOK_EVERY_S, House, adult, config, house, until
from tests.blacklist.rpc.test_listings import status_of
from tests.blacklist.store.world import World
from tests.patience import DEADLINE_S

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def screen(ours: House, index: int) -> Any:
    return await ours.unit.Screen(screening_pb2.ScreenRequest(subject=adult(index)))


async def health_of(channel: grpc.aio.Channel, service: str) -> int:
    stub: Any = health_pb2_grpc.HealthStub(channel)
    response = await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=DEADLINE_S)
    return int(response.status)


async def health_is(channel: grpc.aio.Channel, service: str, wanted: int) -> None:
    """Return when it is. TimeoutError."""
    for _ in range(int(DEADLINE_S / LOOK_EVERY_S)):
        if await health_of(channel, service) == wanted:
            return
        await asyncio.sleep(LOOK_EVERY_S)
    raise TimeoutError


async def test_who_is_listed_is_found_and_who_is_removed_is_not(tmp_path: Path, url: str) -> None:
    async with house(tmp_path, url) as ours:
        view = await ours.list(adult(1))
        assert view.listing.status == listings_pb2.LISTING_STATUS_IN_FORCE
        one = view.listing.listing_id
        whole = await ours.court.GetListing(listings_pb2.GetListingRequest(listing_id=one))
        assert [act.deed for act in whole.history] == [listings_pb2.DEED_LIST]
        await ours.screened_at(1)
        screened = await screen(ours, 1)
        assert screened.finding.outcome == screening_pb2.OUTCOME_LISTED
        assert list(screened.finding.listing_ids) == [one]
        assert list(screened.finding.measures) == [28, 37]
        removal = listings_pb2.RemoveListingRequest(act_id="r1", listing_id=one, reason="listed_in_error")
        removed = await ours.court.RemoveListing(removal)
        assert removed.listing.status == listings_pb2.LISTING_STATUS_REMOVED
        await ours.screened_at(2)
        screened = await screen(ours, 1)
        assert (screened.finding.outcome, screened.version) == (screening_pb2.OUTCOME_CLEAR, 2)


async def test_list_is_there_again_after_a_restart(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        await ours.list(adult(1))
    async with house(tmp_path) as ours:
        screened = await screen(ours, 1)
        assert (screened.finding.outcome, screened.version) == (screening_pb2.OUTCOME_LISTED, 1)


async def test_what_another_process_lists_is_found(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        engine = make_engine(f"sqlite:///{tmp_path / 'journal.blacklist'}", is_source=True)
        await asyncio.to_thread(World(engine, now_ns()).enter, draft(person(1)))
        await ours.screened_at(1)
        assert (await screen(ours, 1)).finding.outcome == screening_pb2.OUTCOME_LISTED
        engine.dispose()


async def test_terms_that_are_over_are_ended_by_the_service(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'journal.blacklist'}", is_source=True)
    open_database(engine)
    long_ago = World(engine, now_ns() - 1_000 * DAY_NS)
    since = 20_180_101
    long_ago.now_ns = 1_514_800_000 * 10**9
    long_ago.enter(draft(person(1), since=since))
    engine.dispose()
    async with house(tmp_path, expire_every_s=0.01) as ours:
        await ours.screened_at(2)
        view = await ours.court.GetListing(listings_pb2.GetListingRequest(listing_id=1))
        assert view.listing.status == listings_pb2.LISTING_STATUS_EXPIRED
        assert view.history[-1].actor == "service"


async def test_refresh_that_fails_keeps_the_old_list_and_says_how_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path) as ours:
        await ours.list(adult(1))
        await ours.screened_at(1)

        def fail(*_given: object) -> object:
            raise OperationalError("SELECT", {}, Exception("gone"))

        monkeypatch.setattr(Entries, "since", fail)
        current = ours.alone.service.current
        assert current is not None
        await until(lambda: current.failure_count >= 2)
        first = await screen(ours, 1)
        second = await screen(ours, 1)
        assert first.finding.outcome == second.finding.outcome == screening_pb2.OUTCOME_LISTED
        assert first.as_of_ns == second.as_of_ns < now_ns()
        figures = {one.name: one.value for one in ours.alone.service.figures()}
        assert figures["chakong_blacklist_refreshes_failed_total"] >= 2
        assert figures["chakong_blacklist_snapshot_age_seconds"] > 0


async def test_database_that_is_gone_stops_acts_and_not_screening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blacklist.serve.LOOK_EVERY_S", LOOK_EVERY_S)
    is_there = False
    monkeypatch.setattr("blacklist.serve.takes", lambda _engine: is_there)
    async with house(tmp_path) as ours:
        await ours.list(adult(1))
        await ours.screened_at(1)
        service = ours.alone.service
        with service.engine.begin() as connection:
            connection.execute(text("ALTER TABLE counters RENAME TO counters_gone"))
        code, _ = await status_of(ours.list(adult(2), "a2"))
        assert code is grpc.StatusCode.UNAVAILABLE
        assert (await screen(ours, 1)).finding.outcome == screening_pb2.OUTCOME_LISTED
        assert not service.desk.is_available
        await health_is(ours.channel, LISTINGS, NOT_SERVING)
        healths = {name: await health_of(ours.channel, name) for name in SERVICES}
        assert healths == dict.fromkeys(SERVICES, NOT_SERVING) | {SCREENING: SERVING}
        with service.engine.begin() as connection:
            connection.execute(text("ALTER TABLE counters_gone RENAME TO counters"))
        assert (await ours.list(adult(2), "a2")).listing.listing_id == 2
        assert service.desk.is_available
        await health_is(ours.channel, LISTINGS, SERVING)


async def test_unit_that_never_acknowledges_is_in_metrics_and_lists(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'journal.blacklist'}", is_source=True)
    open_database(engine)
    world = World(engine, now_ns() - 60 * DAY_NS)
    world.remove(world.enter(draft(since=20260101)))
    engine.dispose()
    async with house(tmp_path, count_every_s=0.02) as ours:
        await ours.unit.Acknowledge(changes_pb2.AcknowledgeRequest(cursor=2))
        escalation = ours.alone.service.escalation
        await until(lambda: len(escalation.late) == 39)
        figures = {(one.name, one.labels): one.value for one in ours.alone.service.figures()}
        assert figures["chakong_blacklist_units_overdue", ()] == 39
        overdue = "chakong_blacklist_acknowledgements_overdue"
        assert [figures[overdue, (("unit", unit),)] for unit in ("railway", "moe")] == [0, 1]
        assert figures["chakong_blacklist_late_working_days", (("unit", "moe"),)] > 30
        late = await ours.operator.ListAcknowledgements(changes_pb2.ListAcknowledgementsRequest(overdue=True))
        assert len(late.acknowledgements) == 39
        assert "railway" not in {one.unit for one in late.acknowledgements}


async def test_every_service_tells_its_health(tmp_path: Path) -> None:
    async with house(tmp_path) as ours:
        assert [await health_of(ours.channel, name) for name in ("", *SERVICES)] == [SERVING] * (
            1 + len(SERVICES)
        )


async def test_database_that_cannot_be_opened_is_told_and_looked_for_again(tmp_path: Path) -> None:
    draining = asyncio.Event()
    service = Blacklist(config(tmp_path, "postgresql://nobody@127.0.0.1:1/none"), draining)
    told: list[tuple[str, bool]] = []
    has_told = asyncio.Event()

    async def tell_health(name: str, is_serving: bool) -> None:
        told.append((name, is_serving))
        has_told.set()

    running = asyncio.create_task(service.run(tell_health))
    async with asyncio.timeout(DEADLINE_S):
        await has_told.wait()
    assert told[0] == (SERVICES[0], False)
    assert service.current is None
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    service.close()


async def test_health_says_so_while_there_is_no_list(tmp_path: Path) -> None:
    alone = Alone(config(tmp_path, "postgresql://nobody@127.0.0.1:1/none"), Blacklist)
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    running = asyncio.create_task(alone.run(stop, port.set_result))
    try:
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.wait((running, port), return_when=asyncio.FIRST_COMPLETED)
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port.result()}") as channel:
                found = [await health_of(channel, name) for name in ("", *SERVICES)]
                assert found == [SERVING, *[NOT_SERVING] * len(SERVICES)]
    finally:
        stop.set()
        await asyncio.wait_for(running, DEADLINE_S)


async def test_url_that_cannot_be_used_is_a_fault_of_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"blacklist\.url"):
        Blacklist(config(tmp_path, f"sqlite:///{tmp_path}/none/list.db"), asyncio.Event())


async def test_beside_a_gateway_it_answers_at_the_same_port(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    gateway = Gateway(config(tmp_path), journal, beside=[Blacklist])
    await gateway.recover()
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    running = asyncio.create_task(gateway.run(stop, port.set_result))
    try:
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.wait((running, port), return_when=asyncio.FIRST_COMPLETED)
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port.result()}") as channel:
                names = ("chakong.gateway.v1.Gateway", *SERVICES)
                assert [await health_of(channel, name) for name in names] == [SERVING] * (1 + len(SERVICES))
    finally:
        stop.set()
        await asyncio.wait_for(running, DEADLINE_S)
        journal.close()
