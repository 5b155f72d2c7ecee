"""Record: whatever a record's bytes are, a court gets what the protobuf runtime reads in them, or nothing."""

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types
from gateway.core.testing_queue import Directory, read_reply
from tests.gateway.core.samples import LONG_HEAD, bent, messages, unhurried, varint
from tests.model.face import FAULT_FOREIGN_RECORD, FAULT_GARBAGE, FAULT_NONE
from tests.model.world import FIRST, HUB, person, record, snapshot

HIM = person(18)  # his number ends in X
BODY = institution.Entry(mandate=types.Mandate(case_number="c"), subject=HIM, items=[1]).SerializeToString()
DIRECTORY = Directory(snapshot())
FULL = record(
    HIM,
    kind="personal",
    currency="CNY",
    description="since 2020",
    protected_fen=30,
    held_fen=2_000,
    available_fen=3_000_000,
)
AMOUNTS = ("amount_fen", "protected_fen", "held_fen", "available_fen")
fen = st.just(0) | st.integers(1, 2**20) | st.integers(-(2**63), 2**63 - 1)
TEXTS = ("locator", "kind", "currency", "description")
TEXT_TAGS = {"locator": 0x12, "kind": 0x1A, "currency": 0x2A, "description": 0x42}


def framed(tag: int, raw: bytes) -> bytes:
    return bytes([tag]) + varint(len(raw)) + raw


def written(*records: bytes) -> tuple[int, bytes]:
    """(fault, what a court gets) of a finding with these records."""
    head = bytes([16, FIRST, 24, institution.OUTCOME_FOUND])
    finding = head + b"".join(framed(0x22, raw) for raw in records)
    fault, _, _, findings = read_reply(framed(0x1A, finding), DIRECTORY, HUB, BODY)
    assert fault == FAULT_NONE
    return findings[0][2:]


def finding_of(*records: types.Record) -> bytes:
    """What the runtime writes."""
    finding = gateway.Finding(institution=FIRST, state=types.END_STATE_FOUND, records=records)
    return finding.SerializeToString()


def written_record(said: types.Record) -> tuple[int, gateway.Finding]:
    fault, body = written(said.SerializeToString())
    return fault, gateway.Finding.FromString(body if fault == FAULT_NONE else b"")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, FAULT_NONE),
        ({"holder_number": HIM.id_number.lower()}, FAULT_NONE),
        ({"holder_number": person(1).id_number, "holder_name": "李"}, FAULT_FOREIGN_RECORD),
        ({"holder_number": HIM.id_number[:-1], "holder_name": "李"}, FAULT_FOREIGN_RECORD),
        ({"item": 25}, FAULT_NONE),
        ({"item": 26}, FAULT_GARBAGE),
        ({"item": 2**32 - 1}, FAULT_GARBAGE),
        ({"locator": "x" * 128, "kind": "x" * 64, "description": "x" * 512}, FAULT_NONE),
        ({"locator": "浙" * 42, "kind": "专户", "description": "自二〇二〇年起"}, FAULT_NONE),
        ({"locator": "x" * 129}, FAULT_GARBAGE),
        ({"kind": "x" * 65}, FAULT_GARBAGE),
        ({"currency": "YUAN"}, FAULT_GARBAGE),
        ({"description": "x" * 513}, FAULT_GARBAGE),
        ({"amount_fen": -(2**63)}, FAULT_NONE),
        ({"amount_fen": -1}, FAULT_NONE),
        ({"amount_fen": 2**63 - 1}, FAULT_NONE),
        ({"protected_fen": 30, "held_fen": 20, "available_fen": 50}, FAULT_NONE),
        ({"protected_fen": 2**63 - 1, "held_fen": 2**63 - 1, "available_fen": 2**63 - 1}, FAULT_NONE),
        ({"protected_fen": -1}, FAULT_NONE),
        ({"held_fen": -(2**63)}, FAULT_NONE),
        ({"available_fen": -1, "held_fen": 1}, FAULT_NONE),
    ],
)
def test_a_record_is_written_as_it_came_or_refused(fields: dict[str, object], fault: int) -> None:
    said = record(HIM, **fields)
    found, finding = written_record(said)
    assert found == fault
    if fault == FAULT_NONE:
        assert list(finding.records) == [said]


@pytest.mark.parametrize("blank", ["holder_number", "holder_name"])
def test_an_empty_holder_fits_nothing(blank: str) -> None:
    said = record(HIM)
    setattr(said, blank, "")
    fault, finding = written_record(said)
    assert (fault, finding.state) == (FAULT_NONE, types.END_STATE_AMBIGUOUS)


