"""Facts: what stands in a fact, as the ledger's own values. Used on replay.

Each field of a message costs more to read than all that is done with it, so every one is read once.
"""

from chakong.journal.v1 import ledger_pb2
from gateway.directory import Directory
from gateway.holds.model import NONE, RELEASE, Control, Origin, Property, Subject
from runtime._wire import message as encoded


def control_of(fact: ledger_pb2.Ordered, now_ns: int) -> Control:
    """The control that was taken."""
    message = fact.control
    kind = message.kind
    is_release = kind == RELEASE
    return Control(
        message.control_id,
        message.hold_id,
        kind,
        fact.court_code,
        fact.order_id,
        fact.content_hash,
        fact.requested_fen,
        message.whole,
        fact.keep_fen if is_release and fact.HasField("keep_fen") else NONE,
        message.months,
        is_release and fact.urgent,
        fact.reason if is_release else "",
        fact.cause,
        message.mandate.officer_id,
        fact.ordered_by,
        fact.waits_for_approval,
        now_ns,
        encoded(1, message.SerializeToString()),
    )


def origin_of(fact: ledger_pb2.Ordered, directory: Directory, now_ns: int) -> Origin:
    """The hold that a FREEZE makes."""
    message = fact.control
    spot, person = message.property, message.subject
    institution = spot.institution
    return Origin(
        message.hold_id,
        fact.claim,
        fact.debtor,
        directory.institutions[institution].endpoint,
        Property(institution, spot.item, spot.locator, spot.kind, spot.currency),
        Subject(person.id_type, person.id_number, person.name),
        fact.thing,
        message.mandate.SerializeToString(),
        message.notice_number,
        message.months,
        fact.requested_fen,
        message.whole,
        now_ns,
        fact.available_fen if fact.HasField("available_fen") else NONE,
        fact.replaces_hold_id,
    )
