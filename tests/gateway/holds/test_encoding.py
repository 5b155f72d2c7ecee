"""Encoding: what is written is what the message objects say."""

from dataclasses import replace

from chakong.institution.v1 import institution_pb2
from chakong.journal.v1 import ledger_pb2
from chakong.type.v1 import hold_pb2, type_pb2
from gateway.holds import encoding
from gateway.holds.model import Deed, Property, Subject
from tests.gateway.holds.world import COURT, DEDUCT, RELEASE, World, mandate

PERSON = Subject(1, "610102200412140001", "曹1")
PLACE = Property(7, 1, "6222", "personal", "")


def test_every_field_of_a_control_is_written() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 60), 60)
    origin = world.ledger._book.holds[hold].origin
    origin = replace(origin, hold_id=2, subject=PERSON, property=PLACE._replace(currency="USD"))
    deed = Deed(DEDUCT, ceiling_fen=5, whole=True, amount_fen=6, months=7, payee="account")
    field = encoding.control(300, origin, mandate().SerializeToString(), "通1号", deed)
    (control,) = institution_pb2.ControlBatch.FromString(field).controls
    wanted = institution_pb2.Control(
        control_id=300,
        kind=DEDUCT,
        hold_id=2,
        mandate=mandate(),
        notice_number="通1号",
        property=hold_pb2.Property(institution=7, item=1, locator="6222", kind="personal", currency="USD"),
        ceiling_fen=5,
        whole=True,
        amount_fen=6,
        months=7,
        payee_account="account",
    )
    wanted.subject.id_type = type_pb2.ID_TYPE_RESIDENT_ID
    wanted.subject.id_number, wanted.subject.name = PERSON.id_number, PERSON.name
    assert control == wanted
    assert {one.name for one, _ in control.ListFields()} == set(
        institution_pb2.Control.DESCRIPTOR.fields_by_name
    )


def test_fact_of_an_urgent_release_says_why_and_what_stays_before_it() -> None:
    world = World()
    world.claim(100)
    hold = world.freeze(world.account("a", 60), 60, available_fen=60)
    world.settle()
    world.accepted(DEDUCT, hold_id=hold, amount_fen=10)
    world.take()
    world.accepted(RELEASE, hold_id=hold, whole=True, urgent=True, reason="wrong person: passport")
    fact = ledger_pb2.Step.FromString(world.frames[-1]).facts[0].ordered
    assert (fact.urgent, fact.reason, fact.left_count) == (True, "wrong person: passport", 1)
    assert (fact.claim, fact.court_code, fact.order_id) == (1, COURT, "o3")
    assert len(fact.content_hash) == 16


def test_optional_amounts_say_whether_they_are_there() -> None:
    world = World()
    world.claim(100)
    world.freeze(world.account("a", 60), 60)
    world.freeze(world.account("b", 0), 40, available_fen=0)
    unknown, nothing = (ledger_pb2.Step.FromString(frame).facts[0].ordered for frame in world.frames[-2:])
    assert not unknown.HasField("available_fen")
    assert nothing.HasField("available_fen")
    assert not nothing.HasField("keep_fen")


def test_step_has_its_facts_in_their_order() -> None:
    rare = ledger_pb2.Fact()
    rare.lapsed.hold_id = 9
    receipt = institution_pb2.ControlReceipt(control_id=3, text="done")
    body = encoding.step(1 << 60, [rare, encoding.received(receipt.SerializeToString())])
    step = ledger_pb2.Step.FromString(body)
    assert step.stepped_ns == 1 << 60
    assert [one.WhichOneof("fact") for one in step.facts] == ["lapsed", "received"]
    assert step.facts[1].received.receipt == receipt
