"""Twists: a calm endpoint that gets one thing wrong fails the checks that are about it, and no other of their
section; and every check fails somewhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import hold_pb2 as holds
from conformance.entries import RARE
from conformance.fixture import Agreed, Fixture
from conformance.registry import CHECKS
from conformance.verdict import State
from tests.conformance.conftest import HUB
from tests.conformance.running import failed, section, verdicts
from tests.conformance.test_modes import BOOKS, ROLES
from tests.conformance.twisting import Twist, twisted

DONE, REFUSED = holds.CONTROL_OUTCOME_DONE, holds.CONTROL_OUTCOME_REFUSED
EFFECTIVE, QUEUED, ENDED = holds.HOLD_LIFE_EFFECTIVE, holds.HOLD_LIFE_QUEUED, holds.HOLD_LIFE_ENDED
FULL_BATCH_ENTRIES, FULL_BATCH_BYTES = 4_096, 1_000_000
ANSWER_S = 5.0


@dataclass(frozen=True, slots=True)
class Row:
    """What is wrong, in which section it is looked for, and what must fail there. `fixture`: what is changed
    in it before."""

    fault: str
    section: int
    fails: set[int]
    make: Callable[[Fixture], Twist]
    fixture: Callable[[Fixture], Fixture] = field(default=lambda fixture: fixture)


def describe(change: Callable[[Any], object]) -> Callable[[Fixture], Twist]:
    return lambda _: Twist("Describe", says=lambda _, response: change(response))


def stated(method: str, change: Callable[[Any], object]) -> Callable[[Fixture], Twist]:
    """On every hold that the method states."""

    def says(_: Any, response: Any) -> None:
        rows = response.receipts if method == "Control" else response.holds
        for row in rows:
            hold = row.hold if method == "Control" else row
            if hold.hold_id:
                change(hold)

    return lambda _: Twist(method, says=says)


def receipts(change: Callable[[Any, Any], object]) -> Callable[[Fixture], Twist]:
    """On each receipt, with its control."""

    def says(request: Any, response: Any) -> None:
        for control, receipt in zip(request.controls, response.receipts, strict=True):
            change(control, receipt)

    return lambda _: Twist("Control", says=says)


def lose_capability(response: Any) -> None:
    for one in response.capabilities:
        one.can_freeze = False


def has_no_items(batch: Any) -> bool:
    return not batch.entries[0].items


def clear_when(is_so: Callable[[Any], bool]) -> Callable[[Fixture], Twist]:
    def says(batch: Any, reply: Any) -> None:
        if is_so(batch):
            reply.ClearField("findings")

    return lambda _: Twist("Inquire", says=says)


def refuse_when(is_so: Callable[[Any], bool]) -> Callable[[Fixture], Twist]:
    def says(batch: Any, reply: Any) -> None:
        if is_so(batch):
            reply.CopyFrom(institution.Reply(batch_id=batch.id, refusal="not now"))

    return lambda _: Twist("Inquire", says=says)


def first_hello_for_ever(_: Fixture) -> Twist:
    return Twist("Inquire", drops=lambda batch, place: batch.id == 0 and place > 0)


def shared_books(fixture: Fixture) -> Twist:
    """Every institution of the hub finds what one of them keeps."""
    account = fixture.accounts.full

    def says(batch: Any, reply: Any) -> None:
        asked = batch.entries[0]
        if asked.subject == account.subject.message() and not asked.institutions and not reply.findings:
            found = reply.findings.add(
                institution=reply.answered[0].institutions[0], outcome=institution.OUTCOME_FOUND
            )
            found.records.add(
                item=account.item,
                locator=account.locator,
                holder_number=asked.subject.id_number,
                holder_name=asked.subject.name,
            )

    return Twist("Inquire", says=says)


def unsure_of_strangers(fixture: Fixture) -> Twist:
    def says(batch: Any, reply: Any) -> None:
        if batch.entries[0].subject == fixture.subjects.unknown.message():
            reply.findings.add(
                institution=reply.answered[0].institutions[0], outcome=institution.OUTCOME_AMBIGUOUS
            )

    return Twist("Inquire", says=says)


def other_holder(_: Fixture) -> Twist:
    def says(_: Any, reply: Any) -> None:
        for finding in reply.findings:
            for record in finding.records:
                record.holder_name += "某"

    return Twist("Inquire", says=says)


def more_available(_: Fixture) -> Twist:
    def says(_: Any, reply: Any) -> None:
        for finding in reply.findings:
            for record in finding.records:
                record.available_fen += 1

    return Twist("Inquire", says=says)


def deaf_to_items(fixture: Fixture) -> Twist:
    account = fixture.accounts.full

    def says(batch: Any, reply: Any) -> None:
        for place, asked in enumerate(batch.entries):
            if asked.items and account.item not in asked.items:
                found = reply.findings.add(
                    entry=place, institution=account.institution, outcome=institution.OUTCOME_FOUND
                )
                found.records.add(
                    item=account.item,
                    locator=account.locator,
                    holder_number=asked.subject.id_number,
                    holder_name=asked.subject.name,
                )

    return Twist("Inquire", says=says)


def refuses_repetition(_: Fixture) -> Twist:
    seen: set[int] = set()

    def says(batch: Any, reply: Any) -> None:
        if batch.id in seen:
            reply.CopyFrom(institution.Reply(batch_id=batch.id, refusal="was answered"))
        seen.add(batch.id)

    return Twist("Inquire", says=says)


def answers_notes(_: Fixture) -> Twist:
    def says(batch: Any, reply: Any) -> None:
        if batch.entries[0].kind == institution.KIND_NOTE:
            reply.findings[0].entry = 0

    return Twist("Inquire", says=says)


def broken_by_poison(_: Fixture) -> Twist:
    seen: list[bool] = []

    def says(batch: Any, reply: Any) -> None:
        if any(RARE in one.subject.name for one in batch.entries):
            seen.append(True)
        if seen:
            reply.CopyFrom(institution.Reply(batch_id=batch.id, refusal="the core system is broken"))

    return Twist("Inquire", says=says)


def slow_when_full(_: Fixture) -> Twist:
    """One after the other, each in time."""
    return Twist(
        "Inquire",
        delay_s=ANSWER_S * 0.4,
        is_slow=lambda batch: (
            len(batch.entries) >= FULL_BATCH_ENTRIES and batch.ByteSize() < FULL_BATCH_BYTES
        ),
    )


def numbered(_: Fixture) -> Twist:
    """No two receipts are the same."""
    count = iter(range(1_000_000))

    def says(_: Any, response: Any) -> None:
        for receipt in response.receipts:
            receipt.text = str(next(count))

    return Twist("Control", says=says)


def yields_to(refusal: int) -> Callable[[Fixture], Twist]:
    """What should be refused for this reason is said to be done."""

    def change(_: Any, receipt: Any) -> None:
        if refusal in (0, receipt.refusal):
            receipt.outcome, receipt.refusal = DONE, 0

    return receipts(change)


def clock(days: int) -> Callable[[Fixture], Twist]:
    def hears(request: Any) -> None:
        request.days += days

    return lambda _: Twist("Advance", hears=hears)


def cursor_in_text(_: Fixture) -> Twist:
    def says(request: Any, response: Any) -> None:
        for event in response.events:
            if event.kind == institution.HOLD_EVENT_KIND_PROMOTED:
                event.text = str(request.cursor)

    return Twist("PollEvents", says=says)


def never_sent(_: Fixture) -> Twist:
    """UNAVAILABLE, whatever it is."""
    unavailable = holds.CONTROL_OUTCOME_UNAVAILABLE
    return receipts(lambda _, receipt: setattr(receipt, "outcome", unavailable))(_)


def with_failing(name: str) -> Callable[[Fixture], Fixture]:
    """The test system's failing subject is one of whom it says something."""

    def change(fixture: Fixture) -> Fixture:
        subject = fixture.subjects.unknown if name == "unknown" else fixture.accounts.full.subject
        subjects = fixture.subjects.model_copy(update={"failing": subject})
        return fixture.model_copy(update={"subjects": subjects})

    return change


