"""House: a blacklist alone at a port, its callers, and people to list."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from blacklist import serve
from chakong.blacklist.v1 import (
    changes_pb2_grpc,
    listings_pb2,
    listings_pb2_grpc,
    proposals_pb2_grpc,
    public_pb2_grpc,
    screening_pb2_grpc,
)
from chakong.type.v1 import type_pb2
from runtime.alone import Alone
from runtime.config import Config
from runtime.identity import PLAINTEXT_METADATA_KEY
from runtime.settings import Blacklist, Journal, Listen, Metrics
from runtime.settings_follow import FollowTracker
from runtime.settings_public import Public
from tests.patience import DEADLINE_S

LOOK_EVERY_S = 0.005
COURT = "京0105"
SUPERIOR = "京"
GROUND = "evasion"


def adult(index: int = 0, born: int = 19800101) -> type_pb2.Subject:
    """A person with a number of their own."""
    return type_pb2.Subject(
        id_type=type_pb2.ID_TYPE_RESIDENT_ID, id_number=resident_number(index, born), name=f"张三{index}"
    )


def resident_number(index: int, born: int = 19800101) -> str:
    """A number with a right check character (GB 11643)."""
    first = f"110105{born}{index % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    rest = sum(int(digit) * weight for digit, weight in zip(first, weights, strict=True)) % 11
    return first + "10X98765432"[rest]


def firm() -> type_pb2.Subject:
    """An organisation."""
    return type_pb2.Subject(
        id_type=type_pb2.ID_TYPE_CREDIT_CODE, id_number="91350100M000100Y43", name="某某有限公司"
    )


def draft(
    whom: type_pb2.Subject | None = None, case: str = "(2026)京0105执1号", **changes: Any
) -> listings_pb2.ListingDraft:
    """A listing that is in order."""
    found = listings_pb2.ListingDraft(
        kind=listings_pb2.LISTING_KIND_LISTED,
        subject=whom or adult(),
        ground=GROUND,
        mandate=type_pb2.Mandate(
            case_number=case,
            instrument_number="(2026)京0105执1号之一",
            instrument_kind=type_pb2.INSTRUMENT_KIND_RULING,
            officer_id="officer-1",
            debtor_role=type_pb2.DEBTOR_ROLE_JUDGMENT_DEBTOR,
        ),
    )
    found.MergeFrom(listings_pb2.ListingDraft(**changes))
    if found.kind != listings_pb2.LISTING_KIND_LISTED:
        # A restriction has none, unless a test says so.
        found.ground = changes.get("ground", "")
    return found


class Caller:
    """Somebody who calls the services."""

    def __init__(self, channel: grpc.aio.Channel, uri: str) -> None:
        self.metadata = ((PLAINTEXT_METADATA_KEY, uri),)
        self._stubs: tuple[Any, ...] = (
            listings_pb2_grpc.ListingsStub(channel),
            screening_pb2_grpc.ScreeningStub(channel),
            changes_pb2_grpc.ChangesStub(channel),
            proposals_pb2_grpc.ProposalsStub(channel),
            public_pb2_grpc.PublicStub(channel),
        )

    def __getattr__(self, method: str) -> Callable[..., Any]:
        found = next(getattr(stub, method) for stub in self._stubs if hasattr(stub, method))

        def call(request: Any) -> Any:
            return found(request, metadata=self.metadata, timeout=DEADLINE_S)

        return call


class House:
    """A blacklist that serves, and its callers."""

    def __init__(self, alone: Alone[serve.Blacklist], channel: grpc.aio.Channel) -> None:
        self.alone = alone
        self.channel = channel
        self.court = Caller(channel, "chakong://court/%E4%BA%AC0105")
        self.superior = Caller(channel, "chakong://court/%E4%BA%AC")
        self.unit = Caller(channel, "chakong://unit/railway")
        self.operator = Caller(channel, "chakong://operator/a")
        self.officer = Caller(channel, "chakong://officer/%E4%BA%AC0105/officer-1")
        self.portal = Caller(channel, "chakong://service/portal")

    def caller(self, uri: str) -> Caller:
        """Somebody else."""
        return Caller(self.channel, uri)

    async def list(self, whom: type_pb2.Subject | None = None, act_id: str = "a1", **changes: Any) -> Any:
        """A listing, made."""
        request = listings_pb2.CreateListingRequest(act_id=act_id, draft=draft(whom, **changes))
        return await self.court.CreateListing(request)

    async def screened_at(self, version: int) -> None:
        """Return when screening answers from this version or a later one."""

        def is_there() -> bool:
            current = self.alone.service.current
            return bool(current and current.snapshot and current.snapshot.version >= version)

        await until(is_there)


async def until(is_so: Callable[[], bool]) -> None:
    """Return when it is so. TimeoutError."""
    for _ in range(int(DEADLINE_S / LOOK_EVERY_S)):
        if is_so():
            return
        await asyncio.sleep(LOOK_EVERY_S)
    raise TimeoutError


def config(folder: Path, url: str = "", public: Public | None = None, **blacklist: Any) -> Config:
    """At a free port, plaintext."""
    return Config(
        listen=Listen(address="127.0.0.1:0", plaintext=True),
        journal=Journal(path=folder / "journal"),
        metrics=Metrics(address=""),
        blacklist=Blacklist(url=url, **({"refresh_s": 0.05} | blacklist)),
        public=public or Public(),
    )


@asynccontextmanager
async def house(
    folder: Path,
    url: str = "",
    public: Public | None = None,
    tracker: FollowTracker | None = None,
    **blacklist: Any,
) -> AsyncIterator[House]:
    """A house that is open, with an empty list unless there was one in the folder. `tracker`: whom it
    follows."""
    settings = config(folder, url, public, **blacklist)
    if tracker is not None:
        settings = settings.model_copy(update={"follow_tracker": tracker})
    alone = Alone(settings, serve.Blacklist)
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    running = asyncio.create_task(alone.run(stop, port.set_result))
    await asyncio.wait((running, port), timeout=DEADLINE_S, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        await running
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port.result()}") as channel:
        found = House(alone, channel)
        try:
            await found.screened_at(0)
            yield found
        finally:
            stop.set()
            await asyncio.wait_for(running, DEADLINE_S)
