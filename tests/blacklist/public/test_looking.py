"""Who has number and name is told all of his listing; everybody else the same, after the same steps."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from blacklist.model import Capacity, Kind, Listing, Subject
from blacklist.public.looking import ASKED_MAX, LISTINGS_MAX, Looking, until_due_ns
from chakong.blacklist.v1 import listings_pb2
from runtime.calendar import DAY_NS
from runtime.clock import now_ns
from runtime.errors import FullError, UnavailableError
from tests.blacklist.build import FIRM, NOON_NS, draft, person
from tests.blacklist.house import COURT, SUPERIOR, until
from tests.blacklist.public.world import loaded, looking, stranger
from tests.blacklist.store.world import World

ADDRESS = b"a"


async def test_listed_person_is_told_why_by_whom_until_when_and_how_to_object(engine: Engine) -> None:
    World(engine).enter(draft(unperformed="付款 80 元"))
    found = await looking(engine).look_up(person(), ADDRESS)
    (one,) = found.listings
    assert (found.version, one.kind) == (1, listings_pb2.LISTING_KIND_LISTED)
    assert (one.name, one.id_number) == ("张**", "1101*************8")
    assert (one.court_code, one.case_number) == (COURT, "(2026)京0105执1号")
    assert (one.ground, one.since, one.until) == ("evasion", 20261101, 20281101)
    assert one.ground_text.startswith("Evades")
    assert one.unperformed == "付款 80 元"
    how = one.how_to_object
    assert (how.basis, how.court_code, how.review_court_code) == ("arts 11-12", COURT, SUPERIOR)
    assert (how.decided_days, how.corrected_working_days) == (15, 3)
    assert (how.review_asked_days, how.review_decided_days) == (10, 15)


async def test_name_is_compared_as_screening_does(engine: Engine) -> None:
    World(engine).enter(draft(Subject(1, person().id_number, "阿不都·热合曼")))
    found = await looking(engine).look_up(stranger(person(), "阿不都热合曼"), ADDRESS)
    assert len(found.listings) == 1


async def test_restriction_is_shown_and_one_through_an_organisation_is_not(engine: Engine) -> None:
    world = World(engine)
    principal = world.enter(draft(FIRM))
    world.enter(draft(person(1), kind=Kind.RESTRICTED, ground=""))
    derived: dict[str, Any] = {"kind": Kind.DERIVED, "ground": "", "principal_id": principal}
    world.enter(draft(person(2), capacity=Capacity.ACTUAL_CONTROLLER, **derived))
    ours = looking(engine)
    restricted = (await ours.look_up(person(1), ADDRESS)).listings[0]
    assert (restricted.kind, restricted.ground_text) == (listings_pb2.LISTING_KIND_RESTRICTED, "")
    assert not (await ours.look_up(person(2), ADDRESS)).listings
    assert (ours.found_count, ours.none_count) == (1, 1)


async def test_removed_listing_is_not_shown_even_from_an_older_snapshot(engine: Engine) -> None:
    world = World(engine)
    gone, stays = world.enter(), world.enter(draft(case="(2026)京0105执2号"))
    before = loaded(world)
    world.remove(gone, "listed_in_error")
    for current in (lambda: before, lambda: loaded(world)):
        found = await looking(engine, current=current).look_up(person(), ADDRESS)
        assert [one.case_number for one in found.listings] == ["(2026)京0105执2号"]
    assert stays == 2


async def test_term_that_is_over_is_not_shown_before_it_was_ended(engine: Engine) -> None:
    World(engine).enter()
    late_ns = NOON_NS + 1_000 * DAY_NS
    assert not (await looking(engine, now_ns=lambda: late_ns).look_up(person(), ADDRESS)).listings


async def test_newest_are_shown_where_there_are_many(engine: Engine) -> None:
    world = World(engine)
    for number in range(LISTINGS_MAX + 2):
        world.enter(draft(case=f"(2026)京0105执{number}号"))
    found = await looking(engine).look_up(person(), ADDRESS)
    assert [one.case_number for one in found.listings] == [
        f"(2026)京0105执{number}号" for number in range(LISTINGS_MAX + 1, 1, -1)
    ]


async def test_own_listing_is_shown_beside_many_restrictions_through_organisations(engine: Engine) -> None:
    world = World(engine)
    world.enter(draft(case="his own"))
    for number in range(LISTINGS_MAX + 1):
        case = f"(2026)京0105执{number}号"
        principal = world.enter(draft(FIRM, case=case))
        given = draft(case=case, kind=Kind.DERIVED, ground="", principal_id=principal)
        world.enter(replace(given, capacity=Capacity.LEGAL_REPRESENTATIVE))
    found = await looking(engine).look_up(person(), ADDRESS)
    assert [one.case_number for one in found.listings] == ["his own"]


def three_who_are_not(engine: Engine) -> tuple[Subject, Subject, Subject]:
    """No such number; a number under another name; one that was listed and is no longer."""
    world = World(engine)
    world.enter(draft(person(1)))
    world.remove(world.enter(draft(person(2))), "listed_in_error")
    return person(9), stranger(person(1)), person(2)


async def test_who_is_not_is_answered_alike_by_the_same_statements(engine: Engine) -> None:
    asked = three_who_are_not(engine)
    ours = looking(engine)
    seen: list[tuple[str, int]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        seen.append((statement, len(parameters)))

    event.listen(engine, "before_cursor_execute", note)
    answers, statements = set(), []
    for whom in asked:
        seen.clear()
        answers.add((await ours.look_up(whom, ADDRESS)).SerializeToString(deterministic=True))
        statements.append(tuple(seen))
    event.remove(engine, "before_cursor_execute", note)
    assert len(answers) == 1
    assert len(set(statements)) == 1
    # SQLite says BEGIN itself.
    assert [count for _, count in statements[0] if count] == [ASKED_MAX]


class Nobody:
    """A reader that finds nothing."""

    def some(self, listing_ids: Sequence[int]) -> list[Listing]:
        assert len(listing_ids) == ASKED_MAX
        return []


def steps_of(ours: Looking, whom: Subject) -> list[tuple[str, str]]:
    """Every call and return of a look-up, up to where it waits for the database: what it does, counted and
    not timed."""
    steps: list[tuple[str, str]] = []

    def note(frame: FrameType, kind: str, called: Any) -> None:
        name = getattr(called, "__qualname__", "") if kind.startswith("c_") else frame.f_code.co_qualname
        steps.append((kind, name))

    sys.setprofile(note)
    try:
        listing_ids = ours.named(whom)
    finally:
        sys.setprofile(None)
    assert len(listing_ids) == ASKED_MAX
    return steps


def test_who_is_not_takes_the_same_steps(engine: Engine) -> None:
    asked = three_who_are_not(engine)
    ours = looking(engine, reader=Nobody())
    for whom in asked:
        steps_of(ours, whom)  # what is made once is made
    first, *others = [steps_of(ours, whom) for whom in asked]
    assert len(first) > 10
    assert others == [first, first]
    # One step more, for somebody who is, is seen.
    assert steps_of(ours, person(1)) != first


@given(st.integers(0, 1 << 62), st.integers(0, 10**12), st.integers(1, 10**10))
def test_answer_is_due_at_a_whole_number_of_intervals(begun: int, took: int, every: int) -> None:
    wait = until_due_ns(begun, begun + took, every)
    assert 0 <= wait < every
    assert (took + wait) % every == 0


async def test_answer_takes_an_interval_at_least_and_so_does_a_failure(engine: Engine) -> None:
    class Broken:
        def some(self, listing_ids: Sequence[int]) -> list[Listing]:
            raise UnavailableError("gone")

    loop = asyncio.get_running_loop()
    for reader in (Nobody(), Broken()):
        ours = looking(engine, reader=reader, now_ns=now_ns)
        begun = loop.time()
        try:
            await ours.look_up(person(), ADDRESS)
        except UnavailableError:
            assert isinstance(reader, Broken)
        assert loop.time() - begun >= 0.0009
        assert ours.open_count == 0


async def test_rates_hold_for_address_and_number(engine: Engine) -> None:
    ours = looking(engine, per_s=1)
    await ours.look_up(person(), ADDRESS)
    with pytest.raises(FullError) as raised:
        await ours.look_up(person(1), ADDRESS)
    assert 0 < raised.value.retry_ms <= 1_000


async def test_no_more_are_answered_at_a_time_than_allowed(engine: Engine) -> None:
    held = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Slow:
        def some(self, listing_ids: Sequence[int]) -> list[Listing]:
            asyncio.run_coroutine_threadsafe(held.wait(), loop).result(10)
            return []

    ours = looking(engine, reader=Slow(), at_once_max=1)
    first = asyncio.create_task(ours.look_up(person(), ADDRESS))
    await until(lambda: ours.open_count == 1)
    with pytest.raises(FullError):
        await ours.look_up(person(1), ADDRESS)
    held.set()
    assert not (await first).listings


async def test_nothing_is_answered_before_the_list_is_loaded(engine: Engine) -> None:
    with pytest.raises(UnavailableError):
        await looking(engine, current=lambda: None).look_up(person(), ADDRESS)