def shift(name: str, by: int, life: int = 0) -> Callable[[Any], None]:
    """Of holds in this state of life; 0: of all."""

    def change(hold: Any) -> None:
        if life in (0, hold.life):
            setattr(hold, name, getattr(hold, name) + by)

    return change


def put(name: str, value: object, life: int = 0) -> Callable[[Any], None]:
    def change(hold: Any) -> None:
        if life in (0, hold.life):
            setattr(hold, name, value)

    return change


def of_kind(kind: int, change: Callable[[Any], object]) -> Callable[[Any, Any], None]:
    """On the hold in receipts of this kind of control."""

    def apply(control: Any, receipt: Any) -> None:
        if control.kind == kind and receipt.HasField("hold"):
            change(receipt.hold)

    return apply


RELEASE, DEDUCT = holds.CONTROL_KIND_RELEASE, holds.CONTROL_KIND_DEDUCT


def transferred(_: Any, receipt: Any) -> None:
    if receipt.deducted_fen:
        receipt.deducted_fen += 1


def without_last(_: Any, response: Any) -> None:
    if len(response.holds) > 1:
        del response.holds[-1]


def without_ended(_: Any, response: Any) -> None:
    kept = [hold for hold in response.holds if hold.life != ENDED]
    del response.holds[:]
    response.holds.extend(kept)


