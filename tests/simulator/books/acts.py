"""Controls, and a small bank with a few accounts, for the tests of the books."""

from dataclasses import replace

from chakong.institution.v1 import institution_pb2
from chakong.institution.v1.institution_pb2 import Control, ControlReceipt, HoldEvent
from chakong.type.v1 import hold_pb2, type_pb2
from simulator.books.books import Books, Opening
from simulator.books.law import Law
from simulator.books.orders import Ability
from simulator.books.property import Holder

LAW = Law.load()
# 2026-03-31, 10:00 in Beijing.
NOW_NS = 1_774_922_400_000_000_000
DAY_NS = 86_400_000_000_000
BANK, WEAK_BANK, REGISTRY = 5, 6, 7
COURT, PAYEE = "京0105", "1101050000000001"
OTHER_COURT = "沪0101"
HOLDER = Holder(type_pb2.ID_TYPE_CREDIT_CODE, "91330106MA2B1C3D4E", "远大实业有限公司")
LOCATOR, CAR = "62001", "牌照1"
FREEZE, RENEW = hold_pb2.CONTROL_KIND_FREEZE, hold_pb2.CONTROL_KIND_RENEW
RELEASE, DEDUCT = hold_pb2.CONTROL_KIND_RELEASE, hold_pb2.CONTROL_KIND_DEDUCT
DONE, REFUSED = hold_pb2.CONTROL_OUTCOME_DONE, hold_pb2.CONTROL_OUTCOME_REFUSED
QUEUED, EFFECTIVE = hold_pb2.HOLD_LIFE_QUEUED, hold_pb2.HOLD_LIFE_EFFECTIVE
ENDED = hold_pb2.HOLD_LIFE_ENDED
ACCOUNT = Opening(BANK, 1, LOCATOR, HOLDER, "general_settlement")
THING = Opening(REGISTRY, 14, CAR, HOLDER, "car")


def bank(balance_fen: int = 0, **changes: object) -> Books:
    """One account with so much in it, and one car, of HOLDER; the account changed as said."""
    books = Books(
        {BANK: Ability(True, True), WEAK_BANK: Ability(True, False), REGISTRY: Ability(True, False)}, LAW
    )
    books.open(replace(ACCOUNT, balance_fen=balance_fen, **changes), NOW_NS)  # type: ignore[arg-type]
    books.open(THING, NOW_NS)
    return books


def control(control_id: int, kind: int, court: str = COURT, **fields: object) -> Control:
    mandate = type_pb2.Mandate(
        court_code=court,
        case_number="(2026)京0105执1号",
        instrument_number="裁定1号",
        instrument_kind=type_pb2.INSTRUMENT_KIND_RULING,
        officer_id="0105001",
        debtor_role=type_pb2.DEBTOR_ROLE_JUDGMENT_DEBTOR,
    )
    return Control(control_id=control_id, kind=kind, mandate=mandate, notice_number="通知1号", **fields)  # type: ignore[arg-type]


def freeze(hold_id: int, ceiling_fen: int = 0, months: int = 12, court: str = COURT,
           opening: Opening = ACCOUNT, holder: Holder = HOLDER) -> Control:  # fmt: skip
    """On the whole when there is no ceiling."""
    place = hold_pb2.Property(institution=opening.institution, item=opening.item, locator=opening.locator)
    subject = type_pb2.Subject(id_type=holder.id_type, id_number=holder.id_number, name=holder.name)  # type: ignore[arg-type]
    return control(
        hold_id, FREEZE, court, hold_id=hold_id, subject=subject, property=place,
        ceiling_fen=ceiling_fen, whole=not ceiling_fen, months=months,
    )  # fmt: skip


def renew(control_id: int, hold_id: int, months: int = 12) -> Control:
    return control(control_id, RENEW, hold_id=hold_id, months=months)


def release(control_id: int, hold_id: int, ceiling_fen: int = 0) -> Control:
    """Whole when nothing stays."""
    return control(control_id, RELEASE, hold_id=hold_id, ceiling_fen=ceiling_fen, whole=not ceiling_fen)


def deduct(control_id: int, hold_id: int, amount_fen: int = 0, payee: str = PAYEE) -> Control:
    """All that is controlled when no amount is said."""
    return control(
        control_id, DEDUCT, hold_id=hold_id, amount_fen=amount_fen, whole=not amount_fen, payee_account=payee
    )


def refusal(receipt: ControlReceipt) -> str:
    """Its name, "" when it was not refused."""
    if receipt.outcome != REFUSED:
        return ""
    return hold_pb2.ControlRefusal.Name(receipt.refusal).removeprefix("CONTROL_REFUSAL_")


def events(books: Books, cursor: int = 0) -> list[tuple[str, int]]:
    """Kind and hold of all events after the cursor."""
    found = books.events_after(cursor, 1_000)
    assert [event.seq for event in found] == list(range(cursor + 1, cursor + 1 + len(found)))
    return [(kind_of(event), event.hold.hold_id) for event in found]


def kind_of(event: HoldEvent) -> str:
    return institution_pb2.HoldEventKind.Name(event.kind).removeprefix("HOLD_EVENT_KIND_")