@pytest.mark.parametrize(
    ("number", "name", "state"),
    [
        (HIM.id_number, "李", types.END_STATE_AMBIGUOUS),
        (person(1).id_number, HIM.name, types.END_STATE_AMBIGUOUS),
        (HIM.id_number, HIM.name + " ", types.END_STATE_AMBIGUOUS),
        (HIM.id_number, HIM.name, types.END_STATE_FOUND),
    ],
)
def test_a_record_that_fits_in_part_is_told_of_and_kept_back(number: str, name: str, state: int) -> None:
    fault, finding = written_record(record(HIM, holder_number=number, holder_name=name))
    assert (fault, finding.state) == (FAULT_NONE, state)
    assert len(finding.records) == (state == types.END_STATE_FOUND)


def test_as_many_records_as_allowed_are_written() -> None:
    fault, body = written(*[FULL.SerializeToString()] * 256)
    assert (fault, len(gateway.Finding.FromString(body).records)) == (FAULT_NONE, 256)


def test_what_comes_as_the_runtime_writes_it_is_written_so() -> None:
    fault, body = written(FULL.SerializeToString(), record(HIM).SerializeToString())
    assert (fault, body) == (FAULT_NONE, finding_of(FULL, record(HIM)))


@pytest.mark.parametrize(
    "bend",
    [
        lambda raw: raw + b"\x78\x01",  # a field that nobody knows
        lambda raw: raw[2:] + raw[:2],  # the item last
        lambda raw: b"\x08\x02" + raw,  # the item twice
        lambda raw: b"\x0a\x01x" + raw,  # the item's number, and another type
        lambda raw: raw + b"\x42\x00",  # the last of the texts, empty
        lambda raw: b"\x88\x00" + raw[1:],  # a tag with a byte too many
        lambda raw: b"\x08\x81\x00" + raw[2:],  # a number,
        lambda raw: raw + b"\x42\x81\x00x",  # a length
        lambda raw: raw + b"\x20\x00",  # an amount of nothing, behind the other one
        lambda raw: b"\x08\x01\x20\x80\x00" + raw[2:],
        lambda raw: raw + b"\x58\x00",  # nothing available, behind what was
        lambda raw: raw + b"\x50\x05",  # held, behind available
        lambda raw: raw[:2] + b"\x48\x05" + raw[2:],  # protected, before and in its place
        lambda raw: raw + b"\x5a\x01x",  # available, as a text
        lambda raw: raw + b"\x60\x01",  # the next number
        lambda raw: raw[:2] + b"\x10\x01" + raw[2:],  # the locator, as a number
    ],
)
def test_what_comes_in_another_form_is_written_as_it_is_read(bend: object) -> None:
    raw = bend(FULL.SerializeToString())  # type: ignore[operator]
    said = types.Record.FromString(raw)
    said.DiscardUnknownFields()
    fault, body = written(raw)
    assert fault == FAULT_NONE
    assert list(gateway.Finding.FromString(body).records) == [said]
    assert said.SerializeToString() in body
    assert raw not in body


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("raw", [b"\0", b"x\0", b"\xff", b"\xc0\x80", b"12345678\0", b"12345678\xed\xa0\x80"])
@pytest.mark.parametrize("at_end", [True, False])
def test_a_text_that_is_none_is_garbage(field: str, raw: bytes, at_end: bool) -> None:
    said = record(HIM)
    said.ClearField(field)  # type: ignore[arg-type]
    part, rest = framed(TEXT_TAGS[field], raw[:3] if field == "currency" else raw), said.SerializeToString()
    if field == "currency" and len(raw) > 3:
        part = framed(0x2A, raw[-3:])
    assert written(rest + part if at_end else part + rest)[0] == FAULT_GARBAGE


@unhurried
@given(amounts=st.fixed_dictionaries(dict.fromkeys(AMOUNTS, fen)))
def test_amounts_are_written_as_they_came(amounts: dict[str, int]) -> None:
    said = record(HIM, **amounts)
    raw = said.SerializeToString()
    # As the runtime writes it; and the item last, so that it is written anew.
    for came in (raw, raw[2:] + raw[:2]):
        fault, body = written(came)
        assert (fault, list(gateway.Finding.FromString(body).records)) == (FAULT_NONE, [said])
        assert body.endswith(raw)


@unhurried
@given(raw=bent(FULL.SerializeToString()) | messages | st.binary(max_size=30))
def test_a_record_of_any_bytes_is_garbage_or_what_the_runtime_reads(raw: bytes) -> None:
    fault, body = written(raw)
    if fault != FAULT_NONE:
        return
    try:
        said = types.Record.FromString(raw)
    except DecodeError:
        assert LONG_HEAD.search(raw)
        return
    said.DiscardUnknownFields()
    assert list(gateway.Finding.FromString(body).records) in ([said], [])