def first_page_only(request: Any, response: Any) -> None:
    if request.page_size == 0:
        del response.holds[:]


ROWS = [
    Row("Describe leaves one out", 1, {101}, lambda fixture: Twist(
        "Describe", says=lambda _, response: response.capabilities.remove(
            next(one for one in response.capabilities if one.institution == fixture.institutions[0]))
    )),
    Row("Describe says it cannot freeze", 1, {102}, describe(lose_capability)),
    Row("a later first message is passed over", 1, {112}, first_hello_for_ever),
    Row("entries for some are not answered", 1, {113}, clear_when(lambda batch: len(batch.entries) == 2)),
    Row("a hub with one pot", 1, {114}, shared_books),
    Row("nothing is ever found", 2, {201, 202, 204, 207, 208}, clear_when(bool)),
    Row("another holder's name", 2, {201}, other_holder),
    Row("amounts that do not add up", 2, {202}, more_available),
    Row("of a stranger it is not sure", 2, {203}, unsure_of_strangers),
    Row("a failing core system is NONE", 2, {205}, clear_when(lambda _: False), with_failing("unknown")),
    Row("items are passed over", 2, {206}, deaf_to_items),
    Row("no items means none", 2, {207, 208}, clear_when(has_no_items)),
    Row("every reply comes twice", 3, {301}, lambda _: Twist("Inquire", copies=2)),
    Row("a batch that comes again is refused", 3, {302}, refuses_repetition),
    Row("too many entries, it says", 3, {303, 305}, refuse_when(
        lambda batch: len(batch.entries) >= FULL_BATCH_ENTRIES)),
    Row("too many bytes, it says", 3, {304}, refuse_when(lambda batch: batch.ByteSize() >= FULL_BATCH_BYTES)),
    Row("full batches one by one", 3, {305}, slow_when_full),
    Row("a NOTE is answered", 3, {306}, answers_notes),
    Row("a poison breaks it", 3, {307}, broken_by_poison),
    Row("never an outcome", 4, {401}, never_sent),
    Row("no two receipts are the same", 4, {403, 404, 405, 407}, numbered),
    Row("an id for two things", 4, {406}, yields_to(holds.CONTROL_REFUSAL_ID_REUSED)),
    Row("a RELEASE of nothing is done", 4, {409}, yields_to(holds.CONTROL_REFUSAL_NO_SUCH_HOLD)),
    Row("whole is not said", 5, {505, 508}, stated("Control", put("whole", False))),
    Row("a day too long", 5, {506}, stated("Control", shift("effective_until", 1, EFFECTIVE))),
    Row("everything is done", 5, {507, 509, 510, 511, 512, 513}, yields_to(0)),
    Row("nobody is said to wait", 6, {601, 606, 607}, stated("Control", put("life", EFFECTIVE, QUEUED))),
    Row("nobody is said to take effect", 6, {602, 605, 607, 608}, stated(
        "ListHolds", put("life", QUEUED, EFFECTIVE))),
    Row("a term that starts earlier", 6, {603}, stated("ListHolds", shift("effective_from", -1, EFFECTIVE))),
    Row("less than is left", 6, {604, 608}, stated("Control", shift("controlled_fen", -1, EFFECTIVE))),
    Row("a place too far behind", 6, {601, 605, 607}, stated("Control", shift("queue_position", 1, QUEUED))),
    Row("midnight a day early", 7, {701, 703}, clock(1)),
    Row("midnight a day late", 7, {701, 702, 703}, clock(-1)),
    Row("a RELEASE leaves a fen more", 8, {801, 802}, receipts(of_kind(RELEASE, shift("ceiling_fen", 1)))),
    Row("a RELEASE ends nothing", 8, {803}, receipts(of_kind(RELEASE, put("end", 0)))),
    Row("everything is done to a hold", 8, {804, 813, 814, 815, 816, 817}, yields_to(0)),
    Row("a fen more transferred", 8, {811, 812}, receipts(transferred)),
    Row("a version for ever", 9, {901, 902, 903, 905}, stated("Control", put("version", 7))),
    Row("books that say otherwise", 9, {903, 905}, stated("ListHolds", shift("ceiling_fen", 1, EFFECTIVE))),
    Row("an inquiry that knows of no hold", 9, {904}, more_available),
    Row("the last of a page is lost", 9, {911, 912}, lambda _: Twist("ListHolds", says=without_last)),
    Row("no page without a size", 9, {912}, lambda _: Twist("ListHolds", says=first_page_only)),
    Row("what has ended is forgotten", 9, {913}, lambda _: Twist("ListHolds", says=without_ended)),
    Row("one list for all", 9, {914}, lambda fixture: Twist(
        "ListHolds", hears=lambda request: setattr(
            request, "institution", fixture.accounts.full.institution))),
    Row("another event for another cursor", 9, {922, 929}, cursor_in_text),
    Row("Follow, and yet not", 9, {930}, describe(lambda response: setattr(response, "can_follow", False))),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fault)
