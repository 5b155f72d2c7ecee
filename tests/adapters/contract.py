"""What every adapter must do, whatever its protocol; run over the table and the template by test_table.py.

`Peer` is the other side of the protocol, written for the test: how an institution reads a batch and writes a
reply. A new adapter brings its own and joins PEERS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from adapters import template
from adapters.contract import Adapter, Unreadable
from adapters.native import Native
from adapters.table import ADAPTERS
from adapters.template import Template
from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import type_pb2


@dataclass(frozen=True, slots=True)
class Peer:
    """The institution's side. `junk`: messages that are not of the protocol at all."""

    adapter: Adapter
    read_batch: Callable[[bytes], institution_pb2.Batch]
    write_replies: Callable[[list[bytes]], bytes]
    write_capabilities: Callable[[bytes], bytes]
    junk: tuple[bytes, ...]
    junk_capabilities: tuple[bytes, ...]


def _unwrapped(kind: int) -> Callable[[bytes], institution_pb2.Batch]:
    def read(sent: bytes) -> institution_pb2.Batch:
        magic, version, found, body_bytes = template.HEADER.unpack_from(sent)
        assert (magic, version) == (template.MAGIC, template.VERSION)
        assert found in {kind, template.HELLO}
        assert len(sent) == template.HEADER.size + body_bytes
        return institution_pb2.Batch.FromString(sent[template.HEADER.size :])

    return read


def _one(messages: list[bytes]) -> bytes:
    assert len(messages) == 1
    return messages[0]


NATIVE = Peer(
    adapter=ADAPTERS["native"],
    read_batch=institution_pb2.Batch.FromString,
    write_replies=_one,
    write_capabilities=bytes,
    # Whatever bytes come are the Engine's to judge.
    junk=(),
    junk_capabilities=(b"\xff", b"\x0a\x05abc"),
)
TEMPLATE = Peer(
    adapter=Template(),
    read_batch=_unwrapped(template.BATCH),
    write_replies=lambda replies: b"".join(template.envelope(template.REPLY, reply) for reply in replies),
    write_capabilities=lambda body: template.envelope(template.CAPABILITIES, body),
    junk=(b"C", b"XX\x01\x03\0\0\0\0", b"CK\x02\x03\0\0\0\0", b"CK\x01\x03\0\0\0\x01", b"CK\x01\x02\0\0\0\0"),
    junk_capabilities=(b"", b"CK\x01\x03\0\0\0\0", b"CK\x01\x05\0\0\0\x01\xff"),
)
PEERS: Mapping[str, Peer] = {"native": NATIVE, "template": TEMPLATE}


def sample_batch() -> institution_pb2.Batch:
    """A batch with an ASK, a NOTE and an entry that was taken back."""
    subject = type_pb2.Subject(id_type=type_pb2.ID_TYPE_PASSPORT, id_number="E12345678", name="测试")
    entries = [
        institution_pb2.Entry(subject=subject, kind=kind, institutions=[3, 5], items=[1, 25])
        for kind in (institution_pb2.KIND_ASK, institution_pb2.KIND_NOTE, institution_pb2.KIND_UNSPECIFIED)
    ]
    return institution_pb2.Batch(id=2**63 + 1, entries=entries)


def sample_replies() -> list[institution_pb2.Reply]:
    """An empty one, a refusal, one with a finding."""
    finding = institution_pb2.Finding(
        entry=0,
        institution=3,
        outcome=institution_pb2.OUTCOME_FOUND,
        records=[type_pb2.Record(item=1, locator="6222", holder_number="E12345678", holder_name="测试")],
    )
    answered = institution_pb2.Answered(institutions=[3, 5], entry_count=3)
    return [
        institution_pb2.Reply(batch_id=1),
        institution_pb2.Reply(batch_id=2, refusal="too many"),
        institution_pb2.Reply(batch_id=2**63 + 1, answered=[answered], findings=[finding]),
    ]


def check_batches(peer: Peer) -> None:
    """What the gateway sends is what the institution reads."""
    batch = sample_batch()
    assert peer.read_batch(peer.adapter.batch(batch.SerializeToString())) == batch


def check_hello(peer: Peer) -> None:
    """The first message names the institutions and asks nothing."""
    hello = peer.read_batch(peer.adapter.hello([1, 2, 3_915]))
    assert (hello.id, list(hello.institutions), len(hello.entries)) == (0, [1, 2, 3_915], 0)


def check_replies(peer: Peer, group_size: int) -> None:
    """What the institution writes is what the Engine is given, in order, however many come at once."""
    replies = [reply.SerializeToString() for reply in sample_replies()]
    found: list[bytes] = []
    for at in range(0, len(replies), group_size):
        found += peer.adapter.replies(peer.write_replies(replies[at : at + group_size]))
    assert found == replies
    assert all(isinstance(reply, bytes) for reply in found)


def check_junk(peer: Peer) -> None:
    """What is not of the protocol is Unreadable, and nothing of it is passed on or repeated in the
    message."""
    for junk in peer.junk:
        _check_unreadable(lambda junk=junk: list(peer.adapter.replies(junk)))  # type: ignore[misc]
    for junk in peer.junk_capabilities:
        _check_unreadable(lambda junk=junk: peer.adapter.capabilities(junk))  # type: ignore[misc]


def _check_unreadable(read: Callable[[], object]) -> None:
    with pytest.raises(Unreadable, match=r"given|is not"):
        read()


def check_any_bytes(peer: Peer, received: bytes) -> None:
    """Whatever comes: replies or Unreadable, never another error."""
    for read in (lambda: list(peer.adapter.replies(received)), lambda: peer.adapter.capabilities(received)):
        try:
            read()
        except Unreadable:
            continue


def check_cut_short(peer: Peer) -> None:
    """A message that lost its end is never a reply that was not sent."""
    replies = [reply.SerializeToString() for reply in sample_replies()][-1:]
    whole = peer.write_replies(replies)
    for size in range(1, len(whole)):
        try:
            found = list(peer.adapter.replies(whole[:size]))
        except Unreadable:
            continue
        assert isinstance(peer.adapter, Native), size
        assert found == [whole[:size]]


def check_capabilities(peer: Peer) -> None:
    """Everything that an institution says it can do, and nothing else."""
    described = institution_pb2.DescribeResponse(
        capabilities=[
            institution_pb2.Capability(institution=7, can_inquire=True, can_deduct=True),
            institution_pb2.Capability(institution=3_915),
            institution_pb2.Capability(institution=0, can_freeze=True),
        ]
    )
    found = peer.adapter.capabilities(peer.write_capabilities(described.SerializeToString()))
    assert found == {7: {"INQUIRE", "DEDUCT"}, 3_915: set(), 0: {"FREEZE"}}


def check_no_state(peer: Peer) -> None:
    """The same bytes give the same bytes, whatever came between: one adapter serves all endpoints."""
    message = sample_batch().SerializeToString()
    before = (peer.adapter.batch(message), peer.adapter.hello([1]), peer.adapter.describe())
    check_any_bytes(peer, b"\x00\x01\x02")
    check_any_bytes(peer, peer.write_replies([b""])[:-1])
    assert (peer.adapter.batch(message), peer.adapter.hello([1]), peer.adapter.describe()) == before