def test_what_is_wrong_fails_its_checks_and_no_other(calm: str, fixture: Fixture, row: Row) -> None:
    hasty = Agreed(**fixture.agreed.model_dump() | {"answer_s": ANSWER_S, "outcome_s": 0.2, "event_s": 0.3})
    changed = row.fixture(fixture.model_copy(update={"agreed": hasty}))
    with twisted(calm, HUB, row.make(changed)) as address:
        found = verdicts(address, changed, section(row.section))
    assert {number: found[number] for number in failed(found) ^ row.fails} == {}


def test_every_check_fails_somewhere() -> None:
    seen = {number for row in ROWS for number in row.fails}
    seen.update(*(mode.fails for mode in (*BOOKS.values(), *ROLES.values())))
    assert {check.number for check in CHECKS} - seen == set()


def test_a_proxy_that_changes_nothing_is_not_seen(calm: str, fixture: Fixture) -> None:
    """Else a row might fail for the proxy's sake."""
    with twisted(calm, HUB, Twist("")) as address:
        assert failed(verdicts(address, fixture)) == set()


def test_a_failing_core_system_that_is_said_to_be_unavailable_passes(calm: str, fixture: Fixture) -> None:
    failing = with_failing("unknown")(fixture)

    def says(batch: Any, reply: Any) -> None:
        if batch.entries[0].subject == fixture.subjects.unknown.message():
            for answered in reply.answered:
                for one in answered.institutions:
                    reply.findings.add(institution=one, outcome=institution.OUTCOME_UNAVAILABLE)

    with twisted(calm, HUB, Twist("Inquire", says=says)) as address:
        assert verdicts(address, failing, {205})[205].state is State.PASSED
